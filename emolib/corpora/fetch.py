"""Download what may be downloaded; for the rest, say how to ask for it.

The addresses below come from the corpora's own pages, and the tests run every step against a
server of their own. Where a host has moved, ``mirror=`` takes another one.
"""

import csv
import datetime
import gzip
import os
import re
import shutil
import zipfile
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import pooch
from tqdm.auto import tqdm

from emolib.corpora.shipped import shipped
from emolib.corpora.table import CorpusError

ZENODO = "https://zenodo.org/records/1188976/files"
GITHUB = "https://raw.githubusercontent.com/CheyneyComputerScience/CREMA-D/master"
GITHUB_LFS = "https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master"

RECORD = "downloaded.csv"  # beside the clips: what came from where, with the SHA-256 that it had
FIELDS = ("file", "sha256", "bytes", "clips", "clip_bytes", "address", "date")
RETRIES = 2  # of one file, before fetch gives up
CONNECTIONS = 4  # at a time, for a corpus of thousands of small files


@dataclass(frozen=True)
class File:
    """One file to download; an archive also says which clips it must bring.

    ``path`` is relative to the host and to the reader's folder; ``part`` is ``audio``, ``video`` or
    empty (needed with both); ``checksum`` is one that somebody published (``sha256:`` or ``md5:``
    before the digits). ``clips`` is a regular expression of a clip's file name, ``folder`` the
    folder where such a clip belongs (it may use the expression's groups), ``count`` how many there
    are; all three are for archives.
    """

    path: str
    host: str
    part: str = ""
    actor: int | None = None
    checksum: str | None = None
    clips: str = ""
    folder: str = ""
    count: int = 0


@dataclass(frozen=True)
class Source:
    """Where a corpus comes from: its licence, its files or else how to ask, and a second way."""

    licence: str
    files: tuple[File, ...] = ()
    ask: str = ""
    second: str = "any web server that holds the same files"


def _ravdess():
    # Zenodo shows this MD5 beside the archive. For the films none was known to us: the SHA-256 of
    # the first download is written down and compared with later ones.
    voice = File(
        "Audio_Speech_Actors_01-24.zip",
        ZENODO,
        part="audio",
        checksum="md5:bc696df654c87fed845eb13823edef8a",
        clips=r"03-01-(?:\d\d-){4}(\d\d)\.wav",
        folder=r"Actor_\1",
        count=1440,
    )
    films = [
        File(
            f"Video_Speech_Actor_{actor:02}.zip",
            ZENODO,
            part="video",
            actor=actor,
            clips=rf"0[12]-01-(?:\d\d-){{4}}({actor:02})\.mp4",
            folder=r"Actor_\1",
            count=120,
        )
        for actor in range(1, 25)
    ]
    return Source("CC BY-NC-SA 4.0; cite Livingstone & Russo 2018", (voice, *films))


