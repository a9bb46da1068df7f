"""``python -m emolib.batch run`` and ``python -m emolib.batch report``."""

import argparse
import signal
import sys
from pathlib import Path

import yaml

from emolib.batch import BatchError, report, run
from emolib.batch.grid import KEYS, PROFILES, read_grid
from emolib.batch.run import line, rows
from emolib.corpora import CorpusError

FAULTS = {"failed", "time limit", "memory limit"}


def main(arguments=None):
    """Run notebooks or report on a run; return the exit code.

    0: nothing failed. 1: a run failed or reached a limit. 2: nothing could start. 130: stopped by
    Ctrl-C.
    """
    options = vars(_parser().parse_args(arguments))
    try:
        if options.pop("command") == "report":
            print(f"report     {report(options['out'])}")
            return 0
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as tidily as Ctrl-C
        _combine(options)
        table = run(**options)
    except (BatchError, CorpusError, OSError) as error:
        print(f"emolib.batch: {error}", file=sys.stderr)
        return 2
    out, states = Path(options["out"]), set(table["state"])
    _print(table)
    print(f"notebooks  {out / 'notebooks'}")
    unwritten = table.attrs["unwritten"]
    try:
        if unwritten:
            raise OSError(unwritten)
        print(f"table      {out / 'results.csv'}")
        print(f"report     {report(out)}")
    except OSError as error:
        unwritten = error
        print(f"the rest is not written: {error}", file=sys.stderr)
    return 130 if "stopped" in states else int(bool(states & FAULTS or unwritten))


def _combine(options):
    """Leave only what was given; a grid and an option that name the same thing are an error."""
    for name in [name for name, value in options.items() if value is None]:
        del options[name]
    given = options.get("parameters", [])
    options["parameters"] = parameters = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier() or name in parameters:
            raise BatchError(f"--parameter {text}: write each NAME=VALUE once")
        try:
            parameters[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise BatchError(f"--parameter {text}: the value is no YAML") from error
    if "grid" in options:
        options["parameters"] = parameters or None
        stated = {key for part in read_grid(options["grid"]) for key in part}
        twice = [key for key in KEYS if options.get(key) and key in stated]
        if twice:
            raise BatchError(f"{options['grid']} and the command line both give {twice[0]}")


def _print(table):
    """Print a line a run, then how many there are of each state."""
    width = table["run"].str.len().max()
    print("", *(line(row, width) for row in rows(table)), sep="\n")
    counts = table["state"].value_counts(sort=False)
    print("\n" + ", ".join(f"{n} {state}" for state, n in counts.items()))


def _parser():
    parser = argparse.ArgumentParser(prog="python -m emolib.batch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    each = commands.add_parser(
        "run",
        help="run notebooks, each in a process of its own",
        description="Runs every combination of notebooks, corpora, profiles, seeds and parameters. "
        "What finished before with the same cells, parameters, clips and versions is kept.",
    )
    each.add_argument(
        "--notebooks",
        type=lambda text: [name.strip() for name in text.split(",") if name.strip()],
        metavar="NAMES",
        help="beginnings of names, or paths, with commas between: 00,01 (default: all)",
    )
    each.add_argument("--folder", help="where names are looked up (default: notebooks)")
    each.add_argument("--corpus", nargs="+", help="one or several (default: puppets)")
    each.add_argument("--data-dir", metavar="FOLDER", help="with one folder a corpus")
    each.add_argument("--profile", nargs="+", choices=PROFILES, help="default: quick")
    each.add_argument("--seed", nargs="+", type=int, help="one or several (default: 0)")
    each.add_argument(
        "--parameter",
        nargs="+",
        action="extend",
        dest="parameters",
        metavar="NAME=VALUE",
        help="a further parameter of the notebooks; the value is YAML, [1, 2] runs both",
    )
    each.add_argument(
        "--grid", metavar="FILE", help=f"YAML: {', '.join(KEYS)}, each one value or a list"
    )
    each.add_argument("--workers", type=int, help="notebooks at once (default: 1)")
    each.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="run on the Dask cluster at tcp://HOST:PORT instead; emolib and the data folder must "
        "be on its workers; how to start one: https://docs.dask.org/en/stable/deploying-cli.html",
    )
    each.add_argument("--time-limit", type=float, metavar="SECONDS", help="for one run")
    each.add_argument("--memory-limit", type=float, metavar="MB", help="for all processes of a run")
    each.add_argument("--again", action="store_true", help="run what finished before as well")
    page = commands.add_parser("report", help="make the report of a run again")
    for command in (each, page):
        command.add_argument("--out", default="build", help="folder for all that comes out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
