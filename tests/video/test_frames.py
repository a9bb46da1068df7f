"""Frames chosen from a clip: at another rate, in snippets, by a classifier's confidence."""

import tracemalloc

import numpy as np
import pytest

from emolib import corpora
from emolib.corpora import CorpusError
from emolib.video import (
    dense_flow,
    key_frame_flow,
    resample_frames,
    select_key_frames,
    snippet_indices,
    snippets,
)


def test_from_30_to_7_5_each_fourth_frame_remains():
    assert list(resample_frames(range(13), 30)) == [0, 4, 8, 12]


@pytest.mark.parametrize(("fps", "target"), [(30, 7.5), (30, 10), (30, 25), (25, 30), (30, 60)])
def test_each_moment_gets_the_frame_nearest_in_time(fps, target):
    n = 41
    found = list(resample_frames(range(n), fps, target))
    assert found == sorted(found)
    assert abs(len(found) - n * target / fps) <= 1
    for k, frame in enumerate(found):
        apart = np.abs(np.arange(n) / fps - k / target)
        assert apart[frame] <= apart.min() + 1e-9


def test_it_takes_the_frames_that_the_reader_takes():
    row = corpora.load("puppets").iloc[100]
    frames, fps = corpora.read_video(row)
    expected, _ = corpora.read_video(row, fps=7.5)
    np.testing.assert_array_equal(np.stack(list(resample_frames(frames, fps, 7.5))), expected)


def test_a_stream_is_resampled_one_frame_at_a_time():
    def stream(n):
        for k in range(n):
            yield np.full((720, 1280, 3), k % 256, np.uint8)

    tracemalloc.start()
    kept = sum(1 for _ in resample_frames(stream(60), 30, 7.5))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept == 15
    assert peak < 4 * 720 * 1280 * 3


def test_a_real_clip_of_720p_goes_through_as_a_stream(shared_data):
    if not sorted((shared_data / "ravdess" / "Actor_01").glob("01-*.mp4")):
        pytest.skip("no film of RAVDESS's actor 1 in shared/data")
    table = corpora.load("ravdess", shared_data / "ravdess")
    row = table[table["video"].notna()].iloc[0]
    tracemalloc.start()
    frames = (frame for frame, _ in corpora.iter_video(row))
    shapes = [flow.shape for flow in dense_flow(resample_frames(frames, 30, 7.5))]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(shapes) >= 20 and set(shapes) == {(720, 1280, 2)}
    assert peak < 12 * 720 * 1280 * 3  # 33 MB; the clip has about 100 frames, 270 MB


@pytest.mark.parametrize(("fps", "target"), [(0, 7.5), (30, 0), (-30, 7.5), (30, np.nan)])
def test_rates_are_above_zero(fps, target):
    with pytest.raises(CorpusError, match="rates"):
        list(resample_frames(range(9), fps, target))


def test_an_empty_clip_is_an_error():
    with pytest.raises(CorpusError, match="empty"):
        list(resample_frames([], 30))


@pytest.mark.parametrize("n_frames", [96, 97, 110, 125, 191, 192, 400])
def test_a_long_clip_is_covered_evenly_without_overlap(n_frames):
    chosen = snippet_indices(n_frames)
    assert chosen.shape == (6, 16)
    steps = np.diff(chosen.ravel())
    assert steps.min() >= 1  # no frame twice
    assert np.ptp(steps) <= 1  # equal steps, as far as whole frames allow
    assert 0 <= chosen[0, 0] < n_frames / 96 and n_frames - chosen[-1, -1] <= n_frames / 96 + 1


def test_frames_left_out_between_two_are_at_most_two_in_ravdess():
    """The paper: clips of 3.1 to 4.16 s, 0 to 2 frames between two that are chosen."""
    for seconds in (3.2, 3.5, 4.16):
        assert np.diff(snippet_indices(round(30 * seconds)).ravel()).max() <= 3


