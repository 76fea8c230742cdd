//! Sockets of SRT.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::net::SocketAddr;
use std::time::Duration;

use super::address::{ROOM, decode, encode};
use super::library::{Library, Number, library};
use crate::error::Error;
use crate::interrupt::Interrupt;

/// Options of a socket by their numbers in srt.h (`SRT_SOCKOPT`).
mod option {
    pub(super) const SNDSYN: i32 = 1;
    pub(super) const RCVSYN: i32 = 2;
    pub(super) const FC: i32 = 4;
    pub(super) const SNDBUF: i32 = 5;
    pub(super) const RCVBUF: i32 = 6;
    pub(super) const SNDTIMEO: i32 = 13;
    pub(super) const REUSEADDR: i32 = 15;
    pub(super) const SENDER: i32 = 21;
    pub(super) const LATENCY: i32 = 23;
    pub(super) const PASSPHRASE: i32 = 26;
    pub(super) const SNDDROPDELAY: i32 = 32;
    pub(super) const CONNTIMEO: i32 = 36;
    pub(super) const STREAMID: i32 = 46;
    pub(super) const PEERIDLETIMEO: i32 = 55;
}

/// Answers of srt.h.
const INVALID: Number = -1;
const CONNECTED: c_int = 5;
const BROKEN: c_int = 6;
const ASYNC_SEND: c_int = 6001;
const ASYNC_RECEIVE: c_int = 6002;
const TIMEOUT: c_int = 6003;
const CONGESTED: c_int = 6004;
const POLL_IN: c_int = 1;
const POLL_ERROR: c_int = 8;

/// How long a call waits before it says that there is nothing.
const WAIT_MS: c_int = 50;
/// Pause between looks at a connection that is being made.
const LOOK: Duration = Duration::from_millis(10);
/// The longest message of live mode, with room for peers that allow themselves more.
pub(super) const LARGEST: usize = 1500;
/// A connection that is silent for so long has ended (SRT's own default).
const IDLE_MS: u32 = 5_000;
/// Longer than the latency, so that an outage which the latency covers is survived.
const IDLE_BEYOND_LATENCY_MS: u32 = 3_000;
/// Packets that may be on their way: half a minute at 10 Mb/s. The library's default holds ten
/// seconds of that.
const IN_FLIGHT: c_int = 32_000;

/// How a connection is made.
#[derive(Clone)]
pub struct SrtOptions {
    /// Bytes are given out so long after they were sent, so that lost ones can be sent again in
    /// between, milliseconds; the greater of both sides counts. What takes longer is given up.
    pub latency_ms: u32,
    /// Encrypts (AES, both sides need the same): 10 to 79 characters.
    pub passphrase: Option<String>,
    /// What a caller asks a listener for.
    pub stream_id: Option<String>,
    /// For sending.
    pub sender: bool,
}

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SrtReceived {
    /// So many bytes.
    Bytes(usize),
    /// Nothing for a while.
    Nothing,
    /// Nothing, and the connection is lost; what is still to be delivered may follow.
    Lost,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SrtSent {
    /// It is on its way.
    Taken,
    /// There was no room for a while.
    Full,
    /// The connection is lost.
    Lost,
}

/// Counts of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SrtStats {
    /// Packets received or sent, repeated ones too.
    pub packets: u64,
    /// Packets that were missing for a while.
    pub missing: u64,
    /// Packets that were given up because their time was over.
    pub given_up: u64,
}

/// A socket's number, closed at the end.
struct Socket {
    library: &'static Library,
    number: Number,
    /// Where data are waited for; -1 before.
    poll: c_int,
    what: String,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: a socket and a poll of ours, closed once.
        unsafe {
            if self.poll >= 0 {
                (self.library.poll_release)(self.poll);
            }
            (self.library.close)(self.number);
        }
    }
}

