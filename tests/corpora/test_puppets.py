"""The synthetic corpus: its design, its recipes, and the same bytes whoever asks, in any order."""

import hashlib
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest

from emolib import corpora
from emolib.corpora import puppets

SOME = [7, 1200, 400, 801]  # rows


def fingerprint(row):
    signal, rate = corpora.read_audio(row)
    frames, fps = corpora.read_video(row)
    whole = signal.tobytes() + frames.tobytes() + f"{rate} {fps}".encode()
    return hashlib.sha256(whole).hexdigest()


@pytest.fixture(scope="module")
def table():
    return corpora.load("puppets")


def test_the_design_is_that_of_ravdess_speech(table):
    assert len(table) == 1440
    assert table["actor"].nunique() == 24
    assert (table.groupby("actor").size() == 60).all()
    cells = table.groupby(["emotion", "intensity"]).size()
    assert cells.pop(("neutral", "normal")) == 96
    assert len(cells) == 14 and (cells == 96).all()
    for row in table.sample(20, random_state=1).itertuples():
        _, emotion, intensity, _, _, actor = row.clip.split("-")
        assert corpora.EMOTIONS[int(emotion) - 1] == row.emotion
        assert (intensity == "02") is (row.intensity == "strong")
        assert actor == row.actor
        assert (int(actor) % 2 == 1) is (row.sex == "male")


def test_who_changes_a_clip_changes_no_later_reading(table):
    row, before = table.iloc[7], fingerprint(table.iloc[7])
    voice = puppets.speak(row)
    voice.signal[:] = 0
    voice.phonemes.clear()
    assert fingerprint(row) == before


