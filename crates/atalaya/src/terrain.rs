//! Terrain models named on the command line.

use anyhow::{Context, Result, bail};
use atalaya_geo::terrain::{self, Terrain, Tiles};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest file that is read, bytes.
const MOST_BYTES: u64 = 1 << 30;

/// Opens one model or several side by side.
pub fn open(paths: &[PathBuf]) -> Result<Box<dyn Terrain>> {
    let mut tiles: Vec<Box<dyn Terrain>> = Vec::with_capacity(paths.len());
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let tile =
            terrain::read(&name, &read(path)?).with_context(|| path.display().to_string())?;
        tiles.push(Box::new(tile));
    }
    match tiles.len() {
        1 => Ok(tiles.remove(0)),
        _ => Ok(Box::new(Tiles(tiles))),
    }
}

/// A file's bytes, up to a limit.
fn read(path: &Path) -> Result<Vec<u8>> {
    let file = std::fs::File::open(path)
        .with_context(|| format!("can't read {}; check the path", path.display()))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("reading {} failed", path.display()))?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!(
            "{}: more than 1 GiB; cut it with gdalwarp -te",
            path.display()
        );
    }
    Ok(bytes)
}
