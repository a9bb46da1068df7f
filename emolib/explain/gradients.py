"""Grad-CAM: which places of a network's maps raise the score of a class."""

import numpy as np

from emolib import devices


def grad_cam(model, inputs, layer, class_index, head=None):
    """Weigh each map of a layer by its mean gradient, add up, and keep what speaks for the class.

    The score is the class's value before the softmax. After the softmax it would also rise where
    a picture speaks against the other classes, and its gradient vanishes where the network is sure.

    Parameters
    ----------
    model : keras.Model
        Functional; the class's scores come from a dense layer. TensorFlow backend.
    inputs : array or dict of arrays
        As the model takes them.
    layer : str
        Name of a layer whose output is (batch, places…, maps), with one place axis or more.
    class_index : int or sequence of int, (batch,)
        The class that is explained, one for all or one a row.
    head : str, optional
        Name of the dense layer that gives the scores; None: the model's last layer.

    Returns
    -------
    ndarray of float32, (batch, places…)
        0 or above, in units of the score, not scaled to 1. A row of zeros says that nothing speaks
        for the class.

    Raises
    ------
    ValueError
        Where the layer has several outputs or no places, the head is not dense, the class does not
        exist, there is not one row of maps for each row of scores (as where a layer sees snippets,
        not clips), or the backend is not TensorFlow.

    Source: Selvaraju et al. 2017, eqs 1 and 2; av-attention, section 4.6 and Figs 8 to 11.
    Notebook: 17_looking_inside
    """
    keras, tf = devices.import_keras(), devices.import_tensorflow()
    if keras.backend.backend() != "tensorflow":
        raise ValueError("Grad-CAM takes its gradients from TensorFlow: set KERAS_BACKEND to it")
    head = model.get_layer(head) if head else model.layers[-1]
    watched = model.get_layer(layer)
    if not isinstance(head, keras.layers.Dense):
        raise ValueError(f"{head.name!r} is no dense layer: name the one that gives the scores")
    if not hasattr(watched.output, "shape"):
        raise ValueError(
            f"{layer!r} has several outputs: name a layer of one, such as video_maps or audio_maps"
        )
    if len(watched.output.shape) < 3:
        raise ValueError(f"{layer!r} has no places to mark: choose a layer before the pooling")
    between = keras.Model(model.input, [watched.output, head.input])
    inputs = keras.tree.map_structure(tf.convert_to_tensor, inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)  # else nothing before the first trained weight is on the tape
        maps, last = between(inputs, training=False)
        scores = tf.matmul(last, head.kernel)  # the bias moves no gradient
        classes = _classes(class_index, maps, scores)
        total = tf.reduce_sum(tf.gather(scores, classes, axis=1, batch_dims=1))
    maps, gradients = np.asarray(maps), np.asarray(tape.gradient(total, maps))
    places = tuple(range(1, maps.ndim - 1))
    weights = gradients.mean(axis=places, keepdims=True)
    return np.maximum((weights * maps).sum(axis=-1), 0)


def _classes(class_index, maps, scores):
    """Return a class for each row, after looking whether there are such rows and classes."""
    rows, known = scores.shape
    if len(maps) != rows:
        raise ValueError(
            f"the layer has {len(maps)} rows of maps for {rows} rows of scores: it sees parts of a "
            "clip; put each part in as a clip of its own"
        )
    classes = np.broadcast_to(class_index, rows).astype(int)
    if classes.min() < 0 or classes.max() >= known:
        raise ValueError(f"the network has the classes 0 to {known - 1}, not {class_index}")
    return classes
