"""Try the reader's function on fresh cases and answer in one sentence."""

from copy import deepcopy

import numpy as np


def say(name, sentence, passed=False):
    """Print the exercise's name with a sentence; return whether it is passed."""
    print(f"{name}: {sentence}")
    return passed


def on_copies(function):
    """Return a function that works on copies of what it is given, so it may change them."""
    return lambda *case: function(*deepcopy(case))


def ask(name, function, cases):
    """Return a function's answers to copies of cases; an empty list, and why, if one is none."""
    answers, ours = [], on_copies(function)
    for case in cases:
        try:
            answers.append(ours(*case))
        except Exception as error:  # the reader's own code: any fault is theirs to see
            return say(name, f"your function stopped with {type(error).__name__}: {error}") or []
    if any(answer is ... for answer in answers):
        return say(name, "not tried yet. Replace the ... and run both cells again.") or []
    if any(answer is None for answer in answers):
        return say(name, "your function returns nothing. Is the return missing?") or []
    return answers


def try_cases(name, function, cases, right, wrong, close=None):
    """Compare a function with the right one on cases; name the wrong one that it resembles.

    ``wrong`` maps a hint to a function that gives that wrong answer. A hint is given where the
    answer differs from the right one and equals the wrong one in every case.
    """
    close = close or (lambda a, b: np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-9))
    if not (answers := ask(name, function, cases)):
        return False

    def far(values):
        """Return the pairs of answer and value that differ."""
        return [(a, v) for a, v in zip(answers, values, strict=True) if not _holds(close, a, v)]

    if not (faults := far([right(*case) for case in cases])):
        return say(name, f"right, on {len(cases)} fresh cases.", passed=True)
    for hint, mistaken in wrong.items():
        if not far([mistaken(*case) for case in cases]):
            return say(name, f"not yet. {hint}")
    answer, wanted = faults[0]
    return say(name, f"not yet. One case wants {wanted!r}, you gave {answer!r}.")


def _holds(close, answer, value):
    try:
        return bool(close(answer, value))
    except (TypeError, ValueError):  # it cannot be compared: an answer of another kind
        return False
