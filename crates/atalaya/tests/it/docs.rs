//! Generated parts of docs/ are up to date; `make bless` rewrites them.

use atalaya_model::operation::schema_json;
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}

/// Compares, or writes when asked to.
fn check(name: &str, wanted: &str) {
    if std::env::var_os("ATALAYA_BLESS").is_some() {
        fs::write(path(name), wanted).unwrap();
    }
    let there = fs::read_to_string(path(name)).unwrap_or_default();
    assert!(
        there == wanted,
        "docs/{name} is not up to date: run make bless"
    );
}

#[test]
fn the_schema_of_the_operation_document() {
    check("operation.schema.json", &(schema_json() + "\n"));
}

const BEGIN: &str = "<!-- Made from the schema by `make bless`: do not edit. -->\n";
const END: &str = "<!-- End of what is made. -->\n";

#[test]
fn the_list_of_fields_of_the_operation_document() {
    let text = fs::read_to_string(path("operation.md")).unwrap();
    let (head, rest) = text
        .split_once(BEGIN)
        .expect("the mark where the list begins");
    let (_, tail) = rest.split_once(END).expect("the mark where the list ends");
    let schema: Value = serde_json::from_str(&schema_json()).unwrap();
    check(
        "operation.md",
        &format!("{head}{BEGIN}\n{}{END}{tail}", fields(&schema)),
    );
}

/// How the tables of the document are headed, and the schema's names for them.
const TABLES: [(&str, &str); 15] = [
    ("[authority]", "Authority"),
    ("[[authority.no_look]]", "NoLook"),
    ("[authority] retention", "Retention"),
    ("[[authority.target]]", "Target"),
    ("[site]", "Site"),
    ("[site.reference]", "ReferenceImage"),
    ("[[site.zone]]", "ZoneConfig"),
    ("[[site.zone]] drawn", "DrawnZone"),
    ("[[feed]]", "FeedConfig"),
    ("[[feed]] errors", "SensorErrors"),
    ("[[feed.landmark]]", "Landmark"),
    ("[[feed]] gas", "GasFeed"),
    ("[[feed]] ground", "GroundFeed"),
    ("[[aircraft]]", "AircraftConfig"),
    ("[[rule]]", "Rule"),
];

/// Definitions that are text.
const TEXTS: [&str; 1] = ["FeedSource"];

fn fields(schema: &Value) -> String {
    let mut out = String::new();
    table(&mut out, "top of the document", schema);
    for (title, name) in TABLES {
        table(&mut out, &format!("`{title}`"), &schema["$defs"][name]);
    }
    let defs = schema["$defs"].as_object().unwrap();
    let tables = |name: &str| TABLES.iter().any(|(_, n)| *n == name);
    for (name, def) in defs
        .iter()
        .filter(|(n, _)| !tables(n) && !TEXTS.contains(&n.as_str()))
    {
        let words = def["oneOf"]
            .as_array()
            .unwrap_or_else(|| panic!("'{name}' is neither table nor word"));
        let _ = writeln!(out, "### {name}\n\n{}\n", one_line(&def["description"]));
        for w in words {
            let _ = writeln!(
                out,
                "- `\"{}\"`: {}",
                w["const"].as_str().unwrap(),
                one_line(&w["description"])
            );
        }
        out.push('\n');
    }
    out
}

fn table(out: &mut String, title: &str, def: &Value) {
    let _ = writeln!(out, "### {title}\n\n{}\n", one_line(&def["description"]));
    let _ = writeln!(
        out,
        "| field | value | default | meaning |\n|---|---|---|---|"
    );
    let required = def["required"].as_array().cloned().unwrap_or_default();
    for (name, p) in def["properties"].as_object().unwrap() {
        let default = match &p["default"] {
            _ if required.iter().any(|r| r == name) => "needed".to_owned(),
            Value::Null => String::new(),
            Value::Object(_) => "as listed below".to_owned(),
            v => format!("`{v}`"),
        };
        let _ = writeln!(
            out,
            "| `{name}` | {} | {default} | {} |",
            kind(p),
            one_line(&p["description"])
        );
    }
    out.push('\n');
}

/// What may stand there, in a word or two.
fn kind(p: &Value) -> String {
    if let Some(to) = p["$ref"].as_str() {
        let name = to.rsplit('/').next().unwrap_or_default();
        return if TEXTS.contains(&name) { "text" } else { name }.to_owned();
    }
    if let Some(any) = p["anyOf"].as_array() {
        return any
            .iter()
            .filter(|a| a["type"] != "null")
            .map(kind)
            .collect();
    }
    let of = match &p["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .find(|k| *k != "null")
            .cloned()
            .unwrap_or_default(),
        one => one.clone(),
    };
    match of.as_str().unwrap_or_default() {
        "array" => format!("list of {}", kind(&p["items"])),
        "integer" => "whole number".into(),
        "boolean" => "true or false".into(),
        "string" => "text".into(),
        "object" => "table of text".into(),
        other => other.into(),
    }
}

fn one_line(v: &Value) -> String {
    v.as_str()
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_operations_that_the_documents_show_are_good() {
    for name in ["operation.md", "../README.md"] {
        let text = fs::read_to_string(path(name)).unwrap();
        let (_, rest) = text.split_once("```toml\n").unwrap();
        let (operation, _) = rest.split_once("```").unwrap();
        let operation = atalaya_model::Operation::parse(name, operation).unwrap();
        atalaya_engine::Context::new(operation, atalaya_engine::EngineSettings::default()).unwrap();
    }
}
