//! Everything FFmpeg: demux, decode, deinterlace, encode, mux and stills.
//!
//! This crate is the only place of the workspace that talks to the FFmpeg
//! libraries and the only one that contains `unsafe`, so that a change of
//! binding, or of FFmpeg itself, is a change of one crate. It knows pictures,
//! packets and KLV *bytes*; it does not know what the bytes mean, what a feed
//! or an operation is, or what time it is.
//!
//! The way of the data:
//!
//! ```text
//! file or reader ─▶ Demuxer ─▶ Packet ─▶ Decoder (+ Deinterlacer) ─▶ Picture ─▶ still::jpeg
//!                              ├▶ AccessUnits (bytes for WebCodecs), AnnexB (for transport streams)
//!                              └▶ KLV bytes
//! Image ─▶ Encoder ─▶ Packet ─▶ TsMuxer ─▶ file or writer
//! RTSP ─▶ Demuxer ─▶ TsMuxer::copy_of ─▶ transport stream
//! HttpInput, SrtSocket ─▶ bytes as they come
//! ```
//!
//! Time stamps are in ticks of 90 kHz everywhere, unwrapped over the 33-bit
//! wrap of MPEG-TS. Nothing here reads a clock: the same bytes in give the same
//! bytes out.

mod access_unit;
mod annex_b;
mod av;
mod avio;
mod convert;
mod decode;
mod decoding;
mod deinterlace;
mod demux;
mod encode;
mod error;
mod http;
mod image;
mod interrupt;
mod log;
mod mux;
mod nal;
mod packet;
mod pes;
mod picture;
mod srt;
pub mod still;
mod stream;
mod timestamp;

pub use access_unit::AccessUnits;
pub use annex_b::AnnexB;
pub use decode::{DecodeOptions, Decoder, Deinterlace};
pub use deinterlace::Deinterlacer;
pub use demux::{DemuxStats, Demuxer};
pub use encode::{Encoder, EncoderOptions, RateControl};
pub use error::Error;
pub use http::HttpInput;
pub use image::{Image, PixelFormat};
pub use interrupt::Interrupt;
pub use log::{LogLevel, set_log_level};
pub use mux::{KlvKind, PID_KLV_FIRST, PID_PMT, PID_VIDEO, TsMuxer};
pub use packet::Packet;
pub use picture::Picture;
pub use srt::{SrtListener, SrtOptions, SrtReceived, SrtSent, SrtSocket, SrtStats};
pub use stream::{Codec, Stream, StreamKind, VideoInfo};
pub use timestamp::{TICKS_PER_SECOND, TimestampUnwrapper};
