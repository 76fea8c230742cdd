//! Full-motion video: one feed, from a file or live, as units.

mod door;
mod frames;
mod metadata;
mod options;
mod segments;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Instant;

use atalaya_model::operation::StreamAddress;
use atalaya_video::{AccessUnits, Decoder, Demuxer, Packet, Picture, StreamKind, VideoInfo};

use crate::clock::{EventClock, ticks_to_us};
use crate::error::Error;
use crate::hash::sha256_of_file;
pub use crate::live::StopHandle;
use crate::live::{Live, Waited};
use crate::pairing::History;
use crate::record::Recorder;
use crate::relay::Relay;
use crate::source::Opened;
use crate::time_watch::TimeWatch;
use crate::unit::{FeedStats, Gap, SegmentUnit, Unit};
use door::Door;
pub use door::Judge;
use metadata::{Found, KlvStream};
pub use options::FmvOptions;
use segments::Segments;

/// Presentation time that jumps further has been restarted.
const JUMP_FORWARD: i64 = 900_000;
const JUMP_BACK: i64 = 450_000;
/// Event time that passes over a jump of presentation time.
const JUMP_STEP_US: i64 = 40_000;

enum Source {
    File {
        path: PathBuf,
        hash: Option<JoinHandle<Result<(String, u64), Error>>>,
    },
    Live(Live),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Live: no data have come, or not for a while.
    Silent,
    /// Live: data come, the container is not recognised yet.
    Opening,
    Reading,
    Ended,
}

/// What belongs to one opened container.
struct Input {
    demuxer: Demuxer,
    decoder: Option<Decoder>,
    /// Converter of coded pictures, once the video stream is known to be H.264.
    coded: Option<AccessUnits>,
    undecodable: bool,
    klv: Vec<KlvStream>,
    /// Asynchronous metadata that wait for the picture behind them.
    untimed: VecDeque<(Option<u64>, Found)>,
    /// Decoding time of the latest video packet.
    newest: Option<i64>,
    /// The video stream that is read, and its programme, once it is chosen.
    chosen: Option<(usize, Option<u16>)>,
    /// It was said that the programme is not there.
    told_program: bool,
}

/// Reads one feed. See the crate's documentation.
pub struct Fmv {
    source: Source,
    options: FmvOptions,
    phase: Phase,
    input: Option<Input>,
    clock: EventClock,
    history: History,
    watch: TimeWatch,
    /// The stream whose metadata are used, and whether it carries times.
    primary: Option<(usize, bool)>,
    waiting: VecDeque<Picture>,
    waiting_bytes: usize,
    out: VecDeque<Unit>,
    stats: FeedStats,
    last_pts: Option<i64>,
    /// Presentation time starts anew with the next packet, after this long.
    restart_after_us: Option<i64>,
    silent_since: Instant,
    segments: Segments,
    door: Door,
}

impl Fmv {
    /// Opens a recording.
    pub fn file(path: &Path, options: FmvOptions) -> Result<Self, Error> {
        let demuxer = Demuxer::open(path)?;
        let hash = options.hash_file.then(|| {
            let path = path.to_owned();
            std::thread::spawn(move || sha256_of_file(&path))
        });
        let source = Source::File {
            path: path.to_owned(),
            hash,
        };
        let mut fmv = Self::new(source, options, Phase::Reading);
        fmv.begin(demuxer);
        Ok(fmv)
    }

    /// Reads the segments of a recorded live feed one after the other, as the live feed was read.
    pub fn replay(segments: &[PathBuf], options: FmvOptions) -> Result<Self, Error> {
        let mut chain: Box<dyn Read + Send> = Box::new(std::io::empty());
        for path in segments {
            let file = File::open(path).map_err(Error::store(path, "reading"))?;
            chain = Box::new(chain.chain(BufReader::with_capacity(1 << 16, file)));
        }
        let demuxer = Demuxer::from_reader(chain)?;
        let source = Source::File {
            path: segments.first().cloned().unwrap_or_default(),
            hash: None,
        };
        let mut fmv = Self::new(source, options, Phase::Reading);
        fmv.begin(demuxer);
        Ok(fmv)
    }

    /// Listens on a UDP address (`host:port`) for MPEG-TS, with or without RTP.
    pub fn udp(address: &str, options: FmvOptions) -> Result<Self, Error> {
        Self::live(Opened::udp(address)?, options)
    }

    /// Takes a stream over a network, and connects again for as long as it takes.
    pub fn stream(address: &StreamAddress, options: FmvOptions) -> Result<Self, Error> {
        Self::live(Opened::open(address)?, options)
    }

    fn live(source: Opened, options: FmvOptions) -> Result<Self, Error> {
        let recorder = match &options.record {
            Some((folder, feed)) => Some(Recorder::new(folder, feed)?),
            None => None,
        };
        let relays = options.relay.iter().map(Relay::to);
        let relays = relays.collect::<Result<_, _>>()?;
        let (room, idle) = (options.queue_bytes, options.stop_after);
        let live = Live::start(source, room, idle, recorder, relays)?;
        Ok(Self::new(Source::Live(live), options, Phase::Silent))
    }

