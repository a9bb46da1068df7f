"""The face detector against puppets, whose box and points are known, and one real face."""

import cv2
import numpy as np
import pytest

from emolib.corpora.puppet_face import draw_face
from emolib.corpora.table import CorpusError
from emolib.video import detect_faces, detect_faces_in, faces, only_face
from emolib.video.faces import FIVE_POINTS


def neutral(actor, size=112):
    return draw_face(np.zeros((1, 17)), np.zeros((1, 3)), actor, size=size)


def overlap(one, other):
    """Intersection over union of two boxes x, y, width, height."""
    low = np.maximum(one[:2], other[:2])
    high = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    shared = np.prod(np.maximum(high - low, 0))
    return shared / (np.prod(one[2:]) + np.prod(other[2:]) - shared)


@pytest.mark.parametrize("actor", range(1, 25))
def test_every_puppet_at_rest_is_found_where_it_was_drawn(actor):
    truth = neutral(actor)
    found = only_face(truth.frames[0], f"puppet {actor}")
    assert overlap(found.box, truth.box[0]) > 0.5
    apart = np.linalg.norm(found.points - truth.landmarks[0, :5], axis=1)
    assert apart.max() < 6  # pixels of 112; the eyes are 26 apart


def test_a_large_picture_is_shrunk_and_answered_in_its_own_pixels():
    truth = neutral(14, 640)
    found = only_face(truth.frames[0], "large")
    assert overlap(found.box, truth.box[0]) > 0.5
    assert np.linalg.norm(found.points - truth.landmarks[0, :5], axis=1).max() < 6 * 640 / 112


def test_several_pictures_together_are_answered_as_each_alone_to_a_pixel():
    frames = [neutral(actor).frames[0] for actor in (14, 7, 3)]
    frames.insert(1, np.full_like(frames[0], 128))
    together = detect_faces_in(frames)
    assert [len(found) for found in together] == [1, 0, 1, 1]
    for frame, found in zip(frames, together, strict=True):
        for one, alone in zip(found, detect_faces(frame), strict=True):
            assert np.abs(one.points - alone.points).max() < 2
            assert overlap(one.box, alone.box) > 0.9
    with pytest.raises(CorpusError, match="several sizes"):
        detect_faces_in([frames[0], frames[0][:-1]])


def test_no_picture_has_no_face():
    assert detect_faces_in([]) == []


def test_the_compiled_networks_answer_as_the_library_does_by_itself():
    """Twice as fast, and the same faces; 160 pixels are neither enlarged nor shrunk."""
    from mtcnn import MTCNN

    frames = [neutral(actor, 160).frames[0] for actor in (14, 7)]
    for found, alone in zip(detect_faces_in(frames), MTCNN().detect_faces(frames), strict=True):
        assert len(found) == len(alone) == 1
        points = [alone[0]["keypoints"][name] for name in FIVE_POINTS]
        assert np.array_equal(found[0].points, points)
        assert found[0].confidence == pytest.approx(alone[0]["confidence"], abs=1e-5)


def test_another_backend_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr("keras.config.backend", lambda: "jax")
    with pytest.raises(CorpusError, match=r"TensorFlow alone.*without KERAS_BACKEND"):
        faces._detector.__wrapped__()


def test_two_faces_are_an_error_that_names_the_clip():
    both = np.hstack([neutral(14).frames[0], neutral(7).frames[0]])
    assert len(detect_faces(both)) == 2
    with pytest.raises(CorpusError, match=r"clip-7.*2 faces"):
        only_face(both, "clip-7")


@pytest.mark.parametrize("shape", [(90, 120, 3), (12, 12, 3), (1080, 14, 3)])
def test_no_face_in_a_grey_picture(shape):
    grey = np.full(shape, 127, np.uint8)
    assert detect_faces(grey) == []
    with pytest.raises(CorpusError, match=r"grey.*no face"):
        only_face(grey, "grey")


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((60, 60), np.uint8),
        np.zeros((60, 60, 4), np.uint8),
        np.zeros((60, 60, 3), np.float32),
        np.zeros((0, 60, 3), np.uint8),
        None,
    ],
)
def test_what_is_no_picture_is_named(frame):
    with pytest.raises(CorpusError, match="picture"):
        detect_faces(frame)


def test_a_real_face_is_found_where_the_speaker_sits(shared_data):
    clips = sorted((shared_data / "ravdess" / "Actor_01").glob("0[12]-*.mp4"))
    if not clips:
        pytest.skip("no film of RAVDESS's actor 1 in shared/data")
    video = cv2.VideoCapture(str(clips[0]))
    read, frame = video.read()
    assert read
    frame = frame[..., ::-1]
    found = only_face(frame, clips[0].name)
    height, width = frame.shape[:2]
    x, _, w, h = found.box
    assert 0.3 * width < x + w / 2 < 0.7 * width
    assert 0.2 * height < h < 0.9 * height
    left, right, nose, mouth_left, mouth_right = found.points
    assert left[0] < nose[0] < right[0]
    assert max(left[1], right[1]) < nose[1] < min(mouth_left[1], mouth_right[1])
    # shown mirrored, the same face is found in the mirrored place
    mirrored = only_face(np.ascontiguousarray(frame[:, ::-1]), "mirrored")
    assert abs(width - mirrored.box[0] - mirrored.box[2] - x) < 0.1 * w
