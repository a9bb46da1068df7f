"""How well people read CREMA-D's actors, by the actor's sex, age, race and ethnicity.

``python -m emolib.evaluation.people_by_group --data-dir DATA_DIR`` writes a record a sense and
grouping. The groups are of actors who were seen and heard; about the raters the votes say nothing.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.corpora import cremad
from emolib.evaluation.groups import LEAST, by_group, group_gap
from emolib.evaluation.record import record
from emolib.evaluation.uncertainty import confidence_interval

# Of each grouping, the two groups whose difference is tested: chosen before anything was computed.
GROUPINGS = {
    "sex": ("female", "male"),
    "age": ("50 to 59", "20 to 29"),
    "race": ("African American", "Caucasian"),
    "ethnicity": ("Hispanic", "Not Hispanic"),
}
AGES = {20: "20 to 29", 30: "30 to 39", 40: "40 to 49", 50: "50 to 59", 60: "60 and older"}


def age_bands(ages):
    """Return the band of each age (years, 20 and more): a pandas Series of str, NA where unknown.

    Notebook: 21_should_we
    """
    years = pd.to_numeric(ages).astype(float)
    bands = pd.cut(years, [*AGES, np.inf], right=False, labels=list(AGES.values()))
    return bands.astype("string")


def responses(root):
    """Return how many of the responses to each clip name the emotion that was intended.

    Parameters
    ----------
    root : path
        CREMA-D's folder, with its votes and its table of actors.

    Returns
    -------
    pandas.DataFrame
        A row a clip and sense: ``clip``, ``sense`` (voice, face, both), ``actor``, ``correct``
        (share, 0 to 1), and the actor's ``sex``, ``age`` (in bands), ``race``, ``ethnicity``; NA
        where the corpus does not know.

    Raises
    ------
    CorpusError
        As ``cremad.votes`` and ``cremad.actors``.

    Notebook: 21_should_we
    """
    votes = cremad.votes(root)
    words = list(cremad.EMOTIONS.values())
    counts = votes[words].to_numpy()
    own = counts[np.arange(len(votes)), votes["intended"].map(words.index)]
    table = votes[["clip"]].assign(
        sense=votes["channel"], actor=votes["clip"].str[:4], correct=own / counts.sum(axis=1)
    )
    actors = cremad.actors(root).replace("Unknown", pd.NA)
    return table.join(actors.assign(age=age_bands(actors["age"])), on="actor")


def write(root, results="", senses=("voice", "face", "both")):
    """Measure each grouping under each sense and write the records.

    Parameters
    ----------
    root : path
        CREMA-D's folder.
    results : str or path
        As in ``record``.
    senses : iterable of str

    Returns
    -------
    dict
        (sense, grouping) to record. Its ``parameters``: ``groups`` (rows of ``by_group``; one that
        is too small has no figure), ``left_out`` (clips of actors without a group) and the tested
        difference, named ``first minus second``.

    Notebook: 21_should_we
    """
    table, written = responses(root), {}
    for sense in senses:
        rows = table[table["sense"] == sense]
        values, actors = rows["correct"], rows["actor"]
        mean = values.groupby(actors).mean().mean()
        for grouping, (first, second) in GROUPINGS.items():
            groups = by_group(values, actors, rows[grouping])
            gap = group_gap(values, actors, rows[grouping], first, second)
            said = [row.dropna().to_dict() for _, row in groups.reset_index().iterrows()]
            written[sense, grouping] = record(
                f"people-{sense}-by-{grouping}",
                [{"correct": mean}],
                interval={"correct": confidence_interval(values, actors)},
                corpus="cremad",
                protocol="none",
                seeds=[0],
                n_actors=actors.nunique(),
                profile="full",
                parameters={
                    "groups": said,
                    "least": LEAST,
                    "left_out": groups.attrs["left_out"],
                    f"{first} minus {second}": gap._asdict(),
                },
                command="python -m emolib.evaluation.people_by_group --data-dir DATA_DIR",
                results=results,
            )
    return written


def main(arguments=None):
    """Write the records and print each difference."""
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.people_by_group", description=__doc__
    )
    parser.add_argument("--data-dir", required=True, help="the folder that holds cremad")
    parser.add_argument("--results", default="", help="folder for the records")
    options = parser.parse_args(arguments)
    written = write(Path(options.data_dir) / "cremad", options.results)
    for (sense, grouping), content in written.items():
        name = " minus ".join(GROUPINGS[grouping])
        gap = content["parameters"][name]
        points = [100 * gap[key] for key in ("difference", "low", "high")]
        within = "{:+.1f} [{:+.1f}, {:+.1f}]".format(*points)
        print(f"{sense:5} {name}: {within}, p = {gap['p_value']:.3f}")


if __name__ == "__main__":
    main()
