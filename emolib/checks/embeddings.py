"""Oracles of the exercises in notebooks 16 and 17: triplets, and maps that explain."""

import numpy as np

from emolib.checks.trying import ask, say, try_cases
from emolib.corpora.table import POLARITY

CREMAD = ("angry", "disgust", "fearful", "happy", "neutral", "sad")


def _mined(x, y, positive=max, negative=min, own=False, any_positive=False, any_negative=False):
    """Mine by loops: for each anchor the one positive and the one negative that are chosen."""
    d = ((x[:, None] - x) ** 2).sum(axis=2)
    index, triplets = range(len(x)), []
    for a in index:
        ps = [p for p in index if (any_positive or y[p] == y[a]) and (own or p != a)]
        ns = [n for n in index if (any_negative and n != a) or y[n] != y[a]]
        if ps and ns:
            triplets.append((a, positive(ps, key=lambda p: d[a, p]), negative(ns, key=d[a].item)))
    return np.array(triplets)


def hard_triplets(function):
    """Check the mining of a batch's hardest triplets (notebook 16)."""
    rng = np.random.default_rng()
    classes = np.array([0, 0, 0, 1, 1, 1, 2, 2, 3])  # class 3 has a single clip
    cases = [(rng.normal(size=(9, 2)), rng.permutation(classes)) for _ in range(5)]

    def mined(**fault):
        return lambda x, y: _mined(x, y, **fault)

    wrong = {
        "A clip that is alone in its class became its own positive. It has none, so it is no "
        "anchor.": mined(own=True),
        "The nearest positive is the anchor itself, at distance 0. Leave it out, and take the "
        "farthest of the others.": mined(own=True, positive=min),
        "Those are the nearest positives. Hard is the farthest one.": mined(positive=min),
        "Those are the farthest negatives, which no margin cares about. Hard is the nearest one.": (
            mined(negative=max)
        ),
        "Nearest positive, farthest negative: those are the easiest triplets.": mined(
            positive=min, negative=max
        ),
        "The nearest clip of all is no negative: it may be of the anchor's own class.": mined(
            any_negative=True
        ),
        "The farthest clip of all is no positive: it may be of another class.": mined(
            any_positive=True
        ),
        "A triplet is (anchor, positive, negative), in this order.": (
            lambda x, y: _mined(x, y)[:, [0, 2, 1]]
        ),
    }
    return try_cases("hard_triplets", function, cases, _mined, wrong)


