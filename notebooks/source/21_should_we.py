# ---
# jupyter:
#   emolib:
#     needs: [audio, actors]
# ---

# %% [markdown]
# # Should we? Groups, labels, law, and a model card
#
# **You will** measure error by group of people, with intervals, and refuse where a group is too
# small; test whether a gap is luck; say what a label cannot carry from one face or culture to
# another; find what the law of the European Union forbids, with its date; and write a model card
# from a record.
#
# 60 minutes to read, under a minute to run. Paper: av-attention, sections 4.3 and 4.7. Before:
# [notebook 01](01_corpora_and_labels.ipynb) for labels, [notebook 02](02_honest_evaluation.ipynb)
# for protocols and intervals over actors.

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
from scipy.stats import norm, ttest_ind
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from emolib import audio, checks, corpora, evaluation, plots
from emolib.corpora.shipped import shipped
from emolib.evaluation import groups, people_by_group

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
limits = threadpool_limits(1)  # small matrices: one thread is faster than many
RECORDS = evaluation.read_records(shipped("results"))


def stored(system, corpus, variant="plain"):
    """Return the record of a system that the course was published with."""
    wanted = system, corpus, variant
    return next(r for r in RECORDS if (r["system"], r["corpus"], r["variant"]) == wanted)


# %% [markdown]
# ## Error by group
#
# We begin with one picture. Real RAVDESS speech: 24 actors, 12 women and 12 men, eight emotions,
# ten folds by actor. Four systems answered every clip: a support vector machine on the sound, one
# on the face, one on both side by side, and `late-product`, which multiplies the first two's
# probabilities. We split their hits by the actor's sex, as RAVDESS states it. Both groups have
# equally many people, and equally many clips of each emotion.
#
# **Predict first**: whose emotions are named more often, and by how many points?

# %% tags=["prediction"]
my_prediction = None  # "women", "men" or "alike", and points

# %%
MARKS = {"female": (ORANGE, "s"), "male": (BLUE, "o")}


def whisker(ax, row, y, colour, marker, label=None):
    """Draw a group's mean and its interval."""
    ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2)
    ax.plot(row["mean"], y, marker, color=colour, markersize=7, label=label)


figure, axes = plt.subplots(1, 2, figsize=(12, 3.4), layout="constrained", sharex=True, sharey=True)
for ax, variant in zip(axes, ("plain", "enrolled"), strict=True):
    for k, system in enumerate(groups.SYSTEMS):
        for row in stored(f"{system}-by-sex", "ravdess", variant)["parameters"]["groups"]:
            shift, label = 0.3 * (row["group"] == "male"), row["group"]
            whisker(ax, row, k + shift, *MARKS[label], label=None if k else f"{label} actors")
    ax.set(title=f"Real RAVDESS by actors, {variant}", xlabel="accuracy, 95 % interval over actors")
axes[0].set_yticks(np.arange(len(groups.SYSTEMS)) + 0.15, groups.SYSTEMS)
axes[0].set_ylim(len(groups.SYSTEMS) - 0.4, -0.4)
axes[0].legend(loc="lower left")
plots.show(
    figure,
    "Two panels of four systems on RAVDESS with accuracies for female and male actors: in every row "
    "the mark of the women stands to the right of that of the men.",
)

# %% [markdown]
# **Plain**: a stranger comes. **Enrolled**: the actor's features were first standardised on that
# actor's own clips, without labels. In all eight rows the women's mark stands to the right.
#
# Two intervals side by side are no test (notebook 19). So test the *difference*. If sex made no
# difference, then any other way to part these 24 people into twelve and twelve could as well give a
# gap this large. `group_gap` deals the people out anew ten thousand times and counts how often.


# %%
def gap_line(gap):
    """Return a stored gap in points, with interval and p value."""
    points = [100 * gap[key] for key in ("difference", "low", "high")]
    return "{:+5.1f} points [{:+5.1f}, {:+5.1f}], ".format(*points) + f"p = {gap['p_value']:.3f}"


gaps = {
    (system, variant): stored(f"{system}-by-sex", "ravdess", variant)["parameters"][
        "female minus male"
    ]
    for variant in ("plain", "enrolled")
    for system in groups.SYSTEMS
}
print("RAVDESS by actors, women minus men, 12 against 12 actors")
for (system, variant), gap in gaps.items():
    print(f"{system:18} {variant:9} {gap_line(gap)}")
p_values = np.array([gap["p_value"] for gap in gaps.values()])
print(f"p below 0.05: {(p_values < 0.05).sum()} of {len(p_values)};", end=" ")
print(f"below 0.05 / {len(p_values)}: {(p_values < 0.05 / len(p_values)).sum()}")

