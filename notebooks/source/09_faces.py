# ---
# jupyter:
#   emolib:
#     needs: [video, actors]
# ---

# %% [markdown]
# # Faces: found, laid straight, and read by a borrowed network
#
# **You will** find a face and its five points; turn, scale and shift faces until they lie alike;
# ask a network that was trained on other people what it sees; freeze it and unfreeze it; and let
# it choose the frames of a clip that tell most.
#
# 75 minutes to read, a minute to run. Papers: gru-attention, section 3.4.2; multi-input-cnn,
# sections 7.3 and 7.4. Primers: [images](primer_images.ipynb), [training](primer_training.ipynb).

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
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emolib import checks, corpora, devices, evaluation, models, plots, video
from emolib.corpora import puppet_face, puppets

# %% [markdown]
# ## A face, five points, an aligned cut
#
# We begin with one frame: of every tenth frame of a clip the one in which the detector is surest.
# MTCNN (Zhang et al. 2016) finds a box and five points: two eyes, the tip of the nose, two
# corners of the mouth. From the points follows a cut in which all faces lie alike.

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
table = table.dropna(subset=["video", "emotion", "actor"])
clip = table.iloc[len(table) // 2]
frames, fps = corpora.read_video(clip)
looks = [(face, k) for k in range(0, len(frames), 10) for face in video.detect_faces(frames[k])]
face, k = max(looks, key=lambda look: look[0].confidence)
frame = frames[k]
print(f"a face is found in {len({k for _, k in looks})} of {len(frames[::10])} frames")
plots.show(
    plots.detected_face(frame, face),
    "A frame with a box around the face and five marked points, and beside it the face cut out so "
    "that the eyes are level.",
)

# %% [markdown]
# MTCNN is three small networks in a row. The first looks at the picture in many sizes and keeps
# every place that might be a face. The second throws most of them out. The third sets the box and
# the points. So that a face of any size fits the same window of 12 pixels, the *picture* is shrunk,
# step by step.
#
# ## When there is no face, or two, or a turned one
#
# A clip that is cut at the wrong face teaches a network about the wrong person. So the course's
# functions stop rather than guess.

# %%
empty = np.full_like(frame, 127)
two = np.hstack([frame, frame[:, ::-1]])
for name, picture in (("an empty picture", empty), ("two faces", two)):
    try:
        video.only_face(picture, name)
    except corpora.CorpusError as error:
        print(error)

# %% [markdown]
# **Predict first**: up to which tilt of the head is the face found?

# %% tags=["prediction"]
my_prediction = None  # degrees


# %%
def turned(frame, degrees):
    """Turn a picture around its middle."""
    size = frame.shape[1::-1]
    matrix = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), degrees, 1)
    return cv2.warpAffine(frame, matrix, size, borderMode=cv2.BORDER_REPLICATE)


for degrees in (0, 15, 30, 60, 90, 180):
    found = video.detect_faces(turned(frame, degrees))
    print(f"{degrees:3d} degrees:", f"found, {found[0].confidence:.2f}" if found else "no face")

# %% [markdown]
# The detector learnt from faces that stand upright, more or less. A head turned to the **side** is
# another matter: it may be found, but no turning in the picture makes a profile frontal. In a video
# `video.align_faces` takes a frame whose nose lies beyond an eye for one without a face: it cuts it
# by the points of the frame before, and stops after half a second of that.
#
# ## Alignment: four numbers
#
# To turn by $\alpha$, scale by $s$ and shift is a **similarity**. It has four numbers; five points
# give ten equations, so least squares finds it. With $a = s\cos\alpha$, $b = s\sin\alpha$:
#
# $$x' = a\,x - b\,y + t_x \qquad y' = b\,x + a\,y + t_y$$


# %%
def similarity(points, target):
    """Return (a, b, t_x, t_y) that takes points nearest to the target's."""
    x, y = points.T
    one, zero = np.ones(5), np.zeros(5)
    rows = np.vstack([np.stack([x, -y, one, zero], axis=1), np.stack([y, x, zero, one], axis=1)])
    return np.linalg.lstsq(rows, target.T.ravel(), rcond=None)[0]


