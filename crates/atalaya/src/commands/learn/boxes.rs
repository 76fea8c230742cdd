//! Files of labelled boxes: MOT rows with a class, or columns by a header that names them.

use anyhow::{Context as _, Result, bail};
use atalaya_model::{Class, PixelBox};
use atalaya_track::mot;
use atalaya_vision::chip::{Label, LabelError};
use std::collections::BTreeMap;
use std::path::Path;

/// A box by hand or of a simulator.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Where.
    pub bbox: PixelBox,
    /// What; nobody knows where it is `None`, and it is only kept clear of.
    pub label: Option<Label>,
    /// Whose: boxes of one track are of one thing. Without tracks, -1.
    pub track: i64,
    /// It can be seen well enough to be learnt from.
    pub clear: bool,
}

/// Share of a thing that must be in the open for a chip of it.
const LEAST_VISIBLE: f64 = 0.5;
/// Largest frame number taken.
const LAST_FRAME: f64 = 1e8;

/// Boxes by frame, from 1. `class` is that of rows that name none.
pub fn read(path: &Path, class: Option<Label>) -> Result<BTreeMap<u64, Vec<Labelled>>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let all = match text.lines().next() {
        Some(first) if first.split(',').any(|c| c.trim() == "x") => named(&text, first, class),
        _ => rows(&text, class),
    };
    all.with_context(|| path.display().to_string())
}

/// `frame,id,x,y,w,h,score,class[,visible]`.
fn rows(text: &str, class: Option<Label>) -> Result<BTreeMap<u64, Vec<Labelled>>> {
    let mut frames: BTreeMap<u64, Vec<Labelled>> = BTreeMap::new();
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|l| !l.is_empty() && !l.starts_with('#'));
    for (row, line) in mot::rows(text)?.into_iter().zip(lines) {
        let said = row.detection.class;
        let visible = line.split(',').nth(8).and_then(|v| v.trim().parse().ok());
        frames.entry(row.frame).or_default().push(Labelled {
            bbox: row.detection.bbox,
            label: match said {
                Class::Unknown => class,
                known => Label::from_index(usize::from(known.number())),
            },
            track: row.id,
            clear: visible.is_none_or(|v: f64| !(0.0..LEAST_VISIBLE).contains(&v)),
        });
    }
    Ok(frames)
}

/// `frame,x,y,w,h` with perhaps a class, in any order.
fn named(text: &str, first: &str, class: Option<Label>) -> Result<BTreeMap<u64, Vec<Labelled>>> {
    let names: Vec<&str> = first.split(',').map(str::trim).collect();
    let column = |name: &str| names.iter().position(|n| *n == name);
    let mut at = [0; 5];
    for (at, name) in at.iter_mut().zip(["frame", "x", "y", "w", "h"]) {
        *at = column(name).with_context(|| format!("line 1: no column '{name}'"))?;
    }
    let (class_at, track_at) = (column("class"), column("id"));
    let mut frames: BTreeMap<u64, Vec<Labelled>> = BTreeMap::new();
    for (i, line) in text.lines().enumerate().skip(1) {
        if line.trim().is_empty() {
            continue;
        }
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let number = |k: usize| -> Result<f64> {
            let cell = cells.get(k).copied().unwrap_or_default();
            match cell.parse::<f64>() {
                Ok(v) if v.is_finite() => Ok(v),
                _ => bail!(
                    "line {}: '{cell}' in column {} is not a number",
                    i + 1,
                    k + 1
                ),
            }
        };
        let frame = number(at[0])?;
        if !(1.0..=LAST_FRAME).contains(&frame) {
            bail!("line {}: '{frame}' is not a frame number from 1", i + 1);
        }
        let label = match class_at.and_then(|k| cells.get(k)) {
            None => class,
            Some(word) => match Label::parse(word) {
                Ok(l) => Some(l),
                // Such as "DontCare".
                Err(LabelError::Unknown(_)) => None,
                Err(e) => bail!("line {}: {e}", i + 1),
            },
        };
        frames.entry(frame as u64).or_default().push(Labelled {
            bbox: PixelBox {
                x: number(at[1])? as f32,
                y: number(at[2])? as f32,
                w: number(at[3])? as f32,
                h: number(at[4])? as f32,
            },
            label,
            track: track_at.map_or(Ok(-1.0), number)? as i64,
            clear: true,
        });
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_named_columns_are_read() {
        let all = rows("3,7,1,2,10,20,1,4,0.9,-1\n3,8,1,2,3,4,1,0,0.2,-1\n", None).unwrap();
        let frame = &all[&3];
        assert_eq!(frame[0].label, Some(Label::Truck));
        assert_eq!((frame[0].track, frame[0].clear), (7, true));
        assert_eq!((frame[1].label, frame[1].clear), (None, false));
        let text = "frame,class,x,y,w,h\n1,Person,1,2,3,4\n1,DontCare,5,5,5,5\n";
        let all = named(text, "frame,class,x,y,w,h", None).unwrap();
        assert_eq!(all[&1][0].label, Some(Label::Person));
        assert_eq!(all[&1][1].label, None);
    }

    #[test]
    fn a_face_is_refused_by_its_line() {
        let text = "frame,class,x,y,w,h\n1,face,1,2,3,4\n";
        let said = named(text, "frame,class,x,y,w,h", None)
            .unwrap_err()
            .to_string();
        assert!(said.contains("line 2") && said.contains("face"), "{said}");
    }
}
