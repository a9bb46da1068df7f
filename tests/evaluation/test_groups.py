"""Error by group: closed forms, calibration on drawn people, and refusal."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from emolib.evaluation import EvaluationError
from emolib.evaluation.groups import by_group, group_gap

ACTORS = np.repeat(np.arange(20), 5)
SEX = np.where(ACTORS % 2, "male", "female")


def drawn(seed, gap=0.0):
    """Actors' levels spread by 1, clips by 1 more; men are lower by the gap."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=20)[ACTORS] - gap * (SEX == "male")
    return level + rng.normal(size=len(ACTORS))


def test_means_are_those_of_actors_and_each_has_one_vote():
    values = np.where(ACTORS == 0, 1.0, 0.0)
    more = np.r_[values, np.ones(50)], np.r_[ACTORS, np.zeros(50, int)], np.r_[SEX, ["female"] * 50]
    for given in ((values, ACTORS, SEX), more):
        found = by_group(*given)
        assert found.loc["female", "mean"] == pytest.approx(0.1)
        assert found.loc["male", "mean"] == 0
        assert list(found["n_actors"]) == [10, 10]


def test_a_small_group_gets_no_figure_and_no_test():
    groups = np.where(ACTORS < 3, "few", "many")
    found = by_group(drawn(0), ACTORS, groups)
    assert np.isnan(found.loc["few", ["mean", "low", "high"]].to_numpy(float)).all()
    assert found.loc["few", "said"] == "no: 3 actors, 8 are needed"
    assert found.loc["many", "said"] == "yes"
    with pytest.raises(EvaluationError, match="'few' has 3 actors"):
        group_gap(drawn(0), ACTORS, groups, "many", "few")


def test_rows_without_a_group_are_counted_and_left_out():
    groups = SEX.astype(object)
    groups[ACTORS == 19] = None
    found = by_group(drawn(0), ACTORS, groups)
    assert found.attrs["left_out"] == 5
    assert found.loc["male", "n_actors"] == 9


def test_the_gap_is_antisymmetric_and_near_a_t_test_of_actors():
    values = drawn(1, gap=1.5)
    there, back = (
        group_gap(values, ACTORS, SEX, *g) for g in (("female", "male"), ("male", "female"))
    )
    means = values.reshape(20, 5).mean(axis=1)
    oracle = ttest_ind(means[::2], means[1::2])
    assert there.difference == pytest.approx(-back.difference)
    assert there.difference == pytest.approx(means[::2].mean() - means[1::2].mean())
    assert there.p_value == pytest.approx(oracle.pvalue, abs=0.02)
    assert there.low < there.difference < there.high


def test_without_a_gap_one_in_twenty_is_an_alarm_and_over_clips_many_more():
    """300 drawn studies: the test over actors keeps its promise, one over clips does not."""
    actors, clips = [], []
    for seed in range(300):
        values = drawn(seed)
        actors.append(group_gap(values, ACTORS, SEX, "female", "male", draws=200).p_value < 0.05)
        clips.append(ttest_ind(values[SEX == "female"], values[SEX == "male"]).pvalue < 0.05)
    assert 0.02 < np.mean(actors) < 0.09
    assert np.mean(clips) > 0.15


def test_an_actor_in_two_groups_is_refused():
    groups = SEX.copy()
    groups[0] = "male"
    with pytest.raises(EvaluationError, match="actor 0 stands in two groups"):
        by_group(drawn(0), ACTORS, groups)
    with pytest.raises(EvaluationError, match="lengths differ"):
        by_group(drawn(0), ACTORS, SEX[:-1])
