"""Mel-frequency cepstral coefficients, step by step: the ear's frequencies, the ear's loudness.

The defaults are librosa's, so that the numbers are librosa's too. gru-attention's own steps are
``mfcc(signal, rate, emphasis=0.97, window="hamming", htk=True)``; the thesis does not state the
length of a frame, the number of filters, or how the filters are scaled.
"""

from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.signal
import scipy.sparse

from emolib.audio.framing import check_sound, frame

N_FFT = 2048  # samples
HOP = 512  # samples
BLOCK = 512  # frames at a time, so that a long sound takes no more memory than its spectrogram
FLOOR = 1e-10  # power below which nothing is told apart: -100 dB


def pre_emphasis(signal, a=0.97):
    """Lift the high frequencies: y[n] = x[n] - a x[n-1], with nothing before the first sample.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    a : float
        0 (nothing happens) to below 1.

    Returns
    -------
    ndarray of float32, shape (samples,)
        Within [-1 - a, 1 + a].

    Raises
    ------
    ValueError
        As ``check_sound``; where ``a`` is out of range.

    Source: gru-attention, eq. 2.24.
    Notebook: 04_mfcc
    """
    if not 0 <= a < 1:
        raise ValueError(f"pre-emphasis takes a from 0 to below 1, not {a}")
    signal = check_sound(signal)
    lifted = signal.copy()
    lifted[1:] -= np.float32(a) * signal[:-1]
    return lifted


def hamming_window(length):
    """Return w[n] = 0.54 - 0.46 cos(2 pi n / N) for n = 0 … N - 1.

    The printed range ends with n = N: a window of N + 1 samples. Without that last sample the
    window is periodic, as a Fourier transform of N samples wants it.

    Parameters
    ----------
    length : int
        N, samples.

    Returns
    -------
    ndarray of float64, shape (length,)
        From 0.08 to 1.

    Source: gru-attention, eq. 2.25, its range mended.
    Notebook: 04_mfcc
    """
    return 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(length) / length)


def hz_to_mel(hertz, htk=True):
    """Convert Hz to mel, a scale on which equal steps sound equally wide.

    Parameters
    ----------
    hertz : float or ndarray
        0 or more.
    htk : bool
        True: 2595 log10(1 + f / 700). False: Slaney's scale, librosa's default: 3 mel for each
        200 Hz below 1 kHz (15 mel), from there on 27 mel for each factor of 6.4.

    Returns
    -------
    float or ndarray of float64

    Source: gru-attention, eq. 2.26; Slaney 1998, Auditory Toolbox.
    Notebook: 04_mfcc
    """
    hertz = np.asarray(hertz, dtype=float)
    if htk:
        return 2595 * np.log10(1 + hertz / 700)
    above = 15 + 27 * np.log(np.maximum(hertz, 1000) / 1000) / np.log(6.4)
    return np.where(hertz < 1000, 3 * hertz / 200, above)


def mel_to_hz(mel, htk=True):
    """Convert mel to Hz: the inverse of ``hz_to_mel``.

    Source: gru-attention, eq. 2.26, solved for f; Slaney 1998.
    Notebook: 04_mfcc
    """
    mel = np.asarray(mel, dtype=float)
    if htk:
        return 700 * (10 ** (mel / 2595) - 1)
    return np.where(mel < 15, 200 * mel / 3, 1000 * 6.4 ** ((np.maximum(mel, 15) - 15) / 27))


