"""Each oracle of hearing accepts right answers, however written, and names known mistakes."""

from itertools import groupby

import numpy as np
import pytest
from scipy.signal import find_peaks

from emolib import checks
from emolib.checks.hearing import _repeating


def peaks(r, shortest):
    lag = find_peaks(r)[0]
    return lag[lag >= shortest]


def pick(r, shortest):
    """The first peak that is 0.9 of the highest."""
    return next(t for t in peaks(r, shortest) if r[t] >= 0.9 * max(r[peaks(r, shortest)]))


def pitch(lag=pick, unit=lambda lag, rate: rate / lag, unvoiced=np.nan):
    """Spell out a pitch, as a reader might; other arguments make mistakes."""

    def function(r, rate, shortest):
        voiced = unvoiced is None or max(r[peaks(r, shortest)]) >= 0.5
        with np.errstate(divide="ignore"):
            return unit(lag(r, shortest), rate) if voiced else unvoiced

    return function


def parabola(r, shortest):
    t = pick(r, shortest)
    left, top, right = r[t - 1 : t + 2]
    return t + (right - left) / (2 * top - left - right) / 2


def highest(r, shortest):
    return max(peaks(r, shortest), key=lambda t: r[t])


def gaps(heard):
    """Lengths of the runs of silence, the first and the last run left out."""
    runs = [(value, len(list(run))) for value, run in groupby(heard.tolist())]
    return [n for value, n in runs[1:-1] if not value]


def pauses(heard, step):
    return sum(n * step for n in gaps(heard) if n * step >= 0.15)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.pitch_of_frame, pitch()),
        (checks.pitch_of_frame, pitch(parabola)),
        (checks.pause_seconds, pauses),
    ],
)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    for _ in range(20):  # cases are drawn anew each time
        assert check(right)
        assert "right, on 8" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", np.zeros(2), -1.0):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet. One case" in capsys.readouterr().out


def test_the_frames_of_the_oracle_are_what_they_claim():
    """Two periods fit best, one fits nearly as well, and the first peak of all is neither."""
    for seed in range(200):
        r = _repeating(np.random.default_rng(seed), 0.9)
        period = np.random.default_rng(seed).uniform(58, 110)
        assert r[0] == 1 and r[1:].max() <= 0.9
        assert abs(pick(r, 26) - period) < 1
        assert highest(r, 26) > 1.9 * period
    for seed in range(20):
        assert 0 < _repeating(np.random.default_rng(seed), 0.3)[1:].max() <= 0.3


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (pitch(lambda r, _: r.argmax()), "lag 0"),
        (pitch(lambda r, _: r.argmax(), unvoiced=None), "lag 0"),
        (pitch(lambda r, first: first + r[first:].argmax()), "octave too low"),
        (pitch(highest), "octave too low"),
        (pitch(highest, unvoiced=None), "octave too low"),
        (pitch(highest, unvoiced=0), "octave too low"),
        (pitch(lambda r, first: peaks(r, first)[0]), "first peak of all"),
        (pitch(unit=lambda lag, rate: lag), "samples"),
        (pitch(unit=lambda lag, rate: lag, unvoiced=None), "samples"),
        (pitch(unit=lambda lag, rate: lag / rate), "seconds"),
        (pitch(unvoiced=None), "has a highest peak, too"),
        (pitch(unvoiced=0), "0 Hz would spoil"),
        (pitch(lambda r, first: pick(r, first) - first), "add what you cut off"),
        (pitch(unit=lambda lag, rate: 1.1 * rate / lag), "not yet. One case"),
    ],
)
def test_known_mistakes_in_pitch_are_named(wrong, hint, capsys):
    assert not checks.pitch_of_frame(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize("slip", [-1, 1])
def test_a_pitch_from_the_next_lag_does_not_pass(slip):
    def slipped(r, rate, shortest):
        return rate / (rate / pitch()(r, rate, shortest) + slip)

    assert not any(checks.pitch_of_frame(slipped) for _ in range(5))


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda heard, step: np.sum(~heard) * step, "all silence"),
        (lambda heard, step: sum(gaps(heard)) * step, "below 0.15 s"),
        (lambda heard, step: pauses(np.r_[True, heard, True], step), "before the first"),
        (lambda heard, step: pauses(heard, step) / step, "frames"),
        (lambda heard, step: sum(n >= 15 for n in gaps(heard)), "how many"),
        (lambda heard, step: max(gaps(heard)) * step, "longest"),
        (lambda heard, step: np.mean([n for n in gaps(heard) if n >= 15]) * step, "mean"),
        (lambda heard, step: pauses(heard, step) / np.ptp(np.flatnonzero(heard)), "not yet"),
        (lambda heard, step: sum((n + 1) * step for n in gaps(heard) if n >= 15), "too long"),
        (
            lambda heard, step: pauses(heard, step) / ((np.ptp(np.flatnonzero(heard)) + 1) * step),
            "a share",
        ),
    ],
)
def test_known_mistakes_in_pauses_are_named(wrong, hint, capsys):
    assert not checks.pause_seconds(wrong)
    assert hint in capsys.readouterr().out
