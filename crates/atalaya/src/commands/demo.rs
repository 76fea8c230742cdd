//! `atalaya demo`: a simulated operation, live in the browser.

use crate::commands::run::read_operation;
use crate::flights::Flights;
use crate::partner_post::{self, PARTNER};
use crate::progress;
use crate::station::{Face, Station, now, run_id};
use crate::story::{Sky, Stage, Start, Teller};
use anyhow::{Context as _, Result};
use atalaya_engine::live::{LiveSummary, Stop};
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::operation::{Target, TargetKind};
use atalaya_model::{Micros, Operation};
use atalaya_server::{Story, Web};
use atalaya_sim::{
    Density, GAS_FILE, GasTarget, PlayOptions, TRIPWIRE_FILE, World, WorldOptions, send_feeds,
    send_gas, send_tripwire, write_to_dir,
};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Folder for the rendered world and the store
    #[arg(long, default_value = ".atalaya/demo", value_name = "DIR")]
    dir: PathBuf,
    /// Address of the page
    #[arg(long, default_value = "127.0.0.1:8420")]
    bind: SocketAddr,
    /// Everything in the world follows from this number
    #[arg(long, default_value_t = 25)]
    seed: u64,
    /// Length of the world before it begins anew, seconds
    #[arg(long, default_value_t = 150.0, value_name = "S")]
    duration: f64,
    /// Serve the page from this folder instead of the built-in one
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
    /// The story from a judge's order to a partner's outcome: it plays itself, waits to be clicked
    /// through, or is left out
    #[arg(long, value_enum, default_value_t = Start::Play)]
    story: Start,
    /// Only render the world, if it is not there yet
    #[arg(long)]
    prepare: bool,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let world = a.dir.join(format!("world-{}-{:.0}", a.seed, a.duration));
    prepare(a, &world)?;
    if a.prepare {
        return Ok(());
    }
    let mut operation = live_operation(&world)?;
    let story = match a.story {
        Start::Off => None,
        start => {
            let document = world.join("operation.toml");
            let (dir, store) = (a.dir.join("story"), a.dir.join("store"));
            let sky = Sky::open(&dir, &document, &operation, &store)?;
            operation.aircraft.push(sky.config());
            Some((Arc::new(Teller::new(start)), sky))
        }
    };
    let aircraft = operation.aircraft.clone();
    let ids: Vec<String> = operation.feeds.iter().map(|f| f.id.clone()).collect();
    let context = Context::new(operation, EngineSettings::default())?.with_reference(&world)?;
    let context = Arc::new(context);
    let web = a.web.clone().map_or(Web::Embedded, Web::Dir);
    let here = std::env::current_dir().context("there is no current folder")?;
    let face = Face {
        flights: Flights::new(&aircraft, &here),
        story: story.as_ref().map(|(t, _)| t.clone() as Arc<dyn Story>),
        ..Face::new(a.bind, web)
    };
    let station = Station::open(context, &a.dir.join("store"), face)?;
    station.arm_first(include_str!("../demo_watch.toml"))?;
    let _listening = crate::aircraft::listen(&aircraft, &here, station.bus())?;
    let over = Arc::new(AtomicBool::new(false));
    let stop_now: Arc<std::sync::Mutex<Option<Stop>>> = Arc::default();
    {
        let (over, stop_now) = (over.clone(), stop_now.clone());
        station.handle().spawn(async move {
            // Without a handler Ctrl-C would still end the process, only less politely.
            if tokio::signal::ctrl_c().await.is_ok() {
                over.store(true, Ordering::SeqCst);
                if let Ok(mut stop) = stop_now.lock()
                    && let Some(stop) = stop.take()
                {
                    stop.stop();
                }
            }
        });
    }
    let theirs = partner_post::open(
        &station,
        &a.dir.join("partner"),
        next_port(a.bind),
        a.web.clone().map_or(Web::Embedded, Web::Dir),
    )?;
    println!("SIMULATED operation, live at {}", station.url());
    println!("SIMULATED partner agency at {}", theirs.url());
    println!("Ctrl-C stops it.");
    let telling = story.map(|(teller, sky)| {
        let stage = Stage::new(station.url(), theirs.url(), sky);
        let over = over.clone();
        std::thread::spawn(move || teller.tell(stage, &over))
    });
    while !over.load(Ordering::SeqCst) {
        let stop = Stop::default();
        if let Ok(mut slot) = stop_now.lock() {
            *slot = Some(stop.clone());
        }
        round(&station, &world, &ids, &stop, &over)?;
    }
    eprintln!("stopping");
    if let Some(telling) = telling {
        telling.join().ok();
    }
    theirs.close();
    station.close();
    Ok(())
}

