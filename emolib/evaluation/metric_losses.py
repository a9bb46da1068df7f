"""Does a metric loss help? Softmax alone, with the triplet loss, with the emotion metric loss.

``python -m emolib.evaluation.metric_losses --corpus ravdess --data-dir DATA_DIR`` trains one small
network on the sound of each clip under the three losses: same folds, same seeds, same first
weights. Nobody stands on both sides. It writes a record a loss, with paired tests over actors.
"""

import argparse
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

from emolib import corpora, devices
from emolib.audio import feature_table, functionals
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import accuracy_of, record
from emolib.evaluation.splits import split
from emolib.evaluation.uncertainty import paired_test

RATE = 16_000  # Hz
LOSSES = ("softmax", "triplet", "emotion")
# Set once, before any result was seen; nothing is chosen on a fold.
SETTINGS = {
    "units": 64, "embedding": 16, "noise": 0.5, "margin": 0.5, "weight": 1.0, "batch": 64,
    "rate": 2e-3, "epochs": 40,
}  # fmt: skip


def metric_network(n_features, n_classes, units=64, embedding=16):
    """Build a small network whose last vector serves a softmax and a metric loss, not compiled.

    Parameters
    ----------
    n_features, n_classes, units, embedding : int
        ``embedding`` is the length of that vector.

    Returns
    -------
    keras.Model
        Takes (batch, n_features), standardised. Gives a dictionary: ``probabilities``
        (batch, n_classes), and ``embedding`` (batch, embedding), of length 1: the softmax reads
        the vector as it is, the metric loss its direction, as in ``av_attention``.

    Source: av-attention, section 3.4 (where the loss meets the classifier is ours).
    Notebook: 16_polarity_triplet_loss
    """
    keras = devices.import_keras()
    layers = keras.layers
    features = keras.Input((n_features,))
    x = layers.Dense(embedding)(layers.Dense(units, activation="relu")(features))
    outputs = {
        "embedding": layers.UnitNormalization(name="embedding")(x),
        "probabilities": layers.Dense(n_classes, activation="softmax", name="probabilities")(x),
    }
    return keras.Model(features, outputs, name="metric_network")


