# ---
# jupyter:
#   emolib:
#     needs: []
# ---

# %% [markdown]
# # Primer: matrices
#
# **You will** watch a matrix turn vectors and find those that it does not turn; measure how features
# vary together; find the widest axis of a cloud of points; and solve an eigenproblem with two
# matrices, the one that Marginal Fisher Analysis ends in.
#
# 25 minutes to read, under a minute to run. Used by notebooks 07 (Harris-3D) and 10 (Marginal
# Fisher Analysis): dv-emotionnet, equations 3, 8 and 25. No corpus and no other primer needed.

# %% tags=["parameters"]
CORPUS = "puppets"
DATA_DIR = ""
PROFILE = "quick"
SEED = 0
RESULTS = ""

# %%
import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
import scipy.linalg
from plotly.subplots import make_subplots
from sklearn.decomposition import PCA

from emolib import checks, evaluation, plots

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"

# %% [markdown]
# ## Five questions first
#
# If you can answer these, skip this primer. Each belongs to one section below.
#
# 1. The columns of a matrix are (3, 1) and (0, 2). It moves the vector (1, 1) to
#    **a** (4, 2), **b** (3, 2), **c** (1, 1), **d** (3, 3).
# 2. A matrix moves $v$ to $3v$. Then it moves $-2v$ to **a** $-6v$, **b** $6v$, **c** $3v$,
#    **d** somewhere that one cannot know.
# 3. We add 100 to every value of one feature. Its covariance with another feature
#    **a** grows by 100, **b** grows by 10,000, **c** stays as it is, **d** becomes 0.
# 4. A cloud of points has variance 9 along one direction and 1 across it. The eigenvalues of its
#    covariance matrix are **a** 3 and 1, **b** 9 and 1, **c** 10 and 0, **d** different for each
#    way the cloud is turned.
# 5. An axis $w$ makes $w^T A w$ over $w^T B w$ as large as possible. For $5w$ this ratio is
#    **a** 25 times as large, **b** 5 times as large, **c** the same, **d** a fifth.

# %% tags=["exercise"]
my_answers = [..., ..., ..., ..., ...]  # five letters, such as "a"

# %% tags=["solution"]
my_answers = ["d", "a", "c", "b", "c"]

# %% tags=["check"]
may_skip = checks.quiz("matrices", my_answers)

# %% [markdown]
# ## A matrix moves vectors
#
# A 2 × 2 matrix takes a point of the plane and moves it. Its first column says where (1, 0) goes,
# its second where (0, 1) goes. All else follows: (1, 1) goes to the sum of the columns.

# %%
A = np.array([[2.0, 1.0], [0.5, 1.5]])
for v in ([1, 0], [0, 1], [1, 1], [2, -1]):
    print(v, "goes to", A @ v)

# %% [markdown]
# Here is what happens to a whole circle of vectors of length 1.


# %%
def on_circle(degrees):
    """Return the vectors of length 1 at these angles, a column each."""
    radians = np.radians(degrees)
    return np.array([np.cos(radians), np.sin(radians)])


ROUND = np.arange(0, 361, 4)


