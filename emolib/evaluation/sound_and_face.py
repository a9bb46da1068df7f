"""Sound and face, alone and fused: one vector a clip and sense, one row a way to fuse them.

``python -m emolib.evaluation.sound_and_face --corpus ravdess --data-dir DATA_DIR`` writes a record
a system and variant. Folds, features and seed are the same for all, nobody stands on both sides,
and ``SYSTEMS`` takes a further system as one entry.
"""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from emolib import corpora
from emolib.audio import feature_table, functionals
from emolib.corpora.puppets import RECIPES
from emolib.evaluation.cross_validation import cross_validate
from emolib.evaluation.inputs import EvaluationError
from emolib.evaluation.record import accuracy_of, record
from emolib.evaluation.splits import enroll, split
from emolib.evaluation.uncertainty import paired_test
from emolib.fusion import MarginalFisherAnalysis, late_fusion
from emolib.models.fusion_classifier import FusionClassifier
from emolib.models.remember import remembered

RATE = 16_000  # Hz
VARIANTS = ("plain", "enrolled")
COSTS = (1, 3, 10)
COMPONENTS = 32  # of PCA and of MFA: fused vectors of equal size
# What every fusion is compared with, clip by clip.
REFERENCES = ("sound-svm", "face-svm", "concatenation-svm", "pca-svm")
# What decides the answers that ``choose`` keeps: its own file, and what the candidates call.
CODE = ("evaluation/sound_and_face.py", "fusion", "models/low_rank_network.py")
CODE += ("models/fusion_classifier.py", "models/snippet_classifier.py")
PAIRS = 10_000  # k2 of MFA: its default is made for smaller data
# Systems, and what low_rank_network calls their fusions.
NETWORKS = {"low-rank": "low-rank", "tensor-fusion": "tensor", "concatenation": "concatenation"}
# Settings that were tried on the validation parts of RAVDESS's folds before those that stand here:
# of the sound's features, for all systems that hear, and of fusions.
FEATURES_TRIED = 48 + 18  # 18: six ways to turn machines into decision values, three costs
FUSIONS_TRIED = {"concatenation-svm": 3, "pca-svm": 9, "mfa-svm": 57}
FUSIONS_TRIED |= dict.fromkeys(NETWORKS, 9)


def encode(table, cache=None, workers=1):
    """Describe each clip by one vector a sense.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table with sound and action units.
    cache : path, optional
        Folder for the sound's vectors, see ``feature_table``.
    workers : int
        Threads.

    Returns
    -------
    dict of ndarray, float64, (rows, features)
        ``sound``: ``functionals`` of the whole clip. ``face``: the action units' mean over time.

    Raises
    ------
    CorpusError
        Where a clip lacks a sense.

    Notebook: 11_dv_emotionnet
    """
    units = [corpora.read_action_units(row).mean().to_numpy(float) for _, row in table.iterrows()]
    sound = feature_table(table, functionals, RATE, span=None, cache=cache, workers=workers)
    return {"sound": sound, "face": np.stack(units)}


def choose(candidates, features, labels, train, validation, test):
    """Choose on validation, refit on train and validation, answer the test rows.

    Parameters
    ----------
    candidates : dict of str to scikit-learn classifier
        With a ``decision_function`` of three classes or more; of several that are equally good the
        first is taken.
    features : ndarray, float, (rows, features)
    labels : ndarray of str, (rows,)
        Three classes or more.
    train, validation, test : ndarray of int
        Row positions.

    Returns
    -------
    probabilities : ndarray of float64, (test rows, classes)
        Columns in sorted order of the labels. Softmax of the decision values, times a factor that
        suits the validation rows best (least log loss; Guo et al. 2017).
    name : str
        Of the candidate that was chosen.

    Notebook: 11_dv_emotionnet
    """
    judged = {}
    for name, candidate in candidates.items():
        fitted = clone(candidate).fit(features[train], labels[train])
        values = fitted.decision_function(features[validation])
        hits = fitted.classes_[values.argmax(axis=1)] == labels[validation]
        judged[name] = hits.mean(), values, fitted.classes_
    best = max(judged, key=lambda name: judged[name][0])
    _, values, classes = judged[best]
    factor = _sharpness(values, np.searchsorted(classes, labels[validation]))
    both = np.concatenate([train, validation])
    final = clone(candidates[best]).fit(features[both], labels[both])
    return softmax(factor * final.decision_function(features[test]), axis=1), best


def _sharpness(values, truth):
    """Return the factor at which softmax of the values has the least log loss."""

    def loss(log_factor):
        logs = log_softmax(np.exp(log_factor) * values, axis=1)
        return -logs[np.arange(len(truth)), truth].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x))


@dataclass
class Chosen:
    """A system of candidates: on each fold the one that is best on validation answers.

    Called as ``cross_validate`` calls. ``choices`` gathers the names chosen, a fold each.
    """

    candidates: dict
    features: np.ndarray
    labels: np.ndarray
    fit: callable = choose
    choices: list = field(default_factory=list)

    def __call__(self, train, validation, test, seed):
        """Return the test rows' probabilities."""
        arguments = self.candidates, self.features, self.labels, train, validation, test
        probabilities, name = self.fit(*arguments)
        self.choices.append(name)
        return probabilities


