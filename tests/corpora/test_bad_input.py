"""Every reader and loader against damaged, strange and missing input.

Each answer is a CorpusError that names the file and says what to do.
"""

import os
import struct
import sys

import cv2
import numpy as np
import pytest
from clip_files import RATE, as_row, tone, touch, write_clip, write_sound, write_track

from emolib.corpora import CorpusError, iter_video, load, read_audio, read_video

FOLDERS = ("ravdess", "cremad", "emodb", "fer2013", "jaffe", "mosi", "pom", "own")


def write(path, faststart=False):
    """Write a whole file of the kind that its suffix says."""
    if path.suffix in (".wav", ".flac"):
        return write_sound(path)
    if path.suffix in (".mp3", ".aac"):
        return write_track(path, tone(2, 44100))
    if path.suffix in (".mp4", ".flv"):
        rate = 44100 if path.suffix == ".flv" else RATE
        return write_clip(path, 60, signal=tone(2, rate), rate=rate, faststart=faststart)
    noise = np.random.default_rng(0).integers(0, 255, (48, 48), dtype=np.uint8)
    cv2.imencode(path.suffix, noise)[1].tofile(path)
    return path


def readers(path):
    """Return what could be made of the file, as functions without arguments."""
    row = as_row(audio=path, video=path)
    sound = path.suffix in (".wav", ".flac", ".mp3", ".aac")
    film = path.suffix in (".mp4", ".flv")
    every = {
        "read_audio": (sound or film, lambda: read_audio(row)),
        "read_video": (not sound, lambda: read_video(row)),
        "iter_video": (not sound, lambda: list(iter_video(row, size=8))),
    }
    return [read for fits, read in every.values() if fits]


def refused(path, message):
    """Check that each reader refuses the file, naming it and a remedy."""
    for read in readers(path):
        with pytest.raises(CorpusError, match=message) as caught:
            read()
        assert str(path) in str(caught.value)
        assert "; " in str(caught.value)  # a remedy follows


KINDS = ("a.wav", "a.flac", "a.mp3", "a.aac", "a.mp4", "a.flv", "a.jpg", "a.png", "a.tiff")


@pytest.mark.parametrize("name", KINDS)
def test_the_undamaged_files_are_read(tmp_path, name):
    """The control: what the next tests damage is whole."""
    for read in readers(write(tmp_path / name)):
        read()


@pytest.mark.parametrize("name", KINDS)
def test_empty_files(tmp_path, name):
    (tmp_path / name).touch()
    refused(tmp_path / name, "the file is empty")


@pytest.mark.parametrize("name", KINDS)
def test_text_renamed(tmp_path, name):
    (tmp_path / name).write_text("These are my notes on the experiment.\n" * 40)
    refused(tmp_path / name, "no (sound|clip|picture) that can be read")


@pytest.mark.parametrize("name", KINDS)
def test_missing_files(tmp_path, name):
    refused(tmp_path / name, "no such file")


@pytest.mark.parametrize("keep", [0.1, 0.35, 0.6, 0.85])
@pytest.mark.parametrize("faststart", [False, True])
@pytest.mark.parametrize("name", KINDS)
def test_truncated_files(tmp_path, name, faststart, keep):
    """Decoders read what is left and say nothing: the readers must notice."""
    path = write(tmp_path / name, faststart)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    refused(path, "cut off|that can be read")


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize(
    "source",
    [
        "ravdess/Actor_01/01-01-01-01-01-01-01.mp4",
        "ravdess/Actor_01/03-01-01-01-01-01-01.flac",
        "cremad/VideoFlash/1001_DFA_ANG_XX.flv",
    ],
)
def test_truncated_real_files(shared_data, tmp_path, source, keep):
    data = (shared_data / source).read_bytes()
    path = tmp_path / source.rpartition("/")[2]
    path.write_bytes(data[: int(len(data) * keep)])
    refused(path, "cut off|that can be read")


