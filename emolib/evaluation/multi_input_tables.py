"""multi-input-cnn's tables, measured: one, two or three pictures of a moment, by two protocols.

``python -m emolib.evaluation.multi_input_tables`` writes the records that notebook 12 shows: of the
paper's networks, of its Tables 3 and 4, and of the two systems that it compares itself with.
"""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm.auto import tqdm

from emolib import corpora, devices, fusion, models, video
from emolib.audio import feature_table, picture
from emolib.audio.pictures import KINDS
from emolib.corpora import puppet_face, puppets
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.record import accuracy_of, record
from emolib.evaluation.splits import add_copies, holdout
from emolib.models.multi_input_cnn import TABLE_3, WIDTHS
from emolib.models.remember import remembered

FIVE = ("happy", "sad", "angry", "fearful", "disgust")
F, OPT, MEL = ("frames",), ("flow",), ("mel",)
# The three mel pictures of a clip; how much noise and pitch is ours, the paper names no amount.
COPIES = ("noise snr_db=15", "pitch semitones=1")
ALTERATIONS = (*COPIES, "shift most=0.3", "stretch rate=0.9")  # Table 4, times 4
CANDIDATES = 10  # evenly spaced frames of a clip, among which three are chosen
LARGEST = 2.0  # pixels a frame, of 112: the motion that a flow picture draws in full colour
SELECTIONS = ("key frames", "uniform", "random")
# The same architecture with fewer filters and units, so that it trains on a processor.
QUICK = {"size": 48, "widths": (8, 16, 32, 64, 128), "dense": (256, 128), "batch": 30}
PAPER = {"size": 64, "widths": WIDTHS, "dense": (2048, 1024), "batch": 30}


@dataclass(frozen=True, eq=False)
class Pictures:
    """The pictures of a corpus's clips, three rows a clip.

    Attributes
    ----------
    rows : pandas.DataFrame
        Clip table with copies 0, 1, 2: the clip's three moments, in the order of time.
    frames, flow : uint8, (clips, candidates, size, size, 3), or None where there is no video
        In the order of the rows' clips.
    mel : float32, (rows, size, size, 1), range [0, 1]
    """

    rows: pd.DataFrame
    frames: np.ndarray | None
    flow: np.ndarray | None
    mel: np.ndarray

    @property
    def seen(self):
        """All pictures. A network of flow alone depends on the frames too: they choose moments."""
        return [self.frames, self.flow, self.mel]

    def part(self, kept):
        """Return the pictures of some clips only; ``kept`` is bool, one a row."""
        kept = np.asarray(kept)
        clips = kept[::3]
        looks = [None if a is None else a[clips] for a in (self.frames, self.flow)]
        return Pictures(self.rows[kept].reset_index(drop=True), *looks, self.mel[kept])


def clip_looks(row, size=48, n=CANDIDATES):
    """Take evenly spaced frames of a clip, and the flow that leads to each.

    Parameters
    ----------
    row : pandas.Series
        A row of the clip table, with video.
    size : int
        Side of the pictures, pixels. The flow is computed at 112 pixels, then made smaller.
    n : int
        How many frames: the middles of n equal parts of the clip.

    Returns
    -------
    frames, flow : ndarray of uint8, (n, size, size, 3)
        The face in RGB, and its motion in colours (``flow_to_color``).

    Raises
    ------
    CorpusError
        As ``video.read_face``.

    Source: multi-input-cnn, sections 6.2 and 7.4.
    Notebook: 12_multi_input_cnn
    """
    if row["corpus"] == "puppets":  # only the frames that are used are drawn
        units, pose = puppets.act(row)
        at = _middles(len(units), n)
        both = np.stack([at - 1, at], axis=1).ravel()
        identity = puppets.identity_of(row)
        drawn = puppet_face.draw_face(units[both], pose[both], int(row["actor"]), identity)
        pairs = drawn.frames.reshape(n, 2, *drawn.frames.shape[1:])
    else:
        frames, _ = video.read_face(row)
        at = _middles(len(frames), n)
        pairs = np.stack([frames[at - 1], frames[at]], axis=1)
    flow = [video.flow_to_color(next(video.dense_flow(pair)), LARGEST) for pair in pairs]
    small = partial(cv2.resize, dsize=(size, size), interpolation=cv2.INTER_AREA)
    return np.stack([small(pair[1]) for pair in pairs]), np.stack([small(f) for f in flow])


