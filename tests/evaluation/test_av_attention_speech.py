"""The residual network on spectrogram parts: its parts, its weights, that no test row is seen."""

import numpy as np
import pytest
from clip_tables import speech as drawn_table

from emolib import corpora, devices
from emolib.audio import spectrogram_parts
from emolib.evaluation import EvaluationError, split
from emolib.evaluation import av_attention_speech as speech
from emolib.fusion import late_fusion

SHAPE = (6, 24, 16)
TINY = speech.SETTINGS | {"epochs": 8, "rate": 3e-2}


@pytest.fixture(scope="module")
def networks():
    devices.import_keras().utils.set_random_seed(0)
    six = speech.sound_network(SHAPE, 3, width=1)
    three = speech.sound_network((3, *SHAPE[1:]), 3, width=1)
    three.set_weights(six.get_weights())
    return six, three


@pytest.fixture
def small(monkeypatch):
    """Instead of the residual network: means over columns and parts, and a softmax."""

    def build(shape, n_classes, width, last_stride):
        keras = devices.import_keras()
        parts = keras.Input(shape)
        x = keras.ops.mean(parts, axis=(1, 3))
        return keras.Model(parts, keras.layers.Dense(n_classes, activation="softmax")(x))

    monkeypatch.setattr(speech, "sound_network", build)


@pytest.fixture(scope="module")
def loud_or_not():
    """Clips of 16 parts whose label is told by where the energy lies, and their table."""
    table = drawn_table(actors=6, takes=2)
    table = table[table["emotion"].isin(["angry", "calm"])].sort_values("actor", ignore_index=True)
    rng = np.random.default_rng(0)
    parts = rng.normal(size=(len(table), 16, *SHAPE[1:])).astype("float32")
    parts[(table["emotion"] == "angry").to_numpy(), :, 12:] += 1
    return table, parts


def array(tensor):
    return devices.import_keras().ops.convert_to_numpy(tensor)


