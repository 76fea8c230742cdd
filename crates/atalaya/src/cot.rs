//! What happens, to a TAK screen: listens to the bus, so that a slow partner slows nobody.

use anyhow::{Context as _, Result};
use atalaya_exchange::cot_out::{AircraftFix, CotSender, CotSource};
use atalaya_model::Operation;
use atalaya_store::{Bus, Heard, Live};
use tokio::runtime::Handle;

/// Starts sending where the operation names an address; ends with the bus.
pub fn start(operation: &Operation, bus: &Bus, runtime: &Handle) -> Result<()> {
    let Some(url) = &operation.cot else {
        return Ok(());
    };
    let source = CotSource {
        operation: operation.id.clone(),
        simulated: operation.simulated,
    };
    let mut sender = CotSender::open(url, source).with_context(|| format!("cot = \"{url}\""))?;
    let mut hear = bus.subscribe();
    runtime.spawn(async move {
        while let Some(heard) = hear.next().await {
            match heard {
                Heard::Message(Live::Frame(f)) => {
                    if let Some(fix) = AircraftFix::from_coverage(&f.coverage) {
                        sender.send_aircraft(&f.feed, &fix, f.t);
                    }
                    for p in &f.tracks {
                        sender.send_track(p, f.t);
                    }
                }
                Heard::Message(Live::Alert { alert, .. }) => sender.send_alert(&alert),
                Heard::Message(_) => {}
                Heard::Lost(n) => tracing::warn!(messages = n, "the TAK sender fell behind"),
            }
        }
    });
    Ok(())
}
