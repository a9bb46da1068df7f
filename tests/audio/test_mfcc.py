"""MFCC, step by step and whole, against librosa, SciPy and closed forms."""

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.signal

from emolib import audio, corpora


@pytest.fixture(scope="module")
def clip():
    return corpora.read_audio(corpora.load("puppets").iloc[77])


def test_pre_emphasis_is_the_filter_of_its_equation(clip):
    signal, _ = clip
    expected = scipy.signal.lfilter([1, -0.97], [1], signal)
    np.testing.assert_allclose(audio.pre_emphasis(signal), expected, atol=1e-6)
    np.testing.assert_array_equal(audio.pre_emphasis(signal, 0.0), signal)
    assert np.abs(audio.pre_emphasis(np.full(9, 0.5))[1:]).max() == pytest.approx(0.015)


def test_the_hamming_window_is_scipys_periodic_one():
    for length in (400, 401):
        np.testing.assert_allclose(
            audio.hamming_window(length), scipy.signal.windows.hamming(length, sym=False)
        )


@pytest.mark.parametrize("htk", [True, False])
def test_mel_is_librosas_and_its_inverse_too(htk):
    hertz = np.linspace(0, 11025, 500)
    mel = audio.hz_to_mel(hertz, htk)
    np.testing.assert_allclose(mel, librosa.hz_to_mel(hertz, htk=htk), rtol=1e-9)
    np.testing.assert_allclose(audio.mel_to_hz(mel, htk), hertz, atol=1e-6)
    if htk:
        assert audio.hz_to_mel(1000) == pytest.approx(1000, abs=0.1)  # the scale's anchor


BANKS = [
    (22050, 2048, {}),
    (16000, 512, {"n_mels": 40, "htk": True, "norm": None}),
    (16000, 400, {"n_mels": 26, "fmin": 20.0, "fmax": 7600.0}),
    (8000, 256, {"n_mels": 20, "htk": True}),
    (44100, 1024, {"n_mels": 40, "norm": None}),
]


@pytest.mark.parametrize(("rate", "n_fft", "given"), BANKS)
def test_the_filter_bank_is_librosas(rate, n_fft, given):
    ours = audio.mel_filterbank(rate, n_fft, **given)
    theirs = librosa.filters.mel(sr=rate, n_fft=n_fft, **given)
    assert (ours.shape, ours.dtype) == (theirs.shape, np.float32)
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * theirs.max())


def test_without_scaling_neighbouring_triangles_add_up_to_one():
    bank = audio.mel_filterbank(16000, 4096, 40, htk=True, norm=None)
    middles = bank.argmax(axis=1)
    np.testing.assert_allclose(bank[:, middles[0] + 1 : middles[-1]].sum(axis=0), 1, atol=1e-5)
    area = audio.mel_filterbank(16000, 4096, 40, htk=True).sum(axis=1) * 16000 / 4096
    np.testing.assert_allclose(area, 1, rtol=0.01)


def test_more_filters_than_frequencies_is_refused():
    with pytest.raises(
        ValueError, match=r"filters lie between .*\(40 Hz apart\).*fewer filters or"
    ):
        audio.mel_filterbank(16000, 400, 128, htk=True)
    with pytest.raises(ValueError, match="filters lie between"):
        audio.mfcc(np.ones(4000, np.float32) / 2, 16000, n_fft=256)


@pytest.mark.parametrize("given", [{"fmin": 5000, "fmax": 4000}, {"fmax": 9000}, {"norm": "area"}])
def test_a_bank_out_of_order_is_refused(given):
    with pytest.raises(ValueError, match=r"fmax <= 8000 Hz"):
        audio.mel_filterbank(16000, 2048, **given)


@pytest.mark.parametrize("center", [True, False])
def test_the_power_spectrogram_is_librosas_and_keeps_the_energy(clip, center):
    signal, _ = clip
    ours = audio.power_spectrogram(signal, 512, 128, "hamming", center)
    theirs = (
        np.abs(librosa.stft(signal, n_fft=512, hop_length=128, window="hamming", center=center))
        ** 2
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-6)
    frames = audio.frame(signal, 512, 128, center) * audio.hamming_window(512)
    both_sides = 2 * ours.sum(axis=0) - ours[0] - ours[-1]
    np.testing.assert_allclose(both_sides / 512, (frames**2).sum(axis=1), rtol=1e-4)  # Parseval


def test_decibels_are_librosas(clip):
    power = audio.mel_spectrogram(*clip)
    np.testing.assert_allclose(audio.decibels(power), librosa.power_to_db(power), atol=1e-4)
    raw = audio.decibels(power, None)
    np.testing.assert_allclose(raw, librosa.power_to_db(power, top_db=None), atol=1e-4)
    assert audio.decibels(np.array([1.0, 0.1, 1e-20]), None) == pytest.approx([0, -10, -100])


def test_the_cosines_are_scipys_and_orthogonal():
    rows = audio.dct_matrix(40, 40)
    np.testing.assert_allclose(rows @ rows.T, np.eye(40), atol=1e-5)
    level = np.random.default_rng(0).normal(size=40)
    np.testing.assert_allclose(
        audio.dct_matrix(13, 40) @ level, scipy.fft.dct(level, norm="ortho")[:13], atol=1e-5
    )
    with pytest.raises(ValueError, match="1 to 40 coefficients, not 41"):
        audio.dct_matrix(41, 40)


