"""Who stands on which side: copies, protocols, folds, and the proof that a protocol holds."""

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit

from emolib.evaluation.inputs import EvaluationError, columns

# What may stand on one side only, beside the row itself.
PROTOCOLS = {"rows": (), "clips": ("clip",), "actors": ("clip", "actor")}

# Our reading of the "three rows a clip" in dv-emotionnet, Table 2.
RECIPES = ("noise snr_db=15", "stretch rate=0.8 + pitch semitones=0.7")


@dataclass(frozen=True, eq=False)
class Fold:
    """One division of a table's rows; each part is an array of integer row positions."""

    number: int
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def add_copies(table, n=2, seed=0, recipes=RECIPES):
    """Add augmented copies of each clip to the table, as recipes that say what is done to it.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table of originals (``copy`` 0).
    n : int
        Copies a clip, numbered from 1.
    seed : int
        Goes into the seed of each copy's random operations (``noise`` and ``shift``), together
        with clip and copy: the order of rows does not matter.
    recipes : sequence of str
        One a copy: operations joined by `` + ``, each ``kind key=value …``.

    Returns
    -------
    pandas.DataFrame
        (n + 1) times the rows, sorted by (``clip``, ``copy``), with the column ``recipe``
        (``<NA>`` for originals).

    Raises
    ------
    EvaluationError
        Where keys stand twice, copies are there already, or there are fewer recipes than copies
        (a recipe without chance would give the same copy again).

    Notebook: 02_honest_evaluation
    """
    _check_keys(table)
    if "recipe" in table or (table["copy"] != 0).any():
        raise EvaluationError("the table holds copies already: add them to originals only")
    if not 0 <= n <= len(recipes):
        raise EvaluationError(f"{n} copies need {n} recipes, and there are {len(recipes)}")
    parts = [table.assign(recipe=pd.Series(pd.NA, table.index, dtype="string"))]
    for copy in range(1, n + 1):
        texts = [_seeded(recipes[copy - 1], f"{seed}/{clip}/{copy}") for clip in table["clip"]]
        recipe = pd.Series(texts, table.index, dtype="string")
        parts.append(table.assign(copy=copy, recipe=recipe))
    copied = pd.concat(parts).sort_values(["clip", "copy"], ignore_index=True)
    copied.attrs = dict(table.attrs)
    return copied


def _seeded(recipe, name):
    """Give each operation that draws by chance a seed that follows from the copy's name."""
    random = ("noise", "shift")
    seed = f" seed={zlib.crc32(name.encode())}"
    steps = [step.strip() for step in recipe.split("+")]
    return " + ".join(s + seed if s.split(" ")[0] in random else s for s in steps)


def split(table, protocol, folds=10, seed=0):
    """Divide a table into folds; test is fold i, validation is the next one, train the rest.

    Choose on validation, then refit on train and validation before the test part is looked at.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table.
    protocol : str
        ``rows``: rows at random, whatever they are copies of. ``clips``: copies of a clip stay
        together. ``actors``: nobody stands on both sides.
    folds : int, path or dict
        How many, 3 or more; or, for ``actors``, a CSV with the columns ``actor`` and ``fold``, or
        such a dictionary (``"01"`` and ``1`` are one actor). Folds of a file whose actors are
        not in the table are passed over; the others keep their numbers.
    seed : int
        Deals rows, clips or actors out; actors man by man and woman by woman where the table
        has ``sex``, so that folds are alike. A file of folds leaves nothing to chance.

    Returns
    -------
    list of Fold
        Each row is in exactly one test part.

    Raises
    ------
    EvaluationError
        Where the protocol is unknown, keys stand twice, there are fewer actors (clips, rows) than
        folds, actors are missing from the table or the file, or the promise is broken.

    Notebook: 02_honest_evaluation
    """
    units = _units(table, protocol)
    if isinstance(folds, int | np.integer):
        fold_of = _deal(table, units, protocol, folds, seed)
    elif protocol == "actors":
        fold_of = _match(set(units), _read_folds(folds))
    else:
        raise EvaluationError(f"a file of folds names actors: the protocol {protocol!r} has no use")
    fold = np.array([fold_of[unit] for unit in units])
    numbers = np.unique(fold)
    if len(numbers) < 3:
        raise EvaluationError(f"{len(numbers)} folds: train, validation and test need three")
    divided = []
    for number, following in zip(numbers, np.roll(numbers, -1), strict=True):
        test, validation = fold == number, fold == following
        parts = [np.flatnonzero(part) for part in (~(test | validation), validation, test)]
        divided.append(Fold(int(number), *parts))
        check_split(table, divided[-1], protocol)
    return divided


