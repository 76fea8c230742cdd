#!/usr/bin/env python3
"""How far a drone flies until it knows where gas comes from: where `atalaya emission --next` sends it, beside a lawnmower.

    python3 eval/emission_next.py target/debug/atalaya [--worlds 20] [--from 2000]

Worlds of puffs with one source (`atalaya sim puffs --path`), which the program does not model. Both begin in the
south-west corner at 4 m. The adaptive drone asks after each leg; the lawnmower flies lines 12 m apart and the same lines across, again
and again, and is looked at every 120 m. Counted is the way until the 90 % region is under 10 m across (its longer
side), at most 3,000 m, and how many of the regions then hold the source. Needs nothing but Python's own library.
"""

import argparse
import json
import math
import subprocess
import tempfile
from pathlib import Path

from emission import inside

MOST_M, HALF, UP = 3000.0, 54.0, 4.0
START = (-HALF, -HALF, UP)


def length(path):
    return sum(math.dist(a, b) for a, b in zip(path, path[1:]))


def lawnmower():
    """Waypoints without end: lines along north, then along east."""
    while True:
        for across in (False, True):
            for i in range(10):
                x = -HALF + 12 * i
                ends = (-HALF, HALF) if i % 2 == 0 else (HALF, -HALF)
                for y in ends:
                    yield (y, x, UP) if across else (x, y, UP)


def ask(binary, folder, seed, path, *more):
    text = ";".join(",".join(f"{v:.2f}" for v in p) for p in path)
    subprocess.run([binary, "sim", "puffs", "--seed", str(seed), f"--path={text}", "--out", folder],
                   check=True, capture_output=True)
    truth = json.loads((folder / "truth/emission.json").read_text())
    box = ",".join(map(str, truth["area"]))
    said = subprocess.run([binary, "emission", "--obs", folder / "obs.csv", "--met", folder / "met.csv",
                           f"--area={box}", *more], check=True, capture_output=True, text=True)
    return truth["sources"][0], json.loads(said.stdout.splitlines()[-1])


def across(region):
    points = [p for polygon in region["coordinates"] for p in polygon[0]]
    e, n = zip(*points)
    return max(max(e) - min(e), max(n) - min(n))


def known(said):
    return len(said["sources"]) == 1 and across(said["sources"][0]["region90"]) < 10.0


def fly(binary, seed, adaptive):
    """The way flown, whether it came to know, and whether it was right."""
    path, mower, due = [START], lawnmower(), 120.0
    next(mower)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if adaptive:
            path.append((-HALF + 30, -HALF + 30, UP))
        while length(path) < MOST_M:
            if adaptive:
                at = ",".join(f"{v:.2f}" for v in path[-1])
                truth, said = ask(binary, folder, seed, path, f"--next={at}", f"--fly-in=-{HALF},-{HALF},{UP},{HALF},{HALF},{UP}")
            else:
                while length(path) < due:
                    path.append(next(mower))
                due += 120.0
                truth, said = ask(binary, folder, seed, path)
            if known(said):
                return length(path), True, inside(said["sources"][0]["region90"], truth["e"], truth["n"])
            if adaptive:
                # Only the first waypoint is flown, then it is asked anew; calm air gives none, and the drone goes on to the middle.
                legs = said["next"]["waypoints"] if said["next"] else [(0.0, 0.0, UP)]
                path.append(tuple(legs[0]))
    return MOST_M, False, False


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("--worlds", type=int, default=20)
    p.add_argument("--from", dest="first", type=int, default=2000)
    a = p.parse_args()
    ways, right = {True: [], False: []}, {True: [], False: []}
    print("| seed | adaptive, m | lawnmower, m | adaptive held | lawnmower held |\n|---:|---:|---:|---|---|")
    for seed in range(a.first, a.first + a.worlds):
        row = {}
        for adaptive in (True, False):
            way, done, held = fly(a.binary, seed, adaptive)
            ways[adaptive].append(way)
            right[adaptive] += [held] if done else []
            row[adaptive] = (f"{way:.0f}" if done else f"over {MOST_M:.0f}", ("yes" if held else "no") if done else "–")
        print(f"| {seed} | {row[True][0]} | {row[False][0]} | {row[True][1]} | {row[False][1]} |", flush=True)
    middle = lambda v: sorted(v)[len(v) // 2]
    print(f"\nmedian: adaptive {middle(ways[True]):.0f} m, lawnmower {middle(ways[False]):.0f} m, "
          f"{middle(ways[False]) / middle(ways[True]):.1f} times; came to know {len(right[True])} and {len(right[False])} of {a.worlds}; "
          f"regions that held {sum(right[True])} of {len(right[True])} and {sum(right[False])} of {len(right[False])}")


if __name__ == "__main__":
    main()
