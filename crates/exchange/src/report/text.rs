//! Text from outside made safe, times and durations for people.

use atalaya_model::Micros;

/// Longest text from outside that is shown, characters.
const MAX_TEXT: usize = 500;

/// Escapes text for HTML elements and attributes. Control characters, and those that turn the
/// direction of writing (which can make one name look like another), are left out; what is very
/// long is cut.
pub(crate) fn esc(text: &str) -> String {
    esc_up_to(text, MAX_TEXT)
}

/// The same, cut after `most` characters.
pub(crate) fn esc_up_to(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.chars().enumerate() {
        if i >= most {
            out.push('…');
            break;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' | '\r' => out.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// `2026-11-22`.
pub(crate) fn date(t: Micros) -> String {
    t.to_rfc3339().chars().take(10).collect()
}

/// `05:12:00`.
pub(crate) fn clock(t: Micros) -> String {
    let text = t.to_rfc3339();
    text.get(11..19).map_or(text.clone(), str::to_owned)
}

/// `2026-11-22 05:12:00`.
pub(crate) fn moment(t: Micros) -> String {
    format!("{} {}", date(t), clock(t))
}

/// `11 min 20 s`: the same in both languages. The spaces do not break.
pub(super) fn span(seconds: f64) -> String {
    let s = seconds.clamp(0.0, 1e9).round() as u64;
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{s}\u{a0}s"),
        (0, m, 0) => format!("{m}\u{a0}min"),
        (0, m, s) => format!("{m}\u{a0}min\u{a0}{s}\u{a0}s"),
        (h, 0, _) => format!("{h}\u{a0}h"),
        (h, m, _) => format!("{h}\u{a0}h\u{a0}{m}\u{a0}min"),
    }
}

/// `97 %`, with a space that does not break.
pub(crate) fn percent(p: f64) -> String {
    let v = p.clamp(0.0, 1.0) * 100.0;
    // 100 % and 0 % are said only of what is certain.
    if v > 99.0 && v < 100.0 {
        "&gt;\u{a0}99\u{a0}%".into()
    } else if v > 0.0 && v < 1.0 {
        "&lt;\u{a0}1\u{a0}%".into()
    } else {
        format!("{v:.0}\u{a0}%")
    }
}

/// `40.012345° N, 3.512345° W`.
pub(crate) fn place(lat: f64, lon: f64) -> String {
    let ns = if lat < 0.0 { 'S' } else { 'N' };
    let ew = if lon < 0.0 { 'W' } else { 'E' };
    format!("{:.6}° {ns}, {:.6}° {ew}", lat.abs(), lon.abs())
}

/// Base64 with padding (RFC 4648, clause 4), as data URIs take it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(char::from(DIGITS[(word >> (18 - 6 * i) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(
            esc("<b onclick=\"x\">'&\u{0}\u{202e}\n"),
            "&lt;b onclick=&quot;x&quot;&gt;&#39;&amp; "
        );
        assert_eq!(esc(&"x".repeat(9000)).chars().count(), MAX_TEXT + 1);
    }

    #[test]
    fn base64_pads_as_the_standard_says() {
        // RFC 4648, clause 10.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn times_are_said_plainly() {
        let t = Micros::parse_rfc3339("2026-11-22T05:12:00.250Z").unwrap();
        assert_eq!(moment(t), "2026-11-22 05:12:00");
        assert_eq!(
            [0.4, 59.6, 60.0, 680.0, 3600.0, 7260.0].map(|s| span(s).replace('\u{a0}', " ")),
            ["0 s", "1 min", "1 min", "11 min 20 s", "1 h", "2 h 1 min"]
        );
        assert_eq!(
            [0.0, 0.001, 0.5, 0.997, 1.0].map(|p| percent(p).replace('\u{a0}', " ")),
            ["0 %", "&lt; 1 %", "50 %", "&gt; 99 %", "100 %"]
        );
        assert_eq!(place(-40.5, -3.25), "40.500000° S, 3.250000° W");
        // Beyond the calendar: no panic, and something to read.
        assert!(!moment(Micros::MAX).is_empty() && !clock(Micros::MIN).is_empty());
    }
}
