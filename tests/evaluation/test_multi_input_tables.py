"""multi-input-cnn's tables: which pictures a network gets, whose labels count, what is recorded."""

import numpy as np
import pandas as pd
import pytest

from emolib import corpora, video
from emolib.evaluation import holdout, stored_records
from emolib.evaluation import multi_input_tables as tables

SMALL = {"size": 24, "widths": (4, 8), "dense": (16, 8), "batch": 20, "epochs": 12}


def clip_table(emotions, actors=8, trials=5, **columns):
    return corpora.clip_table(
        {
            "clip": f"{actor:02}-{emotion}-{trial}",
            "corpus": "own",
            "actor": f"{actor:02}",
            "audio": "x.wav",
            "emotion": emotion,
            "intensity": "strong",
            **columns,
        }
        for actor in range(actors)
        for emotion in emotions
        for trial in range(trials)
    )


def pictures_of(bright, table):
    """Pictures of 24 pixels, each bright or dark by the clip's column of that name, plus noise."""
    rng = np.random.default_rng(0)
    rows = tables.add_copies(table, 2, recipes=tables.COPIES)
    light = {name: 0.25 + 0.5 * np.asarray(values)[:, None] for name, values in bright.items()}

    def noisy(level, shape):
        return np.clip(level + 0.08 * rng.normal(size=shape), 0, 1)

    n = len(table)
    looks = [
        (255 * noisy(light[name].reshape(n, 1, 1, 1, 1), (n, 10, 24, 24, 3))).astype(np.uint8)
        for name in ("frames", "flow")
    ]
    mel = noisy(np.repeat(light["mel"], 3, axis=0)[..., None, None], (3 * n, 24, 24, 1))
    return tables.Pictures(rows, *looks, mel.astype(np.float32))


def accuracy(fit_predict, pictures, protocol="actors"):
    fold = holdout(pictures.rows, protocol, 0.25, 0)
    truth = pictures.rows["emotion"].to_numpy(str)
    given = np.asarray(fit_predict(fold.train, fold.validation, fold.test, 0))
    names = given if given.ndim == 1 else np.unique(truth)[given.argmax(axis=1)]
    return np.mean(names == truth[fold.test])


@pytest.fixture(scope="module")
def synergy():
    """Bright frames and bright sound, or neither, are happy; one of the two is sad."""
    table = clip_table(("happy", "sad"), trials=6).sort_values(["clip"], ignore_index=True)
    rng = np.random.default_rng(1)
    frames = rng.integers(0, 2, len(table))
    mel = np.where(table["emotion"] == "happy", frames, 1 - frames)
    return pictures_of({"frames": frames, "flow": frames, "mel": mel}, table)


@pytest.fixture(scope="module")
def redundant():
    table = clip_table(("happy", "sad")).sort_values(["clip"], ignore_index=True)
    shown = (table["emotion"] == "happy").to_numpy(int)
    return pictures_of({"frames": shown, "flow": 0 * shown, "mel": shown}, table)


def test_two_inputs_together_learn_what_only_the_pair_tells(synergy):
    labels = synergy.rows["emotion"].to_numpy(str)
    settings = SMALL | {"epochs": 25, "batch": 10}
    both = tables.train_network(synergy, labels, ("frames", "mel"), settings, "uniform")
    assert accuracy(both, synergy) > 0.9
    settings = SMALL | {"epochs": 4}
    assert accuracy(tables.train_network(synergy, labels, ("mel",), settings), synergy) < 0.75


def test_late_fusion_and_the_two_streams_learn_what_each_input_tells(redundant):
    labels = redundant.rows["emotion"].to_numpy(str)
    settings = SMALL | {"epochs": 6, "batch": 10}
    late = tables.fuse_late(redundant, labels, "actors", settings)
    for judge in ("logistic regression", "k-nn", "svm", "mean"):
        assert accuracy(late(judge), redundant) > 0.9, judge
    assert accuracy(tables.train_two_stream_dbn(redundant, labels, settings), redundant) > 0.9


