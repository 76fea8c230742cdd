"""Kills a live demo with SIGKILL at random moments and looks at what is left.

usage: kill9.py BINARY DEMO_DIR [--times 100] [--seed 1] [--port 8499]

DEMO_DIR holds a rendered world (`atalaya demo --prepare --dir DEMO_DIR`). Each time the demo is
started, notes are written through the API one after the other, and the process is killed. At the
end: every note that was acknowledged must be there, the database must be sound, every segment must
have the hash that its row says, and of the live input no more than a second may be missing.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.request


def post_note(base, text):
    body = json.dumps({"kind": "observation", "t_us": time.time_ns() // 1000, "text": text})
    request = urllib.request.Request(
        base + "/api/v1/notes",
        body.encode(),
        {"Content-Type": "application/json", "Origin": base},
    )
    with urllib.request.urlopen(request, timeout=2) as answer:
        return answer.status == 200


def start(args):
    command = [args.binary, "demo", "--dir", args.dir, "--bind", f"127.0.0.1:{args.port}"]
    command += args.option
    p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in p.stdout:
        if "live at" in line:
            return p
    raise SystemExit("the demo did not start; run it by hand to see why")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    a.add_argument("binary")
    a.add_argument("dir")
    a.add_argument("--times", type=int, default=100)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--port", type=int, default=8499)
    a.add_argument("--option", action="append", default=[], help="passed on to the demo")
    args = a.parse_args()
    rng = random.Random(args.seed)
    base = f"http://127.0.0.1:{args.port}"
    shutil.rmtree(os.path.join(args.dir, "store"), ignore_errors=True)
    acknowledged, kills = [], []
    for n in range(args.times):
        p = start(args)
        until = time.monotonic() + rng.uniform(0.8, 3.5)
        i = 0
        while time.monotonic() < until:
            text = f"note {n}.{i}"
            if post_note(base, text):
                acknowledged.append(text)
            i += 1
            time.sleep(rng.uniform(0.0, 0.05))
        killed = time.time()
        p.send_signal(signal.SIGKILL)
        p.wait()
        kills.append(killed)
    # One more start closes what the last kill left open.
    p = start(args)
    p.send_signal(signal.SIGINT)
    p.wait(timeout=30)

    store = os.path.join(args.dir, "store")
    db = sqlite3.connect(os.path.join(store, "atalaya.db"))
    sound = db.execute("PRAGMA integrity_check").fetchone()[0]
    notes = {r[0] for r in db.execute("SELECT text FROM note")}
    lost = [t for t in acknowledged if t not in notes]
    wrong = 0
    segments = db.execute("SELECT run, feed, t1, path, sha256 FROM segment").fetchall()
    last = {}
    for run, feed, t1, path, sha in segments:
        with open(os.path.join(store, path), "rb") as f:
            wrong += hashlib.sha256(f.read()).hexdigest() != sha
        last[(run, feed)] = max(last.get((run, feed), 0), t1 / 1e6)
    missing = []
    for killed in kills:
        for feed in ("eo", "ir"):
            ends = [t for (_, f), t in last.items() if f == feed and t <= killed + 0.5]
            if ends:
                missing.append(killed - max(ends))
    missing.sort()
    p95 = missing[int(0.95 * (len(missing) - 1))] if missing else float("nan")
    print("| kills | notes acknowledged | lost | database | segments | wrong hash | input missing at the end, median / p95 / max s |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {args.times} | {len(acknowledged)} | {len(lost)} | {sound} | {len(segments)} | {wrong} "
        f"| {missing[len(missing) // 2]:.2f} / {p95:.2f} / {missing[-1]:.2f} |"
    )
    if lost or wrong or sound != "ok":
        raise SystemExit(1)


if __name__ == "__main__":
    main()
