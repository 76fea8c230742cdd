#!/usr/bin/env python3
"""Streams at real time that one core passes on or remultiplexes, beside FFmpeg in the same run.

    bench/relay.py ATALAYA [FEED.ts]

Processor time (user and system) of the whole process, for a feed that is repeated to some minutes.
"""
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading

TIMES = 40


def processor_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    atalaya = sys.argv[1]
    feed = sys.argv[2] if len(sys.argv) > 2 else "../shared/data/fmv/osh_sample-stream.ts"
    if not os.path.exists(feed):
        print(f"{feed}: there is no such recording; not measured", file=sys.stderr)
        return
    work = tempfile.mkdtemp(prefix="relay-")
    long, mp4 = os.path.join(work, "long.ts"), os.path.join(work, "long.mp4")
    loop = ["ffmpeg", "-v", "error", "-y", "-stream_loop", str(TIMES - 1), "-i", feed]
    subprocess.run([*loop, "-map", "0", "-c", "copy", "-f", "mpegts", long], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", long, "-map", "0:v", "-c", "copy", mp4], check=True)
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration,bit_rate", long]
    words = subprocess.run(probe, check=True, capture_output=True, text=True).stdout
    seconds = float(re.search(r"duration=([\d.]+)", words)[1])
    rate = float(re.search(r"bit_rate=(\d+)", words)[1]) / 1e6
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))

    def drain():
        while True:
            sink.recv(65536)

    threading.Thread(target=drain, daemon=True).start()
    to = f"udp://127.0.0.1:{sink.getsockname()[1]}"
    rows = [
        ("passed on over UDP, bytes as they came", [atalaya, "relay", long, "--fast", "--to", to]),
        ("remultiplexed (MP4 to MPEG-TS), over UDP", [atalaya, "relay", mp4, "--fast", "--to", to]),
        ("FFmpeg: MPEG-TS to MPEG-TS, no network",
         ["ffmpeg", "-v", "error", "-i", long, "-map", "0", "-c", "copy", "-f", "mpegts", "-y", "/dev/null"]),
        ("FFmpeg: MP4 to MPEG-TS, over UDP",
         ["ffmpeg", "-v", "error", "-i", mp4, "-c", "copy", "-f", "mpegts", f"{to}?pkt_size=1316"]),
    ]
    print(f"| {seconds:.0f} s of {rate:.1f} Mb/s | processor seconds | streams at real time a core |")
    print("|---|---:|---:|")
    for name, command in rows:
        used = sorted(processor_seconds(command) for _ in range(3))[1]
        print(f"| {name} | {used:.2f} | {seconds / used:.0f} |")


if __name__ == "__main__":
    main()
