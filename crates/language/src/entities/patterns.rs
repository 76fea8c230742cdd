//! What is found by its shape. The order of the patterns decides: the more particular come first.
//!
//! Plates: Spain (Real Decreto 2822/1998, annex XVIII: four digits and three consonants; before 2000
//! province, digits, letters), Mexico (NOM-001-SCT-2-2016), Colombia (Resolución 2999 of 2003: three
//! letters and three digits), and letters with digits behind a word that says it is a plate. Positions:
//! MGRS and UTM as in NGA.STND.0037.

use super::{EntityKind, Taken, words};
use crate::Language;
use crate::check::apart;
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

struct Pattern {
    kind: EntityKind,
    /// The entity is the first group where there is one, else all.
    regex: Regex,
    fits: fn(&str) -> bool,
}

/// Kind, pattern, what else must be true of the text.
type Row = (EntityKind, String, fn(&str) -> bool);

fn any(_: &str) -> bool {
    true
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn phone(text: &str) -> bool {
    (7..=15).contains(&digits(text))
}

fn letters_and_digits(text: &str) -> bool {
    digits(text) > 0 && text.chars().any(char::is_alphabetic)
}

fn parts(text: &str) -> bool {
    digits(text) > 0 && text.contains(['/', '-', '_', ':']) && !text.starts_with('-')
}

/// Latitude and longitude, not two sums.
fn degrees(text: &str) -> bool {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|n| n.parse::<f64>().ok());
    let first = numbers.next().is_some_and(|n| n <= 180.0);
    first && numbers.next().is_none_or(|n| n <= 180.0)
}

