//! Private data without time stamps, packetised for MPEG-TS.
//!
//! FFmpeg's muxer insists on a time stamp for the first packet of a stream;
//! asynchronous metadata has none (MISB ST 1402), so its packets are made here
//! (ISO/IEC 13818-1, 2.4.3).

const TS_PACKET: usize = 188;
const TS_HEADER: usize = 4;

/// The longest payload: `PES_packet_length` also counts three header bytes.
pub(crate) const LARGEST_PAYLOAD: usize = u16::MAX as usize - 3;

/// Transport packets that carry `payload` (at most [`LARGEST_PAYLOAD`] bytes)
/// as one PES packet of private stream 1. `counter` is the continuity counter
/// of `pid` and is moved on.
pub(crate) fn untimed(pid: u16, counter: &mut u8, payload: &[u8]) -> Vec<u8> {
    const PRIVATE_STREAM_1: u8 = 0xBD;
    const MARKER_AND_ALIGNED: u8 = 0b1000_0100;
    let [high, low] = ((payload.len() + 3) as u16).to_be_bytes();
    let mut pes = vec![
        0,
        0,
        1,
        PRIVATE_STREAM_1,
        high,
        low,
        MARKER_AND_ALIGNED,
        0,
        0,
    ];
    pes.extend_from_slice(payload);

    let mut out = Vec::with_capacity(pes.len().div_ceil(TS_PACKET - TS_HEADER) * TS_PACKET);
    let [pid_high, pid_low] = (pid & 0x1FFF).to_be_bytes();
    for (n, chunk) in pes.chunks(TS_PACKET - TS_HEADER).enumerate() {
        let start = if n == 0 { 0x40 } else { 0 };
        let stuffing = TS_PACKET - TS_HEADER - chunk.len();
        let adaptation = if stuffing > 0 { 0x30 } else { 0x10 };
        out.extend_from_slice(&[0x47, start | pid_high, pid_low, adaptation | *counter]);
        *counter = (*counter + 1) & 0x0F;
        if stuffing > 0 {
            // The adaptation field's own length byte, its flags, filling.
            out.push((stuffing - 1) as u8);
            if stuffing > 1 {
                out.push(0);
                out.resize(out.len() + stuffing - 2, 0xFF);
            }
        }
        out.extend_from_slice(chunk);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_fills_whole_transport_packets() {
        let mut counter = 14;
        for len in [0, 1, 174, 175, 176, 359, 5000] {
            let before = counter;
            let packets = untimed(0x102, &mut counter, &vec![7; len]);
            assert_eq!(packets.len(), (len + 9).div_ceil(184) * 188, "{len}");
            assert!(packets.chunks(188).all(|p| p[0] == 0x47));
            assert_eq!(packets[3] & 0x0F, before);
            let carried = packets.iter().filter(|&&b| b == 7).count();
            assert!(carried >= len, "{len}: {carried}");
        }
    }
}
