//! A conformance report on a stream of packets: what a supplier of metadata is handed.
//!
//! Packets are taken one by one; memory depends on how many kinds of items, faults and streams
//! there are, not on how many packets.

mod report;

use std::collections::BTreeMap;

use crate::element::{ElementId, Elements};
use crate::fault::{self, FaultCode};
use crate::json::time_and_version;
use crate::key::Standard;
use crate::packet::{Checksum, Packet};
use crate::st0902::{LONGEST_GAP_US, MINIMUM};
use crate::value::State;

/// Kinds of items counted one by one; what goes beyond is counted together.
const MOST_ITEMS: usize = 400;

/// Which stream and standard a packet belongs to.
pub type Group = (Option<u16>, Standard);

/// The state of a check while packets are taken.
#[derive(Debug, Default)]
pub struct Check {
    packets: u64,
    bytes: u64,
    skipped: u64,
    skips: u64,
    faults: BTreeMap<FaultCode, Count>,
    groups: BTreeMap<Group, Stream>,
    items: BTreeMap<(Standard, ElementId), Item>,
    other_items: u64,
}

/// How often, and where first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    times: u64,
    first: u64,
}

fn count<K: Ord>(counts: &mut BTreeMap<K, Count>, key: K, offset: u64) {
    counts
        .entry(key)
        .and_modify(|c| c.times += 1)
        .or_insert(Count {
            times: 1,
            first: offset,
        });
}

/// What is counted of one stream's packets of one standard.
#[derive(Debug, Default)]
struct Stream {
    packets: u64,
    checksums: BTreeMap<Checksum, u64>,
    versions: BTreeMap<u64, u64>,
    first_us: Option<u64>,
    last_us: Option<u64>,
    longest_gap_us: u64,
    /// Rules of the standard that are broken, and where first.
    broken: BTreeMap<Rule, Count>,
    minimum: Vec<Seen>,
}

/// When a required item was there.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    packets: u64,
    last_us: Option<u64>,
    longest_gap_us: u64,
}

/// What is counted of one kind of item.
#[derive(Debug, Default)]
struct Item {
    name: &'static str,
    first: u64,
    times: u64,
    states: BTreeMap<State, u64>,
}

/// Rules of ST 0601 (and, where they apply, ST 0903) on a packet as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Every packet has a checksum.
    ChecksumThere,
    /// The checksum agrees.
    ChecksumAgrees,
    /// The time stamp (item 2) stands first.
    TimeFirst,
    /// Every packet has a time stamp.
    TimeThere,
    /// Time does not go back.
    TimeOrder,
    /// Every packet says its revision (item 65).
    VersionThere,
}

impl Rule {
    /// One line.
    pub fn text(self) -> &'static str {
        match self {
            Self::ChecksumThere => "every packet ends with a checksum (item 1)",
            Self::ChecksumAgrees => "every checksum agrees with its packet",
            Self::TimeFirst => "the time stamp (item 2) stands first",
            Self::TimeThere => "every packet has a time stamp (item 2)",
            Self::TimeOrder => "time stamps do not go back",
            Self::VersionThere => "every packet says its revision (item 65)",
        }
    }
}

/// All rules.
const RULES: [Rule; 6] = [
    Rule::ChecksumThere,
    Rule::ChecksumAgrees,
    Rule::TimeThere,
    Rule::TimeFirst,
    Rule::TimeOrder,
    Rule::VersionThere,
];

impl Check {
    /// Before the first packet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a packet of the stream `pid`.
    pub fn packet(&mut self, packet: &Packet<'_>, pid: Option<u16>) {
        self.packets += 1;
        self.bytes += packet.bytes.len() as u64;
        let faults = &mut self.faults;
        fault::for_each(packet, &mut |fault| count(faults, fault.code, fault.offset));
        self.count_items(packet);
        let standard = packet.standard();
        self.groups
            .entry((pid, standard))
            .or_default()
            .packet(packet);
    }

    /// Takes note of bytes that belong to no packet.
    pub fn skipped(&mut self, offset: u64, length: usize) {
        self.skipped += length as u64;
        self.skips += 1;
        count(&mut self.faults, FaultCode::BytesSkipped, offset);
    }

    fn count_items(&mut self, packet: &Packet<'_>) {
        let standard = packet.standard();
        for element in packet.elements() {
            let key = (standard, element.id);
            if self.items.len() >= MOST_ITEMS && !self.items.contains_key(&key) {
                self.other_items += 1;
                continue;
            }
            let item = self.items.entry(key).or_insert_with(|| Item {
                name: element.def.name,
                first: element.offset,
                ..Item::default()
            });
            item.times += 1;
            *item.states.entry(element.settled_state()).or_default() += 1;
        }
    }

    /// Packets, faults and skipped bytes so far.
    pub fn totals(&self) -> (u64, u64, u64) {
        (
            self.packets,
            self.faults.values().map(|c| c.times).sum(),
            self.skipped,
        )
    }