const DMS: &str = concat!(
    r#"(?:[NSEWO]\s?)?[-+−]?\d{1,3}\s?[°º]\s?\d{1,2}(?:[.,]\d+)?\s?['′’´]"#,
    r#"(?:\s?\d{1,2}(?:[.,]\d+)?\s?(?:["″”]|''|′′|’’|´´))?(?:\s?[NSEWO]\b)?"#
);
const NUMBER: &str = r"[-+−]?(?:\d{1,3}(?:[.,'\u{a0}\u{202f}]\d{3})+(?:[.,]\d+)?|\d+(?:[.,/]\d+)*)";
const UNITS: &str = concat!(
    r"(?:km/h|m/s|kg/h|g/s|l/min|km²|km2|m²|m2|m³|m3|km|cm|mm|µm|m|ha|kg|mg|µg|g|t|l|L|ml|hl|°C|ºC|°F|°|º|%|‰|",
    r"kWh|kW|MW|mV|kV|kHz|MHz|GHz|Hz|hPa|kPa|MPa|Pa|bar|ppm|ppbv|ppb|min|hrs|h|ms|s|mph|kn|kt|kts|nm|NM|mi|",
    r"ft|lb|lbs|oz|gal|px|kB|MB|GB|TB)"
);
/// Words that say that a plate follows.
const PLATE_BEFORE: &str = concat!(
    r"\b(?i:placas?|matr[ií]culas?|plates?|patente|registration|reg\.)",
    r"(?i:\s(?:n[úu]m(?:ero)?|number|no|n\.?º)\.?)?\s*:?\s*"
);
const MONEY: &str = r"(?:US\$|MX\$|[$€£]|USD|EUR|MXN|COP|GBP)";
const MONTH_LETTERS: &str = "(?:JAN|ENE|FEB|MAR|APR|ABR|MAY|JUN|JUL|AUG|AGO|SEP|OCT|NOV|DEC|DIC)";

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    use EntityKind::{Coordinate, Phone, Plate, Quantity, Reference, Time};
    let clock =
        r"(?:\s?(?:horas\b)?(?:hrs?\b|hs\b|h\b|Z\b|UTC\b|GMT\b|[AaPp]\.\s?[Mm]\.|[AaPp][Mm]\b))";
    let rows: Vec<Row> = vec![
        (Reference, r"(?:https?|ftp|rtsp|udp|mailto):[^\s<>]*[^\s<>.,;:!?)\]]".into(), any),
        (Reference, r"[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.\p{L}{2,}".into(), any),
        (Reference, r"\bwww\.[^\s<>]*[^\s<>.,;:!?)\]]".into(), any),
        (Reference, r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?".into(), any),
        (Coordinate, format!(r"{DMS}(?:\s*[,;/]?\s*){DMS}"), any),
        (Coordinate, DMS.into(), any),
        (
            Coordinate,
            r"[-+−]?\d{1,3}[.,]\d+\s?°?\s?[NS]\b\s*[,;/]?\s*[-+−]?\d{1,3}[.,]\d+\s?°?\s?[EWO]\b".into(),
            any,
        ),
        (Coordinate, r"[-+−]?\d{1,3}[.,]\d+\s?°\s?[NSEWO]\b".into(), any),
        (Coordinate, r"[-+−]?\d{1,3}[.,]\d{3,}\s?[NSEWO]\b".into(), any),
        (
            Coordinate,
            r"[-+−]?\d{1,3}\.\d{3,}\s?°?\s*[,;/ ]\s*[-+−]?\d{1,3}\.\d{3,}\s?°?".into(),
            degrees,
        ),
        (Coordinate, r"[-+−]?\d{1,3},\d{4,}\s*[;/ ]\s*[-+−]?\d{1,3},\d{4,}".into(), any),
        (
            Coordinate,
            r"(?i)\b(?:lat|lon|lng|latitude?|longitude?|latitud|longitud)\b\.?\s*[:=]?\s*([-+−]?\d{1,3}[.,]\d+\s?°?)".into(),
            any,
        ),
        (
            Coordinate,
            r"\b\d{1,2}\s?[C-HJ-NP-X]\s+\d{5,7}(?:[.,]\d+)?\s?(?:m\s?)?E?\s*[, ]\s*\d{6,8}(?:[.,]\d+)?(?:\s?m\b)?(?:\s?N\b)?".into(),
            any,
        ),
        (
            Coordinate,
            r"\b\d{1,2}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?(?:\d{10}|\d{8}|\d{6}|\d{4}|\d{5}\s\d{5}|\d{4}\s\d{4}|\d{3}\s\d{3}|\d\d\s\d\d)\b".into(),
            any,
        ),
        (
            Time,
            r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?(?:Z\b|UTC\b|[+-]\d{2}:?\d{2}))?)?".into(),
            any,
        ),
        (Time, format!(r"\b\d{{6}}[A-Z]\s?{MONTH_LETTERS}\s?\d{{2,4}}\b"), any),
        (Time, r"\b\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})\b".into(), any),
        (Time, r"\b\d{4}/\d{1,2}/\d{1,2}\b".into(), any),
        (Time, r"\b[0-3]?\d-[01]?\d-(?:19|20)\d{2}\b".into(), any),
        (Time, r"\b[0-3]?\d\.[01]?\d\.(?:19|20)\d{2}\b".into(), any),
        (Time, format!(r"\b\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?{clock}?"), any),
        (Time, r"\b(?:[01]?\d|2[0-4])\s?(?:[AaPp]\.\s?[Mm]\.|[AaPp][Mm]\b)".into(), any),
        (Time, r"\b(?:[01]?\d|2[0-3])h[0-5]\d\b".into(), any),
        (Time, r"\b(?:[01]?\d|2[0-3])\.[0-5]\d\s?(?:hrs?|h)\b".into(), any),
        (Time, r"\b(?:[01]\d|2[0-3])[0-5]\d(?:Z|\s?(?:hrs?|h))\b".into(), any),
        (
            Plate,
            format!(r"{PLATE_BEFORE}((?:[A-Z]{{1,4}}|\d{{1,4}})(?:[ -]?(?:[A-Z]{{1,3}}|\d{{1,4}})){{1,3}})\b"),
            plate_like,
        ),
        // In lower case a letter may be the next word: "y", "a".
        (
            Plate,
            format!(r"{PLATE_BEFORE}([a-z]{{2,4}}[ -]?\d{{2,4}}(?:[ -][b-df-hj-np-tv-xz]\b)?|\d{{2,4}}[ -]?[a-z]{{3}})\b"),
            plate_like,
        ),
        (
            Phone,
            r"(?i)\b(?:tel(?:[ée]fono)?s?|m[óo]vil|celular|cel|phone|mobile|whatsapp|llam\p{L}+|call(?:ed|s)?)\b\.?(?:\s(?:n[úu]m(?:ero)?|number|no|al?|el|del)\b\.?){0,2}\s*:?\s*(\+?\(?\d[\d .()-]{5,18}\d)\b".into(),
            phone,
        ),
        (Phone, r"\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}".into(), phone),
        (Phone, r"\(\d{2,4}\)\s?\d{3,4}[ .-]?\d{3,4}".into(), phone),
        (Plate, r"\b\d{4}[ -]?[B-DF-HJ-NP-TV-Z]{3}\b".into(), any),
        (Plate, r"\b[A-Z]{1,2}-\d{4}-[A-Z]{1,2}\b".into(), any),
        (Plate, r"\b[A-Z]{3}[- ]?\d{3}-?[A-Z]\b".into(), any),
        (Plate, r"\b[A-Z]{3}-\d{2}-\d{2}\b".into(), any),
        (Plate, r"\b[A-Z]{3}[- ]?\d{3,4}\b".into(), any),
        (Plate, r"\b[A-Z]\d{2}-[A-Z]{3}\b|\b\d{3}-?[A-Z]{3}\b".into(), any),
        (Plate, r"\b[A-Z]{2}-?\d{2}-?\d{3}\b|\b[A-Z]{2}-\d{4,5}-?[A-Z]?\b".into(), any),
        (Plate, r"\b\d{2}-?[A-Z]{2}-?\d[A-Z]\b|\b[A-Z]{3}[ -]?\d{2}[A-Z]\b".into(), any),
        (Phone, r"\b\d{2,3}[ .-]\d{3,4}[ .-]\d{4}\b".into(), phone),
        (Phone, r"\b\d{3}[ .-]\d{2}[ .-]\d{2}[ .-]\d{2}\b".into(), phone),
        (Phone, r"\b\d{2}(?:[ .-]\d{2}){3,4}\b|\b\d{3}[ -]\d{3}[ -]\d{3}\b".into(), phone),
        (Phone, r"\b\d{3}[ -]\d{4}\b|\b[3-9]\d{8,9}\b".into(), phone),
        (Quantity, format!(r"{MONEY}\s?{NUMBER}(?:\s?(?:USD|EUR|MXN|COP|GBP)\b)?"), any),
        (Quantity, format!(r"{NUMBER}\s?(?:[-–]\s?{NUMBER}\s?)?{UNITS}"), any),
        (Quantity, format!(r"{NUMBER}\s?(?:[€£]|USD\b|EUR\b|MXN\b|COP\b|GBP\b)"), any),
        (Quantity, r"\b\d+(?:st|nd|rd|th|[ºª]|\.[ºª]|er|ra|do|da|ro|to|ta)\b".into(), any),
        (Reference, r"[\p{L}\d](?:[\p{L}\d_/.:+#-]*[\p{L}\d])?".into(), letters_and_digits),
        (Reference, r"\d+(?:[/_:-]\d+)+".into(), parts),
        (Quantity, NUMBER.into(), any),
    ];
    rows.into_iter()
        .map(|(kind, text, fits)| Pattern {
            kind,
            #[allow(
                clippy::expect_used,
                reason = "constant patterns, all compiled by any test"
            )]
            regex: Regex::new(&text).expect("a pattern of ours"),
            fits,
        })
        .collect()
});

