"""Data files that come with the project: the download registry and the stored records."""

from pathlib import Path

from emolib.corpora.table import CorpusError


def shipped(path):
    """Return where a data file or folder of the project lies.

    In a checkout that is ``data/`` beside the package, in an installed package ``data/`` inside it.

    Parameters
    ----------
    path : str
        Relative to ``data``, such as ``registry/cremad.csv.gz``.

    Raises
    ------
    CorpusError
        Where neither place holds it.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "data", package.parent / "data"):
        if (folder / path).exists():
            return folder / path
    raise CorpusError(f"data/{path} is missing from this copy of the project: install it again")
