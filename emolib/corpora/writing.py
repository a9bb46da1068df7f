"""Clips as files that a browser plays."""

from fractions import Fraction

import av
import numpy as np

from emolib.corpora.table import CorpusError


def write_video(path, frames, fps, signal=None, rate=None):
    """Write frames, and sound where there is one, as an H.264 mp4.

    Parameters
    ----------
    path : str, path or binary file
        Where to write; ``io.BytesIO()`` keeps it in memory.
    frames : ndarray, uint8, (time, height, width, 3)
        RGB; an odd last row or column is cut, since H.264 halves the colour.
    fps : float
        Frames a second.
    signal : ndarray, float, (samples,), optional
        Sound in [-1, 1].
    rate : int, optional
        Samples a second.

    Raises
    ------
    CorpusError
        Where the frames are not RGB bytes, fps is not above 0, or a sound comes without its rate.

    Notebook: 00_start_here
    """
    frames = np.asarray(frames)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not len(frames):
        raise CorpusError(
            f"a clip to write needs uint8 frames (time, height, width, 3), not {frames.dtype} "
            f"{frames.shape}"
        )
    if not 0 < fps < np.inf:
        raise CorpusError(f"a clip to write needs frames a second above 0, not {fps!r}")
    if signal is not None and not rate:
        raise CorpusError("a clip to write with sound needs the sound's rate")
    height, width = (side // 2 * 2 for side in frames.shape[1:3])
    in_memory = hasattr(path, "write")
    # "faststart" puts the index first, so that a player can begin before the end has come; it
    # rereads the file, which only a real one allows.
    options = {} if in_memory else {"movflags": "faststart"}
    with av.open(path if in_memory else str(path), "w", format="mp4", options=options) as container:
        exact = Fraction(float(fps)).limit_denominator(1001)  # 29.97003 is 30000/1001
        picture = container.add_stream("libx264", rate=exact, options={"crf": "20"})
        picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
        sound = (
            container.add_stream("aac", rate=rate, layout="mono") if signal is not None else None
        )
        for frame in frames:
            image = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]))
            container.mux(picture.encode(image))
        container.mux(picture.encode())
        if sound is not None:
            samples = np.asarray(signal, np.float32).reshape(1, -1)
            block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            block.sample_rate = rate
            container.mux(sound.encode(block))
            container.mux(sound.encode())
