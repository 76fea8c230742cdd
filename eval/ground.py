"""Where pictures lie on the ground: `atalaya footprint` against what recordings report, and against truth.

    python eval/ground.py ATALAYA POSES OUT [FOLDER]

POSES is the example of that name of `sim` (metadata of many flights without pictures), OUT a folder for
what is written, FOLDER recordings with metadata (../shared/data/fmv). For each of these that reports frame
centres: the distance to the centre computed from position, angles and field of view alone, metres and
percent of slant range. For simulated flights: how often the ellipses of 50 and 90 % hold the true centre.
"""

import json
import math
import pathlib
import subprocess
import sys

WORLDS = 400
FIRST = 500_000
GROUND_HAE_M = 672.0
A, E2 = 6378137.0, 6.69437999014e-3


def footprint(binary, path, *options):
    done = subprocess.run(
        [binary, "footprint", str(path), *options], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{path}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def recordings(binary, folder):
    for path in sorted(folder.glob("*")):
        if path.suffix not in (".ts", ".klv", ".bin"):
            continue
        for options in ([], ["--north", "auto"]):
            rows, said = footprint(binary, path, *options)
            off = [r["reported"]["percent"] for r in rows if r["reported"] and r["centre"]]
            if not off:
                break
            if min(off) > 100:
                print(f"{path.name}: {len(off)} centres are nowhere near their sensors: made-up values")
                break
            for line in said.splitlines()[1:]:
                print(" ".join([line.replace(str(path), path.name), *options]))
            surfaces = sorted({r["surface"] for r in rows if r["surface"]})
            print(f"{path.name}: ground taken: {', '.join(surfaces)}")
            if "north better" not in said:
                break


def metres(lat, lon, lat0, lon0):
    lat0 = math.radians(lat0)
    w = 1 - E2 * math.sin(lat0) ** 2
    north = math.radians(lat) - lat0
    east = math.radians(lon - lon0)
    return east * A / math.sqrt(w) * math.cos(lat0), north * A * (1 - E2) / w**1.5


def simulated(binary, poses, out):
    klv = out / "poses.klv"
    done = subprocess.run(
        [poses, str(FIRST), str(WORLDS), str(klv)],
        capture_output=True,
        text=True,
        check=True,
    )
    truth = [line.split() for line in done.stdout.splitlines()]
    rows, _ = footprint(
        binary, klv, "--size", "1280x720", "--ellipsoid", str(GROUND_HAE_M),
        "--ground-sigma", "0", "--errors", done.stderr.strip(),
    )
    assert len(rows) == len(truth)
    off, d2 = [], []
    for row, (_, _, lat, lon) in zip(rows, truth):
        c = row["centre"]
        x, y = metres(c["lat"], c["lon"], float(lat), float(lon))
        s = [a + b for a, b in zip(c["cov_random"], c["cov_common"])]
        det = s[0] * s[3] - s[1] * s[2]
        d2.append((s[3] * x * x - (s[1] + s[2]) * x * y + s[0] * y * y) / det)
        off.append(math.hypot(x, y))
    n = len(off)
    off.sort()
    share = lambda p: sum(d <= -2 * math.log(1 - p) for d in d2) / n
    # Samples of a world share its errors: the worlds count.
    se = lambda p: math.sqrt(p * (1 - p) / WORLDS)
    print(
        f"simulated: {n} frame centres of {WORLDS} flights: off by median {off[n // 2]:.2f} m, "
        f"p95 {off[int(0.95 * n)]:.2f} m; the 50 % ellipse holds {100 * share(0.5):.1f} %, "
        f"the 90 % ellipse {100 * share(0.9):.1f} % (to {100 * se(0.5):.1f} and {100 * se(0.9):.1f})"
    )


def main():
    binary, poses, out = sys.argv[1:4]
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    simulated(binary, poses, out)
    folder = pathlib.Path(sys.argv[4] if len(sys.argv) > 4 else "../shared/data/fmv")
    if folder.is_dir():
        recordings(binary, folder)
    else:
        print(f"{folder} is not there: recordings not measured")


main()
