"""The runner: what it runs, what it says of faults, and what it leaves behind."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import psutil
import pytest

from emolib import corpora
from emolib.batch import BatchError, job, report, run
from emolib.batch.grid import find
from emolib.evaluation.record import check_record

TINY = Path(__file__).parent / "notebooks"


def files(folder):
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def ran(tmp_path_factory, write):
    """One run of eight notebooks, most of them faulty, two at once; then a report."""
    folder, out = tmp_path_factory.mktemp("faulty"), tmp_path_factory.mktemp("out")
    write(folder, "empty", "pass")
    write(folder, "heavy", "held = b'x' * 400_000_000\ndel held")
    write(folder, "hungry", "held = b'x' * 1_000_000_000", "import time\ntime.sleep(300)")
    write(folder, "killed", "print('alive')", "import os\nos._exit(3)", "print('after')")
    write(folder, "seeing", "pass", needs=["audio", "video"])
    figure = "import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[1, 2]))"
    write(folder, "lively", figure, figure)
    (out / "results").mkdir()
    (out / "results" / "broken.json").write_text('{"system": "<script>"}')
    (out / "notebooks").mkdir()
    (out / "notebooks" / "killed-paper.ipynb").write_text("left by an earlier run")
    weight = b"x" * 600_000_000  # the runner's own memory must not count
    paths = [str(path) for path in [*sorted(folder.iterdir()), TINY / "02_fault.ipynb"]]
    grid = [{"notebooks": paths}, {"notebooks": [str(TINY / "00_record.ipynb")], "seed": [7, 8]}]
    with pytest.MonkeyPatch.context() as patch:
        clips = corpora.clip_table(
            [{"clip": "1", "corpus": "puppets", "actor": "1", "audio": "x.wav"}]
        )
        patch.setattr(corpora, "load", lambda name, root=None: clips)
        table = run(profile="paper", grid=grid, workers=2, out=out, memory_limit=900)
    assert len(weight) and report(out).is_file()
    assert table["run"].tolist()[:2] == ["empty-paper", "heavy-paper"]
    assert table["run"].tolist()[-1] == "00_record-paper-seed-8"
    table["run"] = table["run"].str.replace("-paper", "").str.replace("-seed-7", "")
    return out, table.set_index("run")


def test_every_run_has_its_state_and_faults_stop_no_other(ran):
    _, table = ran
    assert table["state"].to_dict() == {
        "empty": "passed",
        "heavy": "passed",
        "hungry": "memory limit",
        "killed": "failed",
        "lively": "passed",
        "seeing": "not applicable",
        "00_record": "passed",
        "00_record-seed-8": "passed",
        "02_fault": "failed",
    }


def test_a_failure_names_cell_and_error(ran):
    _, table = ran
    fault, killed = table.loc["02_fault"], table.loc["killed"]
    assert (fault["cell"], fault["error"]) == (4, "ZeroDivisionError: division by zero")
    assert killed["cell"] == 4 and "Kernel died" in killed["error"]
    assert "video" in table.loc["seeing", "error"] and "audio" not in table.loc["seeing", "error"]


def test_only_whole_notebooks_stand_among_the_executed(ran):
    out, _ = ran
    passed = {"empty-paper", "heavy-paper", "lively-paper"}
    passed |= {"00_record-paper-seed-7", "00_record-paper-seed-8"}
    assert {Path(n).stem for n in files(out / "notebooks") if n.endswith(".ipynb")} == passed
    for name in passed:
        notebook = nbformat.read(out / "notebooks" / f"{name}.ipynb", as_version=4)
        counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
        assert counts == list(range(1, len(counts) + 1))
    stopped = {f"{name}-paper.ipynb" for name in ("02_fault", "hungry", "killed")}
    assert stopped <= files(out / "logs")
    # They wrote a file; the other folders were empty.
    assert files(out / "work") == {"00_record-paper-seed-7", "00_record-paper-seed-8"}
    assert files(TINY) == {"00_record.ipynb", "01_sound.ipynb", "02_fault.ipynb"}


def test_the_time_limit_ends_a_notebook_that_hangs_and_its_kernel(tmp_path, voices, write, ends):
    mark = tmp_path / "mark"
    hang = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
    write(tmp_path, "hangs", hang)
    row = run(["hangs"], folder=tmp_path, out=tmp_path / "out", time_limit=10).iloc[0]
    assert (row["state"], row["error"]) == ("time limit", "still running after 10 s")
    assert 10 <= row["seconds"] < 20
    assert not mark.is_file() or ends(mark)


def test_the_memory_limit_ends_the_one_that_went_over_it(ran):
    _, table = ran
    held = re.fullmatch(r"held (\d+) MB, the limit is 900 MB", table.loc["hungry", "error"])
    assert 900 < int(held[1]) < 1300 and table.loc["hungry", "cell"] == 3


def test_peak_memory_is_that_of_the_notebook(ran):
    _, table = ran
    assert 400 < table.loc["heavy", "peak_mb"] < 600
    assert 40 < table.loc["empty", "peak_mb"] < 200


def test_parameters_arrive_and_the_record_returns(ran):
    out, table = ran
    assert table.loc["00_record", "state"] == "passed"  # its asserts hold
    written = sorted(set((out / "results").iterdir()) - {out / "results" / "broken.json"})
    first, second = [check_record(json.loads(path.read_text())) for path in written]
    assert first["mean"] == {"accuracy": 0.5} and (first["seeds"], second["seeds"]) == ([7], [8])


def test_the_table_on_disk_is_the_table_returned(ran):
    out, table = ran
    stored = pd.read_csv(out / "results.csv", index_col="run")
    assert list(stored.columns) == list(table.columns)
    assert stored["state"].tolist() == table["state"].tolist()
    np.testing.assert_allclose(stored["peak_mb"], table["peak_mb"].astype(float))


class _Page(HTMLParser):
    """Collects tags, links and text of a page."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.links, self.text = [], [], ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [v for name, v in attributes if name in ("href", "src") and v]

    def handle_data(self, data):
        self.text += data


