# ---
# jupyter:
#   emolib:
#     needs: [video]
# ---

# %% [markdown]
# # Scale space: how closely do we look?
#
# **You will** blur a clip in space and in time; mend a printed kernel; take one blur apart into
# three; find the rule by which blurs add up; make a blink vanish; and compute the three
# derivatives on which the next notebook rests.
#
# 35 minutes to read, under a minute to run; together with
# [notebook 07](07_harris_3d.ipynb) it fills one class. Paper: dv-emotionnet, equations 1, 2 and
# 5 to 7. Primer: [images](primer_images.ipynb) (convolution, derivatives).

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
import base64
import inspect
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Code, display
from PIL import Image
from plotly.subplots import make_subplots
from scipy.ndimage import convolve, gaussian_filter

from emolib import checks, corpora, evaluation, plots, video
from emolib.plots.displays import small_png

# %% [markdown]
# We take one clip and blur it. A puppet fills its frame. A real face is found, and cut out of all
# frames at one place, so that it moves in the cut as it moved in the world (notebook 09 says how).

# %%
table = corpora.load(CORPUS, Path(DATA_DIR) / CORPUS if DATA_DIR else None)
clips = table.dropna(subset=["video"])
happy = clips[clips["emotion"] == "happy"]
clip = (happy if len(happy) else clips).iloc[0]
frames, fps = video.read_face(clip)
eye_row = round(0.38 * 112)  # where aligned eyes come to lie
if CORPUS == "puppets":
    eye_row = round(corpora.read_truth(clip)["landmarks"][:, :2, 1].mean())
print(f"{CORPUS}, {clip['emotion']}: {frames.shape}, {fps:.2f} frames a second")

# %% [markdown]
# Which moment? We look for a blink, with the very tool of this notebook: the frame in which the
# rows around the eyes differ most from themselves blurred over time.

# %%
grey = (frames @ (0.299, 0.587, 0.114)).astype(np.float32)
eyes = grey[:, eye_row - 4 : eye_row + 5]
quick = np.abs(eyes - gaussian_filter(eyes, (6, 0, 0))).mean(axis=(1, 2))
blink = int(quick.argmax())
print(f"the eyes change quickest around frame {blink}, at {blink / fps:.2f} s")

# %% [markdown]
# Left in the picture is this frame. Right is its row of eyes over the whole clip, one line a frame,
# time downwards: what stands still becomes a vertical stripe, what moves sideways a slanted one, a
# blink a short gap. The slider sets the **scale**, how widely we blur. The menu says over what: over
# neighbouring pixels (σ, in space) or over neighbouring frames (τ, in time).
#
# **Predict first**: which vanishes sooner in a blur over *time*, an eye or a blink?

# %% tags=["prediction"]
my_prediction = None  # "the eye" or "the blink"


# %%
SCALES = (0, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11, 16)


def look(sigma, tau):
    """Return the blink's frame and the row of eyes over time, at one scale."""
    space = np.rint(video.linear_scale_space(frames, sigma, tau)).astype(np.uint8)
    return space[blink], space[:, eye_row]


looks = {scale: (look(scale, 0), look(0, scale)) for scale in SCALES}


def image(pixels, axes):
    """Return a plotly trace that shows an array of pixels."""
    code = base64.b64encode(small_png(Image.fromarray(pixels))).decode()
    source = f"data:image/png;base64,{code}"
    trace = {"type": "image", "source": source, "hoverinfo": "skip"}
    return trace | {"xaxis": f"x{axes}", "yaxis": f"y{axes}"}


def moment(scale):
    """Return frame and slice, blurred in space, then the two blurred in time."""
    return [
        image(part, axes)
        for pair in looks[scale]
        for part, axes in zip(pair, ("", "2"), strict=True)
    ]


