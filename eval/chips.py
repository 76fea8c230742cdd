"""What boxes show: a classifier of `atalaya learn`, on worlds it has not seen and on real pictures.

    python eval/chips.py target/debug/atalaya out/eval/chips [../shared/data/motion] [--train 301 302 …] [--test 9101 …]

Makes the worlds that are not there (75 s, both cameras), trains on the first, and prints, for the others and for
real chips (scored only, never trained on): precision and recall of each class, calibration, and how many boxes of
`atalaya detect` it takes away at which recall. Beside it a weaker one that knows the box alone: a normal distribution of
the logarithms of width and height for each class, all classes alike frequent.
"""

import argparse
import collections
import csv
import pathlib
import subprocess
import sys

import numpy as np
from recall import rows, score

LABELS = ["nothing", "person", "car", "pickup", "truck", "other"]


def run(*command, **kwargs):
    print("$", *map(str, command), file=sys.stderr)
    return subprocess.run([str(c) for c in command], check=True, text=True, capture_output=True, **kwargs)


def world(atalaya, out, seed):
    path = out / f"w{seed}"
    if not (path / "truth" / "boxes.csv").exists():
        run(atalaya, "sim", "compound", "--seed", seed, "--duration", 75, "--density", "busy", "--out", path)
    return path


class Sizes:
    """What the width and height of a box alone say."""

    def __init__(self, chips):
        by_label = collections.defaultdict(list)
        for c in chips:
            by_label[c["label"]].append(np.log([float(c["w"]), float(c["h"])]))
        self.normals = {
            label: (np.mean(v, 0), np.cov(np.array(v).T) + 1e-3 * np.eye(2)) for label, v in by_label.items() if len(v) > 3
        }

    def tell(self, chip):
        x = np.log([float(chip["w"]), float(chip["h"])])
        p = {}
        for label, (mean, cov) in self.normals.items():
            d = x - mean
            p[label] = np.exp(-0.5 * d @ np.linalg.solve(cov, d)) / np.sqrt(np.linalg.det(cov)) + 1e-12
        total = sum(p.values())
        return {label: v / total for label, v in p.items()}


def table(name, told):
    """`told`: label, probabilities by label."""
    counts = collections.Counter(label for label, _ in told)
    best = [max(p, key=p.get) for _, p in told]
    said = collections.Counter(best)
    right = collections.Counter(label for (label, _), b in zip(told, best) if label == b)
    cells = []
    for label in LABELS:
        if counts[label]:
            precision = right[label] / said[label] if said[label] else float("nan")
            cells.append(f"{label} {right[label] / counts[label]:.2f}/{precision:.2f} ({counts[label]})")
    recall = np.mean([right[l] / counts[l] for l in counts])
    bins = collections.defaultdict(lambda: np.zeros(3))
    for (label, p), b in zip(told, best):
        w = 1 / counts[label]
        bins[min(int(10 * p[b]), 9)] += (w, w * p[b], w * (label == b))
    error = sum(abs(b[1] - b[2]) for b in bins.values()) / sum(b[0] for b in bins.values())
    accuracy = sum(right.values()) / len(told)
    print(f"| {name} | {len(told)} | {accuracy:.3f} | {recall:.3f} | {error:.3f} | {', '.join(cells)} |")


def detections(atalaya, video, out, *options):
    done = run(atalaya, "detect", video, "--out", out, *options)
    print(done.stderr.strip(), file=sys.stderr)
    with open(out, newline="") as f:
        return [(int(r[0]), tuple(map(float, r[2:6])), float(r[6]), int(r[7])) for r in csv.reader(f)]


def by_frame(found):
    frames = collections.defaultdict(list)
    for frame, box, _, _ in found:
        frames[frame].append(box)
    return frames


