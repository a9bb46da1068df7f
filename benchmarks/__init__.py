"""Side-by-side ratios, one file a claim: ``python -m benchmarks`` (or ``make bench``) runs all.

A file NAME.py here is found by itself. It has one or both of

- ``rows()``: returns a list of ``Row``, each after a check that both sides compute the same;
- ``growths()``: returns a list of ``Growth``, how a method's time grows.
"""

import statistics
import time
from typing import NamedTuple

import numpy as np


class Row(NamedTuple):
    """A claim: what was compared with which peer, the ratio's median and range, the reach."""

    claim: str
    peer: str
    measured: str
    reach: str
    same_work: str


class Growth(NamedTuple):
    """How long a method takes at each size, and the slope that theory gives in log-log."""

    method: str
    unit: str
    sizes: list
    seconds: list
    theory: float

    def slope(self):
        """Return the slope of log time against log size, by least squares."""
        return float(np.polyfit(np.log(self.sizes), np.log(self.seconds), 1)[0])


def seconds(function):
    """Return the seconds that one call takes."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def paired(peer, ours, runs=7):
    """Time two functions in turn, after one call of each that is not counted.

    Returns
    -------
    list of (float, float)
        Seconds of the peer and ours, a pair a run.
    """
    peer()
    ours()
    return [(seconds(peer), seconds(ours)) for _ in range(runs)]


def times_faster(pairs):
    """Say the median and the range of the peer's time over ours."""
    ratios = [peer / ours for peer, ours in pairs]
    return (
        f"×{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f}, "
        f"{len(ratios)} paired runs)"
    )


def growth(method, unit, sizes, make, theory, runs=5):
    """Time a method at growing sizes.

    Parameters
    ----------
    method, unit : str
    sizes : sequence of number
    make : callable
        Takes a size, returns a function without arguments: what is timed.
    theory : float
    runs : int
        The median of so many is taken, after one call that is not counted.

    Returns
    -------
    Growth
    """
    taken = []
    for size in sizes:
        function = make(size)
        function()
        taken.append(statistics.median(seconds(function) for _ in range(runs)))
    return Growth(method, unit, list(sizes), taken, theory)