# %% [markdown]
# The gap is 6 to 12 points. Six of eight tests call it out, and two still do under the strict limit
# for eight tests. But the eight rows share the same 24 people, so they are one piece of evidence
# seen eight times, and not eight.
#
# What may be said: *these systems named the emotions of these twelve women more often than those of
# these twelve men.* Why, the picture does not say. The women may have acted more clearly. Low voices
# may suit the features less. Or chance brought these twelve into the studio. If it was chance,
# those who meet such a system are spared. If not, men are misread more often, whatever the cause,
# and the overall accuracy does not show it.

# %% [markdown]
# ## Do people have the gap, too?
#
# CREMA-D tells. Its 2,443 raters said what they perceived in clips of 91 actors, by voice, by face,
# and by both (notebook 01). Here are their responses by group of **actors**. Who the raters were is
# not in this table. Mind what such groups are: words that the corpus's authors wrote beside a name.
#
# We chose four comparisons before anything was computed. They are read from records, or computed
# from the votes where you have them. **Predict first**: in which of sex, age, race, ethnicity do
# people's responses differ?

# %% tags=["prediction"]
my_prediction = None  # none, or some of "sex", "age", "race", "ethnicity"

# %%
folder = Path(DATA_DIR) / "cremad" if DATA_DIR else Path("none")
if (folder / "processedResults").is_dir() and (folder / "VideoDemographics.csv").is_file():
    people = people_by_group.write(folder, RESULTS)
    print("computed just now, from the votes")
else:
    people = {
        (sense, grouping): stored(f"people-{sense}-by-{grouping}", "cremad")
        for sense in ("voice", "face", "both")
        for grouping in people_by_group.GROUPINGS
    }
    print("no votes here: from the stored records of this computation")

# %%
LOOKS = {"voice": (ORANGE, "v"), "face": (GREEN, "s"), "both": (BLUE, "o")}
sizes = [len(people["both", g]["parameters"]["groups"]) for g in people_by_group.GROUPINGS]
figure, axes = plt.subplots(
    4, 1, figsize=(9, 7.6), layout="constrained", sharex=True, height_ratios=sizes
)
for ax, grouping in zip(axes, people_by_group.GROUPINGS, strict=True):
    rows = people["both", grouping]["parameters"]["groups"]
    for shift, (sense, look) in zip((-0.2, 0, 0.2), LOOKS.items(), strict=True):
        for k, row in enumerate(people[sense, grouping]["parameters"]["groups"]):
            if "mean" in row:
                whisker(ax, row, k + shift, *look, label=None if k else sense)
            elif sense == "face":
                ax.text(0.36, k, f"not said: {row['said'].removeprefix('no: ')}", va="center")
    ax.set_yticks(range(len(rows)), [f"{row['group']} ({row['n_actors']} actors)" for row in rows])
    ax.set(ylim=(len(rows) - 0.5, -0.5), title=f"by {grouping}", xlim=(0.32, 0.75))
