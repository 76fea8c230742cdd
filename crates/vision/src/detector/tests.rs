//! Each family's outputs, made by hand, through all of a detector.

use super::*;
use atalaya_model::{Class, Micros, PixelFormat, Plane};
use std::sync::Arc;

/// Gives the same outputs whatever goes in, and keeps what went in.
struct Fixed {
    ports: Ports,
    outputs: Vec<(String, Tensor)>,
    fed: Vec<Vec<(String, Tensor)>>,
}

impl Runtime for Fixed {
    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn run(&mut self, inputs: Vec<(String, Tensor)>) -> Result<Vec<(String, Tensor)>, String> {
        self.fed.push(inputs);
        Ok(self.outputs.clone())
    }
}

fn port(name: &str, kind: Kind, shape: &[usize]) -> Port {
    Port {
        name: name.into(),
        kind,
        shape: shape.iter().map(|d| Some(*d)).collect(),
    }
}

/// A network of 64x64 with these outputs.
fn network(outputs: Vec<(&str, Tensor)>) -> Fixed {
    let outputs: Vec<(String, Tensor)> = outputs
        .into_iter()
        .map(|(n, t)| (n.to_owned(), t))
        .collect();
    Fixed {
        ports: Ports {
            inputs: vec![port("images", Kind::F32, &[1, 3, 64, 64])],
            outputs: outputs
                .iter()
                .map(|(n, t)| {
                    let kind = match t.values {
                        Values::F32(_) => Kind::F32,
                        Values::I64(_) => Kind::I64,
                    };
                    port(n, kind, &t.shape)
                })
                .collect(),
        },
        outputs,
        fed: Vec::new(),
    }
}

fn manifest(family: Family) -> Manifest {
    Manifest {
        schema: "detector/1".into(),
        model: "m.onnx".into(),
        family,
        input: Input {
            width: 64,
            height: 64,
            layout: Layout::Nchw,
            colour: Colour::Rgb,
            scale: 1.0,
            mean: vec![],
            std: vec![],
            fit: Fit::Corner,
            pad: 114.0,
        },
        classes: vec!["person".into(), "dog".into(), "bus".into()],
        r#as: [("person", "person"), ("bus", "truck")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .into(),
        thresholds: Thresholds::default(),
        strides: vec![16, 32],
        decoded: false,
        end_to_end: false,
        bins: 4,
        centre: 0.0,
        tile_scale: 0.5,
    }
}

/// Grey, twice as wide as high: in 64x64 it is 64x32.
fn frame() -> Frame {
    let (w, h) = (128usize, 64usize);
    let plane = |n: usize, v: u8, stride: usize| Plane {
        bytes: Arc::new(vec![v; n]),
        stride,
    };
    Frame {
        id: 1,
        t: Micros(0),
        pts_90k: None,
        width: w as u32,
        height: h as u32,
        format: PixelFormat::Yuv420p,
        planes: vec![
            plane(w * h, 126, w),
            plane(w * h / 4, 128, w / 2),
            plane(w * h / 4, 128, w / 2),
        ],
        interlaced: false,
        damaged: false,
    }
}

fn found(m: Manifest, n: Fixed) -> Vec<Detection> {
    Detector::new(m, n).unwrap().detect(&frame()).unwrap()
}

/// One bus, in the frame at 20, 16, of 40x24 pixels; 10, 8, of 20x12 in the network's.
fn assert_bus(found: &[Detection], score: f32) {
    assert_eq!(found.len(), 1, "{found:?}");
    let d = found[0];
    assert_eq!(d.class, Class::Truck);
    assert!((d.score - score).abs() < 1e-3, "{d:?}");
    let b = d.bbox;
    for (is, wanted) in [(b.x, 20.0), (b.y, 16.0), (b.w, 40.0), (b.h, 24.0)] {
        assert!((is - wanted).abs() < 0.05, "{d:?}");
    }
}

const PLACES: usize = 16 + 4;

