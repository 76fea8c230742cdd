#!/usr/bin/env python3
"""What arrives of a feed over a network that loses, reorders and fails: SRT and UDP.

    eval/loss.py ATALAYA [--file FEED.ts] [--seed 1] [--loss 0.05] [--only NAME]

A relay of datagrams stands between `atalaya relay` and its other end (or FFmpeg's): it loses a share
of them in both directions, swaps some with the next, and is dead for a while. Under SRT it is the
datagrams of SRT itself that are lost. Standard library only; seeds are fixed, but which datagram
meets which draw depends on the network stack, so counts vary a little from run to run.
"""
import argparse
import collections
import hashlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PACKET = 188
CHUNK = 7 * PACKET


class Lossy(threading.Thread):
    """Passes datagrams between a client and a server on the loopback, not all of them."""

    def __init__(self, server_port, seed, loss, swap=0.02, outage=None):
        super().__init__(daemon=True)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.front.bind(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.back.bind(("127.0.0.1", 0))
        self.server = ("127.0.0.1", server_port)
        self.client = None
        self.random = random.Random(seed)
        self.loss, self.swap, self.outage = loss, swap, outage
        self.begun = None
        self.held = None
        self.counts = collections.Counter()
        # Of each datagram towards the server, in order of arrival: the hash of what was passed on.
        self.passed = []
        self.over = False

    def dead(self):
        if self.begun is None or self.outage is None:
            return False
        start, length = self.outage
        return start <= time.monotonic() - self.begun < start + length

    def run(self):
        while not self.over:
            ready, _, _ = select.select([self.front, self.back], [], [], 0.05)
            for s in ready:
                data, who = s.recvfrom(65536)
                towards_server = s is self.front
                if towards_server:
                    self.client = who
                    self.begun = self.begun or time.monotonic()
                self.counts["all"] += 1
                if self.dead() or self.random.random() < self.loss:
                    self.counts["lost"] += 1
                    continue
                if towards_server:
                    # One that is held is passed on after the next.
                    if self.held is None and self.random.random() < self.swap:
                        self.counts["swapped"] += 1
                        self.held = data
                        continue
                    self.forward(data)
                    if self.held is not None:
                        held, self.held = self.held, None
                        self.forward(held)
                elif self.client:
                    self.front.sendto(data, self.client)

    def forward(self, data):
        self.passed.append(hashlib.sha256(data).digest())
        self.back.sendto(data, self.server)

    def stop(self):
        self.over = True
        self.join()


class Receiver(threading.Thread):
    """Keeps what comes to a port."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.data = bytearray()
        self.over = False

    def run(self):
        while not self.over:
            try:
                self.data += self.socket.recv(65536)
            except TimeoutError:
                pass

    def stop(self):
        time.sleep(0.5)
        self.over = True
        self.join()
        return bytes(self.data)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def pids(stream):
    for at in range(0, len(stream) - PACKET + 1, PACKET):
        p = stream[at : at + PACKET]
        yield at, p, (p[1] & 0x1F) << 8 | p[2]


def metadata_pids(stream):
    """Streams of type 0x15, and of 0x06 with the registration KLVA, by the programme map."""
    maps, found = set(), set()
    for _, p, pid in pids(stream):
        if not p[1] & 0x40:
            continue
        start = 4 + (1 + p[4] if p[3] & 0x20 else 0)
        if start >= PACKET - 12:
            continue
        body = p[start + 1 + p[start] :]
        length = ((body[1] & 0x0F) << 8 | body[2]) + 3 if len(body) > 3 else 0
        if pid == 0:
            for i in range(8, min(length - 4, len(body) - 3), 4):
                if body[i] or body[i + 1]:
                    maps.add((body[i + 2] & 0x1F) << 8 | body[i + 3])
        elif pid in maps and body[0] == 2:
            i = 12 + ((body[10] & 0x0F) << 8 | body[11])
            while i + 5 <= min(length - 4, len(body)):
                info = (body[i + 3] & 0x0F) << 8 | body[i + 4]
                words = bytes(body[i + 5 : i + 5 + info])
                if body[i] == 0x15 or (body[i] == 0x06 and b"KLVA" in words):
                    found.add((body[i + 1] & 0x1F) << 8 | body[i + 2])
                i += 5 + info
    return found


def metadata_packets(stream):
    """(offsets of its transport packets, bytes) of each PES packet of metadata."""
    wanted = metadata_pids(stream)
    open_ones, begun = {}, []
    for at, p, pid in pids(stream):
        if pid not in wanted or not p[3] & 0x10:
            continue
        start = 4 + (1 + p[4] if p[3] & 0x20 else 0)
        if p[1] & 0x40:
            open_ones[pid] = ([], bytearray())
            begun.append(open_ones[pid])
        if pid in open_ones:
            open_ones[pid][0].append(at)
            open_ones[pid][1].extend(p[start:])
    return begun


def klv_list(atalaya, path):
    """The metadata packets of a file, by their items (offsets and times of arrival differ)."""
    done = subprocess.run([atalaya, "klv", path, "--raw"], capture_output=True, check=True)
    keys = []
    for line in done.stdout.splitlines():
        r = json.loads(line)
        if r["checksum"] == "bad":
            continue
        text = json.dumps([r["standard"], r["length"], r["items"]], sort_keys=True)
        keys.append(hashlib.sha256(text.encode()).hexdigest())
    return keys


def klv(atalaya, path):
    """How often each metadata packet is in a file."""
    return collections.Counter(klv_list(atalaya, path))


OPERATION = """
schema = "operation/1"
id = "loss"
name = "What arrives"
[authority]
issuer = "Nobody"
legal_basis = "Evaluation"
reference = "1"
purpose = "Measuring"
valid_from = "2000-01-01T00:00:00Z"
valid_until = "2100-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle", "unknown"]
area = [[{w}, {s}], [{e}, {s}], [{e}, {n}], [{w}, {n}]]
retention = {{ bystander_hours = 1000000, evidence_days = 40000 }}
[site]
id = "site"
name = "Site"
[[feed]]
id = "eo"
source = "{source}"
sensor = "eo"
analyse_fps = 2.0
"""


def operation(a, work, source):
    """An operation over the recording's surroundings, with this source."""
    done = subprocess.run([a.atalaya, "klv", a.file], capture_output=True, check=True)
    items = json.loads(done.stdout.splitlines()[0])["items"]
    lat, lon = items["13"]["value"], items["14"]["value"]
    path = os.path.join(work, "operation.toml")
    place = {"w": lon - 0.3, "e": lon + 0.3, "s": lat - 0.3, "n": lat + 0.3}
    open(path, "w").write(OPERATION.format(source=source, **place))
    return path


