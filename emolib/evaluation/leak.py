"""The leak, measured: one network and one recipe of copies; only the split moves.

``python -m emolib.evaluation.leak --corpus ravdess --data-dir DATA_DIR`` writes the records that
notebook 02 shows.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

from emolib import corpora, devices
from emolib.audio import feature_table
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.record import record
from emolib.evaluation.splits import PROTOCOLS, add_copies, holdout, split
from emolib.models import dv_emotionnet

SYSTEM = "dv-emotionnet"


def train_network(features, labels, epochs=60, batch=64):
    """Return a function that trains dv-emotionnet on a fold and answers its test rows.

    Parameters
    ----------
    features : ndarray, float, (rows, features)
        Standardised anew in each fold, by its training rows.
    labels : array-like, str, (rows,)
    epochs, batch : int

    Returns
    -------
    callable
        ``fit_predict(train, validation, test, seed)`` as ``cross_validate`` takes it; returns
        probabilities, a column a label in sorted order. The validation rows are trained on too:
        nothing is chosen by them.

    Source: dv-emotionnet, Fig. 1; optimiser and epochs are ours.
    Notebook: 02_honest_evaluation
    """
    classes, answers = np.unique(labels, return_inverse=True)

    def fit_predict(train, validation, test, seed):
        keras = devices.import_keras()
        keras.utils.set_random_seed(seed)
        model = dv_emotionnet(features.shape[1], len(classes))
        rows = np.concatenate([train, validation])
        scaler = StandardScaler().fit(features[rows])
        inputs = scaler.transform(features).astype(np.float32)[..., None]
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(inputs[rows], answers[rows], batch_size=batch, epochs=epochs, verbose=0)
        return keras.ops.convert_to_numpy(model(inputs[test], training=False))

    return fit_predict


def measure(table, features, protocol, seeds, epochs=60, folds=None, resume=None):
    """Train and test under one protocol: a quarter held out once a seed, or the given folds.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table with copies, a row of features each.
    features : ndarray, float, (rows, features)
    protocol : str
        ``rows``, ``clips`` or ``actors``.
    seeds : sequence of int
    epochs : int
    folds : int, path or dict, optional
        As ``split`` takes them; without it ``holdout`` of 25 % of rows, clips or actors.
    resume : path, optional
        As ``cross_validate`` takes it.

    Returns
    -------
    predictions : pandas.DataFrame
    summary : dict
        As ``cross_validate`` returns them, over all seeds; originals only are scored.

    Notebook: 02_honest_evaluation
    """
    labels = table["emotion"].to_numpy()
    fit_predict = train_network(features, labels, epochs)
    parts = []
    for seed in seeds:
        divided = [holdout(table, protocol, 0.25, seed)]
        if folds is not None:
            divided = split(table, protocol, folds, seed)
        parameters = [SYSTEM, epochs, features]
        parts.append(
            cross_validate(
                fit_predict, table, labels, divided, seed=seed, resume=resume, parameters=parameters
            )[0]
        )
    predictions = pd.concat(parts, ignore_index=True)
    return predictions, summarise(predictions)


def main(arguments=None):
    """Write the records of all three protocols, and of the ten folds by actor."""
    options = _parser().parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    table = add_copies(corpora.load(options.corpus, root).dropna(subset=["audio", "emotion"]))
    cache = Path(options.cache)
    features = feature_table(table, cache=cache / "features", workers=options.workers)
    folds_file = root / "folds.csv" if root and (root / "folds.csv").is_file() else None
    runs = [(protocol, range(options.seeds), None) for protocol in PROTOCOLS]
    runs.append(("actors", range(1), folds_file or 10))
    for protocol, seeds, folds in runs:
        summary = measure(table, features, protocol, seeds, options.epochs, folds, cache / "folds")[
            1
        ]
        way = "25 % held out, once a seed" if folds is None else "ten folds"
        written = record(
            SYSTEM,
            **summary,
            corpus=options.corpus,
            protocol=protocol,
            seeds=list(seeds),
            folds_file=folds_file.name if folds and folds_file else None,
            profile="full",
            parameters={"split": way, "epochs": options.epochs, "batch": 64, "rows_a_clip": 3},
            command=f"python -m emolib.evaluation.leak --corpus {options.corpus} "
            "--data-dir DATA_DIR",
            results=options.results,
        )
        low, high = written["interval"]["accuracy"]
        accuracy = written["mean"]["accuracy"]
        print(f"{protocol:6} {way:27} accuracy {accuracy:.1%} [{low:.1%}, {high:.1%}]", flush=True)


def _parser():
    parser = argparse.ArgumentParser(prog="python -m emolib.evaluation.leak", description=__doc__)
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--workers", type=int, default=1, help="threads for the features")
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/leak", help="features and finished folds")
    return parser


if __name__ == "__main__":
    main()
