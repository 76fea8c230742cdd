//! `atalaya user add`: local accounts.

use anyhow::{Context as _, Result};
use atalaya_server::add_user;
use atalaya_store::Store;
use std::io::BufRead;
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand, Debug)]
enum Act {
    /// Add an account, or give it a new password; the password is read from standard input
    Add {
        /// The account's name
        name: String,
        /// Folder of the store
        #[arg(long, default_value = ".atalaya/store", value_name = "DIR")]
        dir: PathBuf,
    },
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let Act::Add { name, dir } = &a.act;
    eprintln!("password for {name} (one line):");
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .context("can't read the password from standard input")?;
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    runtime.block_on(async {
        let store = Store::open(dir).await?;
        add_user(&store, name, password.trim_end_matches(['\r', '\n'])).await?;
        store.close().await;
        eprintln!("{name} can log in");
        Ok(())
    })
}
