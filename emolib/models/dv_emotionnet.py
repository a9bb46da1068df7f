"""dv-emotionnet's network: five blocks of one-dimensional convolution over a feature vector."""

from emolib import devices

SHORTEST = 161  # features: what leaves the last convolution one value long


def dv_emotionnet(n_features=162, n_classes=8):
    """Build the paper's network, not compiled.

    ===================== ============= ========== =========================
    layer                 output        parameters
    ===================== ============= ========== =========================
    convolution, 256 of 3 (160, 256)    1,024      ReLU, no padding, as all five
    max-pooling, 3        (53, 256)     0          stride 3, no padding
    convolution, 128 of 3 (51, 128)     98,432
    max-pooling, 3        (17, 128)     0          then dropout 0.2
    convolution, 64 of 3  (15, 64)      24,640
    max-pooling, 3        (5, 64)       0          then dropout 0.2
    convolution, 64 of 3  (3, 64)       12,352
    max-pooling, 1        (3, 64)       0          changes nothing
    convolution, 32 of 3  (1, 32)       6,176
    max-pooling, 1        (1, 32)       0          changes nothing
    flatten               (32,)         0
    dense, 256            (256,)        8,448      ReLU, then dropout 0.2
    dense, n_classes      (n_classes,)  257 each   softmax
    ===================== ============= ========== =========================

    152,614 parameters with 6 classes, as printed in the paper, and 153,128 with 8.

    Parameters
    ----------
    n_features : int
        Length of the feature vector, 161 at least; more than 187 make the flattened vector longer.
    n_classes : int
        At least 2.

    Returns
    -------
    keras.Model
        Takes (batch, n_features, 1), standardised; gives probabilities (batch, n_classes).

    Raises
    ------
    ValueError
        Where the vector is too short for the pools, or there are fewer than two classes.

    Notes
    -----
    The pools' windows follow from Fig. 1's output shapes, which leave no other choice without
    padding. The text speaks of four blocks and flattens all of them (eq. 34); the figure has five
    and flattens the last, and only that fits its number of parameters.

    Source: dv-emotionnet, Fig. 1 and eqs 26-37.
    Notebook: 11_dv_emotionnet
    """
    if n_features < SHORTEST:
        raise ValueError(
            f"{n_features} features are too few for three pools of 3: the shortest vector that "
            f"works has {SHORTEST}"
        )
    if n_classes < 2:
        raise ValueError(f"a softmax needs at least 2 classes, not {n_classes}")
    keras = devices.import_keras()
    layers = keras.layers
    stack = [keras.Input((n_features, 1))]
    for filters, window, dropout in (
        (256, 3, 0),
        (128, 3, 0.2),
        (64, 3, 0.2),
        (64, 1, 0),
        (32, 1, 0),
    ):
        stack += [layers.Conv1D(filters, 3, activation="relu"), layers.MaxPooling1D(window)]
        if dropout:
            stack.append(layers.Dropout(dropout))
    stack += [
        layers.Flatten(),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(n_classes, activation="softmax"),
    ]
    return keras.Sequential(stack, name="dv_emotionnet")
