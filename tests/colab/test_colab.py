"""Colab rehearsed: its published versions, one copied notebook in an empty folder, no emolib.

The environment is made once, in build/colab, and again when the list of versions changes. Each
notebook then gets a fresh environment on top of it, so that each bootstrap starts from nothing.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

LIST = Path(__file__).parent / "requirements.txt"
NAMES = [line.split("==")[0] for line in LIST.read_text().splitlines() if "==" in line]
COLAB = (3, 12)
RUN = """
import nbformat, nbclient
notebook = nbformat.read("{name}", as_version=4)
nbclient.NotebookClient(notebook, timeout=1800).execute()
nbformat.write(notebook, "{name}")
"""
VERSIONS = "import json, sys; from importlib.metadata import version as v; "
VERSIONS += "print(json.dumps([*map(v, json.loads(sys.argv[1]))]))"


def call(*command, **options):
    """Run a command to its end; return what it printed, or fail with what it complained of."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


def packages(python):
    return Path(call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))


def colab_python():
    """Return Colab's Python where there is one, else this one if the versions fit it."""
    named = shutil.which("python{}.{}".format(*COLAB))
    # A name on the path may be an empty shim.
    works = named and subprocess.run([named, "-c", "import ensurepip"], capture_output=True)
    if works and works.returncode == 0:
        return named
    own = "{}.{}".format(*sys.version_info)
    if sys.version_info[:2] > COLAB:
        pytest.skip(f"there is no python3.12, and Colab's versions have no wheels for {own}")
    warnings.warn(f"there is no python3.12: Colab rehearsed with {own}", stacklevel=1)
    return sys.executable


@pytest.fixture(scope="module")
def colab(checkout):
    """Folder of packages with Colab's versions, and the Python that they are for."""
    program = colab_python()
    kind = hashlib.sha256(LIST.read_bytes() + call(program, "-VV").encode()).hexdigest()[:12]
    folder = checkout / "build" / "colab" / kind
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder.parent, ignore_errors=True)
        call(program, "-m", "venv", folder)
        pip = (python, "-m", "pip", "--disable-pip-version-check")
        asked = [*pip, "--retries", "0", "index", "versions", "numpy"]
        reached = subprocess.run(asked, capture_output=True)
        if reached.returncode:
            pytest.skip("there is no network to install Colab's versions from")
        call(*pip, "install", "--quiet", "--no-deps", "-r", LIST)
        (folder / "complete").touch()
    return program, packages(python)


@pytest.mark.parametrize("name", ("00_start_here", "09_faces", "16_polarity_triplet_loss"))
def test_one_copied_notebook_runs_with_colabs_versions(colab, checkout, tmp_path, name):
    program, others = colab
    call(program, "-m", "venv", tmp_path / "environment")
    python = tmp_path / "environment" / "bin" / "python"
    (packages(python) / "others.pth").write_text(str(others))
    before = call(python, "-c", VERSIONS, json.dumps(NAMES))
    alone = tmp_path / "alone"
    alone.mkdir()
    search = {"cwd": alone, "capture_output": True, "text": True}  # Python looks into its folder
    lacks = subprocess.run([python, "-c", "import emolib"], **search)
    assert "No module named 'emolib'" in lacks.stderr
    shutil.copy(checkout / "notebooks" / f"{name}.ipynb", alone)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["EMOLIB_SOURCE"] = str(checkout)
    call(python, "-c", RUN.format(name=f"{name}.ipynb"), cwd=alone, env=environment)

    assert call(python, "-c", VERSIONS, json.dumps(NAMES)) == before
    (record,) = (alone / "build" / "results").glob("*.json")
    versions = json.loads(record.read_text())["versions"]
    print(f"{name} with {versions}")
