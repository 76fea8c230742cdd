//! Closed evidence segments, placed in event time.

use std::collections::VecDeque;

use atalaya_model::Micros;
use atalaya_video::Packet;

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
}

impl Fmv {
    /// The first picture behind a closed segment tells where it ends in time.
    pub(super) fn note_boundary(&mut self, packet: &Packet) {
        self.collect_segments();
        let known = self.segments.boundaries.len();
        let (Some(pos), Some(pts)) = (packet.pos, packet.pts_90k) else {
            return;
        };
        let ended = self.segments.closed.iter().skip(known);
        let ended = ended.take_while(|segment| segment.end <= pos).count();
        self.segments
            .boundaries
            .extend(std::iter::repeat_n(pts, ended));
    }

    pub(super) fn collect_segments(&mut self) {
        if let Source::Live(live) = &mut self.source {
            let (closed, faults) = live.take_recorded();
            self.segments.closed.extend(closed);
            self.out.extend(faults.into_iter().map(Unit::Fault));
        }
    }

    pub(super) fn end_segments_before(&mut self, pts: i64, t: Micros) {
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
