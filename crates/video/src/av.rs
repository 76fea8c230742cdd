//! Owned FFmpeg structures: each is allocated, freed and, where it is shared,
//! reference counted in one place.

use std::ffi::CString;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi;

use crate::error::{Error, check};

/// What is said when FFmpeg cannot allocate.
fn out_of_memory(what: &'static str) -> Error {
    Error::Ffmpeg {
        what,
        cause: "out of memory".into(),
    }
}

/// An `AVPacket` that is freed on drop.
pub(crate) struct AvPacket(NonNull<ffi::AVPacket>);

// SAFETY: the packet's data is reference counted with atomics and belongs to
// this value; FFmpeg keeps no thread-local state about it.
unsafe impl Send for AvPacket {}
// SAFETY: shared access only reads.
unsafe impl Sync for AvPacket {}

impl AvPacket {
    pub(crate) fn new() -> Result<Self, Error> {
        // SAFETY: plain allocation; null is handled.
        NonNull::new(unsafe { ffi::av_packet_alloc() })
            .map(Self)
            .ok_or_else(|| out_of_memory("packet"))
    }

    /// A packet that owns a padded copy of `bytes`.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let size = i32::try_from(bytes.len()).map_err(|_| Error::Invalid {
            what: "packet",
            cause: "longer than 2 GiB".into(),
        })?;
        let packet = Self::new()?;
        // SAFETY: the packet is ours and empty; on success it has room for
        // `size` bytes plus padding, and the source is a valid slice.
        unsafe {
            check(ffi::av_new_packet(packet.as_ptr(), size), "packet")?;
            if size > 0 {
                ptr::copy_nonoverlapping(bytes.as_ptr(), (*packet.as_ptr()).data, bytes.len());
            }
        }
        Ok(packet)
    }

    pub(crate) fn as_ptr(&self) -> *mut ffi::AVPacket {
        self.0.as_ptr()
    }

    pub(crate) fn get(&self) -> &ffi::AVPacket {
        // SAFETY: the pointer is valid for as long as self.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn get_mut(&mut self) -> &mut ffi::AVPacket {
        // SAFETY: the pointer is valid and we hold it exclusively.
        unsafe { self.0.as_mut() }
    }

    /// Another packet that shares the same bytes.
    pub(crate) fn reference(&self) -> Result<Self, Error> {
        let other = Self::new()?;
        // SAFETY: both packets are valid, `other` is empty.
        unsafe {
            check(
                ffi::av_packet_ref(other.as_ptr(), self.as_ptr()),
                "packet reference",
            )?
        };
        Ok(other)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        let packet = self.get();
        let len = usize::try_from(packet.size).unwrap_or(0);
        if packet.data.is_null() || len == 0 {
            return &[];
        }
        // SAFETY: FFmpeg guarantees `size` readable bytes at `data` for as
        // long as the packet lives.
        unsafe { std::slice::from_raw_parts(packet.data, len) }
    }
}

impl Drop for AvPacket {
    fn drop(&mut self) {
        let mut pointer = self.0.as_ptr();
        // SAFETY: allocated by av_packet_alloc and freed once.
        unsafe { ffi::av_packet_free(&mut pointer) };
    }
}

/// An `AVFrame` that is freed on drop.
pub(crate) struct AvFrame(NonNull<ffi::AVFrame>);

// SAFETY: buffers are reference counted with atomics; a frame that left a
// decoder or filter is no longer written by it.
unsafe impl Send for AvFrame {}
// SAFETY: shared access only reads.
unsafe impl Sync for AvFrame {}

impl AvFrame {
    pub(crate) fn new() -> Result<Self, Error> {
        // SAFETY: plain allocation; null is handled.
        NonNull::new(unsafe { ffi::av_frame_alloc() })
            .map(Self)
            .ok_or_else(|| out_of_memory("frame"))
    }

    /// A frame with writable buffers of the given shape.
    pub(crate) fn with_buffers(
        width: u32,
        height: u32,
        format: ffi::AVPixelFormat,
    ) -> Result<Self, Error> {
        let mut frame = Self::new()?;
        {
            let f = frame.get_mut();
            f.width = i32::try_from(width).unwrap_or(0);
            f.height = i32::try_from(height).unwrap_or(0);
            f.format = format as i32;
        }
        // SAFETY: the frame is ours, with dimensions and format set; a shape
        // that FFmpeg refuses comes back as an error.
        unsafe {
            check(
                ffi::av_frame_get_buffer(frame.as_ptr(), 0),
                "picture buffer",
            )?
        };
        Ok(frame)
    }

    pub(crate) fn as_ptr(&self) -> *mut ffi::AVFrame {
        self.0.as_ptr()
    }

