"""One clip through all five systems: what each answers, looks at, or lacks to answer."""

import os
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from emolib import corpora, devices, video
from emolib.audio import audio_features_162, functionals, mfcc, picture, spectrogram_parts
from emolib.corpora import puppet_acting, puppet_face, puppet_voice, puppets
from emolib.corpora.folder import SOUND, VIDEO
from emolib.corpora.shipped import shipped
from emolib.corpora.table import CorpusError
from emolib.models.dv_emotionnet import dv_emotionnet
from emolib.models.face_encoder import WEIGHTS, face_encoder, grey_faces
from emolib.models.gru_attention import gru_attention
from emolib.models.low_rank_network import low_rank_network
from emolib.models.multi_input_cnn import multi_input_cnn
from emolib.models.remember import remembered
from emolib.video.faces import CONFIDENT, speaker

RATE = 16_000  # Hz, for all five
LOOKS = 12  # faces of a clip, evenly spaced: two a snippet
SNIPPETS = 6
SIDE = 96  # pixels of a face
LONGEST_S = 10  # of a clip of one's own; what comes later is not used
LARGEST_MB = 100
FPS = 8  # at which the frames of a file are looked through
SOUND_ONLY = SOUND | {".m4a", ".mp3", ".ogg", ".opus", ".aac"}
SEEN = VIDEO | {".m4v", ".3gp"}

# What each system takes of a clip: from which sense, and which of the sense's numbers.
SYSTEMS = {
    "dv-emotionnet": {"sound": "statistics"},
    "multi-input-cnn": {"face": "frames", "sound": "mel"},
    "gru-attention": {"sound": "steps", "face": "embeddings"},
    "av-attention": {"sound": "parts", "face": "places"},
    "low-rank": {"sound": "functionals", "face": "mean"},
}
NAMES = {"sound": "audio", "face": "video"}  # what the networks call the senses
# Rows of the 162 statistics, see ``audio_features_162``.
BLOCKS = {
    "zero crossings": slice(0, 1),
    "chroma": slice(1, 13),
    "MFCC": slice(13, 33),
    "energy": slice(33, 34),
    "mel spectrum": slice(34, 162),
}


@dataclass(frozen=True, eq=False)
class Sense:
    """The sound or the face of one clip.

    Attributes
    ----------
    kind : str
        ``sound`` or ``face``.
    signal : ndarray
        Sound: float32 (samples,) in [-1, 1] at 16 kHz. Face: uint8 (12, 96, 96, 3), aligned faces
        at equal distances in time, RGB.
    """

    kind: str
    signal: np.ndarray

    @cached_property
    def numbers(self):
        """What the systems take of this sense: name to array, measured at the first use."""
        return _heard(self.signal) if self.kind == "sound" else _seen(self.signal)


def _heard(signal):
    steps = mfcc(signal, RATE, 13, n_fft=1024, hop_length=640, n_mels=40).T
    parts = spectrogram_parts(signal, RATE, SNIPPETS, (48, 48))
    return {
        "statistics": audio_features_162(signal, RATE),
        "mel": picture(signal, RATE, "mel spectrogram", (48, 48))[..., None],
        "steps": steps,
        "parts": np.concatenate([parts.mean(axis=2), parts.std(axis=2)], axis=1),
        "functionals": functionals(signal, RATE),
    }


def _seen(faces):
    maps, embeddings = _encoder().predict_on_batch(grey_faces(faces))
    places = maps.reshape(SNIPPETS, -1, 36, maps.shape[-1]).mean(axis=1)
    small = partial(cv2.resize, dsize=(48, 48), interpolation=cv2.INTER_AREA)
    frames = np.stack([small(faces[k]) for k in (2, 6, 9)]).astype(np.float32) / 255
    return {
        "frames": frames,
        "embeddings": embeddings,
        "places": places,
        "mean": np.concatenate([embeddings.mean(axis=0), embeddings.std(axis=0)]),
    }


