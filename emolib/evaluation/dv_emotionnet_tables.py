"""dv-emotionnet from clip to class, measured: sound, picture or both; clips or frames as rows.

``python -m emolib.evaluation.dv_emotionnet_tables --corpus puppets`` writes the records that
notebook 11 shows, each with its training curves and confusion matrix.
"""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from tqdm.auto import tqdm

from emolib import corpora, devices, fusion, models, video
from emolib.audio import audio_features_162, feature_table
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import accuracy_of, record
from emolib.evaluation.scores import confusion, report, scores
from emolib.evaluation.splits import PROTOCOLS, holdout
from emolib.models.remember import remembered

SIX = ("angry", "disgust", "fearful", "happy", "neutral", "sad")  # of the paper's Tables 7 and 8
INPUTS = ("audio", "video", "both", "both-concatenated")
ROWS = ("clip", "frame")
LENGTH = 162  # numbers that the network takes, whatever they were made of
MOMENTS = 8  # rows a clip where frames are rows: the paper has about 8 a clip of CREMA-D
SECONDS = 0.5  # of sound around a frame
BATCH = 16  # few rows an epoch: larger batches would leave too few steps
RATE, FPS, SIZE = 16_000, 15, 112
SIGMA, TAU, POINTS = 1.5, 1.5, 100
REACH = 3  # frames before and after, whose interest points describe a frame
# More penalty edges than the usual 20 a class: an axis along which no edge points parts nothing.
# Such an axis has a huge eigenvalue; it is set to 0, lest it be blown up to the size of the others.
NO_EDGE = 1e6
# Regularised: with about as many numbers as rows, axes that part the training rows wholly are easy
# to find, and worth nothing for others.
FUSED = {"n_components": LENGTH, "k1": 5, "k2": 60, "regularization": 1.0}
# Tables 5 and 9, as printed; accuracies in percent.
PRINTED = pd.DataFrame(
    [
        ("RAVDESS", "audio", 91.11, 94.66, 0.1930, 0.1644, 0.95, 0.94, 0.95, 0.94, 0.94, 0.94),
        ("RAVDESS", "video", 95.92, 95.82, 0.1676, 0.1632, 0.96, 0.95, 0.96, 0.95, 0.95, 0.95),
        ("RAVDESS", "both", 90.87, 94.36, 0.2392, 0.1500, 0.95, 0.94, 0.94, 0.94, 0.94, 0.94),
        ("CREMA-D", "audio", 74.77, 79.45, 0.8334, 0.6071, 0.79, 0.79, 0.78, 0.80, 0.79, 0.80),
        ("CREMA-D", "video", 94.31, 96.62, 0.2088, 0.1644, 0.95, 0.96, 0.95, 0.97, 0.96, 0.96),
        ("CREMA-D", "both", 65.74, 70.14, 0.7607, 0.6333, 0.72, 0.70, 0.69, 0.72, 0.70, 0.69),
    ],
    columns=[
        "corpus", "input", "train accuracy", "test accuracy", "train loss", "test loss",
        "macro precision", "macro recall", "macro f1",
        "weighted precision", "weighted recall", "weighted f1",
    ],
).set_index(["corpus", "input"])  # fmt: skip


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """What is heard and seen in each row, before anything is fitted.

    Attributes
    ----------
    table : pandas.DataFrame
        Clip table; where frames are rows, ``copy`` numbers a clip's moments.
    sound : float32, (rows, 162)
    picture : float32, (rows, 1467), or None where a clip has no video
    """

    table: pd.DataFrame
    sound: np.ndarray
    picture: np.ndarray | None


