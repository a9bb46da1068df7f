"""Run benchmarks and write each one's section of ``benchmarks/results.md``."""

import argparse
import datetime
import os
import platform
import re
from importlib import import_module
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

from emolib import evaluation

FOLDER = Path(__file__).parent
ABOUT = """# Benchmarks

Figures of one machine. Where a row says "paired runs" it gives the median ratio of two sides timed
in turn, else what it says itself. `make bench` measures all sections, `python -m benchmarks NAME`
one.
"""
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


def section(name, rows, growths):
    """Return a benchmark's section without its heading; draw its growth beside ``results.md``."""
    lines = [f"On {datetime.date.today()}, on {platform.system()} {platform.machine()}, "]
    lines[-1] += f"{os.cpu_count()} cores: "
    lines[-1] += ", ".join(f"{k} {v}" for k, v in evaluation.versions().items()) + "."
    if rows:
        lines += ["", *table(("claim", "peer", "measured", "reach", "checked first"), rows)]
    if growths:
        spans = [(g.method, f"{g.sizes[0]:g} to {g.sizes[-1]:g} {g.unit}") for g in growths]
        slopes = [(f"{g.slope():.2f}", f"{g.theory:g}") for g in growths]
        both = [(*a, *b) for a, b in zip(spans, slopes, strict=True)]
        lines += ["", *table(("method", "sizes", "slope, log-log", "theory"), both)]
        draw(growths, FOLDER / f"{name}.png")
        methods = ", ".join(dict.fromkeys(g.method for g in growths))
        lines += ["", f"![Time against size on two logarithmic axes for {methods}; "]
        lines[-1] += f"the slopes stand in the table.]({name}.png)"
    return "\n".join(lines)


def store(path, name, text):
    """Put a section into the results, in the place of its last one; leave the others."""
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    parts = [part.strip() for part in re.split(r"^## (.+)$", found, flags=re.MULTILINE)[1:]]
    sections = {**dict(zip(parts[::2], parts[1::2], strict=True)), name: text}
    body = "".join(f"\n## {n}\n\n{own}\n" for n, own in sorted(sections.items()))
    path.write_text(ABOUT + body, encoding="utf-8")


def main():
    """Run the files named on the command line, or all; store each as it is done."""
    names = sorted(p.stem for p in FOLDER.glob("*.py") if not p.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names)}; without any: all")
    chosen = parser.parse_args().names or names
    if unknown := set(chosen) - set(names):
        parser.error(f"no benchmark is named {', '.join(unknown)}; there are {', '.join(names)}")
    for name in chosen:
        module = import_module(f"benchmarks.{name}")
        print(f"running {name} …", flush=True)
        rows = module.rows() if hasattr(module, "rows") else []
        growths = module.growths() if hasattr(module, "growths") else []
        if rows or growths:  # else it was skipped and has said why
            text = section(name, rows, growths)
            print(text, flush=True)
            store(FOLDER / "results.md", name, text)


if __name__ == "__main__":
    main()
