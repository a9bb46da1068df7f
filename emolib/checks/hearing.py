"""Oracles of the exercises in notebooks 03 to 05: hearing."""

import numpy as np

from emolib.audio import hz_to_mel, mel_to_hz
from emolib.checks.trying import try_cases


def _repeating(rng, share):
    """Return the autocorrelation, over that at lag 0, of a voice in white noise, and its period.

    ``share`` of the power repeats itself. A few percent of it repeat only every second period, as
    in a creaky voice, so the peak at two periods is the higher one; and the harmonics about the
    fourth are strong, as in a vowel, so there are peaks before the first period is over.
    """
    period, lag = rng.uniform(58, 110), np.arange(247)
    number = np.arange(1, 9)
    power = 1 / number**2 + rng.uniform(0.3, 0.5) * np.exp(-((number - 4) ** 2))
    odd = rng.uniform(0.02, 0.03) * power.sum()
    r = power @ np.cos(2 * np.pi * number[:, None] * lag / period)
    r += odd * np.cos(3 * np.pi * lag / period)
    r *= share / (power.sum() + odd)
    r[0] = 1  # white noise is like itself at lag 0 only
    return r


def _peaks(r, shortest):
    """Return the lags of all peaks from ``shortest`` on."""
    middle = r[1:-1]
    lag = 1 + np.flatnonzero((middle >= r[:-2]) & (middle > r[2:]))
    return lag[lag >= shortest]


def _first_like_the_highest(r, shortest):
    lag = _peaks(r, shortest)
    return lag[np.argmax(r[lag] >= 0.9 * r[lag].max())]


def _highest(r, shortest):
    lag = _peaks(r, shortest)
    return lag[r[lag].argmax()]


