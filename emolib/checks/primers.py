"""Oracles of the primers: the test that opens each, and their exercises."""

import numpy as np

from emolib.checks.trying import say, try_cases

# A primer's questions in order: the right letter, the section that answers it, and why.
QUIZZES = {
    "training": (
        ("b", "Softmax and cross-entropy", "a shift of all scores cancels in the fraction."),
        ("c", "Gradient descent and Adam", "Adam divides a gradient by its own usual size."),
        ("d", "Overfitting", "what still falls is true of the training examples only."),
        ("a", "Batch normalisation", "one row has no spread; the moving averages stand in."),
        ("c", "Dropout", "what is kept is divided by 0.8, so that the mean stays."),
    ),
}


def quiz(primer, answers):
    """Check the test that opens a primer: what the reader knows already, and what to read.

    Parameters
    ----------
    primer : str
        A key of ``QUIZZES``: the notebook's name without ``primer_``.
    answers : list of str
        A letter a question, in either case; ``...`` where not answered.

    Returns
    -------
    bool
        True where all are right, so that the primer can be skipped.
    """
    key = QUIZZES[primer]
    if answers is ... or all(answer is ... for answer in answers):
        return say(primer, "not tried yet. Replace each ... by a letter, such as 'a'.")
    if len(answers) != len(key):
        return say(primer, f"the test has {len(key)} questions, you gave {len(answers)} answers.")
    right = 0
    for number, (answer, (letter, section, reason)) in enumerate(zip(answers, key, strict=True), 1):
        known = str(answer).strip().lower() == letter
        right += known
        print(f"question {number}: " + (f"right: {reason}" if known else f"read '{section}'."))
    if right < len(key):
        return say(primer, f"{right} of {len(key)} right. The sections named above will do.")
    return say(primer, f"done. {right} of {right}: you may skip this primer.", passed=True)


def _frozen(array):
    """Make an array that a function cannot change in place."""
    array.setflags(write=False)
    return array


def adam(theta, g, m, v, t, rate=0.001, epsilon=1e-7):
    """Take one step of Adam, the answer to ``adam_step``.

    Parameters
    ----------
    theta, g, m, v : ndarray, float, all of one shape
        Parameters, gradient, and the running means of the gradient and of its square.
    t : int
        Number of this step, from 1.
    rate, epsilon : float
        Learning rate; what keeps the divisor from being zero.

    Returns
    -------
    tuple of ndarray
        ``theta``, ``m`` and ``v`` after the step.

    Source: gru-attention, eqs 2.46-2.50, with (2.46) mended: it is to read
    beta_1 m + (1 - beta_1) g.
    Notebook: primer_training
    """
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    corrected_m = m / (1 - 0.9**t)
    corrected_v = v / (1 - 0.999**t)
    return theta - rate * corrected_m / (np.sqrt(corrected_v) + epsilon), m, v


def _adam(first=None, second=None, correct=(1, 1), root=False, keras=False, sign=-1):
    """Return a step of Adam with a fault: each argument is one way to differ from ``adam``."""
    first = first or (lambda g, m, v: 0.9 * m + 0.1 * g)
    second = second or (lambda g, v: 0.999 * v + 0.001 * g**2)

    def step(theta, g, m, v, t, rate, epsilon):
        m, v = first(g, m, v), second(g, v)
        own_m = m / (1 - 0.9**t) if correct[0] else m
        own_v = v / (1 - 0.999**t) if correct[1] else v
        epsilon = epsilon / np.sqrt(1 - 0.999**t) if keras else epsilon
        with np.errstate(invalid="ignore"):
            divisor = np.sqrt(own_v + epsilon) if root else np.sqrt(own_v) + epsilon
        return theta + sign * rate * own_m / divisor, m, v

    return step


