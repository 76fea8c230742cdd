//! One flight of one aircraft: found, loaded, read back, started, followed.

use super::command::{Obeyed, Order, Ordering};
use super::items::{Kind, Load, WireItem, differences};
use super::transfer::{Download, Held, Sent, Upload};
use super::{AUTOPILOT, LinkError, Target};
use atalaya_mav::common::{
    COMMAND_LONG_DATA, HEARTBEAT_DATA, MavAutopilot, MavCmd, MavMessage, MavModeFlag, MavState,
    MavType,
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

    fn begin_following(&mut self, now_us: u64) {
        self.state = State::Following;
        self.ask_for_telemetry(now_us);
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

    fn heartbeat(&mut self, now_us: u64, m: &Message, h: &HEARTBEAT_DATA) {
        let autopilot = match h.autopilot {
            MavAutopilot::MAV_AUTOPILOT_INVALID => return,
            MavAutopilot::MAV_AUTOPILOT_ARDUPILOTMEGA => Autopilot::ArduPilot,
            MavAutopilot::MAV_AUTOPILOT_PX4 => Autopilot::Px4,
            _ => Autopilot::Other,
        };
        if m.system == 0 || self.heard.len() >= MOST_SYSTEMS {
            return;
        }
        let armed = h
            .base_mode
            .contains(MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED);
        self.heard.insert(m.system, (autopilot, armed, m.signed));
        if let State::Finding { first_us } = &mut self.state {
            first_us.get_or_insert(now_us);
        }
        if self.options.system == Some(m.system) {
            self.found(now_us, m.system);
        }
    }

    fn found(&mut self, now_us: u64, system: u8) {
        let Some((autopilot, armed, signed)) = self.heard.get(&system).copied() else {
            return;
        };
        if armed {
            return self.fail(LinkError {
                what: format!(
                    "aircraft {system} is armed; its mission is not changed under it: land and disarm it first"
                ),
            });
        }
        self.system = system;
        self.autopilot = autopilot;
        self.last_us = now_us;
        self.events.push(Event::Found {
            system,
            autopilot,
            signed,
        });
        self.upload(now_us, 0);
    }

    /// A list as this autopilot counts it.
    fn list(&self, kind: Kind) -> Vec<WireItem> {
        let mut list = self.load.list(kind).to_vec();
        if kind == Kind::Mission && self.autopilot == Autopilot::ArduPilot {
            list.insert(0, self.load.home);
        }
        list
    }

    fn upload(&mut self, now_us: u64, n: usize) {
        match Kind::ALL.get(n) {
            Some(kind) => {
                let items = self.list(*kind);
                let upload = Upload::new(self.target(), *kind, items, now_us, &mut self.out);
                self.state = State::Loading(n, upload);
            }
            None => self.read(now_us, 0),
        }
    }

    fn read(&mut self, now_us: u64, n: usize) {
        match Kind::ALL.get(n) {
            Some(kind) => {
                let download = Download::new(self.target(), *kind, now_us, &mut self.out);
                self.state = State::Reading(n, download);
            }
            None => {
                self.state = State::Ready;
                self.events.push(Event::Ready);
            }
        }
    }

    fn compare(&mut self, now_us: u64, n: usize, mut held: Vec<WireItem>) {
        let kind = Kind::ALL[n];
        let mut sent = self.list(kind);
        if kind == Kind::Mission && self.autopilot == Autopilot::ArduPilot && !held.is_empty() {
            // Its home is its own affair.
            sent.remove(0);
            held.remove(0);
        }
        let found = differences(kind, &sent, &held);
        match found.first() {
            None => {
                let items = sent.len();
                self.events.push(Event::Same { kind, items });
                self.read(now_us, n + 1);
            }
            Some(first) => {
                let more = match found.len() - 1 {
                    0 => String::new(),
                    n => format!(" (and {n} more)"),
                };
                self.fail(LinkError {
                    what: format!(
                        "aircraft {} holds something else than was uploaded: {first}{more}; nothing was started, clear its mission and try again",
                        self.system
                    ),
                });
            }
        }
    }

    /// What is heard in whatever state.
    fn listen(&mut self, body: &MavMessage) {
        let was = self.telemetry.clone();
        let placed = self.telemetry.take(body);
        let now = &self.telemetry;
        if now.fence_breaches > was.fence_breaches.or(Some(0)) {
            self.events
                .push(Event::Breach(now.fence_breaches.unwrap_or(0)));
        }
        if let MavMessage::STATUSTEXT(t) = body {
            let text: String = t
                .text
                .to_str()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .collect();
            self.events.push(Event::Text(text));
        }
        if !matches!(self.state, State::Starting(_) | State::Following) {
            return;
        }
        if let MavMessage::MISSION_ITEM_REACHED(r) = body
            && was.reached != now.reached
        {
            let home = usize::from(self.autopilot == Autopilot::ArduPilot);
            let n = (usize::from(r.seq) + 1).saturating_sub(home);
            self.events.push(Event::Reached(n, self.load.mission.len()));
        }
        if placed {
            self.events.push(Event::Position(Box::new(now.clone())));
        }
        self.flew |= now.armed == Some(true);
        let over = self.flew && now.armed == Some(false);
        if over && matches!(self.state, State::Following) {
            self.events.push(Event::Ended);
            self.state = State::Over;
        }
    }

    /// Goes on: with a message, or because time has passed.
    fn step(&mut self, now_us: u64, body: Option<&MavMessage>) {
        let out = &mut self.out;
        match &mut self.state {
            State::Loading(n, upload) => {
                let (n, sent) = match body {
                    Some(m) => (*n, upload.take(now_us, m, out)),
                    None => (*n, upload.tick(now_us, out)),
                };
                match sent {
                    Sent::Going => {}
                    Sent::Failed(e) => self.fail(e),
                    Sent::Done { acknowledged } => {
                        let kind = Kind::ALL[n];
                        let items = self.load.list(kind).len();
                        self.events.push(Event::Uploaded {
                            kind,
                            items,
                            acknowledged,
                        });
                        self.upload(now_us, n + 1);
                    }
                }
            }
            State::Reading(n, download) => {
                let (n, held) = match body {
                    Some(m) => (*n, download.take(now_us, m, out)),
                    None => (*n, download.tick(now_us, out)),
                };
                match held {
                    Held::Going => {}
                    Held::Failed(e) => self.fail(e),
                    Held::Done(items) => self.compare(now_us, n, items),
                }
            }
            State::Starting(ordering) => {
                let order = ordering.order;
                let obeyed = match body {
                    Some(m) => ordering.take(now_us, m),
                    None => ordering.tick(now_us, out),
                };
                self.obeyed(now_us, order, obeyed);
            }
            _ => {}
        }
    }

    fn obeyed(&mut self, now_us: u64, order: Order, obeyed: Obeyed) {
        let by_mode = self.autopilot != Autopilot::ArduPilot;
        let next = match (obeyed, order) {
            (Obeyed::Waiting, _) => return,
            (Obeyed::Unknown(_), Order::Start) if by_mode => Order::Mode,
            (Obeyed::Unknown(e) | Obeyed::No(e), _) => return self.fail(e),
            (Obeyed::Yes, done) => {
                self.events.push(Event::Obeyed(done.name()));
                match done {
                    Order::Fence => Order::Arm,
                    Order::Arm => Order::Start,
                    Order::Start | Order::Mode => {
                        self.events.push(Event::Started);
                        return self.begin_following(now_us);
                    }
                }
            }
        };
        let ordering = Ordering::new(self.target(), next, now_us, &mut self.out);
        self.state = State::Starting(ordering);
    }

    /// Position, attitude, battery, clock, fence: an autopilot that sends them already takes no harm.
    fn ask_for_telemetry(&mut self, now_us: u64) {
        self.asked_us = now_us;
        for (message, every_us) in [
            (33, 250_000.0),
            (30, 250_000.0),
            (74, 500_000.0),
            (24, 1e6),
            (1, 1e6),
            (2, 1e6),
            (42, 1e6),
            (162, 1e6),
        ] {
            self.out.push(MavMessage::COMMAND_LONG(COMMAND_LONG_DATA {
                param1: message as f32,
                param2: every_us,
                command: MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL,
                target_system: self.system,
                target_component: AUTOPILOT,
                ..COMMAND_LONG_DATA::default()
            }));
        }
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

    fn finding(&mut self, now_us: u64, first_us: Option<u64>) {
        let known: Vec<String> = self.heard.keys().map(u8::to_string).collect();
        match (first_us, self.options.system) {
            (Some(t), None) if now_us >= t + self.options.listen_us => match known.as_slice() {
                [_] => {
                    let system = self.heard.keys().next().copied().unwrap_or_default();
                    self.found(now_us, system);
                }
                _ => self.fail(LinkError {
                    what: format!(
                        "{} aircraft are on this link: {}; say which with --system",
                        known.len(),
                        known.join(", ")
                    ),
                }),
            },
            _ if now_us >= self.began_us + self.options.patience_us => {
                let seconds = self.options.patience_us / 1_000_000;
                let what = match self.options.system {
                    Some(n) if !known.is_empty() => format!(
                        "aircraft {n} is not on this link; heard: {}",
                        known.join(", ")
                    ),
                    _ => format!(
                        "no heartbeat of an autopilot within {seconds} s; check address, port and that it is switched on"
                    ),
                };
                self.fail(LinkError { what });
            }
            _ => {}
        }
    }

    fn quiet(&mut self, now_us: u64) {
        let silent = now_us.saturating_sub(self.last_us);
        if silent >= QUIET_US && !self.quiet {
            self.quiet = true;
            self.events.push(Event::Lost);
        }
        let following = matches!(self.state, State::Following);
        // Asked for again where nothing came of it.
        if following && self.telemetry.lat.is_none() && now_us >= self.asked_us + QUIET_US {
            self.ask_for_telemetry(now_us);
        }
        if silent >= self.options.lost_us {
            let place = match (self.telemetry.lat, self.telemetry.lon) {
                (Some(lat), Some(lon)) => {
                    format!("; last at {:.6}, {:.6}", lat.to_degrees(), lon.to_degrees())
                }
                _ => String::new(),
            };
            self.fail(LinkError {
                what: format!(
                    "aircraft {} was not heard for {} s{place}; it flies on by its own rules for a lost link",
                    self.system,
                    silent / 1_000_000
                ),
            });
        }
    }
}
