"""Movers in thirty pictures of a real orbit that were labelled by hand: precision and recall.

    python3 eval/orbit.py target/debug/atalaya ../shared/data/fmv/kwiver_aphill_240_1fps_crf32.mp4 [DETECT ARGUMENT ...]

`orbit_boxes.csv` beside this file holds the boxes: movers (moves = 1) are asked for, what stands or could not be told
(moves = 0) is neither asked for nor counted as false. A detection is a hit at an overlap (IoU) of 0.25; boxes of four
pixels by eight make that strict, so that the share whose centre lies in a mover's box (three pixels wider each way) stands beside it.
"""

import csv
import os
import subprocess
import sys

FRAMES = range(5, 296, 10)
WIDER = 3.0


def read_truth(path):
    movers, others = {}, {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            box = (row["class"], *(float(row[k]) for k in "xywh"))
            (movers if row["moves"] == "1" else others).setdefault(int(row["frame"]), []).append(box)
    return movers, others


def overlap(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h) if w > 0 and h > 0 else 0.0


def lies_in(found, box):
    x, y = found[0] + found[2] / 2, found[1] + found[3] / 2
    return (
        box[0] - WIDER <= x <= box[0] + box[2] + WIDER and box[1] - WIDER <= y <= box[1] + box[3] + WIDER
    )


def score(found, movers, others, like):
    """Hits by class, movers by class, false boxes; `like` says whether a detection is a labelled box."""
    hits, asked, false = {}, {}, 0
    for frame in FRAMES:
        used = set()
        for name, *box in movers.get(frame, []):
            asked[name] = asked.get(name, 0) + 1
            likely = [(overlap(d, box), i) for i, d in enumerate(found.get(frame, [])) if i not in used and like(d, box)]
            if likely:
                used.add(max(likely)[1])
                hits[name] = hits.get(name, 0) + 1
        known = [box for _, *box in movers.get(frame, []) + others.get(frame, [])]
        for i, d in enumerate(found.get(frame, [])):
            if i not in used and not any(overlap(d, b) > 0.1 or lies_in(d, b) for b in known):
                false += 1
    return hits, asked, false


def main():
    program, video, *more = sys.argv[1:]
    movers, others = read_truth(os.path.join(os.path.dirname(os.path.abspath(__file__)), "orbit_boxes.csv"))
    rows = subprocess.run([program, "detect", video, *more], check=True, capture_output=True, text=True).stdout
    detections = []
    for row in csv.reader(rows.splitlines()):
        frame, _, x, y, w, h, s = (float(v) for v in row[:7])
        detections.append((int(frame), (x, y, w, h), s))
    print("| score from | boxes a frame | recall, IoU 0.25 | precision | recall, by place | precision | by class, place |")
    print("|---|---|---|---|---|---|---|")
    for least in (0.0, 0.2, 0.4, 0.6, 0.8):
        found = {}
        for frame, box, s in detections:
            if s >= least and frame in FRAMES:
                found.setdefault(frame, []).append(box)
        cells = []
        for like in (lambda d, b: overlap(d, b) >= 0.25, lambda d, b: overlap(d, b) >= 0.25 or lies_in(d, b)):
            hits, asked, false = score(found, movers, others, like)
            right = sum(hits.values())
            cells += [f"{right / sum(asked.values()):.2f}", f"{right / max(1, right + false):.2f}"]
        names = ", ".join(f"{n} {hits.get(n, 0)} of {asked[n]}" for n in sorted(asked))
        boxes = sum(map(len, found.values())) / len(FRAMES)
        print(f"| {least} | {boxes:.1f} | {' | '.join(cells)} | {names} |")


if __name__ == "__main__":
    main()