def _middles(length, n):
    """Return n frame numbers, evenly spaced; none is the first, which has no frame before it."""
    return np.maximum((np.arange(n) + 0.5) * length / n, 1).astype(int)


def read_pictures(table, size=48, cache=None, progress=True):
    """Make all pictures of a corpus, or read them where they were made before.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table of originals with sound; where any clip has no video, there is sound only.
    size : int
        Side of the pictures, pixels.
    cache : path, optional
        Folder.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Pictures

    Raises
    ------
    CorpusError, EvaluationError
        As ``clip_looks``, ``feature_table`` and ``add_copies``.

    Notebook: 12_multi_input_cnn
    """
    rows = add_copies(table, len(COPIES), recipes=COPIES)
    mel = sound_pictures(rows, size, cache)
    if table["video"].isna().any():
        return Pictures(rows, None, None, mel)
    places = "evaluation/multi_input_tables.py", "corpora", "video"
    looks = remembered(clip_looks, cache, *places)
    originals = rows[rows["copy"] == 0].drop(columns=["recipe"])
    bar = tqdm(originals.iterrows(), desc="faces", total=len(originals), disable=not progress)
    frames, flow = zip(*(looks(row, size) for _, row in bar), strict=True)
    return Pictures(rows, np.stack(frames), np.stack(flow), mel)


def sound_pictures(rows, size=48, cache=None, kind="mel spectrogram"):
    """Return the pictures of whole sounds, with what their recipes change.

    Parameters
    ----------
    rows : pandas.DataFrame
        A clip table, with ``recipe`` or without.
    size : int
        Side, pixels.
    cache : path, optional
    kind : str
        As ``audio.picture`` takes it.

    Returns
    -------
    ndarray of float32, (rows, size, size, 1), range [0, 1]

    Source: multi-input-cnn, Figs 9 and 10.
    Notebook: 12_multi_input_cnn
    """
    function = partial(picture, kind=kind, size=(size, size))
    cache = None if cache is None else Path(cache) / "sound"
    return feature_table(rows, function, rate=16_000, span=None, cache=cache)[..., None]


