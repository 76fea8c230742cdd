#!/usr/bin/env python3
"""How far a drone flies until it knows where gas comes from: where `atalaya emission --next` sends it, beside a lawnmower.

    python3 eval/emission_next.py target/debug/atalaya [--worlds 20] [--from 2000]

Worlds of one source in air made here: a plume that meanders by some degrees and flickers by a third, a wind that turns, a vane
askew by 3 degrees, noise of 0.02 ppm. That is kinder than the puffs of `atalaya sim puffs`, in which neither way
brought the region under 20 m within 1.5 km (tried on four worlds). Both drones fly at 5 m/s and 3 m above ground, read once a second, and begin in the
south-west corner of 108 by 108 m. The adaptive one asks after each leg of one or two waypoints; the lawnmower flies lines 12 m apart
and the same lines across, again and again, and is looked at every 60 m. Counted is the way until exactly one source is said and
its 90 % region is under 20 m and under 10 m across (its longer side), and whether the region then holds the source. Needs
nothing but Python's own library.
"""

import argparse
import json
import math
import random
import subprocess
import tempfile
from pathlib import Path

from emission import inside

HALF, UP, SPEED = 54.0, 3.0, 5.0
AREA = "-60,-60,0,60,60,5"
ACROSS = (20.0, 10.0)
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


def wander(rng, period, count=6):
    """A sum of sines with a standard deviation of 1."""
    parts = [(rng.uniform(0.5, 2.0) / period, rng.uniform(0, math.tau)) for _ in range(count)]
    return lambda t: math.sqrt(2 / count) * sum(math.sin(math.tau * f * t + a) for f, a in parts)


class World:
    """The air of a seed, the same wherever the drone flies."""

    def __init__(self, seed):
        rng = random.Random(seed)
        self.source = {"e": rng.uniform(-40, 40), "n": rng.uniform(-40, 40)}
        self.up, self.rate = rng.uniform(0.5, 3.0), 10 ** rng.uniform(-0.3, 0.7)
        self.base, self.speed, self.askew = rng.uniform(0, 360), rng.uniform(2, 5), rng.gauss(0, 3)
        self.turn, self.meander, self.flicker = wander(rng, 600), wander(rng, 60), wander(rng, 15)
        self.noise = [rng.gauss(0, 0.02) for _ in range(4000)]

    def ppm(self, t, at):
        to = math.radians(self.base + 15 * self.turn(t) + 5 * self.meander(t))
        e, n = at[0] - self.source["e"], at[1] - self.source["n"]
        x, y = e * math.sin(to) + n * math.cos(to), e * math.cos(to) - n * math.sin(to)
        signal = 0.0
        if x > 0.5:
            sy, sz = 0.12 * x + 0.4, 0.08 * x + 0.3
            bell = lambda d, s: math.exp(-0.5 * (d / s) ** 2) / (s * math.sqrt(math.tau))
            kg_m3 = self.rate / 3600 / self.speed * bell(y, sy) * (bell(at[2] - self.up, sz) + bell(at[2] + self.up, sz))
            signal = kg_m3 * 1e6 * 23.645e-3 / 16.043e-3 * math.exp(0.33 * self.flicker(t) - 0.054)
        return 2.0 + signal + self.noise[int(t) % len(self.noise)]

    def tables(self, folder, path):
        with open(folder / "obs.csv", "w") as obs, open(folder / "met.csv", "w") as met:
            obs.write("t_s,sensor,e,n,u,ppm\n")
            met.write("t_s,wind_speed,wind_dir_from,sig_h,sig_v\n")
            t, begin = 0, 0.0
            for a, b in zip(path, path[1:]):
                far = math.dist(a, b)
                while t * SPEED < begin + far:
                    share = (t * SPEED - begin) / far
                    at = [p + share * (q - p) for p, q in zip(a, b)]
                    obs.write(f"{t},drone,{at[0]:.2f},{at[1]:.2f},{at[2]:.2f},{self.ppm(t, at):.4f}\n")
                    come = (self.base + 15 * self.turn(t) + 180 + self.askew) % 360
                    met.write(f"{t},{self.speed:.2f},{come:.1f},6.8,4.6\n")
                    t += 1
                begin += far


def ask(binary, folder, world, path, *more):
    world.tables(folder, path)
    said = subprocess.run([binary, "emission", "--obs", folder / "obs.csv", "--met", folder / "met.csv",
                           f"--area={AREA}", *more], check=True, capture_output=True, text=True)
    return json.loads(said.stdout.splitlines()[-1])


def across(region):
    points = [p for polygon in region["coordinates"] for p in polygon[0]]
    e, n = zip(*points)
    return max(max(e) - min(e), max(n) - min(n))


def fly(binary, seed, adaptive, most):
    """For each width of the region: the way flown until it was reached, and whether it held; None if it was not."""
    world, path, mower, due, reached = World(seed), [START], lawnmower(), 60.0, {}
    next(mower)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if adaptive:
            path.append((-HALF + 30, -HALF + 30, UP))
        while length(path) < most and len(reached) < len(ACROSS):
            more = []
            if adaptive:
                at = ",".join(f"{v:.2f}" for v in path[-1])
                more = [f"--next={at}", f"--fly-in=-{HALF},-{HALF},{UP},{HALF},{HALF},{UP}"]
            else:
                while length(path) < due:
                    path.append(next(mower))
                due += 60.0
            said = ask(binary, folder, world, path, *more)
            region = said["sources"][0]["region90"] if len(said["sources"]) == 1 else None
            for width in ACROSS:
                if region and width not in reached and across(region) < width:
                    reached[width] = (length(path), inside(region, world.source["e"], world.source["n"]))
            if adaptive:
                # In calm air there is no leg: the drone goes on to the middle.
                path += [tuple(w) for w in said["next"]["waypoints"]] if said["next"] else [(0.0, 0.0, UP)]
    return reached


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("--worlds", type=int, default=20)
    p.add_argument("--from", dest="first", type=int, default=2000)
    p.add_argument("--most", type=float, default=1500.0, help="no drone flies further, m")
    a = p.parse_args()
    flown = {True: [], False: []}
    print("| seed | adaptive, under 20 m | under 10 m | lawnmower, under 20 m | under 10 m |\n|---:|---|---|---|---|")
    for seed in range(a.first, a.first + a.worlds):
        cells = []
        for adaptive in (True, False):
            reached = fly(a.binary, seed, adaptive, a.most)
            flown[adaptive].append(reached)
            for width in ACROSS:
                way, held = reached.get(width, (None, None))
                cells.append("not" if way is None else f"{way:.0f} m, {'held' if held else 'not held'}")
        print(f"| {seed} | " + " | ".join(cells) + " |", flush=True)
    for width in ACROSS:
        print(f"\nunder {width:.0f} m:", end="")
        for adaptive, name in ((True, "adaptive"), (False, "lawnmower")):
            ways = sorted(r[width][0] if width in r else math.inf for r in flown[adaptive])
            held = [r[width][1] for r in flown[adaptive] if width in r]
            print(f" {name} median {ways[len(ways) // 2]:.0f} m, reached {len(held)} of {a.worlds}, held {sum(held)};", end="")
    print()


if __name__ == "__main__":
    main()
