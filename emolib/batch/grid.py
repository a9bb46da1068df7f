"""The runs that a grid means: notebooks × corpora × profiles × seeds × further parameters."""

import ast
import json
import re
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import nbformat
import yaml

PROFILES = ("quick", "full", "paper")
KEYS = ("notebooks", "corpus", "profile", "seed", "parameters")
OWN = ("CORPUS", "DATA_DIR", "PROFILE", "SEED", "RESULTS")  # parameters with an option of their own


class BatchError(ValueError):
    """A run cannot start; the message says why and what to do."""


@dataclass
class Run:
    """One notebook with one value of each parameter."""

    path: Path
    corpus: str = "puppets"
    profile: str = "quick"
    seed: int = 0
    parameters: dict = field(default_factory=dict)

    @property
    def name(self):
        """The notebook's name and whatever is not as usual; what its files are called."""
        words = [self.path.stem]
        words += [] if self.corpus == "puppets" else [self.corpus]
        words += [] if self.profile == "quick" else [self.profile]
        words += [f"seed-{self.seed}"] if self.seed else []
        words += [f"{name}-{value}" for name, value in sorted(self.parameters.items())]
        return re.sub(r"[^\w.+-]+", "_", "-".join(words))


def read_grid(path):
    """Read a grid from a YAML file.

    Parameters
    ----------
    path : str or path
        A mapping with any of ``notebooks``, ``corpus``, ``profile``, ``seed`` and ``parameters``
        (a mapping of names), each one value or a list; or a list of such mappings.

    Returns
    -------
    list of dict

    Raises
    ------
    BatchError
        Where the file cannot be read or has an unknown key; the message names both.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BatchError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    parts = content if isinstance(content, list) else [content]
    for part in parts:
        if not isinstance(part, dict):
            raise BatchError(f"{path}: {part!r} is no mapping with any of {', '.join(KEYS)}")
        if unknown := [key for key in part if key not in KEYS]:
            raise BatchError(f"{path}: {unknown[0]!r} is none of {', '.join(KEYS)}")
    return parts


def expand(parts, folder="notebooks", place=""):
    """Return every combination in each part, each run once.

    Parameters
    ----------
    parts : list of dict
        As ``read_grid`` returns them; a missing key means the usual value.
    folder : str or path
        Where names of notebooks are looked up.
    place : str or path
        The file that errors name.

    Returns
    -------
    list of Run

    Raises
    ------
    BatchError
        Where a value is wrong, a notebook has no such parameter, two runs would have one name, or
        there is no run.
    """
    runs = {}
    for part in parts:
        try:
            found = _combine(part, folder)
        except BatchError as error:
            raise BatchError(f"{place}: {error}" if place else str(error)) from error
        for run in found:
            if runs.setdefault(run.name, run) != run:
                raise BatchError(f"two runs are called {run.name!r}: run them one by one")
    if not runs:
        raise BatchError(f"{place or 'the grid'} has an empty list: it means no run")
    return list(runs.values())


def _combine(part, folder):
    """Every combination of one part's values."""
    if part.get("notebooks") == []:  # an empty list means nothing here too; without any: all
        return []
    values = {key: several(part.get(key, usual)) for key, usual in _USUAL.items()}
    for key, right in _RIGHT.items():
        if wrong := [value for value in values[key] if not right(value)]:
            raise BatchError(f"{key}: {wrong[0]!r} {_WRONG[key]}")
    parameters = part.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise BatchError(f"parameters: {parameters!r} is no mapping of names to values")
    paths = find(values.pop("notebooks"), folder)
    for name in parameters:
        _check_parameter(name, several(parameters[name]), paths)
    further = product(*map(several, parameters.values()))
    further = [dict(zip(parameters, chosen, strict=True)) for chosen in further]
    return [Run(*chosen) for chosen in product(paths, *values.values(), further)]


_USUAL = {"notebooks": (), "corpus": "puppets", "profile": "quick", "seed": 0}
_RIGHT = {
    "notebooks": lambda value: isinstance(value, str),
    "corpus": lambda value: isinstance(value, str),
    "profile": lambda value: value in PROFILES,
    "seed": lambda value: type(value) is int and value >= 0,
}
_WRONG = {
    "notebooks": 'is no name: YAML reads 03 as a number, so write "03"',
    "corpus": "is no name of a corpus",
    "profile": f"is none of {', '.join(PROFILES)}",
    "seed": "is no whole number from 0 on",
}


def several(value):
    """Return a list of values as it is, and one value as a list of one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _check_parameter(name, values, paths):
    """Papermill would set a parameter that a notebook does not have, and nothing would change."""
    if name in OWN:
        raise BatchError(f"parameters: {name} has an option of its own or is set by the runner")
    for path in paths:
        if name not in (known := parameter_names(path)):
            has = ", ".join(known) or "none"
            raise BatchError(f"parameters: {path} has no parameter {name!r}; it has: {has}")
    try:
        json.dumps(values)
    except TypeError as error:
        raise BatchError(f"parameters: {name}: {error}: put quotes around it") from error


def parameter_names(path):
    """Names that the cell tagged ``parameters`` of a notebook sets."""
    cells = [c for c in read_notebook(path).cells if "parameters" in c.metadata.get("tags", ())]
    statements = [s for cell in cells for s in ast.parse(cell.source).body]
    targets = [t for s in statements if isinstance(s, ast.Assign) for t in s.targets]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def read_notebook(path):
    """Read a notebook; a ``BatchError`` names one that is none."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise BatchError(f"{path} cannot be read as a notebook: {error}") from error


def find(notebooks=(), folder="notebooks"):
    """Paths of the notebooks that names, beginnings of names or paths mean, each once, in order."""
    known = sorted(Path(folder).glob("*.ipynb"))
    if not notebooks:
        notebooks = [str(path) for path in known if re.match(r"\d\d_|primer_", path.stem)]
        if not notebooks:
            raise BatchError(f"the folder {folder} holds no notebook: start in the project's root")
    paths = {}
    for name in notebooks:
        found = [path for path in known if path.stem.startswith(name)]
        if name.endswith(".ipynb"):
            found = [path for path in [Path(name)] if path.is_file()]
        if not found:
            names = ", ".join(path.stem for path in known) or "none"
            raise BatchError(f"there is no notebook {name!r}; the folder {folder} holds: {names}")
        for path in found:
            if paths.setdefault(path.stem, path).resolve() != path.resolve():
                raise BatchError(f"two notebooks are called {path.stem!r}: run them one by one")
    return list(paths.values())
