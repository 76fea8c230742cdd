//! Draws to what is said of sources.

use super::chain::Draw;
use super::data::Data;
use super::episodes;
use super::model::Source;
use super::prior::Prior;
use super::solve::Solved;
use crate::estimate::{self, CandidateShare, densest, round};
use crate::grid::{Candidate, Grid};
use crate::region::Region;
use atalaya_geo::{Matrix3, Vector3};

/// Squares along the longer side of a region's picture.
const FINE: f64 = 48.0;
/// Passes of smoothing of a region's picture.
const SMOOTH: usize = 2;
/// Sources of which only the number and the times are asked are matched within so much of the area's side.
const LENIENT: f64 = 0.03;
/// Draws are matched to sources in so many rounds.
const ROUNDS: usize = 3;

/// Probabilities of none, one, two... sources.
fn numbers(draws: &[Draw], of: impl Fn(&Draw) -> usize) -> Vec<f64> {
    let most = draws.iter().map(&of).max().unwrap_or(0);
    let mut p = vec![0.0; most.max(1) + 1];
    for d in draws {
        p[of(d)] += 1.0 / draws.len().max(1) as f64;
    }
    p
}

/// Probabilities of none, one, two... sources within the area.
pub fn inside(draws: &[Draw], prior: &Prior) -> Vec<f64> {
    numbers(draws, |d| {
        d.sources.iter().filter(|s| prior.inside(s)).count()
    })
}

/// As many sources as there are at least with a probability above one half.
pub fn count(draws: &[Draw]) -> usize {
    let mut beyond = 0.0;
    let p = numbers(draws, |d| d.sources.len());
    let count = (1..p.len()).rev().find(|&n| {
        beyond += p[n];
        beyond > 0.5
    });
    count.unwrap_or(0)
}

/// The sources that are more likely than not, the most probable first.
pub fn sources(
    solved: &Solved,
    data: &Data,
    prior: &Prior,
    candidates: &[Candidate],
) -> Vec<estimate::Source> {
    let count = count(&solved.numbers);
    if count == 0 {
        return Vec::new();
    }
    let n = solved.numbers.len() as f64;
    let d = prior.area().hi - prior.area().lo;
    let side_m = d.x.max(d.y);
    let places = groups(&solved.places, count, data, side_m, None);
    let times = groups(&solved.numbers, count, data, side_m, Some(&places));
    let mut said: Vec<_> = places
        .iter()
        .zip(&times)
        .filter(|(places, times)| {
            // What is likelier outside of the area is none of its sources.
            let within = places.iter().filter(|s| prior.inside(s)).count();
            2 * within > places.len() && times.len() as f64 > 0.5 * n
        })
        .map(|(places, times)| {
            one(
                places,
                times,
                times.len() as f64 / n,
                data,
                prior,
                candidates,
            )
        })
        .collect();
    said = episodes::merged(said, data.span);
    said.sort_by(|a, b| {
        b.p.total_cmp(&a.p)
            .then(b.rate_kg_h.total_cmp(&a.rate_kg_h))
    });
    said
}

/// Distance of a drawn source from a group's middle, in its spreads.
fn apart(s: &Source, middle: &Source, spread: f64, data: &Data) -> f64 {
    let d2: f64 = (0..2).map(|i| (s.at[i] - middle.at[i]).powi(2)).sum();
    let (a, b) = (s.span(data.span), middle.span(data.span));
    let both = (a.1.min(b.1) - a.0.max(b.0)).max(0.0);
    let either = (a.1.max(b.1) - a.0.min(b.0)).max(1e-9);
    d2 / (spread * spread) + 4.0 * (1.0 - both / either)
}

