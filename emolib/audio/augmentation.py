"""Copies of a clip that keep its label: noise, a shift in time, another pitch, another tempo."""

import re

import librosa
import numpy as np
import pandas as pd

from emolib.audio.framing import check_sound
from emolib.corpora import CorpusError, read_audio

# What each kind takes, one of them a call, with the range that still makes a copy of a voice.
AMOUNTS = {
    "noise": {"snr_db": (-60, 120)},
    "shift": {"seconds": (-60, 60), "most": (0, 60)},
    "pitch": {"semitones": (-24, 24)},
    "stretch": {"rate": (0.25, 4)},
}
WINDOW = 2048  # samples: librosa's window, the least that pitch and stretch work on


def augment(signal, rate, /, kind, seed=0, **amount):
    """Make a changed copy of a sound.

    Where the copy would exceed full scale, all of it is scaled down so that its peak is 1: nothing
    is clipped, and a signal-to-noise ratio stays as stated.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    kind : str
        ``noise``: white Gaussian noise. ``shift``: the clip begins later or earlier in a recording
        of the same length; silence fills the gap and what leaves the end is lost. ``pitch``:
        higher or lower at the same length. ``stretch``: slower or faster at the same pitch.
    seed : int
        Draws the noise, and the shift where ``most`` is given; ``pitch`` and ``stretch`` draw
        nothing.
    **amount : float
        For ``noise``, ``snr_db``: power of the whole clip over power of the noise, in dB.
        For ``shift``, ``seconds`` (later where above 0), or ``most``: a random shift of at most
        that many seconds either way. For ``pitch``, ``semitones`` (up where above 0). For
        ``stretch``, ``rate``: the tempo's factor, 0.8 is slower.

    Returns
    -------
    ndarray of float32, shape (samples,)
        As long as the signal; with ``stretch``, its length divided by ``rate``, rounded.

    Raises
    ------
    ValueError
        As ``check_sound``; where the kind or its amount is not one of ``AMOUNTS``, ``noise``
        meets silence (its ratio is undefined), ``shift`` would push the whole clip out, or
        ``pitch`` or ``stretch`` meets fewer than 2,048 samples.

    Source: multi-input-cnn, Fig. 10 and Table 4; pitch and tempo by librosa's phase vocoder.
    Notebook: 02_honest_evaluation
    """
    name, value = _checked(kind, amount)
    signal = check_sound(signal)
    if kind in ("pitch", "stretch") and len(signal) < WINDOW:
        raise ValueError(f"{kind} needs at least {WINDOW} samples, this signal has {len(signal)}")
    rng = np.random.default_rng(seed)
    if kind == "noise":
        copy = _noisy(signal, value, rng)
    elif kind == "shift":
        copy = _shifted(signal, rate, value if name == "seconds" else rng.uniform(-value, value))
    elif kind == "pitch":
        copy = librosa.effects.pitch_shift(signal, sr=rate, n_steps=value)
    else:
        copy = librosa.effects.time_stretch(signal, rate=value)
    return (copy / max(1.0, np.abs(copy).max())).astype(np.float32)


def _checked(kind, amount):
    """Return the one amount's name and value, or say what this kind takes."""
    if kind not in AMOUNTS:
        raise ValueError(f"augmentation {kind!r} is none of {', '.join(AMOUNTS)}")
    allowed = AMOUNTS[kind]
    takes = " or ".join(f"{name} ({low} to {high})" for name, (low, high) in allowed.items())
    if len(amount) != 1 or not set(amount) <= set(allowed):
        raise ValueError(f"{kind} takes {takes}, not {', '.join(amount) or 'nothing'}")
    ((name, value),) = amount.items()
    low, high = allowed[name]
    if not low <= value <= high:
        raise ValueError(f"{kind} takes {takes}, not {name}={value}")
    return name, value