SETTINGS = [
    {},
    {"n_mfcc": 20, "n_fft": 512, "hop_length": 160, "n_mels": 40, "htk": True, "norm": None},
    {"n_mfcc": 26, "n_fft": 400, "hop_length": 160, "n_mels": 26, "window": "hamming"},
    {"n_mfcc": 40, "n_fft": 1024, "hop_length": 333, "n_mels": 64, "center": False},
    {"n_mfcc": 13, "n_fft": 2048, "fmin": 50.0, "fmax": 4000.0, "top_db": 80.0},
]


@pytest.mark.parametrize("given", SETTINGS)
@pytest.mark.parametrize("rate", [8000, 16000, 22050])
def test_mfcc_is_librosas(given, rate):
    """Within 0.005 dB. What we call norm, the filters', is mel_norm there."""
    asked = {"n_mfcc": 13, **given}
    asked["fmax"] = min(asked.get("fmax") or rate / 2, rate / 2)
    theirs = {{"norm": "mel_norm"}.get(k, k): v for k, v in asked.items() if k != "top_db"}
    for row in (77, 901):
        signal, _ = corpora.read_audio(corpora.load("puppets").iloc[row], rate)
        expected = librosa.feature.mfcc(y=signal, sr=rate, **theirs)
        found = audio.mfcc(signal, rate, **asked)
        assert (found.shape, found.dtype) == (expected.shape, np.float32)
        assert np.abs(found - expected).max() <= 5e-3


def test_mfcc_of_real_speech_is_librosas(shared_data):
    for _, row in corpora.load("ravdess", shared_data / "ravdess").iloc[::480].iterrows():
        signal, rate = corpora.read_audio(row)
        expected = librosa.feature.mfcc(y=signal, sr=rate, n_mfcc=13)
        assert np.abs(audio.mfcc(signal, rate) - expected).max() <= 5e-3


def test_emphasis_and_louder_do_what_the_steps_say(clip):
    signal, rate = clip
    np.testing.assert_allclose(
        audio.mfcc(signal, rate, emphasis=0.97),
        audio.mfcc(audio.pre_emphasis(signal), rate),
        atol=1e-4,
    )
    quiet, loud = (
        audio.mfcc(signal / 4, rate, top_db=None),
        audio.mfcc(signal / 2, rate, top_db=None),
    )
    heard = quiet[0] > quiet[0].max() - 300  # away from the floor
    np.testing.assert_allclose((loud - quiet)[1:, heard], 0, atol=0.01)
    np.testing.assert_allclose((loud - quiet)[0, heard], np.sqrt(128) * 20 * np.log10(2), atol=0.01)


def test_silence_stands_at_its_floor():
    found = audio.mfcc(np.zeros(8000), 16000)
    np.testing.assert_allclose(found[0], -100 * np.sqrt(128), rtol=1e-5)
    np.testing.assert_allclose(found[1:], 0, atol=1e-3)


@pytest.mark.filterwarnings("ignore:n_fft=2048 is too large")
def test_a_twentieth_of_a_second_is_librosas_too(clip):
    short = clip[0][8000:8800]
    np.testing.assert_allclose(
        audio.mfcc(short, 16000), librosa.feature.mfcc(y=short, sr=16000, n_mfcc=13), atol=5e-3
    )
    with pytest.raises(ValueError, match="800 samples, a frame needs 2048"):
        audio.mfcc(short, 16000, center=False)


@pytest.mark.parametrize("width", [3, 9])
def test_deltas_are_librosas_and_slopes(clip, width):
    features = audio.mfcc(*clip)
    expected = librosa.feature.delta(features, width=width)
    np.testing.assert_allclose(audio.deltas(features, width), expected, atol=1e-3)
    ramp = np.arange(20)[None] * np.array([[0.5], [-2.0]])
    np.testing.assert_allclose(
        audio.deltas(ramp), np.broadcast_to([[0.5], [-2.0]], (2, 20)), rtol=1e-5
    )


@pytest.mark.parametrize("width", [1, 8, 21])
def test_deltas_refuse_a_width_that_does_not_fit(width):
    with pytest.raises(ValueError, match="odd width of 3 or more and as many frames"):
        audio.deltas(np.zeros((13, 20)), width)


def test_a_table_becomes_sequences_each_as_long_as_its_clip(tmp_path):
    table = corpora.load("puppets").iloc[[0, 300, 700]]
    first = audio.feature_sequences(table, audio.mfcc, 16000, cache=tmp_path)
    for row, found in zip(table.iloc, first, strict=True):
        np.testing.assert_array_equal(found, audio.mfcc(*corpora.read_audio(row)))
    assert len({found.shape[1] for found in first}) > 1
    again = audio.feature_sequences(table, audio.mfcc, 16000, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match=r"shapes, from \(13, \d+\) to .*feature_sequences"):
        audio.feature_table(table, audio.mfcc, 16000, None, cache=tmp_path)