/// Renders the world once.
fn prepare(a: &Args, world: &Path) -> Result<()> {
    let complete = world.join("complete");
    if complete.exists() {
        return Ok(());
    }
    let made = World::compound(
        a.seed,
        &WorldOptions {
            duration_s: a.duration,
            density: Density::Busy,
            gas: true,
            tripwire: true,
            goods: true,
            ..WorldOptions::default()
        },
    );
    eprintln!(
        "rendering the simulated world once; it is kept in {}",
        world.display()
    );
    let bar = progress::bar(Some(0), "rendering");
    let mut said = 0;
    write_to_dir(&made, world, &mut |p| {
        bar.set_length(p.total);
        bar.set_position(p.done);
        // Where there is no terminal to draw a bar on, a line a tenth.
        if bar.is_hidden() && p.done * 10 / p.total.max(1) > said {
            said = p.done * 10 / p.total.max(1);
            eprintln!("rendering: {} %", said * 10);
        }
    })?;
    bar.finish_and_clear();
    std::fs::write(&complete, "").with_context(|| format!("can't write {}", complete.display()))
}

/// The world's operation, with its recordings turned into live feeds on free ports.
pub fn live_operation(world: &Path) -> Result<Operation> {
    let mut op = read_operation(&world.join("operation.toml"))?;
    for feed in &mut op.feeds {
        feed.source = match feed.id.as_str() {
            WIRE => "tcp://127.0.0.1:0".into(),
            _ => "udp://127.0.0.1:0".into(),
        };
        // Two feeds on two cores: every picture of the first, every other one of the thermal.
        if feed.id == "ir" {
            feed.analyse_fps = Some(5.0);
        }
    }
    // Whom its results may be given to, and what its order names in advance.
    op.authority.partners = vec![PARTNER.into()];
    op.authority.targets = vec![Target {
        name: "Camión de caja clara".into(),
        kind: TargetKind::Vehicle,
        description: "Sospechoso de traer bidones al recinto (orden 118/2026)".into(),
    }];
    let day = Micros(86_400_000_000);
    op.authority.valid_from = (now() - day).to_rfc3339();
    op.authority.valid_until = (now() + Micros(30 * day.0)).to_rfc3339();
    Ok(op)
}

/// Plays the world once, as a run of its own with event time from now.
fn round(
    station: &Station,
    world: &Path,
    feeds: &[String],
    stop: &Stop,
    over: &AtomicBool,
) -> Result<()> {
    let summary = play(world, feeds, stop, over, |ready| {
        station.run(&run_id("demo"), stop, ready)
    })?;
    for f in &summary.feeds {
        tracing::info!(feed = f.id, frames = f.frames, shed = f.shed, "round over");
    }
    Ok(())
}

/// The next port, or again any that is free.
fn next_port(mut address: SocketAddr) -> SocketAddr {
    if address.port() != 0 {
        address.set_port(address.port().checked_add(1).unwrap_or(0));
    }
    address
}

/// The simulator's feed of gas readings.
const NOSE: &str = "nose";
/// Its tripwire.
const WIRE: &str = "wire";

/// Says which addresses a run listens on.
pub type Ready = Box<dyn FnOnce(&[SocketAddr])>;

/// Sends a world's recordings at their own pace to the live run that `listen` starts, and stops
/// that run when they end or `over` is set.
pub fn play(
    world: &Path,
    feeds: &[String],
    stop: &Stop,
    over: &AtomicBool,
    listen: impl FnOnce(Ready) -> Result<LiveSummary>,
) -> Result<LiveSummary> {
    std::thread::scope(|scope| {
        let (send, addresses) = std::sync::mpsc::channel::<Vec<SocketAddr>>();
        let player = scope.spawn(move || -> Result<()> {
            let Ok(addresses) = addresses.recv() else {
                return Ok(());
            };
            let start_us = Some(now().0);
            let mut targets: Vec<(PathBuf, SocketAddr)> = Vec::new();
            let (mut gas, mut wire) = (None, None);
            for (id, address) in feeds.iter().zip(addresses) {
                match id.as_str() {
                    NOSE => gas = Some(GasTarget::Udp(address)),
                    WIRE => wire = Some(address),
                    _ => targets.push((world.join(format!("{id}.ts")), address)),
                }
            }
            let options = PlayOptions {
                looping: false,
                start_us,
            };
            // The sensors fall silent with the pictures.
            let silent = AtomicBool::new(false);
            let sent = std::thread::scope(|scope| {
                let said = |what: &str, sent: Result<(), atalaya_sim::Error>| {
                    if let Err(e) = sent {
                        tracing::warn!("{what}: {e}");
                    }
                };
                if let Some(to) = &gas {
                    let (file, silent) = (world.join(GAS_FILE), &silent);
                    scope.spawn(move || said("gas", send_gas(&file, to, start_us, silent)));
                }
                if let Some(to) = wire {
                    let (file, silent) = (world.join(TRIPWIRE_FILE), &silent);
                    scope.spawn(move || {
                        said("tripwire", send_tripwire(&file, to, start_us, silent));
                    });
                }
                let sent = send_feeds(&targets, options, over);
                silent.store(true, Ordering::SeqCst);
                sent
            });
            // What is on its way is still received.
            std::thread::sleep(Duration::from_millis(300));
            stop.stop();
            Ok(sent?)
        });
        let summary = listen(Box::new(move |a| {
            // The player waits for it.
            let _ = send.send(a.to_vec());
        }));
        stop.stop();
        player
            .join()
            .map_err(|_| anyhow::anyhow!("the player stopped unexpectedly"))??;
        summary
    })
}
