//! The world of two aircraft and a relief.

use atalaya_model::Attention;
use atalaya_sim::{Density, Sensor, Sight, World, WorldOptions, feeds, operation_toml, report};

fn world() -> World {
    let options = WorldOptions {
        duration_s: 240.0,
        density: Density::Normal,
        pair: true,
        ..WorldOptions::default()
    };
    World::compound(7, &options)
}

#[test]
fn trucks_cross_and_halt_and_each_aircraft_errs_on_its_own() {
    let w = world();
    let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 5.0;
    let (mut crossed, mut halted) = (0, 0);
    for k in 0..480 {
        let all = w.truth_at(0.5 * f64::from(k));
        let road: Vec<_> = all
            .iter()
            .filter(|s| s.pose.at[1] < -33.0 && s.actor.kind.is_vehicle())
            .collect();
        for (i, a) in road.iter().enumerate() {
            halted += u32::from(a.pose.speed < 0.1 && a.pose.at[1] < -42.0);
            let meets = |b: &&&atalaya_sim::world::Seen| {
                near(a.pose.at, b.pose.at) && (a.pose.heading - b.pose.heading).cos() < -0.9
            };
            crossed += road[..i].iter().filter(meets).count();
        }
    }
    assert!(crossed >= 3 && halted > 20, "{crossed} {halted}");
    let own: Vec<World> = feeds(&w)
        .iter()
        .map(|(k, ..)| w.by_aircraft(k.unwrap()))
        .collect();
    assert_eq!(own.len(), 3);
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        assert_ne!(own[a].errors.heading, own[b].errors.heading);
        let apart = own[a].flight.at(170.0).position - own[b].flight.at(170.0).position;
        assert!(apart.norm() > 20.0, "{apart}");
    }
    // The first looks elsewhere, the second is dark, the third relieves the first.
    let looks_at = |k: usize, t: f64| {
        let c = own[k].flight.camera(Sensor::Small, t);
        c.ground(c.centre, 0.0).unwrap().norm() < 30.0
    };
    assert!(looks_at(0, 20.0) && !looks_at(0, 45.0) && looks_at(0, 70.0));
    assert!(own[1].arrives(70.0) && !own[1].arrives(95.0) && own[1].arrives(120.0));
    assert!(own[0].arrives(175.0) && !own[0].arrives(181.0) && own[2].arrives(175.0));
    assert!(operation_toml(&w).contains("heading_deg = 1.00"));
}

#[test]
fn what_a_camera_would_see_is_the_same_twice_and_near_the_truth() {
    let w = world();
    let own = w.by_aircraft(1);
    let look = || {
        let mut sight = Sight::new(&own, Sensor::Small);
        (600..640)
            .map(|n| sight.look(n, &Attention::default()))
            .collect::<Vec<_>>()
    };
    let all = look();
    assert_eq!(all, look());
    assert!(all[0].registration.is_none() && all[1].registration.is_some());
    let found: usize = all.iter().map(|r| r.detections.len()).sum();
    assert!(found > 40, "{found}");
    // What the metadata say of the camera is wrong by degrees, not by tens of them.
    let said = report(&own, Sensor::Small, 620).camera(Sensor::Small);
    let off = said.ground(said.centre, 0.0).unwrap() - {
        let c = own.flight.camera(Sensor::Small, 62.0);
        c.ground(c.centre, 0.0).unwrap()
    };
    assert!((0.1..30.0).contains(&off.norm()), "{off}");
}
