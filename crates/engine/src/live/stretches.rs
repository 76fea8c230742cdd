//! A feed's analysis over the stretches of its recording. Each begins anew, for whoever replays it
//! has not seen what was refused in between; numbers of tracks go on, and what landmarks told.

use crate::context::Context;
use crate::pipeline::{Analysed, FeedPipeline};
use atalaya_model::{FeedIx, Frame, Landmark, PlatformState};

/// The pipeline of the current stretch.
pub struct Stretches<'a> {
    context: &'a Context,
    ix: FeedIx,
    stretch: u32,
    pipeline: FeedPipeline,
    /// Added to the numbers of this stretch's tracks, and the greatest number given so far.
    tracks: (u32, u32),
    /// Likewise for anchors.
    anchors: (u32, u32),
}

impl<'a> Stretches<'a> {
    /// For feed `ix`.
    pub fn new(context: &'a Context, ix: FeedIx) -> Self {
        Self {
            context,
            ix,
            stretch: 0,
            pipeline: FeedPipeline::new(context, ix),
            tracks: (0, 0),
            anchors: (0, 0),
        }
    }

    /// The next frame to analyse, in order, of the given stretch, and the landmarks given before it.
    pub fn push(
        &mut self,
        stretch: u32,
        frame: &Frame,
        platform: Option<&PlatformState>,
        landmarks: Vec<Landmark>,
    ) -> Analysed {
        if stretch != self.stretch {
            self.stretch = stretch;
            let mut next = FeedPipeline::new(self.context, self.ix);
            next.inherit(&self.pipeline);
            self.pipeline = next;
            self.tracks.0 = self.tracks.1;
            self.anchors.0 = self.anchors.1 + 1;
        }
        landmarks
            .into_iter()
            .for_each(|l| self.pipeline.landmark(l));
        let mut analysed = self.pipeline.push(self.context, frame, platform);
        let out = &mut analysed.tracks;
        out.anchor += self.anchors.0;
        self.anchors.1 = self.anchors.1.max(out.anchor);
        for p in &mut out.points {
            p.track.n += self.tracks.0;
            self.tracks.1 = self.tracks.1.max(p.track.n);
        }
        analysed
    }
}