def holdout(table, protocol, share=0.25, seed=0):
    """Divide a table once into train and test, as most papers do; validation is empty.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table.
    protocol : str
        As in ``split``.
    share : float
        Share of the rows, clips or actors that goes to test, between 0 and 1.
    seed : int

    Returns
    -------
    Fold

    Raises
    ------
    EvaluationError
        As ``split``.

    Notebook: 02_honest_evaluation
    """
    units = _units(table, protocol)
    if not 0 < share < 1:
        raise EvaluationError(f"the share {share} is not between 0 and 1")
    if len(set(units)) < 2:
        raise EvaluationError(f"one of {protocol} cannot be divided into train and test")
    chance = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    train, test = next(chance.split(units, groups=units))
    fold = Fold(0, train, np.array([], dtype=int), test)
    check_split(table, fold, protocol)
    return fold


def check_split(table, fold, protocol):
    """Raise where a fold breaks the promise of its protocol, naming the first that it finds.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table.
    fold : Fold
    protocol : str
        ``rows``: no row is in two parts; ``clips``: nor is a clip, as itself or as a copy;
        ``actors``: nor is an actor.

    Raises
    ------
    EvaluationError
        Names the row, clip or actor and both sides.

    Notebook: 02_honest_evaluation
    """
    _units(table, protocol)
    parts = {name: np.asarray(getattr(fold, name)) for name in ("train", "validation", "test")}
    if not len(parts["train"]) or not len(parts["test"]):
        raise EvaluationError(f"fold {fold.number} has no train or no test rows")
    rows = np.concatenate(list(parts.values())).astype(int)
    if rows.min() < 0 or rows.max() >= len(table):
        raise EvaluationError(f"fold {fold.number} names rows that the table does not have")
    used = table.iloc[rows].assign(
        row=rows, side=np.repeat(list(parts), [len(p) for p in parts.values()])
    )
    for what in ("row", *PROTOCOLS[protocol]):
        sides = used.drop_duplicates([what, "side"])
        leaked = sides[sides.duplicated(what, keep=False)]
        if len(leaked):
            name = leaked[what].iloc[0]
            places = " and ".join(
                f"{r.side} (clip {r.clip}, copy {r.copy})"
                for r in leaked[leaked[what] == name][["side", "clip", "copy"]].itertuples()
            )
            raise EvaluationError(
                f"protocol {protocol!r}, fold {fold.number}: {what} {name} stands in {places}"
            )


def enroll(features, actors):
    """Standardise each actor's features on that actor's own rows, without labels.

    The protocol variant ``enrolled``: in use, somebody speaks for a while before anything is
    recognised. It must be declared, since plain figures do not have that knowledge.

    Parameters
    ----------
    features : array-like, float, (rows, ...)
    actors : array-like, (rows,)

    Returns
    -------
    ndarray, float64
        Mean 0 and standard deviation 1 (nearly: 1e-9 is added to the divisor) for each actor and
        feature; 0 where an actor's feature is constant, a single row included.

    Raises
    ------
    EvaluationError
        Where lengths differ, an actor is missing or a feature is not finite.

    Notebook: 02_honest_evaluation
    """
    out = np.array(features, dtype=float)
    actors, _ = columns(actors=actors, features=np.arange(len(out)))
    if not np.isfinite(out).all():
        raise EvaluationError("features hold NaN or infinite values: mend them first")
    for actor in set(actors):
        own = out[actors == actor]
        constant = own.max(axis=0) == own.min(axis=0)
        scaled = (own - own.mean(axis=0)) / (own.std(axis=0) + 1e-9)
        out[actors == actor] = np.where(constant, 0, scaled)
    return out


