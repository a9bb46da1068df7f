"""Pictures that move without a kernel: plotly figures that carry their own frames and slider."""

import plotly.graph_objects as go


def slider(draw, values, name, figure=None, redraw=False, first=-1, **layout):
    """Draw one plotly figure whose slider runs through values.

    Parameters
    ----------
    draw : callable
        Takes a value and returns plotly traces, as many and of the same kinds for each value.
    values : sequence of float or str
        At most 50.
    name : str
        Stands before the value at the slider, with its unit.
    figure : plotly Figure, optional
        With subplots; the traces then say where they go (``xaxis="x2"``).
    redraw : bool
        Needed where a trace is no scatter (heat maps, surfaces).
    first : int
        Position of the value that is shown first.
    **layout
        As plotly's ``update_layout`` takes it: titles, axes, menus.

    Returns
    -------
    plotly Figure

    Raises
    ------
    ValueError
        Where there are no values, or more than 50.

    Notebook: 02_honest_evaluation
    """
    if not 1 <= len(values) <= 50:
        raise ValueError(f"a slider takes 1 to 50 values, not {len(values)}")
    words = [value if isinstance(value, str) else f"{value:g}" for value in values]
    frames = [go.Frame(data=draw(v), name=word) for v, word in zip(values, words, strict=True)]
    figure = go.Figure(figure)
    figure.add_traces(frames[first].data)
    figure.frames = frames
    play = {"mode": "immediate", "frame": {"duration": 0, "redraw": redraw}}
    play["transition"] = {"duration": 0}
    steps = [{"method": "animate", "label": word, "args": [[word], play]} for word in words]
    bar = {
        "active": range(len(values))[first],
        "currentvalue": {"prefix": f"{name}: "},
        "pad": {"t": 45},  # below the axis's title
        "steps": steps,
    }
    return figure.update_layout(sliders=[bar], **layout)
