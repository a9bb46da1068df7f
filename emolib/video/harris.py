"""Where does something happen? Corners in space-time: second moments, Harris-3D, its peaks."""

import cv2
import numpy as np
from scipy.ndimage import maximum_filter

from emolib.corpora.table import CorpusError
from emolib.video.inputs import check_scales, grey_video
from emolib.video.scale_space import EDGE, blur, blur_time, gaussian_kernel, slopes

# A symmetric matrix keeps xx, xy, xt, yy, yt, tt; where each of its nine entries stands there:
_ENTRIES = [[0, 1, 2], [1, 3, 4], [2, 4, 5]]


def second_moment(space, sigma, tau, s=2.0):
    """Average the products of the derivatives over a neighbourhood of every voxel.

    Parameters
    ----------
    space : ndarray, (time, height, width)
        ``linear_scale_space(video, sigma, tau)``; colours are made grey.
    sigma, tau : float
        The scales at which it was made, pixels and frames.
    s : float
        The averaging Gaussian has the variances s·σ² and s·τ².

    Returns
    -------
    ndarray of float32, shape (time, height, width, 3, 3)
        A symmetric matrix a voxel, rows and columns in the order x, y, t, no eigenvalue negative
        but by rounding. (A view: each entry of the matrix lies in memory as one video.)

    Raises
    ------
    CorpusError
        Where the video has another shape or is not finite, or a scale is negative.

    Source: dv-emotionnet, eqs 3 and 4 (the last entry, printed L_z², is L_t²).
    Notebook: 07_harris_3d
    """
    check_scales(sigma=sigma, tau=tau, s=s)
    planes = _moments(grey_video(space), sigma, tau, s)
    return np.moveaxis(planes[_ENTRIES], (0, 1), (-2, -1))


def _moments(space, sigma, tau, s):
    """Return the six different entries of ``second_moment`` as videos (6, time, height, width)."""
    wide, long = gaussian_kernel(np.sqrt(s) * sigma), np.sqrt(s) * tau
    planes = np.empty((7, *space.shape), np.float32)
    for k in range(len(space)):  # frame by frame, so that the work stays in the processor's cache
        x, y, t = slopes(space, k)
        products = (x * x, x * y, x * t, y * y, y * t, t * t)
        for plane, product in zip(planes[1:], products, strict=True):
            cv2.sepFilter2D(product, -1, wide, wide, dst=plane[k], borderType=EDGE)
    for k in range(6):  # each into the place of the one before it, which is free by then
        blur_time(planes[k + 1], long, out=planes[k])
    return planes[:6]


def harris3d(video, sigma, tau, s=2.0, k=0.005):
    """Answer how much a video changes in all of x, y and t at once, at every voxel.

    The response is det μ - k·trace³ μ. In eigenvalues that is λ1·λ2·λ3 - k·(λ1 + λ2 + λ3)³; the
    printed form lacks the cube, and then the two terms grow differently with the contrast c of the
    video (c⁶ and c²), so that the light decides what counts as an event.

    Parameters
    ----------
    video : ndarray, (time, height, width), or (time, height, width, 3) in RGB, which is made grey
        Integers or floats of any range: the video is standardised first (mean 0, standard deviation
        1 over the whole clip). This is our reading of "normalized such that the effect of
        variations due to illumination can be removed": brightness and contrast of a clip change
        nothing; light that changes within it does.
    sigma, tau : float
        Scales, pixels and frames: a fine one finds small, quick events.
    s : float
        Ratio of the averaging Gaussian's variances to σ² and τ².
    k : float
        Above 1/27 (equal eigenvalues) no voxel has a positive response.

    Returns
    -------
    ndarray of float32, shape (time, height, width)
        Positive at events, negative or about 0 elsewhere; 0 throughout a constant video, nowhere
        positive (but by rounding) in a single frame or at a scale of 0.

    Raises
    ------
    CorpusError
        Where the video has another shape or is not finite, or a scale is negative.

    Source: dv-emotionnet, eq. 8, with the cube.
    Notebook: 07_harris_3d
    """
    check_scales(sigma=sigma, tau=tau, s=s)
    video = grey_video(video)
    if np.ptp(video) == 0:
        return np.zeros(video.shape, np.float32)
    mean, deviation = cv2.meanStdDev(video.reshape(len(video), -1))
    standard = (video - float(mean[0, 0])) / float(deviation[0, 0])
    planes = _moments(blur(standard, sigma, tau), sigma, tau, s)
    response = np.empty(video.shape, np.float32)
    for at, result in enumerate(response):
        result[:] = _response(planes[:, at], k)
    return response


def _response(entries, k):
    """Return det - k·trace³ of symmetric matrices, given by their six entries."""
    xx, xy, xt, yy, yt, tt = entries
    det = xx * (yy * tt - yt * yt) - xy * (xy * tt - xt * yt) + xt * (xy * yt - xt * yy)
    trace = xx + yy + tt
    return det - k * trace * trace * trace  # NumPy's power takes ten times as long


def interest_points(response, n, radius=(2, 3)):
    """Take the strongest peaks of a response.

    A peak is positive and the highest within a box around it; of equal neighbours the first in
    time, then from the top, then from the left, counts.

    Parameters
    ----------
    response : ndarray, (time, height, width), or (scale, time, height, width)
        From ``harris3d``. Responses at several scales can be compared as they are stacked here once
        each is multiplied by sigma⁶, with tau / sigma the same throughout; a point must then be the
        highest over all scales too.
    n : int
        At most so many points.
    radius : (int, int)
        Half the box: frames, pixels. About tau and sigma of the response, or wider.

    Returns
    -------
    ndarray of int, shape (points, 3) or (points, 4)
        Rows (t, y, x), or (scale, t, y, x), the strongest first; equals in the order above. No row
        where nothing is positive.

    Raises
    ------
    CorpusError
        Where the response has another shape or is not finite, n is no whole number above 0, or a
        radius is negative.

    Source: dv-emotionnet, text around eq. 8.
    Notebook: 07_harris_3d
    """
    response = np.asarray(response)
    if response.ndim not in (3, 4) or not np.isfinite(response).all():
        raise CorpusError(
            "a response is finite, (time, height, width) or with scales before; this one has the "
            f"shape {response.shape}"
        )
    if n != int(n) or n < 1:
        raise CorpusError(f"n = {n!r} points: choose a whole number above 0")
    if min(radius) < 0:
        raise CorpusError(f"radius = {radius}: half a box is 0 or more frames and pixels")
    reach = [len(response)] * (response.ndim - 3) + [radius[0], radius[1], radius[1]]
    highest = maximum_filter(response, [2 * r + 1 for r in reach])
    peaks = np.argwhere((response == highest) & (response > 0))
    strength = response[tuple(peaks.T)]
    kept = np.empty((0, response.ndim), int)
    for peak in peaks[np.argsort(-strength, kind="stable")]:
        if not (np.abs(kept - peak) <= reach).all(axis=1).any():  # a neighbour as high as it
            kept = np.vstack([kept, peak])
        if len(kept) == n:
            break
    return kept
