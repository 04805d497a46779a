"""`make bench`: figures measured side by side in one run, each with its bound. Exit status 1 when one is missed."""

import argparse
import os
import pathlib
import sys
import time

import comparison
import measure
import replay
import scale
import simulator
import startup

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Report:
    def __init__(self):
        self.rows = []

    def check(self, what, measured, bound, holds, once=False):
        """A row of the final table. `once`: repetitions share a row, and the first that misses stays."""
        if once:
            earlier = next((row for row in self.rows if row[0] == what), None)
            if earlier and (holds or not earlier[3]):
                return
            self.rows = [row for row in self.rows if row is not earlier]
        self.rows.append((what, measured, bound, holds))

    def table(self):
        head = ("what", "measured", "bound")
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(3)]
        lines = ["  ".join(text.ljust(width) for text, width in zip(head, widths))]
        for *texts, holds in self.rows:
            cells = "  ".join(text.ljust(width) for text, width in zip(texts, widths))
            lines.append(f"{cells}  {'ok' if holds else 'MISSED'}")
        return "\n".join(lines)

    @property
    def holds(self):
        return all(row[3] for row in self.rows)


SECTIONS = {
    "startup": startup.start, "simulator": simulator.load, "comparison": comparison.compare, "scale": scale.grow,
    "replay": replay.replay,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reeve", required=True)
    parser.add_argument("--only", choices=SECTIONS, action="append")
    arguments = parser.parse_args()
    reeve = os.path.abspath(arguments.reeve)
    folder = measure.workplace(ROOT)
    report = Report()
    started = time.monotonic()
    for name in arguments.only or SECTIONS:
        worst, typical, load = measure.noise()
        print(f"{name}  ({os.cpu_count()} processors, load {load:.1f}; the same arithmetic takes typically "
              f"{typical:.2f} ×, at worst {worst:.2f} × its best time)", flush=True)
        SECTIONS[name](reeve, folder, report)
        sys.stdout.flush()
    print(f"\n{report.table()}\n\nbench: {'every bound holds' if report.holds else 'a bound is MISSED'}, "
          f"{time.monotonic() - started:.0f} s")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
