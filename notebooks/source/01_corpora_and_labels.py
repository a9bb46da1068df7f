# ---
# jupyter:
#   emolib:
#     needs: []
# ---

# %% [markdown]
# # Corpora and labels: what can a label mean?
#
# **You will** read how people answered when they heard, saw, or heard and saw an emotion; part
# four meanings of "the emotion of this clip"; decode a corpus from its file names; measure
# agreement; and group the emotions by polarity.
#
# 40 minutes to read, under a minute to run. Paper: av-attention, section 3.4 (polarity). No primer
# needed; [notebook 00](00_start_here.ipynb) comes before.

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from emolib import checks, corpora, evaluation, plots
from emolib.corpora import cremad
from emolib.corpora.shipped import shipped

# %% [markdown]
# ## What people answer
#
# We begin with one experiment. For the corpus CREMA-D 91 actors spoke twelve sentences, each
# in several of six emotions: 7,442 clips. Then 2,443 people gave their word for what they
# perceived: from the **voice** alone, from the **face** alone, or from **both**. Some ten people
# judged each clip in each way (Cao et al. 2014).
#
# These figures are real. They are read from records that come with the course; further down they
# are computed from the corpus's table of votes, where you have it (`DATA_DIR/cremad`).
#
# **Predict first**: which emotion is seen well and heard badly?

# %%
SENSES = ("voice", "face", "both")
ANSWERS = ["angry", "disgust", "fearful", "happy", "neutral", "sad"]
people = {sense: evaluation.stored_records(f"people-{sense}", "cremad")[0] for sense in SENSES}

figure, axes = plt.subplots(1, 3, figsize=(12.5, 4.4), layout="constrained")
for ax, sense in zip(axes, SENSES, strict=True):
    mean = people[sense]["mean"]
    matrix = [[mean[f"{i}_as_{a}"] for a in ANSWERS] for i in ANSWERS]
    plots.confusion_matrix(np.array(matrix), ANSWERS, f"CREMA-D by {sense}", ax)
plots.show(
    figure,
    "Three tables of answers on CREMA-D by voice, face and both: happiness is seen in 88 percent "
    "of responses and heard in 29 percent, and neutral is the commonest wrong answer by voice.",
)

# %% [markdown]
# Read a row: of all responses to clips meant as *happy*, how many say what?
#
# - **Happy** is seen and hardly heard. A smile is loud, a happy voice is not.
# - **Neutral** collects whatever nobody is sure of. It is the best *heard* word, and the most
#   frequent error. A large number on the diagonal can come from a favourite answer.
# - **Sad** is the hardest for both senses together. No sense repairs it.

# %% [markdown]
# ## From votes to figures
#
# Three numbers a sense: how many responses name what the actor intended; how far people agree
# with each other beyond chance (Krippendorff's alpha: 1 is perfect, 0 is chance); and how many
# clips get one answer from everybody.


# %%
def own_votes(votes):
    """Return, for each clip, how many responses name the intended emotion."""
    return np.choose(votes["intended"].map(ANSWERS.index), votes[ANSWERS].to_numpy().T)


def figures(votes):
    """Return how right and how united the raters are, and each word's share of answers."""
    counts, right = votes[ANSWERS].to_numpy(), own_votes(votes)
    most = counts.max(axis=1)
    single = (counts == most[:, None]).sum(axis=1) == 1
    rows = votes.groupby("intended")[ANSWERS].sum()
    shares = rows.div(rows.sum(axis=1), axis=0)
    return {
        "correct": right.sum() / counts.sum(),
        "winner_correct": (single & (right == most)).mean(),
        "alpha": evaluation.krippendorff_alpha(counts),
        "unanimous": (most == counts.sum(axis=1)).mean(),
    } | {f"{i}_as_{a}": shares.loc[i, a] for i in ANSWERS for a in ANSWERS}


# %% [markdown]
# An interval belongs to each share. Clips of one actor are not independent, so we draw **actors**
# with replacement, not clips or responses.


# %%
def interval_over_actors(votes, draws=1000, seed=0):
    """Return the 95 % interval of the share of correct responses, resampling actors."""
    counts = pd.DataFrame({"right": own_votes(votes), "all": votes[ANSWERS].sum(axis=1)})
    by_actor = counts.groupby(votes["clip"].str[:4]).sum().to_numpy()
    drawn = np.random.default_rng(seed).integers(len(by_actor), size=(draws, len(by_actor)))
    totals = by_actor[drawn].sum(axis=1)
    return tuple(np.percentile(totals[:, 0] / totals[:, 1], [2.5, 97.5]))


