//! A stand-in for a live operation, to work on the page without an engine: a drawn compound with a
//! truck and a person, coded as H.264 in real time, with the analysis following a little later.
//!
//! `cargo run -p atalaya-server --example replay_live -- 127.0.0.1:8080 web/dist [background folder]`
//!
//! With `ATALAYA_PASSWORD` set there is an account `ana` with this password.

use atalaya_geo::{Homography, LocalPlane, Vector2};
use atalaya_model::operation::Retention;
use atalaya_model::*;
use atalaya_server::{ServerConfig, StillSource, Web, add_user, serve};
use atalaya_store::{AccessUnit, Bus, Live, LiveFrame, Record, Run, Store};
use atalaya_video::still::{StillOptions, jpeg};
use atalaya_video::{Encoder, EncoderOptions, Image};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const W: usize = 640;
const H: usize = 360;
const FPS: i64 = 15;
const RUN: &str = "example";
const OPERATION: &str = r#"
schema = "operation/1"
id = "example"
name = "Finca del Cerro"
simulated = true
[authority]
issuer = "Juzgado Central 4"
legal_basis = "LECrim art. 588 quinquies a"
reference = "DP 118/2026"
purpose = "Establish who delivers to the north shed"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2036-12-31T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle", "person", "unknown"]
area = [[-3.505, 39.997], [-3.495, 39.997], [-3.495, 40.003], [-3.505, 40.003]]
retention = { bystander_hours = 24, evidence_days = 365 }
[[authority.no_look]]
name = "Village school"
polygon = [[-3.5030, 40.0012], [-3.5020, 40.0012], [-3.5020, 40.0020], [-3.5030, 40.0020]]
[site]
id = "compound"
name = "Compound"
[[site.zone]]
id = "yard"
name = "North yard"
polygon = [[-3.50035, 39.9998], [-3.4996, 39.9998], [-3.4996, 40.0003], [-3.50035, 40.0003]]
[[site.zone]]
id = "gate"
name = "South gate"
polygon = [[-3.5002, 39.9993], [-3.4998, 39.9993], [-3.4998, 39.9996], [-3.5002, 39.9996]]
[[feed]]
id = "eo"
source = "udp://127.0.0.1:5000"
sensor = "eo"
[[rule]]
id = "long-stay"
kind = "dwell"
zone = "yard"
subject = "vehicle"
longer_than_s = 8
severity = "warning"
[[rule]]
id = "person-at-gate"
kind = "arrival"
zone = "gate"
subject = "person"
severity = "critical"
"#;

/// Where everything is at `s` seconds.
struct Scene {
    to_ground: Homography,
    to_pixel: Homography,
    corners: [Vector2<f64>; 4],
    drone: Vector2<f64>,
    truck: Vector2<f64>,
    person: Vector2<f64>,
    truck_stands: bool,
}

fn scene(s: f64) -> Option<Scene> {
    let a = s * 0.05;
    let drone = Vector2::new(170.0 * a.cos(), 170.0 * a.sin());
    let ahead = -drone / drone.norm();
    let right = Vector2::new(ahead.y, -ahead.x);
    let at = |r: f64, f: f64| right * r + ahead * f;
    let corners = [
        at(-95.0, 75.0),
        at(95.0, 75.0),
        at(58.0, -48.0),
        at(-58.0, -48.0),
    ];
    let (w, h) = (W as f64, H as f64);
    let picture = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)].map(|(x, y)| Vector2::new(x, y));
    // In from the south, a stop in the yard, out again: a minute each time.
    let u = s % 60.0;
    let (north, truck_stands) = match u {
        u if u < 15.0 => (-80.0 + u * 6.0, false),
        u if u < 40.0 => (10.0, true),
        u => (10.0 - (u - 40.0) * 6.0, false),
    };
    Some(Scene {
        to_ground: Homography::from_quad(&picture, &corners)?,
        to_pixel: Homography::from_quad(&corners, &picture)?,
        corners,
        drone,
        truck: Vector2::new(3.0, north),
        person: Vector2::new(
            -14.0 + 10.0 * (s * 0.11).sin(),
            -62.0 + 30.0 * (s * 0.07).cos(),
        ),
        truck_stands,
    })
}

