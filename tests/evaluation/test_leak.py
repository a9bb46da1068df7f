"""One network, one set of features; only the split moves."""

import numpy as np
import pytest

from emolib import corpora
from emolib.evaluation import add_copies, leak, read_records, stored_records

EMOTIONS = ("angry", "happy", "sad")


@pytest.fixture(scope="module")
def memorable():
    """Clips to be known by heart: features tell which clip it is, and nothing of its label."""
    rng = np.random.default_rng(0)
    table = corpora.clip_table(
        {
            "clip": f"{actor:02}-{trial:02}",
            "corpus": "own",
            "actor": f"{actor:02}",
            "audio": "x.wav",
            "emotion": EMOTIONS[rng.integers(3)],
        }
        for actor in range(8)
        for trial in range(15)
    )
    table = add_copies(table)
    of_clip = dict(zip(table["clip"].unique(), rng.normal(size=(120, 162)), strict=True))
    features = np.array([of_clip[clip] for clip in table["clip"]])
    return table, features + 0.1 * rng.normal(size=features.shape)


def test_rows_know_the_clip_by_heart_and_clips_and_actors_do_not(memorable, tmp_path):
    accuracy = {}
    for protocol in ("rows", "clips", "actors"):
        predictions, summary = leak.measure(*memorable, protocol, [0], epochs=40, resume=tmp_path)
        assert (predictions["copy"] == 0).any() and summary["n_actors"] >= 2
        accuracy[protocol] = summary["folds"][0]["accuracy"]
    assert accuracy["rows"] > 0.8
    assert accuracy["clips"] < 0.6 and accuracy["actors"] < 0.6, "there is nothing to understand"
    again, _ = leak.measure(*memorable, "rows", [0], epochs=40, resume=tmp_path)
    first, _ = leak.measure(*memorable, "rows", [0], epochs=40)
    assert np.allclose(again.filter(regex="^p_"), first.filter(regex="^p_"), atol=1e-3), "one seed"


def test_the_scaler_sees_training_rows_only(memorable):
    """A test row moved far away must not move any other test row's answer."""
    table, features = memorable
    fit_predict = leak.train_network(features, table["emotion"].to_numpy(), epochs=1)
    rows = np.arange(len(table))
    train, test = rows[:200], rows[200:]
    plain = fit_predict(train, rows[:0], test, 0)
    moved = features.copy()
    moved[test[-1]] += 1e6
    other = leak.train_network(moved, table["emotion"].to_numpy(), epochs=1)(
        train, rows[:0], test, 0
    )
    assert np.allclose(plain[:-1], other[:-1], atol=1e-5)
    assert not np.allclose(plain[-1], other[-1], atol=1e-5)


def test_the_real_record_falls_from_rows_to_clips_to_actors():
    """RAVDESS speech, one network: no interval under one split reaches the next one's mean."""
    held_out = {
        record["protocol"]: record
        for record in stored_records("dv-emotionnet", "ravdess")
        if record["parameters"]["split"].startswith("25 %")
    }
    rows, clips, actors = (held_out[protocol] for protocol in ("rows", "clips", "actors"))
    for upper, lower in ((rows, clips), (clips, actors)):
        assert upper["interval"]["accuracy"][0] > lower["mean"]["accuracy"]
        assert lower["interval"]["accuracy"][1] < upper["mean"]["accuracy"]
    assert all(record["seeds"] == [0, 1, 2, 3, 4] for record in held_out.values())
    chance = 192 / 1440
    assert actors["interval"]["accuracy"][0] > chance


def test_the_command_in_a_record_gives_its_seeds_and_epochs_again(tmp_path, monkeypatch, memorable):
    table, features = memorable
    originals = table[table["copy"] == 0].drop(columns="recipe")
    monkeypatch.setattr(leak.corpora, "load", lambda *_: originals)
    monkeypatch.setattr(leak, "feature_table", lambda table, **_: features[: len(table)])
    words = ["--system", "nearest-neighbour", "--seeds", "1", "--epochs", "7"]
    folders = ["--results", str(tmp_path / "records"), "--cache", str(tmp_path)]
    monkeypatch.setattr(leak, "split", lambda table, *_: [leak.holdout(table, "actors", 0.25, 1)])
    leak.main([*words, *folders])
    found = read_records(tmp_path / "records")
    assert len(found) == 4, "three held out and the ten folds, though both are of seed 0"
    for content in found:
        assert content["command"].endswith(" ".join(words))


@pytest.mark.parametrize("corpus", ["ravdess", "puppets"])
@pytest.mark.parametrize("system", leak.SYSTEMS)
def test_rows_beat_actors_by_at_least_15_points(corpus, system):
    means = {
        record["protocol"]: record["mean"]["accuracy"]
        for record in stored_records(system, corpus)
        if record["parameters"]["split"].startswith("25 %")
    }
    assert means["rows"] > means["clips"] > means["actors"]
    assert means["rows"] - means["actors"] >= 0.15


def test_the_nearest_neighbour_repeats_the_label_of_the_nearest_row():
    """Five rows on a line, one column far larger than the other: standardising makes both count."""
    features = np.array([[0, 0], [1, 9e3], [2, 0], [3, 9e3], [1.4, 0.0]])
    labels = np.array(["a", "b", "c", "d", "?"])
    rows = np.arange(5)
    answer = leak.nearest_neighbour(features, labels)
    assert answer(rows[:3], rows[3:4], rows[4:], 0).tolist() == ["c"]
    assert answer(rows[:2], rows[3:4], rows[4:], 0).tolist() == ["a"]


def test_the_puppets_card_says_what_the_record_says(checkout):
    rows, actors = (
        record["mean"]["accuracy"]
        for protocol in ("rows", "actors")
        for record in stored_records("dv-emotionnet", "puppets")
        if record["protocol"] == protocol and len(record["seeds"]) == 5
    )
    card = (checkout / "data" / "README.md").read_text(encoding="utf-8")
    said = f"{100 * (rows - actors):.1f} points ({100 * rows:.1f} − {100 * actors:.1f} %"
    assert said in card