def test_every_cut_of_a_flv_is_noticed_or_loses_less_than_a_tenth_of_a_second(tmp_path):
    path = write(tmp_path / "a.flv")
    data, whole = path.read_bytes(), len(read_video(as_row(video=path))[0])
    for keep in range(len(data) // 2, len(data), 97):
        path.write_bytes(data[:keep])
        try:
            count = len(read_video(as_row(video=path))[0])
        except CorpusError:
            continue
        assert count >= whole - 3


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_film_with_garbled_bytes(shared_data, tmp_path, seed):
    """H.264 paints over what it cannot read and only marks the frame.

    Bytes that happen to be a valid stream cannot be told from a picture: only a checksum can.
    """
    rng = np.random.default_rng(seed)
    data = bytearray((shared_data / "ravdess/Actor_01/01-01-01-01-01-01-01.mp4").read_bytes())
    at = int(len(data) * rng.uniform(0.2, 0.9))
    data[at : at + 200] = rng.bytes(200)
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=r"a\.mp4: damaged or cut off"):
        read_video(as_row(video=path), size=16)


@pytest.mark.parametrize(("pictures", "seconds"), [(30, 2.0), (60, 1.0)])
@pytest.mark.parametrize("name", ["a.mp4", "a.flv"])
def test_sound_and_picture_of_different_lengths_are_no_damage(tmp_path, name, pictures, seconds):
    rate = 44100
    path = write_clip(tmp_path / name, pictures, signal=tone(seconds, rate), rate=rate)
    assert len(read_video(as_row(video=path))[0]) == pictures
    signal, _ = read_audio(as_row(audio=path))
    assert len(signal) / rate == pytest.approx(seconds, abs=0.07)


@pytest.mark.parametrize("name", ["a.mp3", "a.aac"])
def test_a_track_whose_length_is_only_guessed_is_no_damage(tmp_path, name):
    """It begins quietly, with few bits a second: by these the later, louder bytes last longer."""
    signal = tone(6, 44100)
    signal[: 5 * 44100] = 0
    signal[5 * 44100 :] += np.random.default_rng(0).normal(0, 0.2, 44100).astype("f4")
    path = write_track(tmp_path / name, np.clip(signal, -1, 1), header=False)
    assert len(read_audio(as_row(audio=path))[0]) == pytest.approx(6 * 44100, rel=0.02)


@pytest.mark.parametrize("rate", [0, 100, 3999, 384_001, 2_000_000, 2**31 + 5])
def test_wrong_rates_in_the_header(tmp_path, rate):
    path = write_sound(tmp_path / "a.wav")
    data = bytearray(path.read_bytes())
    data[24:28] = struct.pack("<I", rate)
    path.write_bytes(data)
    refused(path, "outside 4000 to 384000 Hz|no sound that can be read")


@pytest.mark.parametrize("rate", [4000, 8000, 192_000])
def test_rare_rates_are_read(tmp_path, rate):
    path = write_sound(tmp_path / "a.wav", tone(rate=rate), rate)
    assert read_audio(as_row(audio=path))[1] == rate


@pytest.mark.parametrize(("name", "level"), [("a.wav", 0), ("a.wav", 0.25), ("a.mp4", 0)])
def test_silence_and_a_constant(tmp_path, name, level):
    signal = np.full(RATE, level, np.float32)
    film = name == "a.mp4"
    path = write_clip(tmp_path / name, signal=signal) if film else tmp_path / name
    if not film:
        write_sound(path, signal)
    with pytest.raises(CorpusError, match=r"a\.\w+: the clip holds only silence"):
        read_audio(as_row(audio=path))


def test_quiet_speech_is_no_silence(tmp_path):
    path = write_sound(tmp_path / "a.wav", tone(amplitude=0.001))
    assert len(read_audio(as_row(audio=path))[0]) == RATE


def test_channels_that_cancel_are_silence(tmp_path):
    path = write_sound(tmp_path / "a.wav", np.column_stack([tone(), -tone()]))
    refused(path, "only silence")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path, value):
    signal = tone()
    signal[5000] = value
    refused(write_sound(tmp_path / "a.wav", signal, subtype="FLOAT"), "NaN or infinite")


def test_samples_that_were_never_scaled(tmp_path):
    path = write_sound(tmp_path / "a.wav", 20000 * tone(), subtype="FLOAT")
    refused(path, r"exceed \[-1, 1\]; divide them")


def test_a_little_overshoot_is_clipped(tmp_path):
    path = write_sound(tmp_path / "a.wav", tone(amplitude=1.2), subtype="FLOAT")
    assert np.abs(read_audio(as_row(audio=path))[0]).max() == 1


