//! MPEG-TS with one video stream and any number of KLV streams.

use std::ffi::CString;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi::{self, AVCodecID, AVMediaType, AVRational};

use crate::av::{AvPacket, Options, Parameters};
use crate::avio::Output;
use crate::decoding::Decoding;
use crate::error::{Error, check, text_of};
use crate::packet::Packet;
use crate::pes;
use crate::stream::{Codec, Stream};
use crate::timestamp::TICKS_PER_SECOND;

/// PID of the programme map table.
pub const PID_PMT: u16 = 0x1000;
/// PID of the video stream.
pub const PID_VIDEO: u16 = 0x100;
/// PID of the first KLV stream; the others follow.
pub const PID_KLV_FIRST: u16 = 0x101;

/// How KLV travels in the transport stream (MISB ST 1402).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KlvKind {
    /// Stream type 0x15: metadata access units with presentation time.
    Synchronous,
    /// Stream type 0x06, registration `KLVA`: private data without time.
    Asynchronous,
}

/// The longest KLV packet that one metadata access unit cell can carry.
/// (PES headers and the cell header come on top.)
const LARGEST_CELL: usize = 65_000;
/// The decoder's clock runs this far behind the time stamps, in microseconds.
const CLOCK_LEAD_US: i32 = 100_000;
/// Ticks between pictures whose rate is not known.
const STEP: i64 = 3_000;

/// Writes an MPEG-TS. Time stamps go in as they are (the first should be at
/// least a tenth of a second, since the stream's clock runs that far behind);
/// PIDs are fixed; the tables precede every picture, so that a recording can
/// be cut before any key frame. The same input gives the same bytes.
pub struct TsMuxer {
    context: NonNull<ffi::AVFormatContext>,
    output: Output,
    what: String,
    klv: Vec<KlvStream>,
    decoding: Decoding,
    finished: bool,
}

/// What the pictures are.
enum Pictures<'a> {
    /// H.264 of so many columns and rows.
    H264(u32, u32),
    /// As in the container that they come from.
    As(&'a Parameters),
}

struct KlvStream {
    kind: KlvKind,
    /// Of access units (synchronous) or transport packets (asynchronous).
    counter: u8,
    /// Presentation time of the last one.
    last: Option<i64>,
}

// SAFETY: the context is used by one thread at a time.
unsafe impl Send for TsMuxer {}

impl TsMuxer {
    /// Creates (or replaces) a file.
    pub fn create(path: &Path, width: u32, height: u32, klv: &[KlvKind]) -> Result<Self, Error> {
        let what = path.display().to_string();
        let file = File::create(path).map_err(|e| Error::Write {
            what: what.clone(),
            cause: e.to_string(),
        })?;
        // The muxer hands over seven packets at a time; gather them.
        let writer = std::io::BufWriter::with_capacity(1 << 16, file);
        Self::open(Box::new(writer), what, Pictures::H264(width, height), klv)
    }

    /// Writes to any writer, in calls of at most seven transport packets
    /// (1316 bytes), as UDP wants them.
    pub fn to_writer(
        writer: Box<dyn Write + Send>,
        width: u32,
        height: u32,
        klv: &[KlvKind],
    ) -> Result<Self, Error> {
        Self::open(writer, "output".into(), Pictures::H264(width, height), klv)
    }

    /// Passes the pictures of `video` on as they are: H.264, H.265 or MPEG-2, from any container
    /// (what MP4 keeps beside its packets goes into them). `what` names the output in errors.
    pub fn copy_of(
        writer: Box<dyn Write + Send>,
        what: String,
        video: &Stream,
        klv: &[KlvKind],
    ) -> Result<Self, Error> {
        let codec = video.video().map(|v| v.codec);
        let (Some(Codec::H264 | Codec::H265 | Codec::Mpeg2), parameters) =
            (codec, &video.parameters)
        else {
            return Err(Error::Invalid {
                what: "video stream",
                cause: "MPEG-TS takes H.264, H.265 and MPEG-2; re-encode it first (ffmpeg -i IN -c:v libx264 OUT)".into(),
            });
        };
        let mut muxer = Self::open(writer, what, Pictures::As(parameters), klv)?;
        let rate = video.video().and_then(|v| v.frame_rate);
        let step = rate.map_or(STEP, |(num, den)| {
            (90_000 * i64::from(den) / i64::from(num)).clamp(1, 90_000)
        });
        muxer.decoding = Decoding::new(video.delay(), step);
        Ok(muxer)
    }

