//! Samples from an MQTT broker (MQTT 3.1.1).

use super::LONGEST;
use super::live::{Arrival, Inlet, POLL};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS, RecvTimeoutError};
use std::time::Duration;

/// Between two attempts to connect.
const AGAIN: Duration = Duration::from_secs(1);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Requests of ours that may wait: subscriptions.
const REQUESTS: usize = 10;

/// Fetches until it is to stop; a lost connection is made again.
pub(super) fn fetch((host, port, topic): (&str, u16, &str), feed: &str, inlet: &Inlet) {
    let id = format!("atalaya-{feed}-{}", std::process::id());
    let mut options = MqttOptions::new(id, host, port);
    options.set_keep_alive(KEEP_ALIVE);
    options.set_max_packet_size(2 * LONGEST, 2 * LONGEST);
    let (client, mut connection) = Client::new(options, REQUESTS);
    let mut lost = false;
    while !inlet.stopped() {
        match connection.recv_timeout(POLL) {
            Ok(Ok(Event::Incoming(Packet::ConnAck(_)))) => {
                // The broker forgets us with each connection.
                if client.try_subscribe(topic, QoS::AtLeastOnce).is_ok() {
                    lost = false;
                    inlet.say(Arrival::Connected);
                }
            }
            Ok(Ok(Event::Incoming(Packet::Publish(p)))) => inlet.message(p.payload.to_vec()),
            Ok(Ok(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Err(e)) => {
                if !std::mem::replace(&mut lost, true) {
                    inlet.say(Arrival::Lost(format!("mqtt://{host}:{port}: {e}")));
                }
                inlet.pause(AGAIN);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let _ = client.try_disconnect();
}
