"""low-rank's tables, measured: sentiment in MOSI, ratings in POM, and what sound and face add.

``python -m emolib.evaluation.low_rank_tables --corpus mosi --data-dir DATA_DIR`` (or ``pom``)
writes the records that notebook 18 shows, one a system, and prints the paired tests.
"""

import argparse
from functools import partial
from itertools import combinations, product
from pathlib import Path

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline

from emolib import corpora, devices
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import record, told
from emolib.evaluation.scores import regression_scores, scores
from emolib.evaluation.uncertainty import confidence_interval, paired_test
from emolib.models import low_rank_network
from emolib.models.remember import remembered

MODALITIES = {"mosi": ("audio", "text", "video"), "pom": ("audio", "video")}
TASKS = {"mosi": "classification", "pom": "regression"}
# Our records' names of the network's three fusions.
NETWORKS = {"low-rank": "low-rank", "tensor-fusion": "tensor", "concatenation": "concatenation"}
CLASSIFIERS = (*NETWORKS, "logistic-regression", "pca-logistic-regression")
EPOCHS, BATCH, RATE = 20, 64, 3e-3
COSTS = (0.0001, 0.001, 0.01, 0.1, 1)  # of logistic regression
COMPONENTS = (5, 10, 20, 40)  # a modality, by PCA
PENALTIES = (1, 10, 100, 1000, 10_000)  # of ridge regression
# What decides the answers of ``train_network``, which are kept.
CODE = ("evaluation/low_rank_tables.py", "models/low_rank_network.py")
CODE += ("models/temporal_convolution.py", "fusion/tensor.py")
MOST = 5  # standard deviations: published features hold values hundreds of them away


def read_set(corpus, root):
    """Load a corpus with all its features.

    Parameters
    ----------
    corpus : str
        ``mosi`` or ``pom``.
    root : path
        The corpus's own folder.

    Returns
    -------
    table : pandas.DataFrame
        The clip table.
    features : dict of ndarray of float32, (rows, ...), by modality
        In the table's order.
    targets : ndarray, (rows,) of int 0 and 1 (MOSI) or (rows, 17) of float (POM)

    Raises
    ------
    CorpusError
        As ``corpora.load``.
    EvaluationError
        Where a feature is NaN or infinite (published acoustic features of MOSI are, here and
        there). The message names file, array, row and column; nothing is filled in.

    Notebook: 18_tensor_and_low_rank_fusion
    """
    table = corpora.load(corpus, root)
    features = {}
    for name in MODALITIES[corpus]:
        values = np.stack([corpora.read_features(row, name) for _, row in table.iterrows()])
        features[name] = values.astype(np.float32)
        _refuse_gaps(table, name, features[name])
    targets = "sentiment" if corpus == "mosi" else [c for c in table if c.startswith("trait_")]
    return table, features, table[targets].to_numpy()


def _refuse_gaps(table, name, values):
    gaps = np.argwhere(~np.isfinite(values))
    if len(gaps):
        row = table.iloc[gaps[0][0]]
        raise EvaluationError(
            f"{row['features']}: {name}_{row['part']} holds values that are NaN or infinite, "
            f"{len(gaps)} {name} values in all; the first is in row {row['position']}, column "
            f"{gaps[0][-1]}. Put a number there (such as the mean of the column's training rows) "
            "and say so, or leave the column out: nothing is filled in silence"
        )


