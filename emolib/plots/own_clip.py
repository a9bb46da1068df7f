"""A reader's own clip: into the notebook, what five systems make of it, and out again."""

import base64
import os
import tempfile
from pathlib import Path

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

from emolib.plots.attention import attention_on_face

BLUE, ORANGE = "#0072B2", "#D55E00"
# What tells hosted machines, and whose they are.
HOSTED = {
    "COLAB_RELEASE_TAG": "on Google Colab: a computer of Google's, under your account there",
    "BINDER_SERVICE_HOST": "on Binder: a computer of a public service, deleted when you leave",
    "KAGGLE_KERNEL_RUN_TYPE": "on Kaggle: a computer of Google's, under your account there",
    "JUPYTERHUB_USER": "on a shared server (JupyterHub): whoever runs it can read its files",
}

# Record some seconds of camera and microphone; return the type and the bytes, in base64.
RECORDER = """
async function record(seconds) {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: true});
  const recorder = new MediaRecorder(stream), parts = [];
  recorder.ondataavailable = event => parts.push(event.data);
  const stopped = new Promise(done => recorder.onstop = done);
  recorder.start();
  await new Promise(done => setTimeout(done, 1000 * seconds));
  recorder.stop();
  await stopped;
  stream.getTracks().forEach(track => track.stop());
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return recorder.mimeType + "," + btoa(text);
}
"""


def where_bytes_go(environment=os.environ):
    """Say on which machine a clip would lie that this notebook is given.

    Parameters
    ----------
    environment : mapping
        Names that hosted machines set.

    Returns
    -------
    str
        A sentence.

    Notebook: 20_your_own_clip
    """
    for name, words in HOSTED.items():
        if environment.get(name):
            return (
                f"This notebook runs {words}. A clip that you give it goes there, over the "
                "network. It goes no further."
            )
    return (
        "This notebook runs on a machine that names no host: your own, if you started Jupyter on "
        "it. A clip that you give it stays there. If you opened it in a browser from elsewhere, "
        "the clip goes to that machine."
    )


class ClipUpload:
    """A button that takes one clip into a temporary folder, and a way to get rid of it again.

    The folder also goes when the notebook's kernel ends.

    Attributes
    ----------
    button : ipywidgets.FileUpload
        Display it; where no kernel answers it does nothing.

    Notebook: 20_your_own_clip
    """

    def __init__(self):
        self.button = self._new_button()
        self.folder = None

    @staticmethod
    def _new_button():
        return ipywidgets.FileUpload(accept="video/*,audio/*", multiple=False)

    def path(self):
        """Return the path of the clip as str, "" where none was given."""
        given = self.button.value
        if given:
            # ipywidgets 7 (Colab) gives a dictionary by name, 8 a tuple.
            one = next(iter(given.values())) if isinstance(given, dict) else given[0]
            name = one["metadata"]["name"] if "metadata" in one else one["name"]
            self._keep(bytes(one["content"]), Path(name).suffix)
        kept = sorted(Path(self.folder.name).iterdir()) if self.folder else []
        return str(kept[0]) if kept else ""

    def record(self, seconds=4):
        """Record by the browser's camera on Colab; elsewhere say what to do instead.

        Untested on Colab itself.
        """
        try:
            from google.colab import output
        except ImportError:
            print("No recorder here: record with a phone or a camera program, then upload.")
            return
        # The type may hold commas ("vp8,opus"), base64 holds none.
        kind, _, content = output.eval_js(f"({RECORDER})({float(seconds)})").rpartition(",")
        self._keep(base64.b64decode(content), ".mp4" if "mp4" in kind else ".webm")

    def _keep(self, content, suffix):
        """Write the only clip there is, under a name that says nothing."""
        if self.folder:
            self.folder.cleanup()
        self.folder = tempfile.TemporaryDirectory(prefix="own-clip-")
        (Path(self.folder.name) / f"clip{suffix.lower()}").write_bytes(content)

    def delete(self):
        """Delete the clip: the file, and the button, which holds its bytes; a new one follows."""
        if self.folder:
            self.folder.cleanup()
        self.folder = None
        self.button.close()
        self.button = self._new_button()


def answer_sheet(answers, classes, faces=None, least=None, title=""):
    """Draw what each system answers to one clip, how sure it is, and whether it should be asked.

    Parameters
    ----------
    answers : dict of str to ndarray of float, (classes,)
        Probabilities by system; NaN where it cannot answer.
    classes : sequence of str
    faces : ndarray, uint8, (times, height, width, 3), optional
        Four of them are shown.
    least : dict of str to float, optional
        The confidence below which a system's answer is replaced by "I don't know".
    title : str

    Returns
    -------
    matplotlib Figure

    Notebook: 20_your_own_clip
    """
    figure = plt.figure(figsize=(11, 3.3), layout="constrained")
    left, ax = figure.subplots(1, 2, width_ratios=(1, 3.2))
    left.set_axis_off()
    if faces is None:
        left.text(0.5, 0.5, "no face", ha="center", va="center")
    else:
        four = faces[np.linspace(1, len(faces) - 2, 4).astype(int)]
        left.imshow(np.vstack([np.hstack(four[:2]), np.hstack(four[2:])]))
    values = np.array(list(answers.values()))
    ax.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for row, (system, own) in enumerate(answers.items()):
        verdict = _verdict(own, classes, None if least is None else least[system])
        ax.text(len(classes) - 0.4, row, verdict, va="center", clip_on=False)
        for column, value in enumerate(own):
            if not np.isnan(value):
                ink = "black" if value > 0.5 else "white"
                ax.text(column, row, f"{value:.2f}", ha="center", va="center", color=ink)
    ax.set_xticks(range(len(classes)), classes, rotation=20)
    ax.set_yticks(range(len(answers)), answers)
    ax.set_title(title)
    return figure


