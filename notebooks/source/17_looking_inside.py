# ---
# jupyter:
#   emolib:
#     needs: [audio, video, actors]
# ---

# %% [markdown]
# # Looking inside: pictures that explain, and how to test them
#
# **You will** lay three losses' embeddings side by side, and see what t-SNE makes up; mark on a face
# what a network looks at; delete it and see whether that mattered; shuffle attention weights; and
# build a network whose explanation says whatever you like.
#
# 80 minutes to read, a minute to run. Paper: av-attention, section 4.6, Figs 6 to 11. Before:
# notebooks [09](09_faces.ipynb), [13](13_gru_attention.ipynb) and
# [16](16_polarity_triplet_loss.ipynb).

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
from pathlib import Path

import cv2
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import spearmanr
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from emolib import audio, checks, corpora, devices, evaluation, explain, models, plots, video
from emolib.corpora import puppet_face, puppets
from emolib.evaluation import metric_losses

keras = devices.import_keras()
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
MARKERS = dict(zip(corpora.EMOTIONS, "osD^vPX*", strict=True))

# %% [markdown]
# ## Three embeddings side by side
#
# The paper shows t-SNE pictures under three losses, from "overlapping" to "separate". We show the
# same three, of notebook 16's small networks: same clips, same first weights, same batches. One
# thing we add: clips the network was **trained on** in the upper row, **strangers** in the lower.
# **Predict first**: in which row do the three losses differ more?

# %% tags=["prediction"]
my_prediction = None  # "upper" or "lower"

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
everybody = table.dropna(subset=["emotion", "actor"])
table = corpora.take(everybody.dropna(subset=["audio"]), PROFILE, SEED).reset_index(drop=True)
features = audio.feature_table(
    table, audio.functionals, metric_losses.RATE, span=None, cache=Path("build/cache/features")
)
emotions = sorted(table["emotion"].unique())
labels = table["emotion"].map(emotions.index).to_numpy(int)
fold = evaluation.holdout(table, "actors", 0.3, SEED)
scaled = StandardScaler().fit(features[fold.train]).transform(features).astype("float32")
spaces = {}
for loss in metric_losses.LOSSES:
    network = metric_losses.train_metric_network(
        scaled[fold.train], labels[fold.train], emotions, loss, SEED
    )
    spaces[loss] = np.asarray(network(scaled, training=False)["embedding"])


# %%
def tsne(points, perplexity=20):
    """Lay points in a plane by t-SNE, the same way each time."""
    return TSNE(perplexity=perplexity, init="pca", random_state=SEED).fit_transform(points)


def mark(ax, points, words):
    """Draw points with a colour and a marker an emotion."""
    for emotion, marker in MARKERS.items():
        own = words == emotion
        ax.scatter(*points[own].T, s=22, marker=marker, color=plots.COLOURS[emotion],
                   edgecolor="black", linewidth=0.3, label=emotion)  # fmt: skip
    ax.set(xticks=[], yticks=[])


figure, axes = plt.subplots(2, 3, figsize=(11, 7.2), layout="constrained")
silhouettes = {}
for row, (title, rows) in zip(
    axes, {"trained on": fold.train, "strangers": fold.test}.items(), strict=True
):
    first = None
    for ax, (loss, space) in zip(row, spaces.items(), strict=True):
        flat = tsne(space[rows])
        flat = flat if first is None else explain.align(flat, first)
        first = flat if first is None else first
        mark(ax, flat, table["emotion"].to_numpy()[rows])
        silhouettes[title, loss] = float(silhouette_score(space[rows], labels[rows]))
        ax.set_title(f"{loss}, {title}: silhouette {silhouettes[title, loss]:.2f}")
    row[0].set_ylabel("t-SNE, no unit")
figure.legend(*axes[0, 0].get_legend_handles_labels(), ncols=8, loc="outside lower center")
figure.suptitle(f"{CORPUS}: embeddings of the sound, t-SNE at perplexity 20")
plots.show(
    figure,
    "Six t-SNE pictures: clips that a network was trained on fall into groups under the metric "
    "losses, strangers are mixed under all three.",
)

