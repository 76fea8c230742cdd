//! Uploading and reading back one list of items (MAVLink guide, "Mission Protocol").

use super::items::{Kind, WireItem};
use super::words::refusal;
use super::{AUTOPILOT, LinkError, TRIES, Target, Timer};
use atalaya_mav::common::{
    MISSION_ACK_DATA, MISSION_CLEAR_ALL_DATA, MISSION_COUNT_DATA, MISSION_REQUEST_INT_DATA,
    MISSION_REQUEST_LIST_DATA, MavMessage, MavMissionResult,
};

/// Most items that are read back.
const MOST: u16 = 8000;
/// Repetitions after which a missing acknowledgement is left to the reading back, and after which a
/// transfer begins anew: autopilots give one up after some seconds and then don't know of it.
const ENOUGH: u32 = 5;
/// How often a transfer begins anew.
const ANEW: u32 = 3;

/// How an upload stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sent {
    Going,
    /// All was sent; acknowledged or not.
    Done {
        acknowledged: bool,
    },
    Failed(LinkError),
}

/// An upload: the autopilot asks for item after item.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    to: Target,
    kind: Kind,
    items: Vec<WireItem>,
    /// How many have been asked for.
    asked: usize,
    timer: Timer,
    begun_anew: u32,
}

impl Upload {
    pub(crate) fn new(
        to: Target,
        kind: Kind,
        items: Vec<WireItem>,
        now_us: u64,
        out: &mut Vec<MavMessage>,
    ) -> Self {
        let upload = Self {
            to,
            kind,
            items,
            asked: 0,
            timer: Timer::new(now_us),
            begun_anew: 0,
        };
        out.push(upload.opening());
        upload
    }

    pub(crate) fn due_us(&self) -> u64 {
        self.timer.due_us
    }

    fn opening(&self) -> MavMessage {
        if self.items.is_empty() {
            return MavMessage::MISSION_CLEAR_ALL(MISSION_CLEAR_ALL_DATA {
                target_system: self.to.system,
                target_component: AUTOPILOT,
                mission_type: self.kind.wire(),
            });
        }
        MavMessage::MISSION_COUNT(MISSION_COUNT_DATA {
            count: self.items.len() as u16,
            target_system: self.to.system,
            target_component: AUTOPILOT,
            mission_type: self.kind.wire(),
            opaque_id: 0,
        })
    }

    pub(crate) fn take(
        &mut self,
        now_us: u64,
        message: &MavMessage,
        out: &mut Vec<MavMessage>,
    ) -> Sent {
        let (seq, to, kind) = match message {
            MavMessage::MISSION_REQUEST_INT(r) => (r.seq, r.target_system, r.mission_type),
            #[allow(
                deprecated,
                reason = "autopilots still ask so, and expect the new items"
            )]
            MavMessage::MISSION_REQUEST(r) => (r.seq, r.target_system, r.mission_type),
            MavMessage::MISSION_ACK(a)
                if a.mission_type == self.kind.wire() && a.target_system == self.to.ours =>
            {
                let cancelled = a.mavtype == MavMissionResult::MAV_MISSION_OPERATION_CANCELLED;
                if cancelled && self.begin_anew(now_us, out) {
                    return Sent::Going;
                }
                return self.acknowledged(a.mavtype);
            }
            _ => return Sent::Going,
        };
        if to != self.to.ours || kind != self.kind.wire() {
            return Sent::Going;
        }
        let seq = usize::from(seq);
        if let Some(item) = self.items.get(seq) {
            out.extend(item.message(self.to, self.kind, seq));
            self.asked = self.asked.max(seq + 1);
            self.timer = Timer::new(now_us);
        }
        Sent::Going
    }

    /// From the beginning, if that was not done too often.
    fn begin_anew(&mut self, now_us: u64, out: &mut Vec<MavMessage>) -> bool {
        if self.begun_anew >= ANEW {
            return false;
        }
        self.begun_anew += 1;
        self.asked = 0;
        self.timer = Timer::new(now_us);
        out.push(self.opening());
        true
    }

    fn acknowledged(&self, result: MavMissionResult) -> Sent {
        match result {
            // One that comes before all was asked for belongs to an earlier upload.
            MavMissionResult::MAV_MISSION_ACCEPTED if self.asked < self.items.len() => Sent::Going,
            MavMissionResult::MAV_MISSION_ACCEPTED => Sent::Done { acknowledged: true },
            // The answer to an item that came twice; it asks again for the one it wants.
            MavMissionResult::MAV_MISSION_INVALID_SEQUENCE => Sent::Going,
            other => Sent::Failed(LinkError {
                what: format!(
                    "aircraft {} refuses the {} at item {} of {}: {}",
                    self.to.system,
                    self.kind.name(),
                    self.asked.max(1),
                    self.items.len(),
                    refusal(other)
                ),
            }),
        }
    }

    pub(crate) fn tick(&mut self, now_us: u64, out: &mut Vec<MavMessage>) -> Sent {
        let whole = self.asked == self.items.len();
        match self.timer.ring(now_us) {
            Some(false) => return Sent::Going,
            Some(true) if whole && !self.items.is_empty() && TRIES - self.timer.left > ENOUGH => {
                return Sent::Done {
                    acknowledged: false,
                };
            }
            Some(true) if self.asked > 0 && TRIES - self.timer.left > ENOUGH => {
                if self.begin_anew(now_us, out) {
                    return Sent::Going;
                }
            }
            Some(true) => {}
            None => {
                return Sent::Failed(LinkError {
                    what: format!(
                        "aircraft {} doesn't answer the upload of its {} (item {} of {}); check the link, and whether it wants signed messages",
                        self.to.system,
                        self.kind.name(),
                        self.asked,
                        self.items.len()
                    ),
                });
            }
        }
        match self
            .asked
            .checked_sub(1)
            .and_then(|i| Some((i, self.items.get(i)?)))
        {
            Some((i, item)) => out.extend(item.message(self.to, self.kind, i)),
            None => out.push(self.opening()),
        }
        Sent::Going
    }
}

