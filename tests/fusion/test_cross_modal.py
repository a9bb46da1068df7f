"""Cross-modal attention against its equations in loops; the reading of (8); masks, saving."""

import numpy as np
import pytest

from emolib import devices
from emolib.fusion import CrossModalAttention
from emolib.fusion.cross_modal import column_softmax

keras = devices.import_keras()
N, AUDIO, VIDEO = 6, 4, 5


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture
def senses():
    rng = np.random.default_rng(0)
    return [rng.normal(size=(2, N, m)).astype(np.float32) for m in (AUDIO, VIDEO)]


@pytest.fixture
def layer(senses):
    layer = CrossModalAttention(return_correlation=True)
    layer(senses)
    layer.set_weights([np.random.default_rng(1).normal(size=(AUDIO, VIDEO))])
    return layer


def equations(w, audio, video):
    """Equations 7 to 11 for one clip, one snippet and one sum at a time."""
    corr = np.array([[a @ w @ v for v in video] for a in audio], float)
    heard, seen = np.zeros((N, AUDIO)), np.zeros((N, VIDEO))
    for j in range(N):  # a column of corr: weights over the sound's snippets
        powers = [np.exp(corr[i, j]) for i in range(N)]
        heard[j] = sum(p * a for p, a in zip(powers, audio, strict=True)) / sum(powers)
    for i in range(N):  # a column of corr transposed: weights over the video's
        powers = [np.exp(corr[i, j]) for j in range(N)]
        seen[i] = sum(p * v for p, v in zip(powers, video, strict=True)) / sum(powers)
    return np.concatenate([np.tanh(video + seen), np.tanh(audio + heard)], axis=1), corr


def test_it_is_its_equations(layer, senses):
    joined, correlation = layer(senses)
    (w,) = layer.get_weights()
    for n in range(2):
        expected, corr = equations(w, senses[0][n], senses[1][n])
        np.testing.assert_allclose(array(joined)[n], expected, atol=1e-5)
        np.testing.assert_allclose(array(correlation)[n], corr, rtol=1e-4, atol=1e-4)


def test_columns_have_the_sum_1_and_rows_have_not(layer, senses):
    weights = array(column_softmax(layer(senses)[1]))
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert np.abs(weights.sum(axis=2) - 1).max() > 0.5


def test_as_printed_the_weighted_sounds_would_be_no_means(layer, senses):
    """W^Audio D_AT without the transpose: of sounds that are all alike it makes other sounds."""
    alike = np.ones((2, N, AUDIO), np.float32)
    weights = array(column_softmax(layer([alike * senses[0][:, :, :1], senses[1]])[1]))
    np.testing.assert_allclose(np.swapaxes(weights, 1, 2) @ alike, alike, atol=1e-5)
    assert np.abs(weights @ alike - alike).max() > 0.1


def test_permuting_both_senses_permutes_the_answer(layer, senses):
    order = np.random.default_rng(2).permutation(N)
    joined, corr = (array(a) for a in layer(senses))
    found, turned = (array(a) for a in layer([s[:, order] for s in senses]))
    np.testing.assert_allclose(found, joined[:, order], atol=1e-5)
    np.testing.assert_allclose(turned, corr[:, order][:, :, order], atol=1e-4)


def test_what_a_snippet_of_video_picks_does_not_depend_on_the_order_of_the_sound(layer, senses):
    audio, video = senses
    order = np.random.default_rng(2).permutation(N)

    def picked(audio):
        heard = array(layer([audio, video])[0])[..., VIDEO:]
        return np.arctanh(heard.astype(float)) - audio

    np.testing.assert_allclose(picked(audio[:, order]), picked(audio), atol=2e-2)


def test_a_missing_snippet_weighs_nothing(layer, senses):
    audio, video = senses
    there = np.ones((2, N), bool)
    there[:, 2] = False
    audio[:, 2] = 0
    joined = array(layer([audio, video], mask=[there, None])[0])
    cut = [np.delete(s, 2, axis=1) for s in senses]
    expected = array(layer(cut)[0])
    # The other rows of sound pick among five; of video, row 2 is still there to be picked from.
    np.testing.assert_allclose(
        np.delete(joined, 2, 1)[..., VIDEO:], expected[..., VIDEO:], atol=1e-5
    )
    none = np.zeros((2, N), bool)
    silent = array(layer([0 * audio, video], mask=[none, there])[0])
    assert (silent[..., VIDEO:] == 0).all() and np.isfinite(silent).all()


def test_a_snippet_is_there_where_one_sense_has_it(layer, senses):
    one, other = np.eye(2, N, dtype=bool), np.eye(2, N, 1, dtype=bool)
    assert (array(layer.compute_mask(senses, [one, other])) == (one | other)).all()
    assert layer.compute_mask(senses, [one, None]) is None


def test_w_is_the_only_weight_xaviers_and_training_moves_it(senses):
    layer = CrossModalAttention()
    inputs = [keras.Input(s.shape[1:]) for s in senses]
    answer = keras.layers.Dense(1)(keras.layers.Flatten()(layer(inputs)))
    model = keras.Model(inputs, answer)
    (w,) = layer.get_weights()
    assert w.shape == (AUDIO, VIDEO)
    assert 0 < np.abs(w).max() <= np.sqrt(6 / (AUDIO + VIDEO))
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit(senses, np.arange(2.0), epochs=2, verbose=0)
    assert np.abs(layer.get_weights()[0] - w).max() > 1e-5


def test_saved_and_loaded(senses, tmp_path):
    inputs = [keras.Input(s.shape[1:]) for s in senses]
    model = keras.Model(inputs, CrossModalAttention(return_correlation=True)(inputs))
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    for one, other in zip(model(senses), again(senses), strict=True):
        np.testing.assert_allclose(array(one), array(other), atol=1e-6)


def test_bad_input(senses):
    with pytest.raises(ValueError, match=r"takes \[audio, video\]"):
        CrossModalAttention()(senses[0])
    with pytest.raises(ValueError, match="6 snippets of sound and 5 of video"):
        CrossModalAttention()([senses[0], senses[1][:, :5]])
