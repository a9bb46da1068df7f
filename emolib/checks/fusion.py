"""Oracles of the exercises in notebook 10 and after it: fusion."""

import numpy as np

from emolib import fusion
from emolib.checks.trying import try_cases


def _edges(graph):
    """Return the edges of a 0/1 matrix as pairs, or a word on what it is instead."""
    if graph is ... or graph is None:
        return graph
    graph = np.asarray(graph.toarray() if hasattr(graph, "toarray") else graph)
    if graph.ndim != 2 or graph.dtype.kind not in "biuf":
        return f"an array of shape {graph.shape}, not (9, 9)"
    if not np.isin(graph, (0, 1)).all():
        return "numbers other than 0 and 1"
    return [(int(i), int(j)) for i, j in np.argwhere(graph)]


def _try_graph(name, function, sizes, ks, right, wrong):
    """Compare graphs on nine fresh points in the plane, a few cases with each k."""
    rng = np.random.default_rng()
    classes = np.repeat(np.arange(len(sizes)), sizes)
    cases = [(rng.normal(size=(9, 2)), rng.permutation(classes), k) for k in ks for _ in range(3)]

    def as_edges(graph):
        return lambda *case: _edges(graph(*case))

    mistakes = {hint: as_edges(mistaken) for hint, mistaken in wrong.items()}
    return try_cases(
        name, as_edges(function), cases, as_edges(right), mistakes, lambda a, b: a == b
    )


def _nearest(X, k, allowed):
    """Return a 0/1 matrix: in each row the k nearest among the allowed."""
    distance = np.linalg.norm(X[:, None] - X, axis=-1)
    ranks = np.where(allowed, distance, np.inf).argsort(axis=1).argsort(axis=1)
    return (ranks < k) & allowed


def intrinsic_graph(function):
    """Check the intrinsic graph of nine points (notebook 10)."""
    self = np.eye(9, dtype=bool)

    def one_way(X, y, k1):
        return _nearest(X, k1, (y[:, None] == y) & ~self)

    def both(graph):
        return graph | graph.T

    def with_self(X, y, k1):
        return both(_nearest(X, k1, y[:, None] == y))

    wrong = {
        "Those are neighbours of any class: look only among the point's own class.": (
            lambda X, y, k1: both(_nearest(X, k1, ~self))
        ),
        "Each point is its own nearest point, at distance 0: leave it out and take k1 others.": (
            with_self
        ),
        "You removed the diagonal, but the point itself still took one of the k1 places.": (
            lambda X, y, k1: with_self(X, y, k1) & ~self
        ),
        "The graph is not symmetric. An edge is an edge from both ends: join i and j where either "
        "is a neighbour of the other.": one_way,
        "That is (18) as printed, not symmetric: join i and j where either is a neighbour of the "
        "other.": lambda *case: one_way(*case).T,
        "Those are mutual neighbours only: one of the two is enough.": (
            lambda *case: one_way(*case) & one_way(*case).T
        ),
        "Those are the neighbours of other classes: that is a matter for the penalty graph.": (
            lambda X, y, k1: both(_nearest(X, k1, y[:, None] != y))
        ),
    }
    return _try_graph(
        "intrinsic_graph", function, (4, 5), (1, 2), lambda *c: fusion.intrinsic_graph(*c), wrong
    )


