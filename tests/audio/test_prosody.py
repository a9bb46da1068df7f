"""Prosody against closed forms, librosa, the puppets' truth and sounds made for the purpose."""

from itertools import pairwise

import librosa
import numpy as np
import pandas as pd
import pytest
from scipy.signal.windows import hann

from emolib import audio, corpora
from emolib.corpora import puppets as puppet_corpus

RATE = 16000
VOWELS = {"ɪ", "ɑɹ", "ɔ", "aɪ", "ə", "ɔɹ", "ɑ"}


def tone(hz=220.0, seconds=1.0, amplitude=0.3, rate=RATE):
    time = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def voice(hz, seconds, rate=RATE, harmonics=12):
    """A buzz: harmonics that fall by 6 dB an octave, as in a voice, below half the rate."""
    time = np.arange(round(seconds * rate)) / rate
    numbers = [k for k in range(1, harmonics + 1) if k * hz < rate / 2]
    return 0.2 * sum(np.sin(2 * np.pi * k * hz * time) / k for k in numbers).astype(np.float32)


@pytest.fixture(scope="module")
def puppets():
    """Voices of all emotions with their truth: what ``read_truth`` gives, without the face."""
    table = corpora.load("puppets").iloc[5::59]
    assert set(table["voice_shows"]) == set(corpora.EMOTIONS)
    return [puppet_corpus.speak(row) for _, row in table.iterrows()]


def test_frames_begin_where_they_must():
    signal = np.linspace(-1, 1, 100, dtype=np.float32)
    frames = audio.frame(signal, 30, 20)
    assert frames.shape == (4, 30)  # 80 to 110 would be one too many
    for k, one in enumerate(frames):
        np.testing.assert_array_equal(one, signal[20 * k : 20 * k + 30])
    centred = audio.frame(signal, 30, 20, center=True)
    assert centred.shape == (6, 30)
    assert not centred[0, :15].any()
    np.testing.assert_array_equal(centred[:5, 15], signal[::20])


def test_zero_crossings_are_counted_over_the_steps():
    assert audio.zero_crossing_rate(tone(440)) == pytest.approx(2 * 440 / RATE, rel=0.01)
    noise = np.random.default_rng(0).normal(size=2000) / 4
    found = audio.zero_crossing_rate(audio.frame(noise, 512, 256))
    for k, rate in enumerate(found):
        one = noise[256 * k : 256 * k + 512].tolist()
        crossed = sum(a * b < 0 for a, b in pairwise(one))
        assert rate == pytest.approx(crossed / 511)
    assert audio.zero_crossing_rate(np.array([1.0, -1.0] * 8)) == 1


def test_the_printed_signs_give_half_the_rate():
    noise = np.random.default_rng(1).normal(size=4000) / 4
    usual = audio.zero_crossing_rate(noise)
    assert audio.zero_crossing_rate(noise, signs=(0, 1)) == pytest.approx(usual / 2)


def test_energy_is_the_root_mean_square():
    assert audio.energy(tone(amplitude=0.4)) == pytest.approx(0.4 / np.sqrt(2), rel=1e-3)
    noise = np.random.default_rng(2).normal(size=8000).astype(np.float32) / 4
    ours = audio.energy(audio.frame(noise, 512, 128))
    np.testing.assert_allclose(
        ours,
        librosa.feature.rms(y=noise, frame_length=512, hop_length=128, center=False)[0],
        rtol=1e-5,
    )


def test_autocorrelation_is_the_sum_of_the_mended_equation():
    rng = np.random.default_rng(3)
    frames = rng.normal(size=(3, 101)) / 4
    found = audio.autocorrelation(frames, 60)
    assert found.shape == (3, 61)
    for x, r in zip(frames, found, strict=True):
        np.testing.assert_allclose(r, np.correlate(x, x, "full")[100:161] / 101, atol=1e-6)


