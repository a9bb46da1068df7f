"""Many notebooks, one command: papermill runs, one table of them, one page about them."""

from emolib.batch.grid import BatchError
from emolib.batch.report import report
from emolib.batch.run import run

__all__ = ["BatchError", "report", "run"]
