"""Frames become numbers."""

from emolib.video.faces import (
    DetectedFace,
    align_face,
    align_faces,
    detect_faces,
    detect_faces_in,
    only_face,
    read_face,
)
from emolib.video.flow import dense_flow, flow_to_color, lucas_kanade
from emolib.video.frames import (
    key_frame_flow,
    resample_frames,
    select_key_frames,
    snippet_indices,
    snippets,
)
from emolib.video.harris import harris3d, interest_points, second_moment
from emolib.video.scale_space import derivatives, gaussian_kernel, linear_scale_space
from emolib.video.space_time_features import clip_features, pca_reduction, point_features

__all__ = [
    "DetectedFace",
    "align_face",
    "align_faces",
    "clip_features",
    "dense_flow",
    "derivatives",
    "detect_faces",
    "detect_faces_in",
    "flow_to_color",
    "gaussian_kernel",
    "harris3d",
    "interest_points",
    "key_frame_flow",
    "linear_scale_space",
    "lucas_kanade",
    "only_face",
    "pca_reduction",
    "point_features",
    "read_face",
    "resample_frames",
    "second_moment",
    "select_key_frames",
    "snippet_indices",
    "snippets",
]
