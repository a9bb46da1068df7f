"""What a fusion is worth when a sense falls silent at test time, though it was there in training.

``python -m emolib.evaluation.missing_sense --corpus ravdess --data-dir DATA_DIR`` writes a record a
system and missing sense; with both senses the figures are those of ``sound_and_face``.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.evaluation import sound_and_face
from emolib.evaluation.cross_validation import summarise
from emolib.evaluation.record import accuracy_of, record
from emolib.evaluation.splits import Fold, enroll

SYSTEMS = ("sound-svm", "face-svm", "concatenation-svm", "mfa-svm", "late-product")
SYSTEMS += ("low-rank", "tensor-fusion")


def measure(table, senses, folds, systems=SYSTEMS, variant="plain", cache=None):
    """Answer each fold's test rows with both senses, then with one of them missing.

    A missing sense is the mean of its training rows: all systems get the same stand-in, none is
    told, none was trained for it.

    Parameters
    ----------
    table, senses, folds, systems, variant, cache
        As in ``sound_and_face.measure``. Enrolled rows are standardised while all is there.

    Returns
    -------
    dict of (system, missing) to (predictions, system)
        Predictions as ``cross_validate`` returns them; ``missing`` is a sense or ``""``.

    Raises
    ------
    EvaluationError
        As ``sound_and_face.measure``.

    Notebook: 19_leaderboard
    """
    if variant == "enrolled":
        senses = {sense: enroll(values, table["actor"]) for sense, values in senses.items()}
    parts = {(name, missing): [] for name in systems for missing in ("", *senses)}
    made = {}
    for fold in folds:
        longer, without, ends = _with_gaps(table, senses, fold)
        test = np.concatenate([fold.test, np.arange(len(table), len(longer))])
        asked = [Fold(fold.number, fold.train, fold.validation, test)]
        found = sound_and_face.measure(longer, without, asked, systems, cache=cache)
        for name, (answers, _, made[name]) in found.items():
            for missing, rows in ends.items():
                own = answers[answers["row"].isin(rows)].sort_values("row")
                parts[name, missing].append(own.assign(row=np.sort(fold.test)))
    return {key: (pd.concat(own, ignore_index=True), made[key[0]]) for key, own in parts.items()}


def _with_gaps(table, senses, fold):
    """Return table and senses with a copy of the test rows below for each sense left out."""
    test, n = np.sort(fold.test), len(table)
    learn = np.concatenate([fold.train, fold.validation])
    rows = np.concatenate([np.arange(n), *[test for _ in senses]])
    without = {sense: values[rows] for sense, values in senses.items()}
    ends = {"": test}
    for k, sense in enumerate(senses):
        ends[sense] = n + k * len(test) + np.arange(len(test))
        without[sense][ends[sense]] = senses[sense][learn].mean(axis=0)
    return table.iloc[rows].reset_index(drop=True), without, ends


def main(arguments=None):
    """Measure a corpus and write a record a system, variant and missing sense."""
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.missing_sense", description=__doc__
    )
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    sound_and_face.add_corpus(parser)
    options = parser.parse_args(arguments)
    table, folds, folds_file, called, told = sound_and_face.read(options)
    cache = Path(options.cache)
    senses = sound_and_face.encode(table, cache / "features")
    for variant in options.variants:
        found = measure(table, senses, folds, options.systems, variant, cache / "folds")
        for (name, missing), (answers, system) in found.items():
            if not missing:
                continue
            written = record(
                f"{name}-without-{missing}",
                **summarise(answers),
                corpus=called,
                protocol="actors",
                variant=variant,
                seeds=[0],
                folds_file=folds_file,
                n_configurations=sound_and_face.tried(system, name, options.corpus),
                profile="full",
                parameters={
                    "split": f"{len(folds)} folds",
                    "missing at test": missing,
                    "stands for it": "the mean of the training rows",
                },
                command=f"python -m emolib.evaluation.missing_sense {told}",
                results=options.results,
            )
            print(f"{variant:8} {written['system']:32} {accuracy_of(written)}", flush=True)


if __name__ == "__main__":
    main()
