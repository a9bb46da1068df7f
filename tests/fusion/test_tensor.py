"""Tensor fusion and its low-rank form against each other, loops and closed forms."""

import itertools

import numpy as np
import pytest

from emolib import devices
from emolib.fusion import LowRankFusion, TensorFusion
from emolib.fusion.tensor import outer_product

keras = devices.import_keras()
LENGTHS = pytest.mark.parametrize("lengths", [(3, 4), (3, 4, 2), (3, 2, 2, 3)])


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def vectors(lengths, rows=5):
    rng = np.random.default_rng(0)
    return [rng.normal(size=(rows, d)).astype(np.float32) for d in lengths]


def random_weights(layer, x):
    layer(x)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer


@LENGTHS
def test_the_tensor_holds_every_product(lengths):
    x = vectors(lengths, rows=2)
    ones = [np.append(v, np.ones((2, 1)), axis=1) for v in x]
    for row in range(2):
        expected = [np.prod(pick) for pick in itertools.product(*[v[row] for v in ones])]
        np.testing.assert_allclose(array(outer_product(x))[row], expected, rtol=1e-5)


@LENGTHS
@pytest.mark.parametrize("rank", [1, 3])
def test_low_rank_is_the_full_contraction_with_the_tensor_that_its_factors_span(lengths, rank):
    x = vectors(lengths)
    low = random_weights(LowRankFusion(6, rank), x)
    full = TensorFusion(6)
    full(x)
    full.set_weights([array(low.full_kernel()), low.get_weights()[-1]])
    expected = array(full(x))
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(array(low(x)) / np.abs(expected).max(),
                               expected / np.abs(expected).max(), atol=1e-5)  # fmt: skip


def test_low_rank_is_its_equation_in_loops():
    x = vectors((3, 4, 2))
    low = random_weights(LowRankFusion(2, 3), x)
    *factors, bias = low.get_weights()
    for row in range(5):
        h = np.array(bias, float)
        for i in range(3):
            part = np.ones(2)
            for vector, factor in zip(x, factors, strict=True):
                part *= np.append(vector[row], 1) @ factor[:, 2 * i : 2 * i + 2]
            h += part
        np.testing.assert_allclose(array(low(x))[row], h, rtol=1e-4)


def test_the_sum_inside_the_product_is_another_function():
    x = vectors((3, 4))
    low = random_weights(LowRankFusion(2, 3), x)
    *factors, bias = low.get_weights()
    inside = np.ones((5, 2))
    for vector, factor in zip(x, factors, strict=True):
        mapped = np.append(vector, np.ones((5, 1)), axis=1) @ factor
        inside *= mapped.reshape(5, 3, 2).sum(axis=1)
    assert np.abs(inside + bias - array(low(x))).max() > 0.5


@LENGTHS
def test_parameters_are_the_closed_forms(lengths):
    x = vectors(lengths)
    full, low = TensorFusion(6), LowRankFusion(6, 4)
    full(x)
    low(x)
    longer = np.array(lengths) + 1
    assert full.count_params() == 6 * np.prod(longer) + 6
    assert low.count_params() == 6 * 4 * np.sum(longer) + 6


def test_enough_rank_spans_any_tensor():
    """Two vectors: a matrix of rank 3 is fitted exactly with rank 3 and not with rank 1."""
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(3, 5))  # one unit; lengths 2 and 4 with their 1
    u, s, vt = np.linalg.svd(kernel)
    x = vectors((2, 4))
    low = LowRankFusion(1, 3)
    low(x)
    low.set_weights([u[:, :3] * s, vt[:3].T, np.zeros(1)])
    ones = [np.append(v, np.ones((5, 1)), axis=1) for v in x]
    np.testing.assert_allclose(
        array(low(x))[:, 0], np.einsum("ni,ij,nj->n", ones[0], kernel, ones[1]), atol=1e-5
    )


