//! A first look at a video: its pictures and its clock.

use super::Error;
use atalaya_klv::{Checksum, Metadata, Scanner, Standard, Step};
use atalaya_video::{Codec, Demuxer, StreamKind};
use std::collections::BTreeMap;
use std::path::Path;

/// Ticks of presentation time in a second.
const TICKS: f64 = 90_000.0;

/// A stream of metadata in a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetadataStream {
    /// Index in the container.
    pub index: usize,
    /// Its packets carry presentation times.
    pub synchronous: bool,
    /// It holds packets of ST 0601.
    pub st0601: bool,
}

/// When a video's pictures are shown, and what time it was then. Times of presentation are ticks of
/// 90 kHz as in the container.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Columns and rows.
    pub size: (u32, u32),
    /// Coding of the pictures.
    pub codec: Option<Codec>,
    /// Presentation times of the pictures, in this order.
    pub pictures: Vec<i64>,
    /// Of those where decoding can start.
    pub keys: Vec<i64>,
    /// The earliest decoding time.
    pub first_dts: i64,
    /// Streams of metadata.
    pub metadata: Vec<MetadataStream>,
    /// The last security marking (item 48 of ST 0601) as sent.
    pub marking: Option<Vec<u8>>,
    /// Heights of the frame centre as sent, by presentation time: metres, above the ellipsoid or not.
    pub centres: Vec<(i64, atalaya_klv::Altitude)>,
    /// Sound or other streams that no copy takes along.
    pub others: usize,
    /// Presentation time and UTC microseconds, both rising.
    clock: Vec<(i64, i64)>,
}

/// What is gathered of one stream of metadata.
#[derive(Default)]
struct Gathered {
    scanner: Scanner,
    st0601: bool,
}

impl Timeline {
    /// Reads a whole file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::of(Demuxer::open(path)?, &path.display().to_string())
    }

    /// Reads a whole video; `name` is what errors call it.
    pub fn of(mut demuxer: Demuxer, name: &str) -> Result<Self, Error> {
        let mut line = Self {
            first_dts: i64::MAX,
            ..Self::default()
        };
        let video = demuxer.video().map(|v| v.index);
        let mut streams: BTreeMap<usize, Gathered> = BTreeMap::new();
        let mut pairs = Vec::new();
        while let Some(packet) = demuxer.read()? {
            if Some(packet.stream) == video {
                line.first_dts = line
                    .first_dts
                    .min(packet.dts_90k.or(packet.pts_90k).unwrap_or(0));
                if let Some(pts) = packet.pts_90k {
                    line.pictures.push(pts);
                    if packet.key {
                        line.keys.push(pts);
                    }
                }
                continue;
            }
            let klv = demuxer
                .streams()
                .get(packet.stream)
                .is_some_and(|s| s.is_klv());
            if !klv {
                continue;
            }
            // Metadata without a time of presentation belong to the picture that came before them.
            let Some(pts) = packet.pts_90k.or(line.pictures.last().copied()) else {
                continue;
            };
            let gathered = streams.entry(packet.stream).or_default();
            gathered.scanner.push(packet.bytes());
            line.take(gathered, pts, &mut pairs);
        }
        for s in demuxer.streams() {
            match s.kind {
                StreamKind::Klv { synchronous } => line.metadata.push(MetadataStream {
                    index: s.index,
                    synchronous,
                    st0601: streams.get(&s.index).is_some_and(|g| g.st0601),
                }),
                StreamKind::Video(info) if Some(s.index) == video => {
                    line.size = (info.width, info.height);
                    line.codec = Some(info.codec);
                }
                _ => line.others += 1,
            }
        }
        if line.pictures.is_empty() {
            return Err(Error::NoPictures(name.to_owned()));
        }
        line.pictures.sort_unstable();
        line.pictures.dedup();
        line.keys.sort_unstable();
        line.clock = rising(pairs);
        Ok(line)
    }

    fn take(&mut self, from: &mut Gathered, pts: i64, pairs: &mut Vec<(i64, i64)>) {
        while let Some(step) = from.scanner.next_step() {
            let Step::Packet(packet) = step else { continue };
            if packet.checksum() == Checksum::Bad {
                continue;
            }
            if packet.standard() == Standard::St0601 {
                from.st0601 = true;
                let marking = packet
                    .elements()
                    .find(|e| e.id == atalaya_klv::ElementId::Tag(48));
                if let Some(marking) = marking {
                    self.marking = Some(marking.raw.to_vec());
                }
            }
            let metadata = Metadata::of(&packet);
            if let Some(time) = metadata.time_us.and_then(|t| i64::try_from(t).ok()) {
                pairs.push((pts, time));
            }
            if let Some(height) = metadata.frame_center_altitude {
                self.centres.push((pts, height));
            }
        }
    }

    /// Says that the first picture was taken at this time, UTC microseconds, whatever metadata say.
    pub fn start_at(&mut self, time_us: i64) {
        self.clock = self
            .pictures
            .first()
            .map(|&pts| (pts, time_us))
            .into_iter()
            .collect();
    }

    /// The first picture.
    pub fn first(&self) -> i64 {
        self.pictures.first().copied().unwrap_or_default()
    }

    /// Seconds from the first picture.
    pub fn seconds(&self, pts: i64) -> f64 {
        (pts - self.first()) as f64 / TICKS
    }

    /// The presentation time so many seconds after the first picture.
    pub fn pts_after(&self, seconds: f64) -> i64 {
        self.first() + (seconds * TICKS).round() as i64
    }

    /// Whether it is known what time it was.
    pub fn has_clock(&self) -> bool {
        !self.clock.is_empty()
    }

    /// UTC microseconds at a presentation time: between two packets in proportion, beyond the first
    /// and the last at the stream's own pace.
    pub fn time_at(&self, pts: i64) -> Option<i64> {
        along(&self.clock, pts, |&(p, t)| (p, t), 1e6 / TICKS)
    }

    /// The presentation time at UTC microseconds, likewise.
    pub fn pts_at(&self, time_us: i64) -> Option<i64> {
        along(&self.clock, time_us, |&(p, t)| (t, p), TICKS / 1e6)
    }

    /// The picture nearest to a presentation time.
    pub fn nearest(&self, pts: i64) -> Option<i64> {
        let at = self.pictures.partition_point(|p| *p < pts);
        let around = [at.checked_sub(1), Some(at)];
        around
            .into_iter()
            .flatten()
            .filter_map(|i| self.pictures.get(i).copied())
            .min_by_key(|p| (p - pts).abs())
    }

    /// The height of the frame centre that was valid at a presentation time.
    pub fn centre_at(&self, pts: i64) -> Option<atalaya_klv::Altitude> {
        let at = self.centres.partition_point(|(p, _)| *p <= pts).max(1);
        self.centres.get(at - 1).map(|(_, a)| *a)
    }
}

