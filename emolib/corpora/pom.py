"""POM: film reviews as sequences of sound and face features, with seventeen ratings each."""

from emolib.corpora.folder import corpus_folder, feature_rows, finish


def load(root):
    """Load POM's sequences into the clip table, which has ``features`` only.

    Extra columns: ``part`` (train, valid or test), ``position`` (row in the part's arrays) and
    ``trait_00`` … ``trait_16``, the mean ratings of the speaker (1 to 7; 09 to 13: 1 to 5).

    Parameters
    ----------
    root : path
        The folder with ``pom_sequences.npz``.

    Returns
    -------
    pandas.DataFrame
        The clip table; ids are made from part and position.

    Raises
    ------
    CorpusError
        Where the file is missing, no npz of plain arrays, or its arrays differ in length.

    Source: Park et al. 2014, doi 10.1145/2663204.2663260
    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "pom")
    rows = []
    for row, arrays in feature_rows(folder / "pom_sequences.npz", ("audio", "video")):
        ratings = arrays[f"y_{row['part']}"][row["position"]]
        row["clip"] = f"{row['part']}_{row['position']:04d}"
        rows.append(row | {f"trait_{i:02d}": float(rating) for i, rating in enumerate(ratings)})
    return finish(rows, "pom", folder)
