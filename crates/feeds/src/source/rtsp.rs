//! Streams of RTSP servers, made into a transport stream.
//!
//! RTSP carries coded pictures and KLV (RFC 6597) in packets of their own; there are no transport
//! packets to be kept as they came. They are remultiplexed, and that is what is recorded.

use atalaya_video::Demuxer;

use super::again::{Came, again};
use super::line::Line;
use super::remux::remultiplex;

pub(super) fn run(url: &str, shown: &str, tcp: bool, line: &Line) {
    again(line, shown, || {
        let demuxer = Demuxer::rtsp(shown, url, tcp, &line.shared.stop)?;
        Ok(Came::Stream(remultiplex(demuxer, line, None)? > 0))
    });
}
