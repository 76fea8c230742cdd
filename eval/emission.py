"""Scores `atalaya emission` on recordings whose source is known: error, rate, regions, processor time.

    python3 eval/emission.py target/debug/atalaya ../shared/data/gas [--out out/emission]

Reads the folders `pyelq_cases` and `metec`. The releases of METEC are looked for twice: in the whole recording,
whose windows the program is not told, and each in its own window. Needs nothing but Python's own library.
"""

import argparse
import csv
import datetime
import json
import math
import os
import resource
import subprocess
from pathlib import Path

# METEC's sensors have names, its groups have numbers.
GROUPS = {"4T": "Tank", "4W": "Wellhead.West", "4S": "Separator.West", "5S": "Separator.East", "5W": "Wellhead.East"}
ORIGIN = (40.59578, -105.13985)


def inside(region, e, n):
    """Even-odd rule over all rings."""
    odd = False
    for polygon in region["coordinates"]:
        for ring in polygon:
            for (x0, y0), (x1, y1) in zip(ring, ring[1:]):
                if (y0 > n) != (y1 > n) and e < x0 + (n - y0) / (y1 - y0) * (x1 - x0):
                    odd = not odd
    return odd


def area(region):
    rings = [r for p in region["coordinates"] for r in p]
    return sum(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(r, r[1:])) / 2 for r in rings)


def run(binary, arguments):
    """The record, and the processor seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run([binary, "emission", *map(str, arguments)], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if said.returncode:
        raise SystemExit(f"{arguments}: {said.stderr}")
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(said.stdout.splitlines()[-1]), seconds


def row(name, record, seconds, truths, group=None):
    """A line of the table for each true source, beside the declared source that is nearest."""
    said, results = record["sources"], []
    for t in truths:
        head = f"| {name} | {len(said)} for {len(truths)} | {record['p_any'] if record['p_any'] is not None else '–'} "
        if not said:
            print(head + f"| – | – | – | – | – | – | {seconds:.1f} | {record['reason'] or ''} |")
            continue
        s = min(said, key=lambda s: math.hypot(s["e"] - t["e"], s["n"] - t["n"]))
        off = math.hypot(s["e"] - t["e"], s["n"] - t["n"])
        holds = [inside(s[r], t["e"], t["n"]) for r in ("region50", "region90")]
        ratio = s["rate_kg_h"] / t["rate_kg_h"]
        interval = s["rate_lo90"] <= t["rate_kg_h"] <= s["rate_hi90"]
        best = max(s.get("candidates", []), key=lambda c: c["p"], default=None)
        note = "" if group is None else f"{best['name']} {best['p']:.2f}, true {group}"
        yes = ["yes" if x else "no" for x in (interval, *holds)]
        print(
            head + f"| {off:.2f} | {ratio:.2f} ({s['rate_lo90'] / t['rate_kg_h']:.2f}–{s['rate_hi90'] / t['rate_kg_h']:.2f}) "
            f"| {yes[0]} | {yes[1]} | {yes[2]} | {area(s['region90']):.0f} | {seconds:.1f} | {note} |",
            flush=True,
        )
        results.append((off, ratio, interval, *holds, best and best["name"] == group, len(said)))
    return results[0] if results else None


def cases(binary, folder):
    for path in sorted(folder.glob("*.json")):
        case = json.loads(path.read_text())
        lo, hi = zip(*case["site_limits"])
        site = ",".join(map(str, [*lo, *hi]))
        arguments = ["--obs", folder / case["obs_csv"], "--met", folder / case["met_csv"], f"--area={site}"]
        record, seconds = run(binary, arguments)
        row(case["name"], record, seconds, case["truth"])


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def tables(folder, out, t0=-math.inf, t1=math.inf):
    """METEC's readings and wind between two moments, as tables; the number of readings, first and last."""
    sensors = list(csv.DictReader(open(folder / "sensors.csv")))
    times = []
    with open(out / "obs.csv", "w") as o, open(out / "met.csv", "w") as m:
        o.write("t_s,sensor,e,n,u,ppm\n")
        m.write("t_s,wind_speed,wind_dir_from\n")
        for r in csv.DictReader(open(folder / "concentration_wind_1min.csv")):
            t = moment(r["time_utc"])
            if t0 <= t <= t1:
                times.append(t)
                m.write(f"{t:.0f},{r['wind_speed_ms']},{r['wind_dir_from_deg']}\n")
                for s in sensors:
                    o.write(f"{t:.0f},{s['name']},{s['e']},{s['n']},{s['height']},{r['ch4_ppm_' + s['name']]}\n")
    return len(times) * len(sensors), times[0], times[-1]


def releases(folder):
    """Each true release: name, group, window, place and rate."""
    radius = 6_378_137.0
    for truth in csv.DictReader(open(folder / "truth_releases.csv")):
        e = math.radians(float(truth["tc_Longitude"]) - ORIGIN[1]) * radius * math.cos(math.radians(ORIGIN[0]))
        n = math.radians(float(truth["tc_Latitude"]) - ORIGIN[0]) * radius
        yield {
            "name": f"METEC {truth['tc_ExperimentID']} {truth['tc_EquipmentGroupID']}",
            "group": GROUPS[truth["tc_EquipmentGroupID"]],
            "t0": moment(truth["tc_ExpStartDatetime"]), "t1": moment(truth["tc_ExpEndDatetime"]),
            "e": e, "n": n, "rate_kg_h": float(truth["C1_mass_flow_g_per_h"]) / 1000,
        }


