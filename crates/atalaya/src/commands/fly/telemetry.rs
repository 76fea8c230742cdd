//! `telemetry/1`: where an aircraft is, a line each time it says so.

use crate::output::quiet_pipe;
use anyhow::{Context, Result};
use atalaya_mav::Telemetry;
use atalaya_model::Micros;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// UTC.
pub fn now() -> Micros {
    let us = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX));
    Micros(us)
}

/// Where lines go, each at once: whoever follows reads along, and a flight that ends badly leaves all.
pub struct Out(BufWriter<Box<dyn Write>>);

impl Out {
    /// A file, or standard output.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let to: Box<dyn Write> = match path {
            Some(path) => Box::new(File::create(path).with_context(|| {
                format!(
                    "can't write {}; check folder and permission",
                    path.display()
                )
            })?),
            None => Box::new(std::io::stdout()),
        };
        Ok(Self(BufWriter::new(to)))
    }

    /// Writes what an aircraft says of itself.
    pub fn write(&mut self, system: u8, t: &Telemetry) -> Result<()> {
        let time = t.utc_us().map_or_else(now, Micros);
        let degrees = |v: Option<f64>| v.map(|v| (v.to_degrees() * 1e8).round() / 1e8);
        let line = json!({
            "schema": "telemetry/1", "t": time.to_rfc3339(), "system": system,
            "lat": degrees(t.lat), "lon": degrees(t.lon),
            "height_m": t.height_m, "above_home_m": t.above_home_m,
            "velocity_m_s": t.velocity_m_s, "airspeed_m_s": t.airspeed_m_s,
            "heading_deg": degrees(t.heading), "roll_deg": degrees(t.roll),
            "pitch_deg": degrees(t.pitch), "position_sigma_m": t.position_sigma_m,
            "battery": t.battery, "armed": t.armed,
            "item": t.item, "fence_breaches": t.fence_breaches,
        });
        writeln!(self.0, "{line}")
            .and_then(|()| self.0.flush())
            .or_else(quiet_pipe)
            .context("can't write telemetry")
    }

    /// The last of it.
    pub fn finish(&mut self) -> Result<()> {
        self.0
            .flush()
            .or_else(quiet_pipe)
            .context("can't write telemetry")
    }
}
