//! Feeds as files and datagrams, read back with the project's own readers.

use crate::world;
use atalaya_klv::{Checksum, Metadata, Step, scan};
use atalaya_sim::{PlayOptions, Playout, SIGMAS, Sensor, World, report, send_feeds, write_to_dir};
use atalaya_video::Demuxer;
use std::path::Path;
use std::sync::OnceLock;

const SECONDS: f64 = 3.0;

fn fixture() -> &'static (World, tempfile::TempDir) {
    static DIR: OnceLock<(World, tempfile::TempDir)> = OnceLock::new();
    DIR.get_or_init(|| {
        let w = world(11, SECONDS);
        let dir = tempfile::tempdir().unwrap();
        let mut last = 0;
        write_to_dir(&w, dir.path(), &mut |p| {
            assert!(p.done == last + 1 && p.done <= p.total);
            last = p.done;
        })
        .unwrap();
        assert_eq!(last, 45 + 30);
        (w, dir)
    })
}

/// A packet of metadata with its presentation time.
type Described = (Option<i64>, Metadata, Checksum);

/// Presentation times of pictures, and metadata.
fn demux(path: &Path) -> (Vec<i64>, Vec<Described>) {
    let mut d = Demuxer::open(path).unwrap();
    let klv: Vec<usize> = d
        .streams()
        .iter()
        .filter(|s| s.is_klv())
        .map(|s| s.index)
        .collect();
    let video = d.video().unwrap().index;
    let (mut pictures, mut metadata) = (Vec::new(), Vec::new());
    while let Some(p) = d.read().unwrap() {
        if p.stream == video {
            pictures.extend(p.pts_90k);
        } else if klv.contains(&p.stream) {
            for step in scan(p.bytes()) {
                if let Step::Packet(k) = step {
                    metadata.push((p.pts_90k, Metadata::of(&k), k.checksum()));
                }
            }
        }
    }
    (pictures, metadata)
}

#[test]
fn metadata_decodes_to_the_reported_pose() {
    let (w, dir) = fixture();
    for (sensor, name) in [(Sensor::Eo, "eo.ts"), (Sensor::Ir, "ir.ts")] {
        let (pictures, metadata) = demux(&dir.path().join(name));
        let count = (SECONDS * f64::from(sensor.fps())) as usize;
        assert_eq!((pictures.len(), metadata.len()), (count, count), "{name}");
        for (n, (pts, m, sum)) in metadata.iter().enumerate() {
            assert_eq!(*sum, Checksum::Ok);
            if sensor == Sensor::Eo {
                assert_eq!(
                    *pts,
                    Some(pictures[n]),
                    "synchronous metadata carry the picture's time"
                );
            }
            let r = report(w, sensor, n as u64);
            let a = &r.pointing.attitude;
            let turn = std::f64::consts::TAU;
            let close = |got: Option<f64>, want: f64, tol: f64| {
                let d = (got.unwrap() - want).rem_euclid(turn);
                assert!(d.min(turn - d) < tol, "{got:?} instead of {want}");
            };
            assert_eq!(m.time_us, Some(r.time_us as u64));
            close(m.heading_rad, a.heading, 1e-4);
            close(m.pitch_rad, a.pitch, 1e-4);
            close(m.roll_rad, a.roll, 1e-4);
            close(m.relative_azimuth_rad, a.rel_azimuth, 1e-6);
            close(m.relative_elevation_rad, a.rel_elevation, 1e-6);
            close(m.relative_roll_rad, a.rel_roll, 1e-6);
            close(m.hfov_rad, sensor.hfov(), 1e-4);
            let g = w.frame().to_geodetic(&r.pointing.position);
            close(m.sensor_lat_rad, g.lat, 2e-9);
            close(m.sensor_lon_rad, g.lon, 2e-9);
            assert!((m.sensor_altitude.unwrap().metres - g.hae_m).abs() < 60.0);
            assert!(m.corners.is_some() && m.frame_center.is_some() && m.security.is_some());
        }
    }
}

