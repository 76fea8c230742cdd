//! Detectors that a user brings, through the real ONNX Runtime: models are written here, byte by byte. They need
//! its library ($ORT_DYLIB_PATH): `make test-onnx` installs one.

use crate::support::*;
use std::fs;
use std::path::Path;

/// A field of a protocol buffer: a number, or bytes.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}
use Value::{Bytes, Number};

fn varint(mut v: u64, out: &mut Vec<u8>) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn message(fields: &[(u64, Value<'_>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (n, v) in fields {
        match v {
            Number(v) => {
                varint(n << 3, &mut out);
                varint(*v, &mut out);
            }
            Bytes(b) => {
                varint((n << 3) | 2, &mut out);
                varint(b.len() as u64, &mut out);
                out.extend_from_slice(b);
            }
        }
    }
    out
}

const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// An output that is the same whatever goes in.
struct Constant {
    name: &'static str,
    kind: u64,
    shape: Vec<u64>,
    raw: Vec<u8>,
}

fn floats(name: &'static str, shape: &[u64], values: &[f32]) -> Constant {
    let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Constant {
        name,
        kind: FLOAT,
        shape: shape.to_vec(),
        raw,
    }
}

fn integers(name: &'static str, shape: &[u64], values: &[i64]) -> Constant {
    let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Constant {
        name,
        kind: INT64,
        shape: shape.to_vec(),
        raw,
    }
}

/// ValueInfoProto.
fn declared(name: &str, kind: u64, shape: &[u64]) -> Vec<u8> {
    let dims: Vec<Vec<u8>> = shape.iter().map(|d| message(&[(1, Number(*d))])).collect();
    let dims: Vec<(u64, Value<'_>)> = dims.iter().map(|d| (1, Bytes(d))).collect();
    let shape = message(&dims);
    let tensor = message(&[(1, Number(kind)), (2, Bytes(&shape))]);
    let kind = message(&[(1, Bytes(&tensor))]);
    message(&[(1, Bytes(name.as_bytes())), (2, Bytes(&kind))])
}

/// ModelProto: pictures of 1x3x64x64 in, these outputs out, each the Identity of an initializer.
fn model(outputs: &[Constant], sized: bool) -> Vec<u8> {
    let mut graph = Vec::new();
    let mut put = |n: u64, b: &[u8]| graph.extend(message(&[(n, Bytes(b))]));
    for o in outputs {
        let held = format!("held_{}", o.name);
        let node = message(&[
            (1, Bytes(held.as_bytes())),
            (2, Bytes(o.name.as_bytes())),
            (4, Bytes(b"Identity")),
        ]);
        put(1, &node);
    }
    put(2, b"g");
    for o in outputs {
        let held = format!("held_{}", o.name);
        let mut tensor = Vec::new();
        for d in &o.shape {
            tensor.extend(message(&[(1, Number(*d))]));
        }
        tensor.extend(message(&[
            (2, Number(o.kind)),
            (8, Bytes(held.as_bytes())),
            (9, Bytes(&o.raw)),
        ]));
        put(5, &tensor);
    }
    put(11, &declared("images", FLOAT, &[1, 3, 64, 64]));
    if sized {
        put(11, &declared("orig_target_sizes", INT64, &[1, 2]));
    }
    for o in outputs {
        put(12, &declared(o.name, o.kind, &o.shape));
    }
    let opset = message(&[(1, Bytes(b"")), (2, Number(13))]);
    message(&[(1, Number(8)), (7, Bytes(&graph)), (8, Bytes(&opset))])
}

/// A folder with a picture of 128x64 and a manifest of a family with these lines added.
fn place(dir: &Path, family: &str, more: &str) {
    fs::create_dir_all(dir.join("pictures")).unwrap();
    fs::write(dir.join("pictures/1.bmp"), bitmap(128, 64, |_, _| 126)).unwrap();
    let manifest = format!(
        "schema = \"detector/1\"\nmodel = \"m.onnx\"\nfamily = \"{family}\"\nstrides = [16, 32]\n\
         classes = [\"person\", \"dog\", \"bus\"]\n{more}\n[as]\nperson = \"person\"\nbus = \"truck\"\n\
         [input]\nwidth = 64\nheight = 64\n"
    );
    fs::write(dir.join("d.toml"), manifest).unwrap();
}

fn detect(dir: &Path) -> Said {
    atalaya_in(
        dir,
        &[
            "detect",
            "pictures",
            "--sensor",
            "eo",
            "--detector",
            "d.toml",
        ],
    )
}

#[test]
#[ignore = "needs the ONNX Runtime's library"]
fn every_family_finds_the_bus() {
    let dir = folder("onnx");
    const PLACES: usize = 20;
    let mut yolox = vec![0f32; PLACES * 8];
    let (w, h) = ((20f32 / 16.0).ln(), (12f32 / 16.0).ln());
    yolox[8..16].copy_from_slice(&[0.25, 0.875, w, h, 0.9, 0.0, 0.1, 0.8]);
    let mut columns = vec![0f32; 7 * PLACES];
    for (c, v) in [20.0, 14.0, 20.0, 12.0, 0.1, 0.2, 0.7]
        .into_iter()
        .enumerate()
    {
        columns[c * PLACES + 5] = v;
    }
    let mut nano = vec![0f32; PLACES * 19];
    let row = &mut nano[5 * 19..6 * 19];
    row[2] = 0.7;
    for (k, d) in [6.0f32, 8.0, 14.0, 4.0].into_iter().enumerate() {
        row[3 + 4 * k..7 + 4 * k].fill(-40.0);
        row[3 + 4 * k] = (1.0 - d / 16.0).ln();
        row[4 + 4 * k] = (d / 16.0).ln();
    }
    let quarter = |v: f32| v / 64.0;
    let centred: Vec<f32> = [20.0, 14.0, 20.0, 12.0].map(quarter).to_vec();
    let edges = [10.0, 8.0, 30.0, 20.0];
    let mut scored = edges.to_vec();
    scored.push(0.6);
    let mut after = edges.to_vec();
    after.extend([0.7, 2.0]);
    let cases: Vec<(&str, &str, Vec<Constant>, bool, &str)> = vec![
        (
            "yolox",
            "",
            vec![floats("output", &[1, 20, 8], &yolox)],
            false,
            "0.720",
        ),
        (
            "ultralytics",
            "",
            vec![floats("output0", &[1, 7, 20], &columns)],
            false,
            "0.700",
        ),
        (
            "ultralytics",
            "end_to_end = true",
            vec![floats("output0", &[1, 1, 6], &after)],
            false,
            "0.700",
        ),
        (
            "nanodet",
            "bins = 4",
            vec![floats("output", &[1, 20, 19], &nano)],
            false,
            "0.700",
        ),
        (
            "rtmdet",
            "",
            vec![
                floats("dets", &[1, 1, 5], &scored),
                integers("labels", &[1, 1], &[2]),
            ],
            false,
            "0.600",
        ),
        (
            "detr",
            "",
            vec![
                floats("pred_logits", &[1, 1, 3], &[-9.0, -9.0, 0.0]),
                floats("pred_boxes", &[1, 1, 4], &centred),
            ],
            false,
            "0.500",
        ),
        (
            "detr",
            "",
            vec![
                integers("labels", &[1, 1], &[2]),
                floats("boxes", &[1, 1, 4], &edges),
                floats("scores", &[1, 1], &[0.8]),
            ],
            true,
            "0.800",
        ),
    ];
    for (family, more, outputs, sized, score) in cases {
        place(&dir, family, more);
        fs::write(dir.join("m.onnx"), model(&outputs, sized)).unwrap();
        let said = detect(&dir).ok();
        let wanted = format!("1,-1,20.00,16.00,40.00,24.00,{score},4,-1,-1");
        assert_eq!(said.out.trim(), wanted, "{family}");
    }
}

#[test]
#[ignore = "needs the ONNX Runtime's library"]
fn hostile_files_give_a_line() {
    let dir = folder("onnx-bad");
    place(&dir, "yolox", "");
    let good = model(&[floats("output", &[1, 20, 8], &[0.0; 160])], false);
    fs::write(dir.join("m.onnx"), &good).unwrap();
    detect(&dir).ok();
    let mut flipped = good.clone();
    for (i, b) in flipped.iter_mut().enumerate().skip(10).step_by(7) {
        *b ^= (i % 251) as u8;
    }
    let huge = model(&[floats("output", &[1, 1 << 40, 8], &[0.0; 8])], false);
    for bad in [
        Vec::new(),
        b"no network at all".to_vec(),
        good[..good.len() / 2].to_vec(),
        flipped,
        huge,
    ] {
        fs::write(dir.join("m.onnx"), &bad).unwrap();
        detect(&dir).fails_with(&["m.onnx"]);
    }
    fs::write(dir.join("m.onnx"), &good).unwrap();
    place(&dir, "detr", "");
    detect(&dir).fails_with(&["m.onnx", "1x20x8", "1xQx3"]);
}

#[test]
fn the_manifests_of_the_documentation_are_taken() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/detectors.md");
    let text = fs::read_to_string(path).unwrap();
    let mut blocks = text
        .split("```toml\n")
        .skip(1)
        .map(|b| b.split("```").next().unwrap());
    let wanted = blocks.next().unwrap();
    let mut families = 0;
    for block in blocks {
        let manifest: atalaya_vision::detector::Manifest =
            toml::from_str(&format!("{block}{wanted}")).unwrap();
        manifest.check().unwrap();
        families += 1;
    }
    assert_eq!(families, 5);
}

#[test]
fn a_manifest_is_refused_before_anything_is_loaded() {
    let dir = folder("onnx-manifest");
    place(&dir, "yolox", "");
    let good = fs::read_to_string(dir.join("d.toml")).unwrap();
    for (from, to, words) in [
        ("\"dog\"", "\"face\"", ["never taken", "biometric"]),
        ("\"dog\"", "\"licence plate\"", ["never taken", "plates"]),
        ("bus = \"truck\"", "bus = \"ship\"", ["as.bus", "'ship'"]),
        ("\"yolox\"", "\"yolo99\"", ["d.toml", "line 3"]),
        ("width = 64", "width = 0", ["0x64", "16 to 4096"]),
        ("width = 64", "wdith = 64", ["d.toml", "wdith"]),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        fs::write(dir.join("d.toml"), bad).unwrap();
        detect(&dir).fails_with(&words);
    }
    fs::write(dir.join("d.toml"), good).unwrap();
    detect(&dir).fails_with(&["m.onnx", "can't read"]);
    fs::write(dir.join("m.onnx"), "").unwrap();
    let mut c = command(&[
        "detect",
        "pictures",
        "--detector",
        "d.toml",
        "--onnxruntime",
        "gone.so",
    ]);
    let said = c.current_dir(&dir).output().unwrap();
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("gone.so") && said.contains("--onnxruntime"),
        "{said}"
    );
}
