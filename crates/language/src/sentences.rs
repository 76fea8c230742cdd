use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

#[allow(clippy::expect_used, reason = "a constant pattern")]
static END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"[.?!…]+["'”»)\]]*\s+["'“«(\[¿¡]*[\p{Lu}\p{N}¿¡]|\t+"#).expect("a pattern of ours")
});

/// Short forms after which a full stop ends nothing.
const SHORT: [&str; 30] = [
    "sr", "sra", "srta", "dr", "dra", "lic", "ing", "cap", "cmdte", "cdte", "gral", "tte", "sgto",
    "prof", "av", "avda", "núm", "num", "pág", "art", "exp", "tel", "mr", "mrs", "ms", "st", "lt",
    "capt", "sgt", "vs",
];

/// The sentences (and cells, between tabs) of a line, blanks between them left out. No end falls into `whole` (sorted), and none
/// is longer than `limit` bytes if there is a blank or an entity's end to cut at.
pub(crate) fn sentences(line: &str, whole: &[Range<usize>], limit: usize) -> Vec<Range<usize>> {
    let inside = |at: usize| {
        let k = whole.partition_point(|w| w.end <= at);
        whole.get(k).is_some_and(|w| w.start < at)
    };
    let mut cuts = Vec::new();
    for m in END.find_iter(line) {
        let text = m.as_str();
        let Some(blank) = text.find(char::is_whitespace) else {
            continue;
        };
        let at = m.start() + blank;
        let word = line[..m.start()]
            .rsplit(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or("");
        let short = text.starts_with('.')
            && (word.chars().count() == 1 || SHORT.contains(&word.to_lowercase().as_str()));
        if !inside(at) && !short {
            cuts.push(at);
        }
    }
    cuts.push(line.len());
    let mut out = Vec::new();
    let mut start = 0;
    for cut in cuts {
        while cut - start > limit {
            let mut room = start + limit;
            while !line.is_char_boundary(room) {
                room -= 1;
            }
            let blank = line[start..room]
                .char_indices()
                .rev()
                .map(|(i, c)| (start + i, c))
                .find(|(i, c)| *i > start && c.is_whitespace() && !inside(*i));
            // Without a blank the text is no text: the engine refuses it, and says so.
            let Some((at, _)) = blank else { break };
            push(line, start..at, &mut out);
            start = at;
        }
        push(line, start..cut, &mut out);
        start = cut;
    }
    out
}

fn push(line: &str, span: Range<usize>, out: &mut Vec<Range<usize>>) {
    let text = &line[span.clone()];
    let start = span.start + (text.len() - text.trim_start().len());
    let end = span.start + text.trim_end().len();
    if start < end {
        out.push(start..end);
    }
}
