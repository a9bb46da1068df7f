"""Downloads, against a web server on this machine's own loopback."""

import contextlib
import csv
import hashlib
import importlib
import io
import re
import shutil
import socket
import struct
import threading
import time
import zipfile
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emolib.corpora import CORPORA, load
from emolib.corpora.fetch import ASKED_FOR, DOWNLOADED, File, Source, _clips_there, fetch
from emolib.corpora.shipped import shipped
from emolib.corpora.table import CorpusError

module = importlib.import_module("emolib.corpora.fetch")


class Server(ThreadingHTTPServer):
    """Serves ``files``; ``broken`` says which of them end half way, and how."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.broken, self.asked = {}, {}, []
        self.on_request = lambda: None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/data"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.removeprefix("/data/")
        self.server.on_request()
        self.server.asked.append(path)
        body = self.server.files.get(path)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        how = self.server.broken.get(path)
        self.wfile.write(body[: len(body) // 2] if how else body)
        if how == "once":
            del self.server.broken[path]
        if how == "reset":  # a close without farewell
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(module, "RETRIES", 0)
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def sha256(body):
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def zip_of(members):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return body.getvalue()


CLIPS = {
    f"Actor_{actor:02}/03-01-05-01-01-0{repetition}-{actor:02}.wav": f"{actor} {repetition} " * 50
    for actor in (1, 2)
    for repetition in (1, 2)
}
FILMS = {"Actor_01/01-01-05-01-01-01-01.mp4": "film", "Actor_01/02-01-05-01-01-01-01.mp4": "mute"}


@pytest.fixture
def archives(server):
    """A corpus of one archive of sound, and one of films of actor 1."""
    server.files["Voices.zip"] = zip_of(CLIPS)
    server.files["Film_01.zip"] = zip_of(FILMS)
    return Source(
        "test licence",
        (
            File(
                "Voices.zip",
                server.url,
                part="audio",
                clips=r"03-01-(?:\d\d-){4}(\d\d)\.wav",
                folder=r"Actor_\1",
                count=4,
            ),
            File(
                "Film_01.zip",
                server.url,
                part="video",
                actor=1,
                clips=r"0[12]-01-(?:\d\d-){4}(01)\.mp4",
                folder=r"Actor_\1",
                count=2,
            ),
        ),
    )


@pytest.fixture
def singles(server):
    """A corpus of single files: four clips of two actors with checksums, a table without."""
    bodies = {f"AudioWAV/100{a}_{n}.wav": f"{a}{n}".encode() * 40_000 for a in (1, 2) for n in "AB"}
    server.files.update(bodies)
    server.files["votes.csv"] = b"clip,votes\n1001_A,7\n"
    clips = [
        File(path, server.url, "audio", int(path[9:13]), sha256(body))
        for path, body in bodies.items()
    ]
    return Source("test licence", (File("votes.csv", server.url), *clips), second="the other host")


def lying(root):
    """Return the files under a folder, hidden ones too."""
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}


def test_an_archive_is_unpacked_into_its_folders_and_taken_away(server, archives, tmp_path, capsys):
    root = fetch("ravdess", tmp_path / "r", source=archives)
    assert root == tmp_path / "r"
    assert lying(root) == {*CLIPS, "downloaded.csv"}
    assert set(load("ravdess", root)["audio"]) == {str(root / name) for name in CLIPS}
    assert all((root / name).read_text() == text for name, text in CLIPS.items())
    printed = capsys.readouterr().out
    assert "4 files fetched, 0 were there: 4 in" in printed
    assert f'load("ravdess", r"{root}")' in printed
    row = next(csv.DictReader((root / "downloaded.csv").read_text().splitlines()))
    assert row["sha256"] == hashlib.sha256(server.files["Voices.zip"]).hexdigest()
    assert row["address"] == f"{server.url}/Voices.zip"


def test_sound_and_films_share_an_actors_folder(server, archives, tmp_path):
    fetch("ravdess", tmp_path, source=archives)
    fetch("ravdess", tmp_path, which="video", actors=[1], source=archives)
    assert lying(tmp_path) == {*CLIPS, *FILMS, "downloaded.csv"}
    assert len(load("ravdess", tmp_path)) == 4


def test_a_second_run_asks_the_server_for_nothing(server, archives, singles, tmp_path, capsys):
    for source in (archives, singles):
        fetch("corpus", tmp_path, source=source)
        server.asked.clear()
        record = (tmp_path / "downloaded.csv").read_bytes()
        capsys.readouterr()
        fetch("corpus", tmp_path, source=source)
        assert server.asked == []
        assert "0 files fetched" in capsys.readouterr().out
        assert (tmp_path / "downloaded.csv").read_bytes() == record


def test_the_licence_is_printed_before_any_request(server, singles, tmp_path):
    printed, seen = io.StringIO(), []
    server.on_request = lambda: seen.append(printed.getvalue())
    with contextlib.redirect_stdout(printed):
        fetch("cremad", tmp_path, source=singles)
    assert len(seen) == 5
    assert all(text.startswith("cremad, licence: test licence\n") for text in seen)


@pytest.mark.parametrize("how", ["short", "reset"])
def test_a_rerun_goes_on_where_a_broken_connection_stopped(server, singles, tmp_path, how):
    server.broken["AudioWAV/1002_A.wav"] = how
    with pytest.raises(CorpusError, match=r"AudioWAV/1002_A\.wav .*Call fetch again"):
        fetch("cremad", tmp_path, source=singles)
    assert not (tmp_path / "AudioWAV/1002_A.wav").exists()
    server.broken.clear()
    server.asked.clear()
    fetch("cremad", tmp_path, source=singles)
    assert server.asked == ["AudioWAV/1002_A.wav"]
    for file in singles.files:
        assert (tmp_path / file.path).read_bytes() == server.files[file.path]


@pytest.mark.parametrize("how", ["short", "reset"])
def test_half_an_archive_is_never_taken_for_a_whole_one(server, archives, tmp_path, how):
    server.broken["Voices.zip"] = how
    with pytest.raises(CorpusError, match=r"Voices\.zip"):
        fetch("ravdess", tmp_path, source=archives)
    assert lying(tmp_path) == set()
    server.broken.clear()
    fetch("ravdess", tmp_path, source=archives)
    assert lying(tmp_path) == {*CLIPS, "downloaded.csv"}


def test_a_connection_that_breaks_once_is_tried_again(server, singles, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "RETRIES", 1)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server.broken["AudioWAV/1001_B.wav"] = "once"
    fetch("cremad", tmp_path, source=singles)
    assert server.asked.count("AudioWAV/1001_B.wav") == 2
    assert (tmp_path / "AudioWAV/1001_B.wav").read_bytes() == server.files["AudioWAV/1001_B.wav"]


def test_wrong_bytes_are_not_kept(server, singles, tmp_path):
    server.files["AudioWAV/1001_A.wav"] += b"!"
    with pytest.raises(CorpusError, match=r"1001_A\.wav .*wrong checksum.* the other host"):
        fetch("cremad", tmp_path, source=singles)
    assert not (tmp_path / "AudioWAV/1001_A.wav").exists()


def test_a_clip_spoilt_on_disk_is_fetched_again(server, singles, archives, tmp_path):
    fetch("cremad", tmp_path, source=singles)
    (tmp_path / "AudioWAV/1001_A.wav").write_bytes(b"cut")
    server.asked.clear()
    fetch("cremad", tmp_path, source=singles)
    assert server.asked == ["AudioWAV/1001_A.wav"]
    fetch("ravdess", tmp_path, source=archives)
    (tmp_path / min(CLIPS)).write_text("cut")
    fetch("ravdess", tmp_path, source=archives)
    assert (tmp_path / min(CLIPS)).read_text() == CLIPS[min(CLIPS)]


def test_what_a_host_has_not_is_named_with_the_remedy(server, singles, tmp_path):
    del server.files["AudioWAV/1002_B.wav"]
    address = re.escape(f"{server.url}/AudioWAV/1002_B.wav")
    with pytest.raises(CorpusError, match=rf"{address} \(404.*mirror= with the other host"):
        fetch("cremad", tmp_path, source=singles)


def test_a_host_that_is_down_and_a_mirror_that_is_not(server, archives, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        host = f"http://127.0.0.1:{closed.getsockname()[1]}"
    file = File(**{**vars(archives.files[0]), "host": host})
    source = Source("test licence", (file,))
    with pytest.raises(CorpusError, match=rf"{host}/Voices\.zip .*mirror="):
        fetch("ravdess", tmp_path, source=source)
    fetch("ravdess", tmp_path, mirror=f"{server.url}/", source=source)
    assert lying(tmp_path) == {*CLIPS, "downloaded.csv"}


def spoilt(content):
    body = bytearray(zip_of(CLIPS))
    body[bytes(body).index(content)] ^= 1
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (spoilt(b"2 1 2 1"), "no whole zip"),
        (zip_of(CLIPS)[:-40], "no whole zip"),
        (b"<html>sign in first</html>", "no whole zip"),
        (b"", "no whole zip"),
        (zip_of({k: CLIPS[k] for k in sorted(CLIPS)[:3]}), "holds 3 clips, not 4"),
        (zip_of({**CLIPS, "copy/03-01-05-01-01-01-01.wav": "?"}), "holds 5 clips, not 4"),
        (zip_of({**CLIPS, "../outside.txt": "?"}), "outside its folder"),
        (zip_of({**CLIPS, "Actor_01/../../outside.txt": "?"}), "outside its folder"),
        (zip_of({**CLIPS, "..\\outside.txt": "?"}), "outside its folder"),
        (zip_of({**CLIPS, "/outside.txt": "?"}), "outside its folder"),
        (zip_of({**CLIPS, "C:/outside.txt": "?"}), "outside its folder"),
    ],
)
def test_a_bad_archive_leaves_nothing_behind(server, archives, tmp_path, body, complaint):
    server.files["Voices.zip"] = body
    with pytest.raises(CorpusError, match=rf"Voices\.zip.* {complaint}"):
        fetch("ravdess", tmp_path / "in", source=archives)
    assert lying(tmp_path) == set()
    server.files["Voices.zip"] = zip_of(CLIPS)
    fetch("ravdess", tmp_path / "in", source=archives)
    assert lying(tmp_path / "in") == {*CLIPS, "downloaded.csv"}


@pytest.mark.parametrize("above", ["", "a folder/with another/"])
def test_clips_land_by_their_code_and_other_files_as_packed(server, archives, tmp_path, above):
    clips = {above + Path(name).name: text for name, text in CLIPS.items()}
    server.files["Voices.zip"] = zip_of({**clips, "erkennung.txt": "votes"})
    fetch("ravdess", tmp_path, source=archives)
    assert lying(tmp_path) == {*CLIPS, "erkennung.txt", "downloaded.csv"}


def test_an_archive_that_changed_is_refused_until_its_line_is_deleted(server, archives, tmp_path):
    fetch("ravdess", tmp_path, source=archives)
    clip = tmp_path / min(CLIPS)
    clip.unlink()
    server.files["Voices.zip"] = zip_of({**CLIPS, min(CLIPS): "another"})
    with pytest.raises(CorpusError, match=r"Voices\.zip .*delete its line in downloaded\.csv"):
        fetch("ravdess", tmp_path, source=archives)
    assert not clip.exists() and not (tmp_path / "Voices.zip").exists()
    record = (tmp_path / "downloaded.csv").read_text().splitlines()
    (tmp_path / "downloaded.csv").write_text(record[0] + "\n")
    fetch("ravdess", tmp_path, source=archives)
    assert clip.read_text() == "another"


def test_the_record_keeps_the_first_downloads_date(server, archives, tmp_path):
    fetch("ravdess", tmp_path, source=archives)
    record = tmp_path / "downloaded.csv"
    record.write_text(re.sub(r"\d{4}-\d\d-\d\d", "2020-02-02", record.read_text()))
    (tmp_path / min(CLIPS)).unlink()
    fetch("ravdess", tmp_path, source=archives)
    fetch("ravdess", tmp_path, which="video", source=archives)
    voices, film = csv.DictReader(record.read_text().splitlines())
    assert voices["date"] == "2020-02-02" != film["date"]


def test_a_full_disk_keeps_the_archive_and_shows_no_half_corpus(
    server, archives, tmp_path, monkeypatch
):
    copy, copied = shutil.copyfileobj, []

    def full_after_two(packed, plain):
        copied.append(plain)
        if len(copied) > 2:
            raise OSError(28, "No space left on device")
        copy(packed, plain)

    monkeypatch.setattr(shutil, "copyfileobj", full_after_two)
    with pytest.raises(CorpusError, match="No space left"):
        fetch("ravdess", tmp_path, source=archives)
    assert lying(tmp_path) == {"Voices.zip"}
    monkeypatch.setattr(shutil, "copyfileobj", copy)
    half = tmp_path / ".unpacking/Voices" / min(CLIPS)  # as a killed run leaves it
    half.parent.mkdir(parents=True)
    half.write_text("half")
    with pytest.raises(CorpusError, match="holds no clip"):
        load("ravdess", tmp_path)
    server.asked.clear()
    fetch("ravdess", tmp_path, source=archives)
    assert server.asked == []
    assert lying(tmp_path) == {*CLIPS, "downloaded.csv"}


def test_keep_keeps_the_archive(server, archives, tmp_path):
    fetch("ravdess", tmp_path, keep=True, source=archives)
    assert lying(tmp_path) == {*CLIPS, "Voices.zip", "downloaded.csv"}


@pytest.mark.parametrize("body", [b"<!DOCTYPE html>, sign in", b"version https://git-lfs\noid 1\n"])
def test_a_web_page_is_no_table(server, singles, tmp_path, body):
    server.files["votes.csv"] = body
    with pytest.raises(CorpusError, match=r"votes\.csv came as something that is no table"):
        fetch("cremad", tmp_path, source=singles)
    assert not (tmp_path / "votes.csv").exists()


def test_only_the_actors_that_were_asked_for(server, singles, tmp_path):
    fetch("cremad", tmp_path, actors=[1002], source=singles)
    assert sorted(server.asked) == ["AudioWAV/1002_A.wav", "AudioWAV/1002_B.wav", "votes.csv"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"name": "ravdess", "actors": [1]}, "one archive of all actors"),
        ({"name": "ravdess", "which": "video", "actors": [0, 25]}, "1 to 24; asked for 0, 25"),
        ({"name": "ravdess", "which": "video", "actors": []}, "asked for none"),
        ({"name": "emodb", "which": "video"}, "no 'video' to fetch: choose from audio"),
        ({"name": "savee"}, "no corpus 'savee': choose from ravdess, cremad, emodb, puppets"),
    ],
)
def test_impossible_wishes_are_refused_before_any_request(tmp_path, arguments, complaint):
    with pytest.raises(CorpusError, match=complaint):
        fetch(**arguments, root=tmp_path / "new", mirror="http://127.0.0.1:9")
    assert not (tmp_path / "new").exists()


def test_a_download_needs_a_folder(tmp_path):
    for nowhere in (None, ""):
        with pytest.raises(CorpusError, match=r'fetch\("emodb", "DATA_DIR/emodb"\)'):
            fetch("emodb", nowhere)
    (tmp_path / "file").touch()
    with pytest.raises(CorpusError, match="name another folder"):
        fetch("emodb", tmp_path / "file")
    (tmp_path / "downloaded.csv").write_text("x\n")
    with pytest.raises(CorpusError, match=r"downloaded\.csv is damaged: delete it"):
        fetch("emodb", tmp_path)


@pytest.mark.parametrize("name", sorted(ASKED_FOR))
def test_the_others_say_how_to_ask(tmp_path, capsys, name):
    root = tmp_path / "new"
    assert fetch(name, root) is None
    licence, *asked = capsys.readouterr().out.splitlines()
    assert licence.startswith(f"{name}, licence: ")
    assert len(asked) == 1
    assert name == "puppets" or str(root) in asked[0]
    assert not root.exists()


def test_what_ravdess_and_emodb_must_bring():
    voice, *films = DOWNLOADED["ravdess"]().files
    assert voice.count + sum(film.count for film in films) == 1440 + 2880
    assert [film.actor for film in films] == list(range(1, 25))
    (archive,) = DOWNLOADED["emodb"]().files
    assert re.fullmatch(archive.clips, "03a01Fa.wav") and re.fullmatch(archive.clips, "16b10Wb.wav")


def test_ravdess_as_it_lies_on_disk_is_recognised(shared_data, tmp_path):
    voice, *films = DOWNLOADED["ravdess"]().files
    for flac in (shared_data / "ravdess").glob("Actor_*/*.flac"):
        wav = (tmp_path / flac.relative_to(shared_data / "ravdess")).with_suffix(".wav")
        wav.parent.mkdir(exist_ok=True)
        wav.touch()
    assert len(_clips_there(tmp_path, voice)) == voice.count
    assert len(_clips_there(shared_data / "ravdess", films[0])) == 6  # of 120: actor 1's samples
    assert _clips_there(shared_data / "ravdess", films[1]) == []


def test_the_registry_is_cremads():
    files = DOWNLOADED["cremad"]().files
    clips = [f for f in files if f.part]
    assert len(files) == 4 + len(clips) and len(clips) == 2 * 7442
    assert {f.actor for f in clips} == set(range(1001, 1092))
    assert {Path(f.path).stem for f in clips if f.part == "audio"} == {
        Path(f.path).stem for f in clips if f.part == "video"
    }
    twins = Counter(f.checksum for f in clips)
    same = {f.path[9:-7] for f in clips if twins[f.checksum] > 1}
    assert same == {  # what CREMA-D's card says: the same sound under two labels
        *("1006_TIE_HAP", "1006_TIE_NEU", "1013_WSI_DIS"),
        *("1013_WSI_SAD", "1017_IWW_ANG", "1017_IWW_FEA"),
    }
    packed = shipped("registry/cremad.csv.gz").read_bytes()
    assert len(packed) < 1e6
    assert packed[3:8] == bytes(5)  # neither a name nor a time in gzip's header: always the same


def test_the_registry_is_the_one_that_was_measured(shared_data):
    with open(shared_data / "cremad/sha256.csv", newline="", encoding="utf-8") as lines:
        measured = {row["path"]: f"sha256:{row['sha256']}" for row in csv.DictReader(lines)}
    assert {f.path: f.checksum for f in DOWNLOADED["cremad"]().files if f.part} == measured


def test_cremads_own_files_pass(server, shared_data, tmp_path):
    cremad = DOWNLOADED["cremad"]()
    have = tuple(f for f in cremad.files if (shared_data / "cremad" / f.path).is_file())
    assert len(have) == 4 + 4  # the tables and four films
    for file in have:
        server.files[file.path] = (shared_data / "cremad" / file.path).read_bytes()
    source = Source(cremad.licence, have)
    fetch("cremad", tmp_path, which="video", mirror=server.url, source=source)
    assert lying(tmp_path) == {*server.files, "downloaded.csv"}
    assert set(load("cremad", tmp_path)["age"].astype(int)) == {51}


def test_shipped_finds_the_checkouts_data_and_the_packages(tmp_path, monkeypatch):
    place = importlib.import_module("emolib.corpora.shipped")
    monkeypatch.setattr(place, "__file__", str(tmp_path / "emolib/corpora/shipped.py"))
    with pytest.raises(CorpusError, match="registry/x is missing"):
        shipped("registry/x")
    for folder in ("data", "emolib/data"):  # a checkout's, then an installed package's
        (tmp_path / folder / "registry").mkdir(parents=True)
        (tmp_path / folder / "registry/x").touch()
        assert shipped("registry/x") == tmp_path / folder / "registry/x"
        shutil.rmtree(tmp_path / folder)


def test_the_cards_examples_of_own_clips_load(checkout, tmp_path):
    cards = (checkout / "data/README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```csv\n(.*?)```", cards, flags=re.DOTALL)
    assert len(examples) == 4
    for number, example in enumerate(examples):
        root = tmp_path / str(number)
        root.mkdir()
        (root / "clips.csv").write_text(example, encoding="utf-8")
        for row in csv.DictReader(example.splitlines()):
            for path in filter(None, (row.get("audio"), row.get("video"))):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).touch()
        table = load("own", root)
        assert len(table) == len(example.splitlines()) - 1
        assert table["actor"].notna().all() and table["label"].notna().all()


def test_every_corpus_has_its_card(checkout):
    cards = (checkout / "data/README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)", cards, flags=re.MULTILINE) == list(CORPORA)
    assert {*DOWNLOADED, *ASKED_FOR} == set(CORPORA)