def _noisy(signal, snr_db, rng):
    power = np.mean(np.square(signal, dtype=np.float64))
    if power == 0:
        raise ValueError("noise at a signal-to-noise ratio is undefined for silence")
    noise = rng.standard_normal(len(signal))
    # Scaled by the power that was drawn, not by the expected one: the ratio holds exactly.
    return signal + noise * np.sqrt(power / np.mean(noise**2) / 10 ** (snr_db / 10))


def _shifted(signal, rate, seconds):
    n = round(seconds * rate)
    if abs(n) >= len(signal):
        raise ValueError(
            f"a shift by {seconds:g} s pushes all {len(signal) / rate:g} s out of the clip"
        )
    copy = np.zeros_like(signal)
    copy[max(n, 0) : len(signal) + min(n, 0)] = signal[max(-n, 0) : len(signal) - max(n, 0)]
    return copy


def apply_recipe(signal, rate, recipe):
    """Apply the augmentations of a recipe, one after the other.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    recipe : str
        ``kind name=number``, with ``seed=number`` for what is random, joined by `` + ``:
        ``noise snr_db=15 seed=123``, ``stretch rate=0.8 + pitch semitones=0.7``.

    Returns
    -------
    ndarray of float32, shape (samples,)

    Raises
    ------
    ValueError
        Where the recipe does not read like this or an augmentation fails; the message names it.

    Notebook: 02_honest_evaluation
    """
    try:
        for operation in recipe.split(" + "):
            kind, amount = _read_operation(operation)
            signal = augment(signal, rate, kind, amount.pop("seed", 0), **amount)
    except ValueError as error:
        raise ValueError(f"recipe {recipe!r}: {error}") from error
    return signal


def _read_operation(operation):
    if not re.fullmatch(r"\s*\w+(\s+\w+=[^\s=]+)+\s*", operation):
        raise ValueError(f"{operation!r} does not read 'kind name=number'")
    kind, *pairs = operation.split()
    amount = {}
    for name, value in (pair.split("=") for pair in pairs):
        if name in amount:
            raise ValueError(f"{operation!r} gives {name} twice")
        amount[name] = int(value) if name == "seed" else float(value)
    return kind, amount


def read_copy(row, rate=None, span=None):
    """Read the sound of a row: the original, or the copy that its ``recipe`` describes.

    The original is read, resampled and cut first, then the recipe is applied. So a copy holds the
    same speech as its original, and a signal-to-noise ratio holds in the band and the seconds that
    are used. A stretched copy is longer or shorter than the span.

    Parameters
    ----------
    row : pandas.Series or mapping
        A row of the clip table; ``recipe`` as in ``apply_recipe``. Without the column, or where
        it is ``<NA>`` or blank, the row is an original.
    rate : int, optional
        Resample to this rate in Hz; otherwise the file's own is kept.
    span : (float, float), optional
        Seconds from and to; a clip that ends within the span gives what there is (no padding).

    Returns
    -------
    signal : ndarray of float32, shape (samples,)
        In [-1, 1].
    rate : int
        In Hz.

    Raises
    ------
    CorpusError
        As ``corpora.read_audio``; where the clip ends before the span begins, or the recipe is
        bad. The message names the clip.
    ValueError
        Where the span is no span of time.

    Notebook: 02_honest_evaluation
    """
    signal, rate = read_audio(row, rate)
    if span is not None:
        signal = _cut(signal, rate, span, row["clip"])
    recipe = row.get("recipe")
    if recipe is None or pd.isna(recipe) or not str(recipe).strip():
        return signal, rate
    try:
        return apply_recipe(signal, rate, str(recipe)), rate
    except ValueError as error:
        raise CorpusError(f"clip {row['clip']!r}: {error}") from error


def _cut(signal, rate, span, clip):
    start, stop = span
    if not 0 <= start < stop:
        raise ValueError(f"a span runs from 0 s or later to a later time, not {span}")
    part = signal[round(start * rate) : round(stop * rate)]
    if not len(part):
        raise CorpusError(
            f"clip {clip!r} ends at {len(signal) / rate:.2f} s, before the span that begins at "
            f"{start:g} s: give an earlier span, or span=None for whole clips"
        )
    return part
