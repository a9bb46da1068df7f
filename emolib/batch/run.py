"""Run a grid of notebooks, here or on a Dask cluster, and keep one table of what happened."""

import hashlib
import json
import os
import statistics
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import psutil
from tqdm.auto import tqdm

from emolib import corpora
from emolib.batch.grid import BatchError, expand, read_grid, read_notebook
from emolib.batch.job import COLUMNS, POLL, Job, code_versions, earlier, write_whole

NEEDS = {"audio": "audio", "video": "video", "actors": "actor", "action_units": "action_units"}


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
    *,
    parameters=None,
    grid=None,
    memory_limit=None,
    again=False,
    scheduler=None,
):
    """Run notebooks, each in a process of its own, and write what happened to ``out/results.csv``.

    What finished before is kept where its cells, its parameters, the corpus's clip table and the
    versions are the same; emolib's version includes a hash of its files.

    Parameters
    ----------
    notebooks : sequence of str
        Beginnings of names in ``folder`` (``"00"``), or paths of ``.ipynb`` files; none means every
        numbered notebook and every primer of ``folder``.
    corpus, profile, seed : str, str, int, or a list of such
        Notebook parameters; the profile is ``quick``, ``full`` or ``paper``. Every combination is
        run.
    data_dir : str or path
        Folder with one folder a corpus; empty for puppets. Notebooks get the absolute path.
    workers : int
        Notebooks at once. The machine's cores are shared out among them.
    out : str or path
        Receives ``notebooks/`` (only those that ran to their end), ``logs/`` (every log, and what
        there is of a notebook that stopped on its way), ``results/`` (records of those that ran to
        their end, in a folder a run where ``parameters`` are given), ``work/`` (what else they
        wrote), ``cache/`` and ``results.csv``.
    time_limit, memory_limit : float, optional
        Seconds that a run may take, start included; MB (10^6 bytes) that its processes may hold
        together, of which papermill's takes about 100.
    parameters : dict, optional
        Further notebook parameters: name to a value or a list of values.
    grid : str, path or list of dict, optional
        A YAML file (see ``read_grid``) or what it would hold. What it leaves out comes from the
        arguments above.
    again : bool
        Run everything again. Notebooks find what they left in ``build/cache`` of their working
        directory when they passed with the same versions.
    scheduler : str, optional
        Address of a Dask cluster, such as ``tcp://host:8786``, which then replaces ``workers``.

    Returns
    -------
    pandas.DataFrame
        A row a run. ``run``: its name, the notebook's and whatever is not as usual.
        ``state``: passed, kept (passed before), failed, time limit, memory limit, not applicable
        (the corpus lacks what the notebook needs) or stopped (Ctrl-C). ``seconds``: wall time,
        start included. ``peak_mb``: the most that its largest process, the kernel, held.
        ``cell``: the n of ``In [n]`` where it stopped. ``starts``: 2 where the first start failed,
        or a Dask worker died, and it was repeated. ``source``: hash of cells and clip table.
        ``attrs["unwritten"]`` says why where ``results.csv`` could not be written.

    Raises
    ------
    BatchError
        Where a notebook, a folder or an option is wrong, ``out`` is in use, or the cluster does
        not answer or fit.
    CorpusError
        Where a corpus is unknown or cannot be loaded.
    """
    if workers < 1:
        raise BatchError(f"workers is {workers}: it must be 1 or more")
    for name, limit in {"time_limit": time_limit, "memory_limit": memory_limit}.items():
        if limit is not None and not limit > 0:
            raise BatchError(f"{name} is {limit:g}: it must be above 0; leave it out for no limit")
    code_versions.cache_clear()  # a session may have edited emolib since its last run
    usual = {"notebooks": notebooks or (), "corpus": corpus, "profile": profile, "seed": seed}
    usual["parameters"] = parameters
    parts, place = (grid or [{}]), ""
    if isinstance(grid, str | os.PathLike):
        parts, place = read_grid(grid), grid
    runs = expand([usual | part for part in parts], folder, place)
    data_dir = Path(data_dir).expanduser().resolve() if str(data_dir) else ""
    out = Path(out).resolve()
    limits = {"time_limit": time_limit, "memory_limit": memory_limit}
    if scheduler:
        from emolib.batch.cluster import Cluster, Task, connect

        with connect(scheduler, data_dir) as client:
            cluster = Cluster(client, out)
            facts = _facts(runs, data_dir, partial(cluster.call, look_at))
            jobs = [Task(cluster, *one, out, **limits) for one in _described(runs, facts, data_dir)]
            return _carry_out(jobs, out, again, max(1, cluster.threads()), len(jobs))
    if data_dir and not data_dir.is_dir():
        raise BatchError(f"there is no data folder {data_dir}: give an existing one as data_dir")
    facts = _facts(runs, data_dir, look_at)
    limits |= {"cache": out / "cache", "at_once": workers}
    jobs = [Job(*one, out, **limits) for one in _described(runs, facts, data_dir)]
    return _carry_out(jobs, out, again, workers, workers)


