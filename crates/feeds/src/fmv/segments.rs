//! Closed evidence segments, placed in event time.

use std::collections::VecDeque;

use atalaya_model::Micros;

use super::{Fmv, Source};
use crate::record::ClosedSegment;
use crate::unit::{SegmentUnit, Unit};

/// Closed segments that wait for the frame that ends them.
#[derive(Default)]
pub(super) struct Segments {
    pub(super) closed: VecDeque<ClosedSegment>,
    /// Presentation time of the first picture after the first of `closed`.
    pub(super) boundaries: VecDeque<i64>,
    pub(super) t0: Option<Micros>,
    /// The last frames given out: presentation and event time.
    pub(super) given: VecDeque<(i64, Micros)>,
}

/// Frames remembered in [`Segments::given`].
const GIVEN: usize = 64;

impl Fmv {
    /// Newly closed segments end with the picture at `pos`, or where they go on, with the one after
    /// it; each is given by its place in the input and its presentation time.
    pub(super) fn note_boundary(&mut self, picture: (u64, i64), next: (u64, i64)) {
        self.collect_segments();
        let known = self.segments.boundaries.len();
        for i in known..self.segments.closed.len() {
            let end = self.segments.closed[i].end;
            let boundary = if end <= picture.0 { picture.1 } else { next.1 };
            self.segments.boundaries.push_back(boundary);
        }
        // The picture may have been given out before its last bytes were there to be recorded.
        while let Some(&boundary) = self.segments.boundaries.front() {
            let mut given = self.segments.given.iter();
            let Some(t) = given.find(|(pts, _)| *pts >= boundary).map(|g| g.1) else {
                break;
            };
            self.segments.boundaries.pop_front();
            self.end_segment(t);
        }
    }

    /// All closed segments end here.
    pub(super) fn end_segments(&mut self, t: Micros) {
        self.collect_segments();
        self.segments.boundaries.clear();
        self.segments.given.clear();
        while !self.segments.closed.is_empty() {
            self.end_segment(t);
        }
        self.segments.t0 = None;
    }

    pub(super) fn collect_segments(&mut self) {
        if let Source::Live(live) = &mut self.source {
            let (closed, faults) = live.take_recorded();
            self.segments.closed.extend(closed);
            self.out.extend(faults.into_iter().map(Unit::Fault));
        }
    }

    /// A frame is given out: segments that end with it are complete.
    pub(super) fn end_segments_before(&mut self, pts: i64, t: Micros) {
        if self.segments.given.len() == GIVEN {
            self.segments.given.pop_front();
        }
        self.segments.given.push_back((pts, t));
        while self.segments.boundaries.front().is_some_and(|&b| b <= pts) {
            self.segments.boundaries.pop_front();
            self.end_segment(t);
        }
    }

    pub(super) fn end_segment(&mut self, t1: Micros) {
        if let Some(segment) = self.segments.closed.pop_front() {
            let t0 = self.segments.t0.unwrap_or(t1);
            self.segments.t0 = Some(t1);
            self.out.push_back(Unit::Segment(SegmentUnit {
                path: segment.path,
                sha256: segment.sha256,
                bytes: segment.bytes,
                t0,
                t1,
            }));
        }
    }
}