def penalty_graph(function):
    """Check the penalty graph of nine points in three classes (notebook 10)."""

    def pairs(X, k2, starts, ends):
        """Return a 0/1 matrix of the k2 nearest pairs from starts to ends."""
        allowed = np.logical_and.outer(starts, ends) & ~np.eye(9, dtype=bool)
        distance = np.where(allowed, np.linalg.norm(X[:, None] - X, axis=-1), np.inf)
        graph = np.zeros((9, 9), dtype=bool)
        graph.flat[distance.argsort(axis=None, kind="stable")[:k2]] = True
        return graph & allowed

    def joined(graphs):
        graph = np.any(list(graphs), axis=0)
        return graph | graph.T

    def one_way(X, y, k2):
        return np.any([pairs(X, k2, y == c, y != c) for c in range(3)], axis=0)

    def everybody(X, y, k2):
        allowed = np.triu(y[:, None] != y)
        distance = np.where(allowed, np.linalg.norm(X[:, None] - X, axis=-1), np.inf)
        graph = np.zeros((9, 9), dtype=bool)
        graph.flat[distance.argsort(axis=None)[:k2]] = True
        return joined([graph])

    wrong = {
        "Those are the k2 nearest of each point. (22) takes the k2 nearest pairs of each class.": (
            lambda X, y, k2: joined([_nearest(X, k2, y[:, None] != y)])
        ),
        "Those are the k2 nearest pairs of all. (22) takes k2 for each class.": everybody,
        "Those are k2 pairs for every two classes. (22) takes k2 between a class and all the "
        "rest.": lambda X, y, k2: joined(
            pairs(X, k2, y == a, y == b) for a in range(3) for b in range(a)
        ),
        "Some of your pairs lie within one class: a pair needs one end outside.": (
            lambda X, y, k2: joined(_any_class(X, y, k2))
        ),
        "The graph is not symmetric: set (i, j) and (j, i).": one_way,
        "The graph is not symmetric: set (j, i) and (i, j).": lambda *case: one_way(*case).T,
    }
    return _try_graph(
        "penalty_graph", function, (3, 3, 3), (2, 3), lambda *c: fusion.penalty_graph(*c), wrong
    )


def _any_class(X, y, k2):
    """Yield for each class the k2 nearest pairs that start in it, wherever they end."""
    distance = np.linalg.norm(X[:, None] - X, axis=-1)
    i, j = np.triu_indices(9, 1)
    for c in range(3):
        own = (y[i] == c) | (y[j] == c)
        order = np.argsort(distance[i[own], j[own]])[:k2]
        graph = np.zeros((9, 9), dtype=bool)
        graph[i[own][order], j[own][order]] = True
        yield graph


def fisher_criterion(function):
    """Check Fisher's criterion of an axis: scatter between over within classes (notebook 10)."""
    rng = np.random.default_rng()
    cases = []
    for _ in range(8):
        y = np.repeat(np.arange(3), rng.integers(4, 20, 3))
        X = rng.normal(size=(len(y), 4)) * (1 + y[:, None]) + rng.normal(size=(3, 4))[y]
        cases.append((X, y, rng.normal(size=4)))

    def parts(X, y, w):
        groups = [X[y == c] @ w for c in np.unique(y)]
        counts, means = np.array([(len(g), g.mean()) for g in groups]).T
        within = np.array([((g - g.mean()) ** 2).sum() for g in groups])
        return counts, means, within, (X @ w).mean()

    def right(X, y, w):
        counts, means, within, middle = parts(X, y, w)
        return (counts * (means - middle) ** 2).sum() / within.sum()

    def unweighted(X, y, w):
        _, means, within, middle = parts(X, y, w)
        return ((means - middle) ** 2).sum() / within.sum()

    def plain_middle(X, y, w):
        counts, means, within, _ = parts(X, y, w)
        return (counts * (means - means.mean()) ** 2).sum() / within.sum()

    def variances(X, y, w):
        counts, means, within, _ = parts(X, y, w)
        return means.var() / (within / counts).mean()

    def f_statistic(X, y, w):
        return right(X, y, w) * (len(y) - 3) / 2

    wrong = {
        "Upside down: between over within, so that more is better.": lambda *c: 1 / right(*c),
        "You divide by the total scatter: divide by the scatter within classes.": (
            lambda *c: right(*c) / (1 + right(*c))
        ),
        "Weigh each class mean's squared distance by its number of samples.": unweighted,
        "The middle is the mean of all samples, not of the class means.": plain_middle,
        "Those are variances, in which a small class weighs as much as a large one: take sums of "
        "squares, the between one weighted by class size.": variances,
        "That is the F statistic of an analysis of variance: leave out the degrees of freedom.": (
            f_statistic
        ),
    }
    return try_cases("fisher_criterion", function, cases, right, wrong)
