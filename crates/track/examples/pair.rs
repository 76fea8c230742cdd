//! Tracks of worlds that two small aircraft and a relief see, without pictures: `pair SEED DIR [SECONDS]`.
//!
//! Detections are simulated (`atalaya_sim::Sight`), and go through tracking and fusing as a run's do. Into DIR
//! go `subjects.csv` (the joined picture), `tracks.csv` (each feed's own), `detections.csv` (where metadata put
//! each box, for other trackers) and the truth.

use atalaya_geo::Vector2;
use atalaya_model::operation::Operation;
use atalaya_model::{Attention, FeedIx, Micros, Stamped, TrackPoint};
use atalaya_sim::{
    Density, Sight, World, WorldOptions, feeds, operation_toml, report, seen_csv, truth,
};
use atalaya_track::{Fuse, FuseSettings, Pointing, TrackInput, TrackSettings, Tracker};
use std::fmt::Write;
use std::path::Path;

const HEADER: &str = "time_s,feed,id,state,e,n,ve,vn,ree,ren,rnn,cee,cen,cnn,class,class_p,p\n";

fn row(out: &mut String, t: f64, feed: usize, id: &str, p: &TrackPoint) {
    let Some(g) = &p.ground else { return };
    let state = serde_json::to_string(&p.state).unwrap_or_default();
    let (r, c) = (g.cov_random, g.cov_common);
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "{t:.3},{feed},{id},{},{:.3},{:.3},{:.3},{:.3},{:.4},{:.4},{:.4},{:.4},{:.4},{:.4},{},{:.3},{:.3}",
        state.trim_matches('"'),
        g.e,
        g.n,
        g.ve,
        g.vn,
        r[0],
        r[1],
        r[3],
        c[0],
        c[1],
        c[3],
        p.class.name(),
        p.class_p,
        p.p
    );
}

struct Camera<'w> {
    world: &'w World,
    sensor: atalaya_sim::Sensor,
    sight: Sight<'w>,
    tracker: Tracker,
    attention: Attention,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let (Some(seed), Some(dir)) = (args.get(1), args.get(2)) else {
        return Err("usage: pair SEED DIR [SECONDS]".into());
    };
    let duration_s = args.get(3).map_or(Ok(240.0), |s| s.parse())?;
    let world = World::compound(
        seed.parse()?,
        &WorldOptions {
            duration_s,
            density: Density::Normal,
            thermal: false,
            pair: true,
            ..WorldOptions::default()
        },
    );
    let operation = Operation::parse("operation.toml", &operation_toml(&world))?;
    let all = feeds(&world);
    let worlds: Vec<World> = all
        .iter()
        .filter_map(|(k, ..)| k.map(|k| world.by_aircraft(k)))
        .collect();
    let mut cameras: Vec<Camera> = worlds
        .iter()
        .zip(&all)
        .enumerate()
        .map(|(i, (world, (_, sensor, _)))| Camera {
            world,
            sensor: *sensor,
            sight: Sight::new(world, *sensor),
            tracker: Tracker::new(
                TrackSettings::default(),
                FeedIx(i as u16),
                operation.feeds[i].errors.clone(),
                world.frame().clone(),
            ),
            attention: Attention::default(),
        })
        .collect();
    let mut fuse = Fuse::new(FuseSettings::default(), world.frame().clone());
    let (mut subjects, mut tracks) = (HEADER.to_owned(), HEADER.to_owned());
    let mut detections = String::from("time_s,feed,e,n,w,h\n");
    let fps = f64::from(cameras[0].sensor.fps());
    for n in 0..(duration_s * fps) as u64 {
        let t = n as f64 / fps;
        let mut due: Vec<(i64, usize)> = (0..cameras.len())
            .filter(|k| cameras[*k].world.arrives(t))
            .map(|k| (report(cameras[k].world, cameras[k].sensor, n).time_us, k))
            .collect();
        due.sort_unstable();
        for (time_us, k) in due {
            let c = &mut cameras[k];
            let said = report(c.world, c.sensor, n).camera(c.sensor);
            let (w, h) = c.sensor.size();
            let seen = c.sight.look(n, &c.attention);
            let now = (time_us - world.start_us) as f64 / 1e6;
            for d in &seen.detections {
                let foot = Vector2::new(
                    f64::from(d.bbox.x + 0.5 * d.bbox.w),
                    f64::from(d.bbox.y + d.bbox.h),
                );
                if let Some(g) = said.ground(foot, 0.0) {
                    writeln!(
                        detections,
                        "{now:.3},{k},{:.3},{:.3},{:.1},{:.1}",
                        g.x, g.y, d.bbox.w, d.bbox.h
                    )?;
                }
            }
            let input = TrackInput {
                t: Micros(time_us),
                size: (w as u32, h as u32),
                pointing: Some(Pointing {
                    camera: Some(said),
                    corners: None,
                    up: 0.0,
                }),
                report: seen,
            };
            let mut out = c.tracker.push(&input);
            c.attention = std::mem::take(&mut out.attention);
            let at = Stamped {
                t: Micros(time_us),
                feed: FeedIx(k as u16),
                seq: n,
                body: (),
            };
            if let Some(e) = &out.errors {
                fuse.hear(&at.with(e));
            }
            for p in out.points {
                if n.is_multiple_of(2) {
                    row(&mut tracks, now, k, &p.track.to_string(), &p);
                }
                if let Some(f) = fuse.push(&at.with(p))
                    && n.is_multiple_of(2)
                {
                    row(&mut subjects, now, k, &f.subject.to_string(), &f.point);
                }
            }
            fuse.advance(Micros(time_us));
        }
    }
    let dir = Path::new(dir);
    std::fs::create_dir_all(dir.join("truth"))?;
    std::fs::write(dir.join("subjects.csv"), subjects)?;
    std::fs::write(dir.join("tracks.csv"), tracks)?;
    std::fs::write(dir.join("detections.csv"), detections)?;
    std::fs::write(dir.join("truth/tracks.csv"), truth::tracks_csv(&world))?;
    std::fs::write(dir.join("truth/seen.csv"), seen_csv(&world))?;
    std::fs::write(
        dir.join("truth/world.json"),
        serde_json::json!({"start": Micros(world.start_us).to_rfc3339(), "seed": world.seed})
            .to_string(),
    )?;
    Ok(())
}
