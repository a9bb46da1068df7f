"""Fusion as a classifier: a class that only the product of two senses tells, seeds, bad input."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from emolib.models import FusionClassifier

FEW = {"epochs": 30, "noise": 0.1, "dropout": 0.0, "units": 16, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def drawn():
    """Each sense has a sign; the class is their product, which neither alone nor a sum tells."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 5)).astype("float32")
    return X, np.where(X[:, 0] * X[:, 3] > 0, "same", "other")


@pytest.mark.parametrize("fusion", ["low-rank", "tensor"])
def test_fusion_learns_a_product_that_no_sum_tells(drawn, fusion):
    X, y = drawn
    sums = LogisticRegression().fit(X[:400], y[:400]).score(X[400:], y[400:])
    fused = FusionClassifier((3, 2), fusion, **FEW).fit(X[:400], y[:400])
    assert sums < 0.65
    assert fused.score(X[400:], y[400:]) > 0.85


def test_a_sense_alone_does_not_tell(drawn):
    X, y = drawn
    alone = FusionClassifier(**FEW).fit(X[:400, :3], y[:400])
    assert alone.score(X[400:, :3], y[400:]) < 0.62


def test_answers_are_probabilities_and_the_same_again(drawn):
    X, y = drawn
    few = FusionClassifier((3, 2), **FEW | {"epochs": 2})
    first, second = (clone(few).fit(X, y) for _ in range(2))
    proba = first.predict_proba(X)
    assert list(first.classes_) == ["other", "same"]
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(proba, second.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(np.exp(first.decision_function(X)), proba, atol=1e-6)
    other = clone(few).set_params(random_state=1).fit(X, y)
    assert np.abs(other.predict_proba(X) - proba).max() > 0.01


def test_bad_input_is_refused(drawn):
    X, y = drawn
    hole = X.copy()
    hole[3, 1] = np.nan
    with pytest.raises(ValueError, match="add up to 4, the rows have 5 columns"):
        FusionClassifier((3, 1), epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="NaN"):
        FusionClassifier((3, 2), epochs=1).fit(hole, y)
    with pytest.raises(ValueError, match="one class only, same"):
        FusionClassifier((3, 2), epochs=1).fit(X, np.full(len(X), "same"))
    with pytest.raises(ValueError, match="'sum' is none of"):
        FusionClassifier((3, 2), "sum", epochs=1).fit(X, y)
