"""The oracles that exercises call: each tries a function on fresh cases and answers in a sentence.

A check never raises on a wrong answer, so that a notebook runs on; it returns True only where
every case came out right. A stub that returns ``...`` is told from a wrong answer.
"""

import numpy as np
import pandas as pd

from emolib.corpora.table import EMOTIONS

VOTES = ("angry", "disgust", "fearful", "happy", "neutral", "sad")  # CREMA-D's six answers


def _say(name, sentence, passed=False):
    print(f"{name}: {sentence}")
    return passed


def _try(name, function, cases, right, wrong, close=None):
    """Compare a function with the right one on cases; name the wrong one that it resembles.

    ``wrong`` maps a hint to a function that gives that wrong answer. A hint is given where the
    answer differs from the right one and equals the wrong one in every case.
    """
    close = close or (lambda a, b: np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-9))
    answers = []
    for case in cases:
        try:
            answers.append(function(*case))
        except Exception as error:  # the reader's own code: any fault is theirs to see
            return _say(name, f"your function stopped with {type(error).__name__}: {error}")
    if any(answer is ... for answer in answers):
        return _say(name, "not tried yet. Replace the ... and run both cells again.")
    if any(answer is None for answer in answers):
        return _say(name, "your function returns nothing. Is the return missing?")
    expected = [right(*case) for case in cases]

    def same(values):
        try:
            return all(close(a, v) for a, v in zip(answers, values, strict=True))
        except (TypeError, ValueError):
            return False

    if same(expected):
        return _say(name, f"right, on {len(cases)} fresh cases.", passed=True)
    for hint, mistaken in wrong.items():
        if same([mistaken(*case) for case in cases]):
            return _say(name, f"not yet. {hint}")
    return _say(name, f"not yet. One case wants {expected[0]!r}, you gave {answers[0]!r}.")


def five_labels(answers, truth, people):
    """Check the reader's labels of five clips, by ear, by eye and by both (notebook 00).

    Parameters
    ----------
    answers : callable
        Returns a dictionary with the keys ``ear``, ``eye`` and ``both``, each a list of five
        emotions.
    truth : list of str
        The recipes' labels of the five clips.
    people : dict
        Share of right answers that people reached elsewhere, by the same keys, to compare with.

    Returns
    -------
    bool
        True where all fifteen answers are there and are emotions; hits do not matter.
    """
    name = "five_labels"
    given = answers()
    if given is ... or any(labels is ... for labels in given.values()):
        return _say(name, "not tried yet. Listen, look, and replace each ... by five words.")
    for sense in ("ear", "eye", "both"):
        labels = list(given.get(sense, ()))
        if len(labels) != len(truth):
            return _say(name, f"'{sense}' needs {len(truth)} answers and has {len(labels)}.")
        strange = [label for label in labels if label not in EMOTIONS]
        if strange:
            return _say(name, f"{strange[0]!r} is none of: {', '.join(EMOTIONS)}.")
    if all(len(set(labels)) == 1 for labels in given.values()):
        return _say(name, "one word for all clips is a constant guess. Trust your eyes and ears.")
    for sense in ("ear", "eye", "both"):
        hits = sum(a == t for a, t in zip(given[sense], truth, strict=True))
        print(f"by {sense:4}: {hits} of {len(truth)}; people on CREMA-D: {people[sense]:.0%}")
    return _say(name, "done. Five clips say little: one more hit is 20 points.", passed=True)


def majority_share(function):
    """Check the score of somebody who always gives the commonest label (notebook 00)."""
    rng = np.random.default_rng()
    cases = [
        (list(rng.choice(EMOTIONS[: rng.integers(3, 9)], size=rng.integers(20, 60))),)
        for _ in range(8)
    ]

    def right(labels):
        return max(labels.count(label) for label in set(labels)) / len(labels)

    wrong = {
        "That is one divided by the number of labels: right only where all are equally common.": (
            lambda labels: 1 / len(set(labels))
        ),
        "The divisor is the number of clips, not the eight emotions.": (
            lambda labels: right(labels) * len(labels) / 8
        ),
        "That is a percentage: give a share between 0 and 1.": lambda labels: 100 * right(labels),
        "That is a count: divide it by the number of clips.": (
            lambda labels: right(labels) * len(labels)
        ),
    }
    return _try("majority_share", function, cases, right, wrong)


def _votes(rng):
    """Make a table of votes and the intended emotions, with ties and unequal numbers of raters."""
    n = int(rng.integers(20, 40))
    intended = rng.choice(VOTES, n)
    shares = rng.dirichlet(np.full(6, 0.7), n)
    counts = np.array([rng.multinomial(rng.integers(4, 13), p) for p in shares])
    counts[0] = (3, 3, 0, 0, 0, 0)  # a tie
    return pd.DataFrame(counts, columns=VOTES), pd.Series(intended)


def correct_share(function):
    """Check the share of responses that name the intended emotion (notebook 01)."""
    rng = np.random.default_rng()
    cases = [_votes(rng) for _ in range(6)]

    def hits(counts, intended):
        return np.array([counts.loc[k, word] for k, word in enumerate(intended)])

    def right(counts, intended):
        return hits(counts, intended).sum() / counts.to_numpy().sum()

    def winners(counts, intended):
        return (counts.idxmax(axis=1) == intended).mean()

    def with_ties(counts, intended):
        return (hits(counts, intended) == counts.max(axis=1)).mean()

    def single_winners(counts, intended):
        single = (counts.eq(counts.max(axis=1), axis=0).sum(axis=1) == 1).to_numpy()
        return ((counts.idxmax(axis=1) == intended).to_numpy() & single).mean()

    def by_clip(counts, intended):
        return (hits(counts, intended) / counts.sum(axis=1)).mean()

    wrong = {
        "That counts clips whose winning answer is right. Count responses: a clip that 6 of 10 "
        "people hear right holds 4 wrong responses.": winners,
        "That counts clips and takes every tie as right. Count responses.": with_ties,
        "That counts clips and makes a tie a class of its own. Count responses.": single_winners,
        "That is the mean of the clips' shares: a clip with 4 raters weighs as much as one with "
        "12. Add up first, divide once.": by_clip,
        "That is a percentage: give a share between 0 and 1.": lambda c, i: 100 * right(c, i),
    }
    return _try("correct_share", function, cases, right, wrong)


def soft_label(function):
    """Check the soft label that counts of votes make (notebook 01)."""
    rng = np.random.default_rng()
    cases = [(rng.multinomial(rng.integers(5, 13), rng.dirichlet(np.ones(6))),) for _ in range(8)]
    wrong = {
        "That is the winner alone: the minority's votes are lost.": (
            lambda votes: np.eye(6)[votes.argmax()]
        ),
        "That is a softmax: votes are counts already, not logits.": (
            lambda votes: np.exp(votes) / np.exp(votes).sum()
        ),
        "That divides by the number of emotions: divide by the number of votes.": (
            lambda votes: votes / 6
        ),
        "That divides by the winner's votes: the shares must add up to 1.": (
            lambda votes: votes / votes.max()
        ),
        "That adds one to each answer first. It is called smoothing, and it has its uses, but "
        "here nobody gave that vote.": lambda votes: (votes + 1) / (votes + 1).sum(),
    }
    return _try("soft_label", function, cases, lambda votes: votes / votes.sum(), wrong)
