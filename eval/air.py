"""Real aircraft and spoofed ones: who is doubted, who turns around a place.

    eval/air.py ATALAYA DATA_DIR [--half A|B] [--each 30] [--seed 101] [--out DIR]

DATA_DIR holds traffic_calfire.json.gz (aircraft over fires, a report every 20 to 60 s) and
traffic_noisy_spoofing.json.gz (one airliner whose navigation was spoofed). Flights are divided in two
halves by their name: limits were looked at on half A, half B is what is reported.

False doubts: real flights in which anything is doubted. Spoofed tracks: real flights of the half, changed
in seven ways under addresses of their own and mixed into the real ones; an eighth, `ghost`, is invented
from scratch and contradicts nothing: it can't be found, and shows where this ends. Loiters have no truth
in the data; beside them stands another definition, by the winding of places around a middle instead of
headings, and flights that go straight from one place to another. Standard library only.
"""

import argparse
import gzip
import json
import math
import pathlib
import random
import statistics
import subprocess
import zlib
from collections import defaultdict

DEGREE_M = 111_195.0
KNOT = 1852.0 / 3600.0
KINDS = ["jump", "twin", "frozen", "replay", "speed", "climb", "drift", "ghost"]
# What says that a kind was found for its own reason.
REASONS = {
    "jump": {"jump"}, "twin": {"two_places", "jump"}, "frozen": {"frozen", "motion"}, "replay": {"replayed"},
    "speed": {"motion", "speed"}, "climb": {"climb"}, "drift": {"motion"}, "ghost": set(),
}


def wilson(k, n, z=1.96):
    if n == 0:
        return "-"
    p, d = k / n, 1 + z * z / n
    mid, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return f"{k} of {n} ({(mid - half) / d:.2f}-{(mid + half) / d:.2f})"


def half_of(name):
    return "AB"[zlib.crc32(name.encode()) % 2]


def metres(a, b):
    e = (b["longitude"] - a["longitude"]) * DEGREE_M * math.cos(math.radians((a["latitude"] + b["latitude"]) / 2))
    return e, (b["latitude"] - a["latitude"]) * DEGREE_M


def moved(r, e, n):
    lat = r["latitude"] + n / DEGREE_M
    return {**r, "latitude": lat, "longitude": r["longitude"] + e / (DEGREE_M * math.cos(math.radians(lat)))}