# %%
if DATA_DIR and (Path(DATA_DIR) / "cremad" / "processedResults").is_dir():
    everyone = cremad.votes(Path(DATA_DIR) / "cremad")
    for sense, votes in everyone.groupby("channel"):
        people[sense] = evaluation.record(
            f"people-{sense}",
            [figures(votes)],
            interval={"correct": interval_over_actors(votes, seed=SEED)},
            corpus="cremad",
            protocol="none",
            seeds=[SEED],
            n_actors=votes["clip"].str[:4].nunique(),
            profile=PROFILE,
            parameters={"responses": int(votes[ANSWERS].to_numpy().sum()), "clips": len(votes)},
            command="python -m emolib.batch run --notebooks 01 --data-dir DATA_DIR",
            results=RESULTS,
        )
    print("computed just now, from the votes")
else:
    print("no votes here: from the stored records of this computation")
for sense in SENSES:
    mean, (low, high) = people[sense]["mean"], people[sense]["interval"]["correct"]
    print(
        f"{sense:5}  correct {mean['correct']:.1%} [{low:.1%}, {high:.1%}]"
        f"   alpha {mean['alpha']:.2f}   unanimous {mean['unanimous']:.0%}"
    )

# %% [markdown]
# Chance is one in six, 17 %. People who hear name the intended emotion in 40 % of their responses,
# people who see in 57 %, with both in 63 %. The intervals are over the 91 actors.
#
# So "the human level" is no single number. It depends on the sense, the emotion, the question
# asked, and on whether we count responses or winners (exercise 1).

# %% [markdown]
# ## Four meanings of one word
#
# | the label says what … | who knows it | where |
# |---|---|---|
# | the actor was **asked to show** (*intended*) | the script | RAVDESS, CREMA-D, EMO-DB, the puppets' recipe |
# | the face and voice **do** (*shown*) | a measurement | action units, pitch |
# | others **take it for** (*perceived*) | raters | CREMA-D's votes |
# | somebody **feels** (*felt*) | at best that person | no corpus of this course |
#
# Nearly all published accuracies are about the first row. Nothing in this course measures the last.
# A system that reaches 90 % has learnt to name *what actors were asked to show*.
#
# What an emotion *is* has rival answers, and each makes another kind of label:
#
# | view | an emotion is | a label is | example |
# |---|---|---|---|
# | discrete | one of a few kinds, with typical faces and voices | a word | Ekman's six; every corpus here |
# | dimensional | a place in a space | two or three numbers | valence and arousal (Russell) |
# | appraisal | the outcome of judging an event: new? good? mine to cope with? | answers to such questions | Scherer |
# | constructed | what a mind makes of bodily state, situation and culture | depends on the context | Barrett |
#
# The five systems of this course all take the first view. Keep the others in mind when a confusion
# matrix looks strange: a wrong answer can be a right one in another view.

# %% [markdown]
# ## The clip table
#
# Every corpus loads into the same table: one row a clip, the same columns.

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
print(f"{CORPUS}: {len(table)} clips, {table['actor'].nunique()} actors")
table[["clip", "actor", "label", "emotion", "intensity", "statement", "repetition"]].head()

# %% [markdown]
# `label` is the corpus's own word, `emotion` is one of the course's eight, or missing where the
# corpus has a word that we have not (EMO-DB's boredom). `clip` and `copy` together name a row; a
# copy is a clip that we altered, and the next notebook shows what copies can do.
#
# The corpora of the course:
#
# | corpus | what | who | labels |
# |---|---|---|---|
# | puppets | 1,440 **synthetic** clips | 24 drawn actors | 8 recipes |
# | RAVDESS speech | 1,440 clips, sound and picture | 24 actors | 8 intended |
# | CREMA-D | 7,442 clips, sound and picture | 91 actors | 6 intended, and votes |
# | EMO-DB | 535 clips, sound | 10 actors | 7 intended |
# | FER2013 | 35,887 grey pictures | unknown | 7, by a search engine and clean-up |
# | JAFFE | 213 pictures | 10 women | 7 intended, and ratings |
# | CMU-MOSI, POM | features of film reviews | speakers of web videos | sentiment; ratings |
# | own | a folder with a table | you | yours |
#
# Where to get each, and what it may not be used for, is in its card in `data/README.md`.