def mel_filterbank(rate, n_fft=N_FFT, n_mels=128, fmin=0.0, fmax=None, htk=False, norm="slaney"):
    """Make triangular filters whose middles stand at equal steps of mel.

    Parameters
    ----------
    rate : int
        Samples a second.
    n_fft : int
        Samples in a frame.
    n_mels : int
        Number of filters. Each begins at the middle of the one before.
    fmin, fmax : float
        Hz, begin of the first filter and end of the last; ``fmax`` None: half the rate.
    htk : bool
        Which mel scale, see ``hz_to_mel``.
    norm : str or None
        None: each triangle is 1 high. ``slaney``: each has area 1 in Hz, so that wide filters do
        not sound louder.

    Returns
    -------
    ndarray of float32, shape (n_mels, 1 + n_fft // 2)

    Raises
    ------
    ValueError
        Where a filter is so narrow that it lies between two frequencies of the Fourier transform
        and would hear nothing, where frequencies are out of order, or ``norm`` is another word.

    Source: gru-attention, 2.5.5 and Fig. 2.14.
    Notebook: 04_mfcc
    """
    fmax = rate / 2 if fmax is None else fmax
    if not (0 <= fmin < fmax <= rate / 2 and n_mels >= 1 and norm in (None, "slaney")):
        raise ValueError(
            f"a filter bank needs 0 <= fmin < fmax <= {rate / 2:g} Hz, one filter or more and "
            f"norm None or 'slaney', not {fmin:g}, {fmax:g}, {n_mels}, {norm!r}"
        )
    mel = np.linspace(hz_to_mel(fmin, htk), hz_to_mel(fmax, htk), n_mels + 2)
    low, middle, high = (mel_to_hz(mel[k : k + n_mels, None], htk) for k in range(3))
    hertz = np.arange(1 + n_fft // 2) * rate / n_fft
    filters = np.maximum(0, np.minimum(*_flanks(hertz, low, middle, high)))
    deaf = np.flatnonzero(~filters.any(axis=1))
    if len(deaf):
        raise ValueError(
            f"{len(deaf)} of {n_mels} filters lie between two frequencies of the transform "
            f"({rate / n_fft:.3g} Hz apart), the first is number {deaf[0]}: take fewer filters or "
            f"longer frames than {n_fft} samples"
        )
    if norm == "slaney":
        filters *= 2 / (high - low)
    return filters.astype(np.float32)


def _flanks(hertz, low, middle, high):
    """Return the rising and the falling line of each triangle, both 1 at its middle."""
    return (hertz - low) / (middle - low), (high - hertz) / (high - middle)


def power_spectrogram(signal, n_fft=N_FFT, hop_length=HOP, window="hann", center=True):
    """Return the squared magnitude of each frame's Fourier transform.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    n_fft, hop_length : int
        Samples in a frame and between frames.
    window : str
        ``hamming`` (eq. 2.25) or another that ``scipy.signal.get_window`` knows.
    center : bool
        Whether frame k has its middle at k × hop (see ``frame``). Then a sound of any length,
        0.05 s too, gets an answer; without it, one shorter than a frame is refused.

    Returns
    -------
    ndarray of float32, shape (1 + n_fft // 2, frames)
        Row k is the frequency k × rate / n_fft.

    Raises
    ------
    ValueError
        As ``frame``.

    Source: dv-emotionnet, MFCC step 2; gru-attention, 2.5.3 and 2.5.4.
    Notebook: 04_mfcc
    """
    frames = frame(signal, n_fft, hop_length, center)
    window = _window(window, n_fft)
    power = np.empty((1 + n_fft // 2, len(frames)), np.float32)
    for k in range(0, len(frames), BLOCK):
        spectrum = scipy.fft.rfft(frames[k : k + BLOCK] * window)
        power[:, k : k + BLOCK] = (spectrum.real**2 + spectrum.imag**2).T
    return power


def mel_spectrogram(
    signal,
    rate,
    *,
    n_fft=N_FFT,
    hop_length=HOP,
    window="hann",
    center=True,
    n_mels=128,
    fmin=0.0,
    fmax=None,
    htk=False,
    norm="slaney",
):
    """Return the power that each mel filter hears in each frame.

    Parameters
    ----------
    signal, n_fft, hop_length, window, center
        As in ``power_spectrogram``.
    rate : int
        Samples a second.
    n_mels, fmin, fmax, htk, norm
        As in ``mel_filterbank``.

    Returns
    -------
    ndarray of float32, shape (n_mels, frames)

    Raises
    ------
    ValueError
        As ``frame`` and ``mel_filterbank``.

    Source: dv-emotionnet, MFCC step 3; gru-attention, 2.5.5; multi-input-cnn, Fig. 9.
    Notebook: 04_mfcc
    """
    filters = _filters(rate, n_fft, n_mels, fmin, fmax, htk, norm)
    # A filter hears a few frequencies and is 0 elsewhere: a sparse product is much sooner done.
    return filters @ power_spectrogram(signal, n_fft, hop_length, window, center)


def decibels(power, top_db=80.0):
    """Return 10 log10 of a power, no lower than -100 dB and than ``top_db`` below the largest.

    Parameters
    ----------
    power : ndarray of float
        0 or more; 1 is 0 dB.
    top_db : float or None
        None: no second floor. Silence is -100 everywhere.

    Returns
    -------
    ndarray of float, of the same shape

    Source: dv-emotionnet, MFCC step 4; gru-attention, 2.5.5 ("log energy").
    Notebook: 04_mfcc
    """
    # NumPy's natural logarithm of float32 is several times as fast as its log10.
    level = float(10 / np.log(10)) * np.log(np.maximum(power, FLOOR))
    return level if top_db is None else np.maximum(level, level.max() - top_db)


def dct_matrix(n_mfcc, n_mels):
    """Return the rows of the discrete cosine transform, as long as 1 and orthogonal.

    Row n is cos(pi n (m - 1/2) / M) over m = 1 … M, times sqrt(2 / M), row 0 times sqrt(1 / M).
    In print the sum runs over the wrong letter, and the scaling and row 0 are left out.

    Parameters
    ----------
    n_mfcc, n_mels : int
        Rows, and M.

    Returns
    -------
    ndarray of float32, shape (n_mfcc, n_mels)

    Raises
    ------
    ValueError
        Where there are more rows than columns, or none.

    Source: gru-attention, eq. 2.27, mended.
    Notebook: 04_mfcc
    """
    if not 1 <= n_mfcc <= n_mels:
        raise ValueError(f"{n_mels} filters give 1 to {n_mels} coefficients, not {n_mfcc}")
    n, m = np.arange(n_mfcc)[:, None], np.arange(1, n_mels + 1)
    rows = np.sqrt(2 / n_mels) * np.cos(np.pi * n * (m - 0.5) / n_mels)
    rows[0] /= np.sqrt(2)
    return rows.astype(np.float32)


def mfcc(signal, rate, n_mfcc=13, *, emphasis=0.0, top_db=80.0, **mel):
    """Describe each frame of a sound by mel-frequency cepstral coefficients.

    Pre-emphasis, frames, window, Fourier transform, mel filters, logarithm, cosine transform.
    Coefficient 0 is the frame's level, the next ones the rough shape of its spectrum; pitch is
    mostly in the late ones, which are left out. Silence gives coefficient 0 at its floor, the
    others 0. A constant offset is heard by the lowest filters only; pre-emphasis takes most of it
    away.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    n_mfcc : int
        Number of coefficients.
    emphasis : float
        ``a`` of ``pre_emphasis``; 0: none, as librosa.
    top_db : float or None
        See ``decibels``.
    **mel
        ``n_fft``, ``hop_length``, ``window``, ``center``, ``n_mels``, ``fmin``, ``fmax``,
        ``htk``, ``norm`` of ``mel_spectrogram``.

    Returns
    -------
    ndarray of float32, shape (n_mfcc, frames)
        In dB, as ``librosa.feature.mfcc`` of the same parameters with an even ``n_fft``, within
        0.005.

    Raises
    ------
    ValueError
        As ``check_sound``, ``frame``, ``mel_filterbank`` and ``dct_matrix``.

    Source: dv-emotionnet, MFCC steps 1 to 5; gru-attention, eqs 2.24 to 2.27.
    Notebook: 04_mfcc
    """
    if emphasis:
        signal = pre_emphasis(signal, emphasis)
    level = decibels(mel_spectrogram(signal, rate, **mel), top_db)
    return _cosines(n_mfcc, len(level)) @ level


def deltas(features, width=9):
    """Return how fast each feature changes: the slope of a line through ``width`` frames.

    Parameters
    ----------
    features : ndarray of float, shape (features, frames)
        Such as MFCC. ``deltas(deltas(features))`` is near to the change of the change.
    width : int
        Frames in a line, odd, 3 or more. The first and last ``width // 2`` frames get the slope
        of the first and the last whole line.

    Returns
    -------
    ndarray of float32, shape (features, frames)
        A frame, as ``librosa.feature.delta``.

    Raises
    ------
    ValueError
        Where the width is even, below 3, or above the number of frames.

    Source: none of the five papers; Furui 1986. Notebook: 04_mfcc
    """
    features = np.asarray(features, dtype=np.float32)
    if width < 3 or width % 2 == 0 or features.ndim != 2 or features.shape[1] < width:
        raise ValueError(
            f"deltas need an odd width of 3 or more and as many frames, not width {width} and "
            f"features of shape {features.shape}"
        )
    half = width // 2
    steps = np.arange(-half, half + 1, dtype=np.float32)
    lines = np.lib.stride_tricks.sliding_window_view(features, width, axis=1)
    return np.pad(lines @ (steps / np.sum(steps**2)), ((0, 0), (half, half)), "edge")


# A clip takes a millisecond or two, a filter bank as long: what does not change is kept.
@lru_cache(maxsize=32)
def _filters(*arguments):
    return scipy.sparse.csr_array(mel_filterbank(*arguments))


@lru_cache(maxsize=32)
def _cosines(n_mfcc, n_mels):
    return dct_matrix(n_mfcc, n_mels)


@lru_cache(maxsize=32)
def _window(name, length):
    window = hamming_window(length) if name == "hamming" else scipy.signal.get_window(name, length)
    return window.astype(np.float32)