@pytest.mark.parametrize("n_frames", [16, 17, 40, 75, 93, 95])
def test_a_short_clip_gives_snippets_that_overlap(n_frames):
    chosen = snippet_indices(n_frames)
    assert (np.diff(chosen, axis=1) == 1).all()  # consecutive within a snippet
    starts = np.diff(chosen[:, 0])
    assert (starts <= 16).all() and (starts < 16).any() and np.ptp(starts) <= 1
    assert set(chosen.ravel()) == set(range(n_frames))  # and no frame is left out


@pytest.mark.parametrize("n_frames", [1, 2, 15])
def test_a_clip_shorter_than_a_snippet_repeats_frames_in_order(n_frames):
    chosen = snippet_indices(n_frames)
    assert (chosen == chosen[0]).all() and (np.diff(chosen[0]) >= 0).all()
    assert np.ptp(np.bincount(chosen[0], minlength=n_frames)) <= 1


def test_snippets_are_those_frames():
    frames = np.random.default_rng(0).integers(0, 256, (50, 7, 9, 3), dtype=np.uint8)
    found = snippets(frames, 4, 5)
    assert (found.shape, found.dtype) == ((4, 5, 7, 9, 3), np.uint8)
    np.testing.assert_array_equal(found[2, 3], frames[snippet_indices(50, 4, 5)[2, 3]])
    for arguments in ((frames[:0],), (frames, 0), (frames, 6, 0)):
        with pytest.raises(CorpusError, match="at least 1"):
            snippets(*arguments)


def probabilities(confidence):
    """Two classes; the surer one is the first in even frames."""
    confidence = np.asarray(confidence, float)
    rows = np.stack([confidence, 1 - confidence], axis=1)
    rows[1::2] = rows[1::2, ::-1]
    return rows


def test_the_surest_frames_are_chosen_in_order_of_time_and_apart():
    sure = np.full(30, 0.6)
    sure[[20, 21, 3, 12]] = 0.99, 0.98, 0.9, 0.8
    assert select_key_frames(probabilities(sure)).tolist() == [3, 12, 20]  # 21 shows what 20 shows
    assert select_key_frames(probabilities(sure), 1).tolist() == [20]
    assert select_key_frames(probabilities(sure)[::-1]).tolist() == [9, 17, 26]


def test_equally_sure_frames_are_taken_from_the_start_and_there_are_always_enough():
    for time in range(3, 60):
        chosen = select_key_frames(np.full((time, 4), 0.25))
        apart = max(time // 6, 1)
        assert chosen.tolist() == [0, apart, 2 * apart]
        noisy = np.random.default_rng(time).dirichlet(np.ones(5), time)
        chosen = select_key_frames(noisy, min(5, time))
        assert len(chosen) == min(5, time) and np.diff(chosen).min() >= max(time // 10, 1)


@pytest.mark.parametrize(
    ("given", "n", "words"),
    [
        (np.full((5, 2), 0.5), 6, "choose 1 to 5"),
        (np.full((5, 2), 0.5), 0, "choose 1 to 5"),
        (np.full((5, 2), 0.7), 3, "sum 1"),
        (np.full((5, 2), np.nan), 3, "probabilities"),
        (np.array([0.2, 0.8]), 1, "probabilities"),
        (np.array([[1.5, -0.5]]), 1, "probabilities"),
    ],
)
def test_what_are_no_probabilities_is_named(given, n, words):
    with pytest.raises(CorpusError, match=words):
        select_key_frames(given, n)


def test_flow_follows_the_key_frames():
    frames = np.random.default_rng(1).integers(0, 256, (8, 32, 34, 3), dtype=np.uint8)
    flows = list(dense_flow(frames))
    found = key_frame_flow(frames, [0, 3, 7])
    for flow, expected in zip(found, (flows[0], flows[2], flows[6]), strict=True):
        np.testing.assert_array_equal(flow, expected)
    for chosen in ([8], [-1], []):
        with pytest.raises(CorpusError, match="key frames"):
            key_frame_flow(frames, chosen)
    with pytest.raises(CorpusError, match="two frames"):
        key_frame_flow(frames[:1], [0])