def adam_step(function):
    """Check one step of Adam: parameters and both running means (primer_training)."""
    rng = np.random.default_rng()
    cases = []
    for t in range(1, 9):
        theta, g, m, root = _frozen(rng.normal(size=(4, 5)))
        cases.append((theta, g, m, _frozen(root**2), t, *rng.uniform(0.01, 0.1, 2)))

    def corrected_means(theta, g, m, v, t, rate, epsilon):
        theta, m, v = adam(theta, g, m, v, t, rate, epsilon)
        return theta, m / (1 - 0.9**t), v / (1 - 0.999**t)

    wrong = {
        "That is (2.46) as printed: it takes the mean of squares for the mean of gradients. It "
        "should read beta_1 m + (1 - beta_1) g.": _adam(lambda g, m, v: 0.9 * v + 0.001 * g),
        "m decays with beta_1, yet its new gradient must weigh 1 - beta_1 = 0.1, not 0.001.": (
            _adam(lambda g, m, v: 0.9 * m + 0.001 * g)
        ),
        "The two rates are swapped: m decays with 0.9, v with 0.999.": _adam(
            lambda g, m, v: 0.999 * m + 0.001 * g, lambda g, v: 0.9 * v + 0.1 * g**2
        ),
        "v is the running mean of the gradient's square: square g.": _adam(
            second=lambda g, v: 0.999 * v + 0.001 * g
        ),
        "The bias correction is missing: (2.48) and (2.49).": _adam(correct=(0, 0)),
        "v is not corrected for its start at zero: (2.49).": _adam(correct=(1, 0)),
        "m is not corrected for its start at zero: (2.48).": _adam(correct=(0, 1)),
        "epsilon stands inside the root. (2.50) adds it after the root.": _adam(root=True),
        "That is Keras's form: it adds epsilon before v is corrected. A good step, and not (2.50), "
        "which corrects first.": _adam(keras=True),
        "Your step climbs: subtract it.": _adam(sign=1),
        "Return m and v as (2.46) and (2.47) leave them; the correction is for the step only.": (
            corrected_means
        ),
    }

    def close(a, b):
        return len(a) == len(b) and np.allclose(a, b, rtol=0, atol=1e-9, equal_nan=True)

    return try_cases("adam_step", function, cases, adam, wrong, close)


def _dropout(keep, scale, when_testing=None, rows=True):
    """Return a dropout with its share of kept units, its factor and its ways of going wrong."""

    def drop(x, rate, training, rng):
        if not training:
            return x if when_testing is None else when_testing(x, rate)
        shape = x.shape if rows else x.shape[1:]
        return np.where(rng.random(shape) < keep(rate), x * scale(rate), 0)

    return drop


def _summary(drop, x, rate, seed):
    """Say in numbers what a dropout does; pass on what is no array of x's shape."""
    rng = np.random.default_rng(seed)
    trained, tested = drop(x, rate, True, rng), drop(x, rate, False, rng)
    for answer in (trained, tested):
        if answer is ... or answer is None:
            return answer
        if np.shape(answer) != x.shape:
            return f"an answer of shape {np.shape(answer)}, not {x.shape}"
    dropped = trained == 0
    numbers = {
        "share dropped": dropped.mean(),
        "kept values times": (trained / x)[~dropped].mean() if not dropped.all() else 0,
        "rows with a mask of their own": (dropped[1:] != dropped[0]).any(axis=1).mean(),
        "share dropped when testing": (tested == 0).mean(),
        "values when testing times": (tested / x).mean(),
    }
    return {name: round(float(number), 2) for name, number in numbers.items()}


def dropout(function):
    """Check dropout as Keras does it, by what comes out of many units (primer_training)."""
    rng = np.random.default_rng()
    shares = (0.2, 0.3, 0.4, 0.6, 0.7)
    cases = [
        (_frozen(rng.uniform(1, 2, (50, 2000))), rate, int(rng.integers(1_000_000)))
        for rate in shares
    ]

    def keep(rate):
        return 1 - rate

    def inverse(rate):
        return 1 / (1 - rate)

    def one(rate):
        return 1

    right = _dropout(keep, inverse)
    wrong = {
        "That is (2.35): p is the share kept, and nothing is scaled. Keras's rate is the share "
        "dropped, and what is kept is scaled.": _dropout(lambda rate: rate, one),
        "That keeps the share `rate`: in Keras it is the share dropped.": (
            _dropout(lambda rate: rate, lambda rate: 1 / rate)
        ),
        "The mask is the wrong way round: you drop what should be kept.": (
            _dropout(lambda rate: rate, inverse)
        ),
        "Nothing is scaled, so the mean falls: divide what is kept by 1 - rate.": (
            _dropout(keep, one)
        ),
        "Scale up, not down: what is kept stands in for what is dropped.": _dropout(keep, keep),
        "Divide by the share kept, 1 - rate, not by the rate.": _dropout(
            keep, lambda rate: 1 / rate
        ),
        "All rows share one mask: draw a number for each unit of each row.": (
            _dropout(keep, inverse, rows=False)
        ),
        "It scales while testing as well. After inverted dropout a test changes nothing.": (
            _dropout(keep, inverse, lambda x, rate: x * (1 - rate))
        ),
        "Scaling while testing and not while training was the first form of dropout. Keras scales "
        "while training.": _dropout(keep, one, lambda x, rate: x * (1 - rate)),
        "It drops while testing as well: look at `training`.": (
            lambda x, rate, training, rng: right(x, rate, True, rng)
        ),
    }

    def close(a, b):
        numbers = isinstance(a, dict)
        return numbers and np.allclose([*a.values()], [*b.values()], rtol=0, atol=0.06)

    return try_cases(
        "dropout",
        lambda *case: _summary(function, *case),
        cases,
        lambda *case: _summary(right, *case),
        {hint: lambda *case, drop=drop: _summary(drop, *case) for hint, drop in wrong.items()},
        close,
    )
