"""MEVA's annotated segments as tracks that do not give their events away.

In the files a track begins and ends with its event. Here the boxes of one thing under several numbers are joined
(overlapping in time and place, or one going on where the other ended), and then every track is cut or lengthened at
both ends at random, by a generator seeded with the track's name: cut by up to a quarter (at most 2 s), or lengthened by up to 4 s
where it stands (it goes on standing, with noise) and 1.5 s where it moves (at its last velocity).
"""
import datetime
import glob
import hashlib
import os
import random

import numpy as np
import pandas as pd

CAMERAS = ["G328", "G424", "G506"]
FPS = 30.0
# Errors of box edges, pixels: annotated by hand, whole numbers.
PIXEL_SIGMA = 0.5
# The middle of a box's lower edge is not one point of the thing: metres.
LEAST_SIGMA = {"person": 0.15, "vehicle": 0.3}
VEHICLE = {
    "vehicle_stops": "stop",
    "vehicle_starts": "start",
    "vehicle_turns_left": "turn_left",
    "vehicle_turns_right": "turn_right",
    "vehicle_makes_u_turn": "u_turn",
    "vehicle_reverses": "reverse",
}
PERSON = {
    "person_enters_vehicle": "enter_vehicle",
    "person_exits_vehicle": "exit_vehicle",
    "person_exits_scene_through_structure": "enter_structure",
    "person_enters_scene_through_structure": "exit_structure",
    "vehicle_drops_off_person": "drop_off",
    "vehicle_picks_up_person": "pick_up",
}
LONG = ("drop_off", "pick_up")
KINDS = list(VEHICLE.values()) + list(PERSON.values())


def half(clip):
    """A or B, by the hash of the clip's name."""
    return "AB"[hashlib.sha256(clip.encode()).digest()[0] % 2]


def clip_start(clip):
    """UTC seconds: local time of the clip plus four hours, as the recordings' README says."""
    day, begin = clip.split(".")[:2]
    t = datetime.datetime.strptime(day + begin, "%Y-%m-%d%H-%M-%S")
    return t.replace(tzinfo=datetime.timezone.utc).timestamp() + 4 * 3600


def camera(data, name):
    """Place of the camera and focal length, from its model."""
    path = glob.glob(os.path.join(data, "meva_krtd", f"*.{name}.krtd"))[0]
    lines = [line.split() for line in open(path).read().splitlines() if line.strip()]
    k, r = np.array(lines[0:3], float), np.array(lines[3:6], float)
    centre = -r.T @ np.array(lines[6], float)
    return centre, k[0, 0]


def iou(a, b):
    """Share of two arrays of boxes that they have in common."""
    w = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    h = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    both = np.clip(w, 0, None) * np.clip(h, 0, None)
    area = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])
    return both / np.maximum(area(a) + area(b) - both, 1e-9)


BOX = ["x1", "y1", "x2", "y2"]


def same(a, b):
    """Whether two tracks of a clip are one thing."""
    both = np.intersect1d(a.frame.values, b.frame.values)
    if len(both):
        x = a.set_index("frame").loc[both, BOX].values
        y = b.set_index("frame").loc[both, BOX].values
        return np.median(iou(x, y)) > 0.6
    if a.frame.iloc[0] > b.frame.iloc[0]:
        a, b = b, a
    gap = b.frame.iloc[0] - a.frame.iloc[-1]
    lo, hi = max(a.frame.iloc[0], b.frame.iloc[0]), min(a.frame.iloc[-1], b.frame.iloc[-1])
    if lo < hi:
        # Sampled at different frames of the same time: compared by interpolation.
        f = np.linspace(lo, hi, 8)
        at = lambda t: np.stack([np.interp(f, t.frame, t[c]) for c in BOX], 1)
        return np.median(iou(at(a), at(b))) > 0.6
    if gap > 60:
        return False
    return iou(a[BOX].values[-1:], b[BOX].values[:1])[0] > 0.5


def joined(tracks):
    """Groups of track numbers of one clip that are one thing."""
    ids = list(tracks)
    parent = {i: i for i in ids}

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for n, i in enumerate(ids):
        for j in ids[n + 1:]:
            if tracks[i]["class"].iloc[0] == tracks[j]["class"].iloc[0] and same(tracks[i], tracks[j]):
                parent[root(j)] = root(i)
    groups = {}
    for i in ids:
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


