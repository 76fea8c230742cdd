//! Gas and ground sensors: what messages say, recordings, live sources, segments and their recovery.

use atalaya_feeds::recover;
use atalaya_feeds::sensors::{Arrival, Decoder, SensorFile, SensorLive, SensorRecorder};
use atalaya_model::operation::{FeedConfig, FeedKind, Operation};
use atalaya_model::{Class, Cue, GasSample, Micros, Sensed};
use atalaya_sapient::{Message, Node, NodeConfig, NodeState, Tasked, Value, frame, wire};
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

/// A feed from its table in an operation document.
pub fn feed(table: &str) -> FeedConfig {
    let text = format!(
        r#"
schema = "operation/1"
id = "t"
name = "T"
[authority]
issuer = "c"
legal_basis = "a"
reference = "1"
purpose = "p"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["gas", "ground"]
objects = ["vehicle"]
area = [[0.0, 0.0], [0.01, 0.0], [0.01, 0.01]]
retention = {{ bystander_hours = 24, evidence_days = 365 }}
[site]
id = "s"
name = "S"
[[feed]]
{table}
"#
    );
    Operation::parse("t.toml", &text).unwrap().feeds.remove(0)
}

fn gas(decoder: &mut Decoder, message: &str) -> Result<GasSample, String> {
    match decoder.decode(message.as_bytes())?.sensed {
        Some(Sensed::Gas(g)) => Ok(g),
        other => panic!("{other:?}"),
    }
}

