//! SubRip subtitles: numbered blocks of a time span and text.

/// A block.
#[derive(Debug, PartialEq)]
pub(super) struct Block<'a> {
    /// Where its time span begins, seconds.
    pub(super) from_s: f64,
    /// Its text, line by line.
    pub(super) lines: Vec<&'a str>,
    /// The line of the file on which the span stands, from 1.
    pub(super) line: usize,
}

/// The blocks of a file. What stands before a block's time span is passed over.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut all: Vec<Block<'_>> = Vec::new();
    let mut open = false;
    for (n, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{feff}');
        if let Some(from_s) = span(line) {
            open = true;
            all.push(Block {
                from_s,
                lines: Vec::new(),
                line: n + 1,
            });
        } else if line.is_empty() {
            open = false;
        } else if let (true, Some(block)) = (open, all.last_mut()) {
            block.lines.push(line);
        }
    }
    all
}

/// The beginning of `00:00:01,000 --> 00:00:02,000`, seconds.
fn span(line: &str) -> Option<f64> {
    let (from, to) = line.split_once("-->")?;
    seconds(to.trim())?;
    seconds(from.trim())
}

/// `hh:mm:ss,mmm`, with a point too.
fn seconds(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let mut whole = || parts.next()?.parse::<u32>().ok();
    let (hours, minutes) = (whole()?, whole()?);
    let rest: f64 = parts.next()?.replace(',', ".").parse().ok()?;
    let fits =
        parts.next().is_none() && hours < 1000 && minutes < 60 && (0.0..60.0).contains(&rest);
    fits.then(|| f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_with_their_times_whatever_the_line_ends_are() {
        let text = "\u{feff}1\r\n00:00:00,033 --> 00:00:00,066\r\na\r\nb\r\n\r\n2\r\n01:02:03.5 --> 01:02:04.5\r\nc";
        let all = blocks(text);
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].from_s, &all[0].lines[..]), (0.033, &["a", "b"][..]));
        assert_eq!((all[1].from_s, all[1].line), (3723.5, 7));
        assert_eq!(blocks("no --> times\n1\n2"), []);
        assert_eq!(span("00:61:00,0 --> 00:62:00,0"), None);
    }
}
