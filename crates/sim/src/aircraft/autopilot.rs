//! The autopilot's side of MAVLink's mission protocol ("Mission Protocol" and "Command Protocol" of the
//! MAVLink guide), and the mission itself.

use super::craft::{Craft, Path, course_of, wrap};
use atalaya_geo::{LocalPlane, Vector2};
use atalaya_mav::common::*;
use std::collections::BTreeMap;

/// Most items of a list that it takes.
const MOST_ITEMS: u16 = 2000;
/// A step of the simulation, microseconds.
const STEP_US: u64 = 50_000;
/// Between positions, microseconds.
const POSITION_US: u64 = 200_000;
/// Between heartbeats, microseconds.
const BEAT_US: u64 = 1_000_000;
/// An item that was asked for is asked for again after so long, microseconds.
const AGAIN_US: u64 = 300_000;
/// A height is reached within this, metres.
const NEAR_M: f64 = 2.0;
/// Circles that name no radius, metres.
const RADIUS_M: f64 = 80.0;
/// Battery that an hour takes, as a share.
const AN_HOUR: f64 = 0.5;

/// A list that is being uploaded.
struct Upload {
    kind: MavMissionType,
    from: (u8, u8),
    count: u16,
    items: Vec<MISSION_ITEM_INT_DATA>,
    asked_us: u64,
}

/// An aircraft on the ground at home, until it is loaded and started.
pub struct Autopilot {
    system: u8,
    plane: LocalPlane,
    craft: Craft,
    home_m: f64,
    held: BTreeMap<u32, Vec<MISSION_ITEM_INT_DATA>>,
    upload: Option<Upload>,
    armed: bool,
    flying: bool,
    /// Which item is flown, and since when.
    item: usize,
    item_us: u64,
    /// Where the leg to this item begins.
    from: Vector2<f64>,
    /// When it came to the circle of this item.
    on_circle_us: Option<u64>,
    flown_us: u64,
    now_us: u64,
    said_us: [u64; 2],
    out: Vec<MavMessage>,
}

impl Autopilot {
    /// At home: longitude and latitude in degrees, height of the ground above sea level in metres.
    pub fn new(system: u8, home: [f64; 2], home_m: f64) -> Self {
        Self {
            system,
            plane: LocalPlane::new(home[1].to_radians(), home[0].to_radians()),
            craft: Craft {
                at: Vector2::zeros(),
                height_m: home_m,
                climb_m_s: 0.0,
                speed_m_s: 20.0,
                course: 0.0,
                bank: 0.0,
            },
            home_m,
            held: BTreeMap::new(),
            upload: None,
            armed: false,
            flying: false,
            item: 0,
            item_us: 0,
            from: Vector2::zeros(),
            on_circle_us: None,
            flown_us: 0,
            now_us: 0,
            said_us: [0; 2],
            out: Vec::new(),
        }
    }

    /// Its MAVLink number.
    pub fn system(&self) -> u8 {
        self.system
    }

    /// What it has to say.
    pub fn take_messages(&mut self) -> Vec<MavMessage> {
        std::mem::take(&mut self.out)
    }

    /// Hears a message of `sender` (system, component).
    pub fn hear(&mut self, sender: (u8, u8), m: &MavMessage) {
        let to_me = |system: u8| system == self.system || system == 0;
        match m {
            MavMessage::MISSION_COUNT(c) if to_me(c.target_system) => self.begin(sender, c),
            MavMessage::MISSION_ITEM_INT(i) if to_me(i.target_system) => self.take_item(i),
            MavMessage::MISSION_CLEAR_ALL(c) if to_me(c.target_system) => {
                self.held.insert(c.mission_type as u32, Vec::new());
                self.acknowledge(sender, c.mission_type, None);
            }
            MavMessage::MISSION_REQUEST_LIST(l) if to_me(l.target_system) => {
                let items = self.held.get(&(l.mission_type as u32));
                let count = items.map_or(0, |i| u16::try_from(i.len()).unwrap_or(u16::MAX));
                self.out.push(MavMessage::MISSION_COUNT(MISSION_COUNT_DATA {
                    count,
                    target_system: sender.0,
                    target_component: sender.1,
                    mission_type: l.mission_type,
                    opaque_id: 0,
                }));
            }
            MavMessage::MISSION_REQUEST_INT(r) if to_me(r.target_system) => {
                let items = self.held.get(&(r.mission_type as u32));
                match items.and_then(|i| i.get(usize::from(r.seq))) {
                    Some(item) => {
                        let mut item = item.clone();
                        (item.target_system, item.target_component) = sender;
                        self.out.push(MavMessage::MISSION_ITEM_INT(item));
                    }
                    None => {
                        let why = MavMissionResult::MAV_MISSION_INVALID_SEQUENCE;
                        self.acknowledge(sender, r.mission_type, Some(why));
                    }
                }
            }
            MavMessage::COMMAND_LONG(c) if to_me(c.target_system) => self.command(sender, c),
            _ => {}
        }
    }

