"""Six pictures of a sound, for networks that take pictures."""

import cv2
import librosa
import numpy as np

from emolib.audio.framing import check_sound
from emolib.audio.mfcc import FLOOR, decibels, mel_spectrogram, power_spectrogram

KINDS = (
    "waveform",
    "spectral centroid",
    "spectral bandwidth",
    "chromagram",
    "spectrogram",
    "mel spectrogram",
)
SPECTROGRAMS = KINDS[4:]
RANGE_DB = 80.0
PART = 100  # columns every 10 ms: one second


def representation(signal, rate, kind):
    """Measure a sound over time in one of six ways, in the units of each.

    Frames of 2,048 samples every 512 under a Hann window, librosa's defaults: the paper names
    librosa and no setting. Their middles are at k × 512 samples.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1]. One shorter than a frame has zeros around it.
    rate : int
        Samples a second.
    kind : str
        One of ``KINDS``.

    Returns
    -------
    ndarray of float32
        ``waveform``: (samples,), the signal. ``spectral centroid``: (frames,), Hz, mean frequency
        weighted by magnitude. ``spectral bandwidth``: (frames,), Hz, standard deviation around
        it. ``chromagram``: (12, frames), strength of each note of the scale from C to B, 1 the
        strongest of its frame, A at 440 Hz. ``spectrogram``: (1025, frames), dB below the loudest
        point, -80 at least, row k at k × rate / 2048 Hz. ``mel spectrogram``: (128, frames), the
        same after Slaney's mel filters. Silence gives 0, and -80 dB.

    Raises
    ------
    ValueError
        As ``check_sound``; where the kind is none of the six.

    Source: multi-input-cnn, Fig. 9 and section 7.2.
    Notebook: 05_pictures_of_sound
    """
    if kind not in KINDS:
        raise ValueError(f"picture {kind!r} is none of {', '.join(KINDS)}")
    if kind == "waveform":
        return check_sound(signal)
    power = _power(signal, rate, kind)
    if kind in SPECTROGRAMS:
        return _below_the_loudest(power)
    if kind == "chromagram":
        # A voice is not tuned, so no tuning is estimated.
        found = librosa.feature.chroma_stft(S=power, sr=rate, tuning=0.0)
    elif kind == "spectral centroid":
        found = librosa.feature.spectral_centroid(S=np.sqrt(power), sr=rate)[0]
    else:
        found = librosa.feature.spectral_bandwidth(S=np.sqrt(power), sr=rate)[0]
    return found.astype(np.float32)


def _power(signal, rate, kind):
    mel = kind == "mel spectrogram"
    return mel_spectrogram(signal, rate) if mel else power_spectrogram(signal)


def _below_the_loudest(power):
    if power.max() <= FLOOR:
        return np.full_like(power, -RANGE_DB)
    level = decibels(power, RANGE_DB)
    return level - level.max()


def picture(signal, rate, kind, size=(128, 128)):
    """Make a grey picture of a sound, of one size whatever the sound's length.

    The whole sound fills the width, so a slow and a fast clip look alike: where tempo matters, cut
    all clips to one span first (``feature_table`` does). Waveform and levels are relative to the
    clip's own loudest point, as in a plot that scales itself, so loudness is lost too.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    kind : str
        One of ``KINDS``.
    size : (int, int)
        Height and width in pixels.

    Returns
    -------
    ndarray of float32, shape (height, width)
        From 0 to 1. Row 0 is the lowest frequency or amplitude: draw it with
        ``imshow(origin="lower")``. Levels run from 80 dB below the loudest pixel, 1. Curves are
        lines of 1 on 0: the waveform from minus to plus its peak, centroid and bandwidth from
        0 Hz to half the rate.

    Raises
    ------
    ValueError
        As ``representation``; where the size is no height and width.

    Source: multi-input-cnn, Fig. 9 and Table 2.
    Notebook: 05_pictures_of_sound
    """
    if len(size) != 2 or min(size) < 2:
        raise ValueError(f"a picture has a height and a width of 2 pixels or more, not {size}")
    if kind in SPECTROGRAMS:
        # Power is averaged, then put in dB: of dB the mean would lose what is narrow and loud.
        return 1 + _below_the_loudest(_fitted(_power(signal, rate, kind), size)) / RANGE_DB
    values = representation(signal, rate, kind)
    if kind == "waveform":
        peak = np.abs(values).max()
        return _line(0.5 + values / (2 * peak) if peak else 0.5 + values, size)
    if kind == "chromagram":
        return _fitted(values, size)
    return _line(values / (rate / 2), size)


