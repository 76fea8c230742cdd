//! Recordings of ADS-B to reports: JSON of several makers, BaseStation lines (SBS), Beast frames.
//!
//! - JSON: one array of objects, one object a line, or an object of columns (as pandas writes them), with
//!   `timestamp` (milliseconds or seconds since 1970, or RFC 3339), `icao24`, `latitude`, `longitude`,
//!   `altitude` (feet), `groundspeed` (knots), `track` (degrees), `vertical_rate` (feet a minute), `callsign`;
//!   or what dump1090 and readsb serve: `{"now", "aircraft": [{"hex", "lat", "lon", "alt_baro", "gs", …}]}`.
//! - SBS: `MSG,3,…`; speed and course come in lines of their own and are kept for the next place.

use super::{AirReport, beast};
use atalaya_model::Micros;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) const FOOT_M: f64 = 0.3048;
pub(super) const KNOT_M_S: f64 = 1852.0 / 3600.0;
/// Aircraft of which speed and course are kept between lines.
const HELD: usize = 4096;

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// In order of time.
    pub reports: Vec<AirReport>,
    /// Records without a place: they say something else.
    pub placeless: u64,
    /// Records that can't be used.
    pub malformed: u64,
    /// The first of these, in words.
    pub fault: Option<String>,
}

impl Recording {
    /// Reads a recording of any of the formats, by what it begins with. `start` is when the first frame of a
    /// Beast recording was received.
    pub fn read(bytes: &[u8], start: Option<Micros>) -> Result<Self, String> {
        if bytes.first() == Some(&0x1a) {
            return Self::beast(bytes, start);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| {
            "is neither text nor Beast; give JSON, BaseStation lines (SBS) or Beast frames"
                .to_owned()
        })?;
        let mut it = Self::default();
        match text.trim_start().chars().next() {
            Some('[' | '{') => it.json(text)?,
            Some('M') => it.sbs(text),
            None => return Err("is empty; record it again".into()),
            Some(_) => {
                return Err("is neither JSON nor BaseStation lines (MSG,…)".into());
            }
        }
        if it.reports.is_empty() {
            let why = it.fault.as_ref().map(|f| format!("; {f}"));
            return Err(format!(
                "holds no place of an aircraft{}",
                why.unwrap_or_default()
            ));
        }
        it.reports
            .sort_by(|a, b| (a.t, &a.address).cmp(&(b.t, &b.address)));
        Ok(it)
    }

    fn beast(bytes: &[u8], start: Option<Micros>) -> Result<Self, String> {
        let start = start.ok_or(
            "is Beast, whose counter knows no date; say with --start when its first frame was received",
        )?;
        let frames = beast::read(bytes, start);
        if frames.reports.is_empty() {
            return Err("holds no place of an aircraft: no pair of whole messages".into());
        }
        Ok(Self {
            reports: frames.reports,
            placeless: frames.placeless,
            malformed: frames.malformed,
            fault: None,
        })
    }

