"""Error by group: who is read less well, how sure that is, and when a group is too small to say.

``python -m emolib.evaluation.groups --corpus ravdess --data-dir DATA_DIR`` writes, for each system,
a record with the accuracy for women and for men and a test of their difference.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import permutation_test

from emolib.evaluation import sound_and_face
from emolib.evaluation.inputs import EvaluationError, columns
from emolib.evaluation.record import record
from emolib.evaluation.uncertainty import confidence_interval

LEAST = 8  # actors: with fewer, an interval over actors is not to be trusted (see there)
SYSTEMS = ("sound-svm", "face-svm", "concatenation-svm", "late-product")


class Gap(NamedTuple):
    """Difference of two groups' means over actors, its interval, and the p value of "none"."""

    difference: float
    low: float
    high: float
    p_value: float


def by_group(values, actors, groups, least=LEAST):
    """Return the mean of each group of actors, or refuse where the group is too small.

    Parameters
    ----------
    values : array-like, float or bool, (rows,)
        Hits, or any figure of a clip.
    actors : array-like, (rows,)
    groups : array-like, (rows,)
        One a row, the same in all rows of an actor; rows without one (NA) are left out and counted.
    least : int
        Actors that a group needs for a figure.

    Returns
    -------
    pandas.DataFrame
        A row a group, largest first: ``n_actors``, ``n_rows``, ``mean``, ``low``, ``high`` (95 %,
        over actors) and ``said``: ``yes``, or why not, with NaN for the figures.
        ``attrs["left_out"]`` counts rows without a group.

    Raises
    ------
    EvaluationError
        Where lengths differ or an actor stands in two groups.

    Notebook: 21_should_we
    """
    table, left_out = _table(values, actors, groups)
    rows = []
    for group, own in table.groupby("group", sort=True):
        n = own["actor"].nunique()
        row = {"group": group, "n_actors": n, "n_rows": len(own)}
        row |= {"mean": np.nan, "low": np.nan, "high": np.nan}
        if n < least:
            row["said"] = f"no: {n} actors, {least} are needed"
        else:
            row["mean"] = own.groupby("actor")["value"].mean().mean()
            row["low"], row["high"] = confidence_interval(own["value"], own["actor"])
            row["said"] = "yes"
        rows.append(row)
    found = pd.DataFrame(rows).set_index("group").sort_values("n_actors", ascending=False)
    found.attrs["left_out"] = left_out
    return found


def group_gap(values, actors, groups, first, second, least=LEAST, draws=10_000, seed=0):
    """Test whether two groups of actors differ, by dealing the actors out anew.

    If the group made no difference, each way to part the actors into two groups of these sizes
    would be as likely.

    Parameters
    ----------
    values, actors, groups, least
        As in ``by_group``.
    first, second : str
        The difference is first − second.
    draws, seed : int
        Of the test and of the interval, a bootstrap of the actors within each group.

    Returns
    -------
    Gap

    Raises
    ------
    EvaluationError
        As ``by_group``, and where a group is not there or too small.

    Notebook: 21_should_we
    """
    table, _ = _table(values, actors, groups)
    means = []
    for group in (first, second):
        own = table[table["group"] == group].groupby("actor")["value"].mean().to_numpy()
        if len(own) < least:
            raise EvaluationError(
                f"the group {group!r} has {len(own)} actors and {least} are needed: say nothing "
                "about it, or record more people"
            )
        means.append(own)
    found = permutation_test(
        means,
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        vectorized=True,
        n_resamples=draws,
        random_state=np.random.default_rng(seed),
    )
    rng = np.random.default_rng(seed)
    drawn = [rng.choice(own, (draws, len(own))).mean(axis=1) for own in means]
    low, high = np.percentile(drawn[0] - drawn[1], [2.5, 97.5])
    return Gap(float(found.statistic), float(low), float(high), float(found.pvalue))


def _table(values, actors, groups):
    values, actors = columns(values=values, actors=actors)
    groups = pd.Series(groups, dtype="string").reset_index(drop=True)
    if len(groups) != len(values):
        raise EvaluationError(f"lengths differ: {len(values)} values, {len(groups)} groups")
    table = pd.DataFrame({"value": values.astype(float), "actor": actors, "group": groups})
    known = table.dropna(subset=["group"])
    twice = known.groupby("actor")["group"].nunique()
    if (twice > 1).any():
        raise EvaluationError(f"actor {twice.index[twice > 1][0]} stands in two groups")
    return known, len(table) - len(known)


def main(arguments=None):
    """Measure women's and men's clips under each system and write the records."""
    parser = argparse.ArgumentParser(prog="python -m emolib.evaluation.groups", description=__doc__)
    options = sound_and_face.add_corpus(parser).parse_args(arguments)
    table, folds, folds_file, called, told = sound_and_face.read(options)
    cache = Path(options.cache)
    senses = sound_and_face.encode(table, cache / "features")
    for variant in options.variants:
        found = sound_and_face.measure(
            table, senses, folds, SYSTEMS, variant, cache=cache / "folds"
        )
        for name, (answers, summary, system) in found.items():
            hits = (answers["truth"] == answers["predicted"]).to_numpy()
            sex = table["sex"].iloc[answers["row"]].to_numpy()
            groups = by_group(hits, answers["actor"], sex)
            gap = group_gap(hits, answers["actor"], sex, "female", "male")
            record(
                f"{name}-by-sex",
                **summary,
                corpus=called,
                protocol="actors",
                variant=variant,
                seeds=[0],
                folds_file=folds_file,
                n_configurations=sound_and_face.tried(system, name, options.corpus),
                profile="full",
                parameters={
                    # A group that is too small has no figures, and a record holds no NaN.
                    "groups": [r.dropna().to_dict() for _, r in groups.reset_index().iterrows()],
                    "female minus male": gap._asdict(),
                },
                command=f"python -m emolib.evaluation.groups {told}",
                results=options.results,
            )
            means = ", ".join(f"{g} {row['mean']:.1%}" for g, row in groups.iterrows())
            difference = (
                f"{100 * gap.difference:+.1f} [{100 * gap.low:+.1f}, {100 * gap.high:+.1f}]"
            )
            print(f"{variant:8} {name:18} {means}: {difference}, p = {gap.p_value:.3f}", flush=True)


if __name__ == "__main__":
    main()
