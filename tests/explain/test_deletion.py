"""Deletion on a network whose important places are known, and alignment of embeddings."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import special_ortho_group

from emolib.explain import align, area, deletion_curve, enlarge, faithfulness

SIDE = 12
CORNER = np.zeros((SIDE, SIDE))
CORNER[:4, :4] = 1


def corner_light(pictures):
    """Probability of class 0: the mean of the upper left corner, nothing else."""
    share = pictures[:, :4, :4, 0].mean(axis=(1, 2))
    return np.stack([share, 1 - share], axis=1)


@pytest.fixture
def pictures():
    """Bright corners on dark ground; a picture's own mean is 0.2 to 0.3."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0.1, 0.3, (5, SIDE, SIDE, 1)).astype(np.float32)
    x[:, :4, :4] = 1
    return x


def test_the_true_map_falls_at_once_and_its_opposite_at_the_end(pictures):
    first = deletion_curve(corner_light, pictures, np.tile(CORNER, (5, 1, 1)), [0] * 5, steps=9)
    last = deletion_curve(corner_light, pictures, np.tile(-CORNER, (5, 1, 1)), [0] * 5, steps=9)
    assert first.shape == (5, 10)
    fill = pictures.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(first[:, 0], 1)
    # A ninth of the places is exactly the corner.
    np.testing.assert_allclose(first[:, 1:], np.tile(fill[:, None], 9), atol=1e-6)
    np.testing.assert_allclose(last[:, :9], 1)
    np.testing.assert_allclose(last[:, 9], fill, atol=1e-6)
    np.testing.assert_allclose(area(first), (1 + fill) / 2 / 9 + fill * 8 / 9, atol=1e-6)
    assert (area(first) < area(last)).all()


def test_the_class_that_is_followed_is_the_one_asked_for(pictures):
    maps = np.tile(CORNER, (5, 1, 1))
    one = deletion_curve(corner_light, pictures, maps, [0] * 5)
    other = deletion_curve(corner_light, pictures, maps, [1] * 5)
    np.testing.assert_allclose(one + other, 1)


def test_a_fill_of_the_picture_itself_deletes_nothing(pictures):
    maps = np.random.default_rng(1).random((5, SIDE, SIDE))
    curve = deletion_curve(corner_light, pictures, maps, [0] * 5, fill=pictures)
    np.testing.assert_allclose(curve, 1)


def test_faithfulness_tells_a_true_map_from_chance_and_from_a_wrong_one(pictures):
    true = np.zeros((5, 3, 3))
    true[:, 0, 0] = 1
    good = faithfulness(corner_light, pictures, true, [0] * 5, draws=20)
    bad = faithfulness(corner_light, pictures, -true, [0] * 5, draws=20)
    assert (good > 0.2).all() and (bad < -0.1).all()
    rng = np.random.default_rng(2)
    many = np.repeat(pictures, 40, axis=0)
    chance = faithfulness(corner_light, many, rng.random((200, 3, 3)), [0] * 200, draws=20)
    assert abs(chance.mean()) < 3 * chance.std() / np.sqrt(200)
    again = faithfulness(corner_light, pictures, true, [0] * 5, draws=20)
    np.testing.assert_array_equal(good, again)


def test_enlarged_maps_keep_their_order_and_extremes():
    small = np.random.default_rng(0).random((3, 4, 5)).astype(np.float32)
    large = enlarge(small, (40, 50))
    assert large.shape == (3, 40, 50)
    assert (large.max(axis=(1, 2)) <= small.max(axis=(1, 2))).all()
    assert (large.min(axis=(1, 2)) >= small.min(axis=(1, 2))).all()
    for one, grown in zip(small, large, strict=True):
        assert np.corrcoef(one.ravel(), grown[5::10, 5::10].ravel())[0, 1] > 0.98


@pytest.mark.parametrize(
    ("maps", "options", "message"),
    [
        (np.zeros((5, 3, 3)), {}, "enlarge the maps"),
        (np.full((5, SIDE, SIDE), np.nan), {}, "finite"),
        (np.zeros((5, SIDE, SIDE)), {"steps": 0}, "one step"),
    ],
)
def test_bad_input_is_named(pictures, maps, options, message):
    with pytest.raises(ValueError, match=message):
        deletion_curve(corner_light, pictures, maps, [0] * 5, **options)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_copy_comes_back(mirrored):
    rng = np.random.default_rng(3)
    reference = rng.normal(size=(30, 3))
    turn = special_ortho_group.rvs(3, random_state=0)
    if mirrored:
        turn[:, 0] *= -1
    np.testing.assert_allclose(align(reference @ turn + 5, reference), reference, atol=1e-9)


def test_alignment_keeps_distances_and_never_moves_away():
    rng = np.random.default_rng(4)
    points, reference = rng.normal(size=(2, 40, 2))
    moved = align(points, reference)
    np.testing.assert_allclose(pdist(moved), pdist(points))
    centred = points - points.mean(axis=0) + reference.mean(axis=0)
    best = np.linalg.norm(moved - reference)
    for angle in np.linspace(0, 6.2, 50):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = reference.mean(axis=0)
        assert best <= np.linalg.norm((centred - middle) @ turn + middle - reference) + 1e-9
    with pytest.raises(ValueError, match="same clips"):
        align(points[:-1], reference)


def test_the_random_maps_are_as_coarse_as_the_map_they_are_compared_with():
    """A network that sees edges only: noise of single pixels costs it a quarter of its area."""

    def smooth(pictures):
        rough = np.abs(np.diff(pictures[..., 0], axis=1)).mean(axis=(1, 2))
        return np.stack([1 - rough, rough], axis=1)

    flat = np.ones((4, SIDE, SIDE, 1), np.float32)
    bands = np.tile(np.arange(3.0)[:, None], (4, 1, 3))  # row by row: few edges
    gain = faithfulness(smooth, flat, bands, [0] * 4, draws=10, fill=0)
    assert abs(gain.mean()) < 0.1
