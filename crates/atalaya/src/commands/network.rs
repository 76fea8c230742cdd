//! `atalaya network`: who matters in a network, how it would break, which names are one.

use super::network_grow;
use crate::input::open;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_model::{Micros, Operation};
use atalaya_network::csv::Import;
use atalaya_network::measure::{Measures, Options, Paths, Sources, communities, measures};
use atalaya_network::names::table::{self, Table};
use atalaya_network::names::{SAME_FROM, UNDECIDED_FROM};
use atalaya_network::{
    Csr, Graph, Judgements, Limits, Named, Verdict, csv, dismantle, ftm, graphml, slices,
};
use clap::{Parser, Subcommand, ValueEnum};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(Parser, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Say what each node is: CSV node,degree,betweenness,component,community
    ///
    /// Links have no direction, and two nodes have one link however often it was seen. Betweenness is
    /// exact and the share of pairs (2 / ((n-1)(n-2)) of their number); components and communities are
    /// numbered from 0, the largest first. Communities are found by the Leiden method over weights.
    Measure(MeasureArgs),
    /// Find groups with more links inside than outside (Leiden): CSV node,community
    Communities(CommunityArgs),
    /// Find the order of removal that breaks the network soonest: CSV step,node,largest_component
    ///
    /// `largest_component` counts the nodes left in it. The area under that curve, the mean share
    /// over all removals, goes to standard error with the method: small networks by recomputed
    /// betweenness and by exchanges, larger ones by degree and collective influence.
    Dismantle(CommunityArgs),
    /// Compare names: id,name or left,right in, left,right,score,judgement out
    ///
    /// The score is the probability that two spellings are one name, not that they are one person.
    /// `same` from 0.9, `distinct` below 0.1, else `undecided`; what a person has judged in
    /// --judgements overrules it. Nothing is merged.
    Resolve(ResolveArgs),
    /// Write a network in another format
    Export(ExportArgs),
    /// Make a network of the events of a run (`atalaya run --out DIR`), as FollowTheMoney
    ///
    /// Vehicle at place, place to place by the same vehicle, vehicles that meet; each link with its
    /// evidence. Persons in view stay anonymous and are not in it.
    Grow(network_grow::Args),
}