axes[0].legend(title="raters had the", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
axes[-1].set_xlabel("share of responses that name the intended emotion, 95 % interval over actors")
figure.suptitle("Real CREMA-D: people's answers, by group of actors")
plots.show(
    figure,
    "Four panels of people's hits on CREMA-D by the actors' sex, age, race and ethnicity: women are "
    "read better by every sense, other groups overlap, and two groups of seven and six are refused.",
)

# %%
print("CREMA-D, people, 91 actors, first group minus second")
for (sense, grouping), content in people.items():
    name = " minus ".join(people_by_group.GROUPINGS[grouping])
    print(f"{sense:5}  {name:34} {gap_line(content['parameters'][name])}")
print(f"{len(people)} tests: a limit for all of them is p < {0.05 / len(people):.4f}")

# %% [markdown]
# - **Sex**: people, too, name the emotions of women more often, by 4 to 6 points in each sense. So a
#   gap is no invention of machines. It does not follow that the raters are unfair: perhaps these
#   women showed more. Votes on acted clips cannot part the two.
# - **Age, race, ethnicity**: no test calls. Read the intervals before you say "no difference": for
#   *Hispanic minus Not Hispanic* by both senses they reach from about −9 to +4 points. Ten actors
#   cannot tell a gap of nine points from none.
# - **Two groups get no figure**: 7 actors whose race is given as Asian, and 6 actors of 60 and more.
#   Their hundreds of clips do not help, as the next two sections show. A table that leaves them
#   out in silence would claim to have looked.

# %% [markdown]
# ## Live: dealt by lot
#
# Now the test by hand, on the corpus of this notebook. A small system that only hears (clip
# statistics, a support vector machine) answers clips of strangers. At `quick` it gets **many actors
# with few clips each**, which is the better way to spend 240 clips when people are the question.

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
table = table.dropna(subset=["audio", "emotion", "actor"])
if PROFILE == "quick":
    actors = sorted(table["actor"].unique())
    chosen = np.random.default_rng(SEED).permutation(actors)[:24]
    table = table[table["actor"].isin(chosen)].sample(frac=1, random_state=SEED)
    table = table.groupby("actor").head(10).sort_values("clip")
table = table.reset_index(drop=True)
labels = table["emotion"].to_numpy(str)
sounds = audio.feature_table(
    table, audio.functionals, 16_000, span=None, cache=Path("build/cache/features")
)


def hear(train, validation, test, seed):
    """Answer the test rows after learning from the others."""
    known = np.concatenate([train, validation])
    machine = make_pipeline(StandardScaler(), SVC(C=3)).fit(sounds[known], labels[known])
    return machine.predict(sounds[test])


# %%
n_actors = table["actor"].nunique()
folds = evaluation.split(table, "actors", min(6, n_actors), SEED)
answers, summary = evaluation.cross_validate(hear, table, labels, folds, seed=SEED, progress=False)
hits = (answers["truth"] == answers["predicted"]).to_numpy(float)
by_actor = pd.Series(hits).groupby(answers["actor"].to_numpy()).agg(["mean", "sum", "count"])
low, high = summary["interval"]["accuracy"]
print(f"{CORPUS}, by actors: accuracy {hits.mean():.0%} [{low:.0%}, {high:.0%}], {len(hits)} clips")
best, worst = by_actor["mean"].max(), by_actor["mean"].min()
print(f"best and worst read actor: {best:.0%} and {worst:.0%}")

# %% [markdown]
# People differ from each other anyway. Deal them into two groups **by lot**, again and again: no
# group means anything, and yet there is a gap each time. How large are gaps that mean nothing? And
# how often does a test call them out: one that counts clips, one that counts people? **Predict
# first.**

# %% tags=["prediction"]
my_prediction = None  # shares of false alarms: clips, people


# %%
def p_over_clips(right, asked):
    """Test two shares as if each clip were a person of its own; arrays (studies, 2)."""
    pooled = right.sum(axis=1) / asked.sum(axis=1)
    error = np.sqrt(pooled * (1 - pooled) * (1 / asked).sum(axis=1))
    shares = right / asked
    return 2 * norm.sf(np.abs(shares[:, 0] - shares[:, 1]) / error)


# %%
rng, half = np.random.default_rng(SEED), n_actors // 2
order = rng.permuted(np.tile(np.arange(n_actors), (1000, 1)), axis=1)
dealt = order[:, :half], order[:, half:]
first, second = (by_actor["mean"].to_numpy()[group] for group in dealt)
right, asked = (
    np.stack([by_actor[column].to_numpy()[group].sum(axis=1) for group in dealt], axis=1)
    for column in ("sum", "count")
)
meaningless = 100 * (first.mean(axis=1) - second.mean(axis=1))
alarms_live = {
    "clips": np.mean(p_over_clips(right, asked) < 0.05),
    "people": np.mean(ttest_ind(first, second, axis=1).pvalue < 0.05),
}
print({name: f"{share:.1%} of 1,000 deals" for name, share in alarms_live.items()})

# %%
WORDS = {"ravdess": ["sex"], "cremad": list(people_by_group.GROUPINGS)}  # puppets have none
figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
step = 10 / 3  # with 24 actors of 10 clips, each bar holds two of the gaps that can be
edge = step * np.ceil(np.abs(meaningless).max() / step)
ax.hist(meaningless, bins=np.arange(-edge, edge + step, step), color=BLUE, edgecolor="white")
ax.set(title=f"{CORPUS}: groups dealt by lot, 1,000 times", ylabel="deals")
ax.set_xlabel("gap between two groups that mean nothing (points)")
for column in WORDS.get(CORPUS, []):
    said = table[column] if column != "age" else people_by_group.age_bands(table["age"])
    said = said.replace("Unknown", pd.NA).iloc[answers["row"]]
    found = groups.by_group(hits, answers["actor"], said.to_numpy())
    print(f"\nby {column}, {found.attrs['left_out']} clips left out\n{found.round(3).to_string()}")
    if column == "sex" and (found["said"] == "yes").all():
        gap = groups.group_gap(hits, answers["actor"], said.to_numpy(), "female", "male")
        ax.axvline(100 * gap.difference, color=ORANGE, linewidth=3, label="women minus men")
        ax.legend()
        print(f"women minus men: {gap_line(gap._asdict())}")
plots.show(
    ax,
    "Histogram of the gaps between groups of actors that were dealt by lot, centred on zero and some "
    "points wide to each side.",
)

# %% [markdown]
# The histogram *is* the test over people: a gap is surprising if few deals reach it. On the puppets
# there is nothing else to see. They are drawings; a group of puppets is a group of recipes, and no
# error by group of theirs says anything about anybody.
#
# ## More clips of the same people
#
# Counting clips looked almost harmless with ten clips a person. Watch it when the corpus grows. Here
# are **simulated** studies: two groups of twelve people, *no difference* between the groups. How
# much people differ from each other we take from the records above: an interval over $n$ people is
# about $\pm 1.96\, s/\sqrt{n}$ wide, so its width tells their spread $s$.


# %%
def spread(row):
    """Return how far actors' means spread (standard deviation), from a group's interval."""
    return (row["high"] - row["low"]) / 2 / 1.96 * np.sqrt(row["n_actors"])


spreads = [
    100 * spread(row)
    for system in groups.SYSTEMS
    for variant in ("plain", "enrolled")
    for row in stored(f"{system}-by-sex", "ravdess", variant)["parameters"]["groups"]
]
print(
    f"RAVDESS: actors of a group spread by {min(spreads):.0f} to {max(spreads):.0f} points", end=""
)
print(f" (median {np.median(spreads):.0f})")

# %% [markdown]
# A part of that spread is chance: 60 clips at 70 % right would make equal people differ by 6 points.
# We take it off, as a variance.

# %%
level_spread = np.sqrt((np.median(spreads) / 100) ** 2 - 0.7 * 0.3 / 60)


def alarms(n_clips, n=12, studies=2000):
    """Return the share of studies without a gap that each test calls out: clips, people."""
    rng = np.random.default_rng(SEED)
    levels = np.clip(rng.normal(0.7, level_spread, (studies, 2, n)), 0, 1)
    right = rng.binomial(n_clips, levels)
    over_people = ttest_ind(right[:, 0], right[:, 1], axis=1).pvalue
    over_clips = p_over_clips(right.sum(axis=2), np.full((studies, 2), n * n_clips))
    return np.mean(over_clips < 0.05), np.mean(over_people < 0.05)


CLIPS = (5, 10, 20, 40, 60, 100, 200, 400)
called = np.array([alarms(n) for n in CLIPS])
figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
ax.plot(CLIPS, called[:, 0], "s-", color=ORANGE, label="a test that counts clips")
ax.plot(CLIPS, called[:, 1], "o--", color=BLUE, label="a test that counts people")
ax.axhline(0.05, color=GREY, linestyle=":", label="5 %: what a test promises")
ax.set(xscale="log", xticks=CLIPS, xticklabels=CLIPS, ylim=(0, 1))
ax.set(xlabel="clips of each person (12 and 12 people)", ylabel="share of false alarms")
ax.set_title("Simulated: two groups without a difference")
ax.minorticks_off()
ax.legend()
plots.show(
    ax,
    "Share of false alarms against clips a person: the test over clips climbs from under a tenth to "
    "half of the studies, the test over people stays near five percent.",
)

# %% [markdown]
# RAVDESS has 60 clips a person. There, a test over clips calls out about one study in five where
# nothing is. More clips of the same people make it more sure and no more right. **Only more people
# help.**
#
# ## When is a group too small to say?
#
# Two things go wrong with few people. The test sees little, and the interval is too narrow. Choose a
# true gap and see how many people it takes (simulated; three spreads of people around those above).

# %%
PEOPLE = (3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100)
SPREADS = {0.06: (GREEN, "^", ":"), 0.09: (BLUE, "o", "-"), 0.12: (ORANGE, "s", "--")}


def found(n, gap, between, studies=500):
    """Return the share of studies whose test over people sees a gap."""
    rng = np.random.default_rng(SEED)
    first, second = rng.normal(gap, between, (studies, n)), rng.normal(0, between, (studies, n))
    return (ttest_ind(first, second, axis=1).pvalue < 0.05).mean()


def power(gap):
    """Draw how often a gap (points) is seen, against the people in each group."""
    ax = plt.subplots(figsize=(8, 3.6), layout="constrained")[1]
    for between, (colour, marker, line) in SPREADS.items():
        seen = [found(n, gap / 100, between) for n in PEOPLE]
        label = f"people spread by {100 * between:.0f} points"
        ax.plot(PEOPLE, seen, marker=marker, linestyle=line, color=colour, label=label)
    ax.axhline(0.8, color=GREY, linewidth=0.8)
    ax.axvline(12, color="black", linewidth=0.8)
    ax.text(12.3, 0.02, "RAVDESS", fontsize=8)
    ax.set(xscale="log", xticks=PEOPLE, xticklabels=PEOPLE, ylim=(0, 1.02))
    ax.minorticks_off()
    ax.set(xlabel="people in each group", ylabel="share of studies that see it")
    ax.set_title(f"Simulated: a true gap of {gap} points")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return ax


plots.explore(
    power,
    "Share of simulated studies that see a gap of {gap} points, rising with the people in each group, "
    "later where people spread more.",
    gap=[10, 5, 15, 20],
)

# %% [markdown]
# With twelve and twelve a gap of ten points is found in nearly all studies where people spread by six
# points, and missed in about half where they spread by twelve. A gap of five points is missed in half of
# the studies at best. **Not found is not absent.**
#
# Now the interval. It comes from drawing the $n$ people anew, with replacement (a **bootstrap**).
# How often does such a 95 % interval hold the truth?

# %%
FEW = (3, 4, 5, 6, 8, 10, 12, 16, 24)
rng, held = np.random.default_rng(SEED), []
for n in FEW:
    means = rng.normal(0, 1, (1500, n))
    again = rng.integers(n, size=(1500, 300, n))
    drawn = np.take_along_axis(means[:, None], again, axis=2).mean(axis=2)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=1)
    held.append(np.mean((low < 0) & (high > 0)))
