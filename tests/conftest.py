"""What every test shares: a numba cache of its own for each process, and the real data."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Two processes that fill one numba cache together leave it broken for good, so each test
# process has its own, and so have the kernels it starts. Set before librosa is imported anywhere.
os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="emolib-numba-")
atexit.register(shutil.rmtree, os.environ["NUMBA_CACHE_DIR"], ignore_errors=True)
os.environ.setdefault("MPLBACKEND", "agg")

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def checkout():
    return CHECKOUT


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real corpora that ``EMOLIB_DATA`` names, else the one beside the checkout."""
    folder = Path(os.environ.get("EMOLIB_DATA") or CHECKOUT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: EMOLIB_DATA names the folder of the real corpora")
    return folder
