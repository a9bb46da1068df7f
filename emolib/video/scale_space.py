"""A video seen less and less sharply: Gaussians in space and time, and derivatives."""

import cv2
import numpy as np

from emolib.video.inputs import check_scales, check_video, grey_video

EDGE = cv2.BORDER_REFLECT  # outside the video lies its mirror image, the edge pixel twice
TRUNCATE = 4  # standard deviations: what lies further out holds 0.006 % of the weight
_NOTHING = np.ones(1, np.float32)


def gaussian_kernel(sigma):
    """Sample a Gaussian at whole numbers, out to four standard deviations.

    The printed kernel lacks its factor 1 / ((2π)^(3/2) σ² τ), so that it would brighten a video
    with its width. Ours is divided by its sum: a constant video stays what it is.

    Parameters
    ----------
    sigma : float
        Standard deviation in samples; 0 gives the kernel that changes nothing.

    Returns
    -------
    ndarray of float32, shape (2 * radius + 1,), sum 1

    Raises
    ------
    CorpusError
        Where sigma is negative or not finite.

    Source: dv-emotionnet, eq. 2, one axis of it, normalised.
    Notebook: 06_scale_space
    """
    check_scales(sigma=sigma)
    if sigma == 0:
        return _NOTHING
    radius = int(TRUNCATE * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return (kernel / kernel.sum()).astype(np.float32)


def linear_scale_space(video, sigma, tau):
    """Blur a video with a Gaussian in x, y and t.

    The Gaussian is separable: three passes, one an axis, do what one pass with a box of weights
    would. Beyond its edges the video goes on as its mirror image (first and last pixel twice), in
    space and in time, so a clip may be shorter than the kernel, down to one frame.

    Parameters
    ----------
    video : ndarray, (time, height, width), or (time, height, width, 3)
        Integers or floats of any range; colours are blurred one by one.
    sigma : float
        Standard deviation in space, pixels; 0 leaves space as it is.
    tau : float
        Standard deviation in time, frames; 0 leaves time as it is.

    Returns
    -------
    ndarray of float32
        In the video's shape and units.

    Raises
    ------
    CorpusError
        Where the video has another shape or is not finite, or a scale is negative.

    Source: dv-emotionnet, eqs 1 and 2 (the kernel normalised: see ``gaussian_kernel``).
    Notebook: 06_scale_space
    """
    check_scales(sigma=sigma, tau=tau)
    return blur(check_video(video), sigma, tau)


def blur(video, sigma, tau):
    """Do the work of ``linear_scale_space`` on a contiguous float32 video, unchecked."""
    kernel, blurred = gaussian_kernel(sigma), np.empty_like(video)
    for frame, result in zip(video, blurred, strict=True):
        cv2.sepFilter2D(frame, -1, kernel, kernel, dst=result, borderType=EDGE)
    return blur_time(blurred, tau, out=np.empty_like(video))


def blur_time(video, tau, out):
    """Blur along time: as a picture with a row a frame, a video is filtered by columns."""
    rows, kernel = len(video), gaussian_kernel(tau)
    cv2.sepFilter2D(
        video.reshape(rows, -1), -1, _NOTHING, kernel, dst=out.reshape(rows, -1), borderType=EDGE
    )
    return out


def derivatives(space):
    """Take the first derivatives of a scale space by central differences.

    Parameters
    ----------
    space : ndarray, (time, height, width)
        What ``linear_scale_space`` returned; colours are made grey.

    Returns
    -------
    ndarray of float32, shape (3, time, height, width)
        Lx and Ly a pixel, Lt a frame, in this order. At an edge the mirror image takes part, which
        halves the difference there; with one frame Lt is 0.

    Raises
    ------
    CorpusError
        Where the video has another shape or is not finite.

    Source: dv-emotionnet, eqs 5-7.
    Notebook: 06_scale_space
    """
    space = grey_video(space)
    return np.stack([slopes(space, k) for k in range(len(space))], axis=1)


def slopes(space, k):
    """Return Lx, Ly and Lt of frame k, unchecked."""
    framed = cv2.copyMakeBorder(space[k], 1, 1, 1, 1, EDGE)
    x = framed[1:-1, 2:] - framed[1:-1, :-2]
    y = framed[2:, 1:-1] - framed[:-2, 1:-1]
    t = space[min(k + 1, len(space) - 1)] - space[max(k - 1, 0)]
    for difference in (x, y, t):
        difference *= 0.5
    return x, y, t
