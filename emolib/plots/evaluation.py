"""Figures that judge: systems with their intervals, claims against hits, coverage."""

import matplotlib.pyplot as plt
import numpy as np

from emolib.evaluation.calibration import coverage_curve, expected_calibration_error
from emolib.evaluation.calibration import reliability as reliability_table
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.leaderboard import leaderboard

# Colour and marker of each protocol: two cues.
PROTOCOL_LOOK = {
    "rows": ("#D55E00", "s"),
    "clips": ("#E69F00", "D"),
    "actors": ("#0072B2", "o"),
    "none": ("#000000", "^"),
}

# And the bars' second cue.
PROTOCOL_HATCH = {"rows": "//", "clips": "..", "actors": "", "none": "xx"}


def falling_bars(records, printed, chance=None, ax=None):
    """Draw a printed accuracy beside one network's, from the leakiest protocol to the strictest.

    Parameters
    ----------
    records : list of dict
        From ``record`` or ``stored_records``; a bar each, in their order, with its interval where
        the record has one.
    printed : float
        The paper's accuracy, range [0, 1].
    chance : float, optional
        Drawn as a dotted line.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 11_dv_emotionnet
    """
    if ax is None:
        ax = plt.subplots(figsize=(8.5, 4), layout="constrained")[1]
    ax.bar(0, 100 * printed, 0.6, color="white", edgecolor="black", linestyle="--")
    ax.text(0, 100 * printed + 1.5, f"{100 * printed:.2f}", ha="center")
    names = ["as printed"]
    for k, row in enumerate(records, 1):
        mean = 100 * row["mean"]["accuracy"]
        ends = row.get("interval", {}).get("accuracy", [np.nan] * 2)
        low, high = (100 * end for end in ends)
        colour, hatch = PROTOCOL_LOOK[row["protocol"]][0], PROTOCOL_HATCH[row["protocol"]]
        ax.bar(
            k, mean, 0.6, color=colour, hatch=hatch, edgecolor="white",
            yerr=[[mean - low], [high - mean]], capsize=4,
        )  # fmt: skip
        ax.text(k, np.fmax(mean, high) + 2, f"{mean:.1f}", ha="center")
        names.append(row["protocol"])
    if chance is not None:
        ax.axhline(100 * chance, color="#666666", linestyle=":", label=f"chance, {chance:.1%}")
        ax.legend(loc="upper right")
    ax.set_xticks(range(len(names)), names)
    ax.set(ylim=(0, 105), ylabel="accuracy (%), 95 % interval", xlabel="what is drawn by lot")
    return ax


def forest(records, metric="accuracy", chance=None, ax=None):
    """Draw each record's mean with its interval, grouped by corpus, protocol and variant.

    Parameters
    ----------
    records : list of dict
        From ``record``, ``read_records`` or ``stored_records``.
    metric : str
        One that every record has.
    chance : float, optional
        Drawn as a dashed line: what guessing reaches.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        A record without an interval is a hollow marker.

    Raises
    ------
    EvaluationError
        As ``leaderboard``.

    Notebook: 02_honest_evaluation
    """
    board = leaderboard(records, metric)
    groups = list(board.groupby(["corpus", "protocol", "variant", "profile"]))
    if ax is None:
        shape = (8, 1 + 0.33 * (len(board) + len(groups)))
        ax = plt.subplots(figsize=shape, layout="constrained")[1]
    labels = []
    for name, rows in groups:
        labels.append(", ".join(name))
        for row in rows.to_dict("records"):
            _whisker(ax, row, metric, len(labels), *PROTOCOL_LOOK[name[1]])
            labels.append(row["system"])
    ax.set_yticks(range(len(labels)), labels)
    for label in ax.get_yticklabels():
        label.set_weight("normal" if label.get_text() in set(board["system"]) else "bold")
    words = f"{metric.replace('_', ' ')}, with 95 % interval"
    if chance is not None:
        ax.axvline(chance, color="#666666", linestyle="--")
        words += f" (dashed: chance, {chance:.3f})"
    ax.tick_params(axis="y", length=0)
    ax.set(ylim=(len(labels) - 0.3, -0.7), xlabel=words, title="Systems and what was promised")
    ax.grid(axis="x", alpha=0.3)
    return ax


def _whisker(ax, row, metric, y, colour, marker):
    known = not np.isnan(row["low"])
    if known:
        ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2)
    face = colour if known else "white"
    ax.plot(row[metric], y, marker, color=colour, markerfacecolor=face, markersize=7)
    ax.annotate(
        f"{row[metric]:.3f}", (row[metric], y), (0, 5), textcoords="offset points", ha="center",
        fontsize=8,
    )  # fmt: skip


