"""Run every benchmark, print one table and write it to ``benchmarks/results.md``."""

import argparse
import datetime
import os
import platform
from importlib import import_module
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

from emolib import evaluation

FOLDER = Path(__file__).parent
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00")
MARKERS, LINES = "os^Dv*", ("-", "--", "-.", ":", "-", "--")


def table(header, rows):
    """Return the lines of a markdown table."""
    return [
        "| " + " | ".join(header) + " |",
        "|" + "---|" * len(header),
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
    ]


def draw(growths, path):
    """Draw time against size for every method, log-log, a panel for each unit of size."""
    units = list(dict.fromkeys(g.unit for g in growths))
    rows = (len(units) + 1) // 2
    figure = plt.figure(figsize=(11, 4 * rows), layout="constrained")
    for place, unit in enumerate(units, start=1):
        ax = figure.add_subplot(rows, 2, place)
        own = [g for g in growths if g.unit == unit]
        for k, one in enumerate(own):
            k %= len(COLOURS)
            label = f"{one.method}: slope {one.slope():.2f}, theory {one.theory:g}"
            ax.loglog(
                one.sizes, one.seconds, LINES[k], marker=MARKERS[k], color=COLOURS[k], label=label
            )
        ax.set(title="How time grows", xlabel=unit, ylabel="time (s)")
        sizes = sorted({size for g in own for size in g.sizes})
        ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
        ax.tick_params(axis="x", which="minor", bottom=False, labelbottom=False)
        ax.grid(True, alpha=0.3)
        ax.legend(fontsize=8)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main():
    """Run the files named on the command line, or all, and write results and picture."""
    names = sorted(p.stem for p in FOLDER.glob("*.py") if not p.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names)}; without any: all, stored")
    chosen = parser.parse_args().names
    rows, growths = [], []
    for name in chosen or names:
        module = import_module(f"benchmarks.{name}")
        print(f"running {name} …", flush=True)
        rows += module.rows() if hasattr(module, "rows") else []
        growths += module.growths() if hasattr(module, "growths") else []
    lines = ["# Benchmarks", "", f"Written by `make bench` on {datetime.date.today()}, on "]
    lines[-1] += f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores. "
    lines[-1] += "Ratios of one run on one machine: the median of paired, interleaved runs."
    lines += ["", ", ".join(f"{k} {v}" for k, v in evaluation.versions().items()) + ".", ""]
    lines += table(("claim", "peer", "measured", "reach", "checked first"), rows)
    if growths:
        lines += ["", "## How time grows", ""]
        spans = [(g.method, f"{g.sizes[0]:g} to {g.sizes[-1]:g} {g.unit}") for g in growths]
        slopes = [(f"{g.slope():.2f}", f"{g.theory:g}") for g in growths]
        lines += table(
            ("method", "sizes", "slope, log-log", "theory"),
            [(*a, *b) for a, b in zip(spans, slopes, strict=True)],
        )
    print("\n".join(lines))
    if not chosen:
        if growths:
            draw(growths, FOLDER / "growth.png")
            methods = ", ".join(g.method for g in growths)
            lines += ["", f"![Time against size on two logarithmic axes for {methods}: nearly "]
            lines[-1] += "straight lines, whose slopes stand in the table.](growth.png)"
        (FOLDER / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
