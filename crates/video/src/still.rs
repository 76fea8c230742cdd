//! Stills: a JPEG of a picture, or of a crop of it, scaled if wanted.

use std::ptr;

use ffmpeg_next::ffi::{self, AVCodecID, AVPixelFormat, AVRational};

use crate::av::{AvFrame, AvPacket, CodecContext};
use crate::convert::{Scaler, frame_of};
use crate::error::{Error, check, text_of};
use crate::image::Image;

/// A rectangle of an image, pixels from the top-left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Crop {
    /// This rectangle cut to the image, with its corner moved to an even
    /// coordinate so that chroma stays in register.
    pub(crate) fn within(self, image: &Image<'_>) -> Result<Self, Error> {
        let right = self.x.saturating_add(self.width).min(image.width);
        let bottom = self.y.saturating_add(self.height).min(image.height);
        let (x, y) = (self.x & !1, self.y & !1);
        if self.width == 0 || self.height == 0 || x >= right || y >= bottom {
            return Err(Error::Invalid {
                what: "crop",
                cause: format!(
                    "{}x{} at {},{} lies outside the {}x{} image",
                    self.width, self.height, self.x, self.y, image.width, image.height
                ),
            });
        }
        Ok(Self {
            x,
            y,
            width: right - x,
            height: bottom - y,
        })
    }
}

/// What a still shows and how well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StillOptions {
    /// Part of the image; all of it if `None`.
    pub crop: Option<Crop>,
    /// Scaled to this width (keeping the proportions) if `Some`.
    pub width: Option<u32>,
    /// 1 (smallest) to 100 (best).
    pub quality: u8,
}

impl Default for StillOptions {
    fn default() -> Self {
        Self {
            crop: None,
            width: None,
            quality: 85,
        }
    }
}

/// The JPEG (JFIF, 4:2:0) of an image. The same image and options give the
/// same bytes.
pub fn jpeg(image: &Image<'_>, options: StillOptions) -> Result<Vec<u8>, Error> {
    crate::log::init();
    let source = frame_of(image, options.crop)?;
    let (width, height) = target_size(&source, options.width);
    let mut frame = AvFrame::with_buffers(width, height, AVPixelFormat::AV_PIX_FMT_YUVJ420P)?;
    Scaler::new().run(&source, &mut frame)?;
    encode(&mut frame, width, height, options.quality)
}

/// The JPEG of a grey picture given as luma rows at `stride` bytes.
pub fn jpeg_gray(
    width: u32,
    height: u32,
    stride: usize,
    luma: &[u8],
    options: StillOptions,
) -> Result<Vec<u8>, Error> {
    jpeg(&Image::gray(width, height, stride, luma), options)
}

fn target_size(source: &AvFrame, width: Option<u32>) -> (u32, u32) {
    let (w, h) = (
        source.get().width.max(1) as u64,
        source.get().height.max(1) as u64,
    );
    match width {
        None => (w as u32, h as u32),
        Some(width) => {
            let width = u64::from(width.clamp(1, 8192));
            let height = ((h * width + w / 2) / w).clamp(1, 8192);
            (width as u32, height as u32)
        }
    }
}

fn encode(frame: &mut AvFrame, width: u32, height: u32, quality: u8) -> Result<Vec<u8>, Error> {
    let missing = |cause: String| Error::Codec {
        what: "JPEG encoder".into(),
        cause,
    };
    // SAFETY: a look-up; null is handled.
    let codec = unsafe { ffi::avcodec_find_encoder(AVCodecID::AV_CODEC_ID_MJPEG) };
    if codec.is_null() {
        return Err(missing("not found".into()));
    }
    // FFmpeg's scale runs from 1 (best) to 31.
    let scale = 1 + (100 - i32::from(quality.clamp(1, 100))) * 30 / 99;
    let lambda = scale * ffi::FF_QP2LAMBDA;
    let mut context = CodecContext::new(codec)?;
    {
        let c = context.get_mut();
        c.width = width as i32;
        c.height = height as i32;
        c.pix_fmt = AVPixelFormat::AV_PIX_FMT_YUVJ420P;
        c.color_range = ffi::AVColorRange::AVCOL_RANGE_JPEG;
        c.time_base = AVRational { num: 1, den: 1 };
        c.thread_count = 1;
        c.flags |= (ffi::AV_CODEC_FLAG_QSCALE | ffi::AV_CODEC_FLAG_BITEXACT) as i32;
        c.global_quality = lambda;
    }
    // SAFETY: context and codec belong together.
    let code = unsafe { ffi::avcodec_open2(context.as_ptr(), codec, ptr::null_mut()) };
    if code < 0 {
        return Err(missing(text_of(code)));
    }
    frame.get_mut().quality = lambda;
    frame.get_mut().pts = 0;
    let packet = AvPacket::new()?;
    // SAFETY: an open encoder, a frame of its shape, an empty packet; the null
    // frame ends the stream of one picture.
    unsafe {
        check(
            ffi::avcodec_send_frame(context.as_ptr(), frame.as_ptr()),
            "JPEG encoding",
        )?;
        check(
            ffi::avcodec_send_frame(context.as_ptr(), ptr::null()),
            "JPEG encoding",
        )?;
        check(
            ffi::avcodec_receive_packet(context.as_ptr(), packet.as_ptr()),
            "JPEG encoding",
        )?;
    }
    Ok(packet.bytes().to_vec())
}
