//! Packets to pictures.

use std::collections::VecDeque;
use std::ptr;

use ffmpeg_next::ffi::{self, AVPixelFormat, AVRational};

use crate::av::{AvFrame, CodecContext};
use crate::convert::Scaler;
use crate::deinterlace::Deinterlacer;
use crate::error::{EAGAIN, Error, check, text_of};
use crate::image::PixelFormat;
use crate::packet::Packet;
use crate::picture::Picture;
use crate::stream::{Stream, StreamKind};

/// What happens to interlaced material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deinterlace {
    /// Woven fields become one progressive picture per pair, as soon as the
    /// first interlaced picture is seen (one picture later than without).
    #[default]
    Auto,
    /// Pictures come as the decoder gives them.
    Never,
}

/// Settings of a [`Decoder`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeOptions {
    /// Decoder threads; more than one delays pictures by as many.
    pub threads: u32,
    /// What happens to interlaced material.
    pub deinterlace: Deinterlace,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            threads: 1,
            deinterlace: Deinterlace::Auto,
        }
    }
}

/// Hostile input must not make us allocate without bound.
const MAX_PIXELS: i64 = 64 << 20;
/// Pictures made of a damaged one are damaged for so long at most, 90 kHz ticks.
const SPOILED: i64 = 900_000;
/// Damaged packets whose picture has not come out yet.
const MAX_PENDING_DAMAGE: usize = 64;

/// A video decoder for one stream. Pictures come out in presentation order.
pub struct Decoder {
    context: CodecContext,
    options: DecodeOptions,
    deinterlacer: Option<Deinterlacer>,
    scaler: Scaler,
    damage: VecDeque<i64>,
    /// Presentation time of the last picture that was damaged itself, until a whole key picture.
    spoiled: Option<i64>,
    errors: u64,
    stream: usize,
}

impl Decoder {
    /// A decoder with default options: one thread, deinterlacing as needed.
    pub fn new(stream: &Stream) -> Result<Self, Error> {
        Self::with_options(stream, DecodeOptions::default())
    }

    /// A decoder with the given options.
    pub fn with_options(stream: &Stream, options: DecodeOptions) -> Result<Self, Error> {
        crate::log::init();
        if !matches!(stream.kind, StreamKind::Video(_)) {
            return Err(Error::Invalid {
                what: "decoder",
                cause: format!("stream {} is not a video stream", stream.index),
            });
        }
        let id = stream.parameters.get().codec_id;
        let refused = |cause: String| Error::Codec {
            what: format!("decoder for stream {} ({id:?})", stream.index),
            cause,
        };
        // SAFETY: a look-up; null is handled.
        let codec = unsafe { ffi::avcodec_find_decoder(id) };
        if codec.is_null() {
            return Err(refused("not found".into()));
        }
        let mut context = CodecContext::new(codec)?;
        // SAFETY: context and parameters are valid.
        let code = unsafe {
            ffi::avcodec_parameters_to_context(context.as_ptr(), stream.parameters.as_ptr())
        };
        if code < 0 {
            return Err(refused(text_of(code)));
        }
        {
            let c = context.get_mut();
            c.pkt_timebase = AVRational {
                num: 1,
                den: 90_000,
            };
            c.thread_count = i32::try_from(options.threads.clamp(1, 64)).unwrap_or(1);
            c.max_pixels = MAX_PIXELS;
        }
        // SAFETY: context and codec belong together.
        let code = unsafe { ffi::avcodec_open2(context.as_ptr(), codec, ptr::null_mut()) };
        if code < 0 {
            return Err(refused(text_of(code)));
        }
        Ok(Self {
            context,
            options,
            deinterlacer: None,
            scaler: Scaler::new(),
            damage: VecDeque::new(),
            spoiled: None,
            errors: 0,
            stream: stream.index,
        })
    }

    /// Packets (or parts of them) that could not be decoded so far.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// Decodes one packet; packets of other streams are ignored. Pictures that
    /// are ready are appended to `out`. What cannot be decoded is counted, not
    /// an error: the next packet may be fine.
    pub fn push(&mut self, packet: &Packet, out: &mut Vec<Picture>) -> Result<(), Error> {
        if packet.stream != self.stream || packet.bytes().is_empty() {
            return Ok(());
        }
        if let (true, Some(pts)) = (packet.damaged, packet.pts_90k) {
            if self.damage.len() == MAX_PENDING_DAMAGE {
                self.damage.pop_front();
            }
            self.damage.push_back(pts);
        }
        loop {
            // SAFETY: an open decoder and a valid packet, which it only reads.
            let code =
                unsafe { ffi::avcodec_send_packet(self.context.as_ptr(), packet.inner.as_ptr()) };
            let more = self.drain(out)?;
            if code != EAGAIN {
                self.errors += u64::from(code < 0 && code != ffi::AVERROR_EOF);
                return Ok(());
            }
            if !more {
                // Neither takes nor gives: cannot happen with a sane decoder.
                self.errors += 1;
                return Ok(());
            }
        }
    }

