"""`atalaya fly` against aircraft of other makers (pymavlink, MAVSDK) over a link that loses datagrams by
a seed: upload, reading back, start, following; several aircraft on one port; signatures; bad cases.

    eval/fly.py target/debug/atalaya [--runs 5]

Prints tables; exits 1 if anything went otherwise than it has to."""

import argparse
import json
import pathlib
import random
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
KEY, OTHER = "5a" * 32, "a5" * 32

OPERATION = """schema = "operation/1"
id = "quarry"
name = "Quarry"
[authority]
issuer = "Court"
legal_basis = "Art. 588"
reference = "1/2026"
purpose = "evaluation"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle"]
area = [[-3.54, 39.97], [-3.46, 39.97], [-3.46, 40.03], [-3.54, 40.03]]
retention = { bystander_hours = 24, evidence_days = 365 }
[site]
id = "quarry"
name = "Quarry"
[[site.zone]]
id = "yard"
polygon = [[-3.5005, 39.9995], [-3.4995, 39.9995], [-3.4995, 40.0005], [-3.5005, 40.0005]]
"""
AIRCRAFT = """schema = "aircraft/1"
name = "trainer"
cruise_m_s = 20.0
min_m_s = 13.0
bank_limit_deg = 35.0
climb_m_s = 3.0
sink_m_s = 3.0
endurance_s = 10800.0
reserve_s = 1800.0
ceiling_m = 4000.0
[sensor]
fov_deg = 10.0
pixels = 1920
[plan]
home = [-3.52, 40.01]
ground_m = 700.0
standoff_m = 500.0
[[plan.no_fly]]
name = "village"
polygon = [[-3.512, 40.002], [-3.506, 40.002], [-3.506, 40.008], [-3.512, 40.008]]
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Lossy(threading.Thread):
    """Passes datagrams between an aircraft and a ground station, and loses some."""

    def __init__(self, to_port, loss, seed):
        super().__init__(daemon=True)
        self.rng, self.loss = random.Random(seed), loss
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind(("127.0.0.1", 0))
        self.port = self.near.getsockname()[1]
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.far.bind(("127.0.0.1", 0))
        self.to, self.aircraft = ("127.0.0.1", to_port), None
        self.passed = self.lost = 0
        self.going = True
        self.start()

    def run(self):
        while self.going:
            for s in select.select([self.near, self.far], [], [], 0.1)[0]:
                try:
                    data, sender = s.recvfrom(4096)
                except OSError:
                    continue
                if s is self.near:
                    self.aircraft = sender
                if self.rng.random() < self.loss:
                    self.lost += 1
                    continue
                self.passed += 1
                out, to = (self.far, self.to) if s is self.near else (self.near, self.aircraft)
                if to:
                    out.sendto(data, to)


class Case:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.started = []

    def aircraft(self, port, maker="pymavlink", loss=0.0, seed=0, **options):
        link = Lossy(port, loss, seed)
        if maker == "mavsdk":
            command = ["fly_mavsdk.py", "autopilot", "--connect", f"udpout://127.0.0.1:{link.port}"]
        else:
            command = ["fly_vehicle.py", "--connect", f"udpout:127.0.0.1:{link.port}"]
        command = [sys.executable, str(HERE / command[0])] + command[1:]
        for name, value in options.items():
            command.append(f"--{name}")
            if value is not True:
                command.append(str(value))
        p = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.started.append((p, link))
        return link

    def fly(self, port, *more, plan="q.plan", start=True):
        start = ["--start", "--confirmed-by", "evaluation"] if start else []
        out = self.folder / "telemetry.jsonl"
        command = [self.binary, "fly", str(self.folder / plan), "--link", f"udpin:127.0.0.1:{port}"]
        command += ["--out", str(out), *start, *more]
        began = time.monotonic()
        p = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        said, at = [], {}
        for line in p.stderr:
            said.append(line.rstrip())
            for mark in ("aircraft ", "mission: ", "started", "flight over"):
                if line.startswith(mark):
                    at[mark] = time.monotonic() - began
        code = p.wait()
        lines = out.read_text().splitlines() if out.exists() else []
        return code, said, at, [json.loads(x) for x in lines]

    def done(self):
        for p, link in self.started:
            p.terminate()
            p.wait()
            link.going = False
        links = [link for _, link in self.started]
        self.started = []
        return links


def main():
    p = argparse.ArgumentParser()
    p.add_argument("binary")
    p.add_argument("--runs", type=int, default=5)
    args = p.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fly-"))
    (folder / "op.toml").write_text(OPERATION)
    (folder / "a.toml").write_text(AIRCRAFT)
    (folder / "key").write_text(KEY)
    plan = folder / "q.plan"
    subprocess.run(
        [args.binary, "plan", folder / "op.toml", "--aircraft", folder / "a.toml", "--out", plan],
        check=True, stderr=subprocess.DEVNULL,
    )
    case = Case(args.binary, folder)
    wrong = []

    print("| aircraft | loss | flown to the end | s to read back | s to its end | datagrams lost |")
    print("|---|---|---|---|---|---|")
    for maker in ("pymavlink", "mavsdk"):
        for loss in (0.0, 0.02, 0.1):
            good, back, end, lost, sent = 0, [], [], 0, 0
            for seed in range(args.runs):
                port = free_port()
                case.aircraft(port, maker, loss, seed)
                code, said, at, _ = case.fly(port, "--system", "1")
                for link in case.done():
                    lost, sent = lost + link.lost, sent + link.lost + link.passed
                same = sum("all the same" in line for line in said)
                if code == 0 and same == 3 and "flight over" in at:
                    good += 1
                    back.append(at["mission: "] - at["aircraft "])
                    end.append(at["flight over"] - at["aircraft "])
                else:
                    wrong.append(f"{maker}, loss {loss}, seed {seed}: {said[-1:]}")
            mean = lambda v: f"{sum(v) / len(v):.1f}" if v else "–"  # noqa: E731
            print(f"| {maker} | {loss:.0%} | {good} of {args.runs} | {mean(back)} | {mean(end)} | {lost} of {sent} |", flush=True)

    def expect(name, code, words, got):
        said = got[1][-1] if got[1] else ""
        ok = got[0] == code and words in "\n".join(got[1])
        if not ok:
            wrong.append(f"{name}: {got[0]} {got[1]}")
        print(f"| {name} | {'as it has to be' if ok else 'WRONG'} | {got[0]} | {said.replace(str(folder) + '/', '')} |", flush=True)

    print("\n| case | | exit | last line |\n|---|---|---|---|")
    port = free_port()
    case.aircraft(port, system=1)
    case.aircraft(port, system=2, loss=0.02, seed=7)
    expect("two on one port, none named", 1, "2 aircraft are on this link: 1, 2", case.fly(port))
    got = case.fly(port, "--system", "2")
    expect("two on one port, 2 named", 0, "flight over", got)
    if {t["system"] for t in got[3]} != {2}:
        wrong.append("telemetry of another aircraft")
    case.done()
    key = str(folder / "key")
    for name, theirs, ours, code, words in (
        ("signed, the same key", KEY, key, 0, "flight over"),
        ("signed with another key", OTHER, key, 1, "signed with another key"),
        ("not signed, key demanded", None, key, 1, "is not signed"),
        ("signed, no key here", KEY, None, 1, "wants signed messages"),
    ):
        port = free_port()
        case.aircraft(port, **({"sign": theirs} if theirs else {}))
        more = ["--sign-key", ours] if ours else []
        expect(name, code, words, case.fly(port, "--patience-s", "4", *more))
        case.done()
    for name, options, words in (
        ("ArduPilot's ways", {"ardupilot": True}, "flight over"),
        ("refuses item 4", {"refuse": 3}, "it finds the height invalid"),
        ("holds item 5 otherwise", {"alter": 4}, "mission, item 5: height"),
        ("is armed", {"armed": True}, "is armed"),
    ):
        port = free_port()
        case.aircraft(port, **options)
        code = 0 if "over" in words else 1
        expect(name, code, words, case.fly(port))
        case.done()
    port = free_port()
    expect("nobody there", 1, "no heartbeat", case.fly(port, "--patience-s", "2"))
    (folder / "bare.plan").write_text(plan.read_text())
    expect("no certificate", 1, "has no certificate", case.fly(port, plan="bare.plan"))
    certificate = folder / "q.plan.certificate.json"
    (folder / "moved.plan.certificate.json").write_text(certificate.read_text())
    (folder / "moved.plan").write_text(plan.read_text().replace("40.01", "40.02"))
    expect("plan changed after its proof", 1, "belongs to another plan", case.fly(port, plan="moved.plan"))

    # A second ground station reads the file, and what the aircraft holds, with code of its own.
    port = free_port()
    case.aircraft(port)
    expect("loaded, nobody confirms", 0, "not started", case.fly(port, start=False))
    read = subprocess.run(
        [sys.executable, HERE / "fly_mavsdk.py", "reader", "--connect", f"udpin://127.0.0.1:{port}", "--plan", plan],
        capture_output=True, text=True,
    )
    case.done()
    said = read.stdout.strip().splitlines()[-1:] or [read.stderr.strip()[-300:]]
    print(f"\nMAVSDK reads FILE.plan and what the aircraft holds: {said[0]}")
    if '"same": false' in said[0] or '"same": true' not in said[0]:
        wrong.append("MAVSDK reads something else")
    for w in wrong:
        print(f"wrong: {w}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
