//! What each route needs, and the guard that asks for it: whatever is not named here is refused.

use crate::auth::{Caller, who};
use crate::error::ApiError;
use crate::serve::{App, LONGEST_BODY};
use atalaya_authority::access::{Action, may};
use atalaya_model::{Never, never, never_in};
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::atomic::Ordering::Relaxed;

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: anybody may ask.
    Nothing,
    /// A token in its path, which the handler looks at.
    Token,
    /// Somebody whose roles allow it.
    May(Action),
}

/// Every route. A test holds it against the table of routes.
pub(crate) fn need(method: &str, path: &str) -> Option<Need> {
    use Action::{
        Administer, Answer, Approve, Audit, Board, Carry, Confirm, Decide, Draft, Know, Look, Note,
        Propose, Reply, See,
    };
    use Need::{May, Nothing, Token};
    let get = method == "get" || method == "head";
    Some(match (get, path) {
        (_, "/api/v1/me" | "/api/v1/login" | "/api/v1/logout") => Nothing,
        (true, "/api/openapi.json" | "/healthz" | "/metrics") => Nothing,
        (_, "/portal/{token}" | "/portal/answer/{token}") => Token,
        (true, "/api/v1/operation" | "/api/v1/runs" | "/api/v1/story") => May(Know),
        (
            true,
            "/api/v1/flights"
            | "/api/v1/feeds/{feed}/landmarks"
            | "/api/v1/feeds/{feed}/registrations",
        ) => May(See),
        (true, "/api/v1/alerts" | "/api/v1/alerts/{id}" | "/api/v1/alerts/{id}/decisions") => {
            May(See)
        }
        (
            true,
            "/api/v1/emission"
            | "/api/v1/events"
            | "/api/v1/network"
            | "/api/v1/network/export"
            | "/api/v1/documents"
            | "/api/v1/documents/{n}"
            | "/api/v1/documents/{n}/export"
            | "/api/v1/memory"
            | "/api/v1/memory/export"
            | "/api/v1/tracks"
            | "/api/v1/track-edits"
            | "/api/v1/notes"
            | "/api/v1/watch",
        ) => May(See),
        (false, "/api/v1/watch/check" | "/api/v1/watch/backtest") => May(See),
        // Who decides on alerts decides what raises them.
        (false, "/api/v1/watch") => May(Decide),
        // It keeps nothing, and says nothing that the caller has not said.
        (false, "/api/v1/translations") => May(See),
        (true, "/api/v1/still" | "/api/v1/live" | "/api/v1/footage") => May(Look),
        // What leaves with a clip is what a release would be drafted from.
        (true, "/api/v1/footage/clip") => May(Draft),
        (true, "/api/v1/backgrounds" | "/background/{name}") => May(Know),
        (false, "/api/v1/alerts/{id}/{act}") => May(Answer),
        (
            false,
            "/api/v1/tracks/{id}/split"
            | "/api/v1/tracks/merge"
            | "/api/v1/track-edits/{n}/undo"
            | "/api/v1/notes"
            | "/api/v1/feeds/{feed}/landmarks"
            | "/api/v1/story"
            | "/api/v1/network/judgements"
            | "/api/v1/network/judgements/{n}/undo"
            | "/api/v1/network/imports"
            | "/api/v1/network/imports/{n}/undo"
            | "/api/v1/documents"
            | "/api/v1/documents/{n}/remove"
            | "/api/v1/memory"
            | "/api/v1/memory/import"
            | "/api/v1/memory/{n}/undo"
            | "/api/v1/memory/files/{n}/undo",
        ) => May(Note),
        (false, "/api/v1/alerts/{id}/decisions") => May(Decide),
        (false, "/api/v1/alerts/{id}/matches") => May(Propose),
        (false, "/api/v1/matches/{n}/{answer}") => May(Confirm),
        // Names and fingerprints: whoever keeps the keys must see them too.
        (true, "/api/v1/partners") => May(Know),
        (false, "/api/v1/partners" | "/api/v1/identity") => May(Administer),
        (true, "/api/v1/releases" | "/api/v1/releases/{id}" | "/api/v1/releases/{id}/report") => {
            May(Board)
        }
        (false, "/api/v1/releases") => May(Draft),
        (false, "/api/v1/releases/{id}/approve" | "/api/v1/releases/{id}/turn-down") => {
            May(Approve)
        }
        (false, "/api/v1/releases/{id}/seal" | "/api/v1/releases/{id}/recall") => May(Carry),
        (true, "/api/v1/releases/{id}/sealed" | "/api/v1/messages/{n}") => May(Carry),
        (false, "/api/v1/releases/inbox" | "/api/v1/releases/fetch") => May(Carry),
        (false, "/api/v1/releases/{id}/check") => May(Carry),
        (false, "/api/v1/releases/{id}/say/{kind}") => May(Reply),
        (true, "/api/v1/audit" | "/api/v1/audit/checkpoint") => May(Audit),
        (false, "/api/v1/audit/verify") => May(Audit),
        _ => return None,
    })
}

