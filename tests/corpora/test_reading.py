"""Readers against what was written: sounds and videos made here, so that the answer is known."""

import multiprocessing
import sys
import zipfile

import cv2
import numpy as np
import pandas as pd
import pytest
from clip_files import RATE, as_row, tone, write_clip, write_sound

from emolib.corpora import (
    CorpusError,
    iter_video,
    load,
    read_action_units,
    read_audio,
    read_features,
    read_truth,
    read_video,
)
from emolib.corpora.reading import ACTION_UNITS, _nearest_in_time
from emolib.corpora.writing import write_video


def pitch(signal, rate):
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
    return np.argmax(spectrum) * rate / len(signal)


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_sound_files_come_back_to_a_quantisation_step(tmp_path, name):
    signal, rate = read_audio(as_row(audio=write_sound(tmp_path / name)))
    assert rate == RATE
    assert signal.dtype == np.float32
    np.testing.assert_allclose(signal, tone(), atol=1 / 2**15)


def test_stereo_becomes_the_mean_of_its_channels(tmp_path):
    left, right = tone(hz=300), tone(hz=1000, amplitude=0.5)
    path = write_sound(tmp_path / "a.wav", np.column_stack([left, right]), subtype="FLOAT")
    np.testing.assert_allclose(read_audio(as_row(audio=path))[0], (left + right) / 2, atol=1e-7)
    clip = write_clip(tmp_path / "a.mp4", signal=np.stack([left, np.zeros_like(left)]))
    loudness = np.sqrt(np.mean(read_audio(as_row(audio=clip))[0][2000:14000] ** 2))
    assert loudness == pytest.approx(0.3 / 2 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize(("name", "rate"), [("a.mp4", 48000), ("a.flv", 44100)])
def test_the_sound_of_a_video_keeps_its_rate_length_and_pitch(tmp_path, name, rate):
    clip = write_clip(tmp_path / name, signal=tone(rate=rate), rate=rate)
    signal, own_rate = read_audio(as_row(audio=clip))
    assert own_rate == rate
    assert len(signal) == pytest.approx(rate, abs=0.07 * rate)  # codecs add up to two blocks
    assert pitch(signal, rate) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_resampling_keeps_duration_and_pitch(tmp_path, rate):
    row = as_row(audio=write_sound(tmp_path / "a.wav"))
    signal, own_rate = read_audio(row, rate=rate)
    assert (own_rate, len(signal), signal.dtype) == (rate, rate, np.float32)
    assert pitch(signal, rate) == pytest.approx(440, abs=1)


def test_resampling_a_full_square_wave_stays_within_one(tmp_path):
    square = np.sign(tone(hz=440, amplitude=1)).astype(np.float32)
    path = write_sound(tmp_path / "a.wav", square, subtype="FLOAT")
    assert np.abs(read_audio(as_row(audio=path), rate=44100)[0]).max() <= 1


@pytest.mark.parametrize("name", ["a.mp4", "a.flv"])
def test_video_frames_come_in_order_with_their_pictures_and_times(tmp_path, name):
    row = as_row(video=write_clip(tmp_path / name, frames=30, fps=25))
    frames, fps = read_video(row)
    assert (frames.shape, frames.dtype) == ((30, 48, 64, 3), np.uint8)
    assert fps == pytest.approx(25, abs=0.05)
    np.testing.assert_allclose(frames.mean(axis=(1, 2, 3)), 7 * np.arange(30), atol=3)
    times = [time for _, time in iter_video(row)]
    np.testing.assert_allclose(np.diff(times), 1 / 25, atol=0.0011)


def test_colours_are_red_green_blue_from_video_and_picture(tmp_path):
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 200
    clip = write_clip(tmp_path / "a.mp4", np.stack([red] * 5))
    cv2.imwrite(str(tmp_path / "a.png"), red[..., ::-1])
    for name in ("a.mp4", "a.png"):
        colour = read_video(as_row(video=tmp_path / name))[0].mean(axis=(0, 1, 2))
        np.testing.assert_allclose(colour, (200, 0, 0), atol=8, err_msg=name)
    assert clip.exists()


def test_size_is_height_and_width(tmp_path):
    row = as_row(video=write_clip(tmp_path / "a.mp4"))
    assert read_video(row, size=20)[0].shape == (30, 20, 20, 3)
    assert read_video(row, size=(10, 40))[0].shape == (30, 10, 40, 3)
    assert next(iter_video(row, size=(100, 50)))[0].shape == (100, 50, 3)


def test_a_lower_rate_keeps_the_frames_nearest_in_time(tmp_path):
    row = as_row(video=write_clip(tmp_path / "a.mp4", frames=30, fps=30))
    every, _ = read_video(row)
    third, fps = read_video(row, fps=10)
    assert fps == 10
    np.testing.assert_array_equal(third, every[::3])
    one, fps = read_video(row, fps=0.2)
    assert (len(one), fps) == (1, 0.2)
    for rate in (0, -5, float("nan")):
        with pytest.raises(ValueError, match="fps"):
            iter_video(row, fps=rate)


@pytest.mark.parametrize("fps", [7.5, 29.97, 30])
def test_a_written_clip_lasts_as_long_as_its_sound(tmp_path, fps):
    frames = np.zeros((round(4 * fps), 48, 64, 3), np.uint8)
    write_video(tmp_path / "a.mp4", frames, fps, tone(4), RATE)
    assert read_video(as_row(video=tmp_path / "a.mp4"))[1] == pytest.approx(fps, rel=1e-4)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf")])
def test_a_clip_without_a_rate_is_not_written(tmp_path, fps):
    with pytest.raises(CorpusError, match="frames a second above 0, not"):
        write_video(tmp_path / "a.mp4", np.zeros((9, 48, 64, 3), np.uint8), fps)


@pytest.mark.parametrize("seed", range(5))
def test_nearest_in_time_agrees_with_a_search_of_all_frames(seed):
    rng = np.random.default_rng(seed)
    times = 0.3 + np.cumsum(rng.uniform(0.01, 0.08, 60))  # a phone's uneven frames
    for fps in (3.7, 12, 29.97, 90):
        chosen = [frame for frame, _ in _nearest_in_time(zip(range(60), times, strict=True), fps)]
        grid = times[0] + np.arange(len(chosen)) / fps
        np.testing.assert_array_equal(chosen, np.abs(times - grid[:, None]).argmin(axis=1))
        assert abs(grid[-1] - times[-1]) <= 1 / fps + 0.04


def test_frames_stream(tmp_path):
    """The first frame comes before the end was looked at: here the end is missing."""
    path = write_clip(tmp_path / "a.mp4", frames=250, faststart=True)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.9)])
    frames = iter_video(as_row(video=path))
    assert next(frames)[0].mean() == pytest.approx(0, abs=3)
    with pytest.raises(CorpusError, match=r"a\.mp4.*cut off"):
        list(frames)


