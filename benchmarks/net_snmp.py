"""The same questions asked with net-snmp's tools in a parallel loop: a process for each question, as scripts do."""

import os
import subprocess
import time
from collections.abc import Sequence

from connectors.printers.printer_mib import ALERT, COLORANT, CONSOLE, INPUT, SUPPLY
from connectors.printers.snmp_reading import FIRST_OBJECTS
from printers_sim.printer import address_of

ROWS = ("-Cn0", "-Cr8")
WHOLE_READING: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (
    ("snmpget", (), FIRST_OBJECTS),
    ("snmpbulkget", ROWS, tuple(f"{SUPPLY}.{column}" for column in (3, 4, 5, 6))),
    ("snmpbulkget", ROWS, (*(f"{SUPPLY}.{column}" for column in (7, 8, 9)), COLORANT)),
    ("snmpbulkget", ROWS, tuple(f"{INPUT}.{column}" for column in (2, 3, 6, 7, 8))),
    ("snmpbulkget", ROWS, tuple(f"{INPUT}.{column}" for column in (9, 10, 12, 13, 18))),
    ("snmpbulkget", ROWS, (*(f"{ALERT}.{column}" for column in (2, 4, 5, 7, 8)), CONSOLE)),
)
"""What a whole reading needs, in questions whose answers fit into a packet."""

FORTY_VALUES: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (
    ("snmpbulkget", ("-Cn0", "-Cr10"), tuple(f"{SUPPLY}.{column}" for column in (5, 6, 8, 9))),
)
COMMON = ("-v2c", "-c", "public", "-On", "-t", "2", "-r", "1")


def seconds_a_printer(questions: Sequence[tuple[str, Sequence[str], Sequence[str]]], count: int, port: int) -> float:
    """How long a printer takes when `count` are asked, two processes at a time for each processor."""
    lines = [
        " ".join((tool, *COMMON, *flags, f"{address_of(number)}:{port}", *names))
        for number in range(count)
        for tool, flags, names in questions
    ]
    at_once = 2 * (os.cpu_count() or 1)
    command = ["xargs", "-P", str(at_once), "-L", "1", "env"]
    began = time.perf_counter()
    subprocess.run(command, input="\n".join(lines), text=True, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) / count
