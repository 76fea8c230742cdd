"""Composed events against MEVA's annotated segments.

    python eval/meva.py BIN DATA [--half A|B|AB] [--seed 1] [--list]

Tracks are those of meva_data.py: joined, then cut or lengthened at random at both ends. Settings were chosen on half A
(clips whose name's SHA-256 begins with an even byte); half B is for scoring. Beside `atalaya activity --composed` stand two
baselines on the same tracks: *ends*, which looks at nothing but where tracks begin and end, and *speed*, a plain rule on
speed and course over one second. A finding is right if it names the right subject and lies within 2 s of the
annotated span; one finding for one event. Of clips without a single annotated event nothing is scored, and an event of which the
cut has left less than half counts neither way. Intervals are Wilson's at 95 %.
"""
import argparse
import collections
import datetime
import json
import math
import os
import subprocess
import tempfile

import numpy as np

import meva_data
from meva_data import FPS, KINDS, PERSON, clip_start

SLACK_S = 2.0
FEW = 30
ORIGIN = (39.04977294, -85.52924953)


def wilson(k, n):
    """95 % interval of a share."""
    if n == 0:
        return "–"
    z, p = 1.96, k / n
    mid = (p + z * z / (2 * n)) / (1 + z * z / n)
    off = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{p:.2f} [{max(0, mid - off):.2f}, {min(1, mid + off):.2f}]"


def degrees(p):
    """Latitude and longitude of local metres (WGS84's radii of curvature)."""
    lat = math.radians(ORIGIN[0])
    a, e2 = 6378137.0, 0.00669437999014
    w = math.sqrt(1 - e2 * math.sin(lat) ** 2)
    north, east = a * (1 - e2) / w**3, a / w * math.cos(lat)
    return ORIGIN[0] + np.degrees(p[:, 1] / north), ORIGIN[1] + np.degrees(p[:, 0] / east)


def ours(binary, segments, folder, cam):
    """Findings of `atalaya activity --composed`."""
    path = os.path.join(folder, f"{cam}.csv")
    with open(path, "w") as out:
        out.write("time,id,lat,lon,class,sigma_m\n")
        for s in segments:
            t0 = clip_start(s.clip)
            lat, lon = degrees(s.dp)
            for i in range(len(s.df)):
                out.write(f"{t0 + s.df[i] / FPS:.3f},{s.name},{lat[i]:.8f},{lon[i]:.8f},{s.cls},{s.ds[i]:.2f}\n")
    zones = os.path.join(folder, "zones.geojson")
    if not os.path.exists(zones):
        far = {"type": "Point", "coordinates": [ORIGIN[1] + 0.02, ORIGIN[0]]}
        feature = {"type": "Feature", "properties": {"id": "far", "radius_m": 1}, "geometry": far}
        json.dump({"type": "FeatureCollection", "features": [feature]}, open(zones, "w"))
    text = subprocess.run([*binary, "--tracks", path, "--zones", zones, "--composed"], check=True,
                          capture_output=True, text=True).stdout
    found = []
    for line in text.splitlines():
        e = json.loads(line)
        if e["kind"] not in KINDS:
            continue
        who = e["subjects"][-1] if e["kind"] in PERSON.values() else e["subjects"][0]
        clip = who.split("#")[0]
        t = datetime.datetime.fromisoformat(e["time"].replace("Z", "+00:00")).timestamp()
        t1 = t
        if e["time_end"] and e["kind"] in ("turn_left", "turn_right", "u_turn", "reverse"):
            t1 = datetime.datetime.fromisoformat(e["time_end"].replace("Z", "+00:00")).timestamp()
        found.append((who, e["kind"], t - clip_start(clip), t1 - clip_start(clip), e["p"]))
    return found


def course(p, f, lag):
    """Speed and course over `lag` seconds."""
    i = np.searchsorted(f, f - lag * FPS)
    i = np.clip(i, 0, len(f) - 1)
    dt = np.maximum((f - f[i]) / FPS, 1e-6)
    d = p - p[i]
    speed = np.where(dt > 0.5 * lag, np.hypot(*d.T) / dt, np.nan)
    return speed, np.degrees(np.arctan2(d[:, 1], d[:, 0]))


def wrap(x):
    return (x + 180) % 360 - 180


def near_vehicle(s, i, vehicles, reach=3.0):
    """Whether a vehicle is near a person's end."""
    for v in vehicles:
        if v.clip == s.clip and v.df[0] - 150 <= s.df[i] <= v.df[-1] + 150:
            j = np.argmin(np.abs(v.df - s.df[i]))
            if np.hypot(*(v.dp[j] - s.dp[i])) < reach:
                return True
    return False


