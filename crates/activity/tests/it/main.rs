//! Events of tracks at zones, and the zone rule on a real recording.

mod composed;
mod meva;
mod sensed;
mod streams;
mod tracks;
mod watch;
mod watch_life;
mod weeks;
