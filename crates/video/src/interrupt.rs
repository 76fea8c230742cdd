//! Stops what waits for the network.

use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ffmpeg_next::ffi;

/// Ends calls that wait for the network, from another thread. Clones share one flag.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Every call that waits, and every later one, returns at once.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// For FFmpeg. Whoever takes it must keep a clone for as long as FFmpeg may call it.
    pub(crate) fn callback(&self) -> ffi::AVIOInterruptCB {
        ffi::AVIOInterruptCB {
            callback: Some(asked),
            opaque: Arc::as_ptr(&self.0).cast_mut().cast(),
        }
    }
}

unsafe extern "C" fn asked(opaque: *mut c_void) -> c_int {
    // SAFETY: the pointer is that of an Arc which the caller of `callback` keeps alive; an atomic
    // may be read through a shared reference from any thread.
    let flag = unsafe { &*opaque.cast::<AtomicBool>() };
    c_int::from(flag.load(Ordering::SeqCst))
}
