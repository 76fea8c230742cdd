//! Checking what belongs to gas and ground sensors.

use super::{
    FeedConfig, FeedKind, GAS_FIELDS, GasFeed, GroundFeed, LonLat, Payload, Rule, RuleKind,
    SourceAddress, ZoneConfig,
};
use crate::time::Micros;

type Fault = (&'static str, String);

/// Columns and mapped fields at most.
const MOST: usize = 64;

/// Checks what a feed says of its kind.
pub(super) fn check(f: &FeedConfig) -> Result<(), Fault> {
    let strange = |key: &'static str, wanted: &str| {
        (
            key,
            format!(
                "'{key}' has no meaning for this sensor; remove it, or write sensor = \"{wanted}\""
            ),
        )
    };
    if f.gas.is_some() && f.kind() != FeedKind::Gas {
        return Err(strange("gas", "gas"));
    }
    if f.ground.is_some() && f.kind() != FeedKind::Ground {
        return Err(strange("ground", "ground"));
    }
    if f.kind() != FeedKind::Video {
        if f.unplaced {
            return Err((
                "unplaced",
                "samples without a place are of no use; remove 'unplaced', give 'at' where a sensor stands"
                    .into(),
            ));
        }
        if f.analyse_fps.is_some() {
            return Err(strange("analyse_fps", "eo"));
        }
        if !f.overlays.is_empty() {
            return Err(strange("overlays", "eo"));
        }
    }
    let live = !matches!(f.address(), Ok(SourceAddress::File(_)));
    match f.kind() {
        FeedKind::Video => Ok(()),
        FeedKind::Gas => check_gas(&f.gas.clone().unwrap_or_default(), live, f.start.as_deref())
            .map_err(|e| ("gas", e)),
        FeedKind::Ground => {
            check_ground(&f.ground.clone().unwrap_or_default()).map_err(|e| ("ground", e))
        }
    }
}

fn place(key: &str, [lon, lat]: LonLat) -> Result<(), String> {
    if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) {
        Ok(())
    } else {
        Err(format!(
            "{key} = [{lon}, {lat}] is not a place; write longitude, latitude in degrees"
        ))
    }
}

fn stands(at: Option<[f64; 3]>) -> Result<(), String> {
    let Some([lon, lat, height]) = at else {
        return Ok(());
    };
    place("at", [lon, lat])?;
    range("at, height", height, -500.0, 10_000.0)
}

fn range(key: &str, v: f64, lo: f64, hi: f64) -> Result<(), String> {
    if (lo..=hi).contains(&v) {
        Ok(())
    } else {
        Err(format!("{key} = {v} is out of range; give {lo} to {hi}"))
    }
}

fn check_gas(g: &GasFeed, live: bool, start: Option<&str>) -> Result<(), String> {
    if let Some(name) = g.map.keys().find(|k| !GAS_FIELDS.contains(&k.as_str())) {
        return Err(format!(
            "map: '{name}' is not a field of a sample; fields are: {}",
            GAS_FIELDS.join(", ")
        ));
    }
    if g.columns.len() > MOST {
        return Err(format!(
            "{} columns are too many; give {MOST} at most",
            g.columns.len()
        ));
    }
    if live && g.payload == Payload::Csv && g.columns.is_empty() {
        return Err(
            "payload = \"csv\" needs columns, in order: columns = [\"time\", \"ppm\"]".into(),
        );
    }
    if live && g.wind.is_some() {
        return Err(
            "wind is a table for recordings; a live feed's messages carry wind_speed and wind_dir_from"
                .into(),
        );
    }
    if start.is_some_and(|s| Micros::parse_rfc3339(s).is_none()) {
        return Err("t_s counts from 'start'; write start = \"2026-11-22T05:00:00Z\"".into());
    }
    if let Some(origin) = g.origin {
        place("origin", origin)?;
    }
    stands(g.at)?;
    if g.gas.is_empty() || g.gas.len() > 32 {
        return Err("gas is empty; name it by its formula, such as \"ch4\"".into());
    }
    if !(g.scale.is_finite() && g.scale > 0.0) {
        return Err(format!(
            "scale = {} is not a factor; give a number above 0",
            g.scale
        ));
    }
    range("margin_m", g.margin_m, 0.0, 5000.0)?;
    range("height_m", g.height_m, 0.1, 200.0)?;
    range("window_s", g.window_s, 60.0, 86_400.0)?;
    range("step_s", g.step_s, 1.0, 3600.0)?;
    range("wander_per_hour", g.wander_per_hour, 0.0, 10.0)
}

fn check_ground(g: &GroundFeed) -> Result<(), String> {
    if g.nodes.len() > MOST {
        return Err(format!(
            "{} nodes are too many; give {MOST} at most",
            g.nodes.len()
        ));
    }
    stands(g.at)?;
    range("sigma_m", g.sigma_m, 0.1, 1000.0)?;
    range("quiet_s", g.quiet_s, 0.0, 86_400.0)
}

/// Checks that the zones in which a source is likelier lie on the ground.
pub(super) fn check_likely(f: &FeedConfig, zones: &[ZoneConfig]) -> Result<(), String> {
    let likely = f.gas.iter().flat_map(|g| &g.likely);
    for name in likely {
        let found = zones.iter().any(|z| z.id == *name && z.polygon.is_some());
        if !found {
            return Err(format!(
                "likely: there is no zone '{name}' with an outline on the ground; name one of site.zone"
            ));
        }
    }
    Ok(())
}

