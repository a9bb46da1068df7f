# ---
# jupyter:
#   emolib:
#     needs: [video]
# ---

# %% [markdown]
# # Optical flow: which way does each pixel move?
#
# **You will** turn a smile into colours; write one equation a pixel and see why one is not enough;
# let a window grow until its equations agree; find out when the answer fails; and recover a shift
# that you know.
#
# 60 minutes to read, half a minute to run. Paper: multi-input-cnn, eq. 1, section 6.2 and Fig. 7.
# Primer: [images](primer_images.ipynb) (derivatives, least squares).

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
from PIL import Image
from plotly.subplots import make_subplots
from scipy.ndimage import fourier_shift, gaussian_filter

from emolib import checks, corpora, evaluation, plots, video

# %% [markdown]
# ## A smile in colours
#
# We begin with one pair of neighbouring frames. To the eye they are the same picture. What changed
# between them?
#
# The clip is a happy one where the corpus has one. A puppet's head fills its frame. A person's is
# cut out first, with one cut for the whole clip, so that the cutting adds no motion of its own.

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
table = table.dropna(subset=["video", "emotion"])
if "kind" in table:  # of the puppets, those whose voice and face show the same
    table = table[table["kind"] == "redundant"]
wanted = ("happy", "surprised", "angry", "fearful", "disgust", "sad", "calm", "neutral")
order = table["emotion"].map(wanted.index) + 0.5 * (table["intensity"] != "strong")
clip = table.loc[order.idxmin()]
print(f"{CORPUS}: clip {clip['clip']}, {clip['emotion']}, {clip['intensity']}")

# %%
frames, fps = video.read_face(clip)
flows = np.stack(list(video.dense_flow(frames)))
print(f"{len(frames)} frames of {frames.shape[1]} x {frames.shape[2]}, {len(flows)} flows")

# %% [markdown]
# `flows` holds two numbers a pixel and pair of frames: motion to the right and motion down, in
# pixels a frame. A smile pulls the corners of the mouth apart. So we look at the moment when the
# right half of the mouth moves to the right and the left half to the left, most of all. In the
# picture **direction is hue and size is brightness**, as in the paper's Fig. 7: black stands still.


# %%
def widening(flows):
    """Return how fast the mouth's halves move apart in each pair of frames, in pixels."""
    mouth = flows[:, 68:100, :, 0]  # motion to the right in the mouth's rows, roughly
    return mouth[:, :, 56:77].mean(axis=(1, 2)) - mouth[:, :, 35:56].mean(axis=(1, 2))


apart = widening(flows)
moment = int(apart.argmax())
plots.show(
    plots.flow_picture(
        frames[moment], flows[moment], title=f"{clip['emotion']}: the mouth widens ({CORPUS})"
    ),
    "A face, and its motion to the next frame in colours with arrows: what stands still is black, "
    "what moves has the colour of its direction on the wheel beside it.",
)
size = np.hypot(*flows[moment].transpose(2, 0, 1))
print(f"{moment / fps:.2f} s; pixels that move by more than 0.3: {(size > 0.3).mean():.0%}")

# %% [markdown]
# A picture of 112 × 112 pixels became another one that shows no skin, no hair and no light: only
# motion. The paper feeds such pictures to a network, beside the face and beside the sound.
#
# Now over the whole clip.

# %%
figure, ax = plt.subplots(figsize=(8, 2.6), layout="constrained")
ax.plot(np.arange(len(apart)) / fps, apart, color="#0072B2")
ax.axhline(0, color="black", linewidth=0.5)
ax.plot(moment / fps, apart[moment], "o", color="#D55E00", label="the moment above")
ax.legend()
ax.set(xlabel="time (s)", ylabel="pixels a frame", title=f"How fast the mouth widens ({CORPUS})")
plots.show(
    figure,
    "How fast the mouth widens over time: peaks above and below zero while the mouth moves, and "
    "nearly nothing where it rests.",
)

# %% [markdown]
# Speech widens the mouth, and so does a smile. The curve does not tell one from the other.
#
# ## One pixel, one equation
#
# How does anybody know the motion? Nobody tracks anything. There is one assumption: **what moves
# keeps its brightness**. Take one line of pixels, a soft edge, and move it to the right.

