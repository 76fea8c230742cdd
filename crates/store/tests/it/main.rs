//! The store as the engine and the server use it, on real files.

mod acts;
mod full;
mod kill;
mod make;
mod purge;
