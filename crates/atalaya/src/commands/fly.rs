//! `atalaya fly`: a certified plan to an aircraft, started by a person, followed.

mod act;
mod confirm;
mod telemetry;

use act::Acts;
use anyhow::{Context, Result, bail};
use atalaya_feeds::aircraft::AircraftLink;
use atalaya_flight::Certificate;
use atalaya_flight::link::{Event, Load, Options, Phase, Session};
use atalaya_flight::qgc::PlanFile;
use atalaya_mav::{Faults, Key, Writer};
use confirm::Confirmation;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The plan; its certificate is beside it
    #[arg(value_name = "FILE.plan")]
    plan: PathBuf,
    /// `udpin:0.0.0.0:14550`, `udpout:HOST:PORT` or `tcp:HOST:PORT`
    #[arg(long, value_name = "LINK")]
    link: String,
    /// Which aircraft, where several are on the link
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=250))]
    system: Option<u8>,
    /// Sign and demand signatures: a file of 32 bytes or 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    sign_key: Option<PathBuf>,
    /// Start without asking; names who has decided it
    #[arg(long, requires = "confirmed_by")]
    start: bool,
    /// Who confirms the start
    #[arg(long, value_name = "NAME")]
    confirmed_by: Option<String>,
    /// Where telemetry goes, JSON Lines; standard output when absent
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where the record of what was done is appended [default: FILE.plan.acts.jsonl]
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Enter what is done into the log of acts of this store, too
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Seconds to wait for a first heartbeat
    #[arg(long, default_value_t = 15.0, value_name = "S")]
    patience_s: f64,
    /// Seconds without a word after which following is given up
    #[arg(long, default_value_t = 60.0, value_name = "S")]
    lost_s: f64,
    /// Follow at most so long, seconds
    #[arg(long, value_name = "S")]
    follow_s: Option<f64>,
}

/// Our number and component as a ground station.
const OURS: (u8, u8) = (255, 190);
/// Longest wait for messages, so that a person's answer and Ctrl-C are heard.
const MOMENT: Duration = Duration::from_millis(100);
/// Largest plan, certificate and key file.
const MOST_BYTES: u64 = 16 << 20;

fn read(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let unread = || format!("can't read {}; check the path", path.display());
    let file = std::fs::File::open(path).with_context(unread)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .with_context(unread)?;
    Ok(bytes)
}

fn text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?)
        .with_context(|| format!("{} is not text; check the path", path.display()))
}

fn seconds(name: &str, s: f64, most: f64) -> Result<Duration> {
    if (0.1..=most).contains(&s) {
        return Ok(Duration::from_secs_f64(s));
    }
    bail!("--{name} {s}: give 0.1 to {most} seconds")
}

/// The plan, if its certificate lets it be flown; a refusal is an act.
fn plan_of(path: &Path, acts: &mut Acts) -> Result<PlanFile> {
    let name = path.display().to_string();
    let plan = PlanFile::parse(&name, &text(path)?)?;
    acts.plan(&plan.content_sha256());
    let beside = super::plan::beside(path, "certificate.json");
    match certified(&plan, &beside, &name) {
        Ok(_) => Ok(plan),
        Err(what) => {
            acts.write("refuse", None, false, Some(&what))?;
            bail!(what)
        }
    }
}

