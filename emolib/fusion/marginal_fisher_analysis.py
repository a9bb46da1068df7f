"""Marginal Fisher Analysis: axes that keep neighbours of one class near and rivals apart."""

import warnings
from itertools import combinations
from numbers import Integral, Real

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import laplacian
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.neighbors import kneighbors_graph
from sklearn.utils import gen_batches
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

ROWS = 512  # samples whose distances to another class are held at once


def intrinsic_graph(X, y, k1=5):
    """Join each sample to its nearest samples of the same class.

    Two samples are joined where either is among the other's ``k1`` nearest in their class. In a
    class of ``k1`` samples or fewer all are joined; a sample that is alone in its class has no
    edge.

    Parameters
    ----------
    X : ndarray of float, shape (samples, features)
        Finite.
    y : ndarray, shape (samples,)
        Classes.
    k1 : int
        1 or more.

    Returns
    -------
    scipy.sparse.csr_array of float, shape (samples, samples)
        Symmetric, 1 at an edge, 0 on the diagonal; at most 2 k1 entries a sample on average.

    Source: dv-emotionnet, eq. 18, symmetrised (as printed, i can have j for a neighbour and j
    not i, and then (17) is not (16)).
    Notebook: 10_marginal_fisher_analysis
    """
    heads, tails = [], []
    for own in _members(y):
        if len(own) > 1:
            nearest = kneighbors_graph(X[own], min(k1, len(own) - 1)).tocoo()
            heads.append(own[nearest.row])
            tails.append(own[nearest.col])
    return _graph(heads, tails, len(y))


def penalty_graph(X, y, k2=20):
    """Join the nearest pairs between each class and the rest.

    Of all pairs with one sample in a class and the other outside it, the ``k2`` nearest are joined
    (all, where there are fewer): ``k2`` a class, not a sample. A pair that two classes have among
    theirs is one edge.

    Parameters
    ----------
    X, y
        As in ``intrinsic_graph``.
    k2 : int
        1 or more.

    Returns
    -------
    scipy.sparse.csr_array of float, shape (samples, samples)
        Symmetric, 1 at an edge; at most 2 k2 entries a class.

    Source: dv-emotionnet, eqs 20 and 22, symmetrised.
    Notebook: 10_marginal_fisher_analysis
    """
    classes = _members(y)
    candidates = [[] for _ in classes]
    X = X - np.mean(X, axis=0)  # near zero, distances lose no digits
    for a, b in combinations(range(len(classes)), 2):
        pairs = _nearest_pairs(X, classes[a], classes[b], k2)
        candidates[a].append(pairs)
        candidates[b].append(pairs)
    heads, tails = [], []
    for pairs in candidates if len(classes) > 1 else []:
        distance, i, j = np.concatenate(pairs, axis=1)
        nearest = np.argsort(distance, kind="stable")[:k2]
        heads.append(i[nearest])
        tails.append(j[nearest])
    return _graph(heads, tails, len(y))


def _nearest_pairs(X, these, those, k2):
    """Return squared distance and positions of the k2 nearest pairs of two classes, (3, pairs)."""
    found = np.empty((3, 0))
    for part in gen_batches(len(these), ROWS):
        own = these[part]
        distance = euclidean_distances(X[own], X[those], squared=True)
        rows = _least(distance.min(axis=1), k2)  # the only ones that they can stand in
        own, distance = own[rows], distance[rows]
        near = _least(distance.ravel(), k2)
        row, column = np.divmod(near, len(those))
        pairs = np.stack([distance[row, column], own[row], those[column]])
        found = np.concatenate([found, pairs], axis=1)
        found = found[:, np.argsort(found[0], kind="stable")[:k2]]
    return found


def _least(values, k):
    """Return the positions of the k least values, in no order."""
    return np.argpartition(values, min(k, len(values)) - 1)[:k]


def _members(y):
    """Return the positions of each class's samples."""
    codes = np.unique(y, return_inverse=True)[1]
    return np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])


def _graph(heads, tails, n):
    """Return the symmetric 0/1 graph of n samples with these edges."""
    i, j = (np.concatenate([[], *ends]).astype(int) for ends in (heads, tails))
    edges = sparse.csr_array((np.ones(len(i)), (i, j)), shape=(n, n))
    return ((edges + edges.T) > 0).astype(float)


def _scatter(X, graph):
    """Return Xᵀ L X, half the sum of the outer products of what edges join."""
    return X.T @ (laplacian(graph) @ X)


