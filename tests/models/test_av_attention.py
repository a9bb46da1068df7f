"""The whole network at a tiny size: ablations, what is missing, gradients, saving, bad input."""

import numpy as np
import pytest

from emolib import devices
from emolib.losses import EmotionMetricLoss
from emolib.models import av_attention, input_shapes
from emolib.models.av_attention import SIZES

keras = devices.import_keras()
TINY = {
    "depth": 18, "width": 2, "pixels": 32, "frames": 2, "fps": 15,
    "spectrogram": 32, "last_stride": 1,
}  # fmt: skip
MAPS = 16  # of conv5, 8 × width


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture(scope="module", autouse=True)
def tiny():
    SIZES["tiny"] = TINY
    yield
    del SIZES["tiny"]


@pytest.fixture(scope="module")
def model(tiny):
    keras.utils.set_random_seed(0)
    return av_attention(size="tiny", heads=2)


@pytest.fixture
def clips():
    rng = np.random.default_rng(0)
    shapes = input_shapes("tiny")
    return {
        "audio": rng.normal(size=(4, *shapes["audio"])).astype(np.float32),
        "video": rng.integers(1, 256, size=(4, *shapes["video"])).astype(np.float32),
    }


def inner(model, layer, part):
    """A network that returns one output of an inner layer."""
    return keras.Model(model.inputs, model.get_layer(layer).output[part])


def test_probabilities_and_an_embedding_of_length_1(model, clips):
    found = model(clips)
    assert found["probabilities"].shape == (4, 8)
    assert found["embedding"].shape == (4, 2 * MAPS)
    np.testing.assert_allclose(array(found["probabilities"]).sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(array(found["embedding"]), axis=1), 1, atol=1e-4)


TABLE_1 = [
    (("audio",), {}, {"audio_temporal"}),
    (("video",), {"channel": False, "temporal": False}, {"video_spatial"}),
    (("video",), {"temporal": False}, {"video_spatial", "video_channel"}),
    (("audio", "video"), {"cross_modal": False, "spatial": False}, 
     {"audio_temporal", "video_channel", "video_temporal"}),
]  # fmt: skip


@pytest.mark.parametrize(("inputs", "without", "attentions"), TABLE_1)
def test_each_ablation_has_its_layers_and_no_other(inputs, without, attentions, clips):
    ablated = av_attention(inputs, "tiny", heads=2, n_classes=6, **without)
    names = {"video_spatial", "video_channel", "video_temporal", "audio_temporal", "cross_modal"}
    assert {layer.name for layer in ablated.layers} & names == attentions
    taken = clips if len(inputs) == 2 else clips[inputs[0]]
    assert ablated(taken)["probabilities"].shape == (4, 6)


def test_parameters_of_the_sound_alone():
    """ResNet-18 with one channel for three, four matrices of attention, one dense layer."""
    alone = av_attention(["audio"], "tiny")
    found = sum(int(np.prod(w.shape)) for w in alone.trainable_weights)
    w = TINY["width"]
    residual = 49 * w + 2 * w + 4 * (9 * w * w + 2 * w)
    for c in (2 * w, 4 * w, 8 * w):
        residual += 9 * c * c / 2 + 3 * 9 * c * c + c * c / 2 + 5 * 2 * c
    assert found == residual + 4 * MAPS**2 + 8 * (MAPS + 1)


def test_a_snippet_of_zeros_gets_no_weight(model, clips):
    clips["video"][:, 3] = 0
    clips["audio"][1, 0] = 0
    seen = array(inner(model, "video_temporal", 1)(clips))
    heard = array(inner(model, "audio_temporal", 1)(clips))
    assert (seen[..., 3] == 0).all() and (np.delete(seen, 3, axis=-1) > 0).all()
    assert (heard[1, ..., 0] == 0).all() and (heard[0] > 0).all()


