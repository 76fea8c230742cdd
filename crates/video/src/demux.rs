//! Containers to packets.

use std::ffi::CString;
use std::io::Read;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use ffmpeg_next::ffi::{self, AVCodecID, AVMediaType, AVRational};

use crate::av::{AvPacket, Options, Parameters};
use crate::avio::Input;
use crate::error::{EAGAIN, Error, text_of};
use crate::http::{TIMEOUT_US, request};
use crate::interrupt::Interrupt;
use crate::packet::Packet;
use crate::stream::{Stream, StreamKind, kind_of};
use crate::timestamp::{TICKS_PER_SECOND, TimestampUnwrapper};

/// Containers that are opened. FFmpeg would take a text file for a terminal
/// recording, or a playlist for a reason to open other files.
const FORMATS: &str = "mpegts,mpeg,mpegvideo,mov,matroska,avi,flv,mxf,asf,ogg,nut,h264,hevc,m4v,\
                       mjpeg,image2,jpeg_pipe,png_pipe,bmp_pipe,tiff_pipe,pgm_pipe,ppm_pipe";
/// The first bytes of every SMPTE universal label.
const UNIVERSAL_LABEL: [u8; 4] = [0x06, 0x0E, 0x2B, 0x34];
/// Reading gives up after so many failures without a packet between them.
const FAILURES_IN_A_ROW: u32 = 1000;

/// What a demuxer has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DemuxStats {
    /// Packets read.
    pub packets: u64,
    /// Of these, packets with known damage.
    pub damaged: u64,
    /// Stretches of input that could not be understood and were passed over.
    pub errors: u64,
}

/// Reads packets from a file or from any reader.
pub struct Demuxer {
    context: NonNull<ffi::AVFormatContext>,
    input: Option<Input>,
    what: String,
    transport: bool,
    streams: Vec<Stream>,
    unwrapper: TimestampUnwrapper,
    stats: DemuxStats,
    ended: bool,
    /// FFmpeg looks at it while it waits for the network.
    _interrupt: Option<Interrupt>,
}

// SAFETY: the context is used by one thread at a time, the reader is Send.
unsafe impl Send for Demuxer {}

