//! Counters, as Prometheus text.

use crate::error::ApiError;
use crate::serve::App;
use atalaya_store::FeedCounts;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Messages taken from the bus.
    pub messages: AtomicU64,
    /// Coded pictures among them.
    pub pictures: AtomicU64,
    /// Messages that the relay itself was too slow for.
    pub lost_by_relay: AtomicU64,
    /// Messages that clients were too slow for, all together.
    pub lost_by_clients: AtomicU64,
    /// Bytes of video sent.
    pub video_bytes: AtomicU64,
    /// Live connections now.
    pub clients: AtomicI64,
    /// Stills made.
    pub stills: AtomicU64,
    /// Requests that were refused for want of a role, or for what they asked.
    pub refused: AtomicU64,
    /// Analysed pictures with something of them hidden, and pictures not shown at all.
    pub masked: AtomicU64,
    pub withheld: AtomicU64,
    /// Times that the gate closed before a feed.
    pub gate_closed: AtomicU64,
    /// What became of each feed's frames in its run.
    feeds: Mutex<BTreeMap<String, FeedCounts>>,
}

/// `GET /metrics`: counts only, nothing that was observed.
pub(crate) async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, ApiError> {
    let m = &app.metrics;
    let open = app.store.open_alerts().await?;
    let waiting = app.store.writer().waiting_bytes();
    let mut text = String::new();
    for (name, kind, help, value) in [
        (
            "atalaya_live_messages_total",
            "counter",
            "Messages relayed from the bus.",
            m.messages.load(Relaxed) as i64,
        ),
        (
            "atalaya_live_pictures_total",
            "counter",
            "Coded pictures relayed from the bus.",
            m.pictures.load(Relaxed) as i64,
        ),
        (
            "atalaya_live_lost_by_relay_total",
            "counter",
            "Bus messages the relay was too slow for.",
            m.lost_by_relay.load(Relaxed) as i64,
        ),
        (
            "atalaya_live_lost_by_clients_total",
            "counter",
            "Messages that live clients were too slow for.",
            m.lost_by_clients.load(Relaxed) as i64,
        ),
        (
            "atalaya_live_video_bytes_total",
            "counter",
            "Bytes of video sent to live clients.",
            m.video_bytes.load(Relaxed) as i64,
        ),
        (
            "atalaya_live_clients",
            "gauge",
            "Live connections.",
            m.clients.load(Relaxed),
        ),
        (
            "atalaya_stills_total",
            "counter",
            "Stills made.",
            m.stills.load(Relaxed) as i64,
        ),
        (
            "atalaya_requests_refused_total",
            "counter",
            "Requests refused for want of a role, or because they named an effector or a biometric.",
            m.refused.load(Relaxed) as i64,
        ),
        (
            "atalaya_pictures_masked_total",
            "counter",
            "Analysed pictures of which the authority hides a part.",
            m.masked.load(Relaxed) as i64,
        ),
        (
            "atalaya_pictures_withheld_total",
            "counter",
            "Analysed pictures that the authority does not let be shown at all.",
            m.withheld.load(Relaxed) as i64,
        ),
        (
            "atalaya_gate_closed_total",
            "counter",
            "Times that the gate refused a feed that it had let in.",
            m.gate_closed.load(Relaxed) as i64,
        ),
        (
            "atalaya_alerts_open",
            "gauge",
            "Alerts that nobody has answered.",
            open,
        ),
        (
            "atalaya_store_waiting_bytes",
            "gauge",
            "Bytes submitted to the store and not durable yet.",
            waiting as i64,
        ),
    ] {
        // Writing into a String can't fail.
        let _ = write!(
            text,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"
        );
    }
    m.write_feeds(&mut text);
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

/// `GET /healthz`.
pub(crate) async fn healthz(State(app): State<App>) -> Result<&'static str, ApiError> {
    app.store.users().await?;
    match app.store.writer().trouble() {
        Some(e) => Err(e.into()),
        None => Ok("ok\n"),
    }
}

impl Metrics {
    /// What became of a feed's frames so far.
    pub fn feed(&self, feed: &str, counts: FeedCounts) {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.insert(feed.to_owned(), counts);
    }

    /// One line for each feed and fate of frames.
    fn write_feeds(&self, text: &mut String) {
        let name = "atalaya_feed_frames_total";
        // Writing into a String can't fail.
        let _ = write!(
            text,
            "# HELP {name} What became of a feed's frames (and datagrams) in its run.\n# TYPE {name} counter\n"
        );
        let feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        for (feed, c) in feeds.iter() {
            for (fate, n) in [
                ("decoded", c.frames),
                ("thinned", c.thinned),
                ("shed", c.shed),
                ("analysed", c.analysed),
                ("late", c.late),
                ("early", c.early),
                ("datagram_shed", c.datagrams_shed),
                ("damaged", c.damaged),
            ] {
                let feed = feed.replace('\\', "\\\\").replace('"', "\\\"");
                let _ = writeln!(text, "{name}{{feed=\"{feed}\",fate=\"{fate}\"}} {n}");
            }
        }
    }

    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Relaxed);
    }
}
