//! The metadata packets of a file: a container with KLV streams, or bare KLV.

use anyhow::{Context, Result};
use atalaya_klv::json::Context as Place;
use atalaya_klv::{Packet, Scanner, Step};
use atalaya_video::Demuxer;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What stands in the file next.
pub enum Found<'a> {
    /// A packet; where it stands, its number not counted; and the size of the pictures beside it,
    /// pixels.
    Packet(&'a Packet<'a>, Place, Option<(u32, u32)>),
    /// Bytes that belong to no packet.
    Skipped {
        /// Where they begin.
        offset: u64,
        /// How many.
        length: usize,
    },
}

type Each<'a> = &'a mut dyn FnMut(Found<'_>) -> Result<()>;

/// Reads a file from end to end.
pub fn read(path: &Path, each: Each<'_>) -> Result<()> {
    let mut head = [0u8; 4];
    let read = File::open(path)
        .and_then(|mut f| f.read(&mut head))
        .with_context(|| format!("can't read {}; check the path", path.display()))?;
    let bare = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("klv") || e.eq_ignore_ascii_case("bin"))
        || (read == 4 && head == [0x06, 0x0e, 0x2b, 0x34]);
    if bare {
        bare_klv(path, each)
    } else {
        container(path, each)
    }
}

/// Whatever the scanner has ready.
fn drain(
    scanner: &mut Scanner,
    place: Place,
    size: Option<(u32, u32)>,
    each: Each<'_>,
) -> Result<()> {
    while let Some(step) = scanner.next_step() {
        match step {
            Step::Packet(packet) => each(Found::Packet(&packet, place, size))?,
            Step::Skipped { offset, length } => each(Found::Skipped { offset, length })?,
        }
    }
    Ok(())
}

fn bare_klv(path: &Path, each: Each<'_>) -> Result<()> {
    let mut file = File::open(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut scanner = Scanner::new();
    let mut chunk = vec![0u8; 1 << 16];
    loop {
        let n = file
            .read(&mut chunk)
            .with_context(|| format!("reading {} failed", path.display()))?;
        if n == 0 {
            scanner.finish();
            return drain(&mut scanner, Place::default(), None, each);
        }
        scanner.push(&chunk[..n]);
        drain(&mut scanner, Place::default(), None, each)?;
    }
}

/// A metadata stream: what is not yet scanned, where it stands, size of the pictures beside it.
type Reading = (Scanner, Place, Option<(u32, u32)>);

fn container(path: &Path, each: Each<'_>) -> Result<()> {
    let mut demuxer = Demuxer::open(path)?;
    let mut scanners: BTreeMap<usize, Reading> = BTreeMap::new();
    while let Some(packet) = demuxer.read()? {
        let streams = demuxer.streams();
        let Some(stream) = streams
            .iter()
            .find(|s| s.index == packet.stream && s.is_klv())
        else {
            continue;
        };
        // Pictures of the same programme; the first where no programme says so.
        let size = streams
            .iter()
            .filter_map(|s| Some((s.program, s.video()?)))
            .filter(|(_, v)| v.width > 0 && v.height > 0)
            .min_by_key(|(program, _)| *program != stream.program)
            .map(|(_, v)| (v.width, v.height));
        let (scanner, place, known) = scanners.entry(packet.stream).or_default();
        *place = Place {
            pid: stream.pid,
            pts: packet.pts_90k,
            ..Place::default()
        };
        *known = size;
        scanner.push(packet.bytes());
        drain(scanner, *place, size, each)?;
    }
    for (scanner, place, size) in scanners.values_mut() {
        scanner.finish();
        drain(scanner, *place, *size, each)?;
    }
    if scanners.is_empty() {
        eprintln!("{}: no metadata stream in it", path.display());
    }
    Ok(())
}
