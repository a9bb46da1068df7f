"""The puppets' voice: synthetic speech whose F0, voicing and phoneme times are known exactly.

A source-filter synthesiser (Fant 1960; linear prediction after Atal & Hanauer 1971): pulses at our
own F0 contour and noise excite all-pole filters that were measured once (``puppet_voices.npz``,
made by ``make_puppet_voices.py``). Which emotion, the actor's own manner of it and how this one
trial came out are three additions to one vector of vocal cues (``CUES``), each behind one constant.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy import fft

from emolib.corpora.puppet_acting import ACTORS, check_actor
from emolib.corpora.table import EMOTIONS, CorpusError

RATE = 16_000  # Hz
STEP = 0.010  # seconds between truth frames
HOP = round(RATE * STEP)
N_FFT = 1024
PRE_EMPHASIS = 0.95  # of the speech that the filters were measured on

EMOTION_EFFECT = 1.7  # times EXPRESSION
ACTOR_EFFECT = 0.9  # an actor's own way of expressing each emotion, in trial sds of each cue
TRIAL_SCATTER = 1.0  # times TRIAL_SD

# The cues, and how far each moves at strength 1. Directions after the reviews of Scherer (2003,
# Speech Communication 40) and Juslin & Laukka (2003, Psychological Bulletin 129; calm after their
# tenderness) and the acoustic profiles of Banse & Scherer (1996, J. Personality and Social
# Psychology 70); the sizes are ours, chosen so that people's confusions (calm with neutral,
# fearful with surprised) come out.
CUES = (
    "level",  # mean F0, semitones
    "range",  # log2 of the size of the pitch accents
    "slope",  # F0 over the statement, semitones from begin to end (the voice's own: -3)
    "final",  # F0 over the last syllable, semitones
    "rate",  # log2 of the speaking rate
    "loudness",  # dB
    "tilt",  # of the spectrum, dB an octave
    "breath",  # noise in voiced sounds, dB (the voice's own: BREATH)
    "jitter",  # irregularity of F0, per cent (the voice's own: 0.3)
    "tremor",  # of F0 at 5 to 6.5 Hz, semitones
    "formants",  # all resonances, per cent (lips spread or pushed out, larynx raised)
)
EXPRESSION = {
    "neutral": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "calm": (-0.5, -0.2, -0.2, 0, -0.05, -1.4, -0.3, 1, 0, 0, 0),
    "happy": (2.5, 0.5, 0.5, 0, 0.07, 3.2, 0.6, 0, 0, 0, 3.5),
    "sad": (-1.0, -0.5, -1.0, -1.0, -0.17, -4.0, -1.2, 4, 0.4, 0.15, -1),
    "angry": (3.0, 0.5, 0.5, -1.5, 0.08, 6.0, 1.6, -2, 0.5, 0, 1),
    "fearful": (5.0, 0.2, 1.0, 1.0, 0.10, 1.5, 0.1, 3, 0.5, 0.25, 0),
    "disgust": (-1.0, 0.1, -1.0, -1.5, -0.13, 0.5, 0.3, 2, 0.5, 0, -3),
    "surprised": (5.0, 0.6, 1.5, 2.0, 0.07, 2.0, 0.2, 2, 0, 0.1, 0.5),
}
# One trial's standard deviation in each cue.
TRIAL_SD = np.array((1.2, 0.25, 1.0, 1.0, 0.06, 1.8, 0.5, 1.5, 0.2, 0.1, 1.2))

# Where nobody speaks (row 0 of the voices): F0 between low and high voices.
BASE_F0 = 150.0  # Hz
BREATH = -24.0  # dB below the pulses
LEVEL = -38.0  # dB below full scale, mean of the voice's speech at neutral
FLOOR = -80.0  # dB below full scale, the recording's noise
AUDIBLE = -66.0  # dB; frames whose filter has less gain are closures: no pulses, unvoiced

ACCENTED = (1, 6, 15)  # both statements: k-I-ds t-AL-king d-OOR, d-O-gs s-I-tting d-OOR
# How much of the source is pulses, by phoneme; the rest is noise. Others: 1.
VOICING = {"k": 0.0, "t": 0.0, "s": 0.0, "z": 0.6, "ð": 0.7, "ɾ": 0.8, "d": 0.8, "g": 0.9}
LONG = ("ɪ", "ɑɹ", "ɔ", "aɪ", "ə", "ɔɹ", "ɑ", "ŋ")  # what a slow speaker stretches


@dataclass(frozen=True)
class Voice:
    """A spoken clip and its truth.

    Attributes
    ----------
    signal : numpy.ndarray
        float32 (n,), in [-1, 1], at ``RATE``.
    f0 : numpy.ndarray
        float32 (frames,), Hz, 0 where unvoiced; frame k is centred on ``k * STEP`` seconds, and
        between frames F0 is linear.
    voiced : numpy.ndarray
        bool (frames,).
    phonemes : list of (str, float, float)
        IPA symbol, start and end in seconds; ``"_"`` is silence. A stop holds its closure.
    """

    signal: np.ndarray
    f0: np.ndarray
    voiced: np.ndarray
    phonemes: list


@dataclass(frozen=True)
class Traits:
    """How an actor's voice differs from nobody's: offsets, all zero at identity 0."""

    f0: float  # semitones
    rate: float  # log2
    loudness: float  # dB
    tract: float  # log of the resonances' factor
    tilt: float  # dB an octave
    breath: float  # dB
    channel: np.ndarray  # dB, cosine series over the frequency axis
    manner: np.ndarray  # (emotions, cues), in trial sds


@cache
def stored_voices():
    """Return the measured voices: ``lsf_s`` in radians, ``gain_s`` linear, symbols and ends."""
    with np.load(Path(__file__).with_name("puppet_voices.npz"), allow_pickle=False) as stored:
        voices = dict(stored)
    for s in (1, 2):
        voices[f"lsf_{s}"] = voices[f"lsf_{s}"] * (np.pi / 65536)
        gain = voices[f"gain_{s}"]
        voices[f"gain_{s}"] = np.where(gain > 0, 10 ** ((gain / 2 - 107.5) / 20), 0.0)
    return voices


@cache
def actor_traits(actor):
    """Draw an actor's traits from a seed of the actor's own; odd actors have the lower voices."""
    rng = np.random.default_rng((20_03, actor))
    z = rng.normal(size=5)
    place = np.linspace(-2.5, 2.5, ACTORS // 2)[(5 * ((actor - 1) // 2)) % (ACTORS // 2)]
    return Traits(
        f0=(-5.5 if actor % 2 else 4.5) + place,
        rate=0.08 * z[0],
        loudness=1.5 * z[1],
        tract=(-0.01 if actor % 2 else 0.01) + 0.015 * z[2],
        tilt=0.5 * z[3],
        breath=2.0 * z[4],
        channel=rng.normal(size=4) * (1.5, 1.5, 1.0, 1.0),
        manner=rng.normal(size=(len(EMOTIONS), len(CUES))),
    )


def speak(statement, actor, emotion, strength, rng, identity=1.0):
    """Speak one clip.

    Parameters
    ----------
    statement : int
        1 "Kids are talking by the door" or 2 "Dogs are sitting by the door".
    actor : int
        1 to 24; odd actors have the lower voices.
    emotion : str
        One of ``EMOTIONS``.
    strength : float
        0 (nothing of the emotion) to 2; 1 is normal, 1.4 strong.
    rng : numpy.random.Generator
        All that is random in this clip is drawn from it.
    identity : float
        How much of the actor is heard, 0 (nothing) to 1.

    Returns
    -------
    Voice

    Raises
    ------
    CorpusError
        Where an argument is out of its range.

    Source: see ``EXPRESSION`` and the module. Notebook: 01_corpora_and_labels
    """
    check(statement, actor, emotion, strength, identity)
    statement, actor = int(statement), int(actor)
    traits = actor_traits(actor)
    cues = dict(zip(CUES, express(traits, emotion, strength, identity, rng), strict=True))
    symbols, edges, n_frames = timing(statement, cues["rate"] + identity * traits.rate, rng)
    times = np.arange(n_frames) * STEP
    voices = stored_voices()
    ends = voices[f"ends_{statement}"]
    position = np.interp(times, edges[1:-1], np.concatenate([[0.0], ends])) / STEP
    lines = blend(voices[f"lsf_{statement}"], actor, identity, position)
    gain = blend(voices[f"gain_{statement}"], actor, identity, position)
    gain[(times < edges[1]) | (times > edges[-2])] = 0.0
    pulses = pulse_share(symbols, edges, times) * (gain > 10 ** (AUDIBLE / 20))
    f0 = contour(cues, identity * traits.f0, edges, times, rng)
    breath = 10 ** ((BREATH + cues["breath"] + identity * traits.breath) / 20)
    source = excitation(f0, pulses, breath, rng)
    factor = np.exp(identity * traits.tract + cues["formants"] / 100)
    colour = spectral_colour(cues["tilt"], traits, identity)
    signal = sounded(source, warp(lines, factor), gain, colour)
    signal *= 10 ** ((LEVEL + cues["loudness"] + identity * traits.loudness) / 20)
    signal += recording_noise(len(signal), spectral_colour(0.0, traits, identity), rng)
    voiced = pulses > 0
    return Voice(
        signal=np.round(32768 * limited(signal)).astype(np.float32) / np.float32(32768),
        f0=np.where(voiced, f0, 0).astype(np.float32),
        voiced=voiced,
        phonemes=list(zip(symbols, edges[:-1].tolist(), edges[1:].tolist(), strict=True)),
    )


def check(statement, actor, emotion, strength, identity):
    """Raise CorpusError on the first argument that is out of range."""
    check_actor(actor, identity)
    for name, value, known in (("statement", statement, (1, 2)), ("emotion", emotion, EMOTIONS)):
        if value not in known:
            known = ", ".join(map(str, known))
            raise CorpusError(f"{name} {value!r} is none of the puppets': choose {known}")
    if not 0 <= strength <= 2:
        raise CorpusError(f"strength {strength!r} is out of range: choose 0 to 2")


def express(traits, emotion, strength, identity, rng):
    """Add up the cues: the emotion's, the actor's manner of it and this trial's scatter."""
    cues = EMOTION_EFFECT * strength * np.array(EXPRESSION[emotion], float)
    manner = traits.manner[EMOTIONS.index(emotion)]
    cues += ACTOR_EFFECT * strength * identity * TRIAL_SD * manner
    return cues + TRIAL_SCATTER * TRIAL_SD * rng.normal(size=len(CUES))


