"""Make ``puppet_voices.npz``: what the puppets' 25 voices sound like, as numbers.

A development script; nothing imports it. It needs ``espeakng-loader`` (the ``dev`` extra):

    python -m emolib.corpora.make_puppet_voices [where.npz]

Each voice speaks each statement once, in a process of its own (the engine's sound depends on
what it spoke before), low and monotone (a low F0 samples the spectrum's envelope densely). Only
measurements of that sound are kept: on a time grid common to all voices, linear prediction
(Makhoul 1975) as line spectral frequencies (Itakura 1975), which may be interpolated and rounded
and still give a stable filter, and the gain. No sound, F0 or code of the engine is kept.

The arrays, for statement s = 1 and 2 with n frames of ``STEP`` seconds:

- ``lsf_s`` (25, n, 18) uint16: line spectral frequencies, 65,536 is half the sampling rate.
- ``gain_s`` (25, n) uint8: half decibels, 255 is loudest, 0 is silence; the mean power of a
  voice's two statements is the same for all voices.
- ``symbols_s`` (m,) str, ``ends_s`` (m,) float64: phonemes (IPA; ɑɹ and ɔɹ are one
  gliding sound each, in "are" and "door") and where each ends, in seconds.

Row 0 is nobody's: the voice that is left where no actor may be heard.
"""

import ctypes
import multiprocessing
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.linalg import solve_toeplitz
from scipy.signal import resample_poly
from tqdm.auto import tqdm

from emolib.corpora.puppet_voice import PRE_EMPHASIS, RATE, STEP, prediction_filter, warp

WINDOW, ORDER = 400, 18  # samples; coefficients
TEXTS = ("Kids are talking by the door", "Dogs are sitting by the door")

# (variant, the engine's pitch setting that gives 75 to 110 Hz, factor of the resonances); row 0,
# then actors 1 to 24: odd actors have the lower voices. Of the engine's variants, those that a
# speech recogniser (PocketSphinx) understood best after resynthesis; few of its own high voices
# were, so most high voices are low ones with a shorter vocal tract.
VOICES = (
    ("edward", 40, 1.0),
    ("Gene2", 40, 1.0), ("f2", 0, 1.0), ("Mike", 40, 1.0), ("Hugo", 40, 1.08),
    ("Storm", 40, 1.0), ("f5", 0, 1.0), ("Denis", 40, 1.0), ("iven", 40, 1.07),
    ("m3", 40, 1.0), ("anika", 0, 1.0), ("sandro", 40, 1.0), ("pablo", 40, 1.07),
    ("Diogo", 40, 1.0), ("f1", 0, 1.0), ("Mario", 40, 1.0), ("m5", 40, 1.06),
    ("m1", 40, 1.0), ("Henrique", 40, 1.06), ("Gene", 40, 1.0), ("max", 40, 1.07),
    ("miguel", 40, 1.0), ("m6", 40, 1.06), ("edward2", 40, 1.0), ("m1", 40, 1.08),
)  # fmt: skip

IPA = {
    "k": "k", "I": "ɪ", "d": "d", "z": "z", "A@": "ɑɹ", "t": "t", "O:": "ɔ", "N": "ŋ", "b": "b",
    "aI": "aɪ", "D": "ð", "@2": "ə", "o@": "ɔɹ", "0": "ɑ", "g": "g", "s": "s", "t#": "ɾ",
}  # fmt: skip


class EventId(ctypes.Union):
    """The engine's ``espeak_EVENT.id``."""

    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class Event(ctypes.Structure):
    """The engine's ``espeak_EVENT``."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", EventId),
    )


def plain_variants(folder):
    """Copy the engine's data to ``folder``, its variants without echo, noise and flutter."""
    import espeakng_loader

    data = Path(folder) / "espeak-ng-data"
    shutil.copytree(espeakng_loader.get_data_path(), data)
    for path in (data / "voices" / "!v").iterdir():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        keep = [x for x in lines if not x.startswith(("echo", "roughness", "flutter", "breath"))]
        path.write_text("\n".join(keep) + "\n", encoding="utf-8")
    return str(data)


def engine(data, variant, pitch, text):
    """Speak once; return the sound at the engine's rate, that rate and (phoneme, sample) events."""
    import espeakng_loader

    sound, events = [], []
    callback = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event)
    )

    @callback
    def collect(samples, n, event):
        if samples and n > 0:
            sound.append(np.ctypeslib.as_array(samples, (n,)).copy())
        k = 0
        while event[k].type != 0:  # 0 ends the list, 5 the text; 7 is a phoneme
            if event[k].type == 7:
                events.append((event[k].id.string.decode(), event[k].sample))
            k += 1
        return 0

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(2, 0, data.encode(), 1)  # to the callback; phoneme events
    library.espeak_SetSynthCallback(collect)
    if library.espeak_SetVoiceByName(f"en-us+{variant}".encode()):
        raise SystemExit(f"espeak-ng has no variant {variant!r}")
    for setting, value in ((1, 160), (3, pitch), (4, 0)):  # words a minute, pitch, pitch range
        library.espeak_SetParameter(setting, value, 0)
    line = text.encode()
    library.espeak_Synth(line, len(line) + 1, 0, 1, 0, 1, None, None)
    library.espeak_Synchronize()
    return np.concatenate(sound) / 32768, rate, events


