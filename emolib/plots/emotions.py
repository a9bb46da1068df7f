"""The look of the eight emotions, their polarity, and shares of answers."""

import matplotlib.pyplot as plt
import numpy as np

from emolib.corpora.table import EMOTIONS, POLARITY

# Okabe and Ito's palette, which colour-blind readers can tell apart.
COLOURS = dict(
    zip(
        EMOTIONS,
        ("#999999", "#56B4E9", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#009E73", "#E69F00"),
        strict=True,
    )
)


def emotion_counts(table, ax=None):
    """Draw how many clips of each emotion a corpus holds, by intensity where it says.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 01_corpora_and_labels
    """
    if ax is None:
        ax = plt.subplots(figsize=(8, 3), layout="constrained")[1]
    counts = (
        table.assign(
            emotion=table["emotion"].fillna("none of the eight"),
            intensity=table["intensity"].fillna("not stated"),
        )
        .groupby(["emotion", "intensity"])
        .size()
        .unstack(fill_value=0)
    )
    names = [e for e in (*EMOTIONS, "none of the eight") if e in counts.index]
    base = np.zeros(len(names))
    for k, intensity in enumerate(counts.columns):
        heights = counts.loc[names, intensity].to_numpy()
        ax.bar(
            names,
            heights,
            bottom=base,
            label=intensity,
            color=("#56B4E9", "#D55E00", "#009E73", "#CC79A7")[k % 4],
            hatch=("", "//", "..", "xx")[k % 4],
            edgecolor="white",
        )
        base += heights
    ax.legend(title="intensity")
    ax.set(title=f"Clips by emotion: {table['corpus'].iloc[0]}", ylabel="number of clips")
    return ax


def polarity_wheel(ax=None):
    """Draw the emotions by polarity, as av-attention groups them for its loss.

    Returns
    -------
    matplotlib Axes

    Source: av-attention, section 3.4 and Fig. 4a (the grouping; the angles are ours).
    Notebook: 01_corpora_and_labels
    """
    if ax is None:
        ax = plt.subplots(figsize=(5, 5), layout="constrained")[1]
    groups = [(1, "#56B4E9", "positive (+)", 90), (-1, "#E69F00", "negative (−)", 270)]
    for sign, colour, word, middle in groups:
        members = [e for e in EMOTIONS if POLARITY[e] == sign]
        wedge = {"width": 0.55, "edgecolor": "white", "facecolor": colour, "alpha": 0.35}
        ax.add_patch(plt.matplotlib.patches.Wedge((0, 0), 1, middle - 88, middle + 88, **wedge))
        ax.text(0, 1.08 * sign, word, ha="center", va="center", weight="bold")
        angles = np.deg2rad(middle + np.linspace(-65, 65, len(members)))
        for name, angle in zip(members, angles, strict=True):
            ax.text(0.72 * np.cos(angle), 0.72 * np.sin(angle), name, ha="center", va="center")
    ax.text(0, 0, "neutral (0)", ha="center", va="center", style="italic")
    ax.set(title="Polarity of the eight emotions", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2))
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def shares(table, title, ax=None):
    """Draw grouped bars of shares with their values printed.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows are groups on the axis, columns are bars in a group; values are shares, 0 to 1.
    title : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 01_corpora_and_labels
    """
    if ax is None:
        ax = plt.subplots(figsize=(8, 3.2), layout="constrained")[1]
    width = 0.8 / table.shape[1]
    for k, name in enumerate(table.columns):
        bars = ax.bar(
            np.arange(len(table)) + (k - (table.shape[1] - 1) / 2) * width,
            100 * table[name],
            width,
            label=name,
            color=("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")[k % 6],
            hatch=("", "//", "..", "xx", "\\\\", "oo")[k % 6],
            edgecolor="white",
        )
        ax.bar_label(bars, fmt="%.0f", fontsize=8)
    ax.set_xticks(range(len(table)), table.index)
    ax.legend()
    ax.set(title=title, ylabel="share (%)", ylim=(0, 105))
    return ax


def confusion_matrix(matrix, labels, title, ax=None):
    """Draw a confusion matrix of shares: a row a true label, a column an answer.

    Parameters
    ----------
    matrix : ndarray, float, (labels, labels)
        Each row's shares of answers, 0 to 1.
    labels : sequence of str
        Names of rows and columns.
    title : str
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 01_corpora_and_labels
    """
    if ax is None:
        ax = plt.subplots(figsize=(4.2, 4), layout="constrained")[1]
    ax.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(matrix):
        ink = "white" if share > 0.6 else "black"
        ax.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=ink, fontsize=9)
    ax.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    ax.set_yticks(range(len(labels)), labels)
    ax.set(title=title, xlabel="answer (% of the row)", ylabel="intended")
    return ax
