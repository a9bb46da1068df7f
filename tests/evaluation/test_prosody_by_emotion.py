"""Means by emotion: one vote an actor, changes from the actor's own neutral, the stored record."""

import numpy as np
import pandas as pd
import pytest

from emolib.audio import PROSODY
from emolib.evaluation import EvaluationError, prosody_by_emotion, read_records, stored_records


@pytest.fixture
def measures():
    """Eight voices, 10 dB apart; sad is 3 dB below each one's neutral, and happy 6 dB above."""
    rng = np.random.default_rng(0)
    rows = [
        {"actor": str(actor), "emotion": emotion, "level": 10 * actor + step + rng.normal() / 10}
        for actor in range(8)
        for emotion, step in (("neutral", 0), ("sad", -3), ("happy", 6))
        for _ in range(4)
    ]
    return pd.DataFrame(rows)


def by_emotion(measures):
    means = prosody_by_emotion.means_by_emotion(
        measures[["level"]], measures["emotion"], measures["actor"]
    )
    return means.set_index("emotion")


def test_the_change_drops_the_voice_out(measures):
    found = by_emotion(measures)
    for emotion, step in (("sad", -3), ("happy", 6)):
        row = found.loc[emotion]
        assert row["mean"] == pytest.approx(35 + step, abs=0.2)
        assert row["change_low"] < row["change"] < row["change_high"]
        assert row["change"] == pytest.approx(step, abs=0.2)
        assert row["change_high"] - row["change_low"] < 0.5
        assert row["high"] - row["low"] > 20  # voices differ more than emotions do
    assert np.isnan(found.loc["neutral", "change"])


def test_an_actor_with_more_clips_has_still_one_vote(measures):
    more = pd.concat([measures, *[measures[measures["actor"] == "7"]] * 9], ignore_index=True)
    np.testing.assert_allclose(by_emotion(more)["mean"], by_emotion(measures)["mean"])


def test_what_has_no_pitch_is_left_out_and_counted(measures):
    measures.loc[4, "level"] = np.nan  # the first sad clip of actor 0
    found = by_emotion(measures)
    assert found.loc["sad", ["clips", "left_out"]].tolist() == [31, 1]
    assert np.isfinite(found.loc["sad", "change"])


def test_an_actor_without_neutral_clips_is_named(measures):
    without = measures[(measures["actor"] != "3") | (measures["emotion"] != "neutral")]
    with pytest.raises(EvaluationError, match="actor 3 has no neutral clip with a level"):
        by_emotion(without)


def test_the_command_writes_a_record_that_can_be_read(tmp_path, monkeypatch, capsys):
    table = prosody_by_emotion.corpora.load("puppets")
    two = table[table["actor"].isin(["01", "02"])]
    few = two.groupby(["actor", "voice_shows", "intensity"]).head(1)
    monkeypatch.setattr(prosody_by_emotion.corpora, "load", lambda name, root: few)
    prosody_by_emotion.main(["--results", str(tmp_path / "r"), "--cache", str(tmp_path / "c")])
    (record,) = read_records(tmp_path / "r")
    assert record["n_actors"] == 2 and record["parameters"]["clips"] == len(few)
    assert len(record["mean"]) == len(PROSODY) * (8 + 7) * 2 == len(record["interval"])
    said = capsys.readouterr().out
    for name in ("level_sad_change", "level_sad_change_normal"):
        assert f"{record['mean'][name]:+.2f}" in said
    # Strong clips are left out of the second: what is normal is nearer to neutral.
    assert abs(record["mean"]["level_angry_change_normal"]) < abs(
        record["mean"]["level_angry_change"]
    )


def test_the_stored_record_is_of_all_real_clips():
    (record,) = stored_records("prosody", "ravdess")
    assert record["n_actors"] == 24 and record["parameters"]["clips"] == 1440
    for name, (low, high) in record["interval"].items():
        assert low <= record["mean"][name] <= high
