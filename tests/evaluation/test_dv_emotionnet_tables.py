"""dv-emotionnet's whole path: what a row holds, what is fitted on what, and what is reported."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import classification_report, confusion_matrix

from emolib import audio, corpora, devices, evaluation, fusion, video
from emolib.evaluation import dv_emotionnet_tables as tables

EMOTIONS = ("angry", "happy", "sad")
AVERAGES = (("macro average", "macro avg"), ("weighted average", "weighted avg"))


def clip_table(actors=8, trials=12, seed=0):
    rng = np.random.default_rng(seed)
    return corpora.clip_table(
        {
            "clip": f"{actor:02}-{trial:02}",
            "corpus": "own",
            "actor": f"{actor:02}",
            "audio": "x.wav",
            "emotion": EMOTIONS[rng.integers(3)],
        }
        for actor in range(actors)
        for trial in range(trials)
    )


@pytest.fixture(scope="module")
def rows():
    """240 clips of noise, one row each."""
    rng = np.random.default_rng(1)
    table = clip_table(10, 24)
    return tables.FeatureRows(
        table,
        rng.normal(size=(240, 162)).astype(np.float32),
        rng.normal(size=(240, 1467)).astype(np.float32),
    )


def test_the_row_of_a_clip_is_clip_features_and_a_moments_shares_are_whole():
    clip = corpora.load("puppets").iloc[5]
    made = tables.picture_rows(clip)
    frames, _ = corpora.read_video(clip, size=tables.SIZE, fps=tables.FPS)
    assert np.allclose(made[0], video.clip_features(frames, n=tables.POINTS))
    shares = made.reshape(1 + tables.MOMENTS, 9, 163)[..., -1].sum(axis=1)
    assert shares[0] == pytest.approx(1)
    assert np.allclose(shares, np.rint(shares), atol=1e-5), "all points, or none"
    assert (made[shares == 0] == 0).all() and 1 < shares.sum() < 1 + tables.MOMENTS


def test_a_moment_sees_the_points_around_it_only(monkeypatch):
    """A square that flashes around frame 15 is seen by the second moment, frames 12 to 18."""
    frames = np.zeros((80, 112, 112, 3), np.uint8)
    frames[:, 40:60, 40:60] = 90
    frames[14:17, 40:60, 40:60] = 250
    monkeypatch.setattr(corpora, "read_video", lambda row, size, fps: (frames, fps))
    made = tables.picture_rows(pd.Series({"corpus": "puppets"}), moments=8)
    assert [row.any() for row in made] == [True, False, True, *[False] * 6]
    assert np.array_equal(made[0], made[2])


def test_moments_that_tile_the_sound_are_its_parts(monkeypatch):
    """The sound itself stands in for its features, which are librosa's and slow."""
    assert tables.audio_features_162 is audio.audio_features_162
    monkeypatch.setattr(tables, "audio_features_162", lambda part, rate: [*part, rate])
    signal = np.random.default_rng(2).normal(size=4 * 8000)
    made = tables.sound_moments(signal, 16_000, moments=4, seconds=0.5)
    assert np.array_equal(made[:, :-1], np.split(signal, 4)) and (made[:, -1] == 16_000).all()
    made = tables.sound_moments(signal, 16_000, moments=16, seconds=1)[:, :-1]
    assert np.array_equal(made[0], signal[:16_000]) and np.array_equal(made[-1], signal[-16_000:])
    assert np.array_equal(made[8], signal[9000:25_000]), "around its middle, at 17,000"


@pytest.mark.parametrize("kind", tables.INPUTS)
def test_what_is_fitted_sees_neither_test_rows_nor_their_labels(rows, kind):
    labels = rows.table["emotion"].to_numpy(str)
    learn = np.arange(180)
    plain = tables.network_input(rows, labels, kind, learn)
    assert plain.shape == (240, 162) and plain.dtype == np.float32
    assert np.allclose(plain[learn].mean(axis=0), 0, atol=1e-3)
    spread = plain[learn].std(axis=0)
    empty = spread == 0  # axes along which no penalty edge points; PCA and sound have none
    assert np.allclose(spread[~empty], 1, atol=1e-3)
    assert empty.any() == (kind == "both") and not empty[:20].any()
    moved = tables.FeatureRows(rows.table, rows.sound.copy(), rows.picture.copy())
    moved.sound[180:] += 100
    moved.picture[180:] -= 100
    others = labels.copy()
    others[180:] = "angry"
    again = tables.network_input(moved, others, kind, learn)
    assert np.allclose(plain[learn], again[learn], atol=1e-4)
    assert not np.allclose(plain[180:], again[180:], atol=1)


