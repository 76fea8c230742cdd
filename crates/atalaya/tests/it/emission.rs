//! `atalaya emission`: its map, and bad input in one clear line.

use crate::support::*;
use std::fmt::Write;
use std::fs;
use std::io::Cursor;

/// A fixed circle of sensors and a wind that turns; two of them smell it.
fn tables(dir: &std::path::Path) {
    let mut obs = String::from("t_s,sensor,e,n,u,ppm\n");
    let mut met = String::from("t_s,wind_speed,wind_dir_from\n");
    for minute in 0..60 {
        let from = 250.0 + 40.0 * f64::from(minute) / 60.0;
        writeln!(met, "{},3.0,{from:.1}", minute * 60).unwrap();
        for (k, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
            let angle = (k as f64 * 90.0).to_radians();
            let (e, n) = (30.0 * angle.cos(), 30.0 * angle.sin());
            // Down the wind of a source in the middle lies the east.
            let plume = if name == "a" {
                3.0 * (-((from - 270.0) / 12.0_f64).powi(2)).exp()
            } else {
                0.0
            };
            let noise = 0.02 * f64::from((minute * 7 + k as i32 * 3) % 5 - 2);
            writeln!(
                obs,
                "{},{name},{e:.1},{n:.1},2,{:.3}",
                minute * 60,
                2.0 + plume + noise
            )
            .unwrap();
        }
    }
    fs::write(dir.join("o.csv"), obs).unwrap();
    fs::write(dir.join("m.csv"), met).unwrap();
}

#[test]
fn the_map_is_a_geotiff_of_probabilities() {
    let dir = folder("emission-map");
    tables(&dir);
    let run = |map: &str, more: &[&str]| {
        let mut args = vec!["emission", "--obs", "o.csv", "--met", "m.csv", "--map", map];
        args.extend(more);
        atalaya_in(&dir, &args).ok();
    };
    run("placed.tif", &["--origin", "-105.14,40.6"]);
    run("local.tif", &[]);
    run("picture.png", &[]);
    assert!(
        fs::read(dir.join("picture.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    for (name, keys) in [("placed.tif", 15), ("local.tif", 4)] {
        let bytes = fs::read(dir.join(name)).unwrap();
        let mut tiff = tiff::decoder::Decoder::new(Cursor::new(bytes)).unwrap();
        let (w, h) = tiff.dimensions().unwrap();
        let directory = tiff
            .get_tag_u16_vec(tiff::tags::Tag::GeoKeyDirectoryTag)
            .unwrap();
        assert_eq!(directory.len(), 4 * keys, "{name}");
        let scale = tiff
            .get_tag_f64_vec(tiff::tags::Tag::ModelPixelScaleTag)
            .unwrap();
        let tie = tiff
            .get_tag_f64_vec(tiff::tags::Tag::ModelTiepointTag)
            .unwrap();
        let tiff::decoder::DecodingResult::F32(values) = tiff.read_image().unwrap() else {
            panic!("not floats");
        };
        let sum: f64 = values.iter().map(|v| f64::from(*v)).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        // The likeliest square lies up the wind of the sensor that smells it.
        let best = (0..values.len())
            .max_by(|a, b| values[*a].total_cmp(&values[*b]))
            .unwrap();
        let east = tie[3] + scale[0] * ((best % w as usize) as f64 + 0.5);
        let north = tie[4] - scale[1] * ((best / w as usize) as f64 + 0.5);
        assert!(
            h > 10 && east < 30.0 && north.abs() < 15.0,
            "{east} {north}"
        );
    }
}

#[test]
fn bad_input_is_one_clear_line() {
    let dir = folder("emission-bad");
    tables(&dir);
    let said = |args: &[&str]| {
        let mut all = vec!["emission"];
        all.extend(args);
        atalaya_in(&dir, &all)
    };
    let with = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    with("cell.csv", "t_s,sensor,e,n,u,ppm\n0,a,0,0,2,wet\n");
    with("column.csv", "t_s,sensor,e,n,ppm\n0,a,0,0,2\n");
    with("empty.csv", "");
    with("wind.csv", "t_s,wind_speed,wind_dir_from\n0,900,10\n");
    for (args, words) in [
        (
            vec!["--obs", "gone.csv", "--met", "m.csv"],
            vec!["gone.csv", "check the path"],
        ),
        (
            vec!["--obs", "cell.csv", "--met", "m.csv"],
            vec!["cell.csv", "line 2, column 'ppm'", "'wet'"],
        ),
        (
            vec!["--obs", "column.csv", "--met", "m.csv"],
            vec!["column.csv", "there is no column 'u'"],
        ),
        (
            vec!["--obs", "empty.csv", "--met", "m.csv"],
            vec!["empty.csv"],
        ),
        (
            vec!["--obs", "o.csv", "--met", "wind.csv"],
            vec!["wind.csv", "0 to 150 m/s"],
        ),
        (
            vec!["--obs", "o.csv", "--met", "m.csv", "--gas", "phlogiston"],
            vec!["--gas 'phlogiston'", "ch4"],
        ),
        (
            vec!["--obs", "o.csv", "--met", "m.csv", "--area", "0,0,0"],
            vec!["--area '0,0,0' is not six numbers"],
        ),
        (
            vec!["--obs", "o.csv", "--met", "m.csv", "--map", "x.jpg"],
            vec!["ends in .png or .tif"],
        ),
        (
            vec![
                "--obs", "o.csv", "--met", "m.csv", "--map", "x.tif", "--origin", "40,-95,1",
            ],
            vec!["--origin '40,-95,1' is not a place"],
        ),
        (
            vec![
                "--obs", "o.csv", "--met", "m.csv", "--map", "x.png", "--origin", "1,2",
            ],
            vec!["--origin places a GeoTIFF"],
        ),
        (
            vec!["--obs", "o.csv", "--met", "m.csv", "--map", "no/such/x.tif"],
            vec!["no/such/x.tif"],
        ),
    ] {
        said(&args).fails_with(&words);
    }
    assert_eq!(said(&[]).code, Some(2));
}