figure, ax = plt.subplots(figsize=(8, 3), layout="constrained")
ax.plot(FEW, held, "o-", color=BLUE)
ax.axhline(0.95, color=GREY, linestyle=":", label="95 %: what it promises")
ax.axvline(groups.LEAST - 0.5, color=ORANGE, linestyle="--", label="below: by_group says nothing")
ax.set(xticks=FEW, xlabel="people", ylabel="intervals that\nhold the truth", ylim=(0.6, 1))
ax.set_title("Simulated: intervals over few people are too narrow")
ax.legend(loc="lower right")
plots.show(
    ax,
    "Share of intervals that hold the truth against the number of people: about 0.7 with three, near "
    "0.9 with eight, and below 0.95 throughout.",
)

# %% [markdown]
# The course's limit is eight people. That is a decision: the curve has no step at eight. What matters
# is that a limit is set *before* looking, and that a refused group is named.

# %% [markdown]
# ## Exercise 1 (may): how many people does a gap need?
#
# Plan the study instead. People of a group spread by $s$; the mean of $n$ of them varies with
# variance $s^2/n$, and the difference of two such means with the sum of both variances. To be called
# out at 5 %, a difference must lie 1.96 of its standard deviations from zero. To pass that line in
# 80 % of the studies, the true gap must lie 0.84 further. Return $n$ for *each* group.
#
# **Predict first**: twelve people show a gap of ten points. How many show one of five?

