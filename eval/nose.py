#!/usr/bin/env python3
"""`atalaya emission nose` on the UCI gas-sensor-array drift data beside scikit-learn's RBF-SVM, in one run.

    .venv/bin/python eval/nose.py target/debug/atalaya ../shared/data/gas/enose [--labels 5] [--draws 5]

Learned from batch 1, then batches 2 to 4 in order: once without any label of a later batch, once with so many labels of each kind
in each later batch, drawn at random (several draws). The SVM is trained once, and once with the same labels added. Accuracy is over
the rows without a label. Then each gas is left out of learning and of all labels, and it
is counted how much of it is called unknown, beside how much of the others is.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from sklearn.svm import SVC


def load(path):
    rows = [line.strip().split(",") for line in open(path)]
    return np.array([r[0] for r in rows]), np.array([[float(v) for v in r[2:]] for r in rows])


def write(path, kinds, features):
    with open(path, "w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["kind"] + [f"f{j}" for j in range(features.shape[1])])
        for kind, row in zip(kinds, features):
            table.writerow([kind] + [repr(float(v)) for v in row])


def some(rng, kinds, of, count):
    """So many rows of each kind."""
    picked = [rng.permutation(np.flatnonzero(kinds == k))[:count] for k in of]
    return np.concatenate(picked) if count else np.array([], int)


def said(binary, batches, labels, without=None):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        kinds, features = batches[0]
        keep = kinds != without
        write(folder / "1.csv", kinds[keep], features[keep])
        arguments = []
        for i, ((kinds, features), marked) in enumerate(zip(batches[1:], labels)):
            given = np.full(len(kinds), "", dtype=object)
            given[marked] = kinds[marked]
            write(folder / f"{i + 2}.csv", given, features)
            arguments += ["--read", folder / f"{i + 2}.csv"]
        out = subprocess.run(
            [binary, "emission", "nose", "--train", folder / "1.csv", "--sensors", "16", *arguments],
            check=True, capture_output=True, text=True).stdout
        records = [json.loads(line) for line in out.splitlines()]
    split, at = [], 0
    for kinds, _ in batches[1:]:
        split.append(records[at : at + len(kinds)])
        at += len(kinds)
    return split


def svm(batches, labels):
    kinds, features = batches[0]
    mean, sd = features.mean(0), features.std(0)
    known, x = [kinds], [(features - mean) / sd]
    shares = []
    for (kinds, features), marked in zip(batches[1:], labels):
        level = (features - mean) / sd
        known.append(kinds[marked])
        x.append(level[marked])
        model = SVC(C=10).fit(np.vstack(x), np.concatenate(known))
        rest = np.setdiff1d(np.arange(len(kinds)), marked)
        shares.append(np.mean(model.predict(level[rest]) == kinds[rest]))
    return shares


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("folder", type=Path)
    p.add_argument("--labels", type=int, default=5)
    p.add_argument("--draws", type=int, default=5)
    a = p.parse_args()
    batches = [load(a.folder / f"batch{i}.dat") for i in range(1, 5)]
    all_kinds = sorted(set(batches[0][0]))
    percent = lambda v: " | ".join(f"{np.mean(s):.0%}" for s in np.array(v).T)
    print(f"\"named\" is the share of rows not called unknown, \"right\" that of the named ones; \"likeliest\" never says unknown.\n")
    print(f"| learned from batch 1 and | labels of each kind in each later batch | batch 2 | batch 3 | batch 4 |\n|---|---:|---:|---:|---:|")
    calibration = []
    for count in (0, a.labels):
        ours, named, right, peer = [], [], [], []
        for draw in range(a.draws if count else 1):
            rng = np.random.default_rng(draw)
            labels = [some(rng, kinds, all_kinds, count) for kinds, _ in batches[1:]]
            peer.append(svm(batches, labels))
            shares = [[], [], []]
            for records, (kinds, _), marked in zip(said(a.binary, batches, labels), batches[1:], labels):
                rest = np.setdiff1d(np.arange(len(kinds)), marked)
                likeliest = [max(records[i]["p"], key=records[i]["p"].get) for i in rest]
                shares[0].append(np.mean(likeliest == kinds[rest]))
                known = [i for i in rest if records[i]["kind"]]
                shares[1].append(len(known) / len(rest))
                shares[2].append(np.mean([records[i]["kind"] == kinds[i] for i in known]))
                if count:
                    calibration += [(max(records[i]["p"].values()),
                                     max(records[i]["p"], key=records[i]["p"].get) == kinds[i]) for i in rest]
            for rows, share in zip((ours, named, right), shares):
                rows.append(share)
        for name, rows in (("likeliest", ours), ("named", named), ("right", right)):
            print(f"| atalaya, {name} | {count} | {percent(rows)} |")
        print(f"| scikit-learn SVC (RBF, C 10) | {count} | {percent(peer)} |")
    print(f"\n| said probability of the likeliest kind, {a.labels} labels | rows | mean said | right |\n|---|---:|---:|---:|")
    for lo, hi in ((0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 0.99), (0.99, 1.01)):
        part = [c for c in calibration if lo <= c[0] < hi]
        if part:
            print(f"| {lo}–{min(hi, 1)} | {len(part)} | {np.mean([c[0] for c in part]):.1%} | {np.mean([c[1] for c in part]):.1%} |")
    print(f"\n| left out of learning, {a.labels} labels of each other kind | called unknown, batch 2 | 3 | 4 | of the others called unknown, 2 | 3 | 4 |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for without in all_kinds:
        gone, others = [], []
        for draw in range(a.draws):
            rng = np.random.default_rng(draw)
            labels = [some(rng, kinds, [k for k in all_kinds if k != without], a.labels) for kinds, _ in batches[1:]]
            for b, (records, (kinds, _), marked) in enumerate(
                    zip(said(a.binary, batches, labels, without), batches[1:], labels)):
                rest = np.setdiff1d(np.arange(len(kinds)), marked)
                unknown = np.array([records[i]["kind"] is None for i in rest])
                gone.append((b, unknown[kinds[rest] == without]))
                others.append((b, unknown[kinds[rest] != without]))
        cell = lambda rows, b: (lambda v: f"{v.mean():.0%}" if len(v) else "–")(np.concatenate([u for i, u in rows if i == b]))
        print(f"| {without} | " + " | ".join([cell(gone, b) for b in range(3)] + [cell(others, b) for b in range(3)]) + " |")


if __name__ == "__main__":
    main()