#[test]
fn yolox_is_read_from_its_grid_or_decoded() {
    let mut v = vec![0f32; PLACES * 8];
    // The place of column 1, row 0 at stride 16: centre 20, 14 and 20x12.
    let row = &mut v[8..16];
    row.copy_from_slice(&[
        20.0 / 16.0 - 1.0,
        14.0 / 16.0,
        (20f32 / 16.0).ln(),
        (12f32 / 16.0).ln(),
        0.9,
        0.0,
        0.1,
        0.8,
    ]);
    let raw = Tensor::floats(&[1, PLACES, 8], v.clone());
    assert_bus(
        &found(manifest(Family::Yolox), network(vec![("output", raw)])),
        0.72,
    );
    v[8..12].copy_from_slice(&[20.0, 14.0, 20.0, 12.0]);
    let mut m = manifest(Family::Yolox);
    m.decoded = true;
    let pixels = Tensor::floats(&[1, PLACES, 8], v);
    assert_bus(&found(m, network(vec![("output", pixels)])), 0.72);
}

#[test]
fn ultralytics_is_read_by_columns_by_rows_and_after_suppression() {
    let mut v = vec![0f32; 7 * PLACES];
    for (c, x) in [20.0, 14.0, 20.0, 12.0, 0.1, 0.2, 0.7]
        .into_iter()
        .enumerate()
    {
        v[c * PLACES + 5] = x;
    }
    // Almost the same box, less sure; and a dog, which is not wanted.
    for (c, x) in [21.0, 14.0, 20.0, 12.0, 0.1, 0.2, 0.6]
        .into_iter()
        .enumerate()
    {
        v[c * PLACES + 6] = x;
    }
    for (c, x) in [50.0, 14.0, 9.0, 9.0, 0.0, 0.9, 0.0]
        .into_iter()
        .enumerate()
    {
        v[c * PLACES + 7] = x;
    }
    let columns = Tensor::floats(&[1, 7, PLACES], v.clone());
    let m = || manifest(Family::Ultralytics);
    assert_bus(&found(m(), network(vec![("output0", columns)])), 0.7);
    let turned = (0..PLACES * 7).map(|i| v[i % 7 * PLACES + i / 7]).collect();
    let rows = Tensor::floats(&[1, PLACES, 7], turned);
    assert_bus(&found(m(), network(vec![("output0", rows)])), 0.7);
    let mut m = m();
    m.end_to_end = true;
    let after = Tensor::floats(
        &[1, 2, 6],
        vec![
            10.0, 8.0, 30.0, 20.0, 0.7, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0,
        ],
    );
    assert_bus(&found(m, network(vec![("output0", after)])), 0.7);
}

#[test]
fn detr_is_read_as_logits_or_with_labels() {
    let mut m = manifest(Family::Detr);
    m.input.fit = Fit::Stretch;
    // Stretched, 64 rows are 64 rows: the same box is 16 to 40 of them.
    let logits = Tensor::floats(&[1, 2, 3], vec![-9.0, -9.0, 0.0, -9.0, -9.0, -9.0]);
    let (y, h) = (28.0 / 64.0, 24.0 / 64.0);
    let boxes = Tensor::floats(
        &[1, 2, 4],
        vec![20.0 / 64.0, y, 20.0 / 64.0, h, 0.5, 0.5, 0.1, 0.1],
    );
    let n = network(vec![("pred_logits", logits), ("pred_boxes", boxes)]);
    assert_bus(&found(m.clone(), n), 0.5);

    let mut n = network(vec![
        (
            "labels",
            Tensor {
                shape: vec![1, 2],
                values: Values::I64(vec![2, 1]),
            },
        ),
        (
            "boxes",
            Tensor::floats(&[1, 2, 4], vec![10.0, 16.0, 30.0, 40.0, 0.0, 0.0, 9.0, 9.0]),
        ),
        ("scores", Tensor::floats(&[1, 2], vec![0.8, 0.9])),
    ]);
    n.ports
        .inputs
        .push(port("orig_target_sizes", Kind::I64, &[1, 2]));
    let mut d = Detector::new(m, n).unwrap();
    assert_bus(&d.detect(&frame()).unwrap(), 0.8);
    // It is told that the picture has the network's size.
    let (name, size) = &d.runtime.fed[0][1];
    assert_eq!(
        (name.as_str(), &size.values),
        ("orig_target_sizes", &Values::I64(vec![64, 64]))
    );
}

