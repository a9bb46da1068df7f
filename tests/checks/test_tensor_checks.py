"""The oracles of notebook 18: right answers pass, each named mistake gets its own hint."""

import math

import numpy as np
import pytest

from emolib import checks, devices
from emolib.fusion import LowRankFusion, TensorFusion

NAMES = ("fusion_parameters", "low_rank_fusion", "full_rank_factors")


def count(full, low):
    return lambda d, u, r: (full(d, u), low(d, u, r))


def full(d, u):
    return u * math.prod(k + 1 for k in d) + u


def low(d, u, r):
    return u * r * sum(k + 1 for k in d) + u


def loops(vectors, factors):
    """The terms of each rank and unit, one number at a time."""
    rank, _, units = factors[0].shape
    terms = np.ones((rank, units))
    for i in range(rank):
        for u in range(units):
            for z, w in zip(vectors, factors, strict=True):
                terms[i, u] *= sum(a * b for a, b in zip([*z, 1], w[i, :, u], strict=True))
    return terms


def mapped(vectors, factors):
    return [np.append(z, 1) @ w for z, w in zip(vectors, factors, strict=True)]


def without_last_row(vectors, factors):
    return vectors, [np.concatenate([w[:, :-1], 0 * w[:, -1:]], axis=1) for w in factors]


def rows_one_by_one(kernel):
    """The i-th term picks the i-th row: no decomposition is needed."""
    return np.repeat(np.eye(len(kernel))[..., None], kernel.shape[-1], axis=-1), kernel


def svd(kernel, change):
    u, s, vt = np.linalg.svd(np.moveaxis(kernel, -1, 0), full_matrices=False)
    return (np.moveaxis(side, 0, -1) for side in change(u, s, vt))


def swap(u):
    return np.swapaxes(u, 1, 2)


MISTAKES = [
    ("fusion_parameters", count(lambda *c: full(*c) - c[1], lambda *c: low(*c) - c[1]), "biases"),
    (
        "fusion_parameters",
        count(lambda *c: full(*c) - c[1] + 1, lambda *c: low(*c) - c[1] + 1),
        "not one in all",
    ),
    (
        "fusion_parameters",
        count(lambda d, u: u * math.prod(d) + u, lambda d, u, r: u * r * sum(d) + u),
        "forgot the 1",
    ),
    (
        "fusion_parameters",
        count(lambda d, u: u * (math.prod(d) + 2), lambda d, u, r: u * r * (sum(d) + 1) + u),
        "not one to all",
    ),
    (
        "fusion_parameters",
        count(lambda d, u: u * sum(k + 1 for k in d) + u, low),
        "that is concatenation",
    ),
    (
        "fusion_parameters",
        count(full, lambda d, u, r: u * r * math.prod(k + 1 for k in d) + u),
        "side by side",
    ),
    (
        "fusion_parameters",
        count(full, lambda d, u, r: r * sum(k + 1 for k in d) + u),
        "factors of its own: multiply",
    ),
    (
        "fusion_parameters",
        count(full, lambda d, u, r: u * sum(k + 1 for k in d) + u),
        "as the rank says",
    ),
    ("fusion_parameters", lambda *c: (low(*c), full(*c[:2])), "wrong way round"),
    (
        "low_rank_fusion",
        lambda *c: np.prod([m.sum(axis=0) for m in mapped(*c)], axis=0),
        "stands inside",
    ),
    (
        "low_rank_fusion",
        lambda *c: loops(*without_last_row(*c)).sum(axis=0),
        "A 1 is forgotten",
    ),
    (
        "low_rank_fusion",
        lambda v, f: loops(v, [np.roll(w, -1, axis=1) for w in f]).sum(axis=0),
        "The 1 comes last",
    ),
    ("low_rank_fusion", lambda *c: sum(m.sum(axis=0) for m in mapped(*c)), "concatenation"),
    ("low_rank_fusion", lambda *c: loops(*c).mean(axis=0), "mean over ranks"),
    ("low_rank_fusion", lambda *c: loops(*c).prod(axis=0), "multiply over ranks"),
    ("low_rank_fusion", lambda *c: loops(*c), "now add them up"),
    ("low_rank_fusion", lambda *c: loops(*c)[0], "first rank only"),
    (
        "full_rank_factors",
        lambda k: tuple(svd(k, lambda u, s, vt: (swap(u), vt))),
        "singular values are missing",
    ),
    (
        "full_rank_factors",
        lambda k: tuple(svd(k, lambda u, s, vt: (swap(u * s[:, None]), vt * s[..., None]))),
        "there twice",
    ),
    (
        "full_rank_factors",
        lambda k: tuple(svd(k, lambda u, s, vt: (swap(u * s[:, None])[:, :1], vt[:, :1]))),
        "One term is not enough",
    ),
    (
        "full_rank_factors",
        lambda k: tuple(x[..., :1] * np.ones(k.shape[-1]) for x in rows_one_by_one(k)),
        "first unit's",
    ),
    ("full_rank_factors", lambda k: (np.ones_like(rows_one_by_one(k)[0]), k), "all ones"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "mistaken", "hint"), MISTAKES)
