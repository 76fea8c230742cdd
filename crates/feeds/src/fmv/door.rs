//! Pictures of a live feed that may not be kept: neither given out nor recorded.
//!
//! Bytes wait in memory until the pictures in them have been judged; only then are they written. A
//! refusal closes the segment before the first refused picture. Pictures are let in again with a
//! key frame, and there the feed is read anew, from the tables before it, as whoever reads the
//! recording will read it: clock, metadata and decoder know nothing of what was refused.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use atalaya_model::{Frame, Micros, PlatformState};
use atalaya_video::Packet;

use super::{Fmv, Phase, Source};
use crate::clock::EventClock;
use crate::pairing::History;
use crate::unit::{FrameUnit, Gap, Stamp, Stretch, Unit};

/// Frames whose stamps are remembered: two seconds at 30 a second, as long as the first frames wait
/// for their time.
const STAMPS: usize = 64;

type Verdict = dyn Fn(&Frame, Option<&PlatformState>) -> bool + Send + Sync;

/// Says whether a picture may be given out and recorded. Asked once for each, in their order.
#[derive(Clone)]
pub struct Judge(Arc<Verdict>);

impl Judge {
    /// A judge.
    pub fn new(
        verdict: impl Fn(&Frame, Option<&PlatformState>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(verdict))
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judge")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No picture of this stretch has been judged.
    Waiting,
    Open,
    Shut,
}

/// A coded picture in the order of the input.
struct Entry {
    pos: u64,
    pts: i64,
    /// Judged, or never to be.
    settled: bool,
    /// What was let in.
    unit: Option<Box<FrameUnit>>,
}

/// Where a feed stands.
pub(super) struct Door {
    state: State,
    /// Whether what nobody judged may be kept.
    unjudged: bool,
    stretch: u32,
    entries: VecDeque<Entry>,
    stamps: VecDeque<Stamp>,
}

impl Door {
    pub(super) fn new(unjudged: bool) -> Self {
        Self {
            state: if unjudged {
                State::Open
            } else {
                State::Waiting
            },
            unjudged,
            stretch: 0,
            entries: VecDeque::new(),
            stamps: VecDeque::new(),
        }
    }

    pub(super) fn stretch(&self) -> u32 {
        self.stretch
    }

    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }
}

impl Fmv {
    /// A coded picture was read; it will be judged when it is decoded.
    pub(super) fn expect(&mut self, packet: &Packet) {
        let Source::Live(live) = &self.source else {
            return;
        };
        if live.is_overfull() {
            // Nothing can be decoded, it seems.
            let end = packet.pos.unwrap_or(u64::MAX);
            if self.door.unjudged {
                live.keep_until(end);
            } else {
                live.drop_until(end);
            }
        }
        if let (Some(pos), Some(pts)) = (packet.pos, packet.pts_90k) {
            self.door.entries.push_back(Entry {
                pos,
                pts,
                settled: false,
                unit: None,
            });
            self.settle();
        }
    }

    /// A decoded picture of a live feed, presented at `pts`.
    pub(super) fn at_the_door(&mut self, unit: Box<FrameUnit>, pts: i64) {
        let let_in = match &self.options.judge {
            Some(Judge(judge)) => judge(&unit.frame, unit.platform.as_ref()),
            None => true,
        };
        if let_in && self.door.state != State::Shut {
            self.door.state = State::Open;
            match self.mark(pts) {
                Some(entry) => entry.unit = Some(unit),
                // Its place in the input is not known: it goes with what is around it.
                None => self.give(unit),
            }
            self.settle();
            return;
        }
        // Reading begins anew only while there is something to read.
        if let_in && unit.key && self.phase == Phase::Reading && self.resume(&unit, pts) {
            return;
        }
        self.stats.frames_refused += 1;
        if self.door.state != State::Shut {
            self.shut(unit.frame.t);
        }
        self.mark(pts);
        self.settle();
    }

    /// Everything that was read has been judged, or never will be.
    pub(super) fn settle_all(&mut self) {
        for entry in &mut self.door.entries {
            entry.settled = true;
        }
        self.settle();
    }

