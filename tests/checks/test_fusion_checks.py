"""The oracles of fusion accept graphs drawn in plain loops and name the known mistakes."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import f_classif

from emolib import checks


def distance(X, i, j):
    return float(np.hypot(*(X[i] - X[j])))


def intrinsic(same=lambda a, b: a == b, skip_self=True, keep=lambda a, b: a or b, clear=False):
    """Draw the intrinsic graph, or one with a fault."""

    def graph(X, y, k1):
        near = np.zeros((9, 9), dtype=bool)
        for i in range(9):
            others = [j for j in range(9) if same(y[i], y[j]) and not (skip_self and i == j)]
            for j in sorted(others, key=lambda j: distance(X, i, j))[:k1]:
                near[i, j] = True
        out = np.array([[keep(near[i, j], near[j, i]) for j in range(9)] for i in range(9)])
        return out & ~np.eye(9, dtype=bool) if clear else out

    return graph


def penalty(groups, symmetric=True):
    """Draw the nearest pairs of each group of pairs that ``groups(y)`` lists."""

    def graph(X, y, k2):
        out = np.zeros((9, 9), dtype=int)
        for pairs in groups(y):
            for i, j in sorted(pairs, key=lambda pair: distance(X, *pair))[:k2]:
                out[i, j] = 1
        return np.maximum(out, out.T) if symmetric else out

    return graph


def between(y, starts, ends):
    return [(i, j) for i in range(9) for j in range(9) if i != j and starts(i) and ends(j)]


def of_classes(y):
    return [between(y, lambda i, c=c: y[i] == c, lambda j, c=c: y[j] != c) for c in range(3)]


def fisher(X, y, w):
    """The between and within variance that scikit-learn's F statistic is made of."""
    return f_classif((X @ w)[:, None], y)[0][0] * 2 / (len(y) - 3)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.intrinsic_graph, intrinsic()),
        (checks.penalty_graph, penalty(of_classes)),
        (checks.fisher_criterion, fisher),
    ],
)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", 3.0, np.zeros(9), np.full((9, 9), 0.5)):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet" in capsys.readouterr().out


def middle(X, y, w):
    return np.mean([(X[y == c] @ w).mean() for c in range(3)])


def any_class(y):
    return [[(i, j) for i in range(9) for j in range(i) if c in (y[i], y[j])] for c in range(3)]


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (checks.intrinsic_graph, intrinsic(same=lambda a, b: True), "any class"),
        (checks.intrinsic_graph, intrinsic(skip_self=False), "leave it out"),
        (checks.intrinsic_graph, intrinsic(skip_self=False, clear=True), "removed the diagonal"),
        (checks.intrinsic_graph, intrinsic(keep=lambda a, b: a), "from both ends"),
        (checks.intrinsic_graph, intrinsic(keep=lambda a, b: b), "(18) as printed"),
        (checks.intrinsic_graph, intrinsic(keep=lambda a, b: a and b), "mutual"),
        (checks.intrinsic_graph, intrinsic(same=lambda a, b: a != b), "penalty graph"),
        (
            checks.penalty_graph,
            penalty(lambda y: [[(i, j) for j in range(9) if y[j] != y[i]] for i in range(9)]),
            "of each point",
        ),
        (
            checks.penalty_graph,
            penalty(lambda y: [[(i, j) for i in range(9) for j in range(i) if y[i] != y[j]]]),
            "pairs of all",
        ),
        (
            checks.penalty_graph,
            penalty(
                lambda y: [
                    between(y, lambda i, a=a: y[i] == a, lambda j, b=b: y[j] == b)
                    for a in range(3)
                    for b in range(a + 1, 3)
                ]
            ),
            "every two classes",
        ),
        (checks.penalty_graph, penalty(any_class), "within one class"),
        (checks.penalty_graph, penalty(of_classes, symmetric=False), "set (i, j) and (j, i)"),
        (
            checks.penalty_graph,
            lambda *case: penalty(of_classes, symmetric=False)(*case).T,
            "set (j, i) and (i, j)",
        ),
        (checks.fisher_criterion, lambda *case: 1 / fisher(*case), "Upside down"),
        (
            checks.fisher_criterion,
            lambda X, y, w: (
                np.var([(X @ w)[y == y[i]].mean() for i in range(len(y))]) / np.var(X @ w)
            ),
            "total scatter",
        ),
        (
            checks.fisher_criterion,
            lambda X, y, w: (
                sum(((X[y == c].mean(axis=0) - X.mean(axis=0)) @ w) ** 2 for c in range(3))
                / sum(((X[y == c] @ w).var() * (y == c).sum()) for c in range(3))
            ),
            "by its number",
        ),
        (
            checks.fisher_criterion,
            lambda X, y, w: (
                np.var([(X[y == c] @ w).mean() for c in range(3)])
                / np.mean([(X[y == c] @ w).var() for c in range(3)])
            ),
            "Those are variances",
        ),
        (
            checks.fisher_criterion,
            lambda X, y, w: f_classif((X @ w)[:, None], y)[0][0],
            "F statistic",
        ),
    ],
)
def test_known_mistakes_are_named(check, wrong, hint, capsys):
    assert not check(wrong)
    assert hint in capsys.readouterr().out


def test_the_oracle_is_what_lda_maximises():
    """No axis beats the first one of scikit-learn's LDA."""
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    X = rng.normal(size=(60, 4)) + rng.normal(size=(3, 4))[y]
    best = LinearDiscriminantAnalysis(solver="eigen").fit(X, y).scalings_[:, 0]
    assert fisher(X, y, best) > max(fisher(X, y, w) for w in rng.normal(size=(200, 4)))
