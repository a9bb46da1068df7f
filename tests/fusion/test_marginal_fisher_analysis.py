"""Marginal Fisher Analysis against its own equations in plain loops, and against LDA on an XOR."""

import tracemalloc
import warnings

import numpy as np
import pytest
from scipy.linalg import eigh
from scipy.stats import ortho_group
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from emolib.fusion import MarginalFisherAnalysis, intrinsic_graph, penalty_graph


@parametrize_with_checks([MarginalFisherAnalysis()])
def test_it_is_an_estimator(estimator, check):
    check(estimator)


def samples(seed=0, n=30, d=4, classes=3):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % classes)
    return rng.normal(size=(n, d)) + np.eye(classes, d)[y], y


def loops(X, y, k1, k2):
    """Read (18) and (22), symmetrised, sample by sample."""
    n = len(X)

    def distance(i, j):
        return np.sqrt(sum((X[i, f] - X[j, f]) ** 2 for f in range(X.shape[1])))

    intrinsic, penalty = np.zeros((n, n)), np.zeros((n, n))
    for j in range(n):
        same = [i for i in range(n) if y[i] == y[j] and i != j]
        for i in sorted(same, key=lambda i: distance(i, j))[:k1]:
            intrinsic[i, j] = intrinsic[j, i] = 1
    for c in set(y):
        pairs = [(i, j) for i in range(n) for j in range(n) if y[i] == c and y[j] != c]
        for i, j in sorted(pairs, key=lambda pair: distance(*pair))[:k2]:
            penalty[i, j] = penalty[j, i] = 1
    return intrinsic, penalty


def sum_over_edges(w, X, graph):
    """Return (16) or (20), with x_i - x_j: edges are met from both ends."""
    total = 0.0
    for i in range(len(X)):
        for j in range(len(X)):
            total += graph[i, j] * (w @ X[i] - w @ X[j]) ** 2
    return total


@pytest.mark.parametrize(("k1", "k2"), [(1, 1), (3, 5), (5, 20), (9, 500)])
def test_graphs_are_those_of_the_equations(k1, k2):
    X, y = samples(k1)
    intrinsic, penalty = loops(X, y, k1, k2)
    np.testing.assert_array_equal(intrinsic_graph(X, y, k1).toarray(), intrinsic)
    np.testing.assert_array_equal(penalty_graph(X, y, k2).toarray(), penalty)


def test_axes_are_those_of_the_equations():
    """The printed sums give each axis's lambda, no direction is better, and scipy's axes agree."""
    X, y = samples()
    intrinsic, penalty = loops(X, y, 3, 40)
    model = MarginalFisherAnalysis(4, 3, 40, regularization=1e-12).fit(X, y)

    def ratio(w):
        return sum_over_edges(w, X, intrinsic) / sum_over_edges(w, X, penalty)

    np.testing.assert_allclose(model.eigenvalues_, [ratio(w) for w in model.components_])
    for w in np.random.default_rng(1).normal(size=(50, 4)):
        assert model.eigenvalues_[0] < ratio(w) < model.eigenvalues_[-1]
    D, D_p = np.diag(intrinsic.sum(axis=1)), np.diag(penalty.sum(axis=1))
    compact, apart = X.T @ (D - intrinsic) @ X, X.T @ (D_p - penalty) @ X
    expected = eigh(compact, apart)[1].T
    cosines = [
        abs(a @ b) / np.linalg.norm(a) / np.linalg.norm(b)
        for a, b in zip(model.components_, expected, strict=True)
    ]
    np.testing.assert_allclose(cosines, 1)
    w = expected[0]  # (16) is (17)
    assert sum_over_edges(w, X, intrinsic) == pytest.approx(2 * w @ compact @ w)


def test_neighbours_are_one_apart_on_each_axis():
    X, y = samples()
    edges = np.argwhere(loops(X, y, 5, 20)[0])
    model = MarginalFisherAnalysis(3)
    projected = model.fit_transform(X, y)
    i, j = edges.T
    between = projected[i] - projected[j]
    np.testing.assert_allclose(between.T @ between / len(edges), np.eye(3), atol=1e-5)


def xor(seed, n=200):
    """Two classes of two blobs each with one mean: left and right, top and bottom; and noise."""
    rng = np.random.default_rng(seed)
    centres = np.array([[-4, 0, 0], [4, 0, 0], [0, -2, 0], [0, 2, 0]])
    blob = rng.permutation(np.arange(n) % 4)
    return centres[blob] + rng.normal(scale=(0.5, 0.5, 2), size=(n, 3)), blob // 2


@pytest.mark.parametrize("seed", range(3))
def test_parts_an_xor_that_lda_cannot(seed):
    X, y = xor(seed)
    unseen, truth = xor(seed + 100)

    def accuracy(model):
        one = KNeighborsClassifier().fit(model.fit_transform(X, y), y)
        return one.score(model.transform(unseen), truth)

    assert accuracy(MarginalFisherAnalysis(1)) > 0.95
    assert accuracy(LinearDiscriminantAnalysis(n_components=1)) < 0.75