def test_same_bytes_in_any_order_and_process(table):
    here = [fingerprint(table.iloc[k]) for k in SOME]
    backwards = [fingerprint(table.iloc[k]) for k in SOME[::-1]][::-1]
    code = (
        "import sys; sys.path.insert(0, 'tests/corpora')\n"
        "from test_puppets import SOME, fingerprint\n"
        "from emolib import corpora\n"
        "table = corpora.load('puppets')\n"
        "print(*[fingerprint(table.iloc[k]) for k in SOME[2:]])\n"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert here == backwards
    assert here[2:] == elsewhere
    assert len(set(here)) == len(SOME)


def test_a_kept_clip_is_the_made_one(table, tmp_path):
    kept = corpora.load("puppets", cache=tmp_path)
    first = fingerprint(kept.iloc[7])
    (file,) = tmp_path.rglob("*.npz")
    assert fingerprint(kept.iloc[7]) == first == fingerprint(table.iloc[7])
    signal = np.zeros(16000, np.float32)
    np.savez(file, signal=signal, frames=np.zeros((30, 112, 112, 3), np.uint8))
    assert not corpora.read_audio(kept.iloc[7])[0].any(), "the kept file is what is read"
    file.write_bytes(file.read_bytes()[:-100])
    assert fingerprint(kept.iloc[7]) == first, "a damaged file is made anew"


def test_two_threads_keep_one_clip(tmp_path, monkeypatch):
    row, meet = corpora.load("puppets", cache=tmp_path).iloc[7], threading.Barrier(2, timeout=60)
    draw, found = puppets.draw, []
    monkeypatch.setattr(puppets, "draw", lambda row: (draw(row), meet.wait())[0])
    read = [threading.Thread(target=lambda: found.append(puppets.read_audio(row)[0])) for _ in "ab"]
    for one in read:
        one.start()
    for one in read:
        one.join()
    assert len(found) == 2 and np.array_equal(*found)
    assert len(list(tmp_path.rglob("*.*"))) == 1, "nothing half-written is left"


def test_a_clip_that_other_code_made_is_not_taken(tmp_path, monkeypatch):
    one = corpora.load("puppets", cache=tmp_path).loc[0, "video"]
    monkeypatch.setattr(puppets, "_code", lambda: "other")
    other = corpora.load("puppets", cache=tmp_path).loc[0, "video"]
    assert one != other and "puppets-other" in other


@pytest.mark.parametrize("identity", [0, 1e-5, 0.1234567, 0.5, 1])
def test_the_identity_is_written_with_all_its_digits(tmp_path, identity):
    for cache in (None, tmp_path / "a-1"):
        row = corpora.load("puppets", identity=identity, cache=cache).iloc[0]
        assert puppets.identity_of(row) == identity


def test_the_default_keeps_its_name_and_leaves_nothing_out(table):
    assert table.loc[0, "video"] == "mix-1/01-01-01-01-01-01"
    assert table.attrs["left_out"] == {}


def test_redundant_clips_show_one_emotion_twice():
    table = corpora.load("puppets", recipe="redundant")
    assert (table["voice_shows"] == table["emotion"]).all()
    assert (table["face_shows"] == table["emotion"]).all()


def test_unique_clips_tell_by_one_sense_while_the_other_is_neutral():
    table = corpora.load("puppets", recipe="unique")
    by_voice, by_face = (table[s] == table["emotion"] for s in ("voice_shows", "face_shows"))
    told = table["emotion"] != "neutral"
    assert (by_voice ^ by_face)[told].all()
    silent = table["voice_shows"].where(~by_voice, table["face_shows"])[told]
    assert (silent == "neutral").all()
    told_by = by_voice.groupby(table["emotion"]).mean().drop("neutral")
    assert set(told_by) == {0.0, 1.0}, "an emotion is always told by the same sense"


def test_synergistic_clips_tell_by_the_pair_alone():
    """One sense says nothing: given what it shows, no label is likelier. The pair says all."""
    table = corpora.load("puppets", recipe="synergistic")
    table = table[table["emotion"] != "neutral"]
    pairs = table.groupby(["voice_shows", "face_shows"])["emotion"].nunique()
    assert len(pairs) == 49 and (pairs == 1).all()
    for sense in ("voice_shows", "face_shows"):
        counts = pd.crosstab(table[sense], table["emotion"])
        expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.to_numpy().sum()
        chi_square = ((counts - expected) ** 2 / expected).to_numpy().sum()
        assert chi_square < 36 + 4 * np.sqrt(72), "36 degrees of freedom"


def test_the_mix_holds_what_it_states(table):
    shares = table[table["emotion"] != "neutral"]["kind"].value_counts(normalize=True)
    for kind, share in puppets.MIX.items():
        assert abs(shares[kind] - share) < 0.03


def test_truth_fits_the_clip(table):
    row = table.iloc[1200]
    truth = corpora.read_truth(row)
    signal, rate = corpora.read_audio(row)
    frames, fps = corpora.read_video(row)
    seconds = len(signal) / rate
    assert abs(len(frames) / fps - seconds) < 1 / fps
    assert abs(len(truth["f0"]) * 0.010 - seconds) < 0.03
    assert ((truth["f0"] > 0) == truth["voiced"]).all()
    assert truth["phonemes"][0][1] == 0 and abs(truth["phonemes"][-1][2] - seconds) < 0.02
    assert len(truth["action_units"]) == len(truth["box"]) == len(frames)
    assert truth["landmarks"].shape == (len(frames), len(truth["landmark_names"]), 2)
    x, y, width, height = truth["box"].T
    eyes = truth["landmarks"][:, truth["landmark_names"].index("left_eye")].T
    assert ((x < eyes[0]) & (eyes[0] < x + width) & (y < eyes[1]) & (eyes[1] < y + height)).all()
    pd.testing.assert_frame_equal(
        truth["action_units"], corpora.read_action_units(row, frames=True)
    )


def test_without_identity_no_actor_shows_in_a_clip():
    """The same trial of two actors differs by its random numbers only, so give both the same."""
    table = corpora.load("puppets", recipe="redundant", identity=0)
    one, other = table.iloc[7].copy(), table.iloc[7].copy()
    other["actor"] = "18"
    assert fingerprint(one) == fingerprint(other)
    with_identity = corpora.load("puppets", recipe="redundant").iloc[7].copy()
    same = with_identity.copy()
    same["actor"] = "18"
    assert fingerprint(with_identity) != fingerprint(same)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"recipe": "stew"}, "stew"), ({"identity": 1.5}, "1.5"), ({"identity": -1}, "-1")],
)
def test_unknown_recipes_are_named(options, message):
    with pytest.raises(corpora.CorpusError, match=message):
        corpora.load("puppets", **options)