#[test]
fn nanodet_is_read_from_its_distributions() {
    let mut v = vec![-8f32; PLACES * 19];
    v.chunks_exact_mut(19).for_each(|r| r[..3].fill(0.0));
    // Place of column 1, row 1 at stride 16 is 16, 16; distances 6, 8, 14, 4 in strides.
    let row = &mut v[5 * 19..6 * 19];
    row[2] = 0.7;
    for (k, d) in [6.0f32, 8.0, 14.0, 4.0].into_iter().enumerate() {
        // Between two steps: shares of both.
        let (at, f) = ((d / 16.0) as usize, (d / 16.0).fract());
        row[3 + 4 * k..7 + 4 * k].fill(-40.0);
        row[3 + 4 * k + at] = (1.0 - f).ln();
        row[3 + 4 * k + at + 1] = f.max(1e-9).ln();
    }
    let t = Tensor::floats(&[1, PLACES, 19], v);
    assert_bus(
        &found(manifest(Family::Nanodet), network(vec![("output", t)])),
        0.7,
    );
}

#[test]
fn rtmdet_is_read_after_suppression_or_by_levels() {
    let dets = Tensor::floats(&[1, 1, 5], vec![10.0, 8.0, 30.0, 20.0, 0.6]);
    let labels = Tensor {
        shape: vec![1, 1],
        values: Values::I64(vec![2]),
    };
    let n = network(vec![("dets", dets), ("labels", labels)]);
    assert_bus(&found(manifest(Family::Rtmdet), n), 0.6);

    let mut c16 = vec![-9f32; 3 * 16];
    let mut d16 = vec![1f32; 4 * 16];
    c16[2 * 16 + 5] = 0.0;
    for (k, d) in [6.0, 8.0, 14.0, 4.0].into_iter().enumerate() {
        d16[k * 16 + 5] = d;
    }
    let n = network(vec![
        ("cls16", Tensor::floats(&[1, 3, 4, 4], c16)),
        ("cls32", Tensor::floats(&[1, 3, 2, 2], vec![-9.0; 12])),
        ("box16", Tensor::floats(&[1, 4, 4, 4], d16)),
        ("box32", Tensor::floats(&[1, 4, 2, 2], vec![1.0; 16])),
    ]);
    assert_bus(&found(manifest(Family::Rtmdet), n), 0.5);
}

#[test]
fn pictures_are_fed_as_the_manifest_says() {
    let dets = Tensor::floats(&[1, 0, 5], vec![]);
    let labels = Tensor {
        shape: vec![1, 0],
        values: Values::I64(vec![]),
    };
    let n = network(vec![("dets", dets), ("labels", labels)]);
    let mut m = manifest(Family::Rtmdet);
    m.input.mean = vec![100.0, 0.0, 0.0];
    m.input.std = vec![2.0, 1.0, 1.0];
    let mut d = Detector::new(m, n).unwrap();
    assert!(d.detect(&frame()).unwrap().is_empty());
    let fed = d.runtime.fed[0][0].1.f32s().unwrap();
    // Luma 126 is 110/219 of the way: level 128.08. The lower half is left over.
    let level = (126.0 - 16.0) * 255.0 / 219.0;
    assert!((fed[0] - (level - 100.0) / 2.0).abs() < 0.1, "{}", fed[0]);
    assert!((fed[64 * 64] - level).abs() < 0.1);
    assert!((fed[64 * 40] - 7.0).abs() < 1e-3, "{}", fed[64 * 40]);
    assert!((fed[64 * 64 + 64 * 40] - 114.0).abs() < 1e-3);
}

