import json
import math

import pytest

from emolib.evaluation import check_record, peak_memory, read_records, record, stored_records

RUN = {
    "corpus": "puppets",
    "protocol": "actors",
    "seeds": [0, 1],
    "n_actors": 24,
    "command": "python -m emolib.batch run --notebooks 00",
}


def test_what_is_written_is_read_back(tmp_path):
    folds = [{"accuracy": 0.5, "kappa": 0.4}, {"accuracy": 0.7, "kappa": 0.5}]
    written = record(
        "some-system", folds, interval={"accuracy": (0.4, 0.8)}, results=tmp_path, **RUN
    )
    assert read_records(tmp_path) == [written]
    assert math.isclose(written["mean"]["accuracy"], 0.6)
    assert written["folds"][1] == {"fold": 1, "metrics": folds[1]}
    assert written["versions"]["numpy"]


def test_a_figure_of_another_backend_says_so(tmp_path, monkeypatch):
    plain = record("a", [{"accuracy": 0.5}], results=tmp_path, **RUN)
    assert plain["command"] == RUN["command"]
    monkeypatch.setenv("KERAS_BACKEND", "pytest")  # any package that is there
    other = record("a", [{"accuracy": 0.5}], results=tmp_path, **RUN)
    assert other["command"] == "KERAS_BACKEND=pytest " + RUN["command"]
    assert other["versions"] == plain["versions"] | {"pytest": pytest.__version__}


def test_runs_that_differ_do_not_overwrite_each_other(tmp_path):
    fold = [{"accuracy": 0.5}]
    record("a", fold, results=tmp_path, **RUN)
    record("a", fold, results=tmp_path, **{**RUN, "seeds": [2]})
    record("a", fold, results=tmp_path, **{**RUN, "protocol": "rows"})
    record("a", fold, results=tmp_path, variant="enrolled", **RUN)
    assert len(read_records(tmp_path)) == 4


def test_runs_of_two_splits_are_both_kept_and_each_overwrites_its_own(tmp_path):
    for value, split in ((0.1, "ten folds"), (0.2, "25 % held out"), (0.3, "ten folds")):
        given = {"parameters": {"split": split}, "results": tmp_path}
        record("a", [{"accuracy": value}], **given, **RUN)
    kept = {r["parameters"]["split"]: r["mean"]["accuracy"] for r in read_records(tmp_path)}
    assert kept == {"ten folds": 0.3, "25 % held out": 0.2}
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"protocol": "random"}, "protocol"),
        ({"seeds": []}, "seeds"),
        ({"n_actors": -1}, "n_actors"),
        ({"profile": "fast"}, "profile"),
        ({"command": ""}, "command"),
        ({"interval": {"accuracy": (0.1, 0.2, 0.3)}}, "interval/accuracy"),
    ],
)
def test_a_record_that_breaks_the_schema_is_refused(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        record("a", [{"accuracy": 0.5}], results=tmp_path, **{**RUN, **change})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ([], "at least one fold"),
        ([{"accuracy": 0.5}, {"kappa": 0.5}], "same metrics"),
        ([{"accuracy": float("nan")}], "NaN"),
    ],
)
def test_folds_that_say_nothing_are_refused(tmp_path, folds, message):
    with pytest.raises(ValueError, match=message):
        record("a", folds, results=tmp_path, **RUN)
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "broken.json").write_text(json.dumps({"system": "a"}))
    with pytest.raises(ValueError, match=r"broken\.json"):
        read_records(tmp_path)


def test_peak_memory_sees_what_was_held():
    before = peak_memory()
    block = bytearray(300_000_000)
    block[::4096] = b"x" * len(block[::4096])
    del block
    assert peak_memory() >= max(before, 300)


def test_stored_figures_of_people_are_whole():
    """The records that notebook 01 falls back to: shares of answers add up, row by row."""
    words = ("angry", "disgust", "fearful", "happy", "neutral", "sad")
    for sense in ("voice", "face", "both"):
        (stored,) = stored_records(f"people-{sense}", "cremad")
        check_record(stored)
        low, high = stored["interval"]["correct"]
        assert low < stored["mean"]["correct"] < high
        for intended in words:
            row = [stored["mean"][f"{intended}_as_{answer}"] for answer in words]
            assert math.isclose(sum(row), 1, abs_tol=1e-9)
