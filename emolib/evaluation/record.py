"""One JSON record a run: what was measured, on what, how, and by which command."""

import contextlib
import datetime
import json
import os
import platform
import re
import sys
import time
from importlib import metadata
from pathlib import Path

import jsonschema

from emolib.corpora.shipped import shipped

_STARTED = time.monotonic()
_PACKAGES = (
    "emolib",
    "numpy",
    "pandas",
    "scikit-learn",
    "librosa",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
)

_NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}
_INTERVAL = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
}
_FIELDS = {
    "system": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
    "corpus": {"type": "string", "minLength": 1},
    "protocol": {"enum": ["rows", "clips", "actors", "none"]},
    "variant": {"enum": ["plain", "enrolled"]},
    "seeds": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
    "folds_file": {"type": ["string", "null"]},
    "folds": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["fold", "metrics"],
            "properties": {"fold": {"type": "integer"}, "metrics": _NUMBERS},
        },
        "minItems": 1,
    },
    "mean": _NUMBERS,
    "interval": {"type": "object", "additionalProperties": _INTERVAL},
    "n_actors": {"type": "integer", "minimum": 0},
    "n_configurations": {"type": "integer", "minimum": 1},
    "profile": {"enum": ["quick", "full", "paper"]},
    "parameters": {"type": "object"},
    "command": {"type": "string", "minLength": 1},
    "versions": {"type": "object", "additionalProperties": {"type": "string"}},
    "machine": {"type": "string"},
    "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    "wall_seconds": {"type": "number", "minimum": 0},
    "peak_mb": {"type": ["number", "null"]},
}
SCHEMA = {
    "type": "object",
    "required": list(_FIELDS),
    "properties": _FIELDS,
    "additionalProperties": False,
}


def peak_memory():
    """Largest memory that this process has held so far.

    Returns
    -------
    float or None
        MB (10^6 bytes); None where the system does not tell (Windows).

    Notebook: 00_start_here
    """
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)


def _backend():
    return os.environ.get("KERAS_BACKEND", "tensorflow")


def versions():
    """Return the versions of Python and of the packages that figures depend on, where installed.

    Keras's backend is among them, also where the variable ``KERAS_BACKEND`` names another one.

    Returns
    -------
    dict
        Package name to version.

    Notebook: 00_start_here
    """
    found = {"python": platform.python_version()}
    for name in dict.fromkeys((*_PACKAGES, _backend())):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def check_record(content):
    """Raise ``ValueError`` with the first fault of a record, or return it unchanged."""
    fault = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(SCHEMA).iter_errors(content)
    )
    if fault is not None:
        place = "/".join(str(step) for step in fault.absolute_path) or "the record"
        raise ValueError(f"not a valid record: {place}: {fault.message}")
    return content


