"""Make the instructor's pack: ``python notebooks/handouts.py [--out build/handouts]``.

``student/``, ``solved/`` and ``instructor/`` hold the committed notebooks, each folder with a zip.
The instructor's are the solved ones with the notes of ``notebooks/instructor/NAME.md`` in place.
Beside them stand ``slides.html``, one picture a notebook, and ``guide.html``, plans and notes to
print. Nothing is run, and no network is needed.
"""

import argparse
import html
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.filters import markdown2html

from build import ADDRESS

HERE = Path(__file__).resolve().parent
NOTES, SOLVED = HERE / "instructor", HERE / "solved"
PNG = "image/png"


class HandoutError(ValueError):
    """Instructor's text that does not fit its notebook."""


@dataclass
class Notes:
    """The instructor's text of a notebook: its slide, and (heading, minutes or None, text)."""

    name: str
    slide: dict
    sections: list

    @property
    def minutes(self):
        """Minutes of class of all sections together."""
        return sum(minutes or 0 for _, minutes, _ in self.sections)


def read_notes(path):
    """Read ``NAME.md``: picture, say and ask between two lines of dashes, then the sections.

    A section begins ``## HEADING (8 min)``, or ``(home)`` where it takes no time in class.
    """
    _, front, body = [*path.read_text(encoding="utf-8").split("---\n", 2), "", ""][:3]
    slide = dict(line.partition(": ")[::2] for line in front.splitlines())
    if missing := {"picture", "say", "ask"} - set(slide):
        raise HandoutError(f"{path.name}: its first lines lack {', '.join(sorted(missing))}")
    sections = []
    for part in re.split(r"^## ", body, flags=re.MULTILINE)[1:]:
        line, _, text = part.partition("\n")
        match = re.fullmatch(r"(.+) \((?:(\d+) min|home)\)", line)
        if not match:
            raise HandoutError(f"{path.name}: {line!r} has no '(N min)' or '(home)' at its end")
        sections.append((match[1], int(match[2]) if match[2] else None, text.strip()))
    return Notes(path.stem, slide, sections)


def headings(notebook, levels="1,3"):
    """Return the headings of a notebook's text, in order, each with its cell's position."""
    return [
        (match[2].removesuffix(" (solved edition)"), k)
        for k, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        for match in re.finditer(rf"^(#{{{levels}}}) (.+)$", cell.source, re.MULTILINE)
    ]


def find(name, notebook, where):
    """Return (heading, cell) of the heading that is this name, or alone begins with it."""
    known = headings(notebook)
    found = [h for h in known if h[0] == name] or [h for h in known if h[0].startswith(name)]
    if len(found) != 1:
        raise HandoutError(
            f"{where}: {len(found) or 'no'} headings begin with {name!r}; there are: "
            + " · ".join(heading for heading, _ in known)
        )
    return found[0]


def picture(name, notebook, where):
    """Return the first picture under a heading: PNG in base64, and its text alternative."""
    heading, start = find(name, notebook, where)
    end = min([k for _, k in headings(notebook) if k > start], default=len(notebook.cells))
    for cell in notebook.cells[start:end]:
        for output in cell.get("outputs", []):
            if PNG in output.get("data", {}):
                return output.data[PNG].replace("\n", ""), output.data["text/plain"]
    raise HandoutError(f"{where}: there is no picture under the heading {heading!r}")


def lead(text, home, inside):
    """Let links to notebooks of the pack lead there, and all others into the repository.

    ``home`` is the folder in which the text lies, ``inside`` maps notebooks' paths to their names
    in the pack.
    """

    def target(match):
        link, mark, anchor = match[1].partition("#")
        if not link or re.match(r"https?:|mailto:", link):
            return match[0]
        path = (home / link).resolve()
        if path in inside:
            return f"]({inside[path]}{mark}{anchor})"
        kind = "tree" if path.is_dir() else "blob"
        return f"]({ADDRESS}/{kind}/main/{path.relative_to(HERE.parent)}{mark}{anchor})"

    return re.sub(r"\]\(([^)\s]+)\)", target, text)


