"""Decode files: sound, video and pictures become arrays, and what is damaged an error."""

import re
import zipfile
import zlib
from pathlib import Path

import av
import cv2
import numpy as np
import soundfile

from emolib.corpora.folder import PICTURE, SOUND, open_zip, printable
from emolib.corpora.table import CorpusError

SHORTEST_S = 0.1  # shorter is no speech
RATES_HZ = (4_000, 384_000)  # a header that states another rate is damaged
SILENCE = 1e-4  # three steps of 16 bits
MISSING_S = 0.1  # containers round their stated duration by a frame or two

# Where fer2013.csv's picture begins, and a picture in a zip.
_CSV_LINE = re.compile(r"(.+\.csv)#(\d+)", re.IGNORECASE)
_ZIP_MEMBER = re.compile(r"(.+?\.zip)!(.+)", re.IGNORECASE)


def whole_file(path):
    """Return the path of a file that is there and not empty, else raise a CorpusError."""
    if not path.is_file():
        raise damaged(path, "no such file", "load the corpus again, or put the file back")
    if path.stat().st_size == 0:
        raise damaged(path, "the file is empty")
    return path


def damaged(path, what, remedy="get the file again from its source"):
    """Make the error that names a file, what is wrong with it, and the remedy."""
    return CorpusError(f"{printable(path)}: {what}; {remedy}")


# Sound


def read_sound(path):
    """Read a sound file, or a video's sound: signal (samples,) and rate in Hz."""
    read = _read_sound_file if path.suffix.lower() in SOUND else _read_sound_track
    channels, rate = read(path)
    return _one_channel(channels, rate, path), rate


def _read_sound_file(path):
    """Read wav and flac: (channels, samples) and rate."""
    try:
        with soundfile.SoundFile(path) as file:
            stated, rate, log = file.frames, file.samplerate, file.extra_info
            samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise damaged(path, f"no sound that can be read ({error})") from error
    # libsndfile reads a cut wav in silence and only logs that its header states more bytes;
    # a wav written to a pipe states 2 GB or more, because its length was not known.
    cut = re.search(r"^data : (\d+) \(should be (\d+)\)", log, re.MULTILINE)
    if len(samples) < stated or (cut and int(cut[2]) < int(cut[1]) < 0x7FFF0000):
        raise damaged(path, "the sound is cut off: the header states more than the file holds")
    return samples.T, rate


def _read_sound_track(path):
    """Read the sound of a video: (channels, samples) and rate."""
    with _open_container(path) as container:
        if not container.streams.audio:
            raise damaged(path, "no sound in it, or cut off before it", "take the file that has it")
        stream = container.streams.audio[0]
        rate, to_float = stream.rate, av.AudioResampler(format="fltp")
        chunks = [
            part.to_ndarray()
            for frame in _decode(container, stream, path)
            for part in to_float.resample(frame)
        ]
    if not chunks:
        raise damaged(path, "the clip's sound is empty")
    return np.concatenate(chunks, axis=1), rate


def _one_channel(channels, rate, path):
    """Average the channels after checking that they are speech that can be used."""
    low, high = RATES_HZ
    if not low <= rate <= high:
        raise damaged(path, f"the header states {rate} Hz, outside {low} to {high} Hz")
    seconds = channels.shape[1] / rate
    if seconds < SHORTEST_S:
        raise damaged(path, f"{seconds:.3f} s of sound are too short (under {SHORTEST_S} s)")
    if not np.isfinite(channels).all():
        raise damaged(path, "the sound holds NaN or infinite samples")
    if np.abs(channels).max() > 2:  # lossy codecs and floats overshoot 1, but not so far
        raise damaged(path, "the samples exceed [-1, 1]", "divide them by their full scale")
    signal = channels.mean(axis=0, dtype=np.float32)
    if np.ptp(signal) < SILENCE:
        raise damaged(path, "the clip holds only silence", "take the file that has sound")
    return np.clip(signal, -1, 1)


# Video


def _open_container(path):
    try:
        return av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise damaged(path, f"no clip that can be read, or cut off ({error})") from error


