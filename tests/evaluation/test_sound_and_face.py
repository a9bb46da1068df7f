"""Every system on the same folds: what each may see, what each must find, what is stored."""

import numpy as np
import pytest
from clip_tables import speech
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from emolib.evaluation import EvaluationError, sound_and_face, split, stored_records
from emolib.fusion import late_fusion

FEW = ("sound-svm", "face-svm", "concatenation-svm", "late-mean", "late-product")


@pytest.fixture(scope="module")
def drawn():
    """Sound knows which of four pairs an emotion is in, the face which of the pair it is."""
    table = speech(actors=6, takes=4)
    rng = np.random.default_rng(0)
    code = table["emotion"].astype("category").cat.codes.to_numpy()
    known = {"sound": np.eye(4)[code % 4], "face": np.eye(2)[code // 4]}
    senses = {
        sense: np.hstack([4 * values, np.zeros((len(table), 20))])
        + rng.normal(size=(len(table), values.shape[1] + 20))
        for sense, values in known.items()
    }
    return table, senses, split(table, "actors", 3)


@pytest.fixture(scope="module")
def found(drawn):
    return sound_and_face.measure(*drawn, systems=FEW)


def accuracy(found, name):
    predictions = found[name][0]
    return (predictions["truth"] == predictions["predicted"]).mean()


def test_two_senses_that_each_know_half_know_more_together(found):
    assert 1 / 8 < accuracy(found, "face-svm") < 0.4  # a pair of four: 1/4
    assert accuracy(found, "sound-svm") < 0.65  # one of two: 1/2
    # A machine of the face alone never finds one class likelier than the other seven together, so
    # the values that it hands on say little: late fusion gains less than machines that see both.
    for fusion, gain in {
        "concatenation-svm": 0.25,
        "late-product": 0.02,
        "late-mean": 0.01,
    }.items():
        assert accuracy(found, fusion) > accuracy(found, "sound-svm") + gain, fusion


def test_late_fusion_joins_the_very_answers_of_the_senses_alone(found):
    alone = [found[name][0].filter(regex="^p_").to_numpy() for name in FEW[:2]]
    for rule in ("mean", "product"):
        late = found[f"late-{rule}"][0].filter(regex="^p_").to_numpy()
        np.testing.assert_allclose(late, late_fusion(alone, rule), atol=1e-9)
    system = found["late-mean"][2]
    assert len(system.candidates) == 2 * len(sound_and_face.COSTS)
    assert len(system.choices) == 3, "one a fold"


@pytest.mark.parametrize("name", ["pca-svm", "concatenation-svm"])
def test_a_test_row_moves_no_other_rows_answer(drawn, name):
    """Scaler, axes, machine and sharpness come from training and validation rows only."""
    table, senses, folds = drawn
    rows = folds[0].test
    moved = {sense: values.copy() for sense, values in senses.items()}
    moved["sound"][rows[0]] += 1e3
    answers = [
        sound_and_face.measure(table, given, folds[:1], [name])[name][0].set_index("row")
        for given in (senses, moved)
    ]
    first, second = (answer.filter(regex="^p_") for answer in answers)
    np.testing.assert_allclose(first.loc[rows[1:]], second.loc[rows[1:]], atol=1e-9)
    assert not np.allclose(first.loc[rows[0]], second.loc[rows[0]])


def test_enrolled_takes_a_shift_of_an_actors_features_away(drawn):
    table, senses, folds = drawn
    actor = table["actor"].astype(int).to_numpy()[:, None]
    shifted = {sense: 5 * actor * values + 30 * actor for sense, values in senses.items()}
    first, second = (
        sound_and_face.measure(table, given, folds, FEW[:1], "enrolled")[FEW[0]][0]
        for given in (senses, shifted)
    )
    np.testing.assert_allclose(
        first.filter(regex="^p_"), second.filter(regex="^p_"), atol=1e-4, rtol=1e-3
    )


def test_validation_chooses_and_is_then_learnt_from():
    """The first candidate sees noise, the second the class; test labels are no part of it."""
    rng = np.random.default_rng(1)
    codes = np.arange(90) % 3
    features = np.hstack([rng.normal(size=(90, 3)), 0.3 * rng.normal(size=(90, 3))])
    features[:, 3:] += np.eye(3)[codes]
    labels, hidden = np.array(list("abc"))[codes], np.array(list("abc"))[codes]
    train, validation, test = np.split(np.arange(90), [40, 60])
    hidden[test] = "a"
    half = {
        name: make_pipeline(FunctionTransformer(part), LogisticRegression())
        for name, part in (("noise", lambda x: x[:, :3]), ("class", lambda x: x[:, 3:]))
    }
    answer, name = sound_and_face.choose(half, features, labels, train, validation, test)
    blind, _ = sound_and_face.choose(half, features, hidden, train, validation, test)
    assert name == "class"
    np.testing.assert_array_equal(answer, blind)
    # Softmax keeps the order, and differences in proportion, of the refitted model's own logits.
    both = np.concatenate([train, validation])
    logits = (
        LogisticRegression()
        .fit(features[both, 3:], labels[both])
        .decision_function(features[test, 3:])
    )
    steps, oracle = np.diff(np.log(answer), axis=1), np.diff(logits, axis=1)
    factor = (steps * oracle).sum() / (oracle**2).sum()
    np.testing.assert_allclose(steps, factor * oracle, atol=1e-6)


def test_the_sharpness_is_that_of_the_least_log_loss():
    """Where values are the true log odds, halved, the factor must be 2."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(20_000, 3))
    odds = np.exp(2 * values)
    odds /= odds.sum(axis=1, keepdims=True)
    truth = (rng.random(len(odds))[:, None] > odds.cumsum(axis=1)).sum(axis=1)
    assert sound_and_face._sharpness(values, truth) == pytest.approx(2, rel=0.05)


def test_differences_are_of_accuracy_over_actors_and_change_sign_with_order(found):
    tests = sound_and_face.compare(found, FEW)
    there, back = tests["late-mean"]["sound-svm"], tests["sound-svm"]["late-mean"]
    expected = accuracy(found, "late-mean") - accuracy(found, "sound-svm")
    assert there.difference == pytest.approx(expected) == pytest.approx(-back.difference)
    assert "sound-svm" not in tests["sound-svm"]


def test_answers_kept_on_disk_are_the_same(drawn, found, tmp_path):
    for _ in range(2):
        kept = sound_and_face.measure(*drawn, systems=FEW[1:2], cache=tmp_path)
        np.testing.assert_allclose(
            kept["face-svm"][0].filter(regex="^p_"), found["face-svm"][0].filter(regex="^p_")
        )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"systems": ["smell-svm"]}, "'smell-svm' is none of"), ({"variant": "x"}, "'x' is none of")],
)
def test_unknown_names_are_refused(drawn, wrong, message):
    with pytest.raises(EvaluationError, match=message):
        sound_and_face.measure(*drawn, **wrong)


@pytest.mark.parametrize("variant", sound_and_face.VARIANTS)
@pytest.mark.parametrize(
    "fusion", ["concatenation-svm", "pca-svm", "mfa-svm", "late-mean", "late-product"]
)
def test_on_real_clips_both_senses_beat_each_alone(fusion, variant):
    """RAVDESS speech, nobody on both sides: a paired test over actors, not corrected."""
    (stored,) = [r for r in stored_records(fusion, "ravdess") if r["variant"] == variant]
    assert stored["n_actors"] == 24 and len(stored["folds"]) == 10
    for sense in ("sound-svm", "face-svm"):
        paired = stored["parameters"]["paired"][sense]
        assert paired["low"] > 0 and paired["p_value"] < 0.05, sense


def test_a_network_hears_and_sees(drawn):
    """Together the senses know the class, alone half of it."""
    table, senses, folds = drawn
    answers = sound_and_face.measure(table, senses, folds[:1], ["low-rank"])["low-rank"][0]
    assert (answers["truth"] == answers["predicted"]).mean() > 0.75
