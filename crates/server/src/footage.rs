//! Which recorded video saw a place, and clips of it.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Asked};
use crate::serve::App;
use atalaya_engine::clip::{self, ClipError, Wanted};
use atalaya_engine::footage::{Footage, footage};
use atalaya_model::Micros;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Largest clip that is sent, bytes: ten minutes at 3 Mb/s.
const LARGEST: usize = 256 << 20;

#[derive(Debug, Deserialize)]
pub(crate) struct FootageQuery {
    lat: f64,
    lon: f64,
    from: Option<i64>,
    to: Option<i64>,
    feed: Option<String>,
}

/// Recorded video that saw a place.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FootageView {
    /// `footage/1`.
    pub schema: &'static str,
    /// Stretches of time, by feed, run and time.
    pub stretches: Vec<Footage>,
}

/// `GET /api/v1/footage?lat&lon&from&to&feed`. Whoever looks for what was seen is in the log of acts.
pub(crate) async fn find(
    State(app): State<App>,
    Caller { author: who, .. }: Caller,
    Asked(q): Asked<FootageQuery>,
) -> Answer<FootageView> {
    if !(q.lat.abs() <= 90.0 && q.lon.abs() <= 180.0) {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "lat and lon are degrees, to 90 and 180",
        ));
    }
    let span = (
        q.from.map_or(Micros::MIN, Micros),
        q.to.map_or(Micros::MAX, Micros),
    );
    let stretches = footage(&app.store, [q.lon, q.lat], span, q.feed.as_deref()).await?;
    let subject = format!("{:.6}, {:.6}", q.lat, q.lon);
    app.store
        .note_act(&who, "evidence.search", &subject, &stretches.len())
        .await?;
    Ok(Json(FootageView {
        schema: "footage/1",
        stretches,
    }))
}

#[derive(Debug, Deserialize)]
pub(crate) struct ClipQuery {
    feed: String,
    run: String,
    from: i64,
    to: i64,
}

/// `GET /api/v1/footage/clip?feed&run&from&to`: the recorded pictures and metadata, not coded again. An act.
pub(crate) async fn cut(
    State(app): State<App>,
    Caller { author: who, .. }: Caller,
    Asked(q): Asked<ClipQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let wanted = Wanted {
        feed: &q.feed,
        run: Some(&q.run),
        span: (Micros(q.from), Micros(q.to)),
    };
    let sink = Sink::default();
    let turn = app.still_turns.acquire().await;
    let out = Box::new(sink.clone());
    let made = clip::cut(&app.store, &app.operation, &who, wanted, out, "the clip").await;
    drop(turn);
    let made = made.map_err(refused)?.clip;
    let name: String = format!("{}-{}.ts", q.feed, made.from.to_rfc3339())
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let headers = [
        (CONTENT_TYPE, "video/mp2t".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, sink.take()))
}

fn refused(e: ClipError) -> ApiError {
    let status = match e {
        ClipError::Store(e) => return e.into(),
        ClipError::Span => StatusCode::UNPROCESSABLE_ENTITY,
        ClipError::Hidden(_) => StatusCode::FORBIDDEN,
        ClipError::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        ClipError::Nothing(_) | ClipError::Video(_) => StatusCode::NOT_FOUND,
    };
    ApiError::new(status, e.to_string())
}

/// A clip in memory, up to its largest size.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() + bytes.len() > LARGEST {
            return Err(io::Error::other(
                "larger than 256 MiB; cut a shorter one, or use `atalaya footage clip`",
            ));
        }
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
