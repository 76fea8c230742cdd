//! How far something reaches that moves over the ground.
//!
//! A vehicle of one colour differs from what was there before at its ends only: at its front, and behind it, where the
//! ground shows again. Its edges say more: they are found in an earlier picture where it was then and not where they
//! are now, while edges of the ground are found where they are. What the vehicle uncovered is found at neither.

use crate::image::Gray;
use atalaya_geo::{Homography, Matrix2, Vector2};
use atalaya_model::{Outline, OutlineAsk, PixelBox};

/// Least gradient of an edge, grey levels over two pixels, both directions added: so many times the usual one about
/// it, within these limits.
const EDGE: (i32, i32, i32) = (3, 8, 14);
/// Share of an edge's gradient by which another may differ and still be the same.
const ALIKE: f32 = 0.5;
/// Farthest that is looked beyond the seed, working pixels.
const REACH: f32 = 72.0;
/// Least way it must have gone, and most, working pixels.
const WAY: (f64, f64) = (3.0, 80.0);
/// Share of that way by which it may be wrong, and pixels.
const DOUBT: (f64, f64) = (0.3, 3.0);
/// Most edges that say where it went.
const VOTERS: usize = 300;
/// Fewest that must agree.
const AGREED: usize = 12;

/// A pixel on an edge of the present picture.
#[derive(Clone, Copy)]
struct Edge {
    at: (i32, i32),
    g: (i32, i32),
    /// Where the ground at it was in the earlier picture.
    was: Vector2<f64>,
    /// Found there, too.
    still: bool,
}

/// Looks for all that went the same way as the seed. `to_then`: working pixels of `now` to those of `then`; `scale`:
/// display to working pixels. `None` when it has not gone far enough, has too few edges, or leaves the pictures.
pub fn outline(
    ask: &OutlineAsk,
    then: &Gray,
    now: &Gray,
    to_then: &Homography,
    scale: f32,
) -> Option<Outline> {
    let gone = Vector2::from(ask.gone.map(|v| f64::from(v * scale)));
    if !(WAY.0..WAY.1).contains(&gone.norm()) {
        return None;
    }
    let s = &ask.seed;
    let seed = Area {
        x0: (s.x * scale).floor() as i32,
        y0: (s.y * scale).floor() as i32,
        x1: ((s.x + s.w) * scale).ceil() as i32,
        y1: ((s.y + s.h) * scale).ceil() as i32,
    };
    let reach = (ask.reach * scale).min(REACH) as i32;
    let region = seed.grown(reach).within(now)?;
    let centre = seed.centre();
    let turn = to_then.jacobian(centre)?;
    let edges = edges(&region, now, then, to_then.apply(centre)?, &turn, centre);
    // Only what lies about the seed says where it went: others may move, too.
    let near = seed.grown((seed.side() / 3).clamp(3, reach.max(3)));
    let fresh: Vec<&Edge> = edges
        .iter()
        .filter(|e| !e.still && near.holds(e.at))
        .collect();
    let step = fresh.len() / VOTERS + 1;
    let voters: Vec<&Edge> = fresh.into_iter().step_by(step).collect();
    let gone = way(&voters, then, &turn, gone)?;
    let shift = turn * gone;
    let moved = |e: &Edge| is_at(e, then, e.was - shift);
    let cell = if seed.side() < 14 { 2 } else { 4 };
    let found = flood(&edges, &moved, &seed, &region, cell)?;
    let (x, y) = (found.x0 as f32, found.y0 as f32);
    Some(Outline {
        key: ask.key,
        bbox: PixelBox {
            x: x / scale,
            y: y / scale,
            w: (found.x1 as f32 - x) / scale,
            h: (found.y1 as f32 - y) / scale,
        },
    })
}

/// A part of a picture, the ends exclusive.
#[derive(Clone, Copy)]
struct Area {
    x0: i32,
    y0: i32,
    x1: i32,
    y1: i32,
}

impl Area {
    fn side(&self) -> i32 {
        (self.x1 - self.x0).min(self.y1 - self.y0)
    }

    fn centre(&self) -> Vector2<f64> {
        Vector2::new(f64::from(self.x0 + self.x1), f64::from(self.y0 + self.y1)) * 0.5
    }

    fn grown(&self, by: i32) -> Self {
        Self {
            x0: self.x0 - by,
            y0: self.y0 - by,
            x1: self.x1 + by,
            y1: self.y1 + by,
        }
    }

