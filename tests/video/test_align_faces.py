"""Aligned faces: exact where the transform is known, near where a detector finds the points."""

import tracemalloc

import cv2
import numpy as np
import pytest

from emolib import corpora
from emolib.corpora import CorpusError, puppets
from emolib.corpora.decoding import read_frames, rgb
from emolib.video import (
    DetectedFace,
    align_face,
    align_faces,
    detect_faces,
    faces,
    read_face,
)
from emolib.video.faces import CANONICAL, CONFIDENT, FIVE_POINTS


@pytest.fixture(scope="module")
def clip():
    """A puppet's frames, and its five true points in each."""
    face = puppets.draw(corpora.load("puppets").iloc[500])
    return face.frames, face.landmarks[:, :5]


def turned(points, angle, zoom, shift):
    turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ turn.T + shift


def found(points, x=0.0, confidence=0.99):
    """A detected face, moved to the right by x."""
    points = np.asarray(points, float) + np.array([x, 0])
    low, high = points.min(axis=0), points.max(axis=0)
    return DetectedFace(np.concatenate([low, high - low]), points, confidence)


@pytest.fixture
def detector(monkeypatch):
    """Replace the network by a list of answers, one a call, and list the points that are cut by."""

    def answer_with(answers):
        calls, used = iter(answers), []
        monkeypatch.setattr(faces, "detect_faces", lambda frame: next(calls))
        monkeypatch.setattr(
            faces, "align_face", lambda frame, points, size: used.append(points) or frame
        )
        return used

    return answer_with


def test_five_dots_come_to_their_canonical_place_whatever_the_head_did():
    for angle, zoom, shift in ((0.0, 1.0, (0, 0)), (0.4, 1.7, (40, 10)), (-1.2, 0.8, (30, 120))):
        points = turned(CANONICAL * 90, angle, zoom, shift) + 30
        for k in range(5):
            frame = np.zeros((260, 260), np.float32)
            x, y = np.rint(points[k]).astype(int)
            frame[y, x] = 255
            frame = cv2.GaussianBlur(frame, (0, 0), 2.0)
            cut = align_face(frame, points, 160)
            peak = np.unravel_index(cut.argmax(), cut.shape)[::-1]
            assert np.abs(peak - (CANONICAL[k] * 160 - 0.5)).max() < 2.0


def test_the_transform_is_the_least_squares_one():
    random = np.random.default_rng(4)
    source, target = random.normal(50, 20, (2, 5, 2))
    matrix = faces._similarity(source, target)
    # x' = a x - b y + c, y' = b x + a y + d: ten equations with four unknowns
    rows = [[(x, -y, 1, 0), (y, x, 0, 1)] for x, y in source]
    (a, b, c, d), *_ = np.linalg.lstsq(np.reshape(rows, (10, 4)), target.ravel(), rcond=None)
    np.testing.assert_allclose(matrix, [[a, -b, c], [b, a, d]], atol=1e-9)
    assert np.linalg.det(matrix[:, :2]) > 0  # never mirrored


def test_a_turned_picture_gives_the_same_cut(clip):
    frames, points = clip
    straight = align_face(frames[0], points[0], 96).astype(float)
    matrix = np.array([[0.9, -0.35, 40.0], [0.35, 0.9, 5.0]]) * 1.3
    tilted = cv2.warpAffine(frames[0], matrix, (220, 200), flags=cv2.INTER_CUBIC)
    cut = align_face(tilted, points[0] @ matrix[:, :2].T + matrix[:, 2], 96)
    assert np.abs(cut[16:80, 16:80] - straight[16:80, 16:80]).mean() < 4  # of 255


def test_the_detector_and_the_truth_cut_alike(clip):
    frames, points = clip
    found_by_network = np.stack(list(align_faces(frames[:3], 112)))
    by_truth = np.stack([align_face(f, p, 112) for f, p in zip(frames, points, strict=True)][:3])
    assert found_by_network.shape == (3, 112, 112, 3)
    apart = [
        cv2.phaseCorrelate(*(np.float64(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)) for p in pair))[0]
        for pair in zip(found_by_network, by_truth, strict=True)
    ]
    assert np.abs(apart).max() < 6  # pixels of 112: MTCNN's points lie 2 to 3 off a puppet's


POINTS = CANONICAL * 60 + 20
FRAMES = [np.full((100, 100, 3), 20 * k, np.uint8) for k in range(8)]


def same(used, expected):
    return len(used) == len(expected) and all(
        np.array_equal(points, face.points) for points, face in zip(used, expected, strict=True)
    )


def test_frames_without_a_face_use_the_last_and_those_before_the_first(detector):
    first, second = found(POINTS), found(POINTS, 3)
    profile = found(POINTS + 40 * np.eye(5)[:, [2, 4]] * (1, 0))  # the nose beyond an eye
    used = detector([[], [], [first], [], [profile], [second], [], []])
    cuts = list(align_faces(FRAMES, 50))
    assert all(cut is frame for cut, frame in zip(cuts, FRAMES, strict=True))  # in their order
    assert same(used, [first] * 5 + [second] * 3)


