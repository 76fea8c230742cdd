//! The SRT library, found when it is first needed.
//!
//! Debian's FFmpeg brings it along (libavformat links it), so nothing more has to be installed. It
//! is not linked here, because its headers and link name would be one more package to build with.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

/// A socket's number.
pub(super) type Number = c_int;

/// Names under which distributions install it.
const NAMES: [&CStr; 4] = [
    c"libsrt-gnutls.so.1.5",
    c"libsrt-openssl.so.1.5",
    c"libsrt.so.1.5",
    c"libsrt.so.1",
];
/// Resolve what is used at once, and keep names to ourselves (`RTLD_NOW`).
const NOW: c_int = 2;
/// SRT's log level "critical": it writes to standard error otherwise.
const CRITICAL: c_int = 2;

unsafe extern "C" {
    fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

macro_rules! functions {
    ($($field:ident: $name:literal ($($argument:ty),*) $result:ty;)*) => {
        /// The functions that are used.
        pub(super) struct Library {
            $(pub(super) $field: unsafe extern "C" fn($($argument),*) -> $result,)*
        }

        impl Library {
            /// # Safety
            /// `library` must be the SRT library.
            unsafe fn of(library: *mut c_void) -> Option<Self> {
                Some(Self {
                    $($field: {
                        // SAFETY: a valid library and a name that ends with zero.
                        let address = unsafe { dlsym(library, $name.as_ptr()) };
                        if address.is_null() {
                            return None;
                        }
                        // SAFETY: the function of that name has this type (srt.h of SRT 1.4 and
                        // 1.5, whose C interface is stable).
                        unsafe {
                            std::mem::transmute::<
                                *mut c_void,
                                unsafe extern "C" fn($($argument),*) -> $result,
                            >(address)
                        }
                    },)*
                })
            }
        }
    };
}

functions! {
    startup: c"srt_startup" () c_int;
    set_log_level: c"srt_setloglevel" (c_int) ();
    create: c"srt_create_socket" () Number;
    bind: c"srt_bind" (Number, *const u8, c_int) c_int;
    listen: c"srt_listen" (Number, c_int) c_int;
    accept: c"srt_accept" (Number, *mut u8, *mut c_int) Number;
    connect: c"srt_connect" (Number, *const u8, c_int) c_int;
    close: c"srt_close" (Number) c_int;
    name: c"srt_getsockname" (Number, *mut u8, *mut c_int) c_int;
    set: c"srt_setsockflag" (Number, c_int, *const c_void, c_int) c_int;
    get: c"srt_getsockflag" (Number, c_int, *mut c_void, *mut c_int) c_int;
    receive: c"srt_recvmsg" (Number, *mut u8, c_int) c_int;
    send: c"srt_sendmsg" (Number, *const u8, c_int, c_int, c_int) c_int;
    state: c"srt_getsockstate" (Number) c_int;
    last_error: c"srt_getlasterror" (*mut c_int) c_int;
    last_error_text: c"srt_getlasterror_str" () *const c_char;
    reject_reason: c"srt_getrejectreason" (Number) c_int;
    reject_text: c"srt_rejectreason_str" (c_int) *const c_char;
    unsent: c"srt_getsndbuffer" (Number, *mut usize, *mut usize) c_int;
    poll_create: c"srt_epoll_create" () c_int;
    poll_add: c"srt_epoll_add_usock" (c_int, Number, *const c_int) c_int;
    poll_wait: c"srt_epoll_uwait" (c_int, *mut c_int, c_int, i64) c_int;
    poll_release: c"srt_epoll_release" (c_int) c_int;
    statistics: c"srt_bstats" (Number, *mut c_void, c_int) c_int;
}

/// The library; `None` where it is not installed.
pub(super) fn library() -> Option<&'static Library> {
    static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();
    LIBRARY
        .get_or_init(|| {
            // SAFETY: loading runs the library's initialisers, as FFmpeg's own link to it does.
            let handle = NAMES
                .iter()
                .map(|name| unsafe { dlopen(name.as_ptr(), NOW) })
                .find(|handle| !handle.is_null())?;
            // SAFETY: it was opened under the SRT library's name, and is never closed.
            let library = unsafe { Library::of(handle) }?;
            // SAFETY: may be called from any thread; calls are counted by the library.
            unsafe {
                (library.set_log_level)(CRITICAL);
                ((library.startup)() >= 0).then_some(library)
            }
        })
        .as_ref()
}
