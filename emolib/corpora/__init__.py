"""Where clips come from: each corpus loads into one clip table, and one set of readers reads it."""

from importlib import import_module

from emolib.corpora.fetch import fetch
from emolib.corpora.reading import (
    iter_video,
    read_action_units,
    read_audio,
    read_features,
    read_truth,
    read_video,
)
from emolib.corpora.table import COLUMNS, EMOTIONS, POLARITY, CorpusError, clip_table, take

CORPORA = ("puppets", "ravdess", "cremad", "emodb", "fer2013", "jaffe", "mosi", "pom", "own")

__all__ = [
    "COLUMNS",
    "CORPORA",
    "EMOTIONS",
    "POLARITY",
    "CorpusError",
    "clip_table",
    "fetch",
    "iter_video",
    "load",
    "read_action_units",
    "read_audio",
    "read_features",
    "read_truth",
    "read_video",
    "take",
]


def load(name, root=None, **options):
    """Load a corpus into the clip table.

    Parameters
    ----------
    name : str
        One of ``CORPORA``.
    root : path, optional
        The corpus's own folder, ``DATA_DIR/ravdess`` for RAVDESS. The puppets are made here and
        need none (one that is given is not looked at).
    **options
        The corpus's own, such as ``recipe`` and ``identity`` of the puppets.

    Returns
    -------
    pandas.DataFrame
        The clip table, one row a clip; ``attrs["left_out"]`` counts what was left out and why.

    Raises
    ------
    CorpusError
        Where the corpus has no such name, is not there, or is damaged.

    Notebook: 01_corpora_and_labels
    """
    if name not in CORPORA:
        raise CorpusError(f"there is no corpus {name!r}: take one of {', '.join(CORPORA)}")
    return import_module(f"emolib.corpora.{name}").load(root, **options)