def test_a_shift_a_turn_a_scale_and_an_order_change_nothing():
    X, y = samples(d=6)
    plain = MarginalFisherAnalysis(3).fit_transform(X, y)
    turn = ortho_group.rvs(6, random_state=0)
    for changed in (X + 1e6, 100 * X, X @ turn):
        again = MarginalFisherAnalysis(3).fit_transform(changed, y)
        np.testing.assert_allclose(np.abs(again), np.abs(plain), atol=1e-7)
    order = np.random.default_rng(0).permutation(len(y))
    again = MarginalFisherAnalysis(3).fit_transform(X[order], y[order])
    np.testing.assert_allclose(again, plain[order], atol=1e-8)


def test_each_axis_points_where_its_largest_coefficient_is_positive():
    X, y = samples()
    axes = MarginalFisherAnalysis(4).fit(X, y).components_
    assert (np.take_along_axis(axes, np.abs(axes).argmax(axis=1, keepdims=True), 1) > 0).all()
    np.testing.assert_array_equal(axes, MarginalFisherAnalysis(4).fit(X, y).components_)
    np.testing.assert_allclose(np.abs(MarginalFisherAnalysis(4).fit(-X, y).components_), abs(axes))


def test_edges_stand_where_they_belong():
    X, y = samples(n=600, classes=4)
    intrinsic, penalty = intrinsic_graph(X, y, 5), penalty_graph(X, y, 20)
    for graph, same in ((intrinsic, True), (penalty, False)):
        i, j = graph.nonzero()
        assert ((y[i] == y[j]) == same).all()
        assert (i != j).all() and (graph != graph.T).nnz == 0 and (graph.data == 1).all()
    assert intrinsic.sum(axis=1).min() == 5 and 600 * 5 <= intrinsic.nnz <= 2 * 600 * 5
    ends = [penalty[y == c].nnz for c in range(4)]
    assert min(ends) >= 20 and penalty.nnz <= 2 * 4 * 20


def test_blocks_do_not_change_the_penalty_graph(monkeypatch):
    X, y = samples(n=200)
    whole = penalty_graph(X, y, 7)
    monkeypatch.setattr("emolib.fusion.marginal_fisher_analysis.ROWS", 9)
    assert (penalty_graph(X, y, 7) != whole).nnz == 0


def test_no_matrix_of_all_pairs_is_made():
    X, y = samples(n=4000, classes=2)
    tracemalloc.start()
    MarginalFisherAnalysis().fit(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 4000**2 / 4


def test_more_features_than_samples():
    """PCA loses nothing: features that only turn and repeat the others give the same answer."""
    X, y = samples(n=20, d=5, classes=2)
    plain = MarginalFisherAnalysis(2).fit_transform(X, y)
    turn = ortho_group.rvs(60, random_state=0)[:5]
    wide = MarginalFisherAnalysis(2).fit(X @ turn, y)
    assert wide.components_.shape == (2, 60)
    np.testing.assert_allclose(np.abs(wide.transform(X @ turn)), np.abs(plain), atol=1e-4)


def test_a_feature_without_spread_is_not_chosen():
    X, y = samples()
    X = np.insert(X, 2, 7.0, axis=1)
    model = MarginalFisherAnalysis(4).fit(X, y)
    np.testing.assert_allclose(model.components_[:, 2], 0, atol=1e-6)


def test_a_class_smaller_than_k1_is_joined_whole_and_said():
    X, y = samples(n=12)
    with pytest.warns(UserWarning, match=r"k1=5, but class .* has 4 samples: in 3 of 3"):
        MarginalFisherAnalysis().fit(X, y)
    with pytest.warns(UserWarning, match="k1=4"):
        MarginalFisherAnalysis(k1=4).fit(X, y)
    full = (y[:, None] == y) & ~np.eye(12, dtype=bool)
    np.testing.assert_array_equal(intrinsic_graph(X, y, 5).toarray(), full)
    y = np.array([7] + 11 * [3])
    assert intrinsic_graph(X, y)[0].nnz == 0 and penalty_graph(X, y, 2)[0].nnz == 2
    with pytest.warns(UserWarning, match="has 1 samples: in 1 of 2"):
        assert np.isfinite(MarginalFisherAnalysis(1).fit_transform(X, y)).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MarginalFisherAnalysis(k1=3).fit(*samples(n=12))


@pytest.mark.filterwarnings("ignore:k1=")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_components": 5}, r"n_components=5, but \(30, 4\) data give 4"),
        ({"n_components": 0}, "n_components is a whole number, 1 or more, not 0"),
        ({"k1": 0}, "k1 is a whole number, 1 or more, not 0"),
        ({"k2": 2.5}, "k2 is a whole number, 1 or more, not 2.5"),
        ({"regularization": 0}, "regularization is above 0, not 0"),
        ({"y": np.zeros(30)}, "one class"),
        ({"y": np.arange(30)}, "all equal or alone"),
        ({"X": np.ones((30, 4))}, "all equal or alone"),
        ({"X": np.full((30, 4), np.nan)}, "NaN"),
        ({"y": np.arange(29) % 3}, "inconsistent numbers of samples"),
        ({"y": np.linspace(0, 1, 30)}, "Unknown label type"),
    ],
)
def test_what_cannot_be_fitted_is_named(change, message):
    X, y = samples()
    X, y = change.pop("X", X), change.pop("y", y)
    with pytest.raises(ValueError, match=message):
        MarginalFisherAnalysis(**change).fit(X, y)


def test_axes_have_names():
    model = MarginalFisherAnalysis(1).fit(*samples())
    assert model.get_feature_names_out().tolist() == ["marginalfisheranalysis0"]
