"""CREMA-D's responses by group of actors: hand-made votes, the real ones, the stored records."""

import numpy as np
import pandas as pd
import pytest

from emolib.corpora import CorpusError
from emolib.corpora.shipped import shipped
from emolib.evaluation import people_by_group, read_records

SENSES = ("voice", "face", "both")
ACTORS = (
    "ActorID,Age,Sex,Race,Ethnicity\n1001,29,Male,Asian,Hispanic\n1002,60,Female,Unknown,Hispanic\n"
)
VOTES = (
    '"","A","D","F","H","N","S","fileName"\n'
    '"100001",3,1,0,0,0,0,"1001_IEO_ANG_LO"\n'
    '"300002",5,0,0,0,5,0,"1002_DFA_NEU_XX"\n'
)


@pytest.fixture
def small(tmp_path):
    (tmp_path / "processedResults").mkdir()
    (tmp_path / "processedResults" / "tabulatedVotes.csv").write_text(VOTES)
    (tmp_path / "VideoDemographics.csv").write_text(ACTORS)
    return tmp_path


def test_a_row_has_its_share_of_right_responses_and_its_actor_s_groups(small):
    table = people_by_group.responses(small).set_index("actor")
    assert table["correct"].to_dict() == {"1001": 0.75, "1002": 0.5}
    assert table["sense"].to_dict() == {"1001": "voice", "1002": "both"}
    assert table["age"].to_dict() == {"1001": "20 to 29", "1002": "60 and older"}
    assert table.loc["1001", "race"] == "Asian"
    assert pd.isna(table.loc["1002", "race"])
    assert table["sex"].to_dict() == {"1001": "male", "1002": "female"}


def test_bands_hold_their_first_year_and_not_their_last():
    bands = people_by_group.age_bands(pd.Series([29, 30, 59, 60, 74, pd.NA], dtype="Int64"))
    assert list(bands[:5]) == ["20 to 29", "30 to 39", "50 to 59", "60 and older", "60 and older"]
    assert bands.isna().tolist() == [False] * 5 + [True]


def test_without_the_table_of_actors_nothing_is_said(small):
    (small / "VideoDemographics.csv").unlink()
    with pytest.raises(CorpusError, match=r"VideoDemographics\.csv: no such file"):
        people_by_group.responses(small)


@pytest.fixture(scope="module")
def real(shared_data, tmp_path_factory):
    return people_by_group.write(
        shared_data / "cremad", tmp_path_factory.mktemp("records"), senses=["both"]
    )


def test_real_means_by_sex_are_those_of_a_plain_count(real, shared_data):
    """The oracle counts in plain Python, from the two files."""
    folder = shared_data / "cremad"
    sexes = pd.read_csv(folder / "VideoDemographics.csv").set_index("ActorID")["Sex"]
    raw = pd.read_csv(folder / "processedResults" / "tabulatedVotes.csv", index_col=0)
    by_actor = {}
    for _, row in raw[raw.index.astype(str).str[0] == "3"].iterrows():
        actor, _, emotion, _ = row["fileName"].split("_")
        by_actor.setdefault(int(actor), []).append(row[emotion[0]] / sum(row[c] for c in "ADFHNS"))
    means = {actor: np.mean(values) for actor, values in by_actor.items()}
    for group in real["both", "sex"]["parameters"]["groups"]:
        own = [mean for actor, mean in means.items() if sexes[actor].lower() == group["group"]]
        assert group["n_actors"] == len(own)
        assert group["mean"] == pytest.approx(np.mean(own))


def test_seven_asian_actors_and_six_old_ones_get_no_figure(real):
    refused = {}
    for (_, grouping), content in real.items():
        for group in content["parameters"]["groups"]:
            if "mean" not in group:
                refused[grouping, group["group"]] = group["n_actors"]
    assert refused == {("race", "Asian"): 7, ("age", "60 and older"): 6}
    assert real["both", "race"]["parameters"]["left_out"] == 82  # one actor, race "Unknown"


@pytest.fixture(scope="module")
def published():
    return {r["system"]: r for r in read_records(shipped("results")) if r["corpus"] == "cremad"}


def test_stored_records_are_those_computed_from_the_votes(real, published):
    for (sense, grouping), content in real.items():
        stored = published[f"people-{sense}-by-{grouping}"]
        assert stored["parameters"]["groups"] == [
            pytest.approx(group) for group in content["parameters"]["groups"]
        ]
        name = " minus ".join(people_by_group.GROUPINGS[grouping])
        assert stored["parameters"][name] == pytest.approx(content["parameters"][name])


@pytest.mark.parametrize("sense", SENSES)
def test_every_sense_and_grouping_is_stored(sense, published):
    for grouping, pair in people_by_group.GROUPINGS.items():
        stored = published[f"people-{sense}-by-{grouping}"]
        gap = stored["parameters"][" minus ".join(pair)]
        means = {g["group"]: g.get("mean") for g in stored["parameters"]["groups"]}
        assert gap["difference"] == pytest.approx(means[pair[0]] - means[pair[1]])
        assert stored["n_actors"] == 91
