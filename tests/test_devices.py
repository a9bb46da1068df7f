import subprocess
import sys


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
