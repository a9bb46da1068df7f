"""The benchmarks' arithmetic, and that what is stored came from a run."""

import re
import time

import numpy as np
import pytest

import benchmarks


def test_runs_are_interleaved_after_one_warm_call_each():
    calls = []
    pairs = benchmarks.paired(lambda: calls.append("peer"), lambda: calls.append("ours"), 3)
    assert calls == ["peer", "ours"] * 4
    assert len(pairs) == 3


def test_the_ratio_is_the_median_of_pairs():
    said = benchmarks.times_faster([(4, 1), (6, 2), (100, 1)])
    assert said == "×4.0 (3.0 to 100.0, 3 paired runs)"


def test_a_slope_is_the_power():
    sizes = [1, 2, 4, 8]
    grown = benchmarks.Growth("squares", "s", sizes, [3e-3 * n**2 for n in sizes], 2)
    assert grown.slope() == pytest.approx(2)
    timed = benchmarks.growth("sleep", "s", [1, 4], lambda n: lambda: time.sleep(n / 50), 1, 3)
    assert timed.slope() == pytest.approx(1, abs=0.2)
    np.testing.assert_allclose(timed.seconds, [0.02, 0.08], rtol=0.5)


def test_the_stored_results_name_versions_machine_and_reach(checkout):
    text = (checkout / "benchmarks" / "results.md").read_text(encoding="utf-8")
    assert re.search(r"on \d{4}-\d\d-\d\d, on \w+ .*, \d+ cores", text)
    assert "librosa 0." in text or "librosa 1." in text
    rows = re.findall(r"^\| MFCC of .*$", text, re.MULTILINE)
    assert rows
    for row in rows:
        ratio, runs = re.search(r"×([\d.]+) .* (\d+) paired runs", row).groups()
        assert float(ratio) > 1 and int(runs) >= 5
