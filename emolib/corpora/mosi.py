"""CMU-MOSI: opinions in film reviews, as feature vectors of sound, words and face."""

from emolib.corpora.folder import corpus_folder, feature_rows, finish


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
        Where the file is missing, no npz of plain arrays, or its arrays differ in length.

    Source: Zadeh et al. 2016, arXiv 1606.06259
    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "mosi")
    rows = []
    for row, arrays in feature_rows(folder / "mosi_utterances.npz", ("audio", "text", "video")):
        part, at = row["part"], row["position"]
        utterance, sentiment = str(arrays[f"utt_{part}"][at]), int(arrays[f"y_{part}"][at])
        row |= {"clip": utterance, "label": "positive" if sentiment else "negative"}
        rows.append(row | {"recording": utterance.rsplit("_", 1)[0], "sentiment": sentiment})
    return finish(rows, "mosi", folder)
