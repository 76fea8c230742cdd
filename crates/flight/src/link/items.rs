//! What is uploaded: the three lists of a plan as MAVLink items, and how two of them differ.

use super::{AUTOPILOT, Target};
use crate::qgc::{PlanFile, command, effector, is_permitted};
use atalaya_mav::common::{MISSION_ITEM_INT_DATA, MavCmd, MavFrame, MavMessage, MavMissionType};

/// One of the three lists that an autopilot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Where to fly.
    Mission,
    /// Where to stay.
    Fence,
    /// Where to go when something is wrong.
    Rally,
}

impl Kind {
    /// All, in the order in which they are uploaded: the fence stands before there is a mission.
    pub const ALL: [Self; 3] = [Self::Fence, Self::Rally, Self::Mission];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mission => "mission",
            Self::Fence => "fence",
            Self::Rally => "rally points",
        }
    }

    pub(crate) fn wire(self) -> MavMissionType {
        match self {
            Self::Mission => MavMissionType::MAV_MISSION_TYPE_MISSION,
            Self::Fence => MavMissionType::MAV_MISSION_TYPE_FENCE,
            Self::Rally => MavMissionType::MAV_MISSION_TYPE_RALLY,
        }
    }
}

/// An item as it goes over the link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WireItem {
    /// MAVLink's number of the command.
    pub command: u16,
    /// MAVLink's number of the frame of its height.
    pub frame: u8,
    /// The first four parameters; NaN where the autopilot keeps its own.
    pub params: [f32; 4],
    /// Latitude, degrees times ten million.
    pub x: i32,
    /// Longitude, degrees times ten million.
    pub y: i32,
    /// Height, metres.
    pub z: f32,
}

/// What an aircraft is to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Where to fly.
    pub mission: Vec<WireItem>,
    /// Where to stay.
    pub fence: Vec<WireItem>,
    /// Where to go when something is wrong.
    pub rally: Vec<WireItem>,
    /// Home: what ArduPilot has as item 0 of a mission.
    pub(crate) home: WireItem,
}

mod fence_command {
    pub const INSIDE_POLYGON: u16 = 5001;
    pub const OUTSIDE_POLYGON: u16 = 5002;
    pub const INSIDE_CIRCLE: u16 = 5003;
    pub const OUTSIDE_CIRCLE: u16 = 5004;
    pub const RALLY: u16 = 5100;
}

/// Degrees as they go over the link.
fn e7(degrees: f64) -> i32 {
    (degrees * 1e7).round() as i32
}

impl Load {
    /// Of a plan. Refuses what is not permitted, should it have come this far.
    pub fn new(plan: &PlanFile) -> Result<Self, super::LinkError> {
        let mut mission = Vec::new();
        for (i, item) in plan.items.iter().enumerate() {
            if !is_permitted(item.command) || effector(u64::from(item.command)).is_some() {
                return Err(super::LinkError {
                    what: format!(
                        "mission item {} has command {}, which a watching flight has no use for; nothing was uploaded",
                        i + 1,
                        item.command
                    ),
                });
            }
            let number = |i: usize| item.params[i].map_or(f32::NAN, |v| v as f32);
            let placed = item.frame != 2;
            let whole = |i: usize| {
                let v = item.params[i].unwrap_or(0.0);
                if placed { e7(v) } else { v.round() as i32 }
            };
            mission.push(WireItem {
                command: item.command,
                frame: item.frame,
                params: [number(0), number(1), number(2), number(3)],
                x: whole(4),
                y: whole(5),
                z: item.params[6].map_or(0.0, |v| v as f32),
            });
        }
        let place = |command, p: [f64; 2], first: f32, frame, z: f64| WireItem {
            command,
            frame,
            params: [first, 0.0, 0.0, 0.0],
            x: e7(p[0]),
            y: e7(p[1]),
            z: z as f32,
        };
        let mut fence = Vec::new();
        for p in &plan.polygons {
            let command = if p.inclusion {
                fence_command::INSIDE_POLYGON
            } else {
                fence_command::OUTSIDE_POLYGON
            };
            let corners = p.polygon.len() as f32;
            fence.extend(
                p.polygon
                    .iter()
                    .map(|q| place(command, *q, corners, 0, 0.0)),
            );
        }
        for c in &plan.circles {
            let command = if c.inclusion {
                fence_command::INSIDE_CIRCLE
            } else {
                fence_command::OUTSIDE_CIRCLE
            };
            fence.push(place(command, c.centre, c.radius_m as f32, 0, 0.0));
        }
        let rally = plan.rally.iter();
        let rally =
            rally.map(|[lat, lon, z]| place(fence_command::RALLY, [*lat, *lon], 0.0, 3, *z));
        let [lat, lon, z] = plan.home;
        Ok(Self {
            mission,
            fence,
            rally: rally.collect(),
            home: place(command::WAYPOINT, [lat, lon], 0.0, 0, z),
        })
    }

