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
    "matrices": (
        ("d", "A matrix moves vectors", "(1, 1) goes to the sum of the columns."),
        ("a", "Directions that do not turn", "v is an eigenvector, and so is -2v."),
        ("c", "Covariance", "only distances from the mean count."),
        ("b", "The widest axis", "an eigenvalue is the variance along its eigenvector."),
        ("c", "Two matrices at once", "25 stands above and below the line."),
    ),
    "sound": (
        ("b", "Sampling and aliasing", "1,000 Hz above half the rate is folded to as far below."),
        ("c", "Decibels", "20 log10 of 2 is 6.02."),
        ("d", "The Fourier transform", "rate / N, one over the frame's length in seconds."),
        ("c", "Windows", "the frame's ends do not meet, and the jump needs all frequencies."),
        ("a", "The spectrogram", "what is known better in frequency is known worse in time."),
    ),
    "images": (
        ("b", "Convolution", "a convolution lays a copy of the kernel where there is light."),
        ("d", "What a kernel does", "a wall is multiplied by the sum of the weights."),
        ("c", "Derivatives", "the kernel is turned round: 0.5 meets the right neighbour."),
        ("a", "Noise", "variances add with squared weights: the root of 0.25 + 0.25."),
        ("c", "Least squares", "then XᵀX is singular, and many answers fit alike."),
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
    if not (answers is ... or isinstance(answers, list | tuple | str)):
        return say(primer, f"give a list of {len(key)} letters, not {answers!r}.")
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
        theta, g, m, root = rng.normal(size=(4, 5))
        cases.append((theta, g, m, root**2, t, *rng.uniform(0.01, 0.1, 2)))

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
    trained, tested = drop(x.copy(), rate, True, rng), drop(x.copy(), rate, False, rng)
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
    cases = [(rng.uniform(1, 2, (12, 8000)), rate, int(rng.integers(1_000_000))) for rate in shares]

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


def alias(function):
    """Check the frequency that the samples of a tone sound like (primer_sound)."""
    rng = np.random.default_rng()
    rates = rng.choice([8000.0, 16000.0, 22050.0], 8)
    # From below half the rate to three times it, and off the borders between.
    cases = [(rate * (k / 2 + rng.uniform(0.05, 0.45)), rate) for k, rate in enumerate(rates)]

    def right(hz, rate):
        return min(hz % rate, rate - hz % rate)

    wrong = {
        "That is the tone itself: above half the rate nobody can hear it.": lambda hz, rate: hz,
        "That is what lies beyond whole rates. Above half the rate fold it.": (
            lambda hz, rate: hz % rate
        ),
        "That folds once. A tone above the rate comes round: first take hz % rate.": (
            lambda hz, rate: abs(min(hz, rate - hz))
        ),
        "It does not start again from 0 at half the rate: it comes back down.": (
            lambda hz, rate: hz % (rate / 2)
        ),
        "It is not held at half the rate: as far as it was above, it comes out below.": (
            lambda hz, rate: min(hz, rate / 2)
        ),
        "It is not silent above half the rate: without a filter, an alias is heard.": (
            lambda hz, rate: hz if hz <= rate / 2 else 0
        ),
    }
    return try_cases("alias", function, cases, right, wrong, np.isclose)


def amplitude_at(function):
    """Check the amplitude of one tone in a sum of tones (primer_sound)."""
    rng = np.random.default_rng()
    cases = []
    for _ in range(8):
        n, rate = int(rng.integers(60, 100)), 8000.0
        swings = rng.choice(np.arange(2, n // 2 - 1), 3, replace=False)
        amplitude, phase = rng.uniform(0.2, 2, 3), rng.uniform(0.3, 1.2, 3)
        phases = 2 * np.pi * swings * np.arange(n)[:, None] / n + phase
        cases.append((np.cos(phases) @ amplitude, swings[0] * rate / n, rate))

    def tone(x, swings_a_sample):
        return x @ np.exp(-2j * np.pi * swings_a_sample * np.arange(len(x)))

    def right(x, hz, rate):
        return 2 * abs(tone(x, hz / rate)) / len(x)

    wrong = {
        "That is the sum. Its length grows with the frame's: divide by half the samples.": (
            lambda x, hz, rate: abs(tone(x, hz / rate))
        ),
        "That is half of it: cosine times cosine is 1/2 on average, so divide by N / 2.": (
            lambda x, hz, rate: right(x, hz, rate) / 2
        ),
        "It asks with a cosine only, and a tone may begin anywhere in its swing. Ask with a sine, "
        "too.": lambda x, hz, rate: 2 * abs(tone(x, hz / rate).real) / len(x),
        "It asks with a sine only, and a tone may begin anywhere in its swing. Ask with a cosine, "
        "too.": lambda x, hz, rate: 2 * abs(tone(x, hz / rate).imag) / len(x),
        "That is complex. The amplitude is its absolute value.": (
            lambda x, hz, rate: 2 * tone(x, hz / rate) / len(x)
        ),
        "You take hertz for swings in the frame: k = hz * N / rate.": (
            lambda x, hz, rate: 2 * abs(tone(x, hz / len(x))) / len(x)
        ),
        "2 pi is missing: a swing is 2 pi radians.": (
            lambda x, hz, rate: right(x, hz / (2 * np.pi), rate)
        ),
        "That is the power: take the root.": lambda x, hz, rate: right(x, hz, rate) ** 2,
    }
    return try_cases("amplitude_at", function, cases, right, wrong)


def convolve_row(function):
    """Check a convolution with zeros beyond the row (primer_images)."""
    rng = np.random.default_rng()
    lengths = rng.permutation([3, 3, 5, 5, 5, 7, 7, 9])
    cases = [(rng.normal(size=n + 15), rng.normal(size=n)) for n in lengths]

    def right(row, kernel):
        return np.convolve(row, kernel, "same")

    def surrounded(mode):
        def convolved(row, kernel):
            return np.convolve(np.pad(row, len(kernel) // 2, mode=mode), kernel, "valid")

        return convolved

    wrong = {
        "That is a correlation: a spike would bring the kernel out mirrored. Turn the kernel "
        "round.": lambda row, kernel: np.correlate(row, kernel, "same"),
        "It is longer than the row: cut half a kernel off both ends.": np.convolve,
        "It is shorter than the row: at the ends, too, there is a result, with zeros beyond.": (
            lambda row, kernel: np.convolve(row, kernel, "valid")
        ),
        "It is moved to the right by half a kernel: the kernel's middle is m = 0.": (
            lambda row, kernel: np.convolve(row, kernel)[: len(row)]
        ),
        "It is moved to the left by half a kernel: the kernel's middle is m = 0.": (
            lambda row, kernel: np.convolve(row, kernel)[len(kernel) - 1 :]
        ),
        "A convolution does not divide by the sum of the weights. A blur has weights that add up "
        "to 1 already.": lambda row, kernel: right(row, kernel) / kernel.sum(),
        "Beyond the row you repeat its ends. Here there are zeros.": surrounded("edge"),
        "Beyond one end you go on at the other. Here there are zeros.": surrounded("wrap"),
        "Beyond the row you have its mirror image. Here there are zeros.": surrounded("symmetric"),
    }
    return try_cases("convolve_row", function, cases, right, wrong)


def _line(slope):
    """Return a line of a given slope through the middle of the points."""
    return lambda x, y: (slope(x, y), y.mean() - slope(x, y) * x.mean())


def fit_line(function):
    """Check a line fitted by least squares (primer_images)."""
    rng = np.random.default_rng()
    cases = []
    for n in rng.integers(6, 30, 8):
        x, slope = rng.normal(rng.uniform(2, 4), 1, n), rng.uniform(0.5, 2)
        cases.append((x, slope * x + rng.normal(1, 1, n)))

    def products(x, y):
        return ((x - x.mean()) * (y - y.mean())).sum()

    def slope(x, y):
        return products(x, y) / products(x, x)

    def across(x, y):
        """Return the slope of the line with the least squared distances across it."""
        right, up = np.linalg.eigh(np.cov(x, y))[1][:, 1]
        return up / right

    def ends(x, y):
        return (y[-1] - y[0]) / (x[-1] - x[0])

    right = _line(slope)
    wrong = {
        "The order: slope first, then intercept.": lambda x, y: right(x, y)[::-1],
        "That line goes through the origin: give X a column of ones for the intercept.": (
            lambda x, y: (x @ y / (x @ x), 0)
        ),
        "That fits x by y, with errors in x: y and x are swapped.": lambda x, y: right(y, x),
        "That line has the least errors in x. Here the errors are in y.": (
            _line(lambda x, y: products(y, y) / products(x, y))
        ),
        "That is a correlation: divide by the variance of x alone.": (
            _line(lambda x, y: products(x, y) / np.sqrt(products(x, x) * products(y, y)))
        ),
        "np.cov divides by n - 1, np.var by n: use one of the two for both.": (
            _line(lambda x, y: slope(x, y) * len(x) / (len(x) - 1))
        ),
        "That line has the least distances across it. Here the errors are measured along y.": (
            _line(across)
        ),
        "That line goes through the first and the last point. All points count.": (
            lambda x, y: (ends(x, y), y[0] - ends(x, y) * x[0])
        ),
    }
    return try_cases("fit_line", function, cases, right, wrong)


def covariance(function):
    """Check the covariance matrix of samples in rows (primer_matrices)."""
    rng = np.random.default_rng()
    cases = []
    for n, d in rng.integers((8, 2), (30, 6), (6, 2)):
        X = rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.uniform(2, 9, d)
        cases.append((X,))

    def products(X, axis=0):
        centred = X - X.mean(axis=axis, keepdims=True)
        return centred.T @ centred

    wrong = {
        "The mean is missing: take it from each feature first.": lambda X: X.T @ X / (len(X) - 1),
        "Divide by n - 1, not by n.": lambda X: products(X) / len(X),
        "That is the sum of products: divide it by n - 1.": products,
        "That is the correlation: leave the standard deviations in.": (
            lambda X: np.corrcoef(X, rowvar=False)
        ),
        "You took each sample's own mean: the mean of a feature goes over samples, axis 0.": (
            lambda X: products(X, 1) / (len(X) - 1)
        ),
        "One row and column a sample: you want one a feature. Samples are rows of X.": np.cov,
    }
    return try_cases("covariance", function, cases, lambda X: np.cov(X, rowvar=False), wrong)


def generalised_eigenvector(function):
    """Check the axis with the largest ratio of two quadratic forms (primer_matrices)."""
    rng = np.random.default_rng()
    cases = []
    for d in (2, 3, 4, 5, 6, 7):
        parts = rng.normal(size=(2, d, d))
        cases.append(tuple(part @ part.T + 0.1 * np.eye(d) for part in parts))

    def whitened(A, B, column=-1):
        """Return the best direction where B is round, and the way there."""
        b, Q = np.linalg.eigh(B)
        M = Q / np.sqrt(b)
        return np.linalg.eigh(M.T @ A @ M)[1][:, column], M

    def back(A, B, column=-1):
        u, M = whitened(A, B, column)
        return M @ u

    def unit(rule):
        return lambda A, B: (lambda w: w / np.linalg.norm(w))(rule(A, B))

    wrong = {
        "Right direction; bring it to length 1.": back,
        "That ignores B: it is the widest axis of A alone.": lambda A, B: np.linalg.eigh(A)[1][
            :, -1
        ],
        "That is the eigenvector of the whitened problem: go back with w = M u.": (
            lambda A, B: whitened(A, B)[0]
        ),
        "That is the smallest ratio: eigh sorts upwards.": unit(lambda A, B: back(A, B, 0)),
        "inv(B) @ A is not symmetric, and eigh reads only its lower half.": (
            lambda A, B: np.linalg.eigh(np.linalg.inv(B) @ A)[1][:, -1]
        ),
        "Back goes by M, not by its inverse.": unit(
            lambda A, B: np.linalg.solve(*whitened(A, B)[::-1])
        ),
    }

    def close(a, b):
        """Compare up to the sign."""
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        return a.shape == b.shape and min(abs(a - b).max(), abs(a + b).max()) < 1e-6

    right = unit(back)
    return try_cases("generalised_eigenvector", function, cases, right, wrong, close)
