"""Oracles of the exercises in notebooks 06 to 09: seeing."""

import numpy as np
from scipy.ndimage import fourier_shift, gaussian_filter

from emolib import devices
from emolib.checks.trying import try_cases


def missing_sigma(function):
    """Check the blur that takes one scale to a coarser one (notebook 06)."""
    rng = np.random.default_rng()
    a = rng.uniform(0.5, 3, 8)
    cases = list(zip(a, a + rng.uniform(0.5, 3, 8), strict=True))

    def root(square):
        with np.errstate(invalid="ignore"):
            return np.sqrt(square)

    wrong = {
        "Standard deviations do not add up, so they cannot be subtracted. Their squares, the "
        "variances, can.": lambda a, b: b - a,
        "That is where you end if you blur by a and then by b. Here b is the end: subtract.": (
            lambda a, b: root(a**2 + b**2)
        ),
        "That is a ratio: blurs do not multiply, their variances add up.": lambda a, b: b / a,
        "That is a variance: take its square root.": lambda a, b: b**2 - a**2,
        "The order is wrong: the larger variance is that of b.": lambda a, b: root(a**2 - b**2),
        "Square each first: variances add up, standard deviations do not.": (
            lambda a, b: root(b - a)
        ),
    }

    def close(answer, value):
        return np.shape(answer) == () and bool(np.isclose(answer, value, atol=0, equal_nan=True))

    return try_cases("missing_sigma", function, cases, lambda a, b: root(b**2 - a**2), wrong, close)


def _gaussian(sigma, radius, exponent=lambda x, sigma: x**2 / (2 * sigma**2), first=None, last=1):
    """Return the weights of a Gaussian that are not divided by anything yet."""
    x = np.arange(-radius if first is None else first, radius + last)
    return np.exp(-exponent(x, sigma))


def gaussian_weights(function):
    """Check one axis of a Gaussian kernel that keeps a picture's brightness (notebook 06)."""
    rng = np.random.default_rng()
    cases = [(rng.uniform(1, 3), int(radius)) for radius in rng.permutation(np.arange(2, 10))]

    def divided(**faults):
        def weights(sigma, radius):
            kernel = _gaussian(sigma, radius, **faults)
            return kernel / kernel.sum()

        return weights

    wrong = {
        "That is (2) as printed: its weights do not add up to 1, and a wall gets brighter.": (
            _gaussian
        ),
        "√(2π) σ is the sum of all weights, out to infinity. You cut the kernel off at the "
        "radius: divide by the sum of what is left.": (
            lambda sigma, radius: _gaussian(sigma, radius) / (np.sqrt(2 * np.pi) * sigma)
        ),
        "Its length is even, so it has no middle, and it shifts the picture: arange stops before "
        "its end.": divided(last=0),
        "That is the right half: a picture would be shifted. Begin at -radius.": divided(first=0),
        "The 2 below the fraction is missing: x² / (2 σ²).": (
            divided(exponent=lambda x, sigma: x**2 / sigma**2)
        ),
        "σ is squared in the exponent: x² / (2 σ²).": (
            divided(exponent=lambda x, sigma: x**2 / (2 * sigma))
        ),
    }
    return try_cases("gaussian_weights", function, cases, divided(), wrong)


def _moments(rng):
    """Draw a second-moment matrix of twenty gradients, no axis of it along x, y or t."""
    gradients = rng.normal(size=(20, 3)) @ rng.normal(size=(3, 3))
    return gradients.T @ gradients / 20


