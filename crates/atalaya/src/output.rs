//! Where results go: standard output or a file that is complete or not there.

use anyhow::{Context, Result};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// An output; call [`Output::finish`] when all is written.
pub enum Output {
    /// Standard output.
    Stdout(BufWriter<io::Stdout>),
    /// A file, written beside its place and moved there at the end.
    File {
        /// The open file.
        writer: BufWriter<File>,
        /// Where it is now.
        part: PathBuf,
        /// Where it belongs.
        path: PathBuf,
    },
}

impl Output {
    /// Standard output, or a file.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Stdout(BufWriter::new(io::stdout())));
        };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| {
            format!(
                "can't write {}; check folder and permission",
                part.display()
            )
        })?;
        Ok(Self::File {
            writer: BufWriter::new(file),
            part,
            path: path.to_owned(),
        })
    }

    /// Flushes, and moves a file to its place.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut w) => w.flush().or_else(quiet_pipe).context("standard output"),
            Self::File { writer, part, path } => {
                let file = writer
                    .into_inner()
                    .map_err(|e| e.into_error())
                    .with_context(|| format!("can't write {}", part.display()))?;
                file.sync_all()
                    .with_context(|| format!("can't write {}", part.display()))?;
                std::fs::rename(&part, &path)
                    .with_context(|| format!("can't move {} to {}", part.display(), path.display()))
            }
        }
    }
}

/// `| head` closes the pipe: that is the reader's wish, not an error.
pub fn quiet_pipe(e: io::Error) -> io::Result<()> {
    if e.kind() == io::ErrorKind::BrokenPipe {
        Ok(())
    } else {
        Err(e)
    }
}

impl Write for Output {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(w) => match w.write(buf) {
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
                other => other,
            },
            Self::File { writer, .. } => writer.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(w) => w.flush(),
            Self::File { writer, .. } => writer.flush(),
        }
    }
}
