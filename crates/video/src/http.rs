//! Bytes over HTTP and HTTPS.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi;

use crate::av::Options;
use crate::error::{Error, text_of};
use crate::interrupt::Interrupt;

/// What is tried of a server that does not answer, microseconds.
pub(crate) const TIMEOUT_US: &str = "5000000";
/// What a network input may use: redirections lead nowhere else.
const PROTOCOLS: &str = "http,https,tcp,tls";
/// Port of HTTPS.
const HTTPS: u16 = 443;

/// An HTTP body that is read as it comes.
pub struct HttpInput {
    context: NonNull<ffi::AVIOContext>,
    /// FFmpeg looks at it while it waits.
    interrupt: Interrupt,
    size: Option<u64>,
}

// SAFETY: the context is used by one thread at a time.
unsafe impl Send for HttpInput {}

impl HttpInput {
    /// Asks for `url`; `what` is its name for messages. Certificates of servers are verified: by the
    /// authorities that the system knows, or by those in the file `trusted` (PEM).
    pub fn open(
        what: &str,
        url: &str,
        trusted: Option<&Path>,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        crate::log::init();
        let failed = |cause: String, remedy| Error::Link {
            what: what.to_owned(),
            cause,
            remedy,
        };
        let options = request(what, trusted)?;
        let context = connect(url, &options, interrupt).map_err(|code| {
            if refused_certificate(url, trusted, interrupt) {
                failed(
                    "its certificate is not trusted (of no authority known here, of another name, or out of date)".into(),
                    "have it signed by an authority that this machine knows, or name the file of yours in SSL_CERT_FILE",
                )
            } else {
                failed(text_of(code), "check address, path and network")
            }
        })?;
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

/// Options of a request, for messages about `what`.
pub(crate) fn request<'a>(
    what: &str,
    trusted: Option<&'a Path>,
) -> Result<Vec<(&'static str, &'a str)>, Error> {
    let mut options = vec![
        ("protocol_whitelist", PROTOCOLS),
        ("timeout", TIMEOUT_US),
        ("rw_timeout", TIMEOUT_US),
        ("tls_verify", "1"),
        ("user_agent", "atalaya"),
    ];
    if let Some(path) = trusted {
        let unreadable = |cause: String| Error::Link {
            what: what.to_owned(),
            cause: format!(
                "can't read the trusted certificates in {}: {cause}",
                path.display()
            ),
            remedy: "check the path in SSL_CERT_FILE",
        };
        File::open(path).map_err(|e| unreadable(e.to_string()))?;
        let name = path.to_str();
        let name = name.ok_or_else(|| unreadable("its name is not UTF-8".into()))?;
        options.push(("ca_file", name));
    }
    Ok(options)
}

/// Opens an address for reading; else FFmpeg's code.
fn connect(
    url: &str,
    options: &[(&str, &str)],
    interrupt: &Interrupt,
) -> Result<NonNull<ffi::AVIOContext>, i32> {
    let url = CString::new(url).map_err(|_| ffi::AVERROR_INVALIDDATA)?;
    let mut options = Options::new(options).map_err(|_| ffi::AVERROR_UNKNOWN)?;
    let mut raw = ptr::null_mut();
    let callback = interrupt.callback();
    // SAFETY: valid strings; the callback's flag is kept alive by whoever keeps the context, and
    // by the caller during this call.
    let code = unsafe {
        ffi::avio_open2(
            &mut raw,
            url.as_ptr(),
            ffi::AVIO_FLAG_READ,
            &callback,
            &mut options.0,
        )
    };
    NonNull::new(raw).filter(|_| code >= 0).ok_or(code)
}

/// Whether it is its certificate alone that keeps a server from being read. FFmpeg calls every failure of
/// TLS one of input; so hands are shaken once more, with and without verifying, and nothing is asked:
/// no secret goes to a server that is not known.
fn refused_certificate(url: &str, trusted: Option<&Path>, interrupt: &Interrupt) -> bool {
    let Some(place) = tls_address(url) else {
        return false;
    };
    let shakes = |verify: &'static str| {
        let mut options = request("", trusted).unwrap_or_default();
        options.retain(|(name, _)| matches!(*name, "protocol_whitelist" | "timeout" | "ca_file"));
        options.push(("tls_verify", verify));
        let context = connect(&place, &options, interrupt);
        // SAFETY: opened just now, closed once.
        context.is_ok_and(|c| unsafe { ffi::avio_close(c.as_ptr()) } >= 0)
    };
    !shakes("1") && shakes("0")
}

/// The server of an HTTPS address, for TLS alone.
fn tls_address(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit('@').next()?;
    let has_port = place.rsplit_once(':').is_some_and(|(host, port)| {
        !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && !host.is_empty()
    });
    let colons = place.bytes().filter(|b| *b == b':').count();
    Some(match has_port && (colons == 1 || place.contains("]:")) {
        true => format!("tls://{place}"),
        false => format!("tls://{place}:{HTTPS}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_of_an_address_is_found_without_its_secrets() {
        for (url, place) in [
            ("https://cam/live.ts", "tls://cam:443"),
            ("https://name:secret@cam:8443/a@b?c", "tls://cam:8443"),
            ("https://[::1]/x", "tls://[::1]:443"),
            ("https://[::1]:4443", "tls://[::1]:4443"),
        ] {
            assert_eq!(tls_address(url).as_deref(), Some(place));
        }
        assert_eq!(tls_address("http://cam/live.ts"), None);
    }
}
