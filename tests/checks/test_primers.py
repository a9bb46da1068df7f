"""The quiz tells what to read; each exercise's oracle names the known mistakes."""

import re
from pathlib import Path

import jupytext
import numpy as np
import pytest

from emolib import checks
from emolib.checks.primers import QUIZZES, adam
from emolib.devices import import_keras

SOURCES = Path(__file__).resolve().parents[2] / "notebooks" / "source"


@pytest.mark.parametrize("primer", QUIZZES)
def test_the_quiz_and_the_notebook_agree(primer):
    """Five questions with the letters offered, and each section named is a heading."""
    notebook = jupytext.read(SOURCES / f"primer_{primer}.py", fmt="py:percent")
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    questions = re.findall(r"^\d\. .*?(?=\n\n|\n\d\. |\Z)", text, re.MULTILINE | re.DOTALL)[:5]
    assert len(QUIZZES[primer]) == len(questions) == 5
    for question, (letter, section, _) in zip(questions, QUIZZES[primer], strict=True):
        assert f"**{letter}**" in question
        assert re.search(rf"^## {section}$", text, re.MULTILINE)


def test_quiz(capsys):
    key = [letter for letter, _, _ in QUIZZES["training"]]
    assert checks.quiz("training", key)
    assert "you may skip" in capsys.readouterr().out
    assert checks.quiz("training", [f" {letter.upper()}" for letter in key])
    capsys.readouterr()
    assert not checks.quiz("training", [*key[:2], "e", ..., key[4]])
    out = capsys.readouterr().out
    assert re.findall(r"question (\d): read '(.*)'", out) == [
        ("3", "Overfitting"),
        ("4", "Batch normalisation"),
    ]
    assert "3 of 5" in out and "skip" not in out
    for untouched in (..., [...] * 5):
        assert not checks.quiz("training", untouched)
        assert "not tried yet" in capsys.readouterr().out
    assert not checks.quiz("training", key[:4])
    assert "5 questions, you gave 4" in capsys.readouterr().out


def test_adam_descends_as_keras_does():
    """Keras adds epsilon before v is corrected, so ours gets the epsilon that this amounts to.

    Keras keeps beta_2 in single precision, which changes a step by 7 parts in a million.
    """
    keras = import_keras()
    gradients = np.random.default_rng(0).normal(size=(40, 6)) * np.geomspace(1e-4, 10, 6)
    theta = keras.Variable(np.zeros(6), dtype="float64")
    optimizer = keras.optimizers.Adam(0.125, epsilon=1e-3)
    ours, m, v = np.zeros(6), 0, 0
    for t, g in enumerate(gradients, 1):
        optimizer.apply([keras.ops.convert_to_tensor(g)], [theta])
        ours, m, v = adam(ours, g, m, v, t, 0.125, 1e-3 / np.sqrt(1 - 0.999**t))
        assert np.allclose(ours, keras.ops.convert_to_numpy(theta), rtol=0, atol=5e-5)


def step(m_rule="0.9*m + 0.1*g", v_rule="0.999*v + 0.001*g*g", update="mean / (root + epsilon)"):
    """Spell out a step of Adam, as a reader might; wrong rules make wrong steps."""

    def function(theta, g, m, v, t, rate, epsilon):
        names = {"g": g, "m": m, "v": v, "t": t, "epsilon": epsilon, "np": np}
        m, v = eval(m_rule, names), eval(v_rule, names)
        names |= {"m": m, "v": v, "mean": m / (1 - 0.9**t), "square": v / (1 - 0.999**t)}
        with np.errstate(invalid="ignore"):
            names["root"] = np.sqrt(names["square"])
            return theta - rate * eval(update, names), m, v

    return function


def right_dropout(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate)


@pytest.mark.parametrize(
    ("check", "right"), [(checks.adam_step, step()), (checks.dropout, right_dropout)]
)
def test_right_answers_stubs_and_faults(check, right, capsys):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    assert not check(lambda *_: ...)
    assert "not tried yet" in capsys.readouterr().out
    assert not check(lambda *_: None)
    assert "returns nothing" in capsys.readouterr().out
    assert not check(lambda *_: 1 / 0)
    assert "ZeroDivisionError" in capsys.readouterr().out
    for nonsense in ("many", 3.0, np.zeros(2)):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet" in capsys.readouterr().out


def in_place(theta, g, m, v, t, rate, epsilon):
    m *= 0.9
    return theta, m, v


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (step("0.9*v + 0.001*g"), "(2.46) as printed"),
        (step("0.9*m + 0.001*g"), "1 - beta_1 = 0.1"),
        (step("0.999*m + 0.001*g", "0.9*v + 0.1*g*g"), "swapped"),
        (step(v_rule="0.999*v + 0.001*g"), "square g"),
        (step(update="m / (np.sqrt(v) + epsilon)"), "bias correction is missing"),
        (step(update="mean / (np.sqrt(v) + epsilon)"), "v is not corrected"),
        (step(update="m / (root + epsilon)"), "m is not corrected"),
        (step(update="mean / np.sqrt(square + epsilon)"), "inside the root"),
        (
            step(update="mean * np.sqrt(1 - 0.999**t) / (np.sqrt(v) + epsilon)"),
            "Keras's form",
        ),
        (step(update="-mean / (root + epsilon)"), "climbs"),
        (lambda *a: (step()(*a)[0], *np.divide(step()(*a)[1:], [[1 - 0.9 ** a[4]],
            [1 - 0.999 ** a[4]]])), "for the step only"),
        (in_place, "read-only"),
    ],
)  # fmt: skip
def test_adam_s_known_mistakes_are_named(wrong, hint, capsys):
    assert not checks.adam_step(wrong)
    assert hint in capsys.readouterr().out


def drop(test, share=lambda rate: 1 - rate, factor=lambda rate: 1 / (1 - rate)):
    """A dropout by binomial draws: share kept, factor of what is kept, and what a test does."""

    def function(x, rate, training, rng):
        if training:
            return x * rng.binomial(1, share(rate), x.shape) * factor(rate)
        return test(x, rate)

    return function


def same(x, rate):
    return x


def one_mask(x, rate, training, rng):
    return x * (rng.random(x.shape[1]) >= rate) / (1 - rate) if training else x


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (drop(same, lambda rate: rate, lambda rate: 1), "(2.35)"),
        (drop(same, lambda rate: rate, lambda rate: 1 / rate), "the share dropped"),
        (drop(same, lambda rate: rate), "wrong way round"),
        (drop(same, factor=lambda rate: 1), "Nothing is scaled"),
        (drop(same, factor=lambda rate: 1 - rate), "Scale up"),
        (drop(same, factor=lambda rate: 1 / rate), "not by the rate"),
        (one_mask, "share one mask"),
        (drop(lambda x, rate: x * (1 - rate)), "scales while testing"),
        (drop(lambda x, rate: x * (1 - rate), factor=lambda rate: 1), "first form"),
        (lambda x, rate, _, rng: right_dropout(x, rate, True, rng), "drops while testing"),
        (drop(same, lambda rate: 0.85 * (1 - rate)), "not yet. One case"),
        (lambda x, rate, training, rng: x[0], "shape (2000,)"),
        (lambda x, rate, training, rng: 0 * x, "share dropped': 1.0"),
    ],
)
def test_dropout_s_known_mistakes_are_named(wrong, hint, capsys):
    assert not checks.dropout(wrong)
    assert hint in capsys.readouterr().out
