"""The oracles of notebook 09 accept right answers, however written, and name known mistakes."""

import math

import numpy as np
import pytest

from emolib import checks


def unfreeze(model, n, keep=lambda k, total, n: k >= total - n):
    """Set every layer's flag; return the size of what is trained."""
    for k, layer in enumerate(model.layers):
        layer.trainable = keep(k, len(model.layers), n)
    return sum(math.prod(weight.shape) for weight in model.trainable_variables)


def tilt(left, right):
    (x, y), (x2, y2) = left, right
    return 180 / math.pi * math.atan((y2 - y) / (x2 - x))


@pytest.mark.parametrize(
    ("check", "right", "cases"),
    [(checks.unfreeze_last, unfreeze, 4), (checks.tilt_of_eyes, tilt, 8)],
)
def test_right_answers_stubs_and_faults(check, right, cases, capsys, refuses):
    for _ in range(5):  # cases are drawn anew each time
        assert check(right)
        assert f"right, on {cases}" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", np.zeros(2), -1.5):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet. One case" in capsys.readouterr().out


def only_freezes(model, n):
    for layer in model.layers[:-n]:
        layer.trainable = False
    return sum(math.prod(weight.shape) for weight in model.trainable_variables)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda m, n: unfreeze(m, n, lambda k, total, n: k < total - n), "other way round"),
        (lambda m, n: unfreeze(m, n, lambda k, total, n: k >= n), "first n layers"),
        (lambda m, n: unfreeze(m, n, lambda *_: True), "freeze the others first"),
        (lambda m, n: unfreeze(m, n, lambda *_: False), "All layers are frozen"),
        (lambda m, n: sum(layer.count_params() for layer in m.layers[-n:]), "running means"),
        (lambda m, n: unfreeze(m, n) and len(m.trainable_variables), "arrays: count"),
        (lambda m, n: n, "count the single numbers"),
        (lambda m, n: m.count_params() - unfreeze(m, n), "how many are frozen"),
    ],
)
def test_known_mistakes_in_freezing_are_named(wrong, hint, capsys):
    assert not checks.unfreeze_last(wrong)
    assert hint in capsys.readouterr().out


def test_a_flag_that_was_left_is_named_where_there_was_one(capsys):
    """By lot no layer among the last may have been frozen before: then it is no mistake."""
    said = ""
    for _ in range(8):
        checks.unfreeze_last(only_freezes)
        said += capsys.readouterr().out
    assert "left frozen" in said


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda a, b: -tilt(a, b), "y grows downwards"),
        (lambda a, b: math.radians(tilt(a, b)), "radians"),
        (lambda a, b: math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])), "swapped"),
        (lambda a, b: math.tan(math.radians(tilt(a, b))), "slope"),
        (lambda a, b: math.degrees(math.atan2(a[1] - b[1], a[0] - b[0])), "half a turn"),
    ],
)
def test_known_mistakes_in_a_tilt_are_named(wrong, hint, capsys):
    assert not checks.tilt_of_eyes(wrong)
    assert hint in capsys.readouterr().out
