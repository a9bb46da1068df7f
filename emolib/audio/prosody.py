"""Prosody: how high, how loudly, how fast and with which pauses a voice speaks."""

import numpy as np
import pandas as pd
import scipy.fft
from scipy.signal import find_peaks
from scipy.signal.windows import hann

from emolib.audio.features import feature_table
from emolib.audio.framing import check_sound, frame

STEP = 0.010  # seconds between frames, rounded to samples
LEVEL_WINDOW = 0.050  # seconds: longer than a period of any voice, shorter than a syllable
BURST = 0.150  # seconds: a click, or a hiss near the microphone, is shorter
SILENCE = -90.0  # dB below full scale: 16 bits end here
LIKE_THE_HIGHEST = 0.9  # of the highest peak: what a multiple of the period cannot fall short of
VOICED = 0.5  # share of a frame's power that repeats itself
LASTS = 0.050  # seconds: what does not go on for so long …
LEAP = 2.0  # … without a leap of this many semitones from frame to frame is noise, no voice
DIP = 2.0  # dB between two syllables, after de Jong & Wempe 2009

PROSODY = ("f0_median", "f0_range", "level", "speech_rate", "pause_share", "zero_crossings")


def zero_crossing_rate(frames, signs=(-1, 1)):
    """Count how often a sound changes its sign: high in hisses, low in vowels.

    With signs of -1 and 1, as is usual, each change counts 2 in the sum and the factor 1/2 makes
    a share of the steps from sample to sample. With the printed signs, 0 and 1, the same factor
    makes half of that. The printed sum has N steps, so N + 1 samples; here a frame of N samples
    has N - 1 steps, and we divide by these. A constant offset hides crossings: subtract the mean.
    Silence gives 0.

    Parameters
    ----------
    frames : ndarray of float, shape (..., samples)
        A sound in [-1, 1], or its frames (see ``frame``); two samples or more.
    signs : (float, float)
        Of samples at or below 0, and above.

    Returns
    -------
    float32 or ndarray of float32, shape (...)
        From 0 to 1, or to 0.5 with the printed signs. A tone of f Hz gives 2 f / rate.

    Raises
    ------
    ValueError
        As ``check_sound``.

    Source: dv-emotionnet, eqs 9 and 10.
    Notebook: 03_sound_features
    """
    frames = check_sound(frames, 2, "a crossing needs", framed=True)
    sign = np.where(frames > 0, np.float32(signs[1]), np.float32(signs[0]))
    return np.abs(np.diff(sign, axis=-1)).mean(axis=-1) / 2


def energy(frames):
    """Return the root mean square of a sound, or of each of its frames.

    The printed equation has x(n^2) for x(n)^2, and 1/n for 1/N, under the root. "Energy" in
    signal processing is the sum of squares, N times the square of this. A constant offset counts
    as sound. Silence gives 0.

    Parameters
    ----------
    frames : ndarray of float, shape (..., samples)
        A sound in [-1, 1], or its frames (see ``frame``).

    Returns
    -------
    float32 or ndarray of float32, shape (...)
        From 0 to 1; 20 log10 of it is the level in dB below full scale.

    Raises
    ------
    ValueError
        As ``check_sound``.

    Source: dv-emotionnet, eq. 15, mended.
    Notebook: 03_sound_features
    """
    return np.sqrt(np.mean(check_sound(frames, framed=True) ** 2, axis=-1))


def autocorrelation(frames, max_lag=None):
    """Compare a sound with itself, shifted by 0, 1, 2 … samples.

    R[t] = 1/S times the sum of x[s] x[s + t] over s = 0 … S - 1 - t. The printed sum lacks the
    second x and runs to S - t. A window, w[s] w[s + t] in print, is applied by whoever calls. The
    sum has fewer terms the longer the lag, and is still divided by S: it is biased, see
    ``expected_autocorrelation``. Computed by the Fourier transform (Wiener-Khinchin), with zeros
    appended so that the end does not meet the beginning.

    Parameters
    ----------
    frames : ndarray of float, shape (..., samples)
        A sound in [-1, 1], or its frames (see ``frame``).
    max_lag : int, optional
        Longest shift, in samples; otherwise as long as is possible.

    Returns
    -------
    ndarray of float32, shape (..., max_lag + 1)
        At lag 0 the mean square.

    Raises
    ------
    ValueError
        As ``check_sound``; where the longest shift leaves no sample.

    Source: dv-emotionnet, eqs 11 and 13, mended.
    Notebook: 03_sound_features
    """
    frames = check_sound(frames, framed=True)
    n = frames.shape[-1]
    max_lag = n - 1 if max_lag is None else max_lag
    if not 0 <= max_lag < n:
        raise ValueError(f"{n} samples can be shifted by 0 to {n - 1}, not by {max_lag}")
    size = scipy.fft.next_fast_len(n + max_lag, real=True)
    spectrum = scipy.fft.rfft(frames, size)
    power = spectrum.real**2 + spectrum.imag**2
    return scipy.fft.irfft(power, size)[..., : max_lag + 1] / n