    /// Packets whose checksum does not agree.
    pub fn bad(&self) -> u64 {
        self.groups
            .values()
            .filter_map(|s| s.checksums.get(&Checksum::Bad))
            .sum()
    }

    /// What is against conformance, a line each; nothing if the stream conforms.
    pub fn objections(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.packets == 0 {
            lines.push("there is no metadata packet".to_owned());
        }
        for (code, c) in &self.faults {
            lines.push(format!(
                "{} ({}), the first at byte {}",
                code.name(),
                c.times,
                c.first
            ));
        }
        for ((pid, standard), stream) in &self.groups {
            let whose = report::whose(*pid, *standard);
            if standard.is_unknown() {
                lines.push(format!("{whose}: no standard with this label is known"));
            }
            for (rule, c) in &stream.broken {
                if *rule != Rule::ChecksumAgrees {
                    let text = rule.text();
                    lines.push(format!(
                        "{whose}: not so that {text}: {} packets, the first at byte {}",
                        c.times, c.first
                    ));
                }
            }
            for (requirement, seen) in MINIMUM.iter().zip(&stream.minimum) {
                if let Some(why) = stream.lacks(seen) {
                    lines.push(format!(
                        "{whose}: minimum set (ST 0902): {}: {why}",
                        requirement.name
                    ));
                }
            }
        }
        lines
    }
}

impl Stream {
    fn packet(&mut self, packet: &Packet<'_>) {
        self.packets += 1;
        let standard = packet.standard();
        let checksum = packet.checksum();
        *self.checksums.entry(checksum).or_default() += 1;
        let (time, version) = time_and_version(packet);
        if let Some(version) = version {
            *self.versions.entry(version).or_default() += 1;
        }
        let mut broken = |rule, is: bool| {
            if is {
                count(&mut self.broken, rule, packet.offset);
            }
        };
        let summed = matches!(
            standard,
            Standard::St0601 | Standard::St0903 | Standard::St0903Track
        );
        broken(Rule::ChecksumThere, summed && checksum == Checksum::Absent);
        broken(Rule::ChecksumAgrees, checksum == Checksum::Bad);
        // Nothing in a packet whose checksum disagrees can be held against the sender's clock.
        if checksum == Checksum::Bad {
            return;
        }
        if standard == Standard::St0601 {
            let first = packet.elements().next().map(|e| e.id);
            broken(Rule::TimeThere, time.is_none());
            broken(
                Rule::TimeFirst,
                time.is_some() && first != Some(ElementId::Tag(2)),
            );
            broken(Rule::VersionThere, version.is_none());
        }
        if let Some(time) = time {
            let last = self.last_us;
            broken(Rule::TimeOrder, last.is_some_and(|last| time < last));
            self.first_us.get_or_insert(time);
            if let Some(last) = last {
                self.longest_gap_us = self.longest_gap_us.max(time.saturating_sub(last));
            }
            self.last_us = Some(last.map_or(time, |last| last.max(time)));
        }
        if standard == Standard::St0601 {
            self.minimum(packet, time);
        }
    }

    fn minimum(&mut self, packet: &Packet<'_>, time: Option<u64>) {
        if self.minimum.is_empty() {
            self.minimum = vec![Seen::default(); MINIMUM.len()];
        }
        let (mut tags, mut security) = ([false; 128], [false; 32]);
        mark(packet.elements(), &mut tags);
        for element in packet.elements() {
            if element.id == ElementId::Tag(48)
                && let Some(parts) = element.parts()
            {
                mark(parts, &mut security);
            }
        }
        let first = self.first_us;
        for (requirement, seen) in MINIMUM.iter().zip(&mut self.minimum) {
            let there = match requirement.security {
                0 => requirement.tags.iter().any(|tag| tags[*tag as usize]),
                tag => security[tag as usize],
            };
            if there {
                seen.packets += 1;
                if let Some(time) = time {
                    let since = seen.last_us.or(first).unwrap_or(time);
                    seen.longest_gap_us = seen.longest_gap_us.max(time.saturating_sub(since));
                    seen.last_us = seen.last_us.max(Some(time));
                }
            }
        }
    }

    /// Why a required item does not suffice.
    fn lacks(&self, seen: &Seen) -> Option<String> {
        if seen.packets == 0 {
            return Some("never there".to_owned());
        }
        let to_end = self
            .last_us
            .zip(seen.last_us)
            .map_or(0, |(end, last)| end.saturating_sub(last));
        let gap = seen.longest_gap_us.max(to_end);
        (gap > LONGEST_GAP_US)
            .then(|| format!("missing for {:.1} s, allowed are 30 s", gap as f64 / 1e6))
    }
}

/// Marks the tags of a set that are there and not empty.
fn mark(elements: Elements<'_>, tags: &mut [bool]) {
    for element in elements {
        let there = !matches!(element.state, State::Empty | State::Malformed);
        if let ElementId::Tag(tag) = element.id
            && let Some(slot) = tags.get_mut(tag as usize)
        {
            *slot |= there;
        }
    }
}
