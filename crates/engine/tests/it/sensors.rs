//! Gas and ground sensors: recordings twice, live runs and their replay, and the gate.

use atalaya_engine::live::{self, Landmarks, LiveOptions, LiveSummary, Stop, replay};
use atalaya_engine::recording::{self, RunOptions, RunResult};
use atalaya_engine::watching::Armed;
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::operation::SensorKind;
use atalaya_model::{About, Alert, EventKind, Operation};
use atalaya_sapient::frame::{Splitter, framed};
use atalaya_sim::{
    Density, SHED, World, WorldOptions, crossings, gas_csv, gas_source, operation_toml,
    tripwire_bytes,
};
use atalaya_store::{Bus, Heard, Live, Store};
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::Duration;

fn world(seed: u64, seconds: f64) -> World {
    World::compound(
        seed,
        &WorldOptions {
            duration_s: seconds,
            density: Density::Busy,
            gas: true,
            tripwire: true,
            ..WorldOptions::default()
        },
    )
}

/// The world's operation with its sensors alone, and their recordings in `dir`.
fn sensors(world: &World, dir: &Path) -> Operation {
    std::fs::write(dir.join("nose.csv"), gas_csv(world)).unwrap();
    std::fs::write(dir.join("wire.sapient"), tripwire_bytes(world)).unwrap();
    let mut op = Operation::parse("operation.toml", &operation_toml(world)).unwrap();
    op.feeds
        .retain(|f| matches!(f.sensor, SensorKind::Gas | SensorKind::Ground));
    op
}

fn run(op: &Operation, dir: &Path, out: &str) -> RunResult {
    let context = Context::new(op.clone(), EngineSettings::default()).unwrap();
    let out = dir.join(out);
    recording::run(&context, dir, &out, &RunOptions::default(), &mut |_| {}).unwrap()
}

#[test]
fn gas_is_found_in_its_shed_and_the_wire_is_heard_twice_the_same() {
    let tmp = tempfile::tempdir().unwrap();
    let world = world(3, 240.0);
    let op = sensors(&world, tmp.path());
    let result = run(&op, tmp.path(), "a");
    run(&op, tmp.path(), "b");
    for name in [
        "events.jsonl",
        "alerts.jsonl",
        "emission.jsonl",
        "observations.jsonl",
        "summary.json",
    ] {
        let read = |out: &str| std::fs::read(tmp.path().join(out).join(name)).unwrap();
        assert_eq!(read("a"), read("b"), "{name}");
    }
    let of = |kind: EventKind| result.events.iter().filter(move |e| e.kind == kind);
    let emission = of(EventKind::Emission).next_back().unwrap();
    assert_eq!(of(EventKind::Emission).count(), 1);
    let truth = gas_source(&world);
    let (lat, lon) = world.lat_lon([truth.at[0], truth.at[1]]);
    let north = (emission.lat.unwrap() - lat) * 111_320.0;
    let east = (emission.lon.unwrap() - lon) * 111_320.0 * lat.to_radians().cos();
    assert!(north.hypot(east) < 25.0, "{:.0} m off", north.hypot(east));
    assert!(!emission.evidence.is_empty());
    for e in &emission.evidence {
        let s = e.samples.unwrap();
        assert!(s.first <= s.last && e.segment.is_some() && e.frames.is_empty());
    }
    assert!(matches!(&emission.about, Some(About::Emission(e)) if e.rate_lo90 < e.rate_hi90));
    assert!(
        result
            .alerts
            .iter()
            .any(|a| a.rule == "gas" && a.zone == SHED)
    );
    // Each crossing is an object of its own.
    assert_eq!(of(EventKind::Cue).count(), crossings(&world).len());
    assert!(result.alerts.iter().any(|a| a.rule == "gate-wire"));
    assert!(
        result.summary.remarks.is_empty(),
        "{:?}",
        result.summary.remarks
    );
}

#[test]
fn clean_air_raises_nothing() {
    for seed in 1..=4 {
        let tmp = tempfile::tempdir().unwrap();
        let world = world(seed, 300.0);
        let op = sensors(&world, tmp.path());
        // The same flight and wind in air that holds noise and drift alone.
        let mut state = seed;
        let mut noise = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f64 / f64::from(1u32 << 24) - 0.5
        };
        let csv: String = gas_csv(&world)
            .lines()
            .enumerate()
            .map(|(i, line)| {
                let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
                if i > 0 {
                    let drift = 0.03 * (i as f64 / 60.0).sin();
                    cells[5] = format!("{:.3}", 2.0 + drift + 0.1 * (noise() + noise()));
                }
                cells.join(",") + "\n"
            })
            .collect();
        std::fs::write(tmp.path().join("nose.csv"), csv).unwrap();
        let result = run(&op, tmp.path(), "out");
        assert!(result.emissions.len() > 20);
        let most = result.emissions.iter().map(|m| m.p).fold(0.0, f64::max);
        assert!(most < 0.9, "seed {seed}: {most}");
        assert!(!result.events.iter().any(|e| e.kind == EventKind::Emission));
    }
}

