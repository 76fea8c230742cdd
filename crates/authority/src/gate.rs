//! The gate.

use crate::mask::{Mask, PictureView};
use atalaya_geo::{Cov2, Geodetic, LocalFrame, Polygon, Vector2};
use atalaya_model::operation::{LonLat, ObjectKind, SensorKind};
use atalaya_model::{Class, Coverage, Micros, Operation, TrackPoint, TrackState};
use std::collections::BTreeMap;

/// An authority that can't be applied: one line for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// A time that the document check should have refused.
    #[error("authority window '{0}' can't be read; write times as 2026-11-22T05:00:00Z")]
    Window(String),
    /// An outline that encloses nothing.
    #[error("{0}: not an outline; give at least three corners that enclose an area")]
    Outline(String),
    /// A zone outside the area.
    #[error(
        "zone '{0}' lies outside the authority's area; move the zone or have the order amended"
    )]
    Zone(String),
}

/// Why something was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// Before the window or after it.
    Window,
    /// A sensor that is not allowed.
    Sensor,
    /// A kind of object that may not be followed.
    Object,
    /// Outside the area.
    Area,
    /// Inside a no-look area.
    NoLook,
    /// No position, and the operation does not allow that.
    Unplaced,
}

impl Refusal {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Sensor => "sensor",
            Self::Object => "object",
            Self::Area => "area",
            Self::NoLook => "no_look",
            Self::Unplaced => "unplaced",
        }
    }
}

/// How much passed and how much was dropped, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Passed.
    pub passed: u64,
    /// Dropped.
    pub refused: BTreeMap<Refusal, u64>,
}

impl Tally {
    fn count<T>(&mut self, verdict: Result<T, Refusal>) -> Result<T, Refusal> {
        match &verdict {
            Ok(_) => self.passed += 1,
            Err(r) => *self.refused.entry(*r).or_default() += 1,
        }
        verdict
    }
}

/// Position inside means at least this probability (DESIGN, decision 5).
const INSIDE: f64 = 0.5;

/// The one gate of an operation.
#[derive(Clone, Debug)]
pub struct Gate {
    from: Micros,
    until: Micros,
    sensors: Vec<SensorKind>,
    objects: Vec<ObjectKind>,
    area: Polygon,
    no_look: Vec<Polygon>,
    /// Frames.
    pub frames: Tally,
    /// Track points.
    pub points: Tally,
    /// Words of sensors that are not cameras, and what follows from them.
    pub samples: Tally,
}

impl Gate {
    /// The gate of an operation, in its local frame.
    pub fn new(operation: &Operation, frame: &LocalFrame) -> Result<Self, GateError> {
        let a = &operation.authority;
        let time = |text: &String| {
            Micros::parse_rfc3339(text).ok_or_else(|| GateError::Window(text.clone()))
        };
        let polygon = |what: &str, outline: &[LonLat]| {
            let height = frame.origin().hae_m;
            let points = outline
                .iter()
                .map(|[lon, lat]| {
                    frame
                        .to_enu(&Geodetic::from_degrees(*lat, *lon, height))
                        .xy()
                })
                .collect();
            Polygon::new(points)
                .filter(|p| p.area().abs() > 1.0)
                .ok_or_else(|| GateError::Outline(what.to_owned()))
        };
        let area = polygon("authority.area", &a.area)?;
        for z in &operation.site.zones {
            if let Some(outline) = &z.polygon {
                let zone = polygon(&format!("zone '{}'", z.id), outline)?;
                if !zone
                    .vertices()
                    .iter()
                    .all(|v| area.signed_distance(*v) <= 0.1)
                {
                    return Err(GateError::Zone(z.id.clone()));
                }
            }
        }
        Ok(Self {
            from: time(&a.valid_from)?,
            until: time(&a.valid_until)?,
            sensors: a.sensors.clone(),
            objects: a.objects.clone(),
            area,
            no_look: a
                .no_look
                .iter()
                .map(|n| polygon(&format!("no-look area '{}'", n.name), &n.polygon))
                .collect::<Result<_, _>>()?,
            frames: Tally::default(),
            points: Tally::default(),
            samples: Tally::default(),
        })
    }

    /// True when parts of pictures must be hidden before anybody sees them.
    pub fn hides(&self) -> bool {
        !self.no_look.is_empty()
    }