# %%
menu = [
    {"label": f"blur in {name}", "method": "restyle", "args": [{"visible": shown}]}
    for name, shown in (("space", [True, True, False, False]), ("time", [False, False, True, True]))
]
panels = make_subplots(1, 2, subplot_titles=(f"frame {blink}", f"row {eye_row} over time"))
moving = plots.slider(
    moment,
    SCALES,
    "σ or τ",
    panels,
    redraw=True,
    first=0,
    title=f"One clip at many scales ({CORPUS})",
    updatemenus=[{"buttons": menu, "x": 0.6, "xanchor": "left", "y": 1.3}],
    xaxis={"title": "x (pixels)"},
    yaxis={"title": "y (pixels)"},
    xaxis2={"title": "x (pixels)"},
    yaxis2={"title": "time (frames)", "scaleanchor": False},
    height=480,
)
for trace, shown in zip(moving.data, menu[0]["args"][0]["visible"], strict=True):
    trace.visible = shown

# %%
CHOSEN = (0, 1, 2, 4, 8)
still, axes = plt.subplots(2, len(CHOSEN), figsize=(11, 5), layout="constrained")
for column, scale in zip(axes.T, CHOSEN, strict=True):
    for ax, sizes, letter in zip(column, ((scale, 0), (0, scale)), "στ", strict=True):
        ax.imshow(look(*sizes)[0])
        ax.set(title=f"{letter} = {scale}", xticks=[], yticks=[])
axes[0, 0].set_ylabel("blur in space\n(pixels)")
axes[1, 0].set_ylabel("blur in time\n(frames)")
still.suptitle(f"Frame {blink} at five scales ({CORPUS})")
plots.show(
    moving,
    "A frame in the middle of a blink: blurred in space it loses eyes and mouth step by step; "
    "blurred in time the face stays sharp and the lids' quick movement is undone.",
    still,
)

# %% [markdown]
# Both rows start from the same frame. In space details go, the smallest first. In time the face
# stays and *what is quick* goes: a blink is over after some five to ten frames, and a mean over
# many more frames knows open eyes.
#
# ## Why blur at all?
#
# What is an edge? In a row of pixels it is a place where brightness rises or falls. But a sensor's
# noise rises and falls at every pixel, a brow over some three, an eye over ten, a face over sixty.
# **An edge exists at a scale**, and a program must be told which one is meant.
#
# Here is one row across the open eyes. We add noise of 4 grey levels, as a camera in a dim room
# would.

# %%
rng = np.random.default_rng(SEED)
row = np.median(grey, axis=0)[eye_row]
row = row + rng.normal(scale=4, size=row.shape)
figure, ax = plt.subplots(figsize=(9, 3.4), layout="constrained")
for sigma, colour, style in ((0, "#999999", "-"), (1.5, "#0072B2", "-"), (6, "#D55E00", "--")):
    line = gaussian_filter(row, sigma)
    ax.plot(line, style, color=colour, linewidth=1 + sigma / 4, label=f"σ = {sigma:g}")
ax.set(title=f"Row {eye_row} across the eyes", xlabel="x (pixels)", ylabel="brightness (0 to 255)")
ax.legend(ncols=3)
plots.show(
    ax,
    "Brightness along one row: unblurred it jitters at every pixel, at a sigma of 1.5 pixels the "
    "eyes are clear valleys, at 6 they are two wide, shallow hollows.",
)

# %% [markdown]
# Each peak and each hollow is a claim that something is there. **Predict first**: we count them at
# ever larger σ. Can a blur make a *new* one?


# %%
def extremes(line):
    """Count the peaks and hollows of a line."""
    return int((np.diff(np.sign(np.diff(line))) != 0).sum())


counts = {f"σ = {sigma:g}": extremes(gaussian_filter(row, sigma)) for sigma in (0, *SCALES[3:])}
pd.Series(counts, name="peaks and hollows").to_frame().T

# %% [markdown]
# The number falls and does not rise: a coarse scale invents nothing that was not there at a fine
# one. In one dimension the Gaussian is the only symmetric kernel, of one shape at all widths, for
# which this holds for every signal (Babaud et al. 1986), and that is why it is used. In two
# dimensions there are exceptions.
#
# ## The Gaussian, printed and mended
#
# The paper writes the scale space $L$ of a video $f$ as a convolution with a kernel $g$ (the dot
# stands for $x, y, t$):
#
# $$L(\cdot;\sigma^2,\tau^2) = g(\cdot;\sigma^2,\tau^2) * f(\cdot) \qquad (1)$$
# $$g(x,y,t;\sigma^2,\tau^2) = \exp\!\Big(-\frac{x^2+y^2}{2\sigma^2}-\frac{t^2}{2\tau^2}\Big)
# \qquad (2)\ \text{as printed}$$
#
# The kernel says how much each neighbour counts. **Predict first**: a wall has the brightness 100
# everywhere. What is its brightness after a blur with σ = 2 pixels and τ = 2 frames, by (2) as it
# stands?