def standardise(values, rows):
    """Standardise features by some rows; steps that are all zeros are padding and stay so.

    Parameters
    ----------
    values : ndarray of float, (clips, features) or (clips, steps, features)
    rows : ndarray of int
        Clips whose mean and standard deviation count: no test clip.

    Returns
    -------
    ndarray of float32
        Cut to 5 standard deviations; 0 where a feature is constant.

    Notebook: 18_tensor_and_low_rank_fusion
    """
    there = (values != 0).any(axis=-1)
    known = values[rows][there[rows]].astype(float)
    out = np.zeros(values.shape, np.float32)
    spread = known.std(axis=0)
    scaled = (values[there] - known.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    out[there] = np.clip(scaled, -MOST, MOST)
    return out


def mean_over_time(values):
    """Return each clip's mean over the steps that are there, zeros where there is none.

    Parameters
    ----------
    values : ndarray of float, (clips, steps, features)

    Returns
    -------
    ndarray of float, (clips, features)

    Notebook: 18_tensor_and_low_rank_fusion
    """
    steps = (values != 0).any(axis=-1).sum(axis=1)
    return values.sum(axis=1) / np.maximum(steps, 1)[:, None]


def divide(table, seed, share=0.2):
    """Return the rows to learn, to choose on, and to test: the corpus's own parts.

    Where there is no validation part (MOSI), a fifth of the training *recordings* becomes one.

    Parameters
    ----------
    table : pandas.DataFrame
    seed : int
        Draws those recordings.
    share : float

    Returns
    -------
    tuple of three ndarray of int

    Notebook: 18_tensor_and_low_rank_fusion
    """
    train, valid, test = (np.flatnonzero(table["part"] == p) for p in ("train", "valid", "test"))
    if len(valid):
        return train, valid, test
    chance = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    learn, valid = next(chance.split(train, groups=table["recording"].to_numpy()[train]))
    return train[learn], train[valid], test


def train_network(x, y, divisions, fusion, task, seeds, epochs=EPOCHS):
    """Choose the number of epochs on validation, train anew on both parts, answer the test rows.

    Parameters
    ----------
    x : dict of ndarray, by modality
        Standardised.
    y : ndarray
        As ``read_set`` returns it.
    divisions : list of tuple of three ndarray of int
        From ``divide``, one a seed.
    fusion, task : str
        As ``low_rank_network`` takes them.
    seeds : sequence of int
        Of the first weights.
    epochs : int
        At most.

    Returns
    -------
    ndarray
        Classes (seeds, test rows), or ratings (seeds, test rows, 17).

    Source: low-rank, section IV; optimiser (Adam), loss (cross-entropy; absolute error) and epochs
    are ours.
    Notebook: 18_tensor_and_low_rank_fusion
    """
    keras = devices.import_keras()
    keras.utils.clear_session()  # else the graphs of all networks before stay in memory
    classes = task == "classification"
    shapes = {name: (None,) * (v.ndim - 2) + v.shape[-1:] for name, v in x.items()}
    build = partial(low_rank_network, shapes, 2 if classes else y.shape[1], task, fusion)
    model = build()  # compiled once: for networks this small that takes longer than to train one
    optimizer = keras.optimizers.Adam(RATE)
    model.compile(optimizer, "sparse_categorical_crossentropy" if classes else "mae")
    optimizer.build(model.trainable_variables)
    unused = [keras.ops.convert_to_numpy(v) for v in optimizer.variables]

    def fit(seed, rows, aim, count, **options):
        keras.utils.set_random_seed(seed)
        for own, new in zip(model.layers, build().layers, strict=True):  # dropout's chance too
            for variable, value in zip(own.variables, new.variables, strict=True):
                variable.assign(value)
        for variable, value in zip(optimizer.variables, unused, strict=True):
            variable.assign(value)
        return model.fit(_taken(x, rows), aim[rows], BATCH, count, verbose=0, **options).history

    answers = []
    for seed, (learn, validation, test) in zip(seeds, divisions, strict=True):
        both = np.concatenate([learn, validation])
        middle, spread = y[both].mean(axis=0), y[both].std(axis=0)
        aim = y if classes else ((y - middle) / spread).astype(np.float32)
        unseen = _taken(x, validation), aim[validation]
        stop = keras.callbacks.EarlyStopping("val_loss", patience=4)
        curve = fit(seed, learn, aim, epochs, validation_data=unseen, callbacks=[stop])["val_loss"]
        fit(seed, both, aim, 1 + int(np.argmin(curve)))
        given = keras.ops.convert_to_numpy(model(_taken(x, test), training=False))
        answers.append(given.argmax(axis=1) if classes else given * spread + middle)
    return np.stack(answers)


def _taken(x, rows):
    return {name: values[rows] for name, values in x.items()}


def choose_linear(make, settings, x, y, parts):
    """Choose a setting on validation (least absolute error), refit on both, answer the test rows.

    Parameters
    ----------
    make : callable
        Takes one of the settings, returns a scikit-learn estimator.
    settings : sequence
    x : ndarray of float, (rows, features)
    y : ndarray of int or float, (rows, ...)
    parts : tuple of three ndarray of int
        From ``divide``.

    Returns
    -------
    ndarray, (test rows, ...)

    Notebook: 18_tensor_and_low_rank_fusion
    """
    learn, validation, test = parts

    def error(setting):
        answer = make(setting).fit(x[learn], y[learn]).predict(x[validation])
        return np.abs(answer - y[validation]).mean()

    both = np.concatenate([learn, validation])
    return make(min(settings, key=error)).fit(x[both], y[both]).predict(x[test])


def logistic_regression(cost):
    """Return the plainest classifier of vectors side by side."""
    return LogisticRegression(C=cost, max_iter=2000)


def reduced_logistic_regression(setting, lengths):
    """Reduce each modality by PCA, put them side by side, classify: the plain alternative.

    Parameters
    ----------
    setting : (int, float)
        Components a modality, and the cost of ``logistic_regression``.
    lengths : sequence of int
        Columns of each modality, in order.

    Returns
    -------
    scikit-learn estimator

    Source: low-rank, section III C.
    Notebook: 18_tensor_and_low_rank_fusion
    """
    components, cost = setting
    ends = np.cumsum(lengths)
    parts = [
        (f"modality_{k}", PCA(min(components, length)), slice(end - length, end))
        for k, (length, end) in enumerate(zip(lengths, ends, strict=True))
    ]
    return make_pipeline(ColumnTransformer(parts), logistic_regression(cost))


def measure_mosi(table, features, targets, seeds, train=train_network):
    """Let every system answer MOSI's test part from every set of modalities.

    Parameters
    ----------
    table, features, targets
        From ``read_set``.
    seeds : sequence of int
        Each draws its own validation part and initial weights.
    train : callable
        ``train_network``, or a cached one.

    Returns
    -------
    dict of (str, str) to ndarray of int, (seeds, test rows)
        System and modalities (joined by ``_``) to answers. One modality has nothing to fuse, so
        only ``concatenation`` stands for the networks there. ``always-positive`` looks at nothing;
        positive is the rarer class of the training part and the more frequent one of the test part.

    Notebook: 18_tensor_and_low_rank_fusion
    """
    known, test = (np.flatnonzero(table["part"] == part) for part in ("train", "test"))
    x = {name: standardise(values, known) for name, values in features.items()}
    found = {("always-positive", ""): np.ones((1, len(test)), int)}
    divisions = [divide(table, seed) for seed in seeds]
    for names in _sets(x):
        own = {name: x[name] for name in names}
        for system in CLASSIFIERS:
            if len(names) > 1 or system not in ("low-rank", "tensor-fusion"):
                given = _classify(system, own, targets, divisions, seeds, train)
                found[system, "_".join(names)] = given
    return found


def _sets(names):
    """Return single names, pairs and so on."""
    return [s for size in range(1, len(names) + 1) for s in combinations(names, size)]


def _classify(system, own, y, divisions, seeds, train):
    """Return a system's answers, (seeds, test rows)."""
    if system in NETWORKS:
        return train(own, y, divisions, NETWORKS[system], "classification", seeds)
    side = np.concatenate(list(own.values()), axis=1)
    make, settings = logistic_regression, COSTS
    if system == "pca-logistic-regression":
        make = partial(reduced_logistic_regression, lengths=[v.shape[1] for v in own.values()])
        settings = list(product(COMPONENTS, COSTS))
    return np.stack([choose_linear(make, settings, side, y, parts) for parts in divisions])


def measure_pom(table, features, targets, seeds, train=train_network):
    """Let every system answer POM's test part, 17 ratings a review.

    Parameters
    ----------
    table, features, targets, seeds, train
        As ``measure_mosi``; the validation part is the corpus's own.

    Returns
    -------
    dict of (str, str) to ndarray of float, (seeds, test rows, 17)
        As ``measure_mosi``. ``mean-rating`` and ``median-rating`` look at no feature; they and
        ``ridge-regression`` (on means over time) leave nothing to chance and have one seed.

    Notebook: 18_tensor_and_low_rank_fusion
    """
    learn, validation, test = parts = divide(table, 0)
    both, n = np.concatenate([learn, validation]), len(test)
    x = {name: standardise(values, both) for name, values in features.items()}
    flat = np.concatenate([mean_over_time(values) for values in x.values()], axis=1)
    found = {
        "mean-rating": np.tile(targets[both].mean(axis=0), (1, n, 1)),
        "median-rating": np.tile(np.median(targets[both], axis=0), (1, n, 1)),
        "ridge-regression": choose_linear(Ridge, PENALTIES, flat, targets, parts)[None],
    }
    for system, fusion in NETWORKS.items():
        found[system] = train(x, targets, [parts] * len(seeds), fusion, "regression", seeds)
    return {(system, "audio_video"): answers for system, answers in found.items()}


def score_mosi(answers, truth, recordings):
    """Score one system on one set of modalities.

    Parameters
    ----------
    answers : ndarray of int, (seeds, rows)
    truth : ndarray of int, (rows,)
    recordings : ndarray of str, (rows,)

    Returns
    -------
    folds : list of dict
        ``accuracy``, ``weighted_f1``, ``macro_f1`` of each seed.
    interval : dict
        Of the accuracy, over recordings; a row's hit is its mean over seeds.

    Notebook: 18_tensor_and_low_rank_fusion
    """
    wanted = ("accuracy", "weighted_f1", "macro_f1")
    folds = [{k: scores(truth, given)[k] for k in wanted} for given in answers]
    return folds, {"accuracy": confidence_interval((answers == truth).mean(axis=0), recordings)}


def score_pom(answers, truth):
    """Score 17 ratings: their means, and each.

    Parameters
    ----------
    answers : ndarray of float, (seeds, rows, ratings)
    truth : ndarray of float, (rows, ratings)

    Returns
    -------
    folds : list of dict
        ``mae``, ``rounded_accuracy`` (the share where both are the same whole number once
        rounded) and, where answers vary, ``pearson_r``: means over ratings; then each rating's,
        as ``mae_00``.
    interval : dict
        Of ``mae`` and ``rounded_accuracy``, over reviews: who speaks in several is not known.

    Source: low-rank, section V; rounding is ours.
    Notebook: 18_tensor_and_low_rank_fusion
    """
    errors, hits = np.abs(answers - truth), np.round(answers) == np.round(truth)
    folds = []
    for given, error, hit in zip(answers, errors, hits, strict=True):
        parts = {"mae": error.mean(axis=0), "rounded_accuracy": hit.mean(axis=0)}
        if (np.ptp(given, axis=0) > 0).all():
            pairs = zip(truth.T, given.T, strict=True)
            parts["pearson_r"] = np.array([regression_scores(*p)["pearson_r"] for p in pairs])
        means = {name: values.mean() for name, values in parts.items()}
        each = {f"{name}_{k:02d}": v for name, vs in parts.items() for k, v in enumerate(vs)}
        folds.append(means | each)
    reviews = np.arange(len(truth))
    by_review = {"mae": errors.mean(axis=(0, 2)), "rounded_accuracy": hits.mean(axis=(0, 2))}
    return folds, {name: confidence_interval(v, reviews) for name, v in by_review.items()}


def compare_mosi(found, truth, recordings):
    """Test what sound and face add to the text, and low rank against the others.

    Parameters
    ----------
    found : dict
        From ``measure_mosi``.
    truth, recordings : ndarray, (rows,)

    Returns
    -------
    dict of str to dict of str to PairedTest
        System, then a sentence; differences of accuracy, p values not corrected for their number.

    Notebook: 18_tensor_and_low_rank_fusion
    """
    hits = {key: (answers == truth).mean(axis=0) for key, answers in found.items()}
    everything = "audio_text_video"
    tests = {}
    for system, modalities in found:
        own = tests.setdefault(system, {})
        alone = hits.get((system, "text"), hits["concatenation", "text"])
        if "text_" in modalities or "_text" in modalities:
            own[f"{modalities} against text"] = paired_test(
                hits[system, modalities], alone, recordings
            )
        if modalities == everything and system == "low-rank":
            for other in ("tensor-fusion", "concatenation", "logistic-regression"):
                own[f"against {other}"] = paired_test(
                    hits[system, everything], hits[other, everything], recordings
                )
    return tests


def compare_pom(found, truth):
    """Test the networks against every other system, over reviews.

    Parameters
    ----------
    found : dict
        From ``measure_pom``.
    truth : ndarray of float, (rows, ratings)

    Returns
    -------
    dict of str to dict of str to PairedTest
        Differences of the MAE (below 0: the network is better), not corrected for their number.

    Notebook: 18_tensor_and_low_rank_fusion
    """
    errors = {name: np.abs(v - truth).mean(axis=(0, 2)) for (name, _), v in found.items()}
    return {
        name: {
            f"against {other}": paired_test(errors[name], errors[other], None)
            for other in errors
            if name in NETWORKS and other != name
        }
        for name in errors
    }


def main(arguments=None):
    """Measure a corpus, print figures and paired tests, and write a record a system."""
    options = _parser().parse_args(arguments)
    corpus = options.corpus
    table, features, targets = read_set(corpus, Path(options.data_dir) / corpus)
    train = remembered(train_network, options.cache, *CODE)
    train = partial(train, epochs=options.epochs)
    test = (table["part"] == "test").to_numpy()
    truth, seeds = targets[test], list(range(options.seeds))
    shared = {
        "split": "the corpus's own train and test parts",
        "epochs_at_most": options.epochs,
        "batch": BATCH,
        "learning_rate": RATE,
        "lengths": {"audio": 32, "video": 32, "text": 64},
        "units": 64,
        "rank": 4,
    }
    if corpus == "mosi":
        recordings = table["recording"].to_numpy()[test]
        found = measure_mosi(table, features, targets, seeds, train)
        tests = compare_mosi(found, truth, recordings)
        scored = {key: score_mosi(a, truth, recordings) for key, a in found.items()}
        shared |= {"validation": "a fifth of the training recordings, anew each seed"}
        shared |= {"interval_over": f"{len(set(recordings))} recordings; speakers are not named"}
        shared |= {"without_suffix": "audio_text_video"}
    else:
        found = measure_pom(table, features, targets, seeds, train)
        tests = compare_pom(found, truth)
        scored = {key: score_pom(a, truth) for key, a in found.items()}
        empty = {n: int((~v.any(axis=(1, 2))[test]).sum()) for n, v in features.items()}
        shared |= {"validation": "the corpus's own", "test_clips_of_zeros": empty}
        shared |= {"interval_over": f"{len(truth)} reviews; who speaks is not named"}
    for system in dict.fromkeys(name for name, _ in found):
        folds, interval = _joined(scored, system)
        paired = {name: test._asdict() for name, test in tests[system].items()}
        written = record(
            system,
            folds,
            corpus=corpus,
            protocol="clips",
            seeds=seeds[: len(folds)],
            n_actors=0,
            n_configurations=_tried(system, options.epochs),
            interval=interval,
            profile="full",
            parameters={**shared, "paired": paired},
            command=f"python -m emolib.evaluation.low_rank_tables --corpus {corpus}"
            + told(_parser(), options),
            results=options.results,
        )
        _print(written, tests[system])


def _joined(scored, system):
    """Put the scores of all sets of modalities of a system into one dictionary a seed.

    The largest set needs no suffix: it is what a leaderboard compares.
    """
    own = {names: value for (name, names), value in scored.items() if name == system}
    largest = max(own, key=len)
    folds = [{} for _ in own[largest][0]]
    interval = {}
    for names, (parts, limits) in own.items():
        suffix = "" if names == largest else f"_{names}"
        for fold, part in zip(folds, parts, strict=True):
            fold.update({f"{metric}{suffix}": value for metric, value in part.items()})
        interval.update({f"{metric}{suffix}": pair for metric, pair in limits.items()})
    return folds, interval


def _tried(system, epochs):
    """Return how many settings the validation part chose among."""
    tried = {name: epochs for name in NETWORKS}
    tried |= {"logistic-regression": len(COSTS), "ridge-regression": len(PENALTIES)}
    return (tried | {"pca-logistic-regression": len(COSTS) * len(COMPONENTS)}).get(system, 1)


def _print(written, tests):
    for metric, (low, high) in written["interval"].items():
        values = [fold["metrics"][metric] for fold in written["folds"]]
        print(
            f"{written['system']:24} {metric:22} {np.mean(values):.3f} [{low:.3f}, {high:.3f}], "
            f"seeds {min(values):.3f} to {max(values):.3f}",
            flush=True,
        )
    if "pearson_r" in written["mean"]:
        print(f"{'':25}pearson_r              {written['mean']['pearson_r']:.3f}")
    for name, test in tests.items():
        print(
            f"{'':25}{name:32} {test.difference:+.3f} [{test.low:+.3f}, {test.high:+.3f}], "
            f"p = {test.p_value:.3f}",
            flush=True,
        )


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.low_rank_tables", description=__doc__
    )
    parser.add_argument("--corpus", default="mosi", choices=list(MODALITIES))
    parser.add_argument("--data-dir", required=True, help="folder with one folder a corpus")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="at most")
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/low_rank_tables", help="finished networks")
    return parser


if __name__ == "__main__":
    main()
