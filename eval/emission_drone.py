#!/usr/bin/env python3
"""A drone that reads every two seconds, at a point or down an open path, in air that meanders.

    python3 eval/emission_drone.py target/debug/atalaya

Ten made-up releases of 2 to 5 kg/h each, ten minutes, two circuits around them; with white noise and an
error that lasts (a hundred seconds) of the same size. Says how many are found and how far off.
"""

import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

CIRCUITS = ((36, 30), (46, 40))


def plume(source, rate, at, wind, direction):
    """What a narrow plume of a moment adds, ppm of methane."""
    to = math.radians(direction + 180)
    east, north = at[0] - source[0], at[1] - source[1]
    along = east * math.sin(to) + north * math.cos(to)
    across = east * math.cos(to) - north * math.sin(to)
    if along <= 0.5:
        return 0.0
    sy, sz = 2 + 0.09 * along, 1.5 + 0.06 * along
    up = lambda d: math.exp(-0.5 * (d / sz) ** 2)
    vertical = up(at[2] - source[2]) + up(at[2] + source[2])
    grams = rate * 1000 / 3600 / (2 * math.pi * wind * sy * sz)
    return grams * math.exp(-0.5 * (across / sy) ** 2) * vertical / 678 * 1e6


def place(t):
    """Around one circuit, then the other, 5 m/s."""
    lengths = [4 * (a + b) for a, b in CIRCUITS]
    left = (5 * t) % sum(lengths)
    for (a, b), length in zip(CIRCUITS, lengths):
        if left > length:
            left -= length
            continue
        if left < 2 * a:
            return left - a, -b
        if left < 2 * (a + b):
            return a, left - 2 * a - b
        if left < 4 * a + 2 * b:
            return a - (left - 2 * (a + b)), b
        return -a, b - (left - 4 * a - 2 * b)
    return 0.0, 0.0


def world(seed, noise, kind, folder):
    r = random.Random(seed)
    source, rate = (r.uniform(-20, 20), r.uniform(-15, 15), 1.5), r.uniform(2, 5)
    base, speed = r.uniform(0, 360), r.uniform(2.2, 4.5)
    turn = meander = error = 0.0
    with open(folder / "obs.csv", "w") as obs, open(folder / "met.csv", "w") as met:
        obs.write("t_s,sensor,e,n,u,e2,n2,u2,ppm\n")
        met.write("t_s,wind_speed,wind_dir_from\n")
        for t in range(0, 600, 2):
            turn = 0.97 * turn + r.gauss(0, 2)
            meander = 0.7 * meander + r.gauss(0, 6)
            error = 0.98 * error + r.gauss(0, 0.2 * noise)
            wind = max(0.8, speed * (1 + 0.09 * r.gauss(0, 1)))
            x, y = place(t)
            if kind == "path":
                seen = sum(plume(source, rate, (x, y, z), wind, base + turn + meander) for z in range(20)) / 20
                where = f"{x:.1f},{y:.1f},20,{x:.1f},{y:.1f},0"
            else:
                seen = plume(source, rate, (x, y, 6), wind, base + turn + meander)
                where = f"{x:.1f},{y:.1f},6,,,"
            seen *= math.exp(r.gauss(-0.06, 0.35))
            obs.write(f"{t},drone,{where},{2 + seen + error + r.gauss(0, noise):.3f}\n")
            met.write(f"{t},{wind:.2f},{(base + turn + r.gauss(0, 3)) % 360:.0f}\n")
    return source


def main():
    binary = sys.argv[1]
    print("| reads | noise and lasting error, ppm | found | median error, m |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for kind, noise in (("point", 0.04), ("path", 0.04), ("path", 0.2), ("path", 1.0), ("path", 2.5)):
            off = []
            for seed in range(10):
                source = world(seed, noise, kind, folder)
                said = subprocess.run(
                    [binary, "emission", "--obs", folder / "obs.csv", "--met", folder / "met.csv",
                     "--area=-70,-64,0,70,64,6"],
                    capture_output=True, text=True, check=True,
                )
                for s in json.loads(said.stdout)["sources"]:
                    off.append(math.hypot(s["e"] - source[0], s["n"] - source[1]))
            off.sort()
            middle = f"{off[len(off) // 2]:.1f}" if off else "–"
            print(f"| {kind} | {noise} | {len(off)} of 10 | {middle} |", flush=True)


if __name__ == "__main__":
    main()
