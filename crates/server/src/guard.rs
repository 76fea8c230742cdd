//! What every request passes: whose page may talk to us, and what our page may load.

use crate::error::ApiError;
use crate::serve::App;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;

/// Nothing is loaded from elsewhere; scripts are files of ours.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; \
object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Checks Host and Origin, and sets the headers of every answer.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = match check(&app, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(e) => e.into_response(),
    };
    let headers = response.headers_mut();
    // A document that says what it may do itself may do less.
    headers
        .entry("content-security-policy")
        .or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
        .entry("cache-control")
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn check(app: &App, method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    let host = headers
        .get(HOST)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default();
    // A page of another site can make its own name point here (DNS rebinding), but can't make the
    // browser send our address as Host: addresses and names we were given pass.
    if !host_allowed(host, &app.hosts) {
        return Err(ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!(
                "'{host}' is not a name of this server; use its address, or start it with this name allowed"
            ),
        ));
    }
    let changes = *method != Method::GET && *method != Method::HEAD;
    if (changes || headers.contains_key(UPGRADE))
        && let Some(origin) = headers.get(ORIGIN)
    {
        let ours = origin
            .to_str()
            .ok()
            .and_then(|o| o.split_once("://"))
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
        if !ours {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "this request comes from a page of another origin; only the server's own page may act",
            ));
        }
    }
    Ok(())
}

fn host_allowed(host: &str, names: &[String]) -> bool {
    let name = match host.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok()
        || names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_given_names_are_hosts() {
        let names = ["post.example".to_owned()];
        for ok in [
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost",
            "10.0.0.1",
            "POST.example:80",
        ] {
            assert!(host_allowed(ok, &names), "{ok}");
        }
        for bad in [
            "",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
        ] {
            assert!(!host_allowed(bad, &names), "{bad}");
        }
    }
}
