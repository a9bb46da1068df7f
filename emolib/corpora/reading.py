"""Read a clip of any corpus: sound, frames, action units, feature vectors, truth."""

import re
import warnings
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import soxr

from emolib.corpora import decoding
from emolib.corpora.decoding import damaged, whole_file
from emolib.corpora.folder import load_arrays, printable
from emolib.corpora.table import CorpusError

_INTENSITIES = ["01", "02", "04", "05", "06", "07", "09", "10", "12", "14", "15", "17", "20", "23"]
_INTENSITIES += ["25", "26", "45"]
_PRESENCES = [*_INTENSITIES[:-1], "28", "45"]
ACTION_UNITS = tuple(f"AU{n}_r" for n in _INTENSITIES) + tuple(f"AU{n}_c" for n in _PRESENCES)


def read_audio(row, rate=None):
    """Read a clip's sound.

    Parameters
    ----------
    row : pandas.Series or mapping
        A row of the clip table.
    rate : int, optional
        Resample to this rate in Hz; otherwise the file's own is kept.

    Returns
    -------
    signal : ndarray of float32, shape (samples,)
        In [-1, 1]. Several channels become one by their mean.
    rate : int
        In Hz.

    Raises
    ------
    CorpusError
        Where the clip has no sound, or its file is missing, empty, no sound file, cut off, silent
        throughout, shorter than 0.1 s, not finite, or of a rate outside 4 to 384 kHz.

    Notebook: 01_corpora_and_labels
    """
    if _is_puppet(row):
        from emolib.corpora import puppets

        signal, own_rate = puppets.read_audio(row)
    else:
        signal, own_rate = decoding.read_sound(_file(row, "audio"))
    if rate is not None and rate != own_rate:
        signal = soxr.resample(signal, own_rate, rate)
        signal, own_rate = np.clip(signal, -1, 1).astype(np.float32), rate
    return signal, own_rate


def read_video(row, size=None, fps=None):
    """Read a clip's frames, all at once (1280×720 takes 2.8 MB a frame: see ``iter_video``).

    Parameters
    ----------
    row : pandas.Series or mapping
        A row of the clip table.
    size : int or (height, width), optional
        Resize to this many pixels (a square where it is one number; it stretches, not crops).
    fps : float, optional
        Frames a second: of each 1/fps s, the frame nearest in time (a rate above the source's
        repeats frames).

    Returns
    -------
    frames : ndarray of uint8, shape (time, height, width, 3)
        RGB, grey pictures too. A corpus of still pictures gives one frame.
    fps : float
        The frames' rate; 1.0 for a still picture.

    Raises
    ------
    CorpusError
        As ``iter_video``.

    Notebook: 01_corpora_and_labels
    """
    frames, times = zip(*iter_video(row, size, fps), strict=True)
    if decoding.is_picture(str(row["video"])):
        return np.stack(frames), 1.0
    return np.stack(frames), float(fps or round((len(times) - 1) / (times[-1] - times[0]), 6))


def iter_video(row, size=None, fps=None):
    """Yield (frame, time in s) of a clip one by one, never holding the whole clip.

    Arguments and frames as in ``read_video``. Times are the file's own clock, which its sound
    shares, also where ``fps`` picks among the frames.

    Raises
    ------
    CorpusError
        Where the clip has no picture, or its file is missing, empty, no video, or of one frame.
        That a video is cut off may be known only at its end: then the error comes after the
        last frame.

    Notebook: 01_corpora_and_labels
    """
    if fps is not None and not fps > 0:
        raise ValueError(f"fps must be above 0, not {fps}")
    if _is_puppet(row):
        from emolib.corpora import puppets

        pictures, puppet_fps = puppets.read_frames(row)
        frames = ((picture, i / puppet_fps) for i, picture in enumerate(pictures))
    else:
        source = str(_value(row, "video"))
        if decoding.is_picture(source):
            return iter([(_resize(decoding.read_picture(source), size), 0.0)])
        frames = decoding.read_frames(_file(row, "video"))
    frames = frames if fps is None else _nearest_in_time(frames, fps)
    return ((_resize(decoding.rgb(frame), size), time) for frame, time in frames)


def read_action_units(row, frames=False):
    """Read a clip's facial action units (intensity ``AU01_r``… from 0 to 5, presence ``AU01_c``…).

    RAVDESS's clip means and frames come from two modes of OpenFace: never mix them in one model.

    Returns
    -------
    pandas.DataFrame
        One row, the mean over the clip, or one row a frame where ``frames`` is true.

    Raises
    ------
    CorpusError
        Where the clip has none.

    Notebook: 01_corpora_and_labels
    """
    if _is_puppet(row):
        from emolib.corpora import puppets

        units = puppets.read_action_units(row)
    else:
        path = _file(row, "action_units")
        if path.suffix == ".npz":
            return _stored_action_units(path, row["clip"], frames)
        units = _openface_table(path)
    return units if frames else units.mean().to_frame().T


