//! A running post: store, bus, server, and live runs.

use crate::apertium::Apertium;
use crate::flights::Flights;
use crate::recovery;
use anyhow::{Context as _, Result};
use atalaya_engine::language::{BoxedEngine, Interpreter};
use atalaya_engine::live::{self, Landmarks, LiveOptions, LiveSummary, Stop};
use atalaya_engine::watching::{self, Armed};
use atalaya_engine::{Context, EngineError, stills};
use atalaya_language::Language;
use atalaya_model::{Author, FeedIx, Micros, PixelBox};
use atalaya_server::{ServerConfig, ServerHandle, SizedStill, StillSource, Story, Web, serve};
use atalaya_store::{Bus, Store};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};

/// Frames per feed that may wait for analysis: half a second at 15 a second.
const QUEUE: usize = 8;
/// Stills kept in memory.
const STILLS: usize = 64;
/// Where Debian describes Apertium's pipelines.
const APERTIUM: &str = "/usr/share/apertium/modes";
/// What it may take for a sentence of a note, while somebody looks at the page.
const PATIENCE: Duration = Duration::from_secs(3);

/// How a post shows itself.
pub struct Face {
    /// Where it answers.
    pub bind: SocketAddr,
    /// To which names, beside addresses and `localhost`.
    pub hosts: Vec<String>,
    /// The page.
    pub web: Web,
    /// A folder with the operator's own map backgrounds.
    pub background: Option<PathBuf>,
    /// Planned flights.
    pub flights: Flights,
    /// A rehearsal that tells itself.
    pub story: Option<Arc<dyn Story>>,
}

impl Face {
    /// A page at an address, and nothing else.
    pub fn new(bind: SocketAddr, web: Web) -> Self {
        Self {
            bind,
            hosts: Vec::new(),
            web,
            background: None,
            flights: Flights::default(),
            story: None,
        }
    }
}

/// Store, bus and server of an operation.
pub struct Station {
    context: Arc<Context>,
    runtime: Runtime,
    store: Store,
    bus: Bus,
    server: ServerHandle,
    landmarks: Landmarks,
    dir: PathBuf,
}

impl Station {
    /// Opens the store in `dir`, closes what a crash left open, and starts the server.
    pub fn open(context: Arc<Context>, dir: &Path, face: Face) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("can't start the runtime")?;
        std::fs::create_dir_all(dir)
            .with_context(|| format!("can't make the folder {}", dir.display()))?;
        let store = runtime.block_on(Store::open(dir))?;
        recovery::recover(&context, &store, dir, runtime.handle())?;
        let bus = Bus::default();
        crate::cot::start(&context.operation, &bus, runtime.handle())?;
        let stills = Arc::new(Stills::new(
            context.clone(),
            store.clone(),
            runtime.handle().clone(),
        ));
        let landmarks = Landmarks::default();
        let server = runtime.block_on(serve(ServerConfig {
            bind: face.bind,
            hosts: face.hosts,
            store: store.clone(),
            bus: bus.clone(),
            operation: Arc::new(context.operation.clone()),
            stills,
            interpreter: Arc::new(interpreter()),
            flights: Some(Arc::new(face.flights)),
            landmarks: landmarks.clone(),
            story: face.story,
            web: face.web,
            background: face.background,
        }))?;
        Ok(Self {
            context,
            runtime,
            store,
            bus,
            server,
            landmarks,
            dir: dir.to_owned(),
        })
    }

    /// The page's address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What is said as it happens.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Where records are.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where tasks run.
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// One live run, until `stop`, with the watch document that is armed when it begins.
    pub fn run(
        &self,
        run: &str,
        stop: &Stop,
        ready: impl FnOnce(&[SocketAddr]),
    ) -> Result<LiveSummary> {
        let options = LiveOptions {
            run: run.to_owned(),
            dir: self.dir.clone(),
            writer: self.store.writer(),
            bus: self.bus.clone(),
            queue: QUEUE,
            landmarks: self.landmarks.clone(),
        };
        let context = (*self.context).clone().with_watch(self.armed()?);
        Ok(live::run(&context, &options, stop, ready)?)
    }

    /// Arms a document where nobody has armed any.
    pub fn arm_first(&self, text: &str) -> Result<()> {
        let zones = watching::zones(&self.context.operation);
        let rules = watching::read_rules("watch document", text, &zones).map_err(|faults| {
            anyhow::anyhow!(
                "{}",
                faults.first().map_or_else(String::new, ToString::to_string)
            )
        })?;
        let n = rules.document.rules.len() as u32;
        let hash = atalaya_engine::hex(&Sha256::digest(text));
        let author = Author {
            name: "Atalaya".into(),
            verified: true,
        };
        self.runtime.block_on(async {
            if self.store.watch().await?.is_none() {
                self.store.save_watch(text, &hash, n, &author).await?;
            }
            anyhow::Ok(())
        })
    }

    /// The armed document; one that no longer fits the operation's zones is left out, and that is said.
    fn armed(&self) -> Result<Option<Armed>> {
        let (saved, answers) = self.runtime.block_on(async {
            anyhow::Ok((self.store.watch().await?, self.store.answers().await?))
        })?;
        let Some(saved) = saved else { return Ok(None) };
        let answers = watching::answers(answers);
        let name = format!("watch document {}", saved.n);
        match Armed::new(&name, &saved.text, &self.context.operation, answers) {
            Ok(armed) => Ok(Some(armed)),
            Err(e) => {
                tracing::error!("{e}; its rules are not applied: save it again on the page");
                Ok(None)
            }
        }
    }

    /// Stops the server and closes the store.
    pub fn close(self) {
        self.runtime.block_on(async {
            self.server.shutdown().await;
            self.store.close().await;
        });
        self.runtime
            .shutdown_timeout(std::time::Duration::from_secs(2));
    }
}