@pytest.mark.parametrize(("hz", "amplitude", "noise"), [(125, 0.4, 0.0), (310, 0.8, 0.1)])
def test_the_estimates_mean_is_that_of_the_mended_equation(hz, amplitude, noise):
    """Over 4,000 random phases, within five standard errors at every lag."""
    rng = np.random.default_rng(4)
    n, omega, lag = 400, 2 * np.pi * hz / RATE, np.arange(200)
    phase = rng.uniform(0, 2 * np.pi, (4000, 1))
    drawn = amplitude * np.cos(omega * np.arange(n) + phase) + noise * rng.normal(size=(4000, n))
    found = audio.autocorrelation(drawn, 199).astype(float)
    expected = audio.expected_autocorrelation(lag, omega, n, amplitude) + noise**2 * (lag == 0)
    error = found.std(axis=0) / np.sqrt(4000)
    assert (np.abs(found.mean(axis=0) - expected) < 5 * error + 1e-6).all()
    # Without the bias, or with the printed cosine of a constant, the fit is lost.
    unbiased = amplitude**2 / 2 * np.cos(omega * lag)
    printed = amplitude**2 / 2 * (1 - lag / n) * np.cos(omega * n)
    for other in (unbiased, printed):
        assert (np.abs(found.mean(axis=0) - other) > 20 * error + 1e-6).any()


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
@pytest.mark.parametrize("hz", [70, 123.4, 220, 415, 590])
def test_pitch_of_a_sinusoid_and_of_a_buzz(hz, rate):
    for sound in (tone(hz, rate=rate), voice(hz, 1.0, rate)):
        f0, strength = audio.autocorrelation_pitch(sound, rate)
        assert len(f0) == len(strength) == 1 + rate // round(0.01 * rate)
        inner = f0[5:-5]
        assert not np.isnan(inner).any()
        assert np.abs(inner / hz - 1).max() < 0.01
        assert strength[5:-5].min() > 0.9


def test_pitch_does_not_fall_an_octave_nor_hear_a_missing_one_higher():
    odd = sum(tone(150 * k, amplitude=0.1) for k in (2, 3, 4, 5))  # no fundamental
    assert np.nanmedian(audio.autocorrelation_pitch(odd, RATE)[0]) == pytest.approx(150, rel=0.01)
    f0 = audio.autocorrelation_pitch(voice(400, 1.0), RATE)[0]  # 200, 133 and 100 Hz fit as well
    assert np.nanmax(f0) < 410 and np.nanmin(f0) > 390


def test_frame_k_is_the_pitch_at_k_hops():
    time = np.arange(2 * RATE) / RATE
    glide = 0.3 * np.sin(2 * np.pi * (100 * time + 50 * time**2))  # 100 to 300 Hz
    for hop in (80, 160, 400):
        f0 = audio.autocorrelation_pitch(glide, RATE, hop_length=hop)[0]
        at = np.arange(len(f0)) * hop / RATE
        inner = (at > 0.1) & (at < 1.9)
        np.testing.assert_allclose(f0[inner], 100 + 100 * at[inner], rtol=0.01)


def test_noise_is_not_voiced_and_a_click_hides_no_voice():
    noise = np.random.default_rng(5).normal(size=RATE).astype(np.float32) / 10
    assert np.isnan(audio.autocorrelation_pitch(noise, RATE)[0]).all()
    quiet = 0.02 * voice(180, 1.0)
    click = quiet.copy()
    click[8000:8200] += 0.9
    assert np.mean(~np.isnan(audio.autocorrelation_pitch(click, RATE)[0])) > 0.8
    assert np.mean(audio.speaking(audio.level(click, RATE))) > 0.9


def test_clipping_and_an_offset_leave_the_pitch():
    buzz = 4 * voice(180, 1.0)
    for changed in (np.clip(buzz, -0.3, 0.3), buzz / 4 + 0.5):
        f0 = audio.autocorrelation_pitch(changed, RATE)[0]
        np.testing.assert_allclose(f0[5:-5], 180, rtol=0.01)


