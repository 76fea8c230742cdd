//! Moving targets of a frame in a typed form: read one by one, and written.
//!
//! Nothing is allocated but for outlines and pictures, which few targets have.

use super::{Chip, Feature, Mask, VMTI, VOBJECT, VTARGET, VTRACKER};
use crate::ber;
use crate::element::{ElementId, Elements};
use crate::form::Form;
use crate::key::{Key, Standard};
use crate::packet::Packet;
use crate::value::Value;
use crate::write::{EncodeError, SetWriter};

/// What a VMTI set says of its frame.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Frame<'a> {
    /// UTC, microseconds since 1970.
    pub time_us: Option<u64>,
    /// What found the targets.
    pub system: Option<&'a str>,
    /// Revision of ST 0903.
    pub version: Option<u64>,
    /// Targets found.
    pub detected: Option<u64>,
    /// Targets reported.
    pub reported: Option<u64>,
    /// Width of the picture, pixels.
    pub width_px: Option<u64>,
    /// Height of the picture, pixels.
    pub height_px: Option<u64>,
    /// Sensor that was looked at.
    pub sensor: Option<&'a str>,
    /// Its horizontal field of view.
    pub hfov_rad: Option<f64>,
    /// Its vertical field of view.
    pub vfov_rad: Option<f64>,
}

/// One target. Pixels are numbered from 1, row by row; rows and columns from 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Target<'a> {
    /// Number, the same from frame to frame.
    pub id: u64,
    /// Pixel number of its middle.
    pub centroid: Option<u64>,
    /// Row and column of its middle.
    pub centroid_row_col: Option<(u64, u64)>,
    /// Pixel numbers of the upper left and lower right corner of its box.
    pub bounding_box: Option<(u64, u64)>,
    /// 1 is the most important.
    pub priority: Option<u64>,
    /// Percent.
    pub confidence: Option<u64>,
    /// Frames in which it was found before.
    pub history: Option<u64>,
    /// Red, green and blue as one number.
    pub color: Option<u64>,
    /// Place relative to the frame's centre (items 23 and 24 of ST 0601): latitude, longitude.
    pub offset_rad: Option<(f64, f64)>,
    /// Place: latitude and longitude, radians, and height above the ellipsoid, metres.
    pub location: Option<(f64, f64, f64)>,
    /// Height above the ellipsoid.
    pub height_m: Option<f64>,
    /// Class in its ontology.
    pub class: Option<&'a str>,
    /// How sure the class is, percent.
    pub class_confidence: Option<f64>,
    /// Identifier of its track.
    pub track: Option<[u8; 16]>,
    /// Its outline.
    pub mask: Option<Mask>,
    /// What is said of it in a schema of its own.
    pub feature: Option<Feature<'a>>,
    /// Pictures of it, or where they are.
    pub chips: Vec<Chip<'a>>,
}

/// The VMTI set of a packet: the packet itself, or item 74 of ST 0601.
pub fn of<'a>(packet: &Packet<'a>) -> Option<Elements<'a>> {
    match packet.standard() {
        Standard::St0903 => Some(packet.elements()),
        Standard::St0601 => packet
            .elements()
            .find(|e| e.id == ElementId::Tag(74))
            .and_then(|e| e.parts()),
        _ => None,
    }
}

