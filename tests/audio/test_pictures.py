"""Six pictures of sounds whose answer is known, and against librosa."""

import functools

import librosa
import numpy as np
import pytest

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