@dataclass
class Late:
    """A system that joins the answers of others by a rule of ``late_fusion``."""

    parts: list
    rule: str

    def __call__(self, train, validation, test, seed):
        """Return the test rows' probabilities."""
        return late_fusion([part(train, validation, test, seed) for part in self.parts], self.rule)

    @property
    def candidates(self):
        """All that the parts chose among."""
        return [name for part in self.parts for name in part.candidates]

    @property
    def choices(self):
        """What the parts chose, fold by fold."""
        return [" and ".join(names) for names in zip(*(p.choices for p in self.parts), strict=True)]


def _svms(*steps):
    """Return support vector machines of several costs behind standardising and other steps.

    One machine a class, against the rest: its decision value says by how much. SVC's own values
    count pairs won, whole numbers, too coarse to be joined with another sense's.
    """
    if steps:
        steps = *steps, StandardScaler()
    # The kernel as a function: the whole matrix in one product, several times as fast as libsvm's.
    return {
        f"C={cost}": make_pipeline(
            StandardScaler(), *steps, OneVsRestClassifier(SVC(C=cost, kernel=rbf_kernel))
        )
        for cost in COSTS
    }


def _mfa():
    """Return MFA, its spread of neighbours more and less regularised, before the SVMs."""
    return {
        f"regularization={regularization:g}, {name}": candidate
        for regularization in (1.0, 3.0)
        for name, candidate in _svms(
            MarginalFisherAnalysis(COMPONENTS, k2=PAIRS, regularization=regularization)
        ).items()
    }


def _network(fusion):
    def build(senses, labels, fit):
        widths = tuple(values.shape[1] for values in senses.values())
        network = FusionClassifier(widths, fusion, dropout=0.2, noise=1.0)
        candidates = {"noise=1": make_pipeline(StandardScaler(), network)}
        return Chosen(candidates, _joined(senses), labels, fit)

    return build


def _joined(senses):
    return np.hstack(list(senses.values()))


def _late(rule):
    def build(senses, labels, fit):
        return Late([Chosen(_svms(), senses[sense], labels, fit) for sense in senses], rule)

    return build


# A further system is one entry: a function of (senses, labels, fit) that returns what
# ``cross_validate`` calls, with ``candidates`` and ``choices``.
SYSTEMS = {
    "sound-svm": lambda senses, labels, fit: Chosen(_svms(), senses["sound"], labels, fit),
    "face-svm": lambda senses, labels, fit: Chosen(_svms(), senses["face"], labels, fit),
    "concatenation-svm": lambda senses, labels, fit: Chosen(_svms(), _joined(senses), labels, fit),
    "pca-svm": lambda senses, labels, fit: Chosen(
        _svms(PCA(COMPONENTS, random_state=0)), _joined(senses), labels, fit
    ),
    "mfa-svm": lambda senses, labels, fit: Chosen(_mfa(), _joined(senses), labels, fit),
    "late-mean": _late("mean"),
    "late-product": _late("product"),
    **{name: _network(fusion) for name, fusion in NETWORKS.items()},
}


def measure(table, senses, folds, systems=tuple(SYSTEMS), variant="plain", cache=None):
    """Answer every clip by every system, each on the same folds.

    Parameters
    ----------
    table : pandas.DataFrame
        A clip table of originals with ``emotion`` and ``actor``.
    senses : dict of ndarray
        From ``encode``, a row a clip each.
    folds : list of Fold
        From ``split``.
    systems : sequence of str
        Keys of ``SYSTEMS``.
    variant : str
        ``plain``, or ``enrolled``: each sense standardised by ``enroll`` first.
    cache : path, optional
        Folder that keeps what ``choose`` answered.

    Returns
    -------
    dict of str to (predictions, summary, system)
        The first two as ``cross_validate`` returns them, the system with its ``choices``.

    Raises
    ------
    EvaluationError
        Where a system or the variant is unknown, and as ``cross_validate`` and ``enroll``.

    Notebook: 11_dv_emotionnet
    """
    unknown = [name for name in systems if name not in SYSTEMS]
    if unknown or variant not in VARIANTS:
        name, known = (unknown[0], SYSTEMS) if unknown else (variant, VARIANTS)
        raise EvaluationError(f"{name!r} is none of {', '.join(known)}")
    if variant == "enrolled":
        senses = {sense: enroll(values, table["actor"]) for sense, values in senses.items()}
    labels = table["emotion"].to_numpy(dtype=str)
    fit = remembered(choose, cache, *CODE)
    found = {}
    for name in systems:
        system = SYSTEMS[name](senses, labels, fit)
        answers = cross_validate(system, table, labels, folds, progress=False)
        found[name] = *answers, system
    return found