impl Socket {
    fn new(what: String, options: &SrtOptions) -> Result<Self, Error> {
        let Some(library) = library() else {
            return Err(Error::Link {
                what,
                cause: "the SRT library is not installed".into(),
                remedy: "install libsrt1.5-gnutls",
            });
        };
        // SAFETY: the library is started.
        let number = unsafe { (library.create)() };
        let socket = Self {
            library,
            number,
            poll: -1,
            what,
        };
        if number == INVALID {
            return Err(socket.error("try again"));
        }
        socket.configure(options)?;
        Ok(socket)
    }

    fn configure(&self, options: &SrtOptions) -> Result<(), Error> {
        let latency = options.latency_ms;
        let idle = IDLE_MS.max(latency.saturating_add(IDLE_BEYOND_LATENCY_MS));
        for (name, value) in [
            (option::SNDSYN, 0),
            (option::RCVSYN, 0),
            (option::FC, IN_FLIGHT),
            (option::SNDBUF, IN_FLIGHT * 1456),
            (option::RCVBUF, IN_FLIGHT * 1456),
            (option::SNDTIMEO, WAIT_MS),
            (option::REUSEADDR, 1),
            (option::CONNTIMEO, 3_000),
            (
                option::LATENCY,
                c_int::try_from(latency).unwrap_or(c_int::MAX),
            ),
            (
                option::PEERIDLETIMEO,
                c_int::try_from(idle).unwrap_or(c_int::MAX),
            ),
            (option::SENDER, c_int::from(options.sender)),
            // What the other side has not confirmed is kept, however old, to be sent again on
            // another connection. The receiver has to give up what is late: without that, 1.5.1
            // spins for ever at the first gap, and nothing can be received any more.
            (option::SNDDROPDELAY, -1),
        ] {
            self.set(name, &value.to_ne_bytes())?;
        }
        for (name, text) in [
            (option::PASSPHRASE, &options.passphrase),
            (option::STREAMID, &options.stream_id),
        ] {
            if let Some(text) = text {
                self.set(name, text.as_bytes())?;
            }
        }
        Ok(())
    }

    fn set(&self, name: i32, value: &[u8]) -> Result<(), Error> {
        // SAFETY: a socket of ours and a value of the length given; both integers and texts are
        // copied.
        let code = unsafe {
            let len = c_int::try_from(value.len()).unwrap_or(c_int::MAX);
            (self.library.set)(self.number, name, value.as_ptr().cast(), len)
        };
        if code < 0 {
            return Err(self.error("a passphrase has 10 to 79 characters, a stream id at most 512"));
        }
        Ok(())
    }

    /// Connected: sending waits for room from now on, and receiving has something to wait at.
    ///
    /// Receiving itself never waits in the library: it would read a message, notice that the
    /// connection was lost meanwhile, and report the loss in place of the message (1.5.1).
    fn ready(&mut self) -> Result<(), Error> {
        self.set(option::SNDSYN, &1i32.to_ne_bytes())?;
        // SAFETY: the library is started; the events are copied.
        let added = unsafe {
            self.poll = (self.library.poll_create)();
            (self.library.poll_add)(self.poll, self.number, &(POLL_IN | POLL_ERROR))
        };
        if added < 0 {
            return Err(self.error("connect again"));
        }
        Ok(())
    }

    fn last_error(&self) -> c_int {
        // SAFETY: the place for the system's error may be null.
        unsafe { (self.library.last_error)(std::ptr::null_mut()) }
    }

    fn error(&self, remedy: &'static str) -> Error {
        // SAFETY: a text that is valid until the next call of this thread.
        let cause = unsafe { text((self.library.last_error_text)()) };
        Error::Link {
            what: self.what.clone(),
            cause,
            remedy,
        }
    }

    fn state(&self) -> c_int {
        // SAFETY: a number; of a closed socket it says so.
        unsafe { (self.library.state)(self.number) }
    }
}

/// # Safety
/// `words` must be null or a text that ends with zero.
unsafe fn text(words: *const c_char) -> String {
    if words.is_null() {
        return "no reason given".into();
    }
    // SAFETY: see above.
    let words = unsafe { CStr::from_ptr(words) };
    words
        .to_string_lossy()
        .trim()
        .trim_end_matches('.')
        .to_lowercase()
}

