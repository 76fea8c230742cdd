//! MOT rows: `frame,id,x,y,w,h,score,…` (Milan et al. 2016).

use atalaya_model::{Class, Detection, PixelBox};
use std::collections::BTreeMap;

/// A row that can't be used: one line for people.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}; rows are frame,id,x,y,w,h,score[,…]")]
pub struct MotError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Largest frame number taken.
const MAX_FRAME: u64 = 100_000_000;

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct MotRow {
    /// From 1.
    pub frame: u64,
    /// Which track; -1 for a detection.
    pub id: i64,
    /// Where and how sure; the class is known only where the eighth column has one of
    /// `atalaya detect`.
    pub detection: Detection,
}

/// Detections by frame; classes are not taken over.
pub fn parse(text: &str) -> Result<BTreeMap<u64, Vec<Detection>>, MotError> {
    let mut frames: BTreeMap<u64, Vec<Detection>> = BTreeMap::new();
    for row in rows(text)? {
        frames.entry(row.frame).or_default().push(Detection {
            class: Class::Unknown,
            ..row.detection
        });
    }
    Ok(frames)
}

/// All rows. Empty lines and lines that start with `#` are skipped.
pub fn rows(text: &str) -> Result<Vec<MotRow>, MotError> {
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fail = |what: String| MotError { line: i + 1, what };
        let mut v = [0f64; 7];
        let mut cells = line.split(',');
        for (k, v) in v.iter_mut().enumerate() {
            let cell = cells
                .next()
                .ok_or_else(|| fail(format!("only {k} columns")))?
                .trim();
            *v = cell
                .parse()
                .ok()
                .filter(|v: &f64| v.is_finite())
                .ok_or_else(|| fail(format!("'{cell}' in column {} is not a number", k + 1)))?;
        }
        if v[0] < 1.0 || v[0] > MAX_FRAME as f64 || v[0].fract() != 0.0 {
            return Err(fail(format!("'{}' is not a frame number from 1", v[0])));
        }
        let class = cells.next().and_then(|c| c.trim().parse().ok());
        rows.push(MotRow {
            frame: v[0] as u64,
            id: v[1] as i64,
            detection: Detection {
                bbox: PixelBox {
                    x: v[2] as f32,
                    y: v[3] as f32,
                    w: v[4] as f32,
                    h: v[5] as f32,
                },
                score: v[6] as f32,
                class: class.and_then(Class::from_number).unwrap_or_default(),
            },
        });
    }
    Ok(rows)
}

/// A row of `atalaya track`.
pub fn track_row(frame: u64, id: u32, b: &PixelBox, score: f32) -> String {
    format!(
        "{frame},{id},{:.2},{:.2},{:.2},{:.2},{score:.3},-1,-1,-1",
        b.x, b.y, b.w, b.h
    )
}

/// A row of `atalaya detect`.
pub fn detect_row(frame: u64, d: &Detection) -> String {
    let b = &d.bbox;
    format!(
        "{frame},-1,{:.2},{:.2},{:.2},{:.2},{:.3},{},-1,-1",
        b.x,
        b.y,
        b.w,
        b.h,
        d.score,
        d.class.number()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_and_faults_named() {
        let f = parse("# x\n1,-1,1,2,3,4,0.5,-1,-1,-1\n\n1,-1,5,6,7,8,1\n").unwrap();
        assert_eq!(f[&1].len(), 2);
        let e = parse("1,-1,1,2,3\n").unwrap_err().to_string();
        assert!(e.starts_with("line 1: only 5 columns"), "{e}");
        let e = parse("1,-1,1,2,3,4,0.5\n1,-1,a,2,3,4,1\n")
            .unwrap_err()
            .to_string();
        assert!(
            e.starts_with("line 2: 'a' in column 3 is not a number"),
            "{e}"
        );
        assert!(parse("0,-1,1,2,3,4,1\n").is_err());
    }
}