    fn acknowledge(&mut self, to: (u8, u8), kind: MavMissionType, why: Option<MavMissionResult>) {
        self.out.push(MavMessage::MISSION_ACK(MISSION_ACK_DATA {
            target_system: to.0,
            target_component: to.1,
            mavtype: why.unwrap_or(MavMissionResult::MAV_MISSION_ACCEPTED),
            mission_type: kind,
            opaque_id: 0,
        }));
    }

    fn begin(&mut self, sender: (u8, u8), c: &MISSION_COUNT_DATA) {
        let why = if c.count > MOST_ITEMS {
            Some(MavMissionResult::MAV_MISSION_NO_SPACE)
        } else if self.armed {
            Some(MavMissionResult::MAV_MISSION_DENIED)
        } else {
            None
        };
        if why.is_some() {
            return self.acknowledge(sender, c.mission_type, why);
        }
        if c.count == 0 {
            self.held.insert(c.mission_type as u32, Vec::new());
            return self.acknowledge(sender, c.mission_type, None);
        }
        // Said twice while it is asking: it goes on.
        let going = self
            .upload
            .as_ref()
            .is_some_and(|u| u.kind == c.mission_type && u.count == c.count);
        if !going {
            self.upload = Some(Upload {
                kind: c.mission_type,
                from: sender,
                count: c.count,
                items: Vec::new(),
                asked_us: self.now_us,
            });
        }
        self.ask();
    }

    fn ask(&mut self) {
        let Some(u) = &mut self.upload else { return };
        u.asked_us = self.now_us;
        self.out
            .push(MavMessage::MISSION_REQUEST_INT(MISSION_REQUEST_INT_DATA {
                seq: u16::try_from(u.items.len()).unwrap_or(u16::MAX),
                target_system: u.from.0,
                target_component: u.from.1,
                mission_type: u.kind,
            }));
    }

    fn take_item(&mut self, i: &MISSION_ITEM_INT_DATA) {
        let Some(u) = &mut self.upload else { return };
        if i.mission_type != u.kind || usize::from(i.seq) != u.items.len() {
            return;
        }
        u.items.push(i.clone());
        if u.items.len() < usize::from(u.count) {
            return self.ask();
        }
        if let Some(u) = self.upload.take() {
            self.held.insert(u.kind as u32, u.items);
            self.acknowledge(u.from, u.kind, None);
        }
    }

