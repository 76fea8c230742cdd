//! The map in local metres, as SVG.

use super::input::ReportTrack;
use super::labels::Labels;
use super::page::Page;
use super::stills::MAX_ALERTS;
use super::text::{esc, place};
use super::words::fill;
use atalaya_geo::{LocalPlane, Polygon, Vector2};
use atalaya_model::{Class, Micros};
use std::collections::BTreeSet;
use std::fmt::Write;

pub(super) const WIDTH: f64 = 1000.0;
const MIN_HEIGHT: f64 = 420.0;
const MAX_HEIGHT: f64 = 720.0;
/// Smallest width shown, metres, and the largest a plane is good for.
const MIN_SPAN_M: f64 = 40.0;
const MAX_SPAN_M: f64 = 50_000.0;
/// What is drawn at most.
const MAX_TRACKS: usize = 300;
const MAX_POINTS: usize = 240;
const MAX_FOOTPRINTS: usize = 48;
const MAX_OUTLINES: usize = 200;
/// A path is broken where nothing was seen for longer, seconds.
const BREAK_S: f64 = 5.0;

/// Classes that tracks have, in the order of legends.
pub(super) fn classes(page: &Page<'_>) -> Vec<Class> {
    [
        Class::Truck,
        Class::Pickup,
        Class::Car,
        Class::Person,
        Class::Other,
        Class::Unknown,
    ]
    .into_iter()
    .filter(|c| page.input.tracks.iter().any(|t| t.class == *c))
    .collect()
}

/// From degrees to the drawing.
struct View {
    plane: LocalPlane,
    /// Metres of the upper left corner.
    left: f64,
    top: f64,
    /// Drawing units per metre.
    scale: f64,
    height: f64,
}

impl View {
    fn xy(&self, [lon, lat]: [f64; 2]) -> Option<(f64, f64)> {
        let en = to_en(&self.plane, lon, lat)?;
        Some((
            (en.x - self.left) * self.scale,
            (self.top - en.y) * self.scale,
        ))
    }

    /// A closed outline, when enough of it is a place.
    fn outline(&self, ring: &[[f64; 2]]) -> Option<String> {
        let points: Vec<String> = ring
            .iter()
            .take(MAX_OUTLINES)
            .filter_map(|p| self.xy(*p))
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        (points.len() >= 3).then(|| points.join(" "))
    }
}

fn to_en(plane: &LocalPlane, lon: f64, lat: f64) -> Option<Vector2<f64>> {
    if !(lat.abs() <= 90.0 && lon.abs() <= 180.0) {
        return None;
    }
    let en = plane.to_en(lat.to_radians(), lon.to_radians());
    (en.norm() < MAX_SPAN_M).then_some(en)
}

/// What the map must show: zones, tracks, alerts; no-look areas that are not far away; the
/// authorised area when there is nothing else.
fn view(page: &Page<'_>) -> Option<View> {
    let input = page.input;
    let op = input.operation;
    let zones: Vec<[f64; 2]> = op
        .site
        .zones
        .iter()
        .filter_map(|z| z.polygon.as_ref())
        .flatten()
        .copied()
        .collect();
    let mut must: Vec<[f64; 2]> = zones;
    must.extend(
        input
            .alerts
            .iter()
            .filter_map(|a| Some([a.lon?, a.lat?]))
            .take(1000),
    );
    must.extend(input.tracks.iter().flat_map(|t| {
        let every = t.points.len().div_ceil(MAX_POINTS).max(1);
        t.points.iter().step_by(every).map(|p| [p.1, p.2])
    }));
    if must.is_empty() {
        must.extend(input.footprints.iter().take(1).flat_map(|f| f.corners));
    }
    if must.is_empty() {
        return None;
    }
    must.retain(|[lon, lat]| lat.abs() <= 90.0 && lon.abs() <= 180.0);
    let [lon0, lat0] = *must.first()?;
    let plane = LocalPlane::new(lat0.to_radians(), lon0.to_radians());
    let bounds = |points: &[[f64; 2]]| -> Option<(Vector2<f64>, Vector2<f64>)> {
        let mut all = points.iter().filter_map(|p| to_en(&plane, p[0], p[1]));
        let first = all.next()?;
        Some(all.fold((first, first), |(lo, hi), p| (lo.inf(&p), hi.sup(&p))))
    };
    let (mut lo, mut hi) = bounds(&must)?;
    let span = (hi - lo).max().max(MIN_SPAN_M);
    let no_look: Vec<[f64; 2]> = op
        .authority
        .no_look
        .iter()
        .flat_map(|n| n.polygon.iter().copied())
        .collect();
    if let Some((a, b)) = bounds(&no_look) {
        let (wide_lo, wide_hi) = (lo.inf(&a), hi.sup(&b));
        if (wide_hi - wide_lo).max() < 2.0 * span {
            (lo, hi) = (wide_lo, wide_hi);
        }
    }
    let centre = (lo + hi) * 0.5;
    let margin = 0.1 * (hi - lo).max().max(MIN_SPAN_M);
    let size = (hi - lo).add_scalar(2.0 * margin);
    let width_m = size.x.max(size.y * WIDTH / MAX_HEIGHT).max(MIN_SPAN_M);
    let scale = WIDTH / width_m;
    let height = (size.y * scale).clamp(MIN_HEIGHT, MAX_HEIGHT);
    // The plane about the middle of what is shown.
    let (lat, lon) = plane.to_lat_lon(&centre);
    let plane = LocalPlane::new(lat, lon);
    Some(View {
        plane,
        left: -0.5 * width_m,
        top: 0.5 * height / scale,
        scale,
        height,
    })
}

