//! Coded pictures with start codes, whatever the container writes before their units.

use std::borrow::Cow;

use crate::nal::{self, Purpose};
use crate::packet::Packet;
use crate::stream::{Codec, Stream};

/// Gives the packets of a video stream in the form that transport streams have: units of H.264 and
/// H.265 with start codes, parameter sets before key frames. What has that form is left as it is.
#[derive(Debug, Clone)]
pub struct AnnexB {
    codec: Codec,
    /// Bytes of the length before each unit, and the sets that the container keeps apart.
    apart: Option<(usize, Vec<Vec<u8>>)>,
}

impl AnnexB {
    /// For a video stream; `None` for any other.
    pub fn new(stream: &Stream) -> Option<Self> {
        let codec = stream.video()?.codec;
        let apart = nal::configuration(codec, stream.extradata());
        Some(Self {
            codec,
            apart: apart.map(|(n, sets)| (n, sets.into_iter().map(<[u8]>::to_vec).collect())),
        })
    }

    /// The bytes of a packet in that form.
    pub fn bytes<'a>(&self, packet: &'a Packet) -> Cow<'a, [u8]> {
        let Some((length_size, sets)) = &self.apart else {
            return Cow::Borrowed(packet.bytes());
        };
        let units = nal::split_lengths(packet.bytes(), *length_size);
        let is = |purpose| move |unit: &&[u8]| nal::purpose(self.codec, unit) == purpose;
        let mut out = Vec::with_capacity(packet.bytes().len() + 64);
        // A delimiter is the first of its access unit.
        let (first, rest) = units.split_at(
            units
                .iter()
                .take(1)
                .filter(|u| is(Purpose::Delimiter)(u))
                .count(),
        );
        first.iter().for_each(|unit| nal::append(&mut out, unit));
        if packet.key && !units.iter().any(|u| is(Purpose::Parameters)(u)) {
            sets.iter().for_each(|set| nal::append(&mut out, set));
        }
        rest.iter().for_each(|unit| nal::append(&mut out, unit));
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_become_start_codes_with_sets_behind_the_delimiter() {
        let form = AnnexB {
            codec: Codec::H265,
            apart: Some((2, vec![vec![0x42, 1, 7]])),
        };
        let coded = [0, 3, 0x46, 1, 0x50, 0, 3, 0x26, 1, 0xAF];
        let bytes = |key| {
            let packet = Packet::new(0, &coded, Some(0), Some(0), key).unwrap();
            form.bytes(&packet).into_owned()
        };
        let (delimiter, set, slice) = (
            &[0, 0, 0, 1, 0x46, 1, 0x50][..],
            &[0, 0, 0, 1, 0x42, 1, 7][..],
            &[0, 0, 0, 1, 0x26, 1, 0xAF][..],
        );
        assert_eq!(bytes(true), [delimiter, set, slice].concat());
        assert_eq!(bytes(false), [delimiter, slice].concat());
        let as_it_is = AnnexB {
            codec: Codec::H265,
            apart: None,
        };
        let packet = Packet::new(0, &coded, Some(0), Some(0), true).unwrap();
        assert!(matches!(as_it_is.bytes(&packet), Cow::Borrowed(b) if b == coded));
    }
}