def compare(found, references=REFERENCES):
    """Test every system against every reference on the same clips, over actors.

    Parameters
    ----------
    found : dict
        From ``measure``.
    references : sequence of str
        Those that were measured are used.

    Returns
    -------
    dict of str to dict of str to PairedTest
        System, then reference: difference of accuracy, system minus reference, its interval and
        p value, not corrected for the number of tests.

    Notebook: 11_dv_emotionnet
    """
    hits = {}
    for name, (predictions, *_) in found.items():
        rows = predictions.sort_values("row")
        hits[name] = (rows["truth"] == rows["predicted"]).to_numpy()
        actors = rows["actor"].to_numpy()
    return {
        name: {
            reference: paired_test(hits[name], hits[reference], actors)
            for reference in references
            if reference in found and reference != name
        }
        for name in found
    }


def main(arguments=None):
    """Measure a corpus, print the table and the paired tests, and write the records."""
    options = _parser().parse_args(arguments)
    table, folds, folds_file, called, told = read(options)
    cache = Path(options.cache)
    senses = encode(table, cache / "features", options.workers)
    wanted = list(dict.fromkeys([*REFERENCES, *options.systems]))
    for variant in options.variants:
        found = measure(table, senses, folds, wanted, variant, cache=cache / "folds")
        tests = compare(found)
        for name in options.systems:
            _, summary, system = found[name]
            sizes = {f"{sense}_features": values.shape[1] for sense, values in senses.items()}
            written = record(
                name,
                **summary,
                corpus=called,
                protocol="actors",
                variant=variant,
                seeds=[0],
                folds_file=folds_file,
                n_configurations=tried(system, name, options.corpus),
                profile="full",
                parameters={
                    "split": "ten folds",
                    "rate": RATE,
                    **sizes,
                    "candidates": list(system.candidates),
                    "chosen": system.choices,
                    "paired": {other: test._asdict() for other, test in tests[name].items()},
                },
                command=f"python -m emolib.evaluation.sound_and_face {told}",
                results=options.results,
            )
            _print(variant, written, tests[name])


def read(options):
    """Read the corpus that a command names: its table, its ten folds, and what records say of it.

    Parameters
    ----------
    options : argparse.Namespace
        Of a parser that went through ``add_corpus``.

    Returns
    -------
    table : pandas.DataFrame
        Of clips with sound, action units, emotion and actor.
    folds : list of Fold
        By actor; those of ``folds.csv`` where the corpus has it.
    folds_file : str or None
    called : str
        The corpus's name in records, such as ``puppets-unique``.
    told : str
        The options that give the same corpus again.

    Notebook: 19_leaderboard
    """
    root = Path(options.data_dir) / options.corpus if options.data_dir else None
    needed = ["audio", "action_units", "emotion", "actor"]
    called, told, choice = options.corpus, f"--corpus {options.corpus}", {}
    if options.corpus == "puppets":
        choice["recipe"] = options.recipe
        if options.recipe != "mix":
            called, told = f"puppets-{options.recipe}", f"{told} --recipe {options.recipe}"
    else:
        told += " --data-dir DATA_DIR"
    table = corpora.load(options.corpus, root, **choice)
    table = table.dropna(subset=needed).reset_index(drop=True)
    folds_file = root / "folds.csv" if root and (root / "folds.csv").is_file() else None
    folds = split(table, "actors", folds_file or 10)
    return table, folds, folds_file.name if folds_file else None, called, told


def tried(system, name, corpus):
    """Return how many settings were tried for a system, those of the table and before on a corpus.

    Parameters
    ----------
    system : Chosen or Late
        From ``measure``.
    name : str
        The system's.
    corpus : str
        Whose clips are answered.

    Returns
    -------
    int

    Notebook: 19_leaderboard
    """
    before = 0
    if corpus == "ravdess" and name != "face-svm":
        before = FEATURES_TRIED + FUSIONS_TRIED.get(name, 0)
    return len(system.candidates) + before


def _print(variant, written, tests):
    print(f"{variant:8} {written['system']:18} {accuracy_of(written)}", flush=True)
    for other, test in tests.items():
        change = f"{100 * test.difference:+5.1f} [{100 * test.low:+.1f}, {100 * test.high:+.1f}]"
        print(f"{'':9}against {other:18} {change} points, p = {test.p_value:.4f}", flush=True)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m emolib.evaluation.sound_and_face", description=__doc__
    )
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS))
    parser.add_argument("--workers", type=int, default=1, help="threads for the features")
    return add_corpus(parser)


def add_corpus(parser, names=("--corpus",)):
    """Give a parser the options that ``read`` looks at, and where results and caches lie."""
    for name in names:
        parser.add_argument(name, default="puppets", choices=["puppets", "ravdess", "own"])
    parser.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    parser.add_argument("--recipe", default="mix", choices=RECIPES, help="of the puppets")
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=VARIANTS)
    parser.add_argument("--results", default="build/results")
    parser.add_argument("--cache", default="build/cache/sound_and_face")
    return parser


if __name__ == "__main__":
    main()
