"""Oracles of notebook 21: how many people a comparison needs, and a model card from a record."""

import math
import re

import numpy as np

from emolib.checks.trying import ask, say, try_cases
from emolib.evaluation.groups import LEAST

SURE, SEEN = 1.96, 0.84  # normal quantiles: false alarms 5 % on two sides; seen in 80 %
FIELDS = ("system", "use", "not for", "data", "protocol", "figures", "groups", "limits")
NEGATION = r"\b(no|nobody|nor|not|never|cannot)\b|n[’']t\b"
FORBIDDEN = {
    "work": ("work", "job", "hiring", "employ", "applicant"),
    "education": ("educat", "school", "student", "pupil", "teach", "universit"),
}


def actors_needed(function):
    """Check the number of actors that each of two groups needs to show a gap (notebook 21).

    Parameters
    ----------
    function : callable
        (gap, spread of the actors' means), both as shares, to whole actors in each group.
    """

    def exact(gap, spread, z=SURE + SEEN):
        return 2 * (z * spread / gap) ** 2

    rng, cases = np.random.default_rng(), []
    while len(cases) < 6:
        case = rng.uniform(0.04, 0.2), rng.uniform(0.06, 0.15)
        n, without = exact(*case), exact(*case, z=SURE)
        # Far from a whole number, so that the digits of 1.96 and 0.84 do not matter; and two
        # mistakes that are near each other (a half, and 0.49) give two answers.
        if 4 < n < 100 and 0.25 < n % 1 < 0.75 and math.ceil(n / 2) != math.ceil(without):
            cases.append(case)

    wrong = {
        "Two means vary, each by chance: the variance of their difference is the sum of both. "
        "You took one.": lambda *case: math.ceil(exact(*case) / 2),
        "With so few you see the gap in half of the studies: the 0.84, for 80 % of them, is "
        "missing.": lambda *case: math.ceil(exact(*case, z=SURE)),
        "That is both groups together: say how many each needs.": (
            lambda *case: 2 * math.ceil(exact(*case))
        ),
        "Round up: people are whole, and fewer are too few.": lambda *case: exact(*case),
        "Round up, not down: fewer are too few.": lambda *case: math.floor(exact(*case)),
        "The spread and the gap count squared.": (
            lambda gap, spread: math.ceil(2 * (SURE + SEEN) ** 2 * spread / gap)
        ),
        "Upside down: a large gap needs few people.": (
            lambda gap, spread: math.ceil(exact(spread, gap))
        ),
    }

    def right(*case):
        return math.ceil(exact(*case))

    def close(a, b):
        return np.shape(a) == np.shape(b) and abs(a - b) < max(0.005 * b, 1e-9)

    return try_cases("actors_needed", function, cases, right, wrong, close)


def fresh_record(rng):
    """Make the record of a run that never was, with figures for a group that is too small.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    dict
        The fields of a record that a model card needs.

    Notebook: 21_should_we
    """
    folds = rng.uniform(0.4, 0.8, 5)
    low, high = folds.mean() - rng.uniform(0.03, 0.06), folds.mean() + rng.uniform(0.03, 0.06)
    sizes = [
        int(rng.integers(LEAST, 30)),
        int(rng.integers(LEAST, 30)),
        int(rng.integers(2, LEAST)),
    ]
    groups = []
    for name, n in zip(rng.permutation(list("ABCDEFG")), sizes, strict=False):
        mean = rng.uniform(0.4, 0.8)
        figures = {"mean": mean, "low": mean - 0.05, "high": mean + 0.06}
        groups.append({"group": f"group {name}", "n_actors": n, **figures})
    return {
        "system": f"system-{rng.integers(1000)}",
        "corpus": str(rng.choice(["ravdess", "cremad", "emodb", "own"])),
        "protocol": str(rng.choice(["clips", "actors"])),
        "variant": str(rng.choice(["plain", "enrolled"])),
        "n_actors": sum(sizes),
        "folds": [{"fold": k, "metrics": {"accuracy": v}} for k, v in enumerate(folds)],
        "mean": {"accuracy": folds.mean()},
        "interval": {"accuracy": [low, high]},
        "parameters": {"groups": groups},
    }


def model_card(function):
    """Check a reader's model card on records of runs that never were (notebook 21).

    Parameters
    ----------
    function : callable
        A record to a dictionary with the fields ``FIELDS``.

    Returns
    -------
    bool
        True where each figure stands in the record with protocol and interval, groups that are too
        small are named without a figure, and the card says what the system is not for.
    """
    name, rng = "model_card", np.random.default_rng()
    records = [fresh_record(rng) for _ in range(6)]
    if not (cards := ask(name, function, [(record,) for record in records])):
        return False
    for card, record in zip(cards, records, strict=True):
        try:
            fault = _fault(card, record)
        except (TypeError, ValueError) as error:
            fault = f"A field holds neither words, a list nor a dictionary ({error})."
        if fault:
            return say(name, f"not yet. {fault}")
    return say(name, f"right, on {len(records)} fresh records.", passed=True)


