"""EMO-DB and JAFFE on trees made in their documented layouts."""

import cv2
import numpy as np
import pandas as pd
import pytest
from clip_files import touch, write_sound

from emolib.corpora import CorpusError, load, read_audio, read_video

SPEAKERS = {"male": ["03", "10", "11", "12", "15"], "female": ["08", "09", "13", "14", "16"]}


@pytest.mark.parametrize("below", ["wav", "flac", "."])
def test_emodb_codes_are_read(tmp_path, below):
    suffix = "flac" if below == "flac" else "wav"
    words = {
        "W": ("Wut", "angry"),
        "E": ("Ekel", "disgust"),
        "A": ("Angst", "fearful"),
        "F": ("Freude", "happy"),
        "T": ("Trauer", "sad"),
        "N": ("neutral", "neutral"),
        "L": ("Langeweile", pd.NA),
    }
    touch(tmp_path, *(f"{below}/08b10{letter}b.{suffix}" for letter in words))
    table = load("emodb", tmp_path)
    assert len(table) == 7
    for _, row in table.iterrows():
        label, emotion = words[row["clip"][5]]
        assert row["label"] == label
        assert row["emotion"] is emotion or row["emotion"] == emotion
        assert (row["actor"], row["statement"], row["repetition"]) == ("08", "b10", "b")


def test_emodb_has_five_men_and_five_women(tmp_path):
    touch(tmp_path, *(f"wav/{who}a01Fa.wav" for group in SPEAKERS.values() for who in group))
    sexes = load("emodb", tmp_path).groupby("sex")["actor"].apply(list).to_dict()
    assert sexes == SPEAKERS


def test_emodb_sound_and_strangers(tmp_path):
    (tmp_path / "wav").mkdir()
    write_sound(tmp_path / "wav" / "03a01Fa.wav")
    touch(tmp_path, "wav/03a01Xa.wav", "erkennung.txt")
    with pytest.warns(UserWarning, match="left out 1 files whose name is no code of EMO-DB"):
        table = load("emodb", tmp_path)
    assert read_audio(table.iloc[0])[1] == 16000
    touch(tmp_path, "flac/03a01Fa.flac")
    with pytest.raises(CorpusError, match=r"03a01Fa\.(wav|flac).*same clip twice"):
        load("emodb", tmp_path)


def test_jaffe_codes_and_pictures(tmp_path):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    cv2.imencode(".tiff", grey)[1].tofile(tmp_path / "KA.AN1.39.tiff")
    touch(tmp_path, "KM.NE3.3.tiff", "YM.SU2.59.tiff")
    table = load("jaffe", tmp_path).set_index("clip")
    assert table["emotion"].to_dict() == {
        "KA.AN1.39": "angry",
        "KM.NE3.3": "neutral",
        "YM.SU2.59": "surprised",
    }
    angry = table.reset_index().iloc[0]
    assert (angry["actor"], angry["label"], angry["repetition"]) == ("KA", "AN", "1")
    frames, fps = read_video(angry)
    assert fps == 1.0
    np.testing.assert_array_equal(frames, np.repeat(grey[None, ..., None], 3, axis=3))
