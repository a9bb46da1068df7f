# ---
# jupyter:
#   emolib:
#     needs: []
# ---

# %% [markdown]
# # Primer: how a network is trained
#
# **You will** turn scores into probabilities and a loss; walk down that loss by gradient descent,
# momentum and Adam, step for step as Keras does; watch a model learn and then overfit; and take
# batch normalisation and dropout apart.
#
# 25 minutes to read, under a minute to run. Paper: gru-attention (a thesis, whose second chapter
# collects these formulas), equations 2.9, 2.11, 2.12 and 2.31 to 2.50. No corpus and no other
# primer needed.

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
import plotly.graph_objects as go
import scipy.special
from contourpy import contour_generator
from plotly.subplots import make_subplots
from sklearn.datasets import make_moons

from emolib import checks, devices, evaluation, plots
from emolib.checks import primers

keras = devices.import_keras()
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"

# %% [markdown]
# ## Five questions first
#
# If you can answer these, skip this primer. Each belongs to one section below.
#
# 1. All scores (logits) of a softmax grow by 5. The probabilities **a** become sharper,
#    **b** stay as they are, **c** become flatter, **d** no longer add up to 1.
# 2. Adam, with a learning rate of 0.1, takes its first step. One weight has gradient 1000, another
#    0.001. They move by **a** 100 and 0.0001, **b** nothing, since the running means start at zero,
#    **c** about 0.1 each, **d** 0.1 and nothing.
# 3. The training loss still falls, the validation loss has been rising for a while. This means:
#    **a** the learning rate is too small, **b** the network is too small, **c** the validation
#    examples are wrong, **d** what is learnt now holds for the training examples only.
# 4. A trained network gets a single clip. Batch normalisation subtracts **a** the moving average
#    of the means of training batches, **b** the clip's own mean, **c** nothing, **d** the mean of
#    the test set.
# 5. `keras.layers.Dropout(0.2)` while training: a value that is kept is multiplied by **a** 0.2,
#    **b** 0.8, **c** 1.25, **d** 1.

# %% tags=["exercise"]
my_answers = [..., ..., ..., ..., ...]  # five letters, such as "a"

# %% tags=["solution"]
my_answers = ["b", "c", "d", "a", "c"]

# %% tags=["check"]
may_skip = checks.quiz("training", my_answers)

# %% [markdown]
# ## Softmax and cross-entropy
#
# A network ends with one number a class: its *scores*, or logits. They can be anything. Softmax
# turns them into probabilities. Here are the same four scores at three temperatures.
#
# **Predict first**: which temperature gives the largest probability to the winner, 0.5 or 4?

# %%
scores = pd.Series({"angry": 2.0, "happy": 1.0, "neutral": 0.5, "sad": -1.0})
heated = {f"T = {t:g}": scipy.special.softmax(scores / t) for t in (0.5, 1, 4)}
plots.show(
    plots.shares(pd.DataFrame(heated, index=scores.index), "Softmax of four scores"),
    "Bars of four probabilities at three temperatures: the winner has most at the lowest one, and "
    "at the highest the four are nearly equal.",
)

# %% [markdown]
# $$p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}} \qquad \text{(2.8, with a temperature } T)$$
#
# A low temperature sharpens, a high one flattens. Only *differences* of scores count: a shift $c$
# puts $e^c$ above and below the line. The code uses that. It subtracts the largest score first, so
# that no power overflows.


# %%
def softmax(scores, temperature=1.0):
    """Return probabilities along the last axis."""
    scores = np.asarray(scores) / temperature
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


print("scores:          ", softmax(scores).round(3))
print("scores + 1000:   ", softmax(scores + 1000).round(3))
assert np.allclose(softmax(scores, 4), scipy.special.softmax(scores / 4))

# %% [markdown]
# How wrong is a vector of probabilities? Cross-entropy asks one thing: how probable was the truth?
# With $y$ one at the true class and zero elsewhere,
#
# $$L = -\sum_i y_i \log p_i = -\log p_\text{true} \qquad (2.11)$$
#
# Why a logarithm? On the left is the loss, on the right how hard it pulls on the true class's score
# when two classes compete. The dashed rival is the squared error.