#[test]
fn what_the_authority_does_not_reach_is_counted_and_dropped() {
    let tmp = tempfile::tempdir().unwrap();
    let world = world(3, 120.0);
    let mut op = sensors(&world, tmp.path());
    // The order ends before the world begins.
    op.authority.valid_from = "2020-01-01T00:00:00Z".into();
    op.authority.valid_until = "2020-01-02T00:00:00Z".into();
    let result = run(&op, tmp.path(), "window");
    assert!(result.events.is_empty() && result.alerts.is_empty() && result.emissions.is_empty());
    assert_eq!(result.summary.gate.samples_passed, 0);
    assert!(result.summary.gate.samples_refused["window"] > 100);
    assert!(result.summary.remarks[0].contains("no sample or cue passed the gate"));
    // Persons may not be followed: cues of vehicles pass, those of persons do not.
    let mut op = sensors(&world, tmp.path());
    op.authority.objects = vec![atalaya_model::operation::ObjectKind::Vehicle];
    let result = run(&op, tmp.path(), "objects");
    let cues = result
        .events
        .iter()
        .filter(|e| e.kind == EventKind::Cue)
        .count();
    let crossed = crossings(&world);
    assert_eq!(cues, crossed.iter().filter(|c| c.vehicle).count());
    let persons = crossed.iter().filter(|c| !c.vehicle).count() as u64;
    let refused = result.summary.gate.samples_refused.get("object").copied();
    assert_eq!(refused.unwrap_or(0), persons);
}

/// Sends all messages as fast as they are taken, then stops the run.
fn send(world: &World, addresses: &[SocketAddr], stop: &Stop) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let csv = gas_csv(world);
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut link = TcpStream::connect(addresses[1]).unwrap();
    let mut wire = Splitter::default();
    wire.push(&tripwire_bytes(world));
    for (i, line) in lines.enumerate() {
        let cells = header.iter().zip(line.split(','));
        let json: serde_json::Map<String, serde_json::Value> = cells
            .map(|(name, cell)| {
                let number = cell.parse::<f64>().ok();
                (
                    (*name).to_owned(),
                    number.map_or_else(|| cell.into(), Into::into),
                )
            })
            .collect();
        let bytes = serde_json::to_vec(&json).unwrap();
        socket.send_to(&bytes, addresses[0]).unwrap();
        if i % 40 == 0 {
            socket.send_to(b"{ not json", addresses[0]).unwrap();
        }
        if let Ok(Some(m)) = wire.take() {
            link.write_all(&framed(&m)).unwrap();
        }
        // The queue is bounded; a burst beyond it is shed, which is not what is tested here.
        std::thread::sleep(Duration::from_millis(1));
    }
    while let Ok(Some(m)) = wire.take() {
        link.write_all(&framed(&m)).unwrap();
    }
    std::thread::sleep(Duration::from_millis(400));
    stop.stop();
}

fn run_live(context: &Context, world: &World, dir: &Path) -> (LiveSummary, Vec<Live>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::open(dir)).unwrap();
    let bus = Bus::default();
    let mut hear = bus.subscribe();
    let options = LiveOptions {
        run: "live".into(),
        dir: dir.to_owned(),
        writer: store.writer(),
        bus,
        queue: 2,
        landmarks: Landmarks::default(),
    };
    let stop = Stop::default();
    let summary = std::thread::scope(|scope| {
        let (tell, told) = std::sync::mpsc::channel::<Vec<SocketAddr>>();
        let stop = &stop;
        scope.spawn(move || send(world, &told.recv().unwrap(), stop));
        live::run(context, &options, stop, |a| tell.send(a.to_vec()).unwrap()).unwrap()
    });
    let mut said = Vec::new();
    while let Some(heard) = hear.try_next() {
        match heard {
            Heard::Message(m) => said.push(m),
            Heard::Lost(n) => panic!("{n} messages lost"),
        }
    }
    runtime.block_on(store.close());
    (summary, said)
}

const WATCH: &str = r#"
schema = "watch/1"
site = "world"
[[rule]]
id = "wire"
on = "cue"
where = "node != '' && p > 0.0"
"#;

