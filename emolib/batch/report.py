"""One page about a run, readable without a network: what ran, what failed, what was measured."""

import json
from pathlib import Path

import jinja2
import nbformat
import pandas as pd
import plotly.io
from nbconvert import HTMLExporter
from nbconvert.filters import strip_ansi
from plotly.offline import get_plotlyjs
from tqdm.auto import tqdm

from emolib.batch.run import BatchError
from emolib.evaluation.record import check_record

LAST_LINES = 12  # of a traceback
FIGURE = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

# nbconvert's page without the scripts that it fetches for widgets, diagrams and require.js.
PAGE = """
{% extends "lab/index.html.j2" %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
"""


def report(out="build"):
    """Write ``out/report.html``, and a page beside every notebook that ran to its end.

    Parameters
    ----------
    out : str or path
        The folder of a run: ``results.csv``, ``notebooks/``, ``logs/``, ``results/``.

    Returns
    -------
    pathlib.Path
        The page: one file, styles and pictures inside. The notebooks' pages keep their plotly
        figures alive with ``notebooks/plotly.min.js``; only their equations are set by a script
        from the network, and stand as TeX without it.

    Raises
    ------
    BatchError
        Where the folder holds no run.
    """
    out = Path(out)
    if not (out / "results.csv").is_file():
        raise BatchError(f"the folder {out} holds no run: there is no {out / 'results.csv'}")
    table = pd.read_csv(out / "results.csv", dtype={"cell": "Int64", "starts": "Int64"})
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    passed = [out / "notebooks" / f"{r['notebook']}.ipynb" for r in rows if r["state"] == "passed"]
    for path in tqdm(passed, desc="pages", unit="notebook", leave=False):
        path.with_suffix(".html").write_text(page(path), encoding="utf-8")
    if passed:
        (out / "notebooks" / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    records, unread = _records(out / "results")
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    template = jinja2.Environment(loader=loader, autoescape=True).get_template("report.html.j2")
    text = template.render(
        rows=rows,
        counts=table["state"].value_counts(sort=False).to_dict(),
        failures=[row | _failure(out, row) for row in rows if row["cell"]],
        records=records,
        unread=unread,
    )
    (out / "report.html").write_text(text, encoding="utf-8")
    return out / "report.html"


def page(path):
    """Return an executed notebook as HTML with its pictures inside and its plotly figures alive."""
    notebook = nbformat.read(path, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    for output in outputs:
        if "image/png" in output.get("data", {}):
            output.data.pop(WIDGET, None)  # a menu needs a kernel; its still does not
    figures = [output.data for output in outputs if FIGURE in output.get("data", {})]
    for number, data in enumerate(figures):
        data["text/html"] = plotly.io.to_html(
            data[FIGURE],
            config=data[FIGURE].get("config"),
            include_plotlyjs=False if number else "directory",
            full_html=False,
            auto_play=False,
            validate=False,
        )
    loader = jinja2.DictLoader({"page.html.j2": PAGE})
    exporter = HTMLExporter(
        extra_loaders=[loader], template_file="page.html.j2", embed_images=True, theme="light"
    )
    return exporter.from_notebook_node(notebook, {"metadata": {"name": path.stem}})[0]


def _failure(out, row):
    """Source of the cell where a notebook stopped, and the last lines of its traceback."""
    notebook = nbformat.read(out / "logs" / f"{row['notebook']}.ipynb", as_version=4)
    cells = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    cell = cells[row["cell"] - 1]
    errors = [output for output in cell.outputs if output.output_type == "error"]
    lines = "\n".join(errors[-1].traceback).split("\n") if errors else []
    return {"source": cell.source, "traceback": strip_ansi("\n".join(lines[-LAST_LINES:]))}


def _records(folder):
    """Valid records in a folder, and for each other file a line that says what is wrong with it."""
    records, unread = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            records.append(check_record(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError) as error:
            unread.append(f"{path.name}: {error}")
    return records, unread
