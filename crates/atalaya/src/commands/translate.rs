//! `atalaya translate`: lines in one language in, lines in the other out.

use crate::apertium::Apertium;
use crate::output::Output;
use crate::pdf;
use anyhow::{Context, Result, anyhow, bail};
use atalaya_language::{
    Engine, Glossary, Language, Lines, Memory, MemoryError, NoEngine, Translator, document,
    read_tmx,
};
use atalaya_model::Micros;
use clap::{CommandFactory, Parser, ValueEnum};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Longest TMX file, bytes.
const LONGEST_TMX: u64 = 64 << 20;

/// Arguments.
#[derive(Parser, Debug)]
pub struct Args {
    /// Language of the input
    #[arg(long, value_name = "LANGUAGE")]
    from: Tongue,
    /// Language of the output
    #[arg(long, value_name = "LANGUAGE")]
    to: Tongue,
    /// One line out for each line in, as text or as records of translation/1 (with entities, flags, terms)
    #[arg(long, default_value = "text")]
    format: Format,
    /// What translates; `none` applies glossary and memory only
    #[arg(long, default_value = "apertium")]
    engine: Which,
    /// Terms of your own, which overrule the built-in ones: tab-separated, header
    /// es,en,es_plural,en_plural,sense,register,region,source
    #[arg(long, value_name = "FILE.tsv")]
    glossary: Option<PathBuf>,
    /// What people have corrected: JSON Lines of memory/1
    #[arg(long, value_name = "FILE.jsonl")]
    memory: Option<PathBuf>,
    /// Take corrections into --memory instead of translating: lines `sentence<tab>translation`
    #[arg(
        long,
        value_name = "FILE.tsv",
        requires = "memory",
        requires = "author",
        conflicts_with = "file"
    )]
    correct: Option<PathBuf>,
    /// Take the pairs of a TMX file into --memory instead of translating, but for those by a machine: whoever
    /// does so stands for them
    #[arg(
        long,
        value_name = "FILE.tmx",
        requires = "memory",
        requires = "author",
        conflicts_with_all = ["file", "correct"]
    )]
    take: Option<PathBuf>,
    /// Who corrects
    #[arg(long, value_name = "NAME", requires = "memory")]
    author: Option<String>,
    /// Write --memory as TMX 1.4 instead of translating
    #[arg(
        long,
        value_name = "FILE.tmx",
        requires = "memory",
        conflicts_with = "file"
    )]
    tmx: Option<PathBuf>,
    /// Where Apertium's pipelines are described
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "/usr/share/apertium/modes"
    )]
    apertium: PathBuf,
    /// Seconds that the engine may take for a sentence
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    timeout: u32,
    /// Where the result goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Text, a Word document (.docx) or PDF (by pdftotext), a paragraph a line [default: standard input]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Tongue {
    /// Spanish
    Es,
    /// English
    En,
}

impl From<Tongue> for Language {
    fn from(t: Tongue) -> Self {
        match t {
            Tongue::Es => Self::Es,
            Tongue::En => Self::En,
        }
    }
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// The translation alone
    Text,
    /// Records of translation/1
    Jsonl,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// Apertium, on this machine
    Apertium,
    /// No machine translation
    None,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    if a.from == a.to {
        let mut command = super::Cli::command();
        let said = "--from and --to are the same language; give es and en, or en and es";
        command
            .error(clap::error::ErrorKind::ValueValidation, said)
            .exit();
    }
    let from = Language::from(a.from);
    let mut memory = remembered(a)?;
    if let (Some(file), Some(store), Some(author)) = (&a.take, &a.memory, &a.author) {
        take(&mut memory, file, store, author)?;
    }
    if a.correct.is_some() || a.tmx.is_some() || a.take.is_some() {
        if let (Some(file), Some(store), Some(author)) = (&a.correct, &a.memory, &a.author) {
            correct(&mut memory, from, file, store, author)?;
        }
        if let Some(path) = &a.tmx {
            let mut out = Output::open(Some(path))?;
            memory
                .write_tmx(&mut out)
                .with_context(|| format!("can't write {}", path.display()))?;
            out.finish()?;
        }
        return Ok(());
    }
    let mut glossary = Glossary::built_in()?;
    if let Some(path) = &a.glossary {
        glossary.add(opened(path)?, &path.display().to_string())?;
    }
    let source = source(a.file.as_deref())?;
    match a.engine {
        Which::None => translate(a, source, Translator::new(NoEngine, from, glossary, memory)),
        Which::Apertium => {
            let patience = Duration::from_secs(u64::from(a.timeout));
            let engine = Apertium::start(&a.apertium, from, patience)?;
            translate(a, source, Translator::new(engine, from, glossary, memory))
        }
    }
}

fn opened(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path)
        .with_context(|| format!("can't read {}; check the path", path.display()))?;
    Ok(BufReader::new(file))
}

fn remembered(a: &Args) -> Result<Memory> {
    match &a.memory {
        Some(path) if (a.correct.is_none() && a.take.is_none()) || path.exists() => {
            Ok(Memory::read(opened(path)?, &path.display().to_string())?)
        }
        _ => Ok(Memory::default()),
    }
}

