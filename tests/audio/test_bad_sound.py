"""What every function of the room says to a sound that is none, and to one that is unusual."""

import numpy as np
import pytest

from emolib import audio, corpora

RATE = 16000
FUNCTIONS = {
    "frame": lambda x: audio.frame(x, 400, 160),
    "pre_emphasis": audio.pre_emphasis,
    "power_spectrogram": audio.power_spectrogram,
    "mfcc": lambda x: audio.mfcc(x, RATE),
    "pitch": lambda x: audio.autocorrelation_pitch(x, RATE)[0],
    "level": lambda x: audio.level(x, RATE),
    "pauses": lambda x: audio.pauses(x, RATE),
    "nuclei": lambda x: audio.syllable_nuclei(x, RATE),
    "prosody": lambda x: audio.prosody(x, RATE),
    "features_162": lambda x: audio.audio_features_162(x, RATE),
    "augment": lambda x: audio.augment(x, RATE, "shift", seconds=0.1),
    **{kind: (lambda x, kind=kind: audio.picture(x, RATE, kind)) for kind in audio.KINDS},
}
OF_FRAMES = {
    "zero_crossing_rate": audio.zero_crossing_rate,
    "energy": audio.energy,
    "autocorrelation": audio.autocorrelation,
}


def speech(rate=RATE):
    return corpora.read_audio(corpora.load("puppets").iloc[100], rate)[0]


BAD = {
    "NaN": (lambda: np.where(np.arange(8000) == 4000, np.nan, 0.1), "finite"),
    "infinite": (lambda: np.where(np.arange(8000) == 4000, np.inf, 0.1), "finite"),
    "integers": (lambda: (speech() * 32767).astype(np.int16), "int16: divide .* by 32768"),
    "float of integers": (lambda: speech() * 32767, "full scale is 1: divide"),
    "empty": (lambda: np.zeros(0, np.float32), "not empty"),
    "a number": (lambda: np.float32(0.5), "one-dimensional"),
}


@pytest.mark.parametrize("name", FUNCTIONS | OF_FRAMES)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_sound_gets_one_clear_error(name, bad):
    make, says = BAD[bad]
    with pytest.raises(ValueError, match=says):
        (FUNCTIONS | OF_FRAMES)[name](make())


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("axis", [0, 1])
def test_stereo_is_refused_whichever_way_it_lies(name, axis):
    with pytest.raises(ValueError, match=r"one-dimensional.*\(.*2.*\): of several channels take"):
        FUNCTIONS[name](np.stack([speech(), speech()], axis=axis))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_sound_is_left_as_it_was(name):
    signal = speech()
    kept = signal.copy()
    FUNCTIONS[name](signal)
    np.testing.assert_array_equal(signal, kept)


ANSWERS = [name for name in FUNCTIONS if name not in ("prosody", "features_162", "augment")]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ANSWERS)
def test_silence_has_an_answer_without_nan_or_warning(name):
    found = FUNCTIONS[name](np.zeros(RATE, np.float32))
    if name == "pitch":
        assert np.isnan(found).all()
    else:
        assert np.isfinite(found).all()
    assert len(audio.pauses(np.zeros(RATE), RATE)) == audio.speech_rate(np.zeros(RATE), RATE) == 0
    assert audio.zero_crossing_rate(np.zeros(9)) == audio.energy(np.zeros(9)) == 0


@pytest.mark.parametrize("name", ANSWERS)
def test_a_twentieth_of_a_second_has_an_answer(name):
    found = FUNCTIONS[name](speech()[10000:10800])
    assert name == "pitch" or np.isfinite(found).all()


def test_a_twentieth_of_a_second_has_no_prosody():
    with pytest.raises(ValueError, match=r"800 samples, prosody needs 0\.1 s, 1600"):
        audio.prosody(speech()[10000:10800], RATE)


def test_eight_kilohertz_hears_the_same_prosody():
    """Zero crossings excepted: hisses lie above 4 kHz."""
    low, high = audio.prosody(speech(8000), 8000), audio.prosody(speech(), RATE)
    same = [name != "zero_crossings" for name in audio.PROSODY]
    np.testing.assert_allclose(low[same], high[same], rtol=0.1, atol=0.5)
    assert low[-1] < high[-1]
    assert audio.mfcc(speech(8000), 8000).shape[0] == 13
    for kind in audio.KINDS:
        assert audio.picture(speech(8000), 8000, kind).shape == (128, 128)


def test_a_range_of_pitch_that_the_rate_cannot_hold_is_refused():
    with pytest.raises(ValueError, match=r"fmax <= 500 Hz \(rate / 4\), not 65 and 600"):
        audio.autocorrelation_pitch(speech(), 2000)
    with pytest.raises(ValueError, match="fmin < fmax"):
        audio.autocorrelation_pitch(speech(), RATE, fmin=300, fmax=200)


def test_clipped_speech_keeps_its_pitch_and_its_pauses():
    signal = speech()
    clipped = np.clip(signal, -0.1 * np.abs(signal).max(), 0.1 * np.abs(signal).max())
    f0, again = (audio.autocorrelation_pitch(x, RATE)[0] for x in (signal, clipped))
    both = ~np.isnan(f0) & ~np.isnan(again)
    assert both.sum() > 0.8 * (~np.isnan(f0)).sum()
    assert np.median(np.abs(again[both] / f0[both] - 1)) < 0.01
    assert len(audio.pauses(clipped, RATE)) == len(audio.pauses(signal, RATE))


def test_an_offset_counts_as_energy_hides_crossings_and_leaves_mfcc_to_the_first_filters():
    signal = speech()
    assert audio.energy(signal + 0.5) == pytest.approx(0.5, rel=0.02)
    assert audio.zero_crossing_rate(signal + 0.5) == 0
    plain, moved = (
        audio.decibels(audio.mel_spectrogram(x, RATE), None) for x in (signal, signal + 0.5)
    )
    np.testing.assert_allclose(moved[8:, 3:-3], plain[8:, 3:-3], atol=0.1)
    assert (moved[0, 3:-3] > plain[0, 3:-3] + 10).all()


def test_too_few_samples_for_a_shift_a_crossing_or_a_frame_are_counted():
    with pytest.raises(ValueError, match="1 samples, a crossing needs 2"):
        audio.zero_crossing_rate(np.ones(1))
    with pytest.raises(ValueError, match="100 samples, a frame needs 400"):
        audio.frame(np.ones(100) / 2, 400, 160)
    with pytest.raises(ValueError, match="1 sample or more, not 400 every 0"):
        audio.frame(np.ones(800) / 2, 400, 0)
    with pytest.raises(ValueError, match="shifted by 0 to 99, not by 100"):
        audio.autocorrelation(np.ones(100) / 2, 100)
