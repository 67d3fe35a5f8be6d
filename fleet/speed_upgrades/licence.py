"""Licence codes for speed upgrades: `PSU-FROM-TO-SERIAL-CHECK`, checked before a task is made (FL-408, FL-412)."""

import hashlib
import re
from dataclasses import dataclass

from connectors.errors import Fault
from connectors.messages import N_

PAIRS = frozenset({(25, 35), (35, 45), (35, 55), (45, 55)})
"""Pages per minute before and after (FL-408); there is no way from 25 to 45 or 55."""
_FORM = re.compile(r"PSU-(\d{1,3})-(\d{1,3})-([A-Za-z0-9-]{1,64})-([0-9A-F]{8})")

NO_CODE = Fault(
    "speed_upgrade.no_code",
    422,
    N_("This is no licence code."),
    N_("Enter the code as it was sent to you, with its hyphens."),
    spec="FL-412",
)
OTHER_PRINTER = Fault(
    "speed_upgrade.other_printer",
    409,
    N_("The code was bought for the printer with serial number {serial_number}."),
    N_("Choose that printer, or enter a code for this one."),
    spec="FL-412",
)
NO_SUCH_UPGRADE = Fault(
    "speed_upgrade.no_such_upgrade",
    422,
    N_("There is no upgrade from {slower} to {faster} pages per minute."),
    N_("Possible are 25 to 35, 35 to 45, 35 to 55 and 45 to 55."),
    spec="FL-408",
)
OTHER_SPEED = Fault(
    "speed_upgrade.other_speed",
    409,
    N_("The code is for printers with {slower} pages per minute; this one has {speed}."),
    N_("Refresh the printer's information, or enter a code for its speed."),
    spec="FL-412",
)


@dataclass(frozen=True, slots=True)
class Licence:
    """What a code says of itself."""

    code: str
    slower: int
    faster: int
    serial_number: str


def read_licence(text: str) -> Licence:
    """The licence behind a code; raises `NO_CODE` where form or checksum are wrong, and `NO_SUCH_UPGRADE`."""
    code = text.strip().upper()
    found = _FORM.fullmatch(code)
    if found is None:
        raise NO_CODE()
    facts, _, check = code.rpartition("-")
    if hashlib.sha256(facts.encode()).hexdigest()[:8].upper() != check:
        raise NO_CODE()
    slower, faster = int(found[1]), int(found[2])
    if (slower, faster) not in PAIRS:
        raise NO_SUCH_UPGRADE(slower=slower, faster=faster)
    return Licence(code, slower, faster, found[3])


def check_licence(licence: Licence, serial_number: str, speed: int | None) -> None:
    """Raise `OTHER_PRINTER` or `OTHER_SPEED` unless the code is for that printer as it is."""
    if licence.serial_number != serial_number.upper():
        raise OTHER_PRINTER(serial_number=licence.serial_number)
    if speed is not None and speed != licence.slower:
        raise OTHER_SPEED(slower=licence.slower, speed=speed)
