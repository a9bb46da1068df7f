"""The oracles of notebook 12 accept answers found another way and name the known mistakes."""

from itertools import combinations
from statistics import NormalDist

import numpy as np
import pytest

from emolib import checks

PHI, INVERSE = NormalDist().cdf, NormalDist().inv_cdf


def together(alone, rho):
    """The share from the variance of a mean of two, worked out from its covariance matrix."""
    weights = np.array([0.5, 0.5])
    spread = weights @ np.array([[1, rho], [rho, 1]]) @ weights
    return PHI(INVERSE(alone) / np.sqrt(spread))


def mahalanobis(d, correlation, pair):
    """The squared strength of a pair by the inverse of its correlation matrix."""
    own = np.ix_(pair, pair)
    return d[list(pair)] @ np.linalg.inv(correlation[own]) @ d[list(pair)]


def pair_by(score):
    def choose(d, correlation):
        return max(
            combinations(range(len(d)), 2), key=lambda pair: score(d, correlation, list(pair))
        )

    return choose


def bayes(p, q, prior):
    """The posterior from likelihoods: p over prior is what the first witness adds."""
    likelihood = (p / prior) * (q / prior)
    joint = likelihood * prior
    return joint / np.sum(joint)


def shares(values):
    return values / values.sum()


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.fused_accuracy, together),
        (checks.winning_pair, pair_by(mahalanobis)),
        (checks.winning_pair, lambda *case: list(pair_by(mahalanobis)(*case))[::-1]),
        (checks.fuse_posteriors, bayes),
    ],
)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", 3.0, np.zeros(9)):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (checks.fused_accuracy, lambda a, rho: together(a, 0), "independent"),
        (checks.fused_accuracy, lambda a, rho: a + (1 - a) * a, "at least one"),
        (checks.fused_accuracy, lambda a, rho: PHI(2 * INVERSE(a) / (1 + rho)), "square root"),
        (checks.fused_accuracy, lambda a, rho: together(a, -rho), "sign of rho"),
        (checks.fused_accuracy, lambda a, rho: INVERSE(together(a, rho)), "Phi of it"),
        (checks.fused_accuracy, lambda a, rho: together(PHI(a), rho), "inverse of Phi"),
        (checks.fused_accuracy, lambda a, rho: a * (2 / (1 + rho)) ** 0.5, "accuracy itself"),
        (checks.winning_pair, lambda d, c: np.argsort(d)[-2:], "two strongest"),
        (checks.winning_pair, pair_by(lambda d, c, p: -c[p[0], p[1]]), "least alike"),
        (checks.winning_pair, pair_by(lambda *case: -mahalanobis(*case)), "two weakest"),
        (
            checks.winning_pair,
            lambda d, c: pair_by(mahalanobis)(d, 2 * np.eye(len(d)) - c),
            "is a minus",
        ),
        (
            checks.winning_pair,
            pair_by(lambda d, c, p: mahalanobis(d, c, p) * (1 - c[p[0], p[1]] ** 2)),
            "left out the divisor",
        ),
        (checks.fuse_posteriors, lambda p, q, prior: shares(p * q), "prior twice: each"),
        (checks.fuse_posteriors, lambda p, q, prior: p * q / prior, "add up to 1."),
        (checks.fuse_posteriors, lambda p, q, prior: p * q, "must be divided out"),
        (checks.fuse_posteriors, lambda p, q, prior: (p + q) / 2, "mean rule"),
        (checks.fuse_posteriors, lambda p, q, prior: shares(p * q * prior), "multiplied by"),
        (
            checks.fuse_posteriors,
            lambda p, q, prior: shares(p * q / prior**2),
            "by the prior twice",
        ),
    ],
)
def test_known_mistakes_are_named(check, wrong, hint, capsys):
    assert not check(wrong)
    assert hint in capsys.readouterr().out


def test_the_closed_form_is_what_happens_to_two_simulated_witnesses():
    rng = np.random.default_rng(0)
    for alone, rho in ((0.7, 0.0), (0.8, 0.6), (0.6, -0.3)):
        noise = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 200_000)
        evidence = INVERSE(alone) + noise
        assert abs((evidence[:, 0] > 0).mean() - alone) < 0.005
        assert abs((evidence.mean(axis=1) > 0).mean() - together(alone, rho)) < 0.005
