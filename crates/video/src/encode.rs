//! H.264 encoding over libx264.

use std::ffi::CString;
use std::ptr;

use ffmpeg_next::ffi::{self, AVPixelFormat, AVRational};

use crate::av::{AvFrame, AvPacket, CodecContext, Options};
use crate::convert::copy_planes;
use crate::error::{EAGAIN, Error, check, text_of};
use crate::image::{Image, PixelFormat};
use crate::packet::Packet;
use crate::still::Crop;

/// How the encoder spends its bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RateControl {
    /// Average bits a second.
    Bitrate(u32),
    /// Constant quality, x264's CRF: 0 (best) to 51.
    Crf(f32),
}

/// Settings of an [`Encoder`].
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderOptions {
    /// Columns, pixels; even.
    pub width: u32,
    /// Rows, pixels; even.
    pub height: u32,
    /// Frames a second as a fraction.
    pub fps: (u32, u32),
    /// Bits or quality.
    pub rate: RateControl,
    /// Frames from key frame to key frame.
    pub gop: u32,
    /// x264 preset, `ultrafast` to `veryslow`.
    pub preset: String,
    /// B-frames between references; 0 keeps decoding order = display order.
    pub b_frames: u32,
    /// Encoder threads. The bytes depend on this number, but not on timing.
    pub threads: u32,
    /// A packet comes out for each picture that goes in (no look-ahead), as a
    /// live feed needs.
    pub low_delay: bool,
}

impl EncoderOptions {
    /// Sensible settings for a live feed: CRF 23, a key frame a second,
    /// `veryfast`, one thread, no delay.
    pub fn new(width: u32, height: u32, fps: (u32, u32)) -> Self {
        Self {
            width,
            height,
            fps,
            rate: RateControl::Crf(23.0),
            gop: fps.0.div_ceil(fps.1.max(1)).max(1),
            preset: "veryfast".into(),
            b_frames: 0,
            threads: 1,
            low_delay: true,
        }
    }
}

/// An H.264 encoder. Output is Annex B with SPS and PPS before every key
/// frame, so that a stream can be joined at any of them. The same pictures and
/// options give the same bytes.
pub struct Encoder {
    context: CodecContext,
    options: EncoderOptions,
    last_pts: Option<i64>,
    flushed: bool,
}

impl Encoder {
    /// Opens libx264 with these options.
    pub fn h264(options: EncoderOptions) -> Result<Self, Error> {
        crate::log::init();
        let invalid = |cause: String| {
            Err(Error::Invalid {
                what: "encoder options",
                cause,
            })
        };
        let (w, h) = (options.width, options.height);
        if w < 2 || h < 2 || w > 8192 || h > 8192 || w % 2 != 0 || h % 2 != 0 {
            return invalid(format!("size {w}x{h} must be even and within 2..=8192"));
        }
        let (Ok(num), Ok(den)) = (i32::try_from(options.fps.0), i32::try_from(options.fps.1))
        else {
            return invalid("frame rate too large".into());
        };
        if num == 0 || den == 0 {
            return invalid("frame rate must not be 0".into());
        }
        let missing = |cause: String| Error::Codec {
            what: "H.264 encoder libx264".into(),
            cause,
        };
        let name = CString::new("libx264").map_err(|e| missing(e.to_string()))?;
        // SAFETY: valid string; null result is handled.
        let codec = unsafe { ffi::avcodec_find_encoder_by_name(name.as_ptr()) };
        if codec.is_null() {
            return Err(missing("not found".into()));
        }
        let mut context = CodecContext::new(codec)?;
        {
            let c = context.get_mut();
            c.width = w as i32;
            c.height = h as i32;
            c.pix_fmt = AVPixelFormat::AV_PIX_FMT_YUV420P;
            c.time_base = AVRational {
                num: 1,
                den: 90_000,
            };
            c.framerate = AVRational { num, den };
            c.sample_aspect_ratio = AVRational { num: 1, den: 1 };
            c.gop_size = i32::try_from(options.gop.max(1)).unwrap_or(i32::MAX);
            c.max_b_frames = i32::try_from(options.b_frames.min(16)).unwrap_or(0);
            c.thread_count = i32::try_from(options.threads.clamp(1, 64)).unwrap_or(1);
            c.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
            c.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
            c.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
            c.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
            if let RateControl::Bitrate(bits) = options.rate {
                c.bit_rate = i64::from(bits.max(1000));
            }
        }
        // Key frames stand at a fixed distance: a recorder cuts there.
        let mut x264 = String::from("scenecut=0:force-cfr=1");
        if options.low_delay {
            x264.push_str(":rc-lookahead=0:sync-lookahead=0:mbtree=0");
        }
        let crf = match options.rate {
            RateControl::Crf(crf) => format!("{:.2}", crf.clamp(0.0, 51.0)),
            RateControl::Bitrate(_) => String::new(),
        };
        let mut entries = vec![
            ("preset", options.preset.as_str()),
            ("x264-params", x264.as_str()),
            ("forced-idr", "1"),
        ];
        if !crf.is_empty() {
            entries.push(("crf", &crf));
        }
        let mut dictionary = Options::new(&entries)?;
        // SAFETY: context and codec belong together, the dictionary is ours.
        let code = unsafe { ffi::avcodec_open2(context.as_ptr(), codec, &mut dictionary.0) };
        if code < 0 {
            return Err(missing(text_of(code)));
        }
        Ok(Self {
            context,
            options,
            last_pts: None,
            flushed: false,
        })
    }

