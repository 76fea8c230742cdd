//! A part of a frame as a network's input.

use super::DetectorError;
use super::manifest::{Colour, Fit, Input, Layout};
use super::tensor::Tensor;
use atalaya_model::{Detection, Frame, PixelBox, PixelFormat};

/// A rectangle of a frame that is looked at, display pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Part {
    /// All of a frame.
    pub fn whole(frame: &Frame) -> Self {
        Self {
            x: 0.0,
            y: 0.0,
            w: frame.width as f32,
            h: frame.height as f32,
        }
    }
}

/// Where a part lies in the network's picture: its pixels are `scale` of those, moved by `shift`.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    scale: (f32, f32),
    shift: (f32, f32),
}

impl Place {
    fn of(part: &Part, input: &Input) -> Self {
        let (w, h) = (input.width as f32, input.height as f32);
        let (sx, sy) = (w / part.w, h / part.h);
        let least = sx.min(sy);
        let scale = match input.fit {
            Fit::Stretch => (sx, sy),
            Fit::Corner | Fit::Centre => (least, least),
        };
        let shift = match input.fit {
            Fit::Centre => (0.5 * (w - part.w * least), 0.5 * (h - part.h * least)),
            Fit::Corner | Fit::Stretch => (0.0, 0.0),
        };
        Self { scale, shift }
    }

    /// A box of the network's pixels in the frame's, cut at the part's borders.
    pub fn back(&self, d: Detection, part: &Part) -> Option<Detection> {
        let x0 = ((d.bbox.x - self.shift.0) / self.scale.0).clamp(0.0, part.w);
        let y0 = ((d.bbox.y - self.shift.1) / self.scale.1).clamp(0.0, part.h);
        let x1 = ((d.bbox.x + d.bbox.w - self.shift.0) / self.scale.0).clamp(0.0, part.w);
        let y1 = ((d.bbox.y + d.bbox.h - self.shift.1) / self.scale.1).clamp(0.0, part.h);
        // Also false for what is no number.
        (x1 - x0 > 0.5 && y1 - y0 > 0.5).then_some(Detection {
            bbox: PixelBox {
                x: part.x + x0,
                y: part.y + y0,
                w: x1 - x0,
                h: y1 - y0,
            },
            ..d
        })
    }
}

/// A network's picture and where the part lies in it.
pub struct Placed {
    /// The picture.
    pub tensor: Tensor,
    /// Where the part lies.
    pub place: Place,
}

/// What each of a row's or column's samples is between: two indices, and the share of the second.
fn steps(
    n: usize,
    from: f32,
    scale: f32,
    shift: f32,
    side: f32,
    end: usize,
) -> Vec<Option<(usize, usize, f32)>> {
    (0..n)
        .map(|i| {
            let at = (i as f32 + 0.5 - shift) / scale;
            if !(0.0..side).contains(&at) {
                return None;
            }
            let v = (from + at - 0.5).clamp(0.0, (end - 1) as f32);
            let low = v as usize;
            Some((low, (low + 1).min(end - 1), v - low as f32))
        })
        .collect()
}

/// A plane of a frame, sampled linearly.
struct Samples<'a> {
    bytes: &'a [u8],
    stride: usize,
    step: usize,
    offset: usize,
    columns: Vec<Option<(usize, usize, f32)>>,
    rows: Vec<Option<(usize, usize, f32)>>,
}

impl Samples<'_> {
    fn row(&self, y: usize, out: &mut [f32]) -> Option<()> {
        let (a, b, f) = self.rows[y]?;
        let at = |r: usize, c: usize| {
            let i = r * self.stride + c * self.step + self.offset;
            f32::from(self.bytes.get(i).copied().unwrap_or(128))
        };
        for (o, column) in out.iter_mut().zip(&self.columns) {
            if let Some((c, d, g)) = *column {
                let top = at(a, c) + g * (at(a, d) - at(a, c));
                let below = at(b, c) + g * (at(b, d) - at(b, c));
                *o = top + f * (below - top);
            }
        }
        Some(())
    }
}