# %% tags=["prediction"]
my_prediction = None  # a number


# %% tags=["exercise"]
def actors_needed(gap, spread):
    """Return how many people each of two groups needs (int).

    gap: true difference of the groups' means; spread: standard deviation of people's means; both
    as shares (0.1 is ten points).
    """
    return ...


# %% tags=["solution"]
def actors_needed(gap, spread):
    """Return how many people each of two groups needs (int)."""
    return int(np.ceil(2 * ((1.96 + 0.84) * spread / gap) ** 2))


# %% tags=["check"]
needed_passed = checks.actors_needed(actors_needed)

# %%
if needed_passed:
    for points in (20, 10, 5, 2):
        print(f"{points:2} points: {actors_needed(points / 100, 0.09)} people in each group")

# %% [markdown]
# Half the gap, four times the people. Acted corpora of twenty-odd people cannot rule out a gap of
# five points between any two groups. Say so on the card.

# %% [markdown]
# ## What the labels can carry
#
# Error by group assumes that the label is right for everybody. Is it?
#
# | from … | to … | what is known |
# |---|---|---|
# | acted on request | felt | no corpus of this course knows what anybody felt (notebook 01) |
# | a face | an inner state | a review by five researchers finds that people move their faces as expected (scowl in anger, smile in joy) more often than chance, but that this varies between cultures, situations, and within one person; and a scowl often means something else (Barrett et al. 2019) |
# | one culture | another | over many studies, emotions of another group are recognised above chance, and those of one's own national, ethnic or regional group better (Elfenbein & Ambady 2002) |
# | raters | everybody | RAVDESS was judged by 247 people from North America (Livingstone & Russo 2018), and spoken with one accent; CREMA-D's raters were a crowd (Cao et al. 2014) |
#
# So "women are read better" could also mean: better by the customs of those who wrote the labels and
# chose the takes. More clips do not settle that. Other raters and other actors would.
#
# Sources: Barrett, Adolphs, Marsella, Martinez & Pollak (2019), *Psychological Science in the Public
# Interest* 20(1), [doi 10.1177/1529100619832930](https://doi.org/10.1177/1529100619832930);
# Elfenbein & Ambady (2002), *Psychological Bulletin* 128(2), 203–235,
# [doi 10.1037/0033-2909.128.2.203](https://doi.org/10.1037/0033-2909.128.2.203); Livingstone & Russo
# (2018), [doi 10.1371/journal.pone.0196391](https://doi.org/10.1371/journal.pone.0196391); Cao et
# al. (2014), [doi 10.1109/TAFFC.2014.2336244](https://doi.org/10.1109/TAFFC.2014.2336244).
#
# ### A rare emotion
#
# Suppose, against all this, that a system worked on the street as on RAVDESS. Where each of eight
# emotions is one in eight, its alarms are mostly right. How many of its "angry!" are right where anger
# is rare? With recall $r$, specificity $s$ (here no spread) and share $\pi$ of angry moments, Bayes
# says
#
# $$P(\text{angry} \mid \text{alarm}) = \frac{r\,\pi}{r\,\pi + (1-s)(1-\pi)}.$$