    fn json(&mut self, text: &str) -> Result<(), String> {
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let value = value.map_err(|e| format!("is not JSON: {e}"))?;
            match value {
                Value::Array(all) => all.iter().for_each(|v| self.object(v, None)),
                Value::Object(o) => self.outer(o),
                _ => self.bad("a record that is no object".into()),
            }
        }
        Ok(())
    }

    fn outer(&mut self, o: Map<String, Value>) {
        if let Some(Value::Array(all)) = o.get("aircraft") {
            let now = o.get("now").and_then(Value::as_f64);
            all.iter().for_each(|v| self.object(v, now));
        } else if let Some(Value::Object(column)) = o.get("timestamp") {
            for key in column.keys() {
                let cell = |(name, column): (&String, &Value)| {
                    Some((name.clone(), column.get(key)?.clone()))
                };
                let row = o.iter().filter_map(cell).collect();
                self.object(&Value::Object(row), None);
            }
        } else {
            self.object(&Value::Object(o), None);
        }
    }

    fn object(&mut self, v: &Value, now: Option<f64>) {
        let number = |names: [&str; 2]| names.iter().find_map(|n| v.get(n)?.as_f64());
        let text = |names: [&str; 2]| names.iter().find_map(|n| v.get(n)?.as_str());
        let seen = v.get("seen_pos").and_then(Value::as_f64).unwrap_or(0.0);
        let t = match (text(["timestamp", "time"]), number(["timestamp", "time"])) {
            (Some(text), _) => Micros::parse_rfc3339(text),
            (_, Some(n)) => seconds(n).map(Micros::from_secs),
            _ => now.and_then(|n| seconds(n - seen)).map(Micros::from_secs),
        };
        let Some(t) = t else {
            return self.bad("a record without a time; give timestamp".into());
        };
        let Some(address) = text(["icao24", "hex"]).and_then(address) else {
            return self.bad("a record without an address; give icao24".into());
        };
        let (Some(lat), Some(lon)) = (number(["latitude", "lat"]), number(["longitude", "lon"]))
        else {
            self.placeless += 1;
            return;
        };
        self.take(AirReport {
            t,
            address,
            callsign: text(["callsign", "flight"]).and_then(name),
            lat,
            lon,
            altitude_m: number(["altitude", "alt_baro"]).map(|f| f * FOOT_M),
            speed_m_s: number(["groundspeed", "gs"]).map(|k| k * KNOT_M_S),
            course: v.get("track").and_then(Value::as_f64).map(f64::to_radians),
            climb_m_s: number(["vertical_rate", "baro_rate"]).map(|f| f * FOOT_M / 60.0),
        });
    }

    fn sbs(&mut self, text: &str) {
        // Of each aircraft: callsign, speed, course, climb.
        type Held = (Option<String>, Option<f64>, Option<f64>, Option<f64>);
        let mut held: BTreeMap<String, Held> = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            if cells[0] != "MSG" {
                continue;
            }
            let cell = |i: usize| cells.get(i).copied().filter(|c| !c.is_empty());
            let number = |i: usize| cell(i).and_then(|c| c.parse::<f64>().ok());
            let (Some(address), Some(t)) = (cell(4).and_then(address), moment(cell(6), cell(7)))
            else {
                self.bad("a line without address or time of generation".into());
                continue;
            };
            if held.len() >= HELD && !held.contains_key(&address) {
                held.pop_first();
            }
            let h = held.entry(address.clone()).or_default();
            h.0 = cell(10).and_then(name).or(h.0.take());
            h.1 = number(12).map(|k| k * KNOT_M_S).or(h.1);
            h.2 = number(13).map(f64::to_radians).or(h.2);
            h.3 = number(16).map(|f| f * FOOT_M / 60.0).or(h.3);
            let (Some(lat), Some(lon)) = (number(14), number(15)) else {
                self.placeless += 1;
                continue;
            };
            let (callsign, speed_m_s, course, climb_m_s) = h.clone();
            self.take(AirReport {
                t,
                address,
                callsign,
                lat,
                lon,
                altitude_m: number(11).map(|f| f * FOOT_M),
                speed_m_s,
                course,
                climb_m_s,
            });
        }
    }

    fn take(&mut self, r: AirReport) {
        let fine = (-90.0..=90.0).contains(&r.lat) && (-180.0..=180.0).contains(&r.lon);
        if fine {
            self.reports.push(r);
        } else {
            self.bad(format!("{}: {}, {} is no place", r.address, r.lat, r.lon));
        }
    }

    fn bad(&mut self, why: String) {
        self.malformed += 1;
        self.fault.get_or_insert(why);
    }
}

/// Seconds since 1970 of seconds or milliseconds.
fn seconds(n: f64) -> Option<f64> {
    let s = if n > 1e11 { n / 1000.0 } else { n };
    (0.0..1e10).contains(&s).then_some(s)
}

