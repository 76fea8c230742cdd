//! A partner agency's instance beside the demonstration's: its own store, keys and page.

use crate::station::{Face, Station, now};
use anyhow::{Context as _, Result};
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::{Micros, Operation};
use atalaya_server::{Desk, Web};
use atalaya_store::Author;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// The partner, as the demonstration's authority names it.
pub const PARTNER: &str = "Unidad de frontera";
/// Ourselves, as the partner's authority names us.
pub const US: &str = "Atalaya (demo)";

/// What the partner may receive and under which authority; it watches nothing.
const OPERATION: &str = include_str!("partner.toml");

/// Opens the partner's instance in `dir` and lets both sides know each other's keys, once.
pub fn open(ours: &Station, dir: &Path, bind: SocketAddr, web: Web) -> Result<Station> {
    let mut op = Operation::parse("partner.toml", OPERATION)?;
    let day = Micros(86_400_000_000);
    op.authority.valid_from = (now() - day).to_rfc3339();
    op.authority.valid_until = (now() + Micros(30 * day.0)).to_rfc3339();
    let context = Arc::new(Context::new(op, EngineSettings::default())?);
    let theirs = Station::open(context, dir, Face::new(bind, web))
        .context("can't open the partner's instance")?;
    ours.handle().block_on(introduce(ours, &theirs))?;
    Ok(theirs)
}

/// Keys are made and cards exchanged where they are not there yet.
async fn introduce(ours: &Station, theirs: &Station) -> Result<()> {
    let by = Author {
        name: "demo".into(),
        verified: false,
    };
    let (a, b) = (
        Desk::new(ours.store().clone()),
        Desk::new(theirs.store().clone()),
    );
    let mine = match a.identity()? {
        Some(known) => known,
        None => a.make_identity(US, &by).await?,
    };
    let other = match b.identity()? {
        Some(known) => known,
        None => b.make_identity(PARTNER, &by).await?,
    };
    for (desk, card) in [(&a, other.card()), (&b, mine.card())] {
        let known = desk.partners().await?;
        if !known.iter().any(|c| c.fingerprint() == card.fingerprint()) {
            desk.add_partner(&card.text(), &by).await?;
        }
    }
    Ok(())
}
