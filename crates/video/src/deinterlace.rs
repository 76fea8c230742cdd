//! Woven fields to progressive pictures, over FFmpeg's bwdif filter.

use std::ffi::CString;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi;

use crate::av::AvFrame;
use crate::error::{EAGAIN, Error, check};
use crate::picture::Picture;

/// Makes one progressive picture of each interlaced one (a field pair);
/// progressive pictures pass unchanged. Pictures come out one later than they
/// go in, because the filter looks at both neighbours.
#[derive(Default)]
pub struct Deinterlacer {
    graph: Option<Graph>,
}

impl Deinterlacer {
    /// A deinterlacer that adapts to the first picture's shape, and again
    /// whenever the shape changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a picture; those that are ready are appended to `out`.
    pub fn push(&mut self, picture: &Picture, out: &mut Vec<Picture>) -> Result<(), Error> {
        let shape = Shape::of(picture);
        if self.graph.as_ref().is_some_and(|g| g.shape != shape) {
            self.flush(out)?;
        }
        let graph = match &mut self.graph {
            Some(graph) => graph,
            none => none.insert(Graph::new(shape)?),
        };
        graph.push(picture, out)
    }

    /// Gives out what is held back; the next picture starts afresh.
    pub fn flush(&mut self, out: &mut Vec<Picture>) -> Result<(), Error> {
        match self.graph.take() {
            Some(mut graph) => graph.finish(out),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    width: u32,
    height: u32,
    format: i32,
}

impl Shape {
    fn of(picture: &Picture) -> Self {
        Self {
            width: picture.width,
            height: picture.height,
            format: picture.av().get().format,
        }
    }
}

struct Graph {
    graph: NonNull<ffi::AVFilterGraph>,
    source: *mut ffi::AVFilterContext,
    sink: *mut ffi::AVFilterContext,
    shape: Shape,
}

// SAFETY: the graph is used by one thread at a time; it runs no threads.
unsafe impl Send for Graph {}

impl Graph {
    fn new(shape: Shape) -> Result<Self, Error> {
        // SAFETY: plain allocation; null is handled.
        let graph =
            NonNull::new(unsafe { ffi::avfilter_graph_alloc() }).ok_or_else(|| Error::Ffmpeg {
                what: "deinterlacing",
                cause: "out of memory".into(),
            })?;
        let mut own = Self {
            graph,
            source: ptr::null_mut(),
            sink: ptr::null_mut(),
            shape,
        };
        // SAFETY: our graph; threads off keeps the result reproducible.
        unsafe { (*graph.as_ptr()).nb_threads = 1 };
        own.source = own.filter(
            "buffer",
            &format!(
                "video_size={}x{}:pix_fmt={}:time_base=1/90000:pixel_aspect=1/1",
                shape.width, shape.height, shape.format
            ),
        )?;
        let bwdif = own.filter("bwdif", "mode=send_frame:parity=auto:deint=interlaced")?;
        own.sink = own.filter("buffersink", "")?;
        // SAFETY: three filters of one graph, each with the pads that are
        // linked here.
        unsafe {
            check(ffi::avfilter_link(own.source, 0, bwdif, 0), "deinterlacing")?;
            check(ffi::avfilter_link(bwdif, 0, own.sink, 0), "deinterlacing")?;
            check(
                ffi::avfilter_graph_config(graph.as_ptr(), ptr::null_mut()),
                "deinterlacing",
            )?;
        }
        Ok(own)
    }

    fn filter(&self, name: &str, arguments: &str) -> Result<*mut ffi::AVFilterContext, Error> {
        let missing = |cause: String| Error::Codec {
            what: format!("filter {name}"),
            cause,
        };
        let c_name = CString::new(name).map_err(|e| missing(e.to_string()))?;
        let c_arguments = CString::new(arguments).map_err(|e| missing(e.to_string()))?;
        let mut filter = ptr::null_mut();
        // SAFETY: valid strings, our graph; the result belongs to the graph.
        unsafe {
            let kind = ffi::avfilter_get_by_name(c_name.as_ptr());
            if kind.is_null() {
                return Err(missing("not found".into()));
            }
            check(
                ffi::avfilter_graph_create_filter(
                    &mut filter,
                    kind,
                    c_name.as_ptr(),
                    c_arguments.as_ptr(),
                    ptr::null_mut(),
                    self.graph.as_ptr(),
                ),
                "deinterlacing",
            )?;
        }
        Ok(filter)
    }

    fn push(&mut self, picture: &Picture, out: &mut Vec<Picture>) -> Result<(), Error> {
        // SAFETY: a configured graph; KEEP_REF makes the filter take its own
        // reference and leave the picture's frame alone.
        let code = unsafe {
            ffi::av_buffersrc_add_frame_flags(
                self.source,
                picture.av().as_ptr(),
                ffi::AV_BUFFERSRC_FLAG_KEEP_REF as i32,
            )
        };
        check(code, "deinterlacing")?;
        self.drain(out)
    }

    fn finish(&mut self, out: &mut Vec<Picture>) -> Result<(), Error> {
        // SAFETY: a configured graph; a null frame marks the end.
        let code = unsafe { ffi::av_buffersrc_add_frame_flags(self.source, ptr::null_mut(), 0) };
        check(code, "deinterlacing")?;
        self.drain(out)
    }

    fn drain(&mut self, out: &mut Vec<Picture>) -> Result<(), Error> {
        loop {
            let frame = AvFrame::new()?;
            // SAFETY: a configured graph and an empty frame.
            let (code, base) = unsafe {
                (
                    ffi::av_buffersink_get_frame(self.sink, frame.as_ptr()),
                    ffi::av_buffersink_get_time_base(self.sink),
                )
            };
            if code == EAGAIN || code == ffi::AVERROR_EOF {
                return Ok(());
            }
            check(code, "deinterlacing")?;
            // The filter counts in half ticks, to have room for fields.
            let time = frame.get().pts;
            let pts = (time != ffi::AV_NOPTS_VALUE).then(|| {
                let scale = i128::from(base.num) * 90_000;
                let den = i128::from(base.den.max(1));
                ((i128::from(time) * scale).div_euclid(den)) as i64
            });
            let mut picture = Picture::wrap(frame, pts, false)?;
            picture.deinterlaced = true;
            out.push(picture);
        }
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        let mut graph = self.graph.as_ptr();
        // SAFETY: allocated by avfilter_graph_alloc and freed once, together
        // with its filters.
        unsafe { ffi::avfilter_graph_free(&mut graph) };
    }
}
