//! The network over time.

use crate::csr::Csr;
use crate::graph::Graph;
use crate::measure::{Measures, Options, measures};
use atalaya_model::Micros;

/// What was seen in a window of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// First moment.
    pub from: Micros,
    /// The moment after the last.
    pub until: Micros,
    /// Nodes that have a link in the window, by index in the graph, in rising order. The measures
    /// are of these, in this order.
    pub nodes: Vec<u32>,
    /// Number of linked pairs.
    pub links: usize,
    /// The measures.
    pub measures: Measures,
}

/// Windows that can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SliceError {
    /// A length that is none.
    #[error("window and step must be above 0 seconds")]
    Empty,
    /// Too many.
    #[error(
        "this would be {0} windows; at most {MAX_SLICES} are made: give longer windows or steps"
    )]
    Many(u64),
    /// Nothing to slice.
    #[error("no link has a time; slices need the column 'time'")]
    Timeless,
}

/// Most windows.
pub const MAX_SLICES: u64 = 10_000;

/// The first and the last moment at which a link was seen.
pub fn extent(graph: &Graph) -> Option<(Micros, Micros)> {
    let first = graph.links().iter().filter_map(|l| l.first()).min()?;
    let last = graph.links().iter().filter_map(|l| l.last()).max()?;
    Some((first, last))
}

/// The windows of length `window` that begin every `step` from the first sighting on and reach the
/// last.
pub fn windows(
    graph: &Graph,
    window: Micros,
    step: Micros,
) -> Result<Vec<(Micros, Micros)>, SliceError> {
    if window.0 <= 0 || step.0 <= 0 {
        return Err(SliceError::Empty);
    }
    let (first, last) = extent(graph).ok_or(SliceError::Timeless)?;
    let count = (i128::from(last.0) - i128::from(first.0)) / i128::from(step.0) + 1;
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    if count > MAX_SLICES {
        return Err(SliceError::Many(count));
    }
    Ok((0..count as i64)
        .map(|i| {
            let from = first + Micros(step.0.saturating_mul(i));
            (from, from + window)
        })
        .collect())
}

/// Measures what was seen in `[from, until)`; sightings without time are in no slice.
pub fn slice(graph: &Graph, from: Micros, until: Micros, options: &Options) -> Slice {
    let whole = Csr::within(graph, from, until);
    let nodes: Vec<u32> = (0..whole.len() as u32)
        .filter(|v| whole.degree(*v) > 0)
        .collect();
    let mut local = vec![u32::MAX; whole.len()];
    let net = whole.part(&nodes, &mut local);
    Slice {
        from,
        until,
        links: net.links(),
        measures: measures(&net, options),
        nodes,
    }
}