def test_judges_learn_from_answers_to_clips_that_the_networks_have_not_seen(redundant, monkeypatch):
    """Networks get two thirds of the training rows; none of their actors is in the last third."""
    labels = redundant.rows["emotion"].to_numpy(str)
    learnt, fit = [], tables.fit
    monkeypatch.setattr(
        tables, "fit", lambda given, answers, n, learn, *_: learnt.append(learn) or fit(
            given, answers, n, learn, SMALL | {"epochs": 1}, 0
        ),
    )  # fmt: skip
    fold = holdout(redundant.rows, "actors", 0.25, 0)
    held, of_held, of_test = tables._posteriors(
        redundant, labels, "actors", SMALL, (tables.F, tables.MEL), fold.train, fold.test, 0
    )
    actors = redundant.rows["actor"].to_numpy()
    assert len(learnt) == 2 and np.array_equal(*learnt)
    assert not set(actors[learnt[0]]) & set(actors[held])
    assert sorted([*learnt[0], *held]) == sorted(fold.train)
    assert [len(p) for p in (*of_held, *of_test)] == 2 * [len(held)] + 2 * [len(fold.test)]


def test_labels_of_test_clips_play_no_part(redundant):
    """Key frames, network and judge: turn the test labels round, and the answers stay."""
    fold = holdout(redundant.rows, "clips", 0.25, 0)
    labels = redundant.rows["emotion"].to_numpy(str)
    turned = labels.copy()
    turned[fold.test] = np.where(labels[fold.test] == "happy", "sad", "happy")
    chosen = [tables.choose_moments(redundant, own, fold.train) for own in (labels, turned)]
    np.testing.assert_array_equal(*chosen)
    settings = SMALL | {"epochs": 1}
    given = [
        tables.train_network(redundant, own, ("frames", "mel"), settings)(
            fold.train, fold.validation, fold.test, 0
        )
        for own in (labels, turned)
    ]
    np.testing.assert_allclose(*given, atol=1e-5)
    assert np.ptp(given[0]) > 0


def test_a_clip_is_answered_by_the_mean_of_its_moments():
    p = np.array([[0.2, 0.8], [1.0, 0.0], [0.6, 0.4]])
    given = tables.clip_answer(p, ["a", "b", "a"])
    np.testing.assert_allclose(given, [[0.4, 0.6], [1.0, 0.0], [0.4, 0.6]])
    order = [2, 1, 0]
    np.testing.assert_allclose(tables.clip_answer(p[order], ["a", "b", "a"]), given[order])


def test_each_row_gets_the_frame_and_the_flow_of_its_own_moment():
    table = clip_table(("happy",), actors=4, trials=1)
    rows = tables.add_copies(table, 2, recipes=tables.COPIES)
    number = np.arange(40, dtype=np.uint8).reshape(4, 10, 1, 1, 1) * np.ones((8, 8, 3), np.uint8)
    pictures = tables.Pictures(rows, number, 2 * number, np.zeros((12, 8, 8, 1), np.float32))
    chosen = np.array([[0, 4, 9], [1, 2, 3], [7, 8, 9], [0, 1, 2]])
    given = tables.moment_pictures(pictures, ("frames", "flow", "mel"), chosen)
    wanted = (10 * np.arange(4)[:, None] + chosen).ravel()
    np.testing.assert_allclose(given["frames"][:, 0, 0, 0] * 255, wanted, rtol=1e-6)
    np.testing.assert_allclose(given["flow"].max(axis=(1, 2, 3)), wanted > 0, rtol=1e-6)
    assert given["mel"] is pictures.mel
    assert list(rows["copy"][:3]) == [0, 1, 2] and rows["clip"][:3].nunique() == 1
    kept = pictures.part(rows["actor"] == "02")
    np.testing.assert_array_equal(kept.frames, number[2:3])
    assert kept.rows["clip"].tolist() == 3 * ["02-happy-0"] and len(kept.mel) == 3


def test_moments_that_are_not_chosen_by_labels(redundant):
    labels = redundant.rows["emotion"].to_numpy(str)
    learn = np.arange(30)
    for selection in ("uniform", "random", "key frames"):
        chosen = tables.choose_moments(redundant, labels, learn, selection, seed=1)
        assert chosen.shape == (80, 3) and (np.diff(chosen, axis=1) > 0).all()
        again = tables.choose_moments(redundant, labels, learn, selection, seed=1)
        np.testing.assert_array_equal(chosen, again)
    assert (tables.choose_moments(redundant, labels, learn, "uniform") == [1, 5, 8]).all()
    others = tables.choose_moments(redundant, labels, learn, "random", seed=2)
    assert not np.array_equal(others, tables.choose_moments(redundant, labels, learn, "random", 1))
    with pytest.raises(ValueError, match="by hand"):
        tables.choose_moments(redundant, labels, learn, "by hand")


