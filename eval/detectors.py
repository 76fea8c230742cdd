"""Boxes of `atalaya detect --detector` beside those of a reference in numpy.

    python eval/detectors.py target/debug/atalaya out/eval/detectors path/to/libonnxruntime.so

For each family, networks are written (package onnx) whose outputs are random numbers that stay the same: a few sure boxes
among many unsure ones. The program runs them with the real runtime; the reference reads the same numbers by the families'
published definitions, suppresses (greedy, intersection over union), and takes letterboxes back. Prints how many boxes both have
and the largest difference of an edge.
"""

import pathlib
import struct
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

W, H = 320, 256
FRAME = (640, 360)
CLASSES = ["person", "dog", "bus", "kite", "car"]
OURS = {0: 1, 2: 4, 4: 2}
STRIDES = [8, 16, 32]
BINS = 8
SCORE, OVERLAP = 0.3, 0.6


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def logit(p):
    return np.log(p / (1 - p))


def grid(strides):
    cells = []
    for s in strides:
        w, h = -(-W // s), -(-H // s)
        y, x = np.mgrid[:h, :w]
        cells.append(np.stack([x.ravel(), y.ravel(), np.full(w * h, s)], 1))
    return np.concatenate(cells).astype(np.float32)


def scores(rng, n):
    """Most unsure, some sure."""
    p = rng.uniform(0, 0.25, (n, len(CLASSES)))
    sure = rng.choice(n, min(n, 40), replace=False)
    p[sure, rng.integers(0, len(CLASSES), len(sure))] = rng.uniform(0.35, 0.99, len(sure))
    return p.astype(np.float32)


def edges(c):
    return np.concatenate([c[:, :2] - c[:, 2:4] / 2, c[:, :2] + c[:, 2:4] / 2], 1)


def centred(rng, n):
    return np.stack([rng.uniform(20, W - 20, n), rng.uniform(20, H - 20, n), rng.uniform(6, 60, n), rng.uniform(6, 60, n)], 1).astype(np.float32)


def yolox(rng):
    g = grid(STRIDES)
    raw = np.concatenate([rng.normal(0, 1, (len(g), 4)) * [0.5, 0.5, 0.4, 0.4], rng.uniform(0.8, 1, (len(g), 1)), scores(rng, len(g))], 1)
    raw = raw.astype(np.float32)
    box = np.concatenate([(raw[:, :2] + g[:, :2]) * g[:, 2:], np.exp(raw[:, 2:4]) * g[:, 2:]], 1)
    return {"output": raw[None]}, edges(box), raw[:, 5:] * raw[:, 4:5], ""


def nanodet(rng):
    strides = STRIDES + [64]
    g = grid(strides)
    p = scores(rng, len(g))
    d = rng.normal(0, 2, (len(g), 4, BINS)).astype(np.float32)
    share = np.exp(d - d.max(2, keepdims=True))
    side = (share / share.sum(2, keepdims=True) * np.arange(BINS)).sum(2) * g[:, 2:]
    c = g[:, :2] * g[:, 2:]
    box = np.concatenate([c - side[:, :2], c + side[:, 2:]], 1)
    return {"output": np.concatenate([p, d.reshape(len(g), -1)], 1)[None]}, box, p, f"strides = {strides}\nbins = {BINS}"


def ultralytics(rng):
    n = len(grid(STRIDES))
    c, p = centred(rng, n), scores(rng, n)
    return {"output0": np.ascontiguousarray(np.concatenate([c, p], 1).T[None])}, edges(c), p, ""


def ended(rng):
    n = 60
    c, p = centred(rng, n), scores(rng, n)
    out = np.concatenate([edges(c), p.max(1)[:, None], p.argmax(1)[:, None]], 1).astype(np.float32)
    return {"output0": out[None]}, edges(c), p, "end_to_end = true"


def detr(rng):
    n = 300
    c, p = centred(rng, n), scores(rng, n)
    return {"pred_logits": logit(p)[None], "pred_boxes": (c / [W, H, W, H]).astype(np.float32)[None]}, edges(c), p, ""


def labelled(rng):
    n = 300
    c, p = centred(rng, n), scores(rng, n)
    return {"labels": p.argmax(1)[None], "boxes": edges(c)[None], "scores": p.max(1)[None]}, edges(c), p, ""


def rtmdet(rng):
    out, boxes, all_p = {}, [], []
    for s in STRIDES:
        w, h = -(-W // s), -(-H // s)
        p, d = scores(rng, w * h), rng.uniform(3, 30, (w * h, 4)).astype(np.float32)
        y, x = np.mgrid[:h, :w]
        c = np.stack([x.ravel() * s, y.ravel() * s], 1)
        out[f"cls{s}"] = np.ascontiguousarray(logit(p).T.reshape(1, -1, h, w))
        out[f"box{s}"] = np.ascontiguousarray(d.T.reshape(1, 4, h, w))
        boxes.append(np.concatenate([c - d[:, :2], c + d[:, 2:]], 1))
        all_p.append(p)
    return out, np.concatenate(boxes), np.concatenate(all_p), ""


def ended_rtmdet(rng):
    n = 60
    c, p = centred(rng, n), scores(rng, n)
    dets = np.concatenate([edges(c), p.max(1)[:, None]], 1).astype(np.float32)
    return {"dets": dets[None], "labels": p.argmax(1)[None]}, edges(c), p, ""


def reference(box, p, fit):
    """Boxes in the frame: edges, score, class of ours."""
    best, s = p.argmax(1), p.max(1)
    keep = (s >= SCORE) & np.isin(best, list(OURS))
    box, s, label = box[keep].astype(float), s[keep], np.array([OURS[b] for b in best[keep]])
    kx, ky = W / FRAME[0], H / FRAME[1]
    dx = dy = 0.0
    if fit != "stretch":
        kx = ky = min(kx, ky)
    if fit == "centre":
        dx, dy = (W - FRAME[0] * kx) / 2, (H - FRAME[1] * ky) / 2
    box = (box - [dx, dy, dx, dy]) / [kx, ky, kx, ky]
    box = np.clip(box, 0, [*FRAME, *FRAME])
    big = (box[:, 2] - box[:, 0] > 0.5) & (box[:, 3] - box[:, 1] > 0.5)
    box, s, label = box[big], s[big], label[big]
    kept = []
    for i in np.argsort(-s, kind="stable"):
        alike = [k for k in kept if label[k] == label[i] or (label[k] > 1 and label[i] > 1)]
        both = [iou(box[i], box[k]) for k in alike]
        if not both or max(both) <= OVERLAP:
            kept.append(i)
    return [(*box[i], s[i], label[i]) for i in kept]


def iou(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    area = lambda c: (c[2] - c[0]) * (c[3] - c[1])
    return w * h / (area(a) + area(b) - w * h)


def write(path, outputs, sized):
    held = [numpy_helper.from_array(v, "held_" + k) for k, v in outputs.items()]
    nodes = [helper.make_node("Identity", ["held_" + k], [k]) for k in outputs]
    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
    out = [helper.make_tensor_value_info(k, kinds[v.dtype], v.shape) for k, v in outputs.items()]
    into = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, H, W])]
    if sized:
        into.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2]))
    graph = helper.make_graph(nodes, "g", into, out, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    atalaya, out, library = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    picture = np.random.default_rng(0).integers(0, 255, (FRAME[1], 3 * FRAME[0]), dtype=np.uint8)
    header = struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54 + picture.size, 0, 54, 40, FRAME[0], -FRAME[1], 1, 24, 0, 0, 0, 0, 0, 0)
    (out / "pictures" / "1.bmp").write_bytes(header + picture.tobytes())
    print("| family | fit | boxes, reference | boxes, Atalaya | same | largest difference of an edge, px |\n|---|---|---:|---:|---:|---:|")
    failed = False
    cases = [
        ("yolox", yolox), ("nanodet", nanodet), ("ultralytics", ultralytics), ("ultralytics", ended),
        ("detr", detr), ("detr", labelled), ("rtmdet", rtmdet), ("rtmdet", ended_rtmdet),
    ]
    for n, (family, make) in enumerate(cases):
        fit = ["corner", "centre", "stretch"][n % 3]
        outputs, box, p, more = make(np.random.default_rng(n + 1))
        write(out / "m.onnx", outputs, make is labelled)
        (out / "d.toml").write_text(
            f'schema = "detector/1"\nmodel = "m.onnx"\nfamily = "{family}"\nclasses = {CLASSES}\n{more}\n'
            '[as]\nperson = "person"\nbus = "truck"\ncar = "car"\n'
            f'[input]\nwidth = {W}\nheight = {H}\nfit = "{fit}"\n[thresholds]\nscore = {SCORE}\noverlap = {OVERLAP}\n'
        )
        said = subprocess.run(
            [atalaya, "detect", str(out / "pictures"), "--sensor", "eo", "--detector", str(out / "d.toml"), "--onnxruntime", library],
            check=True, capture_output=True, text=True,
        ).stdout
        ours = []
        for line in said.splitlines():
            r = [float(v) for v in line.split(",")]
            ours.append((r[2], r[3], r[2] + r[4], r[3] + r[5], r[6], int(r[7])))
        wanted = reference(box, p, fit)
        same, worst, left = 0, 0.0, list(ours)
        for w in wanted:
            near = [o for o in left if o[5] == w[5] and abs(o[4] - w[4]) < 2e-3]
            if near:
                best = min(near, key=lambda o: np.abs(np.subtract(o[:4], w[:4])).max())
                error = float(np.abs(np.subtract(best[:4], w[:4])).max())
                if error < 0.5:
                    same, worst = same + 1, max(worst, error)
                    left.remove(best)
        failed |= not (same == len(wanted) == len(ours))
        print(f"| {family}: {', '.join(outputs)} | {fit} | {len(wanted)} | {len(ours)} | {same} | {worst:.3f} |")
    sys.exit(failed)


main()