    fn moment(&self, sensor: SensorKind, t: Micros) -> Result<(), Refusal> {
        if t < self.from || t > self.until {
            Err(Refusal::Window)
        } else if !self.sensors.contains(&sensor) {
            Err(Refusal::Sensor)
        } else {
            Ok(())
        }
    }

    /// May a picture of this moment that looks at `centre` (local metres) be kept at all? The
    /// centre must lie in the area and not in a no-look area; without position only where the
    /// operation allows it and there is no no-look area that would have to be kept out of it.
    pub fn look(
        &self,
        sensor: SensorKind,
        unplaced: bool,
        t: Micros,
        centre: Option<Vector2<f64>>,
    ) -> Result<(), Refusal> {
        self.moment(sensor, t)?;
        match centre {
            Some(centre) => self.place(centre, &Cov2::zeros()),
            None => self.blind(unplaced),
        }
    }

    /// May this analysed picture be stored and shown? As [`Gate::look`], and counted.
    pub fn frame(
        &mut self,
        sensor: SensorKind,
        unplaced: bool,
        t: Micros,
        coverage: &Coverage,
    ) -> Result<(), Refusal> {
        let verdict = self.look(sensor, unplaced, t, coverage.footprint.map(middle));
        self.frames.count(verdict)
    }

    /// What of a picture may be shown: nothing, or all but what is hidden by the mask. `None` is a
    /// picture whose place, or how well that is known, nobody can tell.
    pub fn picture(
        &self,
        sensor: SensorKind,
        unplaced: bool,
        t: Micros,
        view: Option<&PictureView>,
    ) -> Result<Mask, Refusal> {
        let centre = match view {
            Some(v) => Some(v.centre().ok_or(Refusal::Unplaced)?),
            None => None,
        };
        self.look(sensor, unplaced, t, centre)?;
        Ok(view.map_or_else(Mask::default, |v| Mask::over(v, &self.no_look)))
    }

    fn blind(&self, unplaced: bool) -> Result<(), Refusal> {
        if unplaced && self.no_look.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Unplaced)
        }
    }

    /// May this point of a track be stored, shown, sent?
    pub fn point(
        &mut self,
        sensor: SensorKind,
        unplaced: bool,
        t: Micros,
        point: &TrackPoint,
    ) -> Result<(), Refusal> {
        let verdict = self.moment(sensor, t).and_then(|()| {
            let kind = object(point.class);
            // That a track is over is said wherever it was: it says nothing new of anybody.
            if point.state == TrackState::Ended {
                return Ok(());
            }
            if !self.objects.contains(&kind) {
                return Err(Refusal::Object);
            }
            match &point.ground {
                Some(g) => {
                    let sum = |i: usize| g.cov_random[i] + g.cov_common[i];
                    let cov = Cov2::new(sum(0), sum(1), sum(2), sum(3));
                    self.place(Vector2::new(g.e, g.n), &cov)
                }
                None => self.blind(unplaced),
            }
        });
        self.points.count(verdict)
    }

    /// May a sample that was taken at these places (local metres; none for a wind) be kept?
    pub fn sample(
        &self,
        sensor: SensorKind,
        t: Micros,
        places: &[Vector2<f64>],
    ) -> Result<(), Refusal> {
        self.moment(sensor, t)?;
        places
            .iter()
            .try_for_each(|p| self.place(*p, &Cov2::zeros()))
    }

    /// May what a ground sensor says of somebody at a place be kept?
    pub fn cue(
        &self,
        t: Micros,
        class: Class,
        at: Vector2<f64>,
        cov: &Cov2,
    ) -> Result<(), Refusal> {
        self.moment(SensorKind::Ground, t)?;
        if !self.objects.contains(&object(class)) {
            return Err(Refusal::Object);
        }
        self.place(at, cov)
    }

    /// May it be said that gas comes from this place?
    pub fn source(&self, t: Micros, at: Vector2<f64>, cov: &Cov2) -> Result<(), Refusal> {
        self.moment(SensorKind::Gas, t)?;
        self.place(at, cov)
    }

    /// Counts the answer to one of these questions.
    pub fn count(&mut self, verdict: Result<(), Refusal>) -> Result<(), Refusal> {
        self.samples.count(verdict)
    }

    fn place(&self, p: Vector2<f64>, cov: &Cov2) -> Result<(), Refusal> {
        if inside(&self.area, p, cov) < INSIDE {
            return Err(Refusal::Area);
        }
        if self.no_look.iter().any(|n| inside(n, p, cov) >= INSIDE) {
            return Err(Refusal::NoLook);
        }
        Ok(())
    }
}

