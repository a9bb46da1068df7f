"""gru-attention's networks: sound, picture, or both, step by step in time."""

from emolib import devices

# Tables 4.1 and 4.3 settle on these; the frames' vector is what a frozen encoder makes of a face.
LAYERS = {"audio": 3, "video": 1}
UNITS = {"audio": 256, "video": 512}
FEATURES = {"audio": 13, "video": 512}
ATTENTIONS = (None, "soft", "hard")


def gru_attention(
    inputs=("audio", "video"),
    n_classes=8,
    features=FEATURES,
    layers=LAYERS,
    units=UNITS,
    attention="soft",
    state=False,
    batch_norm=True,
    dense=128,
    dropout=0.5,
):
    """Build the subsystem of one sense, or the fusion of both, not compiled.

    A subsystem: GRU layers over the steps, attention (or the last state), a dense layer (ReLU),
    batch normalisation, softmax. The fusion: the dense layers' outputs side by side, batch
    normalisation, dropout, softmax. Clips of different lengths are padded with zeros at their end;
    padded steps are masked, and a clip's answer does not depend on how many there are.

    Parameters
    ----------
    inputs : sequence of str
        Of ``audio`` (13 MFCC a frame) and ``video`` (a vector a frame from a frozen encoder: VGG16
        in the paper).
    n_classes : int
        At least 2.
    features, layers, units : dict or int
        Numbers a step, GRU layers and units of each, by input or for all.
    attention : str or None
        ``soft``, ``hard``, or None: the last state, as in Tables 4.1 and 4.3.
    state : bool
        Whether the scores also see the last state, see ``SoftAttention``.
    batch_norm : bool
        With a momentum of 0.9, ours: Keras's 0.99 needs more steps than a short training has.
    dense : int
        Units of the dense layer; the thesis does not state them.
    dropout : float
        Before the fusion's softmax; not stated either.

    Returns
    -------
    keras.Model
        Takes (batch, steps, features), or a dictionary of them by input where there are several,
        any number of steps; gives probabilities (batch, n_classes). Layers ``audio_attention`` and
        ``video_attention`` have the outputs (summary, weights).

    Raises
    ------
    ValueError
        Where an input or an attention is unknown, or there are fewer than two classes.

    Source: gru-attention, sections 3.4.1-3.4.3, Figs 3.5-3.7, Tables 4.1 and 4.3.
    Notebook: 13_gru_attention
    """
    _check(inputs, attention, n_classes)
    keras = devices.import_keras()

    def of(setting, name):
        return setting[name] if isinstance(setting, dict) else setting

    sequences = {n: keras.Input((None, of(features, n)), name=n) for n in inputs}
    ends = [
        _subsystem(keras, x, n, of(layers, n), of(units, n), attention, state, dense)
        for n, x in sequences.items()
    ]
    x = ends[0] if len(ends) == 1 else keras.layers.Concatenate()(ends)
    if batch_norm:
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
    if len(ends) > 1:
        x = keras.layers.Dropout(dropout)(x)
    answer = keras.layers.Dense(n_classes, activation="softmax")(x)
    taken = next(iter(sequences.values())) if len(inputs) == 1 else sequences
    return keras.Model(taken, answer, name="_".join(["gru", *inputs]))


def _subsystem(keras, x, name, layers, units, attention, state, dense):
    """Return the dense layer's output for one sense."""
    from emolib.models.attention import HardAttention, SoftAttention

    x = keras.layers.Masking(name=f"{name}_masking")(x)
    for k in range(layers):
        last = attention is None and k == layers - 1
        x = keras.layers.GRU(
            units, return_sequences=not last, return_state=state and k == layers - 1,
            name=f"{name}_gru_{k + 1}",
        )(x)  # fmt: skip
    if attention is not None:
        kind = {"soft": SoftAttention, "hard": HardAttention}[attention]
        layer = kind(return_weights=True, name=f"{name}_attention")
        x = layer(x[0], state=x[1])[0] if state else layer(x)[0]
    elif state:
        x = x[0]
    return keras.layers.Dense(dense, activation="relu", name=f"{name}_dense")(x)


def _check(inputs, attention, n_classes):
    if isinstance(inputs, str) or not inputs or len(set(inputs)) < len(inputs):
        raise ValueError(f"inputs are a list of different senses, not {inputs!r}")
    for name in inputs:
        if name not in FEATURES:
            raise ValueError(f"the input {name!r} is none of {', '.join(FEATURES)}")
    if attention not in ATTENTIONS:
        raise ValueError(f"attention is soft, hard or None, not {attention!r}")
    if n_classes < 2:
        raise ValueError(f"a softmax needs at least 2 classes, not {n_classes}")
