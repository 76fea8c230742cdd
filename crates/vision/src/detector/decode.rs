//! Outputs of each family as boxes in pixels of the network's picture.

use super::DetectorError;
use super::grid::{cells, count, level};
use super::manifest::{Family, Manifest};
use super::tensor::{Kind, Ports, Tensor, Values, name, written};
use atalaya_model::{Detection, PixelBox};

/// Most guesses of a network that are looked at.
const MOST: usize = 2_000_000;
/// How far a score may lie beyond 0 and 1 by rounding.
const SLACK: f32 = 1e-3;

/// An output's name, kind and shape, declared or real.
struct Shape<'a> {
    name: &'a str,
    kind: Kind,
    dims: Vec<Option<usize>>,
}

/// Which outputs are what.
#[derive(Debug, PartialEq)]
enum Roles {
    /// One guess after another.
    Rows(usize),
    /// All first numbers, then all second ones.
    Columns(usize),
    /// Classes and boxes, not yet between 0 and 1.
    Logits { logits: usize, boxes: usize },
    /// Boxes with their scores beside or behind them, and classes.
    Labelled {
        boxes: usize,
        scores: Option<usize>,
        labels: usize,
    },
    /// Classes and distances of each level.
    Levels(Vec<(usize, usize)>),
}

/// True where each length is not fixed or the wanted one; `None` is wanted where any will do.
fn fits(dims: &[Option<usize>], wanted: &[Option<usize>]) -> bool {
    let may = |(d, w): (&Option<usize>, &Option<usize>)| match (d, w) {
        (Some(d), Some(w)) => d == w,
        _ => true,
    };
    dims.len() == wanted.len() && dims.iter().zip(wanted).all(may)
}

/// Which outputs are what, or what is wrong with them.
fn roles(m: &Manifest, outputs: &[Shape<'_>]) -> Result<Roles, DetectorError> {
    let find = |kind: Kind, wanted: &[Option<usize>]| {
        let mut all = outputs
            .iter()
            .enumerate()
            .filter(|(_, o)| o.kind == kind && fits(&o.dims, wanted))
            .map(|(i, _)| i);
        let first = all.next();
        first.filter(|_| all.next().is_none())
    };
    let one = |wanted: &[Option<usize>]| find(Kind::F32, wanted);
    let (w, h) = (m.input.width, m.input.height);
    let classes = m.classes.len();
    let places = count(w, h, &m.strides);
    let (a, b) = (Some(1), Some(places));
    let found = match m.family {
        Family::Yolox => one(&[a, b, Some(classes + 5)]).map(Roles::Rows),
        Family::Nanodet => one(&[a, b, Some(classes + 4 * m.bins as usize)]).map(Roles::Rows),
        Family::Ultralytics if m.end_to_end => one(&[a, None, Some(6)]).map(Roles::Rows),
        Family::Ultralytics => one(&[a, Some(classes + 4), b])
            .map(Roles::Columns)
            .or_else(|| one(&[a, b, Some(classes + 4)]).map(Roles::Rows)),
        Family::Detr => detr(outputs, classes),
        Family::Rtmdet => {
            let labels = find(Kind::I64, &[a, None]);
            let boxes = one(&[a, None, Some(5)]);
            match (boxes, labels) {
                (Some(boxes), Some(labels)) => Some(Roles::Labelled {
                    boxes,
                    scores: None,
                    labels,
                }),
                _ => levels(m, &one),
            }
        }
    };
    found.ok_or_else(|| {
        let all: Vec<String> = outputs
            .iter()
            .take(8)
            .map(|o| format!("'{}' {}", name(o.name), written(&o.dims)))
            .collect();
        DetectorError::shape(format!(
            "outputs are {}, and {} of {w}x{h} with {classes} classes gives {}",
            all.join(", "),
            family(m.family),
            wanted(m, places)
        ))
    })
}

fn family(f: Family) -> &'static str {
    match f {
        Family::Yolox => "yolox",
        Family::Detr => "detr",
        Family::Nanodet => "nanodet",
        Family::Rtmdet => "rtmdet",
        Family::Ultralytics => "ultralytics",
    }
}

