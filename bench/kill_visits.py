"""Kills a live run with SIGKILL in the middle of visits, a hundred times, and looks at what is left.

    bench/kill_visits.py ATALAYA [--times 100] [--seed 1] [--world 5] [--duration 150] [--out DIR]

A simulated world with known visits is played in a loop over the loopback, and goes on playing while
`atalaya serve` is killed at random moments at which, by the truth, somebody is in a zone, and started again
on the same store. While it runs, events are asked for over the API. Then, for every killed run:

- said: an event that the API has given must be in the store (lost, if not);
- replayed: the run's segments and admission log are replayed; what is stored must be what the replay says
  (invented, if not), and what the replay says and the store lacks is what was under way at the kill;
- doubled: no two runs may tell of the same moment, and no event id may be there twice in a run.

Arrivals and departures are compared with the truth too, where the run was up. Exits 1 if anything is lost,
invented or doubled. Standard library only.
"""

import argparse
import json
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import datetime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "eval"))
from station import free_port  # noqa: E402

PORT = free_port()


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def play(args, world, port):
    """Renders the world and plays it in a loop; gives the process once it plays."""
    command = [args.binary, "sim", "compound", "--seed", str(args.world), "--duration", str(args.duration)]
    command += ["--density", "busy", "--no-thermal", "--out", world, "--udp", f"127.0.0.1:{port}"]
    p = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in p.stderr:
        if "Ctrl-C stops" in line:
            threading.Thread(target=p.stderr.read, daemon=True).start()
            return p, time.time()
    raise SystemExit("the world is not played; run it by hand to see why: " + " ".join(map(str, command)))


def visits(world):
    """Truth: (kind, zone, time) of arrivals and departures, and stretches in which somebody is in a zone."""
    rows = [json.loads(line) for line in (world / "truth" / "events.jsonl").read_text().splitlines()]
    moves = [(e["kind"], e["zone"], seconds(e["time"])) for e in rows if e["kind"] in ("arrival", "departure")]
    stays, inside = [], {}
    for e in sorted(rows, key=lambda e: e["time"]):
        who = (e["zone"], tuple(e["subjects"]))
        if e["kind"] == "arrival":
            inside[who] = seconds(e["time"])
        elif e["kind"] == "departure" and who in inside:
            stays.append((inside.pop(who), seconds(e["time"])))
    start = seconds(json.loads((world / "truth" / "world.json").read_text())["start"])
    return moves, stays, start


