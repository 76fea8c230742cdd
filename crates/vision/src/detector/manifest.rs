//! What a user says about a detector.

use crate::chip::{Label, LabelError, forbidden};
use atalaya_model::Class;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Largest side of a network's picture, pixels.
const LARGEST: u32 = 4096;
/// Most classes of a network.
const MOST_CLASSES: usize = 10_000;

/// A manifest: a TOML document in its file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `detector/1`.
    pub schema: String,
    /// The ONNX file, from the manifest's folder.
    pub model: String,
    /// How outputs are read.
    pub family: Family,
    /// How pictures are fed.
    pub input: Input,
    /// The network's classes, in its order.
    pub classes: Vec<String>,
    /// Which of ours a class is: person, car, pickup, truck, other. Those that are not here are left out.
    pub r#as: BTreeMap<String, String>,
    /// From which score, and what is one box.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// Pixels between places that a box is guessed at, by level (yolox, nanodet; rtmdet by levels).
    #[serde(default = "strides")]
    pub strides: Vec<u32>,
    /// Outputs of yolox are pixels already.
    #[serde(default)]
    pub decoded: bool,
    /// Outputs are boxes after suppression: `1xNx6` (ultralytics).
    #[serde(default)]
    pub end_to_end: bool,
    /// Steps of a side's distribution (nanodet's reg_max + 1).
    #[serde(default = "bins")]
    pub bins: u32,
    /// Where in its cell a place is, 0 to 1 (nanodet 0 for Plus and 0.5 before, rtmdet 0).
    #[serde(default)]
    pub centre: f32,
    /// How many pixels of the picture make one of the network's in tiles; below 1 enlarges.
    #[serde(default = "one")]
    pub tile_scale: f32,
}

fn strides() -> Vec<u32> {
    vec![8, 16, 32]
}

fn bins() -> u32 {
    8
}

fn one() -> f32 {
    1.0
}

/// How outputs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// YOLOX: `1xNx(5+C)`.
    Yolox,
    /// RT-DETR, D-FINE: logits and boxes, or labels, boxes and scores.
    Detr,
    /// NanoDet-Plus: `1xNx(C+4*bins)`.
    Nanodet,
    /// RTMDet: boxes and labels after suppression, or classes and distances by level.
    Rtmdet,
    /// `1x(4+C)xN`, or boxes after suppression.
    Ultralytics,
}

/// How pictures are fed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Order of dimensions.
    #[serde(default)]
    pub layout: Layout,
    /// Order of channels.
    #[serde(default)]
    pub colour: Colour,
    /// Levels 0 to 255 are multiplied by this first.
    #[serde(default = "one")]
    pub scale: f32,
    /// Then this is taken away, by channel.
    #[serde(default)]
    pub mean: Vec<f32>,
    /// Then divided by this, by channel.
    #[serde(default)]
    pub std: Vec<f32>,
    /// How a picture gets the network's size.
    #[serde(default)]
    pub fit: Fit,
    /// Level of what is left over, 0 to 255.
    #[serde(default = "pad")]
    pub pad: f32,
}

fn pad() -> f32 {
    114.0
}

/// Order of dimensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Channel by channel.
    #[default]
    Nchw,
    /// Pixel by pixel.
    Nhwc,
}

/// Order of channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Red first.
    #[default]
    Rgb,
    /// Blue first.
    Bgr,
    /// Luma alone.
    Grey,
}

/// How a picture gets the network's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// Keeps its shape; what is left over is right and below.
    #[default]
    Corner,
    /// Keeps its shape; what is left over is around it.
    Centre,
    /// Fills it.
    Stretch,
}

/// From which score, and what is one box.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Least score.
    pub score: f32,
    /// Overlap (intersection over union) from which two boxes are one.
    pub overlap: f32,
    /// Most boxes of a frame.
    pub most: usize,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            score: 0.25,
            overlap: 0.6,
            most: 300,
        }
    }
}

/// Why a manifest is refused: one line for people.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("manifest: {0}")]
pub struct ManifestError(pub String);