@cache
def _encoder():
    """The shipped face encoder with two outputs: 6 x 6 places of 64 maps, and its embedding."""
    keras = devices.import_keras()
    encoder = face_encoder()
    early = [one.output for one in encoder.layers if one.output.shape[1:] == (12, 12, 64)][-1]
    places = keras.layers.AveragePooling2D(2)(early)
    return keras.Model(encoder.input, [places, encoder.output])


# Reading a clip


def read_clip(source):
    """Read what the systems take of a clip, and say what it lacks.

    Parameters
    ----------
    source : pandas.Series, str or path
        A row of a clip table, or a file: mp4, mov, webm and what else holds a video; wav, m4a and
        what else holds a sound. Of a file its first 10 s are used.

    Returns
    -------
    dict of str to Sense or str
        ``sound`` and ``face``. A sense that cannot be had is a sentence that says why, and the
        remedy: nothing is raised, whatever the file holds.

    Notebook: 20_your_own_clip
    """
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        why = _no_clip(path)
        if why:
            return {"sound": why, "face": why}
        source = {"clip": path.name, "corpus": "own", "audio": str(path), "video": str(path)}
    return {kind: _sense(kind, _read, source) for kind in NAMES}


def read_clips(table, cache=None):
    """Read the clips of a table and measure what the systems take of them.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table.
    cache : path, optional
        Folder that keeps each sense that can be had, under the clip's row, the face encoder's
        weights and the text of what reads and measures it.

    Returns
    -------
    list of dict
        As ``read_clip``, in the table's order.

    Notebook: 20_your_own_clip
    """
    code = "models/five_systems.py", "models/face_encoder.py", "corpora", "audio", "video"
    measure = remembered(_measured, cache, *code, shipped(WEIGHTS))
    rows = [row for _, row in table.iterrows()]
    return [{kind: _sense(kind, measure, row) for kind in NAMES} for row in rows]


def _read(kind, source):
    return Sense(kind, _sound(source) if kind == "sound" else _faces(source))


def _measured(kind, source):
    sense = _read(kind, source)
    sense.numbers  # noqa: B018, measured at its first use
    return sense


def _sense(kind, read, source):
    try:
        return read(kind, source)
    except CorpusError as error:
        # A file's name is enough; its folder is nobody's business.
        file = str(source["audio"] if kind == "sound" else source["video"])
        return str(error).replace(file, Path(file).name)


def _no_clip(path):
    """Say why a file is no clip, or nothing."""
    if not os.path.isfile(path):  # False also where the name is too long to be one
        return (
            f"{path.name or 'no name'}: no such file. Give the path as seen from the notebook's "
            "folder, or the whole path; on a hosted machine upload the file first"
        )
    if path.suffix.lower() not in SOUND_ONLY | SEEN:
        return (
            f"{path.name}: no sound and no video by its ending {path.suffix!r}. Give an mp4, mov "
            "or webm, or for the voice alone a wav or m4a"
        )
    megabytes = path.stat().st_size / 1e6
    if not megabytes:
        return f"{path.name}: the file is empty. Record or upload it again"
    if megabytes > LARGEST_MB:
        return f"{path.name}: {megabytes:.0f} MB. Cut it to the {LONGEST_S} s that count"
    return ""


def _sound(row):
    signal, _ = corpora.read_audio(row, RATE)
    signal = signal[: LONGEST_S * RATE]
    if len(signal) < 0.25 * RATE:
        raise CorpusError(f"{row['clip']}: {len(signal) / RATE:.2f} s of sound; speak a sentence")
    try:
        functionals(signal, RATE)
    except ValueError as error:
        raise CorpusError(f"{row['clip']}: {error}; speak nearer to the microphone") from error
    return signal