#[test]
fn tiles_find_in_the_frame_what_they_show() {
    let dets = Tensor::floats(&[1, 1, 5], vec![10.0, 8.0, 30.0, 20.0, 0.6]);
    let labels = Tensor {
        shape: vec![1, 1],
        values: Values::I64(vec![2]),
    };
    let n = network(vec![("dets", dets), ("labels", labels)]);
    let mut d = Detector::new(manifest(Family::Rtmdet), n).unwrap();
    let cue = PixelBox {
        x: 98.0,
        y: 40.0,
        w: 4.0,
        h: 4.0,
    };
    let all = d.detect_about(&frame(), &[cue], 4).unwrap();
    assert_eq!(d.runtime.fed.len(), 2);
    // A tile of 32x32 about 100, 42 is twice as large in the network's picture.
    let tile = all.iter().find(|d| d.bbox.x > 60.0).unwrap();
    assert!((tile.bbox.x - (84.0 + 5.0)).abs() < 0.1, "{tile:?}");
    assert!((tile.bbox.w - 10.0).abs() < 0.1, "{tile:?}");
}

#[test]
fn what_does_not_fit_is_refused_in_a_line() {
    let refused = |m: Manifest, n: Fixed| {
        let said = Detector::new(m, n).err().unwrap().to_string();
        assert!(!said.contains('\n') && said.len() < 400, "{said}");
        said
    };
    let t = || Tensor::floats(&[1, PLACES, 8], vec![0.0; PLACES * 8]);
    let n = || network(vec![("output", t())]);
    let mut m = manifest(Family::Yolox);
    m.classes.push("cat".into());
    let said = refused(m, n());
    assert!(said.contains("1x20x8") && said.contains("1x20x9"), "{said}");
    let mut m = manifest(Family::Yolox);
    m.input.width = 96;
    assert!(refused(m, n()).contains("1x3x64x64"));
    let mut m = manifest(Family::Yolox);
    m.classes[1] = "human face".into();
    assert!(refused(m, n()).contains("never taken"));
    let mut m = manifest(Family::Yolox);
    m.classes[1] = "license_plate".into();
    assert!(refused(m, n()).contains("number plates"));
    let mut m = manifest(Family::Yolox);
    m.r#as.insert("cat".into(), "car".into());
    assert!(refused(m, n()).contains("as.cat"));
    let mut m = manifest(Family::Yolox);
    m.strides = vec![0];
    assert!(refused(m, n()).contains("strides"));
}

#[test]
fn outputs_that_lie_are_refused_and_never_panic() {
    let look = |n: Fixed, family: Family| {
        let mut d = Detector::new(manifest(family), n).unwrap();
        d.detect(&frame())
    };
    // Fewer numbers than the shape says.
    let mut n = network(vec![("o", Tensor::floats(&[1, PLACES, 8], vec![0.0; 160]))]);
    n.outputs[0].1.values = Values::F32(vec![0.0; 7]);
    assert!(look(n, Family::Yolox).is_err());
    // Other shapes than declared.
    let mut n = network(vec![("o", Tensor::floats(&[1, PLACES, 8], vec![0.0; 160]))]);
    n.outputs[0].1 = Tensor::floats(&[1, 1, 8], vec![0.0; 8]);
    assert!(look(n, Family::Yolox).is_err());
    // No numbers, infinities, and scores that are logits.
    let bad = |v: f32| network(vec![("o", Tensor::floats(&[1, PLACES, 8], vec![v; 160]))]);
    assert!(look(bad(f32::NAN), Family::Yolox).unwrap().is_empty());
    assert!(look(bad(f32::NEG_INFINITY), Family::Yolox).is_err());
    let said = look(bad(5.0), Family::Yolox).unwrap_err().to_string();
    assert!(said.contains("sigmoid"), "{said}");
    // Labels of no class.
    let n = network(vec![
        (
            "dets",
            Tensor::floats(&[1, 1, 5], vec![1.0, 1.0, 9.0, 9.0, 0.9]),
        ),
        (
            "labels",
            Tensor {
                shape: vec![1, 1],
                values: Values::I64(vec![-7]),
            },
        ),
    ]);
    assert!(look(n, Family::Rtmdet).unwrap().is_empty());
}