impl Demuxer {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        crate::log::init();
        let what = path.display().to_string();
        let head = first_bytes(path, &what)?;
        let unreadable = |cause: &str| Error::Unreadable {
            what: what.clone(),
            cause: cause.into(),
        };
        let name = path
            .to_str()
            .ok_or_else(|| unreadable("its name is not UTF-8"))?;
        // The prefix keeps FFmpeg from reading a protocol into the name.
        let url = CString::new(format!("file:{name}"))
            .map_err(|_| unreadable("its name contains a zero byte"))?;
        let options = [
            ("protocol_whitelist", "file"),
            ("format_whitelist", FORMATS),
            ("correct_ts_overflow", "0"),
        ];
        let source = From::Url(&url, None);
        Self::start(source, what.clone(), &options).map_err(|error| match error {
            Error::NotVideo { .. } if head.get(4..8) == Some(b"ftyp") => Error::Truncated { what },
            other => other,
        })
    }

    /// Reads a live MPEG-TS (or any container that needs no seeking) from
    /// `reader`, which may block until bytes arrive and says 0 at the end.
    /// Probing is bounded: it ends after about a second of the stream's time.
    pub fn from_reader(reader: Box<dyn Read + Send>) -> Result<Self, Error> {
        crate::log::init();
        let input = Input::new(reader)?;
        let options = [
            ("protocol_whitelist", ""),
            ("format_whitelist", FORMATS),
            ("correct_ts_overflow", "0"),
            ("analyzeduration", "1000000"),
            ("probesize", "5000000"),
            ("fpsprobesize", "3"),
        ];
        Self::start(From::Reader(input), "live input".into(), &options)
    }

    /// Opens a stream of an RTSP server; `tcp`: within the connection, else as datagrams. `what` is
    /// its name for messages; `interrupt` ends what waits.
    pub fn rtsp(what: &str, url: &str, tcp: bool, interrupt: &Interrupt) -> Result<Self, Error> {
        let options = [
            ("protocol_whitelist", "rtsp,rtp,udp,tcp"),
            ("format_whitelist", "rtsp,sdp,rtp,mpegts"),
            ("rtsp_transport", if tcp { "tcp" } else { "udp" }),
            ("timeout", TIMEOUT_US),
            ("correct_ts_overflow", "0"),
            ("analyzeduration", "1000000"),
            ("probesize", "5000000"),
        ];
        Self::network(what, url, &options, interrupt)
    }

    /// Opens a file of an HTTP server that answers requests for parts of it, as MP4 needs. `trusted`
    /// as for [`crate::HttpInput::open`].
    pub fn http(
        what: &str,
        url: &str,
        trusted: Option<&Path>,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        let mut options = request(what, trusted)?;
        options.extend([("format_whitelist", FORMATS), ("correct_ts_overflow", "0")]);
        Self::network(what, url, &options, interrupt)
    }

    fn network(
        what: &str,
        url: &str,
        options: &[(&str, &str)],
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        crate::log::init();
        let link = |cause: String| Error::Link {
            what: what.to_owned(),
            cause,
            remedy: "check address, path, name and password, and that the other side is there",
        };
        let url = CString::new(url).map_err(|_| link("a zero byte in the address".into()))?;
        let source = From::Url(&url, Some(interrupt.clone()));
        Self::start(source, what.to_owned(), options).map_err(|error| match error {
            Error::NotVideo { cause, .. } => link(cause),
            Error::Truncated { .. } => link("no stream in it".into()),
            other => other,
        })
    }

    fn start(source: From<'_>, what: String, options: &[(&str, &str)]) -> Result<Self, Error> {
        let mut options = Options::new(options)?;
        let (url, input, interrupt) = match source {
            From::Url(url, interrupt) => (Some(url), None, interrupt),
            From::Reader(input) => (None, Some(input), None),
        };
        // SAFETY: plain allocation; null is handled.
        let mut raw = unsafe { ffi::avformat_alloc_context() };
        if raw.is_null() {
            return Err(Error::Ffmpeg {
                what: "opening",
                cause: "out of memory".into(),
            });
        }
        // SAFETY: the context is ours; on failure avformat_open_input frees it
        // and sets the pointer to null; the custom input outlives it.
        let code = unsafe {
            if let Some(interrupt) = &interrupt {
                (*raw).interrupt_callback = interrupt.callback();
            }
            if let Some(input) = &input {
                (*raw).pb = input.context();
                (*raw).flags |= ffi::AVFMT_FLAG_CUSTOM_IO;
            }
            let url = url.map_or(ptr::null(), |u| u.as_ptr());
            ffi::avformat_open_input(&mut raw, url, ptr::null(), &mut options.0)
        };
        let context = match NonNull::new(raw) {
            Some(context) if code >= 0 => context,
            _ => return Err(open_error(code, what, input.as_ref())),
        };
        let mut demuxer = Self {
            context,
            input,
            what,
            transport: false,
            streams: Vec::new(),
            unwrapper: TimestampUnwrapper::default(),
            stats: DemuxStats::default(),
            ended: false,
            _interrupt: interrupt,
        };
        // A failure here is not final: what was found so far may do.
        // SAFETY: an open input context.
        unsafe {
            ffi::avformat_find_stream_info(context.as_ptr(), ptr::null_mut());
            let format = (*context.as_ptr()).iformat;
            if !format.is_null() && !(*format).name.is_null() {
                let name = std::ffi::CStr::from_ptr((*format).name);
                demuxer.transport = name.to_bytes() == b"mpegts";
            }
        }
        demuxer.refresh_streams()?;
        demuxer.check_contents()?;
        Ok(demuxer)
    }

    /// The streams found so far. A stream may be added while reading, and
    /// private data is recognised as KLV by its first packet.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// The first video stream whose programme has metadata too, else the first.
    pub fn video(&self) -> Option<&Stream> {
        let mut videos = self.streams.iter().filter(|s| s.video().is_some());
        let with_klv = |video: &&Stream| {
            self.streams
                .iter()
                .any(|s| s.is_klv() && s.program == video.program)
        };
        videos.clone().find(with_klv).or_else(|| videos.next())
    }

    /// The first video stream of programme `program` (MPEG-TS).
    pub fn video_of(&self, program: u16) -> Option<&Stream> {
        self.streams
            .iter()
            .find(|s| s.video().is_some() && s.program == Some(program))
    }

    /// Numbers of the programmes (MPEG-TS), in the order of the container.
    pub fn programs(&self) -> Vec<u16> {
        // SAFETY: an open input context, whose array of programmes has that many entries.
        unsafe {
            let count = (*self.context.as_ptr()).nb_programs as usize;
            (0..count)
                .map(|n| (*(*(*self.context.as_ptr()).programs.add(n))).id)
                .filter_map(|id| u16::try_from(id).ok())
                .collect()
        }
    }

    /// The programme that a stream is of.
    fn program_of(&self, index: usize) -> Option<u16> {
        // SAFETY: an open input context; a null programme begins the search, a null result ends it.
        unsafe {
            let stream = i32::try_from(index).ok()?;
            let program =
                ffi::av_find_program_from_stream(self.context.as_ptr(), ptr::null_mut(), stream);
            if program.is_null() {
                return None;
            }
            u16::try_from((*program).id).ok()
        }
    }

    /// What was read so far.
    pub fn stats(&self) -> DemuxStats {
        self.stats
    }

    /// The next packet of any stream; `None` at the end. Damaged input is
    /// passed over and counted; an error of the system (disk, connection) is
    /// returned once, and the end after it.
    pub fn read(&mut self) -> Result<Option<Packet>, Error> {
        let mut failures = 0;
        while !self.ended {
            let packet = AvPacket::new()?;
            // SAFETY: an open input context and an empty packet.
            let code = unsafe { ffi::av_read_frame(self.context.as_ptr(), packet.as_ptr()) };
            if code >= 0 {
                if let Some(packet) = self.admit(packet)? {
                    return Ok(Some(packet));
                }
                continue;
            }
            failures += 1;
            if (code == EAGAIN || code == ffi::AVERROR_INVALIDDATA) && failures < FAILURES_IN_A_ROW
            {
                self.stats.errors += 1;
                continue;
            }
            self.ended = true;
            if let Some(cause) = self.input_failure(code) {
                return Err(Error::Read {
                    what: self.what.clone(),
                    cause,
                });
            }
        }
        Ok(None)
    }

    /// Why reading ended, unless it was the end of the input. FFmpeg reports
    /// some failures of the system as an end: the I/O context knows better.
    fn input_failure(&self, code: i32) -> Option<String> {
        if let Some(failure) = self.input.as_ref().and_then(Input::failure) {
            return Some(failure);
        }
        if code != ffi::AVERROR_EOF {
            return Some(text_of(code));
        }
        // SAFETY: an open input context; pb may be null.
        let error = unsafe {
            let pb = (*self.context.as_ptr()).pb;
            if pb.is_null() { 0 } else { (*pb).error }
        };
        (error < 0 && error != ffi::AVERROR_EOF).then(|| text_of(error))
    }

    fn admit(&mut self, mut packet: AvPacket) -> Result<Option<Packet>, Error> {
        self.refresh_streams()?;
        let Ok(index) = usize::try_from(packet.get().stream_index) else {
            return Ok(None);
        };
        if index >= self.streams.len() {
            return Ok(None);
        }
        let base = self.time_base(index);
        let pts = self.ticks(packet.get().pts, base);
        let dts = self.ticks(packet.get().dts, base);
        {
            let p = packet.get_mut();
            p.pts = pts.unwrap_or(ffi::AV_NOPTS_VALUE);
            p.dts = dts.unwrap_or(ffi::AV_NOPTS_VALUE);
            p.duration = 0;
            p.time_base = AVRational {
                num: 1,
                den: TICKS_PER_SECOND as i32,
            };
        }
        let packet = Packet::from_av(packet, index, pts, dts);
        self.stats.packets += 1;
        self.stats.damaged += u64::from(packet.damaged);
        self.refine_kind(index, &packet);
        Ok(Some(packet))
    }

    /// Private data that begins with a universal label is KLV; KLV with times
    /// is synchronous.
    fn refine_kind(&mut self, index: usize, packet: &Packet) {
        let stream = &mut self.streams[index];
        let timed = packet.pts_90k.is_some();
        match stream.kind {
            StreamKind::Klv { synchronous: false } if timed => {
                stream.kind = StreamKind::Klv { synchronous: true };
            }
            StreamKind::Other if packet.bytes().starts_with(&UNIVERSAL_LABEL) => {
                stream.kind = StreamKind::Klv { synchronous: timed };
            }
            _ => {}
        }
    }

    fn time_base(&self, index: usize) -> AVRational {
        // SAFETY: `index` is below the number of streams, whose array and
        // entries are valid while the context is open.
        unsafe { (**(*self.context.as_ptr()).streams.add(index)).time_base }
    }

    /// Container time to unwrapped ticks.
    fn ticks(&mut self, time: i64, base: AVRational) -> Option<i64> {
        if time == ffi::AV_NOPTS_VALUE {
            return None;
        }
        if self.transport {
            return Some(self.unwrapper.unwrap_ticks(time));
        }
        if base.num <= 0 || base.den <= 0 {
            return None;
        }
        let scaled = i128::from(time) * i128::from(base.num) * i128::from(TICKS_PER_SECOND);
        let half = i128::from(base.den) / 2;
        i64::try_from((scaled + half).div_euclid(i128::from(base.den))).ok()
    }

    /// Takes over streams that FFmpeg added, and sizes it learned since.
    fn refresh_streams(&mut self) -> Result<(), Error> {
        // SAFETY: an open input context.
        let count = unsafe { (*self.context.as_ptr()).nb_streams as usize };
        for index in self.streams.len()..count {
            let program = self.program_of(index);
            // SAFETY: below nb_streams; entries and their parameters are valid
            // while the context is open and FFmpeg is not running.
            let stream = unsafe {
                let stream = *(*self.context.as_ptr()).streams.add(index);
                let rate = [(*stream).avg_frame_rate, (*stream).r_frame_rate]
                    .into_iter()
                    .find(|r| r.num > 0 && r.den > 0)
                    .unwrap_or(AVRational { num: 0, den: 1 });
                let parameters = Parameters::copy_of((*stream).codecpar)?;
                Stream {
                    index,
                    pid: (self.transport)
                        .then(|| u16::try_from((*stream).id).ok())
                        .flatten(),
                    program,
                    kind: kind_of(parameters.get(), rate),
                    parameters: Arc::new(parameters),
                }
            };
            self.streams.push(stream);
        }
        Ok(())
    }

    /// Refuses what was recognised as a container but holds nothing of use.
    fn check_contents(&self) -> Result<(), Error> {
        if self.streams.is_empty() {
            return Err(Error::Truncated {
                what: self.what.clone(),
            });
        }
        let useful = self.streams.iter().any(|s| {
            let p = s.parameters.get();
            match s.kind {
                StreamKind::Video(_) => p.codec_id != AVCodecID::AV_CODEC_ID_ANSI,
                StreamKind::Klv { .. } => true,
                StreamKind::Audio => false,
                StreamKind::Other => {
                    p.codec_type == AVMediaType::AVMEDIA_TYPE_DATA
                        || p.codec_type == AVMediaType::AVMEDIA_TYPE_UNKNOWN
                }
            }
        });
        if useful {
            Ok(())
        } else {
            Err(Error::NotVideo {
                what: self.what.clone(),
                cause: "neither pictures nor metadata in it".into(),
            })
        }
    }
}

