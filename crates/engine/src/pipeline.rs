//! One feed's frames through vision and tracking.

use crate::context::Context;
use atalaya_model::{
    Attention, FeedIx, Frame, FrameReport, Landmark, Micros, PixelBox, PlatformState,
};
use atalaya_track::{TrackFrame, TrackInput, Tracker};
use atalaya_vision::Vision;

/// A frame when vision and tracking are done with it.
#[derive(Clone, Debug)]
pub struct Analysed {
    /// Event time.
    pub t: Micros,
    /// Number in the feed.
    pub frame: u64,
    /// Presentation time, 90 kHz ticks.
    pub pts_90k: Option<i64>,
    /// Picture size, pixels.
    pub size: (u32, u32),
    /// Had metadata that place it.
    pub placed: bool,
    /// Landmarks that were given before this frame.
    pub landmarks: Vec<Landmark>,
    /// What vision found, before tracking.
    pub detections: usize,
    /// What tracking says.
    pub tracks: TrackFrame,
}

/// Vision and tracking of one feed. What tracking asks about goes back to vision with
/// the next frame.
pub struct FeedPipeline {
    vision: Vision,
    tracker: Tracker,
    attention: Attention,
    given: Vec<Landmark>,
}

impl FeedPipeline {
    /// For feed `ix` of the operation.
    pub fn new(context: &Context, ix: FeedIx) -> Self {
        let feed = context.operation.feeds.get(usize::from(ix.0));
        let errors = feed.map(|f| f.errors.clone()).unwrap_or_default();
        let overlays = feed
            .iter()
            .flat_map(|f| &f.overlays)
            .map(|[x, y, w, h]| PixelBox {
                x: *x as f32,
                y: *y as f32,
                w: *w as f32,
                h: *h as f32,
            })
            .collect();
        let mut tracker = Tracker::new(
            context.settings.track.clone(),
            ix,
            errors,
            context.frame.clone(),
        );
        let landmarks = feed.iter().flat_map(|f| &f.landmarks);
        landmarks.for_each(|l| tracker.landmark(l));
        let reference = context.reference.as_ref();
        if let Some(r) = reference {
            tracker.refer(r.place, r.sigma_m);
        }
        Self {
            vision: Vision::new(context.settings.vision.clone(), overlays)
                .with_reference(reference.map(|r| r.picture.clone())),
            tracker,
            attention: Attention::default(),
            given: Vec::new(),
        }
    }

    /// Goes on after a gap in the same flight with what landmarks told before it.
    pub fn inherit(&mut self, before: &Self) {
        self.tracker.inherit(&before.tracker);
    }

    /// A landmark in one of the last minute's frames, or in one to come.
    pub fn landmark(&mut self, landmark: Landmark) {
        self.tracker.landmark(&landmark);
        self.given.push(landmark);
    }

    /// The next frame to analyse, in order.
    pub fn push(
        &mut self,
        context: &Context,
        frame: &Frame,
        platform: Option<&PlatformState>,
    ) -> Analysed {
        let size = (frame.width, frame.height);
        // A damaged picture is no evidence: nothing is seen in it, and nothing compared with it.
        let report = if frame.damaged {
            FrameReport {
                frame: frame.id,
                ..FrameReport::default()
            }
        } else {
            self.vision.push(frame, &self.attention)
        };
        let detections = report.detections.len();
        let mut tracks = self.tracker.push(&TrackInput {
            t: frame.t,
            size,
            pointing: platform.and_then(|p| context.pointing(p, size)),
            report,
        });
        self.attention = std::mem::take(&mut tracks.attention);
        for ask in std::mem::take(&mut tracks.colours) {
            if let Some(lab) = self.vision.colour(frame, &ask) {
                self.tracker.coloured(ask.track, lab);
            }
        }
        Analysed {
            t: frame.t,
            frame: frame.id,
            pts_90k: frame.pts_90k,
            size,
            placed: tracks
                .coverage
                .as_ref()
                .is_some_and(|c| c.footprint.is_some()),
            landmarks: std::mem::take(&mut self.given),
            detections,
            tracks,
        }
    }
}