# %% [markdown]
# The **silhouette** (Rousseeuw 1987) is measured in the embedding, not in the picture: 1 where
# classes are tight and apart, 0 where they overlap, below 0 where clips lie nearer to another class.
# The upper row looks like success. Whoever shows only such a row shows what the loss did to the
# clips it was given. The paper does not say which clips its figures draw.
#
# ## What t-SNE makes up
#
# t-SNE asks of each point: who are your neighbours? It then lays the points so that neighbours stay
# neighbours. **Perplexity** is about how many neighbours count. Everything else is free: how far
# clusters lie from each other, how wide they are. Two toys, synthetic.

# %%
rng = np.random.default_rng(SEED)
cloud = rng.normal(size=(150, 10))
which = np.repeat([0, 1, 2], 50)
centres, widths = np.array([[0, 0], [6, 0], [60, 0]]), np.array([0.3, 2.0, 0.3])
three = centres[which] + widths[which, None] * rng.normal(size=(150, 2))
figure, axes = plt.subplots(1, 4, figsize=(13, 3.4), layout="constrained")
panels = (
    ("one cloud, perplexity 3", tsne(cloud, 3), 0 * which),
    ("the same, perplexity 40", tsne(cloud, 40), 0 * which),
    ("three groups as they are", three, which),
    ("the same, t-SNE, perplexity 20", tsne(three), which),
)
for ax, (title, points, group) in zip(axes, panels, strict=True):
    for k, (colour, marker) in enumerate(zip((BLUE, ORANGE, GREEN), "o^s", strict=True)):
        ax.plot(*points[group == k].T, marker, color=colour, markersize=4)
    ax.set(title=title, xlabel="feature 1" if "as they are" in title else "t-SNE, no unit")
axes[2].set_ylabel("feature 2")
plots.show(
    figure,
    "t-SNE of one cloud falls into crumbs at perplexity 3 and is one heap at 40; three groups of "
    "unlike width and distance look alike after t-SNE.",
)


# %%
def far(points, a, b):
    """Return the distance between two groups' means."""
    return np.linalg.norm(points[which == a].mean(axis=0) - points[which == b].mean(axis=0))


for title, points in (("as they are", three), ("t-SNE", panels[3][1])):
    wide = points[which == 1].std(axis=0).mean() / points[which == 0].std(axis=0).mean()
    print(f"{title:12} far pair / near pair {far(points, 0, 2) / far(points, 0, 1):5.1f},  "
          f"wide group / narrow group {wide:4.1f}")  # fmt: skip

# %% [markdown]
# Ten times as far becomes less than three times as far, and a group that is several times as wide as
# another ends about as wide. At a low perplexity
# even a single cloud has clumps. So a t-SNE picture can say "these are neighbours". It cannot say
# how far two emotions are apart, and not that there are clusters. Try several perplexities, and give
# a number from the embedding itself.
#
# ## Grad-CAM: which places speak for a class
#
# A convolutional network carries **maps** $A^k$: where is feature $k$? Let $y^c$ be the score of
# class $c$ before the softmax. A map's weight is its mean gradient over the $n$ places $i, j$, and
# the explanation $M$ is what the weighted maps say *for* the class (Selvaraju et al. 2017; the
# hinge $[\cdot]_+$ is the one of notebook 16):
#
# $$w_k = \frac{1}{n} \sum_{i,j} \frac{\partial y^c}{\partial A^k_{ij}} \qquad
# M = \Big[\sum_k w_k A^k\Big]_+$$
#
# The network here is the shipped face encoder, trained on FER2013's photographs (notebook 09). We
# explain its own answer, right or wrong.

# %% [markdown]
# ## Exercise 1 (must): a map by hand
#
# **Predict first**: a feature speaks *against* the class, $w_k < 0$. What does it do to $M$?

# %% tags=["prediction"]
my_prediction = None  # a sentence