def pitch_of_frame(function):
    """Check the pitch of one frame from its autocorrelation (notebook 03)."""
    rng, rate = np.random.default_rng(), 16_000
    shares = (0.95, 0.3, 0.8, 0.9, 0.1, 0.7, 0.2, 0.99)
    cases = [(_repeating(rng, share), rate, rate // 600) for share in shares]

    def voiced(r, shortest):
        return r[_peaks(r, shortest)].max() >= 0.5

    def right(r, rate, shortest):
        return rate / _first_like_the_highest(r, shortest) if voiced(r, shortest) else np.nan

    def near(a, b):
        """Within 0.6 of a lag: a parabola between lags passes, the next lag does not."""
        with np.errstate(divide="ignore"):
            lags = np.divide(rate, a), np.divide(rate, b if b is not None else a)
        return np.isclose(*lags, rtol=0, atol=0.6, equal_nan=True)

    def on_voiced(answer):
        """Return a wrong answer to voiced frames, where unvoiced ones may get any."""
        return lambda r, rate, shortest: answer(r, shortest) if voiced(r, shortest) else None

    def unvoiced_as(answer):
        return lambda r, rate, shortest: (
            right(r, rate, shortest) if voiced(r, shortest) else answer(r, shortest)
        )

    wrong = {
        "An unvoiced frame has a highest peak, too, and no pitch: below 0.5 return np.nan.": (
            unvoiced_as(lambda r, shortest: rate / _first_like_the_highest(r, shortest))
        ),
        "An unvoiced frame has no pitch; 0 Hz would spoil a mean of pitches: return np.nan.": (
            unvoiced_as(lambda r, shortest: 0)
        ),
        "That is lag 0. Every sound is most like itself when it is not shifted at all: begin at "
        "`shortest`.": on_voiced(lambda r, shortest: np.inf),
        "An octave too low, or more: two periods fit as well as one. Take the first peak that is "
        "0.9 of the highest.": on_voiced(lambda r, shortest: rate / _highest(r, shortest)),
        "That is the first peak of all, however low. A vowel makes small ones before the period is "
        "over: it must be 0.9 of the highest.": (
            on_voiced(lambda r, shortest: rate / _peaks(r, shortest)[0])
        ),
        "Those are samples: the rate over the lag gives Hz.": on_voiced(_first_like_the_highest),
        "Those are seconds, the period: Hz is one over it.": (
            on_voiced(lambda r, shortest: _first_like_the_highest(r, shortest) / rate)
        ),
        "The index counts from where your search began: add what you cut off.": (
            on_voiced(lambda r, shortest: rate / (_first_like_the_highest(r, shortest) - shortest))
        ),
    }
    return try_cases("pitch_of_frame", function, cases, right, wrong, near)


def _gaps(heard):
    """Return the numbers of frames of all gaps between the first and the last sound."""
    silent = np.diff(np.flatnonzero(heard)) - 1
    return silent[silent > 0]


def _heard(rng):
    """Make a clip's frames: sound and gaps, short ones and long ones, silence at both ends."""
    lengths = [rng.integers(30, 60)]
    gaps = [*rng.integers(3, 14, 3), *rng.integers(16, 50, rng.integers(2, 5))]
    for gap in rng.permutation(gaps):
        lengths += [rng.integers(10, 40), gap]
    lengths += [rng.integers(10, 40), rng.integers(30, 60)]
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)


def pause_seconds(function):
    """Check the length of a clip's pauses, from what is heard in each frame (notebook 03)."""
    rng = np.random.default_rng()
    cases = [(_heard(rng), 0.01) for _ in range(8)]

    def long(heard, step):
        gaps = _gaps(heard)
        return gaps[gaps * step >= 0.15]

    def right(heard, step):
        return long(heard, step).sum() * step

    def ends(heard):
        at = np.flatnonzero(heard)
        return at[0] + len(heard) - 1 - at[-1]

    wrong = {
        "That is all silence. The time before the first and after the last sound is no pause, nor "
        "is a gap below 0.15 s: a mouth closes for t and k.": lambda h, step: (~h).sum() * step,
        "The silence before the first and after the last sound is no pause.": (
            lambda h, step: right(h, step) + ends(h) * step
        ),
        "It counts gaps below 0.15 s as well: a mouth closes for t and k.": (
            lambda h, step: _gaps(h).sum() * step
        ),
        "Those are frames: a frame stands for `step` seconds.": lambda h, step: long(h, step).sum(),
        "That is how many pauses there are: add up their lengths.": (
            lambda h, step: len(long(h, step))
        ),
        "That is the longest pause: add all of them up.": (
            lambda h, step: long(h, step).max() * step
        ),
        "That is the mean pause: add up, do not divide.": lambda h, step: (
            long(h, step).mean() * step
        ),
        "That is a share of the time from first to last sound: give seconds.": lambda h, step: (
            long(h, step).sum() / (len(h) - ends(h))
        ),
        "Each pause is a frame too long: between sound in frames 7 and 10 two are silent.": (
            lambda h, step: right(h, step) + len(long(h, step)) * step
        ),
    }
    return try_cases("pause_seconds", function, cases, right, wrong)


def _straight(hertz):
    return hertz


def _triangles(points, hertz, ends=None):
    """Return a triangle of height 1 over each three neighbours of ``points``, or up to ``ends``."""
    low, middle = points[:-2, None], points[1:-1, None]
    high = (points[2:] if ends is None else ends)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rising, falling = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
        return np.maximum(0, np.minimum(rising, falling))


def _bank(filters=_triangles, bins=None, to_mel=hz_to_mel, to_hertz=mel_to_hz, top=1 / 2):
    """Return a maker of filter banks with a fault: each argument is one way to go wrong."""
    bins = bins or (lambda n_fft: np.arange(1 + n_fft // 2))

    def make(rate, n_fft, n_mels):
        mel = np.linspace(0, to_mel(top * rate), n_mels + 2)
        return filters(to_hertz(mel), bins(n_fft) * rate / n_fft)

    return make


def mel_filters(function):
    """Check the mel filter bank: HTK's scale, triangles of height 1 (notebook 04)."""
    rng = np.random.default_rng()
    cases = [
        (rate, n_fft, int(rng.integers(10, 21)))
        for rate, n_fft in zip((16000, 22050, 8000, 16000), (512, 1024, 512, 2048), strict=True)
    ]
    right = _bank()

    def apart(points, hertz):
        mel = np.linspace(0, hz_to_mel(points[-1]), 2 * len(points) - 3)
        return _triangles(mel_to_hz(mel), hertz)[::2]

    def shifted(points, hertz):
        return _triangles(points, hertz, np.append(points[3:], points[-1]))

    def in_mel(points, hertz):
        return _triangles(hz_to_mel(points), hz_to_mel(hertz))

    def rounded(points, hertz):
        at = np.floor((2 * len(hertz) - 1) * points / (2 * hertz[-1]))  # (n_fft + 1) / rate
        return _triangles(at, np.arange(len(hertz)))

    def area_one(points, hertz):
        return _triangles(points, hertz) * (2 / (points[2:] - points[:-2]))[:, None]

    wrong = {
        "Your middles stand at equal steps of Hz. Take equal steps of mel and go back to Hz.": (
            _bank(to_mel=_straight, to_hertz=_straight)
        ),
        "That is Slaney's scale, librosa's default. (2.26) is HTK's: htk=True.": _bank(
            to_mel=lambda hertz: hz_to_mel(hertz, htk=False),
            to_hertz=lambda mel: mel_to_hz(mel, htk=False),
        ),
        "Those points are mel, and the frequencies are Hz: bring the points back with "
        "mel_to_hz.": _bank(to_hertz=_straight),
        "The top was not converted: half the rate is in Hz, the steps run up to hz_to_mel of "
        "it.": _bank(to_mel=_straight),
        "Your triangles do not overlap. Each begins at the middle of the one before and ends at "
        "the middle of the next.": _bank(apart),
        "Each of your triangles ends at the end of the next one: it should end at its middle.": (
            _bank(shifted)
        ),
        "Your flanks are straight in mel. Between their points they are straight in Hz.": _bank(
            in_mel
        ),
        "Your points are rounded to whole numbers of the transform, as many recipes do. Leave "
        "them where they are, in Hz.": _bank(rounded),
        "Number k of the transform is the frequency k x rate / n_fft: the first is 0 Hz.": _bank(
            bins=lambda n_fft: np.arange(1, 2 + n_fft // 2)
        ),
        "rfft gives 1 + n_fft // 2 numbers: the rest of n_fft would be a mirror image.": _bank(
            bins=np.arange
        ),
        "rfft gives 1 + n_fft // 2 numbers: the last one, half the rate, is missing.": _bank(
            bins=lambda n_fft: np.arange(n_fft // 2)
        ),
        "Your triangles have area 1, as librosa's. Here each is 1 high.": _bank(area_one),
        "The bank runs up to half the rate, not to the rate.": _bank(top=1),
        "A row a filter, a column a frequency: turn it round.": lambda *case: right(*case).T,
    }
    return try_cases("mel_filters", function, cases, right, wrong, _alike)


def _alike(a, b):
    """Of one shape and equal to within single precision."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=0, atol=1e-4)


def cosine_transform(function):
    """Check the cosine transform of one frame's levels (notebook 04)."""
    rng = np.random.default_rng()
    cases = [
        (rng.normal(-40, 15, n_mels), int(rng.integers(4, n_mels - 1)))
        for n_mels in rng.integers(20, 60, 6)
    ]

    def cosines(level, n_mfcc, first=0, half=0.5, one=1):
        n = np.arange(first, first + n_mfcc)[:, None]
        m = np.arange(one, one + len(level))
        return np.cos(np.pi * n * (m - half) / len(level)) @ level

    def scaled(level, n_mfcc, row_0=0.5, **fault):
        out = np.sqrt(2 / len(level)) * cosines(level, n_mfcc, **fault)
        out[0] *= 1 if fault.get("first") else np.sqrt(row_0)
        return out

    wrong = {
        "That begins with n = 1, as (2.27) prints it. Coefficient 0, the level, comes first.": (
            lambda level, n: scaled(level, n, first=1)
        ),
        "The -1/2 is missing: m runs from 1, and the cosine takes m - 1/2.": (
            lambda level, n: scaled(level, n, half=0)
        ),
        "m counts from 1 in (2.27). Counted from 0 it is m + 1/2.": (
            lambda level, n: scaled(level, n, one=0)
        ),
        "That counts m from 0 and has no half: it is m + 1/2 then.": (
            lambda level, n: scaled(level, n, one=0, half=0)
        ),
        "Nothing is scaled, as in print: sqrt(2 / M) makes the rows one long.": cosines,
        "That is twice the plain sum, SciPy's default: norm='ortho' scales it as a rotation.": (
            lambda level, n: 2 * cosines(level, n)
        ),
        "Coefficient 0 is too large: its factor is sqrt(1 / M).": (
            lambda level, n: scaled(level, n, row_0=1)
        ),
        "Those are all coefficients: keep the first n_mfcc.": (
            lambda level, n: scaled(level, len(level))
        ),
        "That divides by M. A rotation divides by its root: sqrt(2 / M).": (
            lambda level, n: cosines(level, n) / len(level)
        ),
    }
    return try_cases("cosine_transform", function, cases, scaled, wrong, _alike)


def pitch_factor(function):
    """Check the factor by which semitones multiply a frequency (notebook 05)."""
    rng = np.random.default_rng()
    cases = [(float(semitones),) for semitones in (12, *rng.uniform(-9, 9, 6))]
    wrong = {
        "That is linear: it makes -12 semitones 0 Hz. Equal steps of pitch are equal factors.": (
            lambda n: 1 + n / 12
        ),
        "That doubles at every semitone. Twelve of them make an octave, a factor of 2.": (
            lambda n: 2**n
        ),
        "That is the inverse: up is a factor above 1.": lambda n: 2 ** (-n / 12),
        "That is n times the factor of one semitone. Twelve steps multiply, they do not add up.": (
            lambda n: n * 2 ** (1 / 12)
        ),
        "That divides the octave in 10. It has 12 semitones.": lambda n: 2 ** (n / 10),
        "That is e to the power: an octave is a factor of 2.": lambda n: np.exp(n / 12),
        "Those are octaves: 2 to that power is the factor.": lambda n: n / 12,
    }
    return try_cases("pitch_factor", function, cases, lambda n: 2 ** (n / 12), wrong)


def _power(x):
    return np.mean(x**2)


def add_noise(function):
    """Check noise that is added at a signal-to-noise ratio (notebook 05)."""
    rng = np.random.default_rng()
    cases = []
    for ratio in (0.0, 5.0, 10.0, 20.0, -5.0, 15.0):
        signal = rng.laplace(scale=rng.uniform(0.05, 0.2), size=800)
        cases.append((signal, rng.normal(scale=rng.uniform(0.3, 3), size=800), ratio))

    def scaled(factor):
        return lambda signal, noise, snr_db: signal + factor(signal, noise, snr_db) * noise

    def exact(signal, noise, snr_db):
        return np.sqrt(_power(signal) / _power(noise) / 10 ** (snr_db / 10))

    wrong = {
        "The noise is not scaled: its power must be the signal's, less the ratio.": scaled(
            lambda *_: 1
        ),
        "That takes the ratio of powers for the factor of an amplitude: take the root.": scaled(
            lambda *case: exact(*case) ** 2
        ),
        "A ratio of powers is 10 ** (snr_db / 10). With 20 it is one of amplitudes, and has no "
        "root to come.": scaled(
            lambda s, n, snr_db: np.sqrt(_power(s) / _power(n) / 10 ** (snr_db / 20))
        ),
        "That measures the signal by its peak. The ratio is one of mean powers.": scaled(
            lambda s, n, snr_db: np.abs(s).max() / np.sqrt(_power(n) * 10 ** (snr_db / 10))
        ),
        "That takes the noise's power for 1. Divide by the power that it has.": scaled(
            lambda s, n, snr_db: np.sqrt(_power(s) / 10 ** (snr_db / 10))
        ),
        "That takes the signal's power for 1. Multiply by the power that it has.": scaled(
            lambda s, n, snr_db: np.sqrt(1 / _power(n) / 10 ** (snr_db / 10))
        ),
        "A higher ratio must mean less noise: your sign is the wrong way round.": scaled(
            lambda s, n, snr_db: exact(s, n, -snr_db)
        ),
        "Decibels are 10 times the logarithm to base 10, not the natural one.": scaled(
            lambda s, n, snr_db: np.sqrt(_power(s) / _power(n) / np.exp(snr_db / 10))
        ),
        "That is the noise alone: add it to the signal.": lambda s, n, snr_db: (
            exact(s, n, snr_db) * n
        ),
    }
    return try_cases("add_noise", function, cases, scaled(exact), wrong)
