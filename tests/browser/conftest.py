"""A Chromium that the system has, JupyterLab, and a small notebook with one of each live thing."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# No address beside this machine is found, so that every run is one without a network.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
ARGUMENTS[-1] += ", EXCLUDE 127.0.0.1"
SETTINGS = {
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # every cell is on the page
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}
TEXT = "# Tiny\n\nA table, and $x^2$.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n$$y = x^2$$"
SOURCES = (
    """\
import numpy as np
from IPython.display import Audio, display
from emolib import plots

time = np.arange(16000) / 16000
sound = np.sin(2 * np.pi * 440 * time).astype(np.float32)
""",
    """\
frames = np.zeros((30, 64, 64, 3), np.uint8)
plots.show(plots.video_player(frames, 30, sound, 16000), "A black square hums for a second.")
display(Audio(sound, rate=16000))
""",
    """\
def wave(hz):
    return [{"type": "scatter", "x": [0, 1, 2], "y": [0, hz, 0]}]

still = plots.waveform(sound[:500], 16000)
plots.show(plots.slider(wave, [1, 2, 3], "Hz", title="A peak"), "A peak that grows.", still)
""",
    """\
def draw(hz):
    ax = plots.waveform(np.sin(hz * time[:4000]), 16000)
    ax.set_title(hz)
    return ax

plots.explore(draw, "A wave of {hz} radians a second.", hz=[100, 500])
""",
)


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium; nothing is downloaded."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)}, and CHROMIUM is not set")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Path of a notebook, not yet run, with a player, a sound, a slider and a menu."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.ipynb"
    text = nbformat.v4.new_markdown_cell(TEXT)
    cells = [text, *map(nbformat.v4.new_code_cell, SOURCES)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on loopback with settings of its own: its address, and the folder it serves."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    for name, text in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": "",
        "LabApp.user_settings_dir": home / "settings",
        "LabApp.workspaces_dir": home / "workspaces",
    }
    own = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    with open(home / "log", "w") as log:
        server = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/api/status", server, home / "log")
        yield address, folder
    finally:
        server.terminate()
        server.wait(30)


def _wait(address, server, log):
    """Wait until a server answers."""
    for _ in range(3000):
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except (urllib.error.URLError, TimeoutError):
            assert server.poll() is None, log.read_text()[-2000:]
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not answer within five minutes: {log.read_text()[-2000:]}")