#[test]
fn a_live_run_of_sensors_replays_to_the_same_bytes() {
    let tmp = tempfile::tempdir().unwrap();
    let world = world(3, 240.0);
    let mut op = sensors(&world, tmp.path());
    op.feeds[0].source = "udp://127.0.0.1:0".into();
    op.feeds[1].source = "tcp://127.0.0.1:0".into();
    let context = Context::new(op, EngineSettings::default()).unwrap();
    let dir = tmp.path().join("store");
    // What is armed is kept beside the run: the replay is not told of it.
    let armed = Armed::new("w", WATCH, &context.operation, Vec::new()).unwrap();
    let watched = context.clone().with_watch(Some(armed));
    let (summary, said) = run_live(&watched, &world, &dir);
    let nose = &summary.feeds[0];
    assert_eq!((nose.id.as_str(), nose.analysed), ("nose", 241));
    assert_eq!(nose.damaged, 7, "{:?}", nose.faults);
    assert!(nose.faults[0].contains("is not JSON"));

    let mut last = std::collections::BTreeMap::new();
    let (mut maps, mut cues) = (0, 0);
    for m in &said {
        match m {
            Live::Emission { .. } => maps += 1,
            Live::Event { event, .. } if event.kind == EventKind::Cue => cues += 1,
            Live::Event { event, .. } => {
                last.insert(event.id.clone(), event.clone());
            }
            _ => {}
        }
    }
    assert!(maps > 15, "{maps}");
    assert_eq!(cues, crossings(&world).len());
    let emission = last
        .values()
        .find(|e| e.kind == EventKind::Emission)
        .unwrap();
    assert!(!emission.evidence.is_empty());

    let wires = said.iter().filter_map(|m| match m {
        Live::Alert { alert, .. } if alert.rule == "wire" => Some(alert),
        _ => None,
    });
    let life = |a: &Alert| a.life.as_ref().map_or(0, |l| l.count as usize);
    let joined: Vec<usize> = wires.map(|a| life(a)).collect();
    let all: Vec<usize> = (1..=crossings(&world).len()).collect();
    assert_eq!(joined, all, "one alert, which every crossing joins");

    let folder = dir.join("segments/live");
    let again = replay(&context, &folder, |_, _| {}).unwrap();
    assert_eq!(again.digest, summary.digest);
    assert_eq!(again.live.as_deref(), Some(summary.digest.as_str()));
    // Evidence is stored with the hash of the minute that holds its samples.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&dir).await.unwrap();
        let stored = store
            .events(
                None,
                atalaya_model::Micros(0),
                atalaya_model::Micros::MAX,
                1000,
            )
            .await
            .unwrap();
        let (_, event) = stored
            .iter()
            .find(|(_, e)| e.kind == EventKind::Emission)
            .unwrap();
        for e in &event.evidence {
            let hash = e.segment.as_ref().unwrap();
            let at = store.segments_at("nose", e.t0).await.unwrap();
            let (_, segment) = at.iter().find(|(_, s)| s.sha256 == *hash).unwrap();
            let (sha, _) = atalaya_feeds::sha256_of_file(&dir.join(&segment.path)).unwrap();
            assert_eq!(sha, *hash);
        }
        // The maps are kept too.
        let t = said
            .iter()
            .find_map(|m| match m {
                Live::Emission { map, .. } => Some(map.t),
                _ => None,
            })
            .unwrap();
        assert_eq!(
            store.segments_at("nose.emission", t).await.unwrap().len(),
            1
        );
        store.close().await;
    });
}

#[test]
fn what_a_live_sensor_may_not_say_is_not_recorded() {
    let tmp = tempfile::tempdir().unwrap();
    let world = world(3, 30.0);
    let mut op = sensors(&world, tmp.path());
    op.feeds[0].source = "udp://127.0.0.1:0".into();
    op.feeds[1].source = "tcp://127.0.0.1:0".into();
    op.authority.valid_from = "2020-01-01T00:00:00Z".into();
    op.authority.valid_until = "2020-01-02T00:00:00Z".into();
    let context = Context::new(op, EngineSettings::default()).unwrap();
    let dir = tmp.path().join("store");
    let (summary, said) = run_live(&context, &world, &dir);
    assert_eq!(summary.refused["nose"]["window"], 31);
    assert!(summary.refused["wire"]["window"] >= 1);
    assert!(
        !said
            .iter()
            .any(|m| matches!(m, Live::Event { .. } | Live::Emission { .. }))
    );
    let left: Vec<_> = std::fs::read_dir(dir.join("segments/live"))
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left, ["admission.jsonl"]);
}
