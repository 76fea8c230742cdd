//! Places at which networks guess boxes.

/// A place: its column and row in its level, and the level's stride in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Column.
    pub x: f32,
    /// Row.
    pub y: f32,
    /// Pixels from one to the next.
    pub stride: f32,
}

/// Columns and rows of a level; what does not fill a stride has a place of its own.
pub fn level(width: u32, height: u32, stride: u32) -> (usize, usize) {
    (
        width.div_ceil(stride) as usize,
        height.div_ceil(stride) as usize,
    )
}

/// How many places there are.
pub fn count(width: u32, height: u32, strides: &[u32]) -> usize {
    let sizes = strides.iter().map(|s| level(width, height, *s));
    sizes.map(|(w, h)| w * h).sum()
}

/// All places, level by level, row by row.
pub fn cells(width: u32, height: u32, strides: &[u32]) -> impl Iterator<Item = Cell> {
    strides.iter().flat_map(move |s| {
        let (w, h) = level(width, height, *s);
        (0..w * h).map(move |i| Cell {
            x: (i % w) as f32,
            y: (i / w) as f32,
            stride: *s as f32,
        })
    })
}
