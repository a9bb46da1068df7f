"""Rules that join answers: closed forms, missing senses, and a judge that must be trained."""

import numpy as np
import pytest

from emolib.fusion.late import RULES, late_fusion, posterior_classifier

A = np.array([[0.7, 0.2, 0.1], [0.4, 0.4, 0.2]])
B = np.array([[0.2, 0.5, 0.3], [0.1, 0.3, 0.6]])


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_gives_distributions_and_one_system_keeps_its_word(rule):
    joined = late_fusion([A, B], rule)
    np.testing.assert_allclose(joined.sum(axis=1), 1)
    assert (late_fusion([A[:1]], rule).argmax(axis=1) == A[:1].argmax(axis=1)).all()
    np.testing.assert_allclose(joined, late_fusion([B, A], rule), err_msg="the order of systems")


def test_rules_are_what_they_say():
    np.testing.assert_allclose(late_fusion([A, B], "mean"), (A + B) / 2)
    np.testing.assert_allclose(
        late_fusion([A, B], "product"), A * B / (A * B).sum(axis=1, keepdims=True)
    )
    highest = np.maximum(A, B)
    np.testing.assert_allclose(
        late_fusion([A, B], "maximum"), highest / highest.sum(axis=1, keepdims=True)
    )
    # Row 0: one vote for class 0, one for class 1. Row 1: a tie, half a vote each, and class 2.
    np.testing.assert_allclose(late_fusion([A, B], "vote"), [[0.5, 0.5, 0], [0.25, 0.25, 0.5]])


def test_the_product_is_the_posterior_of_independent_witnesses():
    """Two witnesses who err independently: Bayes' rule on their answers, classes equally common."""
    rng = np.random.default_rng(0)
    truth = rng.integers(3, size=200_000)
    channel = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5]])  # P(says | truth)
    says = (channel[truth].cumsum(axis=1) > rng.random((len(truth), 1))).argmax(axis=1)
    again = (channel[truth].cumsum(axis=1) > rng.random((len(truth), 1))).argmax(axis=1)
    posterior = channel / channel.sum(axis=0)  # P(truth | says), column by column
    joined = late_fusion([posterior[:, says].T, posterior[:, again].T], "product")
    for pair in ((0, 0), (0, 1), (2, 2)):
        same = (says == pair[0]) & (again == pair[1])
        counted = np.bincount(truth[same], minlength=3) / same.sum()
        np.testing.assert_allclose(joined[same][0], counted, atol=0.01)


@pytest.mark.parametrize("rule", RULES)
def test_a_missing_sense_leaves_the_word_to_the_other(rule):
    lost = B.copy()
    lost[1] = np.nan
    joined = late_fusion([A, lost], rule)
    np.testing.assert_allclose(joined[0], late_fusion([A, B], rule)[0])
    np.testing.assert_allclose(joined[1], late_fusion([A[1:]], rule)[0])
    nobody = late_fusion([np.full((1, 4), np.nan)] * 2, rule)
    np.testing.assert_allclose(nobody, 0.25)


def test_a_thousand_small_numbers_do_not_vanish():
    sure = np.tile([[1e-9, 1 - 1e-9]], (1, 1))
    assert np.isfinite(late_fusion([sure] * 1000, "product")).all()


@pytest.mark.parametrize("judge", ["logistic regression", "k-nn", "svm"])
def test_a_judge_learns_whom_to_trust(judge):
    """One system is always right, the other always says the next class: no fixed rule knows."""
    rng = np.random.default_rng(1)
    truth = rng.integers(3, size=300)
    right, wrong = np.eye(3)[truth], np.eye(3)[(truth + 1) % 3]
    answers = np.hstack([0.5 * right + 0.5 / 3, 0.8 * wrong + 0.2 / 3])
    fitted = posterior_classifier(judge).fit(answers[:200], truth[:200])
    assert fitted.score(answers[200:], truth[200:]) == 1
    assert (late_fusion([answers[:, :3], answers[:, 3:]], "mean").argmax(axis=1) != truth).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "one system or more"),
        ([A, B[:1]], "alike for all systems"),
        ([A[0]], "rows, classes"),
        ([A, B * 2], "system 1, row 0 is no distribution"),
        ([[[1.5, -0.5]]], "system 0, row 0 is no distribution"),
        ([[[np.nan, 1.0]]], "system 0, row 0 is no distribution"),
        ([[[np.nan, 1.0, 1.0]]], "system 0, row 0 is no distribution"),
    ],
)
def test_bad_answers(given, message):
    with pytest.raises(ValueError, match=message):
        late_fusion(given)


def test_unknown_names():
    with pytest.raises(ValueError, match="'sum' is none of mean, product, maximum, vote"):
        late_fusion([A], "sum")
    with pytest.raises(ValueError, match="'forest' is none of"):
        posterior_classifier("forest")