def reliability(probabilities, truth, bins=10, labels=None, ax=None):
    """Draw how often a system is right against how sure it says it is.

    Parameters
    ----------
    probabilities, truth, bins, labels
        As in ``evaluation.reliability``.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        On the diagonal it keeps what it claims, below it claims too much; the number of rows
        stands at each bin that has any.

    Notebook: 02_honest_evaluation
    """
    if ax is None:
        ax = plt.subplots(figsize=(4.6, 4.4), layout="constrained")[1]
    table = reliability_table(probabilities, truth, bins, labels)
    error = expected_calibration_error(probabilities, truth, bins, labels)
    table = table[table["rows"] > 0]
    ax.plot([0, 1], [0, 1], "--", color="#666666", label="claims what it keeps")
    ax.plot(table["confidence"], table["accuracy"], "o-", color="#0072B2", label="the system")
    for row in table.itertuples():
        ax.annotate(
            f"{row.rows:.0f}", (row.confidence, row.accuracy), (5, -12), fontsize=8,
            textcoords="offset points",
        )  # fmt: skip
    ax.legend(loc="upper left", fontsize=8)
    ax.set(xlim=(0, 1), ylim=(-0.06, 1.02))
    ax.set(xlabel="confidence (largest probability)", ylabel="accuracy (share of rows)")
    ax.set_title(f"Reliability: expected calibration error {error:.3f}")
    return ax


def coverage(probabilities, truth, labels=None, ax=None):
    """Draw accuracy among the rows that a system answers against the share that it answers.

    Parameters
    ----------
    probabilities, truth, labels
        As in ``evaluation.coverage_curve``.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 02_honest_evaluation
    """
    if ax is None:
        ax = plt.subplots(figsize=(5.4, 3.6), layout="constrained")[1]
    table = coverage_curve(probabilities, truth, labels)
    style = "o-" if len(table) < 30 else "-"
    ax.plot(table["coverage"], table["accuracy"], style, color="#0072B2", label="the surest first")
    last = table["accuracy"].iloc[-1]
    ax.axhline(last, color="#666666", linestyle="--", label=f"all answered: {last:.3f}")
    ax.legend(loc="best", fontsize=8)
    ax.set(xlim=(0, 1.02), ylim=(0, 1.05), title='Saying "I don\'t know"')
    ax.set(xlabel="coverage (share of rows answered)", ylabel="accuracy\n(share of answered rows)")
    return ax


def sides(table, fold, n_actors=4, n_clips=8, ax=None):
    """Draw on which side of a split the first rows of some actors stand, a square a row.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table, with copies or without.
    fold : evaluation.Fold
    n_actors, n_clips : int
        How many actors, and clips of each, are drawn; a clip's copies stand beside it.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Test rows are orange and say T; validation rows are grey and say V.

    Notebook: 02_honest_evaluation
    """
    if ax is None:
        ax = plt.subplots(figsize=(4, 2.4), layout="constrained")[1]
    side = np.full(len(table), " ")
    side[fold.validation], side[fold.test] = "V", "T"
    ordered = table.assign(side=side).sort_values(["actor", "clip", "copy"])
    colours = {" ": "#56B4E9", "V": "#999999", "T": "#D55E00"}
    actors = ordered["actor"].unique()[:n_actors]
    for y, actor in enumerate(actors):
        own = ordered[ordered["actor"] == actor]
        for clip, (_, rows) in enumerate(list(own.groupby("clip"))[:n_clips]):
            for copy, letter in enumerate(rows["side"]):
                x = clip * (len(rows) + 0.4) + copy
                ax.add_patch(plt.Rectangle((x, y), 0.86, 0.8, color=colours[letter]))
                ax.text(x + 0.43, y + 0.4, letter, ha="center", va="center", color="w", size=8)
    ax.set(xlim=(-0.4, x + 1.4), ylim=(len(actors), -0.2), xlabel="clips, each with its copies")
    ax.set_yticks(np.arange(len(actors)) + 0.4, actors)
    ax.set_xticks([])
    ax.set(ylabel="actor", title="T: test")
    return ax


def training_curves(history, title, axes=None):
    """Draw accuracy and loss after each epoch, of training rows and, where known, of others.

    Parameters
    ----------
    history : dict of list of float
        As Keras's ``History.history`` holds them: ``accuracy`` and ``loss``, perhaps with
        ``val_accuracy`` and ``val_loss``.
    title : str
    axes : two matplotlib Axes, optional

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    EvaluationError
        Where a curve is missing.

    Source: dv-emotionnet, Figs 3 and 4.
    Notebook: 11_dv_emotionnet
    """
    missing = [name for name in ("accuracy", "loss") if not len(history.get(name, []))]
    if missing:
        raise EvaluationError(f"the history holds no curve named {missing[0]!r}")
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")[1]
    for ax, name in zip(axes, ("accuracy", "loss"), strict=True):
        epochs = np.arange(1, len(history[name]) + 1)
        ax.plot(epochs, history[name], "-", color="#0072B2", label="training rows")
        if f"val_{name}" in history:
            ax.plot(epochs, history[f"val_{name}"], "--", color="#D55E00", label="test rows")
        ax.set(xlabel="epoch", title=title, ylim=(0, 1.02) if name == "accuracy" else (0, None))
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(fontsize=8)
    axes[0].set_ylabel("accuracy (share right)")
    axes[1].set_ylabel("loss (cross-entropy, nats)")
    return axes[0].figure
