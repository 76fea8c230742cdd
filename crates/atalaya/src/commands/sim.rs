//! `atalaya sim`: a simulated operation, to files, and live to UDP.

use crate::progress;
use crate::station::now;
use anyhow::{Context as _, Result, bail};
use atalaya_sim::{
    Autopilot, Density, GAS_FILE, GasTarget, PlayOptions, PuffWorld, TRIPWIRE_FILE, Weeks,
    WeeksOptions, World, WorldOptions, fly_on_udp, send_feeds, send_gas, send_tripwire,
    write_to_dir, write_weeks,
};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How much goes on in the world.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Pace {
    /// A slow day
    Quiet,
    /// Something every half minute
    Normal,
    /// For scoring
    Busy,
}

impl From<Pace> for Density {
    fn from(b: Pace) -> Self {
        match b {
            Pace::Quiet => Self::Quiet,
            Pace::Normal => Self::Normal,
            Pace::Busy => Self::Busy,
        }
    }
}

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The world: compound; pair, the same seen by two small aircraft and a relief, each blind for half a
    /// minute, with trucks that cross; puffs, gas in restless air for `atalaya emission`; weeks, who
    /// comes to three linked sites, as tracks for `atalaya activity`; or aircraft, one that waits
    /// at home to be loaded by `atalaya fly`
    #[arg(value_parser = ["compound", "pair", "puffs", "weeks", "aircraft"])]
    world: String,
    /// Everything in the world follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for feeds, operation.toml, zones.geojson and truth/
    #[arg(long, value_name = "DIR", required_if_eq_any([("world", "compound"), ("world", "pair")]))]
    out: Option<PathBuf>,
    /// Length, seconds
    #[arg(long, default_value_t = 300.0, value_name = "S")]
    duration: f64,
    /// Days of a world of weeks, from a Monday
    #[arg(long, default_value_t = 28, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=370))]
    days: u32,
    /// How much goes on
    #[arg(long, value_enum, default_value_t = Pace::Normal)]
    density: Pace,
    /// Then play it live to this address (the thermal picture to the next port, gas as JSON to the
    /// second, the tripwire over TCP to the third), again and again with event time that goes on,
    /// until Ctrl-C. For an aircraft: where it calls, over MAVLink 2
    #[arg(long, value_name = "HOST:PORT", required_if_eq("world", "aircraft"))]
    udp: Option<SocketAddr>,
    /// Where the aircraft stands: degrees, and metres above sea level
    #[arg(
        long,
        value_name = "LON,LAT,M",
        allow_hyphen_values = true,
        required_if_eq("world", "aircraft")
    )]
    home: Option<String>,
    /// How many sources puffs come from, 0 to 4
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=4))]
    sources: u8,
    /// Puffs for so many hours, in which releases come and go at five groups of equipment (candidates.csv)
    #[arg(long, value_name = "H", conflicts_with = "path", value_parser = clap::value_parser!(u16).range(1..=240))]
    hours: Option<u16>,
    /// Of those hours: nearly no wind at night, hard gusts, more neighbours, and sensors whose errors last
    #[arg(long, requires = "hours")]
    harsh: bool,
    /// Puffs are measured by a drone that flies over these waypoints at 5 m/s: `E,N,U;E,N,U;…`, metres
    #[arg(long, value_name = "PLACES", allow_hyphen_values = true)]
    path: Option<String>,
    /// Puffs are measured along open paths, from one instrument to seven reflectors
    #[arg(long, conflicts_with_all = ["path", "hours"])]
    beams: bool,
    /// The aircraft's MAVLink number
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=250))]
    system: u8,
    /// Leave the thermal picture out
    #[arg(long)]
    no_thermal: bool,
    /// Let gas come from a shed, and a drone sniff for it: nose.csv, and what the operation needs
    #[arg(long)]
    gas: bool,
    /// Put a tripwire across the gate: wire.sapient, and what the operation needs
    #[arg(long)]
    tripwire: bool,
    /// Let a truck stay for a minute and a half, every few minutes, while three carry goods
    #[arg(long)]
    goods: bool,
    /// Make an orthophoto of the ground from another day: reference.tif, and what the operation needs
    #[arg(long)]
    reference: bool,
    /// Play the gas to this broker's topic instead of the second port after --udp
    #[arg(
        long,
        value_name = "HOST:PORT/TOPIC",
        requires = "udp",
        requires = "gas"
    )]
    mqtt: Option<String>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    match (&a.out, a.udp, &a.home) {
        (_, Some(to), Some(home)) if a.world == "aircraft" => aircraft(a.system, home, to),
        (Some(out), ..) if a.world == "puffs" => puffs(a, out),
        (Some(out), ..) if a.world == "weeks" => weeks(a, out),
        (Some(out), ..) => compound(a, out),
        _ => bail!("give --out DIR for a world, --udp and --home for an aircraft"),
    }
}

