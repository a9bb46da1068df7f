"""low-rank's network: parameters by closed form, masks, how attentions grow, bad input."""

import numpy as np
import pytest

from emolib import devices
from emolib.models import low_rank_network

keras = devices.import_keras()

VECTORS = {"audio": (20,), "text": (30,), "video": (10,)}
SEQUENCES = {"audio": (None, 5), "video": (None, 4)}


def answer(model, x):
    return keras.ops.convert_to_numpy(model(x, training=False))


def sequences(steps, rows=3):
    rng = np.random.default_rng(0)
    return {n: rng.normal(size=(rows, steps, s[1])).astype("float32") for n, s in SEQUENCES.items()}


def padded(x, steps):
    return {n: np.pad(v, ((0, 0), (0, steps), (0, 0))) for n, v in x.items()}


@pytest.mark.parametrize(
    ("fusion", "fused"),
    [
        ("low-rank", 3 * 16 * (9 + 9 + 9) + 16),
        ("tensor", 16 * 9**3 + 16),
        ("concatenation", 16 * 24 + 16),
    ],
)
def test_parameters_are_those_of_the_closed_form(fusion, fused):
    model = low_rank_network(VECTORS, 8, fusion=fusion, lengths=8, units=16, rank=3)
    encoders = sum(8 * (d + 1) for (d,) in VECTORS.values())
    assert model.count_params() == encoders + fused + 16 * 17 + 8 * 17


@pytest.mark.parametrize("over_time", [False, True])
def test_padding_changes_nothing(over_time):
    keras.utils.set_random_seed(0)
    model = low_rank_network(SEQUENCES, 4, lengths=6, units=7, rank=2, over_time=over_time)
    x = sequences(6)
    plain = answer(model, x)
    np.testing.assert_allclose(answer(model, padded(x, 5)), plain, atol=1e-6)
    changed = {**x, "video": x["video"][:, ::-1]}
    assert np.abs(answer(model, changed) - plain).max() > 1e-4


def test_over_time_each_step_sees_its_neighbours():
    """What changes at one step reaches the fused signal one step earlier: the convolution."""
    keras.utils.set_random_seed(0)
    model = low_rank_network(SEQUENCES, 4, lengths=6, units=7, rank=2, over_time=True)
    layer = next(x for x in model.layers if "temporal" in x.name)
    signal = keras.Model(model.inputs, layer.output)
    x = sequences(6)
    later = {n: v.copy() for n, v in x.items()}
    later["audio"][:, 4] += 1
    moved = np.abs(answer(signal, later) - answer(signal, x)).max(axis=(0, 2))
    assert (moved[:3] < 1e-6).all()
    assert moved[3:].min() > 1e-6


@pytest.mark.parametrize("modalities", [2, 3, 4])
def test_attentions_grow_linearly_with_modalities(modalities):
    shapes = {f"m{k}": (None, 3) for k in range(modalities)}
    model = low_rank_network(shapes, 4, lengths=5, units=6, rank=2, over_time=True)
    attentions = [x for x in model.layers if isinstance(x, keras.layers.MultiHeadAttention)]
    assert len(attentions) == modalities


def test_the_shape_chooses_the_encoder():
    shapes = {"audio": (32, 32, 1), "video": (4, 32, 32, 3), "text": (None, 6), "pose": (9,)}
    model = low_rank_network(shapes, 3, lengths=4, units=5, rank=1)
    rng = np.random.default_rng(0)
    x = {n: rng.normal(size=(2, *[s or 7 for s in shape])) for n, shape in shapes.items()}
    first = answer(model, x)
    np.testing.assert_allclose(first.sum(axis=1), 1, atol=1e-5)
    for name in shapes:
        other = {**x, name: rng.normal(size=x[name].shape)}
        assert np.abs(answer(model, other) - first).max() > 1e-7, name


def test_regression_is_not_squeezed_between_0_and_1():
    model = low_rank_network(VECTORS, 17, task="regression", lengths=8, units=16)
    rng = np.random.default_rng(0)
    x = {n: 30 * rng.normal(size=(40, d)).astype("float32") for n, (d,) in VECTORS.items()}
    given = answer(model, x)
    assert given.shape == (40, 17)
    assert given.min() < 0 < 1 < given.max()


def test_it_comes_back_from_a_file(tmp_path):
    model = low_rank_network(SEQUENCES, 4, lengths=6, units=7, rank=2, over_time=True)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = padded(sequences(4), 2)
    np.testing.assert_allclose(answer(again, x), answer(model, x), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shapes": {}}, "one modality"),
        ({"shapes": {"audio": (0,)}}, "width 0"),
        ({"shapes": {"audio": (1, 2, 3, 4, 5)}}, "no encoder"),
        ({"shapes": VECTORS, "task": "ranking"}, "ranking"),
        ({"shapes": VECTORS, "fusion": "sum"}, "sum"),
        ({"shapes": VECTORS, "rank": 0}, "rank is 1 or more"),
        ({"shapes": VECTORS, "over_time": True}, "over_time"),
        ({"shapes": SEQUENCES, "fusion": "tensor", "over_time": True}, "over_time"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        low_rank_network(**arguments)


def test_one_modality_is_no_error():
    model = low_rank_network({"audio": (20,)}, 4)
    assert answer(model, {"audio": np.zeros((2, 20))}).shape == (2, 4)
