//! Records to Cursor on Target. Pure.
//!
//! Types come from a closed list of this module: nothing that arrives can make them hostile, a
//! weapon or an engagement.

use atalaya_cot::{CotEvent, CotPoint};
use atalaya_geo::geoid::undulation_m;
use atalaya_model::{
    Alert, AlertState, Class, Coverage, Micros, PlatformState, Severity, TrackId, TrackPoint,
    TrackState, VerticalDatum,
};

/// A civilian ground vehicle of unknown affiliation (MIL-STD-2525B: ground, equipment, ground
/// vehicle, civilian).
pub const VEHICLE: &str = "a-u-G-E-V-C";
/// Something on the ground of unknown affiliation. Persons too: the longer types for people on foot
/// are military units, which an anonymous track never is.
pub const PERSON_OR_UNKNOWN: &str = "a-u-G";
/// Our own aircraft: friendly, civil, rotary wing. Metadata give a designation but not the kind of
/// airframe; the drones of police and environmental units that hold a camera over a site are
/// nearly always multicopters, and MIL-STD-2525B has its unmanned types under military only.
pub const AIRCRAFT: &str = "a-f-A-C-H";
/// An alarm: a geofence is breached. All watch rules are about coming into, staying in and leaving
/// a zone, which is what ATAK uses this type for. The alarms under `b-a-o` are distress calls of a
/// person with a radio, and would set off a rescue.
pub const ALERT: &str = "b-a-g";

/// A track or aircraft without news for this long is stale, seconds.
pub const STALE_S: f64 = 10.0;
/// An alert stays on the screen for this long, seconds.
pub const ALERT_STALE_S: f64 = 600.0;

/// Below this the direction of a velocity is noise, m/s.
const MOVING_M_S: f64 = 0.5;
/// Longest free text, characters: an event must fit a datagram.
const MAX_TEXT: usize = 400;

/// Fused by machine (the `how` of tracks and alerts).
const HOW_FUSED: &str = "m-f";
/// From the aircraft's own satellite navigation.
const HOW_GPS: &str = "m-g";

/// Whose events these are: the operation goes into every uid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CotSource {
    /// The operation's id.
    pub operation: String,
    /// The world is simulated: callsigns and remarks say so.
    pub simulated: bool,
}

/// Where an aircraft is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AircraftFix {
    /// Latitude, degrees.
    pub lat_deg: f64,
    /// Longitude, degrees.
    pub lon_deg: f64,
    /// Height, metres.
    pub height_m: Option<f64>,
    /// What the height is measured from; unknown when absent, and then the height is in words only.
    pub datum: Option<VerticalDatum>,
    /// Designation or tail number.
    pub designation: Option<String>,
}

impl AircraftFix {
    /// From metadata, when they have a position.
    pub fn from_platform(p: &PlatformState) -> Option<Self> {
        Some(Self {
            lat_deg: p.lat?.to_degrees(),
            lon_deg: p.lon?.to_degrees(),
            height_m: p.height_m,
            datum: p.datum,
            designation: p.platform.clone(),
        })
    }

    /// From what a frame covered, when the sensor's position is known; its datum is not.
    pub fn from_coverage(c: &Coverage) -> Option<Self> {
        let [lon_deg, lat_deg, height_m] = c.sensor?;
        Some(Self {
            lat_deg,
            lon_deg,
            height_m: Some(height_m),
            ..Self::default()
        })
    }
}

impl CotSource {
    /// The stable uid of a track.
    pub fn track_uid(&self, track: TrackId) -> String {
        self.uid(&track.to_string())
    }

    fn uid(&self, of: &str) -> String {
        format!("atalaya-{}-{}", clean(&self.operation), clean(of))
    }

    /// A track's point; `None` when it has no place on the ground.
    pub fn track(&self, p: &TrackPoint, t: Micros) -> Option<CotEvent> {
        let g = p.ground.filter(|g| is_place(g.lat, g.lon))?;
        let variance =
            0.5 * (g.cov_random[0] + g.cov_common[0] + g.cov_random[3] + g.cov_common[3]);
        let ce = variance.sqrt();
        let speed = g.ve.hypot(g.vn);
        let state = match p.state {
            TrackState::Seen => "seen",
            TrackState::Stopped => "standing",
            TrackState::Coasting => "predicted",
            TrackState::Unobserved => "not observed",
            TrackState::Ended => "ended",
        };
        let mut event = self.event(self.track_uid(p.track), kind_of(p.class), t, STALE_S);
        event.point = CotPoint {
            lat: g.lat,
            lon: g.lon,
            ce: if ce.is_finite() {
                tenth(ce)
            } else {
                CotPoint::UNKNOWN
            },
            ..event.point
        };
        event.callsign = Some(self.callsign(&format!("{} {}", p.class.name(), p.track)));
        if speed.is_finite() {
            event.speed_m_s = Some(tenth(speed));
            event.course_deg = (speed >= MOVING_M_S)
                .then(|| tenth(g.ve.atan2(g.vn).to_degrees().rem_euclid(360.0)) % 360.0);
        }
        event.remarks = Some(self.remarks(&format!(
            "{} ({} %), {state}",
            p.class.name(),
            percent(p.class_p)
        )));
        Some(event)
    }

