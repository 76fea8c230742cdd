//! Tracks over made-up reports: stops, clutter, what is out of view, what a cut does.

use atalaya_geo::{Geodetic, Homography, LocalFrame};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{
    Class, Detection, FeedIx, FrameReport, Hold, Micros, PixelBox, Registration, TrackPoint,
    TrackState, Watch,
};
use atalaya_track::{TrackFrame, TrackInput, TrackSettings, Tracker};

const FPS: f64 = 10.0;
const SIZE: (u32, u32) = (1280, 720);

fn tracker() -> Tracker {
    Tracker::new(
        TrackSettings::default(),
        FeedIx(0),
        SensorErrors::default(),
        LocalFrame::new(Geodetic::from_degrees(40.0, -3.5, 600.0)),
    )
}

fn car(x: f64, y: f64) -> PixelBox {
    PixelBox {
        x: x as f32,
        y: y as f32,
        w: 30.0,
        h: 18.0,
    }
}

/// Frame `n` of a camera that stands still; `None` for `registered` is a cut.
fn push(t: &mut Tracker, n: u64, boxes: &[PixelBox], holds: Vec<Hold>, cut: bool) -> TrackFrame {
    let registration = (!cut && n > 0).then(|| Registration {
        to_previous: Homography::identity(),
        inliers: 0.9,
        rms_px: 0.3,
    });
    let detections = boxes
        .iter()
        .map(|b| Detection {
            bbox: *b,
            score: 0.9,
            class: Class::Unknown,
        })
        .collect();
    t.push(&TrackInput {
        t: Micros((n as f64 / FPS * 1e6) as i64),
        size: SIZE,
        pointing: None,
        report: FrameReport {
            frame: n,
            registration,
            detections,
            holds,
        },
    })
}

/// What vision says of a thing that is watched.
fn held(watches: &[Watch], at: PixelBox, likeness: f32) -> Vec<Hold> {
    watches
        .iter()
        .map(|w| Hold {
            track: w.track,
            bbox: at,
            likeness,
        })
        .collect()
}

#[test]
fn a_vehicle_that_stops_for_forty_seconds_keeps_its_name() {
    let mut t = tracker();
    let mut watches = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    let mut stopped = 0;
    let mut last: Vec<TrackPoint> = Vec::new();
    for n in 0..560u64 {
        let s = n as f64 / FPS;
        // 8 s at 40 px/s, two of braking, 40 s of standing, then on.
        let x = match s {
            s if s < 8.0 => 100.0 + 40.0 * s,
            s if s < 10.0 => 420.0 + 40.0 * (s - 8.0) - 10.0 * (s - 8.0).powi(2),
            s if s < 50.0 => 460.0,
            s => 460.0 + 20.0 * (s - 50.0).powi(2).min(s - 50.0),
        };
        let moving = !(10.4..=50.2).contains(&s);
        let boxes = if moving { vec![car(x, 300.0)] } else { vec![] };
        let likeness = if moving { 0.2 } else { 0.95 };
        let holds = held(&watches, car(x, 300.0), likeness);
        let out = push(&mut t, n, &boxes, holds, false);
        watches = out.watches;
        last = out.points;
        names.extend(last.iter().map(|p| p.track));
        assert!(
            last.iter().all(|p| p.state != TrackState::Ended),
            "ended at {s} s"
        );
        if (15.0..50.0).contains(&s) {
            stopped += usize::from(last.iter().any(|p| p.state == TrackState::Stopped));
        }
    }
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(stopped, 350);
    assert_eq!(last[0].state, TrackState::Seen);
}

#[test]
fn leaves_that_go_to_and_fro_are_not_believed() {
    let mut t = tracker();
    for n in 0..400u64 {
        let s = n as f64 / FPS;
        let boxes: Vec<PixelBox> = (0..6)
            .map(|k| {
                let phase = f64::from(k) * 1.7;
                let sway = 3.5 * (2.1 * s + phase).sin() + 1.5 * (5.3 * s + phase).sin();
                PixelBox {
                    x: (200.0 + 90.0 * f64::from(k) + sway) as f32,
                    y: (400.0 + 5.0 * (1.3 * s + phase).cos()) as f32,
                    w: 9.0,
                    h: 9.0,
                }
            })
            .collect();
        let out = push(&mut t, n, &boxes, Vec::new(), false);
        assert_eq!(out.points, [], "at {s} s");
    }
}

#[test]
fn out_of_view_is_not_over_and_not_seen_in_view_is() {
    for leaves in [true, false] {
        let mut t = tracker();
        let mut states = Vec::new();
        for n in 0..200u64 {
            // One drives out of the picture, one vanishes in the middle of it.
            let x = if leaves { 900.0 } else { 300.0 } + 8.0 * n as f64;
            let seen = if leaves { x < 1250.0 } else { n < 40 };
            let boxes = if seen { vec![car(x, 300.0)] } else { vec![] };
            let out = push(&mut t, n, &boxes, Vec::new(), false);
            states.extend(out.points.iter().map(|p| p.state));
        }
        let unobserved = states.contains(&TrackState::Unobserved);
        let ended = states.contains(&TrackState::Ended);
        assert_eq!((unobserved, ended), (leaves, !leaves), "leaves: {leaves}");
    }
}

#[test]
fn anchored_pixels_last_until_a_cut() {
    let mut t = tracker();
    let first = push(&mut t, 0, &[], Vec::new(), false).anchor;
    for n in 1..60u64 {
        let out = push(
            &mut t,
            n,
            &[car(100.0 + 5.0 * n as f64, 300.0)],
            Vec::new(),
            false,
        );
        assert_eq!(out.anchor, first);
        if n == 59 {
            assert!(out.points[0].ground.is_none());
            assert!(out.points[0].anchored.is_some());
        }
    }
    let cut = push(&mut t, 60, &[], Vec::new(), true);
    assert_eq!(cut.anchor, first + 1);
    assert_eq!(cut.points.len(), 1);
    assert_eq!(cut.points[0].state, TrackState::Ended);
}
