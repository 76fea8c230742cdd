//! Worlds, and live runs over them.

use atalaya_engine::Context;
use atalaya_engine::live::{self, LiveOptions, LiveSummary, Stop};
use atalaya_model::Operation;
use atalaya_sim::{Density, PlayOptions, World, WorldOptions, send_udp, write_to_dir};
use atalaya_store::{Bus, Heard, Live, Store};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A simulated world in `dir`, with 15 pictures a second.
pub fn world(dir: &Path, seconds: f64) -> Operation {
    let world = World::compound(
        5,
        &WorldOptions {
            duration_s: seconds,
            density: Density::Busy,
            thermal: false,
            ..WorldOptions::default()
        },
    );
    write_to_dir(&world, dir, &mut |_| {}).unwrap();
    let text = std::fs::read_to_string(dir.join("operation.toml")).unwrap();
    Operation::parse("operation.toml", &text).unwrap()
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
