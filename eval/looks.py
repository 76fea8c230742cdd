"""Scores the looks of vehicles that runs say against what the vehicles of simulated worlds look like.

usage: looks.py WORLD RUN [WORLD RUN ...]

WORLD is a folder written by `atalaya sim`, RUN one written by `atalaya run` on it.

- Each track with a look is given the true actor that is nearest to it over time (as in score_events.py).
- Sizes: error of length and width against the actor's outline; how many lie within one and two stated sigmas; and
  beside them the error of always saying the mean of what a vehicle may be (before anything is seen).
- Colours: of pairs of tracks, how far their looks are apart (sum of squares of ln length, ln width, L*, a*, b*, each
  over the sigma by which `activity` compares tracks of one day). Area under the ROC curve: the probability that two
  tracks of one vehicle lie nearer to each other than two of different ones (Hanley & McNeil 1982); of trucks alone
  too, and of vehicles whose true paint differs by less than a CIE distance of 10.
- Nobody on foot may have a look: those tracks whose actor is a person are counted.
"""

import collections
import csv
import itertools
import json
import math
import os
import statistics
import sys

from score_events import NEAR_M, Truth, metres, seconds

# `activity::presence::link::LOOK_SIGMA`.
SIGMA = (0.12, 0.14, 13.0, 5.0, 6.5)
# `track::shape::any_vehicle`.
ANY = (5.8, 2.07)


def lab(text):
    """CIE L*, a*, b* of `rrggbb`."""
    rgb = [int(text[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    xyz = (
        (0.412456 * r + 0.357576 * g + 0.180438 * b) / 0.95047,
        0.212673 * r + 0.715152 * g + 0.072175 * b,
        (0.019334 * r + 0.119192 * g + 0.950304 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in xyz)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def actor_of(truth, feature):
    p = feature["properties"]
    if not feature["geometry"] or feature["geometry"]["type"] != "LineString":
        return None
    places = iter(feature["geometry"]["coordinates"])
    lat_m, lon_m = metres(40.0)
    off = collections.defaultdict(list)
    for time, state, cov in zip(p["times"], p["states"], p["cov_random"]):
        if not cov:
            continue
        lon, lat = next(places)
        if state != "seen":
            continue
        t = seconds(time)
        for who in truth.tracks:
            at = truth.place(who, t)
            if at:
                off[who].append(math.hypot((at[0] - lat) * lat_m, (at[1] - lon) * lon_m))
    seen = max((len(v) for v in off.values()), default=0)
    near = [(statistics.median(v), who) for who, v in off.items() if 2 * len(v) >= seen]
    best = min(near, default=None)
    return best[1] if best and best[0] <= NEAR_M else None


def distance(a, b):
    va, vb = (
        (math.log(x["length_m"]), math.log(x["width_m"]), *x["lab"]) for x in (a, b)
    )
    return sum(((p - q) / s) ** 2 for p, q, s in zip(va, vb, SIGMA))


def area(same, other):
    """Probability that one of `same` is below one of `other`."""
    if not same or not other:
        return math.nan
    wins = sum((s < o) + 0.5 * (s == o) for s in same for o in other)
    return wins / (len(same) * len(other))


def main():
    if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__)
    rows, tracks, persons, pairs = [], 0, 0, collections.defaultdict(list)
    for world, run in zip(sys.argv[1::2], sys.argv[2::2]):
        truth = Truth(world)
        with open(os.path.join(truth.folder, "looks.csv"), encoding="utf-8") as f:
            true = {r["id"]: r for r in csv.DictReader(f)}
        with open(os.path.join(run, "tracks.geojson"), encoding="utf-8") as f:
            features = json.load(f)["features"]
        here = []
        for feature in features:
            who = actor_of(truth, feature)
            tracks += who in true
            look = feature["properties"].get("look")
            if not look:
                continue
            persons += truth.classes.get(who) == "person"
            if who in true:
                here.append((who, true[who], look))
        rows += here
        for (a, ta, la), (b, tb, lb) in itertools.combinations(here, 2):
            if not (la["lab"] and lb["lab"]):
                continue
            kind = "same" if a == b else "other"
            d = distance(la, lb)
            pairs[kind, "all"].append(d)
            if ta["class"] == tb["class"] == "truck":
                pairs[kind, "trucks"].append(d)
            if math.dist(lab(ta["body"]), lab(tb["body"])) < 10:
                pairs[kind, "alike"].append(d)
    print(f"{tracks} tracks of vehicles, {len(rows)} with a look; looks of persons: {persons}\n")
    print("| | n | length: median error, m | bias | within 1, 2 sigma | mean vehicle | width: median error, m | bias | within 1, 2 sigma | mean vehicle |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for kind in ("all", "car", "pickup", "truck"):
        some = [r for r in rows if kind in ("all", r[1]["class"])]
        if not some:
            continue
        cells = []
        for k, name in enumerate(("length_m", "width_m")):
            off = [r[2][name] - float(r[1][name]) for r in some]
            z = [abs(o) / r[2]["size_sd_m"][k] for o, r in zip(off, some)]
            plain = statistics.median(abs(ANY[k] - float(r[1][name])) for r in some)
            cells += [
                f"{statistics.median(map(abs, off)):.2f}",
                f"{statistics.median(off):+.2f}",
                f"{sum(v < 1 for v in z) / len(z):.2f}, {sum(v < 2 for v in z) / len(z):.2f}",
                f"{plain:.2f}",
            ]
        print(f"| {kind} | {len(some)} | " + " | ".join(cells) + " |")
    coloured = [r for r in rows if r[2]["lab"]]
    print(f"\nColours of {len(coloured)}; against the true paint, as painted, before light:\n")
    print("| axis | correlation | median spread within a track |\n|---|---:|---:|")
    for k, axis in enumerate(("L*", "a*", "b*")):
        said = [r[2]["lab"][k] for r in coloured]
        true = [lab(r[1]["body"])[k] for r in coloured]
        c = statistics.correlation(said, true) if len(said) > 2 else math.nan
        spread = statistics.median(r[2]["lab_sd"][k] for r in coloured) if coloured else math.nan
        print(f"| {axis} | {c:.2f} | {spread:.1f} |")
    print("\n| pairs of tracks | of one vehicle | of different ones | area under ROC |\n|---|---:|---:|---:|")
    for name in ("all", "trucks", "alike"):
        same, other = pairs["same", name], pairs["other", name]
        print(f"| {name} | {len(same)} | {len(other)} | {area(same, other):.3f} |")


if __name__ == "__main__":
    main()
