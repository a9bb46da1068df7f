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
    assert not checks.quiz("sound", None)
    assert "give a list of 5 letters, not None" in capsys.readouterr().out


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
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    refuses(check)
    for nonsense in ("many", 3.0, np.zeros(2)):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet" in capsys.readouterr().out


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
        (lambda x, rate, training, rng: x[0], "shape (8000,)"),
        (lambda x, rate, training, rng: 0 * x, "share dropped': 1.0"),
    ],
)
def test_dropout_s_known_mistakes_are_named(wrong, hint, capsys):
    assert not checks.dropout(wrong)
    assert hint in capsys.readouterr().out


def heard(hz, rate):
    """The frequency of the largest value in the spectrum of a second of samples, to 1 Hz."""
    samples = np.cos(2 * np.pi * hz * np.arange(int(rate)) / rate)
    return np.abs(np.fft.rfft(samples)).argmax()


def fit(x, hz, rate):
    """The amplitude of a tone by least squares, without a Fourier transform."""
    angle = 2 * np.pi * hz * np.arange(len(x)) / rate
    return np.hypot(*np.linalg.lstsq(np.stack([np.cos(angle), np.sin(angle)], 1), x)[0])


def asked(with_function=np.exp, swing=2j * np.pi):
    """The amplitude by a sum of products, as a reader might write it; other arguments are wrong."""

    def function(x, hz, rate):
        return 2 * abs(x @ with_function(swing * hz * np.arange(len(x)) / rate)) / len(x)

    return function


@pytest.mark.parametrize("hz", [700, 4000, 5000, 8000, 9100, 14_300, 30_001])
def test_the_alias_is_what_a_spectrum_shows(hz):
    within = hz % 8000
    assert heard(hz, 8000) == min(within, 8000 - within)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.alias, lambda hz, rate: abs(hz - rate * round(hz / rate))),
        (checks.amplitude_at, fit),
        (checks.amplitude_at, asked()),
    ],
)
def test_right_answers_about_sound(check, right, capsys):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    assert not check(lambda *_: ...)
    assert "not tried yet" in capsys.readouterr().out
    for nonsense in ("many", np.zeros(2), -1.0):
        assert not check(lambda *_, nonsense=nonsense: nonsense)
        assert "not yet. One case" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (checks.alias, lambda hz, rate: hz, "the tone itself"),
        (checks.alias, lambda hz, rate: hz % rate, "half the rate fold it"),
        (checks.alias, lambda hz, rate: abs(hz if hz < rate / 2 else rate - hz), "folds once"),
        (checks.alias, lambda hz, rate: hz % (rate / 2), "comes back down"),
        (checks.alias, lambda hz, rate: min(hz, rate / 2), "not held"),
        (checks.alias, lambda hz, rate: hz * (hz <= rate / 2), "not silent"),
        (checks.amplitude_at, lambda x, hz, rate: fit(x, hz, rate) * len(x) / 2, "the sum"),
        (checks.amplitude_at, lambda x, hz, rate: fit(x, hz, rate) / 2, "half of it"),
        (checks.amplitude_at, asked(np.cos, 2 * np.pi), "Ask with a sine"),
        (checks.amplitude_at, asked(np.sin, 2 * np.pi), "Ask with a cosine"),
        (checks.amplitude_at, asked(swing=1j), "2 pi is missing"),
        (checks.amplitude_at, lambda x, hz, rate: asked()(x, hz, len(x)), "take hertz for"),
        (checks.amplitude_at, lambda x, hz, rate: fit(x, hz, rate) ** 2, "the power"),
        (
            checks.amplitude_at,
            lambda x, hz, rate: np.fft.rfft(x)[round(hz * len(x) / rate)] * 2 / len(x),
            "complex",
        ),
    ],
)
def test_known_mistakes_about_sound_are_named(check, wrong, hint, capsys):
    assert not check(wrong)
    assert hint in capsys.readouterr().out


def laid(row, kernel):
    """Lay copies of the kernel and add them up, as a reader might."""
    half, out = len(kernel) // 2, np.zeros(len(row) + len(kernel) - 1)
    for n, light in enumerate(row):
        out[n : n + len(kernel)] += light * kernel
    return out[half : half + len(row)]


def padded(mode):
    """Convolve a row with other surroundings than zeros."""
    return lambda row, kernel: laid(np.pad(row, 12, mode=mode), kernel)[12:-12]


def through_the_middle(slope):
    def line(x, y):
        m = slope(x, y)
        return [m, np.mean(y - m * x)]

    return line


def across(x, y):
    right, up = np.linalg.svd(np.column_stack([x - x.mean(), y - y.mean()]))[2][0]
    return up / right


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.convolve_row, laid),
        (checks.convolve_row, lambda row, kernel: np.correlate(row, kernel[::-1], "same")),
        (checks.fit_line, lambda x, y: np.polyfit(x, y, 1)),
        (checks.fit_line, through_the_middle(lambda x, y: np.cov(x, y)[0, 1] / np.var(x, ddof=1))),
    ],
)
def test_right_answers_about_images(check, right, capsys):
    for _ in range(10):  # cases are drawn anew each time
        assert check(right)
        assert "right, on 8" in capsys.readouterr().out
    assert not check(lambda *_: ...)
    assert "not tried yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (checks.convolve_row, lambda row, kernel: laid(row, kernel[::-1]), "correlation"),
        (checks.convolve_row, np.convolve, "longer"),
        (checks.convolve_row, lambda row, k: laid(row, k)[len(k) // 2 : -(len(k) // 2)], "shorter"),
        (checks.convolve_row, lambda row, k: np.convolve(row, k)[: len(row)], "to the right"),
        (checks.convolve_row, lambda row, k: np.convolve(row, k)[-len(row) :], "to the left"),
        (checks.convolve_row, lambda row, k: laid(row, k / k.sum()), "does not divide"),
        (checks.convolve_row, padded("edge"), "repeat its ends"),
        (checks.convolve_row, padded("wrap"), "the other"),
        (checks.convolve_row, padded("symmetric"), "mirror image"),
        (checks.convolve_row, lambda row, k: row, "not yet. One case"),
        (checks.fit_line, lambda x, y: np.polyfit(x, y, 1)[::-1], "The order"),
        (checks.fit_line, lambda x, y: (np.linalg.lstsq(x[:, None], y)[0][0], 0), "origin"),
        (checks.fit_line, lambda x, y: np.polyfit(y, x, 1), "swapped"),
        (checks.fit_line, through_the_middle(lambda x, y: 1 / np.polyfit(y, x, 1)[0]), "in x"),
        (checks.fit_line, through_the_middle(lambda x, y: np.corrcoef(x, y)[0, 1]), "correlation"),
        (checks.fit_line, through_the_middle(lambda x, y: np.cov(x, y)[0, 1] / x.var()), "np.cov"),
        (checks.fit_line, through_the_middle(across), "distances across"),
        (checks.fit_line, lambda x, y: np.polyfit(x[[0, -1]], y[[0, -1]], 1), "first and the last"),
        (checks.fit_line, lambda x, y: (0, y.mean()), "not yet. One case"),
    ],
)
def test_known_mistakes_about_images_are_named(check, wrong, hint, capsys):
    assert not check(wrong)
    assert hint in capsys.readouterr().out
