"""low-rank's network: an encoder a modality, then their tensor in full, of low rank, or neither."""

from emolib import devices

FUSIONS = ("low-rank", "tensor", "concatenation")
TASKS = ("classification", "regression")
# Lengths of the encoders' vectors, by the paper's modalities; it names none.
LENGTHS = {"audio": 32, "video": 32, "text": 64}


def low_rank_network(
    shapes,
    n_outputs=8,
    task="classification",
    fusion="low-rank",
    lengths=LENGTHS,
    units=64,
    rank=4,
    dropout=0.2,
    over_time=False,
):
    """Build the network for any number of modalities, not compiled.

    The shape of a modality chooses its encoder: a vector goes through a dense layer; a sequence
    through an LSTM, whose last state is kept; a spectrogram through a 2-D residual network; a video
    of faces through a 3-D one, which may get the 2-D one's weights inflated (``inflate``). Each
    ends in a vector, the vectors are fused, a dense layer and the output follow.

    With ``over_time`` all modalities are sequences of the same steps, and no LSTM's state has to
    hold a whole clip: the LSTMs' outputs are fused step by step, a temporal convolution lets each
    step see its neighbours, and the fused signal looks back at each modality through one attention
    head. That makes as many attentions as modalities; each looking at each other would take
    M (M - 1).

    Parameters
    ----------
    shapes : dict
        By modality, the shape of one clip: (features,), (steps or None, features), (height, width,
        channels) or (frames, height, width, channels).
    n_outputs : int
        Classes, or ratings.
    task : str
        ``classification`` ends in a softmax, ``regression`` in plain numbers.
    fusion : str
        ``low-rank``, ``tensor``, or ``concatenation``: the vectors side by side and a dense layer.
    lengths : dict or int
        Of the encoders' vectors, by modality or for all; 32 where a dict does not name one.
    units : int
        Length of the fused vector.
    rank : int
        Of ``LowRankFusion``.
    dropout : float
        Of the encoders' vectors, and before the output.
    over_time : bool

    Returns
    -------
    keras.Model
        Takes a dictionary by modality; gives (batch, n_outputs). Padded steps of zeros at a
        sequence's end change nothing.

    Raises
    ------
    ValueError
        Where the task or the fusion is unknown, no modality is given, a shape has no encoder, or
        ``over_time`` is asked for other than of sequences by low-rank fusion.

    Source: low-rank, sections III and IV, eqs 1-4; all sizes are ours.
    Notebook: 18_tensor_and_low_rank_fusion
    """
    _check(shapes, task, fusion, over_time)
    keras = devices.import_keras()

    def length(name):
        return lengths.get(name, 32) if isinstance(lengths, dict) else lengths

    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    ends = [_encoder(keras, x, name, length(name), over_time) for name, x in inputs.items()]
    ends = [keras.layers.Dropout(dropout)(x) for x in ends]
    x = _fuse(keras, ends, fusion, units, rank)
    if over_time:
        x = _look_back(keras, x, ends, units)
    x = keras.layers.Dense(units, activation="relu")(x)
    x = keras.layers.Dropout(dropout)(x)
    activation = "softmax" if task == "classification" else None
    answer = keras.layers.Dense(n_outputs, activation=activation)(x)
    return keras.Model(inputs, answer, name=fusion.replace("-", "_"))


def _encoder(keras, x, name, length, over_time):
    """Return a vector of this length, or with ``over_time`` one a step."""
    from emolib.models.resnet import resnet2d, resnet3d

    layers = keras.layers
    kind = len(x.shape) - 1
    if kind == 2:
        x = layers.Masking(name=f"{name}_masking")(x)
        return layers.LSTM(length, return_sequences=over_time, name=f"{name}_lstm")(x)
    if kind == 3:
        x = layers.GlobalAveragePooling2D()(resnet2d(18, 8, x.shape[1:])(x))
    elif kind == 4:
        x = layers.GlobalAveragePooling3D()(resnet3d(18, 8, x.shape[1:])(x))
    return layers.Dense(length, activation="relu", name=f"{name}_dense")(x)


def _fuse(keras, vectors, fusion, units, rank):
    from emolib.fusion import LowRankFusion, TensorFusion

    if fusion == "low-rank":
        return LowRankFusion(units, rank, name="fusion")(vectors)
    if fusion == "tensor":
        return TensorFusion(units, name="fusion")(vectors)
    x = vectors[0] if len(vectors) == 1 else keras.layers.Concatenate()(vectors)
    return keras.layers.Dense(units, activation="relu", name="fusion")(x)


def _look_back(keras, fused, sequences, units):
    """Convolve the fused signal over time and let it attend to each modality, one head each."""
    from emolib.models.temporal_convolution import TemporalConvolution

    x = TemporalConvolution(units, 3, padding="same", activation="relu")(fused)
    attend = [keras.layers.MultiHeadAttention(1, units)(x, s) for s in sequences]
    x = attend[0] if len(attend) == 1 else keras.layers.Concatenate()(attend)
    return keras.layers.GlobalAveragePooling1D()(x)


def _check(shapes, task, fusion, over_time):
    for value, known, what in ((task, TASKS, "task"), (fusion, FUSIONS, "fusion")):
        if value not in known:
            raise ValueError(f"the {what} {value!r} is none of {', '.join(known)}")
    if not shapes:
        raise ValueError("the network needs one modality or more")
    for name, shape in shapes.items():
        if not 1 <= len(shape) <= 4:
            raise ValueError(f"{name}: there is no encoder for the shape {tuple(shape)}")
        if shape[-1] is None or shape[-1] < 1:
            raise ValueError(f"{name}: a modality of width {shape[-1]} says nothing: leave it out")
    if over_time and (fusion != "low-rank" or any(len(s) != 2 for s in shapes.values())):
        raise ValueError("over_time fuses sequences (steps, features) by low-rank fusion only")
