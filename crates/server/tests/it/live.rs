//! The live relay.

use crate::client::{Post, RUN, alert, point};
use atalaya_model::{Coverage, FeedStatus, Micros, TimeFault, TimeScale};
use atalaya_store::{AccessUnit, FeedCounts, Live, LiveFrame};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

type Socket = WebSocketStream<TcpStream>;

async fn connect(post: &Post) -> Socket {
    let stream = TcpStream::connect(post.address()).await.unwrap();
    let url = format!("ws://{}/api/v1/live", post.address());
    client_async(url, stream).await.unwrap().0
}

/// The next message that is no tick.
async fn hear(socket: &mut Socket) -> Message {
    loop {
        let message = socket.next().await.unwrap().unwrap();
        match &message {
            Message::Text(text) if text.contains(r#""type":"tick""#) => {}
            _ => return message,
        }
    }
}

async fn words(socket: &mut Socket) -> Value {
    match hear(socket).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("no text: {other:?}"),
    }
}

async fn say(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
}

/// Asks for pictures, and waits until the server has understood: a wrong word after it is refused
/// in order.
async fn subscribe(socket: &mut Socket, feeds: &str) {
    say(socket, &format!(r#"{{"subscribe":{{"video":[{feeds}]}}}}"#)).await;
    say(socket, "?").await;
    assert_eq!(words(socket).await["type"], "refused");
}

fn picture(feed: &str, pts: i64, key: bool, size: usize) -> Live {
    Live::Video(Arc::new(AccessUnit {
        feed: feed.into(),
        run: RUN.into(),
        pts_90k: pts,
        key,
        codec: key.then(|| "avc1.640028".into()),
        bytes: vec![7; size],
    }))
}

fn frame(pts: i64) -> Live {
    Live::Frame(Arc::new(LiveFrame {
        feed: "eo".into(),
        run: RUN.into(),
        frame: 5,
        t: Micros(42),
        pts_90k: pts,
        width: 1280,
        height: 720,
        masked: None,
        drawn: Vec::new(),
        coverage: Coverage {
            frame: 5,
            footprint: None,
            footprint_lon_lat: None,
            sensor: None,
            tracking: true,
            ..Coverage::default()
        },
        tracks: vec![point(17, 5)],
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_told_to_all_who_listen_now_or_later_and_counted() {
    let post = Post::start().await;
    let counts = |shed| Live::Counts {
        feed: "eo".into(),
        run: RUN.into(),
        t: Micros(7),
        counts: FeedCounts {
            frames: 100,
            shed,
            analysed: 100 - shed,
            late: 2,
            ..FeedCounts::default()
        },
    };
    let mut early = connect(&post).await;
    assert_eq!(words(&mut early).await["type"], "hello");
    post.bus.publish(counts(1));
    post.bus.publish(counts(4));
    for shed in [1, 4] {
        let told = words(&mut early).await;
        assert_eq!(
            (&told["type"], &told["feed"]),
            (&json!("counts"), &json!("eo"))
        );
        assert_eq!(
            (&told["t_us"], &told["counts"]["shed"]),
            (&json!(7), &json!(shed))
        );
    }
    // Who comes later is told the latest, once.
    let mut late = connect(&post).await;
    assert_eq!(words(&mut late).await["type"], "hello");
    assert_eq!(words(&mut late).await["counts"]["shed"], 4);
    let metrics = post.get("/metrics").await.body;
    for (fate, n) in [
        ("decoded", 100),
        ("shed", 4),
        ("analysed", 96),
        ("late", 2),
        ("early", 0),
    ] {
        let line = format!("\natalaya_feed_frames_total{{feed=\"eo\",fate=\"{fate}\"}} {n}\n");
        assert!(metrics.contains(&line), "{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_and_pictures_are_relayed() {
    let post = Post::start().await;
    let status = |status| Live::Status {
        feed: "eo".into(),
        run: RUN.into(),
        t: Micros(1),
        status,
    };
    let mut early = connect(&post).await;
    assert_eq!(
        words(&mut early).await,
        json!({"schema":"live/1","type":"hello","feeds":["eo","ir"]})
    );
    post.bus
        .publish(status(FeedStatus::Failed { why: "gone".into() }));
    let told = json!({"schema":"live/1","type":"status","run":"r1","feed":"eo","t_us":1,"status":"failed","why":"gone"});
    assert_eq!(words(&mut early).await, told);
    // Its clocks disagree.
    post.bus.publish(Live::Clocks {
        feed: "eo".into(),
        run: RUN.into(),
        t: Micros(2),
        faults: vec![TimeFault::Received {
            ahead_us: 18_000_000,
            scale: TimeScale::of(18_100_000),
        }],
    });
    let clocks = json!({"schema":"live/1","type":"clocks","run":"r1","feed":"eo","t_us":2,
        "faults":[{"kind":"received","ahead_us":18_000_000,"scale":"gps"}]});
    assert_eq!(words(&mut early).await, clocks);
    // Who comes later is told what holds.
    let mut late = connect(&post).await;
    assert_eq!(words(&mut late).await["type"], "hello");
    assert_eq!(words(&mut late).await, told);
    assert_eq!(words(&mut late).await, clocks);

    subscribe(&mut early, r#""ir""#).await;
    post.bus.publish(picture("eo", 1, true, 10));
    post.bus.publish(picture("ir", 2, false, 10));
    post.bus.publish(picture("ir", -3, true, 2));
    assert_eq!(
        words(&mut early).await,
        json!({"schema":"live/1","type":"video","feed":"ir","codec":"avc1.640028"})
    );
    let Message::Binary(bytes) = hear(&mut early).await else {
        panic!("no picture");
    };
    assert_eq!(
        &bytes[..],
        [
            1, 1, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd, 7, 7
        ]
    );

    post.bus.publish(frame(77));
    let live = words(&mut early).await;
    assert_eq!(
        (&live["pts_90k"], &live["tracks"][0]["track"]),
        (&json!(77), &json!("A17"))
    );
    post.bus.publish(Live::Alert {
        run: RUN.into(),
        alert: Arc::new(alert(1)),
    });
    assert_eq!(words(&mut early).await["key"], "r1~long-stay-A1");
    // The one who did not ask for pictures got none.
    assert_eq!(words(&mut late).await["type"], "frame");
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_of_one_are_heard_by_all() {
    let post = Post::start().await;
    post.write(vec![crate::client::run(), crate::client::stored(1)]);
    let mut other = connect(&post).await;
    words(&mut other).await;
    post.post("/api/v1/alerts/r1~long-stay-A1/reject", r#"{"text":"no"}"#)
        .await;
    assert_eq!(words(&mut other).await["alert"]["state"], "rejected");
    post.post("/api/v1/notes", r#"{"kind":"fault","t_us":1,"text":"x"}"#)
        .await;
    assert_eq!(words(&mut other).await["note"]["text"], "x");
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_slow_is_told_and_goes_on_with_the_next_key_frame() {
    let post = Post::start().await;
    let mut slow = connect(&post).await;
    words(&mut slow).await;
    subscribe(&mut slow, r#""eo""#).await;
    let mut quick = connect(&post).await;
    words(&mut quick).await;
    // Far more than sockets and queues hold, while the slow one does not listen. The quick one
    // hears each alert between them before the next is said, so that the relay itself keeps up.
    post.bus.publish(picture("eo", 0, true, 100));
    for n in 0..1500 {
        post.bus.publish(picture("eo", n, false, 100_000));
        post.bus.publish(Live::Alert {
            run: RUN.into(),
            alert: Arc::new(alert(n)),
        });
        let heard = words(&mut quick).await;
        assert_eq!(
            heard["alert"]["id"],
            format!("long-stay-A{n}"),
            "the quick one is not held up"
        );
    }
    let mut lost = 0;
    let mut keys_after = Vec::new();
    post.bus.publish(picture("eo", 5000, false, 100));
    post.bus.publish(picture("eo", 9000, true, 100));
    while keys_after.is_empty() {
        match hear(&mut slow).await {
            Message::Text(text) => {
                let value: Value = serde_json::from_str(&text).unwrap();
                if value["type"] == "lost" {
                    lost += value["messages"].as_u64().unwrap();
                }
            }
            Message::Binary(bytes) => {
                let pts = i64::from_be_bytes(bytes[4..12].try_into().unwrap());
                assert_ne!(pts, 5000, "no picture that can't be decoded");
                if lost > 0 {
                    assert_eq!(bytes[1], 1, "the first after a loss is a key frame");
                    keys_after.push(pts);
                }
            }
            _ => {}
        }
    }
    assert!(lost > 0);
    assert_eq!(keys_after, [9000]);
    let metrics = post.get("/metrics").await.body;
    assert!(
        metrics.contains(&format!("\natalaya_live_lost_by_clients_total {lost}\n")),
        "{metrics}"
    );
    assert!(metrics.contains("\natalaya_live_clients 2\n"), "{metrics}");
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_are_refused_and_the_end_is_said() {
    let post = Post::start().await;
    let mut socket = connect(&post).await;
    words(&mut socket).await;
    say(&mut socket, r#"{"subscribe":{"video":["xx"]}}"#).await;
    assert_eq!(
        words(&mut socket).await["error"],
        "there is no feed 'xx'; feeds are: eo, ir"
    );
    say(&mut socket, r#"{"unsubscribe":1}"#).await;
    let refused = words(&mut socket).await["error"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(refused.starts_with("not understood: "), "{refused}");
    post.server.shutdown().await;
    // The clock may still tick before the end is said.
    let end = loop {
        match socket.next().await {
            Some(Ok(Message::Text(_))) => {}
            other => break other,
        }
    };
    assert!(matches!(end, Some(Ok(Message::Close(_)))), "{end:?}");
}
