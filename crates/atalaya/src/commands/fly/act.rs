//! `flight-act/1`: what was done with a plan, by whom, on which aircraft; a line each, appended and on
//! the disk before anything follows from it. With a store every line is an act of its log, too, whose
//! leaf is in the audit tree.

use anyhow::{Context, Result, bail};
use atalaya_flight::link::{Kind, Load};
use atalaya_store::{Author, Store};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

/// The log of acts of a store.
struct Log {
    runtime: Runtime,
    store: Store,
}

/// The record of one use of the command.
pub struct Acts {
    path: PathBuf,
    file: File,
    link: String,
    line: Value,
    log: Option<Log>,
}

impl Acts {
    /// Opens it: where nothing can be recorded nothing is done.
    pub fn open(path: PathBuf, store: Option<&Path>, plan: &Path, link: &str) -> Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .with_context(|| {
                format!(
                    "can't record what is done in {}; check folder and permission",
                    path.display()
                )
            })?;
        let log = store.map(Log::open).transpose()?;
        let name = plan.file_name().unwrap_or(plan.as_os_str());
        let line = json!({
            "schema": "flight-act/1", "at": null, "act": null,
            "plan": name.to_string_lossy(), "plan_sha256": null, "items": null,
            "link": link, "signed": false, "system": null, "autopilot": null,
            "by": null, "ok": null, "reason": null,
        });
        Ok(Self {
            path,
            file,
            link: link.into(),
            line,
            log,
        })
    }

    /// The link, for messages.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// What the plan is.
    pub fn plan(&mut self, sha256: &str) {
        self.line["plan_sha256"] = sha256.into();
    }

    /// How much it holds.
    pub fn items(&mut self, load: &Load) {
        self.line["items"] = json!({
            "mission": load.list(Kind::Mission).len(),
            "fence": load.list(Kind::Fence).len(),
            "rally": load.list(Kind::Rally).len(),
        });
    }

    /// Are messages signed?
    pub fn signed(&mut self, signed: bool) {
        self.line["signed"] = signed.into();
    }

    /// Which aircraft it is.
    pub fn aircraft(&mut self, system: u8, autopilot: &str) {
        self.line["system"] = system.into();
        self.line["autopilot"] = autopilot.into();
    }

    /// Writes an act.
    pub fn write(
        &mut self,
        act: &str,
        by: Option<&str>,
        ok: bool,
        reason: Option<&str>,
    ) -> Result<()> {
        self.line["at"] = super::telemetry::now().to_rfc3339().into();
        self.line["act"] = act.into();
        self.line["by"] = by.into();
        self.line["ok"] = ok.into();
        self.line["reason"] = reason.into();
        let mut line = self.line.to_string();
        line.push('\n');
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .with_context(|| format!("can't record what was done in {}", self.path.display()))?;
        match &self.log {
            Some(log) => log.note(by, act, &self.line),
            None => Ok(()),
        }
    }
}

impl Log {
    fn open(dir: &Path) -> Result<Self> {
        if !dir.is_dir() {
            bail!(
                "there is no store in {}; give the folder that atalaya serve keeps (--dir)",
                dir.display()
            );
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("can't open the store")?;
        let store = runtime.block_on(Store::open(dir))?;
        Ok(Self { runtime, store })
    }

    /// `flight.upload`, `flight.start`, … of this plan, by whoever confirmed it.
    fn note(&self, by: Option<&str>, act: &str, line: &Value) -> Result<()> {
        let who = Author::unverified(by.unwrap_or("atalaya fly"));
        let what = format!("flight.{}", act.replace(' ', "_"));
        let subject = line["plan"].as_str().unwrap_or_default();
        let noted = self.store.note_act(&who, &what, subject, line);
        Ok(self.runtime.block_on(noted)?)
    }
}
