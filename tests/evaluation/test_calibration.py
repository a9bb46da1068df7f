import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve

from emolib.evaluation import (
    EvaluationError,
    coverage_curve,
    expected_calibration_error,
    reliability,
)


@pytest.fixture
def honest():
    """Answers drawn from the probabilities themselves: calibrated by construction."""
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(4, 0.5), 20_000)
    truth = (p.cumsum(axis=1) < rng.random((len(p), 1))).sum(axis=1)
    return p, np.minimum(truth, 3)


def sharpen(p, power):
    return p**power / (p**power).sum(axis=1, keepdims=True)


def test_what_is_drawn_from_the_probabilities_is_calibrated(honest):
    p, truth = honest
    assert expected_calibration_error(p, truth) < 0.02
    table = reliability(p, truth)
    assert table["rows"].sum() == len(p)
    gap = (table["confidence"] - table["accuracy"]).abs()[table["rows"] > 0]
    assert (gap < 4 * np.sqrt(0.25 / table["rows"][table["rows"] > 0])).all()  # four deviations


def test_claiming_too_much_and_too_little_lies_below_and_above_the_diagonal(honest):
    p, truth = honest
    for power, sign in ((3, -1), (0.4, 1)):
        table = reliability(sharpen(p, power), truth).query("rows > 200 and low > 0.3")
        assert (np.sign(table["accuracy"] - table["confidence"]) == sign).all()
        assert expected_calibration_error(sharpen(p, power), truth) > 0.05


def test_bins_equal_scikit_learn_s(honest):
    p, truth = honest
    hits = p.argmax(axis=1) == truth
    accuracy, confidence = calibration_curve(hits, p.max(axis=1), n_bins=12)
    table = reliability(p, truth, bins=12).query("rows > 0")
    assert np.allclose(table["accuracy"], accuracy)
    assert np.allclose(table["confidence"], confidence)


def test_the_error_case_by_case():
    sure = np.array([[1.0, 0.0]] * 10)
    assert expected_calibration_error(sure, [0] * 10) == 0
    assert expected_calibration_error(sure, [0] * 6 + [1] * 4) == pytest.approx(0.4)
    torn = np.array([[0.55, 0.45]] * 10)
    both = np.r_[sure, sure, sure, torn]  # gaps 0.4 of 30 rows and 0.05 of 10
    assert expected_calibration_error(both, ([0] * 6 + [1] * 4) * 4) == pytest.approx(0.3125)


def test_an_empty_bin_is_shown_and_says_nothing():
    table = reliability([[0.9, 0.1], [0.95, 0.05]], [0, 1], bins=5)
    assert list(table["rows"]) == [0, 0, 0, 0, 2]
    assert table["accuracy"].isna().sum() == 4
    assert table["low"].iloc[0] == 0 and table["high"].iloc[-1] == 1


def test_coverage_equals_brute_force():
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(3), 200).round(1)  # many equal confidences
    p[:, 2] = 1 - p[:, 0] - p[:, 1]
    p = np.clip(p, 0, 1)
    truth = rng.integers(0, 3, 200)
    confidence, hits = p.max(axis=1), p.argmax(axis=1) == truth
    curve = coverage_curve(p, truth)
    assert sorted(curve["threshold"]) == sorted(set(curve["threshold"]))
    for row in curve.itertuples():
        answered = confidence >= row.threshold - 1e-9
        assert np.isclose(row.coverage, answered.mean())
        assert np.isclose(row.accuracy, hits[answered].mean())
    assert curve["coverage"].iloc[-1] == 1
    assert curve["accuracy"].iloc[-1] == hits.mean()


def test_who_is_calibrated_gains_by_staying_silent_and_an_oracle_is_right_first(honest):
    p, truth = honest
    curve = coverage_curve(p, truth)
    half = curve[curve["coverage"] <= 0.5].iloc[-1]
    assert half["accuracy"] > curve["accuracy"].iloc[-1] + 0.1
    assert curve["threshold"].is_monotonic_decreasing and curve["coverage"].is_monotonic_increasing


def test_columns_are_found_by_name():
    frame = pd.DataFrame([[0.1, 0.9], [0.8, 0.2]], columns=["sad", "angry"])
    assert coverage_curve(frame, ["angry", "sad"])["accuracy"].eq(1).all()
    turned = coverage_curve(frame[["angry", "sad"]], ["angry", "sad"])
    pd.testing.assert_frame_equal(turned, coverage_curve(frame, ["angry", "sad"]))
    given = coverage_curve(frame.to_numpy(), ["angry", "sad"], labels=["sad", "angry"])
    pd.testing.assert_frame_equal(turned, given)


@pytest.mark.parametrize(
    ("probabilities", "truth", "message"),
    [
        ([[0.5, 0.5]], [0, 1], "shape"),
        ([[0.5, 0.5], [0.5, 0.6]], [0, 1], "1 rows are no probabilities"),
        ([[0.5, 0.5], [np.nan, 1]], [0, 1], "1 rows are no probabilities"),
        ([[1.5, -0.5], [0, 1]], [0, 1], "1 rows are no probabilities"),
        ([[0.5, 0.5], [0.5, 0.5]], [0, 2], "'2' in truth has no column"),
        ([[0.5, 0.5], [0.5, 0.5]], ["sad", "sad"], "'sad' in truth has no column"),
        ([0.5, 0.5], [0, 1], "shape"),
        ([[0.5, 0.5], [0.5, 0.5]], [0, None], "missing"),
    ],
)
def test_bad_input_gets_one_clear_error(probabilities, truth, message):
    for function in (reliability, expected_calibration_error, coverage_curve):
        with pytest.raises(EvaluationError, match=message):
            function(probabilities, truth)


def test_bins_must_be_some():
    with pytest.raises(EvaluationError, match="0 bins"):
        reliability([[1.0, 0.0]], [0], bins=0)
