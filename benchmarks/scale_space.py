"""Scale space and Harris-3D against SciPy in float64, and how their time grows."""

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks import Row, growth, paired, times_faster
from emolib.video import harris3d, linear_scale_space

SIGMA, TAU, S, K = 1.5, 1.5, 2.0, 0.005
FRAMES = (24, 48, 96, 192, 384)
SIDES = (56, 112, 224, 448)


def noise(frames, side):
    """A clip of uint8 noise: the time does not depend on what is shown."""
    random = np.random.default_rng(0)
    return random.integers(0, 256, (frames, side, side), dtype=np.uint8)


def scipy_harris(video):
    """The same equations in float64, each Gaussian by ``scipy.ndimage.gaussian_filter``."""
    video = video.astype(float)
    video = (video - video.mean()) / video.std()
    space = np.pad(gaussian_filter(video, (TAU, SIGMA, SIGMA)), 1, mode="symmetric")
    inner, ahead, behind = slice(1, -1), slice(2, None), slice(None, -2)
    x = (space[inner, inner, ahead] - space[inner, inner, behind]) / 2
    y = (space[inner, ahead, inner] - space[inner, behind, inner]) / 2
    t = (space[ahead, inner, inner] - space[behind, inner, inner]) / 2
    width = np.sqrt(S) * np.array([TAU, SIGMA, SIGMA])
    products = (x * x, x * y, x * t, y * y, y * t, t * t)
    xx, xy, xt, yy, yt, tt = (gaussian_filter(product, width) for product in products)
    det = xx * (yy * tt - yt * yt) - xy * (xy * tt - xt * yt) + xt * (xy * yt - xt * yy)
    trace = xx + yy + tt
    return det - K * trace * trace * trace


def rows():
    """Compare a clip of 96 x 112 x 112, the same response first."""
    video = noise(96, 112)

    def ours():
        return harris3d(video, SIGMA, TAU, S, K)

    expected = scipy_harris(video)
    apart = np.abs(ours() - expected).max() / np.abs(expected).max()
    if apart > 1e-4:
        raise AssertionError(f"Harris-3D: {apart:.2g} of the largest response apart")
    ratio = times_faster(paired(lambda: scipy_harris(video), ours, runs=11))
    return [
        Row(
            f"linear scale space + Harris-3D, 96×112×112, σ = {SIGMA}, τ = {TAU}",
            "`scipy.ndimage.gaussian_filter`, float64",
            ratio,
            "×5",
            f"largest difference {apart:.0e} of the largest response",
        )
    ]


def growths():
    """Time both steps against the number of frames, and Harris-3D against the side."""

    def harris(frames, side):
        video = noise(frames, side)
        return lambda: harris3d(video, SIGMA, TAU)

    def space(frames, side):
        video = noise(frames, side)
        return lambda: linear_scale_space(video, SIGMA, TAU)

    frames, side = "frames of 112 × 112", "pixels a side, 24 frames"
    return [
        growth("linear scale space", frames, FRAMES, lambda n: space(n, 112), 1),
        growth("Harris-3D", frames, FRAMES, lambda n: harris(n, 112), 1),
        growth("linear scale space", side, SIDES, lambda n: space(24, n), 2),
        growth("Harris-3D", side, SIDES, lambda n: harris(24, n), 2),
    ]
