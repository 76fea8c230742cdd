//! A decoded picture: FFmpeg's buffers, shared and not copied.

use std::fmt;
use std::sync::Arc;

use ffmpeg_next::ffi;

use crate::av::AvFrame;
use crate::error::Error;
use crate::image::{Image, PixelFormat};

/// A decoded picture. Cloning shares the buffers; nothing writes to them.
#[derive(Clone)]
pub struct Picture {
    frame: Arc<AvFrame>,
    /// Presentation time, 90 kHz ticks, unwrapped.
    pub pts_90k: Option<i64>,
    /// Columns, pixels.
    pub width: u32,
    /// Rows, pixels.
    pub height: u32,
    /// Layout of the planes.
    pub format: PixelFormat,
    /// Luma uses 0–255 instead of 16–235.
    pub full_range: bool,
    /// Still woven of two fields taken at different times.
    pub interlaced: bool,
    /// Came out of the deinterlacer: its source was interlaced.
    pub deinterlaced: bool,
    /// The decoder concealed errors in it, or it refers to something lost.
    pub damaged: bool,
    /// Decoded from a key frame.
    pub key: bool,
}

impl Picture {
    /// Wraps a decoded frame whose format must be one of [`PixelFormat`]'s and
    /// whose rows go downwards.
    pub(crate) fn wrap(frame: AvFrame, pts_90k: Option<i64>, damaged: bool) -> Result<Self, Error> {
        let f = frame.get();
        let unusable = |cause: &str| Error::Ffmpeg {
            what: "decoded picture",
            cause: cause.into(),
        };
        let (format, full_range) =
            PixelFormat::from_av(f.format).ok_or_else(|| unusable("unexpected pixel format"))?;
        let width = u32::try_from(f.width).unwrap_or(0);
        let height = u32::try_from(f.height).unwrap_or(0);
        if width == 0 || height == 0 {
            return Err(unusable("empty"));
        }
        for index in 0..format.planes() {
            let (row, _) = format.plane_size(index, width as usize, height as usize);
            let stride = usize::try_from(f.linesize[index]).unwrap_or(0);
            if f.data[index].is_null() || stride < row {
                return Err(unusable("unexpected layout"));
            }
        }
        let damaged =
            damaged || f.decode_error_flags != 0 || f.flags & ffi::AV_FRAME_FLAG_CORRUPT != 0;
        Ok(Self {
            pts_90k,
            width,
            height,
            format,
            full_range: full_range || f.color_range == ffi::AVColorRange::AVCOL_RANGE_JPEG,
            interlaced: f.interlaced_frame != 0,
            deinterlaced: false,
            damaged,
            key: f.key_frame != 0,
            frame: Arc::new(frame),
        })
    }

    pub(crate) fn av(&self) -> &AvFrame {
        &self.frame
    }

    /// Bytes of plane `index`: rows at [`Picture::stride`], without what pads
    /// the last row. Empty if the format has no such plane.
    pub fn plane(&self, index: usize) -> &[u8] {
        if index >= self.format.planes() {
            return &[];
        }
        let (row, rows) = self
            .format
            .plane_size(index, self.width as usize, self.height as usize);
        let len = self.stride(index) * rows.saturating_sub(1) + row;
        // SAFETY: `wrap` checked the pointer and the stride; FFmpeg guarantees
        // `rows` rows of `stride` bytes (the last at least `row`) for as long
        // as the frame is referenced, and nobody writes to it.
        unsafe { std::slice::from_raw_parts(self.frame.get().data[index], len) }
    }

    /// Distance in bytes between the rows of plane `index`; 0 if there is none.
    pub fn stride(&self, index: usize) -> usize {
        if index >= self.format.planes() {
            return 0;
        }
        usize::try_from(self.frame.get().linesize[index]).unwrap_or(0)
    }

    /// Bytes that the planes occupy, for queues bounded in bytes.
    pub fn byte_len(&self) -> usize {
        (0..self.format.planes()).map(|i| self.plane(i).len()).sum()
    }

    /// The picture as borrowed planes, for the encoder and the stills.
    pub fn image(&self) -> Image<'_> {
        Image {
            width: self.width,
            height: self.height,
            format: self.format,
            full_range: self.full_range,
            planes: [self.plane(0), self.plane(1), self.plane(2)],
            strides: [self.stride(0), self.stride(1), self.stride(2)],
        }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("pts_90k", &self.pts_90k)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("format", &self.format)
            .field("interlaced", &self.interlaced)
            .field("damaged", &self.damaged)
            .field("key", &self.key)
            .finish()
    }
}