/// How a reading back stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    Going,
    Done(Vec<WireItem>),
    Failed(LinkError),
}

/// Reading back: we ask for item after item.
#[derive(Clone, Debug)]
pub(crate) struct Download {
    to: Target,
    kind: Kind,
    count: Option<u16>,
    items: Vec<WireItem>,
    timer: Timer,
    begun_anew: u32,
}

impl Download {
    pub(crate) fn new(to: Target, kind: Kind, now_us: u64, out: &mut Vec<MavMessage>) -> Self {
        let download = Self {
            to,
            kind,
            count: None,
            items: Vec::new(),
            timer: Timer::new(now_us),
            begun_anew: 0,
        };
        out.push(download.next());
        download
    }

    pub(crate) fn due_us(&self) -> u64 {
        self.timer.due_us
    }

    fn next(&self) -> MavMessage {
        let (target_system, target_component) = (self.to.system, AUTOPILOT);
        let mission_type = self.kind.wire();
        match self.count {
            None => MavMessage::MISSION_REQUEST_LIST(MISSION_REQUEST_LIST_DATA {
                target_system,
                target_component,
                mission_type,
            }),
            Some(_) => MavMessage::MISSION_REQUEST_INT(MISSION_REQUEST_INT_DATA {
                seq: self.items.len() as u16,
                target_system,
                target_component,
                mission_type,
            }),
        }
    }

    /// From the beginning, if that was not done too often.
    fn begin_anew(&mut self, now_us: u64, out: &mut Vec<MavMessage>) -> bool {
        if self.begun_anew >= ANEW {
            return false;
        }
        self.begun_anew += 1;
        self.count = None;
        self.items.clear();
        self.timer = Timer::new(now_us);
        out.push(self.next());
        true
    }

    fn finish(&mut self, out: &mut Vec<MavMessage>) -> Held {
        out.push(MavMessage::MISSION_ACK(MISSION_ACK_DATA {
            target_system: self.to.system,
            target_component: AUTOPILOT,
            mavtype: MavMissionResult::MAV_MISSION_ACCEPTED,
            mission_type: self.kind.wire(),
            opaque_id: 0,
        }));
        Held::Done(std::mem::take(&mut self.items))
    }

    pub(crate) fn take(
        &mut self,
        now_us: u64,
        message: &MavMessage,
        out: &mut Vec<MavMessage>,
    ) -> Held {
        let ours = |to: u8, kind| to == self.to.ours && kind == self.kind.wire();
        match message {
            MavMessage::MISSION_COUNT(c)
                if self.count.is_none() && ours(c.target_system, c.mission_type) =>
            {
                if c.count > MOST {
                    return Held::Failed(LinkError {
                        what: format!(
                            "aircraft {} says it holds {} items of its {}; that is not what was uploaded",
                            self.to.system,
                            c.count,
                            self.kind.name()
                        ),
                    });
                }
                self.count = Some(c.count);
            }
            MavMessage::MISSION_ITEM_INT(i)
                if self.count.is_some()
                    && usize::from(i.seq) == self.items.len()
                    && ours(i.target_system, i.mission_type) =>
            {
                self.items.push(WireItem::of(i));
            }
            MavMessage::MISSION_ACK(a)
                if ours(a.target_system, a.mission_type)
                    && a.mavtype != MavMissionResult::MAV_MISSION_ACCEPTED
                    && a.mavtype != MavMissionResult::MAV_MISSION_INVALID_SEQUENCE =>
            {
                let cancelled = a.mavtype == MavMissionResult::MAV_MISSION_OPERATION_CANCELLED;
                if cancelled && self.begin_anew(now_us, out) {
                    return Held::Going;
                }
                return Held::Failed(LinkError {
                    what: format!(
                        "aircraft {} doesn't give its {} back: {}",
                        self.to.system,
                        self.kind.name(),
                        refusal(a.mavtype)
                    ),
                });
            }
            _ => return Held::Going,
        }
        self.timer = Timer::new(now_us);
        if self
            .count
            .is_some_and(|c| usize::from(c) == self.items.len())
        {
            return self.finish(out);
        }
        out.push(self.next());
        Held::Going
    }

    pub(crate) fn tick(&mut self, now_us: u64, out: &mut Vec<MavMessage>) -> Held {
        match self.timer.ring(now_us) {
            Some(false) => {}
            Some(true) => {
                let stuck = self.count.is_some() && TRIES - self.timer.left > ENOUGH;
                if !(stuck && self.begin_anew(now_us, out)) {
                    out.push(self.next());
                }
            }
            None => {
                return Held::Failed(LinkError {
                    what: format!(
                        "aircraft {} doesn't answer the reading back of its {} (item {}); nothing was started",
                        self.to.system,
                        self.kind.name(),
                        self.items.len() + 1
                    ),
                });
            }
        }
        Held::Going
    }
}