    /// The entry of a picture is judged; with it those before it in presentation that never came.
    fn mark(&mut self, pts: i64) -> Option<&mut Entry> {
        for entry in &mut self.door.entries {
            entry.settled |= entry.pts <= pts;
        }
        self.door.entries.iter_mut().find(|e| e.pts == pts)
    }

    /// Records or drops what is settled, and gives out what was let in.
    fn settle(&mut self) {
        let mut given = Vec::new();
        // The end of a picture is where the next one begins.
        while self.door.entries.len() > 1 && self.door.entries[0].settled {
            let Some(entry) = self.door.entries.pop_front() else {
                break;
            };
            given.extend(entry.unit);
            let Some(next) = self.door.entries.front().map(|e| (e.pos, e.pts)) else {
                break;
            };
            if let Source::Live(live) = &self.source {
                match self.door.state {
                    State::Open => live.keep_until(next.0),
                    State::Shut => live.drop_until(next.0),
                    State::Waiting => {}
                }
            }
            self.note_boundary((entry.pos, entry.pts), next);
        }
        // The last one's end is not known yet, but nothing stands in its way.
        if let [entry] = self.door.entries.make_contiguous()
            && entry.settled
        {
            given.extend(entry.unit.take());
        }
        given.sort_by_key(|u| u.frame.id);
        for unit in given {
            self.give(unit);
        }
    }

    /// Gives a frame out.
    pub(super) fn give(&mut self, unit: Box<FrameUnit>) {
        let t = unit.frame.t;
        if let Some(pts) = unit.frame.pts_90k {
            self.end_segments_before(pts, t);
        }
        self.segments.t0.get_or_insert(t);
        if self.options.judge.is_some() {
            if self.door.stamps.len() == STAMPS {
                self.door.stamps.pop_front();
            }
            self.door.stamps.push_back(Stamp {
                frame: unit.frame.id,
                t,
                platform: unit.platform.clone(),
            });
        }
        self.out.push_back(Unit::Frame(unit));
    }

    /// The first refused picture, of event time `t`: what came before it is recorded, and closed.
    fn shut(&mut self, t: Micros) {
        // A picture that was let in and refers to what is refused can't be kept.
        while self.door.entries.front().is_some_and(|e| e.settled) {
            let Some(entry) = self.door.entries.pop_front() else {
                break;
            };
            if let Some(unit) = entry.unit {
                self.give(unit);
            }
        }
        for entry in &mut self.door.entries {
            self.stats.frames_refused += u64::from(entry.unit.take().is_some());
        }
        if let (Source::Live(live), State::Open) = (&self.source, self.door.state) {
            if let Some(first) = self.door.entries.front() {
                live.keep_until(first.pos);
            }
            live.close_segment();
            let end = self.door.stamps.back().map_or(t, |s| s.t);
            self.end_segments(end);
        }
        self.door.state = State::Shut;
        let stamps = std::mem::take(&mut self.door.stamps).into();
        self.out.push_back(Unit::Gap(Gap::Refused { stamps }));
    }

    /// Begins another stretch with a key frame that is let in; false when its place is not known.
    fn resume(&mut self, unit: &FrameUnit, pts: i64) -> bool {
        let Some(pos) = self
            .door
            .entries
            .iter()
            .find(|e| e.pts == pts)
            .map(|e| e.pos)
        else {
            return false;
        };
        let Source::Live(live) = &mut self.source else {
            return false;
        };
        live.drop_until(pos);
        let segment = live.read_again();
        self.stats = self.stats_without_input();
        self.stats.frames = unit.frame.id - 1;
        self.input = None;
        self.primary = None;
        self.last_pts = None;
        self.restart_after_us = None;
        self.history = History::default();
        self.watch.restart();
        self.clock = EventClock::new(Some(unit.frame.t));
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.segments.t0 = None;
        self.door.entries.clear();
        self.door.stamps.clear();
        self.door.state = State::Waiting;
        self.door.stretch += 1;
        self.phase = Phase::Opening;
        self.out.push_back(Unit::Resumed(Stretch {
            frame: unit.frame.id,
            segment,
            start: unit.frame.t,
        }));
        true
    }
}