def test_a_mistake_gets_its_own_hint(name, mistaken, hint, capsys):
    assert not getattr(checks, name)(mistaken)
    said = capsys.readouterr().out
    assert "not yet" in said and hint in said


def test_one_term_short_is_told_apart_from_one_term(capsys):
    """A tensor whose shorter side is 2 has one term less than two: then both hints are true."""

    def short(kernel):
        n = max(len(kernel) - 1, 1)
        return tuple(svd(kernel, lambda u, s, vt: (swap(u * s[:, None])[:, :n], vt[:, :n])))

    assert not checks.full_rank_factors(short)
    assert "One term short" in capsys.readouterr().out


def test_right_answers_pass(capsys):
    assert checks.fusion_parameters(count(full, low))
    assert checks.low_rank_fusion(lambda *c: loops(*c).sum(axis=0))
    assert checks.full_rank_factors(rows_one_by_one)
    assert checks.full_rank_factors(
        lambda k: tuple(
            svd(k, lambda u, s, vt: (swap(u * np.sqrt(s)[:, None]), vt * np.sqrt(s)[..., None]))
        )
    )
    assert capsys.readouterr().out.count("right, on") == 4


def test_the_oracles_agree_with_the_layers():
    """What the check calls right is what the library computes."""
    keras = devices.import_keras()

    def counted(d, units, rank):
        layers = TensorFusion(units), LowRankFusion(units, rank)
        for layer in layers:
            layer.build([(None, k) for k in d])
        return tuple(layer.count_params() for layer in layers)

    def fused(vectors, factors):
        rank, _, units = factors[0].shape
        layer = LowRankFusion(units, rank)
        layer.build([(None, len(z)) for z in vectors])
        flat = [w.transpose(1, 0, 2).reshape(w.shape[1], -1) for w in factors]
        layer.set_weights([*flat, np.zeros(units)])
        given = layer([z[None].astype(np.float32) for z in vectors])
        return keras.ops.convert_to_numpy(given)[0]

    assert checks.fusion_parameters(counted)
    assert not checks.low_rank_fusion(lambda *c: np.full(5, np.nan))
    from emolib.checks import tensors

    factors = [np.random.default_rng(0).normal(size=(3, d + 1, 4)) for d in (2, 3)]
    vectors = [np.random.default_rng(1).normal(size=d) for d in (2, 3)]
    kernel = tensors.spanned(factors)
    expected = np.einsum("a,b,abu->u", *(np.append(z, 1) for z in vectors), kernel)
    np.testing.assert_allclose(fused(vectors, factors), expected, rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_answer_is_told_apart(name, refuses, capsys):
    refuses(getattr(checks, name))
    for nonsense in (3.0, "many", (np.zeros(2), np.zeros(2))):
        assert not getattr(checks, name)(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet" in capsys.readouterr().out
