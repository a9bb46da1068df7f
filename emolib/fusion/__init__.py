"""Two senses become one; importing this room imports no Keras, asking for a layer does."""

from importlib import import_module

from emolib.fusion.late import late_fusion, posterior_classifier
from emolib.fusion.marginal_fisher_analysis import (
    MarginalFisherAnalysis,
    intrinsic_graph,
    penalty_graph,
)

_LAYERS = {
    "CrossModalAttention": "cross_modal",
    "LowRankFusion": "tensor",
    "TensorFusion": "tensor",
}

__all__ = [
    "CrossModalAttention",
    "LowRankFusion",
    "MarginalFisherAnalysis",
    "TensorFusion",
    "intrinsic_graph",
    "late_fusion",
    "penalty_graph",
    "posterior_classifier",
]


def __getattr__(name):
    if name in _LAYERS:
        return getattr(import_module(f"emolib.fusion.{_LAYERS[name]}"), name)
    raise AttributeError(f"emolib.fusion has no {name!r}")