    pub(crate) fn get(&self) -> &ffi::AVFrame {
        // SAFETY: the pointer is valid for as long as self.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn get_mut(&mut self) -> &mut ffi::AVFrame {
        // SAFETY: the pointer is valid and we hold it exclusively.
        unsafe { self.0.as_mut() }
    }
}

impl Drop for AvFrame {
    fn drop(&mut self) {
        let mut pointer = self.0.as_ptr();
        // SAFETY: allocated by av_frame_alloc and freed once.
        unsafe { ffi::av_frame_free(&mut pointer) };
    }
}

/// An `AVCodecContext` that is closed and freed on drop.
pub(crate) struct CodecContext(NonNull<ffi::AVCodecContext>);

// SAFETY: a codec context may be used from any one thread at a time.
unsafe impl Send for CodecContext {}

impl CodecContext {
    pub(crate) fn new(codec: *const ffi::AVCodec) -> Result<Self, Error> {
        // SAFETY: `codec` comes from avcodec_find_*; null result is handled.
        NonNull::new(unsafe { ffi::avcodec_alloc_context3(codec) })
            .map(Self)
            .ok_or_else(|| out_of_memory("codec"))
    }

    pub(crate) fn as_ptr(&self) -> *mut ffi::AVCodecContext {
        self.0.as_ptr()
    }

    pub(crate) fn get_mut(&mut self) -> &mut ffi::AVCodecContext {
        // SAFETY: the pointer is valid and we hold it exclusively.
        unsafe { self.0.as_mut() }
    }
}

impl Drop for CodecContext {
    fn drop(&mut self) {
        let mut pointer = self.0.as_ptr();
        // SAFETY: allocated by avcodec_alloc_context3 and freed once.
        unsafe { ffi::avcodec_free_context(&mut pointer) };
    }
}

/// Owned codec parameters of a stream.
pub(crate) struct Parameters(NonNull<ffi::AVCodecParameters>);

// SAFETY: plain data, only read after construction.
unsafe impl Send for Parameters {}
// SAFETY: as above.
unsafe impl Sync for Parameters {}

impl Parameters {
    /// Copies the parameters that `source` points to.
    ///
    /// # Safety
    /// `source` must point to valid codec parameters.
    pub(crate) unsafe fn copy_of(source: *const ffi::AVCodecParameters) -> Result<Self, Error> {
        // SAFETY: plain allocation; null is handled.
        let own = NonNull::new(unsafe { ffi::avcodec_parameters_alloc() })
            .map(Self)
            .ok_or_else(|| out_of_memory("codec parameters"))?;
        // SAFETY: both sides are valid; the caller vouches for `source`.
        unsafe {
            check(
                ffi::avcodec_parameters_copy(own.as_ptr(), source),
                "codec parameters",
            )?
        };
        Ok(own)
    }

    pub(crate) fn as_ptr(&self) -> *mut ffi::AVCodecParameters {
        self.0.as_ptr()
    }

    pub(crate) fn get(&self) -> &ffi::AVCodecParameters {
        // SAFETY: the pointer is valid for as long as self.
        unsafe { self.0.as_ref() }
    }

    /// SPS/PPS or whatever the container stores outside the packets.
    pub(crate) fn extradata(&self) -> &[u8] {
        let p = self.get();
        let len = usize::try_from(p.extradata_size).unwrap_or(0);
        if p.extradata.is_null() || len == 0 {
            return &[];
        }
        // SAFETY: FFmpeg guarantees extradata_size readable bytes.
        unsafe { std::slice::from_raw_parts(p.extradata, len) }
    }
}

impl Drop for Parameters {
    fn drop(&mut self) {
        let mut pointer = self.0.as_ptr();
        // SAFETY: allocated by avcodec_parameters_alloc and freed once.
        unsafe { ffi::avcodec_parameters_free(&mut pointer) };
    }
}

/// A dictionary of options for FFmpeg, freed on drop.
pub(crate) struct Options(pub(crate) *mut ffi::AVDictionary);

impl Options {
    pub(crate) fn new(entries: &[(&str, &str)]) -> Result<Self, Error> {
        let mut options = Self(ptr::null_mut());
        for (key, value) in entries {
            let invalid = |_| Error::Invalid {
                what: "option",
                cause: "contains a zero byte".into(),
            };
            let key = CString::new(*key).map_err(invalid)?;
            let value = CString::new(*value).map_err(invalid)?;
            // SAFETY: valid strings, which the dictionary copies.
            unsafe {
                check(
                    ffi::av_dict_set(&mut options.0, key.as_ptr(), value.as_ptr(), 0),
                    "option",
                )?
            };
        }
        Ok(options)
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: the dictionary is ours, null is allowed.
        unsafe { ffi::av_dict_free(&mut self.0) };
    }
}
