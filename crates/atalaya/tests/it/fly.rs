//! `atalaya fly`: to an aircraft on a real socket, or one line that says why not.

use crate::plan::certified;
use crate::support::*;
use crate::vehicle::{Odd, Vehicle};
use atalaya_mav::{Key, Reader, Writer, stamp_of_unix_us};
use serde_json::Value;
use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn port() -> u16 {
    let s = UdpSocket::bind("127.0.0.1:0").unwrap();
    s.local_addr().unwrap().port()
}

/// Flies `vehicle` at the far end of a port while a command runs; gives both back.
fn beside(
    vehicle: Vehicle,
    key: Option<u8>,
    port: u16,
    command: impl FnOnce() -> Said,
) -> (Vehicle, Said) {
    let over = AtomicBool::new(false);
    let key = key.map(|k| Key::parse(&[k; 32]).unwrap());
    std::thread::scope(|scope| {
        let flying = scope.spawn(|| {
            let mut vehicle = vehicle;
            let mut reader = Reader::new(key.clone());
            let mut writer = Writer::new(vehicle.system, 1, key.map(|k| (k, 0)));
            let s = UdpSocket::bind("127.0.0.1:0").unwrap();
            s.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            let began = Instant::now();
            let mut buffer = [0; 512];
            while !over.load(Ordering::Relaxed) {
                let us = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
                let stamp = stamp_of_unix_us(us.as_micros() as i64);
                let now = began.elapsed().as_micros() as u64;
                let mut messages = Vec::new();
                if let Ok(n) = s.recv(&mut buffer) {
                    reader.push(&buffer[..n], stamp, &mut messages);
                }
                for m in &messages {
                    vehicle.take(now, &m.body);
                }
                vehicle.tick(now);
                for m in std::mem::take(&mut vehicle.out) {
                    let frame = writer.frame(&m, stamp);
                    s.send_to(&frame, ("127.0.0.1", port)).ok();
                }
            }
            vehicle
        });
        let said = command();
        over.store(true, Ordering::Relaxed);
        (flying.join().unwrap(), said)
    })
}

fn acts(dir: &Path) -> Vec<Value> {
    let text = fs::read_to_string(dir.join("q.plan.acts.jsonl")).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn an_aircraft_is_loaded_started_and_followed() {
    let dir = certified("fly-good");
    fs::write(dir.join("key"), "07".repeat(32)).unwrap();
    let port = port();
    let link = format!("udpin:127.0.0.1:{port}");
    let run = || {
        let start = ["--start", "--confirmed-by", "Ana Ruiz", "--sign-key", "key"];
        atalaya_in(
            &dir,
            &[&["fly", "q.plan", "--link", &link], &start[..]].concat(),
        )
    };
    let (vehicle, said) = beside(Vehicle::new(4, Odd::default()), Some(7), port, run);
    let said = said.ok();
    said.says(&[
        "aircraft 4: PX4, signed",
        "items read back, all the same",
        "confirmed by Ana Ruiz",
        "flight over",
    ]);
    assert!(vehicle.flying_since.is_some() && vehicle.held.len() == 3);
    let first: Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["schema"], &first["system"]),
        (&"telemetry/1".into(), &4.into())
    );
    assert!((39.0..41.0).contains(&first["lat"].as_f64().unwrap()));
    let done = acts(&dir);
    let names: Vec<&str> = done.iter().map(|a| a["act"].as_str().unwrap()).collect();
    assert_eq!(names, ["upload", "order start", "start", "end"]);
    assert!(done.iter().all(|a| a["ok"] == true && a["signed"] == true));
    assert_eq!(done[1]["by"], "Ana Ruiz");
    assert_eq!(done[0]["by"], Value::Null);
}

#[test]
fn nobody_confirms_and_nothing_starts() {
    let dir = certified("fly-loaded");
    let port = port();
    let link = format!("udpin:127.0.0.1:{port}");
    let run = || atalaya_in(&dir, &["fly", "q.plan", "--link", &link]);
    let (vehicle, said) = beside(Vehicle::new(1, Odd::default()), None, port, run);
    said.ok().says(&["not started: nobody confirmed it"]);
    assert!(vehicle.held.len() == 3 && vehicle.commands.is_empty() && !vehicle.armed);
    assert_eq!(acts(&dir).len(), 1);
}