/// The certificate of the plan called `name`, if it lets the plan be flown; else why not.
pub fn certified(plan: &PlanFile, beside: &Path, name: &str) -> Result<Certificate, String> {
    if !beside.exists() {
        return Err(format!(
            "{name} has no certificate ({}); nothing is uploaded without one: make it with atalaya plan",
            beside.display()
        ));
    }
    let read = text(beside).map_err(|e| format!("{e:#}"))?;
    let certificate: Certificate = serde_json::from_str(&read).map_err(|e| {
        format!(
            "{} is not a certificate: {e}; make it with atalaya plan",
            beside.display()
        )
    })?;
    if certificate.schema != "certificate/1" || !certificate.ok {
        let why = certificate.refusal_line().unwrap_or_default();
        return Err(format!("{name} is not certified: {why}"));
    }
    if certificate.plan_sha256.as_deref() != Some(plan.content_sha256().as_str()) {
        return Err(format!(
            "{} belongs to another plan than {name} as it is now; plan again, and change nothing afterwards",
            beside.display()
        ));
    }
    Ok(certificate)
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let options = Options {
        system: a.system,
        ours: OURS.0,
        patience_us: seconds("patience-s", a.patience_s, 3600.0)?.as_micros() as u64,
        lost_us: seconds("lost-s", a.lost_s, 86_400.0)?.as_micros() as u64,
        ..Options::default()
    };
    let most = a
        .follow_s
        .map(|s| seconds("follow-s", s, 604_800.0))
        .transpose()?;
    let record = a.record.clone();
    let record = record.unwrap_or_else(|| super::plan::beside(&a.plan, "acts.jsonl"));
    let mut acts = Acts::open(record, a.store.as_deref(), &a.plan, &a.link)?;
    let plan = plan_of(&a.plan, &mut acts)?;
    let load = Load::new(&plan)?;
    acts.items(&load);
    let key = match &a.sign_key {
        Some(path) => Some(
            Key::parse(&read(path)?)
                .with_context(|| format!("can't sign with {}", path.display()))?,
        ),
        None => None,
    };
    acts.signed(key.is_some());
    let mut flight = Flight {
        link: AircraftLink::open(&a.link, key.clone())?,
        writer: Writer::new(OURS.0, OURS.1, key.map(|k| (k, 1))),
        session: Session::new(load, options, 0),
        began: Instant::now(),
        acts,
        out: telemetry::Out::open(a.out.as_deref())?,
        by: None,
        most,
        following: None,
    };
    let said = flight.go(a);
    // What was heard is kept, however it ended.
    flight.out.finish()?;
    said
}

struct Flight {
    link: AircraftLink,
    writer: Writer,
    session: Session,
    began: Instant,
    acts: Acts,
    out: telemetry::Out,
    /// Who has confirmed the start.
    by: Option<String>,
    most: Option<Duration>,
    following: Option<Instant>,
}

/// How a flight came to its end here.
enum End {
    Over,
    Loaded,
    Stopped(&'static str),
}

impl Flight {
    fn now(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }

    fn go(&mut self, a: &Args) -> Result<()> {
        let stop = interrupted()?;
        let mut confirmation = None;
        loop {
            let now = self.now();
            if now >= self.session.deadline_us() {
                self.session.tick(now);
            }
            self.send()?;
            let end = self.events()?;
            if let Some(end) = end {
                return self.end(end);
            }
            if stop.load(Ordering::Relaxed) {
                return self.end(End::Stopped("stopped here with Ctrl-C"));
            }
            if self.session.phase() == Phase::Ready {
                let asked = confirmation.get_or_insert_with(|| {
                    Confirmation::ask(a.start, a.confirmed_by.as_deref(), self.session.system())
                });
                match asked.answer() {
                    None => {}
                    Some(Some(name)) => self.start(name)?,
                    Some(None) => return self.end(End::Loaded),
                }
            }
            if let (Some(since), Some(most)) = (self.following, self.most)
                && since.elapsed() >= most
            {
                return self.end(End::Stopped("followed for as long as was asked"));
            }
            let left = self.session.deadline_us().saturating_sub(self.now());
            let mut messages = Vec::new();
            self.link
                .receive(MOMENT.min(Duration::from_micros(left)), &mut messages)?;
            let now = self.now();
            for m in &messages {
                self.session.receive(now, m);
            }
        }
    }

    fn start(&mut self, name: String) -> Result<()> {
        // First the record, then the order: no start without an entry.
        self.acts.write("order start", Some(&name), true, None)?;
        eprintln!("starting, confirmed by {name}");
        self.by = Some(name);
        let now = self.now();
        self.session.confirm(now);
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        let stamp = self.link.stamp();
        for m in self.session.take_messages() {
            let frame = self.writer.frame(&m, stamp);
            self.link.send(&frame, self.session.system())?;
        }
        Ok(())
    }