    fn open(
        writer: Box<dyn Write + Send>,
        what: String,
        video: Pictures<'_>,
        klv: &[KlvKind],
    ) -> Result<Self, Error> {
        crate::log::init();
        if klv.len() > 64 {
            return Err(Error::Invalid {
                what: "multiplex",
                cause: "at most 64 KLV streams".into(),
            });
        }
        let output = Output::new(writer, 188 * 7)?;
        let mpegts = CString::new("mpegts").map_err(|e| Error::Codec {
            what: "mpegts".into(),
            cause: e.to_string(),
        })?;
        let mut raw = ptr::null_mut();
        // SAFETY: valid string; the result is checked.
        let code = unsafe {
            ffi::avformat_alloc_output_context2(&mut raw, ptr::null(), mpegts.as_ptr(), ptr::null())
        };
        let Some(context) = NonNull::new(raw) else {
            return Err(Error::Codec {
                what: "MPEG-TS muxer".into(),
                cause: text_of(code),
            });
        };
        let mut muxer = Self {
            context,
            output,
            what,
            klv: klv
                .iter()
                .map(|&kind| KlvStream {
                    kind,
                    counter: 0,
                    last: None,
                })
                .collect(),
            decoding: Decoding::new(0, STEP),
            finished: true, // until the header is written
        };
        muxer.configure(video)?;
        muxer.write_header()?;
        muxer.finished = false;
        Ok(muxer)
    }

    fn configure(&self, pictures: Pictures<'_>) -> Result<(), Error> {
        let context = self.context.as_ptr();
        // SAFETY: the context is ours; streams returned by avformat_new_stream
        // stay valid as long as it does.
        unsafe {
            (*context).pb = self.output.context();
            (*context).flags |= ffi::AVFMT_FLAG_CUSTOM_IO
                | ffi::AVFMT_FLAG_BITEXACT
                | ffi::AVFMT_FLAG_FLUSH_PACKETS;
            (*context).max_delay = CLOCK_LEAD_US;
            (*context).avoid_negative_ts = 0;
            let video = new_stream(context, PID_VIDEO)?;
            match pictures {
                Pictures::H264(width, height) => {
                    (*(*video).codecpar).codec_type = AVMediaType::AVMEDIA_TYPE_VIDEO;
                    (*(*video).codecpar).codec_id = AVCodecID::AV_CODEC_ID_H264;
                    (*(*video).codecpar).width = i32::try_from(width).unwrap_or(0);
                    (*(*video).codecpar).height = i32::try_from(height).unwrap_or(0);
                }
                Pictures::As(parameters) => {
                    let copied = ffi::avcodec_parameters_copy((*video).codecpar, parameters.get());
                    check(copied, "multiplexing")?;
                    // The other container's tag means nothing here.
                    (*(*video).codecpar).codec_tag = 0;
                }
            }
            for (index, klv) in self.klv.iter().enumerate() {
                let stream = new_stream(context, PID_KLV_FIRST + index as u16)?;
                (*(*stream).codecpar).codec_type = AVMediaType::AVMEDIA_TYPE_DATA;
                (*(*stream).codecpar).codec_id = AVCodecID::AV_CODEC_ID_SMPTE_KLV;
                (*(*stream).codecpar).profile = match klv.kind {
                    KlvKind::Synchronous => ffi::FF_PROFILE_KLVA_SYNC,
                    KlvKind::Asynchronous => ffi::FF_PROFILE_KLVA_ASYNC,
                };
            }
            for (key, value) in [
                ("service_provider", "Atalaya"),
                ("service_name", "Full motion video"),
            ] {
                set_metadata(context, key, value)?;
            }
        }
        Ok(())
    }

    fn write_header(&self) -> Result<(), Error> {
        let mut options = Options::new(&[
            ("mpegts_copyts", "1"),
            ("mpegts_flags", "pat_pmt_at_frames"),
            ("mpegts_pmt_start_pid", "4096"),
        ])?;
        // SAFETY: a configured context with an output attached.
        let code = unsafe { ffi::avformat_write_header(self.context.as_ptr(), &mut options.0) };
        self.written(code)
    }

    /// Writes one access unit with its times: of H.264 in Annex B, or as in the container that
    /// the pictures are copied from. Where it does not say when it is decoded, that is computed.
    pub fn video(&mut self, packet: &Packet) -> Result<(), Error> {
        let Some(pts) = packet.pts_90k else {
            return Err(Error::Invalid {
                what: "video packet",
                cause: "has no presentation time".into(),
            });
        };
        let (pts, dts) = self.decoding.next(pts, packet.dts_90k);
        let mut av = packet.inner.reference()?;
        {
            let p = av.get_mut();
            p.stream_index = 0;
            p.pts = pts;
            p.dts = dts;
            p.time_base = AVRational { num: 0, den: 1 };
        }
        self.write(av)
    }

    /// Writes one KLV packet to KLV stream `stream` (0 is the first). A
    /// synchronous stream needs `pts_90k`; an asynchronous one ignores it. Times that go back by less
    /// than a second (packets that overtook each other) are those of the packet before.
    pub fn klv(&mut self, stream: usize, bytes: &[u8], pts_90k: Option<i64>) -> Result<(), Error> {
        let invalid = |cause: &str| {
            Err(Error::Invalid {
                what: "KLV packet",
                cause: cause.into(),
            })
        };
        let Some(klv) = self.klv.get_mut(stream) else {
            return invalid("the multiplex was opened without that stream");
        };
        let pts = match (klv.kind, pts_90k) {
            (KlvKind::Synchronous, Some(pts)) => pts,
            (KlvKind::Synchronous, None) => {
                return invalid("a synchronous stream needs a presentation time");
            }
            (KlvKind::Asynchronous, _) => return self.untimed_klv(stream, bytes),
        };
        if bytes.len() > LARGEST_CELL {
            return invalid("longer than 65,000 bytes");
        }
        let pts = match klv.last {
            Some(last) if pts < last && last - pts < TICKS_PER_SECOND => last,
            _ => pts,
        };
        klv.last = Some(pts);
        let mut packet = AvPacket::from_bytes(&access_unit_cell(bytes, klv.counter))?;
        klv.counter = klv.counter.wrapping_add(1);
        {
            let p = packet.get_mut();
            p.stream_index = stream as i32 + 1;
            p.pts = pts;
            p.dts = pts;
            p.flags |= ffi::AV_PKT_FLAG_KEY;
        }
        self.write(packet)
    }