# %% tags=["prediction"]
my_prediction = None  # a number


# %%
def printed_kernel(sigma):
    """Return one axis of (2) as printed, out to four standard deviations."""
    radius = int(4 * sigma + 0.5)
    x = np.arange(-radius, radius + 1)
    return np.exp(-(x**2) / (2 * sigma**2))


sums = pd.DataFrame(index=pd.Index([0.7, 1, 2, 4], name="σ and τ"))
sums["sum of one axis"] = [printed_kernel(s).sum() for s in sums.index]
sums["√(2π) σ"] = np.sqrt(2 * np.pi) * sums.index
sums["a wall of 100 becomes"] = 100 * sums["sum of one axis"] ** 3
sums.round(2)

# %% [markdown]
# The weights do not add up to 1, so the wall is brightened, and the more the wider the kernel. At
# σ = τ = 2 a wall of 100 gets the brightness 12,600. What is missing is the factor
# $1/((2\pi)^{3/2}\sigma^2\tau)$. We divide by the sum instead, which also allows for the tails that
# are cut off.

# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
for sigma, colour, marker in ((0.7, "#0072B2", "o"), (2, "#D55E00", "s"), (4, "#009E73", "^")):
    printed, ours = printed_kernel(sigma), video.gaussian_kernel(sigma)
    x = np.arange(len(ours)) - len(ours) // 2
    for ax, kernel in zip(axes, (printed, ours), strict=True):
        label = f"σ = {sigma:g}, sum {kernel.sum():.2f}"
        ax.plot(x, kernel, marker + "-", color=colour, markersize=4, label=label)
for ax, title in zip(axes, ("One axis of (2), as printed", "Divided by its sum"), strict=True):
    ax.set(title=title, xlabel="distance (pixels or frames)", ylabel="weight", xlim=(-12, 12))
    ax.legend(fontsize=8)
plots.show(
    figure,
    "Gaussian weights at three widths: as printed all have the height one and sums of 1.75 to 10; "
    "divided by their sums the wider are lower and each adds up to one.",
)

# %% [markdown]
# ## One blur is three
#
# A kernel in three dimensions is large: at σ = τ = 1.5 it has 13 × 13 × 13 weights. But an
# exponential of a sum is a product: $g(x,y,t) = g(x)\,g(y)\,g(t)$. Such a kernel is called
# **separable**. So we may blur along x, then the result along y, then that along t. **Predict
# first**: how many multiplications a voxel (a pixel at one moment) does each way take?

# %%
small = grey[:16, eye_row - 20 : eye_row + 20, 30:80]
kernel = video.gaussian_kernel(1.5)
box = kernel[:, None, None] * kernel[:, None] * kernel
print(f"one pass: {box.size} multiplications a voxel; three passes: {3 * kernel.size}")

# %%
started = time.perf_counter()
one_pass = convolve(small, box, mode="reflect")
between = time.perf_counter()
three_passes = small
for axis in range(3):
    along = np.expand_dims(kernel, [k for k in range(3) if k != axis])
    three_passes = convolve(three_passes, along, mode="reflect")
ended = time.perf_counter()

separable_difference = float(np.abs(one_pass - three_passes).max())
library_difference = float(np.abs(three_passes - video.linear_scale_space(small, 1.5, 1.5)).max())
print(f"one pass took {(between - started) / (ended - between):.0f} times as long as three")
print(f"they differ by at most {separable_difference:.0e} of 255 grey levels")
print(f"three passes differ from emolib's by at most {library_difference:.0e}")
assert max(separable_difference, library_difference) < 1e-2

# %% [markdown]
# The same numbers for a small part of the work. This is what the library does, with OpenCV for the
# passes; σ and τ are set apart because a pixel and a frame are different things.

# %%
display(Code(inspect.getsource(video.scale_space.blur), language="python"))

# %% [markdown]
# ## Blurs add up
#
# Blur a picture with σ = 3, and the result with σ = 4. **Predict first**: which single σ does the
# same?