fn address(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "~-_".contains(c);
    let text = text.trim();
    ((1..=16).contains(&text.len()) && text.chars().all(plain)).then(|| text.to_ascii_lowercase())
}

fn name(text: &str) -> Option<String> {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let name: String = text.chars().filter(plain).take(16).collect();
    (!name.is_empty()).then_some(name)
}

/// `2020/09/10` and `01:45:42.000`.
fn moment(date: Option<&str>, time: Option<&str>) -> Option<Micros> {
    Micros::parse_rfc3339(&format!("{}T{}Z", date?.replace('/', "-"), time?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"[{"timestamp": 1599702342000, "icao24": "A3C6BD", "latitude": 47.0, "longitude": -122.0,
        "altitude": 1000, "groundspeed": 100, "track": 90, "vertical_rate": 600, "callsign": "N342WN "}]"#;

    #[test]
    fn the_same_is_read_from_every_format() {
        let a = Recording::read(JSON.as_bytes(), None).unwrap().reports;
        let columns = r#"{"timestamp": {"0": 1599702342000}, "icao24": {"0": "a3c6bd"}, "latitude": {"0": 47.0},
            "longitude": {"0": -122.0}, "altitude": {"0": 1000}, "groundspeed": {"0": 100}, "track": {"0": 90},
            "vertical_rate": {"0": 600}, "callsign": {"0": "N342WN"}}"#;
        let readsb = r#"{"now": 1599702343.5, "aircraft": [{"hex": "a3c6bd", "flight": "N342WN  ", "lat": 47.0,
            "lon": -122.0, "alt_baro": 1000, "gs": 100, "track": 90, "baro_rate": 600, "seen_pos": 1.5}, {"hex": "a3c6be"}]}"#;
        let sbs = "MSG,1,1,1,A3C6BD,1,2020/09/10,01:45:40.000,2020/09/10,01:45:40.000,N342WN,,,,,,,,,,,\r\n\
            MSG,4,1,1,A3C6BD,1,2020/09/10,01:45:41.000,2020/09/10,01:45:41.000,,,100,90,,,600,,,,,\r\n\
            MSG,3,1,1,A3C6BD,1,2020/09/10,01:45:42.000,2020/09/10,01:45:42.000,,1000,,,47.0,-122.0,,,,,,\r\n";
        for text in [columns, readsb, sbs] {
            assert_eq!(
                Recording::read(text.as_bytes(), None).unwrap().reports,
                a,
                "{text}"
            );
        }
        assert!((a[0].altitude_m.unwrap() - 304.8).abs() < 1e-9);
        assert!((a[0].speed_m_s.unwrap() - 51.444).abs() < 1e-3);
        assert!((a[0].climb_m_s.unwrap() - 3.048).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_recording_is_refused_in_one_line() {
        for (text, wanted) in [
            ("", "is empty"),
            ("hello", "neither JSON nor"),
            ("[1, 2", "is not JSON"),
            (
                "[1]",
                "holds no place of an aircraft; a record without a time",
            ),
            (
                r#"[{"timestamp": 1, "icao24": "a", "latitude": 91, "longitude": 0}]"#,
                "is no place",
            ),
            (
                r#"[{"timestamp": 1, "icao24": "a/b", "latitude": 1, "longitude": 0}]"#,
                "without an address",
            ),
            ("MSG,3,1,1,,1,x,y", "without address or time"),
        ] {
            let e = Recording::read(text.as_bytes(), None).unwrap_err();
            assert!(e.contains(wanted) && !e.contains('\n'), "{text}: {e}");
        }
        let e = Recording::read(&[0x1a, 0x33, 0xff], None).unwrap_err();
        assert!(e.contains("--start"), "{e}");
        let e = Recording::read(&[0x1a, 0x33, 0xff], Some(Micros(0))).unwrap_err();
        assert!(e.contains("no place"), "{e}");
        assert!(Recording::read(&[0xff, 0xfe], None).is_err());
    }
}