#[test]
fn samples_are_read_from_json_by_names_and_pointers() {
    let f = feed(
        r#"id = "nose"
source = "udp://127.0.0.1:0"
sensor = "gas"
gas = { map = { time = "ts", ppm = "/ch4/value", sensor = "unit" }, scale = 0.001, at = [0.005, 0.004, 3.0] }"#,
    );
    let mut d = Decoder::new(&f).unwrap();
    let g = gas(
        &mut d,
        r#"{"ts": 1767268800.5, "unit": "n1", "ch4": {"value": "2100"}, "wind_speed": 3, "wind_dir_from": 270}"#,
    )
    .unwrap();
    assert_eq!(g.t, Micros(1_767_268_800_500_000));
    assert_eq!((g.sensor.as_str(), g.ppm), ("n1", Some(2.1)));
    assert_eq!(g.at, Some([0.005, 0.004, 3.0]));
    assert!((g.wind.unwrap().from.to_degrees() - 270.0).abs() < 1e-9);
    // A place of its own goes before the feed's; a wind alone has none.
    let g = gas(&mut d, r#"{"ts": "2026-01-01T12:01:00Z", "ch4": {"value": 2000}, "lat": 0.001, "lon": 0.002, "height_m": 9}"#).unwrap();
    assert_eq!(g.at, Some([0.002, 0.001, 9.0]));
    let g = gas(
        &mut d,
        r#"{"ts": "2026-01-01T12:01:01Z", "wind_speed": 3, "wind_dir_from": 0}"#,
    )
    .unwrap();
    assert_eq!((g.ppm, g.at), (None, None));
    for (bad, wanted) in [
        ("", "is not JSON"),
        ("[1]", "is not a JSON object"),
        (
            r#"{"ts": "noon", "ch4": {"value": 1}}"#,
            "time 'noon' is not a time",
        ),
        (r#"{"ch4": {"value": 1}}"#, "has no time"),
        (
            r#"{"ts": "2026-01-01T12:02:00Z"}"#,
            "has neither ppm nor wind",
        ),
        (
            r#"{"ts": "2026-01-01T12:02:00Z", "ch4": {"value": "wet"}}"#,
            "ppm 'wet' is not a concentration",
        ),
        (
            r#"{"ts": "2026-01-01T12:02:00Z", "ch4": {"value": 1}, "lat": 95, "lon": 0}"#,
            "lat '95' is not a latitude",
        ),
    ] {
        let e = gas(&mut d, bad).unwrap_err();
        assert!(e.contains(wanted), "{bad}: {e}");
    }
    // A little late is put beside the newest.
    let g = gas(
        &mut d,
        r#"{"ts": "2026-01-01T12:00:58Z", "ch4": {"value": 1}}"#,
    )
    .unwrap();
    assert_eq!(g.t, Micros::parse_rfc3339("2026-01-01T12:01:01Z").unwrap());
    // Much too late it keeps its own time, and is marked.
    let late = r#"{"ts": "2026-01-01T12:00:00Z", "ch4": {"value": 1}}"#;
    let late = d.decode(late.as_bytes()).unwrap();
    assert!(late.late);
    assert_eq!(late.t, g.t);
    let own = Micros::parse_rfc3339("2026-01-01T12:00:00Z");
    assert_eq!(late.sensed.map(|s| s.t()), own);
}

#[test]
fn samples_are_read_from_rows_and_tables() {
    let f = feed(
        r#"id = "nose"
source = "udp://127.0.0.1:0"
sensor = "gas"
start = "2026-01-01T12:00:00Z"
[feed.gas]
payload = "csv"
columns = ["t_s", "e", "n", "u", "ppm"]
origin = [0.005, 0.005]"#,
    );
    let mut d = Decoder::new(&f).unwrap();
    let g = gas(&mut d, "60, 0, 111.3, 2, 2.5\n").unwrap();
    assert_eq!(g.t, Micros::parse_rfc3339("2026-01-01T12:01:00Z").unwrap());
    let [lon, lat, up] = g.at.unwrap();
    assert!((lon - 0.005).abs() < 1e-7 && (lat - 0.006).abs() < 1e-5 && up == 2.0);
    assert!(
        gas(&mut d, "60,0,0")
            .unwrap_err()
            .contains("has 3 columns, and the operation names 5")
    );

    let tmp = tempfile::tempdir().unwrap();
    let table =
        "t_s,sensor,e,n,u,ppm\n1,a,0,0,2,2.0\n1,b,5,0,2,nan\n2,a,0,0,2,oops\n0.5,a,0,0,2,1.9\n";
    std::fs::write(tmp.path().join("o.csv"), table).unwrap();
    std::fs::write(
        tmp.path().join("m.csv"),
        "t_s,wind_speed,wind_dir_from\n0,3,270\n1.5,,\n",
    )
    .unwrap();
    let f = feed(
        r#"id = "nose"
source = "o.csv"
sensor = "gas"
start = "2026-01-01T12:00:00Z"
gas = { wind = "m.csv", origin = [0.005, 0.005] }"#,
    );
    let mut file = SensorFile::open(&tmp.path().join("o.csv"), tmp.path(), &f).unwrap();
    assert_eq!((file.messages, file.malformed), (6, 3));
    assert!(
        file.faults[0].starts_with("line 3: has neither ppm nor wind"),
        "{:?}",
        file.faults
    );
    let all: Vec<_> = std::iter::from_fn(|| file.next_sensed()).collect();
    let times: Vec<_> = all
        .iter()
        .map(|s| (s.t().0 / 100_000 % 1000, s.number()))
        .collect();
    assert_eq!(times, [(0, 1), (5, 4), (10, 1)]);
    for (name, text, wanted) in [
        ("none.csv", None, "no such file; check the path"),
        ("empty.csv", Some(""), "is empty"),
        ("head.csv", Some("t_s,ppm\n"), "no row below the header"),
        (
            "other.csv",
            Some("a,b\n1,2\n"),
            "no row can be used; line 2: has no time",
        ),
    ] {
        let path = tmp.path().join(name);
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        let e = SensorFile::open(&path, tmp.path(), &f)
            .err()
            .unwrap()
            .to_string();
        assert!(e.contains(name) && e.contains(wanted), "{e}");
    }
}

const NODE: &str = "a8654cdf-4328-47de-81fa-c495589e30c9";

fn node() -> Node {
    Node::new(NodeConfig {
        id: NODE.into(),
        name: "Gate".into(),
        kind: "NODE_TYPE_PROXIMITY_SENSOR".into(),
        at: [0.005, 0.005, 0.0],
        status_s: 30,
        can_look: false,
    })
    .unwrap()
}

const T: i64 = 1_767_268_800_000_000;

/// Registration, state, detections: as a tripwire says them.
fn said() -> Vec<Message> {
    let mut n = node();
    let mut all = n.connected(T);
    let yes = Message::new("SapientMessage")
        .unwrap()
        .with_message("registration_ack", |a| {
            a.with("acceptance", Value::Bool(true))
        });
    all.extend(n.hear(&wire::encode(&yes), T).1);
    for (i, class) in ["Human", "Land vehicle", "Ghost"].into_iter().enumerate() {
        let object = atalaya_sapient::ulid(1, i as u128);
        let now = T + (i as i64 + 1) * 1_000_000;
        all.extend(n.detection(now, &object, [0.005, 0.006, 0.0], 4.0, (class, 0.7)));
    }
    all.extend(n.alert(T + 9_000_000, [0.004, 0.004, 0.0], "wire cut"));
    all
}

fn wire_feed(source: &str) -> FeedConfig {
    feed(&format!(
        "id = \"wire\"\nsource = \"{source}\"\nsensor = \"ground\""
    ))
}

fn cues(file: &mut SensorFile) -> Vec<Cue> {
    std::iter::from_fn(|| file.next_sensed())
        .map(|s| match s {
            Sensed::Cue(c) => c,
            Sensed::Gas(g) => panic!("{g:?}"),
        })
        .collect()
}

#[test]
fn a_recording_of_sapient_messages_gives_cues() {
    let tmp = tempfile::tempdir().unwrap();
    let path = tmp.path().join("w.sapient");
    let bytes: Vec<u8> = said()
        .iter()
        .flat_map(|m| frame::framed(&wire::encode(m)))
        .collect();
    std::fs::write(&path, &bytes).unwrap();
    let f = wire_feed("w.sapient");
    let mut file = SensorFile::open(&path, tmp.path(), &f).unwrap();
    let found = cues(&mut file);
    let classes: Vec<_> = found.iter().map(|c| (c.number, c.class)).collect();
    assert_eq!(
        classes,
        [
            (3, Class::Person),
            (4, Class::Car),
            (5, Class::Unknown),
            (6, Class::Unknown)
        ]
    );
    assert!((found[0].cov[0] - 16.0).abs() < 1e-3 && (found[0].p - 0.7).abs() < 1e-6);
    assert_eq!(found[3].lon_lat, [0.004, 0.004]);
    // Without its registration nothing of a node is taken.
    let skip = 4 + wire::encode(&said()[0]).len();
    std::fs::write(&path, &bytes[skip..]).unwrap();
    let mut file = SensorFile::open(&path, tmp.path(), &f).unwrap();
    assert!(cues(&mut file).is_empty());
    assert_eq!(file.malformed, 5);
    assert!(
        file.faults[0].contains("register first"),
        "{:?}",
        file.faults
    );
    std::fs::write(&path, "this is something else, and long enough").unwrap();
    assert!(SensorFile::open(&path, tmp.path(), &f).is_err());
}

/// Waits for what comes from a live sensor, within reason.
fn wait(live: &SensorLive, mut is: impl FnMut(&Arrival) -> bool) -> Arrival {
    let since = Instant::now();
    loop {
        if let Some(a) = live.next_arrival()
            && is(&a)
        {
            return a;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "nothing came");
    }
}

#[test]
fn a_node_registers_over_tcp_and_is_answered() {
    let live = SensorLive::open(&wire_feed("tcp://127.0.0.1:0")).unwrap();
    let mut link = TcpStream::connect(live.local_address().unwrap()).unwrap();
    let mut n = node();
    for m in n.connected(T) {
        link.write_all(&frame::framed(&wire::encode(&m))).unwrap();
    }
    let mut length = [0; 4];
    link.read_exact(&mut length).unwrap();
    let mut answer = vec![0; u32::from_le_bytes(length) as usize];
    link.read_exact(&mut answer).unwrap();
    n.hear(&answer, T);
    assert_eq!(n.state(), &NodeState::Registered);
    wait(&live, |a| *a == Arrival::Connected);
    wait(&live, |a| matches!(a, Arrival::Message(..)));
    // What is no SAPIENT ends the link, and no other.
    let mut stranger = TcpStream::connect(live.local_address().unwrap()).unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    wait(
        &live,
        |a| matches!(a, Arrival::Lost(why) if why.contains("is the stream SAPIENT")),
    );
    let d = n.detection(
        T,
        &atalaya_sapient::ulid(1, 1),
        [0.005, 0.005, 0.0],
        1.0,
        ("Human", 0.5),
    );
    link.write_all(&frame::framed(&wire::encode(&d.unwrap())))
        .unwrap();
    wait(&live, |a| matches!(a, Arrival::Message(..)));
}

/// The next message of a host.
fn hear(link: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 4];
    link.read_exact(&mut length).unwrap();
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    link.read_exact(&mut message).unwrap();
    message
}

#[test]
fn a_camera_is_asked_to_look_until_its_connection_is_cut() {
    let live = SensorLive::open(&wire_feed("tcp://127.0.0.1:0")).unwrap();
    let mut link = TcpStream::connect(live.local_address().unwrap()).unwrap();
    let mut camera = Node::new(NodeConfig {
        id: NODE.into(),
        name: "Mast".into(),
        kind: "NODE_TYPE_CAMERA".into(),
        at: [0.005, 0.005, 0.0],
        status_s: 30,
        can_look: true,
    })
    .unwrap();
    assert_eq!(live.look(NODE, [0.0; 3]), None, "it is not there");
    let hello = camera.connected(T).remove(0);
    link.write_all(&frame::framed(&wire::encode(&hello)))
        .unwrap();
    camera.hear(&hear(&mut link), T);
    wait(&live, |a| *a == Arrival::Connected);
    // It is among them a moment after its acknowledgement has gone.
    let since = Instant::now();
    while live.lookers() != [NODE] {
        assert!(since.elapsed() < Duration::from_secs(20), "it is not there");
        std::thread::yield_now();
    }
    let asked = live.look(NODE, [0.004, 0.003, 0.0]).unwrap();
    let (tasked, answers) = camera.hear(&hear(&mut link), T);
    assert!(matches!(tasked, Some(Tasked::Look(_))), "{tasked:?}");
    for m in &answers {
        link.write_all(&frame::framed(&wire::encode(m))).unwrap();
    }
    wait(
        &live,
        |a| matches!(a, Arrival::Answered { task, status, .. } if *task == asked && *status == "TASK_STATUS_ACCEPTED"),
    );
    // In the middle of a message.
    let half = frame::framed(&wire::encode(&hello));
    link.write_all(&half[..half.len() / 2]).unwrap();
    drop(link);
    wait(
        &live,
        |a| matches!(a, Arrival::Lost(why) if why.contains("in the middle of a message")),
    );
    assert!(live.lookers().is_empty());
    assert_eq!(live.look(NODE, [0.0; 3]), None);
}

#[test]
fn what_comes_too_fast_is_shed_and_counted() {
    let f = feed("id = \"nose\"\nsource = \"udp://127.0.0.1:0\"\nsensor = \"gas\"");
    let live = SensorLive::open(&f).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = live.local_address().unwrap();
    let since = Instant::now();
    while live.shed() == 0 {
        socket.send_to(b"{}", to).unwrap();
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "nothing was shed"
        );
    }
    let waiting = std::iter::from_fn(|| live.next_arrival())
        .take(2000)
        .count();
    assert!(waiting <= 1100, "{waiting}");
}

