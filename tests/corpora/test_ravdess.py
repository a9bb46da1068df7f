"""RAVDESS: the join of a trial's files on a made tree, and the real clips against other records."""

import warnings

import numpy as np
import pandas as pd
import pytest
from clip_files import touch

from emolib.corpora import (
    EMOTIONS,
    CorpusError,
    iter_video,
    load,
    read_action_units,
    read_audio,
    read_video,
)


def test_the_three_files_of_a_trial_are_one_row(tmp_path):
    trial = "01-05-02-02-01-12"
    touch(tmp_path, *(f"Actor_12/{m}-{trial}.{s}" for m, s in (("01", "mp4"), ("02", "mp4"))))
    table = load("ravdess", touch(tmp_path, f"Actor_12/03-{trial}.wav"))
    row = table.loc[0]
    assert (len(table), row["clip"], row["copy"]) == (1, trial, 0)
    assert (row["actor"], row["sex"], row["emotion"], row["label"]) == (
        "12",
        "female",
        *["angry"] * 2,
    )
    assert (row["intensity"], row["repetition"]) == ("strong", "01")
    assert row["statement"] == "Dogs are sitting by the door"
    assert row["audio"].endswith(f"03-{trial}.wav")
    assert row["video"].endswith(f"01-{trial}.mp4")
    assert pd.isna(row["action_units"])
    assert pd.isna(row["features"])


def test_sound_falls_back_to_the_film_and_picture_to_the_silent_one(tmp_path):
    touch(tmp_path, "Actor_01/01-01-02-01-01-01-01.mp4", "Actor_01/02-01-03-01-01-01-01.mp4")
    table = load("ravdess", tmp_path).set_index("clip")
    film, silent = table.loc["01-02-01-01-01-01"], table.loc["01-03-01-01-01-01"]
    assert film["audio"] == film["video"]
    assert pd.isna(silent["audio"])
    with pytest.raises(CorpusError, match=r"01-03-01-01-01-01.*has no audio.*notna"):
        read_audio(table.reset_index().iloc[1])


def test_archives_folders_are_searched_and_songs_counted(tmp_path):
    touch(
        tmp_path,
        "Audio_Speech_Actors_01-24/Actor_03/03-01-06-01-02-02-03.wav",
        "Video_Speech_Actor_03/Actor_03/01-01-06-01-02-02-03.mp4",
        "Audio_Song_Actors_01-24/Actor_03/03-02-06-01-02-02-03.wav",
        "Audio_Song_Actors_01-24/Actor_03/03-02-05-01-02-02-03.wav",
        "Actor_04/notes.wav",
        "Actor_04/03-01-06-01-02-02-04.mp3",
        "Actor_04/README.txt",
        "Actor_04/faces.csv",
    )
    with pytest.warns(UserWarning) as seen:
        table = load("ravdess", tmp_path)
    assert len(table) == 1
    assert table.loc[0, "audio"] != table.loc[0, "video"]
    left_out = {"files of songs": 2, "files whose name is no code of RAVDESS": 1}
    left_out["files that end in .mp3, which are not read here"] = 1
    assert table.attrs["left_out"] == left_out
    assert len(seen) == 1
    assert "2 files of songs" in str(seen[0].message)
    assert seen[0].filename == __file__


def test_one_trial_in_two_folders_is_refused(tmp_path):
    touch(tmp_path, "Actor_01/03-01-01-01-01-01-01.wav", "Actor_02/03-01-01-01-01-01-01.flac")
    with pytest.raises(CorpusError, match=r"Actor_02.*Actor_01.*same clip twice"):
        load("ravdess", tmp_path)


def test_action_units_without_ids_are_refused(tmp_path):
    touch(tmp_path, "Actor_01/03-01-01-01-01-01-01.wav", "action_units/au_clip_mean.npz")
    np.savez(tmp_path / "action_units" / "au_clip_mean.npz", au=np.zeros((1, 35)))
    with pytest.raises(CorpusError, match=r"au_clip_mean\.npz needs the arrays ids, au; it holds"):
        load("ravdess", tmp_path)


