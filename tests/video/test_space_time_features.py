"""Histograms around interest points of scenes whose direction and motion are known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from emolib import corpora
from emolib.corpora import CorpusError
from emolib.video import clip_features, harris3d, interest_points, pca_reduction, point_features

CENTRE = np.array([[10, 30, 30]])


def grating(direction, motion=(0.0, 0.0), frames=20, size=60):
    """Waves across `direction` (radians, in the picture), moving by `motion` pixels a frame."""
    t, y, x = np.mgrid[:frames, :size, :size].astype(float)
    along = (x - motion[0] * t) * np.cos(direction) + (y - motion[1] * t) * np.sin(direction)
    return 128 + 100 * np.sin(along / 2)


def histograms(video, points=CENTRE):
    """The edges' (cells, 4) and the flow's (cells, 5) histograms of the first point."""
    found = point_features(video, points, 1.5, 1.5)[0]
    return found[:72].reshape(18, 4), found[72:].reshape(18, 5)


@pytest.mark.parametrize("bin_", range(4))
def test_the_direction_of_edges_fills_its_bin_in_every_cell(bin_):
    edges, _ = histograms(grating((bin_ + 0.5) * np.pi / 4))
    assert (edges.argmax(axis=1) == bin_).all()
    assert (edges[:, bin_] > 0.95 * edges.sum(axis=1)).all()


@pytest.mark.parametrize(
    ("motion", "bin_"),
    [((0.5, 0), 0), ((0, 0.5), 1), ((-0.5, 0), 2), ((0, -0.5), 3), ((0.05, 0), 4), ((0, 0), 4)],
)
def test_the_direction_of_motion_fills_its_bin_and_little_motion_is_none(motion, bin_):
    _, flow = histograms(grating(0 if motion[0] else np.pi / 2, motion))
    assert (flow[:, bin_] > 0.95 * flow.sum(axis=1)).all()


def test_cells_stand_in_the_order_of_time_then_height_then_width():
    still, moving = grating(0.0), grating(0.0, (0.5, 0))
    video = np.where(np.arange(20)[:, None, None] < 10, still, moving)
    half = np.where(np.arange(60) < 30, still, moving)  # the right half moves
    below = np.where(np.arange(60)[:, None] < 30, still, moving)
    for scene, cells in ((video, [9, 13, 17]), (half, [2, 5, 11]), (below, [6, 8, 16])):
        _, flow = histograms(scene)
        assert (flow[cells].argmax(axis=1) == 0).all()
        others = [17 - cell for cell in cells]  # on the other side of the middle: the still part
        assert (flow[others].argmax(axis=1) == 4).all()


def test_each_histogram_has_the_length_one_and_contrast_plays_no_part():
    video = gaussian_filter(np.random.default_rng(0).normal(size=(20, 50, 50)), 1.5)
    points = interest_points(harris3d(video, 1.5, 1.5), 10)
    found = point_features(video, points, 1.5, 1.5)
    assert (found.shape, found.dtype) == ((len(points), 162), np.float32)
    np.testing.assert_allclose(np.linalg.norm(found[:, :72], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found[:, 72:], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(point_features(9 * video + 4, points, 1.5, 1.5), found, atol=0.02)


def test_what_lies_outside_does_not_vote():
    edges, flow = histograms(grating(0.3), np.array([[0, 0, 0]]))
    inside = edges.sum(axis=1).reshape(2, 3, 3) > 0
    assert inside[1, 1:, 1:].all() and not inside[0].any() and not inside[:, 0].any()
    np.testing.assert_array_equal(flow.sum(axis=1).reshape(2, 3, 3) > 0, inside)


def test_no_points_one_frame_and_bad_points():
    video = grating(0.0)
    assert point_features(video, np.empty((0, 3), int), 1.5, 1.5).shape == (0, 162)
    one = point_features(video[:1], [[0, 30, 30]], 1.5, 1.5)[0, 72:].reshape(18, 5)
    assert (one[:, :4] == 0).all() and one[:, 4].any()  # nothing moves in one frame
    for points in ([[20, 0, 0]], [[0, 60, 0]], [[-1, 0, 0]]):
        with pytest.raises(CorpusError, match="outside"):
            point_features(video, points, 1.5, 1.5)
    for points in ([1, 2, 3], [[1, 2]]):
        with pytest.raises(CorpusError, match="rows"):
            point_features(video, points, 1.5, 1.5)
    with pytest.raises(CorpusError, match="above 0"):
        point_features(video, CENTRE, 0, 1.5)


def test_a_clip_tells_in_which_region_its_points_lie():
    row = corpora.load("puppets").iloc[77]
    frames, _ = corpora.read_video(row)
    points = interest_points(harris3d(frames, 1.5, 1.5), 20)
    features = point_features(frames, points, 1.5, 1.5)
    clip = clip_features(frames)
    assert (clip.shape, clip.dtype) == ((9 * 163,), np.float32)
    regions = clip.reshape(3, 3, 163)
    assert regions[..., -1].sum() == pytest.approx(1)
    for i in range(3):
        for j in range(3):
            inside = (points[:, 1] * 3 // 112 == i) & (points[:, 2] * 3 // 112 == j)
            assert regions[i, j, -1] == pytest.approx(inside.mean())
            expected = features[inside].mean(axis=0) if inside.any() else np.zeros(162)
            np.testing.assert_allclose(regions[i, j, :-1], expected, atol=1e-6)
    assert (clip_features(np.full((9, 30, 33), 7, np.uint8)) == 0).all()  # no event, no numbers


def test_the_reduction_gives_as_many_numbers_as_sound_has_and_learns_from_training_rows_alone():
    random = np.random.default_rng(2)
    train, test = random.normal(3, 2, (200, 300)), random.normal(size=(5, 300))
    reduction = pca_reduction().fit(train)
    assert reduction.transform(test).shape == (5, 162)
    short = reduction.transform(train)
    np.testing.assert_allclose(short.mean(axis=0), 0, atol=1e-9)
    scatter = short.T @ short
    assert np.abs(scatter - np.diag(np.diag(scatter))).max() < 1e-6 * scatter.max()
    assert (np.diff(np.diag(scatter)) <= 1e-6).all()
    with pytest.raises(ValueError, match="n_components"):
        pca_reduction().fit(train[:100])
