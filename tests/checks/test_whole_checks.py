"""Oracles of notebooks 19 to 21: right answers pass, known mistakes are named."""

import numpy as np
import pytest
from scipy import stats

from emolib import checks
from emolib.checks.whole import study
from emolib.evaluation import paired_test
from emolib.fusion import late_fusion


def means(hits, actors):
    return np.bincount(actors, hits) / np.bincount(actors)


def by_actor(test):
    """Return a p value of two samples of actors' means."""
    return lambda a, b, actors: test(means(a, actors), means(b, actors)).pvalue


def flip_signs(a, b, actors):
    change = means(a, actors) - means(b, actors)
    flipped = np.random.default_rng(0).choice([-1, 1], (1000, len(change))) @ change
    return (np.abs(flipped) >= abs(change.sum()) - 1e-12).mean()


def over_clips(a, b, _):
    only_a, only_b = (a & ~b).sum(), (b & ~a).sum()
    return stats.binomtest(int(only_a), int(only_a + only_b)).pvalue


def best_actor(a, b, actors):
    return 0.01 if means(a, actors).max() != means(b, actors).max() else 1.0


def greater(*case):
    return by_actor(lambda a, b: stats.ttest_rel(a, b, alternative="greater"))(*case)


paired, unpaired = by_actor(stats.ttest_rel), by_actor(stats.ttest_ind)


@pytest.mark.parametrize(
    "right",
    [paired, by_actor(stats.wilcoxon), flip_signs, lambda *s: paired_test(*s, draws=200)[3]],
)
def test_tests_over_people_that_pair_them_pass(right, capsys):
    assert checks.paired_p_value(right)
    assert "right, on 200 ties and 100 real differences" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (over_clips, "it is a test over clips"),
        (lambda a, b, _: stats.ttest_ind(a, b).pvalue, "it is a test over clips"),
        (unpaired, "it is an unpaired test"),
        (best_actor, "best of many is high by luck"),
        (greater, "one-sided"),
        (lambda *s: 1 - paired(*s), "Turn it round"),
        (lambda *s: paired(*s) ** 2, "of 200 ties p is below 0.05"),
        (lambda *s: paired(*s) ** 0.25, "of 100 differences of 11 points"),
        (lambda a, b, _: a.mean() - b.mean(), "That is the difference"),
        (lambda a, b, _: abs(a.mean() - b.mean()), "That is the difference"),
        (lambda *s: bool(paired(*s) < 0.05), "a yes or no"),
        (lambda a, b, _: a, "one number"),
        (lambda *s: -paired(*s), "between 0 and 1"),
    ],
)
def test_mistakes_of_a_test_are_named(wrong, hint, capsys):
    assert not checks.paired_p_value(wrong)
    assert hint in capsys.readouterr().out


def test_simulated_studies_are_ties_or_differ_as_told():
    """Over many studies the mean difference is the one asked for, and people differ."""
    for difference in (0.0, 0.11):
        drawn = [study(np.random.default_rng(k), difference) for k in range(300)]
        found = np.array([a.mean() - b.mean() for a, b, _ in drawn])
        assert abs(found.mean() - difference) < 3 * found.std() / np.sqrt(300) + 0.02 * difference
    a, b, actors = drawn[0]
    assert np.array_equal(np.bincount(actors), np.full(24, 60))
    # Clips alone would spread an actor's difference by 0.09 at most: sqrt(2 · 0.25 / 60).
    assert np.std(means(a, actors) - means(b, actors)) > 0.1


def fuse(answers):
    return late_fusion(list(answers), "product")


def uniform_for_silence(answers):
    """Silence as equal shares: another way to the same answer."""
    joined = np.where(np.isnan(answers), 1 / answers.shape[2], answers).prod(axis=0)
    return joined / joined.sum(axis=1, keepdims=True)


def scaled(values):
    return values / values.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    "right", [fuse, uniform_for_silence, lambda x: scaled(np.nanprod(x, axis=0))]
)
def test_senses_that_are_there_are_fused(right, capsys):
    assert checks.fuse_what_is_there(right)
    assert "right, on" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda x: scaled(x.prod(axis=0)), "NaN times anything"),
        (lambda x: scaled(np.nan_to_num(x).prod(axis=0)), "0 / 0"),
        (lambda x: np.nan_to_num(x).prod(axis=0), "0 times anything"),
        (lambda x: np.nanprod(x, axis=0), "divide each by its sum"),
        (lambda x: late_fusion(list(x), "mean"), "That is the mean rule"),
        (
            lambda x: np.where(np.isnan(x).all(axis=0), np.nan, fuse(x)),
            "Where nobody answered",
        ),
    ],
)
def test_mistakes_with_silence_are_named(wrong, hint, capsys):
    assert not checks.fuse_what_is_there(wrong)
    assert hint in capsys.readouterr().out


