//! What travels: the manifest with its hashes, the report, and where answers may be sent.

use atalaya_model::{
    Choice, Done, MachineMark, Micros, Release, ReleaseLanguage, Removed, never_in, rfc3339,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A file or picture of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Its size, bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// For a picture, which is inside the report: where it is from.
    pub source: Option<Source>,
}

/// Where a picture is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The feed.
    pub feed: String,
    /// Event time.
    #[serde(with = "rfc3339")]
    pub t: Micros,
    /// SHA-256 of the segment it was taken from, hex: the sender can show the original to a court.
    pub segment: Option<String>,
}

/// The authority a release rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Who granted it.
    pub issuer: String,
    /// Law and article.
    pub legal_basis: String,
    /// File number.
    pub reference: String,
    /// What it is for; the partner is bound to it.
    pub purpose: String,
    /// Last moment, RFC 3339.
    pub valid_until: String,
}

/// An event, without what leads to others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// What happened.
    pub kind: String,
    /// When.
    #[serde(with = "rfc3339")]
    pub time: Micros,
    /// Zone, by its name.
    pub zone: String,
    /// Who, by the names of this release.
    pub subjects: Vec<String>,
    /// Probability.
    pub p: f64,
    /// Latitude, degrees.
    pub lat: Option<f64>,
    /// Longitude, degrees.
    pub lon: Option<f64>,
}

/// What somebody wrote before a machine translated it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Originals {
    /// Language, engine, what could not be checked.
    #[serde(flatten)]
    pub mark: MachineMark,
    /// One line.
    pub title: String,
    /// What the partner should know.
    pub summary: String,
    /// The sender's assessment.
    pub assessment: String,
}

/// `release-manifest/1`: what the release says, for machines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `release-manifest/1`.
    pub schema: String,
    /// The release's id.
    pub release: String,
    /// Who sends it.
    pub from: String,
    /// For whom.
    pub to: String,
    /// The operation's id.
    pub operation: String,
    /// The operation's name.
    pub operation_name: String,
    /// A simulated world.
    pub simulated: bool,
    /// What it rests on.
    pub authority: Basis,
    /// Its language.
    pub language: ReleaseLanguage,
    /// One line.
    pub title: String,
    /// What the partner should know.
    pub summary: String,
    /// What the sender decided.
    pub choice: Choice,
    /// The sender's assessment.
    pub assessment: String,
    /// Title, summary and assessment are a machine's translation of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originals: Option<Originals>,
    /// The alert, `run~id`.
    pub alert: String,
    /// When it was raised.
    #[serde(with = "rfc3339")]
    pub opened_at: Micros,
    /// What was seen.
    pub events: Vec<Seen>,
    /// What was left out, and why.
    pub removed: Vec<Removed>,
    /// An answer is wanted within so many hours.
    pub reply_within_h: u32,
    /// The partner deletes it by then, wall time.
    #[serde(with = "rfc3339")]
    pub delete_by: Micros,
    /// Who drafted it.
    pub drafted: Done,
    /// Files and pictures.
    pub files: Vec<FileEntry>,
}

impl Manifest {
    /// `release-manifest/1`.
    pub const SCHEMA: &'static str = "release-manifest/1";
    /// The report's name.
    pub const REPORT: &'static str = "report.html";
}

/// Where answers may be posted, beside being carried by file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// Address, with its token.
    pub url: String,
}

/// `release-package/1`: what is sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// Always `release-package/1`.
    pub schema: String,
    /// The record, with who drafted, approved and sealed it.
    pub release: Release,
    /// The manifest's text: its hash is in the record.
    pub manifest: String,
    /// Files by name.
    pub files: BTreeMap<String, String>,
    /// Where answers may be posted.
    #[serde(rename = "return")]
    pub back: Option<Return>,
}

/// What is wrong with a package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// Not one.
    #[error("the release can't be read ({0}); ask the sender for it again")]
    Malformed(String),
    /// Its parts don't belong together.
    #[error("the release contradicts itself: {0}; ask the sender for it again")]
    Contradiction(String),
    /// It holds what is never taken.
    #[error("the release was refused: '{name}' names {what}")]
    Never {
        /// The field or choice.
        name: String,
        /// What it names.
        what: String,
    },
}

impl Package {
    /// `release-package/1`.
    pub const SCHEMA: &'static str = "release-package/1";

    /// As it is sealed.
    pub fn bytes(&self) -> Vec<u8> {
        // Types here have string keys only: it can't fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// From what was opened; every hash is checked, and that a second person has approved it.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Manifest), PackageError> {
        let bad = |e: serde_json::Error| PackageError::Malformed(e.to_string());
        let no = |why: &str| PackageError::Contradiction(why.into());
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(bad)?;
        refuse(&value)?;
        let package: Self = serde_json::from_value(value).map_err(bad)?;
        if package.schema != Self::SCHEMA {
            return Err(PackageError::Malformed(format!(
                "schema {} is not known here",
                package.schema
            )));
        }
        let value: serde_json::Value = serde_json::from_str(&package.manifest).map_err(bad)?;
        refuse(&value)?;
        let manifest: Manifest = serde_json::from_value(value).map_err(bad)?;
        if manifest.schema != Manifest::SCHEMA {
            return Err(PackageError::Malformed(format!(
                "schema {} is not known here",
                manifest.schema
            )));
        }
        let r = &package.release;
        if hex(&Sha256::digest(&package.manifest)) != r.manifest_sha256 {
            return Err(no("the manifest is not the one that was approved"));
        }
        if (&r.id, &r.from, &r.to) != (&manifest.release, &manifest.from, &manifest.to) {
            return Err(no("record and manifest are of different releases"));
        }
        let well_formed = r.id.len() == 24 && r.id.bytes().all(|b| b.is_ascii_hexdigit());
        if !well_formed {
            return Err(no("its number is none"));
        }
        match &r.approved {
            None => return Err(no("nobody has approved it")),
            Some(a) if a.by.is_same(&r.drafted.by) => {
                return Err(no("it was approved by whoever drafted it"));
            }
            Some(_) => {}
        }
        if r.sealed.is_none() {
            return Err(no("it is not marked as sealed"));
        }
        for f in manifest.files.iter().filter(|f| f.source.is_none()) {
            let found = package.files.get(&f.name);
            if found.map(|t| hex(&Sha256::digest(t))) != Some(f.sha256.clone()) {
                return Err(no(&format!("{} is not the file that was approved", f.name)));
            }
        }
        let listed = |name: &String| manifest.files.iter().any(|f| f.name == *name);
        if let Some(extra) = package.files.keys().find(|n| !listed(n)) {
            return Err(no(&format!("{extra} was not approved")));
        }
        Ok((package, manifest))
    }

    /// The report.
    pub fn report(&self) -> &str {
        self.files.get(Manifest::REPORT).map_or("", String::as_str)
    }
}

fn refuse(value: &serde_json::Value) -> Result<(), PackageError> {
    never_in(value).map_or(Ok(()), |(name, what)| {
        Err(PackageError::Never {
            name,
            what: what.to_string(),
        })
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
