//! The gate at a live feed's door: pictures that the authority does not cover are neither analysed nor
//! recorded.

use crate::context::Context;
use crate::error::EngineError;
use atalaya_feeds::Judge;
use atalaya_geo::{Homography, Vector2};
use atalaya_model::{Micros, PlatformState};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Seconds for which a picture without metadata is taken to look where the last one looked: as long
/// as tracking carries the ground without them.
const CARRIED_S: f64 = 10.0;

/// Pictures refused at the door, by reason.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    counts: BTreeMap<String, u64>,
    last: &'static str,
}

impl Refusals {
    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// So far.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.with(|i| i.counts.clone())
    }

    /// One more.
    pub fn count(&self, why: &'static str) {
        self.with(|i| {
            *i.counts.entry(why.to_owned()).or_default() += 1;
            i.last = why;
        });
    }

    /// The latest reason.
    pub fn last(&self) -> &'static str {
        self.with(|i| i.last)
    }
}

/// Judges the pictures of feed `i` by their metadata alone, before anything looks at them.
pub fn judge(context: &Context, i: usize, refusals: &Refusals) -> Result<Judge, EngineError> {
    let gate = context.gate()?;
    let feed = context.operation.feeds.get(i).ok_or(EngineError::NoFeed)?;
    let (sensor, unplaced) = (feed.sensor, feed.unplaced);
    let (context, refusals) = (context.clone(), refusals.clone());
    let last: Mutex<Option<(Micros, Vector2<f64>)>> = Mutex::default();
    Ok(Judge::new(move |frame, platform| {
        let size = (frame.width, frame.height);
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(centre) = platform.and_then(|p| centre(&context, p, size)) {
            *last = Some((frame.t, centre));
        }
        let centre = last
            .filter(|(t, _)| frame.t.since(*t).abs() <= CARRIED_S)
            .map(|(_, centre)| centre);
        let verdict = gate.look(sensor, unplaced, frame.t, centre);
        if let Err(why) = verdict {
            refusals.count(why.name());
        }
        verdict.is_ok()
    }))
}

/// Where the middle of a picture looks, by its metadata.
fn centre(context: &Context, p: &PlatformState, size: (u32, u32)) -> Option<Vector2<f64>> {
    let pointing = context.pointing(p, size)?;
    let (w, h) = (f64::from(size.0), f64::from(size.1));
    let v = Vector2::new;
    let middle = v(0.5 * w, 0.5 * h);
    match (pointing.corners, pointing.camera) {
        (Some(corners), _) => {
            Homography::from_quad(&[v(0.0, 0.0), v(w, 0.0), v(w, h), v(0.0, h)], &corners)?
                .apply(middle)
        }
        (None, Some(camera)) => camera.ground(middle, pointing.up),
        (None, None) => None,
    }
}