/// What a family gives, for people.
fn wanted(m: &Manifest, places: usize) -> String {
    let c = m.classes.len();
    match m.family {
        Family::Yolox => format!("1x{places}x{}", c + 5),
        Family::Nanodet => format!("1x{places}x{}", c + 4 * m.bins as usize),
        Family::Ultralytics if m.end_to_end => "1xNx6".into(),
        Family::Ultralytics => format!("1x{}x{places}", c + 4),
        Family::Detr => {
            format!("1xQx{c} and 1xQx4, or labels 1xQ (integers), boxes 1xQx4 and scores 1xQ")
        }
        Family::Rtmdet => format!(
            "1xNx5 and labels 1xN (integers), or 1x{c}xHxW and 1x4xHxW for each of {} strides",
            m.strides.len()
        ),
    }
}

fn detr(outputs: &[Shape<'_>], classes: usize) -> Option<Roles> {
    let q = |wanted: &[Option<usize>], o: &Shape<'_>| fits(&o.dims, wanted);
    let at = |f: &dyn Fn(&Shape<'_>) -> bool| outputs.iter().position(f);
    let says_box = |o: &Shape<'_>| o.name.to_lowercase().contains("box");
    let four = |o: &Shape<'_>| o.kind == Kind::F32 && q(&[Some(1), None, Some(4)], o);
    // Names decide only where shapes don't: four classes look like four edges.
    let boxes = at(&|o| four(o) && says_box(o)).or_else(|| at(&four))?;
    let flat = [Some(1), None];
    let labels = at(&|o| o.kind == Kind::I64 && q(&flat, o));
    let scores = at(&|o| o.kind == Kind::F32 && q(&flat, o));
    if let (Some(labels), Some(s)) = (labels, scores) {
        return Some(Roles::Labelled {
            boxes,
            scores: Some(s),
            labels,
        });
    }
    let wide = [Some(1), None, Some(classes)];
    let logits = outputs
        .iter()
        .enumerate()
        .position(|(i, o)| i != boxes && o.kind == Kind::F32 && q(&wide, o))?;
    Some(Roles::Logits { logits, boxes })
}

fn levels(m: &Manifest, one: &dyn Fn(&[Option<usize>]) -> Option<usize>) -> Option<Roles> {
    let all: Option<Vec<(usize, usize)>> = m
        .strides
        .iter()
        .map(|s| {
            let (w, h) = level(m.input.width, m.input.height, *s);
            let dims = |c: usize| [Some(1), Some(c), Some(h), Some(w)];
            Some((one(&dims(m.classes.len()))?, one(&dims(4))?))
        })
        .collect();
    all.map(Roles::Levels)
}

/// Refuses a file whose declared outputs can't be those of the manifest.
pub fn check_ports(m: &Manifest, ports: &Ports) -> Result<(), DetectorError> {
    // Lengths that are not fixed may hide which is which; what comes out will tell.
    if ports.outputs.iter().any(|o| o.shape.contains(&None)) {
        return Ok(());
    }
    let shapes: Vec<Shape<'_>> = ports
        .outputs
        .iter()
        .map(|o| Shape {
            name: &o.name,
            kind: o.kind,
            dims: o.shape.clone(),
        })
        .collect();
    roles(m, &shapes).map(|_| ())
}

/// Boxes in pixels of the network's picture, from the manifest's score on, of classes that are wanted.
pub fn decode(m: &Manifest, outputs: &[(String, Tensor)]) -> Result<Vec<Detection>, DetectorError> {
    let shapes: Vec<Shape<'_>> = outputs
        .iter()
        .map(|(name, t)| Shape {
            name,
            kind: match t.values {
                Values::F32(_) => Kind::F32,
                Values::I64(_) => Kind::I64,
            },
            dims: t.shape.iter().map(|d| Some(*d)).collect(),
        })
        .collect();
    let roles = roles(m, &shapes)?;
    let floats = |i: usize| -> Result<&[f32], DetectorError> {
        let (name_of, t) = &outputs[i];
        let all = t.f32s().filter(|v| v.len() <= MOST * 8);
        all.ok_or_else(|| {
            DetectorError::shape(format!(
                "output '{}' is not what its shape says",
                name(name_of)
            ))
        })
    };
    let mut out = Boxes {
        m,
        found: Vec::new(),
        wild: false,
    };
    match roles {
        Roles::Rows(i) => {
            let row = outputs[i].1.shape[2].max(1);
            rows(&mut out, floats(i)?.chunks_exact(row));
        }
        Roles::Columns(i) => {
            let (rows_of, n) = (outputs[i].1.shape[1], outputs[i].1.shape[2]);
            let all = floats(i)?;
            let mut row = vec![0f32; rows_of];
            for k in 0..n {
                for (c, v) in row.iter_mut().enumerate() {
                    *v = all[c * n + k];
                }
                out.centred(&row[..4], &row[4..], 1.0);
            }
        }
        Roles::Logits { logits, boxes } => {
            let (w, h) = (m.input.width as f32, m.input.height as f32);
            let c = m.classes.len().max(1);
            for (b, l) in floats(boxes)?
                .chunks_exact(4)
                .zip(floats(logits)?.chunks_exact(c))
            {
                let p: Vec<f32> = l.iter().map(|v| sigmoid(*v)).collect();
                out.centred(&[b[0] * w, b[1] * h, b[2] * w, b[3] * h], &p, 1.0);
            }
        }
        Roles::Labelled {
            boxes,
            scores,
            labels,
        } => {
            let wide = outputs[boxes].1.shape[2].max(1);
            let labels = outputs[labels].1.integers().unwrap_or_default();
            let scores = scores.map(floats).transpose()?;
            let all = floats(boxes)?.chunks_exact(wide).zip(labels);
            for (i, (b, label)) in all.enumerate() {
                let score = match scores {
                    Some(s) => s.get(i).copied().unwrap_or(0.0),
                    None => b[4],
                };
                out.edges([b[0], b[1], b[2], b[3]], score, usize::try_from(label).ok());
            }
        }
        Roles::Levels(all) => {
            for (stride, (classes, distances)) in m.strides.iter().zip(all) {
                by_level(&mut out, *stride, floats(classes)?, floats(distances)?);
            }
        }
    }
    if out.wild {
        return Err(DetectorError::shape(
            "scores are not all between 0 and 1: it was exported without its sigmoid",
        ));
    }
    Ok(out.found)
}

/// One guess after another.
fn rows<'a>(out: &mut Boxes<'_>, all: impl Iterator<Item = &'a [f32]>) {
    let m = out.m;
    let (w, h) = (m.input.width, m.input.height);
    let mut cells = cells(w, h, &m.strides);
    for row in all {
        match m.family {
            Family::Ultralytics if m.end_to_end => {
                let class = (row[5] >= 0.0).then_some(row[5] as usize);
                out.edges([row[0], row[1], row[2], row[3]], row[4], class);
            }
            Family::Yolox => {
                let Some(c) = cells.next() else { return };
                let b = match m.decoded {
                    true => [row[0], row[1], row[2], row[3]],
                    false => [
                        (row[0] + c.x) * c.stride,
                        (row[1] + c.y) * c.stride,
                        row[2].exp() * c.stride,
                        row[3].exp() * c.stride,
                    ],
                };
                out.centred(&b, &row[5..], row[4]);
            }
            Family::Nanodet => {
                let Some(c) = cells.next() else { return };
                let (scores, sides) = row.split_at(m.classes.len());
                // The distributions cost more than all else: only where there is something.
                if !scores.iter().any(|s| *s >= m.thresholds.score) {
                    continue;
                }
                let mut d = [0f32; 4];
                for (d, side) in d.iter_mut().zip(sides.chunks_exact(m.bins as usize)) {
                    *d = expected(side) * c.stride;
                }
                let (x, y) = ((c.x + m.centre) * c.stride, (c.y + m.centre) * c.stride);
                out.best([x - d[0], y - d[1], x + d[2], y + d[3]], scores, 1.0);
            }
            _ => out.centred(&row[..4], &row[4..], 1.0),
        }
    }
}

/// RTMDet's heads: logits of classes, and distances to the four edges in pixels.
fn by_level(out: &mut Boxes<'_>, stride: u32, classes: &[f32], distances: &[f32]) {
    let m = out.m;
    let (w, h) = level(m.input.width, m.input.height, stride);
    let n = w * h;
    let s = stride as f32;
    let mut scores = vec![0f32; m.classes.len()];
    for i in 0..n {
        for (c, v) in scores.iter_mut().enumerate() {
            *v = sigmoid(classes[c * n + i]);
        }
        let x = ((i % w) as f32 + m.centre) * s;
        let y = ((i / w) as f32 + m.centre) * s;
        let d = |k: usize| distances[k * n + i];
        out.best([x - d(0), y - d(1), x + d(2), y + d(3)], &scores, 1.0);
    }
}

/// The mean of a distribution over 0, 1, 2, … given as logits.
fn expected(logits: &[f32]) -> f32 {
    let top = logits.iter().copied().fold(f32::MIN, f32::max);
    let (mut sum, mut mean) = (0.0, 0.0);
    for (i, l) in logits.iter().enumerate() {
        let p = (l - top).exp();
        sum += p;
        mean += p * i as f32;
    }
    mean / sum
}

fn sigmoid(v: f32) -> f32 {
    1.0 / (1.0 + (-v).exp())
}

/// What is found.
struct Boxes<'a> {
    m: &'a Manifest,
    found: Vec<Detection>,
    /// A score was no probability.
    wild: bool,
}

