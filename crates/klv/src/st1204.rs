//! Core identifier of the Motion Imagery Identification System (MISB ST 1204).

use crate::element::ElementId;
use crate::form::{Field, Form, Layout, field};
use crate::value::Value;

/// Version, usage, then the identifiers that the usage says are there.
pub(crate) static FIELDS: [Field; 6] = [
    field("Version", "", Form::Uint(1), Layout::Fixed(1)),
    field("Usage", "", Form::Uint(1), Layout::Fixed(1)),
    field("Sensor Identifier", "", Form::Uuid, Layout::Fixed(16)),
    field("Platform Identifier", "", Form::Uuid, Layout::Fixed(16)),
    field("Window Identifier", "", Form::Uuid, Layout::Fixed(16)),
    field("Minor Identifier", "", Form::Uuid, Layout::Fixed(16)),
];

/// Whether an identifier with this usage byte has field number `index`.
pub(crate) fn holds(usage: u8, index: u32) -> bool {
    match index {
        0 | 1 => true,
        2 => usage & 0x60 != 0,
        3 => usage & 0x18 != 0,
        4 => usage & 0x04 != 0,
        5 => usage & 0x02 != 0,
        _ => false,
    }
}

/// How much an identifier of a device is worth (ST 1204, usage byte).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// Given by a central authority.
    Managed,
    /// Made up because the device has none.
    Virtual,
    /// The device's own.
    Physical,
}

impl Origin {
    fn of(bits: u8) -> Option<Self> {
        match bits & 3 {
            1 => Some(Self::Managed),
            2 => Some(Self::Virtual),
            3 => Some(Self::Physical),
            _ => None,
        }
    }

    fn bits(self) -> u8 {
        match self {
            Self::Managed => 1,
            Self::Virtual => 2,
            Self::Physical => 3,
        }
    }
}

/// A core identifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CoreId {
    /// Version of ST 1204.
    pub version: u8,
    /// The sensor.
    pub sensor: Option<(Origin, [u8; 16])>,
    /// What carries it.
    pub platform: Option<(Origin, [u8; 16])>,
    /// A part of the picture.
    pub window: Option<[u8; 16]>,
    /// A part of the stream.
    pub minor: Option<[u8; 16]>,
}

impl CoreId {
    /// Reads an identifier; `None` if bytes are missing or left.
    pub fn read(raw: &[u8]) -> Option<Self> {
        let mut parts = crate::Elements::of(&Form::CoreId, raw, 0, 0)?;
        let mut id = Self::default();
        let mut usage = 0;
        for part in parts.by_ref() {
            match (part.id, part.value) {
                (ElementId::Field(0), Value::Unsigned(n)) => id.version = n as u8,
                (ElementId::Field(1), Value::Unsigned(n)) => usage = n as u8,
                (ElementId::Field(2), Value::Uuid(u)) => {
                    id.sensor = Origin::of(usage >> 5).map(|o| (o, *u));
                }
                (ElementId::Field(3), Value::Uuid(u)) => {
                    id.platform = Origin::of(usage >> 3).map(|o| (o, *u));
                }
                (ElementId::Field(4), Value::Uuid(u)) => id.window = Some(*u),
                (ElementId::Field(5), Value::Uuid(u)) => id.minor = Some(*u),
                _ => {}
            }
        }
        parts.truncated_at().is_none().then_some(id)
    }

    /// The identifier's bytes.
    pub fn write(&self) -> Vec<u8> {
        let origin = |device: &Option<(Origin, [u8; 16])>| device.map_or(0, |(o, _)| o.bits());
        let usage = origin(&self.sensor) << 5
            | origin(&self.platform) << 3
            | u8::from(self.window.is_some()) << 2
            | u8::from(self.minor.is_some()) << 1;
        let mut out = vec![self.version, usage];
        let devices = [self.sensor, self.platform].map(|d| d.map(|(_, id)| id));
        for id in devices
            .into_iter()
            .chain([self.window, self.minor])
            .flatten()
        {
            out.extend_from_slice(&id);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_comes_back() {
        let id = CoreId {
            version: 1,
            sensor: Some((Origin::Physical, [7; 16])),
            platform: Some((Origin::Virtual, [9; 16])),
            window: None,
            minor: Some([3; 16]),
        };
        let bytes = id.write();
        assert_eq!(bytes[..2], [1, 0x72]);
        assert_eq!(CoreId::read(&bytes), Some(id));
        let managed = CoreId {
            sensor: None,
            platform: Some((Origin::Managed, [1; 16])),
            window: Some([2; 16]),
            ..id
        };
        assert_eq!(CoreId::read(&managed.write()), Some(managed));
        assert_eq!(CoreId::read(&bytes[..40]), None);
        assert_eq!(
            CoreId::read(&CoreId::default().write()),
            Some(CoreId::default())
        );
        assert_eq!(CoreId::read(&[1]), None);
    }
}
