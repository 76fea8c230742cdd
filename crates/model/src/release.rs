//! Products for partners: `release/1`, what the partner says of them (`release-message/1`), and the
//! clock of each.

use crate::person::Done;
use crate::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The language a release is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseLanguage {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

/// Which way a release went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From us.
    Sent,
    /// To us.
    Received,
}

/// Where a release stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseState {
    /// Drafted; nobody else has seen it.
    Draft,
    /// A second person said no.
    TurnedDown,
    /// A second person said yes.
    Approved,
    /// Signed, and encrypted to the partner: it may travel.
    Sealed,
    /// Taken back by its sender.
    Recalled,
}

impl ReleaseState {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::TurnedDown => "turned_down",
            Self::Approved => "approved",
            Self::Sealed => "sealed",
            Self::Recalled => "recalled",
        }
    }
}

/// Something that is not in a release, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// What: `other_tracks`, `no_look`, `refused_picture`, `aircraft`, `internal_words`, `segments`.
    pub what: String,
    /// How many, where it can be counted.
    pub count: u64,
    /// Why, for people, in the language of the release.
    pub why: String,
}

/// A taking back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recall {
    /// Who, and when.
    #[serde(flatten)]
    pub done: Done,
    /// Why.
    pub reason: String,
}

/// That words of a release are a machine's: the person who approves it has read them as such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MachineMark {
    /// The language that they were written in.
    pub from: ReleaseLanguage,
    /// Whose work the translation is: an engine's name, `memory` for people's corrections, both joined by `+`.
    pub engine: String,
    /// What could not be checked, each `word: explanation`.
    pub flags: Vec<String>,
}

/// A `release/1` record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    /// Always `release/1`.
    pub schema: String,
    /// 24 random hexadecimal digits, the same on both sides.
    pub id: String,
    /// Which way.
    pub direction: Direction,
    /// Where it stands.
    pub state: ReleaseState,
    /// Who sends it.
    pub from: String,
    /// For whom.
    pub to: String,
    /// The sender's operation.
    pub operation: String,
    /// The alert it is about, `run~id`.
    pub alert: String,
    /// Number of the decision it follows, in the sender's store.
    pub decision: i64,
    /// Its language.
    pub language: ReleaseLanguage,
    /// One line.
    pub title: String,
    /// What the partner should know, in the words of whoever drafted it.
    pub summary: String,
    /// Title, summary and assessment are a machine's translation; the report has the originals too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineMark>,
    /// An answer is wanted within so many hours of sealing.
    pub reply_within_h: u32,
    /// What was left out, and why.
    pub removed: Vec<Removed>,
    /// SHA-256 of the manifest's bytes, hex: what was approved is what is sealed.
    pub manifest_sha256: String,
    /// Who drafted it.
    pub drafted: Done,
    /// Who approved it (or turned it down): never who drafted it.
    pub approved: Option<Done>,
    /// Who sealed it.
    pub sealed: Option<Done>,
    /// Who took it back.
    pub recalled: Option<Recall>,
}

impl Release {
    /// `release/1`.
    pub const SCHEMA: &'static str = "release/1";

    /// When an answer is overdue.
    pub fn due(&self) -> Option<Micros> {
        let hours = i64::from(self.reply_within_h);
        self.sealed
            .as_ref()
            .map(|s| Micros(s.at.0.saturating_add(hours * 3_600_000_000)))
    }
}

/// What a message about a release says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The partner's instance has it; said by the instance itself.
    Delivered,
    /// A person has read it.
    Receipt,
    /// The partner takes it on.
    Accepted,
    /// The partner does not, and says why.
    Refused,
    /// The partner is acting on it.
    Acting,
    /// What came of it.
    Outcome,
    /// The sender takes it back.
    Recall,
    /// The partner has deleted what it got.
    Purged,
}

