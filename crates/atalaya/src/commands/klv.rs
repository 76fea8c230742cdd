//! `atalaya klv`: metadata to JSON Lines, or a report on its conformance.

use crate::output::Output;
use crate::packets::{self, Found};
use anyhow::{Result, bail};
use atalaya_klv::check::Check;
use atalaya_klv::json::{self, Context as Place};
use atalaya_klv::{Checksum, Packet, digest, fault};
use std::io::Write;
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A .ts, .mpg or .mp4 with metadata, or bare KLV (.klv, .bin)
    file: PathBuf,
    /// Give a report on conformance in place of records: faults, rates, order of time, items and the
    /// minimum set of ST 0902; fails if the metadata do not conform
    #[arg(long)]
    check: bool,
    /// Give the raw bytes of every item
    #[arg(long)]
    raw: bool,
    /// Where the records go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What becomes of packets.
struct Sink<'a> {
    args: &'a Args,
    out: Output,
    check: Check,
    packets: u64,
    bad: u64,
    faults: u64,
    skipped: u64,
    /// See [`digest`].
    values: u64,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let mut sink = Sink {
        args: a,
        out: Output::open(a.out.as_deref())?,
        check: Check::new(),
        packets: 0,
        bad: 0,
        faults: 0,
        skipped: 0,
        values: 0,
    };
    packets::read(&a.file, &mut |found| match found {
        Found::Packet(packet, place, _) => sink.packet(packet, place),
        Found::Skipped { offset, length } => {
            sink.faults += 1;
            sink.skipped += length as u64;
            sink.check.skipped(offset, length);
            Ok(())
        }
    })?;
    sink.end()
}

impl Sink<'_> {
    fn packet(&mut self, packet: &Packet<'_>, place: Place) -> Result<()> {
        self.bad += u64::from(packet.checksum() == Checksum::Bad);
        fault::for_each(packet, &mut |_| self.faults += 1);
        self.values = self.values.wrapping_add(digest::packet(packet));
        if self.args.check {
            self.check.packet(packet, place.pid);
        } else {
            let place = Place {
                n: self.packets,
                raw: self.args.raw,
                ..place
            };
            json::write_record(packet, place, &mut self.out)?;
            writeln!(self.out)?;
        }
        self.packets += 1;
        Ok(())
    }

    fn end(mut self) -> Result<()> {
        let name = self.args.file.display();
        if self.args.check {
            writeln!(self.out, "# Metadata of {name}\n\n{}", self.check)?;
        }
        self.out.finish()?;
        eprintln!(
            "{name}: {} packets, {} with a bad checksum, {} faults, {} bytes skipped, values {:016x}",
            self.packets, self.bad, self.faults, self.skipped, self.values
        );
        let objections = self.check.objections();
        if self.args.check && !objections.is_empty() {
            bail!(
                "{name}: does not conform (objection 1 of {}: {}); see the report",
                objections.len(),
                objections[0]
            );
        }
        Ok(())
    }
}
