//! `atalaya sapient check`: do messages conform to BSI Flex 335 v2?

use crate::input::open;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_sapient::check::{Finding, check};
use atalaya_sapient::{EFFECTORS, Message, frame::Splitter, json, wire};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Largest file that is read.
const LARGEST: u64 = 256 << 20;

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Check messages against BSI Flex 335 v2.0: protobuf JSON (one object, or one a line), one bare
    /// message, or messages with their length before them
    Check(Args),
}

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Files; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// `text`: a line for each file that conforms and for each fault; `jsonl`: an object for each fault
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where the lines go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Jsonl,
}

/// Runs it.
pub fn run(command: &Command) -> Result<()> {
    let Command::Check(a) = command;
    let mut out = Output::open(a.out.as_deref())?;
    let mut bad = 0;
    for path in &a.files {
        let name = path.display().to_string();
        let messages = read(path).with_context(|| name.clone())?;
        let several = messages.len() > 1;
        let mut faults = 0;
        for (i, message) in messages.iter().enumerate() {
            let findings = match message {
                Ok((m, found)) => {
                    let mut all = found.clone();
                    all.extend(check(m));
                    all.extend(effector(m));
                    all
                }
                Err(why) => vec![Finding {
                    path: "message".into(),
                    what: why.clone(),
                }],
            };
            faults += findings.len();
            for f in findings {
                match a.format {
                    Format::Text if several => {
                        writeln!(out, "{name}: message {}: {}: {}", i + 1, f.path, f.what)?;
                    }
                    Format::Text => writeln!(out, "{name}: {}: {}", f.path, f.what)?,
                    Format::Jsonl => writeln!(
                        out,
                        "{}",
                        json!({"schema": "sapient-check/1", "file": name, "message": i + 1,
                               "field": f.path, "what": f.what})
                    )?,
                }
            }
        }
        if faults > 0 {
            bad += 1;
        } else if a.format == Format::Text {
            writeln!(out, "{name}: ok")?;
        }
    }
    out.finish()?;
    if bad > 0 {
        bail!("{bad} of {} files do not conform", a.files.len());
    }
    Ok(())
}

/// Said for whoever wants to connect it: conforming as it is, it would be refused.
fn effector(m: &Message) -> Option<Finding> {
    let registration = m.message("registration")?;
    let kind = registration
        .messages("node_definition")
        .filter_map(|d| d.word("node_type"))
        .find(|k| EFFECTORS.contains(k))?;
    Some(Finding {
        path: "registration.node_definition".into(),
        what: format!("{kind} is an effector; it would be refused"),
    })
}

type Read1 = std::result::Result<(Message, Vec<Finding>), String>;

fn read(path: &Path) -> Result<Vec<Read1>> {
    let mut bytes = Vec::new();
    open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        bail!("is larger than {} MiB; check it in parts", LARGEST >> 20);
    }
    if bytes.is_empty() {
        bail!("is empty; give at least one message");
    }
    let text = std::str::from_utf8(&bytes).ok();
    if let Some(text) = text.filter(|t| t.trim_start().starts_with(['{', '['])) {
        if let whole @ Ok(_) = json::decode(text) {
            return Ok(vec![whole]);
        }
        let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
        let a_line_each = lines.len() > 1
            && lines
                .iter()
                .all(|l| l.trim_end().ends_with('}') && l.starts_with('{'));
        return Ok(if a_line_each {
            lines.iter().map(|l| json::decode(l)).collect()
        } else {
            vec![json::decode(text)]
        });
    }
    let decode = |b: &[u8]| {
        wire::decode(b)
            .map(|m| (m, Vec::new()))
            .map_err(|e| e.to_string())
    };
    let mut splitter = Splitter::default();
    splitter.push(&bytes);
    let mut framed = Vec::new();
    while let Ok(Some(message)) = splitter.take() {
        framed.push(message);
    }
    if splitter.rest() == 0 && !framed.is_empty() {
        return Ok(framed.iter().map(|m| decode(m)).collect());
    }
    let whole = decode(&bytes);
    // A recording that was cut off ends in the middle of a message.
    if whole.is_err() && !framed.is_empty() {
        let mut all: Vec<Read1> = framed.iter().map(|m| decode(m)).collect();
        all.push(Err(format!(
            "the file ends {} bytes into a message; was it cut short?",
            splitter.rest()
        )));
        return Ok(all);
    }
    Ok(vec![whole])
}
