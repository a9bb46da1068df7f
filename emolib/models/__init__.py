"""The five systems; importing this room imports no Keras, building a network does."""

from importlib import import_module

from emolib.models.dv_emotionnet import dv_emotionnet
from emolib.models.face_encoder import FACE_EMOTIONS, face_encoder, grey_faces
from emolib.models.gru_attention import gru_attention
from emolib.models.multi_input_cnn import multi_input_cnn
from emolib.models.recurrence import gru_step, lstm_step

# Layers are Keras classes: Keras is imported when one of them is asked for.
_LAYERS = {"HardAttention": "attention", "SoftAttention": "attention"}

__all__ = [
    "FACE_EMOTIONS",
    "HardAttention",
    "SoftAttention",
    "dv_emotionnet",
    "face_encoder",
    "grey_faces",
    "gru_attention",
    "gru_step",
    "lstm_step",
    "multi_input_cnn",
]


def __getattr__(name):
    if name in _LAYERS:
        return getattr(import_module(f"emolib.models.{_LAYERS[name]}"), name)
    raise AttributeError(f"emolib.models has no {name!r}")