def test_a_geometric_mean_is_named(capsys):
    def root(x):
        there = (~np.isnan(x)).any(axis=2).sum(axis=0)[:, None]
        return scaled(np.nanprod(x, axis=0) ** (1 / np.maximum(there, 1)))

    assert not checks.fuse_what_is_there(root)
    assert "geometric mean" in capsys.readouterr().out


@pytest.mark.parametrize(
    "check",
    [
        checks.paired_p_value,
        checks.fuse_what_is_there,
        checks.should_refuse,
        checks.threshold_for,
        checks.agreement,
    ],
)
def test_stubs_and_faults(check, refuses):
    refuses(check)


def refuse(probabilities, wrong, silence):
    return probabilities.max(axis=1) < 1 - silence / wrong


def test_the_dearer_an_error_the_more_is_refused(capsys):
    assert checks.should_refuse(refuse)
    assert checks.should_refuse(lambda p, w, s: s < w * (1 - np.max(p, axis=-1)))
    assert "right, on" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda p, w, s: p.max(axis=1) < 0.5, "keeps to a half"),
        (lambda p, w, s: ~refuse(p, w, s), "Turn it round"),
        (lambda p, w, s: p.max(axis=1) < s / w, "chance of an *error*"),
        (lambda p, w, s: np.ptp(np.sort(p)[:, -2:], axis=1) < 1 - s / w, "lead over the second"),
        (lambda p, w, s: p.max(axis=1) < 1 - w / s, "the wrong way round"),
        (lambda p, w, s: bool(refuse(p, w, s).any()), "One yes or no for all rows"),
    ],
)
def test_mistakes_of_a_refusal_are_named(wrong, hint, capsys):
    assert not checks.should_refuse(wrong)
    assert hint in capsys.readouterr().out


def by_loop(confidence, correct, wanted):
    kept = [t for t in confidence if np.mean(correct[confidence >= t]) >= wanted]
    return min(kept, default=np.inf)


def from_the_top(confidence, correct, wanted):
    """Stop at the first threshold that breaks the promise."""
    kept = np.inf
    for t in sorted(set(confidence), reverse=True):
        if correct[confidence >= t].mean() < wanted:
            return kept
        kept = t
    return kept


def test_the_lowest_threshold_that_keeps_the_promise_passes(capsys):
    assert checks.threshold_for(by_loop)
    assert "right, on 5 fresh cases" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda c, right, wanted: wanted, "what it *claims*"),
        (lambda c, r, w: c.max() if by_loop(c, r, w) < 1 else np.inf, "refuses more than it must"),
        (from_the_top, "goes down and up"),
        (lambda *case: (case[0] >= by_loop(*case)).mean(), "share of clips answered"),
        (lambda *case: min(by_loop(*case), case[0].max()), "every clip is refused"),
        (lambda *case: by_loop(*case) if by_loop(*case) < 1 else 0, "0 answers everything"),
        (
            lambda c, r, w: min(
                (t for t in c if (c > t).any() and r[c > t].mean() >= w), default=np.inf
            ),
            "take >=",
        ),
    ],
)
def test_mistakes_of_a_threshold_are_named(wrong, hint, capsys):
    assert not checks.threshold_for(wrong)
    assert hint in capsys.readouterr().out


def agree(answers):
    """Count favourites of the systems that answered, clip by clip."""
    shares = []
    for clip in answers.transpose(1, 0, 2):
        said = clip[~np.isnan(clip[:, 0])].argmax(axis=1)
        shares.append(np.bincount(said).max() / len(said) if len(said) else 0)
    return np.array(shares)


def test_agreement_is_a_share_of_those_that_answer(capsys):
    assert checks.agreement(agree)
    assert "right, on 5 fresh cases" in capsys.readouterr().out


def votes(answers):
    there = (~np.isnan(answers)).all(axis=2).sum(axis=0)
    return agree(answers) * there, there


@pytest.mark.filterwarnings("error:Mean of empty slice")
@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda x: votes(x)[0] / 5, "divide by five"),
        (lambda x: agree(np.nan_to_num(x)), "argmax of NaN"),
        (lambda x: votes(x)[0], "That counts votes"),
        (lambda x: votes(x)[0] / votes(x)[1], "0 / 0"),
        (lambda x: np.nansum(x.max(axis=2), axis=0) / np.maximum(votes(x)[1], 1), "how sure they"),
    ],
)
def test_mistakes_of_agreement_are_named(wrong, hint, capsys):
    assert not checks.agreement(wrong)
    assert hint in capsys.readouterr().out
