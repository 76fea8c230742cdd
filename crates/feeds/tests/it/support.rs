//! Feeds with known contents.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use atalaya_feeds::{Fmv, FmvOptions, FrameUnit, Gap, MetadataUnit, SegmentUnit, Stretch, Unit};
use atalaya_klv::st0601::SetBuilder;
use atalaya_video::{Encoder, EncoderOptions, Image, KlvKind, RateControl, TsMuxer};

pub const WIDTH: u32 = 64;
pub const HEIGHT: u32 = 48;
/// Event time of presentation time 0.
pub const EPOCH_US: i64 = 1_700_000_000_000_000;
/// Ticks from frame to frame: ten a second.
pub const STEP: i64 = 9_000;

/// A writer that keeps what is written.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a test feed is made of.
#[derive(Clone)]
pub struct Made {
    pub frames: u32,
    pub first_pts: i64,
    pub klv: Option<KlvKind>,
    /// A KLV packet every so many frames.
    pub klv_every: u32,
    /// No KLV from this frame on.
    pub klv_until: u32,
    pub gop: u32,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            frames: 30,
            first_pts: 90_000,
            klv: Some(KlvKind::Synchronous),
            klv_every: 1,
            klv_until: u32::MAX,
            gop: 10,
        }
    }
}

/// Heading in degrees at a presentation time: ten degrees a second.
pub fn heading(pts: i64) -> f64 {
    pts as f64 / 9_000.0
}

/// A packet of a camera at a presentation time.
pub fn metadata(pts: i64) -> Vec<u8> {
    let mut set = SetBuilder::new((EPOCH_US + pts * 100 / 9) as u64);
    set.number(5, heading(pts).rem_euclid(360.0)).unwrap();
    for (tag, value) in [
        (13, 40.0),
        (14, -3.0),
        (15, 1000.0),
        (16, 10.0),
        (19, -45.0),
    ] {
        set.number(tag, value).unwrap();
    }
    set.finish()
}

/// A transport stream.
pub fn make(made: &Made) -> Vec<u8> {
    let shared = Shared::default();
    let kinds: Vec<_> = made.klv.into_iter().collect();
    let mut muxer = TsMuxer::to_writer(Box::new(shared.clone()), WIDTH, HEIGHT, &kinds).unwrap();
    let mut options = EncoderOptions::new(WIDTH, HEIGHT, (10, 1));
    options.gop = made.gop;
    options.rate = RateControl::Crf(38.0);
    let mut encoder = Encoder::h264(options).unwrap();
    let mut packets = Vec::new();
    for n in 0..made.frames {
        let pts = made.first_pts + i64::from(n) * STEP;
        let luma: Vec<u8> = (0..WIDTH * HEIGHT)
            .map(|i| 60 + ((i % WIDTH * 3 + i / WIDTH * 2 + n * 4) % 120) as u8)
            .collect();
        let image = Image::gray(WIDTH, HEIGHT, WIDTH as usize, &luma);
        encoder.push(&image, pts, false, &mut packets).unwrap();
        if made.klv.is_some() && n % made.klv_every == 0 && n < made.klv_until {
            muxer.klv(0, &metadata(pts), Some(pts)).unwrap();
        }
        for packet in packets.drain(..) {
            muxer.video(&packet).unwrap();
        }
    }
    muxer.finish().unwrap();
    shared.take()
}

/// A folder that is removed at the end, and a file in it.
pub fn file_of(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.ts");
    std::fs::write(&path, bytes).unwrap();
    (dir, path)
}

/// Units by kind.
#[derive(Default)]
pub struct Sorted {
    pub frames: Vec<FrameUnit>,
    pub metadata: Vec<MetadataUnit>,
    pub gaps: Vec<Gap>,
    pub segments: Vec<SegmentUnit>,
    pub faults: Vec<String>,
    pub stretches: Vec<Stretch>,
}

impl Sorted {
    pub fn take(&mut self, unit: Unit) {
        match unit {
            Unit::Frame(unit) => self.frames.push(*unit),
            Unit::Metadata(unit) => self.metadata.push(*unit),
            Unit::Gap(gap) => self.gaps.push(gap),
            Unit::Segment(segment) => self.segments.push(segment),
            Unit::Resumed(stretch) => self.stretches.push(stretch),
            Unit::Fault(text) => self.faults.push(text),
            Unit::Clock(fault) => self.faults.push(fault.to_string()),
            Unit::Stats(_) | Unit::Coded(_) => {}
        }
    }
}

/// Reads a feed to its end.
pub fn read(mut fmv: Fmv) -> Sorted {
    let mut sorted = Sorted::default();
    while let Some(unit) = fmv.next_unit().unwrap() {
        sorted.take(unit);
    }
    sorted
}

pub fn read_bytes(bytes: &[u8], options: FmvOptions) -> Sorted {
    let (_dir, path) = file_of(bytes);
    read(Fmv::file(&path, options).unwrap())
}