# %%
p = np.linspace(0.001, 1, 400)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
left.plot(p, -np.log(p), BLUE, label=r"cross-entropy, $-\log p$")
left.plot(p, (1 - p) ** 2, ORANGE, linestyle="--", label=r"squared error, $(1-p)^2$")
left.set(title="Loss", xlabel="probability of the true class", ylabel="loss")
z = np.linspace(-8, 8, 400)
p = scipy.special.expit(z)
right.plot(z, 1 - p, BLUE, label="cross-entropy")
right.plot(z, 2 * (1 - p) * p * (1 - p), ORANGE, linestyle="--", label="squared error")
right.set(title="Pull on the true class's score", ylabel="size of the gradient")
right.set(xlabel="true score minus the other score")
left.legend()
right.legend()
plots.show(
    figure,
    "Cross-entropy grows without bound as the true class's probability nears zero, and its pull "
    "stays at one there, while the squared error is bounded and its pull vanishes.",
)

# %% [markdown]
# - Probabilities of independent examples multiply; their logarithms **add up**. So the loss of a
#   batch is a sum, and its mean makes sense.
# - A confident error costs without bound.
# - A confident error is also **pulled on**. Look at the far left of the right panel: where the
#   network is most wrong, the squared error hardly pulls at all.
#
# The pull has the simplest form there is. Through softmax and logarithm, the gradient is
#
# $$\frac{\partial L}{\partial z_i} = p_i - y_i \qquad \text{(2.12) prints } y_i - \hat y_i$$
#
# Which of the two has the right sign? We need not trust anybody: nudge each score up and down and
# see how the loss changes.


# %%
def cross_entropy(scores, truth):
    """Return the mean of -log p over rows; truth holds the number of each row's class."""
    probabilities = softmax(np.atleast_2d(scores))
    return -np.log(probabilities[np.arange(len(probabilities)), truth]).mean()


y, nudges = np.array([0, 1, 0, 0]), 1e-5 * np.eye(4)  # the truth is "happy"
z = scores.to_numpy()
slopes = [(cross_entropy(z + n, [1]) - cross_entropy(z - n, [1])) / 2e-5 for n in nudges]
columns = {"by nudging": slopes, "p - y": softmax(z) - y, "y - p": y - softmax(z)}
pd.DataFrame(columns, index=scores.index).round(4)

# %% [markdown]
# The slope is $p - y$. Training subtracts the gradient, so a sign is not a detail. One step with
# each:

# %%
print(f"before            {cross_entropy(z, [1]):.3f}")
print(f"step along p - y  {cross_entropy(z - 0.5 * (softmax(z) - y), [1]):.3f}")
print(f"step along y - p  {cross_entropy(z - 0.5 * (y - softmax(z)), [1]):.3f}")

# %% [markdown]
# ## Gradient descent and Adam
#
# Now the walk downhill. We take the smallest loss that has a difficulty: fit a line with two
# parameters to 64 examples, where the second feature is some five times as large as the first. The
# loss is then a long, narrow valley. (Random numbers, a toy.)


# %%
rng = np.random.default_rng(SEED)
X = rng.normal(size=(64, 2)) @ [[1, 1], [0, 5]]
targets = X @ [1, 0.5] + rng.normal(scale=0.5, size=64)
START, EVERY = np.array([-2.0, 2.0]), np.arange(64)


def loss(theta):
    """Return half the mean squared error; theta has the shape (..., 2)."""
    return ((theta @ X.T - targets) ** 2).mean(axis=-1) / 2


def gradient(theta, rows=EVERY):
    """Return the loss's gradient on the given examples, (2.43)."""
    return X[rows].T @ (X[rows] @ theta - targets[rows]) / len(rows)


# %%
bottom = np.linalg.lstsq(X, targets)[0]
STEEPEST = np.linalg.eigvalsh(X.T @ X / 64)[-1]  # the largest curvature
ACROSS, ALONG = np.linspace(-2.8, 3, 80), np.linspace(-2, 3, 80)
LEVELS = np.geomspace(0.2, 100, 12)
HEIGHTS = loss(np.stack(np.meshgrid(ACROSS, ALONG), axis=-1))


def valley(title, ax=None):
    """Draw the loss's contours, the start and the lowest point."""
    if ax is None:
        ax = plt.subplots(figsize=(6.4, 4), layout="constrained")[1]
    ax.contour(ACROSS, ALONG, HEIGHTS, LEVELS, colors="#bbbbbb", linewidths=0.7)
    ax.plot(*START, "ks", label="start")
    ax.plot(*bottom, "k*", markersize=11, label="lowest point")
    ax.set(title=title, xlabel=r"$\theta_1$", ylabel=r"$\theta_2$", xlim=(-2.8, 3), ylim=(-2, 3))
    return ax


