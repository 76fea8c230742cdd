//! Events of tracks at zones, and the zone rule on a real recording.

mod meva;
mod sensed;
mod tracks;
mod watch;
