//! What a feed yields.

use std::path::PathBuf;
use std::time::Instant;

use atalaya_model::{Frame, Micros, PlatformState, TimeFault};
use serde::{Deserialize, Serialize};

use crate::clock::TimeSource;

/// One thing that came out of a feed, in the order of the stream.
#[derive(Debug, Clone)]
pub enum Unit {
    /// A decoded frame with what is known of the camera.
    Frame(Box<FrameUnit>),
    /// A coded picture, for relaying; only where [`crate::FmvOptions::coded`] asks for it.
    Coded(CodedUnit),
    /// A metadata packet that can be trusted.
    Metadata(Box<MetadataUnit>),
    /// The stream was interrupted.
    Gap(Gap),
    /// Pictures are let in again: another stretch of the recording begins.
    Resumed(Stretch),
    /// An evidence segment is complete.
    Segment(SegmentUnit),
    /// Something went wrong that does not end the feed; one line.
    Fault(String),
    /// Its clocks disagree; each kind of it is said once.
    Clock(TimeFault),
    /// Counts so far: before each interruption and at the end.
    Stats(FeedStats),
}

/// A frame and the platform at its presentation time.
#[derive(Debug, Clone)]
pub struct FrameUnit {
    /// The picture.
    pub frame: Frame,
    /// The platform at the frame's time; `None` unless `pairing` is `Paired`.
    pub platform: Option<PlatformState>,
    /// How the platform was found.
    pub pairing: Pairing,
    /// Where the frame's event time comes from.
    pub time_source: TimeSource,
    /// Decoded from a key frame.
    pub key: bool,
    /// When the datagram came in which the picture begins; `None` for a recording.
    pub received: Option<Instant>,
    /// Counts up with each [`Unit::Resumed`], from 0.
    pub stretch: u32,
}

/// A coded picture as it came, before decoding.
#[derive(Debug, Clone)]
pub struct CodedUnit {
    /// Presentation time, the same as that of the frame it becomes.
    pub pts_90k: i64,
    /// A decoder can start here.
    pub key: bool,
    /// The codec string of RFC 6381, on key frames.
    pub codec: Option<String>,
    /// The bytes, Annex B of ITU-T H.264.
    pub bytes: Vec<u8>,
}

/// Whether metadata belong to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// Metadata of at most a second's age, interpolated if there were some on
    /// both sides of the frame.
    Paired {
        /// Presentation time from the earlier metadata to the frame.
        age_us: i64,
        /// Made of the metadata before and after the frame.
        interpolated: bool,
    },
    /// The latest metadata are older than a second, and are not used.
    Stale {
        /// Their age.
        age_us: i64,
    },
    /// No metadata came before the frame.
    Absent,
}

/// A metadata packet.
#[derive(Debug, Clone)]
pub struct MetadataUnit {
    /// Presentation time (of arrival, for asynchronous metadata).
    pub pts_90k: Option<i64>,
    /// It carried its own presentation time.
    pub synchronous: bool,
    /// MPEG-TS packet identifier.
    pub pid: Option<u16>,
    /// The platform as the packet says.
    pub state: PlatformState,
}

/// A part of a recording that stands on its own, after pictures that were refused: it is read as if
/// the feed had been opened here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Number of its first frame.
    pub frame: u64,
    /// Number of its first segment.
    pub segment: u64,
    /// Event time of its first frame, for video that carries no time.
    pub start: Micros,
}

/// What was known of a frame when it was given out. Of the last frames before a refusal, a recording
/// can't tell it any more: metadata that came with what was refused had a part in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// Number of the frame.
    pub frame: u64,
    /// Event time.
    pub t: Micros,
    /// The platform at the frame's time.
    pub platform: Option<PlatformState>,
}

/// An interruption of a feed.
#[derive(Debug, Clone, PartialEq)]
pub enum Gap {
    /// Pictures are refused from here on: neither given out nor recorded.
    Refused {
        /// The last frames before it.
        stamps: Vec<Stamp>,
    },
    /// Nothing came for a while.
    Stopped {
        /// Event time of the last frame, if there was one.
        since: Option<Micros>,
    },
    /// Data come again.
    Returned {
        /// How long nothing came, as far as is known.
        after_us: i64,
    },
    /// Presentation time jumped within the stream.
    Discontinuity {
        /// By so much, microseconds.
        jump_us: i64,
    },
}

/// A stretch of a feed as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentUnit {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Event time of its first frame.
    pub t0: Micros,
    /// Event time of its end: the first frame after it, or its last.
    pub t1: Micros,
}

/// Counts of a feed since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeedStats {
    /// Container packets.
    pub packets: u64,
    /// Of these, damaged.
    pub packets_damaged: u64,
    /// Stretches of input passed over by the demuxer.
    pub demux_errors: u64,
    /// Packets or parts of them that could not be decoded.
    pub decode_errors: u64,
    /// Frames.
    pub frames: u64,
    /// Of these, with concealed errors.
    pub frames_damaged: u64,
    /// Frames that were refused: neither given out nor recorded.
    pub frames_refused: u64,
    /// KLV packets.
    pub klv_packets: u64,
    /// Of these, with a bad checksum, and not used.
    pub klv_bad: u64,
    /// Bytes of KLV streams that belonged to no packet.
    pub klv_bytes_skipped: u64,
    /// Jumps of metadata time against presentation time.
    pub time_jumps: u64,
    /// Datagrams received.
    pub datagrams: u64,
    /// Datagrams shed because the reader fell behind.
    pub datagrams_shed: u64,
}