/// Asks for what the route needs before it is answered; a refusal is an act.
pub(crate) async fn permit(State(app): State<App>, request: Request, next: Next) -> Response {
    match check(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(e) => e.into_response(),
    }
}

async fn check(app: &App, mut request: Request) -> Result<Request, ApiError> {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        // The page's own files.
        return Ok(request);
    };
    let method = request.method().as_str().to_ascii_lowercase();
    let action = match need(&method, path.as_str()) {
        Some(Need::Nothing | Need::Token) => return Ok(request),
        Some(Need::May(action)) => Some(action),
        // Another method of a route that there is: it has no handler, and that is what it answers.
        None if need("get", path.as_str())
            .or(need("post", path.as_str()))
            .is_some() =>
        {
            return Ok(request);
        }
        None => None,
    };
    let caller = who(request.headers(), app)
        .await?
        .ok_or_else(ApiError::not_logged_in)?;
    let short: String = request.uri().path().chars().take(200).collect();
    let subject = format!("{} {short}", request.method());
    let allowed = action.is_some_and(|a| may(&caller.roles, a));
    if !allowed {
        let line = match action {
            Some(action) => {
                let roles: Vec<&str> = action.roles().iter().map(|r| r.name()).collect();
                format!(
                    "{} may not do this: it needs one of the roles {}; ask the administrator (`atalaya user add NAME --role …`)",
                    caller.author.name,
                    roles.join(", ")
                )
            }
            None => "no role may do this".to_owned(),
        };
        let detail = action.map(Action::name);
        refused(app, &caller, &subject, "refused", &detail).await?;
        return Err(ApiError::new(StatusCode::FORBIDDEN, line));
    }
    if *request.method() == Method::POST {
        request = nothing_forbidden(app, &caller, (path.as_str(), &subject), request).await?;
    }
    request.extensions_mut().insert(caller);
    Ok(request)
}

async fn refused<T: serde::Serialize>(
    app: &App,
    caller: &Caller,
    subject: &str,
    what: &str,
    detail: &T,
) -> Result<(), ApiError> {
    app.metrics.refused.fetch_add(1, Relaxed);
    Ok(app
        .store
        .note_act(&caller.author, what, subject, detail)
        .await?)
}

/// Bodies that are files as people have them: whoever reads them looks at what is inside.
const FILES: [&str; 4] = [
    "/api/v1/releases/inbox",
    "/api/v1/documents",
    "/api/v1/memory/import",
    "/api/v1/network/imports",
];

/// No effector and no biometric, in no field and no choice. A sealed parcel is looked at when it is
/// open.
async fn nothing_forbidden(
    app: &App,
    caller: &Caller,
    (path, subject): (&str, &str),
    request: Request,
) -> Result<Request, ApiError> {
    let chosen =
        path.ends_with("/{act}") || path.ends_with("/{answer}") || path.ends_with("/{kind}");
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    let mut found = never(last)
        .filter(|_| chosen)
        .map(|what| (last.to_owned(), what));
    let mut request = request;
    if found.is_none() && !FILES.contains(&path) {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, LONGEST_BODY).await.map_err(|_| {
            ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the request is longer than {LONGEST_BODY} bytes; say less at once"),
            )
        })?;
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        found = never_in(&value);
        request = Request::from_parts(parts, Body::from(bytes));
    }
    match found {
        None => Ok(request),
        Some((name, what)) => Err(refuse(app, caller, subject, (&name, what)).await?),
    }
}

/// What names an effector or a biometric is refused, and the refusal is an act; gives what to answer.
pub(crate) async fn refuse(
    app: &App,
    caller: &Caller,
    subject: &str,
    (name, what): (&str, Never),
) -> Result<ApiError, ApiError> {
    let name: String = name.chars().take(80).collect();
    let act = format!("refused.{}", what.name());
    refused(app, caller, subject, &act, &name).await?;
    Ok(ApiError::new(
        StatusCode::FORBIDDEN,
        format!("refused: '{name}' names {what}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::table;

    #[test]
    fn every_route_needs_something_that_is_named() {
        for r in table() {
            assert!(need(r.method, r.path).is_some(), "{} {}", r.method, r.path);
        }
        assert_eq!(need("post", "/api/v1/strike"), None);
    }
}
