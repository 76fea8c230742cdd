//! Heights in columns and rows, bilinear between them.

/// Heights that no mountain and no sea has are a way to say "not known", declared or not.
const KNOWN: std::ops::RangeInclusive<f32> = -1000.0..=9000.0;

/// What rounding may put beyond an edge, in columns.
const EDGE: f64 = 1e-6;

/// Rows from north to south, each from west to east.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    width: usize,
    height: usize,
    /// NaN where not known.
    heights: Vec<f32>,
    highest: f64,
    /// Greatest difference between neighbours of a row and of a column, metres.
    rise: (f64, f64),
}

impl Grid {
    /// From heights row by row, as many as `width` times `height`, both two at least.
    pub fn new(width: usize, height: usize, mut heights: Vec<f32>) -> Self {
        heights.resize(width * height, f32::NAN);
        for h in &mut heights {
            if !KNOWN.contains(h) {
                *h = f32::NAN;
            }
        }
        // The smallest and greatest of numbers skip what is none.
        let highest = heights.iter().fold(f32::NEG_INFINITY, |m, h| m.max(*h));
        let mut rise = (0.0f32, 0.0f32);
        for r in 0..height {
            let row = &heights[r * width..(r + 1) * width];
            for (a, b) in row.iter().zip(&row[1..]) {
                rise.0 = rise.0.max((a - b).abs());
            }
            if let Some(below) = heights.get((r + 1) * width..(r + 2) * width) {
                for (a, b) in row.iter().zip(below) {
                    rise.1 = rise.1.max((a - b).abs());
                }
            }
        }
        Self {
            width,
            height,
            heights,
            highest: f64::from(highest),
            rise: (f64::from(rise.0), f64::from(rise.1)),
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Highest height; minus infinity when none is known.
    pub fn highest(&self) -> f64 {
        self.highest
    }

    /// Greatest slope for points so many metres apart, east and north: the gradient of a bilinear patch
    /// lies between those of its edges.
    pub fn steepest(&self, east_m: f64, north_m: f64) -> f64 {
        (self.rise.0 / east_m.max(1e-3)).hypot(self.rise.1 / north_m.max(1e-3))
    }

    /// At a column and row; nothing beyond the edges or beside a height that is not known.
    pub fn at(&self, column: f64, row: f64) -> Option<f64> {
        let last = ((self.width - 1) as f64, (self.height - 1) as f64);
        let inside = |x: f64, last: f64| (-EDGE..=last + EDGE).contains(&x);
        if !inside(column, last.0) || !inside(row, last.1) {
            return None;
        }
        let (column, row) = (column.clamp(0.0, last.0), row.clamp(0.0, last.1));
        // What lies on the last column lies between it and the one before.
        let (c, r) = (
            column.floor().min(last.0 - 1.0),
            row.floor().min(last.1 - 1.0),
        );
        let (u, v) = (column - c, row - r);
        let i = r as usize * self.width + c as usize;
        let cell = |i: usize| f64::from(self.heights[i]);
        let north = cell(i) * (1.0 - u) + cell(i + 1) * u;
        let south = cell(i + self.width) * (1.0 - u) + cell(i + self.width + 1) * u;
        let h = north * (1.0 - v) + south * v;
        h.is_finite().then_some(h)
    }
}
