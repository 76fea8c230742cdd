//! `atalaya partner`: our keys, and partners' cards.

use crate::output::Output;
use crate::sign_in::sign_in;
use anyhow::{Context as _, Result};
use atalaya_authority::access::Action;
use atalaya_server::Desk;
use atalaya_store::Store;
use std::io::Write;
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Print our card, to be given to partners; with --name make our keys first
    Key {
        /// Our name, as the authorities of partners' operations write it
        #[arg(long)]
        name: Option<String>,
        /// Folder of the store
        #[arg(long, default_value = ".atalaya/store", value_name = "DIR")]
        dir: PathBuf,
        /// Who does it
        #[arg(long, default_value = "command line", value_name = "NAME")]
        by: String,
        /// File to write; standard output when absent
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take in a partner's card; compare its fingerprint with the partner, by voice
    Add {
        /// The card
        card: PathBuf,
        /// Folder of the store
        #[arg(long, default_value = ".atalaya/store", value_name = "DIR")]
        dir: PathBuf,
        /// Who does it
        #[arg(long, default_value = "command line", value_name = "NAME")]
        by: String,
    },
    /// List the partners and their fingerprints
    List {
        /// Folder of the store
        #[arg(long, default_value = ".atalaya/store", value_name = "DIR")]
        dir: PathBuf,
    },
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    runtime.block_on(async {
        match &a.command {
            Command::Key { name, dir, by, out } => {
                let store = Store::open(dir).await?;
                let desk = Desk::new(store.clone());
                let identity = match name {
                    Some(name) => {
                        let by = sign_in(&store, by, Action::Administer).await?;
                        desk.make_identity(name, &by).await?
                    }
                    None => desk.identity()?.context(
                        "this instance has no keys for partners yet; make them with --name NAME",
                    )?,
                };
                let card = identity.card();
                let mut out = Output::open(out.as_deref())?;
                writeln!(out, "{}", card.text())?;
                out.finish()?;
                eprintln!("{}: fingerprint {}", card.name, card.fingerprint());
                store.close().await;
            }
            Command::Add { card, dir, by } => {
                let text = std::fs::read_to_string(card)
                    .with_context(|| format!("can't read {}; check the path", card.display()))?;
                let store = Store::open(dir).await?;
                let by = sign_in(&store, by, Action::Administer).await?;
                let card = Desk::new(store.clone())
                    .add_partner(&text, &by)
                    .await
                    .with_context(|| card.display().to_string())?;
                println!(
                    "{}: fingerprint {}; compare it with the partner, by voice",
                    card.name,
                    card.fingerprint()
                );
                store.close().await;
            }
            Command::List { dir } => {
                let store = crate::input::store(dir).await?;
                for card in Desk::new(store.clone()).partners().await? {
                    println!("{}\t{}", card.name, card.fingerprint());
                }
                store.close().await;
            }
        }
        Ok(())
    })
}