def harris_response(function):
    """Check the Harris-3D response of one matrix (notebook 07)."""
    rng = np.random.default_rng()
    cases = [(_moments(rng), rng.uniform(0.002, 0.02)) for _ in range(8)]
    det, trace = np.linalg.det, np.trace

    wrong = {
        "That is the right end of (8) as printed. The trace must be cubed, or light decides what "
        "is an event.": lambda mu, k: det(mu) - k * trace(mu),
        "The square belongs to Harris's corners in a picture, with two eigenvalues. Here are "
        "three: cube the trace.": lambda mu, k: det(mu) - k * trace(mu) ** 2,
        "The product of the diagonal is no determinant: it leaves out how the axes go together.": (
            lambda mu, k: np.diag(mu).prod() - k * trace(mu) ** 3
        ),
        "k weighs the trace only, not the determinant.": (
            lambda mu, k: k * (det(mu) - trace(mu) ** 3)
        ),
        "The trace is subtracted: what changes in one direction only must not count.": (
            lambda mu, k: det(mu) + k * trace(mu) ** 3
        ),
        "It is the other way round: det minus k times the cube.": (
            lambda mu, k: k * trace(mu) ** 3 - det(mu)
        ),
        "You cube the eigenvalues and then add them. Add first, then cube the sum.": (
            lambda mu, k: det(mu) - k * (np.linalg.eigvalsh(mu) ** 3).sum()
        ),
        "You cube each entry and then take the trace. Take the trace first.": (
            lambda mu, k: det(mu) - k * trace(mu**3)
        ),
        "That is (k · trace)³: k is not cubed.": lambda mu, k: det(mu) - (k * trace(mu)) ** 3,
        "That is the determinant alone: a strong edge has a large one by noise.": (
            lambda mu, k: det(mu)
        ),
    }
    return try_cases(
        "harris_response", function, cases, lambda mu, k: det(mu) - k * trace(mu) ** 3, wrong
    )


def _turned(rng, large):
    """Draw a matrix with so many large eigenvalues, in no direction of ours, at any contrast."""
    values = np.concatenate([rng.uniform(0.3, 1, large), rng.uniform(1e-5, 1e-4, 3 - large)])
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    return (axes * values) @ axes.T


def directions_of_change(function):
    """Check in how many directions of space-time a patch changes (notebook 07)."""
    rng = np.random.default_rng()
    scales = [1e6, 1e-6, 1e4, 1e-4, 1e5, 1e-5]
    cases = [(s * _turned(rng, n),) for s, n in zip(scales, (1, 2, 3, 1, 2, 3), strict=True)]
    cases += [(np.diag(rng.permutation([0.8, 0.5, 5e-5])),), (np.zeros((3, 3)),)]

    def above(threshold, values=np.linalg.eigvalsh):
        return lambda mu: int((values(mu) > threshold(mu)).sum())

    def hundredth(mu):
        return 0.01 * np.trace(mu)

    wrong = {
        "The diagonal says how much changes along x, y and t. A tilted edge changes along all "
        "three, and still in one direction only: take the eigenvalues.": (
            above(hundredth, values=np.diag)
        ),
        "Noise gives every matrix three eigenvalues above zero: count those above a hundredth of "
        "their sum.": lambda mu: int(np.linalg.matrix_rank(mu)),
        "A fixed threshold asks how bright the light is: compare each eigenvalue with their sum.": (
            above(lambda mu: 0.01)
        ),
        "That counts the directions in which nothing changes.": (
            lambda mu: 3 - above(hundredth)(mu)
        ),
    }
    return try_cases("directions_of_change", function, cases, above(hundredth), wrong)


def _slopes(rng):
    """Draw slopes that lean the same way, and the change under a small motion, with some noise."""
    motion = rng.uniform(0.2, 0.9, 2) * rng.choice([-1, 1], 2) * rng.permutation([1, 0.5])
    I_x, other = rng.normal(size=(2, 14, 17))
    I_y = 0.7 * I_x + other
    return I_x, I_y, -(I_x * motion[0] + I_y * motion[1]) + 0.05 * rng.normal(size=I_x.shape)


def _least_squares(I_x, I_y, I_t):
    slopes = np.stack([np.ravel(I_x), np.ravel(I_y)], axis=1)
    return np.linalg.lstsq(slopes, -np.ravel(I_t), rcond=None)[0]


def _two_numbers(atol):
    return lambda a, b: np.size(a) == 2 and np.allclose(np.ravel(a), np.ravel(b), rtol=0, atol=atol)


