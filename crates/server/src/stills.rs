//! Pictures of moments that are past.

use crate::auth::Caller;
use crate::error::{ApiError, Asked};
use crate::serve::App;
use atalaya_model::{Micros, PixelBox};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::Deserialize;
use std::sync::atomic::Ordering::Relaxed;

/// A JPEG, and width and height of the frame it was made from, display pixels.
pub type SizedStill = (Vec<u8>, Option<(u32, u32)>);

/// Makes pictures; the caller of [`crate::serve`] fills it, because decoding is not this crate's.
pub trait StillSource: Send + Sync {
    /// A JPEG of the frame of `feed` nearest `t` (event time), `width` pixels wide; an error says
    /// in one line why there is none. It may block.
    fn still(&self, feed: &str, t: Micros, width: u32) -> Result<Vec<u8>, String>;

    /// The same for a partner: `others` are painted over, except what lies in `keep`. With width and
    /// height of the frame it was made from, display pixels, where known: then a box can be drawn on
    /// it. A source that can't paint gives no such picture.
    fn redacted(
        &self,
        feed: &str,
        (t, width): (Micros, u32),
        others: &[PixelBox],
        keep: Option<PixelBox>,
    ) -> Result<SizedStill, String> {
        let _ = (t, width, others, keep);
        Err(format!("pictures of feed '{feed}' can't be redacted here"))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct StillQuery {
    feed: String,
    t: i64,
    width: Option<u32>,
}

/// `GET /api/v1/still?feed&t&width`. Whoever looks at what was is in the log of acts.
pub(crate) async fn still(
    State(app): State<App>,
    Caller { author: who, .. }: Caller,
    Asked(q): Asked<StillQuery>,
) -> Result<impl IntoResponse, ApiError> {
    if !app.operation.feeds.iter().any(|f| f.id == q.feed) {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("there is no feed '{}'", q.feed),
        ));
    }
    let width = q.width.unwrap_or(640).clamp(16, 1920);
    let subject = format!("{}@{}", q.feed, Micros(q.t).to_rfc3339());
    let turn = app.still_turns.acquire().await;
    let stills = app.stills.clone();
    let made = tokio::task::spawn_blocking(move || stills.still(&q.feed, Micros(q.t), width)).await;
    drop(turn);
    let bytes = made
        .map_err(|_| {
            ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the still could not be made",
            )
        })?
        .map_err(|why| ApiError::new(StatusCode::NOT_FOUND, why))?;
    // No look without its entry.
    app.store
        .note_act(&who, "evidence.view", &subject, &width)
        .await?;
    app.metrics.stills.fetch_add(1, Relaxed);
    let headers = [
        (CONTENT_TYPE, "image/jpeg"),
        // The same moment always looks the same, and a look again within five minutes is the same
        // look; but it must go when its time has come.
        (CACHE_CONTROL, "private, max-age=300"),
    ];
    Ok((headers, bytes))
}
