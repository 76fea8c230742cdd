//! Uphill to the best place around, and how far readings are to be trusted there.

use super::chain::Chain;
use super::curvature::Curvature;
use super::data::Data;
use super::model::ERROR;
use super::prior::Prior;
use crate::estimator::Settings;

/// At most so many steps uphill.
const CLIMB: usize = 30;
/// How wrong the plume is is not known well: where it is doubted readings are trusted less by so much.
const DOUBTED: f64 = 8.0;
/// Elsewhere they are trusted so much more than by the plume's error, but not more than their erring together allows; chosen in worlds of puffs 0 to 59.
const CORE: f64 = 2.5;
/// With this power of how many sources there are, places are trusted less; chosen in worlds of puffs with two sources, 0 to 79.
const FITTED: f64 = 0.5;

/// What ln likelihoods are multiplied by.
#[derive(Clone, Copy)]
pub struct Trust {
    /// For how many sources there are.
    pub number: f64,
    /// For where they are and how strong.
    pub place: f64,
    /// The same where the plume is doubted.
    pub doubted: f64,
}

impl Trust {
    /// By what readings say of erring together, and by the error of the plume that they show: the better part of
    /// it lasts, and errors that last put sources in wrong places without showing in the readings. What a further source is fitted
    /// to shows as no error any more, of either kind, and where it stands depends on the others: places are trusted the less,
    /// the more sources there are.
    fn new(care: f64, error: f64, sources: usize, s: &Settings) -> Self {
        let ratio = error / s.lasting.max(1e-3);
        let fitted = (sources.max(1) as f64).powf(FITTED);
        Self {
            number: care / (1.0 + ratio),
            place: (CORE * care / (1.0 + ratio * ratio)).min(care) / fitted,
            doubted: care / (1.0 + ratio * ratio) / DOUBTED / fitted,
        }
    }
}

/// Climbs to the best place around, says with how much caution it is to be taken, and has moves follow the
/// ridges there.
pub fn climb(chain: &mut Chain<'_>, data: &Data, prior: &Prior, s: &Settings) -> Trust {
    uphill(chain, data, prior, s, CLIMB)
}

/// The same with so many steps at most.
pub fn uphill(
    chain: &mut Chain<'_>,
    data: &Data,
    prior: &Prior,
    s: &Settings,
    most: usize,
) -> Trust {
    chain.caution = 1.0;
    let mut held = 0.1;
    let mut trust = Trust::new(1.0, 0.0, 0, s);
    for round in 1..=most {
        let here = chain.now.clone();
        let curvature = Curvature::new(chain, data, prior);
        trust = Trust::new(
            curvature.caution(),
            here.shared[ERROR].exp(),
            here.sources.len(),
            s,
        );
        let mut won = 0.0;
        for _ in 0..6 {
            let Some(step) = curvature.step(held, chain.shape) else {
                break;
            };
            won = chain.leap(&step);
            if won > 0.0 {
                held *= 0.3;
                break;
            }
            held = 6.0 * held + 0.01;
        }
        if won < 0.05 || round == most {
            if chain.shape {
                chain.follow(here.sources.len(), curvature.root(trust.place));
            }
            break;
        }
    }
    trust
}
