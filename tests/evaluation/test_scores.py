import numpy as np
import pytest
from sklearn import metrics

from emolib.evaluation import EvaluationError, confusion, regression_scores, report, scores


@pytest.fixture
def answers():
    """Four unequal classes, half of the answers right, one class answered that never occurs."""
    rng = np.random.default_rng(4)
    truth = rng.choice(["a", "b", "c", "d"], 400, p=[0.5, 0.3, 0.15, 0.05])
    predicted = np.where(rng.random(400) < 0.5, truth, rng.choice(["a", "b", "c", "x"], 400))
    return truth, predicted


def counts(truth, predicted, label):
    """True positives, false positives, false negatives, true negatives, counted one by one."""
    pairs = [(t == label, p == label) for t, p in zip(truth, predicted, strict=True)]
    return [
        pairs.count(pair) for pair in ((True, True), (False, True), (True, False), (False,) * 2)
    ]


def test_scores_equal_counting_by_hand(answers):
    truth, predicted = answers
    table = {label: counts(truth, predicted, label) for label in "abcd"}
    support = np.array([tp + fn for tp, fp, fn, tn in table.values()])
    recall = np.array([tp / (tp + fn) for tp, fp, fn, tn in table.values()])
    precision = np.array([tp / max(tp + fp, 1) for tp, fp, fn, tn in table.values()])
    f1 = np.array([2 * tp / (2 * tp + fp + fn) for tp, fp, fn, tn in table.values()])
    specificity = np.array([tn / (tn + fp) for tp, fp, fn, tn in table.values()])
    right = np.mean(truth == predicted)
    chance = sum(np.mean(truth == k) * np.mean(predicted == k) for k in "abcdx")
    expected = {
        "accuracy": right,
        "weighted_recall": right,
        "unweighted_recall": recall.mean(),
        "macro_precision": precision.mean(),
        "weighted_precision": precision @ support / 400,
        "macro_f1": f1.mean(),
        "weighted_f1": f1 @ support / 400,
        "kappa": (right - chance) / (1 - chance),
        "specificity": specificity.mean(),
    }
    out = scores(truth, predicted)
    assert out.keys() == expected.keys()
    assert all(np.isclose(out[name], expected[name]) for name in expected)
    rows = report(truth, predicted)
    assert list(rows.index) == list("abcd")
    assert np.allclose(rows[["precision", "recall", "f1", "specificity", "support"]].to_numpy().T,
                       [precision, recall, f1, specificity, support])  # fmt: skip


def test_weighted_recall_is_the_accuracy_and_a_constant_guess_reaches_one_class(answers):
    truth, _ = answers
    out = scores(truth, np.full(400, "a"))
    assert out["accuracy"] == out["weighted_recall"] == np.mean(truth == "a")
    assert np.isclose(out["unweighted_recall"], 1 / 4)
    assert out["kappa"] == 0


def test_right_answers_reach_one_and_names_do_not_matter(answers):
    truth, predicted = answers
    assert set(scores(truth, truth).values()) == {1.0}
    renamed = dict(zip("abcdx", [4, 0, 3, 1, 2], strict=True))
    again = scores([renamed[t] for t in truth], [renamed[p] for p in predicted])
    for name, value in scores(truth, predicted).items():
        assert np.isclose(again[name], value)


def test_probabilities_are_scored_in_any_order_of_columns():
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(3), 200)
    truth = rng.choice(["a", "b", "c"], 200)
    own = [p[k, "abc".index(t)] for k, t in enumerate(truth)]
    plain = scores(truth, truth, ["a", "b", "c"], p)
    turned = scores(truth, truth, ["c", "a", "b"], p[:, [2, 0, 1]])
    assert np.isclose(plain["log_loss"], -np.mean(np.log(own)))
    assert plain["log_loss"] == pytest.approx(turned["log_loss"])
    assert plain["expected_calibration_error"] == pytest.approx(
        turned["expected_calibration_error"]
    )


