//! Translation Memory eXchange 1.4b (LISA OSCAR, 2005-04-26), level 1.

use crate::Memory;
use crate::memory::Entry;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The property that says that no person has seen a unit.
pub(crate) const ORIGIN: &str = "x-atalaya-origin";

impl Memory {
    /// Writes what holds (the last correction of each sentence) as TMX 1.4.
    pub fn write_tmx(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut last: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (n, e) in self.entries().iter().enumerate() {
            last.insert((e.from.code(), &e.source), n);
        }
        let mut holds: Vec<usize> = last.into_values().collect();
        holds.sort_unstable();
        write_tmx(holds.into_iter().map(|n| &self.entries()[n]), out)
    }
}

/// Writes pairs as TMX 1.4. What a machine made carries the property `x-atalaya-origin` = `machine`.
pub fn write_tmx<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut w = Writer::new_with_indent(out, b' ', 1);
    w.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    w.write_event(Event::Start(
        BytesStart::new("tmx").with_attributes([("version", "1.4")]),
    ))?;
    w.write_event(Event::Empty(BytesStart::new("header").with_attributes([
        ("creationtool", "atalaya"),
        ("creationtoolversion", env!("CARGO_PKG_VERSION")),
        ("segtype", "sentence"),
        ("o-tmf", "memory/1"),
        ("adminlang", "en"),
        ("srclang", "*all*"),
        ("datatype", "plaintext"),
    ])))?;
    w.write_event(Event::Start(BytesStart::new("body")))?;
    for e in entries {
        unit(&mut w, e)?;
    }
    w.write_event(Event::End(BytesEnd::new("body")))?;
    w.write_event(Event::End(BytesEnd::new("tmx")))?;
    writeln!(w.get_mut())
}

fn unit(w: &mut Writer<&mut dyn Write>, e: &Entry) -> io::Result<()> {
    let author = clean(&e.author);
    let mut tu = BytesStart::new("tu");
    tu.push_attribute(("srclang", e.from.code()));
    tu.push_attribute(("creationid", author.as_str()));
    if let Some(t) = e.time {
        // YYYYMMDDThhmmssZ, ISO 8601 basic format as TMX wants it.
        let date: String = t
            .to_rfc3339()
            .chars()
            .take(19)
            .filter(|c| !"-:".contains(*c))
            .collect();
        tu.push_attribute(("creationdate", format!("{date}Z").as_str()));
    }
    w.write_event(Event::Start(tu))?;
    if e.is_machine() {
        w.write_event(Event::Start(
            BytesStart::new("prop").with_attributes([("type", ORIGIN)]),
        ))?;
        w.write_event(Event::Text(BytesText::new("machine")))?;
        w.write_event(Event::End(BytesEnd::new("prop")))?;
    }
    for (language, text) in [(e.from, &e.source), (e.to, &e.target)] {
        w.write_event(Event::Start(
            BytesStart::new("tuv").with_attributes([("xml:lang", language.code())]),
        ))?;
        w.write_event(Event::Start(BytesStart::new("seg")))?;
        w.write_event(Event::Text(BytesText::new(&clean(text))))?;
        w.write_event(Event::End(BytesEnd::new("seg")))?;
        w.write_event(Event::End(BytesEnd::new("tuv")))?;
    }
    w.write_event(Event::End(BytesEnd::new("tu")))
}

/// Without what XML 1.0 has no place for.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}
