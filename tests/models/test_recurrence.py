"""The printed steps against Keras's layers, configured so."""

import numpy as np
import pytest

from emolib import devices
from emolib.models import gru_step, lstm_step

keras = devices.import_keras()
BATCH, STEPS, FEATURES, UNITS = 3, 7, 4, 5


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(BATCH, STEPS, FEATURES)).astype(np.float32)


def random_weights(layer, x):
    """Build a layer and fill all its weights, biases too, with numbers of size one."""
    layer.build(x.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer.get_weights()


def test_lstm_is_keras_step_by_step(x):
    layer = keras.layers.LSTM(UNITS, return_sequences=True)
    weights = random_weights(layer, x)
    theirs = keras.ops.convert_to_numpy(layer(x))
    h = c = np.zeros((BATCH, UNITS))
    for t in range(STEPS):
        h, c = lstm_step(x[:, t], h, c, *weights)
        np.testing.assert_allclose(h, theirs[:, t], atol=1e-5)


@pytest.mark.parametrize("reset_after", [False, True])
def test_gru_is_keras_where_z_keeps(x, reset_after):
    layer = keras.layers.GRU(UNITS, return_sequences=True, reset_after=reset_after)
    weights = random_weights(layer, x)
    theirs = keras.ops.convert_to_numpy(layer(x))
    h = np.zeros((BATCH, UNITS))
    for t in range(STEPS):
        h = gru_step(x[:, t], h, *weights, keep="z", reset_after=reset_after)
        np.testing.assert_allclose(h, theirs[:, t], atol=1e-5)


def test_the_printed_gru_is_keras_with_the_sign_of_z_changed(x):
    layer = keras.layers.GRU(UNITS, return_sequences=True, reset_after=False)
    kernel, recurrent, bias = (w.copy() for w in random_weights(layer, x))
    theirs = keras.ops.convert_to_numpy(layer(x))
    for weights in (kernel, recurrent, bias):
        weights[..., :UNITS] *= -1
    h = np.zeros((BATCH, UNITS))
    for t in range(STEPS):
        h = gru_step(x[:, t], h, kernel, recurrent, bias)
        np.testing.assert_allclose(h, theirs[:, t], atol=1e-5)


def test_where_the_reset_gate_acts_makes_another_function(x):
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(FEATURES, 3 * UNITS))
    recurrent = rng.normal(size=(UNITS, 3 * UNITS))
    h = rng.normal(size=(BATCH, UNITS))
    before = gru_step(x[:, 0], h, kernel, recurrent)
    after = gru_step(x[:, 0], h, kernel, recurrent, reset_after=True)
    assert np.abs(before - after).max() > 0.01
    diagonal = np.concatenate([recurrent[:, : 2 * UNITS], np.eye(UNITS)], axis=1)
    np.testing.assert_allclose(
        gru_step(x[:, 0], h, kernel, diagonal),
        gru_step(x[:, 0], h, kernel, diagonal, reset_after=True),
        err_msg="they agree where U mixes no units",
    )


def test_open_and_shut_gates_keep_or_renew():
    zeros = np.zeros((UNITS, 3 * UNITS))
    kernel = np.zeros((FEATURES, 3 * UNITS))
    h, x = np.full((1, UNITS), 0.3), np.zeros((1, FEATURES))
    shut, wide = (np.concatenate([np.full(UNITS, b), np.zeros(2 * UNITS)]) for b in (-50, 50))
    np.testing.assert_allclose(gru_step(x, h, kernel, zeros, shut), h)
    np.testing.assert_allclose(gru_step(x, h, kernel, zeros, wide), 0, atol=1e-12)
    np.testing.assert_allclose(gru_step(x, h, kernel, zeros, wide, keep="z"), h)


def test_another_word_for_what_is_kept():
    with pytest.raises(ValueError, match="'1 - z' or 'z', not 'h'"):
        gru_step(np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 3)), np.zeros((1, 3)), keep="h")
