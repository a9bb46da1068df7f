"""Oracles of the exercises in notebooks 00 to 02: the start."""

import numpy as np
import pandas as pd

from emolib.checks.trying import ask, say, try_cases
from emolib.corpora.table import EMOTIONS

VOTES = ("angry", "disgust", "fearful", "happy", "neutral", "sad")  # CREMA-D's six answers


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
    senses = ("ear", "eye", "both")
    if not (asked := ask(name, answers, [()])):
        return False
    given = asked[0]
    if not isinstance(given, dict):
        return say(name, f"return a dictionary with {', '.join(senses)}, not {given!r}.")
    if any(labels is ... for labels in given.values()):
        return say(name, "not tried yet. Listen, look, and replace each ... by five words.")
    for sense in senses:
        labels = given.get(sense, ())
        if not isinstance(labels, list | tuple):
            return say(name, f"'{sense}' needs a list of {len(truth)} words, not {labels!r}.")
        if len(labels) != len(truth):
            return say(name, f"'{sense}' needs {len(truth)} answers and has {len(labels)}.")
        strange = [label for label in labels if label not in EMOTIONS]
        if strange:
            return say(name, f"{strange[0]!r} is none of: {', '.join(EMOTIONS)}.")
    if all(len(set(given[sense])) == 1 for sense in senses):
        return say(name, "one word for all clips is a constant guess. Trust your eyes and ears.")
    for sense in senses:
        hits = sum(a == t for a, t in zip(given[sense], truth, strict=True))
        print(f"by {sense:4}: {hits} of {len(truth)}; people on CREMA-D: {people[sense]:.0%}")
    return say(name, "done. Five clips say little: one more hit is 20 points.", passed=True)


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
    return try_cases("majority_share", function, cases, right, wrong)


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
    return try_cases("correct_share", function, cases, right, wrong)


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
    return try_cases("soft_label", function, cases, lambda votes: votes / votes.sum(), wrong)


AUDIT = {
    "a": "selection",
    "b": "enrolment",
    "c": "copies",
    "d": "honest",
    "e": "scaler",
    "f": "stopping",
}
_LOOK = {
    "a": "Which labels does SelectKBest see when it is fitted?",
    "b": "Which rows give a test person's mean and deviation? Would you have them for a stranger?",
    "c": "What is drawn by lot: rows, clips or people? And the rows hold a copy of each clip.",
    "d": "Follow k: on which part is it chosen, and on which part is the answer scored?",
    "e": "On which rows is the scaler fitted?",
    "f": "How many test scores does it take, and which one does it return?",
}


def audit(function):
    """Check the reader's verdicts on six pipelines, letters a to f (notebook 02).

    Parameters
    ----------
    function : callable
        Returns a dictionary, letter to one of ``copies``, ``scaler``, ``selection``,
        ``stopping``, ``enrolment``, ``honest``.

    Returns
    -------
    bool
    """
    name = "audit"
    if not (asked := ask(name, function, [()])):
        return False
    given = asked[0]
    if not isinstance(given, dict):
        return say(name, f"return a dictionary, letter to verdict, not {given!r}.")
    if any(verdict is ... for verdict in given.values()):
        return say(name, "not tried yet. Replace each ... by a verdict and run both cells again.")
    missing = [letter for letter in AUDIT if letter not in given]
    if missing:
        return say(name, f"pipeline {missing[0]} has no verdict.")
    strange = [v for v in given.values() if v not in AUDIT.values()]
    if strange:
        return say(name, f"{strange[0]!r} is none of: {', '.join(sorted(AUDIT.values()))}.")
    wrong = [letter for letter, verdict in AUDIT.items() if given[letter] != verdict]
    if not wrong:
        return say(name, "done. All six verdicts are right.", passed=True)
    letter = wrong[0]
    say(name, f"{len(AUDIT) - len(wrong)} of 6 are right.")
    return say(name, f"look again at {letter}, which you call {given[letter]!r}. {_LOOK[letter]}")


def _divided(rng):
    """Make clips' names with copies, and a train and a test part that share some."""
    n = int(rng.integers(20, 40))
    clips = rng.permutation(np.repeat([f"clip-{k:02}" for k in range(n)], rng.integers(1, 4, n)))
    order = rng.permutation(len(clips))
    cut = int(len(clips) * rng.uniform(0.3, 0.8))
    return clips, order[:cut], order[cut : cut + int(len(clips) * 0.6)]


def share_with_relative(function):
    """Check the share of test rows whose clip is also in the training part (notebook 02)."""
    rng = np.random.default_rng()
    cases = [_divided(rng) for _ in range(8)]

    def right(clips, train, test):
        return np.isin(clips[test], clips[train]).mean()

    def shared(clips, train, test):
        return set(clips[test]) & set(clips[train])

    wrong = {
        "That counts clips: a clip with two rows in the test counts twice.": (
            lambda c, train, test: len(shared(c, train, test)) / len(set(c[test]))
        ),
        "That is the share of training rows with a relative in the test: turn it round.": (
            lambda c, train, test: np.isin(c[train], c[test]).mean()
        ),
        "The divisor is the number of test rows, not of all rows.": (
            lambda c, train, test: np.isin(c[test], c[train]).sum() / len(c)
        ),
        "That compares row positions. No row stands in two parts; look at its clip.": (
            lambda c, train, test: np.isin(test, train).mean()
        ),
        "That is the share of rows without a relative.": lambda *case: 1 - right(*case),
        "That is a percentage: give a share between 0 and 1.": lambda *case: 100 * right(*case),
    }
    return try_cases("share_with_relative", function, cases, right, wrong)


def accuracy_of_surest_half(function):
    """Check the accuracy among the surest half of the answers (notebook 02)."""
    rng = np.random.default_rng()
    cases = []
    for _ in range(8):
        confidence = rng.uniform(0.125, 1, 2 * rng.integers(10, 30))
        cases.append((confidence, rng.random(len(confidence)) < confidence))

    def surest(confidence):
        return confidence > np.median(confidence)

    def right(confidence, correct):
        return correct[surest(confidence)].mean()

    wrong = {
        "Those are the least sure ones: argsort goes up.": (
            lambda confidence, correct: correct[~surest(confidence)].mean()
        ),
        "That divides by all rows. The refused ones are not wrong, they are not answered.": (
            lambda confidence, correct: correct[surest(confidence)].sum() / len(correct)
        ),
        "That keeps confidences above 0.5, however many they are: keep half of the rows.": (
            lambda confidence, correct: correct[confidence > 0.5].mean()
        ),
        "That takes the first half in the order given: sort by confidence.": (
            lambda confidence, correct: correct[: len(correct) // 2].mean()
        ),
        "That is the mean confidence, what the machine claims. Count what it keeps.": (
            lambda confidence, correct: confidence[surest(confidence)].mean()
        ),
    }
    return try_cases("accuracy_of_surest_half", function, cases, right, wrong)
