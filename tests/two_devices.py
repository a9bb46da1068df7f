"""Run by test_devices.py in a process of its own: devices are divided before anything else."""

import os
import sys

BACKEND, NUMBER = sys.argv[1], int(sys.argv[2])
os.environ["KERAS_BACKEND"] = BACKEND
os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={NUMBER}"

import numpy as np

from emolib import devices, models
from emolib.losses import EmotionMetricLoss
from emolib.models import SoftAttention, TemporalAttention

if BACKEND == "tensorflow":
    tf = devices.import_tensorflow()
    one = tf.config.LogicalDeviceConfiguration()
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [one] * NUMBER)
keras = devices.import_keras()
rng = np.random.default_rng(0)
labels = np.arange(16) % 8


def drawn(*shape):
    return rng.normal(size=(16, *shape)).astype("float32")


def plain():
    """No dropout, no batch statistics: a step is the same however a batch is divided."""
    return models.low_rank_network({"audio": (6,), "video": (5,)}, 8, dropout=0.0)


def attentive():
    x = keras.Input((4, 6))
    answer = keras.layers.Dense(8, activation="softmax")(SoftAttention()(TemporalAttention(2)(x)))
    return keras.Model(x, answer)


def metric():
    x = keras.Input((6,))
    return keras.Model(x, keras.layers.UnitNormalization()(keras.layers.Dense(4)(x)))


BUILD = {
    "plain": (plain, {"audio": drawn(6), "video": drawn(5)}, "sparse_categorical_crossentropy"),
    "attentive": (attentive, drawn(4, 6), "sparse_categorical_crossentropy"),
    "metric": (metric, drawn(6), EmotionMetricLoss()),
    "dv_emotionnet": (models.dv_emotionnet, drawn(162, 1), "sparse_categorical_crossentropy"),
}
strategy = devices.strategy()
for name, (build, inputs, loss) in BUILD.items():
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = build()
        model.compile(keras.optimizers.SGD(0.1), loss)
        before = [np.array(w) for w in model.get_weights()]
        history = model.fit(inputs, labels, batch_size=16, epochs=1, shuffle=False, verbose=0)
    moved = max(np.abs(a - b).max() for a, b in zip(model.get_weights(), before, strict=True))
    assert 0 < moved < 10, name
    print(name, *history.history["loss"], float(sum(np.abs(w).sum() for w in model.get_weights())))