class Segment:
    """One thing in one clip."""

    def __init__(self, clip, ids, rows, events):
        self.clip, self.ids = clip, ids
        self.cls = rows["class"].iloc[0]
        self.name = f"{clip}#{ids[0]}"
        rows = rows.groupby("frame", as_index=False)[["e_m", "n_m"]].mean().sort_values("frame")
        self.f = rows.frame.values.astype(float)
        self.p = rows[["e_m", "n_m"]].values
        self.events = events
        self.truth = []
        self.sigma = np.ones(len(self.f))

    def disturb(self, seed):
        """Cuts or lengthens both ends; keeps the events of which half or more is left."""
        rng = random.Random(f"{seed}/{self.name}")
        f, p, sigma = self.f, self.p, self.sigma
        begin, end = f[0], f[-1]
        kinds = sorted((e[1], e[2], e[0]) for e in self.events)
        halts = any(k == "stop" and f1 > end - 0.5 * FPS for _, f1, k in kinds)
        starts = any(k == "start" and f0 < begin + 0.5 * FPS for f0, _, k in kinds)
        long = (end - begin) / FPS
        still = np.abs(p - np.median(p, 0)).max() < 3 * np.median(sigma) + 0.5
        stands = {"end": halts or still, "begin": starts or still}
        cut = {}
        for side in ("begin", "end"):
            if rng.random() < 0.5:
                cut[side] = rng.uniform(0, min(2.0, 0.25 * long)) * FPS
            elif stands[side]:
                cut[side] = -rng.uniform(0, 4.0) * FPS
            else:
                cut[side] = -rng.uniform(0, 1.5) * FPS
        keep = (f >= begin + max(cut["begin"], 0)) & (f <= end - max(cut["end"], 0))
        if keep.sum() >= 2:
            f, p, sigma = f[keep], p[keep], sigma[keep]
        seen = (f[0], f[-1])
        noise = np.random.default_rng(rng.randrange(2**32))
        for side in ("begin", "end"):
            n = int(-cut[side] / 6)
            if n <= 0:
                continue
            i = 0 if side == "begin" else -1
            v = np.zeros(2)
            if not stands[side] and self.cls == "vehicle":
                near = np.abs(f - f[i]) <= 30
                if near.sum() >= 3:
                    v = np.polyfit(f[near], p[near], 1)[0]
            step = -6.0 if side == "begin" else 6.0
            more_f = f[i] + step * np.arange(1, n + 1)
            more_p = p[i] + v * (more_f - f[i])[:, None]
            more_p = more_p + noise.normal(0, 0.5, more_p.shape) * sigma[i]
            more_s = np.full(n, sigma[i])
            if side == "begin":
                f, p, sigma = np.r_[more_f[::-1], f], np.r_[more_p[::-1], p], np.r_[more_s, sigma]
            else:
                f, p, sigma = np.r_[f, more_f], np.r_[p, more_p], np.r_[sigma, more_s]
        self.df, self.dp, self.ds = f, p, sigma
        self.truth, self.cut = [], []
        for kind, f0, f1 in self.events:
            left = min(f1, seen[1]) - max(f0, seen[0])
            # A drop-off lasts far longer than its person is in the tracks.
            least = 0.0 if kind in LONG else 0.5 * (f1 - f0)
            kept = self.truth if left >= least else self.cut
            kept.append((kind, f0 / FPS, f1 / FPS))


def load(data, which):
    """All segments of one half, by camera."""
    events = pd.read_csv(os.path.join(data, "meva_events.csv.gz"))
    names = {**VEHICLE, **PERSON}
    annotated = set(events["clip"])
    events = events[events.activity.isin(names)]
    cameras = {}
    for cam in CAMERAS:
        table = pd.read_csv(os.path.join(data, f"meva_tracks_{cam}.csv.gz"))
        centre, focal = camera(data, cam)
        segments = []
        for clip, rows in table.groupby("clip"):
            # Tracks of some clips come without a single event: there is no truth about them.
            if half(clip) != which or clip not in annotated:
                continue
            mine = events[events["clip"] == clip]
            by_actor = {}
            for e in mine.itertuples():
                for actor in e.actors.split():
                    number, cls = actor.split(":")
                    wanted = "vehicle" if e.activity in VEHICLE else "person"
                    if cls == wanted:
                        by_actor.setdefault(int(number), []).append((names[e.activity], e.frame0, e.frame1))
            for cls in ("person", "vehicle"):
                tracks = {k: d for k, d in rows[rows["class"] == cls].groupby("track") if len(d) > 1}
                for ids in joined(tracks):
                    found = sorted({e for i in ids for e in by_actor.get(i, [])})
                    s = Segment(clip, ids, pd.concat([tracks[i] for i in ids]), found)
                    r = np.hypot(*(s.p - centre[:2]).T)
                    # A pixel of the box's lower edge, on the ground: r²/(f h); across the view it is r/f.
                    s.sigma = np.clip(PIXEL_SIGMA * r * r / (focal * centre[2]), LEAST_SIGMA[s.cls], 15.0)
                    segments.append(s)
        cameras[cam] = segments
    return cameras
