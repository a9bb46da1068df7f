"""Answers kept on disk, for as long as the code that gave them stays the same."""

import hashlib
import os
from functools import partial
from pathlib import Path

import joblib

ROOT = Path(__file__).parents[1]


def fingerprint(*places):
    """Return a hash of the files that decide a figure, and of Keras's backend.

    Parameters
    ----------
    *places : str or path
        Files and folders, seen from ``emolib``; of a folder its Python files.

    Returns
    -------
    str

    Notebook: 20_your_own_clip
    """
    digest = hashlib.sha256(os.environ.get("KERAS_BACKEND", "tensorflow").encode())
    for path in (ROOT / place for place in places):
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def remembered(function, cache, *places):
    """Let a function's answers be kept on disk, under its arguments and a ``fingerprint``.

    joblib alone looks at the text of the function, and at nothing that it calls.

    Parameters
    ----------
    function : callable
        Of a module. What it raises is not kept.
    cache : path or None
        Folder; None keeps nothing.
    *places
        Of ``fingerprint``: the function's own file, and all that it calls there.

    Returns
    -------
    callable

    Notebook: 20_your_own_clip
    """
    if cache is None:
        return function
    return partial(joblib.Memory(cache, verbose=0).cache(_called), function, fingerprint(*places))


def _called(function, code, *arguments, **options):
    return function(*arguments, **options)