/// Translates notes, where it is installed.
/// What translates notes, documents and releases, with Apertium and pdftotext where they are installed.
pub fn interpreter() -> Interpreter {
    Interpreter::new(Box::new(apertium)).reading_pdf(Box::new(crate::pdf::text))
}

fn apertium(from: Language) -> Result<BoxedEngine, atalaya_language::EngineError> {
    let engine = Apertium::start(Path::new(APERTIUM), from, PATIENCE)?;
    Ok(Box::new(engine))
}

/// A run's id: the moment it began.
pub fn run_id(prefix: &str) -> String {
    let text = now().to_rfc3339().replace([':', '-'], "").replace('.', "");
    format!("{prefix}-{text}")
}

/// Wall time.
pub fn now() -> Micros {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

type Kept = VecDeque<((String, i64, u32), Vec<u8>)>;

/// Stills out of the stored segments.
pub struct Stills {
    context: Arc<Context>,
    store: Store,
    handle: Handle,
    kept: Mutex<Kept>,
}

impl Stills {
    /// Of a store; `handle` runs its questions. To be asked from threads that may block.
    pub fn new(context: Arc<Context>, store: Store, handle: Handle) -> Self {
        Self {
            context,
            store,
            handle,
            kept: Mutex::default(),
        }
    }

    /// Files that may hold the moment: closed segments by the store's word, else the newest of
    /// those that are still being written.
    fn files(&self, feed: &str, t: Micros) -> Result<Vec<PathBuf>, String> {
        let rows = self
            .handle
            .block_on(self.store.segments_at(feed, t))
            .map_err(|e| e.to_string())?;
        let mut files: Vec<PathBuf> = rows
            .iter()
            .map(|(_, s)| self.store.dir().join(&s.path))
            .collect();
        if files.is_empty() {
            let mut open: Vec<PathBuf> = std::fs::read_dir(self.store.segments_dir())
                .into_iter()
                .flatten()
                .filter_map(|r| std::fs::read_dir(r.ok()?.path()).ok())
                .flatten()
                .filter_map(|f| f.ok().map(|f| f.path()))
                .filter(|p| {
                    let name = p.file_name().map(|n| n.to_string_lossy().into_owned());
                    name.is_some_and(|n| n.starts_with(&format!("{feed}-")) && n.ends_with(".part"))
                })
                .collect();
            open.sort();
            files.extend(open.pop());
        }
        Ok(files)
    }
}

impl Stills {
    /// What `make` makes of the first file that holds the moment.
    fn find<T>(
        &self,
        feed: &str,
        t: Micros,
        make: impl Fn(FeedIx, &Path) -> Result<Option<T>, EngineError>,
    ) -> Result<T, String> {
        let feeds = &self.context.operation.feeds;
        let ix = feeds
            .iter()
            .position(|f| f.id == feed)
            .and_then(|i| u16::try_from(i).ok())
            .ok_or_else(|| format!("there is no feed '{feed}'"))?;
        for file in self.files(feed, t)? {
            match make(FeedIx(ix), &file) {
                Ok(Some(made)) => return Ok(made),
                Err(e @ EngineError::Refused { .. }) => return Err(e.to_string()),
                Ok(None) | Err(_) => {}
            }
        }
        Err(format!(
            "no stored picture of feed '{feed}' at {t}: it was not recorded, or its time to be kept is over"
        ))
    }
}

impl StillSource for Stills {
    fn still(&self, feed: &str, t: Micros, width: u32) -> Result<Vec<u8>, String> {
        let key = (feed.to_owned(), t.0, width);
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = lock().iter().find(|(k, _)| *k == key) {
            return Ok(bytes.clone());
        }
        let (_, bytes) = self.find(feed, t, |ix, file| {
            stills::nearest(&self.context, ix, file, t, width)
        })?;
        let mut kept = lock();
        if kept.len() >= STILLS {
            kept.pop_front();
        }
        kept.push_back((key, bytes.clone()));
        Ok(bytes)
    }

    fn redacted(
        &self,
        feed: &str,
        (t, width): (Micros, u32),
        boxes: &[PixelBox],
        keep: Option<PixelBox>,
    ) -> Result<SizedStill, String> {
        let others = stills::Others { boxes, keep };
        let made = self.find(feed, t, |ix, file| {
            stills::redacted(&self.context, ix, file, (t, width), others)
        })?;
        Ok((made.jpeg, Some(made.frame_size)))
    }
}
