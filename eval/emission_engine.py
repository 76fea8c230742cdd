#!/usr/bin/env python3
"""Real releases as gas feeds of operations: `atalaya run` with the estimator of live feeds.

    python3 eval/emission_engine.py target/debug/atalaya ../shared/data/gas

Each release of METEC, and the release at Chilbolton, is one operation with one gas feed; the zone is
the site. Says whether an emission event was raised and how long after the first sample, how far off and
how strong the last estimate was, and what it cost. See eval/emission.py for the command alone.
"""

import argparse
import csv
import datetime
import json
import math
import resource
import subprocess
import time
from pathlib import Path

from emission import ORIGIN

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
METRE = 111_320.0


def place(origin, e, n):
    """Longitude and latitude of local metres, near enough for outlines."""
    return origin[1] + e / (METRE * math.cos(math.radians(origin[0]))), origin[0] + n / METRE


def outline(origin, lo, hi):
    corners = [(lo[0], lo[1]), (hi[0], lo[1]), (hi[0], hi[1]), (lo[0], hi[1])]
    return "[" + ", ".join("[%.7f, %.7f]" % place(origin, *c) for c in corners) + "]"


def operation(origin, lo, hi):
    far = 200
    return f"""schema = "operation/1"
id = "release"
name = "Release"
[authority]
issuer = "Evaluation"
legal_basis = "Evaluation"
reference = "1"
purpose = "Evaluation"
valid_from = "2025-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["gas"]
objects = ["vehicle"]
area = {outline(origin, (lo[0] - far, lo[1] - far), (hi[0] + far, hi[1] + far))}
retention = {{ bystander_hours = 24, evidence_days = 30 }}
[site]
id = "site"
name = "Site"
[[site.zone]]
id = "site"
polygon = {outline(origin, lo, hi)}
[[feed]]
id = "nose"
source = "obs.csv"
sensor = "gas"
start = "{START.isoformat().replace('+00:00', 'Z')}"
[feed.gas]
wind = "met.csv"
origin = [{origin[1]}, {origin[0]}]
margin_m = 0.0
height_m = {hi[2]}
window_s = 86400.0
step_s = 60.0
[[rule]]
id = "gas"
kind = "emission"
zone = "site"
"""


def case(binary, folder, name, origin, limits, truth):
    (folder / "operation.toml").write_text(operation(origin, *limits))
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    said = subprocess.run(
        [binary, "run", folder / "operation.toml", "--out", folder / "out"], capture_output=True, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if said.returncode:
        raise SystemExit(f"{name}: {said.stderr}")
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    samples = json.loads((folder / "out/summary.json").read_text())["gate"]["samples_passed"]
    maps = [json.loads(l) for l in (folder / "out/emission.jsonl").read_text().splitlines()]
    alerts = (folder / "out/alerts.jsonl").read_text().splitlines()
    raised = "–"
    if alerts:
        at = datetime.datetime.fromisoformat(json.loads(alerts[0])["opened_at"].replace("Z", "+00:00"))
        raised = f"{(at - START).total_seconds() / 60:.0f} min"
    last = maps[-1]
    off = ratio = held = None
    if last["lon_lat"]:
        lon, lat = place(origin, *truth[:2])
        at = last["lon_lat"]
        off = math.hypot((at[0] - lon) * METRE * math.cos(math.radians(lat)), (at[1] - lat) * METRE)
        lo, mid, hi = last["rate_kg_h"]
        ratio, held = mid / truth[2], lo <= truth[2] <= hi
    show = lambda v, f: "–" if v is None else format(v, f)
    print(
        f"| {name} | {last['p']:.3f} | {raised} | {show(off, '.1f')} | {show(ratio, '.2f')} "
        f"| {'yes' if held else 'no'} | {samples} | {1000 * seconds / max(samples, 1):.1f} |",
        flush=True,
    )
    return alerts, off, held


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("data", type=Path)
    p.add_argument("--out", type=Path, default=Path("out/emission-engine"))
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    print("| release | p | alert after | error, m | rate / true | rate held | samples | ms/sample |")
    print("|---|---:|---:|---:|---:|---|---:|---:|")
    chilbolton = json.loads((a.data / "pyelq_cases/C_chilbolton_S1.json").read_text())
    (a.out / "obs.csv").write_text((a.data / "pyelq_cases" / chilbolton["obs_csv"]).read_text())
    (a.out / "met.csv").write_text((a.data / "pyelq_cases" / chilbolton["met_csv"]).read_text())
    t = chilbolton["truth"][0]
    limits = tuple(zip(*chilbolton["site_limits"]))
    case(a.binary, a.out, "Chilbolton S1", (51.14, -1.43), limits, (t["e"], t["n"], t["rate_kg_h"]))
    folder = a.data / "metec"
    sensors = list(csv.DictReader(open(folder / "sensors.csv")))
    rows = list(csv.DictReader(open(folder / "concentration_wind_1min.csv")))
    moment = lambda t: datetime.datetime.fromisoformat(t.replace("Z", "+00:00")).timestamp()
    results = []
    for truth in csv.DictReader(open(folder / "truth_releases.csv")):
        t0, t1 = moment(truth["tc_ExpStartDatetime"]), moment(truth["tc_ExpEndDatetime"])
        with open(a.out / "obs.csv", "w") as o, open(a.out / "met.csv", "w") as m:
            o.write("t_s,sensor,e,n,u,ppm\n")
            m.write("t_s,wind_speed,wind_dir_from\n")
            for r in rows:
                t = moment(r["time_utc"]) - t0
                if 0 <= t <= t1 - t0:
                    m.write(f"{t:.0f},{r['wind_speed_ms']},{r['wind_dir_from_deg']}\n")
                    for s in sensors:
                        o.write(f"{t:.0f},{s['name']},{s['e']},{s['n']},{s['height']},{r['ch4_ppm_' + s['name']]}\n")
        e = math.radians(float(truth["tc_Longitude"]) - ORIGIN[1]) * 6_378_137.0 * math.cos(math.radians(ORIGIN[0]))
        n = math.radians(float(truth["tc_Latitude"]) - ORIGIN[0]) * 6_378_137.0
        rate = float(truth["C1_mass_flow_g_per_h"]) / 1000
        name = f"METEC {truth['tc_ExperimentID']} {truth['tc_EquipmentGroupID']}"
        results.append(case(a.binary, a.out, name, ORIGIN, ((-70, -50, 0), (70, 50, 6)), (e, n, rate)))
    off = sorted(r[1] for r in results if r[1] is not None)
    print(
        f"\nMETEC through the engine: alert in {sum(bool(r[0]) for r in results)} of {len(results)}, "
        f"median error {off[len(off) // 2]:.1f} m, rate held in {sum(bool(r[2]) for r in results)}"
    )


if __name__ == "__main__":
    main()