def _decode(container, stream, path):
    """Yield a stream's decoded frames; raise where fewer came than the container states.

    FFmpeg decodes what is left of a cut file and says nothing, so the end of the last packet is
    held against the stated duration (flv states one for all streams, so all are looked at).
    """
    any_stream = stream.duration is None
    end, size = 0.0, 0
    try:
        for packet in container.demux(container.streams.audio, container.streams.video):
            own = packet.stream.index == stream.index
            if packet.pts is not None and (own or any_stream):
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.is_corrupt:  # of either stream: what follows is missing in both
                raise damaged(path, f"damaged or cut off near {end:.2f} s")
            if not own:
                continue
            size += packet.size
            for frame in packet.decode():
                if frame.is_corrupt:
                    raise damaged(path, f"damaged or cut off near {end:.2f} s")
                yield frame
    # PyAV 18 answers with IndexError where a cut flv announces a stream that never came.
    except (av.FFmpegError, IndexError) as error:
        raise damaged(path, f"damaged or cut off after {end:.2f} s ({error})") from error
    if container.format.name in ("mp3", "aac") and stream.bit_rate:
        # Without a header FFmpeg guesses the duration from the size and the first frames' bit rate:
        # then the bytes are all there, however long they last.
        end = max(end, 8 * size / stream.bit_rate)
    stated = _stated_end(container, stream)
    if stated - end > MISSING_S:
        raise damaged(path, f"cut off: it states {stated:.2f} s and holds {end:.2f} s")


def _stated_end(container, stream):
    """Return the time in s at which the stream should end, 0 where nothing states it."""
    if stream.duration is not None:
        return float(((stream.start_time or 0) + stream.duration) * stream.time_base)
    return (container.duration or 0) / av.time_base


def read_frames(path):
    """Yield (av.VideoFrame, time in s)."""
    with _open_container(path) as container:
        if not container.streams.video:
            raise damaged(path, "no video in it, or cut off before it", "take the file that has it")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        count = 0
        for frame in _decode(container, stream, path):
            yield frame, count / stream.average_rate if frame.time is None else frame.time
            count += 1
    if count < 2:
        raise damaged(
            path, f"a video of {count} frame(s)", "give still pictures as jpg, png or tiff"
        )


def rgb(frame):
    """Make an RGB array of a decoded frame, upright as a player shows it."""
    if isinstance(frame, np.ndarray):
        return frame
    # Phones store portrait videos lying, with a note by how much to turn them (counterclockwise).
    turns = round(frame.rotation / 90) % 4
    picture = frame.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


# Still pictures


def is_picture(source):
    """Tell whether a source is a still picture."""
    return Path(source).suffix.lower() in PICTURE or bool(_CSV_LINE.fullmatch(source))


def read_picture(source):
    """Read a picture as RGB from a file, ``a.zip!member``, or ``fer2013.csv#byte offset``."""
    if inside := _CSV_LINE.fullmatch(source):
        return _read_pixels(inside[1], int(inside[2]))
    if inside := _ZIP_MEMBER.fullmatch(source):
        data = _read_member(inside[1], inside[2])
    else:
        data = whole_file(Path(source)).read_bytes()
    # OpenCV 4 shows what is left of a cut JPEG and says nothing: look for its end mark, in the
    # second half, because a thumbnail in the first has one too.
    whole = not data.startswith(b"\xff\xd8") or data.rfind(b"\xff\xd9") > len(data) // 2
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if picture is None or not whole:
        raise damaged(source, "no picture that can be read, or cut off")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _read_member(archive, member):
    if not Path(archive).is_file():
        raise damaged(archive, "no such file", "load the corpus again")
    try:
        return open_zip(archive).read(member)
    except (KeyError, RuntimeError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(f"{archive}!{member}", f"cannot be read ({error})") from error


def _read_pixels(path, offset):
    """Read the 48×48 grey picture whose line begins at the byte ``offset`` of fer2013.csv."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            pixels = file.readline().split(b",")[1].strip(b'" ').decode("ascii")
        grey = np.array(pixels.split(), dtype=int).reshape(48, 48)
        if grey.min() < 0 or grey.max() > 255:
            raise ValueError("a pixel is outside 0 to 255")
    except (OSError, ValueError, IndexError) as error:
        raise damaged(f"{path}#{offset}", f"no line with 48×48 pixels ({error})") from error
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
