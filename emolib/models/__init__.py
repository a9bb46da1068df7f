"""The five systems; importing this room imports no Keras, building a network does."""

from emolib.models.dv_emotionnet import dv_emotionnet

__all__ = ["dv_emotionnet"]