@pytest.mark.parametrize("layer", [TensorFusion(4), LowRankFusion(4, 2)])
def test_one_vector_is_a_dense_layer(layer):
    (x,) = vectors((3,))
    random_weights(layer, [x])
    kernel = layer.get_weights()[0]
    if isinstance(layer, LowRankFusion):
        kernel = kernel.reshape(4, 2, 4).sum(axis=1)
    expected = x @ kernel[:-1] + kernel[-1] + layer.get_weights()[-1]
    np.testing.assert_allclose(array(layer([x])), expected, atol=1e-5)


@pytest.mark.parametrize("layer", [TensorFusion(4), LowRankFusion(4, 2)])
def test_saved_networks_agree(layer, tmp_path):
    x = vectors((3, 4))
    inputs = [keras.Input((3,)), keras.Input((4,))]
    model = keras.Model(inputs, layer(inputs))
    answer = array(model(x))
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(array(again(x)), answer, atol=1e-6)
    assert array(model([v[:0] for v in x])).shape == (0, 4), "no row, no answer"


def test_low_rank_learns_a_product_of_two_senses():
    """The label is the sign of a product: neither sense tells anything alone."""
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    x = [rng.normal(size=(400, 3)).astype(np.float32) for _ in range(2)]
    y = (x[0][:, 0] * x[1][:, 0] > 0).astype(float)
    inputs = [keras.Input((3,)), keras.Input((3,))]
    model = keras.Model(inputs, keras.layers.Activation("sigmoid")(LowRankFusion(1, 2)(inputs)))
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
    model.fit([v[:300] for v in x], y[:300], epochs=25, verbose=0)
    assert model.evaluate([v[300:] for v in x], y[300:], verbose=0)[1] > 0.85


def test_bad_input():
    for layer in (TensorFusion(3), LowRankFusion(3)):
        with pytest.raises(ValueError, match="list of vectors"):
            layer(np.zeros((2, 3), np.float32))
        with pytest.raises(ValueError, match="encode sequences first"):
            layer([np.zeros((2, 5, 3), np.float32), np.zeros((2, 3), np.float32)])
    with pytest.raises(ValueError, match="rank is 1 or more, not 0"):
        LowRankFusion(3, 0)
    with pytest.raises(ValueError, match="one number or more, not 0"):
        TensorFusion(0)


def test_sequences_are_fused_step_by_step():
    rng = np.random.default_rng(3)
    x = [rng.normal(size=(2, 5, d)).astype(np.float32) for d in (3, 4)]
    low = random_weights(LowRankFusion(6, 2), x)
    together = array(low(x))
    for step in range(5):
        alone = array(low([v[:, step] for v in x]))
        np.testing.assert_allclose(together[:, step], alone, rtol=1e-4, atol=1e-5)


def test_sequences_that_do_not_fit_are_named():
    one, other = np.zeros((2, 5, 3)), np.zeros((2, 6, 3))
    with pytest.raises(ValueError, match="5, 6 steps"):
        LowRankFusion(4, 1)([one, other])
    with pytest.raises(ValueError, match="encode sequences first"):
        TensorFusion(4)([one, one])
    with pytest.raises(ValueError, match="width 0"):
        LowRankFusion(4, 1)([np.zeros((2, 3)), np.zeros((2, 0))])


@pytest.mark.parametrize("make", [TensorFusion, lambda units: LowRankFusion(units, 2)])
def test_modalities_need_the_same_clips_and_may_differ_in_dtype(make):
    layer = make(4)
    a, b = vectors((3, 2))
    whole = np.round(a)
    expected = array(layer([whole, b]))
    np.testing.assert_allclose(array(layer([whole.astype(np.int64), b.astype(float)])), expected)
    for rows in (1, 4):  # a single clip would otherwise be fused with each of the five
        with pytest.raises(ValueError, match=f"{rows}, 5 clips"):
            layer([a[:rows], b])


def test_a_clip_that_holds_nan_spoils_its_own_answer_only():
    layer = random_weights(LowRankFusion(4, 2), vectors((3, 2)))
    a, b = vectors((3, 2))
    clean = array(layer([a, b]))
    a[2, 1] = np.nan
    spoilt = array(layer([a, b]))
    assert np.isnan(spoilt[2]).all()
    np.testing.assert_allclose(np.delete(spoilt, 2, axis=0), np.delete(clean, 2, axis=0))
