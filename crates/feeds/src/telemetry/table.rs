//! Any log as a table: CSV with a header.

use super::{LONGEST_LOG, Row, Telemetry};
use atalaya_geo::Attitude;
use atalaya_klv::{Altitude, Datum, LatLon, Metadata};
use atalaya_model::Micros;
use std::collections::BTreeMap;

/// Columns that are read, and what they hold.
pub const COLUMNS: [(&str, &str); 24] = [
    ("time", "UTC, ISO 8601 or seconds since 1970"),
    ("video_s", "seconds since the first picture"),
    ("lat", "sensor latitude, degrees"),
    ("lon", "sensor longitude, degrees"),
    ("msl_m", "sensor height above mean sea level, metres"),
    ("hae_m", "sensor height above the WGS84 ellipsoid, metres"),
    ("above_home_m", "height above the place of take-off, metres"),
    ("heading", "aircraft heading from true north, degrees"),
    ("pitch", "aircraft pitch, nose up, degrees"),
    ("roll", "aircraft roll, right wing down, degrees"),
    (
        "rel_azimuth",
        "sensor azimuth relative to the nose, clockwise, degrees",
    ),
    (
        "rel_elevation",
        "sensor elevation relative to the aircraft, up, degrees",
    ),
    (
        "rel_roll",
        "sensor roll about the line of sight, clockwise, degrees",
    ),
    (
        "gimbal_yaw",
        "in place of rel_…: sensor azimuth from true north, degrees",
    ),
    (
        "gimbal_pitch",
        "in place of rel_…: sensor elevation above the horizon, degrees",
    ),
    (
        "gimbal_roll",
        "in place of rel_…: sensor roll against the horizon, degrees",
    ),
    ("hfov", "horizontal field of view, degrees"),
    ("vfov", "vertical field of view, degrees"),
    ("slant_range_m", "sensor to frame centre, metres"),
    (
        "target_width_m",
        "width of the picture on the ground, metres",
    ),
    ("centre_lat", "frame centre latitude, degrees"),
    ("centre_lon", "frame centre longitude, degrees"),
    (
        "centre_msl_m",
        "frame centre height above mean sea level, metres",
    ),
    (
        "centre_hae_m",
        "frame centre height above the ellipsoid, metres",
    ),
];

/// Reads a table. `names` says which of its columns is which of [`COLUMNS`], where they differ; an
/// empty cell is not known. Columns of other names are passed over.
///
/// # Errors
/// One line: what is wrong, in which line, and what to do.
pub fn table(text: &str, names: &BTreeMap<String, String>) -> Result<Telemetry, String> {
    if text.len() > LONGEST_LOG {
        return Err(format!("longer than {} MiB", LONGEST_LOG >> 20));
    }
    if let Some(name) = names.keys().find(|n| !COLUMNS.iter().any(|(c, _)| c == n)) {
        return Err(format!(
            "there is no column {name} to map; there are {}",
            known()
        ));
    }
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let mut columns = BTreeMap::new();
    for (name, _) in COLUMNS {
        let theirs = names.get(name).map_or(name, String::as_str);
        match header.iter().position(|h| h.eq_ignore_ascii_case(theirs)) {
            Some(at) => columns.insert(name, at),
            None if names.contains_key(name) => {
                return Err(format!(
                    "has no column {theirs}, which --map names for {name}"
                ));
            }
            None => None,
        };
    }
    for name in ["lat", "lon"] {
        if !columns.contains_key(name) {
            return Err(format!(
                "has no column {name}; name it in --map {name}=THEIRS (columns: {})",
                known()
            ));
        }
    }
    if !columns.contains_key("time") && !columns.contains_key("video_s") {
        return Err(
            "has neither a column time nor video_s; without one rows belong to no picture".into(),
        );
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = Cells {
            columns: &columns,
            record: &record,
        };
        rows.push(cells.row().map_err(|e| format!("line {line}: {e}"))?);
    }
    if rows.is_empty() {
        return Err("has a header and no rows".into());
    }
    Ok(Telemetry {
        kind: "table",
        rows,
        notes: Vec::new(),
    })
}

fn known() -> String {
    COLUMNS.map(|(name, _)| name).join(", ")
}

struct Cells<'a> {
    columns: &'a BTreeMap<&'static str, usize>,
    record: &'a csv::StringRecord,
}

