//! Loaded, read back, compared, started.

use super::{Autopilot, Event, Session, State};
use crate::link::LinkError;
use crate::link::command::{Obeyed, Order, Ordering};
use crate::link::items::{Kind, WireItem, differences};
use crate::link::transfer::{Download, Held, Sent, Upload};
use atalaya_mav::common::MavMessage;

impl Session {
    /// A list as this autopilot counts it.
    fn list(&self, kind: Kind) -> Vec<WireItem> {
        let mut list = self.load.list(kind).to_vec();
        if kind == Kind::Mission && self.autopilot == Autopilot::ArduPilot {
            list.insert(0, self.load.home);
        }
        list
    }

    pub(super) fn upload(&mut self, now_us: u64, n: usize) {
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

    /// Goes on: with a message, or because time has passed.
    pub(super) fn step(&mut self, now_us: u64, body: Option<&MavMessage>) {
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
}
