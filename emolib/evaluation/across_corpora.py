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
from emolib.evaluation.cross_validation import summarise
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import accuracy_of, record
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
    dict of str to pandas.DataFrame
        Predictions as ``cross_validate`` returns them, a row a clip of the asked corpus.

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
    found = sound_and_face.measure(table, both, folds, systems, cache=cache)
    return {name: answers for name, (answers, *_) in found.items()}


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
    options = _parser().parse_args(arguments)
    cache = Path(options.cache)
    pair = []
    for corpus in (options.train, options.test):
        table = sound_and_face.read(argparse.Namespace(**vars(options) | {"corpus": corpus}))[0]
        pair.append((table, sound_and_face.encode(table, cache / "features")))
    keep_common_units(*pair)
    for variant in options.variants:
        for name, answers in measure(*pair, variant=variant, cache=cache / "folds").items():
            written = record(
                f"{name}-from-{options.train}",
                **summarise(answers),
                corpus=options.test,
                protocol="actors",
                variant=variant,
                seeds=[0],
                profile="full",
                parameters={"learnt": options.train, "clips": len(answers)},
                command=f"python -m emolib.evaluation.across_corpora --train {options.train} "
                f"--test {options.test} --data-dir DATA_DIR",
                results=options.results,
            )
            print(f"{variant:8} {written['system']:32} {accuracy_of(written)}", flush=True)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.across_corpora", description=__doc__
    )
    parser.add_argument("--train", default="puppets")
    parser.add_argument("--test", default="ravdess")
    sound_and_face.add_corpus(parser)
    parser.set_defaults(corpus=None)
    return parser


if __name__ == "__main__":
    main()
