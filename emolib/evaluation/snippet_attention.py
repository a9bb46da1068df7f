"""Is cross-modal attention worth it? The same snippets with it and without it.

``python -m emolib.evaluation.snippet_attention`` measures both on the puppets, whose action units
are known frame by frame, and writes a record a system and variant.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from emolib import corpora
from emolib.audio.functionals import contours
from emolib.corpora import CorpusError
from emolib.evaluation import sound_and_face
from emolib.evaluation.cross_validation import cross_validate
from emolib.evaluation.record import accuracy_of, record
from emolib.evaluation.splits import enroll
from emolib.models.remember import remembered
from emolib.models.snippet_classifier import SnippetClassifier

SNIPPETS = 6
SYSTEMS = {"snippets-cross-modal": True, "snippets-mean": False}  # with attention?
WHOLE = ("concatenation-svm", "late-product")  # rows of whole clips, to stand beside


def cut(values, snippets=SNIPPETS):
    """Cut (features, frames) into stretches of equal length that overlap the next by half.

    Returns
    -------
    list of ndarray, (features, frames)

    Raises
    ------
    ValueError
        Where there are too few frames.

    Notebook: 19_leaderboard
    """
    if values.shape[1] <= snippets:
        raise ValueError(f"{values.shape[1]} frames are too few for {snippets} snippets")
    edges = np.linspace(0, values.shape[1], snippets + 2).round().astype(int)
    return [values[:, a:b] for a, b in zip(edges[:-2], edges[2:], strict=True)]


def encode(table):
    """Describe six overlapping snippets of each clip, from its first to its last sound.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table with sound and action units of every frame.

    Returns
    -------
    dict of ndarray, float64, (rows, snippets x numbers)
        ``sound``: of each snippet the 24 contours' means, then their standard deviations. ``face``:
        the action units' means over the same stretch of time.

    Raises
    ------
    CorpusError
        Where a clip lacks a sense or is too short; the message names it.

    Notebook: 19_leaderboard
    """
    rows = [_describe(row) for _, row in table.iterrows()]
    return {
        name: np.stack(of)
        for name, of in zip(("sound", "face"), zip(*rows, strict=True), strict=True)
    }


def _describe(row):
    signal = corpora.read_audio(row, sound_and_face.RATE)
    units = corpora.read_action_units(row, frames=True).to_numpy(float).T
    try:
        values, _, heard = contours(*signal)
        first, last = np.flatnonzero(heard)[[0, -1]]
        span = np.array([first, last + 1]) / len(heard) * units.shape[1]
        start, stop = span.round().astype(int)
        sound = [
            np.r_[part.mean(axis=1), part.std(axis=1)] for part in cut(values[:, first : last + 1])
        ]
        face = [part.mean(axis=1) for part in cut(units[:, start:stop])]
    except ValueError as error:
        raise CorpusError(f"clip {row['clip']!r}: {error}") from error
    return np.concatenate(sound), np.concatenate(face)


def measure(table, senses, folds, variant="plain", cache=None, **settings):
    """Answer every clip by both networks, on the same folds.

    Parameters
    ----------
    table, senses, folds, variant, cache
        As in ``sound_and_face.measure``; the senses come from ``encode``.
    settings
        Of ``SnippetClassifier``.

    Returns
    -------
    dict of str to (predictions, summary, system)
        As ``sound_and_face.measure``.

    Notebook: 19_leaderboard
    """
    if variant == "enrolled":
        senses = {sense: enroll(values, table["actor"]) for sense, values in senses.items()}
    labels = table["emotion"].to_numpy(dtype=str)
    joined, widths = np.hstack(list(senses.values())), tuple(v.shape[1] for v in senses.values())
    fit = remembered(sound_and_face.choose, cache, *sound_and_face.CODE)
    found = {}
    for name, attention in SYSTEMS.items():
        settings = {"dropout": 0.2, "noise": 1.0} | settings
        network = SnippetClassifier(widths, SNIPPETS, attention, **settings)
        candidates = {"noise=1": make_pipeline(StandardScaler(), network)}
        system = sound_and_face.Chosen(candidates, joined, labels, fit)
        found[name] = *cross_validate(system, table, labels, folds, progress=False), system
    return found


def main(arguments=None):
    """Measure a corpus and write the records."""
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.snippet_attention", description=__doc__
    )
    options = sound_and_face.add_corpus(parser).parse_args(arguments)
    table, folds, folds_file, called, told = sound_and_face.read(options)
    cache = Path(options.cache)
    senses, whole = encode(table), sound_and_face.encode(table, cache / "features")
    for variant in options.variants:
        found = measure(table, senses, folds, variant, cache / "folds")
        found |= sound_and_face.measure(table, whole, folds, WHOLE, variant, cache=cache / "folds")
        tests = sound_and_face.compare(found, (*SYSTEMS, *WHOLE))
        for name in SYSTEMS:
            written = record(
                name,
                **found[name][1],
                corpus=called,
                protocol="actors",
                variant=variant,
                seeds=[0],
                folds_file=folds_file,
                n_configurations=sound_and_face.tried(found[name][2], name, options.corpus),
                profile="full",
                parameters={
                    "split": "ten folds",
                    "snippets": SNIPPETS,
                    "paired": {other: test._asdict() for other, test in tests[name].items()},
                },
                command=f"python -m emolib.evaluation.snippet_attention {told}",
                results=options.results,
            )
            print(f"{variant:8} {name:22} {accuracy_of(written)}", flush=True)


if __name__ == "__main__":
    main()
