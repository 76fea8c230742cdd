//! The report a commander reads: what happened, when, what it looked like, where, and what was not
//! seen.
//!
//! [`html`] is a function of its input: no clock, no unordered map, the same bytes each time. The
//! page needs neither script nor network: styles and drawings are inline, pictures are `data:`
//! URIs, and its own content policy forbids anything else. What comes from outside is escaped and
//! bounded; what does not fit is counted, with the name of the file that has it all.

mod alerts;
mod events;
mod input;
mod labels;
mod map;
mod page;
mod stills;
mod summary;
pub(crate) mod text;
mod timeline;
mod unseen;
mod visits;
mod words;

pub use input::{Footprint, ReportFeed, ReportGate, ReportInput, ReportTrack, Still, StillKey};
pub use stills::wanted_stills;
pub use words::Language;

use page::Page;
use std::fmt::Write;

/// One self-contained HTML document in the reader's language, for screens and for A4.
pub fn html(input: &ReportInput<'_>) -> String {
    let page = Page::new(input);
    let w = page.w;
    let mut out = String::with_capacity(64 * 1024);
    // Writing to a string does not fail, here and in the sections.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}{} – {}</title>\n<style>\n{}</style>\n</head>\n<body{}>\n<main>\n",
        w.lang,
        if input.operation.simulated {
            format!("{}: ", w.simulated)
        } else {
            String::new()
        },
        text::esc(&input.operation.name),
        w.report,
        include_str!("style.css"),
        if input.operation.simulated {
            " class=\"sim\""
        } else {
            ""
        },
    );
    stills::library(&page, &mut out);
    summary::head(&page, &mut out);
    summary::summary(&page, &mut out);
    summary::authority(&page, &mut out);
    alerts::section(&page, &mut out);
    timeline::section(&page, &mut out);
    map::section(&page, &mut out);
    events::section(&page, &mut out);
    unseen::section(&page, &mut out);
    unseen::evidence(&page, &mut out);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}
