"""The oracles of optical flow accept right answers, however written, and name known mistakes."""

import numpy as np
import pytest

from emolib import checks
from emolib.checks.seeing import _far_apart, _slopes


def normal_equations(I_x, I_y, I_t):
    matrix = [[(I_x * I_x).sum(), (I_x * I_y).sum()], [(I_x * I_y).sum(), (I_y * I_y).sum()]]
    u, v = np.linalg.solve(matrix, [-(I_x * I_t).sum(), -(I_y * I_t).sum()])
    return u, v


def shrunk(first, second, times, halve, one_step, factor=lambda times: 2**times):
    for _ in range(times):
        first = halve(first)
        second = halve(second)
    u, v = one_step(first, second)
    return u * factor(times), v * factor(times)


@pytest.mark.parametrize(
    ("check", "right", "cases"),
    [(checks.known_shift, normal_equations, 8), (checks.large_shift, shrunk, 4)],
)
def test_right_answers_stubs_and_faults(check, right, cases, capsys, refuses):
    for _ in range(10):  # cases are drawn anew each time
        assert check(right)
        assert f"right, on {cases}" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", np.zeros(2), -1.0):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet. One case" in capsys.readouterr().out


def test_the_cases_hold_a_motion_that_the_right_answer_finds():
    """Within a tenth from coarse to fine; and slopes that lean."""
    for seed in range(5):
        for times in (2, 3):
            motion = 2**times * np.array([0.6, -0.5])
            case = _far_apart(np.random.default_rng(seed), times, motion)
            np.testing.assert_allclose(shrunk(*case), motion, rtol=0.1)
        I_x, I_y, _ = _slopes(np.random.default_rng(seed))
        assert np.corrcoef(I_x.ravel(), I_y.ravel())[0, 1] > 0.3


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda x, y, t: normal_equations(x, y, -t), "sign is wrong: a slope"),
        (lambda x, y, t: normal_equations(y, x, t), "belongs to I_x"),
        (lambda x, y, t: normal_equations(y, x, -t), "and the sign"),
        (
            lambda x, y, t: -t[7, 8] * np.array([x[7, 8], y[7, 8]]) / (x[7, 8] ** 2 + y[7, 8] ** 2),
            "one pixel's answer",
        ),
        (lambda x, y, t: (-np.sum(x * t), -np.sum(y * t)), "right side"),
        (
            lambda x, y, t: (-np.sum(x * t) / np.sum(x * x), -np.sum(y * t) / np.sum(y * y)),
            "each direction alone",
        ),
        (lambda x, y, t: (np.mean(-t / x), np.mean(-t / y)), "own quotient"),
    ],
)
def test_known_mistakes_in_a_shift_are_named(wrong, hint, capsys):
    assert not checks.known_shift(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda *case: shrunk(*case, factor=lambda times: 1), "in the small picture"),
        (lambda *case: shrunk(*case, factor=lambda times: 2 * times), "not 2 · times"),
        (lambda *case: shrunk(*case, factor=lambda times: 4**times), "a length"),
        (lambda *case: shrunk(*case, factor=lambda times: 0.5**times), "not divided"),
        (lambda first, second, times, halve, one_step: one_step(first, second), "Halve both"),
        (
            lambda first, second, times, halve, one_step: shrunk(first, second, 1, halve, one_step),
            "halved once",
        ),
    ],
)
def test_known_mistakes_in_a_large_shift_are_named(wrong, hint, capsys):
    assert not checks.large_shift(wrong)
    assert hint in capsys.readouterr().out
