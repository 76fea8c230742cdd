//! The page's files.

use crate::serve::{App, Web};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;
use std::path::{Component, Path};

#[cfg(feature = "embed-web")]
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
struct Dist;

const NO_PAGE: &str = "This server was built without its page.\n\
Run `make web` and build with the feature embed-web, or start it with the folder web/dist.\n\
The API is at /api/v1, described by /api/openapi.json.\n\n\
Este servidor se compiló sin su página.\n\
Ejecute `make web` y compile con embed-web, o inícielo con la carpeta web/dist.\n";

/// Everything that is not the API.
pub(crate) async fn file(State(app): State<App>, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    match bytes(&app.web, path).await {
        Some(bytes) => {
            // Vite names assets by their content.
            let cache = if path.starts_with("assets/") {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            let headers = [(CONTENT_TYPE, kind(path)), (CACHE_CONTROL, cache)];
            (headers, bytes).into_response()
        }
        None if path == "index.html" => (
            StatusCode::OK,
            [(CONTENT_TYPE, "text/plain; charset=utf-8")],
            NO_PAGE,
        )
            .into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such page\n").into_response(),
    }
}

async fn bytes(web: &Web, path: &str) -> Option<Cow<'static, [u8]>> {
    match web {
        Web::None => None,
        #[cfg(feature = "embed-web")]
        Web::Embedded => Dist::get(path).map(|f| f.data),
        #[cfg(not(feature = "embed-web"))]
        Web::Embedded => None,
        Web::Dir(dir) => {
            let path = Path::new(path);
            if !path.components().all(|c| matches!(c, Component::Normal(_))) {
                return None;
            }
            tokio::fs::read(dir.join(path)).await.ok().map(Cow::Owned)
        }
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, e)| e) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
