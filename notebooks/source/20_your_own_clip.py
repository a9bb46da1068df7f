# ---
# jupyter:
#   emolib:
#     needs: [audio, actors]
# ---

# %% [markdown]
# # Your own clip: five answers, and when to say "I don't know"
#
# **You will** pose a puppet before five systems at once; see what each attends to; let a threshold
# slide until a system refuses; decide when it should, and choose the threshold on clips that the
# test does not use; add noise, blur and a cover over the face; and, if you like, give them a clip
# of your own.
#
# 60 minutes to read, two minutes to run. Papers: all five. Before:
# [notebook 02](02_honest_evaluation.ipynb) for calibration and for who may choose what.

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
import tempfile
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from plotly.subplots import make_subplots

from emolib import audio, checks, corpora, evaluation, fusion, models, plots
from emolib.corpora.writing import write_video
from emolib.evaluation.record import accuracy_of
from emolib.models.five_systems import RATE, SYSTEMS

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
LOOK = {
    "dv-emotionnet": (BLUE, "o"),
    "multi-input-cnn": (ORANGE, "s"),
    "gru-attention": (GREEN, "D"),
    "av-attention": (PURPLE, "^"),
    "low-rank": ("#E69F00", "v"),
    "all five": ("black", "X"),
}

# %% [markdown]
# ## Three groups of people
#
# A threshold is one more thing that is learnt, so we need three groups: half of the actors teach the
# networks, a quarter **choose** the threshold, a quarter are **asked** at the end. Nobody is in two.

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
table = table.dropna(subset=["audio", "emotion", "actor"])
if "kind" in table:  # of the puppets, those whose voice and face show the same
    table = table[table["kind"] == "redundant"]
seen = bool(table["video"].notna().all())
if not seen:
    table = table.assign(video=pd.NA)
    print(f"{CORPUS}: not every clip has a picture here, so all five systems only listen")
people = np.random.default_rng(SEED).permutation(sorted(table["actor"].unique()))
if PROFILE == "quick":
    people = people[:16]
    table = table[table["actor"].isin(people)].sample(frac=1, random_state=SEED)
    table = table.groupby(["actor", "emotion"], observed=True).head(1 if seen else 4)
table = table.sort_values(["actor", "clip"]).reset_index(drop=True)