    fn new(source: Source, options: FmvOptions, phase: Phase) -> Self {
        Self {
            clock: EventClock::new(options.start),
            door: Door::new(options.judge.is_none()),
            stats: FeedStats {
                frames: options.first_frame.saturating_sub(1),
                ..FeedStats::default()
            },
            source,
            options,
            phase,
            input: None,
            history: History::default(),
            watch: TimeWatch::default(),
            primary: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            out: VecDeque::new(),
            last_pts: None,
            restart_after_us: None,
            silent_since: Instant::now(),
            segments: Segments::default(),
        }
    }

    /// The address that is listened on; `None` for a file.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.source {
            Source::Live(live) => live.local(),
            Source::File { .. } => None,
        }
    }

    /// Ends a live feed from another thread; `None` for a file.
    pub fn stop_handle(&self) -> Option<StopHandle> {
        match &self.source {
            Source::Live(live) => Some(live.stop_handle()),
            Source::File { .. } => None,
        }
    }

    /// What is known of the video, once the container is open.
    pub fn video(&self) -> Option<VideoInfo> {
        let demuxer = &self.input.as_ref()?.demuxer;
        match self.options.program {
            Some(number) => demuxer.video_of(number)?.video(),
            None => demuxer.video()?.video(),
        }
    }

    /// Counts so far.
    pub fn stats(&self) -> FeedStats {
        let mut stats = self.stats;
        if let Some(input) = &self.input {
            let demuxed = input.demuxer.stats();
            stats.packets += demuxed.packets;
            stats.packets_damaged += demuxed.damaged;
            stats.demux_errors += demuxed.errors;
            stats.decode_errors += input.decoder.as_ref().map_or(0, Decoder::errors);
        }
        stats.time_jumps = self.watch.jumps();
        if let Source::Live(live) = &self.source {
            (stats.datagrams, stats.datagrams_shed) = live.counts();
        }
        stats
    }

    /// Counts so far, as what the next input's are added to.
    fn stats_without_input(&self) -> FeedStats {
        FeedStats {
            datagrams: 0,
            datagrams_shed: 0,
            ..self.stats()
        }
    }

    /// The next unit; blocks on a live feed. `None` at the end of a recording
    /// or after a stop. An error ends the feed.
    pub fn next_unit(&mut self) -> Result<Option<Unit>, Error> {
        loop {
            if let Some(unit) = self.out.pop_front() {
                return Ok(Some(unit));
            }
            match self.phase {
                Phase::Silent => self.await_data(),
                Phase::Opening => self.open_live(),
                Phase::Reading => self.step()?,
                Phase::Ended => return Ok(None),
            }
        }
    }

    fn await_data(&mut self) {
        let Source::Live(live) = &mut self.source else {
            self.phase = Phase::Ended;
            return;
        };
        match live.wait() {
            Waited::Data => {}
            Waited::Faults(faults) => {
                self.out.extend(faults.into_iter().map(Unit::Fault));
                return;
            }
            Waited::Over => {
                self.phase = Phase::Ended;
                self.out.push_back(Unit::Stats(self.stats()));
                return;
            }
        }
        self.phase = Phase::Opening;
        if self.clock.last().is_some() {
            let after_us = i64::try_from(self.silent_since.elapsed().as_micros()).unwrap_or(0);
            self.restart_after_us = Some(after_us);
            self.out.push_back(Unit::Gap(Gap::Returned { after_us }));
        }
    }

    fn open_live(&mut self) {
        let Source::Live(live) = &mut self.source else {
            return;
        };
        match Demuxer::from_reader(live.reader()) {
            Ok(demuxer) => self.begin(demuxer),
            Err(error) => {
                self.out.push_back(Unit::Fault(error.to_string()));
                self.end_of_stretch();
            }
        }
    }

    fn begin(&mut self, demuxer: Demuxer) {
        self.input = Some(Input {
            demuxer,
            decoder: None,
            coded: None,
            undecodable: false,
            klv: Vec::new(),
            untimed: VecDeque::new(),
            newest: None,
            chosen: None,
            told_program: false,
        });
        self.phase = Phase::Reading;
    }

    fn step(&mut self) -> Result<(), Error> {
        let Some(input) = &mut self.input else {
            self.phase = Phase::Ended;
            return Ok(());
        };
        match input.demuxer.read() {
            Ok(Some(packet)) => self.packet(&packet)?,
            Ok(None) => {
                self.drain_decoder()?;
                self.end_of_stretch();
            }
            Err(error) => {
                // What was read before the failure is still good.
                self.drain_decoder()?;
                self.out.push_back(Unit::Fault(error.to_string()));
                self.end_of_stretch();
            }
        }
        self.collect_segments();
        Ok(())
    }

    fn packet(&mut self, packet: &Packet) -> Result<(), Error> {
        let Some(input) = &self.input else {
            return Ok(());
        };
        let stream = &input.demuxer.streams()[packet.stream];
        let (kind, program) = (stream.kind, stream.program);
        let chosen = match self.choose() {
            Some(chosen) => chosen,
            None => return Ok(()),
        };
        match kind {
            StreamKind::Video(_) if packet.stream != chosen.0 => {}
            // Of another programme.
            StreamKind::Klv { .. } if chosen.1.zip(program).is_some_and(|(a, b)| a != b) => {}
            StreamKind::Video(_) => {
                self.follow_time(packet.dts_90k.or(packet.pts_90k))?;
                self.place_untimed(packet.pos);
                self.video_packet(packet)?;
            }
            StreamKind::Klv { .. } => {
                self.klv_packet(packet);
            }
            StreamKind::Audio | StreamKind::Other => {}
        }
        self.release(false);
        Ok(())
    }

    /// The video stream that is read, and its programme; of a container without video, none and
    /// any. `None` where the programme that was asked for has not been seen.
    fn choose(&mut self) -> Option<(usize, Option<u16>)> {
        let program = self.options.program;
        let input = self.input.as_mut()?;
        if input.chosen.is_none() {
            let video = match program {
                Some(number) => input.demuxer.video_of(number),
                None => input.demuxer.video(),
            };
            input.chosen = video.map(|v| (v.index, v.program));
            if let (None, Some(number)) = (input.chosen, program) {
                if !input.told_program {
                    input.told_program = true;
                    let known: Vec<String> = input
                        .demuxer
                        .programs()
                        .iter()
                        .map(u16::to_string)
                        .collect();
                    self.out.push_back(Unit::Fault(format!(
                        "there is no programme {number} with video; the stream has: {}",
                        known.join(", ")
                    )));
                }
                return None;
            }
        }
        Some(input.chosen.unwrap_or((usize::MAX, None)))
    }

    /// Notices a presentation time of video that starts anew.
    fn follow_time(&mut self, time: Option<i64>) -> Result<(), Error> {
        let Some(time) = time else {
            return Ok(());
        };
        if let Some(after_us) = self.restart_after_us.take() {
            self.restart(time, after_us);
        }
        let newest = self.input.as_ref().and_then(|i| i.newest);
        let jump = newest.map_or(0, |newest| time.saturating_sub(newest));
        let jumped = !(-JUMP_BACK..=JUMP_FORWARD).contains(&jump);
        if jumped {
            self.drain_decoder()?;
            self.release(true);
            self.settle_all();
            self.restart(time, JUMP_STEP_US);
            self.last_pts = None;
            let jump_us = ticks_to_us(jump);
            self.out
                .push_back(Unit::Gap(Gap::Discontinuity { jump_us }));
        }
        if let Some(input) = &mut self.input {
            input.newest = match input.newest {
                Some(newest) if !jumped => Some(newest.max(time)),
                _ => Some(time),
            };
        }
        Ok(())
    }

    fn restart(&mut self, pts_90k: i64, after_us: i64) {
        self.clock.restart(pts_90k, after_us);
        self.watch.restart();
        for (pts, t) in self.history.restart(pts_90k) {
            self.clock.observe(pts, t);
        }
    }

    /// The input ended: everything held back comes out.
    fn end_of_stretch(&mut self) {
        for position in 0..self.input.as_ref().map_or(0, |i| i.klv.len()) {
            if let Some(input) = &mut self.input {
                input.klv[position].scanner.finish();
            }
            self.take_klv(position);
        }
        self.place_untimed(None);
        self.phase = Phase::Silent;
        self.release(true);
        self.settle_all();
        self.stats = self.stats_without_input();
        self.input = None;
        self.primary = None;
        self.last_pts = None;
        self.silent_since = Instant::now();
        let last = self.clock.last();
        let live = match &mut self.source {
            Source::File { path, hash } => {
                let path = path.clone();
                if let Some(unit) = hash.take().map(|h| self.whole_file(path, h)) {
                    self.out.push_back(unit);
                }
                false
            }
            Source::Live(live) => {
                live.end_input(self.door.is_open());
                self.end_segments(last.unwrap_or_default());
                true
            }
        };
        let stopped = matches!(&self.source, Source::Live(live) if live.stopped());
        if live && !stopped {
            self.phase = Phase::Silent;
            self.out.push_back(Unit::Gap(Gap::Stopped { since: last }));
        } else {
            self.phase = Phase::Ended;
        }
        self.out.push_back(Unit::Stats(self.stats()));
    }

    fn whole_file(&self, path: PathBuf, hash: JoinHandle<Result<(String, u64), Error>>) -> Unit {
        match hash.join() {
            Ok(Ok((sha256, bytes))) => Unit::Segment(SegmentUnit {
                path,
                sha256,
                bytes,
                t0: self.segments.t0.unwrap_or_default(),
                t1: self.clock.last().unwrap_or_default(),
            }),
            Ok(Err(error)) => Unit::Fault(error.to_string()),
            Err(_) => Unit::Fault(format!(
                "{}: hashing failed; read the recording again",
                path.display()
            )),
        }
    }
}
