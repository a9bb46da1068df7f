"""Dense flow of a clip against OpenCV's own calls in a bare loop, and how flow's time grows."""

from itertools import pairwise

import cv2
import numpy as np

from benchmarks import Row, growth, paired, times_faster
from emolib import corpora
from emolib.video import dense_flow, lucas_kanade

FRAMES = (6, 12, 24, 48)
SIDES = (112, 224, 448)


def opencv_flow(frames):
    """Call OpenCV for each pair of frames, and nothing else."""
    found, first = [], cv2.cvtColor(frames[0], cv2.COLOR_RGB2GRAY)
    for frame in frames[1:]:
        second = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        found.append(cv2.calcOpticalFlowFarneback(first, second, None, 0.5, 3, 15, 3, 5, 1.2, 0))
        first = second
    return found


def clip(n=None, size=None):
    """The first n frames of a puppet's clip."""
    return corpora.read_video(corpora.load("puppets").iloc[0], size)[0][:n]


def rows():
    """Compare a whole clip; the ratio is our time over OpenCV's, so small is good."""
    frames = clip()
    if not np.array_equal(opencv_flow(frames), list(dense_flow(frames))):
        raise AssertionError("dense flow differs from OpenCV's")
    pairs = paired(lambda: list(dense_flow(frames)), lambda: opencv_flow(frames), runs=11)
    return [
        Row(
            f"dense flow of a clip of {len(frames)} frames of 112×112, time over the peer's",
            "OpenCV's calls in a bare loop",
            times_faster(pairs),
            "at most ×1.2",
            "equal bit by bit",
        )
    ]


def growths():
    """Time both flows against the number of frames and the side."""

    def dense(frames):
        return lambda: list(dense_flow(frames))

    def linear(frames):
        return lambda: [lucas_kanade(a, b) for a, b in pairwise(frames)]

    frames, side = "frames of 112 × 112", "pixels a side, 6 frames"
    whole = clip()
    return [
        growth("dense flow", frames, FRAMES, lambda n: dense(whole[:n]), 1),
        growth("Lucas-Kanade", frames, FRAMES, lambda n: linear(whole[:n]), 1),
        growth("dense flow", side, SIDES, lambda n: dense(clip(6, n)), 2),
        growth("Lucas-Kanade", side, SIDES, lambda n: linear(clip(6, n)), 2),
    ]