/// The drawn sources that belong together, in so many groups.
fn groups(
    draws: &[Draw],
    count: usize,
    data: &Data,
    side_m: f64,
    like: Option<&[Vec<Source>]>,
) -> Vec<Vec<Source>> {
    let alike = draws.iter().filter(|d| d.sources.len() == count);
    let Some(first) = alike.max_by(|a, b| a.ln.total_cmp(&b.ln)) else {
        return Vec::new();
    };
    let mut middles = first.sources.clone();
    let mut spreads = vec![f64::INFINITY; count];
    let mut groups = Vec::new();
    if let Some(like) = like {
        for ((g, m), s) in like.iter().zip(&mut middles).zip(&mut spreads) {
            middle(g, m, s);
            *s = s.max(LENIENT * side_m);
        }
    }
    for round in 0..ROUNDS {
        let first = round == 0 && like.is_none();
        groups = vec![Vec::new(); count];
        for d in draws {
            let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
            for (i, s) in d.sources.iter().enumerate() {
                for (j, m) in middles.iter().enumerate() {
                    let wide = if spreads[j].is_finite() {
                        spreads[j]
                    } else {
                        3.0
                    };
                    pairs.push((apart(s, m, wide, data), i, j));
                }
            }
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (mut used, mut had) = (vec![false; d.sources.len()], vec![false; count]);
            for (far, i, j) in pairs {
                if !used[i] && !had[j] && (first || far < 25.0) {
                    (used[i], had[j]) = (true, true);
                    groups[j].push(d.sources[i]);
                }
            }
        }
        for ((g, m), s) in groups.iter().zip(&mut middles).zip(&mut spreads) {
            middle(g, m, s);
        }
        if like.is_some() {
            break;
        }
    }
    groups
}

/// The middle and the spread of a group, if it is not empty.
fn middle(g: &[Source], m: &mut Source, spread: &mut f64) {
    if g.is_empty() {
        return;
    }
    let n = g.len() as f64;
    for i in 0..3 {
        m.at[i] = g.iter().map(|s| s.at[i]).sum::<f64>() / n;
    }
    for i in 0..2 {
        m.on[i] = g.iter().map(|s| s.on[i].clamp(0.0, 1.0)).sum::<f64>() / n;
    }
    let d2 = |s: &Source| (0..2).map(|i| (s.at[i] - m.at[i]).powi(2)).sum::<f64>();
    *spread = (g.iter().map(d2).sum::<f64>() / n).sqrt().max(0.5);
}

/// What is at a share of numbers.
fn at(sorted: &[f64], share: f64) -> f64 {
    let i = (share * (sorted.len().saturating_sub(1)) as f64).round() as usize;
    sorted.get(i).copied().unwrap_or(0.0)
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut all: Vec<f64> = values.collect();
    all.sort_by(f64::total_cmp);
    all
}

fn one(
    g: &[Source],
    times: &[Source],
    p: f64,
    data: &Data,
    prior: &Prior,
    candidates: &[Candidate],
) -> estimate::Source {
    let n = g.len().max(1) as f64;
    let (grid, squares) = picture(g, prior);
    let within90 = densest(&squares, 0.9);
    // Where it is said to be rests on the draws that trust the plume more; how far off that may be, on those that
    // doubt it. The mean is taken over the part that holds most: between two parts there is nothing.
    let main = estimate::main_part(&grid, &within90, &squares);
    let in_main = |s: &&Source| square(&grid, s).is_some_and(|i| main[i]);
    let mut near: Vec<&Source> = times.iter().filter(in_main).collect();
    if near.len() < g.len() / 20 {
        near = g.iter().filter(in_main).collect();
    }
    let place = |s: &Source| Vector3::new(s.at[0], s.at[1], s.at[2]);
    let count = near.len().max(1) as f64;
    let mean = near
        .iter()
        .fold(Vector3::zeros(), |m, s| m + place(s) / count);
    let cov = g.iter().fold(Matrix3::zeros(), |c, s| {
        c + (place(s) - mean) * (place(s) - mean).transpose() / n
    });
    let rates = sorted(g.iter().map(|s| s.ln_rate));
    let rate = |share: f64| round(at(&rates, share).exp(), 4);
    let trusted = sorted(near.iter().map(|s| s.ln_rate));
    let median = at(&trusted, 0.5).clamp(at(&rates, 0.05), at(&rates, 0.95));
    let ends = |i: usize| {
        at(
            &sorted(
                times
                    .iter()
                    .map(|s| [s.span(data.span).0, s.span(data.span).1][i]),
            ),
            0.5,
        )
    };
    let mut shares = vec![0.0; candidates.len()];
    for s in g {
        let each: Vec<f64> = prior.shares(s.at[0], s.at[1]).collect();
        let sum: f64 = each.iter().sum();
        for (share, e) in shares.iter_mut().zip(&each) {
            *share += e / sum / n;
        }
    }
    let shares: Vec<CandidateShare> = candidates
        .iter()
        .zip(&shares)
        .map(|(c, p)| CandidateShare {
            name: c.name.clone(),
            p: round(*p, 4),
        })
        .collect();
    estimate::Source {
        p: round(p, 6),
        e: round(mean.x, 2),
        n: round(mean.y, 2),
        u: round(mean.z, 2),
        cov: std::array::from_fn(|i| round(cov[(i / 3, i % 3)], 3)),
        rate_kg_h: round(median.exp(), 4),
        rate_lo90: rate(0.05),
        rate_hi90: rate(0.95),
        rate_lo50: rate(0.25),
        rate_hi50: rate(0.75),
        region50: Region::of(&grid, &densest(&squares, 0.5)),
        region90: Region::of(&grid, &within90),
        t0_s: round(ends(0), 1),
        t1_s: round(ends(1), 1),
        candidate: shares.iter().find(|c| c.p > 0.5).map(|c| c.name.clone()),
        candidates: shares,
    }
}

