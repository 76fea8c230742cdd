//! Reading and checking an operation document.

use super::{LonLat, Operation, RuleKind, SensorKind, TargetKind};
use crate::never::never;
use crate::time::Micros;
use std::collections::BTreeSet;
use toml::de::{DeTable, DeValue};

/// What is wrong with an operation document: one line with place, cause and remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct OperationError {
    /// The document's name.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Cause and remedy.
    pub what: String,
}

/// The JSON Schema of the document.
pub fn schema_json() -> String {
    let schema = schemars::schema_for!(Operation);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

/// A step towards a value: a key or a place in a list.
#[derive(Clone)]
enum Step {
    Key(&'static str),
    Item(usize),
}

use Step::{Item, Key};

/// Most vertices a polygon may have.
const MAX_VERTICES: usize = 10_000;

impl Operation {
    /// Reads a document; `file` is its name for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, OperationError> {
        let fail = |line, what: String| OperationError {
            file: file.into(),
            line,
            what,
        };
        let op: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |s| line_of(text, s.start));
            fail(line, remedy(e.message()))
        })?;
        op.check()
            .map_err(|(steps, what)| fail(locate(text, &steps), what))?;
        Ok(op)
    }

    fn check(&self) -> Result<(), (Vec<Step>, String)> {
        if self.schema != "operation/1" {
            return Err((
                vec![Key("schema")],
                format!(
                    "schema '{}' is not known; write schema = \"operation/1\"",
                    self.schema
                ),
            ));
        }
        check_name(&self.id).map_err(|e| (vec![Key("id")], e))?;
        self.check_authority()
            .map_err(|(key, what)| (vec![Key("authority"), Key(key)], what))?;
        self.check_zones()?;
        self.check_feeds()?;
        super::aircraft::check(&self.aircraft)
            .map_err(|(i, key, e)| (vec![Key("aircraft"), Item(i), Key(key)], e))?;
        self.check_rules()
    }

    fn check_authority(&self) -> Result<(), (&'static str, String)> {
        let a = &self.authority;
        for (key, text) in [
            ("issuer", &a.issuer),
            ("legal_basis", &a.legal_basis),
            ("reference", &a.reference),
            ("purpose", &a.purpose),
        ] {
            if text.trim().is_empty() {
                return Err((
                    key,
                    format!("authority.{key} is empty; an operation needs it to be lawful"),
                ));
            }
        }
        let time = |key, text: &str| {
            Micros::parse_rfc3339(text).ok_or_else(|| {
                (
                    key,
                    format!("'{text}' is not a time; write 2026-11-22T05:00:00Z"),
                )
            })
        };
        let from = time("valid_from", &a.valid_from)?;
        let until = time("valid_until", &a.valid_until)?;
        if until <= from {
            return Err((
                "valid_until",
                "the window ends before it begins; give a later valid_until".into(),
            ));
        }
        if a.sensors.is_empty() {
            return Err((
                "sensors",
                "no sensor is allowed; name at least one of \"eo\", \"ir\", \"gas\", \"ground\""
                    .into(),
            ));
        }
        if a.objects.is_empty() {
            return Err(("objects", "no kind of object is allowed; name at least one of \"vehicle\", \"person\", \"unknown\"".into()));
        }
        check_polygon(&a.area).map_err(|e| ("area", e))?;
        for n in &a.no_look {
            check_polygon(&n.polygon)
                .map_err(|e| ("no_look", format!("no-look area '{}': {e}", n.name)))?;
        }
        let mut seen = BTreeSet::new();
        for t in &a.targets {
            if t.name.trim().is_empty() || !seen.insert(&t.name) {
                return Err((
                    "target",
                    format!(
                        "target '{}' has no name, or one that is there twice; give each its own",
                        t.name
                    ),
                ));
            }
            if t.kind == TargetKind::Person && !a.persons.contains(&t.name) {
                return Err((
                    "target",
                    format!(
                        "the authority does not name the person '{}'; only vehicles and places are targets, and persons of authority.persons",
                        t.name
                    ),
                ));
            }
        }
        if let Some(p) = a.partners.iter().find(|p| p.trim().is_empty()) {
            return Err((
                "partners",
                format!("'{p}' is not a name of a partner; write the name on its card"),
            ));
        }
        if a.retention.bystander_hours == 0 || a.retention.evidence_days == 0 {
            return Err((
                "retention",
                "a retention of zero would keep nothing; give hours and days of at least 1".into(),
            ));
        }
        Ok(())
    }

    fn check_zones(&self) -> Result<(), (Vec<Step>, String)> {
        if let Some((key, e)) = self.site.reference.as_ref().and_then(|r| r.fault()) {
            return Err((vec![Key("site"), Key("reference"), Key(key)], e));
        }
        let mut seen = BTreeSet::new();
        for (i, z) in self.site.zones.iter().enumerate() {
            let at = |key| vec![Key("site"), Key("zone"), Item(i), Key(key)];
            check_name(&z.id).map_err(|e| (at("id"), e))?;
            if !seen.insert(&z.id) {
                return Err((
                    at("id"),
                    format!("zone '{}' is there twice; give it another id", z.id),
                ));
            }
            match (&z.polygon, &z.drawn) {
                (Some(p), None) => check_polygon(p).map_err(|e| (at("polygon"), e))?,
                (None, Some(d)) => {
                    if !self.feeds.iter().any(|f| f.id == d.feed) {
                        return Err((at("drawn"), format!("there is no feed '{}'", d.feed)));
                    }
                    if d.polygon.len() < 3 {
                        return Err((at("drawn"), "an outline needs at least three points".into()));
                    }
                }
                _ => {
                    return Err((
                        at("id"),
                        format!(
                            "zone '{}' needs one of polygon (on the ground) or drawn (on a frame)",
                            z.id
                        ),
                    ));
                }
            }
            for (key, v) in [
                ("exit_margin_m", z.exit_margin_m),
                ("exit_after_s", z.exit_after_s),
                ("enter_after_s", z.enter_after_s),
                ("gap_s", z.gap_s),
            ] {
                if !(0.0..=1e6).contains(&v) {
                    return Err((
                        at(key),
                        format!("{key} = {v} is out of range; give 0 or more"),
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_feeds(&self) -> Result<(), (Vec<Step>, String)> {
        let mut seen = BTreeSet::new();
        for (i, f) in self.feeds.iter().enumerate() {
            let at = |key| vec![Key("feed"), Item(i), Key(key)];
            check_name(&f.id).map_err(|e| (at("id"), e))?;
            if !seen.insert(&f.id) {
                return Err((
                    at("id"),
                    format!("feed '{}' is there twice; give it another id", f.id),
                ));
            }
            f.address().map_err(|e| (at("source"), e))?;
            f.relay_addresses().map_err(|e| (at("relay"), e))?;
            if !self.authority.sensors.contains(&f.sensor) {
                return Err((
                    at("sensor"),
                    format!(
                        "the authority does not allow the sensor of feed '{}'; add it to authority.sensors or remove the feed",
                        f.id
                    ),
                ));
            }
            let looks = f.ground.as_ref().is_some_and(|g| g.look);
            let camera = |s| matches!(s, &SensorKind::Eo | &SensorKind::Ir);
            if looks && !self.authority.sensors.iter().any(camera) {
                return Err((
                    at("ground"),
                    format!(
                        "the authority names no camera, and '{}' would ask for one to look; add \"eo\" or \"ir\" to authority.sensors, or remove look",
                        f.id
                    ),
                ));
            }
            if let Some(start) = &f.start
                && Micros::parse_rfc3339(start).is_none()
            {
                return Err((
                    at("start"),
                    format!("'{start}' is not a time; write 2026-11-22T05:00:00Z"),
                ));
            }
            if let Some(fps) = f.analyse_fps
                && !(0.1..=240.0).contains(&fps)
            {
                return Err((
                    at("analyse_fps"),
                    format!("analyse_fps = {fps} is out of range; give 0.1 to 240"),
                ));
            }
            super::parse_sensors::check(f).map_err(|(key, e)| (at(key), e))?;
            super::parse_sensors::check_likely(f, &self.site.zones).map_err(|e| (at("gas"), e))?;
            if let Some((n, (_, e))) =
                (f.landmarks.iter().enumerate()).find_map(|(n, l)| l.fault().map(|e| (n, e)))
            {
                return Err((at("landmark"), format!("landmark {}: {e}", n + 1)));
            }
            let e = &f.errors;
            for (key, v) in [
                ("position_m", e.position_m),
                ("height_m", e.height_m),
                ("heading_deg", e.heading_deg),
                ("gimbal_deg", e.gimbal_deg),
                ("position_noise_m", e.position_noise_m),
                ("pointing_noise_deg", e.pointing_noise_deg),
                ("time_ms", e.time_ms),
            ] {
                if !(0.0..=1e4).contains(&v) {
                    return Err((
                        at("errors"),
                        format!(
                            "errors.{key} = {v} is out of range; give a one-sigma error of 0 or more"
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_rules(&self) -> Result<(), (Vec<Step>, String)> {
        let mut seen = BTreeSet::new();
        for (i, r) in self.rules.iter().enumerate() {
            let at = |key| vec![Key("rule"), Item(i), Key(key)];
            check_name(&r.id).map_err(|e| (at("id"), e))?;
            if !seen.insert(&r.id) {
                return Err((
                    at("id"),
                    format!("rule '{}' is there twice; give it another id", r.id),
                ));
            }
            let somewhere = matches!(r.kind, RuleKind::Emission | RuleKind::Tripwire)
                && r.zone == super::ANYWHERE;
            let zones = [
                ("zone", Some(&r.zone).filter(|_| !somewhere)),
                ("source_zone", r.source_zone.as_ref()),
            ];
            for (key, zone) in zones {
                let Some(zone) = zone else { continue };
                if !self.site.zones.iter().any(|z| z.id == *zone) {
                    let known: Vec<&str> = self.site.zones.iter().map(|z| z.id.as_str()).collect();
                    return Err((
                        at(key),
                        format!("there is no zone '{zone}'; zones are: {}", known.join(", ")),
                    ));
                }
            }
            super::parse_sensors::check_rule(r).map_err(|(key, e)| (at(key), e))?;
            match (r.kind, r.longer_than_s) {
                (RuleKind::Dwell, Some(s)) if s > 0.0 && s < 1e7 => {}
                (RuleKind::Dwell, _) => {
                    return Err((
                        at("kind"),
                        "a dwell rule needs longer_than_s, seconds above 0".into(),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

pub(super) fn check_name(id: &str) -> Result<(), String> {
    let ok = !id.is_empty()
        && id.len() <= 64
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if ok {
        Ok(())
    } else {
        Err(format!(
            "'{id}' is not a short name; use letters, digits, '-' and '_', at most 64"
        ))
    }
}

fn check_polygon(p: &[LonLat]) -> Result<(), String> {
    if p.len() < 3 {
        return Err(format!(
            "an outline needs at least three points, this one has {}",
            p.len()
        ));
    }
    if p.len() > MAX_VERTICES {
        return Err(format!(
            "an outline may have {MAX_VERTICES} points, this one has {}",
            p.len()
        ));
    }
    for [lon, lat] in p {
        if !(-180.0..=180.0).contains(lon) || !(-90.0..=90.0).contains(lat) {
            return Err(format!(
                "[{lon}, {lat}] is not a place; points are [longitude, latitude] in degrees"
            ));
        }
    }
    Ok(())
}

/// The parser's own message, with what to do about it.
fn remedy(message: &str) -> String {
    let first = message.lines().next().unwrap_or("not valid TOML");
    // Fields and choices that are not known come quoted.
    let quoted = first.split('`').nth(1).unwrap_or_default();
    if let Some(what) = never(quoted) {
        return format!("'{quoted}' names {what}; remove it");
    }
    if let Some(rest) = first.strip_prefix("unknown field `")
        && let Some((field, known)) = rest.split_once("`, expected ")
    {
        let names: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        return match closest(field, &names) {
            Some(name) => format!("unknown field '{field}'; did you mean '{name}'?"),
            None => format!("unknown field '{field}'; known here: {}", names.join(", ")),
        };
    }
    if let Some(rest) = first.strip_prefix("missing field `") {
        let field = rest.trim_end_matches('`');
        return if field == "authority" {
            "there is no [authority]; an operation without a legal authority is refused: \
             add issuer, legal_basis, reference, purpose, valid_from, valid_until, sensors, objects, area, retention"
                .into()
        } else {
            format!("field '{field}' is missing; add it")
        };
    }
    first.replace('`', "'")
}

/// The known name within two edits, if there is one.
fn closest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    names
        .iter()
        .map(|n| (edits(word, n), *n))
        .filter(|(d, _)| *d <= 2)
        .min()
        .map(|(_, n)| n)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let change = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// The line of the deepest part of `steps` that exists.
fn locate(text: &str, steps: &[Step]) -> usize {
    let Ok(root) = DeTable::parse(text) else {
        return 1;
    };
    let mut line = 1;
    let mut table = Some(root.get_ref());
    let mut array = None;
    for step in steps {
        let value = match step {
            Key(k) => table.and_then(|t| t.get(*k)),
            Item(i) => array.and_then(|a: &toml::de::DeArray<'_>| a.get(*i)),
        };
        let Some(value) = value else { break };
        line = line_of(text, value.span().start);
        (table, array) = match value.get_ref() {
            DeValue::Table(t) => (Some(t), None),
            DeValue::Array(a) => (None, Some(a)),
            _ => (None, None),
        };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

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
sensors = ["eo"]
objects = ["vehicle", "person"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01], [-3.51, 40.01]]
retention = { bystander_hours = 24, evidence_days = 365 }

[site]
id = "compound"
name = "Compound"

[[site.zone]]
id = "yard"
polygon = [[-3.5, 40.0], [-3.499, 40.0], [-3.499, 40.001]]

[[feed]]
id = "eo"
source = "eo.ts"
sensor = "eo"

[[rule]]
id = "long-stay"
kind = "dwell"
zone = "yard"
subject = "vehicle"
longer_than_s = 30
"#;

    fn error(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        Operation::parse("op.toml", &GOOD.replacen(from, to, 1))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_good_document_is_read() {
        let op = Operation::parse("op.toml", GOOD).unwrap();
        assert_eq!(op.site.zones[0].exit_after_s, 20.0);
        assert_eq!(op.rules[0].longer_than_s, Some(30.0));
        let again = toml::to_string(&op).unwrap();
        assert_eq!(Operation::parse("again", &again).unwrap(), op);
    }

    #[test]
    fn errors_name_line_and_remedy() {
        assert_eq!(
            error("longer_than_s", "longer_then_s"),
            "op.toml:36: unknown field 'longer_then_s'; did you mean 'longer_than_s'?"
        );
        assert!(
            error("zone = \"yard\"", "zone = \"yrad\"")
                .starts_with("op.toml:34: there is no zone 'yrad'; zones are: yard")
        );
        assert!(
            error("sensor = \"eo\"", "sensor = \"ir\"")
                .starts_with("op.toml:29: the authority does not allow")
        );
        assert!(
            error("[-3.5, 40.0]", "[40.0, -93.5]")
                .contains("op.toml:24: [40, -93.5] is not a place")
        );
        assert!(
            error("2027-01-01", "2025-01-01")
                .contains("op.toml:12: the window ends before it begins")
        );
        assert!(
            error("issuer = \"Court 1\"", "issuer = \" \"")
                .contains("op.toml:7: authority.issuer is empty")
        );
        assert!(
            error("source = \"eo.ts\"", "source = \"rtp://x\"")
                .contains("op.toml:28: source scheme 'rtp'")
        );
    }

    #[test]
    fn a_reference_has_a_file_and_an_error() {
        let name = "name = \"Compound\"";
        let with = |r: &str| format!("{name}\n[site.reference]\n{r}");
        let good = GOOD.replacen(name, &with("image = \"ortho.tif\""), 1);
        let op = Operation::parse("op.toml", &good).unwrap();
        assert_eq!(op.site.reference.as_ref().unwrap().sigma_m, 1.0);
        let again = toml::to_string(&op).unwrap();
        assert_eq!(Operation::parse("again", &again).unwrap(), op);
        for (r, says) in [
            ("image = \" \"", "op.toml:22: ' ' is not a file"),
            ("image = \"http://x/o.tif\"", "op.toml:22: 'http://x/o.tif'"),
            (
                "image = \"o.tif\"\nsigma_m = 0",
                "op.toml:23: sigma_m = 0 is",
            ),
            ("image = \"o.tif\"\nsigma = 1", "op.toml:23: unknown field"),
        ] {
            let said = error(name, &with(r));
            assert!(said.starts_with(says), "{said}");
        }
    }

    #[test]
    fn without_authority_there_is_no_operation() {
        let start = GOOD.find("[authority]").unwrap();
        let end = GOOD.find("[site]").unwrap();
        let text = format!("{}{}", &GOOD[..start], &GOOD[end..]);
        let e = Operation::parse("op.toml", &text).unwrap_err().to_string();
        assert!(
            e.contains("an operation without a legal authority is refused"),
            "{e}"
        );
    }

    #[test]
    fn effectors_and_biometrics_are_refused_wherever_they_stand() {
        for (from, to, line) in [
            ("id = \"long-stay\"", "id = \"x\"\nweapon = \"missile\"", 33),
            ("kind = \"dwell\"", "kind = \"strike\"", 33),
            ("subject = \"vehicle\"", "subject = \"face\"", 35),
            ("objects = [\"vehicle\"", "objects = [\"biometric\"", 14),
            ("sensors = [\"eo\"]", "sensors = [\"effector\"]", 13),
            (
                "name = \"Compound\"",
                "name = \"C\"\nface_recognition = true",
                21,
            ),
            ("sensor = \"eo\"", "sensor = \"eo\"\ngait_model = \"x\"", 30),
            ("purpose = ", "lethal = true\npurpose = ", 10),
        ] {
            let said = error(from, to);
            assert!(said.contains("' names a"), "{said}");
            assert!(said.starts_with(&format!("op.toml:{line}:")), "{said}");
        }
    }

    #[test]
    fn targets_are_vehicles_places_and_persons_that_are_named() {
        let with =
            |target: &str| error("[site]", &format!("[[authority.target]]\n{target}\n[site]"));
        let said = with("name = \"Ana\"\nkind = \"person\"");
        assert!(said.contains("does not name the person 'Ana'"), "{said}");
        assert!(with("name = \" \"\nkind = \"vehicle\"").contains("has no name"));
        let good = GOOD
            .replacen("objects", "persons = [\"Ana\"]\npartners = [\"Guardia\"]\nobjects", 1)
            .replacen("[site]", "[[authority.target]]\nname = \"Ana\"\nkind = \"person\"\n[[authority.target]]\nname = \"White truck\"\nkind = \"vehicle\"\n[site]", 1);
        let op = Operation::parse("op", &good).unwrap();
        assert_eq!(
            (op.authority.targets.len(), op.authority.partners.len()),
            (2, 1)
        );
    }

    #[test]
    fn broken_toml_names_its_line() {
        let e = error("id = \"yard\"", "id = \"yard");
        assert!(e.starts_with("op.toml:23: "), "{e}");
    }

    #[test]
    fn the_schema_names_the_authority() {
        assert!(schema_json().contains("legal_basis"));
    }
}
