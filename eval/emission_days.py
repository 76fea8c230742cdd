#!/usr/bin/env python3
"""Scores `atalaya emission` over simulated days in which releases come and go (`atalaya sim puffs --hours`).

    python3 eval/emission_days.py target/debug/atalaya [--worlds 6] [--from 1001] [--hours 72] [--harsh]

Calm nights, wind that veers, a background that builds up, gas from elsewhere that drifts over, sensors that drift, obstacles: none
of it is told to the program, which knows the five groups of equipment. Settings were chosen on seeds 1 to 6. Needs nothing but
Python's own library.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

from emission import episodes, run, sums


def once(binary, seed, hours, harsh):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        world = ["--seed", str(seed), "--hours", str(hours), *(["--harsh"] if harsh else [])]
        subprocess.run([binary, "sim", "puffs", *world, "--out", folder], check=True, capture_output=True)
        return scored(binary, seed, folder)


def scored(binary, seed, folder):
    truth = json.loads((folder / "truth/emission.json").read_text())
    box = ",".join(map(str, truth["area"]))
    record, seconds = run(binary, ["--obs", folder / "obs.csv", "--met", folder / "met.csv", f"--area={box}",
                                   "--candidates", folder / "candidates.csv"])
    times = [float(r["t_s"]) for r in csv.DictReader(open(folder / "obs.csv"))]
    truths = [t | {"name": f"{seed}.{i} {t['candidate']} {t['rate_kg_h']} kg/h", "group": t["candidate"], "t0": t["t0_s"], "t1": t["t1_s"]}
              for i, t in enumerate(truth["sources"])]
    print(f"\nSeed {seed}: {len(record['sources'])} said of {len(times)} readings in {seconds:.1f} processor s, {len(times) / seconds:.0f} a second\n")
    return episodes(record["sources"], truths, times[0], times[-1])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("--worlds", type=int, default=6)
    p.add_argument("--from", dest="first", type=int, default=1001)
    p.add_argument("--hours", type=int, default=72)
    p.add_argument("--harsh", action="store_true", help="calm nights, gusts, neighbours, sensors whose errors last")
    a = p.parse_args()
    results = [once(a.binary, seed, a.hours, a.harsh) for seed in range(a.first, a.first + a.worlds)]
    print("All together:")
    sums(*(sum((r[i] for r in results), [] if i == 1 else 0) for i in range(7)))


if __name__ == "__main__":
    main()
