"""Visits: fixes a second beside MovingPandas and trackintel, and memory over a long stream.

    python bench/activity.py BIN VISITS DATA OUT [--repeats 20] [--fixes 50000000]

BIN is atalaya, VISITS the example of that name of atalaya-activity, DATA the folder with meva_gps.csv.gz. Everything runs on one core
(taskset where there is one). The peers do what comes nearest: MovingPandas finds stops, and clips trajectories by
the four zones; trackintel makes staypoints. None of them has a visit with hysteresis in space and time, nor
streams.
"""
import argparse
import gzip
import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time
import warnings

PEER_FIXES = 35_000
SUBJECTS = 10_000
STEPS = 64


def one_core():
    """A prefix that keeps a command on one core."""
    return ["taskset", "-c", "0"] if shutil.which("taskset") else []


def repeated(source, path, repeats):
    """The table `repeats` times, every time with other subjects."""
    with gzip.open(source, "rt") as f:
        header, *rows = f.read().splitlines()
    split = [r.split(",", 2) for r in rows]
    with open(path, "w") as out:
        out.write(header + "\n")
        for k in range(repeats):
            out.write("".join(f"{t},{who}-{k},{rest}\n" for t, who, rest in split))
    return len(rows) * repeats


def whole(binary, table, zones, more):
    """Wall time of the command."""
    begin = time.perf_counter()
    run = [*one_core(), binary, "activity", "--tracks", table, "--zones", zones, "--map", "time=t_utc", *more]
    subprocess.run([*run, "--out", "/dev/null"], check=True)
    return time.perf_counter() - begin


def peers(data, zones):
    """Fixes a second of the Python packages, on the first fixes of one day."""
    warnings.filterwarnings("ignore")
    import geopandas
    import movingpandas
    import pandas
    import shapely
    import trackintel

    rows = pandas.read_csv(os.path.join(data, "meva_gps.csv.gz")).head(PEER_FIXES)
    rows["t"] = pandas.to_datetime(rows.t_utc)
    points = geopandas.points_from_xy(rows.lon, rows.lat)
    frame = geopandas.GeoDataFrame(rows[["id", "t"]], geometry=points, crs=4326).to_crs(32616)
    shapes = []
    for f in json.load(open(zones))["features"]:
        centre = geopandas.GeoSeries([shapely.Point(f["geometry"]["coordinates"])], crs=4326).to_crs(32616)
        shapes.append(centre.iloc[0].buffer(f["properties"]["radius_m"]))
    result = {}
    naive = frame.assign(t=frame.t.dt.tz_localize(None)).set_index("t")
    trajectories = movingpandas.TrajectoryCollection(naive, traj_id_col="id")
    begin = time.perf_counter()
    detector = movingpandas.TrajectoryStopDetector(trajectories)
    stops = detector.get_stop_points(max_diameter=50, min_duration=pandas.Timedelta(seconds=60))
    result[f"MovingPandas {movingpandas.__version__}, stops"] = (len(frame) / (time.perf_counter() - begin), len(stops))
    begin = time.perf_counter()
    clips = sum(len(trajectories.clip(s)) for s in shapes)
    result[f"MovingPandas {movingpandas.__version__}, clips by four zones"] = (len(frame) / (time.perf_counter() - begin), clips)
    fixes = frame.rename(columns={"id": "user_id", "t": "tracked_at"}).rename_geometry("geom")
    begin = time.perf_counter()
    fixes = trackintel.Positionfixes(fixes)
    _, staypoints = fixes.generate_staypoints(method="sliding", dist_threshold=50, time_threshold=1)
    result[f"trackintel {trackintel.__version__}, staypoints"] = (len(frame) / (time.perf_counter() - begin), len(staypoints))
    return result


