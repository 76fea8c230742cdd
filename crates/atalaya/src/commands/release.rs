//! `atalaya release`: a product for a partner agency, from draft to outcome.

use crate::commands::run::read_operation;
use crate::output::Output;
use crate::sign_in::sign_in;
use crate::station::{Stills, interpreter};
use anyhow::{Context as _, Result, bail};
use atalaya_authority::access::Action;
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::{Clock, Direction, MessageKind, ReleaseLanguage, station_times};
use atalaya_server::{Desk, DraftRequest, remember_corrections};
use atalaya_store::{Store, StoredRelease};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest sealed file that is read, bytes.
const LARGEST: u64 = 40 << 20;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    /// Folder of the store
    #[arg(
        long,
        default_value = ".atalaya/store",
        value_name = "DIR",
        global = true
    )]
    dir: PathBuf,
}

/// Who does it.
#[derive(clap::Args, Debug)]
struct By {
    /// Who does it; with accounts the password is read from standard input
    #[arg(long, value_name = "NAME")]
    by: String,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Lang {
    En,
    Es,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Draft a release out of an alert that was referred to a partner; prints its number
    Draft {
        /// The operation document
        operation: PathBuf,
        /// The alert, RUN~ID
        #[arg(long, value_name = "RUN~ID")]
        alert: String,
        /// The partner, as the authority names it
        #[arg(long, value_name = "NAME")]
        partner: String,
        /// Language of the report
        #[arg(long)]
        lang: Lang,
        /// One line
        #[arg(long)]
        title: String,
        /// What the partner should know
        #[arg(long)]
        summary: String,
        /// An answer is wanted within so many hours
        #[arg(long, default_value_t = 24, value_name = "HOURS")]
        reply_within: u32,
        /// Title, summary and assessment are in the other language: a machine translates them into --lang;
        /// the report says so and has the originals
        #[arg(long)]
        translate: bool,
        #[command(flatten)]
        by: By,
    },
    /// Approve a draft, or turn it down: another person than who drafted it
    Approve {
        /// The release's number
        id: String,
        /// Turn it down, and why
        #[arg(long, value_name = "REASON")]
        turn_down: Option<String>,
        #[command(flatten)]
        by: By,
    },
    /// Sign an approved release and encrypt it to its partner
    Seal {
        /// The release's number
        id: String,
        /// Address of this instance's server: prints a one-time link to fetch it from there
        #[arg(long, value_name = "URL")]
        portal: Option<String>,
        /// File to write; standard output when absent
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        by: By,
    },
    /// Open a sealed file: a release for us (its report is written), or what was said of one of ours
    Open {
        /// The sealed file, or a partner's link
        file: String,
        /// Folder for report and manifest
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        by: By,
    },
    /// Confirm that a person has read a release, and, with --accept or --refuse, answer it
    Receipt {
        /// The release's number
        id: String,
        /// Take it on
        #[arg(long, conflicts_with = "refuse")]
        accept: bool,
        /// Don't, and why
        #[arg(long, value_name = "REASON")]
        refuse: Option<String>,
        /// Folder for the sealed answers, to be carried to the sender
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        by: By,
    },
    /// Say that we are acting on it, or what came of it
    Outcome {
        /// The release's number
        id: String,
        /// What came of it; with --acting what is being done
        text: String,
        /// It is under way: no outcome yet
        #[arg(long)]
        acting: bool,
        /// Folder for the sealed answer, to be carried to the sender
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        by: By,
    },
    /// Take a sealed release back: the partner's instance deletes its content
    Recall {
        /// The release's number
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Folder for the sealed recall, to be carried to the partner
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        by: By,
    },
    /// All releases with their clocks: JSON
    Board,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    let handle = runtime.handle().clone();
    runtime.block_on(async {
        let store = crate::input::store(&a.dir).await?;
        let done = dispatch(a, &store, handle).await;
        store.close().await;
        done
    })
}

async fn dispatch(a: &Args, store: &Store, handle: tokio::runtime::Handle) -> Result<()> {
    let desk = Desk::new(store.clone());
    match &a.command {
        Command::Draft {
            operation,
            alert,
            partner,
            lang,
            title,
            summary,
            reply_within,
            translate,
            by,
        } => {
            let by = sign_in(store, &by.by, Action::Draft).await?;
            let operation = read_operation(operation)?;
            let context = Arc::new(Context::new(operation, EngineSettings::default())?);
            let Some((run, id)) = alert.split_once('~') else {
                bail!("'{alert}' is not an alert; give RUN~ID, as the page and the API do");
            };
            let new = DraftRequest {
                run: run.into(),
                alert: id.into(),
                decision: None,
                partner: partner.clone(),
                language: match lang {
                    Lang::En => ReleaseLanguage::En,
                    Lang::Es => ReleaseLanguage::Es,
                },
                title: title.clone(),
                summary: summary.clone(),
                reply_within_h: *reply_within,
            };
            let stills = Arc::new(Stills::new(context.clone(), store.clone(), handle));
            let operation = &context.operation;
            let made = if *translate {
                let interpreter = Arc::new(interpreter());
                remember_corrections(store, &interpreter).await?;
                desk.draft_translated(operation, stills, new, interpreter, &by)
                    .await?
            } else {
                desk.draft(operation, stills, new, &by).await?
            };
            if let Some(m) = &made.release.machine {
                eprintln!("a machine ({}) translated its words; read them:", m.engine);
                eprintln!("{}\n{}", made.release.title, made.release.summary);
                for flag in &m.flags {
                    eprintln!("look at: {flag}");
                }
            }
            println!("{}", made.release.id);
            eprintln!(
                "drafted for '{partner}'; a second person approves it: atalaya release approve {} --by NAME",
                made.release.id
            );
        }
        Command::Approve { id, turn_down, by } => {
            let by = sign_in(store, &by.by, Action::Approve).await?;
            let reason = turn_down.as_deref().unwrap_or_default();
            let judged = desk.judge(id, turn_down.is_none(), reason, &by).await?;
            println!("{id}\t{}", judged.release.state.name());
        }
        Command::Seal {
            id,
            portal,
            out,
            by,
        } => {
            let by = sign_in(store, &by.by, Action::Carry).await?;
            let sealing = desk.seal(id, portal.as_deref(), &by).await?;
            if let Some(link) = &sealing.link {
                println!("{link}");
            }
            if out.is_some() || sealing.link.is_none() {
                let mut file = Output::open(out.as_deref())?;
                writeln!(file, "{}", sealing.sealed)?;
                file.finish()?;
            }
        }
        Command::Open { file, out, by } => {
            let by = sign_in(store, &by.by, Action::Carry).await?;
            let taken = if file.starts_with("http://") || file.starts_with("https://") {
                desk.fetch(file, &by).await?
            } else {
                let sealed = read(Path::new(file))?;
                desk.take_in(&sealed, &by)
                    .await
                    .with_context(|| file.clone())?
            };
            let r = &taken.release;
            println!("{}\t{}\t{}\t{}", r.id, r.from, r.state.name(), last(&taken));
            if let Some(out) = out.as_ref().filter(|_| taken.has_content) {
                let package = desk.package(&r.id).await?;
                std::fs::create_dir_all(out)
                    .with_context(|| format!("can't make the folder {}", out.display()))?;
                write(&out.join("report.html"), package.report())?;
                write(&out.join("manifest.json"), &package.manifest)?;
            }
            carry(store, &taken, out.as_deref(), 0).await?;
        }
        Command::Receipt {
            id,
            accept,
            refuse,
            out,
            by,
        } => {
            let by = sign_in(store, &by.by, Action::Reply).await?;
            let before = store.release(id).await?.messages.len();
            let read = store.release(id).await?;
            let confirmed = |s: &StoredRelease| {
                let kinds: Vec<MessageKind> = s.messages.iter().map(|m| m.message.kind).collect();
                kinds.contains(&MessageKind::Receipt)
            };
            let mut said = read;
            if !confirmed(&said) || (!accept && refuse.is_none()) {
                said = desk.say(id, MessageKind::Receipt, "", &by).await?;
            }
            if *accept {
                said = desk.say(id, MessageKind::Accepted, "", &by).await?;
            }
            if let Some(why) = refuse {
                said = desk.say(id, MessageKind::Refused, why, &by).await?;
            }
            carry(store, &said, out.as_deref(), before).await?;
            println!("{id}\t{}", last(&said));
        }
        Command::Outcome {
            id,
            text,
            acting,
            out,
            by,
        } => {
            let by = sign_in(store, &by.by, Action::Reply).await?;
            let before = store.release(id).await?.messages.len();
            let kind = if *acting {
                MessageKind::Acting
            } else {
                MessageKind::Outcome
            };
            let said = desk.say(id, kind, text, &by).await?;
            carry(store, &said, out.as_deref(), before).await?;
            println!("{id}\t{}", last(&said));
        }
        Command::Recall {
            id,
            reason,
            out,
            by,
        } => {
            let by = sign_in(store, &by.by, Action::Carry).await?;
            let before = store.release(id).await?.messages.len();
            let recalled = desk.recall(id, reason, &by).await?;
            carry(store, &recalled, out.as_deref(), before).await?;
            println!("{id}\t{}", recalled.release.state.name());
        }
        Command::Board => board(store).await?,
    }
    Ok(())
}

fn last(s: &StoredRelease) -> &'static str {
    s.messages.last().map_or("-", |m| m.message.kind.name())
}

