# ---
# jupyter:
#   emolib:
#     needs: [audio, video]
# ---

# %% [markdown]
# # Start here: a clip, seen and heard
#
# **You will** play a clip and read the pictures of its sound; see what a program gets of it;
# label five clips by ear, by eye and by both; find out what guessing scores; and see where the
# course goes.
#
# 25 minutes to read, under a minute to run. No paper yet, no primer needed.

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %% [markdown]
# We begin with one clip and then look inside it. The corpus is **puppets**: 1,440 clips of drawn
# faces that speak. It is *synthetic*. The course makes it, nothing is downloaded, and we know the
# truth about every clip. In exchange it tells us nothing about people; for that there are the real
# corpora of the next notebook. (Running this on a real corpus? Then the clips below are real.)

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Audio, display

from emolib import checks, corpora, devices, evaluation, plots

table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
if CORPUS == "puppets":
    # Here face and voice say the same. The other kinds of clips come in notebook 12.
    table = table[table["kind"] == "redundant"]
clips = table.dropna(subset=["audio", "video"])
SMALL, LARGE = (112, 224) if CORPUS == "puppets" else ((90, 160), (270, 480))  # pixels
print(f"{CORPUS}: {len(table)} clips, {len(clips)} of them with sound and picture")

# %% [markdown]
# ## A clip
#
# Press play. On the left is the face. On the right are pictures of the same seconds: the
# **waveform** (how the air pressure moves), the **spectrogram** (which frequencies are in it, and
# how strong), and, where they are known, the **action units** (which muscles of the face move).
# The orange line is *now*.

# %%
happy = clips[(clips["emotion"] == "happy") & (clips["intensity"] == "normal")]
clip = (happy if len(happy) else clips).iloc[0]
signal, rate = corpora.read_audio(clip)
frames, fps = corpora.read_video(clip, size=LARGE)
units = None if clip.isna()["action_units"] else corpora.read_action_units(clip, frames=True)
plots.show(
    plots.clip_player(frames, fps, signal, rate, units),
    f"A speaking face ({clip['emotion']}) beside its waveform, its spectrogram and, where known, "
    "its action units, with a line that marks the present moment.",
)

# %% [markdown]
# Play it again and watch one panel at a time.
#
# - The waveform swells with each syllable and shrinks between words.
# - The spectrogram has stripes where the voice hums: a vowel, a nasal. They lie at multiples of
#   the pitch. Where a hiss or a click comes, such as in *s* or *k*, the stripes end.
# - Action unit 12 lifts the corners of the mouth; 26 drops the jaw. The jaw follows the words, the
#   smile stays. **The face does two jobs at once**: it speaks and it shows something. A machine
#   has to part the two.

# %% [markdown]
# ## What a program gets
#
# Nothing of this is an emotion yet. It is two arrays and their rates.

# %%
print(f"sound:  {signal.dtype} {signal.shape}, {rate} samples a second, {len(signal) / rate:.2f} s")
print(f"frames: {frames.dtype} {frames.shape}, {fps:.2f} frames a second")
print(f"numbers in this clip: {signal.size + frames.size:,}; numbers we want from it: 1 of 8 words")

# %% [markdown]
# The axes of the frames are time, height, width and colour. Here are eight of them side by side.

# %%
plots.show(
    plots.frame_strip(frames, fps),
    "Eight frames of the clip at equal distances in time, from its first to its last moment.",
)

# %% [markdown]
# ## Eight emotions, one actor
#
# **Predict first**: which two of the eight will be hardest to tell apart in a single frame?
# Choose an emotion and an actor; the strip changes.


# %%
def look(emotion, actor):
    """Draw eight frames of one clip of an actor."""
    chosen = clips[(clips["actor"] == actor) & (clips["emotion"] == emotion)]
    if chosen.empty:
        frames, fps = np.full((8, 112, 112, 3), 255, np.uint8), 30
    else:
        frames, fps = corpora.read_video(chosen.iloc[-1], size=SMALL)
    ax = plots.frame_strip(frames, fps)
    ax.set_title(f"actor {actor}: {'no such clip' if chosen.empty else emotion}")
    return ax


