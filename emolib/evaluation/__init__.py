"""What a figure needs to be believed: agreement of people, and one record a run."""

from emolib.evaluation.agreement import krippendorff_alpha
from emolib.evaluation.record import (
    check_record,
    peak_memory,
    read_records,
    record,
    stored_records,
    versions,
)

__all__ = [
    "check_record",
    "krippendorff_alpha",
    "peak_memory",
    "read_records",
    "record",
    "stored_records",
    "versions",
]
