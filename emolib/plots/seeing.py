"""What the computer sees in a clip: events, motion as colour, time as an axis, a face's points."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from emolib.video.faces import FIVE_POINTS, align_face
from emolib.video.flow import flow_to_color

# White on black: seen on skin, hair and background alike.
_RINGS = (("black", 3.5), ("white", 1.6))
_MARKERS = ("o", "s", "^", "D", "P")
_COLOURS = ("#0072B2", "#D55E00", "#F0E442", "#CC79A7", "#56B4E9")


def _ring(ax, x, y, size=11):
    for colour, width in _RINGS if len(x) else ():
        ax.plot(
            x, y, "o", markersize=size, markerfacecolor="none", markeredgecolor=colour,
            markeredgewidth=width, clip_on=True,
        )  # fmt: skip


def _picture(ax, frame):
    """Show a frame, grey or RGB, without ticks."""
    ax.imshow(frame, cmap="gray", vmin=0, vmax=255 if frame.dtype == np.uint8 else None)
    ax.set_xticks([])
    ax.set_yticks([])


def points_on_frames(frames, points, fps, n=6, columns=6):
    """Draw the frames in which most interest points lie, each point as a ring.

    Parameters
    ----------
    frames : ndarray, uint8, (time, height, width[, 3])
        RGB or grey.
    points : ndarray of int, (points, 3)
        Rows (t, y, x) from ``interest_points``, the strongest first.
    fps : float
        Frames a second.
    n : int
        At most so many frames; of those with equally many points the earlier.
    columns : int
        Frames side by side.

    Returns
    -------
    matplotlib Figure
        Each frame's title gives its time and, in brackets, the ranks of its points by strength.

    Notebook: 07_harris_3d
    """
    times, counts = np.unique(points[:, 0], return_counts=True)
    shown = np.sort(times[np.argsort(-counts, kind="stable")[:n]])
    if not len(shown):  # no point: the middle of the clip, bare
        shown = [len(frames) // 2]
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(1.75 * columns, 2.2 * rows + 0.4), layout="constrained",
        squeeze=False,
    )  # fmt: skip
    for ax in axes.flat[len(shown) :]:
        ax.remove()
    for ax, t in zip(axes.flat, shown, strict=False):
        ranks = np.flatnonzero(points[:, 0] == t)
        _picture(ax, frames[t])
        _ring(ax, points[ranks, 2], points[ranks, 1])
        listed = ", ".join(str(rank + 1) for rank in ranks[:4])
        more = ", …" if len(ranks) > 4 else ""
        ax.set_title(f"{t / fps:.2f} s" + (f"\n({listed}{more})" if listed else ""), fontsize=9)
    figure.suptitle(f"Interest points: {len(points)}, in {len(times)} of {len(frames)} frames")
    return figure


def time_slice(frames, points, row, fps, within=2, ax=None):
    """Draw one row of pixels over time, with the interest points near it.

    What stands still is a vertical stripe, what moves sideways a slanted one; where a stripe breaks
    off or turns, something happens.

    Parameters
    ----------
    frames : ndarray, uint8, (time, height, width[, 3])
        RGB or grey.
    points : ndarray of int, (points, 3)
        Rows (t, y, x) from ``interest_points``.
    row : int
        Which row of pixels, from the top.
    fps : float
        Frames a second.
    within : float
        Points at most so many pixels above or below the row are drawn.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 07_harris_3d
    """
    if ax is None:
        ax = plt.subplots(figsize=(6, 4), layout="constrained")[1]
    image = frames[:, row]
    end = (len(frames) - 0.5) / fps
    ax.imshow(
        image, aspect="auto", cmap="gray", interpolation="nearest",
        extent=(-0.5, image.shape[1] - 0.5, end, -0.5 / fps),
    )  # fmt: skip
    near = points[np.abs(points[:, 1] - row) <= within]
    _ring(ax, near[:, 2], near[:, 0] / fps)
    ax.set(
        title=f"Row {row} over time, {len(near)} points near it", xlabel="x (pixels)",
        ylabel="time (s), downwards",
    )  # fmt: skip
    ax.set_xlim(-0.5, image.shape[1] - 0.5)
    ax.set_ylim(end, -0.5 / fps)
    return ax


def flow_picture(frame, flow, largest=None, every=8, title=None):
    """Draw a frame, its flow as colours with arrows, and the wheel that explains the colours.

    Parameters
    ----------
    frame : ndarray, uint8, (height, width[, 3])
        RGB or grey: the frame that the flow leads from.
    flow : ndarray of float, (height, width, 2)
        Motion to the right and down, pixels a frame.
    largest : float, optional
        The motion drawn brightest, as in ``flow_to_color``.
    every : int
        Pixels between arrows; arrows are as long as in the frame, times the number in the title.
    title : str, optional
        Stands above all three panels.

    Returns
    -------
    matplotlib Figure

    Notebook: 08_optical_flow
    """
    size = np.hypot(flow[..., 0], flow[..., 1])
    largest = largest or float(size.max()) or 1.0
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(9, 3.6), layout="constrained", width_ratios=(3, 3, 1.4)
    )
    if title:
        figure.suptitle(title)
    _picture(left, frame)
    left.set_title("Frame")
    middle.imshow(flow_to_color(flow, largest))
    longer = max(round(every / largest), 1)
    y, x = np.mgrid[every // 2 : flow.shape[0] : every, every // 2 : flow.shape[1] : every]
    u, v = longer * flow[y, x].transpose(2, 0, 1)
    moving = size[y, x] > 0.1 * largest
    middle.quiver(
        x[moving], y[moving], u[moving], v[moving], angles="xy", scale_units="xy", scale=1,
        color="white", width=0.006,
    )  # fmt: skip
    middle.set_xticks([])
    middle.set_yticks([])
    middle.set_title(f"Flow to the next frame\n(arrows {longer} times as long)")
    _colour_wheel(right, largest)
    return figure


def _colour_wheel(ax, largest):
    """Draw every direction and magnitude in its colour."""
    y, x = np.mgrid[-1:1:101j, -1:1:101j]
    wheel = flow_to_color(largest * np.stack([x, y], axis=-1), largest)
    wheel[np.hypot(x, y) > 1] = 255
    ax.imshow(wheel, extent=(-1, 1, 1, -1))
    for place, word in (((0, -1.12), "up"), ((0, 1.28), "down")):
        ax.text(*place, word, ha="center", fontsize=8)
    ax.text(-1.08, 0.05, "left", ha="right", fontsize=8)
    ax.text(1.08, 0.05, "right", ha="left", fontsize=8)
    ax.set(title=f"Rim: {largest:.1f} pixels", xlim=(-1.6, 1.7), ylim=(1.5, -1.4))
    ax.axis("off")


def detected_face(frame, face, size=224):
    """Draw a face's box and five points in its frame, and the aligned cut beside it.

    Parameters
    ----------
    frame : ndarray, uint8, (height, width, 3)
        RGB.
    face : DetectedFace
        From ``detect_faces`` or ``only_face``.
    size : int
        Side of the cut, pixels.

    Returns
    -------
    matplotlib Figure

    Notebook: 09_faces
    """
    shape = frame.shape[1] / frame.shape[0]
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(3.4 * shape + 3.6, 4.2), layout="constrained", width_ratios=(shape, 1)
    )
    _picture(left, frame)
    for colour, width in _RINGS:
        left.add_patch(
            Rectangle(face.box[:2], *face.box[2:], fill=False, edgecolor=colour, linewidth=width)
        )
    for name, point, marker, colour in zip(
        FIVE_POINTS, face.points, _MARKERS, _COLOURS, strict=True
    ):
        left.plot(
            *point, marker, color=colour, markeredgecolor="black", markersize=6, linestyle="",
            label=name.replace("_", " "),
        )  # fmt: skip
    left.legend(fontsize=7, loc="upper left")
    left.set_title(f"Face, confidence {face.confidence:.2f}")
    left.set_xlabel(f"{frame.shape[1]} x {frame.shape[0]} pixels")
    _picture(right, align_face(frame, face.points, size))
    right.set_title("Aligned")
    right.set_xlabel(f"{size} x {size} pixels")
    return figure