    /// Says what happened; gives how it ended, if it did.
    fn events(&mut self) -> Result<Option<End>> {
        for event in self.session.take_events() {
            match event {
                Event::Found {
                    system,
                    autopilot,
                    signed,
                } => {
                    self.acts.aircraft(system, autopilot.name());
                    let signed = if signed { ", signed" } else { "" };
                    eprintln!("aircraft {system}: {}{signed}", autopilot.name());
                }
                Event::Uploaded {
                    kind,
                    items,
                    acknowledged,
                } => {
                    let how = if acknowledged {
                        ""
                    } else {
                        ", not acknowledged"
                    };
                    eprintln!("{}: {items} items sent{how}", kind.name());
                }
                Event::Same { kind, items } => {
                    eprintln!("{}: {items} items read back, all the same", kind.name());
                }
                Event::Ready => self.acts.write("upload", None, true, None)?,
                Event::Obeyed(what) => eprintln!("done: {what}"),
                Event::Started => {
                    self.following = Some(Instant::now());
                    self.acts.write("start", self.by.as_deref(), true, None)?;
                    eprintln!("started; following (Ctrl-C stops following, not the flight)");
                }
                Event::Position(said) => {
                    let system = self.session.system().unwrap_or_default();
                    self.out.write(system, &said)?;
                }
                Event::Reached(n, of) => eprintln!("item {n} of {of} reached"),
                Event::Text(words) => eprintln!("aircraft says: {words}"),
                Event::Lost => eprintln!("nothing heard for 5 s"),
                Event::Back => eprintln!("heard again"),
                Event::Breach(n) => {
                    eprintln!("warning: the aircraft has left its fence ({n} times)")
                }
                Event::Ended => return Ok(Some(End::Over)),
                Event::Failed(e) => {
                    let what = self.explained(&e.to_string());
                    let act = match (self.following, &self.by) {
                        (Some(_), _) => "end",
                        (None, Some(_)) => "start",
                        (None, None) => "upload",
                    };
                    let by = self.by.clone();
                    self.acts.write(act, by.as_deref(), false, Some(&what))?;
                    bail!("{}: {what}", self.acts.link());
                }
            }
        }
        Ok(None)
    }

    /// A failure, with what the link itself says about its cause.
    fn explained(&self, what: &str) -> String {
        let Faults {
            unsigned,
            wrong_key,
            version_1,
            ..
        } = self.link.faults();
        if what.starts_with("no heartbeat") {
            if wrong_key > 0 {
                return format!(
                    "what is received is signed with another key ({wrong_key} messages); give the aircraft's with --sign-key"
                );
            }
            if unsigned > 0 {
                return format!(
                    "what is received is not signed ({unsigned} messages); set the key up on the aircraft, or leave --sign-key out"
                );
            }
            if version_1 > 0 {
                return format!(
                    "what is received is MAVLink 1 ({version_1} messages), which knows no fences; set the aircraft to MAVLink 2"
                );
            }
        }
        what.to_owned()
    }

    fn end(&mut self, end: End) -> Result<()> {
        let by = self.by.clone();
        match end {
            End::Loaded => {
                eprintln!("loaded and compared; not started: nobody confirmed it");
            }
            End::Over => {
                self.acts.write("end", by.as_deref(), true, None)?;
                eprintln!("flight over: disarmed");
            }
            End::Stopped(why) => {
                self.acts.write("end", by.as_deref(), true, Some(why))?;
                eprintln!("{why}; the aircraft flies on");
            }
        }
        Ok(())
    }
}

/// Set when somebody presses Ctrl-C.
fn interrupted() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = stop.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't wait for Ctrl-C")?;
    std::thread::spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            set.store(true, Ordering::Relaxed);
        }
    });
    Ok(stop)
}
