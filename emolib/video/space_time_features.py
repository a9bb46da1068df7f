"""What happens around an interest point, in numbers, and a clip's points as one vector."""

from itertools import pairwise

import numpy as np
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emolib.corpora.table import CorpusError
from emolib.video.flow import lucas_kanade
from emolib.video.harris import harris3d, interest_points
from emolib.video.inputs import grey_video
from emolib.video.scale_space import derivatives, linear_scale_space

CELLS = (2, 3, 3)  # of a patch, in time, height, width
PATCH = (8, 18)  # a patch's length in tau, its height and width in sigma
EDGE_BINS, FLOW_BINS = 4, 5
DESCRIPTOR = 2 * 3 * 3 * (EDGE_BINS + FLOW_BINS)  # 162 numbers
STILL = 0.2  # pixels a frame: less is no motion
REGIONS = 3  # of the picture, along each side


def point_features(video, points, sigma, tau):
    """Describe the neighbourhood of each point by histograms of gradient and of flow.

    A patch of about 8 τ frames by 18 σ by 18 σ pixels (each a whole and even number a cell: at
    σ = 1.5 24 pixels, not 27) is cut into 2 x 3 x 3 cells. In each, every pixel votes with the
    size of its gradient for one of 4 edge directions (0 to 180 degrees), and with one vote for one
    of 4 directions of motion or for "still". What lies outside the video does not vote. The 72 and
    the 90 numbers are each divided by their length.

    Parameters
    ----------
    video : ndarray, (time, height, width), or (time, height, width, 3) in RGB
    points : ndarray of int, (points, 3)
        Rows (t, y, x) from ``interest_points``.
    sigma, tau : float
        The scales at which they were found, above 0.

    Returns
    -------
    ndarray of float32, shape (points, 162)
        That there are as many as the course's features of sound is chance.

    Raises
    ------
    CorpusError
        Where the video is not finite, a point lies outside it, or a scale is not above 0.

    Source: dv-emotionnet names no descriptor; this one is from Laptev, Marszalek, Schmid &
    Rozenfeld, Learning realistic human actions from movies, CVPR 2008, with sizes of our own.
    Notebook: 07_harris_3d
    """
    video, points = grey_video(video), np.asarray(points)
    if sigma <= 0 or tau <= 0:
        raise CorpusError(f"sigma = {sigma}, tau = {tau}: a patch needs both above 0")
    if points.ndim != 2 or points.shape[1] != 3:
        raise CorpusError(f"points are rows (t, y, x), not an array of the shape {points.shape}")
    if len(points) and ((points < 0) | (points >= video.shape)).any():
        raise CorpusError(f"a point lies outside the video of the shape {video.shape}")
    space = linear_scale_space(video, sigma, tau)
    halves = [cells * max(round(size / cells / 2), 1) for cells, size in zip(
        CELLS, (PATCH[0] * tau, PATCH[1] * sigma, PATCH[1] * sigma), strict=True)]  # fmt: skip
    votes = [_padded(vote, halves) for vote in (*_edge_votes(space), *_flow_votes(space))]
    return np.array([_describe(votes, point, halves) for point in points], np.float32).reshape(
        len(points), DESCRIPTOR
    )


def _edge_votes(space):
    """Return each pixel's direction of gradient (0 to 3) and its weight, both (time, h, w)."""
    x, y, _ = derivatives(space)
    angle = np.arctan2(y, x) % np.pi
    return np.minimum(angle * (EDGE_BINS / np.pi), EDGE_BINS - 1).astype(int), np.hypot(x, y)


def _flow_votes(space):
    """Return where each pixel moves (0 right, 1 down, 2 left, 3 up, 4 still), and the weight 1."""
    flow = np.zeros((*space.shape, 2), np.float32)
    for k, (first, second) in enumerate(pairwise(space)):
        flow[k : k + 2] = lucas_kanade(first, second)  # the last frame keeps the flow to it
    angle = np.arctan2(flow[..., 1], flow[..., 0])
    direction = np.rint(angle / (np.pi / 2)).astype(int) % 4
    still = np.hypot(flow[..., 0], flow[..., 1]) < STILL
    return np.where(still, FLOW_BINS - 1, direction), np.ones(space.shape, np.float32)


def _padded(votes, halves):
    return np.pad(votes, [(half, half) for half in halves])


def _describe(votes, point, halves):
    """Return the two histograms of the patch around a point, each of length 1."""
    patch = tuple(slice(at, at + 2 * half) for at, half in zip(point, halves, strict=True))
    axes = (np.arange(2 * half) * n // (2 * half) for half, n in zip(halves, CELLS, strict=True))
    cell = np.ravel_multi_index(np.meshgrid(*axes, indexing="ij"), CELLS)
    parts = []
    for (direction, weight), bins in zip(
        (votes[:2], votes[2:]), (EDGE_BINS, FLOW_BINS), strict=True
    ):
        at = (cell * bins + direction[patch]).ravel()
        histogram = np.bincount(at, weight[patch].ravel(), minlength=np.prod(CELLS) * bins)
        parts.append(histogram / (np.linalg.norm(histogram) or 1))
    return np.concatenate(parts)


def clip_features(video, sigma=1.5, tau=1.5, n=20):
    """Describe a clip by its interest points: where they are, and what happens there.

    The picture is cut into 3 x 3 regions, which mean something where faces are aligned. Each gives
    the mean of its points' features and its share of the points; zeros where it has none.

    Parameters
    ----------
    video : ndarray, (time, height, width), or (time, height, width, 3) in RGB
    sigma, tau : float
        Scales, pixels and frames, above 0.
    n : int
        At most so many points.

    Returns
    -------
    ndarray of float32, shape (9 * 163,)

    Raises
    ------
    CorpusError
        As ``point_features``.

    Source: dv-emotionnet, Image Feature Extraction; how points become a row is not said there, and
    this is our reading.
    Notebook: 07_harris_3d
    """
    points = interest_points(harris3d(video, sigma, tau), n)
    features = point_features(video, points, sigma, tau)
    row, column = (REGIONS * points[:, 1:] // np.array(video.shape[1:3])).T
    region = REGIONS * row + column
    clip = np.zeros((REGIONS**2, DESCRIPTOR + 1), np.float32)
    for r in np.unique(region):
        inside = region == r
        clip[r] = [*features[inside].mean(axis=0), inside.mean()]
    return clip.ravel()


def pca_reduction(n_components=162):
    """Make the step that shortens features of pictures to the length of those of sound.

    The paper reduces "the image set" so that both have as many features, and does not name the
    technique. Our reading: principal components of the standardised features, fitted on training
    rows only, which takes more of them than components.

    Parameters
    ----------
    n_components : int
        162, the length of ``audio_features_162``.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted.

    Source: dv-emotionnet, Data Pre-Processing.
    Notebook: 11_dv_emotionnet
    """
    return make_pipeline(StandardScaler(), PCA(n_components, random_state=0))
