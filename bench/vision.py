"""Frames a second of finding what moves, beside a plain OpenCV pipeline, at three sizes of picture.

    .venv/bin/python bench/vision.py target/debug/atalaya WORLD.ts [RECORDING ...]

Each clip is scaled to 360x240, 1280x720 and 1920x1080 and read once by each: Atalaya (`atalaya detect`, three earlier
pictures, four where it registers) and OpenCV on one thread (corners, Lucas-Kanade, RANSAC homography, warp, difference,
opening and closing, components; one earlier picture), which registers at full and at half size. Decoding is not
counted. The best of `ROUNDS` turns, each after the other, so that what else the machine does hits both alike.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "eval"))
from opencv_baseline import homography  # noqa: E402

SIZES = ((360, 240), (1280, 720), (1920, 1080))
FRAMES = 150
ROUNDS = 3
THRESHOLD = 18


def scale(clip, width, height, out):
    """A clip of `FRAMES` pictures at the size, lightly coded."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", clip, "-map", "0:v:0", "-frames:v", str(FRAMES), "-vf"]
        + [f"scale={width}:{height}", "-c:v", "libx264", "-preset", "veryfast", "-crf", "16", out],
        check=True,
    )


def opencv(frames, half):
    """Frames a second and boxes a frame."""
    height, width = frames[0].shape
    twice = np.diag([2.0, 2.0, 1.0])
    small_kernel, large_kernel = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
    before, boxes = None, 0
    start = time.perf_counter()
    for frame in frames:
        soft = cv2.GaussianBlur(frame, (3, 3), 0)
        base = cv2.resize(frame, (width // 2, height // 2), interpolation=cv2.INTER_AREA) if half else soft
        if before is not None:
            h = homography(before[1], base)
            if h is not None:
                h = twice @ h @ np.linalg.inv(twice) if half else h
                warped = cv2.warpPerspective(before[0], h, (width, height))
                mask = (cv2.absdiff(soft, warped) > THRESHOLD).astype(np.uint8)
                mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, small_kernel)
                mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, large_kernel)
                boxes += cv2.connectedComponentsWithStats(mask)[0] - 1
        before = (soft, base)
    return len(frames) / (time.perf_counter() - start), boxes / len(frames)


def grey(clip):
    reader, frames = cv2.VideoCapture(clip), []
    while True:
        ok, picture = reader.read()
        if not ok:
            return frames
        frames.append(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))


def atalaya(program, clip):
    """Frames a second, boxes a frame, and the hash of the settings."""
    run = subprocess.run(
        [program, "detect", "--sensor", "eo", clip], check=True, capture_output=True, text=True
    )
    said = re.search(r"(\d+) frames, ([\d.]+) frames/s of vision(?:, settings (\w+))?", run.stderr)
    return float(said[2]), len(run.stdout.splitlines()) / int(said[1]), said[3]


def main():
    program, *clips = sys.argv[1:]
    cv2.setNumThreads(1)
    cv2.setRNGSeed(1)
    settings = None
    print("| clip | size | Atalaya, frames/s | OpenCV, half size | OpenCV, full size | times the faster | boxes a frame: Atalaya, half, full |")
    print("|---|---|---:|---:|---:|---:|---|")
    with tempfile.TemporaryDirectory() as folder:
        for clip in clips:
            for width, height in SIZES:
                scaled = os.path.join(folder, "clip.mp4")
                scale(clip, width, height, scaled)
                frames = grey(scaled)
                ours, half, full = [], [], []
                for _ in range(ROUNDS):
                    ours.append(atalaya(program, scaled))
                    half.append(opencv(frames, True))
                    full.append(opencv(frames, False))
                (fps, boxes, settings), h, f = max(ours), max(half), max(full)
                faster = max(h[0], f[0])
                name = os.path.splitext(os.path.basename(clip))[0]
                print(
                    f"| {name} | {width}x{height} | {fps:.0f} | {h[0]:.0f} | {f[0]:.0f} | {fps / faster:.1f}"
                    f" | {boxes:.1f}, {h[1]:.1f}, {f[1]:.1f} |",
                    flush=True,
                )
    print(f"\nsettings {settings}; {FRAMES} frames of each, best of {ROUNDS} turns")


if __name__ == "__main__":
    main()
