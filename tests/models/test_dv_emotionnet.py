"""The network against the paper's Fig. 1, layer by layer."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from emolib.models import dv_emotionnet

# Output shapes and parameters of Fig. 1. Two counts are misprinted there (1824, 24648): these add
# up to its total.
FIGURE_1 = [
    ("Conv1D", (160, 256), 1024),
    ("MaxPooling1D", (53, 256), 0),
    ("Conv1D", (51, 128), 98432),
    ("MaxPooling1D", (17, 128), 0),
    ("Dropout", (17, 128), 0),
    ("Conv1D", (15, 64), 24640),
    ("MaxPooling1D", (5, 64), 0),
    ("Dropout", (5, 64), 0),
    ("Conv1D", (3, 64), 12352),
    ("MaxPooling1D", (3, 64), 0),
    ("Conv1D", (1, 32), 6176),
    ("MaxPooling1D", (1, 32), 0),
    ("Flatten", (32,), 0),
    ("Dense", (256,), 8448),
    ("Dropout", (256,), 0),
    ("Dense", (6,), 1542),
]


@pytest.fixture(scope="module")
def keras():
    dv_emotionnet()  # so that TensorFlow is imported without its noise
    return pytest.importorskip("keras")


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).standard_normal((200, 162, 1)).astype(np.float32)


def test_the_layers_are_those_of_the_figure():
    model = dv_emotionnet(n_classes=6)
    found = [(type(k).__name__, k.output.shape[1:], k.count_params()) for k in model.layers]
    assert found == FIGURE_1
    assert model.count_params() == 152_614
    assert sum(np.prod(w.shape) for w in model.trainable_weights) == 152_614


def test_eight_classes_have_153128_parameters():
    assert dv_emotionnet().count_params() == 153_128
    assert dv_emotionnet().output_shape == (None, 8)


def test_a_fifth_is_dropped_in_training_only(keras, rows):
    model = dv_emotionnet()
    assert [k.rate for k in model.layers if isinstance(k, keras.layers.Dropout)] == [0.2] * 3
    assert np.array_equal(model(rows[:4]), model(rows[:4]))
    assert not np.array_equal(model(rows[:4], training=True), model(rows[:4], training=True))


def test_the_network_is_its_equations_in_plain_numpy(rows):
    """Equations 26 to 37 written once more, with loops: convolve, rectify, pool, flatten."""
    model = dv_emotionnet()
    weights = [w.numpy() if hasattr(w, "numpy") else np.asarray(w) for w in model.get_weights()]
    x = rows[0].astype(np.float64)
    for block, window in enumerate((3, 3, 3, 1, 1)):
        kernel, bias = weights[2 * block : 2 * block + 2]
        x = np.stack([np.einsum("ki,kio->o", x[t : t + 3], kernel) for t in range(len(x) - 2)])
        x = np.maximum(x + bias, 0)
        n = len(x) // window
        x = x[: n * window].reshape(n, window, -1).max(axis=1)
    x = np.maximum(x.ravel() @ weights[10] + weights[11], 0)
    scores = np.exp(x @ weights[12] + weights[13])
    np.testing.assert_allclose(np.ravel(model(rows[:1])), scores / scores.sum(), atol=1e-5)


def test_probabilities_sum_to_one(rows):
    found = np.asarray(dv_emotionnet(n_classes=5)(rows))
    assert found.shape == (200, 5)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_a_saved_network_predicts_the_same(keras, rows, tmp_path):
    model = dv_emotionnet()
    model.save(tmp_path / "net.keras")
    again = keras.models.load_model(tmp_path / "net.keras")
    assert np.array_equal(model(rows), again(rows))


def test_the_same_seed_gives_the_same_network(keras, rows):
    answers = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        answers.append(np.asarray(dv_emotionnet()(rows)))
    assert np.array_equal(answers[0], answers[1])
    assert not np.array_equal(answers[0], answers[2])


def test_it_learns_what_a_few_features_tell(keras, rows):
    keras.utils.set_random_seed(0)
    labels = (rows[:, 80, 0] > 0).astype(int)
    rows = rows + np.where(np.arange(162)[:, None] < 40, 2 * labels[:, None, None] - 1, 0)
    model = dv_emotionnet(n_classes=2)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(rows[:150], labels[:150], epochs=8, batch_size=16, verbose=0)
    assert model.evaluate(rows[150:], labels[150:], verbose=0)[1] > 0.9


def test_161_features_are_the_fewest_that_work():
    assert dv_emotionnet(161).output_shape == (None, 8)
    assert dv_emotionnet(187).count_params() == 153_128
    assert dv_emotionnet(188).count_params() == 153_128 + 32 * 256  # one more value a filter
    for n_features in (160, 1, 0):
        with pytest.raises(ValueError, match="shortest vector that works has 161"):
            dv_emotionnet(n_features)
    with pytest.raises(ValueError, match="at least 2 classes"):
        dv_emotionnet(n_classes=1)


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, **environment},
    )


def test_building_it_prints_nothing():
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = run("from emolib.models import dv_emotionnet\ndv_emotionnet()", **environment)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_it_is_the_same_network_under_jax_without_tensorflow():
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "import numpy as np\n"
        "from emolib.models import dv_emotionnet\n"
        "model = dv_emotionnet(n_classes=6)\n"
        "print(model.count_params(), np.asarray(model(np.ones((2, 162, 1)))).sum().round(4))"
    )
    assert run(code, KERAS_BACKEND="jax").stdout.split() == ["152614", "2.0"]
