# ---
# jupyter:
#   emolib:
#     needs: []
# ---

# %% [markdown]
# # Primer: pictures as numbers
#
# **You will** convolve by hand and get what SciPy gets; read from a kernel what it does; take the
# derivative of a picture and see noise spoil it; and fit a line by least squares, up to the case in
# which there is no one answer.
#
# 25 minutes to read, under a minute to run. Papers: dv-emotionnet, equations 1 and 5 to 7, and
# multi-input-cnn, equation 1, rest on this. No corpus and no other primer needed; the face below is
# a puppet's.

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from plotly.subplots import make_subplots
from scipy import signal

from emolib import checks, corpora, evaluation, plots

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"

# %% [markdown]
# ## Five questions first
#
# If you can answer these, skip this primer. Each belongs to one section below.
#
# 1. The row 0, 0, 1, 0, 0 is convolved with the kernel 1, 2, 3 and keeps its length. The result is
#    **a** 0, 3, 2, 1, 0, **b** 0, 1, 2, 3, 0, **c** 0, 0, 6, 0, 0, **d** 0, 0, 2, 0, 0.
# 2. The weights of a kernel add up to 0. What does it make of a wall of one brightness? **a** A
#    brighter wall, **b** the same wall, **c** a black frame around the wall, **d** 0 everywhere, away
#    from the rim.
# 3. A convolution with 0.5, 0, -0.5 gives at each pixel **a** the mean of its neighbours, **b** half
#    of (left - right), **c** half of (right - left), **d** a sharper pixel.
# 4. Each pixel has noise of its own with a standard deviation of 1. Half of (right - left) has noise
#    of **a** 0.71, **b** 0.5, **c** 1, **d** 2.
# 5. The normal equations XᵀXw = Xᵀy have no one solution when **a** the noise is large, **b** there
#    are more equations than unknowns, **c** one column of X is a multiple of another, **d** all y
#    are alike.

# %% tags=["exercise"]
my_answers = [..., ..., ..., ..., ...]  # five letters, such as "a"

# %% tags=["solution"]
my_answers = ["b", "d", "c", "a", "c"]

# %% tags=["check"]
may_skip = checks.quiz("images", my_answers)

# %% [markdown]
# ## Convolution
#
# A grey picture is a table of numbers, 0 for black and 255 for white. Here is a face and one of its
# rows, through the eyes.

# %%
puppet = corpora.load("puppets").iloc[0]
frame = corpora.read_video(puppet)[0][10]
face = (frame @ (0.299, 0.587, 0.114))[15:95, 16:96]  # how bright red, green and blue look
eyes = round(float(corpora.read_truth(puppet)["landmarks"][10, 0, 1])) - 15

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
left.imshow(face, cmap="gray", vmin=0, vmax=255)
left.axhline(eyes, color=ORANGE, linestyle="--")
left.set(title="A puppet's face", xlabel="x (pixels)", ylabel="y (pixels)")
right.plot(face[eyes], "o-", color=BLUE, markersize=3)
right.set(title=f"Its row {eyes}", xlabel="x (pixels)", ylabel="brightness (0 to 255)")
plots.show(
    figure,
    "A grey drawn face with a dashed line through its eyes, and the brightness along that line, "
    "with two deep valleys where the eyes are.",
)

# %% [markdown]
# A filter replaces each number by a weighted sum of its neighbourhood. The weights are the
# **kernel** $k$. Convolution writes it so:
#
# $$(f * k)[n] = \sum_m k[m]\, f[n - m]$$
#
# The minus sign turns the kernel round: $k[1]$ meets the neighbour on the *left*. **Predict
# first**: a row has a single 1 among zeros. What does a convolution with the kernel 1, 2, 3 make of
# it?

# %% tags=["prediction"]
my_prediction = None  # five numbers


# %%
def convolve_at(row, kernel, n):
    """Return one number of the convolution; beyond the row everything is 0."""
    half, total = len(kernel) // 2, 0.0
    for m in range(-half, half + 1):
        if 0 <= n - m < len(row):
            total += kernel[m + half] * row[n - m]
    return total


spike = np.array([0, 0, 1, 0, 0])
print([float(convolve_at(spike, [1, 2, 3], n)) for n in range(5)])

# %% [markdown]
# The kernel itself comes out. That is what the minus sign is for: **a convolution puts a copy of
# the kernel wherever there is light, and adds the copies up.** Without it (a *correlation*) the
# copies come out mirrored: 3, 2, 1. Deep learning says "convolution" for a correlation. There the
# weights are learnt, so it does not matter; when you write a derivative it turns the sign.
#
# Our loop against SciPy, on the row of the face:

