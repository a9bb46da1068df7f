"""Oracles of the exercises in notebooks 03 to 05: hearing."""

import numpy as np

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


def _near(a, b):
    """Within 2 %, which lets a parabola between samples pass; None stands for any answer."""
    return b is None or bool(np.isclose(a, b, rtol=0.02, atol=0, equal_nan=True))


def pitch_of_frame(function):
    """Check the pitch of one frame from its autocorrelation (notebook 03)."""
    rng, rate = np.random.default_rng(), 16_000
    shares = (0.95, 0.3, 0.8, 0.9, 0.1, 0.7, 0.2, 0.99)
    cases = [(_repeating(rng, share), rate, rate // 600) for share in shares]

    def voiced(r, shortest):
        return r[_peaks(r, shortest)].max() >= 0.5

    def right(r, rate, shortest):
        return rate / _first_like_the_highest(r, shortest) if voiced(r, shortest) else np.nan

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
    return try_cases("pitch_of_frame", function, cases, right, wrong, _near)


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