def _cremad():
    files = [
        File(path, GITHUB)
        for path in (
            "processedResults/tabulatedVotes.csv",
            "processedResults/summaryTable.csv",
            "VideoDemographics.csv",
            "SentenceFilenames.csv",
        )
    ]
    parts = {"AudioWAV": "audio", "VideoFlash": "video"}
    with gzip.open(shipped("registry/cremad.csv.gz"), "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            folder, name = row["path"].split("/")
            checksum = f"sha256:{row['sha256']}"
            files.append(File(row["path"], GITHUB_LFS, parts[folder], int(name[:4]), checksum))
    return Source(
        "Open Database License 1.0; cite Cao et al. 2014",
        tuple(files),
        second="https://gitlab.com/cs-cooper-lab/crema-d-mirror/-/raw/main",
    )


def _emodb():
    archive = File(
        "download.zip",
        "http://emodb.bilderbar.info/download",
        part="audio",
        clips=r"\d\d[ab]\d\d[A-Z][a-z]\.wav",
        folder="wav",
        count=535,
    )
    return Source("free of charge, no licence text; cite Burkhardt et al. 2005", (archive,))


# Corpora that are downloaded, each read only when it is asked for.
DOWNLOADED = {"ravdess": _ravdess, "cremad": _cremad, "emodb": _emodb}

# Corpora that a reader brings.
ASKED_FOR = {
    "puppets": Source(
        "made by this project, code MIT",
        ask='Nothing to fetch: the puppets are made on demand. Go on with load("puppets").',
    ),
    "fer2013": Source(
        "see its Kaggle page; cite Goodfellow et al. 2013",
        ask="FER2013 needs a Kaggle account, and its rules accepted there. Sign in, open "
        "https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-"
        "recognition-challenge (fer2013.csv), or a copy of it as pictures in train/ and test/ "
        "folders, and put the csv, the two folders or a zip of them into {root}.",
    ),
    "jaffe": Source(
        "non-commercial research, no redistribution; cite Lyons et al. 1998",
        ask="JAFFE is given on request, to researchers. Read all of the page "
        "https://zenodo.org/records/3451524, ask there from an institute's address, and put the "
        "213 tiff files (KA.AN1.39.tiff and so on) into {root}.",
    ),
    "mosi": Source(
        "research use; cite Zadeh et al. 2016",
        ask="CMU-MOSI comes from its authors, through "
        "https://github.com/CMU-MultiComp-Lab/CMU-MultimodalSDK. Save its utterance vectors as "
        "arrays (audio_train, text_train, video_train, y_train, utt_train and the same with _test; "
        "y 1 for positive, 0 for negative) in {root}/mosi_utterances.npz. Do not unpickle a copy "
        "that you found: a pickle can run any program.",
    ),
    "pom": Source(
        "research use; cite Park et al. 2014",
        ask="POM comes from its authors, the MultiComp laboratory of Carnegie Mellon University "
        "(http://multicomp.cs.cmu.edu). Write to them, and save the sequences as arrays "
        "(audio_train, video_train, y_train and the same with _valid and _test) in "
        "{root}/pom_sequences.npz. Do not unpickle a copy that you found: a pickle can run any "
        "program.",
    ),
    "own": Source(
        "yours, and that of the people who are seen and heard",
        ask="Your own clips: put them into {root} with a file clips.csv, one line a clip. The "
        "columns, and examples for BAUM-1, IEMOCAP, SAVEE and a class, stand in data/README.md.",
    ),
}


def fetch(name, root=None, which="audio", actors=None, mirror=None, keep=False, source=None):
    """Download a corpus into a folder, or say how to ask for it.

    The licence is printed before anything is asked for. A file that is there with the right
    checksum is not fetched again, so after a broken download the same call goes on where it
    stopped. Checksums that were published are checked; other files are checked by what is known of
    them (an archive's own CRCs and its number of clips), and the SHA-256 of their first download is
    written to ``downloaded.csv`` and compared with every later one.

    Parameters
    ----------
    name : str
        ``ravdess``, ``cremad`` or ``emodb``; for the other corpora one paragraph is printed.
    root : str or path
        The corpus's own folder, the same that ``load`` takes. It is made where it is missing.
    which : str
        ``audio`` or ``video``. The tables of CREMA-D come with both.
    actors : iterable of int, optional
        Only these actors, where a corpus has its files by actor (RAVDESS video, CREMA-D).
    mirror : str, optional
        Address of another host that holds the same files under the same names.
    keep : bool
        Keep the archives after unpacking.
    source : Source, optional
        In place of what the project knows about the corpus.

    Returns
    -------
    pathlib.Path or None
        ``root``, or None where the corpus has to be asked for.

    Raises
    ------
    CorpusError
        Where the corpus, part or actor is unknown, a host does not answer, or what came is not what
        it should be. What is wrong is not kept.

    Notebook: 01_corpora_and_labels
    """
    source = source or _source(name)
    print(f"{name}, licence: {source.licence}")
    if not source.files:
        print(source.ask.format(root=root or f"DATA_DIR/{name}"))
        return None
    files = _choose(name, source, which, actors)
    root = _folder(name, root)
    record = _read_record(root)
    pooch.get_logger().setLevel("WARNING")  # it would print a line for each of 7,442 files
    store = pooch.create(
        path=root,
        base_url="",
        registry={f.path: f.checksum or record.get(f.path, {}).get("sha256") for f in files},
        urls={f.path: f"{(mirror or f.host).rstrip('/')}/{f.path}" for f in files},
        retry_if_failed=RETRIES,
    )
    done = Counter()
    try:
        done += _fetch_single(name, store, [f for f in files if not f.clips], record)
        for file in files:
            if file.clips:
                done[_fetch_archive(store, file, record, keep)] += file.count
    except CorpusError as error:
        raise CorpusError(f"{error}. A second way: mirror= with {source.second}") from error
    there = done.total() - done["download"]
    print(f"{done['download']:,} files fetched, {there:,} were there: {done.total():,} in {root}")
    print(f'Next: from emolib.corpora import load; table = load("{name}", r"{root}")')
    return root


def _source(name):
    """Return what the project knows about a corpus's origin."""
    if name in DOWNLOADED:
        return DOWNLOADED[name]()
    if name not in ASKED_FOR:
        raise CorpusError(f"no corpus {name!r}: choose from {', '.join((*DOWNLOADED, *ASKED_FOR))}")
    return ASKED_FOR[name]


def _choose(name, source, which, actors):
    """Return the files of one part, and of some actors."""
    parts = sorted({f.part for f in source.files} - {""})
    if which not in parts:
        raise CorpusError(f"{name} has no {which!r} to fetch: choose from {', '.join(parts)}")
    files = [f for f in source.files if f.part in (which, "")]
    if actors is None:
        return files
    wanted = {int(actor) for actor in actors}
    known = {f.actor for f in files} - {None}
    if not known:
        raise CorpusError(f"the {which} of {name} is one archive of all actors: leave out actors=")
    if not wanted or wanted - known:
        missing = ", ".join(map(str, sorted(wanted - known))) or "none at all"
        raise CorpusError(f"{name} has actors {min(known)} to {max(known)}; asked for {missing}")
    return [f for f in files if f.part == "" or f.actor in wanted]


def _folder(name, root):
    """Return the corpus's folder, made where it was missing."""
    if root is None or not str(root).strip():  # "" would be the folder that one happens to be in
        raise CorpusError(f'say where to put it, for example fetch("{name}", "DATA_DIR/{name}")')
    root = Path(root).expanduser().resolve()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"{root} cannot be made ({error}): name another folder") from error
    return root


