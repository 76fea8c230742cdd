#!/usr/bin/env python3
"""Scores `atalaya emission` in air that it does not model: puffs that meander (`atalaya sim puffs`).

    python3 eval/emission_puffs.py target/debug/atalaya [--worlds 360] [--from 1000] [--jobs 2] [--keep FILE.jsonl]

Of every six worlds one is empty, four hold one source and one holds two. Says how often the regions and
intervals hold the truth, what is found by rate and by distance, and how often empty air is accused. The
seeds are for scoring: settings were chosen on seeds below 1000. With `--keep` each world's answer is written as it comes, and
what the file holds of the same seeds already is not asked again (of the same program: that is the user's to know). Needs
nothing but Python's own library.
"""

import argparse
import concurrent.futures
import json
import math
import os
import resource
import subprocess
import tempfile
from pathlib import Path

from emission import area, inside


def sources_of(seed):
    return (0, 1, 1, 1, 1, 2)[seed % 6]


def world(binary, seed):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        subprocess.run(
            [binary, "sim", "puffs", "--seed", str(seed), "--sources", str(sources_of(seed)), "--out", folder],
            check=True, capture_output=True,
        )
        truth = json.loads((folder / "truth/emission.json").read_text())
        box = ",".join(map(str, truth["area"]))
        said = subprocess.run(
            [binary, "emission", "--obs", folder / "obs.csv", "--met", folder / "met.csv", f"--area={box}"],
            check=True, capture_output=True, text=True,
        )
        rows = [r.split(",") for r in (folder / "obs.csv").read_text().splitlines()[1:]]
        places = {(float(r[2]), float(r[3])) for r in rows}
        return seed, truth, json.loads(said.stdout.splitlines()[-1]), places


def worlds(binary, seeds, jobs, keep):
    """Each seed's truth, record and places where the air was sampled, in the order of seeds."""
    known = {}
    if keep and keep.exists():
        for line in keep.read_text().splitlines():
            seed, truth, record, places = json.loads(line)
            known[seed] = seed, truth, record, {tuple(p) for p in places}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        asked = [pool.submit(world, binary, seed) for seed in seeds if seed not in known]
        for result in concurrent.futures.as_completed(asked):
            seed, truth, record, places = known[result.result()[0]] = result.result()
            if keep:
                with open(keep, "a") as out:
                    out.write(json.dumps([seed, truth, record, sorted(places)]) + "\n")
    return [known[seed] for seed in seeds]


def pairs(truths, said):
    """Each true source with the declared one that is nearest, each declared one once."""
    away = sorted(
        (math.hypot(s["e"] - t["e"], s["n"] - t["n"]), i, j)
        for i, t in enumerate(truths) for j, s in enumerate(said)
    )
    found = {}
    for off, i, j in away:
        if i not in found and j not in [f[1] for f in found.values()]:
            found[i] = (off, j)
    return [(truths[i], said[j], off) for i, (off, j) in found.items()]


def share(hits, of):
    """A share with its 95 % interval (Wilson 1927)."""
    if not of:
        return "–"
    p, z = hits / of, 1.96
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    lo, hi = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return f"{p:.0%} ({lo:.0%}–{hi:.0%}), {hits} of {of}"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("--worlds", type=int, default=360)
    p.add_argument("--from", dest="first", type=int, default=1000)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--keep", type=Path)
    a = p.parse_args()
    results = worlds(a.binary, range(a.first, a.first + a.worlds), a.jobs, a.keep)
    empty = [r for r in results if not r[1]["sources"]]
    one = [r for r in results if len(r[1]["sources"]) == 1]
    two = [r for r in results if len(r[1]["sources"]) == 2]
    p_any = lambda r: r[2]["p_any"] or 0.0
    print(f"{len(results)} worlds: {len(empty)} empty, {len(one)} with one source, {len(two)} with two\n")
    print("| what | share (95 % interval) |\n|---|---|")
    print(f"| empty air accused (p above 0.5) | {share(sum(p_any(r) > 0.5 for r in empty), len(empty))} |")
    print(f"| a source suspected where there is one (p above 0.5) | {share(sum(p_any(r) > 0.5 for r in one), len(one))} |")
    print(f"| exactly two said where there are two | {share(sum(len(r[2]['sources']) == 2 for r in two), len(two))} |")
    print(f"| more said than there are | {share(sum(len(r[2]['sources']) > len(r[1]['sources']) for r in results), len(results))} |")
    for name, group in (("one source", one), ("two sources", two)):
        found = [x for r in group for x in pairs(r[1]["sources"], r[2]["sources"])]
        n = len(found)
        if not n:
            continue
        for key, text in (("region50", "50 % region"), ("region90", "90 % region")):
            print(f"| {name}: {text} holds the place | {share(sum(inside(s[key], t['e'], t['n']) for t, s, _ in found), n)} |")
        held = sum(s["rate_lo90"] <= t["rate_kg_h"] <= s["rate_hi90"] for t, s, _ in found)
        print(f"| {name}: 90 % interval holds the rate | {share(held, n)} |")
        held = sum(s["rate_lo50"] <= t["rate_kg_h"] <= s["rate_hi50"] for t, s, _ in found)
        print(f"| {name}: 50 % interval holds the rate | {share(held, n)} |")
        off = sorted(o for _, _, o in found)
        ratio = sorted(s["rate_kg_h"] / t["rate_kg_h"] for t, s, _ in found)
        size = sorted(area(s["region90"]) for _, s, _ in found)
        at = lambda v, q: v[int(q * (len(v) - 1))]
        print(
            f"| {name}: error median and p90; rate / true median (p5–p95); 90 % region median "
            f"| {at(off, .5):.1f} m, {at(off, .9):.1f} m; {at(ratio, .5):.2f} ({at(ratio, .05):.2f}–{at(ratio, .95):.2f}); {at(size, .5):.0f} m² |"
        )
    print("\nFound (p above 0.5), by rate and by the distance to where the air was nearest sampled, one source:\n")
    edges, far = [0, 0.5, 1, 2, 5, 20], [0, 10, 20, 30, 100]
    print("| kg/h |" + "".join(f" {a}–{b} m |" for a, b in zip(far, far[1:])) + "\n|---|" + "---|" * (len(far) - 1))
    for lo, hi in zip(edges, edges[1:]):
        cells = []
        for a0, b0 in zip(far, far[1:]):
            cell = []
            for r in one:
                t = r[1]["sources"][0]
                d = min(math.hypot(x - t["e"], y - t["n"]) for x, y in r[3])
                if lo <= t["rate_kg_h"] < hi and a0 <= d < b0:
                    cell.append(p_any(r) > 0.5)
            cells.append(f"{sum(cell)} of {len(cell)}" if cell else "–")
        print(f"| {lo}–{hi} | " + " | ".join(cells) + " |")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"\nprocessor seconds for a world, worlds' making included: {(used.ru_utime + used.ru_stime) / len(results):.1f}")


if __name__ == "__main__":
    main()
