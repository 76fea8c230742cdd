//! What an aircraft can do.

use crate::document::{self, DocumentError, Fault, within};
use crate::request::Request;
use serde::{Deserialize, Serialize};

/// The camera on a gimbal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensor {
    /// Horizontal field of view at the zoom that is used, degrees.
    pub fov_deg: f64,
    /// Pixels across that field of view.
    pub pixels: u32,
}

impl Sensor {
    /// Angle that a pixel sees, radians.
    pub fn pixel_rad(&self) -> f64 {
        2.0 * (0.5 * self.fov_deg.to_radians()).tan() / f64::from(self.pixels)
    }
}

/// An unarmed fixed-wing aircraft and its autopilot. Airspeeds are equivalent airspeeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aircraft {
    /// Always `aircraft/1`.
    pub schema: String,
    /// Name for people.
    pub name: String,
    /// Cruise airspeed, m/s.
    pub cruise_m_s: f64,
    /// Least safe airspeed in level flight, m/s.
    pub min_m_s: f64,
    /// Greatest bank that the autopilot commands, degrees.
    pub bank_limit_deg: f64,
    /// Rate of climb, m/s.
    pub climb_m_s: f64,
    /// Rate of descent, m/s.
    pub sink_m_s: f64,
    /// Time from take-off to empty, seconds.
    pub endurance_s: f64,
    /// Of that, what is never used, seconds.
    pub reserve_s: f64,
    /// Greatest height above sea level, metres.
    pub ceiling_m: f64,
    /// How far the autopilot strays from its track to either side, metres.
    #[serde(default = "default_tracking")]
    pub tracking_m: f64,
    /// How far it strays from its height, metres, the error of its height included.
    #[serde(default = "default_height_error")]
    pub height_error_m: f64,
    /// Seconds from crossing its path until it turns back with all the bank it is allowed.
    #[serde(default = "default_roll")]
    pub roll_s: f64,
    /// Seconds from the beginning of a turn until it is back within `tracking_m` of its path.
    #[serde(default = "default_settle")]
    pub settle_s: f64,
    /// Distance to a turning point at which it may turn to the next, metres; commanded by the plan.
    #[serde(default = "default_acceptance")]
    pub acceptance_m: f64,
    /// The camera.
    pub sensor: Sensor,
    /// How a flight with it is to be planned here.
    pub plan: Request,
}

fn default_tracking() -> f64 {
    20.0
}

fn default_height_error() -> f64 {
    15.0
}

fn default_roll() -> f64 {
    2.0
}

fn default_settle() -> f64 {
    15.0
}

fn default_acceptance() -> f64 {
    40.0
}

impl Aircraft {
    /// Reads a document; `file` is its name for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, DocumentError> {
        document::read(file, text, Self::check)
    }

    fn check(&self) -> Result<(), Fault> {
        if self.schema != "aircraft/1" {
            return Err((
                "schema".into(),
                format!(
                    "schema '{}' is not known; write schema = \"aircraft/1\"",
                    self.schema
                ),
            ));
        }
        within("cruise_m_s", self.cruise_m_s, 5.0, 150.0)?;
        within("min_m_s", self.min_m_s, 3.0, 150.0)?;
        within("bank_limit_deg", self.bank_limit_deg, 5.0, 60.0)?;
        within("climb_m_s", self.climb_m_s, 0.2, 30.0)?;
        within("sink_m_s", self.sink_m_s, 0.2, 30.0)?;
        within("endurance_s", self.endurance_s, 60.0, 604_800.0)?;
        within("reserve_s", self.reserve_s, 0.0, 604_800.0)?;
        within("ceiling_m", self.ceiling_m, 10.0, 11_000.0)?;
        within("tracking_m", self.tracking_m, 5.0, 500.0)?;
        within("height_error_m", self.height_error_m, 2.0, 200.0)?;
        within("roll_s", self.roll_s, 0.0, 30.0)?;
        within("settle_s", self.settle_s, 1.0, 300.0)?;
        within("acceptance_m", self.acceptance_m, 1.0, 1000.0)?;
        within("sensor.fov_deg", self.sensor.fov_deg, 0.1, 120.0)?;
        within(
            "sensor.pixels",
            f64::from(self.sensor.pixels),
            64.0,
            65_536.0,
        )?;
        if self.reserve_s >= self.endurance_s {
            return Err((
                "reserve_s".into(),
                "the reserve is all of the endurance; give a smaller reserve_s".into(),
            ));
        }
        // A level turn needs lift for 1 / cos bank: the least airspeed grows by its root.
        let turning = self.min_m_s / self.bank_limit_deg.to_radians().cos().sqrt();
        if self.cruise_m_s < turning {
            return Err((
                "bank_limit_deg".into(),
                format!(
                    "at a bank of {}° the aircraft needs {turning:.1} m/s and cruises at {}; lower bank_limit_deg or raise cruise_m_s",
                    self.bank_limit_deg, self.cruise_m_s
                ),
            ));
        }
        self.plan.check()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const TEXT: &str = r#"schema = "aircraft/1"
name = "trainer"
cruise_m_s = 20.0
min_m_s = 13.0
bank_limit_deg = 35.0
climb_m_s = 3.0
sink_m_s = 3.0
endurance_s = 7200.0
reserve_s = 900.0
ceiling_m = 4000.0

[sensor]
fov_deg = 20.0
pixels = 1920

[plan]
home = [-3.52, 40.0]
standoff_m = 400.0
"#;

    pub(crate) fn aircraft() -> Aircraft {
        Aircraft::parse("a.toml", TEXT).unwrap()
    }

    #[test]
    fn faults_name_their_line_and_what_to_do() {
        let faults = [
            (
                "bank_limit_deg = 35.0",
                "bank_limit_deg = 75.0",
                5,
                "give 5 to 60",
            ),
            (
                "reserve_s = 900.0",
                "reserve_s = 9000.0",
                9,
                "smaller reserve_s",
            ),
            (
                "pixels = 1920",
                "pixels = 1",
                14,
                "pixels = 1 is out of range",
            ),
            (
                "home = [-3.52, 40.0]",
                "home = [40.0, 95.0]",
                17,
                "check the order",
            ),
            (
                "climb_m_s = 3.0\n",
                "",
                1,
                "missing field `climb_m_s`; add it",
            ),
            ("standoff_m", "stand_off_m", 18, "unknown field"),
            (
                "min_m_s = 13.0",
                "min_m_s = 19.5",
                5,
                "lower bank_limit_deg",
            ),
            (
                "aircraft/1",
                "aircraft/2",
                1,
                "write schema = \"aircraft/1\"",
            ),
        ];
        for (from, to, line, words) in faults {
            let e = Aircraft::parse("a.toml", &TEXT.replacen(from, to, 1)).unwrap_err();
            assert_eq!(e.line, line, "{e}");
            assert!(e.to_string().contains(words), "{e}");
        }
    }
}
