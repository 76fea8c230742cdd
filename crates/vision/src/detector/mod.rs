//! Detectors that a user brings: an ONNX file and a [`Manifest`] that says how to feed and to read it.
//!
//! [`Detector`] makes tensors of a frame, gives them to a [`Runtime`], and reads boxes out of what
//! comes back; the runtime itself, and the file, are the caller's. Families: YOLOX (Ge et al. 2021),
//! RT-DETR and D-FINE (`detr`; Zhao et al. 2024, Peng et al. 2025), NanoDet-Plus, RTMDet (Lyu et al.
//! 2022), and the layouts of ultralytics. Where manifest and tensors disagree, a line says so, and
//! nothing is guessed. No class of a face, of another part of a body that tells people apart, or of a
//! number plate is taken.

mod decode;
mod grid;
mod manifest;
mod merge;
mod prepare;
mod tensor;
mod tiles;

#[cfg(test)]
mod tests;

pub use manifest::{Colour, Family, Fit, Input, Layout, Manifest, ManifestError, Thresholds};
pub use tensor::{Kind, Port, Ports, Tensor, Values};

use atalaya_model::{Detection, Frame, PixelBox};
use prepare::Part;

/// What runs a network: outputs for inputs, both by name. It is the caller's, with the file.
pub trait Runtime {
    /// What goes in and comes out, as the file declares it.
    fn ports(&self) -> &Ports;
    /// Runs it once.
    fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<(String, Tensor)>, String>;
}

/// Why a detector can't be used, or gave nothing that can be read: one line for people.
#[derive(Debug, thiserror::Error)]
pub enum DetectorError {
    /// The manifest is no good.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Manifest and tensors disagree.
    #[error("{what}; correct the manifest, or take the model it is of")]
    Shape {
        /// What is, and what would be right.
        what: String,
    },
    /// The runtime could not run it.
    #[error("the network can't be run: {0}")]
    Runtime(String),
    /// The picture can't be looked at.
    #[error("the picture can't be read: {0}")]
    Picture(&'static str),
}

impl DetectorError {
    fn shape(what: impl Into<String>) -> Self {
        Self::Shape { what: what.into() }
    }
}

/// A detector that a user brought.
pub struct Detector<R> {
    manifest: Manifest,
    runtime: R,
    picture: String,
    /// The input of RT-DETR's that says how large the picture is.
    size: Option<String>,
}

impl<R: Runtime> Detector<R> {
    /// Of a manifest and a network; refused where what the file declares can't be what the manifest says.
    pub fn new(manifest: Manifest, runtime: R) -> Result<Self, DetectorError> {
        manifest.check()?;
        let (picture, size) = tensor::inputs(&manifest, runtime.ports())?;
        decode::check_ports(&manifest, runtime.ports())?;
        Ok(Self {
            manifest,
            runtime,
            picture,
            size,
        })
    }

    /// What it finds in a frame as a whole.
    pub fn detect(&mut self, frame: &Frame) -> Result<Vec<Detection>, DetectorError> {
        self.look(frame, &[])
    }

    /// What it finds in a frame as a whole, and closer in at most `most` tiles about `cues`, such as what
    /// moves: small things are larger there.
    pub fn detect_about(
        &mut self,
        frame: &Frame,
        cues: &[PixelBox],
        most: usize,
    ) -> Result<Vec<Detection>, DetectorError> {
        let size = (frame.width as f32, frame.height as f32);
        let tiles = tiles::about(cues, size, self.manifest.tile_size(), most);
        self.look(frame, &tiles)
    }

    fn look(&mut self, frame: &Frame, tiles: &[Part]) -> Result<Vec<Detection>, DetectorError> {
        let whole = Part::whole(frame);
        let mut found = Vec::new();
        for part in std::iter::once(&whole).chain(tiles) {
            let placed = prepare::prepare(frame, part, &self.manifest.input)?;
            let mut inputs = vec![(self.picture.clone(), placed.tensor)];
            if let Some(name) = &self.size {
                let (w, h) = (self.manifest.input.width, self.manifest.input.height);
                inputs.push((
                    name.clone(),
                    Tensor {
                        shape: vec![1, 2],
                        values: Values::I64(vec![i64::from(w), i64::from(h)]),
                    },
                ));
            }
            let outputs = self.runtime.run(inputs).map_err(DetectorError::Runtime)?;
            let boxes = decode::decode(&self.manifest, &outputs)?;
            let mapped = boxes.into_iter().filter_map(|d| placed.place.back(d, part));
            let cut = |d: &Detection| tiles::cut(&d.bbox, part, &whole);
            found.extend(mapped.filter(|d| !cut(d)));
        }
        Ok(merge::merge(found, &self.manifest.thresholds))
    }
}
