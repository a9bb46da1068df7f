"""The oracles of notebook 13: right answers pass, each named mistake gets its own hint."""

import numpy as np
import pytest

from emolib import checks
from emolib.models.recurrence import gru_step


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def masked(scores, mask):
    lifted = np.where(mask, scores, -1e9)
    powers = np.where(mask, np.exp(lifted - lifted.max(axis=1, keepdims=True)), 0)
    return powers / np.maximum(powers.sum(axis=1, keepdims=True), 1e-9)


def by_infinity(scores, mask):
    with np.errstate(invalid="ignore"):
        return softmax(np.where(mask, scores, -np.inf))


MISTAKES = [
    ("masked_weights", lambda s, m: softmax(s * m), "exp(0) is 1"),
    ("masked_weights", lambda s, m: softmax(s) * m, "no longer adds up"),
    ("masked_weights", by_infinity, "0 / 0"),
    ("masked_weights", lambda s, m: softmax(np.where(m, s, -1e9)), "equal weights"),
    ("masked_weights", lambda s, m: masked(s, ~m), "wrong way round"),
    ("masked_weights", lambda s, m: softmax(s), "not used"),
    ("masked_weights", lambda s, m: masked(s.T, m.T).T, "axis 1"),
    ("gru_step", lambda *c: gru_step(*c, keep="z"), "share that is kept"),
    ("gru_step", lambda *c: gru_step(*c, reset_after=True), "comes after U"),
    ("gru_step", lambda *c: gru_step(*c, keep="z", reset_after=True), "Both"),
    ("largest_weight", lambda n, t: 1.0, "without end"),
    ("largest_weight", lambda n, t: 1 / n, "score alike"),
    ("largest_weight", lambda n, t: np.exp(1 / t) / (np.exp(1 / t) + n - 1), "score 0"),
    ("largest_weight", lambda n, t: np.exp(2 / t) / (np.exp(2 / t) + n), "n - 1"),
    ("largest_weight", lambda n, t: np.exp(2 * t) / (np.exp(2 * t) + n - 1), "divides"),
    ("largest_weight", lambda n, t: np.exp(2 / t), "sum of all"),
]


@pytest.mark.parametrize(("name", "mistaken", "hint"), MISTAKES)
def test_a_mistake_gets_its_own_hint(name, mistaken, hint, capsys):
    assert not getattr(checks, name)(mistaken)
    said = capsys.readouterr().out
    assert "not yet" in said and hint in said


def test_scores_of_a_thousand_overflow_without_a_shift(capsys):
    def straight(scores, mask):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            powers = np.where(mask, np.exp(scores), 0)
            weights = np.where(mask, powers / powers.sum(axis=1, keepdims=True), 0)
        return weights

    assert not checks.masked_weights(straight)
    assert "infinite" in capsys.readouterr().out


def test_right_answers_pass(capsys):
    def by_hand(x, h, w, u):
        """The printed equations, a clip and a unit at a time."""
        out, units = np.empty_like(h), h.shape[1]
        for b in range(len(x)):
            inner = x[b] @ w
            z = 1 / (1 + np.exp(-(inner[:units] + h[b] @ u[:, :units])))
            r = 1 / (1 + np.exp(-(inner[units : 2 * units] + h[b] @ u[:, units : 2 * units])))
            new = np.tanh(inner[2 * units :] + (r * h[b]) @ u[:, 2 * units :])
            out[b] = (1 - z) * h[b] + z * new
        return out

    assert checks.masked_weights(masked)
    assert checks.gru_step(by_hand)
    assert checks.largest_weight(
        lambda n, t: softmax(np.array([[1 / t] + [-1 / t] * (n - 1)])).max()
    )
    assert capsys.readouterr().out.count("right, on") == 3


@pytest.mark.parametrize("name", ["masked_weights", "gru_step", "largest_weight"])
def test_what_is_no_answer_is_told_apart(name, refuses):
    refuses(getattr(checks, name))
