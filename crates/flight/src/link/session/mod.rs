//! One flight of one aircraft: found, loaded, read back, started, followed.

mod find;
mod follow;
mod load;

use super::command::{Order, Ordering};
use super::items::{Kind, Load};
use super::transfer::{Download, Upload};
use super::{AUTOPILOT, LinkError, Target};
use atalaya_mav::common::{
    HEARTBEAT_DATA, MavAutopilot, MavMessage, MavModeFlag, MavState, MavType,
};
use atalaya_mav::{Message, Telemetry};
use std::collections::BTreeMap;

/// Who makes the autopilot: some things are done otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Autopilot {
    /// ArduPilot: item 0 of its mission is home, its fence waits to be enabled.
    ArduPilot,
    /// PX4.
    Px4,
    /// Any other.
    Other,
}

impl Autopilot {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::ArduPilot => "ArduPilot",
            Self::Px4 => "PX4",
            Self::Other => "another autopilot",
        }
    }
}

/// How a session is to go.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Which aircraft; nothing where there is to be but one.
    pub system: Option<u8>,
    /// Our own number, as a ground station.
    pub ours: u8,
    /// How long to wait for a first heartbeat, microseconds.
    pub patience_us: u64,
    /// How long to listen whether another aircraft is there, microseconds.
    pub listen_us: u64,
    /// After how long without a word a flight that is followed is given up, microseconds.
    pub lost_us: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            system: None,
            ours: 255,
            patience_us: 15_000_000,
            listen_us: 2_500_000,
            lost_us: 60_000_000,
        }
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for heartbeats.
    Finding,
    /// Sending.
    Loading,
    /// Reading back.
    Reading,
    /// The aircraft holds what it is to hold; a person has to confirm.
    Ready,
    /// Ordered to start.
    Starting,
    /// In flight.
    Following,
    /// Nothing more will come.
    Over,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// This aircraft it is.
    Found {
        /// Its number.
        system: u8,
        /// Its autopilot.
        autopilot: Autopilot,
        /// Its messages are signed.
        signed: bool,
    },
    /// A list was sent.
    Uploaded {
        /// Which.
        kind: Kind,
        /// How many items.
        items: usize,
        /// The autopilot said so; if not, the reading back will tell.
        acknowledged: bool,
    },
    /// A list was read back and is the same, item for item.
    Same {
        /// Which.
        kind: Kind,
        /// How many items.
        items: usize,
    },
    /// All is the same: it may be started.
    Ready,
    /// An order was obeyed.
    Obeyed(&'static str),
    /// It flies the mission.
    Started,
    /// A new position.
    Position(Box<Telemetry>),
    /// It reached an item, from 1, of so many.
    Reached(usize, usize),
    /// The autopilot's own words, made printable.
    Text(String),
    /// Nothing was heard for some seconds.
    Lost,
    /// It is heard again.
    Back,
    /// It broke its fence.
    Breach(u16),
    /// The flight is over.
    Ended,
    /// The session is over, for this reason.
    Failed(LinkError),
}

enum State {
    Finding { first_us: Option<u64> },
    Loading(usize, Upload),
    Reading(usize, Download),
    Ready,
    Starting(Ordering),
    Following,
    Over,
}

/// A heartbeat of ours every second, and after five without a word of theirs something is wrong.
const BEAT_US: u64 = 1_000_000;
const QUIET_US: u64 = 5_000_000;
/// Most aircraft that are told apart.
const MOST_SYSTEMS: usize = 250;

/// A session.
pub struct Session {
    load: Load,
    options: Options,
    state: State,
    /// Autopilot, armed, signed.
    heard: BTreeMap<u8, (Autopilot, bool, bool)>,
    system: u8,
    autopilot: Autopilot,
    /// It was armed since it was told to start.
    flew: bool,
    began_us: u64,
    beat_us: u64,
    last_us: u64,
    quiet: bool,
    asked_us: u64,
    telemetry: Telemetry,
    out: Vec<MavMessage>,
    events: Vec<Event>,
}

