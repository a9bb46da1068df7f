"""Three losses on the same folds, first weights and batches: what may differ and what may not."""

import numpy as np
import pytest
from clip_tables import speech

from emolib.corpora import EMOTIONS, POLARITY
from emolib.evaluation import EvaluationError, metric_losses, paired_test, split, stored_records

QUICK = {"epochs": 8, "batch": 32, "units": 16, "embedding": 8, "rate": 0.01}


@pytest.fixture(scope="module")
def drawn():
    """Features that know the emotion, and the actor better than the emotion."""
    table = speech(actors=6, takes=2)
    rng = np.random.default_rng(0)
    emotion = table["emotion"].map(EMOTIONS.index).to_numpy(int)
    actor = table["actor"].astype("category").cat.codes.to_numpy()
    features = np.hstack([2 * np.eye(8)[emotion], 3 * np.eye(6)[actor], np.zeros((len(table), 6))])
    return table, features + rng.normal(scale=0.7, size=features.shape)


@pytest.fixture(scope="module")
def found(drawn):
    table, features = drawn
    return metric_losses.measure(table, features, split(table, "actors", 3), (0, 1), **QUICK)


def test_all_answer_the_same_clips_and_learn(found, drawn):
    table, _ = drawn
    for loss, predictions in found.items():
        for _, own in predictions.groupby("seed"):
            assert sorted(own["row"]) == list(range(len(table)))
        assert (predictions["truth"] == predictions["predicted"]).mean() > 0.3, loss


def test_the_difference_is_that_of_the_share_of_seeds(found):
    tests = metric_losses.compare(found)
    assert set(tests) == {
        ("triplet", "softmax"), ("emotion", "softmax"), ("emotion", "triplet"),
    }  # fmt: skip
    means = {
        loss: (p["truth"] == p["predicted"]).groupby(p["actor"]).mean() for loss, p in found.items()
    }
    actors = means["softmax"].index
    for (later, earlier), test in tests.items():
        change = (means[later] - means[earlier]).to_numpy()
        assert test.difference == pytest.approx(change.mean())
        assert test.p_value == pytest.approx(paired_test(change, 0 * change, actors).p_value)


def trained(drawn, loss, seed=0, **settings):
    table, features = drawn
    labels = table["emotion"].map(EMOTIONS.index).to_numpy(int)
    given = ((features - features.mean(axis=0)) / features.std(axis=0)).astype("float32")
    model = metric_losses.train_metric_network(
        given, labels, EMOTIONS, loss, seed, **QUICK | settings
    )
    return np.asarray(model(given)["embedding"]), labels


def test_a_training_does_not_depend_on_those_before_it(drawn):
    first, _ = trained(drawn, "triplet")
    for margin, seed in ((3.0, 0), (0.5, 1)):
        other, _ = trained(drawn, "triplet", seed, margin=margin)
        assert np.abs(other - first).max() > 0.01
    again, _ = trained(drawn, "triplet")
    np.testing.assert_allclose(again, first, atol=1e-5)


def test_without_weight_every_loss_is_the_softmax(drawn):
    plain, _ = trained(drawn, "softmax")
    for loss in ("triplet", "emotion"):
        same, _ = trained(drawn, loss, weight=0.0)
        np.testing.assert_allclose(same, plain, atol=1e-5)


def test_each_loss_shapes_the_embedding_as_it_asks(drawn):
    """Triplet: one emotion lies closer together. Emotion loss: so does one polarity."""

    def ratio(embedding, near, far):
        distance = ((embedding[:, None] - embedding) ** 2).sum(axis=2)
        return distance[near].mean() / distance[far].mean()

    spaces = {loss: trained(drawn, loss, epochs=20)[0] for loss in metric_losses.LOSSES}
    _, labels = trained(drawn, "softmax")
    same = labels[:, None] == labels
    sign = np.array([POLARITY[e] for e in EMOTIONS])[labels]
    related, opposite = (sign[:, None] * sign > 0) & ~same, sign[:, None] * sign < 0
    by_emotion = {loss: ratio(space, same, ~same) for loss, space in spaces.items()}
    by_polarity = {loss: ratio(space, related, opposite) for loss, space in spaces.items()}
    assert by_emotion["triplet"] < 0.9 * by_emotion["softmax"]
    assert by_polarity["emotion"] < 0.8 * min(by_polarity["softmax"], by_polarity["triplet"])


@pytest.mark.parametrize(
    ("loss", "settings", "message"),
    [
        ("contrastive", {}, "none of softmax, triplet, emotion"),
        ("triplet", {"margins": 1}, "'margins' is none of"),
        ("triplet", {"margin": 0}, "above 0"),
        ("softmax", {"batch": 1000}, "do not fill a batch"),
    ],
)
def test_bad_input_is_named(drawn, loss, settings, message):
    with pytest.raises(EvaluationError, match=message):
        trained(drawn, loss, **settings)


def test_the_stored_records_are_of_one_run():
    """Same actors, seeds and settings for the three, and each compared with those before it."""
    records = {
        loss: stored_records(f"metric-loss-{loss}", "ravdess") for loss in metric_losses.LOSSES
    }
    assert all(records.values())
    first, *others = (stored[0] for stored in records.values())
    for other in others:
        for key in ("protocol", "variant", "seeds", "n_actors", "command", "folds_file"):
            assert other[key] == first[key], key
    emotion = records["emotion"][0]
    for earlier in ("softmax", "triplet"):
        test = emotion["parameters"]["paired"][earlier]
        change = emotion["mean"]["accuracy"] - records[earlier][0]["mean"]["accuracy"]
        assert test["low"] <= test["difference"] <= test["high"]
        # The test goes over actors with equally many clips, the mean over folds.
        assert test["difference"] == pytest.approx(change, abs=0.01)