    fn untimed_klv(&mut self, stream: usize, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > pes::LARGEST_PAYLOAD {
            return Err(Error::Invalid {
                what: "KLV packet",
                cause: "longer than 65,532 bytes".into(),
            });
        }
        let pid = PID_KLV_FIRST + stream as u16;
        let packets = pes::untimed(pid, &mut self.klv[stream].counter, bytes);
        // SAFETY: the output is open, the buffer is valid for its length; the
        // muxer has written whole transport packets, so these fall between.
        unsafe {
            ffi::avio_write(
                self.output.context(),
                packets.as_ptr(),
                packets.len() as i32,
            );
        }
        self.written(0)
    }

    /// Writes the end of the stream and flushes the writer.
    pub fn finish(mut self) -> Result<(), Error> {
        self.finished = true;
        // SAFETY: the header was written, the trailer is written once.
        let code = unsafe { ffi::av_write_trailer(self.context.as_ptr()) };
        self.written(code)?;
        self.flush()
    }

    /// Hands everything written so far to the writer and flushes it.
    pub fn flush(&mut self) -> Result<(), Error> {
        let what = &self.what;
        self.output.flush().map_err(|cause| Error::Write {
            what: what.clone(),
            cause,
        })
    }

    fn write(&mut self, packet: AvPacket) -> Result<(), Error> {
        // SAFETY: the header was written; the packet belongs to one of the
        // streams and stays ours.
        let code = unsafe { ffi::av_write_frame(self.context.as_ptr(), packet.as_ptr()) };
        self.written(code)
    }

    /// The writer's own error says more than FFmpeg's code for it.
    fn written(&self, code: i32) -> Result<(), Error> {
        if let Some(cause) = self.output.failure() {
            return Err(Error::Write {
                what: self.what.clone(),
                cause,
            });
        }
        check(code, "multiplexing").map(|_| ())
    }
}

impl Drop for TsMuxer {
    fn drop(&mut self) {
        // SAFETY: freed once. The trailer is written first so that FFmpeg
        // releases what its muxer allocated; the output outlives the context.
        unsafe {
            if !self.finished {
                ffi::av_write_trailer(self.context.as_ptr());
            }
            (*self.context.as_ptr()).pb = ptr::null_mut();
            ffi::avformat_free_context(self.context.as_ptr());
        }
    }
}

/// Wraps KLV as one metadata access unit cell (ISO/IEC 13818-1, 2.12.4.2):
/// service 0, an unfragmented cell that can be decoded on its own.
fn access_unit_cell(bytes: &[u8], sequence: u8) -> Vec<u8> {
    const WHOLE_CELL_RANDOM_ACCESS: u8 = 0b1101_1111;
    let [high, low] = (bytes.len() as u16).to_be_bytes();
    let mut cell = Vec::with_capacity(bytes.len() + 5);
    cell.extend_from_slice(&[0, sequence, WHOLE_CELL_RANDOM_ACCESS, high, low]);
    cell.extend_from_slice(bytes);
    cell
}

/// # Safety
/// `context` must be a valid output context.
unsafe fn new_stream(
    context: *mut ffi::AVFormatContext,
    pid: u16,
) -> Result<*mut ffi::AVStream, Error> {
    // SAFETY: the caller vouches for the context; null is handled.
    unsafe {
        let stream = ffi::avformat_new_stream(context, ptr::null());
        if stream.is_null() {
            return Err(Error::Ffmpeg {
                what: "multiplexing",
                cause: "out of memory".into(),
            });
        }
        (*stream).id = i32::from(pid);
        (*stream).time_base = AVRational {
            num: 1,
            den: 90_000,
        };
        Ok(stream)
    }
}

/// # Safety
/// `context` must be a valid output context.
unsafe fn set_metadata(
    context: *mut ffi::AVFormatContext,
    key: &str,
    value: &str,
) -> Result<(), Error> {
    let text = |s: &str| {
        CString::new(s).map_err(|e| Error::Ffmpeg {
            what: "multiplexing",
            cause: e.to_string(),
        })
    };
    let (key, value) = (text(key)?, text(value)?);
    // SAFETY: the dictionary copies both strings; the caller vouches for the
    // context.
    unsafe {
        check(
            ffi::av_dict_set(&mut (*context).metadata, key.as_ptr(), value.as_ptr(), 0),
            "multiplexing",
        )?
    };
    Ok(())
}
