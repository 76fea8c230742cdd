//! A picture and its time.

use crate::time::Micros;
use std::fmt;
use std::sync::Arc;

/// Bytes that stay where the decoder put them.
pub type SharedBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// One plane of a picture.
#[derive(Clone)]
pub struct Plane {
    /// The bytes, `stride` per row; the last row may be shorter.
    pub bytes: SharedBytes,
    /// Bytes from one row to the next.
    pub stride: usize,
}

impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = (*self.bytes).as_ref().len();
        write!(f, "Plane({len} bytes, stride {})", self.stride)
    }
}

/// How samples lie in the planes. Plane 0 is always 8-bit luma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// Luma only.
    Gray8,
    /// Luma, then two planes of chroma at half width and half height.
    Yuv420p,
    /// Luma, then two planes of chroma at half width.
    Yuv422p,
    /// Luma, then one plane of interleaved chroma at half width and half height.
    Nv12,
}

/// A decoded picture. Cloning is cheap: planes are shared.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Number in the feed, from 1, in presentation order over every decodable picture.
    pub id: u64,
    /// Event time.
    pub t: Micros,
    /// Presentation time stamp in 90 kHz ticks, unwrapped, when the container has one.
    pub pts_90k: Option<i64>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Sample layout.
    pub format: PixelFormat,
    /// The planes, luma first.
    pub planes: Vec<Plane>,
    /// The source was interlaced (the picture has been deinterlaced).
    pub interlaced: bool,
    /// The decoder had to conceal errors.
    pub damaged: bool,
}

impl Frame {
    /// The luma plane as (bytes, stride).
    pub fn luma(&self) -> Option<(&[u8], usize)> {
        let plane = self.planes.first()?;
        Some(((*plane.bytes).as_ref(), plane.stride))
    }

    /// No pixel has a colour, as in the pictures of a thermal camera that paints none. One byte in each
    /// `STEP` of the planes of chroma is looked at.
    pub fn is_grey(&self) -> bool {
        const STEP: usize = 7;
        const SLACK: u8 = 2;
        self.planes.iter().skip(1).all(|plane| {
            let bytes = (*plane.bytes).as_ref();
            bytes.iter().step_by(STEP).all(|v| v.abs_diff(128) <= SLACK)
        })
    }
}
