"""What the judging room refuses: columns that do not fit together, gaps, figures that are NaN."""

import numpy as np
import pandas as pd


class EvaluationError(ValueError):
    """Something cannot be judged honestly; the message says what, and the remedy."""


def columns(**named):
    """Return one-dimensional arrays of one length, or say which of them does not fit.

    Parameters
    ----------
    **named : array-like, (rows,)
        Their names are used in the message.

    Returns
    -------
    list of ndarray
        In the order given; strings as objects.

    Raises
    ------
    EvaluationError
        Where one is empty or not one-dimensional, lengths differ, or a value is missing (NaN).
    """
    arrays = {name: np.asarray(values) for name, values in named.items()}
    for name, array in arrays.items():
        if array.ndim != 1 or not len(array):
            raise EvaluationError(f"{name} must be one-dimensional and not empty: {array.shape}")
        gaps = int(pd.isna(array).sum())
        if gaps:
            raise EvaluationError(f"{name} has {gaps} missing values (NaN or <NA>): fill or drop")
    if len({len(array) for array in arrays.values()}) > 1:
        lengths = ", ".join(f"{name} {len(array)}" for name, array in arrays.items())
        raise EvaluationError(f"lengths differ: {lengths}")
    return [a.astype(object) if a.dtype.kind in "US" else a for a in arrays.values()]


def probability_columns(probabilities, truth, labels=None):
    """Return probabilities, the labels of their columns, and truth, or say what does not fit.

    Parameters
    ----------
    probabilities : DataFrame or array-like, float, (rows, classes)
        Each row adds up to 1, within 0.001 (what float16 or printing lost is put back).
    truth : array-like, (rows,)
    labels : sequence, optional
        What the columns of an array stand for, else 0, 1, …; a DataFrame has its own.

    Returns
    -------
    tuple of ndarray
        Probabilities, labels, truth.

    Raises
    ------
    EvaluationError
    """
    if isinstance(probabilities, pd.DataFrame):
        labels = probabilities.columns
    values = np.asarray(probabilities, dtype=float)
    labels = np.asarray(range(values.shape[-1]) if labels is None else labels)
    (truth,) = columns(truth=truth)
    if values.shape != (len(truth), len(labels)):
        raise EvaluationError(
            f"probabilities have the shape {values.shape}: {len(truth)} rows and {len(labels)} "
            "classes are due"
        )
    sound = np.isfinite(values).all(axis=1) & (values >= 0).all(axis=1)
    sound &= np.abs(values.sum(axis=1) - 1) < 1e-3
    if not sound.all():
        raise EvaluationError(
            f"{(~sound).sum()} rows are no probabilities (NaN, below 0, or not adding up to 1)"
        )
    strange = sorted(set(truth) - set(labels), key=str)
    if strange:
        raise EvaluationError(f"'{strange[0]}' in truth has no column among the probabilities")
    return values / values.sum(axis=1, keepdims=True), labels, truth