def record(
    system,
    folds,
    *,
    corpus,
    protocol,
    seeds,
    n_actors,
    command,
    variant="plain",
    interval=None,
    folds_file=None,
    n_configurations=1,
    profile="quick",
    parameters=None,
    results="",
):
    """Write one run's record as JSON and return it.

    A record of the same file name is overwritten. Where that one was made by another split
    (``parameters["split"]``), both are kept: the new one's file name ends in its split.

    Parameters
    ----------
    system : str
        Short name in lower case, e.g. ``dv-emotionnet`` or ``people``.
    folds : list of dict
        One dictionary of metric name to number a fold; a single one where there are no folds.
        Shares are written as shares (0 to 1), not as percent.
    corpus, protocol, variant, profile : str
        The protocol is ``rows``, ``clips``, ``actors``, or ``none`` where nothing was split.
    seeds : list of int
    n_actors, n_configurations : int
        People in the test folds; settings tried before this one was chosen.
    command : str
        The command line that gives the record again; another Keras backend than TensorFlow is put
        before it.
    interval : dict, optional
        Metric name to (low, high), 95 %, over actors unless ``parameters`` says otherwise.
    parameters : dict, optional
        All else that the figures depend on.
    results : str or path
        Folder to write to; empty: ``build/results`` below the working folder.

    Returns
    -------
    dict
        The record; its ``mean`` is the plain mean over folds. Its ``wall_seconds`` and ``peak_mb``
        are of the whole process since it imported this module: all that ran before counts too, and
        what was read from a cache (finished folds, features) took next to nothing.

    Raises
    ------
    ValueError
        Where the record would break the schema (a figure that is NaN included).

    Notebook: 00_start_here
    """
    numbers = [{name: float(value) for name, value in fold.items()} for fold in folds]
    if not numbers or len({tuple(sorted(fold)) for fold in numbers}) != 1:
        raise ValueError("not a valid record: every fold needs the same metrics, at least one fold")
    content = {
        "system": system,
        "corpus": corpus,
        "protocol": protocol,
        "variant": variant,
        "seeds": list(seeds),
        "folds_file": folds_file,
        "folds": [{"fold": k, "metrics": fold} for k, fold in enumerate(numbers)],
        "mean": {m: sum(fold[m] for fold in numbers) / len(numbers) for m in numbers[0]},
        "interval": {m: [float(v) for v in pair] for m, pair in (interval or {}).items()},
        "n_actors": int(n_actors),
        "n_configurations": n_configurations,
        "profile": profile,
        "parameters": parameters or {},
        "command": f"KERAS_BACKEND={_backend()} " * (_backend() != "tensorflow") + command,
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "wall_seconds": round(time.monotonic() - _STARTED, 1),
        "peak_mb": peak_memory(),
    }
    check_record(content)
    try:
        text = json.dumps(content, indent=1, allow_nan=False)
    except ValueError as error:
        raise ValueError(f"not a valid record: a figure of {system} is NaN or infinite") from error
    folder = Path(results or "build/results")
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join([system, corpus, protocol, variant, profile, "seed", *map(str, seeds)])
    path = folder / f"{re.sub('[^a-z0-9_-]', '_', name.lower())}.json"
    split = content["parameters"].get("split")
    if split and _split_in(path) not in (None, split):
        path = path.with_name(f"{path.stem}-{re.sub('[^a-z0-9]+', '-', split.lower())}.json")
    path.write_text(text + "\n", encoding="utf-8")
    return content


def _split_in(path):
    """Return the split that a record's file names, None where there is none or it is damaged."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return json.loads(path.read_text(encoding="utf-8"))["parameters"].get("split")


def told(parser, options):
    """Return the rest of a command line that gives a run again, all but the corpus.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    options : argparse.Namespace
        Of that parser. Those that have their default are left out, and those that decide no
        figure: folders and threads.

    Returns
    -------
    str
        Empty, or with a space before the first word.

    Notebook: 13_gru_attention
    """
    words = [" --data-dir DATA_DIR"] if getattr(options, "data_dir", "") else []
    for name, value in vars(options).items():
        silent = name in ("corpus", "data_dir", "results", "cache", "workers")
        if not silent and value != parser.get_default(name):
            given = value if isinstance(value, list) else [value] * (value is not True)
            words.append(" ".join([f" --{name.replace('_', '-')}", *map(str, given)]))
    return "".join(words)


def read_records(*folders, names="*"):
    """Read and check every record in the folders.

    Parameters
    ----------
    *folders : path
    names : str
        Pattern of the file names to read, without ``.json``.

    Returns
    -------
    list of dict
        In the order of their file names, folder by folder.

    Raises
    ------
    ValueError
        Where a file is no valid record; the message names it.

    Notebook: 01_corpora_and_labels
    """
    records = []
    for path in (path for folder in folders for path in sorted(Path(folder).glob(f"{names}.json"))):
        try:
            records.append(check_record(json.loads(path.read_text(encoding="utf-8"))))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
    return records


def accuracy_of(content):
    """Return a record's accuracy and interval in words, such as ``75.0% [71.6%, 78.9%]``.

    Notebook: 19_leaderboard
    """
    low, high = content["interval"]["accuracy"]
    return f"{content['mean']['accuracy']:.1%} [{low:.1%}, {high:.1%}]"


def stored_records(system, corpus):
    """Return the records of a system on a corpus that the course was published with.

    Returns
    -------
    list of dict
        Empty where there is none.

    Notebook: 01_corpora_and_labels
    """
    return [
        content
        for content in read_records(shipped("results"), names=f"{system}-{corpus}-*")
        if (content["system"], content["corpus"]) == (system, corpus)
    ]
