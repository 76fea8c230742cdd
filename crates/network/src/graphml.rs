//! GraphML out (graphml.graphdrawing.org), as Gephi, yEd, igraph and networkx read it.

use crate::graph::Graph;
use std::fmt::Write as _;
use std::io::{self, Write};

const KEYS: [(&str, &str, &str); 8] = [
    ("name", "node", "string"),
    ("type", "node", "string"),
    ("kind", "edge", "string"),
    ("weight", "edge", "double"),
    ("sightings", "edge", "int"),
    ("first", "edge", "string"),
    ("last", "edge", "string"),
    ("evidence", "edge", "string"),
];

/// Writes a graph; evidence stands as `feed@time` for each reference, with the segment's hash
/// where it is known.
pub fn write(graph: &Graph, mut out: impl Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">"
    )?;
    for (name, of, kind) in KEYS {
        writeln!(
            out,
            "  <key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
        )?;
    }
    writeln!(out, "  <graph id=\"network\" edgedefault=\"undirected\">")?;
    for n in graph.nodes() {
        write!(out, "    <node id=\"{}\">", escaped(&n.id))?;
        data(&mut out, "name", &n.name)?;
        data(&mut out, "type", n.kind.name())?;
        writeln!(out, "</node>")?;
    }
    for l in graph.links() {
        let id = |v: u32| escaped(&graph.nodes()[v as usize].id);
        write!(
            out,
            "    <edge source=\"{}\" target=\"{}\">",
            id(l.a),
            id(l.b)
        )?;
        data(&mut out, "kind", graph.kind(l))?;
        data(&mut out, "weight", &l.weight().to_string())?;
        data(&mut out, "sightings", &l.sightings.len().to_string())?;
        for (key, t) in [("first", l.first()), ("last", l.last())] {
            if let Some(t) = t {
                data(&mut out, key, &t.to_rfc3339())?;
            }
        }
        let mut evidence = String::new();
        for e in l.evidence() {
            if !evidence.is_empty() {
                evidence.push(' ');
            }
            let hash = e.segment.as_deref().unwrap_or("provisional");
            let _ = write!(evidence, "{}@{}/{hash}", e.feed, e.t0);
        }
        if !evidence.is_empty() {
            data(&mut out, "evidence", &evidence)?;
        }
        writeln!(out, "</edge>")?;
    }
    writeln!(out, "  </graph>\n</graphml>")
}

fn data(out: &mut impl Write, key: &str, value: &str) -> io::Result<()> {
    write!(out, "<data key=\"{key}\">{}</data>", escaped(value))
}

/// Text as XML 1.0 can hold it; what it can't hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\n' => made.push_str("&#10;"),
            '\t' => made.push_str("&#9;"),
            '\r' => made.push_str("&#13;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => made.push('\u{fffd}'),
            c => made.push(c),
        }
    }
    made
}
