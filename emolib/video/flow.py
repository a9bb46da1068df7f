"""Which way does each pixel move? Optical flow, and its picture."""

from itertools import pairwise

import cv2
import numpy as np

from emolib.corpora.table import CorpusError
from emolib.video.inputs import check_frame, grey
from emolib.video.scale_space import EDGE, derivatives

UNDETERMINED = 1e-3  # least share of the smaller eigenvalue in the sum of both


def lucas_kanade(first, second, window=3):
    """Estimate the motion between two frames by least squares over a neighbourhood.

    The flow equation Ix·u + Iy·v + It = 0 is one line in the plane of (u, v) a pixel; the pixels of
    a window are taken to move alike, so that 3 x 3 give nine equations with two unknowns.

    Parameters
    ----------
    first, second : ndarray, (height, width), or (height, width, 3) in RGB
        Integers or floats of any range, the same for both.
    window : int
        Odd, side of the neighbourhood in pixels.

    Returns
    -------
    ndarray of float32, shape (height, width, 2)
        Motion to the right and down, pixels a frame. Where a window holds edges of one direction
        only, the shortest of the motions that fit (across the edge); where it is flat, 0.

    Raises
    ------
    CorpusError
        Where the frames are no pictures, differ in shape or type, or are not finite, or the window
        is not odd.

    Notes
    -----
    One linear step: it holds for motions that are small beside the pattern, about a pixel.
    Derivatives are central differences, in space averaged over both frames.

    Source: multi-input-cnn, eq. 1 and the text after it (Lucas & Kanade, 1981).
    Notebook: 08_optical_flow
    """
    if window != int(window) or window < 1 or window % 2 == 0:
        raise CorpusError(f"the window's side is an odd number of pixels, not {window!r}")
    pair = np.stack(_grey_pair(first, second)).astype(np.float32)
    x, y = derivatives(pair)[:2].mean(axis=1)
    t = pair[1] - pair[0]

    def over_window(product):
        return cv2.blur(product, (int(window), int(window)), borderType=EDGE)

    xx, xy, yy = over_window(x * x), over_window(x * y), over_window(y * y)
    xt, yt = -over_window(x * t), -over_window(y * t)
    det, trace = xx * yy - xy * xy, xx + yy
    # Two eigenvalues: solve. One (then the matrix is trace · e eᵀ): only along its eigenvector e.
    both = det > UNDETERMINED * trace * trace
    scale = np.where(both, det, trace * trace)
    scale[scale == 0] = np.inf
    u = np.where(both, yy * xt - xy * yt, xx * xt + xy * yt) / scale
    v = np.where(both, xx * yt - xy * xt, xy * xt + yy * yt) / scale
    return np.stack([u, v], axis=-1)


def _grey_pair(first, second):
    """Check two frames and return them grey."""
    for frame in (first, second):
        check_frame(frame)
    if first.shape != second.shape or first.dtype != second.dtype:
        raise CorpusError(
            f"flow needs two frames of one size and type, not {first.dtype} {first.shape} and "
            f"{second.dtype} {second.shape}"
        )
    if first.dtype not in (np.uint8, np.float32):
        first, second = first.astype(np.float32), second.astype(np.float32)
    return grey(first), grey(second)


def dense_flow(frames):
    """Yield the motion of every pixel from each frame to the next, by OpenCV's Farneback method.

    Parameters
    ----------
    frames : iterable of ndarray, uint8, (height, width), or (height, width, 3) in RGB
        A video or a generator: two frames are held at a time.

    Yields
    ------
    ndarray of float32, shape (height, width, 2)
        Motion to the right and down, pixels a frame; one fewer than there are frames.

    Raises
    ------
    CorpusError
        Where there are fewer than two frames, they are not uint8 (Farneback's method depends on
        their range), or they differ in size.

    Source: multi-input-cnn, section 6.2; Farneback, Two-frame motion estimation based on
    polynomial expansion, SCIA 2003.
    Notebook: 08_optical_flow
    """
    count = 0
    for count, (first, second) in enumerate(pairwise(_grey_frames(frames)), start=1):
        if first.shape != second.shape:
            raise CorpusError(
                f"frame {count} has the size {second.shape}, the one before {first.shape}: flow "
                "needs frames of one size"
            )
        yield cv2.calcOpticalFlowFarneback(
            first, second, None, pyr_scale=0.5, levels=3, winsize=15, iterations=3, poly_n=5,
            poly_sigma=1.2, flags=0,
        )  # fmt: skip
    if count == 0:
        raise CorpusError("flow goes from one frame to the next: give at least two frames")


def _grey_frames(frames):
    for frame in frames:
        check_frame(frame)
        if frame.dtype != np.uint8:
            raise CorpusError(
                f"dense flow takes frames of uint8, 0 to 255, not {frame.dtype}: scale and convert "
                "them, so that their contrast is known"
            )
        yield grey(frame)


def flow_to_color(flow, largest=None):
    """Make a picture of a flow: direction becomes hue, magnitude becomes value.

    Parameters
    ----------
    flow : ndarray of float, shape (height, width, 2)
        Motion to the right and down.
    largest : float, optional
        The motion in pixels that is drawn in full value; larger ones are too. By default the
        flow's own largest, so that pictures of several flows then differ in scale.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3), RGB
        Right is red; yellow-green follows downwards, cyan left, violet up. Rest is black.

    Raises
    ------
    CorpusError
        Where the flow has another shape or is not finite, or ``largest`` is not above 0.

    Source: multi-input-cnn, Fig. 7.
    Notebook: 08_optical_flow
    """
    flow = np.asarray(flow, np.float32)
    if flow.ndim != 3 or flow.shape[2] != 2 or not np.isfinite(flow).all():
        raise CorpusError(
            f"a flow is finite, (height, width, 2); this one has the shape {flow.shape}"
        )
    if largest is not None and not largest > 0:
        raise CorpusError(f"largest = {largest!r}: give a motion in pixels above 0")
    magnitude, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1], angleInDegrees=True)
    scale = float(largest or magnitude.max() or 1)
    value = np.minimum(magnitude / scale, 1)
    hsv = np.stack([angle % 360, np.ones_like(value), value], axis=-1)
    return np.rint(255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)).astype(np.uint8)