def _faces(row):
    if row["corpus"] == "puppets":
        identity = puppets.identity_of(row)
        return _drawn(*puppets.act(row), int(row["actor"]), identity)
    if row["corpus"] == "own" and Path(str(row["video"])).suffix.lower() in SOUND_ONLY:
        raise CorpusError(f"{row['clip']}: sound only, nobody is seen. Film the face as well")
    frames = list(islice(_small_frames(row), LONGEST_S * FPS))
    chosen = [frames[int((k + 0.5) * len(frames) / LOOKS)] for k in range(LOOKS)]
    points = _followed(video.detect_faces_in(chosen), row["clip"])
    return np.stack([_cut(frame, own) for frame, own in zip(chosen, points, strict=True)])


def _small_frames(row):
    """Yield frames of at most 480 pixels: a phone's are so large that ten seconds fill a memory."""
    for frame, _ in corpora.iter_video(row, fps=FPS):
        scale = 480 / max(frame.shape[:2])
        if scale < 1:
            frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        yield frame


def _followed(found, clip):
    """Return the five points of the one face in each frame, of its neighbour where it has none."""
    several = sum(_people(faces) > 1 for faces in found)
    if several >= len(found) / 2:
        raise CorpusError(
            f"{clip}: two faces or more in {several} of {len(found)} frames, and nothing tells who "
            "speaks. Crop the picture to one person, or film one alone"
        )
    points, last = [], None
    for faces in found:
        face = speaker(faces, last)
        last = face or last
        points.append(None if face is None else face.points)
    known = [k for k, own in enumerate(points) if own is not None]
    if len(known) < len(found) / 2:
        raise CorpusError(
            f"{clip}: a face from the front in {len(known)} of {len(found)} frames. Film it lit, "
            "from the front, and at least a tenth of the picture high"
        )
    return [points[min(known, key=lambda other: abs(other - k))] for k in range(len(points))]


def _people(faces):
    """Count the sure faces at least half as high as the highest: not those on a poster behind."""
    heights = [face.box[3] for face in faces if face.confidence >= CONFIDENT]
    return sum(height >= max(heights) / 2 for height in heights)