def read_features(row, modality):
    """Read a clip's feature vector or sequence, of ``"audio"``, ``"text"`` or ``"video"``.

    Returns
    -------
    ndarray of float
        Shape (features,) or (time, features): see the corpus's card.

    Raises
    ------
    CorpusError
        Where the clip has no features of this modality, or their file is no npz of plain arrays.

    Notebook: 01_corpora_and_labels
    """
    path = _file(row, "features")
    arrays = load_arrays(path)
    # One file for all clips has an array a part; columns of these names may be a reader's own.
    shared = f"{modality}_{row.get('part')}" in arrays
    key = f"{modality}_{row['part']}" if shared else modality
    if key not in arrays:
        raise CorpusError(
            f"{printable(path)} has no {modality} features: it holds {', '.join(sorted(arrays))}"
        )
    return (arrays[key][int(row["position"])] if shared else arrays[key]).copy()


def read_truth(row):
    """Read the truth behind a puppet's clip: F0, phonemes, action units, face box, landmarks.

    Raises
    ------
    CorpusError
        For every real corpus: there nobody knows it.

    Notebook: 01_corpora_and_labels
    """
    if not _is_puppet(row):
        raise CorpusError(
            f"clip {row['clip']!r} of {row['corpus']} was recorded from life: only the puppets "
            "have a truth that is known"
        )
    from emolib.corpora import puppets

    return puppets.read_truth(row)


def _is_puppet(row):
    return row["corpus"] == "puppets"


def _value(row, column):
    value = row.get(column)
    if value is None or pd.isna(value) or not str(value).strip():
        raise CorpusError(
            f"clip {row['clip']!r} of {row['corpus']} has no {column}: put its file into the "
            f"corpus's folder, or keep only the rows with table[{column!r}].notna()"
        )
    return value


def _file(row, column):
    return whole_file(Path(_value(row, column)))


def _nearest_in_time(frames, fps):
    """Yield, for each time k / fps from the first frame on, the frame nearest to it."""
    previous, k, gap = None, 0, 0.0
    for frame, time in frames:
        if previous is None:
            start = time
        else:
            gap = time - previous[1]
            while start + k / fps < previous[1] + gap / 2:
                yield previous
                k += 1
        previous = frame, time
    while previous is not None and start + k / fps < previous[1] + gap / 2:
        yield previous
        k += 1


def _resize(picture, size):
    if size is None:
        return picture
    height, width = (size, size) if np.ndim(size) == 0 else size
    if picture.shape[:2] == (height, width):
        return picture
    smaller = height * width < picture.shape[0] * picture.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(picture, (int(width), int(height)), interpolation=method)


def _stored_action_units(path, clip, frames):
    """Read RAVDESS's action units: the means, or the frames of the actors that have them."""
    file = path.with_name("au_frames_actors01-05.npz") if frames else path
    stored = load_arrays(file, "ids", "au", *(("length",) if frames else ()))
    if stored["au"].shape[-1] != len(ACTION_UNITS):
        raise damaged(file, f"expected an array au (…, {len(ACTION_UNITS)})")
    at = np.flatnonzero(stored["ids"] == f"01-{clip}")
    if len(at) != 1:
        raise CorpusError(f"{printable(file)} has {len(at)} entries for clip {clip!r}, not one")
    units = stored["au"][at[0]]
    units = units[: stored["length"][at[0]]] if frames else units[None]
    return pd.DataFrame(units, columns=ACTION_UNITS, copy=True)  # the arrays are kept


def _openface_table(path):
    """Read the action units of a csv file that OpenFace wrote, without the frames it gave up on."""
    try:
        table = pd.read_csv(path, skipinitialspace=True)
    except (ValueError, OSError) as error:
        raise damaged(path, f"no csv file ({error})") from error
    table.columns = table.columns.str.strip()
    units = [column for column in table if re.fullmatch(r"AU\d\d_[rc]", column)]
    if not units or table.empty:
        raise damaged(path, "no columns AU01_r …", "give the csv file that OpenFace writes")
    lost = int((table["success"] != 1).sum()) if "success" in table else 0
    if lost == len(table):
        raise damaged(path, "OpenFace found a face in no frame", "leave this clip out")
    if lost:
        warnings.warn(f"{printable(path)}: left out {lost} frames without a face", stacklevel=3)
        table = table[table["success"] == 1]
    return table[units].reset_index(drop=True)
