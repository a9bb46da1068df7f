"""Functionals against pandas, SciPy and librosa, and on sounds whose contours are known."""

import librosa
import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress

from emolib.audio import contours, functionals
from emolib.corpora import load, read_audio

RATE = 16_000
LEVEL, CROSSINGS, STRENGTH, PITCH = range(20, 24)
STATISTICS = ("mean", "deviation", "5", "25", "50", "75", "95", "slope")
RHYTHM = ("seconds", *(f"{which} {what}" for which in ("voiced", "silent") for what in "snmdl"))


def named(vector):
    """Lay the vector out as its docstring says."""
    values, changes = vector[:192].reshape(8, 24), vector[192:384].reshape(8, 24)
    parts = {name: values[k] for k, name in enumerate(STATISTICS)}
    parts |= {f"change {name}": changes[k] for k, name in enumerate(STATISTICS)}
    names = ("voiced mean", "voiced deviation", "unvoiced mean", "unvoiced deviation")
    parts |= dict(zip(names, vector[384:480].reshape(4, 24), strict=True))
    return parts | dict(zip(RHYTHM, vector[480:], strict=True))


def voice(hertz, rate=RATE, amplitude=0.3):
    """Sum five harmonics of a pitch that is given sample by sample."""
    phase = 2 * np.pi * np.cumsum(hertz) / rate
    return (amplitude * sum(np.sin(k * phase) / k for k in range(1, 6)) / 2).astype("f4")


@pytest.fixture(scope="module")
def speech():
    row = load("puppets").iloc[7]
    return read_audio(row, RATE)[0]


def test_statistics_are_those_of_pandas_and_scipy(speech):
    values, voiced, heard = contours(speech, RATE)
    first, last = np.flatnonzero(heard)[[0, -1]]
    spoken = pd.DataFrame(values.T[first : last + 1])
    changes = pd.DataFrame(librosa.feature.delta(values, mode="nearest").T[first : last + 1])
    assert first > 4, "librosa's first deltas are another matter"
    found = named(functionals(speech, RATE))
    for prefix, table in (("", spoken), ("change ", changes)):
        oracle = table.describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95]).T
        tolerance = {"rtol": 2e-3, "atol": 2e-3}  # deltas are float32
        np.testing.assert_allclose(found[f"{prefix}mean"], oracle["mean"], **tolerance)
        np.testing.assert_allclose(found[f"{prefix}deviation"], table.std(ddof=0), **tolerance)
        for share in (5, 25, 50, 75, 95):
            np.testing.assert_allclose(found[f"{prefix}{share}"], oracle[f"{share}%"], **tolerance)
        lines = [linregress(0.01 * np.arange(len(table)), table[k]).slope for k in table]
        np.testing.assert_allclose(found[f"{prefix}slope"], lines, rtol=1e-2, atol=1e-2)
    own = spoken[voiced[first : last + 1]]
    np.testing.assert_allclose(found["voiced mean"], own.mean(), rtol=1e-6)
    np.testing.assert_allclose(found["voiced deviation"], own.std(ddof=0), rtol=1e-6, atol=1e-9)
    others = spoken[~voiced[first : last + 1]]
    np.testing.assert_allclose(found["unvoiced mean"], others.mean(), rtol=1e-6)


def test_the_contours_are_librosas_mfcc_and_the_known_pitch():
    hertz = np.full(RATE, 200.0)
    values, voiced, heard = contours(voice(hertz), RATE)
    oracle = librosa.feature.mfcc(
        y=voice(hertz), sr=RATE, n_mfcc=20, n_fft=512, hop_length=160, n_mels=40
    )
    np.testing.assert_allclose(values[:20], oracle, atol=0.05)
    assert values.shape == (24, 101) and heard[5:-5].all() and voiced[5:-5].all()
    np.testing.assert_allclose(values[PITCH, 5:-5], 12, atol=0.05)  # an octave above 100 Hz
    assert (values[STRENGTH, 5:-5] > 0.95).all()


