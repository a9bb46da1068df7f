"""One page about a run, readable without a network: what ran, what failed, what was measured."""

import json
from pathlib import Path

import jinja2
import nbformat
import numpy as np
import pandas as pd
import plotly.io
from nbconvert import HTMLExporter
from nbconvert.filters import strip_ansi
from plotly.offline import get_plotlyjs
from scipy import stats
from tqdm.auto import tqdm

from emolib.batch.grid import BatchError
from emolib.batch.job import earlier, write_whole
from emolib.batch.run import rows as rows_of
from emolib.evaluation.record import check_record

LAST_LINES = 12  # of a traceback
FIGURE = "application/vnd.plotly.v1+json"
SAME = ("system", "corpus", "protocol", "variant", "profile", "n_actors")
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
    rows = rows_of(table)
    whole = {row["run"]: row for row in rows if row["state"] in ("passed", "kept")}
    wrote = _pages(out / "notebooks", whole)
    records, unread = _records(out, wrote)
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    template = jinja2.Environment(loader=loader, autoescape=True).get_template("report.html.j2")
    text = template.render(
        rows=rows,
        counts=table["state"].value_counts(sort=False).to_dict(),
        failures=[row | _failure(out, row) for row in rows if row["starts"] and row["error"]],
        records=records,
        unread=unread,
        comparisons=_across_seeds(records),
    )
    write_whole(out / "report.html", text)
    return out / "report.html"


def _pages(folder, whole):
    """Write a page beside each executed notebook; return each record's name with its run's row."""
    wrote = {}
    for name, row in tqdm(whole.items(), desc="pages", unit=" notebooks", leave=False):
        path = folder / f"{name}.ipynb"
        made = path.with_suffix(".html")
        if not made.is_file() or made.stat().st_mtime < path.stat().st_mtime:
            write_whole(made, page(path))
        wrote |= dict.fromkeys((earlier(path) or {"records": ()})["records"], row)
    if whole:
        write_whole(folder / "plotly.min.js", get_plotlyjs())
    return wrote


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
    """Source of the cell where a run stopped and its traceback's end, or the end of the log."""
    part = out / "logs" / f"{row['run']}.ipynb"
    if row["cell"] and part.is_file():  # a full disk may have kept it from its place
        notebook = nbformat.read(part, as_version=4)
        cells = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
        cell = cells[row["cell"] - 1]
        errors = [output for output in cell.outputs if output.output_type == "error"]
        lines = "\n".join(errors[-1].traceback).split("\n") if errors else []
        return {"source": cell.source, "traceback": strip_ansi("\n".join(lines[-LAST_LINES:]))}
    log = out / "logs" / f"{row['run']}.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    return {"source": "", "traceback": "\n".join(text.rstrip().split("\n")[-LAST_LINES:])}


def _records(out, wrote):
    """Valid records, each with the row of its run, and a line on what is wrong with each other."""
    records, unread = [], []
    for path in sorted((out / "results").rglob("*.json")):
        try:
            record = check_record(json.loads(path.read_text(encoding="utf-8")))
            records.append(record | {"run": wrote.get(path.relative_to(out).as_posix())})
        except (OSError, ValueError) as error:
            unread.append(f"{path.name}: {error}")
    return records, unread


def _across_seeds(records):
    """Mean and 95 % interval over seeds, where runs of the table differ in nothing but the seed.

    The interval is Student's, over the seeds' means. It says how far the figure moves with the
    seed, and nothing about other people.
    """
    groups = {}
    for record in records:
        if record["run"]:
            key = (*(record[name] for name in SAME), record["run"]["parameters"] or "")
            groups.setdefault(key, {})[tuple(record["seeds"])] = record["mean"]
    return [
        dict(zip((*SAME, "parameters"), key, strict=True)) | _compare(means)
        for key, means in groups.items()
        if len(means) > 1
    ]


def _compare(means):
    """Mean and interval of each metric that all seeds' records have, and each seed's figure."""
    metrics = [m for m in next(iter(means.values())) if all(m in mean for mean in means.values())]
    each = {metric: [mean[metric] for mean in means.values()] for metric in metrics}
    centre = {metric: float(np.mean(values)) for metric, values in each.items()}
    times = stats.t.ppf(0.975, len(means) - 1)
    half = {metric: float(stats.sem(values)) * times for metric, values in each.items()}
    return {
        "seeds": ["+".join(map(str, seeds)) for seeds in means],
        "each": each,
        "mean": centre,
        "interval": {m: (centre[m] - half[m], centre[m] + half[m]) for m in metrics},
    }
