"""av-attention's Tables 1 to 3, measured: which attentions, which senses, which loss; on strangers.

``python -m emolib.evaluation.av_attention_tables --rows at vs`` trains a network from random
weights for each row and fold and writes a record a row; without ``--rows`` all of them. A run that
stops goes on with its next fold. On one core of a laptop an epoch of 144 clips at the size
``quick`` takes some 10 seconds for the sound and 80 for the face or both: for more than a look
(``--folds 1 --epochs 6``) take a GPU; any that Keras finds is used.
"""

import argparse
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from emolib import corpora, devices, models
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.metric_losses import LOSSES
from emolib.evaluation.record import record
from emolib.evaluation.splits import split

INPUTS = ("audio", "video")
# Rows of Tables 1 to 3 by what their network has; the last two are not in the paper.
ROWS = {
    "at": {"inputs": ["audio"]},
    "vs": {"inputs": ["video"], "channel": False, "temporal": False},
    "vs-vc": {"inputs": ["video"], "temporal": False},
    "vs-vc-vt": {"inputs": ["video"]},
    "all": {},
    "all-emotion": {"loss": "emotion"},
    "all-softmax": {"loss": "softmax"},
    "all-side-by-side": {"cross_modal": False},
}
# The printed averages of ten folds over actors.
PUBLISHED = pd.DataFrame(
    {
        "ravdess": [0.7642, 0.7754, 0.7917, 0.8202, 0.8785, 0.8925],
        "cremad": [0.6277, 0.7614, 0.7712, 0.7951, 0.8171, 0.8457],
    },
    index=list(ROWS)[:6],
)
# Not tuned. Stated are Adam, batches of 16 and stopping after 20 epochs without gain; the rate of
# 1e-4 is for weights that were trained before.
SETTINGS = {
    "batch": 16, "rate": 1e-3, "epochs": 100, "patience": 20, "margin": 0.2, "weight": 1.0,
    "crop": 0.07, "brightness": 0.2,
}  # fmt: skip


def ablation_table(records):
    """Put records beside the figures that Tables 1 to 3 print.

    Parameters
    ----------
    records : list of dict
        From ``record`` or ``stored_records``.

    Returns
    -------
    pandas.DataFrame
        A row a record: ``row`` (a key of ``ROWS``), ``corpus``, ``published`` accuracy (NaN where
        the paper has none), our ``accuracy`` with ``low`` and ``high``, number of ``folds``.

    Source: av-attention, Tables 1 to 3.
    Notebook: 14_space_channel_time
    """
    rows = []
    for content in records:
        name, corpus = content["system"].removeprefix("av-attention-row-"), content["corpus"]
        printed = name in PUBLISHED.index and corpus in PUBLISHED
        low, high = content["interval"].get("accuracy", (np.nan, np.nan))
        rows.append(
            {"row": name, "corpus": corpus}
            | {"published": PUBLISHED.loc[name, corpus] if printed else np.nan}
            | {"accuracy": content["mean"]["accuracy"], "low": low, "high": high}
            | {"folds": len(content["folds"])}
        )
    return pd.DataFrame(rows)


def read_clips(table, size="quick", inputs=INPUTS, cache=None):
    """Read the faces and the sound of a table's clips as the network takes them.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table with the senses asked for.
    size : str
        ``quick`` (0.75 MB a clip), ``full`` (4.8 MB) or ``paper`` (16 MB).
    inputs : sequence of str
        Of ``audio`` and ``video``.
    cache : path, optional
        Folder that keeps each sense of the whole table in one file, which is then read as needed.

    Returns
    -------
    dict of str to ndarray, (rows, 6, …)
        ``audio`` float32, ``video`` uint8, see ``av_inputs``.

    Raises
    ------
    CorpusError
        As ``av_inputs``: where a clip lacks a sense or has no face; the message names it.

    Source: av-attention, sections 3.1, 3.2 and 4.2.
    Notebook: 14_space_channel_time
    """
    return {name: _read_sense(table, size, name, cache) for name in inputs}


def _read_sense(table, size, name, cache):
    key = joblib.hash([size, name, *(list(table[c].astype(str)) for c in ("corpus", "clip", name))])
    path = None if cache is None else Path(cache) / f"{name}-{size}-{key}.npy"
    if path is not None and path.is_file():
        return np.load(path, mmap_mode="r")
    shape = len(table), *models.input_shapes(size)[name]
    kind = np.uint8 if name == "video" else np.float32
    if path is None:
        read = np.empty(shape, kind)
    else:  # written as it is read: a corpus may be larger than the memory
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        read = np.lib.format.open_memmap(half, "w+", kind, shape)
    rows = tqdm(table.iterrows(), desc=f"reading {name}", total=len(table), unit="clip")
    for k, (_, row) in enumerate(rows):
        read[k] = models.av_inputs(row, size, [name])[name]
    if path is not None:
        read.flush()
        half.replace(path)
    return read


