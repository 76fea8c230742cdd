"""An operation without cameras served for an evaluation: its document, its process, and what it kept."""

import json
import os
import pathlib
import queue
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time

OPERATION = """schema = "operation/1"
id = "{id}"
name = "Evaluation of {id}"
[authority]
issuer = "Court"
legal_basis = "Art. 588"
reference = "1/2026"
purpose = "evaluation"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2036-01-01T00:00:00Z"
sensors = ["eo", "gas", "ground"]
objects = ["person", "vehicle", "unknown"]
area = [[-3.510, 39.995], [-3.490, 39.995], [-3.490, 40.005], [-3.510, 40.005]]
retention = {{ bystander_hours = 24, evidence_days = 365 }}
[site]
id = "{id}"
name = "Yard"
ground_m = 700.0
[[site.zone]]
id = "yard"
polygon = [[-3.5010, 39.9990], [-3.4990, 39.9990], [-3.4990, 40.0010], [-3.5010, 40.0010]]
{feeds}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Station:
    """`atalaya serve` of an operation, on free ports, in a folder of its own."""

    def __init__(self, binary, folder, name, feeds):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.operation = self.folder / "operation.toml"
        self.operation.write_text(OPERATION.format(id=name, feeds=feeds))
        self.store = self.folder / "store"
        self.log = []
        self.process = None

    def start(self):
        """Starts it; gives the addresses it receives on, by scheme, once it does."""
        command = [self.binary, "serve", self.operation, "--dir", self.store]
        command += ["--bind", f"127.0.0.1:{free_port()}"]
        env = {**os.environ, "RUST_LOG": "info", "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
        )
        lines = queue.Queue()

        def read(stream):
            for line in stream:
                self.log.append(line.rstrip())
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, args=(self.process.stdout,), daemon=True).start()
        self.lines = lines

    def address(self):
        """The first address that it says it receives on."""
        while (line := self.lines.get(timeout=60)) is not None:
            if found := re.search(r"receiving on \w+://(\S+):(\d+)", line):
                return found[1], int(found[2])
        raise SystemExit("it did not start:\n" + "\n".join(self.log))

    def wait_for(self, text, seconds=30):
        """Waits until the log holds a text; gives whether it did in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if any(text in line for line in self.log):
                return True
            time.sleep(0.05)
        return False

    def stop(self):
        """Asks it to stop and waits until everything is kept."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def rows(self, sql, *values):
        """Rows of its database."""
        db = sqlite3.connect(f"file:{self.store / 'atalaya.db'}?mode=ro", uri=True)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def events(self, kind):
        """Its events of a kind, in order of time."""
        rows = self.rows("SELECT body FROM event WHERE kind = ? ORDER BY t", kind)
        return [json.loads(r[0]) for r in rows]

    def acts(self, what):
        """Lines of its log of acts: subject and detail."""
        rows = self.rows("SELECT subject, detail FROM act WHERE what = ? ORDER BY n", what)
        return [(subject, json.loads(detail)) for subject, detail in rows]

    def replays(self):
        """Replays every run; gives what was said of each that did not give the same again."""
        wrong = []
        for run in sorted((self.store / "segments").iterdir()):
            done = subprocess.run(
                [self.binary, "replay", self.operation, run], capture_output=True, text=True
            )
            if done.returncode:
                wrong.append(f"{run.name}: {done.stderr.strip()}")
        return wrong


class Checks:
    """What was expected and what came, as a table."""

    def __init__(self):
        self.failed = 0
        print("| what | expected | seen | |\n|---|---:|---:|---|")

    def row(self, what, expected, seen, fine=None):
        """A line; without a verdict of its own it is fine when both are the same."""
        fine = expected == seen if fine is None else fine
        self.failed += not fine
        print(f"| {what} | {expected} | {seen} | {'' if fine else 'WRONG'} |", flush=True)

    def end(self):
        """Ends the program: 1 if anything went otherwise than it has to."""
        raise SystemExit(1 if self.failed else 0)
