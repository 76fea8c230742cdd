#!/usr/bin/env python3
"""How hard is a recording for a plain motion detector?

Runs the pipeline that a competent engineer would write first with OpenCV (corners, pyramidal
Lucas-Kanade, RANSAC homography, warp, difference, threshold, morphology, connected
components) in a sweep of settings, and prints for each the recall of the true moving boxes
at IoU 0.25 and the number of boxes per frame.

    opencv_baseline.py --truck4 DIR --sim DIR [--sim DIR ...] [--frames 400]

--truck4 names the folder with truck4.mp4 and truck4_boxes.csv, --sim a folder written by
`atalaya sim`. Needs numpy and opencv-python-headless.
"""

import argparse
import csv
import itertools
import json
import os
import sys
from collections import defaultdict
from datetime import datetime

import cv2
import numpy as np

GAPS = (1, 3)
THRESHOLDS = (8, 12, 18, 27)
# Structuring element of the opening (0: none) and of the closing.
MORPHOLOGY = ((0, 5), (3, 5), (3, 11), (0, 9))
LEAST_AREA = (6, 20, 60)


def read_mot(path):
    """Boxes by frame: frame -> [(id, class, x, y, w, h)]."""
    boxes = defaultdict(list)
    with open(path, newline="") as f:
        for row in csv.reader(f):
            if not row or not row[0].strip().isdigit():
                continue
            v = [float(c) for c in row]
            if len(v) == 5:
                boxes[int(v[0])].append((1, 0, *v[1:5]))
            else:
                boxes[int(v[0])].append((int(v[1]), int(v[7]), *v[2:6]))
    return boxes


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def moving_only(folder, boxes, least_speed=0.5):
    """Keeps boxes of movers whose true speed at that time exceeds `least_speed` m/s."""
    with open(os.path.join(folder, "truth", "world.json")) as f:
        world = json.load(f)
    start = seconds(world["start"])
    fps = next(feed["fps"] for feed in world["feeds"] if feed["id"] == "eo")
    fixes = defaultdict(list)
    with open(os.path.join(folder, "truth", "tracks.csv"), newline="") as f:
        for r in csv.DictReader(f):
            lat, lon = float(r["lat"]), float(r["lon"])
            north = lat * 111_035.0
            east = lon * 111_320.0 * np.cos(np.radians(lat))
            fixes[int(r["id"])].append((seconds(r["time"]) - start, east, north))
    kept = {}
    tables = {k: np.array(v) for k, v in fixes.items()}
    for frame, rows in boxes.items():
        t = (frame - 1) / fps
        out = []
        for row in rows:
            p = tables[row[0]]
            a = [np.interp(t - 0.2, p[:, 0], p[:, k]) for k in (1, 2)]
            b = [np.interp(t + 0.2, p[:, 0], p[:, k]) for k in (1, 2)]
            if np.hypot(b[0] - a[0], b[1] - a[1]) / 0.4 > least_speed:
                out.append(row)
        if out:
            kept[frame] = out
    return kept


def iou(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h)


def matched(truth, found, least=0.25):
    """Which true boxes have a found box of their own, best overlaps first."""
    pairs = sorted(
        ((iou(t[2:], d), i, j) for i, t in enumerate(truth) for j, d in enumerate(found)),
        reverse=True,
    )
    hit, used = set(), set()
    for score, i, j in pairs:
        if score < least:
            break
        if i not in hit and j not in used:
            hit.add(i)
            used.add(j)
    return hit


def homography(before, now):
    corners = cv2.goodFeaturesToTrack(before, 600, 0.01, 8)
    if corners is None or len(corners) < 8:
        return None
    moved, ok, _ = cv2.calcOpticalFlowPyrLK(before, now, corners, None)
    good = ok.ravel() == 1
    if good.sum() < 8:
        return None
    h, _ = cv2.findHomography(corners[good], moved[good], cv2.RANSAC, 1.5)
    return h


