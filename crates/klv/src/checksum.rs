//! The 16-bit running sum of ST 0601 (item 1).

/// The sum of `bytes`: bytes at even positions count in the high half, those
/// at odd positions in the low half.
pub fn running_sum(bytes: &[u8]) -> u16 {
    let mut high = 0u32;
    let mut low = 0u32;
    // The halves are summed apart, which the compiler turns into vectors.
    // 2^24 pairs fit into a u32 each; packets are far shorter, but callers
    // need not be.
    let mut total = 0u16;
    for block in bytes.chunks(1 << 20) {
        let mut pairs = block.chunks_exact(2);
        for pair in &mut pairs {
            high += u32::from(pair[0]);
            low += u32::from(pair[1]);
        }
        if let [last] = pairs.remainder() {
            high += u32::from(*last);
        }
        total = total.wrapping_add(((high << 8).wrapping_add(low)) as u16);
        (high, low) = (0, 0);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sum_of_the_standards_example_code() {
        let bytes: Vec<u8> = (0..1001u32).map(|n| (n * 73 + 5) as u8).collect();
        let mut expected = 0u16;
        for (n, &byte) in bytes.iter().enumerate() {
            expected = expected.wrapping_add(u16::from(byte) << (8 * ((n + 1) % 2)));
        }
        assert_eq!(running_sum(&bytes), expected);
        assert_eq!(running_sum(&[]), 0);
    }
}
