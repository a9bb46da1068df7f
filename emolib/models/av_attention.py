"""av-attention's network: faces in snippets, sound in parts, three self-attentions, cross-modal."""

from emolib import devices

# The paper's own sizes, and two that fit a laptop. ``fps`` is the rate at which frames are read.
SIZES = {
    "quick": {
        "depth": 18, "width": 16, "pixels": 56, "frames": 8, "fps": 15,
        "spectrogram": 112, "last_stride": 1,
    },
    "full": {
        "depth": 18, "width": 64, "pixels": 112, "frames": 16, "fps": 30,
        "spectrogram": 224, "last_stride": 1,
    },
    "paper": {
        "depth": 101, "width": 64, "pixels": 224, "frames": 16, "fps": 30,
        "spectrogram": 224, "last_stride": 2,
    },
}  # fmt: skip
SNIPPETS = 6
INPUTS = ("audio", "video")


def input_shapes(size="quick"):
    """Return the shape of one clip's sound and faces at a size.

    Parameters
    ----------
    size : str
        ``quick``, ``full`` or ``paper``.

    Returns
    -------
    dict
        ``audio``: (6, pixels, pixels, 1), spectrograms; ``video``: (6, frames, pixels, pixels, 3).

    Raises
    ------
    ValueError
        Where there is no such size.

    Notebook: 14_space_channel_time
    """
    if size not in SIZES:
        raise ValueError(f"the size {size!r} is none of {', '.join(SIZES)}")
    has = SIZES[size]
    return {
        "audio": (SNIPPETS, has["spectrogram"], has["spectrogram"], 1),
        "video": (SNIPPETS, has["frames"], has["pixels"], has["pixels"], 3),
    }


def av_attention(
    inputs=INPUTS,
    size="quick",
    spatial=True,
    channel=True,
    temporal=True,
    cross_modal=True,
    n_classes=8,
    heads=8,
    dropout=0.0,
):
    """Build the network for one sense or both, not compiled.

    Video: each snippet of aligned faces through a 3-D residual network, the mean over what is left
    of its time, spatial and channel attention, the mean over places, temporal attention. Sound:
    each part of the spectrogram through a 2-D ResNet-18, the mean over places, temporal attention.
    Then cross-modal attention, the mean over snippets, and one dense layer.

    Parameters
    ----------
    inputs : sequence of str
        Of ``audio`` and ``video``.
    size : str
        ``quick`` (ResNet-18 of width 16, faces of 56 × 56), ``full`` (width 64, 112 × 112) or
        ``paper`` (3-D ResNet-101, 224 × 224).
    spatial, channel, temporal, cross_modal : bool
        Ablations. Table 1's rows are AT: ``inputs=["audio"]``; VS: ``inputs=["video"]`` without
        channel and temporal; VS + VC: without temporal; VS + VC + VT: ``inputs=["video"]``;
        AT + VS + VC + VT: all. Without cross-modal attention both senses stand side by side.
    n_classes : int
        At least 2.
    heads : int
        Of each self-attention.
    dropout : float
        Before the dense layer; the paper has none.

    Returns
    -------
    keras.Model
        Takes one array, or a dictionary by input where there are two, with the shapes of
        ``input_shapes``: faces with values from 0 to 255, spectrograms of mean 0. A snippet or part
        that is 0 throughout is not there: it gets no weight. Gives a dictionary: ``probabilities``
        (batch, n_classes), and ``embedding`` (batch, features), of length 1. Layers
        ``video_spatial``, ``video_channel``, ``video_temporal`` and ``audio_temporal`` have the
        outputs (result, weights), ``cross_modal`` (joined, Corr), and ``video_maps`` and
        ``audio_maps`` are conv5's.

    Raises
    ------
    ValueError
        Where an input or the size is unknown, or there are fewer than two classes.

    Notes
    -----
    How the metric loss meets the classifier is not stated. Here both see one vector, the mean of
    (11) over snippets: the softmax reads it as it is, the metric loss its direction, and Keras adds
    the two: ``compile(loss={"probabilities": "sparse_categorical_crossentropy", "embedding":
    EmotionMetricLoss()}, loss_weights={...})``. Also ours: m' = 8 × width, which is the printed 512
    at width 64; conv5 keeps conv4's size in the two small ones, so that a face has 4 × 4 (quick)
    and 7 × 7 (full) places.

    Source: av-attention, section 3, Tables 1-3.
    Notebook: 14_space_channel_time
    """
    _check(inputs, n_classes)
    keras = devices.import_keras()
    shapes, has = input_shapes(size), SIZES[size]
    taken = {name: keras.Input(shapes[name], name=name) for name in inputs}
    there = {name: _there(keras.ops, x) for name, x in taken.items()}
    senses = {}
    if "audio" in taken:
        senses["audio"] = _heard(taken["audio"], has)
    if "video" in taken:
        senses["video"] = _seen(taken["video"], has, spatial, channel, heads)
    if temporal:
        senses = {n: _over_time(x, there[n], n, has, heads) for n, x in senses.items()}
    else:  # maps of nothing are not 0: biases
        senses = {n: x * _weights(keras.ops, x, there[n]) for n, x in senses.items()}
    x, present = _joined(keras, senses, there, cross_modal)
    x = _mean(keras.ops, x, present)
    vector = keras.layers.UnitNormalization(name="embedding")(x)
    x = keras.layers.Dropout(dropout)(x)
    answer = keras.layers.Dense(n_classes, activation="softmax", name="probabilities")(x)
    taken = next(iter(taken.values())) if len(taken) == 1 else taken
    outputs = {"embedding": vector, "probabilities": answer}
    return keras.Model(taken, outputs, name="_".join(["av_attention", *inputs]))


