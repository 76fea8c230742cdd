//! `atalaya plan`: a certified flight out, or one line that says why not.

use crate::support::*;
use std::fs;
use std::path::PathBuf;

const OPERATION: &str = r#"schema = "operation/1"
id = "quarry"
name = "Quarry"
[authority]
issuer = "Court"
legal_basis = "Art. 588"
reference = "1/2026"
purpose = "test"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle"]
area = [[-3.54, 39.97], [-3.46, 39.97], [-3.46, 40.03], [-3.54, 40.03]]
retention = { bystander_hours = 24, evidence_days = 365 }
[site]
id = "quarry"
name = "Quarry"
[[site.zone]]
id = "yard"
polygon = [[-3.5005, 39.9995], [-3.4995, 39.9995], [-3.4995, 40.0005], [-3.5005, 40.0005]]
"#;

const AIRCRAFT: &str = r#"schema = "aircraft/1"
name = "trainer"
cruise_m_s = 20.0
min_m_s = 13.0
bank_limit_deg = 35.0
climb_m_s = 3.0
sink_m_s = 3.0
endurance_s = 10800.0
reserve_s = 1800.0
ceiling_m = 4000.0
[sensor]
fov_deg = 10.0
pixels = 1920
[plan]
home = [-3.52, 40.01]
ground_m = 700.0
standoff_m = 500.0
[[plan.no_fly]]
name = "village"
polygon = [[-3.512, 40.002], [-3.506, 40.002], [-3.506, 40.008], [-3.512, 40.008]]
"#;

fn planned(test: &str, aircraft: &str, more: &[&str]) -> (PathBuf, Said) {
    let dir = folder(&format!("plan-{test}"));
    fs::write(dir.join("op.toml"), OPERATION).unwrap();
    fs::write(dir.join("a.toml"), aircraft).unwrap();
    fs::write(dir.join("text.tif"), "not a picture").unwrap();
    let arguments = ["plan", "op.toml", "--aircraft", "a.toml", "--out", "q.plan"];
    let said = atalaya_in(&dir, &[&arguments, more].concat());
    (dir, said)
}

/// A folder with a certified `q.plan`.
pub fn certified(test: &str) -> PathBuf {
    let (dir, said) = planned(test, AIRCRAFT, &[]);
    said.ok();
    dir
}

fn json(path: PathBuf) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_certified_flight_has_plan_certificate_and_relief() {
    let (dir, said) = planned("good", AIRCRAFT, &["--relief", "3"]);
    said.ok().says(&[
        "certified",
        "yard 100 %",
        "a plane: the ground was not looked at",
        "relief:",
    ]);
    let certificate = json(dir.join("q.plan.certificate.json"));
    assert_eq!(certificate["schema"], "certificate/1");
    assert_eq!(certificate["ok"], true);
    assert!(certificate["margin_m"]["fence"].as_f64().unwrap() >= 50.0);
    assert!(certificate["margin_m"]["terrain"].as_f64().unwrap() >= 60.0);
    let widened = certificate["flown_radius_m"].as_f64().unwrap();
    assert!(widened > 1.1 * certificate["commanded_radius_m"].as_f64().unwrap());
    let plan = json(dir.join("q.plan"));
    assert_eq!(plan["fileType"], "Plan");
    assert_eq!(plan["geoFence"]["polygons"].as_array().unwrap().len(), 2);
    assert_eq!(json(dir.join("q.plan.relief.json"))["schema"], "relief/1");
    let (again, _) = planned("good-again", AIRCRAFT, &[]);
    for file in ["q.plan", "q.plan.certificate.json"] {
        assert_eq!(
            fs::read(dir.join(file)).unwrap(),
            fs::read(again.join(file)).unwrap()
        );
    }
}

#[test]
fn what_cannot_be_certified_is_refused_with_place_and_metres_and_leaves_no_plan() {
    let outside = AIRCRAFT.replace("home = [-3.52, 40.01]", "home = [-3.5395, 40.01]");
    let dir = folder("plan-refused");
    fs::write(dir.join("q.plan"), "of yesterday").unwrap();
    fs::write(dir.join("op.toml"), OPERATION).unwrap();
    fs::write(dir.join("a.toml"), outside).unwrap();
    let arguments = ["plan", "op.toml", "--aircraft", "a.toml", "--out", "q.plan"];
    atalaya_in(&dir, &arguments).fails_with(&[
        "no flight can be certified",
        "comes too near the border of the authority's area",
        " m at 40.01",
    ]);
    assert!(
        !dir.join("q.plan").exists(),
        "a plan of yesterday would be flown"
    );
    let certificate = json(dir.join("q.plan.certificate.json"));
    assert_eq!(certificate["ok"], false);
    assert!(certificate["refusals"][0]["by_m"].as_f64().unwrap() > 50.0);
}

/// Name, what is replaced by what, more arguments, words.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

#[test]
fn bad_input_is_one_line() {
    let cases: [Case; 6] = [
        (
            "bank",
            "bank_limit_deg = 35.0",
            "bank_limit_deg = 85.0",
            &[],
            &["a.toml:5", "give 5 to 60"],
        ),
        (
            "ground",
            "ground_m = 700.0\n",
            "",
            &[],
            &["--terrain DEM.tif", "ground_m"],
        ),
        (
            "tif",
            "",
            "",
            &["--terrain", "text.tif"],
            &["text.tif", "neither GeoTIFF nor DTED", "gdal_translate"],
        ),
        (
            "gone",
            "",
            "",
            &["--terrain", "gone.tif"],
            &["gone.tif", "check the path"],
        ),
        (
            "relief",
            "",
            "",
            &["--relief", "0"],
            &["--relief", "give 1 to 1000"],
        ),
        (
            "far",
            "home = [-3.52",
            "home = [-2.52",
            &[],
            &["plan from a home within 30 km"],
        ),
    ];
    for (test, from, to, more, words) in cases {
        let (dir, said) = planned(test, &AIRCRAFT.replacen(from, to, 1), more);
        said.fails_with(words);
        assert!(!dir.join("q.plan").exists(), "{test}");
    }
}
