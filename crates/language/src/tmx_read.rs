//! Translation Memory eXchange 1.4b (LISA OSCAR, 2005-04-26) in: units that have Spanish and English.

use crate::Language;
use crate::memory::MACHINE;
use crate::tmx::ORIGIN;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Most units of a file.
const MOST_UNITS: usize = 50_000;
/// Most elements inside each other.
const DEEPEST: usize = 64;
/// Longest segment, bytes; what is longer is no sentence.
const LONGEST: usize = 16 * 1024;

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a TMX file that can be read: {0}")]
pub struct TmxError(String);

/// A pair of sentences of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TmxUnit {
    /// Language of the source.
    pub from: Language,
    /// The sentence.
    pub source: String,
    /// Its translation.
    pub target: String,
    /// Who the file says has made it; may be empty.
    pub author: String,
}

/// What a file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TmxRead {
    /// Pairs, in the order of the file.
    pub units: Vec<TmxUnit>,
    /// Units without both Spanish and English, or with an empty or overlong segment.
    pub others: usize,
    /// Units that the file itself says a machine has made: never taken.
    pub machine: usize,
}

/// Reads a file. Codes inside sentences (bold, tags of a format) are left out, the words between stay.
/// Document types are refused; nothing is fetched or expanded.
pub fn read_tmx(bytes: &[u8]) -> Result<TmxRead, TmxError> {
    let text = decoded(bytes)?;
    let bad = |e: &dyn std::fmt::Display| TmxError(e.to_string());
    let mut reader = Reader::from_str(&text);
    let mut read = TmxRead::default();
    let mut state = State::default();
    let mut seen = false;
    let mut depth = 0usize;
    loop {
        match reader.read_event().map_err(|e| bad(&e))? {
            Event::DocType(d) => {
                // The declaration that the standard asks for has nothing inside.
                let inside: &str = d.as_ref();
                if inside.contains('[') || inside.contains("ENTITY") {
                    return Err(bad(
                        &"its document type declares things; remove the declaration",
                    ));
                }
            }
            Event::Start(e) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(bad(&"its elements stand too deep in each other"));
                }
                seen |= e.local_name().as_ref() == "tmx";
                state.open(&e);
            }
            Event::Empty(e) if e.local_name().as_ref() == "header" => {
                state.srclang = attribute(&e, "srclang");
            }
            Event::Text(t) => state.text(t.as_ref()),
            Event::CData(t) => state.text(t.as_ref()),
            Event::GeneralRef(r) => match r.resolve_char_ref().map_err(|e| bad(&e))? {
                Some(c) => state.text(c.encode_utf8(&mut [0; 4])),
                None => {
                    let name: &str = r.as_ref();
                    let known = quick_xml::escape::resolve_predefined_entity(name)
                        .ok_or_else(|| bad(&format!("the entity '{name}' is unknown")))?;
                    state.text(known);
                }
            },
            Event::End(e) => {
                depth = depth.saturating_sub(1);
                if e.local_name().as_ref() == "tu" {
                    if read.units.len() >= MOST_UNITS {
                        return Err(bad(&format!(
                            "it has more than {MOST_UNITS} pairs; split it"
                        )));
                    }
                    state.unit(&mut read);
                } else {
                    state.close(e.local_name().as_ref());
                }
            }
            Event::Empty(e) => seen |= e.local_name().as_ref() == "tmx",
            Event::Eof => break,
            _ => {}
        }
    }
    if !seen {
        return Err(bad(&"there is no tmx element in it"));
    }
    Ok(read)
}

/// The file's text: UTF-8, or UTF-16 with its byte order mark, as many programs write it.
fn decoded(bytes: &[u8]) -> Result<String, TmxError> {
    let wide = |of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(|p| of([p[0], p[1]]))
            .collect();
        String::from_utf16(&units).map_err(|_| TmxError("it is not UTF-16 throughout".into()))
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => {
            let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            String::from_utf8(bare.to_vec())
                .map_err(|_| TmxError("it is not UTF-8 or UTF-16; save it as UTF-8".into()))
        }
    }
}

#[derive(Default)]
struct State {
    /// Of the file.
    srclang: Option<String>,
    /// Of the unit.
    unit_srclang: Option<String>,
    author: String,
    machine: bool,
    variants: Vec<(Language, String)>,
    /// Of the variant: its language, where it is one of the two.
    language: Option<Language>,
    segment: Option<String>,
    in_segment: bool,
    /// How deep inside elements whose content is code.
    code: usize,
    in_origin: bool,
}

impl State {
    fn open(&mut self, e: &BytesStart<'_>) {
        match e.local_name().as_ref() {
            "header" => self.srclang = attribute(e, "srclang"),
            "tu" => {
                *self = Self {
                    srclang: self.srclang.take(),
                    unit_srclang: attribute(e, "srclang"),
                    author: attribute(e, "creationid")
                        .or_else(|| attribute(e, "changeid"))
                        .unwrap_or_default(),
                    ..Self::default()
                };
                self.machine = self.author.starts_with(MACHINE);
            }
            "prop" => self.in_origin = attribute(e, "type").as_deref() == Some(ORIGIN),
            "tuv" => {
                let tag = attribute(e, "xml:lang").or_else(|| attribute(e, "lang"));
                self.language = tag.as_deref().and_then(language);
                self.segment = None;
            }
            "seg" => {
                self.in_segment = true;
                self.segment = Some(String::new());
            }
            "bpt" | "ept" | "ph" | "it" | "ut" if self.in_segment => self.code += 1,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_origin {
            self.machine |= text.trim() == "machine";
        }
        if !self.in_segment || self.code > 0 {
            return;
        }
        if let Some(s) = &mut self.segment
            && s.len() <= LONGEST
        {
            s.push_str(text);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "prop" => self.in_origin = false,
            "seg" => {
                self.in_segment = false;
                self.code = 0;
            }
            "bpt" | "ept" | "ph" | "it" | "ut" => self.code = self.code.saturating_sub(1),
            "tuv" => {
                if let (Some(l), Some(s)) = (self.language.take(), self.segment.take()) {
                    self.variants.push((l, s));
                }
            }
            _ => {}
        }
    }

    fn unit(&mut self, read: &mut TmxRead) {
        let of = |l: Language| {
            let found = self.variants.iter().find(|(v, _)| *v == l);
            let text = found.map_or("", |(_, s)| s.trim());
            (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
        };
        let (Some(es), Some(en)) = (of(Language::Es), of(Language::En)) else {
            read.others += 1;
            return;
        };
        if self.machine {
            read.machine += 1;
            return;
        }
        // What the unit or the file calls its source; where that is all languages, the first one.
        let said = [&self.unit_srclang, &self.srclang];
        let from = said
            .into_iter()
            .flatten()
            .find_map(|tag| language(tag))
            .or_else(|| self.variants.first().map(|v| v.0))
            .unwrap_or(Language::Es);
        let (source, target) = match from {
            Language::Es => (es, en),
            Language::En => (en, es),
        };
        let author = self.author.chars().take(200).collect();
        read.units.push(TmxUnit {
            from,
            source,
            target,
            author,
        });
    }
}

/// The language of a tag of BCP 47, whatever its region.
fn language(tag: &str) -> Option<Language> {
    match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
        "es" | "spa" => Some(Language::Es),
        "en" | "eng" => Some(Language::En),
        _ => None,
    }
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = e.try_get_attribute(name).ok()??;
    let text = quick_xml::escape::unescape(&found.value).ok()?;
    Some(text.into_owned())
}