def baselines(segments):
    """Findings of the two rules."""
    ends, speed = [], []
    vehicles = [s for s in segments if s.cls == "vehicle"]
    for s in segments:
        t0, t1 = s.df[0] / FPS, s.df[-1] / FPS
        if s.cls == "person":
            for i, t, car, house in ((0, t0, "exit_vehicle", "exit_structure"), (-1, t1, "enter_vehicle", "enter_structure")):
                kind = car if near_vehicle(s, i, vehicles) else house
                ends.append((s.name, kind, t, t, 1.0))
            continue
        ends.append((s.name, "start", t0, t0, 1.0))
        ends.append((s.name, "stop", t1, t1, 1.0))
        k = min(5, len(s.df) - 1)
        a, b = s.dp[k] - s.dp[0], s.dp[-1] - s.dp[-1 - k]
        turn = wrap(math.degrees(math.atan2(b[1], b[0]) - math.atan2(a[1], a[0])))
        if abs(turn) > 135:
            ends.append((s.name, "u_turn", t0, t1, 1.0))
        elif abs(turn) > 45:
            ends.append((s.name, "turn_left" if turn > 0 else "turn_right", t0, t1, 1.0))
        v, c = course(s.dp, s.df, 1.0)
        moving = None
        for i in range(len(v)):
            if np.isnan(v[i]):
                continue
            now = True if v[i] > 1.0 else False if v[i] < 0.5 else moving
            if moving is not None and now is not None and now != moving:
                speed.append((s.name, "start" if now else "stop", s.df[i] / FPS, s.df[i] / FPS, 1.0))
            moving = now
        i = 0
        while i < len(v):
            j = np.searchsorted(s.df, s.df[i] - 4.0 * FPS)
            ok = [x for x in range(j, i) if v[x] > 1.0]
            if v[i] > 1.0 and ok:
                turn = wrap(c[i] - c[ok[0]])
                if abs(turn) > 50:
                    kind = "u_turn" if abs(turn) > 135 else "turn_left" if turn > 0 else "turn_right"
                    speed.append((s.name, kind, s.df[ok[0]] / FPS, s.df[i] / FPS, 1.0))
                    i = np.searchsorted(s.df, s.df[i] + 4.0 * FPS)
                    continue
            i += 1
    return ends, speed


def match(truth, found, cut):
    """True positives by kind, and what is left on both sides; `cut` holds events of which less than half is left: to
    find one is neither right nor wrong."""
    hits, misses, false = [], [], []
    left = collections.defaultdict(list)
    for f in sorted(found, key=lambda f: -f[4]):
        left[f[0], f[1]].append(f)
    for who, kind, a, b in truth:
        options = left[who, kind]
        near = [f for f in options if f[2] <= b + SLACK_S and f[3] >= a - SLACK_S]
        if near:
            options.remove(near[0])
            hits.append((who, kind, a, b))
        else:
            misses.append((who, kind, a, b))
    spared = collections.defaultdict(list)
    for who, kind, a, b in cut:
        spared[who, kind].append((a - SLACK_S, b + SLACK_S))
    for key, rest in left.items():
        false.extend(f for f in rest if not any(f[2] <= b and f[3] >= a for a, b in spared[key]))
    return hits, misses, false


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("binary")
    a.add_argument("data")
    a.add_argument("--half", default="AB", choices=["A", "B", "AB"])
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--list", action="store_true", help="every miss and false finding")
    args = a.parse_args()
    binary = [args.binary, "activity"]
    for which in args.half:
        cameras = meva_data.load(args.data, which)
        truth, cut, found = [], [], {"atalaya": [], "ends": [], "speed": []}
        clips = set()
        with tempfile.TemporaryDirectory() as folder:
            for cam, segments in cameras.items():
                for s in segments:
                    s.disturb(args.seed)
                    clips.add(s.clip)
                    truth.extend((s.name, k, t0, t1) for k, t0, t1 in s.truth)
                    cut.extend((s.name, k, t0, t1) for k, t0, t1 in s.cut)
                found["atalaya"] += ours(binary, segments, folder, cam)
                ends, speed = baselines(segments)
                found["ends"] += ends
                found["speed"] += speed
        note = "settings were chosen on it" if which == "A" else "for scoring"
        print(f"\n## half {which}: {len(clips)} clips ({note}), seed {args.seed}\n")
        print("| kind | events | atalaya precision | its mean p | recall | ends precision | recall | speed precision | recall |")
        print("|---|---|---|---|---|---|---|---|---|")
        results = {who: match(truth, f, cut) for who, f in found.items()}
        for kind in KINDS:
            n = sum(t[1] == kind for t in truth)
            cells = []
            for who in ("atalaya", "ends", "speed"):
                hits, _, false = ([x for x in part if x[1] == kind] for part in results[who])
                if who == "speed" and kind not in ("stop", "start", "turn_left", "turn_right", "u_turn"):
                    cells += ["–", "–"]
                else:
                    cells += [wilson(len(hits), len(hits) + len(false)), wilson(len(hits), n)]
                if who == "atalaya":
                    p = [f[4] for f in found[who] if f[1] == kind]
                    cells.insert(1, f"{np.mean(p):.2f}" if p else "–")
            print(f"| {kind} | {n} | " + " | ".join(cells) + " |")
        hits, misses, false = results["atalaya"]
        for kind in KINDS:
            n = sum(t[1] == kind for t in truth)
            if not args.list and n >= FEW:
                continue
            print(f"\n{kind} ({n}):")
            for label, part in (("hit", hits), ("miss", misses), ("false", false)):
                rows = sorted(x for x in part if x[1] == kind)
                for x in rows[: None if args.list else 12]:
                    extra = f" p {x[4]:.2f}" if label == "false" else ""
                    print(f"  {label} {x[0]} {x[2]:.1f}–{x[3]:.1f} s{extra}")
                if len(rows) > 12 and not args.list:
                    print(f"  … {len(rows) - 12} more of {label}")


main()
