"""CREMA-D: 91 actors, six emotions, 7,442 clips, and what 2,443 raters saw and heard in them."""

import re
from collections import Counter

import pandas as pd

from emolib.corpora.folder import by_code, corpus_folder, finish, media, unique_file
from emolib.corpora.table import CorpusError

# Actor, sentence, emotion, intensity.
CODE = re.compile(r"(1\d{3})_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX)")
LABELS = {"A": "anger", "D": "disgust", "F": "fear", "H": "happy", "N": "neutral", "S": "sad"}
EMOTIONS = {
    "A": "angry",
    "D": "disgust",
    "F": "fearful",
    "H": "happy",
    "N": "neutral",
    "S": "sad",
}
INTENSITIES = {"LO": "low", "MD": "medium", "HI": "high", "XX": "unspecified"}
CHANNELS = {"1": "voice", "2": "face", "3": "both"}  # first digit of a row's id in the votes


def load(root):
    """Load CREMA-D's clips into the clip table; extra columns: age, sex, race, ethnicity.

    Parameters
    ----------
    root : path
        The folder with ``AudioWAV``, ``VideoFlash`` (one is enough: a flv has sound as well) and
        ``VideoDemographics.csv``.

    Returns
    -------
    pandas.DataFrame
        The clip table.

    Raises
    ------
    CorpusError
        Where there is no clip.

    Source: Cao et al. 2014, doi 10.1109/TAFFC.2014.2336244
    Notebook: 01_corpora_and_labels
    """
    folder = corpus_folder(root, "cremad")
    left_out = Counter()
    clips = {}
    for below, suffixes in (("AudioWAV", {".wav"}), ("VideoFlash", {".flv"})):
        paths = media(folder, (f"{below}/*",), suffixes, left_out)
        for path, match in by_code(paths, CODE, left_out, "CREMA-D"):
            unique_file(clips.setdefault(match[0], {}), below, path)
    actors = _demographics(folder)
    nobody = {"age": pd.NA, "sex": pd.NA, "race": pd.NA, "ethnicity": pd.NA}
    rows = []
    for clip, files in clips.items():
        row = _row(clip, files)
        rows.append({**row, **actors.get(row["actor"], nobody)})
    unknown = {row["actor"] for row in rows} - set(actors)
    left_out["actors' ages, sexes and ethnicities (VideoDemographics.csv)"] = len(unknown)
    table = finish(rows, "cremad", folder, left_out)
    return table.astype({"age": "Int64", "sex": "string", "race": "string", "ethnicity": "string"})


def votes(root):
    """Count the raters' responses to each clip, by voice alone, face alone, and both.

    Parameters
    ----------
    root : path
        The folder with ``processedResults/tabulatedVotes.csv``.

    Returns
    -------
    pandas.DataFrame
        One row a clip and channel: ``clip``, ``channel`` (voice, face or both), ``intended`` (the
        emotion that the actor was to show), and the number of responses angry, disgust, fearful,
        happy, neutral, sad (four to twelve in all).

    Raises
    ------
    CorpusError
        Where the file is missing or not the official one.

    Source: Cao et al. 2014, doi 10.1109/TAFFC.2014.2336244
    Notebook: 01_corpora_and_labels
    """
    path = corpus_folder(root, "cremad") / "processedResults" / "tabulatedVotes.csv"
    try:
        table = pd.read_csv(path, dtype={"fileName": str}, index_col=0)
        channel = table.index.astype(str).str[0].map(CHANNELS)
        counts = table[list(EMOTIONS)].rename(columns=EMOTIONS).astype(int)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise CorpusError(
            f"{path} is not CREMA-D's table of votes ({error}): get it from its repository"
        ) from error
    codes = table["fileName"].str.extract(CODE)
    if channel.isna().any() or codes.isna().any(axis=None):
        raise CorpusError(f"{path} holds ids that CREMA-D's table of votes does not: get it again")
    counts.insert(0, "clip", table["fileName"])
    counts.insert(1, "channel", channel)
    counts.insert(2, "intended", codes[2].str[0].map(EMOTIONS))
    return counts.reset_index(drop=True)


def actors(root):
    """Return what the corpus says about its actors, in its authors' words.

    Parameters
    ----------
    root : path
        The folder with ``VideoDemographics.csv``.

    Returns
    -------
    pandas.DataFrame
        Indexed by actor (str): ``age`` (years), ``sex`` (female, male), ``race``, ``ethnicity``.

    Raises
    ------
    CorpusError
        Where the file is missing or not the official one.

    Source: Cao et al. 2014, doi 10.1109/TAFFC.2014.2336244
    Notebook: 21_should_we
    """
    folder = corpus_folder(root, "cremad")
    found = _demographics(folder)
    if not found:
        path = folder / "VideoDemographics.csv"
        raise CorpusError(f"{path}: no such file. Get it from CREMA-D's repository")
    return pd.DataFrame.from_dict(found, orient="index")


def _row(clip, files):
    actor, sentence, emotion, intensity = clip.split("_")
    return {
        "clip": clip,
        "actor": actor,
        "label": LABELS[emotion[0]],
        "emotion": EMOTIONS[emotion[0]],
        "intensity": INTENSITIES[intensity],
        "statement": sentence,
        "audio": files.get("AudioWAV") or files.get("VideoFlash"),
        "video": files.get("VideoFlash"),
    }


def _demographics(folder):
    """Return {actor: {age, sex, race, ethnicity}}, empty where the file is missing."""
    path = folder / "VideoDemographics.csv"
    if not path.is_file():
        return {}
    try:
        table = pd.read_csv(path).rename(columns=str.lower)
        table["sex"] = table["sex"].str.lower()
        table.index = table["actorid"].astype(str)
        return table[["age", "sex", "race", "ethnicity"]].to_dict("index")
    except (ValueError, KeyError, AttributeError) as error:
        raise CorpusError(f"{path} is not CREMA-D's table of actors ({error})") from error
