"""CMU-MOSI: opinions in film reviews, as feature vectors of sound, words and face."""

import numpy as np

from emolib.corpora.folder import corpus_folder, feature_rows, finish
from emolib.corpora.table import CorpusError


def load(root):
    """Load CMU-MOSI's utterance vectors into the clip table, which has ``features`` only.

    Extra columns: ``part`` (train or test), ``position`` (row in the part's arrays),
    ``recording`` (the video, whose utterances should stay on one side) and ``sentiment`` (1
    positive, 0 negative).

    Parameters
    ----------
    root : path
        The folder with ``mosi_utterances.npz``.

    Returns
    -------
    pandas.DataFrame
        The clip table.

    Raises
    ------
    CorpusError
        Where the file is missing, no npz of plain arrays, its arrays differ in length, or a
        sentiment is neither 1 nor 0.

    Source: Zadeh et al. 2016, arXiv 1606.06259
    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "mosi")
    path, rows = folder / "mosi_utterances.npz", []
    for row, arrays in feature_rows(path, ("audio", "text", "video", "utt")):
        part, at = row["part"], row["position"]
        utterance, sentiment = str(arrays[f"utt_{part}"][at]), arrays[f"y_{part}"][at]
        if np.size(sentiment) != 1 or sentiment not in (0, 1):
            raise CorpusError(
                f"{path}: y_{part}[{at}] is {sentiment}; save 1 for positive, 0 for negative"
            )
        row |= {"clip": utterance, "label": "positive" if sentiment else "negative"}
        rows.append(row | {"recording": utterance.rsplit("_", 1)[0], "sentiment": int(sentiment)})
    return finish(rows, "mosi", folder)
