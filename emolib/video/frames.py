"""Which frames of a clip are looked at: at another rate, in snippets, or the telling ones."""

import numpy as np

from emolib.corpora.table import CorpusError
from emolib.video.flow import dense_flow


def resample_frames(frames, fps, target=7.5):
    """Yield frames at another rate: for each moment k / target the frame nearest in time.

    Parameters
    ----------
    frames : iterable
        A video or a generator; one frame is held at a time.
    fps : float
        Their rate, frames a second.
    target : float
        The rate wanted. A higher one repeats frames; none is mixed from two.

    Yields
    ------
    frame, as it came: from 30 to 7.5 a second each fourth, the first one first.

    Raises
    ------
    CorpusError
        Where a rate is not above 0, or there is no frame.

    Source: gru-attention, section 3.4.2.
    Notebook: 09_faces
    """
    if not (0 < fps < np.inf and 0 < target < np.inf):
        raise CorpusError(f"frame rates are above 0, not {fps!r} and {target!r}")
    k = 0
    for i, frame in enumerate(frames):
        while k * fps < (i + 0.5) * target:
            yield frame
            k += 1
    if k == 0:
        raise CorpusError("there are no frames to resample: the clip is empty")


def snippet_indices(n_frames, n=6, length=16):
    """Choose the frames of snippets that cover a clip evenly.

    A clip of at least n · length frames gives snippets one after the other, with the frames in
    equal steps (1 or 2 between 3.2 and 6.4 s at 30 a second). In a shorter one each snippet takes
    consecutive frames, and neighbours share some where they must: the paper excludes overlap, yet
    its shortest clip, 3.1 s, has 93 frames for 96 places. A clip shorter than one snippet repeats
    frames.

    Parameters
    ----------
    n_frames : int
        Length of the clip.
    n : int
        Snippets.
    length : int
        Frames a snippet.

    Returns
    -------
    ndarray of int, shape (n, length), rising along both axes

    Raises
    ------
    CorpusError
        Where a number is below 1.

    Source: av-attention, sections 3.1 and 4.2.
    Notebook: 14_space_channel_time
    """
    if min(n_frames, n, length) < 1:
        raise CorpusError(
            f"{n_frames} frames, {n} snippets of {length}: all three must be at least 1"
        )
    if n_frames >= n * length:
        return _spread(n_frames, n * length).reshape(n, length)
    if n_frames < length:
        return np.tile(_spread(n_frames, length), (n, 1))
    starts = np.rint(np.linspace(0, n_frames - length, n)).astype(int)
    return starts[:, None] + np.arange(length)


def _spread(n_frames, n):
    """Return the middles of n equal parts of a clip, as frame numbers."""
    return ((2 * np.arange(n) + 1) * n_frames) // (2 * n)


def snippets(frames, n=6, length=16):
    """Cut a clip into snippets that cover it evenly (see ``snippet_indices``).

    Parameters
    ----------
    frames : ndarray, (time, ...)
    n : int
        Snippets.
    length : int
        Frames a snippet.

    Returns
    -------
    ndarray, (n, length, ...), in the frames' type

    Raises
    ------
    CorpusError
        Where there is no frame, or a number is below 1.

    Source: av-attention, sections 3.1 and 4.2.
    Notebook: 14_space_channel_time
    """
    frames = np.asarray(frames)
    return frames[snippet_indices(len(frames), n, length)]


def select_key_frames(probabilities, n=3):
    """Choose the frames of a clip that a classifier of single frames is surest about.

    The paper does not state its rule. Ours: a frame's confidence is the probability of its most
    likely class, whichever that is, since the true one is not known of a new clip. The surest frame
    comes first, then the surest of those at least time // (2 n) frames from all chosen, because
    neighbours show the same. The classifier must not have seen the clip's actor in training.

    Parameters
    ----------
    probabilities : ndarray of float, shape (time, classes)
        A classifier's answer to every frame.
    n : int
        How many frames.

    Returns
    -------
    ndarray of int, shape (n,)
        Frame numbers in the order of time; of equally sure frames the earlier.

    Raises
    ------
    CorpusError
        Where these are no probabilities, or n is not between 1 and the number of frames.

    Source: multi-input-cnn, sections 7.3 and 7.4.
    Notebook: 09_faces
    """
    probabilities = np.asarray(probabilities, float)
    if (
        probabilities.ndim != 2
        or not ((probabilities >= 0) & (probabilities <= 1)).all()
        or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)
    ):
        raise CorpusError(
            "key frames are chosen by probabilities (time, classes), each row with the sum 1; "
            f"this is an array of the shape {probabilities.shape}"
        )
    time = len(probabilities)
    if not 1 <= n <= time:
        raise CorpusError(f"{n} key frames of a clip of {time}: choose 1 to {time}")
    apart = max(time // (2 * n), 1)
    chosen = []
    for frame in np.argsort(-probabilities.max(axis=1), kind="stable"):
        if all(abs(frame - other) >= apart for other in chosen):
            chosen.append(frame)
    return np.sort(chosen[:n])


def key_frame_flow(frames, chosen):
    """Compute the flow that leads to each key frame: from the frame before it.

    Parameters
    ----------
    frames : ndarray of uint8, (time, height, width[, 3])
    chosen : sequence of int
        Frame numbers; frame 0, which has none before it, gets the flow from it to frame 1.

    Returns
    -------
    ndarray of float32, shape (chosen, height, width, 2)

    Raises
    ------
    CorpusError
        Where a number is not in the clip, or as ``dense_flow``.

    Source: multi-input-cnn, section 7.4.
    Notebook: 09_faces
    """
    chosen = np.asarray(chosen, int)
    if chosen.size == 0 or chosen.min() < 0 or chosen.max() >= len(frames):
        raise CorpusError(f"key frames {chosen.tolist()} are not all among the {len(frames)}")
    return np.stack([next(dense_flow(frames[max(k - 1, 0) :][:2])) for k in chosen])