    /// The options it was opened with.
    pub fn options(&self) -> &EncoderOptions {
        &self.options
    }

    /// Encodes one picture (4:2:0 or grey) shown at `pts_90k`, which must grow
    /// from picture to picture; `key` asks for a key frame. Packets that are
    /// ready are appended to `out`.
    pub fn push(
        &mut self,
        image: &Image<'_>,
        pts_90k: i64,
        key: bool,
        out: &mut Vec<Packet>,
    ) -> Result<(), Error> {
        image.validate()?;
        if self.flushed {
            return Err(Error::Invalid {
                what: "encoder",
                cause: "already flushed; open another".into(),
            });
        }
        if (image.width, image.height) != (self.options.width, self.options.height) {
            return Err(Error::Invalid {
                what: "image",
                cause: format!(
                    "is {}x{}, but the encoder was opened for {}x{}",
                    image.width, image.height, self.options.width, self.options.height
                ),
            });
        }
        if self.last_pts.is_some_and(|last| pts_90k <= last) {
            return Err(Error::Invalid {
                what: "presentation time",
                cause: format!("{pts_90k} does not come after the picture before it"),
            });
        }
        if !matches!(image.format, PixelFormat::Yuv420p | PixelFormat::Gray8) {
            return Err(Error::Invalid {
                what: "image",
                cause: "the encoder takes 4:2:0 planes or grey".into(),
            });
        }
        let frame = self.frame(image, pts_90k, key)?;
        // SAFETY: an open encoder and a frame of its shape and format.
        let code = unsafe { ffi::avcodec_send_frame(self.context.as_ptr(), frame.as_ptr()) };
        check(code, "encoding")?;
        self.last_pts = Some(pts_90k);
        self.drain(out)
    }

    /// Encodes what is still held back. Nothing can be pushed afterwards.
    pub fn flush(&mut self, out: &mut Vec<Packet>) -> Result<(), Error> {
        if std::mem::replace(&mut self.flushed, true) {
            return Ok(());
        }
        // SAFETY: an open encoder; a null frame begins the flush.
        let code = unsafe { ffi::avcodec_send_frame(self.context.as_ptr(), ptr::null()) };
        check(code, "encoding")?;
        self.drain(out)
    }

    fn frame(&self, image: &Image<'_>, pts_90k: i64, key: bool) -> Result<AvFrame, Error> {
        let mut frame =
            AvFrame::with_buffers(image.width, image.height, AVPixelFormat::AV_PIX_FMT_YUV420P)?;
        let whole = Crop {
            x: 0,
            y: 0,
            width: image.width,
            height: image.height,
        };
        copy_planes(image, whole, &mut frame);
        let f = frame.get_mut();
        if image.format == PixelFormat::Gray8 {
            let rows = (image.height as usize).div_ceil(2);
            for index in 1..3 {
                let len = usize::try_from(f.linesize[index]).unwrap_or(0) * rows;
                // SAFETY: a 4:2:0 frame has `rows` rows of `linesize` bytes in
                // its chroma planes, and it is exclusively ours.
                unsafe { ptr::write_bytes(f.data[index], 128, len) };
            }
        }
        f.pts = pts_90k;
        f.pict_type = if key {
            ffi::AVPictureType::AV_PICTURE_TYPE_I
        } else {
            ffi::AVPictureType::AV_PICTURE_TYPE_NONE
        };
        Ok(frame)
    }

    fn drain(&mut self, out: &mut Vec<Packet>) -> Result<(), Error> {
        loop {
            let packet = AvPacket::new()?;
            // SAFETY: an open encoder and an empty packet.
            let code =
                unsafe { ffi::avcodec_receive_packet(self.context.as_ptr(), packet.as_ptr()) };
            if code == EAGAIN || code == ffi::AVERROR_EOF {
                return Ok(());
            }
            check(code, "encoding")?;
            let (pts, dts) = (packet.get().pts, packet.get().dts);
            let known = |t: i64| (t != ffi::AV_NOPTS_VALUE).then_some(t);
            out.push(Packet::from_av(packet, 0, known(pts), known(dts)));
        }
    }
}