# %%
ax = valley("A narrow valley, and the steepest way down")
downhill = -gradient(START) / np.linalg.norm(gradient(START))
ax.annotate("", START + 1.2 * downhill, START, arrowprops={"color": ORANGE, "width": 2})
ax.legend(loc="lower left")
plots.show(
    ax,
    "Contours of a long flat valley; the steepest way down from the start crosses the valley "
    "instead of pointing to its lowest point.",
)

# %% [markdown]
# The steepest way down points across the valley, hardly along it. **Predict first**: what will a
# walk look like that always follows the arrow?
#
# A small step $d$ changes $f$ by about $d\,f'(x)$ (2.39, which calls it $\epsilon$). So step
# against the gradient, with a learning rate $\alpha$:
#
# $$x \leftarrow x - \alpha f'(x) \qquad \text{(2.42) prints } f(x) - \eta f'(x)$$
#
# (A parameter minus a gradient is a parameter again; a *loss* minus a gradient is none.)
#
# **Stochastic** gradient descent takes the gradient of one random example instead of all (2.44):
# 64 times cheaper, and noisy. **Momentum** adds a memory: the step is a running sum of steps.
# Every rule gets the same arguments, so that one loop walks for all. `m` and `v` are memories,
# `t` counts the steps from 1.


# %%
def descent(theta, g, m, v, t, rate):
    """Take a step of gradient descent, (2.42) mended."""
    return theta - rate * g, m, v


def momentum(theta, g, m, v, t, rate):
    """Take a step with momentum 0.9, as Keras's SGD(momentum=0.9)."""
    m = 0.9 * m - rate * g
    return theta + m, m, v


# %%
def walk(rule, rate, batches=60 * [EVERY]):
    """Return the path, one row a step; batches holds the examples of each step."""
    theta, m, v = START, np.zeros(2), np.zeros(2)
    path = [theta]
    for t, rows in enumerate(batches, 1):
        theta, m, v = rule(theta, gradient(theta, rows), m, v, t, rate)
        path.append(theta)
    return np.array(path)


single = rng.integers(64, size=(60, 1))  # one example a step
paths = {
    "gradient descent": walk(descent, 0.03),
    "stochastic, one example": walk(descent, 0.01, single),
    "momentum 0.9": walk(momentum, 0.03),
}

# %%
LOOKS = {
    "gradient descent": (ORANGE, "o"),
    "stochastic, one example": ("#CC79A7", "^"),
    "momentum 0.9": (GREEN, "s"),
    "Adam": (BLUE, "D"),
}
ax = valley("Sixty steps each")
for name, path in paths.items():
    colour, marker = LOOKS[name]
    ax.plot(*path.T, color=colour, marker=marker, markersize=3.5, linewidth=1, label=name)
ax.legend(loc="lower right", fontsize=8)
plots.show(
    ax,
    "Three paths from one start: gradient descent drops into the valley and creeps along it, the "
    "stochastic path does the same with jitter, momentum swings and gets past the lowest point.",
)

# %% [markdown]
# Gradient descent falls into the valley at once and then creeps. A larger rate would help along the
# valley, but across it the walk would swing higher with every step: beyond
# $2 / (\text{largest curvature})$ it flies apart. Momentum adds up the small pulls along the valley
# while those across cancel. It also overshoots.
#
# Are these Keras's rules? The same gradients, given to Keras, step by step:


# %%
def keras_walk(optimizer, batches=60 * [EVERY]):
    """Return the path of a Keras optimiser on the same examples."""
    theta = keras.Variable(START, dtype="float64")
    path = [START]
    for rows in batches:
        slope = gradient(keras.ops.convert_to_numpy(theta), rows)
        optimizer.apply([keras.ops.convert_to_tensor(slope, "float64")], [theta])
        path.append(keras.ops.convert_to_numpy(theta).copy())
    return np.array(path)


SGD = keras.optimizers.SGD
theirs = {
    "gradient descent": keras_walk(SGD(0.03)),
    "stochastic, one example": keras_walk(SGD(0.01), single),
    "momentum 0.9": keras_walk(SGD(0.03, momentum=0.9)),
}
for name, path in paths.items():
    difference = np.abs(path - theirs[name]).max()
    print(f"{name:24} largest difference from Keras in 60 steps: {difference:.0e}")
    assert difference < 1e-5

