//! Time stamps inside compressed video (MISB ST 0603 and ST 0604): user data of H.262, SEI messages
//! of H.264 and H.265.

/// Identifier of microseconds in H.262 and H.264.
const MICROSECONDS: [u8; 16] = *b"MISPmicrosectime";
/// Identifier of microseconds in H.265.
const MICROSECONDS_H265: [u8; 16] = 0xA868_7DD4_D759_3758_A5CE_F033_8B65_45F1u128.to_be_bytes();
/// Identifier of nanoseconds in H.265.
const NANOSECONDS_H265: [u8; 16] = 0xCF84_8278_EE23_306C_9265_E8FE_F22F_B8B8u128.to_be_bytes();

/// Bytes of a stamp: identifier, status, time with a byte after every second one that keeps start
/// codes from arising.
const STAMP: usize = 28;
/// Longest SEI unit that is looked into, bytes.
const MAX_UNIT: usize = 4096;

/// A way of compressing video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VideoCodec {
    /// MPEG-2 video.
    H262,
    /// AVC.
    H264,
    /// HEVC.
    H265,
}

/// How far the clock behind a time stamp is to be trusted (ST 0603, time status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeStatus(pub u8);

impl TimeStatus {
    /// A clock that is locked to its reference and has not jumped.
    pub const LOCKED: Self = Self(0x1F);
    /// A clock of which it is not known whether it is locked, and that has not jumped.
    pub const UNKNOWN: Self = Self(0x9F);

    /// Whether the clock is known to be locked to its reference.
    pub fn locked(self) -> bool {
        self.0 & 0x80 == 0
    }

    /// Whether time has jumped since the last stamp.
    pub fn discontinuity(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// Whether it jumped back.
    pub fn backwards(self) -> bool {
        self.0 & 0x60 == 0x60
    }
}

/// A time stamp found in video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeStamp {
    /// UTC, microseconds since 1970; of nanoseconds the nearest.
    pub time_us: u64,
    /// What is below a microsecond, where the stamp says nanoseconds: −500 to 499.
    pub rest_ns: i16,
    /// State of the clock.
    pub status: TimeStatus,
}

/// The first time stamp of an access unit or picture with start codes (Annex B; H.262 likewise).
pub fn time_stamp(codec: VideoCodec, picture: &[u8]) -> Option<TimeStamp> {
    units(picture).find_map(|unit| of_unit(codec, unit))
}

/// The same access unit or picture with a stamp in front of its first slice, where ST 0604 has it: behind
/// delimiter, parameter sets and other messages. `None` if it has a stamp, or no slice.
pub fn stamped(
    codec: VideoCodec,
    picture: &[u8],
    time_us: u64,
    status: TimeStatus,
) -> Option<Vec<u8>> {
    let slice = starts(picture).find(|&at| {
        let first = picture.get(at + 3);
        first.is_some_and(|&first| begins_slice(codec, first))
    })?;
    if time_stamp(codec, picture).is_some() {
        return None;
    }
    // Zeros before a start code are its own, or end what is before it.
    let kept = picture[..slice].iter().rposition(|&b| b != 0);
    let (before, behind) = picture.split_at(kept.map_or(0, |last| last + 1));
    Some([before, &unit(codec, time_us, status), behind].concat())
}

/// Whether a unit that begins so is a slice (H.262, table 6-1; H.264, table 7-1; H.265, table 7-1), or
/// what has to stand right before one in scalable and stereo H.264.
fn begins_slice(codec: VideoCodec, first: u8) -> bool {
    match codec {
        VideoCodec::H262 => matches!(first, 0x01..=0xAF),
        VideoCodec::H264 => matches!(first & 0x1F, 1..=5 | 14 | 20 | 21),
        VideoCodec::H265 => first >> 1 & 0x3F < 32,
    }
}

/// Where start codes begin.
fn starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(from..)?;
        let at = from + rest.windows(3).position(|w| w == [0, 0, 1])?;
        from = at + 3;
        Some(at)
    })
}

/// What stands between start codes.
fn units(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts = starts(bytes);
    let mut next = starts.next();
    std::iter::from_fn(move || {
        let begin = next? + 3;
        next = starts.next();
        Some(&bytes[begin..next.unwrap_or(bytes.len())])
    })
}

