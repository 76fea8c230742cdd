//! Decoded pictures as the model's frames, without copying.

use std::sync::Arc;

use atalaya_model::{Frame, Micros, PixelFormat, Plane};
use atalaya_video::Picture;

/// One plane of a picture that stays in the decoder's buffer.
struct PicturePlane {
    picture: Picture,
    index: usize,
}

impl AsRef<[u8]> for PicturePlane {
    fn as_ref(&self) -> &[u8] {
        self.picture.plane(self.index)
    }
}

/// Wraps a picture. Full-size chroma, which the model has no word for, is left
/// out: the frame is grey then.
pub(crate) fn wrap(picture: &Picture, id: u64, t: Micros) -> Frame {
    use atalaya_video::PixelFormat as Video;
    let (format, planes) = match picture.format {
        Video::Gray8 | Video::Yuv444p => (PixelFormat::Gray8, 1),
        Video::Yuv420p => (PixelFormat::Yuv420p, 3),
        Video::Yuv422p => (PixelFormat::Yuv422p, 3),
        Video::Nv12 => (PixelFormat::Nv12, 2),
    };
    let plane = |index| Plane {
        stride: picture.stride(index),
        bytes: Arc::new(PicturePlane {
            picture: picture.clone(),
            index,
        }),
    };
    Frame {
        id,
        t,
        pts_90k: picture.pts_90k,
        width: picture.width,
        height: picture.height,
        format,
        planes: (0..planes).map(plane).collect(),
        interlaced: picture.interlaced || picture.deinterlaced,
        damaged: picture.damaged,
    }
}