#[test]
fn bad_input_is_one_line_and_sends_nothing() {
    let dir = certified("fly-bad");
    let plan = fs::read_to_string(dir.join("q.plan")).unwrap();
    let certificate = fs::read_to_string(dir.join("q.plan.certificate.json")).unwrap();
    let with = |name: &str, plan: &str, certificate: Option<&str>| {
        fs::write(dir.join(name), plan).unwrap();
        if let Some(c) = certificate {
            fs::write(dir.join(format!("{name}.certificate.json")), c).unwrap();
        }
    };
    with("bare.plan", &plan, None);
    with(
        "moved.plan",
        &plan
            .replacen("1504.0", "1404.0", 1)
            .replacen("15.0", "14.0", 1),
        Some(&certificate),
    );
    with(
        "refused.plan",
        &plan,
        Some(&certificate.replacen("true", "false", 1)),
    );
    with("torn.plan", &plan, Some("{"));
    with(
        "armed.plan",
        &plan.replacen("\"command\": 22", "\"command\": 183", 1),
        Some(&certificate),
    );
    // Spaced otherwise it is the same plan: it gets as far as the link.
    let spaced = serde_json::from_str::<Value>(&plan).unwrap().to_string();
    with("spaced.plan", &spaced, Some(&certificate));
    fs::write(dir.join("short"), "abc").unwrap();
    let good = format!("udpin:127.0.0.1:{}", port());
    let cases: [(&str, &str, &[&str], &[&str]); 10] = [
        (
            "gone.plan",
            &good,
            &[],
            &["can't read gone.plan", "check the path"],
        ),
        (
            "bare.plan",
            &good,
            &[],
            &["has no certificate", "atalaya plan"],
        ),
        ("moved.plan", &good, &[], &["belongs to another plan"]),
        ("refused.plan", &good, &[], &["is not certified"]),
        ("torn.plan", &good, &[], &["is not a certificate"]),
        (
            "armed.plan",
            &good,
            &[],
            &["command 183 (DO_SET_SERVO) releases, switches or moves"],
        ),
        ("q.plan", "radio", &[], &["radio: not a link", "udpin:"]),
        ("q.plan", "tcp:127.0.0.1:1", &[], &["can't connect"]),
        (
            "q.plan",
            &good,
            &["--sign-key", "short"],
            &["can't sign with short", "64 hexadecimal"],
        ),
        (
            "spaced.plan",
            &good,
            &["--patience-s", "0.2"],
            &["no heartbeat of an autopilot"],
        ),
    ];
    for (plan, link, more, words) in cases {
        let said = atalaya_in(&dir, &[&["fly", plan, "--link", link], more].concat());
        said.fails_with(words);
    }
    let no_name = atalaya_in(&dir, &["fly", "q.plan", "--link", &good, "--start"]);
    assert_eq!(no_name.code, Some(2), "{}", no_name.err);
}

/// The simulated aircraft, and what it is told by a command of ours, in a process each.
#[test]
fn the_simulated_aircraft_flies_a_plan_and_the_log_of_acts_says_so() {
    let dir = certified("fly-sim");
    let text = fs::read_to_string(dir.join("q.plan")).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    let home: Vec<f64> = plan["mission"]["plannedHomePosition"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect();
    let port = port();
    fs::create_dir(dir.join("store")).unwrap();
    let mut aircraft = std::process::Command::new(env!("CARGO_BIN_EXE_atalaya"))
        .args(["sim", "aircraft", "--system", "9"])
        .args(["--home", &format!("{},{},{}", home[1], home[0], home[2])])
        .args(["--udp", &format!("127.0.0.1:{port}")])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let link = format!("udpin:127.0.0.1:{port}");
    let start = ["--start", "--confirmed-by", "Ana Ruiz", "--follow-s", "3"];
    let said = atalaya_in(
        &dir,
        &[
            &["fly", "q.plan", "--link", &link, "--store", "store"],
            &start[..],
        ]
        .concat(),
    );
    aircraft.kill().unwrap();
    aircraft.wait().unwrap();
    let said = said.ok();
    said.says(&["aircraft 9", "items read back, all the same", "started"]);
    // It climbs over its home.
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert!(last["height_m"].as_f64().unwrap() > home[2] + 2.0, "{last}");
    assert!(last["armed"] == true);
    let log = atalaya_in(&dir, &["audit", "verify", "store"]).ok();
    assert!(log.out.contains("4 acts"), "{}", log.out);
}

#[test]
fn a_simulated_aircraft_needs_a_home_and_an_address() {
    let dir = folder("fly-sim-bad");
    let said = atalaya_in(&dir, &["sim", "aircraft", "--udp", "127.0.0.1:9"]);
    assert_eq!(said.code, Some(2));
    said.says(&["--home <LON,LAT,M>"]);
    let said = atalaya_in(
        &dir,
        &["sim", "aircraft", "--udp", "127.0.0.1:9", "--home", "north"],
    );
    said.fails_with(&["--home 'north' is no place", "-3.5120,40.0010,652"]);
}