def triplet_loss(function):
    """Check the mean hinge over given triplets (notebook 16)."""
    rng = np.random.default_rng()
    cases = []
    for _ in range(5):
        x = rng.normal(size=(8, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        triplets = np.array([rng.permutation(8)[:3] for _ in range(12)])
        cases.append((x, triplets, float(rng.uniform(0.1, 0.6))))

    def raw(x, triplets, margin, root=False, sign=1):
        a, p, n = (x[triplets[:, k]] for k in range(3))
        near, far = (((a - other) ** 2).sum(axis=1) for other in (p, n))
        near, far = (np.sqrt(d) if root else d for d in (near, far))
        return sign * (near - far) + margin

    def right(*case, **fault):
        return np.maximum(raw(*case, **fault), 0).mean()

    def among_active(*case):
        hinges = np.maximum(raw(*case), 0)
        return hinges.sum() / max((hinges > 0).sum(), 1)

    wrong = {
        "Those are distances. (13) has their squares.": lambda *case: right(*case, root=True),
        "Positive and negative are exchanged: it is large where all is well.": (
            lambda *case: right(*case, sign=-1)
        ),
        "The hinge is missing: a triplet that is satisfied must not pay for another.": (
            lambda *case: raw(*case).mean()
        ),
        "The hinge comes before the mean, triplet by triplet.": (
            lambda *case: max(raw(*case).mean(), 0)
        ),
        "That is the sum. Take the mean, or the loss grows with the batch.": (
            lambda *case: np.maximum(raw(*case), 0).sum()
        ),
        "You divided by the triplets above 0 only. Divide by all that were mined.": among_active,
        "The margin is subtracted: then a negative may even be nearer than the positive.": (
            lambda x, t, margin: right(x, t, -margin)
        ),
    }
    return try_cases("triplet_loss", function, cases, right, wrong)


def hinges_of(function):
    """Check which emotions stand in the two hinges of (16) for an anchor (notebook 16)."""
    sets = (tuple(POLARITY), CREMAD)
    cases = [(a, emotions, POLARITY) for emotions in sets for a in emotions]

    def right(anchor, emotions, polarity, plain=True, own=False, neutral=()):
        sign = polarity[anchor]
        others = [e for e in emotions if e != anchor]
        related = [e for e in (emotions if own else others) if polarity[e] == sign != 0]
        opposite = [e for e in others if polarity[e] * sign < 0]
        zero = [e for e in others if polarity[e] == 0]
        if plain and not [e for e in related if e != anchor]:
            return others, []
        return related + zero * ("related" in neutral), opposite + zero * ("opposite" in neutral)

    def sorted_pair(answer):
        if answer is ... or answer is None:
            return answer
        try:
            first, second = answer
            return sorted(first), sorted(second)
        except (TypeError, ValueError):
            return f"{answer!r}, not two lists of emotions"

    def as_pair(answer, **fault):
        return lambda *case: sorted_pair(answer(*case, **fault))

    wrong = {
        "Neutral and a class without relatives stand in no hinge there. They take the plain "
        "triplet: all other emotions in the first hinge, none in the second.": as_pair(
            right, plain=False
        ),
        "The anchor's own emotion is not related to itself: there are the positives.": as_pair(
            right, own=True
        ),
        "Neutral has no polarity: it is nobody's opposite.": as_pair(right, neutral=("opposite",)),
        "Neutral has no polarity: it is nobody's relative.": as_pair(right, neutral=("related",)),
        "The two lists are exchanged.": lambda *case: as_pair(right)(*case)[::-1],
    }
    return try_cases(
        "hinges_of", as_pair(function), cases, as_pair(right), wrong, lambda a, b: a == b
    )


def grad_cam_map(function):
    """Check Grad-CAM of one picture, from its maps and their gradients (notebook 17)."""
    rng = np.random.default_rng()
    cases = [(rng.normal(0.3, 1, (4, 5, 6)), rng.normal(size=(4, 5, 6))) for _ in range(5)]

    def right(maps, gradients):
        return np.maximum(maps @ gradients.mean(axis=(0, 1)), 0)

    wrong = {
        "What speaks against the class is still there, as negative places: cut it at 0.": (
            lambda m, g: m @ g.mean(axis=(0, 1))
        ),
        "Each map has one weight: the mean of its gradient over the places. You multiplied place "
        "by place.": lambda m, g: np.maximum((m * g).sum(axis=2), 0),
        "The weight is the mean over places there are, you took the sum.": (
            lambda m, g: np.maximum(m @ g.sum(axis=(0, 1)), 0)
        ),
        "The sign of a gradient says for or against the class: do not drop it.": (
            lambda m, g: np.maximum(m @ np.abs(g).mean(axis=(0, 1)), 0)
        ),
        "Add the weighted maps up first, then cut at 0: a map against the class must count.": (
            lambda m, g: np.maximum(m * g.mean(axis=(0, 1)), 0).sum(axis=2)
        ),
        "You averaged over the maps: that is one weight a place. Average over places.": (
            lambda m, g: np.maximum((m * g.mean(axis=2, keepdims=True)).sum(axis=2), 0)
        ),
        "Those are the maps alone, without weights: the same for every class.": (
            lambda m, g: np.maximum(m.sum(axis=2), 0)
        ),
        "That is the mean over maps. (2) adds them up.": (
            lambda m, g: np.maximum((m * g.mean(axis=(0, 1))).mean(axis=2), 0)
        ),
    }
    return try_cases("grad_cam_map", function, cases, right, wrong)


def break_explanation(function):
    """Check that a network answers as before and explains itself otherwise (notebook 17)."""
    rng, name = np.random.default_rng(), "break_explanation"
    cases = []
    for _ in range(4):
        maps = np.maximum(rng.normal(size=(6, 6, 4)), 0)
        cases.append((maps, rng.normal(size=4), tuple(int(k) for k in rng.integers(0, 6, 2))))
    if not (answers := ask(name, function, cases)):
        return False
    for case, answer in zip(cases, answers, strict=True):
        if fault := _unbroken(*case, answer):
            return say(name, f"not yet. {fault}")
    return say(name, f"right, on {len(cases)} fresh cases.", passed=True)


def _unbroken(maps, weights, place, answer):
    """Say what is wrong with a broken explanation, or return None."""
    try:
        new_maps, new_weights = (np.asarray(part, float) for part in answer)
        score = (new_maps @ new_weights).mean()
    except (TypeError, ValueError):
        return "Return (maps, weights): the weights, one a map, must fit the maps' last axis."
    k = len(weights)
    if new_maps.ndim != 3 or new_maps.shape[:2] != maps.shape[:2] or len(new_weights) <= k:
        return "Keep the places and append maps with a weight each; the old ones come first."
    if not (np.allclose(new_maps[..., :k], maps) and np.allclose(new_weights[:k], weights)):
        return "You changed what the network had. Leave its maps and weights, and only append."
    if new_maps.min() < 0:
        return "A map has negative places, but maps come out of a ReLU. Let the weight be negative."
    if not np.isclose(score, (maps @ weights).mean()):
        return "The score has moved, so the answers have: what you append must cancel in the mean."
    before, after = (np.maximum(m @ w, 0) for m, w in ((maps, weights), (new_maps, new_weights)))
    if np.abs(after - before).max() < 1e-6 * np.abs(new_weights).max():
        return "The explanation is as before: what you append cancels at every place, too."
    if np.unravel_index(after.argmax(), after.shape) != place:
        return f"The map's highest place is not {place}. Give the appended map a larger weight."
    return None