def test_the_report_needs_no_network_and_its_links_lead_somewhere(ran):
    out, _ = ran
    page = _Page(out / "report.html")
    assert page.links and "script" not in page.tags and "link" not in page.tags
    assert not [link for link in page.links if not (out / link).is_file()]
    assert not re.search(r"url\(|@import|https?:", (out / "report.html").read_text())


def test_the_report_shows_failures_records_and_what_it_left_out(ran):
    out, _ = ran
    text = _Page(out / "report.html").text
    assert 'alert("not escaped")' in text  # the source, as text: the page has no script
    assert "ZeroDivisionError: division by zero" in text and "os._exit(3)" in text
    assert "accuracy 0.5 [0.2, 0.8]" in text
    assert "left out: broken.json" in text
    assert "memory limit" in text and "MB, the limit is 900 MB" in text
    label = re.search(r'aria-label="Bars: peak memory[^"]*"', (out / "report.html").read_text())
    assert "hungry" in html.unescape(label[0])


def test_the_report_compares_seeds_by_students_interval(ran):
    """Means 0.5 and 0.55: their standard error is 0.025, and t(0.975, 1) is 12.706."""
    out, _ = ran
    text = " ".join(_Page(out / "report.html").text.split())
    assert "7, 8 2 accuracy 0.525 [0.207, 0.843] (0.5, 0.55)" in text
    assert text.count("accuracy 0.5 [0.2, 0.8]") == 1  # the record's own interval, elsewhere


def test_pages_of_notebooks_keep_plotly_alive_without_a_network(ran):
    out, _ = ran
    page = _Page(out / "notebooks" / "lively-paper.html")
    text = (out / "notebooks" / "lively-paper.html").read_text(encoding="utf-8")
    assert text.count("Plotly.newPlot(") == 2 and page.links.count("plotly.min.js") == 1
    assert (out / "notebooks" / "plotly.min.js").stat().st_size > 1e6
    scripts = re.findall(r'<script[^>]*src="(https?:[^"]*)"', text)
    assert all("mathjax" in script for script in scripts)


def test_numba_survives_notebooks_that_compile_together(tmp_path, voices):
    """First use together in one cache breaks it for good; here each slot has its own."""
    sound = (TINY / "01_sound.ipynb").read_text()
    for name in ("first", "second"):
        (tmp_path / f"{name}.ipynb").write_text(sound)
    out = tmp_path / "out"
    for _ in range(2):
        table = run(["first", "second"], workers=2, out=out, folder=tmp_path, again=True)
        assert list(table["state"]) == ["passed"] * 2, table["error"].tolist()
        logs = "".join(path.read_text() for path in (out / "logs").glob("*.log"))
        caches = re.findall(r"numba cache (\S+)", logs)
        assert sorted(caches) == [str(out / "cache" / "numba" / str(slot)) for slot in range(2)]
    assert all(list(Path(cache).rglob("*.nbi")) for cache in caches)  # written, and kept


