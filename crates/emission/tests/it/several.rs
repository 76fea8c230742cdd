//! Any number of sources, and when they emit.

use crate::worlds::{CALM_AIR, REAL_AIR, Truth, area, world};
use atalaya_emission::{Inversion, Reading, Settings, Wind};
use atalaya_geo::Vector3;

fn settings() -> Settings {
    Settings {
        steps: 1200,
        ..Settings::default()
    }
}

type Air = Vec<(Wind, Vec<Reading>)>;

fn inversion(air: &Air, settings: Settings, ask: bool) -> Inversion {
    let mut it = Inversion::new(settings, &area(), Vec::new()).unwrap();
    for (wind, readings) in air {
        it.wind(*wind).unwrap();
        for r in readings {
            it.push(r.clone()).unwrap();
        }
        if ask {
            let _ = it.estimate();
        }
    }
    it.finish();
    it
}

/// The air of two sources: what each adds, over what is there without them.
fn both(seed: u64, a: &Truth, b: &Truth, minutes: u32) -> Air {
    let [mut air, more, none] =
        [Some(a), Some(b), None].map(|truth| world(seed, truth, CALM_AIR, minutes));
    for ((air, more), none) in air.iter_mut().zip(&more).zip(&none) {
        for ((r, more), none) in air.1.iter_mut().zip(&more.1).zip(&none.1) {
            r.ppm += more.ppm - none.ppm;
        }
    }
    air
}

const WEST: Truth = Truth {
    at: Vector3::new(-22.0, 6.0, 1.0),
    kg_h: 3.0,
};
const EAST: Truth = Truth {
    at: Vector3::new(18.0, -10.0, 1.5),
    kg_h: 2.0,
};

#[test]
fn two_sources_are_told_apart() {
    let said = inversion(&both(5, &WEST, &EAST, 90), settings(), false).estimate();
    assert_eq!(said.sources.len(), 2, "{:?}", said.n_probs);
    for t in [&WEST, &EAST] {
        let near = said.sources.iter().any(|s| {
            let off = (s.e - t.at.x).hypot(s.n - t.at.y);
            off < 5.0 && s.rate_lo90 < 1.3 * t.kg_h && t.kg_h < 1.3 * s.rate_hi90
        });
        assert!(near, "{:?}", said.sources);
    }
    assert!((said.n_probs.iter().sum::<f64>() - 1.0).abs() < 1e-4);
}

#[test]
fn a_source_begins_and_ends() {
    let mut air = world(9, Some(&WEST), CALM_AIR, 150);
    let still = world(9, None, CALM_AIR, 150);
    for (i, (air, still)) in air.iter_mut().zip(&still).enumerate() {
        if !(45..105).contains(&i) {
            *air = still.clone();
        }
    }
    let said = inversion(&air, settings(), false).estimate();
    let s = said.sources.first().unwrap();
    assert!((s.t0_s - 45.0 * 60.0).abs() < 1200.0, "begins {} s", s.t0_s);
    assert!((s.t1_s - 105.0 * 60.0).abs() < 1200.0, "ends {} s", s.t1_s);
}

#[test]
fn asked_early_or_late_and_in_stretches_it_says_the_same() {
    let few = || Settings {
        steps: 400,
        capacity: 200,
        ..Settings::default()
    };
    let air = world(3, Some(&EAST), REAL_AIR, 40);
    let [mut whole, mut asked] = [false, true].map(|ask| inversion(&air, few(), ask));
    let json = |it: &mut Inversion| serde_json::to_string(&it.estimate()).unwrap();
    let said = json(&mut whole);
    assert_eq!(said, json(&mut asked));
    assert_eq!(whole.squares(), asked.squares());
    let other = Settings { seed: 2, ..few() };
    assert_ne!(
        said,
        json(&mut inversion(&air, other, false)),
        "a seed is used"
    );
}

#[test]
fn air_without_a_source_is_not_given_several() {
    let said = inversion(&world(300, None, REAL_AIR, 60), settings(), false).estimate();
    assert!(said.p_any.unwrap() < 0.5, "{:?}", said.n_probs);
    assert!(said.sources.is_empty());
}

#[test]
fn what_emits_beside_the_area_is_none_of_its_sources() {
    let neighbour = Truth {
        at: Vector3::new(-82.0, 8.0, 1.0),
        kg_h: 25.0,
    };
    for seed in [21, 22] {
        let said = inversion(
            &world(seed, Some(&neighbour), CALM_AIR, 90),
            settings(),
            false,
        )
        .estimate();
        assert!(said.sources.is_empty(), "{:?}", said.sources);
        assert!(said.p_any.unwrap() < 0.5, "{:?}", said.n_probs);
        let within = inversion(&world(seed, Some(&WEST), CALM_AIR, 90), settings(), false);
        assert_eq!(within.clone().estimate().sources.len(), 1);
    }
}
