//! The last lines, on standard error.

use super::record::Record;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Distances between computed and reported centres.
#[derive(Default)]
pub struct Summary {
    status: BTreeMap<&'static str, u64>,
    packets: u64,
    horizon: u64,
    limited: u64,
    metres: Vec<f64>,
    percent: Vec<f64>,
    corners: Vec<f64>,
    /// With the other north.
    other: Vec<f64>,
}

impl Summary {
    /// A record, and the same with azimuths from the other north.
    pub fn take(&mut self, record: &Record, other: &Record) {
        self.packets += 1;
        *self.status.entry(record.status).or_default() += 1;
        self.horizon += u64::from(record.horizon == Some(true));
        self.limited += u64::from(record.limited == Some(true));
        if let Some(r) = &record.reported {
            self.metres.extend(r.distance_m);
            self.percent.extend(r.percent);
            self.corners.extend(r.corners_m);
        }
        self.other
            .extend(other.reported.as_ref().and_then(|r| r.distance_m));
    }

    /// A recording whose reported centres fit ten times better with azimuths from the other north
    /// counts them from there.
    pub fn fits_other_better(&mut self) -> bool {
        let (this, other) = (spread(&mut self.metres), spread(&mut self.other));
        this.zip(other)
            .is_some_and(|(this, other)| 10.0 * other[0] < this[0])
    }

    /// The lines.
    pub fn text(mut self, name: &str, grid: bool) -> String {
        let status: Vec<String> = self
            .status
            .iter()
            .map(|(k, n)| format!("{n} {k}"))
            .collect();
        let mut out = format!(
            "{name}: {} packets ({}), {} with the horizon, {} cut at the limit\n",
            self.packets,
            status.join(", "),
            self.horizon,
            self.limited
        );
        // Writing to a string does not fail.
        if let Some([median, p95]) = spread(&mut self.metres) {
            let [share, share95] = spread(&mut self.percent).unwrap_or_default();
            let _ = writeln!(
                out,
                "{name}: frame centre computed and reported, {} packets: median {median:.2} m ({share:.3} % of slant range), p95 {p95:.2} m ({share95:.3} %)",
                self.metres.len()
            );
            if let Some([corner, corner95]) = spread(&mut self.corners) {
                let _ = writeln!(
                    out,
                    "{name}: corners, root mean square of four: median {corner:.2} m, p95 {corner95:.2} m"
                );
            }
            if grid {
                let _ = writeln!(out, "{name}: azimuths counted from the UTM grid's north");
            }
            if let (true, Some([other, _])) = (self.fits_other_better(), spread(&mut self.other)) {
                let (from, option) = if grid {
                    ("true", "true")
                } else {
                    ("the UTM grid's", "grid")
                };
                let _ = writeln!(
                    out,
                    "{name}: its azimuths fit {from} north better: median {other:.2} m with --north {option}"
                );
            }
        }
        out
    }
}

/// Median and 95th percentile.
fn spread(v: &mut [f64]) -> Option<[f64; 2]> {
    v.sort_by(f64::total_cmp);
    let at = |q: f64| v.get(((v.len() as f64 * q) as usize).min(v.len().saturating_sub(1)));
    Some([*at(0.5)?, *at(0.95)?])
}
