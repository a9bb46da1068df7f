"""What an augmentation promises, measured on sounds whose answer is known."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from emolib.audio import apply_recipe, augment, read_copy
from emolib.corpora import CorpusError, load, read_audio

RATE = 16000


def tone(hz=220.0, seconds=2.0, amplitude=0.3, rate=RATE):
    time = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def pitch(signal, rate=RATE):
    """Read a sinusoid's frequency from its spectrum's peak, between bins by a parabola."""
    level = np.log(np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) + 1e-12)
    k = np.argmax(level)
    below, at, above = level[k - 1 : k + 2]
    return (k + (below - above) / (2 * (below - 2 * at + above))) * rate / len(signal)


def snr(signal, copy):
    noise = copy.astype(np.float64) - signal
    return 10 * np.log10(np.mean(signal.astype(np.float64) ** 2) / np.mean(noise**2))


@pytest.mark.parametrize("snr_db", [-5, 0, 15, 40])
def test_noise_has_the_stated_ratio_and_is_white(snr_db):
    signal = tone(amplitude=0.05)
    copy = augment(signal, RATE, "noise", 3, snr_db=snr_db)
    assert snr(signal, copy) == pytest.approx(snr_db, abs=0.1)
    spectrum = np.abs(np.fft.rfft(copy - signal)) ** 2
    bands = [band.mean() for band in np.array_split(spectrum, 8)]
    assert max(bands) / min(bands) < 1.3


def test_a_copy_above_full_scale_is_scaled_not_clipped():
    signal = tone(amplitude=1.0)
    copy = augment(signal, RATE, "noise", 0, snr_db=0)
    assert np.abs(copy).max() == pytest.approx(1, abs=1e-6)
    assert np.count_nonzero(np.abs(copy) > 0.9999) == 1  # clipping would leave many at the limit
    gain = np.dot(signal, copy) / np.dot(signal, signal)  # noise and tone are all but orthogonal
    assert gain < 0.6
    assert snr(gain * signal, copy) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("semitones", [-4, -0.5, 0.7, 5])
def test_pitch_moves_the_frequency_and_not_the_length(semitones):
    copy = augment(tone(), RATE, "pitch", semitones=semitones)
    assert len(copy) == len(tone())
    assert pitch(copy) == pytest.approx(220 * 2 ** (semitones / 12), rel=0.01)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25])
def test_stretch_changes_the_length_and_not_the_frequency(factor):
    copy = augment(tone(), RATE, "stretch", rate=factor)
    assert len(copy) == round(len(tone()) / factor)
    assert pitch(copy) == pytest.approx(220, rel=0.01)


@pytest.mark.parametrize("seconds", [0.25, -0.25, 0.0])
def test_shift_moves_the_onset_by_the_samples_and_fills_with_silence(seconds):
    signal = np.zeros(RATE, np.float32)
    signal[8000:8100] = 0.5
    copy = augment(signal, RATE, "shift", seconds=seconds)
    assert len(copy) == len(signal)
    assert np.flatnonzero(copy)[[0, -1]].tolist() == [8000 + seconds * RATE, 8099 + seconds * RATE]


def test_what_leaves_the_clip_does_not_come_back_at_the_other_end():
    copy = augment(np.ones(100, np.float32), 100, "shift", seconds=0.3)
    assert copy.tolist() == [0] * 30 + [1] * 70
    copy = augment(np.ones(100, np.float32), 100, "shift", seconds=-0.3)
    assert copy.tolist() == [1] * 70 + [0] * 30


def test_random_shifts_stay_within_most_and_go_both_ways():
    signal = np.zeros(1000, np.float32)
    signal[500] = 1
    shifts = [np.argmax(augment(signal, 1000, "shift", seed, most=0.1)) - 500 for seed in range(60)]
    assert min(shifts) < -50
    assert max(shifts) > 50
    assert max(np.abs(shifts)) <= 100


@pytest.mark.parametrize(("kind", "amount"), [("noise", {"snr_db": 15}), ("shift", {"most": 0.5})])
def test_a_seed_decides_the_copy(kind, amount):
    first, again, other = (augment(tone(), RATE, kind, seed, **amount) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("noise", {"snr_db": 15}),
        ("shift", {"seconds": 0.1}),
        ("pitch", {"semitones": 1}),
        ("stretch", {"rate": 0.8}),
    ],
)
def test_copies_are_float32_and_leave_the_signal_alone(kind, amount):
    signal = tone(amplitude=1.0)
    kept = signal.copy()
    copy = augment(signal, RATE, kind, **amount)
    assert copy.dtype == np.float32
    assert np.abs(copy).max() <= 1
    assert np.array_equal(signal, kept)


@pytest.mark.parametrize(
    ("kind", "amount", "says"),
    [
        ("echo", {}, "'echo' is none of noise, shift, pitch, stretch"),
        ("noise", {}, "noise takes snr_db"),
        ("noise", {"semitones": 1}, "noise takes snr_db .*, not semitones"),
        ("noise", {"snr_db": float("nan")}, "not snr_db=nan"),
        ("shift", {"seconds": 0.1, "most": 0.1}, "shift takes seconds .* or most"),
        ("shift", {"seconds": 2.0}, "pushes all 2 s out"),
        ("stretch", {"rate": 0}, "stretch takes rate .*, not rate=0"),
        ("pitch", {"semitones": 600}, "pitch takes semitones"),
    ],
)
def test_a_bad_request_names_what_is_allowed(kind, amount, says):
    with pytest.raises(ValueError, match=says):
        augment(tone(), RATE, kind, **amount)


@pytest.mark.parametrize(
    ("signal", "kind", "amount", "says"),
    [
        (np.zeros(4000), "noise", {"snr_db": 15}, "undefined for silence"),
        (np.full(4000, np.nan), "noise", {"snr_db": 15}, "finite"),
        (np.zeros((2, 4000)), "shift", {"seconds": 0.1}, "one-dimensional"),
        (np.zeros(0), "shift", {"seconds": 0.1}, "empty"),
        (np.ones(2047), "stretch", {"rate": 0.8}, "at least 2048 samples"),
    ],
)
def test_a_bad_signal_is_refused(signal, kind, amount, says):
    with pytest.raises(ValueError, match=says):
        augment(signal, RATE, kind, **amount)


def test_a_recipe_is_its_operations_in_order():
    copy = apply_recipe(tone(), RATE, "stretch rate=0.8 + noise snr_db=10 seed=7")
    slow = augment(tone(), RATE, "stretch", rate=0.8)
    assert np.array_equal(copy, augment(slow, RATE, "noise", 7, snr_db=10))


def test_the_recipe_of_a_row_is_applied_to_the_seconds_that_are_used(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.concatenate([tone(440, 1.0), tone(220, 2.0, 0.03)]), RATE)
    row = {"clip": "c1", "corpus": "own", "audio": str(path)}
    original, rate = read_copy(row, 22050, (1.0, 2.5))
    assert (len(original), rate) == (round(1.5 * 22050), 22050)
    assert pitch(original, 22050) == pytest.approx(220, rel=0.01)
    noisy, _ = read_copy({**row, "recipe": "noise snr_db=15 seed=1"}, 22050, (1.0, 2.5))
    assert snr(original, noisy) == pytest.approx(15, abs=0.1)  # not of the loud first second
    changed, _ = read_copy({**row, "recipe": "stretch rate=0.8 + pitch semitones=2"}, 22050, (1, 2))
    assert len(changed) == round(22050 / 0.8)
    assert pitch(changed, 22050) == pytest.approx(220 * 2 ** (2 / 12), rel=0.01)


@pytest.mark.parametrize("recipe", [pd.NA, None, "", " ", float("nan"), ...])
def test_a_row_without_a_recipe_is_the_original(recipe):
    row = load("puppets").iloc[0].copy()
    expected, rate = read_audio(row)
    if recipe is not ...:  # else the table has no such column
        row["recipe"] = recipe
    signal, own_rate = read_copy(row)
    assert own_rate == rate
    assert np.array_equal(signal, expected)


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        ("echo delay=1", "'echo' is none of"),
        ("noise", "does not read 'kind name=number'"),
        ("noise snr_db = 15", "does not read 'kind name=number'"),
        ("noise snr_db=15, seed=2", "15,"),
        ("noise snr_db=15+pitch semitones=1", r"15\+pitch"),
        ("noise snr_db=loud", "loud"),
        ("noise snr_db=15 seed=1.5", "1.5"),
        ("noise snr_db=15 snr_db=5", "snr_db twice"),
        ("stretch rate=0.8 + ", "does not read 'kind name=number'"),
        ("shift seconds=50", "pushes all"),
    ],
)
def test_a_bad_recipe_is_named_with_its_clip(recipe, says):
    row = load("puppets").iloc[0].copy()
    row["recipe"] = recipe
    with pytest.raises(CorpusError, match=says) as caught:
        read_copy(row)
    assert row["clip"] in str(caught.value)
    assert repr(recipe) in str(caught.value)


def test_a_clip_that_ends_before_the_span_is_named():
    row = load("puppets").iloc[0]
    with pytest.raises(CorpusError, match=f"'{row['clip']}' ends at .* begins at 60 s"):
        read_copy(row, span=(60, 61))
    with pytest.raises(ValueError, match="span"):
        read_copy(row, span=(2, 1))