def spoof(kind, flight, rng):
    """A spoofed track made of a real flight, and when it begins to be one (ms)."""
    n = len(flight)
    begin = rng.randrange(n // 4, n // 2)
    t0 = flight[begin]["timestamp"]
    far = rng.uniform(2e4, 2e5)
    course = rng.uniform(0, 2 * math.pi)
    away = (far * math.sin(course), far * math.cos(course))
    if kind == "jump":
        return flight[:begin] + [moved(r, *away) for r in flight[begin:]], t0
    if kind == "twin":
        # Somebody else sends under its address, by turns with it.
        ghost = [{**moved(r, *away), "timestamp": r["timestamp"] + rng.randrange(1000, 9000)} for r in flight[begin:]]
        return sorted(flight + ghost, key=lambda r: r["timestamp"]), t0
    if kind == "frozen":
        at = {k: flight[begin][k] for k in ("latitude", "longitude")}
        return flight[:begin] + [{**r, **at} for r in flight[begin:]], t0
    if kind == "replay":
        later = rng.randrange(1800, 6 * 3600) * 1000
        again = [{**r, "timestamp": r["timestamp"] + later} for r in flight]
        return again, again[0]["timestamp"]
    if kind == "speed":
        # The way is flown in a half to a quarter of the time, at the speed that it was.
        k = rng.uniform(2.0, 4.0)
        return [{**r, "timestamp": int(flight[0]["timestamp"] + (r["timestamp"] - flight[0]["timestamp"]) / k)} for r in flight], flight[0]["timestamp"]
    if kind == "climb":
        up = rng.uniform(8000, 20000)
        return [{**r, "altitude": r["altitude"] + up * (i % 2) * (i >= begin)} for i, r in enumerate(flight)], t0
    if kind == "drift":
        # It is dragged off: slowly at first.
        v = rng.uniform(5.0, 60.0)
        off = lambda r: v * max(0.0, (r["timestamp"] - t0) / 1000.0)
        return [moved(r, off(r) * math.sin(course), off(r) * math.cos(course)) for r in flight], t0
    # An invented flight that does what it says.
    r = dict(flight[0])
    out, v, heading = [], rng.uniform(60, 120), course
    for _ in range(n):
        dt = rng.uniform(5.0, 20.0)
        heading += rng.gauss(0.0, 0.05)
        r = moved(r, v * dt * math.sin(heading), v * dt * math.cos(heading))
        r = {**r, "timestamp": int(r["timestamp"] + dt * 1000), "groundspeed": v / KNOT,
             "track": math.degrees(heading) % 360, "vertical_rate": 0, "altitude": 8000}
        out.append(r)
    return out, out[0]["timestamp"]


def run(binary, rows, path):
    path.write_text(json.dumps(rows))
    done = subprocess.run([binary, "air", path], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.strip()


def ms(text):
    from datetime import datetime

    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000.0


def winding(flight):
    """Stretches in which places wind at least one and a half times around their middle within ten minutes
    and 9 km: (from, until) in ms."""
    found = []
    for i in range(len(flight)):
        window = [r for r in flight[i:] if r["timestamp"] - flight[i]["timestamp"] <= 600_000]
        if len(window) < 8:
            continue
        lat = (min(r["latitude"] for r in window) + max(r["latitude"] for r in window)) / 2
        lon = (min(r["longitude"] for r in window) + max(r["longitude"] for r in window)) / 2
        points = [metres({"latitude": lat, "longitude": lon}, r) for r in window]
        if max(math.hypot(*p) for p in points) > 9000:
            continue
        total = 0.0
        for a, b in zip(points, points[1:]):
            total += math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])
        if abs(total) >= 1.5 * 2 * math.pi:
            found.append((window[0]["timestamp"], window[-1]["timestamp"]))
    merged = []
    for a, b in found:
        if merged and a <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], b)
        else:
            merged.append([a, b])
    return merged


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    a.add_argument("binary")
    a.add_argument("data", type=pathlib.Path)
    a.add_argument("--half", default="B", choices=["A", "B"])
    a.add_argument("--each", type=int, default=30)
    a.add_argument("--seed", type=int, default=101)
    a.add_argument("--out", default="out/eval/air")
    args = a.parse_args()
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    rows = json.load(gzip.open(args.data / "traffic_calfire.json.gz"))
    flights = defaultdict(list)
    for r in rows:
        # Each flight under an address of its own, so that what is said of one is not said of another.
        if half_of(r["flight_id"]) == args.half:
            flights[r["flight_id"]].append({**r, "icao24": r["flight_id"].lower()[:16]})
    for f in flights.values():
        f.sort(key=lambda r: r["timestamp"])
    flights = {f[0]["icao24"]: f for f in flights.values()}
    real = [r for f in flights.values() for r in f]
    hours = sum((f[-1]["timestamp"] - f[0]["timestamp"]) for f in flights.values()) / 3.6e6
    events, said = run(args.binary, real, out / "real.json")
    print(f"Half {args.half}: {len(flights)} flights, {len(real)} reports, {hours:.0f} h; {said}\n")
    doubts = [e for e in events if e["kind"] == "doubt"]
    doubted = {e["aircraft"] for e in doubts}
    print(f"flights doubted: {wilson(len(doubted), len(flights))}")
    for e in doubts:
        print(f"  {e['time']} {e['aircraft']}: {e['doubt']}: {e['reason']}")

    rng = random.Random(args.seed)
    long = [f for k, f in flights.items() if len(f) >= 40 and k not in doubted]
    print(f"\nSpoofed tracks, {args.each} of each kind, seed {args.seed}; each kind is mixed into the {len(flights)} real flights by itself\n")
    print("| kind | doubted (95 % interval) | for its own reason | median delay, s | real flights doubted |\n|---|---|---|---:|---|")
    for kind in KINDS:
        mixed, truth = list(real), {}
        for i in range(args.each):
            track, truth[f"{kind}-{i}"] = spoof(kind, rng.choice(long), rng)
            mixed += [{**r, "icao24": f"{kind}-{i}"} for r in track]
        mixed.sort(key=lambda r: r["timestamp"])
        found = defaultdict(list)
        for e in run(args.binary, mixed, out / "mixed.json")[0]:
            if e["kind"] == "doubt":
                found[e["aircraft"]].append(e)
        caught = [a for a in truth if found[a]]
        own = sum(any(e["doubt"] in REASONS[kind] for e in found[a]) for a in caught)
        delay = [(min(ms(e["time"]) for e in found[a]) - truth[a]) / 1000.0 for a in caught]
        mid = f"{statistics.median(delay):.0f}" if delay else "-"
        after = len(set(found) & set(flights))
        print(f"| {kind} | {wilson(len(caught), len(truth))} | {own} | {mid} | {after} |", flush=True)

    noisy = json.load(gzip.open(args.data / "traffic_noisy_spoofing.json.gz"))
    ids = [k for k in noisy["timestamp"] if noisy["latitude"].get(k) is not None]
    track = sorted(({c: noisy[c].get(k) for c in noisy} for k in ids), key=lambda r: r["timestamp"])
    impossible = [b["timestamp"] for a, b in zip(track, track[1:])
                  if math.hypot(*metres(a, b)) > 400.0 * max(b["timestamp"] - a["timestamp"], 1000) / 1000.0 + 500.0]
    events, said = run(args.binary, track, out / "noisy.json")
    print(f"\nThe spoofed airliner: {said}; {len(impossible)} steps faster than 400 m/s, the first after "
          f"{(impossible[0] - track[0]['timestamp']) / 1000:.0f} s" if impossible else "")
    for e in events:
        when = (ms(e["time"]) - track[0]["timestamp"]) / 1000.0
        print(f"  after {when:.0f} s: {e.get('doubt', e['kind'])}: {e.get('reason', '')}")

    loiters = [e for e in run(args.binary, real, out / "real.json")[0] if e["kind"] == "loiter"]
    by = defaultdict(list)
    for e in loiters:
        by[e["aircraft"]].append((ms(e["time"]), ms(e["time_end"])))
    hit = total = right = 0
    for name, f in flights.items():
        other = winding(f)
        overlaps = lambda x, ys: any(x[0] < y[1] and y[0] < x[1] for y in ys)
        total += len(other)
        hit += sum(overlaps(w, by[name]) for w in other)
        right += sum(overlaps(x, other) for x in by[name])
    straight = wrong = 0
    for name, f in flights.items():
        way = sum(math.hypot(*metres(x, y)) for x, y in zip(f, f[1:]))
        if len(f) >= 10 and way > 2e4 and math.hypot(*metres(f[0], f[-1])) > 0.8 * way:
            straight += 1
            wrong += bool(by[name])
    print(f"\nLoiters: {len(loiters)} in {sum(1 for v in by.values() if v)} flights, "
          f"{sum(not e['believed'] for e in loiters)} of doubted aircraft")
    print(f"stays by winding that are found: {wilson(hit, total)}; loiters that wind: {wilson(right, len(loiters))}")
    print(f"flights that go straight, with a loiter: {wilson(wrong, straight)}")
    if loiters:
        print(f"median {statistics.median(e['turns'] for e in loiters):.1f} turns, radius "
              f"{statistics.median(e['radius_m'] for e in loiters) / 1000:.1f} km, "
              f"{statistics.median(ms(e['time_end']) - ms(e['time']) for e in loiters) / 6e4:.0f} minutes")


if __name__ == "__main__":
    main()
