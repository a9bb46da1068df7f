"""The oracles of notebooks 04 and 05 accept right answers, however written, and name mistakes."""

import librosa
import numpy as np
import pytest
import scipy.fft

from emolib import audio, checks


def bank_of_loops(rate, n_fft, n_mels):
    """Spell out the bank filter by filter, as a reader might."""
    mel = np.linspace(0, 2595 * np.log10(1 + rate / 1400), n_mels + 2)
    points = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.fft.rfftfreq(n_fft, 1 / rate)
    rows = [np.interp(hertz, points[k : k + 3], [0, 1, 0], left=0, right=0) for k in range(n_mels)]
    return np.array(rows)


def librosas_bank(rate, n_fft, n_mels):
    return librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, htk=True, norm=None)


def bank(points=None, hertz=None, spread=1):
    """Spell out a bank with a mistake in its points, its frequencies or its triangles' ends."""

    def function(rate, n_fft, n_mels):
        steps = np.linspace(0, audio.hz_to_mel(rate / 2), n_mels + 2)
        at = audio.mel_to_hz(steps) if points is None else points(rate, n_mels, steps)
        bins = np.fft.rfftfreq(n_fft, 1 / rate) if hertz is None else hertz(rate, n_fft)
        at = np.append(at, at[-1])
        return np.array(
            [
                np.interp(bins, [at[k], at[k + 1], at[k + 1 + spread]], [0, 1, 0], right=0)
                for k in range(n_mels)
            ]
        )

    return function


def scipys_dct(level, n_mfcc):
    return scipy.fft.dct(level, norm="ortho")[:n_mfcc]


def dct(first=0, m=lambda n: np.arange(n) + 0.5, scale=lambda n: np.sqrt(2 / n), row_0=0.5**0.5):
    """Spell out a cosine transform row by row; other arguments make mistakes."""

    def function(level, n_mfcc):
        size = len(level)
        rows = [
            sum(level * np.cos(np.pi * n * m(size) / size)) * scale(size) * (1 if n else row_0)
            for n in range(first, first + n_mfcc)
        ]
        return np.array(rows)

    return function


def semitone_by_semitone(semitones):
    return np.exp(semitones * np.log(2) / 12)


def noisy(factor):
    return lambda signal, noise, snr_db: signal + factor(signal, noise, snr_db) * noise


def rms(x):
    return np.sqrt(np.mean(x**2))


def by_rms(signal, noise, snr_db):
    return rms(signal) / rms(noise) / 10 ** (snr_db / 20)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.mel_filters, bank_of_loops),
        (checks.mel_filters, librosas_bank),
        (checks.cosine_transform, scipys_dct),
        (checks.cosine_transform, dct()),
        (checks.pitch_factor, semitone_by_semitone),
        (checks.add_noise, noisy(by_rms)),
    ],
)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    for _ in range(5):  # cases are drawn anew each time
        assert check(right)
        assert "right, on" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", 3.0, np.zeros(2)):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet. One case" in capsys.readouterr().out