# %%
lopsided = np.array([0.1, 0.2, 0.7])
ours = np.array([convolve_at(face[eyes], lopsided, n) for n in range(80)])
convolve_difference = np.abs(ours - signal.convolve(face[eyes], lopsided, mode="same")).max()
print(f"largest difference from scipy: {convolve_difference:.0e}")
assert convolve_difference < 1e-9

# %% [markdown]
# Now watch it happen. On top is a row with a spike, a step and a ramp, and the kernel, turned
# round, at the place where the slider stands. Below are the results so far. The menu changes the
# kernel. **Predict first**: where will the third kernel give exactly 0?

# %%
row = np.zeros(32)
row[4], row[10:18], row[18:26] = 60, 60, np.linspace(52.5, 0, 8)
KERNELS = {
    "mean of five": np.full(5, 0.2),
    "Gaussian": np.array([1, 4, 6, 4, 1]) / 16,
    "derivative": np.array([0, 0.5, 0, -0.5, 0]),
}
results = {name: signal.convolve(row, kernel, mode="same") for name, kernel in KERNELS.items()}


def slide(n):
    """Return, for each kernel, where it stands and the results up to there."""
    traces = []
    for name, kernel in KERNELS.items():
        traces.append({"type": "scatter", "x": np.arange(n - 2, n + 3), "y": 100 * kernel[::-1],
                       "line": {"color": ORANGE, "dash": "dash"}, "mode": "lines+markers",
                       "name": "kernel, turned round (× 100)"})  # fmt: skip
        traces.append({"type": "scatter", "x": np.arange(n + 1), "y": results[name][: n + 1],
                       "line": {"color": GREEN}, "marker": {"symbol": "square"},
                       "mode": "lines+markers", "name": "result",
                       "xaxis": "x2", "yaxis": "y2"})  # fmt: skip
    return traces


# %%
shown = [[of == name for of in KERNELS for _ in range(2)] for name in KERNELS]
menu = [
    {"label": name, "method": "restyle", "args": [{"visible": v}, list(range(6))]}
    for name, v in zip(KERNELS, shown, strict=True)
]
panels = make_subplots(2, 1, subplot_titles=("the row and the kernel", "the result"))
moving = plots.slider(
    slide,
    range(32),
    "pixel",
    panels,
    title="A kernel slides over a row",
    updatemenus=[{"buttons": menu, "x": 0.6, "xanchor": "left", "y": 1.25}],
    xaxis={"range": [-1, 32]},
    yaxis={"range": [-60, 80], "title": "brightness"},
    xaxis2={"range": [-1, 32], "title": "x (pixels)"},
    yaxis2={"range": [-45, 70], "title": "brightness"},
    height=520,
)
for trace, visible in zip(moving.data, shown[0], strict=True):
    trace.visible = visible
moving.add_scatter(x=np.arange(32), y=row, mode="lines+markers", name="row", line_color=BLUE)

# %%
still, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained", sharey=True)
for ax, (name, result) in zip(axes, results.items(), strict=True):
    ax.plot(row, "o-", color=BLUE, markersize=3, label="row")
    ax.plot(result, "s-", color=GREEN, markersize=3, label="result")
    ax.set(title=name, xlabel="x (pixels)")
axes[0].set_ylabel("brightness")
axes[0].legend()
plots.show(
    moving,
    "A row with a spike, a step and a ramp, and what three kernels make of it: the mean and the "
    "Gaussian round it off, the derivative is zero where it is level and has peaks at its jumps.",
    still,
)

# %% [markdown]
# ## What a kernel does
#
# In a picture the kernel is a small table. The same loop with two sums; here is SciPy at once, with
# six kernels. **Predict first**: which of them turn a wall of one brightness into 0 (drawn white)?

# %%
binomial = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
difference = np.array([[0.5, 0, -0.5]])
IDENTITY = np.zeros((5, 5))
IDENTITY[2, 2] = 1
tables = {
    "mean 5 × 5": np.full((5, 5), 1 / 25),
    "Gaussian": binomial,
    "sharper": 3 * IDENTITY - 2 * binomial,
    "derivative along x": difference,
    "derivative along y": difference.T,
    "picture − Gaussian": IDENTITY - binomial,
}
figure, axes = plt.subplots(2, 3, figsize=(9, 6.4), layout="constrained")
for ax, (name, table) in zip(axes.flat, tables.items(), strict=True):
    filtered = signal.convolve2d(face, table, mode="same", boundary="symm")
    signed = abs(table.sum()) < 1e-9
    low, high, colours = (-50, 50, "PuOr") if signed else (0, 255, "gray")
    drawn = ax.imshow(filtered, cmap=colours, vmin=low, vmax=high)
    figure.colorbar(drawn, ax=ax, shrink=0.7)
    ax.set(title=f"{name}\n(sum of weights {table.sum():.0f})", xticks=[], yticks=[])
