//! Who is asking: `me`, `login`, `logout`, and the extractor of every other handler.

use crate::accounts::{LONGEST_PASSWORD, new_token, token_hash, verify};
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use atalaya_authority::access::{Action, Role, may};
use atalaya_store::Author;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The cookie of a session.
const COOKIE_NAME: &str = "atalaya_session";
/// A session lasts a watch and its handover.
const SESSION_SECONDS: u32 = 14 * 3600;
/// Header with the name that somebody without an account typed, percent-encoded UTF-8.
pub(crate) const NAME_HEADER: &str = "x-atalaya-name";
/// Cookie with the same, for what a browser asks without our header: pictures, files.
const NAME_COOKIE: &str = "atalaya_name";
const LONGEST_NAME: usize = 64;

/// Failed logins by name within [`WINDOW`]; more than [`MOST_FAILURES`] wait.
#[derive(Debug, Default)]
pub(crate) struct LoginLimit(Mutex<BTreeMap<String, Vec<Instant>>>);

const WINDOW: Duration = Duration::from_secs(60);
const MOST_FAILURES: usize = 5;
/// Failures of all names together.
const MOST_FAILURES_ALL: usize = 30;

impl LoginLimit {
    /// Counts an attempt that is about to be made; false when there were too many.
    fn admit(&self, name: &str) -> bool {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        map.retain(|_, times| {
            times.retain(|t| now.duration_since(*t) < WINDOW);
            !times.is_empty()
        });
        let all: usize = map.values().map(Vec::len).sum();
        let times = map.entry(name.to_owned()).or_default();
        if times.len() >= MOST_FAILURES || all >= MOST_FAILURES_ALL {
            return false;
        }
        times.push(now);
        true
    }

    /// The attempt was right: it does not count.
    fn forget(&self, name: &str) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = map.get_mut(name) {
            times.pop();
        }
    }
}

/// Who is asking, and as what. As an extractor it is what the guard of the route found; a route
/// without that guard has no caller.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub author: Author,
    pub roles: Vec<Role>,
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let known = parts.extensions.get::<Self>().cloned();
        known.ok_or_else(ApiError::not_logged_in)
    }
}

/// Without accounts, on this machine alone, whoever types a name has every role: nobody could have
/// given him one. What needs two persons needs two names all the same.
pub(crate) async fn who(headers: &HeaderMap, app: &App) -> Result<Option<Caller>, ApiError> {
    if app.store.users().await? == 0 {
        // Accounts may have been removed under a server that is open to the network.
        if !app.loopback {
            return Ok(None);
        }
        return Ok(Some(Caller {
            author: Author::unverified(typed_name(headers)),
            roles: Role::ALL.to_vec(),
        }));
    }
    let Some(token) = token_of(headers) else {
        return Ok(None);
    };
    let Some(name) = app.store.session_user(&token_hash(token)).await? else {
        return Ok(None);
    };
    Ok(Some(Caller {
        roles: app.store.roles_of(&name).await?,
        author: Author::verified(name),
    }))
}

fn token_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, COOKIE_NAME)
}

fn cookie_of<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

/// The typed name without what could deceive in a log: control characters go.
fn typed_name(headers: &HeaderMap) -> String {
    let cookie = || cookie_of(headers, NAME_COOKIE).map_or(&[][..], str::as_bytes);
    let raw = headers
        .get(NAME_HEADER)
        .map_or_else(cookie, |v| v.as_bytes());
    let text = String::from_utf8_lossy(&percent_decode(raw)).into_owned();
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
    match clean.trim() {
        "" => "nobody".to_owned(),
        name => name.to_owned(),
    }
}

fn percent_decode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&b, tail)) = rest.split_first() {
        let hex = |b: u8| (b as char).to_digit(16);
        rest = match (b, tail) {
            (b'%', [h, l, after @ ..]) if hex(*h).is_some() && hex(*l).is_some() => {
                let value = hex(*h).unwrap_or(0) * 16 + hex(*l).unwrap_or(0);
                out.push(value as u8);
                after
            }
            _ => {
                out.push(b);
                tail
            }
        };
    }
    out
}

