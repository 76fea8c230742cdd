//! Who acts on the command line.

use anyhow::{Context as _, Result, bail};
use atalaya_authority::access::{Action, may};
use atalaya_model::Author;
use atalaya_server::check_password;
use atalaya_store::Store;
use std::io::BufRead;

/// A store without accounts believes the name, as the page does on this machine. With accounts the
/// password is read from standard input, and the account needs a role that may do it; a refusal is
/// an act.
pub async fn sign_in(store: &Store, name: &str, action: Action) -> Result<Author> {
    if store.users().await? == 0 {
        return Ok(Author::unverified(name));
    }
    eprintln!("password for {name} (one line):");
    let mut password = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut password)
        .context("can't read the password from standard input")?;
    let password = password.trim_end_matches(['\r', '\n']);
    if !check_password(store, name, password).await? {
        bail!("name or password is wrong; this store has accounts (`atalaya user add`)");
    }
    let author = Author::verified(name);
    if !may(&store.roles_of(name).await?, action) {
        let roles: Vec<&str> = action.roles().iter().map(|r| r.name()).collect();
        store
            .note_act(&author, "refused", "command line", &action.name())
            .await?;
        bail!(
            "{name} may not do this: it needs one of the roles {}",
            roles.join(", ")
        );
    }
    Ok(author)
}
