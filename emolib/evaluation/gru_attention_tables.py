"""gru-attention's tables, measured: layers, units, batch normalisation, attention; two protocols.

``python -m emolib.evaluation.gru_attention_tables --grid`` writes the records of Tables 4.1 and 4.3
that notebook 13 shows; ``--attention soft --folds 10`` those of Tables 4.4, 4.2 and 4.5, by
``--inputs audio``, ``video`` and ``both``.
"""

import argparse
import hashlib
import os
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

from emolib import corpora, devices, models, video
from emolib.audio import feature_sequences, mfcc
from emolib.corpora.shipped import shipped
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.gru_attention_speech import VARIANTS, enroll_frames, pad
from emolib.evaluation.record import record, told
from emolib.evaluation.splits import holdout, split
from emolib.models.face_encoder import WEIGHTS
from emolib.models.gru_attention import ATTENTIONS, LAYERS, UNITS
from emolib.models.remember import fingerprint

INPUTS = {"audio": ("audio",), "video": ("video",), "both": ("audio", "video")}
RATE = 16_000  # Hz
FPS = 7.5
SIZE, EVERY = 96, 8  # pixels of a face; it is looked for in each eighth frame
# 13 coefficients as in equations 2.24 to 2.27; lengths and filters, which are not stated, are ours.
MFCC = {"n_mfcc": 13, "emphasis": 0.97, "window": "hamming", "htk": True, "n_mels": 40}
MFCC |= {"n_fft": 1024, "hop_length": 640}


def _rows(*rows):
    names = ("layers", "units", "batch_norm", "published")
    return [dict(zip(names, row, strict=True)) for row in rows]


# Layers, units, batch normalisation, printed test accuracy; all without attention.
GRIDS = {
    "video": _rows(  # Table 4.1
        (1, 256, True, 0.78), (3, 256, True, 0.74), (1, 512, False, 0.76), (1, 512, True, 0.79),
        (3, 512, False, 0.74), (3, 512, True, 0.76), (1, 1024, False, 0.77), (1, 1024, True, 0.77),
    ),
    "audio": _rows(  # Table 4.3
        (1, 256, False, 0.69), (1, 256, True, 0.75), (3, 256, False, 0.75), (3, 256, True, 0.80),
        (3, 512, False, 0.75), (1, 512, True, 0.79),
    ),
}  # fmt: skip
# Ten folds over clips, with attention: Tables 4.2, 4.4 and 4.5.
PUBLISHED = pd.DataFrame(
    {
        "video": [0.7819, 0.8333, 0.7361, 0.03],
        "audio": [0.7652, 0.8125, 0.6875, 0.04],
        "both": [0.9125, 0.9444, 0.8750, 0.02],
    },
    index=["mean", "best", "lowest", "std"],
).T


def fold_table(records):
    """Put records side by side as Tables 4.2, 4.4 and 4.5 do.

    Parameters
    ----------
    records : list of dict
        From ``record`` or ``stored_records``.

    Returns
    -------
    pandas.DataFrame
        A row a record: ``system``, ``protocol``, ``variant``, number of ``folds``, then of the
        folds' accuracies ``mean``, ``best``, ``lowest`` and ``std`` (divided by n; the thesis does
        not say by what). One fold has no spread: NaN.

    Source: gru-attention, Tables 4.2, 4.4 and 4.5.
    Notebook: 13_gru_attention
    """
    rows = []
    for content in records:
        own = np.array([fold["metrics"]["accuracy"] for fold in content["folds"]])
        row = {name: content[name] for name in ("system", "protocol", "variant")}
        row |= {"folds": len(own), "mean": own.mean()}
        spread = {"best": own.max(), "lowest": own.min(), "std": own.std()}
        rows.append(row | (spread if len(own) > 1 else dict.fromkeys(spread, np.nan)))
    return pd.DataFrame(rows)


def audio_sequences(table, cache=None):
    """Return 13 MFCC every 40 ms of each row's sound: a list of (steps, 13), in the table's order.

    Source: gru-attention, section 3.4.3.
    Notebook: 13_gru_attention
    """
    found = feature_sequences(table, partial(mfcc, **MFCC), RATE, cache=cache)
    return [coefficients.T for coefficients in found]


