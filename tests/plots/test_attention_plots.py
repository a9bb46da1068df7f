"""Pictures of attention: what is outlined, written and hatched is what weighs most."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from emolib import plots


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_small_matrices_are_written_and_large_ones_are_not():
    weights = np.arange(6).reshape(2, 3) / 6
    ax = plots.attention_matrix(weights, ["a", "b"], ["c", "d", "e"], limits=(0, 1))
    assert [text.get_text() for text in ax.texts] == [
        "0.00",
        "0.17",
        "0.33",
        "0.50",
        "0.67",
        "0.83",
    ]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["c", "d", "e"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert not plots.attention_matrix(np.eye(9), range(9)).texts


def test_the_heaviest_place_is_outlined_where_it_lies_on_the_face():
    weights = np.full((4, 6), 0.5 / 23)
    weights[3, 1] = 0.5
    ax = plots.attention_on_face(np.zeros((80, 120, 3), np.uint8), weights)
    assert ax.get_title() == "12.0 x mean"
    for outline in ax.patches:
        assert outline.get_xy() == pytest.approx((19.5, 59.5))
        assert (outline.get_width(), outline.get_height()) == (20, 20)
    overlay = ax.images[1]
    assert overlay.get_extent() == ax.images[0].get_extent()
    np.testing.assert_allclose(overlay.get_array().mean(), 1)


def test_bars_are_the_weights_and_the_marked_one_is_hatched():
    weights = np.array([0.1, 0.6, 0.3])
    figure = plots.attention_over_snippets(
        np.zeros((3, 24, 24), np.uint8), weights, np.full((3, 2, 2), 0.25), marked=1, title="t"
    )
    bars = figure.axes[-1].patches
    np.testing.assert_allclose([bar.get_height() for bar in bars], weights)
    assert [bool(bar.get_hatch()) for bar in bars] == [False, True, False]
    assert len(figure.axes) == 4 and figure.get_suptitle() == "t"
    (line,) = figure.axes[-1].lines
    assert set(line.get_ydata()) == {1 / 3}
    assert figure.axes[-1].get_ylim()[1] >= 0.6


def test_only_places_above_the_mean_are_tinted():
    weights = np.array([[0.25, 0.5], [0.25, 0.0]])
    alpha = plots.attention_on_face(np.zeros((8, 8), np.uint8), weights).images[1].get_alpha()
    np.testing.assert_allclose(alpha, [[0, 0.375], [0, 0]])
