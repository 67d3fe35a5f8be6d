"""How quick and how lean work on a whole fleet is, against a simulated one in a process of its own.

Run it by `python -m benchmarks.fleet`; `--only` takes names of parts, `--quick` a tenth of the printers. Exits 1 where
a target is missed. The last line is one JSON object.
"""

import argparse
import json
import sys

from benchmarks.fleet_parts import FleetOptions, parts


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="parts, separated by commas")
    options.add_argument("--quick", action="store_true", help="a tenth of the printers")
    chosen = options.parse_args()
    wanted, known = set(filter(None, chosen.only.split(","))), [part.name for part in parts()]
    if unknown := wanted - set(known):
        options.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    measured: dict[str, float] = {}
    missed = []
    for part in parts():
        if wanted and part.name not in wanted:
            continue
        print(f"--- {part.name}", flush=True)
        values = part.measure(FleetOptions(quick=chosen.quick))
        for name, value in values.items():
            target = part.targets.get(name)
            holds = target is None or target.holds(value)
            missed += [] if holds else [name]
            note = f"   {target}{'' if holds else '   MISSED'}" if target else ""
            print(f"{name:24} {value:10.2f}{note}", flush=True)
        measured |= values
    print(json.dumps({name: round(value, 3) for name, value in measured.items()}))
    return 1 if missed and not chosen.quick else 0


if __name__ == "__main__":
    sys.exit(main())
