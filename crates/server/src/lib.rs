//! The command post: HTTP API, live relay and the page.
//!
//! [`serve`] answers on one address: the page of `web/` (embedded by the feature `embed-web`, or
//! from a folder), the API under `/api/v1` (documented by `/api/openapi.json`, which is made from
//! the same table as the routes), the live relay (`/api/v1/live`, messages `live/1`), `/healthz`
//! and `/metrics`. Local accounts with argon2; without any account only a loopback address is
//! served and every name is marked unverified.
//!
//! Every route names what it needs ([`atalaya_authority::access`]); what none names is refused, and a
//! refusal is an act. [`Desk`] drafts, seals and takes in releases, for the command line too.
//!
//! It reads and writes through [`atalaya_store`], listens to its bus, and asks a [`StillSource`]
//! for pictures. It does not know feeds, codecs or stages.

mod access;
mod accounts;
mod aircraft;
mod alerts;
mod audit;
mod auth;
mod background;
mod decisions;
mod documents;
mod emission;
mod error;
mod flights;
mod footage;
mod frames;
mod guard;
mod landmarks;
mod live;
mod memory;
mod metrics;
mod network;
mod notes;
mod openapi;
mod operation;
mod page;
mod relay;
mod release;
mod routes;
mod routes_footage;
mod routes_language;
mod routes_network;
mod routes_release;
mod routes_watch;
#[cfg(test)]
mod samples;
mod serve;
mod stills;
mod story;
mod tracks;
mod translation;
mod watch;

pub use accounts::{AccountError, add_user, check_password};
pub use flights::{CircleView, FlightSource, FlightView};
pub use memory::remember_corrections;
pub use release::{Desk, DeskError, DraftRequest, Sealing};
pub use serve::{ServeError, ServerConfig, ServerHandle, Web, serve};
pub use stills::{SizedStill, StillSource};
pub use story::{StepBy, StepState, StepView, Story, StoryOrder, StoryView};
