"""Build the notebooks from their sources: ``python notebooks/build.py [--prose] [name ...]``.

Each ``source/NAME.py`` (jupytext, py:percent) becomes ``NAME.ipynb``, for students, and
``solved/NAME.ipynb``, where the solutions stand in place of the stubs. Both are run on the
puppets at profile ``quick``; text and still pictures of their outputs are kept. With ``--prose``
an edition whose code cells are those of the built one is not run again: it keeps the outputs.
"""

import hashlib
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from tqdm.auto import tqdm

from emolib.batch.job import code_versions

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = PROJECT["urls"]["Repository"]
KEPT = ("text/plain", "image/png")
LARGEST = 1_000_000  # bytes; larger notebooks are not shown by code hosts

# What a hosted machine may lack: the module, and its package where that has another name.
NEEDED = (
    "av cv2=opencv-python-headless ipywidgets jsonschema librosa matplotlib mtcnn pandas\n"
    "    PIL=pillow plotly pooch sklearn=scikit-learn soundfile soxr threadpoolctl tqdm"
)
BOOTSTRAP = f"""\
# Where the course is not installed (Colab), bring it, and only what is missing beside it.
import importlib.util
import os
import subprocess
import sys
from importlib.metadata import version

if importlib.util.find_spec("emolib") is None:
    release = "{ADDRESS}/archive/refs/tags/v{PROJECT["version"]}.zip"
    needed = \"\"\"{NEEDED}\"\"\"
    pairs = [name.partition("=")[::2] for name in needed.split()]
    missing = [pip or name for name, pip in pairs if importlib.util.find_spec(name) is None]
    install = [sys.executable, "-m", "pip", "install", "--quiet"]
    source = os.environ.get("EMOLIB_SOURCE", release)
    subprocess.run([*install, "--no-deps", source], check=True)
    if missing:
        # Named with its version, so that no package replaces it in a running session.
        kept = [f"numpy=={{version('numpy')}}"] if importlib.util.find_spec("numpy") else []
        subprocess.run([*install, *kept, *missing], check=True)
    importlib.invalidate_caches()
"""


def badges(path):
    """Return the row of launch buttons of a notebook, given its path in the repository."""
    repository = ADDRESS.removeprefix("https://github.com/")
    links = {
        "Open in Colab": (
            "https://colab.research.google.com/assets/colab-badge.svg",
            f"https://colab.research.google.com/github/{repository}/blob/main/{path}",
        ),
        "Launch on Binder": (
            "https://mybinder.org/badge_logo.svg",
            f"https://mybinder.org/v2/gh/{repository}/main?labpath={path}",
        ),
    }
    return " ".join(f"[![{name}]({image})]({link})" for name, (image, link) in links.items())


def readme(text):
    """Return README's text with its generated part (address, badges) made anew."""
    start, end = "<!-- made by notebooks/build.py -->", "<!-- end -->"
    head, _, rest = text.partition(start)
    _, _, tail = rest.partition(end)
    clone = f"```\ngit clone {ADDRESS}\ncd {ADDRESS.rpartition('/')[2]}\nmake course\n```"
    first = badges("notebooks/00_start_here.ipynb")
    return f"{head}{start}\n{first}\n\n{clone}\n{end}{tail}"


def source_hash(path):
    """Return the hash that ties a built notebook to its source, its first cell and the version."""
    text = path.read_text(encoding="utf-8") + BOOTSTRAP
    return hashlib.sha256(text.encode()).hexdigest()


def _has(cell, tag):
    return tag in cell.metadata.get("tags", [])