/// What a VMTI set says of its frame.
pub fn frame(elements: Elements<'_>) -> Frame<'_> {
    let mut frame = Frame::default();
    for element in elements {
        let ElementId::Tag(tag) = element.id else {
            continue;
        };
        let value = element.value;
        match tag {
            2 => frame.time_us = value.unsigned(),
            3 => frame.system = value.text(),
            4 => frame.version = value.unsigned(),
            5 => frame.detected = value.unsigned(),
            6 => frame.reported = value.unsigned(),
            8 => frame.width_px = value.unsigned(),
            9 => frame.height_px = value.unsigned(),
            10 => frame.sensor = value.text(),
            11 => frame.hfov_rad = value.number().map(f64::to_radians),
            12 => frame.vfov_rad = value.number().map(f64::to_radians),
            _ => {}
        }
    }
    frame
}

/// The targets of a VMTI set.
pub fn targets(elements: Elements<'_>) -> impl Iterator<Item = Target<'_>> {
    elements
        .filter(|e| e.id == ElementId::Tag(101))
        .filter_map(|e| e.parts())
        .flatten()
        .filter_map(|pack| {
            let mut parts = pack.parts()?;
            let id = parts.next()?.value.unsigned()?;
            let mut target = Target {
                id,
                ..Target::default()
            };
            if let Some(items) = parts.next().and_then(|set| set.parts()) {
                target.read(items);
            }
            Some(target)
        })
}

impl<'a> Target<'a> {
    fn read(&mut self, items: Elements<'a>) {
        let (mut corners, mut offset, mut row_col) = ((None, None), (None, None), (None, None));
        for item in items {
            let ElementId::Tag(tag) = item.id else {
                continue;
            };
            let count = item.value.unsigned();
            let number = item.value.number();
            match tag {
                1 => self.centroid = count,
                2 => corners.0 = count,
                3 => corners.1 = count,
                4 => self.priority = count,
                5 => self.confidence = count,
                6 => self.history = count,
                8 => self.color = count,
                10 => offset.0 = number.map(f64::to_radians),
                11 => offset.1 = number.map(f64::to_radians),
                12 => self.height_m = number,
                17 => self.location = item.parts().and_then(location),
                19 => row_col.0 = count,
                20 => row_col.1 = count,
                101 => self.mask = item.parts().map(Mask::read),
                103 => self.feature = item.parts().map(Feature::read),
                105 => self.chips.extend(item.parts().map(Chip::read)),
                106 => {
                    let members = item.parts().into_iter().flatten();
                    self.chips
                        .extend(members.filter_map(|m| m.parts().map(Chip::read)));
                }
                102 => item
                    .parts()
                    .into_iter()
                    .for_each(|parts| self.object(parts)),
                104 => item
                    .parts()
                    .into_iter()
                    .for_each(|parts| self.tracker(parts)),
                107 => {
                    let first = item.parts().and_then(|mut series| series.next());
                    first
                        .and_then(|o| o.parts())
                        .into_iter()
                        .for_each(|parts| self.object(parts));
                }
                _ => {}
            }
        }
        self.bounding_box = corners.0.zip(corners.1);
        self.offset_rad = offset.0.zip(offset.1);
        self.centroid_row_col = row_col.0.zip(row_col.1);
    }

    fn object(&mut self, parts: Elements<'a>) {
        for part in parts {
            match part.id {
                ElementId::Tag(2) => self.class = part.value.text(),
                ElementId::Tag(4) => self.class_confidence = part.value.number(),
                _ => {}
            }
        }
    }

    fn tracker(&mut self, parts: Elements<'a>) {
        for part in parts {
            if let (ElementId::Tag(1), Value::Uuid(id)) = (part.id, part.value) {
                self.track = Some(*id);
            }
        }
    }

    /// Appends the target's pack: its number and its items.
    fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        ber::write_oid(self.id, out);
        let mut set = SetWriter::new(&VTARGET);
        let (top_left, bottom_right) = self.bounding_box.unzip();
        let (row, column) = self.centroid_row_col.unzip();
        for (tag, value) in [
            (1, self.centroid),
            (2, top_left),
            (3, bottom_right),
            (4, self.priority),
            (5, self.confidence),
            (6, self.history),
            (8, self.color),
            (19, row),
            (20, column),
        ] {
            if let Some(value) = value {
                set.unsigned(tag, value)?;
            }
        }
        let (latitude, longitude) = self.offset_rad.unzip();
        for (tag, value) in [
            (10, latitude.map(f64::to_degrees)),
            (11, longitude.map(f64::to_degrees)),
            (12, self.height_m),
        ] {
            if let Some(value) = value {
                set.number(tag, value)?;
            }
        }
        if let Some((latitude, longitude, height)) = self.location {
            let degrees = [latitude.to_degrees(), longitude.to_degrees(), height];
            set.bytes(17, &location_pack(&degrees)?);
        }
        if let Some(mask) = &self.mask {
            set.bytes(101, &mask.write()?);
        }
        if let Some(feature) = &self.feature {
            set.bytes(103, &feature.write()?);
        }
        if let Some(track) = self.track {
            let mut tracker = SetWriter::new(&VTRACKER);
            tracker.value(1, Value::Uuid(&track))?;
            set.bytes(104, tracker.as_bytes());
        }
        match self.chips.as_slice() {
            [] => {}
            [chip] => {
                set.bytes(105, &chip.write()?);
            }
            chips => {
                let chips: Result<Vec<_>, _> = chips.iter().map(Chip::write).collect();
                set.series(106, chips?.iter().map(Vec::as_slice))?;
            }
        }
        if self.class.is_some() || self.class_confidence.is_some() {
            let mut object = SetWriter::new(&VOBJECT);
            if let Some(class) = self.class {
                object.text(2, class)?;
            }
            if let Some(confidence) = self.class_confidence {
                object.number(4, confidence)?;
            }
            set.series(107, [object.as_bytes()])?;
        }
        out.extend_from_slice(set.as_bytes());
        Ok(())
    }
}

fn location(parts: Elements<'_>) -> Option<(f64, f64, f64)> {
    let mut numbers = parts.map(|p| p.value.number());
    let latitude = numbers.next()??.to_radians();
    let longitude = numbers.next()??.to_radians();
    Some((latitude, longitude, numbers.next()??))
}

/// Latitude and longitude in degrees and height in metres as item 17 says them.
fn location_pack(numbers: &[f64; 3]) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    let line = VTARGET.find(17);
    let Some(Form::Pack(pack)) = line.map(|l| l.def.form) else {
        return Ok(out);
    };
    for (field, value) in pack.fields.iter().zip(numbers) {
        let written = crate::encode::value(&field.def.form, Value::Number(*value), None, &mut out);
        if written.is_err() {
            let (min, max) = field.def.form.range().unwrap_or_default();
            let (tag, name, value) = (17, field.def.name, *value);
            return Err(EncodeError::OutOfRange {
                tag,
                name,
                value,
                min,
                max,
            });
        }
    }
    Ok(out)
}