def draw_moved(ax, degrees):
    """Draw the circle, where the matrix moves it, and one vector before and after."""
    circle = on_circle(ROUND)
    ax.plot(*circle, ":", color=GREY, label="before")
    ax.plot(*(A @ circle), "-", color=GREY, label="after")
    v = on_circle(degrees)
    for end, colour, name in ((A @ v, ORANGE, "Av"), (v, BLUE, "v")):
        arrow = {"color": colour, "arrowstyle": "-|>", "lw": 2, "ls": "-" if name == "v" else "--"}
        ax.annotate("", end, (0, 0), arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
        ax.annotate(name, end, (4, 4), textcoords="offset points", color=colour)
    ax.set(
        aspect="equal",
        xlim=(-2.8, 2.8),
        ylim=(-2, 2.2),
        xlabel="first number",
        ylabel="second number",
    )
    return ax


ax = draw_moved(plt.subplots(figsize=(5.4, 4.4), layout="constrained")[1], 80)
ax.set_title("A matrix moves a circle")
ax.legend(loc="lower right")
plots.show(
    ax,
    "A dotted circle becomes a tilted ellipse; one vector on the circle is turned and stretched.",
)

# %% [markdown]
# The circle becomes an ellipse. The vector $v$ was turned *and* stretched.
#
# ## Directions that do not turn
#
# **Predict first**: let $v$ walk around the circle. Is it turned by the same angle everywhere? Are
# there places where it is not turned at all?

# %% tags=["prediction"]
my_prediction = None  # how many directions are not turned? (v and -v count as one)


# %%
def turn(degrees):
    """Return by how many degrees the matrix turns the vector at an angle, left is positive."""
    (x, y), (a, b) = on_circle(degrees), A @ on_circle(degrees)
    return np.degrees(np.arctan2(x * b - y * a, x * a + y * b))


STEPS = sorted([*range(0, 180, 5), round(float(np.degrees(np.arctan2(1, 2))), 1)])
ALL = np.arange(0, 181)


def traces(degrees):
    """Return plotly traces: the vector before and after, and its turn."""
    v = on_circle(degrees)
    after = A @ v
    look = {"mode": "lines+markers"}
    return [
        go.Scatter(name="v", x=[0, v[0]], y=[0, v[1]], line={"color": BLUE, "width": 4}, **look),
        go.Scatter(name="Av", x=[0, after[0]], y=[0, after[1]], line={"color": ORANGE, "dash": "dash", "width": 4}, **look),
        go.Scatter(name="its turn", x=[degrees], y=[turn(degrees)], xaxis="x2", yaxis="y2", mode="markers", marker={"size": 13, "color": ORANGE, "symbol": "diamond"}),
    ]  # fmt: skip


# %%
moving = plots.slider(
    traces,
    STEPS,
    "angle of v (degrees)",
    make_subplots(1, 2, subplot_titles=("v and Av", "by how much v is turned")),
    first=16,
    title="A vector turns under a matrix, except in two directions",
    xaxis={"range": [-2.8, 2.8], "title": "first number"},
    yaxis={"range": [-2, 2.2], "title": "second number", "scaleanchor": "x"},
    xaxis2={"title": "angle of v (degrees)"},
    yaxis2={"title": "turn (degrees, left is positive)"},
    height=480,
)
circle = on_circle(ROUND)
for name, (x, y), dash in (("before", circle, "dot"), ("after", A @ circle, "solid")):
    moving.add_scatter(name=name, x=x, y=y, mode="lines", line={"color": GREY, "dash": dash})
line = {"color": GREEN, "width": 2}
moving = moving.add_scatter(
    name="turn", x=ALL, y=turn(ALL), mode="lines", line=line, xaxis="x2", yaxis="y2"
)

# %%
still, panels = plt.subplots(1, 4, figsize=(14, 3.4), layout="constrained")
for ax, degrees in zip(panels, (0, STEPS[6], 80), strict=False):
    draw_moved(ax, degrees).set_title(f"v at {degrees:g}°: turned by {round(turn(degrees))}°")
panels[3].axhline(0, color=GREY, linestyle=":")
panels[3].plot(ALL, turn(ALL), color=GREEN)
panels[3].set(
    title="turn of every direction", xlabel="angle of v (degrees)", ylabel="turn (degrees)"
)
plots.show(
    moving,
    "As v goes round, the matrix turns it left or right; at about 27 and 135 degrees it is not "
    "turned, only stretched.",
    still,
)

# %% [markdown]
# There are two. In such a direction the matrix does no more than a number does: it stretches. The
# direction is an **eigenvector**, the number its **eigenvalue**:
#
# $$A v = \lambda v$$

# %%
values, vectors = np.linalg.eig(A)
for value, v in zip(values, vectors.T, strict=True):
    print(
        f"eigenvalue {value:.1f}, direction {np.degrees(np.arctan2(v[1], v[0])) % 180:.1f} degrees"
    )

# %% [markdown]
# An eigenvector has no length and no sign of its own: $-2v$ is as good as $v$. Programs return
# length 1 and an arbitrary sign, so two programs may disagree by a minus.
#
# What if the matrix is applied again and again? Each time the part along the larger eigenvalue grows
# more. **Predict first**: where does the vector end?

# %%
v = on_circle(150)
for step in range(7):
    print(f"after {step} steps at {np.degrees(np.arctan2(v[1], v[0])) % 180:5.1f} degrees")
    v = A @ v / np.linalg.norm(A @ v)

# %% [markdown]
# It swings to the eigenvector of the larger eigenvalue. (This is how the largest one of a huge matrix
# is found in practice.)
#
# ## Covariance
#
# Now data. Each row is a sample, each column a feature. How do two features vary together?

# %%
rng = np.random.default_rng(SEED)
X = rng.normal(size=(300, 2)) * [3, 1] @ on_circle([30, 120]).T + [10, 5]

figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
ax.scatter(*X.T, s=10, color=BLUE)
ax.plot(*X.mean(axis=0), "P", color=ORANGE, markersize=12, label="mean")
ax.set(
    title="300 samples of two features (synthetic)",
    xlabel="feature 1",
    ylabel="feature 2",
    aspect="equal",
)
ax.legend()
plots.show(
    ax, "A long cloud of points that rises to the right: where feature 1 is large, feature 2 is."
)

# %% [markdown]
# For each sample, take how far each feature is from its mean. Multiply the two distances and take
# the mean over samples. If both are mostly above or below together, that is positive. All such
# products make the **covariance matrix**, with the variances on its diagonal:
#
# $$C = \frac{1}{n - 1} \sum_{i=1}^n (x_i - m)(x_i - m)^T, \qquad m = \frac{1}{n}\sum_{i=1}^n x_i$$
#
# Why $n - 1$? The mean was estimated from the same samples and lies a little too well among them.
# Dividing by $n - 1$ makes up for that.

# %% [markdown]
# ## Exercise 1 (must): the covariance matrix
#
# **Predict first**: all samples move by the same vector. Which entries of the matrix change?

# %% tags=["prediction"]
my_prediction = None  # "all", "the diagonal" or "none"


# %% tags=["exercise"]
def covariance(X):
    """Return the covariance matrix, (features, features), with n - 1.

    X: array (samples, features). Write it with means and products; np.cov does not count.
    """
    return ...


# %% tags=["solution"]
def covariance(X):
    """Return the covariance matrix, (features, features), with n - 1."""
    centred = X - X.mean(axis=0)
    return centred.T @ centred / (len(X) - 1)


# %% tags=["check"]
passed = checks.covariance(covariance)

# %%
C = np.cov(X, rowvar=False)
print("covariance:", C.round(2).tolist())
print("after a shift by 100:", np.cov(X + np.array([100, 0]), rowvar=False).round(2).tolist())

# %% [markdown]
# A shift changes nothing, because only distances from the mean count. And $C$ is **symmetric**: 1
# with 2 is 2 with 1.
#
# ## The widest axis
#
# Take an axis $w$ of length 1 and drop all points onto it. Each becomes one number, $w^T x$. The
# variance of these numbers is $w^T C w$. So one small matrix knows the variance along *every* axis.
# We try them all.

# %%
axes = on_circle(ALL)
along = (axes * (C @ axes)).sum(axis=0)
dropped = np.var(X @ axes, axis=0, ddof=1)
print(
    f"largest difference between w'Cw and the variance of dropped points: {np.abs(along - dropped).max():.0e}"
)
values, vectors = np.linalg.eigh(C)  # eigh: for symmetric matrices; smallest first

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
left.scatter(*X.T, s=8, color="#56B4E9")
for value, v, colour, style in zip(values, vectors.T, (GREEN, ORANGE), ("--", "-"), strict=True):
    ends = X.mean(axis=0) + np.outer([-2, 2], np.sqrt(value) * v)
    left.plot(*ends.T, style, color=colour, linewidth=3, label=f"eigenvalue {value:.2f}")
    at = np.degrees(np.arctan2(v[1], v[0])) % 180
    right.plot(at, value, "o", color=colour, markersize=9)
right.plot(ALL, along, color=BLUE, label="variance along the axis")
left.set(
    title="Two standard deviations each way", xlabel="feature 1", ylabel="feature 2", aspect="equal"
)
right.set(
    title="Variance along every axis", xlabel="angle of the axis (degrees)", ylabel="variance"
)
left.legend()
right.legend()
plots.show(
    figure,
    "The eigenvectors of the covariance lie along and across the cloud, and the eigenvalues are the "
    "largest and the smallest variance of all axes.",
)

# %% [markdown]
# At a top or a bottom of that curve a small turn of $w$ changes nothing. Working this out, with the
# length of $w$ held at 1, gives exactly $C w = \lambda w$. So:
#
# - the widest axis is the eigenvector of the **largest** eigenvalue, and the eigenvalue is the
#   variance along it;
# - the eigenvectors of a symmetric matrix stand at right angles.
#
# This is **principal component analysis** (PCA). scikit-learn finds the same, up to the sign:

# %%
pca = PCA(2).fit(X)
difference = 1 - np.abs(pca.components_[0] @ vectors[:, 1])
print(f"variances {pca.explained_variance_.round(3)}, ours {values[::-1].round(3)}")
print("at right angles: product of the two axes is", round(abs(vectors[:, 0] @ vectors[:, 1]), 12))

# %% [markdown]
# ## Two matrices at once
#
# Often "wide" alone is not the question. Two classes: which axis has a large spread **between** class
# means, $A$, compared with the spread **within** classes, $B$? We want the largest
#
# $$\frac{w^T A w}{w^T B w}$$
#
# and the same reasoning leads to the **generalised eigenproblem**
#
# $$A w = \lambda B w .$$
#
# With $B$ the identity it is the old one. The ratio does not change with the length of $w$, and the
# largest ratio is the largest $\lambda$.

# %%
side = np.arange(200) % 2
within = rng.normal(size=(200, 2)) * [3, 0.6] @ on_circle([30, 120]).T
points = within + np.outer(2 * side - 1, [1.0, 0.0])
means = np.array([points[side == s].mean(axis=0) for s in (0, 1)])
A = np.cov(means, rowvar=False)  # between: the two means
B = np.cov(points - means[side], rowvar=False)  # within: what is left
values, W = scipy.linalg.eigh(A, B)
best = W[:, 1] / np.linalg.norm(W[:, 1])

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
for s, colour, marker in ((0, BLUE, "o"), (1, ORANGE, "^")):
    left.plot(*points[side == s].T, marker, color=colour, markersize=3, label=f"class {s}")
left.axline(
    means.mean(axis=0),
    means.mean(axis=0) + (means[1] - means[0]),
    color=GREY,
    linestyle="--",
    label="from mean to mean",
)
left.axline(
    means.mean(axis=0), means.mean(axis=0) + best, color="black", linewidth=2, label="largest ratio"
)
left.set(
    title="Two classes (synthetic)",
    xlabel="feature 1",
    ylabel="feature 2",
    aspect="equal",
    ylim=(-5, 5),
)
left.legend(fontsize=7, loc="upper left")
ratio = (axes * (A @ axes)).sum(axis=0) / (axes * (B @ axes)).sum(axis=0)
right.plot(ALL, ratio, color=BLUE, label="ratio of every axis")
right.plot(
    np.degrees(np.arctan2(best[1], best[0])) % 180,
    values[1],
    "o",
    color="black",
    markersize=9,
    label="eigenproblem",
)
right.set(title="Between over within", xlabel="angle of the axis (degrees)", ylabel="ratio")
right.legend(fontsize=8)
plots.show(
    figure,
    "Two long parallel classes: the best axis does not run from mean to mean but across the length of "
    "the classes, at the top of the curve of ratios.",
)

# %% [markdown]
# The best axis does **not** run from mean to mean. It avoids the direction in which classes are long.
#
# How is it solved? By making $B$ the identity. Stretch and squeeze the plane until the classes are
# round, solve the ordinary problem there, and go back:
#
# 1. $B = Q\,\mathrm{diag}(b)\,Q^T$ by `np.linalg.eigh`; let $M = Q\,\mathrm{diag}(1/\sqrt{b})$. Then
#    $M^T B M = I$. This is called *whitening*.
# 2. With $w = M u$ the ratio becomes $u^T (M^T A M)\, u$ over $u^T u$: an ordinary symmetric problem.
# 3. Its eigenvector $u$ gives $w = M u$.

# %%
b, Q = np.linalg.eigh(B)
M = Q / np.sqrt(b)
figure, panels = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for ax, shown, title in zip(panels, (points, points @ M), ("as they are", "whitened"), strict=True):
    for s, colour, marker in ((0, BLUE, "o"), (1, ORANGE, "^")):
        ax.plot(*shown[side == s].T, marker, color=colour, markersize=3, label=f"class {s}")
    ax.set(
        title=f"Two classes, {title}", xlabel="first number", ylabel="second number", aspect="equal"
    )
panels[0].legend()
plots.show(figure, "The long classes become round after whitening, and lie side by side.")

# %% [markdown]
# Once the classes are round, the best axis does run from mean to mean.

# %% [markdown]
# ## Exercise 2 (must): the generalised eigenvector
#
# Write the three steps above: whiten $B$, solve there, go back.


# %% tags=["exercise"]
def generalised_eigenvector(A, B):
    """Return the w of length 1 with the largest w'Aw / w'Bw, of either sign.

    A, B: symmetric arrays (n, n); B has positive eigenvalues. Use np.linalg.eigh on one matrix at a
    time (it returns eigenvalues, smallest first, and eigenvectors as columns), not scipy's.
    """
    return ...


# %% tags=["solution"]
def generalised_eigenvector(A, B):
    """Return the w of length 1 with the largest w'Aw / w'Bw, of either sign."""
    b, Q = np.linalg.eigh(B)
    M = Q / np.sqrt(b)
    u = np.linalg.eigh(M.T @ A @ M)[1][:, -1]
    w = M @ u
    return w / np.linalg.norm(w)


# %% tags=["check"]
passed = checks.generalised_eigenvector(generalised_eigenvector)

# %% [markdown]
# If $B$ has an eigenvalue of 0, step 1 divides by zero: along that direction nothing varies within
# classes, and the ratio is without bound. It happens whenever there are more features than samples.
# The usual remedy adds a little of the identity to $B$.
#
# **To think about**: the eigenvectors of $A w = \lambda B w$ do not stand at right angles. After
# whitening they do. What does that say about $w_1^T B w_2$?

# %%
print("w1 times w2:   ", round(float(W[:, 0] @ W[:, 1]), 3))
print("w1 times B w2: ", round(abs(float(W[:, 0] @ B @ W[:, 1])), 12))
residual = np.abs(A @ W - B @ W * values).max()

# %% [markdown]
# ## What we saw
#
# - A matrix turns most vectors. Those that it only stretches are its eigenvectors.
# - The covariance matrix knows the variance along every axis; its eigenvectors are the widest and the
#   narrowest one.
# - Two spreads at once make a generalised eigenproblem: whiten, solve, go back.
#
# **Next**: notebook [07](07_harris_3d.ipynb) (Harris-3D) reads corners from the eigenvalues of a
# 3 × 3 matrix; [10](10_marginal_fisher_analysis.ipynb) (Marginal Fisher Analysis) takes $A$ and $B$
# from two graphs.

# %%
evaluation.record(
    "primer-matrices",
    [{"pca_difference": float(abs(difference)), "eigenproblem_residual": float(residual)}],
    corpus="toy",
    protocol="none",
    seeds=[SEED],
    n_actors=0,
    profile=PROFILE,
    parameters={"samples": len(X)},
    command="python -m emolib.batch run --notebooks primer_matrices",
    results=RESULTS,
)["mean"]
