//! Streams of RTSP servers, made into a transport stream.
//!
//! RTSP carries coded pictures and KLV (RFC 6597) in packets of their own; there are no transport
//! packets to be kept as they came. They are remultiplexed, and that is what is recorded.

use atalaya_video::Demuxer;

use super::backoff::Backoff;
use super::line::Line;
use super::remux::Remuxer;
use crate::error::Error;

pub(super) fn run(url: &str, shown: &str, tcp: bool, line: &Line) {
    let mut backoff = Backoff::new();
    while !line.stopped() {
        match play(url, shown, tcp, line) {
            Ok(packets) => {
                if packets > 0 {
                    backoff.reset();
                    line.shared.faults.well();
                }
                line.fault(format!(
                    "{shown}: the server ended the stream; asking again"
                ));
            }
            Err(error) => line.fault(error.to_string()),
        }
        line.broken();
        line.pause(backoff.next());
    }
}

/// Plays until the server ends it; gives the packets that came.
fn play(url: &str, shown: &str, tcp: bool, line: &Line) -> Result<u64, Error> {
    let mut demuxer = Demuxer::rtsp(shown, url, tcp, &line.shared.stop)?;
    let mut remuxer = Remuxer::new(&demuxer, line.writer())?;
    let mut packets = 0;
    while !line.stopped() {
        let Some(packet) = demuxer.read()? else {
            break;
        };
        remuxer.packet(&demuxer, &packet)?;
        packets += 1;
    }
    remuxer.finish()?;
    Ok(packets)
}
