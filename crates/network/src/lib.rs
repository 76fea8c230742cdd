//! Entities and the links between them: who matters, and how the network would break.
//!
//! - [`Graph`] holds places, vehicles, organisations and what imports call things; each link keeps
//!   every sighting it rests on, with time and evidence. Persons are in it only when the authority
//!   names them ([`Named`]): an anonymous track never becomes an entity.
//! - [`Growth`] makes it from events; [`csv`] and [`ftm`] read and write it, [`graphml`] writes it.
//! - [`Csr`] is the same network as arrays, undirected and without parallel links; [`measure`] says
//!   what each node is in it, [`dismantle`] in which order its removal breaks it, [`slices`] how it
//!   changes over time.
//! - [`names`] compares names, and [`Judgements`] keeps what people decided about them. Nothing is
//!   merged because a score says so.
//!
//! Not here: files, clocks, the page. Readers are given, and bounded by [`Limits`]. Results do not
//! depend on the number of threads: parallel work writes to separate places and is added up in a
//! fixed order; what needs chance takes a seed.

mod csr;
pub mod csv;
pub mod dismantle;
pub mod ftm;
mod graph;
pub mod graphml;
mod growth;
mod judgements;
mod lines;
pub mod measure;
mod named;
pub mod names;
pub mod slices;
mod unite;

pub use csr::Csr;
pub use graph::{Graph, Limits, Link, Node, NodeKind, Refused, Sighting};
pub use growth::{Growth, MEETING, ROUTE, VISIT, Who};
pub use judgements::{Conflict, Entry, Judgement, JudgementError, Judgements, Verdict};
pub use lines::ReadError;
pub use named::Named;
pub use unite::UnionFind;
