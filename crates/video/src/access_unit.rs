//! H.264 packets in the form that a browser's WebCodecs decodes.

use crate::nal::{append, configuration, split_annex_b, split_lengths};
use crate::packet::Packet;
use crate::stream::{Codec, Stream, StreamKind};

const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;
/// Parameter sets kept at most; a hostile stream may announce hundreds.
const MAX_SETS: usize = 16;

/// Turns H.264 packets, however the container holds them, into Annex B access
/// units with SPS and PPS before every key frame.
#[derive(Debug, Clone)]
pub struct AccessUnits {
    /// Bytes of the length before each unit (avcC), or `None` for Annex B.
    length_size: Option<usize>,
    sps: Vec<Vec<u8>>,
    pps: Vec<Vec<u8>>,
}

impl AccessUnits {
    /// A converter for an H.264 stream; `None` for any other.
    pub fn new(stream: &Stream) -> Option<Self> {
        match stream.kind {
            StreamKind::Video(info) if info.codec == Codec::H264 => {
                Some(Self::from_extradata(stream.extradata()))
            }
            _ => None,
        }
    }

    /// A converter for what an [`crate::Encoder`] gives out.
    pub fn of_encoder() -> Self {
        Self::from_extradata(&[])
    }

    fn from_extradata(extradata: &[u8]) -> Self {
        let mut units = Self {
            length_size: None,
            sps: Vec::new(),
            pps: Vec::new(),
        };
        match configuration(Codec::H264, extradata) {
            Some((length_size, sets)) => {
                units.length_size = Some(length_size);
                sets.into_iter().for_each(|set| units.remember(set));
            }
            None => split_annex_b(extradata)
                .into_iter()
                .for_each(|set| units.remember(set)),
        }
        units
    }

    /// The codec string of WebCodecs and MSE (RFC 6381: profile, constraints,
    /// level), once a sequence parameter set was seen.
    pub fn codec(&self) -> Option<String> {
        match self.sps.last()?.get(1..4)? {
            [profile, constraints, level] => {
                Some(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
            }
            _ => None,
        }
    }

    /// The access unit of a packet. Empty if the packet holds no unit.
    pub fn convert(&mut self, packet: &Packet) -> Vec<u8> {
        let bytes = packet.bytes();
        let units = match self.length_size {
            Some(size) => split_lengths(bytes, size),
            None => split_annex_b(bytes),
        };
        let mut has_sps = false;
        let mut has_idr = false;
        for unit in &units {
            has_sps |= kind(unit) == NAL_SPS;
            has_idr |= kind(unit) == NAL_IDR;
            self.remember(unit);
        }
        let mut out = Vec::with_capacity(bytes.len() + 64);
        if (packet.key || has_idr) && !has_sps {
            for set in self.sps.iter().chain(&self.pps) {
                append(&mut out, set);
            }
        }
        for unit in units {
            append(&mut out, unit);
        }
        out
    }

    /// Keeps parameter sets, the newest of each content last.
    fn remember(&mut self, unit: &[u8]) {
        let sets = match kind(unit) {
            NAL_SPS => &mut self.sps,
            NAL_PPS => &mut self.pps,
            _ => return,
        };
        sets.retain(|set| set != unit);
        if sets.len() == MAX_SETS {
            sets.remove(0);
        }
        sets.push(unit.to_vec());
    }
}

fn kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |b| b & 0x1F)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPS: &[u8] = &[0x67, 0x64, 0x00, 0x1F, 0xAC];
    const PPS: &[u8] = &[0x68, 0xEE, 0x3C];
    const IDR: &[u8] = &[0x65, 0x88, 0x80];

    fn annex_b(units: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        units.iter().for_each(|u| append(&mut out, u));
        out
    }

    #[test]
    fn avcc_becomes_annex_b_with_parameter_sets_before_the_key_frame() {
        let mut avcc = vec![1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, SPS.len() as u8];
        avcc.extend_from_slice(SPS);
        avcc.extend_from_slice(&[1, 0, PPS.len() as u8]);
        avcc.extend_from_slice(PPS);
        let mut units = AccessUnits::from_extradata(&avcc);
        assert_eq!(units.codec().as_deref(), Some("avc1.64001F"));
        let mut coded = vec![0, 0, 0, IDR.len() as u8];
        coded.extend_from_slice(IDR);
        let packet = Packet::new(0, &coded, Some(0), Some(0), true).unwrap();
        assert_eq!(units.convert(&packet), annex_b(&[SPS, PPS, IDR]));
    }

    #[test]
    fn annex_b_keeps_its_sets_and_repeats_them_where_they_are_missing() {
        let mut units = AccessUnits::from_extradata(&[]);
        assert_eq!(units.codec(), None);
        let whole = annex_b(&[SPS, PPS, IDR]);
        let packet = Packet::new(0, &whole, Some(0), Some(0), true).unwrap();
        assert_eq!(units.convert(&packet), whole);
        let bare = Packet::new(0, &annex_b(&[IDR]), Some(1), Some(1), true).unwrap();
        assert_eq!(units.convert(&bare), whole);
        let other = Packet::new(0, &annex_b(&[&[0x41, 9]]), Some(2), Some(2), false).unwrap();
        assert_eq!(units.convert(&other), annex_b(&[&[0x41, 9]]));
    }
}