def look_at(corpus, data_dir):
    """Return what of ``NEEDS`` a corpus has, and a hash of its clip table."""
    clips = corpora.load(corpus, Path(data_dir) / corpus if data_dir else None)
    has = [need for need, column in NEEDS.items() if clips[column].notna().any()]
    return has, hashlib.sha256(clips.to_csv().encode()).hexdigest()


def _facts(runs, data_dir, look):
    """Look at each corpus once."""
    return {name: look(name, str(data_dir)) for name in dict.fromkeys(r.corpus for r in runs)}


def _described(runs, facts, data_dir):
    """Yield each run as ``Job`` wants it: its row, its notebook as text, its parameters."""
    for run in runs:
        notebook = read_notebook(run.path)
        has, clips = facts[run.corpus]
        cells = json.dumps([[cell.cell_type, cell.source] for cell in notebook.cells])
        lacks = _lacking(run, notebook.metadata, has)
        row = {
            "run": run.name,
            "notebook": run.path.stem,
            "state": "not applicable" if lacks else "",
            "error": lacks or None,
            "corpus": run.corpus,
            "profile": run.profile,
            "seed": run.seed,
            "parameters": ", ".join(f"{name}={value}" for name, value in run.parameters.items()),
            "source": hashlib.sha256(f"{cells} {clips}".encode()).hexdigest()[:12],
        }
        parameters = {
            "CORPUS": run.corpus,
            "DATA_DIR": str(data_dir),
            "PROFILE": run.profile,
            "SEED": run.seed,
        }
        yield row, run.path.read_text(encoding="utf-8"), parameters | run.parameters


def _lacking(run, metadata, has):
    """Say what a notebook's metadata ``emolib.needs`` asks for and the corpus lacks."""
    needs = metadata.get("emolib", {}).get("needs", [])
    if unknown := sorted(set(needs) - set(NEEDS)):
        raise BatchError(f"{run.path} needs {unknown[0]!r}, which is none of {', '.join(NEEDS)}")
    missing = [need for need in needs if need not in has]
    return f"{run.corpus} has no {', no '.join(missing)}" if missing else ""


def _carry_out(jobs, out, again, at_once, slots):
    """Keep what finished before, run the rest, return the table."""
    out.mkdir(parents=True, exist_ok=True)
    with _claimed(out):
        before = {}
        for job in jobs:
            name = job.row["run"]
            found = earlier(out / "notebooks" / f"{name}.ipynb")
            if found:
                before[name] = found["row"]["seconds"]
                if not again and not job.row["state"] and _same(found, job, out):
                    job.row |= found["row"] | {"state": "kept"}
        unwritten = _work(jobs, at_once, slots, before, out / "results.csv")
    table = _table(jobs)
    table.attrs["unwritten"] = unwritten
    return table


def _same(found, job, out):
    """Tell whether a finished run is the one that a job would do."""
    return (
        found["row"]["source"] == job.row["source"]
        and found["row"]["versions"] == job.row["versions"]
        and found["parameters"] == job.given
        and all((out / record).is_file() for record in found["records"])
    )


@contextmanager
def _claimed(out):
    """Hold a folder: two runs in one would share numba's caches and overwrite each other."""
    claim = out / "running"
    if not _holder(claim):
        claim.unlink(missing_ok=True)
    try:
        with claim.open("x") as file:  # of two that come at once, one gets it
            file.write(f"{os.getpid()} {psutil.Process().create_time()}")
    except FileExistsError as error:
        raise BatchError(
            f"process {_holder(claim) or 'unknown'} is running notebooks in {out}: wait for it, or "
            f"choose another folder (where nothing runs, delete {claim})"
        ) from error
    try:
        yield
    finally:
        claim.unlink(missing_ok=True)