def expected_autocorrelation(lag, omega, n_samples, amplitude=1.0):
    """Return what ``autocorrelation`` gives on average for a sinusoid of random phase.

    (A^2 / 2) (1 - |t| / S) cos(omega t). The printed equation has cos(omega S), a constant, and
    amplitude 1. It holds for a rectangular window; another window puts its own autocorrelation,
    divided by S, in the place of 1 - |t| / S. White noise adds its variance at lag 0, and nothing
    elsewhere.

    Parameters
    ----------
    lag : int or ndarray of int
        t, samples.
    omega : float
        Radians a sample: 2 pi f / rate.
    n_samples : int
        S.
    amplitude : float
        A.

    Returns
    -------
    float or ndarray of float64

    Source: dv-emotionnet, eqs 12 and 14, mended.
    Notebook: 03_sound_features
    """
    lag = np.abs(lag)
    return amplitude**2 / 2 * np.maximum(0, 1 - lag / n_samples) * np.cos(omega * lag)


def autocorrelation_pitch(signal, rate, fmin=65.0, fmax=600.0, hop_length=None, below_db=30.0):
    """Track the pitch of a voice by the lag at which each frame is most like itself.

    Frames of three of the longest periods, their mean subtracted, under a Hann window. The bias of
    eq. 14 is divided out (the window's own autocorrelation), and the rest by lag 0. A multiple of
    the period fits as well as the period, so the *first* peak that is 0.9 of the highest is
    taken: no octave too low. Between samples a parabola finds its place. A pitch that leaps by
    2 semitones from frame to frame or is gone within 50 ms is taken for noise.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1]. Clipping and an offset do not move the pitch.
    rate : int
        Samples a second.
    fmin, fmax : float
        Hz, the range that is searched; ``fmax`` is at most a quarter of the rate.
    hop_length : int, optional
        Samples from frame to frame; otherwise 10 ms, rounded.
    below_db : float
        Frames that lie further below the loudest 150 ms are unvoiced.

    Returns
    -------
    f0 : ndarray of float64, shape (frames,)
        Hz, NaN where a frame is unvoiced. Frame k has its middle at sample k × hop. (The puppets'
        truth, on the same frames, has 0 there.) Silence is unvoiced throughout.
    strength : ndarray of float32, shape (frames,)
        Height of the peak: the share of the frame's power that repeats itself, about 0 to 1.
        From 0.5 a frame is voiced.

    Raises
    ------
    ValueError
        As ``check_sound``; where the range of pitch does not fit the rate.

    Source: dv-emotionnet, eqs 11 to 14; window and peak after Boersma 1993.
    Notebook: 03_sound_features
    """
    if not 0 < fmin < fmax <= rate / 4:
        raise ValueError(
            f"pitch needs 0 < fmin < fmax <= {rate / 4:g} Hz (rate / 4), not {fmin:g} and {fmax:g}"
        )
    hop_length = hop_length or round(STEP * rate)
    likeness, power = _likeness(signal, rate, fmin, hop_length)
    lag, strength = _first_peak(likeness, int(rate / fmax))
    loud = power > 10 ** (-below_db / 10) * _loudest(power, hop_length / rate)
    voiced = (strength >= VOICED) & loud
    f0 = np.where(voiced, rate / lag, np.nan)
    return _lasting(f0, round(LASTS * rate / hop_length)), strength


def _loudest(levels, step):
    """Return the level that is exceeded for 150 ms in all: no click decides what is quiet."""
    return np.sort(levels)[-min(len(levels), 1 + round(BURST / step))]


