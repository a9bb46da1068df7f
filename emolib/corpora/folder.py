"""A corpus's folder: its files, their names, its arrays, and what was left out of it."""

import os
import threading
import warnings
import zipfile
from collections import Counter
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from emolib.corpora.table import CorpusError, clip_table

SOUND = {".wav", ".flac"}
VIDEO = {".mp4", ".flv", ".avi", ".mov", ".mkv", ".webm"}
PICTURE = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"}
# What else is sound, film or picture: left out, such a file is counted; a README is not.
OTHER = {".mp3", ".m4a", ".aac", ".ogg", ".opus", ".wma", ".aif", ".aiff"}
OTHER |= {".mpg", ".mpeg", ".m4v", ".wmv", ".gif", ".webp"}


def printable(path):
    r"""Write a path so that it can always be printed: bytes that are not UTF-8 become ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def corpus_folder(root, name):
    """Return the corpus's folder (or file) as a Path.

    Raises
    ------
    CorpusError
        Where ``root`` is not given, does not exist, or has a name that is not UTF-8.
    """
    if root is None or not str(root).strip():
        raise CorpusError(
            f"{name} is not part of this project: pass root=, the folder that holds it "
            f"(DATA_DIR/{name}). Its card in data/README.md and fetch({name!r}, root) say how to "
            "get it"
        )
    folder = Path(root).expanduser()
    if not folder.exists():
        raise CorpusError(
            f"{printable(folder)}: no such folder; {name} is expected there (its card in "
            f"data/README.md and fetch({name!r}, root) say how to get it)"
        )
    _check_name(folder)
    return folder


def _check_name(path):
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        raise CorpusError(
            f"{printable(path)}: this name is not UTF-8, so no table or record can hold it; "
            "rename it"
        ) from None


def media(folder, patterns, suffixes, left_out):
    """List the files under ``folder`` that match one of the glob patterns and have such a suffix.

    Other sounds, films and pictures are counted in ``left_out``.

    Raises
    ------
    CorpusError
        Where one of them has a name that is not UTF-8.
    """
    found = {path for pattern in patterns for path in folder.glob(pattern)}
    endings = Counter(path.suffix.lower() for path in found if not path.name.startswith("."))
    for ending in sorted((SOUND | VIDEO | PICTURE | OTHER) - suffixes):
        left_out[f"files that end in {ending}, which are not read here"] += endings[ending]
    found = sorted(path for path in found if path.suffix.lower() in suffixes)
    for path in found:
        _check_name(path)
    return found


def by_code(paths, code, left_out, corpus):
    """Yield (path, match) of each file whose stem is a code of the corpus; count the others."""
    for path in paths:
        match = code.fullmatch(path.stem)
        if match:
            yield path, match
        else:
            left_out[f"files whose name is no code of {corpus}"] += 1


def unique_file(files, key, path):
    """Put ``path`` into the dictionary under ``key``; two files for one key are an error."""
    if key in files:
        raise CorpusError(
            f"{path} and {files[key]} are the same clip twice: keep one of the two files"
        )
    files[key] = str(path)


def finish(rows, corpus, folder, left_out=None):
    """Build the clip table, attach what was left out (``attrs["left_out"]``) and warn of it once.

    Raises
    ------
    CorpusError
        Where there is no clip, with the folder's name.
    """
    rows = list(rows)
    left_out = {reason: n for reason, n in Counter(left_out).items() if n}
    left = "; ".join(f"{n} {reason}" for reason, n in left_out.items())
    if not rows:
        below = folder / corpus
        remedy = f"did you mean {below}?" if below.is_dir() else "see its card in data/README.md"
        raise CorpusError(
            f"{folder} holds no clip of {corpus} in its official layout: {remedy}"
            + (f" (left out: {left})" if left else "")
        )
    table = clip_table({"corpus": corpus, **row} for row in rows)
    table.attrs["left_out"] = left_out
    if left:
        warnings.warn(f"{corpus}: left out {left}", stacklevel=4)
    return table


def load_arrays(path, *needed):
    """Return the arrays of an npz file as a dictionary; pickled objects are never loaded.

    Raises
    ------
    CorpusError
        Where the file is missing, no npz file, damaged, holds pickled objects, or lacks an array
        of the names ``needed``.
    """
    path = Path(path)
    if not path.is_file():
        raise CorpusError(f"{printable(path)}: no such file; see its corpus's card")
    status = path.stat()
    arrays = _load_arrays(str(path), status.st_mtime_ns, status.st_size)
    if not set(needed) <= set(arrays):
        raise CorpusError(
            f"{printable(path)} needs the arrays {', '.join(needed)}; it holds "
            f"{', '.join(sorted(arrays))}: get it again from its source"
        )
    return arrays


@lru_cache(maxsize=4)
def _load_arrays(path, modified, size):
    try:
        loaded = np.load(path, allow_pickle=False)
        if not isinstance(loaded, np.lib.npyio.NpzFile):
            raise ValueError("one bare array")
        with loaded:
            return {key: loaded[key] for key in loaded.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"{printable(path)} is no npz file of plain arrays ({error}). Pickles are never "
            "opened, because they can run code: get the file again, or save plain arrays with "
            "np.savez"
        ) from error


def keep(path, save):
    """Write a file by ``save(file)`` so that it is whole or not there, also when two write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.stem}.{os.getpid()}-{threading.get_ident()}.half")
    with half.open("wb") as file:
        save(file)
    half.replace(path)


def open_zip(path):
    """Open a zip file once (its directory of 36,000 pictures takes half a second to read).

    Raises
    ------
    CorpusError
        Where the file is no zip, or a member's name would lead out of the folder.
    """
    # One handle a process: forked workers that share one would move each other's read position.
    status = Path(path).stat()
    return _open_zip(str(path), status.st_mtime_ns, status.st_size, os.getpid())


@lru_cache(maxsize=2)
def _open_zip(path, modified, size, process):
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"{printable(path)} is no whole zip file ({error}): get it again"
        ) from error
    for name in archive.namelist():
        member = PurePosixPath(name.replace("\\", "/"))
        if member.is_absolute() or ".." in member.parts or ":" in name:
            archive.close()
            raise CorpusError(
                f"{printable(path)} holds the name {name!r}, which leads out of its folder: "
                "do not trust this file, get it from its source"
            )
    return archive


def feature_rows(path, needed):
    """Yield ({part, position, features}, arrays) of each clip of an npz file of parts.

    The arrays are ``y_train`` and so on for the targets, ``audio_train`` and so on for each name
    that is needed, and all of a part must be of one length.

    Raises
    ------
    CorpusError
        Where the file cannot be read, or its arrays do not fit together.
    """
    arrays = load_arrays(path)
    parts = [key.removeprefix("y_") for key in arrays if key.startswith("y_")]
    if not parts:
        raise CorpusError(f"{path} holds no array y_train, y_test …: it is not this corpus's file")
    for part in parts:
        lengths = {key: len(array) for key, array in arrays.items() if key.endswith(f"_{part}")}
        lacking = [name for name in needed if f"{name}_{part}" not in lengths]
        if lacking or len(set(lengths.values())) > 1:
            raise CorpusError(
                f"{path}: the arrays of part {part} do not fit together ({lengths}, lacking "
                f"{lacking}): get it again"
            )
        for position in range(lengths[f"y_{part}"]):
            yield {"part": part, "position": position, "features": str(path)}, arrays
