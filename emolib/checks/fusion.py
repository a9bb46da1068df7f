"""Oracles of the exercises in notebook 10 and after it: fusion."""

import numpy as np
from scipy.stats import norm

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


def fused_accuracy(function):
    """Check what two equally good witnesses reach together (notebook 12)."""
    rng = np.random.default_rng()
    cases = [(rng.uniform(0.55, 0.9), rng.uniform(-0.4, 0.9)) for _ in range(8)]

    def with_gain(gain):
        return lambda alone, rho: norm.cdf(norm.ppf(alone) * gain(rho))

    def right_gain(rho):
        return np.sqrt(2 / (1 + rho))

    wrong = {
        "You took the errors for independent: rho does not matter in your answer.": (
            with_gain(lambda rho: np.sqrt(2))
        ),
        "That is the chance that at least one of them is right, but nobody tells you which.": (
            lambda alone, rho: 1 - (1 - alone) ** 2
        ),
        "The variance of the mean is (1 + rho) / 2; d is measured in its square root.": (
            with_gain(lambda rho: 2 / (1 + rho))
        ),
        "The sign of rho is wrong: witnesses who err alike help less.": (
            with_gain(lambda rho: np.sqrt(2 / (1 - rho)))
        ),
        "That is d of the two together: the share that is right is Phi of it.": (
            lambda alone, rho: norm.ppf(alone) * right_gain(rho)
        ),
        "You used the accuracy as d: turn it into d first, by the inverse of Phi.": (
            lambda alone, rho: norm.cdf(alone * right_gain(rho))
        ),
        "You multiplied the accuracy itself: d grows by that factor, the accuracy less.": (
            lambda alone, rho: alone * right_gain(rho)
        ),
    }
    return try_cases("fused_accuracy", function, cases, with_gain(right_gain), wrong)


def winning_pair(function):
    """Check which two of several witnesses are best together (notebook 12)."""
    rng = np.random.default_rng()

    def best(score):
        def pair(d, correlation):
            pairs = [(i, j) for j in range(len(d)) for i in range(j)]
            return max(pairs, key=lambda p: score(d[p[0]], d[p[1]], correlation[p]))

        return pair

    right = best(lambda a, b, rho: (a * a + b * b - 2 * rho * a * b) / (1 - rho * rho))
    wrong = {
        "Those are the two strongest: how alike they err counts too.": best(
            lambda a, b, rho: a + b
        ),
        "Those are the two that err least alike: how good they are counts too.": best(
            lambda a, b, rho: -rho
        ),
        "Those are the two weakest together: take the largest d, not the smallest.": best(
            lambda a, b, rho: -(a * a + b * b - 2 * rho * a * b) / (1 - rho * rho)
        ),
        "The sign before 2 rho d1 d2 is a minus.": best(
            lambda a, b, rho: (a * a + b * b + 2 * rho * a * b) / (1 - rho * rho)
        ),
        "You left out the divisor 1 - rho squared.": best(
            lambda a, b, rho: a * a + b * b - 2 * rho * a * b
        ),
    }
    cases = []
    while len(cases) < 8 or any(
        all(mistaken(*case) == right(*case) for case in cases) for mistaken in wrong.values()
    ):
        noise = rng.normal(size=(4, 8))
        cases.append(
            (rng.uniform(0.3, 1.5, 4), np.corrcoef(noise + noise[0] * rng.uniform(0, 1.5)))
        )

    def pairs_alike(a, b):
        return sorted(int(k) for k in a) == sorted(b)

    return try_cases("winning_pair", function, cases, right, wrong, pairs_alike)


def fuse_posteriors(function):
    """Check the product rule for classes that are not equally common (notebook 12)."""
    rng = np.random.default_rng()
    cases = [tuple(rng.dirichlet(np.full(5, 3.0), 3)) for _ in range(8)]

    def shares(values):
        return values / values.sum()

    wrong = {
        "You counted the prior twice: each posterior holds it already, so divide by it once.": (
            lambda p, q, prior: shares(p * q)
        ),
        "The answer must add up to 1.": lambda p, q, prior: p * q / prior,
        "The answer must add up to 1, and the prior must be divided out.": (
            lambda p, q, prior: p * q
        ),
        "That is the mean rule: two who agree must be surer together than each alone.": (
            lambda p, q, prior: (p + q) / 2
        ),
        "You multiplied by the prior: divide by it.": lambda p, q, prior: shares(p * q * prior),
        "You divided by the prior twice: then a common class is not common any more.": (
            lambda p, q, prior: shares(p * q / prior**2)
        ),
    }
    return try_cases(
        "fuse_posteriors", function, cases, lambda p, q, prior: shares(p * q / prior), wrong
    )


