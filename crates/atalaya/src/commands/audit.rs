//! `atalaya audit`: was the record altered? Offline, from the store's folder or an export of it.

use crate::output::Output;
use anyhow::{Context as _, Result, bail};
use atalaya_authority::audit::{
    Checkpoint, Commitment, Entry, PublicKey, Report, Row, Salt, verify,
};
use atalaya_store::AuditReader;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Longest line of an export that is read, bytes.
const LINE: u64 = 1 << 20;
const SCHEMA: &str = "audit/1";

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Check every act against its leaf, the tree against the signed checkpoint, and both against
    /// checkpoints that were taken away earlier; exit 1 when anything was altered
    Verify {
        /// Folder of the store, or an export
        log: PathBuf,
        /// A checkpoint that was taken away earlier; may be given several times
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
        /// Public key, as one line in a file, instead of the one that lies with the log
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Print the newest signed checkpoint: whoever keeps it can prove later what came before it
    Checkpoint {
        /// Folder of the store
        dir: PathBuf,
    },
    /// Write the log as JSON Lines, to be verified elsewhere
    Export {
        /// Folder of the store
        dir: PathBuf,
        /// File to write; standard output when absent
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// First line of an export.
#[derive(Serialize, Deserialize)]
struct Head {
    schema: String,
    key: String,
    checkpoint: Option<String>,
}

/// A line of an export; without salt and act when the content has been deleted.
#[derive(Serialize, Deserialize)]
struct Line {
    n: u64,
    leaf: String,
    salt: Option<String>,
    act: Option<Entry>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    match &a.command {
        Command::Verify {
            log,
            checkpoint,
            key,
        } => check(log, checkpoint, key.as_deref()),
        Command::Checkpoint { dir } => {
            let runtime = runtime()?;
            let note =
                runtime.block_on(async { AuditReader::open(dir).await?.checkpoint().await })?;
            match note {
                Some(note) => print!("{note}"),
                None => bail!(
                    "{}: nothing was done yet; there is no checkpoint",
                    dir.display()
                ),
            }
            Ok(())
        }
        Command::Export { dir, out } => export(dir, out.as_deref()),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't start the runtime")
}

fn key_from(path: &Path) -> Result<PublicKey> {
    let line = std::fs::read_to_string(path)
        .with_context(|| format!("can't read the key {}", path.display()))?;
    PublicKey::parse(&line).with_context(|| path.display().to_string())
}

fn check(log: &Path, taken: &[PathBuf], key: Option<&Path>) -> Result<()> {
    let given = key.map(key_from).transpose()?;
    let others = |key: &PublicKey| -> Result<Vec<(String, Checkpoint)>> {
        taken
            .iter()
            .map(|path| {
                let name = path.display().to_string();
                let note =
                    std::fs::read_to_string(path).with_context(|| format!("can't read {name}"))?;
                let checkpoint = Checkpoint::open(&note, key).with_context(|| name.clone())?;
                Ok((name, checkpoint))
            })
            .collect()
    };
    let report = if log.is_dir() {
        let runtime = runtime()?;
        let key = match given {
            Some(key) => key,
            None => AuditReader::public_key(log)?,
        };
        let mut reader = runtime.block_on(AuditReader::open(log))?;
        let own = own(runtime.block_on(reader.checkpoint())?, &key, log)?;
        let rows = Pages {
            reader,
            runtime,
            page: Vec::new().into_iter(),
        };
        verify(rows, own.as_ref(), &others(&key)?)?
    } else {
        let (head, rows) = read_export(log)?;
        let key = match given {
            Some(key) => key,
            None => PublicKey::parse(&head.key).with_context(|| log.display().to_string())?,
        };
        let own = own(head.checkpoint, &key, log)?;
        verify(rows, own.as_ref(), &others(&key)?)?
    };
    say(log, &report, taken.len())
}

fn own(note: Option<String>, key: &PublicKey, log: &Path) -> Result<Option<Checkpoint>> {
    note.map(|n| Checkpoint::open(&n, key))
        .transpose()
        .with_context(|| log.display().to_string())
}

fn say(log: &Path, report: &Report, taken: usize) -> Result<()> {
    for finding in &report.findings {
        println!("{}: {finding}", log.display());
    }
    if report.more > 0 {
        println!("{}: and {} more", log.display(), report.more);
    }
    let found = report.findings.len() as u64 + report.more;
    if !report.is_sound() {
        bail!(
            "{}: the record was altered ({found} findings)",
            log.display()
        );
    }
    println!(
        "{}: {} acts, {} of them deleted at their time; nothing was altered; root {}",
        log.display(),
        report.acts,
        report.purged,
        hex(&report.root)
    );
    if taken == 0 {
        eprintln!(
            "note: whoever holds the signing key could have written all of it anew; a checkpoint kept elsewhere (--checkpoint) rules that out"
        );
    }
    Ok(())
}

/// Rows of a store, page by page.
struct Pages {
    reader: AuditReader,
    runtime: tokio::runtime::Runtime,
    page: std::vec::IntoIter<Row>,
}

impl Iterator for Pages {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 {
            match self.runtime.block_on(self.reader.page()) {
                Ok(page) => self.page = page.into_iter(),
                Err(e) => return Some(Err(e.into())),
            }
        }
        self.page.next().map(Ok)
    }
}

fn export(dir: &Path, out: Option<&Path>) -> Result<()> {
    let runtime = runtime()?;
    let key = AuditReader::public_key(dir)?;
    let mut reader = runtime.block_on(AuditReader::open(dir))?;
    let head = Head {
        schema: SCHEMA.into(),
        key: key.line().into(),
        checkpoint: runtime.block_on(reader.checkpoint())?,
    };
    // Acts that come in while this runs are after the checkpoint: they are left for the next export.
    let own = own(head.checkpoint.clone(), &key, dir)?;
    let last = own.map_or(0, |c| c.size);
    let mut out = Output::open(out)?;
    writeln!(out, "{}", serde_json::to_string(&head)?)?;
    let rows = Pages {
        reader,
        runtime,
        page: Vec::new().into_iter(),
    };
    for row in rows {
        let row = row?;
        if row.n > last {
            break;
        }
        let line = Line {
            n: row.n,
            leaf: hex(&row.commitment),
            salt: row.entry.as_ref().map(|e| hex(&e.0)),
            act: row.entry.map(|e| e.1),
        };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    out.finish()
}

fn read_export(path: &Path) -> Result<(Head, impl Iterator<Item = Result<Row>>)> {
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("can't read {name}; check the path"))?;
    let mut lines = Lines {
        from: BufReader::new(file),
        name: name.clone(),
        n: 0,
    };
    let head: Head = match lines.next() {
        Some(text) => serde_json::from_str(&text?).with_context(|| {
            format!("{name}:1: not an audit log; give the store's folder or what `atalaya audit export` wrote")
        })?,
        None => bail!("{name}: empty; give the store's folder or what `atalaya audit export` wrote"),
    };
    if head.schema != SCHEMA {
        bail!(
            "{name}:1: schema {} is not known here, only {SCHEMA}",
            head.schema
        );
    }
    let rows = lines.zip(2u64..).map(move |(text, n)| {
        let row = || -> Result<Row> {
            let line: Line = serde_json::from_str(&text?)?;
            Ok(Row {
                n: line.n,
                commitment: unhex(&line.leaf)?,
                entry: match (line.salt, line.act) {
                    (Some(salt), Some(act)) => Some((unhex(&salt)? as Salt, act)),
                    _ => None,
                },
            })
        };
        row().with_context(|| format!("{name}:{n}: not an act of an audit log"))
    });
    Ok((head, rows))
}

/// Lines of bounded length.
struct Lines {
    from: BufReader<File>,
    name: String,
    n: u64,
}

impl Iterator for Lines {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.n += 1;
        let mut text = String::new();
        match (&mut self.from).take(LINE).read_line(&mut text) {
            Ok(0) => None,
            Ok(n) if n as u64 == LINE => Some(Err(anyhow::anyhow!(
                "{}:{}: longer than {LINE} bytes",
                self.name,
                self.n
            ))),
            Ok(_) => Some(Ok(text)),
            Err(e) => Some(Err(anyhow::Error::new(e).context(self.name.clone()))),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Result<Commitment> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        bail!("'{text}' is not 64 hexadecimal digits");
    }
    for (o, i) in out.iter_mut().zip((0..64).step_by(2)) {
        *o = u8::from_str_radix(&text[i..i + 2], 16)?;
    }
    Ok(out)
}
