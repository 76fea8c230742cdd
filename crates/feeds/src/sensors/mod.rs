//! Sensors that are not cameras: samples of gas and SAPIENT messages, from files and live.
//!
//! A message as it came is turned into a [`Sensed`] by a [`Decoder`], which is a function of the
//! messages before it and nothing else: a recording of the messages gives the same again.
//! [`SensorFile`] reads recordings, [`SensorLive`] receives (MQTT, UDP, TCP), [`SensorRecorder`] writes
//! what was received as segments of one minute.

mod file;
mod gas;
mod ground;
mod live;
mod mqtt;
mod record;
mod tcp;

pub use file::SensorFile;
pub use live::{Arrival, SensorLive};
pub use record::SensorRecorder;
pub(crate) use record::{is_sensor_part, recover_part};

use atalaya_model::operation::{FeedConfig, FeedKind};
use atalaya_model::{Micros, Sensed};
use gas::GasDecoder;
use ground::GroundDecoder;

/// The longest message that is taken, bytes.
pub const LONGEST: usize = 64 << 10;

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Event time.
    pub t: Micros,
    /// What it says that is of use; `None` for what only keeps a link alive. Its number is 0 until it
    /// is given one.
    pub sensed: Option<Sensed>,
    /// It came so much later than others that are later that it can't be weighed with them any more (a
    /// broker delivers what it has kept): it is recorded, and nothing else.
    pub late: bool,
}

/// Messages of a feed to what they say.
#[derive(Clone, Debug)]
pub enum Decoder {
    /// Of gas.
    Gas(Box<GasDecoder>),
    /// Of ground sensors.
    Ground(Box<GroundDecoder>),
}

impl Decoder {
    /// For a feed; `None` for video.
    pub fn new(feed: &FeedConfig) -> Option<Self> {
        match feed.kind() {
            FeedKind::Gas => Some(Self::Gas(Box::new(GasDecoder::live(feed)))),
            FeedKind::Ground => Some(Self::Ground(Box::new(GroundDecoder::new(feed)))),
            _ => None,
        }
    }

    /// The next message; an error says what is wrong with it.
    pub fn decode(&mut self, message: &[u8]) -> Result<Decoded, String> {
        match self {
            Self::Gas(g) => g.message(message),
            Self::Ground(g) => g.message(message),
        }
    }
}