def sweep(video, truth, limit, skip):
    """Recall and boxes per frame for each setting: setting -> (recall by class, boxes/frame)."""
    cap = cv2.VideoCapture(video)
    settings = list(itertools.product(GAPS, THRESHOLDS, MORPHOLOGY, LEAST_AREA))
    hits = {s: defaultdict(int) for s in settings}
    count = {s: 0 for s in settings}
    total = defaultdict(int)
    history, n, scored = [], 0, 0
    while scored < limit:
        ok, picture = cap.read()
        if not ok:
            break
        n += 1
        grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (3, 3), 0)
        history = [*history, grey][-(max(GAPS) + 1) :]
        if n % skip or n not in truth or len(history) <= max(GAPS):
            continue
        scored += 1
        want = truth[n]
        for row in want:
            total[row[1]] += 1
        for gap in GAPS:
            before = history[-1 - gap]
            h = homography(before, grey)
            if h is None:
                continue
            size = (grey.shape[1], grey.shape[0])
            warped = cv2.warpPerspective(before, h, size)
            valid = cv2.warpPerspective(np.full_like(before, 255), h, size) == 255
            difference = cv2.absdiff(grey, warped)
            difference[~valid] = 0
            for threshold, (opening, closing) in itertools.product(THRESHOLDS, MORPHOLOGY):
                mask = (difference > threshold).astype(np.uint8)
                if opening:
                    kernel = np.ones((opening, opening), np.uint8)
                    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
                mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((closing, closing), np.uint8))
                _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
                parts = stats[1:]
                for area in LEAST_AREA:
                    s = (gap, threshold, (opening, closing), area)
                    found = parts[parts[:, 4] >= area][:, :4]
                    count[s] += len(found)
                    # Only boxes that touch a true one can match it.
                    near = [
                        tuple(map(float, d))
                        for d in found
                        if any(iou(t[2:], d) > 0.2 for t in want)
                    ]
                    for i in matched(want, near):
                        hits[s][want[i][1]] += 1
    if scored == 0:
        sys.exit(f"{video}: no frame with truth; check the truth file's frame numbers")
    return {
        s: ({c: (hits[s][c], total[c]) for c in total}, count[s] / scored) for s in settings
    }


def recall(by_class):
    return sum(h for h, _ in by_class.values()) / max(1, sum(t for _, t in by_class.values()))


def report(name, table, names):
    """Prints the settings that are not beaten in both recall and number of boxes."""
    print(f"\n## {name}")
    print("| gap | threshold | open, close | area | boxes/frame | recall@0.25 | by class |")
    print("|---|---|---|---|---|---|---|")
    best = -1.0
    for s, (by_class, boxes) in sorted(table.items(), key=lambda kv: kv[1][1]):
        r = recall(by_class)
        if r <= best + 0.004:
            continue
        best = r
        detail = ", ".join(
            f"{names.get(c, 'mover')} {h / max(1, t):.2f} ({t})" for c, (h, t) in sorted(by_class.items())
        )
        print(f"| {s[0]} | {s[1]} | {s[2][0]}, {s[2][1]} | {s[3]} | {boxes:.1f} | {r:.3f} | {detail} |")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--truck4", help="folder with truck4.mp4 and truck4_boxes.csv")
    p.add_argument("--sim", action="append", default=[], help="folder written by `atalaya sim`")
    p.add_argument("--frames", type=int, default=400, help="frames scored at most per recording")
    a = p.parse_args()
    cv2.setNumThreads(1)
    cv2.setRNGSeed(1)
    names = {0: "truck", 1: "person", 2: "car", 3: "pickup", 4: "truck"}
    if a.truck4:
        truth = read_mot(os.path.join(a.truck4, "truck4_boxes.csv"))
        table = sweep(os.path.join(a.truck4, "truck4.mp4"), truth, a.frames, 1)
        report("truck4 (real)", table, names)
    for folder in a.sim:
        truth = moving_only(folder, read_mot(os.path.join(folder, "truth", "boxes.csv")))
        # Spread the scored frames over the recording.
        skip = max(1, len(truth) // max(1, a.frames))
        table = sweep(os.path.join(folder, "eo.ts"), truth, a.frames, skip)
        report(f"{os.path.basename(os.path.normpath(folder))} (simulated, movers)", table, names)


if __name__ == "__main__":
    main()
