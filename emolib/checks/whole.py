"""Oracles of the exercises in notebooks 19 to 21: the whole picture."""

import numpy as np

from emolib.checks.trying import say, try_cases
from emolib.fusion import late_fusion

TIES, DIFFERENCES = 200, 100
MOST_ALARMS, FEWEST_FOUND = 24, 50  # a test that keeps its 5 % exceeds 24 of 200 once in 50,000


def study(rng, difference=0.0, n_actors=24, n_clips=60):
    """Simulate the hits of two systems on the same clips.

    Some actors are easier than others for both systems, and each system suits some actors better.

    Parameters
    ----------
    rng : numpy.random.Generator
    difference : float
        Accuracy of A minus that of B over all actors there could be; 0 is a tie.
    n_actors, n_clips : int
        People, and clips of each.

    Returns
    -------
    hits_a, hits_b : ndarray of bool, (clips,)
    actors : ndarray of int, (clips,)
        In no order.

    Notebook: 19_leaderboard
    """
    actors = rng.permutation(np.repeat(np.arange(n_actors), n_clips))
    easy = 0.55 + rng.normal(0, 0.2, n_actors)
    suits_a = rng.normal(difference, 0.14, n_actors)
    right_a, right_b = easy + suits_a / 2, easy - suits_a / 2
    chance = rng.random((2, len(actors)))
    return chance[0] < right_a[actors], chance[1] < right_b[actors], actors


def paired_p_value(function):
    """Check a reader's test of "A is as good as B" on simulated studies (notebook 19).

    Parameters
    ----------
    function : callable
        (hits of A, hits of B, actors) to a p value.

    Returns
    -------
    bool
        True where it calls out in few ties and finds most real differences.
    """
    name, rng = "paired_p_value", np.random.default_rng()
    probes = [study(rng) for _ in range(12)]
    try:
        given = [function(*probe) for probe in probes]
        fault = _no_p_value(given, probes) or _what_it_overlooks(function, given, probes)
        if fault:
            return say(name, fault)
        alarms = sum(function(*study(rng)) < 0.05 for _ in range(TIES))
        p_values = [function(*study(rng, 0.11)) for _ in range(DIFFERENCES)]
    except Exception as error:  # the reader's own code: any fault is theirs to see
        return say(name, f"your function stopped with {type(error).__name__}: {error}")
    found = sum(p < 0.05 for p in p_values)
    if sum(p > 0.95 for p in p_values) > FEWEST_FOUND:
        return say(name, "not yet. Turn it round: p is small where a tie would not look like this.")
    if alarms > MOST_ALARMS:
        return say(
            name,
            f"not yet. In {alarms} of {TIES} ties p is below 0.05; chance allows about "
            f"{TIES // 20}. What was drawn by lot in a study, and how many of them are there?",
        )
    if found < FEWEST_FOUND:
        return say(
            name,
            f"not yet. It finds {found} of {DIFFERENCES} differences of 11 points. A and B "
            "answered the same people: take each person's difference first.",
        )
    return say(name, f"right, on {TIES} ties and {DIFFERENCES} real differences.", passed=True)


def _no_p_value(given, probes):
    """Say why answers are no p values, or nothing."""
    if any(answer is ... for answer in given):
        return "not tried yet. Replace the ... and run both cells again."
    if any(answer is None for answer in given):
        return "your function returns nothing. Is the return missing?"
    if any(isinstance(answer, bool | np.bool_) for answer in given):
        return "not yet. That is a yes or no. Return p: others may want another limit than 0.05."
    if any(np.size(answer) != 1 or isinstance(answer, str) for answer in given):
        return f"not yet. A p value is one number, you gave {given[0]!r}."
    differences = [a.mean() - b.mean() for a, b, _ in probes]
    if np.allclose(np.abs(given), np.abs(differences), atol=1e-9):
        return "not yet. That is the difference. How often would a tie show one as large?"
    if not all(0 <= answer <= 1 for answer in given):
        return f"not yet. A p value lies between 0 and 1, you gave {min(given, key=_inside):.3g}."
    return ""


