//! The side that sensors register with.

use crate::check::check;
use crate::detection::{Detection, Place};
use crate::message::{Message, Value};
use crate::{location, ulid, wire};
use std::collections::BTreeMap;

/// Kinds of node that act on the world instead of watching it: never accepted.
pub const EFFECTORS: [&str; 5] = [
    "NODE_TYPE_KINETIC",
    "NODE_TYPE_JAMMER",
    "NODE_TYPE_CYBER",
    "NODE_TYPE_LDEW",
    "NODE_TYPE_RFDEW",
];

/// Nodes that may be registered at once.
const NODES: usize = 256;

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A node has registered.
    Registered {
        /// Its id.
        node: String,
        /// Its name, or its id.
        name: String,
    },
    /// A node told of its state.
    Status {
        /// Its id.
        node: String,
        /// Where it stands, if it said.
        place: Option<Place>,
        /// It is about to leave.
        goodbye: bool,
    },
    /// A node has found something.
    Detection(Detection),
    /// A node raises an alert.
    Alert {
        /// Its id.
        node: String,
        /// When, microseconds since 1970 UTC.
        t_us: i64,
        /// The alert's id.
        id: String,
        /// Where, if it said.
        place: Option<Place>,
        /// In its words.
        description: String,
        /// Probability that it is not false, where it is told.
        confidence: Option<f64>,
    },
    /// A node's answer to a task of ours ([`Host::look`]).
    Answered {
        /// Its id.
        node: String,
        /// The task's id.
        task: String,
        /// `TASK_STATUS_ACCEPTED`, `_REJECTED`, `_COMPLETED` or `_FAILED`.
        status: &'static str,
        /// Its reason, where it gives one.
        reason: Option<String>,
    },
    /// Something that asks for nothing: an acknowledgement or an error message.
    Other {
        /// The node's id.
        node: String,
    },
    /// It is not taken.
    Refused {
        /// Why.
        why: String,
    },
}

/// What was refused, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostCounts {
    /// Messages that were taken.
    pub taken: u64,
    /// Bytes that are no message, and messages that do not conform.
    pub malformed: u64,
    /// Of nodes that have not registered, or may not.
    pub unregistered: u64,
    /// Of effectors.
    pub effectors: u64,
}

/// What a node that has registered may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing of it is taken: an effector.
    Effector,
    /// A sensor.
    Sensor,
    /// A sensor whose registration says that it takes the task to look at a place.
    Looks,
}

/// One host for all its nodes. A function of what it is given: no clock, no socket.
#[derive(Clone, Debug)]
pub struct Host {
    id: String,
    /// The nodes that may register; any, when empty.
    allowed: Vec<String>,
    nodes: BTreeMap<String, Standing>,
    /// Tasks given so far: makes their ids unique.
    given: u64,
    /// Counts.
    pub counts: HostCounts,
}

impl Host {
    /// With its own id (a UUID) and the nodes that may register (any, when empty).
    pub fn new(id: &str, allowed: &[String]) -> Self {
        Self {
            id: id.to_owned(),
            allowed: allowed.iter().map(|a| a.to_ascii_lowercase()).collect(),
            nodes: BTreeMap::new(),
            given: 0,
            counts: HostCounts::default(),
        }
    }

    /// Takes a message without its length; gives what it says and the answer, if it asks for one. `now`
    /// is what the answer is stamped with, microseconds since 1970 UTC.
    pub fn hear(&mut self, bytes: &[u8], now: i64) -> (Heard, Option<Message>) {
        let message = match wire::decode(bytes) {
            Ok(m) => m,
            Err(e) => return self.malformed(bytes, "", vec![e.to_string()], now),
        };
        let node = message.text("node_id").unwrap_or_default().to_owned();
        let faults: Vec<String> = check(&message)
            .into_iter()
            .map(|f| format!("{}: {}", f.path, f.what))
            .collect();
        if let Some(r) = message.message("registration") {
            return self.register(&node, r, faults, now);
        }
        if !faults.is_empty() {
            return self.malformed(bytes, &node, faults, now);
        }
        match self.nodes.get(&node) {
            Some(Standing::Sensor | Standing::Looks) => {}
            Some(Standing::Effector) => {
                self.counts.effectors += 1;
                return refused("an effector: nothing of it is taken");
            }
            None => {
                self.counts.unregistered += 1;
                let why = "register first, with a registration message";
                let answer = self.error(bytes, &node, &[why.to_owned()], now);
                return (Heard::Refused { why: why.into() }, answer);
            }
        }
        self.counts.taken += 1;
        if let Some(d) = Detection::of(&message) {
            return (Heard::Detection(d), None);
        }
        if let Some(s) = message.message("status_report") {
            let goodbye = s.word("system") == Some("SYSTEM_GOODBYE");
            if goodbye {
                self.nodes.remove(&node);
            }
            let place = s.message("node_location").and_then(Place::location);
            return (
                Heard::Status {
                    node,
                    place,
                    goodbye,
                },
                None,
            );
        }
        if let Some(a) = message.message("alert") {
            let id = a.text("alert_id").unwrap_or_default().to_owned();
            let answer = self.answer(&node, now).map(|m| {
                m.with_message("alert_ack", |ack| {
                    ack.with_text("alert_id", id.clone())
                        .with_word("alert_ack_status", "ALERT_ACK_STATUS_ACCEPTED")
                })
            });
            let heard = Heard::Alert {
                node,
                t_us: message.time("timestamp").unwrap_or(now),
                id,
                place: Place::of(a),
                description: a.text("description").unwrap_or_default().to_owned(),
                confidence: a.number("confidence").map(|c| c.clamp(0.0, 1.0)),
            };
            return (heard, answer);
        }
        if let Some(ack) = message.message("task_ack") {
            let heard = Heard::Answered {
                node,
                task: ack.text("task_id").unwrap_or_default().to_owned(),
                status: ack.word("task_status").unwrap_or_default(),
                reason: ack.text("reason").map(|r| r.chars().take(200).collect()),
            };
            return (heard, None);
        }
        if let Some(task) = message.message("task") {
            // Nobody tasks us: we watch under one authority, and that is a document.
            let id = task.text("task_id").unwrap_or_default().to_owned();
            let answer = self.answer(&node, now).map(|m| {
                m.with_message("task_ack", |ack| {
                    ack.with_text("task_id", id)
                        .with_word("task_status", "TASK_STATUS_REJECTED")
                        .with_text("reason", "tasks are not taken here")
                })
            });
            return (
                Heard::Refused {
                    why: "a task for us: tasks are not taken here".into(),
                },
                answer,
            );
        }
        (Heard::Other { node }, None)
    }