def _likeness(signal, rate, fmin, hop_length):
    """Return each frame's autocorrelation, free of the window and of loudness, and its power."""
    longest = int(np.ceil(rate / fmin)) + 1  # a peak needs a neighbour
    frames = frame(signal, 3 * longest, hop_length, center=True)
    window = hann(3 * longest + 2)[1:-1].astype(np.float32)
    estimate = autocorrelation((frames - frames.mean(axis=1, keepdims=True)) * window, longest)
    bias = autocorrelation(window, longest)
    power = estimate[:, 0]
    return estimate / (bias / bias[0]) / np.maximum(power, 1e-12)[:, None], power


def _first_peak(likeness, shortest):
    """Return the lag, between samples, and the height of the first peak near the highest."""
    middle = likeness[:, 1:-1]
    is_peak = (middle >= likeness[:, :-2]) & (middle > likeness[:, 2:])
    is_peak[:, : max(shortest - 1, 0)] = False
    height = np.where(is_peak, middle, 0)
    lag = 1 + np.argmax(height >= LIKE_THE_HIGHEST * height.max(axis=1, keepdims=True), axis=1)
    left, top, right = (likeness[np.arange(len(lag)), lag + d] for d in (-1, 0, 1))
    bend = np.maximum(2 * top - left - right, 1e-9)
    found = height.max(axis=1) > 0
    return lag + np.where(found, 0.5 * (right - left) / bend, 0), np.where(found, top, 0)


def _lasting(f0, least):
    """Keep the runs of at least so many frames that go on without a leap."""
    goes_on = np.abs(12 * np.diff(np.log2(f0))) < LEAP
    run = np.concatenate([[0], np.cumsum(~goes_on)])
    return np.where(np.bincount(run)[run] >= least, f0, np.nan)


def level(signal, rate):
    """Return the level of a sound every 10 ms, its constant offset taken out.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.

    Returns
    -------
    ndarray of float32, shape (frames,)
        Mean square under a Hann window of 50 ms, in dB below full scale, -100 at least. Frame k
        has its middle at k × 10 ms.

    Raises
    ------
    ValueError
        As ``check_sound``.

    Source: dv-emotionnet, eq. 15, mended, in dB.
    Notebook: 03_sound_features
    """
    signal = check_sound(signal)
    window = hann(round(LEVEL_WINDOW * rate) + 2)[1:-1].astype(np.float32)
    frames = frame(signal - signal.mean(), len(window), round(STEP * rate), center=True)
    return 10 * np.log10(np.maximum(frames**2 @ (window / window.sum()), 1e-10))


def speaking(levels, below_db=25.0):
    """Say of each frame whether something is heard in it.

    Parameters
    ----------
    levels : ndarray of float, shape (frames,)
        From ``level``, dB.
    below_db : float
        How far below the loudest 150 ms speech may lie. It must stay above the recording's noise.

    Returns
    -------
    ndarray of bool, shape (frames,)
        None of silence (-90 dB and less) is heard.

    Notebook: 03_sound_features
    """
    return levels > max(_loudest(levels, STEP) - below_db, SILENCE)


def pauses(signal, rate, least=0.15, below_db=25.0):
    """Find the pauses between the first and the last sound of a clip.

    A closed mouth before *t* or *k* is silent too, for up to a seventh of a second: what is
    shorter than ``least`` is no pause. The silence before and after speech is none either.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    least : float
        Seconds.
    below_db : float
        See ``speaking``.

    Returns
    -------
    ndarray of float64, shape (pauses, 2)
        Begin and end in seconds, to 10 ms; no row where there is none, and for silence.

    Raises
    ------
    ValueError
        As ``check_sound``.

    Source: low-rank, Table 1, which names speech rate and pauses; the method is ours.
    Notebook: 03_sound_features
    """
    return _gaps(speaking(level(signal, rate), below_db), step_of(rate), least)


def step_of(rate):
    """Return the seconds from frame to frame, about ``STEP``: a whole number of samples."""
    return round(STEP * rate) / rate


def _gaps(heard, step, least=0.15):
    at = np.flatnonzero(heard)
    silent = np.diff(at) - 1
    long = (silent > 0) & (silent * step >= least)
    return np.stack([at[:-1][long] + 0.5, at[1:][long] - 0.5], axis=1) * step


