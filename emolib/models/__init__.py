"""The five systems; importing this room imports no Keras, building a network does."""

from importlib import import_module

from emolib.models.av_attention import av_attention, input_shapes
from emolib.models.av_inputs import av_inputs, classify_clip, face_snippets
from emolib.models.dv_emotionnet import dv_emotionnet
from emolib.models.face_encoder import FACE_EMOTIONS, face_encoder, grey_faces
from emolib.models.five_systems import FiveSystems, Sense, pose_puppet, read_clip, read_clips
from emolib.models.fusion_classifier import FusionClassifier
from emolib.models.gru_attention import gru_attention
from emolib.models.low_rank_network import low_rank_network
from emolib.models.multi_input_cnn import multi_input_cnn
from emolib.models.recurrence import gru_step, lstm_step
from emolib.models.snippet_classifier import SnippetClassifier
from emolib.models.two_stream_dbn import two_stream_dbn

# Layers are Keras classes, and these modules import Keras: only when one of them is asked for.
_LAYERS = {
    "ChannelAttention": "self_attention",
    "HardAttention": "attention",
    "SoftAttention": "attention",
    "SpatialAttention": "self_attention",
    "TemporalAttention": "self_attention",
    "TemporalConvolution": "temporal_convolution",
    "inflate": "resnet",
    "resnet2d": "resnet",
    "resnet3d": "resnet",
}

__all__ = [
    "FACE_EMOTIONS",
    "ChannelAttention",
    "FiveSystems",
    "FusionClassifier",
    "HardAttention",
    "Sense",
    "SnippetClassifier",
    "SoftAttention",
    "SpatialAttention",
    "TemporalAttention",
    "TemporalConvolution",
    "av_attention",
    "av_inputs",
    "classify_clip",
    "dv_emotionnet",
    "face_encoder",
    "face_snippets",
    "grey_faces",
    "gru_attention",
    "gru_step",
    "inflate",
    "input_shapes",
    "low_rank_network",
    "lstm_step",
    "multi_input_cnn",
    "pose_puppet",
    "read_clip",
    "read_clips",
    "resnet2d",
    "resnet3d",
    "two_stream_dbn",
]


def __getattr__(name):
    if name in _LAYERS:
        return getattr(import_module(f"emolib.models.{_LAYERS[name]}"), name)
    raise AttributeError(f"emolib.models has no {name!r}")