/// Which square of a grid a source is in.
fn square(grid: &Grid, s: &Source) -> Option<usize> {
    let (c, r) = (
        ((s.at[0] - grid.origin.0) / grid.side).floor(),
        ((s.at[1] - grid.origin.1) / grid.side).floor(),
    );
    let inside = c >= 0.0 && r >= 0.0 && (c as usize) < grid.columns && (r as usize) < grid.rows;
    inside.then(|| r as usize * grid.columns + c as usize)
}

/// How probable each square is to hold one of a group.
fn picture(g: &[Source], prior: &Prior) -> (Grid, Vec<f64>) {
    let area = prior.area();
    let bounds = |i: usize| {
        let all = sorted(g.iter().map(|s| s.at[i]));
        (at(&all, 0.0), at(&all, 1.0))
    };
    let (x, y) = (bounds(0), bounds(1));
    let side = ((x.1 - x.0).max(y.1 - y.0) / FINE).max(0.02);
    let edge = (SMOOTH + 1) as f64 * side;
    let count = |(lo, hi): (f64, f64)| ((hi - lo + 2.0 * edge) / side).ceil() as usize + 1;
    let grid = Grid {
        origin: (x.0 - edge, y.0 - edge),
        side,
        columns: count(x),
        rows: count(y),
        heights: vec![0.0],
        layer: 0.0,
    };
    let mut squares = histogram(&grid, g.iter());
    for _ in 0..SMOOTH {
        squares = smooth(&grid, &squares);
    }
    // Outside of the area there is nothing.
    for (i, p) in squares.iter_mut().enumerate() {
        let (e, n) = grid.middle(i);
        let half = side / 2.0;
        let out = |v: f64, lo: f64, hi: f64| v + half < lo || v - half > hi;
        if out(e, area.lo.x, area.hi.x) || out(n, area.lo.y, area.hi.y) {
            *p = 0.0;
        }
    }
    let sum: f64 = squares.iter().sum();
    squares.iter_mut().for_each(|p| *p /= sum.max(1e-300));
    (grid, squares)
}

fn histogram<'a>(grid: &Grid, sources: impl Iterator<Item = &'a Source>) -> Vec<f64> {
    let mut squares = vec![0.0; grid.squares()];
    let mut count = 0.0f64;
    for s in sources {
        count += 1.0;
        if let Some(i) = square(grid, s) {
            squares[i] += 1.0;
        }
    }
    squares.iter_mut().for_each(|p| *p /= count.max(1.0));
    squares
}

/// One, two, one over east, then over north.
fn smooth(grid: &Grid, squares: &[f64]) -> Vec<f64> {
    let pass = |from: &[f64], stride: usize, along: usize, len: usize| -> Vec<f64> {
        (0..from.len())
            .map(|i| {
                let k = (i / along) % len;
                let before = if k > 0 { from[i - stride] } else { from[i] };
                let after = if k + 1 < len {
                    from[i + stride]
                } else {
                    from[i]
                };
                0.25 * before + 0.5 * from[i] + 0.25 * after
            })
            .collect()
    };
    let east = pass(squares, 1, 1, grid.columns);
    pass(&east, grid.columns, grid.columns, grid.rows)
}

/// Of the sources that there may be, the share that each square holds. Where none is more likely than not
/// it speaks of those that were thought of, and where none was thought of all squares are alike.
pub fn heat(solved: &Solved, grid: &Grid) -> Vec<f64> {
    let any = |draws: &[Draw]| draws.iter().any(|d| !d.sources.is_empty());
    let draws = match (any(&solved.places), any(&solved.numbers)) {
        (true, _) => &solved.places,
        (false, true) => &solved.numbers,
        (false, false) => return vec![1.0 / grid.squares().max(1) as f64; grid.squares()],
    };
    let sources = draws.iter().flat_map(|d| &d.sources);
    smooth(grid, &histogram(grid, sources))
}