impl Manifest {
    /// Refuses what can't be meant, and classes that are never taken.
    pub fn check(&self) -> Result<(), ManifestError> {
        let fail = |what: String| Err(ManifestError(what));
        if self.schema != "detector/1" {
            let shown: String = self.schema.chars().take(40).collect();
            return fail(format!("schema '{shown}' is not detector/1"));
        }
        let i = &self.input;
        if !(16..=LARGEST).contains(&i.width) || !(16..=LARGEST).contains(&i.height) {
            return fail(format!(
                "input of {}x{}; give 16 to {LARGEST}",
                i.width, i.height
            ));
        }
        let channels = i.channels();
        for (name, list) in [("mean", &i.mean), ("std", &i.std)] {
            if !(list.is_empty() || list.len() == channels) {
                return fail(format!(
                    "input.{name} has {} numbers for {channels} channels",
                    list.len()
                ));
            }
        }
        let fine = |v: &f32| v.is_finite() && v.abs() > 1e-9;
        if !fine(&i.scale) || !i.std.iter().all(fine) || !i.mean.iter().all(|v| v.is_finite()) {
            return fail("input.scale and input.std must be numbers other than 0".into());
        }
        if !(0.0..=255.0).contains(&i.pad) {
            return fail("input.pad must be 0 to 255".into());
        }
        if self.classes.is_empty() || self.classes.len() > MOST_CLASSES {
            return fail(format!("classes: give 1 to {MOST_CLASSES}"));
        }
        for c in &self.classes {
            if let Some(why) = forbidden(c) {
                let shown: String = c.chars().take(40).collect();
                return fail(format!("class '{shown}' is never taken: {why}"));
            }
        }
        for (name, ours) in &self.r#as {
            let shown: String = name.chars().take(40).collect();
            if !self.classes.contains(name) {
                return fail(format!("as.{shown}: is none of the classes"));
            }
            match Label::parse(ours) {
                Ok(Label::Nothing) => {
                    return fail(format!("as.{shown}: leave out what is not wanted"));
                }
                Ok(_) => {}
                Err(e @ LabelError::Forbidden(..)) => return fail(format!("as.{shown}: {e}")),
                Err(_) => {
                    let word: String = ours.chars().take(40).collect();
                    return fail(format!(
                        "as.{shown}: '{word}' is none of person, car, pickup, truck, other"
                    ));
                }
            }
        }
        if self.r#as.is_empty() {
            return fail("as: name at least one class that is wanted".into());
        }
        let t = &self.thresholds;
        let share = 0.0..=1.0;
        if !share.contains(&t.score) || !share.contains(&t.overlap) || !share.contains(&self.centre)
        {
            return fail("thresholds.score, thresholds.overlap and centre must be 0 to 1".into());
        }
        if !(1..=100_000).contains(&t.most) {
            return fail("thresholds.most must be 1 to 100000".into());
        }
        if self.strides.is_empty()
            || self.strides.len() > 8
            || self.strides.iter().any(|s| !(1..=256).contains(s))
        {
            return fail("strides: give up to 8 of 1 to 256".into());
        }
        if !(2..=64).contains(&self.bins) || !(0.05..=8.0).contains(&self.tile_scale) {
            return fail("bins must be 2 to 64, tile_scale 0.05 to 8".into());
        }
        Ok(())
    }

    /// Our class of the network's `i`th; nothing where it is not wanted.
    pub(super) fn class(&self, i: usize) -> Option<Class> {
        let ours = self.r#as.get(self.classes.get(i)?)?;
        Some(Label::parse(ours).ok()?.class())
    }

    /// Pixels of a picture that a tile takes in.
    pub(super) fn tile_size(&self) -> (f32, f32) {
        let (w, h) = (self.input.width as f32, self.input.height as f32);
        (w * self.tile_scale, h * self.tile_scale)
    }
}

impl Input {
    /// How many channels.
    pub(super) fn channels(&self) -> usize {
        match self.colour {
            Colour::Grey => 1,
            Colour::Rgb | Colour::Bgr => 3,
        }
    }
}
