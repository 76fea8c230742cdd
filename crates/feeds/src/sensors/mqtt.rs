//! Samples from an MQTT broker (MQTT 3.1.1).
//!
//! With a session the broker keeps what is published while we are away, and each message until we have
//! recorded it (quality of service 1: at least once). What then comes twice is left out.

use super::LONGEST;
use super::live::{Arrival, Inlet, POLL};
use atalaya_model::operation::Broker;
use rumqttc::{Client, Event, MqttOptions, Packet, Publish, QoS, RecvTimeoutError};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// Between two attempts to connect.
const AGAIN: Duration = Duration::from_secs(1);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Requests of ours that may wait: subscriptions and acknowledgements.
const REQUESTS: usize = 2048;
/// While messages wait for their acknowledgement it is looked so often whether they are recorded.
const SOON: Duration = Duration::from_millis(2);
/// Messages that are kept in mind to know them again: more than a broker has under way, or waiting for
/// a publisher that says again what it does not know to be received.
const KNOWN: usize = 8192;

/// Knows messages again by their bytes. A sample has its time in it: the same bytes are the same sample.
#[derive(Debug, Default)]
pub(super) struct Known {
    set: BTreeSet<[u8; 16]>,
    order: VecDeque<[u8; 16]>,
}

impl Known {
    /// Was it there before? From now on it is.
    pub fn again(&mut self, topic: &str, message: &[u8]) -> bool {
        let hash = Sha256::new()
            .chain_update(topic.as_bytes())
            .chain_update([0])
            .chain_update(message)
            .finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        if !self.set.insert(key) {
            return true;
        }
        self.order.push_back(key);
        if self.order.len() > KNOWN
            && let Some(old) = self.order.pop_front()
        {
            self.set.remove(&old);
        }
        false
    }
}

/// Messages that are acknowledged when they are recorded, in the order in which they came.
#[derive(Default)]
struct Unacknowledged {
    waiting: VecDeque<(u64, Publish)>,
    given: u64,
}

impl Unacknowledged {
    fn acknowledge(&mut self, done: u64, client: &Client) {
        while self.waiting.front().is_some_and(|(n, _)| *n <= done) {
            let Some((n, publish)) = self.waiting.pop_front() else {
                return;
            };
            if client.try_ack(&publish).is_err() {
                // No room for it now.
                self.waiting.push_front((n, publish));
                return;
            }
        }
    }
}

/// Fetches until it is to stop; a lost connection is made again.
pub(super) fn fetch(broker: &Broker, feed: &str, inlet: &Inlet) {
    let Broker {
        host, port, topic, ..
    } = broker;
    let id = match &broker.session {
        Some(name) => name.clone(),
        None => format!("atalaya-{feed}-{}", std::process::id()),
    };
    let mut options = MqttOptions::new(id, host, *port);
    options.set_keep_alive(KEEP_ALIVE);
    options.set_max_packet_size(2 * LONGEST, 2 * LONGEST);
    options.set_clean_session(broker.session.is_none());
    options.set_manual_acks(true);
    let (client, mut connection) = Client::new(options, REQUESTS);
    let mut known = Known::default();
    let mut unacknowledged = Unacknowledged::default();
    let mut lost = false;
    while !inlet.stopped() {
        unacknowledged.acknowledge(inlet.done(), &client);
        let wait = if unacknowledged.waiting.is_empty() {
            POLL
        } else {
            SOON
        };
        match connection.recv_timeout(wait) {
            Ok(Ok(Event::Incoming(Packet::ConnAck(_)))) => {
                // A broker that was killed may have forgotten us, session or not.
                if client.try_subscribe(topic, QoS::AtLeastOnce).is_ok() {
                    lost = false;
                    inlet.say(Arrival::Connected);
                }
            }
            Ok(Ok(Event::Incoming(Packet::Publish(p)))) => {
                let mut n = unacknowledged.given;
                if known.again(&p.topic, &p.payload) {
                    inlet.doubled();
                } else if inlet.message(p.payload.to_vec()) {
                    n += 1;
                    unacknowledged.given = n;
                }
                // What is left out is acknowledged with the one before it.
                unacknowledged.waiting.push_back((n, p));
            }
            Ok(Ok(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Err(e)) => {
                // The broker sends these again, under other numbers.
                unacknowledged.waiting.clear();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_known_again_for_a_while() {
        let mut known = Known::default();
        assert!(!known.again("a", b"1"));
        assert!(!known.again("b", b"1"), "of another sensor");
        assert!(known.again("a", b"1"));
        for i in 0..2 * KNOWN {
            assert!(!known.again("a", format!("x{i}").as_bytes()));
        }
        assert_eq!((known.set.len(), known.order.len()), (KNOWN, KNOWN));
        assert!(!known.again("a", b"1"), "it is long ago");
    }
}