    /// A list of it.
    pub fn list(&self, kind: Kind) -> &[WireItem] {
        match kind {
            Kind::Mission => &self.mission,
            Kind::Fence => &self.fence,
            Kind::Rally => &self.rally,
        }
    }
}

/// The command's name on the wire, for those that are ever sent.
fn wire_command(command: u16) -> Option<MavCmd> {
    Some(match command {
        16 => MavCmd::MAV_CMD_NAV_WAYPOINT,
        17 => MavCmd::MAV_CMD_NAV_LOITER_UNLIM,
        18 => MavCmd::MAV_CMD_NAV_LOITER_TURNS,
        19 => MavCmd::MAV_CMD_NAV_LOITER_TIME,
        20 => MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH,
        21 => MavCmd::MAV_CMD_NAV_LAND,
        22 => MavCmd::MAV_CMD_NAV_TAKEOFF,
        31 => MavCmd::MAV_CMD_NAV_LOITER_TO_ALT,
        178 => MavCmd::MAV_CMD_DO_CHANGE_SPEED,
        189 => MavCmd::MAV_CMD_DO_LAND_START,
        5001 => MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION,
        5002 => MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
        5003 => MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION,
        5004 => MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION,
        5100 => MavCmd::MAV_CMD_NAV_RALLY_POINT,
        _ => return None,
    })
}

impl WireItem {
    /// As a message; nothing for a command that is never sent.
    pub(crate) fn message(&self, to: Target, kind: Kind, seq: usize) -> Option<MavMessage> {
        Some(MavMessage::MISSION_ITEM_INT(MISSION_ITEM_INT_DATA {
            param1: self.params[0],
            param2: self.params[1],
            param3: self.params[2],
            param4: self.params[3],
            x: self.x,
            y: self.y,
            z: self.z,
            seq: seq as u16,
            command: wire_command(self.command)?,
            target_system: to.system,
            target_component: AUTOPILOT,
            frame: match self.frame {
                2 => MavFrame::MAV_FRAME_MISSION,
                3 => MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT,
                _ => MavFrame::MAV_FRAME_GLOBAL,
            },
            current: u8::from(kind == Kind::Mission && seq == 0),
            autocontinue: 1,
            mission_type: kind.wire(),
        }))
    }

    /// Of a message.
    pub(crate) fn of(m: &MISSION_ITEM_INT_DATA) -> Self {
        // Frames for whole numbers of degrees and their older twins are the same.
        let frame = match m.frame as u32 {
            5 => 0,
            6 => 3,
            other => other as u8,
        };
        Self {
            command: m.command as u32 as u16,
            frame,
            params: [m.param1, m.param2, m.param3, m.param4],
            x: m.x,
            y: m.y,
            z: m.z,
        }
    }

    /// What of another item isn't as it is here. Heights come back to the centimetre, positions to the
    /// last digit; what was left to the autopilot (NaN) may be anything.
    fn differs(&self, other: &Self) -> Option<String> {
        let number = |name: &str, a: f32, b: f32, by: f32| {
            let same = a.is_nan() || a == b || (a - b).abs() <= by.max(1e-6 * a.abs());
            (!same).then(|| format!("{name} {b} instead of {a}"))
        };
        if self.command != other.command {
            return Some(format!(
                "command {} instead of {}",
                other.command, self.command
            ));
        }
        if self.frame != other.frame && self.frame != 2 {
            return Some(format!("frame {} instead of {}", other.frame, self.frame));
        }
        let places = [
            ("latitude", self.x, other.x),
            ("longitude", self.y, other.y),
        ];
        for (name, a, b) in places {
            if a.abs_diff(b) > 1 {
                let (a, b) = (f64::from(a) * 1e-7, f64::from(b) * 1e-7);
                return Some(format!("{name} {b:.7} instead of {a:.7}"));
            }
        }
        (0..4)
            .find_map(|i| {
                let name = format!("parameter {}", i + 1);
                number(&name, self.params[i], other.params[i], 1e-4)
            })
            .or_else(|| number("height", self.z, other.z, 0.011))
    }
}

/// One place where what is held isn't what was uploaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// In which list.
    pub kind: Kind,
    /// Which item, from 1; nothing where the lists differ in length.
    pub item: Option<usize>,
    /// What, in words.
    pub what: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.item {
            Some(i) => write!(f, "{}, item {i}: {}", self.kind.name(), self.what),
            None => write!(f, "{}: {}", self.kind.name(), self.what),
        }
    }
}

/// Compares item for item.
pub fn differences(kind: Kind, sent: &[WireItem], held: &[WireItem]) -> Vec<Difference> {
    let mut all = Vec::new();
    if sent.len() != held.len() {
        all.push(Difference {
            kind,
            item: None,
            what: format!("{} items instead of {}", held.len(), sent.len()),
        });
    }
    all.extend(sent.iter().zip(held).enumerate().filter_map(|(i, (a, b))| {
        Some(Difference {
            kind,
            item: Some(i + 1),
            what: a.differs(b)?,
        })
    }));
    all
}