# %%
share = np.geomspace(0.001, 0.5, 60)
figure, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
for variant, line, colour in (("plain", "--", ORANGE), ("enrolled", "-", BLUE)):
    mean = stored("late-product", "ravdess", variant)["mean"]
    r, s = mean["unweighted_recall"], mean["specificity"]
    right = r * share / (r * share + (1 - s) * (1 - share))
    ax.plot(share, right, line, color=colour, label=f"late-product, by actors, {variant}")
    at = r * 0.01 / (r * 0.01 + (1 - s) * 0.99)
    print(
        f"{variant:9} recall {r:.2f}, specificity {s:.3f}: of alarms at 1 % anger {at:.0%} are right"
    )
ax.axvline(1 / 8, color=GREY, linestyle=":", label="one in eight: as acted in RAVDESS")
ax.set(xscale="log", xlabel="share of moments that are angry", ylabel="alarms that are right")
ax.set(ylim=(0, 1), title="RAVDESS's rates, carried to where anger is rare")
ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
ax.legend(loc="upper left")
plots.show(
    ax,
    "Share of right alarms against how common anger is: high at one in eight, and well under a half "
    "where one moment in a hundred is angry.",
)

# %% [markdown]
# Where one moment in a hundred is angry, most alarms are false, although the accuracy is what it
# was. Recall and specificity are means over the eight classes here.

# %% [markdown]
# ## The law, as of 21 November 2026
#
# The European Union's AI Act, Regulation (EU) 2024/1689, names emotion recognition. What follows is
# **no legal advice**. Laws change: one of these dates was moved in 2026. Open the sources.
#
# | what | where it stands | applies (as of 21 November 2026) | source |
# |---|---|---|---|
# | an *emotion recognition system* identifies or infers emotions or intentions of people **from biometric data** (face, voice, gait, …) | Article 3(39) | since 2 February 2025 | [2024/1689](https://eur-lex.europa.eu/eli/reg/2024/1689/oj) |
# | **prohibited**: to sell, to put into service for this, or to use AI that infers emotions **at work and in education institutions**, unless for medical or safety reasons | Article 5(1)(f); reasons in recital 44; fines in Article 99(3) | since 2 February 2025; fines since 2 August 2025 | [2024/1689](https://eur-lex.europa.eu/eli/reg/2024/1689/oj) |
# | the Commission reads that prohibition as inference from biometric data; its guidelines bind nobody, courts decide | guidelines on prohibited practices, C(2025) 884, approved 4 February 2025, adopted as C(2025) 5052 | 29 July 2025 | [the Commission](https://digital-strategy.ec.europa.eu/en/library/commission-publishes-guidelines-prohibited-artificial-intelligence-ai-practices-defined-ai-act) |
# | **high risk** elsewhere, as a rule (exceptions in Article 6(3)): management of risk, data, documents, records, human oversight, accuracy; duties of those who use it (Article 26) | Article 6(2), Annex III point 1(c), Chapter III | was to be 2 August 2026; a proposal of 19 November 2025 became Regulation (EU) 2026/1744 (Official Journal of 24 July 2026): **2 December 2027** | [2026/1744](https://eur-lex.europa.eu/eli/reg/2026/1744/oj) |
# | **tell people**: whoever uses such a system informs those who are exposed to it (unless the law lets it detect crime), and keeps to data protection law | Article 50(3) | since 2 August 2026; not moved | [2024/1689](https://eur-lex.europa.eu/eli/reg/2024/1689/oj) |
# | systems made and used for scientific research alone are outside; so are tests before a system is on the market, but not tests in real-world conditions | Article 2(6), 2(8) | since 2 February 2025 | [2024/1689](https://eur-lex.europa.eu/eli/reg/2024/1689/oj) |
# | recordings of people are personal data, whatever a model does with them | GDPR, Regulation (EU) 2016/679 | since 25 May 2018 | [2016/679](https://eur-lex.europa.eu/eli/reg/2016/679/oj) |
#
# How we know: the articles from the Regulation of 2024, the dates of 2026 from accounts of the
# amending Regulation that cite the Official Journal (August to October 2026). We have not read the
# Journal's own page of 2026: check it before you rely on the date. Other countries have other laws.
#
# **And this course?** It is taught in places of education. Acted corpora and puppets judge nobody
# present. Do not point a system at fellow students, not for fun, and do not grade anybody by one. If
# you record yourself for notebook 20, *play* an emotion, and keep the clip to yourself.