    /// The registered nodes that can be asked to look at a place.
    pub fn lookers(&self) -> impl Iterator<Item = &str> {
        let looks = |n: &(&String, &Standing)| *n.1 == Standing::Looks;
        self.nodes.iter().filter(looks).map(|n| n.0.as_str())
    }

    /// The task to look at a place (longitude, latitude in degrees, height in metres): the only task
    /// there is here. `None` for a node that has not registered as a sensor that takes it.
    pub fn look(&mut self, node: &str, at: [f64; 3], now: i64) -> Option<Message> {
        if self.nodes.get(node) != Some(&Standing::Looks) {
            return None;
        }
        self.given += 1;
        let ms = u64::try_from(now / 1000).unwrap_or(0);
        let task = ulid(ms, u128::from(self.given));
        Some(self.answer(node, now)?.with_message("task", |t| {
            t.with_text("task_id", task)
                .with_word("control", "CONTROL_START")
                .with_message("command", |c| {
                    c.with_message("look_at", |l| {
                        l.with_message("location_list", |list| {
                            list.with_message("locations", |p| location(p, at, None))
                        })
                    })
                })
        }))
    }

    fn register(
        &mut self,
        node: &str,
        r: &Message,
        mut faults: Vec<String>,
        now: i64,
    ) -> (Heard, Option<Message>) {
        let effector = r
            .messages("node_definition")
            .filter_map(|d| d.word("node_type"))
            .find(|t| EFFECTORS.contains(t));
        let id = node.to_ascii_lowercase();
        let stranger = !self.allowed.is_empty() && !self.allowed.contains(&id);
        let full = self.nodes.len() >= NODES && !self.nodes.contains_key(node);
        if let Some(kind) = effector {
            self.counts.effectors += 1;
            faults = vec![format!(
                "{kind}: effectors are not accepted; only sensors may register"
            )];
            if faults.len() + self.nodes.len() <= NODES {
                self.nodes.insert(node.to_owned(), Standing::Effector);
            }
        } else if !faults.is_empty() {
            self.counts.malformed += 1;
        } else if stranger || full {
            self.counts.unregistered += 1;
            faults.push(if stranger {
                "this node is not named in the operation".into()
            } else {
                format!("{NODES} nodes are registered, and no more are taken")
            });
        }
        let answer = self.answer(node, now).map(|m| {
            m.with_message("registration_ack", |ack| {
                let ack = ack.with("acceptance", Value::Bool(faults.is_empty()));
                faults.iter().take(10).fold(ack, |ack, f| {
                    ack.with_text("ack_response_reason", f.clone())
                })
            })
        });
        if let Some(why) = faults.into_iter().next() {
            return (Heard::Refused { why }, answer);
        }
        self.counts.taken += 1;
        let looks = r
            .messages("mode_definition")
            .filter_map(|m| m.message("task"))
            .flat_map(|t| t.messages("command"))
            .any(|c| c.word("type") == Some("COMMAND_TYPE_LOOK_AT"));
        let standing = if looks {
            Standing::Looks
        } else {
            Standing::Sensor
        };
        self.nodes.insert(node.to_owned(), standing);
        let name = r.text("name").filter(|n| !n.is_empty()).unwrap_or(node);
        (
            Heard::Registered {
                node: node.to_owned(),
                name: name.chars().take(80).collect(),
            },
            answer,
        )
    }

    fn malformed(
        &mut self,
        bytes: &[u8],
        node: &str,
        faults: Vec<String>,
        now: i64,
    ) -> (Heard, Option<Message>) {
        self.counts.malformed += 1;
        let answer = self.error(bytes, node, &faults, now);
        let why = faults.into_iter().next().unwrap_or_default();
        (Heard::Refused { why }, answer)
    }

    fn error(&self, bytes: &[u8], node: &str, faults: &[String], now: i64) -> Option<Message> {
        self.answer(node, now).map(|m| {
            m.with_message("error", |e| {
                let e = e.with(
                    "packet",
                    Value::Bytes(bytes.iter().take(4096).copied().collect()),
                );
                faults
                    .iter()
                    .take(10)
                    .fold(e, |e, f| e.with_text("error_message", f.clone()))
            })
        })
    }

    /// An answer's beginning.
    fn answer(&self, node: &str, now: i64) -> Option<Message> {
        let m = Message::new("SapientMessage")?
            .with("timestamp", Value::Time(now))
            .with_text("node_id", self.id.clone());
        Some(if crate::is_uuid(node) {
            m.with_text("destination_id", node)
        } else {
            m
        })
    }
}

fn refused(why: &str) -> (Heard, Option<Message>) {
    (Heard::Refused { why: why.into() }, None)
}
