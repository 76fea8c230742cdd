//! Tracks over made-up reports: stops, clutter, what is out of view, what a cut does.

use atalaya_geo::Vector2;
use atalaya_geo::{Geodetic, Homography, LocalFrame};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{
    Class, Detection, FeedIx, FrameReport, Hold, Micros, PixelBox, Registration, TrackPoint,
    TrackState, Trial, Verdict, Watch,
};
use atalaya_track::{Pointing, TrackFrame, TrackInput, TrackSettings, Tracker};

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

/// Where the metadata put the picture: a pixel is 15 cm of level ground.
fn ground() -> Pointing {
    let at = |x: f64, y: f64| Vector2::new(0.15 * x, -0.15 * y);
    let (w, h) = (f64::from(SIZE.0), f64::from(SIZE.1));
    Pointing {
        camera: None,
        corners: Some([at(0.0, 0.0), at(w, 0.0), at(w, h), at(0.0, h)]),
        up: 0.0,
    }
}

/// Frame `n` of a camera that stands still, on known ground when `placed`; a `cut` is not registered. The pictures bear out every
/// move by `gain`.
fn step(
    t: &mut Tracker,
    n: u64,
    boxes: &[PixelBox],
    (holds, trials, gain): (Vec<Hold>, &[Trial], f32),
    cut: bool,
    placed: bool,
) -> TrackFrame {
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
        pointing: placed.then(ground),
        report: FrameReport {
            frame: n,
            registration,
            detections,
            holds,
            verdicts: trials
                .iter()
                .map(|t| Verdict {
                    key: t.key,
                    moved: 0.3 + gain,
                    stayed: 0.3,
                })
                .collect(),
            outlines: Vec::new(),
            ties: Vec::new(),
            reference: None,
        },
    })
}

/// Tracks of one frame after the other, of things that do move.
struct Run {
    tracker: Tracker,
    trials: Vec<Trial>,
    gain: f32,
    placed: bool,
}

impl Run {
    fn new() -> Self {
        Self {
            tracker: tracker(),
            trials: Vec::new(),
            gain: 0.5,
            placed: false,
        }
    }

    fn push(&mut self, n: u64, boxes: &[PixelBox], holds: Vec<Hold>, cut: bool) -> TrackFrame {
        let asked = (holds, self.trials.as_slice(), self.gain);
        let out = step(&mut self.tracker, n, boxes, asked, cut, self.placed);
        self.trials = out.attention.trials.clone();
        out
    }
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
    let mut t = Run::new();
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
        let out = t.push(n, &boxes, holds, false);
        watches = out.attention.watches;
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
    let mut t = Run::new();
    // The tree is still there and looks as it did.
    t.gain = -0.1;
    for n in 0..400u64 {
        let s = n as f64 / FPS;
        let boxes: Vec<PixelBox> = (0..6)
            .map(|k| {
                let phase = f64::from(k) * 1.7;
                let sway = 7.0 * (2.1 * s + phase).sin() + 3.0 * (5.3 * s + phase).sin();
                PixelBox {
                    x: (200.0 + 90.0 * f64::from(k) + sway) as f32,
                    y: (400.0 + 5.0 * (1.3 * s + phase).cos()) as f32,
                    w: 9.0,
                    h: 9.0,
                }
            })
            .collect();
        let out = t.push(n, &boxes, Vec::new(), false);
        assert_eq!(out.points, [], "at {s} s");
    }
}

#[test]
fn out_of_view_is_not_over_and_not_seen_in_view_is() {
    for leaves in [true, false] {
        let mut t = Run::new();
        let mut states = Vec::new();
        for n in 0..200u64 {
            // One drives out of the picture, one vanishes in the middle of it.
            let x = if leaves { 900.0 } else { 300.0 } + 8.0 * n as f64;
            let seen = if leaves { x < 1250.0 } else { n < 40 };
            let boxes = if seen { vec![car(x, 300.0)] } else { vec![] };
            let out = t.push(n, &boxes, Vec::new(), false);
            states.extend(out.points.iter().map(|p| p.state));
        }
        let unobserved = states.contains(&TrackState::Unobserved);
        let ended = states.contains(&TrackState::Ended);
        assert_eq!((unobserved, ended), (leaves, !leaves), "leaves: {leaves}");
    }
}

#[test]
fn anchored_pixels_last_until_a_cut() {
    let mut t = Run::new();
    let first = t.push(0, &[], Vec::new(), false).anchor;
    for n in 1..60u64 {
        let out = t.push(n, &[car(100.0 + 5.0 * n as f64, 300.0)], Vec::new(), false);
        assert_eq!(out.anchor, first);
        if n == 59 {
            assert!(out.points[0].ground.is_none());
            assert!(out.points[0].anchored.is_some());
        }
    }
    let cut = t.push(60, &[], Vec::new(), true);
    assert_eq!(cut.anchor, first + 1);
    assert_eq!(cut.points.len(), 1);
    assert_eq!(cut.points[0].state, TrackState::Ended);
}