def test_a_twentieth_of_a_second(tmp_path):
    path = write_sound(tmp_path / "a.wav", tone(0.05))
    refused(path, r"0\.050 s of sound are too short")


@pytest.mark.parametrize("name", ["a.mp4", "a.flv"])
def test_a_video_of_one_frame(tmp_path, name):
    path = write_clip(tmp_path / name, frames=1)
    with pytest.raises(CorpusError, match=r"a video of 1 frame.*still pictures as jpg"):
        read_video(as_row(video=path))


@pytest.mark.parametrize("name", ["a.mp4", "a.flv"])
def test_a_video_without_sound_and_a_sound_without_picture(tmp_path, name):
    path = write_clip(tmp_path / name)
    with pytest.raises(CorpusError, match=r"a\.\w+: no sound in it.*; take the file that has it"):
        read_audio(as_row(audio=path))
    sound = write_sound(tmp_path / "b.wav")
    with pytest.raises(CorpusError, match=r"b\.wav: no video in it.*; take the file that has it"):
        read_video(as_row(video=sound))


@pytest.mark.parametrize("value", [None, float("nan"), ""])
@pytest.mark.parametrize(("read", "column"), [(read_audio, "audio"), (iter_video, "video")])
def test_rows_that_lack_a_file(read, column, value):
    with pytest.raises(CorpusError, match=rf"'c1' of own has no {column}.*notna"):
        read({"clip": "c1", "corpus": "own", column: value})


@pytest.mark.parametrize("corpus", FOLDERS)
def test_missing_folders(tmp_path, corpus):
    with pytest.raises(CorpusError, match=r"nowhere: no such folder.*data/README\.md.*fetch"):
        load(corpus, tmp_path / "nowhere")


@pytest.mark.parametrize("corpus", FOLDERS)
def test_empty_folders(tmp_path, corpus):
    with pytest.raises(CorpusError, match=r"holds no clip|no such file") as caught:
        load(corpus, tmp_path)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
@pytest.mark.parametrize("corpus", ["ravdess", "cremad", "emodb", "fer2013", "jaffe"])
def test_names_that_are_not_utf8(tmp_path, corpus):
    name = {
        "ravdess": b"Actor_01/03-01-01-01-01-01-01\xff.wav",
        "cremad": b"AudioWAV/1001_DFA_ANG_XX\xff.wav",
        "emodb": b"wav/03a01Fa\xff.wav",
        "fer2013": b"train/angry/Training_1\xff.jpg",
        "jaffe": b"KA.AN1.39\xff.tiff",
    }[corpus]
    touch(tmp_path, os.fsdecode(name))
    with pytest.raises(CorpusError, match=r"\\xff.*not UTF-8.*rename it") as caught:
        load(corpus, tmp_path)
    str(caught.value).encode("utf-8")  # can be printed


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
@pytest.mark.parametrize("corpus", FOLDERS)
def test_a_folder_whose_name_is_not_utf8(tmp_path, corpus):
    folder = tmp_path / os.fsdecode(b"D\xe4ten")
    folder.mkdir()
    with pytest.raises(CorpusError, match=r"D\\xe4ten.*not UTF-8"):
        load(corpus, folder)


@pytest.mark.parametrize(
    ("corpus", "names"),
    [
        ("ravdess", ("Actor_01/03-01-01-01-01-01-01.wav", "Actor_02/03-01-01-01-01-01-01.wav")),
        ("cremad", ("AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1001_DFA_ANG_XX.WAV")),
        ("emodb", ("wav/03a01Fa.wav", "flac/03a01Fa.flac")),
        ("jaffe", ("KA.AN1.39.tiff", "KA.AN1.39.jpg")),
        ("fer2013", ("train/sad/Training_1.jpg", "train/sad/Training_1.png")),
    ],
)
def test_a_clip_that_lies_there_twice(tmp_path, corpus, names):
    touch(tmp_path, *names)
    if len(list(tmp_path.rglob("*.*"))) < 2:
        pytest.skip("this file system does not tell these names apart")
    with pytest.raises(CorpusError, match=r"same clip twice: keep one|stands 2 times"):
        load(corpus, tmp_path)