/// An aircraft, until the process is stopped.
fn aircraft(system: u8, home: &str, to: SocketAddr) -> Result<()> {
    let numbers: Option<Vec<f64>> = home.split(',').map(|n| n.trim().parse().ok()).collect();
    let (place, height_m) = match numbers.as_deref() {
        Some([lon, lat, m])
            if lon.abs() <= 180.0 && lat.abs() < 89.0 && (-500.0..9000.0).contains(m) =>
        {
            ([*lon, *lat], *m)
        }
        _ => bail!("--home '{home}' is no place; write degrees and metres: -3.5120,40.0010,652"),
    };
    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).context("can't open a socket")?;
    eprintln!("SIMULATED aircraft {system} calls udp://{to}; Ctrl-C stops it");
    let stop = AtomicBool::new(false);
    let autopilot = Autopilot::new(system, place, height_m);
    Ok(fly_on_udp(autopilot, &socket, &[to], &stop)?)
}

/// Weeks of three sites, as tables.
fn weeks(a: &Args, out: &Path) -> Result<()> {
    let world = Weeks::new(WeeksOptions {
        seed: a.seed,
        days: a.days,
    });
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let bar = progress::bar(Some(u64::from(a.days)), "days");
    write_weeks(&world, out, |day| bar.set_position(u64::from(day)))
        .with_context(|| out.display().to_string())?;
    bar.finish_and_clear();
    eprintln!(
        "{}: {} days of three sites; SIMULATED",
        out.display(),
        a.days
    );
    Ok(())
}