/// Checks the numbers of a rule about gas.
pub(super) fn check_rule(r: &Rule) -> Result<(), Fault> {
    let gas = matches!(r.kind, RuleKind::Emission | RuleKind::EmissionVisit);
    let joint = r.kind == RuleKind::EmissionVisit;
    for (key, v, meant, lo, hi) in [
        ("p_at_least", r.p_at_least, gas, 0.5, 1.0),
        ("near_m", r.near_m, gas, 0.0, 5000.0),
        ("within_s", r.within_s, joint, 0.0, 86_400.0),
    ] {
        let Some(v) = v else { continue };
        if !meant {
            return Err((
                key,
                format!("{key} has no meaning for this kind of rule; remove it"),
            ));
        }
        range(key, v, lo, hi).map_err(|e| (key, e))?;
    }
    if r.source_zone.is_some() && !joint {
        return Err((
            "source_zone",
            "source_zone belongs to kind = \"emission_visit\"; remove it".into(),
        ));
    }
    if joint && r.longer_than_s.is_some_and(|s| !(0.0..1e7).contains(&s)) {
        return Err((
            "longer_than_s",
            "longer_than_s is out of range; give 0 or more seconds".into(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::operation::{Broker, Operation, SourceAddress};

    const GOOD: &str = r#"
schema = "operation/1"
id = "demo"
name = "Demonstration"
[authority]
issuer = "Court 1"
legal_basis = "Art. 588"
reference = "12/2026"
purpose = "watch the compound"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["gas", "ground"]
objects = ["vehicle"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01], [-3.51, 40.01]]
retention = { bystander_hours = 24, evidence_days = 365 }
[site]
id = "compound"
name = "Compound"
[[site.zone]]
id = "shed"
polygon = [[-3.5, 40.0], [-3.499, 40.0], [-3.499, 40.001]]
[[feed]]
id = "nose"
source = "mqtt://broker.local/site/gas"
sensor = "gas"
gas = { map = { ppm = "/ch4/ppm" }, window_s = 600.0 }
[[feed]]
id = "wire"
source = "tcp://127.0.0.1:14000"
sensor = "ground"
[[rule]]
id = "smell"
kind = "emission"
zone = "*"
p_at_least = 0.8
[[rule]]
id = "truck-and-smell"
kind = "emission_visit"
zone = "shed"
subject = "truck"
within_s = 300
"#;

    fn error(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        Operation::parse("op.toml", &GOOD.replacen(from, to, 1))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn sensors_are_read_and_written_again() {
        let op = Operation::parse("op.toml", GOOD).unwrap();
        assert_eq!(
            op.feeds[0].address().unwrap(),
            SourceAddress::Mqtt(Broker {
                host: "broker.local".into(),
                port: 1883,
                topic: "site/gas".into(),
                session: None,
            })
        );
        assert!(
            matches!(op.feeds[1].address().unwrap(), SourceAddress::Tcp(a) if a.port() == 14000)
        );
        let again = toml::to_string(&op).unwrap();
        assert_eq!(Operation::parse("again", &again).unwrap(), op);
    }

    #[test]
    fn faults_name_line_and_remedy() {
        for (from, to, wanted) in [
            (
                "[\"gas\", ",
                "[",
                "the authority does not allow the sensor of feed 'nose'",
            ),
            (
                "mqtt://broker.local/site/gas",
                "mqtt://broker.local/site/gas?sesion=a",
                "is not a broker and a topic",
            ),
            (
                "mqtt://broker.local/site/gas",
                "mqtt://broker.local/site/gas?session=a b",
                "is not a broker and a topic",
            ),
            (
                "mqtt://broker.local/site/gas",
                "mqtt://broker.local",
                "op.toml:24: 'mqtt://broker.local' is not a broker and a topic",
            ),
            (
                "mqtt://broker.local/site/gas",
                "tcp://127.0.0.1:1",
                "source scheme 'tcp' is not supported for this sensor; use a file, udp",
            ),
            (
                "tcp://127.0.0.1:14000",
                "tcp://here",
                "op.toml:29: 'tcp://here' is not an address",
            ),
            (
                "ppm = \"/ch4",
                "pmp = \"/ch4",
                "map: 'pmp' is not a field of a sample; fields are: time",
            ),
            (
                "window_s = 600.0",
                "window_s = 6.0",
                "window_s = 6 is out of range; give 60 to 86400",
            ),
            (
                "window_s = 600.0",
                "payload = \"csv\"",
                "payload = \"csv\" needs columns",
            ),
            (
                "window_s = 600.0",
                "wind = \"w.csv\"",
                "wind is a table for recordings",
            ),
            (
                "window_s = 600.0",
                "windows_s = 600.0",
                "unknown field 'windows_s'; did you mean 'window_s'?",
            ),
            (
                "window_s = 600.0",
                "likely = [\"shad\"]",
                "likely: there is no zone 'shad'",
            ),
            (
                "p_at_least = 0.8",
                "p_at_least = 8",
                "p_at_least = 8 is out of range",
            ),
            (
                "p_at_least = 0.8",
                "within_s = 8",
                "within_s has no meaning for this kind of rule",
            ),
            (
                "within_s = 300",
                "source_zone = \"shad\"",
                "there is no zone 'shad'; zones are: shed",
            ),
            (
                "kind = \"emission_visit\"\nzone = \"shed\"",
                "kind = \"emission_visit\"\nzone = \"*\"",
                "there is no zone '*'",
            ),
            (
                "sensor = \"ground\"",
                "sensor = \"ground\"\nunplaced = true",
                "samples without a place are of no use",
            ),
        ] {
            let e = error(from, to);
            assert!(e.contains(wanted), "{to}: {e}");
        }
    }
}
