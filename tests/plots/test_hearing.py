"""Figures of the audio room: what stands where, in which unit."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from emolib import audio, plots

RATE = 16000


@pytest.fixture
def tone():
    return (0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.fixture(autouse=True)
def no_figure_is_left_open():
    yield
    plt.close("all")


@pytest.mark.parametrize("kind", audio.KINDS)
def test_each_picture_names_itself_its_units_and_ends_with_the_sound(tone, kind):
    ax = plots.sound_picture(tone, RATE, kind)
    assert ax.get_title().lower() == kind
    assert ax.get_ylabel() and ax.get_xlabel() == "time (s)"
    assert np.allclose(ax.get_xlim(), (0, 1))
    figure = plots.six_pictures(tone, RATE, "A tone")
    assert {kind} <= {a.get_title().lower() for a in figure.axes}


def test_a_tone_of_one_kilohertz_stands_at_one_kilohertz(tone):
    image = plots.sound_picture(tone, RATE, "spectrogram").images[0]
    level = np.asarray(image.get_array())
    _, _, low, high = image.get_extent()
    row = level[:, 16].argmax()
    assert low + (row + 0.5) * (high - low) / len(level) == pytest.approx(1.0, abs=0.005)
    ax = plots.sound_picture(tone, RATE, "mel spectrogram")
    row = np.asarray(ax.images[0].get_array())[:, 16].argmax()
    ticks = dict(zip([t.get_text() for t in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert abs(row - ticks["1"]) <= 1
    centroid = plots.sound_picture(tone, RATE, "spectral centroid").lines[0].get_ydata()
    assert centroid[16] == pytest.approx(1.0, abs=0.02)


def test_a_click_stands_at_its_time():
    signal = np.zeros(RATE, np.float32)
    signal[RATE // 2] = 0.9
    image = plots.sound_picture(signal, RATE, "spectrogram").images[0]
    frames = np.flatnonzero(np.asarray(image.get_array()).max(axis=0) > -80)
    left, right, _, _ = image.get_extent()
    width = (right - left) / image.get_array().shape[1]
    assert left + (frames.mean() + 0.5) * width == pytest.approx(0.5, abs=0.02)


def test_unvoiced_frames_stay_empty_whether_nan_or_zero():
    found = np.array([np.nan, 100, 200, np.nan])
    ax = plots.pitch_track(found, 0.01, truth=np.array([0, 100, 0, 150.0]))
    truth, dots = (line.get_ydata() for line in ax.lines)
    np.testing.assert_array_equal(truth, [np.nan, 100, np.nan, 150])
    np.testing.assert_array_equal(dots, found)
    np.testing.assert_allclose(ax.lines[1].get_xdata(), [0, 0.01, 0.02, 0.03])
    low, high = ax.get_ylim()
    assert low < 100 and high > 200
    plots.pitch_track(np.full(5, np.nan), 0.01)  # silence can be drawn


def test_a_filter_peaks_at_its_frequency():
    bank = audio.mel_filterbank(RATE, 2048, 20, htk=True, norm=None)
    ax = plots.filter_bank(bank, RATE)
    middles = audio.mel_to_hz(np.linspace(0, audio.hz_to_mel(8000), 22))[1:-1] / 1000
    peaks = [line.get_xdata()[line.get_ydata().argmax()] for line in ax.lines]
    np.testing.assert_allclose(peaks, middles, atol=0.008)
    assert "20 mel filters" in ax.get_title()
