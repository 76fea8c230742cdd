//! An aircraft of another making: the autopilot's side of MAVLink's protocols.

use atalaya_mav::common::*;
use std::collections::BTreeMap;

/// What is odd about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Odd {
    /// Says it is ArduPilot, and has home as item 0.
    pub ardupilot: bool,
    /// Refuses this item of the mission.
    pub refuses: Option<u16>,
    /// Holds another height than it was given for this item of the mission.
    pub alters: Option<u16>,
    /// Doesn't answer anything.
    pub deaf: bool,
    /// Is armed from the beginning.
    pub armed: bool,
    /// Doesn't arm.
    pub denies: bool,
    /// Doesn't know how to start a mission but by mode.
    pub modes_only: bool,
    /// Falls silent this long after it began to fly, microseconds.
    pub silent_after: Option<u64>,
}

/// An aircraft.
pub struct Vehicle {
    pub system: u8,
    pub odd: Odd,
    pub held: BTreeMap<u32, Vec<MISSION_ITEM_INT_DATA>>,
    /// Upload: kind, how many, what came.
    upload: Option<(MavMissionType, u16, Vec<MISSION_ITEM_INT_DATA>, u64)>,
    pub armed: bool,
    pub flying_since: Option<u64>,
    pub fence_on: bool,
    reached: u16,
    next_us: u64,
    /// Every command it was ever given.
    pub commands: Vec<MavCmd>,
    /// What it says.
    pub out: Vec<MavMessage>,
}

impl Vehicle {
    pub fn new(system: u8, odd: Odd) -> Self {
        Self {
            system,
            odd,
            held: BTreeMap::new(),
            upload: None,
            armed: odd.armed,
            flying_since: None,
            fence_on: false,
            reached: 0,
            next_us: 0,
            commands: Vec::new(),
            out: Vec::new(),
        }
    }

    fn ack(&mut self, kind: MavMissionType, result: MavMissionResult) {
        self.out.push(MavMessage::MISSION_ACK(MISSION_ACK_DATA {
            target_system: 255,
            target_component: 190,
            mavtype: result,
            mission_type: kind,
            opaque_id: 0,
        }));
    }

    fn ask(&mut self, kind: MavMissionType, seq: u16) {
        self.out
            .push(MavMessage::MISSION_REQUEST_INT(MISSION_REQUEST_INT_DATA {
                seq,
                target_system: 255,
                target_component: 190,
                mission_type: kind,
            }));
    }

    /// Takes a message.
    pub fn take(&mut self, now: u64, m: &MavMessage) {
        use MavMissionResult as R;
        if self.odd.deaf {
            return;
        }
        match m {
            MavMessage::MISSION_COUNT(c) if c.target_system == self.system => {
                if let Some((kind, ..)) = &self.upload
                    && *kind == c.mission_type
                {
                    // Said twice: it is already asking.
                } else {
                    self.upload = Some((c.mission_type, c.count, Vec::new(), now));
                }
                let seq = self.upload.as_ref().map_or(0, |u| u.2.len() as u16);
                self.ask(c.mission_type, seq);
            }
            MavMessage::MISSION_ITEM_INT(i) if i.target_system == self.system => {
                let Some((kind, count, items, last)) = &mut self.upload else {
                    return;
                };
                if i.mission_type != *kind || usize::from(i.seq) != items.len() {
                    return;
                }
                let mission = i.mission_type == MavMissionType::MAV_MISSION_TYPE_MISSION;
                if mission && self.odd.refuses == Some(i.seq) {
                    self.upload = None;
                    return self.ack(i.mission_type, R::MAV_MISSION_INVALID_PARAM2);
                }
                let mut item = i.clone();
                if mission && self.odd.alters == Some(i.seq) {
                    item.z -= 100.0;
                }
                items.push(item);
                *last = now;
                if items.len() == usize::from(*count) {
                    let (kind, items) = (*kind, std::mem::take(items));
                    self.held.insert(kind as u32, items);
                    self.upload = None;
                    return self.ack(kind, R::MAV_MISSION_ACCEPTED);
                }
                let (kind, seq) = (*kind, items.len() as u16);
                self.ask(kind, seq);
            }
            MavMessage::MISSION_CLEAR_ALL(c) if c.target_system == self.system => {
                self.held.insert(c.mission_type as u32, Vec::new());
                self.ack(c.mission_type, R::MAV_MISSION_ACCEPTED);
            }
            MavMessage::MISSION_REQUEST_LIST(l) if l.target_system == self.system => {
                let count = self.held.get(&(l.mission_type as u32)).map_or(0, Vec::len) as u16;
                self.out.push(MavMessage::MISSION_COUNT(MISSION_COUNT_DATA {
                    count,
                    target_system: 255,
                    target_component: 190,
                    mission_type: l.mission_type,
                    opaque_id: 0,
                }));
            }
            MavMessage::MISSION_REQUEST_INT(r) if r.target_system == self.system => {
                let items = self.held.get(&(r.mission_type as u32));
                match items.and_then(|i| i.get(usize::from(r.seq))) {
                    Some(item) => {
                        let mut item = item.clone();
                        item.target_system = 255;
                        item.target_component = 190;
                        self.out.push(MavMessage::MISSION_ITEM_INT(item));
                    }
                    None => self.ack(r.mission_type, R::MAV_MISSION_INVALID_SEQUENCE),
                }
            }
            MavMessage::COMMAND_LONG(c) if c.target_system == self.system => self.command(now, c),
            _ => {}
        }
    }

