"""How the puppets act: an emotion, an actor and chance become facial action units over time."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from emolib.corpora.table import EMOTIONS, CorpusError

FPS = 30
ACTION_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 17, 20, 23, 25, 26, 27, 43)
ACTORS = 24

# The units of each emotion, with their intensity (0 to 5) at strength 1. The units follow the
# prototypes of Ekman & Friesen's EMFACS; the intensities are ours. Calm is a weak smile under
# relaxed lids, and the eyes of the sad hang a little.
PROTOTYPES = {
    "neutral": {},
    "calm": {12: 0.9, 43: 0.7},
    "happy": {6: 2.8, 12: 3.4, 25: 1.4},
    "sad": {1: 3.0, 4: 1.7, 15: 2.8, 17: 1.7, 43: 0.7},
    "angry": {4: 3.4, 5: 1.4, 7: 2.4, 23: 2.8},
    "fearful": {1: 2.9, 2: 2.6, 4: 0.9, 5: 2.9, 20: 1.6, 25: 1.8, 26: 2.0},
    "disgust": {4: 1.2, 7: 1.5, 9: 3.3, 10: 2.7, 15: 1.4, 17: 1.6},
    "surprised": {1: 3.0, 2: 3.1, 5: 2.8, 25: 1.8, 26: 2.5, 27: 0.7},
}

# Three sizes set how hard the puppets are to read; the card of the puppets states what they yield.
EMOTION_EFFECT = 1.0  # scales every intensity of PROTOTYPES
ACTOR_EFFECT = 1.3  # how much actors differ in resting face and in their way with each emotion
TRIAL_SCATTER = 1.1  # how much one actor's trials of one emotion differ

# What speech does to units 20, 23, 25, 26 and 27, by the sound's first letter, in IPA or in
# espeak-ng's ASCII. Rounding has no unit of its own here: unit 23, which narrows the mouth,
# shows it.
SPEECH_UNITS = (20, 23, 25, 26, 27)
SPEECH = {
    **dict.fromkeys("aAæɑɐVʌ", (0.0, 0.0, 2.6, 2.6, 0.5)),
    **dict.fromkeys("eEɛɜ3@əᵻ", (0.6, 0.0, 2.2, 1.4, 0.0)),
    **dict.fromkeys("oOɔ0ɒ", (0.0, 1.2, 2.4, 2.0, 0.0)),
    **dict.fromkeys("iIɪ", (1.2, 0.0, 1.8, 0.7, 0.0)),
    **dict.fromkeys("uUʊw", (0.0, 2.4, 1.4, 0.7, 0.0)),
    **dict.fromkeys("fv", (0.4, 0.4, 0.7, 0.3, 0.0)),
    **dict.fromkeys("pbm_", (0.0, 0.0, 0.0, 0.0, 0.0)),
}
OTHER_SOUND = (0.3, 0.0, 1.3, 0.6, 0.0)  # the other consonants, and symbols that we do not know

_COLUMN = {unit: i for i, unit in enumerate(ACTION_UNITS)}
_PROTOTYPE = np.zeros((len(EMOTIONS), len(ACTION_UNITS)))
for _i, _emotion in enumerate(EMOTIONS):
    for _unit, _intensity in PROTOTYPES[_emotion].items():
        _PROTOTYPE[_i, _COLUMN[_unit]] = _intensity


def check_actor(actor, identity):
    """Raise ``CorpusError`` where the actor is none of 1 to 24 or identity is outside 0 to 1."""
    if actor not in range(1, ACTORS + 1):
        raise CorpusError(f"puppet actor {actor!r}: choose a whole number from 1 to {ACTORS}")
    if not 0 <= identity <= 1:
        raise CorpusError(f"identity {identity!r}: choose a number from 0 (no actor cue) to 1")


def _times(duration):
    """Midpoints of the frames of `duration` seconds."""
    if not (np.isfinite(duration) and round(duration * FPS) >= 1):
        raise CorpusError(f"duration {duration!r} s: a puppet clip holds at least one frame")
    return (np.arange(round(duration * FPS)) + 0.5) / FPS


def _manner(actor, identity):
    """An actor's resting face (17,) and gains and habits with each emotion, both (8, 17)."""
    own = np.random.default_rng([2024, actor])
    size = ACTOR_EFFECT * identity
    rest = np.maximum(own.normal(-0.1, 0.45, len(ACTION_UNITS)), 0)
    rest[[_COLUMN[u] for u in (9, 10, 20, 23, 25, 26, 27, 43)]] *= 0.25
    gain = np.exp(size * own.normal(0, 0.35, _PROTOTYPE.shape))
    # a habit is a unit that this actor adds to this emotion
    habit = own.exponential(0.9, _PROTOTYPE.shape) * (own.random(_PROTOTYPE.shape) < 0.12)
    habit[:, [_COLUMN[25], _COLUMN[27], _COLUMN[43]]] *= 0.3
    return size * rest, gain, size * habit


def _trial(emotion, strength, rest, gain, habit, rng):
    """Peak intensity of each unit in one trial (17,)."""
    i = EMOTIONS.index(emotion)
    n = len(ACTION_UNITS)
    scatter = np.exp(TRIAL_SCATTER * (0.30 * rng.normal() + 0.40 * rng.normal(size=n)))
    missing = rng.random(n) < 0.12 * TRIAL_SCATTER
    other = rng.integers(len(EMOTIONS))
    bleed = TRIAL_SCATTER * 0.45 * rng.random() ** 2
    noise = TRIAL_SCATTER * np.maximum(rng.normal(-0.15, 0.45, n), 0)
    shown = (_PROTOTYPE[i] * gain[i] * scatter + habit[i]) * np.where(missing, 0.15, 1.0)
    shown += bleed * _PROTOTYPE[other]
    return (
        rest
        + EMOTION_EFFECT * strength * shown
        + noise * [0.3 if u > 20 else 1 for u in ACTION_UNITS]
    )


