//! The side of a sensor.

use crate::detection::location;
use crate::message::{Message, Value};
use crate::{EFFECTORS, VERSION, ulid, wire};

/// A registration that is not answered is sent again after this, microseconds.
const ANSWER_US: i64 = 10_000_000;

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeConfig {
    /// Its id, a UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `NODE_TYPE_PROXIMITY_SENSOR` and the like.
    pub kind: String,
    /// Longitude, latitude in degrees, height in metres.
    pub at: [f64; 3],
    /// Seconds between reports of its state.
    pub status_s: u32,
    /// It can be turned, and takes the task to look at a place.
    pub can_look: bool,
}

/// Where a node stands with its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// Not connected.
    Offline,
    /// Has sent its registration at this moment.
    Registering(i64),
    /// Is registered.
    Registered,
    /// Its registration was refused, for this reason.
    Refused(String),
}

/// What a host asks of the node, once it is accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Tasked {
    /// Look at a place or in a direction: a `LocationOrRangeBearing`.
    Look(Message),
    /// Watch regions or leave them out.
    Regions(Vec<Message>),
}

/// A node. A function of what it is given: no clock, no socket; all times in microseconds since 1970
/// UTC.
#[derive(Clone, Debug)]
pub struct Node {
    config: NodeConfig,
    state: NodeState,
    /// When the state was last told.
    told: Option<i64>,
    /// Makes identifiers unique.
    made: u64,
    /// Tasks refused.
    pub refused: u64,
}

impl Node {
    /// A node; `None` when it would be an effector.
    pub fn new(config: NodeConfig) -> Option<Self> {
        let effector = EFFECTORS.contains(&config.kind.as_str());
        (!effector && config.kind.starts_with("NODE_TYPE_")).then_some(Self {
            config,
            state: NodeState::Offline,
            told: None,
            made: 0,
            refused: 0,
        })
    }

    /// Where it stands.
    pub fn state(&self) -> &NodeState {
        &self.state
    }

    /// The link is there: the registration.
    pub fn connected(&mut self, now: i64) -> Vec<Message> {
        self.state = NodeState::Registering(now);
        self.told = None;
        self.registration(now).into_iter().collect()
    }

    /// The link is gone.
    pub fn disconnected(&mut self) {
        self.state = NodeState::Offline;
    }

    /// Time passes: the state when it is due, the registration again when nobody answered it.
    pub fn tick(&mut self, now: i64) -> Vec<Message> {
        match self.state {
            NodeState::Registering(since) if now - since >= ANSWER_US => self.connected(now),
            NodeState::Registered => {
                let pause = i64::from(self.config.status_s) * 1_000_000;
                if self.told.is_none_or(|t| now - t >= pause) {
                    self.told = Some(now);
                    self.status(now, false).into_iter().collect()
                } else {
                    Vec::new()
                }
            }
            _ => Vec::new(),
        }
    }

    /// A message of the host; gives what it asks for and the answers.
    pub fn hear(&mut self, bytes: &[u8], now: i64) -> (Option<Tasked>, Vec<Message>) {
        let Ok(m) = wire::decode(bytes) else {
            return (None, Vec::new());
        };
        if let Some(ack) = m.message("registration_ack") {
            self.state = if ack.get("acceptance") == Some(&Value::Bool(true)) {
                NodeState::Registered
            } else {
                let why = ack.text("ack_response_reason").unwrap_or("no reason given");
                NodeState::Refused(why.chars().take(200).collect())
            };
            return (None, self.tick(now));
        }
        match m.message("task") {
            Some(task) => self.task(task, now),
            None => (None, Vec::new()),
        }
    }

    fn task(&mut self, task: &Message, now: i64) -> (Option<Tasked>, Vec<Message>) {
        let start = task.word("control") == Some("CONTROL_START");
        let command = task.message("command");
        let request = command
            .and_then(|c| c.text("request"))
            .map(str::to_ascii_lowercase);
        let regions: Vec<Message> = task.messages("region").cloned().collect();
        let mut more = Vec::new();
        let (tasked, verdict) = match (start, command, request.as_deref()) {
            (true, _, Some("registration")) => {
                more.extend(self.registration(now));
                (None, Ok("TASK_STATUS_COMPLETED"))
            }
            (true, _, Some("status")) => {
                more.extend(self.status(now, false));
                (None, Ok("TASK_STATUS_COMPLETED"))
            }
            (true, Some(c), None) => match c.message("look_at") {
                Some(at) if self.config.can_look => {
                    (Some(Tasked::Look(at.clone())), Ok("TASK_STATUS_ACCEPTED"))
                }
                Some(_) => (None, Err("this node can't be turned")),
                None => (None, Err("only look_at, region and request are taken")),
            },
            (true, None, _) if !regions.is_empty() => {
                (Some(Tasked::Regions(regions)), Ok("TASK_STATUS_ACCEPTED"))
            }
            (false, ..) => (None, Ok("TASK_STATUS_ACCEPTED")),
            _ => (None, Err("only look_at, region and request are taken")),
        };
        let id = task.text("task_id").unwrap_or_default().to_owned();
        let mut answers: Vec<Message> = self
            .head(now)
            .map(|m| {
                m.with_message("task_ack", |ack| {
                    let ack = ack.with_text("task_id", id);
                    match verdict {
                        Ok(word) => ack.with_word("task_status", word),
                        Err(why) => ack
                            .with_word("task_status", "TASK_STATUS_REJECTED")
                            .with_text("reason", why),
                    }
                })
            })
            .into_iter()
            .collect();
        self.refused += u64::from(verdict.is_err());
        answers.extend(more);
        (tasked, answers)
    }