def _cut(frame, points):
    large = video.align_face(frame, points, 2 * SIDE)
    return cv2.resize(large, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _drawn(units, pose, actor, identity=1.0):
    """Draw twelve frames of a puppet and cut its face out by its true points."""
    at = ((np.arange(LOOKS) + 0.5) * len(units) / LOOKS).astype(int)
    drawn = puppet_face.draw_face(units[at], pose[at], actor, identity)
    pairs = zip(drawn.frames, drawn.landmarks[:, :5], strict=True)
    return np.stack([_cut(frame, points) for frame, points in pairs])


def pose_puppet(voice="happy", face="happy", strength=1.0, actor=1, seed=0):
    """Let a puppet say a sentence: a clip that nobody had to record.

    Parameters
    ----------
    voice, face : str
        What each shows, of ``EMOTIONS``; they may differ.
    strength : float
        0 (nothing of it) to 2; 1 is normal.
    actor : int
        1 to 24.
    seed : int
        Draws how this trial comes out.

    Returns
    -------
    dict of str to Sense
        As ``read_clip``.

    Raises
    ------
    CorpusError
        Where an argument is out of its range.

    Notebook: 20_your_own_clip
    """
    rng = np.random.default_rng(seed)
    spoken = puppet_voice.speak(1, actor, voice, strength, rng)
    seconds = len(spoken.signal) / RATE
    acted = puppet_acting.act(face, strength, spoken.phonemes, seconds, actor, rng)
    return {"sound": Sense("sound", spoken.signal), "face": Sense("face", _drawn(*acted, actor))}


# The systems


@dataclass
class FiveSystems:
    """The five systems at sizes that train in seconds, on senses that all their clips have.

    av-attention has the course's face encoder, frozen, where the paper trains a 3-D residual
    network: its attentions and their order are the paper's. multi-input-cnn takes three moments of
    a clip and answers by their mean; it has no flow here. low-rank sees mean and deviation of the
    encoder's embedding.

    Attributes
    ----------
    classes : tuple of str
        The emotions of the training clips, in the order of the probabilities.
    senses : tuple of str
        Those that every training clip has.
    networks : dict of str to keras.Model
    """

    classes: tuple = ()
    senses: tuple = ()
    networks: dict = field(default_factory=dict)
    scales: dict = field(default_factory=dict)

    def fit(self, clips, labels, seed=0, epochs=None):
        """Train all five.

        Parameters
        ----------
        clips : list of dict
            As ``read_clip`` returns them.
        labels : sequence of str
            Two emotions or more.
        seed : int
        epochs : int, optional
            Of each; without it each has its own number.

        Returns
        -------
        FiveSystems
            Itself.

        Raises
        ------
        ValueError
            Where there are not as many labels as clips, one class only, or a clip has no sound:
            dv-emotionnet does nothing but listen.

        Notebook: 20_your_own_clip
        """
        labels = np.asarray(labels, dtype=str)
        self.classes = tuple(e for e in corpora.EMOTIONS if e in set(labels))
        silent = [clip["sound"] for clip in clips if isinstance(clip["sound"], str)]
        if len(labels) != len(clips) or len(self.classes) < 2 or silent:
            raise ValueError(
                f"{len(clips)} clips, {len(labels)} labels of {len(self.classes)} emotions, "
                f"{len(silent)} clips without sound {silent[:1]}: each clip needs its label and a "
                "sound, and there must be two emotions or more"
            )
        faces = not any(isinstance(clip["face"], str) for clip in clips)
        self.senses = ("sound", "face") if faces else ("sound",)
        keras = devices.import_keras()
        for system in SYSTEMS:
            keras.utils.set_random_seed(seed)
            self._train(keras, system, clips, labels, epochs)
        return self

    def _train(self, keras, system, clips, labels, epochs):
        self.scales[system] = {
            name: _scale(system, [clip[sense].numbers[taken] for clip in clips])
            for sense, name, taken in self.taken(system)
        }
        build, rate, own_epochs = BUILD[system]
        answers = np.array([self.classes.index(label) for label in labels])
        given = self.inputs(system, clips)
        if "frames" in given:
            answers = answers.repeat(3)
        network = build(given, len(self.classes))
        # Without XLA: five compilations would take longer than the training.
        network.compile(
            keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", jit_compile=False
        )
        network.fit(_of(network, given), answers, 16, epochs or own_epochs, verbose=0)
        self.networks[system] = network

    def taken(self, system):
        """Return (sense, the network's name of it, the numbers taken) of each sense it uses."""
        return [
            (sense, "frames" if numbers == "frames" else _name(system, sense), numbers)
            for sense, numbers in SYSTEMS[system].items()
            if sense in self.senses
        ]

    def inputs(self, system, clips):
        """Return what a system's network takes of clips that have all it needs: name to array."""
        given = {}
        for sense, name, taken in self.taken(system):
            centre, spread = self.scales[system][name]
            arrays = [(clip[sense].numbers[taken] - centre) / spread for clip in clips]
            given[name] = _stacked(arrays)
        if "frames" in given:  # three moments a clip
            given["frames"] = given["frames"].reshape(-1, *given["frames"].shape[2:])
            given["mel"] = given["mel"].repeat(3, axis=0)
        return {name: values.astype(np.float32) for name, values in given.items()}

    def why_not(self, system, clip):
        """Say why a system cannot answer a clip, and what to do; "" where it can.

        Notebook: 20_your_own_clip
        """
        lacking = [s for s, _, _ in self.taken(system) if isinstance(clip[s], str)]
        return " ".join(f"It needs the {s}. {clip[s]}." for s in lacking)

    def probabilities(self, clips):
        """Ask all five.

        Parameters
        ----------
        clips : list of dict
            As ``read_clip`` returns them.

        Returns
        -------
        dict of str to ndarray of float, (clips, classes)
            By system; NaN throughout where it cannot answer, see ``why_not``.

        Notebook: 20_your_own_clip
        """
        found = {}
        for system in SYSTEMS:
            able = np.array([not self.why_not(system, clip) for clip in clips])
            found[system] = np.full((len(clips), len(self.classes)), np.nan)
            rows = np.flatnonzero(able)
            for part in (rows[k : k + 16] for k in range(0, len(rows), 16)):  # to spare memory
                given = self.inputs(system, [clips[row] for row in part])
                found[system][part] = self._ask(system, given)
        return found

    def _ask(self, system, given):
        network = self.networks[system]
        answers = np.asarray(network.predict_on_batch(_of(network, given)), float)
        if "frames" in given:
            return answers.reshape(-1, 3, answers.shape[1]).mean(axis=1)
        return answers

    def attended(self, clip):
        """Say what each system that can answer attended to in a clip.

        Parameters
        ----------
        clip : dict
            As ``read_clip`` returns it.

        Returns
        -------
        dict of str to dict of ndarray
            ``gru-attention``: ``audio`` (steps of 40 ms,) and ``video`` (12,), weights with the sum
            1. ``av-attention``: ``audio`` and ``video`` (6,), how much each snippet is looked at;
            ``places`` (6, 6, 6), weights of each snippet's places; ``corr`` (6, 6), sound by face.
            ``dv-emotionnet``: by block of features, how much the answer's probability falls when
            the block is set to its mean over the training clips. ``low-rank``: ``sound`` and
            ``face`` (classes,), the answer with the other sense at its mean. What a sense shows is
            left out where the system does not use it. ``multi-input-cnn``: ``squares`` (6, 6), how
            much the answer's probability falls when that square of the face is grey.

        Notebook: 20_your_own_clip
        """
        look = {
            "dv-emotionnet": self._blocks,
            "multi-input-cnn": self._squares,
            "gru-attention": self._steps,
            "av-attention": self._snippets,
            "low-rank": self._alone,
        }
        return {
            system: function(self.inputs(system, [clip]))
            for system, function in look.items()
            if not self.why_not(system, clip)
        }

    def _blocks(self, given):
        whole = given["audio"]
        copies = np.repeat(whole, 1 + len(BLOCKS), axis=0)
        for row, block in zip(copies[1:], BLOCKS.values(), strict=True):
            row[block] = 0  # standardised: the mean of the training clips
        answers = self._ask("dv-emotionnet", {"audio": copies})
        said = answers[0].argmax()
        return {
            name: answers[0, said] - own[said]
            for name, own in zip(BLOCKS, answers[1:], strict=True)
        }

    def _squares(self, given):
        if "frames" not in given:
            return {}
        side = given["frames"].shape[1] // 6
        pictures = np.tile(given["frames"], (37, 1, 1, 1)).reshape(37, 3, 6, side, 6, side, 3)
        for k, (row, column) in enumerate(np.ndindex(6, 6), start=1):
            pictures[k, :, row, :, column] = 0.5
        pictures = pictures.reshape(-1, *given["frames"].shape[1:])
        copies = {"frames": pictures, "mel": np.repeat(given["mel"][:1], len(pictures), axis=0)}
        answers = self._ask("multi-input-cnn", copies)
        said = answers[0].argmax()
        return {"squares": (answers[0, said] - answers[1:, said]).reshape(6, 6)}

    def _steps(self, given):
        return {
            name: weights[0]
            for name, weights in self._weights("gru-attention", given, "{}_attention").items()
        }

    def _snippets(self, given):
        found = self._weights("av-attention", given, "{}_temporal")
        found = {name: weights[0].mean(axis=(0, 1)) for name, weights in found.items()}
        if len(given) > 1:
            network = self.networks["av-attention"]
            layers = [
                network.get_layer(name).output[1] for name in ("video_spatial", "cross_modal")
            ]
            space, corr = devices.import_keras().Model(network.input, layers)(given)
            places = np.asarray(space)[0].mean(axis=(1, 2)).reshape(SNIPPETS, 6, 6)
            found |= {"places": places, "corr": np.asarray(corr)[0]}
        return found

    def _weights(self, system, given, layer):
        network, keras = self.networks[system], devices.import_keras()
        outputs = {name: network.get_layer(layer.format(name)).output[1] for name in given}
        found = keras.Model(network.input, outputs)(_of(network, given))
        return {name: np.asarray(weights) for name, weights in found.items()}

    def _alone(self, given):
        found = {}
        for sense, name, _ in self.taken("low-rank"):
            others = {n: v if n == name else np.zeros_like(v) for n, v in given.items()}
            found[sense] = self._ask("low-rank", others)[0]
        return found


def _name(system, sense):
    return "mel" if system == "multi-input-cnn" else NAMES[sense]


def _of(network, given):
    """Return inputs as a network takes them: one array, or a dictionary."""
    bare = len(given) == 1 and network.name != "low_rank"
    return next(iter(given.values())) if bare else given


def _scale(system, arrays):
    """Return mean and deviation of each feature over training clips, and steps where it has some.

    Pictures stay from 0 to 1.
    """
    if system == "multi-input-cnn":
        return 0.0, 1.0
    rows = np.concatenate([np.reshape(a, (-1, np.shape(a)[-1])) for a in arrays])
    return rows.mean(axis=0), rows.std(axis=0) + 1e-6


def _stacked(arrays):
    """Stack, with zeros at the end of what is shorter."""
    longest = max(len(a) for a in arrays)
    out = np.zeros((len(arrays), longest, *arrays[0].shape[1:]))
    for row, own in zip(out, arrays, strict=True):
        row[: len(own)] = own
    return out


def _dv_emotionnet(given, n_classes):
    return dv_emotionnet(given["audio"].shape[1], n_classes)


def _multi_input_cnn(given, n_classes):
    return multi_input_cnn(tuple(given), n_classes, 48, (8, 16, 32, 64, 128), (128, 64))


def _gru_attention(given, n_classes):
    features = {name: values.shape[2] for name, values in given.items()}
    size = {"layers": 1, "units": 48, "dense": 32, "batch_norm": False}
    return gru_attention(list(given), n_classes, features, **size)


def _av_attention(given, n_classes):
    """av-attention's attentions (eqs 1 to 11) over maps of a frozen encoder and parts of sound."""
    from emolib.fusion.cross_modal import CrossModalAttention
    from emolib.models.self_attention import ChannelAttention, SpatialAttention, TemporalAttention

    keras = devices.import_keras()
    taken = {name: keras.Input(values.shape[1:], name=name) for name, values in given.items()}
    senses = {}
    for name, x in taken.items():
        x = keras.layers.Dropout(0.3)(keras.layers.Dense(32)(x))
        if name == "video":
            x, _ = SpatialAttention(8, return_weights=True, name="video_spatial")(x)
            x = ChannelAttention(8, name="video_channel")(x)
            x = keras.ops.mean(x, axis=2)
        time = TemporalAttention(8, 32, return_weights=True, name=f"{name}_temporal")
        senses[name] = time(x)[0]
    x = senses["audio"]
    if len(senses) > 1:
        layer = CrossModalAttention(return_correlation=True, name="cross_modal")
        x = layer([senses["audio"], senses["video"]])[0]
    x = keras.layers.Dropout(0.3)(keras.ops.mean(x, axis=1))
    answer = keras.layers.Dense(n_classes, activation="softmax")(x)
    taken = taken if len(taken) > 1 else taken["audio"]
    return keras.Model(taken, answer, name="av_attention")


def _low_rank(given, n_classes):
    shapes = {name: values.shape[1:] for name, values in given.items()}
    return low_rank_network(shapes, n_classes, lengths=32, dropout=0.4)


# How a network is built, Adam's rate, and epochs: as few as let it learn sixty puppet clips.
BUILD = {
    "dv-emotionnet": (_dv_emotionnet, 2e-3, 12),
    "multi-input-cnn": (_multi_input_cnn, 1e-3, 16),
    "gru-attention": (_gru_attention, 4e-3, 12),
    "av-attention": (_av_attention, 4e-3, 12),
    "low-rank": (_low_rank, 3e-3, 15),
}
