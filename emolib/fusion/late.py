"""Late fusion: each sense answers by itself, then the answers are joined."""

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

RULES = ("mean", "product", "maximum", "vote")
JUDGES = {
    "logistic regression": LogisticRegression(max_iter=1000),
    "k-nn": KNeighborsClassifier(9),
    "svm": SVC(kernel="linear"),
}


def late_fusion(probabilities, rule="product"):
    """Join the answers of several systems by a fixed rule.

    ``mean``: as if one of the systems, drawn by lot, answered. ``product``: right where the systems
    err independently of each other given the class, and the classes are equally common; one system
    that is sure of a "no" overrules all. ``maximum``: the surest system decides. ``vote``: each
    system has one vote, ties are shared.

    Parameters
    ----------
    probabilities : sequence of array-like, float, (rows, classes) each
        One array a system, rows and classes in one order, each row with the sum 1. A system that
        has no answer to a row (a missing modality) has NaN throughout it.
    rule : str
        ``mean``, ``product``, ``maximum`` or ``vote``.

    Returns
    -------
    ndarray of float64, shape (rows, classes)
        Each row with the sum 1; a row to which no system has an answer is uniform.

    Raises
    ------
    ValueError
        Where there is no system, the rule is unknown, shapes differ, or a row is no distribution.

    Source: multi-input-cnn, section 7.1 (late fusion of posteriors); the rules after Kittler,
    Hatef, Duin & Matas, On combining classifiers, PAMI 1998.
    Notebook: 12_multi_input_cnn
    """
    if rule not in RULES:
        raise ValueError(f"the rule {rule!r} is none of {', '.join(RULES)}")
    given = _stacked(probabilities)
    answered = ~np.isnan(given).all(axis=2, keepdims=True)
    if rule == "product":
        # Logarithms, so that many small numbers do not vanish; 1e-12 is no absolute "no".
        logs = np.where(answered, np.log(np.maximum(np.nan_to_num(given), 1e-12)), 0).sum(axis=0)
        joined = np.exp(logs - logs.max(axis=1, keepdims=True))
    else:
        if rule == "vote":
            best = given == np.max(given, axis=2, keepdims=True)
            given = best / np.maximum(best.sum(axis=2, keepdims=True), 1)
        given = np.where(answered, given, 0)
        joined = given.max(axis=0) if rule == "maximum" else given.sum(axis=0)
    joined = np.where(answered.any(axis=0), joined, 1.0)
    return joined / joined.sum(axis=1, keepdims=True)


def posterior_classifier(judge="logistic regression"):
    """Make the second classifier that learns to weigh the answers of the first ones.

    It takes the systems' posteriors side by side, (rows, systems x classes), as answers to
    clips on which the systems were not trained: else it learns to trust who learnt by heart.

    Parameters
    ----------
    judge : str
        ``logistic regression``, ``k-nn`` (9 neighbours, their majority) or ``svm`` (linear).

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted.

    Raises
    ------
    ValueError
        Where the judge is unknown.

    Source: multi-input-cnn, section 7.1, which describes Luna-Jiménez et al. 2021; the number of
    neighbours and all else that is not stated are scikit-learn's or ours.
    Notebook: 12_multi_input_cnn
    """
    if judge not in JUDGES:
        raise ValueError(f"the judge {judge!r} is none of {', '.join(JUDGES)}")
    return make_pipeline(StandardScaler(), clone(JUDGES[judge]))


def _stacked(probabilities):
    """Return (systems, rows, classes), checked."""
    given = [np.asarray(p, dtype=float) for p in probabilities]
    if not given:
        raise ValueError("late fusion needs the answers of one system or more")
    shapes = sorted({p.shape for p in given})
    if len(shapes) > 1 or len(shapes[0]) != 2:
        raise ValueError(f"answers are (rows, classes), alike for all systems, not {shapes}")
    given = np.stack(given)
    whole = np.isnan(given).all(axis=2)  # no answer to the row
    fits = np.isclose(given.sum(axis=2), 1, atol=1e-3) & (given >= 0).all(axis=2)  # NaN fits not
    if not (whole | fits).all():
        system, row = np.argwhere(~(whole | fits))[0]
        raise ValueError(f"system {system}, row {row} is no distribution: {given[system, row]}")
    return given
