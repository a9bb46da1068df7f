"""Tiny notebooks, and a corpus that loads at once."""

import time

import nbformat
import psutil
import pytest

from emolib import corpora


@pytest.fixture(scope="session")
def write():
    """Function that writes a notebook with these code cells behind its parameters."""

    def written(folder, name, *sources, needs=(), parameters='CORPUS = ""'):
        first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
        cells = [first, *map(nbformat.v4.new_code_cell, sources)]
        metadata = {"emolib": {"needs": list(needs)}}
        path = folder / f"{name}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
        return str(path)

    return written


@pytest.fixture
def voices(monkeypatch):
    """A corpus of two voices without pictures in place of the puppets."""
    clips = corpora.clip_table(
        {"clip": str(k), "corpus": "puppets", "actor": str(k), "audio": "x.wav"} for k in range(2)
    )
    monkeypatch.setattr(corpora, "load", lambda name, root=None: clips)


@pytest.fixture(scope="session")
def ends():
    """Function that tells whether the process whose id a file holds ends within seconds."""

    def ended(mark, within=20):
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            try:
                if psutil.Process(int(mark.read_text())).status() == psutil.STATUS_ZOMBIE:
                    return True
            except psutil.NoSuchProcess:
                return True
            time.sleep(0.2)
        return False

    return ended
