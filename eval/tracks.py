"""Scores the joined picture of two aircraft and a relief against the truth of simulated worlds, on the ground.

    python eval/tracks.py PAIR [--seeds N ...] [--out DIR]
    python eval/tracks.py --runs WORLD RUN [WORLD RUN ...]

PAIR is the example `pair` of the crate `track`: worlds of `atalaya sim pair` whose detections are simulated, so
that many can be scored. With --runs, folders written by `atalaya sim pair` and by `atalaya run` on them. Beside it
stands a weaker tracker on the same detections (`NearestNeighbour`: each box where the metadata put it goes to the
nearest track; nothing is known of errors).

What is counted, and how:
- Twice a second, the places of all that is observed then by any camera (a subject's last observed point of the last
  half second, carried on with its velocity) against the true places of all of whom a camera shows a third. What lies
  at somebody who is hidden counts neither way. Similarity is 1 - d / 10 m, so that 5 m is the threshold of MOTA and
  IDF1 and HOTA's thresholds go from 9.5 m to 0.5 m. HOTA, MOTA and IDF1 are TrackEval's.
- A subject's true actor is the one nearest to it over time (median distance, within 12 m), as in score_events.py.
  One sample per subject per 30 s: ANEES is the mean of the squared Mahalanobis distance under the stated covariance,
  by dimension (1 is consistent; Bar-Shalom, Li & Kirubarajan 2001, ch. 5.4); ellipses by the chi-square quantiles. A
  subject that goes over to somebody else lies where no covariance reckons with (astray: beyond 30 squared): the
  mean is given also against whom it is at, which is what its covariance speaks of; names are HOTA's and IDF1's matter.
- Class: of the same samples, whether the named class is the actor's, against the probability that was stated
  (reliability by bins; expected calibration error, Naeini et al. 2015).
"""

import argparse
import bisect
import collections
import csv
import json
import math
import pathlib
import subprocess
import sys

import numpy as np
import trackeval
from scipy.optimize import linear_sum_assignment

from score_events import metres, seconds, wilson

STEP_S = 0.5
SAMPLE_S = 30.0
FULL_M = 10.0
NEAR_M = 12.0
SHOWN = 1 / 3
CHI2 = {50: -2.0 * math.log(0.5), 90: -2.0 * math.log(0.1)}
CLASSES = ("person", "car", "pickup", "truck")
# Where settings were made, and others where they are reported.
DEVELOPMENT = list(range(41001, 41011))
REPORT = list(range(53001, 53025))
Fix = collections.namedtuple("Fix", "t at v cov name p")


class Truth:
    def __init__(self, folder):
        folder = pathlib.Path(folder) / "truth"
        self.start = seconds(json.loads((folder / "world.json").read_text())["start"])
        self.paths, self.classes = collections.defaultdict(list), {}
        north, east = metres(40.0)
        with (folder / "tracks.csv").open() as f:
            for r in csv.DictReader(f):
                at = ((float(r["lon"]) + 3.5) * east, (float(r["lat"]) - 40.0) * north)
                self.paths[r["id"]].append((seconds(r["time"]) - self.start, *at))
                self.classes[r["id"]] = r["class"]
        self.times = {who: [p[0] for p in path] for who, path in self.paths.items()}
        self.seen = collections.defaultdict(set)
        with (folder / "seen.csv").open() as f:
            for r in csv.DictReader(f):
                if float(r["share"]) >= SHOWN:
                    self.seen[round((seconds(r["time"]) - self.start) / STEP_S)].add(r["id"])

    def place(self, who, t):
        times, path = self.times[who], self.paths[who]
        k = bisect.bisect_left(times, t)
        if k < len(times) and times[k] - t < 1e-3:
            return path[k][1:]
        if k in (0, len(times)):
            return None
        s = (t - times[k - 1]) / (times[k] - times[k - 1])
        return tuple(a + s * (b - a) for a, b in zip(path[k - 1][1:], path[k][1:]))


def from_csv(path):
    """Observed points by subject."""
    out = collections.defaultdict(list)
    with open(path) as f:
        for r in csv.DictReader(f):
            if r["state"] in ("seen", "stopped"):
                cov = [float(r["r" + k]) + float(r["c" + k]) for k in ("ee", "en", "nn")]
                at, v = (float(r["e"]), float(r["n"])), (float(r["ve"]), float(r["vn"]))
                out[r["id"]].append(Fix(float(r["time_s"]), at, v, cov, r["class"], float(r["class_p"])))
    return out


