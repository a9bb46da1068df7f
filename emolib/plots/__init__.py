"""Figures and players; each returns what it draws, and ``show`` adds a text alternative."""

from emolib.plots.clips import clip_player, contact_sheet, frame_strip, player_row, video_player
from emolib.plots.displays import explore, show
from emolib.plots.emotions import (
    COLOURS,
    HATCHES,
    confusion_matrix,
    emotion_counts,
    polarity_wheel,
    shares,
)
from emolib.plots.evaluation import coverage, forest, reliability
from emolib.plots.sound import action_units, spectrogram, waveform

__all__ = [
    "COLOURS",
    "HATCHES",
    "action_units",
    "clip_player",
    "confusion_matrix",
    "contact_sheet",
    "coverage",
    "emotion_counts",
    "explore",
    "forest",
    "frame_strip",
    "player_row",
    "polarity_wheel",
    "reliability",
    "shares",
    "show",
    "spectrogram",
    "video_player",
    "waveform",
]