def _holder(claim):
    """Return the id of the other process that holds a claim, or None: ids are given again."""
    try:
        holder, created = claim.read_text().split()
        same = abs(psutil.Process(int(holder)).create_time() - float(created)) < 2  # clocks move
    except (OSError, ValueError, psutil.Error):
        return None
    return int(holder) if same and int(holder) != os.getpid() else None


def _work(jobs, at_once, slots, before, path):
    """Take the jobs through, each in a free slot; Ctrl-C ends what runs.

    Returns why the table could not be written at the end, or an empty string.
    """
    # The longest first, so that all slots end at about the same time.
    waiting = sorted(
        (job for job in jobs if not job.row["state"]), key=lambda job: -_took(job, before)
    )
    running, free = [], list(range(slots))
    pace = 1 if sys.stderr.isatty() else 60  # seconds; a file needs no moving bar
    shape = "{desc}{percentage:3.0f}%|{bar}| {n_fmt} of {total_fmt}, {elapsed}{postfix}"
    why = "Ctrl-C"
    with tqdm(total=len(jobs), mininterval=pace, bar_format=shape) as bar:
        for job in jobs:
            if job.row["state"]:
                _show(job, bar)
        try:
            while waiting or running:
                while waiting and free:
                    running.append(job := waiting.pop(0))
                    job.start(free.pop(0))
                names = ", ".join(job.row["run"] for job in running[:3])
                bar.set_description(names + " …" * (len(running) > 3), False)
                bar.set_postfix_str(_left(jobs, at_once, before), False)
                bar.update(0)
                time.sleep(POLL)
                for job in [job for job in running if job.finished()]:
                    running.remove(job)
                    free.append(job.slot)
                    _write(jobs, path)
                    _show(job, bar)
        except KeyboardInterrupt:
            bar.write("stopped by Ctrl-C: ending the notebooks that run")
        except Exception as error:
            why = f"the runner stopped with {type(error).__name__}: {error}"
            raise
        finally:  # any fault of ours must leave no kernel behind either
            for job in running:
                job.end("stopped", why)
            for job in waiting:
                job.row |= {"state": "stopped", "error": "not started"}
            unwritten = _write(jobs, path)
    return unwritten


def _took(job, before):
    return before.get(job.row["run"], 0)


def _left(jobs, at_once, before):
    """Say how long it will take: a run as long as before, else as others of its notebook."""
    known = {}
    for job in jobs:
        if seconds := job.row["seconds"] or _took(job, before):
            known.setdefault(job.row["notebook"], []).append(seconds)
    if not known:
        return "time left not known yet"
    usual = statistics.fmean(n for numbers in known.values() for n in numbers)
    left = []
    for job in jobs:
        others = known.get(job.row["notebook"])
        expected = _took(job, before) or (statistics.fmean(others) if others else usual)
        left.append(job.left(expected))
    seconds = max(sum(left) / at_once, *left)
    return f"about {tqdm.format_interval(seconds)} left"


def _table(jobs):
    table = pd.DataFrame([job.row for job in jobs], columns=COLUMNS)
    return table.astype({"cell": "Int64", "starts": "Int64", "error": "string"})


def _write(jobs, path):
    """Write the table whole or leave the old one; return why it could not be written, or ""."""
    try:
        write_whole(path, _table(jobs).to_csv(index=False))
    except OSError as error:
        return str(error)
    return ""


def _show(job, bar):
    bar.write(line(job.row))
    bar.update()


def line(row, width=32):
    """Return a row of the table as a line: state, name, seconds, MB, and why it did not pass."""
    known = row["seconds"] is not None
    numbers = f"{row['seconds']:7.1f} s {row['peak_mb']:6.0f} MB" if known else ""
    why = (f"In [{row['cell']}]: " if row["cell"] else "") + (row["error"] or "")
    return f"{row['state']:14} {row['run']:{width}} {numbers:20} {why}".rstrip()


def rows(table):
    """Return the table's rows as dictionaries, None where there is nothing."""
    return table.astype(object).where(table.notna(), None).to_dict("records")