/// What a demuxer reads.
enum From<'a> {
    Url(&'a CString, Option<Interrupt>),
    Reader(Input),
}

impl Drop for Demuxer {
    fn drop(&mut self) {
        let mut context = self.context.as_ptr();
        // SAFETY: opened by avformat_open_input, closed once; a custom input
        // is left alone by FFmpeg and dropped after this.
        unsafe { ffi::avformat_close_input(&mut context) };
    }
}

/// The first bytes of a file, with errors that say what the file system said.
fn first_bytes(path: &Path, what: &str) -> Result<Vec<u8>, Error> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound { what: what.into() },
        _ => Error::Unreadable {
            what: what.into(),
            cause: error.to_string(),
        },
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut head = Vec::new();
    file.take(12).read_to_end(&mut head).map_err(unreadable)?;
    if head.is_empty() {
        return Err(Error::Truncated { what: what.into() });
    }
    Ok(head)
}

fn open_error(code: i32, what: String, input: Option<&Input>) -> Error {
    if let Some(cause) = input.and_then(Input::failure) {
        return Error::Read { what, cause };
    }
    // Nothing at all came from the reader, or not enough to recognise it.
    if code == ffi::AVERROR_EOF || input.is_some_and(|i| i.bytes() < 188 * 5) {
        return Error::Truncated { what };
    }
    let cause = match code {
        ffi::AVERROR_INVALIDDATA => "no container format recognised".into(),
        code if code == ffi::AVERROR(ffi::EINVAL) => "container format not accepted".into(),
        code => text_of(code),
    };
    Error::NotVideo { what, cause }
}
