"""Scores runs against the truth of simulated worlds: events, dwell, ground position, ellipses, delay.

usage: score_events.py TRUTH RUN [TRUTH RUN ...] [--json] [--misses] [--title TEXT]

TRUTH is a folder written by `atalaya sim` (or its truth/ folder), RUN one written by `atalaya run`.

What is counted, and how:
- An arrival (departure) found matches a true one in the same zone, of the same kind, at most 3 s
  apart; one to one, as many pairs as possible, of those the closest in time.
- Precision and recall carry 95 % Wilson score intervals (Wilson 1927). By class, a true event has
  the class of its actor and a found one the class its track was given, so precision by class is
  over all found events of that class, whatever the truth was.
- Stay: arrival to departure of the same subject in the same zone; its error is taken where both
  ends are matched with the same true actor's.
- Position: each track is given the true actor that is nearest to it over time (median distance,
  within 12 m); errors are of its observed points, against truth interpolated between samples.
- Ellipses: one sample per track per 30 s (its first, and the first 30 s or more after the last
  one); the squared Mahalanobis distance under cov_random + cov_common against the chi-square
  quantiles with two degrees of freedom.
- Delay: `decided_at` less `time` less what the rule asks for that zone (`enter_after_s`,
  `exit_after_s`), event time, of all arrivals and departures found.
"""

import argparse
import bisect
import collections
import datetime
import json
import math
import os
import statistics
import sys
import tomllib

LIMIT_S = 3.0
NEAR_M = 12.0
SAMPLE_S = 30.0
# Chi-square with two degrees of freedom: -2 ln(1 - p).
CHI2 = {50: -2.0 * math.log(0.5), 90: -2.0 * math.log(0.1)}
KINDS = ("arrival", "departure")
CLASSES = ("person", "car", "pickup", "truck")


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def wilson(hits, n):
    """The 95 % Wilson score interval of hits out of n."""
    if n == 0:
        return (0.0, 1.0)
    z = 1.959964
    p = hits / n
    mid = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return ((mid - half) / (1 + z * z / n), (mid + half) / (1 + z * z / n))


def assign(true_times, found_times, limit):
    """Most pairs within `limit`, of those the least total difference; lists in any order.

    Least-cost assignment by shortest augmenting paths over a small bipartite graph: each step adds
    the pair that costs least, until none can be added (Ahuja, Magnanti & Orlin 1993, ch. 12).
    """
    n, m = len(true_times), len(found_times)
    source, sink = n + m, n + m + 1
    edges = []
    graph = [[] for _ in range(n + m + 2)]

    def edge(a, b, cost):
        graph[a].append(len(edges))
        edges.append([b, 1, cost])
        graph[b].append(len(edges))
        edges.append([a, 0, -cost])

    for i in range(n):
        edge(source, i, 0.0)
        for j in range(m):
            d = abs(true_times[i] - found_times[j])
            if d <= limit:
                edge(i, n + j, d)
    for j in range(m):
        edge(n + j, sink, 0.0)
    while True:
        best = [math.inf] * len(graph)
        via = [None] * len(graph)
        best[source] = 0.0
        queue = collections.deque([source])
        while queue:
            a = queue.popleft()
            for e in graph[a]:
                b, room, cost = edges[e]
                if room and best[a] + cost < best[b] - 1e-9:
                    best[b] = best[a] + cost
                    via[b] = e
                    queue.append(b)
        if via[sink] is None:
            break
        b = sink
        while b != source:
            e = via[b]
            edges[e][1] -= 1
            edges[e ^ 1][1] += 1
            b = edges[e ^ 1][0]
    pairs = []
    for i in range(n):
        for e in graph[i]:
            b, room, _ = edges[e]
            if e % 2 == 0 and room == 0 and n <= b < n + m:
                pairs.append((i, b - n))
    return pairs


