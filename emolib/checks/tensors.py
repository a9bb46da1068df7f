"""Oracles of the exercises in notebook 18: products of senses, in full and of low rank."""

import numpy as np

from emolib.checks.trying import try_cases


def fusion_parameters(function):
    """Check the parameters of tensor fusion and of its low-rank form (notebook 18)."""
    rng = np.random.default_rng()
    cases = [
        (tuple(int(d) for d in rng.integers(3, 30, m)), *(int(n) for n in rng.integers(2, 9, 2)))
        for m in (2, 3, 4) * 3
    ]

    def counts(full, low, biases=lambda units: units):
        return lambda d, units, rank: (
            int(full(np.array(d), units) + biases(units)),
            int(low(np.array(d), units, rank) + biases(units)),
        )

    def tensor(d, units):
        return units * np.prod(d + 1)

    def factors(d, units, rank):
        return units * rank * np.sum(d + 1)

    right = counts(tensor, factors)
    wrong = {
        "You left out the biases: one a unit, in both.": counts(tensor, factors, lambda units: 0),
        "One bias a unit, not one in all.": counts(tensor, factors, lambda units: 1),
        "You forgot the 1 that is appended to each vector: it has d + 1 numbers.": counts(
            lambda d, u: u * np.prod(d), lambda d, u, r: u * r * np.sum(d)
        ),
        "Append a 1 to each vector, not one to all of them together.": counts(
            lambda d, u: u * (np.prod(d) + 1), lambda d, u, r: u * r * (np.sum(d) + 1)
        ),
        "The tensor has the product of the lengths, not their sum: that is concatenation.": counts(
            lambda d, u: u * np.sum(d + 1), factors
        ),
        "Each modality has a factor of its own, and they stand side by side: add their sizes.": (
            counts(tensor, lambda d, u, r: u * r * np.prod(d + 1))
        ),
        "Each unit has factors of its own: multiply by the units.": counts(
            tensor, lambda d, u, r: r * np.sum(d + 1)
        ),
        "There are as many factors as the rank says, a modality.": counts(
            tensor, lambda d, u, r: u * np.sum(d + 1)
        ),
        "Those are the right numbers, the wrong way round: the full tensor first.": (
            lambda *case: right(*case)[::-1]
        ),
    }
    return try_cases("fusion_parameters", function, cases, right, wrong)


def low_rank_fusion(function):
    """Check h of (3): the product over modalities inside, the sum over ranks outside."""
    rng = np.random.default_rng()
    cases = []
    for lengths in ((3, 4), (2, 3, 4), (2, 2, 3, 2)):
        rank, units = int(rng.integers(2, 5)), 5
        vectors = [rng.normal(size=d) for d in lengths]
        cases.append((vectors, [rng.normal(size=(rank, d + 1, units)) for d in lengths]))

    def mapped(vectors, factors, last=1.0):
        """Return W_m z_m, (modalities, rank, units)."""
        ones = [np.append(z, last) for z in vectors]
        return np.stack([z @ w for z, w in zip(ones, factors, strict=True)])

    def right(*case):
        return mapped(*case).prod(axis=0).sum(axis=0)

    wrong = {
        "The sum over ranks stands inside the product: then the ranks melt into one matrix a "
        "modality. Multiply over modalities first, add up over ranks last.": (
            lambda *case: mapped(*case).sum(axis=1).prod(axis=0)
        ),
        "A 1 is forgotten: without it there are products of all senses only, and none of a sense "
        "alone. Append it to each vector.": (
            lambda *case: mapped(*case, last=0.0).prod(axis=0).sum(axis=0)
        ),
        "The 1 comes last, after the vector's own numbers.": lambda z, f: (
            np.stack([np.append(1.0, x) @ w for x, w in zip(z, f, strict=True)])
            .prod(axis=0)
            .sum(axis=0)
        ),
        "You add over modalities: that is concatenation. Multiply.": (
            lambda *case: mapped(*case).sum(axis=(0, 1))
        ),
        "That is the mean over ranks: take the sum.": (
            lambda *case: mapped(*case).prod(axis=0).mean(axis=0)
        ),
        "You multiply over ranks too: add them up.": lambda *case: mapped(*case).prod(axis=(0, 1)),
        "Those are the terms of each rank: now add them up.": (
            lambda *case: mapped(*case).prod(axis=0)
        ),
        "That is the first rank only: add up over all.": (
            lambda *case: mapped(*case).prod(axis=0)[0]
        ),
    }
    return try_cases("low_rank_fusion", function, cases, right, wrong)


def spanned(factors):
    """Return the tensor (a, b, units) that two modalities' factors (rank, ·, units) span."""
    first, second = (np.asarray(factor, float) for factor in factors)
    return np.einsum("rau,rbu->abu", first, second)


def full_rank_factors(function):
    """Check factors that span a given tensor of two modalities exactly (notebook 18)."""
    rng = np.random.default_rng()
    cases = [(rng.normal(size=(a, b, 3)),) for a, b in ((3, 5), (4, 4), (2, 6))]

    def by_unit(factor):
        """Build both factors of each unit from its singular value decomposition."""

        def answer(kernel):
            parts = [factor(*np.linalg.svd(kernel[..., u], full_matrices=False)) for u in range(3)]
            return tuple(np.stack(side, axis=-1) for side in zip(*parts, strict=True))

        return answer

    right = by_unit(lambda u, s, vt: ((u * s).T, vt))

    def close(a, b):
        terms = {len(factor) for answer in (a, b) for factor in answer}
        return len(terms) == 1 and np.allclose(spanned(a), spanned(b))

    wrong = {
        "The singular values are missing: multiply one side by them.": by_unit(
            lambda u, s, vt: (u.T, vt)
        ),
        "The singular values are there twice: they belong to one side, or their roots to both.": (
            by_unit(lambda u, s, vt: ((u * s).T, s[:, None] * vt))
        ),
        "One term is not enough: a tensor like this one needs as many as its shorter side.": (
            by_unit(lambda u, s, vt: ((u * s).T[:1], vt[:1]))
        ),
        "One term short of the shorter side: that is the nearest tensor of lower rank, not this "
        "one.": by_unit(lambda u, s, vt: ((u * s).T[:-1], vt[:-1])),
        "You took the first unit's factors for all units: each unit has its own.": (
            lambda kernel: tuple(
                np.repeat(side[..., :1], 3, axis=-1) for side in right(kernel)
            )
        ),
        "The first factor is all ones: then every row of the tensor gets the sum of all rows. Let "
        "the i-th term pick the i-th row only.": (
            lambda kernel: (np.ones((len(kernel), len(kernel), 3)), kernel)
        ),
    }  # fmt: skip
    return try_cases("full_rank_factors", function, cases, right, wrong, close)