@pytest.mark.parametrize(("matrix", "bright"), [("clockwise", "right"), ("counter", "left")])
def test_a_phone_s_portrait_video_stands_upright(tmp_path, matrix, bright):
    """The header's matrix (a b; c d) maps x, y to ax + cy, bx + dy, with y downwards."""
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:24] = 255  # bright above
    path = write_clip(tmp_path / "a.mp4", np.stack([picture] * 5), faststart=True)
    one = 1 << 16
    a, b, c, d = (0, one, -one, 0) if matrix == "clockwise" else (0, -one, one, 0)
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 4 + 40  # version 0: the matrix begins 40 bytes behind the name
    assert data[at : at + 4] == one.to_bytes(4, "big")  # as written: no rotation
    for offset, value in ((0, a), (4, b), (12, c), (16, d)):
        data[at + offset : at + offset + 4] = value.to_bytes(4, "big", signed=True)
    path.write_bytes(data)
    frame = read_video(as_row(video=path))[0][0]
    assert frame.shape == (64, 48, 3)
    halves = {"left": frame[:, :20].mean(), "right": frame[:, -20:].mean()}
    assert halves.pop(bright) > 240
    assert all(value < 15 for value in halves.values())


def test_names_outside_ascii_are_read(tmp_path):
    folder = tmp_path / "Übung 日本"
    folder.mkdir()
    write_sound(folder / "ß.wav")
    write_clip(folder / "ß.mp4", signal=tone())
    cv2.imencode(".tiff", np.full((8, 8), 9, np.uint8))[1].tofile(folder / "ß.tiff")
    for name in ("ß.wav", "ß.mp4"):
        assert len(read_audio(as_row(audio=folder / name))[0])
    for name, frames in (("ß.mp4", 30), ("ß.tiff", 1)):
        assert len(read_video(as_row(video=folder / name))[0]) == frames


def test_a_series_and_a_mapping_are_the_same_row(tmp_path):
    row = as_row(audio=write_sound(tmp_path / "a.wav"), video=write_clip(tmp_path / "a.mp4"))
    for read in (read_audio, read_video):
        np.testing.assert_array_equal(read(row)[0], read(pd.Series(row))[0])


