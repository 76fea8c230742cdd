//! What a flight learns from a reference, and what it does not.

use super::*;
use crate::orbit;
use atalaya_geo::{Camera, Geodetic, Vector3, utm};

/// What the reference gets wrong, and what is stated of it.
const BESIDE: Vector2<f64> = Vector2::new(0.5, -0.4);
const SIGMA: f64 = 0.5;

fn camera(t: f64, off: Vector3<f64>, turn: f64) -> Camera {
    orbit::camera(t / 20.0, off, turn)
}

fn truth(t: f64) -> Camera {
    camera(t, Vector3::zeros(), 0.0)
}

/// As the metadata have it.
fn said(t: f64) -> Placed {
    orbit::placed(&camera(t, Vector3::new(2.0, 1.6, 1.0), 0.004))
}

fn calibration() -> Calibration {
    Calibration::new(&orbit::errors())
}

fn registrar() -> Registrar {
    let origin = Geodetic::from_degrees(40.0, -3.5, 700.0);
    let (e, n) = utm::forward(origin.lat, origin.lon, 30, false);
    Registrar::new(
        Georeference::in_utm(30, false, (e - 200.0, n + 200.0), 0.25),
        SIGMA,
    )
}

fn local() -> LocalFrame {
    LocalFrame::new(Geodetic::from_degrees(40.0, -3.5, 700.0))
}

fn secs(t: f64) -> Micros {
    Micros::from_secs(t)
}

/// What vision finds at `t` on a reference that lies `beside` its place.
fn found(t: f64, beside: Vector2<f64>) -> ReferenceMatch {
    let c = truth(t);
    let points = (0..20).map(|i| {
        let px = Vector2::new(
            120.0 + 250.0 * f64::from(i % 5),
            90.0 + 170.0 * f64::from(i / 5),
        );
        (px, c.ground(px, 0.0).unwrap() + beside)
    });
    ReferenceMatch {
        points: points.collect(),
        tried: 28,
        rms_m: 0.2,
    }
}

/// How far beside its place the middle of the picture at `t` is put, and its stated sigma.
fn off(c: &Calibration, t: f64) -> (f64, f64) {
    let middle = Vector2::new(640.0, 360.0);
    let frame = said(t);
    let map = c.corrected(&frame.map, &frame.effects).unwrap();
    let cov = c.remaining(&frame.effects).at(middle);
    let off = map.apply(middle).unwrap() - truth(t).ground(middle, 0.0).unwrap();
    (off.norm(), (0.5 * cov.trace()).sqrt())
}

/// Flies for `seconds`, answering what is asked; gives how often that was.
fn fly(r: &mut Registrar, c: &mut Calibration, seconds: f64, beside: Vector2<f64>) -> (u32, u32) {
    let (mut asked, mut taken) = (0, 0);
    let mut waiting = false;
    for n in 0..(seconds * 10.0) as i64 {
        let t = n as f64 / 10.0;
        c.predict(secs(t));
        let frame = said(t);
        if waiting {
            let fit = r.learn(secs(t), &frame, &found(t, beside), c);
            taken += u32::from(fit.taken);
            // What is left of it is what is thought to be the reference's.
            assert!(taken == 1 || fit.off_m.unwrap() < 0.35, "{t}: {fit:?}");
        }
        let ask = r.ask(secs(t), &local(), &frame, 0.0, c);
        waiting = ask.is_some();
        asked += u32::from(waiting);
        if let Some(ask) = ask {
            // The middle of the picture is expected where it is then found, within the reach.
            let at = ask.guess.apply(Vector2::new(640.0, 360.0)).unwrap();
            let column = ask.to_reference.apply(at).unwrap();
            assert!(
                (column - Vector2::new(800.0, 800.0)).norm() < 60.0,
                "{column}"
            );
            assert!((5.0..40.0).contains(&ask.reach_m), "{}", ask.reach_m);
        }
    }
    (asked, taken)
}

#[test]
fn a_reference_takes_the_common_error_down_to_its_own_and_no_further() {
    let (mut r, mut c) = (registrar(), calibration());
    let (before, stated) = off(&c, 0.0);
    assert!(before > 1.5 && stated > 2.0, "{before} {stated}");
    let (asked, taken) = fly(&mut r, &mut c, 120.0, BESIDE);
    // Often while it tells much, then every ten seconds.
    assert!(
        (11..=30).contains(&asked) && taken >= asked - 1,
        "{asked} {taken}"
    );
    for (t, most) in [(119.9, 0.75), (140.0, 1.0)] {
        c.predict(secs(t));
        let (after, stated) = off(&c, t);
        // As wrong as the reference, and its 0.5 m stay stated however often it was looked at.
        assert!((after - BESIDE.norm()).abs() < 0.25, "{t}: {after}");
        assert!((0.45..most).contains(&stated), "{t}: {stated}");
        assert!(after < 3.0 * stated);
    }
    // After a gap it still holds.
    let heir = c.heir().unwrap();
    assert_eq!(off(&heir, 140.0), off(&c, 140.0));
}

#[test]
fn what_cannot_be_is_not_believed_and_asked_for_ever_less() {
    let (mut r, mut c) = (registrar(), calibration());
    let same = off(&c, 0.0);
    let fit = r.learn(
        secs(0.0),
        &said(0.0),
        &found(0.0, Vector2::new(35.0, 0.0)),
        &mut c,
    );
    assert!(
        !fit.taken && fit.off_m.unwrap() > 30.0 && fit.sigma_m.is_none(),
        "{fit:?}"
    );
    assert_eq!((off(&c, 0.0), c.states()), (same, calibration().states()));
    // One quarter of the picture elsewhere than the others: nothing of it is taken.
    let mut torn = found(0.0, BESIDE);
    for (px, at) in &mut torn.points {
        if px.x < 640.0 && px.y < 360.0 {
            at.x += 25.0;
        }
    }
    assert!(!r.learn(secs(0.0), &said(0.0), &torn, &mut c).taken);
    assert_eq!((off(&c, 0.0), c.states()), (same, calibration().states()));
    // Not recognised: nothing, after ever longer pauses.
    let mut r = registrar();
    let mut looks = Vec::new();
    for n in 0..1500 {
        let t = f64::from(n) / 10.0;
        if r.ask(secs(t), &local(), &said(t), 0.0, &c).is_some() {
            looks.push(t);
            let fit = r.learn(secs(t), &said(t), &ReferenceMatch::default(), &mut c);
            assert_eq!((fit.taken, fit.off_m, fit.found), (false, None, 0));
        }
    }
    assert_eq!(looks, [1.0, 5.0, 13.0, 29.0, 59.0, 89.0, 119.0, 149.0]);
    assert_eq!((off(&c, 0.0), c.states()), (same, calibration().states()));
}