/// Luma of the ground.
fn ground(p: Vector2<f64>, sc: &Scene) -> u8 {
    let near = |o: Vector2<f64>, hx: f64, hy: f64| (p.x - o.x).abs() < hx && (p.y - o.y).abs() < hy;
    let cell = ((p.x / 1.5).floor() as i64).wrapping_mul(73_856_093)
        ^ ((p.y / 1.5).floor() as i64).wrapping_mul(19_349_663);
    let grain = ((cell ^ (cell >> 7)).rem_euclid(23)) as u8;
    if near(sc.truck, 1.6, 4.0) {
        235
    } else if near(sc.person, 0.7, 0.7) {
        40
    } else if near(Vector2::new(-20.0, 22.0), 9.0, 6.0) {
        190 + grain / 3
    } else if near(Vector2::new(24.0, 20.0), 5.0, 9.0) {
        60 + grain / 3
    } else if (p.x - 3.0).abs() < 3.5 {
        135 + grain / 2
    } else if near(Vector2::new(2.0, 5.0), 30.0, 28.0) {
        110 + grain
    } else {
        78 + grain
    }
}

fn picture(sc: &Scene) -> Vec<u8> {
    let mut luma = vec![0; W * H];
    for (y, row) in luma.chunks_exact_mut(W).enumerate() {
        for (x, px) in row.iter_mut().enumerate() {
            let at = Vector2::new(x as f64 + 0.5, y as f64 + 0.5);
            *px = sc.to_ground.apply(at).map_or(0, |p| ground(p, sc));
        }
    }
    luma
}

fn image(luma: &[u8], chroma: &[u8], f: impl FnOnce(&Image<'_>)) {
    f(&Image::yuv420p(W as u32, H as u32, luma, chroma, chroma));
}

struct Stills {
    start: Micros,
}

impl StillSource for Stills {
    fn still(&self, _feed: &str, t: Micros, width: u32) -> Result<Vec<u8>, String> {
        let sc = scene(t.since(self.start)).ok_or("no such moment")?;
        let luma = picture(&sc);
        let chroma = vec![128; W * H / 4];
        let mut made = Err("not made".to_owned());
        image(&luma, &chroma, |i| {
            let options = StillOptions {
                width: Some(width),
                ..StillOptions::default()
            };
            made = jpeg(i, options).map_err(|e| e.to_string());
        });
        made
    }
}

fn point(
    sc: &Scene,
    plane: &LocalPlane,
    n: u32,
    frame: u64,
    (at, half, class): (Vector2<f64>, Vector2<f64>, Class),
    stands: bool,
) -> Option<TrackPoint> {
    let mut low = Vector2::new(f64::INFINITY, f64::INFINITY);
    let mut high = -low;
    for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
        let c = sc
            .to_pixel
            .apply(at + Vector2::new(x * half.x, y * half.y))?;
        low = Vector2::new(low.x.min(c.x), low.y.min(c.y));
        high = Vector2::new(high.x.max(c.x), high.y.max(c.y));
    }
    if low.x < 0.0 || low.y < 0.0 || high.x > W as f64 || high.y > H as f64 {
        return None;
    }
    let (lat, lon) = plane.to_lat_lon(&at);
    Some(TrackPoint {
        track: TrackId { feed: FeedIx(0), n },
        frame,
        state: if stands {
            TrackState::Stopped
        } else if frame.is_multiple_of(17) {
            TrackState::Coasting
        } else {
            TrackState::Seen
        },
        bbox: PixelBox {
            x: low.x as f32,
            y: low.y as f32,
            w: (high.x - low.x) as f32,
            h: (high.y - low.y) as f32,
        },
        ground: Some(GroundFix {
            e: at.x,
            n: at.y,
            lat: lat.to_degrees(),
            lon: lon.to_degrees(),
            cov_random: [0.6, 0.1, 0.1, 0.4],
            cov_common: [6.0, 2.0, 2.0, 9.0],
            ve: 0.0,
            vn: if stands { 0.0 } else { 6.0 },
        }),
        class,
        class_p: 0.91,
        p: 0.97,
        anchored: None,
        look: None,
    })
}