impl MessageKind {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Receipt => "receipt",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Acting => "acting",
            Self::Outcome => "outcome",
            Self::Recall => "recall",
            Self::Purged => "purged",
        }
    }

    /// By its name.
    pub fn of(name: &str) -> Option<Self> {
        [
            Self::Delivered,
            Self::Receipt,
            Self::Accepted,
            Self::Refused,
            Self::Acting,
            Self::Outcome,
            Self::Recall,
            Self::Purged,
        ]
        .into_iter()
        .find(|k| k.name() == name)
    }

    /// Whether it may be said after `before`, or what has to come first.
    pub fn may_follow(self, before: &[Self]) -> Result<(), &'static str> {
        use MessageKind::{Accepted, Acting, Delivered, Outcome, Purged, Recall, Receipt, Refused};
        let has = |k: Self| before.contains(&k);
        if has(self) && !matches!(self, Acting | Outcome) {
            return Err("it has been said already");
        }
        if has(Recall) && !matches!(self, Purged) {
            return Err("it was recalled: nothing more is said of it");
        }
        match self {
            Delivered | Receipt | Recall => Ok(()),
            Accepted | Refused if has(Accepted) || has(Refused) => {
                Err("it was answered already; say what came of it as an outcome")
            }
            Accepted | Refused if !has(Receipt) => {
                Err("nobody has confirmed to have read it; confirm the receipt first")
            }
            Acting | Outcome if !has(Accepted) => Err("it was not accepted; accept it first"),
            Purged if !has(Recall) => Err("it was not recalled"),
            _ => Ok(()),
        }
    }
}

/// A `release-message/1` record. It travels signed and encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseMessage {
    /// Always `release-message/1`.
    pub schema: String,
    /// The release.
    pub release: String,
    /// What.
    pub kind: MessageKind,
    /// Who, and when.
    #[serde(flatten)]
    pub done: Done,
    /// Words: the reason of a refusal, what came of it.
    pub text: String,
    /// SHA-256 of the manifest that was received, hex: it is said of this product and no other.
    pub manifest_sha256: String,
}

impl ReleaseMessage {
    /// `release-message/1`.
    pub const SCHEMA: &'static str = "release-message/1";
}

/// When a release reached each of its stations. A later station implies the earlier ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// Sealed, microseconds UTC, as all of them.
    pub sealed_us: Option<i64>,
    /// The partner's instance had it, or its link was used.
    pub delivered_us: Option<i64>,
    /// A person had read it.
    pub receipt_us: Option<i64>,
    /// Accepted or refused.
    pub decision_us: Option<i64>,
    /// The partner acted.
    pub acting_us: Option<i64>,
    /// Something came of it.
    pub outcome_us: Option<i64>,
    /// It was taken back.
    pub recalled_us: Option<i64>,
    /// The partner confirmed that its content is gone.
    pub purged_us: Option<i64>,
    /// No decision came in time: it was due then.
    pub overdue_us: Option<i64>,
}

impl Clock {
    /// From the release, when its link was used, what was said, and the time now.
    pub fn of(
        release: &Release,
        fetched: Option<Micros>,
        messages: &[ReleaseMessage],
        now: Micros,
    ) -> Self {
        let first = |kinds: &[MessageKind]| {
            messages
                .iter()
                .filter(|m| kinds.contains(&m.kind))
                .map(|m| m.done.at.0)
                .min()
        };
        let receipt_us = first(&[MessageKind::Receipt]);
        let said = [
            fetched.map(|t| t.0),
            first(&[MessageKind::Delivered]),
            receipt_us,
        ];
        let decision_us = first(&[MessageKind::Accepted, MessageKind::Refused]);
        let over = release.state == ReleaseState::Recalled;
        Self {
            sealed_us: release.sealed.as_ref().map(|s| s.at.0),
            delivered_us: said.into_iter().flatten().min(),
            receipt_us,
            decision_us,
            acting_us: first(&[MessageKind::Acting]),
            outcome_us: first(&[MessageKind::Outcome]),
            recalled_us: release
                .recalled
                .as_ref()
                .map(|r| r.done.at.0)
                .or(first(&[MessageKind::Recall])),
            purged_us: first(&[MessageKind::Purged]),
            overdue_us: release
                .due()
                .filter(|due| !over && decision_us.is_none() && *due < now)
                .map(|t| t.0),
        }
    }

    /// The stations after sealing, with their names.
    pub fn stations(&self) -> [(&'static str, Option<i64>); 5] {
        [
            ("delivered", self.delivered_us),
            ("receipt", self.receipt_us),
            ("decision", self.decision_us),
            ("acting", self.acting_us),
            ("outcome", self.outcome_us),
        ]
    }
}

/// How long one station takes, over many releases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StationTimes {
    /// `delivered`, `receipt`, `decision`, `acting`, `outcome`.
    pub station: String,
    /// Releases that reached it.
    pub n: u64,
    /// Seconds from sealing, the middle one.
    pub median_s: Option<f64>,
    /// Seconds from sealing, nine of ten were faster (nearest rank).
    pub p90_s: Option<f64>,
}

