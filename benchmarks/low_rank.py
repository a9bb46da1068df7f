"""low-rank fusion against tensor fusion: its paper's Table 4, and how both grow."""

import numpy as np

from benchmarks import Row, growth, paired, times_faster
from emolib import devices
from emolib.fusion import LowRankFusion, TensorFusion

# The paper names no size: these are ours, and the rank and batch too.
LENGTHS, UNITS, RANK, BATCH = (32, 32, 64), 64, 4, 32
RANKS = (4, 8, 16, 32, 64)
FEW = (2, 3, 4, 5)  # modalities of 8 numbers; a sixth would make a tensor of 34 million weights
MANY = (2, 4, 6, 8, 10)
RUNS = 21
CALLS = 20  # in one timing: a single call of low rank is too short to time


def rows():
    """Time a training step and an inference of the same fusion in both forms."""
    size = f"vectors of {', '.join(map(str, LENGTHS))} to {UNITS} units, rank {RANK}, batch {BATCH}"
    full, low = _same_function()
    x = _vectors(LENGTHS)
    same = f"the same function, largest difference {_apart(full, low, x):.0e}"
    made = []
    for what, reach, make in (
        ("training step", "×3.59", _training),
        ("inference", "×1.96", _inference),
    ):
        pairs = paired(_repeated(make(full, x)), _repeated(make(low, x)), RUNS)
        claim = f"low-rank fusion, {what}: {size}"
        made.append(Row(claim, "our own tensor fusion", times_faster(pairs), reach, same))
    return made


def growths():
    """Time an inference against the rank, and against the number of modalities."""

    def of_rank(rank):
        return _inference(LowRankFusion(UNITS, rank), _vectors(LENGTHS, 2048))

    def low(number):
        return _inference(LowRankFusion(UNITS, RANK), _vectors((64,) * number, 2048))

    def full(number):
        return _inference(TensorFusion(UNITS), _vectors((8,) * number, 256))

    # Each modality more multiplies the tensor's work by 9: in log-log no straight line, but a curve
    # that gets steeper. Theory's slope is that of the same least squares on 9 to the modalities.
    return [
        growth("low-rank fusion, batch 2048", "rank", RANKS, of_rank, 1),
        growth("low-rank fusion, 64 numbers each, batch 2048", "modalities", MANY, low, 1),
        growth("tensor fusion, 8 numbers each, batch 256", "modalities", FEW, full, _steepness()),
    ]


def _steepness():
    """Return the slope in log-log where time is 9 to the power of the modalities."""
    work = [9.0**number for number in FEW]
    return round(float(np.polyfit(np.log(FEW), np.log(work), 1)[0]), 2)


def _vectors(lengths, rows=BATCH):
    rng = np.random.default_rng(0)
    ops = devices.import_keras().ops
    return [ops.convert_to_tensor(rng.normal(size=(rows, d)).astype(np.float32)) for d in lengths]


def _same_function():
    """Return tensor fusion with the weights that the factors of low-rank fusion span."""
    full, low = TensorFusion(UNITS), LowRankFusion(UNITS, RANK)
    x = _vectors(LENGTHS)
    full(x), low(x)
    full.set_weights([low.full_kernel(), low.get_weights()[-1]])
    return full, low


def _apart(full, low, x):
    """Return the largest difference of their answers, as a share of the largest answer."""
    a, b = (np.asarray(layer(x)) for layer in (full, low))
    apart = np.abs(a - b).max() / np.abs(a).max()
    if apart > 1e-4:
        raise AssertionError(f"low-rank and tensor fusion are {apart:.2g} apart")
    return apart


def _inference(layer, x):
    """Return a call of the layer, compiled once, without arguments."""
    import tensorflow as tf

    layer(x)  # makes the weights
    compiled = tf.function(layer)
    return lambda: compiled(x).numpy()


def _training(layer, x):
    """Return one step of gradient descent (Adam) towards a fixed aim."""
    import tensorflow as tf

    keras = devices.import_keras()
    optimizer = keras.optimizers.Adam(1e-6)  # small: the weights shall stay where they are
    aim = np.random.default_rng(1).normal(size=(BATCH, UNITS)).astype(np.float32)
    optimizer.build(layer.trainable_variables)

    @tf.function
    def step(vectors):  # an argument: what is constant could be computed once and for all
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(vectors, training=True) - aim) ** 2)
        optimizer.apply(tape.gradient(loss, layer.trainable_variables), layer.trainable_variables)
        return loss

    return lambda: step(x).numpy()


def _repeated(function):
    return lambda: [function() for _ in range(CALLS)]