/// Gas in restless air: readings, wind and truth.
fn puffs(a: &Args, out: &Path) -> Result<()> {
    let sources = usize::from(a.sources);
    let place = |text: &str| -> Option<[f64; 3]> {
        let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
        numbers?.try_into().ok()
    };
    let world = match (&a.path, a.hours) {
        (None, None) if a.beams => PuffWorld::beams(a.seed, sources),
        (None, None) => PuffWorld::new(a.seed, sources),
        (None, Some(hours)) => PuffWorld::days(a.seed, f64::from(hours), a.harsh),
        (Some(text), _) => {
            let path: Option<Vec<_>> = text.split(';').map(place).collect();
            let path = path.filter(|p| p.len() > 1).with_context(|| {
                format!("--path '{text}' is not two or more places E,N,U divided by ';'")
            })?;
            PuffWorld::flown(a.seed, sources, &path)
        }
    };
    let truth = out.join("truth");
    std::fs::create_dir_all(&truth).with_context(|| truth.display().to_string())?;
    for (path, text) in [
        (out.join("obs.csv"), world.obs_csv()),
        (out.join("met.csv"), world.met_csv()),
        (truth.join("emission.json"), world.truth_json()),
    ] {
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    if a.hours.is_some() {
        let path = out.join("candidates.csv");
        std::fs::write(&path, world.groups_csv()).with_context(|| path.display().to_string())?;
    }
    eprintln!(
        "{}: {} readings; SIMULATED",
        out.display(),
        world.readings.len()
    );
    Ok(())
}

/// A world, to files and perhaps live.
fn compound(a: &Args, out: &Path) -> Result<()> {
    if !(2.0..=7200.0).contains(&a.duration) {
        bail!(
            "--duration {} is out of range; give 2 to 7200 seconds",
            a.duration
        );
    }
    a.mqtt.as_deref().map(broker).transpose()?;
    let world = World::compound(
        a.seed,
        &WorldOptions {
            duration_s: a.duration,
            density: a.density.into(),
            thermal: !a.no_thermal,
            gas: a.gas,
            tripwire: a.tripwire,
            reference: a.reference,
            pair: a.world == "pair",
            goods: a.goods,
        },
    );
    let bar = progress::bar(Some(0), "rendering");
    let start = std::time::Instant::now();
    let mut pictures = 0;
    write_to_dir(&world, out, &mut |p| {
        bar.set_length(p.total);
        bar.set_position(p.done);
        pictures = p.done;
    })?;
    bar.finish_and_clear();
    eprintln!(
        "{}: {pictures} pictures, {:.1} a second; SIMULATED",
        out.display(),
        pictures as f64 / start.elapsed().as_secs_f64().max(1e-9)
    );
    a.udp.map_or(Ok(()), |address| play(a, out, address))
}

/// Plays what has been written, until the process is stopped.
fn play(a: &Args, out: &Path, address: SocketAddr) -> Result<()> {
    let next = |by: u16| {
        let mut to = address;
        to.set_port(address.port().checked_add(by).unwrap_or(1024 + by));
        to
    };
    let mut feeds = vec![(out.join("eo.ts"), address)];
    if a.world == "pair" {
        feeds.extend([("eo2.ts", 1), ("eo3.ts", 2)].map(|(name, by)| (out.join(name), next(by))));
    } else if !a.no_thermal {
        feeds.push((out.join("ir.ts"), next(1)));
    }
    for (file, to) in &feeds {
        eprintln!("{} to udp://{to}; Ctrl-C stops", file.display());
    }
    let start = now().0;
    let options = PlayOptions {
        looping: true,
        start_us: Some(start),
    };
    let gas = match (&a.mqtt, a.gas) {
        (Some(text), _) => Some(broker(text)?),
        (None, true) => Some(GasTarget::Udp(next(2))),
        (None, false) => None,
    };
    let stop = AtomicBool::new(false);
    let round_us = (a.duration * 1e6) as i64;
    // A sensor nobody listens to is tried again with the next round.
    let again = |what: &str, send: &dyn Fn(i64) -> std::result::Result<(), atalaya_sim::Error>| {
        let mut begin = start;
        while !stop.load(Ordering::Relaxed) {
            let wait = begin - now().0;
            std::thread::sleep(Duration::from_micros(wait.clamp(0, 1_000_000) as u64));
            if wait > 1_000_000 {
                continue;
            }
            if let Err(e) = send(begin) {
                eprintln!("{what}: {e}; trying again with the next round");
            }
            begin += round_us;
        }
    };
    std::thread::scope(|scope| {
        if let Some(to) = &gas {
            let file = out.join(GAS_FILE);
            eprintln!("{} to {to:?}", file.display());
            let (again, stop) = (&again, &stop);
            scope.spawn(move || again("gas", &|t| send_gas(&file, to, Some(t), stop)));
        }
        if a.tripwire {
            let (file, to) = (out.join(TRIPWIRE_FILE), next(3));
            eprintln!("{} to tcp://{to}", file.display());
            let (again, stop) = (&again, &stop);
            scope.spawn(move || again("tripwire", &|t| send_tripwire(&file, to, Some(t), stop)));
        }
        let sent = send_feeds(&feeds, options, &stop);
        stop.store(true, Ordering::Relaxed);
        Ok(sent?)
    })
}

/// `HOST:PORT/TOPIC`.
fn broker(text: &str) -> Result<GasTarget> {
    let parts = text.split_once('/').and_then(|(authority, topic)| {
        let (host, port) = authority.rsplit_once(':')?;
        Some((host, port.parse().ok()?, topic))
    });
    match parts {
        Some((host, port, topic)) if !host.is_empty() && !topic.is_empty() => Ok(GasTarget::Mqtt {
            host: host.into(),
            port,
            topic: topic.into(),
        }),
        _ => bail!("--mqtt '{text}' is not a broker and a topic; write 127.0.0.1:1883/site/gas"),
    }
}
