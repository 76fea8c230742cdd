//! Operations, aircraft and ground to plan with.

use atalaya_flight::{Aircraft, Task};
use atalaya_geo::terrain::Terrain;
use atalaya_geo::{LocalPlane, Vector2};
use atalaya_model::Operation;
use std::fmt::Write;

pub fn ring(plane: &LocalPlane, points: &[(f64, f64)]) -> String {
    let points: Vec<String> = points
        .iter()
        .map(|(e, n)| {
            let (lat, lon) = plane.to_lat_lon(&Vector2::new(*e, *n));
            format!("[{:.9}, {:.9}]", lon.to_degrees(), lat.to_degrees())
        })
        .collect();
    format!("[{}]", points.join(", "))
}

pub fn square(e: f64, n: f64, half: f64) -> Vec<(f64, f64)> {
    vec![
        (e - half, n - half),
        (e + half, n - half),
        (e + half, n + half),
        (e - half, n + half),
    ]
}

/// An operation whose area and zones are given in metres about a place.
pub fn operation(plane: &LocalPlane, area: &[(f64, f64)], zones: &[Vec<(f64, f64)>]) -> Operation {
    let mut text = format!(
        r#"schema = "operation/1"
id = "test"
name = "Test"
[authority]
issuer = "Court"
legal_basis = "Art. 588"
reference = "1/2026"
purpose = "test"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle"]
area = {}
retention = {{ bystander_hours = 24, evidence_days = 365 }}
[site]
id = "site"
name = "Site"
"#,
        ring(plane, area)
    );
    for (i, z) in zones.iter().enumerate() {
        writeln!(
            text,
            "[[site.zone]]\nid = \"z{i}\"\npolygon = {}",
            ring(plane, z)
        )
        .unwrap();
    }
    Operation::parse("operation.toml", &text).unwrap()
}

/// An aircraft with a home in metres and more of `[plan]`.
pub fn aircraft(plane: &LocalPlane, home: (f64, f64), plan: &str) -> Aircraft {
    let home = ring(plane, &[home]);
    let text = format!(
        r#"schema = "aircraft/1"
name = "test"
cruise_m_s = 20.0
min_m_s = 13.0
bank_limit_deg = 35.0
climb_m_s = 3.0
sink_m_s = 3.0
endurance_s = 10800.0
reserve_s = 1800.0
ceiling_m = 5000.0
[sensor]
fov_deg = 10.0
pixels = 1920
[plan]
home = {}
{plan}"#,
        &home[1..home.len() - 1]
    );
    Aircraft::parse("a.toml", &text).unwrap()
}

/// Round hills on a plain, in metres about a place.
pub struct Hills {
    pub plane: LocalPlane,
    pub plain_m: f64,
    /// East, north, height, breadth.
    pub hills: Vec<[f64; 4]>,
}

impl Hills {
    pub fn at(&self, e: f64, n: f64) -> f64 {
        self.plain_m
            + self
                .hills
                .iter()
                .map(|[he, hn, h, b]| h * (-((e - he).powi(2) + (n - hn).powi(2)) / (b * b)).exp())
                .sum::<f64>()
    }
}

impl Terrain for Hills {
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
        let p = self.plane.to_en(lat, lon);
        Some(self.at(p.x, p.y))
    }
    fn spacing_m(&self) -> f64 {
        30.0
    }
    fn highest_m(&self) -> f64 {
        f64::INFINITY
    }
    fn steepest(&self) -> f64 {
        f64::INFINITY
    }
}

pub fn task(operation: &Operation, aircraft: &Aircraft, terrain: &dyn Terrain) -> Task {
    Task::new(operation, aircraft, terrain).unwrap()
}
