"""Grad-CAM against its closed form, against finite differences, and where it must refuse."""

import numpy as np
import pytest

from emolib import devices
from emolib.explain import grad_cam
from emolib.models import av_attention, face_encoder, input_shapes

keras = devices.import_keras()


@pytest.fixture(scope="module")
def plain():
    """One convolution, the mean over places, one dense layer with a softmax."""
    keras.utils.set_random_seed(0)
    pixels = keras.Input((9, 7, 2))
    maps = keras.layers.Conv2D(5, 3, activation="relu", name="maps")(pixels)
    x = keras.layers.GlobalAveragePooling2D()(maps)
    return keras.Model(pixels, keras.layers.Dense(4, activation="softmax", name="scores")(x))


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).normal(size=(6, 9, 7, 2)).astype(np.float32)


def closed_form(model, pictures, classes):
    """The weighted sum of maps: the gradient of a mean over places is one over their number."""
    maps = np.asarray(keras.Model(model.input, model.get_layer("maps").output)(pictures))
    kernel = np.asarray(model.get_layer("scores").kernel)
    sums = [m @ kernel[:, c] for m, c in zip(maps, classes, strict=True)]
    return np.maximum(np.stack(sums), 0) / (maps.shape[1] * maps.shape[2])


def test_one_convolution_has_a_closed_form(plain, pictures):
    classes = [0, 1, 2, 3, 0, 2]
    found = grad_cam(plain, pictures, "maps", classes)
    expected = closed_form(plain, pictures, classes)
    assert found.shape == (6, 7, 5)
    assert 0.1 < (expected > 0).mean() < 0.9
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_row_does_not_depend_on_the_rows_beside_it(plain, pictures):
    together = grad_cam(plain, pictures, "maps", 2)
    alone = grad_cam(plain, pictures[3:4], "maps", 2)
    np.testing.assert_allclose(together[3:4], alone, atol=1e-6)


def test_the_score_is_taken_before_the_softmax(plain, pictures):
    """A bias moves the probabilities and their gradients, but no score's gradient."""
    before = grad_cam(plain, pictures, "maps", 1)
    head = plain.get_layer("scores")
    kept = np.asarray(head.bias)
    head.bias.assign([0.0, 12.0, 0.0, 0.0])
    np.testing.assert_array_equal(grad_cam(plain, pictures, "maps", 1), before)
    head.bias.assign(kept)


def test_weights_are_mean_gradients_by_finite_differences():
    """Behind the maps another convolution and a non-linearity: no closed form."""
    keras.utils.set_random_seed(1)
    maps = keras.Input((5, 5, 3))
    x = keras.layers.Identity(name="maps")(maps)
    x = keras.layers.Conv2D(4, 3, activation="tanh")(x)
    x = keras.layers.Flatten()(x)
    model = keras.Model(maps, keras.layers.Dense(3, name="scores")(x))
    values = np.random.default_rng(1).normal(size=(1, 5, 5, 3)).astype(np.float32)
    weights = np.zeros(3)
    for k in range(3):  # all places of a map moved together: the sum of its gradients
        step = np.zeros_like(values)
        step[..., k] = 1e-2
        weights[k] = np.asarray(model(values + step) - model(values - step))[0, 1] / 2e-2 / 25
    expected = np.maximum(values @ weights, 0)
    np.testing.assert_allclose(grad_cam(model, values, "maps", 1), expected, atol=2e-3)


def test_three_axes_of_places_and_the_project_s_own_networks():
    keras.utils.set_random_seed(0)
    video = av_attention(["video"], n_classes=3)
    part = np.random.default_rng(0).uniform(0, 255, (1, *input_shapes()["video"])).astype("float32")
    with pytest.raises(ValueError, match="6 rows of maps for 1 rows of scores"):
        grad_cam(video, part, "video_maps", 0, head="probabilities")
    with pytest.raises(
        ValueError, match="several outputs: name a layer of one, such as video_maps"
    ):
        grad_cam(video, part, "video_spatial", 0, head="probabilities")
    voxels = keras.Input((4, 5, 6, 1))
    x = keras.layers.Conv3D(2, 2, name="maps")(voxels)
    x = keras.layers.Dense(2, name="scores")(keras.layers.GlobalAveragePooling3D()(x))
    assert grad_cam(keras.Model(voxels, x), np.ones((2, 4, 5, 6, 1)), "maps", 1).shape == (
        2, 3, 4, 5,
    )  # fmt: skip
    judge = face_encoder(classes=True)
    layer = [one.name for one in judge.layers if one.output.shape[1:3] == (6, 6)][-1]
    faces = np.random.default_rng(0).random((2, 48, 48, 1), dtype=np.float32)
    found = grad_cam(judge, faces, layer, [0, 3])
    assert found.shape == (2, 6, 6) and found.max() > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class_index": 4}, "classes 0 to 3"),
        ({"class_index": -1}, "classes 0 to 3"),
        ({"head": "maps"}, "no dense layer"),
        ({"layer": "scores"}, "no places"),
    ],
)
def test_bad_input_is_named(plain, pictures, change, message):
    arguments = {"layer": "maps", "class_index": 0} | change
    with pytest.raises(ValueError, match=message):
        grad_cam(plain, pictures, **arguments)