def test_an_axis_parts_something_only_while_penalty_edges_last():
    """As many axes as the joined samples have directions; the rest keep a ratio of 0."""
    rng = np.random.default_rng(3)
    values, classes = rng.normal(size=(400, 324)), np.arange(400) % 6
    fitted = fusion.MarginalFisherAnalysis(**tables.FUSED).fit(values, classes)
    pieces = connected_components(fusion.penalty_graph(values, classes, tables.FUSED["k2"]))[0]
    assert (fitted.eigenvalues_ < 1e6).sum() == 400 - pieces < tables.LENGTH


def test_frames_by_rows_know_the_clip_by_heart_and_by_clips_do_not(monkeypatch):
    """Features tell which clip a frame is of, and nothing of its emotion.

    One dense layer, quick to train, stands in for the network.
    """
    keras = devices.import_keras()

    def one_layer(n_features, n_classes):
        layers = keras.layers.Flatten(), keras.layers.Dense(n_classes, activation="softmax")
        return keras.Sequential([keras.Input((n_features, 1)), *layers])

    monkeypatch.setattr(tables.models, "dv_emotionnet", one_layer)
    rng = np.random.default_rng(4)
    clips = clip_table()
    table = clips.loc[clips.index.repeat(4)].reset_index(drop=True)
    table["copy"] = np.tile(np.arange(4), len(clips))
    sound = np.repeat(rng.normal(size=(len(clips), 162)), 4, axis=0)
    rows = tables.FeatureRows(table, sound + 0.1 * rng.normal(size=sound.shape), None)
    curves = {}
    predictions, by_rows = tables.measure(rows, "audio", "rows", [0], 20, curves)
    assert len(predictions) == len(table) / 4, "each frame is scored"
    assert by_rows["folds"][0]["accuracy"] > 0.8
    assert tables.measure(rows, "audio", "clips", [0], 20)[1]["folds"][0]["accuracy"] < 0.6
    assert set(curves) == {"accuracy", "loss", "val_accuracy", "val_loss"}
    assert curves["val_accuracy"][-1] == pytest.approx(by_rows["folds"][0]["accuracy"])


def test_a_clip_is_answered_by_the_mean_of_its_frames():
    predictions = pd.DataFrame(
        {
            "clip": ["a", "a", "a", "b"],
            "truth": ["sad", "sad", "sad", "happy"],
            "p_happy": [0.6, 0.6, 0.1, 0.4],
            "p_sad": [0.4, 0.4, 0.9, 0.6],
        }
    )
    assert tables._clip_accuracy(predictions) == 0.5  # two of a's three frames say happy


def test_the_report_is_scikit_learns_and_survives_a_record():
    rng = np.random.default_rng(5)
    truth = rng.choice(EMOTIONS, 200, p=(0.6, 0.3, 0.1))
    predicted = np.where(rng.random(200) < 0.5, truth, rng.choice(EMOTIONS, 200))
    counts = confusion_matrix(truth, predicted, labels=EMOTIONS)
    kept = {"confusion": {"classes": list(EMOTIONS), "counts": counts.tolist()}}
    again = tables.stored_answers({"parameters": kept})
    assert (confusion_matrix(*again, labels=EMOTIONS) == counts).all()
    given = classification_report(truth, predicted, output_dict=True)
    made = tables.class_report(*again)
    for ours, theirs in (*zip(EMOTIONS, EMOTIONS, strict=True), *AVERAGES):
        expected = [given[theirs][k] for k in ("precision", "recall", "f1-score", "support")]
        assert np.allclose(made.loc[ours].to_numpy(float), expected)


