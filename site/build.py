"""Build the site: ``python site/build.py [--run build]`` writes build/site/html, without a network.

Pages come from the notebooks that a run left in ``RUN/notebooks``, with their live figures; a
notebook that was not run appears as it is committed, with stills.
"""

import argparse
import html
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import plotly.io
from plotly.offline import get_plotlyjs

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
PLOTLY, PNG = "application/vnd.plotly.v1+json", "image/png"
LARGEST = 5_000_000  # bytes of a page
PARTS = {
    "Start": ("00", "01", "02"),
    "Hearing": ("03", "04", "05"),
    "Seeing": ("06", "07", "08", "09"),
    "First fusion": ("10", "11", "12"),
    "Time and attention": ("13", "14", "15", "16", "17"),
    "Tensors": ("18",),
    "The whole picture": ("19", "20", "21"),
    "Primers and notation": ("primer",),
}


def main(arguments=None):
    """Write the pages' sources, let Sphinx build them, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="build", help="folder of a run of the course")
    parser.add_argument("--out", default="build/site")
    options = parser.parse_args(arguments)
    out = Path(options.out)
    source, target = out / "source", out / "html"
    for made in (source, target):
        shutil.rmtree(made, ignore_errors=True)
    committed = sorted((ROOT / "notebooks").glob("*.ipynb"))
    ran = [Path(options.run) / "notebooks" / path.name for path in committed]
    paths = [r if r.is_file() else c for r, c in zip(ran, committed, strict=True)]
    write_source(source, paths, front((ROOT / "README.md").read_text(encoding="utf-8")))
    notation = (ROOT / "notebooks" / "notation.md").read_text(encoding="utf-8")
    (source / "notebooks" / "notation.md").write_text(links(notation, "notebooks"), "utf-8")
    (source / "data").mkdir()
    for picture in (ROOT / "data").glob("*.png"):
        shutil.copy(picture, source / "data")
    write_pages(source, target)
    large = [p for p in target.rglob("*.html") if p.stat().st_size > LARGEST]
    if large:
        sys.exit(f"{large[0]} has {large[0].stat().st_size:,} bytes: make its figures smaller")
    print(f"{len(list(target.rglob('*.html')))} pages: open {target / 'index.html'}")


def write_source(folder, paths, index):
    """Write what Sphinx reads: notebooks as the site shows them, the first page, static files."""
    (folder / "notebooks").mkdir(parents=True)
    shutil.copytree(HERE / "static", folder / "static")
    (folder / "static" / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    for path in paths:
        page = prepare(nbformat.read(path, as_version=4))
        nbformat.write(page, folder / "notebooks" / path.name)
    (folder / "index.md").write_text(index, encoding="utf-8")


def write_pages(source, target):
    """Let Sphinx turn a folder of sources into HTML."""
    static = f"-Dhtml_static_path={(source / 'static').resolve()}"
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", static, "-c", HERE]
    subprocess.run([*map(str, command), str(source), str(target)], check=True)


def prepare(notebook):
    """Return a notebook as the site shows it: no bootstrap, links that lead on, outputs as HTML."""
    dropped = {"bootstrap", "injected-parameters"}
    notebook.cells = [c for c in notebook.cells if not dropped & set(c.metadata.get("tags", []))]
    script = '<script src="../_static/plotly.min.js"></script>'
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = links(cell.source, "notebooks")
        for output in cell.get("outputs", []):
            live = PLOTLY in output.get("data", {})
            if "data" in output and (shown := as_html(output, script if live else "")) is not None:
                output.data, output.metadata = {"text/html": shown}, {}
                script = "" if live else script
    notebook.metadata.pop("widgets", None)
    return notebook


def as_html(output, script):
    """Return a figure or picture as HTML; None for what is text, or HTML already."""
    data = output.data
    alternative = html.escape(data.get("text/plain", ""), quote=True)
    if PLOTLY in data:
        figure = plotly.io.to_html(
            data[PLOTLY], config=data[PLOTLY].get("config"), include_plotlyjs=False,
            full_html=False, auto_play=False, validate=False,
        )  # fmt: skip
        return f'{script}<div role="figure" aria-label="{alternative}">{figure}</div>'
    if PNG in data and "text/html" not in data:
        return f'<img src="data:image/png;base64,{data[PNG].strip()}" alt="{alternative}">'
    return None


def links(text, folder):
    """Turn badges into words and paths outside the site into addresses of the repository."""
    badge = r"\[!\[([^]]+)\]\([^)]+\)\]\(([^)]+)\)"
    text = re.sub(rf"{badge} {badge}", r"[\1](\2) · [\3](\4)", text)

    def lead(match):
        target, mark, anchor = match[1].partition("#")
        page = r"(\.\./)?(notebooks/)?(\w+\.ipynb|notation\.md)"
        inside = re.fullmatch(page, target) or target.endswith(".png")
        if not target or inside or re.match(r"https?:|mailto:", target):
            return match[0]
        path = (ROOT / folder / target).resolve()
        if path == ROOT / "README.md":
            return f"](../index.md{mark}{anchor})"
        kind = "tree" if path.is_dir() else "blob"
        return f"]({ADDRESS}/{kind}/main/{path.relative_to(ROOT)}{mark}{anchor})"

    return re.sub(r"\]\(([^)\s]+)\)", lead, text)


def front(readme):
    """Return the first page: README, and the contents tree in the course's parts."""
    stems = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    trees = []
    for part, beginnings in PARTS.items():
        own = [_entry(stem) for stem in stems if stem.startswith(beginnings)]
        own += ["notebooks/notation"] if "notation" in part else []
        if own:
            rows = "\n".join(own)
            trees.append(f"```{{toctree}}\n:hidden:\n:caption: {part}\n:maxdepth: 1\n\n{rows}\n```")
    text = re.sub(r"<!--.*?-->\n?", "", links(readme, "."))
    return "\n\n".join([text, *trees])


def _entry(stem):
    """Return a line of the contents tree: a notebook's number and the first half of its title."""
    first = nbformat.read(ROOT / "notebooks" / f"{stem}.ipynb", as_version=4).cells[0].source
    title = re.split("[:(]", first.split("\n")[0].removeprefix("# "))[0].strip()
    if stem.startswith("primer"):
        return f"notebooks/{stem}"
    return f"{stem[:2]} {title} <notebooks/{stem}>"


if __name__ == "__main__":
    main()
