//! Checksums: the 16-bit running sum of ST 0601 and ST 0903 (item 1), the MPEG-2 CRC-32 of ST 0806
//! and the CRC-16 (CCITT) of ST 1002 and ST 1108.

/// The sum of `bytes`: bytes at even positions count in the high half, those at odd positions in
/// the low half.
#[inline]
pub fn running_sum(bytes: &[u8]) -> u16 {
    let mut total = 0u16;
    // The halves are summed apart in lanes that the compiler turns into vectors. 2^15 chunks of
    // 255·2 stay below 2^24 in each lane; callers may bring more.
    for block in bytes.chunks(1 << 16) {
        let mut lanes = [0u32; 8];
        let (words, rest) = block.as_chunks::<16>();
        for word in words {
            for (lane, pair) in lanes.iter_mut().zip(word.as_chunks::<2>().0) {
                *lane += u32::from(u16::from_be_bytes(*pair));
            }
        }
        let (pairs, odd) = rest.as_chunks::<2>();
        let sum = pairs
            .iter()
            .map(|p| u32::from(u16::from_be_bytes(*p)))
            .sum::<u32>();
        let last = odd.first().map_or(0, |b| u32::from(*b) << 8);
        let lanes = lanes.iter().fold(0u32, |n, lane| n.wrapping_add(*lane));
        total = total.wrapping_add(lanes.wrapping_add(sum).wrapping_add(last) as u16);
    }
    total
}

/// The MPEG-2 CRC-32 of `bytes`: polynomial 04C11DB7, begun with ones, not reflected.
pub fn crc32_mpeg2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| {
            crc << 1 ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 }
        })
    })
}

/// The CRC-16 of `bytes`: polynomial 1021, not reflected, begun with ones that go through the register
/// before the first byte does (Motion Imagery Handbook, appendix on CRC-16-CCITT).
pub fn crc16_ccitt(bytes: &[u8]) -> u16 {
    /// What sixteen zero bits make of all ones.
    const BEGIN: u16 = 0x1D0F;
    bytes.iter().fold(BEGIN, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
            crc << 1 ^ if crc >> 15 == 1 { 0x1021 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sum_of_the_standards_example_code() {
        for length in (0..70u32).chain([1001, 70_001, 200_000]) {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 73 + 5) as u8).collect();
            let mut expected = 0u16;
            for (n, &byte) in bytes.iter().enumerate() {
                expected = expected.wrapping_add(u16::from(byte) << (8 * ((n + 1) % 2)));
            }
            assert_eq!(running_sum(&bytes), expected, "{length}");
        }
    }

    /// The check values of the catalogues of such codes, for the digits 1 to 9.
    #[test]
    fn cyclic_codes_have_their_check_values() {
        assert_eq!(crc32_mpeg2(b"123456789"), 0x0376_E6E7);
        assert_eq!(crc16_ccitt(b"123456789"), 0xE5CC);
    }
}
