//! The little of MPEG-TS and RTP that recording and receiving need.

/// Bytes of a transport packet.
pub(crate) const PACKET: usize = 188;
const SYNC: u8 = 0x47;

/// What a transport packet says that matters for cutting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Begins a programme association table.
    pub(crate) pat: bool,
    /// Decoding can start here.
    pub(crate) random_access: bool,
    /// Programme clock reference, 90 kHz ticks (33 bits).
    pub(crate) pcr_90k: Option<u64>,
}

/// Reads the header of a transport packet of 188 bytes.
pub(crate) fn header(packet: &[u8]) -> Header {
    let start = packet[1] & 0x40 != 0;
    let pid = u16::from(packet[1] & 0x1F) << 8 | u16::from(packet[2]);
    let mut header = Header {
        pat: pid == 0 && start,
        random_access: false,
        pcr_90k: None,
    };
    let has_adaptation = packet[3] & 0x20 != 0;
    if has_adaptation && packet[4] > 0 {
        let flags = packet[5];
        header.random_access = flags & 0x40 != 0;
        if flags & 0x10 != 0 && packet[4] >= 7 {
            let base = packet[6..10]
                .iter()
                .fold(0u64, |n, &b| n << 8 | u64::from(b));
            header.pcr_90k = Some(base << 1 | u64::from(packet[10] >> 7));
        }
    }
    header
}

/// Where transport packets begin in `bytes`: the first place that has a sync
/// byte there and wherever a packet follows that is still in `bytes`.
pub(crate) fn find_sync(bytes: &[u8]) -> Option<usize> {
    const FOLLOWING: usize = 3;
    (0..bytes.len().min(PACKET)).find(|&start| {
        (0..FOLLOWING).all(|n| bytes.get(start + n * PACKET).is_none_or(|&b| b == SYNC))
    })
}

/// Whether a packet begins here.
pub(crate) fn in_sync(bytes: &[u8]) -> bool {
    bytes.first() == Some(&SYNC)
}

/// The payload of a datagram: without an RTP header (RFC 3550) if it has one
/// in front of transport packets.
pub(crate) fn payload(datagram: &[u8]) -> &[u8] {
    const FIXED: usize = 12;
    let [first, _, ..] = datagram else {
        return datagram;
    };
    if *first == SYNC || first >> 6 != 2 || datagram.len() < FIXED {
        return datagram;
    }
    let mut start = FIXED + 4 * usize::from(first & 0x0F);
    if first & 0x10 != 0 {
        let Some(words) = datagram.get(start + 2..start + 4) else {
            return datagram;
        };
        start += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    match datagram.get(start..) {
        Some(payload) if in_sync(payload) => payload,
        _ => datagram,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtp_headers_come_off_and_nothing_else_does() {
        let ts = [SYNC; 188];
        assert_eq!(payload(&ts), ts);
        let mut rtp = vec![0x80, 33, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9];
        rtp.extend_from_slice(&ts);
        assert_eq!(payload(&rtp), ts);
        let mut extended = vec![0x91, 33, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9];
        extended.extend_from_slice(&[1, 2, 3, 4, 0xBE, 0xDE, 0, 1, 5, 6, 7, 8]);
        extended.extend_from_slice(&ts);
        assert_eq!(payload(&extended), ts);
        let junk = [0x80, 1, 2];
        assert_eq!(payload(&junk), junk);
        assert_eq!(payload(&[]), [0u8; 0]);
    }

    #[test]
    fn sync_is_found_behind_junk() {
        let mut bytes = vec![1, SYNC, 3];
        for _ in 0..3 {
            bytes.push(SYNC);
            bytes.resize(bytes.len() + 187, 0);
        }
        assert_eq!(find_sync(&bytes), Some(3));
        assert_eq!(find_sync(&[0; 400]), None);
    }
}
