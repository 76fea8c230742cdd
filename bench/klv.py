"""The KLV codec's speed, side by side with klvdata (PyPI), in one run.

    python bench/klv.py ATALAYA EXAMPLES FILE.klv

EXAMPLES is the folder of the built examples `bench` and `make` of the codec; FILE holds bare KLV, and
is made where it is not there. What the benchmark folds its values into must equal what `atalaya klv`
prints for the same file and what its records say (klv_digest.py), or this fails. Rates are for
each second of processor time of one thread.
"""

import os
import re
import subprocess
import sys
import time

import klv_digest


def cut(raw):
    at, packets = 0, []
    while at < len(raw):
        n, start = raw[at + 16], at + 17
        if n >= 0x80:
            end = start + (n & 0x7F)
            n, start = int.from_bytes(raw[start:end], "big"), end
        packets.append(raw[at : start + n])
        at = start + n
    return packets


def klvdata_rate(packets):
    """Packets a second, and how many it could read."""
    try:
        import klvdata
    except ImportError:
        return None
    good = []
    for packet in packets:
        try:
            list(klvdata.StreamParser(packet))
            good.append(packet)
        except Exception:
            pass
    if not good:
        return 0.0, 0
    raw, passes, begun = b"".join(good), 0, time.process_time()
    while time.process_time() - begun < 3:
        for set_ in klvdata.StreamParser(raw):
            set_.MetadataList()
        passes += 1
    return passes * len(good) / (time.process_time() - begun), len(good)


def main():
    binary, examples, path = sys.argv[1:4]
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        subprocess.run([f"{examples}/make", path, "400"], check=True)
    with open(path, "rb") as f:
        raw = f.read()
    packets = cut(raw)
    said = subprocess.run([f"{examples}/bench", path, "5"], capture_output=True, text=True, check=True).stdout
    decode = int(re.search(r"decode: (\d+) packets/s", said)[1])
    encode = int(re.search(r"encode: (\d+) packets/s", said)[1])
    values = re.search(r"values ([0-9a-f]{16})", said)[1]
    told = subprocess.run([binary, "klv", path], capture_output=True, text=True, check=True)
    cli = re.search(r"values ([0-9a-f]{16})", told.stderr)[1]
    total = sum(
        klv_digest.items(klv_digest.json.loads(line)["items"], klv_digest.ROOT)
        for line in told.stdout.splitlines()
    )
    records = f"{total & klv_digest.ALL:016x}"
    if not values == cli == records:
        sys.exit(f"values differ: benchmark {values}, atalaya klv {cli}, its records {records}")
    print(f"{len(packets)} packets of {len(raw) // len(packets)} bytes; values {values} in all three ways\n")
    print("| what | packets/s/core |\n|---|---:|")
    print(f"| decode: checksum, every item and nested set, values folded | {decode:,} |")
    print(f"| encode from values | {encode:,} |")
    peer = klvdata_rate(packets)
    if peer is None:
        print("| klvdata | not installed |")
    else:
        print(f"| klvdata {peer[1]} of them, the others it fails on | {peer[0]:,.0f} |")


if __name__ == "__main__":
    main()
