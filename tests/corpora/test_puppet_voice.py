"""The puppets' voice against its own truth, an independent F0 tracker, and the literature."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from scipy.signal import find_peaks

from emolib.corpora import puppet_voice
from emolib.corpora.puppet_voice import RATE, STEP, speak
from emolib.corpora.table import EMOTIONS, CorpusError


def rng(seed):
    return np.random.default_rng(seed)


def digest(voice):
    parts = (voice.signal.tobytes(), voice.f0.tobytes(), repr(voice.phonemes).encode())
    return hashlib.sha256(b"".join(parts)).hexdigest()


CLIPS = [(1, 3, "happy", 1.0, 5), (2, 18, "sad", 1.4, 6), (1, 24, "neutral", 0.0, 7)]


def digests(clips):
    return {clip: digest(speak(*clip[:4], rng(clip[4]))) for clip in clips}


def test_same_bytes_in_any_order_and_in_a_fresh_process():
    here = digests(CLIPS)
    assert digests(CLIPS[::-1]) == here
    code = (
        "import numpy as np, hashlib\n"
        "from emolib.corpora.puppet_voice import speak\n"
        f"for s, a, e, x, seed in {CLIPS[::-1]!r}:\n"
        "    v = speak(s, a, e, x, np.random.default_rng(seed))\n"
        "    parts = (v.signal.tobytes(), v.f0.tobytes(), repr(v.phonemes).encode())\n"
        "    print(hashlib.sha256(b''.join(parts)).hexdigest())\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == [here[c] for c in CLIPS[::-1]]


def test_all_randomness_is_the_generators():
    one, other = (speak(1, 5, "angry", 1.0, rng(s)) for s in (0, 1))
    assert digest(one) != digest(other)
    np.random.seed(0)  # noqa: NPY002  the global state must not matter
    assert digest(speak(1, 5, "angry", 1.0, rng(0))) == digest(one)


@pytest.mark.parametrize("emotion", ["neutral", "fearful", "disgust"])
def test_no_actor_cue_at_identity_zero(emotion):
    heard = {digest(speak(2, a, emotion, 1.4, rng(9), identity=0.0)) for a in range(1, 25)}
    assert len(heard) == 1
    assert len({digest(speak(2, a, emotion, 1.4, rng(9))) for a in range(1, 25)}) == 24


def test_odd_actors_have_the_lower_voices():
    middle = [
        np.median(
            [
                np.median(v.f0[v.voiced])
                for v in (speak(1, a, "neutral", 0, rng(r)) for r in range(5))
            ]
        )
        for a in range(1, 25)
    ]
    assert max(middle[0::2]) < min(middle[1::2])


def autocorrelation_f0(signal, frames):
    """F0 (frames,) and peak height, after Boersma 1993: the window's own autocorrelation out."""
    half = 320
    window = np.hanning(2 * half)
    padded = np.pad(signal.astype(float), half)
    starts = np.arange(frames) * round(RATE * STEP)
    pieces = padded[starts[:, None] + np.arange(2 * half)] * window

    def autocorrelation(x):
        r = np.fft.irfft(np.abs(np.fft.rfft(x, 2048)) ** 2)[..., :340]
        return r / np.maximum(r[..., :1], 1e-12)

    r = autocorrelation(pieces) / autocorrelation(window)
    lags = np.arange(340)
    at = 25 + np.argmax((r - 2e-4 * lags)[:, 25:267], axis=1)  # 60 to 640 Hz; prefer no octave down
    left, top, right = (r[np.arange(frames), at + d] for d in (-1, 0, 1))
    return RATE / (at + 0.5 * (left - right) / (left - 2 * top + right)), top