def test_the_face_nearest_to_the_last_is_followed_and_the_largest_at_first(detector):
    small, large, near = found(POINTS * 0.5), found(POINTS), found(POINTS, 5)
    doubtful = found(POINTS * 2, confidence=CONFIDENT - 0.01)
    used = detector([[small, large, doubtful], [small, near], [small], [small, large]])
    list(align_faces(FRAMES[:4], 50))
    assert same(used, [large, near, small, small])


def test_the_network_looks_at_each_nth_frame_and_after_a_miss_at_once(detector):
    first, second = found(POINTS), found(POINTS, 3)
    used = detector([[first], [], [second]])  # frames 0, 3 and, after the miss, 4
    list(align_faces(FRAMES[:6], 50, every=3))
    assert same(used, [first] * 4 + [second] * 2)
    used = detector([[first]])
    list(align_faces(FRAMES, 50, every=100))
    assert same(used, [first] * 8)


def test_too_long_without_a_face_is_an_error_that_names_the_frames(detector):
    detector([[found(POINTS)]] + 9 * [[]])
    with pytest.raises(CorpusError, match="4 frames, 1 to 4"):
        list(align_faces(FRAMES, 50, patience=3))
    detector(9 * [[]])
    with pytest.raises(CorpusError, match="any of 8 frames"):
        list(align_faces(FRAMES, 50))
    with pytest.raises(CorpusError, match="any of 0 frames"):
        list(align_faces([], 50))
    with pytest.raises(CorpusError, match="at least 1"):
        list(align_faces(FRAMES, 50, every=0))


def test_a_picture_without_a_face_is_an_error_of_the_real_network_too():
    with pytest.raises(CorpusError, match="no face from the front"):
        list(align_faces([np.full((64, 64, 3), 127, np.uint8)]))


def test_a_long_stream_is_not_gathered(monkeypatch):
    monkeypatch.setattr(faces, "detect_faces", lambda frame: [found(POINTS)])

    def stream():
        for k in range(60):
            yield np.full((720, 1280, 3), k, np.uint8)

    tracemalloc.start()
    count = sum(1 for _ in align_faces(stream(), 224))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60
    assert peak < 4 * 720 * 1280 * 3  # 60 frames are 166 MB, four are 11


@pytest.mark.parametrize(
    "points", [np.zeros((5, 2)), np.zeros((4, 2)), np.full((5, 2), np.nan), np.full((5, 2), 7.0)]
)
def test_points_that_are_none_are_refused(points):
    with pytest.raises(CorpusError, match="five points"):
        align_face(np.zeros((40, 40, 3), np.uint8), points)


def real_clips(shared_data):
    """One clip of RAVDESS and one of CREMA-D, every 20th frame."""
    paths = [
        *sorted((shared_data / "ravdess" / "Actor_01").glob("0[12]-*.mp4"))[-1:],
        *sorted((shared_data / "cremad" / "VideoFlash").glob("*.flv"))[:1],
    ]
    if len(paths) < 2:
        pytest.skip("no films of RAVDESS's actor 1 and of CREMA-D in shared/data")
    for path in paths:
        yield path.name, [rgb(f) for k, (f, _) in enumerate(read_frames(path)) if k % 20 == 0]


def test_real_speakers_are_found_in_every_frame_and_aligned(shared_data):
    for name, frames in real_clips(shared_data):
        for k, frame in enumerate(frames):
            sure = [face for face in detect_faces(frame) if face.confidence >= CONFIDENT]
            assert len(sure) == 1, (name, k)
        again = []
        for cut in align_faces(frames, 160):
            assert cut.shape == (160, 160, 3)
            again += [f for f in detect_faces(cut) if f.confidence >= CONFIDENT]
        assert len(again) >= 0.8 * len(frames), name  # the cut is tight; a few are missed in it
        points = np.median([f.points for f in again], axis=0)
        away = np.abs(points - (CANONICAL * 160 - 0.5)).max(axis=1)
        assert away.max() < 0.08 * 160, (name, dict(zip(FIVE_POINTS, away, strict=True)))


def test_a_puppet_is_read_whole_at_the_size_asked_for():
    row = corpora.load("puppets").iloc[500]
    frames, fps = read_face(row, size=64)
    whole, rate = corpora.read_video(row, size=64)
    assert fps == rate
    assert np.array_equal(frames, whole)


def test_a_still_picture_is_no_clip():
    row = {"clip": "c1", "corpus": "jaffe", "video": "KA.AN1.39.tiff"}
    with pytest.raises(CorpusError, match="'c1' is a still picture: take a corpus with films"):
        read_face(row)


def test_a_real_clip_is_read_by_one_cut_at_its_own_rate(shared_data):
    table = corpora.load("ravdess", shared_data / "ravdess").dropna(subset=["video"])
    frames, fps = read_face(table.iloc[0], size=48)
    assert frames.shape[1:] == (48, 48, 3)
    assert fps == pytest.approx(29.97, abs=0.01)
    whole = read_frames(table.iloc[0]["video"])
    first, later = (rgb(frame) for k, (frame, _) in enumerate(whole) if k in (0, 20))
    points = detect_faces(first)[0].points
    assert np.array_equal(frames[20], align_face(later, points, 48))
