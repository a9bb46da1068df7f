"""The stored figures of CREMA-D's raters are those that notebook 01 computes from the votes."""

import os
import subprocess
import sys

import nbformat
import pytest

from emolib.evaluation import read_records, stored_records


def test_stored_figures_are_recomputed_from_the_votes(checkout, shared_data, tmp_path):
    notebook = nbformat.read(checkout / "notebooks" / "01_corpora_and_labels.ipynb", as_version=4)
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    code = code.replace('DATA_DIR = ""', f"DATA_DIR = {str(shared_data)!r}", 1)
    (tmp_path / "notebook.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "notebook.py"],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "computed just now" in done.stdout
    computed = [r for r in read_records(tmp_path / "build" / "results") if r["corpus"] == "cremad"]
    assert len(computed) == 3
    for record in computed:
        (stored,) = stored_records(record["system"], "cremad")
        assert record["mean"] == pytest.approx(stored["mean"])
        assert record["interval"]["correct"] == pytest.approx(stored["interval"]["correct"])
        assert record["parameters"] == stored["parameters"]
