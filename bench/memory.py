"""Watches the memory of a process: a sample every 10 s to a table and a picture.

usage: memory.py PID MINUTES FILE.csv FILE.png

Prints a Markdown table: resident memory after a tenth of the time, at the end and at most, and the
slope of a straight line through the second half, so that a leak shows as a number. Once for all that
is resident, once for what is the process's own (without the pages of its program and libraries).
"""

import sys
import time

STEP_S = 10.0


def resident_mib(pid: int) -> tuple[float, float]:
    """All that is resident, and what of it is the process's own."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        sizes = {line.split(":")[0]: line.split()[1] for line in status if line.endswith(" kB\n")}
    if "VmRSS" not in sizes:
        raise ProcessLookupError(f"process {pid} is gone")
    return int(sizes["VmRSS"]) / 1024.0, int(sizes["RssAnon"]) / 1024.0


def slope(samples: list[tuple[float, float]]) -> float:
    """MiB an hour by least squares."""
    n = len(samples)
    mt = sum(t for t, _ in samples) / n
    mv = sum(v for _, v in samples) / n
    spread = sum((t - mt) ** 2 for t, _ in samples)
    return 3600.0 * sum((t - mt) * (v - mv) for t, v in samples) / spread if spread > 0 else 0.0


def plot(samples: list[tuple[float, float, float]], path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.2))
    minutes = [s[0] / 60.0 for s in samples]
    axes.plot(minutes, [s[1] for s in samples], linewidth=1.2, label="all")
    axes.plot(minutes, [s[2] for s in samples], linewidth=1.2, label="the process's own")
    axes.legend(loc="lower right")
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
    samples: list[tuple[float, float, float]] = []
    with open(table, "w", encoding="ascii") as rows:
        rows.write("t_s,rss_mib,own_mib\n")
        while True:
            t = time.monotonic() - start
            samples.append((t, *resident_mib(pid)))
            rows.write(f"{t:.0f},{samples[-1][1]:.1f},{samples[-1][2]:.1f}\n")
            rows.flush()
            if t >= minutes * 60.0:
                break
            time.sleep(min(STEP_S, max(0.1, minutes * 60.0 - t)))
    plot(samples, picture)
    print(f"| live feed, {minutes:g} min | MiB after a tenth | at the end | at most | second half, MiB/h |")
    print("|---|---|---|---|---|")
    for what, column in [("resident, all", 1), ("the process's own", 2)]:
        values = [(s[0], s[column]) for s in samples]
        early, end = values[len(values) // 10][1], values[-1][1]
        most, late = max(v for _, v in values), values[len(values) // 2 :]
        print(f"| {what} | {early:.0f} | {end:.0f} | {most:.0f} | {slope(late):+.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
