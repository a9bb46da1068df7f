"""Run notebooks through papermill, one subprocess each, and keep one table of what happened."""

import os
import platform
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections import deque
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import joblib
import nbformat
import pandas as pd
import psutil
from tqdm.auto import tqdm

from emolib import corpora
from emolib.evaluation import versions

PROFILES = ("quick", "full", "paper")
NEEDS = {"audio": "audio", "video": "video", "actors": "actor", "action_units": "action_units"}
COLUMNS = (
    "notebook",
    "state",
    "seconds",
    "peak_mb",
    "cell",
    "error",
    "starts",
    "started",
    "corpus",
    "profile",
    "seed",
    "versions",
    "machine",
)
THREADS = (
    "OMP_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
POLL = 0.2  # seconds between two looks at the running notebooks
# A small parent for papermill. What the system counts for a child includes what its parent held
# when it started it, so a parent as large as this process would hide the notebook.
WEIGH = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


class BatchError(ValueError):
    """A run cannot start; the message says why and what to do."""


def run(
    notebooks=(),
    corpus="puppets",
    data_dir="",
    profile="quick",
    seed=0,
    workers=1,
    out="build",
    time_limit=None,
    folder="notebooks",
):
    """Run notebooks, at most ``workers`` at once, and write what happened to ``out/results.csv``.

    Parameters
    ----------
    notebooks : sequence of str
        Beginnings of names in ``folder`` (``"00"``), or paths of ``.ipynb`` files; none means every
        numbered notebook and every primer of ``folder``.
    corpus, profile, seed : str, str, int
        Notebook parameters; the profile is ``quick``, ``full`` or ``paper``.
    data_dir : str or path
        Folder with one folder a corpus; empty for puppets. Notebooks get the absolute path.
    workers : int
        Notebooks at once. The machine's cores are shared out among them.
    out : str or path
        Receives ``notebooks/`` (only those that ran to their end), ``logs/`` (every log, and what
        there is of a notebook that stopped on its way), ``results/`` (the notebooks' records),
        ``work/`` (their working directories), ``cache/`` and ``results.csv``.
    time_limit : float, optional
        Seconds that a notebook may take, start included.

    Returns
    -------
    pandas.DataFrame
        A row a notebook. ``state``: passed, failed, time limit, not applicable (the corpus lacks
        what the notebook needs) or stopped (Ctrl-C). ``seconds``: wall time, start included.
        ``peak_mb``: the most that its largest process, the kernel, held, in 10^6 bytes.
        ``cell``: the n of ``In [n]`` where it stopped. ``starts``: 2 where the first start failed
        and was repeated.

    Raises
    ------
    BatchError
        Where a notebook, a folder or an option is wrong, or ``out`` is in use.
    CorpusError
        Where the corpus is unknown or cannot be loaded.
    """
    if profile not in PROFILES:
        raise BatchError(f"profile {profile!r} is none of {', '.join(PROFILES)}")
    if workers < 1:
        raise BatchError(f"workers is {workers}: it must be 1 or more")
    data_dir = Path(data_dir).expanduser().resolve() if str(data_dir) else ""
    if data_dir and not data_dir.is_dir():
        raise BatchError(f"there is no data folder {data_dir}: give an existing one as data_dir")
    paths = find(notebooks, folder)
    clips = corpora.load(corpus, data_dir / corpus if data_dir else None)
    lacking = {path: _lacking(path, clips, corpus) for path in paths}
    out = Path(out).resolve()
    parameters = {
        "CORPUS": corpus,
        "DATA_DIR": str(data_dir),
        "PROFILE": profile,
        "SEED": seed,
        "RESULTS": str(out / "results"),
    }
    for name in ("notebooks", "logs", "results", "work"):
        (out / name).mkdir(parents=True, exist_ok=True)
    with _claimed(out):
        jobs = [_Job(path, out, parameters, workers, time_limit) for path in paths]
        for job, missing in zip(jobs, lacking.values(), strict=True):
            if missing:
                job.row |= {"state": "not applicable", "error": missing}
        _work(jobs, workers, out / "results.csv")
    return _table(jobs)


def find(notebooks=(), folder="notebooks"):
    """Paths of the notebooks that names, beginnings of names or paths mean, each once, in order."""
    known = sorted(Path(folder).glob("*.ipynb"))
    if not notebooks:
        notebooks = [str(path) for path in known if re.match(r"\d\d_|primer_", path.stem)]
        if not notebooks:
            raise BatchError(f"the folder {folder} holds no notebook: start in the project's root")
    paths = {}
    for name in notebooks:
        found = [path for path in known if path.stem.startswith(name)]
        if name.endswith(".ipynb"):
            found = [path for path in [Path(name)] if path.is_file()]
        if not found:
            names = ", ".join(path.stem for path in known) or "none"
            raise BatchError(f"there is no notebook {name!r}; the folder {folder} holds: {names}")
        for path in found:
            if paths.setdefault(path.stem, path).resolve() != path.resolve():
                raise BatchError(f"two notebooks are called {path.stem!r}: run them one by one")
    return list(paths.values())


def _lacking(path, clips, corpus):
    """Say what a notebook's metadata ``emolib.needs`` asks for and the corpus lacks."""
    try:
        metadata = nbformat.read(path, as_version=4).metadata
    except (OSError, ValueError) as error:
        raise BatchError(f"{path} cannot be read as a notebook: {error}") from error
    needs = metadata.get("emolib", {}).get("needs", [])
    if unknown := sorted(set(needs) - set(NEEDS)):
        raise BatchError(f"{path} needs {unknown[0]!r}, which is none of {', '.join(NEEDS)}")
    missing = [need for need in needs if not clips[NEEDS[need]].notna().any()]
    return f"{corpus} has no {', no '.join(missing)}" if missing else ""


@contextmanager
def _claimed(out):
    """Hold a folder: two runs in one would share numba's caches and overwrite each other."""
    claim = out / "running"
    holder = int(claim.read_text() or 0) if claim.exists() else 0
    if holder and psutil.pid_exists(holder):
        raise BatchError(
            f"process {holder} is running notebooks in {out}: wait for it, or choose another "
            f"folder (where nothing runs, delete {claim})"
        )
    claim.write_text(str(os.getpid()))
    try:
        yield
    finally:
        claim.unlink(missing_ok=True)


def _work(jobs, workers, table):
    """Take the jobs through, at most ``workers`` at once; Ctrl-C ends what runs."""
    waiting, running = deque(job for job in jobs if not job.row["state"]), []
    slots = list(range(workers))
    pace = 1 if sys.stderr.isatty() else 60  # seconds; a file needs no moving bar
    with tqdm(total=len(jobs), unit="notebook", mininterval=pace) as bar:
        for job in jobs:
            if job.row["state"]:
                _show(job, bar)
        try:
            while waiting or running:
                while waiting and slots:
                    running.append(job := waiting.popleft())
                    job.start(slots.pop(0))
                bar.set_description(", ".join(job.row["notebook"] for job in running), False)
                bar.update(0)
                time.sleep(POLL)
                for job in [job for job in running if job.finished()]:
                    running.remove(job)
                    slots.append(job.slot)
                    _write(jobs, table)
                    _show(job, bar)
        except KeyboardInterrupt:
            bar.write("stopped by Ctrl-C: ending the notebooks that run")
        finally:  # any fault of ours must leave no kernel behind either
            for job in running:
                job.end("stopped")
            for job in waiting:
                job.row |= {"state": "stopped", "error": "not started"}
            _write(jobs, table)


class _Job:
    """One notebook in one papermill subprocess, with its log, its limit and its row."""

    def __init__(self, source, out, parameters, workers, time_limit):
        name = source.stem
        self.source, self.out, self.parameters = source, out, parameters
        self.workers, self.time_limit = workers, time_limit or float("inf")
        self.folder = out / "work" / name
        self.executed = self.folder / f"{name}.ipynb"
        self.log = out / "logs" / f"{name}.log"
        self.weight = out / "work" / f"{name}.weight"
        self.whole = out / "notebooks" / f"{name}.ipynb"
        self.part = out / "logs" / f"{name}.ipynb"
        self.row = dict.fromkeys(COLUMNS) | {
            "notebook": name,
            "state": "",
            "corpus": parameters["CORPUS"],
            "profile": parameters["PROFILE"],
            "seed": parameters["SEED"],
            "versions": ", ".join(f"{name} {v}" for name, v in versions().items()),
            "machine": _machine(),
        }
        # What an earlier run left must not pass for this one's.
        for old in (self.log, self.whole, self.whole.with_suffix(".html"), self.part):
            old.unlink(missing_ok=True)

    def start(self, slot):
        """Start papermill in a fresh working directory."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.slot = slot
        if not self.row["starts"]:
            self.began = time.monotonic()
            self.row |= {"starts": 0, "peak_mb": 0.0}
            self.row["started"] = datetime.now().astimezone().isoformat(timespec="seconds")
        self.row["starts"] += 1
        command = [] if os.name == "nt" else [sys.executable, "-I", "-c", WEIGH, self.weight]
        command += [sys.executable, "-m", "papermill", self.source.resolve(), self.executed]
        command += ["--kernel", "python3", "--language", "python", "--cwd", self.folder]
        command += ["--no-progress-bar", "--log-output"]
        for name, value in self.parameters.items():
            command += ["-r" if isinstance(value, str) else "-p", name, value]
        with self.log.open("a", encoding="utf-8") as log:
            self.process = psutil.Popen(
                [str(word) for word in command],
                env=_environment(self.out / "cache", slot, self.workers),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to handle
            )

    def finished(self):
        """Look once: note the memory, keep to the limit, repeat a failed start; True when over."""
        self._weigh()
        if self.process.poll() is None:
            if time.monotonic() - self.began <= self.time_limit:
                return False
            self.end("time limit")
        elif self.process.returncode == 0 and self.executed.is_file():
            self._close("passed")
        elif self.row["starts"] == 1 and not _cells_begun(self.executed):
            with self.log.open("a", encoding="utf-8") as log:
                log.write("\nthe kernel did not start: starting once more\n\n")
            self.start(self.slot)
            return False
        else:
            self._close("failed")
        return True

    def end(self, state):
        """Kill papermill, the kernel and whatever the kernel started."""
        self._weigh()
        tree = self._tree()
        for process in tree:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs([self.process], timeout=10)
        self._close(state)

    def _tree(self):
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.Error:
            return [self.process]

    def _weigh(self):
        """Raise the peak to what the processes held so far, and at their end to what they held."""
        held = [_high_water(process) for process in self._tree()]
        if self.weight.exists():
            held.append(
                int(self.weight.read_text() or 0) * (1 if sys.platform == "darwin" else 1024)
            )
        self.row["peak_mb"] = max(self.row["peak_mb"], *(round(n / 1e6, 1) for n in held))

    def _close(self, state):
        """Fill the row and put what papermill wrote where it belongs."""
        self.row["state"] = state
        self.row["seconds"] = round(time.monotonic() - self.began, 1)
        self._weigh()
        self.weight.unlink(missing_ok=True)
        begun = _cells_begun(self.executed)
        if state != "passed":
            self.row |= {"cell": len(begun) or None, "error": self._error(begun, state)}
        if begun or state == "passed":
            os.replace(self.executed, self.whole if state == "passed" else self.part)
        self.executed.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()  # kept where the notebook wrote something

    def _error(self, begun, state):
        """One line on why a notebook did not pass."""
        if state == "stopped":
            return "Ctrl-C"
        if state == "time limit":
            return f"still running after {self.time_limit:g} s"
        outputs = begun[-1].outputs if begun else []
        if errors := [o for o in outputs if o.output_type == "error"]:
            error = f"{errors[-1].ename}: {errors[-1].evalue}"
        else:
            lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
            error = next((line for line in reversed(lines) if line.strip()), "no word in the log")
        return textwrap.shorten(error, 300)


def _cells_begun(executed):
    """Code cells of a papermill output that were begun; none where it cannot be read."""
    try:
        cells = nbformat.read(executed, as_version=4).cells
    except (OSError, ValueError):
        return []
    cells = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    return [cell for cell in cells if cell.metadata.get("papermill", {}).get("start_time")]


def _environment(cache, slot, workers):
    """Environment of the papermill process in a slot."""
    threads = dict.fromkeys(THREADS, str(max(1, joblib.cpu_count() // workers)))
    unset = {
        "PYTHONDONTWRITEBYTECODE",  # an uncompiled TensorFlow takes 6 s more to import
        "MPLBACKEND",  # the kernel's own shows figures in the notebook
    }
    own = {k: v for k, v in os.environ.items() if k not in unset}
    return {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **threads,
        **own,
        # Processes that fill one numba cache together break it for good, so no two share one.
        "NUMBA_CACHE_DIR": str(cache / "numba" / str(slot)),
        "IPYTHONDIR": str(cache / "ipython" / str(slot)),  # nobody's start-up files
    }


def _high_water(process):
    """Bytes that a process has held at its most (Linux, Windows), or holds now (elsewhere)."""
    with suppress(OSError, psutil.Error):
        status = Path(f"/proc/{process.pid}/status")
        for line in status.read_text().split("\n") if status.exists() else ():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        memory = process.memory_info()
        return getattr(memory, "peak_wset", memory.rss)
    return 0


def _machine():
    memory = psutil.virtual_memory().total / 1e9
    return f"{platform.platform()}, {joblib.cpu_count()} cores, {memory:.0f} GB"


def _table(jobs):
    table = pd.DataFrame([job.row for job in jobs], columns=COLUMNS)
    return table.astype({"cell": "Int64", "starts": "Int64", "error": "string"})


def _write(jobs, path):
    """Write the table whole or not at all."""
    fresh = path.with_suffix(".tmp")
    _table(jobs).to_csv(fresh, index=False)
    os.replace(fresh, path)


def _show(job, bar):
    row = job.row
    time_and_memory = f"{row['seconds']:7.1f} s {row['peak_mb']:6.0f} MB" if row["starts"] else ""
    why = (f"In [{row['cell']}]: " if row["cell"] else "") + (row["error"] or "")
    bar.write(f"{row['state']:14} {row['notebook']:32} {time_and_memory:20} {why}".rstrip())
    bar.update()
