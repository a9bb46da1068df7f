import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from clip_tables import speech
from sklearn.preprocessing import StandardScaler

from emolib import corpora
from emolib.evaluation import (
    PROTOCOLS,
    EvaluationError,
    Fold,
    add_copies,
    check_split,
    enroll,
    holdout,
    split,
)


@pytest.fixture(scope="module")
def table():
    return add_copies(speech(), n=2)


def names(table, rows, column):
    return set(table[column].iloc[rows])


def parts(fold):
    return [fold.train, fold.validation, fold.test]


# Copies


def test_each_clip_has_its_copies_and_each_random_one_a_seed_of_its_own(table):
    assert len(table) == 3 * 1440
    assert not table.duplicated(["clip", "copy"]).any()
    assert table["recipe"].isna().equals(table["copy"] == 0)
    noise = table.loc[table["copy"] == 1, "recipe"]
    assert noise.str.fullmatch(r"noise snr_db=15 seed=\d+").all()
    assert noise.nunique() > 1430  # 1,440 draws from 2^32
    assert set(table.loc[table["copy"] == 2, "recipe"]) == {
        "stretch rate=0.8 + pitch semitones=0.7"
    }


def test_a_copy_s_recipe_hangs_on_the_seed_and_not_on_the_order_of_rows():
    table = speech(4)
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(add_copies(table, seed=5), add_copies(shuffled, seed=5))
    assert not add_copies(table, seed=5).equals(add_copies(table, seed=6))


def test_only_random_operations_take_a_seed():
    recipes = ("shift seconds=0.1 + pitch semitones=1 + noise snr_db=5",)
    text = add_copies(speech(2), 1, recipes=recipes)["recipe"].dropna().iloc[0]
    shift, pitch, noise = text.split(" + ")
    assert "seed=" in shift and "seed=" in noise
    assert pitch == "pitch semitones=1"


def test_other_columns_and_notes_of_the_corpus_are_kept():
    table = speech(2).assign(age=pd.array([30] * 120, dtype="Int64"))
    table.attrs["left_out"] = {"broken": 2}
    copied = add_copies(table, 1)
    assert copied["age"].dtype == "Int64" and copied["actor"].dtype == table["actor"].dtype
    assert copied.attrs["left_out"] == {"broken": 2}


def test_copies_are_refused_where_they_would_stand_twice():
    table = speech(2)
    with pytest.raises(EvaluationError, match="copies already"):
        add_copies(add_copies(table))
    with pytest.raises(EvaluationError, match="stands twice"):
        add_copies(pd.concat([table, table.tail(1)]))
    with pytest.raises(EvaluationError, match="3 recipes"):
        add_copies(table, n=3)


# Folds


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("folds", [3, 10])
def test_each_row_is_tested_once_and_validation_is_the_next_fold(table, protocol, folds):
    divided = list(split(table, protocol, folds))
    tested = np.concatenate([fold.test for fold in divided])
    assert np.array_equal(np.sort(tested), np.arange(len(table)))
    for fold, following in zip(divided, divided[1:] + divided[:1], strict=True):
        assert np.array_equal(fold.validation, following.test)
        assert np.array_equal(np.sort(np.concatenate(parts(fold))), np.arange(len(table)))
        assert all(part.dtype.kind == "i" for part in parts(fold))


def test_each_protocol_keeps_its_promise_and_only_its_promise(table):
    """Sets of names, apart from check_split: rows shares clips, clips shares actors."""
    shared = {
        protocol: [
            bool(names(table, fold.train, what) & names(table, fold.test, what))
            for what in ("clip", "actor")
        ]
        for protocol, fold in ((p, split(table, p)[0]) for p in PROTOCOLS)
    }
    assert shared == {"rows": [True, True], "clips": [False, True], "actors": [False, False]}


@pytest.mark.parametrize("n", [12, 17, 24])
def test_folds_by_actor_hold_men_and_women_alike(n):
    table = speech(n, takes=1)
    people = table.drop_duplicates("actor").set_index("actor")["sex"]
    for seed in range(5):
        folds = [
            people[list(names(table, f.test, "actor"))] for f in split(table, "actors", 5, seed)
        ]
        for sex in ("male", "female"):
            counts = [(fold == sex).sum() for fold in folds]
            assert max(counts) - min(counts) <= 1
        assert max(map(len, folds)) - min(map(len, folds)) <= 1


