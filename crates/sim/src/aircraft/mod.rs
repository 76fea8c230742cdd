//! A simulated fixed-wing aircraft whose autopilot speaks MAVLink 2: for rehearsal, so that a plan
//! can be uploaded, read back, started and followed where there is no aircraft.
//!
//! [`Autopilot`] is the protocol's side, handed messages and the time; [`craft`] flies, as a point mass
//! with bank in still air; [`fly_on_udp`] gives both a socket. It flies missions and nothing else: a
//! command that it doesn't know is refused as unsupported, and it has none that acts on anybody.

mod autopilot;
mod craft;
mod udp;

pub use autopilot::Autopilot;
pub use udp::fly_on_udp;
