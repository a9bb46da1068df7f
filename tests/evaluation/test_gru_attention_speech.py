"""The sound network: what it is given, that it hears order, and that it never sees a test row."""

import numpy as np
import pandas as pd
import pytest

from emolib import corpora, devices
from emolib.evaluation import EvaluationError, av_attention_speech, read_records
from emolib.evaluation import gru_attention_speech as speech

RATE = 16_000
TINY = speech.SETTINGS | {"frames_a_step": 4, "units": 8, "dense": 8, "epochs": 12, "batch": 16}
TINY |= {"noise": 0.05, "masked": 0.02, "dropout": 0.1, "rate": 1e-2}


@pytest.fixture(scope="module")
def ramps():
    """Clips that rise or fall: their statistics are the same, only the order differs."""
    rng = np.random.default_rng(0)
    rising = np.arange(80) % 2 == 0
    clips = []
    for up in rising:
        line = np.linspace(-2, 2, rng.integers(40, 60))[:, None] * [1.0, -0.5, 0.2]
        clips.append((line if up else line[::-1]) + 0.1 * rng.normal(size=line.shape))
    return clips, np.where(rising, "rising", "falling")


def tone(f0, seconds, rate=RATE):
    """A voice-like sound: ten harmonics."""
    time = np.arange(round(seconds * rate)) / rate
    harmonics = [np.sin(2 * np.pi * k * f0 * time) / k for k in range(1, 11)]
    return (0.1 * np.sum(harmonics, axis=0)).astype(np.float32)


