//! The report of a release: one HTML document, without script or network.

use super::package::{Manifest, Originals};
use super::words::{Words, words};
use super::write::Picture;
use crate::report::text::{base64, clock, date, esc, esc_up_to, moment, percent, place};
use atalaya_model::{EventKind, ReleaseLanguage};
use std::fmt::Write;

/// Longest text that a person wrote, characters.
const LONG: usize = 8000;
/// Flags of a translation that are listed.
const MOST_FLAGS: usize = 40;

pub(super) fn html(m: &Manifest, kinds: &[EventKind], pictures: &[&Picture]) -> String {
    let w = words(m.language);
    let mut out = String::with_capacity(64 * 1024);
    // Writing to a string does not fail, here and in the sections.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}{}</title>\n<style>\n{}{}</style>\n</head>\n<body{}>\n<main>\n",
        w.lang,
        if m.simulated {
            format!("{}: ", w.simulated)
        } else {
            String::new()
        },
        esc(&m.title),
        include_str!("../report/style.css"),
        include_str!("style.css"),
        if m.simulated { " class=\"sim\"" } else { "" },
    );
    head(w, m, &mut out);
    let o = m.originals.as_ref();
    let _ = write!(
        out,
        "<section><h2>{}</h2>{}</section>\n<section><h2>{}</h2>{}<p class=\"decided\"><b>{}:</b> {}</p></section>\n",
        w.summary,
        sides(w, o, &m.summary, o.map(|o| o.summary.as_str()), "lead"),
        w.assessment,
        sides(w, o, &m.assessment, o.map(|o| o.assessment.as_str()), ""),
        w.decided,
        w.choice(m.choice),
    );
    events(w, m, kinds, &mut out);
    show_pictures(w, pictures, &mut out);
    left_out(w, m, &mut out);
    basis(w, m, &mut out);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn paragraphs(text: &str, class: &str) -> String {
    text.split('\n')
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|l| format!("<p class=\"{class}\">{}</p>", esc_up_to(l, LONG)))
        .collect()
}

/// A text, or a machine's translation with the original beside it.
fn sides(
    w: &Words,
    o: Option<&Originals>,
    text: &str,
    original: Option<&str>,
    class: &str,
) -> String {
    let (Some(o), Some(original)) = (o, original) else {
        return paragraphs(text, class);
    };
    format!(
        "<div class=\"sides\"><div class=\"machine\"><small>{} · {}</small>{}</div><div lang=\"{}\"><small>{} · {}</small>{}</div></div>",
        w.machine,
        esc(&o.mark.engine),
        paragraphs(text, class),
        words(o.mark.from).lang,
        w.original,
        from(w, o),
        paragraphs(original, class),
    )
}

fn from<'w>(w: &'w Words, o: &Originals) -> &'w str {
    match o.mark.from {
        ReleaseLanguage::En => w.from_en,
        ReleaseLanguage::Es => w.from_es,
    }
}

/// That a machine translated it, and what it could not check.
fn machine(w: &Words, o: &Originals, out: &mut String) {
    let note = w
        .machine_note
        .replacen("{}", &esc(&o.mark.engine), 1)
        .replacen("{}", from(w, o), 1);
    let _ = write!(
        out,
        "<div class=\"translated\"><p><b>{}.</b> {note}</p><p lang=\"{}\"><small>{}: {}</small></p>",
        w.machine,
        words(o.mark.from).lang,
        w.original,
        esc(&o.title),
    );
    if !o.mark.flags.is_empty() {
        let _ = write!(out, "<p><small>{}:</small></p><ul>", w.machine_look);
        for f in o.mark.flags.iter().take(MOST_FLAGS) {
            let _ = write!(out, "<li><small>{}</small></li>", esc(f));
        }
        out.push_str("</ul>");
    }
    out.push_str("</div>");
}

