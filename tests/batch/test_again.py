"""What is kept from an earlier run, what is not, and what a full disk leaves."""

import json
import os
import re
import subprocess
import sys
import textwrap

import pandas as pd
import pytest

from emolib.batch import job, run
from emolib.evaluation import versions

pytestmark = pytest.mark.usefixtures("voices")
RECORD = """
from emolib.evaluation.record import record
folds, where = [{"accuracy": RATE / 10}], {"corpus": "puppets", "protocol": "none"}
record("tiny", folds, seeds=[0], n_actors=1, command="x", results=RESULTS, **where)
"""


def test_what_finished_is_kept_until_cells_parameters_or_versions_change(
    tmp_path, write, monkeypatch
):
    write(tmp_path, "one", "print(RATE)", parameters="RATE = 0")
    write(tmp_path, "bad", "1 / 0", parameters="RATE = 0")

    def states(*rates, **options):
        rates = {"RATE": list(rates)}
        options = {"folder": tmp_path, "out": tmp_path / "out", "parameters": rates} | options
        return run(["bad", "one"], **options)["state"].tolist()

    with monkeypatch.context() as patch:  # papermill itself is not the point here
        patch.setattr(job.Job, "_command", _straight)
        assert states(1) == ["failed", "passed"]
        assert states(1) == ["failed", "kept"]
        assert states(1, 2) == ["failed", "failed", "kept", "passed"]
        assert states(1, 2) == ["failed", "failed", "kept", "kept"]
        assert states(1, again=True) == ["failed", "passed"]
        assert states(1, data_dir=tmp_path) == ["failed", "passed"]
        assert states(1) == ["failed", "passed"]
        write(tmp_path, "one", "print(RATE, 1)", parameters="RATE = 0")
        assert states(1) == ["failed", "passed"]
        assert states(1) == ["failed", "kept"]
        patch.setattr("emolib.batch.job.code_versions", lambda: "other")
        assert states(1) == ["failed", "passed"]
        assert states(1) == ["failed", "kept"]
        whole = tmp_path / "out" / "notebooks" / "one-RATE-1.ipynb"
        whole.write_text(whole.read_text()[:-20])  # torn
        assert states(1) == ["failed", "passed"]
        write(tmp_path, "one", "print(RATE, 1)", parameters="RATE = 0", needs=["video"])
        assert states(1) == ["failed", "not applicable"]


def _straight(self):
    """Command that writes what papermill would, without a kernel."""
    text = f"""
    import json, sys
    notebook = json.load(open({str(self.weight.with_suffix(".ipynb"))!r}))
    if "1 / 0" in str(notebook): sys.exit(1)
    json.dump(notebook, open({str(self.executed)!r}, "w"))
    """
    return [sys.executable, "-c", textwrap.dedent(text)]


def test_records_of_runs_that_differ_in_a_parameter_do_not_overwrite_each_other(tmp_path, write):
    write(tmp_path, "one", RECORD, parameters='RATE = 0\nRESULTS = ""')
    options = {"folder": tmp_path, "out": tmp_path / "out", "parameters": {"RATE": [3, 4]}}
    table = run(["one"], workers=2, **options)
    assert table["state"].tolist() == ["passed", "passed"], table["error"].tolist()
    records = sorted((tmp_path / "out" / "results").rglob("*.json"))
    assert [json.loads(path.read_text())["mean"]["accuracy"] for path in records] == [0.3, 0.4]
    records[1].unlink()
    kept = run(["one"], **options)["state"].tolist()
    assert kept == ["kept", "passed"]  # a run whose record is gone is no finished run


def test_the_version_changes_with_any_file_of_the_library(tmp_path, monkeypatch):
    (tmp_path / "batch").mkdir()
    monkeypatch.setattr(job, "__file__", str(tmp_path / "batch" / "job.py"))
    monkeypatch.setattr(job, "shipped", lambda name: tmp_path)
    seen = set()
    for text in ("a = 1", "a = 2", "a = 2"):
        (tmp_path / "library.py").write_text(text)
        seen.add(job.code_versions.__wrapped__())
    assert len(seen) == 2 and all(re.search(r"emolib \S+ \(files \w{12}\)", s) for s in seen)
    (tmp_path / "library.py").rename(tmp_path / "other.py")
    (tmp_path / "page.html.j2").write_text("")
    assert len(seen | {job.code_versions.__wrapped__()}) == 3


