"""The site's pages in a browser, wide and narrow: figures, errors, sideways scroll, axe-core."""

import functools
import http.server
import threading
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from reader import plays, slides

_SPEC = spec_from_file_location("site_build", Path(__file__).parents[2] / "site" / "build.py")
site = module_from_spec(_SPEC)
_SPEC.loader.exec_module(site)

SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
FRONT = "# Front\n\n```{toctree}\nnotebooks/tiny\n```\n"
# The figures that a page declares, and those of them that are drawn with a size.
FIGURES = """() => [...document.querySelectorAll('.plotly-graph-div')].map(figure => {
    const drawn = figure.querySelector('.main-svg, canvas');
    const box = drawn && drawn.getBoundingClientRect();
    return Boolean(box && box.width && box.height);
})"""
BROKEN = "() => [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.alt)"
WIDTH = "() => document.documentElement.scrollWidth"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *arguments):
        pass


@pytest.fixture
def served():
    """Function that serves a folder on loopback and returns its address."""
    servers = []

    def serve(folder):
        handler = functools.partial(Quiet, directory=folder)
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield serve
    for server in servers:
        server.shutdown()


@pytest.fixture
def look(browser):
    """Function that opens an address at a size and returns what is wrong with the page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def found(address, size):
        page = browser.new_page(**SIZES[size])
        errors = []
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        page.on("response", lambda r: r.status >= 400 and errors.append(f"{r.status} {r.url}"))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address, wait_until="load", timeout=120_000)
        drawn = page.evaluate(FIGURES)
        faults = [f"figure {n} is not drawn" for n, shown in enumerate(drawn) if not shown]
        faults += [f"a broken picture: {alt}" for alt in page.evaluate(BROKEN)]
        if (width := page.evaluate(WIDTH)) > SIZES[size]["viewport"]["width"]:
            faults.append(f"{width} pixels wide")
        for figure in page.locator(".plotly-graph-div:has(.slider-container)").all():
            faults += [] if slides(page, figure) else ["a slider that moves nothing"]
        for player in page.locator("audio, video").all()[:2]:
            faults += [] if plays(player) else ["a player that does not play"]
        faults += errors  # before axe-core: what that fetches is no fault of the page
        for violation in axe.run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                faults += [f"{violation['id']}: {node['html']}" for node in violation["nodes"]]
        page.close()
        return [f"{address.rpartition('/')[2]} on a {size}: {fault[:300]}" for fault in faults]

    return found


@pytest.fixture(scope="module")
def small_site(tiny, tmp_path_factory):
    """Folder of a site of two pages; the notebook has run."""
    out = tmp_path_factory.mktemp("site")
    notebook = nbformat.read(tiny, as_version=4)
    NotebookClient(notebook, timeout=300).execute()
    nbformat.write(notebook, out / tiny.name)
    site.write_source(out / "source", [out / tiny.name], FRONT)
    site.write_pages(out / "source", out / "html")
    return out / "html"


@pytest.mark.parametrize("size", SIZES)
def test_a_small_site_shows_and_plays_everything(small_site, served, look, size):
    address = served(small_site)
    assert look(f"{address}/notebooks/tiny.html", size) == []
    assert look(f"{address}/index.html", size) == []


def test_what_is_wrong_is_seen(small_site, served, look):
    """A page with every fault that is looked for, each found."""
    (small_site / "faulty.html").write_text(
        "<html lang=en><title>x</title><body style='margin:0'>"
        "<script>console.error('broken script')</script>"
        "<img src=none.png alt=gone><img src=data:,><div style='width:500px'>wide</div>"
        "<div class=plotly-graph-div></div>"
    )
    found = " ".join(look(f"{served(small_site)}/faulty.html", "phone"))
    for fault in ("broken script", "picture: gone", "500 pixels", "figure 0", "image-alt"):
        assert fault in found


@pytest.mark.whole
@pytest.mark.parametrize("size", SIZES)
def test_every_page_shows_and_plays_everything(checkout, served, look, size):
    folder = checkout / "build" / "site" / "html"
    assert folder.is_dir(), "build the site first: make site"
    address = served(folder)
    pages = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    pages = [page for page in pages if not page.startswith("_static/")]  # the theme's templates
    faults = [fault for page in pages for fault in look(f"{address}/{page}", size)]
    assert not faults, "\n".join(faults)
