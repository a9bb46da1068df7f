"""Own corpora: a folder and a csv file, as people write them."""

import numpy as np
import pandas as pd
import pytest
from clip_files import touch, write_clip, write_sound

from emolib.corpora import CorpusError, load, read_audio, read_features, read_video


def write_csv(root, text, encoding="utf-8", name="clips.csv"):
    (root / name).write_text(text, encoding=encoding)
    return root


def test_paths_are_relative_to_the_folder_from_wherever_it_is_read(tmp_path, monkeypatch):
    home = tmp_path / "class"
    home.mkdir()
    write_sound(home / "a.wav")
    write_clip(home / "b.mp4")
    absolute = write_sound(tmp_path / "elsewhere.wav")
    write_csv(
        home,
        "clip,actor,emotion,audio,video\nc1,ana,happy,a.wav,b.mp4\n"
        f"c2,ben,sad,../elsewhere.wav,\nc3,cy,,{absolute.as_posix()},\n",
    )
    monkeypatch.chdir(home)
    for root in (home, ".", "../class"):
        table = load("own", root)
        assert [read_audio(row)[1] for _, row in table.iterrows()] == [16000] * 3
        assert len(read_video(table.iloc[0])[0]) == 30
    assert table["video"].notna().tolist() == [True, False, False]
    assert table["emotion"].isna().tolist() == [False, False, True]
    assert (table["corpus"] == "own").all()


def test_tables_as_excel_writes_them(tmp_path):
    """A mark at the beginning, blanks around words, actors called NA and None, numbers as ids."""
    touch(tmp_path, "1.wav", "2.wav", "3.wav")
    lines = ("clip, actor ,emotion,audio,room", "007,NA, happy ,1.wav,A", "1e3,None,sad,2.wav,")
    text = "\n".join([*lines, "3,,,3.wav,B", ""])
    table = load("own", write_csv(tmp_path, text, encoding="utf-8-sig"))
    assert table["clip"].tolist() == ["007", "1e3", "3"]
    assert table["actor"].tolist()[:2] == ["NA", "None"]
    assert pd.isna(table.loc[2, "actor"])
    assert table["emotion"].tolist()[:2] == ["happy", "sad"]
    assert table["room"].isna().tolist() == [False, True, False]


def test_the_corpus_may_have_a_name_and_the_csv_another(tmp_path):
    touch(tmp_path, "DC_a01.wav")
    write_csv(tmp_path, "clip,corpus,copy,audio\nDC_a01,savee,0,DC_a01.wav\n", name="savee.csv")
    table = load("own", tmp_path, file="savee.csv")
    assert table.loc[0, "corpus"] == "savee"
    assert table.loc[0, "copy"] == 0


def test_an_empty_corpus_is_own_and_a_seat_is_no_place_in_a_file(tmp_path):
    np.savez(tmp_path / "a.npz", audio=np.arange(3.0))
    write_sound(tmp_path / "a.wav")
    lines = ("clip,corpus,audio,features,part,position", "c,,a.wav,a.npz,train,front row")
    table = load("own", write_csv(tmp_path, "\n".join([*lines, "d,savee,a.wav,a.npz,,3", ""])))
    assert table["corpus"].tolist() == ["own", "savee"]
    for _, row in table.iterrows():
        assert read_audio(row)[1] == 16000
        assert read_features(row, "audio").tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "clip,emotion,audio\nc,joy,a.wav\nd,joy,a.wav\n",
            r"line 2: emotion 'joy' is none of neutr"
            r"al, calm, happy, sad, angry, fearful, disgust, surprised \(2 such lines\)",
        ),
        ("clip,emotion,audio\nc,Happy,a.wav\n", "line 2: emotion 'Happy' is none of"),
        (
            "clip,audio\nc,b.wav\nd,a.wav\ne,c.wav\n",
            r"b\.wav: no such file; .*names 2 of this kind",
        ),
        ("clip,audio\nc,a.wav\nc,a.wav\n", "clip 'c', copy 0, stands 2 times"),
        ("clip,copy,audio\nc,1.5,a.wav\n", r"line 2: copy '1\.5' is no whole number"),
        ("clip,audio\n,a.wav\n", "line 2: no clip id"),
        ("clip;audio\nc;a.wav\n", "separated by commas; it has clip;audio"),
        ("clip,emotion\nc,sad\n", "one of audio, video, action_units, features"),
        ("clip,audio\n", "holds no clip"),
        ("", r"clips\.csv is no csv file"),
        ("clip,audio\nc,a.wav\nd,a.wav,x,y\n", r"clips\.csv is no csv file"),
        ("clip,audio\nc,a.wav,\nd,a.wav,\n", "more cells than the first line: take out the commas"),
    ],
)
def test_what_is_wrong_in_a_table_is_said_with_its_place(tmp_path, text, message):
    touch(tmp_path, "a.wav")
    with pytest.raises(CorpusError, match=message):
        load("own", write_csv(tmp_path, text))


def test_a_table_in_another_encoding_is_refused(tmp_path):
    touch(tmp_path, "a.wav")
    with pytest.raises(CorpusError, match=r"clips\.csv is no csv file in UTF-8"):
        load("own", write_csv(tmp_path, "clip,actor,audio\nc,Jürgen,a.wav\n", encoding="latin-1"))


def test_no_table_is_answered_with_how_to_write_one(tmp_path):
    with pytest.raises(CorpusError, match=r"clips\.csv: no such file\. Write one with the columns"):
        load("own", tmp_path)