actors = sorted(clips["actor"].unique())
emotions = [e for e in corpora.EMOTIONS if e in set(clips["emotion"])]
sentence = "Eight frames of actor {actor} when {emotion}, blank where there is no such clip."
plots.explore(look, sentence, emotion=emotions, actor=actors)

# %% [markdown]
# Without a running kernel the menus do nothing, so here are four of them under each other.

# %%
figure, axes = plt.subplots(len(emotions[1::2]), 1, figsize=(9, 6.4), layout="constrained")
for ax, emotion in zip(np.atleast_1d(axes), emotions[1::2], strict=True):
    chosen = clips[(clips["actor"] == actors[0]) & (clips["emotion"] == emotion)]
    if len(chosen):
        plots.frame_strip(*corpora.read_video(chosen.iloc[-1], size=SMALL), ax=ax)
    ax.set_title(emotion if len(chosen) else f"{emotion}: no such clip")
plots.show(
    figure,
    f"Strips of frames of actor {actors[0]}, each with another emotion, empty where no clip is.",
)

# %% [markdown]
# Some are neighbours. *Calm* is a second resting state, with a trace of a smile. *Fearful* and
# *surprised* share raised brows and wide eyes (action units 1, 2 and 5), and a frame that stands
# still does not tell which of the two it is going to be. Neighbours return in every confusion
# matrix of the course.

# %% [markdown]
# ## Which machine am I on?
#
# The notebooks run on a laptop's processor, on Colab's GPU, or on a cluster. One call finds out.

# %%
strategy = devices.strategy()
peak = evaluation.peak_memory()
if peak is not None:
    print(f"This notebook has used {peak:.0f} MB of memory so far.")

# %% [markdown]
# ## Exercise 1 (must): five clips, three times
#
# You get five clips: first their sound, then their picture, then both. Choose from the eight
# words: neutral, calm, happy, sad, angry, fearful, disgust, surprised.
#
# **Predict first**: how many of five will you get by ear, by eye, by both?

# %% tags=["prediction"]
my_prediction = {"ear": None, "eye": None, "both": None}  # numbers from 0 to 5

# %%
five = clips.sample(min(5, len(clips)), random_state=SEED)
for letter, (_, row) in zip("ABCDE", five.iterrows(), strict=False):
    signal, rate = corpora.read_audio(row)
    print(letter)
    display(Audio(signal, rate=rate))

# %%
silent = [plots.video_player(*corpora.read_video(row, size=SMALL)) for _, row in five.iterrows()]
plots.show(plots.player_row(silent), "Five clips A to E without sound, side by side.")

# %%
whole = [
    plots.video_player(*corpora.read_video(row, size=SMALL), *corpora.read_audio(row))
    for _, row in five.iterrows()
]
plots.show(plots.player_row(whole), "The same five clips A to E with their sound.")


# %% tags=["exercise"]
def my_answers():
    """Return five words, for the clips A to E, by each way of looking."""
    return {
        "ear": ...,
        "eye": ...,
        "both": ...,
    }


# %% tags=["solution"]
def my_answers():
    """Return five words, for the clips A to E, by each way of looking."""
    # The recipes' own words stand here. Yours differ, and nobody grades them.
    words = five["emotion"].tolist()
    return {"ear": words, "eye": words, "both": words}


# %% tags=["check"]
people = {
    sense: record["mean"]["correct"]
    for sense, name in {"ear": "voice", "eye": "face", "both": "both"}.items()
    for record in evaluation.stored_records(f"people-{name}", "cremad")
}
passed = checks.five_labels(my_answers, five["emotion"].tolist(), people)
# %% [markdown]
# The figures beside yours are real: they come from 2,443 people who judged CREMA-D's 7,442 clips
# (Cao et al. 2014), with six words to choose from instead of eight. Seeing beats hearing there, and
# both together beat each alone. On the puppets a hit means something else: you agree with *our
# recipe*.
#
# **To think about**: you wrote your words for "both" after you had heard and seen the clips apart.
# What would a fair comparison of ear, eye and both look like?