def cuts(name, truth, plain, kept):
    """Recall and boxes a frame: all boxes, those left by the classifier, as many of the surest."""
    surest = sorted(plain, key=lambda d: -d[2])[: len(kept)]
    line = []
    for found in (plain, kept, surest):
        hits, total, boxes = score(by_frame(found), truth, 0.25)
        line.append(f"{hits / max(total, 1):.3f} at {boxes / max(len(truth), 1):.1f}")
    print(f"| {name} | {' | '.join(line)} |")


def movers(path, least=0.5):
    """Boxes of a world's truth that can be seen."""
    frames = collections.defaultdict(list)
    with open(path, newline="") as f:
        for r in csv.reader(f):
            if float(r[8]) >= least:
                frames[int(r[0])].append(tuple(map(float, r[2:6])))
    return frames


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("atalaya")
    p.add_argument("out", type=pathlib.Path)
    p.add_argument("real", type=pathlib.Path, nargs="?")
    p.add_argument("--train", type=int, nargs="+", default=list(range(301, 309)))
    p.add_argument("--test", type=int, nargs="+", default=[9101, 9102, 9103])
    p.add_argument("--model", type=pathlib.Path, help="one that is there, with the rows it was trained on as MODEL.csv")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    tests = [world(a.atalaya, a.out, s) for s in a.test]
    model = a.model or a.out / "model.json"
    trained = model.with_suffix(".csv")
    if not a.model:
        given = [x for s in a.train for x in ("--world", world(a.atalaya, a.out, s))]
        print(run(a.atalaya, "learn", "train", *given, "--rows", trained, "--out", model).stdout)
    with open(trained, newline="") as f:
        sizes = Sizes(c for c in csv.DictReader(f) if not c["source"].endswith("at half size"))

    checks = [("unseen worlds", [x for t in tests for x in ("--check", t)])]
    if a.real:
        checks += [
            ("truck4 (real)", ["--check", f"{a.real}/truck4.mp4,{a.real}/truck4_boxes.csv,truck"]),
            ("thermal persons (real)", ["--check", f"{a.real}/thermal_persons.ts,{a.real}/thermal_persons_boxes.csv"]),
        ]
    print("| chips | n | accuracy | mean of recalls | calibration error | recall/precision (n) of each class |")
    print("|---|---:|---:|---:|---:|---|")
    for name, options in checks:
        file = a.out / "rows.csv"
        run(a.atalaya, "learn", "score", model, *options, "--rows", file)
        with open(file, newline="") as f:
            chips = list(csv.DictReader(f))
        groups = {"": chips}
        if "worlds" in name:
            groups = {s: [c for c in chips if c["source"].endswith(s)] for s in ("eo.ts", "ir.ts")}
        for part, these in groups.items():
            told = [(c["label"], {l: float(c["p_" + l]) for l in LABELS}) for c in these]
            table(f"{name} {part}".strip(), told)
            table(f"{name} {part}, box alone".replace(" ,", ","), [(c["label"], sizes.tell(c)) for c in these])

    print("\n| recall at IoU 0.25 at boxes a frame | all boxes | with the classifier | as many of the surest |\n|---|---|---|---|")
    videos = [
        (f"{t.name} {v}", t / v, movers(t / "truth" / b))
        for t in tests
        for v, b in (("eo.ts", "boxes.csv"), ("ir.ts", "boxes_ir.csv"))
    ]
    if a.real:
        videos.append(("truck4 (real)", a.real / "truck4.mp4", rows(a.real / "truck4_boxes.csv")))
        persons = collections.defaultdict(list)
        with open(a.real / "thermal_persons_boxes.csv", newline="") as f:
            for r in csv.DictReader(f):
                if r["class"] == "Person":
                    persons[int(r["frame"])].append(tuple(float(r[k]) for k in "xywh"))
        videos.append(("thermal persons (real)", a.real / "thermal_persons.ts", persons))
    for name, video, truth in videos:
        plain = detections(a.atalaya, video, a.out / "boxes.txt")
        kept = detections(a.atalaya, video, a.out / "boxes.txt", "--classifier", model)
        cuts(name, truth, plain, kept)


if __name__ == "__main__":
    main()
