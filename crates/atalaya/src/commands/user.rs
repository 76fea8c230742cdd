//! `atalaya user add`: local accounts.

use anyhow::{Context as _, Result};
use atalaya_authority::access::Role;
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
        /// What it may do: watch-officer, analyst, approver, liaison, auditor, administrator; may be
        /// given several times. Without it an account keeps its roles, and a new one is a
        /// watch-officer
        #[arg(long, value_name = "ROLE")]
        role: Vec<Role>,
    },
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let Act::Add { name, dir, role } = &a.act;
    eprintln!("password for {name} (one line):");
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .context("can't read the password from standard input")?;
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    runtime.block_on(async {
        let store = Store::open(dir).await?;
        let password = password.trim_end_matches(['\r', '\n']);
        add_user(&store, name, password, role).await?;
        let roles: Vec<&str> = store
            .roles_of(name)
            .await?
            .iter()
            .map(|r| r.name())
            .collect();
        store.close().await;
        eprintln!("{name} can log in as {}", roles.join(", "));
        Ok(())
    })
}