/// The times of all stations over many releases.
pub fn station_times(clocks: &[Clock]) -> Vec<StationTimes> {
    (0..5)
        .map(|i| {
            let mut times: Vec<i64> = clocks
                .iter()
                .filter_map(|c| Some((c.stations()[i].1?, c.sealed_us?)))
                .map(|(t, sealed)| t.saturating_sub(sealed).max(0))
                .collect();
            times.sort_unstable();
            let rank = |p: f64| {
                let i = (p * times.len() as f64).ceil() as usize;
                times.get(i.saturating_sub(1)).map(|t| *t as f64 / 1e6)
            };
            StationTimes {
                station: Clock::default().stations()[i].0.to_owned(),
                n: times.len() as u64,
                median_s: rank(0.5),
                p90_s: rank(0.9),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Author;

    fn done(s: i64) -> Done {
        Done {
            by: Author::unverified("ana"),
            at: Micros(s * 1_000_000),
        }
    }

    fn release() -> Release {
        Release {
            schema: Release::SCHEMA.into(),
            id: "00".into(),
            direction: Direction::Sent,
            state: ReleaseState::Sealed,
            from: "a".into(),
            to: "b".into(),
            operation: "op".into(),
            alert: "r~a".into(),
            decision: 1,
            language: ReleaseLanguage::Es,
            title: "t".into(),
            summary: "s".into(),
            machine: None,
            reply_within_h: 1,
            removed: Vec::new(),
            manifest_sha256: String::new(),
            drafted: done(0),
            approved: Some(done(1)),
            sealed: Some(done(100)),
            recalled: None,
        }
    }

    fn message(kind: MessageKind, s: i64) -> ReleaseMessage {
        ReleaseMessage {
            schema: ReleaseMessage::SCHEMA.into(),
            release: "00".into(),
            kind,
            done: done(s),
            text: String::new(),
            manifest_sha256: String::new(),
        }
    }

    #[test]
    fn the_clock_says_when_and_what_is_overdue() {
        let said = [
            message(MessageKind::Delivered, 130),
            message(MessageKind::Receipt, 160),
        ];
        let early = Clock::of(&release(), None, &said, Micros(200_000_000));
        assert_eq!(early.delivered_us, Some(130_000_000));
        assert_eq!(
            (early.receipt_us, early.overdue_us),
            (Some(160_000_000), None)
        );
        let late = Clock::of(
            &release(),
            Some(Micros(110_000_000)),
            &said,
            Micros(i64::MAX),
        );
        assert_eq!(late.delivered_us, Some(110_000_000));
        assert_eq!(late.overdue_us, Some(3_700_000_000));
        let answered = [message(MessageKind::Refused, 5000)];
        let c = Clock::of(&release(), None, &answered, Micros(i64::MAX));
        assert_eq!((c.decision_us, c.overdue_us), (Some(5_000_000_000), None));
    }

    #[test]
    fn median_and_p90_are_of_the_nearest_rank() {
        let clocks: Vec<Clock> = (1..=10)
            .map(|s| Clock {
                sealed_us: Some(0),
                receipt_us: Some(s * 1_000_000),
                ..Clock::default()
            })
            .collect();
        let times = station_times(&clocks);
        assert_eq!(
            (times[1].n, times[1].median_s, times[1].p90_s),
            (10, Some(5.0), Some(9.0))
        );
        assert_eq!((times[4].n, times[4].median_s), (0, None));
    }

    #[test]
    fn a_partner_answers_in_order_and_once() {
        use MessageKind::*;
        assert!(Receipt.may_follow(&[Delivered]).is_ok());
        assert!(Accepted.may_follow(&[Delivered]).is_err());
        assert!(Refused.may_follow(&[Receipt, Accepted]).is_err());
        assert!(Outcome.may_follow(&[Receipt, Accepted, Acting]).is_ok());
        assert!(Acting.may_follow(&[Receipt, Refused]).is_err());
        assert!(Receipt.may_follow(&[Receipt]).is_err());
        assert!(Outcome.may_follow(&[Receipt, Accepted, Recall]).is_err());
        assert!(Purged.may_follow(&[Receipt, Recall]).is_ok());
        for k in [
            Delivered, Receipt, Accepted, Refused, Acting, Outcome, Recall, Purged,
        ] {
            assert_eq!(MessageKind::of(k.name()), Some(k));
        }
    }
}
