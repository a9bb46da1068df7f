"""low-rank's tables: who is on which side, what is standardised and refused, what is recorded."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from emolib import corpora
from emolib.evaluation import EvaluationError, read_records, regression_scores, stored_records
from emolib.evaluation import low_rank_tables as tables


def write_mosi(folder, n=160, videos=20, gap=None):
    """Write a MOSI in which the text tells the sentiment, and sound and face are noise."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, rows in (("train", n), ("test", n // 2)):
        y = np.arange(rows) % 2
        arrays[f"y_{part}"] = y
        arrays[f"utt_{part}"] = np.array([f"{part}-{k % videos}_{k}" for k in range(rows)])
        for name, length in (("audio", 3), ("text", 4), ("video", 3)):
            arrays[f"{name}_{part}"] = rng.normal(size=(rows, length))
        arrays[f"text_{part}"][:, 0] += 4 * y
    if gap:
        name, row, column, value = gap
        arrays[name][row, column] = value
    folder.mkdir(exist_ok=True, parents=True)
    np.savez(folder / "mosi_utterances.npz", **arrays)
    return folder


def write_pom(folder, rows=(60, 20, 30), steps=6):
    """Write a POM whose first rating is the sound's mean; the others are noise."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, n in zip(("train", "valid", "test"), rows, strict=True):
        audio, video = rng.normal(size=(n, steps, 3)), rng.normal(size=(n, steps, 2))
        audio += rng.normal(size=(n, 1, 1))
        audio[:, :2], video[::2] = 0, 0  # padding, and clips without a face
        y = rng.uniform(1, 7, (n, 17))
        y[:, 0] = np.clip(4 + audio[:, 2:, 0].mean(axis=1), 1, 7)
        arrays |= {f"audio_{part}": audio, f"video_{part}": video, f"y_{part}": y}
    folder.mkdir(exist_ok=True, parents=True)
    np.savez(folder / "pom_sequences.npz", **arrays)
    return folder


def no_network(x, y, divisions, fusion, task, seeds, epochs=None):
    """Answer as a network would that learnt nothing: 1, or each rating's mean plus its row."""
    learn, _, test = divisions[0]
    given = np.ones(len(test), int)
    if task == "regression":
        given = np.add.outer(np.arange(len(test)) / 1000, y[learn].mean(axis=0))
    return np.stack([given] * len(seeds))


@pytest.fixture(scope="module")
def mosi(tmp_path_factory):
    return tables.read_set("mosi", write_mosi(tmp_path_factory.mktemp("data") / "mosi"))


@pytest.mark.parametrize(
    ("name", "value"), [("audio_train", np.nan), ("audio_test", np.inf), ("video_test", -np.inf)]
)
def test_a_gap_is_refused_with_file_array_row_and_column(tmp_path, name, value):
    root = write_mosi(tmp_path / "mosi", gap=(name, 7, 2, value))
    place = rf"mosi_utterances\.npz: {name} holds .* row 7, column 2"
    with pytest.raises(EvaluationError, match=place):
        tables.read_set("mosi", root)


def test_no_recording_is_on_two_sides_and_each_seed_draws_others(mosi):
    table = mosi[0]
    chosen = []
    for seed in range(3):
        parts = tables.divide(table, seed)
        assert sorted(np.concatenate(parts)) == list(range(len(table)))
        recordings = [set(table["recording"].to_numpy()[rows]) for rows in parts]
        assert not any(recordings[i] & recordings[j] for i, j in ((0, 1), (0, 2), (1, 2)))
        assert (table["part"].to_numpy()[parts[2]] == "test").all()
        assert len(recordings[1]) == 4
        chosen.append(tuple(sorted(recordings[1])))
    assert len(set(chosen)) == 3
    np.testing.assert_array_equal(tables.divide(table, 1)[1], tables.divide(table, 1)[1])


def test_a_corpus_with_a_validation_part_keeps_its_own(tmp_path):
    table, _, _ = tables.read_set("pom", write_pom(tmp_path / "pom"))
    for seed in (0, 1):
        assert [len(rows) for rows in tables.divide(table, seed)] == [60, 20, 30]


