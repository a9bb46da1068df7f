"""Residual networks: published parameter counts, sizes of the maps, still videos, saving."""

import numpy as np
import pytest

from emolib import devices
from emolib.models import inflate, resnet2d, resnet3d
from emolib.models.resnet import PadVideo

keras = devices.import_keras()
PICTURE, VIDEO = (32, 32, 3), (5, 32, 32, 3)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def trainable(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


def random_statistics(model):
    """Give the normalisation layers means, variances, scales and shifts that are not 0 and 1."""
    rng = np.random.default_rng(0)
    weights = [w if w.ndim > 1 else rng.uniform(0.5, 1.5, w.shape) for w in model.get_weights()]
    model.set_weights(weights)
    return model


def test_parameters_are_torchvisions_without_its_last_layer():
    """101 layers are counted in test_av_attention, in three dimensions."""
    assert trainable(resnet2d(18)) == 11_689_512 - 1000 * (512 + 1)


def test_parameters_in_three_dimensions_are_torchvisions_r3d_18():
    assert trainable(resnet3d(18)) == 33_371_472 - 400 * (512 + 1)


def test_34_layers_differ_from_18_by_eight_blocks():
    """1, 2, 4 and 1 more blocks of two 3 × 3 layers with their scales and shifts."""
    widths = {4: 1, 8: 2, 16: 4, 32: 1}
    more = sum(n * (2 * 9 * w * w + 4 * w) for w, n in widths.items())
    grown = trainable(resnet2d(34, 4, PICTURE)) - trainable(resnet2d(18, 4, PICTURE))
    assert grown == more


def test_sizes_of_the_maps():
    """What the paper prints, 16 × 16 maps of one snippet, is not among them."""
    video, small = (16, 224, 224, 3), (8, 56, 56, 3)
    assert resnet3d(18, 2, video).output_shape == (None, 1, 7, 7, 16)
    assert resnet3d(18, 2, video, time_stride=1).output_shape == (None, 16, 7, 7, 16)
    assert resnet3d(18, 2, small, last_stride=1).output_shape == (None, 1, 4, 4, 16)


@pytest.mark.parametrize("time_stride", [1, 2])
def test_a_still_video_gets_the_picture_networks_answer(time_stride):
    picture = random_statistics(resnet2d(18, 4, PICTURE))
    video = resnet3d(18, 4, VIDEO, time_stride)
    video.set_weights(inflate(picture.get_weights()))
    x = np.random.default_rng(1).normal(size=(2, *PICTURE)).astype(np.float32)
    still = np.repeat(x[:, None], 5, axis=1)
    expected = array(picture(x))
    found = array(video(still))
    assert expected.std() > 0.1
    for frame in range(found.shape[1]):
        np.testing.assert_allclose(found[:, frame], expected, rtol=1e-3, atol=1e-4)
    still[:, 3] *= -1  # one frame moves
    assert np.abs(array(video(still)) - found).max() > 0.1


def test_inflation_keeps_what_a_kernel_adds_up_to():
    rng = np.random.default_rng(2)
    kernel, projection, scale = rng.normal(size=(3, 3, 2, 4)), rng.normal(size=(1, 1, 2, 4)), [1.0]
    wide, narrow, same = inflate([kernel, projection, np.array(scale)], time=5)
    assert wide.shape == (5, 3, 3, 2, 4) and narrow.shape == (1, 1, 1, 2, 4)
    np.testing.assert_allclose(wide.sum(axis=0), kernel)
    np.testing.assert_array_equal(narrow[0], projection)
    np.testing.assert_array_equal(same, scale)


def test_padding_repeats_frames_and_is_saved_and_loaded(tmp_path):
    inputs = keras.Input(VIDEO)
    keras.Model(inputs, PadVideo(2)(inputs)).save(tmp_path / "m.keras")
    x = np.random.default_rng(3).normal(size=(1, *VIDEO)).astype(np.float32)
    padded = array(keras.models.load_model(tmp_path / "m.keras")(x))
    expected = np.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0), (0, 0)), "edge")
    expected = np.pad(expected, ((0, 0), (0, 0), (2, 2), (2, 2), (0, 0)))
    np.testing.assert_array_equal(padded, expected)


def test_an_unknown_depth():
    with pytest.raises(ValueError, match="20 is none of 18, 34, 50, 101"):
        resnet2d(20)
