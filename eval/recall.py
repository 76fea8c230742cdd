"""Recall, precision and boxes per frame of MOT detections against labelled boxes.

usage: recall.py DETECTIONS.txt TRUTH.csv [--iou 0.25]

Where only some movers are labelled, precision is a lower bound.
"""

import argparse
import collections
import csv


def rows(path):
    """Boxes by frame: columns by a header that names them, else MOT rows (frame,id,x,y,w,h,...)."""
    by_frame = collections.defaultdict(list)
    columns = [2, 3, 4, 5]
    with open(path, newline="", encoding="utf-8") as f:
        for i, r in enumerate(csv.reader(f)):
            if i == 0 and "x" in r:
                columns = [r.index(c) for c in "xywh"]
                continue
            by_frame[int(float(r[0]))].append(tuple(float(r[c]) for c in columns))
    return by_frame


def iou(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h)


def score(detections, truth, limit):
    hits = total = boxes = 0
    for frame, wanted in truth.items():
        found = detections.get(frame, [])
        boxes += len(found)
        used = set()
        for t in wanted:
            total += 1
            best = max(
                ((iou(t, d), i) for i, d in enumerate(found) if i not in used), default=(0.0, -1)
            )
            if best[0] >= limit:
                used.add(best[1])
                hits += 1
    return hits, total, boxes


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("detections")
    p.add_argument("truth")
    p.add_argument("--iou", type=float, default=0.25)
    a = p.parse_args()
    truth = rows(a.truth)
    hits, total, boxes = score(rows(a.detections), truth, a.iou)
    print(
        f"recall@{a.iou} {hits / max(total, 1):.3f} ({hits}/{total}) "
        f"precision>= {hits / max(boxes, 1):.3f} boxes/frame {boxes / max(len(truth), 1):.2f}"
    )


if __name__ == "__main__":
    main()
