use super::*;
use atalaya_model::Class;

const FPS: f64 = 10.0;

fn detection(x: f64, y: f64, score: f32) -> Detection {
    Detection {
        bbox: PixelBox {
            x: x as f32,
            y: y as f32,
            w: 20.0,
            h: 50.0,
        },
        score,
        class: Class::Unknown,
    }
}

/// Runs over frames 1 to `n`; what `of` a frame is there.
fn run(n: u64, of: impl Fn(u64) -> Vec<Detection>) -> Vec<BoxRow> {
    let mut tracker = BoxTracker::new(BoxSettings::default());
    for frame in 1..=n {
        tracker.push(frame, frame as f64 / FPS, &of(frame));
    }
    tracker.finish()
}

fn numbers(rows: &[BoxRow]) -> Vec<u32> {
    let mut n: Vec<u32> = rows.iter().map(|r| r.track).collect();
    n.sort_unstable();
    n.dedup();
    n
}

#[test]
fn two_that_cross_keep_their_numbers() {
    let rows = run(60, |f| {
        let x = f as f64 * 4.0;
        vec![detection(x, 100.0, 0.95), detection(240.0 - x, 112.0, 0.95)]
    });
    assert_eq!(rows.len(), 120);
    assert_eq!(numbers(&rows), [1, 2]);
    for r in rows {
        let right = r.bbox.y < 105.0;
        assert_eq!(right, r.track == 1, "{r:?}");
    }
}

#[test]
fn it_is_the_same_behind_a_pillar_and_the_gap_is_filled_when_short() {
    let hidden = |f: u64| (20..22).contains(&f) || (40..50).contains(&f);
    let rows = run(70, |f| {
        let seen = !hidden(f);
        Vec::from_iter(seen.then(|| detection(f as f64 * 3.0, 100.0, 0.95)))
    });
    assert_eq!(numbers(&rows), [1]);
    // The short gap is told in between, the long one is not.
    assert_eq!(rows.len(), 60);
    let filled = rows.iter().find(|r| r.frame == 21).unwrap();
    assert!((filled.bbox.x - 63.0).abs() < 0.01);
}

#[test]
fn weak_detections_go_on_and_do_not_begin() {
    let rows = run(40, |f| {
        let mut found = vec![detection(400.0 + f as f64, 50.0, 0.5)];
        let score = if (15..18).contains(&f) { 0.4 } else { 0.98 };
        found.push(detection(f as f64 * 2.0, 100.0, score));
        found
    });
    assert_eq!(numbers(&rows), [1]);
    assert_eq!(rows.len(), 40);
    assert!(rows.iter().all(|r| r.bbox.y == 100.0));
}

#[test]
fn a_picture_that_jerks_takes_all_along() {
    // Every fifth frame the camera turns by more than somebody far away is wide.
    let jerk = |f: u64| 26.0 * (f / 5) as f64;
    let far = |f: u64| detection(300.0 + jerk(f), 100.0, 0.95);
    let near = |f: u64, i: u32| {
        let mut d = detection(f64::from(i) * 250.0 + jerk(f), 200.0, 0.95);
        (d.bbox.w, d.bbox.h) = (60.0, 150.0);
        d
    };
    let alone = run(60, |f| vec![far(f)]);
    let among = run(60, |f| vec![near(f, 0), near(f, 1), near(f, 2), far(f)]);
    assert_eq!(numbers(&among), [1, 2, 3, 4]);
    assert!(numbers(&alone).len() > 4, "{:?}", numbers(&alone));
}

#[test]
fn nothing_at_all_and_nonsense_are_no_tracks() {
    assert!(run(50, |_| Vec::new()).is_empty());
    let nonsense = run(20, |f| {
        let mut d = detection(10.0, 10.0, 0.99);
        match f % 4 {
            0 => d.bbox.w = 0.0,
            1 => d.bbox.h = -5.0,
            2 => d.score = f32::NAN,
            _ => d.bbox.x = f32::NAN,
        }
        vec![d]
    });
    assert!(nonsense.is_empty(), "{nonsense:?}");
    let crowd = run(3, |_| {
        (0..2000)
            .map(|i| detection(f64::from(i) * 30.0, 10.0, 0.95))
            .collect()
    });
    assert_eq!(crowd.len(), 3 * MOST_A_FRAME);
}
