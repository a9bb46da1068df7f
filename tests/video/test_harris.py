"""Harris-3D against eigenvalues, scenes whose answer is known, and what the puppets really did."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.signal import find_peaks

from emolib import corpora
from emolib.corpora import CorpusError, puppets
from emolib.corpora.puppet_acting import ACTION_UNITS
from emolib.corpora.puppet_face import LANDMARKS
from emolib.video import harris3d, interest_points, linear_scale_space, second_moment

ONE = 1.5  # sigma and tau of most tests: one scale


@pytest.fixture(scope="module")
def blobs():
    """Smooth noise in space-time: events of every kind."""
    noise = np.random.default_rng(0).normal(size=(24, 40, 36))
    return gaussian_filter(noise, 1.5).astype(np.float32)


def corner(path, zoom=1):
    """A bright quarter of the plane whose corner follows a path of x; y follows at 0.6 of it."""
    y, x = np.mgrid[: 40 * zoom, : 40 * zoom] / zoom
    return np.array([
        100 / (1 + np.exp(-(x - 20 - p) / 0.7)) / (1 + np.exp(-(y - 20 - 0.6 * p) / 0.7))
        for p in path
    ])  # fmt: skip


def test_entries_are_gaussian_means_of_products_in_the_order_x_y_t(blobs):
    space = linear_scale_space(blobs, 1.2, 0.9)
    moment = second_moment(space, 1.2, 0.9, s=3.0)
    padded = np.pad(space.astype(float), 1, mode="symmetric")
    core = slice(1, -1)
    slopes = [
        (padded[core, core, 2:] - padded[core, core, :-2]) / 2,
        (padded[core, 2:, core] - padded[core, :-2, core]) / 2,
        (padded[2:, core, core] - padded[:-2, core, core]) / 2,
    ]
    width = np.sqrt(3.0) * np.array([0.9, 1.2, 1.2])
    largest = np.abs(moment).max()
    for i in range(3):
        for j in range(3):
            expected = gaussian_filter(slopes[i] * slopes[j], width, mode="reflect")
            np.testing.assert_allclose(moment[..., i, j], expected, atol=1e-5 * largest)


def test_matrices_are_symmetric_and_not_negative_and_the_response_is_that_of_eigenvalues(blobs):
    standard = (blobs - blobs.mean()) / blobs.std()
    moment = second_moment(linear_scale_space(standard, ONE, ONE), ONE, ONE)
    np.testing.assert_array_equal(moment, moment.swapaxes(-1, -2))
    values = np.linalg.eigvalsh(moment.astype(float))
    assert values.min() > -1e-6 * values.max()
    expected = values.prod(axis=-1) - 0.02 * values.sum(axis=-1) ** 3
    found = harris3d(blobs, ONE, ONE, k=0.02)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    assert (found > 0).any() and (found < 0).any()


def test_above_one_27th_nothing_is_an_event(blobs):
    assert harris3d(blobs, ONE, ONE, k=1 / 26).max() <= 0
    assert harris3d(blobs, ONE, ONE, k=0.005).max() > 0


def test_contrast_scales_det_by_its_sixth_power_and_trace_by_its_square(blobs):
    """So the printed criterion, det - k·trace, changes its sign with the light; ours keeps it."""
    space = linear_scale_space(blobs, ONE, ONE).astype(float)
    c, k = 30.0, 0.005
    dim, bright = (second_moment(a * space, ONE, ONE).astype(float) for a in (1, c))
    det = [np.linalg.det(m) for m in (dim, bright)]
    trace = [np.trace(m, axis1=-2, axis2=-1) for m in (dim, bright)]
    np.testing.assert_allclose(det[1], c**6 * det[0], rtol=1e-2, atol=1e-4 * det[1].max())
    np.testing.assert_allclose(trace[1], c**2 * trace[0], rtol=1e-4)

    printed = [d - k * t for d, t in zip(det, trace, strict=True)]
    mended = [d - k * t**3 for d, t in zip(det, trace, strict=True)]
    assert (printed[0] < 0).all()  # in the dim clip the printed form finds nothing at all
    assert (printed[1] > 0).mean() > 0.5  # in the bright one most of it
    sure = np.abs(mended[0]) > 1e-3 * np.abs(mended[0]).max()
    assert (np.sign(mended[0]) == np.sign(mended[1]))[sure].all()


def test_brightness_contrast_and_number_type_change_nothing(blobs):
    response = harris3d(blobs, ONE, ONE)
    largest = np.abs(response).max()
    for other in (0.01 * blobs - 3, 1000 * blobs + 50, -blobs, blobs.astype(float)):
        np.testing.assert_allclose(harris3d(other, ONE, ONE), response, atol=1e-4 * largest)
    bytes_ = np.rint(127 + 100 * blobs / np.abs(blobs).max()).astype(np.uint8)
    of_bytes = harris3d(bytes_, ONE, ONE)
    np.testing.assert_allclose(harris3d(bytes_ / 255, ONE, ONE), of_bytes, atol=1e-4 * largest)
    grey_in_colour = np.repeat(bytes_[..., None], 3, axis=-1)
    np.testing.assert_allclose(harris3d(grey_in_colour, ONE, ONE), of_bytes, atol=1e-4 * largest)


def test_edges_still_corners_and_even_motion_are_no_events_and_a_turn_is_one():
    time = np.arange(40)
    edge = np.repeat(100 / (1 + np.exp(20.0 - np.arange(40)))[None], 40, axis=0)
    scenes = {
        "edge": np.repeat(edge[None], 40, axis=0),
        "still corner": corner(0 * time),
        "even motion": corner(0.5 * (time - 20.0)),
    }
    turn = harris3d(corner(-0.5 * np.abs(time - 20)), ONE, ONE)
    for name, video in scenes.items():
        response = harris3d(video, ONE, ONE)[8:-8]  # where the clip is cut, motion begins
        assert response.max() < 1e-3 * turn.max(), name
    assert interest_points(turn, 5).tolist() == [[20, 21, 20]]


def test_points_move_with_the_clip():
    video = gaussian_filter(np.random.default_rng(5).normal(size=(64, 90, 90)), 1.5)
    moved = np.roll(video, (3, -4, 6), axis=(0, 1, 2))
    found = interest_points(harris3d(video, ONE, ONE), 300)
    inner = found[((found > 18) & (found < np.array(video.shape) - 18)).all(axis=1)]
    assert len(inner) >= 10  # beyond the reach of the edges, where the roll makes a seam
    others = {tuple(point) for point in interest_points(harris3d(moved, ONE, ONE), 2000)}
    assert {(t + 3, y - 4, x + 6) for t, y, x in inner} <= others


def test_a_clip_twice_as_large_and_slow_answers_alike_at_twice_the_scale():
    """With the weight sigma^6 responses of several scales can be compared."""
    fast = corner(-0.5 * np.abs(np.arange(40) - 20))
    slow = corner(-0.5 * np.abs(np.arange(80) / 2 - 20), zoom=2)
    peaks = {
        (name, scale): (scale**6 * harris3d(video, scale, scale)).max()
        for name, video in (("fast", fast), ("slow", slow))
        for scale in (1.5, 3.0)
    }
    assert peaks["slow", 3.0] == pytest.approx(peaks["fast", 1.5], rel=0.2)
    assert abs(peaks["slow", 1.5] / peaks["fast", 1.5] - 1) > 0.3


def test_peaks_are_the_strongest_first_apart_and_ties_stand_in_order():
    response = np.zeros((9, 20, 20))
    response[4, 5, 5] = 3
    response[4, 6, 7] = 2  # hidden by its neighbour
    response[4, 5, 12] = 5
    response[2, 15, 15] = response[7, 2, 15] = response[7, 2, 8] = 1
    response[0, 18, 2:5] = 0.5  # a plateau counts once
    response[8, 18, 2] = -9
    expected = [[4, 5, 12], [4, 5, 5], [2, 15, 15], [7, 2, 8], [7, 2, 15], [0, 18, 2]]
    assert interest_points(response, 100).tolist() == expected
    assert interest_points(response, 2).tolist() == expected[:2]
    assert [4, 6, 7] in interest_points(response, 9, radius=(2, 1)).tolist()


def test_over_scales_a_point_must_be_the_highest_of_all():
    responses = np.zeros((3, 5, 9, 9))
    responses[0, 2, 4, 4], responses[1, 2, 5, 4], responses[2, 4, 0, 8] = 1, 2, 1.5
    assert interest_points(responses, 9).tolist() == [[1, 2, 5, 4], [2, 4, 0, 8]]


@pytest.mark.parametrize("value", [0, 37, 255])
def test_a_constant_video_has_no_event(value):
    response = harris3d(np.full((12, 15, 17, 3), value, np.uint8), ONE, ONE)
    assert (response == 0).all()
    assert interest_points(response, 5).shape == (0, 3)


def test_one_frame_and_a_scale_of_zero_have_no_event(blobs):
    for response in (harris3d(blobs[:1], ONE, ONE), harris3d(blobs, 0, 0)):
        assert response.max() <= 1e-6 * np.abs(response).max()
    assert np.isfinite(harris3d(blobs[:3, :7, :5], 4.0, 4.0)).all()  # smaller than the kernel


def test_bad_input_is_named(blobs):
    broken = blobs.copy()
    broken[3, 3, 3] = np.nan
    with pytest.raises(CorpusError, match="finite"):
        harris3d(broken, 1, 1)
    for arguments, what in (
        ((-1, 1), "sigma is a standard deviation"),
        ((1, -1), "tau is a standard deviation"),
        ((1, 1, -2.0), "s is a ratio of variances"),
    ):
        with pytest.raises(CorpusError, match=what):
            harris3d(blobs, *arguments)
    with pytest.raises(CorpusError, match="shape"):
        harris3d(blobs[0], 1, 1)
    with pytest.raises(CorpusError, match="n = 0"):
        interest_points(blobs, 0)
    with pytest.raises(CorpusError, match="finite"):
        interest_points(broken, 5)
    with pytest.raises(CorpusError, match="shape"):
        interest_points(blobs[0], 5)


# What the puppets did, and what is found of it


def acts(face):
    """Yield (kind, first frame, last frame, outline at a frame) of blinks and mouth movements.

    A blink's place is the line between the lids before it; a mouth's the outline of its opening. A
    mouth's moments are the highest openings and the lowest between them (1.5 pixels apart).
    """
    marks, at = face.landmarks, LANDMARKS.index
    closed = face.action_units[:, ACTION_UNITS.index(43)] > 2.5
    change = np.flatnonzero(np.diff(np.r_[False, closed, False]))
    for first, after in change.reshape(-1, 2):
        if after - first < 9:  # longer ones are relaxed lids
            for side in ("left", "right"):
                lids = [at(f"{side}_lid_upper"), at(f"{side}_lid_lower")]
                before = marks[max(first - 4, 0), lids]
                yield "blink", first - 1, after, lambda _, before=before: before
    opening = [at(n) for n in ("mouth_left", "lip_upper_inner", "mouth_right", "lip_lower_inner")]
    gap = marks[:, opening[3], 1] - marks[:, opening[1], 1]
    for sign, kind in ((1, "opening"), (-1, "closing")):
        for moment in find_peaks(sign * gap, prominence=1.5)[0]:
            yield kind, moment, moment, lambda t: marks[t, opening]


def near(point, act, shift, length):
    """Tell whether a point, moved in time, lies within 2 frames and 2 pixels of an act."""
    _, first, last, outline = act
    t = (point[0] + shift) % length
    if not first - 2 <= t <= last + 2:
        return False
    shape = np.ascontiguousarray(outline(t), np.float32).reshape(-1, 1, 2)
    return cv2.pointPolygonTest(shape, (float(point[2]), float(point[1])), True) >= -2


def test_blinks_and_mouth_openings_of_puppets_are_found():
    """24 clips, 24 points each; chance is the same points with their times rolled by 20 frames.

    Measured at sigma 1.5, tau 1.5, 12 points a clip: of the blinks (one an eye) 84 % found, by
    chance 4 %; of the mouth's openings 68 %, by chance 21 %; of the points 61 % stand at one of
    the two or at a closing mouth, by chance 11 %. The other points are at the chin, the brows, and
    the mouth's corners while it moves, which the truth above does not count; mouths that close
    slowly turn no corner, and few of those moments are found.
    """
    count = {"now": {}, "rolled": {}}
    table = corpora.load("puppets").iloc[::57].head(24)
    for _, row in table.iterrows():
        face = puppets.draw(row)
        points = interest_points(harris3d(face.frames, 1.5, 1.5), 12)
        length = len(face.frames)
        happened = list(acts(face))
        for name, shift in (("now", 0), ("rolled", 20)):
            hits = np.array([[near(p, a, shift, length) for p in points] for a in happened])
            for act, found in zip(happened, hits.any(axis=1), strict=True):
                count[name].setdefault(act[0], []).append(found)
            count[name].setdefault("points", []).extend(hits.any(axis=0))
    share = {name: {k: np.mean(v) for k, v in counts.items()} for name, counts in count.items()}
    assert len(count["now"]["blink"]) >= 40 and len(count["now"]["opening"]) >= 60
    assert share["now"]["blink"] > 0.75 and share["rolled"]["blink"] < 0.15
    assert share["now"]["opening"] > 0.55 and share["rolled"]["opening"] < 0.35
    assert share["now"]["points"] > 0.5 and share["rolled"]["points"] < 0.2
