"""The oracles of notebooks 14 and 15: right answers pass, each named mistake gets its own hint."""

import numpy as np
import pytest

from emolib import checks, devices
from emolib.fusion import CrossModalAttention
from emolib.models import SpatialAttention, TemporalAttention

keras = devices.import_keras()
NAMES = ["self_attention", "attention_parameters", "picked_sound", "sound_delay"]


def softmax(scores, axis):
    powers = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def scores(x, q, k, scale=3**0.5):
    return (x @ q) @ (x @ k).T / scale


def masked(x, q, k, v, mask, scale=3**0.5, axis=1, low=-1e9):
    return softmax(np.where(mask, scores(x, q, k, scale), low), axis) @ (x @ v)


def corr(audio, video, w):
    return audio @ w @ video.T


def diagonals(c, step, summary, sign=1):
    half = len(c) // 2
    found = {k: summary(np.diagonal(c, -k)) for k in range(1 - half, half)}
    return sign * max(found, key=found.get) * step


def heads(f, u, h, size, matrices=3):
    return matrices * f * h * size + h * size * u


MISTAKES = [
    ("self_attention", lambda *c: masked(*c, scale=1), "not scaled"),
    ("self_attention", lambda *c: masked(*c, scale=6**0.5), "length of x"),
    ("self_attention", lambda *c: masked(*c, scale=3), "not by its root"),
    ("self_attention", lambda *c: masked(*c, axis=0), "down the columns"),
    (
        "self_attention",
        lambda x, q, k, v, m: (softmax(scores(x, q, k), 0) * m) @ (x @ v),
        "look at the mask again",
    ),
    ("self_attention", lambda *c: masked(*c, axis=(0, 1)), "whole matrix"),
    (
        "self_attention",
        lambda x, q, k, v, m: softmax(scores(x, q, k), 1) @ (x @ v),
        "mask is forgotten",
    ),
    ("self_attention", lambda *c: masked(*c, low=0), "exp(0) is 1"),
    (
        "self_attention",
        lambda x, q, k, v, m: (softmax(scores(x, q, k), 1) * m) @ (x @ v),
        "no longer add up",
    ),
    (
        "self_attention",
        lambda x, q, k, v, m: m[:, None] * (softmax(scores(x, q, k), 1) @ (x @ v)),
        "leave out the vectors that ask",
    ),
    ("self_attention", lambda x, q, k, v, m: masked(x, k, q, v, m), "exchanged"),
    ("self_attention", lambda x, q, k, v, m: masked(x, q, k, k, m), "mix keys"),
    ("attention_parameters", lambda f, u, h: heads(f, u, h, f), "not to all features"),
    ("attention_parameters", lambda f, u, h: 3 * f * h * -(-f // h), "W_0 is missing"),
    ("attention_parameters", lambda f, u, h: heads(f, u, h, -(-f // h), 1), "a head has three"),
    ("attention_parameters", lambda f, u, h: heads(f, u, 1, -(-f // h)), "one head"),
    ("attention_parameters", lambda f, u, h: 3 * f * f + f * u, "round up: 49"),
    ("attention_parameters", lambda f, u, h: heads(f, u, h, f // h), "round down"),
    (
        "attention_parameters",
        lambda f, u, h: heads(f, u, h, -(-f // h)) + 3 * h * -(-f // h) + u,
        "no biases",
    ),
    ("picked_sound", lambda a, v, w: softmax(corr(a, v, w), 0) @ a, "As printed"),
    ("picked_sound", lambda a, v, w: softmax(corr(a, v, w), 1).T @ a, "along the rows: it makes"),
    ("picked_sound", lambda a, v, w: softmax(corr(a, v, w), 1) @ a, "rows and no transpose"),
    ("picked_sound", lambda a, v, w: softmax(corr(a, v, w), (0, 1)).T @ a, "whole matrix"),
    ("picked_sound", lambda a, v, w: softmax(corr(a, v, w.T), 0).T @ a, "W is transposed"),
    ("picked_sound", lambda a, v, w: softmax(corr(v, a, w), 0).T @ a, "exchanged"),
    ("picked_sound", lambda a, v, w: corr(a, v, w).T @ a, "softmax is missing"),
    ("picked_sound", lambda a, v, w: softmax(corr(a, v, w), 0).T @ v, "weigh the video's"),
    ("sound_delay", lambda c, s: diagonals(c, s, np.mean, -1), "wrong way round"),
    ("sound_delay", lambda c, s: diagonals(c, 1, np.mean), "in snippets"),
    (
        "sound_delay",
        lambda c, s: np.subtract(*np.unravel_index(c.argmax(), c.shape)) * s,
        "One large entry",
    ),
    ("sound_delay", lambda c, s: diagonals(c, s, np.max), "One large entry"),
    ("sound_delay", lambda c, s: diagonals(c, s, np.sum), "long diagonals"),
    ("sound_delay", lambda c, s: abs(diagonals(c, s, np.mean)), "without its sign"),
]


@pytest.mark.parametrize(("name", "mistaken", "hint"), MISTAKES)
def test_a_mistake_gets_its_own_hint(name, mistaken, hint, capsys):
    for _ in range(5):  # cases are drawn anew
        assert not getattr(checks, name)(mistaken)
        said = capsys.readouterr().out
        assert "not yet" in said and hint in said


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_answer_is_told_apart(name, refuses):
    refuses(getattr(checks, name))


def test_one_vector_after_the_other_passes():
    def by_loops(x, q, k, v, mask):
        out = np.zeros((4, 3))
        for i in range(4):
            powers = [np.exp((x[i] @ q) @ (x[j] @ k) / np.sqrt(3)) * mask[j] for j in range(4)]
            for j in range(4):
                out[i] += powers[j] / sum(powers) * (x[j] @ v)
        return out

    def picked(audio, video, w):
        out = np.zeros_like(audio)
        for j in range(len(video)):
            powers = [np.exp(heard @ w @ video[j]) for heard in audio]
            for power, heard in zip(powers, audio, strict=True):
                out[j] += power / sum(powers) * heard
        return out

    assert checks.self_attention(by_loops)
    assert checks.picked_sound(picked)


def test_the_librarys_count_passes():
    def counted(features, units, heads):
        layer = TemporalAttention(heads, units)
        layer.build((None, 2, features))
        return layer.count_params()

    assert checks.attention_parameters(counted)
    layer = SpatialAttention(8)
    layer.build((None, 49, 64))
    assert layer.count_params() == 4 * 64**2


def test_the_layer_reads_equation_8_as_the_exercise_does():
    rng = np.random.default_rng(0)
    audio, video, w = (rng.normal(size=s).astype("float32") for s in ((5, 3), (5, 3), (3, 3)))
    layer = CrossModalAttention()
    layer.build([(None, 5, 3), (None, 5, 3)])
    layer.set_weights([w])
    heard = np.asarray(layer([audio[None], video[None]]))[0, :, 3:]
    picked = softmax(corr(audio, video, w), 0).T @ audio
    np.testing.assert_allclose(heard, np.tanh(audio + picked), atol=1e-5)


def test_the_diagonal_of_the_largest_mean_passes():
    assert checks.sound_delay(lambda c, s: diagonals(c, s, np.mean))