def test_a_failed_start_is_repeated_once(tmp_path, voices, write, monkeypatch):
    """A kernel that dies at its first start, and one that never starts."""
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.py").write_text(
        "import os, sys\n"
        "tries = os.path.join(os.path.dirname(__file__), 'tries')\n"
        "with open(tries, 'a') as file: file.write('x')\n"
        "if os.path.getsize(tries) != 2: sys.exit(1)\n"
        "from ipykernel.kernelapp import launch_new_instance\n"
        "launch_new_instance()\n"
    )
    argv = [sys.executable, str(kernel / "kernel.py"), "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "flaky", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    write(tmp_path, "one", "print('ran')")
    write(tmp_path, "two", "print('ran')")
    table = run(["one", "two"], out=tmp_path / "out", folder=tmp_path).set_index("notebook")
    assert table["state"].to_dict() == {"one": "passed", "two": "failed"}
    assert table["starts"].tolist() == [2, 2]
    assert (kernel / "tries").read_text() == "xxxx"


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_stopping_ends_the_kernels_and_loses_nothing_that_had_finished(tmp_path, voices, write):
    write(tmp_path, "early", "pass")
    write(tmp_path, "sleepy", "import time\ntime.sleep(300)")
    write(tmp_path, "later", "pass")
    command = [sys.executable, "-m", "emolib.batch", "run", "--out", "out", "--folder", "."]
    command += ["--notebooks", "early,sleepy,later"]
    process = psutil.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A shell's background jobs are deaf to Ctrl-C, and so are their children: listen again.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    log = tmp_path / "out" / "logs" / "sleepy.log"
    deadline = time.monotonic() + 120
    while not (log.is_file() and "Executing notebook with kernel" in log.read_text()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    descendants = process.children(recursive=True)
    with pytest.raises(BatchError, match=f"process {process.pid} is running notebooks"):
        run(["later"], out=tmp_path / "out", folder=tmp_path)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 130 and b"1 passed, 2 stopped" in said
    _, alive = psutil.wait_procs(descendants, timeout=10)
    assert len(descendants) >= 3 and not alive  # parent, papermill, kernel
    table = pd.read_csv(tmp_path / "out" / "results.csv")
    assert table["state"].tolist() == ["passed", "stopped", "stopped"]
    assert files(tmp_path / "out" / "notebooks") == {"early.ipynb", "early.html", "plotly.min.js"}
    assert "stopped" in (tmp_path / "out" / "report.html").read_text()


def test_names_beginnings_and_paths_find_notebooks(tmp_path, write):
    for name in ("00_a", "01_b", "10_c", "primer_d", "scratch"):
        write(tmp_path, name, "pass")
    stems = [path.stem for path in find((), tmp_path)]
    assert stems == ["00_a", "01_b", "10_c", "primer_d"]
    assert [path.stem for path in find(["primer", "0", "01"], tmp_path)] == [
        "primer_d",
        "00_a",
        "01_b",
    ]
    path = str(tmp_path / "scratch.ipynb")
    assert [str(found) for found in find([path], "nowhere")] == [path]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--notebooks", "99"], "there is no notebook '99'; the folder notebooks holds: 00_record"),
        (["--notebooks", "no.ipynb"], "there is no notebook 'no.ipynb'"),
        (["--folder", "nowhere"], "the folder nowhere holds no notebook"),
        (["--corpus", "nobody"], "there is no corpus 'nobody'"),
        (["--data-dir", "nowhere"], "there is no data folder"),
        (["--workers", "0"], "workers is 0"),
        (["--time-limit", "-5"], "time_limit is -5: it must be above 0"),
        (["--memory-limit", "0"], "memory_limit is 0: it must be above 0"),
        (["--memory-limit", "nan"], "memory_limit is nan: it must be above 0"),
        (["--grid", "nothing.yaml"], "nothing.yaml has an empty list: it means no run"),
        (["--parameter", "RATE"], "--parameter RATE: write each NAME=VALUE once"),
        (["--parameter", "RATE=[1"], "--parameter RATE=[1: the value is no YAML"),
        (["--grid", "grid.yaml", "--seed", "1"], "grid.yaml and the command line both give seed"),
        (["--notebooks", "notebooks/wishes.ipynb"], "needs 'smell', which is none of audio, video"),
        (["--notebooks", "notebooks/torn.ipynb"], "torn.ipynb cannot be read as a notebook"),
        (["--notebooks", "00_record,./00_record.ipynb"], "two notebooks are called '00_record'"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(
    options, sentence, tmp_path, write, monkeypatch, capsys
):
    from emolib.batch.__main__ import main

    monkeypatch.chdir(tmp_path)
    Path("notebooks").mkdir()
    write(Path("notebooks"), "00_record", "pass")
    write(Path(), "00_record", "pass")
    write(Path("notebooks"), "wishes", "pass", needs=["smell"])
    Path("notebooks/torn.ipynb").write_text('{"cells": [')
    Path("grid.yaml").write_text("seed: 0")
    Path("nothing.yaml").write_text("notebooks: []")
    assert main(["run", *options]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1
    assert not Path("build").exists()


def test_a_path_may_hold_a_blank(tmp_path, voices, write, monkeypatch):
    from emolib.batch.__main__ import main

    (tmp_path / "my notebooks").mkdir()
    paths = [write(tmp_path / "my notebooks", name, "pass") for name in ("a b", "c")]
    monkeypatch.setattr(job.Job, "start", _interrupted)
    assert main(["run", "--notebooks", ", ".join(paths), "--out", str(tmp_path / "out")]) == 130
    assert pd.read_csv(tmp_path / "out" / "results.csv")["notebook"].tolist() == ["a b", "c"]


def _interrupted(*_, **__):
    raise KeyboardInterrupt


def test_ctrl_c_while_a_notebook_starts_stops_it_and_those_that_wait(
    tmp_path, voices, write, monkeypatch
):
    write(tmp_path, "one", "pass")
    write(tmp_path, "two", "pass")
    monkeypatch.setattr(job.psutil, "Popen", _interrupted)
    table = run(["one", "two"], folder=tmp_path, out=tmp_path / "out")
    assert table["state"].tolist() == ["stopped"] * 2
    assert table["error"].tolist() == ["Ctrl-C", "not started"]


def test_a_fault_of_the_runner_is_not_called_ctrl_c(tmp_path, voices, write, monkeypatch):
    write(tmp_path, "one", "pass")

    def broken(*_, **__):
        raise RuntimeError("no more threads")

    monkeypatch.setattr(job.psutil, "Popen", broken)
    with pytest.raises(RuntimeError, match="no more threads"):
        run(["one"], folder=tmp_path, out=tmp_path / "out")
    row = pd.read_csv(tmp_path / "out" / "results.csv").iloc[0]
    assert row["error"] == "the runner stopped with RuntimeError: no more threads"


def test_a_folder_is_held_by_a_live_process_and_by_nothing_else(tmp_path, voices, write):
    """A claim that is torn, one of this very process, and one of an id that was given again."""
    write(tmp_path, "one", "pass", needs=["video"])  # which the voices lack: nothing runs
    claim, parent = tmp_path / "out" / "running", psutil.Process(os.getppid())
    claim.parent.mkdir()
    for stale in ("", "17", f"{os.getpid()} 0", f"{parent.pid} {parent.create_time() - 60}"):
        claim.write_text(stale)
        run(["one"], folder=tmp_path, out=tmp_path / "out")
        assert not claim.exists()
    claim.write_text(f"{parent.pid} {parent.create_time()}")
    with pytest.raises(BatchError, match=f"process {parent.pid} is running notebooks"):
        run(["one"], folder=tmp_path, out=tmp_path / "out")
    assert claim.exists()


def test_a_report_is_made_where_a_partial_notebook_is_missing(ran, tmp_path):
    out, _ = ran
    shutil.copytree(out, tmp_path / "out")
    (tmp_path / "out" / "logs" / "02_fault-paper.ipynb").unlink()
    text = _Page(report(tmp_path / "out")).text
    assert "ZeroDivisionError: division by zero" in text  # from the log


def test_a_report_of_nothing_says_so(tmp_path):
    with pytest.raises(BatchError, match="holds no run"):
        report(tmp_path)


def test_a_run_works_with_the_network_cut(tmp_path):
    """Linux lets a process have no network but loopback, which the kernels need."""
    cut = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "offline"]
    if sys.platform != "linux" or subprocess.run([*cut, "true"], capture_output=True).returncode:
        pytest.skip("cutting the network for one command takes Linux with unshare and ip")
    reach = "import socket; socket.create_connection(('1.1.1.1', 53), timeout=5)"
    tried = subprocess.run([*cut, sys.executable, "-c", reach], capture_output=True, text=True)
    assert "unreachable" in tried.stderr, "the network is not cut"
    command = [sys.executable, "-m", "emolib.batch", "run", "--out", tmp_path]
    command += ["--profile", "paper", "--seed", "7"]  # what the tiny notebook expects
    done = subprocess.run(
        [*cut, *command, "--notebooks", TINY / "00_record.ipynb"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert (tmp_path / "report.html").is_file()