# %% [markdown]
# **Adam** goes on from there. It keeps two running means: of the gradient, $m$, and of its square,
# $v$. It divides one by the root of the other, parameter by parameter. So a parameter with large
# gradients and one with small gradients take steps of like size.
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t \qquad (2.46)\text{, mended}$$
# $$v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \qquad (2.47)$$
# $$\hat m_t = \frac{m_t}{1 - \beta_1^t}, \quad \hat v_t = \frac{v_t}{1 - \beta_2^t}
# \qquad (2.48,\ 2.49)$$
# $$\theta_t = \theta_{t-1} - \alpha\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon} \qquad (2.50)$$
#
# with $\beta_1 = 0.9$, $\beta_2 = 0.999$. Both means start at zero, so at first they are too small.
# The hats correct that: at $t = 1$ they give $\hat m = g$ and $\hat v = g^2$, and the first step is
# $\alpha$ times the *sign* of the gradient, whatever its size.
#
# The thesis prints (2.46) as $m_t \leftarrow \beta_1 v_{t-1} + (1 - \beta_2)\, g_t$. What would
# that rule do? **Predict first**: $v$ is a mean of squares, so it is never negative. Which way will
# the walk drift in the end?


# %%
def as_printed(theta, g, m, v, t, rate, epsilon=1e-7):
    """Take a step by (2.46) to (2.50), letter by letter."""
    m = 0.9 * v + 0.001 * g  # (2.46) as printed
    v = 0.999 * v + 0.001 * g**2
    mean, square = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return theta - rate * mean / (np.sqrt(square) + epsilon), m, v


# %%
paths["(2.46) as printed"] = walk(as_printed, 0.1)
theirs["Adam"] = keras_walk(keras.optimizers.Adam(0.1))
ax = valley("Adam, and (2.46) as printed, learning rate 0.1")
ax.plot(*theirs["Adam"].T, color=BLUE, marker="D", markersize=3.5, label="Adam (Keras)")
ax.plot(*paths["(2.46) as printed"].T, "x--", color=ORANGE, label="(2.46) as printed")
ax.legend(loc="lower right")
plots.show(
    ax,
    "Keras's Adam turns towards the lowest point and circles in, while the printed rule walks "
    "through the valley and leaves it on the far side with growing steps.",
)
print(f"loss after 60 steps: Adam {loss(theirs['Adam'][-1]):.2f},", end=" ")
print(f"as printed {loss(paths['(2.46) as printed'][-1]):.2f}, at the start {loss(START):.2f}")

# %% [markdown]
# A mean of squares has no sign. Put in place of the gradient's mean it says "forward" on both sides
# of the valley, so every parameter sinks for ever, past the lowest point and up the other slope.
# (2.47), which has the same form, is printed right, so a slip of the pen is the likely reading.

# %% [markdown]
# ## Exercise 1 (must): Adam's step
#
# Write the mended step. **Predict first**: what is the first step's length in each parameter, at a
# learning rate of 0.1?

# %% tags=["prediction"]
my_prediction = None  # a number


# %% tags=["exercise"]
def adam_step(theta, g, m, v, t, rate=0.001, epsilon=1e-7):
    """Return theta, m and v after step t = 1, 2, ...; (2.46) mended, (2.47) to (2.50).

    theta, g, m, v: arrays of one shape (m and v are zero before step 1). beta_1 is 0.9,
    beta_2 is 0.999. Return new arrays; leave those that you get as they are.
    """
    return ...


# %% tags=["solution"]
def adam_step(theta, g, m, v, t, rate=0.001, epsilon=1e-7):
    """Return theta, m and v after step t = 1, 2, ...; (2.46) mended, (2.47) to (2.50)."""
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    mean, square = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return theta - rate * mean / (np.sqrt(square) + epsilon), m, v


# %% tags=["check"]
passed = checks.adam_step(adam_step)
# %% [markdown]
# From here on the notebook walks with your step where it passed, and with the course's otherwise.
# Is it Keras's, too?

# %%
adam = adam_step if passed else primers.adam
paths["Adam"] = walk(adam, 0.1)
adam_difference = np.abs(paths["Adam"] - theirs["Adam"]).max()
print(f"first step: {paths['Adam'][1] - START}")
print(f"largest difference from Keras in 60 steps: {adam_difference:.0e}")
assert adam_difference < 1e-4

# %% [markdown]
# The first step is 0.1 in both parameters, although their gradients differ manyfold. The paths
# agree to a few parts in 100,000, and two facts explain the rest. Keras holds $\beta_2$ in single
# precision, where 0.999 is 0.99900001. And it adds $\epsilon$ to $\sqrt{v_t}$ *before* the
# correction of (2.49); both forms are called Adam. The thesis recommends $\epsilon = 10^{-8}$;
# Keras's default is $10^{-7}$.

