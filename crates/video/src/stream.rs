//! What a container holds.

use std::fmt;
use std::sync::Arc;

use ffmpeg_next::ffi::{self, AVCodecID, AVMediaType};

use crate::av::Parameters;

/// Video codecs that are told apart; all others are decoded just the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// H.264 / AVC.
    H264,
    /// H.265 / HEVC.
    H265,
    /// MPEG-2 (and MPEG-1) video.
    Mpeg2,
    /// MPEG-4 part 2.
    Mpeg4,
    /// Motion JPEG, JPEG.
    Jpeg,
    /// Any other that FFmpeg decodes.
    Other,
}

/// What is known of a video stream before its first picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VideoInfo {
    /// The codec.
    pub codec: Codec,
    /// Columns, pixels; 0 when not yet known.
    pub width: u32,
    /// Rows, pixels; 0 when not yet known.
    pub height: u32,
    /// Frames (not fields) a second as a fraction, when the container knows it.
    pub frame_rate: Option<(u32, u32)>,
}

/// What a stream carries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StreamKind {
    /// Pictures.
    Video(VideoInfo),
    /// SMPTE 336 KLV. `synchronous`: its packets carry presentation times, so
    /// they can be paired with pictures (MISB ST 1402); known once the first
    /// packet was read.
    Klv {
        /// Packets carry presentation times.
        synchronous: bool,
    },
    /// Sound; never decoded here.
    Audio,
    /// Anything else (subtitles, teletext, unknown data).
    Other,
}

/// One stream of a container.
#[derive(Clone)]
pub struct Stream {
    /// Index, as in [`crate::Packet::stream`].
    pub index: usize,
    /// MPEG-TS packet identifier.
    pub pid: Option<u16>,
    /// Number of its programme (MPEG-TS).
    pub program: Option<u16>,
    /// What it carries.
    pub kind: StreamKind,
    pub(crate) parameters: Arc<Parameters>,
}

impl Stream {
    /// The video information, if this is a video stream.
    pub fn video(&self) -> Option<VideoInfo> {
        match self.kind {
            StreamKind::Video(info) => Some(info),
            _ => None,
        }
    }

    /// Whether this stream carries KLV.
    pub fn is_klv(&self) -> bool {
        matches!(self.kind, StreamKind::Klv { .. })
    }

    /// Pictures that are coded before one that is shown before them, as far as it is known.
    pub fn delay(&self) -> usize {
        usize::try_from(self.parameters.get().video_delay).unwrap_or(0)
    }

    /// Codec configuration that the container stores outside the packets
    /// (avcC in MP4, SPS and PPS found while probing MPEG-TS).
    pub fn extradata(&self) -> &[u8] {
        self.parameters.extradata()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("index", &self.index)
            .field("pid", &self.pid)
            .field("program", &self.program)
            .field("kind", &self.kind)
            .finish()
    }
}

/// Classifies a stream from its parameters.
pub(crate) fn kind_of(p: &ffi::AVCodecParameters, frame_rate: ffi::AVRational) -> StreamKind {
    match p.codec_type {
        AVMediaType::AVMEDIA_TYPE_VIDEO => StreamKind::Video(VideoInfo {
            codec: match p.codec_id {
                AVCodecID::AV_CODEC_ID_H264 => Codec::H264,
                AVCodecID::AV_CODEC_ID_HEVC => Codec::H265,
                AVCodecID::AV_CODEC_ID_MPEG2VIDEO | AVCodecID::AV_CODEC_ID_MPEG1VIDEO => {
                    Codec::Mpeg2
                }
                AVCodecID::AV_CODEC_ID_MPEG4 => Codec::Mpeg4,
                AVCodecID::AV_CODEC_ID_MJPEG => Codec::Jpeg,
                _ => Codec::Other,
            },
            width: u32::try_from(p.width).unwrap_or(0),
            height: u32::try_from(p.height).unwrap_or(0),
            frame_rate: match (u32::try_from(frame_rate.num), u32::try_from(frame_rate.den)) {
                (Ok(num), Ok(den)) if num > 0 && den > 0 => Some((num, den)),
                _ => None,
            },
        }),
        AVMediaType::AVMEDIA_TYPE_AUDIO => StreamKind::Audio,
        AVMediaType::AVMEDIA_TYPE_DATA if p.codec_id == AVCodecID::AV_CODEC_ID_SMPTE_KLV => {
            StreamKind::Klv { synchronous: false }
        }
        _ => StreamKind::Other,
    }
}
