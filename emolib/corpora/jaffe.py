"""JAFFE: ten Japanese women, seven expressions, 213 grey pictures."""

import re
from collections import Counter

from emolib.corpora.folder import PICTURE, by_code, corpus_folder, finish, media, unique_file

# Actress, expression and its number, picture.
CODE = re.compile(r"([A-Z]{2})\.(AN|DI|FE|HA|NE|SA|SU)(\d)\.(\d+)")
EMOTIONS = {
    "AN": "angry",
    "DI": "disgust",
    "FE": "fearful",
    "HA": "happy",
    "NE": "neutral",
    "SA": "sad",
    "SU": "surprised",
}


def load(root):
    """Load JAFFE into the clip table; ``label`` is the code's two letters. Extra column: ``sex``.

    Parameters
    ----------
    root : path
        The folder with ``KA.AN1.39.tiff`` and so on (or with one folder of them).

    Returns
    -------
    pandas.DataFrame
        The clip table.

    Raises
    ------
    CorpusError
        Where there is no picture, or one lies there twice.

    Source: Lyons et al. 1998, doi 10.5281/zenodo.3451524
    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "jaffe")
    left_out, files, rows = Counter(), {}, []
    paths = media(folder, ("*", "*/*"), PICTURE, left_out)
    for path, match in by_code(paths, CODE, left_out, "JAFFE"):
        unique_file(files, path.stem, path)
        actress, expression, number, _ = match.groups()
        rows.append(
            {
                "clip": path.stem,
                "actor": actress,
                "label": expression,
                "emotion": EMOTIONS[expression],
                "repetition": number,
                "video": str(path),
                "sex": "female",
            }
        )
    return finish(rows, "jaffe", folder, left_out)
