"""The networks against Figs 6 and 8, and what a branch may and may not do."""

import numpy as np
import pytest

from emolib.models import multi_input_cnn
from emolib.models.multi_input_cnn import TABLE_3, WIDTHS

SMALL = {"size": 32, "widths": (4, 8), "dense": (16, 8)}


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return {
        name: rng.random((6, 32, 32, channels), dtype=np.float32)
        for name, channels in {"frames": 3, "flow": 3, "mel": 1}.items()
    }


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def rates(model):
    return [layer.rate for layer in model.layers if hasattr(layer, "rate")]


def test_one_input_is_figure_6():
    model = multi_input_cnn(["frames"], n_classes=5)
    blocks = ["Conv2D", "MaxPooling2D"] * 5
    end = ["Dropout", "Flatten", "Dense", "Dense", "Dropout", "Dense"]
    assert kinds(model) == ["InputLayer", *blocks, *end]
    filters = [layer.filters for layer in model.layers if hasattr(layer, "filters")]
    assert tuple(filters) == WIDTHS
    assert [layer.units for layer in model.layers if hasattr(layer, "units")] == [2048, 1024, 5]
    assert rates(model) == [0.25, 0.4]
    # Closed form: 9 c_in c_out + c_out a convolution; 64 pixels leave 2 x 2 x 512.
    ins = (3, *WIDTHS[:-1])
    convolutions = sum(9 * a * b + b for a, b in zip(ins, WIDTHS, strict=True))
    dense = 2048 * 2049 + 2048 * 1024 + 1024 + 1024 * 5 + 5
    assert model.count_params() == convolutions + dense


@pytest.mark.parametrize("inputs", [("frames", "flow"), ("flow", "mel"), ("frames", "flow", "mel")])
def test_fused_networks_are_figure_8(inputs):
    model = multi_input_cnn(inputs, **SMALL)
    found = kinds(model)
    assert found.count("Conv2D") == 2 * len(inputs)
    assert found.count("Flatten") == len(inputs) and found.count("Concatenate") == 1
    assert sorted(rates(model)) == [0.4] + [0.5] * len(inputs)
    (joined,) = (layer for layer in model.layers if type(layer).__name__ == "Concatenate")
    assert joined.output.shape == (None, len(inputs) * 8 * 8 * 8)


def test_sound_alone_has_one_dense_layer_less():
    model = multi_input_cnn(["mel"], **SMALL)
    assert [layer.units for layer in model.layers if hasattr(layer, "units")] == [16, 8]
    both = multi_input_cnn(["frames", "mel"], **SMALL)
    assert [layer.units for layer in both.layers if hasattr(layer, "units")] == [16, 8, 8]


def test_each_branch_counts_and_inputs_go_by_name(pictures):
    model = multi_input_cnn(n_classes=4, **SMALL)
    answer = np.asarray(model(pictures))
    assert answer.shape == (6, 4)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
    for name in pictures:
        other = {**pictures, name: 1 - pictures[name]}
        assert not np.allclose(np.asarray(model(other)), answer, atol=1e-6), name
    swapped = dict(reversed(pictures.items()))
    assert np.array_equal(np.asarray(model(swapped)), answer), "the order does not matter"


def test_a_saved_network_predicts_the_same(pictures, tmp_path):
    from emolib import devices

    model = multi_input_cnn(["frames", "mel"], **SMALL)
    model.save(tmp_path / "net.keras")
    again = devices.import_keras().models.load_model(tmp_path / "net.keras")
    given = {name: pictures[name] for name in ("frames", "mel")}
    assert np.array_equal(np.asarray(model(given)), np.asarray(again(given)))


def test_the_changes_of_table_3_go_on_from_each_other():
    layers = [len(settings["widths"]) for settings in TABLE_3.values()]
    assert layers == [4, 5, 5, 5, 5, 6]
    assert [settings["batch"] for settings in TABLE_3.values()][3:] == [30, 50, 30]
    sizes = [multi_input_cnn(["mel"], widths=s["widths"]).count_params() for s in TABLE_3.values()]
    assert sizes[1] < sizes[2] == sizes[3] == sizes[4], "change 2 makes it larger, 3 and 4 do not"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"inputs": ["smell"]}, "'smell' is none of frames, flow, mel"),
        ({"inputs": []}, "different kinds"),
        ({"inputs": ["mel", "mel"]}, "different kinds"),
        ({"inputs": "mel"}, "different kinds"),
        ({"size": 31}, "at least 32 pixels; this one has 31"),
        ({"n_classes": 1}, "at least 2 classes"),
    ],
)
def test_bad_input(given, message):
    with pytest.raises(ValueError, match=message):
        multi_input_cnn(**given)