# %%
x = np.arange(-12, 13)


def edge(x):
    """Return a soft step from dark to light."""
    return 20 + 180 / (1 + np.exp(-x / 2.5))


before, after = edge(x), edge(x - 0.8)
I_x = np.gradient((before + after) / 2)
I_t = after - before

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
left.plot(x, before, "o-", color="#0072B2", markersize=3, label="frame 1")
left.plot(x, after, "s--", color="#D55E00", markersize=3, label="frame 2")
left.annotate("slope $I_x$", (1, before[13]), (3, 95), arrowprops={"arrowstyle": "->"})
left.annotate("change $I_t$", (-1, after[11]), (-11, 120), arrowprops={"arrowstyle": "->"})
left.set(title="A soft edge moves by 0.8", xlabel="x (pixels)", ylabel="brightness (0 to 255)")
left.legend()
right.plot(x, -I_t / I_x, "^-", color="#009E73", markersize=4)
right.axhline(0.8, color="black", linestyle=":", label="truth")
right.set(title="$-I_t/I_x$", xlabel="x (pixels)", ylabel="motion (pixels)", ylim=(0, 1.6))
right.legend()
plots.show(
    figure,
    "Left, a soft edge and the same edge shifted right, so that each pixel of it got darker; right, "
    "minus the change over the slope, which is near the true shift of 0.8 at every pixel.",
)

# %% [markdown]
# The edge rises to the right and moves to the right, so each pixel gets darker: by the slope times
# the way. So the way is $-I_t / I_x$, at every pixel but the two ends, where the slope comes from
# one side only. There is no noise here. With noise, a small slope gives any answer.
#
# In a picture there are two directions, and the same reasoning gives eq. 1:
#
# $$I_x\,u + I_y\,v + I_t = 0$$
#
# $u$ is the motion to the right, $v$ the motion down, $I_x, I_y$ are the slopes and $I_t$ is the
# change (the $L_x, L_y, L_t$ of notebook 06, without the blur). **One equation, two unknowns.** All
# motions on a line in the plane of $(u, v)$ fit.
#
# ## The aperture
#
# Look at an edge through a small hole: whether it slides along itself you cannot see. A window of
# pixels is such a hole. Here is a soft square with noise, and the same one moved by a shift that we
# know. The first hole lies on its left edge, ten pixels below the corner.
#
# **Predict first**: from which window on will you know the motion?

# %% tags=["prediction"]
my_prediction = None  # the window's side in pixels: 3, 7, 11, 15 or 19

# %%
TRUTH = (0.7, 0.4)  # to the right, down; pixels
NOISE = 1.0  # standard deviation a pixel, of 255
rng = np.random.default_rng(SEED)


def soft_square(right, down, n=56):
    """Draw a light square with soft edges, moved, with noise."""
    y, x = np.mgrid[:n, :n].astype(float)
    left, top = 1 / (1 + np.exp(-(x - 20 - right) / 2)), 1 / (1 + np.exp(-(y - 20 - down) / 2))
    return 40 + 170 * left * top + NOISE * rng.normal(size=(n, n))


first, second = soft_square(0, 0), soft_square(*TRUTH)
I_x, I_y = np.gradient((first + second) / 2)[::-1]
I_t = second - first
CENTRE = (30, 20)  # row, column

# %% [markdown]
# In a window of $n \times n$ pixels all are taken to move alike: $n^2$ equations, two unknowns.
# Least squares finds the motion that misses them least. It also says how sure it is: the ellipse
# holds the motions that noise of this size cannot tell apart (two standard deviations). It is too
# sure in a small window, because it takes the slopes for exact, and they hold noise too.


# %%
def equations(window):
    """Return the window's slopes (n², 2) and changes (n²,)."""
    half, (row, column) = window // 2, CENTRE
    part = np.s_[row - half : row + half + 1, column - half : column + half + 1]
    return np.stack([I_x[part].ravel(), I_y[part].ravel()], axis=1), I_t[part].ravel()