def annotate(notebook, notes):
    """Put each note after the cell that holds its heading; a summary first, questions last."""
    after, timed = {}, set()
    for name, minutes, text in notes.sections:
        note = f"**Instructor, {f'{minutes} min' if minutes else 'home'}.** {text}"
        heading, k = name, len(notebook.cells) - 1
        if name != "Discussion":
            heading, k = find(name, notebook, f"{notes.name}.md")
        after.setdefault(k, []).append(note)
        timed |= {heading} if minutes else set()
    home = [h for h, _ in headings(notebook, "2") if h not in {*timed, "What we saw"}]
    summary = f"**Instructor, {notes.minutes} min in class.** For home: {'; '.join(home)}."
    after[0] = [summary, *after.get(0, [])]
    cells = []
    for k, cell in enumerate(notebook.cells):
        cells += [cell, *map(note_cell, after.get(k, []))]
    for k, cell in enumerate(cells):
        cell.id = f"{notes.name}-{k:03}".replace("_", "-")[-64:]
    cells[0].source = cells[0].source.replace("(solved edition)", "(instructor's edition)", 1)
    notebook.cells = cells


def note_cell(text):
    """Return a note as a cell, set off from the notebook's own text."""
    lines = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
    return nbformat.v4.new_markdown_cell(lines, metadata={"tags": ["instructor"]})


def slide(notebook, notes):
    """Return a notebook's slide as HTML: title, picture with its words, sentence, question."""
    image, alternative = picture(notes.slide["picture"], notebook, f"{notes.name}.md")
    title, number = headings(notebook)[0][0], notes.name.partition("_")[0]
    title = f"{number} · {title}" if number.isdigit() else title
    parts = (title, alternative, notes.slide["say"], notes.slide["ask"])
    title, alternative, say, ask = (html.escape(part) for part in parts)
    return (
        f'<section id="{notes.name}"><h2>{title}</h2>\n'
        f'<img src="data:{PNG};base64,{image}" alt="{alternative}">\n'
        f'<p class="say">{say}</p><p class="ask">{ask}</p></section>'
    )


def guide(all_notes, inside):
    """Return plans and notes as HTML, to print."""
    texts = [(NOTES / "plans.md").read_text(encoding="utf-8")]
    for notes in all_notes:
        lines = [f"# {notes.name}: {notes.minutes} minutes of class"]
        for name, minutes, text in notes.sections:
            lines += [f"## {name} ({f'{minutes} min' if minutes else 'home'})", text]
        texts.append("\n\n".join(lines))
    return "\n".join(markdown2html(lead(text, NOTES, inside)) for text in texts)


def write_page(path, title, body):
    """Write a page that needs nothing but itself; its file's name is its kind."""
    text = (NOTES / "page.html").read_text(encoding="utf-8").replace("KIND", path.stem)
    path.write_text(text.replace("TITLE", title).replace("BODY", body), encoding="utf-8")


def edition(folder, home, stems, change=lambda notebook, stem: None):
    """Copy a folder's notebooks, changed and with their links led on; return who lies inside."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    inside = {place / f"{stem}.ipynb": f"{stem}.ipynb" for place in (home, HERE) for stem in stems}
    for stem in stems:
        notebook = nbformat.read(home / f"{stem}.ipynb", as_version=4)
        change(notebook, stem)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = lead(cell.source, home, inside)
        nbformat.write(notebook, folder / f"{stem}.ipynb")
    return inside


def pack(out):
    """Write the pack into a folder; return the names of notes that wait for their notebook."""
    if out.resolve() == HERE:
        raise HandoutError(f"--out {out} holds the sources solved/ and instructor/: name another")
    stems = [path.stem for path in sorted(HERE.glob("*.ipynb"))]
    notes = {path.stem: read_notes(path) for path in sorted(NOTES.glob("*_*.md"))}
    if missing := [stem for stem in stems if stem not in notes]:
        raise HandoutError(f"notebooks/instructor has no {missing[0]}.md")
    slides = []

    def for_instructors(notebook, stem):
        slides.append(slide(notebook, notes[stem]))
        annotate(notebook, notes[stem])

    edition(out / "student", HERE, stems)
    edition(out / "solved", SOLVED, stems)
    inside = edition(out / "instructor", SOLVED, stems, for_instructors)
    folder, ready = out / "instructor", [notes[stem] for stem in stems]
    write_page(folder / "slides.html", "emolib: the pictures that stay", "\n".join(slides))
    write_page(folder / "guide.html", "emolib: the instructor's guide", guide(ready, inside))
    for name in ("student", "solved", "instructor"):
        shutil.make_archive(out / name, "zip", out, name)
    return sorted(set(notes) - set(stems))


def main(arguments=None):
    """Write the pack and say where it lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=HERE.parent / "build" / "handouts", type=Path)
    out = parser.parse_args(arguments).out
    try:
        waiting = pack(out)
    except HandoutError as error:
        sys.exit(str(error))
    for name in waiting:
        print(f"{name}: left out, there is no such notebook yet")
    print(f"open {out / 'instructor' / 'slides.html'}, print {out / 'instructor' / 'guide.html'}")


if __name__ == "__main__":
    main()
