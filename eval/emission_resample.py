#!/usr/bin/env python3
"""Chilbolton's release S1 twenty times over, each time changed: how far place and rate hang on this one recording.

    python3 eval/emission_resample.py target/debug/atalaya ../shared/data/gas/pyelq_cases [--times 20]

Each time blocks of ten minutes are drawn with replacement and put one after the other, one or two of the seven beams are left out,
and all coordinates, the wind and the area's corners are turned by a multiple of 90 degrees and shifted. Seeds are 1 to 20.
Needs nothing but Python's own library.
"""

import argparse
import csv
import json
import math
import random
import tempfile
from pathlib import Path

from emission import inside, run

BLOCK_S = 600.0


def turned(e, n, quarter, shift):
    for _ in range(quarter):
        e, n = n, -e
    return e + shift[0], n + shift[1]


def once(binary, folder, case, seed):
    rng = random.Random(seed)
    obs = list(csv.DictReader(open(folder / case["obs_csv"])))
    met = list(csv.DictReader(open(folder / case["met_csv"])))
    quarter, shift = rng.randrange(4), (rng.uniform(-500, 500), rng.uniform(-500, 500))
    sensors = sorted({r["sensor"] for r in obs})
    gone = set(rng.sample(sensors, rng.choice((1, 2))))
    first, last = float(met[0]["t_s"]), float(met[-1]["t_s"])
    blocks = int((last - first) // BLOCK_S) + 1
    with tempfile.TemporaryDirectory() as out:
        out = Path(out)
        with open(out / "obs.csv", "w", newline="") as o, open(out / "met.csv", "w", newline="") as m:
            rows, winds = csv.DictWriter(o, obs[0].keys()), csv.DictWriter(m, met[0].keys())
            rows.writeheader()
            winds.writeheader()
            for k in range(blocks):
                begin = first + BLOCK_S * rng.randrange(blocks)
                moved = lambda t: f"{float(t) - begin + k * BLOCK_S:.1f}"
                within = lambda r: begin <= float(r["t_s"]) < begin + BLOCK_S
                for r in filter(within, met):
                    winds.writerow(r | {"t_s": moved(r["t_s"]), "wind_dir_from": (float(r["wind_dir_from"]) + 90 * quarter) % 360})
                for r in filter(within, obs):
                    if r["sensor"] not in gone:
                        r = r | {"t_s": moved(r["t_s"])}
                        for e, n in (("e", "n"), ("e2", "n2")):
                            r[e], r[n] = (f"{v:.3f}" for v in turned(float(r[e]), float(r[n]), quarter, shift))
                        rows.writerow(r)
        (e0, e1), (n0, n1), (u0, u1) = case["site_limits"]
        corners = [turned(e, n, quarter, shift) for e in (e0, e1) for n in (n0, n1)]
        es, ns = zip(*corners)
        box = ",".join(f"{v:.3f}" for v in (min(es), min(ns), u0, max(es), max(ns), u1))
        record, _ = run(binary, ["--obs", out / "obs.csv", "--met", out / "met.csv", f"--area={box}", "--seed", seed])
    truth = case["truth"][0]
    e, n = turned(truth["e"], truth["n"], quarter, shift)
    s = min(record["sources"], key=lambda s: math.hypot(s["e"] - e, s["n"] - n), default=None)
    if s is None:
        return 0, None, None, None, None
    held = s["rate_lo90"] <= truth["rate_kg_h"] <= s["rate_hi90"]
    return (len(record["sources"]), math.hypot(s["e"] - e, s["n"] - n), s["rate_kg_h"] / truth["rate_kg_h"],
            inside(s["region90"], e, n), held)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("folder", type=Path)
    p.add_argument("--times", type=int, default=20)
    a = p.parse_args()
    case = json.loads((a.folder / "C_chilbolton_S1.json").read_text())
    results = [once(a.binary, a.folder, case, seed) for seed in range(1, a.times + 1)]
    print("| seed | sources | error, m | rate / true | place held | rate held |\n|---:|---:|---:|---:|---|---|")
    for i, (count, off, ratio, place, rate) in enumerate(results):
        cells = ("–",) * 4 if off is None else (f"{off:.2f}", f"{ratio:.2f}", "yes" if place else "no", "yes" if rate else "no")
        print(f"| {i + 1} | {count} | " + " | ".join(cells) + " |")
    found = [r for r in results if r[1] is not None]
    off, ratio = sorted(r[1] for r in found), sorted(r[2] for r in found)
    wrong = sorted(abs(r - 1) for r in ratio)
    at = lambda v, q: v[min(len(v) - 1, int(q * len(v)))]
    print(f"\nfound {len(found)} of {a.times}; error median {at(off, .5):.1f} m, p90 {at(off, .9):.1f} m; rate / true median {at(ratio, .5):.2f}, "
          f"rate error median {at(wrong, .5):.0%}, p90 {at(wrong, .9):.0%}; place held {sum(r[3] for r in found)}, rate held {sum(r[4] for r in found)}")


if __name__ == "__main__":
    main()
