"""MOSI and POM: rows point at the right arrays, and nothing is ever unpickled."""

import numpy as np
import pytest

from emolib.corpora import CorpusError, load, read_features, read_video


def write_mosi(path, n=4, **other):
    arrays = {}
    for offset, part in enumerate(("train", "test")):
        base = np.arange(n)[:, None] + 100 * offset
        for i, modality in enumerate(("audio", "text", "video")):
            arrays[f"{modality}_{part}"] = base + 1000 * i + np.zeros(3)
        arrays[f"y_{part}"] = np.arange(n) % 2
        arrays[f"utt_{part}"] = np.array([f"-a_{part}_{i}" for i in range(n)])
    np.savez(path, **(arrays | other))
    return path


def test_each_row_reads_its_own_vector(tmp_path):
    write_mosi(tmp_path / "mosi_utterances.npz")
    table = load("mosi", tmp_path).set_index("clip", drop=False)
    row = table.loc["-a_test_2"]
    assert read_features(row, "audio").tolist() == [102] * 3
    assert read_features(row, "text").tolist() == [1102] * 3
    assert read_features(row, "video").tolist() == [2102] * 3
    assert (row["sentiment"], row["label"], row["recording"]) == (0, "negative", "-a_test")
    with pytest.raises(CorpusError, match="has no video"):
        read_video(row)


def test_arrays_that_do_not_fit_together_are_refused(tmp_path):
    path = tmp_path / "mosi_utterances.npz"
    write_mosi(path, text_test=np.zeros((3, 3)))
    with pytest.raises(CorpusError, match=r"mosi_utterances\.npz.*part test do not fit"):
        load("mosi", tmp_path)
    np.savez(path, y_train=np.zeros(2))
    with pytest.raises(CorpusError, match=r"lacking \['audio', 'text', 'video', 'utt'\]"):
        load("mosi", tmp_path)
    np.savez(path, x=np.zeros(2))
    with pytest.raises(CorpusError, match="not this corpus's file"):
        load("mosi", tmp_path)


@pytest.mark.parametrize("sentiment", [0.4, -1.2, -1, 3, float("nan")])
def test_a_sentiment_that_is_neither_1_nor_0_is_refused(tmp_path, sentiment):
    y_test = np.array([1, 0, sentiment, 1])
    write_mosi(tmp_path / "mosi_utterances.npz", y_test=y_test)
    message = r"mosi_utterances\.npz: y_test\[2\] is .*; save 1 for positive, 0 for negative"
    with pytest.raises(CorpusError, match=message):
        load("mosi", tmp_path)
    write_mosi(tmp_path / "mosi_utterances.npz", y_test=np.array([1.0, 0.0, 0.0, 1.0]))
    assert load("mosi", tmp_path)["sentiment"].sum() == 4


class Trap:
    """A pickle that would write a file when it is opened."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("how", ["raw pickle", "object array", "npy", "text", "empty", "cut"])
@pytest.mark.parametrize(
    ("corpus", "name"), [("mosi", "mosi_utterances"), ("pom", "pom_sequences")]
)
def test_what_is_no_npz_of_plain_arrays_is_never_unpickled(tmp_path, corpus, name, how):
    path, sprung = tmp_path / f"{name}.npz", tmp_path / "sprung"
    trap = np.array([Trap(sprung)], dtype=object)
    if how == "raw pickle":
        path.write_bytes(trap.dumps())
    elif how == "object array":
        np.savez(path, y_train=trap, audio_train=trap, text_train=trap, video_train=trap)
    elif how == "npy":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    else:
        write_mosi(path)
        data = path.read_bytes()
        path.write_bytes({"text": b"no arrays", "empty": b"", "cut": data[: len(data) // 2]}[how])
    with pytest.raises(CorpusError, match=rf"{name}\.npz is no npz file.*Pickles are never opened"):
        load(corpus, tmp_path)
    assert not sprung.exists()
    if how == "object array":  # the trap does work
        np.load(path, allow_pickle=True)["y_train"][0].close()
        assert sprung.exists()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"pom_sequences\.npz: no such file"):
        load("pom", tmp_path)


def test_the_real_mosi(shared_data):
    table = load("mosi", shared_data / "mosi")
    assert table["part"].value_counts().to_dict() == {"train": 1447, "test": 752}
    sides = table.groupby("recording")["part"].nunique()
    assert sides.max() == 1  # its card: no video on both sides
    stored = np.load(shared_data / "mosi" / "mosi_utterances.npz")
    for part in ("train", "test"):
        rows = table[table["part"] == part].sort_values("position")
        assert rows["clip"].tolist() == stored[f"utt_{part}"].tolist()
        assert rows["sentiment"].tolist() == stored[f"y_{part}"].tolist()
        read = np.stack([read_features(row, "text") for _, row in rows.iterrows()])
        np.testing.assert_array_equal(read, stored[f"text_{part}"])
    test = table[table["part"] == "test"]
    assert round(100 * test["sentiment"].value_counts(normalize=True).max(), 1) == 62.1


def test_the_real_pom(shared_data):
    table = load("pom", shared_data / "pom")
    assert table["part"].value_counts().to_dict() == {"train": 600, "test": 203, "valid": 100}
    traits = table.filter(like="trait_")
    assert traits.shape[1] == 17
    assert traits.iloc[:, 9:14].to_numpy().max() <= 5
    assert traits.to_numpy().max() <= 7
    row = table.iloc[700]
    assert read_features(row, "audio").shape == (20, 43)
    assert read_features(row, "video").shape == (20, 41)
    with pytest.raises(CorpusError, match="has no text features"):
        read_features(row, "text")
