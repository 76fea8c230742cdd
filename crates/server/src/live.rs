//! One client of the live relay. A client that is too slow loses messages, is told how many, and
//! gets pictures again from the next key frame on; it never holds up anybody else.

use crate::auth::Caller;
use crate::frames::{Body, ClientMessage, Message};
use crate::metrics::Metrics;
use crate::relay::{Out, Picture};
use crate::serve::App;
use axum::extract::State;
use axum::extract::ws::{Message as Ws, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::broadcast::error::RecvError;

/// Pause between ticks.
const TICK: Duration = Duration::from_secs(2);
/// A client that takes nothing for so long is gone.
const STALLED: Duration = Duration::from_secs(30);
/// Longest message from a client, bytes.
const LONGEST: usize = 4096;

/// `GET /api/v1/live`.
pub(crate) async fn live(State(app): State<App>, _: Caller, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .max_message_size(LONGEST)
        .on_upgrade(move |socket| async move {
            app.metrics.clients.fetch_add(1, Relaxed);
            let metrics = app.metrics.clone();
            // An error means that the client is gone, which is no news.
            let _ = Client::new(app, socket).run().await;
            metrics.clients.fetch_sub(1, Relaxed);
        })
}

/// What a client wants of one feed.
#[derive(Clone, Debug, Default)]
struct Wish {
    wanted: bool,
    /// Pictures are sent from the next key frame on.
    running: bool,
    /// The codec it was told.
    codec: Option<String>,
}

struct Client {
    app: App,
    socket: WebSocket,
    feeds: Vec<String>,
    wishes: Vec<Wish>,
}

/// The client is gone.
struct Gone;

impl Client {
    fn new(app: App, socket: WebSocket) -> Self {
        let feeds: Vec<String> = app.operation.feeds.iter().map(|f| f.id.clone()).collect();
        Self {
            wishes: vec![Wish::default(); feeds.len()],
            app,
            socket,
            feeds,
        }
    }

    async fn run(mut self) -> Result<(), Gone> {
        let (states, mut rx) = self.app.hub.listen();
        let feeds = self.feeds.clone();
        self.say(Body::Hello { feeds }).await?;
        for state in states {
            self.send(Ws::Text(state)).await?;
        }
        let mut tick = tokio::time::interval(TICK);
        let mut stop = self.app.stop.clone();
        loop {
            tokio::select! {
                out = rx.recv() => match out {
                    Ok(out) => self.pass(out).await?,
                    Err(RecvError::Lagged(n)) => self.lost(n).await?,
                    // The relay has been stopped, which is another way to hear of the end.
                    Err(RecvError::Closed) => return self.send(Ws::Close(None)).await,
                },
                heard = self.socket.recv() => match heard {
                    Some(Ok(Ws::Text(text))) => self.heard(&text).await?,
                    Some(Ok(Ws::Close(_)) | Err(_)) | None => return Ok(()),
                    Some(Ok(_)) => {}
                },
                _ = tick.tick() => {
                    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                    let server_us = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
                    self.say(Body::Tick { server_us }).await?;
                }
                _ = stop.changed() => {
                    return self.send(Ws::Close(None)).await;
                }
            }
        }
    }

    async fn pass(&mut self, out: Out) -> Result<(), Gone> {
        match out {
            Out::Text(text) => self.send(Ws::Text(text)).await,
            Out::Video(picture) => self.picture(&picture).await,
        }
    }

    async fn picture(&mut self, p: &Picture) -> Result<(), Gone> {
        let ix = usize::from(p.feed);
        let Some(wish) = self.wishes.get_mut(ix).filter(|w| w.wanted) else {
            return Ok(());
        };
        wish.running |= p.key;
        if !wish.running {
            return Ok(());
        }
        if p.codec.is_some() && wish.codec != p.codec {
            wish.codec.clone_from(&p.codec);
            let feed = self.feeds.get(ix).cloned().unwrap_or_default();
            let codec = p.codec.clone().unwrap_or_default();
            self.say(Body::Video { feed, codec }).await?;
        }
        let sent = p.bytes.len() as u64;
        self.send(Ws::Binary(p.bytes.clone())).await?;
        Metrics::add(&self.app.metrics.video_bytes, sent);
        Ok(())
    }

    async fn lost(&mut self, messages: u64) -> Result<(), Gone> {
        Metrics::add(&self.app.metrics.lost_by_clients, messages);
        for wish in &mut self.wishes {
            wish.running = false;
        }
        self.say(Body::Lost { messages }).await
    }

    async fn heard(&mut self, text: &str) -> Result<(), Gone> {
        let message: ClientMessage = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(e) => {
                let error =
                    format!("not understood: {e}; say {{\"subscribe\":{{\"video\":[\"feed\"]}}}}");
                return self.say(Body::Refused { error }).await;
            }
        };
        let wanted = message.subscribe.video;
        if let Some(unknown) = wanted.iter().find(|w| !self.feeds.contains(w)) {
            let error = format!(
                "there is no feed '{unknown}'; feeds are: {}",
                self.feeds.join(", ")
            );
            return self.say(Body::Refused { error }).await;
        }
        for (feed, wish) in self.feeds.iter().zip(&mut self.wishes) {
            let now = wanted.contains(feed);
            if now != wish.wanted {
                *wish = Wish {
                    wanted: now,
                    ..Wish::default()
                };
            }
        }
        Ok(())
    }

    async fn say(&mut self, body: Body) -> Result<(), Gone> {
        self.send(Ws::Text(Message::text(body).into())).await
    }

    async fn send(&mut self, message: Ws) -> Result<(), Gone> {
        match tokio::time::timeout(STALLED, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}
