"""What a figure needs to be believed: splits, scores, intervals, agreement, one record a run."""

from emolib.evaluation.agreement import krippendorff_alpha
from emolib.evaluation.calibration import (
    coverage_curve,
    expected_calibration_error,
    reliability,
)
from emolib.evaluation.cross_validation import cross_validate, summarise
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.leaderboard import leaderboard
from emolib.evaluation.record import (
    check_record,
    peak_memory,
    read_records,
    record,
    stored_records,
    versions,
)
from emolib.evaluation.scores import confusion, regression_scores, report, scores
from emolib.evaluation.splits import (
    PROTOCOLS,
    RECIPES,
    Fold,
    add_copies,
    check_split,
    enroll,
    holdout,
    split,
)
from emolib.evaluation.uncertainty import PairedTest, confidence_interval, paired_test

__all__ = [
    "PROTOCOLS",
    "RECIPES",
    "EvaluationError",
    "Fold",
    "PairedTest",
    "add_copies",
    "check_record",
    "check_split",
    "confidence_interval",
    "confusion",
    "coverage_curve",
    "cross_validate",
    "enroll",
    "expected_calibration_error",
    "holdout",
    "krippendorff_alpha",
    "leaderboard",
    "paired_test",
    "peak_memory",
    "read_records",
    "record",
    "regression_scores",
    "reliability",
    "report",
    "scores",
    "split",
    "stored_records",
    "summarise",
    "versions",
]