fn say(
    id: u64,
    kind: EventKind,
    zone: &str,
    subject: &str,
    t: Micros,
    frame: u64,
    p: &TrackPoint,
) -> (Event, Alert) {
    let evidence = vec![EvidenceRef {
        samples: None,
        feed: "eo".into(),
        segment: None,
        t0: t - Micros(6_000_000),
        t1: t,
        frames: (0..4)
            .map(|i| FrameRef {
                frame: frame.saturating_sub(i * 30),
                t: t - Micros(i as i64 * 2_000_000),
                bbox: (i == 0).then_some(p.bbox),
            })
            .collect(),
    }];
    let place = p.ground.map(|g| (g.lat, g.lon));
    let event = Event {
        about: None,
        schema: Event::SCHEMA.into(),
        class: None,
        id: Event::id_of(kind, zone, subject, t),
        kind,
        time: t - Micros(6_000_000),
        time_end: None,
        decided_at: t,
        zone: zone.into(),
        subjects: vec![subject.into()],
        p: 0.94,
        lat: place.map(|p| p.0),
        lon: place.map(|p| p.1),
        reason: format!("{subject} was first seen inside 6 s ago and has kept inside"),
        evidence: evidence.clone(),
    };
    let (rule, severity, reason) = match kind {
        EventKind::Dwell => (
            "long-stay",
            Severity::Warning,
            format!("truck {subject} has stayed in yard for more than 8 s"),
        ),
        _ => (
            "person-at-gate",
            Severity::Critical,
            format!("person {subject} came to the gate"),
        ),
    };
    let alert = Alert {
        schema: Alert::SCHEMA.into(),
        life: None,
        id: format!("{rule}-{subject}-{id}"),
        rule: rule.into(),
        opened_at: t,
        zone: zone.into(),
        subjects: vec![subject.into()],
        events: vec![event.id.clone()],
        severity,
        reason,
        state: AlertState::Open,
        lat: event.lat,
        lon: event.lon,
        evidence,
    };
    (event, alert)
}

