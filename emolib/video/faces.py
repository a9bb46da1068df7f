"""Where are the faces in a picture, and how do they come to lie alike? Five points, by MTCNN."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from emolib import corpora
from emolib.corpora.decoding import is_picture
from emolib.corpora.table import CorpusError
from emolib.devices import import_keras, import_tensorflow
from emolib.video.inputs import check_frame

FIVE_POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
CONFIDENT = 0.9
LONGER_SIDE = 320  # pixels: MTCNN's time grows with the picture's area, and it finds the same faces
SHORTER_SIDE = 160  # pixels: smaller pictures are enlarged, which finds more of the small faces

# Where the five points come to lie, as shares of the aligned picture's side: what is seen then
# reaches from the hairline to below the chin.
CANONICAL = np.array([(0.32, 0.38), (0.68, 0.38), (0.50, 0.57), (0.36, 0.76), (0.64, 0.76)])


@dataclass(frozen=True)
class DetectedFace:
    """One face in a picture, all in pixels of that picture.

    Attributes
    ----------
    box : float64 (4,): x, y, width, height
    points : float64 (5, 2): x, y of ``FIVE_POINTS``, "left" as seen in the picture
    confidence : float, 0 to 1
    """

    box: np.ndarray
    points: np.ndarray
    confidence: float


@lru_cache(maxsize=1)
def _detector():
    """The network, loaded at its first use: its import brings TensorFlow."""
    tf = import_tensorflow()
    from mtcnn import MTCNN

    if import_keras().config.backend() != "tensorflow":
        raise CorpusError(
            "MTCNN, which finds the faces, runs on TensorFlow alone: read them in a run without "
            "KERAS_BACKEND, and train on what was kept"
        )
    detector = MTCNN()
    # Run one operation at a time, its networks take twice as long. The names are the library's
    # own affair: where they change, it is slower and no worse.
    with suppress(AttributeError):
        for stage in detector._stages:
            stage._model = tf.function(stage._model, reduce_retracing=True)
    return detector


def _check_picture(frame):
    if not (
        isinstance(frame, np.ndarray)
        and frame.dtype == np.uint8
        and frame.ndim == 3
        and frame.shape[2] == 3
    ):
        got = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame)
        raise CorpusError(f"a picture is a uint8 array (height, width, 3) in RGB; this is {got}")
    if min(frame.shape[:2]) < 12:
        raise CorpusError(
            f"a picture of {frame.shape[1]} x {frame.shape[0]} pixels holds no face that can be "
            "found: give one of at least 12 x 12"
        )


def detect_faces(frame):
    """Find the faces of a picture with MTCNN.

    Parameters
    ----------
    frame : uint8 (height, width, 3), RGB

    Returns
    -------
    list of DetectedFace
        The most confident first; empty where there is none.

    Raises
    ------
    CorpusError
        Where the frame is no RGB picture of at least 12 x 12 pixels.

    Source: Zhang et al., Joint face detection and alignment using multitask cascaded convolutional
    networks, IEEE Signal Processing Letters 23(10), 2016.
    Notebook: 09_faces
    """
    return detect_faces_in([frame])[0]


def detect_faces_in(frames):
    """Find the faces of several pictures of one size together, two in little more time than one.

    MTCNN's networks then run once for all. What it weighs against each other it takes from all
    pictures together, which moves a box or a point by a pixel of the reduced picture at times.

    Parameters
    ----------
    frames : sequence of uint8 (height, width, 3), RGB

    Returns
    -------
    list of list of DetectedFace
        For each picture what ``detect_faces`` returns.

    Raises
    ------
    CorpusError
        As ``detect_faces``; where the pictures have several sizes.

    Source: Zhang et al. 2016, as ``detect_faces``.
    Notebook: 09_faces
    """
    if not len(frames):
        return []
    for frame in frames:
        _check_picture(frame)
    if len({frame.shape for frame in frames}) > 1:
        raise CorpusError("pictures of several sizes: look for faces in each alone")
    height, width = frames[0].shape[:2]
    zoom = max(min(1, LONGER_SIDE / max(height, width)), SHORTER_SIDE / min(height, width))
    kind = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    size = (round(width * zoom), round(height * zoom))
    pictures = [cv2.resize(np.ascontiguousarray(f), size, interpolation=kind) for f in frames]
    scale = np.array([width / size[0], height / size[1]])
    return [_detected(found, scale) for found in _detector().detect_faces(pictures)]


def _detected(found, scale):
    """Put what MTCNN found in a reduced picture into the pixels of the whole one."""
    faces = [
        DetectedFace(
            box=np.array(one["box"], float) * np.tile(scale, 2),
            points=np.array([one["keypoints"][name] for name in FIVE_POINTS], float) * scale,
            confidence=float(one["confidence"]),
        )
        for one in found
    ]
    return sorted(faces, key=lambda face: -face.confidence)


def only_face(frame, name):
    """The one face of a picture of the clip `name`.

    Parameters
    ----------
    frame : uint8 (height, width, 3), RGB
    name : str, what the error calls the clip

    Returns
    -------
    DetectedFace

    Raises
    ------
    CorpusError
        Where no face, or more than one, is found with a confidence of at least 0.9.

    Notebook: 09_faces
    """
    faces = [face for face in detect_faces(frame) if face.confidence >= CONFIDENT]
    if not faces:
        raise CorpusError(
            f"clip {name!r}: no face was found; choose a frame in which the face is seen from the "
            "front, lit, and at least a tenth of the picture high, or leave the clip out"
        )
    if len(faces) > 1:
        raise CorpusError(
            f"clip {name!r}: {len(faces)} faces were found where one is due; crop the picture to "
            "the speaker's face, or leave the clip out"
        )
    return faces[0]


def align_face(frame, points, size=224):
    """Turn, scale and shift a picture so that a face's five points come near their canonical place.

    The similarity transform is the one with the least squared distances; it neither bends a face
    nor mirrors it.

    Parameters
    ----------
    frame : uint8 or float32 (height, width) or (height, width, 3)
    points : float (5, 2): x, y of ``FIVE_POINTS`` in the frame
    size : int, side of the result in pixels

    Returns
    -------
    (size, size[, 3]) in the frame's type
        What lies outside the frame is filled with its edge pixels.

    Raises
    ------
    CorpusError
        Where the frame is no picture, or the points are not five finite places that spread over
        at least a pixel.

    Source: av-attention, section 4.2 (aligned faces of 224 x 224); the place is ours.
    Notebook: 09_faces
    """
    check_frame(frame)
    points = np.asarray(points, float)
    if points.shape != (5, 2) or not np.isfinite(points).all() or np.ptp(points, axis=0).max() < 1:
        raise CorpusError("a face is aligned by five points (5, 2) that do not fall together")
    matrix = _similarity(points, CANONICAL * size - 0.5)
    return cv2.warpAffine(
        np.ascontiguousarray(frame), matrix, (size, size), flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip


def _similarity(source, target):
    """Return the matrix (2, 3) that turns, scales and shifts points closest to others.

    With x + iy for a point, turning and scaling is one complex factor.
    """
    z, w = (p @ (1, 1j) for p in (source, target))
    factor = np.vdot(z - z.mean(), w - w.mean()) / np.vdot(z - z.mean(), z - z.mean()).real
    shift = w.mean() - factor * z.mean()
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def align_faces(frames, size=224, every=1, patience=15):
    """Yield the speaker's face of each frame, aligned to one place and size.

    Which face: at first the largest, afterwards the one nearest to the last. A frame without a
    face, or with a profile (its nose beyond an eye: no similarity makes it frontal), is cut by the
    points of the last frame that had one, frames before the first face by the first face's.

    Parameters
    ----------
    frames : iterable of uint8 (height, width, 3), RGB
        A video or a generator; at most ``patience`` frames are held at a time.
    size : int, side of the result in pixels
    every : int
        Look for the face in each frame whose number is a multiple of this, and use its points until
        the next: 1 looks in all. One longer than the clip makes one cut for all frames, in which
        the head moves as it did: right for flow and Harris-3D, which would take the small leaps of
        the detector's points for motion.
    patience : int
        At most so many frames in a row go without a face.

    Yields
    ------
    uint8 (size, size, 3), one a frame

    Raises
    ------
    CorpusError
        Where more frames in a row have no face seen from the front, a frame is no RGB picture, or
        there is no frame.

    Source: av-attention, section 4.2; gru-attention, section 3.4.2.
    Notebook: 09_faces
    """
    if every < 1 or patience < 1:
        raise CorpusError(f"every = {every}, patience = {patience}: both are at least 1")
    face, missed, number, waiting = None, 0, -1, []
    for number, frame in enumerate(frames):
        _check_picture(frame)
        if number % every == 0 or missed:
            found = speaker(detect_faces(frame), face)
            face, missed = found or face, 0 if found else missed + 1
        if missed > patience:
            raise CorpusError(
                f"no face from the front in {missed} frames, {number - missed + 1} to {number}: "
                "cut the clip to the part in which the face is seen, or leave it out"
            )
        waiting.append(frame)
        if face is not None:
            yield from (align_face(one, face.points, size) for one in waiting)
            waiting = []
    if face is None:
        raise CorpusError(
            f"no face from the front in any of {number + 1} frames: choose a clip in which the "
            "face is seen, lit, and at least a tenth of the picture high"
        )


def read_face(row, size=112):
    """Read a clip's frames around the face, in one cut, so that the head moves as it did.

    Parameters
    ----------
    row : pandas.Series
        A row of a clip table. A puppet fills its frame: it is drawn at this size.
    size : int, side of the result in pixels

    Returns
    -------
    frames : uint8 (time, size, size, 3), RGB
    fps : float

    Raises
    ------
    CorpusError
        Where the row has no video or a still picture, or no face is seen from the front, see
        ``align_faces``.

    Notebook: 06_scale_space
    """
    if row["corpus"] == "puppets":
        return corpora.read_video(row, size=size)
    if is_picture(str(row["video"])):
        raise CorpusError(f"clip {row['clip']!r} is a still picture: take a corpus with films")
    times = []
    stream = (times.append(time) or frame for frame, time in corpora.iter_video(row))
    frames = np.stack([*align_faces(stream, size, every=10**6)])
    return frames, round((len(times) - 1) / (times[-1] - times[0]), 6)


def speaker(faces, last):
    """Choose the face that is followed: the nearest to the last one, else the largest, or None."""
    faces = [f for f in faces if f.confidence >= CONFIDENT and _is_frontal(f.points)]
    if last is None:
        return max(faces, key=lambda face: face.box[2] * face.box[3], default=None)
    middle = last.points.mean(axis=0)
    return min(
        faces, key=lambda face: np.linalg.norm(face.points.mean(axis=0) - middle), default=None
    )


def _is_frontal(points):
    """Tell whether the nose lies between the eyes, measured along the line through them."""
    left, right, nose = points[:3]
    across = right - left
    return 0 < (nose - left) @ across < across @ across