def timing(statement, rate, rng):
    """Warp the statement to a speaking rate (log2) between two silences.

    Vowels stretch more than consonants. Returns the symbols with their silences, the edges
    between them in seconds (one more) and the number of truth frames.
    """
    voices = stored_voices()
    symbols = voices[f"symbols_{statement}"].tolist()
    lengths = np.diff(voices[f"ends_{statement}"], prepend=0.0)
    stretch = np.where(np.isin(symbols, LONG), 1.25, 0.75)
    own = rng.normal(size=len(symbols)) * 0.05
    lengths = lengths * 2 ** (stretch * -rate + own)
    lead_in, lead_out = rng.uniform(0.30, 0.50), rng.uniform(0.40, 0.60)
    n_frames = int(np.ceil((lead_in + lengths.sum() + lead_out) / STEP)) + 1
    edges = np.cumsum([0.0, lead_in, *lengths])
    return ["_", *symbols, "_"], np.append(edges, (n_frames - 1) * STEP), n_frames


def blend(rows, actor, identity, position):
    """Read nobody's row and the actor's at ``position`` (in stored frames) and mix them."""
    mixed = (1 - identity) * rows[0] + identity * rows[actor]
    left = np.minimum(position.astype(int), len(mixed) - 2)
    weight = (position - left).reshape(-1, *[1] * (mixed.ndim - 1))
    return (1 - weight) * mixed[left] + weight * mixed[left + 1]