    /// Something was found; `None` while the node is not registered.
    pub fn detection(
        &mut self,
        now: i64,
        object: &str,
        at: [f64; 3],
        sigma_m: f64,
        (class, confidence): (&str, f32),
    ) -> Option<Message> {
        if self.state != NodeState::Registered {
            return None;
        }
        let report = self.id(now);
        Some(self.head(now)?.with_message("detection_report", |d| {
            d.with_text("report_id", report)
                .with_text("object_id", object)
                .with_message("location", |l| location(l, at, Some(sigma_m)))
                .with("detection_confidence", Value::Float(confidence))
                .with_message("classification", |c| {
                    c.with_text("type", class)
                        .with("confidence", Value::Float(confidence))
                })
        }))
    }

    /// An alert; `None` while the node is not registered.
    pub fn alert(&mut self, now: i64, at: [f64; 3], description: &str) -> Option<Message> {
        if self.state != NodeState::Registered {
            return None;
        }
        let id = self.id(now);
        Some(self.head(now)?.with_message("alert", |a| {
            a.with_text("alert_id", id)
                .with_word("alert_type", "ALERT_TYPE_WARNING")
                .with_word("status", "ALERT_STATUS_ACTIVE")
                .with_text("description", description)
                .with_message("location", |l| location(l, at, None))
        }))
    }

    /// The last word before the link is closed.
    pub fn goodbye(&mut self, now: i64) -> Option<Message> {
        let m = self.status(now, true);
        self.state = NodeState::Offline;
        m
    }

    fn head(&self, now: i64) -> Option<Message> {
        Some(
            Message::new("SapientMessage")?
                .with("timestamp", Value::Time(now))
                .with_text("node_id", self.config.id.clone()),
        )
    }

    fn id(&mut self, now: i64) -> String {
        self.made += 1;
        let seed = self
            .config
            .id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325u64, |h, b| {
                (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
            });
        ulid(
            u64::try_from(now / 1000).unwrap_or(0),
            (u128::from(seed) << 16) ^ u128::from(self.made),
        )
    }

    fn status(&mut self, now: i64, goodbye: bool) -> Option<Message> {
        let (report, at) = (self.id(now), self.config.at);
        Some(self.head(now)?.with_message("status_report", |s| {
            s.with_text("report_id", report)
                .with_word(
                    "system",
                    if goodbye {
                        "SYSTEM_GOODBYE"
                    } else {
                        "SYSTEM_OK"
                    },
                )
                .with_word("info", "INFO_NEW")
                .with_text("mode", "Default")
                .with_message("node_location", |l| location(l, at, None))
        }))
    }

    fn registration(&self, now: i64) -> Option<Message> {
        let c = &self.config;
        let seconds = |m: Message, s: f32| {
            m.with_word("units", "TIME_UNITS_SECONDS")
                .with("value", Value::Float(s))
        };
        let place = |m: Message| {
            m.with_word("location_units", "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M")
                .with_word("location_datum", "LOCATION_DATUM_WGS84_E")
        };
        Some(self.head(now)?.with_message("registration", |r| {
            r.with_message("node_definition", |d| d.with_word("node_type", &c.kind))
                .with_text("icd_version", VERSION)
                .with_text("name", c.name.clone())
                .with_message("capabilities", |p| {
                    p.with_text("category", "Detection")
                        .with_text("type", "Tripwire")
                })
                .with_message("status_definition", |s| {
                    s.with_message("status_interval", |d| seconds(d, c.status_s as f32))
                        .with_message("location_definition", place)
                })
                .with_message("mode_definition", |m| {
                    m.with_text("mode_name", "Default")
                        .with_word("mode_type", "MODE_TYPE_PERMANENT")
                        .with_message("settle_time", |d| seconds(d, 0.0))
                        .with_message("detection_definition", |d| {
                            d.with_message("location_type", place)
                        })
                        .with_message("task", |t| {
                            let t = t.with("concurrent_tasks", Value::Int(1)).with_message(
                                "region_definition",
                                |d| {
                                    d.with_word("region_type", "REGION_TYPE_AREA_OF_INTEREST")
                                        .with_message("region_area", place)
                                },
                            );
                            if !c.can_look {
                                return t;
                            }
                            t.with_message("command", |m| {
                                m.with_text("units", "degrees, metres")
                                    .with_message("completion_time", |d| seconds(d, 5.0))
                                    .with_word("type", "COMMAND_TYPE_LOOK_AT")
                            })
                        })
                })
                .with_message("config_data", |d| {
                    d.with_text("manufacturer", "Atalaya")
                        .with_text("model", "simulated")
                })
        }))
    }
}
