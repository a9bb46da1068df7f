"""A clip of any length becomes one vector: statistics of its contours, as the field's baselines."""

import numpy as np

from emolib.audio.framing import check_sound, frame
from emolib.audio.mfcc import deltas, mfcc
from emolib.audio.prosody import (
    autocorrelation_pitch,
    level,
    speaking,
    step_of,
    zero_crossing_rate,
)

WINDOW = 0.032  # seconds of a frame of MFCC
CROSSINGS = 0.025  # seconds of a frame of zero crossings
PERCENTILES = (5, 25, 50, 75, 95)


def contours(signal, rate, n_mfcc=20):
    """Follow a clip every 10 ms by its MFCC, level, zero crossings, voicing and pitch.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1], 0.1 s at least. Its constant offset is taken out.
    rate : int
        Samples a second.
    n_mfcc : int
        Of 40 mel filters.

    Returns
    -------
    values : ndarray of float64, shape (n_mfcc + 4, frames)
        MFCC; level in dB; zero-crossing rate, 0 to 1; strength of the voice, 0 to 1; pitch in
        semitones above 100 Hz, on a straight line through unvoiced frames, 0 where no frame is
        voiced.
    voiced, heard : ndarray of bool, shape (frames,)
        Where there is a pitch, and where ``speaking`` hears something.

    Raises
    ------
    ValueError
        As ``check_sound``; where the sound is silent throughout or shorter than 0.1 s.

    Source: dv-emotionnet, eqs 9 to 15 and MFCC steps 1 to 5.
    Notebook: 11_dv_emotionnet
    """
    signal = check_sound(signal, round(0.1 * rate), "functionals need 0.1 s,")
    signal = signal - signal.mean()
    levels = level(signal, rate)
    heard = speaking(levels)
    if not heard.any():
        raise ValueError("the signal is silent: there is nothing to describe")
    hop = round(step_of(rate) * rate)
    cepstrum = mfcc(signal, rate, n_mfcc, n_fft=round(WINDOW * rate), hop_length=hop, n_mels=40)
    crossings = zero_crossing_rate(frame(signal, round(CROSSINGS * rate), hop, center=True))
    f0, strength = autocorrelation_pitch(signal, rate)
    voiced = ~np.isnan(f0)
    pitch = np.zeros(len(f0))
    if voiced.any():
        at = np.flatnonzero(voiced)
        pitch = np.interp(np.arange(len(f0)), at, 12 * np.log2(f0[at] / 100))
    return np.vstack([cepstrum, levels, crossings, strength, pitch]), voiced, heard


def functionals(signal, rate):
    """Describe a clip by 491 statistics of its contours, from its first to its last sound.

    In this order, for the 24 contours and then for their ``deltas``: mean, standard deviation,
    percentiles 5, 25, 50, 75 and 95, slope (a second); 8 × 24 each. Then the contours' means and
    standard deviations over voiced and over unvoiced frames, 4 × 24 (0 where there is no such
    frame). Then rhythm: seconds in all, and for voiced stretches and for silences their share of
    the time, number a second, mean, standard deviation and longest, in seconds; 11.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1], 0.1 s at least.
    rate : int
        Samples a second; the course's figures are for 16,000.

    Returns
    -------
    ndarray of float64, shape (491,)
        Of very different sizes: standardise them on the training rows.

    Raises
    ------
    ValueError
        As ``contours``.

    Source: none of the five papers: statistics over contours are what openSMILE's feature sets
    are made of (Eyben, Wöllmer & Schuller 2010); this selection is ours.
    Notebook: 11_dv_emotionnet
    """
    values, voiced, heard = contours(signal, rate)
    step = step_of(rate)
    changes = deltas(values).astype(float)
    first, last = np.flatnonzero(heard)[[0, -1]]
    span = slice(first, last + 1)
    values, changes, voiced, heard = values[:, span], changes[:, span], voiced[span], heard[span]
    parts = [_statistics(values, step), _statistics(changes, step)]
    for part in (voiced, ~voiced):
        own = values[:, part] if part.any() else np.zeros((len(values), 1))
        parts += [own.mean(axis=1), own.std(axis=1)]
    parts += [[len(heard) * step], _stretches(voiced, step), _stretches(~heard, step)]
    return np.concatenate(parts)


def _statistics(values, step):
    """Return mean, deviation, percentiles and slope a second of each row, one after the other."""
    seconds = step * np.arange(values.shape[1])
    seconds -= seconds.mean()
    slope = values @ seconds / max(seconds @ seconds, step**2)
    percentiles = np.percentile(values, PERCENTILES, axis=1)
    return np.concatenate([values.mean(axis=1), values.std(axis=1), *percentiles, slope])


def _stretches(mask, step):
    """Return share, number a second, and mean, deviation and longest duration of True runs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    lengths = step * (edges[1::2] - edges[::2])
    if not len(lengths):
        return np.zeros(5)
    number = len(lengths) / (step * len(mask))
    return np.array([mask.mean(), number, lengths.mean(), lengths.std(), lengths.max()])