impl Boxes<'_> {
    /// Centre, width and height, with scores of all classes.
    fn centred(&mut self, b: &[f32], scores: &[f32], by: f32) {
        let (x, y) = (b[0] - 0.5 * b[2], b[1] - 0.5 * b[3]);
        self.best([x, y, x + b[2], y + b[3]], scores, by);
    }

    /// Edges, with scores of all classes.
    fn best(&mut self, edges: [f32; 4], scores: &[f32], by: f32) {
        let mut best = (0, f32::MIN);
        for (i, s) in scores.iter().enumerate() {
            if *s > best.1 {
                best = (i, *s);
            }
        }
        // A product of two that are no probabilities may look like one.
        self.wild |= (by - 0.5).abs() > 0.5 + SLACK;
        let score = best.1 * by;
        self.wild |= best.1 > 1.0 + SLACK;
        self.edges(edges, score, Some(best.0));
    }

    /// Edges, a score and a class.
    fn edges(&mut self, [x0, y0, x1, y1]: [f32; 4], score: f32, class: Option<usize>) {
        if score > 1.0 + SLACK {
            self.wild = true;
        }
        // Also false for what is no number.
        let sure = score >= self.m.thresholds.score;
        if !sure || self.found.len() >= MOST {
            return;
        }
        let Some(class) = class.and_then(|c| self.m.class(c)) else {
            return;
        };
        let bbox = PixelBox {
            x: x0,
            y: y0,
            w: x1 - x0,
            h: y1 - y0,
        };
        let finite = [x0, y0, x1, y1].iter().all(|v| v.is_finite());
        if finite && bbox.w > 0.0 && bbox.h > 0.0 {
            self.found.push(Detection {
                bbox,
                score: score.min(1.0),
                class,
            });
        }
    }
}
