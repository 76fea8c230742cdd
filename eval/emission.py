"""Scores `atalaya emission` on recordings whose source is known: error, rate, regions, processor time.

    python3 eval/emission.py target/debug/atalaya ../shared/data/gas [--out out/emission]

Reads the folders `pyelq_cases` and `metec`; each release of METEC is one case, and its window is given
to the program. Needs nothing but Python's own library.
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
    """One line of the table; of several true sources the nearest counts."""
    head = f"| {name} | {len(truths)} | {record['p_any'] if record['p_any'] is not None else '–'} "
    if not record["sources"]:
        print(head + f"| – | – | – | – | – | – | {seconds:.1f} | {record['reason'] or ''} |")
        return None
    s = record["sources"][0]
    off, true = min(((math.hypot(s["e"] - t["e"], s["n"] - t["n"]), t) for t in truths), key=lambda x: x[0])
    holds = [any(inside(s[r], t["e"], t["n"]) for t in truths) for r in ("region50", "region90")]
    ratio = s["rate_kg_h"] / true["rate_kg_h"]
    interval = s["rate_lo90"] <= true["rate_kg_h"] <= s["rate_hi90"]
    best = max(s.get("candidates", []), key=lambda c: c["p"], default=None)
    note = "" if group is None else f"{best['name']} {best['p']:.2f}, true {group}"
    print(
        head + f"| {off:.1f} | {ratio:.2f} ({s['rate_lo90'] / true['rate_kg_h']:.2f}–{s['rate_hi90'] / true['rate_kg_h']:.2f}) "
        f"| {'yes' if interval else 'no'} | {'yes' if holds[0] else 'no'} | {'yes' if holds[1] else 'no'} "
        f"| {area(s['region90']):.0f} | {seconds:.1f} | {note} |",
        flush=True,
    )
    return off, ratio, interval, *holds, best and best["name"] == group


def cases(binary, folder):
    for path in sorted(folder.glob("*.json")):
        case = json.loads(path.read_text())
        lo, hi = zip(*case["site_limits"])
        site = ",".join(map(str, [*lo, *hi]))
        arguments = ["--obs", folder / case["obs_csv"], "--met", folder / case["met_csv"], f"--area={site}"]
        record, seconds = run(binary, arguments)
        row(case["name"], record, seconds, case["truth"])


def metec(binary, folder, out, named):
    sensors = list(csv.DictReader(open(folder / "sensors.csv")))
    rows = list(csv.DictReader(open(folder / "concentration_wind_1min.csv")))
    moment = lambda t: datetime.datetime.fromisoformat(t.replace("Z", "+00:00")).timestamp()
    radius = 6_378_137.0
    results = []
    for truth in csv.DictReader(open(folder / "truth_releases.csv")):
        t0, t1 = moment(truth["tc_ExpStartDatetime"]), moment(truth["tc_ExpEndDatetime"])
        obs, met = out / "obs.csv", out / "met.csv"
        with open(obs, "w") as o, open(met, "w") as m:
            o.write("t_s,sensor,e,n,u,ppm\n")
            m.write("t_s,wind_speed,wind_dir_from\n")
            for r in rows:
                t = moment(r["time_utc"])
                if t0 <= t <= t1:
                    m.write(f"{t:.0f},{r['wind_speed_ms']},{r['wind_dir_from_deg']}\n")
                    for s in sensors:
                        o.write(f"{t:.0f},{s['name']},{s['e']},{s['n']},{s['height']},{r['ch4_ppm_' + s['name']]}\n")
        e = math.radians(float(truth["tc_Longitude"]) - ORIGIN[1]) * radius * math.cos(math.radians(ORIGIN[0]))
        n = math.radians(float(truth["tc_Latitude"]) - ORIGIN[0]) * radius
        arguments = ["--obs", obs, "--met", met, "--area=-70,-50,0,70,50,6"]
        if named:
            arguments += ["--candidates", folder / "candidate_sources.csv"]
        record, seconds = run(binary, arguments)
        rate = float(truth["C1_mass_flow_g_per_h"]) / 1000
        group = GROUPS[truth["tc_EquipmentGroupID"]]
        name = f"METEC {truth['tc_ExperimentID']} {truth['tc_EquipmentGroupID']}"
        results.append(row(name, record, seconds, [{"e": e, "n": n, "rate_kg_h": rate}], group if named else None))
    found = [r for r in results if r]
    off = sorted(r[0] for r in found)
    error = sorted(abs(r[1] - 1) for r in found)
    share = lambda i: f"{sum(bool(r[i]) for r in found)} of {len(results)}"
    print(f"\nMETEC, candidates {'given' if named else 'not given'}: found {len(found)} of {len(results)}", end="")
    if found:
        print(
            f"; median error {off[len(off) // 2]:.1f} m, median rate error {error[len(error) // 2]:.0%}; "
            f"truth in rate interval {share(2)}, in region50 {share(3)}, in region90 {share(4)}"
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
    print("| case | true sources | p | error, m | rate / true (90 %) | rate held | 50 % holds | 90 % holds | 90 %, m² | processor s | |")
    print("|---|---:|---:|---:|---|---|---|---|---:|---:|---|")
    cases(a.binary, a.data / "pyelq_cases")
    for named in (False, True):
        metec(a.binary, a.data / "metec", a.out, named)


if __name__ == "__main__":
    main()
