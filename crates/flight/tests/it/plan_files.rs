//! QGroundControl plans, out and in.

use crate::world;
use atalaya_flight::qgc::{FenceCircle, PlanFile, effector, is_permitted};
use atalaya_flight::{PlanError, Task, TaskError, plan};
use atalaya_geo::LocalPlane;
use atalaya_geo::terrain::Flat;

fn task(home: (f64, f64), more: &str) -> Result<Task, TaskError> {
    let plane = LocalPlane::new(0.7, -0.06);
    let operation = world::operation(
        &plane,
        &world::square(0.0, 0.0, 3000.0),
        &[world::square(0.0, 0.0, 40.0)],
    );
    Task::new(
        &operation,
        &world::aircraft(&plane, home, more),
        &Flat(700.0),
    )
}

#[test]
fn what_goes_out_comes_in_the_same_again() {
    let task = task((1500.0, 1500.0), "standoff_m = 400.0\n[[plan.no_fly]]\nname = \"school\"\npolygon = [[-3.43, 40.11], [-3.429, 40.11], [-3.429, 40.111]]\n").unwrap();
    let planned = plan(&task).unwrap();
    let mut file = PlanFile::new(&task, &planned.flight).unwrap();
    assert_eq!(PlanFile::parse("x.plan", &file.write()).unwrap(), file);
    assert_eq!(file.polygons.len(), 2);
    assert!(file.polygons[0].inclusion && !file.polygons[1].inclusion);
    assert_eq!(file.rally.len(), 1);
    file.circles.push(FenceCircle {
        inclusion: false,
        centre: [40.1, -3.4],
        radius_m: 120.0,
    });
    file.items[4].params[3] = None;
    assert_eq!(PlanFile::parse("x.plan", &file.write()).unwrap(), file);
    // The same again, on any number of threads.
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let again = one.install(|| plan(&task)).unwrap();
    assert_eq!(again.flight, planned.flight);
}

#[test]
fn plans_that_cannot_be_read_say_why() {
    let task = task((1500.0, 1500.0), "standoff_m = 400.0\n").unwrap();
    let text = PlanFile::new(&task, &plan(&task).unwrap().flight)
        .unwrap()
        .write();
    let faults = [
        ("\"Plan\"", "\"Mission\"", "not a QGroundControl plan"),
        ("{", "[", "not JSON"),
        (
            "\"SimpleItem\"",
            "\"ComplexItem\"",
            "mission item 1: 'ComplexItem' is not a simple item",
        ),
        (
            "\"command\": 22",
            "\"command\": 211",
            "command 211 (DO_GRIPPER) releases, switches or moves something; remove it",
        ),
        ("\"frame\": 0", "\"frame\": 10", "frame 10 is not read"),
        ("\"inclusion\": true", "\"inclusion\": 1", "add inclusion"),
        ("\"points\": [", "\"points\": [[1,2],", "needs 3 numbers"),
    ];
    for (from, to, words) in faults {
        let e = PlanFile::parse("x.plan", &text.replacen(from, to, 1)).unwrap_err();
        assert!(e.to_string().starts_with("x.plan: "), "{e}");
        assert!(e.to_string().contains(words), "{e}");
        assert_eq!(e.to_string().lines().count(), 1);
    }
    // Cut anywhere, it is refused and nothing panics.
    for end in (0..text.len() - 2).step_by(97) {
        assert!(PlanFile::parse("x.plan", &text[..end]).is_err());
    }
}

#[test]
fn nothing_that_releases_or_switches_is_ever_read() {
    let task = task((1500.0, 1500.0), "standoff_m = 400.0\n").unwrap();
    let text = PlanFile::new(&task, &plan(&task).unwrap().flight)
        .unwrap()
        .write();
    let mut named = 0;
    for command in 0..=u64::from(u16::MAX) {
        if let Some(name) = effector(command) {
            let evil = text.replacen("\"command\": 22", &format!("\"command\": {command}"), 1);
            let e = PlanFile::parse("x.plan", &evil).unwrap_err().to_string();
            assert!(e.contains(name), "{e}");
            assert!(!is_permitted(command as u16), "{name}");
            named += 1;
        }
    }
    assert_eq!(named, 13);
    let permitted = (0..=u16::MAX).filter(|c| is_permitted(*c)).count();
    assert_eq!(permitted, 10, "what a mission may hold was widened");
}

#[test]
fn tasks_and_flights_that_cannot_be_say_why() {
    let words = |home, more: &str| task(home, more).unwrap_err().what;
    assert!(words((90_000.0, 0.0), "standoff_m = 1.0").contains("plan from a home within 30 km"));
    let flat = "standoff_m = 1.0\n[[plan.no_fly]]\nname = \"x\"\npolygon = [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]";
    assert!(words((0.0, 900.0), flat).contains("no-fly area 'x' encloses nothing"));
    let outside = plan(&task((3200.0, 0.0), "standoff_m = 400.0").unwrap()).unwrap_err();
    assert!(
        outside
            .to_string()
            .contains("border of the authority's area"),
        "{outside}"
    );
    let PlanError::Refused { certificate, .. } = outside else {
        panic!("no certificate");
    };
    assert!(!certificate.ok && certificate.refusals[0].by_m > Some(200.0));
    let far = plan(&task((0.0, 900.0), "standoff_m = 2400.0").unwrap()).unwrap_err();
    assert!(far.to_string().contains("lower standoff_m"), "{far}");
    let storm = "standoff_m = 400.0\nwind = { speed_m_s = 30.0 }";
    let storm = plan(&task((0.0, 900.0), storm).unwrap()).unwrap_err();
    assert!(
        storm
            .to_string()
            .contains("height, wind and bank leave none"),
        "{storm}"
    );
}