#[derive(clap::Args, Debug)]
struct Input {
    /// Edge list CSV with a header `source,target[,weight,kind,time]`, or FollowTheMoney JSON Lines;
    /// gzip accepted; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Take the persons that this operation's authority names; without it none are taken
    #[arg(long, value_name = "OPERATION.toml")]
    operation: Option<PathBuf>,
    /// Put together what people have judged the same: JSON Lines of judgement/1
    #[arg(long, value_name = "FILE")]
    judgements: Option<PathBuf>,
    /// Where the result goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args, Debug)]
struct MeasureArgs {
    #[command(flatten)]
    input: Input,
    /// Betweenness over weights: a link is the shorter the heavier it is (length 1 / weight)
    #[arg(long)]
    weighted: bool,
    /// Betweenness as a number of pairs instead of a share of them
    #[arg(long)]
    counts: bool,
    /// Estimate betweenness from so many sources; the column is then `betweenness_sampled`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// Add the columns strength, articulation, constraint, effective_size (brokers: Burt 1992)
    #[arg(long)]
    more: bool,
    /// Measure each window of so many seconds; adds the columns from, until and leaves out nodes
    /// without a link in the window
    #[arg(long, value_name = "SECONDS")]
    window: Option<f64>,
    /// Seconds from one window to the next [default: the window]
    #[arg(long, value_name = "SECONDS", requires = "window")]
    step: Option<f64>,
    /// Seed of communities and sample
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[derive(clap::Args, Debug)]
struct CommunityArgs {
    #[command(flatten)]
    input: Input,
    /// Seed: the same seed gives the same result
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[derive(clap::Args, Debug)]
struct ResolveArgs {
    /// CSV with a header `id,name[,kind]` (person or organisation) or left,right; gzip accepted; `-`
    /// reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Of a list, leave out pairs that score less
    #[arg(long, value_name = "SCORE", default_value_t = UNDECIDED_FROM)]
    least: f64,
    /// What people have judged: JSON Lines of judgement/1
    #[arg(long, value_name = "FILE")]
    judgements: Option<PathBuf>,
    /// Where the result goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args, Debug)]
struct ExportArgs {
    #[command(flatten)]
    input: Input,
    /// The format
    #[arg(long)]
    to: Format,
}

/// A format of networks.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Format {
    /// GraphML, for Gephi, yEd, igraph
    Graphml,
    /// FollowTheMoney JSON Lines: keeps everything
    Ftm,
    /// Edge list: keeps links, kinds, weights, times
    Csv,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    match &a.what {
        What::Measure(m) => measure(m),
        What::Communities(c) => group(c),
        What::Dismantle(c) => take_apart(c),
        What::Resolve(r) => resolve(r),
        What::Export(e) => {
            let graph = e.input.graph()?;
            write_as(&graph, e.to, e.input.out.as_deref())
        }
        What::Grow(g) => network_grow::run(g),
    }
}

fn judged(path: Option<&Path>) -> Result<Judgements> {
    let Some(path) = path else {
        return Ok(Judgements::default());
    };
    let file = path.display().to_string();
    let log = Judgements::read(open(path)?, &file, Limits::default().line)?;
    for c in log.conflicts() {
        eprintln!(
            "judgement {} says that '{}' and '{}' are distinct, others make them the same: judge again",
            c.n, c.left, c.right
        );
    }
    Ok(log)
}

impl Input {
    fn graph(&self) -> Result<Graph> {
        let named = match &self.operation {
            None => Named::nobody(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("can't read {}; check the path", path.display()))?;
                let operation = Operation::parse(&path.display().to_string(), &text)?;
                Named::new(operation.authority.persons.iter().map(String::as_str))
            }
        };
        let mut reader = open(&self.file)?;
        let file = self.file.display().to_string();
        let start = reader
            .fill_buf()
            .with_context(|| format!("can't read {file}"))?;
        let first = start.iter().find(|b| !b.is_ascii_whitespace());
        let limits = Limits::default();
        let import = if first == Some(&b'{') {
            ftm::read(reader, &file, named, limits)?
        } else {
            csv::read(reader, &file, named, limits)?
        };
        remark(&import);
        let log = judged(self.judgements.as_deref())?;
        let graph = if log.entries().is_empty() {
            import.graph
        } else {
            log.applied(&import.graph)
        };
        eprintln!(
            "{} nodes, {} links",
            graph.nodes().len(),
            graph.links().len()
        );
        Ok(graph)
    }
}

fn remark(import: &Import) {
    if import.loops > 0 {
        eprintln!("{} links of a node to itself left out", import.loops);
    }
    if !import.persons.is_empty() {
        eprintln!(
            "{} persons left out: the authority does not name them (--operation, [authority] persons)",
            import.persons.len()
        );
    }
    if import.dropped > 0 {
        eprintln!(
            "{} links left out: an end is missing or left out",
            import.dropped
        );
    }
}

/// Above this many steps from node to node exact betweenness takes more than about ten minutes.
const LONG: f64 = 5e10;

fn measure(a: &MeasureArgs) -> Result<()> {
    let graph = a.input.graph()?;
    let options = Options {
        sources: match a.sample {
            Some(n) => Sources::Sample {
                count: n as usize,
                seed: a.seed,
            },
            None => Sources::All,
        },
        paths: if a.weighted {
            Paths::Weights
        } else {
            Paths::Steps
        },
        share: !a.counts,
        seed: a.seed,
    };
    let mut out = Output::open(a.input.out.as_deref())?;
    let mut header = String::new();
    if a.window.is_some() {
        header += "from,until,";
    }
    header += "node,degree,";
    header += if a.sample.is_some() {
        "betweenness_sampled"
    } else {
        "betweenness"
    };
    header += ",component,community";
    if a.more {
        header += ",strength,articulation,constraint,effective_size";
    }
    writeln!(out, "{header}")?;
    if let Some(window) = a.window {
        let window = Micros::from_secs(window);
        let step = a.step.map_or(window, Micros::from_secs);
        for (from, until) in slices::windows(&graph, window, step)
            .with_context(|| a.input.file.display().to_string())?
        {
            let s = slices::slice(&graph, from, until, &options);
            let start = format!("{from},{until},");
            rows(&mut out, &start, &graph, &s.nodes, &s.measures, a.more)?;
        }
        return out.finish();
    }
    let net = Csr::of(&graph);
    let work = net.len() as f64 * (net.len() + 2 * net.links()) as f64;
    if a.sample.is_none() && work > LONG {
        eprintln!(
            "exact betweenness over {} nodes and {} linked pairs takes long; --sample 1000 estimates it",
            net.len(),
            net.links()
        );
    }
    let m = measures(&net, &options);
    let all: Vec<u32> = (0..net.len() as u32).collect();
    rows(&mut out, "", &graph, &all, &m, a.more)?;
    eprintln!(
        "{} components, {} communities, modularity {:.4}, {} articulation points; betweenness {}",
        m.component.iter().max().map_or(0, |c| c + 1),
        m.communities.count,
        m.communities.modularity,
        m.articulation.iter().filter(|x| **x).count(),
        match a.sample {
            Some(n) => format!(
                "estimated from {} sources, seed {}",
                net.len().min(n as usize),
                a.seed
            ),
            None => "exact".into(),
        }
    );
    out.finish()
}

fn rows(
    out: &mut Output,
    start: &str,
    graph: &Graph,
    nodes: &[u32],
    m: &Measures,
    more: bool,
) -> Result<()> {
    let cell = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
    for (i, v) in nodes.iter().enumerate() {
        write!(
            out,
            "{start}{},{},{},{},{}",
            csv::cell(&graph.nodes()[*v as usize].id),
            m.degree[i],
            m.betweenness[i],
            m.component[i],
            m.communities.of[i]
        )?;
        if more {
            let b = m.brokers[i];
            write!(
                out,
                ",{},{},{},{}",
                m.strength[i],
                u8::from(m.articulation[i]),
                cell(b.constraint),
                cell(b.effective_size)
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn group(a: &CommunityArgs) -> Result<()> {
    let graph = a.input.graph()?;
    let found = communities(&Csr::of(&graph), a.seed);
    let mut out = Output::open(a.input.out.as_deref())?;
    writeln!(out, "node,community")?;
    for (n, c) in graph.nodes().iter().zip(&found.of) {
        writeln!(out, "{},{c}", csv::cell(&n.id))?;
    }
    eprintln!(
        "{} communities, modularity {:.4}, Leiden method, seed {}",
        found.count, found.modularity, a.seed
    );
    out.finish()
}

fn take_apart(a: &CommunityArgs) -> Result<()> {
    let graph = a.input.graph()?;
    let d = dismantle::dismantle(&Csr::of(&graph), a.seed);
    let mut out = Output::open(a.input.out.as_deref())?;
    writeln!(out, "step,node,largest_component")?;
    for (i, (v, left)) in d.order.iter().zip(&d.largest).enumerate() {
        let id = csv::cell(&graph.nodes()[*v as usize].id);
        writeln!(out, "{},{id},{left}", i + 1)?;
    }
    for (method, area) in &d.tried {
        eprintln!("tried: {method}: area {area:.6}");
    }
    let again = if d.reinserted {
        ", nodes put back in a better order"
    } else {
        ""
    };
    eprintln!(
        "area {:.6}: mean share of the largest component over {} removals; method: {}{again}, {} exchanges",
        d.area,
        d.order.len(),
        d.method,
        d.exchanges
    );
    out.finish()
}

fn resolve(a: &ResolveArgs) -> Result<()> {
    if !(0.0..=1.0).contains(&a.least) {
        bail!("--least {} is not a score; give 0 to 1", a.least);
    }
    let log = judged(a.judgements.as_deref())?;
    let file = a.file.display().to_string();
    let table = table::read(open(&a.file)?, &file, &Limits::default())?;
    let found = table.matches(a.least, &log);
    let mut out = Output::open(a.out.as_deref())?;
    table::write(&found.rows, &mut out)?;
    let count = |v: Verdict| found.rows.iter().filter(|r| r.judged.verdict == v).count();
    let from = match &table {
        Table::Names(n) => format!("{} names, ", n.len()),
        Table::Pairs(_) => String::new(),
    };
    eprintln!(
        "{from}{} pairs compared: {} same (score {SAME_FROM} or more), {} undecided, {} distinct (below {UNDECIDED_FROM}) written",
        found.compared,
        count(Verdict::Same),
        count(Verdict::Undecided),
        count(Verdict::Distinct)
    );
    if found.crowded > 0 {
        eprintln!(
            "{} groups of names share too frequent words to be compared on those alone; they were compared on their other words",
            found.crowded
        );
    }
    out.finish()
}

/// Writes a graph in a format.
pub fn write_as(graph: &Graph, format: Format, out: Option<&Path>) -> Result<()> {
    let mut out = Output::open(out)?;
    match format {
        Format::Graphml => graphml::write(graph, &mut out)?,
        Format::Ftm => ftm::write(graph, &mut out)?,
        Format::Csv => csv::write(graph, &mut out)?,
    }
    out.finish()
}
