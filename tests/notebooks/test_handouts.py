"""The instructor's pack: texts that fit their notebooks, plans that add up, slides offline."""

import re
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "notebooks"))
import handouts

CORE = {"00", "01", "02", "03", "04", "08", "11", "13", "15", "18", "19", "21"}
EDITIONS = ("student", "solved", "instructor")
NOTEBOOKS = {p.stem: nbformat.read(p, 4) for p in sorted(handouts.SOLVED.glob("*.ipynb"))}
NOTES = {p.stem: handouts.read_notes(p) for p in sorted(handouts.NOTES.glob("*_*.md"))}
PLANS = (handouts.NOTES / "plans.md").read_text(encoding="utf-8")
every_notebook = pytest.mark.parametrize("stem", NOTEBOOKS)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    out = tmp_path_factory.mktemp("handouts")
    handouts.pack(out)
    return out


class Page(HTMLParser):
    """Elements of a page: (tag, attributes, text until the next tag)."""

    def __init__(self, path):
        super().__init__()
        self.elements = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.elements.append([tag, dict(attributes), ""])

    def handle_data(self, data):
        if self.elements:
            self.elements[-1][2] += data


def is_instructors(cell):
    return "instructor" in cell.metadata.get("tags", [])


def discussion(notes):
    return next((text for name, _, text in notes.sections if name == "Discussion"), "")


def plans():
    """Yield the title, the stated minutes and the parts of each plan, as dictionaries."""
    for text in re.split(r"^## ", PLANS, flags=re.MULTILINE)[1:]:
        title, minutes = re.match(r"(.+) \((\d+) minutes\)\n", text).groups()
        names, _, *rows = (line[2:-2].split(" | ") for line in re.findall(r"^\|.+\|$", text, re.M))
        # A week has one notebook, named above its table, and names below it what to skip.
        of_all = dict(re.findall(r"^\*\*(Notebook|Skip)\*\*: (.+)$", text, re.MULTILINE))
        parts = [dict(zip(names, row, strict=True)) for row in rows]
        for part in parts:
            part.setdefault("notebook", of_all.get("Notebook"))
            part.setdefault("skip", of_all.get("Skip", "–"))
        yield title, int(minutes), parts


PLANNED = [(title, part) for title, _, parts in plans() for part in parts if part["show"] != "–"]


def test_there_are_notes_for_every_notebook_and_five_questions_for_the_core():
    assert set(NOTEBOOKS) <= set(NOTES)
    assert {stem[:2] for stem, notes in NOTES.items() if discussion(notes)} == CORE


@pytest.mark.parametrize("stem", [stem for stem in NOTES if stem[:2] in CORE])
def test_a_core_notebook_has_five_questions_with_answers_and_fills_a_class(stem):
    asked = re.findall(r"^(\d)\. \*\*([^*]+\?)\*\* (.+)$", discussion(NOTES[stem]), re.MULTILINE)
    assert [number for number, _, _ in asked] == list("12345")
    for _, question, answer in asked:
        assert 2 <= len(re.findall(r"[.?!](?= |$)", answer)) <= 5, question
    assert NOTES[stem].minutes == 80  # ten more, to look back, make a class of 90


@every_notebook
def test_sections_of_the_notes_are_the_notebooks_in_its_order(stem):
    known = [heading for heading, _ in handouts.headings(NOTEBOOKS[stem])]
    named = [name for name, _, _ in NOTES[stem].sections if name != "Discussion"]
    found = [handouts.find(name, NOTEBOOKS[stem], stem)[0] for name in named]
    in_class = [known.index(h) for h, s in zip(found, NOTES[stem].sections, strict=False) if s[1]]
    assert in_class == sorted(set(in_class))
    assert len(set(found)) == len(found)
    assert 0 < NOTES[stem].minutes <= 90


def test_plans_are_twelve_weeks_three_days_and_a_lecture_and_add_up():
    stated = [minutes for _, minutes, _ in plans()]
    assert stated == 12 * [90] + 3 * [360] + [90]
    for title, minutes, parts in plans():
        assert sum(int(part["minutes"]) for part in parts) == minutes, title


