"""The 162 numbers against librosa's own, and the table's cache against what it must notice."""

import os
import subprocess
import sys
import threading
import time

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile

from emolib.audio import audio_features_162, augmentation, feature_table
from emolib.corpora import CorpusError, load, read_audio

RATE = 22050


@pytest.fixture(scope="module")
def puppets():
    return load("puppets").iloc[::60].head(4)


def tone(hz, seconds=2.0, rate=RATE, amplitude=0.3):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(seconds * rate) / rate)).astype("f4")


STARTED, ALONE, PAIR = [], [], threading.Barrier(2)
TIMES = 1


def meet(signal, rate):
    STARTED.append(rate)
    if ALONE:
        PAIR.wait(timeout=60)  # breaks where no second row is under way
    else:
        time.sleep(0.2)
        ALONE.append(len(STARTED))
    return signal[:3]


def times(signal, rate):
    return np.array([TIMES * signal.max() for _ in range(2)])


def made_with(n):
    def inner(signal, rate):
        return signal[:n]

    return inner


def mean(signal, rate):
    """A cheap feature for tests of the table."""
    return np.array([len(signal), rate, np.abs(signal).mean()])


def level(signal, rate):
    return np.array([len(signal), rate, np.abs(signal).max()])


def test_the_blocks_are_librosas_own_in_their_order(puppets):
    for _, row in puppets.iterrows():
        signal = read_audio(row, RATE)[0]
        f = librosa.feature
        blocks = [
            f.zero_crossing_rate(y=signal),
            f.chroma_stft(y=signal, sr=RATE),
            f.mfcc(y=signal, sr=RATE, n_mfcc=20),
            f.rms(y=signal),
            f.melspectrogram(y=signal, sr=RATE),
        ]
        assert [len(block) for block in blocks] == [1, 12, 20, 1, 128]
        found = audio_features_162(signal, RATE)
        assert (found.shape, found.dtype) == ((162,), np.float32)
        np.testing.assert_allclose(
            found, np.concatenate([b.mean(axis=1) for b in blocks]), rtol=1e-4, atol=1e-7
        )


def test_a_sinusoid_stands_where_it_must():
    found = audio_features_162(tone(440), RATE)
    assert found[0] == pytest.approx(2 * 440 / RATE, rel=0.02)  # two zero crossings a period
    assert np.argmax(found[1:13]) == 9  # the pitch class of A, counted from C
    assert found[33] == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
    centres = librosa.mel_frequencies(130, fmax=RATE / 2)[1:-1]
    assert abs(centres[np.argmax(found[34:])] - 440) < 30