#[test]
fn what_the_pictures_refute_is_not_believed_or_not_for_long() {
    // The edge of a shadow wanders as steadily as a car; nothing of its look comes along.
    let mut shadow = Run::new();
    shadow.gain = -0.3;
    for n in 0..100u64 {
        let at = car(100.0 + 5.0 * n as f64, 300.0);
        assert_eq!(shadow.push(n, &[at], Vec::new(), false).points, []);
    }
    assert!(!shadow.trials.is_empty(), "nobody asked");
    // A track that was believed and then followed a shadow ends.
    let mut lost = Run::new();
    let mut states = Vec::new();
    for n in 0..160u64 {
        lost.gain = if n < 60 { 0.5 } else { -0.4 };
        let at = car(100.0 + 5.0 * n as f64, 300.0);
        let out = lost.push(n, &[at], Vec::new(), false);
        states.extend(out.points.first().map(|p| p.state));
    }
    assert_eq!(states[20], TrackState::Seen);
    assert_eq!(states.last(), Some(&TrackState::Ended));
}

#[test]
fn what_drives_is_not_found_standing() {
    let mut t = Run::new();
    let mut watches = Vec::new();
    for n in 0..70u64 {
        let s = n as f64 / FPS;
        let (x, at) = (100.0 + 40.0 * s, car(100.0 + 40.0 * s.min(5.0), 300.0));
        // From then on the ground that its box held is recognised where it was last seen.
        let lost = s >= 5.0;
        let boxes = if lost { vec![] } else { vec![car(x, 300.0)] };
        let holds = if lost {
            held(&watches, at, 0.95)
        } else {
            vec![]
        };
        let out = t.push(n, &boxes, holds, false);
        watches = out.attention.watches;
        if (5.05..5.4).contains(&s) {
            assert_eq!(out.points[0].state, TrackState::Coasting, "{s}");
        }
    }
}

#[test]
fn a_vehicle_that_is_lost_while_it_turns_is_known_again() {
    let mut t = Run::new();
    let mut names = std::collections::BTreeSet::new();
    let mut last = Vec::new();
    for n in 0..110u64 {
        let s = n as f64 / FPS;
        // East at 60 px/s; from 5 s to 6.4 s it turns unseen; then down the picture.
        let boxes = match s {
            s if s < 5.0 => vec![car(100.0 + 60.0 * s, 100.0)],
            s if s < 6.4 => vec![],
            s => vec![car(440.0, 145.0 + 60.0 * (s - 6.4))],
        };
        last = t.push(n, &boxes, vec![], false).points;
        names.extend(last.iter().map(|p| p.track));
    }
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(last[0].state, TrackState::Seen);
    let (_, y) = last[0].bbox.centre();
    assert!(y > 300.0, "{y}");
}

#[test]
fn a_parked_vehicle_is_the_same_after_half_a_minute_without_pictures() {
    for leaves in [true, false] {
        let mut t = Run::new();
        t.placed = true;
        let (mut watches, mut names) = (Vec::new(), std::collections::BTreeSet::new());
        let (mut claimed, mut last) = (0, Vec::new());
        // Comes, stands from 12 s, is not seen from 20 to 50 s, and drives off at 55 s or left unseen.
        for n in (0..200).chain(500..620u64) {
            let s = n as f64 / FPS;
            let x = match s {
                s if s < 10.0 => 100.0 + 40.0 * s,
                s if s < 12.0 => 500.0 + 40.0 * (s - 10.0) - 10.0 * (s - 10.0).powi(2),
                s if s < 55.0 => 540.0,
                s => 540.0 + 30.0 * (s - 55.0).min(1.0) * (s - 55.0),
            };
            let moving = !(12.4..=55.2).contains(&s);
            let there = s < 50.0 || leaves;
            let boxes = if moving && there {
                vec![car(x, 300.0)]
            } else {
                vec![]
            };
            let likeness = if moving || !there { 0.2 } else { 0.95 };
            let holds = held(&watches, car(x, 300.0), likeness);
            let out = t.push(n, &boxes, holds, n == 500);
            watches = out.attention.watches;
            last = out.points;
            names.extend(last.iter().map(|p| p.track));
            // What has not been seen again is not said to stand there.
            let seen = last.iter().filter(|p| p.state.is_observed()).count();
            claimed += if (50.0..55.0).contains(&s) { seen } else { 0 };
        }
        assert_eq!((names.len(), claimed), (1, 0), "{leaves}: {names:?}");
        let observed = last.iter().any(|p| p.state == TrackState::Seen);
        assert_eq!(observed, leaves);
    }
}