@pytest.mark.parametrize("without", [(), ("temporal",), ("temporal", "cross_modal")])
def test_without_any_video_the_sound_still_answers(model, clips, without):
    if without:
        model = av_attention(size="tiny", heads=2, **dict.fromkeys(without, False))
        for w in model.weights:  # else a new network's biases are 0, and so are maps of nothing
            if w.path.endswith(("beta", "bias")):
                w.assign(w + 0.1)
    clips["video"][:] = 0
    found = model(clips)
    embedding = array(found["embedding"])
    assert (embedding[:, :MAPS] == 0).all() and (embedding[:, MAPS:] != 0).any()
    np.testing.assert_allclose(array(found["probabilities"]).sum(axis=1), 1, atol=1e-5)
    clips["audio"][:] = 0
    assert (array(model(clips)["embedding"]) == 0).all()


def test_each_snippets_maps_come_from_that_snippet_alone(model, clips):
    maps = keras.Model(model.inputs, model.get_layer("video_maps").output)
    before = array(maps(clips)).reshape(4, 6, -1)
    clips["video"][2, 5] = 255 - clips["video"][2, 5]
    moved = np.abs(array(maps(clips)).reshape(4, 6, -1) - before).max(axis=2) > 0
    assert np.argwhere(moved).tolist() == [[2, 5]]


def test_both_losses_train_both_senses_and_w(model, clips):
    labels = np.array([2, 2, 4, 5])
    first = model.get_weights()
    watched = {w.path: w.numpy() for w in model.trainable_weights}
    model.compile(
        keras.optimizers.SGD(0.1),
        {"probabilities": "sparse_categorical_crossentropy", "embedding": EmotionMetricLoss()},
        loss_weights={"probabilities": 1.0, "embedding": 0.5},
        run_eagerly=True,  # one step: compiling it takes longer
    )
    model.train_on_batch(clips, {"probabilities": labels, "embedding": labels})
    for w in model.trainable_weights:
        assert np.isfinite(w.numpy()).all(), w.path
        if w.path.split("/")[-1] in ("kernel", "w", "query", "value", "joined"):
            assert np.abs(w.numpy() - watched[w.path]).max() > 0, w.path
    model.set_weights(first)  # other tests share it


def test_saved_and_loaded(model, clips, tmp_path):
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(
        array(again(clips)["probabilities"]), array(model(clips)["probabilities"]), atol=1e-5
    )


def test_the_papers_size_builds_with_the_weights_that_published_counts_add_up_to():
    """torchvision's ResNet-101 and 18 without their last layer, kernels three frames long."""
    two_dimensions = 44_549_160 - 1000 * (2048 + 1)
    square = 9 * (3 * 64**2 + 4 * 128**2 + 23 * 256**2 + 3 * 512**2) + 49 * 3 * 64
    seen = two_dimensions + 2 * square
    heard = 11_689_512 - 1000 * (512 + 1) - 2 * 49 * 64  # one channel for three
    space, channel = 4 * 2048**2, 4 * 49 * 56  # 8 heads of 7, because 49 / 8 is not whole
    time = 3 * 2048**2 + 2048 * 512 + 4 * 512**2
    paper = av_attention(size="paper")
    found = sum(int(np.prod(w.shape)) for w in paper.trainable_weights)
    assert found == seen + heard + space + channel + time + 512**2 + 8 * (1024 + 1)
    assert paper.get_layer("video_maps").output.shape[1:] == (1, 7, 7, 2048)


def test_the_papers_shapes():
    assert input_shapes("paper") == {"audio": (6, 224, 224, 1), "video": (6, 16, 224, 224, 3)}
    assert (SIZES["paper"]["depth"], 8 * SIZES["paper"]["width"]) == (101, 512)


def test_bad_input():
    with pytest.raises(ValueError, match="list of different senses, not 'audio'"):
        av_attention("audio")
    with pytest.raises(ValueError, match="'text' is none of audio, video"):
        av_attention(["text"])
    with pytest.raises(ValueError, match="'huge' is none of quick, full, paper"):
        av_attention(size="huge")
    with pytest.raises(ValueError, match="at least 2 classes, not 1"):
        av_attention(n_classes=1)