def test_pitch_against_the_puppets_truth(puppets):
    """The median error of every clip, octaves over all of them, and both kinds of miss."""
    wrong, found, false = [], [], []
    for truth in puppets:
        f0 = audio.autocorrelation_pitch(truth.signal, RATE)[0]
        assert len(f0) == len(truth.f0)
        voiced = ~np.isnan(f0)
        both = voiced & truth.voiced
        error = np.abs(f0[both] / truth.f0[both] - 1)
        assert np.median(error) < 0.03
        wrong.append(error > 0.2)
        found.append(voiced[truth.voiced])
        false.append(voiced[~truth.voiced])
    assert np.mean(np.concatenate(wrong)) < 0.03
    assert np.mean(np.concatenate(found)) > 0.7
    assert np.mean(np.concatenate(false)) < 0.05


def test_pitch_against_pyin_on_real_voices(shared_data):
    """91 % of commonly voiced frames agree within 5 % on 24 clips; here are two of them."""
    table = corpora.load("ravdess", shared_data / "ravdess").set_index("clip", drop=False)
    agree = []
    for clip in ("01-02-01-01-01-12", "01-05-01-01-02-03"):
        signal, rate = corpora.read_audio(table.loc[clip], RATE)
        given = {"fmin": 65, "fmax": 600, "frame_length": 1024, "hop_length": 160}
        theirs = librosa.pyin(signal, sr=rate, **given)[0]
        ours = audio.autocorrelation_pitch(signal, rate)[0][: len(theirs)]
        both = ~np.isnan(ours) & ~np.isnan(theirs)
        assert both.sum() > 0.5 * (~np.isnan(theirs)).sum()
        agree.append(np.abs(ours[both] / theirs[both] - 1) < 0.05)
    assert np.mean(np.concatenate(agree)) > 0.85


def test_level_is_energy_in_decibels():
    found = audio.level(tone(amplitude=0.5), RATE)
    assert len(found) == 101
    offset = audio.level(tone(amplitude=0.5) + 0.4, RATE)
    np.testing.assert_allclose(offset[5:-5], found[5:-5], atol=0.05)
    np.testing.assert_allclose(found[5:-5], 20 * np.log10(0.5 / np.sqrt(2)), atol=0.1)
    np.testing.assert_allclose(
        audio.level(tone(amplitude=0.05), RATE)[5:-5], found[5:-5] - 20, atol=1e-3
    )


def bursts(n, seconds, gap, lead=0.4):
    """Voiced syllables, each a swell and a fall, with silence between."""
    swell = hann(round(seconds * RATE)) ** 0.5
    one = voice(140, seconds) * swell
    silence = np.zeros(round(gap * RATE))
    edge = np.zeros(round(lead * RATE))
    parts = [edge, *[part for k in range(n) for part in ((silence, one) if k else (one,))], edge]
    noise = np.random.default_rng(n).normal(size=sum(map(len, parts)))
    return (np.concatenate(parts) + 1e-5 * noise).astype(np.float32)


@pytest.mark.parametrize("n", [2, 5, 9])
def test_syllables_and_pauses_of_bursts_are_counted(n):
    signal = bursts(n, 0.16, 0.30)
    found = audio.syllable_nuclei(signal, RATE)
    np.testing.assert_allclose(found, 0.4 + 0.08 + 0.46 * np.arange(n), atol=0.02)
    gaps = audio.pauses(signal, RATE)
    assert gaps.shape == (n - 1, 2)
    np.testing.assert_allclose(gaps[:, 0], 0.4 + 0.16 + 0.46 * np.arange(n - 1), atol=0.04)
    np.testing.assert_allclose(np.diff(gaps)[:, 0], 0.30, atol=0.06)
    middle = 0.4 + 0.16 + 0.15 + 0.46 * np.arange(n - 1)
    np.testing.assert_allclose(gaps.mean(axis=1), middle, atol=0.015)
    assert audio.speech_rate(signal, RATE) == pytest.approx(n / (0.46 * n - 0.30), rel=0.05)


