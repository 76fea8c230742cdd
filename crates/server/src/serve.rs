//! Starting and stopping.

use crate::access::permit;
use crate::auth::LoginLimit;
use crate::flights::FlightSource;
use crate::guard::guard;
use crate::metrics::Metrics;
use crate::relay::{Hub, relay};
use crate::stills::StillSource;
use crate::story::Story;
use crate::{memory, page, routes};
use atalaya_engine::language::Interpreter;
use atalaya_engine::live::Landmarks;
use atalaya_model::{Micros, Operation};
use atalaya_store::{Bus, Live, Store, StoreError};
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Where the page comes from.
#[derive(Clone, Debug, Default)]
pub enum Web {
    /// Inside the binary (feature `embed-web`); without that feature `/` says so.
    #[default]
    Embedded,
    /// A folder, `web/dist`.
    Dir(PathBuf),
    /// No page.
    None,
}

/// What a server needs.
pub struct ServerConfig {
    /// The address; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Names under which it may be called, beside addresses and `localhost`.
    pub hosts: Vec<String>,
    /// Where records are.
    pub store: Store,
    /// What happens now.
    pub bus: Bus,
    /// What is watched.
    pub operation: Arc<Operation>,
    /// Where pictures come from.
    pub stills: Arc<dyn StillSource>,
    /// What translates notes.
    pub interpreter: Arc<Interpreter>,
    /// Who knows planned flights.
    pub flights: Option<Arc<dyn FlightSource>>,
    /// Where landmarks go.
    pub landmarks: Landmarks,
    /// A rehearsal that tells itself.
    pub story: Option<Arc<dyn Story>>,
    /// The page.
    pub web: Web,
    /// A folder with the operator's own map backgrounds (PMTiles).
    pub background: Option<PathBuf>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken.
    #[error(
        "port {port} on {ip} is in use; stop the other program or choose another port with --bind {ip}:{next}"
    )]
    Busy {
        /// The address.
        ip: std::net::IpAddr,
        /// The port.
        port: u16,
        /// A port to try.
        next: u16,
    },
    /// The address can't be listened on.
    #[error(
        "can't listen on {bind}: {why}; give an address of this machine, such as 127.0.0.1:8080"
    )]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// What the system said.
        why: std::io::Error,
    },
    /// Open to the network, but anybody could act.
    #[error(
        "there is no account, so only this machine may connect: {bind} is open to the network; add one with `atalaya user add NAME`, or use 127.0.0.1:{}", bind.port()
    )]
    NoAccount {
        /// The address.
        bind: SocketAddr,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What handlers share.
pub(crate) struct AppState {
    pub store: Store,
    pub bus: Bus,
    pub operation: Arc<Operation>,
    pub stills: Arc<dyn StillSource>,
    pub interpreter: Arc<Interpreter>,
    pub flights: Option<Arc<dyn FlightSource>>,
    pub landmarks: Landmarks,
    pub story: Option<Arc<dyn Story>>,
    pub web: Web,
    pub background: Option<PathBuf>,
    pub hosts: Vec<String>,
    pub loopback: bool,
    pub hub: Arc<Hub>,
    pub metrics: Arc<Metrics>,
    pub login_limit: LoginLimit,
    /// Password hashing takes 19 MiB each.
    pub hashing: Semaphore,
    /// Stills decode video.
    pub still_turns: Semaphore,
    pub stop: watch::Receiver<()>,
}

/// Handle to what handlers share.
#[derive(Clone)]
pub(crate) struct App(Arc<AppState>);

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}

/// Longest body of a request, bytes.
pub(crate) const LONGEST_BODY: usize = 64 << 10;
/// Stills and hashes made at once.
const AT_ONCE: usize = 2;
/// Pause between purges.
const PURGE_EVERY: Duration = Duration::from_secs(600);

/// A running server.
#[derive(Debug)]
pub struct ServerHandle {
    address: SocketAddr,
    stop: watch::Sender<()>,
    server: JoinHandle<()>,
    helpers: Vec<JoinHandle<()>>,
}

