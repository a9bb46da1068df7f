"""multi-input-cnn's networks: one, two or three pictures of a moment, each with its own branch."""

from emolib import devices

WIDTHS = (32, 64, 128, 256, 512)  # filters; the scan of Fig. 6 lost digits of the last three
CHANNELS = {"frames": 3, "flow": 3, "mel": 1}
# Table 3: each change goes on from the one before, but 4 and 5, which both go on from 3. The paper
# gives neither the first widths nor the first batch size: these are ours.
TABLE_3 = {
    "starting model": {"widths": (16, 32, 64, 128), "batch": 16},
    "change 1": {"widths": (16, 32, 64, 128, 256), "batch": 16},
    "change 2": {"widths": WIDTHS, "batch": 16},
    "change 3": {"widths": WIDTHS, "batch": 30},
    "change 4": {"widths": WIDTHS, "batch": 50},
    "change 5": {"widths": (*WIDTHS, 512), "batch": 30},
}


def multi_input_cnn(
    inputs=("frames", "flow", "mel"), n_classes=8, size=64, widths=WIDTHS, dense=(2048, 1024)
):
    """Build a network for one, two or three kinds of pictures, not compiled.

    A branch is a chain of blocks: convolution 3 x 3 (ReLU, padded) and max-pooling 2 x 2. One
    input: dropout 0.25, flatten, dense layers, dropout 0.4, softmax. Several: each branch ends
    with its own dropout of 0.5 and is flattened, the vectors are concatenated, then dense layers,
    dropout 0.4, softmax. Sound alone has one dense layer less.

    Parameters
    ----------
    inputs : sequence of str
        Of ``frames`` (RGB), ``flow`` (colours, ``video.flow_to_color``) and ``mel`` (grey), in the
        order in which the model takes them.
    n_classes : int
        At least 2.
    size : int
        Side of the pictures, pixels; each block halves it, and 1 pixel must be left.
    widths : sequence of int
        Filters a block, as many blocks.
    dense : sequence of int
        Units of the dense layers before the softmax.

    Returns
    -------
    keras.Model
        Takes pictures (batch, size, size, 3 or 1) with values from 0 to 1, one array, or a
        dictionary by input where there are several; gives probabilities (batch, n_classes).

    Raises
    ------
    ValueError
        Where an input is unknown or stands twice, the pictures are too small for the blocks, or
        there are fewer than two classes.

    Notes
    -----
    Where the two dropouts of one input stand is our reading: Fig. 6 lists 0.25 and 0.4, and of the
    fused network the text says that 0.5 ends the branches and 0.4 follows the dense layers. So is
    Table 5's "2 dense levels" for sound: one dense layer and the softmax.

    Source: multi-input-cnn, Figs 6 and 8, sections 6.2, 6.3 and 7.4, Table 5.
    Notebook: 12_multi_input_cnn
    """
    _check(inputs, n_classes, size, widths)
    keras = devices.import_keras()
    layers = keras.layers
    dense = dense[:1] if tuple(inputs) == ("mel",) else dense
    pictures = {name: keras.Input((size, size, CHANNELS[name]), name=name) for name in inputs}
    dropout = 0.25 if len(inputs) == 1 else 0.5
    ends = [_branch(layers, picture, widths, dropout) for picture in pictures.values()]
    x = ends[0] if len(ends) == 1 else layers.Concatenate()(ends)
    for units in dense:
        x = layers.Dense(units, activation="relu")(x)
    answer = layers.Dense(n_classes, activation="softmax")(layers.Dropout(0.4)(x))
    taken = next(iter(pictures.values())) if len(inputs) == 1 else pictures
    return keras.Model(taken, answer, name="_".join(["cnn", *inputs]))


def _branch(layers, x, widths, dropout):
    for filters in widths:
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    return layers.Flatten()(layers.Dropout(dropout)(x))


def _check(inputs, n_classes, size, widths):
    if isinstance(inputs, str) or not inputs or len(set(inputs)) < len(inputs):
        raise ValueError(f"inputs are a list of different kinds, not {inputs!r}")
    for name in inputs:
        if name not in CHANNELS:
            raise ValueError(f"the input {name!r} is none of {', '.join(CHANNELS)}")
    if size < 2 ** len(widths):
        raise ValueError(
            f"{len(widths)} blocks halve a picture to nothing unless its side has at least "
            f"{2 ** len(widths)} pixels; this one has {size}"
        )
    if n_classes < 2:
        raise ValueError(f"a softmax needs at least 2 classes, not {n_classes}")
