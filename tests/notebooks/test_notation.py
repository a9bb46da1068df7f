"""notation.md says what the notebooks say: every letter, word and shape of it stands in them."""

import re
from pathlib import Path

import pytest

from emolib import audio, corpora, evaluation, video
from emolib.evaluation import sound_and_face

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGE = (NOTEBOOKS / "notation.md").read_text(encoding="utf-8")
SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))
# Equations in display; letters that are neither a word nor the sign of a transpose.
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
GREEK = "alpha beta gamma delta epsilon eta theta lambda mu nu xi pi rho sigma tau phi psi omega"
GREEK = {f"\\{name}" for word in GREEK.split() for name in (word, word.capitalize())}


def prose(source):
    """Return a notebook's markdown."""
    cells = re.split(r"^# %%(.*)$", source.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    markdown = [text for head, text in zip(cells[::2], cells[1::2], strict=True) if "[mark" in head]
    return re.sub(r"^# ?", "", "\n".join(markdown), flags=re.MULTILINE)


def formulas(text):
    """Return all formulas of a text, those in lines and those in display."""
    return [*DISPLAY.findall(text), *re.findall(r"\$([^$]+)\$", DISPLAY.sub("", text))]


def letters(formula):
    """Return the letters of a formula, Latin ones and Greek ones."""
    formula = re.sub(r"\\(text|operatorname|textbf|mathrm|begin|end|color)\{[^}]*\}", "", formula)
    formula = re.sub(r"\^(T|\\top)(?![A-Za-z])", "", formula)
    names = re.findall(r"\\[A-Za-z]+|[A-Za-z]+", formula)
    return {name for name in names if name in GREEK or re.fullmatch("[A-Za-z]", name)}


def table(heading):
    """Return the cells of the table under a heading, row by row."""
    part = PAGE.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\|(.+)\|$", part, re.MULTILINE)[2:]
    return [[cell.strip() for cell in row.split("|")] for row in rows]


def notebook(place):
    """Return the source that a number or a primer's word names."""
    (found,) = (s for s in SOURCES if s.stem.startswith((f"{place}_", f"primer_{place}")))
    return found


PARTS = re.findall(r"^## (.+: .+|Tensors.+)$", PAGE, re.MULTILINE)
SYMBOLS = [
    (symbol, place)
    for part in PARTS
    for cells, *_, where in map(tuple, table(part))
    for symbol in re.findall(r"\$([^$]+)\$", cells)
    for place in where.split(", ")
]
WORDS = dict(table("Words that hold everywhere"))


@pytest.mark.parametrize("place", sorted({place for _, place in SYMBOLS}))
def test_each_symbol_of_the_page_stands_in_the_notebooks_that_it_names(place):
    text = "\n".join(formulas(prose(notebook(place))))
    for symbol in (symbol for symbol, of in SYMBOLS if of == place):
        bare = re.sub(r"(?<=.)(\[.*\]|\([^()]*\))$", "", symbol)  # X of X[k], P of P(...)
        before = r"(?<![A-Za-z\\])" if bare[0].isalpha() else ""
        assert re.search(rf"{before}{re.escape(bare)}(?![A-Za-z])", text), symbol


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_each_letter_of_an_equation_in_display_stands_on_the_page(source):
    used = set().union(*map(letters, DISPLAY.findall(prose(source))))
    own = [symbol for symbol, place in SYMBOLS if notebook(place) == source]
    assert used <= set().union(*map(letters, own)), "give notation.md a row for each"


def test_the_parts_lie_in_the_order_of_the_course():
    assert len(PARTS) == 5
    numbers = [int(re.search(r"\d\d", part)[0]) for part in PARTS]
    assert numbers == sorted(numbers)


def test_the_words_are_those_of_the_library():
    emotions = WORDS["emotion"].partition(": ")[2].split(", ")
    assert tuple(emotions) == tuple(corpora.EMOTIONS)
    named = [name.split("`") for name in WORDS if "`" in name]
    assert [n[1] for n in named if n[0] == "protocol "] == list(evaluation.PROTOCOLS)
    assert tuple(n[1] for n in named if n[0] == "variant ") == sound_and_face.VARIANTS


def test_the_polarity_is_that_of_the_library():
    said = {}
    for sign, words in re.findall(r"(\+1|-1|0) for ([a-z, ]+)", WORDS["polarity"]):
        said |= dict.fromkeys(words.split(", "), int(sign))
    assert said == dict(corpora.POLARITY)


def test_the_systems_are_called_so_in_the_notebooks():
    names = WORDS["system"].partition(":")[0].split(", ")
    everything = "\n".join(map(prose, SOURCES))
    assert len(names) == 5
    for name in names:
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", everything), name


def test_arrays_have_the_axes_that_the_page_gives():
    clip = corpora.load("puppets").iloc[0]
    signal, rate = corpora.read_audio(clip, 16_000)
    frames, _ = corpora.read_video(clip, size=(56, 56))
    grey = frames.mean(axis=-1)
    arrays = {
        "waveform, `signal`": [signal],
        "frames of a sound": [audio.frame(signal, 512, 160)],
        "MFCC": [audio.mfcc(signal, rate, 13)],
        "picture of a sound": [audio.picture(signal, rate, "mel spectrogram", (32, 32))],
        "video": [frames, grey],
        "flow": [next(video.dense_flow(frames[:2]))],
        "interest points": [video.interest_points(video.harris3d(grey, 1.5, 1.5), 5)],
    }
    rows = {name: (kind, axes) for name, kind, axes in table("Arrays")}
    for name, made in arrays.items():
        given = {text.count(",") + (not text.endswith(",)")) for text in axes_of(rows[name][1])}
        assert {array.ndim for array in made} == given, name
    assert str(signal.dtype) in rows["waveform, `signal`"][0] and abs(signal).max() <= 1
    assert str(frames.dtype) in rows["video"][0] and frames.shape[-1] == 3


def axes_of(cell):
    """Return the tuples of axes that a cell gives; rows of points are two axes."""
    if cell.startswith("rows of"):
        return ["(points, 3)"]
    return re.findall(r"`(\([^`]+\))`", cell)
