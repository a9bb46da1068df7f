"""Optical flow of known motion, by our least squares and by OpenCV, and its colours."""

import colorsys
import tracemalloc

import cv2
import numpy as np
import pytest
from scipy.ndimage import fourier_shift, gaussian_filter

from emolib.corpora import CorpusError
from emolib.video import dense_flow, flow_to_color, lucas_kanade

INSIDE = (slice(16, -16), slice(16, -16))  # beyond the reach of the edges


def texture(seed=1, size=(120, 128), sigma=4):
    """Smooth noise that repeats at its edges, 18 to 238."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=size), sigma, mode="wrap")
    return 128 + 110 * noise / np.abs(noise).max()


def moved(picture, right, down):
    """Shift by parts of a pixel without error: the picture has no sharp detail and repeats."""
    return np.fft.ifft2(fourier_shift(np.fft.fft2(picture), (down, right))).real


def to_bytes(picture):
    return np.rint(picture).astype(np.uint8)


@pytest.mark.parametrize("shift", [(0.5, -0.3), (-0.25, 0.75), (0.8, 0.6), (0.0, 0.1), (0.0, 0.0)])
def test_a_known_shift_below_a_pixel_is_found_by_both(shift):
    first, second = texture(), moved(texture(), *shift)
    ours = lucas_kanade(first, second)[INSIDE]
    opencv = next(dense_flow([to_bytes(first), to_bytes(second)]))[INSIDE]
    for flow in (ours, opencv):
        apart = np.abs(flow - shift)
        assert np.quantile(apart, 0.95) < 0.1
        assert np.abs(np.median(flow, axis=(0, 1)) - shift).max() < 0.03


def test_two_pixels_are_found_by_dense_flow_and_missed_by_one_linear_step():
    first, second = texture(sigma=2), moved(texture(sigma=2), 2.3, -1.6)
    dense = next(dense_flow([to_bytes(first), to_bytes(second)]))[INSIDE]
    assert np.quantile(np.abs(dense - (2.3, -1.6)), 0.95) < 0.1
    assert np.abs(lucas_kanade(first, second)[INSIDE] - (2.3, -1.6)).mean() > 0.3


@pytest.mark.parametrize("window", [3, 5])
def test_each_window_is_numpys_least_squares(window):
    first, second = texture(2, (24, 26), 2), moved(texture(2, (24, 26), 2), 0.4, 0.2)
    found = lucas_kanade(first, second, window)
    mean = np.pad((first + second) / 2, 1, mode="symmetric")
    x = (mean[1:-1, 2:] - mean[1:-1, :-2]) / 2
    y = (mean[2:, 1:-1] - mean[:-2, 1:-1]) / 2
    half = window // 2
    for row, column in ((9, 12), (5, 20), (17, 7)):
        part = np.s_[row - half : row + half + 1, column - half : column + half + 1]
        lines = np.stack([x[part].ravel(), y[part].ravel()], axis=1)
        expected, *_ = np.linalg.lstsq(lines, (first - second)[part].ravel(), rcond=None)
        np.testing.assert_allclose(found[row, column], expected, rtol=1e-3, atol=1e-4)


def test_along_an_edge_only_the_motion_across_it_is_seen():
    """The aperture problem: the edge moves by (0.5, 0), the least motion that fits is across it."""
    y, x = np.mgrid[:40, :40]
    for angle in (0.0, 0.5, 2.0):
        across = np.array([np.cos(angle), np.sin(angle)])
        first, second = (
            100 / (1 + np.exp(-((x - 20 - p) * across[0] + (y - 20) * across[1]) / 2))
            for p in (0, 0.5)
        )
        flow = lucas_kanade(first, second)[20, 20]
        np.testing.assert_allclose(flow, 0.5 * across[0] * across, atol=0.02)


def test_flat_pictures_do_not_move():
    flat = np.full((12, 14), 90, np.uint8)
    assert (lucas_kanade(flat, flat) == 0).all()
    assert (lucas_kanade(flat, flat + 5) == 0).all()  # brighter, without a slope to explain it
    assert np.abs(next(dense_flow([flat, flat]))).max() == 0


def test_motion_backwards_is_the_negative_and_contrast_plays_no_part():
    first, second = texture(), moved(texture(), 0.4, 0.3)
    there = lucas_kanade(first, second)
    np.testing.assert_allclose(lucas_kanade(second, first), -there, atol=1e-4)
    np.testing.assert_allclose(lucas_kanade(first / 255, second / 255), there, atol=1e-3)


def test_colour_and_grey_and_numbers_of_either_type():
    first, second = to_bytes(texture()), to_bytes(moved(texture(), 0.5, -0.5))
    colours = [np.repeat(frame[..., None], 3, axis=-1) for frame in (first, second)]
    np.testing.assert_array_equal(next(dense_flow(colours)), next(dense_flow([first, second])))
    np.testing.assert_array_equal(lucas_kanade(*colours), lucas_kanade(first, second))
    floats = [frame.astype(float) for frame in (first, second)]
    np.testing.assert_allclose(lucas_kanade(*floats), lucas_kanade(first, second), atol=1e-5)


def test_dense_flow_is_opencvs_of_each_pair():
    frames = [to_bytes(moved(texture(), 0.3 * k, 0.1 * k * k)) for k in range(4)]
    found = list(dense_flow(iter(frames)))
    assert len(found) == 3
    for k, flow in enumerate(found):
        expected = cv2.calcOpticalFlowFarneback(
            frames[k], frames[k + 1], None, 0.5, 3, 15, 3, 5, 1.2, 0
        )
        assert flow.dtype == np.float32
        np.testing.assert_array_equal(flow, expected)


def test_a_long_stream_of_720p_is_not_gathered():
    """120 frames (4 s) weigh 330 MB, and their flow 880; at most some frames may be held."""
    frame = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), dtype=np.uint8)

    def stream(n):
        for k in range(n):
            yield np.roll(frame, k, axis=1)

    def peak(n):
        tracemalloc.start()
        for flow in dense_flow(stream(n)):
            assert flow.shape == (720, 1280, 2)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    short, longer = peak(3), peak(9)
    assert longer < short + frame.nbytes
    assert longer < 10 * frame.nbytes


@pytest.mark.parametrize(
    ("motion", "hue"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), 270), ((1, 1), 45)]
)
def test_direction_is_hue_and_magnitude_is_value(motion, hue):
    size = np.hypot(*motion)
    flow = np.array([[motion, np.multiply(motion, 0.5), (0, 0)]], float)
    for pixel, value in zip(flow_to_color(flow, size)[0], (1, 0.5, 0), strict=True):
        expected = 255 * np.array(colorsys.hsv_to_rgb(hue / 360, 1, value))
        np.testing.assert_allclose(pixel, expected, atol=1.5)


def test_the_scale_is_the_largest_motion_or_the_given_one_and_more_is_cut():
    flow = np.zeros((2, 2, 2))
    flow[0, 0], flow[1, 1] = (4, 0), (2, 0)
    own, given, narrow = flow_to_color(flow), flow_to_color(flow, 8), flow_to_color(flow, 1)
    assert own.dtype == np.uint8 and own.shape == (2, 2, 3)
    assert (own[0, 0, 0], own[1, 1, 0]) == (255, 128)
    assert (given[0, 0, 0], given[1, 1, 0]) == (128, 64)
    assert (narrow[0, 0, 0], narrow[1, 1, 0]) == (255, 255)
    assert (flow_to_color(np.zeros((3, 4, 2))) == 0).all()


FRAME = np.zeros((12, 14), np.uint8)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "two frames"),
        ([FRAME], "two frames"),
        ([FRAME, FRAME[:5]], "size"),
        ([FRAME, FRAME.astype(float)], "uint8"),
        ([FRAME, FRAME[None]], "shape"),
        ([FRAME, None], "NoneType"),
        ([FRAME[:0], FRAME[:0]], "empty"),
    ],
)
def test_dense_flow_names_what_is_no_clip(frames, words):
    with pytest.raises(CorpusError, match=words):
        list(dense_flow(frames))


@pytest.mark.parametrize(
    ("first", "second", "window", "words"),
    [
        (FRAME, FRAME[:5], 3, "one size"),
        (FRAME, FRAME.astype(float), 3, "type"),
        (FRAME, np.full((12, 14), np.nan), 3, "finite"),
        (FRAME[0], FRAME[0], 3, "shape"),
        (FRAME, FRAME, 4, "odd"),
        (FRAME, FRAME, -3, "odd"),
    ],
)
def test_lucas_kanade_names_what_it_cannot_use(first, second, window, words):
    with pytest.raises(CorpusError, match=words):
        lucas_kanade(first, second, window)


@pytest.mark.parametrize(
    "flow", [np.zeros((4, 5)), np.zeros((4, 5, 3)), np.full((2, 2, 2), np.nan)]
)
def test_colours_are_made_of_a_flow_only(flow):
    with pytest.raises(CorpusError, match="a flow is"):
        flow_to_color(flow)
    with pytest.raises(CorpusError, match="largest"):
        flow_to_color(np.zeros((2, 2, 2)), 0)
