//! Network abstraction layer units of H.264 and H.265: cut apart and put together, with start codes
//! (Annex B of both) or with lengths before them (ISO/IEC 14496-15, as MP4 has them).

use crate::stream::Codec;

const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// What a unit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Says that an access unit begins.
    Delimiter,
    /// Video (H.265), sequence or picture parameters.
    Parameters,
    /// Anything else: slices, messages, …
    Other,
}

/// What a unit is for (H.264, table 7-1; H.265, table 7-1).
pub(crate) fn purpose(codec: Codec, unit: &[u8]) -> Purpose {
    let Some(&first) = unit.first() else {
        return Purpose::Other;
    };
    match (codec, first & 0x1F, first >> 1 & 0x3F) {
        (Codec::H264, 9, _) | (Codec::H265, _, 35) => Purpose::Delimiter,
        (Codec::H264, 7 | 8, _) | (Codec::H265, _, 32..=34) => Purpose::Parameters,
        _ => Purpose::Other,
    }
}

/// Appends a unit with its start code.
pub(crate) fn append(out: &mut Vec<u8>, unit: &[u8]) {
    out.extend_from_slice(&START_CODE);
    out.extend_from_slice(unit);
}

/// What a container keeps beside the packets: bytes of the length before each unit, and the
/// parameter sets. `None` if the bytes are no such record.
pub(crate) fn configuration(codec: Codec, bytes: &[u8]) -> Option<(usize, Vec<&[u8]>)> {
    match codec {
        Codec::H264 => avc_configuration(bytes),
        Codec::H265 => hevc_configuration(bytes),
        _ => None,
    }
}

/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1).
fn avc_configuration(bytes: &[u8]) -> Option<(usize, Vec<&[u8]>)> {
    if bytes.first() != Some(&1) || bytes.len() < 7 {
        return None;
    }
    let length_size = usize::from(bytes[4] & 3) + 1;
    let mut sets = Vec::new();
    let mut rest = &bytes[5..];
    for mask in [0x1F, 0xFF] {
        let Some((&count, tail)) = rest.split_first() else {
            break;
        };
        rest = tail;
        if !take_sets(&mut rest, usize::from(count & mask), &mut sets) {
            break;
        }
    }
    Some((length_size, sets))
}

/// HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1): arrays of units of one kind each.
fn hevc_configuration(bytes: &[u8]) -> Option<(usize, Vec<&[u8]>)> {
    const ARRAYS: usize = 22;
    if bytes.first() != Some(&1) || bytes.len() <= ARRAYS {
        return None;
    }
    let length_size = usize::from(bytes[ARRAYS - 1] & 3) + 1;
    let mut sets = Vec::new();
    let (count, mut rest) = (bytes[ARRAYS], &bytes[ARRAYS + 1..]);
    for _ in 0..count {
        let Some(([_, high, low], tail)) = rest.split_first_chunk::<3>() else {
            break;
        };
        rest = tail;
        let count = usize::from(u16::from_be_bytes([*high, *low]));
        if !take_sets(&mut rest, count, &mut sets) {
            break;
        }
    }
    Some((length_size, sets))
}

/// Takes so many sets with two bytes of length each; whether all of them were there.
fn take_sets<'a>(rest: &mut &'a [u8], count: usize, sets: &mut Vec<&'a [u8]>) -> bool {
    for _ in 0..count {
        let Some((length, tail)) = rest.split_first_chunk::<2>() else {
            return false;
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((set, tail)) = tail.split_at_checked(length) else {
            return false;
        };
        sets.push(set);
        *rest = tail;
    }
    true
}

/// Units with a length before each; a length beyond the end ends the list.
pub(crate) fn split_lengths(mut bytes: &[u8], size: usize) -> Vec<&[u8]> {
    let mut units = Vec::new();
    while let Some((length, tail)) = bytes.split_at_checked(size) {
        let length = length.iter().fold(0usize, |n, &b| n << 8 | usize::from(b));
        let Some((unit, tail)) = tail.split_at_checked(length) else {
            break;
        };
        if !unit.is_empty() {
            units.push(unit);
        }
        bytes = tail;
    }
    units
}

/// Units between start codes, without the zeros that may follow them.
pub(crate) fn split_annex_b(bytes: &[u8]) -> Vec<&[u8]> {
    let mut units = Vec::new();
    let mut start = None;
    let mut i = 0;
    while i + 3 <= bytes.len() {
        if bytes[i..i + 3] == [0, 0, 1] {
            if let Some(start) = start {
                push_trimmed(&mut units, &bytes[start..i]);
            }
            start = Some(i + 3);
            i += 3;
        } else {
            i += 1;
        }
    }
    if let Some(start) = start {
        push_trimmed(&mut units, &bytes[start..]);
    }
    units
}

fn push_trimmed<'a>(units: &mut Vec<&'a [u8]>, unit: &'a [u8]) {
    let end = unit.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
    if end > 0 {
        units.push(&unit[..end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_the_end_are_not_followed() {
        assert!(split_lengths(&[0xFF, 0xFF, 0xFF, 0xFF, 1], 4).is_empty());
        let cut = [1, 2, 3, 4, 5, 0xE1, 0xFF];
        assert!(configuration(Codec::H264, &cut).is_some_and(|(_, sets)| sets.is_empty()));
        let mut hevc = [0u8; 26];
        (hevc[0], hevc[21], hevc[22]) = (1, 3, 9);
        hevc[23..26].copy_from_slice(&[0x20, 0xFF, 0xFF]);
        assert!(configuration(Codec::H265, &hevc).is_some_and(|(n, s)| n == 4 && s.is_empty()));
        assert!(configuration(Codec::H265, &hevc[..22]).is_none());
    }
}