@pytest.mark.parametrize(("depth", "syllables"), [(1.0, 1), (4.0, 2)])
def test_a_dip_of_two_decibels_parts_syllables(depth, syllables):
    time = np.arange(round(0.6 * RATE)) / RATE
    swell = np.sin(np.pi * time / 0.6) ** 0.5 * 10 ** (
        -depth / 20 * np.exp(-(((time - 0.3) / 0.05) ** 2))
    )
    edge = np.zeros(RATE // 4)
    signal = np.concatenate([edge, voice(140, 0.6) * swell, edge])
    assert len(audio.syllable_nuclei(signal, RATE)) == syllables


def test_a_closed_mouth_is_no_pause():
    signal = bursts(4, 0.16, 0.10)
    assert len(audio.pauses(signal, RATE)) == 0
    assert len(audio.pauses(signal, RATE, least=0.05)) == 3
    assert len(audio.syllable_nuclei(signal, RATE)) == 4


def test_speech_begins_ends_and_counts_as_the_puppets_truth_says(puppets):
    rates, truths = [], []
    for truth in puppets:
        at = np.flatnonzero(audio.speaking(audio.level(truth.signal, RATE))) * 0.01
        begin, end = truth.phonemes[0][2], truth.phonemes[-1][1]
        assert abs(at[0] - begin) < 0.08 and abs(at[-1] - end) < 0.08
        assert len(audio.pauses(truth.signal, RATE)) == 0  # nobody stops within these sentences
        vowels = sum(symbol in VOWELS for symbol, _, _ in truth.phonemes)
        rates.append(audio.speech_rate(truth.signal, RATE))
        truths.append(vowels / (end - begin))
    error = np.abs(np.array(rates) / truths - 1)
    assert np.median(error) < 0.1
    assert np.mean(error < 0.25) > 0.7


def test_prosody_says_what_was_put_in():
    signal = bursts(5, 0.3, 0.25)
    found = dict(zip(audio.PROSODY, audio.prosody(signal, RATE), strict=True))
    assert found["f0_median"] == pytest.approx(12 * np.log2(1.4), abs=0.1)
    assert found["f0_range"] < 0.1
    span = 5 * 0.3 + 4 * 0.25
    assert found["speech_rate"] == pytest.approx(5 / span, rel=0.05)
    assert found["pause_share"] == pytest.approx(1 / span, abs=0.05)
    louder = dict(zip(audio.PROSODY, audio.prosody(2 * signal, RATE), strict=True))
    assert louder["level"] - found["level"] == pytest.approx(20 * np.log10(2), abs=0.01)
    for name in set(audio.PROSODY) - {"level"}:
        assert louder[name] == pytest.approx(found[name], rel=1e-4, abs=1e-4)


def test_prosody_ignores_an_offset_and_silence_around(puppets):
    signal, rate = puppets[0].signal, RATE
    found = audio.prosody(signal, rate)
    np.testing.assert_allclose(audio.prosody(signal + 0.3, rate), found, rtol=0.02, atol=0.02)
    edge = 1e-4 * np.random.default_rng(6).normal(size=rate).astype(np.float32)
    padded = audio.prosody(np.concatenate([edge, signal, edge]), rate)
    np.testing.assert_allclose(padded, found, rtol=0.02, atol=0.02)


def test_whispering_has_no_pitch_and_silence_no_prosody():
    noise = np.random.default_rng(7).normal(size=RATE).astype(np.float32) / 10
    found = dict(zip(audio.PROSODY, audio.prosody(noise, RATE), strict=True))
    assert np.isnan(found["f0_median"]) and np.isnan(found["f0_range"])
    assert found["speech_rate"] == 0
    assert np.isfinite([found["level"], found["zero_crossings"]]).all()
    with pytest.raises(ValueError, match="silent"):
        audio.prosody(np.zeros(RATE), RATE)


def test_a_table_is_described_in_its_order_and_once(tmp_path):
    table = corpora.load("puppets").iloc[[700, 3, 41]]
    found = audio.prosody_table(table, cache=tmp_path)
    assert list(found.columns) == list(audio.PROSODY)
    pd.testing.assert_index_equal(found.index, table.index)
    signal, rate = corpora.read_audio(table.iloc[1])
    np.testing.assert_allclose(found.iloc[1], audio.prosody(signal, rate))
    assert len(list(tmp_path.iterdir())) == 3
    pd.testing.assert_frame_equal(audio.prosody_table(table, cache=tmp_path), found)