def vary_faces(video, rng, crop=0.07, brightness=0.2):
    """Mirror, shift and brighten or darken each clip by chance, all its frames alike.

    Parameters
    ----------
    video : ndarray of uint8, (clips, snippets, frames, height, width, 3)
    rng : numpy.random.Generator
    crop : float
        Largest shift, as a share of the height and the width; the border is repeated.
    brightness : float
        Largest change, as a share of each value.

    Returns
    -------
    ndarray of float32, of the same shape
        0 to 255. A snippet that is 0 throughout, a missing one, stays so.

    Source: av-attention, section 4.2 (crops, flips, brightness; how much is ours).
    Notebook: 14_space_channel_time
    """
    varied = np.empty(video.shape, np.float32)
    height, width = video.shape[3:5]
    for out, clip in zip(varied, video, strict=True):
        clip = clip[..., ::-1, :] if rng.random() < 0.5 else clip
        down, right = (round(rng.uniform(-crop, crop) * side) for side in (height, width))
        rows = np.clip(np.arange(height) + down, 0, height - 1)
        columns = np.clip(np.arange(width) + right, 0, width - 1)
        clip = clip[..., rows, :, :][..., columns, :]
        out[:] = np.clip(clip * rng.uniform(1 - brightness, 1 + brightness), 0, 255)
    return varied


def train_row(clips, labels, size="quick", loss="triplet", settings=SETTINGS, **network):
    """Return a function that trains one row's network on a fold and answers its test rows.

    Parameters
    ----------
    clips : dict of ndarray
        From ``read_clips``; of them, the network's ``inputs`` are taken.
    labels : array-like of str, (rows,)
        Emotions.
    size : str
        As ``read_clips`` had it.
    loss : str
        ``softmax``: cross-entropy alone. ``triplet`` and ``emotion``: cross-entropy plus
        ``weight`` times ``TripletLoss`` or ``EmotionMetricLoss``.
    settings : dict
        As ``SETTINGS``.
    **network
        Of ``av_attention``, as in ``ROWS``.

    Returns
    -------
    callable
        ``fit_predict(train, validation, test, seed)`` as ``cross_validate`` takes it. Training
        stops when the accuracy on the validation rows has not risen for ``patience`` epochs, and
        takes the weights that were best there; without validation rows it runs to the end.

    Raises
    ------
    EvaluationError
        Where the loss is unknown.

    Source: av-attention, sections 3.4, 4.2 and 4.3.
    Notebook: 14_space_channel_time
    """
    if loss not in LOSSES:
        raise EvaluationError(f"the loss {loss!r} is none of {', '.join(LOSSES)}")
    emotions, answers = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    inputs = network.get("inputs", INPUTS)

    def of(rows, rng=None):
        parts = {name: np.asarray(clips[name][np.asarray(rows)]) for name in inputs}
        if rng is not None and "video" in parts:
            how = settings["crop"], settings["brightness"]
            parts["video"] = vary_faces(parts["video"], rng, *how)
        return parts if len(parts) > 1 else parts[inputs[0]]

    def answer(model, rows):
        """Return the probabilities of rows, a batch at a time: a clip has megabytes."""
        size = settings["batch"]
        batches = (rows[k : k + size] for k in range(0, len(rows), size))
        found = [model.predict_on_batch(of(batch))["probabilities"] for batch in batches]
        return np.concatenate(found)

    def fit_predict(train, validation, test, seed):
        devices.import_keras().utils.set_random_seed(seed)
        rng = np.random.default_rng(seed)
        model = models.av_attention(size=size, n_classes=len(emotions), **network)
        _compile(model, loss, emotions, settings)
        best, kept, since = -1.0, None, 0
        for _ in tqdm(range(settings["epochs"]), desc="epochs", leave=False):
            for batch in _batches(train, settings["batch"], rng):
                given = {"probabilities": answers[batch], "embedding": answers[batch]}
                model.train_on_batch(of(batch, rng), given)
            if not len(validation):
                continue
            right = (answer(model, validation).argmax(axis=1) == answers[validation]).mean()
            since += 1
            if right > best:
                best, kept, since = right, model.get_weights(), 0
            if since >= settings["patience"]:
                break
        if kept is not None:
            model.set_weights(kept)
        return answer(model, test)

    return fit_predict