# %% tags=["prediction"]
my_prediction = None  # 3.5, 4, 5, 7, ...

# %%
twice = video.linear_scale_space(video.linear_scale_space(grey[:1], 3, 0), 4, 0)[0]
candidates = np.arange(3, 9.01, 0.25)
once = {c: video.linear_scale_space(grey[:1], c, 0)[0] for c in candidates}
errors = np.array([np.sqrt(((twice - picture) ** 2).mean()) for picture in once.values()])

# %%
figure, ax = plt.subplots(figsize=(7.5, 3), layout="constrained")
ax.plot(candidates, errors, "o-", color="#0072B2")
ax.set(title="Blurred by 3 and then by 4, against one blur", xlabel="σ of the one blur (pixels)")
ax.set_ylabel("RMS difference\n(grey levels)")
plots.show(
    ax,
    "The difference between a picture blurred twice and a picture blurred once falls to almost "
    "nothing at a sigma of 5 and grows on both sides.",
)
best = candidates[errors.argmin()]
print(f"smallest difference: {errors.min():.3f} grey levels, at σ = {best:g}")

# %% [markdown]
# 3, 4, 5: the right-angled triangle. **Variances add**, standard deviations do not:
#
# $$\sigma_\text{both}^2 = \sigma_1^2 + \sigma_2^2$$
#
# The reason is one you know from statistics. A kernel is like the distribution of a random step,
# and one convolution after the other is the sum of two independent steps. Variances of independent
# steps add up, and a sum of Gaussians is a Gaussian.
#
# It is of use. Every picture that you get was blurred before: by a lens, by a sensor, by a codec.
# And a coarse scale can be made from a finer one instead of from the beginning.

# %% [markdown]
# ## Exercise 1 (must): what is missing?
#
# A picture has been blurred with `a` pixels already. You want it as if it had been blurred once,
# with `b` pixels. By how much must you blur it now? **Predict first**: from 4 to 5, is it more or
# less than 2?

# %% tags=["prediction"]
my_prediction = None  # "more" or "less"


# %% tags=["exercise"]
def missing_sigma(a, b):
    """Return the standard deviation that takes a picture blurred by a to one blurred by b.

    a, b: float, pixels, b larger than a.
    """
    return ...


# %% tags=["solution"]
def missing_sigma(a, b):
    """Return the standard deviation that takes a picture blurred by a to one blurred by b."""
    return np.sqrt(b**2 - a**2)


# %% tags=["check"]
passed = checks.missing_sigma(missing_sigma)
# %% [markdown]
# **To think about**: what does your function answer for b smaller than a, and what would a picture
# have to get back?

# %% [markdown]
# ## Blur in time
#
# Now τ. Here are the rows of eyes again at three τ, in frames.

# %%
nothing = np.empty((0, 3), int)
figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained", sharey=True)
for ax, tau in zip(axes, (0, 1.5, 6), strict=True):
    shown = np.rint(video.linear_scale_space(frames, 0, tau)).astype(np.uint8)
    plots.time_slice(shown, nothing, eye_row, fps, ax=ax)
    ax.set_title(f"τ = {tau:g} frames")
for ax in axes[1:]:
    ax.set_ylabel("")
plots.show(
    figure,
    "The row of eyes over time at three time scales: the short gaps that blinks cut into the dark "
    "stripes of the eyes fade with a wider blur, and the stripes stay.",
)

# %% [markdown]
# How much of the blink is left? We follow how far the rows of eyes are from what they are half a
# second around it. **Predict first**: at which τ is half of it gone?

# %%
TAUS = np.array([0, 1, 2, 3, 4, 6, 8])
around = grey[max(blink - round(fps / 2), 0) : blink + round(fps / 2) + 1]
usual = np.median(around, axis=0)[eye_row - 4 : eye_row + 5]
change = grey[blink, eye_row - 4 : eye_row + 5] - usual  # what the blink does to the picture


def blink_left(tau):
    """Return how much of the blink each frame holds: 1 in its middle when nothing is blurred."""
    space = video.linear_scale_space(grey[:, eye_row - 4 : eye_row + 5], 0, tau)
    return ((space - usual) * change).sum(axis=(1, 2)) / (change**2).sum()