# %%
quarter = max(1, len(people) // 4)
GROUPS = {"learn": people[2 * quarter :], "choose": people[:quarter]}
GROUPS["asked"] = people[quarter : 2 * quarter]
rows = {name: np.flatnonzero(table["actor"].isin(own)) for name, own in GROUPS.items()}
for name, own in rows.items():
    print(f"{name:7} {len(GROUPS[name]):2} actors, {len(own):3} clips of {CORPUS}")


# %% [markdown]
# A clip becomes two **senses**: its sound at 16 kHz, and twelve faces, evenly spaced and aligned.
# `models.read_clip` does that for a row of a table and for a file. Where a sense cannot be had, a
# sentence stands in its place and says why.


# %%
clips = models.read_clips(table, Path("build/cache/five_systems"))
labels = table["emotion"].to_numpy(str)
systems = models.FiveSystems().fit([clips[k] for k in rows["learn"]], labels[rows["learn"]], SEED)
for name, network in systems.networks.items():
    takes = " and ".join(sense for sense, _, _ in systems.taken(name))
    print(f"{name:16} {network.count_params():9,} parameters, takes {takes}")

# %% [markdown]
# They are small and trained for seconds, so that you can watch: dv-emotionnet is its paper's own
# network, each of the others has parts of its paper's at a quarter of the size or less.
# av-attention's faces come from the course's frozen encoder (notebook 09). None of these networks is
# stored or shipped.
#
# ## Pose a puppet
#
# We will highlight one clip: a puppet that you pose. It is **synthetic**, nobody is recorded, and no
# camera is needed. Choose what its voice and its face show, how strongly, and who it is. Each row
# is a system, each column an emotion, each number a probability; at the right stands its answer.
#
# **Predict first**: let the voice be sad and the face happy. Whom does each system believe?

# %% tags=["prediction"]
my_prediction = None  # by system: the voice or the face


# %%
def faces_of(clip):
    """Return a clip's faces, or None."""
    return None if isinstance(clip["face"], str) else clip["face"].signal


def ask(clip, title, least=None):
    """Draw what the five systems answer to one clip."""
    answers = {name: p[0] for name, p in systems.probabilities([clip]).items()}
    return plots.answer_sheet(answers, systems.classes, faces_of(clip), least, title)


def pose(voice, face, strength, actor):
    """Pose a puppet and ask about it."""
    clip = models.pose_puppet(voice, face, strength, actor, SEED)
    return ask(clip, f"A puppet: voice {voice}, face {face}, strength {strength:g}")


plots.explore(
    pose,
    "Four faces of puppet {actor} with a {voice} voice and a {face} face at strength {strength}, "
    "and the probabilities that five systems give to each emotion.",
    voice=["happy", *(e for e in corpora.EMOTIONS if e != "happy")],
    face=["happy", *(e for e in corpora.EMOTIONS if e != "happy")],
    strength=(0.0, 2.0, 0.1),
    actor=[int(a) for a in GROUPS["asked"]] if CORPUS == "puppets" else list(range(1, 25)),
)

# %%
torn = models.pose_puppet("sad", "happy", 1.2, 5, SEED)
plots.show(
    ask(torn, "A sad voice and a happy face"),
    "Probabilities of five systems for a puppet whose voice is sad and whose face is happy.",
)

# %% [markdown]
# dv-emotionnet has no eyes here. Systems with two senses must weigh them, and nothing in their
# training told them what to do when the two disagree: in every clip that they learnt from, voice and
# face showed the same.
#
# ## What did each attend to?
#
# Three of the five have no attention. Those we ask by covering: set one block of numbers, or one
# square of the face, to a mean, and see how far the probability of the answer falls. low-rank we ask
# with one sense at its mean. The other two have weights of their own.


# %%
def attended(clip, title):
    """Draw what each system attended to in a clip."""
    return plots.attended_sheet(
        systems.attended(clip), systems.classes, faces_of(clip), title=title
    )


first = int(rows["asked"][0])
plots.show(
    attended(clips[first], f"{CORPUS} {table['clip'][first]}, {labels[first]}"),
    "Eight panels for one clip: falls of the probability by feature block and by square of the face, "
    "attention over time and snippets, a heat map, a correlation matrix, and answers of each sense.",
)

# %% [markdown]
# Read them with notebook 17 in mind. A weight says what went into a sum, not why the answer is what
# it is; a square that lowers the probability says that grey in that place changes the answer. That
# is less than a reason. A largest fall of 0.00 means that the network does not look there, however
# bright the square is painted. And where both of low-rank's senses say little alone, remember that it
# multiplies them (notebook 18).

# %% [markdown]
# ## "I don't know"
#
# Each answer comes with a largest probability, its **confidence**. A system that may refuse answers
# only from a threshold on. Then it answers fewer clips (its **coverage** falls) and, if its
# confidence means anything, the rest better. Here are the clips of the group that chooses. Beside
# the five stands their mean, *all five*.
#
# **Predict first**: the threshold at which it answers nothing wrong: how many clips does it still
# answer?

# %% tags=["prediction"]
my_prediction = None  # a share of the clips


# %%
def with_mean(given):
    """Add the mean of those that answer; to one that cannot, all emotions are alike."""
    alike = {name: fusion.late_fusion([p]) for name, p in given.items()}
    return {**alike, "all five": fusion.late_fusion(list(given.values()), "mean")}


def sure(p):
    """Return each clip's confidence."""
    return p.max(axis=1).round(12)


def right(p, truth):
    """Return which clips are answered right."""
    return np.array(systems.classes)[p.argmax(axis=1)] == truth


said = {}
for group in ("choose", "asked"):
    said[group] = with_mean(systems.probabilities([clips[k] for k in rows[group]]))
truth = {group: labels[rows[group]] for group in said}
for name, p in said["choose"].items():
    accuracy = right(p, truth["choose"]).mean()
    print(f"{name:16} is right in {accuracy:.0%} and claims {sure(p).mean():.0%}, on average")

# %%
THRESHOLDS = [round(t, 2) for t in np.linspace(0.1, 1, 37)]
curves = {
    name: evaluation.coverage_curve(p, truth["choose"], systems.classes)
    for name, p in said["choose"].items()
}
strip = said["choose"]["all five"]
height = np.random.default_rng(SEED).uniform(-1, 1, len(strip))
kinds = {"answered, right": (BLUE, "circle"), "answered, wrong": (ORANGE, "x")}
kinds["I don't know"] = (GREY, "y-down-open")


def point(curve, threshold):
    """Return coverage and accuracy at a threshold; nothing where no clip is answered."""
    row = curve[curve["threshold"] >= threshold].tail(1)
    return row["coverage"].tolist(), row["accuracy"].tolist()


def at_threshold(threshold):
    """Return the traces of one threshold: the clips, the curves, a mark on each curve."""
    hit, answered = right(strip, truth["choose"]), sure(strip) >= threshold
    parts = zip(kinds.items(), (answered & hit, answered & ~hit, ~answered), strict=True)
    traces = [
        {"type": "scatter", "x": sure(strip)[own].round(3), "y": height[own].round(2),
         "mode": "markers", "name": kind, "marker": {"color": colour, "symbol": symbol, "size": 9}}
        for (kind, (colour, symbol)), own in parts
    ]  # fmt: skip
    traces.append({"type": "scatter", "x": [threshold] * 2, "y": [-1.2, 1.2], "mode": "lines",
                   "line": {"color": "black"}, "name": "threshold"})  # fmt: skip
    for k, (name, curve) in enumerate(curves.items()):
        own = {"type": "scatter", "xaxis": "x2", "yaxis": "y2", "name": name}
        colour = LOOK[name][0]
        traces.append({**own, "x": curve["coverage"].round(3), "y": curve["accuracy"].round(3),
                       "mode": "lines", "line": {"color": colour, "width": 2}})  # fmt: skip
        x, y = point(curve, threshold)
        marker = {"color": colour, "size": 12, "symbol": k}
        traces.append({**own, "x": x, "y": y, "mode": "markers", "marker": marker,
                       "showlegend": False})  # fmt: skip
    return traces


# %%
def draw_threshold(threshold, axes):
    """Draw the same as a still."""
    hit, answered = right(strip, truth["choose"]), sure(strip) >= threshold
    looks = {"o": answered & hit, "x": answered & ~hit, "1": ~answered}
    for (mark, own), colour in zip(looks.items(), (BLUE, ORANGE, GREY), strict=True):
        axes[0].plot(sure(strip)[own], height[own], mark, color=colour)
    axes[0].axvline(threshold, color="black")
    axes[0].set(title=f"threshold {threshold:g}", xlabel="confidence of all five", yticks=[])
    for name, curve in curves.items():
        colour, mark = LOOK[name]
        axes[1].plot(curve["coverage"], curve["accuracy"], color=colour, label=name)
        axes[1].plot(*point(curve, threshold), mark, color=colour, markersize=9)
    axes[1].set(xlabel="coverage (share of clips)", xlim=(0, 1.03), ylim=(0, 1.05))


middle = float(np.quantile(sure(strip), 0.5).round(2))
panels = make_subplots(
    1, 2, subplot_titles=("each clip of the group that chooses", "all thresholds")
)
moving = plots.slider(
    at_threshold,
    THRESHOLDS,
    "threshold",
    panels,
    first=int(np.abs(np.array(THRESHOLDS) - middle).argmin()),
    title=f'"I don\'t know": {CORPUS}, by actors',
    xaxis={"range": [0, 1.02], "title": "confidence of all five"},
    yaxis={"range": [-1.3, 1.3], "showticklabels": False},
    xaxis2={"range": [0, 1.03], "title": "coverage (share of clips answered)"},
    yaxis2={"range": [0, 1.05], "title": "accuracy (share of answered)"},
    height=480,
)
still, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")
for column, threshold in zip(axes.T, (0.2, middle), strict=True):
    draw_threshold(threshold, column)
axes[0, 1].legend(["right", "wrong", "I don't know"], loc="upper left", bbox_to_anchor=(1, 1))
still.legend(*axes[1, 0].get_legend_handles_labels(), ncols=6, loc="outside lower center")
still.suptitle(f'"I don\'t know": {CORPUS}, by actors')
axes[1, 0].set_ylabel("accuracy (share of answered)")
plots.show(
    moving,
    "Left, clips by confidence with a threshold that parts the answered from the refused; right, "
    "accuracy against coverage for five systems and their mean, with a mark for the threshold.",
    still,
)

# %% [markdown]
# A curve that climbs to the left belongs to a system whose confidence says something. How high the
# confidence is does not matter for that: it may claim too much and still put the right clips first.
# The left end of each curve rests on a few clips, so it jumps.

# %% [markdown]
# ## Exercise 1 (must): when should it refuse?
#
# That is no question of statistics. It depends on what an error costs. Say that a right answer costs
# nothing, a wrong one `wrong`, and a refusal `silence` (somebody has to ask the person). If the
# largest probability were the true chance of being right, answering would cost $(1 - p)$ `wrong` on
# average. Refuse where that is more than `silence` (Chow 1970, *On optimum recognition error and reject
# tradeoff*, IEEE Transactions on Information Theory 16(1)).
#
# **Predict first**: an error costs ten refusals. From which confidence on may it answer?

# %% tags=["prediction"]
my_prediction = None  # a number from 0 to 1


# %% tags=["exercise"]
def should_refuse(probabilities, wrong, silence):
    """Return for each clip whether to refuse, bool (clips,).

    probabilities: array (clips, classes). wrong, silence: what an error and a refusal cost, above 0.
    """
    return ...


# %% tags=["solution"]
def should_refuse(probabilities, wrong, silence):
    """Return for each clip whether to refuse, bool (clips,)."""
    return (1 - probabilities.max(axis=1)) * wrong > silence


# %% tags=["check"]
passed = checks.should_refuse(should_refuse)

# %% [markdown]
# With a refusal as dear as an error it never refuses. A car that reads its driver, a lesson that
# skips a step, an application that is sorted out: write down the two costs, and *who pays them*.
# Where the one who is read pays for the error, no threshold makes it fair.
#
# Is the probability the chance of being right, though?

# %%
figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
for ax, name in zip(axes, ("low-rank", "gru-attention", "all five"), strict=True):
    plots.reliability(said["choose"][name], truth["choose"], 5, systems.classes, ax)
    ax.set_title(f"{name}: {ax.get_title().rpartition(' ')[2]} apart", fontsize=10)
figure.suptitle(f"{CORPUS}, by actors: clips of the group that chooses")
plots.show(
    figure,
    "Three reliability curves on the clips of the group that chooses: where a curve runs below the "
    "diagonal, the system claims more than it keeps.",
)

# %% [markdown]
# Below the diagonal a system claims too much, above it too little. The mean of five claims
# less than they do on average: where they disagree, nothing gets a large share. So a rule that trusts
# the number as it stands is only as good as this picture.

# %% [markdown]
# ## Exercise 2 (must): choose the threshold
#
# The other way asks for no calibration. Take clips of people who are neither in training nor in the
# test, and find the **lowest** threshold at which the answered ones reach the accuracy that you want.
# **Predict first**: as you lower the threshold from 1, can the accuracy fall below what you want and
# rise above it again?

# %% tags=["prediction"]
my_prediction = None  # "yes" or "no"


# %% tags=["exercise"]
def threshold_for(confidence, correct, wanted):
    """Return the lowest of the confidences that, as a threshold, keeps the wanted accuracy.

    confidence: floats (clips,), some may be alike. correct: bool (clips,). wanted: a share.
    A clip is answered where its confidence is the threshold or more. np.inf where none keeps it.
    """
    return ...


# %% tags=["solution"]
def threshold_for(confidence, correct, wanted):
    """Return the lowest of the confidences that, as a threshold, keeps the wanted accuracy."""
    keeps = [t for t in np.unique(confidence) if correct[confidence >= t].mean() >= wanted]
    return min(keeps, default=np.inf)


# %% tags=["check"]
passed = checks.threshold_for(threshold_for)


# %%
def lowest(p, truth, wanted):
    """Choose with the reader's function, or by the course's curve until that passes."""
    if passed:
        return threshold_for(sure(p), right(p, truth), wanted)
    curve = evaluation.coverage_curve(p, truth, systems.classes)
    return min(curve["threshold"][curve["accuracy"] >= wanted], default=np.inf)


WANTED = 0.8
least = {name: lowest(p, truth["choose"], WANTED) for name, p in said["choose"].items()}
kept = {}
for name, p in said["asked"].items():
    answered, hit = sure(p) >= least[name], right(p, truth["asked"])
    kept[name] = answered, hit
    share = f"{hit[answered].mean():.0%}" if answered.any() else "none"
    print(
        f"{name:16} threshold {least[name]:.2f}: answers {answered.mean():4.0%} of the strangers' "
        f"clips, {share} of them right (all: {hit.mean():.0%})"
    )

# %% [markdown]
# The threshold was chosen for 80 %. What was kept for strangers is beside it, and it is some points
# more or less: both groups are a handful of people. A threshold of *inf* says that on no threshold
# the promise could be kept, so the system never answers. That is an answer, too.
#
# ## Noise, blur, a covered face
#
# Now we spoil clips of the last group: white noise of several signal-to-noise ratios
# (`audio.augment`, notebook 05), a blur, a cover that rises from the chin. The face is cut out
# **before** it is spoiled, so the detector has no excuse. **Predict first**: when the answers get
# worse, does the confidence fall with them?

# %% tags=["prediction"]
my_prediction = None  # by kind: noise, blur, cover


# %%
def noisy(clip, ratio):
    """Add white noise at a signal-to-noise ratio in dB; None leaves the clip as it is."""
    if ratio is None:
        return clip
    changed = audio.augment(clip["sound"].signal, RATE, "noise", SEED, snr_db=ratio)
    return clip | {"sound": models.Sense("sound", changed)}


def blurred(clip, sigma):
    """Blur each face by a Gaussian of this many pixels, of 96."""
    if not sigma or isinstance(clip["face"], str):
        return clip
    soft = [cv2.GaussianBlur(face, (0, 0), sigma) for face in clip["face"].signal]
    return clip | {"face": models.Sense("face", np.stack(soft))}


def covered(clip, share):
    """Cover this share of each face with its mean colour, from below."""
    if not share or isinstance(clip["face"], str):
        return clip
    faces = clip["face"].signal.copy()
    faces[:, round(96 * (1 - share)) :] = faces.mean(axis=(0, 1, 2))
    return clip | {"face": models.Sense("face", faces)}


SPOILS = {
    "noise": (noisy, [None, 20, 5, -10], "signal-to-noise ratio (dB)"),
    "blur": (blurred, [0, 2, 4, 8], "sigma (pixels of 96)"),
    "cover": (covered, [0, 0.25, 0.5, 1], "share covered, from the chin"),
}

# %%
few = table.loc[rows["asked"]].drop_duplicates("emotion").index
asked_few, truth_few = [clips[k] for k in few], labels[few]


def judged(some):
    """Return each system's mean confidence and share right."""
    given = with_mean(systems.probabilities(some))
    return {name: (sure(p).mean(), right(p, truth_few).mean()) for name, p in given.items()}


whole, spoiled = judged(asked_few), {}
for kind, (spoil, amounts, _) in SPOILS.items():
    worse = [judged([spoil(clip, amount) for clip in asked_few]) for amount in amounts[1:]]
    spoiled[kind] = dict(zip(amounts, [whole, *worse], strict=True))

# %%
figure, axes = plt.subplots(2, 3, figsize=(12, 6), layout="constrained", sharey="row", sharex="col")
for column, (kind, (_, amounts, words)) in zip(axes.T, SPOILS.items(), strict=True):
    for ax, what in zip(column, (0, 1), strict=True):
        for name, (colour, mark) in LOOK.items():
            values = [spoiled[kind][amount][name][what] for amount in amounts]
            ax.plot(range(len(amounts)), values, mark + "-", color=colour, label=name)
    names = ["none", *(f"{amount:g}" for amount in amounts[1:])]
    column[1].set_xticks(range(len(amounts)), names)
    column[0].set_title(kind)
    column[1].set(xlabel=words)
axes[0, 0].set(ylabel="mean confidence", ylim=(0, 1.03))
axes[1, 0].set(ylabel=f"share right of {len(few)} clips", ylim=(-0.03, 1.03))
figure.legend(*axes[0, 0].get_legend_handles_labels(), ncols=6, loc="outside lower center")
figure.suptitle(f"{CORPUS}, by actors: spoiled clips")
plots.show(
    figure,
    "Six panels: above, the mean confidence of five systems and their mean against noise, blur and "
    "cover; below, the share of right answers.",
)
if not seen:
    print("Nobody looks here: blur and cover change nothing.")
for kind, (_, amounts, _) in SPOILS.items():
    change = np.subtract(spoiled[kind][amounts[-1]]["all five"], whole["all five"])
    print(f"{kind:6} at its worst: confidence {change[0]:+.2f}, share right {change[1]:+.2f}")

# %% [markdown]
# The lower row shows what spoiling does, the upper one what a threshold would notice. Where the
# upper line stays up while the lower falls, **confidence does not warn**. A softmax shares out one
# whole among eight words; "none of them, I see nothing" is not on the list. A face that is wholly
# covered is no face, and a system that looks at it should not be asked. A handful of clips makes a
# picture, not a measurement.
#
# ### A clip of nothing
#
# So we ask about one in which there is nothing to know: white noise to hear, coloured noise to see.

# %%
rng = np.random.default_rng(SEED)
nothing = {
    "sound": models.Sense("sound", (0.1 * rng.standard_normal(3 * RATE)).astype(np.float32)),
    "face": models.Sense("face", rng.integers(0, 256, (12, 96, 96, 3), dtype=np.uint8)),
}
plots.show(
    ask(nothing, "White noise to hear, coloured noise to see", least),
    "Probabilities of five systems for noise instead of a voice and noise instead of a face: most of "
    "them name an emotion all the same, some with a probability near 1.",
)

# %% [markdown]
# And a **real person** before systems that learnt from puppets is a stranger of another kind: no
# puppet in training looked or sounded like that. The course has measured it on all clips of RAVDESS,
# with the action units of the face and sound, so for other systems than these:

# %%
foreign = evaluation.stored_records("concatenation-svm-from-puppets", "ravdess")
own = evaluation.stored_records("concatenation-svm", "ravdess")
for record in [r for r in foreign + own if r["variant"] == "plain"]:
    learnt = "puppets" if record["system"].endswith("puppets") else "other actors of RAVDESS"
    print(f"asked: RAVDESS, learnt from: {learnt:24} {accuracy_of(record)}, by actors")

# %% [markdown]
# So **a high number beside your own face is no reason to trust it**. The thresholds above were chosen
# on clips of this corpus and promise nothing about others. With `CORPUS = "ravdess"` (its card in
# `data/README.md` says how to get it) the systems learn from real actors; you are still not one of
# them.
#
# ## Your own clip
#
# This part is optional. Read it before you give the notebook anything.
#
# - **Nobody has to.** Posing a puppet is the first choice and shows all that this page has to show.
# - **Act.** Play an emotion, as for a stage. Do not record what you feel.
# - **Your own face and voice only.** Never a classmate's, never a teacher's, never a stranger's, also
#   not as a joke, and not from a video that lies about somewhere. In the European Union systems that
#   infer emotions in education are prohibited ([notebook 21](21_should_we.ipynb) has the article and
#   its date).
# - **Ungraded.** No exercise uses it, nobody hands it in, no answer about it is good or bad.
# - **Where the bytes go** is what the next cell prints. Nothing leaves the machine on which the
#   notebook's kernel runs. On Colab and Binder that machine is somebody else's.
# - Pictures below a cell are saved **in the notebook**. Clear the outputs before you pass it on.

# %%
print(plots.where_bytes_go())

# %% [markdown]
# Three ways, of which you need one. **A path**: put it between the quotes. **An upload**: press the
# button (up to some 10 MB; a larger file goes beside the notebook, then give its path). **A
# recording**: on Colab set `RECORD` to True, and the browser asks for the camera and takes four
# seconds; elsewhere record with a phone and upload. The face lit and from the front, one person, one
# sentence. mp4, mov, webm, wav, m4a.

# %%
CLIP = ""
RECORD = False
upload = plots.ClipUpload()
display(upload.button)

# %% [markdown]
# After the upload run this cell and those below it. Until there is a clip, a puppet's file stands in:
# it is written as an mp4 and read as yours would be, with the face looked for.

# %%
if RECORD:
    upload.record(4)
scratch = tempfile.TemporaryDirectory(prefix="puppet-clip-")
mine = CLIP or upload.path()
if not mine:
    mine = str(Path(scratch.name) / "puppet.mp4")
    row = corpora.load("puppets").iloc[100]
    write_video(mine, *corpora.read_video(row), *corpora.read_audio(row))
    print(f"No clip given: a puppet's file stands in, {row['emotion']}, actor {row['actor']}.")
my_clip = models.read_clip(mine)
for sense, content in my_clip.items():
    print(f"{sense:6}", content if isinstance(content, str) else f"{content.signal.shape}: read")

# %%
plots.show(
    ask(my_clip, f"{Path(mine).name}: five answers under the thresholds above", least),
    "Four faces of the clip that was given, or of a puppet that stands in, and what five systems "
    "answer, or that they do not know.",
)
for name in SYSTEMS:
    if why := systems.why_not(name, my_clip):
        print(f"{name} cannot answer. {why}")

# %%
plots.show(
    attended(my_clip, f"{Path(mine).name}: what each attended to"),
    "Eight panels for the clip that was given, or the puppet that stands in: what each of the five "
    "systems attended to.",
)


# %%
def spoil_mine(kind, worse):
    """Draw the five answers to the clip after spoiling it."""
    spoil, amounts, words = SPOILS[kind]
    if kind == "noise" and isinstance(my_clip["sound"], str):
        worse = 0
    return ask(spoil(my_clip, amounts[worse]), f"{kind}: {words}: {amounts[worse]}", least)


plots.explore(
    spoil_mine,
    "Five answers to the clip with {kind}, step {worse} of 3.",
    kind=list(SPOILS),
    worse=[2, 0, 1, 3],
)

# %% [markdown]
# ### Deleted
#
# This deletes what you uploaded or recorded: the file, and the bytes that the button held. A file
# that you named by its path stays where you put it. The kernel's memory goes when you restart it; the
# pictures above go when you clear the outputs.

# %%
if upload.path():
    upload.delete()
    print("Deleted. For another clip run the cell with the button again.")
scratch.cleanup()

# %% [markdown]
# ### What if it cannot read it?
#
# Refusing by rule comes before refusing by threshold: no face, no answer from those that look; no
# sound, no answer at all, because each of the five has learnt with one. Here are clips that go wrong,
# made of puppets, and what `read_clip` says. **Predict first**: which systems still answer where
# nobody is seen?

# %% tags=["prediction"]
my_prediction = None  # some of the five

# %%
row = corpora.load("puppets").iloc[100]
frames, fps = corpora.read_video(row)
frames, fps = frames[::3], fps / 3
sound = corpora.read_audio(row)
folder = tempfile.TemporaryDirectory()
bad = [Path(folder.name) / name for name in ("silent.mp4", "two.mp4", "wall.mp4", "notes.txt")]
write_video(bad[0], frames, fps)
write_video(bad[1], np.concatenate([frames, frames[:, :, ::-1]], axis=2), fps, *sound)
write_video(bad[2], np.full_like(frames, 120), fps, *sound)
_ = bad[3].write_text("happy")

# %%
for path in [*bad, Path(folder.name) / "nowhere.mp4"]:
    clip = models.read_clip(path)
    able = [name for name in SYSTEMS if not systems.why_not(name, clip)]
    print(f"{path.name}: answered by {', '.join(able) or 'none'}")
    for sentence in dict.fromkeys(content for content in clip.values() if isinstance(content, str)):
        print(f"    {sentence}")
folder.cleanup()

# %% [markdown]
# ## Exercise 3 (may): ask whether they agree
#
# There is another sign of doubt than a softmax: five systems that name four emotions. Write the share
# of systems that name the commonest answer, **of those that answer**. **Predict first**: does it sort
# clips better than the confidence of the mean?

# %% tags=["prediction"]
my_prediction = None  # "agreement" or "confidence"


# %% tags=["exercise"]
def agreement(answers):
    """Return for each clip the share of answering systems that name the commonest favourite.

    answers: (systems, clips, classes), NaN throughout where a system cannot answer. Where none
    can, 0.
    """
    return ...


# %% tags=["solution"]
def agreement(answers):
    """Return for each clip the share of answering systems that name the commonest favourite."""
    there = ~np.isnan(answers).any(axis=2)
    best = np.nan_to_num(answers, nan=-1.0).argmax(axis=2)
    votes = [(there & (best == k)).sum(axis=0) for k in range(answers.shape[2])]
    return np.max(votes, axis=0) / np.maximum(there.sum(axis=0), 1)


# %% tags=["check"]
agrees = checks.agreement(agreement)

# %%
if agrees:
    together = agreement(np.stack([said["asked"][name] for name in SYSTEMS]))
    hit = right(said["asked"]["all five"], truth["asked"])
    for words, sign in (("agreement", together), ("confidence", sure(said["asked"]["all five"]))):
        surest = np.argsort(-sign, kind="stable")[: len(hit) // 2]
        print(f"the half with most {words}: {hit[surest].mean():.0%} right (all: {hit.mean():.0%})")
else:
    print("Here your agreement will be set beside the confidence.")

# %% [markdown]
# ## Protocol audit
#
# None of the five papers lets its system refuse, and none says how its confidence was checked: that
# is a blank, not a fault. But whoever adds a threshold can go wrong in a new way, by choosing it on
# the clips that are then counted. We deal the actors of both groups anew, a hundred times: half
# choose, half are asked. Beside it stands the threshold chosen **on the asked clips themselves**.

# %%
pool = np.concatenate([rows["choose"], rows["asked"]])
whose = table["actor"].to_numpy(str)[pool]
both = np.concatenate([said[g]["all five"] for g in ("choose", "asked")])
names = np.unique(whose)
found = {"chosen on others": [], "chosen on the asked clips": []}
for deal in range(100):
    half = np.random.default_rng([SEED, deal]).permutation(names)[: len(names) // 2]
    other = np.isin(whose, half)
    for shares, choose in zip(found.values(), (other, ~other), strict=True):
        limit = lowest(both[choose], labels[pool][choose], WANTED)
        answered = ~other & (sure(both) >= limit)
        if answered.any():
            shares.append(right(both, labels[pool])[answered].mean())
for words, shares in found.items():
    broken = np.mean(np.array(shares) < WANTED) if shares else 0
    print(
        f"{words:26} kept {np.mean(shares or [0]):.0%} on average, promise broken in {broken:.0%}"
    )

# %%
figure, ax = plt.subplots(figsize=(8, 2.8), layout="constrained")
for shares, colour, hatch in zip(found.values(), (BLUE, ORANGE), ("", "//"), strict=True):
    ax.hist(
        shares, np.linspace(0.4, 1, 25), color=colour, hatch=hatch, alpha=0.6, edgecolor="white"
    )
ax.axvline(WANTED, color="black", linestyle="--")
ax.legend(["promised", *found], fontsize=8)
ax.set(
    xlabel="accuracy of the answered clips",
    ylabel="deals of 100",
    title=f"{CORPUS}: a promise of 80 %",
)
plots.show(
    ax,
    "Histograms of the accuracy of answered clips: chosen on the asked clips it never falls below "
    "the promise; chosen on other people it lies around it, often below.",
)

# %% [markdown]
# | | |
# |---|---|
# | **proven** | chosen on the asked clips, the promise is never broken: that is arithmetic, and says nothing about the next clip |
# | **measured** | chosen on other people it is broken in a good part of the deals; a handful of actors is too few for a promise |
# | **unknown** | what it keeps for you: you are not drawn from the same people |
#
# ## What we saw
#
# - Refusing pays where confidence sorts: coverage falls, accuracy rises. The limit is a price, and
#   somebody pays it.
# - Noise and covered faces cost answers before they cost confidence. A softmax has no word for
#   "nothing there".
# - A threshold is chosen on people who are not asked. For somebody unlike all of them it promises
#   nothing.
#
# **Next**: [notebook 21](21_should_we.ipynb), whether to build it at all.

# %%
answered, hit = kept["all five"]
limits = {
    name: evaluation.confidence_interval(values, table["actor"].to_numpy(str)[rows["asked"]])
    for name, values in (("accuracy", hit), ("coverage", answered), ("errors", answered & ~hit))
}
evaluation.record(
    "five-systems-with-refusal",
    [{"accuracy": hit.mean(), "coverage": answered.mean(), "errors": (answered & ~hit).mean()}],
    corpus=CORPUS,
    protocol="actors",
    seeds=[SEED],
    n_actors=len(GROUPS["asked"]),
    interval=limits,
    profile=PROFILE,
    parameters={
        "learn, choose, asked": [len(rows[name]) for name in ("learn", "choose", "asked")],
        "wanted": WANTED,
        "threshold": None if np.isinf(least["all five"]) else float(least["all five"]),
        "senses": list(systems.senses),
    },
    command=f"python -m emolib.batch run --notebooks 20 --corpus {CORPUS}",
    results=RESULTS,
)["mean"]