plots.show(
    figure,
    "A face under six kernels: two soften it, one sharpens it, two show its upright and its level "
    "outlines, and one keeps only fine details.",
)

# %% [markdown]
# Two things can be read from the weights alone.
#
# - **Their sum** is what happens to a wall: 1 keeps its brightness, 0 makes it vanish.
# - **Their signs**: all positive is a mean, which softens; plus and minus is a difference, which
#   finds change.
#
# The order does not matter: $(f * k) * h = f * (k * h)$, with a second kernel $h$. So two filters
# are one, and a table that is a column times a row, like the Gaussian here, can be done as two
# short passes.

# %%
one = signal.convolve2d(face, binomial, mode="valid")
passes = signal.convolve2d(face, np.array([[1, 4, 6, 4, 1]]) / 16, mode="valid")
two = signal.convolve2d(passes, np.array([[1, 4, 6, 4, 1]]).T / 16, mode="valid")
print(f"one pass of 25 weights against two of 5: they differ by {np.abs(one - two).max():.0e}")
assert np.allclose(one, two)

# %% [markdown]
# ## Exercise 1 (must): convolve a row
#
# Write the convolution of a row, as long as the row, with zeros beyond it. `np.convolve` and
# SciPy are barred here. **Predict first**: for the kernel 1, 0, 0, does the row move to the left or
# to the right?

# %% tags=["prediction"]
my_prediction = None  # "left" or "right"


# %% tags=["exercise"]
def convolve_row(row, kernel):
    """Return the convolution of a row with a kernel, as long as the row, zeros beyond it.

    row, kernel: arrays of float; the kernel's length is odd, and its middle is m = 0.
    """
    return ...


# %% tags=["solution"]
def convolve_row(row, kernel):
    """Return the convolution of a row with a kernel, as long as the row, zeros beyond it."""
    half = len(kernel) // 2
    padded = np.pad(row, half)
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel))
    return windows @ kernel[::-1]


# %% tags=["check"]
passed = checks.convolve_row(convolve_row)
# %% [markdown]
# ## Derivatives
#
# How fast does brightness change? Between pixels there is nothing to take a limit of, so we take
# half the difference of the neighbours, the **central difference**:
#
# $$f'[n] \approx \frac{f[n+1] - f[n-1]}{2}$$
#
# As a convolution its kernel is 0.5, 0, −0.5, because the kernel is turned round. How good is it?
# **Predict first**: on a straight ramp, and on a sine with a period of 20 pixels, how large is its
# error?

# %%
x = np.arange(60)
ramp, sine = 3.0 * x, 50 * np.sin(2 * np.pi * x / 20)
slope = 50 * 2 * np.pi / 20 * np.cos(2 * np.pi * x / 20)  # what calculus says
by_difference = signal.convolve(sine, [0.5, 0, -0.5], mode="valid")
print("ramp:", np.unique(signal.convolve(ramp, [0.5, 0, -0.5], mode="valid").round(9)))
error = np.abs(by_difference - slope[1:-1]).max() / slope.max()
print(f"sine: largest error {error:.1%} of its steepest slope")

# %% [markdown]
# Exact on the ramp, under 2 % on the wave. It grows for finer patterns: a stripe of one black and
# one white pixel in turn has the derivative 0 everywhere, because left and right neighbour are the
# same.
#
# In a picture there are two derivatives. Together they are the **gradient**: an arrow that points
# where it gets brighter, across the edge.

# %%
gx, gy = (
    signal.convolve2d(face, k, mode="same", boundary="symm") for k in (difference, difference.T)
)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
drawn = left.imshow(np.hypot(gx, gy), cmap="gray_r", vmax=60)
figure.colorbar(drawn, ax=left, shrink=0.8, label="grey levels a pixel")
left.set(title="Length of the gradient", xlabel="x (pixels)", ylabel="y (pixels)")
part = np.s_[eyes - 8 : eyes + 9, 14:38]
right.imshow(face[part], cmap="gray", vmin=0, vmax=255)
strong = np.hypot(gx, gy)[part] > 12
y, x = np.nonzero(strong)
right.quiver(x, y, gx[part][strong], gy[part][strong], angles="xy", color=ORANGE, width=0.005)
right.set(title="Arrows towards brighter (around an eye)", xlabel="x (pixels)")
plots.show(
    figure,
    "The length of the gradient draws the outlines of a face; arrows around an eye stand across "
    "its edges and point to the brighter side.",
)