fn of_unit(codec: VideoCodec, unit: &[u8]) -> Option<TimeStamp> {
    const USER_DATA: u8 = 0xB2;
    let (&first, rest) = unit.split_first()?;
    match codec {
        VideoCodec::H262 if first == USER_DATA => {
            let at = rest
                .windows(16)
                .take(MAX_UNIT)
                .position(|w| w == MICROSECONDS)?;
            stamp(&rest[at..])
        }
        VideoCodec::H264 if first & 0x1F == 6 => messages(&unescaped(rest)),
        VideoCodec::H265 if matches!(first >> 1 & 0x3F, 39 | 40) => {
            messages(&unescaped(rest.get(1..)?))
        }
        _ => None,
    }
}

/// Without the bytes that keep start codes from arising.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[..bytes.len().min(MAX_UNIT)];
    let mut out = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// With them.
fn escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
}

/// The first stamp among the messages of an SEI unit.
fn messages(mut rest: &[u8]) -> Option<TimeStamp> {
    const USER_DATA_UNREGISTERED: usize = 5;
    // Kind and size are sums of bytes, the last of which is not 255.
    fn sum(bytes: &mut &[u8]) -> Option<usize> {
        let end = bytes.iter().position(|&b| b != 255)?;
        let sum = bytes[..=end].iter().map(|&b| usize::from(b)).sum();
        *bytes = &bytes[end + 1..];
        Some(sum)
    }
    while rest.len() > 2 {
        let kind = sum(&mut rest)?;
        let size = sum(&mut rest)?;
        let payload = rest.get(..size)?;
        rest = &rest[size..];
        if kind == USER_DATA_UNREGISTERED
            && let Some(stamp) = stamp(payload)
        {
            return Some(stamp);
        }
    }
    None
}

/// A stamp from its identifier on.
fn stamp(payload: &[u8]) -> Option<TimeStamp> {
    let (identifier, rest) = payload.split_first_chunk::<16>()?;
    let rest = rest.first_chunk::<{ STAMP - 16 }>()?;
    let [status, a, b, 0xFF, c, d, 0xFF, e, f, 0xFF, g, h] = *rest else {
        return None;
    };
    let time = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let status = TimeStatus(status);
    match *identifier {
        MICROSECONDS | MICROSECONDS_H265 => Some(TimeStamp {
            time_us: time,
            rest_ns: 0,
            status,
        }),
        NANOSECONDS_H265 => {
            let time_us = time / 1000 + u64::from(time % 1000 >= 500);
            let rest_ns = (time as i128 - i128::from(time_us) * 1000) as i16;
            Some(TimeStamp {
                time_us,
                rest_ns,
                status,
            })
        }
        _ => None,
    }
}