fn correct(
    memory: &mut Memory,
    from: Language,
    file: &Path,
    store: &Path,
    author: &str,
) -> Result<()> {
    let mut lines = Lines::new(opened(file)?, &file.display().to_string());
    let (mut out, now) = (appended(store)?, now());
    let mut taken = 0;
    while let Some(line) = lines.next_line()? {
        if line.trim().is_empty() {
            continue;
        }
        let Some((source, target)) = line.split_once('\t') else {
            bail!(lines.error("no tab; a correction is a sentence, a tab, its translation"));
        };
        match memory.correct(from, source, target, author, now, &mut out) {
            Ok(()) => taken += 1,
            Err(MemoryError::Refused(why)) => bail!(lines.error(why)),
            Err(e) => return Err(e.into()),
        }
    }
    out.sync_all()
        .with_context(|| format!("can't write {}", store.display()))?;
    eprintln!(
        "corrections taken: {taken}; in the memory: {}",
        memory.entries().len()
    );
    Ok(())
}

fn appended(store: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(store)
        .with_context(|| {
            format!(
                "can't write {}; check folder and permission",
                store.display()
            )
        })
}

fn now() -> Option<Micros> {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map(|d| Micros(d.as_micros() as i64))
        .ok()
}

/// Takes the pairs of a TMX file into the memory. What lost or changed something is said and left out.
fn take(memory: &mut Memory, file: &Path, store: &Path, author: &str) -> Result<()> {
    let name = file.display();
    let mut bytes = Vec::new();
    opened(file)?
        .take(LONGEST_TMX + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("can't read {name}"))?;
    if bytes.len() as u64 > LONGEST_TMX {
        bail!("{name}: larger than {LONGEST_TMX} bytes; split it");
    }
    let read = read_tmx(&bytes).with_context(|| name.to_string())?;
    let (mut out, now) = (appended(store)?, now());
    let (mut taken, mut refused) = (0, 0);
    for u in &read.units {
        match memory.correct(u.from, &u.source, &u.target, author, now, &mut out) {
            Ok(()) => taken += 1,
            Err(MemoryError::Refused(why)) => {
                refused += 1;
                if refused <= 10 {
                    eprintln!("{name}: {why}");
                }
            }
            Err(e) => return Err(e.into()),
        }
    }
    out.sync_all()
        .with_context(|| format!("can't write {}", store.display()))?;
    eprintln!(
        "pairs taken: {taken}; refused: {refused}; by a machine: {}; in other languages: {}; in the memory: {}",
        read.machine,
        read.others,
        memory.entries().len()
    );
    Ok(())
}

/// The input as lines of text, with its name.
fn source(path: Option<&Path>) -> Result<(Box<dyn BufRead>, String)> {
    let path = path.filter(|p| p.as_os_str() != "-");
    let name = path.map_or("standard input".into(), |p| p.display().to_string());
    let mut reader: Box<dyn BufRead> = match path {
        None => Box::new(BufReader::new(std::io::stdin())),
        Some(p) => Box::new(opened(p)?),
    };
    let start = reader
        .fill_buf()
        .with_context(|| format!("can't read {name}; is it a file?"))?;
    match document::kind(start) {
        document::Kind::Text => Ok((reader, name)),
        document::Kind::OldWord => {
            bail!("{name}: an old Word document is not read; save it as .docx or as text")
        }
        kind => {
            let mut bytes = Vec::new();
            reader
                .take(document::LARGEST + 1)
                .read_to_end(&mut bytes)
                .with_context(|| format!("can't read {name}"))?;
            if bytes.len() as u64 > document::LARGEST {
                bail!(
                    "{name}: larger than {} bytes; split the document",
                    document::LARGEST
                );
            }
            let text = if kind == document::Kind::Pdf {
                let text = pdf::text(&bytes).map_err(|why| anyhow!("{name}: {why}"))?;
                document::unwrapped(&text)
            } else {
                document::paragraphs(&bytes).with_context(|| name.clone())?
            };
            Ok((Box::new(Cursor::new(text.join("\n"))), name))
        }
    }
}

fn translate<E: Engine>(
    a: &Args,
    (reader, name): (Box<dyn BufRead>, String),
    mut translator: Translator<E>,
) -> Result<()> {
    let mut lines = Lines::new(reader, &name);
    let mut out = Output::open(a.out.as_deref())?;
    let start = Instant::now();
    let (mut n, mut words, mut entities, mut kept) = (0u64, 0usize, 0usize, 0usize);
    let mut flagged = Vec::new();
    while let Some(line) = lines.next_line()? {
        n += 1;
        words += line.split_whitespace().count();
        let t = translator.line(&line)?;
        entities += t.entities.len();
        kept += t.entities.iter().filter(|e| e.kept).count();
        if !t.flags.is_empty() {
            flagged.push(n);
        }
        match a.format {
            Format::Text => writeln!(out, "{}", t.target)?,
            Format::Jsonl => {
                serde_json::to_writer(&mut out, &t)?;
                writeln!(out)?;
            }
        }
        // Whoever asks line by line waits for the answer.
        out.flush()?;
    }
    out.finish()?;
    let took = start.elapsed().as_secs_f64();
    let by = match a.engine {
        Which::Apertium => "machine translation by Apertium, not read by a person",
        Which::None => "no engine: glossary and memory only",
    };
    eprintln!(
        "{by}: {n} lines, {words} words, {:.0} words/s",
        words as f64 / took.max(1e-9)
    );
    eprintln!("{kept} of {entities} names, places, numbers kept where they belong");
    if !flagged.is_empty() {
        let first: Vec<String> = flagged.iter().take(10).map(u64::to_string).collect();
        let more = if flagged.len() > 10 { ", …" } else { "" };
        eprintln!(
            "{} lines to look at: {}{more} (--format jsonl says why)",
            flagged.len(),
            first.join(", ")
        );
    }
    Ok(())
}
