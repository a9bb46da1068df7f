"""How each emotion is spoken: six measures of prosody, by emotion, with intervals over actors.

``python -m emolib.evaluation.prosody_by_emotion --corpus ravdess --data-dir DATA_DIR`` prints the
tables and writes the record that notebook 03 shows: of all clips, and under names that end in
``_normal`` of those of normal intensity. Nothing is trained, so nothing is split.
"""

import argparse
from pathlib import Path

import pandas as pd

from emolib import corpora
from emolib.audio import PROSODY, prosody_table
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import record
from emolib.evaluation.uncertainty import confidence_interval

SYSTEM = "prosody"


def means_by_emotion(measures, emotions, actors, baseline="neutral", seed=0):
    """Average measures by emotion, each actor with one vote, beside the change from neutral.

    Voices differ more than emotions do: a deep voice is deep in all of them. The change is each
    clip's measure minus the mean of the same actor's neutral clips, so the voice drops out.

    Parameters
    ----------
    measures : pandas.DataFrame, (rows, measures)
        From ``prosody_table``. NaN (pitch, where nothing is voiced) is left out and counted.
    emotions, actors : array-like, (rows,)
    baseline : str
        Which emotion changes are counted from.
    seed : int
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row a measure and emotion: ``measure``, ``emotion``, ``clips``, ``left_out``, ``mean``,
        ``low``, ``high``, and ``change``, ``change_low``, ``change_high`` (NaN for the baseline).
        Intervals of 95 %, over actors.

    Raises
    ------
    EvaluationError
        Where an actor has no clip of the baseline, and as ``confidence_interval``.

    Notebook: 03_sound_features
    """
    emotions, actors = pd.Series(list(emotions)), pd.Series(list(actors))
    rows = []
    for name in measures:
        values = pd.Series(measures[name].to_numpy())
        resting = values[emotions == baseline].groupby(actors).mean()
        change = values - actors.map(resting)
        alone = sorted(set(actors[values.notna() & change.isna()]))
        if alone:
            raise EvaluationError(f"actor {alone[0]} has no {baseline} clip with a {name}")
        for emotion in sorted(set(emotions)):
            own = emotions == emotion
            use = own & values.notna()
            row = {"measure": name, "emotion": emotion, "clips": int(use.sum())}
            row["left_out"] = int(own.sum() - use.sum())
            row |= _centre(values[use], actors[use], "mean", "", seed)
            if emotion != baseline:
                row |= _centre(change[use], actors[use], "change", "change_", seed)
            rows.append(row)
    return pd.DataFrame(rows)


def _centre(values, actors, name, prefix, seed):
    low, high = confidence_interval(values, actors, seed=seed)
    centre = values.groupby(actors).mean().mean()
    return {name: centre, f"{prefix}low": low, f"{prefix}high": high}


def metrics(means, suffix=""):
    """Return the table of ``means_by_emotion`` as a record takes it.

    Parameters
    ----------
    means : pandas.DataFrame
        From ``means_by_emotion``.
    suffix : str
        Put behind each name.

    Returns
    -------
    metrics : dict
        ``level_sad``: mean; ``level_sad_change``: from neutral.
    intervals : dict
        (low, high) under the same names.

    Notebook: 03_sound_features
    """
    values, intervals = {}, {}
    for _, row in means.iterrows():
        name = f"{row['measure']}_{row['emotion']}"
        values[f"{name}{suffix}"] = row["mean"]
        intervals[f"{name}{suffix}"] = row["low"], row["high"]
        if pd.notna(row["change"]):
            values[f"{name}_change{suffix}"] = row["change"]
            intervals[f"{name}_change{suffix}"] = row["change_low"], row["change_high"]
    return values, intervals


def print_means(means, which):
    """Print the table of ``means_by_emotion``, a block a measure."""
    for measure, part in means.groupby("measure", sort=False):
        print(f"{measure}, {which}: mean, and change from the actor's own neutral")
        for _, row in part.iterrows():
            line = f"  {row['emotion']:10} {row['mean']:9.2f} [{row['low']:.2f}, {row['high']:.2f}]"
            if pd.notna(row["change"]):
                line += f"   {row['change']:+.2f} [{row['change_low']:+.2f}, "
                line += f"{row['change_high']:+.2f}]"
            print(line + (f"   without {row['left_out']} clips" if row["left_out"] else ""))


def main(arguments=None):
    """Measure a corpus, print the changes from neutral and write the record."""
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.prosody_by_emotion", description=__doc__
    )
    parser.add_argument("--corpus", default="puppets")
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--workers", type=int, default=1, help="threads")
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/prosody")
    options = parser.parse_args(arguments)
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    table = corpora.load(options.corpus, root).dropna(subset=["audio", "emotion", "actor"])
    # A puppet's label may be told by its face alone; its voice speaks what voice_shows says.
    grouped_by = "voice_shows" if "voice_shows" in table else "emotion"
    measures = prosody_table(table, cache=options.cache, workers=options.workers)
    values, intervals, parts = {}, {}, {"": table["emotion"].notna()}
    if (table["intensity"] == "strong").any():
        # Neutral has one intensity: without the strong clips the comparison is fair.
        parts["_normal"] = table["intensity"] == "normal"
    for suffix, use in parts.items():
        part = table[use]
        means = means_by_emotion(measures[use], part[grouped_by], part["actor"])
        for gathered, found in zip((values, intervals), metrics(means, suffix), strict=True):
            gathered.update(found)
        print_means(means, "normal intensity" if suffix else "all clips")
    record(
        SYSTEM,
        [values],
        corpus=options.corpus,
        protocol="none",
        seeds=[0],
        n_actors=table["actor"].nunique(),
        interval=intervals,
        profile="full",
        parameters={
            "measures": list(PROSODY),
            "clips": len(table),
            "grouped_by": grouped_by,
            "left_out": {n: int(measures[n].isna().sum()) for n in measures},
            "rate": 16000,
        },
        command=f"python -m emolib.evaluation.prosody_by_emotion --corpus {options.corpus} "
        "--data-dir DATA_DIR",
        results=options.results,
    )


if __name__ == "__main__":
    main()
