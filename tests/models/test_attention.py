"""Soft and hard attention against the equations in NumPy; masks, gradients, saving."""

import numpy as np
import pytest

from emolib import devices
from emolib.models import HardAttention, SoftAttention

keras = devices.import_keras()
ops = keras.ops
KINDS = pytest.mark.parametrize("kind", [SoftAttention, HardAttention])


def array(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(4, 9, 6)).astype(np.float32)


def equations(layer, x, state=None):
    """Equations 2.28 to 2.30, one clip and one step at a time."""
    w_x, *w_c = [array(w)[:, 0] for w in layer.weights if w.name in ("w_x", "w_c")]
    means, weights = [], []
    for n, clip in enumerate(x):
        shift = 0 if state is None else w_c[0] @ state[n]
        s = np.array([np.tanh(shift + w_x @ step) for step in clip]) / layer.temperature
        a = np.exp(s) / np.exp(s).sum()
        weights.append(a)
        means.append(sum(a_i * x_i for a_i, x_i in zip(a, clip, strict=True)))
    return np.array(means), np.array(weights)


@pytest.mark.parametrize("temperature", [1.0, 0.1])
@pytest.mark.parametrize("with_state", [False, True])
def test_soft_attention_is_its_equations(x, temperature, with_state):
    state = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    layer = SoftAttention(temperature, return_weights=True)
    given = {"state": state} if with_state else {}
    z, a = layer(x, **given)
    mean, weights = equations(layer, x, state if with_state else None)
    np.testing.assert_allclose(array(a), weights, atol=1e-5)
    np.testing.assert_allclose(array(z), mean, atol=1e-5)
    assert len(layer.weights) == 1 + with_state


def test_a_tanh_bounds_how_much_one_step_can_weigh(x):
    a = array(SoftAttention(return_weights=True)(100 * x)[1])
    assert (a.max(axis=1) / a.min(axis=1) <= np.e**2 + 1e-3).all()


@KINDS
def test_padding_weighs_nothing_and_changes_nothing(kind, x):
    layer = kind(return_weights=True)
    z, a = layer(x)
    padded = np.concatenate([x, 7 * np.ones((4, 5, 6), np.float32)], axis=1)
    mask = np.arange(14) < 9
    z_padded, a_padded = layer(padded, mask=np.tile(mask, (4, 1)))
    np.testing.assert_allclose(array(z_padded), array(z), atol=1e-6)
    np.testing.assert_allclose(array(a_padded)[:, :9], array(a), atol=1e-6)
    assert (array(a_padded)[:, 9:] == 0).all()


@KINDS
@pytest.mark.parametrize("training", [False, True])
def test_a_clip_of_padding_alone_gives_zeros(kind, x, training):
    z, a = kind(return_weights=True)(x, mask=np.zeros((4, 9), bool), training=training)
    assert (array(z) == 0).all() and (array(a) == 0).all()


def test_hard_attention_returns_one_of_the_steps(x):
    layer = HardAttention(return_weights=True, seed=0)
    z, a = layer(x)
    np.testing.assert_allclose(array(z), x[np.arange(4), array(a).argmax(axis=1)], atol=1e-6)
    z = array(layer(x, training=True)[0])
    assert np.isclose(z[:, None], x, atol=1e-5).all(axis=2).any(axis=1).all()


def test_hard_attention_draws_by_its_weights():
    """5,000 equal clips: the share of each drawn step against its weight, and never padding."""
    clip = np.eye(4, dtype=np.float32)
    layer = HardAttention(return_weights=True, seed=3)
    mask = np.tile([True, True, True, False], (5000, 1))
    z, a = layer(np.tile(clip, (5000, 1, 1)), mask=mask, training=True)
    drawn = array(z).mean(axis=0)
    np.testing.assert_allclose(drawn, array(a)[0], atol=0.03)
    assert drawn[3] == 0


def test_near_zero_temperature_soft_is_hard(x):
    keras.utils.set_random_seed(0)  # scores that are not equal by chance
    soft, hard = SoftAttention(1e-4), HardAttention()
    soft.build(x.shape)
    hard.build(x.shape)
    hard.set_weights(soft.get_weights())
    np.testing.assert_allclose(array(soft(x)), array(hard(x)), atol=1e-4)


@KINDS
def test_gradients_reach_the_scores(kind, x):
    """Training moves the weights of the scores, and a mask brings no NaN."""
    mask = np.ones((4, 9), bool)
    mask[0] = False
    inputs = keras.Input((9, 6))
    padding = keras.Input((9,), dtype="bool")
    layer = kind()
    answer = keras.layers.Dense(1)(layer(inputs, mask=padding))
    model = keras.Model([inputs, padding], answer)
    before = [w.copy() for w in layer.get_weights()]
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit([x, mask], np.arange(4.0), epochs=3, verbose=0)
    moved = np.abs(layer.get_weights()[0] - before[0]).max()
    assert np.isfinite(moved) and moved > 1e-4


def test_a_mask_comes_from_the_layer_below(x):
    x[:, 6:] = 0
    inputs = keras.Input((None, 6))
    z, a = SoftAttention(return_weights=True)(keras.layers.Masking()(inputs))
    model = keras.Model(inputs, [z, a])
    whole, cut = model(x), model(x[:, :6])
    np.testing.assert_allclose(array(whole[0]), array(cut[0]), atol=1e-6)
    assert (array(whole[1])[:, 6:] == 0).all()


@KINDS
def test_saved_and_loaded(kind, x, tmp_path):
    inputs, state = keras.Input((9, 6)), keras.Input((3,))
    model = keras.Model([inputs, state], kind(0.5, name="look")(inputs, state=state))
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    h = np.ones((4, 3), np.float32)
    np.testing.assert_allclose(array(model([x, h])), array(again([x, h])), atol=1e-6)
    assert again.get_layer("look").temperature == 0.5


@KINDS
def test_temperature_is_above_zero(kind):
    with pytest.raises(ValueError, match="above 0, not 0"):
        kind(temperature=0)
