//! Real recordings (evaluation only; reported as ignored without them).

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use atalaya_engine::{Context, EngineSettings};
use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_geo::{Cov2, Ellipse, Vector2};
use atalaya_model::Operation;
use atalaya_track::{GroundView, Seen};
use atalaya_vision::{Vision, VisionSettings};
use std::path::PathBuf;

const OPERATION: &str = r#"
schema = "operation/1"
id = "aphill"
name = "AP Hill"
[authority]
issuer = "evaluation"
legal_basis = "evaluation"
reference = "0"
purpose = "evaluation"
valid_from = "2008-01-01T00:00:00Z"
valid_until = "2009-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle", "person", "unknown"]
area = [[-77.40, 38.15], [-77.30, 38.15], [-77.30, 38.30], [-77.40, 38.30]]
retention = { bystander_hours = 24, evidence_days = 30 }
[site]
id = "s"
name = "S"
[[feed]]
id = "eo"
source = "clip.ts"
sensor = "eo"
"#;

/// A thing that stands still must stay within its stated ellipse, whatever the metadata do.
fn landmark_stays(clip: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/fmv")
        .join(clip);
    let operation = Operation::parse("op", OPERATION).unwrap();
    let errors = operation.feeds[0].errors.clone();
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let mut fmv = Fmv::file(&file, FmvOptions::default()).unwrap();
    let mut vision = Vision::new(VisionSettings::default(), Vec::new());
    let mut ground = GroundView::new(errors, context.settings.track.ground_smooth_s);
    let mut attention = atalaya_model::Attention::default();
    let mut landmark: Option<Vector2<f64>> = None;
    let mut places: Vec<(Vector2<f64>, Cov2)> = Vec::new();
    while let Some(unit) = fmv.next_unit().unwrap() {
        let Unit::Frame(f) = unit else { continue };
        let size = (f.frame.width, f.frame.height);
        let report = vision.push(&f.frame, &attention);
        let pointing = f.platform.as_ref().and_then(|p| context.pointing(p, size));
        let view = ground
            .push(&Seen {
                t: f.frame.t,
                size,
                pointing: pointing.as_ref(),
                registration: report.registration.as_ref(),
                ties: &report.ties,
                reference: None,
            })
            .unwrap();
        assert!(view.placed);
        (attention.keys, attention.ties) = ground.ask();
        // A point near the middle of the first picture, carried along by registration alone.
        let px = match (landmark, &report.registration) {
            (Some(p), Some(r)) => r.to_previous.inverse().and_then(|h| h.apply(p)),
            (Some(_), None) => None,
            (None, _) => Some(Vector2::new(
                0.45 * f64::from(size.0),
                0.55 * f64::from(size.1),
            )),
        };
        let Some(px) = px.filter(|p| view.holds(*p, 0.0)) else {
            break;
        };
        landmark = Some(px);
        let cov = view.common(px) + Cov2::identity() * view.noise_m.powi(2);
        places.push((view.map.apply(px).unwrap(), cov));
    }
    assert!(places.len() >= 8, "{} frames followed", places.len());
    let mean = places.iter().map(|p| p.0).sum::<Vector2<f64>>() / places.len() as f64;
    let mut worst = 0f64;
    let mut inside = 0;
    for (p, cov) in &places {
        let d = p - mean;
        worst = worst.max(d.norm());
        let m = (d.transpose() * cov.try_inverse().unwrap() * d)[(0, 0)];
        inside += usize::from(m <= 2.146 * 2.146);
    }
    let stated = Ellipse::holding(&places[0].1, 0.9);
    println!(
        "{clip}: {} frames, farthest from the mean {worst:.2} m; stated 90 % ellipse {:.1} x {:.1} m",
        places.len(),
        stated.major,
        stated.minor
    );
    assert_eq!(inside, places.len());
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn a_landmark_stays_in_its_ellipse_ten_seconds() {
    landmark_stays("kwiver_aphill_klv_10s.ts");
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn a_landmark_stays_in_its_ellipse_interlaced() {
    landmark_stays("kwiver_aphill_short.ts");
}
