"""RAVDESS speech: 24 actors, eight emotions, 1,440 trials."""

import re
from collections import Counter

from emolib.corpora.folder import (
    SOUND,
    VIDEO,
    by_code,
    corpus_folder,
    finish,
    load_arrays,
    media,
    unique_file,
)
from emolib.corpora.table import EMOTIONS

# Modality, vocal channel, emotion, intensity, statement, repetition, actor.
CODE = re.compile(r"(0[123])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-(\d\d)")
STATEMENTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
INTENSITIES = {"01": "normal", "02": "strong"}


def load(root):
    """Load RAVDESS's spoken clips into the clip table; songs are counted and left out.

    A trial's three files (01 sound and picture, 02 picture, 03 sound) are one row: ``audio`` is
    the 03 file, else the 01; ``video`` is the 01 file, else the 02. Extra column: ``sex``.

    Parameters
    ----------
    root : path
        The folder with ``Actor_01`` and so on, or with the archives' folders of them.

    Returns
    -------
    pandas.DataFrame
        The clip table.

    Raises
    ------
    CorpusError
        Where there is no clip, a file of a trial lies there twice, or the action units' arrays are
        not there.

    Source: Livingstone & Russo 2018, doi 10.1371/journal.pone.0196391
    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "ravdess")
    left_out = Counter()
    trials = {}
    paths = media(folder, ("Actor_*/*", "*/Actor_*/*"), SOUND | VIDEO, left_out)
    for path, match in by_code(paths, CODE, left_out, "RAVDESS"):
        modality, channel = match[1], match[2]
        if channel == "02":
            left_out["files of songs"] += 1
            continue
        unique_file(trials.setdefault(match[0][3:], {}), modality, path)
    means = folder / "action_units" / "au_clip_mean.npz"
    measured = set(load_arrays(means, "ids", "au")["ids"]) if means.is_file() else set()
    rows = [
        {**_row(clip, files), "action_units": str(means) if f"01-{clip}" in measured else None}
        for clip, files in trials.items()
    ]
    return finish(rows, "ravdess", folder, left_out)


def _row(clip, files):
    _, emotion, intensity, statement, repetition, actor = clip.split("-")
    word = EMOTIONS[int(emotion) - 1]
    return {
        "clip": clip,
        "actor": actor,
        "label": word,
        "emotion": word,
        "intensity": INTENSITIES[intensity],
        "statement": STATEMENTS[statement],
        "repetition": repetition,
        "audio": files.get("03") or files.get("01"),
        "video": files.get("01") or files.get("02"),
        "sex": "male" if int(actor) % 2 else "female",
    }