#[test]
fn segments_hold_a_minute_and_survive_a_crash() {
    let tmp = tempfile::tempdir().unwrap();
    let f = feed(
        "id = \"nose\"\nsource = \"udp://127.0.0.1:0\"\nsensor = \"gas\"\ngas = { at = [0.0, 0.0, 0.0] }",
    );
    let mut r = SensorRecorder::new(tmp.path(), "nose", FeedKind::Gas).unwrap();
    let mut closed = Vec::new();
    for s in 0..150 {
        let t = Micros(T + s * 1_000_000);
        let message = format!("{{\"time\": \"{}\",\n \"ppm\": {s}}}", t.to_rfc3339());
        closed.extend(r.push(message.as_bytes(), t).unwrap());
    }
    assert_eq!(closed.len(), 2);
    for c in &closed {
        assert_eq!(
            atalaya_feeds::sha256_of_file(&c.path).unwrap(),
            (c.sha256.clone(), c.bytes)
        );
        assert_eq!(c.t1.0 - c.t0.0, 59_000_000);
    }
    // Killed in the middle of a message.
    drop(r);
    let part = tmp.path().join("nose-000002.gas.part");
    let mut bytes = std::fs::read(&part).unwrap();
    bytes.extend_from_slice(b"[17672688");
    std::fs::write(&part, &bytes).unwrap();
    let found = recover(tmp.path(), None).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].t0, found[0].t1),
        (Some(Micros(T + 120_000_000)), Some(Micros(T + 149_000_000)))
    );
    let paths: Vec<_> = closed
        .iter()
        .map(|c| c.path.clone())
        .chain([found[0].path.clone()])
        .collect();
    let mut again = SensorFile::replay(&paths, &f).unwrap();
    assert_eq!((again.messages, again.malformed), (150, 0));
    let last = std::iter::from_fn(|| again.next_sensed()).last().unwrap();
    assert_eq!(last.number(), 150);
    let mut r = SensorRecorder::new(tmp.path(), "wire", FeedKind::Ground).unwrap();
    for m in said() {
        r.push(&wire::encode(&m), Micros(m.time("timestamp").unwrap()))
            .unwrap();
    }
    drop(r);
    let found = recover(tmp.path(), None).unwrap();
    let mut again = SensorFile::replay(&[found[0].path.clone()], &wire_feed("w.sapient")).unwrap();
    assert_eq!(cues(&mut again).len(), 4);
}

