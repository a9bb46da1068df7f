"""EMO-DB: ten German actors, seven emotions, 535 sentences."""

import re
from collections import Counter

from emolib.corpora.folder import SOUND, by_code, corpus_folder, finish, media, unique_file

# Speaker, text, emotion (the German word's first letter), version.
CODE = re.compile(r"(\d\d)([ab]\d\d)([WLEAFTN])([a-z])")
LABELS = {
    "W": "Wut",
    "L": "Langeweile",
    "E": "Ekel",
    "A": "Angst",
    "F": "Freude",
    "T": "Trauer",
    "N": "neutral",
}
# Boredom (L) is none of the common eight.
EMOTIONS = {"W": "angry", "E": "disgust", "A": "fearful", "F": "happy", "T": "sad", "N": "neutral"}
MEN = {"03", "10", "11", "12", "15"}
WOMEN = {"08", "09", "13", "14", "16"}


def load(root):
    """Load EMO-DB into the clip table; boredom's ``emotion`` is ``<NA>``. Extra column: ``sex``.

    Parameters
    ----------
    root : path
        The folder with ``wav`` (or ``flac``), or that folder.

    Returns
    -------
    pandas.DataFrame
        The clip table; ``label`` is the corpus's German word, ``repetition`` its version letter.

    Raises
    ------
    CorpusError
        Where there is no clip, or one lies there twice.

    Source: Burkhardt et al. 2005, A database of German emotional speech
    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "emodb")
    left_out, files, rows = Counter(), {}, []
    paths = media(folder, ("*", "*/*"), SOUND, left_out)
    for path, match in by_code(paths, CODE, left_out, "EMO-DB"):
        unique_file(files, path.stem, path)
        speaker, text, letter, version = match.groups()
        sex = "male" if speaker in MEN else "female" if speaker in WOMEN else None
        rows.append(
            {
                "clip": path.stem,
                "actor": speaker,
                "label": LABELS[letter],
                "emotion": EMOTIONS.get(letter),
                "statement": text,
                "repetition": version,
                "audio": str(path),
                "sex": sex,
            }
        )
    return finish(rows, "emodb", folder, left_out)