    /// What of it has neighbours all round in the picture.
    fn within(&self, img: &Gray) -> Option<Self> {
        let cut = Self {
            x0: self.x0.max(1),
            y0: self.y0.max(1),
            x1: self.x1.min(img.w as i32 - 1),
            y1: self.y1.min(img.h as i32 - 1),
        };
        (cut.side() > 4).then_some(cut)
    }

    fn holds(&self, (x, y): (i32, i32)) -> bool {
        x >= self.x0 && x < self.x1 && y >= self.y0 && y < self.y1
    }
}

/// The edges of a part of the present picture. From it to the earlier one `turn` is constant enough.
fn edges(
    region: &Area,
    now: &Gray,
    then: &Gray,
    was: Vector2<f64>,
    turn: &Matrix2<f64>,
    centre: Vector2<f64>,
) -> Vec<Edge> {
    let strength = |x, y| {
        let g = gradient(now, x, y);
        g.0.abs() + g.1.abs()
    };
    let rows = (region.y0..region.y1).step_by(3);
    let mut some: Vec<i32> = rows
        .flat_map(|y| (region.x0..region.x1).step_by(3).map(move |x| (x, y)))
        .map(|(x, y)| strength(x, y))
        .collect();
    let middle = some.len() / 2;
    let usual = *some.select_nth_unstable(middle).1;
    let least = (EDGE.0 * usual).clamp(EDGE.1, EDGE.2);
    let mut edges = Vec::new();
    for y in region.y0..region.y1 {
        for x in region.x0..region.x1 {
            let g = gradient(now, x, y);
            if g.0.abs() + g.1.abs() < least {
                continue;
            }
            let off = Vector2::new(f64::from(x), f64::from(y)) - centre;
            let mut e = Edge {
                at: (x, y),
                g,
                was: was + turn * off,
                still: false,
            };
            e.still = is_at(&e, then, e.was);
            edges.push(e);
        }
    }
    edges
}

/// Where it went, as most of the edges about it say: looked for around where it is said to have gone.
fn way(
    voters: &[&Edge],
    then: &Gray,
    turn: &Matrix2<f64>,
    said: Vector2<f64>,
) -> Option<Vector2<f64>> {
    let reach = (DOUBT.0 * said.norm() + DOUBT.1).min(16.0);
    let votes = |gone: Vector2<f64>| {
        let shift = turn * gone;
        let agree = |e: &&&Edge| is_at(e, then, e.was - shift);
        voters.iter().filter(agree).count()
    };
    let around = |middle: Vector2<f64>, reach: f64, step: f64| {
        let n = (reach / step).floor() as i32;
        let mut all = Vec::new();
        for j in -n..=n {
            for i in -n..=n {
                let gone = middle + Vector2::new(f64::from(i), f64::from(j)) * step;
                all.push((votes(gone), gone));
            }
        }
        all
    };
    let coarse = around(said, reach, 2.0);
    let mut counts: Vec<usize> = coarse.iter().map(|c| c.0).collect();
    counts.sort_unstable();
    let chance = counts[counts.len() / 4];
    let best = |all: Vec<(usize, Vector2<f64>)>| {
        all.into_iter().min_by(|a, b| {
            let near = |v: &Vector2<f64>| (v - said).norm();
            b.0.cmp(&a.0).then(near(&a.1).total_cmp(&near(&b.1)))
        })
    };
    let (_, middle) = best(coarse)?;
    let (n, gone) = best(around(middle, 1.0, 1.0))?;
    // That it stayed is no way it went.
    let far = gone.norm() > 0.5 * WAY.0;
    (n >= AGREED && n as f32 > 1.5 * chance as f32 && far).then_some(gone)
}