/// The unit, with its start code, that gives a picture a time in microseconds: to be put in front
/// of the picture's slices (H.262: after its picture header).
pub fn unit(codec: VideoCodec, time_us: u64, status: TimeStatus) -> Vec<u8> {
    let [a, b, c, d, e, f, g, h] = time_us.to_be_bytes();
    let identifier = match codec {
        VideoCodec::H265 => MICROSECONDS_H265,
        VideoCodec::H262 | VideoCodec::H264 => MICROSECONDS,
    };
    let mut payload = identifier.to_vec();
    payload.extend_from_slice(&[status.0, a, b, 0xFF, c, d, 0xFF, e, f, 0xFF, g, h]);
    let mut out = match codec {
        VideoCodec::H262 => {
            let mut out = vec![0, 0, 1, 0xB2];
            out.extend_from_slice(&payload);
            return out;
        }
        VideoCodec::H264 => vec![0, 0, 0, 1, 6],
        VideoCodec::H265 => vec![0, 0, 0, 1, 39 << 1, 1],
    };
    let mut message = vec![5, STAMP as u8];
    message.extend_from_slice(&payload);
    message.push(0x80);
    escaped(&message, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_come_back_from_among_other_units() {
        for codec in [VideoCodec::H262, VideoCodec::H264, VideoCodec::H265] {
            for time_us in [
                0,
                1,
                0x0000_0300_0000_0001,
                0x0101_0000_0000_0001,
                1_700_000_000_123_456,
                u64::MAX,
            ] {
                let status = TimeStatus(0x9F);
                let mut picture = vec![0, 0, 0, 1, 9, 0x10];
                picture.extend(unit(codec, time_us, status));
                picture.extend([0, 0, 1, 0x65, 1, 2, 3]);
                let stamp = time_stamp(codec, &picture).unwrap();
                assert_eq!(
                    (stamp.time_us, stamp.status),
                    (time_us, status),
                    "{codec:?}"
                );
                assert!(!stamp.status.locked() && !stamp.status.discontinuity());
                for end in 0..picture.len() - 7 {
                    time_stamp(codec, &picture[..end]);
                }
            }
        }
        assert_eq!(time_stamp(VideoCodec::H264, &[0, 0, 1, 0x65, 1]), None);
    }

    #[test]
    fn a_stamp_goes_in_front_of_the_first_slice_and_only_once() {
        // Delimiter, parameters, a message, two slices, as each codec has them.
        let h264: &[&[u8]] = &[
            &[0, 0, 0, 1, 9, 0xF0],
            &[0, 0, 0, 1, 0x67, 0x64],
            &[0, 0, 1, 6, 1, 1, 0x80],
            &[0, 0, 0, 1, 0x65, 0x88],
            &[0, 0, 1, 0x65, 0x44],
        ];
        let h265: &[&[u8]] = &[
            &[0, 0, 0, 1, 0x46, 1, 0x50],
            &[0, 0, 0, 1, 0x42, 1, 7],
            &[0, 0, 0, 1, 0x4E, 1, 5, 0x80],
            &[0, 0, 0, 1, 0x26, 1, 0xAF],
            &[0, 0, 1, 2, 1, 0x44],
        ];
        let h262: &[&[u8]] = &[
            &[0, 0, 1, 0xB3, 20],
            &[0, 0, 1, 0, 0x10],
            &[0, 0, 1, 0xB5, 0x8F],
            &[0, 0, 1, 1, 0x13],
            &[0, 0, 1, 2, 0x14],
        ];
        let status = TimeStatus::UNKNOWN;
        for (codec, parts) in [
            (VideoCodec::H264, h264),
            (VideoCodec::H265, h265),
            (VideoCodec::H262, h262),
        ] {
            let time_us = 1_700_000_000_000_000;
            let picture = parts.concat();
            let with = stamped(codec, &picture, time_us, status).unwrap();
            let stamp = unit(codec, time_us, status);
            let wanted = [&parts[..3].concat(), &stamp, &parts[3..].concat()[..]].concat();
            assert_eq!(with, wanted, "{codec:?}");
            let read = time_stamp(codec, &with).unwrap();
            assert_eq!((read.time_us, read.status), (time_us, status));
            assert_eq!(stamped(codec, &with, time_us + 1, status), None);
            assert_eq!(stamped(codec, &parts[..3].concat(), time_us, status), None);
            // A slice alone, at the very beginning.
            let alone = stamped(codec, parts[3], time_us, status).unwrap();
            assert_eq!(alone, [&stamp, parts[3]].concat());
            for end in 0..picture.len() {
                stamped(codec, &picture[..end], time_us, status);
            }
        }
    }

    #[test]
    fn a_stamp_never_looks_like_a_start_code() {
        for codec in [VideoCodec::H264, VideoCodec::H265] {
            let made = unit(codec, 0x0001_0000_0000_0001, TimeStatus(0));
            assert!(
                !made[4..].windows(3).any(|w| w[..2] == [0, 0] && w[2] < 3),
                "{made:?}"
            );
            let read = time_stamp(codec, &made).unwrap();
            assert_eq!(
                (read.time_us, read.status),
                (0x0001_0000_0000_0001, TimeStatus(0))
            );
        }
        // Other messages are passed over.
        assert_eq!(time_stamp(VideoCodec::H265, &[0, 0, 1, 0x26, 1, 2]), None);
    }

    #[test]
    fn nanoseconds_are_rounded_to_the_nearest_microsecond() {
        let mut payload = NANOSECONDS_H265.to_vec();
        let [a, b, c, d, e, f, g, h] = 1_999_600u64.to_be_bytes();
        payload.extend_from_slice(&[0x1F, a, b, 0xFF, c, d, 0xFF, e, f, 0xFF, g, h]);
        let stamp = stamp(&payload).unwrap();
        assert_eq!((stamp.time_us, stamp.rest_ns), (2000, -400));
        assert!(stamp.status.locked() && !stamp.status.backwards());
        assert!(TimeStatus(0x7F).backwards() && TimeStatus(0x5F).discontinuity());
        payload[18] = 0;
        payload[19] = 0;
        assert_eq!(super::stamp(&payload), None);
    }
}
