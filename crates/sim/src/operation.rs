//! The operation document of a simulated world, and the errors it must live with.

use crate::errors::COARSE;
use crate::flight::Sensor;
use crate::gas::{GAS_FILE, OTHER_LIMITS, SHED, SHED_LIMITS};
use crate::output::feeds;
use crate::reference::{REFERENCE_FILE, REFERENCE_SIGMA_M};
use crate::truth::ring;
use crate::world::{ENTER_AFTER_S, EXIT_AFTER_S, EXIT_MARGIN_M, GROUND_HAE_M, World};
use atalaya_model::Micros;

fn polygon(world: &World, limits: [f64; 4]) -> String {
    let ring = ring(world, limits);
    let points: Vec<String> = ring
        .iter()
        .take(4)
        .map(|p| format!("[{:.9}, {:.9}]", p[0], p[1]))
        .collect();
    format!("[{}]", points.join(", "))
}

/// An operation that watches the world's compound, for its feeds `eo.ts` and `ir.ts`.
///
/// The document says what an operator would know: the size of the errors, not the errors.
pub fn operation_toml(world: &World) -> String {
    use std::fmt::Write;
    let from = Micros(world.start_us - 3_600_000_000).to_rfc3339();
    // A rehearsal may be played for years with new event time.
    let until = Micros(world.start_us + 3660 * 86_400_000_000).to_rfc3339();
    let s = if world.options.pair {
        COARSE
    } else {
        world.errors.sigmas
    };
    let mut out = String::new();
    let area = polygon(world, [-190.0, -190.0, 190.0, 190.0]);
    // Writing to a string does not fail.
    let _ = write!(
        out,
        r#"# Made by the simulator: a rehearsal on a world that does not exist.
schema = "operation/1"
id = "sim-compound-{seed}"
name = "SIMULATED: compound by the country road"
simulated = true

[authority]
issuer = "SIMULATED court"
legal_basis = "SIMULATED order for training"
reference = "SIM-{seed}"
purpose = "Rehearsal: who comes to the compound, stays, loads and leaves"
valid_from = "{from}"
valid_until = "{until}"
sensors = {allowed}
objects = ["vehicle", "person", "unknown"]
area = {area}
retention = {{ bystander_hours = 24, evidence_days = 30 }}

[site]
id = "compound"
name = "Compound"
ground_m = {GROUND_HAE_M:.1}
"#,
        seed = world.seed,
        allowed = match (world.options.gas, world.options.tripwire) {
            (false, false) => r#"["eo", "ir"]"#,
            (true, false) => r#"["eo", "ir", "gas"]"#,
            (false, true) => r#"["eo", "ir", "ground"]"#,
            (true, true) => r#"["eo", "ir", "gas", "ground"]"#,
        },
    );
    if world.options.reference {
        let _ = write!(
            out,
            "\n[site.reference]\nimage = \"{REFERENCE_FILE}\"\nsigma_m = {REFERENCE_SIGMA_M:.2}\n"
        );
    }
    for z in &world.layout.zones {
        let _ = write!(
            out,
            r#"
[[site.zone]]
id = "{}"
name = "{}"
role = "{}"
polygon = {}
exit_margin_m = {EXIT_MARGIN_M:.1}
exit_after_s = {EXIT_AFTER_S:.1}
enter_after_s = {ENTER_AFTER_S:.1}
"#,
            z.id,
            z.name,
            z.role,
            polygon(world, z.limits),
        );
    }
    for (id, name, limits) in [
        (SHED, "North shed", SHED_LIMITS),
        ("east-shed", "East shed", OTHER_LIMITS),
    ] {
        let _ = write!(
            out,
            r#"
[[site.zone]]
id = "{id}"
name = "{name}"
role = "structure"
polygon = {}
"#,
            polygon(world, limits),
        );
    }
    let age_ms = 500.0 * (s.latency_s[0] + s.latency_s[1]);
    for (_, sensor, id) in feeds(world) {
        // The strip that holds the burnt-in caption, at the bottom left.
        let caption_y = sensor.size().1 - 40;
        let kind = if sensor == Sensor::Ir { "ir" } else { "eo" };
        let _ = write!(
            out,
            r#"
[[feed]]
id = "{id}"
source = "{id}.ts"
sensor = "{kind}"
overlays = [[0, {caption_y}, 330, 40]]
errors = {{ position_m = {:.2}, height_m = {:.2}, heading_deg = {:.2}, gimbal_deg = {:.2}, position_noise_m = {:.2}, pointing_noise_deg = {:.2}, time_ms = {age_ms:.1} }}
"#,
            s.position_m,
            s.height_m,
            s.heading.to_degrees(),
            s.gimbal.to_degrees(),
            s.position_noise_m.hypot(s.position_drift_m),
            s.gimbal_noise
                .to_degrees()
                .hypot(s.platform_noise.to_degrees()),
        );
    }
    out.push_str(
        r#"
[[rule]]
id = "long-stay"
kind = "dwell"
zone = "yard"
subject = "vehicle"
longer_than_s = 30.0
severity = "warning"
"#,
    );
    if world.options.gas {
        out.push_str(&gas());
    }
    if world.options.tripwire {
        out.push_str(TRIPWIRE);
    }
    out
}

/// Feed and rules of the gas.
fn gas() -> String {
    format!(
        r#"
[[feed]]
id = "nose"
source = "{GAS_FILE}"
sensor = "gas"
gas = {{ gas = "ch4", likely = ["{SHED}", "east-shed"], margin_m = 40.0, height_m = 6.0, wander_per_hour = 0.1 }}

[[rule]]
id = "gas"
kind = "emission"
zone = "{SHED}"
near_m = 15.0
severity = "warning"

[[rule]]
id = "delivery-and-gas"
kind = "emission_visit"
zone = "yard"
source_zone = "{SHED}"
near_m = 15.0
subject = "vehicle"
longer_than_s = 20.0
within_s = 300.0
severity = "critical"
"#
    )
}

/// Feed and rule of the tripwire.
const TRIPWIRE: &str = r#"
[[feed]]
id = "wire"
source = "wire.sapient"
sensor = "ground"
ground = { sigma_m = 3.0 }

[[rule]]
id = "gate-wire"
kind = "tripwire"
zone = "*"
subject = "vehicle"
severity = "info"
"#;

/// Sizes and actual values of the metadata's errors, as JSON.
pub fn errors_json(world: &World) -> String {
    let (s, e) = (&world.errors.sigmas, &world.errors);
    let deg = |r: f64| (r.to_degrees() * 1e6).round() / 1e6;
    let m = |v: f64| (v * 1e4).round() / 1e4;
    let doc = serde_json::json!({
        "schema": "errors/1",
        "sigma": {
            "position_m": s.position_m,
            "height_m": s.height_m,
            "position_noise_m": s.position_noise_m,
            "position_drift_m": s.position_drift_m,
            "heading_deg": deg(s.heading),
            "platform_noise_deg": deg(s.platform_noise),
            "gimbal_deg": deg(s.gimbal),
            "gimbal_noise_deg": deg(s.gimbal_noise),
            "latency_range_s": s.latency_s,
            "latency_jitter_s": s.latency_jitter_s,
        },
        "actual": {
            "position_east_m": m(e.position_m[0]),
            "position_north_m": m(e.position_m[1]),
            "position_up_m": m(e.position_m[2]),
            "heading_deg": deg(e.heading),
            "gimbal_azimuth_deg": deg(e.gimbal[0]),
            "gimbal_elevation_deg": deg(e.gimbal[1]),
            "latency_s": m(e.latency_s),
        },
    });
    format!("{doc:#}\n")
}