# %% [markdown]
# ### The rate slides
#
# Slide the learning rate. Left the paths, right the loss at each step. **Predict first**: which of
# the three flies apart first, and which never does?


# %%
def shown(path):
    """Round a path, and leave out what lies far outside the picture."""
    far = np.maximum.accumulate(np.abs(path).max(axis=1)) > 8
    return np.where(far[:, None], np.nan, path).round(3)


RULES = {"gradient descent": descent, "momentum 0.9": momentum, "Adam": adam}
RATES = np.geomspace(0.003, 0.3, 25).round(4)
WALKS = {rate: {n: shown(walk(rule, rate)) for n, rule in RULES.items()} for rate in RATES}
SYMBOLS = {"o": "circle", "s": "square", "D": "diamond"}  # matplotlib's words and plotly's


def traces(rate):
    """Return six plotly traces: a path and a loss for each rule."""
    drawn = []
    for name, path in WALKS[rate].items():
        colour, marker = LOOKS[name]
        style = {"name": name, "mode": "lines+markers", "line": {"color": colour, "width": 1.5}}
        style["marker"] = {"symbol": SYMBOLS[marker], "size": 5}
        heights = loss(path).round(4)
        drawn.append(go.Scatter(x=path[:, 0], y=path[:, 1], **style))
        drawn.append(go.Scatter(x=np.arange(61), y=heights, xaxis="x2", yaxis="y2", **style))
        drawn[-1].showlegend = False
    return drawn


# %%
moving = plots.slider(
    traces,
    RATES,
    "learning rate",
    make_subplots(1, 2, subplot_titles=("sixty steps in the valley", "loss at each step")),
    first=len(RATES) // 2,
    title="Three rules, one learning rate",
    xaxis={"title": "theta 1", "range": [-2.8, 3]},
    yaxis={"title": "theta 2", "range": [-2, 3]},
    xaxis2={"title": "step"},
    yaxis2={"title": "loss", "type": "log", "range": [-1.2, 2.2]},
    height=480,
)
# Contours as plain lines: plotly moves scatter traces only without drawing all anew.
outlines = contour_generator(ACROSS, ALONG, HEIGHTS).multi_lines(LEVELS)
outlines = np.concatenate([[*line, [np.nan, np.nan]] for level in outlines for line in level])
grey = {"mode": "lines", "line": {"color": "#999999", "width": 0.7}, "name": "equal loss"}
lines = go.Scatter(x=outlines[:, 0], y=outlines[:, 1], hoverinfo="skip", **grey)
star = {"symbol": "star", "size": 13, "color": "black"}
lowest = go.Scatter(x=bottom[:1], y=bottom[1:], mode="markers", marker=star, name="lowest point")
moving = moving.add_traces([lines, lowest])

# %%
still, axes = plt.subplots(1, 3, figsize=(12.5, 4), layout="constrained", sharey=True)
for ax, rate in zip(axes, RATES[[6, 13, 19]], strict=True):
    valley(f"learning rate {rate:.3g}", ax)
    for name, path in WALKS[rate].items():
        colour, marker = LOOKS[name]
        ax.plot(*path.T, color=colour, marker=marker, markersize=3, linewidth=1, label=name)
axes[0].legend(loc="lower right", fontsize=8)
plots.show(
    moving,
    "Paths over a narrow valley at several learning rates: at a small one momentum gets farthest "
    "and Adam hardly moves; at a large one gradient descent leaves the picture and Adam arrives.",
    still,
)
print(f"gradient descent flies apart above 2 / {STEEPEST:.1f} = {2 / STEEPEST:.3f}")
print(f"momentum 0.9 flies apart above 2 (1 + 0.9) / {STEEPEST:.1f} = {3.8 / STEEPEST:.3f}")

# %% [markdown]
# For the first two a rate is a factor on the gradient, so its right size depends on the data's
# scale: too small and nothing moves, too large and all is lost. For Adam it is nearly a *distance a
# step*. That is why 0.001 or 0.0001 work in such different networks, and why Adam never settles
# quite still at a large rate.

# %% [markdown]
# ## Overfitting
#
# A loss can be driven down too far. Take a toy: two classes, points on two noisy half-moons, 40
# points to train on and 1,000 to validate on. The model is a small network, 100 random ReLU units
# that stay as they are and a softmax layer that learns. So its whole gradient is $p - y$, carried
# back to the weights, and its optimiser is your Adam.

