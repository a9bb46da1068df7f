import itertools

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from emolib.evaluation import EvaluationError, confidence_interval, paired_test

ACTORS = np.repeat(np.arange(24), 60)


def tie(rng, effect):
    """Hits of two systems, equally good over all people; each person suits one of them better."""
    suits = rng.normal(0, effect, 24)[ACTORS]
    hits = [rng.random(ACTORS.size) < 0.6 + sign * suits for sign in (0.5, -0.5)]
    return [h.astype(float) for h in hits]


def test_the_interval_is_the_one_of_the_measuring_stick():
    """As baselines by actor are measured: draw actors, take the mean of their means."""
    hits = np.random.default_rng(5).random(ACTORS.size) < 0.5 + 0.01 * ACTORS
    by_actor = np.array([hits[a == ACTORS].mean() for a in range(24)])
    draws = np.random.default_rng(0).choice(by_actor, (10_000, 24)).mean(1)
    assert np.allclose(confidence_interval(hits, ACTORS), np.percentile(draws, [2.5, 97.5]))


def test_the_interval_over_actors_covers_and_the_one_over_clips_does_not():
    """Of 400 worlds with actors who differ: 24 drawn actors' interval holds the true mean."""
    rng = np.random.default_rng(0)
    covered = {"actors": 0, "clips": 0}
    for world in range(400):
        ability = np.clip(rng.normal(0.6, 0.12, 24), 0, 1)[ACTORS]
        hits = rng.random(ACTORS.size) < ability
        for unit, names in (("actors", ACTORS), ("clips", np.arange(ACTORS.size))):
            low, high = confidence_interval(hits, names, draws=400, seed=world)
            covered[unit] += low <= 0.6 <= high
    assert 0.89 <= covered["actors"] / 400 <= 0.98
    assert covered["clips"] / 400 < 0.80


def test_each_actor_has_one_vote_and_the_order_of_rows_does_not_matter():
    values = np.r_[np.ones(1000), np.zeros(10)]
    actors = np.r_[np.repeat("a", 1000), np.repeat("b", 10)]
    test = paired_test(values, np.zeros(1010), actors)
    assert test.difference == 0.5
    order = np.random.default_rng(0).permutation(1010)
    assert confidence_interval(values, actors) == confidence_interval(values[order], actors[order])


def test_seed_and_level():
    hits = np.random.default_rng(1).random(ACTORS.size) < 0.02 * ACTORS + 0.2
    assert confidence_interval(hits, ACTORS) == confidence_interval(hits, ACTORS)
    assert confidence_interval(hits, ACTORS) != confidence_interval(hits, ACTORS, seed=1)
    narrow, wide = (confidence_interval(hits, ACTORS, level) for level in (0.5, 0.99))
    assert wide[0] < narrow[0] < hits.mean() < narrow[1] < wide[1]


def test_on_ties_the_test_over_actors_alarms_at_its_rate_and_the_one_over_clips_does_not():
    rng = np.random.default_rng(2)
    worlds = [tie(rng, effect=0.2) for _ in range(400)]
    over_actors = [
        paired_test(a, b, ACTORS, draws=999, seed=k).p_value < 0.05
        for k, (a, b) in enumerate(worlds)
    ]
    over_clips = [paired_test(a, b, None, draws=300).p_value < 0.05 for a, b in worlds[:100]]
    low, high = binom.ppf([0.0005, 0.9995], 400, 0.05)
    assert low <= sum(over_actors) <= high
    assert np.mean(over_clips) > 0.25


def test_without_an_actor_effect_the_test_over_clips_is_honest_too():
    """So the false alarms come from the people, not from the test."""
    rng = np.random.default_rng(3)
    alarms = sum(
        paired_test(*tie(rng, effect=0), None, draws=300, seed=k).p_value < 0.05 for k in range(100)
    )
    assert binom.ppf(0.0005, 100, 0.05) <= alarms <= binom.ppf(0.9995, 100, 0.05)


@pytest.mark.parametrize(("b", "c"), [(5, 3), (40, 15), (130, 110), (9, 0), (60, 60)])
def test_without_actors_it_is_mcnemar_s_exact_test(b, c):
    first = np.r_[np.ones(b), np.zeros(c), np.ones(30)]
    second = np.r_[np.zeros(b), np.ones(c), np.ones(30)]
    test = paired_test(first, second, None)
    assert test.p_value == pytest.approx(binomtest(b, b + c).pvalue, abs=0.02)
    assert test.difference == pytest.approx((b - c) / (b + c + 30))


def test_few_actors_are_tested_exactly():
    """Brute force over all signs; equal sums count as extreme."""
    difference = np.array([0.3, 0.1, -0.05, 0.2, 0.1, 0.4, -0.1])
    sums = [
        abs(np.dot(signs, difference))
        for signs in itertools.product([1, -1], repeat=len(difference))
    ]
    p = np.mean(np.array(sums) >= abs(difference.sum()) - 1e-12)
    test = paired_test(difference, np.zeros(7), list("abcdefg"))
    assert test.p_value == pytest.approx(p)
    assert paired_test(np.zeros(7), difference, list("abcdefg")).p_value == pytest.approx(p)


def test_a_real_difference_is_found_and_two_that_are_equal_are_not():
    rng = np.random.default_rng(4)
    a, b = rng.random((2, ACTORS.size)) < np.array([[0.7], [0.6]])
    test = paired_test(a, b, ACTORS)
    assert test.p_value < 0.001
    assert 0 < test.low < test.difference < test.high
    assert paired_test(a, a, ACTORS) == (0, 0, 0, 1)


def test_five_people_cannot_prove_anything_at_five_percent():
    test = paired_test(np.ones(50), np.zeros(50), np.repeat(np.arange(5), 10))
    assert test.p_value == pytest.approx(2 / 2**5)


def test_bad_input_gets_one_clear_error():
    with pytest.raises(EvaluationError, match="lengths differ"):
        confidence_interval([1, 0], ["a"])
    with pytest.raises(EvaluationError, match="1 missing"):
        confidence_interval([1, np.nan], ["a", "b"])
    with pytest.raises(EvaluationError, match="one actor"):
        confidence_interval([1, 0], ["a", "a"])
    with pytest.raises(EvaluationError, match="level"):
        confidence_interval([1, 0], ["a", "b"], level=95)
    with pytest.raises(EvaluationError, match="correct_b has 1 missing"):
        paired_test([1, 0], [1, None], ["a", "b"])
    with pytest.raises(EvaluationError, match="lengths differ"):
        paired_test([1, 0], [1, 0, 1], ["a", "b"])