def test_a_seed_gives_the_same_folds_in_another_process_and_in_another_order(table):
    code = (
        "from clip_tables import speech; from emolib.evaluation import add_copies, split;"
        "print([int(f.test.sum()) for p in ('rows', 'clips', 'actors')"
        " for f in split(add_copies(speech()), p, seed=7)])"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=__file__.rpartition("test_splits")[0] or ".",
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    here = [int(f.test.sum()) for p in PROTOCOLS for f in split(table, p, seed=7)]
    assert str(here) == other.stdout.strip()
    shuffled = table.sample(frac=1, random_state=1)
    for protocol in PROTOCOLS:
        for a, b in zip(split(table, protocol), split(shuffled, protocol), strict=True):
            keys = [
                set(map(tuple, t.iloc[f.test][["clip", "copy"]].to_numpy()))
                for t, f in ((table, a), (shuffled, b))
            ]
            assert keys[0] == keys[1]
        other = split(table, protocol, seed=1)[0]
        assert not np.array_equal(split(table, protocol)[0].test, other.test)


def test_a_file_of_folds_is_followed_to_the_letter(tmp_path):
    table = speech(6)
    dealt = {"01": 2, "02": 0, "03": 1, "04": 2, "05": 0, "06": 1}
    path = tmp_path / "folds.csv"
    path.write_text("actor,fold\n" + "".join(f"{int(a)},{f}\n" for a, f in dealt.items()))
    for folds in (path, str(path), dealt, {int(a): f for a, f in dealt.items()}):
        for fold in split(table, "actors", folds, seed=9):
            assert names(table, fold.test, "actor") == {a for a in dealt if dealt[a] == fold.number}


def test_folds_whose_actors_are_not_there_are_passed_over():
    table = speech(6)
    fold_of = {actor: actor - 1 for actor in range(1, 25)} | {2: 0}
    divided = split(table, "actors", fold_of)
    assert [fold.number for fold in divided] == [0, 2, 3, 4, 5]
    assert np.array_equal(divided[0].validation, divided[1].test)
    assert sum(len(fold.test) for fold in divided) == len(table)


def test_the_folds_of_ravdess(shared_data):
    table = add_copies(corpora.load("ravdess", shared_data / "ravdess"))
    path = shared_data / "ravdess" / "folds.csv"
    truth = pd.read_csv(path).groupby("fold")["actor"].apply(set)
    divided = split(table, "actors", path)
    assert len(divided) == 10
    for fold in divided:
        assert {int(a) for a in names(table, fold.test, "actor")} == truth[fold.number]
        assert {int(a) for a in names(table, fold.validation, "actor")} == truth[
            (fold.number + 1) % 10
        ]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_holdout_takes_its_share_and_keeps_the_promise(table, protocol):
    fold = holdout(table, protocol, 0.25, seed=1)
    assert len(fold.validation) == 0
    assert len(fold.test) == len(table) / 4
    assert np.array_equal(np.sort(np.concatenate(parts(fold))), np.arange(len(table)))
    for what in PROTOCOLS[protocol]:
        assert not names(table, fold.train, what) & names(table, fold.test, what)
    assert not np.array_equal(fold.test, holdout(table, protocol, 0.25, seed=2).test)


# Planted leaks


def moved(fold, row, source, target):
    """The same fold with one row moved from one part to another."""
    kept = getattr(fold, source)
    return replace(
        fold, **{source: kept[kept != row], target: np.append(getattr(fold, target), row)}
    )


@pytest.mark.parametrize("protocol", ["clips", "actors"])
@pytest.mark.parametrize("copy", [0, 1, 2])
@pytest.mark.parametrize("target", ["train", "validation"])
def test_one_leaked_row_of_a_clip_is_found_and_named(table, protocol, copy, target):
    fold = split(table, protocol)[4]
    test = table.iloc[fold.test]
    row = fold.test[np.flatnonzero(test["copy"] == copy)[77]]
    clip = table["clip"].iloc[row]
    with pytest.raises(EvaluationError) as error:
        check_split(table, moved(fold, row, "test", target), protocol)
    assert f"fold 4: clip {clip} stands in {target} (clip {clip}, copy {copy})" in str(error.value)
    assert "and test (" in str(error.value)


def test_one_leaked_clip_of_an_actor_is_found_though_its_copies_stay_together(table):
    fold = split(table, "actors")[2]
    actor, clip = table.iloc[fold.test[50]][["actor", "clip"]]
    leaked = fold
    for row in fold.test[(table["clip"].iloc[fold.test] == clip).to_numpy()]:
        leaked = moved(leaked, row, "test", "train")
    check_split(table, leaked, "clips")  # keeps the weaker promise
    with pytest.raises(EvaluationError, match=f"actor {actor} stands in train .* and test"):
        check_split(table, leaked, "actors")


def test_one_clip_in_1440_without_copies_is_found():
    table = speech()
    assert len(table) == 1440
    fold = split(table, "actors")[0]
    with pytest.raises(EvaluationError, match=r"actor .* stands in"):
        check_split(table, moved(fold, fold.test[0], "test", "train"), "actors")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_row_in_two_parts_is_found_under_every_protocol(table, protocol):
    fold = split(table, protocol)[0]
    both = replace(fold, train=np.append(fold.train, fold.test[3]))
    with pytest.raises(EvaluationError, match=f"row {fold.test[3]} stands in train"):
        check_split(table, both, protocol)
    check_split(table, fold, protocol)


def test_rows_promises_nothing_about_copies(table):
    fold = split(table, "clips")[0]
    check_split(table, moved(fold, fold.test[0], "test", "train"), "rows")


def test_a_fold_of_another_table_is_refused(table):
    fold = split(table, "rows")[0]
    with pytest.raises(EvaluationError, match="does not have"):
        check_split(table.head(100), fold, "rows")
    with pytest.raises(EvaluationError, match="no test"):
        check_split(table, Fold(0, fold.train, fold.validation, np.array([])), "rows")


# Bad input


@pytest.mark.parametrize(
    ("change", "protocol", "folds", "message"),
    [
        (lambda t: t, "speakers", 5, "none of rows, clips, actors"),
        (lambda t: t, "actors", 7, "7 folds .* 6 actors"),
        (lambda t: t, "actors", 2, "need 3"),
        (lambda t: t, "rows", 0, "need 3"),
        (lambda t: t.assign(actor=pd.NA), "actors", 5, "360 of 360 rows name no actor"),
        (lambda t: t.drop(columns="actor"), "actors", 5, "360 of 360"),
        (lambda t: pd.concat([t, t.head(1)]), "rows", 5, "stands twice"),
        (lambda t: t.head(0), "rows", 5, "not empty"),
        (lambda t: t.drop(columns="copy"), "rows", 5, "clip and copy"),
        (lambda t: t.assign(clip=t["clip"].where(t.index > 0)), "clips", 5, "1 rows name no clip"),
        (lambda t: t, "clips", {"01": 0}, "a file of folds names actors"),
        (lambda t: t, "actors", {"01": 0}, "leave out 5 actors of the table, 02"),
        (lambda t: t, "actors", dict.fromkeys(range(1, 7), 0), "1 folds"),
        (lambda t: t, "actors", {"1": 0, "01": 1}, "two folds"),
        (lambda t: t, "actors", {"1": "first"}, "no whole number"),
        (lambda t: t, "actors", "missing.csv", "missing.csv"),
    ],
)
def test_bad_input_gets_one_clear_error(change, protocol, folds, message):
    with pytest.raises(EvaluationError, match=message):
        split(change(speech(6)), protocol, folds)


def test_a_holdout_needs_two_sides():
    with pytest.raises(EvaluationError, match="one of actors"):
        holdout(speech(1), "actors")
    with pytest.raises(EvaluationError, match="share"):
        holdout(speech(2), "actors", share=25)


# Enrolment


def test_enrolled_features_are_each_actor_s_own_standard_scores():
    rng = np.random.default_rng(0)
    actors = rng.permutation(np.repeat(["a", "b", "c"], 40))
    features = rng.normal(size=(120, 5)) * 100 + 1e4
    out = enroll(features, actors)
    for actor in "abc":
        own = StandardScaler().fit_transform(features[actors == actor])
        assert np.allclose(out[actors == actor], own, atol=1e-6)
    moved = features + np.where(actors == "a", 7, 0)[:, None]  # an actor's own level vanishes
    assert np.allclose(enroll(moved, actors), out, atol=1e-6)


def test_a_constant_feature_becomes_zero_whatever_its_size():
    sizes = np.random.default_rng(0).uniform(1e6, 1e9, 50)  # their means are off by some bits
    features = np.column_stack([np.tile(sizes, (30, 1)), np.arange(30.0)])
    out = enroll(features, ["a"] * 29 + ["b"])
    assert (out[:, :50] == 0).all() and (out[29] == 0).all()
    assert out[:29, 50].std() > 0.99


def test_enrolment_refuses_gaps():
    with pytest.raises(EvaluationError, match="lengths differ"):
        enroll(np.ones((3, 2)), ["a", "b"])
    with pytest.raises(EvaluationError, match="NaN"):
        enroll([[np.nan], [1]], ["a", "a"])
    with pytest.raises(EvaluationError, match="1 missing"):
        enroll([[0], [1]], ["a", None])