# %% [markdown]
# ## A file name is a design
#
# RAVDESS calls a file `03-01-05-02-01-02-12.wav`. Each field is a factor of a designed experiment.
# The puppets use the same code.

# %%
FIELDS = ("modality", "channel", "emotion", "intensity", "statement", "repetition", "actor")
code = dict(zip(FIELDS, ["03", "01", "05", "02", "01", "02", "12"], strict=True))
code["emotion"] += f" ({corpora.EMOTIONS[int(code['emotion']) - 1]})"
code

# %% [markdown]
# Emotion 05 is *angry*, intensity 02 is *strong*, actor 12 is a woman (even numbers). The first
# field only says which senses the file holds (01 both, 02 picture, 03 sound): **the same trial
# exists as three files**. Count files as clips, and you count every sound twice. That is why our
# `clip` drops the first field.
#
# The design is *factorial*: every actor speaks every emotion × intensity × statement × repetition.

# %%
plots.show(
    plots.emotion_counts(table),
    f"Bars of the number of clips of each emotion in {CORPUS}, split by intensity where known.",
)
pd.crosstab(table["emotion"], table["intensity"].fillna("not stated"))

# %% [markdown]
# On RAVDESS and the puppets each cell holds 96 clips (24 actors × 2 statements × 2 repetitions),
# and neutral has one intensity only. A design like this makes comparisons clean: emotion is
# not mixed up with who speaks or what is said.
#
# It also has a price. **Two sentences, in 60 recordings of each actor**, are nothing like talking.
# A model can know every sentence and every voice by heart, and that is the subject of notebook 02.

# %% [markdown]
# ## One sound, two labels
#
# Labels can be plain wrong, too. The course ships the checksum of every official CREMA-D file, to
# check downloads with. Equal checksums mean equal bytes, so one line of pandas finds out whether
# two sound files are the same file. **Predict first**: among 7,442 recordings, how many?

# %%
files = pd.read_csv(shipped("registry/cremad.csv.gz"))
sounds = files[files["path"].str.startswith("AudioWAV")]
twins = sounds[sounds.duplicated("sha256", keep=False)].sort_values(["sha256", "path"])
print(f"{len(sounds)} sound files, {twins['sha256'].nunique()} pairs of equal ones:")
for _, pair in twins.groupby("sha256"):
    print("  ", " = ".join(Path(path).name for path in pair["path"]))

# %% [markdown]
# Each pair has the same sound and two *different* emotions in its names. At least one label of each
# pair must be wrong, and no listener can get both right. A few such pairs do not move a result, but
# they tell you to look at your data before you count on it.

# %% [markdown]
# ## Soft labels
#
# When ten people give six different answers, the winner is a poor summary. A **soft label** keeps
# the shares. Here is what responses to *fearful* voices say, and what responses to *fearful* faces
# say.

# %%
fear = pd.DataFrame(
    {sense: [people[sense]["mean"][f"fearful_as_{a}"] for a in ANSWERS] for sense in SENSES},
    index=ANSWERS,
)
plots.show(
    plots.shares(fear, "Answers to CREMA-D clips that were meant as fearful"),
    "Grouped bars of the six answers to fearful clips: by voice neutral is chosen more often than "
    "fearful, by face and by both fearful is the commonest answer.",
)

# %% [markdown]
# By voice alone most people do not hear fear where an actor meant it. A classifier that is trained
# on the word *fearful* for all of these clips is asked to hear what people do not. One trained on
# the shares is asked to be as unsure as people are. Exercise 2 makes such a label.

# %% [markdown]
# ## The polarity wheel
#
# The av-attention paper (section 3.4) puts the emotions into two camps, and its loss later pulls
# those of one camp together: happy, calm and surprised are *positive*; sad, fearful, angry and
# disgust are *negative*; neutral is neither.

# %%
plots.show(
    plots.polarity_wheel(),
    "A wheel with calm, happy and surprised in the positive half, sad, angry, fearful and disgust "
    "in the negative half, and neutral in the middle.",
)

