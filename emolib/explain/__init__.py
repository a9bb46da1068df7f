"""What a network looks at, whether deleting it matters, and how embeddings are compared."""

from emolib.explain.deletion import area, deletion_curve, enlarge, faithfulness
from emolib.explain.embeddings import align
from emolib.explain.gradients import grad_cam

__all__ = ["align", "area", "deletion_curve", "enlarge", "faithfulness", "grad_cam"]
