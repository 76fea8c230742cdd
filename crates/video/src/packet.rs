//! One packet of one stream, as it lies in the container.

use std::fmt;
use std::sync::Arc;

use ffmpeg_next::ffi;

use crate::av::AvPacket;
use crate::error::Error;

/// A packet: coded bytes of one stream. Cloning shares the bytes.
#[derive(Clone)]
pub struct Packet {
    pub(crate) inner: Arc<AvPacket>,
    /// Index of the stream in [`crate::Demuxer::streams`] (0 from an encoder).
    pub stream: usize,
    /// Presentation time, 90 kHz ticks, unwrapped. Asynchronous KLV has none.
    pub pts_90k: Option<i64>,
    /// Decoding time, 90 kHz ticks, unwrapped.
    pub dts_90k: Option<i64>,
    /// Decoding can start here.
    pub key: bool,
    /// The demuxer found damage in it (lost or repeated transport packets).
    pub damaged: bool,
    /// Byte offset in the input where the packet begins, when known.
    pub pos: Option<u64>,
}

impl Packet {
    pub(crate) fn from_av(
        inner: AvPacket,
        stream: usize,
        pts_90k: Option<i64>,
        dts_90k: Option<i64>,
    ) -> Self {
        let flags = inner.get().flags;
        let pos = u64::try_from(inner.get().pos).ok();
        Self {
            inner: Arc::new(inner),
            stream,
            pts_90k,
            dts_90k,
            key: flags & ffi::AV_PKT_FLAG_KEY != 0,
            damaged: flags & ffi::AV_PKT_FLAG_CORRUPT != 0,
            pos,
        }
    }

    /// A packet made of a copy of `bytes`, as if it had been demuxed.
    pub fn new(
        stream: usize,
        bytes: &[u8],
        pts_90k: Option<i64>,
        dts_90k: Option<i64>,
        key: bool,
    ) -> Result<Self, Error> {
        crate::log::init();
        let mut inner = AvPacket::from_bytes(bytes)?;
        inner.get_mut().pos = -1;
        if key {
            inner.get_mut().flags |= ffi::AV_PKT_FLAG_KEY;
        }
        Ok(Self::from_av(inner, stream, pts_90k, dts_90k))
    }

    /// The coded bytes.
    pub fn bytes(&self) -> &[u8] {
        self.inner.bytes()
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("stream", &self.stream)
            .field("pts_90k", &self.pts_90k)
            .field("dts_90k", &self.dts_90k)
            .field("key", &self.key)
            .field("damaged", &self.damaged)
            .field("pos", &self.pos)
            .field("bytes", &self.bytes().len())
            .finish()
    }
}