def spectrogram_parts(signal, rate, n=6, size=None):
    """Cut a sound's spectrogram into parts of one second that cover it evenly.

    Hamming windows of 32 ms every 10 ms, levels in dB, at least 80 below the loudest point. The
    parts begin at equal steps, the first with the clip and the last one second before its end: six
    overlap in a clip shorter than six seconds, and leave gaps in a longer one. Of a clip shorter
    than a second all parts are alike: the clip, and silence after it.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second; the paper's 257 frequencies are those of 16,000.
    n : int
        Parts.
    size : (int, int), optional
        Height and width to which each part is brought; the paper's pictures are 224 × 224.

    Returns
    -------
    ndarray of float32, (n, 257, 100) at 16,000 Hz, or (n, *size)
        With mean 0 and variance 1 over all parts together, so that a quiet part stays quiet; 0
        throughout where the sound is silent. Row 0 is 0 Hz.

    Raises
    ------
    ValueError
        As ``check_sound``; where ``n`` is below 1, or the size is no height and width.

    Notes
    -----
    The paper's "256 frequency components" of a 32 ms window are 257 with 0 Hz. Whether its mean and
    variance are a clip's or a batch's is not stated: a clip's are the same whatever stands beside
    it.

    Source: av-attention, sections 3.2 and 4.2.
    Notebook: 14_space_channel_time
    """
    if n < 1 or (size is not None and (len(size) != 2 or min(size) < 2)):
        raise ValueError(f"{n} parts of size {size}: take 1 or more, of 2 × 2 pixels or more")
    power = power_spectrogram(signal, round(0.032 * rate), round(0.01 * rate), "hamming")
    missing = max(PART - power.shape[1], 0)
    power = np.pad(power, ((0, 0), (0, missing)))
    begins = np.rint(np.linspace(0, power.shape[1] - PART, n)).astype(int)
    parts = [power[:, begin : begin + PART] for begin in begins]
    level = decibels(np.stack(parts if size is None else [_fitted(p, size) for p in parts]))
    if np.ptp(level) == 0:
        return np.zeros_like(level)
    return ((level - level.mean()) / level.std()).astype(np.float32)


def _line(curve, size):
    """Draw a curve of values from 0 to 1: each column is filled from its least to its largest."""
    height, width = size
    n = max(len(curve), 2 * width)
    curve = np.interp(np.linspace(0, len(curve) - 1, n), np.arange(len(curve)), curve)
    row = np.round(curve * (height - 1)).astype(int)
    begin = np.arange(width) * n // width
    before = row[np.maximum(begin - 1, 0)]  # so that neighbouring columns touch
    low = np.minimum(np.minimum.reduceat(row, begin), before)
    high = np.maximum(np.maximum.reduceat(row, begin), before)
    rows = np.arange(height)[:, None]
    return ((rows >= low) & (rows <= high)).astype(np.float32)


def _fitted(values, size):
    """Bring an array to a size, one axis after the other: averaged if fewer, else interpolated."""
    for axis, length in enumerate(size):
        shape = list(values.shape)
        method = cv2.INTER_AREA if length < shape[axis] else cv2.INTER_LINEAR
        shape[axis] = length
        values = cv2.resize(values, (shape[1], shape[0]), interpolation=method)
    return values