def test_standardising_looks_at_no_test_row_and_leaves_padding_alone():
    rng = np.random.default_rng(0)
    values = rng.normal(3, 2, (50, 6, 4)).astype(np.float32)
    values[:, :2], values[5:9], values[..., 3] = 0, 0, 1.5
    values[5:9, :, 3] = values[:, :2, 3] = 0
    rows = np.arange(40)
    out = tables.standardise(values, rows)
    there = (values != 0).any(axis=-1)
    assert not out[~there].any()
    own = out[:40][there[:40]]
    np.testing.assert_allclose(own[:, :3].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(own[:, :3].std(axis=0), 1, atol=1e-3)
    assert not out[..., 3].any(), "a constant feature says nothing"
    changed = values.copy()
    changed[40:] *= 100
    np.testing.assert_array_equal(tables.standardise(changed, rows)[:40], out[:40])
    assert np.abs(tables.standardise(changed, rows)).max() == tables.MOST


def test_the_mean_over_time_passes_over_padding():
    values = np.array([[[0.0, 0], [1, 2], [3, 6]], [[0, 0], [0, 0], [0, 0]]])
    np.testing.assert_allclose(tables.mean_over_time(values), [[2, 4], [0, 0]])


def test_a_linear_system_is_chosen_on_validation_and_refitted_on_both(mosi):
    _, features, y = mosi
    x, parts = features["text"], tables.divide(mosi[0], 0)
    learn, validation, test = parts
    given = tables.choose_linear(tables.logistic_regression, (0.1,), x, y, parts)
    both = np.concatenate([learn, validation])
    expected = LogisticRegression(C=0.1, max_iter=2000).fit(x[both], y[both]).predict(x[test])
    np.testing.assert_array_equal(given, expected)
    flipped = y.copy()
    flipped[test] = 1 - y[test]
    again = tables.choose_linear(tables.logistic_regression, (0.1,), x, flipped, parts)
    np.testing.assert_array_equal(again, given)
    asked = []

    def make(setting):
        asked.append(setting)
        return LogisticRegression(C=setting)

    tables.choose_linear(make, (1e-9, 1.0), x, y, parts)
    assert asked == [1e-9, 1.0, 1.0], "the one that is right on validation"


def test_pca_reduces_each_modality_by_itself(mosi):
    _, features, y = mosi
    side = np.concatenate(list(features.values()), axis=1)
    made = tables.reduced_logistic_regression((2, 1.0), [v.shape[1] for v in features.values()])
    reduced = made.fit(side, y)[0].transform(side)
    assert reduced.shape == (len(y), 6)
    only_text = side.copy()
    only_text[:, 3:7] += 10
    moved = made[0].transform(only_text)
    changed = np.abs(moved - reduced).max(axis=0) > 1e-6
    np.testing.assert_array_equal(changed[[0, 1, 4, 5]], False)
    assert changed[2:4].any()


def test_the_network_learns_sees_no_test_label_and_starts_anew_with_each_seed(mosi):
    table, features, y = mosi
    parts = tables.divide(table, 0)
    x = {name: tables.standardise(features[name], parts[0]) for name in ("audio", "text")}
    flipped = y.copy()
    flipped[parts[2]] = 1 - y[parts[2]]

    def answers(y, seeds):
        divisions = [parts] * len(seeds)
        return tables.train_network(x, y, divisions, "low-rank", "classification", seeds, 8)

    given = answers(y, [0, 1])
    assert np.mean(given == y[parts[2]]) > 0.85
    np.testing.assert_array_equal(answers(flipped, [1])[0], given[1])


def test_ratings_come_back_in_their_own_units(tmp_path):
    table, features, y = tables.read_set("pom", write_pom(tmp_path / "pom", (200, 40, 60)))
    parts = tables.divide(table, 0)
    x = {name: tables.standardise(values, parts[0]) for name, values in features.items()}
    given = tables.train_network(x, y, [parts], "low-rank", "regression", [0], epochs=15)[0]
    assert given.shape == (60, 17)
    assert regression_scores(y[parts[2]][:, 0], given[:, 0])["pearson_r"] > 0.7
    assert abs(given[:, 0].mean() - 4) < 0.5


def test_mosi_without_words_stays_at_chance_and_paired_tests_say_what_was_added(mosi):
    table, features, y = mosi
    found = tables.measure_mosi(table, features, y, [0, 1], no_network)
    test = (table["part"] == "test").to_numpy()
    truth, recordings = y[test], table["recording"].to_numpy()[test]
    accuracy = {key: (given == truth).mean() for key, given in found.items()}
    for system in ("logistic-regression", "pca-logistic-regression"):
        assert accuracy[system, "text"] > 0.9
        assert accuracy[system, "audio_text_video"] > 0.9
        assert accuracy[system, "audio_video"] < 0.7
    assert accuracy["always-positive", ""] == pytest.approx(0.5)
    assert accuracy["low-rank", "audio_text"] == pytest.approx(0.5)
    tests = tables.compare_mosi(found, truth, recordings)
    added = tests["logistic-regression"]["audio_text_video against text"]
    assert abs(added.difference) < 0.1
    worse = tests["low-rank"]["against logistic-regression"]
    assert worse.difference < -0.4 and worse.p_value < 0.05
    assert set(tests["pca-logistic-regression"]) == {
        "audio_text against text", "text_video against text", "audio_text_video against text"
    }  # fmt: skip


def test_pom_systems_beat_the_mean_only_where_a_feature_tells(tmp_path):
    table, features, y = tables.read_set("pom", write_pom(tmp_path / "pom", (200, 40, 100)))
    found = tables.measure_pom(table, features, y, [0], no_network)
    truth = y[(table["part"] == "test").to_numpy()]
    scored = {name: tables.score_pom(v, truth)[0][0] for (name, _), v in found.items()}
    assert scored["ridge-regression"]["mae_00"] < 0.7 * scored["mean-rating"]["mae_00"]
    assert scored["ridge-regression"]["mae_05"] > 0.9 * scored["mean-rating"]["mae_05"]
    assert "pearson_r" not in scored["mean-rating"], "a constant has no correlation"
    for k in (0, 16):
        expected = regression_scores(truth[:, k], found["ridge-regression", "audio_video"][0, :, k])
        assert scored["ridge-regression"][f"mae_{k:02d}"] == pytest.approx(expected["mae"])
    tests = tables.compare_pom(found, truth)
    assert tests["low-rank"]["against ridge-regression"].difference > 0
    assert not tests["ridge-regression"], "only networks are tested against others"


def test_rounded_accuracy_of_known_answers():
    truth = np.array([[1.0, 4.2], [2.6, 3.0], [5.4, 6.0]])
    given = np.array([[[1.4, 4.4], [3.1, 3.6], [4.4, 6.1]]])
    (fold,), interval = tables.score_pom(given, truth)
    assert fold["rounded_accuracy_00"] == pytest.approx(2 / 3)
    assert fold["rounded_accuracy_01"] == pytest.approx(2 / 3)
    assert fold["mae"] == pytest.approx((0.4 + 0.5 + 1.0 + 0.2 + 0.6 + 0.1) / 6)
    assert interval["mae"][0] < fold["mae"] < interval["mae"][1]


def test_the_command_writes_a_record_a_system(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tables, "train_network", no_network)
    for write, corpus in ((write_mosi, "mosi"), (write_pom, "pom")):
        write(tmp_path / corpus)
        folders = ["--results", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
        tables.main(["--corpus", corpus, "--data-dir", str(tmp_path), "--seeds", "2", *folders])
    written = {(r["corpus"], r["system"]): r for r in read_records(tmp_path / "out")}
    assert len(written) == 6 + 6
    low = written["mosi", "low-rank"]
    assert [fold["metrics"]["accuracy"] for fold in low["folds"]] == [0.5, 0.5]
    assert {"accuracy_audio_text", "weighted_f1_text_video"} <= set(low["mean"])
    assert "accuracy_text" not in low["mean"], "one modality has nothing to fuse"
    assert "accuracy_text" in written["mosi", "concatenation"]["mean"]
    assert written["pom", "mean-rating"]["seeds"] == [0]
    assert written["pom", "low-rank"]["parameters"]["test_clips_of_zeros"] == {
        "audio": 0,
        "video": 15,
    }
    assert str(tmp_path) not in str(written)
    assert "against text" in capsys.readouterr().out


def test_published_recordings_are_apart_in_the_real_mosi(shared_data):
    table = corpora.load("mosi", shared_data / "mosi")
    sides = [set(table["recording"].to_numpy()[rows]) for rows in tables.divide(table, 0)]
    assert [len(side) for side in sides] == [49, 13, 31]
    assert not sides[0] & sides[2]


@pytest.mark.parametrize("corpus", ["mosi", "pom"])
def test_stored_records_hold_together(corpus):
    stored = {
        name: evidence
        for name in ("low-rank", "tensor-fusion", "concatenation")
        for evidence in stored_records(name, corpus)
    }
    assert set(stored) == set(tables.NETWORKS)
    metric = "accuracy" if corpus == "mosi" else "mae"
    for content in stored.values():
        assert len(content["seeds"]) >= 5
        low, high = content["interval"][metric]
        assert low < content["mean"][metric] < high
        assert content["parameters"]["paired"]
