//! A labelled chip, where it is from, and its variations.

use atalaya_model::PixelBox;
use atalaya_vision::chip::{Chip, Example, Label, Look, Luma, Random};

/// A labelled chip.
pub struct Sample {
    /// Which video or file.
    pub source: String,
    /// Which picture of it, from 1.
    pub frame: u64,
    /// Where.
    pub bbox: PixelBox,
    /// The chip and what it shows.
    pub example: Example,
}

/// What a sample will be of, before it is cut.
pub struct Place {
    source: String,
    frame: u64,
    bbox: PixelBox,
    label: Label,
    group: u64,
}

impl Sample {
    /// Of a box that is yet to be cut.
    pub fn of(source: String, frame: u64, bbox: PixelBox, label: Label, group: u64) -> Place {
        Place {
            source,
            frame,
            bbox,
            label,
            group,
        }
    }
}

/// How many variations of a chip are made for training.
#[derive(Clone, Copy)]
pub struct Variations(pub usize);

impl Variations {
    /// Cuts a chip and its variations; what can't be cut is left out.
    pub fn push(
        self,
        out: &mut Vec<Sample>,
        random: &mut Random,
        luma: &Luma<'_>,
        look: &Look,
        place: Place,
    ) {
        let plain = Chip::cut(luma, &place.bbox, look).map(|c| (c, false));
        let others = (0..self.0)
            .filter_map(|_| Chip::varied(luma, &place.bbox, look, random))
            .map(|c| (c, true));
        for (chip, varied) in plain.into_iter().chain(others) {
            out.push(Sample {
                source: place.source.clone(),
                frame: place.frame,
                bbox: place.bbox,
                example: Example {
                    chip,
                    label: place.label,
                    group: place.group,
                    varied,
                },
            });
        }
    }
}