# %%
train_points, train_class = make_moons(40, noise=0.3, random_state=SEED)
valid_points, valid_class = make_moons(1000, noise=0.3, random_state=SEED + 1)
into, shift = 2 * rng.normal(size=(2, 100)), 2 * rng.normal(size=100)


def units(points):
    """Return what 100 fixed random ReLU units make of points, shape (points, 100)."""
    return np.maximum(points @ into + shift, 0) / 10


seen, unseen, truth = units(train_points), units(valid_points), np.eye(2)[train_class]

# %%
weights, m, v = np.zeros((100, 2)), 0, 0
history, kept = [], []
for t in range(1, 3001):
    history.append([cross_entropy(seen @ weights, train_class)])
    history[-1].append(cross_entropy(unseen @ weights, valid_class))
    kept.append(weights)
    slope = seen.T @ (softmax(seen @ weights) - truth) / len(truth)  # p - y, carried back
    weights, m, v = adam(weights, slope, m, v, t, rate=0.02)
history = np.array(history)
best = history[:, 1].argmin()

# %% [markdown]
# **Predict first**: after 3,000 steps, which of the two losses is lower than it was after 100?

# %%
figure, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
steps = np.arange(1, len(history) + 1)
axes[0].plot(steps, history[:, 0], BLUE, label="training, 40 points")
axes[0].plot(steps, history[:, 1], ORANGE, linestyle="--", label="validation, 1,000 points")
axes[0].axvline(best + 1, color=GREY, linestyle=":", label="lowest validation loss")
axes[0].set(title="Two curves part", xlabel="step (log)", ylabel="cross-entropy (nats)")
axes[0].set(xscale="log", ylim=(0, 1))
axes[0].legend(loc="lower left", fontsize=8)

grid = np.stack(np.meshgrid(np.linspace(-2, 3, 150), np.linspace(-1.6, 2.1, 150)), axis=-1)
for ax, step in zip(axes[1:], (best, len(kept) - 1), strict=True):
    surface = softmax(units(grid) @ kept[step])[..., 1]
    ax.contourf(grid[..., 0], grid[..., 1], surface, 10, cmap="PuOr", alpha=0.55, vmin=0, vmax=1)
    ax.contour(grid[..., 0], grid[..., 1], surface, [0.5], colors="black")
    for k, (colour, marker) in enumerate([("#B35806", "o"), ("#542788", "^")]):
        ax.plot(*train_points[train_class == k].T, marker, color=colour, label=f"class {k}")
    ax.set(title=f"What it believes, step {step + 1}", xlabel="first value", ylabel="second value")
axes[1].legend(loc="lower left")
plots.show(
    figure,
    "Training loss falls to the end while validation loss turns upward; the border between the "
    "classes is soft at the lowest validation loss, and sharp and bent around single points later.",
)

# %%
at = {"lowest validation loss": best, "last step": len(kept) - 1}
rows = [
    {
        "training loss": history[step, 0],
        "validation loss": history[step, 1],
        "training accuracy": ((seen @ kept[step]).argmax(axis=1) == train_class).mean(),
        "validation accuracy": ((unseen @ kept[step]).argmax(axis=1) == valid_class).mean(),
    }
    for step in at.values()
]
pd.DataFrame(rows, index=at).T.round(3)

# %% [markdown]
# At first both losses fall: what is learnt holds for all points. Then they part. What is learnt now
# is true of the 40 training points alone: the border bends around single ones, and the network is
# *surer* of its errors, which is why the loss suffers far more than the accuracy.
#
# **What the gap means.** A gap between training and validation is not the fault itself; almost
# every useful network has one. It says that the training figure can no longer tell you anything.
# Choose by the validation curve: its lowest point is where *early stopping* stops. And since you
# *chose* by it, it flatters you a little, too. What you report comes from a third set, the test
# set, that nobody chose by. Notebook 02 is about keeping the three apart.

# %% [markdown]
# ## Batch normalisation
#
# Scores, units and features come in all sizes. Here are three units over a batch of 32, before and
# after batch normalisation.


# %%
def normalise(x, mean, variance, gamma=1.0, beta=0.0, epsilon=1e-3):
    """Shift and scale each column, (2.33) and (2.34). 1e-3 is Keras's default."""
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def batch_of_units(rows=32):
    """Draw a batch of three units with their own means and spreads."""
    return rng.normal([8, -3, 0], [1, 4, 0.3], size=(rows, 3))


