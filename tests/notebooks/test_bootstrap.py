"""A notebook copied alone into an empty folder brings the project in and runs."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat


def test_one_copied_notebook_installs_the_project_and_runs(checkout, tmp_path):
    # A fresh environment that sees every package of this one except emolib itself.
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True, symlinks=os.name != "nt")
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    others = tmp_path / "others"
    others.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "emolib" not in entry.name:
            (others / entry.name).symlink_to(entry)
    packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    Path(packages, "others.pth").write_text(str(others))
    lacks = subprocess.run([python, "-c", "import emolib"], cwd=tmp_path, capture_output=True)
    assert b"No module named 'emolib'" in lacks.stderr

    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(checkout / "notebooks" / "01_corpora_and_labels.ipynb", alone)
    notebook = nbformat.read(alone / "01_corpora_and_labels.ipynb", as_version=4)
    code = "\n\n".join(
        "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))
        for cell in notebook.cells
        if cell.cell_type == "code"
    )
    (alone / "notebook.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [python, "notebook.py"],
        cwd=alone,
        env={**os.environ, "EMOLIB_SOURCE": str(checkout), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "from the stored records of this computation" in done.stdout
    assert list((alone / "build" / "results").glob("*.json"))
    installed = subprocess.run(
        [python, "-c", "import emolib; print(emolib.__file__)"],
        cwd=alone,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert installed.startswith(packages)
    versions = "import numpy, tensorflow; print(numpy.__version__, tensorflow.__version__)"
    outside, inside = (
        subprocess.run([p, "-c", versions], capture_output=True, text=True, check=True).stdout
        for p in (sys.executable, python)
    )
    assert outside == inside