left = {int(tau): blink_left(float(tau)) for tau in TAUS}

# %%
figure, (ax, right) = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained")
for tau, colour, style in ((0, "#999999", "-"), (2, "#0072B2", "--"), (8, "#D55E00", ":")):
    ax.plot(np.arange(len(grey)) / fps, left[tau], style, color=colour, label=f"τ = {tau}")
ax.set(title="The blink over time", xlabel="time (s)", ylabel="share of the blink")
ax.legend()
right.plot(TAUS, [left[int(tau)][blink] for tau in TAUS], "o-", color="#0072B2")
right.axhline(0.5, color="#666666", linestyle=":")
right.set(title=f"What is left of it in frame {blink}", xlabel="τ (frames)", ylim=(0, 1.05))
right.set_ylabel("share left")
plots.show(
    figure,
    "Left the blink as a peak over time that gets lower and wider with tau; right the share that "
    "is left, falling from one at no blur with growing tau.",
)
halved = next((int(tau) for tau in TAUS if left[int(tau)][blink] < 0.5), None)
print(f"less than half is left from τ = {halved} frames on" if halved else "half or more is left")

# %% [markdown]
# A τ near the length of a blink takes it away. That can be a fault or a purpose: whoever looks for
# an emotion that lasts a second may want blinks gone, whoever looks for micro-expressions must not
# blur like this. σ and τ are choices about *what may count*, and they belong beside a result.
#
# ## Three derivatives
#
# How fast does brightness change along each axis? At a chosen scale that question has an answer:
#
# $$L_x = \partial_x (g * f) \quad (5) \qquad L_y = \partial_y (g * f) \quad (6) \qquad
# L_t = \partial_t (g * f) \quad (7)$$
#
# The paper calls the third axis z in one place and t in others; in a video it is time. We take
# half the difference of the two neighbours.

# %%
space = video.linear_scale_space(grey, 1.5, 1)
Lx, Ly, Lt = video.derivatives(space)

inner = (space[1:-1, 1:-1, 2:] - space[1:-1, 1:-1, :-2]) / 2
assert np.allclose(Lx[1:-1, 1:-1, 1:-1], inner, atol=1e-4)
inner = (space[2:, 1:-1, 1:-1] - space[:-2, 1:-1, 1:-1]) / 2
assert np.allclose(Lt[1:-1, 1:-1, 1:-1], inner, atol=1e-4)

# %% [markdown]
# We show the frame in which the eyes change fastest. **Predict first**: on the lid that comes down
# or goes up, the dark iris is replaced by bright skin, or the other way round. What sign has $L_t$
# in each case? And which of the three pictures is nearly empty where the head is still?

# %%
fastest = int(np.abs(Lt[2:-2, eye_row - 4 : eye_row + 5]).mean(axis=(1, 2)).argmax()) + 2
figure, axes = plt.subplots(1, 4, figsize=(13, 3.6), layout="constrained")
axes[0].imshow(space[fastest], cmap="gray", vmin=0, vmax=255)
axes[0].set_title(f"L, frame {fastest}")
for ax, slope, name in zip(axes[1:], (Lx, Ly, Lt), ("Lx", "Ly", "Lt"), strict=True):
    largest = np.abs(slope[fastest]).max()
    drawn = ax.imshow(slope[fastest], cmap="PuOr", vmin=-largest, vmax=largest)
    unit = "frame" if name == "Lt" else "pixel"
    ax.set_title(f"{name} (grey levels a {unit})")
    figure.colorbar(drawn, ax=ax, shrink=0.7)
for ax in axes:
    ax.set(xlabel="x (pixels)", ylabel="y (pixels)" if ax is axes[0] else "")
plots.show(
    figure,
    "A blurred frame and its three derivatives: Lx shows upright outlines, Ly level ones, and Lt "
    "lights up where something moves, most of all at the eyes.",
)

# %% [markdown]
# $L_x$ sees upright outlines, $L_y$ level ones, $L_t$ only change: above zero (purple) where bright
# skin replaces the iris, below zero (brown) where the iris comes back. A frame alone has no $L_t$.
# The next notebook asks where all three are large at once.
#
# ## Where the picture ends
#
# A kernel at the rim asks for pixels that do not exist. Somebody has to invent them, and each
# library has its own habit. **Predict first**: a wall of 100, blurred by σ = 4, with black beyond
# the rim. How bright is its outermost pixel?