class MarginalFisherAnalysis(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Find axes on which neighbours of one class lie near and rival classes' margins apart.

    Unlike linear discriminant analysis it looks at neighbours, not at class means, so a class may
    have several clusters, and there may be more axes than classes.

    Parameters
    ----------
    n_components : int
        Number of axes, at most the number of features and of samples less one.
    k1 : int
        Neighbours of the same class a sample, see ``intrinsic_graph``. Where a class is too small
        for it, a warning says so.
    k2 : int
        Nearest pairs between a class and the rest, see ``penalty_graph``.
    regularization : float
        This share of the mean squared spread of neighbours is added in every direction, so that
        a direction without any spread does not win by dividing by zero. Above 0.

    Attributes
    ----------
    components_ : ndarray of float64, shape (n_components, features)
        The axes, best first, Wᵀ of the paper. Along each, neighbours of one class are 1 apart (root
        mean square) once ``regularization`` has added its share; without it they are less. Its
        largest coefficient is positive.
    eigenvalues_ : ndarray of float64, shape (n_components,)
        λ of (25), compactness over separability: ascending, less is better.
    mean_ : ndarray of float64, shape (features,)
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Raises
    ------
    ValueError
        In ``fit``: where a parameter is out of range, ``X`` is not finite, there is one class, no
        class has two samples, or all samples are equal.

    Notes
    -----
    With more features than samples, PCA (all its components) comes first. It loses nothing, and
    is ours, not the paper's.

    Source: dv-emotionnet, eqs 16-25, mended: (16) subtracts x_i from itself, for x_j; (16) and (18)
    are not symmetrised, nor is (20); (21) ends with WᵀW, for XᵀW; (25) is posed in Y and solved
    here for W, as Xᵀ Lᴾ X w = (1/λ) Xᵀ L X w with samples as rows.
    Notebook: 10_marginal_fisher_analysis
    """

    def __init__(self, n_components=2, k1=5, k2=20, regularization=1e-6):
        self.n_components = n_components
        self.k1 = k1
        self.k2 = k2
        self.regularization = regularization

    def fit(self, X, y):
        """Find the axes; ``X`` is (samples, features), ``y`` holds each sample's class."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        self._check(X, y)
        self.mean_ = X.mean(axis=0)
        X, back = X - self.mean_, None
        if X.shape[1] > X.shape[0]:
            back = PCA(len(X) - 1, svd_solver="full").fit(X).components_
            X = X @ back.T
        intrinsic, penalty = intrinsic_graph(X, y, self.k1), penalty_graph(X, y, self.k2)
        compact, apart = _scatter(X, intrinsic), _scatter(X, penalty)
        spread = np.trace(compact) / len(compact)
        if not spread > 0:
            raise ValueError("samples of one class are all equal or alone: MFA needs their spread")
        compact.flat[:: len(compact) + 1] += self.regularization * spread
        # (25) the other way up: the largest ratio, so that a feature without spread comes last.
        last = len(compact) - 1
        ratios, axes = linalg.eigh(
            apart, compact, subset_by_index=[len(compact) - self.n_components, last]
        )
        ratios, axes = ratios[::-1], axes.T[::-1] * np.sqrt(intrinsic.nnz / 2)
        axes = axes if back is None else axes @ back
        largest = np.abs(axes).argmax(axis=1, keepdims=True)
        self.components_ = axes * np.sign(np.take_along_axis(axes, largest, axis=1))
        with np.errstate(divide="ignore"):
            self.eigenvalues_ = 1 / ratios.clip(min=0)
        return self

    def _check(self, X, y):
        """Raise ``ValueError`` for what cannot be fitted; warn where k1 is too large."""
        for name in ("n_components", "k1", "k2"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} is a whole number, 1 or more, not {value!r}")
        if not isinstance(self.regularization, Real) or not 0 < self.regularization < np.inf:
            raise ValueError(f"regularization is above 0, not {self.regularization!r}")
        most = min(X.shape[1], len(X) - 1)
        if self.n_components > most:
            raise ValueError(f"n_components={self.n_components}, but {X.shape} data give {most}")
        check_classification_targets(y)
        classes, counts = np.unique(y, return_counts=True)
        if len(classes) < 2:
            raise ValueError(f"y has one class, {classes[0]}: MFA needs two or more")
        if counts.min() <= self.k1:
            small = counts.argmin()
            warnings.warn(
                f"k1={self.k1}, but class {classes[small]} has {counts[small]} samples: in "
                f"{(counts <= self.k1).sum()} of {len(classes)} classes all are neighbours",
                stacklevel=3,
            )

    def transform(self, X):
        """Return ``X`` on the axes, (samples, n_components), the training mean at 0; (24)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return (X - self.mean_) @ self.components_.T

    @property
    def _n_features_out(self):
        return len(self.components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