def known_shift(function):
    """Check the motion of a whole picture from its slopes and change (notebook 08)."""
    rng = np.random.default_rng()
    cases = [_slopes(rng) for _ in range(8)]

    def middle(I_x, I_y, I_t):
        at = tuple(n // 2 for n in I_t.shape)
        return _least_squares(I_x[at], I_y[at], I_t[at])

    wrong = {
        "The sign is wrong: a slope that rises to the right and moves to the right makes a pixel "
        "darker. Solve for minus I_t.": lambda *case: -_least_squares(*case),
        "u and v are swapped: u, to the right, belongs to I_x.": (
            lambda *case: _least_squares(*case)[::-1]
        ),
        "u and v are swapped, and the sign is wrong.": lambda *case: -_least_squares(*case)[::-1],
        "That is one pixel's answer: the shortest of all motions on its line. Use all pixels.": (
            middle
        ),
        "That is the right side of the normal equations: it still has to be divided by the matrix "
        "of the slopes (np.linalg.solve).": lambda I_x, I_y, I_t: (
            -np.array([(I_x * I_t).sum(), (I_y * I_t).sum()])
        ),
        "You solved for each direction alone. Where slopes lean, a part of what u explains is "
        "given to v as well: solve for both together.": lambda I_x, I_y, I_t: (
            -np.array([(I_x * I_t).sum() / (I_x**2).sum(), (I_y * I_t).sum() / (I_y**2).sum()])
        ),
        "Those are means of each pixel's own quotient: pixels without a slope spoil them. Add up "
        "products, then solve.": lambda I_x, I_y, I_t: (
            -np.array([(I_t / I_x).mean(), (I_t / I_y).mean()])
        ),
    }
    return try_cases("known_shift", function, cases, _least_squares, wrong, _two_numbers(1e-6))


def _halve(picture):
    """Shrink a picture to half its sides: the mean of each 2 x 2 pixels."""
    height, width = picture.shape
    return picture.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))


def _one_step(first, second):
    I_y, I_x = np.gradient((first + second) / 2)
    return _least_squares(I_x, I_y, second - first)


def _far_apart(rng, times, motion):
    """Draw a smooth picture that repeats, and the same one moved by (u, v) pixels."""
    picture = gaussian_filter(rng.normal(size=(128, 128)), 2 * 2**times, mode="wrap")
    shifted = np.fft.ifft2(fourier_shift(np.fft.fft2(picture), motion[::-1])).real
    return picture / picture.std(), shifted / picture.std(), times, _halve, _one_step


def large_shift(function):
    """Check a shift found in pictures of 1 / 2^times the size (notebook 08)."""
    rng = np.random.default_rng()
    motions = rng.uniform(0.4, 0.7, (4, 2)) * rng.choice([-1, 1], (4, 2))
    cases = [
        _far_apart(rng, times, 2**times * motion)
        for times, motion in zip((1, 2, 3, 3), motions, strict=True)
    ]

    def answer(first, second, times, halve, one_step):
        for _ in range(times):
            first, second = halve(first), halve(second)
        return np.asarray(one_step(first, second))

    wrong = {
        "That is the motion in the small picture: a pixel there is 2^times pixels of the large "
        "one.": answer,
        "Each halving doubles a pixel: after `times` of them it is 2^times as wide, not 2 · "
        "times.": lambda *case: 2 * case[2] * answer(*case),
        "That is how many pixels of area one holds: a motion is a length.": (
            lambda *case: 4 ** case[2] * answer(*case)
        ),
        "The small picture's motion must be multiplied, not divided: its pixels are wider.": (
            lambda *case: answer(*case) / 2 ** case[2]
        ),
        "That is one step in the large pictures, where the motion is too large for it. Halve both "
        "first.": lambda first, second, times, halve, one_step: one_step(first, second),
        "You halved once. Halve `times` times.": (
            lambda first, second, times, halve, one_step: (
                2 * np.asarray(one_step(halve(first), halve(second)))
            )
        ),
    }
    return try_cases(
        "large_shift", function, cases, lambda *case: 2 ** case[2] * answer(*case), wrong,
        _two_numbers(1e-6),
    )  # fmt: skip


