"""Committed notebooks match their sources, keep the anatomy, and can be read by everybody."""

import ast
import itertools
import re
import sys
from pathlib import Path

import nbformat
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "notebooks"))
import build

SOURCES = sorted((CHECKOUT / "notebooks" / "source").glob("*.py"))
EDITIONS = [(source, solved) for source in SOURCES for solved in (False, True)]
NEEDS = {"audio", "video", "actors", "action_units"}
PARAMETERS = {"CORPUS": "puppets", "DATA_DIR": "", "PROFILE": "quick", "SEED": 0, "RESULTS": ""}


def committed(source, solved):
    folder = CHECKOUT / "notebooks" / ("solved" if solved else "")
    return folder / f"{source.stem}.ipynb"


def read(source, solved):
    return nbformat.read(committed(source, solved), as_version=4)


def name(value):
    return value.stem if hasattr(value, "stem") else ("solved" if value else "student")


every_edition = pytest.mark.parametrize(("source", "solved"), EDITIONS, ids=name)
every_source = pytest.mark.parametrize("source", SOURCES, ids=name)


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def is_primer(source):
    """Primers audit no protocol, and open with a test of their own beside the exercises."""
    return source.stem.startswith("primer_")


@every_edition
def test_cells_and_hash_match_the_source(source, solved):
    built, fresh = read(source, solved), build.edition(source, solved)
    assert [(c.cell_type, c.source) for c in built.cells] == [
        (c.cell_type, c.source) for c in fresh.cells
    ], "run: make notebooks"
    assert built.metadata.emolib.source_sha256 == build.source_hash(source), "run: make notebooks"


def test_every_built_notebook_has_a_source():
    built = {p.stem for p in (CHECKOUT / "notebooks").glob("*.ipynb")}
    solved = {p.stem for p in (CHECKOUT / "notebooks" / "solved").glob("*.ipynb")}
    assert built == solved == {source.stem for source in SOURCES}


@every_edition
def test_anatomy(source, solved):
    notebook = read(source, solved)
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    headings = [line for t in text for line in re.findall(r"^#+ .*", t, re.MULTILINE)]
    assert [h.startswith("# ") for h in headings].count(True) == 1
    levels = [len(h.split()[0]) for h in headings]
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), "a level is skipped"
    assert "You will" in text[0] and "minutes" in text[0] and "colab-badge" in text[0]
    assert tagged(notebook, "bootstrap")[0] is notebook.cells[1]
    (parameters,) = tagged(notebook, "parameters")
    values = {a.targets[0].id: ast.literal_eval(a.value) for a in ast.parse(parameters.source).body}
    assert values == PARAMETERS
    if not is_primer(source):
        assert any(h == "## Protocol audit" for h in headings)
    assert any(h == "## What we saw" for h in headings)
    assert "evaluation.record(" in notebook.cells[-1].source
    assert set(notebook.metadata.emolib.get("needs", [])) <= NEEDS


@every_edition
def test_exercises(source, solved):
    notebook = read(source, solved)
    titles = [c.source for c in notebook.cells if re.match("## Exercise", c.source)]
    assert 2 <= len(titles) <= 4
    assert all(re.match(r"## Exercise \d \((must|may)\)", title) for title in titles)
    assert len(tagged(notebook, "prediction")) >= len(titles)
    for tag in ("check", "solution" if solved else "exercise"):
        assert len(tagged(notebook, tag)) == len(titles) + is_primer(source), tag
    assert not tagged(notebook, "exercise" if solved else "solution")
    if not solved:
        link = f"(solved/{source.stem}.ipynb)"
        assert all(link in title for title in titles)


@every_edition
def test_outputs_can_be_read_by_everybody(source, solved):
    notebook = read(source, solved)
    assert committed(source, solved).stat().st_size < build.LARGEST
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.get("text")
            data = output.get("data", {})
            assert set(data) <= set(build.KEPT)
            if "image/png" in data:
                alternative = output.metadata["image/png"]["alt"]
                assert alternative.endswith(".") and len(alternative.split()) > 3
                assert data["text/plain"] == alternative


@every_source
def test_stubs_say_so_and_solutions_pass(source):
    """In the built editions every stub is told from a try, and every solution passes."""
    for solved in (False, True):
        for cell in tagged(read(source, solved), "check"):
            printed = "".join(output.get("text", "") for output in cell.outputs)
            assert ("not tried yet" in printed) is not solved, printed
            assert ("right, on" in printed or "done." in printed) is solved, printed


@every_source
def test_links_between_notebooks_resolve(source):
    for solved in (False, True):
        place = committed(source, solved)
        links = re.findall(
            r"\]\(([^)#:]+)\)", " ".join(c.source for c in read(source, solved).cells)
        )
        for link in links:
            assert (place.parent / link).exists(), f"{place.name} links to {link}"


def test_the_readme_lists_every_notebook_once_and_no_other():
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\|.*?\]\(notebooks/(\w+)\.ipynb\)", readme, re.MULTILINE)
    assert sorted(listed) == [source.stem for source in SOURCES]


def test_badges_stand_for_the_one_address():
    """README's generated part is made from pyproject.toml, and no other file knows the address."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert build.readme(readme) == readme, "run: make notebooks"
    hand_made = [
        *CHECKOUT.glob("*.md"),
        *CHECKOUT.glob("*.cff"),
        *(CHECKOUT / "emolib").rglob("*.py"),
        *SOURCES,
        CHECKOUT / "notebooks" / "build.py",
        CHECKOUT / "Makefile",
    ]
    for path in hand_made:
        if path.name != "README.md":
            assert build.ADDRESS not in path.read_text(encoding="utf-8"), path.name


def test_new_prose_keeps_the_outputs_and_new_code_does_not(tmp_path, monkeypatch):
    """An edition is run again exactly where a code cell has changed."""
    monkeypatch.setattr(build, "HERE", tmp_path)
    ran = []
    monkeypatch.setattr(build, "run", lambda notebook: ran.append(mark(notebook)))

    def mark(notebook):
        output = nbformat.v4.new_output("stream", name="stdout", text=f"run {len(ran)}")
        notebook.cells[-1].outputs = [output]

    def printed(prose, code):
        source = tmp_path / "00_short.py"
        source.write_text(f"# %% [markdown]\n# # {prose}\n\n# %%\n{code}\n", encoding="utf-8")
        notebook = nbformat.read(build.build(source, prose=True), as_version=4)
        assert prose in notebook.cells[0].source
        return notebook.cells[-1].outputs[0].text

    assert printed("first", "a = 1") == "run 0"
    assert printed("second", "a = 1") == "run 0"
    assert printed("third", "a = 2") == "run 1"


def test_caches_of_other_code_are_not_used(tmp_path, monkeypatch):
    """Committed outputs come from this code: what an older one cached is gone."""
    (tmp_path / "results").mkdir()  # a folder of an earlier build
    first = build.scratch(tmp_path)
    (first / "build").mkdir()
    assert build.scratch(tmp_path) == first and list(tmp_path.iterdir()) == [first]
    assert (first / "build").is_dir()
    monkeypatch.setattr(build, "code_versions", lambda: "other")
    assert build.scratch(tmp_path) != first and not first.exists()
