//! Samples of gas: a JSON object or a row of a table each.

use super::Decoded;
use atalaya_geo::{Geodetic, LocalFrame, Vector3};
use atalaya_model::operation::{FeedConfig, GasFeed, Payload};
use atalaya_model::{GasSample, Micros, SampleWind, Sensed};
use serde_json::Value;

/// A sample of a live feed that is this much older than the one before is put beside it; an older one
/// is late, microseconds.
const SLACK_US: i64 = 5_000_000;
/// Names of sensors are no longer than this.
const LONGEST_NAME: usize = 64;

/// Turns messages of a gas feed into samples.
#[derive(Clone, Debug)]
pub struct GasDecoder {
    config: GasFeed,
    start: Option<Micros>,
    origin: Option<LocalFrame>,
    /// The newest sample of a live feed.
    last: Option<Micros>,
}

/// A cell: text as it stands, or nothing.
type Cells<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl GasDecoder {
    /// For the messages of a live feed.
    pub fn live(feed: &FeedConfig) -> Self {
        let config = feed.gas.clone().unwrap_or_default();
        let origin = config
            .origin
            .map(|[lon, lat]| LocalFrame::new(Geodetic::from_degrees(lat, lon, 0.0)));
        Self {
            start: feed.start.as_deref().and_then(Micros::parse_rfc3339),
            origin,
            config,
            last: None,
        }
    }

    /// A message of a live feed.
    pub(super) fn message(&mut self, message: &[u8]) -> Result<Decoded, String> {
        let text = std::str::from_utf8(message)
            .map_err(|_| "is not UTF-8; send JSON or CSV as text".to_owned())?;
        let mut sample = match self.config.payload {
            Payload::Json => {
                let json: Value = serde_json::from_str(text)
                    .map_err(|e| format!("is not JSON: {e}; send one object for each sample"))?;
                if !json.is_object() {
                    return Err("is not a JSON object; send one for each sample".into());
                }
                self.sample(&|name| json_cell(&json, name))?
            }
            Payload::Csv => {
                let cells: Vec<&str> = text.trim().split(',').map(str::trim).collect();
                let columns = &self.config.columns;
                if cells.len() != columns.len() {
                    return Err(format!(
                        "has {} columns, and the operation names {}",
                        cells.len(),
                        columns.len()
                    ));
                }
                self.sample(&|name| {
                    let i = columns.iter().position(|c| c == name)?;
                    known(cells[i])
                })?
            }
        };
        let behind = self.last.map_or(0, |last| last.0 - sample.t.0);
        let late = behind > SLACK_US;
        if behind > 0 && !late {
            sample.t = sample.t + Micros(behind);
        }
        let t = self.last.map_or(sample.t, |last| last.max(sample.t));
        self.last = Some(t);
        Ok(Decoded {
            t,
            sensed: Some(Sensed::Gas(sample)),
            late,
        })
    }

    /// A row of a table with a header.
    pub(super) fn row(
        &self,
        header: &[String],
        row: &csv::StringRecord,
    ) -> Result<GasSample, String> {
        self.sample(&|name| {
            let i = header.iter().position(|h| h == name)?;
            known(row.get(i)?)
        })
    }

    fn sample(&self, cells: &Cells<'_>) -> Result<GasSample, String> {
        let text = |field: &str| cells(self.config.name(field));
        let number = |field: &str, lo: f64, hi: f64, what: &str| -> Result<Option<f64>, String> {
            let Some(cell) = text(field) else {
                return Ok(None);
            };
            let value = cell.parse::<f64>().ok().filter(|v| (lo..=hi).contains(v));
            value.map(Some).ok_or_else(|| {
                let cell: String = cell.chars().take(40).collect();
                format!("{field} '{cell}' is not {what}")
            })
        };
        let t = self.time(&text)?;
        let ppm = number("ppm", -1e6, 1e6, "a concentration")?.map(|v| v * self.config.scale);
        let speed = number("wind_speed", 0.0, 150.0, "a speed of 0 to 150 m/s")?;
        let from = number("wind_dir_from", -360.0, 720.0, "a direction in degrees")?;
        let sig_h = number("sig_h", 0.0, 180.0, "a deviation of 0 to 180 degrees")?;
        let sig_v = number("sig_v", 0.0, 180.0, "a deviation of 0 to 180 degrees")?;
        let wind = match (speed, from) {
            (Some(speed), Some(from)) => Some(SampleWind {
                speed,
                from: from.to_radians(),
                sig_h: sig_h.map(f64::to_radians),
                sig_v: sig_v.map(f64::to_radians),
            }),
            _ => None,
        };
        if ppm.is_none() && wind.is_none() {
            return Err("has neither ppm nor wind; check the names in 'map'".into());
        }
        let point = |names: [&str; 6]| -> Result<Option<[f64; 3]>, String> {
            let [lon, lat, height, e, n, u] = names;
            let lon = number(lon, -180.0, 180.0, "a longitude in degrees")?;
            let lat = number(lat, -90.0, 90.0, "a latitude in degrees")?;
            let up = match number(height, -500.0, 10_000.0, "a height in metres")? {
                Some(h) => Some(h),
                None => number(u, -500.0, 10_000.0, "a height in metres")?,
            };
            let up = up.unwrap_or(0.0);
            if let (Some(lon), Some(lat)) = (lon, lat) {
                return Ok(Some([lon, lat, up]));
            }
            let e = number(e, -1e6, 1e6, "a number of metres")?;
            let n = number(n, -1e6, 1e6, "a number of metres")?;
            Ok(match (e, n, &self.origin) {
                (Some(e), Some(n), Some(origin)) => {
                    let g = origin.to_geodetic(&Vector3::new(e, n, 0.0));
                    Some([g.lon_deg(), g.lat_deg(), up])
                }
                _ => None,
            })
        };
        let at = point(["lon", "lat", "height_m", "e", "n", "u"])?.or(self.config.at);
        let to = point(["lon2", "lat2", "height2_m", "e2", "n2", "u2"])?;
        if ppm.is_some() && at.is_none() {
            return Err(
                "has no place; give lat and lon, e and n with 'origin', or 'at' in the operation"
                    .into(),
            );
        }
        let sensor = text("sensor").unwrap_or_else(|| "1".into());
        Ok(GasSample {
            t,
            number: 0,
            sensor: sensor.chars().take(LONGEST_NAME).collect(),
            at: at.filter(|_| ppm.is_some()),
            to: to.filter(|_| ppm.is_some()),
            ppm,
            wind,
        })
    }

    fn time(&self, text: &dyn Fn(&str) -> Option<String>) -> Result<Micros, String> {
        if let Some(cell) = text("time") {
            if let Some(t) = Micros::parse_rfc3339(&cell) {
                return Ok(t);
            }
            // Seconds since 1970; milliseconds by their size.
            let seconds = cell.parse::<f64>().ok().filter(|v| (0.0..1e14).contains(v));
            return seconds
                .map(|s| Micros::from_secs(if s > 1e11 { s / 1000.0 } else { s }))
                .ok_or_else(|| {
                    let cell: String = cell.chars().take(40).collect();
                    format!("time '{cell}' is not a time; write 2026-11-22T05:00:00Z or seconds since 1970")
                });
        }
        let Some(cell) = text("t_s") else {
            return Err("has no time; give 'time' or 't_s', or name it in 'map'".into());
        };
        let seconds = cell.parse::<f64>().ok().filter(|v| v.abs() < 1e9);
        let seconds = seconds.ok_or_else(|| "t_s is not a number of seconds".to_owned())?;
        match self.start {
            Some(start) => Ok(start + Micros::from_secs(seconds)),
            None => Err("t_s counts from 'start' of the feed; give it in the operation".into()),
        }
    }
}

fn known(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let none =
        cell.is_empty() || cell.eq_ignore_ascii_case("nan") || cell.eq_ignore_ascii_case("null");
    (!none).then(|| cell.to_owned())
}

fn json_cell(json: &Value, name: &str) -> Option<String> {
    let value = if name.starts_with('/') {
        json.pointer(name)?
    } else {
        json.get(name)?
    };
    match value {
        Value::String(s) => known(s),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}
