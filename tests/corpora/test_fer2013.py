"""FER2013 in its three forms: the same pictures in each, and the real zip."""

import zipfile

import cv2
import numpy as np
import pytest
from clip_files import touch

from emolib.corpora import CorpusError, load, read_video
from emolib.corpora.folder import _open_zip

WORDS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
USAGES = {"Training": "train", "PublicTest": "test", "PrivateTest": "test"}


@pytest.fixture(scope="module")
def pictures():
    """Return {(usage, number of the emotion): picture}."""
    rng = np.random.default_rng(0)
    keys = [(usage, emotion) for usage in USAGES for emotion in range(7)]
    return {key: rng.integers(0, 256, (48, 48), dtype=np.uint8) for key in keys}


def write_csv(path, pictures):
    lines = ["emotion,pixels,Usage"]
    for (usage, emotion), grey in pictures.items():
        lines.append(f"{emotion},{' '.join(map(str, grey.ravel()))},{usage}")
    path.write_text("\n".join(lines) + "\n")
    return path


def write_folders(root, pictures):
    for (usage, emotion), grey in pictures.items():
        folder = root / USAGES[usage] / WORDS[emotion]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{usage}_1{emotion}.png"), grey)  # png: no loss
    return root


def write_zip(path, pictures, below=""):
    with zipfile.ZipFile(path, "w") as archive:
        for (usage, emotion), grey in pictures.items():
            name = f"{below}{USAGES[usage]}/{WORDS[emotion]}/{usage}_1{emotion}.png"
            archive.writestr(name, cv2.imencode(".png", grey)[1].tobytes())
    return path


@pytest.mark.parametrize("form", ["csv", "folders", "zip", "zip below a folder"])
def test_each_form_gives_the_same_pictures_and_labels(tmp_path, pictures, form):
    if form == "csv":
        write_csv(tmp_path / "fer2013.csv", pictures)
    elif form == "folders":
        write_folders(tmp_path, pictures)
    else:
        write_zip(tmp_path / "any.zip", pictures, "fer2013/" if "below" in form else "")
    table = load("fer2013", tmp_path)
    assert len(table) == 21
    emotions = ["angry", "disgust", "fearful", "happy", "sad", "surprised", "neutral"]
    for _, row in table.iterrows():
        number = WORDS.index(row["label"])
        assert row["emotion"] == emotions[number]
        assert row["part"] == USAGES[row["usage"]]
        frames, fps = read_video(row)
        assert (frames.shape, fps) == ((1, 48, 48, 3), 1.0)
        for channel in range(3):
            np.testing.assert_array_equal(frames[0, ..., channel], pictures[row["usage"], number])
    assert table["actor"].isna().all()


def test_two_forms_at_once_are_refused_and_one_can_be_named(tmp_path, pictures):
    write_folders(tmp_path, pictures)
    csv = write_csv(tmp_path / "fer2013.csv", pictures)
    with pytest.raises(CorpusError, match=r"more than once \(fer2013\.csv, .*pass the one"):
        load("fer2013", tmp_path)
    assert len(load("fer2013", csv)) == 21


@pytest.mark.parametrize("cut", [3, 12, 5000])
def test_a_cut_csv_is_refused_with_its_line(tmp_path, pictures, cut):
    path = write_csv(tmp_path / "fer2013.csv", pictures)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(CorpusError, match=r"fer2013\.csv, line 22: .*cut off"):
        load("fer2013", tmp_path)


def test_lines_with_wrong_pixels_are_refused_when_read(tmp_path, pictures):
    path = tmp_path / "fer2013.csv"
    for pixels in ("1 2 3", " ".join(["256"] * 2304), " ".join(["-1"] * 2304), "a " * 2304, ""):
        path.write_text(f"emotion,pixels,Usage\n0,{pixels},Training\n")
        with pytest.raises(CorpusError, match=r"fer2013\.csv#21: no line with 48×48 pixels"):
            read_video(load("fer2013", tmp_path).iloc[0])
    path.write_text("emotion, Usage, pixels\n")
    with pytest.raises(CorpusError, match="first line must be"):
        load("fer2013", tmp_path)


@pytest.mark.parametrize("name", ["../train/angry/a.jpg", "/train/angry/a.jpg", "C:\\train\\a.jpg"])
def test_a_zip_that_leads_out_of_its_folder_is_refused(tmp_path, pictures, name):
    path = write_zip(tmp_path / "fer2013.zip", pictures)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(CorpusError, match=r"fer2013\.zip.*leads out of its folder.*do not trust"):
        load("fer2013", tmp_path)


def test_strangers_in_a_zip_are_counted(tmp_path, pictures):
    path = write_zip(tmp_path / "fer2013.zip", pictures)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/train/x.jpg", b"x")
        archive.writestr("train/angry/Thumbs.db", b"x")
        archive.writestr("train/contempt/1.jpg", b"x")
    with pytest.warns(UserWarning, match="left out"):
        table = load("fer2013", tmp_path)
    assert sum(table.attrs["left_out"].values()) == 3
    assert len(table) == 21


def test_damaged_zips_are_refused(tmp_path, pictures):
    path = write_zip(tmp_path / "fer2013.zip", pictures)
    row = load("fer2013", path).iloc[0]
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF  # inside the first picture: its checksum fails
    path.write_bytes(data)
    first = load("fer2013", path)
    first = first[first["video"].str.endswith("train/angry/Training_10.png")].iloc[0]
    with pytest.raises(CorpusError, match=r"Training_10\.png: cannot be read"):
        read_video(first)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(CorpusError, match=r"fer2013\.zip is no whole zip file"):
        load("fer2013", path)
    path.unlink()
    with pytest.raises(CorpusError, match=r"fer2013\.zip: no such file"):
        read_video(row)


def test_other_pictures_in_the_folders_are_counted(tmp_path, pictures):
    write_folders(tmp_path, pictures)
    touch(tmp_path, "train/angry/1.gif", "train/angry/README.txt", "test/sad/.2.gif")
    with pytest.warns(UserWarning, match=r"left out 1 files that end in \.gif"):
        assert len(load("fer2013", tmp_path)) == 21


def test_the_real_zip(shared_data, monkeypatch):
    opened = []
    real = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda path: opened.append(path) or real(path))
    _open_zip.cache_clear()
    table = load("fer2013", shared_data / "fer2013")
    assert table["part"].value_counts().to_dict() == {"train": 28709, "test": 7178}
    assert table["usage"].value_counts()["PrivateTest"] == 3589
    counts = table["label"].value_counts()
    assert (counts["happy"], counts["disgust"]) == (8989, 547)
    for _, row in table.sample(200, random_state=0).iterrows():
        frames, _ = read_video(row)
        assert frames.shape == (1, 48, 48, 3)
        np.testing.assert_array_equal(frames[..., 0], frames[..., 2])  # grey
    assert len(opened) == 1  # its directory is read once, not 200 times
