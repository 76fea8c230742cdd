//! The report as text.

use std::fmt;

use super::{Check, Item, RULES, Rule, Stream};
use crate::element::ElementId;
use crate::json::time_text;
use crate::key::Standard;
use crate::packet::Checksum;
use crate::st0902::MINIMUM;

/// A stream, for a person.
pub(super) fn whose(pid: Option<u16>, standard: Standard) -> String {
    match pid {
        Some(pid) => format!("{} on PID {pid}", standard.name()),
        None => standard.name().to_owned(),
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objections = self.objections();
        let verdict = if objections.is_empty() {
            "conforms"
        } else {
            "does not conform"
        };
        writeln!(f, "Verdict: {verdict}")?;
        for line in &objections {
            writeln!(f, "- {line}")?;
        }
        writeln!(f, "\nPackets: {}, {} bytes", self.packets, self.bytes)?;
        writeln!(
            f,
            "Bytes outside packets: {} in {} stretches",
            self.skipped, self.skips
        )?;
        if self.faults.is_empty() {
            writeln!(f, "Faults: none")?;
        } else {
            writeln!(f, "\n| fault | times | first at byte |\n|---|---:|---:|")?;
            for (code, c) in &self.faults {
                writeln!(f, "| {} | {} | {} |", code.name(), c.times, c.first)?;
            }
        }
        for ((pid, standard), stream) in &self.groups {
            writeln!(f, "\n## {}", whose(*pid, *standard))?;
            stream.write(*standard, f)?;
        }
        self.write_items(f)
    }
}

impl Check {
    fn write_items(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.items.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n## Items\n\n| standard | item | name | times | states | first at byte |\n|---|---|---|---:|---|---:|"
        )?;
        for ((standard, id), item) in &self.items {
            let id = match id {
                ElementId::Tag(n) | ElementId::Index(n) => n.to_string(),
                ElementId::Field(n) => n.to_string(),
                ElementId::Key(key) => key.to_string(),
            };
            let name = if item.name.is_empty() {
                "(private or unknown)"
            } else {
                item.name
            };
            let (times, states, first) = (item.times, states(item), item.first);
            writeln!(
                f,
                "| {} | {id} | {name} | {times} | {states} | {first} |",
                standard.name()
            )?;
        }
        if self.other_items > 0 {
            writeln!(f, "\n{} more items of further names.", self.other_items)?;
        }
        Ok(())
    }
}

fn states(item: &Item) -> String {
    let parts: Vec<String> = item
        .states
        .iter()
        .map(|(state, n)| {
            let name = state.detail().unwrap_or(state.name());
            if item.states.len() == 1 {
                name.to_owned()
            } else {
                format!("{name} {n}")
            }
        })
        .collect();
    parts.join(", ")
}

impl Stream {
    fn write(&self, standard: Standard, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = [Checksum::Ok, Checksum::Bad, Checksum::Absent]
            .map(|c| format!("{} {}", self.checksums.get(&c).unwrap_or(&0), c.name()));
        writeln!(
            f,
            "{} packets; checksums: {}",
            self.packets,
            sums.join(", ")
        )?;
        let versions: Vec<String> = self
            .versions
            .iter()
            .map(|(v, n)| format!("{v} ({n})"))
            .collect();
        let versions = if versions.is_empty() {
            "not said".to_owned()
        } else {
            versions.join(", ")
        };
        writeln!(f, "Revision: {versions}")?;
        if let (Some(first), Some(last)) = (self.first_us, self.last_us) {
            let seconds = last.saturating_sub(first) as f64 / 1e6;
            let rate = if seconds > 0.0 {
                (self.packets.max(1) - 1) as f64 / seconds
            } else {
                0.0
            };
            writeln!(
                f,
                "Time: {} to {}, {seconds:.3} s, {rate:.2} packets/s, longest gap {:.3} s",
                time_text(first),
                time_text(last),
                self.longest_gap_us as f64 / 1e6
            )?;
        }
        if standard != Standard::St0601 {
            return Ok(());
        }
        writeln!(f, "\n| rule | packets against it |\n|---|---:|")?;
        for rule in RULES {
            let n = self.broken.get(&rule).map_or(0, |c| c.times);
            writeln!(f, "| {} | {n} |", Rule::text(rule))?;
        }
        writeln!(
            f,
            "\n| minimum set (ST 0902) | packets | longest without, s | |\n|---|---:|---:|---|"
        )?;
        for (requirement, seen) in MINIMUM.iter().zip(&self.minimum) {
            let why = self.lacks(seen).unwrap_or_else(|| "ok".to_owned());
            writeln!(
                f,
                "| {} | {} | {:.3} | {why} |",
                requirement.name,
                seen.packets,
                seen.longest_gap_us as f64 / 1e6
            )?;
        }
        Ok(())
    }
}