def _verdict(probabilities, classes, least):
    if np.isnan(probabilities).any():
        return "cannot answer"
    if least is not None and probabilities.max() < least:
        return f"I don't know ({probabilities.max():.2f})"
    return f"{classes[probabilities.argmax()]}, {probabilities.max():.2f}"


def attended_sheet(attended, classes, faces=None, step=0.04, title=""):
    """Draw what each of the five systems attended to in one clip.

    Parameters
    ----------
    attended : dict
        As ``FiveSystems.attended`` returns it; what is missing leaves its panel empty.
    classes : sequence of str
    faces : ndarray, uint8, (12, height, width, 3), optional
    step : float
        Seconds between the steps of gru-attention's sound.
    title : str

    Returns
    -------
    matplotlib Figure

    Notebook: 20_your_own_clip
    """
    figure, axes = plt.subplots(2, 4, figsize=(13, 6), layout="constrained")
    panels = {
        "dv-emotionnet: blocks of features": _blocks,
        "multi-input-cnn: covered squares": _squares,
        "gru-attention: moments of sound": _moments,
        "gru-attention: faces": _faces,
        "av-attention: places": _places,
        "av-attention: snippets": _snippets,
        "av-attention: Corr": _corr,
        "low-rank: each sense alone": _alone,
    }
    for ax, (name, draw) in zip(axes.flat, panels.items(), strict=True):
        own = attended.get(name.partition(":")[0], {})
        if not draw(ax, own, {"classes": classes, "faces": faces, "step": step}):
            ax.clear()
            ax.set_axis_off()
            ax.text(0.5, 0.5, "nothing to show", ha="center", va="center")
        ax.set_title(name, fontsize=10)
    figure.suptitle(title)
    return figure


def _blocks(ax, own, _):
    ax.barh(list(own), list(own.values()), color=BLUE)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_xlabel("fall of the probability")
    return own


def _squares(ax, own, given):
    if "squares" in own and own["squares"].max() > 0:
        fall = np.maximum(own["squares"], 0)
        attention_on_face(given["faces"][6], fall / fall.sum(), ax)
        ax.set_xlabel(f"largest fall {fall.max():.2f}")
        return True
    return False


def _moments(ax, own, given):
    if "audio" in own:
        seconds = np.arange(len(own["audio"])) * given["step"]
        ax.step(seconds, own["audio"], where="mid", color=BLUE)
        ax.axhline(1 / len(seconds), color="black", linestyle=":")
        ax.set(xlabel="time (s)", ylabel="weight", ylim=(0, None))
    return "audio" in own


def _faces(ax, own, _):
    if "video" in own:
        ax.bar(range(1, 1 + len(own["video"])), own["video"], color=BLUE)
        ax.axhline(1 / len(own["video"]), color="black", linestyle=":")
        ax.set(xlabel="face", ylabel="weight")
    return "video" in own


def _places(ax, own, given):
    if "places" in own:
        most = int(own["video"].argmax())
        attention_on_face(given["faces"][2 * most], own["places"][most], ax)
        ax.set_xlabel(f"snippet {most + 1}: {own['places'][most].max() * 36:.1f} x mean")
    return "places" in own


def _snippets(ax, own, _):
    looks = {"audio": (BLUE, "", -0.2), "video": (ORANGE, "//", 0.2)}
    for name, (colour, hatch, shift) in looks.items():
        if name in own:
            x = np.arange(1, 1 + len(own[name])) + shift
            ax.bar(x, own[name], 0.4, color=colour, hatch=hatch, edgecolor="white", label=name)
            ax.axhline(1 / len(x), color="black", linestyle=":")
    if own:
        ax.set(xlabel="snippet", ylabel="weight")
        ax.legend(fontsize=8)
    return own


def _corr(ax, own, _):
    if "corr" in own:
        image = ax.imshow(own["corr"], cmap="cividis")
        ax.figure.colorbar(image, ax=ax, shrink=0.8)
        ax.set(xlabel="snippet of face", ylabel="snippet of sound", xticks=[], yticks=[])
    return "corr" in own


def _alone(ax, own, given):
    looks = {"sound": (BLUE, "", -0.2), "face": (ORANGE, "//", 0.2)}
    for name, (colour, hatch, shift) in looks.items():
        if name in own:
            y = np.arange(len(own[name])) + shift
            ax.barh(y, own[name], 0.4, color=colour, hatch=hatch, edgecolor="white", label=name)
    if own:
        ax.set_yticks(range(len(given["classes"])), given["classes"])
        ax.set(xlabel="probability", xlim=(0, 1))
        ax.invert_yaxis()
        ax.legend(fontsize=8)
    return own
