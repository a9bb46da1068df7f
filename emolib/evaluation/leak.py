"""The leak, measured: one network and one recipe of copies; only the split moves.

``python -m emolib.evaluation.leak --corpus ravdess --data-dir DATA_DIR`` writes the records that
notebook 02 shows: of the network, and of a nearest neighbour that learns nothing.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emolib import corpora, devices
from emolib.audio import feature_table
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.record import accuracy_of, record, told
from emolib.evaluation.splits import PROTOCOLS, RECIPES, add_copies, holdout, split
from emolib.models import dv_emotionnet

SYSTEMS = ("nearest-neighbour", "dv-emotionnet")
# A copy that the ear hardly tells from the original: how large can a leak be?
NEAR_COPY = ("pitch semitones=0.2",)


def nearest_neighbour(features, labels):
    """Return a function that answers a fold's test rows by each one's nearest training row.

    Parameters
    ----------
    features : ndarray, float, (rows, features)
        Standardised anew in each fold, by its training rows.
    labels : array-like, str, (rows,)

    Returns
    -------
    callable
        ``fit_predict(train, validation, test, seed)`` as ``cross_validate`` takes it; the
        validation rows are stored too: nothing is chosen by them.

    Notebook: 02_honest_evaluation
    """
    labels = np.asarray(labels)

    def fit_predict(train, validation, test, seed):
        rows = np.concatenate([train, validation])
        stored = make_pipeline(StandardScaler(), KNeighborsClassifier(1))
        return stored.fit(features[rows], labels[rows]).predict(features[test])

    return fit_predict


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


def measure(
    table, features, protocol, seeds, epochs=60, folds=None, resume=None, system="dv-emotionnet"
):
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
    system : str
        ``dv-emotionnet`` or ``nearest-neighbour`` (which knows no epochs).

    Returns
    -------
    predictions : pandas.DataFrame
    summary : dict
        As ``cross_validate`` returns them, over all seeds; originals only are scored.

    Notebook: 02_honest_evaluation
    """
    labels = table["emotion"].to_numpy()
    fit_predict = train_network(features, labels, epochs)
    if system == "nearest-neighbour":
        fit_predict = nearest_neighbour(features, labels)
    parts = []
    for seed in seeds:
        divided = [holdout(table, protocol, 0.25, seed)]
        if folds is not None:
            divided = split(table, protocol, folds, seed)
        parameters = [system, epochs, features]
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
    clips = corpora.load(options.corpus, root).dropna(subset=["audio", "emotion"])
    folds_file = root / "folds.csv" if root and (root / "folds.csv").is_file() else None
    for system in SYSTEMS if options.system == "both" else (options.system,):
        near = system == "nearest-neighbour"
        recipes = NEAR_COPY if near else RECIPES
        table = add_copies(clips, len(recipes), recipes=recipes)
        cache = Path(options.cache)
        rate = 16_000 if near else 22_050
        features = feature_table(
            table, rate=rate, cache=cache / "features", workers=options.workers
        )
        settings = {} if near else {"epochs": options.epochs, "batch": 64}
        settings |= {"rows_a_clip": 1 + len(recipes), "copies": "; ".join(recipes), "rate": rate}
        for protocol, seeds, folds in _runs(options.seeds, folds_file):
            wanted = (protocol, seeds, options.epochs, folds, cache / "folds", system)
            _, summary = measure(table, features, *wanted)
            split_by = "25 % held out, once a seed" if folds is None else "ten folds"
            written = record(
                system,
                **summary,
                corpus=options.corpus,
                protocol=protocol,
                seeds=list(seeds),
                folds_file=folds_file.name if folds and folds_file else None,
                profile="full",
                parameters={"split": split_by, **settings},
                command=f"python -m emolib.evaluation.leak --corpus {options.corpus}"
                + told(_parser(), options),
                results=options.results,
            )
            sentence = f"{system:17} {protocol:6} {split_by:26} accuracy"
            print(sentence, accuracy_of(written), flush=True)


def _runs(seeds, folds_file):
    """Return protocol, seeds and folds of each run; None for a quarter held out."""
    runs = [(protocol, range(seeds), None) for protocol in PROTOCOLS]
    return [*runs, ("actors", range(1), folds_file or 10)]


def _parser():
    parser = argparse.ArgumentParser(prog="python -m emolib.evaluation.leak", description=__doc__)
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--system", default="both", choices=["both", *SYSTEMS])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--workers", type=int, default=1, help="threads for the features")
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/leak", help="features and finished folds")
    return parser


if __name__ == "__main__":
    main()
