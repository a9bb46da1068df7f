"""Sphinx's settings for the site; build.py writes the pages that they turn into HTML."""

import tomllib
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]

project = "emolib"
author = copyright = "the emolib course"
version = release = PROJECT["version"]
extensions = ["myst_nb"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
myst_url_schemes = ["http", "https", "mailto"]
nb_execution_mode = "off"
nb_mime_priority_overrides = [
    ("html", kind, n) for n, kind in enumerate(("text/html", "text/plain"))
]
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]
html_theme = "sphinx_book_theme"
html_title = "emolib"
html_css_files = ["course.css"]
html_favicon = "static/icon.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's machine is
html_copy_source = html_show_sourcelink = False
html_math_renderer = "mathml"
html_theme_options = {
    "repository_url": PROJECT["urls"]["Repository"],
    "use_repository_button": True,
    "use_download_button": False,
    "home_page_in_toc": True,
    "show_navbar_depth": 2,
    "show_toc_level": 2,
    "navbar_persistent": [],  # the sidebar has a search field of its own
}


def _inline(self, node):
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(self, node):
    tex = node.astext()
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    self.body.append(f'<div class="equation" tabindex="0">{convert(tex, display="block")}</div>')
    raise nodes.SkipNode


def setup(app):
    """Set equations as MathML, which browsers show without a script from the network."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
