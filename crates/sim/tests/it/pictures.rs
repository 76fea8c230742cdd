//! What is drawn is where the truth says.

use crate::world;
use atalaya_geo::Vector3;
use atalaya_sim::render::{RenderOptions, Renderer};
use atalaya_sim::{Sensor, truth};

/// Limits of what differs between two pictures: left, top, right, bottom.
fn changed(a: &[u8], b: &[u8], width: usize) -> Option<[usize; 4]> {
    let mut l = [usize::MAX, usize::MAX, 0, 0];
    for (i, (p, q)) in a.iter().zip(b).enumerate() {
        if p.abs_diff(*q) > 2 {
            let (x, y) = (i % width, i / width);
            l = [l[0].min(x), l[1].min(y), l[2].max(x + 1), l[3].max(y + 1)];
        }
    }
    (l[2] > 0).then_some(l)
}

#[test]
fn boxes_coincide_with_pixels() {
    let w = world(3, 120.0);
    let r = Renderer::new(&w);
    let mut checked = 0;
    for sensor in [Sensor::Eo, Sensor::Ir] {
        for at in [30, 70, 100u64] {
            let n = at * u64::from(sensor.fps());
            let clean = RenderOptions {
                clean: true,
                no_shadows: true,
                ..RenderOptions::default()
            };
            let full = r.frame_with(sensor, n, &clean);
            let boxes = truth::boxes_in(&w, sensor, at as f64);
            for b in boxes.iter().filter(|b| b.visible > 0.999) {
                let apart = |o: &truth::TruthBox| {
                    let gap = |k: usize| {
                        (b.rect[k] - o.rect[k] - o.rect[k + 2])
                            .max(o.rect[k] - b.rect[k] - b.rect[k + 2])
                    };
                    o.id == b.id || gap(0) > 2.0 || gap(1) > 2.0
                };
                if !boxes.iter().all(apart) {
                    continue;
                }
                let without = RenderOptions {
                    without: vec![b.id],
                    ..clean.clone()
                };
                let empty = r.frame_with(sensor, n, &without);
                let l = changed(&full.luma, &empty.luma, full.width).expect("mover is drawn");
                let [x, y, bw, bh] = b.rect;
                let truth_box = [x, y, x + bw, y + bh];
                for k in 0..4 {
                    // A side may match the ground by chance; none may stand out.
                    let out = if k < 2 {
                        truth_box[k] - l[k] as f64
                    } else {
                        l[k] as f64 - truth_box[k]
                    };
                    assert!(
                        (-4.0..1.6).contains(&out),
                        "{sensor:?} {at} s, {b:?}: {l:?}"
                    );
                }
                let near = (0..4)
                    .filter(|k| (l[*k] as f64 - truth_box[*k]).abs() < 1.6)
                    .count();
                assert!(near >= 3, "{sensor:?} {at} s, {b:?}: {l:?}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 8, "only {checked} movers could be checked");
}

#[test]
fn true_ground_positions_project_into_their_boxes() {
    for seed in [5, 6] {
        let w = world(seed, 120.0);
        for k in 0..60 {
            let t = 2.0 * f64::from(k);
            let camera = w.flight.camera(Sensor::Eo, t);
            let boxes = truth::boxes_in(&w, Sensor::Eo, t);
            for s in w.truth_at(t) {
                let Some(b) = boxes.iter().find(|b| b.id == s.actor.id) else {
                    continue;
                };
                let p = camera
                    .project(&Vector3::new(s.pose.at[0], s.pose.at[1], 0.0))
                    .unwrap();
                let [x, y, bw, bh] = b.rect;
                let m = 2.5;
                let cut = x < 1.0 || y < 1.0 || x + bw > 1279.0 || y + bh > 719.0;
                let inside = p.x > x - m && p.x < x + bw + m && p.y > y - m && p.y < y + bh + m;
                assert!(cut || inside, "{p} of {b:?}");
            }
        }
    }
}

#[test]
fn pictures_do_not_depend_on_the_number_of_threads() {
    let w = world(9, 30.0);
    let r = Renderer::new(&w);
    let again = Renderer::new(&w);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        for (sensor, n) in [(Sensor::Eo, 222), (Sensor::Ir, 77)] {
            let here = pool.install(|| again.frame(sensor, n));
            assert!(
                here == r.frame(sensor, n),
                "{sensor:?} with {threads} threads"
            );
        }
    }
}

#[test]
fn the_caption_is_burnt_in() {
    let w = world(9, 30.0);
    let r = Renderer::new(&w);
    for sensor in [Sensor::Eo, Sensor::Ir] {
        let p = r.frame(sensor, 40);
        let strip = &p.luma[(p.height - 29) * p.width..(p.height - 12) * p.width];
        let bright = strip
            .chunks(p.width)
            .map(|row| row[12..300].iter().filter(|v| **v == 228).count());
        assert!(bright.sum::<usize>() > 800, "{sensor:?}");
    }
}
