"""Oracles of notebook 21: right answers pass, known mistakes are named."""

import copy
import math

import numpy as np
import pytest

from emolib import checks
from emolib.checks.cards import fresh_record
from emolib.evaluation.groups import LEAST


def needed(gap, spread, z=1.96 + 0.84, groups=2):
    return math.ceil(groups * (z * spread / gap) ** 2)


def test_the_formula_passes_and_agrees_with_simulated_studies(capsys):
    assert checks.actors_needed(needed)
    assert "right, on" in capsys.readouterr().out
    n, rng = needed(0.1, 0.15), np.random.default_rng(0)
    first, second = rng.normal(0.1, 0.15, (4000, n)), rng.normal(0, 0.15, (4000, n))
    error = np.sqrt((first.var(axis=1, ddof=1) + second.var(axis=1, ddof=1)) / n)
    seen = np.abs(first.mean(axis=1) - second.mean(axis=1)) > 1.96 * error
    assert 0.77 < seen.mean() < 0.85


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda *c: needed(*c, groups=1), "You took one"),
        (lambda *c: needed(*c, z=1.96), "half of the studies"),
        (lambda *c: 2 * needed(*c), "both groups together"),
        (lambda gap, s: 2 * (2.8 * s / gap) ** 2, "people are whole"),
        (lambda gap, s: int(2 * (2.8 * s / gap) ** 2), "not down"),
        (lambda gap, s: math.ceil(2 * 2.8**2 * s / gap), "squared"),
        (lambda gap, s: needed(s, gap), "Upside down"),
    ],
)
def test_mistakes_with_numbers_of_people_are_named(wrong, hint, capsys):
    assert not checks.actors_needed(wrong)
    assert hint in capsys.readouterr().out


def card_of(record):
    groups = {}
    for row in record["parameters"]["groups"]:
        figures = round(row["mean"], 2), round(row["low"], 2), round(row["high"], 2)
        small = row["n_actors"] < LEAST
        groups[row["group"]] = f"{row['n_actors']} actors: too few" if small else figures
    low, high = record["interval"]["accuracy"]
    return {
        "system": record["system"],
        "use": "To teach how such a system is measured.",
        "not for": ["judging people at work or applicants", "schools"],
        "data": f"{record['corpus']}, {record['n_actors']} actors",
        "protocol": f"{record['protocol']}, {record['variant']}",
        "figures": {"accuracy": (record["mean"]["accuracy"], low, high)},
        "groups": groups,
        "limits": ["The emotions were acted."],
    }


def test_a_card_from_the_record_passes(capsys):
    assert checks.model_card(card_of)
    assert "right, on" in capsys.readouterr().out


@pytest.mark.parametrize(
    "use",
    ["It does not tell what anybody feels.", "Nobody's feelings are known.", "It isn't felt."],
)
def test_a_card_may_say_that_nobody_s_feelings_are_known(use):
    assert checks.model_card(lambda record: card_of(record) | {"use": use})


def changed(change):
    """Return a writer of good cards to each of which one thing is done."""

    def write(record):
        card = copy.deepcopy(card_of(record))
        change(card, record)
        return card

    return write


def small_and_large(record):
    rows = sorted(record["parameters"]["groups"], key=lambda row: row["n_actors"])
    return rows[0], rows[-1]


def guess_small(card, record):
    small, _ = small_and_large(record)
    card["groups"][small["group"]] = small["mean"], small["low"], small["high"]


def best_fold(card, record):
    best = max(fold["metrics"]["accuracy"] for fold in record["folds"])
    card["figures"]["accuracy"] = best, *record["interval"]["accuracy"]


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda c, r: c.pop("limits"), "'limits' is missing"),
        (lambda c, r: c.update({"not for": []}), "'not for' is missing or empty"),
        (lambda c, r: c.update(figures=0.7), "'figures' is a dictionary"),
        (lambda c, r: c.update(figures={"kappa": (0.1, 0, 0.2)}), "your figures have none"),
        (lambda c, r: c["figures"].update(kappa=(0.1, 0, 0.2)), "holds no 'kappa'"),
        (lambda c, r: c["figures"].update(accuracy=r["mean"]["accuracy"]), "without its interval"),
        (lambda c, r: c["figures"].update(accuracy=("a", "b", "c")), "three numbers"),
        (lambda c, r: c["figures"].update(accuracy=(70.1, 65, 75)), "not percent"),
        (lambda c, r: c["figures"].update(accuracy=(np.nan,) * 3), "three numbers"),
        (best_fold, "best fold"),
        (lambda c, r: c["figures"].update(accuracy=(0.9, 0.88, 0.92)), "The record says"),
        (lambda c, r: c.update(system="ours"), "The record's system"),
        (lambda c, r: c.update(protocol="ten folds"), "without its protocol"),
        (lambda c, r: c.update(protocol=r["protocol"]), "without its variant"),
        (lambda c, r: c.update(data="some actors"), "does not name the corpus"),
        (lambda c, r: c.update(data=r["corpus"]), "how many actors it has: "),
        (guess_small, "Write that, not a figure"),
        (
            lambda c, r: c["groups"].pop(small_and_large(r)[0]["group"]),
            "say that it is there and too small",
        ),
        (lambda c, r: c["groups"].pop(small_and_large(r)[1]["group"]), "give its figure"),
        (
            lambda c, r: c["groups"].update({small_and_large(r)[0]["group"]: "too few"}),
            "Say why: it has",
        ),
        (
            lambda c, r: c["groups"].update({small_and_large(r)[1]["group"]: "no: 3 actors"}),
            "enough for",
        ),
        (lambda c, r: c["groups"].update(guessed=(0.5, 0.4, 0.6)), "no group 'guessed'"),
        (lambda c, r: c.update(use="Tells what callers feel."), "promises feelings"),
        (
            lambda c, r: c.update(use="Not for fun. It tells what callers feel."),
            "promises feelings",
        ),
        (lambda c, r: c.update({"not for": ["school"]}), "does not name work"),
        (lambda c, r: c.update({"not for": ["school networks"]}), "does not name work"),
        (lambda c, r: c.update({"not for": ["work"]}), "does not name education"),
        (lambda c, r: c.update(limits=["English only"]), "what the labels are"),
        (lambda c, r: c.update(limits=["The factors overlap"]), "what the labels are"),
        (lambda c, r: c.update(use=5, limits=7), "what the labels are"),
        (lambda c, r: c.update(figures=np.zeros(3)), "neither words, a list nor a dictionary"),
    ],
)
def test_faults_of_a_card_are_named(change, hint, capsys):
    assert not checks.model_card(changed(change))
    assert hint in capsys.readouterr().out


def test_a_card_copied_from_one_record_is_false_for_others(capsys):
    fixed = card_of(fresh_record(np.random.default_rng(0)))
    assert not checks.model_card(lambda _: fixed)
    assert "The record says" in capsys.readouterr().out
    assert not checks.model_card(lambda _: ["accuracy 0.9"])
    assert "is a dictionary" in capsys.readouterr().out


def test_fresh_records_tempt_with_a_group_that_is_too_small():
    for seed in range(50):
        rows = fresh_record(np.random.default_rng(seed))["parameters"]["groups"]
        assert [row["n_actors"] < LEAST for row in rows] == [False, False, True]
        assert all(row["low"] < row["mean"] < row["high"] for row in rows)


@pytest.mark.parametrize("check", [checks.actors_needed, checks.model_card])
def test_stubs_and_faults(check, refuses):
    refuses(check)