def _stacked(keras, rng):
    """Build a small model with batch normalisation and some layers frozen at random."""
    width = [int(n) for n in rng.integers(2, 9, 4)]
    model = keras.Sequential([keras.Input((width[0],))])
    for units in width[1:]:
        model.add(keras.layers.Dense(units))
        model.add(keras.layers.BatchNormalization())
    for layer in model.layers:
        layer.trainable = bool(rng.random() < 0.5)
    return model


def unfreeze_last(function):
    """Check how many numbers are trained once all but the last layers are frozen (notebook 09)."""
    keras, rng = devices.import_keras(), np.random.default_rng()
    cases = [(_stacked(keras, rng), n) for n in (1, 2, 3, 4)]
    # Counted before the reader's function changes a flag: all numbers of a layer, and those of
    # them that training changes (batch normalisation's means and variances are not).
    counted = {
        id(model): [
            (layer.count_params(), layer.count_params() // (2 if k % 2 else 1))
            for k, layer in enumerate(model.layers)
        ]
        for model, _ in cases
    }
    flags = {id(model): [layer.trainable for layer in model.layers] for model, _ in cases}

    def trained(which):
        return lambda model, n: sum(count[1] for count in which(counted[id(model)], n))

    def only_frozen(model, n):
        kept = zip(counted[id(model)][-n:], flags[id(model)][-n:], strict=True)
        return sum(count[1] for count, flag in kept if flag)

    wrong = {
        "You froze the last layers and left the first: the other way round.": (
            trained(lambda counts, n: counts[:-n])
        ),
        "You froze the first n layers. It is the last n that stay trainable.": (
            trained(lambda counts, n: counts[n:])
        ),
        "All layers are trainable: freeze the others first.": trained(lambda counts, n: counts),
        "All layers are frozen.": lambda model, n: 0,
        "You froze the first layers, and left frozen what was frozen among the last: set their "
        "flag to True.": only_frozen,
        "Those are layers or arrays: count the single numbers in them.": lambda model, n: n,
        "Those are arrays: count the single numbers in them, np.prod(weight.shape).": (
            lambda model, n: 2 * n
        ),
        "That counts batch normalisation's running means and variances, which training never "
        "changes by gradient.": lambda model, n: sum(c[0] for c in counted[id(model)][-n:]),
        "That is how many are frozen.": lambda model, n: (
            sum(c[0] for c in counted[id(model)]) - sum(c[1] for c in counted[id(model)][-n:])
        ),
    }
    return try_cases(
        "unfreeze_last", function, cases, trained(lambda counts, n: counts[-n:]), wrong
    )


def tilt_of_eyes(function):
    """Check the tilt of the line through two eyes (notebook 09)."""
    rng = np.random.default_rng()
    left = rng.uniform(20, 40, (8, 2))
    angle = np.radians(rng.uniform(3, 40, 8) * rng.permutation([1, -1] * 4))
    apart = rng.uniform(20, 40, (8, 1)) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    cases = list(zip(left, left + apart, strict=True))

    def right(left, right):
        return np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0]))

    wrong = {
        "The sign is wrong: y grows downwards, and a lower right eye is a positive tilt.": (
            lambda a, b: -right(a, b)
        ),
        "Those are radians: np.degrees.": lambda a, b: np.radians(right(a, b)),
        "x and y are swapped: that is the angle from upright.": lambda a, b: 90 - right(a, b),
        "That is a slope, not yet an angle: np.arctan2.": (
            lambda a, b: (b[1] - a[1]) / (b[0] - a[0])
        ),
        "From the right eye to the left one it is half a turn more: begin at the left eye.": (
            lambda a, b: right(b, a)
        ),
    }
    return try_cases("tilt_of_eyes", function, cases, right, wrong)
