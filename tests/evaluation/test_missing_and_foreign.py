"""A sense that is silent at test time, and a corpus that training never saw."""

import numpy as np
import pandas as pd
import pytest
from clip_tables import speech

from emolib.evaluation import (
    EvaluationError,
    across_corpora,
    groups,
    missing_sense,
    read_records,
    sound_and_face,
    split,
    stored_records,
)

FEW = ("sound-svm", "concatenation-svm", "late-product")


def drawn(seed, actors=6):
    """Sound knows the class well, the face poorly."""
    table = speech(actors=actors, takes=2)
    rng = np.random.default_rng(seed)
    known = np.eye(8)[table["emotion"].astype("category").cat.codes]
    sound, face = (k * known + rng.normal(size=known.shape) for k in (3, 1.5))
    return table, {"sound": sound, "face": face}


@pytest.fixture(scope="module")
def silent():
    table, senses = drawn(0)
    found = missing_sense.measure(table, senses, split(table, "actors", 3), FEW)
    return {key: answers for key, (answers, _) in found.items()}


def accuracy(answers):
    return (answers["truth"] == answers["predicted"]).mean()


def test_with_both_senses_the_answers_are_those_of_sound_and_face(silent):
    table, senses = drawn(0)
    whole = sound_and_face.measure(table, senses, split(table, "actors", 3), FEW)
    for name in FEW:
        ours = silent[name, ""].set_index("row").filter(regex="^p_").sort_index()
        theirs = whole[name][0].set_index("row").filter(regex="^p_").sort_index()
        np.testing.assert_allclose(ours, theirs.loc[ours.index], atol=1e-9)


def test_who_does_not_look_misses_no_face_and_cannot_do_without_sound(silent):
    np.testing.assert_allclose(
        silent["sound-svm", ""].filter(regex="^p_"), silent["sound-svm", "face"].filter(regex="^p_")
    )
    assert silent["sound-svm", "sound"]["predicted"].nunique() <= 3, "one answer a fold"


@pytest.mark.parametrize("name", FEW[1:])
def test_the_better_sense_is_missed_more(silent, name):
    both, deaf, blind = (accuracy(silent[name, m]) for m in ("", "sound", "face"))
    assert both >= blind > deaf + 0.1


def test_a_missing_sense_tells_nothing_of_its_row():
    """Whatever the test rows' sound was, without it the answers are the same."""
    table, senses = drawn(0)
    folds = split(table, "actors", 3)[:1]
    other = {"sound": senses["sound"].copy(), "face": senses["face"]}
    other["sound"][folds[0].test] += 100
    first, second = (
        missing_sense.measure(table, given, folds, FEW[1:2])[FEW[1], "sound"][0].filter(regex="^p_")
        for given in (senses, other)
    )
    np.testing.assert_allclose(first, second, atol=1e-9)


def test_what_holds_in_both_corpora_is_carried_over_and_a_shift_is_not():
    learnt, asked = drawn(0), drawn(1)
    moved = asked[0], {sense: values + 6 for sense, values in asked[1].items()}
    same = across_corpora.measure(learnt, asked, FEW)
    apart = across_corpora.measure(learnt, moved, FEW)
    enrolled = across_corpora.measure(learnt, moved, FEW, "enrolled")
    for name in FEW:
        assert len(same[name][0]) == len(asked[0])
        assert accuracy(same[name][0]) > 0.8 > 0.4 > accuracy(apart[name][0])
        assert accuracy(enrolled[name][0]) > 0.8


def test_emotions_of_one_corpus_only_are_left_out():
    table, senses = drawn(1)
    fewer = table["emotion"].isin(["sad", "angry", "calm"]).to_numpy()
    asked = table[fewer], {sense: values[fewer] for sense, values in senses.items()}
    answers = across_corpora.measure(drawn(0), asked, FEW[:1])[FEW[0]][0]
    assert set(answers["predicted"]) <= {"sad", "angry", "calm"}
    one = table["emotion"].eq("sad").to_numpy()
    with pytest.raises(EvaluationError, match="share 1 emotions"):
        lone = table[one], {sense: values[one] for sense, values in senses.items()}
        across_corpora.measure(drawn(0), lone, FEW[:1])
    with pytest.raises(EvaluationError, match="sound has 8 features here and 5 there"):
        narrow = table, senses | {"sound": senses["sound"][:, :5]}
        across_corpora.measure(drawn(0), narrow, FEW[:1])


