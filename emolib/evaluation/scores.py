"""How good the answers are: one number, one row a class, one matrix."""

import numpy as np
import pandas as pd
from scipy.stats import pearsonr
from sklearn import metrics

from emolib.evaluation.calibration import expected_calibration_error
from emolib.evaluation.inputs import EvaluationError, columns, probability_columns


def scores(truth, predicted, labels=None, probabilities=None):
    """Score answers that are classes.

    Averages run over the classes that occur in ``truth`` (the others have no recall); an answer
    that is none of them is still wrong.

    Parameters
    ----------
    truth, predicted : array-like, (rows,)
    labels : sequence, optional
        All classes; an answer or a truth beyond them is an error. Where ``probabilities`` is an
        array: what its columns stand for.
    probabilities : DataFrame or array-like, float, (rows, classes), optional

    Returns
    -------
    dict of float
        ``accuracy``; ``weighted_recall`` (equal to it by definition); ``unweighted_recall`` (the
        macro recall, also called balanced accuracy); ``macro_precision``, ``weighted_precision``,
        ``macro_f1``, ``weighted_f1`` (precision 0 for a class that is never answered); Cohen's
        ``kappa``; ``specificity`` (each class against the rest, plain mean); with probabilities
        ``log_loss`` (nats) and ``expected_calibration_error``.

    Raises
    ------
    EvaluationError
        Where lengths differ, a value is missing, ``truth`` has a single class, or a label is
        unknown.

    Notebook: 02_honest_evaluation
    """
    truth, predicted, classes = _answers(truth, predicted, labels)
    occurring = [label for label in classes if label in set(truth)]
    out = {"accuracy": metrics.accuracy_score(truth, predicted)}
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth, predicted, labels=occurring, average=average, zero_division=0
        )
        name = "unweighted" if average == "macro" else average
        out |= {f"{average}_precision": precision, f"{name}_recall": recall, f"{average}_f1": f1}
    out["kappa"] = metrics.cohen_kappa_score(truth, predicted)
    out["specificity"] = report(truth, predicted)["specificity"].mean()
    if probabilities is not None:
        out["expected_calibration_error"] = expected_calibration_error(
            probabilities, truth, labels=labels
        )
        out["log_loss"] = _log_loss(truth, probabilities, labels)
    return _finite(out)


def report(truth, predicted, labels=None):
    """Return precision, recall, F1, specificity and support of each class that occurs in truth.

    Parameters
    ----------
    truth, predicted : array-like, (rows,)
    labels : sequence, optional
        The order of the rows; else sorted.

    Returns
    -------
    pandas.DataFrame
        A row a class; ``support`` is the number of rows of that class.

    Raises
    ------
    EvaluationError
        As ``scores``.

    Notebook: 02_honest_evaluation
    """
    truth, predicted, classes = _answers(truth, predicted, labels)
    classes = [label for label in classes if label in set(truth)]
    of_class = metrics.precision_recall_fscore_support(
        truth, predicted, labels=classes, zero_division=0
    )
    table = pd.DataFrame(dict(zip(("precision", "recall", "f1", "support"), of_class, strict=True)))
    rest = metrics.multilabel_confusion_matrix(truth, predicted, labels=classes)[:, 0]
    table.insert(3, "specificity", rest[:, 0] / rest.sum(axis=1))
    return table.set_axis(pd.Index(classes, name="class"))


def confusion(truth, predicted, labels=None):
    """Return the confusion matrix, as shares of each row and as counts.

    Parameters
    ----------
    truth, predicted : array-like, (rows,)
    labels : sequence, optional
        The order of rows and columns; else sorted.

    Returns
    -------
    tuple of pandas.DataFrame
        Shares (rows add up to 1; a row of zeros where a class does not occur) and counts; a row
        a true class, a column an answer.

    Raises
    ------
    EvaluationError
        As ``scores``.

    Notebook: 02_honest_evaluation
    """
    truth, predicted, classes = _answers(truth, predicted, labels)
    return tuple(
        pd.DataFrame(
            metrics.confusion_matrix(truth, predicted, labels=classes, normalize=normalize),
            index=pd.Index(classes, name="truth"),
            columns=pd.Index(classes, name="answer"),
        )
        for normalize in ("true", None)
    )


def regression_scores(truth, predicted):
    """Score answers that are numbers, such as sentiment from -3 to 3.

    Parameters
    ----------
    truth, predicted : array-like, float, (rows,)

    Returns
    -------
    dict of float
        ``mae``, ``rmse``, ``pearson_r``; ``concordance``, Lin's coefficient
        2 cov / (var + var + (difference of means)²) with moments divided by n; ``acc2``, the share
        of rows where both are negative or both are not (zero counts as not negative, and no row is
        left out; others leave out rows with the truth 0, which gives other figures); ``acc7``, the
        share where both are the same whole number after cutting to [-3, 3] and rounding.

    Raises
    ------
    EvaluationError
        Where lengths differ, a value is missing, or one of the two is constant (then r is not
        defined).

    Source: low-rank, Table 2 (MAE, r, accuracy of k steps); Lin 1989 (concordance)
    Notebook: 18_tensor_and_low_rank_fusion
    """
    truth, predicted = (c.astype(float) for c in columns(truth=truth, predicted=predicted))
    for name, values in {"truth": truth, "predicted": predicted}.items():
        if values.min() == values.max():
            raise EvaluationError(f"{name} is constant: a correlation with it is not defined")
    covariance = np.mean((truth - truth.mean()) * (predicted - predicted.mean()))
    spread = truth.var() + predicted.var() + (truth.mean() - predicted.mean()) ** 2
    steps = [np.round(np.clip(values, -3, 3)) for values in (truth, predicted)]
    return _finite(
        {
            "mae": metrics.mean_absolute_error(truth, predicted),
            "rmse": metrics.root_mean_squared_error(truth, predicted),
            "pearson_r": pearsonr(truth, predicted).statistic,
            "concordance": 2 * covariance / spread,
            "acc2": np.mean((truth < 0) == (predicted < 0)),
            "acc7": np.mean(steps[0] == steps[1]),
        }
    )


def _answers(truth, predicted, labels):
    """Return truth, predicted and all classes in order, checked."""
    truth, predicted = columns(truth=truth, predicted=predicted)
    seen = set(truth) | set(predicted)
    classes = sorted(seen) if labels is None else list(labels)
    strange = sorted(seen - set(classes), key=str)
    if strange:
        raise EvaluationError(
            f"'{strange[0]}' is none of the labels {', '.join(map(str, classes))}"
        )
    if len(set(truth)) < 2:
        raise EvaluationError(f"truth has the single class '{truth[0]}': nothing to tell apart")
    return truth, predicted, classes


def _log_loss(truth, probabilities, labels):
    values, labels, truth = probability_columns(probabilities, truth, labels)
    order = np.argsort(labels)  # scikit-learn takes columns in sorted order
    return metrics.log_loss(truth, values[:, order], labels=list(labels[order]))


def _finite(out):
    bad = [name for name, value in out.items() if not np.isfinite(value)]
    if bad:
        raise EvaluationError(f"{bad[0]} is not defined on these rows (NaN)")
    return {name: float(value) for name, value in out.items()}