class Run:
    """`atalaya serve`, and what its API has said."""

    def __init__(self, args, operation, store):
        self.port = free_port()
        command = [args.binary, "serve", operation, "--dir", store, "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if "receiving on" in line:
                break
        else:
            raise SystemExit("it did not start; run it by hand: " + " ".join(map(str, command)))
        self.said = set()

    def ask(self):
        url = f"http://127.0.0.1:{self.port}/api/v1/events?limit=1000"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                body = json.load(answer)
        except (OSError, urllib.error.URLError):
            return
        for e in body if isinstance(body, list) else body["events"]:
            self.said.add((e.get("run"), (e.get("event") or e)["id"]))


def look(args, out):
    """Looks at what is left of the runs in a folder, and prints it."""
    world, store, operation = out / "world", out / "store", out / "world" / "live.toml"
    moves, _, start = visits(world)
    known = json.loads((out / "state.json").read_text())
    kills, within, began = known["kills"], known["within"], known["began"]
    said = {tuple(pair) for pair in known["said"]}
    db = sqlite3.connect(f"file:{store / 'atalaya.db'}?mode=ro", uri=True)
    sound = db.execute("PRAGMA integrity_check").fetchone()[0]
    stored = {}
    for r, event_id, body in db.execute("SELECT run, id, body FROM event"):
        stored.setdefault(r, {})[event_id] = json.loads(body)
    ends = {r: (a / 1e6, b / 1e6) for r, a, b in db.execute("SELECT run, min(t0), max(t1) FROM segment GROUP BY run")}
    present = {(r, i) for r, events in stored.items() for i in events}
    lost = {(r, i) for r, i in said if not ((r, i) in present if r else any(i in e for e in stored.values()))}

    invented, under_way, behind, unreadable = [], [], [], []
    for folder in sorted((store / "segments").iterdir()):
        path = out / "replayed.jsonl"
        path.unlink(missing_ok=True)
        done = subprocess.run([args.binary, "replay", operation, folder, "--events", path], capture_output=True, text=True)
        if done.returncode:
            unreadable.append(f"{folder.name}: {done.stderr.strip()}")
            continue
        again = {e["id"]: e for e in map(json.loads, path.read_text().splitlines())}
        mine = stored.get(folder.name, {})
        if folder.name == max(ends):
            # It ended in order: what was said at its end is not told frame by frame.
            mine = {i: e for i, e in mine.items() if i in again or e["kind"] != "lost"}
        invented += [(folder.name, i) for i in mine if i not in again or again[i]["time"] != mine[i]["time"]]
        for i, e in again.items():
            if i not in mine:
                under_way.append((folder.name, i))
                behind.append(ends[folder.name][1] - seconds(e["decided_at"]))
    order = sorted((spans, r) for r, spans in ends.items())
    overlap = sum(b[0][0] < a[0][1] for a, b in zip(order, order[1:]))
    moments = Counter((e["kind"], e["zone"], tuple(e["subjects"]), e["time"]) for m in stored.values() for e in m.values())
    doubled = sum(n - 1 for n in moments.values())

    print("\n\n| kills | in a visit, by truth | runs | events stored | said by the API | lost | invented | doubled | runs that overlap | database |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|")
    print(f"| {kills} | {within} | {len(ends)} | {len(present)} | {len(said)} | {len(lost)} | {len(invented)} | {doubled} | {overlap} | {sound} |")
    worst = f"; decided up to {max(behind):.2f} s before the end of the recording (median {statistics.median(behind):.2f})" if behind else ""
    print(f"\nunder way at a kill, and told by the replay of its segments: {len(under_way)}{worst}")
    unsealed = sum(any(v.get("segment") is None for v in e["evidence"]) for m in stored.values() for e in m.values())
    print(f"events whose evidence names no segment: {unsealed}")

    # Where a run was up for some seconds before and behind, every true arrival and departure should be there once.
    print("\n| | true, while a run was up | told once | told twice | told and not true |\n|---|---:|---:|---:|---:|")
    for kind in ("arrival", "departure"):
        true = []
        for a, b in ends.values():
            first = int((a - began) // args.duration)
            for k in range(first, first + 3):
                for what, zone, t in moves:
                    t += began - start + k * args.duration
                    if what == kind and a + 2.0 < t < b - 2.0:
                        true.append((zone, t))
        told = [(e["zone"], seconds(e["time"])) for m in stored.values() for e in m.values() if e["kind"] == kind]
        left, once, twice = list(told), 0, 0
        for zone, t in sorted(true, key=lambda x: x[1]):
            near = sorted((abs(u - t), (z, u)) for z, u in left if z == zone and abs(u - t) < 3.0)
            if near:
                once += 1
                left.remove(near[0][1])
        for zone, t in true:
            others = [1 for z, u in left if z == zone and abs(u - t) < 1.0]
            twice += bool(others)
        print(f"| {kind}s | {len(true)} | {once} | {twice} | {len(left)} |")
    for line in unreadable:
        print(line)
    bad = lost or invented or doubled or overlap or unreadable or sound != "ok"
    raise SystemExit(1 if bad else 0)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    a.add_argument("binary")
    a.add_argument("--times", type=int, default=100)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--world", type=int, default=5)
    a.add_argument("--duration", type=float, default=150.0)
    a.add_argument("--out", default="out/bench/kill_visits")
    a.add_argument("--look", action="store_true", help="look at what an earlier call has left, kill nothing")
    args = a.parse_args()
    if args.look:
        look(args, pathlib.Path(args.out))
    rng = random.Random(args.seed)
    out = pathlib.Path(args.out)
    shutil.rmtree(out, ignore_errors=True)
    world, store = out / "world", out / "store"
    out.mkdir(parents=True)
    player, began = play(args, world, PORT)
    moves, stays, start = visits(world)
    text = (world / "operation.toml").read_text()
    text = re.sub(r'source = "eo.ts"', f'source = "udp://127.0.0.1:{PORT}"', text)
    text = re.sub(r'valid_until = ".*"', 'valid_until = "2036-01-01T00:00:00Z"', text)
    operation = world / "live.toml"
    operation.write_text(text)

    def inside():
        """Is somebody in a zone now, by the truth of the loop that plays?"""
        t = start + (time.time() - began) % args.duration
        return any(a + 1.0 < t < b - 0.5 for a, b in stays)

    said = set()
    within = 0
    state = out / "state.json"
    for n in range(args.times):
        run = Run(args, operation, store)
        until = time.monotonic() + rng.uniform(3.0, 9.0)
        limit = time.monotonic() + args.duration
        while time.monotonic() < until or (not inside() and time.monotonic() < limit):
            run.ask()
            time.sleep(rng.uniform(0.05, 0.3))
        within += inside()
        run.process.send_signal(signal.SIGKILL)
        run.process.wait()
        said |= run.said
        # What is known so far: --look goes on from here if this program is stopped.
        known = {"kills": n + 1, "within": within, "began": began, "said": sorted(map(list, said), key=str)}
        state.write_text(json.dumps(known))
        print(f"\r{n + 1} of {args.times}", end="", file=sys.stderr, flush=True)
    # One more start closes what the last kill left open, and ends in order.
    run = Run(args, operation, store)
    time.sleep(3.0)
    run.process.send_signal(signal.SIGINT)
    run.process.wait(timeout=60)
    player.kill()
    player.wait()
    look(args, out)


if __name__ == "__main__":
    main()
