"""The thesis's networks: their layers, and that padding is never heard or seen."""

import numpy as np
import pytest

from emolib import devices
from emolib.models import gru_attention

keras = devices.import_keras()
SMALL = {"features": {"audio": 13, "video": 6}, "units": 8, "dense": 5, "n_classes": 4}


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def sequences(rng, n=3, steps=11):
    return {
        "audio": rng.normal(size=(n, steps, 13)).astype(np.float32),
        "video": rng.normal(size=(n, steps, 6)).astype(np.float32),
    }


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_subsystems_are_figures_3_6_and_3_7():
    audio = gru_attention(["audio"])
    assert kinds(audio) == [
        "InputLayer", "Masking", "GRU", "GRU", "GRU", "SoftAttention", "Dense",
        "BatchNormalization", "Dense",
    ]  # fmt: skip
    assert [layer.units for layer in audio.layers if "GRU" in type(layer).__name__] == [256] * 3
    video = gru_attention(["video"])
    assert [layer.units for layer in video.layers if "GRU" in type(layer).__name__] == [512]


def test_the_fusion_is_figure_3_5():
    found = kinds(gru_attention(**SMALL))
    assert found.count("SoftAttention") == 2 and found.count("GRU") == 4
    assert found[-4:] == ["Concatenate", "BatchNormalization", "Dropout", "Dense"]


@pytest.mark.parametrize("attention", [None, "soft", "hard"])
@pytest.mark.parametrize("state", [False, True])
def test_a_clips_answer_does_not_depend_on_its_padding(attention, state):
    keras.utils.set_random_seed(0)
    model = gru_attention(attention=attention, state=state, **SMALL)
    given = sequences(np.random.default_rng(0))
    answer = array(model(given))
    assert answer.shape == (3, 4)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)
    longer = {n: np.pad(x, ((0, 0), (0, 6), (0, 0))) for n, x in given.items()}
    np.testing.assert_allclose(array(model(longer)), answer, atol=1e-5)
    if attention != "hard":  # which may look elsewhere
        longer["audio"][:, -1] = 1
        assert np.abs(array(model(longer)) - answer).max() > 1e-4, "a sound at the end does count"


def test_weights_of_the_steps_can_be_looked_at():
    model = gru_attention(["audio"], **SMALL)
    look = keras.Model(model.input, model.get_layer("audio_attention").output[1])
    x = np.pad(sequences(np.random.default_rng(0))["audio"], ((0, 0), (0, 4), (0, 0)))
    weights = array(look(x))
    assert weights.shape == (3, 15) and (weights[:, 11:] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)


def test_settings_of_the_ablations():
    """Tables 4.1 and 4.3: layers, units, batch normalisation, attention or none."""
    plain = gru_attention(["audio"], layers=1, units=16, batch_norm=False, attention=None)
    assert kinds(plain) == ["InputLayer", "Masking", "GRU", "Dense", "Dense"]
    gru = 3 * (13 * 16 + 16 * 16 + 2 * 16)
    assert plain.count_params() == gru + 16 * 128 + 128 + 128 * 8 + 8
    attentive = gru_attention(["audio"], layers=1, units=16, batch_norm=False)
    assert attentive.count_params() - plain.count_params() == 16


def test_it_learns_which_step_tells():
    """One loud step, anywhere in the clip, carries the class in its sign."""
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    x = 0.1 * rng.normal(size=(240, 12, 13)).astype(np.float32)
    labels = rng.integers(2, size=240)
    x[np.arange(240), rng.integers(12, size=240), 0] = 6 * labels - 3
    model = gru_attention(["audio"], layers=1, units=12, n_classes=2, dense=8)
    model.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x[:180], labels[:180], batch_size=30, epochs=12, verbose=0)
    assert model.evaluate(x[180:], labels[180:], verbose=0)[1] > 0.9


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"inputs": ["text"]}, "'text' is none of audio, video"),
        ({"inputs": "audio"}, "different senses"),
        ({"attention": "self"}, "soft, hard or None, not 'self'"),
        ({"n_classes": 1}, "at least 2 classes"),
    ],
)
def test_bad_input(given, message):
    with pytest.raises(ValueError, match=message):
        gru_attention(**given)