def video_sequences(table, cache=None):
    """Return what the shipped face encoder sees in each row's video, 7.5 times a second.

    The thesis has a frozen VGG16 here, which must be downloaded.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table with video.
    cache : str or path, optional
        Folder that keeps each clip's numbers under its corpus and place, the encoder's weights and
        the text of what reads, cuts and encodes it.

    Returns
    -------
    list of ndarray of float32, (steps, 128)

    Raises
    ------
    CorpusError
        Where a clip cannot be read or has no face.

    Source: gru-attention, section 3.4.2.
    Notebook: 13_gru_attention
    """
    encoder = models.face_encoder()
    code = fingerprint("corpora", "video", "models/face_encoder.py", shipped(WEIGHTS))
    found = []
    for _, row in table.iterrows():
        words = row["corpus"], row["video"], row["clip"], FPS, SIZE, EVERY, code
        key = hashlib.sha256(" ".join(map(str, words)).encode())
        path = None if cache is None else Path(cache) / f"{key.hexdigest()}.npy"
        if path is None or not path.is_file():
            frames, _ = corpora.read_video(row, fps=FPS)
            faces = np.stack(list(video.align_faces(frames, size=SIZE, every=EVERY)))
            seen = np.asarray(encoder(models.grey_faces(faces), training=False))
            if path is None:
                found.append(seen)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(f".{os.getpid()}.npy")  # a cut-off run leaves no half file
            np.save(half, seen)
            half.replace(path)
        found.append(np.load(path))
    return found


def train_network(sequences, labels, epochs=20, batch=32, rate=1e-3, **network):
    """Return a function that trains ``gru_attention`` on a fold and answers its test rows.

    Parameters
    ----------
    sequences : dict
        ``audio``, ``video`` or both, to a list of (steps, features), one a row. Standardised anew
        in each fold, by the frames of its training rows.
    labels : array-like, str, (rows,)
    epochs, batch : int
    rate : float
        Adam's; neither it nor epochs nor batch is stated.
    **network
        ``layers``, ``units``, ``attention``, ``batch_norm``, ``dense`` … of ``gru_attention``.

    Returns
    -------
    callable
        ``fit_predict(train, validation, test, seed)`` as ``cross_validate`` takes it; trained on
        the validation rows too.

    Source: gru-attention, sections 3.4.1 to 3.4.3.
    Notebook: 13_gru_attention
    """
    classes, answers = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    features = {name: clips[0].shape[1] for name, clips in sequences.items()}

    def fit_predict(train, validation, test, seed):
        keras = devices.import_keras()
        keras.utils.set_random_seed(seed)
        rows = np.concatenate([train, validation])
        given = {}
        for name, clips in sequences.items():
            scaler = StandardScaler().fit(np.concatenate([clips[row] for row in rows]))
            given[name] = pad([scaler.transform(clip) for clip in clips])
        model = models.gru_attention(list(sequences), len(classes), features, **network)

        def of(rows):
            parts = {name: padded[rows] for name, padded in given.items()}
            return parts if len(parts) > 1 else next(iter(parts.values()))

        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        model.fit(of(rows), answers[rows], batch_size=batch, epochs=epochs, verbose=0)
        return model.predict(of(test), batch_size=batch, verbose=0)

    return fit_predict


def measure(table, sequences, protocol, seeds=(0,), folds=None, resume=None, **settings):
    """Train and test one setting under one protocol.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table.
    sequences : dict
        As ``train_network`` takes them.
    protocol : str
        ``clips`` or ``actors``.
    seeds : sequence of int
    folds : int, path or dict, optional
        As ``split`` takes them; without it a quarter is held out once a seed.
    resume : path, optional
        As ``cross_validate`` takes it: a run that was interrupted goes on with the next fold.
    **settings
        Of ``train_network``.

    Returns
    -------
    predictions : pandas.DataFrame
    summary : dict
        As ``cross_validate`` returns them, over all seeds.

    Notebook: 13_gru_attention
    """
    labels = table["emotion"].to_numpy(dtype=str)
    fit_predict = train_network(sequences, labels, **settings)
    decided_by = ["gru-attention", settings, {n: np.concatenate(s) for n, s in sequences.items()}]
    parts = []
    for seed in seeds:
        divided = [holdout(table, protocol, 0.25, seed)]
        if folds is not None:
            divided = split(table, protocol, folds, seed)
        run = {"seed": seed, "resume": resume, "parameters": decided_by}
        parts.append(cross_validate(fit_predict, table, labels, divided, **run)[0])
    predictions = pd.concat(parts, ignore_index=True)
    return predictions, summarise(predictions)


def named(layers, units, batch_norm, attention=None, **_):
    """Return a setting's short name: ``3x256-bn-soft``, of both ``3x256-1x512-bn-soft``."""
    sizes = [f"{layers}x{units}"]
    if isinstance(layers, dict):
        sizes = [f"{layers[name]}x{units[name]}" for name in layers]
    return "-".join([*sizes, *["bn"] * batch_norm, *[attention] * bool(attention)])


