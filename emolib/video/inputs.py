"""What the functions of this room take: videos, frames and scales, checked in one place."""

from numbers import Real

import cv2
import numpy as np

from emolib.corpora.table import CorpusError


def _check_pixels(pixels, kind, axes, ndims):
    """Raise ``CorpusError`` unless these are finite pixels with the right axes."""
    if not isinstance(pixels, np.ndarray):
        raise CorpusError(f"a {kind} is an array {axes}, not {type(pixels).__name__}")
    if pixels.ndim not in ndims or (pixels.ndim == ndims[1] and pixels.shape[-1] != 3):
        raise CorpusError(f"a {kind} is an array {axes}; this one has the shape {pixels.shape}")
    if 0 in pixels.shape:
        raise CorpusError(f"this {kind} is empty: its shape is {pixels.shape}")
    if pixels.dtype.kind not in "ui" and not (
        pixels.dtype.kind == "f" and np.isfinite(pixels).all()
    ):
        raise CorpusError(f"the pixels of a {kind} must be finite numbers: replace NaN first")


def check_video(video):
    """Return a video as contiguous float32, in the units it came in.

    Parameters
    ----------
    video : ndarray, (time, height, width), or (time, height, width, 3) in RGB
        Integers or floats of any range.

    Raises
    ------
    CorpusError
        Where it has another shape, no pixels, or pixels that are not finite.

    Notebook: 06_scale_space
    """
    _check_pixels(video, "video", "(time, height, width), or with 3 colours last", (3, 4))
    return np.ascontiguousarray(video, np.float32)


def check_frame(frame):
    """Raise ``CorpusError`` unless a frame is (height, width), or (height, width, 3) in RGB."""
    _check_pixels(frame, "frame", "(height, width), or with 3 colours last", (2, 3))


def check_scales(**scales):
    """Raise ``CorpusError`` unless each scale is finite and not negative; ``s`` is Harris's."""
    for name, value in scales.items():
        if not (isinstance(value, Real) and 0 <= value < np.inf):
            kind = "ratio of variances" if name == "s" else "standard deviation"
            raise CorpusError(f"{name} is a {kind}, 0 or above, not {value!r}")


def grey(frame):
    """Return the luma of a frame: 0.299 R + 0.587 G + 0.114 B, in the frame's own type.

    Parameters
    ----------
    frame : ndarray, (height, width), returned as it is, or (height, width, 3) in RGB
        uint8 or float32.

    Source: ITU-R BT.601.
    Notebook: 08_optical_flow
    """
    return frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def grey_video(video):
    """Check a video as ``check_video`` does, and return it as float32 (time, height, width)."""
    video = check_video(video)
    return video if video.ndim == 3 else np.stack([grey(frame) for frame in video])