def _inside(value):
    """Return how far a value lies inside 0 to 1; negative outside."""
    return min(value, 1 - value)


def _what_it_overlooks(function, given, probes):
    """Change what a test must look at, and say which change moves its p value nowhere."""

    def unmoved(change):
        moved = [abs(p - function(*change(*probe))) for p, probe in zip(given, probes, strict=True)]
        return np.mean(moved) < 0.03

    rng = np.random.default_rng()
    if unmoved(lambda a, b, actors: (a, b, rng.permutation(actors))):
        return (
            "not yet. Your p stays the same when the clips are dealt to other people by lot: it is "
            "a test over clips. Clips of one person resemble each other, and people were drawn."
        )
    if unmoved(_only_best):
        return (
            "not yet. Your p looks at the best actor of each system only. The best of many is high "
            "by luck: use all of them."
        )
    if unmoved(_dealt_anew):
        return (
            "not yet. Your p stays the same when B's people are exchanged among each other: it is "
            "an unpaired test. Both systems answered the same people: compare person by person."
        )
    swapped = [function(b, a, actors) for a, b, actors in probes]
    if np.mean(np.abs(np.subtract(given, swapped))) > 0.15:
        return "not yet. It is one-sided: A and B exchanged, p changes. B may be the better one."
    return ""


def _only_best(a, b, actors):
    """Set all hits to 0 but those of A on A's best actor and of B on B's."""
    mean_a, mean_b = (np.bincount(actors, hits) for hits in (a, b))
    return a & (actors == mean_a.argmax()), b & (actors == mean_b.argmax()), actors


def _dealt_anew(a, b, actors):
    """Give each actor the answers that B gave to the next actor."""
    dealt = np.empty_like(b)
    for actor in np.unique(actors):
        dealt[actors == actor] = b[actors == (actor + 1) % len(np.unique(actors))]
    return a, dealt, actors


def _answers(rng):
    """Make the answers of two or three senses, some of them missing."""
    senses, rows, classes = int(rng.integers(2, 4)), 12, int(rng.integers(3, 7))
    answers = rng.dirichlet(np.ones(classes), (senses, rows))
    answers[0, 1:4] = answers[1, 3:6] = np.nan
    answers[:, 6] = np.nan
    return (answers,)


def fuse_what_is_there(function):
    """Check the product rule over the senses that answered (notebook 19)."""
    rng = np.random.default_rng()
    cases = [_answers(rng) for _ in range(6)]

    def scaled(values):
        return values / values.sum(axis=-1, keepdims=True)

    def mean(answers):
        there = ~np.isnan(answers)
        summed = np.where(there, answers, 0).sum(axis=0)
        return scaled(np.where(there.any(axis=0), summed, 1.0))

    def root(answers):
        there = (~np.isnan(answers)).any(axis=2).sum(axis=0)[:, None]
        return scaled(np.nanprod(answers, axis=0) ** (1 / np.maximum(there, 1)))

    def close(a, b):
        return np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-9, equal_nan=True)

    wrong = {
        "A missing answer spoils the fused one: NaN times anything is NaN; and as a 0 it makes "
        "0 / 0. Silence is no 'no'.": lambda answers: scaled(answers.prod(axis=0)),
        "A missing answer became 0, and 0 times anything is 0: silence is no 'no'.": (
            lambda answers: np.nan_to_num(answers).prod(axis=0)
        ),
        "The rows do not add up to 1: divide each by its sum.": (
            lambda answers: np.nanprod(answers, axis=0)
        ),
        "That is the mean rule. Multiply.": mean,
        "That is the geometric mean: two witnesses who agree are surer than one. No root.": root,
        "Where nobody answered you answer NaN. Then all classes are alike.": (
            lambda answers: np.where(
                np.isnan(answers).all(axis=0), np.nan, late_fusion(answers, "product")
            )
        ),
    }
    return try_cases(
        "fuse_what_is_there",
        function,
        cases,
        lambda answers: late_fusion(answers, "product"),
        wrong,
        close,
    )
