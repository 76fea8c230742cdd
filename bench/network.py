"""Loads and measures a large network and resolves a long list of names: time and memory.

usage: network.py BINARY DIR [--nodes 100000] [--links 1000000] [--names 100000] [--sample 256]
       [--exact] [--only measure|dismantle|resolve]

The network is random: half of the links as Erdős–Rényi, half with one end drawn by degree, so that
it has hubs. Betweenness is estimated from --sample sources and named so; --exact counts all, which
takes long. Prints Markdown; inputs and outputs stay in DIR.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

GIVEN = "José Juan Luis Carlos Francisco Antonio Manuel Jesús Miguel Ángel María Carmen Ana Rosa Elena Pilar".split()
SYLLABLES = "ba be ca co cu de di fa fe ga go gu la le lo ma me mi mo na no pa pe ra re ri ro sa se so ta te to va ve za".split()


def network(path: Path, nodes: int, links: int) -> None:
    draw = random.Random(1)
    seen: set[tuple[int, int]] = set()
    ends: list[int] = []
    while len(seen) < links:
        a = draw.randrange(nodes)
        b = draw.choice(ends) if ends and len(seen) % 2 else draw.randrange(nodes)
        if a != b and (min(a, b), max(a, b)) not in seen:
            seen.add((min(a, b), max(a, b)))
            ends += [a, b]
    with open(path, "w", encoding="utf-8") as out:
        out.write("source,target,weight,kind,time\n")
        for i, (a, b) in enumerate(sorted(seen)):
            out.write(f"entity-{a},entity-{b},{1 + i % 5},visit,2026-01-{1 + i % 28:02}T12:00:00Z\n")


def names(path: Path, count: int) -> None:
    """Given names as frequent as in life, surnames from a long tail; every tenth a variant of the one before."""
    draw = random.Random(2)
    surnames = ["".join(draw.choice(SYLLABLES) for _ in range(draw.randint(2, 4))).capitalize() for _ in range(5000)]
    last = ""
    with open(path, "w", encoding="utf-8") as out:
        out.write("id,name\n")
        for i in range(count):
            if i % 10 == 9:
                name = last.upper().replace("Á", "A").replace("É", "E").replace("Ú", "U")
            else:
                given = [draw.choice(GIVEN) for _ in range(draw.randint(1, 2))]
                two = [surnames[int(draw.random() ** 2 * len(surnames))] for _ in range(2)]
                name = last = " ".join(given + two)
            out.write(f"{i},{name}\n")


def timed(command: list[str], output: Path) -> tuple[float, float, float, str]:
    """Wall seconds, processor seconds, peak MiB, standard error."""
    start = time.monotonic()
    with open(output, "wb") as out, open(output.with_suffix(".log"), "w+b") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        err.seek(0)
        said = err.read().decode()
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(said)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024.0, said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("dir", type=Path)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=256)
    parser.add_argument("--exact", action="store_true")
    parser.add_argument("--only", choices=["measure", "dismantle", "resolve"])
    a = parser.parse_args()
    a.dir.mkdir(parents=True, exist_ok=True)
    edges, people = a.dir / "edges.csv", a.dir / "names.csv"
    if not edges.exists():
        network(edges, a.nodes, a.links)
    if not people.exists():
        names(people, a.names)
    size = f"{a.nodes} nodes, {a.links} links"
    sampled = ["--sample", str(a.sample)]
    runs = [
        ("measure", f"load, components, communities: {size}", ["communities", str(edges)]),
        ("measure", f"all measures, betweenness estimated from {a.sample} sources", ["measure", "--more", *sampled, str(edges)]),
        ("dismantle", f"dismantle: {size}", ["dismantle", str(edges)]),
        ("resolve", f"resolve {a.names} names", ["resolve", str(people)]),
    ]
    if a.exact:
        runs.insert(2, ("measure", "all measures, betweenness exact", ["measure", "--more", str(edges)]))
    print("| what | wall, s | processor, s | most memory, MiB |\n|---|---:|---:|---:|")
    for i, (kind, what, arguments) in enumerate(runs):
        if a.only not in (None, kind):
            continue
        wall, cpu, mib, said = timed([a.binary, "network", *arguments], a.dir / f"{i}-{kind}.csv")
        print(f"| {what} | {wall:.1f} | {cpu:.1f} | {mib:.0f} |", flush=True)
        print(said, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