pub(super) fn section(page: &Page<'_>, out: &mut String) {
    let w = page.w;
    let _ = writeln!(out, "<section class=\"map\"><h2>{}</h2>", w.map);
    let Some(v) = view(page) else {
        let _ = writeln!(out, "<p class=\"none\">{}</p></section>", w.no_map);
        return;
    };
    let (lat, lon) = v.plane.to_lat_lon(&Vector2::zeros());
    let centre = place(lat.to_degrees(), lon.to_degrees());
    let _ = writeln!(
        out,
        "<p class=\"note\">{}</p>",
        fill(w.map_note, &[&centre])
    );
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{}\"><defs><clipPath id=\"frame\"><rect width=\"{WIDTH}\" height=\"{:.0}\" rx=\"4\"/></clipPath><pattern id=\"nolook\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"9\" height=\"9\" fill=\"#c0392b\" fill-opacity=\"0.10\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"9\" stroke=\"#c0392b\" stroke-width=\"2.5\" stroke-opacity=\"0.55\"/></pattern></defs><g clip-path=\"url(#frame)\"><rect class=\"ground\" width=\"{WIDTH}\" height=\"{:.0}\"/>",
        v.height, w.map, v.height, v.height
    );
    let mut labels = Labels::default();
    footprints(page, &v, out);
    let step = grid(&v, out);
    areas(page, &v, out, &mut labels);
    let cut = tracks(page, &v, out, &mut labels);
    alerts(page, &v, out, &mut labels);
    labels.draw(out);
    furniture(page, &v, step, out);
    out.push_str("</g></svg>\n");
    legend(page, out);
    if cut > 0 {
        let _ = writeln!(
            out,
            "<p class=\"more\">{}</p>",
            fill(w.tracks_cut, &[&cut.to_string()])
        );
    }
    out.push_str("</section>\n");
}

/// Where the picture lay: the more often, the lighter; the last one outlined.
fn footprints(page: &Page<'_>, v: &View, out: &mut String) {
    let all = page.input.footprints;
    let every = all.len().div_ceil(MAX_FOOTPRINTS).max(1);
    let shown = all.iter().step_by(every);
    for f in shown {
        if let Some(points) = v.outline(&f.corners) {
            let _ = write!(out, "<polygon class=\"seen\" points=\"{points}\"/>");
        }
    }
    if let Some(points) = all.last().and_then(|f| v.outline(&f.corners)) {
        let _ = write!(out, "<polygon class=\"footprint\" points=\"{points}\"/>");
    }
}

/// Lines at a round distance, metres, which is given back.
fn grid(v: &View, out: &mut String) -> f64 {
    let width_m = WIDTH / v.scale;
    let rough = width_m / 8.0;
    let ten = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|k| k * ten)
        .find(|s| *s >= rough)
        .unwrap_or(rough);
    for i in -12..=12 {
        let m = f64::from(i) * step;
        let (x, y) = ((m - v.left) * v.scale, (v.top - m) * v.scale);
        if (0.0..=WIDTH).contains(&x) {
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{:.0}\"/>",
                v.height
            );
        }
        if (0.0..=v.height).contains(&y) {
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
            );
        }
    }
    step
}