# %% [markdown]
# ## Noise
#
# A camera counts light, and each pixel gets a little chance of its own. We add noise with a
# standard deviation of 10 grey levels to a step of 30. **Predict first**: is the step easier to find
# in the row or in its derivative?

# %%
rng, NOISE = np.random.default_rng(SEED), 10
step = np.where(np.arange(80) < 40, 80.0, 110.0)
noisy = step + rng.normal(scale=NOISE, size=80)


def smooth_derivative(sigma):
    """Return the kernel that smooths with a Gaussian and takes the central difference."""
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * max(sigma, 1e-9) ** 2))
    return signal.convolve(weights / weights.sum(), [0.5, 0, -0.5])


figure, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained")
axes[0].plot(noisy, color=BLUE)
axes[0].set(title=f"A step of 30 in noise of {NOISE}", ylabel="brightness")
for ax, sigma in zip(axes[1:], (0, 2), strict=True):
    slopes = signal.convolve(noisy - 95, smooth_derivative(sigma), mode="same")
    ax.plot(np.arange(9, 71), slopes[9:-9], color=ORANGE)
    ax.set(title=f"derivative, smoothed with σ = {sigma}", ylabel="grey levels a pixel")
for ax in axes:
    ax.set_xlabel("x (pixels)")
plots.show(
    figure,
    "A noisy step, its plain derivative, in which noise is about as large as the step's peak in "
    "places, and its smoothed derivative with one clear peak.",
)

# %% [markdown]
# A weighted sum of independent noise has the variance $\sum_m k[m]^2$ times the noise's. For 0.5,
# 0, −0.5 that is 0.5, so the standard deviation falls to 0.71. It *falls*, and yet the derivative
# looks worse, because of the signal less is left: a step of 30 between two pixels has a slope of 15.
# Blur first, and both sink, noise faster:

# %%
lines = []
for sigma in (0, 0.5, 1, 2, 4):
    kernel = smooth_derivative(sigma)
    peak, noise = (
        signal.convolve(step - 95, kernel, mode="same")[25:55].max(),
        NOISE * np.sqrt((kernel**2).sum()),
    )
    lines.append((sigma, peak, noise, peak / noise))
ratios = pd.DataFrame(lines, columns=["σ", "peak at the step", "noise", "peak / noise"])
ratios.set_index("σ").round(2)

# %% [markdown]
# Peak over noise grows with σ. What do we pay? The peak gets wide, and two edges that lie closer
# than about 2σ become one. That is the bargain of notebook 06.

# %% [markdown]
# ## Least squares
#
# Many equations, few unknowns, noise in each: no line goes through all points. Least squares takes
# the one with the smallest sum of squared errors.


# %%
x = rng.uniform(0, 10, 20)
y = 2 + 0.5 * x + rng.normal(scale=0.6, size=20)
X = np.column_stack([x, np.ones(20)])  # one row an equation: slope · x + intercept · 1 = y
slope, intercept = np.linalg.solve(X.T @ X, X.T @ y)
print(f"slope {slope:.3f}, intercept {intercept:.3f}")
assert np.allclose([slope, intercept], np.linalg.lstsq(X, y, rcond=None)[0])

# %%
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.plot(x, y, "o", color=BLUE, label="points")
ax.plot([0, 10], intercept + slope * np.array([0, 10]), color=ORANGE, label="least squares")
ax.vlines(x, y, intercept + slope * x, color=GREY, linestyle=":", label="errors")
ax.set(title="Twenty equations, two unknowns (a toy)", xlabel="x", ylabel="y")
ax.legend()
plots.show(
    ax, "Twenty points, the line with the least squared errors, and each error as a dotted stroke."
)

# %% [markdown]
# Where does that one-liner come from? At the lowest point the derivative of $|Xw - y|^2$ is zero:
#
# $$2X^T(Xw - y) = 0 \quad\Rightarrow\quad X^T X\,w = X^T y \qquad
# \text{(the normal equations)}$$
#
# In words: the errors that are left have nothing to do with any column of $X$.

# %%
errors = y - X @ [slope, intercept]
print("columns times errors:", np.abs(X.T @ errors).max().round(9))

