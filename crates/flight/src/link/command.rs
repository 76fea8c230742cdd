//! The few commands that start a flight. There is no way to send any other.

use super::words::answer;
use super::{AGAIN_US, AUTOPILOT, LinkError, Target, Timer};
use atalaya_mav::common::{COMMAND_LONG_DATA, MavCmd, MavMessage, MavResult};

/// What an autopilot is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Heed the fence: ArduPilot holds it and waits to be told.
    Fence,
    /// Let the motors turn.
    Arm,
    /// Fly the mission from its first item.
    Start,
    /// The same, for those who only know modes (PX4's automatic mission mode).
    Mode,
}

impl Order {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fence => "enable the fence",
            Self::Arm => "arm",
            Self::Start => "start the mission",
            Self::Mode => "enter the mission mode",
        }
    }

    fn command(self) -> (MavCmd, [f32; 3]) {
        match self {
            Self::Fence => (MavCmd::MAV_CMD_DO_FENCE_ENABLE, [1.0, 0.0, 0.0]),
            Self::Arm => (MavCmd::MAV_CMD_COMPONENT_ARM_DISARM, [1.0, 0.0, 0.0]),
            Self::Start => (MavCmd::MAV_CMD_MISSION_START, [0.0, 0.0, 0.0]),
            Self::Mode => (MavCmd::MAV_CMD_DO_SET_MODE, [1.0, 4.0, 4.0]),
        }
    }
}

/// How an order stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Obeyed {
    Waiting,
    Yes,
    /// It doesn't know how to, or doesn't answer.
    Unknown(LinkError),
    No(LinkError),
}

/// An order that is repeated until it is answered.
#[derive(Clone, Debug)]
pub(crate) struct Ordering {
    to: Target,
    pub order: Order,
    times: u8,
    timer: Timer,
}

impl Ordering {
    pub(crate) fn new(to: Target, order: Order, now_us: u64, out: &mut Vec<MavMessage>) -> Self {
        let mut ordering = Self {
            to,
            order,
            times: 0,
            timer: Timer::new(now_us),
        };
        out.push(ordering.message());
        ordering
    }

    pub(crate) fn due_us(&self) -> u64 {
        self.timer.due_us
    }

    fn message(&mut self) -> MavMessage {
        let (command, [a, b, c]) = self.order.command();
        let confirmation = self.times;
        self.times = self.times.saturating_add(1);
        MavMessage::COMMAND_LONG(COMMAND_LONG_DATA {
            param1: a,
            param2: b,
            param3: c,
            command,
            target_system: self.to.system,
            target_component: AUTOPILOT,
            confirmation,
            ..COMMAND_LONG_DATA::default()
        })
    }

    pub(crate) fn take(&mut self, now_us: u64, message: &MavMessage) -> Obeyed {
        let starts = matches!(self.order, Order::Start | Order::Mode);
        let a = match message {
            MavMessage::COMMAND_ACK(a) => a,
            // Whoever gets on with the mission has started it, also when the answer was lost.
            MavMessage::MISSION_ITEM_REACHED(_) if starts => return Obeyed::Yes,
            _ => return Obeyed::Waiting,
        };
        // Older autopilots don't say whom they answer.
        let ours = a.target_system == self.to.ours || a.target_system == 0;
        if a.command != self.order.command().0 || !ours {
            return Obeyed::Waiting;
        }
        let no = |result| LinkError {
            what: format!(
                "aircraft {} doesn't {}: {}",
                self.to.system,
                self.order.name(),
                answer(result)
            ),
        };
        match a.result {
            MavResult::MAV_RESULT_ACCEPTED => Obeyed::Yes,
            MavResult::MAV_RESULT_IN_PROGRESS => {
                self.timer = Timer::new(now_us);
                self.timer.due_us = now_us + 10 * AGAIN_US;
                Obeyed::Waiting
            }
            MavResult::MAV_RESULT_UNSUPPORTED => Obeyed::Unknown(no(a.result)),
            other => Obeyed::No(no(other)),
        }
    }

    pub(crate) fn tick(&mut self, now_us: u64, out: &mut Vec<MavMessage>) -> Obeyed {
        match self.timer.ring(now_us) {
            Some(false) => {}
            Some(true) => out.push(self.message()),
            None => {
                return Obeyed::Unknown(LinkError {
                    what: format!(
                        "aircraft {} doesn't answer the order to {}; look at it before trying again",
                        self.to.system,
                        self.order.name()
                    ),
                });
            }
        }
        Obeyed::Waiting
    }
}