    /// Gives out what is held back and makes the decoder ready for another
    /// stretch of the stream.
    pub fn flush(&mut self, out: &mut Vec<Picture>) -> Result<(), Error> {
        // SAFETY: an open decoder; a null packet begins the flush.
        unsafe { ffi::avcodec_send_packet(self.context.as_ptr(), ptr::null()) };
        self.drain(out)?;
        // SAFETY: an open decoder.
        unsafe { ffi::avcodec_flush_buffers(self.context.as_ptr()) };
        self.damage.clear();
        self.spoiled = None;
        if let Some(mut deinterlacer) = self.deinterlacer.take() {
            deinterlacer.flush(out)?;
        }
        Ok(())
    }

    /// Takes all pictures that are ready; says whether there were any.
    fn drain(&mut self, out: &mut Vec<Picture>) -> Result<bool, Error> {
        let mut any = false;
        loop {
            let frame = AvFrame::new()?;
            // SAFETY: an open decoder and an empty frame.
            let code = unsafe { ffi::avcodec_receive_frame(self.context.as_ptr(), frame.as_ptr()) };
            if code == EAGAIN || code == ffi::AVERROR_EOF {
                return Ok(any);
            }
            any = true;
            if code < 0 {
                self.errors += 1;
                continue;
            }
            match self.picture(frame) {
                Ok(picture) => self.deliver(picture, out)?,
                Err(_) => self.errors += 1,
            }
        }
    }

    fn picture(&mut self, mut frame: AvFrame) -> Result<Picture, Error> {
        let time = frame.get().best_effort_timestamp;
        let pts = (time != ffi::AV_NOPTS_VALUE).then_some(time);
        let listed = pts.is_some_and(|t| self.damage.contains(&t));
        // Damaged packets before it that gave no picture at all.
        let missing = pts.is_some_and(|t| self.damage.iter().any(|&d| d < t));
        self.damage.retain(|&d| pts.is_none_or(|t| d > t));
        let (flags, key) = (frame.get().flags, frame.get().key_frame != 0);
        let concealed =
            flags & ffi::AV_FRAME_FLAG_CORRUPT != 0 || frame.get().decode_error_flags != 0;
        let damaged = self.spoils(listed || concealed || (missing && !key), key, pts);
        if damaged {
            frame.get_mut().flags |= ffi::AV_FRAME_FLAG_CORRUPT;
        }
        frame.get_mut().pts = time;
        let direct = PixelFormat::from_av(frame.get().format).is_some()
            && frame.get().linesize.iter().all(|&l| l >= 0);
        if !direct {
            frame = self.converted(&frame)?;
        }
        Picture::wrap(frame, pts, damaged)
    }

    /// Whether a picture is damaged: itself, or because it is made of one that was. Damage lasts
    /// until a whole key picture; without one (some encoders refresh bit by bit), ten seconds.
    fn spoils(&mut self, itself: bool, key: bool, pts: Option<i64>) -> bool {
        if itself {
            self.spoiled = pts.or(self.spoiled).or(Some(0));
        } else if key {
            self.spoiled = None;
        }
        match (self.spoiled, pts) {
            (Some(since), Some(pts)) => itself || (0..SPOILED).contains(&(pts - since)),
            (spoiled, _) => spoiled.is_some(),
        }
    }

    fn converted(&mut self, frame: &AvFrame) -> Result<AvFrame, Error> {
        let width = u32::try_from(frame.get().width).unwrap_or(0);
        let height = u32::try_from(frame.get().height).unwrap_or(0);
        let mut target = AvFrame::with_buffers(width, height, AVPixelFormat::AV_PIX_FMT_YUV420P)?;
        // SAFETY: both frames are valid; copies times and flags.
        let code = unsafe { ffi::av_frame_copy_props(target.as_ptr(), frame.as_ptr()) };
        check(code, "picture properties")?;
        self.scaler.run(frame, &mut target)?;
        target.get_mut().color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
        Ok(target)
    }

    fn deliver(&mut self, picture: Picture, out: &mut Vec<Picture>) -> Result<(), Error> {
        let wanted = self.options.deinterlace == Deinterlace::Auto
            && (picture.interlaced || self.deinterlacer.is_some());
        if !wanted {
            out.push(picture);
            return Ok(());
        }
        self.deinterlacer
            .get_or_insert_with(Deinterlacer::new)
            .push(&picture, out)?;
        Ok(())
    }
}
