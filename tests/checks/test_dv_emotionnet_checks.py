"""The oracles of notebook 11 accept what Keras and scikit-learn say and name the known mistakes."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from emolib import checks, devices

BOTH = (precision_score, recall_score)


@pytest.fixture(scope="module")
def layers():
    return devices.import_keras().layers


def answers(counts):
    """Return the truth and the answers behind a confusion matrix."""
    truth, answer = np.indices(counts.shape)
    return np.repeat(truth.ravel(), counts.ravel()), np.repeat(answer.ravel(), counts.ravel())


def f1(counts):
    return f1_score(*answers(counts), average="macro")


def test_a_convolution_has_as_many_parameters_as_in_keras(layers, capsys, refuses):
    def parameters(window, channels, filters):
        layer = layers.Conv1D(filters, window)
        layer.build((None, 50, channels))
        return layer.count_params()

    assert checks.layer_parameters(parameters)
    assert "right, on" in capsys.readouterr().out
    refuses(checks.layer_parameters)


def test_a_pool_leaves_what_keras_leaves(layers, capsys, refuses):
    def length(n, window, pool):
        after = layers.Conv1D(1, window).compute_output_shape((None, n, 1))
        return layers.MaxPooling1D(pool).compute_output_shape(after)[1]

    assert checks.pooled_length(length)
    assert "right, on" in capsys.readouterr().out
    refuses(checks.pooled_length)


def test_macro_f1_is_scikit_learns(capsys, refuses):
    assert checks.macro_f1(f1)
    assert "right, on" in capsys.readouterr().out
    refuses(checks.macro_f1)


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (checks.layer_parameters, lambda w, c, f: f * np.ones((w, c)).sum(), "one a filter"),
        (checks.layer_parameters, lambda w, c, f: sum([w * c] * f) + 1, "whole layer"),
        (checks.layer_parameters, lambda w, c, f: c * (w * f + 1), "not one a channel"),
        (checks.layer_parameters, lambda w, c, f: sum([w + 1] * f), "all channels at once"),
        (checks.layer_parameters, lambda w, c, f: sum([w + 1] * c * f), "one bias in all"),
        (checks.pooled_length, lambda n, w, p: len(range(p, n + 1, p)), "cannot start before"),
        (checks.pooled_length, lambda n, w, p: len(range(w, n)) // p, "add 1"),
        (checks.pooled_length, lambda n, w, p: len(range(0, n - w + 1, p)), "are dropped"),
        (checks.pooled_length, lambda n, w, p: len(range(n - w + 1)) / p, "whole number"),
        (checks.pooled_length, lambda n, w, p: len(range(n - w + 1)), "forgot the pool"),
        (checks.pooled_length, lambda n, w, p: len(range(n - w + 1 - p + 1)), "not by 1"),
        (checks.macro_f1, lambda c: f1_score(*answers(c), average="weighted"), "weighted average"),
        (checks.macro_f1, lambda c: f1_score(*answers(c), average="micro"), "the accuracy"),
        (
            checks.macro_f1,
            lambda c: 2 / sum(1 / s(*answers(c), average="macro") for s in BOTH),
            "averaged first",
        ),
        (checks.macro_f1, lambda c: recall_score(*answers(c), average="macro"), "macro recall"),
        (
            checks.macro_f1,
            lambda c: precision_score(*answers(c), average="macro"),
            "macro precision",
        ),
        (
            checks.macro_f1,
            lambda c: sum(s(*answers(c), average="macro") for s in BOTH) / 2,
            "harmonic",
        ),
        (checks.macro_f1, lambda c: f1_score(*answers(c), average=None), "take their mean"),
    ],
)
def test_known_mistakes_are_named(check, wrong, hint, capsys):
    assert not check(wrong)
    assert hint in capsys.readouterr().out
