//! Video packets of a feed: decoded, held until their metadata are known, and
//! given out as frames.

use atalaya_video::{AccessUnits, DecodeOptions, Decoder, Packet, Picture};

use super::{Fmv, Source};
use crate::error::Error;
use crate::frame;
use crate::unit::{CodedUnit, FrameUnit, Unit};

/// A frame waits this long (presentation time) for the metadata after it.
const WAIT_FOR_METADATA: i64 = 9_000;
/// The first frames wait this long for metadata to tell the time.
const WAIT_FOR_TIME: i64 = 180_000;
/// Ticks between frames that carry no time and whose rate is not known.
const DEFAULT_STEP: i64 = 3_600;

impl Fmv {
    pub(super) fn video_packet(&mut self, packet: &Packet) -> Result<(), Error> {
        let Some(input) = &mut self.input else {
            return Ok(());
        };
        if input.decoder.is_none() && !input.undecodable {
            let options = DecodeOptions {
                threads: self.options.threads,
                ..DecodeOptions::default()
            };
            match Decoder::with_options(&input.demuxer.streams()[packet.stream], options) {
                Ok(decoder) => input.decoder = Some(decoder),
                Err(error) => {
                    input.undecodable = true;
                    self.out.push_back(Unit::Fault(error.to_string()));
                }
            }
        }
        if self.options.coded
            && let Some(pts_90k) = packet.pts_90k
        {
            if input.coded.is_none() {
                input.coded = AccessUnits::new(&input.demuxer.streams()[packet.stream]);
            }
            if let Some(units) = &mut input.coded {
                let bytes = units.convert(packet);
                self.out.push_back(Unit::Coded(CodedUnit {
                    pts_90k,
                    key: packet.key,
                    codec: packet.key.then(|| units.codec()).flatten(),
                    bytes,
                }));
            }
        }
        if let (Source::Live(live), Some(pos), Some(pts)) =
            (&self.source, packet.pos, packet.pts_90k)
        {
            live.with_arrivals(|a| a.picture(pos, pts));
        }
        self.watch_picture(packet);
        let Some(input) = &mut self.input else {
            return Ok(());
        };
        let mut pictures = Vec::new();
        if let Some(decoder) = &mut input.decoder {
            decoder.push(packet, &mut pictures)?;
        }
        self.take_pictures(pictures);
        self.expect(packet);
        Ok(())
    }

    pub(super) fn drain_decoder(&mut self) -> Result<(), Error> {
        let mut pictures = Vec::new();
        if let Some(decoder) = self.input.as_mut().and_then(|i| i.decoder.as_mut()) {
            decoder.flush(&mut pictures)?;
        }
        self.take_pictures(pictures);
        Ok(())
    }

    pub(super) fn take_pictures(&mut self, pictures: Vec<Picture>) {
        for mut picture in pictures {
            // A raw elementary stream carries no times: count them.
            let pts = picture.pts_90k.unwrap_or_else(|| {
                let rate = self.video().and_then(|v| v.frame_rate);
                let step = rate.map_or(DEFAULT_STEP, |(num, den)| {
                    90_000 * i64::from(den) / i64::from(num.max(1))
                });
                self.last_pts.map_or(0, |last| last.saturating_add(step))
            });
            picture.pts_90k = Some(pts);
            self.last_pts = Some(pts);
            self.waiting_bytes += picture.byte_len();
            self.waiting.push_back(picture);
        }
    }

    /// Gives out frames for which all is known that will be.
    pub(super) fn release(&mut self, all: bool) {
        while let Some(picture) = self.waiting.front() {
            let pts = picture.pts_90k.unwrap_or(0);
            if !all && self.waits(pts) {
                return;
            }
            let Some(picture) = self.waiting.pop_front() else {
                return;
            };
            self.waiting_bytes = self.waiting_bytes.saturating_sub(picture.byte_len());
            self.emit(&picture, pts);
        }
    }

    pub(super) fn waits(&self, pts: i64) -> bool {
        let Some(input) = &self.input else {
            return false;
        };
        let ahead = input.newest.map_or(0, |newest| newest.saturating_sub(pts));
        if self.waiting_bytes > self.options.waiting_bytes {
            return false;
        }
        let has_klv = input.demuxer.streams().iter().any(|s| s.is_klv());
        let time_unknown = has_klv && !self.clock.is_set() && ahead <= WAIT_FOR_TIME;
        let more_metadata = self.primary.is_some_and(|(_, synchronous)| synchronous)
            && !self.history.reaches(pts)
            && ahead <= WAIT_FOR_METADATA;
        time_unknown || more_metadata
    }

    pub(super) fn emit(&mut self, picture: &Picture, pts: i64) {
        let (platform, pairing) = self.history.at(pts);
        let (t, time_source) = self.clock.stamp(pts);
        let received = match &self.source {
            Source::Live(live) => live.with_arrivals(|a| a.take(pts)),
            Source::File { .. } => None,
        };
        self.stats.frames += 1;
        self.stats.frames_damaged += u64::from(picture.damaged);
        let unit = Box::new(FrameUnit {
            frame: frame::wrap(picture, self.stats.frames, t),
            platform,
            pairing,
            time_source,
            key: picture.key,
            received,
            stretch: self.door.stretch(),
        });
        match self.source {
            Source::File { .. } => self.give(unit),
            Source::Live(_) => self.at_the_door(unit, pts),
        }
    }
}
