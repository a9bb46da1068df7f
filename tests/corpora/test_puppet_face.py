"""The drawn face: chance comes from the seed alone, truth fits the pixels, no cue is hidden."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from emolib.corpora.puppet_acting import ACTION_UNITS, FPS, PROTOTYPES, act
from emolib.corpora.puppet_face import LANDMARKS, draw_face
from emolib.corpora.table import EMOTIONS, CorpusError

SPEECH = [("_", 0, 0.4), ("a", 0.4, 0.8), ("b", 0.8, 0.9), ("aI", 0.9, 1.3), ("_", 1.3, 2.0)]


def face(actor=3, size=112, pose=(0, 0, 0), identity=1.0, **units):
    """A picture of units given as au12=4."""
    row = np.zeros((1, len(ACTION_UNITS)), np.float32)
    for name, intensity in units.items():
        row[0, ACTION_UNITS.index(int(name[2:]))] = intensity
    return draw_face(row, [pose], actor, identity, size)


def at(drawn, name, frame=0):
    return drawn.landmarks[frame, LANDMARKS.index(name)]


def patch(drawn, point, half=3):
    x, y = np.rint(point).astype(int)
    return drawn.frames[0, y - half : y + half + 1, x - half : x + half + 1].astype(float)


def unit(units, number):
    return units[:, ACTION_UNITS.index(number)]


def digest(emotion, actor, seed):
    units, pose = act(emotion, 1.2, SPEECH, 2.0, actor, np.random.default_rng(seed))
    drawn = draw_face(units[:12], pose[:12], actor)
    return hashlib.sha256(drawn.frames.tobytes() + units.tobytes() + pose.tobytes()).hexdigest()


def test_same_seed_same_bytes_in_any_order_and_process():
    asked = [("happy", 4, 1), ("fearful", 9, 2), ("calm", 22, 3)]
    first = [digest(*a) for a in asked]
    assert [digest(*a) for a in reversed(asked)] == first[::-1]
    assert digest("happy", 4, 7) != first[0]
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_puppet_face as t;"
        "print(t.digest('calm', 22, 3))"
    )
    folder = __file__.rpartition("test_puppet_face")[0]
    told = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == first[2]


def test_without_identity_no_actor_cue_is_left():
    def trial(actor, identity):
        rng = np.random.default_rng(5)
        units, pose = act("disgust", 1.0, SPEECH, 1.0, actor, rng, identity)
        return draw_face(units, pose, actor, identity)

    one, other = trial(3, 0.0), trial(18, 0.0)
    for field in ("frames", "action_units", "box", "landmarks"):
        assert np.array_equal(getattr(one, field), getattr(other, field))
    one, other = trial(3, 1.0), trial(18, 1.0)
    assert not np.array_equal(one.action_units, other.action_units)
    assert np.abs(one.frames.astype(int) - other.frames).mean() > 10


def test_no_two_actors_look_alike():
    looks = np.stack([face(actor).frames[0].astype(float) for actor in range(1, 25)])
    for i in range(24):
        apart = np.abs(looks - looks[i]).mean(axis=(1, 2, 3))
        assert np.sort(apart)[1] > 6


def test_a_smile_lifts_and_widens_the_mouth_in_landmarks_and_pixels():
    rest, smile = face(), face(au12=5)
    for name, outward in (("mouth_left", -1), ("mouth_right", 1)):
        moved = at(smile, name) - at(rest, name)
        assert moved[1] < -3
        assert outward * moved[0] > 2
        # the lips are darker than skin, so where the smile says its corner is, it got darker
        here = patch(smile, at(smile, name), 1).mean()
        assert here < patch(rest, at(smile, name), 1).mean() - 10


def test_closing_the_eyes_hides_their_white():
    def whiteness(drawn):
        x, y = np.rint(at(drawn, "left_eye")).astype(int)
        colours = drawn.frames[0, y - 4 : y + 4, x - 6 : x + 7].astype(int)
        return (colours.min(axis=-1) > 195).sum()

    # actor 9 has skin darker than the white of the eye
    assert whiteness(face(9)) > 10
    assert whiteness(face(9, au43=5)) == 0
    shut = face(9, au43=5)
    assert abs(at(shut, "left_lid_upper") - at(shut, "left_lid_lower")).max() < 0.6


def test_dropping_the_jaw_opens_the_mouth():
    rest, dropped = face(), face(au25=2, au26=5)
    gap = [at(d, "lip_lower_inner")[1] - at(d, "lip_upper_inner")[1] for d in (rest, dropped)]
    assert gap[0] < 0.3
    assert gap[1] > 5
    assert at(dropped, "chin")[1] > at(rest, "chin")[1] + 4
    assert dropped.box[0, 3] > rest.box[0, 3] + 4
    below = (at(dropped, "lip_upper_inner") + at(dropped, "lip_lower_inner")) / 2
    below[1] += 2
    red, green, _ = patch(dropped, below, 1).mean(axis=(0, 1))
    skin = patch(rest, below, 1).mean(axis=(0, 1))
    assert green / red < 0.7 * skin[1] / skin[0]  # the mouth's inside is much redder than skin


def test_a_blank_face_at_strength_zero():
    rng = np.random.default_rng(0)
    units, _ = act("angry", 0.0, [], 1.2, 5, rng, identity=0.0)
    still = [ACTION_UNITS.index(u) for u in ACTION_UNITS if u != 43]
    assert units[:, still].mean() < 0.5


@pytest.mark.parametrize("shift", [(6, 0), (0, -5), (-4, 3)])
def test_pose_moves_landmarks_and_picture_alike(shift):
    rest, moved = face(11), face(11, pose=(*shift, 0))
    assert np.allclose(moved.landmarks - rest.landmarks, shift, atol=1e-4)
    assert np.allclose(moved.box - rest.box, (*shift, 0, 0), atol=1e-4)
    x, y, w, h = rest.box[0].astype(int)
    here = rest.frames[0, y + 8 : y + h - 8, x + 8 : x + w - 8].astype(int)
    dx, dy = shift
    there = moved.frames[0, y + 8 + dy : y + h - 8 + dy, x + 8 + dx : x + w - 8 + dx].astype(int)
    # the eyes look at the camera while the head moves; everything else is the same picture
    assert np.median(np.abs(here - there)) == 0
    assert np.abs(here - there).mean() < 3


def test_tilt_turns_the_eyes_clockwise():
    tilted = face(pose=(0, 0, 0.2))
    line = at(tilted, "right_eye") - at(tilted, "left_eye")
    assert np.isclose(np.arctan2(line[1], line[0]), 0.2, atol=1e-4)


def test_landmarks_scale_with_size():
    small, large = face(14, 112, au1=3, au26=2), face(14, 224, au1=3, au26=2)
    assert np.allclose(large.landmarks, (small.landmarks + 0.5) * 2 - 0.5, atol=1e-3)
    assert large.frames.shape == (1, 224, 224, 3)


def test_lips_close_for_b_and_open_for_vowels():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        units, pose = act("surprised", 1.3, SPEECH, 2.0, 6, rng)
        drawn = draw_face(units, pose, 6)
        upper, lower = (
            drawn.landmarks[:, LANDMARKS.index(n)] for n in ("lip_upper_inner", "lip_lower_inner")
        )
        gap = np.linalg.norm(lower - upper, axis=1)
        frames = {t: int(t * FPS) for t in (0.6, 0.85, 1.1)}
        assert gap[frames[0.85] - 1 : frames[0.85] + 2].min() < 0.8
        assert gap[frames[0.6]] > 2.5
        assert gap[frames[1.1]] > 2.5


def test_rounding_narrows_and_unknown_symbols_are_tolerated():
    def said(symbol):
        units, _ = act("neutral", 1, [(symbol, 0, 1.0)], 1.0, 1, np.random.default_rng(3), 0.0)
        return units

    assert unit(said("u"), 23).mean() > unit(said("i"), 23).mean() + 1
    assert unit(said("☃"), 25).mean() > unit(said("_"), 25).mean() + 0.5
    assert np.array_equal(said("ˈa"), said("a"))
    assert np.array_equal(said(""), said("_"))


def test_every_long_clip_holds_a_blink():
    for seed in range(30):
        units, _ = act("happy", 1, [], 4.5, 2, np.random.default_rng(seed))
        closed = unit(units, 43)
        assert closed.max() > 4.5
        assert (closed > 4.5).mean() < 0.3


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_prototypes_show_in_the_mean_over_trials(emotion):
    """What an emotion's table row holds is what its trials show more than other emotions do."""
    mean = {}
    for e in EMOTIONS:
        trials = [
            act(e, 1.0, [], 2.0, 1, np.random.default_rng([n, 8]), 0.0)[0].max(axis=0)
            for n in range(40)
        ]
        mean[e] = np.mean(trials, axis=0)
    for number in PROTOTYPES[emotion]:
        column = ACTION_UNITS.index(number)
        without = [e for e in EMOTIONS if number not in PROTOTYPES[e]]
        if number != 43:  # blinks close every eye
            assert mean[emotion][column] > np.mean([mean[e][column] for e in without]) + 0.3


