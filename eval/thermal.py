"""Average precision of persons in thermal pictures: `atalaya detect` against boxes by hand.

    python eval/thermal.py target/debug/atalaya ../shared/data/motion/thermal_persons.ts \
        ../shared/data/motion/thermal_persons_boxes.csv

Average precision over all points (Everingham et al. 2010, from 2010 on): detections by falling score, each box of
the truth once; a detection that is none of them and lies in a region marked DontCare is left out. Beside it the plain
pipeline: top-hat, a fixed threshold, connected components.
"""

import csv
import subprocess
import sys

import cv2
import numpy as np


def truth(path):
    persons, ignored = {}, {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            box = [float(row[k]) for k in "xywh"]
            (persons if row["class"] == "Person" else ignored).setdefault(int(row["frame"]), []).append(box)
    return persons, ignored


def overlap(box, boxes):
    b = np.array(boxes, dtype=float)
    x, y, w, h = box
    across = np.clip(np.minimum(x + w, b[:, 0] + b[:, 2]) - np.maximum(x, b[:, 0]), 0, None)
    down = np.clip(np.minimum(y + h, b[:, 1] + b[:, 3]) - np.maximum(y, b[:, 1]), 0, None)
    both = across * down
    return both / (w * h + b[:, 2] * b[:, 3] - both)


def average_precision(found, persons, ignored, least):
    free = {frame: np.ones(len(boxes), dtype=bool) for frame, boxes in persons.items()}
    hits = []
    for frame, box, _ in sorted(found, key=lambda d: -d[2]):
        hit = False
        if frame in persons:
            o = np.where(free[frame], overlap(box, persons[frame]), 0)
            best = o.argmax()
            if hit := bool(o[best] >= least):
                free[frame][best] = False
        x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
        inside = any(a <= x <= a + w and b <= y <= b + h for a, b, w, h in ignored.get(frame, []))
        if hit or not inside:
            hits.append(hit)
    right = np.cumsum(hits)
    recall = right / sum(map(len, persons.values()))
    precision = right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.r_[0, recall]) * precision)), float(recall[-1])


def ours(atalaya, video):
    rows = subprocess.run([atalaya, "detect", video, "--sensor", "ir"], check=True, capture_output=True, text=True)
    print(rows.stderr.strip(), file=sys.stderr)
    for line in rows.stdout.splitlines():
        r = [float(v) for v in line.split(",")]
        yield int(r[0]), r[2:6], r[6]


def plain(video):
    pictures, frame = cv2.VideoCapture(video), 0
    square = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))
    while (picture := pictures.read())[0]:
        frame += 1
        risen = cv2.morphologyEx(cv2.cvtColor(picture[1], cv2.COLOR_BGR2GRAY), cv2.MORPH_TOPHAT, square)
        n, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.threshold(risen, 50, 255, 0)[1])
        for i in range(1, n):
            if 20 <= stats[i, 4] <= 800:
                yield frame, stats[i, :4].astype(float), float(risen[labels == i].mean())


def main():
    atalaya, video, boxes = sys.argv[1:4]
    persons, ignored = truth(boxes)
    print("| | AP at IoU 0.25 | AP at 0.5 | recall at 0.25 | boxes a frame |\n|---|---:|---:|---:|---:|")
    for name, found in (("Atalaya", list(ours(atalaya, video))), ("top-hat, threshold", list(plain(video)))):
        (wide, recall), (tight, _) = (average_precision(found, persons, ignored, t) for t in (0.25, 0.5))
        frames = max(d[0] for d in found)
        print(f"| {name} | {wide:.3f} | {tight:.3f} | {recall:.3f} | {len(found) / frames:.1f} |")


main()
