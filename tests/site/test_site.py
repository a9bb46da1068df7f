"""The site from the committed notebooks: links, weight, no network, numbers of the tree."""

import subprocess
import sys
from copy import deepcopy
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
_SPEC = spec_from_file_location("site_build", ROOT / "site" / "build.py")
site = module_from_spec(_SPEC)
_SPEC.loader.exec_module(site)

FIGURE = {"data": [{"type": "scatter", "x": [1, 2], "y": [3, 4]}], "layout": {}}


class Page(HTMLParser):
    """Links, anchors, fetched addresses and pictures of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.fetched, self.pictures = [], set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        self.anchors.add(own.get("id"))
        if tag == "a" and own.get("href"):
            self.links.append(own["href"])
        if tag in ("script", "img", "iframe", "video", "audio") and own.get("src"):
            self.fetched.append(own["src"])
        if tag == "link" and own.get("rel") in ("stylesheet", "preload", "icon"):
            self.fetched.append(own["href"])
        if tag == "img":
            self.pictures.append(own)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    (out / "own.txt").write_text("somebody's own, in the folder that --out names")
    command = [sys.executable, ROOT / "site" / "build.py", "--out", out, "--run", out]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "WARNING" not in done.stderr, done.stderr[-2000:]
    assert (out / "own.txt").is_file()
    written = sorted((out / "html").rglob("*.html"))
    return {path: Page(path) for path in written if "_static" not in path.parts}  # no templates


def test_every_notebook_is_a_page(pages):
    names = {path.stem for path in pages}
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} <= names


def test_every_link_inside_leads_somewhere(pages):
    for path, page in pages.items():
        for link in page.links:
            to = urlsplit(link)
            if to.scheme:
                continue
            target = (path.parent / unquote(to.path)).resolve() if to.path else path
            assert target.is_file(), f"{path.name}: {link}"
            if to.fragment and target in pages and path.name != "search.html":
                assert unquote(to.fragment) in pages[target].anchors, f"{path.name}: {link}"


def test_nothing_is_fetched_from_the_network(pages):
    for path, page in pages.items():
        strange = [address for address in page.fetched if address.startswith(("http", "//"))]
        assert not strange, f"{path.name} fetches {strange[0]}"
        for address in map(urlsplit, page.fetched):
            assert address.scheme == "data" or (path.parent / unquote(address.path)).is_file()


def test_the_script_that_live_figures_ask_for_is_there(pages):
    front = next(path for path in pages if path.name == "index.html")
    script = front.parent / "_static" / "plotly.min.js"
    assert "Plotly" in script.read_text(encoding="utf-8")


def test_every_picture_has_words_and_pages_are_light(pages):
    for path, page in pages.items():
        assert path.stat().st_size < site.LARGEST, path.name
        assert all(own.get("alt") for own in page.pictures), path.name


def test_a_live_figure_is_a_figure_with_its_words():
    output = nbformat.v4.new_output(
        "display_data", {site.PLOTLY: FIGURE, site.PNG: "abc", "text/plain": 'A "line" rises.'}
    )
    cell = nbformat.v4.new_code_cell("show()", outputs=[output, deepcopy(output)])
    shown = site.prepare(nbformat.v4.new_notebook(cells=[cell]))
    first, second = (o.data["text/html"] for o in shown.cells[0].outputs)
    assert "plotly.min.js" in first and "plotly.min.js" not in second
    assert 'aria-label="A &quot;line&quot; rises."' in first
    assert "Plotly.newPlot" in second


def test_links_to_what_the_site_lacks_lead_to_the_repository():
    text = site.links(
        "[a](../README.md) [b](solved/01_x.ipynb) [c](02_honest_evaluation.ipynb)"
        " [d](../CONTRIBUTING.md#tests) [e](../README.md#many-runs) [f](notation.md#x) [g](#here)",
        "notebooks",
    )
    assert "[a](../index.md)" in text
    assert f"[d]({site.ADDRESS}/blob/main/CONTRIBUTING.md#tests)" in text
    assert "[e](../index.md#many-runs) [f](notation.md#x) [g](#here)" in text
    assert f"[b]({site.ADDRESS}/blob/main/notebooks/solved/01_x.ipynb)" in text
    assert "[c](02_honest_evaluation.ipynb)" in text