/// Waits for callers.
pub struct SrtListener(Socket);

impl SrtListener {
    /// Listens on `address`. `what` is its name for messages.
    pub fn bind(what: &str, address: SocketAddr, options: &SrtOptions) -> Result<Self, Error> {
        let socket = Socket::new(what.to_owned(), options)?;
        let (bytes, len) = encode(address);
        // SAFETY: a socket of ours, an address of the length given.
        let bound = unsafe {
            let bound = (socket.library.bind)(socket.number, bytes.as_ptr(), len as c_int);
            bound >= 0 && (socket.library.listen)(socket.number, 4) >= 0
        };
        if bound {
            Ok(Self(socket))
        } else {
            Err(socket.error("stop what uses the port, or choose another"))
        }
    }

    /// The address listened on.
    pub fn local_address(&self) -> Option<SocketAddr> {
        let mut bytes = [0; ROOM];
        let mut len = ROOM as c_int;
        // SAFETY: a socket of ours; the place has room for an address of either kind.
        let code = unsafe { (self.0.library.name)(self.0.number, bytes.as_mut_ptr(), &mut len) };
        (code >= 0).then(|| decode(&bytes)).flatten()
    }

    /// The next caller; `None` if there is none, at once.
    pub fn accept(&self) -> Result<Option<SrtSocket>, Error> {
        // SAFETY: a socket of ours; the caller's address is not asked for.
        let number = unsafe {
            (self.0.library.accept)(self.0.number, std::ptr::null_mut(), std::ptr::null_mut())
        };
        if number == INVALID {
            return match self.0.last_error() {
                ASYNC_RECEIVE | ASYNC_SEND | TIMEOUT => Ok(None),
                _ => Err(self.0.error("listen again")),
            };
        }
        let mut socket = Socket {
            library: self.0.library,
            number,
            poll: -1,
            what: self.0.what.clone(),
        };
        socket.ready()?;
        Ok(Some(SrtSocket(socket)))
    }
}

/// A connection.
pub struct SrtSocket(Socket);

impl SrtSocket {
    /// Calls `address`; `what` is its name for messages. Ends early when `interrupt` says so.
    pub fn connect(
        what: &str,
        address: SocketAddr,
        options: &SrtOptions,
        interrupt: &Interrupt,
    ) -> Result<Self, Error> {
        let mut socket = Socket::new(what.to_owned(), options)?;
        let (bytes, len) = encode(address);
        // SAFETY: a socket of ours, an address of the length given.
        let code = unsafe { (socket.library.connect)(socket.number, bytes.as_ptr(), len as c_int) };
        if code < 0 {
            return Err(socket.error("check address and network"));
        }
        loop {
            match socket.state() {
                CONNECTED => break,
                state if state >= BROKEN => return Err(socket.refused()),
                _ if interrupt.is_stopped() => {
                    return Err(Error::Link {
                        what: socket.what.clone(),
                        cause: "stopped".into(),
                        remedy: "start it again",
                    });
                }
                _ => std::thread::sleep(LOOK),
            }
        }
        socket.ready()?;
        Ok(Self(socket))
    }

    /// Receives a message of at most 1456 bytes (live mode); waits for a twentieth of a second.
    pub fn receive(&self, buffer: &mut [u8; LARGEST]) -> SrtReceived {
        let mut received = self.take(buffer);
        if received == SrtReceived::Nothing {
            let mut event = [0; 2];
            // SAFETY: a poll of ours, and room for one event (a socket and a set).
            unsafe {
                let wait = i64::from(WAIT_MS);
                (self.0.library.poll_wait)(self.0.poll, event.as_mut_ptr(), 1, wait);
            }
            received = self.take(buffer);
        }
        if received == SrtReceived::Lost {
            // Nothing to wait at any more.
            std::thread::sleep(LOOK);
        }
        received
    }

