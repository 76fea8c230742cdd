//! The live pictures of an operation with no-look areas: re-encoded with what the authority hides
//! painted over.
//!
//! Only pictures that were analysed come here, for only their place is known, and only those that
//! the gate has passed in the junction, each by its own verdict. Their presentation times stay what
//! they were, so that boxes stay in step. What the encoder has no time for is left out and counted;
//! nothing waits for it.

use crate::context::Context;
use crate::error::EngineError;
use crate::mask::{Painted, view};
use crate::pipeline::Analysed;
use atalaya_authority::{Gate, Mask};
use atalaya_feeds::FrameUnit;
use atalaya_model::{FeedIx, Frame};
use atalaya_store::{AccessUnit, Bus, Live};
use atalaya_video::{AccessUnits, Encoder, EncoderOptions, Error, RateControl};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Pictures of a feed between analysis and encoder at most: two seconds at 15 a second, for as long
/// as the junction waits for a slow feed. A decoded 720p picture is 1.4 MB.
const HELD: usize = 30;
/// Of these, waiting for the encoder.
const WAITING: usize = 8;
/// Ticks from key frame to key frame: who comes later sees something within a second.
const KEY_EVERY: i64 = 90_000;

/// A picture on its way to the encoder, with the gate's word on it.
pub struct Relayable {
    frame: Frame,
    /// What is hidden.
    pub mask: Mask,
    _held: Held,
}

/// Counts a picture for as long as it is held.
struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Asks the gate what of a feed's pictures may be seen.
pub struct Doorman<'a> {
    context: &'a Context,
    gate: Gate,
    ix: FeedIx,
    held: Arc<AtomicUsize>,
}

impl<'a> Doorman<'a> {
    /// For feed `ix`; `None` when the operation hides nothing and pictures go as they came.
    pub fn new(context: &'a Context, ix: FeedIx) -> Option<Self> {
        let gate = context.gate().ok().filter(Gate::hides)?;
        Some(Self {
            context,
            gate,
            ix,
            held: Arc::default(),
        })
    }

    /// The picture of an analysed frame with its mask; `None` when nothing of it may be seen, or
    /// too many are held already.
    pub fn picture(&self, unit: &FrameUnit, analysed: &Analysed) -> Option<Relayable> {
        let feed = self.context.operation.feeds.get(usize::from(self.ix.0))?;
        let view = view(
            self.context,
            self.ix,
            unit.platform.as_ref(),
            analysed.size,
            analysed.tracks.coverage.as_ref(),
        );
        let mask = self
            .gate
            .picture(feed.sensor, feed.unplaced, analysed.t, view.as_ref())
            .ok()?;
        if self.held.load(Ordering::Relaxed) >= HELD {
            return None;
        }
        self.held.fetch_add(1, Ordering::Relaxed);
        Some(Relayable {
            frame: unit.frame.clone(),
            mask,
            _held: Held(self.held.clone()),
        })
    }
}

/// What became of a feed's masked pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// Painted, encoded and said.
    pub relayed: u64,
    /// Left out: nothing of them may be seen, or the encoder had no time.
    pub left_out: u64,
    /// Time spent painting and encoding.
    pub spent: Duration,
}

/// The way to a feed's encoder thread.
pub struct MaskedRelay {
    queue: Sender<Relayable>,
    done: Receiver<Masked>,
    left_out: u64,
}

impl MaskedRelay {
    /// Starts the thread.
    pub fn spawn<'s>(scope: &'s Scope<'s, '_>, bus: Bus, feed: String, run: String) -> Self {
        let (queue, pictures) = bounded::<Relayable>(WAITING);
        let (say, done) = bounded(1);
        scope.spawn(move || {
            let mut relay = Relay {
                bus,
                feed,
                run,
                coder: None,
            };
            let mut sum = Masked::default();
            for picture in pictures {
                let begun = Instant::now();
                match relay.picture(&picture) {
                    Ok(()) => sum.relayed += 1,
                    Err(e) => {
                        sum.left_out += 1;
                        relay.coder = None;
                        tracing::error!(feed = relay.feed, "a picture was not relayed: {e}");
                    }
                }
                sum.spent += begun.elapsed();
            }
            let _ = say.send(sum);
        });
        Self {
            queue,
            done,
            left_out: 0,
        }
    }

    /// A picture that the gate passed; `None` when nothing of it may be seen.
    pub fn offer(&mut self, picture: Option<Relayable>) {
        let taken = picture.is_some_and(|p| self.queue.try_send(p).is_ok());
        if !taken {
            self.left_out += 1;
        }
    }

    /// Ends the thread; says what became of the pictures.
    pub fn finish(self) -> Result<Masked, EngineError> {
        drop(self.queue);
        let mut sum = self
            .done
            .recv()
            .map_err(|_| EngineError::Died("masked relay"))?;
        sum.left_out += self.left_out;
        Ok(sum)
    }
}

/// The encoder's thread.
struct Relay {
    bus: Bus,
    feed: String,
    run: String,
    coder: Option<Coder>,
}

struct Coder {
    encoder: Encoder,
    units: AccessUnits,
    last: i64,
    key: i64,
}

impl Relay {
    fn picture(&mut self, picture: &Relayable) -> Result<(), Error> {
        let pts = picture.frame.pts_90k.unwrap_or(0);
        let Some(painted) = Painted::new(&picture.frame, &picture.mask) else {
            return Ok(());
        };
        let image = painted.image();
        // Another size, or a stream that starts anew, is another coded stream.
        let fits = |c: &Coder| {
            let o = c.encoder.options();
            (o.width, o.height) == (image.width, image.height) && pts > c.last
        };
        let mut coder = match self.coder.take().filter(fits) {
            Some(coder) => coder,
            None => Coder::open(image.width, image.height)?,
        };
        let key = pts.saturating_sub(coder.key) >= KEY_EVERY;
        let mut packets = Vec::new();
        coder.encoder.push(&image, pts, key, &mut packets)?;
        for p in packets {
            let bytes = coder.units.convert(&p);
            if p.key {
                coder.key = pts;
            }
            self.bus.publish(Live::Video(Arc::new(AccessUnit {
                feed: self.feed.clone(),
                run: self.run.clone(),
                pts_90k: p.pts_90k.unwrap_or(pts),
                key: p.key,
                codec: p.key.then(|| coder.units.codec()).flatten(),
                bytes,
            })));
        }
        coder.last = pts;
        self.coder = Some(coder);
        Ok(())
    }
}

impl Coder {
    fn open(width: u32, height: u32) -> Result<Self, Error> {
        let encoder = Encoder::h264(EncoderOptions {
            preset: "ultrafast".into(),
            rate: RateControl::Crf(25.0),
            // Key frames are asked for by presentation time.
            gop: 10_000,
            ..EncoderOptions::new(width, height, (15, 1))
        })?;
        Ok(Self {
            encoder,
            units: AccessUnits::of_encoder(),
            last: i64::MIN,
            key: i64::MIN,
        })
    }
}
