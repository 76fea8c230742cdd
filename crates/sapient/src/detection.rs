//! What a sensor has found, in plain values.

use crate::message::{Message, Value};

/// Where something is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// On the ellipsoid or geoid WGS84.
    Geo {
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
        /// Height, metres, where it is told.
        height_m: Option<f64>,
        /// One-sigma error, the larger of both axes, metres, where it is told.
        sigma_m: Option<f64>,
    },
    /// Seen from the sensor.
    Bearing {
        /// From true north, clockwise, radians.
        azimuth: f64,
        /// Error of it, radians, where it is told.
        azimuth_error: Option<f64>,
        /// Metres, where it is told.
        range_m: Option<f64>,
        /// Error of it, metres, where it is told.
        range_error_m: Option<f64>,
    },
    /// In a coordinate system that is not read here (UTM; bearings from another north).
    Other,
}

/// Metres in a degree of latitude, for errors that are given in degrees.
const DEGREE_M: f64 = 111_320.0;

impl Place {
    /// Of a message with `location` or `range_bearing`.
    pub fn of(m: &Message) -> Option<Self> {
        if let Some(l) = m.message("location") {
            return Self::location(l);
        }
        let b = m.message("range_bearing")?;
        let (degrees, km) = match b.word("coordinate_system")? {
            "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M" => (true, false),
            "RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_M" => (false, false),
            "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_KM" => (true, true),
            "RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_KM" => (false, true),
            _ => return Some(Self::Other),
        };
        if b.word("datum")? != "RANGE_BEARING_DATUM_TRUE" {
            return Some(Self::Other);
        }
        let angle = |v: f64| if degrees { v.to_radians() } else { v };
        let metres = |v: f64| if km { v * 1000.0 } else { v };
        Some(Self::Bearing {
            azimuth: angle(b.number("azimuth")?),
            azimuth_error: b.number("azimuth_error").map(angle),
            range_m: b.number("range").map(metres),
            range_error_m: b.number("range_error").map(metres),
        })
    }

    /// Of a `Location`.
    pub fn location(l: &Message) -> Option<Self> {
        let radians = match l.word("coordinate_system")? {
            "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M" => false,
            "LOCATION_COORDINATE_SYSTEM_LAT_LNG_RAD_M" => true,
            _ => return Some(Self::Other),
        };
        let degrees = |v: f64| if radians { v.to_degrees() } else { v };
        let (lon, lat) = (degrees(l.number("x")?), degrees(l.number("y")?));
        if !((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)) {
            return None;
        }
        let errors = [
            l.number("x_error")
                .map(|e| degrees(e) * DEGREE_M * lat.to_radians().cos()),
            l.number("y_error").map(|e| degrees(e) * DEGREE_M),
        ];
        Some(Self::Geo {
            lon,
            lat,
            height_m: l.number("z"),
            sigma_m: errors
                .into_iter()
                .flatten()
                .map(f64::abs)
                .reduce(f64::max)
                .filter(|s| *s > 0.0),
        })
    }
}

/// A `Location` in degrees on the ellipsoid WGS84; the error in metres.
pub fn location(m: Message, [lon, lat, height]: [f64; 3], sigma_m: Option<f64>) -> Message {
    let m = m
        .with("x", Value::Double(lon))
        .with("y", Value::Double(lat))
        .with("z", Value::Double(height));
    let m = match sigma_m {
        Some(s) => m
            .with(
                "x_error",
                Value::Double(s / (DEGREE_M * lat.to_radians().cos().max(1e-6))),
            )
            .with("y_error", Value::Double(s / DEGREE_M)),
        None => m,
    };
    m.with_word(
        "coordinate_system",
        "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
    )
    .with_word("datum", "LOCATION_DATUM_WGS84_E")
}

/// A detection report.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The node's id.
    pub node: String,
    /// When it was sent, microseconds since 1970 UTC.
    pub t_us: i64,
    /// The object's id.
    pub object: String,
    /// Where; `None` when it can't be read.
    pub place: Option<Place>,
    /// Probability that there is something, where it is told.
    pub confidence: Option<f64>,
    /// What it may be, with probabilities where they are told, likeliest first.
    pub classes: Vec<(String, Option<f64>)>,
}

impl Detection {
    /// Of a `SapientMessage` that holds one.
    pub fn of(m: &Message) -> Option<Self> {
        let d = m.message("detection_report")?;
        let mut classes: Vec<(String, Option<f64>)> = d
            .messages("classification")
            .filter_map(|c| Some((c.text("type")?.to_owned(), c.number("confidence"))))
            .collect();
        classes.sort_by(|a, b| b.1.unwrap_or(0.5).total_cmp(&a.1.unwrap_or(0.5)));
        Some(Self {
            node: m.text("node_id")?.to_owned(),
            t_us: m.time("timestamp")?,
            object: d.text("object_id")?.to_owned(),
            place: Place::of(d),
            confidence: d.number("detection_confidence").map(|c| c.clamp(0.0, 1.0)),
            classes,
        })
    }
}
