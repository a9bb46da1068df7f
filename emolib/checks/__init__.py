"""The oracles that exercises call, one file a part of the course.

A check never raises on a wrong answer, so that a notebook runs on; it returns True only where
every case came out right. A stub that returns ``...`` is told from a wrong answer.
"""

from emolib.checks.fusion import fisher_criterion, intrinsic_graph, penalty_graph
from emolib.checks.hearing import (
    add_noise,
    cosine_transform,
    mel_filters,
    pause_seconds,
    pitch_factor,
    pitch_of_frame,
)
from emolib.checks.primers import (
    adam_step,
    alias,
    amplitude_at,
    convolve_row,
    covariance,
    dropout,
    fit_line,
    generalised_eigenvector,
    quiz,
)
from emolib.checks.seeing import (
    directions_of_change,
    gaussian_weights,
    harris_response,
    known_shift,
    large_shift,
    missing_sigma,
    tilt_of_eyes,
    unfreeze_last,
)
from emolib.checks.start import (
    accuracy_of_surest_half,
    audit,
    correct_share,
    five_labels,
    majority_share,
    share_with_relative,
    soft_label,
)

__all__ = [
    "accuracy_of_surest_half",
    "adam_step",
    "add_noise",
    "alias",
    "amplitude_at",
    "audit",
    "convolve_row",
    "correct_share",
    "cosine_transform",
    "covariance",
    "directions_of_change",
    "dropout",
    "fisher_criterion",
    "fit_line",
    "five_labels",
    "gaussian_weights",
    "generalised_eigenvector",
    "harris_response",
    "intrinsic_graph",
    "known_shift",
    "large_shift",
    "majority_share",
    "mel_filters",
    "missing_sigma",
    "pause_seconds",
    "penalty_graph",
    "pitch_factor",
    "pitch_of_frame",
    "quiz",
    "share_with_relative",
    "soft_label",
    "tilt_of_eyes",
    "unfreeze_last",
]
