//! How a picture lies over one that was taken from elsewhere.
//!
//! Between neighbouring frames points are followed as they are. Seen from another side the same ground
//! is turned and foreshortened, which following does not bear: the kept picture is therefore first
//! drawn as it should look from here, by what is known of both places, and only what is left is
//! measured.

use crate::image::{Gray, Pyramid};
use crate::motion::warp;
use crate::register::{Now, register};
use crate::settings::VisionSettings;
use crate::vision::scaled_map;
use atalaya_geo::Homography;
use atalaya_model::{Tie, TieAsk};
use std::collections::BTreeMap;

/// Most pictures that are kept.
const MOST: usize = 32;

/// A kept picture, and its size over that of the display.
struct Kept {
    img: Gray,
    scale: f64,
}

/// Kept pictures by number.
#[derive(Default)]
pub struct Ties {
    kept: BTreeMap<u32, Kept>,
    warped: Gray,
}

impl Ties {
    /// Forgets what is not among `wanted`, and keeps `newest` under the number that is new.
    pub fn keep(&mut self, wanted: &[u32], newest: Option<(&Gray, f64)>) {
        self.kept.retain(|n, _| wanted.contains(n));
        for n in wanted {
            let Some((img, scale)) = newest else { return };
            if self.kept.len() < MOST {
                self.kept.entry(*n).or_insert_with(|| Kept {
                    img: img.clone(),
                    scale,
                });
            }
        }
    }

    /// Compares `now` with a kept picture. `step`: display pixels of it
    /// to those of the frame before, from which the ask's guess goes on.
    pub fn tie(
        &mut self,
        ask: &TieAsk,
        now: &Now<'_>,
        step: &Homography,
        s: &VisionSettings,
    ) -> Option<Tie> {
        let kept = self.kept.get(&ask.key)?;
        let (base, scale) = (now.pyramid.0.first()?, now.scale);
        let guess = ask.guess.after(step)?;
        let map = scaled_map(&guess, scale, kept.scale)?;
        warp(&kept.img, &map, (base.w, base.h), &mut self.warped);
        let levels = now.pyramid.0.len();
        let drawn = Pyramid::new(std::mem::take(&mut self.warped), levels);
        let found = register(now, &drawn, &Homography::identity(), levels, s);
        self.warped = drawn.0.into_iter().next().unwrap_or_default();
        let found = found?;
        Some(Tie {
            key: ask.key,
            to_key: guess.after(&found.to_previous)?,
            inliers: found.inliers,
        })
    }
}