@pytest.mark.parametrize(("title", "part"), PLANNED)
def test_a_part_shows_and_skips_what_the_notebook_has_in_the_time_it_takes(title, part):
    stem = re.fullmatch(r"\[[\w ]+\]\(\.\./(\w+)\.ipynb\)", part["notebook"])[1]
    shown, skipped = (part[k].split("; ") if part[k] != "–" else [] for k in ("show", "skip"))
    minutes = {name: minutes for name, minutes, _ in NOTES[stem].sections}
    asked = [minutes[full] for full in minutes for name in shown if full.startswith(name)]
    assert len(asked) == len(shown) and sum(asked) <= int(part["minutes"])
    if stem not in NOTEBOOKS:
        pytest.skip(f"{stem} does not exist yet")
    for name in {*shown, *skipped} - {"Discussion"}:
        handouts.find(name, NOTEBOOKS[stem], title)
    assert not set(shown) & set(skipped)


def test_editions_hold_every_notebook_and_so_do_their_zips(pack):
    for edition in EDITIONS:
        files = {path.name for path in (pack / edition).iterdir()}
        pages = {"slides.html", "guide.html"} if edition == "instructor" else set()
        assert files == {f"{stem}.ipynb" for stem in NOTEBOOKS} | pages
        names = zipfile.ZipFile(pack / f"{edition}.zip").namelist()
        assert {Path(name).name for name in names if not name.endswith("/")} == files


@every_notebook
def test_the_students_edition_holds_no_solution_and_no_note(pack, stem):
    given = nbformat.read(pack / "student" / f"{stem}.ipynb", 4)
    solutions = [c for c in NOTEBOOKS[stem].cells if "solution" in c.metadata.get("tags", [])]
    assert solutions
    sources = [cell.source for cell in given.cells]
    assert not any(solution.source in source for solution in solutions for source in sources)
    assert not any(is_instructors(cell) for cell in given.cells)


@every_notebook
def test_the_instructors_edition_is_the_solved_one_with_each_note_behind_its_heading(pack, stem):
    given = nbformat.read(pack / "instructor" / f"{stem}.ipynb", 4)
    solved = nbformat.read(pack / "solved" / f"{stem}.ipynb", 4)
    code = [(c.source, c.get("outputs")) for c in solved.cells if c.cell_type == "code"]
    assert [(c.source, c.get("outputs")) for c in given.cells if c.cell_type == "code"] == code
    assert "(instructor's edition)" in given.cells[0].source.partition("\n")[0]
    notes = [k for k, cell in enumerate(given.cells) if is_instructors(cell)]
    assert len(notes) == len(NOTES[stem].sections) + 1
    for name, _, text in NOTES[stem].sections:
        first = text.partition("\n")[0]
        (at,) = [k for k in notes if first in given.cells[k].source] if text else [None]
        if text and name != "Discussion":
            own = max(k for k in range(at) if not is_instructors(given.cells[k]))
            assert re.search(rf"^#+ {re.escape(name)}", given.cells[own].source, re.MULTILINE)
    if discussion(NOTES[stem]):
        assert "**Instructor, " in given.cells[-1].source and "> 5. **" in given.cells[-1].source


def test_every_link_of_the_pack_leads_somewhere(pack):
    waiting = {f"notebooks/{stem}.ipynb" for stem in set(NOTES) - set(NOTEBOOKS)}
    links = [
        (path, link)
        for path in pack.rglob("*.ipynb")
        for cell in nbformat.read(path, 4).cells
        if cell.cell_type == "markdown"
        for link in re.findall(r"\]\(([^)\s]+)\)", cell.source)
    ]
    guide = pack / "instructor" / "guide.html"
    links += [(guide, own["href"]) for tag, own, _ in Page(guide).elements if "href" in own]
    repository = rf"{handouts.ADDRESS}/(?:blob|tree)/main/([^#]+)"
    assert len(links) > 500
    for path, link in links:
        if inside := re.match(repository, link):
            assert (CHECKOUT / inside[1]).exists() or inside[1] in waiting, f"{path.name}: {link}"
        elif not re.match("https?:|#|mailto:", link):
            assert (path.parent / link.partition("#")[0]).is_file(), f"{path.name}: {link}"