    /// A track that is over: what was last sent, stale from now on.
    pub fn ended(&self, last: &CotEvent, t: Micros) -> CotEvent {
        let now = t.to_rfc3339();
        CotEvent {
            time: now.clone(),
            start: now.clone(),
            stale: now,
            course_deg: None,
            speed_m_s: None,
            remarks: Some(self.remarks("track ended")),
            ..last.clone()
        }
    }

    /// The aircraft that carries the sensor of `feed`; `None` when it is nowhere.
    pub fn aircraft(&self, feed: &str, fix: &AircraftFix, t: Micros) -> Option<CotEvent> {
        if !is_place(fix.lat_deg, fix.lon_deg) {
            return None;
        }
        let uid = self.uid(&format!("aircraft-{feed}"));
        let mut event = self.event(uid, AIRCRAFT, t, STALE_S);
        event.how = HOW_GPS.into();
        event.point.lat = fix.lat_deg;
        event.point.lon = fix.lon_deg;
        let height = fix.height_m.filter(|h| h.abs() < 1e5);
        let mut words = format!("sensor '{}'", clean(feed));
        match (height, fix.datum) {
            (Some(h), Some(VerticalDatum::Hae)) => event.point.hae = tenth(h),
            (Some(h), Some(VerticalDatum::Msl)) => {
                let up = undulation_m(fix.lat_deg.to_radians(), fix.lon_deg.to_radians());
                event.point.hae = tenth(h + up);
                words += &format!(", {h:.0} m above mean sea level");
            }
            (Some(h), None) => words += &format!(", height {h:.0} m in the metadata's datum"),
            (None, _) => {}
        }
        let name = fix.designation.as_deref().map(clean);
        let name = name.filter(|n| !n.is_empty());
        event.callsign = Some(self.callsign(&name.unwrap_or_else(|| clean(feed))));
        event.remarks = Some(self.remarks(&words));
        Some(event)
    }

    /// An alert; `None` when it has no place. One that was rejected or closed is stale at once, so
    /// that it leaves the screen.
    pub fn alert(&self, a: &Alert) -> Option<CotEvent> {
        let (lat, lon) = a.lat.zip(a.lon).filter(|(lat, lon)| is_place(*lat, *lon))?;
        let over = matches!(
            a.state,
            AlertState::Rejected | AlertState::Closed | AlertState::Expired
        );
        let uid = self.uid(&format!("alert-{}", a.id));
        let stale = if over { 0.0 } else { ALERT_STALE_S };
        let mut event = self.event(uid, ALERT, a.opened_at, stale);
        event.point.lat = lat;
        event.point.lon = lon;
        let loud = match a.severity {
            Severity::Info => "information",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        let subjects = a.subjects.iter().take(5).map(|s| clean(s));
        let who = subjects.collect::<Vec<_>>().join(", ");
        event.callsign = Some(self.callsign(&format!("{} {who}", clean(&a.rule))));
        event.remarks = Some(self.remarks(&format!("{loud}: {} ({who})", clean(&a.reason))));
        Some(event)
    }

    fn event(&self, uid: String, kind: &str, t: Micros, stale_s: f64) -> CotEvent {
        let now = t.to_rfc3339();
        CotEvent {
            uid,
            kind: kind.into(),
            how: HOW_FUSED.into(),
            start: now.clone(),
            time: now,
            stale: (t + Micros::from_secs(stale_s)).to_rfc3339(),
            point: CotPoint {
                lat: 0.0,
                lon: 0.0,
                hae: CotPoint::UNKNOWN,
                ce: CotPoint::UNKNOWN,
                le: CotPoint::UNKNOWN,
            },
            callsign: None,
            course_deg: None,
            speed_m_s: None,
            remarks: None,
        }
    }

    fn callsign(&self, name: &str) -> String {
        if self.simulated {
            format!("SIMULATED {}", name.trim())
        } else {
            name.trim().to_owned()
        }
    }

    fn remarks(&self, words: &str) -> String {
        if self.simulated {
            format!("SIMULATED. {words}")
        } else {
            words.to_owned()
        }
    }
}

fn kind_of(class: Class) -> &'static str {
    match class {
        Class::Car | Class::Pickup | Class::Truck => VEHICLE,
        Class::Unknown | Class::Person | Class::Other => PERSON_OR_UNKNOWN,
    }
}

fn is_place(lat: f64, lon: f64) -> bool {
    lat.abs() <= 90.0 && lon.abs() <= 180.0
}

fn tenth(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

fn percent(p: f32) -> u32 {
    // A cast from a float saturates.
    (p * 100.0).round() as u32
}

/// Text that XML can carry and a datagram can hold.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .take(MAX_TEXT)
        .collect()
}