def solve(window):
    """Return the motion by least squares and its covariance under the known noise."""
    slopes, changes = equations(window)
    motion, *_ = np.linalg.lstsq(slopes, -changes, rcond=None)
    return motion, 2 * NOISE**2 * np.linalg.pinv(slopes.T @ slopes)


for window in (3, 9, 15, 21):
    motion, covariance = solve(window)
    print(
        f"{window:2d} x {window:<2d}: {motion.round(2)}, spread {np.sqrt(np.diag(covariance)).round(2)}"
    )


# %%
def lines(window, most=40):
    """Return the constraint lines of some of the window's steep pixels, with gaps between."""
    slopes, changes = equations(window)
    steep = np.flatnonzero(np.hypot(*slopes.T) > 8)  # flat pixels' lines lie anywhere
    steep = steep[:: -(-len(steep) // most)]
    g, c = slopes[steep], changes[steep]
    nearest = -(c / (g**2).sum(axis=1))[:, None] * g
    along = 9 * np.stack([-g[:, 1], g[:, 0]], axis=1) / np.hypot(*g.T)[:, None]
    points = np.stack([nearest - along, nearest + along, np.full_like(along, np.nan)], axis=1)
    return points.reshape(-1, 2).T


def ellipse(window):
    """Return the outline of two standard deviations around the motion found."""
    motion, covariance = solve(window)
    values, vectors = np.linalg.eigh(covariance)
    turn = np.linspace(0, 2 * np.pi, 80)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    return motion[:, None] + vectors @ (2 * np.sqrt(values)[:, None] * circle)


# %%
def outline(window):
    half, (row, column) = window / 2, CENTRE
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * half
    return corners[:, 0] + column, corners[:, 1] + row


def moment_of(window):
    """Return the traces of one window: its outline, its lines, the ellipse, answer and truth."""
    looks = (
        (outline(window), {"line": {"color": "#D55E00", "width": 3}, "name": "window"}),
        (lines(window), {"line": {"color": "#56B4E9", "width": 1}, "name": "one pixel's line"}),
        (ellipse(window), {"line": {"color": "#D55E00", "width": 3}, "name": "two deviations"}),
    )
    traces = [
        {"type": "scatter", "mode": "lines", "x": xy[0], "y": xy[1], **look} for xy, look in looks
    ]
    for point, symbol, colour, name in (
        (solve(window)[0], "x", "#D55E00", "least squares"),
        (TRUTH, "circle-open", "black", "truth"),
    ):
        marker = {"symbol": symbol, "size": 12, "color": colour, "line": {"width": 2}}
        traces.append(
            {"type": "scatter", "mode": "markers", "x": [point[0]], "y": [point[1]], "name": name}
            | {"marker": marker}
        )
    for trace in traces[1:]:
        trace |= {"xaxis": "x2", "yaxis": "y2"}
    return traces


# %%
WINDOWS = list(range(3, 24, 2))
picture = Image.fromarray(np.clip(first, 0, 255).astype(np.uint8)).convert("RGB")
side = first.shape[0]
ground = {"source": picture, "xref": "x", "yref": "y", "x": -0.5, "y": -0.5, "layer": "below"}
ground |= {"sizex": side, "sizey": side, "sizing": "stretch"}
bare = {"showgrid": False, "zeroline": False}
figure = plots.slider(
    moment_of,
    WINDOWS,
    "window's side (pixels)",
    make_subplots(1, 2, subplot_titles=("frame 1 and the window", "motions that fit")),
    title="The aperture: from a line to a point (synthetic)",
    first=0,
    height=520,
    images=[ground],
    xaxis={"range": [-0.5, side - 0.5], "title": "x (pixels)"} | bare,
    yaxis={"range": [side - 0.5, -0.5], "title": "y (pixels)", "scaleanchor": "x"} | bare,
    xaxis2={"range": [-1, 2.4], "title": "u, to the right (pixels)"},
    yaxis2={"range": [2.1, -1.3], "title": "v, down (pixels)", "scaleanchor": "x2"},
)

# %%
still, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained")
axes[0].imshow(first, cmap="gray", vmin=0, vmax=255)
for window, style in ((3, "-"), (11, "--"), (21, ":")):
    axes[0].plot(*outline(window), style, color="#D55E00", linewidth=2, label=f"{window} pixels")
axes[0].legend(fontsize=7, loc="lower right")
axes[0].set(title="frame 1, three windows", xlabel="x (pixels)", ylabel="y (pixels)")
for ax, window in zip(axes[1:], (3, 11, 21), strict=True):
    ax.plot(*lines(window), color="#56B4E9", linewidth=0.7)
    ax.plot(*ellipse(window), color="#D55E00", linewidth=2)
    ax.plot(*solve(window)[0], "x", color="#D55E00", markersize=9, label="least squares")
    ax.plot(*TRUTH, "ko", markerfacecolor="none", markersize=9, label="truth")
    ax.set(title=f"window {window}", xlabel="u (pixels)", xlim=(-1, 2.4), ylim=(2.1, -1.3))
axes[1].set_ylabel("v, down (pixels)")
axes[1].legend(fontsize=7, loc="upper right")
plots.show(
    figure,
    "As a window on an edge grows, the lines of its pixels are parallel at first and the ellipse of "
    "motions that fit is long; when it takes in the corner, the lines cross and the ellipse shrinks "
    "around the true motion.",
    still,
)

# %% [markdown]
# Move the slider. In the small window all lines are upright and lie on each other: they agree on
# $u$ and say nothing about $v$. The ellipse reaches out of the picture. When the window takes in
# the corner, lines of another direction come, all lines meet, and the ellipse shrinks. **The
# window does not average noise away, at first; it brings in another direction.**
#
# A larger window has its price: it takes things that move differently for one.
#
# ## Lucas and Kanade, a window at every pixel
#
# The normal equations of the least squares are
#
# $$\begin{pmatrix}\sum I_x^2 & \sum I_x I_y\\ \sum I_x I_y & \sum I_y^2\end{pmatrix}
# \begin{pmatrix}u\\ v\end{pmatrix} = -\begin{pmatrix}\sum I_x I_t\\ \sum I_y I_t\end{pmatrix}$$
#
# with sums over the window (3 × 3 in the paper). The matrix is the one of notebook 07, without
# time. Its eigenvalues say what can be known: two large ones, a corner, the motion; one, an edge,
# only the motion across it; none, nothing. `video.lucas_kanade` does this for all pixels at once.
# It agrees with ours:

# %%
row, column = CENTRE
for window in (9, 21):
    ours, theirs = solve(window)[0], video.lucas_kanade(first, second, window)[row, column]
    print(f"window {window}: ours {ours.round(2)}, the library's {theirs.round(2)}")

# %% [markdown]
# **Predict first**: where on the face below can the motion be known? On the cheek, along the
# contour, at the corners of eyes and mouth?

# %% tags=["prediction"]
my_prediction = None  # a word


# %%
def eigenvalues(frame, window=7):
    """Return the smaller and the larger eigenvalue of the window's matrix at every pixel."""
    grey = frame.astype(float) @ (0.299, 0.587, 0.114)
    slope_y, slope_x = np.gradient(grey)
    mean = [gaussian_filter(p, window / 4) for p in (slope_x**2, slope_x * slope_y, slope_y**2)]
    matrix = np.stack([mean[0], mean[1], mean[1], mean[2]], axis=-1)
    return np.linalg.eigvalsh(matrix.reshape(*grey.shape, 2, 2)).transpose(2, 0, 1)


smaller, larger = eigenvalues(frames[moment])
figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
axes[0].imshow(frames[moment])
axes[0].set_title(f"frame ({CORPUS})")
for ax, values, name in ((axes[1], larger, "larger"), (axes[2], smaller, "smaller")):
    drawn = ax.imshow(np.sqrt(values), cmap="cividis", vmin=0, vmax=np.sqrt(larger).max() / 2)
    ax.set_title(f"root of the {name} eigenvalue")
figure.colorbar(drawn, ax=axes[2], label="brightness a pixel")
for ax in axes:
    ax.set_xticks([])
    ax.set_yticks([])
plots.show(
    figure,
    "A face beside two maps: the larger eigenvalue is bright along all edges, the smaller one only "
    "where edges of two directions meet, such as at the eyes and the mouth.",
)

# %% [markdown]
# The larger eigenvalue is bright along all edges: there *some* motion can be known. The smaller
# one is bright at few places, at eyes, brows and mouth: there *the* motion can be known. On a cheek
# neither is. What the colours of the first picture show on a smooth cheek was filled in from around
# it.
#
# ## Where it fails
#
# The equation is a first step: it takes the picture for a ramp between two pixels. **Predict
# first**: a pattern moves by 0.25, 0.5, 1, 2, 4 and 8 pixels. From where on does one linear step
# fail?

# %% tags=["prediction"]
my_prediction = None  # a number of pixels


# %%
def pattern(seed, side=128, sharp=2.0):
    """Return smooth noise that repeats at its edges, 18 to 238."""
    noise = np.random.default_rng(seed).normal(size=(side, side))
    noise = gaussian_filter(noise, sharp, mode="wrap")
    return 128 + 110 * noise / np.abs(noise).max()


def moved(picture, right, down):
    """Shift a picture that repeats, by parts of a pixel, without error."""
    return np.fft.ifft2(fourier_shift(np.fft.fft2(picture), (down, right))).real


def to_bytes(picture):
    return np.rint(picture).clip(0, 255).astype(np.uint8)


# %%
SHIFTS = (0.25, 0.5, 1, 2, 4, 8)
INSIDE = np.s_[20:-20, 20:-20]
texture = to_bytes(pattern(SEED))
errors = {"one linear step": [], "dense flow": []}
for shift in SHIFTS:
    angle = np.random.default_rng([SEED, int(8 * shift)]).uniform(0, 2 * np.pi)
    truth = shift * np.array([np.cos(angle), np.sin(angle)])
    pair = texture, to_bytes(moved(pattern(SEED), *truth))
    errors["one linear step"].append(video.lucas_kanade(*pair, window=15))
    errors["dense flow"].append(next(video.dense_flow(pair)))
    for found in errors.values():
        found[-1] = np.linalg.norm(found[-1][INSIDE] - truth, axis=-1).mean()

# %%
figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for (name, values), look in zip(errors.items(), ("o-", "s--"), strict=True):
    ax.plot(SHIFTS, values, look, label=name)
ax.plot(SHIFTS, SHIFTS, "k:", label="as bad as no answer")
ax.set(xscale="log", yscale="log", xlabel="true shift (pixels)", ylabel="mean error (pixels)")
ax.set_xticks(SHIFTS, [f"{shift:g}" for shift in SHIFTS])
ax.minorticks_off()
ax.set_title("Error against shift (synthetic pattern)")
ax.legend()
plots.show(
    ax,
    "Mean error against true shift: the single linear step is good below a pixel and as bad as no "
    "answer at eight; dense flow stays near a hundredth of a pixel.",
)

# %% [markdown]
# Below a pixel both are good. Then the single step's error grows faster than the shift, and at 8
# pixels it is as bad as no answer: the ramp on which it relies is over. **Dense flow** (Farnebäck's
# method in OpenCV) first looks at the pair several times smaller, where 8 pixels are 1, moves by
# what it found there, and refines. Exercise 2 builds that idea.
#
# The second way: **the light changes**. Nothing moves here; one frame is 5 % darker.

# %%
face = frames[moment]
darker = to_bytes(0.95 * face)
false_motion = next(video.dense_flow([face, darker]))
largest = max(float(np.hypot(*false_motion.transpose(2, 0, 1)).max()), 0.5)
plots.show(
    plots.flow_picture(
        face, false_motion, largest, title=f"The light falls by 5 %, nothing moves ({CORPUS})"
    ),
    "A face that stands still while the light falls by five percent, and the motion that dense flow "
    "invents for it, along contours.",
)
strong = np.hypot(*false_motion.transpose(2, 0, 1))
print(f"false motion: mean {strong.mean():.2f}, 99th percentile {np.quantile(strong, 0.99):.2f}")

# %% [markdown]
# Brightness was not kept, so the equation explains the change by motion. A lamp that flickers and a
# camera that sets its exposure do this to every clip. Flow is motion of brightness, not of things:
# an evenly coloured ball that turns shows none, and a shadow on a wall does.
#
# ## Is it right on a face?
#
# On a real face nobody knows the true motion. On a puppet we do: it was drawn from points, and
# where each of them was in each frame stands in its truth. **Predict first**: where is the flow
# right? At the tip of the nose, at the chin, at the upper lip?

# %% tags=["prediction"]
my_prediction = None  # some of "nose", "chin", "upper lip"


# %%
def true_and_found(truth, flows, name):
    """Return a point's true motion and the flow around it, (frames, 2) each."""
    path = truth["landmarks"][:, truth["landmark_names"].index(name)]
    at = np.rint(path[:-1]).astype(int)
    found = [
        flow[y - 1 : y + 2, x - 1 : x + 2].mean(axis=(0, 1))
        for flow, (x, y) in zip(flows, at, strict=True)
    ]
    return np.diff(path, axis=0), np.stack(found)


# %%
if CORPUS == "puppets":
    truth = corpora.read_truth(clip)
    points = (("nose", 0, "to the right"), ("chin", 1, "down"), ("lip_upper_outer", 1, "down"))
    figure, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained")
    for ax, (name, k, way) in zip(axes, points, strict=True):
        true, found = (motion[:, k] for motion in true_and_found(truth, flows, name))
        ax.plot(np.arange(len(true)) / fps, true, "k:", label="truth")
        ax.plot(np.arange(len(true)) / fps, found, color="#D55E00", label="flow")
        r = np.corrcoef(true, found)[0, 1]
        ax.set(title=f"{name.replace('_', ' ')}, {way}: correlation {r:.2f}", xlabel="time (s)")
    axes[0].set_ylabel("pixels a frame")
    axes[0].legend()
    plots.show(
        figure,
        "True motion and flow over time: they agree at the nose; at the chin they rise and fall "
        "together and differ in size; at the upper lip the flow is wrong.",
    )
else:
    print(f"{CORPUS} was recorded from life: only the puppets have a truth that is known")

# %% [markdown]
# On the puppets it is right at the nose, which moves with all around it. At the chin the time is
# right and the size is not: the skin there is smooth, and the flow is filled in. At the upper lip
# it is wrong. When the mouth opens, its dark inside **appears**. No pixel of it was there before,
# so none kept its brightness; and the window takes both lips for one, although they part. The
# mouth, which matters most to us, is where the assumption holds least.
#
# Here are the corpus's emotions, each at the moment when the mouth moves most. Choose one.


# %%
def most_moving(emotion):
    """Draw the flow of one clip of the emotion where the mouth moves most."""
    row = table.loc[order[table["emotion"] == emotion].idxmin()]
    frames, _ = video.read_face(row)
    flows = np.stack(list(video.dense_flow(frames)))
    size = np.hypot(flows[..., 0], flows[..., 1])
    t = int(size[:, 68:100, 35:77].mean(axis=(1, 2)).argmax())
    return plots.flow_picture(frames[t], flows[t], title=f"{emotion} ({CORPUS})")


plots.explore(
    most_moving,
    "A face that acts {emotion}, and its motion to the next frame in colours.",
    emotion=[emotion for emotion in wanted if (table["emotion"] == emotion).any()],
)

# %% [markdown]
# One pair of frames says little: the mouth moves most while it *speaks*. On BAUM-1 the paper lets a
# network choose the frames first (notebook 09) and takes the flow that leads to them; on RAVDESS it
# draws the frames by lot.

# %% [markdown]
# ## Exercise 1 (must): recover a known shift
#
# A whole picture moves by the same $(u, v)$, less than a pixel. You get the slopes and the change
# at all pixels. Write the least squares. **Predict first**: if you solved for $u$ with $I_x$ alone
# and for $v$ with $I_y$ alone, would you be right?

# %% tags=["prediction"]
my_prediction = None  # "always", "never", or when?


# %% tags=["exercise"]
def known_shift(I_x, I_y, I_t):
    """Return (u, v), the motion to the right and down in pixels.

    I_x, I_y, I_t: arrays (height, width), slopes to the right and down, and the change in time.
    """
    return ...


# %% tags=["solution"]
def known_shift(I_x, I_y, I_t):
    """Return (u, v), the motion to the right and down in pixels."""
    slopes = np.stack([I_x.ravel(), I_y.ravel()], axis=1)
    return np.linalg.lstsq(slopes, -I_t.ravel(), rcond=None)[0]


# %% tags=["check"]
passed = checks.known_shift(known_shift)
# %% [markdown]
# **To think about**: what does your function answer where the picture is a single straight edge?

# %% [markdown]
# ## Exercise 2 (may): coarse to fine
#
# Four pixels are too many for one step. In a picture of half the size they are two, in one of a
# quarter, one. `halve` shrinks a picture, `one_step` gives the shift between two pictures where it
# is small. Use them to find a large one: shrink both pictures `times` times, take one step, and
# tell the answer in pixels of the **large** picture. **Predict first**: `one_step` is right up to
# half a pixel. How many times must you shrink to find a shift of 4?

# %% tags=["prediction"]
my_prediction = None  # a number of times


# %% tags=["exercise"]
def large_shift(first, second, times, halve, one_step):
    """Return (u, v) between two pictures, in their own pixels."""
    return ...


# %% tags=["solution"]
def large_shift(first, second, times, halve, one_step):
    """Return (u, v) between two pictures, in their own pixels."""
    for _ in range(times):
        first, second = halve(first), halve(second)
    return 2**times * np.asarray(one_step(first, second))


# %% tags=["check"]
passed = checks.large_shift(large_shift)

# %% [markdown]
# Three times: 4 pixels, 2, 1, a half. Each halving also throws away what is small, so a pyramid
# cannot be as high as one likes.

# %% [markdown]
# ## Protocol audit
#
# Does flow help? The paper's accuracies on RAVDESS, five emotions, 40 epochs (Tables 5 to 8):
#
# | | face | sound | face + sound | face + sound + flow |
# |---|---|---|---|---|
# | normal strength | 93.77 | 86.23 | 90.14 | 91.27 |
# | strong | 95.29 | 94.39 | 95.95 | 93.59 |

# %%
for strength, two, three in (("normal", 90.14, 91.27), ("strong", 95.95, 93.59)):
    print(f"{strength}: flow beside face and sound changes {three - two:+.2f} points")

# %% [markdown]
# | | |
# |---|---|
# | **proven** | with flow the accuracy rises by 1.13 points on normal clips and falls by 2.36 on strong ones; on normal clips the face alone is above both; people stand on both sides of the split, and the paper says so |
# | **inferred** | from these tables nobody can tell whether flow helps: two differences of unlike sign, one run each, no interval |
# | **unknown** | how far accuracies move from one run to the next |
#
# Notebook 12 measures it with strangers in the test.
#
# ## What we saw
#
# - A pixel gives one equation for two unknowns; a window gives the motion where edges of two
#   directions meet.
# - One linear step holds for about a pixel; coarse to fine goes further.
# - Flow is motion of brightness. Where the light changes or a mouth opens, it is wrong.
#
# **Next**: [notebook 09](09_faces.ipynb), where the face is found, laid straight and read by a
# borrowed network.

# %%
evaluation.record(
    "optical-flow",
    [
        {
            f"error_pixels_{name.replace(' ', '_')}_shift_{str(shift).replace('.', '_')}": value
            for name, values in errors.items()
            for shift, value in zip(SHIFTS, values, strict=True)
        }
    ],
    corpus="simulated",
    protocol="none",
    seeds=[SEED],
    n_actors=0,
    profile=PROFILE,
    parameters={"side": 128, "window": 15, "blur": 2.0},
    command="python -m emolib.batch run --notebooks 08",
    results=RESULTS,
)["mean"]
