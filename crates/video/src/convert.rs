//! Copies of foreign planes into FFmpeg's padded buffers, and swscale.

use std::ptr;

use ffmpeg_next::ffi::{self, AVPixelFormat};

use crate::av::AvFrame;
use crate::error::{Error, check};
use crate::image::{Image, PixelFormat};
use crate::still::Crop;

/// A scaler and format converter that keeps its tables between pictures.
pub(crate) struct Scaler(*mut ffi::SwsContext);

// SAFETY: the context is used by one thread at a time.
unsafe impl Send for Scaler {}

impl Scaler {
    pub(crate) fn new() -> Self {
        Self(ptr::null_mut())
    }

    /// Scales and converts `source` into `target`, whose shape and format say
    /// what is wanted.
    pub(crate) fn run(&mut self, source: &AvFrame, target: &mut AvFrame) -> Result<(), Error> {
        let refused = || Error::Ffmpeg {
            what: "picture conversion",
            cause: "format or size not supported by swscale".into(),
        };
        let from = supported(source.get().format, true).ok_or_else(refused)?;
        let to = supported(target.get().format, false).ok_or_else(refused)?;
        let (s, t) = (source.get(), target.get());
        let shrinks = t.width < s.width || t.height < s.height;
        let filter = if shrinks {
            ffi::SWS_AREA
        } else {
            ffi::SWS_BILINEAR
        };
        // Bit-exact paths: the same picture must give the same bytes.
        let flags = filter | ffi::SWS_ACCURATE_RND | ffi::SWS_BITEXACT;
        // SAFETY: the cached context is ours or null; both frames own buffers
        // of the shapes that are passed along with them.
        unsafe {
            self.0 = ffi::sws_getCachedContext(
                self.0,
                s.width,
                s.height,
                from,
                t.width,
                t.height,
                to,
                flags,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
            );
            if self.0.is_null() {
                return Err(refused());
            }
            check(
                ffi::sws_scale(
                    self.0,
                    s.data.as_ptr().cast(),
                    s.linesize.as_ptr(),
                    0,
                    s.height,
                    (*target.as_ptr()).data.as_ptr(),
                    (*target.as_ptr()).linesize.as_ptr(),
                ),
                "picture conversion",
            )?;
        }
        Ok(())
    }
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: ours, and null is allowed.
        unsafe { ffi::sws_freeContext(self.0) };
    }
}

/// The format as FFmpeg's enumeration, if swscale can take (or make) it.
fn supported(format: i32, input: bool) -> Option<AVPixelFormat> {
    if format < 0 || format >= AVPixelFormat::AV_PIX_FMT_NB as i32 {
        return None;
    }
    // SAFETY: the number is within the enumeration that the bindings were
    // generated from, which is contiguous from 0.
    let format = unsafe { std::mem::transmute::<i32, AVPixelFormat>(format) };
    // SAFETY: pure look-ups in FFmpeg's tables.
    let ok = unsafe {
        if input {
            ffi::sws_isSupportedInput(format)
        } else {
            ffi::sws_isSupportedOutput(format)
        }
    };
    (ok > 0).then_some(format)
}

/// Copies `image`, or a crop of it, into a new frame of the same format.
///
/// swscale and the encoders read in vectors beyond the end of a row; foreign
/// slices need not have room for that, FFmpeg's buffers do.
pub(crate) fn frame_of(image: &Image<'_>, crop: Option<Crop>) -> Result<AvFrame, Error> {
    image.validate()?;
    let crop = match crop {
        Some(crop) => crop.within(image)?,
        None => Crop {
            x: 0,
            y: 0,
            width: image.width,
            height: image.height,
        },
    };
    let mut frame = AvFrame::with_buffers(crop.width, crop.height, av_format(image))?;
    copy_planes(image, crop, &mut frame);
    Ok(frame)
}

/// FFmpeg's format of an image, with its range.
fn av_format(image: &Image<'_>) -> AVPixelFormat {
    match (image.format, image.full_range) {
        (PixelFormat::Yuv420p, true) => AVPixelFormat::AV_PIX_FMT_YUVJ420P,
        (PixelFormat::Yuv422p, true) => AVPixelFormat::AV_PIX_FMT_YUVJ422P,
        (PixelFormat::Yuv444p, true) => AVPixelFormat::AV_PIX_FMT_YUVJ444P,
        (format, _) => format.to_av(),
    }
}

/// Copies the cropped planes row by row. `crop` lies within the image and
/// begins at even coordinates; the frame was made for its size.
pub(crate) fn copy_planes(image: &Image<'_>, crop: Crop, frame: &mut AvFrame) {
    for index in 0..image.format.planes() {
        let (row, rows) = image
            .format
            .plane_size(index, crop.width as usize, crop.height as usize);
        let (left, top) = image
            .format
            .plane_size(index, crop.x as usize, crop.y as usize);
        let stride = image.strides[index];
        let f = frame.get();
        let to_stride = usize::try_from(f.linesize[index]).unwrap_or(0);
        let base = f.data[index];
        if base.is_null() || to_stride < row {
            return;
        }
        for y in 0..rows {
            let start = (top + y) * stride + left;
            let Some(source) = image.planes[index].get(start..start + row) else {
                return;
            };
            // SAFETY: the frame's plane has `rows` rows of `to_stride` bytes
            // and is exclusively ours; the source is a checked slice.
            unsafe { ptr::copy_nonoverlapping(source.as_ptr(), base.add(y * to_stride), row) };
        }
    }
}
