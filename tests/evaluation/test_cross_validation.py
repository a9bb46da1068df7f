import numpy as np
import pandas as pd
import pytest
from clip_tables import speech
from sklearn.neighbors import KNeighborsClassifier

from emolib.evaluation import (
    EvaluationError,
    Fold,
    add_copies,
    confidence_interval,
    cross_validate,
    holdout,
    record,
    scores,
    split,
    summarise,
)


@pytest.fixture(scope="module")
def table():
    return add_copies(speech(6, takes=1), n=2)


@pytest.fixture(scope="module")
def labels(table):
    return table["emotion"]


def features(table, seed=0):
    """Each clip a point of its own that says nothing about emotion; copies lie beside it."""
    rng = np.random.default_rng(seed)
    clips = {clip: rng.normal(size=6) for clip in table["clip"].unique()}
    return np.array([clips[clip] for clip in table["clip"]]) + rng.normal(0, 1e-3, (len(table), 6))


def neighbour(x, labels, probabilities=False):
    def fit_predict(train, validation, test, seed):
        model = KNeighborsClassifier(1).fit(x[train], labels.iloc[train])
        return model.predict_proba(x[test]) if probabilities else model.predict(x[test])

    return fit_predict


def run(*arguments, **options):
    return cross_validate(*arguments, progress=False, **options)


def test_a_neighbour_that_is_the_copy_is_right_by_rows_and_guesses_by_clips(table, labels):
    """The features hold nothing but the clip's identity, so all that is above chance is leak."""
    answer = neighbour(features(table), labels)
    reached = {}
    for protocol in ("rows", "clips", "actors"):
        folds = split(table, protocol, 5)
        reached[protocol] = np.mean(
            [fold["accuracy"] for fold in run(answer, table, labels, folds)[1]["folds"]]
        )
    assert reached["rows"] > 0.75  # one of a row's two mates is trained on: 1 - 0.4² = 0.84
    assert max(reached["clips"], reached["actors"]) < 0.35


def test_predictions_stand_beside_their_own_rows(table, labels):
    folds = split(table, "actors", 3)
    predictions, summary = run(neighbour(features(table), labels, True), table, labels, folds)
    assert np.array_equal(np.sort(predictions["row"]), np.arange(len(table)))
    own = table.iloc[predictions["row"]]
    for column in ("clip", "copy", "actor"):
        assert list(predictions[column]) == list(own[column])
    assert list(predictions["truth"]) == list(own["emotion"])
    columns = predictions.filter(regex="^p_")
    assert list(columns) == [f"p_{name}" for name in sorted(set(labels))]
    assert ("p_" + predictions["predicted"] == columns.idxmax(axis=1)).all()
    first = predictions[(predictions["fold"] == 0) & (predictions["copy"] == 0)]
    by_hand = scores(first["truth"], first["predicted"])
    assert all(summary["folds"][0][name] == by_hand[name] for name in by_hand)
    assert {"log_loss", "expected_calibration_error"} <= summary["folds"][0].keys()


def test_only_originals_are_scored(table, labels):
    def right_on_originals(train, validation, test, seed):
        wrong = np.roll(sorted(set(labels)), 1)
        turned = labels.map(dict(zip(sorted(set(labels)), wrong, strict=True)))
        return labels.where(table["copy"] == 0, turned).iloc[test]

    summary = run(right_on_originals, table, labels, split(table, "clips", 4))[1]
    assert all(fold["accuracy"] == 1 for fold in summary["folds"])


def test_the_interval_is_over_actors_and_goes_into_the_record(table, labels, tmp_path):
    rng = np.random.default_rng(1)
    guess = labels.where(rng.random(len(table)) < 0.6, "sad")
    predictions, summary = run(
        lambda a, b, test, s: guess.iloc[test], table, labels, split(table, "actors", 3)
    )
    own = predictions[predictions["copy"] == 0]
    hits = own["truth"] == own["predicted"]
    assert summary["interval"]["accuracy"] == confidence_interval(hits, own["actor"])
    assert summary["n_actors"] == 6
    written = record(
        "drawn", **summary, corpus="drawn", protocol="actors", seeds=[0], command="-",
        results=tmp_path,
    )  # fmt: skip
    low, high = written["interval"]["accuracy"]
    assert low < written["mean"]["accuracy"] < high


def test_without_actors_there_is_no_interval_over_them(table, labels):
    nameless = table.assign(actor=pd.NA)
    summary = run(
        neighbour(features(table), labels), nameless, labels, split(nameless, "clips", 4)
    )[1]
    assert summary["interval"] == {} and summary["n_actors"] == 0


def test_runs_of_several_seeds_are_summarised_together(table, labels):
    parts = [
        run(
            neighbour(features(table), labels), table, labels,
            [holdout(table, "rows", seed=seed)], seed=seed,
        )[0]
        for seed in range(3)
    ]  # fmt: skip
    summary = summarise(pd.concat(parts))
    assert len(summary["folds"]) == 3
    assert summary["folds"][1] == summarise(parts[1])["folds"][0]


def test_numbers_make_a_regression(table):
    truth = np.random.default_rng(0).normal(size=len(table))
    predictions, summary = run(
        lambda train, validation, test, seed: truth[test] + 0.5, table, truth, split(table, "rows")
    )
    assert all(fold["mae"] == pytest.approx(0.5) for fold in summary["folds"])
    assert summary["interval"]["mae"] == pytest.approx((0.5, 0.5))
    assert "p_" not in "".join(predictions)


