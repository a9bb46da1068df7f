"""Gaussians in space and time against SciPy, closed forms and the semigroup they form."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from emolib.corpora import CorpusError
from emolib.video import derivatives, gaussian_kernel, linear_scale_space


@pytest.fixture
def noise():
    return np.random.default_rng(3).normal(100, 40, (21, 33, 27)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.3, 6.0])
def test_the_kernel_is_a_normalised_gaussian(sigma):
    kernel = gaussian_kernel(sigma)
    x = np.arange(len(kernel)) - len(kernel) // 2
    assert kernel.sum() == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(kernel, kernel[::-1])
    if sigma >= 1:  # below one pixel the samples no longer resolve the curve
        assert np.sqrt((kernel * x**2).sum()) == pytest.approx(sigma, rel=0.002)
        np.testing.assert_allclose(
            kernel, np.exp(-(x**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma), atol=1e-4
        )


@pytest.mark.parametrize(("sigma", "tau"), [(1.5, 1.0), (0, 2.0), (2.0, 0), (0.4, 3.1), (2.1, 0.5)])
def test_it_is_scipys_gaussian_filter(noise, sigma, tau):
    expected = gaussian_filter(noise.astype(float), (tau, sigma, sigma), mode="reflect")
    found = linear_scale_space(noise, sigma, tau)
    assert (found.dtype, found.shape) == (np.float32, noise.shape)
    np.testing.assert_allclose(found, expected, atol=2e-3)  # of values around 100


def test_an_impulse_becomes_the_gaussian_and_keeps_its_sum():
    video = np.zeros((31, 41, 37), np.float32)
    video[15, 20, 18] = 1
    found = linear_scale_space(video, 2.0, 1.5)
    t, y, x = np.mgrid[-15:16, -20:21, -18:19]
    exact = np.exp(-(x**2 + y**2) / (2 * 2.0**2) - t**2 / (2 * 1.5**2))
    exact /= (2 * np.pi) ** 1.5 * 2.0**2 * 1.5
    np.testing.assert_allclose(found, exact, atol=2e-3 * exact.max())
    assert found.sum() == pytest.approx(1, abs=1e-4)


def test_variances_add(noise):
    twice = linear_scale_space(linear_scale_space(noise, 1.5, 1.2), 2.0, 1.6)
    once = linear_scale_space(noise, 2.5, 2.0)
    scatter = once.std()
    assert np.abs(twice - once).max() < 0.02 * scatter
    assert np.abs(twice - linear_scale_space(noise, 3.5, 2.8)).max() > 0.2 * scatter  # they differ


def test_a_constant_video_stays_and_a_mean_is_kept(noise):
    constant = np.full((9, 12, 11), 37, np.uint8)
    np.testing.assert_allclose(linear_scale_space(constant, 3.0, 2.0), 37, atol=1e-4)
    assert linear_scale_space(noise, 2.0, 2.0).mean() == pytest.approx(noise.mean(), rel=1e-5)


def test_no_blur_changes_nothing(noise):
    np.testing.assert_array_equal(linear_scale_space(noise, 0, 0), noise)


def test_integers_and_floats_grey_and_colour_give_the_same():
    grey = np.random.default_rng(1).integers(0, 256, (7, 13, 15), dtype=np.uint8)
    blurred = linear_scale_space(grey, 1.5, 1.0)
    np.testing.assert_array_equal(blurred, linear_scale_space(grey.astype(float), 1.5, 1.0))
    colour = np.stack([grey, grey // 2, 255 - grey], axis=-1)
    channels = linear_scale_space(colour, 1.5, 1.0)
    np.testing.assert_allclose(channels[..., 0], blurred, atol=1e-4)
    np.testing.assert_allclose(channels[..., 2], 255 - blurred, atol=1e-3)
    view = np.asfortranarray(grey)[:, ::2, ::-1]  # not contiguous
    np.testing.assert_array_equal(
        linear_scale_space(view, 1.5, 1.0), linear_scale_space(view.copy(), 1.5, 1.0)
    )


@pytest.mark.parametrize("shape", [(1, 9, 9), (3, 5, 4), (2, 1, 7), (5, 3, 1), (1, 1, 1)])
def test_a_clip_shorter_and_smaller_than_the_kernel_is_mirrored_as_often_as_needed(shape):
    video = np.random.default_rng(2).normal(size=shape)
    expected = gaussian_filter(video, (4.0, 5.0, 5.0), mode="reflect")
    np.testing.assert_allclose(linear_scale_space(video, 5.0, 4.0), expected, atol=1e-5)


def test_derivatives_of_a_ramp_and_of_a_wave():
    t, y, x = np.mgrid[:9, :11, :13].astype(np.float32)
    found = derivatives(2 * x - 3 * y + 5 * t)
    inside = found[:, 1:-1, 1:-1, 1:-1]
    np.testing.assert_allclose(inside, np.broadcast_to(
        np.array([2, -3, 5])[:, None, None, None], inside.shape), atol=1e-4)  # fmt: skip
    assert found[0, 4, 5, 0] == pytest.approx(1)  # at an edge the mirror halves the difference
    wave = np.sin(0.2 * x) * np.cos(0.1 * y) * np.sin(0.3 * t)
    for one, axis in zip(derivatives(wave), (2, 1, 0), strict=True):
        np.testing.assert_allclose(
            one[1:-1, 1:-1, 1:-1], np.gradient(wave, axis=axis)[1:-1, 1:-1, 1:-1], atol=1e-5
        )


def test_one_frame_has_no_derivative_in_time():
    frame = np.random.default_rng(4).normal(size=(1, 8, 8))
    x, _, t = derivatives(frame)
    assert (t == 0).all() and (x != 0).any()


@pytest.mark.parametrize("sigma", [-1, np.nan, np.inf, "2", None, [1, 2]])
def test_a_scale_that_is_none_is_refused(sigma):
    video = np.zeros((3, 4, 5), np.float32)
    with pytest.raises(CorpusError, match="sigma"):
        linear_scale_space(video, sigma, 1.0)
    with pytest.raises(CorpusError, match="tau"):
        linear_scale_space(video, 1.0, sigma)


@pytest.mark.parametrize(
    ("video", "words"),
    [
        (np.full((3, 4, 5), np.nan), "finite"),
        (np.array([[[1.0, np.inf]]]), "finite"),
        (np.zeros((4, 5)), "shape"),
        (np.zeros((3, 4, 5, 4)), "shape"),
        (np.zeros((0, 4, 5)), "empty"),
        (np.zeros((3, 4, 5), complex), "finite numbers"),
        ([[[0.0]]], "list"),
        (None, "NoneType"),
    ],
)
def test_what_is_no_video_is_named(video, words):
    with pytest.raises(CorpusError, match=words):
        linear_scale_space(video, 1.0, 1.0)
    with pytest.raises(CorpusError, match=words):
        derivatives(video)
