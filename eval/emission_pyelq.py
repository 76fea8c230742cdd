#!/usr/bin/env python3
"""`atalaya emission` beside pyELQ on the same files: error, coverage, processor time.

    .venv/bin/python eval/emission_pyelq.py target/debug/atalaya ../shared/data/gas/pyelq_cases \
        [--iterations 5000] [--seeds 5] [--cases A_example B_drone ...] [--programs atalaya pyelq]

The full comparison (5,000 iterations, five seeds, all cases) takes hours: a thousand iterations say little
about pyELQ, and are for trying the script. pyELQ (Apache-2.0, PyPI) looks for sources by reversible jumps,
with its own Gaussian plume; the first half of its iterations is left out. Its sources are those of the
most frequent number, matched over iterations to the last state with that number.
"""

import argparse
import collections
import csv
import json
import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
from pyelq.component.background import SpatioTemporalBackground
from pyelq.component.error_model import BySensor
from pyelq.component.source_model import Normal
from pyelq.coordinate_system import ENU
from pyelq.dispersion_model.gaussian_plume import GaussianPlume
from pyelq.gas_species import CH4
from pyelq.meteorology.meteorology import Meteorology, MeteorologyGroup
from pyelq.model import ELQModel
from pyelq.sensor.beam import Beam
from pyelq.sensor.sensor import Sensor, SensorGroup
from pyelq.source_map import SourceMap

from emission import run

EPOCH = pd.Timestamp("2024-01-01")


def moments(seconds):
    return pd.array([EPOCH + pd.Timedelta(seconds=float(s)) for s in seconds], dtype="datetime64[ns]")


def place(rows, second=False):
    keys = ("e2", "n2", "u2") if second else ("e", "n", "u")
    return np.array([[float(r[k]) for k in keys] for r in rows])


def enu(points):
    at = ENU(ref_latitude=0, ref_longitude=0, ref_altitude=0)
    at.from_array(np.atleast_2d(points))
    return at


def world(folder, case):
    """pyELQ's sensors and weather of a case."""
    obs = list(csv.DictReader(open(folder / case["obs_csv"])))
    met = list(csv.DictReader(open(folder / case["met_csv"])))
    met_t = np.array([float(m["t_s"]) for m in met])
    sensors, weather = SensorGroup(), MeteorologyGroup()
    for name in sorted({r["sensor"] for r in obs}):
        rows = [r for r in obs if r["sensor"] == name and r["ppm"] not in ("", "nan")]
        t = np.array([float(r["t_s"]) for r in rows])
        path = bool(rows[0].get("e2"))
        sensor = Beam() if path else Sensor()
        sensor.label = name
        sensor.time = moments(t)
        points = place(rows)
        if path:
            points = np.vstack([points[0], place(rows[:1], True)[0]])
        elif len({tuple(p) for p in points}) == 1:
            points = points[:1]
        sensor.location = enu(points)
        sensor.concentration = np.array([float(r["ppm"]) for r in rows])
        sensors.add_sensor(sensor)
        own = [met[max(0, int(np.searchsorted(met_t, x, side="right")) - 1)] for x in t]
        column = lambda key: np.array([float(m[key]) for m in own])
        w = Meteorology()
        w.label = name
        w.time = moments(t)
        w.wind_speed, w.wind_direction = column("wind_speed"), column("wind_dir_from")
        w.calculate_uv_from_wind_speed_direction()
        w.temperature, w.pressure = column("T"), column("p")
        w.wind_turbulence_horizontal, w.wind_turbulence_vertical = column("sig_h"), column("sig_v")
        weather.add_object(w)
    return sensors, weather


def pyelq(folder, case, iterations, seed):
    """Sources of one run, and its processor seconds. What it begins with is drawn at random, and may all lie where no
    sensor could see it, which pyELQ refuses: then it is drawn again."""
    for attempt in range(20):
        try:
            return attempt_pyelq(folder, case, iterations, seed + 1000 * attempt)
        except ValueError as refused:
            if "screened out" not in str(refused):
                raise
    raise SystemExit(f"{case['name']}: pyELQ refuses every start")