def _check_keys(table):
    if not len(table) or not {"clip", "copy"} <= set(table.columns):
        raise EvaluationError("a clip table with the columns clip and copy, not empty, is due")
    if table["clip"].isna().any():
        raise EvaluationError(f"{table['clip'].isna().sum()} rows name no clip")
    twice = table[table.duplicated(["clip", "copy"])]
    if len(twice):
        clip, copy = twice.iloc[0][["clip", "copy"]]
        raise EvaluationError(f"clip {clip}, copy {copy} stands twice: a key must be unique")


def _units(table, protocol):
    """Return what is dealt out: for each row the name of its row, clip or actor."""
    if protocol not in PROTOCOLS:
        raise EvaluationError(f"protocol {protocol!r} is none of {', '.join(PROTOCOLS)}")
    _check_keys(table)
    if protocol == "rows":  # numbered by key, so that the order of rows does not matter
        return table.groupby(["clip", "copy"]).ngroup().to_numpy()
    if protocol == "clips":
        return table["clip"].to_numpy(dtype=object)
    nameless = len(table) if "actor" not in table else int(table["actor"].isna().sum())
    if nameless:
        raise EvaluationError(
            f"{nameless} of {len(table)} rows name no actor: who stands on both sides cannot be "
            "known; take the protocol 'clips' and say so"
        )
    return table["actor"].to_numpy(dtype=object)


def _deal(table, units, protocol, folds, seed):
    """Deal units out to folds like cards, after shuffling; actors sorted by sex first."""
    names = np.unique(units)
    if not 3 <= folds <= len(names):
        raise EvaluationError(
            f"{folds} folds cannot be made: train, validation and test need 3, and the table's "
            f"{len(names)} {protocol} give at most as many"
        )
    order = list(np.random.default_rng(seed).permutation(names))
    if protocol == "actors" and "sex" in table:
        sex = dict(zip(units, table["sex"].astype("string").fillna(""), strict=True))
        order.sort(key=sex.get)
    return {unit: k % folds for k, unit in enumerate(order)}


def _read_folds(folds):
    """Return {actor: fold} from a dictionary or a CSV."""
    if isinstance(folds, dict):
        pairs = list(folds.items())
    else:
        try:
            csv = pd.read_csv(Path(folds), dtype=str)
            pairs = list(zip(csv["actor"], csv["fold"], strict=True))
        except (OSError, KeyError, UnicodeDecodeError, pd.errors.ParserError) as error:
            raise EvaluationError(
                f"{folds}: no CSV with the columns actor and fold ({error!r})"
            ) from error
    fold_of = {}
    for actor, fold in pairs:
        try:
            number = int(fold)
        except ValueError as error:
            raise EvaluationError(f"fold {fold!r} of actor {actor} is no whole number") from error
        if fold_of.setdefault(_plain(actor), number) != number:
            raise EvaluationError(f"actor {actor} stands in two folds of the file")
    return fold_of


def _match(actors, fold_of):
    missing = sorted(actor for actor in actors if _plain(actor) not in fold_of)
    if missing:
        raise EvaluationError(
            f"the folds leave out {len(missing)} actors of the table, {missing[0]} first"
        )
    return {actor: fold_of[_plain(actor)] for actor in actors}


def _plain(actor):
    """Return an actor's name without leading zeros: a CSV may hold 1 for "01"."""
    return str(actor).strip().lstrip("0") or "0"
