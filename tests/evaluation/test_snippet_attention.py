"""Snippets of two senses: where they are cut, what the networks may and may not see."""

import numpy as np
import pytest
from clip_tables import speech
from sklearn.base import clone

from emolib import corpora
from emolib.corpora import CorpusError
from emolib.evaluation import snippet_attention, split
from emolib.models import SnippetClassifier

WIDTHS = (6 * 4, 6 * 3)


@pytest.fixture(scope="module")
def drawn():
    """The class is the product of two signs, one in each sense's every snippet."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, sum(WIDTHS))).astype("float32")
    voice, face = rng.choice([-1, 1], (2, 400))
    X[:, 0:24:4] += 2 * voice[:, None]
    X[:, 24::3] += 2 * face[:, None]
    return X, np.where(voice * face > 0, "same", "other")


@pytest.fixture(scope="module")
def fitted(drawn):
    """Both networks, by whether they attend."""
    X, y = drawn
    few = SnippetClassifier(WIDTHS, epochs=12, noise=0.1, dropout=0.0, learning_rate=0.02)
    return {a: clone(few).set_params(attention=a).fit(X[:300], y[:300]) for a in (True, False)}


def test_both_networks_learn_a_product_of_senses(drawn, fitted):
    X, y = drawn
    for attention, network in fitted.items():
        assert network.score(X[300:], y[300:]) > 0.85, attention


def test_only_attention_sees_which_snippets_go_together(drawn, fitted):
    """Snippets of the face in another order: nothing to a mean, something to attention."""
    X, _ = drawn
    other = X.copy()
    other[:, 24:] = np.roll(X[:, 24:].reshape(-1, 6, 3), 2, axis=1).reshape(-1, 18)
    moved = {
        attention: np.abs(network.decision_function(X) - network.decision_function(other)).max()
        for attention, network in fitted.items()
    }
    assert moved[False] < 1e-3 < 0.02 < moved[True]


def test_attention_adds_one_matrix_and_nothing_else(fitted):
    sizes = {attention: network.network_.count_params() for attention, network in fitted.items()}
    assert sizes[True] - sizes[False] == 32 * 32


def test_widths_that_are_no_snippets_are_refused(drawn):
    X, y = drawn
    with pytest.raises(ValueError, match="two senses of 5 snippets"):
        SnippetClassifier(WIDTHS, snippets=5).fit(X, y)
    with pytest.raises(ValueError, match="two senses of 6 snippets"):
        SnippetClassifier((X.shape[1],)).fit(X, y)


def test_snippets_overlap_by_half_and_reach_both_ends():
    parts = snippet_attention.cut(np.arange(70)[None])
    assert [(part[0, 0], part[0, -1]) for part in parts] == [
        (10 * k, 10 * k + 19) for k in range(6)
    ]
    with pytest.raises(ValueError, match="6 frames are too few"):
        snippet_attention.cut(np.zeros((3, 6)))


def test_a_snippets_numbers_are_those_of_its_stretch_of_time():
    """Against the puppets' truth: the loud part of a clip, the units of its frames."""
    clip = corpora.load("puppets").iloc[[20]]
    found = snippet_attention.encode(clip)
    assert found["sound"].shape == (1, 6 * 48) and found["face"].shape == (1, 6 * 17)
    units = corpora.read_action_units(clip.iloc[0], frames=True).to_numpy()
    face = found["face"].reshape(6, 17)
    assert (face >= units.min(axis=0) - 1e-9).all() and (face <= units.max(axis=0) + 1e-9).all()
    # Any stretch of 2/7 of the heard part has the first snippet's mean only at its own place.
    spoken = [
        (a, b) for symbol, a, b in corpora.read_truth(clip.iloc[0])["phonemes"] if symbol != "_"
    ]
    start, stop = 30 * spoken[0][0], 30 * spoken[-1][1]
    means = np.array([units[k : k + round(2 / 7 * (stop - start))].mean(axis=0) for k in range(60)])
    nearest = np.abs(means - face[0]).sum(axis=1).argmin()
    assert abs(nearest - start) <= 4


def test_a_silent_clip_is_named(monkeypatch):
    clip = corpora.load("puppets").iloc[[0]]
    monkeypatch.setattr(
        snippet_attention.corpora, "read_audio", lambda *_: (np.zeros(16000), 16000)
    )
    with pytest.raises(CorpusError, match=clip["clip"].iloc[0]):
        snippet_attention.encode(clip)


def test_strangers_are_answered_by_both_senses(monkeypatch):
    monkeypatch.setattr(snippet_attention, "SYSTEMS", {"snippets-cross-modal": True})
    table = speech(actors=4, takes=2)
    rng = np.random.default_rng(0)
    code = table["emotion"].astype("category").cat.codes.to_numpy()
    known = np.repeat(np.eye(8)[code][:, None], 6, axis=1)
    senses = {
        name: (2 * part + rng.normal(size=part.shape)).reshape(len(table), -1)
        for name, part in (("sound", known[..., :4]), ("face", known[..., 4:]))
    }
    folds = split(table, "actors", 4)[:1]
    found = snippet_attention.measure(table, senses, folds, epochs=8, learning_rate=0.02)
    for predictions, *_ in found.values():
        assert (predictions["truth"] == predictions["predicted"]).mean() > 0.4
