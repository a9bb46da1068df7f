"""Small sounds, videos and trees for the corpora's tests, and the row that a reader takes."""

import av
import numpy as np
import soundfile

RATE = 16000


def tone(seconds=1.0, rate=RATE, hz=440.0, amplitude=0.3):
    time = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def write_clip(path, frames=30, fps=30, signal=None, rate=RATE, faststart=False, size=(48, 64)):
    """Write an mp4 (H.264, AAC) or flv (Sorenson, MP3); ``frames`` is a number or the pictures.

    A number makes grey frames, each 7 levels brighter than the one before it.
    """
    if np.ndim(frames) == 0:
        levels = (7 * np.arange(frames) % 256).astype(np.uint8)
        frames = np.broadcast_to(levels[:, None, None, None], (frames, *size, 3))
    flv = path.suffix == ".flv"
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as container:
        video = container.add_stream("flv1" if flv else "libx264", rate=fps)
        video.height, video.width = frames.shape[1:3]
        video.pix_fmt = "yuv420p"
        if signal is not None:
            channels = np.atleast_2d(signal).astype(np.float32)
            layout = "mono" if len(channels) == 1 else "stereo"
            codec = "libmp3lame" if flv else "aac"
            audio = container.add_stream(codec, rate=rate, layout=layout)
        for picture in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(video.encode(picture))
        container.mux(video.encode())
        if signal is not None:
            block = av.AudioFrame.from_ndarray(channels, format="fltp", layout=layout)
            block.sample_rate = rate
            container.mux(audio.encode(block))
            container.mux(audio.encode())
    return path


def write_sound(path, signal=None, rate=RATE, subtype="PCM_16"):
    soundfile.write(path, tone() if signal is None else signal, rate, subtype=subtype)
    return path


def write_track(path, signal, rate=44100, header=True):
    """Write an mp3 of variable bit rate, with or without the header of its length, or an aac."""
    mp3 = path.suffix == ".mp3"
    with av.open(str(path), "w", options={"write_xing": str(int(header))} if mp3 else {}) as file:
        options = {"flags": "+qscale", "global_quality": "472"} if mp3 else {}
        codec = "libmp3lame" if mp3 else "aac"
        audio = file.add_stream(codec, rate=rate, layout="mono", options=options)
        block = av.AudioFrame.from_ndarray(signal[None], format="fltp", layout="mono")
        block.sample_rate = rate
        file.mux(audio.encode(block))
        file.mux(audio.encode())
    return path


def as_row(**columns):
    """Make a mapping that stands for a row of the clip table."""
    return {"clip": "c1", "corpus": "own", **{k: str(v) for k, v in columns.items()}}


def touch(root, *names):
    """Make empty files of these names under ``root``; loaders look at names only."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root