def _heard(sound, has):
    """Each part of the spectrogram becomes a vector, (batch, N, 8 × width)."""
    from emolib.models.resnet import keras, ops, resnet2d

    network = resnet2d(18, has["width"], sound.shape[2:], has["last_stride"])
    x = network(ops.reshape(sound, (-1, *sound.shape[2:])))
    x = keras.layers.Identity(name="audio_maps")(x)
    x = ops.mean(x, axis=(1, 2))
    return ops.reshape(x, (-1, sound.shape[1], x.shape[-1]))


def _seen(video, has, spatial, channel, heads):
    """Each snippet becomes a vector, (batch, N, maps), by the attentions that are wanted."""
    from emolib.models.resnet import keras, ops, resnet3d
    from emolib.models.self_attention import ChannelAttention, SpatialAttention

    network = resnet3d(has["depth"], has["width"], video.shape[2:], last_stride=has["last_stride"])
    x = keras.layers.Rescaling(1 / 255)(ops.reshape(video, (-1, *video.shape[2:])))
    x = keras.layers.Identity(name="video_maps")(network(x))
    x = ops.mean(x, axis=1)
    _, height, width, maps = x.shape
    x = ops.reshape(x, (-1, video.shape[1], height * width, maps))
    if spatial:
        x, _ = SpatialAttention(heads, return_weights=True, name="video_spatial")(x)
    if channel:
        x, _ = ChannelAttention(heads, return_weights=True, name="video_channel")(x)
    return ops.mean(x, axis=2)


def _over_time(x, there, name, has, heads):
    """Let the snippets of one sense look at each other."""
    from emolib.models.self_attention import TemporalAttention

    layer = TemporalAttention(heads, 8 * has["width"], return_weights=True, name=f"{name}_temporal")
    return layer(x, mask=there)[0]


def _joined(keras, senses, there, cross_modal):
    """Return both senses' snippets side by side, and which of them are there."""
    if len(senses) == 1:
        (name,) = senses
        return senses[name], there[name]
    both = [senses["audio"], senses["video"]]
    present = keras.ops.logical_or(there["audio"], there["video"])
    if not cross_modal:
        return keras.layers.Concatenate()(both[::-1]), present
    from emolib.fusion.cross_modal import CrossModalAttention

    layer = CrossModalAttention(return_correlation=True, name="cross_modal")
    return layer(both, mask=[there["audio"], there["video"]])[0], present


def _there(ops, x):
    """Tell which snippets hold anything, (batch, N)."""
    return ops.any(ops.not_equal(x, 0), axis=tuple(range(2, len(x.shape))))


def _weights(ops, x, there):
    """Return 1 where a snippet of x is there, else 0: (batch, N, 1)."""
    return ops.expand_dims(ops.cast(there, x.dtype), -1)


def _mean(ops, x, there):
    """Return the mean over the snippets that are there, 0 where none is."""
    there = _weights(ops, x, there)
    return ops.sum(x * there, axis=1) / ops.maximum(ops.sum(there, axis=1), 1.0)


def _check(inputs, n_classes):
    if isinstance(inputs, str) or not inputs or len(set(inputs)) < len(inputs):
        raise ValueError(f"inputs are a list of different senses, not {inputs!r}")
    for name in inputs:
        if name not in INPUTS:
            raise ValueError(f"the input {name!r} is none of {', '.join(INPUTS)}")
    if n_classes < 2:
        raise ValueError(f"a softmax needs at least 2 classes, not {n_classes}")