/// A broker of our own on a free port, with nothing but that.
struct Broker {
    child: std::process::Child,
    port: u16,
}

impl Broker {
    fn start(dir: &Path, port: u16) -> Self {
        let config = dir.join("mosquitto.conf");
        std::fs::write(
            &config,
            format!("listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"),
        )
        .unwrap();
        let child = std::process::Command::new("mosquitto")
            .arg("-c")
            .arg(&config)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("mosquitto is installed: tools/setup-system.sh build test");
        Self { child, port }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs Mosquitto (make test-mqtt)"]
fn samples_come_from_a_broker_that_goes_away_and_comes_back() {
    let tmp = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let f = feed(&format!(
        "id = \"nose\"\nsource = \"mqtt://127.0.0.1:{port}/site/+/gas\"\nsensor = \"gas\"\ngas = {{ at = [0.0, 0.0, 1.0] }}"
    ));
    // The sensor is there before the broker is.
    let live = SensorLive::open(&f).unwrap();
    wait(
        &live,
        |a| matches!(a, Arrival::Lost(why) if why.contains(&port.to_string())),
    );
    for round in 0..2 {
        let broker = Broker::start(tmp.path(), port);
        wait(&live, |a| *a == Arrival::Connected);
        let mut options = rumqttc::MqttOptions::new("sensor", "127.0.0.1", broker.port);
        options.set_keep_alive(Duration::from_secs(5));
        let (client, mut connection) = rumqttc::Client::new(options, 10);
        let pump = std::thread::spawn(move || {
            for event in connection.iter() {
                if event.is_err() {
                    break;
                }
            }
        });
        let mut decoder = Decoder::new(&f).unwrap();
        let (mut good, mut bad) = (0, 0);
        let mut sent = 0;
        let since = Instant::now();
        // Our subscription may be acknowledged after the first messages.
        while good < 5 || bad < 1 {
            sent += 1;
            let t = T / 1_000_000 + 3600 * round + sent;
            let sample = format!(r#"{{"time": {t}, "ppm": 2.5}}"#);
            client
                .publish("site/n1/gas", rumqttc::QoS::AtLeastOnce, false, sample)
                .unwrap();
            client
                .publish(
                    "site/n1/gas",
                    rumqttc::QoS::AtLeastOnce,
                    false,
                    t.to_string(),
                )
                .unwrap();
            client
                .publish("site/n1/other", rumqttc::QoS::AtLeastOnce, false, "no")
                .unwrap();
            while let Some(a) = live.next_arrival() {
                if let Arrival::Message(bytes, _) = a {
                    live.done();
                    assert_ne!(bytes, b"no", "another topic");
                    match decoder.decode(&bytes) {
                        Ok(_) => good += 1,
                        Err(_) => bad += 1,
                    }
                }
            }
            assert!(since.elapsed() < Duration::from_secs(20), "nothing came");
        }
        client.disconnect().unwrap();
        pump.join().unwrap();
        drop(broker);
        wait(&live, |a| matches!(a, Arrival::Lost(_)));
    }
}