a, b, *shift = similarity(face.points, video.faces.CANONICAL * 224)
print(f"scale {np.hypot(a, b):.2f}, turn {np.degrees(np.arctan2(b, a)):+.1f} degrees")

# %% [markdown]
# Why no more freedom, a stretch or a shear? Then a smile could be stretched into no smile. Four
# numbers move a face and cannot change its expression.
#
# What alignment is good for is seen in a mean. Here are ten heads at different places and tilts.


# %%
def at(clip, moments):
    """Return a puppet's frames at some moments, and its five true points in each."""
    units, pose = puppets.act(clip)
    chosen = [round(moment * (len(units) - 1)) for moment in moments]
    drawn = puppet_face.draw_face(units[chosen], pose[chosen], int(clip["actor"]))
    return drawn.frames, drawn.landmarks[:, :5]


rng = np.random.default_rng(SEED)
heads = corpora.load("puppets").query("kind == 'redundant' and emotion == 'happy'")
heads = heads.groupby("actor", observed=True).first().head(10)
heads["actor"] = heads.index
raw, straight = [], []
for _, head in heads.iterrows():
    (picture,), (points,) = at(head, [0.5])
    tilt, move = rng.uniform(-20, 20), rng.integers(-8, 9, 2)
    moved = np.roll(turned(picture, tilt), move, axis=(0, 1))
    angle = np.radians(-tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    raw.append(moved)
    straight.append(video.align_face(moved, (points - 56) @ turn.T + 56 + move[::-1], 112))

# %%
figure, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained")
for ax, picture, title in zip(
    axes,
    (raw[0], raw[1], np.mean(raw, axis=0), np.mean(straight, axis=0)),
    ("one puppet", "another", "mean of ten, as they are", "mean of ten, aligned"),
    strict=True,
):
    ax.imshow(picture.astype(np.uint8))
    ax.set(title=title, xticks=[], yticks=[])
plots.show(
    figure,
    "Two tilted puppet heads; the mean of ten of them is a blur; the mean of the ten aligned ones "
    "is a face with eyes, nose and a smile.",
)

# %% [markdown]
# The mean of aligned heads is a face. A network that sees them need not learn that a head can tilt,
# and can spend what it has on the mouth. (The points are the puppets' true ones.)
#
# ## A borrowed network
#
# To learn faces takes many of them. gru-attention borrows a network: VGG16, trained on ImageNet's
# photographs of things; in Keras `keras.applications.VGG16(weights="imagenet", include_top=False)`.
# It must be downloaded (58 MB). So that this notebook runs anywhere, the course ships a small one of
# its own, `models.face_encoder()`, trained on FER2013's faces from the web: 48 × 48 grey pixels in,
# 128 numbers out, the face's **embedding**. Here is how well it reads FER2013's test pictures.

# %%
stored = evaluation.stored_records("face-encoder", "fer2013")[0]
accuracy, (low, high) = stored["mean"]["accuracy"], stored["interval"]["accuracy"]
recall = {name: stored["mean"][f"recall_{name}"] for name in models.FACE_EMOTIONS}
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.bar(recall.keys(), recall.values(), color="#56B4E9", hatch="//", edgecolor="w")
ax.axhline(accuracy, color="#D55E00", linestyle="--", label=f"accuracy {accuracy:.1%}")
ax.set(ylim=(0, 1), ylabel="share recognised", title="The shipped encoder on FER2013's test part")
ax.legend()
plots.show(
    ax,
    "Share of FER2013's test pictures of each emotion that the shipped encoder recognises: happy "
    "is recognised best by far.",
)
test = stored["parameters"]["pictures"]["test"]
print(
    f"{test} pictures: {accuracy:.1%} [{low:.1%}, {high:.1%}], epochs {stored['parameters']['epochs']}"
)

# %% [markdown]
# People reach about 65 % on these pictures (Goodfellow et al. 2013), small published networks that
# were trained longer about as much. Disgust has 436 of the 28,709 training pictures (counted in
# the file): whoever aims at accuracy can do without it. The interval goes over pictures. FER2013
# names no people, so one person may stand in both parts, and nobody can tell.
#
# Now to people, or puppets, whom it has never seen. We take a few frames of each clip. Where the
# corpus here has fewer than six actors with video, this experiment takes the puppets, and says so.

# %%
enough = table["actor"].nunique() >= 6
people = table if enough else corpora.load("puppets")
source = CORPUS if enough else "puppets"
if "kind" in people:
    people = people[people["kind"] == "redundant"]  # the face shows the label
people = corpora.take(people, PROFILE, SEED)
if PROFILE == "quick":
    people = people.groupby(["actor", "emotion"], observed=True).head(2)
if not enough:
    print(f"{CORPUS}: {table['actor'].nunique()} actor(s) with video are not enough people.")
print(f"faces of {source}: {people['actor'].nunique()} actors, {len(people)} clips")

# %%
MOMENTS = (0.4, 0.6)  # shares of a clip: where people speak


def aligned(clip):
    """Return a clip's faces at the two moments, aligned, uint8 (2, 96, 96, 3)."""
    if clip["corpus"] == "puppets":
        frames, points = at(clip, MOMENTS)
        return np.stack([video.align_face(f, p, 96) for f, p in zip(frames, points, strict=True)])
    frames, _ = corpora.read_video(clip, fps=10)
    chosen = [frames[round(m * (len(frames) - 1))] for m in MOMENTS]
    faces = [video.only_face(frame, clip["clip"]) for frame in chosen]
    return np.stack([video.align_face(f, p.points, 96) for f, p in zip(chosen, faces, strict=True)])


pictures = np.concatenate([aligned(clip) for _, clip in people.iterrows()])
rows = people.loc[people.index.repeat(len(MOMENTS))].reset_index(drop=True)
rows["copy"] = np.tile(np.arange(len(MOMENTS)), len(people))  # a clip's first and second face
faces = models.grey_faces(pictures)
encoder = models.face_encoder()
embeddings = encoder.predict(faces, verbose=0)
embeddings.shape

# %% [markdown]
# **Predict first**: in this space, is a face's nearest neighbour from another clip one of the same
# *emotion* or of the same *actor*?

# %% tags=["prediction"]
my_prediction = None  # "emotion" or "actor"

# %%
points = PCA(2, random_state=SEED).fit_transform(embeddings)
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", sharey=True)
for ax, column in zip(axes, ("emotion", "actor"), strict=True):
    for k, value in enumerate(sorted(rows[column].unique())):
        own = (rows[column] == value).to_numpy()
        ax.scatter(
            *points[own].T,
            s=16,
            marker="osDPX*^pvh<>"[k % 12],
            color=plt.cm.tab10(k % 10),
            label=value,
        )
    ax.set(title=f"by {column}", xlabel="component 1")
    ax.legend(fontsize=6, ncols=2)
axes[0].set_ylabel("component 2")
figure.suptitle(f"Embeddings of {source}, two principal components")
plots.show(
    figure,
    "The same points twice, two principal components of the embeddings, marked by emotion and by "
    "actor.",
)
_, near = NearestNeighbors(n_neighbors=4).fit(embeddings).kneighbors(embeddings)
clips = rows["clip"].to_numpy()
other = np.array([next((j for j in js if clips[j] != clips[i]), -1) for i, js in enumerate(near)])
for column in ("emotion", "actor"):
    values = rows[column].to_numpy()
    same = (values[other] == values)[other >= 0].mean()
    by_lot = sum((values == value).mean() ** 2 for value in set(values))
    print(f"nearest face of another clip: same {column} in {same:.0%} (by lot {by_lot:.0%})")

# %% [markdown]
# A network that was trained to tell emotions still knows who is who: nobody told it to forget.
# That is why a split by clips flatters it, and why we split by actors.
#
# ## Freeze, unfreeze, or begin anew
#
# Three ways to a classifier of eight emotions, on the same few faces:
#
# - **frozen**: keep the encoder as it is, learn a new softmax on its 128 numbers;
# - **fine-tuned**: begin with the encoder, let all its weights learn;
# - **from scratch**: the same network with weights drawn by lot.
#
# Half of the actors are held out. **Predict first**: which wins with so few faces?

# %% tags=["prediction"]
my_prediction = None  # "frozen", "fine-tuned" or "from scratch"

# %%
fold = evaluation.holdout(rows, "actors", 0.5, SEED)
names = sorted(rows["emotion"].unique())
labels = rows["emotion"].map(names.index).to_numpy(int)
print(f"train {len(fold.train)} faces, test {len(fold.test)}, nobody on both sides")
softmax = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
softmax.fit(embeddings[fold.train], labels[fold.train])
predicted = {"frozen": softmax.predict(embeddings[fold.test])}


# %%
EPOCHS = 8


def train(weights):
    """Train encoder and softmax together; return the answers to the test faces."""
    keras = devices.import_keras()
    keras.utils.set_random_seed(SEED)
    body = models.face_encoder(weights=weights)
    output = keras.layers.Dense(len(names), activation="softmax")(body.output)
    model = keras.Model(body.input, output)
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    model.fit(faces[fold.train], labels[fold.train], batch_size=32, epochs=EPOCHS, verbose=0)
    return model.predict(faces[fold.test], verbose=0).argmax(axis=1)


predicted["fine-tuned"] = train("shipped")
predicted["from scratch"] = train(None)

# %%
actors = rows["actor"].to_numpy()[fold.test]
hits = {name: answer == labels[fold.test] for name, answer in predicted.items()}
interval = {name: evaluation.confidence_interval(hit, actors) for name, hit in hits.items()}
figure, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
for y, (name, hit) in enumerate(hits.items()):
    ax.plot(interval[name], [y, y], "-", color="#0072B2", linewidth=3)
    ax.plot(hit.mean(), y, "os^"[y], color="#D55E00", markersize=9)
chance = np.bincount(labels[fold.test]).max() / len(fold.test)
ax.axvline(chance, color="black", linestyle=":", label="always the most frequent")
ax.set_yticks(range(3), list(hits))
ax.set(xlim=(0, 1), xlabel="accuracy, by actors", title=f"{source}: {len(set(actors))} strangers")
ax.legend()
plots.show(
    ax,
    "Accuracy on strangers of a frozen encoder with a new softmax, of a fine-tuned one, and of one "
    "trained from scratch, with intervals over actors.",
)
for name, hit in hits.items():
    print(f"{name}: {hit.mean():.0%} [{interval[name][0]:.0%}, {interval[name][1]:.0%}]")

# %% [markdown]
# Look at the intervals before you name a winner: they go over a handful of actors, from one run
# with one seed. Training can be made better and worse by its rate and its epochs, and whoever tunes
# those on the test part fools themselves (notebook 02). A borrowed network helps as far as its
# faces are like ours. Puppets are drawn, the encoder's faces are photographs, so it may well help
# little, or not at all.
#
# ## Key frames
#
# Which three frames of a clip does one show a network? multi-input-cnn trains a selector on
# hand-picked frames and takes its surest. Its rule is not stated. Ours: the most confident frame,
# then the surest of those that are about a sixth of the clip or more from all chosen. **Flow
# follows**: each key frame brings the motion that leads to it, and the first frame of a clip the
# motion that leaves it.

# %%
judge = models.face_encoder(classes=True)
cut = np.stack(list(video.align_faces(frames[::2], size=96, every=5)))
answers = judge.predict(models.grey_faces(cut), verbose=0)
chosen = video.select_key_frames(answers)
motions = video.key_frame_flow(cut, chosen)

# %%
times = 2 * np.arange(len(cut)) / fps
figure = plt.figure(figsize=(10, 5.4), layout="constrained")
grid = figure.add_gridspec(3, 3, height_ratios=(1.3, 1, 1))
ax = figure.add_subplot(grid[0, :])
ax.plot(times, answers.max(axis=1), color="#0072B2")
ax.plot(times[chosen], answers.max(axis=1)[chosen], "D", color="#D55E00", label="key frames")
ax.set(xlabel="time (s)", ylabel="confidence", title=f"{CORPUS} {clip['clip']}, {clip['emotion']}")
ax.legend()
for column, (k, motion) in enumerate(zip(chosen, motions, strict=True)):
    word = models.FACE_EMOTIONS[answers[k].argmax()]
    for row, picture in ((1, cut[k]), (2, video.flow_to_color(motion))):
        panel = figure.add_subplot(grid[row, column])
        panel.imshow(picture)
        panel.set(xticks=[], yticks=[])
    figure.axes[-2].set_title(f"{times[k]:.2f} s: {word}, {answers[k].max():.2f}", fontsize=9)
plots.show(
    figure,
    "The encoder's confidence over a clip with three marked frames; below, these frames and the "
    "flow of each as colours: what leads to it, or for the clip's first frame away from it.",
)

# %% [markdown]
# A confident frame is not a right one. The judge knows seven words, and a puppet, or a person who
# speaks, fits none of them well. It is surest where a face looks like *its* pictures.

# %% [markdown]
# ## Exercise 1 (must): freeze and unfreeze
#
# Make only the **last `n` layers** of a model trainable, whatever was frozen before, and return how
# many single numbers training may now change. A layer's flag is `layer.trainable`; its weights that
# training changes are `layer.trainable_weights`. **Predict first**: does batch normalisation have
# numbers that are never trained?

# %% tags=["prediction"]
my_prediction = None  # "yes" or "no"


# %% tags=["exercise"]
def unfreeze_last(model, n):
    """Leave the last n layers of a Keras model trainable; return the numbers that are trained."""
    return ...


# %% tags=["solution"]
def unfreeze_last(model, n):
    """Leave the last n layers of a Keras model trainable; return the numbers that are trained."""
    for k, layer in enumerate(model.layers):
        layer.trainable = k >= len(model.layers) - n
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


# %% tags=["check"]
passed = checks.unfreeze_last(unfreeze_last)
# %% [markdown]
# **To think about**: a frozen batch normalisation uses the means of the pictures on which it was
# trained. What does that do to faces that are much brighter?

# %% [markdown]
# ## Exercise 2 (may): level eyes
#
# By how many degrees is a face tilted? Take the line from the left eye to the right one ("left" as
# seen in the picture; y grows downwards). A head whose right eye is lower has a positive tilt.
# **Predict first**: the right eye lies as far below the left one as beside it. What is the tilt?

# %% tags=["prediction"]
my_prediction = None  # in degrees


# %% tags=["exercise"]
def tilt_of_eyes(left, right):
    """Return the tilt in degrees. left, right: (x, y) in pixels."""
    return ...


# %% tags=["solution"]
def tilt_of_eyes(left, right):
    """Return the tilt in degrees. left, right: (x, y) in pixels."""
    return np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0]))