/// Items of a VMTI set, without label and checksum: what item 74 of ST 0601 holds.
pub fn write(frame: &Frame<'_>, targets: &[Target<'_>]) -> Result<Vec<u8>, EncodeError> {
    Ok(writer(frame, targets)?.into_bytes())
}

/// A VMTI packet that stands alone, with its checksum.
pub fn write_packet(frame: &Frame<'_>, targets: &[Target<'_>]) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    writer(frame, targets)?.packet_into(Key::ST0903, &mut out);
    Ok(out)
}

fn writer(frame: &Frame<'_>, targets: &[Target<'_>]) -> Result<SetWriter, EncodeError> {
    let mut set = SetWriter::new(&VMTI);
    if let Some(time) = frame.time_us {
        set.unsigned(2, time)?;
    }
    if let Some(system) = frame.system {
        set.text(3, system)?;
    }
    let reported = frame.reported.unwrap_or(targets.len() as u64);
    for (tag, value) in [
        (4, frame.version),
        (5, frame.detected),
        (6, Some(reported)),
        (8, frame.width_px),
        (9, frame.height_px),
    ] {
        if let Some(value) = value {
            set.unsigned(tag, value)?;
        }
    }
    if let Some(sensor) = frame.sensor {
        set.text(10, sensor)?;
    }
    for (tag, value) in [(11, frame.hfov_rad), (12, frame.vfov_rad)] {
        if let Some(value) = value {
            set.number(tag, value.to_degrees())?;
        }
    }
    let mut packs = Vec::with_capacity(targets.len());
    for target in targets {
        let mut pack = Vec::new();
        target.write(&mut pack)?;
        packs.push(pack);
    }
    set.series(101, packs.iter().map(Vec::as_slice))?;
    Ok(set)
}
