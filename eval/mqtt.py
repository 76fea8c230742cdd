"""A gas feed from Mosquitto, which is stopped and killed again and again while a sensor publishes.

    eval/mqtt.py ATALAYA [--out DIR] [--outages 8] [--rate 20] [--seed 1] [--no-session]

The sensor publishes JSON with names of its own (the operation maps them) at quality of service 1, keeps
what the broker has not acknowledged, and says it again. Every outage stops the broker (SIGTERM) or kills it
(SIGKILL), in turn, and starts it again after a while. Counts what was sent, what is in the recorded
segments, what is lost, and what is there twice. What a broker loses that had acknowledged it, is told
apart by a second subscriber with a session of its own. Exits 1 if a sample is recorded twice, if one is lost
that the second subscriber has, or if a gap is not said.
"""

import argparse
import collections
import getpass
import json
import pathlib
import random
import shutil
import subprocess
import threading
import time

import paho.mqtt.client as mqtt

from station import Checks, Station, free_port

FEED = """[[feed]]
id = "nose"
source = "mqtt://127.0.0.1:{port}/site/+/gas{session}"
sensor = "gas"
[feed.gas]
map = {{ time = "utc", ppm = "/reading/ch4", sensor = "who" }}
at = [-3.5, 40.0, 2.0]
"""
CONFIG = """listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
max_queued_messages 0
"""


class Broker:
    """Mosquitto on a port, its memory in a folder."""

    def __init__(self, folder, port):
        self.config = folder / "mosquitto.conf"
        self.config.write_text(CONFIG.format(port=port, folder=folder, user=getpass.getuser()))
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["mosquitto", "-c", self.config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self, kill):
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait()


def client(name, port, on_connect=None, on_message=None):
    """A client with a session that connects again within a second."""
    c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, name, clean_session=False)
    c.reconnect_delay_set(1, 1)
    c.max_inflight_messages_set(20)
    c.max_queued_messages_set(0)
    c.on_connect, c.on_message = on_connect, on_message
    c.connect_async("127.0.0.1", port)
    c.loop_start()
    return c


def recorded(station):
    """How often each sample is in the recorded segments, by its number."""
    counts = collections.Counter()
    for part in sorted((station.store / "segments").glob("*/*.gas*")):
        for line in part.read_text().splitlines():
            counts[json.loads(json.loads(line)[1])["n"]] += 1
    return counts


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    a.add_argument("binary")
    a.add_argument("--out", default="out/eval/mqtt")
    a.add_argument("--outages", type=int, default=8)
    a.add_argument("--rate", type=float, default=20.0, help="samples a second")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--no-session", action="store_true", help="fetch without a session: what then is lost")
    args = a.parse_args()
    rng = random.Random(args.seed)
    out = pathlib.Path(args.out).resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    port = free_port()
    broker = Broker(out, port)
    broker.start()
    session = "" if args.no_session else "?session=atalaya-eval"
    station = Station(args.binary, out, "nose", FEED.format(port=port, session=session))
    station.start()
    # Connected before anything is published; what follows tests what comes later.
    time.sleep(3.0)
    control = collections.Counter()
    subscribe = lambda c, *_: c.subscribe("site/+/gas", qos=1)
    note = lambda _c, _u, m: control.update([json.loads(m.payload)["n"]])
    second = client("second", port, subscribe, note)
    sensor = client("sensor", port)
    over = threading.Event()
    sent = 0

    def publish():
        nonlocal sent
        while not over.is_set():
            sent += 1
            sample = {"n": sent, "who": "n1", "utc": time.time(), "reading": {"ch4": 2.0 + 0.1 * rng.random()}}
            sensor.publish("site/n1/gas", json.dumps(sample), qos=1)
            time.sleep(1.0 / args.rate)

    publisher = threading.Thread(target=publish)
    publisher.start()
    down = 0.0
    for i in range(args.outages):
        time.sleep(rng.uniform(2.0, 5.0))
        broker.stop(kill=i % 2 == 1)
        away = rng.uniform(0.5, 6.0)
        time.sleep(away)
        broker.start()
        down += away
    time.sleep(5.0)
    over.set()
    publisher.join()
    # Whoever connects again does so within some seconds, and has everything some seconds later.
    until = time.monotonic() + 30
    while time.monotonic() < until and len(control) < sent:
        time.sleep(0.5)
    time.sleep(3.0)
    station.stop()
    sensor.loop_stop()
    second.loop_stop()
    broker.stop(kill=False)
    got = recorded(station)
    print(f"{args.outages} outages, {down:.0f} s in all; twice delivered to the second subscriber: "
          f"{sum(n - 1 for n in control.values())}\n")
    checks = Checks()
    checks.row("samples published", sent, sent)
    checks.row("at the second subscriber", sent, len(control), True)
    checks.row("recorded", sent, len(got), args.no_session or set(control) <= set(got))
    checks.row("recorded twice", 0, sum(n - 1 for n in got.values()))
    lost, back = station.acts("feed.lost"), station.acts("feed.back")
    checks.row("gaps in the log of acts", args.outages, len(lost))
    checks.row("ends of gaps", args.outages, len(back))
    known = sum(d["away_s"] for _, d in back)
    checks.row("seconds without the broker, by the log", f"{down:.0f} or more", f"{known:.0f}", known >= down - args.outages)
    checks.row("runs that replay differently", 0, len(station.replays()))
    print()
    print("\n".join(line for line in station.log if "feed 'nose'" in line))
    checks.end()


if __name__ == "__main__":
    main()