def _fetch_single(name, store, files, record):
    """Fetch the files that are no archives, some at a time; count what was done."""
    for folder in {(store.path / file.path).parent for file in files}:
        folder.mkdir(parents=True, exist_ok=True)  # pooch's threads would race for it
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        jobs = pool.map(lambda file: _download(store, file), files)
        done = Counter(tqdm(jobs, total=len(files), desc=name, unit="file", disable=not files))
    for file in files:
        if not file.checksum:
            _check_table(store.path / file.path)
            _write_down(store, file, record)
    return done


def _fetch_archive(store, file, record, keep):
    """Fetch and unpack an archive, unless its clips are there; return what was done."""
    clips = _clips_there(store.path, file)
    written = record.get(file.path)
    if written and len(clips) == file.count and sum(clips) == int(written["clip_bytes"]):
        return "fetch"
    _download(store, file, progress=True)
    archive = store.path / file.path
    try:
        _unpack(archive, file)
    except CorpusError:
        archive.unlink()
        raise
    except OSError as error:  # a full disk, say; the archive is whole and stays
        raise CorpusError(f"{archive} could not be unpacked ({error}): make room") from error
    _write_down(store, file, record)
    if not keep:
        archive.unlink()
    return "download"


def _download(store, file, progress=False):
    """Bring one file, or see that it is there; return ``download`` or ``fetch``, as pooch says."""
    # pooch downloads to a temporary name, checks, and only then renames.
    downloader = pooch.HTTPDownloader(progressbar=progress, chunk_size=2**16)
    address = store.get_url(file.path)
    try:
        action = store.fetch(file.path, lambda path, action, store: action, downloader)
    except OSError as error:  # the network's errors are OSErrors, and so is a full disk
        raise CorpusError(
            f"{file.path} did not come from {address} ({error}). Call fetch again: it goes on "
            "with what is missing"
        ) from error
    except ValueError as error:
        remedy = (
            "fetch it again later"
            if file.checksum
            else f"it is not what came first; to trust the new one, delete its line in {RECORD}"
        )
        raise CorpusError(
            f"{file.path} from {address} has the wrong checksum and was not kept: {remedy}"
        ) from error
    return "fetch" if action == "fetch" else "download"


