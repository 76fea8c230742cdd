//! FFmpeg's own log, which would otherwise write to standard error.

use std::sync::Once;

use ffmpeg_next::ffi;

/// How much FFmpeg itself may write to standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Nothing: errors come back as values (the default of this crate).
    Quiet,
    /// FFmpeg's errors, for hunting a fault in a stream.
    Errors,
    /// Everything FFmpeg says.
    Verbose,
}

static INIT: Once = Once::new();

/// Sets FFmpeg's log level for the whole process.
pub fn set_log_level(level: LogLevel) {
    let level = match level {
        LogLevel::Quiet => ffi::AV_LOG_QUIET,
        LogLevel::Errors => ffi::AV_LOG_ERROR,
        LogLevel::Verbose => ffi::AV_LOG_VERBOSE,
    };
    // An explicit choice must not be undone by the first demuxer that is opened.
    INIT.call_once(|| {});
    // SAFETY: sets one integer; may be called from any thread at any time.
    unsafe { ffi::av_log_set_level(level) };
}

/// Silences FFmpeg once, unless somebody chose a level before.
pub(crate) fn init() {
    INIT.call_once(|| {
        // SAFETY: sets one integer; may be called from any thread at any time.
        unsafe { ffi::av_log_set_level(ffi::AV_LOG_QUIET) };
    });
}
