import pandas as pd
import pytest

from emolib.corpora import COLUMNS, CorpusError
from emolib.corpora.table import clip_table, take


def rows(actors=12, trials=40):
    emotions = ("happy", "sad", "angry", "calm")
    return [
        {"clip": f"{a:02}-{t:02}", "corpus": "own", "actor": f"{a:02}", "emotion": emotions[t % 4]}
        for a in range(actors)
        for t in range(trials)
    ]


def test_columns_and_key():
    table = clip_table(rows()[::-1])
    assert tuple(table.columns) == COLUMNS
    assert table["clip"].is_monotonic_increasing
    assert (table["copy"] == 0).all()
    assert table["audio"].isna().all()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([], "no clip"),
        ([{"clip": "a", "emotion": "bored"}], "bored"),
        ([{"clip": c} for c in "abacbdac"], "'a', copy 0, stands 3 times: remove"),
    ],
)
def test_what_is_no_table_is_refused(bad, message):
    with pytest.raises(CorpusError, match=message):
        clip_table(bad)


def test_quick_takes_ten_actors_with_balanced_emotions():
    table = clip_table(rows())
    part = take(table, "quick", seed=3)
    assert (part.groupby("actor").size() == 24).all() and part["actor"].nunique() == 10
    assert (part.groupby(["actor", "emotion"]).size() == 6).all()
    assert part.index.is_monotonic_increasing
    pd.testing.assert_frame_equal(part, take(table, "quick", seed=3))
    assert not part.equals(take(table, "quick", seed=4))
    pd.testing.assert_frame_equal(take(table, "full"), table)


def test_quick_takes_what_there_is():
    assert len(take(clip_table(rows(actors=2, trials=5)), "quick")) == 10
    some = clip_table([{**row, "actor": pd.NA if row["actor"] > "01" else "01"} for row in rows(4)])
    part = take(some, "quick")
    assert part["actor"].isna().sum() == 24 == (part["actor"] == "01").sum()
    nobody = clip_table([{**row, "actor": pd.NA} for row in rows()])
    part = take(nobody, "quick")
    assert len(part) == 240 and (part.groupby("emotion").size() == 60).all()


def test_an_unknown_profile_is_named():
    with pytest.raises(CorpusError, match="swift"):
        take(clip_table(rows()), "swift")
