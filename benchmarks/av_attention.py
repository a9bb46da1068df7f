"""A real clip to a label by av-attention at its quick size, and what a step of training costs."""

import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks import Row, seconds
from emolib import corpora
from emolib.audio import spectrogram_parts
from emolib.losses import EmotionMetricLoss
from emolib.models import av_attention, classify_clip, face_snippets, input_shapes
from emolib.models.av_attention import SIZES
from emolib.models.av_inputs import RATE

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ravdess"
LOOKS = 2  # frames in which the face is looked for
RUNS = 11
CLIPS, BATCH = 1152, 16  # the paper's 80 % of 1,440, and its batch
PAPER = "the paper's {} on an RTX 3090 Ti at its own size"


def rows():
    """Time the first clip that has a picture; weights are untrained, which costs the same."""
    if not DATA.is_dir():
        print("av_attention skipped: the real clips (../shared/data/ravdess) are not there")
        return []
    table = corpora.load("ravdess", DATA)
    row = table[table["video"].notna()].iloc[0]
    model = av_attention()
    return [*_clip_to_label(model, row), _training(model)]


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
    rng = np.random.default_rng(0)
    clips = {
        name: rng.normal(size=(BATCH, *shape)).astype(np.float32)
        for name, shape in input_shapes("quick").items()
    }
    labels = np.arange(BATCH) % 8
    model.compile(
        "adam",
        {"probabilities": "sparse_categorical_crossentropy", "embedding": EmotionMetricLoss()},
    )

    def step():
        model.train_on_batch(clips, {"probabilities": labels, "embedding": labels})

    step()
    minutes = [seconds(step) * CLIPS / BATCH / 60 for _ in range(5)]
    unit = 2**30 if sys.platform == "darwin" else 2**20  # ru_maxrss is in bytes there, else in kB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Row(
        f"an epoch of {CLIPS} clips, `quick`, from steps of {BATCH}",
        PAPER.format("95 min and 12 GB"),
        f"{statistics.median(minutes):.1f} min ({min(minutes):.1f} to {max(minutes):.1f}, 5 runs), "
        f"peak memory of the process {peak:.1f} GB",
        "reported",
        "not comparable: another size, another machine",
    )


def _ms(values):
    return (
        f"{statistics.median(values):.0f} ms ({min(values):.0f} to {max(values):.0f}, "
        f"{len(values)} runs)"
    )
