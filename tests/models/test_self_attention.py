"""Three self-attentions against the equations in loops and Keras; masks, gradients, saving."""

import numpy as np
import pytest

from emolib import devices
from emolib.models import ChannelAttention, SpatialAttention, TemporalAttention

keras = devices.import_keras()
ops = keras.ops
KINDS = pytest.mark.parametrize("kind", [SpatialAttention, ChannelAttention, TemporalAttention])
HEADS = pytest.mark.parametrize("heads", [1, 2, 4])  # 4 divides neither 6 nor 9


def array(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(3, 9, 6)).astype(np.float32)


def softmax(row):
    return np.exp(row) / np.exp(row).sum()


def equations(layer, x):
    """Equations 1 to 3 for one matrix: a head, a row at a time."""
    query, key, value, joined = (array(w).astype(float) for w in layer.weights)
    size = query.shape[1] // layer.heads
    results, weights = [], []
    for h in range(layer.heads):
        mine = slice(h * size, (h + 1) * size)
        q, k, v = (x @ w[:, mine] for w in (query, key, value))
        a = np.array([softmax([q_i @ k_j / np.sqrt(size) for k_j in k]) for q_i in q])
        weights.append(a)
        results.append(np.array([sum(row[j] * v[j] for j in range(len(v))) for row in a]))
    return np.concatenate(results, axis=1) @ joined, np.array(weights)


@HEADS
@KINDS
def test_each_attention_is_its_equations(kind, heads, x):
    layer = kind(heads, return_weights=True)
    found, weights = layer(x)
    for n in range(len(x)):
        matrix = x[n].T if kind is ChannelAttention else x[n]
        result, a = equations(layer, matrix)
        result = result.T if kind is ChannelAttention else result
        np.testing.assert_allclose(array(found)[n], result, atol=1e-5)
        np.testing.assert_allclose(array(weights)[n], a, atol=1e-5)


@HEADS
@KINDS
def test_each_attention_is_keras_with_the_same_weights(kind, heads, x):
    layer = kind(heads, return_weights=True)
    found, weights = layer(x)
    rows = np.swapaxes(x, 1, 2) if kind is ChannelAttention else x
    size = -(-rows.shape[-1] // heads)
    peer = keras.layers.MultiHeadAttention(heads, size, use_bias=False)
    peer.build(rows.shape, rows.shape)
    split = [w.reshape(-1, heads, size) for w in layer.get_weights()[:3]]
    peer.set_weights([*split, layer.get_weights()[3].reshape(heads, size, -1)])
    expected, a = peer(rows, rows, return_attention_scores=True)
    expected = np.swapaxes(expected, 1, 2) if kind is ChannelAttention else expected
    np.testing.assert_allclose(array(found), expected, atol=1e-5)
    np.testing.assert_allclose(array(weights), array(a), atol=1e-5)


def test_parameters_are_the_printed_matrices_and_rounded_up_where_they_do_not_divide():
    def count(layer, shape):
        layer.build((None, *shape))
        return layer.count_params()

    assert count(SpatialAttention(8), (49, 16)) == 4 * 16 * 16
    assert count(ChannelAttention(7), (49, 16)) == 4 * 49 * 49
    assert count(ChannelAttention(8), (49, 16)) == 4 * 49 * 56
    assert count(TemporalAttention(8, units=5), (6, 16)) == 3 * 16 * 16 + 16 * 5


def test_snippets_do_not_see_each_other_in_space(x):
    layer = SpatialAttention(2)
    together = array(layer(x[None]))
    apart = np.stack([array(layer(one[None]))[0] for one in x])
    np.testing.assert_allclose(together[0], apart, atol=1e-5)


@pytest.mark.parametrize("kind", [SpatialAttention, TemporalAttention])
def test_the_order_of_rows_only_orders_the_answer(kind, x):
    order = np.random.default_rng(1).permutation(9)
    layer = kind(2)
    np.testing.assert_allclose(array(layer(x[:, order])), array(layer(x))[:, order], atol=1e-5)


@KINDS
def test_what_is_masked_weighs_nothing_and_changes_nothing(kind, x):
    channels = kind is ChannelAttention
    layer = kind(2, return_weights=True)
    cut = x[:, :, :4] if channels else x[:, :4]
    mask = np.tile(np.arange(6 if channels else 9) < 4, (3, 1))
    found, weights = (array(a) for a in layer(x, mask=mask))
    alone, a = (array(a) for a in layer(cut))
    found = np.swapaxes(found, 1, 2) if channels else found
    alone = np.swapaxes(alone, 1, 2) if channels else alone
    np.testing.assert_allclose(found[:, :4], alone, atol=1e-5)
    np.testing.assert_allclose(weights[:, :, :4, :4], a, atol=1e-5)
    assert (weights[..., 4:] == 0).all() and (found[:, 4:] == 0).all()
    none, weights = layer(x, mask=np.zeros_like(mask))
    assert (array(none) == 0).all() and (array(weights) == 0).all()


def test_a_mask_comes_from_the_layer_below(x):
    x[:, 6:] = 0
    inputs = keras.Input((None, 6))
    layer = TemporalAttention(2)
    model = keras.Model(inputs, layer(keras.layers.Masking()(inputs)))
    np.testing.assert_allclose(array(model(x))[:, :6], array(model(x[:, :6])), atol=1e-5)


@KINDS
def test_training_moves_every_weight(kind, x):
    layer = kind(2)
    inputs = keras.Input((9, 6))
    answer = keras.layers.Dense(1)(keras.layers.Flatten()(layer(inputs)))
    model = keras.Model(inputs, answer)
    before = layer.get_weights()
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit(x, np.arange(3.0), epochs=2, verbose=0)
    for old, new in zip(before, layer.get_weights(), strict=True):
        assert np.isfinite(new).all() and np.abs(new - old).max() > 1e-5


@KINDS
def test_saved_and_loaded(kind, x, tmp_path):
    options = {"units": 5} if kind is TemporalAttention else {}
    inputs = keras.Input((9, 6))
    model = keras.Model(inputs, kind(4, return_weights=True, **options)(inputs))
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    for one, other in zip(model(x), again(x), strict=True):
        np.testing.assert_allclose(array(one), array(other), atol=1e-6)


def test_bad_input():
    with pytest.raises(ValueError, match="1 head or more, not 0"):
        SpatialAttention(heads=0)
    with pytest.raises(ValueError, match="one number or more of a snippet, not 0"):
        TemporalAttention(units=0)
