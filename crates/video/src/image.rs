//! A borrowed picture in memory: what the encoder and the stills take.

use ffmpeg_next::ffi::AVPixelFormat;

use crate::error::Error;

/// How the planes of a picture are laid out. Plane 0 is 8-bit luma in all of
/// them, so grey vision needs no conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// Luma only.
    Gray8,
    /// Y, U, V; chroma halved in both directions.
    Yuv420p,
    /// Y, U, V; chroma halved horizontally.
    Yuv422p,
    /// Y, U, V at full size.
    Yuv444p,
    /// Y and interleaved UV; chroma halved in both directions.
    Nv12,
}

impl PixelFormat {
    /// Number of planes.
    pub fn planes(self) -> usize {
        match self {
            Self::Gray8 => 1,
            Self::Nv12 => 2,
            Self::Yuv420p | Self::Yuv422p | Self::Yuv444p => 3,
        }
    }

    /// Bytes in a row and rows of plane `index` of a picture of this size.
    pub fn plane_size(self, index: usize, width: usize, height: usize) -> (usize, usize) {
        if index == 0 {
            return (width, height);
        }
        match self {
            Self::Gray8 => (0, 0),
            Self::Yuv420p => (width.div_ceil(2), height.div_ceil(2)),
            Self::Yuv422p => (width.div_ceil(2), height),
            Self::Yuv444p => (width, height),
            Self::Nv12 => (width.div_ceil(2) * 2, height.div_ceil(2)),
        }
    }

    pub(crate) fn to_av(self) -> AVPixelFormat {
        match self {
            Self::Gray8 => AVPixelFormat::AV_PIX_FMT_GRAY8,
            Self::Yuv420p => AVPixelFormat::AV_PIX_FMT_YUV420P,
            Self::Yuv422p => AVPixelFormat::AV_PIX_FMT_YUV422P,
            Self::Yuv444p => AVPixelFormat::AV_PIX_FMT_YUV444P,
            Self::Nv12 => AVPixelFormat::AV_PIX_FMT_NV12,
        }
    }

    /// The format and whether it uses the full range 0–255; `None` for what
    /// has to be converted first.
    pub(crate) fn from_av(format: i32) -> Option<(Self, bool)> {
        use AVPixelFormat::*;
        let is = |f: AVPixelFormat| format == f as i32;
        Some(match () {
            () if is(AV_PIX_FMT_GRAY8) => (Self::Gray8, true),
            () if is(AV_PIX_FMT_YUV420P) => (Self::Yuv420p, false),
            () if is(AV_PIX_FMT_YUVJ420P) => (Self::Yuv420p, true),
            () if is(AV_PIX_FMT_YUV422P) => (Self::Yuv422p, false),
            () if is(AV_PIX_FMT_YUVJ422P) => (Self::Yuv422p, true),
            () if is(AV_PIX_FMT_YUV444P) => (Self::Yuv444p, false),
            () if is(AV_PIX_FMT_YUVJ444P) => (Self::Yuv444p, true),
            () if is(AV_PIX_FMT_NV12) => (Self::Nv12, false),
            () => return None,
        })
    }
}

/// A picture that somebody else owns: planes and strides in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// Columns, pixels.
    pub width: u32,
    /// Rows, pixels.
    pub height: u32,
    /// Layout of `planes`.
    pub format: PixelFormat,
    /// Luma uses 0–255 instead of 16–235.
    pub full_range: bool,
    /// Bytes of each plane; those that the format does not have are empty.
    pub planes: [&'a [u8]; 3],
    /// Distance in bytes between the rows of each plane.
    pub strides: [usize; 3],
}

impl<'a> Image<'a> {
    /// A grey picture.
    pub fn gray(width: u32, height: u32, stride: usize, luma: &'a [u8]) -> Self {
        Self {
            width,
            height,
            format: PixelFormat::Gray8,
            full_range: true,
            planes: [luma, &[], &[]],
            strides: [stride, 0, 0],
        }
    }

    /// A 4:2:0 picture with tightly packed planes (chroma rounded up).
    pub fn yuv420p(width: u32, height: u32, y: &'a [u8], u: &'a [u8], v: &'a [u8]) -> Self {
        let chroma = (width as usize).div_ceil(2);
        Self {
            width,
            height,
            format: PixelFormat::Yuv420p,
            full_range: false,
            planes: [y, u, v],
            strides: [width as usize, chroma, chroma],
        }
    }

    /// Refuses planes that are shorter than their shape says.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        const LARGEST: u32 = 16_384;
        let bad = |cause: String| {
            Err(Error::Invalid {
                what: "image",
                cause,
            })
        };
        if self.width == 0 || self.height == 0 || self.width > LARGEST || self.height > LARGEST {
            return bad(format!(
                "size {}x{} is outside 1..={LARGEST}",
                self.width, self.height
            ));
        }
        for index in 0..self.format.planes() {
            let (row, rows) =
                self.format
                    .plane_size(index, self.width as usize, self.height as usize);
            let stride = self.strides[index];
            let have = self.planes[index].len();
            let need = stride
                .checked_mul(rows.saturating_sub(1))
                .and_then(|n| n.checked_add(row));
            if stride < row || stride > i32::MAX as usize || need.is_none_or(|n| have < n) {
                return bad(format!(
                    "plane {index} has {have} bytes at stride {stride}, but {rows} rows of {row} are needed"
                ));
            }
        }
        Ok(())
    }
}