def pulse_share(symbols, edges, times):
    """Amplitude of the pulses in each frame, 0 (unvoiced) to 1."""
    shares = np.array([0.0, *(VOICING.get(s, 1.0) for s in symbols[1:-1]), 0.0])
    return shares[np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(shares) - 1)]


def contour(cues, offset, edges, times, rng):
    """F0 of each frame in Hz: level, slope, three accents, the end, tremor and jitter."""
    u = np.clip((times - edges[1]) / (edges[-2] - edges[1]), 0, 1)
    middles = (edges[1:] + edges[:-1])[1:-1] / 2
    heights = np.array((2.5, 1.8, 1.2)) * 2 ** (cues["range"] + 0.15 * rng.normal(size=3))
    semitones = offset + cues["level"] + (cues["slope"] - 3.0) * (u - 0.5)
    for k, height in zip(ACCENTED, heights, strict=True):
        semitones = semitones + height * np.exp(-0.5 * ((times - middles[k]) / 0.09) ** 2)
    end = np.clip((u - 0.8) / 0.2, 0, 1)
    semitones += (cues["final"] - 1.0) * end**2 * (3 - 2 * end)
    speed, phase = rng.uniform(5.0, 6.5), rng.uniform(0, 2 * np.pi)
    semitones += max(cues["tremor"], 0) * np.sin(2 * np.pi * speed * times + phase)
    irregular = np.abs(0.3 + cues["jitter"]) / 100 * rng.normal(size=len(times))
    return np.clip(BASE_F0 * 2 ** (semitones / 12) * (1 + irregular), 60, 600)