@pytest.mark.parametrize("f0", [110.0, 220.0])
def test_frames_hold_the_pitch_in_semitones_and_no_outer_silence(f0):
    voice = tone(f0, 0.8)
    frames = speech.voice_frames(voice, RATE)
    assert frames.shape[1] == 60 and frames.dtype == np.float32
    middle = frames[10:-10]
    np.testing.assert_allclose(np.median(middle[:, 28]), 12 * np.log2(f0 / 100), atol=0.1)
    assert (middle[:, 29] == 1).all(), "voiced throughout"
    np.testing.assert_allclose(middle[:, 58], 0, atol=0.02)  # the pitch does not move
    silence = np.zeros(RATE // 2, np.float32)
    embedded = speech.voice_frames(np.concatenate([silence, voice, silence]), RATE)
    assert abs(len(embedded) - len(frames)) <= 6, "half a second on either side is cut off"


@pytest.mark.parametrize("module", [speech, av_attention_speech])
@pytest.mark.parametrize("corpus", ["puppets", "ravdess"])
def test_settings_count_where_they_were_tried(module, corpus, tmp_path, monkeypatch):
    rows = np.arange(24)
    words = np.resize(["sad", "happy"], 24)
    keys = {"seed": 0, "fold": rows % 2, "row": rows, "clip": rows.astype(str), "copy": 0}
    answers = pd.DataFrame({**keys, "actor": (rows // 6).astype(str)})
    answers["truth"], answers["predicted"] = words[rows // 2], words[rows // 3]
    found = dict.fromkeys(["network-sound", *speech.MACHINES], answers)
    table = pd.DataFrame({name: ["x"] for name in ("audio", "emotion", "actor", "action_units")})
    monkeypatch.setattr(module.corpora, "load", lambda *_: table)
    monkeypatch.setattr(module.sound_and_face, "encode", lambda *_: {})
    for name in ("split", "feature_sequences", "cut_parts"):
        monkeypatch.setattr(module, name, lambda *_, **__: [], raising=False)
    monkeypatch.setattr(module, "measure", lambda *_, **__: found)
    module.main(["--corpus", corpus, "--results", str(tmp_path)])
    counted = {written["n_configurations"] for written in read_records(tmp_path)}
    assert counted == {module.TRIED["ravdess"] if corpus == "ravdess" else 1}


def test_silence_is_refused():
    with pytest.raises(ValueError, match="silent"):
        speech.voice_frames(np.zeros(RATE, np.float32), RATE)


def test_each_actor_is_enrolled_on_all_frames_of_its_own_clips_and_on_no_others():
    rng = np.random.default_rng(0)
    clips = [rng.normal(k, 1 + k, (10 + k, 3)) for k in range(6)]
    actors = np.array(["a", "a", "a", "b", "b", "b"])
    scaled = speech.enroll_frames(clips, actors)
    assert [len(own) for own in scaled] == [len(own) for own in clips]
    for actor in "ab":
        own = np.concatenate([clip for clip, a in zip(scaled, actors, strict=True) if a == actor])
        np.testing.assert_allclose(own.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(own.std(axis=0), 1, atol=1e-5)
    changed = speech.enroll_frames([*clips[:5], clips[5] + 100], actors)
    np.testing.assert_array_equal(changed[0], scaled[0])
    assert np.abs(changed[3] - scaled[3]).max() > 0.1


def test_a_step_is_the_mean_and_the_deviation_of_its_frames():
    frames = np.arange(20.0)[:, None] ** [1, 2]
    steps = speech.steps_of(frames, 5)
    assert steps.shape == (4, 4)
    for k, step in enumerate(steps):
        block = frames[5 * k : 5 * k + 5]
        np.testing.assert_allclose(step, [*block.mean(axis=0), *block.std(axis=0)], rtol=1e-5)
    np.testing.assert_allclose(speech.steps_of(frames, 5, offset=5), steps[1:])


@pytest.mark.parametrize("tempo", [0.8, 1.25])
def test_a_tempo_changes_the_length_and_not_the_values_of_a_ramp(tempo):
    ramp = np.linspace(0, 1, 101)[:, None]
    steps = speech.steps_of(ramp, 1, tempo)
    assert abs(len(steps) - 101 / tempo) <= 1
    np.testing.assert_allclose(np.diff(steps[:, 0]), 0.01 * tempo, atol=1e-6)


def test_too_few_frames_make_no_step():
    with pytest.raises(ValueError, match="3 frames are too few for a step of 5"):
        speech.steps_of(np.zeros((3, 2)), 5)


def test_a_clips_answer_does_not_depend_on_its_padding():
    keras = devices.import_keras()
    keras.utils.set_random_seed(0)
    model = speech.speech_network(6, 3, units=8, dense=8, dropout=0.5)
    rng = np.random.default_rng(0)
    clips = [rng.normal(size=(n, 6)).astype("float32") for n in (5, 9)]
    together = np.asarray(model(speech.pad(clips), training=False))
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)
    for clip, answer in zip(clips, together, strict=True):
        alone = np.asarray(model(clip[None], training=False))[0]
        np.testing.assert_allclose(alone, answer, atol=1e-5)


def test_it_hears_order(ramps):
    clips, labels = ramps
    rows = np.arange(80)
    fit_predict = speech.train_speech_network(clips, labels, TINY)
    answer = fit_predict(rows[:40], rows[40:60], rows[60:], 0)
    assert (np.array(["falling", "rising"])[answer.argmax(axis=1)] == labels[60:]).mean() > 0.9


def test_no_test_row_moves_another_ones_answer(ramps):
    clips, labels = ramps
    rows = np.arange(80)
    moved = [*clips[:79], clips[79] + 1e3]
    relabelled = np.where(rows < 60, labels, "rising")
    plain, other = (
        speech.train_speech_network(own, words, TINY | {"epochs": 1})(
            rows[:40], rows[40:60], rows[60:], 0
        )
        for own, words in ((clips, labels), (moved, relabelled))
    )
    np.testing.assert_allclose(other[:-1], plain[:-1], atol=1e-4)
    assert np.abs(other[-1] - plain[-1]).max() > 1e-4


def test_copies_keep_padding_silent_and_labels_a_distribution():
    rng = np.random.default_rng(0)
    steps = speech.pad([np.ones((4, 3), "float32"), np.ones((7, 3), "float32")] * 8)
    settings = speech.SETTINGS | {"mixup": 1e-6}  # shares of 0 or 1: nothing is blended
    blurred, targets = speech._blurred(steps, np.eye(2, dtype="float32")[[0, 1] * 8], settings, rng)
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    assert (blurred[::2, 4:] == 0).all() and (blurred[::2, :4] != 0).any()


def predictions(answers, fold=0):
    table = corpora.clip_table({"clip": c, "corpus": "drawn"} for c in "xyz")
    return table[["clip", "copy"]].assign(
        seed=0, fold=fold, row=range(3), actor=["1", "1", "2"], truth=["a", "b", "a"],
        predicted="a", p_a=answers, p_b=1 - np.array(answers),
    )  # fmt: skip


def test_joined_answers_are_the_product_by_hand():
    one, two = predictions([0.6, 0.5, 0.2]), predictions([0.4, 0.1, 0.9])
    both = speech.joined([one, two.iloc[::-1]])
    a, b = np.array([0.24, 0.05, 0.18]), np.array([0.24, 0.45, 0.08])
    np.testing.assert_allclose(both["p_a"], a / (a + b))
    assert both["predicted"].tolist()[1:] == ["b", "a"]
    mean = speech.joined([one, two], "mean")
    np.testing.assert_allclose(mean["p_a"], [0.5, 0.3, 0.55])


def test_answers_to_other_rows_are_not_joined():
    with pytest.raises(EvaluationError, match="different rows or folds"):
        speech.joined([predictions([0.6, 0.5, 0.2]), predictions([0.6, 0.5, 0.2], fold=1)])


def test_an_unknown_variant_is_named():
    with pytest.raises(EvaluationError, match="'enroled' is none of plain, enrolled"):
        speech.measure(None, [], {}, [], "enroled")