def _batches(rows, size, rng):
    """Deal rows out into batches; what does not fill the last one waits for another epoch."""
    size = min(size, len(rows))
    return rng.permutation(rows)[: len(rows) // size * size].reshape(-1, size)


def _compile(model, loss, emotions, settings):
    from emolib.losses import EmotionMetricLoss, TripletLoss  # imports Keras

    keras = devices.import_keras()
    margin = settings["margin"]
    metric = {
        "softmax": lambda: None,
        "triplet": lambda: TripletLoss(margin),
        "emotion": lambda: EmotionMetricLoss(margin, margin, list(emotions)),
    }[loss]()
    losses = {"probabilities": "sparse_categorical_crossentropy", "embedding": metric}
    weights = {"probabilities": 1.0, "embedding": settings["weight"]}
    model.compile(keras.optimizers.Adam(settings["rate"]), losses, loss_weights=weights)


def measure(table, clips, row, folds, size="quick", seed=0, settings=SETTINGS, **run):
    """Train and test one row of the tables.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table of originals with ``emotion`` and ``actor``.
    clips : dict of ndarray
        From ``read_clips``.
    row : str
        A key of ``ROWS``.
    folds : list of Fold
    size : str
    seed : int
    settings : dict
        As ``SETTINGS``.
    **run
        ``resume`` and ``progress`` of ``cross_validate``.

    Returns
    -------
    pandas.DataFrame
        Predictions as ``cross_validate`` returns them.

    Raises
    ------
    EvaluationError
        Where there is no such row; as ``cross_validate``.

    Source: av-attention, Tables 1 to 3.
    Notebook: 14_space_channel_time
    """
    if row not in ROWS:
        raise EvaluationError(f"the row {row!r} is none of {', '.join(ROWS)}")
    labels = table["emotion"].to_numpy(dtype=str)
    fit_predict = train_row(clips, labels, size, settings=settings, **ROWS[row])
    inputs = ROWS[row].get("inputs", INPUTS)
    decided_by = [row, ROWS[row], size, settings, [joblib.hash(clips[name]) for name in inputs]]
    run = {"seed": seed, "parameters": decided_by} | run
    return cross_validate(fit_predict, table, labels, folds, **run)[0]


def main(arguments=None):
    """Measure the rows asked for, write a record each, and print them beside the paper's."""
    options = _parser().parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    senses = {name for row in options.rows for name in ROWS[row].get("inputs", INPUTS)}
    table = corpora.load(options.corpus, root).dropna(subset=[*senses, "emotion", "actor"])
    table = corpora.take(table, options.profile, 0).reset_index(drop=True)
    file = root / "folds.csv" if root and options.profile == "full" else None
    folds_file = file if file and file.is_file() else None
    folds = split(table, "actors", folds_file or options.parts)[: options.folds or None]
    clips = read_clips(table, options.size, sorted(senses), Path(options.cache) / "clips")
    settings = SETTINGS | {"epochs": options.epochs}
    records = []
    for row in options.rows:
        run = {"size": options.size, "settings": settings}
        found = measure(table, clips, row, folds, resume=Path(options.cache) / "folds", **run)
        written = record(
            f"av-attention-row-{row}",
            **summarise(found),
            corpus=options.corpus,
            protocol="actors",
            seeds=[0],
            folds_file=folds_file.name if folds_file else None,
            profile=options.profile,
            parameters={"loss": "triplet", **ROWS[row], **settings, "size": options.size}
            | {"parts": options.parts, "folds": len(folds), "clips": len(table)},
            command="python -m emolib.evaluation.av_attention_tables"
            f" --corpus {options.corpus}{' --data-dir DATA_DIR' * bool(root)} --rows {row}"
            f" --size {options.size} --profile {options.profile} --parts {options.parts}"
            f" --folds {options.folds} --epochs {options.epochs}",
            results=options.results,
        )
        records.append(written)
        print(ablation_table(records[-1:]).to_string(header=len(records) == 1), flush=True)


def _parser():
    name = "python -m emolib.evaluation.av_attention_tables"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--size", default="quick", choices=["quick", "full", "paper"])
    parser.add_argument("--profile", default="quick", choices=["quick", "full"])
    parser.add_argument("--parts", type=int, default=5, help="of actors, where no file states them")
    parser.add_argument("--folds", type=int, default=0, help="run the first so many; 0: all")
    parser.add_argument("--epochs", type=int, default=SETTINGS["epochs"])
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/av_attention_tables")
    return parser


if __name__ == "__main__":
    main()
