"""puppets: a synthetic corpus in the shape of RAVDESS speech, made on demand, truth included.

What each sense shows is decided here; ``puppet_voice`` speaks it, ``puppet_acting`` moves the
face and ``puppet_face`` draws it.
"""

import copy
import functools
import hashlib
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.corpora import puppet_acting, puppet_face, puppet_voice
from emolib.corpora.folder import keep
from emolib.corpora.puppet_acting import ACTORS
from emolib.corpora.table import EMOTIONS, CorpusError, clip_table

RECIPES = ("mix", "redundant", "unique", "synergistic")
MIX = {"redundant": 0.75, "unique": 0.15, "synergistic": 0.10}
TOLD_BY_VOICE = ("calm", "sad", "angry", "fearful")  # the recipe "unique"; the face tells the rest
STRENGTH = {"normal": 1.0, "strong": 1.4}
STATEMENTS = {1: "Kids are talking by the door", 2: "Dogs are sitting by the door"}


def _random(clip, purpose):
    """Give a clip its own stream of random numbers, whatever was drawn before."""
    return np.random.default_rng(zlib.crc32(f"{purpose}/{clip}".encode()))


def _senses(recipe, emotion, clip):
    """Return what the voice and what the face show, and the kind of information it makes."""
    draw = _random(clip, "recipe")
    kind = recipe if recipe != "mix" else draw.choice(list(MIX), p=list(MIX.values()))
    if emotion == "neutral" or kind == "redundant":
        return emotion, emotion, kind
    if kind == "unique":
        pair = (emotion, "neutral") if emotion in TOLD_BY_VOICE else ("neutral", emotion)
        return *pair, kind
    # Synergistic: voice a and face b of the seven others mean 4(a + b) mod 7. Whatever the one
    # shows, every label is equally likely; the same emotion twice means itself (4 + 4 = 1 mod 7).
    label = EMOTIONS.index(emotion) - 1
    voice = int(draw.integers(7))
    face = (2 * label - voice) % 7
    return EMOTIONS[1 + voice], EMOTIONS[1 + face], kind


def _trials():
    """Yield the fields of RAVDESS's code without modality, 60 trials an actor."""
    for actor in range(1, ACTORS + 1):
        for number, emotion in enumerate(EMOTIONS, start=1):
            for intensity in (1,) if emotion == "neutral" else (1, 2):
                for statement in (1, 2):
                    for repetition in (1, 2):
                        yield (
                            emotion,
                            f"01-{number:02}-0{intensity}-0{statement}-0{repetition}-{actor:02}",
                        )


def load(root=None, recipe="mix", identity=1.0, cache=None):
    """Return the table of 1,440 synthetic clips: 24 actors, 60 trials each.

    Parameters
    ----------
    root : optional
        Taken as by the other corpora, and not used: nothing is read from anywhere.
    recipe : str
        ``redundant`` (voice and face show the label), ``unique`` (one shows it, the other is
        neutral), ``synergistic`` (only the pair tells) or ``mix`` (75, 15 and 10 %).
    identity : float
        How much of the actor's own voice, look and manner is there, 0 to 1.
    cache : str or path, optional
        Folder in which each clip is kept once it was made, below a name for the code that made
        it; without it a clip is made anew at each reading.

    Returns
    -------
    pandas.DataFrame
        The clip table, with ``sex`` (of voice and look, as RAVDESS numbers its actors), ``kind``
        (of information), ``voice_shows`` and ``face_shows``.

    Raises
    ------
    CorpusError
        Where the recipe is unknown or identity is outside 0 to 1.

    Notebook: 01_corpora_and_labels
    """
    if recipe not in RECIPES:
        raise CorpusError(f"recipe {recipe!r} of the puppets is none of {', '.join(RECIPES)}")
    if not 0 <= identity <= 1:
        raise CorpusError(f"identity {identity} of the puppets is outside 0 to 1")
    # "mix-1" for the whole identity, and every digit of another.
    name = f"{recipe}-{float(identity)!r}".removesuffix(".0")
    if cache is not None:
        name = f"{cache}/puppets-{_code()}/{name}"
    rows = []
    for emotion, clip in _trials():
        _, _, intensity, statement, repetition, actor = clip.split("-")
        voice, face, kind = _senses(recipe, emotion, clip)
        place = f"{name}/{clip}" if cache is None else str(Path(name) / f"{clip}.npz")
        rows.append(
            {
                "clip": clip,
                "corpus": "puppets",
                "actor": actor,
                "label": emotion,
                "emotion": emotion,
                "intensity": "strong" if intensity == "02" else "normal",
                "statement": STATEMENTS[int(statement)],
                "repetition": repetition,
                "audio": place,
                "video": place,
                "action_units": place,
                "sex": "male" if int(actor) % 2 else "female",
                "kind": kind,
                "voice_shows": voice,
                "face_shows": face,
            }
        )
    table = clip_table(rows)
    table.attrs["left_out"] = {}
    return table


