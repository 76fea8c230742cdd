//! The command post: HTTP API, live relay and the page.
//!
//! [`serve`] answers on one address: the page of `web/` (embedded by the feature `embed-web`, or
//! from a folder), the API under `/api/v1` (documented by `/api/openapi.json`, which is made from
//! the same table as the routes), the live relay (`/api/v1/live`, messages `live/1`), `/healthz`
//! and `/metrics`. Local accounts with argon2; without any account only a loopback address is
//! served and every name is marked unverified.
//!
//! It reads and writes through [`atalaya_store`], listens to its bus, and asks a [`StillSource`]
//! for pictures. It does not know feeds, codecs or stages.

mod accounts;
mod alerts;
mod auth;
mod background;
mod error;
mod frames;
mod guard;
mod live;
mod metrics;
mod notes;
mod openapi;
mod operation;
mod page;
mod relay;
mod routes;
#[cfg(test)]
mod samples;
mod serve;
mod stills;
mod tracks;

pub use accounts::{AccountError, add_user};
pub use serve::{ServeError, ServerConfig, ServerHandle, Web, serve};
pub use stills::StillSource;
