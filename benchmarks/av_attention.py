"""A real clip to a label by av-attention at its quick size, and what a step of training costs."""

import multiprocessing
import os
import resource
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import psutil

from benchmarks import Row, seconds
from emolib import corpora
from emolib.audio import spectrogram_parts
from emolib.losses import EmotionMetricLoss
from emolib.models import av_attention, classify_clip, face_snippets, input_shapes
from emolib.models.av_attention import SIZES
from emolib.models.av_inputs import RATE

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
DATA = Path(os.environ.get("EMOLIB_DATA") or BESIDE) / "ravdess"
LOOKS = 2  # frames in which the face is looked for: with one, a head that moves is cut askew
RUNS = 11
CLIPS, BATCH = 1152, 16  # the paper's 80 % of 1,440, and its batch
PAPER_GB = 19  # that should be free before one step at the paper's size is tried
PAPER = "the paper's {} on an RTX 3090 Ti at its own size"


def rows():
    """Time the first clip that has a picture; weights are untrained, which costs the same."""
    if not DATA.is_dir():
        print(f"av_attention skipped: there is no {DATA}; EMOLIB_DATA names its parent folder")
        return []
    table = corpora.load("ravdess", DATA)
    row = table[table["video"].notna()].iloc[0]
    model = av_attention()
    return [*_clip_to_label(model, row), _training(model), *_paper_step()]


def _clip_to_label(model, row):
    has, shapes = SIZES["quick"], input_shapes("quick")
    n, frames = shapes["video"][:2]
    steps = {
        "reading": lambda _: (
            [frame for frame, _ in corpora.iter_video(row, fps=has["fps"])],
            corpora.read_audio(row, RATE),
        ),
        "faces": lambda read: (face_snippets(read[0], n, frames, has["pixels"], LOOKS), read[1]),
        "sound": lambda read: {
            "video": read[0],
            "audio": spectrogram_parts(*read[1], n, shapes["audio"][1:3])[..., None],
        },
        "network": lambda clip: classify_clip(model, clip),
    }
    answers, spent = [], []
    for run in range(RUNS + 1):
        value, taken = None, {}
        for name, step in steps.items():
            begin = time.perf_counter()
            value = step(value)
            taken[name] = 1000 * (time.perf_counter() - begin)
        answers.append(value[1])
        if run:  # the first one loads the detector and compiles the network
            spent.append(taken)
    if np.ptp(answers, axis=0).max() > 1e-5:
        raise AssertionError("one clip got several answers")
    medians = {name: statistics.median(s[name] for s in spent) for name in steps}
    shares = ", ".join(f"{name} {ms:.0f} ms" for name, ms in medians.items())
    print(f"where the time goes (medians): {shares}")
    peer, same = PAPER.format("235 ms, its network only"), "the same answer in every run"
    claim = f"a RAVDESS clip to a label, `quick`, {LOOKS} looks for the face"
    from_frames = [sum(s.values()) - s["reading"] for s in spent]
    return [
        Row(f"{claim}, from frames and sound", peer, _ms(from_frames), "at most 235 ms", same),
        Row(f"{claim}, from the file", peer, f"{_ms([sum(s.values()) for s in spent])}: {shares}",
            "at most 450 ms", same),
    ]  # fmt: skip


def _training(model):
    """Table 4 on this machine: an epoch's minutes from one step, and the process's memory."""
    step = _step(model, "quick", BATCH)
    step()
    minutes = [seconds(step) * CLIPS / BATCH / 60 for _ in range(5)]
    return Row(
        f"an epoch of {CLIPS} clips, `quick`, from steps of {BATCH}",
        PAPER.format("95 min and 12 GB"),
        f"{statistics.median(minutes):.1f} min ({min(minutes):.1f} to {max(minutes):.1f}, 5 runs), "
        f"peak memory of the process {_peak():.1f} GB",
        "reported",
        "not comparable: another size, another machine",
    )


def _step(model, size, batch, **compiled):
    """Return a function that takes one training step on random clips."""
    rng = np.random.default_rng(0)
    clips = {
        name: rng.normal(size=(batch, *shape)).astype(np.float32)
        for name, shape in input_shapes(size).items()
    }
    labels = np.arange(batch) % 8
    losses = {"probabilities": "sparse_categorical_crossentropy", "embedding": EmotionMetricLoss()}
    model.compile("adam", losses, **compiled)
    return lambda: model.train_on_batch(clips, {"probabilities": labels, "embedding": labels})


def _peak():
    """Return the largest memory of this process so far, in GB (10^9 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, else in kB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def _paper_step():
    """Take one step of one clip at the paper's own size, where there is room for it."""
    free = psutil.virtual_memory().available / 1e9
    if free < PAPER_GB:
        print(f"a step at the size `paper` skipped: {free:.0f} GB are free, not {PAPER_GB}")
        return []
    # A process of its own, so that its peak of memory is its own.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        taken, peak, weights = pool.submit(paper_step).result()
    return [
        Row(
            f"one training step of one clip, `paper` ({weights / 1e6:.0f} million weights)",
            PAPER.format("95 min an epoch and 12 GB, batches of 16,"),
            f"{taken:.0f} s, peak memory of the process {peak:.1f} GB; {CLIPS} such steps would "
            f"take {taken * CLIPS / 3600:.0f} h",
            "takes one step anywhere",
            "the loss is a number",
        )
    ]


def paper_step():
    """Return the seconds of one step, the peak in GB and the number of trainable weights."""
    model = av_attention(size="paper")
    step = _step(model, "paper", 1, run_eagerly=True)  # one step: compiling it would add to it
    losses = []
    taken = seconds(lambda: losses.append(step()))
    if not np.isfinite(losses).all():
        raise AssertionError(f"the loss of one step is {losses}")
    return taken, _peak(), sum(int(np.prod(w.shape)) for w in model.trainable_weights)


def _ms(values):
    return (
        f"{statistics.median(values):.0f} ms ({min(values):.0f} to {max(values):.0f}, "
        f"{len(values)} runs)"
    )