def test_a_still_picture_is_a_video_of_one_frame(tmp_path):
    grey = np.arange(12 * 10, dtype=np.uint8).reshape(12, 10)
    cv2.imwrite(str(tmp_path / "a.png"), grey)
    row = as_row(video=tmp_path / "a.png")
    frames, fps = read_video(row, fps=30)
    assert fps == 1.0
    np.testing.assert_array_equal(frames, np.repeat(grey[None, ..., None], 3, axis=3))
    assert [time for _, time in iter_video(row)] == [0.0]


def _mean_of(row):
    return float(np.mean([read_video(row)[0].mean() for _ in range(50)]))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks by default")
def test_forked_workers_read_one_zip_without_disturbing_each_other(tmp_path):
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i in range(20):
            noise = rng.integers(0, 255, (48, 48), dtype=np.uint8)
            archive.writestr(f"{i}.png", cv2.imencode(".png", noise)[1].tobytes())
    rows = [as_row(video=f"{tmp_path / 'a.zip'}!{i}.png") for i in range(20)]
    here = [_mean_of(row) for row in rows]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_mean_of, rows, chunksize=1) == here


def test_openface_tables_give_frames_and_their_mean(tmp_path):
    path = tmp_path / "face.csv"
    path.write_text("frame, success, AU01_r, AU12_c\n1, 1, 2.0, 1\n2, 0, 9.0, 0\n3, 1, 4.0, 0\n")
    row = as_row(action_units=path)
    with pytest.warns(UserWarning, match="left out 1 frames without a face"):
        frames = read_action_units(row, frames=True)
    assert frames.to_dict("list") == {"AU01_r": [2.0, 4.0], "AU12_c": [1, 0]}
    with pytest.warns(UserWarning, match="left out 1"):
        assert read_action_units(row).to_dict("list") == {"AU01_r": [3.0], "AU12_c": [0.5]}


def test_stored_action_units_are_copies_and_lack_no_array(tmp_path):
    means, frames = tmp_path / "au_clip_mean.npz", tmp_path / "au_frames_actors01-05.npz"
    ids, row = np.array(["01-c1"]), as_row(action_units=means)
    np.savez(means, ids=ids, au=np.ones((1, 35)))
    np.savez(frames, ids=ids, au=np.ones((1, 4, 35)), length=np.array([3]))
    for whole, n in ((False, 1), (True, 3)):
        units = read_action_units(row, whole)
        assert units.shape == (n, 35) and list(units) == list(ACTION_UNITS)
        units.iloc[:] = -1  # the kept array must not change
        assert read_action_units(row, whole).to_numpy().min() == 1
    np.savez(frames, ids=ids, au=np.ones((1, 4, 35)))
    with pytest.raises(CorpusError, match=r"needs the arrays ids, au, length; it holds au, ids"):
        read_action_units(row, frames=True)


def test_features_of_an_own_clip(tmp_path):
    np.savez(tmp_path / "a.npz", audio=np.arange(6.0).reshape(2, 3))
    row = as_row(features=tmp_path / "a.npz")
    np.testing.assert_array_equal(read_features(row, "audio"), [[0, 1, 2], [3, 4, 5]])
    read_features(row, "audio")[:] = -1  # the kept copy must not change
    assert read_features(row, "audio").min() == 0
    with pytest.raises(CorpusError, match=r"no text features: it holds audio"):
        read_features(row, "text")


def test_only_puppets_have_a_truth(tmp_path):
    with pytest.raises(CorpusError, match="recorded from life"):
        read_truth(as_row())


def test_puppets_are_read_like_every_corpus():
    row = load("puppets").iloc[700]
    signal, rate = read_audio(row)
    frames, fps = read_video(row, size=56, fps=10)
    assert np.abs(signal).max() <= 1
    assert fps == 10
    assert frames.shape[1:] == (56, 56, 3)
    assert len(frames) / fps == pytest.approx(len(signal) / rate, abs=0.15)
    means = read_action_units(row)
    assert len(means) == 1
    np.testing.assert_allclose(means.iloc[0], read_action_units(row, frames=True).mean())
    assert read_truth(row)["voiced"].any()


def test_an_unknown_corpus_is_answered_with_the_names():
    with pytest.raises(CorpusError, match=r"'ravdes': take one of puppets, ravdess, cremad"):
        load("ravdes")


@pytest.mark.parametrize("root", [None, "", " "])
def test_a_real_corpus_needs_its_folder(root):
    with pytest.raises(CorpusError, match=r"pass root=.*data/README\.md.*fetch\('cremad', root\)"):
        load("cremad", root)