impl ServerHandle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The page's address.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Lets running requests end, says goodbye to live clients, and stops.
    pub async fn shutdown(self) {
        // Receivers may be gone already.
        let _ = self.stop.send(());
        for helper in self.helpers {
            helper.abort();
        }
        let mut server = self.server;
        if tokio::time::timeout(Duration::from_secs(5), &mut server)
            .await
            .is_err()
        {
            server.abort();
        }
    }
}

/// Starts a server on the current tokio runtime. What has passed its delete-by date is deleted
/// before it answers, and every ten minutes from then on.
pub async fn serve(config: ServerConfig) -> Result<ServerHandle, ServeError> {
    let bind = config.bind;
    let loopback = bind.ip().is_loopback();
    if !loopback && config.store.users().await? == 0 {
        return Err(ServeError::NoAccount { bind });
    }
    let listener = TcpListener::bind(bind)
        .await
        .map_err(|why| match why.kind() {
            ErrorKind::AddrInUse => ServeError::Busy {
                ip: bind.ip(),
                port: bind.port(),
                next: bind.port().wrapping_add(1).max(1024),
            },
            _ => ServeError::Bind { bind, why },
        })?;
    let address = listener
        .local_addr()
        .map_err(|why| ServeError::Bind { bind, why })?;
    config.store.purge_now().await?;
    memory::remember_corrections(&config.store, &config.interpreter).await?;
    let (stop, stopped) = watch::channel(());
    let hub = Arc::new(Hub::default());
    let metrics = Arc::new(Metrics::default());
    let feeds = config.operation.feeds.iter().map(|f| f.id.clone());
    let helpers = vec![
        tokio::spawn(relay(
            config.bus.subscribe(),
            hub.clone(),
            config.store.clone(),
            metrics.clone(),
            feeds.collect(),
        )),
        tokio::spawn(purge_now_and_then(
            config.store.clone(),
            config.bus.clone(),
            config.interpreter.clone(),
        )),
    ];
    let app = App(Arc::new(AppState {
        store: config.store,
        bus: config.bus,
        operation: config.operation,
        stills: config.stills,
        interpreter: config.interpreter,
        flights: config.flights,
        landmarks: config.landmarks,
        story: config.story,
        web: config.web,
        background: config.background,
        hosts: config.hosts,
        loopback,
        hub,
        metrics,
        login_limit: LoginLimit::default(),
        hashing: Semaphore::new(AT_ONCE),
        still_turns: Semaphore::new(AT_ONCE),
        stop: stopped.clone(),
    }));
    let router = routes::router()
        .fallback(page::file)
        .layer(from_fn_with_state(app.clone(), permit))
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(app);
    let server = tokio::spawn(async move {
        let mut stopped = stopped;
        let until = async move {
            // Closed means that the handle is gone: nobody can stop it any more, so it goes on.
            if stopped.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        if let Err(e) = axum::serve(listener, router)
            .with_graceful_shutdown(until)
            .await
        {
            tracing::error!("the server ended: {e}");
        }
    });
    Ok(ServerHandle {
        address,
        stop,
        server,
        helpers,
    })
}

async fn purge_now_and_then(store: Store, bus: Bus, interpreter: Arc<Interpreter>) {
    loop {
        tokio::time::sleep(PURGE_EVERY).await;
        match store.purge_now().await {
            Ok(what) if what.rows > 0 => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                let t = Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
                tracing::info!(
                    "deleted what was past its date: {} rows, {} files",
                    what.rows,
                    what.files
                );
                bus.publish(Live::Purged { t, what });
                // What was corrected may have been among it.
                if let Err(e) = memory::remember_corrections(&store, &interpreter).await {
                    tracing::error!("{e}");
                }
            }
            Ok(_) => {}
            Err(e) => tracing::error!("{e}"),
        }
    }
}
