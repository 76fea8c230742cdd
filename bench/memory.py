"""Watches the memory of a process: a sample every 10 s to a table and a picture.

usage: memory.py PID MINUTES FILE.csv FILE.png

Prints a Markdown table: resident memory after a tenth of the time, at the end and at most, and the
slope of a straight line through the second half, so that a leak shows as a number.
"""

import sys
import time

STEP_S = 10.0


def resident_mib(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024.0
    raise ProcessLookupError(f"process {pid} is gone")


def slope(samples: list[tuple[float, float]]) -> float:
    """MiB an hour by least squares."""
    n = len(samples)
    mt = sum(t for t, _ in samples) / n
    mv = sum(v for _, v in samples) / n
    spread = sum((t - mt) ** 2 for t, _ in samples)
    return 3600.0 * sum((t - mt) * (v - mv) for t, v in samples) / spread if spread > 0 else 0.0


def plot(samples: list[tuple[float, float]], path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.2))
    axes.plot([t / 60.0 for t, _ in samples], [v for _, v in samples], linewidth=1.2)
    axes.set_xlabel("minutes of live feed")
    axes.set_ylabel("resident memory, MiB")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> int:
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    pid, minutes, table, picture = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4]
    start = time.monotonic()
    samples: list[tuple[float, float]] = []
    with open(table, "w", encoding="ascii") as rows:
        rows.write("t_s,rss_mib\n")
        while True:
            t = time.monotonic() - start
            samples.append((t, resident_mib(pid)))
            rows.write(f"{t:.0f},{samples[-1][1]:.1f}\n")
            rows.flush()
            if t >= minutes * 60.0:
                break
            time.sleep(min(STEP_S, max(0.1, minutes * 60.0 - t)))
    plot(samples, picture)
    early = samples[len(samples) // 10][1]
    late = samples[len(samples) // 2 :]
    print("| live feed, min | MiB after a tenth | at the end | at most | second half, MiB/h |")
    print("|---|---|---|---|---|")
    most = max(v for _, v in samples)
    print(f"| {minutes:g} | {early:.0f} | {samples[-1][1]:.0f} | {most:.0f} | {slope(late):+.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