# %% [markdown]
# ## Exercise 2 (must): the score of somebody who never looks
#
# Before we admire an accuracy we ask what no skill at all would give. Somebody always answers with
# the commonest label. **Predict first**: with eight emotions, is that 1/8?

# %% tags=["prediction"]
my_prediction = None  # a share between 0 and 1


# %% tags=["exercise"]
def majority_share(labels):
    """Return the share of right answers of one who always gives the commonest label."""
    return ...


# %% tags=["solution"]
def majority_share(labels):
    """Return the share of right answers of one who always gives the commonest label."""
    return max(labels.count(label) for label in set(labels)) / len(labels)


# %% tags=["check"]
passed = checks.majority_share(majority_share)
# %% [markdown]
# Here is the same for this corpus, by library call.

# %%
everything = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
commonest = everything["emotion"].value_counts(normalize=True)
print(commonest.round(4).to_string())
print(f"\nalways saying '{commonest.index[0]}' is right in {commonest.iloc[0]:.1%} of all clips")

# %% [markdown]
# RAVDESS and the puppets record neutral at one intensity and everything else at two, so neutral
# is half as frequent and the others share the rest: 192 of 1,440 clips each, 13.3 %. That is the
# floor for figures on these two. (Where each emotion has as many clips as the next, as in small
# samples of the puppets, it is 1/8, 12.5 %.)

# %% [markdown]
# ## Protocol audit
#
# In each notebook a short note sets a printed figure beside what can be checked about it. The
# first one needs a division only. The paper that we call *dv-emotionnet* lists, in its Table 2,
# audio rows of RAVDESS speech that add up to 4,320 (its text says 4,321).

# %%
print(f"4320 rows / 1440 clips = {4320 / 1440:g} rows a clip")

# %% [markdown]
# **Proven**: the corpus holds 1,440 speech clips, so there are three rows a clip. **Unknown**: why;
# the paper does not say. If three near-copies of a clip are dealt at random to training and test,
# the test asks what training has already shown. How much that is worth is measured in notebook 02.
# An inconsistency is not a fraud, and corrections are welcome.

# %% [markdown]
# ## The map
#
# | part | notebooks |
# |---|---|
# | start | 00 start here · 01 corpora and labels · 02 honest evaluation |
# | hearing | 03 sound features · 04 MFCC · 05 pictures of sound |
# | seeing | 06 scale space · 07 Harris-3D · 08 optical flow · 09 faces |
# | first fusion | 10 Marginal Fisher Analysis · 11 dv-emotionnet · 12 multi-input-cnn |
# | time and attention | 13 gru-attention · 14 space, channel, time · 15 cross attention · 16 polarity triplet loss · 17 looking inside |
# | tensors | 18 tensor and low-rank fusion |
# | the whole picture | 19 leaderboard · 20 your own clip · 21 should we? |
#
# All lie beside this file, and with them four primers (sound, images, matrices, training); the
# [README](../README.md) lists them. What each letter of the course means stands on one page,
# [notation](../notebooks/notation.md).

# %% [markdown]
# ## What we saw
#
# - A clip is two arrays. The face in it speaks and shows at the same time.
# - Two senses help people more than one; some emotions are neighbours.
# - 13.3 % is what not looking earns on RAVDESS, and a figure without its protocol says nothing.
#
# **Next**: [01 corpora and labels](01_corpora_and_labels.ipynb), on what such a label can mean.

# %%
by_actor = everything.dropna(subset=["actor", "emotion"]).groupby("actor")["emotion"]
evaluation.record(
    "commonest-label",
    [{"accuracy": (words == commonest.index[0]).mean()} for _, words in by_actor],
    corpus=CORPUS,
    protocol="actors",
    seeds=[SEED],
    n_actors=by_actor.ngroups,
    profile=PROFILE,
    parameters={"answer": commonest.index[0], "folds": "one actor each"},
    command=f"python -m emolib.batch run --notebooks 00 --corpus {CORPUS}",
    results=RESULTS,
)["mean"]
