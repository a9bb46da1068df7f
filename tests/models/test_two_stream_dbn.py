"""The stack against one machine by itself, the mean over segments, and what it refuses."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neural_network import BernoulliRBM

from emolib import models
from emolib.models.two_stream_dbn import DeepBeliefNetwork, two_stream_dbn

SMALL = {"units": (12, 6), "epochs": 8}


@pytest.fixture(scope="module")
def clips():
    """120 clips of four segments in two streams; the class raises eight of the twenty numbers."""
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 3
    raised = np.zeros((3, 20))
    for k in range(3):
        raised[k, [k, k + 3, k + 6, k + 10, k + 13, k + 16]] = 1
    return 5 + raised[labels][:, None] + 0.5 * rng.normal(size=(120, 4, 20)), labels


def test_it_learns_what_the_segments_tell(clips):
    x, y = clips
    system = models.two_stream_dbn((64, 32))
    assert system.fit(x[:80], y[:80]).score(x[80:], y[80:]) > 0.9
    noise = np.random.default_rng(1).normal(size=x.shape)
    assert system.fit(noise[:80], y[:80]).score(noise[80:], y[80:]) < 0.65


def test_each_machine_is_trained_on_the_answers_of_the_one_before(clips):
    """The same by hand: scale, one machine, the next one, the mean."""
    x, _ = clips
    flat = x.reshape(-1, 20)
    hidden = (flat - flat.min(axis=0)) / (flat.max(axis=0) - flat.min(axis=0))
    for k, units in enumerate(SMALL["units"]):
        machine = BernoulliRBM(units, learning_rate=0.02, n_iter=8, random_state=k).fit(hidden)
        weighted = hidden @ machine.components_.T + machine.intercept_hidden_
        hidden = 1 / (1 + np.exp(-weighted))
    pooled = hidden.reshape(120, 4, -1).mean(axis=1)
    network = DeepBeliefNetwork(**SMALL).fit(x)
    np.testing.assert_allclose(network.transform(x), pooled, atol=1e-9)
    assert [m.components_.shape for m in network.machines_] == [(12, 20), (6, 12)]


def test_the_order_of_segments_and_their_number_do_not_matter(clips):
    x, _ = clips
    network = DeepBeliefNetwork(**SMALL).fit(x)
    plain = network.transform(x)
    np.testing.assert_allclose(network.transform(x[:, ::-1]), plain)
    twice = [np.concatenate([clip, clip]) if k % 2 else clip for k, clip in enumerate(x)]
    np.testing.assert_allclose(network.transform(twice), plain)
    assert not np.allclose(network.transform(x[:, :1]), plain, atol=1e-5)


def test_units_of_measurement_do_not_matter_and_outliers_stay_in_range(clips):
    x, _ = clips
    plain = DeepBeliefNetwork(**SMALL).fit(x).transform(x)
    other = DeepBeliefNetwork(**SMALL).fit(1000 * x - 7).transform(1000 * x - 7)
    np.testing.assert_allclose(other, plain, atol=1e-6)
    network = DeepBeliefNetwork(**SMALL).fit(x)
    # Beyond what the training showed, a number counts as the largest that it showed.
    largest = np.full((1, 1, 20), x.reshape(-1, 20).max(axis=0))
    np.testing.assert_allclose(network.transform(largest + 1e6), network.transform(largest))


def test_it_is_a_scikit_learn_estimator_with_a_seed(clips):
    x, y = clips
    network = DeepBeliefNetwork(**SMALL, seed=3)
    again = clone(network)
    assert again.get_params() == network.get_params()
    first, second = network.fit(x).transform(x), again.fit(x).transform(x)
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(DeepBeliefNetwork(**SMALL, seed=4).fit(x).transform(x), first)
    np.testing.assert_array_equal(network.fit(x, y).transform(x), first)  # labels play no part


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([], "no clip"),
        (np.ones((3, 20)), "clip 0 has the shape"),
        ([np.ones((2, 20)), np.ones((0, 20))], "clip 1 has the shape"),
        ([np.ones((2, 20)), np.ones((2, 19))], "clip 1 has the shape"),
        ([np.ones((2, 20)), np.full((2, 20), np.nan)], "clip 1 holds NaN"),
    ],
)
def test_bad_segments_are_named(bad, words):
    with pytest.raises(ValueError, match=words):
        two_stream_dbn(**SMALL).fit(bad, np.arange(len(bad)))


def test_other_features_than_in_training_are_refused(clips):
    x, _ = clips
    with pytest.raises(ValueError, match="19 features"):
        DeepBeliefNetwork(**SMALL).fit(x).transform(x[..., :19])