def phonemes(sound, rate, events):
    """(symbol, start, end) in seconds; a stop begins where its closure does.

    The engine's event stands at the release; the silence before it is the stop's own.
    """
    events = [(e.strip("'"), s) for e, s in events]
    last = next(s for e, s in events if e.startswith("_"))
    events = [(e, s) for e, s in events if not e.startswith("_")]
    starts = []
    for symbol, sample in events:
        if symbol in ("t", "k", "b", "D") and starts:  # nothing but rounding in the last 80 ms
            quiet = np.abs(sound[:sample]) < 2e-3
            loud = np.flatnonzero(~quiet)
            sample = max(loud[-1] + 1, sample - int(0.08 * rate)) if len(loud) else sample
        starts.append(sample / rate)
    return [IPA[e] for e, _ in events], np.array([*starts, last / rate])


def line_spectrum(frame):
    """Line spectral frequencies (radians, ascending) and gain of one windowed frame."""
    r = np.correlate(frame, frame, "full")[len(frame) - 1 :][: ORDER + 1]
    lag = np.arange(ORDER + 1)
    r = r * np.exp(-0.5 * (2 * np.pi * 40 / RATE * lag) ** 2)  # 40 Hz: no pole on the circle
    r[0] = r[0] * (1 + 1e-5) + 1e-9
    a = np.concatenate([[1.0], -solve_toeplitz(r[:-1], r[1:])])
    p = np.append(a, 0) + np.append(0, a[::-1])
    q = np.append(a, 0) - np.append(0, a[::-1])
    angles = np.angle(np.concatenate([np.roots(p), np.roots(q)]))
    lines = np.sort(angles[(angles > 1e-6) & (angles < np.pi - 1e-6)])
    return lines, np.sqrt(max(a @ r, 0.0) / (np.hanning(WINDOW) ** 2).sum())


def measure(sound, positions):
    """Line spectra (frames, 18) in radians and gains (frames,), frames at ``positions`` seconds."""
    sound = np.append(sound[0], sound[1:] - PRE_EMPHASIS * sound[:-1])
    sound = np.pad(sound, WINDOW)
    starts = np.round(positions * RATE).astype(int) + WINDOW - WINDOW // 2
    found = [line_spectrum(sound[s : s + WINDOW] * np.hanning(WINDOW)) for s in starts]
    return np.array([lines for lines, _ in found]), np.array([gain for _, gain in found])


def make(path):
    """Speak, measure and write all voices."""
    arrays, powers, measured = {}, [], {}
    with tempfile.TemporaryDirectory() as folder:
        data = plain_variants(folder)
        jobs = [(data, v, pitch, text) for text in TEXTS for v, pitch, _ in VOICES]
        with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
            spoken = pool.starmap(engine, jobs, chunksize=1)
    for s in (1, 2):
        voices = []
        for sound, rate, events in spoken[(s - 1) * len(VOICES) : s * len(VOICES)]:
            symbols, edges = phonemes(sound, rate, events)
            voices.append((resample_poly(sound, 320, 441), symbols, edges))
        if len({tuple(v[1]) for v in voices}) > 1:
            raise SystemExit("the voices speak different phonemes")
        common = np.mean([v[2] - v[2][0] for v in voices], axis=0)
        grid = np.arange(round(common[-1] / STEP) + 1) * STEP
        measured[s] = [
            measure(x, np.interp(grid, common, e)) for x, _, e in tqdm(voices, TEXTS[s - 1])
        ]
        arrays[f"symbols_{s}"] = np.array(voices[0][1])
        arrays[f"ends_{s}"] = common[1:]
    for v in range(len(VOICES)):  # the power that a filter of this gain gives to white noise
        powers.append(np.mean(np.concatenate([power(*measured[s][v]) for s in (1, 2)])))
    for s in (1, 2):
        lines, gains = (np.array(x) for x in zip(*measured[s], strict=True))
        lines = np.array([warp(x, voice[2]) for x, voice in zip(lines, VOICES, strict=True)])
        decibels = 20 * np.log10(gains / np.sqrt(np.array(powers))[:, None] + 1e-9)
        arrays[f"lsf_{s}"] = np.round(lines / np.pi * 65536).astype(np.uint16)
        arrays[f"gain_{s}"] = np.clip(np.round(2 * (decibels + 107.5)), 0, 255).astype(np.uint8)
    np.savez_compressed(path, **arrays)
    print(f"{path}: {Path(path).stat().st_size / 1000:.0f} kB")


def power(lines, gains):
    """Mean power of unit white noise through each frame's filter and de-emphasis."""
    response = np.fft.rfft(prediction_filter(lines), 1024)
    de_emphasis = np.fft.rfft([1, -PRE_EMPHASIS], 1024)
    return gains**2 * np.mean(1 / np.abs(response * de_emphasis) ** 2, axis=-1)


if __name__ == "__main__":
    make(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("puppet_voices.npz"))
