//! How alike two boxes are.

use atalaya_model::PixelBox;

/// Intersection over union, 0 to 1, of boxes made larger by a share `by` of their size on each side.
pub(super) fn overlap(a: &PixelBox, b: &PixelBox, by: f64) -> f64 {
    let side = |from: f32, size: f32| {
        let (from, size) = (f64::from(from), f64::from(size));
        (from - by * size, from + (1.0 + by) * size)
    };
    let (ax, ay, bx, by) = (
        side(a.x, a.w),
        side(a.y, a.h),
        side(b.x, b.w),
        side(b.y, b.h),
    );
    let common = |p: (f64, f64), q: (f64, f64)| (p.1.min(q.1) - p.0.max(q.0)).max(0.0);
    let area = |x: (f64, f64), y: (f64, f64)| (x.1 - x.0) * (y.1 - y.0);
    let both = common(ax, bx) * common(ay, by);
    let either = area(ax, ay) + area(bx, by) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

/// How much heights differ, as a ratio's logarithm: people and vehicles don't grow between frames.
pub(super) fn mismatch(a: &PixelBox, b: &PixelBox) -> f64 {
    (f64::from(a.h).max(1e-6) / f64::from(b.h).max(1e-6))
        .ln()
        .abs()
}