# %% tags=["exercise"]
def grad_cam_map(maps, gradients):
    """Return Grad-CAM of one picture, (rows, columns).

    maps, gradients: arrays (rows, columns, features): each A and the derivative of the score by it.
    """
    return ...


# %% tags=["solution"]
def grad_cam_map(maps, gradients):
    """Return Grad-CAM of one picture, (rows, columns)."""
    weights = gradients.mean(axis=(0, 1))
    return np.maximum((maps * weights).sum(axis=2), 0)


# %% tags=["check"]
passed = checks.grad_cam_map(grad_cam_map)

# %% [markdown]
# Now on faces. Where the corpus here has real videos, they are cut out of them; otherwise puppets
# are drawn, and the network sees something it never learnt.

# %%
MOMENTS = (0.3, 0.45, 0.6)  # shares of a clip: where people speak


def faces_of(clip):
    """Return a clip's aligned faces at some moments, uint8 (moments, 96, 96, 3)."""
    if clip["corpus"] == "puppets":
        units, pose = puppets.act(clip)
        chosen = [round(m * (len(units) - 1)) for m in MOMENTS]
        drawn = puppet_face.draw_face(units[chosen], pose[chosen], int(clip["actor"]))
        frames, points = drawn.frames, drawn.landmarks[:, :5]
    else:
        every, _ = corpora.read_video(clip, fps=10)
        frames = [every[round(m * (len(every) - 1))] for m in MOMENTS]
        points = [video.only_face(frame, clip["clip"]).points for frame in frames]
    return np.stack([video.align_face(f, p, 96) for f, p in zip(frames, points, strict=True)])


filmed = everybody.dropna(subset=["video"])
if "kind" in filmed:
    filmed = filmed[filmed["kind"] == "redundant"]  # the face shows the label
    filmed = filmed.groupby(["actor", "emotion"], observed=True).head(1)
filmed = filmed.sample(min(len(filmed), 12), random_state=SEED)
cut = np.concatenate([faces_of(clip) for _, clip in filmed.iterrows()])
actors = filmed["actor"].to_numpy().repeat(len(MOMENTS))
print(f"{CORPUS}: {len(cut)} faces of {len(set(actors))} actors")

# %%
judge = models.face_encoder(classes=True)
layer = [one.name for one in judge.layers if one.output.shape[1:3] == (6, 6)][-1]
seen = models.grey_faces(cut)


def ask(pictures):
    """Return the judge's probabilities."""
    return np.asarray(judge(pictures, training=False))


answers = ask(seen)
said = answers.argmax(axis=1)
maps = explain.grad_cam(judge, seen, layer, said)
maps.shape

