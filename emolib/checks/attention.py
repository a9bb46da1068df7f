"""Oracles of the exercises in notebooks 13 to 17: time and attention."""

import numpy as np

from emolib.checks.trying import try_cases


def _weights(scores, mask, shift=True, renormalise=True, empty=0.0):
    """Return a softmax over what is there, or one of its faults."""
    counted = mask if renormalise else np.ones_like(mask)
    lifted = np.where(counted, scores, -np.inf)
    largest = np.max(lifted, axis=1, keepdims=True)
    largest = np.where(np.isfinite(largest) & shift, largest, 0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        powers = np.exp(lifted - largest)
        weights = np.where(mask, powers / powers.sum(axis=1, keepdims=True), 0)
    return np.where(mask.any(axis=1, keepdims=True), weights, empty)


def _same(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-6, equal_nan=True)


def masked_weights(function):
    """Check attention weights that leave padding out (notebook 13)."""
    rng = np.random.default_rng()
    cases = []
    for steps in (5, 9, 12):
        lengths = np.array([0, 1, steps, *rng.integers(2, steps, 3)])
        cases.append((rng.normal(0, 2, (6, steps)), np.arange(steps) < lengths[:, None]))
    loud = rng.uniform(800, 1000, (2, 7)), np.arange(7) < np.array([[3], [6]])
    loud[0][:, -1] = 2000.0  # in the padding
    cases.append(loud)

    def on_quiet(answer):
        """Return a fault that scores of a thousand turn into another one."""
        return lambda s, m: None if s.max() > 500 else answer(s, m)

    def close(a, b):
        return b is None or _same(a, b)

    def softmax(scores):
        return _weights(scores, np.ones(scores.shape, bool))

    wrong = {
        "Padding has the score 0 there, and exp(0) is 1, not 0: it still gets a weight. Push its "
        "score to minus infinity, or cut its power.": lambda s, m: softmax(s * m),
        "Padding weighs 0, but the rest of a row no longer adds up to 1: cut before you divide.": (
            lambda s, m: softmax(s) * m
        ),
        "A row that is padding throughout gives 0 / 0, NaN, and one NaN spoils a whole batch: its "
        "weights are all 0.": lambda s, m: _weights(s, m, empty=np.nan),
        "A row that is padding throughout gets equal weights: its weights are all 0.": (
            lambda s, m: _weights(s, m, empty=1 / s.shape[1])
        ),
        "exp of 1000 is infinite. Subtract the row's largest score first; the weights stay the "
        "same.": lambda s, m: _weights(s, m, shift=False),
        "The mask is the wrong way round: False is padding.": on_quiet(
            lambda s, m: _weights(s, ~m)
        ),
        "That is a softmax over all steps: the mask is not used.": lambda s, m: softmax(s),
        "It adds up to 1 over the clips: divide along the steps, axis 1.": on_quiet(
            lambda s, m: _weights(s.T, m.T).T
        ),
    }
    return try_cases("masked_weights", function, cases, _weights, wrong, close)


def gru_step(function):
    """Check one step of a gated recurrent unit as printed, without biases (notebook 13)."""
    rng = np.random.default_rng()
    cases = [
        (
            rng.normal(size=(2, 3)),
            rng.uniform(-1, 1, (2, 4)),
            rng.normal(size=(3, 12)),
            rng.normal(size=(4, 12)),
        )
        for _ in range(4)
    ]

    def step(x, h, w, u, keep="1 - z", order="zr", reset="before"):
        gates = 1 / (1 + np.exp(-(x @ w + h @ u)))
        z, r = (gates[:, 4 * k : 4 * k + 4] for k in (order.index("z"), order.index("r")))
        recalled = {
            "before": (r * h) @ u[:, 8:],
            "after": r * (h @ u[:, 8:]),
            "never": h @ u[:, 8:],
        }
        new = np.tanh(x @ w[:, 8:] + recalled[reset])
        return {"1 - z": (1 - z) * h + z * new, "z": z * h + (1 - z) * new, "": new}[keep]

    wrong = {
        "There z is the share that is kept, as in Keras. In print (2.23) keeps 1 - z of the old "
        "state.": lambda *case: step(*case, keep="z"),
        "The reset gate comes after U there, as in Keras's default. In print it acts on h first, "
        "then comes U.": lambda *case: step(*case, reset="after"),
        "Both of Keras's habits: z keeps, and the reset gate comes after U. In print 1 - z keeps, "
        "and r acts on h first.": lambda *case: step(*case, keep="z", reset="after"),
        "The reset gate is not used: the candidate sees r h, not h.": lambda *case: step(
            *case, reset="never"
        ),
        "Update and reset gate are exchanged: the columns are z, r, candidate, in this order.": (
            lambda *case: step(*case, order="rz")
        ),
        "That is the candidate alone: (2.23) mixes it with the old state.": (
            lambda *case: step(*case, keep="")
        ),
    }
    return try_cases("gru_step", function, cases, step, wrong)


def largest_weight(function):
    """Check how much one step can weigh at most where scores are a tanh (notebook 13)."""
    rng = np.random.default_rng()
    cases = [(int(rng.integers(2, 300)), float(rng.uniform(0.1, 3))) for _ in range(6)]

    def right(steps, temperature):
        return 1 / (1 + (steps - 1) * np.exp(-2 / temperature))

    wrong = {
        "That would be so if a score could grow without end. A tanh stays between -1 and 1.": (
            lambda n, t: 1.0
        ),
        "That is every step's weight if all score alike. One scores 1 and the others -1.": (
            lambda n, t: 1 / n
        ),
        "The others score 0 there: they can go down to -1.": (
            lambda n, t: 1 / (1 + (n - 1) * np.exp(-1 / t))
        ),
        "All n steps stand beside the one there: n - 1 are others.": (
            lambda n, t: 1 / (1 + n * np.exp(-2 / t))
        ),
        "The temperature divides the scores, it does not multiply them.": (
            lambda n, t: 1 / (1 + (n - 1) * np.exp(-2 * t))
        ),
        "That is how many times as much as another: divide by the sum of all.": (
            lambda n, t: np.exp(2 / t)
        ),
    }
    return try_cases("largest_weight", function, cases, right, wrong)


def _softmax(scores, axis=None):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def self_attention(function):
    """Check one head of self-attention on four vectors, some missing (notebook 14)."""
    rng = np.random.default_rng()
    cases = []
    for missing in ([0], [3], [1, 2], [2]):
        x, *kernels = (rng.normal(size=shape) for shape in ((4, 6), (6, 3), (6, 3), (6, 3)))
        cases.append((x, *kernels, ~np.isin(np.arange(4), missing)))

    def attend(x, w_q, w_k, w_v, mask, scale=3**0.5, axis=1, lift=-1e9):
        scores = (x @ w_q) @ (x @ w_k).T / scale
        return _softmax(np.where(mask, scores, lift), axis) @ (x @ w_v)

    def cut_late(x, w_q, w_k, w_v, mask):
        return (_softmax((x @ w_q) @ (x @ w_k).T / 3**0.5, 1) * mask) @ (x @ w_v)

    def who_asks(x, w_q, w_k, w_v, mask):
        everywhere = attend(x, w_q, w_k, w_v, np.ones(4, bool))
        return everywhere * mask[:, None]

    def down(x, w_q, w_k, w_v, mask):
        """Divide down the columns: those of missing vectors are pushed down, rows are not."""
        scores = (x @ w_q) @ (x @ w_k).T / 3**0.5
        return (_softmax(scores, 0) * mask) @ (x @ w_v)

    wrong = {
        "The scores are not scaled: divide them by the root of the length of a query, here 3.": (
            lambda *case: attend(*case, scale=1)
        ),
        "The root was of the length of x. A score is a sum over the length of a query.": (
            lambda *case: attend(*case, scale=6**0.5)
        ),
        "You divide by the length of a query, not by its root.": lambda *case: attend(
            *case, scale=3
        ),
        "The softmax runs down the columns. A row belongs to the vector that asks, and its weights "
        "add up to 1: axis 1.": lambda *case: attend(*case, axis=0),
        "The softmax runs down the columns. Each row shall add up to 1: axis 1, then look at the "
        "mask again.": down,
        "The softmax runs over the whole matrix. Each row shall add up to 1: axis 1.": (
            lambda *case: attend(*case, axis=None)
        ),
        "The mask is forgotten: vectors that are not there get weights too.": lambda *case: attend(
            *case[:-1], np.ones(4, bool)
        ),
        "A missing vector has the score 0 there, and exp(0) is 1: it still gets a weight.": (
            lambda *case: attend(*case, lift=0.0)
        ),
        "Missing vectors weigh 0, but the other weights no longer add up to 1: mask the scores, "
        "before the softmax.": cut_late,
        "You leave out the vectors that ask. The mask says which can be asked: it goes over the "
        "columns of the scores.": who_asks,
        "Query and key are exchanged: row i holds the scores of what vector i asks.": (
            lambda x, q, k, v, mask: attend(x, k, q, v, mask)
        ),
        "The weights mix keys there; they shall mix values.": lambda x, q, k, v, mask: attend(
            x, q, k, k, mask
        ),
    }
    return try_cases("self_attention", function, cases, attend, wrong)


def attention_parameters(function):
    """Check how many numbers an attention with several heads learns (notebook 14)."""
    rng = np.random.default_rng()
    cases = [(64, 64, 8), (49, 49, 8), (16, 16, 3)]
    cases += [tuple(int(n) for n in rng.integers((20, 20, 2), (300, 300, 9))) for _ in range(4)]

    def count(features, units, heads, size=None, matrices=3, all_heads=True):
        size = -(-features // heads) if size is None else size
        width = size * (heads if all_heads else 1)
        return matrices * features * width + width * units

    wrong = {
        "Each head projects to features / heads numbers, not to all features.": (
            lambda f, u, h: count(f, u, h, size=f)
        ),
        "W_0 is missing: it turns the heads' answers, side by side, into the units.": (
            lambda f, u, h: count(f, 0, h)
        ),
        "That is W_0 and one matrix: a head has three, for query, key and value.": (
            lambda f, u, h: count(f, u, h, matrices=1)
        ),
        "That is one head.": lambda f, u, h: count(f, u, h, all_heads=False),
        "Right where the heads divide the features. Where they do not, round up: 49 / 8 are 7.": (
            lambda f, u, h: count(f, u, h, size=f / h)
        ),
        "You round down. 8 heads of 6 numbers cannot hold 49: round up.": lambda f, u, h: count(
            f, u, h, size=f // h
        ),
        "There are no biases, as printed.": lambda f, u, h: count(f, u, h) + 3 * h * -(-f // h) + u,
    }
    return try_cases("attention_parameters", function, cases, count, wrong)


def picked_sound(function):
    """Check what each snippet of video picks from the sound, eqs 7 and 8 (notebook 15)."""
    rng = np.random.default_rng()
    cases = []
    for n, features in ((4, 3), (6, 5), (5, 5), (6, 2)):
        cases.append(tuple(rng.normal(size=s) for s in ((n, features),) * 2 + ((features,) * 2,)))

    def weigh(audio, video, w, axis=0, turned=True):
        weights = _softmax(audio @ w @ video.T, axis)
        return (weights.T if turned else weights) @ audio

    wrong = {
        "As printed, without the transpose: row i of W^Audio then mixes the sound by weights of "
        "which no column adds up to 1 over it. A column holds one video snippet's weights.": (
            lambda *case: weigh(*case, turned=False)
        ),
        "The softmax runs along the rows: it makes weights over the video's snippets, "
        "and they weigh the sound's. Column-wise is axis 0.": lambda *case: weigh(*case, axis=1),
        "Softmax along the rows and no transpose: each row adds up to 1, over snippets of video, "
        "and they weigh the sound's. Column-wise is axis 0, then transpose.": lambda *case: weigh(
            *case, axis=1, turned=False
        ),
        "The softmax runs over the whole matrix; each column shall add up to 1.": (
            lambda *case: weigh(*case, axis=None)
        ),
        "W is transposed: (7) is audio W video^T. W's rows belong to the sound's features.": (
            lambda a, v, w: weigh(a, v, w.T)
        ),
        "Audio and video are exchanged in (7): Corr's rows are snippets of sound.": (
            lambda a, v, w: _softmax(v @ w @ a.T, 0).T @ a
        ),
        "The softmax is missing.": lambda a, v, w: (a @ w @ v.T).T @ a,
        "These are the right weights, of the sound's snippets, but they weigh the video's.": (
            lambda a, v, w: _softmax(a @ w @ v.T, 0).T @ v
        ),
    }
    return try_cases("picked_sound", function, cases, weigh, wrong)


def sound_delay(function):
    """Check the delay of the sound that a Corr's bright diagonal shows (notebook 15)."""
    rng = np.random.default_rng()
    cases = []
    for late in (-5, -2, 3, 6):
        n = int(rng.integers(14, 22))
        bright = np.eye(n, k=-late) * 2  # entry (i, j) has i - j = late
        noise = rng.normal(0, 0.2, (n, n))
        noise[(n // 3, 0) if late < 0 else (0, n // 3)] = 9.0  # an accident on another diagonal
        cases.append((10 + bright + noise, float(rng.uniform(0.05, 0.2))))

    def delay(correlation, step, summary=np.mean, sign=1):
        half = len(correlation) // 2
        shifts = np.arange(1 - half, half)  # long enough for a mean
        along = [summary(np.diagonal(correlation, -shift)) for shift in shifts]
        return sign * shifts[int(np.argmax(along))] * step

    def loudest(correlation, step):
        i, j = np.unravel_index(correlation.argmax(), correlation.shape)
        return (i - j) * step

    wrong = {
        "The sign is the wrong way round. Sound that is late lies below the main diagonal: its "
        "snippet i goes with the video's snippet i - k.": lambda *case: delay(*case, sign=-1),
        "That is in snippets. Multiply by the step for seconds.": lambda c, step: delay(c, 1.0),
        "One large entry decides there. A delay shifts a whole diagonal: take its mean.": loudest,
        "A sum favours long diagonals: take the mean.": lambda *case: delay(*case, summary=np.sum),
        "That is without its sign: a sound can come early.": lambda *case: abs(delay(*case)),
    }
    return try_cases("sound_delay", function, cases, delay, wrong)
