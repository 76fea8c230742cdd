"""Trackers on MOT15's given detections: `atalaya track --mot` beside SORT, ByteTrack, OC-SORT, BoT-SORT.

    python eval/mot.py target/debug/atalaya ../shared/data/motion/mot15 [out folder]

The others are those of the PyPI package `trackers` with its own settings (BoT-SORT without pictures, because there
are none), scored by TrackEval in the same run. HOTA is the mean over its thresholds (Luiten et al. 2021), MOTA is
CLEAR's (Bernardin & Stiefelhagen 2008), IDF1 is Ristani et al.'s (2016). Ours is scored twice: as written, and
without what is only known later ("no hindsight"): a track's first two boxes, and those filled in between.
"""

import configparser
import contextlib
import io
import pathlib
import resource
import shutil
import subprocess
import sys

import numpy as np
import supervision
import trackeval
import trackers

PEERS = {
    "SORT": trackers.SORTTracker,
    "ByteTrack": trackers.ByteTrackTracker,
    "OC-SORT": trackers.OCSORTTracker,
    "BoT-SORT": lambda: trackers.BoTSORTTracker(enable_cmc=False),
}
# A track is believed with its third detection.
HITS = 3


def sequences(root):
    for folder in sorted(p for p in root.iterdir() if (p / "seqinfo.ini").exists()):
        ini = configparser.ConfigParser()
        ini.read(folder / "seqinfo.ini")
        info = ini["Sequence"]
        yield folder, int(info["seqLength"]), float(info["frameRate"])


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{f},{i},{x:.2f},{y:.2f},{w:.2f},{h:.2f},1,-1,-1,-1\n" for f, i, x, y, w, h in rows))


def peer(make, detections, length):
    tracker = make()
    for frame in range(1, length + 1):
        d = detections[detections[:, 0] == frame]
        x, y, w, h = d[:, 2], d[:, 3], d[:, 4], d[:, 5]
        found = tracker.update(
            supervision.Detections(
                xyxy=np.stack([x, y, x + w, y + h], axis=1), confidence=d[:, 6], class_id=np.zeros(len(d), dtype=int)
            )
        )
        for box, track in zip(found.xyxy, found.tracker_id if found.tracker_id is not None else []):
            if track >= 0:
                yield frame, track + 1, box[0], box[1], box[2] - box[0], box[3] - box[1]


def ours(atalaya, file, rate, out):
    subprocess.run([atalaya, "track", "--mot", file, "--fps", str(rate), "--out", out], check=True)


def no_hindsight(path, detections):
    """Without what is only known later: the first detections of a track, and boxes that were none."""
    hits = {}
    for line in path.read_text().splitlines():
        r = [float(v) for v in line.split(",")]
        d = detections[detections[:, 0] == r[0]]
        if not len(d) or np.abs(d[:, 2:6] - r[2:6]).max(axis=1).min() > 0.01:
            continue
        hits[r[1]] = hits.get(r[1], 0) + 1
        if hits[r[1]] >= HITS:
            yield int(r[0]), int(r[1]), *r[2:6]


def speed(atalaya, root, out):
    """All sequences end to end, fifty times over: reading, tracking and writing."""
    rows, frames = [], 0
    for folder, length, _ in sequences(root):
        detections = np.loadtxt(folder / "det" / "det.txt", delimiter=",", ndmin=2)
        detections[:, 0] += frames
        rows.append(detections)
        frames += length
    rows, times = np.concatenate(rows), 50
    long = out / "long.txt"
    with long.open("w") as file:
        for k in range(times):
            for r in rows:
                file.write(f"{int(r[0]) + k * frames},-1,{r[2]:.2f},{r[3]:.2f},{r[4]:.2f},{r[5]:.2f},{r[6]:.3f}\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours(atalaya, long, 25.0, out / "long-tracks.txt")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return times * frames, times * len(rows), seconds


def scores(root, out, lengths):
    quiet = {"PRINT_CONFIG": False}
    evaluator = trackeval.Evaluator(
        quiet | dict.fromkeys(("PRINT_RESULTS", "OUTPUT_SUMMARY", "OUTPUT_DETAILED", "PLOT_CURVES", "TIME_PROGRESS"), False)
    )
    dataset = trackeval.datasets.MotChallenge2DBox(
        quiet
        | {
            "GT_FOLDER": str(root),
            "TRACKERS_FOLDER": str(out),
            "OUTPUT_FOLDER": str(out.parent / "trackeval"),
            "BENCHMARK": "MOT15",
            "SKIP_SPLIT_FOL": True,
            "SEQ_INFO": lengths,
        }
    )
    metrics = [m(quiet) for m in (trackeval.metrics.HOTA, trackeval.metrics.CLEAR, trackeval.metrics.Identity)]
    with contextlib.redirect_stdout(io.StringIO()):
        results, _ = evaluator.evaluate([dataset], metrics)
    return results["MotChallenge2DBox"]


def main():
    atalaya, root = sys.argv[1], pathlib.Path(sys.argv[2])
    out = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "out/eval/mot") / "tracks"
    shutil.rmtree(out, ignore_errors=True)
    lengths = {}
    for folder, length, rate in sequences(root):
        name = folder.name
        lengths[name] = length
        detections = np.loadtxt(folder / "det" / "det.txt", delimiter=",", ndmin=2)
        for tracker, make in PEERS.items():
            write(out / tracker / "data" / f"{name}.txt", peer(make, detections, length))
        file = out / "Atalaya" / "data" / f"{name}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        ours(atalaya, folder / "det" / "det.txt", rate, file)
        write(out / "Atalaya, no hindsight" / "data" / f"{name}.txt", no_hindsight(file, detections))
    found = scores(root, out, lengths)
    print("| tracker | HOTA | MOTA | IDF1 | DetA | AssA | false boxes | missed | switches |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name in [*PEERS, "Atalaya, no hindsight", "Atalaya"]:
        c = found[name]["COMBINED_SEQ"]["pedestrian"]
        share = [c["HOTA"]["HOTA"].mean(), c["CLEAR"]["MOTA"], c["Identity"]["IDF1"], c["HOTA"]["DetA"].mean(), c["HOTA"]["AssA"].mean()]
        count = [c["CLEAR"]["CLR_FP"], c["CLEAR"]["CLR_FN"], c["CLEAR"]["IDSW"]]
        print(f"| {name} | " + " | ".join([f"{100 * v:.1f}" for v in share] + [f"{int(v)}" for v in count]) + " |")
    print("\nHOTA / MOTA / IDF1 of each sequence, ours and the best of the others:\n")
    for name in lengths:
        of = {t: found[t][name]["pedestrian"] for t in found}
        row = lambda c: (c["HOTA"]["HOTA"].mean(), c["CLEAR"]["MOTA"], c["Identity"]["IDF1"])
        best = [max(row(of[p])[k] for p in PEERS) for k in range(3)]
        both = [" / ".join(f"{100 * v:.1f}" for v in values) for values in (row(of["Atalaya"]), best)]
        print(f"- {name}: {both[0]} (others {both[1]})")
    frames, boxes, seconds = speed(atalaya, root, out.parent)
    print(f"\n{frames} frames with {boxes} boxes in {seconds:.2f} s of processor time: {frames / seconds:.0f} frames/s/core")


main()
