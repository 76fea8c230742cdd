//! Planned flights: where the aircraft of the operation are going to fly, and what was proven of it.

use crate::auth::Caller;
use crate::error::Answer;
use crate::serve::App;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A circle that is flown.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CircleView {
    /// Longitude, latitude in degrees.
    pub centre: [f64; 2],
    /// Commanded, metres.
    pub radius_m: f64,
    /// Above sea level, metres.
    pub height_m: f64,
    /// Seen from above.
    pub clockwise: bool,
}

/// A planned flight.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FlightView {
    /// The aircraft's id.
    pub aircraft: String,
    /// Name of the plan's file.
    pub plan: String,
    /// SHA-256 of its content, hexadecimal.
    pub plan_sha256: String,
    /// Its certificate is there, is of this plan, and lets it be flown.
    pub certified: bool,
    /// Why it is not.
    pub refusal: Option<String>,
    /// Waypoints from home and back, longitude and latitude in degrees.
    pub route: Vec<[f64; 2]>,
    /// The orbit over the site.
    pub orbit: Option<CircleView>,
    /// Where it must stay, longitude and latitude in degrees: the first outline is the one to stay in.
    pub fence: Vec<Vec<[f64; 2]>>,
    /// Each zone's share of the orbit from which it is in line of sight.
    pub line_of_sight: BTreeMap<String, f64>,
    /// Least distance to the fence that was proven, metres.
    pub fence_margin_m: Option<f64>,
    /// Least height above the ground that was proven, metres.
    pub terrain_margin_m: Option<f64>,
}

/// Knows planned flights. May block.
pub trait FlightSource: Send + Sync {
    /// Those whose plans are there now.
    fn flights(&self) -> Vec<FlightView>;
}

/// `GET /api/v1/flights`.
pub(crate) async fn flights(State(app): State<App>, _: Caller) -> Answer<Vec<FlightView>> {
    let Some(source) = app.flights.clone() else {
        return Ok(Json(Vec::new()));
    };
    let read = tokio::task::spawn_blocking(move || source.flights()).await;
    Ok(Json(read.unwrap_or_default()))
}
