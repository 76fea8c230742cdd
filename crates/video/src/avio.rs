//! Custom byte sources and sinks for FFmpeg: a Rust `Read` or `Write` behind
//! an `AVIOContext`.

use std::ffi::{c_int, c_void};
use std::io::{ErrorKind, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use ffmpeg_next::ffi;

use crate::error::Error;

/// What both directions share: the context and the boxed state it points to.
struct Avio<T> {
    context: NonNull<ffi::AVIOContext>,
    state: NonNull<T>,
}

impl<T> Drop for Avio<T> {
    fn drop(&mut self) {
        // SAFETY: the buffer belongs to the context (FFmpeg may have replaced
        // it), the state was made by Box::into_raw and is freed once, after
        // nothing can call back into it any more.
        unsafe {
            let mut context = self.context.as_ptr();
            ffi::av_freep((&raw mut (*context).buffer).cast());
            ffi::avio_context_free(&mut context);
            drop(Box::from_raw(self.state.as_ptr()));
        }
    }
}

fn allocate<T>(
    state: T,
    buffer_size: usize,
    write: bool,
    read_packet: Option<unsafe extern "C" fn(*mut c_void, *mut u8, c_int) -> c_int>,
    write_packet: Option<unsafe extern "C" fn(*mut c_void, *mut u8, c_int) -> c_int>,
) -> Result<Avio<T>, Error> {
    let memory = || Error::Ffmpeg {
        what: "input buffer",
        cause: "out of memory".into(),
    };
    let state = Box::into_raw(Box::new(state));
    // SAFETY: the buffer is allocated by FFmpeg as required; on failure
    // everything allocated so far is released.
    unsafe {
        let buffer = ffi::av_malloc(buffer_size).cast::<u8>();
        let context = if buffer.is_null() {
            std::ptr::null_mut()
        } else {
            ffi::avio_alloc_context(
                buffer,
                buffer_size as c_int,
                c_int::from(write),
                state.cast(),
                read_packet,
                write_packet,
                None,
            )
        };
        match (NonNull::new(context), NonNull::new(state)) {
            (Some(context), Some(state)) => Ok(Avio { context, state }),
            _ => {
                ffi::av_free(buffer.cast());
                drop(Box::from_raw(state));
                Err(memory())
            }
        }
    }
}

struct Source {
    reader: Box<dyn Read + Send>,
    failure: Option<String>,
    bytes: u64,
}

/// A Rust reader as FFmpeg input.
pub(crate) struct Input(Avio<Source>);

// SAFETY: the reader is Send, the context is used by one thread at a time.
unsafe impl Send for Input {}

impl Input {
    pub(crate) fn new(reader: Box<dyn Read + Send>) -> Result<Self, Error> {
        // A multiple of the transport packet, small enough that a live feed
        // does not wait for a full buffer (reads return what there is).
        const BUFFER: usize = 188 * 170;
        let source = Source {
            reader,
            failure: None,
            bytes: 0,
        };
        allocate(source, BUFFER, false, Some(read), None).map(Self)
    }

    pub(crate) fn context(&self) -> *mut ffi::AVIOContext {
        self.0.context.as_ptr()
    }

    /// The reader's error, if that is what ended the input.
    pub(crate) fn failure(&self) -> Option<String> {
        // SAFETY: the state lives as long as self; FFmpeg is not running,
        // since calls into it need the demuxer that owns us.
        unsafe { self.0.state.as_ref().failure.clone() }
    }

    /// Bytes taken from the reader so far.
    pub(crate) fn bytes(&self) -> u64 {
        // SAFETY: as above.
        unsafe { self.0.state.as_ref().bytes }
    }
}

unsafe extern "C" fn read(opaque: *mut c_void, buffer: *mut u8, size: c_int) -> c_int {
    // SAFETY: FFmpeg passes back the pointer that it was given in `allocate`.
    let source = unsafe { &mut *opaque.cast::<Source>() };
    let Ok(len) = usize::try_from(size) else {
        return ffi::AVERROR_EOF;
    };
    // SAFETY: FFmpeg owns `size` writable bytes at `buffer`; they are
    // initialised before a Rust slice is made of them.
    let buffer = unsafe {
        std::ptr::write_bytes(buffer, 0, len);
        std::slice::from_raw_parts_mut(buffer, len)
    };
    loop {
        // A panic must not unwind through C.
        let result = catch_unwind(AssertUnwindSafe(|| source.reader.read(buffer)));
        return match result {
            Ok(Ok(0)) => ffi::AVERROR_EOF,
            Ok(Ok(n)) => {
                let n = n.min(len);
                source.bytes += n as u64;
                n as c_int
            }
            Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(Err(error)) => {
                source.failure = Some(error.to_string());
                ffi::AVERROR(ffi::EIO)
            }
            Err(_) => {
                source.failure = Some("the reader panicked".into());
                ffi::AVERROR(ffi::EIO)
            }
        };
    }
}

struct Sink {
    writer: Box<dyn Write + Send>,
    failure: Option<String>,
}

/// A Rust writer as FFmpeg output.
pub(crate) struct Output(Avio<Sink>);

// SAFETY: the writer is Send, the context is used by one thread at a time.
unsafe impl Send for Output {}

impl Output {
    /// `chunk`: the largest number of bytes handed to the writer at once.
    pub(crate) fn new(writer: Box<dyn Write + Send>, chunk: usize) -> Result<Self, Error> {
        let sink = Sink {
            writer,
            failure: None,
        };
        allocate(sink, chunk, true, None, Some(write)).map(Self)
    }

    pub(crate) fn context(&self) -> *mut ffi::AVIOContext {
        self.0.context.as_ptr()
    }

    /// The writer's error, if there was one.
    pub(crate) fn failure(&self) -> Option<String> {
        // SAFETY: see Input::failure.
        unsafe { self.0.state.as_ref().failure.clone() }
    }

    /// Flushes FFmpeg's buffer and then the writer.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        // SAFETY: context and state are valid and not in use elsewhere.
        unsafe {
            ffi::avio_flush(self.0.context.as_ptr());
            let sink = self.0.state.as_mut();
            match sink.failure.clone() {
                Some(cause) => Err(cause),
                None => sink.writer.flush().map_err(|e| e.to_string()),
            }
        }
    }
}

unsafe extern "C" fn write(opaque: *mut c_void, buffer: *mut u8, size: c_int) -> c_int {
    // SAFETY: FFmpeg passes back the pointer that it was given in `allocate`.
    let sink = unsafe { &mut *opaque.cast::<Sink>() };
    let len = usize::try_from(size).unwrap_or(0);
    // SAFETY: FFmpeg owns `size` readable bytes at `buffer`.
    let bytes = unsafe { std::slice::from_raw_parts(buffer, len) };
    let result = catch_unwind(AssertUnwindSafe(|| sink.writer.write_all(bytes)));
    match result {
        Ok(Ok(())) => size,
        Ok(Err(error)) => {
            sink.failure.get_or_insert_with(|| error.to_string());
            ffi::AVERROR(ffi::EIO)
        }
        Err(_) => {
            sink.failure
                .get_or_insert_with(|| "the writer panicked".into());
            ffi::AVERROR(ffi::EIO)
        }
    }
}
