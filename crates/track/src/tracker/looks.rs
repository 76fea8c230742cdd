//! What vehicles look like: which colours vision is to look at, and what is said.

use super::Tracker;
use crate::ground::View;
use crate::track::{Track, pose, shade, shows_well, vehicle_p};
use atalaya_model::{ColourAsk, Micros, TrackId, VehicleLook};

/// Most vehicles whose colours are looked at in one frame.
const MOST: usize = 16;
/// Probability of a vehicle from which its look is said: none is of a person.
const SURE: f64 = 0.9;

impl Tracker {
    /// The colour of a vehicle in the frame of the ask.
    pub fn coloured(&mut self, track: TrackId, lab: [f32; 3]) {
        let own = track.feed == self.feed;
        if let Some(t) = self.tracks.iter_mut().find(|t| own && t.n == track.n) {
            t.look.colour(lab);
        }
    }

    /// Vehicles that were seen driving in this frame and whose colour is to be looked at.
    pub(super) fn colours(&mut self, now: Micros, view: &View) -> Vec<ColourAsk> {
        let feed = self.feed;
        let driving = self.tracks.iter_mut();
        driving
            .filter(|t| t.detected == now && shows_well(t, view))
            .filter_map(|t| {
                let (pose, shade) = (pose(t), shade(t));
                let (_, bbox, _) = *t.trail.back()?;
                let [centre, along, across] = t.look.ask(&bbox, view, pose, shade, now)?;
                Some(ColourAsk {
                    track: TrackId { feed, n: t.n },
                    centre,
                    along,
                    across,
                })
            })
            .take(MOST)
            .collect()
    }
}

/// What is said of a track's look.
pub(super) fn look_of(t: &Track, placed: bool) -> Option<VehicleLook> {
    let vehicle = vehicle_p(t, placed) >= SURE;
    vehicle.then(|| t.look.said()).flatten()
}
