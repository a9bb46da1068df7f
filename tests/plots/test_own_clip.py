"""A clip comes in, is shown, and is gone again."""

import base64
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from emolib import plots
from emolib.plots.own_clip import HOSTED


@pytest.mark.parametrize("name", HOSTED)
def test_a_hosted_machine_is_named(name):
    said = plots.where_bytes_go({name: "x", "HOME": "/home"})
    assert HOSTED[name] in said and "goes there, over the network" in said


def test_a_machine_that_names_no_host_may_still_be_far_away():
    said = plots.where_bytes_go({"COLAB_RELEASE_TAG": ""})
    assert "names no host" in said and "from elsewhere" in said


def given(content, widgets):
    """Return a button's value as ipywidgets 7 or 8 gives it."""
    if widgets == 7:
        return {"me.MOV": {"metadata": {"name": "me.MOV"}, "content": content}}
    return ({"name": "me.MOV", "content": memoryview(content)},)


@pytest.mark.parametrize("widgets", [7, 8])
def test_an_upload_lies_in_a_file_until_it_is_deleted(widgets):
    upload = plots.ClipUpload()
    assert upload.path() == ""
    upload.button = SimpleNamespace(value=given(b"abc", widgets), close=lambda: None)
    path = Path(upload.path())
    assert path.read_bytes() == b"abc" and path.name == "clip.mov"
    upload.delete()
    assert not path.exists() and not path.parent.exists()
    assert upload.path() == "" and not upload.button.value


def test_a_second_upload_replaces_the_first():
    upload = plots.ClipUpload()
    for content in (b"one", b"two"):
        upload.button = SimpleNamespace(value=given(content, 8), close=lambda: None)
        path = Path(upload.path())
    assert path.read_bytes() == b"two" and len(list(path.parent.iterdir())) == 1
    upload.delete()


@pytest.mark.parametrize(
    ("kind", "suffix"), [("video/webm;codecs=vp8,opus", ".webm"), ("video/mp4", ".mp4")]
)
def test_a_recording_on_colab_becomes_a_file(kind, suffix, monkeypatch):
    asked = []
    output = ModuleType("output")
    sent = f"{kind},{base64.b64encode(b'moving').decode()}"
    output.eval_js = lambda script: asked.append(script) or sent
    colab = ModuleType("google.colab")
    colab.output = output
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    upload = plots.ClipUpload()
    upload.record(3)
    assert asked[0].rstrip().endswith("(3.0)")
    path = Path(upload.path())
    assert path.suffix == suffix and path.read_bytes() == b"moving"
    upload.delete()


def test_elsewhere_it_says_what_to_do_instead(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", None)
    upload = plots.ClipUpload()
    upload.record()
    assert "then upload" in capsys.readouterr().out and upload.path() == ""


def test_the_sheet_answers_refuses_and_says_who_cannot():
    answers = {"a": np.array([0.9, 0.1]), "b": np.array([0.4, 0.6]), "c": np.full(2, np.nan)}
    figure = plots.answer_sheet(answers, ["sad", "calm"], least={"a": 0.8, "b": 0.8, "c": 0.8})
    words = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert {"sad, 0.90", "I don't know (0.60)", "cannot answer", "no face"} <= set(words)
    assert "nan" not in words
    plt.close(figure)


def test_what_nobody_attended_to_is_not_drawn():
    figure = plots.attended_sheet({"low-rank": {"sound": np.array([0.3, 0.7])}}, ["sad", "calm"])
    empty = [ax for ax in figure.axes if any("nothing" in t.get_text() for t in ax.texts)]
    assert len(empty) == 7
    (drawn,) = [ax for ax in figure.axes if ax not in empty]
    assert [bar.get_width() for bar in drawn.patches] == [0.3, 0.7]
    plt.close(figure)
