"""How hard the puppets are: the stored table keeps its promises, and its statistics are right."""

import re

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation import puppet_calibration, stored_records


@pytest.mark.parametrize("sense", ["voice", "face", "both"])
def test_the_stored_baselines_lie_within_five_points_of_their_targets(sense, checkout):
    (record,) = stored_records(f"puppet-baseline-{sense}", "puppets")
    accuracy = record["mean"]["accuracy"]
    assert abs(accuracy - puppet_calibration.TARGETS[sense]) <= 0.05
    assert record["protocol"] == "actors" and record["n_actors"] == 24
    card = (checkout / "data" / "README.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| {sense}\b.*$", card, re.MULTILINE)
    assert f"{100 * accuracy:.1f}" in row, "the card's table is older than the record"


def test_the_voice_s_mistakes_are_the_wanted_ones():
    (record,) = stored_records("puppet-baseline-voice", "puppets")
    mistakes = record["parameters"]["mistakes"]
    assert mistakes["neutral"][0] == "calm"
    assert mistakes["fearful"][0] == "surprised" and mistakes["surprised"][0] == "fearful"


def test_mistakes_of_known_answers():
    truth = ["a"] * 10 + ["b"] * 4
    predicted = ["a"] * 5 + ["b"] * 3 + ["c"] * 2 + ["b"] * 3 + ["a"]
    answers = pd.DataFrame({"truth": truth, "predicted": predicted})
    assert puppet_calibration.mistakes(answers) == {"a": ["b", 0.3], "b": ["a", 0.25]}


def test_pitch_and_level_of_a_tone():
    """200 Hz is 12 semitones above 100 Hz and stands still; half as loud is 6 dB less."""
    rate = 16_000
    tone = 0.4 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)
    loud = puppet_calibration.voice_statistics(tone, rate)
    soft = puppet_calibration.voice_statistics(tone / 2, rate)
    assert len(loud) == 69
    assert np.allclose(loud[64:67], 12, atol=0.2)
    assert abs(loud[67]) < 0.2 and loud[68] < 0.1
    assert loud[60] - soft[60] == pytest.approx(20 * np.log10(2), abs=0.1)


def test_face_statistics_are_mean_maximum_and_spread():
    units = pd.DataFrame({"AU01_r": [0.0, 2.0], "AU12_r": [1.0, 1.0]})
    assert puppet_calibration.face_statistics(units).tolist() == [1, 1, 2, 1, 1, 0]
