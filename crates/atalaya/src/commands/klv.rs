//! `atalaya klv`: metadata to JSON Lines.

use crate::output::Output;
use anyhow::{Context, Result};
use atalaya_klv::json::{self, Context as Place};
use atalaya_klv::{Checksum, Scanner, Step};
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
    /// Print no records, only the summary
    #[arg(long)]
    check: bool,
    /// Give the raw bytes of every item
    #[arg(long)]
    raw: bool,
    /// Where the records go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Default)]
struct Sum {
    packets: u64,
    bad: u64,
    faults: u64,
    skipped: u64,
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
    let mut out = Output::open(a.out.as_deref())?;
    let mut sum = Sum::default();
    if bare {
        bare_klv(a, &mut out, &mut sum)?;
    } else {
        container(a, &mut out, &mut sum)?;
    }
    out.finish()?;
    eprintln!(
        "{}: {} packets, {} with a bad checksum, {} faults, {} bytes skipped",
        a.file.display(),
        sum.packets,
        sum.bad,
        sum.faults,
        sum.skipped
    );
    Ok(())
}

/// Whatever the scanner has ready.
fn drain(
    scanner: &mut Scanner,
    place: Place,
    a: &Args,
    out: &mut Output,
    sum: &mut Sum,
) -> Result<()> {
    while let Some(step) = scanner.next_step() {
        match step {
            Step::Packet(packet) => {
                sum.bad += u64::from(packet.checksum() == Checksum::Bad);
                sum.faults += json::faults(&packet).len() as u64;
                if !a.check {
                    let place = Place {
                        n: sum.packets,
                        raw: a.raw,
                        ..place
                    };
                    writeln!(out, "{}", json::record(&packet, place))?;
                }
                sum.packets += 1;
            }
            Step::Skipped { length, .. } => {
                sum.faults += 1;
                sum.skipped += length as u64;
            }
        }
    }
    Ok(())
}

fn bare_klv(a: &Args, out: &mut Output, sum: &mut Sum) -> Result<()> {
    let mut file =
        File::open(&a.file).with_context(|| format!("can't read {}", a.file.display()))?;
    let mut scanner = Scanner::new();
    let mut chunk = vec![0u8; 1 << 16];
    loop {
        let n = file
            .read(&mut chunk)
            .with_context(|| format!("reading {} failed", a.file.display()))?;
        if n == 0 {
            scanner.finish();
            return drain(&mut scanner, Place::default(), a, out, sum);
        }
        scanner.push(&chunk[..n]);
        drain(&mut scanner, Place::default(), a, out, sum)?;
    }
}

fn container(a: &Args, out: &mut Output, sum: &mut Sum) -> Result<()> {
    let mut demuxer = Demuxer::open(&a.file)?;
    let mut scanners: BTreeMap<usize, Scanner> = BTreeMap::new();
    while let Some(packet) = demuxer.read()? {
        let Some(stream) = demuxer
            .streams()
            .iter()
            .find(|s| s.index == packet.stream && s.is_klv())
        else {
            continue;
        };
        let place = Place {
            pid: stream.pid,
            pts: packet.pts_90k,
            ..Place::default()
        };
        let scanner = scanners.entry(packet.stream).or_default();
        scanner.push(packet.bytes());
        drain(scanner, place, a, out, sum)?;
    }
    for scanner in scanners.values_mut() {
        scanner.finish();
        drain(scanner, Place::default(), a, out, sum)?;
    }
    if scanners.is_empty() {
        eprintln!("{}: no metadata stream in it", a.file.display());
    }
    Ok(())
}