def excitation(f0, pulses, breath, rng):
    """Unit-power source: band-limited pulses at exactly ``f0``, and noise where they are not.

    Between frames F0 and the pulses' share are linear; a pulse stands where the integral of F0
    passes an integer, placed between samples by a windowed sinc.
    """
    n = (len(f0) - 1) * HOP + 1
    samples, frames = np.arange(n), np.arange(len(f0)) * HOP
    phase = np.cumsum(np.interp(samples, frames, f0)) / RATE
    share = np.interp(samples, frames, pulses)
    before = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    step = phase[before + 1] - phase[before]
    offset = (np.floor(phase[before + 1]) - phase[before]) / step
    taps = np.arange(-7, 9)
    x = taps - offset[:, None]
    pulse = 0.9 * np.sinc(0.9 * x) * np.cos(np.pi * x / 17) ** 2
    source = np.zeros(n + 16)
    np.add.at(source, before[:, None] + taps + 7, pulse * (share[before] / np.sqrt(step))[:, None])
    source = source[7 : 7 + n]
    noise = rng.normal(size=n + 1)
    source += share * breath * np.diff(noise)  # breath lies in the higher frequencies
    return source + np.sqrt(np.maximum(1 - share**2, 0)) * noise[1:] * 0.7


def prediction_filter(lines):
    """Turn line spectral frequencies (frames, order) into filters (frames, order + 1).

    Ascending frequencies between 0 and pi give a stable filter.

    Source: Itakura 1975; Soong & Juang 1984
    """
    halves = []
    for first, ends in ((0, (1.0, 1.0)), (1, (1.0, -1.0))):
        polynomial = np.tile(np.array(ends), (len(lines), 1))
        for column in range(first, lines.shape[1], 2):
            middle = -2 * np.cos(lines[:, column : column + 1])
            padded = np.pad(polynomial, ((0, 0), (2, 2)))
            polynomial = padded[:, 2:] + middle * padded[:, 1:-1] + padded[:, :-2]
        halves.append(polynomial)
    return (halves[0] + halves[1])[:, :-1] / 2


def warp(lines, factor):
    """Scale resonances by ``factor`` below 5 kHz, and what is above so that 8 kHz stays."""
    knee = np.pi * 5 / 8 / max(factor, 1.0)
    return np.interp(lines, (0, knee, np.pi), (0, knee * factor, np.pi))


def spectral_colour(tilt, traits, identity):
    """Magnitude (bins,) of spectral tilt about 500 Hz and of the actor's recording channel."""
    hertz = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    octaves = np.log2(np.clip(hertz, 150, 5000) / 500)
    decibels = (tilt + identity * traits.tilt) * octaves
    for k, height in enumerate(traits.channel, start=1):
        decibels += identity * height * np.cos(k * np.pi * hertz / (RATE / 2))
    return 10 ** (decibels / 20) * np.clip(hertz / 60 - 0.25, 0, 1)


def sounded(source, lines, gain, colour):
    """Filter the source, frame by frame: windows that add up to one, filtered apart, added.

    Each sample is a cross-fade of two stable filters' outputs, so no change of filter rings.
    """
    speech = np.flatnonzero(gain > 0)
    first, last = speech[0], speech[-1] + 1
    window = np.hanning(2 * HOP + 1)[:-1]
    padded = np.pad(source, (HOP, 2 * HOP))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOP)[::HOP][first:last]
    response = fft.rfft(prediction_filter(lines[first:last]), N_FFT)
    response *= fft.rfft([1, -PRE_EMPHASIS], N_FFT)
    spectrum = fft.rfft(pieces * (window * gain[first:last, None]), N_FFT) * (colour / response)
    filtered = fft.irfft(spectrum, N_FFT)
    out = np.zeros((len(gain) + N_FFT // HOP + 2) * HOP)
    for k, piece in enumerate(filtered, start=first):
        out[k * HOP : k * HOP + N_FFT] += piece
    return out[HOP : HOP + len(source)]


def recording_noise(n, colour, rng):
    """The recording's own noise: never digital zero, coloured as its channel is."""
    size = fft.next_fast_len(n)
    shape = np.interp(np.linspace(0, 1, size // 2 + 1), np.linspace(0, 1, len(colour)), colour)
    noise = fft.irfft(fft.rfft(rng.normal(size=size)) * shape, size)[:n]
    return 10 ** (FLOOR / 20) * noise


def limited(signal):
    """Bend peaks above 0.7 smoothly so that none passes 1; what is below stays as it is."""
    over = np.maximum(np.abs(signal) - 0.7, 0)
    return np.where(over > 0, np.sign(signal) * (0.7 + 0.299 * np.tanh(over / 0.299)), signal)
