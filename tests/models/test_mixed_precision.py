"""Layers in half precision: finite and near what they give in full, where all is padding too."""

import numpy as np
import pytest

from emolib import devices
from emolib.fusion import CrossModalAttention, LowRankFusion, TensorFusion
from emolib.models import (
    ChannelAttention,
    HardAttention,
    SoftAttention,
    SpatialAttention,
    TemporalAttention,
    TemporalConvolution,
)

keras = devices.import_keras()
RNG = np.random.default_rng(0)
SEQUENCE = RNG.normal(size=(3, 4, 8)).astype("float32")
MAPS = RNG.normal(size=(2, 3, 3, 8)).astype("float32")
MASK = np.array([[True] * 4, [True, True, False, False], [False] * 4])
LAYERS = {
    "soft": (lambda d: SoftAttention(dtype=d), SEQUENCE, {"mask": MASK}),
    "hard": (lambda d: HardAttention(dtype=d), SEQUENCE, {"mask": MASK}),
    "spatial": (lambda d: SpatialAttention(2, dtype=d), MAPS, {}),
    "channel": (lambda d: ChannelAttention(2, dtype=d), MAPS, {}),
    "temporal": (lambda d: TemporalAttention(2, dtype=d), SEQUENCE, {"mask": MASK}),
    "cross-modal": (lambda d: CrossModalAttention(dtype=d), [SEQUENCE] * 2, {"mask": [MASK] * 2}),
    "tensor": (lambda d: TensorFusion(5, dtype=d), [SEQUENCE[:, 0], SEQUENCE[:, 1]], {}),
    "low-rank": (lambda d: LowRankFusion(5, 2, dtype=d), [SEQUENCE[:, 0], SEQUENCE[:, 1]], {}),
    "convolution": (lambda d: TemporalConvolution(5, 3, dtype=d), SEQUENCE, {}),
}


def first(answer):
    while isinstance(answer, tuple | list):
        answer = answer[0]
    return answer


def numbers(answer):
    return keras.ops.convert_to_numpy(keras.ops.cast(answer, "float32"))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", LAYERS)
def test_half_precision_gives_nearly_the_same(name, policy):
    make, inputs, options = LAYERS[name]
    full, half = make("float32"), make(policy)
    expected = numbers(first(full(inputs, **options)))
    half(inputs, **options)
    half.set_weights(full.get_weights())
    given = first(half(inputs, **options))
    assert keras.backend.standardize_dtype(given.dtype) == policy.removeprefix("mixed_")
    answer = numbers(given)
    assert np.isfinite(answer).all()
    np.testing.assert_allclose(answer, expected, atol=0.05 * max(1, np.abs(expected).max()))
