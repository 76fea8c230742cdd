//! Outline, features and pictures of a target in a typed form (VMask, VFeature and VChip of ST 0903).

use super::{VCHIP, VFEATURE, VMASK};
use crate::ber;
use crate::element::{ElementId, Elements};
use crate::encode;
use crate::form::Form;
use crate::value::Value;
use crate::write::{EncodeError, SetWriter};

/// Outline of a target. Pixels are numbered from 1, row by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// Pixel numbers of the corners of a polygon, in its order.
    pub polygon: Vec<u64>,
    /// Stretches of pixels that belong to the target: number of the first, and how many.
    pub runs: Vec<(u64, u64)>,
}

/// What is said of a target in a schema of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Feature<'a> {
    /// Where the schema is: a URI.
    pub schema: Option<&'a str>,
    /// What is said: a document of that schema.
    pub document: Option<&'a str>,
}

/// A picture of a target, or where one is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chip<'a> {
    /// Kind of picture, as an IANA media subtype: `jpeg`, `png`.
    pub kind: Option<&'a str>,
    /// Where it is: a URI.
    pub uri: Option<&'a str>,
    /// The picture itself.
    pub image: Option<&'a [u8]>,
}

impl Mask {
    /// What a VMask set says; what is no pixel number is left out.
    pub fn read(set: Elements<'_>) -> Self {
        let mut mask = Self::default();
        for item in set {
            let members = item.parts().into_iter().flatten();
            match item.id {
                ElementId::Tag(1) => mask
                    .polygon
                    .extend(members.filter_map(|m| m.value.unsigned())),
                ElementId::Tag(2) => mask.runs.extend(members.filter_map(|m| {
                    let mut fields = m.parts()?.map(|field| field.value.unsigned());
                    Some((fields.next()??, fields.next()??))
                })),
                _ => {}
            }
        }
        mask
    }

    /// The items of a VMask set.
    pub fn write(&self) -> Result<Vec<u8>, EncodeError> {
        let number = |n: u64| {
            let mut bytes = Vec::new();
            // A form of any length takes every number.
            let _ = encode::value(&Form::Uint(0), Value::Unsigned(n), None, &mut bytes);
            bytes
        };
        let mut set = SetWriter::new(&VMASK);
        if !self.polygon.is_empty() {
            let corners: Vec<_> = self.polygon.iter().map(|n| number(*n)).collect();
            set.series(1, corners.iter().map(Vec::as_slice))?;
        }
        if !self.runs.is_empty() {
            let runs = self.runs.iter().map(|&(first, pixels)| {
                let (mut run, first) = (Vec::new(), number(first));
                ber::write_length(first.len(), &mut run);
                run.extend_from_slice(&first);
                ber::write_length(usize::try_from(pixels).unwrap_or(usize::MAX), &mut run);
                run
            });
            let runs: Vec<_> = runs.collect();
            set.series(2, runs.iter().map(Vec::as_slice))?;
        }
        Ok(set.into_bytes())
    }
}

impl<'a> Feature<'a> {
    /// What a VFeature set says.
    pub fn read(set: Elements<'a>) -> Self {
        let mut feature = Self::default();
        for item in set {
            match item.id {
                ElementId::Tag(1) => feature.schema = item.value.text(),
                ElementId::Tag(2) => feature.document = item.value.text(),
                _ => {}
            }
        }
        feature
    }

    /// The items of a VFeature set.
    pub fn write(&self) -> Result<Vec<u8>, EncodeError> {
        let mut set = SetWriter::new(&VFEATURE);
        for (tag, text) in [(1, self.schema), (2, self.document)] {
            if let Some(text) = text {
                set.text(tag, text)?;
            }
        }
        Ok(set.into_bytes())
    }
}

impl<'a> Chip<'a> {
    /// What a VChip set says.
    pub fn read(set: Elements<'a>) -> Self {
        let mut chip = Self::default();
        for item in set {
            match (item.id, item.value) {
                (ElementId::Tag(1), value) => chip.kind = value.text(),
                (ElementId::Tag(2), value) => chip.uri = value.text(),
                (ElementId::Tag(3), Value::Bytes(image)) => chip.image = Some(image),
                _ => {}
            }
        }
        chip
    }

    /// The items of a VChip set.
    pub fn write(&self) -> Result<Vec<u8>, EncodeError> {
        let mut set = SetWriter::new(&VCHIP);
        for (tag, text) in [(1, self.kind), (2, self.uri)] {
            if let Some(text) = text {
                set.text(tag, text)?;
            }
        }
        if let Some(image) = self.image {
            set.value(3, Value::Bytes(image))?;
        }
        Ok(set.into_bytes())
    }
}