def blocks(fixes):
    """A stream of `SUBJECTS` that go in and out of the first zone and past it, a fix each a second."""
    templates = []
    for k in range(STEPS):
        rows = []
        for i in range(SUBJECTS):
            a = 2 * math.pi * (k / STEPS + i / SUBJECTS)
            lat = 39.0505611 + 0.0004 * (1 + i % 7) * (1 + math.cos(a))
            lon = -85.5288163 + 0.0006 * math.sin(a)
            rows.append(f"@,s{i:05d},{lat:.6f},{lon:.6f},250.0,1.0\n")
        templates.append("".join(rows).encode())
    for step in range(fixes // SUBJECTS):
        yield templates[(step // 8) % STEPS].replace(b"@", str(1_700_000_000 + step).encode())


def memory(binary, zones, fixes, more):
    """Resident memory while a long stream goes through the command."""
    command = [*one_core(), binary, "activity", "--tracks", "-", "--zones", zones, "--map", "time=t_utc", "--late", "5s", *more]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    events = [0]

    def count():
        while chunk := child.stdout.read(1 << 16):
            events[0] += chunk.count(b"\n")

    reader = threading.Thread(target=count)
    reader.start()
    child.stdin.write(b"t_utc,id,lat,lon,ele_m,hdop\n")
    table, begin, sent = [], time.perf_counter(), 0
    every = max(fixes // 20, SUBJECTS)
    for block in blocks(fixes):
        child.stdin.write(block)
        sent += SUBJECTS
        if sent % every < SUBJECTS:
            status = open(f"/proc/{child.pid}/status").read()
            kib = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith("Vm")}
            table.append((sent, int(kib["VmRSS"]) / 1024, int(kib["VmHWM"]) / 1024, time.perf_counter() - begin))
    child.stdin.close()
    child.wait()
    reader.join()
    if child.returncode:
        sys.exit(f"atalaya ended with {child.returncode}")
    return table, events[0], time.perf_counter() - begin


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("binary")
    a.add_argument("visits")
    a.add_argument("data")
    a.add_argument("out")
    a.add_argument("--repeats", type=int, default=20)
    a.add_argument("--fixes", type=int, default=50_000_000)
    args = a.parse_args()
    os.makedirs(args.out, exist_ok=True)
    zones = os.path.join(args.data, "meva_zones.geojson")
    one, many = (os.path.join(args.out, n) for n in ("gps.csv", "gps_many.csv"))
    repeated(os.path.join(args.data, "meva_gps.csv.gz"), one, 1)
    n = repeated(os.path.join(args.data, "meva_gps.csv.gz"), many, args.repeats)
    run = [*one_core(), args.visits, one, zones, str(args.repeats)]
    ours = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    rates = {
        "Atalaya, reading rows": (ours["rows_per_s"], ""),
        "Atalaya, visits of fixes in memory": (ours["visits_per_s"], ours["events"]),
        "Atalaya, the same with subjects by name": (ours["visits_by_name_per_s"], ours["events"]),
        "Atalaya, whole command": (n / whole(args.binary, many, zones, []), ""),
        "Atalaya, whole command, --composed": (n / whole(args.binary, many, zones, ["--composed"]), ""),
    }
    rates.update(peers(args.data, zones))
    print(f"MEVA GPS {args.repeats} times with other subjects, {n} fixes, four zones, one core; peers: its first {PEER_FIXES} fixes\n")
    print("| what | fixes/s | found |")
    print("|---|---|---|")
    for what, (rate, found) in rates.items():
        print(f"| {what} | {rate:,.0f} | {found} |")
    c = ours["crowd"]
    print(f"\n{c['tracks']:,} tracks at once in {c['zones']:,} zones at {c['hz']} Hz, {c['simulated_s']:.0f} s of them: visits "
          f"{c['visits_times_real_time']:.0f} times real time, with composed events {c['visits_and_composed_times_real_time']:.1f} times "
          f"(slowest step of 200 ms: {c['slowest_step_ms']:.0f} ms, when all begin at once)\n")
    for more in ([], ["--composed"]):
        fixes = args.fixes if not more else args.fixes // 10
        table, events, took = memory(args.binary, zones, fixes, more)
        print(f"`activity --late 5s {' '.join(more)}`: {fixes:,} fixes of {SUBJECTS:,} subjects in {took:.0f} s ({fixes / took:,.0f} fixes/s with what "
              f"writes them), {events:,} events\n")
        print("| fixes sent | resident MiB | peak MiB | s |")
        print("|---|---|---|---|")
        for sent, now, peak, at in table:
            print(f"| {sent:,} | {now:.1f} | {peak:.1f} | {at:.0f} |")
        print()


main()
