"""Where are the faces in a picture? A box and five points each, by MTCNN."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from emolib.corpora.table import CorpusError
from emolib.devices import import_tensorflow

FIVE_POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
CONFIDENT = 0.9
LONGER_SIDE = 320  # pixels: MTCNN's time grows with the picture's area, and it finds the same faces
SHORTER_SIDE = 160  # pixels: smaller pictures are enlarged, which finds more of the small faces


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
    import_tensorflow()
    from mtcnn import MTCNN

    return MTCNN()


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
    _check_picture(frame)
    height, width = frame.shape[:2]
    zoom = max(min(1, LONGER_SIDE / max(height, width)), SHORTER_SIDE / min(height, width))
    kind = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    size = (round(width * zoom), round(height * zoom))
    picture = cv2.resize(np.ascontiguousarray(frame), size, interpolation=kind)
    scale = np.array([width / size[0], height / size[1]])
    faces = [
        DetectedFace(
            box=np.array(found["box"], float) * np.tile(scale, 2),
            points=np.array([found["keypoints"][name] for name in FIVE_POINTS], float) * scale,
            confidence=float(found["confidence"]),
        )
        for found in _detector().detect_faces(picture)
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