@pytest.mark.parametrize(
    ("actor", "emotion", "strength"),
    [(1, "neutral", 0), (2, "neutral", 0), (5, "angry", 1.4), (8, "sad", 1), (10, "happy", 1)],
)
def test_f0_truth_against_an_independent_tracker(actor, emotion, strength):
    voice = speak(1 + actor % 2, actor, emotion, strength, rng(actor))
    f0, height = autocorrelation_f0(voice.signal, len(voice.f0))
    clear = voice.voiced & (height > 0.8)
    assert clear.sum() > 0.4 * voice.voiced.sum()
    error = np.abs(f0[clear] / voice.f0[clear] - 1)
    assert np.median(error) < 0.01
    assert np.mean(error > 0.1) < 0.2  # octaves
    assert (height[~voice.voiced] > 0.8).mean() < 0.15  # noise is not periodic


def test_pulses_count_the_truths_periods():
    """Without noise, the peaks of the source between two pulses are the integral of F0."""
    times = np.arange(200) * STEP
    f0 = 150 + 60 * np.sin(2 * np.pi * 1.3 * times)
    source = puppet_voice.excitation(f0, np.ones(200), 0.0, rng(0))
    peaks = find_peaks(source, height=2.0, distance=16)[0]
    phase = np.cumsum(np.interp(np.arange(len(source)), times * RATE, f0)) / RATE
    periods = np.diff(phase[peaks])
    assert len(peaks) == pytest.approx(phase[-1], abs=1.5)
    np.testing.assert_allclose(periods, 1, atol=1.1 * f0.max() / RATE)  # a sample either end
    assert np.mean(periods) == pytest.approx(1, abs=1e-3)


def test_sound_is_where_the_truth_says():
    for k in range(16):
        voice = speak(1 + k % 2, 1 + k, EMOTIONS[k % 8], 1.0, rng(k))
        times = np.arange(len(voice.signal)) / RATE
        (_, _, begin), (_, end, _) = voice.phonemes[0], voice.phonemes[-1]
        quiet = voice.signal[(times < begin - 0.02) | (times > end + 0.15)]
        speech = voice.signal[(times > begin) & (times < end)]
        assert 0 < np.std(quiet) < 0.1 * np.std(speech)  # 20 dB
        assert np.mean(voice.signal == 0) < 0.5  # a noise floor, not digital zero
        outside = np.arange(len(voice.f0)) * STEP
        assert not voice.voiced[(outside < begin) | (outside > end)].any()
        assert not voice.f0[~voice.voiced].any() and (voice.f0[voice.voiced] >= 60).all()


