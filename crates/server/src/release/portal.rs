//! The portal: what a partner sees behind a link, without an account. Looking uses nothing up; the
//! button does, once.

use super::desk::Desk;
use crate::error::ApiError;
use crate::serve::App;
use atalaya_store::TokenUse;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{
    ACCEPT_LANGUAGE, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("portal.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

struct Words {
    lang: &'static str,
    title: &'static str,
    waits: &'static str,
    sealed: &'static str,
    once: &'static str,
    button: &'static str,
    then: &'static str,
    gone: &'static str,
    ask: &'static str,
}

const EN: Words = Words {
    lang: "en",
    title: "A release for you",
    waits: "A sealed release waits here.",
    sealed: "It is signed by its sender and encrypted to your agency's key: without that key it can't be read.",
    once: "This link works once.",
    button: "Fetch the sealed file",
    then: "Then open it with <code>atalaya release open FILE</code>, or take it in on the Releases page of your instance. You can also paste this link there.",
    gone: "This link does not work.",
    ask: "It was used, has expired, or the release was recalled. Ask the sender for a new one.",
};
const ES: Words = Words {
    lang: "es",
    title: "Una comunicación para usted",
    waits: "Aquí espera una comunicación sellada.",
    sealed: "Va firmada por su remitente y cifrada con la clave de su organismo: sin esa clave no se puede leer.",
    once: "Este enlace sirve una sola vez.",
    button: "Obtener el archivo sellado",
    then: "Después, ábralo con <code>atalaya release open ARCHIVO</code> o incorpórelo en la página Comunicaciones de su instalación. También puede pegar allí este enlace.",
    gone: "Este enlace no sirve.",
    ask: "Ya se usó, ha caducado o la comunicación se ha retirado. Pida otro al remitente.",
};

fn words(headers: &HeaderMap) -> &'static Words {
    let accepted = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let first = accepted
        .split(',')
        .map(|l| l.trim().get(..2).unwrap_or_default().to_ascii_lowercase())
        .find(|l| l == "es" || l == "en");
    if first.as_deref() == Some("es") {
        &ES
    } else {
        &EN
    }
}

fn page(w: &Words, status: StatusCode, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>Atalaya – {}</title><style>{STYLE}</style></head><body><main><p class=\"brand\">Atalaya</p>{body}</main></body></html>\n",
        w.lang, w.title
    );
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    (status, headers, html).into_response()
}

fn gone(headers: &HeaderMap) -> Response {
    let w = words(headers);
    let body = format!("<h1>{}</h1><p>{}</p>", w.gone, w.ask);
    page(w, StatusCode::NOT_FOUND, &body)
}

/// `GET /portal/{token}`: says what waits. Uses nothing up: previews of links come by here.
pub(crate) async fn offer(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let desk = Desk::new(app.store.clone());
    if desk.behind(&token, TokenUse::Fetch).await?.is_none() {
        return Ok(gone(&headers));
    }
    let w = words(&headers);
    let body = format!(
        "<h1>{}</h1><p>{}</p><p class=\"once\">{}</p><form method=\"post\"><button>{}</button></form><p>{}</p>",
        w.waits, w.sealed, w.once, w.button, w.then
    );
    Ok(page(w, StatusCode::OK, &body))
}

/// `POST /portal/{token}`: gives the sealed file, once.
pub(crate) async fn fetch(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    match Desk::new(app.store.clone()).use_link(&token).await? {
        Some((id, sealed)) => Ok(file(&format!("release-{id}.sealed.json"), sealed)),
        None => Ok(gone(&headers)),
    }
}

/// A file to be kept.
pub(crate) fn file(name: &str, text: String) -> Response {
    let kept = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CONTENT_DISPOSITION, kept),
    ];
    (headers, text).into_response()
}

async fn behind(app: &App, token: &str) -> Result<(Desk, String), ApiError> {
    let desk = Desk::new(app.store.clone());
    match desk.behind(token, TokenUse::Answer).await? {
        Some(id) => Ok((desk, id)),
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "this address takes no answers; ask the sender",
        )),
    }
}

/// `GET /portal/answer/{token}`: the recall of the release, when there is one; else nothing.
pub(crate) async fn answers(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, ApiError> {
    let (desk, id) = behind(&app, &token).await?;
    match desk.recall_of(&id).await? {
        Some(sealed) => Ok(file(&format!("recall-{id}.sealed.json"), sealed)),
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// `POST /portal/answer/{token}`: takes a sealed answer of the partner.
pub(crate) async fn answer(
    State(app): State<App>,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let (desk, id) = behind(&app, &token).await?;
    desk.take_answer(&id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
