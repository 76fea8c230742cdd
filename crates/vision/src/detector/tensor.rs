//! Tensors, and what a network declares of its own.

use super::DetectorError;
use super::manifest::{Colour, Layout, Manifest};

/// What a tensor's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 32-bit floats.
    F32,
    /// 64-bit integers.
    I64,
    /// Others, which are not read.
    Other,
}

/// A tensor's numbers, the last dimension running fastest.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit integers.
    I64(Vec<i64>),
}

/// Numbers with a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Lengths of the dimensions.
    pub shape: Vec<usize>,
    /// As many numbers as the lengths' product.
    pub values: Values,
}

impl Tensor {
    /// Floats of a shape.
    pub fn floats(shape: &[usize], values: Vec<f32>) -> Self {
        Self {
            shape: shape.to_vec(),
            values: Values::F32(values),
        }
    }

    /// Its floats; `None` of integers, or where there are not as many as the shape says.
    pub(super) fn f32s(&self) -> Option<&[f32]> {
        match &self.values {
            Values::F32(v) if self.whole(v.len()) => Some(v),
            _ => None,
        }
    }

    /// Its numbers as integers, whatever they are.
    pub(super) fn integers(&self) -> Option<Vec<i64>> {
        match &self.values {
            Values::I64(v) if self.whole(v.len()) => Some(v.clone()),
            Values::F32(v) if self.whole(v.len()) => Some(v.iter().map(|x| *x as i64).collect()),
            _ => None,
        }
    }

    fn whole(&self, n: usize) -> bool {
        let all = self.shape.iter().try_fold(1usize, |a, d| a.checked_mul(*d));
        all == Some(n)
    }
}

/// A tensor as a file declares it; a length that is not fixed is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// What its numbers are.
    pub kind: Kind,
    /// Lengths of its dimensions.
    pub shape: Vec<Option<usize>>,
}

/// What a file declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ports {
    /// What goes in.
    pub inputs: Vec<Port>,
    /// What comes out.
    pub outputs: Vec<Port>,
}

/// A shape as people write it: 1x3x640x640, with ? for what is not fixed.
pub(super) fn written(shape: &[Option<usize>]) -> String {
    if shape.is_empty() {
        return "a single number".into();
    }
    let each: Vec<String> = shape
        .iter()
        .take(8)
        .map(|d| d.map_or("?".into(), |d| d.to_string()))
        .collect();
    each.join("x")
}

/// A fixed shape as people write it.
pub(super) fn shown(shape: &[usize]) -> String {
    let shape: Vec<Option<usize>> = shape.iter().map(|d| Some(*d)).collect();
    written(&shape)
}

/// A name of a file, as much of it as belongs on a line.
pub(super) fn name(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// True where a declared shape may be this one.
pub(super) fn may_be(declared: &[Option<usize>], wanted: &[usize]) -> bool {
    declared.len() == wanted.len()
        && declared
            .iter()
            .zip(wanted)
            .all(|(d, w)| d.is_none_or(|d| d == *w))
}

/// The inputs' names: the picture, and perhaps its size.
pub(super) fn inputs(
    m: &Manifest,
    ports: &Ports,
) -> Result<(String, Option<String>), DetectorError> {
    let channels = match m.input.colour {
        Colour::Grey => 1,
        Colour::Rgb | Colour::Bgr => 3,
    };
    let (w, h) = (m.input.width as usize, m.input.height as usize);
    let wanted = match m.input.layout {
        Layout::Nchw => [1, channels, h, w],
        Layout::Nhwc => [1, h, w, channels],
    };
    let (mut pictures, mut others) = (Vec::new(), Vec::new());
    for p in &ports.inputs {
        match p.kind {
            Kind::F32 if p.shape.len() == 4 => pictures.push(p),
            _ => others.push(p),
        }
    }
    let [picture] = pictures[..] else {
        return Err(DetectorError::shape(format!(
            "the network has {} inputs of four dimensions of 32-bit floats, and one is what is fed",
            pictures.len()
        )));
    };
    if !may_be(&picture.shape, &wanted) {
        return Err(DetectorError::shape(format!(
            "input '{}' is {}, and the manifest's picture {}",
            name(&picture.name),
            written(&picture.shape),
            shown(&wanted)
        )));
    }
    let size = match others[..] {
        [] => None,
        [one] if one.kind == Kind::I64 && may_be(&one.shape, &[1, 2]) => Some(one.name.clone()),
        _ => {
            let names: Vec<String> = others.iter().take(4).map(|o| name(&o.name)).collect();
            return Err(DetectorError::shape(format!(
                "inputs '{}' beside the picture are not known; only its size, 1x2 of 64-bit integers, is",
                names.join("', '")
            )));
        }
    };
    Ok((picture.name.clone(), size))
}
