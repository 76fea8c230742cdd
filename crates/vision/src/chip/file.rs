//! The model file, `classifier/1`: JSON, weights as base64 of little-endian floats, and its own hash.

use crate::chip::card::Card;
use crate::chip::classifier::Classifier;
use crate::chip::features::FEATURES;
use crate::chip::label::Label;
use crate::chip::net::{MOST_HIDDEN, Net, size};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const SCHEMA: &str = "classifier/1";
/// Largest file read, bytes.
const LARGEST: usize = 64 << 20;

/// Why a file is no model that can be used: one line for people.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not such a file.
    #[error("no classifier of `atalaya learn`: {0}")]
    Form(String),
    /// Changed since it was written.
    #[error("the file was changed since it was written: its hash is not {said}; learn it anew")]
    Changed {
        /// The hash it says it has.
        said: String,
    },
}

#[derive(Serialize, Deserialize)]
struct File {
    schema: String,
    /// SHA-256 in hex of this document with an empty hash, as it is written.
    hash: String,
    card: Card,
    labels: Vec<Label>,
    temperature: f32,
    reject_at: f32,
    inputs: usize,
    hidden: usize,
    mean: String,
    scale: String,
    weights: String,
}

fn written(all: &[f32]) -> String {
    let bytes: Vec<u8> = all.iter().flat_map(|v| v.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

fn read(what: &str, text: &str, wanted: usize) -> Result<Vec<f32>, ModelError> {
    let fail = |why: &str| ModelError::Form(format!("{what} {why}"));
    let bytes = STANDARD.decode(text).map_err(|_| fail("are no base64"))?;
    let all: Vec<f32> = bytes
        .chunks_exact(4)
        .map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]))
        .collect();
    if bytes.len() != 4 * wanted {
        return Err(fail(&format!("are {}, not {wanted}", all.len())));
    }
    if all.iter().any(|v| !v.is_finite()) {
        return Err(fail("are not all numbers"));
    }
    Ok(all)
}

impl File {
    fn digest(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(text)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }
}

impl Classifier {
    /// As a file, and its hash: SHA-256 in hex.
    pub fn to_file(&self) -> (Vec<u8>, String) {
        let mut file = File {
            schema: SCHEMA.into(),
            hash: String::new(),
            card: self.card.clone(),
            labels: self.known().collect(),
            temperature: self.temperature,
            reject_at: self.reject_at,
            inputs: FEATURES,
            hidden: self.net.hidden,
            mean: written(&self.net.mean),
            scale: written(&self.net.scale),
            weights: written(&self.net.weights),
        };
        file.hash = file.digest();
        let mut text = serde_json::to_vec_pretty(&file).unwrap_or_default();
        text.push(b'\n');
        (text, file.hash)
    }

    /// Of a file's bytes, and its hash.
    pub fn from_file(bytes: &[u8]) -> Result<(Self, String), ModelError> {
        if bytes.len() > LARGEST {
            return Err(ModelError::Form("the file is too large".into()));
        }
        let file: File =
            serde_json::from_slice(bytes).map_err(|e| ModelError::Form(e.to_string()))?;
        if file.schema != SCHEMA {
            let shown: String = file.schema.chars().take(40).collect();
            let why = format!("its schema is '{shown}', and '{SCHEMA}' is what is read");
            return Err(ModelError::Form(why));
        }
        if file.inputs != FEATURES || file.hidden == 0 || file.hidden > MOST_HIDDEN {
            let why = format!(
                "{} inputs and {} hidden units; {FEATURES} and 1 to {MOST_HIDDEN} are what is read",
                file.inputs, file.hidden
            );
            return Err(ModelError::Form(why));
        }
        if !(0.01..=100.0).contains(&file.temperature) || !(0.0..=1.0).contains(&file.reject_at) {
            return Err(ModelError::Form("its calibration is out of range".into()));
        }
        let model = Self {
            net: Net {
                hidden: file.hidden,
                mean: read("means", &file.mean, FEATURES)?,
                scale: read("scales", &file.scale, FEATURES)?,
                weights: read("weights", &file.weights, size(file.hidden))?,
            },
            temperature: file.temperature,
            known: Label::ALL.map(|l| file.labels.contains(&l)),
            reject_at: file.reject_at,
            card: file.card.clone(),
        };
        let said = file.hash.clone();
        let hash = File {
            hash: String::new(),
            ..file
        }
        .digest();
        if hash != said {
            let said = said.chars().take(64).collect();
            return Err(ModelError::Changed { said });
        }
        Ok((model, hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::card::Retained;
    use crate::chip::cut::Chip;
    use crate::chip::train::{Example, TrainOptions, train};
    use atalaya_model::Micros;

    fn model() -> Classifier {
        let all: Vec<Example> = (0..24)
            .map(|i| Example {
                chip: Chip::from_numbers(vec![(i % 2) as f32; FEATURES]),
                label: if i % 2 == 0 {
                    Label::Car
                } else {
                    Label::Nothing
                },
                group: i,
                varied: false,
            })
            .collect();
        let o = TrainOptions {
            epochs: 2,
            hidden: 4,
            ..TrainOptions::default()
        };
        let mut m = train(&all, &o).unwrap();
        let delete_by = Micros(1_700_000_000_000_000);
        m.card.retained.push(Retained {
            sha256: "ab".into(),
            operation: "op".into(),
            delete_by,
        });
        m.card.delete_by = Some(delete_by);
        m
    }

    #[test]
    fn written_and_read_it_is_the_same_and_changed_it_is_refused() {
        let m = model();
        let (bytes, hash) = m.to_file();
        let (again, read) = Classifier::from_file(&bytes).unwrap();
        assert_eq!((&again, &read), (&m, &hash));
        assert!(again.expired(Micros(1_700_000_000_000_000)));
        assert!(!again.expired(Micros(1_699_999_999_000_000)));
        let text = String::from_utf8(bytes).unwrap();
        // A later date, quietly.
        let changed = text.replace("2023-11-14", "2033-11-14");
        assert_ne!(changed, text);
        let said = Classifier::from_file(changed.as_bytes()).unwrap_err();
        assert!(matches!(said, ModelError::Changed { .. }), "{said}");
    }

    #[test]
    fn what_is_no_model_is_refused_in_a_line() {
        let (bytes, _) = model().to_file();
        let text = String::from_utf8(bytes).unwrap();
        for bad in [
            String::new(),
            "{}".into(),
            text[..text.len() / 2].to_owned(),
            text.replace("classifier/1", "classifier/2"),
            text.replace("\"hidden\": 4", "\"hidden\": 400000000"),
            text.replace("\"hidden\": 4", "\"hidden\": 5"),
        ] {
            let said = Classifier::from_file(bad.as_bytes())
                .unwrap_err()
                .to_string();
            assert!(!said.contains('\n') && said.len() < 300, "{said}");
        }
    }
}