fn areas(page: &Page<'_>, v: &View, out: &mut String, labels: &mut Labels) {
    let op = page.input.operation;
    if let Some(points) = v.outline(&op.authority.area) {
        let _ = write!(out, "<polygon class=\"area\" points=\"{points}\"/>");
    }
    for z in op.site.zones.iter().take(MAX_OUTLINES) {
        let Some(ring) = &z.polygon else { continue };
        if let Some(points) = v.outline(ring) {
            let _ = write!(out, "<polygon class=\"zone\" points=\"{points}\"/>");
            if let Some((x, y)) = corner(v, ring) {
                labels.push("zonename", page.zone(&z.id), x + 6.0, y + 15.0, true);
            }
        }
    }
    for n in op.authority.no_look.iter().take(MAX_OUTLINES) {
        if let Some(points) = v.outline(&n.polygon) {
            let _ = write!(out, "<polygon class=\"nolook\" points=\"{points}\"/>");
            if let Some((x, y)) = middle(v, &n.polygon) {
                let text = format!("{}: {}", page.w.no_look, esc(&n.name));
                labels.push("nolookname", text, x, y, true);
            }
        }
    }
}

/// The upper left of an outline: names there leave its middle free.
fn corner(v: &View, ring: &[[f64; 2]]) -> Option<(f64, f64)> {
    ring.iter()
        .take(MAX_OUTLINES)
        .filter_map(|p| v.xy(*p))
        .min_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)))
}

fn middle(v: &View, ring: &[[f64; 2]]) -> Option<(f64, f64)> {
    let points = ring
        .iter()
        .take(MAX_OUTLINES)
        .filter_map(|p| v.xy(*p))
        .map(|(x, y)| Vector2::new(x, y))
        .collect();
    let c = Polygon::new(points)?.centre();
    Some((c.x, c.y))
}

/// Draws paths, those that events speak of over the others; gives how many were left out.
fn tracks(page: &Page<'_>, v: &View, out: &mut String, labels: &mut Labels) -> usize {
    let told: BTreeSet<&str> = page
        .input
        .events
        .iter()
        .flat_map(|e| e.subjects.iter().map(String::as_str))
        .collect();
    let alerted: BTreeSet<&str> = page
        .input
        .alerts
        .iter()
        .flat_map(|a| a.subjects.iter().map(String::as_str))
        .collect();
    let mut all: Vec<&ReportTrack> = page
        .input
        .tracks
        .iter()
        .filter(|t| !t.points.is_empty())
        .collect();
    // Told first so that a cut takes the others; drawn in the opposite order.
    all.sort_by_key(|t| !told.contains(t.id.as_str()));
    let cut = all.len().saturating_sub(MAX_TRACKS);
    all.truncate(MAX_TRACKS);
    for t in all.iter().rev() {
        let told = told.contains(t.id.as_str());
        let class = t.class.name();
        let Some((d, first, last)) = path(v, &t.points) else {
            continue;
        };
        let weight = if told { "told" } else { "faint" };
        let _ = write!(
            out,
            "<path class=\"track {class} {weight}\" d=\"{d}\"><title>{}</title></path>",
            page.who(&t.id)
        );
        if told {
            let _ = write!(
                out,
                "<circle class=\"start {class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/><circle class=\"end {class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"/>",
                first.0, first.1, last.0, last.1
            );
            let always = alerted.contains(t.id.as_str());
            labels.push(
                "trackname",
                page.who(&t.id),
                last.0 + 7.0,
                last.1 + 4.0,
                always,
            );
        }
    }
    cut
}

type Point = (f64, f64);

/// A path through at most [`MAX_POINTS`], with its ends.
fn path(v: &View, points: &[(Micros, f64, f64)]) -> Option<(String, Point, Point)> {
    let every = points.len().div_ceil(MAX_POINTS).max(1);
    let last = points.len().checked_sub(1)?;
    let mut d = String::new();
    let mut ends: Option<(Point, Point)> = None;
    let mut pen = false;
    for (i, (t, lon, lat)) in points.iter().enumerate() {
        // Unseen stretches are judged by neighbours, not by what is drawn.
        if i > 0 && t.since(points[i - 1].0) > BREAK_S {
            pen = false;
        }
        if i % every != 0 && i != last && pen {
            continue;
        }
        let Some((x, y)) = v.xy([*lon, *lat]) else {
            pen = false;
            continue;
        };
        let _ = write!(d, "{}{x:.1} {y:.1}", if pen { 'L' } else { 'M' });
        pen = true;
        ends = Some((ends.map_or((x, y), |e| e.0), (x, y)));
    }
    ends.map(|(a, b)| (d, a, b))
}