# %% [markdown]
# ## Exercise 2 (must): a model card
#
# A model card says on one page what a system is for, what it is not for, how good it is, for whom,
# and where that ends (Mitchell et al. 2019,
# [doi 10.1145/3287560.3287596](https://doi.org/10.1145/3287560.3287596)). Every figure comes from a
# record, and none from memory. So write a **function** from a record to a card. Here is the record
# that yours will be printed for:

# %%
real = stored("late-product-by-sex", "ravdess")
for field in ("system", "corpus", "protocol", "variant", "n_actors", "mean", "interval"):
    print(f"{field:9} {real[field]}")
pd.DataFrame(real["parameters"]["groups"])

# %% [markdown]
# The card is a dictionary with these fields:
#
# | field | content |
# |---|---|
# | `system` | the record's name of it |
# | `use` | one sentence: what it is for |
# | `not for` | a list; work and education must be among it |
# | `data` | the corpus, and how many actors it has |
# | `protocol` | protocol and variant |
# | `figures` | `{"accuracy": (value, low, high)}`, as shares |
# | `groups` | `{group: (mean, low, high)}`; for a group of fewer than `least` actors a sentence that says how many there are |
# | `limits` | a list; what the labels are must be among it |
#
# The check tries it on records of runs that never were. In each, one group is too small, and the
# record has a figure for it nevertheless. **Predict first**: which field is the hardest to fill in
# honestly?

# %% tags=["prediction"]
my_prediction = None  # a field


# %% tags=["exercise"]
def write_card(record, least=groups.LEAST):
    """Return the model card of a record: a dictionary with the eight fields above.

    record: as printed above; groups are rows in record["parameters"]["groups"].
    """
    return ...


# %% tags=["solution"]
def write_card(record, least=groups.LEAST):
    """Return the model card of a record: a dictionary with the eight fields above."""
    said = {}
    for row in record["parameters"]["groups"]:
        figures = row["mean"], row["low"], row["high"]
        few = f"{row['n_actors']} actors, {least} are needed: not said"
        said[row["group"]] = figures if row["n_actors"] >= least else few
    low, high = record["interval"]["accuracy"]
    return {
        "system": record["system"],
        "use": "To teach how systems that name acted emotions are built and measured.",
        "not for": [
            "judging people at work or applicants",
            "schools, universities, or grading anybody",
            "any decision about a person",
        ],
        "data": f"{record['corpus']}, {record['n_actors']} actors",
        "protocol": f"folds by {record['protocol']}, {record['variant']}",
        "figures": {"accuracy": (record["mean"]["accuracy"], low, high)},
        "groups": said,
        "limits": [
            "The labels say what actors were asked to show, not what anybody felt.",
            "A few actors of one country: other people and customs are not in the data.",
        ],
    }


# %% tags=["check"]
card_passed = checks.model_card(write_card)

# %%
if card_passed:
    for field, content in write_card(real).items():
        print(f"{field:9} {content}")
else:
    print("Here your card of late-product on RAVDESS will stand.")

# %% [markdown]
# The check can tell whether a figure is the record's. It cannot tell whether your sentences are
# true. The course's own shipped encoder of faces has a card, too: `data/face_encoder.md`. Its
# error by group is a refusal: nobody knows who is in its pictures.
#
# **To think about**: who reads a model card at the moment when the system answers?

# %% [markdown]
# ## When not to build it
#
# Six questions, in this order. Stop at the first *no*.

