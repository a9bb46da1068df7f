"""Display a figure together with one sentence for those who cannot see it."""

import base64
import html
import io
import os

import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import publish_display_data
from PIL import Image, ImageChops


def png(figure):
    """Render a matplotlib figure as PNG bytes, on its own light ground (safe on a dark page)."""
    buffer = io.BytesIO()
    options = {"dpi": 100, "facecolor": "white", "transparent": False, "bbox_inches": "tight"}
    figure.savefig(buffer, format="png", **options)
    return small_png(Image.open(buffer))


def small_png(image):
    """Return a Pillow image as PNG bytes: with 256 colours, a third of the usual size, if it may.

    Few pixels of many colours, such as a colour wheel in a large figure, would get colours far
    from theirs; such a picture keeps all of them.
    """
    image = image.convert("RGB")
    fewer = image.quantize(256)
    lost = ImageChops.difference(image, fewer.convert("RGB"))
    # 40 of 255: half a per mille of the pixels may differ by more in some channel.
    far = max(sum(channel.histogram()[40:]) for channel in lost.split())
    buffer = io.BytesIO()
    kept = image if far > 5e-4 * image.width * image.height else fewer
    kept.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _sentence(alternative):
    if len(alternative.split()) < 4 or not alternative.strip().endswith("."):
        raise ValueError("the text alternative must be a sentence that ends with a full stop")
    return alternative


def _publish(bundle, still, alternative):
    """Display a bundle together with its still picture and its sentence."""
    still = {} if still is None else {"image/png": base64.b64encode(still).decode()}
    publish_display_data(
        {**bundle, **still, "text/plain": alternative}, {"image/png": {"alt": alternative}}
    )


def show(drawn, alternative, still=None):
    """Display a figure or a player with a text alternative, and close it.

    Parameters
    ----------
    drawn : matplotlib Axes or Figure, plotly Figure, or ClipPlayer
        What a function of this room returned.
    alternative : str
        One sentence that says what the picture shows; screen readers speak it, and it stands in
        for the picture wherever pictures are left out.
    still : matplotlib Axes or Figure, optional
        Stands in for a plotly figure wherever that cannot move (a page of a code host, paper). It
        is kept where ``EMOLIB_STILLS`` is set, as when notebooks are built: JupyterLab would show
        it in the figure's place until a pointer enters.

    Raises
    ------
    ValueError
        Where the alternative is no sentence.

    Notebook: 00_start_here
    """
    _sentence(alternative)
    if hasattr(drawn, "to_plotly_json"):
        still = _closed(still)
        kept = still if "EMOLIB_STILLS" in os.environ else None
        _publish(drawn._repr_mimebundle_(), kept, alternative)
    elif hasattr(drawn, "html"):
        _publish({"text/html": drawn.html(alternative)}, drawn.still, alternative)
    else:
        _publish({}, _closed(drawn), alternative)


def _closed(drawn):
    """Render matplotlib Axes or a Figure, if any, and close it."""
    if drawn is None:
        return None
    figure = getattr(drawn, "figure", drawn)
    still = png(figure)
    plt.close(figure)
    return still


def explore(draw, alternative, **choices):
    """Display a figure under one menu or slider for each argument of the function that draws it.

    Without a running kernel the figure of the first choices stands as a still.

    Parameters
    ----------
    draw : callable
        Takes one value of each choice by name; returns matplotlib Axes or a Figure.
    alternative : str
        A sentence with the choices' names in braces, such as ``"Actor {actor} speaks."``.
    **choices : list, tuple or number
        As ``ipywidgets.interact`` takes them: a list makes a menu, (low, high) a slider.

    Raises
    ------
    ValueError
        Where the alternative is no sentence.

    Notes
    -----
    ``ipywidgets.interact`` captures output in a widget of its own, and a notebook that holds one
    now and then hangs for good when it is run by nbclient, papermill or nbconvert (nbclient issue
    312, papermill issue 723). So the picture is put into an HTML widget instead.

    Notebook: 00_start_here
    """
    controls = {
        name: ipywidgets.interactive.widget_from_abbrev(choice) for name, choice in choices.items()
    }
    for name, control in controls.items():
        control.description = name
    picture = ipywidgets.HTML()

    def redraw(_=None):
        values = {name: control.value for name, control in controls.items()}
        sentence = _sentence(alternative.format(**values))
        still = _closed(draw(**values))
        code = base64.b64encode(still).decode()
        picture.value = (
            f'<img style="max-width:100%" alt="{html.escape(sentence)}" '
            f'src="data:image/png;base64,{code}">'
        )
        return still, sentence

    still, sentence = redraw()
    for control in controls.values():
        control.observe(redraw, "value")
    box = ipywidgets.VBox([*controls.values(), picture])
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    _publish({"application/vnd.jupyter.widget-view+json": view}, still, sentence)
