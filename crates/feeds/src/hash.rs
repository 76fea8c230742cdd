//! SHA-256 in hex.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Error;

/// Lower-case hex of a finished hash.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// SHA-256 (hex) and size of a file.
pub fn sha256_of_file(path: &Path) -> Result<(String, u64), Error> {
    let mut file = File::open(path).map_err(Error::store(path, "reading"))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut size = 0;
    loop {
        let n = file
            .read(&mut buffer)
            .map_err(Error::store(path, "reading"))?;
        if n == 0 {
            return Ok((hex(hash), size));
        }
        hash.update(&buffer[..n]);
        size += n as u64;
    }
}
