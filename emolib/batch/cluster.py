"""Runs on a Dask cluster: one task a run. Files travel as bytes, so no disk need be shared."""

import hashlib
import os
import platform
import threading
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from emolib.batch.grid import BatchError
from emolib.batch.job import POLL, Job, code_versions, write_whole

STARTS = 2  # of one run, where a worker died
PATIENCE = 60  # seconds that a cluster may be without any worker
ANSWER = 20  # seconds that a scheduler may take to answer
INSTALL = "install the same emolib there as here, with the same packages"


@contextmanager
def connect(address, data_dir=""):
    """Yield a client of the cluster at an address, after a look at each of its workers.

    Raises
    ------
    BatchError
        Where nobody answers, there is no worker, or one differs in versions or lacks the data.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise BatchError('--scheduler takes Dask: pip install "emolib[batch]"') from error
    try:
        client = Client(address, timeout=ANSWER)
    except (OSError, ValueError) as error:
        raise BatchError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError as error:
            raise BatchError(f"the Dask scheduler at {address} has no worker: start one") from error
        for worker, found in client.run(_look, str(data_dir), on_error="return").items():
            if isinstance(found, Exception):
                raise BatchError(f"the worker {worker} cannot run notebooks ({found}): {INSTALL}")
            if found["versions"] != code_versions():
                raise BatchError(
                    f"the worker {worker} has {found['versions']}; here are {code_versions()}: "
                    f"{INSTALL}"
                )
            if not found["data"]:
                raise BatchError(f"the worker {worker} has no folder {data_dir}: give one that has")
        yield client


def _look(data_dir):
    code_versions.cache_clear()  # a worker may be older than its files
    return {"versions": code_versions(), "data": not data_dir or Path(data_dir).is_dir()}


class Cluster:
    """What the runs of one command share on a Dask cluster."""

    def __init__(self, client, out):
        from distributed import Event

        # Only one command at a time writes to a folder: no two clusters have one name.
        place = f"{platform.node()} {os.getpid()} {out} {time.time()}"
        self.name = "emolib-" + hashlib.sha256(place.encode()).hexdigest()[:12]
        self.client, self.stop = client, Event(f"{self.name}-stop", client)
        self.seen, self.looked, self.until = time.monotonic(), 0, None

    def threads(self):
        """Return how many threads the workers have: so many runs they take at once."""
        return sum(self.client.nthreads().values())

    def call(self, function, *given):
        """Return what a function gives on one of the workers."""
        return self.client.submit(function, *given, pure=False).result()

    def deserted(self):
        """Return True where there has been no worker for a while."""
        if time.monotonic() - self.looked > 5:
            self.looked = time.monotonic()
            if self.threads():
                self.seen = self.looked
        return time.monotonic() - self.seen > PATIENCE


class Task:
    """A run on a cluster, with the calls of ``Job``."""

    def __init__(self, cluster, row, source, parameters, out, **limits):
        self.cluster, self.out, self.given = cluster, out, parameters
        self.job = {"row": row, "source": source, "parameters": parameters} | limits
        here = Job(out=out, cache=out, **self.job)
        self.row, self.clear, self.future = here.row, here.clear, None

    def start(self, slot=0):
        """Submit the run; the cluster decides when and where."""
        from distributed import Variable

        self.slot = slot
        self.clear()
        client, name = self.cluster.client, f"{self.cluster.name}-{self.row['run']}"
        self.tried = Variable(f"{name}-tried", client)
        self.tried.set([])
        job = (self.job, self.tried, self.cluster.stop)
        self.future = client.submit(perform, *job, key=name, pure=False)

    def finished(self):
        """Look once; True when over."""
        if self.row["state"]:
            return True
        if self.future.done():
            self._take()
        elif self.cluster.deserted():
            self._fail(f"the cluster has had no worker for {PATIENCE} s")
        return bool(self.row["state"])

    def end(self, state, reason=""):
        """Have the worker end the run; all runs together get a while to do so."""
        if not self.future:  # Ctrl-C came before it was submitted
            self.row |= {"state": state, "error": reason}
            return
        if self.cluster.until is None:
            self.cluster.until = time.monotonic() + ANSWER
            with suppress(OSError):
                self.cluster.stop.set()
        self._take(max(0.1, self.cluster.until - time.monotonic()))

    def left(self, expected):
        """Return the seconds that it will take; when it started only its worker knows."""
        return 0 if self.row["state"] else expected

    def _take(self, timeout=None):
        """Write what came back: the executed notebook last, each file whole or not at all."""
        try:
            row, files = self.future.result(timeout)
            for place in sorted(files, key=lambda place: place.startswith("notebooks/")):
                (self.out / place).parent.mkdir(parents=True, exist_ok=True)
                write_whole(self.out / place, files[place])
            self.row |= row
        except (CancelledError, TimeoutError):
            reason = "the Dask scheduler went away, or did not answer"
            self._fail(reason, "stopped" if timeout else "failed")
        except Exception as error:
            # KilledWorker, a full disk here, or a worker that cannot read what it was sent.
            self._fail(f"{type(error).__name__}: {' '.join(str(error).split())}")
        # Else Dask would run it again, for nobody, when the worker that holds the result dies.
        self.future.release()
        with suppress(OSError):
            self.tried.delete()

    def _fail(self, reason, state="failed"):
        with suppress(OSError):
            self.future.cancel()
        self.row |= {"state": state, "error": reason}


def perform(job, tried, stop):
    """Run a notebook on a worker; return its row and, by path, the bytes of what it wrote.

    A worker that dies hands its runs to others: each run is started twice at most. Caches live as
    long as the worker. Files that a notebook writes beside its records are not sent.
    """
    from distributed import get_client, get_worker

    worker, died = get_worker(), tried.get(ANSWER)  # not for ever: the client may be gone
    threads = get_client().nthreads().items()
    at_once = sum(n for address, n in threads if _host(address) == _host(worker.address))
    place = Path(worker.local_directory)
    with TemporaryDirectory(prefix="emolib-", dir=place, ignore_cleanup_errors=True) as out:
        job = Job(**job, out=Path(out), cache=place / "cache", at_once=at_once)
        if stop.is_set():
            return job.row | {"state": "stopped", "error": "not started"}, {}
        if len(died) >= STARTS:
            error = f"the workers {' and '.join(died)} died while they ran it"
            row = job.row | {"state": "failed", "error": error, "starts": len(died)}
            return row, {f"logs/{row['run']}.log": error.encode()}
        tried.set([*died, worker.address])
        _run(job, died, stop)
        folders = ("logs", "results", "notebooks")
        paths = [path for name in folders for path in Path(out, name).rglob("*") if path.is_file()]
        return job.row, {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def _host(address):
    return urlsplit(address).hostname


def _run(job, died, stop):
    """Take one job through, unless the client says stop."""
    try:
        if died:
            job.row["starts"] = len(died)
        job.start(threading.get_ident())
        if died:
            job.say(f"the worker {died[0]} died while it ran this: started once more")
        looks = 0
        while not job.finished():
            time.sleep(POLL)
            looks += 1
            if looks % 5 == 0 and stop.is_set():
                job.end("stopped", "Ctrl-C")
    finally:  # no fault may leave a kernel behind
        if not job.row["state"]:
            job.end("stopped", "the worker stopped it")
