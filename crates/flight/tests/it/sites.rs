//! Thirty random sites in real mountains: what the planned orbit sees, beside a centred one.

use crate::world;
use atalaya_flight::{Direction, Orbit, PlanError, Task, line_of_sight, plan};
use atalaya_geo::LocalPlane;
use atalaya_geo::terrain::{self, Terrain};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::Path;

#[test]
#[ignore = "needs the evaluation recordings"]
fn thirty_sites_in_the_mountains() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/terrain/bigtujunga_srtm30m_utm11.tif");
    let dem = terrain::read("dem.tif", &std::fs::read(path).unwrap()).unwrap();
    assert_eq!(dem.size(), (1197, 643));
    let mut rng = ChaCha8Rng::seed_from_u64(30);
    let (mut sums, mut planned, mut done) = ([0.0; 3], 0u32, 0);
    println!(
        "site,lat,lon,ground_m,planned,centred_same_height,centred_best_height,height_above_site_m,result"
    );
    while done < 30 {
        let (lat, lon): (f64, f64) = (
            rng.random_range(34.28..34.36),
            rng.random_range(-118.30..-118.00),
        );
        let plane = LocalPlane::new(lat.to_radians(), lon.to_radians());
        let height = |e: f64, n: f64| {
            let (lat, lon) = plane.to_lat_lon(&atalaya_geo::Vector2::new(e, n));
            dem.height_m(lat, lon)
        };
        // A place with known ground for 4 km around; home on the highest ground within 2.5 km.
        let spots: Vec<(f64, f64)> = (-40..=40)
            .flat_map(|e| (-40..=40).map(move |n| (100.0 * f64::from(e), 100.0 * f64::from(n))))
            .collect();
        if spots.iter().any(|(e, n)| height(*e, *n).is_none()) {
            continue;
        }
        let home = spots
            .iter()
            .copied()
            .filter(|(e, n)| e.hypot(*n) < 2500.0)
            .max_by(|a, b| {
                height(a.0, a.1)
                    .unwrap()
                    .total_cmp(&height(b.0, b.1).unwrap())
            })
            .unwrap();
        done += 1;
        let operation = world::operation(
            &plane,
            &world::square(0.0, 0.0, 4000.0),
            &[world::square(0.0, 0.0, 30.0)],
        );
        let plan_text = "standoff_m = 800.0\ntakeoff_above_m = 200.0\nabove_site_m = [120.0, 600.0]\nmax_slant_m = 3000.0\nmax_sample_m = 1.0\nlook_down_deg = [5.0, 80.0]\n";
        let task = world::task(&operation, &world::aircraft(&plane, home, plan_text), &dem);
        let centred = |height_m: f64| {
            let orbit = Orbit {
                centre: atalaya_geo::Vector2::zeros(),
                commanded_m: 800.0 + 43.0 + 21.0,
                height_m,
                direction: Direction::Clockwise,
            };
            clear_sight(&task, &orbit)
        };
        let best = (0..10)
            .map(|i| centred(task.site_m + 120.0 + 480.0 * f64::from(i) / 9.0))
            .fold(0.0, f64::max);
        let (share, same, above, result) = match plan(&task) {
            Ok(p) => {
                let share = line_of_sight(&task, &p.flight.orbit).worst();
                let h = p.flight.orbit.height_m;
                planned += 1;
                (share, centred(h), h - task.site_m, "certified".to_owned())
            }
            Err(PlanError::Refused { certificate, .. }) => {
                (0.0, 0.0, 0.0, certificate.refusal_line().unwrap())
            }
            Err(e) => (0.0, 0.0, 0.0, e.to_string()),
        };
        let certified = result == "certified";
        for (s, v) in sums.iter_mut().zip([share, same, best]) {
            *s += if certified { v } else { 0.0 };
        }
        println!(
            "{done},{lat:.5},{lon:.5},{:.0},{share:.3},{same:.3},{best:.3},{above:.0},{result}",
            task.site_m
        );
        assert!(share + 1e-9 >= same, "site {done}");
    }
    println!(
        "mean over {planned} of 30 that were certified: planned {:.3}, centred at the same height {:.3}, centred at its best height {:.3}",
        sums[0] / f64::from(planned),
        sums[1] / f64::from(planned),
        sums[2] / f64::from(planned)
    );
    assert!(planned >= 25 && sums[0] > sums[2]);
}

/// What a centred orbit sees, whether or not it could be flown there.
fn clear_sight(task: &Task, orbit: &Orbit) -> f64 {
    line_of_sight(task, orbit).worst()
}