/// Behind a word that says plate: digits, and capitals where there are letters ("placas de Sonora").
fn plate_like(text: &str) -> bool {
    digits(text) >= 2 && text.len() >= 4
}

static DATES: LazyLock<[(Language, Regex); 3]> = LazyLock::new(|| {
    let es = "(enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre)";
    let en =
        "(January|February|March|April|May|June|July|August|September|October|November|December)";
    #[allow(clippy::expect_used, reason = "constant patterns")]
    let regex = |text: String| Regex::new(&text).expect("a pattern of ours");
    [
        (
            Language::Es,
            regex(format!(
                r"(?i)\b(?P<d>\d{{1,2}})(?:º|°)? de (?P<m>{es})(?: del? (?P<y>\d{{4}}))?\b|\b(?P<m2>{es}) del? (?P<y2>\d{{4}})\b"
            )),
        ),
        (
            Language::En,
            regex(format!(
                r"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{en})(?:,? (?P<y>\d{{4}}))?\b"
            )),
        ),
        (
            Language::En,
            regex(format!(
                r"\b(?P<m>{en}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:, ?(?P<y>\d{{4}})| (?P<y2>\d{{4}}))?\b|\b(?P<m2>{en}) (?P<y3>\d{{4}})\b"
            )),
        ),
    ]
});

