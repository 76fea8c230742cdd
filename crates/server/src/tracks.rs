//! Tracks in a time window, and their splits and merges.

use crate::alerts::WindowQuery;
use crate::auth::Caller;
use crate::error::{Answer, ApiError, Asked, Said};
use crate::serve::App;
use atalaya_model::{Class, Micros, PixelBox, TrackPoint, TrackState};
use atalaya_store::{Live, StoredTrack, TrackEdit};
use axum::Json;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A track's place on the ground.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct GroundView {
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Covariance of east, north, row-major, m²: random and common part together.
    pub cov: [f64; 4],
    /// Velocity east, m/s.
    pub ve: f64,
    /// Velocity north, m/s.
    pub vn: f64,
}

/// A track at one moment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PointView {
    /// The name it has now.
    pub track: String,
    /// Event time, microseconds UTC.
    pub t_us: i64,
    pub frame: u64,
    pub state: TrackState,
    /// Display pixels.
    #[serde(rename = "box")]
    pub bbox: PixelBox,
    pub ground: Option<GroundView>,
    pub class: Class,
    pub class_p: f32,
    pub p: f32,
}

impl PointView {
    pub fn of(track: String, t: Micros, p: &TrackPoint) -> Self {
        Self {
            track,
            t_us: t.0,
            frame: p.frame,
            state: p.state,
            bbox: p.bbox,
            ground: p.ground.map(|g| {
                let mut cov = g.cov_random;
                for (sum, common) in cov.iter_mut().zip(g.cov_common) {
                    *sum += common;
                }
                GroundView {
                    lat: g.lat,
                    lon: g.lon,
                    cov,
                    ve: g.ve,
                    vn: g.vn,
                }
            }),
            class: p.class,
            class_p: p.class_p,
            p: p.p,
        }
    }
}

/// A track in a time window.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrackView {
    run: String,
    /// The name it has now: splits and merges applied.
    name: String,
    /// The original tracks it is made of.
    made_of: Vec<String>,
    feed: String,
    points: Vec<PointView>,
}

/// Longest window, microseconds.
const LONGEST_WINDOW: i64 = 6 * 3600 * 1_000_000;

/// `GET /api/v1/tracks?from&to`.
pub(crate) async fn tracks(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<WindowQuery>,
) -> Answer<Vec<TrackView>> {
    let (Some(from), Some(to)) = (q.from, q.to) else {
        return Err(ApiError::bad(
            "from and to are needed, microseconds UTC of event time",
        ));
    };
    if to < from || to.saturating_sub(from) > LONGEST_WINDOW {
        return Err(ApiError::bad(
            "the window must end after it begins and last six hours at most",
        ));
    }
    let tracks = app
        .store
        .tracks(q.run.as_deref(), Micros(from), Micros(to))
        .await?;
    let view = |t: StoredTrack| TrackView {
        points: t
            .points
            .iter()
            .map(|(at, p)| PointView::of(t.name.clone(), *at, p))
            .collect(),
        run: t.run,
        name: t.name,
        made_of: t.made_of,
        feed: t.feed,
    };
    Ok(Json(tracks.into_iter().map(view).collect()))
}

/// Where to split.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct SplitBody {
    run: String,
    /// First moment of the new track, event time in microseconds UTC.
    at_us: i64,
}

/// `POST /api/v1/tracks/{id}/split`.
pub(crate) async fn split(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(track): Path<String>,
    Said(body): Said<SplitBody>,
) -> Answer<TrackEdit> {
    let edit = app
        .store
        .split_track(&body.run, &track, Micros(body.at_us), &author)
        .await?;
    Ok(said(&app, edit))
}

/// What to merge.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct MergeBody {
    run: String,
    /// The track that stays.
    track: String,
    /// The track that goes.
    other: String,
}

/// `POST /api/v1/tracks/merge`.
pub(crate) async fn merge(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<MergeBody>,
) -> Answer<TrackEdit> {
    let edit = app
        .store
        .merge_tracks(&body.run, &body.track, &body.other, &author)
        .await?;
    Ok(said(&app, edit))
}

/// `POST /api/v1/track-edits/{n}/undo`.
pub(crate) async fn undo(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Answer<TrackEdit> {
    let edit = app.store.undo_track_edit(n, &author).await?;
    Ok(said(&app, edit))
}

fn said(app: &App, edit: TrackEdit) -> Json<TrackEdit> {
    app.bus.publish(Live::TrackEdit(Arc::new(edit.clone())));
    Json(edit)
}

#[derive(Debug, Deserialize)]
pub(crate) struct RunQuery {
    run: String,
}

/// `GET /api/v1/track-edits?run`.
pub(crate) async fn edits(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<RunQuery>,
) -> Answer<Vec<TrackEdit>> {
    Ok(Json(app.store.track_edits(&q.run).await?))
}
