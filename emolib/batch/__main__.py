"""``python -m emolib.batch run`` and ``python -m emolib.batch report``."""

import argparse
import signal
import sys
from pathlib import Path

from emolib.batch import BatchError, report, run
from emolib.batch.run import PROFILES
from emolib.corpora import CorpusError


def main(arguments=None):
    """Run notebooks or report on a run; return the exit code.

    0: nothing failed. 1: a notebook failed or reached the time limit. 2: the run could not start.
    130: stopped by Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    command = options.__dict__.pop("command")
    try:
        if command == "report":
            print(f"report     {report(options.out)}")
            return 0
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as tidily as Ctrl-C
        table = run(**vars(options))
    except (BatchError, CorpusError) as error:
        print(f"emolib.batch: {error}", file=sys.stderr)
        return 2
    counts = table["state"].value_counts(sort=False)
    print("\n" + ", ".join(f"{n} {state}" for state, n in counts.items()))
    print(f"notebooks  {Path(options.out) / 'notebooks'}")
    print(f"table      {Path(options.out) / 'results.csv'}")
    print(f"report     {report(options.out)}")
    states = set(table["state"])
    return 130 if "stopped" in states else int(bool(states & {"failed", "time limit"}))


def _parser():
    parser = argparse.ArgumentParser(prog="python -m emolib.batch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    each = commands.add_parser("run", help="run notebooks, each in a process of its own")
    each.add_argument(
        "--notebooks",
        type=lambda text: [name for name in text.replace(",", " ").split() if name],
        default=(),
        metavar="NAMES",
        help="beginnings of names, or paths, with commas between: 00,01 (default: all)",
    )
    each.add_argument("--folder", default="notebooks", help="where names are looked up")
    each.add_argument("--corpus", default="puppets")
    each.add_argument("--data-dir", default="", help="folder with one folder a corpus")
    each.add_argument("--profile", default="quick", choices=PROFILES)
    each.add_argument("--seed", type=int, default=0)
    each.add_argument("--workers", type=int, default=1, help="notebooks at once")
    each.add_argument("--time-limit", type=float, metavar="SECONDS", help="for one notebook")
    page = commands.add_parser("report", help="make the report of a run again")
    for command in (each, page):
        command.add_argument("--out", default="build", help="folder for all that comes out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