# %% tags=["check"]
passed = checks.tilt_of_eyes(tilt_of_eyes)

# %%
if passed:
    print(f"as far below as beside: {tilt_of_eyes((0, 0), (30, 30)):.0f} degrees")

# %% [markdown]
# ## Protocol audit
#
# multi-input-cnn, sections 7.2 to 7.4 (BAUM-1, acted):

# %%
print(f"section 7.4: 513 key frames, 3 a clip: {513 / 3:g} clips; section 7.2: 172 clips")

# %% [markdown]
# | | |
# |---|---|
# | **proven** | the selector was trained on frames of *all* acted clips, and then chose the frames of the test clips; one clip is missing between two sections |
# | **inferred** | the test clips' frames were chosen by a network that had seen frames of them, with their labels |
# | **unknown** | the rule by which three frames were chosen, and how much the leak gives |
#
# ## What we saw
#
# - Five points and four numbers lay every face alike, and cannot change its expression.
# - An encoder trained for emotion still knows who is who.
# - Frozen, fine-tuned or from scratch: with a handful of strangers the intervals overlap, and no
#   winner can be named.
#
# **Next**: [notebook 10](10_marginal_fisher_analysis.ipynb), which makes few numbers of many. With
# it notebook 11 joins face and voice for the first time.

# %%
evaluation.record(
    "face-transfer",
    [{name.replace(" ", "_").replace("-", "_"): hit.mean() for name, hit in hits.items()}],
    corpus=source,
    protocol="actors",
    seeds=[SEED],
    n_actors=len(set(actors)),
    interval={name.replace(" ", "_").replace("-", "_"): i for name, i in interval.items()},
    profile=PROFILE,
    parameters={"faces": len(rows), "train": len(fold.train), "epochs": EPOCHS, "moments": MOMENTS},
    command="python -m emolib.batch run --notebooks 09",
    results=RESULTS,
)["mean"]
