//! Where inputs come from: a file or standard input, packed with gzip or not.

use anyhow::{Context, Result, bail};
use atalaya_store::Store;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Opens a store that is there: a command that asks one something must not make an empty one in its place.
pub async fn store(dir: &Path) -> Result<Store> {
    if !dir.join("atalaya.db").exists() {
        bail!(
            "there is no store in {}; name its folder with --dir",
            dir.display()
        );
    }
    Ok(Store::open(dir).await?)
}

/// Opens a file or standard input, unpacked.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let mut raw: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = File::open(path)
            .with_context(|| format!("can't read {}; check the path", path.display()))?;
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    let zipped = raw
        .fill_buf()
        .with_context(|| format!("can't read {}; is it a file?", path.display()))?
        .starts_with(&[0x1f, 0x8b]);
    if zipped {
        raw = Box::new(BufReader::new(MultiGzDecoder::new(raw)));
    }
    Ok(raw)
}
