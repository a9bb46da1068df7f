"""FER2013: 35,887 small grey pictures of faces with seven emotions, and nobody's name."""

from collections import Counter
from pathlib import Path, PurePosixPath

from emolib.corpora.folder import PICTURE, corpus_folder, finish, media, open_zip
from emolib.corpora.table import CorpusError

# In the order of the csv file's numbers.
EMOTIONS = {
    "angry": "angry",
    "disgust": "disgust",
    "fear": "fearful",
    "happy": "happy",
    "sad": "sad",
    "surprise": "surprised",
    "neutral": "neutral",
}
PARTS = {"Training": "train", "PublicTest": "test", "PrivateTest": "test"}


def load(root):
    """Load FER2013 into the clip table; extra columns: ``part`` (train or test) and ``usage``.

    ``usage`` is the corpus's own word: Training, PublicTest or PrivateTest. There are no actors,
    so that nobody can tell whether a face stands in both parts.

    Parameters
    ----------
    root : path
        The folder with ``fer2013.csv``, or with ``train`` and ``test`` and a folder an emotion in
        each, or with a zip of these (read without unpacking); or the csv or zip itself.

    Returns
    -------
    pandas.DataFrame
        The clip table.

    Raises
    ------
    CorpusError
        Where none of these is there, or more than one, or the zip holds a name with ``../``.

    Source: Goodfellow et al. 2013, arXiv 1307.0414
    Notebook: 01_corpora_and_labels
    """
    place = corpus_folder(root, "fer2013")
    left_out = Counter()
    if place.is_dir():
        place = _only_form(place)
    if place.is_dir():
        files = media(place, ("train/*/*", "test/*/*"), PICTURE, left_out)
        members = [(path.relative_to(place).as_posix(), str(path)) for path in files]
        rows = _picture_rows(members, left_out)
    elif place.suffix.lower() == ".zip":
        names = [name for name in open_zip(place).namelist() if not name.endswith("/")]
        rows = _picture_rows([(name, f"{place}!{name}") for name in names], left_out)
    else:
        rows = _csv_rows(place)
    return finish(rows, "fer2013", place, left_out)


def _only_form(folder):
    """Return the csv file, the zip, or the folder itself, whichever holds the pictures."""
    forms = [folder / "fer2013.csv"] if (folder / "fer2013.csv").is_file() else []
    forms += sorted(folder.glob("*.zip"))
    forms += [folder] if (folder / "train").is_dir() else []
    if len(forms) > 1:
        raise CorpusError(
            f"{folder} holds FER2013 more than once ({', '.join(f.name for f in forms)}): pass "
            "the one to read as root, or keep one"
        )
    return forms[0] if forms else folder


def _picture_rows(members, left_out):
    """Make a row of each (name such as train/angry/Training_1.jpg, source)."""
    for name, source in members:
        member = PurePosixPath(name)
        part, label = member.parts[-3:-1] if len(member.parts) > 2 else ("", "")
        if part not in ("train", "test") or label not in EMOTIONS:
            left_out["files outside train/<emotion> and test/<emotion>"] += 1
            continue
        if member.suffix.lower() not in PICTURE:
            left_out["files that are no pictures"] += 1
            continue
        usage = member.stem.split("_")[0]
        yield {
            # The number alone is not unique: two stand under two emotions.
            "clip": f"{part}/{label}/{member.stem}",
            "label": label,
            "emotion": EMOTIONS[label],
            "video": source,
            "part": part,
            "usage": usage if usage in PARTS else None,
        }


def _csv_rows(path):
    """Make a row of each line of fer2013.csv; its ``video`` is the byte where the line begins."""
    labels = list(EMOTIONS)
    with Path(path).open("rb") as file:
        if file.readline().strip() != b"emotion,pixels,Usage":
            raise CorpusError(f"{path}: the first line must be emotion,pixels,Usage: get it again")
        offset = file.tell()
        for number, line in enumerate(file):
            try:
                label = labels[int(line[: line.index(b",")])]
                usage = line[line.rindex(b",") + 1 :].strip().decode("ascii")
                part = PARTS[usage]
            except (ValueError, IndexError, KeyError) as error:
                raise CorpusError(
                    f"{path}, line {number + 2}: not an emotion from 0 to 6, pixels and a usage "
                    f"({error}): the file is damaged or cut off, get it again"
                ) from error
            yield {
                "clip": f"{usage}_{number:05d}",
                "label": label,
                "emotion": EMOTIONS[label],
                "video": f"{path}#{offset}",
                "part": part,
                "usage": usage,
            }
            offset += len(line)
