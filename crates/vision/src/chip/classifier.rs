//! A trained classifier.

use crate::chip::card::Card;
use crate::chip::cut::Chip;
use crate::chip::label::Label;
use crate::chip::net::{Net, shares};
use crate::chip::score::{Score, Told};
use crate::chip::train::Example;
use atalaya_model::Micros;

/// Tells what chips show.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    pub(super) net: Net,
    pub(super) temperature: f32,
    /// Labels that it was shown.
    pub(super) known: [bool; Label::COUNT],
    pub(super) reject_at: f32,
    /// What it says about itself.
    pub card: Card,
}

/// What is said of a chip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// Probability of each label by its number, as if all were equally frequent.
    pub p: [f32; Label::COUNT],
    /// The likeliest thing that is not nothing, and its share among things.
    pub thing: (Label, f32),
    /// So surely nothing that a detector's box may be dropped.
    pub nothing: bool,
}

impl Said {
    /// The likeliest label and its probability.
    pub fn best(&self) -> (Label, f32) {
        let best = |a: (Label, f32), b: (Label, f32)| if b.1 > a.1 { b } else { a };
        Label::ALL
            .into_iter()
            .zip(self.p)
            .fold((Label::Nothing, f32::MIN), best)
    }
}

impl Classifier {
    /// What a chip shows.
    pub fn tell(&self, chip: &Chip) -> Said {
        let mut active = vec![0f32; self.net.hidden];
        let input = self.net.normal(chip.numbers());
        let out = self.net.forward(&input, &mut active);
        let p = shares(&out, self.temperature, &self.known);
        let nothing = p[Label::Nothing.index()];
        let mut thing = (Label::Other, 0.0);
        for l in &Label::ALL[1..] {
            if p[l.index()] > thing.1 {
                thing = (*l, p[l.index()]);
            }
        }
        thing.1 /= (1.0 - nothing).max(1e-6);
        Said {
            p,
            thing: (thing.0, thing.1.min(1.0)),
            nothing: nothing >= self.reject_at,
        }
    }

    /// How well it does on chips whose labels are known.
    pub fn score(&self, examples: &[Example]) -> Score {
        let told: Vec<Told> = examples
            .iter()
            .map(|e| Told {
                label: e.label,
                said: self.tell(&e.chip),
            })
            .collect();
        Score::of(&told)
    }

    /// Probability of nothing from which a box may be dropped: 0.95 at least, and on its chips for
    /// calibration at most one thing in a hundred is.
    pub fn reject_at(&self) -> f32 {
        self.reject_at
    }

    /// Labels that it was shown; it never says another.
    pub fn known(&self) -> impl Iterator<Item = Label> {
        Label::ALL.into_iter().filter(|l| self.known[l.index()])
    }

    /// True when a chip that it was trained on had to be deleted by `now`.
    pub fn expired(&self, now: Micros) -> bool {
        self.card.delete_by.is_some_and(|t| t <= now)
    }
}