@pytest.fixture(scope="module")
def ravdess(shared_data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load("ravdess", shared_data / "ravdess")


def test_the_corpus_has_its_published_shape(ravdess):
    assert len(ravdess) == 1440
    assert (ravdess["actor"].value_counts() == 60).all()
    assert ravdess["emotion"].value_counts().to_dict() == {
        emotion: 96 if emotion == "neutral" else 192 for emotion in EMOTIONS
    }
    assert ravdess["audio"].notna().all()
    assert ravdess["video"].notna().sum() == 6
    assert ravdess.groupby("sex")["actor"].nunique().to_dict() == {"female": 12, "male": 12}


def test_labels_agree_with_those_stored_beside_the_action_units(ravdess, shared_data):
    stored = np.load(shared_data / "ravdess" / "action_units" / "au_clip_mean.npz")
    by_id = ravdess.set_index("01-" + ravdess["clip"]).loc[stored["ids"]]
    assert by_id["emotion"].tolist() == [EMOTIONS[code - 1] for code in stored["emotion"]]
    assert by_id["actor"].astype(int).tolist() == stored["actor"].tolist()


def test_every_sound_can_be_read(ravdess):
    seconds = []
    for _, row in ravdess.iterrows():
        signal, rate = read_audio(row)
        seconds.append(len(signal) / rate)
    assert rate == 16000
    assert 2.5 < min(seconds) < max(seconds) < 6


def test_sound_file_and_film_hold_the_same_speech(ravdess):
    row = ravdess[ravdess["video"].str.contains(r"[/\\]01-01-", na=False)].iloc[0]
    apart, _ = read_audio(row, rate=16000)
    film, _ = read_audio({**row, "audio": row["video"]}, rate=16000)
    n = min(len(apart), len(film))
    spectrum = np.fft.rfft(apart[:n], 2 * n) * np.fft.rfft(film[:n], 2 * n).conj()
    correlation = np.fft.irfft(spectrum).max()
    assert correlation > 0.9 * np.linalg.norm(apart) * np.linalg.norm(film)


def test_films_have_the_frames_that_openface_counted(ravdess):
    films = ravdess[ravdess["video"].str.contains(r"[/\\]01-01-", na=False)]
    assert len(films) == 4
    for _, row in films.iterrows():
        count = sum(1 for _ in iter_video(row, size=32))
        assert count == len(read_action_units(row, frames=True))
    frames, fps = read_video(row, size=(72, 128))
    assert frames.shape == (count, 72, 128, 3)
    assert fps == pytest.approx(30000 / 1001)


def test_the_silent_films_sound_track_is_refused(ravdess):
    """Each 02 file does carry a track of zeros."""
    silent = ravdess[ravdess["video"].str.contains(r"[/\\]02-01-", na=False)].iloc[0]
    with pytest.raises(CorpusError, match=r"02-01-.*only silence; take the file that has sound"):
        read_audio({**silent, "audio": silent["video"]})


def test_action_units_are_a_row_a_clip_or_a_frame(ravdess):
    assert ravdess["action_units"].notna().all()
    mean = read_action_units(ravdess.iloc[0])
    assert mean.shape == (1, 35)
    assert list(mean.columns[[0, 16, 17, 33, 34]]) == [
        "AU01_r",
        "AU45_r",
        "AU01_c",
        "AU28_c",
        "AU45_c",
    ]
    frames = read_action_units(ravdess.iloc[0], frames=True)
    assert frames.filter(like="_r").to_numpy().max() <= 5
    assert set(np.unique(frames.filter(like="_c"))) <= {0, 1}
    late = ravdess[ravdess["actor"] == "20"].iloc[0]
    with pytest.raises(CorpusError, match=r"au_frames_actors01-05\.npz has 0 entries"):
        read_action_units(late, frames=True)