def test_units_that_one_corpus_lacks_are_left_out_and_the_rest_put_in_one_order(monkeypatch):
    units = {"one": ["AU01", "AU02", "AU04"], "two": ["AU04", "AU45", "AU01"]}
    monkeypatch.setattr(
        across_corpora.corpora,
        "read_action_units",
        lambda row: pd.DataFrame(columns=units[row["corpus"]]),
    )
    pair = [(pd.DataFrame({"corpus": [name]}), {"face": np.arange(3)[None] + 10}) for name in units]
    across_corpora.keep_common_units(*pair)
    assert [senses["face"].tolist() for _, senses in pair] == [[[10, 12]], [[12, 10]]]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command on drawn clips of 18 actors, two of a third sex; give its records by system."""

    def records_of(module, *words):
        monkeypatch.setattr(across_corpora, "keep_common_units", lambda *pair: None)
        table, senses = drawn(0, actors=18)
        table["sex"] = table["sex"].mask(table["actor"].isin(["17", "18"]), "other")
        read = table, split(table, "actors", 3), None

        def named(options):
            recipe = "" if options.corpus != "puppets" else f"-{options.recipe}"
            return *read, options.corpus + recipe, f"--corpus {options.corpus}"

        monkeypatch.setattr(sound_and_face, "read", named)
        monkeypatch.setattr(sound_and_face, "encode", lambda *_: senses)
        folders = ["--results", str(tmp_path / "records"), "--cache", str(tmp_path / "cache")]
        module.main([*words, "--variants", "plain", *folders])
        return {content["system"]: content for content in read_records(tmp_path / "records")}

    return records_of


def test_records_count_what_was_tried_before_and_refuse_no_small_group(run):
    found = run(groups, "--corpus", "ravdess")
    before, costs = sound_and_face.FEATURES_TRIED, len(sound_and_face.COSTS)
    assert found["sound-svm-by-sex"]["n_configurations"] == before + costs
    assert found["late-product-by-sex"]["n_configurations"] == before + 2 * costs
    assert found["face-svm-by-sex"]["n_configurations"] == costs
    *_, other = found["sound-svm-by-sex"]["parameters"]["groups"]
    assert other == {"group": "other", "n_actors": 2, "n_rows": 60, "said": other["said"]}
    words = ["--corpus", "ravdess", "--systems", "sound-svm"]
    missing = run(missing_sense, *words)["sound-svm-without-face"]
    assert missing["n_configurations"] == before + costs


def test_a_foreign_corpus_keeps_its_recipe_in_record_and_command(run):
    found = run(across_corpora, "--train", "ravdess", "--test", "puppets", "--recipe", "unique")
    content = found["sound-svm-from-ravdess"]
    assert content["corpus"] == "puppets-unique"
    assert content["n_configurations"] == len(sound_and_face.COSTS), "none before, on the puppets"
    options = across_corpora._parser().parse_args(content["command"].split()[3:])
    assert (options.train, options.test, options.recipe) == ("ravdess", "puppets", "unique")
    with pytest.raises(SystemExit):
        across_corpora._parser().parse_args(["--corpus", "ravdess"])


@pytest.mark.parametrize("variant", sound_and_face.VARIANTS)
def test_stored_late_product_without_a_sense_is_below_it_with_both(variant):
    whole = [r for r in stored_records("late-product", "ravdess") if r["variant"] == variant]
    for sense in ("sound", "face"):
        records = stored_records(f"late-product-without-{sense}", "ravdess")
        (own,) = [r for r in records if r["variant"] == variant]
        assert own["mean"]["accuracy"] < whole[0]["mean"]["accuracy"] - 0.05
