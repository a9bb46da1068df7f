"""What attention weighs: a matrix with names, and faces or parts of a sound with their weights."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle


def attention_matrix(weights, rows, columns=None, title="", limits=(0, 1), ax=None):
    """Draw a matrix of weights, or of scores, with the names of its rows and columns.

    Parameters
    ----------
    weights : array-like, float, (rows, columns)
        Up to 8 × 8, each number is written into its cell.
    rows, columns : sequence of str
        Names; the columns' are the rows' where they are not given.
    title : str
    limits : (float, float)
        Values of the darkest and the lightest colour.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 14_space_channel_time
    """
    weights = np.asarray(weights)
    columns = rows if columns is None else columns
    if ax is None:
        ax = plt.subplots(figsize=(4.2, 3.6), layout="constrained")[1]
    image = ax.imshow(weights, cmap="cividis", vmin=limits[0], vmax=limits[1])
    ax.figure.colorbar(image, ax=ax, shrink=0.8)
    middle = sum(limits) / 2
    for (i, j), value in np.ndenumerate(weights) if max(weights.shape) <= 8 else ():
        colour = "black" if value > middle else "white"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=8)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_title(title)
    return ax


def attention_on_face(face, weights, ax=None):
    """Lay the weight of each place over a picture, and outline the place that weighs most.

    Parameters
    ----------
    face : ndarray, uint8, (height, width[, 3])
    weights : ndarray of float, (rows, columns)
        With the sum 1. A place that weighs the mean or less stays as it is; the more one weighs,
        the more orange it gets, up to three times the mean. Places are not smoothed.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Its title says how many times the mean the outlined place weighs.

    Notebook: 14_space_channel_time
    """
    if ax is None:
        ax = plt.subplots(figsize=(3, 3.2), layout="constrained")[1]
    height, width = face.shape[:2]
    ax.imshow(face if face.ndim == 3 else np.repeat(face[..., None], 3, axis=2))
    times = weights * weights.size
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    orange = ListedColormap(["#FF8C00"])
    ax.imshow(times, cmap=orange, alpha=0.75 * np.clip((times - 1) / 2, 0, 1), extent=extent)
    row, column = np.unravel_index(times.argmax(), times.shape)
    down, right = height / times.shape[0], width / times.shape[1]
    corner = (column * right - 0.5, row * down - 0.5)
    for colour, line in (("black", 4), ("white", 2)):
        ax.add_patch(Rectangle(corner, right, down, fill=False, edgecolor=colour, linewidth=line))
    ax.set(xticks=[], yticks=[], title=f"{times.max():.1f} x mean")
    return ax


def attention_over_snippets(pictures, weights, places=None, names=None, title="", marked=None):
    """Draw a clip's snippets, where each is looked at, and how much each of them weighs.

    Parameters
    ----------
    pictures : ndarray, (N, height, width[, 3])
        A frame of each snippet, uint8, or a part of a spectrogram, float.
    weights : ndarray of float, (N,)
        With the sum 1.
    places : ndarray of float, (N, rows, columns), optional
        Weights of places, as ``attention_on_face`` takes them.
    names : sequence of str, optional
        Of the snippets; 1 to N where they are not given.
    title : str
    marked : int, optional
        Number of a snippet, from 0, whose bar is hatched: the one that should weigh most.

    Returns
    -------
    matplotlib Figure

    Notebook: 14_space_channel_time
    """
    n = len(weights)
    figure = plt.figure(figsize=(1.65 * n, 3.9), layout="constrained")
    grid = figure.add_gridspec(2, n, height_ratios=(1.5, 1))
    for k, picture in enumerate(pictures):
        ax = figure.add_subplot(grid[0, k])
        if places is not None:
            attention_on_face(picture, places[k], ax).title.set_fontsize(9)
        else:
            ax.imshow(picture, cmap="cividis", aspect="auto")
            ax.set(xticks=[], yticks=[])
    ax = figure.add_subplot(grid[1, :])
    hatches = ["///" if k == marked else "" for k in range(n)]
    colours = ["#D55E00" if k == marked else "#56B4E9" for k in range(n)]
    ax.bar(range(n), weights, color=colours, hatch=hatches, edgecolor="white", width=0.7)
    ax.axhline(1 / n, color="black", linestyle=":", label="all alike")
    ax.set_xticks(range(n), range(1, n + 1) if names is None else names)
    ax.set(xlim=(-0.5, n - 0.5), ylim=(0, max(0.35, 1.1 * max(weights))))
    ax.set(xlabel="snippet", ylabel="weight")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), fontsize=8)
    figure.suptitle(title)
    return figure
