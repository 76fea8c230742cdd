//! Bytes over HTTP and HTTPS.

use std::ffi::CString;
use std::io::{self, Read};
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi;

use crate::av::Options;
use crate::error::{Error, text_of};
use crate::interrupt::Interrupt;

/// What is tried of a server that does not answer, microseconds.
const TIMEOUT_US: &str = "5000000";

/// An HTTP body that is read as it comes.
pub struct HttpInput {
    context: NonNull<ffi::AVIOContext>,
    /// FFmpeg looks at it while it waits.
    interrupt: Interrupt,
    size: Option<u64>,
}

// SAFETY: the context is used by one thread at a time.
unsafe impl Send for HttpInput {}

/// What a network input may use: redirections lead nowhere else.
pub(crate) const HTTP_PROTOCOLS: &str = "http,https,tcp,tls";

impl HttpInput {
    /// Asks for `url`; `what` is its name for messages. Certificates of servers are verified.
    pub fn open(what: &str, url: &str, interrupt: &Interrupt) -> Result<Self, Error> {
        crate::log::init();
        let failed = |cause: String| Error::Link {
            what: what.to_owned(),
            cause,
            remedy: "check address, path and network",
        };
        let url = CString::new(url).map_err(|_| failed("a zero byte in the address".into()))?;
        let mut options = Options::new(&[
            ("protocol_whitelist", HTTP_PROTOCOLS),
            ("timeout", TIMEOUT_US),
            ("rw_timeout", TIMEOUT_US),
            ("tls_verify", "1"),
            ("user_agent", "atalaya"),
        ])?;
        let mut raw = ptr::null_mut();
        let callback = interrupt.callback();
        // SAFETY: valid strings; the callback's flag is kept alive below for as long as the
        // context, and by the caller during this call.
        let code = unsafe {
            ffi::avio_open2(
                &mut raw,
                url.as_ptr(),
                ffi::AVIO_FLAG_READ,
                &callback,
                &mut options.0,
            )
        };
        let Some(context) = NonNull::new(raw).filter(|_| code >= 0) else {
            return Err(failed(text_of(code)));
        };
        // SAFETY: an open context.
        let size = unsafe { ffi::avio_size(context.as_ptr()) };
        Ok(Self {
            context,
            interrupt: interrupt.clone(),
            size: u64::try_from(size).ok().filter(|n| *n > 0),
        })
    }

    /// The length of the body, where the server says it: then it is a file, and not live.
    pub fn size(&self) -> Option<u64> {
        self.size
    }
}

impl Read for HttpInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.interrupt.is_stopped() || buffer.is_empty() {
            return Ok(0);
        }
        let len = i32::try_from(buffer.len()).unwrap_or(i32::MAX);
        // SAFETY: an open context, a buffer of the length given.
        let n = unsafe { ffi::avio_read_partial(self.context.as_ptr(), buffer.as_mut_ptr(), len) };
        match usize::try_from(n) {
            Ok(n) => Ok(n),
            Err(_) if n == ffi::AVERROR_EOF || n == ffi::AVERROR_EXIT => Ok(0),
            Err(_) => Err(io::Error::other(text_of(n))),
        }
    }
}

impl Drop for HttpInput {
    fn drop(&mut self) {
        // SAFETY: opened by avio_open2, closed once.
        unsafe { ffi::avio_close(self.context.as_ptr()) };
    }
}
