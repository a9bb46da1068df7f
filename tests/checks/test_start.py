"""Each oracle accepts a right answer, says so to an untouched stub, and names known mistakes."""

import numpy as np
import pytest

from emolib import checks
from emolib.checks.start import AUDIT

PEOPLE = {"ear": 0.4, "eye": 0.6, "both": 0.6}


def share(labels):
    return max(labels.count(label) for label in set(labels)) / len(labels)


def responses(counts, intended):
    right = sum(counts.loc[intended == word, word].sum() for word in counts)
    return right / counts.to_numpy().sum()


def relatives(clips, train, test):
    return sum(clip in set(clips[train]) for clip in clips[test]) / len(test)


def surest_half(confidence, correct):
    kept = sorted(zip(confidence, correct, strict=True), reverse=True)[: len(correct) // 2]
    return sum(hit for _, hit in kept) / len(kept)


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (checks.majority_share, share),
        (checks.correct_share, responses),
        (checks.soft_label, lambda votes: votes / votes.sum()),
        (checks.share_with_relative, relatives),
        (checks.accuracy_of_surest_half, surest_half),
    ],
)
def test_right_answers_stubs_and_faults(check, right, capsys, refuses):
    assert check(right)
    assert "right, on" in capsys.readouterr().out
    refuses(check)
    assert not check(lambda *_: "many")
    assert "not yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (checks.majority_share, lambda labels: 1 / len(set(labels)), "equally common"),
        (checks.majority_share, lambda labels: 100 * share(labels), "percentage"),
        (checks.correct_share, lambda c, i: (c.idxmax(axis=1) == i).mean(), "winning answer"),
        (
            checks.correct_share,
            lambda c, i: np.mean([c.loc[k, w] == c.loc[k].max() for k, w in enumerate(i)]),
            "every tie as right",
        ),
        (
            checks.correct_share,
            lambda c, i: np.mean(
                [c.loc[k, w] == c.loc[k].max() > sorted(c.loc[k])[-2] for k, w in enumerate(i)]
            ),
            "tie a class of its own",
        ),
        (
            checks.correct_share,
            lambda c, i: np.mean([c.loc[k, w] / c.loc[k].sum() for k, w in enumerate(i)]),
            "Add up first",
        ),
        (checks.soft_label, lambda v: np.exp(v) / np.exp(v).sum(), "softmax"),
        (checks.soft_label, lambda v: (v == v.max()) / (v == v.max()).sum(), "not yet"),
        (checks.soft_label, lambda v: v / v.max(), "add up to 1"),
        (
            checks.share_with_relative,
            lambda c, train, test: len(set(c[test]) & set(c[train])) / len(set(c[test])),
            "counts clips",
        ),
        (checks.share_with_relative, lambda c, a, b: relatives(c, b, a), "turn it round"),
        (checks.share_with_relative, lambda c, a, b: len(set(a) & set(b)) / len(b), "positions"),
        (checks.share_with_relative, lambda c, a, b: 1 - relatives(c, a, b), "without a relative"),
        (checks.accuracy_of_surest_half, lambda p, hit: surest_half(-p, hit), "goes up"),
        (checks.accuracy_of_surest_half, lambda p, hit: surest_half(p, hit) / 2, "all rows"),
        (checks.accuracy_of_surest_half, lambda p, hit: hit[p > 0.5].mean(), "above 0.5"),
        (checks.accuracy_of_surest_half, lambda p, hit: hit[: len(p) // 2].mean(), "order given"),
    ],
)
def test_known_mistakes_are_named(check, wrong, hint, capsys):
    assert not check(wrong)
    assert hint in capsys.readouterr().out


def test_five_labels(capsys, refuses):
    truth = ["happy", "sad", "calm", "angry", "happy"]
    seen = ["happy", "sad", "neutral", "angry", "happy"]
    answers = {"ear": truth, "eye": seen, "both": truth}
    assert checks.five_labels(lambda: answers, truth, PEOPLE)
    out = capsys.readouterr().out
    assert "by eye : 4 of 5" in out
    assert "by both: 5 of 5" in out

    refuses(lambda function: checks.five_labels(function, truth, PEOPLE))

    def complaint(**change):
        assert not checks.five_labels(lambda: {**answers, **change}, truth, PEOPLE)
        return capsys.readouterr().out

    assert "not tried yet" in complaint(ear=...)
    assert "'anger' is none of" in complaint(eye=["anger", *truth[1:]])
    assert "needs 5 answers and has 3" in complaint(both=truth[:3])
    assert "needs a list of 5 words, not None" in complaint(ear=None)
    assert not checks.five_labels(lambda: truth, truth, PEOPLE)
    assert "return a dictionary with ear, eye, both" in capsys.readouterr().out
    constant = ["sad"] * 5
    assert "constant guess" in complaint(ear=constant, eye=constant, both=constant)


def test_audit(capsys, refuses):
    key = dict(AUDIT)
    assert sorted(key.values()) == sorted(set(key.values()))
    assert checks.audit(lambda: key)
    assert "All six" in capsys.readouterr().out

    def complaint(**change):
        assert not checks.audit(lambda: key | change)
        return capsys.readouterr().out

    assert "not tried yet" in complaint(a=...)
    assert "'cheating' is none of" in complaint(c="cheating")
    out = complaint(f="honest", d="stopping")
    assert "4 of 6" in out
    assert "look again at d" in out
    refuses(checks.audit)
    assert not checks.audit(lambda: ["selection"] * 6)
    assert "return a dictionary, letter to verdict" in capsys.readouterr().out
    assert not checks.audit(lambda: {"a": "selection"})
    assert "pipeline b has no verdict" in capsys.readouterr().out