class Truth:
    def __init__(self, folder):
        inner = os.path.join(folder, "truth")
        self.folder = inner if os.path.isdir(inner) else folder
        self.events = [e for e in lines(os.path.join(self.folder, "events.jsonl"))]
        self.tracks = collections.defaultdict(list)
        self.classes = {}
        with open(os.path.join(self.folder, "tracks.csv"), encoding="utf-8") as f:
            header = f.readline().strip().split(",")
            at = {name: i for i, name in enumerate(header)}
            for line in f:
                r = line.strip().split(",")
                who = r[at["id"]]
                fix = (seconds(r[at["time"]]), float(r[at["lat"]]), float(r[at["lon"]]))
                self.tracks[who].append(fix)
                self.classes[who] = r[at["class"]]
        self.times = {who: [f[0] for f in fixes] for who, fixes in self.tracks.items()}

    def place(self, who, t):
        """Latitude and longitude at a moment, linear between samples; None outside them."""
        times, fixes = self.times[who], self.tracks[who]
        k = bisect.bisect_left(times, t)
        if k < len(times) and abs(times[k] - t) < 1e-6:
            return fixes[k][1:]
        if k == 0 or k == len(times):
            return None
        (t0, a0, b0), (t1, a1, b1) = fixes[k - 1], fixes[k]
        s = (t - t0) / (t1 - t0)
        return (a0 + s * (a1 - a0), b0 + s * (b1 - b0))


