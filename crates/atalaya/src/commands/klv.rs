//! `atalaya klv`: metadata to JSON Lines, or a report on its conformance.

use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_klv::check::Check;
use atalaya_klv::json::{self, Context as Place};
use atalaya_klv::{Checksum, Packet, Scanner, Step, digest, fault};
use atalaya_video::Demuxer;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
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
    let mut head = [0u8; 4];
    let read = File::open(&a.file)
        .and_then(|mut f| f.read(&mut head))
        .with_context(|| format!("can't read {}; check the path", a.file.display()))?;
    let bare = a
        .file
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("klv") || e.eq_ignore_ascii_case("bin"))
        || (read == 4 && head == [0x06, 0x0e, 0x2b, 0x34]);
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
    if bare {
        bare_klv(&mut sink)?;
    } else {
        container(&mut sink)?;
    }
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

    /// Whatever the scanner has ready.
    fn drain(&mut self, scanner: &mut Scanner, place: Place) -> Result<()> {
        while let Some(step) = scanner.next_step() {
            match step {
                Step::Packet(packet) => self.packet(&packet, place)?,
                Step::Skipped { offset, length } => {
                    self.faults += 1;
                    self.skipped += length as u64;
                    self.check.skipped(offset, length);
                }
            }
        }
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

fn bare_klv(sink: &mut Sink<'_>) -> Result<()> {
    let path = &sink.args.file;
    let mut file = File::open(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut scanner = Scanner::new();
    let mut chunk = vec![0u8; 1 << 16];
    loop {
        let n = file
            .read(&mut chunk)
            .with_context(|| format!("reading {} failed", path.display()))?;
        if n == 0 {
            scanner.finish();
            return sink.drain(&mut scanner, Place::default());
        }
        scanner.push(&chunk[..n]);
        sink.drain(&mut scanner, Place::default())?;
    }
}

fn container(sink: &mut Sink<'_>) -> Result<()> {
    let mut demuxer = Demuxer::open(&sink.args.file)?;
    let mut scanners: BTreeMap<usize, (Scanner, Place)> = BTreeMap::new();
    while let Some(packet) = demuxer.read()? {
        let Some(stream) = demuxer
            .streams()
            .iter()
            .find(|s| s.index == packet.stream && s.is_klv())
        else {
            continue;
        };
        let (scanner, place) = scanners.entry(packet.stream).or_default();
        *place = Place {
            pid: stream.pid,
            pts: packet.pts_90k,
            ..Place::default()
        };
        scanner.push(packet.bytes());
        sink.drain(scanner, *place)?;
    }
    for (scanner, place) in scanners.values_mut() {
        scanner.finish();
        sink.drain(scanner, *place)?;
    }
    if scanners.is_empty() {
        eprintln!("{}: no metadata stream in it", sink.args.file.display());
    }
    Ok(())
}
