//! Evidence waits for its segments: provisional until they are closed and hashed.

use atalaya_model::{EvidenceRef, Segment};

/// Gives frames within a closed segment its hash; a reference that reaches over several segments
/// becomes one per segment. Returns true when something changed.
pub fn seal(evidence: &mut Vec<EvidenceRef>, segment: &Segment) -> bool {
    let mut sealed = Vec::new();
    for e in evidence.iter_mut() {
        if e.segment.is_some() || e.feed != segment.feed {
            continue;
        }
        if e.samples.is_some() {
            // Samples are cut at the minutes at which their segments end.
            if e.t0 >= segment.t0 && e.t1 <= segment.t1 {
                sealed.push(EvidenceRef {
                    segment: Some(segment.sha256.clone()),
                    ..e.clone()
                });
            }
            continue;
        }
        let (inside, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut e.frames)
            .into_iter()
            .partition(|f| f.t >= segment.t0 && f.t <= segment.t1);
        e.frames = rest;
        if let (Some(first), Some(last)) = (inside.first(), inside.last()) {
            sealed.push(EvidenceRef {
                samples: None,
                feed: e.feed.clone(),
                segment: Some(segment.sha256.clone()),
                t0: first.t,
                t1: last.t,
                frames: inside,
            });
        }
    }
    if sealed.is_empty() {
        return false;
    }
    evidence.retain(|e| {
        let taken = |s: &EvidenceRef| s.feed == e.feed && s.samples == e.samples;
        !e.frames.is_empty() || (e.samples.is_some() && !sealed.iter().any(taken))
    });
    for e in evidence
        .iter_mut()
        .filter(|e| e.segment.is_none() && e.samples.is_none())
    {
        if let (Some(first), Some(last)) = (e.frames.first(), e.frames.last()) {
            (e.t0, e.t1) = (first.t, last.t);
        }
    }
    evidence.extend(sealed);
    evidence.sort_by_key(|e| e.t0);
    true
}

/// The same with all segments of a run. Returns true when something changed.
pub fn seal_all(evidence: &mut Vec<EvidenceRef>, segments: &[Segment]) -> bool {
    let mut changed = false;
    if is_open(evidence) {
        for s in segments {
            changed |= seal(evidence, s);
        }
    }
    changed
}

/// True while some of the evidence is provisional.
pub fn is_open(evidence: &[EvidenceRef]) -> bool {
    evidence.iter().any(|e| e.segment.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::{FrameRef, Micros};

    #[test]
    fn evidence_over_two_segments_becomes_two_references() {
        let frame = |s: i64| FrameRef {
            frame: s as u64,
            t: Micros(s * 1_000_000),
            bbox: None,
        };
        let mut evidence = vec![EvidenceRef {
            samples: None,
            feed: "eo".into(),
            segment: None,
            t0: Micros(1_000_000),
            t1: Micros(15_000_000),
            frames: vec![frame(1), frame(8), frame(15)],
        }];
        let segment = |t0: i64, t1: i64, sha: &str| Segment {
            feed: "eo".into(),
            path: String::new(),
            sha256: sha.into(),
            bytes: 1,
            t0: Micros(t0 * 1_000_000),
            t1: Micros(t1 * 1_000_000),
        };
        assert!(seal(&mut evidence, &segment(0, 10, "a")));
        assert!(is_open(&evidence));
        assert!(!seal(&mut evidence, &segment(0, 10, "a")));
        assert!(seal(&mut evidence, &segment(10, 20, "b")));
        assert!(!is_open(&evidence));
        assert_eq!(evidence.len(), 2);
        assert_eq!(evidence[0].frames.len(), 2);
        assert_eq!(evidence[1].segment.as_deref(), Some("b"));
    }
}
