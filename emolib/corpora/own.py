"""Your own corpus: a folder of clips and a csv file that says what they are."""

from pathlib import Path

import pandas as pd

from emolib.corpora.folder import corpus_folder, finish
from emolib.corpora.table import COLUMNS, EMOTIONS, CorpusError

FILES = ("audio", "video", "action_units", "features")


def load(root, file="clips.csv"):
    """Load a folder that a csv file describes: BAUM-1, IEMOCAP, SAVEE, a class's recordings.

    The csv file (UTF-8, commas) has the clip table's columns: ``clip`` and at least one of
    ``audio``, ``video``, ``action_units`` and ``features`` are needed, ``actor`` and ``emotion``
    wanted. Further columns are kept. An empty cell means that a clip lacks this.

    Parameters
    ----------
    root : path
        The folder. The csv file's paths are relative to it; absolute paths and paths that lead
        out of it (``../``) are allowed, because the csv file is yours.
    file : str
        The csv file's name.

    Returns
    -------
    pandas.DataFrame
        The clip table. ``corpus`` is what the column of this name says, else ``own``.

    Raises
    ------
    CorpusError
        Where the csv file is missing or no table, a line has too many cells, an emotion is none
        of the eight words, a file is missing, or a clip stands twice.

    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "own")
    path = folder / file
    table = _read_csv(path)
    _check_words(table, path)
    _check_copies(table, path)
    if "corpus" in table:
        table["corpus"] = table["corpus"].fillna("own")
    for column in FILES:
        if column in table:
            table[column] = [_source(folder, value) for value in table[column]]
    missing = [
        source
        for column in FILES
        if column in table
        for source in table[column].dropna()
        if not Path(source).is_file()
    ]
    if missing:
        raise CorpusError(
            f"{missing[0]}: no such file; {path} names {len(missing)} of this kind. Paths are "
            "relative to its folder, with / between folders"
        )
    return finish(table.to_dict("records"), "own", folder)


def _source(folder, value):
    return None if pd.isna(value) else str(folder / value)


def _read_csv(path):
    if not path.is_file():
        raise CorpusError(
            f"{path}: no such file. Write one with the columns clip, actor, emotion, audio, video: "
            "the card of own corpora in data/README.md shows some"
        )
    try:
        # "None" and "NA" are words, only nothing is missing.
        table = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    except (ValueError, OSError) as error:
        raise CorpusError(
            f"{path} is no csv file in UTF-8 ({error}): save it as 'CSV UTF-8' with commas"
        ) from error
    if len(table) and not isinstance(table.index, pd.RangeIndex):
        # pandas takes the first cell for a name then, and moves the others by a column.
        raise CorpusError(
            f"{path}: lines have more cells than the first line: take out the commas at their end, "
            "or name every column"
        )
    table = table.apply(lambda column: column.str.strip()).replace("", pd.NA)
    table.columns = table.columns.str.strip()
    if "clip" not in table or not set(FILES) & set(table.columns):
        raise CorpusError(
            f"{path} needs a column clip and one of {', '.join(FILES)}, separated by commas; "
            f"it has {', '.join(table.columns)}. Known columns: {', '.join(COLUMNS)}"
        )
    if table["clip"].isna().any():
        line = table.index[table["clip"].isna()][0] + 2
        raise CorpusError(f"{path}, line {line}: no clip id; give each line one of its own")
    return table


def _check_words(table, path):
    words = table["emotion"].dropna() if "emotion" in table else pd.Series(dtype=str)
    unknown = words[~words.isin(EMOTIONS)]
    if len(unknown):
        raise CorpusError(
            f"{path}, line {unknown.index[0] + 2}: emotion {unknown.iloc[0]!r} is none of "
            f"{', '.join(EMOTIONS)} ({len(unknown)} such lines). Put the corpus's own word into "
            "the column label, and leave emotion empty where none of the eight fits"
        )


def _check_copies(table, path):
    if "copy" in table:
        wrong = table[~table["copy"].fillna("0").str.fullmatch(r"\d+").astype(bool)]
        if len(wrong):
            raise CorpusError(
                f"{path}, line {wrong.index[0] + 2}: copy {wrong['copy'].iloc[0]!r} is no whole "
                "number; 0 is an original"
            )
        table["copy"] = table["copy"].fillna("0").astype(int)
