"""Train on one corpus, test on another: other people, other microphones, another way to act.

``python -m emolib.evaluation.across_corpora --train ravdess --test puppets --data-dir DATA_DIR``
writes a record a system and variant.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from emolib import corpora
from emolib.evaluation import sound_and_face
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import accuracy_of, record, told
from emolib.evaluation.splits import Fold, enroll, split

SYSTEMS = ("sound-svm", "face-svm", "concatenation-svm", "late-product")


def measure(learnt, asked, systems=SYSTEMS, variant="plain", cache=None):
    """Learn from all actors of one corpus, answer all clips of another.

    Parameters
    ----------
    learnt, asked : pair of (pandas.DataFrame, dict of ndarray)
        A clip table and its ``senses``, from ``sound_and_face.encode``. Emotions that both have
        are kept.
    systems : sequence of str
        Keys of ``sound_and_face.SYSTEMS``; a tenth of the learnt actors chooses.
    variant : str
        ``enrolled``: each corpus's actors are standardised on their own clips.
    cache : path, optional

    Returns
    -------
    dict of str to (predictions, summary, system)
        As ``sound_and_face.measure``, a row a clip of the asked corpus.

    Raises
    ------
    EvaluationError
        Where fewer than two emotions are common, or a sense differs in its number of features.

    Notebook: 19_leaderboard
    """
    common = set(learnt[0]["emotion"]) & set(asked[0]["emotion"])
    if len(common) < 2:
        raise EvaluationError(f"the two corpora share {len(common)} emotions: two are needed")
    for sense, values in learnt[1].items():
        if values.shape[1] != asked[1][sense].shape[1]:
            raise EvaluationError(
                f"the {sense} has {values.shape[1]} features here and {asked[1][sense].shape[1]} "
                "there: keep those that both corpora have"
            )
    tables, parts = [], []
    for table, senses in (learnt, asked):
        kept = table["emotion"].isin(common).to_numpy()
        table, senses = table[kept], {sense: values[kept] for sense, values in senses.items()}
        if variant == "enrolled":
            senses = {sense: enroll(values, table["actor"]) for sense, values in senses.items()}
        tables.append(table.reset_index(drop=True))
        parts.append(senses)
    n = len(tables[0])
    chosen = split(tables[0], "actors", min(10, tables[0]["actor"].nunique()))[0]
    train = np.concatenate([chosen.train, chosen.test])
    test = np.arange(n, n + len(tables[1]))
    folds = [Fold(0, train, chosen.validation, test)]
    both = {sense: np.vstack([part[sense] for part in parts]) for sense in parts[0]}
    table = pd.concat(tables, ignore_index=True)
    return sound_and_face.measure(table, both, folds, systems, cache=cache)


def keep_common_units(*pair):
    """Cut each corpus's face, in place, to the action units that both have, in one order.

    Parameters
    ----------
    *pair : (pandas.DataFrame, dict of ndarray)
        As ``measure`` takes them.
    """
    names = [corpora.read_action_units(table.iloc[0]).columns for table, _ in pair]
    common = [name for name in names[0] if name in names[1]]
    for (_, senses), own in zip(pair, names, strict=True):
        senses["face"] = senses["face"][:, own.get_indexer(common)]


def main(arguments=None):
    """Measure one pair of corpora and write its records."""
    parser = _parser()
    options = parser.parse_args(arguments)
    cache = Path(options.cache)
    pair, called = [], []
    for corpus in (options.train, options.test):
        found = sound_and_face.read(argparse.Namespace(**vars(options), corpus=corpus))
        pair.append((found[0], sound_and_face.encode(found[0], cache / "features")))
        called.append(found[3])
    keep_common_units(*pair)
    for variant in options.variants:
        found = measure(*pair, variant=variant, cache=cache / "folds")
        for name, (answers, summary, system) in found.items():
            written = record(
                f"{name}-from-{called[0]}",
                **summary,
                corpus=called[1],
                protocol="actors",
                variant=variant,
                seeds=[0],
                # Tried on those who are now asked, though others are learnt from: they decided too.
                n_configurations=sound_and_face.tried(system, name, options.test),
                profile="full",
                parameters={"learnt": called[0], "clips": len(answers)},
                command=parser.prog + told(parser, options),
                results=options.results,
            )
            print(f"{variant:8} {written['system']:32} {accuracy_of(written)}", flush=True)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.across_corpora", description=__doc__
    )
    sound_and_face.add_corpus(parser, ("--train", "--test"))
    parser.set_defaults(test="ravdess")
    return parser


if __name__ == "__main__":
    main()
