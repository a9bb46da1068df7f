"""One step of an LSTM and of a GRU, in NumPy, as the thesis prints them."""

import numpy as np


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """Take one step of a long short-term memory.

    Parameters
    ----------
    x : ndarray, (batch, features)
        Input at this step.
    h, c : ndarray, (batch, units)
        Hidden and cell state before it.
    kernel, recurrent_kernel, bias : ndarray, (features, 4 units), (units, 4 units), (4 units,)
        W, U and b of input gate, forget gate, candidate and output gate, side by side in this
        order: that of ``keras.layers.LSTM.get_weights()``.

    Returns
    -------
    h, c : ndarray, (batch, units)
        The states after it, h from -1 to 1.

    Source: gru-attention, eqs 2.14-2.19.
    Notebook: 13_gru_attention
    """
    i, f, candidate, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(candidate)
    return sigmoid(o) * np.tanh(c), c


def gru_step(x, h, kernel, recurrent_kernel, bias=0.0, keep="1 - z", reset_after=False):
    """Take one step of a gated recurrent unit.

    As printed, z is the share that is *renewed*: h = (1 - z) h + z ĥ. Keras's z is the share that
    is *kept*. Since 1 - sigmoid(a) = sigmoid(-a), changing the sign of the weights of z turns the
    one into the other. As printed, the reset gate acts on h before U does (``reset_after=False``);
    Keras's default lets it act on U h, which is another function and no change of sign repairs it.

    Parameters
    ----------
    x : ndarray, (batch, features)
        Input at this step.
    h : ndarray, (batch, units)
        State before it.
    kernel, recurrent_kernel : ndarray, (features, 3 units), (units, 3 units)
        W and U of update gate z, reset gate r and candidate ĥ, side by side in this order: that of
        ``keras.layers.GRU.get_weights()``.
    bias : float or ndarray, (3 units,), or (2, 3 units) with ``reset_after``
        The printed equations have none.
    keep : str
        ``1 - z`` as printed, or ``z`` as in Keras.
    reset_after : bool

    Returns
    -------
    ndarray, (batch, units)
        The state after it, from -1 to 1 if the one before was.

    Raises
    ------
    ValueError
        Where ``keep`` is another word.

    Source: gru-attention, eqs 2.20-2.23 ((2.22) prints h for ĥ).
    Notebook: 13_gru_attention
    """
    if keep not in ("1 - z", "z"):
        raise ValueError(f"what is kept is '1 - z' or 'z', not {keep!r}")
    input_bias, state_bias = bias if reset_after and np.ndim(bias) == 2 else (bias, 0.0)
    from_x = np.split(x @ kernel + input_bias, 3, axis=-1)
    u_z, u_r, u_h = np.split(recurrent_kernel, 3, axis=-1)
    b_z, b_r, b_h = np.split(np.broadcast_to(state_bias, recurrent_kernel.shape[1]), 3)
    z = sigmoid(from_x[0] + h @ u_z + b_z)
    r = sigmoid(from_x[1] + h @ u_r + b_r)
    recalled = r * (h @ u_h + b_h) if reset_after else (r * h) @ u_h + b_h
    candidate = np.tanh(from_x[2] + recalled)
    kept = z if keep == "z" else 1 - z
    return kept * h + (1 - kept) * candidate
