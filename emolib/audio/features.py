"""One vector of numbers a clip: the field's common statistics of sound, for whole tables."""

import functools
import hashlib
import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor
from numbers import Number
from pathlib import Path

import joblib
import librosa
import numpy as np
import soxr
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from emolib import corpora
from emolib.audio import augmentation
from emolib.audio.augmentation import WINDOW
from emolib.audio.framing import check_sound
from emolib.corpora import CorpusError
from emolib.corpora.folder import keep

RATE = 22_050  # Hz
SPAN = (0.6, 3.1)  # seconds
# What makes a puppet's sound, for the cache: it has no sound file.
_SPOKEN = ("clip", "audio", "video", "actor", "statement", "intensity", "voice_shows")


def audio_features_162(signal, rate):
    """Describe a sound by 162 numbers, each the mean over time of librosa's feature of that name.

    In this order: zero-crossing rate (1), chroma of the short-time spectrum (12), MFCC (20), RMS
    (1), mel power spectrogram (128), with librosa's defaults: windows of 2,048 samples, steps of
    512. The paper names only some of its 162 features; this is our reading of the number.

    Parameters
    ----------
    signal : ndarray of float, shape (samples,)
        Sound in [-1, 1], 2,048 samples at least.
    rate : int
        Samples a second; the course's figures are for 22,050.

    Returns
    -------
    ndarray of float32, shape (162,)
        Of very different sizes: standardise them on the training rows.

    Raises
    ------
    ValueError
        As ``check_sound``.

    Source: dv-emotionnet, Audio Feature Extraction and Fig. 1 (input length).
    Notebook: 02_honest_evaluation
    """
    signal = check_sound(signal, WINDOW, "the features need")
    # One spectrum serves chroma, MFCC and mel: the same numbers as from the signal, sooner.
    power = np.abs(librosa.stft(signal, n_fft=WINDOW)) ** 2
    mel = librosa.feature.melspectrogram(S=power, sr=rate)
    blocks = (
        librosa.feature.zero_crossing_rate(signal),
        librosa.feature.chroma_stft(S=power, sr=rate),
        librosa.feature.mfcc(S=librosa.power_to_db(mel), sr=rate, n_mfcc=20),
        librosa.feature.rms(y=signal),
        mel,
    )
    return np.concatenate([block.mean(axis=1) for block in blocks]).astype(np.float32)


def feature_table(table, function=audio_features_162, rate=RATE, span=SPAN, cache=None, workers=1):
    """Describe the sound of every row of a clip table.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table; copies are made by their ``recipe`` (see ``read_copy``).
    function : callable
        Takes (signal, rate) and returns an array, of one shape for all rows. More arguments are
        given by ``functools.partial``, as in ``partial(picture, kind="mel spectrogram")``.
    rate : int
        Hz, to which sounds are resampled.
    span : (float, float) or None
        Seconds that are used, of the original before a recipe changes it; None: the whole clip. A
        clip that ends within the span is described as far as it goes, without padding.
    cache : str or path, optional
        Folder that keeps each row's numbers under a hash of all that decides them: the sound file's
        bytes, recipe, rate, span, this room's code, and of the function its own text, what it was
        made with (defaults, values of an enclosing function) and the numbers, texts, tuples and
        arrays that it names from outside; not what it calls, nor lists and dictionaries there.
    workers : int
        Threads. The first row that is not in the cache runs alone: librosa compiles its loops at
        first use, and that is not safe in several threads at once.

    Returns
    -------
    ndarray, shape (rows, …)
        In the table's order.

    Raises
    ------
    CorpusError
        Where a clip's sound cannot be read or described; the message names it.
    ValueError
        Where rows come out in several shapes, the table has no row, ``workers`` is below 1, or the
        function's text, or what it was made with, is not at hand for the cache.

    Notebook: 02_honest_evaluation
    """
    rows = feature_sequences(table, function, rate, span, cache, workers)
    shapes = sorted({np.shape(row) for row in rows})
    if len(shapes) > 1:
        raise ValueError(
            f"the rows have {len(shapes)} shapes, from {shapes[0]} to {shapes[-1]}: take "
            "feature_sequences, which keeps each row's own length"
        )
    return np.stack(rows)