def test_a_pitch_that_climbs_an_octave_a_second_has_the_slope_12():
    rising = named(functionals(voice(100 * 2 ** (np.arange(2 * RATE) / RATE)), RATE))
    assert rising["slope"][PITCH] == pytest.approx(12, rel=0.02)
    assert rising["change 50"][PITCH] == pytest.approx(0.12, rel=0.02)  # a frame of 10 ms
    falling = named(functionals(voice(400 * 2 ** (-np.arange(2 * RATE) / RATE)), RATE))
    assert falling["slope"][PITCH] == pytest.approx(-12, rel=0.02)


def test_half_the_amplitude_is_6_dB_less_and_nothing_else_in_prosody(speech):
    loud, soft = named(functionals(speech, RATE)), named(functionals(speech / 2, RATE))
    assert loud["mean"][LEVEL] - soft["mean"][LEVEL] == pytest.approx(20 * np.log10(2), abs=0.2)
    for name in ("mean", "deviation", "50"):
        for contour in (CROSSINGS, STRENGTH, PITCH):
            assert soft[name][contour] == pytest.approx(loud[name][contour], abs=0.01)


def test_silences_are_counted_and_those_around_speech_are_not():
    rng = np.random.default_rng(0)
    burst = voice(np.full(int(0.4 * RATE), 150.0))
    gaps = [0.001 * rng.normal(size=int(s * RATE)).astype("f4") * 0.1 for s in (0.2, 0.5, 1.0)]
    clip = np.concatenate([burst, gaps[0], burst, gaps[1], burst])
    found = named(functionals(clip, RATE))
    # The window of 50 ms hears each burst a little longer than it is.
    assert found["seconds"] == pytest.approx(1.9, abs=0.06)
    assert found["silent n"] * found["seconds"] == pytest.approx(2)
    assert found["silent m"] == pytest.approx(0.35, abs=0.06)
    assert found["silent d"] == pytest.approx(0.15, abs=0.02)
    assert found["silent l"] == pytest.approx(0.5, abs=0.06)
    assert found["silent s"] == pytest.approx(0.7 / 1.9, abs=0.06)
    assert found["voiced n"] * found["seconds"] == pytest.approx(3)
    around = named(functionals(np.concatenate([gaps[2], clip, gaps[2]]), RATE))
    for name in RHYTHM:
        assert around[name] == pytest.approx(found[name], abs=0.06), name
    assert around["mean"][LEVEL] == pytest.approx(found["mean"][LEVEL], abs=1.5)


def test_a_whisper_has_numbers_and_no_voice():
    hiss = 0.1 * np.random.default_rng(1).normal(size=RATE).astype("f4")
    vector = functionals(hiss, RATE)
    found = named(vector)
    assert vector.shape == (491,) and np.isfinite(vector).all()
    assert found["voiced s"] == 0 and not found["voiced mean"].any()
    assert found["mean"][PITCH] == 0


def test_at_22050_Hz_a_second_is_as_long():
    """A step is 220 samples there, not 220.5."""
    n = 22_050 * 8
    found = named(functionals(voice(100 * 2 ** (np.arange(n) / n), 22_050), 22_050))
    assert found["seconds"] == pytest.approx(8, abs=0.011)
    assert found["slope"][PITCH] == pytest.approx(12 / 8, rel=0.001)


@pytest.mark.parametrize(
    ("signal", "message"),
    [
        (np.zeros(RATE, "f4"), "silent"),
        (np.full(RATE, 0.3, "f4"), "silent"),  # an offset is no sound
        (np.ones(800, "f4"), "functionals need 0.1 s, 1600"),
        (np.ones(RATE, int), "floats"),
    ],
)
def test_what_cannot_be_described_is_refused(signal, message):
    with pytest.raises(ValueError, match=message):
        functionals(signal, RATE)