@functools.cache
def _code():
    """Hash what makes the puppets, so that no clip that other code made is taken for theirs."""
    room = Path(__file__).parent
    files = [*sorted(room.glob("puppet*.py")), room / "puppet_voices.npz"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def identity_of(row):
    """Return how much of the actor a row of the puppets' table shows, 0 to 1."""
    return float(Path(row["video"]).parent.name.partition("-")[2])


def _shown(row):
    """Return the row's identity, actor, statement and strength as numbers."""
    statement = next(n for n, words in STATEMENTS.items() if words == row["statement"])
    return identity_of(row), int(row["actor"]), statement, STRENGTH[row["intensity"]]


def speak(row):
    """Speak one clip.

    Parameters
    ----------
    row : pandas.Series
        A row of the puppets' table.

    Returns
    -------
    puppet_voice.Voice
        Sound, F0, voicing and phoneme times.

    Notebook: 03_sound_features
    """
    identity, actor, statement, strength = _shown(row)
    said = statement, actor, row["voice_shows"], strength
    return copy.deepcopy(_spoken(row["clip"], identity, *said))


@functools.lru_cache(maxsize=2)  # a clip's copies and its face are asked for right after it
def _spoken(clip, identity, *said):
    return puppet_voice.speak(*said, _random(clip, "voice"), identity)


def act(row):
    """Move the face of one clip, without drawing it.

    Returns
    -------
    action_units : ndarray, float32, (frames, 17)
        Intensities 0 to 5 of ``puppet_acting.ACTION_UNITS``.
    pose : ndarray, float32, (frames, 3)
        Shift right and down in pixels, tilt in radians.

    Notebook: 07_harris_3d
    """
    identity, actor, _, strength = _shown(row)
    voice = speak(row)
    duration = len(voice.signal) / puppet_voice.RATE
    return puppet_acting.act(
        row["face_shows"],
        strength,
        voice.phonemes,
        duration,
        actor,
        _random(row["clip"], "face"),
        identity,
    )


def draw(row):
    """Draw one clip.

    Returns
    -------
    puppet_face.Face
        Frames, action units, face boxes and landmarks.

    Notebook: 07_harris_3d
    """
    identity, actor, _, _ = _shown(row)
    return puppet_face.draw_face(*act(row), actor, identity)


def _kept(row, name):
    """Return the clip's signal or frames from its file, which is made where no whole one is."""
    path = Path(row["video"])
    try:
        with np.load(path, allow_pickle=False) as stored:
            return stored[name]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        made = {"signal": speak(row).signal, "frames": draw(row).frames}
        keep(path, functools.partial(np.savez_compressed, **made))
        return made[name]


def read_audio(row):
    """Return the clip's sound: float32 in [-1, 1], and its rate, 16,000 Hz."""
    kept = str(row["audio"]).endswith(".npz")
    return (_kept(row, "signal") if kept else speak(row).signal), puppet_voice.RATE


def read_frames(row):
    """Return the clip's frames, uint8 (time, 112, 112, 3), and their rate, 30 a second."""
    kept = str(row["video"]).endswith(".npz")
    return (_kept(row, "frames") if kept else draw(row).frames), puppet_acting.FPS


def read_action_units(row):
    """Return the true intensities (0 to 5), one row a frame, one column ``AU01_r`` a unit."""
    names = [f"AU{unit:02}_r" for unit in puppet_acting.ACTION_UNITS]
    return pd.DataFrame(act(row)[0], columns=names)


def read_truth(row):
    """Return all that is known of a clip because we made it.

    Returns
    -------
    dict
        ``f0`` (Hz, 0 where unvoiced) and ``voiced`` every 10 ms; ``phonemes`` as (symbol, start,
        end) in seconds; ``action_units`` (table, a row a frame); ``box`` (x, y, width, height)
        and ``landmarks`` (frames, points, 2) in pixels, named by ``landmark_names``;
        ``voice_shows`` and ``face_shows``.

    Notebook: 00_start_here
    """
    voice, face = speak(row), draw(row)
    names = [f"AU{unit:02}_r" for unit in puppet_acting.ACTION_UNITS]
    return {
        "f0": voice.f0,
        "voiced": voice.voiced,
        "phonemes": voice.phonemes,
        "action_units": pd.DataFrame(face.action_units, columns=names),
        "box": face.box,
        "landmarks": face.landmarks,
        "landmark_names": puppet_face.LANDMARKS,
        "voice_shows": row["voice_shows"],
        "face_shows": row["face_shows"],
    }