def test_voiceless_consonants_lie_higher_in_the_spectrum():
    """Phoneme times are the sound's: [s] against [ɔɹ], by the truth's edges alone."""
    for actor in (1, 4, 9, 20):
        voice = speak(2, actor, "neutral", 0, rng(actor))
        heard = {symbol: (start, end) for symbol, start, end in voice.phonemes}
        crossings = {}
        for symbol in ("s", "ɔɹ"):
            start, end = (round(t * RATE) for t in heard[symbol])
            third = (end - start) // 3
            inner = voice.signal[start + third : end - third // 2]
            crossings[symbol] = np.mean(np.diff(np.sign(inner)) != 0)
        assert crossings["s"] > 2 * crossings["ɔɹ"]


@pytest.mark.parametrize("statement", [1, 2])
def test_phonemes_tile_the_clip(statement):
    voice = speak(statement, 6, "surprised", 1.4, rng(1))
    symbols, starts, ends = zip(*voice.phonemes, strict=True)
    assert starts[0] == 0
    assert ends[-1] == pytest.approx((len(voice.signal) - 1) / RATE, abs=1e-9)
    assert starts[1:] == ends[:-1]
    assert all(e > s for s, e in zip(starts, ends, strict=True))
    assert symbols[0] == symbols[-1] == "_" and "_" not in symbols[1:-1]
    spoken = {1: "k ɪ d z ɑɹ t ɔ k ɪ ŋ b aɪ ð ə d ɔɹ", 2: "d ɑ g z ɑɹ s ɪ ɾ ɪ ŋ b aɪ ð ə d ɔɹ"}
    assert " ".join(symbols[1:-1]) == spoken[statement]
    assert len(voice.f0) == len(voice.voiced) == (len(voice.signal) - 1) // round(RATE * STEP) + 1


@pytest.fixture(scope="module")
def means():
    """Mean loudness (dB), median F0 (semitones), length of speech (s), centroid (Hz)."""
    found = {}
    for emotion in EMOTIONS:
        rows = []
        for k in range(36):
            voice = speak(1 + k % 2, 1 + k % 24, emotion, 1.0, rng(k))
            semitones = 12 * np.log2(np.median(voice.f0[voice.voiced]))
            length = voice.phonemes[-1][1] - voice.phonemes[0][2]
            loudness = 10 * np.log10(np.mean(voice.signal**2))
            rows.append((loudness, semitones, length))
        found[emotion] = dict(zip(("loudness", "f0", "length"), np.mean(rows, 0), strict=True))
    return found


def test_emotions_move_the_voice_as_the_literature_says(means):
    assert means["angry"]["loudness"] > means["neutral"]["loudness"] + 3
    assert means["sad"]["loudness"] < means["neutral"]["loudness"] - 1
    for high in ("happy", "angry", "fearful", "surprised"):
        assert means[high]["f0"] > means["neutral"]["f0"] + 1
        assert means["sad"]["f0"] < means[high]["f0"]
        assert means[high]["length"] < means["sad"]["length"]
    assert means["sad"]["length"] > means["neutral"]["length"]


def test_people_confuse_what_lies_close(means):
    def apart(one, other):
        sizes = {"loudness": 3.0, "f0": 3.0, "length": 0.15}
        return sum(abs(means[one][c] - means[other][c]) / s for c, s in sizes.items())

    assert apart("fearful", "surprised") < min(apart("fearful", e) for e in ("sad", "angry"))
    assert apart("calm", "neutral") < min(apart("calm", e) for e in ("angry", "happy", "fearful"))


def test_strength_moves_further_and_never_clips():
    f0, peaks = [], []
    for strength in (0.0, 1.0, 1.6):
        voices = [speak(1, a, "angry", strength, rng(a)) for a in range(1, 25)]
        f0.append(np.mean([np.log2(np.median(v.f0[v.voiced])) for v in voices]))
        peaks += [np.abs(v.signal).max() for v in voices]
    assert f0[0] < f0[1] < f0[2]
    assert max(peaks) < 1
    steps = 32768 * speak(1, 1, "angry", 1.6, rng(0)).signal
    np.testing.assert_array_equal(steps, np.round(steps))  # a 16-bit file holds it exactly


def test_clips_last_as_long_as_a_short_sentence():
    lengths = [
        len(speak(1 + k % 2, 1 + k % 24, EMOTIONS[k % 8], 1, rng(k)).signal) / RATE
        for k in range(96)
    ]
    assert 2.3 < np.median(lengths) < 2.7
    assert min(lengths) > 1.8 and max(lengths) < 3.6


def test_every_stored_filter_is_stable_after_mixing_and_warping():
    voices = puppet_voice.stored_voices()
    generator = rng(0)
    for _ in range(300):
        s, a = generator.integers(1, 3), generator.integers(1, 25)
        lines = voices[f"lsf_{s}"]
        mixed = puppet_voice.blend(lines, a, generator.uniform(), generator.uniform(0, 150, 2))
        filters = puppet_voice.prediction_filter(
            puppet_voice.warp(mixed, generator.uniform(0.85, 1.2))
        )
        assert all(np.abs(np.roots(f)).max() < 0.999 for f in filters)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((3, 1, "sad", 1.0), "statement 3"),
        ((1, 25, "sad", 1.0), "actor 25"),
        ((1, 0, "sad", 1.0), "actor 0"),
        ((1, 1, "bored", 1.0), "'bored'"),
        ((1, 1, "sad", -1.0), "strength -1"),
        ((1, 1, "sad", float("nan")), "strength nan"),
    ],
)
def test_bad_input_is_named(arguments, named):
    with pytest.raises(CorpusError, match=named):
        speak(*arguments, rng(0))
    with pytest.raises(CorpusError, match="identity 2"):
        speak(1, 1, "sad", 1.0, rng(0), identity=2)
