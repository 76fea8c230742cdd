//! Connecting again, for as long as it takes.

use super::backoff::Backoff;
use super::line::Line;
use crate::error::Error;

/// What a connection came to.
pub(super) enum Came {
    /// A file, to its end.
    File,
    /// A stream, until the other side ended it; whether anything came.
    Stream(bool),
}

/// Connects until the line is to stop, or a file has come to its end. Each end of a connection is told
/// and is a gap; pauses between attempts grow until something comes.
pub(super) fn again(line: &Line, shown: &str, mut connect: impl FnMut() -> Result<Came, Error>) {
    let mut backoff = Backoff::new();
    while !line.stopped() {
        match connect() {
            Ok(Came::File) => {
                line.over();
                return;
            }
            Ok(Came::Stream(any)) => {
                if any {
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