def step(a, work, path):
    """Whether pictures and metadata are in step in a file: frames by their pairing."""
    document = operation(a, work, os.path.abspath(path))
    out = path + ".run"
    subprocess.run([a.atalaya, "run", document, "--out", out, "--speed", "max"], capture_output=True, check=True)
    feed = json.load(open(os.path.join(out, "summary.json")))["feeds"][0]
    names = ("frames", "metadata_paired", "metadata_stale", "metadata_absent", "damaged", "gaps")
    return {name: feed[name] for name in names}


def through_serve(a, work, path, name, latency):
    """The feed over SRT through the lossy relay into a command post; gives what it recorded."""
    port = free_port()
    document = operation(a, work, f"srt://127.0.0.1:{port}?mode=listener&latency={latency}")
    store = os.path.join(work, name + "-store")
    post = subprocess.Popen([a.atalaya, "serve", document, "--dir", store, "--bind", "127.0.0.1:0"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in post.stdout:
        if "receiving" in line:
            break
    lossy = Lossy(port, a.seed, a.loss)
    lossy.start()
    to = f"srt://127.0.0.1:{lossy.port}?latency={latency}"
    subprocess.run([a.atalaya, "relay", path, "--to", to], capture_output=True, check=True)
    time.sleep(5)
    post.send_signal(signal.SIGINT)
    said = post.communicate(timeout=60)[1].strip().splitlines()[-1:]
    lossy.stop()
    out = os.path.join(work, name + ".ts")
    with open(out, "wb") as whole:
        for folder, _, files in sorted(os.walk(os.path.join(store, "segments"))):
            for file in sorted(f for f in files if f.endswith(".ts")):
                whole.write(open(os.path.join(folder, file), "rb").read())
    same = open(out, "rb").read() == open(path, "rb").read()
    extra = {"datagrams": lossy.counts["all"], "lost": lossy.counts["lost"], "said": said,
             "segments_equal_the_source": same}
    return klv(a.atalaya, out), extra, out


def start(*command):
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def end(process):
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=30)[1].strip()


def say(a, work, name, source, got, extra, arrived=None):
    missing = sum((source - got).values())
    repeated = sum((got - source).values())
    row = {"scenario": name, "packets": sum(source.values()), "arrived": sum((source & got).values()),
           "missing": missing, "repeated": repeated, **extra}
    if arrived:
        row["in_step"] = step(a, work, arrived)
    print(json.dumps(row), flush=True)
    return missing


def over_srt(a, work, path, name, latency, outage=None, sender="atalaya", restart=None, passphrase=""):
    """The feed over SRT through the lossy relay; gives what arrived."""
    receiver = Receiver()
    receiver.start()
    port = free_port()
    secret = f"&passphrase={passphrase}" if passphrase else ""
    listen = f"srt://127.0.0.1:{port}?mode=listener&latency={latency}{secret}"
    other = start(a.atalaya, "relay", listen, "--to", f"udp://127.0.0.1:{receiver.port}")
    time.sleep(0.5)
    lossy = Lossy(port, a.seed, a.loss, outage=outage)
    lossy.start()
    said = []
    for part in restart or [path]:
        if sender == "ffmpeg":
            to = f"srt://127.0.0.1:{lossy.port}?mode=caller&latency={latency * 1000}&linger=3"
            subprocess.run(["ffmpeg", "-v", "error", "-re", "-i", part, "-map", "0", "-c", "copy", "-f",
                            "mpegts", to], check=False)
        else:
            to = f"srt://127.0.0.1:{lossy.port}?latency={latency}{secret}"
            done = subprocess.run([a.atalaya, "relay", part, "--to", to], capture_output=True, text=True)
            said.append(done.stderr.strip().splitlines()[-1] if done.stderr else "")
    time.sleep(latency / 1000 + 1.5)
    words = end(other)
    lossy.stop()
    got = receiver.stop()
    out = os.path.join(work, name + ".ts")
    open(out, "wb").write(got)
    extra = {"datagrams": lossy.counts["all"], "lost": lossy.counts["lost"],
             "swapped": lossy.counts["swapped"], "said": said, "bytes": len(got)}
    return klv(a.atalaya, out), extra, out


def over_udp(a, work, path, name, outage=None):
    """The feed over UDP; gives what arrived, and what must have."""
    stream = open(path, "rb").read()
    receiver = Receiver()
    receiver.start()
    port = free_port()
    other = start(a.atalaya, "relay", f"udp://127.0.0.1:{port}", "--to", f"udp://127.0.0.1:{receiver.port}")
    time.sleep(0.5)
    lossy = Lossy(port, a.seed, a.loss, outage=outage)
    lossy.start()
    subprocess.run([a.atalaya, "relay", path, "--to", f"udp://127.0.0.1:{lossy.port}"],
                   capture_output=True, check=True)
    time.sleep(1.0)
    end(other)
    lossy.stop()
    got = receiver.stop()
    out = os.path.join(work, name + ".ts")
    open(out, "wb").write(got)
    # Datagrams by what is in them, in the order in which they were passed on.
    chunks = [stream[i : i + CHUNK] for i in range(0, len(stream), CHUNK)]
    order = collections.defaultdict(list)
    for n, digest in enumerate(lossy.passed):
        order[digest].append(n)
    place = []
    for chunk in chunks:
        known = order.get(hashlib.sha256(chunk).digest())
        place.append(known.pop(0) if known else None)
    whole = ordered = loose = 0
    keys = klv_list(a.atalaya, path)
    expected = collections.Counter()
    for key, (offsets, _) in zip(keys, metadata_packets(stream), strict=True):
        places = [place[at // CHUNK] for at in offsets]
        if None in places:
            continue
        whole += 1
        expected[key] += 1
        if places == sorted(places):
            ordered += 1
        else:
            loose += 1
    found = klv(a.atalaya, out)
    short = sum((expected - found).values())
    extra = {"datagrams": lossy.counts["all"], "lost": lossy.counts["lost"],
             "swapped": lossy.counts["swapped"], "whole_but_missing": short, "whole": whole, "whole_in_order": ordered,
             "whole_swapped": loose, "bytes": len(got)}
    open(out + ".passed", "w").write(json.dumps(place))
    return found, extra, out


def lengthened(work, path, times):
    """The feed several times over, as one stream."""
    out = os.path.join(work, "long.ts")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", str(times - 1), "-i", path, "-map", "0",
                    "-c", "copy", "-f", "mpegts", out], check=True)
    return out


def halves(work, path):
    """Two senders one after the other: the feed cut at a packet in its middle."""
    data = open(path, "rb").read()
    middle = len(data) // PACKET // 2 * PACKET
    out = []
    for n, part in enumerate((data[:middle], data[middle:])):
        out.append(os.path.join(work, f"part{n}.ts"))
        open(out[-1], "wb").write(part)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("atalaya")
    p.add_argument("--file", default="../shared/data/fmv/osh_sample-stream.ts")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--loss", type=float, default=0.05)
    p.add_argument("--only", default="")
    p.add_argument("--keep", help="folder for what arrived")
    a = p.parse_args()
    if not os.path.exists(a.file):
        sys.exit(f"{a.file}: there is no such recording; give one with --file")
    work = a.keep or tempfile.mkdtemp(prefix="loss-")
    os.makedirs(work, exist_ok=True)
    short, long = a.file, lengthened(work, a.file, 4)
    source, source_long = klv(a.atalaya, short), klv(a.atalaya, long)
    wrong = 0
    print(json.dumps({"scenario": "source", "packets": sum(source.values()), "in_step": step(a, work, short)}))

    def wanted(name):
        return not a.only or a.only in name

    for name, options in [
        ("srt", {}),
        ("srt-encrypted", {"passphrase": "correct-horse-battery"}),
        ("srt-from-ffmpeg", {"sender": "ffmpeg"}),
    ]:
        if wanted(name):
            got, extra, _ = over_srt(a, work, short, name, 250, **options)
            missing = say(a, work, name, source, got, extra)
            # What FFmpeg has not sent when it hangs up is not ours to receive.
            wrong += missing if "sender" not in options else 0
    if wanted("srt-serve"):
        got, extra, out = through_serve(a, work, short, "srt-serve", 250)
        wrong += say(a, work, "srt-serve", source, got, extra, out)
    if wanted("srt-restart"):
        got, extra, _ = over_srt(a, work, short, "srt-restart", 250, restart=halves(work, short))
        wrong += say(a, work, "srt-restart", source, got, extra)
    if wanted("srt-outage"):
        got, extra, _ = over_srt(a, work, long, "srt-outage", 250, outage=(8, 10))
        wrong += say(a, work, "srt-outage", source_long, got, extra)
    for name, path, known, outage in [
        ("udp", short, source, None),
        ("udp-outage", long, source_long, (8, 10)),
    ]:
        if wanted(name):
            got, extra, out = over_udp(a, work, path, name, outage)
            say(a, work, name, known, got, extra, out if path == short else None)
            # Every packet all of whose datagrams came.
            wrong += extra["whole_but_missing"]
    print(f"what arrived: {work}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
