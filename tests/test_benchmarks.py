"""The benchmarks' arithmetic, and that what is stored came from a run."""

import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

import benchmarks
from benchmarks.__main__ import store


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


def test_a_section_takes_the_place_of_its_last_one_and_leaves_the_others(tmp_path):
    path = tmp_path / "results.md"
    for name, text in (("sound", "old"), ("batch", "On some day.\n\n| a |"), ("sound", "new")):
        store(path, name, text)
    assert path.read_text().split("\n\n", 2)[2] == (
        "## batch\n\nOn some day.\n\n| a |\n\n## sound\n\nnew\n"
    )


def test_each_stored_section_names_its_day_machine_and_versions(checkout):
    text = (checkout / "benchmarks" / "results.md").read_text(encoding="utf-8")
    sections = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    assert sections[::2] == sorted(
        path.stem for path in (checkout / "benchmarks").glob("*.py") if path.stem[0] != "_"
    )
    for own in sections[1::2]:
        said = own.strip().partition("\n")[0]
        assert re.match(r"On \d{4}-\d\d-\d\d, on \w+ \w+, \d+ cores: .*librosa \d", said)
    for row in re.findall(r"^\| MFCC of .*$", text, re.MULTILINE):
        ratio, runs = re.search(r"×([\d.]+) .* (\d+) paired runs", row).groups()
        assert float(ratio) > 1 and int(runs) >= 5


def test_memory_is_in_gb_and_clips_are_where_the_variable_says(checkout, tmp_path):
    peak = "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss"
    code = "import resource; from benchmarks import av_attention as a; a.rows();"
    code += f"print(round({peak} * 1024 / 1e9, 3) == round(a._peak(), 3))"
    environment = {**os.environ, "EMOLIB_DATA": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    assert f"there is no {tmp_path / 'ravdess'}" in done.stdout, done.stderr
    assert done.stdout.endswith("True\n")
