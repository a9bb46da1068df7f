"""The clip table: every corpus, one pandas table with the same columns."""

import pandas as pd

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")

# The polarity of av-attention, section 3.4, with calm on the positive side and neutral on neither.
POLARITY = {
    "neutral": 0,
    "calm": 1,
    "happy": 1,
    "sad": -1,
    "angry": -1,
    "fearful": -1,
    "disgust": -1,
    "surprised": 1,
}

COLUMNS = (
    "clip",
    "copy",
    "corpus",
    "actor",
    "label",
    "emotion",
    "intensity",
    "statement",
    "repetition",
    "audio",
    "video",
    "action_units",
    "features",
)


class CorpusError(ValueError):
    """Something is wrong with a corpus or one of its files; the message names it and the remedy."""


def clip_table(rows):
    """Build the clip table from one dictionary a clip.

    Parameters
    ----------
    rows : iterable of dict
        Keys are column names; columns of ``COLUMNS`` that a row leaves out become ``<NA>``
        (``copy`` becomes 0). Other keys become corpus-specific columns behind the common ones.

    Returns
    -------
    pandas.DataFrame
        Sorted by (``clip``, ``copy``), which is unique; ``copy`` is an integer, the other common
        columns are of pandas' nullable ``string`` type.

    Raises
    ------
    CorpusError
        Where there is no row, a (clip, copy) stands twice, or an emotion is none of ``EMOTIONS``.

    Notebook: 01_corpora_and_labels
    """
    table = pd.DataFrame(list(rows))
    if table.empty:
        raise CorpusError("the corpus holds no clip: check the folder that DATA_DIR points to")
    for column in COLUMNS:
        if column not in table:
            table[column] = 0 if column == "copy" else pd.NA
    table = table[[*COLUMNS, *(c for c in table.columns if c not in COLUMNS)]]
    table["copy"] = table["copy"].astype(int)
    for column in COLUMNS:
        if column != "copy":
            table[column] = table[column].astype("string")
    unknown = sorted(set(table["emotion"].dropna()) - set(EMOTIONS))
    if unknown:
        raise CorpusError(f"emotion {unknown[0]!r} is none of {', '.join(EMOTIONS)}")
    twice = table[table.duplicated(["clip", "copy"])]
    if len(twice):
        clip, copy = twice.iloc[0][["clip", "copy"]]
        times = ((table["clip"] == clip) & (table["copy"] == copy)).sum()
        raise CorpusError(
            f"clip {clip!r}, copy {copy}, stands {times} times: remove the extra files or rows"
        )
    return table.sort_values(["clip", "copy"], ignore_index=True)


def take(table, profile, seed=0):
    """Return the part of a corpus that a profile works on.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table.
    profile : str
        ``quick``: at most 10 actors with 24 clips each, the emotions in turn; clips that name no
        actor count as one actor's (240 clips where none does). ``full`` and ``paper``: everything.
    seed : int
        Chooses actors and clips.

    Returns
    -------
    pandas.DataFrame
        Rows of the table in its order.

    Raises
    ------
    CorpusError
        Where the profile has another name.

    Notebook: 00_start_here
    """
    if profile in ("full", "paper"):
        return table
    if profile != "quick":
        raise CorpusError(f"profile {profile!r} is none of quick, full, paper")
    shuffled = table.sample(frac=1, random_state=seed)
    if table["actor"].isna().all():
        return _in_turn(shuffled, 240).sort_index()
    actors = shuffled["actor"].fillna("")
    parts = [_in_turn(shuffled[actors == actor], 24) for actor in actors.unique()[:10]]
    return pd.concat(parts).sort_index()


def _in_turn(table, n):
    """Return n rows, taking the emotions in turn, each in the table's order."""
    turn = table.groupby("emotion", dropna=False).cumcount()
    return table.loc[turn.sort_values(kind="stable").index[:n]]