/// The kind of object that a class belongs to.
fn object(class: Class) -> ObjectKind {
    match class {
        Class::Person => ObjectKind::Person,
        c if c.is_vehicle() => ObjectKind::Vehicle,
        _ => ObjectKind::Unknown,
    }
}

/// Probability inside; far from the edge the answer needs no quadrature.
fn inside(area: &Polygon, p: Vector2<f64>, cov: &Cov2) -> f64 {
    let d = area.signed_distance(p);
    if d.abs() > 4.0 * cov.trace().sqrt() {
        return if d < 0.0 { 1.0 } else { 0.0 };
    }
    area.probability(p, cov)
}

/// Where the middle of a picture with these corners looks: the crossing of the diagonals.
fn middle(corners: [[f64; 2]; 4]) -> Vector2<f64> {
    let p = corners.map(|c| Vector2::new(c[0], c[1]));
    crossing(&p).unwrap_or_else(|| p.iter().sum::<Vector2<f64>>() / 4.0)
}

fn crossing(p: &[Vector2<f64>; 4]) -> Option<Vector2<f64>> {
    let (d1, d2) = (p[2] - p[0], p[3] - p[1]);
    let det = d1.perp(&d2);
    (det.abs() > 1e-9).then(|| p[0] + d1 * ((p[1] - p[0]).perp(&d2) / det))
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::{FeedIx, GroundFix, PixelBox, TrackId};

    fn operation() -> Operation {
        let text = r#"
schema = "operation/1"
id = "t"
name = "T"
[authority]
issuer = "c"
legal_basis = "a"
reference = "1"
purpose = "p"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2026-01-02T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle"]
area = [[0.0, 0.0], [0.01, 0.0], [0.01, 0.01], [0.0, 0.01]]
retention = { bystander_hours = 24, evidence_days = 365 }
[[authority.no_look]]
name = "school"
polygon = [[0.0, 0.0], [0.002, 0.0], [0.002, 0.002], [0.0, 0.002]]
[site]
id = "s"
name = "S"
"#;
        Operation::parse("t", text).unwrap()
    }

    fn frame() -> LocalFrame {
        LocalFrame::new(Geodetic::from_degrees(0.005, 0.005, 0.0))
    }

    fn point(e: f64, n: f64, class: Class) -> TrackPoint {
        TrackPoint {
            track: TrackId {
                feed: FeedIx(0),
                n: 1,
            },
            frame: 1,
            state: TrackState::Seen,
            bbox: PixelBox::default(),
            ground: Some(GroundFix {
                e,
                n,
                lat: 0.0,
                lon: 0.0,
                cov_random: [1.0, 0.0, 0.0, 1.0],
                cov_common: [4.0, 0.0, 0.0, 4.0],
                ve: 0.0,
                vn: 0.0,
            }),
            anchored: None,
            class,
            class_p: 1.0,
            p: 1.0,
            look: None,
        }
    }

    #[test]
    fn only_what_the_order_reaches_passes() {
        let mut g = Gate::new(&operation(), &frame()).unwrap();
        let t = Micros::parse_rfc3339("2026-01-01T12:00:00Z").unwrap();
        let late = Micros::parse_rfc3339("2026-01-02T00:00:01Z").unwrap();
        let car = |e, n| point(e, n, Class::Car);
        let eo = SensorKind::Eo;
        assert_eq!(g.point(eo, false, t, &car(0.0, 0.0)), Ok(()));
        assert_eq!(
            g.point(eo, false, late, &car(0.0, 0.0)),
            Err(Refusal::Window)
        );
        assert_eq!(
            g.point(SensorKind::Ir, false, t, &car(0.0, 0.0)),
            Err(Refusal::Sensor)
        );
        assert_eq!(g.point(eo, false, t, &car(900.0, 0.0)), Err(Refusal::Area));
        assert_eq!(
            g.point(eo, false, t, &car(-450.0, -450.0)),
            Err(Refusal::NoLook)
        );
        assert_eq!(
            g.point(eo, false, t, &point(0.0, 0.0, Class::Person)),
            Err(Refusal::Object)
        );
        let mut blind = car(0.0, 0.0);
        blind.ground = None;
        assert_eq!(g.point(eo, false, t, &blind), Err(Refusal::Unplaced));
        // What has no place can't be kept out of a no-look area, whatever the feed says.
        assert_eq!(g.point(eo, true, t, &blind), Err(Refusal::Unplaced));
        assert_eq!(g.look(eo, true, t, None), Err(Refusal::Unplaced));
        let mut open = operation();
        open.authority.no_look.clear();
        let mut open = Gate::new(&open, &frame()).unwrap();
        assert_eq!(open.point(eo, true, t, &blind), Ok(()));
        assert_eq!(open.look(eo, true, t, None), Ok(()));
        assert_eq!(g.points.passed, 1);
        assert_eq!(g.points.refused[&Refusal::Area], 1);
    }

    #[test]
    fn sensors_that_the_order_does_not_name_are_refused() {
        let t = Micros::parse_rfc3339("2026-01-01T12:00:00Z").unwrap();
        let here = Vector2::new(0.0, 0.0);
        let closed = Gate::new(&operation(), &frame()).unwrap();
        let cov = Cov2::zeros();
        assert_eq!(
            closed.sample(SensorKind::Gas, t, &[here]),
            Err(Refusal::Sensor)
        );
        assert_eq!(closed.source(t, here, &cov), Err(Refusal::Sensor));
        assert_eq!(closed.cue(t, Class::Car, here, &cov), Err(Refusal::Sensor));
        let mut op = operation();
        op.authority.sensors = vec![SensorKind::Gas, SensorKind::Ground];
        let mut g = Gate::new(&op, &frame()).unwrap();
        let far = Vector2::new(900.0, 0.0);
        let school = Vector2::new(-450.0, -450.0);
        let late = Micros::parse_rfc3339("2026-01-02T00:00:01Z").unwrap();
        for (verdict, wanted) in [
            (g.sample(SensorKind::Gas, t, &[here]), Ok(())),
            (g.sample(SensorKind::Gas, t, &[]), Ok(())),
            (g.sample(SensorKind::Gas, late, &[]), Err(Refusal::Window)),
            (
                g.sample(SensorKind::Gas, t, &[here, far]),
                Err(Refusal::Area),
            ),
            (g.source(t, school, &cov), Err(Refusal::NoLook)),
            (g.cue(t, Class::Car, here, &cov), Ok(())),
            (g.cue(t, Class::Person, here, &cov), Err(Refusal::Object)),
            (g.cue(t, Class::Car, far, &cov), Err(Refusal::Area)),
        ] {
            assert_eq!(g.count(verdict), wanted);
        }
        assert_eq!(g.samples.passed, 3);
        assert_eq!(g.samples.refused[&Refusal::Area], 2);
    }

    #[test]
    fn a_picture_of_elsewhere_is_refused() {
        let mut g = Gate::new(&operation(), &frame()).unwrap();
        let t = Micros::parse_rfc3339("2026-01-01T12:00:00Z").unwrap();
        let view = |e: f64| Coverage {
            frame: 1,
            footprint: Some([
                [e - 50.0, 50.0],
                [e + 50.0, 50.0],
                [e + 50.0, -50.0],
                [e - 50.0, -50.0],
            ]),
            footprint_lon_lat: None,
            sensor: None,
            tracking: true,
            ..Coverage::default()
        };
        assert!(g.frame(SensorKind::Eo, false, t, &view(0.0)).is_ok());
        assert_eq!(
            g.frame(SensorKind::Eo, false, t, &view(700.0)),
            Err(Refusal::Area)
        );
    }

    #[test]
    fn a_zone_outside_the_area_is_refused() {
        let mut op = operation();
        let mut text = toml_zone();
        std::mem::swap(&mut op.site.zones, &mut text);
        let e = Gate::new(&op, &frame()).unwrap_err().to_string();
        assert!(e.contains("zone 'z' lies outside"), "{e}");
    }

    fn toml_zone() -> Vec<atalaya_model::operation::ZoneConfig> {
        vec![atalaya_model::operation::ZoneConfig {
            role: atalaya_model::operation::ZoneRole::Yard,
            id: "z".into(),
            name: String::new(),
            polygon: Some(vec![[0.02, 0.0], [0.03, 0.0], [0.03, 0.01]]),
            drawn: None,
            exit_margin_m: 10.0,
            exit_after_s: 20.0,
            enter_after_s: 0.0,
            gap_s: 120.0,
        }]
    }
}
