//! The ONNX Runtime of the machine behind `vision`'s trait: its library is loaded where it is asked for, and
//! neither built nor shipped.

use anyhow::{Context as _, Result, anyhow, bail};
use atalaya_vision::detector::{Detector, Kind, Manifest, Port, Ports, Runtime, Tensor, Values};
use ort::session::Session;
use ort::value::{Outlet, TensorElementType, ValueType};
use std::path::Path;

/// Largest ONNX file, bytes.
const LARGEST: u64 = 1 << 30;
/// Largest manifest, bytes.
const LARGEST_MANIFEST: u64 = 1 << 20;
/// Most numbers of a tensor that comes out.
const MOST: usize = 64 << 20;
/// Where the library is looked for when nobody says: first by the loader's rules.
const LIBRARY: &str = "libonnxruntime.so";

/// A network that can be run.
pub struct Network {
    session: Session,
    ports: Ports,
}

/// What the runtime says, on one line.
fn line(e: &dyn std::fmt::Display) -> String {
    let text = e.to_string();
    let one: Vec<&str> = text.split_whitespace().collect();
    one.join(" ").chars().take(300).collect()
}

/// The detector of a manifest; `library` is the ONNX Runtime's.
pub fn detector(manifest: &Path, library: Option<&Path>) -> Result<Detector<Network>> {
    let shown = manifest.display();
    let text = read(manifest, LARGEST_MANIFEST)?;
    let text = String::from_utf8(text).map_err(|_| anyhow!("{shown}: is no text"))?;
    let m: Manifest = toml::from_str(&text).map_err(|e| {
        let at = e.span().map_or(0, |s| {
            text[..s.start.min(text.len())].lines().count().max(1)
        });
        anyhow!("{shown}: line {at}: {}", line(&e.message()))
    })?;
    m.check().with_context(|| shown.to_string())?;
    let path = manifest.parent().unwrap_or(Path::new("")).join(&m.model);
    let network = Network::open(&path, library)?;
    Detector::new(m, network).with_context(|| path.display().to_string())
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .with_context(|| format!("can't read {shown}"))?
        .len();
    if size > most {
        bail!("{shown}: {size} bytes are too many; {most} at most");
    }
    std::fs::read(path).with_context(|| format!("can't read {shown}"))
}

impl Network {
    /// Of an ONNX file, which holds its weights itself: one that names other files for them is refused by
    /// the runtime where they lie outside the folder that the command runs in.
    fn open(path: &Path, library: Option<&Path>) -> Result<Self> {
        let bytes = read(path, LARGEST)?;
        let from = library.unwrap_or(Path::new(LIBRARY));
        let environment = ort::init_from(from).map_err(|e| {
            anyhow!(
                "can't load the ONNX Runtime from {}: {}; install it and name its library by --onnxruntime",
                from.display(),
                line(&e)
            )
        })?;
        let no = |e: &dyn std::fmt::Display| anyhow!("{}: no network: {}", path.display(), line(e));
        let environment = environment.build().map_err(|e| no(&e))?;
        let session = Session::builder(&environment)
            .map_err(|e| no(&e))?
            // One order of sums, whatever the machine: the same frame gives the same boxes.
            .with_intra_threads(1)
            .map_err(|e| no(&e))?
            .with_log_level(ort::logging::LogLevel::Fatal)
            .map_err(|e| no(&e))?
            .commit_from_memory(&bytes)
            .map_err(|e| no(&e))?;
        let ports = Ports {
            inputs: session.inputs().iter().map(port).collect(),
            outputs: session.outputs().iter().map(port).collect(),
        };
        Ok(Self { session, ports })
    }
}

/// What a file declares of a tensor.
fn port(outlet: &Outlet) -> Port {
    let name = outlet.name().to_owned();
    match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => Port {
            name,
            kind: match ty {
                TensorElementType::Float32 => Kind::F32,
                TensorElementType::Int64 => Kind::I64,
                _ => Kind::Other,
            },
            shape: shape.iter().map(|d| usize::try_from(*d).ok()).collect(),
        },
        _ => Port {
            name,
            kind: Kind::Other,
            shape: Vec::new(),
        },
    }
}

impl Runtime for Network {
    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<(String, Tensor)>, String> {
        let mut fed = Vec::with_capacity(inputs.len());
        for (name, t) in inputs {
            let value = match t.values {
                Values::F32(v) => {
                    ort::value::Tensor::from_array((t.shape, v)).map(|t| t.into_dyn())
                }
                Values::I64(v) => {
                    ort::value::Tensor::from_array((t.shape, v)).map(|t| t.into_dyn())
                }
            };
            fed.push((name, value.map_err(|e| line(&e))?));
        }
        let outputs = self.session.run(fed).map_err(|e| line(&e))?;
        let mut all = Vec::with_capacity(outputs.len());
        for (name, value) in outputs.iter() {
            let read = if let Ok((shape, v)) = value.try_extract_tensor::<f32>() {
                (
                    shape,
                    v.len(),
                    (v.len() <= MOST).then(|| Values::F32(v.to_vec())),
                )
            } else if let Ok((shape, v)) = value.try_extract_tensor::<i64>() {
                (
                    shape,
                    v.len(),
                    (v.len() <= MOST).then(|| Values::I64(v.to_vec())),
                )
            } else {
                // Masks and the like: what is needed and missing is said by its shape.
                continue;
            };
            let (shape, n, values) = read;
            let values = values.ok_or_else(|| format!("output of {n} numbers; {MOST} at most"))?;
            let shape = shape
                .iter()
                .map(|d| usize::try_from(*d).unwrap_or(0))
                .collect();
            all.push((name.to_owned(), Tensor { shape, values }));
        }
        Ok(all)
    }
}