#[test]
fn reported_poses_err_as_stated() {
    for seed in 0..30 {
        let w = world(seed, 2.0);
        for n in [0u64, 300, 3000] {
            let r = report(&w, Sensor::Eo, n);
            let truth = w.flight.at(n as f64 / 15.0 - r.age_s);
            let d = r.pointing.position - truth.position;
            let most = 2.0 * SIGMAS.position_m
                + 4.0 * SIGMAS.position_noise_m
                + 3.0 * SIGMAS.position_drift_m;
            assert!(d.x.abs() < most && d.y.abs() < most, "{d}");
            let h = r.pointing.attitude.heading - truth.attitude.heading;
            assert!(h.abs() < 2.0 * SIGMAS.heading + 4.0 * SIGMAS.platform_noise);
            assert!((0.009..0.07).contains(&r.age_s), "{}", r.age_s);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (w, dir) = fixture();
    let other = tempfile::tempdir().unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    pool.install(|| write_to_dir(&world(w.seed, SECONDS), other.path(), &mut |_| {}))
        .unwrap();
    for name in [
        "eo.ts",
        "ir.ts",
        "operation.toml",
        "zones.geojson",
        "truth/boxes.csv",
        "truth/boxes_ir.csv",
        "truth/tracks.csv",
        "truth/looks.csv",
        "truth/events.jsonl",
        "truth/emission.json",
        "truth/errors.json",
        "truth/world.json",
    ] {
        let read = |d: &tempfile::TempDir| std::fs::read(d.path().join(name)).unwrap();
        assert!(read(dir) == read(&other), "{name} differs");
    }
}

#[test]
fn a_loop_goes_on_in_every_clock() {
    let (_, dir) = fixture();
    for (name, fps) in [("eo.ts", 15), ("ir.ts", 10)] {
        let path = dir.path().join(name);
        let start = 1_800_000_000_000_000;
        let options = PlayOptions {
            looping: true,
            start_us: Some(start),
        };
        let mut bytes = Vec::new();
        let mut due = std::time::Duration::ZERO;
        for d in Playout::open(&path, options).unwrap() {
            let d = d.unwrap();
            if d.round == 3 {
                break;
            }
            assert!(d.due >= due && d.bytes.len() <= 1316 && d.bytes.len().is_multiple_of(188));
            due = d.due;
            bytes.extend(d.bytes);
        }
        assert!((8.5..9.2).contains(&due.as_secs_f64()), "{due:?}");
        let out = dir.path().join(format!("loop-{name}"));
        std::fs::write(&out, &bytes).unwrap();
        let (pictures, metadata) = demux(&out);
        let each = (SECONDS * f64::from(fps)) as usize;
        assert_eq!(
            (pictures.len(), metadata.len()),
            (3 * each, 3 * each),
            "{name}"
        );
        let step = 90_000 / i64::from(fps);
        assert!(pictures.windows(2).all(|p| p[1] - p[0] == step), "{name}");
        assert!(metadata.iter().all(|m| m.2 == Checksum::Ok), "{name}");
        let times: Vec<u64> = metadata.iter().map(|m| m.1.time_us.unwrap()).collect();
        assert_eq!(times[0], start as u64);
        assert!(
            times
                .windows(2)
                .all(|t| t[1] > t[0] && t[1] - t[0] < 200_000),
            "{name}"
        );
        assert_eq!(times[each] - times[0], 3_000_000);
        // Continuity counters never jump.
        let mut last = std::collections::BTreeMap::new();
        for p in bytes.chunks(188) {
            let pid = u16::from(p[1] & 0x1f) << 8 | u16::from(p[2]);
            if p[3] & 0x10 != 0
                && let Some(before) = last.insert(pid, p[3] & 15)
            {
                assert_eq!(p[3] & 15, (before + 1) & 15, "{name}, PID {pid}");
            }
        }
    }
}

#[test]
fn a_recording_that_is_none_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.ts");
    std::fs::write(&path, vec![1u8; 4000]).unwrap();
    let text = |r: Result<Playout, atalaya_sim::Error>| r.err().unwrap().to_string();
    let e = text(Playout::open(&path, PlayOptions::default()));
    assert!(e.contains("not an MPEG transport stream"), "{e}");
    std::fs::write(&path, b"").unwrap();
    let e = text(Playout::open(&path, PlayOptions::default()));
    assert!(e.contains("no clock or no pictures"), "{e}");
    let e = text(Playout::open(
        &dir.path().join("none.ts"),
        PlayOptions::default(),
    ));
    assert!(e.contains("none.ts"), "{e}");
}

#[test]
fn datagrams_arrive_over_udp() {
    let (_, dir) = fixture();
    let receiver = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    receiver
        .set_read_timeout(Some(std::time::Duration::from_secs(20)))
        .unwrap();
    let to = receiver.local_addr().unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let feeds = [(dir.path().join("ir.ts"), to)];
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let options = PlayOptions {
                looping: true,
                start_us: None,
            };
            send_feeds(&feeds, options, &stop)
        });
        let mut buffer = [0u8; 2000];
        for _ in 0..100 {
            let n = receiver.recv(&mut buffer).unwrap();
            assert!(n <= 1316 && n.is_multiple_of(188) && buffer[0] == 0x47);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        sending.join().unwrap().unwrap();
    });
}