def test_confusion_counts_and_shares(answers):
    truth, predicted = answers
    labels = ["d", "c", "b", "a", "x"]
    shares, number = confusion(truth, predicted, labels)
    assert list(number.index) == list(number.columns) == labels
    for t in labels:
        for p in labels:
            assert number.loc[t, p] == np.sum((truth == t) & (predicted == p))
    assert np.allclose(shares.loc[list("abcd")].sum(axis=1), 1)
    assert (shares.loc["x"] == 0).all()
    assert np.allclose(np.diag(shares)[:4], report(truth, predicted, labels)["recall"])


@pytest.mark.parametrize(
    ("truth", "predicted", "labels", "message"),
    [
        (["a", "b"], ["a"], None, "lengths differ: truth 2, predicted 1"),
        ([], [], None, "not empty"),
        (["a", None], ["a", "b"], None, "truth has 1 missing"),
        ([0.0, 1.0], [np.nan, 1.0], None, "predicted has 1 missing"),
        (["a", "a"], ["a", "b"], None, "single class 'a'"),
        (["a", "b"], ["a", "c"], ["a", "b"], "'c' is none of the labels"),
        ([["a", "b"]], [["a", "b"]], None, "one-dimensional"),
    ],
)
def test_bad_input_gets_one_clear_error(truth, predicted, labels, message):
    for function in (scores, report, confusion):
        with pytest.raises(EvaluationError, match=message):
            function(truth, predicted, labels)


# Regression


def test_regression_scores_equal_their_formulas():
    rng = np.random.default_rng(2)
    truth = rng.uniform(-3, 3, 300)
    predicted = 0.6 * truth + rng.normal(0, 1.5, 300) + 0.3
    out = regression_scores(truth, predicted)
    assert np.isclose(out["mae"], np.abs(truth - predicted).mean())
    assert np.isclose(out["rmse"], np.sqrt(((truth - predicted) ** 2).mean()))
    r = np.corrcoef(truth, predicted)[0, 1]
    assert np.isclose(out["pearson_r"], r)
    # Lin's second form: r times the bias factor
    scale, shift = truth.std() / predicted.std(), truth.mean() - predicted.mean()
    bias = 2 / (scale + 1 / scale + shift**2 / (truth.std() * predicted.std()))
    assert np.isclose(out["concordance"], r * bias)


def test_concordance_sees_the_shift_and_the_scale_that_r_does_not_see():
    truth = np.linspace(-3, 3, 50)
    assert regression_scores(truth, truth)["concordance"] == pytest.approx(1)
    for other in (truth + 1, truth / 2):
        out = regression_scores(truth, other)
        assert out["pearson_r"] == pytest.approx(1)
        assert out["concordance"] < 0.95


def test_two_and_seven_steps_case_by_case():
    truth = [0.0, -0.1, 2.6, -3.0, 1.0]
    predicted = [0.2, 0.1, 9.0, -2.6, -1.0]
    out = regression_scores(truth, predicted)
    assert out["acc2"] == 3 / 5  # zero counts as not negative; the second and fifth are wrong
    assert out["acc7"] == 4 / 5  # 0 0, 0 0, 3 3, -3 -3, and 1 is not -1


def test_regression_refuses_what_has_no_correlation():
    with pytest.raises(EvaluationError, match="predicted is constant"):
        regression_scores([1.0, 2.0], [1.0, 1.0])
    with pytest.raises(EvaluationError, match="lengths differ"):
        regression_scores([1.0, 2.0], [1.0])
    with pytest.raises(EvaluationError, match="missing"):
        regression_scores([1.0, 2.0], [1.0, np.nan])


def test_balanced_accuracy_is_the_unweighted_recall(answers):
    truth, _ = answers
    predicted = np.random.default_rng(0).permutation(truth)
    assert np.isclose(
        scores(truth, predicted)["unweighted_recall"],
        metrics.balanced_accuracy_score(truth, predicted),
    )