/// Pairs whose both sides rise: what goes back belongs to another stretch, or is damaged.
fn rising(mut pairs: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    pairs.sort_unstable();
    let mut kept: Vec<(i64, i64)> = Vec::with_capacity(pairs.len());
    for (pts, time) in pairs {
        if kept.last().is_none_or(|(p, t)| pts > *p && time > *t) {
            kept.push((pts, time));
        }
    }
    kept
}

fn along(
    clock: &[(i64, i64)],
    x: i64,
    sides: impl Fn(&(i64, i64)) -> (i64, i64),
    pace: f64,
) -> Option<i64> {
    let at = clock.partition_point(|pair| sides(pair).0 <= x);
    let (x0, y0) = sides(clock.get(at.saturating_sub(1))?);
    let slope = match (at, clock.get(at).map(&sides)) {
        (1.., Some((x1, y1))) => (y1 - y0) as f64 / (x1 - x0) as f64,
        _ => pace,
    };
    Some(y0 + ((x - x0) as f64 * slope).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_runs_between_packets_and_beyond_them() {
        let line = Timeline {
            pictures: vec![90_000, 93_000, 96_000],
            clock: rising(vec![
                (90_000, 5_000_000),
                (180_000, 6_100_000),
                (170_000, 9_000_000),
                (270_000, 7_100_000),
            ]),
            ..Timeline::default()
        };
        // The packet that jumps ahead does not fit what follows it.
        assert_eq!(line.time_at(90_000), Some(5_000_000));
        assert_eq!(line.time_at(45_000), Some(4_500_000));
        assert_eq!(line.pts_at(4_500_000), Some(45_000));
        assert_eq!(line.nearest(94_600), Some(96_000));
        assert_eq!(line.nearest(0), Some(90_000));
        assert!((line.seconds(96_000) - 6_000.0 / 90_000.0).abs() < 1e-12);
    }
}