    fn command(&mut self, now: u64, c: &COMMAND_LONG_DATA) {
        use MavResult as R;
        self.commands.push(c.command);
        let result = match c.command {
            MavCmd::MAV_CMD_COMPONENT_ARM_DISARM if self.odd.denies => R::MAV_RESULT_DENIED,
            MavCmd::MAV_CMD_COMPONENT_ARM_DISARM => {
                self.armed = true;
                R::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_MISSION_START if self.odd.modes_only => R::MAV_RESULT_UNSUPPORTED,
            MavCmd::MAV_CMD_MISSION_START | MavCmd::MAV_CMD_DO_SET_MODE => {
                self.flying_since.get_or_insert(now);
                R::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_DO_FENCE_ENABLE => {
                self.fence_on = true;
                R::MAV_RESULT_ACCEPTED
            }
            _ => R::MAV_RESULT_ACCEPTED,
        };
        self.out.push(MavMessage::COMMAND_ACK(COMMAND_ACK_DATA {
            command: c.command,
            result,
            target_system: 255,
            target_component: 190,
            ..COMMAND_ACK_DATA::default()
        }));
    }

    /// Time has passed.
    pub fn tick(&mut self, now: u64) {
        self.speak(now);
        if let (Some(after), Some(since)) = (self.odd.silent_after, self.flying_since)
            && now > since + after
        {
            self.out.clear();
        }
    }

    fn speak(&mut self, now: u64) {
        if let Some((kind, _, items, last)) = &mut self.upload
            && now >= *last + 400_000
        {
            *last = now;
            let (kind, seq) = (*kind, items.len() as u16);
            self.ask(kind, seq);
        }
        if now < self.next_us {
            return;
        }
        self.next_us = now + 500_000;
        let mut base_mode = MavModeFlag::empty();
        if self.armed {
            base_mode |= MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED;
        }
        self.out.push(MavMessage::HEARTBEAT(HEARTBEAT_DATA {
            custom_mode: 0,
            mavtype: MavType::MAV_TYPE_FIXED_WING,
            autopilot: if self.odd.ardupilot {
                MavAutopilot::MAV_AUTOPILOT_ARDUPILOTMEGA
            } else {
                MavAutopilot::MAV_AUTOPILOT_PX4
            },
            base_mode,
            system_status: MavState::MAV_STATE_ACTIVE,
            mavlink_version: 3,
        }));
        let Some(since) = self.flying_since else {
            return;
        };
        let mission = self.held.get(&0).map_or(&[][..], Vec::as_slice);
        if usize::from(self.reached) < mission.len() {
            let item = &mission[usize::from(self.reached)];
            if item.frame != MavFrame::MAV_FRAME_MISSION {
                self.out
                    .push(MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
                        time_boot_ms: (now / 1000) as u32,
                        lat: item.x,
                        lon: item.y,
                        alt: (item.z * 1000.0) as i32,
                        ..GLOBAL_POSITION_INT_DATA::default()
                    }));
            }
            self.out.push(MavMessage::MISSION_ITEM_REACHED(
                MISSION_ITEM_REACHED_DATA { seq: self.reached },
            ));
            self.reached += 1;
        } else if now > since + 1_000_000 {
            self.armed = false;
        }
    }
}
