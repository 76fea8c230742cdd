//! Uploads, readings back and starts over links that lose and double, with aircraft that are odd.

use crate::lossy::{Far, Link};
use crate::vehicle::{Odd, Vehicle};
use crate::world;
use atalaya_flight::link::{Event, Load, Options, Phase, Session};
use atalaya_flight::qgc::{FenceCircle, Item, PlanFile};
use atalaya_flight::{Task, plan};
use atalaya_geo::LocalPlane;
use atalaya_geo::terrain::Flat;
use atalaya_mav::common::MavCmd;
use atalaya_mav::{Reader, Writer};
use std::sync::OnceLock;

fn plan_file() -> &'static PlanFile {
    static PLAN: OnceLock<PlanFile> = OnceLock::new();
    PLAN.get_or_init(|| {
        let plane = LocalPlane::new(0.7, -0.06);
        let operation = world::operation(
            &plane,
            &world::square(0.0, 0.0, 3000.0),
            &[world::square(0.0, 0.0, 40.0)],
        );
        let aircraft = world::aircraft(&plane, (1500.0, 1500.0), "standoff_m = 400.0\n");
        let task = Task::new(&operation, &aircraft, &Flat(700.0)).unwrap();
        let mut file = PlanFile::new(&task, &plan(&task).unwrap().flight).unwrap();
        file.circles.push(FenceCircle {
            inclusion: false,
            centre: [40.1, -3.4],
            radius_m: 120.0,
        });
        file
    })
}

/// What became of a session.
struct Ran {
    phase: Phase,
    events: Vec<Event>,
    seconds: f64,
    link: Link,
    far: Vec<Far>,
}

impl Ran {
    fn failure(&self) -> String {
        let words = self.events.iter().find_map(|e| match e {
            Event::Failed(e) => Some(e.to_string()),
            _ => None,
        });
        let words = words.unwrap_or_else(|| panic!("it didn't fail: {:?}", self.events));
        assert_eq!(words.lines().count(), 1);
        words
    }
}

fn run(vehicles: Vec<Vehicle>, mut link: Link, options: Options, confirm: bool) -> Ran {
    let mut far: Vec<Far> = vehicles.into_iter().map(Far::new).collect();
    let load = Load::new(plan_file()).unwrap();
    let mut now = 1_000_000;
    let mut session = Session::new(load, options, now);
    let (mut reader, mut writer) = (Reader::new(None), Writer::new(255, 190, None));
    let mut events = Vec::new();
    while session.phase() != Phase::Over && now < 400_000_000 {
        now += 10_000;
        let (down, up): (Vec<_>, Vec<_>) = link.arrived(now).into_iter().partition(|f| f.0);
        let mut messages = Vec::new();
        for (_, f) in down {
            reader.push(&f, 0, &mut messages);
        }
        for m in &messages {
            session.receive(now, m);
        }
        if now >= session.deadline_us() {
            session.tick(now);
        }
        let frames: Vec<Vec<u8>> = up.into_iter().map(|f| f.1).collect();
        for f in &mut far {
            f.run(now, &frames, &mut link);
        }
        for m in session.take_messages() {
            link.send(now, false, writer.frame(&m, 0));
        }
        events.extend(session.take_events());
        if session.phase() == Phase::Ready {
            if !confirm {
                break;
            }
            session.confirm(now);
        }
    }
    Ran {
        phase: session.phase(),
        events,
        seconds: (now - 1_000_000) as f64 * 1e-6,
        link,
        far,
    }
}

fn one(odd: Odd, seed: u64, loss: f64) -> Ran {
    let options = Options::default();
    run(
        vec![Vehicle::new(1, odd)],
        Link::new(seed, loss),
        options,
        true,
    )
}

