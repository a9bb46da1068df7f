"""A clip as a strip of frames, and as a video with its sound's pictures in step."""

import base64
import html
import io
import string
from dataclasses import dataclass

import cv2
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from emolib.corpora.reading import read_video
from emolib.corpora.table import EMOTIONS
from emolib.corpora.writing import write_video
from emolib.plots.displays import small_png
from emolib.plots.sound import action_units, spectrogram, waveform


def frame_strip(frames, fps, n=8, ax=None):
    """Draw frames at equal distances in time, side by side.

    Parameters
    ----------
    frames : ndarray, uint8, (time, height, width, 3)
        RGB.
    fps : float
        Frames a second.
    n : int
        How many frames; all of them where the clip has fewer.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 00_start_here
    """
    if ax is None:
        ax = plt.subplots(figsize=(9, 1.9), layout="constrained")[1]
    chosen = np.unique(np.linspace(0, len(frames) - 1, n).round().astype(int))
    ax.imshow(np.concatenate(list(frames[chosen]), axis=1))
    width = frames.shape[2]
    ax.set_xticks((np.arange(len(chosen)) + 0.5) * width, [f"{k / fps:.2f}" for k in chosen])
    ax.set_yticks([])
    ax.set(title="Frames", xlabel="time (s)")
    return ax


@dataclass(frozen=True)
class ClipPlayer:
    """A video with sound for a notebook, and the still that stands in for it.

    Attributes
    ----------
    mp4s : tuple of bytes
        Clips, H.264 and AAC; several stand side by side.
    still : bytes
        PNG of the middle frame.
    """

    mp4s: tuple
    still: bytes

    def html(self, alternative):
        """Return the clips as HTML video elements that need no other file."""
        parts = []
        for letter, mp4 in zip(string.ascii_uppercase, self.mp4s, strict=False):
            several = len(self.mp4s) > 1
            caption = f"<figcaption>{letter}</figcaption>" if several else ""
            label = html.escape(f"{letter}: {alternative}" if several else alternative)
            parts.append(
                f'<figure style="margin:0 4px;max-width:{100 // len(self.mp4s)}%">{caption}'
                f'<video controls playsinline style="width:100%" aria-label="{label}" '
                f'src="data:video/mp4;base64,{base64.b64encode(mp4).decode()}"></video></figure>'
            )
        return f'<div style="display:flex">{"".join(parts)}</div>'


def _panels(signal, rate, units, fps):
    """Draw the tracks under each other; return the picture and where time 0 and the end lie."""
    n = 2 if units is None else 3
    figure, axes = plt.subplots(n, 1, figsize=(7.2, 1.8 * n), dpi=100, layout="constrained")
    waveform(signal, rate, axes[0])
    spectrogram(signal, rate, axes[1])
    if units is not None:
        action_units(units, fps, axes[2])
    for ax in axes:
        ax.set_xlim(0, len(signal) / rate)
        ax.label_outer()
    figure.canvas.draw()
    picture = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
    boxes = [ax.get_window_extent() for ax in axes]
    plt.close(figure)
    spans = [(round(len(picture) - b.y1), round(len(picture) - b.y0), b.x0, b.x1) for b in boxes]
    return picture, spans


def clip_player(frames, fps, signal, rate, units=None):
    """Make a video of a clip beside its waveform, spectrogram and action units.

    A cursor is burnt into the pictures, so that it cannot fall out of step with the sound.

    Parameters
    ----------
    frames : ndarray, uint8, (time, height, width, 3)
        RGB.
    fps : float
        Frames a second.
    signal : ndarray, float, (samples,)
        Sound in [-1, 1].
    rate : int
        Samples a second.
    units : pandas.DataFrame, optional
        Action units, one row a frame; without it that panel is left out.

    Returns
    -------
    ClipPlayer

    Notebook: 00_start_here
    """
    panels, spans = _panels(signal, rate, units, fps)
    height = panels.shape[0]
    scale = min(height / frames.shape[1], 480 / frames.shape[2])
    size = (round(frames.shape[2] * scale), round(frames.shape[1] * scale))
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    top = (height - size[1]) // 2
    pages = np.full((len(frames), height, size[0] + panels.shape[1], 3), 255, np.uint8)
    pages[:, :, size[0] :] = panels
    for k, frame in enumerate(frames):
        pages[k, top : top + size[1], : size[0]] = cv2.resize(frame, size, interpolation=method)
        for y0, y1, x0, x1 in spans:
            x = size[0] + round(x0 + (x1 - x0) * (k + 0.5) / fps / (len(signal) / rate))
            pages[k, y0:y1, x - 1 : x + 2] = (213, 94, 0)
    return video_player(pages, fps, signal, rate)


def video_player(frames, fps, signal=None, rate=None):
    """Make a player of frames, with sound where it is given.

    Parameters
    ----------
    frames : ndarray, uint8, (time, height, width, 3)
        RGB.
    fps : float
        Frames a second.
    signal : ndarray, float, (samples,), optional
        Sound in [-1, 1].
    rate : int, optional
        Samples a second.

    Returns
    -------
    ClipPlayer

    Notebook: 00_start_here
    """
    clip = io.BytesIO()
    write_video(clip, frames, fps, signal, rate)
    still = small_png(Image.fromarray(frames[len(frames) // 2]))
    return ClipPlayer((clip.getvalue(),), still)


def player_row(players):
    """Put players side by side, lettered A, B, C, …

    Parameters
    ----------
    players : list of ClipPlayer
        All of one height.

    Returns
    -------
    ClipPlayer

    Notebook: 00_start_here
    """
    stills = [np.asarray(Image.open(io.BytesIO(p.still)).convert("RGB")) for p in players]
    still = small_png(Image.fromarray(np.concatenate(stills, axis=1)))
    return ClipPlayer(tuple(mp4 for p in players for mp4 in p.mp4s), still)


def contact_sheet(table, actors, time=0.6, side=112, ax=None):
    """Draw one frame of each emotion (columns) and actor (rows).

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table with pictures; the first clip of each actor and emotion is taken.
    actors : sequence of str
    time : float
        Which frame, as a share of the clip, 0 to 1.
    side : int
        Height and width of a frame, pixels.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Notebook: 01_corpora_and_labels
    """
    table = table.dropna(subset=["video", "emotion"])
    emotions = [e for e in EMOTIONS if e in set(table["emotion"])]
    sheet = np.full((len(actors) * side, len(emotions) * side, 3), 255, np.uint8)
    for i, actor in enumerate(actors):
        for j, emotion in enumerate(emotions):
            clips = table[(table["actor"] == actor) & (table["emotion"] == emotion)]
            if len(clips):
                frames = read_video(clips.iloc[0], size=side)[0]
                sheet[i * side : (i + 1) * side, j * side : (j + 1) * side] = frames[
                    int(time * (len(frames) - 1))
                ]
    if ax is None:
        shape = (1.15 * len(emotions), 1.15 * len(actors) + 0.6)
        ax = plt.subplots(figsize=shape, layout="constrained")[1]
    ax.imshow(sheet)
    ax.set_xticks((np.arange(len(emotions)) + 0.5) * side, emotions)
    ax.set_yticks((np.arange(len(actors)) + 0.5) * side, actors)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.set(title="Emotions and actors", ylabel="actor")
    return ax