def from_run(folder, start):
    """The same of a run's subjects.geojson; velocities from neighbouring points."""
    out = collections.defaultdict(list)
    north, east = metres(40.0)
    for f in json.loads((pathlib.Path(folder) / "subjects.geojson").read_text())["features"]:
        if not f["geometry"]:
            continue
        places, p = f["geometry"]["coordinates"], f["properties"]
        places = iter([places] if f["geometry"]["type"] == "Point" else places)
        for k, state in enumerate(p["states"]):
            if not p["cov_random"][k]:
                continue
            lon, lat = next(places)
            at = ((lon + 3.5) * east, (lat - 40.0) * north)
            t = seconds(p["times"][k]) - start
            cov = [p["cov_random"][k][i] + p["cov_common"][k][i] for i in (0, 1, 3)]
            before = out[f["id"]][-1] if out[f["id"]] else None
            near = before and t - before.t < 1.0
            v = tuple((a - b) / max(t - before.t, 0.05) for a, b in zip(at, before.at)) if near else (0.0, 0.0)
            if math.hypot(*v) > 25:
                v = (0.0, 0.0)
            if state in ("seen", "stopped"):
                out[f["id"]].append(Fix(t, at, v, cov, p["class"], p["class_p"]))
    return {name: fixes for name, fixes in out.items() if fixes}


class NearestNeighbour:
    """Each box to the nearest track within six metres; a track is said from its third box on, and ends when it was
    not seen for two and a half seconds. A metre of error is stated, whatever it is."""

    def __init__(self, path):
        self.found, live, names = collections.defaultdict(list), [], 0
        rows = collections.defaultdict(list)
        with open(path) as f:
            for r in csv.DictReader(f):
                rows[float(r["time_s"]), r["feed"]].append((float(r["e"]), float(r["n"])))
        for (t, _), boxes in sorted(rows.items()):
            live = [k for k in live if t - k["t"] < 2.5]
            pairs = sorted((math.dist(k["at"], b), i, j) for i, k in enumerate(live) for j, b in enumerate(boxes))
            used, taken = set(), set()
            for d, i, j in pairs:
                if d < 6.0 and i not in used and j not in taken:
                    used.add(i), taken.add(j)
                    live[i].update(t=t, at=boxes[j], hits=live[i]["hits"] + 1)
                    if live[i]["hits"] >= 3:
                        self.found[live[i]["name"]].append(Fix(t, boxes[j], (0, 0), (1, 0, 1), "unknown", 0))
            for j, b in enumerate(boxes):
                if j not in taken:
                    names += 1
                    live.append({"name": names, "t": t, "at": b, "hits": 1})


def pictures(truth, found, vehicles=False):
    """TrackEval's form of one world."""
    ids, names = {}, {}
    gt_ids, tr_ids, similar = [], [], []
    end = max((p[-1] for p in truth.times.values()), default=0)
    at = {name: [f.t for f in fixes] for name, fixes in found.items()}
    for step in range(1, int(end / STEP_S)):
        t = step * STEP_S
        there = []
        for who in truth.paths:
            place = truth.place(who, t)
            if place:
                scored = who in truth.seen[step] and not (vehicles and truth.classes[who] == "person")
                there.append((who, place, scored))
        said = []
        for name, fixes in found.items():
            k = bisect.bisect_right(at[name], t) - 1
            if k >= 0 and t - fixes[k].t <= STEP_S:
                f = fixes[k]
                said.append((name, tuple(a + v * (t - f.t) for a, v in zip(f.at, f.v))))
        s = np.zeros((len(there), len(said)))
        for i, (_, p, _) in enumerate(there):
            for j, (_, q) in enumerate(said):
                s[i, j] = max(0.0, 1.0 - math.dist(p, q) / FULL_M)
        # What lies at somebody who does not count does not count; who does is matched first.
        bonus = np.array([[0.5 if g[2] else 0.0] for g in there]) if there else s
        rows, columns = linear_sum_assignment(-np.where(s >= 0.5, s + bonus, 0.0)) if s.size else ([], [])
        drop = {j for i, j in zip(rows, columns) if s[i, j] >= 0.5 and not there[i][2]}
        rows = [i for i, g in enumerate(there) if g[2]]
        columns = [j for j in range(len(said)) if j not in drop]
        gt_ids.append(np.array([ids.setdefault(there[i][0], len(ids)) for i in rows], dtype=int))
        tr_ids.append(np.array([names.setdefault(said[j][0], len(names)) for j in columns], dtype=int))
        similar.append(s[np.ix_(rows, columns)])
    return {
        "num_timesteps": len(gt_ids),
        "num_gt_ids": len(ids),
        "num_tracker_ids": len(names),
        "num_gt_dets": sum(map(len, gt_ids)),
        "num_tracker_dets": sum(map(len, tr_ids)),
        "gt_ids": gt_ids,
        "tracker_ids": tr_ids,
        "similarity_scores": similar,
    }


