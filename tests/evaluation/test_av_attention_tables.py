"""Tables 1 to 3: what each row's network has, how clips are varied, when training stops."""

import numpy as np
import pytest
from clip_tables import speech

from emolib import corpora, devices, models
from emolib.evaluation import EvaluationError, split
from emolib.evaluation import av_attention_tables as tables
from emolib.models.av_attention import SIZES, av_attention, input_shapes

LAYERS = {
    "at": "audio_temporal", "vs": "video_spatial", "vc": "video_channel", "vt": "video_temporal",
}  # fmt: skip
SHORT = tables.SETTINGS | {"epochs": 6, "batch": 8, "rate": 3e-2}


@pytest.fixture(scope="module", autouse=True)
def tiny():
    SIZES["tiny"] = SIZES["quick"] | {"width": 1, "pixels": 32, "frames": 2, "spectrogram": 32}
    yield
    del SIZES["tiny"]


@pytest.fixture(scope="module")
def loud_or_not(tiny):
    """Sounds whose label is told by where the energy lies, and their table."""
    table = speech(actors=4, takes=2)
    table = table[table["emotion"].isin(["angry", "calm"])].sort_values("actor", ignore_index=True)
    rng = np.random.default_rng(0)
    sound = rng.normal(size=(len(table), *input_shapes("tiny")["audio"])).astype("float32")
    sound[(table["emotion"] == "angry").to_numpy(), :, 16:] += 1.5
    return table, {"audio": sound}


@pytest.fixture
def small(monkeypatch):
    """A network of the same inputs and outputs without its convolutions, which take long."""

    def build(inputs, size, n_classes):
        keras = devices.import_keras()
        sound = keras.Input(input_shapes(size)[inputs[0]])
        x = keras.layers.Dense(8)(keras.ops.mean(sound, axis=(1, 3, 4)))
        answer = keras.layers.Dense(n_classes, activation="softmax")(x)
        unit = keras.layers.UnitNormalization()(x)
        return keras.Model(sound, {"embedding": unit, "probabilities": answer})

    monkeypatch.setattr(models, "av_attention", build)


@pytest.mark.parametrize("row", ["vs-vc", "all-side-by-side"])
def test_a_rows_network_has_the_attentions_of_its_name_and_no_other(row):
    options = {k: v for k, v in tables.ROWS[row].items() if k != "loss"}
    network = av_attention(size="tiny", heads=2, **options)
    has = {layer.name for layer in network.layers} & {*LAYERS.values(), "cross_modal"}
    named = {LAYERS[part] for part in row.split("-") if part in LAYERS}
    if row.startswith("all"):
        named = {*LAYERS.values(), "cross_modal"}
    if "side" in row:
        named -= {"cross_modal"}
    assert has == named


def test_every_published_row_is_one_of_ours_and_says_its_loss():
    assert list(tables.PUBLISHED.index) == list(tables.ROWS)[:6]
    losses = [tables.ROWS[row].get("loss", "triplet") for row in tables.PUBLISHED.index]
    assert losses == ["triplet"] * 5 + ["emotion"], "Table 3's second row alone has the new loss"
    gains = tables.PUBLISHED["ravdess"].diff().dropna()
    assert (gains > 0).all(), "each printed row is above the one before it"


def faces():
    rng = np.random.default_rng(0)
    clips = rng.integers(40, 200, (12, 3, 2, 8, 10, 3)).astype(np.uint8)
    clips[:, 1] = 0  # a snippet without a face
    return clips


def test_a_missing_snippet_stays_missing_and_values_stay_in_their_range():
    varied = tables.vary_faces(faces(), np.random.default_rng(1), 0.3, 0.9)
    assert (varied[:, 1] == 0).all() and varied[:, [0, 2]].any(axis=(2, 3, 4, 5)).all()
    assert varied.min() >= 0 and varied.max() <= 255 and varied.dtype == np.float32


def test_without_crop_and_brightness_a_clip_is_mirrored_whole_or_left_alone():
    clips = faces()
    varied = tables.vary_faces(clips, np.random.default_rng(1), 0, 0)
    same = [np.array_equal(v, c) for v, c in zip(varied, clips, strict=True)]
    turned = [np.array_equal(v, c[..., ::-1, :]) for v, c in zip(varied, clips, strict=True)]
    assert all(a != b for a, b in zip(same, turned, strict=True)) and 2 < sum(same) < 10


