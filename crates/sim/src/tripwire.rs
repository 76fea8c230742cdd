//! A tripwire across the gate that speaks SAPIENT.

use crate::world::World;
use atalaya_sapient::{Message, Node, NodeConfig, Value, frame, ulid, wire};

/// File of its messages.
pub const TRIPWIRE_FILE: &str = "wire.sapient";
/// The node's id.
const NODE: &str = "d2a54c1b-7d0f-4b0e-8a57-3f6a1c9e0b11";
/// The wire: from west to east across the gate, metres.
const WIRE: [[f64; 2]; 2] = [[2.0, -20.0], [14.0, -20.0]];
/// One-sigma error of the place that it tells, metres.
const SIGMA_M: f64 = 3.0;
/// Seconds between reports of its state.
const STATUS_S: u32 = 30;
/// Times at which crossings are looked for, seconds apart.
const STEP_S: f64 = 0.1;

/// Somebody went through the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// Seconds since the world's beginning.
    pub t: f64,
    /// Who, in the truth.
    pub id: String,
    /// Where, east and north, metres.
    pub at: [f64; 2],
    /// A vehicle.
    pub vehicle: bool,
}

/// All crossings of a world, in order of time.
pub fn crossings(world: &World) -> Vec<Crossing> {
    let n = (world.options.duration_s / STEP_S) as u64;
    let mut out = Vec::new();
    for k in 1..=n {
        let (before, now) = ((k - 1) as f64 * STEP_S, k as f64 * STEP_S);
        for s in world.truth_at(now) {
            let Some(from) = s.actor.pose(before) else {
                continue;
            };
            let (a, b) = (from.at, s.pose.at);
            let (y, [west, east]) = (WIRE[0][1], [WIRE[0][0], WIRE[1][0]]);
            let through = (a[1] < y) != (b[1] < y);
            let x = 0.5 * (a[0] + b[0]);
            if through && (west..=east).contains(&x) {
                out.push(Crossing {
                    t: now,
                    id: s.actor.id.to_string(),
                    at: [x, y],
                    vehicle: s.actor.kind.is_vehicle(),
                });
            }
        }
    }
    out
}

/// What the tripwire says in a world: registration, state every half minute, detections.
pub fn tripwire_messages(world: &World) -> Vec<Message> {
    let place = |at: [f64; 2]| {
        let (lat, lon) = world.lat_lon(at);
        [lon, lat, world.frame().origin().hae_m]
    };
    let middle = [0.5 * (WIRE[0][0] + WIRE[1][0]), WIRE[0][1]];
    let Some(mut node) = Node::new(NodeConfig {
        id: NODE.into(),
        name: "SIMULATED tripwire at the gate".into(),
        kind: "NODE_TYPE_PROXIMITY_SENSOR".into(),
        at: place(middle),
        status_s: STATUS_S,
        can_look: false,
    }) else {
        return Vec::new();
    };
    let start = world.time_us(0.0);
    let mut out = node.connected(start);
    // The host's answer, as any host gives it.
    let yes = Message::new("SapientMessage").map(|m| {
        m.with_message("registration_ack", |a| {
            a.with("acceptance", Value::Bool(true))
        })
    });
    if let Some(yes) = yes {
        out.extend(node.hear(&wire::encode(&yes), start).1);
    }
    for (i, c) in crossings(world).into_iter().enumerate() {
        let now = world.time_us(c.t);
        let mut due = start;
        while due <= now {
            out.extend(node.tick(due));
            due += i64::from(STATUS_S) * 1_000_000;
        }
        let object = ulid((now / 1000) as u64, i as u128);
        let class = if c.vehicle {
            ("Land vehicle", 0.9)
        } else {
            ("Human", 0.8)
        };
        out.extend(node.detection(now, &object, place(c.at), SIGMA_M, class));
    }
    out.sort_by_key(|m| m.time("timestamp"));
    out
}

/// The same with lengths, as they go over a link.
pub fn tripwire_bytes(world: &World) -> Vec<u8> {
    tripwire_messages(world)
        .iter()
        .flat_map(|m| frame::framed(&wire::encode(m)))
        .collect()
}
