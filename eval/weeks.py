"""Simulated weeks at three linked sites, scored against their truth.

    weeks.py ATALAYA [--seeds 101-110] [--days 56] [--dir DIR]

For each seed: `atalaya sim weeks`, `atalaya activity --coverage …` (ours) and, as the rule that knows nothing of
coverage, `atalaya activity` on the same tracks with every arrival or first sight taken for an arrival and every
departure or last sight for a departure. A visit counts where it could have been seen: watched for 60 s or more of its
stay; goods where half of the handling was watched. Intervals are Wilson's, 95 %. Truth is matched in time (30 s beyond
the stated moment or window) and each statement once.
"""

import argparse
import collections
import csv
import datetime
import json
import math
import pathlib
import subprocess
import tempfile


def seconds(text):
    if not text:
        return None
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def wilson(k, n):
    if n == 0:
        return "-"
    z, p = 1.96, k / n
    mid = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{p:.3f} ({mid - half:.3f} to {mid + half:.3f}, {k} of {n})"


class World:
    def __init__(self, folder):
        self.folder = folder
        rows = list(csv.DictReader(open(folder / "truth/visits.csv")))
        self.visits = [r for r in rows if r["kind"] != "turned_away"]
        self.owner = {r["id"]: r["vehicle"] for r in csv.DictReader(open(folder / "truth/tracks.csv"))}
        self.planted = list(csv.DictReader(open(folder / "truth/planted.csv")))
        zones = json.load(open(folder / "zones.geojson"))["features"]
        yards = {z["properties"]["site"]: z for z in zones if z["properties"]["role"] == "yard"}
        middle = {}
        for site, z in yards.items():
            ring = z["geometry"]["coordinates"][0][:-1]
            middle[site] = [sum(c) / len(ring) for c in zip(*ring)]
        self.looks = collections.defaultdict(list)
        for r in csv.DictReader(open(folder / "coverage.csv")):
            numbers = [float(v) for v in r["outline"].split()]
            at = [sum(numbers[0::2]) / (len(numbers) // 2), sum(numbers[1::2]) / (len(numbers) // 2)]
            site = min(middle, key=lambda s: math.dist(middle[s], at))
            self.looks[site].append((seconds(r["from"]), seconds(r["to"])))

    def watched(self, site, a, b):
        """Seconds of [a, b] in which the site was looked at by anybody."""
        spans = sorted((max(a, x), min(b, y)) for x, y in self.looks[site] if x < b and y > a)
        total, until = 0.0, a
        for x, y in spans:
            total += max(0.0, y - max(x, until))
            until = max(until, y)
        return total


def visits(world, said, what):
    """Hits, how many could be seen, true statements, statements."""
    used, hits, due = set(), 0, 0
    for v in world.visits:
        t = seconds(v[what])
        if t is None:
            continue
        could = world.watched(v["site"], seconds(v["arrived"]), seconds(v["departed"])) >= 60
        fits = [i for i, s in enumerate(said)
                if i not in used and s["site"] == v["site"] and s["from"] - 30 <= t <= s["to"] + 30]
        fits.sort(key=lambda i: (said[i]["vehicle"] != v["vehicle"], said[i]["to"] - said[i]["from"]))
        if fits:
            used.add(fits[0])
        hits += bool(could and fits)
        due += could
    return hits, due, len(used), len(said)


def statements(world, events, kinds):
    return [
        {"site": e["zone"].split(".")[0], "from": seconds(e["time"]), "to": seconds(e["time_end"] or e["time"]),
         "vehicle": world.owner.get(e["subjects"][0]) if e["subjects"] else None, "event": e}
        for e in events if e["kind"] in kinds
    ]


def goods(world, events, sums):
    said = statements(world, events, ("delivery", "shipment"))
    for v in world.visits:
        if v["kind"] not in ("delivery", "shipment"):
            continue
        a, b = seconds(v["first_walk"]), seconds(v["last_walk"])
        if world.watched(v["site"], a, b) < 0.5 * (b - a):
            continue
        mine = [s for s in said if s["site"] == v["site"] and s["vehicle"] == v["vehicle"]
                and s["from"] < seconds(v["departed"]) and s["to"] > seconds(v["arrived"])]
        kinds = {s["event"]["kind"] for s in mine}
        sums[v["kind"], "due"] += 1
        sums[v["kind"], "hit"] += v["kind"] in kinds
        sums[v["kind"], "wrong"] += bool(kinds) and v["kind"] not in kinds
    for s in said:
        kind = s["event"]["kind"]
        right = any(v["site"] == s["site"] and v["kind"] == kind and seconds(v["arrived"]) < s["to"]
                    and seconds(v["departed"]) > s["from"] for v in world.visits)
        sums[kind, "said"] += 1
        sums[kind, "right"] += right


def novelties(world, events, sums, days):
    """Planted changes that could be seen, and everything else that was called unusual."""
    said = [e for e in events if e["kind"] in ("novelty", "change")]
    explained = set()
    for p in world.planted:
        t, site = seconds(p["time"]), p["site"]
        what = p["what"]
        if what == "more_deliveries":
            found = [i for i, e in enumerate(said) if e["kind"] == "change" and e["zone"].split(".")[0] == site
                     and seconds(e["decided_at"]) > t]
            due = True
            # Deliveries at hours that had none before are part of the change.
            explained |= {i for i, e in enumerate(said) if e["zone"].split(".")[0] == site and seconds(e["time"]) > t
                          and e.get("class") == "truck" and (e["about"] or {}).get("routine", {}).get("kind")
                          in ("arrival", "delivery")}
        else:
            mine = [v for v in world.visits if v["vehicle"] == p["vehicle"] and abs(seconds(v["arrived"]) - t) < 6 * 3600]
            due = any(world.watched(v["site"], seconds(v["arrived"]), seconds(v["departed"])) >= 60 for v in mine)
            sites = {v["site"] for v in mine}
            found = [i for i, e in enumerate(said) if e["kind"] == "novelty" and e["zone"].split(".")[0] in sites
                     and -3 * 3600 < seconds(e["time"]) - t < 6 * 3600]
        explained |= set(found)
        sums["planted", what, "due"] += due
        sums["planted", what, "hit"] += bool(due and found)
    sums["false"] += len(said) - len(explained)
    sums["site_days"] += 3 * days


def returns(world, events, pairs):
    for e in events:
        if e["kind"] == "return":
            mine = world.owner.get(e["subjects"][0])
            pairs.append((e["p"], mine == world.owner.get(e["about"]["return"]["earlier"])))


def area(pairs):
    """Area under the receiver's curve, by ranks."""
    order = sorted(pairs)
    i = 0
    total = 0.0
    while i < len(order):
        j = i
        while j < len(order) and order[j][0] == order[i][0]:
            j += 1
        total += sum(1 for k in range(i, j) if order[k][1]) * (i + j + 1) / 2
        i = j
    right = sum(1 for p in order if p[1])
    wrong = len(order) - right
    return (total - right * (right + 1) / 2) / (right * wrong) if right and wrong else float("nan")


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("program")
    ask.add_argument("--seeds", default="101-110")
    ask.add_argument("--days", type=int, default=56)
    ask.add_argument("--dir")
    a = ask.parse_args()
    first, _, last = a.seeds.partition("-")
    sums, pairs = collections.Counter(), []
    visits_sum = collections.Counter()
    with tempfile.TemporaryDirectory(dir=a.dir) as scratch:
        for seed in range(int(first), int(last or first) + 1):
            d = pathlib.Path(scratch) / str(seed)
            run = lambda *args: subprocess.run([a.program, *map(str, args)], check=True, capture_output=True, text=True)
            run("sim", "weeks", "--seed", seed, "--days", a.days, "--out", d)
            tracks = ("activity", "--tracks", d / "tracks.csv", "--zones", d / "zones.geojson")
            ours = run(*tracks, "--coverage", d / "coverage.csv", "--cues", d / "cues.csv",
                       "--emissions", d / "emissions.csv")
            events = [json.loads(l) for l in ours.stdout.splitlines()]
            for line in ours.stderr.splitlines():
                if "delivery followed by emission" in line:
                    print(f"seed {seed}: {line}")
            world = World(d)
            yards = [json.loads(l) for l in run(*tracks).stdout.splitlines()]
            yards = [e for e in yards if e["zone"].endswith(".yard") and e.get("class") != "person"
                     and world.owner.get(e["subjects"][0])]
            for name, all_, kinds in (("ours", events, {"arrived": ("arrival",), "departed": ("departure",)}),
                                      ("plain", yards, {"arrived": ("arrival", "appeared"),
                                                        "departed": ("departure", "lost")})):
                for what, wanted in kinds.items():
                    got = visits(world, statements(world, all_, wanted), what)
                    for key, v in zip(("hit", "due", "right", "said"), got):
                        visits_sum[name, what, key] += v
            goods(world, events, sums)
            novelties(world, events, sums, a.days)
            returns(world, events, pairs)
    for name in ("ours", "plain"):
        for what in ("arrived", "departed"):
            s = lambda k: visits_sum[name, what, k]
            print(f"{name:5} {what:8} recall {wilson(s('hit'), s('due'))}  precision {wilson(s('right'), s('said'))}")
    for kind in ("delivery", "shipment"):
        print(f"{kind:8} recall {wilson(sums[kind, 'hit'], sums[kind, 'due'])}, the other way {sums[kind, 'wrong']}; "
              f"precision {wilson(sums[kind, 'right'], sums[kind, 'said'])}")
    for what in ("truck_at_night", "convoy", "stranger", "more_deliveries"):
        print(f"planted {what}: {sums['planted', what, 'hit']} of {sums['planted', what, 'due']} that could be seen")
    print(f"false novelties and changes: {sums['false'] / sums['site_days']:.3f} a site and day")
    print(f"returns said: {len(pairs)}, right {wilson(sum(p[1] for p in pairs), len(pairs))}, area under the curve "
          f"of those said {area(pairs):.3f}")
    for lo in (0.5, 0.6, 0.7, 0.8, 0.9):
        part = [p for p in pairs if lo <= p[0] < lo + 0.1 or (lo == 0.9 and p[0] == 1.0)]
        if part:
            print(f"  p {lo:.1f}: {len(part)} said, {sum(p[1] for p in part) / len(part):.2f} right")


if __name__ == "__main__":
    main()