def train_metric_network(features, labels, emotions, loss, seed=0, mining="all", **settings):
    """Train ``metric_network`` under one of three losses.

    Parameters
    ----------
    features : ndarray of float, (rows, features)
        Standardised; at least one batch.
    labels : ndarray of int, (rows,)
        Positions in ``emotions``.
    emotions : sequence of str
    loss : str
        ``softmax``: cross-entropy alone. ``triplet`` and ``emotion``: cross-entropy plus
        ``weight`` times ``TripletLoss`` or ``EmotionMetricLoss``, all margins ``margin``.
    seed : int
        Decides first weights, batches and noise: with the same seed they are alike for all three.
    mining : str
        As in ``TripletLoss``.
    **settings
        Instead of those in ``SETTINGS``.

    Returns
    -------
    keras.Model

    Raises
    ------
    EvaluationError
        Where the loss or a setting is unknown, the margin is not above 0, or there are fewer rows
        than a batch.
    ValueError
        As the losses.

    Notebook: 16_polarity_triplet_loss
    """
    has = _settings(loss, settings)
    if len(features) < has["batch"]:
        raise EvaluationError(f"{len(features)} rows do not fill a batch of {has['batch']}")
    sizes = has["units"], has["embedding"]
    trained, margin, blank = _compiled(
        features.shape[1], tuple(emotions), loss, mining, sizes, has["weight"], has["rate"]
    )
    devices.import_keras().utils.set_random_seed(seed)
    network = metric_network(features.shape[1], len(emotions), *sizes)
    trained.set_weights(network.get_weights())
    for variable, value in zip(trained.optimizer.variables, blank, strict=True):
        variable.assign(value)
    margin.assign(has["margin"])
    # All epochs in one: an epoch of few batches takes longer to begin than to run.
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([rng.permutation(len(labels)) for _ in range(has["epochs"])])
    drawn = drawn[: len(drawn) // has["batch"] * has["batch"]]
    noise = has["noise"] * rng.standard_normal((len(drawn), features.shape[1]), dtype="float32")
    targets = {"probabilities": labels[drawn], "embedding": labels[drawn]}
    trained.fit(features[drawn] + noise, targets, has["batch"], shuffle=False, verbose=0)
    network.set_weights(trained.get_weights())
    return network


def _settings(loss, settings):
    """Return all settings, after looking whether they and the loss are known."""
    unknown = [name for name in settings if name not in SETTINGS]
    if unknown or loss not in LOSSES:
        name, known = (unknown[0], SETTINGS) if unknown else (loss, LOSSES)
        raise EvaluationError(f"{name!r} is none of {', '.join(known)}")
    has = SETTINGS | settings
    if not has["margin"] > 0:
        raise EvaluationError(f"a margin is above 0, not {has['margin']}")
    return has


@lru_cache(maxsize=8)
def _compiled(n_features, emotions, loss, mining, sizes, weight, rate):
    """Compile a network once, for any seed and margin: tracing takes longer than training.

    Returns the network, its margin as a variable, and the optimizer's state before any step.
    """
    from emolib.losses import EmotionMetricLoss, TripletLoss  # imports Keras

    keras = devices.import_keras()
    model = metric_network(n_features, len(emotions), *sizes)
    margin = keras.Variable(1.0, trainable=False, name="margin")
    metric = {
        "softmax": lambda: None,
        "triplet": lambda: TripletLoss(margin, mining),
        "emotion": lambda: EmotionMetricLoss(margin, margin, emotions, mining),
    }[loss]()
    model.compile(
        keras.optimizers.Adam(rate),
        loss={"probabilities": "sparse_categorical_crossentropy", "embedding": metric},
        loss_weights={"probabilities": 1.0, "embedding": weight},
        jit_compile=False,
        steps_per_execution=10,
    )
    model.optimizer.build(model.trainable_variables)
    blank = [keras.ops.convert_to_numpy(v).copy() for v in model.optimizer.variables]
    return model, margin, blank


def fit_predict(features, labels, loss, **options):
    """Return a function that trains on a fold and answers its test rows.

    Parameters
    ----------
    features : ndarray of float, (rows, features)
        Standardised anew in each fold, by its training rows.
    labels : array-like of str, (rows,)
    loss : str
    **options
        As ``train_metric_network`` takes them.

    Returns
    -------
    callable
        As ``cross_validate`` calls it. The validation rows are trained on too: nothing is chosen
        by them.

    Notebook: 16_polarity_triplet_loss
    """
    emotions, answers = np.unique(np.asarray(labels, dtype=str), return_inverse=True)

    def answer(train, validation, test, seed):
        rows = np.concatenate([train, validation])
        scaler = StandardScaler().fit(features[rows])
        given, asked = (scaler.transform(features[r]).astype("float32") for r in (rows, test))
        model = train_metric_network(given, answers[rows], emotions, loss, seed, **options)
        return np.asarray(model(asked, training=False)["probabilities"])

    return answer


def measure(table, features, folds, seeds=(0,), losses=LOSSES, resume=None, **options):
    """Answer every clip under each loss.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table of originals with ``emotion`` and ``actor``.
    features : ndarray of float, (rows, features)
    folds : list of Fold
    seeds : sequence of int
        Every fold is trained once a seed.
    losses : sequence of str
    resume : path, optional
        As ``cross_validate`` takes it.
    **options
        As ``train_metric_network`` takes them.

    Returns
    -------
    dict of str to pandas.DataFrame
        Loss to predictions, all seeds below each other.

    Raises
    ------
    EvaluationError
        As ``train_metric_network`` and ``cross_validate``.

    Notebook: 16_polarity_triplet_loss
    """
    labels = table["emotion"].to_numpy(dtype=str)
    found = {}
    for loss in losses:
        system = fit_predict(features, labels, loss, **options)
        decided_by = [loss, SETTINGS | options, features]
        run = {"resume": resume, "parameters": decided_by, "progress": False}
        answers = [cross_validate(system, table, labels, folds, seed=s, **run)[0] for s in seeds]
        found[loss] = pd.concat(answers, ignore_index=True)
    return found


def compare(found):
    """Test each loss against those before it on the same clips, over actors.

    Parameters
    ----------
    found : dict
        From ``measure``.

    Returns
    -------
    dict of (str, str) to PairedTest
        (later, earlier) to the difference of accuracy, later minus earlier. A clip counts as right
        in the share of seeds in which it was; p values are not corrected for the number of tests.

    Notebook: 16_polarity_triplet_loss
    """
    hits = {}
    for loss, predictions in found.items():
        right = (predictions["truth"] == predictions["predicted"]).astype(float)
        hits[loss] = right.groupby([predictions["actor"], predictions["row"]]).mean()
    actors = next(iter(hits.values())).index.get_level_values("actor").to_numpy()
    return {
        (later, earlier): paired_test(hits[later].to_numpy(), hits[earlier].to_numpy(), actors)
        for earlier, later in combinations(found, 2)
    }


def main(arguments=None):
    """Measure a corpus, print the paired tests, and write the records."""
    options = _parser().parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    table = corpora.load(options.corpus, root).dropna(subset=["audio", "emotion", "actor"])
    table = table.reset_index(drop=True)
    folds_file = root / "folds.csv" if root and (root / "folds.csv").is_file() else None
    folds = split(table, "actors", folds_file or 10)
    features = feature_table(table, functionals, RATE, span=None, cache=options.features)
    seeds = list(range(options.seeds))
    found = measure(table, features, folds, seeds, resume=Path(options.cache))
    tests = compare(found)
    for loss, predictions in found.items():
        paired = {a: test._asdict() for (b, a), test in tests.items() if b == loss}
        written = record(
            f"metric-loss-{loss}",
            **summarise(predictions),
            corpus=options.corpus,
            protocol="actors",
            seeds=seeds,
            folds_file=folds_file.name if folds_file else None,
            profile="full",
            parameters={"folds": len(folds), "features": features.shape[1], **SETTINGS}
            | {"clips": len(table), "paired": paired},
            command=f"python -m emolib.evaluation.metric_losses --corpus {options.corpus} "
            f"--data-dir DATA_DIR --seeds {options.seeds}",
            results=options.results,
        )
        print(f"{loss:8} {accuracy_of(written)}", flush=True)
    for (later, earlier), test in tests.items():
        change = f"{100 * test.difference:+.1f} [{100 * test.low:+.1f}, {100 * test.high:+.1f}]"
        print(f"{later} - {earlier}: {change} points, p = {test.p_value:.3f}")


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.metric_losses", description=__doc__
    )
    parser.add_argument("--corpus", default="puppets", choices=["puppets", "ravdess", "own"])
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/metric_losses")
    parser.add_argument("--features", default="build/cache/sound_and_face/features")
    return parser


if __name__ == "__main__":
    main()
