use super::*;
use atalaya_geo::Geodetic;
use atalaya_model::PixelBox;

fn fuse() -> Fuse {
    let origin = Geodetic::from_degrees(40.0, -3.5, 600.0);
    Fuse::new(FuseSettings::default(), LocalFrame::new(origin))
}

fn point(feed: u16, n: u32, e: f64, v: f64, class: Class, state: TrackState) -> TrackPoint {
    TrackPoint {
        track: TrackId {
            feed: FeedIx(feed),
            n,
        },
        frame: 1,
        state,
        bbox: PixelBox::default(),
        ground: Some(GroundFix {
            e,
            n: 0.0,
            lat: 0.0,
            lon: 0.0,
            cov_random: [0.5, 0.0, 0.0, 0.5],
            cov_common: [1.0, 0.0, 0.0, 1.0],
            ve: v,
            vn: 0.0,
        }),
        anchored: None,
        class,
        class_p: 0.9,
        p: 0.9,
        look: None,
    }
}

fn at(ms: i64, p: TrackPoint) -> Stamped<TrackPoint> {
    Stamped {
        t: Micros(ms * 1000),
        feed: p.track.feed,
        seq: ms as u64,
        body: p,
    }
}

fn id(feed: u16, n: u32) -> TrackId {
    TrackId {
        feed: FeedIx(feed),
        n,
    }
}

/// A car at 8 m/s from `from` to `to` (ms), by track `n`; gives the subjects.
fn drive(f: &mut Fuse, n: u32, from: i64, to: i64) -> Vec<TrackId> {
    let mut subjects = Vec::new();
    for ms in (from..to).step_by(100) {
        let p = point(0, n, 0.008 * ms as f64, 8.0, Class::Car, TrackState::Seen);
        subjects.push(f.push(&at(ms, p)).unwrap().subject);
    }
    subjects
}

fn end(f: &mut Fuse, n: u32, ms: i64, class: Class) {
    let p = point(0, n, 0.008 * ms as f64, 8.0, class, TrackState::Ended);
    assert_eq!(f.push(&at(ms, p)), None);
}

#[test]
fn a_track_found_again_keeps_its_subject_and_is_not_said_to_be_over() {
    let mut f = fuse();
    drive(&mut f, 1, 0, 3000);
    end(&mut f, 1, 3000, Class::Car);
    assert!(f.advance(Micros(5_000_000)).is_empty());
    let again = drive(&mut f, 2, 5000, 6000);
    assert!(again.iter().all(|s| *s == id(0, 1)));
    assert!(f.advance(Micros(20_000_000)).is_empty());
    end(&mut f, 2, 20_000, Class::Car);
    let over = f.advance(Micros(30_000_000));
    assert_eq!(over.len(), 1);
    assert_eq!((over[0].body.subject, over[0].t.0), (id(0, 1), 30_000_000));
}

#[test]
fn too_late_too_far_or_of_another_kind_is_somebody_else() {
    for (n, from, class) in [(2, 12_000, Class::Car), (3, 5000, Class::Person)] {
        let mut f = fuse();
        drive(&mut f, 1, 0, 3000);
        end(&mut f, 1, 3000, Class::Car);
        let e = 0.008 * from as f64;
        let p = point(0, n, e, 8.0, class, TrackState::Seen);
        assert_eq!(f.push(&at(from, p)).unwrap().subject, id(0, n));
    }
    let mut f = fuse();
    drive(&mut f, 1, 0, 3000);
    end(&mut f, 1, 3000, Class::Car);
    let p = point(0, 2, 90.0, 8.0, Class::Car, TrackState::Seen);
    assert_eq!(f.push(&at(4000, p)).unwrap().subject, id(0, 2));
}

#[test]
fn two_feeds_that_agree_are_one_subject_and_the_double_is_named() {
    let mut f = fuse();
    let mut renamed = Vec::new();
    let mut last = None;
    for ms in (0..2000).step_by(100) {
        let e = 0.005 * ms as f64;
        let eo = point(0, 4, e, 5.0, Class::Pickup, TrackState::Seen);
        assert_eq!(f.push(&at(ms, eo)).unwrap().subject, id(0, 4));
        let ir = point(1, 9, e + 1.5, 5.2, Class::Unknown, TrackState::Seen);
        // Nothing is said of it until it is known whose it is.
        let Some(fused) = f.push(&at(ms, ir)) else {
            continue;
        };
        renamed.extend(fused.renamed);
        assert_eq!(fused.named().track, fused.subject);
        last = Some(fused.subject);
    }
    assert_eq!(renamed, [id(1, 9)]);
    assert_eq!(last, Some(id(0, 4)));
    // One feed loses it: the subject goes on with the other.
    let gone = point(0, 4, 10.0, 5.0, Class::Pickup, TrackState::Ended);
    f.push(&at(2000, gone));
    assert!(f.advance(Micros(15_000_000)).is_empty());
}