# %%
large = explain.enlarge(maps, (48, 48))
chosen = np.arange(0, len(cut), max(1, len(cut) // 6))[:6]
figure, axes = plt.subplots(2, 6, figsize=(12, 4.6), layout="constrained")
for column, k in zip(axes.T, chosen, strict=False):
    column[0].imshow(cut[k])
    column[0].set_title(f"{models.FACE_EMOTIONS[said[k]]}, {answers[k].max():.2f}", fontsize=10)
    column[1].imshow(seen[k, ..., 0], cmap="gray")
    column[1].contourf(large[k], levels=6, cmap="viridis", alpha=0.5)
for ax in axes.ravel():
    ax.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("face and answer")
axes[1, 0].set_ylabel("Grad-CAM (yellow: for it)")
figure.suptitle(f"{CORPUS}: what speaks for the network's answer")
plots.show(
    figure,
    "Six faces with the network's answers, and below each a map that is bright on some region of "
    "the face.",
)

# %% [markdown]
# Such pictures convince. An eye, a mouth: of course. But a bright spot on a face hits *something*
# wherever it falls. We need a test that a map can fail.
#
# ## Delete what matters
#
# If a map is true to the network, then deleting its most important places should take the answer
# away sooner than deleting others. We replace an eighth of the picture after the other by the
# picture's mean grey, and follow the probability of the first answer (Petsiuk et al. 2018).
#
# Beside Grad-CAM stand three rivals:
#
# - **random** maps, on the same 6 × 6 grid and enlarged alike (single random pixels would be noise,
#   which upsets a network before anything is lost);
# - Grad-CAM of an **untrained** network with the same architecture;
# - the **middle**: one blob, the same for every face, that no network has seen.
#
# **Predict first**: which two will be hardest to tell apart?

# %% tags=["prediction"]
my_prediction = None  # two names

# %%
keras.utils.set_random_seed(SEED)
newborn = models.face_encoder(weights=None, classes=True)
newborn_layer = [one.name for one in newborn.layers if one.output.shape[1:3] == (6, 6)][-1]
y, x = np.mgrid[-2.5:3, -2.5:3]
middle = np.tile(np.exp(-(x**2 + y**2) / 4), (len(seen), 1, 1))
rivals = {
    "Grad-CAM": [maps],
    "untrained": [explain.grad_cam(newborn, seen, newborn_layer, said)],
    "middle": [middle],
    "random": [rng.random(maps.shape) for _ in range(3)],
}


def deleted(grids, fill=None):
    """Return the mean deletion curve of each picture under some maps."""
    return np.mean(
        [
            explain.deletion_curve(ask, seen, explain.enlarge(g, (48, 48)), said, 8, fill)
            for g in grids
        ],
        axis=0,
    )


curves = {name: deleted(grids) for name, grids in rivals.items()}

# %%
LOOK = {"Grad-CAM": (BLUE, "o-"), "untrained": (ORANGE, "s--"), "middle": (GREEN, "^-."),
        "random": (GREY, "x:")}  # fmt: skip
figure, ax = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
for name, curve in curves.items():
    colour, style = LOOK[name]
    shares = np.linspace(0, 100, curve.shape[1])
    ax.plot(shares, curve.mean(axis=0), style, color=colour, label=name)
ax.set(title=f"{CORPUS}: deletion, mean of {len(seen)} faces", ylim=(0, 1))
ax.set(xlabel="deleted (% of the picture)", ylabel="probability of the first answer")
ax.legend()
plots.show(
    ax,
    "The probability of the first answer against the share deleted, falling, one curve for "
    "Grad-CAM, an untrained network's map, a blob in the middle, and random maps.",
)

# %% [markdown]
# One number a picture: the area under random maps' curve minus that under the map's. Above 0, the
# map knows more than chance. `explain.faithfulness` does it in one call. The interval goes over
# actors where there are several.


# %%
def against_chance(curves, actors):
    """Print and return each map's gain over random maps, with an interval."""
    gains = {}
    units, over = (actors, "actors") if len(set(actors)) > 1 else (np.arange(len(actors)), "faces")
    for name in list(curves)[:-1]:
        gain = explain.area(curves["random"]) - explain.area(curves[name])
        low, high = evaluation.confidence_interval(gain, units, seed=SEED)
        gains[name] = float(gain.mean()), (low, high)
        print(f"{name:10} {gain.mean():+.3f} [{low:+.3f}, {high:+.3f}], over {over}")
    return gains


gains = against_chance(curves, actors)
print("deleted by a blur instead of grey:")
blurred = np.stack([cv2.GaussianBlur(face, (0, 0), 6)[..., None] for face in seen])
kept = {name: g for name, g in rivals.items() if name != "untrained"}
blurry = against_chance({name: deleted(g, blurred) for name, g in kept.items()}, actors)

# %% [markdown]
# Three things to read. Is Grad-CAM's interval above 0? Does the first step, the places that it marks
# most, cost more than any rival's? And is its area better than that of the *middle*, which looks at
# no network at all? Faces are aligned, so the middle is always nose and mouth: a map that has learnt
# nothing can do well, and look well. What fills the hole matters, too. A grey patch
# is itself something to see, and a blur takes away other things.
#
# ## Is it about this network?
#
# A second test costs one line (Adebayo et al. 2018): if the network's weights are drawn anew, an
# explanation must change. We compare places by rank. Beside Grad-CAM stands a map of **edges**,
# which needs no network and is often taken for an explanation because it draws what we see.

# %%
edges = np.stack([np.abs(cv2.Laplacian(cv2.GaussianBlur(f, (0, 0), 1), cv2.CV_32F)) for f in seen])
edges = edges.reshape(-1, 6, 8, 6, 8).mean(axis=(2, 4))


def alike(a, b):
    """Return the mean rank correlation of two maps of each picture, those without any mark aside."""
    pairs = [(p.ravel(), q.ravel()) for p, q in zip(a, b, strict=True) if np.ptp(p) and np.ptp(q)]
    return np.mean([spearmanr(p, q).statistic for p, q in pairs])


print(f"Grad-CAM, trained and untrained:  {alike(maps, rivals['untrained'][0]):+.2f}")
print(f"edges, trained and untrained:     {alike(edges, edges):+.2f}, by definition")
print(f"Grad-CAM and edges:               {alike(maps, edges):+.2f}")

# %% [markdown]
# ## Attention is not explanation
#
# An attention weight is a number inside the network, so surely it tells what mattered? A toy with a
# known truth, synthetic: 12 steps of noise, and at one of the first ten an **event** that gives one
# of four classes. One network weighs the steps as they are. In the other a recurrent layer reads the
# sequence first, as in most papers.
#
# Two tests (after Jain & Wallace 2019, Wiegreffe & Pinter 2019). **Shuffle** the learnt weights over
# the steps and ask again. And train each network anew with its attention **nailed** to the last
# step, which holds nothing but noise. **Predict first**: which network still finds the class?

# %% tags=["prediction"]
my_prediction = None  # "steps alone", "behind a GRU", "both" or "neither"

# %%
STEPS, CLASSES = 12, 4


def sequences(n, seed):
    """Return noise with one event each, the classes, and where the events are."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.5, (n, STEPS, 6)).astype("float32")
    classes, places = rng.integers(CLASSES, size=n), rng.integers(STEPS - 2, size=n)
    x[np.arange(n), places, classes] += 3
    return x, classes, places


def attentive(recurrent, nailed):
    """Train attention over steps; return the part before the summary and the part after it."""
    keras.utils.set_random_seed(SEED)
    given = keras.Input((STEPS, 6))
    if recurrent:
        states = keras.layers.GRU(16, return_sequences=True)(given)
    else:
        states = keras.layers.Dense(16, activation="tanh")(given)
    summary, weights = models.SoftAttention(temperature=0.3, return_weights=True)(states)
    head = keras.layers.Dense(CLASSES, activation="softmax")
    network = keras.Model(given, head(states[:, -1] if nailed else summary))
    network.compile(
        keras.optimizers.Adam(0.015), "sparse_categorical_crossentropy", jit_compile=False
    )
    x, classes, _ = sequences(5000, [SEED, 1])
    network.fit(x, classes, 32, verbose=0)
    return keras.Model(given, [states, weights]), head


# %%
x, classes, places = sequences(400, [SEED, 2])
last = np.tile(np.eye(STEPS)[-1], (len(x), 1))
example, found = {}, {}
for name, recurrent in (("steps alone", False), ("behind a GRU", True)):
    for attention in ("learnt", "shuffled", "nailed"):
        if attention != "shuffled":
            body, head = attentive(recurrent, attention == "nailed")
            states, weights = (np.asarray(part) for part in body(x))
        used = {"learnt": weights, "nailed": last, "shuffled": rng.permuted(weights, axis=1)}
        used = used[attention]
        summary = (used[..., None] * states).sum(axis=1)
        right = (np.asarray(head(summary)).argmax(axis=1) == classes).mean()
        on_event = used[np.arange(len(x)), places].mean()
        found[name, attention], example[name, attention] = float(right), used[0]
        print(f"{name:13} {attention:9} weight on the event {on_event:.2f}, {right:.0%} right")
print(f"by lot: weight {1 / STEPS:.2f}, {1 / CLASSES:.0%} right")

# %%
figure, axes = plt.subplots(2, 2, figsize=(10, 4.4), layout="constrained", sharey=True, sharex=True)
for row, name in zip(axes, ("steps alone", "behind a GRU"), strict=True):
    for ax, attention in zip(row, ("learnt", "nailed"), strict=True):
        ax.bar(range(STEPS), example[name, attention], color=BLUE, label="attention weight")
        ax.axvline(places[0], color=ORANGE, linestyle="--", label="the event")
        ax.set_title(f"{name}, {attention}: {found[name, attention]:.0%} right (synthetic)")
    row[0].set_ylabel("weight")
for ax in axes[1]:
    ax.set(xlabel="step", xticks=range(STEPS))
axes[0, 1].legend(loc="upper center")
plots.show(
    figure,
    "Attention weights of one sequence: learnt ones lie at the event; nailed to the last step the "
    "network of single steps fails, the one behind a GRU does not.",
)

# %% [markdown]
# Left to itself, attention may well find the event, and then shuffling costs many answers: the
# network uses its weights. That is the good case, and it was worth testing. But behind the GRU there is
# another network, as right as the first, whose heat map points at pure noise. Each state there knows
# what went before, so a weight on a *state* is no weight on a *step of the input*. Where each step
# stands for itself, nailing attention to the wrong one ruins everything.
#
# So a picture of attention needs the same tests as any other map. That holds for the temporal weights
# of Figs 10 and 11, too.

# %% [markdown]
# ## Exercise 2 (must): break an explanation
#
# Take a network that ends in maps, their mean over places, and one weight a map. Its score is
# $y = \sum_k w_k\, \text{mean}(A^k)$. For it, Grad-CAM is $[\sum_k w_k A^k]_+$ up to a factor.
#
# **Append maps and weights so that the score stays the same for this picture, and Grad-CAM is
# highest at a place of your choice.** Maps come out of a ReLU: 0 or above. **Predict first**: two
# maps have the same mean and are not the same. Which pair would serve here?

# %% tags=["prediction"]
my_prediction = None  # two maps


# %% tags=["exercise"]
def break_explanation(maps, weights, place):
    """Return (maps, weights), the given ones first and some appended.

    maps: array (rows, columns, k), 0 or above. weights: array (k,). place: (row, column).
    """
    return ...


# %% tags=["solution"]
def break_explanation(maps, weights, place):
    """Return (maps, weights), the given ones first and some appended."""
    spot = np.zeros(maps.shape[:2])
    spot[place] = 1
    flat = np.full(spot.shape, spot.mean())
    strong = 10 * np.abs(maps @ weights).max() + 1
    return (
        np.concatenate([maps, spot[..., None], flat[..., None]], axis=2),
        np.concatenate([weights, [strong, -strong]]),
    )


# %% tags=["check"]
broken = checks.break_explanation(break_explanation)

# %% [markdown]
# Here is such a network on a face, as small as can be: bright fields speak for the class, dark ones
# against it. Its maker lets it explain itself by the darkest field of each face, the one that speaks
# against the class most. Then we delete the three fields of 36 that each map marks most.


# %%
def small_maps(pictures):
    """Return two maps a picture: how bright and how dark each of 6 x 6 fields is."""
    fields = np.asarray(pictures)[..., 0].reshape(-1, 6, 8, 6, 8).mean(axis=(2, 4))
    fields = fields - 0.5
    return np.stack([np.maximum(fields, 0), np.maximum(-fields, 0)], axis=3)


def small_network(pictures):
    """Return the probabilities of bright and dark: a softmax of the score and 0."""
    score = 12 * (small_maps(pictures) @ [1.0, -1.0]).mean(axis=(1, 2))
    yes = 1 / (1 + np.exp(-score))
    return np.stack([yes, 1 - yes], axis=1)


def lit(maps, place):
    """Return the map that the reader's function makes, or, until it passes, that of darkness."""
    if not broken:
        return maps[..., 1]
    return np.maximum(np.matmul(*break_explanation(maps, np.array([1.0, -1.0]), place)), 0)


own = small_maps(seen)
honest = np.maximum(own @ [1.0, -1.0], 0)
darkest = [np.unravel_index(a[..., 1].argmax(), (6, 6)) for a in own]
faked = np.stack([lit(maps, place) for maps, place in zip(own, darkest, strict=True)])
bright = np.zeros(len(seen), int)
LOOK_OF = {"honest": BLUE, "broken": ORANGE, "random": GREY}

# %%
figure, (left, right, curve) = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
for ax, picture, title in (
    (left, honest, "honest Grad-CAM"),
    (right, faked, "broken, same answers"),
):
    ax.imshow(seen[0, ..., 0], cmap="gray")
    ax.imshow(explain.enlarge(picture[:1], (48, 48))[0], cmap="viridis", alpha=0.5)
    ax.set(title=title, xticks=[], yticks=[])
fooled = {"honest": [honest], "broken": [faked]}
fooled["random"] = [rng.random(honest.shape) for _ in range(4)]
half = np.float32(0.5)  # speaks neither for nor against
for (name, grids), style in zip(fooled.items(), ("o-", "s--", "x:"), strict=True):
    grown = [explain.enlarge(g, (48, 48)) for g in grids]
    falls = [explain.deletion_curve(small_network, seen, g, bright, 36, half) for g in grown]
    fall = np.mean(falls, axis=(0, 1))[:4]
    curve.plot(range(4), fall, style, color=LOOK_OF[name], label=name)
    print(f"{name:7} three fields gone: probability {fall[0]:.3f} becomes {fall[-1]:.3f}")
curve.set(xlabel="fields deleted (of 36)", ylabel="probability of bright", xticks=range(4))
curve.set_title(f"{CORPUS}: deletion, mean of {len(seen)} faces")
curve.legend()
plots.show(
    figure,
    "A face with an honest map, the same face with a map that marks its darkest field, and deletion "
    "curves: the honest map's falls, the random one's hardly moves, the broken one's rises.",
)

# %% [markdown]
# Same answers, and the map says what its maker wished. The deletion test is not fooled: it asks the
# network, not the map.
#
# ## Protocol audit
#
# av-attention, section 4.6: Figs 6 and 7 (t-SNE under three losses), 8 to 11 (maps on faces).

# %%
print(f"clips that Figs 8 to 11 show: 4 of {1440 + 7440:,} ({4 / (1440 + 7440):.2%})")

# %% [markdown]
# | | |
# |---|---|
# | **proven** | the separation in Figs 6 and 7 is judged by eye: no number stands beside it; the maps of Figs 8 to 11 are tested by nothing |
# | **inferred** | if training clips are among those drawn, separation under a loss that asks for it is what training does |
# | **unknown** | whether the clips drawn are test clips, the perplexity and the seed, how the four clips were chosen, and which class score Grad-CAM follows for a head |
#
# ## What we saw
#
# - t-SNE keeps neighbours and makes up the rest. Training clips look tidy under any loss that asks.
# - A map that looks right may be the same for every face, or for any network. Delete, and compare
#   with random maps on the same grid.
# - A weight on a state is no weight on the input. Whether attention explains is a matter of test.
#
# **Next**: [notebook 18](18_tensor_and_low_rank_fusion.ipynb), where fusion becomes a tensor.

# %%
evaluation.record(
    "face-grad-cam",
    [{"gain_over_chance": gains["Grad-CAM"][0], "middle_over_chance": gains["middle"][0]}],
    corpus=CORPUS,
    protocol="none",
    seeds=[SEED],
    n_actors=len(set(actors)),
    interval={"gain_over_chance": gains["Grad-CAM"][1]},
    profile=PROFILE,
    parameters={"faces": len(seen), "grid": list(maps.shape[1:]), "random_maps": 3, "fill": "mean"}
    | {"gain_by_blur": blurry["Grad-CAM"][0]},
    command=f"python -m emolib.batch run --notebooks 17 --corpus {CORPUS}",
    results=RESULTS,
)["mean"]