def test_faults_are_named(rows):
    labels = rows.table["emotion"].to_numpy(str)
    unseen = tables.FeatureRows(rows.table, rows.sound, None)
    for call, words in (
        (lambda: tables.read_rows(rows.table, "word"), "clip, frame"),
        (lambda: tables.network_input(rows, labels, "smell", np.arange(200)), "smell"),
        (lambda: tables.network_input(unseen, labels, "both", np.arange(200)), "not applicable"),
        (lambda: tables.network_input(rows, labels, "video", np.arange(162)), "more than 162"),
        (lambda: tables.accuracy_table([]), "no record"),
        (lambda: tables.stored_answers({"system": "x", "parameters": {}}), "no confusion"),
    ):
        with pytest.raises(evaluation.EvaluationError, match=words):
            call()


def test_without_video_sound_alone_is_measured_and_a_sentence_says_so(
    monkeypatch, tmp_path, capsys
):
    rng = np.random.default_rng(6)
    monkeypatch.setattr(corpora, "load", lambda name, root: clip_table())
    monkeypatch.setattr(tables, "feature_table", lambda clips, **_: rng.normal(size=(96, 162)))
    tables.main(["--rows", "clip", "--seeds", "1", "--epochs", "1", "--results", str(tmp_path)])
    said = capsys.readouterr().out
    assert "video and both are not applicable: 96 of 96 clips" in said
    made = evaluation.read_records(tmp_path)
    assert {r["system"] for r in made} == {"dv-emotionnet-audio-clip"}
    assert {r["protocol"] for r in made} == {"clips", "actors"}
    board = tables.accuracy_table(made)
    assert board.loc["audio", ("RAVDESS, as printed", "", "")] == "94.66"
    assert list(board.loc["audio"]).count("") == 0


@pytest.fixture(scope="module")
def stored():
    """The shipped records by input, row and protocol; synthetic, one seed."""
    return {
        (kind, row, record["protocol"]): record
        for kind in tables.INPUTS
        for row in tables.ROWS
        for record in evaluation.stored_records(f"dv-emotionnet-{kind}-{row}", "puppets")
    }


def accuracy(record):
    return record["mean"]["accuracy"]


def test_every_input_is_stored_under_every_protocol(stored):
    """One row a clip makes rows and clips the same protocol."""
    expected = {(k, "frame", p) for k in tables.INPUTS for p in ("rows", "clips", "actors")}
    expected |= {(k, "clip", p) for k in tables.INPUTS for p in ("clips", "actors")}
    assert set(stored) == expected
    for record in stored.values():
        truth, predicted = tables.stored_answers(record)
        assert np.mean(truth == predicted) == pytest.approx(accuracy(record))
        assert record["parameters"]["clips"] == 240 and record["parameters"]["actors"] == 10


@pytest.mark.parametrize(
    ("kind", "apart"),
    [("audio", True), ("both", True), ("both-concatenated", False), ("video", False)],
)
def test_stored_frames_split_by_rows_are_above_frames_split_by_actors(stored, kind, apart):
    """Where sound or MFA says something, intervals do not meet; a weak picture leaks little."""
    by_rows, by_actors = stored[kind, "frame", "rows"], stored[kind, "frame", "actors"]
    assert accuracy(by_rows) > accuracy(by_actors)
    low, high = by_rows["interval"]["accuracy"][0], by_actors["interval"]["accuracy"][1]
    assert (low > high) == apart


def test_stored_fusion_is_never_above_sound_by_more_than_a_point(stored):
    for (kind, row, protocol), record in stored.items():
        if kind.startswith("both"):
            assert accuracy(record) < 0.01 + accuracy(stored["audio", row, protocol])


def test_stored_marginal_fisher_analysis_beats_components_where_frames_are_rows(stored):
    for protocol in ("rows", "clips", "actors"):
        gain = accuracy(stored["both", "frame", protocol])
        gain -= accuracy(stored["both-concatenated", "frame", protocol])
        assert 0.045 < gain < 0.135
    for protocol in ("clips", "actors"):
        gain = accuracy(stored["both", "clip", protocol])
        assert abs(gain - accuracy(stored["both-concatenated", "clip", protocol])) < 0.05
