//! `atalaya serve`: the server of an operation.

use crate::commands::run::read_operation;
use crate::flights::Flights;
use crate::station::{Face, Station, run_id};
use anyhow::{Context as _, Result, bail};
use atalaya_engine::live::Stop;
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::operation::{SourceAddress, StreamAddress};
use atalaya_server::Web;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The operation document
    operation: Option<PathBuf>,
    /// A TOML file with the same keys: operation, dir, bind, host (a list), web, background
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the store [default: .atalaya/store]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Address of the page [default: 127.0.0.1:8420]
    #[arg(long)]
    bind: Option<SocketAddr>,
    /// A name under which the server may be called, beside its addresses: that of the portal which
    /// partners reach; may be given several times
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Serve the page from this folder instead of the built-in one
    #[arg(long, value_name = "DIR")]
    web: Option<PathBuf>,
    /// Folder with the operator's own map backgrounds (PMTiles; GeoTIFF, north-up in EPSG:4326, 3857 or UTM)
    #[arg(long, value_name = "DIR")]
    background: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    operation: Option<PathBuf>,
    dir: Option<PathBuf>,
    bind: Option<SocketAddr>,
    host: Vec<String>,
    web: Option<PathBuf>,
    background: Option<PathBuf>,
}

fn config(a: &Args) -> Result<Config> {
    let Some(path) = &a.config else {
        return Ok(Config::default());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("can't read {}; check the path", path.display()))?;
    toml::from_str(&text).map_err(|e| {
        let line = e
            .span()
            .map_or(1, |s| text[..s.start].matches('\n').count() + 1);
        anyhow::anyhow!(
            "{}:{line}: {}",
            path.display(),
            e.message().replace('\n', " ")
        )
    })
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let c = config(a)?;
    let Some(operation) = a.operation.clone().or(c.operation) else {
        bail!("no operation: name an operation document, or give one in --config FILE");
    };
    let base = operation.parent().map(PathBuf::from).unwrap_or_default();
    let operation = read_operation(&operation)?;
    let aircraft = operation.aircraft.clone();
    let hosts = if a.host.is_empty() {
        c.host
    } else {
        a.host.clone()
    };
    let no_feeds = operation.feeds.is_empty();
    // Those that are listened for, in the order in which their addresses are told.
    let listened: Vec<&str> = operation
        .feeds
        .iter()
        .filter_map(|f| match f.address() {
            Ok(SourceAddress::Udp(_) | SourceAddress::Stream(StreamAddress::Udp(_))) => Some("udp"),
            Ok(SourceAddress::Stream(StreamAddress::Srt(s))) if s.listener => Some("srt"),
            Ok(SourceAddress::Tcp(_)) => Some("tcp"),
            _ => None,
        })
        .collect();
    let context = Context::new(operation, EngineSettings::default())?.with_reference(&base)?;
    let context = Arc::new(context);
    let dir = a.dir.clone().or(c.dir).unwrap_or(".atalaya/store".into());
    let bind = a
        .bind
        .or(c.bind)
        .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8420)));
    let web = a.web.clone().or(c.web).map_or(Web::Embedded, Web::Dir);
    let background = a.background.clone().or(c.background);
    let face = Face {
        hosts,
        background,
        flights: Flights::new(&aircraft, &base),
        ..Face::new(bind, web)
    };
    let station = Station::open(context, &dir, face)?;
    let _listening = crate::aircraft::listen(&aircraft, &base, station.bus())?;
    let stop = Stop::default();
    {
        let stop = stop.clone();
        station.handle().spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stop.stop();
            }
        });
    }
    println!("serving at {}; Ctrl-C stops it", station.url());
    if no_feeds {
        // A post that only receives what others release.
        station.handle().block_on(async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        });
        station.close();
        return Ok(());
    }
    let summary = station.run(&run_id("run"), &stop, |addresses| {
        for (scheme, a) in listened.iter().zip(addresses) {
            println!("receiving on {scheme}://{a}");
        }
    })?;
    for f in &summary.feeds {
        let doubled = match f.doubled {
            0 => String::new(),
            n => format!(", {n} came twice"),
        };
        let late = match f.late {
            0 => String::new(),
            n => format!(", {n} too late"),
        };
        eprintln!(
            "feed '{}': {} frames, {} shed{doubled}{late}",
            f.id, f.frames, f.shed
        );
    }
    station.close();
    Ok(())
}
