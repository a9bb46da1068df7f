"""MFCC of 240 clips against librosa, and how the time of MFCC and pitch grows."""

import librosa
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import Row, growth, paired, times_faster
from emolib import corpora
from emolib.audio import autocorrelation_pitch, mfcc

RATE = 16_000
SECONDS = (2, 4, 8, 16, 32, 64)
PARAMETERS = {
    "librosa's defaults": {"n_mfcc": 13},
    "25 ms every 10 ms, 40 HTK filters": {
        "n_mfcc": 13,
        "n_fft": 400,
        "hop_length": 160,
        "n_mels": 40,
        "htk": True,
    },
}


def rows():
    """Compare the MFCC of 240 puppet clips, one clip after the other, with one thread each."""
    table = corpora.load("puppets").iloc[::6]
    clips = [corpora.read_audio(row)[0] for _, row in table.iterrows()]
    claim = f"MFCC of {len(clips)} clips of {np.mean([len(c) for c in clips]) / RATE:.1f} s"
    with threadpool_limits(1):
        return [_row(f"{claim}, {name}", clips, given) for name, given in PARAMETERS.items()]


def _row(claim, clips, given):
    def peer():
        return [librosa.feature.mfcc(y=clip, sr=RATE, **given) for clip in clips]

    def ours():
        return [mfcc(clip, RATE, **given) for clip in clips]

    apart = max(np.abs(a - b).max() for a, b in zip(peer(), ours(), strict=True))
    if apart > 5e-3:
        raise AssertionError(f"{claim}: {apart:.2g} dB apart")
    ratio = times_faster(paired(peer, ours, 11))
    same = f"largest difference {apart:.1g} dB"
    return Row(f"{claim}, one thread", "`librosa.feature.mfcc` per clip", ratio, "×4", same)


def growths():
    """Time MFCC and pitch of a noisy tone against its length."""

    def tone(length):
        t = np.arange(length * RATE) / RATE
        noise = np.random.default_rng(0).normal(size=len(t))
        return (0.3 * np.sin(2 * np.pi * 150 * t) + 0.01 * noise).astype(np.float32)

    def timed(method):
        def make(length):
            signal = tone(length)
            return lambda: method(signal, RATE)

        return make

    unit = "seconds of sound"
    with threadpool_limits(1):
        return [
            growth("MFCC", unit, SECONDS, timed(mfcc), 1),
            growth("pitch by autocorrelation", unit, SECONDS, timed(autocorrelation_pitch), 1),
        ]
