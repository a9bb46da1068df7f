"""Records side by side, ranked only among those that made the same promise."""

import math

import pandas as pd

from emolib.evaluation.inputs import EvaluationError

_GROUP = ["corpus", "protocol", "variant", "profile"]
# What is better when it is smaller.
LOSSES = ("mae", "rmse", "log_loss", "expected_calibration_error")


def leaderboard(records, metric="accuracy"):
    """Rank systems by a metric within corpus, protocol, variant and profile, never across them.

    Parameters
    ----------
    records : list of dict
        From ``record``, ``read_records`` or ``stored_records``.
    metric : str
        One that every record has.

    Returns
    -------
    pandas.DataFrame
        ``corpus``, ``protocol``, ``variant``, ``profile``, ``rank`` (from 1 in each of their
        groups; equal figures share one), ``system``, the metric (mean over folds), ``low`` and
        ``high`` (NaN where the record has no interval), ``n_actors``, ``n_configurations``,
        ``seeds``.

    Raises
    ------
    EvaluationError
        Where there is no record, or one lacks the metric or has NaN there.

    Notebook: 02_honest_evaluation
    """
    if not records:
        raise EvaluationError("there is no record to rank")
    rows = []
    for content in records:
        value = content["mean"].get(metric, math.nan)
        if math.isnan(value):
            known = ", ".join(name for name, v in content["mean"].items() if not math.isnan(v))
            raise EvaluationError(
                f"the record of {content['system']} on {content['corpus']} has no {metric}; it "
                f"has {known}"
            )
        low, high = content["interval"].get(metric, (math.nan, math.nan))
        row = {name: content[name] for name in (*_GROUP, "system")}
        row |= {metric: value, "low": low, "high": high}
        rows.append(row | {n: content[n] for n in ("n_actors", "n_configurations", "seeds")})
    table = pd.DataFrame(rows)
    rising = metric in LOSSES
    rank = table.groupby(_GROUP)[metric].rank("min", ascending=rising).astype(int)
    table.insert(len(_GROUP), "rank", rank)
    return table.sort_values([*_GROUP, "rank", "system"], ignore_index=True)