impl Session {
    /// For a load.
    pub fn new(load: Load, options: Options, now_us: u64) -> Self {
        Self {
            load,
            options,
            state: State::Finding { first_us: None },
            heard: BTreeMap::new(),
            system: 0,
            autopilot: Autopilot::Other,
            flew: false,
            began_us: now_us,
            beat_us: now_us,
            last_us: now_us,
            quiet: false,
            asked_us: 0,
            telemetry: Telemetry::default(),
            out: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Where it stands.
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Finding { .. } => Phase::Finding,
            State::Loading(..) => Phase::Loading,
            State::Reading(..) => Phase::Reading,
            State::Ready => Phase::Ready,
            State::Starting(_) => Phase::Starting,
            State::Following => Phase::Following,
            State::Over => Phase::Over,
        }
    }

    /// The aircraft that was found.
    pub fn system(&self) -> Option<u8> {
        (self.system != 0).then_some(self.system)
    }

    /// What to send now.
    pub fn take_messages(&mut self) -> Vec<MavMessage> {
        std::mem::take(&mut self.out)
    }

    /// What happened since it was last asked.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// When to call [`Self::tick`] at the latest.
    pub fn deadline_us(&self) -> u64 {
        let step = match &self.state {
            State::Loading(_, u) => u.due_us(),
            State::Reading(_, d) => d.due_us(),
            State::Starting(o) => o.due_us(),
            State::Finding { first_us } => match first_us {
                Some(t) => t + self.options.listen_us,
                None => self.began_us + self.options.patience_us,
            },
            _ => u64::MAX,
        };
        step.min(self.beat_us)
    }

    fn fail(&mut self, error: LinkError) {
        self.events.push(Event::Failed(error));
        self.state = State::Over;
    }

    fn target(&self) -> Target {
        Target {
            system: self.system,
            ours: self.options.ours,
        }
    }

    /// A person has confirmed: start. Only what is ready starts.
    pub fn confirm(&mut self, now_us: u64) {
        if !matches!(self.state, State::Ready) {
            return;
        }
        let first = match self.autopilot {
            Autopilot::ArduPilot => Order::Fence,
            _ => Order::Arm,
        };
        let ordering = Ordering::new(self.target(), first, now_us, &mut self.out);
        self.state = State::Starting(ordering);
    }

    /// Follows without having started: what flies already, or is started by others.
    pub fn follow(&mut self, now_us: u64) {
        if matches!(self.state, State::Ready) {
            self.begin_following(now_us);
        }
    }

    /// Takes a message from the link.
    pub fn receive(&mut self, now_us: u64, m: &Message) {
        if m.component != AUTOPILOT || matches!(self.state, State::Over) {
            return;
        }
        if let (State::Finding { .. }, MavMessage::HEARTBEAT(h)) = (&self.state, &m.body) {
            self.heartbeat(now_us, m, h);
            return;
        }
        if m.system != self.system || self.system == 0 {
            return;
        }
        self.last_us = now_us;
        if std::mem::take(&mut self.quiet) {
            self.events.push(Event::Back);
        }
        self.listen(&m.body);
        self.step(now_us, Some(&m.body));
    }

    /// Time has passed.
    pub fn tick(&mut self, now_us: u64) {
        if matches!(self.state, State::Over) {
            return;
        }
        if now_us >= self.beat_us {
            self.beat_us = now_us + BEAT_US;
            self.out.push(MavMessage::HEARTBEAT(HEARTBEAT_DATA {
                custom_mode: 0,
                mavtype: MavType::MAV_TYPE_GCS,
                autopilot: MavAutopilot::MAV_AUTOPILOT_INVALID,
                base_mode: MavModeFlag::empty(),
                system_status: MavState::MAV_STATE_ACTIVE,
                mavlink_version: 3,
            }));
        }
        match self.state {
            State::Finding { first_us } => self.finding(now_us, first_us),
            State::Ready | State::Following => self.quiet(now_us),
            _ => self.step(now_us, None),
        }
    }
}