def test_louder_by_two_scales_rms_and_mel_and_leaves_the_rest():
    quiet, loud = (audio_features_162(tone(300, amplitude=a), RATE) for a in (0.2, 0.4))
    assert loud[0] == quiet[0]
    np.testing.assert_allclose(loud[33], 2 * quiet[33], rtol=1e-4)
    np.testing.assert_allclose(loud[34:], 4 * quiet[34:], rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(loud[1:13], quiet[1:13], atol=1e-3)


@pytest.mark.filterwarnings("ignore:Trying to estimate tuning")
def test_silence_gives_numbers_and_short_or_broken_sound_an_error():
    assert np.isfinite(audio_features_162(np.zeros(4096, np.float32), RATE)).all()
    with pytest.raises(ValueError, match="2047 samples, the features need 2048"):
        audio_features_162(np.ones(2047, np.float32), RATE)
    with pytest.raises(ValueError, match="finite"):
        audio_features_162(np.full(4096, np.inf, np.float32), RATE)
    with pytest.raises(ValueError, match="one-dimensional"):
        audio_features_162(np.ones((2, 4096), np.float32), RATE)


def test_rows_come_in_the_tables_order_with_one_worker_or_three(puppets):
    shuffled = puppets.iloc[[2, 0, 3, 1]]
    one = feature_table(shuffled)
    assert (one.shape, one.dtype) == ((4, 162), np.float32)
    assert len(np.unique(one, axis=0)) == 4
    signal = read_audio(puppets.iloc[0], RATE)[0][round(0.6 * RATE) : round(3.1 * RATE)]
    np.testing.assert_allclose(one[1], audio_features_162(signal, RATE), rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(one, feature_table(shuffled, workers=3))


def test_a_clip_that_ends_within_the_span_is_taken_as_it_is(tmp_path):
    table = files(tmp_path, [tone(300, 2.0), tone(300, 4.0)])
    found = feature_table(table, mean, RATE, (1.5, 3.0))
    assert found[:, 0].tolist() == [round(0.5 * RATE), round(1.5 * RATE)]
    assert feature_table(table, mean, RATE, None)[:, 0].tolist() == [2 * RATE, 4 * RATE]


def files(folder, signals, rate=RATE):
    """Write sounds and return their clip table."""
    for k, signal in enumerate(signals):
        soundfile.write(folder / f"{k}.wav", signal, rate)
    audio_files = [str(folder / f"{k}.wav") for k in range(len(signals))]
    clips = [f"c{k}" for k in range(len(signals))]
    return pd.DataFrame({"clip": clips, "corpus": "own", "audio": audio_files})


@pytest.fixture
def reads(monkeypatch):
    """Count how often a sound is read."""
    read, clips = augmentation.read_audio, []

    def counted(row, rate=None):
        clips.append(row["clip"])
        return read(row, rate)

    monkeypatch.setattr(augmentation, "read_audio", counted)
    return clips


def test_a_second_call_reads_no_sound(tmp_path, puppets, reads):
    copies = puppets.assign(recipe="noise snr_db=15 seed=1")
    table = pd.concat([puppets, copies, files(tmp_path, [tone(300)])], ignore_index=True)
    first = feature_table(table, mean, cache=tmp_path / "cache")
    assert len(reads) == 9
    again = feature_table(table, mean, cache=tmp_path / "cache", workers=2)
    assert len(reads) == 9
    np.testing.assert_array_equal(first, again)
    assert len(list((tmp_path / "cache").iterdir())) == 9  # nothing half-written is left


def test_the_cache_notices_whatever_decides_the_numbers(tmp_path, reads):
    table = files(tmp_path, [tone(300), tone(400)])
    kept = {"cache": tmp_path / "cache"}

    def read_anew(*arguments, table=table):
        before = len(reads)
        feature_table(table, *arguments, **kept)
        return len(reads) - before

    assert read_anew(mean, RATE) == 2
    assert read_anew(mean, RATE) == 0
    assert read_anew(level, RATE) == 2
    assert read_anew(mean, 16000) == 2
    assert read_anew(mean, RATE, (0.0, 1.0)) == 2
    assert read_anew(mean, RATE, table=table.assign(recipe="shift seconds=0.1")) == 2
    assert read_anew(mean, RATE, table=table.iloc[::-1]) == 0
    soundfile.write(tmp_path / "1.wav", tone(500), RATE)  # the same name, another sound
    assert read_anew(mean, RATE) == 1
    assert read_anew(mean, RATE, table=load("puppets").head(2)) == 2
    assert read_anew(mean, RATE, table=load("puppets", identity=0.5).head(2)) == 2


def test_the_cache_notices_what_a_function_was_made_with(tmp_path, monkeypatch):
    table, kept = files(tmp_path, [tone(300)]), {"cache": tmp_path / "cache"}
    assert feature_table(table, made_with(3), **kept).shape == (1, 3)
    assert feature_table(table, made_with(5), **kept).shape == (1, 5)
    once = feature_table(table, times, **kept)
    monkeypatch.setattr(sys.modules[__name__], "TIMES", 2)
    np.testing.assert_array_equal(feature_table(table, times, **kept), 2 * once)
    with pytest.raises(ValueError, match=r"cannot hash a value .* functools\.partial"):
        feature_table(table, made_with(lambda: 3), **kept)


def test_what_was_described_before_an_error_is_kept(tmp_path, reads):
    table = files(tmp_path, [tone(300), tone(400), tone(500, 0.3)])
    with pytest.raises(CorpusError, match=r"'c2' ends at 0\.30 s"):
        feature_table(table, mean, cache=tmp_path / "cache")
    reads.clear()
    feature_table(table.head(2), mean, cache=tmp_path / "cache")
    assert reads == []


def test_the_clip_is_named_where_it_cannot_be_described(tmp_path):
    table = files(tmp_path, [tone(300), tone(400, 0.65)])
    with pytest.raises(CorpusError, match=r"'c1': the signal has .* need 2048"):
        feature_table(table)
    (tmp_path / "1.wav").unlink()
    with pytest.raises(CorpusError, match=r"1\.wav"):
        feature_table(table, mean, cache=tmp_path / "cache")


def test_a_table_without_rows_or_a_function_without_text_is_refused(tmp_path):
    table = files(tmp_path, [tone(300)])
    with pytest.raises(ValueError, match="at least one row"):
        feature_table(table.head(0), mean)
    with pytest.raises(ValueError, match="text of"):
        feature_table(table, np.array, cache=tmp_path / "cache")


def test_the_first_row_outside_the_cache_runs_alone_and_the_others_together(tmp_path):
    table = files(tmp_path, [tone(hz) for hz in (300, 400, 500, 600, 700, 800)])
    feature_table(table.head(1), meet, cache=tmp_path / "cache")
    STARTED.clear()
    ALONE.clear()
    feature_table(table, meet, cache=tmp_path / "cache", workers=2)
    assert (ALONE, len(STARTED)) == ([1], 5)


def test_threads_survive_librosas_first_use(tmp_path):
    """In a new process with an empty numba cache, where several threads at once would race."""
    code = (
        "from emolib import audio, corpora\n"
        "table = corpora.load('puppets').head(6)\n"
        "print(audio.feature_table(table, workers=3).shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "(6, 162)" in done.stdout


def test_importing_the_room_brings_no_network_library():
    code = (
        "import sys, emolib.audio, emolib.models; print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