def _fault(card, record):
    """Return the first fault of a card as a hint, or nothing."""
    if not isinstance(card, dict):
        return f"A card is a dictionary, you gave a {type(card).__name__}."
    missing = [field for field in FIELDS if not card.get(field)]
    if missing:
        return f"The field {missing[0]!r} is missing or empty."
    for field in ("figures", "groups"):
        if not isinstance(card[field], dict):
            return f"{field!r} is a dictionary from a name to (value, low, high)."
    return (
        _fault_of_figures(card["figures"], record)
        or _fault_of_words(card, record)
        or _fault_of_groups(card["groups"], record["parameters"]["groups"])
        or _fault_of_limits(card)
    )


def _numbers(given):
    """Return (value, low, high) as floats, or None where it is something else."""
    try:
        numbers = [float(value) for value in given]
    except (TypeError, ValueError):
        return None
    return numbers if len(numbers) == 3 and np.isfinite(numbers).all() else None


def _differ(given, wanted):
    return np.abs(np.subtract(given, wanted)).max() > 0.0051  # two digits are enough


def _fault_of_figures(figures, record):
    if "accuracy" not in figures:
        return "The record has an accuracy, your figures have none."
    for name, given in figures.items():
        if name not in record["mean"]:
            return f"The record holds no {name!r}: what was not measured has no place on a card."
        if np.size(given) == 1:
            return f"A figure without its interval: give {name} as (value, low, high)."
        numbers = _numbers(given)
        if numbers is None:
            return f"Give {name} as three numbers: (value, low, high)."
        if max(numbers) > 1:
            return "Write shares (0 to 1), as the record does, not percent."
        wanted = [record["mean"][name], *record["interval"][name]]
        best = max(fold["metrics"][name] for fold in record["folds"])
        if abs(numbers[0] - best) < 1e-6 < abs(best - wanted[0]):
            return "That is the best fold, and the best of many is high by luck. Give the mean."
        if _differ(numbers, wanted):
            return f"The record says {np.round(wanted, 3).tolist()}, your card {given!r}."
    return ""


def _text(value):
    several = isinstance(value, list | tuple | set | dict)
    return (" ".join(map(str, value)) if several else str(value)).lower()


def _fault_of_words(card, record):
    if card["system"] != record["system"]:
        return f"The record's system is {record['system']!r}."
    words = set(re.findall(r"[a-z]+", _text(card["protocol"])))
    for field in ("protocol", "variant"):
        if record[field] not in words:
            return (
                f"A figure without its {field} promises nothing: this record's is "
                f"{record[field]!r}, and another record's may differ. Read it from the record."
            )
    for wanted in (record["corpus"], str(record["n_actors"])):
        if wanted not in re.findall(r"\w+", _text(card["data"])):
            return f"'data' does not name the corpus and how many actors it has: {wanted} is due."
    return ""


def _fault_of_groups(given, groups):
    unknown = [name for name in given if name not in {row["group"] for row in groups}]
    if unknown:
        return f"The record has no group {unknown[0]!r}. Nobody's group is guessed."
    for row in groups:
        name, n = row["group"], row["n_actors"]
        wanted = [row["mean"], row["low"], row["high"]]
        said = given.get(name)
        if said is None:
            words = "say that it is there and too small" if n < LEAST else "give its figure"
            return f"{name} has {n} actors and is not on your card: {words}."
        if n < LEAST and not isinstance(said, str):
            return f"{name} has {n} actors, {LEAST} are needed. Write that, not a figure."
        if n < LEAST and str(n) not in re.findall(r"\d+", said):
            return f"You refuse a figure for {name}. Say why: it has {n} actors."
        if n >= LEAST and (_numbers(said) is None or _differ(_numbers(said), wanted)):
            return f"{name} has {n} actors, enough for {np.round(wanted, 3).tolist()}."
    return ""


def _names(text, stems):
    """Tell whether a word of the text begins with one of the stems."""
    return re.search(rf"\b({'|'.join(stems)})", _text(text))


def _fault_of_limits(card):
    sentences = re.split("[.;!?]", _text(card["use"]))
    if any(_names(said, ("feel", "felt")) and not re.search(NEGATION, said) for said in sentences):
        return (
            "'use' promises feelings. The labels say what actors were asked to show; no corpus of "
            "this course knows what anybody felt."
        )
    for place, stems in FORBIDDEN.items():
        if not _names(card["not for"], stems):
            return (
                f"'not for' does not name {place}: in the EU it is prohibited there to infer "
                "emotions from face or voice, medical and safety reasons excepted (AI Act, "
                "Article 5(1)(f))."
            )
    if not _names(card["limits"], ("acted", "actor", "posed", "asked")):
        return "'limits' does not say what the labels are: acted, on request."
    return ""