def picture_rows(row, moments=MOMENTS):
    """Describe a clip's video by its interest points: all of them, then those around moments.

    The points are found once, in the whole clip. A frame is described by those at most 3 frames
    away, in the layout of ``video.clip_features``; a frame around which nothing happens is zeros.

    Parameters
    ----------
    row : pandas.Series
        A row of the clip table, with video, which is read at 15 frames a second and 112 pixels.
    moments : int
        The middles of so many equal parts of the clip.

    Returns
    -------
    ndarray of float32, (1 + moments, 1467)
        First the clip's row, then the moments'.

    Raises
    ------
    CorpusError
        As ``video.read_face``.

    Source: dv-emotionnet, eqs 1-8 and Image Feature Extraction; what a row of a frame holds is not
    said there, and this is our reading.
    Notebook: 11_dv_emotionnet
    """
    if row["corpus"] == "puppets":  # fills its frame
        frames, _ = corpora.read_video(row, size=SIZE, fps=FPS)
    else:
        frames, fps = video.read_face(row, SIZE)
        frames = np.stack([*video.resample_frames(frames, fps, FPS)])
    points = video.interest_points(video.harris3d(frames, SIGMA, TAU), POINTS)
    features = video.point_features(frames, points, SIGMA, TAU)
    middles = (np.arange(moments) + 0.5) * len(frames) / moments
    near = np.abs(points[:, 0] - middles[:, None].astype(int)) <= REACH
    pooled = partial(_by_region, points, features, frames.shape[1:3])
    return np.stack([pooled(kept) for kept in (np.ones(len(points), bool), *near)])


