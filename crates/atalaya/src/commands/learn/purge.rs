//! `atalaya learn purge`: chips whose time is over go, and every model that rests on them.

use super::folder::{self, Entry};
use super::today;
use anyhow::{Context as _, Result, bail};
use atalaya_vision::chip::Classifier;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A folder of chips; may be given again
    #[arg(long, value_name = "DIR")]
    chips: Vec<PathBuf>,
    /// A folder of models; may be given again
    #[arg(long, value_name = "DIR")]
    models: Vec<PathBuf>,
    /// All chips of this operation, too
    #[arg(long, value_name = "ID")]
    operation: Option<String>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    if a.chips.is_empty() && a.models.is_empty() {
        bail!("name folders by --chips and --models");
    }
    let now = today();
    let mut gone = BTreeSet::new();
    let mut deleted = 0;
    for dir in &a.chips {
        let due = |e: &Entry| {
            let over = e.delete_by.is_some_and(|t| t <= now);
            over || (e.operation.is_some() && e.operation == a.operation)
        };
        let (go, stay): (Vec<Entry>, Vec<Entry>) = folder::list(dir)?.into_iter().partition(due);
        for e in &go {
            let path = dir.join(&e.file);
            if path.exists() {
                gone.insert(folder::chip_hash(&path, e)?);
            }
        }
        // Models before chips, chips before their list: what is cut off between is taken up next time.
        models(&a.models, &gone, a.operation.as_deref())?;
        for e in &go {
            let path = dir.join(&e.file);
            let shared = stay.iter().any(|s| s.file == e.file);
            if path.exists() && !shared {
                std::fs::remove_file(&path)
                    .with_context(|| format!("can't delete {}", path.display()))?;
            }
            deleted += 1;
        }
        folder::rewrite(dir, &stay)?;
    }
    models(&a.models, &gone, a.operation.as_deref())?;
    println!("{deleted} chips deleted");
    Ok(())
}

/// Deletes models that rest on chips that are gone, or whose time is over.
fn models(dirs: &[PathBuf], gone: &BTreeSet<String>, operation: Option<&str>) -> Result<()> {
    for dir in dirs {
        let list = std::fs::read_dir(dir)
            .with_context(|| format!("can't list {}", dir.display()))?
            .collect::<std::io::Result<Vec<_>>>()?;
        let mut paths: Vec<PathBuf> = list.into_iter().map(|e| e.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|p| p.is_file()) {
            let Ok((model, _)) = read(path)? else {
                continue;
            };
            let rests = |r: &atalaya_vision::chip::Retained| {
                gone.contains(&r.sha256) || operation == Some(r.operation.as_str())
            };
            if model.expired(today()) || model.card.retained.iter().any(rests) {
                std::fs::remove_file(path)
                    .with_context(|| format!("can't delete {}", path.display()))?;
                println!(
                    "{}: rested on chips that are deleted; gone, learn it anew",
                    path.display()
                );
            }
        }
    }
    Ok(())
}

/// A model; other files in its folder are none.
fn read(path: &Path) -> Result<Result<(Classifier, String), atalaya_vision::chip::ModelError>> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    Ok(Classifier::from_file(&bytes))
}
