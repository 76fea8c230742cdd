//! Time inside the pictures (MISB ST 0604), so that readers can pair them with metadata by time.

use super::{Error, Timeline};
use atalaya_klv::sei::{self, TimeStatus, VideoCodec};
use atalaya_video::{AnnexB, Codec, Packet, Stream};

/// Puts time stamps into the coded pictures of one stream.
pub(super) struct Stamps<'a> {
    timeline: &'a Timeline,
    codec: VideoCodec,
    form: AnnexB,
}

impl<'a> Stamps<'a> {
    /// For a video whose coding has a place for them; `None` for any other.
    pub(super) fn new(timeline: &'a Timeline, video: &Stream) -> Option<Self> {
        let codec = match video.video()?.codec {
            Codec::H264 => VideoCodec::H264,
            Codec::H265 => VideoCodec::H265,
            Codec::Mpeg2 => VideoCodec::H262,
            _ => return None,
        };
        Some(Self {
            timeline,
            codec,
            form: AnnexB::new(video)?,
        })
    }

    /// The picture with start codes, and with a stamp and `true` where it had none. All are given
    /// start codes: the multiplexer decides by the first how the others are written.
    pub(super) fn on(&self, packet: &Packet) -> Result<(Packet, bool), Error> {
        let bytes = self.form.bytes(packet);
        let time = packet.pts_90k.and_then(|pts| self.timeline.time_at(pts));
        let time = time.and_then(|t| u64::try_from(t).ok());
        // Whether the clock that the times come from was locked is not said anywhere.
        let stamped = time.and_then(|t| sei::stamped(self.codec, &bytes, t, TimeStatus::UNKNOWN));
        let (pts, dts, key) = (packet.pts_90k, packet.dts_90k, packet.key);
        let made = Packet::new(
            packet.stream,
            stamped.as_deref().unwrap_or(&bytes),
            pts,
            dts,
            key,
        )?;
        Ok((made, stamped.is_some()))
    }
}
