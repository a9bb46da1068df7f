"""A sound is checked once and cut into frames: what every function of this room begins with."""

import numpy as np

LOUDEST = 4  # further beyond full scale than resampling and pre-emphasis bring a sound in [-1, 1]


def check_sound(signal, least=1, what="this needs", framed=False):
    """Return a sound as float32, or say what is wrong with it.

    Clipped speech, a constant offset and silence pass: they are sounds. What a function answers
    to them stands in its own docstring.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    least : int
        Samples that are needed.
    what : str
        Who needs them, for the message.
    framed : bool
        Whether frames, of shape (..., samples), are welcome too.

    Returns
    -------
    ndarray of float32, shape (samples,) or (..., samples)

    Raises
    ------
    ValueError
        Where the signal is empty, not one-dimensional, of integers, not finite, four times beyond
        full scale, or too short.

    Notebook: 03_sound_features
    """
    signal = np.asarray(signal)
    if not signal.size or (signal.ndim != 1 and not (framed and signal.ndim)):
        raise ValueError(
            f"the signal must be one-dimensional and not empty, not of shape {signal.shape}: of "
            "several channels take the mean"
        )
    if signal.dtype.kind != "f":
        raise ValueError(
            f"the signal must hold floats in [-1, 1], not {signal.dtype}: divide 16-bit samples "
            "by 32768"
        )
    signal = signal.astype(np.float32, copy=False)
    peak = np.abs(signal).max()
    if not np.isfinite(peak):
        raise ValueError("the signal must be finite: it holds NaN or infinite samples")
    if peak > LOUDEST:
        raise ValueError(
            f"the signal reaches {peak:.4g}, full scale is 1: divide by the largest value that "
            "its format can hold"
        )
    if signal.shape[-1] < least:
        raise ValueError(f"the signal has {signal.shape[-1]} samples, {what} {least}")
    return signal


def frame(signal, frame_length, hop_length, center=False):
    """Cut a sound into frames that overlap.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    frame_length, hop_length : int
        Samples in a frame, and from one frame's begin to the next one's.
    center : bool
        False: frame k begins at sample k × hop; what is left at the end, less than a frame, is
        not used. True: frame k has its middle at k × hop, and zeros fill what lies outside.

    Returns
    -------
    ndarray of float32, shape (frames, frame_length)
        A read-only view: frames share the memory of what they have in common.

    Raises
    ------
    ValueError
        As ``check_sound``; where a length is below 1, or the signal is shorter than one frame.

    Source: dv-emotionnet, MFCC step 1; gru-attention, 2.5.2.
    Notebook: 03_sound_features
    """
    if min(frame_length, hop_length) < 1:
        raise ValueError(f"frames need 1 sample or more, not {frame_length} every {hop_length}")
    signal = check_sound(signal, 1 if center else frame_length, "a frame needs")
    if center:
        padded = np.zeros(len(signal) + frame_length, np.float32)
        padded[frame_length // 2 : frame_length // 2 + len(signal)] = signal
        signal = padded
    return np.lib.stride_tricks.sliding_window_view(signal, frame_length)[::hop_length]
