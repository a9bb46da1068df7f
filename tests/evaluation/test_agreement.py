"""Krippendorff's alpha against its definition by pairs and a published example."""

from itertools import permutations

import numpy as np
import pytest

from emolib.evaluation.agreement import krippendorff_alpha


def alpha_by_pairs(counts):
    """Follow the definition: each ordered pair of ratings in a unit weighs 1 / (n_u - 1)."""
    units = [np.repeat(np.arange(len(row)), row) for row in counts]
    units = [unit for unit in units if len(unit) >= 2]
    pooled = np.concatenate(units)
    observed = sum(
        sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units
    ) / len(pooled)
    chance = [a != b for a, b in permutations(pooled, 2)]
    return 1 - observed / np.mean(chance)


@pytest.mark.parametrize("seed", range(20))
def test_counts_give_what_pairs_give(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, size=(rng.integers(2, 12), rng.integers(2, 5)))
    counts[0, :2] = 1  # at least one pair, of two categories
    assert krippendorff_alpha(counts) == pytest.approx(alpha_by_pairs(counts), abs=1e-12)


def test_the_published_example():
    """Krippendorff 2011, section C: four observers, twelve units, missing ratings: 0.743."""
    raters = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    counts = [[sum(r[u] == str(c) for r in raters) for c in range(1, 6)] for u in range(12)]
    assert krippendorff_alpha(counts) == pytest.approx(0.743, abs=0.0005)


def test_full_agreement_is_one_and_full_disagreement_below_zero():
    assert krippendorff_alpha([[3, 0], [0, 2]]) == 1
    assert krippendorff_alpha([[1, 1], [1, 1], [1, 1]]) < 0


def test_ratings_at_random_agree_as_if_by_chance():
    counts = np.random.default_rng(0).multinomial(10, [0.1, 0.2, 0.3, 0.4], size=5000)
    assert krippendorff_alpha(counts) == pytest.approx(0, abs=0.01)


def test_units_with_one_rating_change_nothing():
    counts = [[3, 1], [0, 4], [2, 2]]
    assert krippendorff_alpha([*counts, [1, 0], [0, 0]]) == krippendorff_alpha(counts)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 0], [0, 1]], "no pair"),
        ([[3, 0], [2, 0]], "one category"),
        ([[1, -1], [2, 2]], "whole numbers"),
        ([[0.5, 1]], "whole numbers"),
        ([3, 1], "table"),
        ([[np.nan, 2]], "whole numbers"),
    ],
)
def test_what_has_no_alpha_is_said(counts, message):
    with pytest.raises(ValueError, match=message):
        krippendorff_alpha(counts)
