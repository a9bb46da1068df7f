"""The losses against loops over every triplet; mining, empty batches, gradients, saving."""

import numpy as np
import pytest

from emolib import devices
from emolib.corpora import EMOTIONS, POLARITY
from emolib.losses import MINING, EmotionMetricLoss, TripletLoss

keras = devices.import_keras()
CREMAD = ("angry", "disgust", "fearful", "happy", "neutral", "sad")


def batch(n=16, classes=8, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5)).astype(np.float32)
    return rng.permutation(np.arange(n) % classes), x / np.linalg.norm(x, axis=1, keepdims=True)


def value(loss, labels, x):
    return float(loss(labels, x))


def term_in_loops(x, near, far, margin, mining):
    """near(a, p) and far(a, n) say who should be near and far: one triplet at a time."""
    index = range(len(x))

    def d(i, j):
        return float(((x[i].astype(float) - x[j].astype(float)) ** 2).sum())

    losses = []
    for a in index:
        ps, ns = [p for p in index if near(a, p)], [n for n in index if far(a, n)]
        if mining == "all":
            losses += [max(0, d(a, p) - d(a, n) + margin) for p in ps for n in ns]
        elif mining == "hard" and ps and ns:
            hardest = max(d(a, p) for p in ps) - min(d(a, n) for n in ns)
            losses.append(max(0, hardest + margin))
        elif mining == "semi-hard":
            for p in ps:
                beyond = [d(a, n) for n in ns if d(a, n) > d(a, p)]
                if beyond:
                    losses.append(max(0, d(a, p) - min(beyond) + margin))
    return sum(losses) / max(len(losses), 1)


@pytest.mark.parametrize("mining", MINING)
def test_the_triplet_loss_is_its_loop(mining):
    labels, x = batch(classes=3)
    expected = term_in_loops(
        x,
        lambda a, p: a != p and labels[a] == labels[p],
        lambda a, n: labels[a] != labels[n],
        0.3,
        mining,
    )
    assert expected > 0.01
    assert value(TripletLoss(0.3, mining), labels, x) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("mining", MINING)
@pytest.mark.parametrize("emotions", [EMOTIONS, CREMAD])
def test_the_emotion_loss_is_its_two_sums_in_loops(mining, emotions):
    labels, x = batch(18, len(emotions))
    word = [emotions[k] for k in labels]
    side = [POLARITY[w] for w in word]
    relatives = {
        e: [f for f in emotions if f != e and POLARITY[f] == POLARITY[e] != 0] for e in emotions
    }

    def related(a, r):
        return word[r] in relatives[word[a]]

    def first_far(a, n):
        return related(a, n) if relatives[word[a]] else word[a] != word[n]

    def opposite(a, n):
        return bool(relatives[word[a]]) and side[a] == -side[n] != 0

    same = term_in_loops(x, lambda a, p: a != p and word[a] == word[p], first_far, 0.3, mining)
    polar = term_in_loops(x, related, opposite, 0.5, mining)
    assert same > 0.01 and polar > 0.01
    loss = EmotionMetricLoss(0.3, 0.5, emotions, mining)
    assert value(loss, labels, x) == pytest.approx(same + polar, abs=1e-5)


def test_on_cremad_happy_has_no_relative_and_takes_the_plain_triplet():
    x = np.eye(4, dtype=np.float32)
    labels = np.array([CREMAD.index(e) for e in ("happy", "happy", "neutral", "neutral")])
    plain = value(TripletLoss(0.3), labels, x)
    assert plain == pytest.approx(0.3)
    assert value(EmotionMetricLoss(0.3, 0.5, CREMAD), labels, x) == pytest.approx(plain)
    eight = np.array([EMOTIONS.index(CREMAD[k]) for k in labels])
    assert value(EmotionMetricLoss(0.3, 0.5), eight, x) == pytest.approx(0.3), (
        "with calm and surprised among the emotions happy waits for them; neutral is still plain"
    )


@pytest.mark.parametrize("loss", [TripletLoss(0.2), EmotionMetricLoss(0.2, 0.2)])
def test_well_parted_classes_cost_nothing(loss):
    """Emotions on a line by polarity, 10 and more apart: every margin is kept."""
    place = {-1: 0, 0: 1000, 1: 300}
    labels = np.arange(16) % 8
    x = np.array([[place[POLARITY[EMOTIONS[k]]] + 10 * k] for k in labels], np.float32)
    assert value(loss, labels, x) == 0
    assert value(loss, labels, x[::-1].copy() * 0) > 0.1, "all in one place: the margin itself"


@pytest.mark.parametrize("mining", MINING)
@pytest.mark.parametrize("kind", [TripletLoss, EmotionMetricLoss])
@pytest.mark.parametrize("labels", [[0, 1, 3], [5, 5, 5, 5], [0]])
def test_without_a_triplet_the_loss_is_zero_and_its_gradient_finite(kind, mining, labels):
    labels, x = np.array(labels), batch(len(labels))[1]
    loss = kind(mining=mining)
    assert value(loss, labels, x) == 0
    assert (gradient(loss, labels, x) == 0).all()


def gradient(loss, labels, x):
    """Gradient by the embedding, through a step of plain gradient descent on it."""
    layer = keras.layers.Embedding(len(x), x.shape[1])
    model = keras.Sequential([keras.Input((), dtype="int32"), layer])
    layer.set_weights([x])
    model.compile(keras.optimizers.SGD(1.0), loss)
    model.train_on_batch(np.arange(len(x)), labels)
    return x - layer.get_weights()[0]


@pytest.mark.parametrize("mining", MINING)
@pytest.mark.parametrize("kind", [TripletLoss, EmotionMetricLoss])
def test_gradients_are_those_of_small_differences(kind, mining):
    _, x = batch(12, seed=6)
    labels = np.array([1, 1, 2, 2, 3, 3, 4, 4, 0, 0, 7, 7])
    loss = kind(mining=mining)
    found = gradient(loss, labels, x)
    assert np.abs(found).max() > 1e-3
    rng = np.random.default_rng(0)
    for _ in range(4):
        way = rng.normal(size=x.shape).astype(np.float32)
        up, down = (value(loss, labels, x + h * way) for h in (3e-5, -3e-5))
        assert (up - down) / 6e-5 == pytest.approx(float((found * way).sum()), abs=2e-2)


def test_the_order_of_clips_does_not_matter():
    labels, x = batch()
    order = np.random.default_rng(1).permutation(16)
    for loss in (TripletLoss(), EmotionMetricLoss()):
        assert value(loss, labels, x) == pytest.approx(value(loss, labels[order], x[order]))
        assert value(loss, labels[:, None], x) == pytest.approx(value(loss, labels, x))


def test_saved_and_made_again():
    loss = EmotionMetricLoss(0.3, 0.5, CREMAD, "hard")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    labels, x = batch(classes=6)
    assert value(again, labels, x) == value(loss, labels, x) > 0
    assert again.emotions == list(CREMAD) and again.mining == "hard"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TripletLoss(0), "margin is a margin above 0, not 0"),
        (lambda: EmotionMetricLoss(beta=-1), "beta is a margin above 0, not -1"),
        (lambda: TripletLoss(mining="soft"), "all, hard, semi-hard, not 'soft'"),
        (lambda: EmotionMetricLoss(emotions=["bored"]), "'bored' is none of"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
