"""gru-attention's sound side as well as the course can make it, on strangers; and with the face.

``python -m emolib.evaluation.gru_attention_speech --corpus ravdess --data-dir DATA_DIR`` writes the
records that notebook 13 shows: sound, face (mean action units), both; plain and enrolled.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.preprocessing import StandardScaler
from tqdm.auto import tqdm

from emolib import corpora, devices
from emolib.audio import contours, deltas, feature_sequences
from emolib.evaluation import sound_and_face
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import accuracy_of, record
from emolib.evaluation.sound_and_face import VARIANTS
from emolib.evaluation.splits import enroll, split
from emolib.evaluation.uncertainty import paired_test
from emolib.fusion import late_fusion

RATE = 16_000  # Hz
TEMPI = (0.8, 0.9, 1.0, 1.12, 1.25)  # of training copies
MACHINES = ("sound-svm", "face-svm")  # of sound_and_face: what the network is set beside
MACHINES_CACHE = Path("build/cache/sound_and_face")  # shared with that command
# The network's settings were chosen on the validation actors of folds 0 and 1: so many were tried.
# Those of the SVMs that it is joined with are counted in sound_and_face.
SETTINGS = {
    "frames_a_step": 16, "units": 64, "dense": 64, "dropout": 0.3, "noise": 0.2, "masked": 0.1,
    "mixup": 0.2, "smoothing": 0.1, "batch": 64, "rate": 3e-3, "decay": 1e-2, "epochs": 40,
}  # fmt: skip
TRIED = {"ravdess": 12}  # by corpus


def voice_frames(signal, rate):
    """Describe speech every 10 ms by its spectrum's outline, level and pitch, and their change.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1], with at least 0.1 s of speech.
    rate : int
        Samples a second.

    Returns
    -------
    ndarray of float32, shape (frames, 60)
        From the first to the last frame in which something is heard: the ``contours`` with 25 MFCC
        and voiced (1 or 0), then the slope of each over 9 frames.

    Raises
    ------
    ValueError
        As ``contours``; where fewer than 9 frames are heard.

    Source: gru-attention, 3.4.3 (13 MFCC there); the rest is ours.
    Notebook: 13_gru_attention
    """
    values, voiced, heard = contours(signal, rate, n_mfcc=25)
    at = np.flatnonzero(heard)
    frames = np.vstack([values, voiced])[:, at[0] : at[-1] + 1]
    return np.concatenate([frames, deltas(frames)]).T.astype(np.float32)


def enroll_frames(sequences, actors):
    """Standardise each actor's frames on all frames of that actor, without labels.

    Parameters
    ----------
    sequences : list of ndarray, (frames, features)
        One a clip, of different lengths.
    actors : array-like, (clips,)

    Returns
    -------
    list of ndarray of float32

    Raises
    ------
    EvaluationError
        As ``enroll``.

    Notebook: 13_gru_attention
    """
    lengths = [len(frames) for frames in sequences]
    scaled = enroll(np.concatenate(sequences), np.repeat(np.asarray(actors), lengths))
    return np.split(scaled.astype(np.float32), np.cumsum(lengths)[:-1])


def steps_of(frames, per_step, tempo=1.0, offset=0):
    """Gather frames into steps: the mean and the standard deviation of so many in a row.

    Parameters
    ----------
    frames : ndarray of float, (frames, features)
    per_step : int
    tempo : float
        Above 1 the clip is read faster: frames are interpolated at this spacing.
    offset : int
        Frames that are left out at the begin.

    Returns
    -------
    ndarray of float32, (steps, 2 × features)
        Frames at the end that fill no step are left out.

    Raises
    ------
    ValueError
        Where there are too few frames for one step.

    Notebook: 13_gru_attention
    """
    at = np.arange(offset, len(frames) - 1 + 1e-9, tempo)
    low = at.astype(int)
    share = (at - low)[:, None]
    frames = (1 - share) * frames[low] + share * frames[np.minimum(low + 1, len(frames) - 1)]
    if len(frames) < per_step:
        raise ValueError(f"{len(frames)} frames are too few for a step of {per_step}")
    blocks = frames[: len(frames) // per_step * per_step].reshape(-1, per_step, frames.shape[1])
    return np.concatenate([blocks.mean(axis=1), blocks.std(axis=1)], axis=1).astype(np.float32)


def pad(sequences):
    """Stack sequences of different lengths, zeros at the end: (clips, longest, features)."""
    stacked = np.zeros((len(sequences), max(map(len, sequences)), sequences[0].shape[1]), "float32")
    for row, sequence in zip(stacked, sequences, strict=True):
        row[: len(sequence)] = sequence
    return stacked


def speech_network(n_features, n_classes, units, dense, dropout):
    """Build a small network of one GRU and soft attention, not compiled.

    A dense layer reads each step, a GRU runs over the steps, and attention weighs them. What is
    handed on is their weighted mean and their weighted standard deviation: how the voice is, and
    how much it moves. Padding is masked throughout.

    Parameters
    ----------
    n_features, n_classes, units, dense : int
        Units of the GRU and of the dense layers.
    dropout : float

    Returns
    -------
    keras.Model
        Takes (batch, steps, n_features), zeros where padded; gives probabilities.

    Source: gru-attention, Fig. 3.7, made smaller; the standard deviation after Okabe, Koshinaka &
    Shinoda 2018, Attentive statistics pooling.
    Notebook: 13_gru_attention
    """
    from emolib.models import SoftAttention

    keras = devices.import_keras()
    layers, ops = keras.layers, keras.ops

    def block(x):
        x = layers.Dense(dense, use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        return layers.Dropout(dropout)(x)

    steps = keras.Input((None, n_features))
    x = block(layers.Masking()(steps))
    x = layers.Dropout(dropout)(layers.GRU(units, return_sequences=True, name="gru")(x))
    mean, weights = SoftAttention(return_weights=True, name="attention")(x)
    spread = ops.einsum("bt,btf->bf", weights, ops.square(x)) - ops.square(mean)
    x = layers.Concatenate()([mean, ops.sqrt(ops.maximum(spread, 1e-5))])
    answer = layers.Dense(n_classes, activation="softmax")(block(x))
    return keras.Model(steps, answer, name="speech_gru")


def train_speech_network(sequences, labels, settings=SETTINGS, progress=False):
    """Return a function that trains the network on a fold and answers its test rows.

    Training clips are read at five tempi and from different first frames; batches hold clips of
    about one length; noise, masks (of features, of steps) and mixup (Zhang et al. 2018: two clips
    and their labels blended) make each batch new. The rate rises over a tenth of the training and
    falls by a cosine.

    Parameters
    ----------
    sequences : list of ndarray, (frames, features)
        Standardised anew in each fold, by its training rows.
    labels : array-like, str, (rows,)
    settings : dict
        As ``SETTINGS``.
    progress : bool
        Show a bar of epochs.

    Returns
    -------
    callable
        ``fit_predict(train, validation, test, seed)`` as ``cross_validate`` takes it. The
        validation rows are trained on too: nothing is chosen by them there.

    Notebook: 13_gru_attention
    """
    classes, answers = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    per_step = settings["frames_a_step"]

    def fit_predict(train, validation, test, seed):
        keras = devices.import_keras()
        keras.utils.set_random_seed(seed)
        rng = np.random.default_rng(seed)
        rows = np.concatenate([train, validation])
        copies = [
            [steps_of(sequences[row], per_step, t, k) for t in TEMPI for k in (0, per_step // 2)]
            for row in rows
        ]
        plain = [steps_of(sequences[row], per_step) for row in rows]
        scaler = StandardScaler().fit(np.concatenate(plain))
        copies = [[scaler.transform(copy).astype("float32") for copy in own] for own in copies]
        asked = [scaler.transform(steps_of(sequences[row], per_step)) for row in test]
        sizes = {name: settings[name] for name in ("units", "dense", "dropout")}
        model = speech_network(copies[0][0].shape[1], len(classes), **sizes)
        targets = np.eye(len(classes), dtype="float32")[answers[rows]]
        _fit(keras, model, copies, targets, settings, rng, progress)
        return keras.ops.convert_to_numpy(model(pad(asked), training=False))

    return fit_predict


def _fit(keras, model, copies, targets, settings, rng, progress):
    """Train in place."""
    epochs, batch = settings["epochs"], min(settings["batch"], len(copies))
    total = epochs * (len(copies) // batch)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, total, warmup_target=settings["rate"], warmup_steps=max(total // 10, 1)
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings["decay"])
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=settings["smoothing"])
    model.compile(optimizer, loss)
    for _ in tqdm(range(epochs), desc="epochs", leave=False, disable=not progress):
        for rows in _batches(copies, batch, rng):
            drawn = [copies[row][rng.integers(len(copies[row]))] for row in rows]
            model.train_on_batch(*_blurred(pad(drawn), targets[rows], settings, rng))


def _batches(copies, batch, rng):
    """Return rows in batches of about one length, so that little of a batch is padding."""
    lengths = np.array([len(own[0]) for own in copies]) * np.exp(rng.normal(0, 0.15, len(copies)))
    rows = np.argsort(lengths)
    first = rng.integers(len(rows) % batch + 1)
    rows = rows[first : first + len(rows) // batch * batch].reshape(-1, batch)
    return rng.permutation(rows)


def _blurred(steps, targets, settings, rng):
    """Add noise, hide features and steps, blend each clip with another; padding stays 0."""
    there = (steps != 0).any(axis=2, keepdims=True)
    steps = steps + settings["noise"] * rng.standard_normal(steps.shape, dtype="float32")
    steps *= rng.random((len(steps), 1, steps.shape[2])) >= settings["masked"]
    steps *= rng.random((*steps.shape[:2], 1)) >= settings["masked"]
    steps = np.where(there, steps, 0)
    share = rng.beta(settings["mixup"], settings["mixup"], (len(steps), 1))
    share = np.maximum(share, 1 - share).astype("float32")
    other = rng.permutation(len(steps))
    steps = share[..., None] * steps + (1 - share[..., None]) * steps[other]
    return steps, share * targets + (1 - share) * targets[other]


def joined(parts, rule="product"):
    """Join the answers of several systems to the same rows by a fixed rule.

    Parameters
    ----------
    parts : list of pandas.DataFrame
        Predictions from ``cross_validate``, row by row the same clips.
    rule : str
        As ``late_fusion`` takes it.

    Returns
    -------
    pandas.DataFrame
        As ``cross_validate`` returns it; the seed is the first part's least.

    Raises
    ------
    EvaluationError
        Where the parts answer different rows or folds.

    Notebook: 13_gru_attention
    """
    first, *others = [part.sort_values(["fold", "row"], ignore_index=True) for part in parts]
    for other in others:
        if not first[["fold", "row", "clip"]].equals(other[["fold", "row", "clip"]]):
            raise EvaluationError("the answers to be joined are of different rows or folds")
    columns = [name for name in first if name.startswith("p_")]
    together = late_fusion([part[columns].to_numpy() for part in (first, *others)], rule)
    out = first.assign(seed=first["seed"].min(), **dict(zip(columns, together.T, strict=True)))
    words = np.array([name[2:] for name in columns])
    return out.assign(predicted=words[together.argmax(axis=1)])


def measure(
    table, frames, senses, folds, variant="plain", seeds=(0,), settings=SETTINGS, cache=None, **run
):
    """Let sound, face and both answer every clip of the folds.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table of originals with ``emotion`` and ``actor``.
    frames : list of ndarray, (frames, features)
        From ``voice_frames``, one a row.
    senses : dict of ndarray
        From ``sound_and_face.encode``, a row a clip each.
    folds : list of Fold
    variant : str
        ``plain`` or ``enrolled``: each actor's features standardised on that actor's own clips.
    seeds : sequence of int
        The network is trained once a seed and fold; its answers are their mean.
    settings : dict
        As ``SETTINGS``.
    cache : path, optional
        Of ``sound_and_face.measure``.
    **run
        ``resume`` and ``progress`` of ``cross_validate``.

    Returns
    -------
    dict
        System to predictions as ``cross_validate`` returns them: ``gru-attention-sound``, the
        network; ``…-sound-with-svm``, its product with the sound's support vector machine;
        ``…-both`` and ``…-both-with-svm``, the products of these with the face's machine; and the
        two machines themselves, ``sound-svm`` and ``face-svm``.

    Raises
    ------
    EvaluationError
        Where the variant is unknown; as ``cross_validate`` and ``sound_and_face.measure``.

    Notebook: 13_gru_attention
    """
    if variant not in VARIANTS:
        raise EvaluationError(f"the variant {variant!r} is none of {', '.join(VARIANTS)}")
    if variant == "enrolled":
        frames = enroll_frames(frames, table["actor"])
    labels = table["emotion"].to_numpy(dtype=str)
    fit_predict = train_speech_network(frames, labels, settings)
    decided_by = ["speech_gru", settings, np.concatenate(frames)]
    network = [
        cross_validate(fit_predict, table, labels, folds, seed=s, parameters=decided_by, **run)[0]
        for s in seeds
    ]
    machines = sound_and_face.measure(table, senses, folds, MACHINES, variant, cache=cache)
    return with_machines("gru-attention", joined(network, "mean"), machines)


def with_machines(name, sound, machines):
    """Join a network's answers to the sound with those of the two machines, by products.

    Parameters
    ----------
    name : str
        The network's.
    sound : pandas.DataFrame
        Its predictions.
    machines : dict
        From ``sound_and_face.measure``, of ``MACHINES``.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``NAME-sound``, ``NAME-sound-with-svm``, ``NAME-both`` and ``NAME-both-with-svm``, where
        both takes in the face's machine; then the two machines.

    Notebook: 13_gru_attention
    """
    sound_svm, face_svm = (machines[name][0] for name in MACHINES)
    with_svm = joined([sound, sound_svm])
    return {
        f"{name}-sound": sound,
        f"{name}-sound-with-svm": with_svm,
        f"{name}-both": joined([sound, face_svm]),
        f"{name}-both-with-svm": joined([with_svm, face_svm]),
        "sound-svm": sound_svm,
        "face-svm": face_svm,
    }


def main(arguments=None):
    """Write a record of each system that holds the network, plain and enrolled."""
    options = _parser().parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    table = corpora.load(options.corpus, root).dropna(subset=["audio", "emotion", "actor"])
    table = table.dropna(subset=["action_units"]).reset_index(drop=True)
    folds_file = root / "folds.csv" if root and (root / "folds.csv").is_file() else None
    folds = split(table, "actors", folds_file or 10)
    cache = Path(options.cache)
    frames = feature_sequences(table, voice_frames, RATE, cache=cache / "frames")
    senses = sound_and_face.encode(table, MACHINES_CACHE / "features")
    seeds, settings = list(range(options.seeds)), SETTINGS | {"epochs": options.epochs}
    for variant in VARIANTS if options.variant == "both" else (options.variant,):
        run = {"seeds": seeds, "settings": settings, "resume": cache / "folds"}
        run["cache"] = MACHINES_CACHE / "folds"
        answers = measure(table, frames, senses, folds, variant, **run)
        tests = against(answers)
        for system, predictions in answers.items():
            if system in MACHINES:  # whose records are sound_and_face's
                continue
            written = record(
                system,
                **summarise(predictions),
                corpus=options.corpus,
                protocol="actors",
                variant=variant,
                seeds=seeds,
                folds_file=folds_file.name if folds_file else None,
                n_configurations=TRIED.get(options.corpus, 1),
                profile="full",
                parameters={"folds": len(folds), "seeds are": "averaged", **settings}
                | {"paired": {other: test._asdict() for other, test in tests[system].items()}},
                command="python -m emolib.evaluation.gru_attention_speech "
                f"--corpus {options.corpus} --data-dir DATA_DIR --epochs {options.epochs} "
                f"--seeds {options.seeds}",
                results=options.results,
            )
            print(f"{system:28} {variant:9} {accuracy_of(written)}", tests[system], flush=True)


def against(answers):
    """Test every system against the two machines, clip by clip, over actors.

    Parameters
    ----------
    answers : dict of str to pandas.DataFrame
        From ``measure``.

    Returns
    -------
    dict of str to dict of str to PairedTest
        System, then machine; differences of accuracy, system minus machine.

    Notebook: 13_gru_attention
    """
    sorted_ = {name: own.sort_values("row") for name, own in answers.items()}
    hits = {name: (own["truth"] == own["predicted"]).to_numpy() for name, own in sorted_.items()}
    actors = next(iter(sorted_.values()))["actor"].to_numpy()
    return {
        name: {m: paired_test(hits[name], hits[m], actors) for m in MACHINES if m != name}
        for name in answers
    }


def _parser():
    name = "python -m emolib.evaluation.gru_attention_speech"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--variant", default="both", choices=["both", *VARIANTS])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=SETTINGS["epochs"])
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/gru_attention_speech")
    return parser


if __name__ == "__main__":
    main()