def feature_sequences(table, function, rate=RATE, span=None, cache=None, workers=1):
    """Describe the sound of every row of a clip table by an array as long as the clip.

    Parameters
    ----------
    table, rate, span, cache, workers
        As in ``feature_table``, but of whole clips.
    function : callable
        Takes (signal, rate) and returns an array, such as ``mfcc`` or
        ``functools.partial(mfcc, n_mfcc=20)``.

    Returns
    -------
    list of ndarray
        In the table's order.

    Raises
    ------
    CorpusError, ValueError
        As ``feature_table``, whatever the shapes.

    Notebook: 04_mfcc
    """
    if not len(table) or workers < 1:
        raise ValueError(f"needs at least one row and one worker, not {len(table)} and {workers}")
    rows = [row for _, row in table.iterrows()]
    code = None if cache is None else _code(function)
    kept = [None if cache is None else Path(cache) / _name(row, code, rate, span) for row in rows]
    missing = [k for k, path in enumerate(kept) if path is None or not path.is_file()]

    def describe(k):
        numbers = _describe(rows[k], function, rate, span)
        if kept[k] is not None:
            keep(kept[k], functools.partial(np.save, arr=numbers))
        return k, numbers

    def one_then_many(pool):
        yield from map(describe, missing[:1])
        yield from pool.map(describe, missing[1:])

    # Matrices this small are multiplied several times faster by one thread than by BLAS's many.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        bar = {"total": len(missing), "desc": "features", "unit": "clip", "disable": not missing}
        made = dict(tqdm(one_then_many(pool), **bar))
    return [made[k] if k in made else np.load(kept[k]) for k in range(len(rows))]


def _describe(row, function, rate, span):
    try:
        return function(*augmentation.read_copy(row, rate, span))
    except CorpusError:
        raise
    except ValueError as error:
        raise CorpusError(f"clip {row['clip']!r}: {error}") from error


def _name(row, code, rate, span):
    """Name the file that keeps a row's numbers by what decides them."""
    if row["corpus"] == "puppets":
        sound = repr([str(row[column]) for column in _SPOKEN]).encode()
    else:
        file = Path(str(row["audio"]))
        sound = file.read_bytes() if file.is_file() else b""  # reading it will raise
    asked = repr((str(row.get("recipe")), rate, span)).encode()
    return hashlib.sha256(b"\0".join([code, asked, sound])).hexdigest() + ".npy"


def _code(function):
    """Hash the code that turns a file, or a puppet's recipe, into numbers."""
    given = ()
    if isinstance(function, functools.partial):
        function, given = function.func, (function.args, function.keywords)
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError) as error:
        raise ValueError(
            f"the cache needs the text of {function!r}: define it with def in a file or a cell, "
            "or leave the cache out"
        ) from error
    try:
        text += joblib.hash((given, _values(function)))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise ValueError(
            f"the cache cannot hash a value that {function!r} was made with ({error}): give it "
            "numbers by functools.partial, or leave the cache out"
        ) from error
    room = Path(corpora.__file__).parent
    files = sorted(Path(__file__).parent.glob("*.py"))
    files += [room / f"{name}.py" for name in ("reading", "decoding", "puppets", "puppet_voice")]
    digest = hashlib.sha256(f"{librosa.__version__} {soxr.__version__} {text}".encode())
    for file in [*files, room / "puppet_voices.npz"]:
        digest.update(file.read_bytes())
    return digest.digest()


def _values(function):
    """Return what decides a function's numbers beside its text: two of one text may differ in it.

    Of what it names from outside only plain values count: a list may be where it takes notes.
    """
    owner = getattr(function, "__self__", None)  # of a method
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not inspect.isfunction(function):
        return owner
    names, code = [], [function.__code__]
    for one in code:  # with those of the comprehensions and functions inside it
        names += one.co_names
        code += filter(inspect.iscode, one.co_consts)
    plain = (Number, str, bytes, tuple, np.ndarray)
    found = {name: function.__globals__.get(name) for name in names}
    outer = inspect.getclosurevars(function).nonlocals
    named = {name: value for name, value in found.items() if isinstance(value, plain)}
    return owner, outer, named, function.__defaults__, function.__kwdefaults__