def _by_region(points, features, size, kept):
    """Return the mean features and the share of some points, in each of 3 x 3 regions."""
    row, column = (3 * points[kept, 1:] // np.array(size)).T
    region, features = 3 * row + column, features[kept]
    out = np.zeros((9, features.shape[1] + 1), np.float32)
    for r in np.unique(region):
        inside = region == r
        out[r] = [*features[inside].mean(axis=0), inside.mean()]
    return out.ravel()


def sound_moments(signal, rate, moments=MOMENTS, seconds=SECONDS):
    """Describe the sound around each moment of a clip by ``audio_features_162``.

    Parameters
    ----------
    signal : ndarray of float, (samples,)
    rate : int
        Samples a second.
    moments : int
        The middles of so many equal parts of the clip.
    seconds : float
        Length of the part; near the clip's ends it is moved inwards.

    Returns
    -------
    ndarray of float32, (moments, 162)

    Notebook: 11_dv_emotionnet
    """
    width = min(round(seconds * rate), len(signal))
    middles = (np.arange(moments) + 0.5) * len(signal) / moments
    starts = np.clip(middles - width / 2, 0, len(signal) - width).astype(int)
    return np.stack([audio_features_162(signal[at : at + width], rate) for at in starts])


def read_rows(clips, row="clip", cache=None, progress=True):
    """Describe every row of a corpus by its sound and, where all clips have video, its picture.

    Parameters
    ----------
    clips : pandas.DataFrame
        A clip table of originals with sound.
    row : str
        ``clip``: one row a clip. ``frame``: 8 rows a clip, each the sound and the interest points
        around one frame.
    cache : path, optional
        Folder.
    progress : bool
        Show a progress bar over the videos.

    Returns
    -------
    FeatureRows

    Raises
    ------
    EvaluationError
        Where ``row`` is another word.
    CorpusError
        As ``feature_table`` and ``picture_rows``.

    Notebook: 11_dv_emotionnet
    """
    if row not in ROWS:
        raise EvaluationError(f"a row is one of {', '.join(ROWS)}, not {row!r}")
    heard = {"rate": RATE, "cache": None if cache is None else Path(cache) / "features"}
    picture = None
    if clips["video"].notna().all():
        places = "evaluation/dv_emotionnet_tables.py", "corpora", "video"
        see = remembered(picture_rows, cache, *places)
        bar = tqdm(clips.iterrows(), desc="videos", total=len(clips), disable=not progress)
        picture = np.stack([see(clip) for _, clip in bar])
    if row == "clip":
        picture = None if picture is None else picture[:, 0]
        return FeatureRows(clips.reset_index(drop=True), feature_table(clips, **heard), picture)
    table = clips.loc[clips.index.repeat(MOMENTS)].reset_index(drop=True)
    table["copy"] = np.tile(np.arange(MOMENTS), len(clips))
    sound = feature_table(clips, sound_moments, span=None, **heard).reshape(-1, LENGTH)
    return FeatureRows(table, sound, None if picture is None else np.concatenate(picture[:, 1:]))


def network_input(rows, labels, kind, learn):
    """Turn every row into the 162 numbers that the network takes; fitted on some rows only.

    Parameters
    ----------
    rows : FeatureRows
    labels : array-like, str, (rows,)
        Looked at in ``learn`` only, and only by Marginal Fisher Analysis.
    kind : str
        ``audio``: the features of sound. ``video``: those of the picture, cut to as many by
        ``video.pca_reduction``. ``both``: the two side by side, 324 numbers, on 162 axes of
        Marginal Fisher Analysis. ``both-concatenated``: the same without labels, on 162 principal
        components.
    learn : ndarray of int
        Rows that everything is fitted on; but for ``audio`` more than 162.

    Returns
    -------
    ndarray of float32, (rows, 162)
        Standardised by the rows of ``learn``.

    Raises
    ------
    EvaluationError
        Where the kind is unknown, there is no picture, or there are too few rows.

    Notes
    -----
    The paper does not say how many axes its fusion keeps. With 162 the network is the same one,
    parameter by parameter, whatever it is fed with, so that only the input differs.

    Source: dv-emotionnet, Data Pre-Processing and eqs 16-25.
    Notebook: 11_dv_emotionnet
    """
    if kind not in INPUTS:
        raise EvaluationError(f"the input {kind!r} is none of {', '.join(INPUTS)}")
    if kind != "audio" and rows.picture is None:
        raise EvaluationError(f"{kind}: not applicable, since not every clip has a video")
    if kind != "audio" and len(learn) <= LENGTH:
        raise EvaluationError(f"{kind}: {LENGTH} axes take more than {len(learn)} training rows")

    def fitted(step, values):
        step.fit(values[learn], np.asarray(labels)[learn])
        return step.transform(values)

    values = rows.sound
    if kind != "audio":
        values = fitted(video.pca_reduction(LENGTH), rows.picture)
    if kind.startswith("both"):
        values = fitted(StandardScaler(), np.hstack([rows.sound, values]))
        axes = fusion.MarginalFisherAnalysis(**FUSED)
        values = fitted(axes if kind == "both" else PCA(LENGTH, random_state=0), values)
        if kind == "both":
            values[:, axes.eigenvalues_ > NO_EDGE] = 0
    return fitted(StandardScaler(), values).astype(np.float32)


def fit(inputs, answers, n_classes, learn, test=None, epochs=60, batch=BATCH, seed=0):
    """Train dv-emotionnet on some rows and keep its curves.

    Parameters
    ----------
    inputs : ndarray of float32, (rows, 162)
    answers : ndarray of int, (rows,)
    n_classes : int
    learn : ndarray of int
        Rows to learn.
    test : ndarray of int, optional
        Rows on which accuracy and loss are drawn after each epoch; nothing is chosen by them.
    epochs, batch, seed : int

    Returns
    -------
    model : keras.Model
    curves : dict of list of float
        ``accuracy`` and ``loss`` an epoch, with ``test`` also ``val_accuracy`` and ``val_loss``, as
        Keras names them. The first two are taken while the network learns, dropout switched on.

    Source: dv-emotionnet, Fig. 1; optimiser, epochs and batch are ours.
    Notebook: 11_dv_emotionnet
    """
    keras = devices.import_keras()
    keras.utils.clear_session()  # else the graphs of all networks before stay in memory
    keras.utils.set_random_seed(seed)
    model = models.dv_emotionnet(inputs.shape[1], n_classes)
    # Without XLA: compiling takes longer than training on so few rows.
    model.compile(
        "adam", "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    watched = None if test is None else (inputs[test, :, None], answers[test])
    history = model.fit(
        inputs[learn, :, None], answers[learn], batch_size=batch, epochs=epochs,
        validation_data=watched, verbose=0,
    )  # fmt: skip
    return model, history.history


def train_network(rows, labels, kind, epochs=60, curves=None):
    """Return a function that fits the whole path on a fold and answers its test rows.

    Parameters
    ----------
    rows : FeatureRows
    labels : array-like, str, (rows,)
    kind : str
        As ``network_input`` takes it.
    epochs : int
    curves : dict, optional
        Where it is empty, the first fold's curves are put into it.

    Returns
    -------
    callable
        ``fit_predict(train, validation, test, seed)`` as ``cross_validate`` takes it. Nothing is
        chosen on the validation rows, so they are trained on too.

    Notebook: 11_dv_emotionnet
    """
    classes, answers = np.unique(np.asarray(labels, str), return_inverse=True)

    def fit_predict(train, validation, test, seed):
        learn = np.concatenate([train, validation])
        inputs = network_input(rows, labels, kind, learn)
        watched = test if curves is not None and not curves else None
        model, history = fit(inputs, answers, len(classes), learn, watched, epochs, seed=seed)
        if watched is not None:
            curves.update(history)
        to_numpy = devices.import_keras().ops.convert_to_numpy
        return to_numpy(model(inputs[test, :, None], training=False))

    return fit_predict


def measure(rows, kind, protocol, seeds, epochs=60, curves=None):
    """Train and test under one protocol, a quarter held out once a seed.

    Parameters
    ----------
    rows : FeatureRows
    kind : str
        As ``network_input`` takes it.
    protocol : str
        ``rows``, ``clips`` or ``actors``.
    seeds : sequence of int
    epochs : int
    curves : dict, optional
        As ``train_network`` takes it.

    Returns
    -------
    predictions : pandas.DataFrame
        As ``cross_validate`` returns them, over all seeds.
    summary : dict
        Of all test rows, as the paper scores them, so where frames are rows each frame counts;
        ``clip_accuracy`` beside it answers each clip by the mean over those of its rows that are
        in the test.

    Notebook: 11_dv_emotionnet
    """
    labels = rows.table["emotion"].to_numpy(str)
    fit_predict = train_network(rows, labels, kind, epochs, curves)
    parts = []
    for seed in seeds:
        folds = [holdout(rows.table, protocol, 0.25, seed)]
        made = cross_validate(fit_predict, rows.table, labels, folds, seed=seed, progress=False)
        parts.append(made[0])
    predictions = pd.concat(parts, ignore_index=True)
    summary = summarise(predictions.assign(copy=0))  # a moment is no altered copy: score it
    for scored, part in zip(summary["folds"], parts, strict=True):
        scored["clip_accuracy"] = _clip_accuracy(part)
    return predictions, summary


def _clip_accuracy(predictions):
    """Return the share of clips that the mean of their rows' probabilities names."""
    given = predictions.filter(regex="^p_").groupby(predictions["clip"]).mean()
    truth = predictions.groupby("clip")["truth"].first()
    return float((given.idxmax(axis=1).str.removeprefix("p_") == truth[given.index]).mean())


def stored_answers(stored):
    """Give back the answers behind a record's confusion matrix, for figures and tables.

    Parameters
    ----------
    stored : dict
        A record that ``main`` wrote.

    Returns
    -------
    truth, predicted : ndarray of str, (rows,)
        As ``evaluation.report`` and ``evaluation.confusion`` take them, not in the rows' order.

    Raises
    ------
    EvaluationError
        Where the record holds no confusion matrix.

    Notebook: 11_dv_emotionnet
    """
    kept = stored["parameters"].get("confusion")
    if kept is None:
        raise EvaluationError(f"the record of {stored['system']} holds no confusion matrix")
    classes, counts = np.array(kept["classes"]), np.array(kept["counts"])
    truth, answer = np.indices(counts.shape)
    return tuple(np.repeat(classes[of].ravel(), counts.ravel()) for of in (truth, answer))


def class_report(truth, predicted):
    """Return precision, recall, F1 and support of each class, then macro and weighted averages.

    Parameters
    ----------
    truth, predicted : array-like, str, (rows,)

    Returns
    -------
    pandas.DataFrame
        The layout of the paper's Tables 6 to 8, with those of its Table 9 below.

    Raises
    ------
    EvaluationError
        As ``evaluation.report``.

    Source: dv-emotionnet, Tables 6-9.
    Notebook: 11_dv_emotionnet
    """
    table = report(truth, predicted).drop(columns="specificity")
    given = scores(truth, predicted)
    for name, recall in (("macro", "unweighted"), ("weighted", "weighted")):
        averages = [given[f"{name}_precision"], given[f"{recall}_recall"], given[f"{name}_f1"]]
        table.loc[f"{name} average"] = [*averages, table["support"].iloc[: len(set(truth))].sum()]
    return table.astype({"support": int})


def accuracy_table(records):
    """Return the paper's accuracies beside ours, in percent: its Table 5, and one more column each.

    Parameters
    ----------
    records : list of dict
        Such as ``main`` writes.

    Returns
    -------
    pandas.DataFrame
        A row an input; columns (corpus, row, protocol): the paper's first, whose protocol is not
        stated, then ours.

    Raises
    ------
    EvaluationError
        Where there is no record.

    Source: dv-emotionnet, Table 5.
    Notebook: 11_dv_emotionnet
    """
    if not records:
        raise EvaluationError("there is no record to set beside the paper's Table 5")
    cells = {
        (kind, (f"{corpus}, as printed", "", "")): f"{accuracy:.2f}"
        for (corpus, kind), accuracy in PRINTED["test accuracy"].items()
    }
    for one in records:
        low, high = one["interval"]["accuracy"]
        shown = f"{one['mean']['accuracy']:.0%} [{low:.0%}, {high:.0%}]".replace("%", "")
        what = one["parameters"]
        cells[what["input"], (one["corpus"], f"{what['row']} = row", one["protocol"])] = shown
    table = pd.Series(cells).unstack().reindex(index=INPUTS).fillna("")
    table.columns = pd.MultiIndex.from_tuples(table.columns, names=("corpus", "row", "protocol"))
    return table[sorted(table.columns, key=_reading_order)]


def _reading_order(column):
    corpus, row, protocol = column
    return corpus.islower(), corpus, row, [*PROTOCOLS, ""].index(protocol)


def main(arguments=None):
    """Write a record of each input under each protocol, clips or frames as rows."""
    options = _parser().parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    clips = corpora.load(options.corpus, root).dropna(subset=["audio", "emotion", "actor"])
    clips = clips[clips["emotion"].isin(SIX)]
    clips = corpora.take(clips, options.profile)
    unseen = clips["video"].isna().sum()
    if unseen:
        clips = clips.assign(video=pd.NA)
        sentence = f"{unseen} of {len(clips)} clips have no video in DATA_DIR"
        print(f"{options.corpus}: video and both are not applicable: {sentence}", flush=True)
    for row in options.rows:
        rows = read_rows(clips, row, options.cache)
        kinds = INPUTS if rows.picture is not None else ("audio",)
        for kind in (kind for kind in kinds if kind in options.inputs):
            # With one row a clip, rows and clips are the same protocol.
            for protocol in tuple(PROTOCOLS) if row == "frame" else ("clips", "actors"):
                _write(rows, row, kind, protocol, options)


def _write(rows, row, kind, protocol, options):
    """Measure one input under one protocol and write its record."""
    curves = {}
    seeds = list(range(options.seeds))
    predictions, summary = measure(rows, kind, protocol, seeds, options.epochs, curves)
    classes = sorted(set(predictions["truth"]))
    counts = confusion(predictions["truth"], predictions["predicted"], classes)[1]
    settings = {"input": kind, "row": row, "rows": len(rows.table), "epochs": options.epochs}
    settings |= {"clips": int(rows.table["clip"].nunique()), "batch": BATCH}
    settings |= {
        "split": "25 % held out, once a seed",
        "actors": int(rows.table["actor"].nunique()),
    }
    made = record(
        f"dv-emotionnet-{kind}-{row}",
        **summary,
        corpus=options.corpus,
        protocol=protocol,
        seeds=seeds,
        profile=options.profile,
        parameters=settings
        | {"confusion": {"classes": classes, "counts": counts.to_numpy().tolist()}}
        | {"curves_of_seed_0": {k: [round(v, 4) for v in c] for k, c in curves.items()}},
        command=f"python -m emolib.evaluation.dv_emotionnet_tables --corpus {options.corpus} "
        f"--profile {options.profile} --rows {row} --seeds {options.seeds} "
        f"--epochs {options.epochs} --data-dir DATA_DIR",
        results=options.results,
    )
    print(f"{made['system']:36} {protocol:6} accuracy {accuracy_of(made)}", flush=True)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.dv_emotionnet_tables", description=__doc__
    )
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--rows", nargs="+", default=ROWS, choices=ROWS, help="what a row is")
    parser.add_argument("--inputs", nargs="+", default=INPUTS, choices=INPUTS)
    parser.add_argument("--profile", default="full", help="quick: 10 actors, 24 clips each")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/dv_emotionnet", help="features")
    return parser


if __name__ == "__main__":
    main()