def layer_parameters(function):
    """Check the number of parameters of a one-dimensional convolution (notebook 11)."""
    rng = np.random.default_rng()
    cases = [tuple(int(n) for n in rng.integers(2, 40, 3)) for _ in range(8)]
    wrong = {
        "You left out the biases: one a filter.": lambda w, c, f: w * c * f,
        "One bias a filter, not one for the whole layer.": lambda w, c, f: w * c * f + 1,
        "One bias a filter, not one a channel.": lambda w, c, f: w * c * f + c,
        "A filter looks at all channels at once: it has window times channels weights.": (
            lambda w, c, f: (w + 1) * f
        ),
        "A filter has one bias in all, not one for each channel.": (
            lambda w, c, f: (w + 1) * c * f
        ),
    }
    return try_cases("layer_parameters", function, cases, lambda w, c, f: (w * c + 1) * f, wrong)


def pooled_length(function):
    """Check the length that a convolution and a pool leave without padding (notebook 11)."""
    rng = np.random.default_rng()
    cases = [(5 + 3 * int(rng.integers(2, 30)), 6, 3)]  # here padding would add a whole pool
    for rest in (1, 0) * 4 + (1,):  # where the pool leaves values over, and where it comes out even
        window, pool = (int(n) for n in rng.integers(3, 7, 2))
        left_over = int(rng.integers(1, pool)) if rest else 0
        cases.append((window - 1 + int(pool * rng.integers(2, 30)) + left_over, window, pool))
    wrong = {
        "Without padding the convolution cannot start before the first value nor end after the "
        "last: it shortens the vector.": lambda n, w, p: n // p,
        "A window of 3 fits into 3 values once, not never: add 1.": lambda n, w, p: (n - w) // p,
        "Values that do not fill a pool are dropped: round down.": (
            lambda n, w, p: -(-(n - w + 1) // p)
        ),
        "A length is a whole number: round down.": lambda n, w, p: (n - w + 1) / p,
        "You forgot the pool.": lambda n, w, p: n - w + 1,
        "The pool moves on by its own window, not by 1.": lambda n, w, p: n - w + 1 - p + 1,
    }
    return try_cases("pooled_length", function, cases, lambda n, w, p: (n - w + 1) // p, wrong)


def macro_f1(function):
    """Check the macro F1 from a confusion matrix of counts, truth in rows (notebook 11)."""
    rng = np.random.default_rng()
    cases = []
    for _ in range(8):
        counts = rng.integers(1, 9, (4, 4)) * rng.integers(1, 9, 4)[:, None]
        cases.append((counts + np.diag(rng.integers(5, 60, 4)),))

    def parts(counts):
        hits = counts.diagonal()
        recall, precision = hits / counts.sum(axis=1), hits / counts.sum(axis=0)
        return precision, recall, counts.sum(axis=1)

    def f1(precision, recall):
        return 2 * precision * recall / (precision + recall)

    def right(counts):
        return f1(*parts(counts)[:2]).mean()

    def weighted(counts):
        precision, recall, support = parts(counts)
        return np.average(f1(precision, recall), weights=support)

    wrong = {
        "That is the weighted average: in a macro average each class counts the same.": weighted,
        "That is the accuracy.": lambda counts: counts.trace() / counts.sum(),
        "You averaged first: take F1 of each class, then the mean.": (
            lambda counts: f1(*(part.mean() for part in parts(counts)[:2]))
        ),
        "That is the macro recall.": lambda counts: parts(counts)[1].mean(),
        "That is the macro precision.": lambda counts: parts(counts)[0].mean(),
        "F1 is the harmonic mean of precision and recall, 2PR / (P + R), not their plain mean.": (
            lambda counts: np.mean(parts(counts)[:2])
        ),
        "Those are the classes' F1: now take their mean.": lambda counts: f1(*parts(counts)[:2]),
    }
    return try_cases("macro_f1", function, cases, right, wrong)
