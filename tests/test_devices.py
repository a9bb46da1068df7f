import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )


def test_strategy_prints_one_sentence_and_tensorflow_nothing():
    done = run(
        "from emolib import devices\n"
        "s = devices.strategy()\n"
        "assert s.num_replicas_in_sync == 1, s\n"
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert "Networks run on" in done.stdout


def test_a_model_trains_under_the_strategy():
    run(
        "import numpy as np\n"
        "from emolib import devices\n"
        "import keras\n"
        "with devices.strategy().scope():\n"
        "    model = keras.Sequential([keras.layers.Dense(1)])\n"
        "    model.compile('sgd', 'mse')\n"
        "x = np.linspace(-1, 1, 64)[:, None].astype('float32')\n"
        "losses = model.fit(x, 3 * x, epochs=5, verbose=0).history['loss']\n"
        "assert losses[-1] < losses[0], losses\n"
    )


def test_without_tensorflow_the_remedy_is_named():
    done = run(
        "import sys\n"
        "sys.modules['tensorflow'] = None\n"
        "from emolib import devices\n"
        "try:\n"
        "    devices.strategy()\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    assert "pip install tensorflow" in done.stdout


def test_standard_error_comes_back_after_the_silence():
    done = run(
        "from emolib import devices\ndevices.import_tensorflow()\nimport os\nos.write(2, b'x')"
    )
    assert done.stderr == "x"


def train(backend, devices):
    """Return for each of some networks the loss and the sum of all weights after one step."""
    script = Path(__file__).with_name("two_devices.py")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, script, backend, str(devices)],
        capture_output=True, text=True, timeout=300, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    sentence, *lines = done.stdout.splitlines()
    return sentence, {name: [float(v) for v in rest] for name, *rest in map(str.split, lines)}


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_models_and_losses_train_on_two_devices_as_on_one(backend):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    sentence, two = train(backend, 2)
    assert "on 2" in sentence
    _, one = train(backend, 1)
    assert set(two) == {"plain", "attentive", "metric", "dv_emotionnet"}
    # The metric loss seeks its triplets in each TensorFlow replica's part of the batch.
    for name in ("plain", "attentive", *["metric"] * (backend == "jax")):
        assert two[name] == pytest.approx(one[name], rel=1e-4), name
