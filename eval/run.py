"""Renders the scoring worlds, runs the chain on each as it is and weakened, and prints the tables.

usage: run.py [--atalaya BIN] [--out DIR] [--seeds N ...] [--duration S] [--baseline-python PYTHON]

Worlds are kept in DIR (default out/eval) and rendered once; runs are made anew. The seeds are for
scoring only: nothing is tuned on them. Standard output is Markdown; results.json has the numbers.
With --baseline-python (one that has numpy and opencv), the plain OpenCV detector is measured beside
ours on truck4 (where ../shared/data is there) and on the first world.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

import score_events

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)


def say(text):
    print(text, file=sys.stderr, flush=True)


def call(command):
    """Runs a command; its output goes to standard error."""
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed with {done.returncode}")


def world(a, seed):
    """The folder of a rendered world; a half-rendered one is never taken for whole."""
    folder = os.path.join(a.out, f"{seed}-{a.duration}s")
    if not os.path.isdir(folder):
        part = folder + ".part"
        shutil.rmtree(part, ignore_errors=True)
        call(
            [a.atalaya, "sim", "compound", "--seed", str(seed), "--density", "busy"]
            + ["--no-thermal", "--duration", str(a.duration), "--out", part]
        )
        os.rename(part, folder)
    return folder


def chain(a, folder, weakened):
    out = f"{folder}.{'weakened' if weakened else 'run'}"
    shutil.rmtree(out, ignore_errors=True)
    operation = os.path.join(folder, "operation.toml")
    call([a.atalaya, "run", operation, "--out", out] + (["--weakened"] if weakened else []))
    return out


def ours(a, video, truth):
    out = os.path.join(a.out, "detections.txt")
    call([a.atalaya, "detect", video, "--out", out])
    subprocess.run([sys.executable, os.path.join(HERE, "recall.py"), out, truth], check=True)


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--atalaya", default=os.path.join(ROOT, "target", "debug", "atalaya"))
    p.add_argument("--out", default=os.path.join(ROOT, "out", "eval"))
    p.add_argument("--seeds", type=int, nargs="+", default=list(range(9001, 9011)))
    p.add_argument("--duration", type=int, default=180)
    p.add_argument("--baseline-python", help="a Python with numpy and opencv")
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    folders = []
    for seed in a.seeds:
        say(f"world {seed}")
        folders.append(world(a, seed))
    results = {}
    for weakened in (False, True):
        pairs = []
        for folder in folders:
            say(f"{'weakened ' if weakened else ''}run of {folder}")
            pairs.append((folder, chain(a, folder, weakened)))
        total = score_events.score(pairs)
        name = "weakened" if weakened else "as shipped"
        results[name] = {**total.result(), "notes": total.notes}
        print(score_events.table(total.result(), f"{len(folders)} worlds, {name}"), "\n")
        if not weakened:
            print("Misses and false events:\n")
            print("\n".join(f"- {n}" for n in total.notes), "\n", flush=True)
    with open(os.path.join(a.out, "results.json"), "w", encoding="utf-8") as f:
        json.dump(results, f, indent=1)
    motion = os.path.join(ROOT, "..", "shared", "data", "motion")
    print("### Detection against a plain OpenCV pipeline\n", flush=True)
    if os.path.isdir(motion):
        print("Ours on truck4:", flush=True)
        ours(a, os.path.join(motion, "truck4.mp4"), os.path.join(motion, "truck4_boxes.csv"))
    if a.baseline_python:
        command = [a.baseline_python, os.path.join(HERE, "opencv_baseline.py"), "--sim", folders[0]]
        if os.path.isdir(motion):
            command += ["--truck4", motion]
        subprocess.run(command, check=True)
    else:
        print("\nOpenCV was not measured: give --baseline-python.")


if __name__ == "__main__":
    main()
