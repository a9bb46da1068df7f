"""Six pictures of sounds whose answer is known, and against librosa."""

import functools

import librosa
import numpy as np
import pytest
import scipy.signal

from emolib import audio, corpora

RATE = 16000


def tone(hz, seconds=1.0, amplitude=0.3, rate=RATE):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(seconds * rate) / rate)).astype("f4")


def row_of(column):
    return int(np.flatnonzero(column).mean())


@pytest.fixture(scope="module")
def clip():
    return corpora.read_audio(corpora.load("puppets").iloc[250])


@pytest.mark.parametrize("kind", audio.KINDS)
@pytest.mark.parametrize("size", [(128, 128), (48, 200), (300, 31)])
def test_every_picture_has_the_size_and_the_range(clip, kind, size):
    found = audio.picture(*clip, kind, size)
    assert (found.shape, found.dtype) == (size, np.float32)
    assert found.min() >= 0 and found.max() <= 1
    assert found.std() > 0.05  # something is drawn
    np.testing.assert_allclose(audio.picture(clip[0] / 3, clip[1], kind, size), found, atol=0.02)


def test_numbers_are_librosas(clip):
    signal, rate = clip
    f = librosa.feature
    expected = {
        "spectral centroid": f.spectral_centroid(y=signal, sr=rate)[0],
        "spectral bandwidth": f.spectral_bandwidth(y=signal, sr=rate)[0],
        "chromagram": f.chroma_stft(y=signal, sr=rate, tuning=0.0),
        "spectrogram": librosa.amplitude_to_db(np.abs(librosa.stft(signal)), ref=np.max),
        "mel spectrogram": librosa.power_to_db(f.melspectrogram(y=signal, sr=rate), ref=np.max),
    }
    for kind, numbers in expected.items():
        found = audio.representation(signal, rate, kind)
        np.testing.assert_allclose(found, numbers, rtol=2e-3, atol=5e-3, err_msg=kind)
    np.testing.assert_array_equal(audio.representation(signal, rate, "waveform"), signal)


@pytest.mark.parametrize(("hz", "note"), [(440, "A"), (261.63, "C"), (1479.98, "F#")])
def test_a_tone_stands_where_it_must(hz, note):
    signal = tone(hz)
    spectrogram = audio.picture(signal, RATE, "spectrogram", (100, 60))
    assert abs(spectrogram[:, 30].argmax() + 0.5 - 100 * hz / 8000) < 1.5
    centroid = audio.picture(signal, RATE, "spectral centroid", (201, 60))
    assert abs(row_of(centroid[:, 30]) - 200 * hz / 8000) < 2
    chroma = audio.picture(signal, RATE, "chromagram", (12, 60))
    names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    assert names[chroma[:, 30].argmax()] == note
    assert spectrogram[:, 30].max() > 0.9  # narrow, and not lost
    mel = audio.picture(signal, RATE, "mel spectrogram", (128, 60))
    share = librosa.hz_to_mel(hz) / librosa.hz_to_mel(8000)
    assert abs(mel[:, 30].argmax() - 128 * share) < 2


def test_a_waveform_fills_from_its_least_to_its_largest():
    signal = np.concatenate([tone(200, 0.5, 0.2), tone(200, 0.5, 0.8)])
    found = audio.picture(signal, RATE, "waveform", (101, 50))
    rows = [np.flatnonzero(found[:, k]) for k in (10, 40)]
    assert (rows[1].min(), rows[1].max()) == (0, 100)  # the peak fills the height
    assert abs(rows[0].min() - 37.5) < 2 and abs(rows[0].max() - 62.5) < 2  # a quarter of it
    assert all(len(r) == r.max() - r.min() + 1 for r in rows)


def test_a_curve_has_no_holes_between_its_columns(clip):
    found = audio.picture(*clip, "spectral centroid", (400, 60))
    assert found.any(axis=0).all()
    for left, right in zip(found.T[:-1], found.T[1:], strict=True):
        assert np.flatnonzero(right).min() <= np.flatnonzero(left).max() + 1
        assert np.flatnonzero(left).min() <= np.flatnonzero(right).max() + 1


