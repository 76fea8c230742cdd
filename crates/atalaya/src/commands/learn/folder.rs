//! Folders of labelled chips: pictures, and `manifest.jsonl` that says what they show.

use super::sample::{Sample, Variations};
use super::video::hex;
use crate::frames;
use anyhow::{Context as _, Result, bail};
use atalaya_model::{Micros, PixelBox};
use atalaya_vision::chip::{Label, Look, Luma, Random, Retained, Source, SourceKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::path::{Component, Path, PathBuf};

/// The name of the list.
pub const MANIFEST: &str = "manifest.jsonl";
/// Longest list, chips.
const MOST: usize = 2_000_000;

/// A line of the list: a `chip/1` record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// `chip/1`.
    pub schema: String,
    /// The picture, below the folder.
    pub file: String,
    /// Left, top, width, height in its pixels; without it, all of the picture.
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub bbox: Option<[f32; 4]>,
    /// What it shows.
    pub class: String,
    /// Where it is from.
    pub source: String,
    /// `real` or `simulated`.
    pub kind: SourceKind,
    /// Under which licence; of an operation's chips there need be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The operation that it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// When it has to be deleted.
    #[serde(
        default,
        with = "atalaya_model::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub delete_by: Option<Micros>,
    /// Chips of one group show one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Of a thermal camera.
    #[serde(default)]
    pub thermal: bool,
    /// Warm is dark.
    #[serde(default)]
    pub black_hot: bool,
    /// Metres across a pixel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres_per_px: Option<f32>,
}

/// The list of a folder.
pub fn list(dir: &Path) -> Result<Vec<Entry>> {
    let path = dir.join(MANIFEST);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    let mut all = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if all.len() >= MOST {
            bail!(
                "{}: more than {MOST} chips; split the folder",
                path.display()
            );
        }
        let at = || format!("{}: line {}", path.display(), i + 1);
        let entry: Entry = serde_json::from_str(line).with_context(at)?;
        check(&entry).with_context(at)?;
        all.push(entry);
    }
    Ok(all)
}

fn check(e: &Entry) -> Result<()> {
    if e.schema != "chip/1" {
        bail!("schema '{}' is not chip/1", e.schema);
    }
    Label::parse(&e.class)?;
    let below = |c: Component<'_>| matches!(c, Component::Normal(_));
    if e.file.is_empty() || !Path::new(&e.file).components().all(below) {
        bail!("file '{}' is not below the folder", e.file);
    }
    match (&e.operation, e.delete_by, &e.licence) {
        (Some(op), None, _) => bail!("a chip of operation '{op}' needs the delete_by it has there"),
        (None, _, None) => bail!("a chip of no operation needs a licence"),
        _ => Ok(()),
    }
}

/// The chips of a folder, where they are from, and which of them must go one day. What had to go by
/// `now` is refused.
pub fn samples(
    dir: &Path,
    vary: Variations,
    seed: u64,
    now: Micros,
) -> Result<(Vec<Sample>, Vec<Source>, Vec<Retained>)> {
    let mut random = Random::new(seed ^ 0xC41F);
    let (mut out, mut sources, mut retained) = (Vec::new(), Vec::<Source>::new(), Vec::new());
    let mut digests: Vec<Sha256> = Vec::new();
    for e in list(dir)? {
        if e.delete_by.is_some_and(|t| t <= now) {
            bail!(
                "{}: {} had to be deleted by {}; run `atalaya learn purge --chips {}`",
                dir.display(),
                e.file,
                e.delete_by.unwrap_or_default(),
                dir.display()
            );
        }
        let path = dir.join(&e.file);
        let hash = chip_hash(&path, &e)?;
        let label = Label::parse(&e.class)?;
        let licence = match (&e.licence, &e.operation) {
            (Some(l), _) => l.clone(),
            (None, Some(op)) => format!("operation {op}"),
            (None, None) => String::new(),
        };
        let at = sources
            .iter()
            .position(|s| s.name == e.source && s.licence == licence && s.kind == e.kind)
            .unwrap_or_else(|| {
                digests.push(Sha256::new());
                sources.push(Source {
                    name: e.source.clone(),
                    kind: e.kind,
                    licence,
                    sha256: String::new(),
                    chips: Default::default(),
                });
                sources.len() - 1
            });
        digests[at].update(hash.as_bytes());
        *sources[at].chips.entry(label).or_default() += 1;
        if let Some(delete_by) = e.delete_by {
            retained.push(Retained {
                sha256: hash.clone(),
                operation: e.operation.clone().unwrap_or_default(),
                delete_by,
            });
        }
        let group = Sha256::digest(e.group.as_deref().unwrap_or(&hash).as_bytes());
        let group = u64::from_le_bytes(group[..8].try_into().unwrap_or_default());
        let look = Look {
            thermal: e.thermal,
            black_hot: e.black_hot,
            metres_per_px: e.metres_per_px,
        };
        frames::for_each(&path, |frame| {
            let whole = [0.0, 0.0, frame.width as f32, frame.height as f32];
            let [x, y, w, h] = e.bbox.unwrap_or(whole);
            if let (1, Some(luma)) = (frame.id, Luma::of(&frame)) {
                let bbox = PixelBox { x, y, w, h };
                let place = Sample::of(e.source.clone(), 1, bbox, label, group);
                vary.push(&mut out, &mut random, &luma, &look, place);
            }
            Ok(())
        })?;
    }
    for (s, d) in sources.iter_mut().zip(digests) {
        s.sha256 = hex(&d.finalize());
    }
    Ok((out, sources, retained))
}

/// SHA-256 of the picture's bytes and the box in it, in hex: by it a model knows its chips.
pub fn chip_hash(path: &Path, e: &Entry) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let mut sha = Sha256::new();
    sha.update(&bytes);
    sha.update(format!("{:?}", e.bbox).as_bytes());
    Ok(hex(&sha.finalize()))
}

/// Writes a folder's list anew, whole or not at all.
pub fn rewrite(dir: &Path, entries: &[Entry]) -> Result<()> {
    let mut text = String::new();
    for e in entries {
        text.push_str(&serde_json::to_string(e)?);
        text.push('\n');
    }
    let path: PathBuf = dir.join(MANIFEST);
    let part = dir.join(format!("{MANIFEST}.part"));
    std::fs::write(&part, text).with_context(|| format!("can't write {}", part.display()))?;
    std::fs::rename(&part, &path).with_context(|| format!("can't write {}", path.display()))
}
