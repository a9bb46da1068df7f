"""Oracles of the exercises in notebooks 19 to 21: the whole picture."""

import numpy as np

from emolib.checks.trying import ask, on_copies, say, try_cases
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
    probes, function = [study(rng) for _ in range(12)], on_copies(function)
    if not (given := ask(name, function, probes)):
        return False
    try:
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


def should_refuse(function):
    """Check a reader's rule of refusal by what errors and refusals cost (notebook 20)."""
    rng = np.random.default_rng()
    costs = [(4.0, 1.0), (10.0, 1.0), (3.0, 2.0), (8.0, 5.0), (2.0, 3.0)]
    cases = [(rng.dirichlet(np.full(5, 0.4), 40), *pair) for pair in costs]

    def sure(p):
        return p.max(axis=1)

    def margin(p):
        first, second = np.sort(p, axis=1)[:, :-3:-1].T
        return first - second

    wrong = {
        "Your rule keeps to a half, whatever an error costs. Use the two costs.": (
            lambda p, *_: sure(p) < 0.5
        ),
        "It refuses where it is sure. Turn it round.": lambda p, w, s: (1 - sure(p)) * w < s,
        "That is the limit for the chance of an *error*. How sure is it of being right?": (
            lambda p, w, s: sure(p) < s / w
        ),
        "The lead over the second is not the chance of being right: that is the largest "
        "probability.": lambda p, w, s: margin(p) < 1 - s / w,
        "You weigh the costs the wrong way round: what must the refusal be dearer than?": (
            lambda p, w, s: (1 - sure(p)) * s > w
        ),
        "One yes or no for all rows. Each clip is refused or answered by itself.": (
            lambda p, w, s: bool(((1 - sure(p)) * w > s).any())
        ),
    }

    def close(a, b):
        return np.array_equal(a, b)

    return try_cases(
        "should_refuse", function, cases, lambda p, w, s: (1 - sure(p)) * w > s, wrong, close
    )


def _lowest(confidence, correct, wanted, none=np.inf):
    """Return the lowest confidence at which the answered clips reach the wanted accuracy."""
    reach = [t for t in np.unique(confidence) if correct[confidence >= t].mean() >= wanted]
    return reach[0] if reach else none


def _answered_clips(rng, hopeless=False):
    """Make the confidence of clips, some alike, whether each is right, and a wanted accuracy.

    Its third clip is wrong, so that the accuracy falls below what is wanted and rises again.
    """
    confidence = np.sort(rng.choice(np.arange(20, 100), 60, replace=False))[::-1] / 100
    confidence[28:33] = confidence[28]
    correct = (np.arange(60) < 25) | (rng.random(60) < 0.5)
    correct[2] = False
    mixed = rng.permutation(60)
    return confidence[mixed], correct[mixed] & (not hopeless), 0.85


def threshold_for(function):
    """Check a reader's choice of a threshold on validation clips (notebook 20)."""
    rng = np.random.default_rng()
    cases = [_answered_clips(rng, hopeless=k == 2) for k in range(5)]

    def falls_first(confidence, correct, wanted):
        kept = np.inf
        for t in np.unique(confidence)[::-1]:
            if correct[confidence >= t].mean() < wanted:
                break
            kept = t
        return kept

    def highest(confidence, correct, wanted):
        return confidence.max() if np.isfinite(_lowest(confidence, correct, wanted)) else np.inf

    def share_answered(confidence, correct, wanted):
        return (confidence >= _lowest(confidence, correct, wanted)).mean()

    wrong = {
        "You return the wanted accuracy itself. That trusts what it *claims*; count how often it "
        "is right.": lambda confidence, correct, wanted: wanted,
        "That refuses more than it must: among the thresholds that keep the promise take the "
        "lowest.": highest,
        "You stop at the first threshold that breaks the promise. The accuracy goes down and up "
        "again: look at all of them.": falls_first,
        "That is the share of clips answered. Return the confidence.": share_answered,
        "Where no threshold keeps the promise return np.inf: then every clip is refused.": (
            lambda *case: _lowest(*case, none=np.max(case[0]))
        ),
        "Where no threshold keeps the promise return np.inf, not 0: 0 answers everything.": (
            lambda *case: _lowest(*case, none=0.0)
        ),
        "A clip at the threshold is answered, too: take >=.": _strictly_above,
    }

    def close(a, b):
        return np.ndim(a) == 0 and (a == b or abs(a - b) < 1e-9)

    return try_cases("threshold_for", function, cases, _lowest, wrong, close)


def _strictly_above(confidence, correct, wanted):
    reach = [t for t in np.unique(confidence)[:-1] if correct[confidence > t].mean() >= wanted]
    return reach[0] if reach else np.inf


def agreement(function):
    """Check the share of systems that agree, over those that answer (notebook 20)."""
    rng = np.random.default_rng()
    cases = []
    for _ in range(5):
        answers = rng.dirichlet(np.full(4, 0.5), (5, 12))
        for silent, clips in ((slice(0, 1), slice(0, 3)), (slice(1, 4), slice(3, 6))):
            answers[silent, clips] = np.nan
        answers[:, 6] = np.nan
        cases.append((answers,))

    def counted(answers):
        there = ~np.isnan(answers).any(axis=2)
        best = np.nan_to_num(answers, nan=-1.0).argmax(axis=2)
        votes = [(there & (best == k)).sum(axis=0) for k in range(answers.shape[2])]
        return np.max(votes, axis=0), there.sum(axis=0)

    def right(answers):
        most, there = counted(answers)
        return most / np.maximum(there, 1)

    def undivided(answers):
        with np.errstate(invalid="ignore"):
            return np.divide(*counted(answers))

    def all_vote(answers):
        best = np.nan_to_num(answers, nan=0.0).argmax(axis=2)
        return np.max([(best == k).mean(axis=0) for k in range(answers.shape[2])], axis=0)

    wrong = {
        "You divide by five. Divide by the systems that answered.": (
            lambda answers: counted(answers)[0] / len(answers)
        ),
        "A system that cannot answer votes in yours: argmax of NaN is some class.": all_vote,
        "That counts votes. Divide by the systems that answered.": lambda a: counted(a)[0],
        "Where nobody answers you get 0 / 0. Nobody agrees there: 0.": undivided,
        "That is how sure they are, not whether they agree: compare their favourites.": (
            lambda answers: (
                np.nansum(answers.max(axis=2), axis=0) / np.maximum(counted(answers)[1], 1)
            )
        ),
    }

    def close(a, b):
        return np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-9, equal_nan=True)

    return try_cases("agreement", function, cases, right, wrong, close)
