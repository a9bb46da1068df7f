"""CREMA-D: official names and demographics, and the published agreement of its raters."""

import shutil

import numpy as np
import pandas as pd
import pytest
from clip_files import touch

from emolib.corpora import CorpusError, cremad, load, read_audio, read_video
from emolib.evaluation.agreement import krippendorff_alpha


@pytest.fixture(scope="module")
def official(shared_data, tmp_path_factory):
    """A tree with every official WAV and FLV name, empty, and the real table of actors."""
    root = tmp_path_factory.mktemp("cremad")
    touch(root, *pd.read_csv(shared_data / "cremad" / "sha256.csv")["path"])
    shutil.copy(shared_data / "cremad" / "VideoDemographics.csv", root)
    return root


def test_every_official_name_is_a_clip(official):
    table = load("cremad", official)
    assert len(table) == 7442
    assert table["label"].value_counts().to_dict() == {
        word: 1087 if word == "neutral" else 1271
        for word in ("anger", "disgust", "fear", "happy", "neutral", "sad")
    }
    assert table["audio"].str.endswith(".wav").all()
    assert table["video"].str.endswith(".flv").all()
    assert table.attrs["left_out"] == {}


def test_actors_have_their_published_ages_and_sexes(official):
    actors = load("cremad", official).drop_duplicates("actor")
    assert len(actors) == 91
    assert actors["sex"].value_counts().to_dict() == {"male": 48, "female": 43}
    assert (actors["age"].min(), actors["age"].max()) == (20, 74)


def test_sound_comes_from_the_film_where_there_is_no_wav(shared_data):
    table = load("cremad", shared_data / "cremad")
    assert len(table) == 4
    for _, row in table.iterrows():
        assert row["audio"] == row["video"]
        signal, rate = read_audio(row)
        frames, fps = read_video(row)
        assert (rate, frames.shape[1:]) == (44100, (360, 480, 3))
        assert fps == pytest.approx(29.97, abs=0.02)
        assert len(signal) / rate == pytest.approx(len(frames) / fps, abs=0.1)
        green_screen = frames[:, :100, :100].mean(axis=(0, 1, 2))
        assert green_screen.argmax() == 1


def test_missing_demographics_are_said(tmp_path):
    touch(
        tmp_path, "AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1002_IEO_SAD_HI.wav", "AudioWAV/x.wav"
    )
    with pytest.warns(UserWarning, match=r"2 actors' ages"):
        table = load("cremad", tmp_path)
    assert table.attrs["left_out"]["files whose name is no code of CREMA-D"] == 1
    assert table["age"].isna().all()
    assert table["intensity"].tolist() == ["unspecified", "high"]
    assert table["emotion"].tolist() == ["angry", "sad"]


def test_the_folder_above_is_recognised(tmp_path):
    touch(tmp_path, "cremad/AudioWAV/1001_DFA_ANG_XX.wav")
    with pytest.raises(CorpusError, match=r"did you mean .*cremad\?"):
        load("cremad", tmp_path)


@pytest.fixture(scope="module")
def votes(shared_data):
    return cremad.votes(shared_data / "cremad")


@pytest.mark.parametrize(
    ("channel", "correct", "unanimous", "alpha"),
    [("voice", 40.0, 5, 0.28), ("face", 57.4, 14, 0.46), ("both", 63.1, 15, 0.50)],
)
def test_what_raters_saw_and_heard(votes, channel, correct, unanimous, alpha):
    of = votes[votes["channel"] == channel]
    counts = of[list(cremad.EMOTIONS.values())]
    assert of["clip"].nunique() == len(of) == 7442
    hits = sum(counts.loc[of["intended"] == e, e].sum() for e in counts)
    assert round(100 * hits / counts.to_numpy().sum(), 1) == correct
    assert round(100 * np.mean((counts > 0).sum(axis=1) == 1)) == unanimous
    assert round(krippendorff_alpha(counts), 2) == alpha


def test_counts_agree_with_the_corpus_s_own_winner_and_number(votes, shared_data):
    path = shared_data / "cremad" / "processedResults" / "tabulatedVotes.csv"
    own = pd.read_csv(path)
    counts = votes[list(cremad.EMOTIONS.values())]
    assert (counts.sum(axis=1) == own["numResponses"]).all()
    best = counts.max(axis=1) / counts.sum(axis=1)
    np.testing.assert_allclose(best, own["agreement"], atol=1e-9)


def test_another_file_in_the_votes_place_is_refused(tmp_path):
    (tmp_path / "processedResults").mkdir()
    path = tmp_path / "processedResults" / "tabulatedVotes.csv"
    for text in ("", "a,b\n1,2\n", '"",A,D,F,H,N,S,fileName\n400001,1,0,0,0,0,0,1001_IEO_NEU_XX\n'):
        path.write_text(text)
        with pytest.raises(CorpusError, match=r"tabulatedVotes\.csv.*get it"):
            cremad.votes(tmp_path)
