//! Parts of a frame that are looked at more closely.

use super::prepare::Part;
use atalaya_model::PixelBox;

/// Most tiles of a frame, whoever asks.
const MOST: usize = 64;
/// Share of a tile's side by which a cue must lie inside.
const MARGIN: f32 = 0.1;
/// Pixels within which a box touches a border.
const TOUCH: f32 = 1.5;

/// Tiles of `tile` pixels about cues, in their order; a cue that lies well inside one has it already.
pub fn about(cues: &[PixelBox], size: (f32, f32), tile: (f32, f32), most: usize) -> Vec<Part> {
    let (w, h) = (tile.0.min(size.0), tile.1.min(size.1));
    // A tile of the whole frame shows no more than the frame does.
    if w >= size.0 && h >= size.1 {
        return Vec::new();
    }
    let mut tiles: Vec<Part> = Vec::new();
    for c in cues {
        let inside = |t: &Part| {
            let (mx, my) = (MARGIN * t.w, MARGIN * t.h);
            let left = t.x <= 0.0 || c.x >= t.x + mx;
            let top = t.y <= 0.0 || c.y >= t.y + my;
            let right = t.x + t.w >= size.0 || c.x + c.w <= t.x + t.w - mx;
            let below = t.y + t.h >= size.1 || c.y + c.h <= t.y + t.h - my;
            let holds = c.overlap(&PixelBox {
                x: t.x,
                y: t.y,
                w: t.w,
                h: t.h,
            }) > 0.0;
            holds && left && top && right && below
        };
        let (x, y) = c.centre();
        if !(x.is_finite() && y.is_finite()) || tiles.iter().any(inside) {
            continue;
        }
        if tiles.len() >= most.min(MOST) {
            break;
        }
        tiles.push(Part {
            x: (x - 0.5 * w).clamp(0.0, size.0 - w).floor(),
            y: (y - 0.5 * h).clamp(0.0, size.1 - h).floor(),
            w,
            h,
        });
    }
    tiles
}

/// True for a box that a tile's border cuts, where that is not the frame's: the frame as a whole, or the
/// next tile, shows all of it.
pub fn cut(b: &PixelBox, tile: &Part, whole: &Part) -> bool {
    let left = b.x <= tile.x + TOUCH && tile.x > whole.x + TOUCH;
    let top = b.y <= tile.y + TOUCH && tile.y > whole.y + TOUCH;
    let right = b.x + b.w >= tile.x + tile.w - TOUCH && tile.x + tile.w < whole.w - TOUCH;
    let below = b.y + b.h >= tile.y + tile.h - TOUCH && tile.y + tile.h < whole.h - TOUCH;
    left || top || right || below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_cues_share_a_tile_and_far_ones_do_not() {
        let cue = |x: f32, y: f32| PixelBox {
            x,
            y,
            w: 10.0,
            h: 8.0,
        };
        let cues = [cue(500.0, 300.0), cue(520.0, 310.0), cue(1200.0, 20.0)];
        let tiles = about(&cues, (1280.0, 720.0), (320.0, 320.0), 8);
        assert_eq!(tiles.len(), 2);
        // At the border it stays inside.
        assert_eq!((tiles[1].x, tiles[1].y), (960.0, 0.0));
        assert_eq!(about(&cues, (1280.0, 720.0), (320.0, 320.0), 1).len(), 1);
        assert!(about(&cues, (1280.0, 720.0), (1280.0, 1280.0), 8).is_empty());
        assert!(about(&[cue(f32::NAN, 0.0)], (1280.0, 720.0), (320.0, 320.0), 8).is_empty());
    }

    #[test]
    fn what_a_tile_cuts_is_left_to_others() {
        let whole = Part {
            x: 0.0,
            y: 0.0,
            w: 1000.0,
            h: 500.0,
        };
        let tile = Part {
            x: 0.0,
            y: 100.0,
            w: 300.0,
            h: 300.0,
        };
        let b = |x: f32, y: f32| PixelBox {
            x,
            y,
            w: 20.0,
            h: 20.0,
        };
        assert!(!cut(&b(0.0, 200.0), &tile, &whole));
        assert!(cut(&b(100.0, 100.0), &tile, &whole));
        assert!(cut(&b(280.0, 200.0), &tile, &whole));
        assert!(!cut(&b(980.0, 480.0), &whole, &whole));
    }
}