def samples(truth, found):
    """Of each subject every 30 s: error, squared Mahalanobis distance, class and its probability."""
    out = []
    for name, fixes in found.items():
        best = None
        for who in truth.paths:
            some = fixes[:: max(1, len(fixes) // 40)]
            if truth.times[who][0] > some[-1].t or truth.times[who][-1] < some[0].t:
                continue
            off = [math.dist(f.at, p) for f in some if (p := truth.place(who, f.t))]
            if 2 * len(off) >= len(some) and (best is None or np.median(off) < best[0]):
                best = (np.median(off), who)
        if best is None or best[0] > NEAR_M:
            out.append((name, None))
            continue
        last = -math.inf
        for f in fixes:
            place = truth.place(best[1], f.t)
            if place is None or f.t - last < SAMPLE_S:
                continue
            last = f.t
            e, n = f.at[0] - place[0], f.at[1] - place[1]
            a, b, d = f.cov
            d2 = (d * e * e - 2 * b * e * n + a * n * n) / max(a * d - b * b, 1e-9)
            out.append((name, (best[1], math.hypot(e, n), d2, truth.classes[best[1]], f.name, f.p, at_whom(truth, f))))
    return out


def at_whom(truth, f):
    """Squared Mahalanobis distance from whom a subject is at now, whoever that is; None when it is at nobody."""
    near = min((math.dist(f.at, p), p) for who in truth.paths if (p := truth.place(who, f.t)))
    if near[0] > NEAR_M:
        return None
    (e, n), (a, b, d) = (f.at[0] - near[1][0], f.at[1] - near[1][1]), f.cov
    return (d * e * e - 2 * b * e * n + a * n * n) / max(a * d - b * b, 1e-9)


class Score:
    METRICS = (trackeval.metrics.HOTA, trackeval.metrics.CLEAR, trackeval.metrics.Identity)

    def __init__(self, vehicles=False):
        self.vehicles = vehicles
        self.metrics = [m({"PRINT_CONFIG": False}) for m in self.METRICS]
        self.each = [{} for _ in self.metrics]
        self.samples, self.subjects, self.nothing, self.true, self.names = [], 0, 0, 0, 0

    def add(self, world, truth, found):
        data = pictures(truth, found, self.vehicles)
        for m, each in zip(self.metrics, self.each):
            each[world] = m.eval_sequence(data)
        taken = samples(truth, found)
        names = {}
        for name, s in taken:
            names.setdefault(name, s)
        self.subjects += len(names)
        self.nothing += sum(s is None for s in names.values())
        mine = [s for _, s in taken if s and not (self.vehicles and s[3] == "person")]
        self.samples += mine
        true = {s[0] for s in mine}
        self.true += len(true)
        self.names += len({name for name, s in taken if s and s[0] in true})

    def row(self):
        hota, clear, identity = (m.combine_sequences(e) for m, e in zip(self.metrics, self.each))
        d2 = np.array([s[2] for s in self.samples])
        off = np.array([s[1] for s in self.samples])
        return {
            "HOTA": hota["HOTA"].mean(),
            "DetA": hota["DetA"].mean(),
            "AssA": hota["AssA"].mean(),
            "MOTA": float(clear["MOTA"]),
            "IDF1": float(identity["IDF1"]),
            "switches": int(clear["IDSW"]),
            "false": int(clear["CLR_FP"]),
            "missed": int(clear["CLR_FN"]),
            "of": int(clear["CLR_TP"] + clear["CLR_FN"]),
            "names": self.names / max(self.true, 1),
            "nothing": self.nothing,
            "subjects": self.subjects,
            "n": len(d2),
            "anees": float(d2.mean() / 2) if len(d2) else math.nan,
            "anees_now": float(np.mean([s[6] for s in self.samples if s[6] is not None]) / 2) if len(d2) else math.nan,
            "astray": sum(s[2] > 30.0 for s in self.samples),
            "median_m": float(np.median(off)) if len(d2) else math.nan,
            "p95_m": float(np.quantile(off, 0.95)) if len(d2) else math.nan,
            "held": {p: int((d2 <= q).sum()) for p, q in CHI2.items()},
        }


def reliability(all_samples):
    """Bins of the stated probability: count, mean, share that was right; and the expected calibration error."""
    named = [(s[5], s[3] == s[4]) for s in all_samples if s[4] in CLASSES]
    bins = collections.defaultdict(list)
    for p, right in named:
        bins[min(int(p * 5), 4)].append((p, right))
    rows, ece = [], 0.0
    for k in sorted(bins):
        p, right = (np.mean(c) for c in zip(*bins[k]))
        rows.append((k, len(bins[k]), p, right))
        ece += len(bins[k]) / max(len(named), 1) * abs(p - right)
    return rows, ece


def table(scores):
    print("| tracker | HOTA | DetA | AssA | MOTA | IDF1 | switches | false | missed | of | names each | near nothing |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, score in scores.items():
        r = score.row()
        cells = [f"{100 * r[k]:.1f}" for k in ("HOTA", "DetA", "AssA", "MOTA", "IDF1")]
        cells += [str(r[k]) for k in ("switches", "false", "missed", "of")]
        print(f"| {name} | " + " | ".join(cells) + f" | {r['names']:.2f} | {r['nothing']} of {r['subjects']} |")
    print("\n| places | samples | median, m | p95, m | ANEES by dimension | the same of whom it is at | astray | 50 % ellipse holds | 90 % ellipse holds |")
    print("|---|---:|---:|---:|---:|---:|---:|---|---|")
    for name, score in scores.items():
        r = score.row()
        held = []
        for p in CHI2:
            lo, hi = wilson(r["held"][p], r["n"])
            held.append(f"{r['held'][p] / max(r['n'], 1):.3f} ({lo:.2f}–{hi:.2f})")
        print(f"| {name} | {r['n']} | {r['median_m']:.2f} | {r['p95_m']:.2f} | {r['anees']:.2f} | {r['anees_now']:.2f} | {r['astray']} | {held[0]} | {held[1]} |")
    first = next(iter(scores.values()))
    rows, ece = reliability(first.samples)
    print("\n| class: stated | samples | mean stated | right |\n|---|---:|---:|---:|")
    for k, n, p, right in rows:
        print(f"| {k / 5:.1f}–{(k + 1) / 5:.1f} | {n} | {p:.3f} | {right:.3f} |")
    print(f"\nExpected calibration error {ece:.3f}.")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("pair", nargs="?")
    p.add_argument("--seeds", type=int, nargs="+", default=REPORT)
    p.add_argument("--development", action="store_true")
    p.add_argument("--out", default="out/eval/tracks")
    p.add_argument("--runs", nargs="+", default=[])
    a = p.parse_args()
    names = ["Atalaya", "nearest neighbour", "Atalaya, vehicles alone"]
    scores = {n: Score(vehicles="vehicles" in n) for n in (names[:1] + names[2:] if a.runs else names)}
    if a.runs:
        for world, run in zip(a.runs[::2], a.runs[1::2]):
            truth = Truth(world)
            found = from_run(run, truth.start)
            for score in scores.values():
                score.add(world, truth, found)
    for seed in [] if a.runs else DEVELOPMENT if a.development else a.seeds:
        folder = pathlib.Path(a.out) / str(seed)
        subprocess.run([a.pair, str(seed), str(folder)], check=True)
        truth = Truth(folder)
        found = from_csv(folder / "subjects.csv")
        scores["nearest neighbour"].add(seed, truth, NearestNeighbour(folder / "detections.csv").found)
        scores["Atalaya"].add(seed, truth, found)
        scores["Atalaya, vehicles alone"].add(seed, truth, found)
        hota, clear, identity = (e[seed] for e in scores["Atalaya"].each)
        print(f"{seed}: HOTA {100 * hota['HOTA'].mean():.1f}, MOTA {100 * clear['MOTA']:.1f}, IDF1 {100 * identity['IDF1']:.1f}", file=sys.stderr)
    table(scores)


if __name__ == "__main__":
    main()
