"""Pictures of points, flow, time and faces show what they were given, where it is."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from emolib import plots
from emolib.video import DetectedFace, flow_to_color


@pytest.fixture(autouse=True)
def no_figure_is_left_open():
    yield
    plt.close("all")


@pytest.fixture
def frames():
    return np.random.default_rng(0).integers(0, 256, (20, 30, 40, 3), dtype=np.uint8)


def rings(ax):
    """The places of the white rings of a picture."""
    return [
        tuple(place)
        for line in ax.lines
        if line.get_markeredgecolor() == "white"
        for place in line.get_xydata().tolist()
    ]


def test_points_are_ringed_in_their_frames_and_numbered_by_strength(frames):
    points = np.array([(4, 7, 9), (12, 20, 30), (4, 1, 2), (15, 3, 3)])
    figure = plots.points_on_frames(frames, points, 30, n=2)
    first, second = figure.axes
    np.testing.assert_array_equal(first.images[0].get_array(), frames[4])
    assert sorted(rings(first)) == [(2, 1), (9, 7)]
    assert rings(second) == [(30, 20)]  # of frames with one point the earlier
    assert first.get_title() == "0.13 s\n(1, 3)" and second.get_title() == "0.40 s\n(2)"
    assert "4, in 3 of 20" in figure.get_suptitle()


def test_without_points_the_middle_frame_stands_bare(frames):
    figure = plots.points_on_frames(frames[..., 0], np.empty((0, 3), int), 30)
    (ax,) = figure.axes
    np.testing.assert_array_equal(ax.images[0].get_array(), frames[10, ..., 0])
    assert not ax.lines and "(" not in ax.get_title()


def test_a_slice_is_the_row_over_time_with_the_points_near_it(frames):
    points = np.array([(3, 10, 5), (9, 12, 6), (9, 13, 7)])
    ax = plots.time_slice(frames, points, 10, 30, within=2)
    np.testing.assert_array_equal(ax.images[0].get_array(), frames[:, 10])
    np.testing.assert_allclose(rings(ax), [(5, 0.1), (6, 0.3)])
    left, right, bottom, top = ax.images[0].get_extent()
    assert (right - left) / 40 == 1 and np.isclose((bottom - top) / 20, 1 / 30)
    assert "(s)" in ax.get_ylabel() and "(pixels)" in ax.get_xlabel()


def test_a_flow_has_its_colours_arrows_and_wheel(frames):
    flow = np.zeros((30, 40, 2))
    flow[:, 20:] = (3, 0)
    figure = plots.flow_picture(frames[0], flow, largest=4)
    picture, colours, wheel = figure.axes
    np.testing.assert_array_equal(picture.images[0].get_array(), frames[0])
    np.testing.assert_array_equal(colours.images[0].get_array(), flow_to_color(flow, 4))
    (arrows,) = colours.collections
    assert (arrows.get_offsets()[:, 0] >= 20).all() and (arrows.U > 0).all()
    shown = wheel.images[0].get_array()
    assert (shown[50, 100] == (255, 0, 0)).all()  # right is red at the rim
    assert shown[50, 50].max() == 0 and (shown[0, 0] == 255).all()
    assert "4.0 pixels" in wheel.get_title()
    still = plots.flow_picture(frames[0], np.zeros((30, 40, 2)))
    assert "1.0 pixels" in still.axes[2].get_title()


def test_a_face_has_its_box_its_points_and_its_cut():
    frame = np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    points = np.array([(30, 20), (50, 20), (40, 30), (32, 40), (48, 40.0)])
    face = DetectedFace(np.array([22.0, 10, 36, 44]), points, 0.97)
    left, right = plots.detected_face(frame, face, 64).axes
    assert {tuple(patch.get_bbox().bounds) for patch in left.patches} == {(22, 10, 36, 44)}
    np.testing.assert_allclose([line.get_xydata()[0] for line in left.lines], points)
    assert len({(line.get_marker(), line.get_color()) for line in left.lines}) == 5
    assert left.get_legend().get_texts()[0].get_text() == "left eye"
    assert right.images[0].get_array().shape == (64, 64, 3)
    assert "0.97" in left.get_title()