#[test]
fn what_is_loaded_is_held_and_flown_whatever_is_lost() {
    for (loss, runs) in [(0.0, 3), (0.02, 20), (0.1, 40), (0.3, 10)] {
        let (mut seconds, mut sent, mut lost) = (0.0, 0, 0);
        for seed in 0..runs {
            for ardupilot in [false, true] {
                let odd = Odd {
                    ardupilot,
                    modes_only: seed % 2 == 1 && !ardupilot,
                    ..Odd::default()
                };
                let ran = one(odd, seed, loss);
                assert_eq!(ran.events.last(), Some(&Event::Ended), "{:?}", ran.events);
                let same = |e: &&Event| matches!(e, Event::Same { .. });
                assert_eq!(ran.events.iter().filter(same).count(), 3);
                let vehicle = &ran.far[0].vehicle;
                let held = |kind: u32| vehicle.held[&kind].len();
                let load = Load::new(plan_file()).unwrap();
                assert_eq!(held(0), load.mission.len() + usize::from(ardupilot));
                assert_eq!((held(1), held(2)), (load.fence.len(), load.rally.len()));
                assert_eq!(vehicle.fence_on, ardupilot);
                let armed = MavCmd::MAV_CMD_COMPONENT_ARM_DISARM;
                assert!(vehicle.commands.contains(&armed));
                seconds += ran.seconds / f64::from(2 * runs as u32);
                sent += ran.link.sent;
                lost += ran.link.lost;
            }
        }
        println!(
            "loss {loss}: {} sessions, mean {seconds:.1} s from first word to disarmed, {lost} of {sent} frames lost",
            2 * runs
        );
    }
}

#[test]
fn nothing_starts_without_a_person() {
    let ran = run(
        vec![Vehicle::new(1, Odd::default())],
        Link::new(1, 0.0),
        Options::default(),
        false,
    );
    assert_eq!(ran.phase, Phase::Ready);
    assert!(ran.far[0].vehicle.commands.is_empty());
}

#[test]
fn odd_aircraft_end_in_one_clear_line() {
    let odd = Odd::default();
    let cases = [
        (
            Odd {
                refuses: Some(2),
                ..odd
            },
            "refuses the mission at item 3 of",
            "parameter 2 invalid",
        ),
        (
            Odd {
                alters: Some(4),
                ..odd
            },
            "mission, item 5: height",
            "nothing was started",
        ),
        (
            Odd { deaf: true, ..odd },
            "doesn't answer the upload of its fence",
            "signed messages",
        ),
        (
            Odd { armed: true, ..odd },
            "aircraft 1 is armed",
            "disarm it first",
        ),
        (
            Odd {
                denies: true,
                ..odd
            },
            "doesn't arm: denied",
            "",
        ),
        (
            Odd {
                silent_after: Some(3_000_000),
                ..odd
            },
            "was not heard for 60 s; last at",
            "its own rules",
        ),
    ];
    for (odd, words, more) in cases {
        for loss in [0.0, 0.1] {
            let failure = one(odd, 9, loss).failure();
            assert!(
                failure.contains(words) && failure.contains(more),
                "{failure}"
            );
        }
    }
    let none = run(Vec::new(), Link::new(1, 0.0), Options::default(), true);
    assert!(
        none.failure()
            .starts_with("no heartbeat of an autopilot within 15 s")
    );
}

#[test]
fn several_aircraft_are_told_apart() {
    let both = || {
        vec![
            Vehicle::new(3, Odd::default()),
            Vehicle::new(7, Odd::default()),
        ]
    };
    let ran = run(both(), Link::new(5, 0.02), Options::default(), true);
    assert_eq!(
        ran.failure(),
        "2 aircraft are on this link: 3, 7; say which with --system"
    );
    let of = |system| Options {
        system: Some(system),
        ..Options::default()
    };
    let ran = run(both(), Link::new(5, 0.02), of(7), true);
    assert_eq!(ran.events.last(), Some(&Event::Ended));
    assert!(ran.far[0].vehicle.held.is_empty() && ran.far[0].vehicle.commands.is_empty());
    assert_eq!(ran.far[1].vehicle.held.len(), 3);
    let ran = run(both(), Link::new(5, 0.02), of(9), true);
    assert_eq!(ran.failure(), "aircraft 9 is not on this link; heard: 3, 7");
}

#[test]
fn what_may_not_fly_is_not_uploaded_even_from_memory() {
    for command in [183, 187, 208, 211, 30_002, 42_600, 400] {
        let mut plan = plan_file().clone();
        plan.items.push(Item {
            command,
            frame: 2,
            params: [Some(1.0); 7],
        });
        let e = Load::new(&plan).unwrap_err().to_string();
        assert!(e.contains(&format!("has command {command}")), "{e}");
    }
}