def _envelope(times, duration, rng):
    """Onset, apex and offset of each unit, 0 to 1, (T, 17)."""
    n = len(ACTION_UNITS)
    start = duration * rng.uniform(0.02, 0.12) + rng.normal(0, 0.03, n)
    end = duration * rng.uniform(0.84, 0.97) + rng.normal(0, 0.05, n)
    rise, fall = rng.uniform(0.25, 0.5), rng.uniform(0.35, 0.6)

    def ramp(t):
        return 0.5 - 0.5 * np.cos(np.pi * np.clip(t, 0, 1))

    t = times[:, None]
    sway = 1 + 0.08 * np.sin(2 * np.pi * (rng.uniform(0.3, 0.9, n) * t + rng.random(n)))
    return sway * (0.1 + 0.9 * ramp((t - start) / rise) * (1 - 0.8 * ramp((t - end) / fall)))


def _speak(phonemes, times):
    """Units 20, 23, 25, 26, 27 of speech (T, 5) and how far the lips are closed, 0 to 1, (T, 1)."""
    fine = np.arange(0, times[-1] + 0.5 / FPS, 0.005)
    target = np.zeros((len(fine), len(SPEECH_UNITS)))
    closed = np.zeros((len(fine), 1))
    for symbol, start, end in phonemes:
        letter = symbol.lstrip("ˈˌ'`,;:ː-^")[:1] or "_"
        span = (fine >= start) & (fine < end)
        target[span] = SPEECH.get(letter, OTHER_SOUND)
        if letter in "pbm":
            # at least three frames, so that a closure is never lost between two
            closed[np.abs(fine - (start + end) / 2) <= max((end - start) / 2, 1.5 / FPS)] = 1
    target = gaussian_filter1d(target, 6, axis=0, mode="constant")
    closed = np.minimum(1, 1.25 * gaussian_filter1d(closed, 2, axis=0))
    at = np.minimum(np.rint(times / 0.005).astype(int), len(fine) - 1)
    return target[at], closed[at]


def _blinks(times, rng):
    """Lid closure by blinks, 0 to 1, (T,): one every 1.8 to 4.2 seconds."""
    closure = np.zeros(len(times))
    moment = rng.uniform(0.5, 2.2)
    while moment < times[-1]:
        closure = np.maximum(closure, np.clip(1.7 - np.abs(times - moment) / 0.06, 0, 1))
        moment += rng.uniform(1.8, 4.2)
    return closure


def _sway(times, rng):
    """Slow head motion: dx, dy in pixels at size 112, tilt in radians, (T, 3)."""
    rate, phase = rng.uniform(0.15, 0.6, (2, 1, 3)), rng.random((2, 1, 3))
    wave = np.sin(2 * np.pi * (rate * times[None, :, None] + phase)).sum(axis=0)
    return wave * (0.9, 0.6, 0.016) + rng.normal(0, 1, 3) * (0.8, 0.6, 0.02)


def act(emotion, strength, phonemes, duration, actor, rng, identity=1.0):
    """Act one trial: an emotion becomes action units and head poses over time.

    Parameters
    ----------
    emotion : one of ``EMOTIONS``
    strength : float, 0 (neutral) to about 1.6; 1 is RAVDESS's "normal"
    phonemes : list of (symbol, start in s, end in s); "_" is silence, unknown symbols count as
        consonants
    duration : float, seconds
    actor : int, 1 to 24
    rng : numpy.random.Generator; all chance of the trial comes from it
    identity : float, 0 (no actor cue at all) to 1

    Returns
    -------
    action_units : float32 (T, 17), 0 to 5, with T = round(duration * FPS). Blinks (unit 45 of
        FACS) stand in unit 43, eyes closed.
    pose : float32 (T, 3): dx, dy in pixels at size 112, tilt in radians (positive: clockwise)

    Raises
    ------
    CorpusError
        For an unknown emotion or actor, or a strength, identity or duration out of range.

    Source: prototypes after Ekman & Friesen, EMFACS; units after Ekman, Friesen & Hager, Facial
    Action Coding System (2002).
    Notebook: 01_corpora_and_labels
    """
    check_actor(actor, identity)
    if emotion not in EMOTIONS:
        raise CorpusError(f"emotion {emotion!r} is none of {', '.join(EMOTIONS)}")
    if not 0 <= strength <= 2:
        raise CorpusError(f"strength {strength!r}: choose a number from 0 (neutral) to 2")
    times = _times(duration)
    rest, gain, habit = _manner(actor, identity)
    peak = _trial(emotion, strength, rest, gain, habit, rng)
    course = _envelope(times, duration, rng)
    units = rest + (peak - rest) * course
    speech, closed = _speak(phonemes, times)
    mouth = [_COLUMN[u] for u in SPEECH_UNITS]
    units[:, mouth] = np.hypot(units[:, mouth], speech)
    lips = [_COLUMN[u] for u in (10, 25, 26, 27)]
    units[:, lips] *= 1 - closed * (0.9, 1.0, 1.0, 1.0)
    units[:, _COLUMN[43]] = np.maximum(units[:, _COLUMN[43]], 5 * _blinks(times, rng))
    # sad heads sink, surprised heads rise
    nod = strength * {"sad": 1.6, "surprised": -1.4, "disgust": -0.5}.get(emotion, 0.0)
    pose = _sway(times, rng)
    pose[:, 1] += nod * course.mean(axis=1)
    return np.clip(units, 0, 5).astype(np.float32), pose.astype(np.float32)