UNIT_COLOURS = ("#56B4E9", "#E69F00", "#999999")
batch = batch_of_units()
after = normalise(batch, batch.mean(axis=0), batch.var(axis=0))
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
for ax, values, title in zip(axes, (batch, after), ("before", "after"), strict=True):
    boxes = ax.boxplot(values, patch_artist=True, medianprops={"color": "black"})
    for box, colour, hatch in zip(boxes["boxes"], UNIT_COLOURS, ("", "//", "xx"), strict=True):
        box.set(facecolor=colour, hatch=hatch)
    ax.set(title=f"A batch of 32, {title}", xlabel="unit", ylabel="value of the unit")
plots.show(
    figure,
    "Box plots of three units: before, their middles and spreads differ widely; after, all three "
    "lie around zero with a spread of about one.",
)

# %% [markdown]
# While **training**, mean and variance are those of the batch itself, a column at a time:
#
# $$\mu = \frac1B \sum_i x_i, \quad \sigma^2 = \frac1B \sum_i (x_i - \mu)^2 \qquad (2.31,\ 2.32)$$
# $$\hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}, \quad y_i = \gamma \hat x_i + \beta
# \qquad (2.33,\ 2.34)$$
#
# with $B$ rows in the batch (the thesis writes $m$, which is taken here). $\gamma$ and $\beta$ are
# learnt, so that the network can undo what does not serve it; this $\beta$ has nothing to do with
# Adam's. But a single clip has no spread to divide by. So while training, the layer also keeps
# **moving averages** of $\mu$ and $\sigma^2$, and when **testing** it uses those. (The thesis
# leaves that part out.)
#
# **Predict first**: Keras's moving average keeps 99 % of its old value at each batch and starts at
# 0 for the mean. The first unit has mean 8. What does the average say after 10 batches?

# %%
layer = keras.layers.BatchNormalization()
moving_mean, moving_variance = np.zeros(3), np.ones(3)
trace, bn_difference = [moving_mean], 0.0
for _ in range(500):
    batch = batch_of_units()
    mean, variance = batch.mean(axis=0), batch.var(axis=0)
    moving_mean = 0.99 * moving_mean + 0.01 * mean
    moving_variance = 0.99 * moving_variance + 0.01 * variance
    keras_out = keras.ops.convert_to_numpy(layer(batch, training=True))
    bn_difference = max(bn_difference, np.abs(keras_out - normalise(batch, mean, variance)).max())
    trace.append(moving_mean)
trace = np.array(trace)

# %%
one_clip = batch_of_units(1)
ours = normalise(one_clip, moving_mean, moving_variance)
keras_out = keras.ops.convert_to_numpy(layer(one_clip, training=False))
test_difference = np.abs(keras_out - ours).max()
print(f"largest difference from Keras: training {bn_difference:.0e}, testing {test_difference:.0e}")
assert max(bn_difference, test_difference) < 1e-4
print(f"moving average of the first unit after 10 batches: {trace[10, 0]:.2f}")

# %%
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for k, (colour, style) in enumerate(zip(UNIT_COLOURS, ("-", "--", ":"), strict=True)):
    ax.plot(trace[:, k], color=colour, linestyle=style, linewidth=2, label=f"unit {k + 1}")
ax.set(title="The moving average takes its time", xlabel="training batches", ylabel="moving mean")
ax.legend()
plots.show(
    ax,
    "Moving means of three units over 500 batches: they start at zero and reach the true means 8, "
    "minus 3 and 0 only after some 300 batches.",
)

# %% [markdown]
# After 10 batches the average has covered about a tenth of the way. A network with batch
# normalisation that is tested after very few steps looks broken, while its training figures look
# fine. Remember this when you debug. And **a batch's answer depends on who else is in it** while
# training: never leave a network in training mode when you measure.

# %% [markdown]
# ## Dropout
#
# Dropout sets random units to zero while training, so that no unit can rely on a certain other one.
# The thesis writes it with a mask $r$:
#
# $$r_j \sim \text{Bernoulli}(p), \qquad \tilde y = r \cdot y \qquad (2.35,\ 2.36)$$
#
# Mind the letter. Here $p$ is the share that is **kept**, and nothing is rescaled. In Keras
# `Dropout(rate)` names the share that is **dropped**, and divides what is kept by `1 - rate`. Same
# idea, other bookkeeping. Both here keep 80 % of 20 units that all have the value 1.