/// The network's input for a part of a frame. Colours are those of BT.709 for pictures 720 rows high
/// and more and of BT.601 below, both of limited range, as video has them.
pub fn prepare(frame: &Frame, part: &Part, input: &Input) -> Result<Placed, DetectorError> {
    let (w, h) = (input.width as usize, input.height as usize);
    let place = Place::of(part, input);
    let planes = planes(frame, part, &place, (w, h))?;
    let channels = input.channels();
    let mut values = vec![0f32; channels * w * h];
    let (mut luma, mut cb, mut cr) = (vec![0f32; w], vec![128f32; w], vec![128f32; w]);
    let normal = |c: usize, v: f32| {
        let mean = input.mean.get(c).copied().unwrap_or(0.0);
        let std = input.std.get(c).copied().unwrap_or(1.0);
        (v * input.scale - mean) / std
    };
    let (kr, kb) = match frame.height >= 720 {
        true => (0.2126, 0.0722),
        false => (0.299, 0.114),
    };
    for y in 0..h {
        let inside = planes[0].row(y, &mut luma).is_some();
        if let [_, b, r] = &planes[..] {
            b.row(y, &mut cb);
            r.row(y, &mut cr);
        }
        for x in 0..w {
            let known = inside && planes[0].columns[x].is_some();
            let levels = match known {
                false => [input.pad; 3],
                true if input.colour == Colour::Grey => [luma[x]; 3],
                true => {
                    let l = (luma[x] - 16.0) * 255.0 / 219.0;
                    let (u, v) = (
                        (cb[x] - 128.0) * 255.0 / 224.0,
                        (cr[x] - 128.0) * 255.0 / 224.0,
                    );
                    let red = l + 2.0 * (1.0 - kr) * v;
                    let blue = l + 2.0 * (1.0 - kb) * u;
                    let green = (l - kr * red - kb * blue) / (1.0 - kr - kb);
                    let rgb = [red, green, blue].map(|v| v.clamp(0.0, 255.0));
                    match input.colour {
                        Colour::Bgr => [rgb[2], rgb[1], rgb[0]],
                        _ => rgb,
                    }
                }
            };
            for (c, v) in levels.into_iter().enumerate().take(channels) {
                let at = match input.layout {
                    Layout::Nchw => (c * h + y) * w + x,
                    Layout::Nhwc => (y * w + x) * channels + c,
                };
                values[at] = normal(c, v);
            }
        }
    }
    let shape = match input.layout {
        Layout::Nchw => [1, channels, h, w],
        Layout::Nhwc => [1, h, w, channels],
    };
    Ok(Placed {
        tensor: Tensor::floats(&shape, values),
        place,
    })
}

/// Luma, and blue and red differences where the frame has them.
fn planes<'a>(
    frame: &'a Frame,
    part: &Part,
    place: &Place,
    (w, h): (usize, usize),
) -> Result<Vec<Samples<'a>>, DetectorError> {
    let (fw, fh) = (frame.width as usize, frame.height as usize);
    if fw == 0 || fh == 0 || !(part.w >= 1.0 && part.h >= 1.0) {
        return Err(DetectorError::Picture("it has no pixels"));
    }
    let samples = |plane: usize, step: usize, offset: usize, across: f32, down: f32| {
        let p = frame.planes.get(plane)?;
        let bytes: &[u8] = (*p.bytes).as_ref();
        let size = (
            (fw as f32 / across).ceil() as usize,
            (fh as f32 / down).ceil() as usize,
        );
        let need = p.stride * (size.1 - 1) + size.0 * step;
        (bytes.len() >= need.min(p.stride * (size.1 - 1) + 1)).then(|| Samples {
            bytes,
            stride: p.stride,
            step,
            offset,
            columns: steps(
                w,
                part.x / across,
                place.scale.0 * across,
                place.shift.0,
                part.w / across,
                size.0,
            ),
            rows: steps(
                h,
                part.y / down,
                place.scale.1 * down,
                place.shift.1,
                part.h / down,
                size.1,
            ),
        })
    };
    let luma = samples(0, 1, 0, 1.0, 1.0).ok_or(DetectorError::Picture("its luma is too short"))?;
    let chroma = match frame.format {
        PixelFormat::Gray8 => None,
        PixelFormat::Yuv420p => samples(1, 1, 0, 2.0, 2.0).zip(samples(2, 1, 0, 2.0, 2.0)),
        PixelFormat::Yuv422p => samples(1, 1, 0, 2.0, 1.0).zip(samples(2, 1, 0, 2.0, 1.0)),
        PixelFormat::Nv12 => samples(1, 2, 0, 2.0, 2.0).zip(samples(1, 2, 1, 2.0, 2.0)),
    };
    Ok(match chroma {
        Some((cb, cr)) => vec![luma, cb, cr],
        None => vec![luma],
    })
}
