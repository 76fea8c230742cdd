//! Writes the report of an operation that never was, to look at: `sample_report OUT [JPEG…]`.
//!
//! The pictures are shown in turn where the report wants one; they stand for 640x360 frames.

#![allow(clippy::unwrap_used, reason = "sample data are known to be good")]

#[path = "../tests/it/sample.rs"]
mod sample;

use atalaya_exchange::report::{Language, Still, html, wanted_stills};
use std::path::Path;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let out = args.next().unwrap_or_else(|| ".".into());
    let pictures: Vec<Vec<u8>> = args.map(std::fs::read).collect::<Result<_, _>>()?;
    let mut s = sample::sample();
    for (i, (feed, frame, _)) in wanted_stills(&s.alerts, &s.events).into_iter().enumerate() {
        if let Some(jpeg) = pictures.get(i % pictures.len().max(1)) {
            let still = Still {
                jpeg: jpeg.clone(),
                size: (640, 360),
                frame_size: (640, 360),
            };
            s.stills.insert((feed, frame), still);
        }
    }
    for (language, name) in [
        (Language::En, "report.html"),
        (Language::Es, "informe.html"),
    ] {
        std::fs::write(Path::new(&out).join(name), html(&s.input(language)))?;
    }
    Ok(())
}
