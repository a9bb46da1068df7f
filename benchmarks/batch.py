"""The whole course at ``quick`` on one Dask worker and on two, with cold caches and with warm."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import LocalCluster

from benchmarks import Row
from emolib.batch import run

NOTEBOOKS = ()  # all


def rows():
    """Run the course four times, everything anew; a worker's caches last as long as the worker."""
    took = {}
    with TemporaryDirectory() as folder:
        for workers in (1, 2):
            with LocalCluster(
                n_workers=workers, threads_per_worker=1, memory_limit=0, dashboard_address=None
            ) as cluster:
                for caches in ("cold", "warm"):
                    begin = time.perf_counter()
                    table = run(
                        NOTEBOOKS,
                        scheduler=cluster.scheduler_address,
                        out=Path(folder) / str(workers),
                        again=True,
                    )
                    took[workers, caches] = time.perf_counter() - begin
                    if set(table["state"]) != {"passed"}:
                        raise AssertionError(f"not every notebook passed:\n{table['error']}")
        records = [
            {path.name for path in (Path(folder) / workers / "results").iterdir()}
            for workers in ("1", "2")
        ]
    if records[0] != records[1]:
        raise AssertionError(f"records differ: {sorted(records[0] ^ records[1])}")
    same = f"all passed each time, the same {len(records[0])} records"
    claim = f"{len(table)} notebooks, `quick`"
    return [
        Row(f"{claim}, on two Dask workers", "one worker", _ratio(took[1, "cold"], took[2, "cold"]),
            "×1.6", same),
        Row(f"{claim}, on two workers with warm caches", "cold caches",
            _ratio(took[2, "cold"], took[2, "warm"]), "×2", same),
    ]  # fmt: skip


def _ratio(peer, ours):
    return f"×{peer / ours:.2f} ({peer:.0f} s and {ours:.0f} s, one run each)"
