"""Marginal Fisher Analysis against dense graphs, in time and memory, and how its time grows."""

import tracemalloc

import numpy as np
from scipy.linalg import eigh, subspace_angles
from threadpoolctl import threadpool_limits

from benchmarks import Row, growth, paired, times_faster
from emolib.fusion import MarginalFisherAnalysis

K1, K2, CLASSES = 5, 20, 8
SIZES = (2000, 4000, 8000, 16000)


def samples(n, d=256):
    """Return n samples of eight overlapping classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(CLASSES, size=n)
    return rng.normal(size=(n, d)) + 0.5 * rng.normal(size=(CLASSES, d))[y], y


def dense(X, y):
    """Return the axes by (16) to (25), mended, with graphs as n × n arrays."""
    squares = (X**2).sum(axis=1)
    distance = squares[:, None] + squares - 2 * X @ X.T
    same = y[:, None] == y
    within = np.where(same, distance, np.inf)
    np.fill_diagonal(within, np.inf)
    S, S_p = np.zeros((2, len(X), len(X)))
    np.put_along_axis(S, np.argpartition(within, K1, axis=1)[:, :K1], 1, axis=1)
    for c in np.unique(y):
        pairs = np.where((y == c)[:, None] & ~same, distance, np.inf)
        S_p.flat[np.argpartition(pairs, K2, axis=None)[:K2]] = 1
    S, S_p = np.maximum(S, S.T), np.maximum(S_p, S_p.T)
    compact = X.T @ (np.diag(S.sum(axis=1)) - S) @ X
    apart = X.T @ (np.diag(S_p.sum(axis=1)) - S_p) @ X
    compact += 1e-6 * np.trace(compact) / len(compact) * np.eye(len(compact))
    return eigh(apart, compact)[1][:, -2:]


def memory(function):
    """Return the peak of what one call allocates, in MB."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def rows():
    """Compare the two leading axes of 4,000 samples of 256 features, with one thread each."""
    X, y = samples(4000)

    def peer():
        return dense(X, y)

    def ours():
        return MarginalFisherAnalysis(2, K1, K2).fit(X, y).components_.T

    with threadpool_limits(1):
        angle = subspace_angles(peer(), ours()).max()
        if angle > 1e-6:
            raise AssertionError(f"the planes of the two are {angle:.2g} rad apart")
        ratio = times_faster(paired(peer, ours))
        peaks = memory(peer), memory(ours)
    claim = "Marginal Fisher Analysis, n = 4,000, d = 256, 8 classes"
    same = f"largest angle between planes {angle:.1g} rad"
    name = "dense-graph NumPy of the equations, mended"
    held = f"{peaks[0]:.0f} MB against {peaks[1]:.0f} MB (×{peaks[0] / peaks[1]:.0f}, one run)"
    return [
        Row(f"{claim}, one thread", name, ratio, "×10", same),
        Row(f"{claim}, largest memory", name, held, "O(n·k)", same),
    ]


def growths():
    """Time a fit against the number of samples: all distances are looked at, few are kept."""

    def make(n):
        X, y = samples(n, 64)
        return lambda: MarginalFisherAnalysis(2, K1, K2).fit(X, y)

    with threadpool_limits(1):
        return [growth("Marginal Fisher Analysis", "samples of 64 features", SIZES, make, 2)]