# %%
ones = np.ones((2000, 20), "float32")  # 2,000 passes of 20 units
thesis = rng.binomial(1, 0.8, ones.shape) * ones  # p = 0.8
inverted = keras.ops.convert_to_numpy(keras.layers.Dropout(0.2, seed=SEED)(ones, training=True))
both = {"(2.35), p = 0.8": thesis, "Keras, rate = 0.2": inverted}
figure, axes = plt.subplots(1, 2, figsize=(11, 3.2), layout="constrained", sharey=True)
for ax, (title, passes) in zip(axes, both.items(), strict=True):
    ax.bar(range(1, 21), passes[0], color="#56B4E9", hatch="//", edgecolor="w", label="one pass")
    ax.plot(range(1, 21), passes.mean(axis=0), "o", color=ORANGE, label="mean of 2,000 passes")
    ax.axhline(1, color=GREY, linestyle="--", label="without dropout")
    ax.set(title=title, xlabel="unit", ylabel="value", xticks=range(2, 21, 2))
axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
plots.show(
    figure,
    "Twenty units of value one under dropout: unscaled, the kept ones stay at one and the mean "
    "falls to 0.8; in Keras the kept ones rise to 1.25 and the mean stays at one.",
)

# %% [markdown]
# Under (2.35) the next layer sees a mean of 0.8 while training and of 1 when testing, unless the
# test multiplies by $p$. Keras moves the factor into training, and testing changes nothing. This is
# called *inverted* dropout.

# %% [markdown]
# ## Exercise 2 (may): inverted dropout
#
# Write it as Keras has it. **Predict first**: with a rate of 0.75, what is a kept value multiplied
# by?

# %% tags=["prediction"]
my_prediction = None  # a number


# %% tags=["exercise"]
def dropout(x, rate, training, rng):
    """Return x after dropout, as a new array.

    x: array (rows, units). rate: share of units to drop, from 0 to below 1. training: True or
    False. rng: a NumPy generator; rng.random(shape) draws from 0 to 1.
    """
    return ...


# %% tags=["solution"]
def dropout(x, rate, training, rng):
    """Return x after dropout, as a new array."""
    if not training:
        return x
    kept = rng.random(x.shape) >= rate
    return x * kept / (1 - rate)


# %% tags=["check"]
passed = checks.dropout(dropout)
# %% [markdown]
# **To think about**: a network reaches a training accuracy of 80 % and a validation accuracy of
# 85 %. Nothing is wrong with the data. Which layer of this primer explains it?

# %% [markdown]
# ## Misprints
#
# The thesis is a careful collection, and long lists of formulas attract slips. Those that we met,
# as facts about the formulas:
#
# | equation | printed | meant | how you would notice |
# |---|---|---|---|
# | 2.9, ReLU | $x$ if $x < 0$, else 0 | $x$ if $x \ge 0$, else 0 | its own derivative (2.10) is 1 for $x \ge 0$ |
# | 2.12 | $y - \hat y$ | $\hat y - y$ | nudge the scores |
# | 2.42 | $x \leftarrow f(x) - \eta f'(x)$ | $x \leftarrow x - \eta f'(x)$ | a loss is no parameter |
# | 2.46 | $\beta_1 v_{t-1} + (1 - \beta_2) g_t$ | $\beta_1 m_{t-1} + (1 - \beta_1) g_t$ | the walk leaves the valley |
#
# (2.35) is no misprint: it counts what is kept. A slip in print says nothing about the program that
# gave the thesis's results; its text does not show that program. Corrections are welcome.

# %% [markdown]
# ## What we saw
#
# - Softmax and cross-entropy pull with $p - y$; nudging the scores proves the sign.
# - Our gradient descent, momentum, Adam and batch normalisation take Keras's steps, and a rate that
#   suits one rule ruins another.
# - A falling training loss proves learning *of the training set*; the validation curve tells the
#   rest.
#
# **Next**: notebook [02](02_honest_evaluation.ipynb) on the three sets;
# [11](11_dv_emotionnet.ipynb) (dv-emotionnet) trains the first whole network;
# [13](13_gru_attention.ipynb) (gru-attention) uses dropout, and batch normalisation in its full
# size.

# %%
evaluation.record(
    "primer-training",
    [
        {
            "adam_difference": adam_difference,
            "batch_normalisation_difference": bn_difference,
            "gap_at_best": history[best, 1] - history[best, 0],
            "gap_at_end": history[-1, 1] - history[-1, 0],
        }
    ],
    corpus="toy",
    protocol="none",
    seeds=[SEED],
    n_actors=0,
    profile=PROFILE,
    parameters={"walk_steps": 60, "network_steps": len(history), "gap": "nats"},
    command="python -m emolib.batch run --notebooks primer_training",
    results=RESULTS,
)["mean"]