# %% [markdown]
# **Is surprise positive?** A surprise party is, a burglar is not. And one camp is not one
# expression: hardly anybody takes *angry* for *sad*. **Predict first**: of the five commonest
# mistakes that people make with both senses, how many stay within a camp?

# %%
confused = {
    f"{i} taken for {a}": people["both"]["mean"][f"{i}_as_{a}"]
    for i in ANSWERS
    for a in ANSWERS
    if i != a
}
for pair, share in sorted(confused.items(), key=lambda item: -item[1])[:5]:
    i, a = pair.split(" taken for ")
    camps = "same polarity" if corpora.POLARITY[i] == corpora.POLARITY[a] else "other polarity"
    print(f"{share:.0%}  {pair} ({camps})")

# %% [markdown]
# Three of the five stay within the negative camp; the other two end in *neutral*, the answer of
# those who are not sure. So polarity says something about mistakes, and not everything. Notebook 16
# tests whether it helps a machine.

# %% [markdown]
# ## Exercise 1 (must): how well do people hear?
#
# You have one row of votes a clip and the intended emotion. Write the share of all **responses**
# that are right. **Predict first**: if you counted clips whose *winning* answer is right instead,
# would the number be higher or lower?

# %% tags=["prediction"]
my_prediction = None  # "higher" or "lower"


# %% tags=["exercise"]
def correct_share(counts, intended):
    """Return the share of right responses.

    counts: DataFrame, a row a clip, a column an emotion; numbers of responses.
    intended: Series of emotions, one a clip, with the same index.
    """
    return ...


# %% tags=["solution"]
def correct_share(counts, intended):
    """Return the share of right responses."""
    right = sum(counts.loc[intended == emotion, emotion].sum() for emotion in counts)
    return right / counts.to_numpy().sum()


# %% tags=["check"]
passed = checks.correct_share(correct_share)
# %% [markdown]
# Here are both ways of counting on CREMA-D, a tie counted as wrong.

# %%
for sense in SENSES:
    mean = people[sense]["mean"]
    print(f"{sense:5}  responses {mean['correct']:.1%}   winners {mean['winner_correct']:.1%}")

# %% [markdown]
# Both are called "human accuracy". The winner of ten votes is a committee, and a committee is
# better than its members.
#
# **To think about**: which of the two should stand beside the accuracy of a machine that gives one
# answer a clip?

# %% [markdown]
# ## Exercise 2 (may): a soft label
#
# Turn the votes of one clip into a soft label. **Predict first**: what does it look like when all
# ten people agree?

# %% tags=["prediction"]
my_prediction = None  # six numbers


# %% tags=["exercise"]
def soft_label(votes):
    """Return the share of each answer. votes: array of 6 counts, at least one of them above 0."""
    return ...


# %% tags=["solution"]
def soft_label(votes):
    """Return the share of each answer."""
    return votes / votes.sum()


# %% tags=["check"]
passed = checks.soft_label(soft_label)
# %% [markdown]
# ## Protocol audit
#
# The dv-emotionnet paper gives CREMA-D 22,326 audio rows. Where could they come from?

# %%
clips, senses_judged = 7442, 3
print(f"{clips} clips x {senses_judged} = {clips * senses_judged}")

# %% [markdown]
# **Proven**: 22,326 is three times the number of clips, and the published table of votes has
# exactly that many rows: one for each clip and sense. **Inferred**: the rows may be that table's,
# or three copies of each clip. The paper does not say, and its own Table 2 adds up to 22,336. Under
# either reading, rows of one clip are near-copies of each other.

# %% [markdown]
# ## What we saw
#
# - A label tells what was *asked for*, unless raters say otherwise. Nobody measured a feeling.
# - People are right in 40, 57 and 63 % of their responses by voice, face and both.
# - File names carry the design, and the same trial can lie in three files.
#
# **Next**: [notebook 02](02_honest_evaluation.ipynb), on what an accuracy promises, and when it
# does not keep its promise.

# %%
evaluation.record(
    "corpus-balance",
    [{"commonest_share": table["emotion"].value_counts(normalize=True).iloc[0]}],
    corpus=CORPUS,
    protocol="none",
    seeds=[SEED],
    n_actors=table["actor"].nunique(),
    profile=PROFILE,
    parameters={"clips": len(table)},
    command=f"python -m emolib.batch run --notebooks 01 --corpus {CORPUS}",
    results=RESULTS,
)["mean"]
