//! What an aircraft says of itself.

use crate::common::{MavMessage, MavModeFlag};

/// The newest of everything that one aircraft said. Angles in radians, lengths in metres; what it did
/// not say is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telemetry {
    /// Its clock: milliseconds since it was switched on, of the newest position.
    pub boot_ms: Option<u32>,
    /// UTC less its clock, microseconds, once it knew both.
    pub utc_less_boot_us: Option<i64>,
    /// Latitude.
    pub lat: Option<f64>,
    /// Longitude.
    pub lon: Option<f64>,
    /// Height above mean sea level.
    pub height_m: Option<f64>,
    /// Height above home.
    pub above_home_m: Option<f64>,
    /// Velocity over ground: north, east, down; m/s.
    pub velocity_m_s: Option<[f64; 3]>,
    /// Heading, clockwise from true north.
    pub heading: Option<f64>,
    /// Roll, right wing down.
    pub roll: Option<f64>,
    /// Pitch, nose up.
    pub pitch: Option<f64>,
    /// Airspeed, m/s.
    pub airspeed_m_s: Option<f64>,
    /// One sigma of the position, horizontal, metres.
    pub position_sigma_m: Option<f64>,
    /// What is left in the battery, of one.
    pub battery: Option<f64>,
    /// Motors may turn.
    pub armed: Option<bool>,
    /// The autopilot's own number of its mode.
    pub custom_mode: Option<u32>,
    /// Mission item that it is flying, from 0.
    pub item: Option<u16>,
    /// Mission item that it reached last.
    pub reached: Option<u16>,
    /// How often it has broken its fence.
    pub fence_breaches: Option<u16>,
}

/// Degrees times ten million, as positions come.
fn angle(e7: i32) -> f64 {
    (f64::from(e7) * 1e-7).to_radians()
}

fn finite(v: f32) -> Option<f64> {
    v.is_finite().then_some(f64::from(v))
}

impl Telemetry {
    /// Takes a message of the autopilot; true when it brought a new position.
    pub fn take(&mut self, message: &MavMessage) -> bool {
        match message {
            MavMessage::GLOBAL_POSITION_INT(p) => {
                let (lat, lon) = (angle(p.lat), angle(p.lon));
                // Zero, zero is what autopilots say before they know.
                if (p.lat, p.lon) == (0, 0) || lat.abs() > 1.58 || lon.abs() > 3.15 {
                    return false;
                }
                self.boot_ms = Some(p.time_boot_ms);
                (self.lat, self.lon) = (Some(lat), Some(lon));
                self.height_m = Some(f64::from(p.alt) * 1e-3);
                self.above_home_m = Some(f64::from(p.relative_alt) * 1e-3);
                self.velocity_m_s = Some([p.vx, p.vy, p.vz].map(|v| f64::from(v) * 0.01));
                if p.hdg < 36_000 {
                    self.heading = Some((f64::from(p.hdg) * 0.01).to_radians());
                }
                return true;
            }
            MavMessage::ATTITUDE(a) => {
                self.roll = finite(a.roll).or(self.roll);
                self.pitch = finite(a.pitch).or(self.pitch);
            }
            MavMessage::VFR_HUD(v) => self.airspeed_m_s = finite(v.airspeed).or(self.airspeed_m_s),
            MavMessage::GPS_RAW_INT(g) if g.h_acc > 0 && g.h_acc < 1_000_000 => {
                self.position_sigma_m = Some(f64::from(g.h_acc) * 1e-3);
            }
            MavMessage::SYS_STATUS(s) if (0..=100).contains(&s.battery_remaining) => {
                self.battery = Some(f64::from(s.battery_remaining) * 0.01);
            }
            // Before 2015 the clock hasn't been set.
            MavMessage::SYSTEM_TIME(t)
                if (1_420_070_400_000_000..1 << 53).contains(&t.time_unix_usec) =>
            {
                self.utc_less_boot_us =
                    Some(t.time_unix_usec as i64 - i64::from(t.time_boot_ms) * 1000);
            }
            MavMessage::HEARTBEAT(h) => {
                self.armed = Some(
                    h.base_mode
                        .contains(MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED),
                );
                self.custom_mode = Some(h.custom_mode);
            }
            MavMessage::MISSION_CURRENT(c) => self.item = Some(c.seq),
            MavMessage::MISSION_ITEM_REACHED(r) => self.reached = Some(r.seq),
            MavMessage::FENCE_STATUS(f) => self.fence_breaches = Some(f.breach_count),
            _ => {}
        }
        false
    }

    /// UTC of the newest position, microseconds, where the aircraft knows it.
    pub fn utc_us(&self) -> Option<i64> {
        Some(self.utc_less_boot_us? + i64::from(self.boot_ms?) * 1000)
    }
}
