#!/usr/bin/env python3
"""Memory and speed of `atalaya emission --stream` over a long recording, and its last record beside that of one go.

    python3 eval/emission_memory.py target/debug/atalaya ../shared/data/gas/metec [--svg docs/images/emission-memory.svg]

Reads METEC's four days (43,200 readings), which the program first reads as a whole: that is where the curve begins. Every record rests
on the readings so far. Needs nothing but Python's own library, and Linux.
"""

import argparse
import resource
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from emission import SITE, tables


def resident(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return None


def seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def picture(points, records, count):
    wide, high, edge = 640, 240, 40
    top = 1.2 * max(m for _, m in points)
    at = lambda n, m: f"{edge + (wide - 2 * edge) * n / records:.1f},{high - edge - (high - 2 * edge) * m / top:.1f}"
    line = " ".join(at(n, m) for n, m in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="12">'
        f'<rect width="{wide}" height="{high}" fill="white"/><polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>'
        f'<path d="M{edge},{edge} V{high - edge} H{wide - edge}" fill="none" stroke="#333"/>'
        f'<text x="{edge}" y="{edge - 8}">resident memory, MiB: the axis ends at {top:.0f}</text>'
        f'<text x="{wide - edge}" y="{high - edge + 20}" text-anchor="end">{count} readings of METEC</text></svg>\n'
    )


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("binary")
    p.add_argument("folder", type=Path)
    p.add_argument("--svg", type=Path)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as out:
        out = Path(out)
        count, _, _ = tables(a.folder, out)
        command = [a.binary, "emission", "--obs", str(out / "obs.csv"), "--met", str(out / "met.csv"), SITE,
                   "--candidates", str(a.folder / "candidate_sources.csv")]
        whole = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        once = seconds()
        run = subprocess.Popen([*command, "--stream"], stdout=subprocess.PIPE, text=True)
        said, tail = [0], [""]

        def follow():
            for line in run.stdout:
                said[0] += 1
                tail[0] = line

        thread = threading.Thread(target=follow)
        thread.start()
        points = []
        while run.poll() is None:
            try:
                mib = resident(run.pid)
            except (FileNotFoundError, ProcessLookupError):
                break
            if mib is not None and said[0]:
                points.append((said[0], mib))
            time.sleep(0.25)
        thread.join()
        if run.wait():
            raise SystemExit(run.returncode)
    streamed = seconds() - once
    print("| share of the stream | least resident memory, MiB | greatest, MiB |\n|---|---:|---:|")
    for tenth in range(0, 10, 2):
        part = [m for n, m in points if tenth <= 10 * n / said[0] < tenth + 2]
        if part:
            print(f"| {10 * tenth}–{10 * tenth + 20} % | {min(part):.0f} | {max(part):.0f} |")
    same = "the same bytes as" if tail[0] == whole else "another than"
    print(f"\n{count} readings: in one go {once:.1f} processor s ({count / once:.0f} a second), with a record for each of {said[0]} moments "
          f"{streamed:.1f} ({count / streamed:.0f} a second); the last record is {same} that of one go")
    if a.svg:
        a.svg.write_text(picture(points, said[0], count))


if __name__ == "__main__":
    main()
