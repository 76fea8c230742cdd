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
        let fused = f.push(&at(ms, ir)).unwrap();
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
