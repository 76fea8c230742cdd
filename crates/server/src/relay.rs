//! From the bus to the clients: every message is put into words once, whoever listens.

use crate::aircraft::AircraftView;
use crate::alerts::AlertView;
use crate::emission::EmissionView;
use crate::frames::{Body, DrawnView, FrameView, HEAD, Message, video_head};
use crate::metrics::Metrics;
use crate::tracks::PointView;
use atalaya_model::FeedStatus;
use atalaya_store::{AccessUnit, Heard, Lineage, Live, LiveFrame, Store, Subscription};
use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// Messages that a client may be behind.
const BEHIND: usize = 1024;

/// A message as the clients get it.
#[derive(Clone, Debug)]
pub(crate) enum Out {
    /// To everybody.
    Text(Utf8Bytes),
    /// To those who asked for the feed.
    Video(Arc<Picture>),
}

/// A coded picture with its head.
#[derive(Debug)]
pub(crate) struct Picture {
    pub feed: u16,
    pub key: bool,
    pub codec: Option<String>,
    pub bytes: Bytes,
}

/// What of a feed is said again to those who come later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    State,
    Counts,
    Clocks,
    Emission,
    Aircraft,
}

/// Where clients listen.
#[derive(Debug)]
pub(crate) struct Hub {
    tx: broadcast::Sender<Out>,
    /// The latest state and counts of each feed, for those who come later.
    states: Mutex<BTreeMap<(String, Said), Utf8Bytes>>,
    /// The latest estimate of each gas feed.
    emissions: Mutex<BTreeMap<String, EmissionView>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            tx: broadcast::Sender::new(BEHIND),
            states: Mutex::default(),
            emissions: Mutex::default(),
        }
    }
}

impl Hub {
    /// Remembers the latest word about a feed.
    fn remember(&self, feed: String, what: Said, text: &Utf8Bytes) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.insert((feed, what), text.clone());
    }

    /// The latest estimate of each gas feed.
    pub fn emissions(&self) -> Vec<EmissionView> {
        let maps = self
            .emissions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        maps.values().cloned().collect()
    }

    /// Listens from now on; first come the latest states.
    pub fn listen(&self) -> (Vec<Utf8Bytes>, broadcast::Receiver<Out>) {
        let rx = self.tx.subscribe();
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        (states.values().cloned().collect(), rx)
    }
}

/// Runs until nobody can speak on the bus any more (or the task is aborted).
pub(crate) async fn relay(
    mut bus: Subscription,
    hub: Arc<Hub>,
    store: Store,
    metrics: Arc<Metrics>,
    feeds: Vec<String>,
) {
    let mut names = Names {
        store,
        lineages: BTreeMap::new(),
    };
    while let Some(heard) = bus.next().await {
        let live = match heard {
            Heard::Message(live) => live,
            Heard::Lost(n) => {
                metrics.lost_by_relay.fetch_add(n, Relaxed);
                tracing::warn!("the live relay was too slow for {n} messages of the bus");
                let text = Message::text(Body::Lost { messages: n });
                // Nobody listening is no failure.
                let _ = hub.tx.send(Out::Text(text.into()));
                continue;
            }
        };
        metrics.messages.fetch_add(1, Relaxed);
        let out = match live {
            Live::Video(au) => {
                metrics.pictures.fetch_add(1, Relaxed);
                match feeds.iter().position(|f| *f == au.feed) {
                    Some(ix) => picture(ix, &au),
                    None => continue,
                }
            }
            Live::Status {
                feed,
                run,
                t,
                status,
            } => {
                if matches!(status, FeedStatus::Refused { .. }) {
                    metrics.gate_closed.fetch_add(1, Relaxed);
                }
                let text: Utf8Bytes = Message::text(Body::Status {
                    run,
                    feed: feed.clone(),
                    t_us: t.0,
                    status,
                })
                .into();
                hub.remember(feed, Said::State, &text);
                Out::Text(text)
            }
            Live::Counts {
                feed,
                run,
                t,
                counts,
            } => {
                metrics.feed(&feed, counts);
                let text: Utf8Bytes = Message::text(Body::Counts {
                    run,
                    feed: feed.clone(),
                    t_us: t.0,
                    counts: counts.into(),
                })
                .into();
                hub.remember(feed, Said::Counts, &text);
                Out::Text(text)
            }
            Live::Clocks {
                feed,
                run,
                t,
                faults,
            } => {
                let text: Utf8Bytes = Message::text(Body::Clocks {
                    run,
                    feed: feed.clone(),
                    t_us: t.0,
                    faults,
                })
                .into();
                hub.remember(feed, Said::Clocks, &text);
                Out::Text(text)
            }
            Live::Emission { run, map } => {
                let (feed, view) = (map.feed.clone(), EmissionView::of(run, &map));
                hub.emissions
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(feed.clone(), view.clone());
                let text: Utf8Bytes = Message::text(Body::Emission(Box::new(view))).into();
                hub.remember(feed, Said::Emission, &text);
                Out::Text(text)
            }
            Live::Aircraft(a) => {
                let Some(view) = AircraftView::of(&a) else {
                    continue;
                };
                let text: Utf8Bytes = Message::text(Body::Aircraft(Box::new(view))).into();
                hub.remember(a.id, Said::Aircraft, &text);
                Out::Text(text)
            }
            other => match names
                .body({
                    count_masked(&metrics, &other);
                    other
                })
                .await
            {
                Some(body) => Out::Text(Message::text(body).into()),
                None => continue,
            },
        };
        let _ = hub.tx.send(out);
    }
}

