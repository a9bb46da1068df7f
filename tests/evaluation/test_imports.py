"""Imports of the library's rooms follow the data's way, see ``emolib/__init__.py``."""

import ast
from pathlib import Path

import emolib

ARROW = (
    {"devices"}, {"corpora"}, {"audio", "video"}, {"fusion"}, {"models", "losses"}, {"evaluation"},
    {"explain", "plots", "batch", "checks"},
)  # fmt: skip
PLACE = {room: place for place, rooms in enumerate(ARROW) for room in rooms}


def imported(tree):
    """Return the rooms that any import statement of a file names, those within functions too."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            names += [name.name for name in node.names]
    return {name.split(".")[1] for name in names if name.startswith("emolib.")}


def test_no_room_imports_from_one_further_on():
    root = Path(emolib.__file__).parent
    found = {}
    for file in root.rglob("*.py"):
        room = file.relative_to(root).with_suffix("").parts[0]
        if room != "__init__":
            found.setdefault(room, set()).update(imported(ast.parse(file.read_text("utf-8"))))
    assert set(found) == set(PLACE), "each room has its place"
    back = [(a, b) for a in found for b in found[a] - {a} if PLACE[b] >= PLACE[a]]
    assert not back and "evaluation" in found["plots"]