def attempt_pyelq(folder, case, iterations, seed):
    np.random.seed(seed)
    sensors, weather = world(folder, case)
    limits = np.array(case["site_limits"], dtype=float)
    start = SourceMap()
    start.generate_sources(
        coordinate_object=ENU(ref_latitude=0, ref_longitude=0, ref_altitude=0),
        sourcemap_limits=limits, sourcemap_type="hypercube", nof_sources=case.get("n_init", 2),
    )
    plume = GaussianPlume(source_map=start, minimum_contribution=1e-5, **(
        {"source_half_width": case["source_half_width"]} if "source_half_width" in case else {}))
    sources = Normal()
    sources.dispersion_model = plume
    sources.reversible_jump = True
    sources.site_limits = limits
    sources.rate_num_sources = 1.0
    sources.update_precision = False
    sources.initial_precision = np.array(case.get("pyelq_source", {}).get("initial_precision", [0.01])).reshape(-1)[0]
    for key in ("coverage_detection", "coverage_test_source"):
        if key in case.get("pyelq_source", {}):
            setattr(sources, key, case["pyelq_source"][key])
    background = SpatioTemporalBackground()
    background.n_time = None
    background.mean_bg = case["background_ppm"] or 2.0
    background.spatial_dependence = case.get("bg_spatial", True)
    background.spatial_correlation_param = 25.0
    background.initial_precision = 1 / (3e-4) ** 2 if case["background_ppm"] else 1e3
    background.update_precision = not case["background_ppm"]
    model = ELQModel(
        sensor_object=sensors, meteorology=weather, gas_species=CH4(), background=background,
        source_model=sources, error_model=BySensor(), offset_model=None,
    )
    model.n_iter = iterations
    begun = time.process_time()
    model.initialise()
    model.to_mcmc()
    model.run_mcmc()
    model.from_mcmc()
    seconds = time.process_time() - begun
    key = next(k for k in model.mcmc.store if k.startswith("z_src"))
    rate = next(k for k in model.mcmc.store if k in ("s", "s_src") or k.startswith("s_"))
    at, rates = model.mcmc.store[key], model.mcmc.store[rate]
    half = iterations // 2
    # Positions are kept as dimensions by sources by iterations; what is not there is not a number.
    draws = []
    for i in range(half, at.shape[2]):
        here = [(at[:, j, i], rates[j, i]) for j in range(at.shape[1]) if np.isfinite(at[0, j, i])]
        draws.append(here)
    count = collections.Counter(len(d) for d in draws).most_common(1)[0][0]
    alike = [d for d in draws if len(d) == count]
    found = []
    for where, _ in alike[-1] if alike else []:
        near = [min(d, key=lambda s: np.hypot(*(s[0] - where)[:2])) for d in alike]
        points, values = np.array([n[0] for n in near]), np.array([n[1] for n in near])
        lo, hi = np.quantile(values, [0.05, 0.95])
        found.append({"e": points[:, 0].mean(), "n": points[:, 1].mean(), "rate_kg_h": float(np.median(values)),
                      "rate_lo90": lo, "rate_hi90": hi})
    return found, seconds


def line(who, case, seed, found, seconds):
    for t in case["truth"]:
        if not found:
            print(f"| {case['name']} | {who} | {seed} | 0 of {len(case['truth'])} | – | – | – | {seconds:.1f} |")
            continue
        s = min(found, key=lambda s: math.hypot(s["e"] - t["e"], s["n"] - t["n"]))
        off = math.hypot(s["e"] - t["e"], s["n"] - t["n"])
        held = "yes" if s["rate_lo90"] <= t["rate_kg_h"] <= s["rate_hi90"] else "no"
        print(
            f"| {case['name']} {t['id']} | {who} | {seed} | {len(found)} for {len(case['truth'])} | {off:.2f} "
            f"| {s['rate_kg_h'] / t['rate_kg_h']:.2f} | {held} | {seconds:.1f} |", flush=True,
        )


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("folder", type=Path)
    p.add_argument("--iterations", type=int, default=5000)
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--cases", nargs="+", default=["A_example", "A_raw", "B_drone", "C_chilbolton_S1"])
    p.add_argument("--programs", nargs="+", default=["atalaya", "pyelq"], choices=["atalaya", "pyelq"])
    a = p.parse_args()
    print("| case | program | seed | sources | error, m | rate / true | rate held (90 %) | processor s |")
    print("|---|---|---:|---|---:|---:|---|---:|")
    for name in a.cases:
        case = json.loads((a.folder / f"{name}.json").read_text())
        lo, hi = zip(*case["site_limits"])
        for seed in range(1, a.seeds + 1):
            if "atalaya" in a.programs:
                record, seconds = run(a.binary, [
                    "--obs", a.folder / case["obs_csv"], "--met", a.folder / case["met_csv"],
                    "--area=" + ",".join(map(str, [*lo, *hi])), "--seed", seed])
                line("atalaya", case, seed, record["sources"], seconds)
            if "pyelq" in a.programs:
                found, seconds = pyelq(a.folder, case, a.iterations, seed)
                line(f"pyELQ, {a.iterations}", case, seed, found, seconds)


if __name__ == "__main__":
    main()
