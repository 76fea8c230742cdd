//! Landmarks: known places that an operator points at in a live feed's pictures.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use atalaya_model::operation::FeedKind;
use atalaya_model::{Landmark, LandmarkFit, ReferenceFit};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

/// The feed, if it gives pictures.
fn video<'a>(app: &'a App, feed: &str) -> Result<&'a str, ApiError> {
    let feeds = &app.operation.feeds;
    let found = feeds
        .iter()
        .find(|f| f.id == feed && f.kind() == FeedKind::Video);
    found.map(|f| f.id.as_str()).ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            format!("there is no feed '{feed}' that gives pictures"),
        )
    })
}

/// `GET /api/v1/feeds/{feed}/landmarks`.
pub(crate) async fn landmarks(
    State(app): State<App>,
    _: Caller,
    Path(feed): Path<String>,
) -> Answer<Vec<LandmarkFit>> {
    let feed = video(&app, &feed)?;
    Ok(Json(app.landmarks.fits(feed)))
}

/// `GET /api/v1/feeds/{feed}/registrations`.
pub(crate) async fn registrations(
    State(app): State<App>,
    _: Caller,
    Path(feed): Path<String>,
) -> Answer<Vec<ReferenceFit>> {
    let feed = video(&app, &feed)?;
    Ok(Json(app.landmarks.looks(feed)))
}

/// `POST /api/v1/feeds/{feed}/landmarks`. It moves every place of the flight from then on: an act.
pub(crate) async fn give(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(feed): Path<String>,
    Said(body): Said<Landmark>,
) -> Result<StatusCode, ApiError> {
    let feed = video(&app, &feed)?.to_owned();
    if let Some((_, why)) = body.fault() {
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, why));
    }
    app.store
        .note_act(&author, "landmark.give", &feed, &body)
        .await?;
    if !app.landmarks.give(&feed, body) {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("too many landmarks wait for feed '{feed}'; is it live?"),
        ));
    }
    Ok(StatusCode::NO_CONTENT)
}
