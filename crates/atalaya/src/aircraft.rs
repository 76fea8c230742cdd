//! Aircraft that say where they are, to the bus: a thread each, that only listens.

use anyhow::{Context as _, Result};
use atalaya_feeds::aircraft::AircraftFeed;
use atalaya_mav::Key;
use atalaya_model::operation::AircraftConfig;
use atalaya_store::{Bus, Live, LiveAircraft};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a wait for a position lasts before the end is looked for.
const WAIT: Duration = Duration::from_millis(250);
/// Positions are passed on no more often than this.
const EVERY: Duration = Duration::from_millis(200);
/// How long a broken link rests before it is opened again.
const REST: Duration = Duration::from_secs(2);

/// Listens until it is dropped.
pub struct Listening(Arc<AtomicBool>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Begins to listen; a link that can't be opened, or a key that is none, is said at once.
pub fn listen(all: &[AircraftConfig], base: &Path, bus: &Bus) -> Result<Listening> {
    let over = Arc::new(AtomicBool::new(false));
    for a in all {
        let key = match &a.sign_key {
            Some(path) => {
                let path = base.join(path);
                let content = std::fs::read(&path)
                    .with_context(|| format!("can't read {}; check the path", path.display()))?;
                Some(Key::parse(&content).with_context(|| path.display().to_string())?)
            }
            None => None,
        };
        let open = {
            let (link, system) = (a.link.clone(), a.system);
            move || AircraftFeed::open(&link, system, key.clone())
        };
        let feed = open().with_context(|| format!("aircraft '{}'", a.id))?;
        let (id, bus, over) = (a.id.clone(), bus.clone(), over.clone());
        std::thread::spawn(move || follow(&id, feed, &open, &bus, &over));
    }
    Ok(Listening(over))
}

fn follow(
    id: &str,
    mut feed: AircraftFeed,
    open: &dyn Fn() -> Result<AircraftFeed, atalaya_feeds::aircraft::AircraftError>,
    bus: &Bus,
    over: &AtomicBool,
) {
    let mut said: Option<Instant> = None;
    let mut system = None;
    while !over.load(Ordering::Relaxed) {
        match feed.next(WAIT) {
            Ok(Some(report)) => {
                // Without a number in the document it is the first that was heard.
                let first = *system.get_or_insert(report.system);
                if first != report.system || said.is_some_and(|s| s.elapsed() < EVERY) {
                    continue;
                }
                said = Some(Instant::now());
                bus.publish(Live::Aircraft(LiveAircraft {
                    id: id.to_owned(),
                    system: report.system,
                    state: Arc::new(report.state),
                    battery: report.telemetry.battery,
                    armed: report.telemetry.armed,
                    item: report.telemetry.item,
                }));
            }
            Ok(None) => {}
            Err(e) => {
                tracing::warn!("aircraft '{id}': {e}; opening it again");
                std::thread::sleep(REST);
                if let Ok(again) = open() {
                    feed = again;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

    use super::*;
    use atalaya_mav::Writer;
    use atalaya_mav::common::{GLOBAL_POSITION_INT_DATA, MavMessage};
    use atalaya_store::Heard;
    use std::net::UdpSocket;

    fn named(link: String, sign_key: Option<&str>) -> AircraftConfig {
        AircraftConfig {
            id: "eagle".into(),
            link,
            system: None,
            sign_key: sign_key.map(Into::into),
            plan: None,
        }
    }

    #[tokio::test]
    async fn positions_reach_the_bus() {
        let port = UdpSocket::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let bus = Bus::default();
        let mut hear = bus.subscribe();
        let _listening = listen(
            &[named(format!("udpin:{port}"), None)],
            Path::new("."),
            &bus,
        );
        let from = UdpSocket::bind("127.0.0.1:0").unwrap();
        let m = MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
            lat: 400_000_000,
            lon: -35_000_000,
            alt: 900_000,
            ..GLOBAL_POSITION_INT_DATA::default()
        });
        from.send_to(&Writer::new(6, 1, None).frame(&m, 0), port)
            .unwrap();
        let Some(Heard::Message(Live::Aircraft(a))) = hear.next().await else {
            panic!("something else was said");
        };
        assert_eq!(
            (a.id.as_str(), a.system, a.state.height_m),
            ("eagle", 6, Some(900.0))
        );
    }

    #[test]
    fn what_cannot_be_listened_to_is_said_at_once() {
        let fails = |a: AircraftConfig| {
            let e = listen(&[a], Path::new("/nowhere"), &Bus::default());
            format!("{:#}", e.err().unwrap())
        };
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let taken = format!("udpin:{}", taken.local_addr().unwrap());
        let said = fails(named(taken, None));
        assert!(said.starts_with("aircraft 'eagle': udpin:"), "{said}");
        let said = fails(named("udpin:127.0.0.1:0".into(), Some("eagle.key")));
        assert!(said.contains("can't read /nowhere/eagle.key"), "{said}");
    }
}
