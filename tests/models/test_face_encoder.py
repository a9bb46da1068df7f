"""The shipped encoder of faces: small, offline, as good as its record says."""

import json
import socket

import numpy as np
import pytest

from emolib import corpora
from emolib.corpora import CorpusError
from emolib.corpora.shipped import shipped
from emolib.models.face_encoder import (
    FACE_EMOTIONS,
    WEIGHTS,
    face_encoder,
    grey_faces,
    load_weights,
    save_weights,
)


@pytest.fixture(scope="module")
def encoder():
    return face_encoder()


@pytest.fixture(scope="module")
def faces():
    """Six puppets' faces; what they show plays no part here."""
    table = corpora.load("puppets").iloc[::240]
    return grey_faces(np.stack([next(corpora.iter_video(row))[0] for _, row in table.iterrows()]))


def test_the_weights_are_small_and_load_without_a_network(encoder, monkeypatch):
    assert shipped(WEIGHTS).stat().st_size <= 2_000_000
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("it asked for a network"))
    assert face_encoder().count_params() + 129 * 7 == 620_199


def test_shapes_and_ranges(encoder, faces):
    embeddings = np.asarray(encoder(faces))
    probabilities = np.asarray(face_encoder(classes=True)(faces))
    assert embeddings.shape == (6, 128) and embeddings.min() >= 0
    assert probabilities.shape == (6, len(FACE_EMOTIONS))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_the_probabilities_are_a_softmax_of_the_embedding(encoder, faces):
    whole = face_encoder(classes=True)
    kernel, bias = whole.get_layer("emotion").get_weights()
    logits = np.asarray(encoder(faces)) @ kernel + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(whole(faces), expected, atol=1e-5)


def test_a_face_has_one_embedding_whoever_stands_beside_it(encoder, faces):
    together = np.asarray(encoder(faces))
    np.testing.assert_array_equal(encoder(faces), together)
    np.testing.assert_allclose(face_encoder()(faces), together, atol=1e-6)
    for face, expected in zip(faces, together, strict=True):
        np.testing.assert_allclose(encoder(face[None])[0], expected, atol=1e-4)
    apart = np.linalg.norm(together[:, None] - together, axis=-1)
    assert (apart[~np.eye(6, dtype=bool)] > 0.1).all()  # and faces differ


def test_brightness_and_contrast_hardly_matter(encoder, faces):
    plain, faint = np.asarray(encoder(faces)), np.asarray(encoder(0.5 * faces + 0.3))
    apart = np.linalg.norm(plain[:, None] - plain, axis=-1)[~np.eye(6, dtype=bool)]
    assert np.linalg.norm(faint - plain, axis=1).max() < 0.3 * apart.mean()


def test_an_untrained_encoder_is_another_one(faces):
    assert not np.allclose(face_encoder(weights=None)(faces), face_encoder()(faces), atol=0.1)


def test_weights_of_another_name_are_refused():
    with pytest.raises(ValueError, match="imagenet"):
        face_encoder(weights="imagenet")


def test_weights_that_do_not_fit_or_need_unpickling_are_refused(tmp_path):
    model = face_encoder(weights=None, classes=True)
    save_weights(model, tmp_path / "whole.npz")
    load_weights(model, tmp_path / "whole.npz")
    with np.load(tmp_path / "whole.npz") as stored:
        arrays = dict(stored)
    del arrays["00"]
    np.savez(tmp_path / "less.npz", **arrays)
    np.savez(tmp_path / "pickled.npz", **arrays, **{"00": np.array([{}], object)})
    for name, words in (("less.npz", "does not fit"), ("pickled.npz", "[Pp]ickle")):
        with pytest.raises(CorpusError, match=words):
            load_weights(model, tmp_path / name)


def test_faces_come_out_grey_small_and_between_0_and_1():
    white = np.full((2, 96, 96, 3), 255, np.uint8)
    white[1] = (255, 0, 0)
    made = grey_faces(white)
    assert made.shape == (2, 48, 48, 1) and made.dtype == np.float32
    np.testing.assert_allclose(made[0], 1)
    np.testing.assert_allclose(made[1], 0.299, atol=0.002)
    noise = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    np.testing.assert_allclose(grey_faces(noise)[..., 0], noise / 255, atol=1e-6)


@pytest.mark.parametrize(
    "faces",
    [
        np.zeros((1, 48, 48), np.float32),
        np.zeros((48, 48), np.uint8),
        np.zeros((1, 48, 64), np.uint8),
        np.zeros((1, 48, 48, 4), np.uint8),
        np.zeros((1, 12, 12), np.uint8),
        np.zeros((0, 48, 48), np.uint8),
        [None],
    ],
)
def test_what_is_no_face_is_named_with_a_remedy(faces):
    with pytest.raises(CorpusError, match=r"uint8.*align_face"):
        grey_faces(faces)


def stored_record():
    found = sorted(shipped("results").glob("face-encoder-fer2013-*.json"))
    assert len(found) == 1
    return json.loads(found[0].read_text())


def test_the_stored_accuracy_comes_out_on_pictures_drawn_anew(shared_data):
    """500 of the 7,178 test pictures: within the record's interval and three standard errors."""
    if not (shared_data / "fer2013").is_dir():
        pytest.skip("FER2013 is not in shared/data")
    table = corpora.load("fer2013", shared_data / "fer2013").query("part == 'test'")
    assert len(table) == 7178
    table = table.sample(500, random_state=3)
    pictures = np.stack([next(corpora.iter_video(row))[0] for _, row in table.iterrows()])
    answer = np.argmax(face_encoder(classes=True)(grey_faces(pictures)), axis=1)
    accuracy = np.mean(np.array(FACE_EMOTIONS)[answer] == table["emotion"])
    low, high = stored_record()["interval"]["accuracy"]
    slack = 3 * np.sqrt(0.25 / 500)
    assert low - slack < accuracy < high + slack
    assert accuracy > 0.25 + slack  # a quarter of the test pictures is happy