/// Marks what is found by shape; afterwards no digit is free.
pub(super) fn find(text: &str, language: Language, taken: &mut Taken) {
    if text.bytes().any(|b| b.is_ascii_digit()) {
        for (_, regex) in DATES.iter().filter(|(l, _)| *l == language) {
            each(regex, text, |c, span| {
                let group =
                    |names: &[&str]| names.iter().find_map(|n| c.name(n)).map(|m| m.as_str());
                let other = group(&["m", "m2"]).and_then(|month| {
                    words::date(group(&["d"]), month, group(&["y", "y2", "y3"]), language)
                });
                if taken.take(span, EntityKind::Time, other) {
                    Next::Taken
                } else {
                    Next::Word
                }
            });
        }
    }
    for p in PATTERNS.iter() {
        each(&p.regex, text, |_, span| {
            let fits = (p.fits)(&text[span.clone()]);
            if fits && taken.take(span, p.kind, None) {
                Next::Taken
            } else if p.kind == EntityKind::Reference {
                // These take all of a chain of words at once: to begin again in its midst is only slow.
                Next::Past
            } else {
                Next::Word
            }
        });
    }
    leftovers(text, taken);
}

/// Digits that no pattern took (touched by an entity, or of another script) with what they touch.
fn leftovers(text: &str, taken: &mut Taken) {
    let mut start = None;
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let free = i < text.len() && !taken.marks[i];
        let part = free && (c.is_alphanumeric());
        match (start, part) {
            (None, true) => start = Some(i),
            (Some(s), false) => {
                if text[s..i].chars().any(char::is_numeric) {
                    taken.take(s..i, EntityKind::Reference, None);
                }
                start = None;
            }
            _ => {}
        }
    }
}

/// Where the search goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Behind what was taken.
    Taken,
    /// At the word after the one in which the match began.
    Word,
    /// Behind the match.
    Past,
}

/// Every match with nothing alphanumeric beside it; after one that was not taken the search goes on
/// with the next word.
fn each(regex: &Regex, text: &str, mut take: impl FnMut(&Captures<'_>, Range<usize>) -> Next) {
    let mut at = 0;
    while at < text.len() {
        let Some(c) = regex.captures_at(text, at) else {
            return;
        };
        let Some(whole) = c.get(0) else { return };
        let span = match c.iter().nth(1).flatten() {
            // Named groups are parts of dates, whose entity is all.
            Some(g) if c.name("m").is_none() && c.name("m2").is_none() => g.range(),
            _ => whole.range(),
        };
        let span = trimmed(text, span);
        let next = if apart(text, span.start, span.end) {
            take(&c, span.clone())
        } else {
            Next::Word
        };
        at = match next {
            Next::Taken => span.end,
            Next::Past => whole.end(),
            Next::Word => {
                let rest = &text[whole.start()..];
                let word = rest
                    .find(|c: char| !c.is_alphanumeric())
                    .unwrap_or(rest.len());
                whole.start() + word
            }
        };
        at = at.max(whole.start() + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = &text[span.clone()];
    let start = span.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}