/// Alerts by their numbers; those at the same place share a mark.
fn alerts(page: &Page<'_>, v: &View, out: &mut String, labels: &mut Labels) {
    let mut pins: Vec<(Point, Vec<String>)> = Vec::new();
    for (i, a) in page.input.alerts.iter().take(MAX_ALERTS).enumerate() {
        let Some(at) = a.lon.zip(a.lat).and_then(|(lon, lat)| v.xy([lon, lat])) else {
            continue;
        };
        let number = (i + 1).to_string();
        match pins
            .iter_mut()
            .find(|(p, _)| (p.0 - at.0).hypot(p.1 - at.1) < 22.0)
        {
            Some((_, numbers)) => numbers.push(number),
            None => pins.push((at, vec![number])),
        }
    }
    for ((x, y), numbers) in pins {
        let text = if numbers.len() > 4 {
            format!("{}…{}", numbers[0], numbers[numbers.len() - 1])
        } else {
            numbers.join(",")
        };
        let half = (4.0 + 3.6 * text.chars().count() as f64).max(10.0);
        labels.keep_free(x - half, y - 32.0, 2.0 * half, 32.0);
        let _ = write!(
            out,
            "<path class=\"pin\" d=\"M{x:.1} {y:.1}l-5 -11h10z\"/><rect class=\"pin\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"19\" rx=\"9.5\"/><text class=\"num\" x=\"{x:.1}\" y=\"{:.1}\">{text}</text>",
            x - half,
            y - 29.0,
            2.0 * half,
            y - 15.5,
        );
    }
}

fn furniture(page: &Page<'_>, v: &View, step: f64, out: &mut String) {
    let bar = step * v.scale;
    let (x, y) = (18.0, v.height - 20.0);
    let metres = if step >= 1000.0 {
        format!("{} km", step / 1000.0)
    } else {
        format!("{step} m")
    };
    let _ = write!(
        out,
        "<g class=\"scale\"><rect class=\"plate\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"32\" rx=\"4\"/><path d=\"M{x} {:.1}v6h{bar:.1}v-6\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{metres}</text></g>",
        x - 9.0,
        y - 22.0,
        bar + 18.0,
        y - 3.0,
        x + 0.5 * bar,
        y - 7.0,
    );
    let _ = write!(
        out,
        "<g class=\"north\" transform=\"translate({:.0} 34)\"><circle class=\"plate\" r=\"21\" cy=\"2\"/><path d=\"M0 -14l6 17l-6 -4l-6 4z\"/><text y=\"17\" text-anchor=\"middle\">{}</text></g>",
        WIDTH - 34.0,
        page.w.north
    );
    // The middle, whose coordinates stand above the map.
    let (cx, cy) = (-v.left * v.scale, v.top * v.scale);
    let _ = write!(
        out,
        "<path class=\"cross\" d=\"M{:.1} {cy:.1}h12M{cx:.1} {:.1}v12\"/>",
        cx - 6.0,
        cy - 6.0
    );
}

fn legend(page: &Page<'_>, out: &mut String) {
    let w = page.w;
    out.push_str("<ul class=\"legend\">");
    for class in classes(page) {
        let _ = write!(
            out,
            "<li><span class=\"swatch {}\"></span>{}</li>",
            class.name(),
            w.class(class)
        );
    }
    let _ = write!(
        out,
        "<li><span class=\"pin small\">1</span>{}</li>",
        w.legend_alert
    );
    if !page.input.operation.authority.no_look.is_empty() {
        let _ = write!(
            out,
            "<li><span class=\"swatch nolook\"></span>{}</li>",
            w.no_look
        );
    }
    if !page.input.footprints.is_empty() {
        let _ = write!(
            out,
            "<li><span class=\"swatch footprint\"></span>{}</li>",
            w.footprint
        );
    }
    let _ = writeln!(
        out,
        "<li><span class=\"swatch area\"></span>{}</li></ul>",
        w.area
    );
}
