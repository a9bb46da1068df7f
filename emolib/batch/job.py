"""One run: a notebook in a papermill subprocess of its own, with its limits, its log, its row."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path

import joblib
import nbformat
import psutil
import yaml

from emolib.corpora.shipped import shipped
from emolib.evaluation import versions

COLUMNS = (
    "run",
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
    "parameters",
    "source",
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
POLL = 0.2  # seconds between two looks at a running notebook
FULL = 2**20  # bytes; a disk with fewer left is full
# A small parent for papermill. What the system counts for a child includes what its parent held
# when it started it, so a parent as large as this process would hide the notebook. It also ends
# papermill, and thereby the kernel, where this process is killed and can end nothing any more.
WEIGH = """
import os, resource, signal, subprocess, sys
papermill = subprocess.Popen(sys.argv[3:])
while True:
    try:
        code = papermill.wait(1)
        break
    except subprocess.TimeoutExpired:
        if os.getppid() != int(sys.argv[2]):
            os.killpg(0, signal.SIGKILL)
try:
    with open(sys.argv[1], "w") as file:
        file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
except OSError:
    pass
sys.exit(code)
"""


class Job:
    """One notebook in one papermill subprocess.

    Parameters
    ----------
    row : dict
        What the table says of the run before it starts: ``run``, its name, and more of ``COLUMNS``.
    source : str
        The notebook as JSON.
    parameters : dict
        Of the notebook, but for ``RESULTS``, which is set here.
    out, cache : path
        Folder for all that comes out, and one that lives on from run to run.
    at_once : int
        Runs at once on this machine, which share its cores.
    time_limit, memory_limit : float, optional
        Seconds, start included; MB (10^6 bytes) that all processes of the run hold together.
    """

    def __init__(
        self, row, source, parameters, out, cache, at_once=1, time_limit=None, memory_limit=None
    ):
        name = row["run"]
        self.source, self.out, self.cache, self.at_once = source, out, cache, at_once
        self.time_limit = time_limit or float("inf")
        self.memory_limit = memory_limit or float("inf")
        self.folder = out / "work" / name
        self.executed = self.folder / f"{name}.ipynb"
        self.weight = out / "work" / f"{name}.weight"
        self.log = out / "logs" / f"{name}.log"
        self.part = out / "logs" / f"{name}.ipynb"
        self.whole = out / "notebooks" / f"{name}.ipynb"
        self.records = out / "results" / name if row["parameters"] else out / "results"
        self.given = parameters
        self.row = dict.fromkeys(COLUMNS) | {"state": ""} | row
        self.row |= {"versions": code_versions(), "machine": _machine()}
        self.kept_cache = cache / "notebooks" / name / _hash(self.row["versions"])
        self.process = self.began = None

    def start(self, slot=0):
        """Start papermill in a fresh working directory."""
        self.slot = slot
        if self.began is None:
            self.began = time.monotonic()
            self.row |= {"starts": self.row["starts"] or 0, "peak_mb": 0.0}
            self.row["started"] = datetime.now().astimezone().isoformat(timespec="seconds")
        self.row["starts"] += 1
        try:
            self._prepare()
            with self.log.open("a", encoding="utf-8") as log:
                self.process = psutil.Popen(
                    self._command(),
                    env=_environment(self.cache, slot, self.at_once),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is ours to handle
                )
        except OSError as error:  # a full disk, above all
            self._close("failed", str(error))

    def _prepare(self):
        """Make the working directory; it starts empty but for the caches of a run that passed."""
        if self.row["starts"] == 1:
            self.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
        own = self.folder / "results"
        for folder in (own, self.log.parent, self.whole.parent, self.records):
            folder.mkdir(parents=True, exist_ok=True)
        self.weight.with_suffix(".ipynb").write_text(self.source, encoding="utf-8")
        if self.kept_cache.is_dir():
            (self.folder / "build").mkdir()
            self.kept_cache.rename(self.folder / "build" / "cache")

    def clear(self):
        """Remove what an earlier run left: it must not pass for this one's."""
        for old in (self.whole, self.whole.with_suffix(".html"), self.part, self.log):
            old.unlink(missing_ok=True)

    def _command(self):
        command = [sys.executable, "-I", "-c", WEIGH, self.weight, os.getpid()]
        command = [] if os.name == "nt" else command
        command += [sys.executable, "-m", "papermill"]
        command += [self.weight.with_suffix(".ipynb"), self.executed, "--cwd", self.folder]
        command += ["--kernel", "python3", "--language", "python"]
        parameters = self.given | {"RESULTS": str(self.folder / "results")}
        command += ["--no-progress-bar", "--log-output", "-y", yaml.safe_dump(parameters)]
        return [str(word) for word in command]

    def finished(self):
        """Look once: note the memory, keep to the limits, repeat a failed start; True when over."""
        if self.row["state"]:
            return True
        held = self._weigh()
        if self.process.poll() is None:
            if time.monotonic() - self.began > self.time_limit:
                self.end("time limit", f"still running after {self.time_limit:g} s")
            elif held > self.memory_limit:
                reason = f"held {held:.0f} MB, the limit is {self.memory_limit:g} MB"
                self.end("memory limit", reason)
            return bool(self.row["state"])
        if self.process.returncode == 0 and self.executed.is_file():
            self._close("passed")
        elif self.row["starts"] == 1 and not _cells_begun(self.executed) and not self._full():
            self.say("the kernel did not start: starting once more")
            self.start(self.slot)
            return False
        else:
            self._close("failed")
        return True

    def say(self, line):
        """Write a line of our own to the log."""
        with suppress(OSError), self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n{line}\n\n")

    def end(self, state, reason=""):
        """Kill papermill, the kernel and whatever the kernel started."""
        if self.process:  # Ctrl-C may come before there is one
            self._weigh()
            for process in self._tree():
                with suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs([self.process], timeout=10)
        self._close(state, reason)

    def left(self, expected):
        """Return the seconds that it will still take, where it takes so many in all."""
        if self.row["state"]:
            return 0
        return max(0, expected - (time.monotonic() - self.began if self.began else 0))

    def _tree(self):
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.Error:
            return [self.process]

    def _weigh(self):
        """Raise the peak to the most that one process held so far; return what all hold now, MB."""
        tree = self._tree()
        peaks = [_high_water(process) for process in tree]
        with suppress(OSError, ValueError):  # there at the end, unless the disk is full
            unit = 1 if sys.platform == "darwin" else 1024
            peaks.append(int(self.weight.read_text()) * unit)
        self.row["peak_mb"] = max(self.row["peak_mb"], *(round(n / 1e6, 1) for n in peaks))
        return sum(_held(process) for process in tree) / 1e6

    def _close(self, state, reason=""):
        """Fill the row and put what papermill wrote where it belongs."""
        seconds = round(time.monotonic() - self.began, 1) if self.began else None
        self.row |= {"state": state, "seconds": seconds}
        if self.process:
            self._weigh()
        try:
            if state == "passed":
                self._hand_over()
        except (OSError, ValueError) as error:
            self.row["state"], reason = "failed", str(error)
        if self.row["state"] != "passed":
            self._explain(reason)
        for rest in (self.executed, self.weight, self.weight.with_suffix(".ipynb")):
            rest.unlink(missing_ok=True)
        for empty in (self.folder / "results", self.folder / "build", self.folder):
            with suppress(OSError):
                empty.rmdir()  # kept where the notebook wrote something

    def _hand_over(self):
        """Put records and notebook in their places: the notebook last, and whole or not at all."""
        notebook = json.loads(self.executed.read_text(encoding="utf-8"))
        records = sorted((self.folder / "results").glob("*.json"))
        notebook["metadata"]["emolib_run"] = {
            "row": self.row,
            "parameters": self.given,
            "records": [(self.records / r.name).relative_to(self.out).as_posix() for r in records],
        }
        write_whole(self.executed, json.dumps(notebook, indent=1))
        for record in records:
            os.replace(record, self.records / record.name)
        made = self.folder / "build" / "cache"
        if made.is_dir():  # only a run that passed left no half-written file in it
            shutil.rmtree(self.kept_cache.parent, ignore_errors=True)
            self.kept_cache.parent.mkdir(parents=True)
            made.rename(self.kept_cache)
        os.replace(self.executed, self.whole)

    def _explain(self, reason):
        """Say in the row where and why the run did not pass, and keep what there is of it."""
        begun = _cells_begun(self.executed)
        why = reason or self._error(begun)
        if self._full():
            why = f"the disk of {self.out} is full; {why}"
        self.row |= {"cell": len(begun) or None, "error": textwrap.shorten(why, 300)}
        if begun:
            with suppress(OSError):
                os.replace(self.executed, self.part)

    def _error(self, begun):
        """Return the error of the last cell that was begun, or the last line of the log."""
        outputs = begun[-1].outputs if begun else []
        if errors := [o for o in outputs if o.output_type == "error"]:
            return f"{errors[-1].ename}: {errors[-1].evalue}"
        with suppress(OSError):
            lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
            return next((line for line in reversed(lines) if line.strip()), "no word in the log")
        return "no log"

    def _full(self):
        return shutil.disk_usage(self.out).free < FULL