/// Writes what we have said and could not post, to be carried by hand.
async fn carry(
    store: &Store,
    said: &StoredRelease,
    out: Option<&Path>,
    after: usize,
) -> Result<()> {
    let ours = said.messages.iter().skip(after).filter(|m| m.ours);
    for m in ours {
        let kind = m.message.kind.name();
        if m.posted {
            eprintln!("{kind}: posted to the sender's portal");
            continue;
        }
        let Some(out) = out else {
            eprintln!("{kind}: not posted; give --out DIR to carry it by file");
            continue;
        };
        std::fs::create_dir_all(out)
            .with_context(|| format!("can't make the folder {}", out.display()))?;
        let path = out.join(format!("{kind}-{}.sealed.json", said.release.id));
        write(&path, &store.sealed_message(m.n).await?)?;
        eprintln!("{kind}: carry {} to the other side", path.display());
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path)
        .with_context(|| format!("can't read {}; check the path", path.display()))?
        .len();
    if size > LARGEST {
        bail!(
            "{}: {size} bytes is no sealed file; they have {LARGEST} at most",
            path.display()
        );
    }
    std::fs::read(path).with_context(|| format!("can't read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let mut out = Output::open(Some(path))?;
    out.write_all(text.as_bytes())?;
    out.finish()
}

async fn board(store: &Store) -> Result<()> {
    let all = store.releases().await?;
    let clock = |s: &StoredRelease| {
        let said: Vec<_> = s.messages.iter().map(|m| m.message.clone()).collect();
        Clock::of(&s.release, s.fetched, &said, crate::station::now())
    };
    let side = |d: Direction| {
        let clocks: Vec<Clock> = all
            .iter()
            .filter(|s| s.release.direction == d)
            .map(clock)
            .collect();
        serde_json::json!({
            "overdue": clocks.iter().filter(|c| c.overdue_us.is_some()).count(),
            "times": station_times(&clocks),
        })
    };
    let releases: Vec<_> = all
        .iter()
        .map(|s| {
            let said: Vec<_> = s.messages.iter().map(|m| &m.message).collect();
            serde_json::json!({"release": s.release, "clock": clock(s), "messages": said})
        })
        .collect();
    let board = serde_json::json!({
        "schema": "release-board/1",
        "sent": side(Direction::Sent),
        "received": side(Direction::Received),
        "releases": releases,
    });
    println!("{}", serde_json::to_string_pretty(&board)?);
    Ok(())
}