/// Who the caller is, and what the page must know before it asks for more.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Me {
    /// The name, when known.
    name: Option<String>,
    /// True when it was proved by password.
    verified: bool,
    /// True when there are accounts: without a login nothing else is answered.
    login_needed: bool,
    /// The caller's roles.
    roles: Vec<&'static str>,
    /// What these roles may do.
    may: Vec<&'static str>,
}

impl Me {
    fn of(caller: Option<Caller>) -> Self {
        let roles = caller.as_ref().map_or(&[][..], |c| &c.roles);
        Self {
            login_needed: caller.is_none(),
            verified: caller.as_ref().is_some_and(|c| c.author.verified),
            roles: roles.iter().map(|r| r.name()).collect(),
            may: Action::all()
                .filter(|a| may(roles, *a))
                .map(Action::name)
                .collect(),
            name: caller.map(|c| c.author.name),
        }
    }
}

/// `GET /api/v1/me`.
pub(crate) async fn me(State(app): State<App>, headers: HeaderMap) -> Answer<Me> {
    Ok(Json(Me::of(who(&headers, &app).await?)))
}

/// What `login` takes.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Login {
    /// The account's name.
    name: String,
    /// Its password.
    password: String,
}

/// `POST /api/v1/login`.
pub(crate) async fn login(
    State(app): State<App>,
    Said(login): Said<Login>,
) -> Result<Response, ApiError> {
    let refused = || {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "name or password is wrong; try again or ask for a new password",
        )
    };
    if login.name.len() > 4 * LONGEST_NAME || login.password.len() > LONGEST_PASSWORD {
        return Err(refused());
    }
    if !app.login_limit.admit(&login.name) {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many failed logins; wait a minute",
        ));
    }
    let hash = app.store.password_of(&login.name).await?;
    let _turn = app.hashing.acquire().await;
    let right = tokio::task::spawn_blocking(move || verify(&login.password, hash.as_deref()))
        .await
        .unwrap_or(false);
    if !right {
        return Err(refused());
    }
    app.login_limit.forget(&login.name);
    let (token, hash) =
        new_token().map_err(|why| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, why))?;
    app.store
        .begin_session(&hash, &login.name, SESSION_SECONDS)
        .await?;
    let me = Me::of(Some(Caller {
        roles: app.store.roles_of(&login.name).await?,
        author: Author::verified(login.name),
    }));
    Ok(([(SET_COOKIE, cookie(&token, SESSION_SECONDS))], Json(me)).into_response())
}

/// `POST /api/v1/logout`.
pub(crate) async fn logout(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(token) = token_of(&headers) {
        app.store.end_session(&token_hash(token)).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie("", 0))]).into_response())
}

fn cookie(token: &str, seconds: u32) -> String {
    format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_names_are_cleaned() {
        let name = |v: &str| {
            let mut h = HeaderMap::new();
            h.insert(NAME_HEADER, v.parse().unwrap());
            typed_name(&h)
        };
        assert_eq!(name("Jos%C3%A9%20N."), "José N.");
        assert_eq!(name("a%0Ab%1B"), "ab");
        assert_eq!(name("%20"), "nobody");
        assert_eq!(name("100%"), "100%");
        assert_eq!(typed_name(&HeaderMap::new()), "nobody");
        let mut h = HeaderMap::new();
        h.insert(COOKIE, "a=b; atalaya_name=Ana%20R%C3%ADos".parse().unwrap());
        assert_eq!(typed_name(&h), "Ana Ríos");
        h.insert(NAME_HEADER, "Bo".parse().unwrap());
        assert_eq!(typed_name(&h), "Bo");
    }

    #[test]
    fn failures_are_limited_by_name() {
        let limit = LoginLimit::default();
        for _ in 0..MOST_FAILURES {
            assert!(limit.admit("eve"));
        }
        assert!(!limit.admit("eve"));
        assert!(limit.admit("ana"));
        limit.forget("eve");
        assert!(limit.admit("eve"));
    }
}
