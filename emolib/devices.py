"""Which processor the networks run on: one call, one printed sentence."""

import contextlib
import os
import sys


@contextlib.contextmanager
def _quiet_stderr():
    """Silence file descriptor 2: TensorFlow's C++ side writes there before any log level counts."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def import_tensorflow():
    """Import TensorFlow without its start-up noise.

    Returns
    -------
    module
        ``tensorflow``.

    Raises
    ------
    ImportError
        Where TensorFlow is not installed; the message names the extra to install.

    Notebook: 00_start_here
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with _quiet_stderr():
            import tensorflow as tf

            # Probing for GPUs also writes to file descriptor 2: let it happen here, once.
            tf.config.list_physical_devices()
        tf.get_logger().setLevel("ERROR")  # else its Python side advises on tracing, in mid-lesson
    except ImportError as error:
        raise ImportError(
            "TensorFlow is not installed: pip install tensorflow, or, in the project's folder, "
            "pip install -e '.[cpu]' ('.[gpu]' for an NVIDIA GPU on Linux)"
        ) from error
    return tf


def import_keras():
    """Import Keras; where TensorFlow carries it, without TensorFlow's start-up noise.

    Returns
    -------
    module
        ``keras``, on the backend that the variable ``KERAS_BACKEND`` names (else TensorFlow).

    Raises
    ------
    ImportError
        As ``import_tensorflow``, where the backend is TensorFlow.

    Notebook: 02_honest_evaluation
    """
    if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
        import_tensorflow()
    import keras

    return keras


def _tpu_strategy(tf):
    """Connect to a TPU and return its strategy, or None where there is none."""
    if not any(os.environ.get(name) for name in ("TPU_NAME", "COLAB_TPU_ADDR")):
        return None  # the resolver would look for a cloud's metadata server for minutes
    resolver = tf.distribute.cluster_resolver.TPUClusterResolver()
    tf.config.experimental_connect_to_cluster(resolver)
    tf.tpu.experimental.initialize_tpu_system(resolver)
    return tf.distribute.TPUStrategy(resolver)


def strategy():
    """Choose the TPU, else all GPUs, else the one GPU, else the CPU, and say which.

    Prints one sentence. Build and compile models under ``with strategy().scope():``.

    Returns
    -------
    tf.distribute.Strategy or keras.distribution.DataParallel
        On TensorFlow ``TPUStrategy``, ``MirroredStrategy`` (several GPUs, or several logical
        CPUs) or the default strategy; where ``KERAS_BACKEND`` is ``jax``, data parallelism over
        all devices that JAX sees: TPU cores, GPUs or CPUs.

    Notes
    -----
    Each device gets its part of a batch. On TensorFlow a metric loss looks for its triplets within
    that part; on JAX within the whole batch.

    Tested with two logical CPUs on both backends. Untested, for want of the machines: GPUs and
    TPUs. Colab's TPU machines hold JAX instead of TensorFlow.

    Source: dv-emotionnet, text (the accelerator's distribution strategy).
    Notebook: 00_start_here
    """
    if os.environ.get("KERAS_BACKEND", "tensorflow") == "jax":
        return _jax_strategy()
    tf = import_tensorflow()
    cpus, gpus = (tf.config.list_logical_devices(kind) for kind in ("CPU", "GPU"))
    chosen = _tpu_strategy(tf)
    if chosen is not None:
        name = f"a TPU with {chosen.num_replicas_in_sync} cores"
    elif len(gpus) > 1:
        chosen, name = tf.distribute.MirroredStrategy(), f"{len(gpus)} GPUs"
    elif len(cpus) > 1 and not gpus:
        chosen = tf.distribute.MirroredStrategy([device.name for device in cpus])
        name = f"{len(cpus)} logical CPUs"
    else:
        chosen = tf.distribute.get_strategy()
        name = "one GPU" if gpus else f"the CPU ({os.cpu_count()} cores)"
    print(f"Networks run on {name}, with TensorFlow {tf.__version__}.")
    return chosen


def _jax_strategy():
    import jax

    found = jax.devices()
    kind = {"cpu": "CPU", "gpu": "GPU", "tpu": "TPU core"}[found[0].platform]
    name = f"one {kind}" if len(found) == 1 else f"{len(found)} {kind}s"
    print(f"Networks run on {name}, with JAX {jax.__version__}.")
    return import_keras().distribution.DataParallel()