fn count_masked(metrics: &Metrics, live: &Live) {
    let Live::Frame(frame) = live else { return };
    match frame.masked {
        Some(share) if share >= 1.0 => metrics.withheld.fetch_add(1, Relaxed),
        Some(share) if share > 0.0 => metrics.masked.fetch_add(1, Relaxed),
        _ => 0,
    };
}

fn picture(ix: usize, au: &AccessUnit) -> Out {
    let feed = u16::try_from(ix).unwrap_or(u16::MAX);
    let mut bytes = Vec::with_capacity(HEAD + au.bytes.len());
    bytes.extend_from_slice(&video_head(feed, au.key, au.pts_90k));
    bytes.extend_from_slice(&au.bytes);
    Out::Video(Arc::new(Picture {
        feed,
        key: au.key,
        codec: au.codec.clone(),
        bytes: bytes.into(),
    }))
}

/// The names that tracks have after splits and merges.
struct Names {
    store: Store,
    lineages: BTreeMap<String, Lineage>,
}

/// Runs whose names are remembered.
const MOST_RUNS: usize = 64;

impl Names {
    async fn body(&mut self, live: Live) -> Option<Body> {
        Some(match live {
            Live::Frame(frame) => Body::Frame(Box::new(self.frame(&frame).await)),
            Live::Event { run, event } => Body::Event { run, event },
            Live::Alert { run, alert } => Body::Alert(Box::new(AlertView {
                key: format!("{run}~{}", alert.id),
                run,
                alert: Arc::unwrap_or_clone(alert),
            })),
            Live::Note(note) => Body::Note { note },
            Live::TrackEdit(edit) => {
                self.lineages.remove(&edit.run);
                Body::TrackEdit { edit }
            }
            Live::Purged { t, what } => Body::Purged {
                at_us: t.0,
                what: what.into(),
            },
            Live::Status { .. }
            | Live::Counts { .. }
            | Live::Clocks { .. }
            | Live::Emission { .. }
            | Live::Aircraft(_)
            | Live::Video(_) => {
                return None;
            }
        })
    }

    async fn frame(&mut self, f: &LiveFrame) -> FrameView {
        if !self.lineages.contains_key(&f.run) {
            let lineage = self.store.lineage(&f.run).await.unwrap_or_else(|e| {
                tracing::error!("{e}");
                Lineage::default()
            });
            if self.lineages.len() >= MOST_RUNS {
                self.lineages.pop_first();
            }
            self.lineages.insert(f.run.clone(), lineage);
        }
        let lineage = self.lineages.get(&f.run);
        let view = |p: &atalaya_model::TrackPoint| {
            let original = p.track.to_string();
            let name = lineage.map_or(original.as_str(), |l| l.name(&original, f.t.0));
            PointView::of(name.to_owned(), f.t, p)
        };
        FrameView {
            tracks: f.tracks.iter().map(view).collect(),
            run: f.run.clone(),
            feed: f.feed.clone(),
            frame: f.frame,
            t_us: f.t.0,
            pts_90k: f.pts_90k,
            width: f.width,
            height: f.height,
            coverage: f.coverage.clone(),
            masked: f.masked,
            drawn: f
                .drawn
                .iter()
                .map(|(zone, outline)| DrawnView {
                    zone: zone.clone(),
                    outline: outline.clone(),
                })
                .collect(),
        }
    }
}
