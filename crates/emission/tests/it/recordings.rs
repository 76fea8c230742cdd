//! Real releases with known sources (`../shared/data/gas`).

use atalaya_emission::{Area, Estimate, Estimator, Reading, Settings, Wind, table};
use atalaya_geo::{LocalPlane, Vector3};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/gas")
        .join(name)
}

fn solve(area: &Area, winds: Vec<Wind>, readings: Vec<Reading>) -> Estimate {
    let mut it = Estimator::new(Settings::default(), area, Vec::new()).unwrap();
    let mut winds = winds.into_iter().peekable();
    for r in readings {
        while let Some(w) = winds.next_if(|w| w.t_s <= r.t_s) {
            it.wind(w).unwrap();
        }
        it.push(r).unwrap();
    }
    it.finish();
    it.estimate()
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn the_methane_of_chilbolton() {
    let open = |name: &str| File::open(data("pyelq_cases").join(name)).unwrap();
    let (readings, _) = table::readings(open("C_chilbolton_S1_obs.csv")).unwrap();
    let (winds, _) = table::winds(open("C_chilbolton_S1_met.csv")).unwrap();
    let area = Area::new(Vector3::new(40.0, 0.0, 0.0), Vector3::new(80.0, 110.0, 3.0)).unwrap();
    let said = solve(&area, winds, readings);
    assert!(said.p_any.unwrap() > 0.99);
    let s = &said.sources[0];
    assert!((s.e - 68.91).hypot(s.n - 92.75) < 8.0, "{} {}", s.e, s.n);
    assert!(s.region90.contains(68.91, 92.75));
}

/// A table's rows by the names of their columns.
fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(data(name)).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |l: &str| {
        header
            .iter()
            .map(|h| (*h).to_owned())
            .zip(l.split(',').map(str::to_owned))
            .collect()
    };
    lines.filter(|l| !l.is_empty()).map(row).collect()
}

/// Seconds since the first of May 2022 of `2022-05-DDTHH:MM:SS…`.
fn seconds(text: &str) -> f64 {
    let n = |r: std::ops::Range<usize>| text[r].parse::<f64>().unwrap();
    ((n(8..10) * 24.0 + n(11..13)) * 60.0 + n(14..16)) * 60.0 + n(17..19)
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn the_releases_of_metec() {
    let sensors = rows("metec/sensors.csv");
    let all = rows("metec/concentration_wind_1min.csv");
    let area = Area::new(
        Vector3::new(-70.0, -50.0, 0.0),
        Vector3::new(70.0, 50.0, 6.0),
    )
    .unwrap();
    let plane = LocalPlane::new(40.59578f64.to_radians(), (-105.13985f64).to_radians());
    let (mut near, mut held) = (0, 0);
    for release in rows("metec/truth_releases.csv") {
        let span =
            seconds(&release["tc_ExpStartDatetime"])..=seconds(&release["tc_ExpEndDatetime"]);
        let (mut winds, mut readings) = (Vec::new(), Vec::new());
        for row in all
            .iter()
            .filter(|r| span.contains(&seconds(&r["time_utc"])))
        {
            let t_s = seconds(&row["time_utc"]);
            let cell = |name: &str| row[name].parse::<f64>().ok().filter(|v| v.is_finite());
            if let (Some(speed), Some(from)) = (cell("wind_speed_ms"), cell("wind_dir_from_deg")) {
                winds.push(Wind::new(t_s, speed, from.to_radians()));
            }
            for s in &sensors {
                let number = |name: &str| s[name].parse::<f64>().unwrap();
                if let Some(ppm) = cell(&format!("ch4_ppm_{}", s["name"])) {
                    let at = Vector3::new(number("e"), number("n"), number("height"));
                    readings.push(Reading {
                        t_s,
                        sensor: s["name"].clone(),
                        at,
                        to: None,
                        ppm,
                    });
                }
            }
        }
        let angle = |name: &str| release[name].parse::<f64>().unwrap().to_radians();
        let truth = plane.to_en(angle("tc_Latitude"), angle("tc_Longitude"));
        let said = solve(&area, winds, readings);
        if let Some(s) = said.sources.first() {
            near += u32::from((s.e - truth.x).hypot(s.n - truth.y) < 20.0);
            held += u32::from(s.region90.contains(truth.x, truth.y));
        }
    }
    println!("of nine releases {near} within 20 m, {held} in region90");
    assert!(near >= 7 && held >= 5, "{near} near, {held} held");
}