fn produce(bus: &Bus, store: &Store, start: Micros) -> Result<(), Box<dyn Error>> {
    let plane = LocalPlane::new(40f64.to_radians(), (-3.5f64).to_radians());
    let lon_lat = |p: &Vector2<f64>| {
        let (lat, lon) = plane.to_lat_lon(p);
        [lon.to_degrees(), lat.to_degrees()]
    };
    let mut encoder = Encoder::h264(EncoderOptions::new(W as u32, H as u32, (FPS as u32, 1)))?;
    let chroma = vec![128; W * H / 4];
    let writer = store.writer();
    let far = Micros(i64::MAX / 2);
    let retention = Retention {
        bystander_hours: 24,
        evidence_days: 365,
    };
    writer.submit(vec![Record::Run {
        run: Run {
            id: RUN.into(),
            operation: "example".into(),
            started: start,
            settings_hash: "0".into(),
            code_version: "example".into(),
            retention,
        },
        delete_by: far,
    }])?;
    let begun = Instant::now();
    let mut late = std::collections::VecDeque::new();
    for n in 0i64.. {
        let due = Duration::from_micros((n * 1_000_000 / FPS) as u64);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        let s = n as f64 / FPS as f64;
        let t = start + Micros(n * 1_000_000 / FPS);
        let pts = 900_000 + n * 90_000 / FPS;
        let Some(sc) = scene(s) else { continue };
        let luma = picture(&sc);
        let mut packets = Vec::new();
        let mut result = Ok(());
        image(&luma, &chroma, |i| {
            result = encoder.push(i, pts, n % FPS == 0, &mut packets);
        });
        result?;
        for p in packets {
            let key = n % FPS == 0;
            bus.publish(Live::Video(Arc::new(AccessUnit {
                feed: "eo".into(),
                run: RUN.into(),
                pts_90k: pts,
                key,
                codec: key.then(|| "avc1.640028".to_owned()),
                bytes: p.bytes().to_vec(),
            })));
        }
        let frame = n as u64 + 1;
        let truck = (sc.truck, Vector2::new(1.6, 4.0), Class::Truck);
        let person = (sc.person, Vector2::new(0.7, 0.7), Class::Person);
        let tracks: Vec<TrackPoint> = [
            point(
                &sc,
                &plane,
                1 + (s / 60.0) as u32 * 2,
                frame,
                truck,
                sc.truck_stands,
            ),
            point(&sc, &plane, 2, frame, person, false),
        ]
        .into_iter()
        .flatten()
        .collect();
        let drone = lon_lat(&sc.drone);
        let live = LiveFrame {
            feed: "eo".into(),
            run: RUN.into(),
            frame,
            t,
            pts_90k: pts,
            width: W as u32,
            height: H as u32,
            masked: None,
            drawn: Vec::new(),
            coverage: Coverage {
                frame,
                footprint: Some(sc.corners.map(|c| [c.x, c.y])),
                footprint_lon_lat: Some(sc.corners.map(|c| lon_lat(&c))),
                sensor: Some([drone[0], drone[1], 770.0]),
                tracking: true,
                ..Coverage::default()
            },
            tracks: tracks.clone(),
        };
        late.push_back(live);
        // The analysis is three frames behind the picture.
        if late.len() > 3
            && let Some(live) = late.pop_front()
        {
            let points = Record::TrackPoints {
                run: RUN.into(),
                feed: "eo".into(),
                t: live.t,
                points: live.tracks.clone(),
                delete_by: far,
            };
            writer.submit(vec![points])?;
            bus.publish(Live::Frame(Arc::new(live)));
        }
        if n % (FPS * 5) == 0 {
            bus.publish(Live::Status {
                feed: "eo".into(),
                run: RUN.into(),
                t,
                status: FeedStatus::Live,
            });
        }
        let u = n % (60 * FPS);
        let said = match u {
            _ if u == 25 * FPS => Some((EventKind::Dwell, "yard")),
            _ if u == 10 * FPS => Some((EventKind::Arrival, "gate")),
            _ => None,
        };
        if let Some((kind, zone)) = said {
            let want = if kind == EventKind::Dwell {
                Class::Truck
            } else {
                Class::Person
            };
            if let Some(p) = tracks.iter().find(|p| p.class == want) {
                let (event, alert) = say(frame, kind, zone, &p.track.to_string(), t, frame, p);
                writer
                    .submit(vec![
                        Record::Event {
                            run: RUN.into(),
                            event: event.clone(),
                            delete_by: far,
                        },
                        Record::Alert {
                            run: RUN.into(),
                            alert: alert.clone(),
                            delete_by: far,
                        },
                    ])?
                    .wait()?;
                bus.publish(Live::Event {
                    run: RUN.into(),
                    event: Arc::new(event),
                });
                bus.publish(Live::Alert {
                    run: RUN.into(),
                    alert: Arc::new(alert),
                });
            }
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let mut args = std::env::args().skip(1);
    let bind = args.next().unwrap_or("127.0.0.1:8080".into()).parse()?;
    let web = args.next().map_or(Web::Embedded, |d| Web::Dir(d.into()));
    let dir = tempfile::tempdir()?;
    let store = Store::open(dir.path()).await?;
    if let Ok(password) = std::env::var("ATALAYA_PASSWORD") {
        add_user(&store, "ana", &password, &[]).await?;
    }
    let bus = Bus::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let start = Micros(i64::try_from(now.as_micros())?);
    let server = serve(ServerConfig {
        bind,
        hosts: Vec::new(),
        store: store.clone(),
        bus: bus.clone(),
        operation: Arc::new(Operation::parse("example", OPERATION)?),
        stills: Arc::new(Stills { start }),
        interpreter: Arc::new(atalaya_engine::language::Interpreter::glossary_only()),
        flights: None,
        landmarks: atalaya_engine::live::Landmarks::default(),
        story: None,
        web,
        background: args.next().map(Into::into),
    })
    .await?;
    println!("{}", server.url());
    std::thread::spawn(move || {
        if let Err(e) = produce(&bus, &store, start) {
            eprintln!("{e}");
        }
    });
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}
