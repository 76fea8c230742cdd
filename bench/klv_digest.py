"""The digest of klv/1 records, from the records alone.

    atalaya klv FILE | python3 bench/klv_digest.py

prints the packets and the sum over all their values of a hash of each value and the path it stands
at: the number that `atalaya klv` and the codec's benchmark print as `values`.
"""

import json
import struct
import sys

ALL = (1 << 64) - 1
ROOT = 0x6B6C762F31000001


def mix(hash_, word):
    x = ((hash_ ^ word) * 0x9E3779B97F4A7C15) & ALL
    return x ^ x >> 32


def text(path, value):
    raw = value.encode()
    for i in range(0, len(raw) // 8 * 8, 8):
        path = mix(path, int.from_bytes(raw[i : i + 8], "little"))
    path = mix(path, int.from_bytes(raw[len(raw) // 8 * 8 :], "little"))
    return mix(path, len(raw))


def value(v, path):
    if v is None:
        return 0
    if isinstance(v, int):
        return mix(path, v & ALL)
    if isinstance(v, float):
        return mix(path, struct.unpack("<Q", struct.pack("<d", v))[0])
    if isinstance(v, str):
        return text(path, v)
    if isinstance(v, list):
        return sum(value(m, mix(path, n)) for n, m in enumerate(v))
    if "id" in v:
        return value(v["id"], text(path, "id")) + items(v.get("items", {}), text(path, "items"))
    if "items" in v:
        return items(v["items"], path)
    if "fields" in v:
        return sum(value(f, text(path, name)) for name, f in v["fields"].items())
    if "values" in v:
        return value(v["values"], path)
    if "deviations" in v:
        return value(v["deviations"] + v["coefficients"], path)
    return value(v["value"], path) + sum(value(m, path) for m in v.get("more", []))


def items(all_, path):
    total = 0
    for key, entry in all_.items():
        if len(key) == 32:
            own = mix(mix(path, int(key[:16], 16)), int(key[16:], 16))
        else:
            own = mix(path, int(key))
        total += value(entry, own)
    return total


def main():
    total = packets = 0
    for line in sys.stdin:
        record = json.loads(line)
        assert record["schema"] == "klv/1", record["schema"]
        total += items(record["items"], ROOT)
        packets += 1
    print(f"{packets} packets, values {total & ALL:016x}")


if __name__ == "__main__":
    main()