def measure_grid(table, sequences, protocol, grid, **options):
    """Measure each setting of a grid; return one summary with a metric a setting.

    Parameters
    ----------
    table, sequences, protocol
        As in ``measure``.
    grid : list of dict
        ``layers``, ``units``, ``batch_norm`` of each, as in ``GRIDS``.
    **options
        Of ``measure``.

    Returns
    -------
    dict
        ``folds``, ``interval``, ``n_actors``, for ``record``; the metrics are the accuracies,
        named as ``named`` says.

    Source: gru-attention, Tables 4.1 and 4.3.
    Notebook: 13_gru_attention
    """
    metrics, interval = [], {}
    for row in grid:
        setting = {name: row[name] for name in ("layers", "units", "batch_norm")}
        name = named(**setting)
        _, summary = measure(table, sequences, protocol, attention=None, **setting, **options)
        metrics = metrics or [{} for _ in summary["folds"]]
        for own, fold in zip(metrics, summary["folds"], strict=True):
            own[name] = fold["accuracy"]
        if summary["interval"]:
            interval[name] = summary["interval"]["accuracy"]
        print(f"{protocol:6} {name:10} {np.mean([own[name] for own in metrics]):.1%}", flush=True)
    return {"folds": metrics, "interval": interval, "n_actors": summary["n_actors"]}


def main(arguments=None):
    """Write the record of one setting, or of the tables' grid, under each protocol asked for."""
    options = _parser().parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    table = corpora.load(options.corpus, root).dropna(subset=[*INPUTS[options.inputs], "emotion"])
    table = corpora.take(table, options.profile, 0)
    cache = Path(options.cache)
    make = {"audio": audio_sequences, "video": video_sequences}
    sequences = {name: make[name](table, cache / name) for name in INPUTS[options.inputs]}
    if options.variant == "enrolled":
        sequences = {n: enroll_frames(clips, table["actor"]) for n, clips in sequences.items()}
    seeds = list(range(options.seeds))
    run = {"seeds": seeds, "folds": options.folds or None, "resume": cache / "folds"}
    run |= {"epochs": options.epochs}
    setting = {
        "layers": {name: options.layers or LAYERS[name] for name in sequences},
        "units": {name: options.units or UNITS[name] for name in sequences},
        "batch_norm": not options.plain_dense,
        "attention": options.attention,
    }
    for protocol in ("clips", "actors") if options.protocol == "both" else (options.protocol,):
        if options.grid:
            system = f"gru-attention-grid-{options.inputs}"
            summary = measure_grid(table, sequences, protocol, GRIDS[options.inputs], **run)
        else:
            system = f"gru-attention-{options.inputs}-{named(**setting)}"
            summary = measure(table, sequences, protocol, **setting, **run)[1]
        parameters = {} if options.grid else dict(setting)
        parameters |= {"epochs": options.epochs, "split": f"{options.folds} folds"}
        if not options.folds:
            parameters["split"] = "25 % held out, once a seed"
        command = f"python -m emolib.evaluation.gru_attention_tables --corpus {options.corpus}"
        written = record(
            system,
            **summary,
            corpus=options.corpus,
            protocol=protocol,
            variant=options.variant,
            seeds=seeds,
            profile=options.profile,
            parameters=parameters | {"clips": len(table), "inputs": options.inputs},
            command=command + told(_parser(), options),
            results=options.results,
        )
        print(system, protocol, {k: round(v, 3) for k, v in written["mean"].items()}, flush=True)


def _parser():
    name = "python -m emolib.evaluation.gru_attention_tables"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--inputs", default="audio", choices=list(INPUTS))
    parser.add_argument("--grid", action="store_true", help="all rows of Table 4.1 or 4.3")
    parser.add_argument("--layers", type=int, help="else 3 for the sound, 1 for the video")
    parser.add_argument("--units", type=int, help="else 256 and 512, as the tables settle on")
    parser.add_argument("--plain-dense", action="store_true", help="no batch normalisation")
    parser.add_argument("--attention", choices=[a for a in ATTENTIONS if a], help="else none")
    parser.add_argument("--protocol", default="both", choices=["both", "clips", "actors"])
    parser.add_argument("--variant", default="plain", choices=list(VARIANTS))
    parser.add_argument("--folds", type=int, default=0, help="0: a quarter held out, once a seed")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--profile", default="quick", choices=["quick", "full"])
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/gru_attention")
    return parser


if __name__ == "__main__":
    main()