def earlier(path):
    """Return what an executed notebook says of its run: row, parameters, names of records.

    None where there is no such notebook, or it is not whole.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))["metadata"]["emolib_run"]
    except (OSError, ValueError, KeyError):
        return None


def write_whole(path, content):
    """Write a file so that it is whole or, on a full disk, as it was before."""
    fresh = path.with_name(f"{path.name}.fresh")
    try:
        fresh.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


@cache
def code_versions():
    """Versions of all that emolib requires in one line, its own with a hash of its files."""
    package = Path(__file__).resolve().parents[1]
    kinds = ("*.py", "*.npz", "*.j2")
    files = {path.relative_to(package): path for kind in kinds for path in package.rglob(kind)}
    for folder in map(shipped, ("registry", "results")):
        files |= {Path("data", folder.name, path.name): path for path in folder.iterdir()}
    files[Path("data/face_encoder.npz")] = shipped("face_encoder.npz")
    hashes = [f"{n.as_posix()} {_hash(p.read_bytes())}" for n, p in files.items() if p.is_file()]
    marks = {"emolib": f" (files {_hash(*sorted(hashes))})"}
    return ", ".join(f"{name} {v}{marks.get(name, '')}" for name, v in _packages().items())


def _packages():
    """Versions of Python, of TensorFlow, and of what emolib requires without its extras."""
    found = versions()
    required = metadata.requires("emolib") if "emolib" in found else ()
    for name in [re.match(r"[\w.-]+", line)[0] for line in required if "extra ==" not in line]:
        with suppress(metadata.PackageNotFoundError):  # a hosted machine has another build of it
            found[name] = metadata.version(name)
    return found


def _hash(*contents):
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content if isinstance(content, bytes) else content.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:12]


def _cells_begun(executed):
    """Code cells of a papermill output that were begun; none where it cannot be read."""
    try:
        cells = nbformat.read(executed, as_version=4).cells
    except (OSError, ValueError):
        return []
    cells = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    return [cell for cell in cells if cell.metadata.get("papermill", {}).get("start_time")]


def _environment(cache, slot, at_once):
    """Environment of the papermill process in a slot."""
    threads = dict.fromkeys(THREADS, str(max(1, joblib.cpu_count() // at_once)))
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


def _held(process):
    with suppress(psutil.Error):
        return process.memory_info().rss
    return 0


def _machine():
    memory = psutil.virtual_memory().total / 1e9
    return f"{platform.platform()}, {joblib.cpu_count()} cores, {memory:.0f} GB"
