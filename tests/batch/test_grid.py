"""What a grid means: which runs, by which names, and what is refused."""

from itertools import product

import pytest

from emolib.batch import BatchError
from emolib.batch.grid import expand, read_grid


@pytest.fixture
def folder(tmp_path, write):
    parameters = 'CORPUS = ""\nRATE = 1'
    write(tmp_path, "00_one", "pass", parameters=parameters)
    write(tmp_path, "01_two", "pass", parameters=parameters)
    write(tmp_path, "primer_x", "pass")
    return tmp_path


def test_a_grid_is_the_product_of_its_lists(folder):
    part = {
        "notebooks": ["00", "01"],
        "corpus": ["puppets", "ravdess"],
        "profile": "full",
        "seed": [0, 3],
        "parameters": {"RATE": [8000, 16000]},
    }
    runs = expand([part], folder)
    got = {(r.path.stem, r.corpus, r.profile, r.seed, r.parameters["RATE"]) for r in runs}
    names, corpora = ["00_one", "01_two"], ["puppets", "ravdess"]
    assert got == set(product(names, corpora, ["full"], [0, 3], [8000, 16000]))
    assert len(runs) == len({run.name for run in runs}) == 16


def test_a_run_is_named_by_what_is_not_as_usual(folder):
    usual = {"notebooks": ["00"]}
    assert [run.name for run in expand([usual], folder)] == ["00_one"]
    odd = usual | {"corpus": "ravdess", "profile": "full", "seed": 2}
    odd["parameters"] = {"RATE": "a b/c"}
    assert [run.name for run in expand([odd], folder)] == ["00_one-ravdess-full-seed-2-RATE-a_b_c"]


def test_parts_overlap_without_running_twice(folder):
    parts = [{"notebooks": ["00"], "seed": [0, 1]}, {"notebooks": ["00", "01"], "seed": 1}]
    names = [run.name for run in expand(parts, folder)]
    assert names == ["00_one", "00_one-seed-1", "01_two-seed-1"]


def test_two_values_that_would_share_files_are_refused(folder):
    part = {"notebooks": ["00"], "parameters": {"RATE": ["a/b", "a b"]}}
    with pytest.raises(BatchError, match="two runs are called '00_one-RATE-a_b'"):
        expand([part], folder)


def test_a_list_as_a_value_stands_in_a_list(folder):
    part = {"notebooks": ["00"], "parameters": {"RATE": [[1, 2]]}}
    assert [run.parameters for run in expand([part], folder)] == [{"RATE": [1, 2]}]


def test_a_file_holds_one_mapping_or_a_list(tmp_path, folder):
    file = tmp_path / "grid.yaml"
    file.write_text('notebooks: ["00"]\nseed: [1, 2]\n')
    assert read_grid(file) == [{"notebooks": ["00"], "seed": [1, 2]}]
    file.write_text("- {notebooks: [primer], profile: paper}\n- {notebooks: ['01']}\n")
    names = [run.name for run in expand(read_grid(file), folder)]
    assert names == ["primer_x-paper", "01_two"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seeds: [1]", "'seeds' is none of notebooks, corpus, profile, seed, parameters"),
        ("just words", "'just words' is no mapping"),
        ("seed: [1", "cannot be read"),
        ("notebooks: [03]", 'notebooks: 3 is no name: YAML reads 03 as a number, so write "03"'),
        ("seed: one", "seed: 'one' is no whole number"),
        ("seed: []", "has an empty list: it means no run"),
        ("profile: fast", "profile: 'fast' is none of quick, full, paper"),
        ("corpus: 3", "corpus: 3 is no name of a corpus"),
        ("parameters: [1]", r"parameters: \[1\] is no mapping"),
        ("parameters: {SEED: 1}", "parameters: SEED has an option of its own"),
        ("{notebooks: [primer], parameters: {RATE: 1}}", "no parameter 'RATE'; it has: CORPUS"),
        ("{notebooks: ['00'], parameters: {RATE: 2026-01-01}}", "RATE: .* put quotes around it"),
    ],
)
def test_a_wrong_grid_gets_one_error_that_names_file_and_key(text, sentence, tmp_path, folder):
    file = tmp_path / "grid.yaml"
    file.write_text(text)
    with pytest.raises(BatchError, match=sentence) as caught:
        expand(read_grid(file), folder, file)
    assert "grid.yaml" in str(caught.value)