def test_a_puppets_looks_are_those_of_its_video():
    """The short way draws ten frames; the video has all of them."""
    row = corpora.load("puppets").iloc[700]
    frames, flow = tables.clip_looks(row, 48, n=6)
    film, _ = corpora.read_video(row)
    at = ((np.arange(6) + 0.5) * len(film) / 6).astype(int)
    small, _ = corpora.read_video(row, size=48)
    assert np.abs(frames.astype(int) - small[at]).max() <= 1
    colours = video.flow_to_color(video.key_frame_flow(film, at)[3], tables.LARGEST)
    assert np.abs(flow[3].mean(axis=(0, 1)) - colours.mean(axis=(0, 1))).max() < 1


@pytest.fixture
def study(redundant, monkeypatch):
    """A study whose networks answer at once: nothing is known of any clip."""

    def guess(pictures, labels, *_, **__):
        n = len(set(labels))
        return lambda train, validation, test, seed: np.full((len(test), n), 1 / n)

    monkeypatch.setattr(tables, "train_network", guess)
    table = clip_table(tables.FIVE, actors=8, trials=1)
    shown = np.zeros(len(table), int)
    own = pictures_of({"frames": shown, "flow": shown, "mel": shown}, table)
    normal = own.rows.assign(intensity="normal", clip=own.rows["clip"] + "n")
    both = pd.concat([own.rows, normal])
    return tables.Study(
        tables.Pictures(
            both.reset_index(drop=True), *[np.concatenate([a, a]) for a in (own.frames, own.flow)],
            np.concatenate([own.mel, own.mel]),
        ),
        SMALL,
    )  # fmt: skip


def test_each_table_has_the_papers_rows(study):
    rows = {make: [(r.system, r.protocol) for r in make(study)] for make in (
        tables.table_1, tables.table_6, tables.table_7, tables.table_8,
    )}  # fmt: skip
    assert [len(found) for found in rows.values()] == [6, 8, 10, 10]
    assert ("multi-input-cnn-flow-mel-strong", "actors") in rows[tables.table_6]
    assert ("multi-input-cnn-frames-flow-mel-normal", "clips") in rows[tables.table_7]
    (first, *_) = tables.table_7(study)
    assert first.parameters["clips"] == 40 and first.parameters["intensity"] == "normal"


def test_finished_folds_hang_on_all_pictures(study, monkeypatch):
    """Also of a network of flow alone, whose moments are chosen on frames; and of the rivals."""
    monkeypatch.setattr(tables, "measure", lambda *given: given[5])
    own = study.of(tables.FIVE, "strong")
    for make in (tables.table_1, tables.rivals):
        for seen in make(study):
            for given, wanted in zip(seen, (own.frames, own.flow, own.mel), strict=True):
                np.testing.assert_array_equal(given, wanted)


def test_a_corpus_without_video_is_measured_on_sound(study):
    looks = study.pictures
    deaf = tables.Study(tables.Pictures(looks.rows, None, None, looks.mel), SMALL)
    assert {run.parameters["inputs"] for run in tables.table_8(deaf)} == {"mel"}
    assert not list(tables.rivals(deaf)) and not list(tables.table_1(deaf))


def test_protocols_hold_for_moments():
    """A clip's three moments are its copies: no protocol but ``rows`` may part them."""
    rows = tables.add_copies(clip_table(("happy", "sad")), 2, recipes=tables.COPIES)
    for protocol, of in (("clips", "clip"), ("actors", "actor")):
        fold = holdout(rows, protocol, 0.25, 0)
        learn, test = (set(rows[of].iloc[part]) for part in (fold.train, fold.test))
        assert learn and test and not learn & test
        assert not set(rows[of].iloc[fold.validation]) & (learn | test)


def test_stored_records_name_what_was_cut():
    for inputs in ("frames", "mel", "frames-mel", "frames-flow-mel"):
        records = stored_records(f"multi-input-cnn-{inputs}-strong", "puppets")
        assert {r["protocol"] for r in records} == {"clips", "actors"}, inputs
        for record in records:
            low, high = record["interval"]["accuracy"]
            assert low <= record["mean"]["accuracy"] <= high
            assert {"clips", "epochs", "widths", "split"} <= set(record["parameters"])
            assert record["profile"] == "quick" and record["parameters"]["classes"] == 5