def test_the_end_of_the_sound_is_the_end_of_the_picture():
    signal = np.concatenate([np.zeros(3 * RATE // 4, np.float32), tone(1000, 0.25)])
    found = audio.picture(signal, RATE, "spectrogram", (64, 80)).max(axis=0)
    assert (found[:54] == 0).all() and (found[68:] > 0.9).all()


def test_silence_is_an_empty_picture():
    for kind in audio.KINDS[3:]:
        assert not audio.picture(np.zeros(RATE), RATE, kind).any()
    for kind in audio.KINDS[:3]:  # a line in one row
        found = audio.picture(np.zeros(RATE), RATE, kind)
        assert found.any(axis=1).sum() == 1


def test_an_unknown_picture_or_size_is_refused(clip):
    with pytest.raises(ValueError, match="'sonogram' is none of waveform, spectral centroid"):
        audio.picture(*clip, "sonogram")
    with pytest.raises(ValueError, match="height and a width of 2 pixels or more"):
        audio.picture(*clip, "waveform", (128, 1))


def test_a_table_becomes_one_array_and_the_cache_knows_the_kind(tmp_path):
    table = corpora.load("puppets").iloc[[5, 900]]
    mel = functools.partial(audio.picture, kind="mel spectrogram", size=(32, 48))
    first = audio.feature_table(table, mel, RATE, None, cache=tmp_path)
    assert first.shape == (2, 32, 48)
    signal, _ = corpora.read_audio(table.iloc[1])
    np.testing.assert_array_equal(
        first[1], audio.picture(signal, RATE, "mel spectrogram", (32, 48))
    )
    again = functools.partial(audio.picture, size=(32, 48), kind="mel spectrogram")
    np.testing.assert_array_equal(
        audio.feature_table(table, again, RATE, None, cache=tmp_path), first
    )
    assert len(list(tmp_path.iterdir())) == 2
    other = functools.partial(audio.picture, kind="spectrogram", size=(32, 48))
    assert not np.array_equal(audio.feature_table(table, other, RATE, None, cache=tmp_path), first)
    assert len(list(tmp_path.iterdir())) == 4


def test_parts_of_the_spectrogram_are_scipys_and_cover_the_clip(clip):
    signal, rate = clip
    parts = audio.spectrogram_parts(signal, rate)
    assert (parts.shape, parts.dtype) == ((6, 257, 100), np.float32)
    assert abs(parts.mean()) < 1e-3 and abs(parts.std() - 1) < 1e-3
    _, _, spectrum = scipy.signal.stft(
        signal, rate, scipy.signal.get_window("hamming", 512), 512, 512 - 160, padded=False
    )
    level = 20 * np.log10(np.maximum(np.abs(spectrum), 1e-9))
    last = level.shape[1] - 100
    for k, begin in ((0, 0), (5, last)):
        expected = level[:, begin : begin + 100]
        loud = expected > level.max() - 70
        # Standardising leaves a straight line between theirs and ours.
        slope, shift = np.polyfit(expected[loud], parts[k][loud], 1)
        np.testing.assert_allclose(parts[k][loud], slope * expected[loud] + shift, atol=0.02)


def test_a_tone_and_a_click_stand_where_they_must():
    signal = tone(1000, seconds=3.0)
    assert (audio.spectrogram_parts(signal, RATE).argmax(axis=1) == 32).mean() > 0.97
    signal = 1e-3 * np.random.default_rng(0).normal(size=3 * RATE).astype(np.float32)
    signal[2 * RATE] = 1.0  # in column 200: parts begin at 0, 40 … 200 of 301 columns
    loudest = audio.spectrogram_parts(signal, RATE).mean(axis=1)
    for part, begin in enumerate(np.rint(np.linspace(0, 201, 6)).astype(int)):
        if begin + 3 <= 200 < begin + 97:
            assert abs(begin + loudest[part].argmax() - 200) <= 1


def test_parts_of_short_silent_and_sized_sounds():
    short = audio.spectrogram_parts(tone(500, seconds=0.4), RATE)
    assert (short == short[0]).all() and short[0, 16, 20] > 1 > short[0, 16, 80]
    assert not audio.spectrogram_parts(np.zeros(RATE, np.float32), RATE).any()
    sized = audio.spectrogram_parts(tone(2000, 2.0), RATE, 3, (64, 32))
    assert sized.shape == (3, 64, 32) and abs(sized[1, :, 16].argmax() - 16) <= 1
    with pytest.raises(ValueError, match="take 1 or more"):
        audio.spectrogram_parts(tone(500), RATE, 0)


def test_a_quiet_part_stays_quiet():
    signal = np.concatenate([tone(500, 3.0, 0.01), tone(500, 3.0, 0.5)])
    parts = audio.spectrogram_parts(signal, RATE)
    assert parts[0].max() < parts[5].max() - 1
