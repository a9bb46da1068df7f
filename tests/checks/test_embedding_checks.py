"""The oracles of triplets and of explaining maps: right answers by other means, named mistakes."""

import numpy as np
import pytest

from emolib import checks
from emolib.corpora import POLARITY
from emolib.losses import EmotionMetricLoss, TripletLoss


def mine(x, y, own=np.inf, positive=np.argmax, negative=np.argmin, swap=False, alone=False):
    """Mine with masked matrices; ``own`` is a distance that hides the anchor from itself."""
    d = np.linalg.norm(x[:, None] - x, axis=2)
    same, self = y[:, None] == y, np.eye(len(x), dtype=bool)
    hide = -np.inf if positive is np.argmax else np.inf
    near = np.where(same & (~self | (own == 0)), d, hide)
    far = np.where(same, np.inf if negative is np.argmin else -np.inf, d)
    anchors = np.flatnonzero((same & ~self).any(axis=1) | alone)
    p, n = positive(near, axis=1)[anchors], negative(far, axis=1)[anchors]
    return np.stack([anchors, n, p] if swap else [anchors, p, n], axis=1)


def hinge(x, triplets, margin):
    """One triplet at a time, from the lengths and the inner products."""
    losses = []
    for a, p, n in triplets:
        near, far = (x[a] @ x[a] + x[o] @ x[o] - 2 * x[a] @ x[o] for o in (p, n))
        losses.append(max(0.0, near - far + margin))
    return sum(losses) / len(losses)


def in_hinges(anchor, emotions, polarity):
    """Read off the library's own tables."""
    loss = EmotionMetricLoss(emotions=emotions)
    k = list(emotions).index(anchor)
    if loss.plain[k]:
        return [e for e in emotions if e != anchor], []
    return tuple(
        [e for e, there in zip(emotions, table[k], strict=True) if there]
        for table in (loss.related, loss.opposite)
    )


def cam(maps, gradients):
    weights = [gradients[..., k].sum() / gradients[..., k].size for k in range(maps.shape[2])]
    summed = sum(w * maps[..., k] for k, w in enumerate(weights))
    return summed.clip(min=0)


def broken(maps, weights, place, cancel=True, size=1000.0, spot=1.0):
    """A spot, and a constant that cancels it in the mean."""
    lit = np.zeros(maps.shape[:2])
    lit[place] = spot
    flat = np.full(lit.shape, lit.mean())
    grown = np.concatenate([maps, lit[..., None], flat[..., None]], axis=2)
    return grown, np.concatenate([weights, [size, -size if cancel else 0.0]])


RIGHT = [
    (checks.hard_triplets, mine),
    (checks.triplet_loss, hinge),
    (checks.hinges_of, in_hinges),
    (checks.grad_cam_map, cam),
    (checks.break_explanation, broken),
]


@pytest.mark.parametrize(("check", "right"), RIGHT)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", 3.0, np.zeros(9), (1, 2)):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet" in capsys.readouterr().out


def test_the_hinge_is_the_library_s_loss():
    """Every triplet of a batch, listed, gives TripletLoss."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    listed = [
        (a, p, n)
        for a in range(8)
        for p in range(8)
        for n in range(8)
        if a != p and y[a] == y[p] != y[n]
    ]
    library = float(TripletLoss(0.4)(y, x.astype("float32")))
    assert hinge(x, np.array(listed), 0.4) == pytest.approx(library, abs=1e-5)
    hard = float(TripletLoss(0.4, "hard")(y, x.astype("float32")))
    assert hinge(x, mine(x, y), 0.4) == pytest.approx(hard, abs=1e-5)


def distances(x, triplets, margin):
    return np.mean([
        max(0, np.linalg.norm(x[a] - x[p]) - np.linalg.norm(x[a] - x[n]) + margin)
        for a, p, n in triplets
    ])  # fmt: skip


def moved(*case):
    maps, weights = broken(*case)
    maps[0, 0, 0] += 1
    return maps, weights


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (checks.hard_triplets, lambda x, y: mine(x, y, own=0, alone=True), "its own positive"),
        (
            checks.hard_triplets,
            lambda x, y: mine(x, y, own=0, alone=True, positive=np.argmin),
            "the anchor itself",
        ),
        (checks.hard_triplets, lambda x, y: mine(x, y, positive=np.argmin), "nearest positives"),
        (checks.hard_triplets, lambda x, y: mine(x, y, negative=np.argmax), "farthest negatives"),
        (
            checks.hard_triplets,
            lambda x, y: mine(x, y, positive=np.argmin, negative=np.argmax),
            "easiest",
        ),
        (checks.hard_triplets, lambda x, y: mine(x, y, swap=True), "in this order"),
        (checks.triplet_loss, distances, "have their squares|has their squares"),
        (checks.triplet_loss, lambda x, t, m: hinge(x, t[:, [0, 2, 1]], m), "exchanged"),
        (checks.triplet_loss, lambda x, t, m: len(t) * hinge(x, t, m), "the sum"),
        (checks.triplet_loss, lambda x, t, m: hinge(x, t, -m), "subtracted"),
        (
            checks.triplet_loss,
            lambda x, t, m: hinge(x, t, 100) - 100 + m,
            "hinge is missing|before the mean",
        ),
        (
            checks.hinges_of,
            lambda a, emotions, s: (
                [e for e in emotions if e != a and s[e] == s[a] != 0],
                [e for e in emotions if s[e] * s[a] < 0],
            ),
            "plain triplet",
        ),
        (
            checks.hinges_of,
            lambda a, emotions, s: (
                in_hinges(a, emotions, s)[0],
                [e for e in emotions if in_hinges(a, emotions, s)[1] and s[e] != s[a]],
            ),
            "nobody's opposite",
        ),
        (checks.hinges_of, lambda *case: in_hinges(*case)[::-1], "exchanged"),
        (checks.grad_cam_map, lambda m, g: (m * g.mean((0, 1))).sum(2), "cut it at 0"),
        (checks.grad_cam_map, lambda m, g: cam(m * g, 0 * g + 1), "place by place"),
        (checks.grad_cam_map, lambda m, g: 20 * cam(m, g), "took the sum"),
        (checks.grad_cam_map, lambda m, g: cam(m, 0 * g + 1), "without weights"),
        (checks.grad_cam_map, lambda m, g: cam(m, g) / 6, "mean over maps"),
        (checks.break_explanation, lambda *case: broken(*case, cancel=False), "score has moved"),
        (checks.break_explanation, lambda *case: broken(*case, size=1e-3), "larger weight"),
        (checks.break_explanation, lambda *case: broken(*case, size=0.0), "as before"),
        (checks.break_explanation, lambda *case: broken(*case, spot=-1.0), "negative places"),
        (checks.break_explanation, moved, "You changed"),
        (checks.break_explanation, lambda m, w, place: (m, w), "append"),
    ],
)
def test_known_mistakes_are_named(check, wrong, hint, capsys):
    assert not check(wrong)
    said = capsys.readouterr().out
    assert any(part in said for part in hint.split("|")), said


def test_the_polarity_that_is_asked_for_is_the_table_s():
    """Neutral first: everybody else in one hinge, nobody in the other."""
    assert in_hinges("neutral", tuple(POLARITY), POLARITY)[1] == []
    assert len(in_hinges("neutral", tuple(POLARITY), POLARITY)[0]) == 7
    assert set(in_hinges("surprised", tuple(POLARITY), POLARITY)[0]) == {"calm", "happy"}
