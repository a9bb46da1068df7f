"""Figures and players; each returns what it draws, and ``show`` adds a text alternative."""

from emolib.plots.attention import (
    attention_matrix,
    attention_on_face,
    attention_over_snippets,
)
from emolib.plots.clips import clip_player, contact_sheet, frame_strip, player_row, video_player
from emolib.plots.displays import explore, show
from emolib.plots.emotions import (
    COLOURS,
    confusion_matrix,
    emotion_counts,
    polarity_wheel,
    shares,
)
from emolib.plots.evaluation import (
    coverage,
    falling_bars,
    forest,
    reliability,
    sides,
    training_curves,
)
from emolib.plots.hearing import filter_bank, pitch_track, six_pictures, sound_picture
from emolib.plots.moving import slider
from emolib.plots.own_clip import ClipUpload, answer_sheet, attended_sheet, where_bytes_go
from emolib.plots.seeing import detected_face, flow_picture, points_on_frames, time_slice
from emolib.plots.sound import action_units, spectrogram, waveform

__all__ = [
    "COLOURS",
    "ClipUpload",
    "action_units",
    "answer_sheet",
    "attended_sheet",
    "attention_matrix",
    "attention_on_face",
    "attention_over_snippets",
    "clip_player",
    "confusion_matrix",
    "contact_sheet",
    "coverage",
    "detected_face",
    "emotion_counts",
    "explore",
    "falling_bars",
    "filter_bank",
    "flow_picture",
    "forest",
    "frame_strip",
    "pitch_track",
    "player_row",
    "points_on_frames",
    "polarity_wheel",
    "reliability",
    "shares",
    "show",
    "sides",
    "six_pictures",
    "slider",
    "sound_picture",
    "spectrogram",
    "time_slice",
    "training_curves",
    "video_player",
    "waveform",
    "where_bytes_go",
]
