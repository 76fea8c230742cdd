"""Values of `atalaya klv` against those of other readers of the same bytes.

    python eval/klv_peers.py ATALAYA FILE.klv…

FILE holds bare KLV (from a recording: `ffmpeg -i X.ts -map 0:d:0 -c copy -f data X.klv`; ours:
`cargo run -p atalaya-klv --example make -- FILE`). Peers that are not installed are left out:
stanag4609, tstrans (moving targets), klvdata, pymisb (its copy of klvdata). A packet that makes a peer fail is counted.
"""

import datetime
import json
import subprocess
import sys


def ber(raw, at):
    n = raw[at]
    if n < 0x80:
        return n, at + 1
    end = at + 1 + (n & 0x7F)
    return int.from_bytes(raw[at + 1 : end], "big"), end


def cut(raw):
    """Packets of undamaged bare KLV."""
    at, packets = 0, []
    while at < len(raw):
        length, start = ber(raw, at + 16)
        packets.append(raw[at : start + length])
        at = start + length
    return packets


def ours(binary, path):
    lines = subprocess.run([binary, "klv", path], capture_output=True, check=True).stdout
    return [json.loads(line)["items"] for line in lines.splitlines()]


def plain(value):
    """A peer's value as a number or text; None for what has no such form."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return round((value - epoch) / datetime.timedelta(microseconds=1))
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return value
    return None


class Tally:
    def __init__(self, name):
        self.name, self.same, self.other, self.failed = name, 0, 0, 0
        self.worst, self.examples = 0.0, []

    def value(self, where, mine, theirs):
        if isinstance(mine, str) or isinstance(theirs, str):
            good = str(mine).strip("\0 ") == str(theirs).strip("\0 ")
        else:
            off = abs(mine - theirs) / max(1.0, abs(mine))
            good = off <= 1e-9
            self.worst = max(self.worst, off if good else 0.0)
        if good:
            self.same += 1
        else:
            self.other += 1
            if len(self.examples) < 6:
                self.examples.append(f"{where}: ours {mine!r}, theirs {theirs!r}")


def compare(tally, items, read, packet):
    try:
        theirs = read(packet)
    except Exception as e:
        tally.failed += 1
        if len(tally.examples) < 6:
            tally.examples.append(f"failed: {type(e).__name__}: {str(e)[:90]}")
        return
    for path, value in theirs.items():
        entry = {"value": {"items": items}}
        try:
            for key in path:
                node = entry["value"]
                if isinstance(node, list):
                    entry = {"value": next(t for t in node if t["id"] == key)}
                else:
                    entry = node["items"][str(key)]
        except (KeyError, StopIteration, TypeError):
            tally.value(path, "absent", value)
            continue
        mine = entry["value"]
        if isinstance(mine, (int, float, str)):
            tally.value(path, mine, value)


def stanag4609_reader():
    from stanag4609.klv.stream import KLVStreamParser
    from stanag4609.st0601 import FieldDecodingMode, decode_uas_local_set

    def read(packet):
        parser = KLVStreamParser()
        (one,) = parser.feed(packet) + parser.finish()
        decoded = decode_uas_local_set(one, field_decoding=FieldDecodingMode.PRESERVE)
        values = {}
        for field in decoded.fields:
            tag, value = field.definition.tag, field.value
            if plain(value) is not None:
                values[(tag,)] = plain(value)
            for inner in getattr(value, "fields", ()) or ():
                if hasattr(inner, "tag") and plain(inner.value) is not None:
                    values[(tag, inner.tag)] = plain(inner.value)
            for target in getattr(value, "targets", ()) or ():
                for inner in target.fields:
                    if plain(inner.value) is not None:
                        values[(tag, 101, target.target_id, inner.tag)] = plain(inner.value)
        return values

    return read


def klvdata_reader(module):
    def read(packet):
        (one,) = list(module.StreamParser(packet))
        values = {}
        for key, element in one.items.items():
            value = getattr(getattr(element, "value", None), "value", None)
            tag = key[0] if len(key) == 1 else None
            # Bytes and nested sets are looked into by others; 65 and 1 are bytes here.
            if tag and plain(value) is not None and not hasattr(element, "items"):
                values[(tag,)] = plain(value)
        return values

    return read


def tstrans_reader():
    """Moving targets alone: its ST 0601 names are its own."""
    import tstrans.klv

    frame = {2: "precision_time_stamp", 3: "vmti_system_name", 4: "version_number"}
    frame |= {5: "total_targets_in_frame", 6: "num_targets_reported", 8: "frame_width"}
    frame |= {9: "frame_height", 10: "source_sensor", 11: "horizontal_fov", 12: "vertical_fov"}
    pack = {1: "centroid_pixel", 2: "bbox_top_left_pixel", 3: "bbox_bottom_right_pixel"}
    pack |= {4: "priority", 5: "confidence_level", 6: "history", 7: "percentage_of_target_pixels"}
    pack |= {9: "target_intensity", 10: "centroid_lat_offset", 11: "centroid_lon_offset"}
    pack |= {12: "centroid_hae", 19: "centroid_pix_row", 20: "centroid_pix_col", 22: "algorithm_id"}

    def read(packet):
        _, at = ber(packet, 16)
        values = {}
        while at < len(packet):
            # Tags of two bytes begin with a set bit; 74 is none of them.
            tag, at = packet[at], at + 1 + (packet[at] >> 7)
            length, at = ber(packet, at)
            if tag == 74:
                vmti = tstrans.klv.decode_vmti(packet[at : at + length])
                for inner, name in frame.items():
                    value = plain(getattr(vmti, name))
                    if value is not None:
                        values[(74, inner)] = value
                for target in vmti.targets:
                    for inner, name in pack.items():
                        value = plain(getattr(target, name))
                        if value is not None:
                            values[(74, 101, target.target_id, inner)] = value
            at += length
        return values

    return read


def peers():
    found = {}
    try:
        found["stanag4609"] = stanag4609_reader()
    except ImportError:
        pass
    try:
        found["tstrans (targets)"] = tstrans_reader()
    except ImportError:
        pass
    try:
        import klvdata

        found["klvdata"] = klvdata_reader(klvdata)
    except ImportError:
        pass
    try:
        from pymisb import klvdata as vendored

        found["pymisb"] = klvdata_reader(vendored)
    except ImportError:
        pass
    return found


def main():
    binary, files = sys.argv[1], sys.argv[2:]
    print("| file | peer | packets | values equal | different | packets it fails on | largest relative difference |")
    print("|---|---|---:|---:|---:|---:|---:|")
    notes = []
    for path in files:
        with open(path, "rb") as f:
            packets = cut(f.read())
        records = ours(binary, path)
        assert len(records) == len(packets), (len(records), len(packets))
        for name, read in peers().items():
            tally = Tally(name)
            for items, packet in zip(records, packets):
                compare(tally, items, read, packet)
            file = path.rsplit("/", 1)[-1]
            print(f"| {file} | {name} | {len(packets)} | {tally.same} | {tally.other} | {tally.failed} | {tally.worst:.1e} |")
            notes += [f"{file}, {name}: {e}" for e in tally.examples]
    print()
    print("\n".join(notes))


if __name__ == "__main__":
    main()