def test_the_version_changes_with_any_package_that_emolib_requires(monkeypatch):
    before, stored = job.code_versions.__wrapped__(), versions()
    usual = job.metadata.version
    for package in ("scipy", "soxr", "mtcnn", "av", "opencv-python-headless"):
        with monkeypatch.context() as patch:
            fake = lambda name, p=package: "99" if name == p else usual(name)  # noqa: E731
            patch.setattr(job.metadata, "version", fake)
            after = job.code_versions.__wrapped__()
            assert after == re.sub(rf"\b{package} [\d.]+", f"{package} 99", before) != before
            assert versions() == stored  # what a record says stays the short list


def test_caches_of_a_run_that_passed_are_there_again_and_of_one_that_failed_are_not(
    tmp_path, write
):
    look = "from pathlib import Path\nplace = Path('build/cache/x')\nprint('seen', place.exists())"
    leave = "place.parent.mkdir(parents=True, exist_ok=True)\nplace.write_text('half')"
    write(tmp_path, "good", look, leave)
    write(tmp_path, "torn", look, leave, "1 / 0")
    for expected in ("False", "True"):
        run(["good", "torn"], folder=tmp_path, out=tmp_path / "out", again=True, workers=2)
        assert f"seen {expected}" in (tmp_path / "out" / "logs" / "good.log").read_text()
        assert "seen False" in (tmp_path / "out" / "logs" / "torn.log").read_text()


def test_a_full_disk_stops_no_other_and_nothing_half_written_passes(tmp_path, write):
    """On a disk of 7 MB of its own: one run before it is full, one that fills it, one after."""
    disk, after = tmp_path / "disk", tmp_path / "after"
    disk.mkdir()
    own = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=7m none "$0" && exec "$@"', disk]
    if sys.platform != "linux" or subprocess.run([*own, "true"], capture_output=True).returncode:
        pytest.skip("a disk of its own for one command takes Linux with unshare and mount")
    write(tmp_path, "a_early", "pass")
    fill = "held = open('filler', 'wb', buffering=0)\ntry:\n    "
    fill += "while held.write(b'x' * 4096): pass\nexcept OSError as error: print(error)"
    write(tmp_path, "b_fills", fill)
    write(tmp_path, "c_later", "print('x' * 300_000)")
    text = f"""
    import shutil
    from pathlib import Path
    from emolib.batch.__main__ import main
    options = ["run", "--folder", {str(tmp_path)!r}, "--out", {str(disk)!r}, "--notebooks"]
    codes = [main([*options, "a,b,c"])]
    shutil.copytree({str(disk)!r}, {str(after)!r})
    Path({str(disk)!r}, "work", "b_fills", "filler").unlink()
    codes += [main([*options, "a,c"])]
    print("exit codes", codes)
    """
    done = subprocess.run(
        [*own, sys.executable, "-c", textwrap.dedent(text)], capture_output=True, text=True
    )
    said = done.stdout + done.stderr
    assert "exit codes [1, 0]" in said and "the rest is not written: [Errno 28]" in said, said
    reason = rf"failed +(b_fills|c_later) .*the disk of {disk} is full; "
    assert set(re.findall(reason, said)) == {"b_fills", "c_later"}
    assert re.search(r"^kept +a_early .*\npassed +c_later ", done.stdout, re.MULTILINE)
    assert os.listdir(after / "notebooks") == ["a_early.ipynb"]
    table = pd.read_csv(after / "results.csv")  # whole: either the last one or one before
    assert table["run"].tolist() == ["a_early", "b_fills", "c_later"]
    assert table["state"][0] == "passed" and "passed" not in table["state"][1:].tolist()