/// All cells of edges that moved and hang together with those at the seed.
fn flood(
    edges: &[Edge],
    moved: &dyn Fn(&Edge) -> bool,
    seed: &Area,
    region: &Area,
    cell: i32,
) -> Option<Area> {
    let w = ((region.x1 - region.x0) / cell + 1) as usize;
    let h = ((region.y1 - region.y0) / cell + 1) as usize;
    let index = |(x, y): (i32, i32)| {
        ((y - region.y0) / cell) as usize * w + ((x - region.x0) / cell) as usize
    };
    // Edges that moved, those that are neither here nor there, those along which it moved, and those that stand.
    let mut counts = vec![[0u16; 4]; w * h];
    let mut own = Vec::new();
    for e in edges {
        let kind = match (moved(e), e.still) {
            (true, false) => 0,
            (false, false) => 1,
            (true, true) => 2,
            (false, true) => 3,
        };
        counts[index(e.at)][kind] += 1;
        if kind == 0 {
            own.push(e.at);
        }
    }
    let least = if cell < 4 { 1 } else { 2 };
    let goes = |c: &[u16; 4]| c[0] >= least && c[0] > c[1];
    let joins = |c: &[u16; 4]| goes(c) || c[2] > least;
    let mut reached = vec![false; w * h];
    let mut stack: Vec<usize> = own
        .iter()
        .filter(|p| seed.holds(**p))
        .map(|p| index(*p))
        .filter(|i| goes(&counts[*i]))
        .collect();
    stack.iter().for_each(|i| reached[*i] = true);
    let gap = if cell < 4 { 1 } else { 2 };
    let spread = |stack: &mut Vec<usize>, reached: &mut [bool]| {
        while let Some(i) = stack.pop() {
            let (cx, cy) = (i % w, i / w);
            for ny in cy.saturating_sub(gap)..(cy + gap + 1).min(h) {
                for nx in cx.saturating_sub(gap)..(cx + gap + 1).min(w) {
                    let next = ny * w + nx;
                    if !reached[next] && joins(&counts[next]) {
                        reached[next] = true;
                        stack.push(next);
                    }
                }
            }
        }
    };
    spread(&mut stack, &mut reached);
    // Ends of it may show nothing between them, but no standing ground either.
    let stands = |c: &[u16; 4]| c[3] >= 2 && c[3] > 2 * c[0];
    loop {
        let there: Vec<usize> = (0..w * h)
            .filter(|i| reached[*i] && goes(&counts[*i]))
            .collect();
        let next = (0..w * h).find(|i| {
            let (x, y) = (i % w, i / w);
            let nearest = there
                .iter()
                .min_by_key(|j| distance2(**j % w, **j / w, x, y));
            !reached[*i]
                && counts[*i][0] > least
                && goes(&counts[*i])
                && nearest.is_some_and(|j| {
                    !between((j % w, j / w), (x, y)).any(|(x, y)| stands(&counts[y * w + x]))
                })
        });
        let Some(i) = next else { break };
        reached[i] = true;
        stack.push(i);
        spread(&mut stack, &mut reached);
    }
    own.retain(|p| reached[index(*p)] && goes(&counts[index(*p)]));
    if own.len() < AGREED {
        return None;
    }
    let (x0, x1) = ends(own.iter().map(|p| p.0).collect())?;
    let (y0, y1) = ends(own.iter().map(|p| p.1).collect())?;
    Some(Area { x0, y0, x1, y1 })
}

fn distance2(x: usize, y: usize, u: usize, v: usize) -> usize {
    x.abs_diff(u).pow(2) + y.abs_diff(v).pow(2)
}

/// The cells on the straight way from one to another, without these.
fn between((x, y): (usize, usize), (u, v): (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    let n = x.abs_diff(u).max(y.abs_diff(v)).max(1);
    let on = move |k: usize, a: usize, b: usize| (a * (n - k) + b * k + n / 2) / n;
    (1..n).map(move |k| (on(k, x, u), on(k, y, v)))
}

/// First and last of the places, the last exclusive, but for the outermost hundredth at either end.
fn ends(mut at: Vec<i32>) -> Option<(i32, i32)> {
    at.sort_unstable();
    let cut = at.len() / 100;
    Some((*at.get(cut)?, *at.get(at.len() - 1 - cut)? + 1))
}

/// Differences to both sides.
fn gradient(img: &Gray, x: i32, y: i32) -> (i32, i32) {
    let (w, i) = (img.w, y as usize * img.w + x as usize);
    let p = |i: usize| i32::from(img.px[i]);
    (p(i + 1) - p(i - 1), p(i + w) - p(i - w))
}

/// True when an edge is found in `img` at a place or next to it.
fn is_at(e: &Edge, img: &Gray, place: Vector2<f64>) -> bool {
    let (x, y) = (place.x.round() as i32, place.y.round() as i32);
    if x < 2 || y < 2 || x + 2 >= img.w as i32 || y + 2 >= img.h as i32 {
        return false;
    }
    let allowed = (ALIKE * (e.g.0.abs() + e.g.1.abs()) as f32) as i32;
    for (dx, dy) in [
        (0, 0),
        (1, 0),
        (-1, 0),
        (0, 1),
        (0, -1),
        (1, 1),
        (-1, 1),
        (1, -1),
        (-1, -1),
    ] {
        let g = gradient(img, x + dx, y + dy);
        if (g.0 - e.g.0).abs() + (g.1 - e.g.1).abs() <= allowed {
            return true;
        }
    }
    false
}
