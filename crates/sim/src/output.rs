//! A world as files: feeds, truth, zones and an operation document (FORMATS, `atalaya sim`).

use crate::error::Error;
use crate::flight::Sensor;
use crate::gas::{GAS_FILE, emission_json, gas_csv};
use crate::metadata;
use crate::operation::{errors_json, operation_toml};
use crate::reference::{REFERENCE_FILE, reference_json, write_reference};
use crate::render::{Picture, Renderer};
use crate::sight::seen_csv;
use crate::tripwire::{TRIPWIRE_FILE, tripwire_bytes};
use crate::truth;
use crate::world::{GEOID_M, GROUND_HAE_M, RELIEF_S, World};
use atalaya_model::Micros;
use atalaya_video::{Encoder, EncoderOptions, Image, KlvKind, RateControl, TsMuxer};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

/// Presentation time of the first frame, 90 kHz ticks.
pub(crate) const FIRST_PTS: i64 = 90_000;
/// Pictures that may wait for the encoder.
const QUEUE: usize = 4;

/// How far the writing has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Pictures done, of both sensors.
    pub done: u64,
    /// Pictures in all.
    pub total: u64,
}

/// The feeds of a world: whose of a pair and its relief, the camera, and the feed's name.
pub fn feeds(world: &World) -> Vec<(Option<usize>, Sensor, &'static str)> {
    if world.options.pair {
        let name = |k| ["eo", "eo2", "eo3"][k];
        // The relief comes late: in a short world it does not come at all.
        let comes = |k: &usize| *k < 2 || world.options.duration_s > RELIEF_S + 2.0;
        let all = (0..3).filter(comes);
        return all.map(|k| (Some(k), Sensor::Small, name(k))).collect();
    }
    let mut all = vec![(None, Sensor::Eo, "eo")];
    if world.options.thermal {
        all.push((None, Sensor::Ir, "ir"));
    }
    all
}

/// Number of pictures of a sensor.
pub fn frame_count(world: &World, sensor: Sensor) -> u64 {
    (world.options.duration_s * f64::from(sensor.fps())).floor() as u64
}

/// Writes everything of a world into `dir`, which is made if it is missing. `progress` is
/// called after every picture.
pub fn write_to_dir(
    world: &World,
    dir: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let truth_dir = dir.join("truth");
    std::fs::create_dir_all(&truth_dir).map_err(Error::file(&truth_dir))?;
    write_documents(world, dir)?;
    let all = feeds(world);
    let total = all.iter().map(|f| frame_count(world, f.1)).sum();
    let mut done = 0;
    let mut shared = None;
    for (craft, sensor, name) in all {
        let path = dir.join(name).with_extension("ts");
        let mut tick = || {
            done += 1;
            progress(Progress { done, total });
        };
        match craft.map(|k| world.by_aircraft(k)) {
            Some(own) => write_feed(&own, &Renderer::new(&own), sensor, &path, &mut tick)?,
            None => {
                let renderer = shared.get_or_insert_with(|| Renderer::new(world));
                write_feed(world, renderer, sensor, &path, &mut tick)?;
            }
        }
    }
    Ok(())
}

/// Writes truth, zones and the operation document.
pub fn write_documents(world: &World, dir: &Path) -> Result<(), Error> {
    let put = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).map_err(Error::file(&path))
    };
    for (craft, sensor, name) in feeds(world) {
        let own = craft.map(|k| world.by_aircraft(k));
        let own = own.as_ref().unwrap_or(world);
        let mut rows = String::new();
        for n in 0..frame_count(own, sensor) {
            let t = n as f64 / f64::from(sensor.fps());
            if own.arrives(t) {
                truth::boxes_csv_rows(n + 1, &truth::boxes_in(own, sensor, t), &mut rows);
            }
        }
        let file = match name {
            "eo" => "truth/boxes.csv".to_owned(),
            name => format!("truth/boxes_{name}.csv"),
        };
        put(&file, &rows)?;
    }
    if world.options.pair {
        put("truth/seen.csv", &seen_csv(world))?;
    }
    put("truth/tracks.csv", &truth::tracks_csv(world))?;
    put("truth/goods.csv", &truth::goods_csv(world))?;
    put("truth/looks.csv", &truth::looks_csv(world))?;
    let mut lines = String::new();
    for e in truth::events(world) {
        lines.push_str(&serde_json::to_string(&e).unwrap_or_default());
        lines.push('\n');
    }
    put("truth/events.jsonl", &lines)?;
    let none = serde_json::json!({
        "schema": "emission/1",
        "status": "declined",
        "reason": "no gas in this world",
        "p_any": 0.0,
        "n_probs": [1.0],
        "sources": [],
    });
    if world.options.gas {
        put("truth/emission.json", &emission_json(world))?;
        put(GAS_FILE, &gas_csv(world))?;
    } else {
        put("truth/emission.json", &format!("{none:#}\n"))?;
    }
    if world.options.tripwire {
        let path = dir.join(TRIPWIRE_FILE);
        std::fs::write(&path, tripwire_bytes(world)).map_err(Error::file(&path))?;
    }
    if world.options.reference {
        write_reference(world, &dir.join(REFERENCE_FILE))?;
        put("truth/reference.json", &reference_json(world))?;
    }
    put("truth/world.json", &world_json(world))?;
    match world.options.pair {
        false => put("truth/errors.json", &errors_json(world))?,
        true => {
            for (craft, _, name) in feeds(world) {
                let own = craft.map(|k| world.by_aircraft(k));
                let text = errors_json(own.as_ref().unwrap_or(world));
                put(&format!("truth/errors_{name}.json"), &text)?;
            }
        }
    }
    put("zones.geojson", &truth::zones_geojson(world))?;
    put("operation.toml", &operation_toml(world))
}