    fn command(&mut self, sender: (u8, u8), c: &COMMAND_LONG_DATA) {
        use MavResult as R;
        let mission = !self.mission().is_empty();
        let result = match c.command {
            MavCmd::MAV_CMD_COMPONENT_ARM_DISARM if c.param1 > 0.5 && mission => {
                self.armed = true;
                R::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_COMPONENT_ARM_DISARM if c.param1 > 0.5 || self.flying => {
                R::MAV_RESULT_DENIED
            }
            MavCmd::MAV_CMD_COMPONENT_ARM_DISARM => {
                self.armed = false;
                R::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_MISSION_START if self.armed && mission => {
                if !self.flying {
                    self.flying = true;
                    self.go_to(0);
                }
                R::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_MISSION_START => R::MAV_RESULT_DENIED,
            MavCmd::MAV_CMD_DO_FENCE_ENABLE | MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL => {
                R::MAV_RESULT_ACCEPTED
            }
            _ => R::MAV_RESULT_UNSUPPORTED,
        };
        self.out.push(MavMessage::COMMAND_ACK(COMMAND_ACK_DATA {
            command: c.command,
            result,
            target_system: sender.0,
            target_component: sender.1,
            ..COMMAND_ACK_DATA::default()
        }));
    }

    fn mission(&self) -> &[MISSION_ITEM_INT_DATA] {
        let kind = MavMissionType::MAV_MISSION_TYPE_MISSION as u32;
        self.held.get(&kind).map_or(&[], Vec::as_slice)
    }

    fn place(&self, i: &MISSION_ITEM_INT_DATA) -> Vector2<f64> {
        let degrees = |v: i32| (f64::from(v) * 1e-7).to_radians();
        self.plane.to_en(degrees(i.x), degrees(i.y))
    }

    fn go_to(&mut self, item: usize) {
        self.from = self.craft.at;
        self.item = item;
        self.item_us = self.now_us;
        self.on_circle_us = None;
    }

    /// Time has passed.
    pub fn tick(&mut self, now_us: u64) {
        // After a pause it does not catch up for hours.
        let mut steps = 40;
        while self.now_us + STEP_US <= now_us && steps > 0 {
            self.now_us += STEP_US;
            steps -= 1;
            if self.flying {
                self.fly();
            }
        }
        self.now_us = self.now_us.max(now_us.saturating_sub(STEP_US));
        if self
            .upload
            .as_ref()
            .is_some_and(|u| now_us > u.asked_us + AGAIN_US)
        {
            self.ask();
        }
        self.speak(now_us);
    }

    fn fly(&mut self) {
        self.flown_us += STEP_US;
        let Some(item) = self.mission().get(self.item).cloned() else {
            self.flying = false;
            self.armed = false;
            return;
        };
        let dt = STEP_US as f64 * 1e-6;
        let (at, height) = (self.place(&item), f64::from(item.z));
        let next = self.mission().get(self.item + 1).map(|i| self.place(i));
        let done = match item.command {
            MavCmd::MAV_CMD_DO_CHANGE_SPEED => {
                self.craft.speed_m_s = f64::from(item.param2).clamp(5.0, 100.0);
                true
            }
            // It climbs in the circle that comes next, which is proven to be clear.
            MavCmd::MAV_CMD_NAV_TAKEOFF => {
                let following = self.mission().get(self.item + 1);
                let radius = following.map_or(0.0, radius_of);
                self.circle(dt, at, radius, height);
                (self.craft.height_m - height).abs() < NEAR_M
            }
            MavCmd::MAV_CMD_NAV_WAYPOINT => {
                let from = self.from;
                self.craft.step(dt, Path::Leg(from, at), height);
                let past = (self.craft.at - at).dot(&(at - from)) >= 0.0;
                past || (self.craft.at - at).norm() < f64::from(item.param2)
            }
            MavCmd::MAV_CMD_NAV_LOITER_TO_ALT => {
                self.circle(dt, at, radius_of(&item), height);
                (self.craft.height_m - height).abs() < NEAR_M
                    && self.on_circle_us.is_some()
                    && (item.param1 < 0.5 || self.heads_to(next))
            }
            MavCmd::MAV_CMD_NAV_LOITER_TIME => {
                self.circle(dt, at, radius_of(&item), height);
                let wait_us = (f64::from(item.param1) * 1e6) as u64;
                self.on_circle_us
                    .is_some_and(|since| self.now_us >= since + wait_us)
                    && (item.param2 < 0.5 || self.heads_to(next))
            }
            // What has no end of its own, or isn't known here: it circles there.
            _ => {
                self.circle(dt, at, radius_of(&item), height);
                false
            }
        };
        if done {
            if let Ok(seq) = u16::try_from(self.item) {
                let reached = MISSION_ITEM_REACHED_DATA { seq };
                self.out.push(MavMessage::MISSION_ITEM_REACHED(reached));
            }
            let waypoint = item.command == MavCmd::MAV_CMD_NAV_WAYPOINT;
            self.go_to(self.item + 1);
            // Legs go from waypoint to waypoint, not from where the turn began.
            if waypoint {
                self.from = at;
            }
        }
    }

    fn circle(&mut self, dt: f64, centre: Vector2<f64>, radius: f64, height: f64) {
        let round = if radius == 0.0 {
            RADIUS_M
        } else {
            radius.abs()
        };
        let path = Path::Circle(centre, round, radius >= 0.0);
        self.craft.step(dt, path, height);
        let away = (self.craft.at - centre).norm();
        if self.on_circle_us.is_none() && (away - round).abs() < 0.15 * round {
            self.on_circle_us = Some(self.now_us);
        }
    }

    fn heads_to(&self, next: Option<Vector2<f64>>) -> bool {
        next.is_none_or(|n| wrap(course_of(n - self.craft.at) - self.craft.course).abs() < 0.09)
    }

    fn speak(&mut self, now_us: u64) {
        if now_us >= self.said_us[0] + BEAT_US || self.said_us[0] == 0 {
            self.said_us[0] = now_us.max(1);
            self.beat();
        }
        if now_us >= self.said_us[1] + POSITION_US {
            self.said_us[1] = now_us;
            self.position(now_us);
        }
    }

    fn beat(&mut self) {
        let mut base_mode = MavModeFlag::empty();
        if self.armed {
            base_mode |= MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED;
        }
        self.out.push(MavMessage::HEARTBEAT(HEARTBEAT_DATA {
            custom_mode: 0,
            mavtype: MavType::MAV_TYPE_FIXED_WING,
            autopilot: MavAutopilot::MAV_AUTOPILOT_GENERIC,
            base_mode,
            system_status: if self.flying {
                MavState::MAV_STATE_ACTIVE
            } else {
                MavState::MAV_STATE_STANDBY
            },
            mavlink_version: 3,
        }));
        let spent = AN_HOUR * self.flown_us as f64 * 1e-6 / 3600.0;
        self.out.push(MavMessage::SYS_STATUS(SYS_STATUS_DATA {
            battery_remaining: (100.0 * (1.0 - spent)).clamp(0.0, 100.0) as i8,
            ..SYS_STATUS_DATA::default()
        }));
        if self.flying
            && let Ok(seq) = u16::try_from(self.item)
        {
            self.out
                .push(MavMessage::MISSION_CURRENT(MISSION_CURRENT_DATA {
                    seq,
                    ..MISSION_CURRENT_DATA::default()
                }));
        }
    }

    fn position(&mut self, now_us: u64) {
        let time_boot_ms = (now_us / 1000) as u32;
        let c = &self.craft;
        let (lat, lon) = self.plane.to_lat_lon(&c.at);
        let e7 = |v: f64| (v.to_degrees() * 1e7).round() as i32;
        let v = if self.flying {
            c.velocity()
        } else {
            Vector2::zeros()
        };
        let course = c.course.to_degrees().rem_euclid(360.0);
        self.out
            .push(MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
                time_boot_ms,
                lat: e7(lat),
                lon: e7(lon),
                alt: (c.height_m * 1000.0) as i32,
                relative_alt: ((c.height_m - self.home_m) * 1000.0) as i32,
                vx: (v.y * 100.0) as i16,
                vy: (v.x * 100.0) as i16,
                vz: (-c.climb_m_s * 100.0) as i16,
                hdg: ((course * 100.0) as u16).min(35_999),
            }));
        self.out.push(MavMessage::ATTITUDE(ATTITUDE_DATA {
            time_boot_ms,
            roll: c.bank as f32,
            yaw: wrap(c.course) as f32,
            ..ATTITUDE_DATA::default()
        }));
    }
}

/// Radius of an item's circle in metres, positive clockwise.
fn radius_of(i: &MISSION_ITEM_INT_DATA) -> f64 {
    let r = match i.command {
        MavCmd::MAV_CMD_NAV_LOITER_TO_ALT => i.param2,
        _ => i.param3,
    };
    if r.is_finite() { f64::from(r) } else { 0.0 }
}
