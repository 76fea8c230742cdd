//! Moving pixels joined into boxes.

/// Side of the cells that are joined.
const CELL: usize = 4;

/// A connected group of moving pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blob {
    /// Left, inclusive.
    pub x0: u32,
    /// Top, inclusive.
    pub y0: u32,
    /// Right, exclusive.
    pub x1: u32,
    /// Bottom, exclusive.
    pub y1: u32,
    /// Moving pixels.
    pub pixels: u32,
    /// Sum of their excess.
    pub weight: u32,
}

/// Groups of moving pixels: cells of 4x4 with at least two of them, joined with their eight
/// neighbours. In row order of their first cell.
pub fn find(excess: &[u8], w: usize, h: usize) -> Vec<Blob> {
    let (cw, ch) = (w.div_ceil(CELL), h.div_ceil(CELL));
    let mut counts = vec![0u8; cw * ch];
    for y in 0..h {
        let row = &excess[y * w..(y + 1) * w];
        let out = &mut counts[(y / CELL) * cw..(y / CELL + 1) * cw];
        // Most of a picture is still: four cells at once are passed over.
        for (out, px) in out.chunks_mut(4).zip(row.chunks(4 * CELL)) {
            if px.iter().fold(0, |m, v| m | v) == 0 {
                continue;
            }
            for (o, px) in out.iter_mut().zip(px.chunks(CELL)) {
                *o += px.iter().map(|v| u8::from(*v > 0)).sum::<u8>();
            }
        }
    }
    let mut label = vec![0u32; cw * ch];
    let mut blobs = Vec::new();
    let mut stack = Vec::new();
    for start in 0..cw * ch {
        if counts[start] < 2 || label[start] != 0 {
            continue;
        }
        let id = blobs.len() as u32 + 1;
        let mut blob = Blob {
            x0: u32::MAX,
            y0: u32::MAX,
            x1: 0,
            y1: 0,
            pixels: 0,
            weight: 0,
        };
        label[start] = id;
        stack.push(start);
        while let Some(cell) = stack.pop() {
            let (cx, cy) = (cell % cw, cell / cw);
            for y in cy * CELL..((cy + 1) * CELL).min(h) {
                for x in cx * CELL..((cx + 1) * CELL).min(w) {
                    let v = excess[y * w + x];
                    if v > 0 {
                        blob.x0 = blob.x0.min(x as u32);
                        blob.y0 = blob.y0.min(y as u32);
                        blob.x1 = blob.x1.max(x as u32 + 1);
                        blob.y1 = blob.y1.max(y as u32 + 1);
                        blob.pixels += 1;
                        blob.weight += u32::from(v);
                    }
                }
            }
            for ny in cy.saturating_sub(1)..(cy + 2).min(ch) {
                for nx in cx.saturating_sub(1)..(cx + 2).min(cw) {
                    let next = ny * cw + nx;
                    if counts[next] >= 2 && label[next] == 0 {
                        label[next] = id;
                        stack.push(next);
                    }
                }
            }
        }
        blobs.push(blob);
    }
    blobs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_squares_are_two_blobs_with_their_extent() {
        let (w, h) = (64, 40);
        let mut e = vec![0u8; w * h];
        for y in 5..12 {
            for x in 7..16 {
                e[y * w + x] = 10;
            }
        }
        for y in 20..24 {
            for x in 40..44 {
                e[y * w + x] = 200;
            }
        }
        let b = find(&e, w, h);
        assert_eq!(b.len(), 2);
        assert_eq!((b[0].x0, b[0].y0, b[0].x1, b[0].y1), (7, 5, 16, 12));
        assert_eq!((b[0].pixels, b[0].weight), (63, 630));
        assert_eq!((b[1].x0, b[1].x1, b[1].pixels), (40, 44, 16));
    }
}