fn head(w: &Words, m: &Manifest, out: &mut String) {
    let badge = if m.simulated {
        format!("<span class=\"badge\">{}</span>", w.simulated)
    } else {
        String::new()
    };
    let _ = write!(
        out,
        "<header><p class=\"kicker\">Atalaya · {} · {}</p><h1>{}{badge}</h1><p class=\"when\"><b>{} UTC</b> · {}</p>",
        w.release,
        esc(&m.operation_name),
        esc(&m.title),
        moment(m.opened_at),
        w.utc_note,
    );
    if m.simulated {
        let _ = write!(out, "<p class=\"simulated\">{}</p>", w.simulated_note);
    }
    if let Some(o) = &m.originals {
        machine(w, o, out);
    }
    let _ = writeln!(
        out,
        "<dl class=\"way\"><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd class=\"mono\">{}</dd></div></dl></header>",
        w.from,
        esc(&m.from),
        w.to,
        esc(&m.to),
        w.number,
        esc(&m.release),
    );
}

fn events(w: &Words, m: &Manifest, kinds: &[EventKind], out: &mut String) {
    let _ = write!(
        out,
        "<section><h2>{}</h2><p class=\"note\">{}</p><table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>",
        w.seen, w.anonymous, w.when, w.what, w.who, w.place, w.probability,
    );
    for (e, kind) in m.events.iter().zip(kinds) {
        let position = match (e.lat, e.lon) {
            (Some(lat), Some(lon)) => format!("<br><small>{}</small>", place(lat, lon)),
            _ => String::new(),
        };
        let _ = write!(
            out,
            "<tr><td>{} {}</td><td>{}</td><td>{}</td><td>{}{position}</td><td>{}</td></tr>",
            date(e.time),
            clock(e.time),
            esc(w.event(*kind)),
            esc(&e.subjects.join(", ")),
            esc(&e.zone),
            percent(e.p),
        );
    }
    out.push_str("</tbody></table></section>\n");
}

fn show_pictures(w: &Words, pictures: &[&Picture], out: &mut String) {
    let _ = write!(out, "<section><h2>{}</h2>", w.pictures);
    if pictures.is_empty() {
        let _ = write!(out, "<p class=\"none\">{}</p>", w.no_pictures);
    }
    out.push_str("<div class=\"pictures\">");
    for p in pictures {
        let frame = match (p.bbox, p.size) {
            (Some(b), Some((width, height))) => format!(
                "<svg viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\"><rect x=\"{:.0}\" y=\"{:.0}\" width=\"{:.0}\" height=\"{:.0}\"/></svg>",
                b.x, b.y, b.w, b.h
            ),
            _ => String::new(),
        };
        let _ = write!(
            out,
            "<figure><div class=\"shot\"><img alt=\"{0} {1}\" src=\"data:image/jpeg;base64,{2}\">{frame}</div><figcaption>{0} · {1} UTC</figcaption></figure>",
            esc(&p.feed),
            moment(p.t),
            base64(&p.jpeg),
        );
    }
    out.push_str("</div></section>\n");
}

fn left_out(w: &Words, m: &Manifest, out: &mut String) {
    let _ = write!(out, "<section><h2>{}</h2><ul class=\"removed\">", w.removed);
    for r in &m.removed {
        let count = if r.count > 0 {
            format!("<b>{}</b> ", r.count)
        } else {
            String::new()
        };
        let _ = write!(out, "<li>{count}{}</li>", esc(&r.why));
    }
    out.push_str("</ul></section>\n");
}

fn basis(w: &Words, m: &Manifest, out: &mut String) {
    let a = &m.authority;
    let _ = write!(out, "<section class=\"authority\"><h2>{}</h2><dl>", w.basis);
    for (name, value) in [
        (w.issuer, &a.issuer),
        (w.reference, &a.reference),
        (w.legal_basis, &a.legal_basis),
        (w.until, &a.valid_until),
        (w.purpose, &a.purpose),
    ] {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", esc(value));
    }
    let _ = write!(
        out,
        "</dl></section>\n<section><h2>{}</h2><p>{}</p><p>{}</p><p>{}</p></section>\n",
        w.handling,
        w.only_purpose,
        w.delete_by.replacen("{}", &date(m.delete_by), 1),
        w.reply.replacen("{}", &m.reply_within_h.to_string(), 1),
    );
}