def test_every_slide_has_a_picture_with_words_a_sentence_and_a_question(pack):
    elements = Page(pack / "instructor" / "slides.html").elements
    starts = [k for k, (tag, _, _) in enumerate(elements) if tag == "section"]
    assert [elements[k][1]["id"] for k in starts] == list(NOTEBOOKS)
    for k in starts:
        (_, own, _), title, image, say, ask = elements[k : k + 5]
        assert [title[0], image[0], say[1]["class"], ask[1]["class"]] == ["h2", "img", "say", "ask"]
        assert image[1]["src"].startswith("data:image/png;base64,iVBOR"), own["id"]
        assert len(image[1]["alt"].split()) > 3 and image[1]["alt"].endswith(".")
        assert say[2].strip().endswith(".") and ask[2].strip().endswith("?"), own["id"]


def test_pages_need_no_network(pack):
    for name in ("slides.html", "guide.html"):
        path = pack / "instructor" / name
        for tag, own, _ in Page(path).elements:
            fetched = own.get("src") or (own.get("href") if tag == "link" else None) or "data:"
            assert fetched.startswith("data:"), fetched
        assert not re.search(r"url\(|@import|fetch\(", path.read_text(encoding="utf-8"))


def toy():
    cells = [
        nbformat.v4.new_markdown_cell("# Toy (solved edition)"),
        nbformat.v4.new_markdown_cell("## The lag\n\nText."),
        nbformat.v4.new_markdown_cell("## The lead, 1"),
        nbformat.v4.new_markdown_cell("## The lead, 2"),
    ]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize(("name", "count"), [("The log", "no"), ("The lead", "2")])
def test_a_heading_that_is_not_there_or_twice_is_refused_by_its_name(name, count):
    with pytest.raises(handouts.HandoutError, match=f"05.md: {count} headings .*'{name}'.*The lag"):
        handouts.find(name, toy(), "05.md")


def test_a_heading_without_a_picture_is_refused_by_its_name():
    with pytest.raises(handouts.HandoutError, match="no picture under the heading 'The lag'"):
        handouts.picture("The lag", toy(), "05.md")


def test_notes_without_minutes_or_question_are_refused(tmp_path):
    path = tmp_path / "05_toy.md"
    path.write_text("---\npicture: A\nsay: B.\nask: C?\n---\n\n## The lag\n", encoding="utf-8")
    with pytest.raises(handouts.HandoutError, match="'The lag' has no"):
        handouts.read_notes(path)
    path.write_text("---\npicture: A\nsay: B.\n---\n", encoding="utf-8")
    with pytest.raises(handouts.HandoutError, match="lack ask"):
        handouts.read_notes(path)


def test_links_stay_in_the_pack_where_they_can_and_lead_to_the_repository_elsewhere():
    home, inside = handouts.HERE, {handouts.HERE / "02_x.ipynb": "02_x.ipynb"}
    text = "[a](02_x.ipynb#top) [b](../README.md) [c](solved/02_x.ipynb) [d](../data) [e](#top)"
    main = f"{handouts.ADDRESS}/blob/main"
    assert handouts.lead(text, home, inside) == (
        f"[a](02_x.ipynb#top) [b]({main}/README.md) [c]({main}/notebooks/solved/02_x.ipynb) "
        f"[d]({handouts.ADDRESS}/tree/main/data) [e](#top)"
    )


def test_the_sources_are_not_overwritten(tmp_path, monkeypatch):
    monkeypatch.setattr(handouts, "HERE", tmp_path)
    (tmp_path / "solved").mkdir()
    with pytest.raises(handouts.HandoutError, match="holds the sources"):
        handouts.pack(tmp_path / "solved" / "..")
    assert (tmp_path / "solved").is_dir()
