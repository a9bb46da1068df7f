"""The oracles of notebooks 06 and 07 accept right answers, however written, and name mistakes."""

import math

import numpy as np
import pytest
from scipy import signal, stats

from emolib import checks
from emolib.checks.seeing import _turned


def sigma(square):
    """Spell out an answer to ``missing_sigma``, as a reader might."""

    def function(a, b):
        with np.errstate(invalid="ignore"):
            return np.sqrt(square(a, b))

    return function


def weights(
    scale=lambda w: w / w.sum(), at=lambda r: np.linspace(-r, r, 2 * r + 1), power=2, two=2
):
    """Spell out a kernel, as a reader might; other arguments make mistakes."""

    def function(sigma, radius):
        return scale(np.array([math.exp(-(x**2) / (two * sigma**power)) for x in at(radius)]))

    return function


def density(sigma, radius):
    values = stats.norm.pdf(np.arange(-radius, radius + 1), scale=sigma)
    return list(values / sum(values))


def responses(det=lambda values, mu: values.prod(), third=lambda values, mu: values.sum() ** 3):
    """Spell out a response by eigenvalues, as a reader might; other arguments make mistakes."""

    def function(mu, k):
        values = np.linalg.eigvals(mu).real
        return det(values, mu) - k * third(values, mu)

    return function


def directions(values=np.linalg.eigvalsh, least=lambda v: 0.01 * v.sum()):
    """Count in a loop, as a reader might."""
    return lambda mu: sum(bool(v > least(values(mu))) for v in values(mu))


RIGHT = [
    (checks.missing_sigma, lambda a, b: math.sqrt((b - a) * (b + a))),
    (checks.gaussian_weights, density),
    (checks.gaussian_weights, weights()),
    (checks.gaussian_weights, lambda s, r: (g := signal.windows.gaussian(2 * r + 1, s)) / g.sum()),
    (checks.harris_response, responses()),
    (checks.directions_of_change, directions()),
    (checks.directions_of_change, directions(least=lambda v: 0.01 * v.max())),
]


@pytest.mark.parametrize(("check", "right"), RIGHT)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    for _ in range(10):  # cases are drawn anew each time
        assert check(right)
        assert "right, on 8" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", np.zeros(2), -1.0):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet. One case" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda a, b: b - a, "Standard deviations do not add up"),
        (sigma(lambda a, b: b * b + a * a), "where you end"),
        (lambda a, b: b / a, "ratio"),
        (lambda a, b: b * b - a * a, "take its square root"),
        (sigma(lambda a, b: a * a - b * b), "order is wrong"),
        (sigma(lambda a, b: b - a), "Square each first"),
        (lambda a, b: b, "not yet. One case"),
    ],
)
def test_known_mistakes_in_adding_blurs_are_named(wrong, hint, capsys):
    assert not checks.missing_sigma(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (weights(lambda w: w), "(2) as printed"),
        (
            lambda sigma, radius: stats.norm.pdf(np.arange(-radius, radius + 1), scale=sigma),
            "cut the kernel off",
        ),
        (weights(lambda w: w / max(w)), "(2) as printed"),
        (weights(at=lambda r: range(-r, r)), "even"),
        (weights(at=lambda r: range(r + 1)), "right half"),
        (weights(two=1), "The 2 below"),
        (weights(power=1), "σ is squared"),
        (weights(at=lambda r: range(-r - 1, r + 2)), "not yet. One case"),
    ],
)
def test_known_mistakes_in_a_kernel_are_named(wrong, hint, capsys):
    assert not checks.gaussian_weights(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (responses(third=lambda v, mu: v.sum()), "right end of (8)"),
        (responses(third=lambda v, mu: v.sum() ** 2), "square belongs"),
        (responses(det=lambda v, mu: mu[0, 0] * mu[1, 1] * mu[2, 2]), "product of the diagonal"),
        (lambda mu, k: k * responses()(mu, 1), "k weighs the trace only"),
        (lambda mu, k: responses()(mu, -k), "trace is subtracted"),
        (lambda mu, k: -responses()(mu, k), "other way round"),
        (responses(third=lambda v, mu: np.trace(mu @ mu @ mu)), "cube the eigenvalues"),
        (responses(third=lambda v, mu: (np.diag(mu) ** 3).sum()), "cube each entry"),
        (
            lambda mu, k: responses(third=lambda v, mu: k * k * v.sum() ** 3)(mu, k),
            "k is not cubed",
        ),
        (responses(third=lambda v, mu: 0), "determinant alone"),
        (responses(third=lambda v, mu: v.max() ** 3), "not yet. One case"),
    ],
)
def test_known_mistakes_in_the_response_are_named(wrong, hint, capsys):
    assert not checks.harris_response(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (directions(values=np.diag), "diagonal"),
        (np.linalg.matrix_rank, "Noise"),
        (directions(least=lambda v: 0), "Noise"),
        (directions(least=lambda v: 1e-3), "how bright"),
        (lambda mu: 3 - directions()(mu), "nothing changes"),
        (lambda mu: 2, "not yet. One case"),
    ],
)
def test_known_mistakes_in_counting_directions_are_named(wrong, hint, capsys):
    for _ in range(5):
        assert not checks.directions_of_change(wrong)
        assert hint in capsys.readouterr().out


@pytest.mark.parametrize("large", [1, 2, 3])
def test_the_matrices_of_the_oracle_are_what_they_claim(large):
    """So many eigenvalues above a hundredth of their sum, and none near it."""
    for seed in range(100):
        matrix = _turned(np.random.default_rng(seed), large)
        shares = np.linalg.eigvalsh(matrix) / np.trace(matrix)
        assert (shares > 0.05).sum() == large
        assert (shares < 0.001).sum() == 3 - large
