"""Two Dask workers in two processes on loopback: the tiny course, and what may go wrong."""

import _thread
import re
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from distributed import Client

from emolib.batch import BatchError, cluster, run

TINY = Path(__file__).parent / "notebooks"
# A kernel's ancestors are papermill, the process that weighs it, and the Dask worker.
KILL = "import os, psutil, signal, time\nworker = psutil.Process().parents()[2]\n"
KILL += "assert 'dask' in ' '.join(worker.cmdline()).lower() or 'spawn' in str(worker.cmdline())\n"


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Address of a scheduler with two workers of one thread, each watched by a nanny."""
    folder = tmp_path_factory.mktemp("dask")
    file, dask = folder / "scheduler.json", [sys.executable, "-m", "dask"]
    shared = ["--no-dashboard", "--scheduler-file", file]
    commands = [
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *shared],
        [*dask, "worker", *shared, "--nworkers", "2", "--nthreads", "1", "--local-directory"],
    ]
    commands[1].append(folder)
    started = []
    with (folder / "log").open("w") as log:
        for command in commands:
            command = [str(word) for word in command]
            started.append(psutil.Popen(command, cwd=folder, stdout=log, stderr=log))
    try:
        with Client(scheduler_file=str(file), timeout=120) as client:
            client.wait_for_workers(2, timeout=120)
            address = client.scheduler.address
        yield address
    finally:
        for process in started[::-1]:
            for one in [*process.children(recursive=True), process]:
                one.kill()


@pytest.fixture
def options(scheduler, tmp_path):
    return {"scheduler": scheduler, "out": tmp_path / "out", "folder": tmp_path}


def test_the_tiny_course_runs_on_two_workers_that_share_no_disk(options, tmp_path, write):
    where = "from pathlib import Path\nprint('at', Path.cwd())"
    write(tmp_path, "here", where)
    write(tmp_path, "there", where)
    parts = [
        {"notebooks": ["here", "there", str(TINY / "02_fault.ipynb")]},
        {"notebooks": [str(TINY / "00_record.ipynb")], "seed": 7, "profile": "paper"},
    ]
    table = run(grid=parts, **options).set_index("run")
    assert table["state"].to_dict() == {
        "here": "passed",
        "there": "passed",
        "02_fault": "failed",
        "00_record-paper-seed-7": "passed",
    }, table["error"].tolist()
    assert (table.loc["02_fault", "cell"], table.loc["02_fault", "starts"]) == (4, 1)
    out = options["out"]
    logs = [(out / "logs" / f"{name}.log").read_text() for name in ("here", "there")]
    places = [Path(re.search(r"at (\S+)", log)[1]) for log in logs]
    assert len({place.parents[2] for place in places}) == 2  # each worker had one of them
    assert not any(place.exists() or place.is_relative_to(out) for place in places)
    assert [path.name for path in (out / "results").iterdir()] == [
        "tiny-puppets-actors-plain-paper-seed-7.json"
    ]
    assert {path.stem for path in (out / "notebooks").iterdir()} == set(
        table.index[table["state"] == "passed"]
    )
    again = run(grid=[{"notebooks": ["here", "there"]}, parts[1]], **options)
    assert again["state"].tolist() == ["kept"] * 3


def test_a_killed_worker_costs_its_run_one_more_start_and_no_other_run(
    options, tmp_path, write, ends
):
    mark = tmp_path / "mark"
    once = f"if not os.path.exists({str(mark)!r}):\n"
    once += f"    open({str(mark)!r}, 'w').write(str(os.getpid()))\n    worker.kill()\n"
    write(tmp_path, "unlucky", KILL + once + "    time.sleep(300)")
    write(tmp_path, "deadly", KILL + "worker.kill()\ntime.sleep(300)")
    write(tmp_path, "calm", "pass")
    table = run(["unlucky", "deadly", "calm"], **options).set_index("run")
    assert table["state"].to_dict() == {"unlucky": "passed", "deadly": "failed", "calm": "passed"}
    assert re.fullmatch(
        r"the workers tcp://\S+ and tcp://\S+ died while they ran it", table.loc["deadly", "error"]
    )
    assert table.loc["unlucky", "starts"] == 2
    assert "died while it ran this" in (options["out"] / "logs" / "unlucky.log").read_text()
    assert ends(mark)  # its kernel, though the worker could not end it any more
    # The killed workers held results; nobody computes those again, and all workers are free.
    with Client(options["scheduler"]) as client:
        client.wait_for_workers(2, timeout=60)
        for worker in client.nthreads():
            assert client.submit(abs, -1, workers=[worker], pure=False).result(15) == 1


def test_ctrl_c_ends_the_kernels_on_the_workers(options, tmp_path, write, ends):
    mark = tmp_path / "mark"
    text = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
    names = [write(tmp_path, name, text) for name in ("sleepy", "asleep", "waiting")]

    def interrupt():
        while not (mark.is_file() and mark.read_text()):
            time.sleep(0.1)
        _thread.interrupt_main()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    table = run(names, **options)
    signal.signal(signal.SIGINT, before)
    assert table["state"].tolist() == ["stopped"] * 3
    assert table["error"].tolist().count("Ctrl-C") >= 1
    assert ends(mark)
    assert not list((options["out"] / "notebooks").glob("*"))


def test_workers_that_do_not_fit_are_named(options, tmp_path, write, monkeypatch):
    write(tmp_path, "one", "pass")
    nowhere = tmp_path / "nowhere"
    with pytest.raises(BatchError, match=r"the worker tcp://\S+ has no folder .*nowhere"):
        run(["one"], data_dir=nowhere, **options)
    monkeypatch.setattr(cluster, "code_versions", lambda: "emolib 99")
    with pytest.raises(BatchError, match=r"the worker tcp://\S+ has python .*here are emolib 99"):
        run(["one"], **options)
    assert not options["out"].exists()


def test_nobody_there_is_said(tmp_path, write, monkeypatch):
    write(tmp_path, "one", "pass")
    monkeypatch.setattr(cluster, "ANSWER", 1)
    with pytest.raises(BatchError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run(["one"], folder=tmp_path, scheduler="tcp://127.0.0.1:9")
    with pytest.raises(BatchError, match="no Dask scheduler answers at nonsense:"):
        run(["one"], folder=tmp_path, scheduler="nonsense:")


def test_a_cluster_left_by_all_its_workers_is_given_up(monkeypatch):
    """A cluster without workers, and a clock that runs ahead."""
    clock, there = [0], {"tcp://a": 1}
    monkeypatch.setattr(cluster.time, "monotonic", lambda: clock[0])
    lonely = object.__new__(cluster.Cluster)
    lonely.client = type("Client", (), {"nthreads": lambda self: there})()
    lonely.seen = lonely.looked = 0
    given_up = []
    for now in (10, 20, 60, 75):
        clock[0] = now
        given_up.append(lonely.deserted())
        there.clear()
    assert given_up == [False, False, False, True]
