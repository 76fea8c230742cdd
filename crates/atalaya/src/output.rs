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
        /// Where it is, and belongs.
        part: Part,
    },
}

/// A file that is written beside its place.
pub struct Part {
    /// Where it is now.
    part: PathBuf,
    /// Where it belongs.
    path: PathBuf,
}

impl Part {
    /// Creates the file. What is no file (a device, a pipe) is written to where it is, and never replaced.
    pub fn create(path: &Path) -> Result<(File, Self)> {
        if std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
            let file = File::options().write(true).open(path);
            let file =
                file.with_context(|| format!("can't write {}; check permission", path.display()))?;
            let (part, path) = (path.to_owned(), path.to_owned());
            return Ok((file, Self { part, path }));
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| {
            format!(
                "can't write {}; check folder and permission",
                part.display()
            )
        })?;
        let path = path.to_owned();
        Ok((file, Self { part, path }))
    }

    /// Moves the file, which is complete, to its place.
    pub fn keep(self) -> Result<()> {
        let Self { part, path } = self;
        if part == path {
            return Ok(());
        }
        File::open(&part)
            .and_then(|file| file.sync_all())
            .with_context(|| format!("can't write {}", part.display()))?;
        std::fs::rename(&part, &path)
            .with_context(|| format!("can't move {} to {}", part.display(), path.display()))
    }

    /// Takes the file away: there is nothing worth keeping in it.
    pub fn discard(self) {
        if self.part != self.path {
            std::fs::remove_file(&self.part).ok();
        }
    }
}

impl Output {
    /// Standard output, or a file.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Stdout(BufWriter::new(io::stdout())));
        };
        let (file, part) = Part::create(path)?;
        Ok(Self::File {
            writer: BufWriter::new(file),
            part,
        })
    }

    /// Flushes, and moves a file to its place.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut w) => w.flush().or_else(quiet_pipe).context("standard output"),
            Self::File { writer, part } => {
                writer
                    .into_inner()
                    .map_err(|e| e.into_error())
                    .with_context(|| format!("can't write {}", part.part.display()))?;
                part.keep()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let null = Path::new("/dev/null");
        if std::fs::metadata(null).is_ok_and(|m| !m.is_file()) {
            let mut out = Output::open(Some(null)).unwrap();
            out.write_all(b"nothing").unwrap();
            out.finish().unwrap();
            assert!(std::fs::metadata(null).is_ok_and(|m| !m.is_file()));
            let (_, part) = Part::create(null).unwrap();
            part.discard();
            assert!(null.exists());
        }
    }
}
