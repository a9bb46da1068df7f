"""Whether a system knows when it does not know."""

import numpy as np
import pandas as pd

from emolib.evaluation.inputs import EvaluationError, probability_columns


def reliability(probabilities, truth, bins=10, labels=None):
    """Compare what a system claims with what it keeps, bin by bin of its confidence.

    Confidence is the largest probability of a row; bins are of equal width on (0, 1].

    Parameters
    ----------
    probabilities : DataFrame or array-like, float, (rows, classes)
        Each row adds up to 1.
    truth : array-like, (rows,)
    bins : int
    labels : sequence, optional
        What the columns of an array stand for, else 0, 1, …; a DataFrame has its own.

    Returns
    -------
    pandas.DataFrame
        A row a bin: ``low``, ``high``, ``rows``, mean ``confidence``, ``accuracy`` (both NaN in
        an empty bin).

    Raises
    ------
    EvaluationError
        Where shapes differ, a row is no probability, or a truth has no column.

    Source: Guo et al. 2017, On calibration of modern neural networks, section 2
    Notebook: 02_honest_evaluation
    """
    if bins < 1:
        raise EvaluationError(f"{bins} bins: one or more are due")
    confidence, hits = _confidence(probabilities, truth, labels)
    edges = np.linspace(0, 1, bins + 1)
    number = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    table = pd.DataFrame({"confidence": confidence, "accuracy": hits}).groupby(number)
    means = table.mean().reindex(range(bins))
    rows = table.size().reindex(range(bins), fill_value=0)
    return means.assign(low=edges[:-1], high=edges[1:], rows=rows)[
        ["low", "high", "rows", "confidence", "accuracy"]
    ]


def expected_calibration_error(probabilities, truth, bins=10, labels=None):
    """Return the mean gap between confidence and accuracy over bins, weighted by their rows.

    Parameters
    ----------
    probabilities, truth, bins, labels
        As in ``reliability``.

    Returns
    -------
    float
        0 (claims what it keeps) to 1.

    Raises
    ------
    EvaluationError
        As ``reliability``.

    Source: Guo et al. 2017, eq. 3
    Notebook: 02_honest_evaluation
    """
    table = reliability(probabilities, truth, bins, labels)
    gap = (table["accuracy"] - table["confidence"]).abs()
    return float((gap * table["rows"]).sum() / table["rows"].sum())


def coverage_curve(probabilities, truth, labels=None):
    """Let a system answer only where its confidence reaches a threshold, for every threshold.

    Parameters
    ----------
    probabilities, truth, labels
        As in ``reliability``.

    Returns
    -------
    pandas.DataFrame
        A row a threshold, from the highest down: ``threshold``, ``coverage`` (the share of rows
        with at least that confidence) and ``accuracy`` among them. Rows of equal confidence are
        answered together.

    Raises
    ------
    EvaluationError
        As ``reliability``.

    Notebook: 02_honest_evaluation
    """
    confidence, hits = _confidence(probabilities, truth, labels)
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(hits) + 1)
    table = pd.DataFrame(
        {
            "threshold": confidence[order],
            "coverage": answered / len(hits),
            "accuracy": np.cumsum(hits[order]) / answered,
        }
    )
    return table.drop_duplicates("threshold", keep="last", ignore_index=True)


def _confidence(probabilities, truth, labels):
    values, labels, truth = probability_columns(probabilities, truth, labels)
    # Rounded, so that what is equal but for the last bits of a float is answered together.
    return values.max(axis=1).round(12), labels[values.argmax(axis=1)] == truth