    fn take(&self, buffer: &mut [u8; LARGEST]) -> SrtReceived {
        // SAFETY: a socket of ours, a buffer of the length given.
        let n = unsafe {
            (self.0.library.receive)(self.0.number, buffer.as_mut_ptr(), LARGEST as c_int)
        };
        match usize::try_from(n) {
            Ok(0) => SrtReceived::Nothing,
            Ok(n) => SrtReceived::Bytes(n.min(LARGEST)),
            Err(_) => match self.0.last_error() {
                ASYNC_RECEIVE | TIMEOUT => SrtReceived::Nothing,
                _ => SrtReceived::Lost,
            },
        }
    }

    /// Sends a message of at most 1316 bytes; waits for room for a twentieth of a second.
    pub fn send(&self, bytes: &[u8]) -> SrtSent {
        let len = c_int::try_from(bytes.len()).unwrap_or(c_int::MAX);
        // SAFETY: a socket of ours, a buffer of the length given, which is copied.
        let code = unsafe { (self.0.library.send)(self.0.number, bytes.as_ptr(), len, -1, 1) };
        if code >= 0 {
            return SrtSent::Taken;
        }
        match self.0.last_error() {
            ASYNC_SEND | TIMEOUT | CONGESTED => SrtSent::Full,
            _ => SrtSent::Lost,
        }
    }

    /// Bytes that the other side has not confirmed yet; `None` once the connection is lost.
    pub fn unsent_bytes(&self) -> Option<usize> {
        let (mut blocks, mut bytes) = (0, 0);
        // SAFETY: a socket of ours and places for two numbers.
        let code = unsafe { (self.0.library.unsent)(self.0.number, &mut blocks, &mut bytes) };
        (code >= 0 && self.0.state() == CONNECTED).then_some(bytes)
    }

    /// The latency that both sides agreed on.
    pub fn latency(&self) -> Duration {
        let mut value: c_int = 0;
        let mut len = size_of::<c_int>() as c_int;
        // SAFETY: a socket of ours and a place for an integer of that length.
        unsafe {
            let place = (&raw mut value).cast::<c_void>();
            (self.0.library.get)(self.0.number, option::LATENCY, place, &mut len);
        }
        Duration::from_millis(u64::try_from(value).unwrap_or(0))
    }

    /// Counts since the connection was made.
    pub fn stats(&self) -> SrtStats {
        /// The first fields of `SRT_TRACEBSTATS`, with room for the rest of it (under 600 bytes).
        #[repr(C)]
        struct Trace {
            ms: i64,
            sent: i64,
            received: i64,
            /// Lost at the sender, lost at the receiver, sent again, and four counts of answers.
            losses: [i32; 7],
            sending_us: i64,
            dropped: [i32; 2],
            rest: [u64; 256],
        }
        let mut trace = Trace {
            ms: 0,
            sent: 0,
            received: 0,
            losses: [0; 7],
            sending_us: 0,
            dropped: [0; 2],
            rest: [0; 256],
        };
        // SAFETY: a socket of ours; the place is larger than the structure that is written.
        let code =
            unsafe { (self.0.library.statistics)(self.0.number, (&raw mut trace).cast(), 0) };
        if code < 0 {
            return SrtStats::default();
        }
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        SrtStats {
            packets: count(trace.sent.saturating_add(trace.received)),
            missing: count(i64::from(trace.losses[0]) + i64::from(trace.losses[1])),
            given_up: count(i64::from(trace.dropped[0]) + i64::from(trace.dropped[1])),
        }
    }
}

impl Socket {
    /// Why a call was not answered.
    fn refused(&self) -> Error {
        // SAFETY: a number, and a text that lives as long as the library.
        let cause = unsafe {
            let reason = (self.library.reject_reason)(self.number);
            text((self.library.reject_text)(reason))
        };
        Error::Link {
            what: self.what.clone(),
            cause,
            remedy: "check address, passphrase and stream id, and that the other side is there",
        }
    }
}
