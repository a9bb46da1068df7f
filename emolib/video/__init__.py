"""Frames become numbers."""

from emolib.video.faces import DetectedFace, detect_faces, only_face

__all__ = ["DetectedFace", "detect_faces", "only_face"]