# %%
QUESTIONS = (
    ("Is it allowed there?", "work, education in the EU: leave it"),
    ("Is what the labels say what you want to know?", "acted is not felt: leave it"),
    ("Is there no way to ask the person?", "then ask"),
    ("Do those concerned know, agree, and lose nothing by a no?", "no consent: leave it"),
    ("Is the error known for each group that it will meet?", "record more people first"),
    ("Is a wrong answer cheap, seen, and undone?", "leave the decision to people"),
)
figure, ax = plt.subplots(figsize=(10, 5), layout="constrained")
box = {"boxstyle": "round,pad=0.45", "facecolor": "white", "linewidth": 1.5}
for k, (question, otherwise) in enumerate(QUESTIONS):
    ax.text(0.02, -k, f"{k + 1}. {question}", va="center", bbox={**box, "edgecolor": BLUE})
    ax.text(0.68, -k, otherwise, va="center", bbox={**box, "edgecolor": ORANGE, "linestyle": "--"})
    ax.annotate("", (0.665, -k), (0.6, -k), arrowprops={"arrowstyle": "->", "color": ORANGE})
    ax.text(0.632, -k + 0.1, "no", ha="center", color=ORANGE)
    ax.annotate("", (0.08, -k - 0.7), (0.08, -k - 0.3), arrowprops={"arrowstyle": "->"})
    ax.text(0.09, -k - 0.5, "yes", va="center")
last = "Build it small, with a card, a way to switch it off, and a date to look again."
ax.text(0.02, -len(QUESTIONS), last, va="center", bbox={**box, "edgecolor": GREEN})
ax.set(xlim=(0, 1), ylim=(-len(QUESTIONS) - 0.5, 0.5), title="Before you build it")
ax.axis("off")
plots.show(
    figure,
    "A ladder of six questions on law, labels, asking, consent, error by group and cost of a wrong "
    "answer, each with what to do after a no, and at its foot: build it small, with a card.",
)

# %% [markdown]
# What passes? A course on acted clips. Your own clip, on your own machine. Research on people who
# agreed and may stop. Tools that somebody switches on for themselves, and whose answers only they
# see. What does not: ranking applicants, watching callers or pupils, guessing at a stranger's state,
# and any use where a confident wrong answer costs the person who is read and not the one who reads.

# %% [markdown]
# ## Protocol audit
#
# av-attention, section 4.3, says of its multimodal system that the speaker's gender does not
# influence its scores. What could 24 actors show? Twelve and twelve people who spread by $s$ show,
# in 80 % of the studies, a gap of $2.8\, s \sqrt{2/12}$ and more.

# %%
for s in (min(spreads), np.median(spreads), max(spreads)):
    print(f"spread {s:4.1f} points: gaps from {2.8 * s * np.sqrt(2 / 12):4.1f} points on are seen")
gap = gaps["late-product", "plain"]
print(f"ours, late-product, plain, by actors: {gap_line(gap)}")

# %% [markdown]
# | | |
# |---|---|
# | **proven** | the paper prints no figure by gender, no interval and no test; the same section names gender among the reasons why its *sound* scores lowest |
# | **inferred** | with RAVDESS's people, "no influence seen" still leaves room for a gap of some ten points; our fused system on the same corpus has one, and people have a smaller one on CREMA-D |
# | **unknown** | whether *their* system has it. Ours is another system, and may not speak for it; the hits by clip would tell |
#
# Our own rows have their blanks, too. No model of ours was measured by group on CREMA-D: we had its
# votes and not its clips. Where you have them, run this notebook with `CORPUS = "cremad"` and
# `PROFILE = "full"`; that path is untested on the real clips.

# %% [markdown]
# ## What we saw
#
# - On RAVDESS women's clips are read 6 to 12 points better by four systems, and on CREMA-D 4 to 6
#   points better by people. Why, neither tells.
# - People are the unit. With fewer than eight, say how many there are, and nothing else.
# - A label says what was asked for. A card says what a system is not for. In the EU, work and
#   education come first on that list.
#
# **Next**: your own data. The cards in `data/README.md` tell how to bring them in.

# %%
evaluation.record(
    "dealt-groups",
    [
        {
            "false_alarms_clips": alarms_live["clips"],
            "false_alarms_people": alarms_live["people"],
            "largest_gap": np.abs(meaningless).max() / 100,
            "accuracy": hits.mean(),
        }
    ],
    interval=summary["interval"],
    corpus=CORPUS,
    protocol="actors",
    seeds=[SEED],
    n_actors=n_actors,
    profile=PROFILE,
    parameters={"deals": 1000, "clips": len(hits), "split": f"{min(6, n_actors)} folds"},
    command=f"python -m emolib.batch run --notebooks 21 --corpus {CORPUS} --profile {PROFILE} "
    "--data-dir DATA_DIR",
    results=RESULTS,
)["mean"]
