//! What is known of sources of gas, as the page draws it.

use crate::auth::Caller;
use crate::serve::App;
use atalaya_model::EmissionMap;
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;

/// Polygons with holes, longitude and latitude in degrees.
type Regions = Vec<Vec<Vec<[f64; 2]>>>;

/// The latest estimate of a gas feed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct EmissionView {
    run: String,
    feed: String,
    /// Event time up to which samples are weighed.
    t_us: i64,
    /// The first sample that is weighed.
    since_us: i64,
    /// Formula.
    gas: String,
    /// Samples so far.
    samples: u64,
    /// Why nothing can be said, if so.
    declined: Option<String>,
    /// Probability that there is a source.
    p: f64,
    /// Where it is, if there is more likely one than not: longitude, latitude.
    lon_lat: Option<[f64; 2]>,
    /// Rate, kg/h: 5 %, 50 %, 95 %.
    rate_kg_h: [f64; 3],
    /// Corners of the map: north-west, north-east, south-east, south-west.
    corners: [[f64; 2]; 4],
    columns: usize,
    rows: usize,
    /// A byte for each square in base 64, north-west first, row by row: the square root of its
    /// probability over that of the likeliest, times 255.
    heat: String,
    /// Region that holds the source with 50 %, if there is one.
    region50: Regions,
    /// With 90 %.
    region90: Regions,
}

impl EmissionView {
    pub fn of(run: String, m: &EmissionMap) -> Self {
        let top = m.squares.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let mut heat = Vec::with_capacity(m.squares.len());
        for row in m.squares.chunks(m.columns.max(1)).rev() {
            heat.extend(row.iter().map(|p| ((p / top).sqrt() * 255.0) as u8));
        }
        Self {
            run,
            feed: m.feed.clone(),
            t_us: m.t.0,
            since_us: m.since.0,
            gas: m.gas.clone(),
            samples: m.samples,
            declined: m.declined.clone(),
            p: m.p,
            lon_lat: m.lon_lat,
            rate_kg_h: m.rate_kg_h,
            corners: m.corners,
            columns: m.columns,
            rows: m.rows,
            heat: STANDARD.encode(heat),
            region50: m.region50.clone(),
            region90: m.region90.clone(),
        }
    }
}

/// `GET /api/v1/emission`.
pub(crate) async fn emission(State(app): State<App>, _: Caller) -> Json<Vec<EmissionView>> {
    Json(app.hub.emissions())
}

#[cfg(test)]
pub(crate) fn sample() -> EmissionView {
    let corners = [[-3.5, 40.1], [-3.4, 40.1], [-3.4, 40.0], [-3.5, 40.0]];
    EmissionView::of(
        "r".into(),
        &EmissionMap {
            feed: "nose".into(),
            t: atalaya_model::Micros(2),
            since: atalaya_model::Micros(1),
            gas: "ch4".into(),
            samples: 60,
            declined: None,
            p: 0.97,
            lon_lat: Some([-3.45, 40.05]),
            cov: [4.0, 0.0, 0.0, 4.0],
            rate_kg_h: [1.0, 2.0, 3.0],
            corners,
            origin: [0.0, 0.0],
            side_m: 5.0,
            columns: 2,
            rows: 2,
            // South-west first: the likeliest is north-east.
            squares: vec![0.0, 0.09, 0.01, 0.9],
            region50: vec![vec![corners.to_vec()]],
            region90: vec![vec![corners.to_vec()]],
            evidence: Vec::new(),
        },
    )
}

#[test]
fn the_heat_begins_in_the_north_west() {
    let bytes = STANDARD.decode(sample().heat).unwrap_or_default();
    assert_eq!(bytes, [26, 255, 0, 80]);
}