# Going on where a run stopped


class Counting:
    """Answers with the truth, remembers which folds were asked, and may break at one of them."""

    def __init__(self, labels, folds, broken=None, kind=list):
        self.labels, self.folds, self.broken, self.kind = labels, folds, broken, kind
        self.asked = []

    def __call__(self, train, validation, test, seed):
        (number,) = (f.number for f in self.folds if np.array_equal(f.test, test))
        if number == self.broken:
            raise RuntimeError("out of memory")
        self.asked.append(number)
        return self.kind(self.labels.iloc[test])


@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_after_a_break_only_the_missing_folds_are_run(table, labels, tmp_path, kind):
    folds = split(table, "actors", 6)
    broken = Counting(labels, folds, broken=3, kind=kind)
    with pytest.raises(RuntimeError, match="memory"):
        run(broken, table, labels, folds, resume=tmp_path)
    assert broken.asked == [0, 1, 2]
    again = Counting(labels, folds, kind=kind)
    predictions, summary = run(again, table, labels, folds, resume=tmp_path)
    assert again.asked == [3, 4, 5]
    whole, of_whole = run(Counting(labels, folds, kind=kind), table, labels, folds)
    pd.testing.assert_frame_equal(predictions, whole)
    assert summary == of_whole
    assert not list(tmp_path.glob("*.part"))


def test_probabilities_come_back_from_the_folder_to_the_last_digit(table, labels, tmp_path):
    folds = split(table, "rows", 4)
    answer = neighbour(features(table), labels, True)
    first, _ = run(answer, table, labels, folds, resume=tmp_path)

    def never(*_):
        raise AssertionError("a finished fold was run again")

    second, _ = run(never, table, labels, folds, resume=tmp_path)
    pd.testing.assert_frame_equal(first, second)


def test_a_changed_run_does_not_take_another_s_answers(table, labels, tmp_path):
    folds = split(table, "actors", 6)
    x = features(table)
    settings = {"parameters": {"name": "one", "features": x}, "seed": 0}
    run(Counting(labels, folds), table, labels, folds, resume=tmp_path, **settings)
    changed = x.copy()
    changed[17, 2] += 1e-9
    swapped = labels.copy()
    swapped.iloc[[0, -1]] = swapped.iloc[[-1, 0]].to_numpy()
    others = [
        (labels, folds, settings | {"seed": 1}),
        (labels, folds, settings | {"parameters": {"name": "two", "features": x}}),
        (labels, folds, settings | {"parameters": {"name": "one", "features": changed}}),
        (swapped, folds, settings),
        (labels, split(table, "actors", 6, seed=1), settings),
    ]
    for words, divided, options in others:
        counting = Counting(words, divided)
        run(counting, table, words, divided, resume=tmp_path, **options)
        assert counting.asked == [0, 1, 2, 3, 4, 5]
    same = Counting(labels, folds)
    run(same, table, labels, folds, resume=tmp_path, **settings | {"parameters": {
        "features": x.copy(), "name": "one"}})  # fmt: skip
    assert same.asked == []


# Bad input


def test_a_class_that_was_never_trained_is_found_before_any_fold_is_run(table, labels):
    odd = labels.where(table["actor"] != "03", "bored")
    folds = split(table, "actors", 6)
    counting = Counting(odd, folds)
    with pytest.raises(EvaluationError, match="no training row has the class 'bored'"):
        run(counting, table, odd, folds)
    assert counting.asked == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda words: words.iloc[:-1], "lengths differ"),
        (lambda words: words.where(words != "sad"), "missing values"),
        (lambda words: words.where(words == "sad", "sad"), "single class 'sad'"),
    ],
)
def test_labels_that_cannot_be_judged(table, labels, change, message):
    with pytest.raises(EvaluationError, match=message):
        run(neighbour(features(table), labels), table, change(labels), split(table, "clips", 4))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda n: ["sad"] * (n - 1), "fold 0: lengths differ"),
        (lambda n: ["sleepy"] * n, "fold 0: the answer 'sleepy' is none of the labels"),
        (lambda n: [None] * n, "fold 0: answers has .* missing"),
        (lambda n: np.full((n, 8), np.nan), "fold 0: .* no probabilities"),
        (lambda n: np.full((n, 7), 1 / 7), "fold 0: probabilities have the shape"),
    ],
)
def test_answers_that_do_not_fit_are_refused_and_not_stored(
    table, labels, tmp_path, answer, message
):
    folds = split(table, "clips", 4)
    with pytest.raises(EvaluationError, match=message):
        run(lambda a, b, test, s: answer(len(test)), table, labels, folds, resume=tmp_path)
    assert not list(tmp_path.iterdir())


def test_no_fold_and_a_fold_without_originals(table, labels):
    with pytest.raises(EvaluationError, match="no fold"):
        run(neighbour(features(table), labels), table, labels, [])
    copies = np.flatnonzero(table["copy"] == 1)
    rest = np.setdiff1d(np.arange(len(table)), copies)
    with pytest.raises(EvaluationError, match="no original"):
        fold = Fold(0, rest, np.array([], int), copies)
        run(neighbour(features(table), labels), table, labels, [fold])
