"""A figure that moves without a kernel: its frames, its slider and what stands in for it."""

import matplotlib.pyplot as plt
import plotly.io
import pytest

from emolib import plots
from emolib.plots import displays

ALTERNATIVE = "A line gets steeper as the slope grows."


def line(slope):
    return [{"type": "scatter", "x": [0, 1], "y": [0, slope], "name": f"slope {slope:g}"}]


def test_each_value_has_a_frame_and_a_step_that_asks_for_it():
    figure = plots.slider(line, [1, 2.5, 4], "slope", first=1, title="Slopes")
    assert [frame.name for frame in figure.frames] == ["1", "2.5", "4"]
    assert [frame.data[0].y[1] for frame in figure.frames] == [1, 2.5, 4]
    (bar,) = figure.layout.sliders
    assert [step.args[0][0] for step in bar.steps] == ["1", "2.5", "4"]
    assert bar.active == 1 and figure.data[0].y[1] == 2.5, "shown first"
    assert figure.layout.title.text == "Slopes"
    assert plots.slider(line, [1, 2.5, 4], "slope").layout.sliders[0].active == 2


@pytest.mark.parametrize("values", [[], range(51)])
def test_too_few_and_too_many_values(values):
    with pytest.raises(ValueError, match=f"1 to 50 values, not {len(values)}"):
        plots.slider(line, values, "slope")


def test_a_still_stands_in_for_the_moving_figure_where_it_is_asked_for(monkeypatch):
    """Elsewhere JupyterLab would show it in the figure's place."""
    shown = []
    monkeypatch.setenv("EMOLIB_STILLS", "1")
    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")
    monkeypatch.setattr(displays, "publish_display_data", lambda *given: shown.append(given))
    ax = plt.subplots()[1]
    plots.show(plots.slider(line, [1, 2], "slope"), ALTERNATIVE, ax)
    ((data, metadata),) = shown
    assert "image/png" in data and "application/vnd.plotly.v1+json" in data
    assert metadata["image/png"]["alt"] == data["text/plain"] == ALTERNATIVE
    assert not plt.fignum_exists(ax.figure.number), "closed, so that it is not shown twice"
    monkeypatch.delenv("EMOLIB_STILLS")
    plots.show(plots.slider(line, [1, 2], "slope"), ALTERNATIVE, plt.subplots()[1])
    assert set(shown[1][0]) == {"application/vnd.plotly.v1+json", "text/plain"}
    assert not plt.get_fignums()