def test_frames_of_a_clip_move_together_and_clips_do_not():
    still = np.repeat(faces()[:, :1, :1], 2, axis=2)
    varied = tables.vary_faces(still, np.random.default_rng(1), 0.3, 0.5)
    np.testing.assert_array_equal(varied[:, :, 0], varied[:, :, 1])
    bright = varied.mean(axis=(1, 2, 3, 4, 5)) / still.mean(axis=(1, 2, 3, 4, 5))
    assert np.ptp(bright) > 0.2 and np.abs(bright - 1).max() < 0.6


@pytest.mark.parametrize("loss", ["triplet", "emotion"])
def test_it_learns_which_half_is_loud_and_answers_each_row_once(loss, loud_or_not, small):
    table, clips = loud_or_not
    labels, rows = table["emotion"].to_numpy(dtype=str), np.arange(len(table))
    fit_predict = tables.train_row(clips, labels, "tiny", loss, SHORT, inputs=["audio"])
    answer = fit_predict(rows[:20], rows[20:24], rows[24:], 0)
    right = np.array(["angry", "calm"])[answer.argmax(axis=1)] == labels[24:]
    assert answer.shape == (len(table) - 24, 2) and right.mean() > 0.8


def test_training_stops_when_the_validation_rows_gain_no_more(loud_or_not, small, monkeypatch):
    table, clips = loud_or_not
    labels, rows = table["emotion"].to_numpy(dtype=str), np.arange(len(table))
    epochs, deal = [], tables._batches
    monkeypatch.setattr(tables, "_batches", lambda *a: epochs.append(1) or deal(*a))
    still = SHORT | {"rate": 0.0, "patience": 2, "epochs": 9}
    make = tables.train_row(clips, labels, "tiny", "softmax", still, inputs=["audio"])
    make(rows[:8], rows[8:16], rows[16:20], 0)
    stopped = len(epochs)
    epochs.clear()
    make(rows[:8], rows[:0], rows[16:20], 0)
    assert stopped == 1 + 2, "the first epoch is the best, and two more do not gain"
    assert len(epochs) == 9, "without validation rows it runs to the end"


def test_a_finished_fold_is_not_trained_again(loud_or_not, small, tmp_path, monkeypatch):
    table, clips = loud_or_not
    folds = split(table, "actors", 4)[:1]
    run = {"size": "tiny", "settings": SHORT | {"epochs": 1}, "resume": tmp_path}
    first = tables.measure(table, clips, "at", folds, progress=False, **run)
    monkeypatch.setattr(tables, "_compile", None)
    again = tables.measure(table, clips, "at", folds, progress=False, **run)
    assert first.equals(again) and len(first) == 8
    with pytest.raises(TypeError):  # another row is another run
        tables.measure(table, {"audio": clips["audio"] + 1}, "at", folds, progress=False, **run)


def test_clips_are_read_as_the_network_takes_them_and_kept(tmp_path, monkeypatch):
    table = corpora.load("puppets").iloc[[7, 100]]
    read = tables.read_clips(table, "tiny", cache=tmp_path)
    for k, (_, row) in enumerate(table.iterrows()):
        own = models.av_inputs(row, "tiny")
        for name in ("audio", "video"):
            np.testing.assert_array_equal(read[name][k], own[name])
    monkeypatch.setattr(models, "av_inputs", None)
    again = tables.read_clips(table, "tiny", cache=tmp_path)
    assert all(np.array_equal(again[name], read[name]) for name in read)
    assert not list(tmp_path.glob("*.half"))


def test_our_figures_stand_beside_the_printed_ones():
    def content(row, corpus):
        return {"system": f"av-attention-row-{row}", "corpus": corpus, "folds": [{}, {}]} | {
            "mean": {"accuracy": 0.5}, "interval": {"accuracy": [0.4, 0.6]},
        }  # fmt: skip

    contents = [content("vs", "cremad"), content("all-softmax", "ravdess"), content("vs", "own")]
    found = tables.ablation_table(contents)
    assert found["published"].tolist()[:1] == [0.7614]
    assert found["published"].isna().tolist() == [False, True, True]
    assert found.loc[0, ["low", "high", "folds"]].tolist() == [0.4, 0.6, 2]


def test_bad_input(loud_or_not):
    with pytest.raises(EvaluationError, match="'av' is none of at, vs"):
        tables.measure(None, {}, "av", [])
    with pytest.raises(EvaluationError, match="'hinge' is none of softmax, triplet, emotion"):
        tables.train_row({}, ["a", "b"], loss="hinge")
    table, clips = loud_or_not
    with pytest.raises(EvaluationError, match="single class 'angry'"):
        tables.measure(table.assign(emotion="angry"), clips, "at", split(table, "actors", 4))