def edition(path, solved=False):
    """Make one edition of a notebook, not yet run.

    Parameters
    ----------
    path : Path
        The source, ``source/NAME.py``.
    solved : bool
        The solved edition holds the cells tagged ``solution`` where the student's holds those
        tagged ``exercise``.

    Returns
    -------
    nbformat.NotebookNode
    """
    notebook = jupytext.read(path, fmt="py:percent")
    dropped = "exercise" if solved else "solution"
    cells = [cell for cell in notebook.cells if not _has(cell, dropped)]
    name = f"notebooks/{'solved/' if solved else ''}{path.stem}.ipynb"
    title, _, rest = cells[0].source.partition("\n")
    title += " (solved edition)" if solved else ""
    cells[0].source = f"{title}\n\n{badges(name)}\n{rest}"
    bootstrap = nbformat.v4.new_code_cell(BOOTSTRAP.strip(), metadata={"tags": ["bootstrap"]})
    cells.insert(1, bootstrap)
    for number, cell in enumerate(cells):
        cell.id = f"{path.stem}-{number:02}".replace("_", "-")[-64:]
        cell.metadata.pop("lines_to_next_cell", None)
        if solved:
            cell.source = cell.source.replace("](../", "](../../")
        if not solved and re.match("## Exercise", cell.source):
            cell.source += f"\n\nThe [solution](solved/{path.stem}.ipynb) has a file of its own."
    notebook.cells = cells
    course = dict(notebook.metadata.get("emolib", {}), source_sha256=source_hash(path))
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "emolib": course,
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _keep_stills(notebook):
    """Keep text and PNG; live figures, players and widgets appear when the reader runs a cell."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = {kind: v for kind, v in output.data.items() if kind in KEPT}
                output.metadata = {k: v for k, v in output.metadata.items() if k in output.data}
    notebook.metadata.pop("widgets", None)


def take_outputs(notebook, built):
    """Give a notebook the outputs of a built one where all code cells agree; say if they do."""
    new, old = ([c for c in n.cells if c.cell_type == "code"] for n in (notebook, built))
    if [cell.source for cell in new] != [cell.source for cell in old]:
        return False
    for cell, ran in zip(new, old, strict=True):
        cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    return True


def build(path, solved=False, prose=False):
    """Make one edition, run it, and write it; return the written path.

    With ``prose`` it is run only if its code cells differ from those of the built notebook.
    """
    folder = HERE / "solved" if solved else HERE
    written = folder / f"{path.stem}.ipynb"
    notebook = edition(path, solved)
    kept = prose and written.is_file() and take_outputs(notebook, nbformat.read(written, 4))
    if not kept:
        run(notebook)
    text = nbformat.writes(notebook) + "\n"
    if len(text.encode()) > LARGEST:
        raise ValueError(f"{path.stem} is {len(text.encode())} bytes: make its pictures smaller")
    written.parent.mkdir(exist_ok=True)
    written.write_text(text, encoding="utf-8")
    return written


def scratch(folder):
    """Return where notebooks run, in a folder: what they cache there is of this very code."""
    own = folder / hashlib.sha256(code_versions().encode()).hexdigest()[:12]
    for other in folder.glob("*"):
        if other.is_dir() and other != own:
            shutil.rmtree(other)
    own.mkdir(parents=True, exist_ok=True)
    return own


def run(notebook):
    """Run a notebook and keep text and stills of its outputs."""
    metadata = dict(notebook.metadata)
    os.environ["EMOLIB_STILLS"] = "1"  # a page of a code host shows no live figure
    place = {"metadata": {"path": scratch(HERE.parent / "build" / "editions")}}
    NotebookClient(notebook, timeout=600, resources=place).execute()
    notebook.metadata = nbformat.from_dict(metadata)
    _keep_stills(notebook)


def main(arguments):
    """Build the named notebooks, or all, and README's generated part; say what was written."""
    prose, names = "--prose" in arguments, [a for a in arguments if a != "--prose"]
    sources = sorted((HERE / "source").glob("*.py"))
    unknown = set(names) - {source.stem for source in sources}
    if unknown:
        sys.exit(f"no source named {', '.join(sorted(unknown))} in notebooks/source")
    page = HERE.parent / "README.md"
    page.write_text(readme(page.read_text(encoding="utf-8")), encoding="utf-8")
    jobs = [
        (s, solved) for s in sources if not names or s.stem in names for solved in (False, True)
    ]
    for source, solved in tqdm(jobs, unit="notebook"):
        tqdm.write(str(build(source, solved, prose).relative_to(HERE.parent)))


if __name__ == "__main__":
    main(sys.argv[1:])