#[test]
fn two_feeds_that_part_stay_two() {
    let mut f = fuse();
    for ms in (0..3000).step_by(100) {
        let a = point(0, 1, 0.0, 0.0, Class::Unknown, TrackState::Seen);
        f.push(&at(ms, a));
        let b = point(
            1,
            1,
            0.004 * ms as f64,
            4.0,
            Class::Unknown,
            TrackState::Seen,
        );
        assert_eq!(f.push(&at(ms, b)).unwrap().subject, id(1, 1));
    }
}

/// What two aircraft know of themselves: a feed's camera at this angle of its orbit.
fn errors_of(angle: f64) -> FeedErrors {
    use crate::orbit;
    let frame = orbit::placed(&orbit::camera(angle, atalaya_geo::Vector3::zeros(), 0.0));
    crate::calibrate::Calibration::new(&orbit::errors()).shared(&frame)
}

/// Both aircraft say where they are at `ms`.
fn two_aircraft(f: &mut Fuse, ms: i64) {
    for (feed, angle) in [(0, 0.0), (1, 2.0)] {
        let errors = errors_of(angle + 8e-5 * ms as f64);
        f.hear(&Stamped {
            t: Micros(ms * 1000),
            feed: FeedIx(feed),
            seq: ms as u64,
            body: &errors,
        });
    }
}

#[test]
fn places_of_two_aircraft_are_joined_and_what_they_get_wrong_is_learnt() {
    let mut f = fuse();
    let mut apart = Vec::new();
    for ms in (0..60_000).step_by(200) {
        two_aircraft(&mut f, ms);
        let e = 1e-4 * ms as f64;
        let one = point(0, 1, e - 1.5, 0.1, Class::Truck, TrackState::Seen);
        let other = point(1, 1, e + 1.5, 0.1, Class::Truck, TrackState::Seen);
        f.push(&at(ms, one));
        if let Some(fused) = f.push(&at(ms, other)) {
            assert_eq!(fused.subject, id(0, 1));
            let g = fused.point.ground.unwrap();
            apart.push((g.e - e, g.cov_random[0], g.cov_common[0]));
        }
    }
    // Each was a metre and a half beside: the joined place is between them, and surer than either.
    let (off, random, common) = apart[apart.len() - 1];
    assert!(off.abs() < 0.6, "{off}");
    assert!((0.2..0.3).contains(&random), "{random}");
    // But what both get wrong alike is not learnt: half of a position's variance stays.
    let half = 0.5 * crate::orbit::errors().position_m.powi(2);
    assert!((0.9 * half..9.0).contains(&common), "{common} {half}");
}

#[test]
fn a_parked_truck_that_one_aircraft_left_is_the_same_when_the_other_sees_it_drive_off() {
    let mut f = fuse();
    for ms in (0..10_000).step_by(200) {
        two_aircraft(&mut f, ms);
        f.push(&at(
            ms,
            point(0, 3, 0.0, 0.0, Class::Truck, TrackState::Stopped),
        ));
    }
    assert!(f.advance(Micros(100_000_000)).is_empty());
    two_aircraft(&mut f, 100_000);
    let again = point(1, 8, 2.0, 1.5, Class::Truck, TrackState::Seen);
    assert_eq!(f.push(&at(100_000, again)).unwrap().subject, id(0, 3));
    // A person is nobody's truck.
    let walker = point(1, 9, 2.0, 1.5, Class::Person, TrackState::Seen);
    assert_eq!(f.push(&at(100_000, walker)).unwrap().subject, id(1, 9));
}

#[test]
fn tracks_of_one_subject_that_disagree_part() {
    let mut f = fuse();
    let mut last = None;
    for ms in (0..9000).step_by(100) {
        two_aircraft(&mut f, ms);
        f.push(&at(ms, point(0, 1, 0.0, 0.0, Class::Car, TrackState::Seen)));
        // They go together at first; then the second drives off, and the first was the shadow it left.
        let gone = 0.004 * (ms - 3000).max(0) as f64;
        let v = if gone > 0.0 { 4.0 } else { 0.0 };
        let other = point(1, 1, gone, v, Class::Car, TrackState::Seen);
        if let Some(fused) = f.push(&at(ms, other)) {
            last = Some((ms, fused.subject));
        }
    }
    assert_eq!(last, Some((8900, id(1, 1))));
}

#[test]
fn of_two_that_fit_none_is_taken() {
    let mut f = fuse();
    for ms in (0..3000).step_by(100) {
        two_aircraft(&mut f, ms);
        f.push(&at(
            ms,
            point(0, 1, -2.0, 0.0, Class::Car, TrackState::Seen),
        ));
        f.push(&at(ms, point(0, 2, 2.0, 0.0, Class::Car, TrackState::Seen)));
        let between = point(1, 1, 0.1, 0.0, Class::Car, TrackState::Seen);
        assert_eq!(f.push(&at(ms, between)).unwrap().subject, id(1, 1));
    }
}
