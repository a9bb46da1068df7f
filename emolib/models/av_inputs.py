"""What av-attention's network takes, made of a clip; and a clip's label by a trained network."""

import cv2
import numpy as np

from emolib import corpora
from emolib.audio import spectrogram_parts
from emolib.corpora.table import EMOTIONS, CorpusError
from emolib.models.av_attention import INPUTS, SIZES, SNIPPETS, input_shapes
from emolib.video import align_face, faces, snippet_indices

RATE = 16_000  # Hz: 32 ms are 512 samples, 257 frequencies


def face_snippets(frames, n=SNIPPETS, length=16, size=224, looks=None):
    """Cut snippets of aligned faces out of a clip, looking for the face in few frames.

    The frames that are used are split into ``looks`` equal parts; the face is looked for in the
    middle of each, and its five points are interpolated between the looks. Which face: at first the
    largest, afterwards the one nearest to the last. A snippet whose nearest look found no face from
    the front is 0 throughout: the network takes it for missing. A clip with fewer frames than the
    snippets need shares or repeats some, so that there are always n, see ``snippet_indices``.

    Parameters
    ----------
    frames : sequence of uint8 (height, width, 3), RGB
    n, length : int
        Snippets, and frames in each.
    size : int
        Side of the aligned faces, pixels.
    looks : int, optional
        1 to n · length; without it n, one in each snippet.

    Returns
    -------
    ndarray of uint8, (n, length, size, size, 3)

    Raises
    ------
    CorpusError
        Where no look finds a face from the front, the looks are too few or too many, or as
        ``snippet_indices`` and ``detect_faces_in``.

    Source: av-attention, sections 3.1 and 4.2; the few looks are ours.
    Notebook: 14_space_channel_time
    """
    chosen = snippet_indices(len(frames), n, length).ravel()
    looks = n if looks is None else looks
    if not 1 <= looks <= len(chosen):
        raise CorpusError(
            f"{looks} looks for a face in {len(chosen)} frames: give 1 to {len(chosen)}"
        )
    at = ((2 * np.arange(looks) + 1) * len(chosen)) // (2 * looks)
    found, last = {}, None
    together = faces.detect_faces_in([frames[chosen[place]] for place in at])
    for place, seen in zip(at, together, strict=True):
        face = faces.speaker(seen, last)
        if face is not None:
            found[place], last = face.points, face
    if not found:
        raise CorpusError(
            f"no face from the front in any of {looks} frames: choose a clip in which the face is "
            "seen, lit, and at least a tenth of the picture high"
        )
    points = _between(found, len(chosen))
    cut = np.zeros((n, length, size, size, 3), np.uint8)
    for k in range(n):
        middle = (k + 0.5) * length - 0.5
        if at[np.abs(at - middle).argmin()] in found:
            for i in range(k * length, (k + 1) * length):
                cut[k, i % length] = _cut(frames[chosen[i]], points[i], size)
    return cut


def _between(found, n):
    """Interpolate the five points of some frames to all n: (n, 5, 2)."""
    places, known = list(found), np.reshape(list(found.values()), (-1, 10))
    points = [np.interp(np.arange(n), places, column) for column in known.T]
    return np.transpose(points).reshape(n, 5, 2)


def _cut(frame, points, size):
    """Align a face at twice the size and average: a large face would alias at 56 pixels."""
    return cv2.resize(
        align_face(frame, points, 2 * size), (size, size), interpolation=cv2.INTER_AREA
    )


def av_inputs(row, size="quick", inputs=INPUTS, looks=None):
    """Read a clip as av-attention's network takes it.

    Parameters
    ----------
    row : pandas.Series
        A row of a clip table. A puppet fills its frame: no face is looked for.
    size : str
        One of the network's sizes.
    inputs : sequence of str
        Of ``audio`` and ``video``.
    looks : int, optional
        In how many frames the face is looked for, see ``face_snippets``.

    Returns
    -------
    dict
        ``audio``: float32, spectrograms of mean 0 and variance 1; ``video``: uint8, faces; with the
        shapes of ``input_shapes``, without a batch axis.

    Raises
    ------
    CorpusError
        Where the row lacks a sense or no face is found; the message names the clip.
    ValueError
        Where the size is unknown.

    Source: av-attention, sections 3.1, 3.2 and 4.2.
    Notebook: 14_space_channel_time
    """
    shapes, read = input_shapes(size), {}
    if "audio" in inputs:
        n, height, width, _ = shapes["audio"]
        signal, rate = corpora.read_audio(row, RATE)
        read["audio"] = spectrogram_parts(signal, rate, n, (height, width))[..., None]
    if "video" in inputs:
        read["video"] = _faces(row, SIZES[size]["fps"], *shapes["video"][:3], looks)
    return read


def _faces(row, fps, n, length, pixels, looks):
    if row["corpus"] == "puppets":
        frames, _ = corpora.read_video(row, size=pixels, fps=fps)
        return frames[snippet_indices(len(frames), n, length)]
    frames = [frame for frame, _ in corpora.iter_video(row, fps=fps)]
    try:
        return face_snippets(frames, n, length, pixels, looks)
    except CorpusError as error:
        raise CorpusError(f"clip {row['clip']!r}: {error}") from error


def classify_clip(model, clip, classes=EMOTIONS):
    """Name the emotion of one clip by a trained network.

    Parameters
    ----------
    model : keras.Model
        What ``av_attention`` builds. Its first clip takes seconds more: it is compiled then.
    clip : dict
        What ``av_inputs`` returns. For a sense that is missing, put zeros of its shape.
    classes : sequence of str
        The emotion that each output means.

    Returns
    -------
    label : str
    probabilities : ndarray of float32, (classes,)

    Raises
    ------
    ValueError
        Where there are not as many classes as outputs.

    Source: av-attention, section 4.4 (one clip at a time).
    Notebook: 14_space_channel_time
    """
    batch = {x.name: clip[x.name][None] for x in model.inputs}
    batch = batch if len(batch) > 1 else next(iter(batch.values()))
    probabilities = np.asarray(model.predict_on_batch(batch)["probabilities"])[0]
    if len(classes) != len(probabilities):
        raise ValueError(f"{len(classes)} classes for {len(probabilities)} outputs")
    return classes[int(probabilities.argmax())], probabilities
