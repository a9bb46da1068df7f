"""What all checks share: a reader may work in place, and no answer makes a check raise."""

import inspect

import numpy as np
import pytest

from emolib import checks
from emolib.checks.trying import try_cases

FUNCTIONS = [
    getattr(checks, name)
    for name in checks.__all__
    if [*inspect.signature(getattr(checks, name)).parameters] == ["function"]
]


def fused(p, q, prior):
    p *= q
    p /= prior
    p /= p.sum()
    return p


def noisy(s, n, snr_db):
    n *= np.sqrt(np.mean(s**2) / np.mean(n**2) / 10 ** (snr_db / 10))
    n += s
    return n


def product(answers):
    answers[np.isnan(answers)] = 1
    fused = answers.prod(axis=0)
    fused /= fused.sum(axis=1, keepdims=True)
    return fused


def agreement(answers):
    there = ~np.isnan(answers).any(axis=2)
    answers[np.isnan(answers)] = -1
    best = answers.argmax(axis=2)
    votes = [(there & (best == k)).sum(axis=0) for k in range(answers.shape[2])]
    return np.max(votes, axis=0) / np.maximum(there.sum(axis=0), 1)


def adam(theta, g, m, v, t, rate, epsilon):
    m += 0.1 * (g - m)
    v += 0.001 * (g**2 - v)
    theta -= rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + epsilon)
    return theta, m, v


def dropout(x, rate, training, rng):
    if training:
        x *= (rng.random(x.shape) >= rate) / (1 - rate)
    return x


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.fuse_posteriors, fused),
        (checks.add_noise, noisy),
        (checks.fuse_what_is_there, product),
        (checks.agreement, agreement),
        (checks.adam_step, adam),
        (checks.dropout, dropout),
    ],
)
def test_a_right_answer_may_be_made_in_place(check, right):
    assert check(right)


def test_nobody_passes_by_overwriting_what_was_asked():
    def zeroed(x):
        x[:] = 0
        return 0.0

    assert not try_cases("mean", zeroed, [(np.ones(3),)], np.mean, {})


def test_the_case_shown_is_one_that_came_out_wrong(capsys):
    assert not try_cases("double", lambda x: x * x, [(2,), (3,)], lambda x: 2 * x, {})
    assert "One case wants 6, you gave 9." in capsys.readouterr().out


@pytest.mark.parametrize("check", FUNCTIONS)
@pytest.mark.parametrize("answer", ["many", np.nan, {}, (1, None), np.eye(2)])
def test_no_answer_makes_a_check_raise(check, answer, capsys):
    assert check(lambda *_: answer) is False