def metres(lat0):
    """Metres per degree of latitude and longitude (WGS84 radii of curvature)."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    s = math.sin(math.radians(lat0))
    w = 1 - e2 * s * s
    meridian, normal = a * (1 - e2) / w**1.5, a / math.sqrt(w)
    return (math.radians(meridian), math.radians(normal) * math.cos(math.radians(lat0)))


class Run:
    def __init__(self, folder):
        self.events = lines(os.path.join(folder, "events.jsonl"))
        with open(os.path.join(folder, "summary.json"), encoding="utf-8") as f:
            summary = json.load(f)
            self.settings = summary.get("configuration") or summary.get("settings")
        with open(os.path.join(folder, "tracks.geojson"), encoding="utf-8") as f:
            self.tracks = json.load(f)["features"]
        self.classes = {}
        # A subject that several tracks make up has the class of the track it is named after.
        for t in self.tracks:
            self.classes[t["id"]] = t["properties"]["class"]

    def class_of(self, event):
        return self.classes.get(event["subjects"][0], "unknown") if event["subjects"] else "unknown"


class Score:
    def __init__(self):
        self.hits = collections.Counter()
        self.true = collections.Counter()
        self.found = collections.Counter()
        self.found_hits = collections.Counter()
        self.dwell = []
        self.position = []
        self.unassigned = 0
        self.tracks = 0
        self.held = collections.Counter()
        self.samples = 0
        self.delay = {k: [] for k in KINDS}
        self.offset = []
        self.settings = set()
        self.notes = []

    def add(self, name, truth, run, rules):
        self.settings.add(run.settings)
        matched_true = {}
        for kind in KINDS:
            wanted = [e for e in truth.events if e["kind"] == kind]
            found = [e for e in run.events if e["kind"] == kind]
            for e in found:
                asked = rules.get(e["zone"], {}).get(
                    "enter_after_s" if kind == "arrival" else "exit_after_s", 0.0
                )
                self.delay[kind].append(seconds(e["decided_at"]) - seconds(e["time"]) - asked)
            for zone in sorted({e["zone"] for e in wanted + found}):
                a = [e for e in wanted if e["zone"] == zone]
                b = [e for e in found if e["zone"] == zone]
                pairs = assign(
                    [seconds(e["time"]) for e in a], [seconds(e["time"]) for e in b], LIMIT_S
                )
                taken_a, taken_b = {i for i, _ in pairs}, {j for _, j in pairs}
                for i, e in enumerate(a):
                    c = truth.classes.get(e["subjects"][0], "unknown")
                    for key in ((kind, "all"), ("both", c), ("both", "all"), ("zone", zone)):
                        self.true[key] += 1
                        self.hits[key] += i in taken_a
                    if i not in taken_a:
                        self.notes.append(f"{name}: missed {kind} {zone} {c} {e['subjects'][0]} {e['time']}")
                for j, e in enumerate(b):
                    c = run.class_of(e)
                    for key in ((kind, "all"), ("both", c), ("both", "all"), ("zone", zone)):
                        self.found[key] += 1
                        self.found_hits[key] += j in taken_b
                    if j not in taken_b:
                        self.notes.append(f"{name}: false {kind} {zone} {c} {e['subjects'][0]} {e['time']}")
                for i, j in pairs:
                    self.offset.append(abs(seconds(a[i]["time"]) - seconds(b[j]["time"])))
                    matched_true[id(a[i])] = b[j]
        self.stays(truth, matched_true)
        self.places(truth, run)

    def stays(self, truth, matched):
        """Errors of stays whose both ends are matched."""
        open_at = {}
        for e in sorted(truth.events, key=lambda e: seconds(e["time"])):
            key = (e["subjects"][0], e["zone"])
            if e["kind"] == "arrival":
                open_at[key] = e
            elif e["kind"] == "departure" and key in open_at:
                first = open_at.pop(key)
                a, b = matched.get(id(first)), matched.get(id(e))
                if a and b:
                    true_stay = seconds(e["time"]) - seconds(first["time"])
                    self.dwell.append(abs(seconds(b["time"]) - seconds(a["time"]) - true_stay))

    def places(self, truth, run):
        for track in run.tracks:
            p = track["properties"]
            if not track["geometry"]:
                continue
            coordinates = track["geometry"]["coordinates"]
            if track["geometry"]["type"] == "Point":
                coordinates = [coordinates]
            placed = [k for k, c in enumerate(p["cov_random"]) if c]
            fixes = [
                (seconds(p["times"][k]), *coordinates[i], p["cov_random"][k], p["cov_common"][k])
                for i, k in enumerate(placed)
                if p["states"][k] in ("seen", "stopped")
            ]
            if not fixes:
                continue
            self.tracks += 1
            north, east = metres(fixes[0][2])
            best = None
            for who in truth.tracks:
                off = []
                for t, lon, lat, _, _ in fixes:
                    at = truth.place(who, t)
                    if at:
                        off.append(((lon - at[1]) * east, (lat - at[0]) * north))
                if 2 * len(off) < len(fixes):
                    continue
                d = statistics.median(math.hypot(*o) for o in off)
                if best is None or d < best[0]:
                    best = (d, who)
            if best is None or best[0] > NEAR_M:
                self.unassigned += 1
                continue
            last = None
            for t, lon, lat, random, common in fixes:
                at = truth.place(best[1], t)
                if not at:
                    continue
                e, n = (lon - at[1]) * east, (lat - at[0]) * north
                self.position.append(math.hypot(e, n))
                if last is None or t - last >= SAMPLE_S:
                    last = t
                    a, b, d = (random[k] + common[k] for k in (0, 1, 3))
                    det = a * d - b * b
                    self.samples += 1
                    if det > 0:
                        q = (d * e * e - 2 * b * e * n + a * n * n) / det
                        for share, limit in CHI2.items():
                            self.held[share] += q <= limit

    def rates(self, key):
        n_true, n_found = self.true[key], self.found[key]
        return {
            "true": n_true,
            "found": n_found,
            "recall": self.hits[key] / n_true if n_true else None,
            "recall_95": wilson(self.hits[key], n_true),
            "precision": self.found_hits[key] / n_found if n_found else None,
            "precision_95": wilson(self.found_hits[key], n_found),
        }

    def result(self):
        keys = [(k, "all") for k in KINDS] + [("both", c) for c in (*CLASSES, "unknown")]
        keys += sorted(k for k in {*self.true, *self.found} if k[0] == "zone") + [("both", "all")]
        return {
            "settings": sorted(s for s in self.settings if s),
            "events": {label(k): self.rates(k) for k in keys},
            "time_error_s": spread(self.offset),
            "dwell_error_s": spread(self.dwell),
            "position_error_m": spread(self.position),
            "tracks": self.tracks,
            "tracks_of_nothing_true": self.unassigned,
            "ellipses": {
                str(s): {
                    "held": self.held[s] / self.samples if self.samples else None,
                    "held_95": wilson(self.held[s], self.samples),
                    "samples": self.samples,
                }
                for s in CHI2
            },
            "delay_s": {k: spread(self.delay[k]) for k in KINDS},
        }


def label(key):
    if key == ("both", "all"):
        return "total"
    return key[0] if key[1] == "all" else f"{key[0]} {key[1]}" if key[0] == "zone" else key[1]


def spread(values):
    """Median and 95th percentile (nearest rank)."""
    if not values:
        return {"n": 0, "median": None, "p95": None}
    v = sorted(values)
    return {
        "n": len(v),
        "median": statistics.median(v),
        "p95": v[min(len(v) - 1, math.ceil(0.95 * len(v)) - 1)],
    }


def number(v, digits=3):
    return "–" if v is None else f"{v:.{digits}f}"


def table(result, title):
    # Of older runs only the hash that covers the operation, too, is known: each world has its own.
    hashes = ", ".join(h[:12] for h in result["settings"])
    out = [f"### {title}", "", f"settings {hashes or '–'}", ""]
    out += [
        "| events | true | found | recall (95 %) | precision (95 %) |",
        "|---|---:|---:|---|---|",
    ]
    for name, r in result["events"].items():
        cells = [
            f"{number(r[k])} ({r[k + '_95'][0]:.2f}–{r[k + '_95'][1]:.2f})" if r[k] is not None else "–"
            for k in ("recall", "precision")
        ]
        out.append(f"| {name} | {r['true']} | {r['found']} | {cells[0]} | {cells[1]} |")
    out += ["", "| measure | n | median | p95 |", "|---|---:|---:|---:|"]
    rows = [
        ("time of matched events, error, s", result["time_error_s"]),
        ("dwell error, s", result["dwell_error_s"]),
        ("ground position error, m", result["position_error_m"]),
        ("delay of arrivals beyond the rule, s", result["delay_s"]["arrival"]),
        ("delay of departures beyond the rule, s", result["delay_s"]["departure"]),
    ]
    for name, s in rows:
        out.append(f"| {name} | {s['n']} | {number(s['median'], 2)} | {number(s['p95'], 2)} |")
    out += ["", "| ellipse | samples | holds the truth (95 %) |", "|---|---:|---|"]
    for share, e in result["ellipses"].items():
        lo, hi = e["held_95"]
        out.append(f"| {share} % | {e['samples']} | {number(e['held'])} ({lo:.2f}–{hi:.2f}) |")
    out += [
        "",
        f"Tracks {result['tracks']}, of them {result['tracks_of_nothing_true']} near nothing true.",
    ]
    return "\n".join(out)


def score(pairs):
    """The score over (truth folder, run folder) pairs."""
    total = Score()
    for truth_dir, run_dir in pairs:
        rules = {}
        operation = os.path.join(truth_dir, "operation.toml")
        if os.path.exists(operation):
            with open(operation, "rb") as f:
                rules = {z["id"]: z for z in tomllib.load(f)["site"]["zone"]}
        total.add(os.path.basename(os.path.normpath(truth_dir)), Truth(truth_dir), Run(run_dir), rules)
    return total


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("folders", nargs="+", metavar="TRUTH RUN")
    p.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    p.add_argument("--misses", action="store_true", help="name each miss and false event")
    p.add_argument("--title", default="Events against the truth")
    a = p.parse_args()
    if len(a.folders) % 2:
        p.error("folders come in pairs: TRUTH RUN")
    total = score(list(zip(a.folders[::2], a.folders[1::2])))
    if a.json:
        print(json.dumps(total.result(), indent=2))
    else:
        print(table(total.result(), a.title))
    if a.misses:
        print("\n".join(["", *total.notes]), file=sys.stderr if a.json else sys.stdout)


if __name__ == "__main__":
    main()
