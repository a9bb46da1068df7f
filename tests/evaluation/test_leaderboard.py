import numpy as np
import pytest

from emolib.evaluation import EvaluationError, leaderboard, record


@pytest.fixture
def made(tmp_path):
    def make(system, value, metric="accuracy", **changes):
        options = {
            "corpus": "drawn", "protocol": "actors", "seeds": [0], "n_actors": 24,
            "command": "-", "results": tmp_path,
        }  # fmt: skip
        return record(system, [{metric: value - 0.1}, {metric: value + 0.1}], **options | changes)

    return make


def test_a_better_figure_under_a_weaker_promise_does_not_rank_before(made):
    board = leaderboard(
        [
            made("leaky", 0.95, protocol="rows"),
            made("honest", 0.6),
            made("better", 0.7),
            made("enrolled", 0.8, variant="enrolled"),
            made("elsewhere", 0.9, corpus="other"),
            made("larger", 0.9, profile="full"),
        ]
    )
    ranks = dict(zip(board["system"], board["rank"], strict=True))
    assert ranks == {
        "leaky": 1, "honest": 2, "better": 1, "enrolled": 1, "elsewhere": 1, "larger": 1,
    }  # fmt: skip
    assert {"protocol", "variant", "corpus", "profile"} <= set(board)
    groups = board[["corpus", "protocol", "variant", "profile"]].agg(tuple, axis=1)
    assert (groups != groups.shift()).sum() == groups.nunique()  # each group stands together


def test_means_and_intervals_are_the_records_own(made):
    board = leaderboard([made("a", 0.5, interval={"accuracy": (0.4, 0.62)}), made("b", 0.7)])
    assert list(board["system"]) == ["b", "a"]
    assert np.allclose(board["accuracy"], [0.7, 0.5])
    assert np.allclose(board.loc[1, ["low", "high"]].astype(float), [0.4, 0.62])
    assert np.isnan(board.loc[0, "low"])


def test_of_an_error_less_is_better_and_equal_figures_share_a_rank(made):
    board = leaderboard([made(s, v, "mae") for s, v in (("a", 2), ("b", 1), ("c", 1))], "mae")
    assert list(board["system"]) == ["b", "c", "a"]
    assert list(board["rank"]) == [1, 1, 3]


def test_what_cannot_be_ranked_is_named(made):
    with pytest.raises(EvaluationError, match="of b on drawn has no accuracy; it has mae"):
        leaderboard([made("a", 0.5), made("b", 1, "mae")])
    broken = made("c", 0.5)
    broken["mean"]["accuracy"] = float("nan")
    with pytest.raises(EvaluationError, match="of c on drawn has no accuracy"):
        leaderboard([broken])
    with pytest.raises(EvaluationError, match="no record"):
        leaderboard([])
