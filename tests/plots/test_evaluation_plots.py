import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from emolib import corpora, plots
from emolib.evaluation import EvaluationError, Fold, add_copies, record, stored_records
from emolib.plots.displays import png


@pytest.fixture(autouse=True)
def no_figure_is_left_open():
    yield
    plt.close("all")


@pytest.fixture
def records(tmp_path):
    options = {"corpus": "drawn", "seeds": [0], "n_actors": 9, "command": "-", "results": tmp_path}
    return [
        record(name, [{"accuracy": value}], protocol=protocol, interval=interval, **options)
        for name, value, protocol, interval in (
            ("leaky", 0.9, "rows", {"accuracy": (0.85, 0.95)}),
            ("honest", 0.5, "actors", {"accuracy": (0.4, 0.6)}),
            ("bare", 0.6, "actors", None),
        )
    ]


def test_a_forest_shows_each_figure_at_its_place_under_its_protocol(records):
    ax = plots.forest(records, chance=0.125)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [
        "drawn, actors, plain, quick", "bare", "honest", "drawn, rows, plain, quick", "leaky",
    ]  # fmt: skip
    marks = {
        names[round(line.get_ydata()[0])]: line for line in ax.lines if len(line.get_xdata()) == 1
    }
    assert {name: mark.get_xdata()[0] for name, mark in marks.items()} == {
        "bare": 0.6, "honest": 0.5, "leaky": 0.9,
    }  # fmt: skip
    bars = [line for line in ax.lines if list(line.get_xdata()) == [0.4, 0.6]]
    assert [names[round(bar.get_ydata()[0])] for bar in bars] == ["honest"]
    assert marks["bare"].get_markerfacecolor() == "white"  # no interval is known
    looks = {name: (mark.get_color(), mark.get_marker()) for name, mark in marks.items()}
    assert looks["bare"] == looks["honest"]
    assert all(a != b for a, b in zip(looks["honest"], looks["leaky"], strict=True))
    assert "accuracy" in ax.get_xlabel() and "0.125" in ax.get_xlabel()


def test_bars_fall_from_the_printed_one_by_what_the_records_say(records):
    ax = plots.falling_bars([records[0], records[1]], printed=0.95, chance=0.125)
    printed, *ours = ax.patches
    assert [bar.get_height() for bar in (printed, *ours)] == pytest.approx([95, 90, 50])
    assert len({(bar.get_facecolor(), bar.get_hatch()) for bar in ax.patches}) == 3
    ends = [bar.get_segments()[0][:, 1] for bar in ax.collections]
    assert np.allclose(ends, [[85, 95], [40, 60]])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["as printed", "rows", "actors"]


def test_a_bar_without_an_interval_is_drawn_without_one(records):
    bare = {name: value for name, value in records[0].items() if name != "interval"}
    ax = plots.falling_bars([bare, records[1]], printed=0.95)
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([95, 90, 50])
    ends = [part[:, 1] for bar in ax.collections for part in bar.get_segments() if len(part)]
    assert np.allclose([pair for pair in ends if np.isfinite(pair).all()], [[40, 60]])
    assert [text.get_position()[1] for text in ax.texts] == pytest.approx([96.5, 92, 62])


def test_the_bars_on_the_front_page_are_those_of_the_stored_records(checkout, tmp_path):
    """The README's one figure: real data, five seeds; its words give the same numbers."""
    found = {
        r["protocol"]: r for r in stored_records("dv-emotionnet", "ravdess") if len(r["seeds"]) == 5
    }

    def made(*protocols):
        rows = [found[protocol] for protocol in protocols]
        ax = plots.falling_bars(rows, printed=0.9466, chance=192 / 1440)
        ax.set_title("One network, real RAVDESS speech: only the split moves")
        fresh = tmp_path / "falling_bars.png"
        fresh.write_bytes(png(ax.figure))
        return np.asarray(Image.open(fresh).convert("RGB")).astype(float)

    kept = np.asarray(Image.open(checkout / "data" / "falling_bars.png").convert("RGB"))
    assert np.abs(made("rows", "actors", "clips") - kept).mean() > 1  # others would be noticed
    fresh = made("rows", "clips", "actors")
    assert np.abs(fresh - kept).mean() < 1, f"copy {tmp_path}/falling_bars.png to data/"
    words = " ".join((checkout / "README.md").read_text(encoding="utf-8").split())
    for protocol, row in found.items():
        low, high = row["interval"]["accuracy"]
        figure = f"{100 * row['mean']['accuracy']:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
        assert f"`{protocol}` {figure}" in words


def test_a_forest_of_nothing_is_refused():
    with pytest.raises(EvaluationError):
        plots.forest([])


def test_who_claims_too_much_lies_below_the_diagonal():
    p = np.repeat([[0.95, 0.05], [0.7, 0.3]], 50, axis=0)
    truth = [0] * 30 + [1] * 20 + [0] * 25 + [1] * 25
    ax = plots.reliability(p, truth)
    drawn = ax.lines[1].get_xydata()
    assert np.allclose(drawn, [[0.7, 0.5], [0.95, 0.6]])
    assert "0.275" in ax.get_title()  # (0.2 + 0.35) / 2
    assert {text.get_text() for text in ax.texts} == {"50"}


def test_coverage_ends_where_all_is_answered():
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    ax = plots.coverage(p, [0, 0, 1, 1])
    assert np.allclose(ax.lines[0].get_xydata(), [[0.25, 1], [0.5, 1], [0.75, 2 / 3], [1, 0.5]])
    for words in (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()):
        assert words


def test_sides_marks_the_test_rows_of_each_actor():
    table = add_copies(
        corpora.clip_table(
            {"clip": f"{actor}-{k}", "corpus": "own", "actor": actor, "emotion": "sad"}
            for actor in ("ann", "bob")
            for k in range(3)
        ),
        n=1,
    )
    test = np.flatnonzero((table["actor"] == "bob") & (table["copy"] == 1))
    rest = np.setdiff1d(np.arange(len(table)), test)
    ax = plots.sides(table, Fold(0, rest[1:], rest[:1], test))
    letters = [(t.get_text(), round(t.get_position()[1])) for t in ax.texts]
    assert letters.count(("T", 1)) == len(test) == 3 and letters.count(("T", 0)) == 0
    assert sum(letter == "V" for letter, _ in letters) == 1
    assert len(ax.patches) == len(table)


def test_training_curves_show_each_epoch_on_both_axes_and_miss_no_curve():
    history = {"accuracy": [0.2, 0.6, 0.7], "loss": [1.7, 0.9, 0.8], "val_loss": [1.8, 1.9, 2.4]}
    right, lost = plots.training_curves(history, "frames, by actors").axes
    assert np.allclose(right.lines[0].get_xydata(), [[1, 0.2], [2, 0.6], [3, 0.7]])
    assert len(right.lines) == 1, "no test accuracy was measured"
    assert np.allclose(lost.lines[1].get_ydata(), history["val_loss"])
    assert lost.lines[0].get_linestyle() != lost.lines[1].get_linestyle()
    assert "epoch" in right.get_xlabel() and right.get_ylabel() and lost.get_ylabel()
    with pytest.raises(EvaluationError, match="accuracy"):
        plots.training_curves({"loss": [1.0]}, "incomplete")
