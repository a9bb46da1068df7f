"""Pictures over time: a waveform, a spectrogram, the tracks of action units."""

import librosa
import matplotlib.pyplot as plt
import numpy as np

_WINDOW = 0.032  # seconds: long enough to part the harmonics of a deep voice
_STEP = 0.010


def _axes(ax, height=2.2):
    return ax if ax is not None else plt.subplots(figsize=(8, height), layout="constrained")[1]


def waveform(signal, rate, ax=None):
    """Draw a waveform.

    Parameters
    ----------
    signal : ndarray, float, (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 00_start_here
    """
    ax = _axes(ax)
    ax.plot(np.arange(len(signal)) / rate, signal, color="#0072B2", linewidth=0.5)
    ax.set(title="Waveform", xlabel="time (s)", ylabel="amplitude\n(full scale = 1)")
    ax.set_xlim(0, len(signal) / rate)
    return ax


def spectrogram(signal, rate, ax=None, range_db=70):
    """Draw a spectrogram: 32 ms Hann windows every 10 ms, level in dB below the loudest point.

    Parameters
    ----------
    signal : ndarray, float, (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    ax : matplotlib Axes, optional
    range_db : float
        What lies further below the loudest point is drawn as silence.

    Returns
    -------
    matplotlib Axes

    Notebook: 00_start_here
    """
    ax = _axes(ax, 2.8)
    step = round(_STEP * rate)
    magnitude = np.abs(librosa.stft(signal, n_fft=round(_WINDOW * rate), hop_length=step))
    level = librosa.amplitude_to_db(magnitude, ref=np.max, top_db=range_db)
    image = ax.imshow(
        level,
        origin="lower",
        aspect="auto",
        cmap="cividis",
        extent=(0, len(signal) / rate, 0, rate / 2000),
    )
    ax.figure.colorbar(image, ax=ax, label="level (dB)", pad=0.01)
    ax.set(title="Spectrogram", xlabel="time (s)", ylabel="frequency\n(kHz)")
    return ax


def action_units(units, fps, ax=None, most=6):
    """Draw the intensity of the action units that move most.

    Parameters
    ----------
    units : pandas.DataFrame
        One row a frame, one column ``AU01_r`` … a unit, intensity 0 to 5.
    fps : float
        Frames a second.
    ax : matplotlib Axes, optional
    most : int
        How many units are drawn, chosen by their range.

    Returns
    -------
    matplotlib Axes

    Notebook: 00_start_here
    """
    ax = _axes(ax, 2.8)
    moving = (units.max() - units.min()).nlargest(most).index
    styles = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3))]
    colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00"]
    for k, name in enumerate(sorted(moving)):
        ax.plot(
            np.arange(len(units)) / fps,
            units[name],
            linestyle=styles[k % len(styles)],
            color=colours[k % len(colours)],
            label=f"AU {int(name[2:4])}",
        )
    ax.legend(ncols=most, fontsize=8, loc="upper center", framealpha=0.8, handlelength=2.5)
    ax.set(title="Action units", xlabel="time (s)", ylabel="intensity\n(0 to 5)", ylim=(0, 7))
    ax.set_yticks(range(6))
    ax.set_xlim(0, len(units) / fps)
    return ax