def syllable_nuclei(signal, rate, below_db=25.0):
    """Find the syllables of speech: its voiced peaks of level, with dips of 2 dB between them.

    Parameters
    ----------
    signal, rate, below_db
        As in ``pauses``.

    Returns
    -------
    ndarray of float64, shape (syllables,)
        Seconds.

    Raises
    ------
    ValueError
        As ``check_sound``.

    Source: low-rank, Table 1 (speech rate); the method after de Jong & Wempe 2009.
    Notebook: 03_sound_features
    """
    levels = level(signal, rate)
    voiced = autocorrelation_pitch(signal, rate)[1] >= VOICED
    return _nuclei(levels, speaking(levels, below_db) & voiced) * step_of(rate)


def _nuclei(levels, voiced):
    peaks = find_peaks(levels, prominence=DIP)[0]
    return peaks[voiced[peaks]]


def speech_rate(signal, rate, below_db=25.0):
    """Return syllables a second, from the first to the last sound, pauses included.

    Parameters
    ----------
    signal, rate, below_db
        As in ``pauses``.

    Returns
    -------
    float
        0 for silence, and where nothing is voiced.

    Raises
    ------
    ValueError
        As ``check_sound``.

    Source: low-rank, Table 1 (speech rate). Notebook: 03_sound_features
    """
    heard = speaking(level(signal, rate), below_db)
    nuclei = syllable_nuclei(signal, rate, below_db)
    return len(nuclei) / _span(heard, step_of(rate)) if len(nuclei) else 0.0


def _span(heard, step):
    """Return the seconds from the first to the last sound."""
    at = np.flatnonzero(heard)
    return (at[-1] - at[0] + 1) * step


def prosody(signal, rate):
    """Describe how a clip is spoken by the six numbers that ``PROSODY`` names.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1], 0.1 s at least.
    rate : int
        Samples a second. A rate below 16,000 Hz loses hisses, and with them zero crossings.

    Returns
    -------
    ndarray of float64, shape (6,)
        ``f0_median``: semitones above 100 Hz, over voiced frames. ``f0_range``: semitones from the
        10th to the 90th percentile. ``level``: dB below full scale, of the mean power of the frames
        in which something is heard. ``speech_rate``: syllables a second. ``pause_share``: of the
        time from first to last sound, 0 to 1. ``zero_crossings``: a second, from first to last
        sound. The two of pitch are NaN where no frame is voiced.

    Raises
    ------
    ValueError
        As ``check_sound``; where the sound is silent throughout or shorter than 0.1 s.

    Source: dv-emotionnet, eqs 9 to 15; low-rank, Table 1.
    Notebook: 03_sound_features
    """
    signal = check_sound(signal, round(0.1 * rate), "prosody needs 0.1 s,")
    signal = signal - signal.mean()
    levels = level(signal, rate)
    heard = speaking(levels)
    if not heard.any():
        raise ValueError(f"the signal is silent: no frame of it reaches {SILENCE:g} dB")
    f0, strength = autocorrelation_pitch(signal, rate)
    semitones = 12 * np.log2(f0[~np.isnan(f0)] / 100)
    low, middle, high = np.percentile(semitones, [10, 50, 90]) if len(semitones) else [np.nan] * 3
    step = step_of(rate)
    span = _span(heard, step)
    first = round(np.argmax(heard) * step * rate)
    spoken = signal[first : first + round(span * rate)]
    return np.array(
        [
            middle,
            high - low,
            10 * np.log10(np.mean(10 ** (levels[heard] / 10))),
            len(_nuclei(levels, heard & (strength >= VOICED))) / span,
            np.diff(_gaps(heard, step)).sum() / span,
            zero_crossing_rate(spoken) * rate,
        ]
    )


def prosody_table(table, rate=16_000, span=None, cache=None, workers=1):
    """Describe how every row of a clip table is spoken.

    Parameters
    ----------
    table, rate, span, cache, workers
        As in ``feature_table``, but of whole clips.

    Returns
    -------
    pandas.DataFrame
        The columns ``PROSODY``, on the table's index.

    Raises
    ------
    CorpusError, ValueError
        As ``feature_table``.

    Notebook: 03_sound_features
    """
    numbers = feature_table(table, prosody, rate, span, cache, workers)
    return pd.DataFrame(numbers, index=table.index, columns=list(PROSODY))