def _check_table(path):
    """Refuse a web page or a Git LFS pointer where a table is due."""
    with open(path, "rb") as lines:
        heading = lines.readline()
    if b"," not in heading or heading.startswith(b"<"):
        path.unlink()
        raise CorpusError(f"{path.name} came as something that is no table, and was not kept")


def _place(file, name):
    """Return where a member of an archive goes: a clip by its code, other files as packed."""
    clip = re.fullmatch(file.clips, PurePosixPath(name).name)
    return f"{clip.expand(file.folder)}/{clip[0]}" if clip else name


def _clips_there(root, file):
    """Return the sizes of an archive's clips that lie in their places."""
    return [
        path.stat().st_size
        for path in root.glob("*/*")
        if re.fullmatch(file.clips, path.name)
        and path.relative_to(root).as_posix() == _place(file, path.name)
    ]


def _members(zipped, archive, file):
    """Return the archive's files, after a look at their names and their number."""
    members = [member for member in zipped.infolist() if not member.is_dir()]
    for member in members:
        path = PureWindowsPath(member.filename)  # it knows both kinds of slash, and drives
        if path.drive or path.root or ".." in path.parts:
            raise CorpusError(f"{archive} holds {member.filename!r}, outside its folder; deleted")
    count = sum(bool(re.fullmatch(file.clips, PurePosixPath(m.filename).name)) for m in members)
    if count != file.count:
        raise CorpusError(f"{archive} holds {count:,} clips, not {file.count:,}; deleted")
    return members


def _unpack(archive, file):
    """Unpack an archive under a temporary name, and move it into place when all of it is there."""
    # Too deep for any loader's pattern, should a run be killed and leave it behind.
    unpacked = archive.parent / ".unpacking" / archive.stem
    shutil.rmtree(unpacked.parent, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = _members(zipped, archive, file)
            for member in tqdm(members, desc=f"unpack {archive.name}", unit="file"):
                target = unpacked / _place(file, member.filename)
                target.parent.mkdir(parents=True, exist_ok=True)
                # Reading a member to its end compares its CRC.
                with zipped.open(member) as packed, open(target, "wb") as plain:
                    shutil.copyfileobj(packed, plain)
        _move(unpacked, archive.parent)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise CorpusError(f"{archive} is no whole zip ({error}); deleted") from error
    finally:
        shutil.rmtree(unpacked.parent, ignore_errors=True)


def _move(source, target):
    """Move all that lies in one folder into another; folders that are new there move whole."""
    for entry in source.iterdir():
        place = target / entry.name
        if entry.is_dir() and place.is_dir():
            _move(entry, place)
        else:
            os.replace(entry, place)


def _read_record(root):
    """Return what was written down about earlier downloads, by file."""
    path = root / RECORD
    if not path.is_file():
        return {}
    with open(path, newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != FIELDS:
            raise CorpusError(f"{path} is damaged: delete it, and the hashes are written anew")
        return {row["file"]: row for row in reader}


def _write_down(store, file, record):
    """Write down a file's SHA-256, where it came from and, for an archive, what it brought."""
    path = store.path / file.path
    clips = _clips_there(store.path, file) if file.clips else []
    row = (
        file.path,
        pooch.file_hash(str(path)),
        path.stat().st_size,
        len(clips),
        sum(clips),
        store.get_url(file.path),
        datetime.date.today().isoformat(),
    )
    if record.get(file.path, {}).get("sha256") == row[1]:
        return  # the first download keeps its date
    record[file.path] = dict(zip(FIELDS, row, strict=True))
    half = store.path / f"{RECORD}.half"
    with open(half, "w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, FIELDS)
        writer.writeheader()
        writer.writerows(record.values())
    half.replace(store.path / RECORD)
