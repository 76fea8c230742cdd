//! No-look areas are painted over in the live pictures.

use crate::support::{run_live, world};
use atalaya_engine::{Context, EngineSettings};
use atalaya_geo::{Homography, Vector2, Vector3};
use atalaya_model::operation::NoLook;
use atalaya_store::{AccessUnit, Live, LiveFrame};
use atalaya_video::{Decoder, Demuxer, Picture};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// All pictures of a file, in presentation order.
fn pictures(file: &Path) -> Vec<Picture> {
    let mut demuxer = Demuxer::open(file).unwrap();
    let stream = demuxer.video().unwrap().clone();
    let mut decoder = Decoder::new(&stream).unwrap();
    let mut out = Vec::new();
    while let Some(p) = demuxer.read().unwrap() {
        if p.stream == stream.index {
            decoder.push(&p, &mut out).unwrap();
        }
    }
    decoder.flush(&mut out).unwrap();
    out
}

/// Luma of the block of eight pixels about a pixel: mean, and how far its samples are apart.
fn block(p: &Picture, x: usize, y: usize) -> (f64, u8) {
    let (x, y) = (x / 8 * 8, y / 8 * 8);
    let luma = p.plane(0);
    let rows = (y..y + 8).flat_map(|y| &luma[y * p.stride(0) + x..][..8]);
    let all: Vec<u8> = rows.copied().collect();
    let mean = all.iter().map(|v| f64::from(*v)).sum::<f64>() / 64.0;
    (mean, all.iter().max().unwrap() - all.iter().min().unwrap())
}

#[test]
fn a_no_look_area_is_painted_over_in_step_and_the_rest_is_as_it_came() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 5.0);
    operation.feeds[0].source = "udp://127.0.0.1:0".into();
    // A yard of 12 m beside what the camera looks at.
    let plain = Context::new(operation.clone(), EngineSettings::default()).unwrap();
    let corner = |e: f64, n: f64| {
        let g = plain.frame.to_geodetic(&Vector3::new(e, n, 0.0));
        [g.lon.to_degrees(), g.lat.to_degrees()]
    };
    let (e, n) = (24.0, 12.0);
    operation.authority.no_look.push(NoLook {
        name: "school".into(),
        polygon: [(-6.0, -6.0), (6.0, -6.0), (6.0, 6.0), (-6.0, 6.0)]
            .map(|(x, y)| corner(e + x, n + y))
            .into(),
    });
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let source = tmp.path().join("eo.ts");
    let run = run_live(&context, tmp.path(), &source);

    let mut units: Vec<Arc<AccessUnit>> = Vec::new();
    let mut frames: BTreeMap<i64, Arc<LiveFrame>> = BTreeMap::new();
    for m in &run.said {
        match m {
            Live::Video(v) => units.push(v.clone()),
            Live::Frame(f) => drop(frames.insert(f.pts_90k, f.clone())),
            _ => {}
        }
    }
    assert!(units.len() > 20, "{} pictures relayed", units.len());
    assert!(units[0].key && units[0].codec.is_some());
    let coded = tmp.path().join("relayed.h264");
    std::fs::write(
        &coded,
        units
            .iter()
            .flat_map(|u| u.bytes.clone())
            .collect::<Vec<_>>(),
    )
    .unwrap();
    let relayed = pictures(&coded);
    assert_eq!(relayed.len(), units.len());
    // What came is what was recorded: on a busy machine datagrams may be lost on the way.
    let mut segments: Vec<_> = std::fs::read_dir(&run.segments)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "ts"))
        .collect();
    segments.sort();
    let recorded = tmp.path().join("recorded.ts");
    let bytes = segments.iter().flat_map(|s| std::fs::read(s).unwrap());
    std::fs::write(&recorded, bytes.collect::<Vec<_>>()).unwrap();
    let came: BTreeMap<i64, Picture> = pictures(&recorded)
        .into_iter()
        .map(|p| (p.pts_90k.unwrap(), p))
        .collect();

    let (mut hidden, mut open) = (0, 0);
    for (unit, picture) in units.iter().zip(&relayed) {
        // The same moment: boxes that were found in the one lie on the other.
        let frame = &frames[&unit.pts_90k];
        let original = &came[&unit.pts_90k];
        assert_eq!((frame.width, frame.height), (picture.width, picture.height));
        let share = frame.masked.unwrap();
        assert!(
            share > 0.001 && share < 0.5,
            "{share} of the picture is hidden"
        );
        let (w, h) = (f64::from(frame.width), f64::from(frame.height));
        let v = Vector2::new;
        let corners = frame.coverage.footprint.unwrap().map(|[e, n]| v(e, n));
        let map =
            Homography::from_quad(&[v(0.0, 0.0), v(w, 0.0), v(w, h), v(0.0, h)], &corners).unwrap();
        let back = map.inverse().unwrap();
        for (de, dn) in [(0.0, 0.0), (-4.0, -4.0), (4.0, 4.0), (4.0, -4.0)] {
            let px = back.apply(v(e + de, n + dn)).unwrap();
            if px.x < 16.0 || px.y < 16.0 || px.x > w - 16.0 || px.y > h - 16.0 {
                continue;
            }
            let (mean, spread) = block(picture, px.x as usize, px.y as usize);
            assert!(
                (mean - 40.0).abs() < 3.0 && spread <= 6,
                "seen at {px}: {mean}, {spread}"
            );
            hidden += 1;
        }
        // Far from the area the picture is what came.
        for gx in 1..16 {
            for gy in 1..9 {
                let px = v(f64::from(gx) * 80.0, f64::from(gy) * 80.0);
                let ground = map.apply(px).unwrap();
                if (ground - v(e, n)).norm() < 60.0 {
                    continue;
                }
                let (x, y) = (px.x as usize, px.y as usize);
                let (a, b) = (block(picture, x, y).0, block(original, x, y).0);
                assert!((a - b).abs() < 6.0, "changed at {px}: {b} became {a}");
                open += 1;
            }
        }
    }
    assert!(hidden > 20 && open > 100, "{hidden} hidden, {open} open");
    let masked = run.summary.masked["eo"];
    assert_eq!(masked.relayed, units.len() as u64);
    println!(
        "painted and encoded: {:.1} ms a picture",
        masked.spent.as_secs_f64() * 1e3 / masked.relayed as f64
    );
}
