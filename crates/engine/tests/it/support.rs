//! Worlds, and live runs over them.

use atalaya_engine::Context;
use atalaya_engine::live::{self, Landmarks, LiveOptions, LiveSummary, Stop};
use atalaya_geo::Vector3;
use atalaya_model::{Landmark, Micros, Operation};
use atalaya_sim::{
    Density, PlayOptions, Sensor, World, WorldOptions, send_udp, write_reference, write_to_dir,
};
use atalaya_store::{Bus, Heard, Live, Store};
use atalaya_video::{Demuxer, TsMuxer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// The world of these tests.
fn compound(seconds: f64) -> World {
    World::compound(
        5,
        &WorldOptions {
            duration_s: seconds,
            density: Density::Busy,
            thermal: false,
            ..WorldOptions::default()
        },
    )
}

/// A kerb in the middle of its yard, `t` seconds after its beginning, where the picture truly shows it.
pub fn landmark(seconds: f64, t: f64) -> Landmark {
    let world = compound(seconds);
    let place = Vector3::new(10.0, -8.0, 0.0);
    let px = world.flight.camera(Sensor::Eo, t).project(&place).unwrap();
    let at = world.frame().to_geodetic(&place);
    Landmark {
        time: Micros(world.time_us(t)),
        pixel: [px.x, px.y],
        lat: at.lat_deg(),
        lon: at.lon_deg(),
        above_m: 0.0,
        sigma_m: 0.3,
    }
}

/// When the world begins.
pub fn begins(seconds: f64) -> String {
    Micros(compound(seconds).time_us(0.0)).to_rfc3339()
}

/// Where places on the ground (east, north, metres) truly lie in the picture of a frame, from 1.
pub fn in_picture(seconds: f64, frame: u64, ground: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let world = compound(seconds);
    let t = (frame - 1) as f64 / f64::from(Sensor::Eo.fps());
    let camera = world.flight.camera(Sensor::Eo, t);
    ground
        .iter()
        .map(|[e, n]| camera.project(&Vector3::new(*e, *n, 0.0)).unwrap().into())
        .collect()
}

/// A simulated world in `dir`, with 15 pictures a second. Each length is rendered once.
pub fn world(dir: &Path, seconds: f64) -> Operation {
    static RENDERED: Mutex<BTreeMap<u64, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut rendered = RENDERED.lock().unwrap();
    let kept = rendered.entry(seconds.to_bits()).or_insert_with(|| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("world-{seconds}"));
        std::fs::create_dir_all(&kept).unwrap();
        write_to_dir(&compound(seconds), &kept, &mut |_| {}).unwrap();
        kept
    });
    std::fs::copy(kept.join("eo.ts"), dir.join("eo.ts")).unwrap();
    let text = std::fs::read_to_string(kept.join("operation.toml")).unwrap();
    Operation::parse("operation.toml", &text).unwrap()
}

/// An orthophoto of that world from another day.
pub fn reference(file: &Path, seconds: f64) {
    write_reference(&compound(seconds), file).unwrap();
}

/// The pictures of a recording alone.
pub fn without_metadata(from: &Path, to: &Path) {
    let mut source = Demuxer::open(from).unwrap();
    let video = source.video().unwrap().clone();
    let file = Box::new(std::fs::File::create(to).unwrap());
    let mut muxer = TsMuxer::copy_of(file, "video".into(), &video, &[]).unwrap();
    while let Some(packet) = source.read().unwrap() {
        if packet.stream == video.index {
            muxer.video(&packet).unwrap();
        }
    }
    muxer.finish().unwrap();
}

/// What a live run said and left behind.
pub struct LiveRun {
    pub summary: LiveSummary,
    /// All that was said on the bus.
    pub said: Vec<Live>,
    /// Segments and admission log.
    pub segments: PathBuf,
}

/// Plays a file to the operation's only feed, live, and runs until it has been played.
pub fn run_live(context: &Context, dir: &Path, file: &Path) -> LiveRun {
    run_with(context, dir, file, Landmarks::default())
}

/// The same, with somebody who gives landmarks.
pub fn run_with(context: &Context, dir: &Path, file: &Path, landmarks: Landmarks) -> LiveRun {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = dir.join("store");
    let store = runtime.block_on(Store::open(&dir)).unwrap();
    let bus = Bus::default();
    let mut hear = bus.subscribe();
    let options = LiveOptions {
        run: "live".into(),
        dir: dir.clone(),
        writer: store.writer(),
        bus,
        // A short queue: on a busy machine frames are shed, and a replay must shed the same.
        queue: 2,
        landmarks,
    };
    let stop = Stop::default();
    let summary = std::thread::scope(|scope| {
        let (send, address) = std::sync::mpsc::channel();
        let (stop, file) = (&stop, file.to_owned());
        scope.spawn(move || {
            let address: std::net::SocketAddr = address.recv().unwrap();
            let never = AtomicBool::new(false);
            send_udp(&file, address, PlayOptions::default(), &never).unwrap();
            stop.stop();
        });
        live::run(context, &options, stop, |a| send.send(a[0]).unwrap()).unwrap()
    });
    let mut said = Vec::new();
    while let Some(heard) = hear.try_next() {
        match heard {
            Heard::Message(m) => said.push(m),
            Heard::Lost(n) => panic!("{n} messages lost"),
        }
    }
    runtime.block_on(store.close());
    LiveRun {
        summary,
        said,
        segments: dir.join("segments/live"),
    }
}
