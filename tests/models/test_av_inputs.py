"""Snippets of faces with a detector whose answers are known; puppets; a real clip."""

import numpy as np
import pytest

from emolib import corpora
from emolib.audio import spectrogram_parts
from emolib.corpora import CorpusError
from emolib.models import av_inputs, classify_clip, face_snippets, input_shapes
from emolib.models.av_inputs import RATE
from emolib.video import DetectedFace, faces, snippet_indices
from emolib.video.faces import CANONICAL

SIDE = 60  # pixels of the face in the drawn frames


def drawn(n):
    """A face of random texture that moves at a steady pace, and its five points."""
    texture = np.random.default_rng(0).integers(0, 256, (SIDE // 6, SIDE // 6, 3), np.uint8)
    texture = np.kron(texture, np.ones((6, 6, 1), np.uint8))
    frames = np.zeros((n, 160, 260, 3), np.uint8)
    for k in range(n):
        frames[k, 20 + k : 20 + k + SIDE, 10 + 2 * k : 10 + 2 * k + SIDE] = texture
    points = CANONICAL * SIDE - 0.5 + [10, 20]
    return frames, [points + np.array([2 * k, k]) for k in range(n)]


@pytest.fixture
def detector(monkeypatch):
    """Answer with the true points, but for frames in which the face is hidden."""

    def answer_with(frames, points, hidden=()):
        def detect(frame):
            k = next(i for i, other in enumerate(frames) if np.array_equal(frame, other))
            seen.append(k)
            if k in hidden:
                return []
            return [DetectedFace(np.array([0.0, 0, 1, 1]), points[k], 0.99)]

        seen = []
        monkeypatch.setattr(faces, "detect_faces_in", lambda some: [detect(f) for f in some])
        return seen

    return answer_with


def test_a_face_that_moves_steadily_stands_still_between_two_looks(detector):
    frames, points = drawn(48)
    looked = detector(frames, points)
    cut = face_snippets(frames, 3, 4, size=30, looks=2)
    assert cut.shape == (3, 4, 30, 30, 3) and len(looked) == 2
    chosen = snippet_indices(48, 3, 4).ravel()
    between = (chosen >= looked[0]) & (chosen <= looked[1])
    inside = cut.reshape(12, 30, 30, 3)[between].astype(float)
    assert between.sum() == 7
    assert np.abs(inside - inside[0]).mean() < 3  # of 255
    assert np.abs(cut[2, 3].astype(float) - inside[0]).mean() > 10  # past the last look it moves on


def test_a_look_in_each_snippet_unless_told(detector):
    frames, points = drawn(48)
    looked = detector(frames, points)
    face_snippets(frames, 6, 4, size=16)
    assert [k // 8 for k in looked] == [0, 1, 2, 3, 4, 5]


def test_a_snippet_without_a_face_is_missing_and_the_others_are_not(detector):
    frames, points = drawn(48)
    detector(frames, points, hidden=range(16, 24))
    cut = face_snippets(frames, 6, 4, size=16)
    assert [bool(snippet.any()) for snippet in cut] == [True, True, False, True, True, True]


def test_no_face_at_all_is_an_error_that_says_what_to_do(detector):
    frames, points = drawn(20)
    detector(frames, points, hidden=range(20))
    with pytest.raises(CorpusError, match="no face from the front in any of 6 frames: choose"):
        face_snippets(frames, 6, 2, size=16)
    with pytest.raises(CorpusError, match="0 looks"):
        face_snippets(frames, 6, 2, size=16, looks=0)


@pytest.mark.parametrize("n", [3, 20])
def test_a_short_clip_still_gives_all_snippets(n, detector):
    frames, points = drawn(n)
    detector(frames, points)
    cut = face_snippets(frames, 6, 4, size=16)
    assert cut.shape == (6, 4, 16, 16, 3) and cut.any(axis=(1, 2, 3, 4)).all()


def test_a_puppet_is_read_as_the_network_takes_it():
    row = corpora.load("puppets").iloc[100]
    clip = av_inputs(row)
    assert {k: v.shape for k, v in clip.items()} == input_shapes("quick")
    assert (clip["audio"].dtype, clip["video"].dtype) == (np.float32, np.uint8)
    frames, _ = corpora.read_video(row, size=56)
    assert all(any(np.array_equal(f, other) for other in frames) for f in clip["video"][2])
    assert set(av_inputs(row, inputs=["audio"])) == {"audio"}


def test_a_row_without_video_names_its_clip():
    row = corpora.load("puppets").iloc[0].copy()
    row["corpus"], row["video"] = "own", None
    with pytest.raises(CorpusError, match=row["clip"]):
        av_inputs(row, inputs=["video"])


def test_two_looks_at_a_real_clip_cut_nearly_what_six_cut(shared_data):
    table = corpora.load("ravdess", shared_data / "ravdess")
    row = table[table["video"].notna()].iloc[0]
    six = av_inputs(row, inputs=["video"])["video"].astype(float)
    two, one = (av_inputs(row, inputs=["video"], looks=n)["video"].astype(float) for n in (2, 1))
    apart = np.abs(six - two).mean()
    shifted = np.abs(six - np.roll(six, 3, axis=3)).mean()  # a cut that is 3 pixels off
    assert 0 < apart < 0.4 * shifted
    assert np.abs(six - one).mean() > apart, "what one look saves is paid for where a head moves"


class Answer:
    """A network of one input that has made up its mind."""

    class inputs:
        name = "audio"

    inputs = (inputs,)

    def predict_on_batch(self, batch):
        assert batch.shape == (1, 6, 4, 4, 1)
        return {"probabilities": np.array([[0.1, 0.2, 0.7]], np.float32)}


def test_the_label_is_the_likeliest_class():
    clip = {"audio": np.ones((6, 4, 4, 1), np.float32), "video": None}
    label, probabilities = classify_clip(Answer(), clip, ["sad", "calm", "angry"])
    assert label == "angry" and probabilities.shape == (3,)
    with pytest.raises(ValueError, match="8 classes for 3 outputs"):
        classify_clip(Answer(), clip)


def test_the_rate_gives_the_papers_frequencies():
    signal, rate = corpora.read_audio(corpora.load("puppets").iloc[0], RATE)
    assert spectrogram_parts(signal, rate).shape == (6, 257, 100)
