"""The thesis's tables: what is printed, what is measured, and that a run goes on."""

import numpy as np
import pytest
from clip_tables import speech

from emolib import corpora, models
from emolib.evaluation import gru_attention_tables as tables
from emolib.evaluation import read_records, split


@pytest.fixture(scope="module")
def clips():
    """Eight actors whose sequences tell the label in every step; lengths differ."""
    rng = np.random.default_rng(0)
    table = corpora.clip_table(
        {"clip": f"{a}-{t}", "corpus": "drawn", "actor": f"{a}", "emotion": ("sad", "happy")[t % 2]}
        for a in range(8)
        for t in range(6)
    )
    sign = np.where(table["emotion"] == "sad", -1, 1)
    audio = [s + rng.normal(size=(rng.integers(6, 12), 4)) for s in sign]
    video = [s + rng.normal(size=(rng.integers(3, 6), 3)) for s in sign]
    return table, {"audio": audio, "video": video}


SMALL = {"layers": 1, "units": 6, "dense": 6, "epochs": 25, "batch": 8, "rate": 1e-2}


def test_every_best_and_lowest_fold_is_a_count_of_144_clips():
    """As printed, to a hundredth of a per cent: the audit's arithmetic."""
    for value in tables.PUBLISHED[["best", "lowest"]].to_numpy().ravel():
        assert abs(round(value * 144) / 144 - value) <= 5.1e-5
    assert tables.PUBLISHED.loc["both", "mean"] == 0.9125
    sizes = {p: {len(f.test) for f in split(speech(), p, 10)} for p in ("clips", "actors")}
    assert sizes["clips"] == {144} and 144 not in sizes["actors"], "no fold of whole actors"


def test_the_grids_are_tables_4_1_and_4_3():
    video, audio = ({tables.named(**row): row["published"] for row in tables.GRIDS[n]}
                    for n in ("video", "audio"))  # fmt: skip
    assert len(video) == 8 and len(audio) == 6, "no setting stands twice"
    assert max(video, key=video.get) == "1x512-bn" and max(audio, key=audio.get) == "3x256-bn"


def test_the_fold_table_is_mean_best_lowest_and_deviation():
    folds = [{"metrics": {"accuracy": a}} for a in (0.5, 0.7, 0.6, 0.6)]
    content = {"system": "s", "protocol": "actors", "variant": "plain", "folds": folds}
    row = tables.fold_table([content]).iloc[0]
    assert (row["mean"], row["best"], row["lowest"], row["folds"]) == (0.6, 0.7, 0.5, 4)
    np.testing.assert_allclose(row["std"], np.sqrt(0.02 / 4))
    alone = tables.fold_table([content | {"folds": folds[1:2]}]).iloc[0]
    assert alone["mean"] == 0.7, "one fold has a mean and no spread"
    assert alone[["best", "lowest", "std"]].isna().all()


@pytest.mark.parametrize("inputs", [("audio",), ("audio", "video")])
def test_it_learns_and_an_interrupted_run_goes_on(clips, inputs, tmp_path, monkeypatch):
    table, sequences = clips
    given = {name: sequences[name] for name in inputs}
    run = {"folds": 3, "resume": tmp_path, "attention": "soft", **SMALL}
    first, summary = tables.measure(table, given, "actors", **run)
    assert np.mean([fold["accuracy"] for fold in summary["folds"]]) > 0.85
    finished = sorted(tmp_path.glob("fold-*"))
    assert len(finished) == 3
    monkeypatch.setattr(models, "gru_attention", lambda *_, **__: 1 / 0)
    again, _ = tables.measure(table, given, "actors", **run)
    np.testing.assert_allclose(again.filter(regex="^p_"), first.filter(regex="^p_"))
    finished[1].unlink()
    with pytest.raises(ZeroDivisionError):
        tables.measure(table, given, "actors", **run)


def test_another_setting_is_not_read_from_the_finished_folds(clips, tmp_path, monkeypatch):
    table, sequences = clips
    given = {"video": sequences["video"]}
    tables.measure(table, given, "actors", resume=tmp_path, **SMALL | {"epochs": 1})
    monkeypatch.setattr(models, "gru_attention", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tables.measure(table, given, "actors", resume=tmp_path, **SMALL | {"epochs": 2})


def test_the_scaler_sees_training_rows_only(clips):
    table, sequences = clips
    labels = table["emotion"].to_numpy(str)
    rows = np.arange(48)
    plain, moved = list(sequences["video"]), list(sequences["video"])
    moved[-1] = moved[-1] + 1e4
    answers = [
        tables.train_network({"video": own}, labels, **SMALL | {"epochs": 1})(
            rows[:36], rows[:0], rows[36:], 0
        )
        for own in (plain, moved)
    ]
    np.testing.assert_allclose(answers[0][:-1], answers[1][:-1], atol=1e-5)


def test_a_grid_is_one_summary_with_a_metric_a_setting(clips):
    table, sequences = clips
    grid = [{"layers": 1, "units": 4, "batch_norm": bn, "published": 0.5} for bn in (True, False)]
    options = {"epochs": 1, "dense": 4}
    summary = tables.measure_grid(table, {"video": sequences["video"]}, "clips", grid, **options)
    assert set(summary["folds"][0]) == set(summary["interval"]) == {"1x4-bn", "1x4"}


def test_the_command_in_a_record_gives_the_same_options_again():
    words = [
        "--inputs",
        "video",
        "--grid",
        "--seeds",
        "2",
        "--attention",
        "hard",
        "--data-dir",
        "x",
    ]
    options = tables._parser().parse_args(words)
    told = tables._parser().parse_args(tables.told(tables._parser(), options).split())
    assert vars(told) == vars(options) | {"data_dir": "DATA_DIR"}


def test_a_setting_is_measured_under_both_protocols(clips, tmp_path, monkeypatch):
    table, sequences = clips
    monkeypatch.setattr(tables.corpora, "load", lambda *_: table.assign(audio="a.wav"))
    monkeypatch.setattr(tables.corpora, "take", lambda table, *_: table)
    monkeypatch.setattr(tables, "audio_sequences", lambda *_: sequences["audio"])
    words = ["--layers", "1", "--units", "4", "--attention", "soft", "--epochs", "1"]
    tables.main([*words, "--results", str(tmp_path), "--cache", str(tmp_path / "cache")])
    written = read_records(tmp_path)
    assert [r["protocol"] for r in written] == ["actors", "clips"]
    assert {r["system"] for r in written} == {"gru-attention-audio-1x4-bn-soft"}
    assert written[0]["command"].endswith("--layers 1 --units 4 --attention soft --epochs 1")


def test_a_puppets_sound_and_face_become_steps(tmp_path, monkeypatch):
    row = corpora.load("puppets").iloc[:1]
    signal, rate = corpora.read_audio(row.iloc[0])
    (heard,) = tables.audio_sequences(row)
    assert heard.shape == (1 + len(signal) // (rate // 25), 13), "a step every 40 ms"
    (seen,) = tables.video_sequences(row, tmp_path)
    assert seen.shape[1] == 128 and abs(len(seen) - 7.5 * len(signal) / rate) <= 1.5
    (again,) = tables.video_sequences(row, tmp_path)
    np.testing.assert_array_equal(again, seen)
    monkeypatch.setattr(tables, "WEIGHTS", "README.md")  # other weights: not what was kept
    tables.video_sequences(row, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
