"""What the audio room measures, for people: six pictures of a sound, pitch, mel filters."""

import matplotlib.pyplot as plt
import numpy as np

from emolib.audio import KINDS, mel_filterbank, representation
from emolib.audio.mfcc import HOP, N_FFT
from emolib.plots.sound import waveform

NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


def sound_picture(signal, rate, kind, ax=None):
    """Draw one of the six pictures of a sound, with units; ``audio.picture`` is the network's.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    kind : str
        One of ``audio.KINDS``. The bandwidth is drawn as a band about the centroid.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        As ``audio.representation``.

    Source: multi-input-cnn, Fig. 9.
    Notebook: 05_pictures_of_sound
    """
    if ax is None:
        ax = plt.subplots(figsize=(8, 2.8), layout="constrained")[1]
    values = representation(signal, rate, kind)
    if kind == "waveform":
        waveform(values, rate, ax)
    elif values.ndim == 1:
        _curves(signal, rate, kind, ax)
    else:
        _image(values, rate, kind, ax)
    ax.set(title=kind.capitalize(), xlabel="time (s)")
    ax.set_xlim(0, len(signal) / rate)
    return ax


def _curves(signal, rate, kind, ax):
    centroid, width = (representation(signal, rate, k) / 1000 for k in KINDS[1:3])
    time = np.arange(len(centroid)) * HOP / rate
    ax.plot(time, centroid, color="#0072B2", label="centroid")
    if kind == "spectral bandwidth":
        low, high = np.maximum(centroid - width, 0), centroid + width
        ax.fill_between(time, low, high, color="#E69F00", alpha=0.4, hatch="//", label="bandwidth")
        ax.legend(loc="upper right", fontsize=8)
    ax.set(ylabel="frequency\n(kHz)", ylim=(0, rate / 2000))


def _image(values, rate, kind, ax):
    """Draw an array whose row 0 is the lowest; a frame's middle stands at its time."""
    rows, frames = values.shape
    half = HOP / rate / 2
    sides = (-half, (frames - 0.5) * HOP / rate)
    given = {"origin": "lower", "aspect": "auto", "cmap": "cividis", "interpolation": "nearest"}
    if kind == "spectrogram":
        bottom, top = -rate / N_FFT / 2000, (rate / 2 + rate / N_FFT / 2) / 1000
        image = ax.imshow(values, extent=(*sides, bottom, top), **given)
        ax.set_ylabel("frequency\n(kHz)")
    else:
        image = ax.imshow(values, extent=(*sides, -0.5, rows - 0.5), **given)
    if kind == "chromagram":
        ax.set_yticks(range(0, 12, 2), NOTES[::2])
        ax.set_ylabel("note")
    elif kind == "mel spectrogram":
        middles = mel_filterbank(rate, n_mels=rows).argmax(axis=1) * rate / N_FFT / 1000
        wanted = [f for f in (0.25, 0.5, 1, 2, 4, 8) if f < middles[-1]]
        ax.set_yticks(np.interp(wanted, middles, np.arange(rows)), [f"{f:g}" for f in wanted])
        ax.set_ylabel("frequency\n(kHz, mel scale)")
    label = "strength (1 = most)" if kind == "chromagram" else "level (dB)"
    ax.figure.colorbar(image, ax=ax, label=label, pad=0.01)


def six_pictures(signal, rate, title=None):
    """Draw all six pictures of one sound under each other in two columns.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    title : str, optional
        Of the whole figure.

    Returns
    -------
    matplotlib Figure

    Source: multi-input-cnn, Fig. 9.
    Notebook: 05_pictures_of_sound
    """
    figure, axes = plt.subplots(3, 2, figsize=(11, 7), layout="constrained")
    for ax, kind in zip(axes.T.ravel(), KINDS, strict=True):
        sound_picture(signal, rate, kind, ax)
    if title:
        figure.suptitle(title)
    return figure


def pitch_track(f0, step, truth=None, ax=None):
    """Draw pitch over time, on an axis where equal steps are equal intervals.

    Parameters
    ----------
    f0 : ndarray of float, shape (frames,)
        Hz; NaN or 0 where unvoiced, which stays empty.
    step : float
        Seconds from frame to frame.
    truth : ndarray of float, shape (frames,), optional
        The true F0 on the same frames, such as ``read_truth(row)["f0"]`` at 0.01 s.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 03_sound_features
    """
    if ax is None:
        ax = plt.subplots(figsize=(8, 2.8), layout="constrained")[1]
    time = np.arange(len(f0)) * step
    if truth is not None:
        ax.plot(time, _voiced(truth), color="#000000", linewidth=3, alpha=0.35, label="truth")
    ax.plot(time, _voiced(f0), "o", color="#D55E00", markersize=2.5, label="found")
    ax.set_yscale("log", base=2)
    ticks = [50, 75, 100, 150, 200, 300, 400, 600]
    ax.set_yticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    both = np.concatenate([_voiced(f0), _voiced(f0 if truth is None else truth)])
    if np.isfinite(both).any():
        ax.set_ylim(np.nanmin(both) / 1.2, np.nanmax(both) * 1.2)
    ax.set(title="Pitch", xlabel="time (s)", ylabel="F0 (Hz)", xlim=(0, time[-1]))
    ax.legend(fontsize=8, loc="upper right")
    return ax


def _voiced(f0):
    return np.where(np.nan_to_num(f0) > 0, f0, np.nan)


def filter_bank(bank, rate, ax=None):
    """Draw the triangles of a mel filter bank over frequency.

    Parameters
    ----------
    bank : ndarray of float, shape (filters, frequencies)
        From ``audio.mel_filterbank``.
    rate : int
        Samples a second.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Source: gru-attention, Fig. 2.14.
    Notebook: 04_mfcc
    """
    if ax is None:
        ax = plt.subplots(figsize=(8, 2.8), layout="constrained")[1]
    hertz = np.linspace(0, rate / 2, bank.shape[1])
    for k, triangle in enumerate(bank):
        colour, line = (("#0072B2", "-"), ("#D55E00", "--"))[k % 2]
        ax.plot(hertz / 1000, triangle, color=colour, linestyle=line, linewidth=1)
    ax.set(title=f"{len(bank)} mel filters", xlabel="frequency (kHz)", ylabel="weight")
    ax.set_xlim(0, rate / 2000)
    return ax
