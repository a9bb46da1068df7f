"""The oracles of the primer on matrices accept SciPy's answers and name the known mistakes."""

import numpy as np
import pytest
from scipy.linalg import cholesky, eigh, solve_triangular, sqrtm

from emolib import checks


def covariance(X):
    features = X.T
    means = [sum(f) / len(f) for f in features]
    return np.array(
        [
            [np.dot(f - m, g - k) / (len(X) - 1) for g, k in zip(features, means, strict=True)]
            for f, m in zip(features, means, strict=True)
        ]
    )


def eigenvector(A, B, column=-1):
    w = eigh(A, B)[1][:, column]
    return w / np.linalg.norm(w)


def by_cholesky(A, B):
    """Another way to make B round: with its triangular root."""
    L = cholesky(B, lower=True)
    half = solve_triangular(L, A, lower=True)
    u = np.linalg.eigh(solve_triangular(L, half.T, lower=True))[1][:, -1]
    w = solve_triangular(L.T, u)
    return -w / np.linalg.norm(w)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.covariance, covariance),
        (checks.generalised_eigenvector, eigenvector),
        (checks.generalised_eigenvector, by_cholesky),
    ],
)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", 3.0, np.zeros(3)):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda X: X.T @ X / (len(X) - 1), "mean is missing"),
        (lambda X: np.cov(X.T, bias=True), "not by n"),
        (lambda X: covariance(X) * (len(X) - 1), "sum of products"),
        (lambda X: np.corrcoef(X.T), "correlation"),
        (
            lambda X: np.einsum("if,ig->fg", *2 * [X - X.mean(axis=1)[:, None]]) / (len(X) - 1),
            "axis 0",
        ),
        (lambda X: covariance(X.T), "a sample"),
    ],
)
def test_mistakes_in_a_covariance_are_named(wrong, hint, capsys):
    assert not checks.covariance(wrong)
    assert hint in capsys.readouterr().out


def root_whitened(A, B):
    """The direction where B is round; by the symmetric root it is another one."""
    M = np.linalg.inv(np.real(sqrtm(B)))
    return np.linalg.eigh(M @ A @ M)[1][:, -1]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda A, B: eigh(A, B)[1][:, -1], "bring it to length 1"),
        (lambda A, B: eigenvector(A, np.eye(len(B))), "ignores B"),
        (lambda A, B: eigenvector(A, B, 0), "smallest"),
        (lambda A, B: np.linalg.eigh(np.linalg.inv(B) @ A)[1][:, -1], "lower half"),
        (root_whitened, "not yet. One case"),
        (
            lambda A, B: (lambda b, Q: np.linalg.eigh((Q.T @ A @ Q) / np.sqrt(np.outer(b, b)))[1])(
                *np.linalg.eigh(B)
            )[:, -1],
            "go back",
        ),
        (lambda A, B: np.asarray(eigh(A, B)[0]), "not yet"),
    ],
)
def test_mistakes_in_an_eigenproblem_are_named(wrong, hint, capsys):
    assert not checks.generalised_eigenvector(wrong)
    assert hint in capsys.readouterr().out


def test_going_back_by_the_inverse_is_named(capsys):
    def wrong(A, B):
        b, Q = np.linalg.eigh(B)
        u = np.linalg.eigh((Q.T @ A @ Q) / np.sqrt(np.outer(b, b)))[1][:, -1]
        w = np.diag(np.sqrt(b)) @ Q.T @ u
        return w / np.linalg.norm(w)

    assert not checks.generalised_eigenvector(wrong)
    assert "not by its inverse" in capsys.readouterr().out