SITE = "--area=-70,-50,0,70,50,6"


def metec_whole(binary, folder, out):
    """All releases in one recording, without their windows."""
    readings, first, last = tables(folder, out)
    arguments = ["--obs", out / "obs.csv", "--met", out / "met.csv", SITE, "--candidates", folder / "candidate_sources.csv"]
    record, seconds = run(binary, arguments)
    said = record["sources"]
    print(f"\nMETEC, windows not given: {len(said)} sources said of {readings} readings in {seconds:.1f} processor s, "
          f"{readings / seconds:.0f} a second\n")
    episodes(said, list(releases(folder)), first, last)


def episodes(said, truths, first, last):
    """A line for each true release beside the declared source of its group that shares most time with it, then the sums: releases
    in the right group with half of their time, rate errors, rates held, releases, false alarms, those at other groups, days."""
    print("| release | right group, half of it or more in time | share of the release | share of what was said | error, m | rate / true | rate held |")
    print("|---|---|---:|---:|---:|---:|---|")
    found, held, error = 0, 0, []
    clip = lambda t: min(max(t, first), last)
    both = lambda s, t: max(0.0, min(s["t1_s"], clip(t["t1"])) - max(s["t0_s"], clip(t["t0"])))
    for t in truths:
        length = clip(t["t1"]) - clip(t["t0"])
        right = [s for s in said if best(s) == t["group"] and both(s, t) > 0]
        s = max(right, key=lambda s: both(s, t), default=None)
        if s is None:
            print(f"| {t['name']} | no | – | – | – | – | – |")
            continue
        of_true, of_said = both(s, t) / length, both(s, t) / max(s["t1_s"] - s["t0_s"], 1)
        good = of_true >= 0.5
        ratio, holds = s["rate_kg_h"] / t["rate_kg_h"], s["rate_lo90"] <= t["rate_kg_h"] <= s["rate_hi90"]
        found, held = found + good, held + holds
        error.append(abs(ratio - 1))
        print(f"| {t['name']} | {'yes' if good else 'no'} | {of_true:.2f} | {of_said:.2f} "
              f"| {math.hypot(s['e'] - t['e'], s['n'] - t['n']):.1f} | {ratio:.2f} | {'yes' if holds else 'no'} |")
    # What was said and lies for more than half of its time outside of every release, or is of no group that
    # released in that time, is a false alarm.
    quiet = [s for s in said if 2 * sum(both(s, t) for t in truths) < s["t1_s"] - s["t0_s"]]
    other = [s for s in said if s not in quiet and not any(both(s, t) > 0 and best(s) == t["group"] for t in truths)]
    days = (last - first) / 86400
    print()
    sums(found, error, held, len(truths), len(quiet), len(other), days)
    return found, error, held, len(truths), len(quiet), len(other), days


def sums(found, error, held, releases, quiet, other, days):
    error = sorted(error)
    middle = f"{error[len(error) // 2]:.0%}" if error else "–"
    print(f"{found} of {releases} in the right group with half of the release in the interval; median rate error {middle}; "
          f"rate held {held} of {len(error)}; false alarms between releases {quiet} in {days:.1f} days, "
          f"during releases at other groups {other}\n")


def best(s):
    """The most probable candidate of a source."""
    return max(s["candidates"], key=lambda c: c["p"])["name"]


def metec(binary, folder, out, named):
    results = []
    for t in releases(folder):
        tables(folder, out, t["t0"], t["t1"])
        arguments = ["--obs", out / "obs.csv", "--met", out / "met.csv", SITE]
        if named:
            arguments += ["--candidates", folder / "candidate_sources.csv"]
        record, seconds = run(binary, arguments)
        results.append(row(t["name"], record, seconds, [t], t["group"] if named else None))
    found = [r for r in results if r]
    off = sorted(r[0] for r in found)
    error = sorted(abs(r[1] - 1) for r in found)
    share = lambda i: f"{sum(bool(r[i]) for r in found)} of {len(results)}"
    print(f"\nMETEC, candidates {'given' if named else 'not given'}: found {len(found)} of {len(results)}", end="")
    if found:
        print(
            f"; median error {off[len(off) // 2]:.1f} m, median rate error {error[len(error) // 2]:.0%}; "
            f"truth in rate interval {share(2)}, in region50 {share(3)}, in region90 {share(4)}"
            f"; exactly one said in {sum(r[6] == 1 for r in found)}"
            + (f"; right group {share(5)}" if named else "")
        )
    print()


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("data", type=Path)
    p.add_argument("--out", type=Path, default=Path("out/emission"))
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    print("| case | said for true | p | error, m | rate / true (90 %) | rate held | 50 % holds | 90 % holds | 90 %, m² | processor s | |")
    print("|---|---|---:|---:|---|---|---|---|---:|---:|---|")
    cases(a.binary, a.data / "pyelq_cases")
    metec_whole(a.binary, a.data / "metec", a.out)
    for named in (False, True):
        metec(a.binary, a.data / "metec", a.out, named)


if __name__ == "__main__":
    main()
