//! A server on a free port, and a client that says exactly what a test wants.

use atalaya_authority::access::Role;
use atalaya_engine::language::Interpreter;
use atalaya_model::operation::Retention;
use atalaya_model::{
    Alert, AlertState, Class, FeedIx, Micros, Operation, PixelBox, Severity, TrackId, TrackPoint,
    TrackState,
};
use atalaya_server::{ServerConfig, ServerHandle, SizedStill, StillSource, Web, serve};
use atalaya_store::{Bus, Record, Run, Store};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const RUN: &str = "r1";
pub const FAR: Micros = Micros(9_000_000_000_000_000);
const OPERATION: &str = r#"
schema = "operation/1"
id = "op"
name = "Operation"
simulated = true
[authority]
issuer = "Court 1"
legal_basis = "Art. 1"
reference = "1/2026"
purpose = "test"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["eo", "ir"]
objects = ["vehicle"]
partners = ["Policía Nacional", "Guardia"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01]]
no_look = [{ name = "school", polygon = [[-3.5, 40.0], [-3.499, 40.0], [-3.499, 40.001]] }]
retention = { bystander_hours = 1, evidence_days = 30 }
[[authority.target]]
name = "White truck"
kind = "vehicle"
description = "of the order"
[site]
id = "s"
name = "Site"
[[site.zone]]
id = "yard"
polygon = [[-3.5, 40.0], [-3.499, 40.0], [-3.499, 40.001]]
[[feed]]
id = "eo"
source = "eo.ts"
sensor = "eo"
[[feed]]
id = "ir"
source = "ir.ts"
sensor = "ir"
[[rule]]
id = "long-stay"
kind = "dwell"
zone = "yard"
longer_than_s = 30
"#;

struct Stills;

impl StillSource for Stills {
    fn still(&self, feed: &str, t: Micros, width: u32) -> Result<Vec<u8>, String> {
        if t.0 < 0 {
            return Err(format!("feed '{feed}' has no picture at {t}"));
        }
        Ok(format!("JPEG {feed} {} {width}", t.0).into_bytes())
    }

    /// What begins like a JPEG, and says how many are covered in it.
    fn redacted(
        &self,
        feed: &str,
        _: (Micros, u32),
        others: &[PixelBox],
        _: Option<PixelBox>,
    ) -> Result<SizedStill, String> {
        let said = format!("{feed} {} covered", others.len());
        Ok((
            [&[0xff, 0xd8, 0xff], said.as_bytes()].concat(),
            Some((1280, 720)),
        ))
    }
}

pub struct Post {
    pub server: ServerHandle,
    pub store: Store,
    pub bus: Bus,
    _dir: tempfile::TempDir,
}

#[derive(Default)]
pub struct Options {
    pub web: Web,
    pub background: Option<PathBuf>,
    pub hosts: Vec<String>,
    pub user: Option<(&'static str, &'static str)>,
    pub interpreter: Option<Arc<Interpreter>>,
}

impl Post {
    pub async fn start() -> Self {
        Self::with(Options {
            web: Web::None,
            ..Options::default()
        })
        .await
    }

    pub async fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        if let Some((name, password)) = options.user {
            atalaya_server::add_user(&store, name, password, &Role::ALL)
                .await
                .unwrap();
        }
        let bus = Bus::default();
        let server = serve(ServerConfig {
            bind: "127.0.0.1:0".parse().unwrap(),
            hosts: options.hosts,
            store: store.clone(),
            bus: bus.clone(),
            operation: operation(),
            stills: Arc::new(Stills),
            flights: None,
            landmarks: atalaya_engine::live::Landmarks::default(),
            story: None,
            interpreter: options
                .interpreter
                .unwrap_or_else(|| Arc::new(Interpreter::glossary_only())),
            web: options.web,
            background: options.background,
        })
        .await
        .unwrap();
        Self {
            server,
            store,
            bus,
            _dir: dir,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub fn write(&self, records: Vec<Record>) {
        let writer = self.store.writer();
        tokio::task::block_in_place(|| writer.submit(records).unwrap().wait().unwrap());
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Reply {
        let json = [("content-type", "application/json")];
        self.ask("POST", path, &json, body).await
    }

    /// One request on a connection of its own; a header given replaces the usual one.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(n, _)| *n == "host") {
            text += &format!("host: {}\r\n", self.address());
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += &format!("content-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: String::from_utf8_lossy(&bytes[end + 4..]).into_owned(),
        }
    }
}

pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }
}

pub fn operation() -> Arc<Operation> {
    Arc::new(Operation::parse("test", OPERATION).unwrap())
}

pub fn run() -> Record {
    Record::Run {
        run: Run {
            id: RUN.into(),
            operation: "op".into(),
            started: Micros(0),
            settings_hash: "0".into(),
            code_version: "0".into(),
            retention: Retention {
                bystander_hours: 1,
                evidence_days: 30,
            },
        },
        delete_by: FAR,
    }
}

pub fn alert(n: i64) -> Alert {
    Alert {
        schema: Alert::SCHEMA.into(),
        life: None,
        id: format!("long-stay-A{n}"),
        rule: "long-stay".into(),
        opened_at: Micros(n * 1_000_000),
        zone: "yard".into(),
        subjects: vec![format!("A{n}")],
        events: vec!["e1".into()],
        severity: Severity::Warning,
        reason: "it stayed".into(),
        state: AlertState::Open,
        lat: Some(40.0),
        lon: Some(-3.5),
        evidence: Vec::new(),
    }
}

pub fn stored(n: i64) -> Record {
    Record::Alert {
        run: RUN.into(),
        alert: alert(n),
        delete_by: FAR,
    }
}

pub fn point(n: u32, frame: u64) -> TrackPoint {
    TrackPoint {
        track: TrackId { feed: FeedIx(0), n },
        frame,
        state: TrackState::Seen,
        bbox: PixelBox {
            x: 1.0,
            y: 2.0,
            w: 3.0,
            h: 4.0,
        },
        ground: None,
        anchored: None,
        class: Class::Truck,
        class_p: 0.8,
        p: 0.9,
        look: None,
    }
}