# %% [markdown]
# ### When there is no one answer
#
# Now let all points have nearly the same x. **Predict first**: how well is the slope known, how well
# the height of the line at that x?
#
# Each picture shows the mean squared error for every slope and every height at x = 5. (The
# eigenvalues above it are those of $X^T X$ over the number of points.)

# %%
spreads = {"x spread widely": 1.0, "x nearly the same": 0.2, "x exactly the same": 0.0}
slopes, heights = np.meshgrid(np.linspace(-3, 4, 80), np.linspace(1, 8, 80))
figure, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained", sharey=True)
for ax, (name, spread) in zip(axes, spreads.items(), strict=True):
    at = spread * rng.normal(size=20)  # x - 5
    seen = 4.5 + 0.5 * at + rng.normal(scale=0.6, size=20)
    loss = ((seen - heights[..., None] - slopes[..., None] * at) ** 2).mean(axis=-1)
    ax.contour(slopes, heights, loss, np.geomspace(0.2, 20, 12), colors=GREY, linewidths=0.8)
    columns = np.column_stack([at, np.ones(20)])
    values = np.linalg.eigvalsh(columns.T @ columns / 20)
    best = np.linalg.lstsq(columns, seen, rcond=None)[0]
    ax.plot(*best, "*", color=ORANGE, markersize=14)
    ax.set(title=f"{name}\neigenvalues {values[1]:.2f} and {values[0]:.2f}", xlabel="slope")
axes[0].set_ylabel("height at x = 5")
plots.show(
    figure,
    "Contours of the squared error: a closed bowl where x is spread, a long valley where all x are "
    "nearly the same, and a trough without an end where they are the same.",
)

# %% [markdown]
# Points above one another know the height of a line and nothing about its slope. The bowl becomes a
# valley and then a trough: any slope is as good as any other. The matrix $X^T X$ says so:
#
# - An eigenvalue is how steeply the bowl rises along its direction. Small: the answer is unsure
#   there.
# - Zero: the matrix is **singular**, and nothing is said along that direction at all.
#   `np.linalg.solve` stops with an error, or returns nonsense after rounding; `lstsq` takes the
#   shortest of all the answers (the star at slope 0), which is a choice and no knowledge.
#
# No amount of such points helps. Only *different* ones do. In notebook 08 each pixel gives one
# equation for a motion, and where all edges run one way the same happens. In notebook 07 the same
# matrix, for three unknowns, finds events.

# %% [markdown]
# ## Exercise 2 (may): fit a line
#
# Write the line of least squares by the normal equations, without `polyfit` or `linregress`.
# **Predict first**: you double all y. What happens to slope and intercept?

# %% tags=["prediction"]
my_prediction = None  # both doubled, or ...?


# %% tags=["exercise"]
def fit_line(x, y):
    """Return (slope, intercept) of the line with the least squared errors in y.

    x, y: arrays of float of one length.
    """
    return ...


# %% tags=["solution"]
def fit_line(x, y):
    """Return (slope, intercept) of the line with the least squared errors in y."""
    X = np.column_stack([x, np.ones(len(x))])
    slope, intercept = np.linalg.solve(X.T @ X, X.T @ y)
    return slope, intercept


# %% tags=["check"]
passed = checks.fit_line(fit_line)
# %% [markdown]
# **To think about**: one point of twenty is wildly wrong, and then twice as wrong. By what factor
# does its squared error grow, and by what factor does it move the line?

# %% [markdown]
# ## What we saw
#
# - A convolution lays copies of the kernel and adds them up; the sum of its weights says what
#   happens to a wall.
# - A derivative is a convolution, too. Noise is blurred away at the price of detail.
# - Least squares solves XᵀXw = Xᵀy; a small eigenvalue of XᵀX is a direction about which the data
#   say little.
#
# **Next**: notebook [06](06_scale_space.ipynb) blurs in space and time; [07](07_harris_3d.ipynb)
# finds events; [08](08_optical_flow.ipynb) solves for motion.

# %%
evaluation.record(
    "primer-images",
    [
        {
            "convolve_difference": float(convolve_difference),
            "sine_derivative_error": float(error),
            "slope": float(slope),
            "intercept": float(intercept),
        }
    ],
    corpus="toy",
    protocol="none",
    seeds=[SEED],
    n_actors=0,
    profile=PROFILE,
    parameters={"truth": "slope 0.5, intercept 2"},
    command="python -m emolib.batch run --notebooks primer_images",
    results=RESULTS,
)["mean"]