def test_apex_lies_within_the_clip():
    units, _ = act("happy", 1.4, [], 4.0, 8, np.random.default_rng(2))
    smile = unit(units, 12)
    assert smile[0] < 0.5 * smile.max()
    assert smile[-1] < 0.7 * smile.max()
    assert units.shape == (120, 17)
    assert units.dtype == np.float32
    assert units.min() >= 0
    assert units.max() <= 5


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    for arguments in (
        ("joyful", 1.0, [], 1.0, 1),
        ("happy", -1.0, [], 1.0, 1),
        ("happy", float("nan"), [], 1.0, 1),
        ("happy", 1.0, [], 0.0, 1),
        ("happy", 1.0, [], float("inf"), 1),
        ("happy", 1.0, [], 1.0, 25),
        ("happy", 1.0, [], 1.0, 0),
    ):
        with pytest.raises(CorpusError):
            act(*arguments, rng)
    with pytest.raises(CorpusError, match="identity"):
        act("happy", 1.0, [], 1.0, 1, rng, identity=1.5)
    zeros, poses = np.zeros((4, 17)), np.zeros((4, 3))
    for units, pose in (
        (np.zeros((4, 16)), poses),
        (np.zeros((0, 17)), np.zeros((0, 3))),
        (zeros, np.zeros((3, 3))),
        (zeros + 6, poses),
        (zeros * np.nan, poses),
        (zeros, poses + np.inf),
    ):
        with pytest.raises(CorpusError):
            draw_face(units, pose, 1)
    with pytest.raises(CorpusError, match="size"):
        draw_face(zeros, poses, 1, size=8)
