//! `[plan]`: what a flight has to keep to at a site.

use crate::document::{Fault, lon_lat, within};
use serde::{Deserialize, Serialize};

/// An outline with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// What it is, for people.
    pub name: String,
    /// `[longitude, latitude]` in degrees.
    pub polygon: Vec<[f64; 2]>,
}

/// The wind to allow for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WindRequest {
    /// Greatest wind, gusts included, from any direction, m/s.
    pub speed_m_s: f64,
    /// How much warmer than the standard atmosphere the air may be, kelvin.
    pub warmer_k: f64,
}

impl Default for WindRequest {
    fn default() -> Self {
        Self {
            speed_m_s: 6.0,
            warmer_k: 15.0,
        }
    }
}

/// What a flight has to keep to. Heights are above mean sea level unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Where it takes off and lands, `[longitude, latitude]` in degrees.
    pub home: [f64; 2],
    /// Height of the highest ground in reach, metres; used, as a plane, where no terrain is given.
    #[serde(default)]
    pub ground_m: Option<f64>,
    /// Least distance over ground from a zone to the aircraft, metres.
    pub standoff_m: f64,
    /// Greatest distance from the camera to a zone, metres.
    #[serde(default = "default_slant")]
    pub max_slant_m: f64,
    /// Look-down angles below the horizon that are useful, degrees.
    #[serde(default = "default_look_down")]
    pub look_down_deg: [f64; 2],
    /// Coarsest useful ground sample, metres a pixel, along the ground.
    #[serde(default = "default_sample")]
    pub max_sample_m: f64,
    /// Least and greatest height of the orbit above the site's ground, metres.
    #[serde(default = "default_above")]
    pub above_site_m: [f64; 2],
    /// Distance to keep from fences, metres.
    #[serde(default = "default_fence_margin")]
    pub fence_margin_m: f64,
    /// Height to keep above the ground, metres.
    #[serde(default = "default_terrain_margin")]
    pub terrain_margin_m: f64,
    /// Height above home at which the climbing circle begins, metres.
    #[serde(default = "default_takeoff")]
    pub takeoff_above_m: f64,
    /// The wind to allow for.
    #[serde(default)]
    pub wind: WindRequest,
    /// Where one may fly besides the authority's area: the approved approach.
    #[serde(default)]
    pub approach: Vec<Outline>,
    /// Where nobody may fly.
    #[serde(default)]
    pub no_fly: Vec<Outline>,
}

fn default_slant() -> f64 {
    2500.0
}
fn default_look_down() -> [f64; 2] {
    [10.0, 80.0]
}
fn default_sample() -> f64 {
    0.5
}
fn default_above() -> [f64; 2] {
    [120.0, 1000.0]
}
fn default_fence_margin() -> f64 {
    50.0
}
fn default_terrain_margin() -> f64 {
    60.0
}
fn default_takeoff() -> f64 {
    80.0
}

/// Most outlines of a kind, and most vertices of each.
const MOST_OUTLINES: usize = 200;
const MOST_VERTICES: usize = 2000;

impl Request {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        lon_lat("plan.home", &self.home)?;
        if let Some(g) = self.ground_m {
            within("plan.ground_m", g, -500.0, 9000.0)?;
        }
        within("plan.standoff_m", self.standoff_m, 0.0, 10_000.0)?;
        within("plan.max_slant_m", self.max_slant_m, 50.0, 10_000.0)?;
        within("plan.max_sample_m", self.max_sample_m, 0.001, 100.0)?;
        within("plan.fence_margin_m", self.fence_margin_m, 0.0, 5000.0)?;
        within("plan.terrain_margin_m", self.terrain_margin_m, 10.0, 5000.0)?;
        within("plan.takeoff_above_m", self.takeoff_above_m, 20.0, 2000.0)?;
        within("plan.wind.speed_m_s", self.wind.speed_m_s, 0.0, 60.0)?;
        within("plan.wind.warmer_k", self.wind.warmer_k, -60.0, 60.0)?;
        for (path, [least, most], end) in [
            ("plan.look_down_deg", self.look_down_deg, 90.0),
            ("plan.above_site_m", self.above_site_m, 10_000.0),
        ] {
            within(path, least, 0.0, end)?;
            within(path, most, 0.0, end)?;
            if least > most {
                return Err((
                    path.into(),
                    format!("the first of [{least}, {most}] is the greater; give least, most"),
                ));
            }
        }
        if self.standoff_m >= self.max_slant_m {
            return Err((
                "plan.standoff_m".into(),
                format!(
                    "the standoff of {} m is beyond max_slant_m = {}; raise max_slant_m or lower the standoff",
                    self.standoff_m, self.max_slant_m
                ),
            ));
        }
        outlines("plan.approach", &self.approach)?;
        outlines("plan.no_fly", &self.no_fly)
    }
}

fn outlines(path: &str, list: &[Outline]) -> Result<(), Fault> {
    if list.len() > MOST_OUTLINES {
        return Err((
            path.into(),
            format!("{} outlines; give at most {MOST_OUTLINES}", list.len()),
        ));
    }
    for (i, o) in list.iter().enumerate() {
        let at = format!("{path}.{i}.polygon");
        if !(3..=MOST_VERTICES).contains(&o.polygon.len()) {
            return Err((
                at,
                format!(
                    "the outline '{}' has {} points; give 3 to {MOST_VERTICES}",
                    o.name,
                    o.polygon.len()
                ),
            ));
        }
        for p in &o.polygon {
            lon_lat(&at, p)?;
        }
    }
    Ok(())
}