def rounded(rate, n_fft, n_mels):
    """The recipe of many tutorials: points as whole numbers of the transform."""
    points = audio.mel_to_hz(np.linspace(0, audio.hz_to_mel(rate / 2), n_mels + 2))
    at = np.floor((n_fft + 1) * points / rate).astype(int)
    out = np.zeros((n_mels, n_fft // 2 + 1))
    for j, (low, middle, high) in enumerate(zip(at, at[1:], at[2:], strict=False)):
        for k in range(low, middle):
            out[j, k] = (k - low) / (middle - low)
        for k in range(middle, min(high, n_fft // 2 + 1)):
            out[j, k] = (high - k) / (high - middle)
    return out


WRONG_BANKS = [
    (bank(lambda rate, n, mel: np.linspace(0, rate / 2, n + 2)), "equal steps of Hz"),
    (
        lambda rate, n_fft, n: librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n, norm=None),
        "Slaney's scale",
    ),
    (bank(lambda rate, n, mel: mel), "Those points are mel"),
    (bank(spread=2), "ends at the end of the next"),
    (
        bank(
            lambda rate, n, mel: mel, lambda rate, n: audio.hz_to_mel(np.fft.rfftfreq(n, 1 / rate))
        ),
        "straight in mel",
    ),
    (rounded, "rounded to whole numbers"),
    (bank(hertz=lambda rate, n: np.arange(1, n // 2 + 2) * rate / n), "the first is 0 Hz"),
    (bank(hertz=lambda rate, n: np.arange(n) * rate / n), "mirror image"),
    (bank(hertz=lambda rate, n: np.arange(n // 2) * rate / n), "half the rate, is missing"),
    (
        lambda rate, n_fft, n: librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n, htk=True),
        "area 1",
    ),
    (
        bank(lambda rate, n, _: audio.mel_to_hz(np.linspace(0, audio.hz_to_mel(rate), n + 2))),
        "not to the rate",
    ),
    (bank(lambda rate, n, _: audio.mel_to_hz(np.linspace(0, rate / 2, n + 2))), "not converted"),
    (lambda *case: bank_of_loops(*case).T, "turn it round"),
    (lambda *case: 0.9 * bank_of_loops(*case), "not yet. One case"),
]


def test_triangles_that_do_not_overlap_are_named(capsys):
    def function(rate, n_fft, n_mels):
        top = audio.hz_to_mel(rate / 2)
        at = audio.mel_to_hz(np.linspace(0, top, 2 * n_mels + 1))
        hertz = np.fft.rfftfreq(n_fft, 1 / rate)
        return np.array(
            [np.interp(hertz, at[k : k + 3], [0, 1, 0]) for k in range(0, 2 * n_mels, 2)]
        )

    assert not checks.mel_filters(function)
    assert "do not overlap" in capsys.readouterr().out


@pytest.mark.parametrize(("wrong", "hint"), WRONG_BANKS)
def test_wrong_filter_banks_are_named(wrong, hint, capsys):
    assert not checks.mel_filters(wrong)
    assert hint in capsys.readouterr().out


WRONG_COSINES = [
    (dct(first=1), "as (2.27) prints it"),
    (dct(m=lambda n: np.arange(1, n + 1)), "The -1/2 is missing"),
    (dct(m=lambda n: np.arange(n) - 0.5), "Counted from 0 it is m + 1/2"),
    (dct(m=np.arange), "has no half"),
    (dct(scale=lambda n: 1, row_0=1), "Nothing is scaled"),
    (lambda level, n: scipy.fft.dct(level)[:n], "SciPy's default"),
    (dct(row_0=1), "Coefficient 0 is too large"),
    (lambda level, n: scipys_dct(level, len(level)), "keep the first n_mfcc"),
    (dct(scale=lambda n: 1 / n, row_0=1), "divides by M"),
    (lambda level, n: scipy.fft.dst(level, norm="ortho")[:n], "not yet. One case"),
]


@pytest.mark.parametrize(("wrong", "hint"), WRONG_COSINES)
def test_wrong_cosines_are_named(wrong, hint, capsys):
    assert not checks.cosine_transform(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda n: 1 + n / 12, "linear"),
        (lambda n: 2.0**n, "doubles at every semitone"),
        (lambda n: 0.5 ** (n / 12), "the inverse"),
        (lambda n: 2 ** (1 / 12) * n, "they do not add up"),
        (lambda n: 2 ** (n / 10), "12 semitones"),
        (lambda n: np.exp(n / 12), "e to the power"),
        (lambda n: n / 12, "Those are octaves"),
        (lambda n: 2 ** (n / 7), "not yet. One case"),
    ],
)
def test_wrong_factors_are_named(wrong, hint, capsys):
    assert not checks.pitch_factor(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda signal, noise, snr_db: signal + noise, "not scaled"),
        (noisy(lambda *case: by_rms(*case) ** 2), "take the root"),
        (noisy(lambda s, n, db: rms(s) / rms(n) / 10 ** (db / 40)), "10 ** (snr_db / 10)"),
        (noisy(lambda s, n, db: max(abs(s)) / rms(n) / 10 ** (db / 20)), "by its peak"),
        (noisy(lambda s, n, db: rms(s) / 10 ** (db / 20)), "noise's power for 1"),
        (noisy(lambda s, n, db: 1 / rms(n) / 10 ** (db / 20)), "signal's power for 1"),
        (noisy(lambda s, n, db: by_rms(s, n, -db)), "wrong way round"),
        (noisy(lambda s, n, db: rms(s) / rms(n) / np.exp(db / 20)), "not the natural one"),
        (lambda s, n, db: by_rms(s, n, db) * n, "the noise alone"),
        (noisy(lambda s, n, db: 0.9 * by_rms(s, n, db)), "not yet. One case"),
    ],
)
def test_wrong_noise_is_named(wrong, hint, capsys):
    assert not checks.add_noise(wrong)
    assert hint in capsys.readouterr().out