/// What a scorer must know to read the truth: seed, start, feeds.
fn world_json(world: &World) -> String {
    let feeds: Vec<_> = feeds(world)
        .into_iter()
        .map(|(_, s, name)| {
            let (width, height) = s.size();
            serde_json::json!({
                "id": name,
                "file": format!("{name}.ts"),
                "width": width,
                "height": height,
                "fps": s.fps(),
                "frames": frame_count(world, s),
                "hfov_deg": s.hfov().to_degrees(),
            })
        })
        .collect();
    let doc = serde_json::json!({
        "schema": "world/1",
        "world": "compound",
        "simulated": true,
        "seed": world.seed,
        "start": Micros(world.start_us).to_rfc3339(),
        "duration_s": world.options.duration_s,
        "ground_hae_m": GROUND_HAE_M,
        "geoid_m": GEOID_M,
        "feeds": feeds,
    });
    format!("{doc:#}\n")
}

/// Renders, encodes and multiplexes one sensor's pictures with their metadata.
fn write_feed(
    world: &World,
    renderer: &Renderer<'_>,
    sensor: Sensor,
    path: &Path,
    tick: &mut dyn FnMut(),
) -> Result<(), Error> {
    let count = frame_count(world, sensor);
    let (send, receive) = sync_channel::<(u64, Picture)>(QUEUE);
    let (said, heard) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let encoding = scope.spawn(move || encode(world, sensor, path, &receive, &said));
        for n in 0..count {
            if !world.arrives(n as f64 / f64::from(sensor.fps())) {
                tick();
                continue;
            }
            // The encoder has gone: its error comes out of the join below.
            if send.send((n, renderer.frame(sensor, n))).is_err() {
                break;
            }
            heard.try_iter().for_each(|()| tick());
        }
        drop(send);
        heard.iter().for_each(|()| tick());
        encoding
            .join()
            .unwrap_or_else(|e| std::panic::resume_unwind(e))
    })
}

fn encode(
    world: &World,
    sensor: Sensor,
    path: &Path,
    pictures: &Receiver<(u64, Picture)>,
    said: &std::sync::mpsc::Sender<()>,
) -> Result<(), Error> {
    let what = path.display().to_string();
    let video = |cause| Error::Video {
        what: what.clone(),
        cause,
    };
    let (w, h) = sensor.size();
    let (w, h) = (w as u32, h as u32);
    let kind = match sensor {
        Sensor::Eo | Sensor::Small => KlvKind::Synchronous,
        Sensor::Ir => KlvKind::Asynchronous,
    };
    let mut encoder = Encoder::h264(EncoderOptions {
        rate: RateControl::Bitrate(bit_rate(sensor)),
        gop: sensor.fps(),
        ..EncoderOptions::new(w, h, (sensor.fps(), 1))
    })
    .map_err(video)?;
    let mut muxer = TsMuxer::create(path, w, h, &[kind]).map_err(video)?;
    let mut packets = Vec::new();
    for (n, p) in pictures {
        let pts = FIRST_PTS + (n * 90_000 / u64::from(sensor.fps())) as i64;
        let image = Image::yuv420p(w, h, &p.luma, &p.cb, &p.cr);
        encoder
            .push(&image, pts, false, &mut packets)
            .map_err(video)?;
        // What describes a picture comes just before it, as from a live encoder.
        let klv = metadata::packet(world, sensor, n)
            .map_err(|cause| Error::Metadata { frame: n, cause })?;
        muxer.klv(0, &klv, Some(pts)).map_err(video)?;
        for packet in packets.drain(..) {
            muxer.video(&packet).map_err(video)?;
        }
        // Nobody listens any more only when the caller has given up.
        let _ = said.send(());
    }
    encoder.flush(&mut packets).map_err(video)?;
    for packet in packets.drain(..) {
        muxer.video(&packet).map_err(video)?;
    }
    muxer.finish().map_err(video)
}

/// Bits per second of a feed.
fn bit_rate(sensor: Sensor) -> u32 {
    match sensor {
        Sensor::Eo => 3_600_000,
        Sensor::Ir | Sensor::Small => 1_400_000,
    }
}