def test_each_third_cut_is_one_of_the_papers_six_parts(tmp_path):
    table = corpora.load("puppets").iloc[[3]]
    cut = speech.cut_parts(table, tmp_path, size=(32, 25))
    signal, rate = corpora.read_audio(table.iloc[0], speech.RATE)
    six = spectrogram_parts(signal, rate, 6, (32, 25))
    assert cut.shape == (1, 16, 32, 25)
    thirds = cut[0, :: speech.CUTS // (speech.SNIPPETS - 1)]
    assert len(thirds) == 6
    for own, paper in zip(thirds, six, strict=True):  # all but the clip's mean and variance
        assert np.corrcoef(own.ravel(), paper.ravel())[0, 1] > 0.9999


def test_drawn_parts_are_different_ones_in_order_and_near_the_papers():
    parts = np.arange(16.0)[None, :, None, None] * np.ones((200, 1, 1, 1))
    for n in (1, 2, 6):
        at = speech.draw_parts(parts, n, np.random.default_rng(0))[..., 0, 0].astype(int)
        which = np.rint(at / 3).astype(int)  # 16 ends a part after 15
        assert at.shape == (200, n) and (np.abs(at - 3 * which) <= 1).all()
        assert (np.diff(which, axis=1) > 0).all()
        assert set(which.ravel()) == set(range(6))
    assert {*at[:, 1]} == {2, 3, 4}, "of six drawn ones the second moves by one at most"


def test_what_is_hidden_is_a_band_and_a_span_of_each_part_and_nothing_else_changes():
    parts = np.random.default_rng(0).uniform(1, 2, (50, 2, 20, 30)).astype("float32")
    seen = speech.vary(parts, {"noise": 0.0, "masked": 0.4}, np.random.default_rng(1))
    hidden = seen == 0
    np.testing.assert_array_equal(seen[~hidden], parts[~hidden])
    rows, columns = hidden.all(axis=3), hidden.all(axis=2)
    assert (hidden == rows[..., :, None] | columns[..., None, :]).all()
    assert 4 < rows.sum(axis=2).max() <= 8 and 6 < columns.sum(axis=2).max() <= 12
    runs = (np.diff(rows.astype(int), axis=2) == 1).sum(axis=2) + rows[..., 0]
    assert runs.max() == 1, "one band"
    noisy = speech.vary(parts, {"noise": 0.3, "masked": 0.0}, np.random.default_rng(1))
    assert (noisy - parts).std() == pytest.approx(0.3, rel=0.05) and noisy.dtype == np.float32


def test_the_parts_order_does_not_matter_and_their_number_makes_no_weight(networks):
    six, three = networks
    parts = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype("float32")
    order = [3, 1, 5, 0, 2, 4]
    answer = array(six(parts))
    np.testing.assert_allclose(array(six(parts[:, order])), answer, atol=1e-5)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
    twice = np.concatenate([parts[:, :3], parts[:, :3]], axis=1)
    np.testing.assert_allclose(array(three(parts[:, :3])), array(six(twice)), atol=1e-5)
    assert np.abs(array(six(parts)) - array(six(twice))).max() > 1e-6


def test_parameters_are_those_of_the_whole_networks_sound_side(networks):
    """ResNet-18 with one channel, four matrices of attention, one dense layer; width 1."""
    residual = 49 + 2 + 4 * (9 + 2)
    for c in (2, 4, 8):
        residual += 9 * c * c / 2 + 3 * 9 * c * c + c * c / 2 + 5 * 2 * c
    found = sum(int(np.prod(w.shape)) for w in networks[0].trainable_weights)
    assert found == residual + 4 * 8 * 8 + 3 * (8 + 1)


def test_it_learns_where_the_energy_lies(loud_or_not, small):
    table, parts = loud_or_not
    labels, rows = table["emotion"].to_numpy(dtype=str), np.arange(len(table))
    fit_predict = speech.train_sound_network(parts, labels, TINY)
    answer = fit_predict(rows[:24], rows[24:32], rows[32:], 0)
    right = np.array(["angry", "calm"])[answer.argmax(axis=1)] == labels[32:]
    assert answer.shape == (len(table) - 32, 2) and right.mean() > 0.9


def test_no_test_row_moves_another_ones_answer(loud_or_not, small):
    table, parts = loud_or_not
    labels, rows = table["emotion"].to_numpy(dtype=str), np.arange(len(table))
    moved, relabelled = parts.copy(), labels.copy()
    moved[-1], relabelled[-3:] = 5 * moved[-1][:, ::-1], "calm"
    plain, other = (
        speech.train_sound_network(p, y, TINY | {"epochs": 1})(rows[:24], rows[24:32], rows[32:], 0)
        for p, y in ((parts, labels), (moved, relabelled))
    )
    np.testing.assert_allclose(other[:-1], plain[:-1], atol=1e-6)
    assert np.abs(other[-1] - plain[-1]).max() > 1e-4


def test_fused_answers_are_products_and_a_finished_fold_is_kept(
    loud_or_not, small, tmp_path, monkeypatch
):
    table, parts = loud_or_not
    words = np.resize(["angry", "calm", "sad"], len(table))
    rng = np.random.default_rng(0)
    table = table.assign(emotion=rng.permutation(words))
    senses = {name: rng.normal(size=(len(table), 3)) for name in ("sound", "face")}
    run = {"settings": TINY | {"epochs": 1}, "resume": tmp_path, "progress": False}
    folds = split(table, "actors", 3)
    plain = speech.measure(table, parts, senses, folds, **run)
    columns = ["p_angry", "p_calm", "p_sad"]
    by_row = {name: own.sort_values("row")[columns].to_numpy() for name, own in plain.items()}
    parts_of = [by_row[name] for name in ("av-attention-sound", "sound-svm", "face-svm")]
    expected = late_fusion(parts_of, "product")
    np.testing.assert_allclose(by_row["av-attention-both-with-svm"], expected, atol=1e-6)
    monkeypatch.setattr(speech, "_compile", None)
    enrolled = speech.measure(table, parts, senses, folds, "enrolled", **run)
    name = "av-attention-sound"
    assert plain[name].equals(enrolled[name]), "the network hears the same, and is not trained"
    assert not plain["face-svm"][columns].equals(enrolled["face-svm"][columns])


def test_an_unknown_variant_is_named(loud_or_not):
    with pytest.raises(EvaluationError, match="'enroled' is none of plain, enrolled"):
        speech.measure(loud_or_not[0], None, {}, [], "enroled")
