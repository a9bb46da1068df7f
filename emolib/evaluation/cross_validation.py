"""Run a system through the folds, so that an interrupted run goes on where it stopped."""

import os
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from emolib.evaluation.inputs import EvaluationError, columns, probability_columns
from emolib.evaluation.scores import regression_scores, scores
from emolib.evaluation.uncertainty import confidence_interval

_KEYS = ["seed", "fold", "row", "clip", "copy", "actor", "truth", "predicted"]


def cross_validate(
    fit_predict, table, labels, folds, *, seed=0, resume=None, parameters=None, progress=True
):
    """Let a system answer each fold's test rows, and score its answers.

    Parameters
    ----------
    fit_predict : callable
        ``fit_predict(train, validation, test, seed)`` takes row positions and returns for the
        test rows either labels, (rows,), or probabilities, (rows, classes), whose columns are
        the sorted labels. It must look at test labels nowhere.
    table : pandas.DataFrame
        A clip table; copies are answered too, but only originals are scored.
    labels : array-like, (rows,)
        One a row of the table; floats make it a regression.
    folds : iterable of Fold
        From ``split``, or a list of ``holdout``.
    seed : int
        Handed to ``fit_predict``.
    resume : path, optional
        Folder for the answers of finished folds, which a later call with the same table, labels,
        folds, seed and parameters reads instead of running them again.
    parameters : optional
        All else that the answers depend on (name, settings, features as an array): a change
        makes ``resume`` run anew. A change of ``fit_predict`` itself is not seen.
    progress : bool
        Show a progress bar.

    Returns
    -------
    predictions : pandas.DataFrame
        A row an answer: ``seed``, ``fold``, ``row`` (position in the table), ``clip``, ``copy``,
        ``actor``, ``truth``, ``predicted``, and a column ``p_…`` a class where there are
        probabilities.
    summary : dict
        ``summarise`` of them, for ``record(system, **summary, corpus=…)``.

    Raises
    ------
    EvaluationError
        Before any fold is run: lengths differ, a label is missing, there is a single class, or a
        class is missing from a fold's training rows. After a fold: its answers do not fit.

    Notebook: 02_honest_evaluation
    """
    (labels,) = columns(labels=labels)
    folds = list(folds)
    _check(table, labels, folds)
    keys = [list(table["clip"]), list(table["copy"]), list(labels), seed, parameters]
    parts = []
    for fold in tqdm(folds, desc="folds", disable=not progress):
        path = None
        if resume is not None:
            key = joblib.hash([*keys, fold.number, fold.train, fold.validation, fold.test])
            path = Path(resume) / f"fold-{fold.number}-{key}.npy"
        if path is not None and path.exists():
            answer = np.load(path, allow_pickle=False)
            parts.append(_predictions(answer, table, labels, fold, seed))
            continue
        answer = np.asarray(fit_predict(fold.train, fold.validation, fold.test, seed))
        if answer.dtype == object:
            answer = np.array(answer.tolist())
        parts.append(_predictions(answer, table, labels, fold, seed))
        if path is not None:
            _store(path, answer)
    predictions = pd.concat(parts, ignore_index=True)
    return predictions, summarise(predictions)


def summarise(predictions, level=0.95):
    """Score predictions fold by fold, originals only, with an interval over actors.

    Parameters
    ----------
    predictions : pandas.DataFrame
        From ``cross_validate``; those of several seeds may be put below each other.
    level : float
        Of the interval.

    Returns
    -------
    dict
        ``folds``: one dictionary of scores a seed and fold; ``interval``: of the accuracy (of the
        MAE in a regression), over actors, empty where a row names none or there is only one;
        ``n_actors``. The arguments of these names of ``record``.

    Raises
    ------
    EvaluationError
        Where a fold's test part has no original or one class only.

    Notebook: 02_honest_evaluation
    """
    originals = predictions[predictions["copy"] == 0]
    regression = predictions["truth"].dtype.kind == "f"
    folds = []
    for (seed, fold), _ in predictions.groupby(["seed", "fold"]):
        own = originals[(originals["seed"] == seed) & (originals["fold"] == fold)]
        if not len(own):
            raise EvaluationError(f"the test part of fold {fold} holds no original to score")
        if regression:
            folds.append(regression_scores(own["truth"], own["predicted"]))
        else:
            given = own.filter(regex="^p_").rename(columns=lambda name: name[2:])
            answers = own["truth"].astype(str), own["predicted"].astype(str)
            folds.append(scores(*answers, probabilities=given if given.size else None))
    n_actors = originals["actor"].nunique()
    interval = {}
    if n_actors > 1 and originals["actor"].notna().all():
        name, value = "accuracy", originals["truth"] == originals["predicted"]
        if regression:
            name, value = "mae", (originals["truth"] - originals["predicted"]).abs()
        interval[name] = confidence_interval(value, originals["actor"], level)
    return {"folds": folds, "interval": interval, "n_actors": n_actors}


def _check(table, labels, folds):
    if len(labels) != len(table):
        raise EvaluationError(f"lengths differ: {len(labels)} labels, {len(table)} rows")
    if not folds:
        raise EvaluationError("there is no fold")
    if labels.dtype.kind == "f":
        return
    if len(set(labels)) < 2:
        raise EvaluationError(f"the labels hold the single class '{labels[0]}'")
    for fold in folds:
        missing = sorted(set(labels) - set(labels[fold.train]))
        if missing:
            raise EvaluationError(
                f"fold {fold.number}: no training row has the class '{missing[0]}'; ask for other "
                "folds or leave the class out"
            )


def _predictions(answer, table, labels, fold, seed):
    """Put a fold's answers beside the rows that they belong to."""
    rows = table.iloc[fold.test]
    out = rows[["clip", "copy"]].assign(
        seed=seed,
        fold=fold.number,
        row=fold.test,
        actor=rows.get("actor", pd.NA),
        truth=labels[fold.test],
    )
    try:
        if answer.ndim == 2:
            classes = np.array(sorted(set(labels)))
            values, classes, _ = probability_columns(answer, labels[fold.test], classes)
            out = out.assign(predicted=classes[values.argmax(axis=1)])
            for k, name in enumerate(classes):
                out[f"p_{name}"] = values[:, k]
        else:
            out["predicted"] = columns(answers=answer, test_rows=fold.test)[0]
            strange = sorted(set(out["predicted"]) - set(labels), key=str)
            if labels.dtype.kind != "f" and strange:
                raise EvaluationError(f"the answer '{strange[0]}' is none of the labels")
    except EvaluationError as error:
        raise EvaluationError(f"fold {fold.number}: {error}") from error
    return out[[*_KEYS, *(c for c in out if str(c).startswith("p_"))]]


def _store(path, answer):
    """Write beside the file and rename, so that a broken run leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        np.save(file, answer, allow_pickle=False)
    part.replace(path)