# %%
wall = np.full(60, 100.0)
figure, ax = plt.subplots(figsize=(7.5, 3), layout="constrained")
MODES = {"constant": "black beyond", "wrap": "other side", "reflect": "mirror image"}
slope = np.linspace(100, 160, 60)  # a wall that gets brighter to the right
LOOKS = (("#D55E00", "--"), ("#009E73", "-."), ("#0072B2", "-"))
for (mode, name), (colour, style) in zip(MODES.items(), LOOKS, strict=True):
    line = gaussian_filter(slope, 4, mode=mode)
    ax.plot(line, style, color=colour, label=f"{name} ({mode})")
ax.plot(slope, ":", color="#666666", label="before the blur")
ax.set(title="A wall in slanting light, blurred by σ = 4", xlabel="x (pixels)")
ax.set_ylabel("brightness")
ax.legend(fontsize=8)
plots.show(
    ax,
    "A rising line blurred with three kinds of surroundings: with black beyond it drops to half at "
    "both ends, wrapped around the ends bend to each other, mirrored it hardly bends.",
)
print(f"a wall of 100: {gaussian_filter(wall, 4, mode='constant')[0]:.0f} at its rim")

# %% [markdown]
# Nearly half of the weight falls into the black: a frame of darkness around every picture, and a
# strong false $L_x$. In time it is worse: a clip would *begin with a flash out of the dark*, the
# strongest event of all, in every clip. emolib mirrors, in space and in time. The mirror invents
# least, and still it invents: keep away from the rim where you can.

# %% [markdown]
# ## Exercise 2 (may): a kernel that keeps the light
#
# Write the kernel of one axis. **Predict first**: with σ = 2 and a radius of only 2, do you divide
# by more or by less than √(2π) σ?

# %% tags=["prediction"]
my_prediction = None  # "more" or "less"


# %% tags=["exercise"]
def gaussian_weights(sigma, radius):
    """Return the weights of a Gaussian at -radius, ..., radius, so that no light is lost or won.

    sigma: float, standard deviation in samples. radius: int.
    """
    return ...


# %% tags=["solution"]
def gaussian_weights(sigma, radius):
    """Return the weights of a Gaussian at -radius, ..., radius, so that no light is lost or won."""
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    return weights / weights.sum()


# %% tags=["check"]
passed = checks.gaussian_weights(gaussian_weights)
# %% [markdown]
# ## Protocol audit
#
# Set what the paper prints beside what a rerun needs.
#
# | | |
# |---|---|
# | **proven** | (2) has no factor in front, so a wall of 100 does not stay 100. The last entry of the matrix (3) is the square of a derivative along z, those beside it use t |
# | **inferred** | the program behind the paper normalised its kernel, or scaled its features afterwards, as most libraries do |
# | **unknown** | σ and τ: the text gives no value, and no frame rate, so nobody can say whether a blink was still there |
#
# A slip in print says nothing about a program. That the two scales are missing means that this step
# cannot be repeated from the text alone; in the course they stand in the code. Corrections are
# welcome.

# %% [markdown]
# ## What we saw
#
# - An edge exists at a scale; a Gaussian blur removes details and adds none.
# - The kernel must add up to 1; it splits into three passes; variances add.
# - A blur over time takes away what is quick. σ and τ decide what may count as an event.
#
# **Next**: [07 Harris-3D](07_harris_3d.ipynb): where do all three derivatives change together?

# %%
evaluation.record(
    "scale-space",
    [
        {
            "separable_difference": separable_difference,
            "sigma_of_3_then_4": float(best),
            **{f"blink_left_tau_{tau}": float(share[blink]) for tau, share in left.items()},
        }
    ],
    corpus=CORPUS,
    protocol="none",
    seeds=[SEED],
    n_actors=1,
    profile=PROFILE,
    parameters={"clip": clip["clip"], "unit": "grey levels, pixels, shares of one blink"},
    command=f"python -m emolib.batch run --notebooks 06 --corpus {CORPUS}",
    results=RESULTS,
)["mean"]