def choose_moments(pictures, labels, learn, selection="key frames", seed=0):
    """Choose three of each clip's candidate frames.

    Parameters
    ----------
    pictures : Pictures
    labels : ndarray of str, (rows,)
    learn : ndarray of int
        The training rows: the only ones whose labels are looked at.
    selection : str
        ``key frames``: those that a classifier of single frames is surest about
        (``select_key_frames``); ``uniform``: in equal steps; ``random``: by lot.
    seed : int

    Returns
    -------
    ndarray of int, (clips, 3)
        Candidates in the order of time.

    Raises
    ------
    ValueError
        Where the selection is unknown.

    Notes
    -----
    The paper trains its selector on frames picked by hand from *all* clips, those of the test too.
    Ours is a softmax on the frozen ``models.face_encoder``, trained on all candidate frames of the
    training clips.

    Source: multi-input-cnn, sections 7.3 and 7.4.
    Notebook: 12_multi_input_cnn
    """
    clips, n = pictures.frames.shape[:2]
    if selection == "uniform":
        return np.tile((np.arange(3) + 0.5) * n / 3, (clips, 1)).astype(int)
    if selection == "random":
        rng = np.random.default_rng(seed)
        return np.sort([rng.choice(n, 3, replace=False) for _ in range(clips)])
    if selection != SELECTIONS[0]:
        raise ValueError(f"the selection {selection!r} is none of {', '.join(SELECTIONS)}")
    seen = _embeddings(pictures.frames)
    own = np.unique(np.asarray(learn) // 3)  # clips
    selector = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
    selector.fit(np.concatenate(seen[own]), np.repeat(labels[::3][own], n))
    sure = selector.predict_proba(np.concatenate(seen)).reshape(clips, n, -1)
    return np.stack([video.select_key_frames(of_clip) for of_clip in sure])


_ENCODED = {}  # of the last frames only: the same clips are asked for fold after fold


def _embeddings(frames):
    """Return the frozen encoder's answer to every candidate frame, (clips, candidates, 128)."""
    if _ENCODED.get("of") is not frames:
        faces = models.grey_faces(frames.reshape(-1, *frames.shape[2:]))
        given = models.face_encoder().predict(faces, batch_size=256, verbose=0)
        _ENCODED.update(of=frames, given=given.reshape(*frames.shape[:2], -1))
    return _ENCODED["given"]


def moment_pictures(pictures, inputs, chosen):
    """Return what the network takes: the pictures of every row, from 0 to 1, by input.

    Parameters
    ----------
    pictures : Pictures
    inputs : sequence of str
        Of ``frames``, ``flow`` and ``mel``.
    chosen : ndarray of int, (clips, 3)
        The three moments of each clip; not looked at where ``mel`` is the only input.

    Returns
    -------
    dict of ndarray of float32, (rows, size, size, channels)

    Notebook: 12_multi_input_cnn
    """
    given = {}
    for name in inputs:
        if name == "mel":
            given[name] = pictures.mel
        else:
            of_clip = getattr(pictures, name)
            own = of_clip[np.arange(len(of_clip))[:, None], chosen]
            given[name] = own.reshape(-1, *own.shape[2:]).astype(np.float32) / 255
            if name == "flow":  # the fastest pixel of each picture becomes 1
                fastest = given[name].max(axis=(1, 2, 3), keepdims=True)
                given[name] /= np.maximum(fastest, 1 / 255)
    return given


def clip_answer(probabilities, clips):
    """Give each row the mean of the probabilities of all rows of its clip.

    Parameters
    ----------
    probabilities : ndarray of float, (rows, classes)
    clips : array-like, (rows,)
        Names.

    Returns
    -------
    ndarray of float, (rows, classes)

    Notebook: 12_multi_input_cnn
    """
    probabilities = np.asarray(probabilities, float)
    _, of_row, sizes = np.unique(np.asarray(clips, str), return_inverse=True, return_counts=True)
    sums = np.zeros((len(sizes), probabilities.shape[1]))
    np.add.at(sums, of_row, probabilities)
    return (sums / sizes[:, None])[of_row]


def fit(given, answers, n_classes, learn, settings, seed):
    """Train one of the paper's networks on some rows.

    Parameters
    ----------
    given : dict of ndarray, by input
        As ``moment_pictures`` returns it.
    answers : ndarray of int, (rows,)
    n_classes : int
    learn : ndarray of int
        Rows to learn.
    settings : dict
        ``widths``, ``dense``, ``batch``, ``epochs``.
    seed : int

    Returns
    -------
    keras.Model

    Source: multi-input-cnn, section 7.2 (Adam, cross-entropy); the learning rate is Keras's.
    Notebook: 12_multi_input_cnn
    """
    keras = devices.import_keras()
    keras.utils.clear_session()  # else the graphs of all networks before stay in memory
    keras.utils.set_random_seed(seed)
    size = next(iter(given.values())).shape[1]
    model = models.multi_input_cnn(
        tuple(given), n_classes, size, settings["widths"], settings["dense"]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(
        _taken(given, learn), answers[learn], batch_size=settings["batch"],
        epochs=settings["epochs"], verbose=0,
    )  # fmt: skip
    return model


def answer(model, given, rows):
    """Return a model's answers to some rows, 256 at a time.

    Parameters
    ----------
    model : keras.Model
    given : dict of ndarray, by input
    rows : ndarray of int

    Returns
    -------
    ndarray of float, (rows, classes)

    Notebook: 12_multi_input_cnn
    """
    parts = [rows[k : k + 256] for k in range(0, len(rows), 256)]
    to_numpy = devices.import_keras().ops.convert_to_numpy
    # Called, not ``predict``: that would compile a function anew for every network.
    return np.concatenate([to_numpy(model(_taken(given, part), training=False)) for part in parts])


def _taken(given, rows):
    """Return some rows as the model takes them: an array, or a dictionary of several."""
    parts = {name: values[rows] for name, values in given.items()}
    return parts if len(parts) > 1 else next(iter(parts.values()))


def train_network(pictures, labels, inputs, settings, selection="key frames"):
    """Return a function that trains one network on a fold and answers its test clips.

    Parameters
    ----------
    pictures : Pictures
    labels : array-like, str, (rows,)
    inputs : sequence of str
    settings : dict
        As ``fit`` takes it.
    selection : str
        As ``choose_moments`` takes it.

    Returns
    -------
    callable
        ``fit_predict(train, validation, test, seed)`` as ``cross_validate`` takes it. A clip's
        answer is the mean of its three moments'. Nothing is chosen on the validation rows, so they
        are trained on too.

    Source: multi-input-cnn, sections 6 and 7; that the clip is answered, not each moment, is ours.
    Notebook: 12_multi_input_cnn
    """
    classes, answers = _answers(labels)
    clips = pictures.rows["clip"].to_numpy()

    def fit_predict(train, validation, test, seed):
        learn = np.concatenate([train, validation])
        given = _given(pictures, labels, inputs, learn, selection, seed)
        model = fit(given, answers, len(classes), learn, settings, seed)
        return clip_answer(answer(model, given, test), clips[test])

    return fit_predict


def _given(pictures, labels, inputs, learn, selection, seed):
    looks = set(inputs) != {"mel"}
    chosen = choose_moments(pictures, labels, learn, selection, seed) if looks else None
    return moment_pictures(pictures, inputs, chosen)


def _answers(labels):
    """Return sorted classes, and the labels as numbers."""
    return np.unique(np.asarray(labels, str), return_inverse=True)


def fuse_late(pictures, labels, protocol, settings, inputs=(F, MEL)):
    """Return a maker of functions that fuse two networks' posteriors late.

    Each network learns two thirds of the training clips and answers the last third; a judge learns
    from those answers how far to trust whom. The fixed rules of ``late_fusion`` learn nothing.

    Parameters
    ----------
    pictures : Pictures
    labels : array-like, str, (rows,)
    protocol : str
        By which the last third is divided off: as the test part was.
    settings : dict
        As ``fit`` takes it.
    inputs : sequence of sequences of str
        What each network takes.

    Returns
    -------
    callable
        Takes a judge of ``posterior_classifier`` or a rule of ``late_fusion``; returns
        ``fit_predict`` as ``cross_validate`` takes it. All of them share the networks.

    Source: multi-input-cnn, section 7.1, which describes Luna-Jiménez et al. 2021; our networks
    stand in for theirs.
    Notebook: 12_multi_input_cnn
    """
    labels = np.asarray(labels, str)
    original = (pictures.rows["copy"] == 0).to_numpy()
    shared = {}

    def system(judge):
        def fit_predict(train, validation, test, seed):
            learn = np.concatenate([train, validation])
            fold = (seed, learn.tobytes())
            if fold not in shared:
                shared[fold] = _posteriors(
                    pictures, labels, protocol, settings, inputs, learn, test, seed
                )
            held, of_held, of_test = shared[fold]
            if judge in fusion.late.RULES:
                return fusion.late_fusion(of_test, judge)
            once = original[held]  # the three rows of a clip have one answer
            learnt = fusion.posterior_classifier(judge)
            learnt.fit(np.hstack(of_held)[once], labels[held][once])
            return learnt.predict(np.hstack(of_test))

        return fit_predict

    return system


def _posteriors(pictures, labels, protocol, settings, inputs, learn, test, seed):
    """Return the rows held out of the networks' training, and each network's answers."""
    classes, answers = _answers(labels)
    inner = holdout(pictures.rows.iloc[learn].reset_index(drop=True), protocol, 1 / 3, seed)
    own, held = learn[inner.train], learn[inner.test]
    clips = pictures.rows["clip"].to_numpy()
    of_held, of_test = [], []
    for names in inputs:
        given = _given(pictures, labels, names, own, SELECTIONS[0], seed)
        model = fit(given, answers, len(classes), own, settings, seed)
        for rows, kept in ((held, of_held), (test, of_test)):
            kept.append(clip_answer(answer(model, given, rows), clips[rows]))
    return held, of_held, of_test


def train_two_stream_dbn(pictures, labels, settings):
    """Return a function that trains two networks and a deep belief network on their last layers.

    Parameters
    ----------
    pictures : Pictures
        A clip's three moments are its segments.
    labels : array-like, str, (rows,)
    settings : dict
        As ``fit`` takes it.

    Returns
    -------
    callable
        ``fit_predict`` as ``cross_validate`` takes it; returns labels.

    Source: multi-input-cnn, section 6.1, which describes Zhang et al. 2019; our networks of faces
    and of flow stand in for two VGG16.
    Notebook: 12_multi_input_cnn
    """
    labels = np.asarray(labels, str)
    classes, answers = _answers(labels)

    def fit_predict(train, validation, test, seed):
        learn = np.concatenate([train, validation])
        streams = []
        for names in (F, OPT):
            given = _given(pictures, labels, names, learn, SELECTIONS[0], seed)
            model = fit(given, answers, len(classes), learn, settings, seed)
            hidden = devices.import_keras().Model(model.input, model.layers[-3].output)
            streams.append(answer(hidden, given, np.arange(len(labels))))
        segments = np.concatenate(streams, axis=1)
        segments = segments.reshape(len(labels) // 3, 3, -1)
        own = np.unique(learn // 3)
        system = models.two_stream_dbn(seed=seed).fit(segments[own], labels[::3][own])
        return system.predict(segments)[test // 3]

    return fit_predict


def train_on_sound(mel, labels, settings):
    """Return a function that trains the network of sound on rows that each stand alone.

    Parameters
    ----------
    mel : ndarray of float32, (rows, size, size, 1)
    labels : array-like, str, (rows,)
    settings : dict
        As ``fit`` takes it.

    Returns
    -------
    callable
        ``fit_predict`` as ``cross_validate`` takes it.

    Source: multi-input-cnn, section 7.2.
    Notebook: 12_multi_input_cnn
    """
    classes, answers = _answers(labels)

    def fit_predict(train, validation, test, seed):
        learn = np.concatenate([train, validation])
        model = fit({"mel": mel}, answers, len(classes), learn, settings, seed)
        return answer(model, {"mel": mel}, test)

    return fit_predict


@dataclass(frozen=True, eq=False)
class Study:
    """What all tables share.

    Attributes
    ----------
    pictures : Pictures
    settings : dict
        As ``fit`` takes it, and ``size``.
    seeds : sequence of int
    cache : path or None
        Folder for finished folds and for sound.
    """

    pictures: Pictures
    settings: dict
    seeds: tuple = (0,)
    cache: str | None = None

    def of(self, emotions, intensity):
        """Return the pictures of clips with these emotions and this intensity."""
        rows = self.pictures.rows
        kept = rows["emotion"].isin(emotions) & (rows["intensity"] == intensity)
        return self.pictures.part(kept.to_numpy())


@dataclass(frozen=True, eq=False)
class Run:
    """One row of a table: a system's name, the protocol, and what ``cross_validate`` returned."""

    system: str
    protocol: str
    predictions: pd.DataFrame
    summary: dict
    parameters: dict


def measure(study, system, fit_predict, rows, protocol, given, parameters):
    """Hold out a quarter once a seed, by clips or actors; train, and answer it.

    Parameters
    ----------
    study : Study
    system : str
        As ``record`` takes it.
    fit_predict : callable
    rows : pandas.DataFrame
        Clip table with ``emotion``.
    protocol : str
    given : ndarray
        Pictures that the answers depend on, so that finished folds of others are not taken.
    parameters : dict

    Returns
    -------
    Run

    Notebook: 12_multi_input_cnn
    """
    labels = rows["emotion"].to_numpy(str)
    resume = None if study.cache is None else Path(study.cache) / "folds"
    key = [system, study.settings, parameters, given]
    parts = [
        cross_validate(
            fit_predict, rows, labels, [holdout(rows, protocol, 0.25, seed)], seed=seed,
            resume=resume, parameters=key, progress=False,
        )[0]
        for seed in study.seeds
    ]  # fmt: skip
    predictions = pd.concat(parts, ignore_index=True)
    split = "25 % held out, once a seed"
    parameters = {"clips": int((rows["copy"] == 0).sum()), "split": split, **parameters}
    return Run(system, protocol, predictions, summarise(predictions), parameters)


def _networks(study, systems, emotions, intensity, protocols=("clips", "actors"), **choice):
    """Measure networks of several inputs; of a corpus without video those of sound only."""
    own = study.of(emotions, intensity)
    labels = own.rows["emotion"].to_numpy(str)
    kind = {5: intensity}.get(len(emotions), "eight")
    kind = "-".join([kind, *(word.replace(" ", "-") for word in choice.values())])
    for inputs, protocol in ((i, p) for i in systems for p in protocols):
        if own.frames is None and inputs != MEL:
            continue
        system = train_network(own, labels, inputs, study.settings, **choice)
        name = "-".join(["multi-input-cnn", *inputs, kind])
        facts = {"classes": len(emotions), "intensity": intensity, "inputs": " + ".join(inputs)}
        facts |= {"moments": "key frames", **choice}
        yield measure(study, name, system, own.rows, protocol, own.seen, facts)


def table_1(study):
    """Frames, flow, and both (strong clips stand in for acted ones)."""
    return _networks(study, (F + OPT, F, OPT), FIVE, "strong")


def table_2(study):
    """The six pictures of a sound, by the starting network of Table 3."""
    rows = _sounds(study)
    settings = _scaled(study, TABLE_3["starting model"])
    for kind in KINDS:
        pixels = sound_pictures(rows, 64, study.cache, kind)
        name = f"multi-input-cnn-{kind.replace(' ', '-')}"
        yield from _sound_runs(study, name, rows, pixels, settings, {"picture": kind})


def table_3(study):
    """The starting network of sound and its five changes."""
    rows = _sounds(study)
    pixels = sound_pictures(rows, 64, study.cache)  # six blocks need 64 pixels
    for name, change in TABLE_3.items():
        settings = _scaled(study, change)
        system = f"multi-input-cnn-{name.replace(' ', '-')}"
        facts = {"blocks": len(settings["widths"]), "batch": settings["batch"]}
        yield from _sound_runs(study, system, rows, pixels, settings, facts)


def table_4(study):
    """Augmentation: the original, two and four alterations beside it, by three protocols."""
    for n in (0, 2, 4):
        rows = add_copies(_sounds(study), n, recipes=ALTERATIONS)
        pixels = sound_pictures(rows, study.settings["size"], study.cache)
        settings = _scaled(study, TABLE_3["change 3"])
        name, facts = f"multi-input-cnn-augmented-{n}", {"copies": "; ".join(ALTERATIONS[:n])}
        protocols = ("rows", "clips", "actors")
        yield from _sound_runs(study, name, rows, pixels, settings, facts, protocols)


def _sounds(study):
    """Return the table of the strong clips of five emotions, originals only."""
    rows = study.pictures.rows
    kept = rows["emotion"].isin(FIVE) & (rows["intensity"] == "strong") & (rows["copy"] == 0)
    return rows[kept].drop(columns="recipe").reset_index(drop=True)


def _scaled(study, change):
    """Return a row of Table 3 with its widths in proportion to the study's."""
    share = WIDTHS[0] // study.settings["widths"][0]
    widths = tuple(width // share for width in change["widths"])
    return {**study.settings, "widths": widths, "batch": change["batch"]}


def _sound_runs(study, name, rows, pixels, settings, facts, protocols=("clips", "actors")):
    labels = rows["emotion"].to_numpy(str)
    facts = {"classes": 5, "intensity": "strong", "inputs": "sound", **facts}
    facts |= {"size": pixels.shape[1], "widths": list(settings["widths"])}
    for protocol in protocols:
        system = train_on_sound(pixels, labels, settings)
        yield measure(study, name, system, rows, protocol, pixels, facts)


def table_6(study):
    """Pairs and all three (strong clips stand in for acted ones)."""
    return _networks(study, (F + OPT, OPT + MEL, F + MEL, F + OPT + MEL), FIVE, "strong")


def table_7(study):
    """One, two and three inputs on clips of normal intensity."""
    return _networks(study, (F, OPT, MEL, F + MEL, F + OPT + MEL), FIVE, "normal")


def table_8(study):
    """One, two and three inputs on clips of strong intensity."""
    return _networks(study, (F, OPT, MEL, F + MEL, F + OPT + MEL), FIVE, "strong")


def eight_labels(study):
    """Frames and sound, all eight emotions, normal intensity (section 8)."""
    return _networks(study, (F + MEL,), corpora.EMOTIONS, "normal")


def key_frames(study):
    """Frames chosen in equal steps and by lot, beside Table 8's key frames (section 7.3)."""
    for selection in SELECTIONS[1:]:
        yield from _networks(study, (F,), FIVE, "strong", selection=selection)


def rivals(study):
    """The two systems that the paper compares itself with, on strong clips of five emotions."""
    own = study.of(FIVE, "strong")
    if own.frames is None:
        return
    labels = own.rows["emotion"].to_numpy(str)
    facts = {"classes": 5, "intensity": "strong"}
    for protocol in ("clips", "actors"):
        late = fuse_late(own, labels, protocol, study.settings)
        for judge in (*fusion.late.JUDGES, "product"):
            name = f"late-{judge.replace(' ', '-')}-strong"
            inputs = {"inputs": "frames, mel", "judge": judge}
            yield measure(study, name, late(judge), own.rows, protocol, own.seen, facts | inputs)
        system = train_two_stream_dbn(own, labels, study.settings)
        inputs = {"inputs": "frames, flow"}
        name = "two-stream-dbn-strong"
        yield measure(study, name, system, own.rows, protocol, own.seen, facts | inputs)


TABLES = (
    table_8, table_7, rivals, table_6, table_1, table_4, table_3, table_2, eight_labels, key_frames,
)  # fmt: skip


def main(arguments=None):
    """Measure the tables and write a record a row."""
    options = _parser().parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    table = corpora.load(options.corpus, root).dropna(subset=["audio", "emotion", "actor"])
    if options.profile == "quick":  # half of the clips
        table = table[table["statement"] == table["statement"].iloc[0]]
    sizes = PAPER if options.profile == "paper" else QUICK
    settings = {**sizes, "epochs": options.epochs}
    pictures = read_pictures(table, settings["size"], options.cache)
    study = Study(pictures, settings, tuple(range(options.seeds)), options.cache)
    for make in TABLES:
        if options.tables and make.__name__ not in options.tables:
            continue
        for run in make(study):
            written = _record(run, study, options)
            sentence = f"{make.__name__:12} {run.system:45} {run.protocol:6}"
            print(sentence, accuracy_of(written), flush=True)


def _record(run, study, options):
    own = {k: list(v) if isinstance(v, tuple) else v for k, v in study.settings.items()}
    return record(
        run.system,
        **run.summary,
        corpus=options.corpus,
        protocol=run.protocol,
        seeds=list(study.seeds),
        profile=options.profile,
        parameters={**own, **run.parameters},
        command="python -m emolib.evaluation.multi_input_tables "
        f"--corpus {options.corpus} --profile {options.profile} --epochs {options.epochs} "
        f"--seeds {options.seeds} --data-dir DATA_DIR",
        results=options.results,
    )


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.multi_input_tables", description=__doc__
    )
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--profile", default="quick", choices=["quick", "full", "paper"])
    parser.add_argument("--tables", nargs="*", choices=[make.__name__ for make in TABLES])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=40, help="the paper's tables end at 40")
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/multi_input", help="pictures and folds")
    return parser


if __name__ == "__main__":
    main()