impl Cells<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let cell = self.record.get(*self.columns.get(name)?)?;
        (!cell.is_empty()).then_some(cell)
    }

    fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let Some(cell) = self.text(name) else {
            return Ok(None);
        };
        match cell.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(Some(n)),
            _ => Err(format!(
                "{name} is {cell:?}; write a number, or nothing if it is not known"
            )),
        }
    }

    fn angle(&self, name: &str, most: f64) -> Result<Option<f64>, String> {
        match self.number(name)? {
            Some(n) if n.abs() > most => Err(format!("{name} {n} is beyond {most} degrees")),
            n => Ok(n.map(f64::to_radians)),
        }
    }

    fn row(&self) -> Result<Row, String> {
        let clock_us = match self.text("time") {
            None => None,
            Some(cell) => Some(
                Micros::parse_rfc3339(cell)
                    .or_else(|| cell.parse().ok().map(Micros::from_secs))
                    .ok_or_else(|| {
                        format!(
                            "time is {cell:?}; write 2026-05-01T10:00:00Z or seconds since 1970"
                        )
                    })?
                    .0,
            ),
        };
        let above = |msl: Option<f64>, hae: Option<f64>| {
            let of = |datum| move |metres| Altitude { metres, datum };
            hae.map(of(Datum::Ellipsoid))
                .or(msl.map(of(Datum::MeanSeaLevel)))
        };
        let centre = self
            .angle("centre_lat", 90.0)?
            .zip(self.angle("centre_lon", 180.0)?);
        let mut metadata = Metadata {
            sensor_lat_rad: self.angle("lat", 90.0)?,
            sensor_lon_rad: self.angle("lon", 180.0)?,
            sensor_altitude: above(self.number("msl_m")?, self.number("hae_m")?),
            heading_rad: self.angle("heading", 360.0)?,
            pitch_rad: self.angle("pitch", 90.0)?,
            roll_rad: self.angle("roll", 90.0)?,
            relative_azimuth_rad: self.angle("rel_azimuth", 360.0)?,
            relative_elevation_rad: self.angle("rel_elevation", 180.0)?,
            relative_roll_rad: self.angle("rel_roll", 360.0)?,
            hfov_rad: self.angle("hfov", 180.0)?,
            vfov_rad: self.angle("vfov", 180.0)?,
            slant_range_m: self.number("slant_range_m")?,
            target_width_m: self.number("target_width_m")?,
            frame_center: centre.map(|(lat_rad, lon_rad)| LatLon { lat_rad, lon_rad }),
            frame_center_altitude: above(
                self.number("centre_msl_m")?,
                self.number("centre_hae_m")?,
            ),
            ..Metadata::default()
        };
        let gimbal = self
            .angle("gimbal_yaw", 360.0)?
            .zip(self.angle("gimbal_pitch", 180.0)?);
        if let Some((yaw, pitch)) = gimbal {
            let roll = self.angle("gimbal_roll", 360.0)?.unwrap_or_default();
            let known = |a: Option<f64>| a.unwrap_or_default();
            let own = [
                metadata.heading_rad.unwrap_or(yaw),
                known(metadata.pitch_rad),
                known(metadata.roll_rad),
            ];
            let a = Attitude::of_levelled_gimbal(own, [yaw, pitch, roll]);
            metadata.heading_rad = Some(a.heading);
            metadata.pitch_rad = Some(a.pitch);
            metadata.roll_rad = Some(a.roll);
            metadata.relative_azimuth_rad = Some(a.rel_azimuth);
            metadata.relative_elevation_rad = Some(a.rel_elevation);
            metadata.relative_roll_rad = Some(a.rel_roll);
        }
        Ok(Row {
            video_s: self.number("video_s")?,
            clock_us,
            above_home_m: self.number("above_home_m")?,
            metadata,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_under_other_names_are_found_and_empty_cells_are_not_known() {
        let text = "UTC,Latitude,lon,msl_m,heading,extra\n2026-05-01T10:00:00Z,12.5,-70.25,,90,x\n1777629601.5,12.6,-70.25,55,91,y\n";
        let names =
            [("time", "utc"), ("lat", "Latitude")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let read = table(text, &BTreeMap::from(names)).unwrap();
        assert_eq!(read.rows.len(), 2);
        let (a, b) = (&read.rows[0], &read.rows[1]);
        assert_eq!(a.metadata.sensor_altitude, None);
        assert_eq!(b.clock_us, Some(1_777_629_601_500_000));
        assert_eq!(b.clock_us.unwrap() - a.clock_us.unwrap(), 1_500_000);
        assert_eq!(b.metadata.heading_rad, Some(91f64.to_radians()));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let none = BTreeMap::new();
        let said = |text: &str| table(text, &none).unwrap_err();
        assert!(said("time,lat\n").contains("no column lon; name it in --map lon=THEIRS"));
        assert!(said("lat,lon\n1,2\n").contains("neither a column time nor video_s"));
        assert!(
            said("video_s,lat,lon\n0,1,2\n1,95,2\n").starts_with("line 3: lat 95 is beyond 90")
        );
        assert!(said("video_s,lat,lon\n0,1,east\n").contains("lon is \"east\""));
        assert!(said("video_s,lat,lon\n").contains("no rows"));
        let wrong = BTreeMap::from([("latitude".to_owned(), "x".to_owned())]);
        assert!(
            table("video_s,lat,lon\n", &wrong)
                .unwrap_err()
                .contains("no column latitude to map")
        );
    }
}
